//! `cargo xtask demo`: the main job on real input, from nothing to a verified PostgreSQL.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use postgres::{Client, NoTls, SimpleQueryMessage};
use rusqlite::Connection;

use crate::cluster::{self, Cluster, Wanted};
use crate::golden::root;
use crate::sample::{self, Options};
use crate::server;

/// What the role of the demo may sign in with; any text will do, quotes and all.
const PASSWORD: &str = "p@ss \"word\" #1; 50%";

/// Rows shown on both sides.
const SHOWN: &str = "SELECT id, name, title, locked, created_time FROM apps ORDER BY id LIMIT 3";

/// A text with a byte that PostgreSQL cannot hold, planted in the sample.
const PLANTED: &str =
    "UPDATE apps SET title = title || char(0) WHERE id = (SELECT min(id) FROM apps)";

/// What takes that byte away.
const REPAIR: &str = "core.apps.title=strip-nul";

/// Makes a server, a cluster and a configuration, and goes the whole way of an administrator: the
/// configuration is checked, a dry run refuses a value, a repair is tried, the databases are moved
/// and compared.
///
/// # Errors
/// Whatever goes wrong, in words.
pub fn demo(rows: u64, keep: Option<&Path>, is_install_allowed: bool) -> Result<(), String> {
    let target = root().join("target");
    title("a PostgreSQL server");
    let bin = server::bin_dir_for_demo(&target, is_install_allowed)?;
    println!("{}", bin.display());
    title("building the program (minutes at the first time; OpenSSL and SQLite are built too)");
    let program = build(&target)?;
    let folder = keep.map_or_else(|| target.join("demo"), Path::to_owned);
    if keep.is_none() {
        let _ = fs::remove_dir_all(&folder);
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let folder = fs::canonicalize(folder).map_err(|error| error.to_string())?;
    title("a Connect server's SQLite databases, with one text that PostgreSQL cannot hold");
    let data = folder.join("db");
    let options = Options { rows, ..Options::new(&data) };
    print!("{}", sample::write(&options).map_err(|error| error.to_string())?);
    let core = Connection::open(data.join("connect.db")).map_err(|error| error.to_string())?;
    core.execute_batch(PLANTED).map_err(|error| error.to_string())?;
    drop(core);
    title("an empty PostgreSQL");
    let cluster = cluster::start(&bin, &Wanted::default())?;
    let mut admin = connect(&cluster, "postgres")?;
    let role = format!("CREATE ROLE connect LOGIN PASSWORD '{PASSWORD}'");
    for sql in [role.as_str(), "CREATE DATABASE connect OWNER connect"] {
        admin.batch_execute(sql).map_err(|error| error.to_string())?;
    }
    let version = first(&mut admin, "SHOW server_version")?;
    println!("PostgreSQL {version} on port {}, database and role \"connect\"", cluster.port);
    let config = configure(&program, &folder, cluster.port)?;
    title("before: the first rows in SQLite");
    show_sqlite(&data.join("connect.db"))?;
    let report = move_databases(&Runner { program: &program, config: &config }, &folder)?;
    title("after: the same rows in PostgreSQL");
    let mut client = connect(&cluster, "connect")?;
    show_postgres(&mut client)?;
    let highest = first(&mut client, "SELECT max(id) FROM apps")?;
    let next = first(&mut client, "SELECT nextval(pg_get_serial_sequence('apps', 'id'))")?;
    println!("\nthe highest id of apps is {highest}, the next new one gets {next}");
    println!("report for a browser: {}", report.display());
    println!("the files stay in {}; the PostgreSQL server was thrown away", folder.display());
    Ok(())
}

/// The program with its configuration.
struct Runner<'a> {
    program: &'a Path,
    config: &'a Path,
}

impl Runner<'_> {
    /// Shows a command and runs it; it must end with this exit code.
    fn run(&self, words: &[&str], expected: i32) -> Result<(), String> {
        let config = self.config.display();
        println!("$ migrate {} --config {config}\n", words.join(" "));
        let _ = std::io::stdout().flush();
        let mut command = Command::new(self.program);
        let status = command.args(words).arg("--config").arg(self.config).status();
        let status = status.map_err(|error| format!("{}: {error}", self.program.display()))?;
        match status.code() {
            Some(code) if code == expected => Ok(()),
            _ => Err(format!("migrate {}: {status}", words.join(" "))),
        }
    }
}

