//! Throw-away PostgreSQL servers for the tests: one shared by all, others as a test wants them.
//!
//! `PG_BIN` chooses the server's programs. Every test makes a database of its own, so tests run
//! side by side. How a cluster is made, and that it goes away with the test process, is in
//! `xtask::cluster`.

pub mod certificates;
pub mod fake;
pub mod installation;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use connect_migrate::diagnostic::Error;
use connect_migrate::postgres::connection::{self, Address, Connection, Environment};

pub use xtask::cluster::{self, Cluster, PASSWORD, SUPERUSER, Wanted};

/// A database of its own for one test.
pub struct Database {
    /// Its name.
    pub name: String,
    /// The superuser's URL of it, without TLS.
    pub url: String,
}

/// The server that tests share.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| start(&Wanted::default()))
}

/// A server as `wanted`; it is gone when the value is dropped.
pub fn start(wanted: &Wanted) -> Cluster {
    let bin = cluster::bin_dir().unwrap_or_else(|text| panic!("{text}"));
    cluster::start(&bin, wanted).unwrap_or_else(|text| panic!("{text}"))
}

/// A fresh database on `cluster`.
pub fn database(cluster: &Cluster) -> Database {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    execute(&cluster.url("postgres"), &format!("CREATE DATABASE {name}"));
    Database { url: cluster.url(&name), name }
}

/// A name for a role, which databases share.
pub fn role(stem: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    format!("{stem}_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Runs `sql` on `url`, statement by statement where a line break separates them.
pub fn execute(url: &str, sql: &str) {
    let mut client = connect(url).client;
    for statement in sql.lines().filter(|line| !line.trim().is_empty()) {
        client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
}

/// Connects as the product does, in an empty environment.
pub fn connect(url: &str) -> Connection {
    try_connect(url).unwrap_or_else(|error| panic!("{error}"))
}

/// Connects as the product does, in an empty environment.
pub fn try_connect(url: &str) -> Result<Connection, Error> {
    try_connect_in(url, &Environment::default())
}

/// Connects as the product does.
pub fn try_connect_in(url: &str, environment: &Environment) -> Result<Connection, Error> {
    let address = Address::parse_setting("Postgres.URL", url, None, environment)?;
    connection::connect(&address, environment)
}

/// What a new row gets in every table of a database: for each column whose value PostgreSQL makes,
/// it lies beyond all that are there. The sequences are called here, as the application would.
pub fn next_values_are_free(url: &str) {
    let mut client = connect(url).client;
    for row in client.query(MADE, &[]).unwrap() {
        let (table, column, default): (String, String, String) =
            (row.get(0), row.get(1), row.get(2));
        let made = format!("SELECT ({default})::text, ({default})::text");
        let row = match client.query_one(&made, &[]) {
            Ok(row) => row,
            // The sequence has no value left.
            Err(error) if error.code().is_some_and(|code| code.code() == "2200H") => continue,
            Err(error) => panic!("{made}: {error:?}"),
        };
        let (one, other): (String, String) = (row.get(0), row.get(1));
        let taken = match (one.parse::<f64>(), other.parse::<f64>()) {
            (Ok(first), Ok(second)) if second > first => format!("{column} >= {one}"),
            (Ok(_), Ok(_)) => format!("{column} <= {one}"),
            _ => format!("{column}::text = {}", model::sql::text_literal(&one)),
        };
        let free = format!("SELECT NOT EXISTS (SELECT FROM {table} WHERE {taken})");
        let free: bool = client.query_one(&free, &[]).unwrap().get(0);
        assert!(free, "{table}.{column}: {default} gives {one}");
    }
}

/// Columns and what makes their values, where it may be a sequence.
const MADE: &str = "
WITH made AS (
    SELECT c.oid::regclass::text AS relation, quote_ident(a.attname) AS name,
           coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(t.typdefaultbin, 0),
                    'nextval(' || quote_literal(pg_get_serial_sequence(c.oid::regclass::text,
                                                                       a.attname)) || ')') AS value
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND a.attgenerated = ''
      AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$)')
SELECT relation, name, value FROM made
WHERE value LIKE '%nextval(%' OR value ~ '(next|_id)[a-z_]*[(]'";

/// Whether a line of standard error is one of progress, which begins with the time of day.
pub fn is_log_line(line: &str) -> bool {
    let time = line.as_bytes().first_chunk::<20>();
    time.is_some_and(|time| time[4] == b'-' && time[10] == b'T' && time[19] == b'Z')
}
