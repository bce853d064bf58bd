//! A throw-away PostgreSQL for the tests of verification: one server, a database for each test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use postgres::{Client, Config, NoTls};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

struct Server {
    directory: tempfile::TempDir,
    child: Mutex<Child>,
}

/// A client of a fresh database.
pub fn database() -> Client {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let server = SERVER.get_or_init(start);
    let name = format!("verify_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    server.connect("postgres").batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    server.connect(&name)
}

impl Server {
    fn connect(&self, database: &str) -> Client {
        self.config(database).connect(NoTls).unwrap()
    }

    fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(self.directory.path()).user("postgres").dbname(database);
        config
    }
}

fn start() -> Server {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let root = std::fs::metadata(directory.path()).unwrap().uid() == 0;
    if root {
        // PostgreSQL does not run as root.
        let chown = Command::new("chown").arg("postgres").arg(directory.path()).status();
        assert!(chown.unwrap().success());
    }
    let init = program("initdb", root)
        .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "-N", "-D"])
        .arg(&data)
        .stdout(Stdio::null())
        .status();
    assert!(init.unwrap().success(), "initdb failed");
    // The shell outlives a test process that is killed, and then takes the server with it: its
    // standard input is the other end of a pipe that only this process holds.
    let script = "directory=$1; shift; \"$@\" & server=$!; cat >/dev/null
        kill -QUIT $server; wait $server; rm -rf \"$directory\"";
    let postgres = program("postgres", root);
    let child = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(directory.path())
        .arg(postgres.get_program())
        .args(postgres.get_args())
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(directory.path())
        .args(["-c", "listen_addresses=", "-c", "fsync=off"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = Server { directory, child: Mutex::new(child) };
    server.wait();
    server
}

impl Server {
    /// Waits until the server says on its log that it takes connections.
    fn wait(&self) {
        let mut log = self.child.lock().unwrap().stderr.take().unwrap();
        let (mut said, mut buffer) = (String::new(), [0; 4096]);
        while !said.contains("ready to accept connections") {
            let count = log.read(&mut buffer).unwrap();
            assert!(count > 0, "the server ended: {said}");
            said.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        // Whatever it says later must be taken in, or the server would wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    }
}

/// A program of the newest PostgreSQL there is, or of `PG_BIN`.
fn program(name: &str, root: bool) -> Command {
    let path = bin().join(name);
    if !root {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
    command
}

fn bin() -> PathBuf {
    if let Some(bin) = std::env::var_os("PG_BIN") {
        return bin.into();
    }
    let installed = std::fs::read_dir("/usr/lib/postgresql").unwrap();
    let newest = installed.map(|entry| entry.unwrap().path()).max_by_key(|path| version(path));
    newest.expect("no PostgreSQL is installed").join("bin")
}

fn version(path: &Path) -> u32 {
    path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}
