//! A throw-away PostgreSQL cluster: made, started, and gone with the process that asked for it.
//!
//! Used by the tests and by `cargo xtask`. The server is the child of a shell
//! that waits for its standard input to end: however this process goes away, by return, panic or
//! kill, the pipe closes, and the shell stops the server and removes the directory.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

/// The superuser of every cluster.
pub const SUPERUSER: &str = "admin";
/// Its password.
pub const PASSWORD: &str = "Throw-away 1!";

/// How a cluster differs from the usual one: UTF8, C locale, SCRAM, no TLS.
#[derive(Default)]
pub struct Wanted {
    /// Lines of `postgresql.conf`.
    pub settings: Vec<String>,
    /// The lines of `pg_hba.conf`; none = SCRAM from everywhere.
    pub admission: Vec<String>,
    /// Files to put into the data directory, readable by the server alone.
    pub files: Vec<(String, Vec<u8>)>,
    /// Variables of the server's environment, which holds little else.
    pub environment: Vec<(String, String)>,
    /// Whether its files are on a disk, as those of a real server, and not in memory.
    pub is_on_disk: bool,
}

/// A running server.
pub struct Cluster {
    /// The directory of the socket; also holds the data.
    pub directory: PathBuf,
    /// The port, on 127.0.0.1 and in the socket's name.
    pub port: u16,
    keeper: Child,
}

/// What an account of the operating system is to a process.
#[derive(Clone, Copy)]
struct Account {
    uid: u32,
    gid: u32,
}

/// The directory with `initdb` and `postgres`: `PG_BIN`, else what `pg_config` says, else the
/// first of `PATH`, else the newest of Debian's.
///
/// # Errors
/// When there is none; the text says what to type.
pub fn bin_dir() -> Result<PathBuf, String> {
    let has_server = |dir: &PathBuf| dir.join("postgres").exists() && dir.join("initdb").exists();
    if let Some(dir) = std::env::var_os("PG_BIN").map(PathBuf::from) {
        let missing = format!("PG_BIN={} holds no postgres and initdb", dir.display());
        let absolute = fs::canonicalize(&dir).ok().filter(has_server);
        return absolute.ok_or(missing);
    }
    let config = Command::new("pg_config").arg("--bindir").output().ok();
    let config = config.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
    let path: OsString = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    debian.sort();
    let found = config.map(PathBuf::from).into_iter();
    let found = found.chain(std::env::split_paths(&path)).chain(debian.into_iter().rev());
    found.into_iter().find(has_server).ok_or_else(|| {
        "no PostgreSQL server is found; type: apt-get install postgresql; or, without root: \
         cargo xtask pg 18 && export PG_BIN=target/pg/18/bin"
            .to_string()
    })
}

/// Makes and starts a cluster.
///
/// # Errors
/// When a program fails; the text holds what it printed.
pub fn start(bin: &Path, wanted: &Wanted) -> Result<Cluster, String> {
    let account = account()?;
    let parent = if wanted.is_on_disk { "/tmp" } else { parent_of_clusters() };
    let directory = tempfile::Builder::new().prefix("cm-").tempdir_in(parent);
    let directory = directory.map_err(|error| format!("{parent}: {error}"))?.keep();
    let made = make(bin, &directory, account, wanted).and_then(|()| {
        (0..5)
            .find_map(|_| run(bin, &directory, account, wanted).transpose())
            .unwrap_or_else(|| Err("no free port was found in five attempts".to_string()))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&directory);
    }
    made
}

/// What a directory in memory must have free, in bytes. The tests make some 900 databases of 8 MB
/// on one cluster and never drop them.
const FREE_IN_MEMORY: u64 = 16 << 30;

/// Where clusters are made: in memory where there is plenty of it, since making a database is
/// making 300 files, which took two fifths of the time of all tests on a disk.
fn parent_of_clusters() -> &'static str {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let available = available.and_then(|text| text.trim().strip_suffix(" kB")?.parse().ok());
    let available: u64 = available.unwrap_or(0) << 10;
    let free = rustix::fs::statvfs("/dev/shm").map_or(0, |place| place.f_bavail * place.f_frsize);
    let is_ample = available.min(free) >= FREE_IN_MEMORY;
    if is_ample { "/dev/shm" } else { "/tmp" }
}

/// PostgreSQL refuses to run as root; then the server runs as an account that can do nothing else.
fn account() -> Result<Option<Account>, String> {
    let uid = fs::metadata("/proc/self").map_err(|error| format!("/proc/self: {error}"))?.uid();
    if uid != 0 {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let find = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some(Account { uid: fields.next()?.ok()?, gid: fields.next()?.ok()? })
    };
    let account = find("postgres").or_else(|| find("nobody"));
    account.map(Some).ok_or_else(|| "neither postgres nor nobody is an account here".into())
}

fn command(program: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir("/");
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command
}