/// The commands of a move; returns the report for a browser.
fn move_databases(runner: &Runner<'_>, folder: &Path) -> Result<PathBuf, String> {
    let report = folder.join("migration.html");
    let shown = report.display().to_string();
    title("can the configuration be used?");
    runner.run(&["check-config", "--connect"], 0)?;
    title("a dry run finds what does not fit, and says what helps");
    runner.run(&["db", "--dry-run"], 1)?;
    title("a dry run with the repair");
    runner.run(&["db", "--dry-run", "--repair", REPAIR], 0)?;
    title("the move: copied, compared, committed");
    runner.run(&["db", "-yes", "--repair", REPAIR, "--report", &shown, "--force"], 0)?;
    title("both sides are compared once more");
    runner.run(&["db", "--verify", "--repair", REPAIR], 0)?;
    Ok(report)
}

fn title(text: &str) {
    println!("\n== {text}");
    let _ = std::io::stdout().flush();
}

/// Builds the program, with the features that the workspace's tests have, and returns its path.
pub fn build(target: &Path) -> Result<PathBuf, String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--workspace", "--bin", "migrate"]).current_dir(root());
    server::run(&mut command)?;
    Ok(target.join("debug/migrate"))
}

/// Writes a key, an encrypted password and a configuration as Connect would have them.
fn configure(program: &Path, folder: &Path, port: u16) -> Result<PathBuf, String> {
    let fail = |error: std::io::Error| error.to_string();
    let mut key = vec![0; 512];
    let mut random = fs::File::open("/dev/urandom").map_err(fail)?;
    std::io::Read::read_exact(&mut random, &mut key).map_err(fail)?;
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let key_file = folder.join("db/secret.key");
    write_private(&key_file, &hex)?;
    let config = folder.join("rstudio-connect.gcfg");
    let text = format!("[Server]\nDataDir = {}\n", folder.display());
    write_private(&config, &text)?;
    let mut child = Command::new(program)
        .args(["encrypt-config-value", "--config"])
        .arg(&config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(fail)?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{PASSWORD}").map_err(fail)?;
    }
    let encrypted = child.wait_with_output().map_err(fail)?;
    let encrypted = String::from_utf8_lossy(&encrypted.stdout).trim().to_owned();
    let text = format!(
        "[Server]\nDataDir = {}\n\n[Database]\nProvider = sqlite\n\n[Postgres]\n\
         URL = \"postgres://connect@127.0.0.1:{port}/connect?sslmode=disable\"\n\
         Password = {encrypted}\n",
        folder.display()
    );
    write_private(&config, &text)?;
    Ok(config)
}

/// Writes a file that only its owner may read.
pub fn write_private(file: &Path, text: &str) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(file).and_then(|mut open| open.write_all(text.as_bytes())).map_err(fail)?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(fail)
}

fn connect(cluster: &Cluster, database: &str) -> Result<Client, String> {
    Client::connect(&cluster.url(database), NoTls).map_err(|error| error.to_string())
}

fn first(client: &mut Client, sql: &str) -> Result<String, String> {
    let messages = client.simple_query(sql).map_err(|error| error.to_string())?;
    let value = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    value.ok_or_else(|| format!("{sql}: no row"))
}

fn show_sqlite(file: &Path) -> Result<(), String> {
    let fail = |error: rusqlite::Error| error.to_string();
    let connection = Connection::open(file).map_err(fail)?;
    let mut statement = connection.prepare(SHOWN).map_err(fail)?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(fail)?;
    while let Some(row) = rows.next().map_err(fail)? {
        let cells = (0..columns).map(|place| match row.get_ref(place) {
            Ok(rusqlite::types::ValueRef::Text(text)) => {
                String::from_utf8_lossy(text).escape_debug().to_string()
            }
            Ok(rusqlite::types::ValueRef::Integer(value)) => value.to_string(),
            _ => "-".to_owned(),
        });
        println!("  {}", cells.collect::<Vec<_>>().join(" | "));
    }
    Ok(())
}

fn show_postgres(client: &mut Client) -> Result<(), String> {
    let messages = client.simple_query(SHOWN).map_err(|error| error.to_string())?;
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            let cells = (0..row.len()).map(|place| {
                row.get(place).map_or("-".to_owned(), |text| text.escape_debug().to_string())
            });
            println!("  {}", cells.collect::<Vec<_>>().join(" | "));
        }
    }
    Ok(())
}
