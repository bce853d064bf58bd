//! SQLite files of the campaign's own, and their rows: as SQLite reads them, as PostgreSQL has
//! them.
//!
//! Their types are those that need no rule: whole numbers, reals, text, bytes. So both sides are
//! compared without knowledge of the program's conversions.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use postgres::{Client, SimpleQueryMessage};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, params};

use crate::sample::random::{Dice, salt};

/// The file of the core database.
pub const CORE: &str = "connect.db";
/// The file of the other one.
pub const OTHER: &str = "connect-instrumentation.db";

/// What words are made of.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// The rows of each table, each value with a letter for its type, in order.
pub type Rows = BTreeMap<String, Vec<Vec<String>>>;

const CORE_TABLES: &str = "
    CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
        note TEXT, weight REAL, photo BLOB);
    CREATE TABLE teams (id INTEGER PRIMARY KEY, title TEXT NOT NULL,
        chief INTEGER REFERENCES people (id));
    CREATE TABLE members (person INTEGER NOT NULL REFERENCES people (id),
        team INTEGER NOT NULL REFERENCES teams (id), role TEXT, PRIMARY KEY (person, team));
    CREATE INDEX members_team ON members (team);
    CREATE TABLE words (word TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;";

const OTHER_TABLES: &str = "
    CREATE TABLE visits (id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL,
        path TEXT NOT NULL, size INTEGER, payload BLOB);
    CREATE INDEX visits_person ON visits (person);
    CREATE TABLE marks (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL);";

/// Makes both files in a folder; `size` scales the number of rows, `orphans` is how many rows of
/// `members` refer to no team.
///
/// # Errors
/// SQLite's.
pub fn make_files(folder: &Path, size: i64, orphans: i64) -> Result<(), String> {
    let fail = |error: rusqlite::Error| error.to_string();
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let mut core = create(&folder.join(CORE), CORE_TABLES).map_err(fail)?;
    fill_core(&mut core, size, orphans).map_err(fail)?;
    let mut other = create(&folder.join(OTHER), OTHER_TABLES).map_err(fail)?;
    fill_other(&mut other, size).map_err(fail)
}

fn create(path: &Path, tables: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF",
    )?;
    connection.execute_batch(tables)?;
    Ok(connection)
}

fn fill_core(connection: &mut Connection, size: i64, orphans: i64) -> rusqlite::Result<()> {
    let mut random = Dice::new(salt(7, "core"), 0);
    let all = connection.transaction()?;
    for id in 1..=size {
        let weight = (id % 3 != 0).then(|| id as f64 / 7.0 * 1e3);
        let photo = (id % 4 == 0).then(|| random.bytes(300));
        all.execute(
            "INSERT INTO people VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                id,
                format!("person-{id} ü'\"\\"),
                (id % 5 > 0).then_some("x\ty"),
                weight,
                photo
            ],
        )?;
    }
    all.execute("UPDATE sqlite_sequence SET seq = seq + 17", [])?;
    for id in 1..=size / 10 {
        let chief = (id % 2 == 0).then_some(id);
        all.execute("INSERT INTO teams VALUES (?1, ?2, ?3)", params![id, format!("t{id}"), chief])?;
        for person in 1..=10 {
            let row = params![id * 10 - person + 1, id, random.letters(12, LETTERS)];
            all.execute("INSERT INTO members VALUES (?1, ?2, ?3)", row)?;
        }
    }
    for orphan in 1..=orphans {
        let row = params![orphan, 900_000 + orphan];
        all.execute("INSERT INTO members VALUES (?1, ?2, NULL)", row)?;
    }
    for number in 0..size {
        let word = format!("{}{number}", random.letters(6, LETTERS));
        all.execute("INSERT INTO words VALUES (?1, ?2)", params![word, i64::MAX - number])?;
    }
    all.commit()
}

fn fill_other(connection: &mut Connection, size: i64) -> rusqlite::Result<()> {
    let mut random = Dice::new(salt(7, "other"), 0);
    let all = connection.transaction()?;
    for id in 1..=size * 3 {
        let payload = (id % 3 == 0).then(|| random.bytes(200));
        let path = format!("/content/{}", random.letters(20, LETTERS));
        all.execute(
            "INSERT INTO visits VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, id % 97, path, id * 1_000_003, payload],
        )?;
    }
    for id in 1..=size {
        let row = params![id * 3, random.letters(9, LETTERS), id as f64 * 0.1];
        all.execute("INSERT INTO marks VALUES (?1, ?2, ?3)", row)?;
    }
    all.commit()
}

