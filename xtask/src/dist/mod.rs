//! `cargo xtask dist`: the program as others install it: an archive and a Debian package.
//!
//! The program is linked against the symbols of glibc 2.28, so that it runs on RHEL 8 and Debian 10
//! and everything newer, whatever this machine has. `zig` is the linker that can do that. In
//! packages the program is called `connect-migrate`, because Connect has one called `migrate`.

mod contents;
mod tools;
mod trial;

use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::golden::root;
use crate::server;
use tools::Tools;
pub use trial::try_packages;

/// The name of the program in packages.
pub const PROGRAM: &str = "connect-migrate";

/// The newest version of glibc that the program may need.
const GLIBC: (u32, u32) = (2, 28);

/// The archive and the package that were made.
pub struct Packages {
    /// The `.tar.gz`.
    pub archive: PathBuf,
    /// The `.deb`.
    pub debian: PathBuf,
}

/// Builds the program and packs it, into `target/dist`.
///
/// # Errors
/// What failed, with what to type where a tool is missing.
pub fn dist() -> Result<Packages, String> {
    let folder = root().join("target/dist");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let tools = Tools::find(&folder)?;
    eprintln!("building the program for glibc {}.{} and newer", GLIBC.0, GLIBC.1);
    let program = build(&tools, &folder)?;
    check_glibc(&program)?;
    let name = format!("{PROGRAM}-{}-{ARCH}-linux", env!("CARGO_PKG_VERSION"));
    let staged = folder.join("stage").join(&name);
    contents::stage(&program, &staged)?;
    let archive = folder.join(format!("{name}.tar.gz"));
    pack_archive(&staged, &archive)?;
    let debian = pack_debian(&tools, &staged, &folder)?;
    write_checksums(&folder, &[&archive, &debian])?;
    let size = fs::metadata(&program).map_err(|error| error.to_string())?.len();
    println!("program: {:.1} MB", size as f64 / 1e6);
    for file in [&archive, &debian] {
        println!("{}", file.display());
    }
    Ok(Packages { archive, debian })
}

/// Builds the program with the profile `dist`.
fn build(tools: &Tools, folder: &Path) -> Result<PathBuf, String> {
    let triple = format!("{ARCH}-unknown-linux-gnu");
    let target = format!("{triple}.{}.{}", GLIBC.0, GLIBC.1);
    let mut command = tools.zigbuild();
    command.args(["zigbuild", "--quiet", "--profile", "dist", "--bin", "migrate"]);
    command.args(["--target", &target, "--target-dir"]).arg(folder.join("build"));
    server::run(command.current_dir(root()))?;
    Ok(folder.join("build").join(triple).join("dist/migrate"))
}

/// Fails when the program needs a newer glibc than it is made for.
fn check_glibc(program: &Path) -> Result<(), String> {
    let bytes = fs::read(program).map_err(|error| format!("{}: {error}", program.display()))?;
    match newest_glibc(&bytes) {
        Some(newest) if newest > GLIBC => Err(format!(
            "{} needs glibc {}.{}; it must run with {}.{}",
            program.display(),
            newest.0,
            newest.1,
            GLIBC.0,
            GLIBC.1
        )),
        _ => Ok(()),
    }
}

/// The newest version among the names of glibc's symbol versions, as they stand in the file.
fn newest_glibc(bytes: &[u8]) -> Option<(u32, u32)> {
    let marker = b"GLIBC_";
    let starts = bytes.windows(marker.len()).enumerate().filter(|(_, window)| window == marker);
    let versions = starts.filter_map(|(index, _)| {
        let rest = bytes.get(index + marker.len()..)?.split(|byte| *byte == 0).next()?;
        let mut numbers = std::str::from_utf8(rest).ok()?.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    versions.max()
}

/// Packs a directory; the same files make the same archive.
fn pack_archive(staged: &Path, archive: &Path) -> Result<(), String> {
    let (parent, name) = staged.parent().zip(staged.file_name()).ok_or("no directory to pack")?;
    let mut tar = Command::new("tar");
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"]);
    tar.args(["--use-compress-program", "gzip -9n", "-cf"]).arg(archive);
    server::run(tar.arg("-C").arg(parent).arg(name))
}

/// Makes the Debian package of what is staged; `Cargo.toml` says what goes where.
fn pack_debian(tools: &Tools, staged: &Path, folder: &Path) -> Result<PathBuf, String> {
    contents::link_for_package(staged)?;
    let debian = folder.join(format!("{PROGRAM}_{}_amd64.deb", env!("CARGO_PKG_VERSION")));
    let mut command = tools.deb();
    command.args(["deb", "--no-build", "--no-strip", "--quiet", "--output"]).arg(&debian);
    server::run(command.current_dir(root()))?;
    Ok(debian)
}

fn write_checksums(folder: &Path, files: &[&PathBuf]) -> Result<(), String> {
    let names = files.iter().filter_map(|file| file.file_name());
    let output = Command::new("sha256sum").args(names).current_dir(folder).output();
    let output = output.map_err(|error| format!("sha256sum: {error}"))?;
    let file = folder.join("SHA256SUMS");
    fs::write(&file, output.stdout).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::newest_glibc;

    #[test]
    fn the_newest_version_is_found() {
        let file = b"x\0GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_PRIVATE\0GLIBC_2.9\0";
        assert_eq!(newest_glibc(file), Some((2, 17)));
        assert_eq!(newest_glibc(b"nothing"), None);
    }
}