/// Runs `initdb` and writes the configuration.
fn make(
    bin: &Path,
    directory: &Path,
    account: Option<Account>,
    wanted: &Wanted,
) -> Result<(), String> {
    let data = directory.join("data");
    write_for(&directory.join("password"), PASSWORD.as_bytes(), account)?;
    own(directory, account)?;
    let output = command(&bin.join("initdb"), account)
        .args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8"])
        .args(["--locale", "C", "--no-sync", "--pwfile"])
        .arg(directory.join("password"))
        .arg("--pgdata")
        .arg(&data)
        .output()
        .map_err(|error| format!("{}: {error}", bin.join("initdb").display()))?;
    if !output.status.success() {
        return Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    for (name, content) in &wanted.files {
        write_for(&data.join(name), content, account)?;
    }
    let socket = format!("unix_socket_directories = '{}'", directory.display());
    let fixed = [&*socket, "fsync = off", "log_destination = stderr", "logging_collector = off"];
    let usual = ["listen_addresses = '127.0.0.1'"];
    let settings = fixed.into_iter().chain(usual).chain(wanted.settings.iter().map(String::as_str));
    append(&data.join("postgresql.conf"), settings)?;
    if !wanted.admission.is_empty() {
        fs::write(data.join("pg_hba.conf"), "").map_err(|error| error.to_string())?;
        append(&data.join("pg_hba.conf"), wanted.admission.iter().map(String::as_str))?;
    }
    Ok(())
}

fn append<'a>(path: &Path, lines: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut file = fs::OpenOptions::new().append(true).open(path).map_err(|e| e.to_string())?;
    for line in lines {
        writeln!(file, "{line}").map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn write_for(path: &Path, content: &[u8], account: Option<Account>) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::write(path, content).map_err(fault)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(fault)?;
    own(path, account)
}

fn own(path: &Path, account: Option<Account>) -> Result<(), String> {
    let Some(Account { uid, gid }) = account else { return Ok(()) };
    std::os::unix::fs::chown(path, Some(uid), Some(gid))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Stops the server when standard input ends, then removes everything. A line of it is the signal
/// that stops the server before that, or `start`, which starts it again.
///
/// It outlives Ctrl-C and the like, which reach everything in the terminal, to clean up after it.
const KEEPER: &str = r#"
trap '' HUP INT TERM
start() {
    "$1/postgres" -D "$2/data" -p "$3" </dev/null &
    server=$!
}
start "$@"
while read -r line; do
    if [ "$line" = start ]; then
        start "$@"
    else
        kill -"$line" "$server"
        wait "$server"
    fi
done
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"
"#;

/// How a server is stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// As if it had crashed: `pg_ctl stop -m immediate`.
    Immediate,
    /// Sessions are ended first: `pg_ctl stop -m fast`.
    Fast,
}

/// Starts the server on a port that was free a moment ago; `None` when it no longer was.
fn run(
    bin: &Path,
    directory: &Path,
    account: Option<Account>,
    wanted: &Wanted,
) -> Result<Option<Cluster>, String> {
    let probe = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let port = probe.local_addr().map_err(|error| error.to_string())?.port();
    drop(probe);
    let mut keeper = command(Path::new("/bin/sh"), account)
        .args(["-c", KEEPER, "keeper"])
        .process_group(0)
        .args([bin, directory])
        .arg(port.to_string())
        .envs(wanted.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("/bin/sh: {error}"))?;
    let mut log = BufReader::new(keeper.stderr.take().ok_or("the server has no standard error")?);
    let mut log_text = String::new();
    // The server says when it is ready; it is never asked in a loop.
    while !log_text.contains("database system is ready to accept") {
        let read = log.read_line(&mut log_text).map_err(|error| error.to_string())?;
        if log_text.contains("could not bind")
            || log_text.contains("could not create any TCP/IP sockets")
        {
            // The keeper would take the directory away; another attempt still needs it.
            let _ = keeper.kill();
            let _ = keeper.wait();
            return Ok(None);
        }
        if read == 0 || log_text.contains("database system is shut down") {
            return Err(format!("the server does not start: {log_text}"));
        }
    }
    // Somebody must go on reading, or the server would stop at a full pipe.
    thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Ok(Some(Cluster { directory: directory.into(), port, keeper }))
}

impl Cluster {
    /// The URL of `database` for the superuser, without TLS.
    pub fn url(&self, database: &str) -> String {
        let Cluster { port, .. } = self;
        format!(
            "postgres://{SUPERUSER}:Throw-away%201!@127.0.0.1:{port}/{database}?sslmode=disable"
        )
    }

    /// Stops the server; the data stays. Returns before it has stopped.
    ///
    /// # Errors
    /// When the shell that keeps it is gone.
    pub fn halt(&mut self, how: Halt) -> Result<(), String> {
        self.send_line(match how {
            Halt::Immediate => "QUIT",
            Halt::Fast => "INT",
        })
    }

    /// The same, and waits until it has stopped. A server that does not stop by itself, as may
    /// happen if the signal meets its own restart after a crash, is stopped as if it had crashed.
    ///
    /// # Errors
    /// When it does not within a minute after that.
    pub fn halt_and_wait(&mut self, how: Halt) -> Result<(), String> {
        self.halt(how)?;
        if self.wait_until_stopped() {
            return Ok(());
        }
        let file = self.directory.join("data/postmaster.pid");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let process = text.lines().next().unwrap_or_default();
        eprintln!("the server (process {process}) does not stop: SIGQUIT");
        let _ = Command::new("kill").args(["-QUIT", process]).status();
        match self.wait_until_stopped() {
            true => Ok(()),
            false => Err("the server does not stop".to_owned()),
        }
    }

    /// Waits for up to a minute; whether it has stopped.
    fn wait_until_stopped(&self) -> bool {
        let file = self.directory.join("data/postmaster.pid");
        let deadline = Instant::now() + Duration::from_secs(60);
        while file.exists() {
            if Instant::now() > deadline {
                return false;
            }
            thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// Starts a server that was stopped, once it has stopped, and waits until it takes sessions.
    ///
    /// # Errors
    /// When it does not within a minute.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.send_line("start")?;
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let error = match Client::connect(&self.url("postgres"), NoTls) {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            if Instant::now() > deadline {
                return Err(format!("the server does not start again: {error}"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn send_line(&mut self, line: &str) -> Result<(), String> {
        let input = self.keeper.stdin.as_mut().ok_or("the cluster is stopped")?;
        writeln!(input, "{line}").map_err(|error| error.to_string())
    }

    /// Stops the server and waits until everything is gone.
    pub fn stop(mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