/// What SQLite reads of a file: every table, past every index.
///
/// # Errors
/// SQLite's, for instance where the file is damaged.
pub fn read_sqlite(file: &Path) -> Result<Rows, String> {
    let fail = |error: rusqlite::Error| error.to_string();
    // Not read-only: what a damaged -wal needs may be done to this copy.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let connection = Connection::open_with_flags(file, flags).map_err(fail)?;
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(names).map_err(fail)?;
    let names = statement.query_map([], |row| row.get(0)).map_err(fail)?;
    let names: Vec<String> = names.collect::<rusqlite::Result<_>>().map_err(fail)?;
    let mut all = Rows::new();
    for name in names {
        let select = format!("SELECT * FROM \"{}\" NOT INDEXED", name.replace('"', "\"\""));
        let mut statement = connection.prepare(&select).map_err(fail)?;
        let count = statement.column_count();
        let mut found = statement.query([]).map_err(fail)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(fail)? {
            let cell = |at| row.get_ref(at).map(shown).map_err(fail);
            rows.push((0..count).map(cell).collect::<Result<Vec<_>, _>>()?);
        }
        rows.sort();
        all.insert(name, rows);
    }
    Ok(all)
}

/// What SQLite's full check says of a file: `ok`, or what is wrong.
pub fn check_sqlite(file: &Path) -> String {
    let checked = Connection::open(file)
        .and_then(|open| open.query_row("PRAGMA integrity_check", [], |row| row.get(0)));
    checked.unwrap_or_else(|error| error.to_string())
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(value) => format!("i{value}"),
        ValueRef::Real(value) => format!("r{:016x}", value.to_bits()),
        ValueRef::Text(text) => format!("t{}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("b{}", digits.concat())
        }
    }
}

/// The same of PostgreSQL, for the tables that `like` has.
///
/// # Errors
/// The server's.
pub fn read_postgres(client: &mut Client, like: &Rows) -> Result<Rows, String> {
    let fail = |error: postgres::Error| format!("{error:?}");
    client.batch_execute("SET extra_float_digits = 3; SET bytea_output = hex").map_err(fail)?;
    let mut all = Rows::new();
    for name in like.keys() {
        let select = format!("SELECT * FROM public.\"{}\"", name.replace('"', "\"\""));
        let types = client.prepare(&select).map_err(fail)?;
        let types: Vec<String> =
            types.columns().iter().map(|column| column.type_().name().to_owned()).collect();
        let mut rows = Vec::new();
        for message in client.simple_query(&select).map_err(fail)? {
            if let SimpleQueryMessage::Row(row) = message {
                let cells = types.iter().enumerate();
                rows.push(cells.map(|(index, ty)| printed(ty, row.get(index))).collect::<Vec<_>>());
            }
        }
        rows.sort();
        all.insert(name.clone(), rows);
    }
    Ok(all)
}

fn printed(ty: &str, text: Option<&str>) -> String {
    match (ty, text) {
        (_, None) => "-".to_owned(),
        ("float8", Some(text)) => {
            format!("r{:016x}", text.parse::<f64>().unwrap_or(f64::NAN).to_bits())
        }
        ("bytea", Some(text)) => format!("b{}", text.trim_start_matches("\\x")),
        ("int8" | "int4" | "int2", Some(text)) => format!("i{text}"),
        (_, Some(text)) => format!("t{text}"),
    }
}

/// How two sets of rows differ, in one line; `None` when they are equal.
pub fn difference(one: &Rows, other: &Rows) -> Option<String> {
    for name in one.keys().chain(other.keys()) {
        let none = Vec::new();
        let (left, right) = (one.get(name).unwrap_or(&none), other.get(name).unwrap_or(&none));
        if left != right {
            let lost = left.iter().find(|row| !right.contains(row));
            let more = right.iter().find(|row| !left.contains(row));
            let (lefts, rights) = (left.len(), right.len());
            return Some(format!("{name}: {lefts} and {rights} rows, {lost:?} and {more:?}"));
        }
    }
    None
}
