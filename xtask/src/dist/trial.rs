//! Packages are installed and run where nothing else is: a fresh Debian root without Rust, and
//! without a network but for PostgreSQL's socket.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use postgres::{Client, NoTls};

use super::Packages;
use crate::cluster::{self, Wanted};
use crate::golden::root;
use crate::sample::{self, Options};
use crate::server;

const PASSWORD: &str = "a password";

/// What runs in the root, as root: each line must succeed.
const SCRIPT: &str = r#"
set -eu
say() { printf '\n== %s\n' "$*"; }
say the Debian package is installed
dpkg -i /tmp/package.deb
connect-migrate --version
say its manual page
MANWIDTH=80 man -P cat connect-migrate-db | head -n 6
man -w connect-migrate connect-migrate-schema-draft
say its completions
bash -c '. /usr/share/bash-completion/completions/connect-migrate
    COMP_WORDS=(connect-migrate db --dry); COMP_CWORD=2
    function=$(complete -p connect-migrate | sed "s/.* -F \([^ ]*\) .*/\1/")
    $function connect-migrate --dry db
    test "${COMPREPLY[*]}" = --dry-run'
say a migration
connect-migrate check-config --connect
connect-migrate db --dry-run
connect-migrate db --yes --report /root/migration.html
test -s /root/migration.html
connect-migrate db --verify
say the package is removed
dpkg -r connect-migrate
test ! -e /usr/bin/connect-migrate
say the archive
tar -C /opt -xzf /tmp/archive.tar.gz
/opt/connect-migrate-*/bin/connect-migrate --version
/opt/connect-migrate-*/bin/connect-migrate db --verify
"#;

/// Mounts what the root needs in a name space of its own, and runs the script there.
const ENTER: &str = r#"
mount --bind "$2" "$1/run/postgresql"
mount -t proc proc "$1/proc"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C chroot "$1" bash /tmp/trial.sh
"#;

/// Installs and runs the packages in a root of their own.
///
/// # Errors
/// What failed; only root may make such a root.
pub fn try_packages(packages: &Packages) -> Result<(), String> {
    let folder = root().join("target/dist");
    let clean = make_clean_root(&folder)?;
    let work = tempfile::tempdir_in(&folder).map_err(|error| error.to_string())?;
    let place = work.path().join("root");
    server::run(Command::new("cp").arg("-a").arg(&clean).arg(&place))?;
    let cluster = cluster::start(&server::bin_dir(&root().join("target"))?, &Wanted::default())?;
    let mut admin = Client::connect(&cluster.url("postgres"), NoTls).map_err(|e| e.to_string())?;
    let role = format!("CREATE ROLE connect LOGIN PASSWORD '{PASSWORD}'");
    for sql in [&role, "CREATE DATABASE connect OWNER connect"] {
        admin.batch_execute(sql).map_err(|error| error.to_string())?;
    }
    prepare(&place, packages, cluster.port)?;
    let mut enter = Command::new("unshare");
    enter.args(["--mount", "--net", "sh", "-ec", ENTER, "enter"]).arg(&place);
    server::run(enter.arg(&cluster.directory))?;
    let image = work.path().join("image");
    server::run(Command::new("cp").arg("-a").arg(&clean).arg(&image))?;
    try_container_file(&image, packages)
}

/// A minimal Debian of this machine's release, made once.
fn make_clean_root(folder: &Path) -> Result<PathBuf, String> {
    let clean = folder.join("clean-root");
    if clean.join("usr/bin/man").exists() {
        return Ok(clean);
    }
    let _ = fs::remove_dir_all(&clean);
    if Command::new("debootstrap").arg("--version").output().is_err() {
        server::install(&["debootstrap"])?;
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let suite = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let suite = suite.ok_or("/etc/os-release names no release of Debian")?;
    let sites = Command::new("apt-get").args(["indextargets", "--format", "$(SITE)"]).output();
    let sites = sites.map_err(|error| format!("apt-get: {error}"))?.stdout;
    let site = String::from_utf8_lossy(&sites).lines().next().unwrap_or_default().to_owned();
    eprintln!("making a minimal Debian in {}", clean.display());
    let mut command = Command::new("debootstrap");
    command.args(["--variant=minbase", "--include=man-db", suite]).arg(&clean);
    command.args(Some(site).filter(|site| !site.is_empty()));
    server::run(command.stdout(std::process::Stdio::null()))?;
    Ok(clean)
}

/// Puts packages, databases and Connect's configuration into the root.
fn prepare(place: &Path, packages: &Packages, port: u16) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", place.display());
    let copy = |from: &Path, to: &str| fs::copy(from, place.join(to)).map(drop).map_err(fail);
    copy(&packages.debian, "tmp/package.deb")?;
    copy(&packages.archive, "tmp/archive.tar.gz")?;
    fs::write(place.join("tmp/trial.sh"), SCRIPT).map_err(fail)?;
    for folder in ["run/postgresql", "etc/rstudio-connect", "var/lib/rstudio-connect/db"] {
        fs::create_dir_all(place.join(folder)).map_err(fail)?;
    }
    let data = place.join("var/lib/rstudio-connect/db");
    sample::write(&Options::new(&data)).map_err(|error| error.to_string())?;
    let text = format!(
        "[Database]\nProvider = sqlite\n\n[Postgres]\n\
         URL = \"postgres://connect@/connect?host=/run/postgresql&port={port}\"\n\
         Password = \"{PASSWORD}\"\n"
    );
    let config = place.join("etc/rstudio-connect/rstudio-connect.gcfg");
    fs::write(&config, text).map_err(fail)?;
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).map_err(fail)
}

/// Does in a root what the steps of the container's file do, and starts what it would start.
fn try_container_file(image: &Path, packages: &Packages) -> Result<(), String> {
    let file = root().join("docs/Containerfile");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let text = text.replace("\\\n", " ");
    let fail = |error: std::io::Error| format!("{}: {error}", image.display());
    fs::copy(&packages.debian, image.join("tmp/connect-migrate.deb")).map_err(fail)?;
    fs::copy("/etc/resolv.conf", image.join("etc/resolv.conf")).map_err(fail)?;
    let mut entry = Vec::new();
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "RUN" => {
                println!("\n== {}", rest.split_whitespace().collect::<Vec<_>>().join(" "));
                run_in(image, &["sh", "-ec", rest])?;
            }
            "WORKDIR" => {
                fs::create_dir_all(image.join(rest.trim_start_matches('/'))).map_err(fail)?
            }
            "ENTRYPOINT" => {
                entry = serde_json::from_str(rest).map_err(|error| format!("{line}: {error}"))?;
            }
            _ => {}
        }
    }
    let words: Vec<&str> = entry.iter().map(String::as_str).chain(["--version"]).collect();
    run_in(image, &words)
}

fn run_in(image: &Path, words: &[&str]) -> Result<(), String> {
    let mut command = Command::new("chroot");
    command.arg(image).args(words).env_clear();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("DEBIAN_FRONTEND", "noninteractive");
    server::run(&mut command)
}
