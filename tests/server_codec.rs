//! A throw-away PostgreSQL server: its files are in a temporary directory, it listens on a
//! socket there and nowhere else, and it ends with the value that stands for it.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use postgres::{Client, NoTls};

/// A running server.
pub struct Server {
    process: Child,
    directory: tempfile::TempDir,
}

impl Server {
    /// Makes a cluster and waits until it takes connections.
    pub fn start() -> Server {
        let directory = tempfile::tempdir().unwrap();
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(directory.path(), open).unwrap();
        let data = directory.path().join("data");
        let made = command("initdb", directory.path())
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--no-locale", "--pgdata"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut process = command("postgres", directory.path())
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(directory.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let ready = log.by_ref().any(|line| line.contains("ready to accept connections"));
        assert!(ready, "the server did not start");
        // Read on, so that the server never waits for someone to read its log.
        std::thread::spawn(move || log.for_each(drop));
        Server { process, directory }
    }

    /// Connects with the settings under which output is the same everywhere.
    pub fn connect(&self) -> Client {
        let url = format!(
            "host={} user=postgres dbname=postgres options='-c TimeZone=UTC -c DateStyle=ISO'",
            self.directory.path().display()
        );
        Client::connect(&url, NoTls).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An immediate shutdown; the data directory is removed right after.
        let pid = self.process.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        let _ = self.process.wait();
    }
}

/// One of the server's programs, as a user that the server agrees to run as.
fn command(program: &str, directory: &Path) -> Command {
    let program = bin().join(program);
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = if root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        // Should the tests be killed, the server goes too.
        command.arg("--pdeathsig=QUIT").arg("--").arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Where the server's programs are: `PG_BIN`, or where `pg_config` says.
fn bin() -> PathBuf {
    if let Some(bin) = std::env::var_os("PG_BIN") {
        return bin.into();
    }
    let said = Command::new("pg_config").arg("--bindir").output().expect("PostgreSQL's programs");
    PathBuf::from(String::from_utf8(said.stdout).unwrap().trim())
}
