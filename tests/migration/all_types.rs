//! A database with a column of every type and encoding, described by a schema directory of its
//! own; for what Connect's tables do not have.

mod arrays;

use std::fs;
use std::path::PathBuf;

use connect_migrate::schema::{self, Schema};
use model::Type;
use model::types::PLAIN_TYPES;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{Ran, program, ran};
use crate::server;
use arrays::ARRAYS;

/// A column: its name, its line in the schema file, values for SQLite that fit, and some that
/// do not.
pub struct Kind {
    pub name: &'static str,
    line: &'static str,
    good: [&'static str; 3],
    pub bad: &'static [&'static str],
}

const fn kind(
    name: &'static str,
    line: &'static str,
    good: [&'static str; 3],
    bad: &'static [&'static str],
) -> Kind {
    Kind { name, line, good, bad }
}

/// Counts of time and digits of a date, for one type of time: each value is the beginning of a day,
/// which all three types take.
macro_rules! counts {
    ($ty:literal, $kinds:ident: $($stored:literal $good:expr;)*) => {
        const $kinds: &[Kind] = &[$(kind(
            concat!($ty, "_", $stored),
            concat!("type = '", $ty, "', stored = '", $stored, "'"),
            $good,
            &["'x'"],
        )),*];
    };
}

/// The same values for the three types.
macro_rules! times {
    ($($ty:literal $kinds:ident),*) => {
        $(counts! { $ty, $kinds:
            "unix_s" ["86400", "1700006400", "-86400"];
            "unix_ms" ["86400000", "1700006400000", "-86400000"];
            "unix_us" ["1600041600000000", "1700006400000000", "946684800000000"];
            "unix_ns" ["1600041600000000000", "1700006400000000000", "946684800000000000"];
            "julian" ["2440587.5", "2460000.5", "2451544.5"];
            "ole_day" ["1", "45000", "36526"];
            "apple_s" ["86400", "700012800", "-86400"];
            "apple_ns" ["86400000000000", "700012800000000000", "-86400000000000"];
            "webkit_us" ["86400000000", "13305600000000000", "172800000000"];
            "filetime" ["864000000000", "133056000000000000", "1728000000000"];
            "dotnet_ticks" ["864000000000", "637632000000000000", "1728000000000"];
            "yyyymmdd" ["20240229", "19991231", "'20000101'"];
            "yyyymmddhhmm" ["202402290000", "199912310000", "'200001010000'"];
            "yyyymmddhhmmss" ["20240229000000", "19991231000000", "'20000101000000'"];
        })*
    };
}

times! { "date" DATES, "timestamp" TIMESTAMPS, "timestamptz" TIMESTAMPTZS }

/// All of them. `id` comes before them, from 1 to 3.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    [KINDS, ARRAYS, DATES, TIMESTAMPS, TIMESTAMPTZS].into_iter().flatten()
}

const KINDS: &[Kind] = &[
    kind("tame", "type = 'bool'", ["0", "1", "'yes'"], &["2", "'maybe'", "0.5"]),
    kind(
        "tame_blob",
        "type = 'bool', stored = 'blob'",
        ["x'00'", "x'01'", "x'74727565'"],
        &["x'02'", "x''", "x'0001'", "2"],
    ),
    kind("legs", "type = 'int2'", ["4", "-1", "'7'"], &["32768", "'abc'", "4.5"]),
    kind("weight", "type = 'int4'", ["1", "-2147483648", "7"], &["1099511627775", "1.5", "'x'"]),
    kind("stars", "type = 'int8'", ["1", "9223372036854775807", "0"], &["'abc'", "0.5", "1e19"]),
    kind("ratio4", "type = 'float4'", ["0.5", "1", "-2.25"], &["1e300", "'abc'", "x'00'"]),
    kind("ratio8", "type = 'float8'", ["0.1", "1e300", "5"], &["'abc'", "x'00'"]),
    kind(
        "ratio4_word",
        "type = 'float4', stored = 'number_or_word'",
        ["0.5", "'NaN'", "'-inf'"],
        &["1e300", "'na'", "x'00'"],
    ),
    kind(
        "ratio8_word",
        "type = 'float8', stored = 'number_or_word'",
        ["0.1", "'nan'", "'Infinity'"],
        &["'abc'", "'- inf'"],
    ),
    kind(
        "amount_word",
        "type = 'numeric', stored = 'number_or_word'",
        ["1e-7", "'NaN'", "0.5"],
        &["'1,5'", "'inf'"],
    ),
    kind(
        "price",
        "type = 'numeric(6,2)'",
        ["1.5", "-1234.56", "7"],
        &["12345.5", "'abc'", "1.005"],
    ),
    kind("amount", "type = 'numeric'", ["1e-7", "12345678901", "0.5"], &["'1,5'", "x'31'"]),
    kind(
        "title",
        "type = 'text'",
        ["'a'", "'öä'||char(10)||'x'", "'c d'"],
        &["CAST(x'610062' AS TEXT)", "CAST(x'ff41' AS TEXT)", "CAST(x'c0af' AS TEXT)"],
    ),
    kind(
        "title_hex",
        "type = 'text', stored = 'blob_as_hex'",
        ["x'00ff'", "x'01'", "x'deadbeef'"],
        &["'00ff'", "17"],
    ),
    kind(
        "title_base64",
        "type = 'text', stored = 'blob_as_base64'",
        ["x'00ff'", "x'01'", "x'deadbeef'"],
        &["'AP8='", "1.5"],
    ),
    kind(
        "short_hex",
        "type = 'varchar(8)', stored = 'blob_as_hex'",
        ["x'00ff'", "x'01'", "x'deadbeef'"],
        &["x'deadbeef00'"],
    ),
    kind(
        "fixed_base64",
        "type = 'char(8)', stored = 'blob_as_base64'",
        ["x'00ff'", "x'01'", "x'deadbeef'"],
        &["x'deadbeef000000'"],
    ),
    kind("twin", "type = 'text'", ["'x'", "'y'", "'z'"], &["CAST(x'00' AS TEXT)"]),
    kind("short", "type = 'varchar(8)'", ["'a'", "'eightlon'", "'ö'"], &["'ninechars'"]),
    kind("fixed", "type = 'char(4)'", ["'abcd'", "'ab'", "'z'"], &["'fiver'"]),
    kind("raw", "type = 'bytea'", ["x'00ff'", "x'01'", "x'deadbeef'"], &["17", "1.5"]),
    kind(
        "raw_hex",
        "type = 'bytea', stored = 'hex'",
        ["'00ff'", "'0xDEADBEEF'", "'\\x01'"],
        &["'abc'", "'0g'", "x'00'"],
    ),
    kind(
        "raw_base64",
        "type = 'bytea', stored = 'base64'",
        ["'AP8='", "'QQ'", "'-_-_'"],
        &["'Q'", "'QR=='", "'+_+_'", "x'00'"],
    ),
    kind(
        "tag",
        "type = 'uuid'",
        [
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "'{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12}'",
            "'a0eebc999c0b4ef8bb6d6bb9bd380a13'",
        ],
        &["'not an id'", "''", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1'"],
    ),
    kind(
        "tag16",
        "type = 'uuid', stored = 'blob'",
        [
            "x'000102030405060708090a0b0c0d0e0f'",
            "x'ff0102030405060708090a0b0c0d0e0f'",
            "x'ee0102030405060708090a0b0c0d0e0f'",
        ],
        &["x'0102'", "'a0eebc999c0b4ef8bb6d6bb9bd380a13'"],
    ),
    kind(
        "tag_net",
        "type = 'uuid', stored = 'guid_le'",
        [
            "x'000102030405060708090a0b0c0d0e0f'",
            "x'ff0102030405060708090a0b0c0d0e0f'",
            "x'ee0102030405060708090a0b0c0d0e0f'",
        ],
        &["x'0102'"],
    ),
    kind("notes", "type = 'json'", ["'{\"a\": 1}'", "'[1, 2]'", "'\"x\"'"], &["'{\"a\":'", "''"]),
    kind(
        "facts",
        "type = 'jsonb'",
        ["'{\"a\": 1}'", "'[1, 2]'", "'\"x\"'"],
        &["'{a: 1}'", "'\"\\u0000\"'", "'[1,]'"],
    ),
    kind(
        "born",
        "type = 'date'",
        ["'2024-02-29'", "'1999-12-31'", "'0001-01-01'"],
        &["'2024-02-30'", "'now'", "'2023-02-29'"],
    ),
    kind(
        "wakes",
        "type = 'time'",
        ["'07:08:09'", "'23:59'", "'01:02:03.5'"],
        &["'25:00'", "'now'"],
    ),
    kind(
        "wakes_rails",
        "type = 'time', stored = 'rails_time'",
        ["'2000-01-01 07:08:09'", "'2000-01-01 23:59:59.999999'", "'2000-01-01 00:00:00'"],
        &["'2000-01-02 07:08:09'", "'07:08:09'", "''"],
    ),
    kind(
        "arrived",
        "type = 'timestamp'",
        ["'2024-01-02 03:04:05'", "'2024-01-02T03:04:05.123456'", "'1969-12-31 23:59:59'"],
        &["'2024-02-30 00:00:00'", "'now'", "'yesterday'"],
    ),
    kind(
        "left",
        "type = 'timestamptz'",
        [
            "'2024-01-02 03:04:05Z'",
            "'2024-01-02 03:04:05.5 -0500 EST'",
            "'2024-01-02T03:04:05+05:30'",
        ],
        &["'2024-01-02 03:04:05'", "'now'", "'2024-02-30 03:04:05Z'", "'2024-01-02 03:04:61Z'"],
    ),
    kind(
        "washed",
        "type = 'timestamptz', stored = 'text_utc'",
        ["'2024-01-02 03:04:05'", "'2024-01-02 03:04:06'", "'2024-01-02 03:04:07'"],
        &["'2024-13-01 00:00:00'", "'now'"],
    ),
    kind("nap", "type = 'interval'", ["1000", "3600000000000", "-1000"], &["1.5", "'1 hour'"]),
    kind("nap_us", "type = 'interval', stored = 'us'", ["1", "2", "-3"], &["1.5"]),
    kind("nap_ms", "type = 'interval', stored = 'ms'", ["1", "2", "-3"], &["'x'"]),
    kind(
        "nap_s",
        "type = 'interval', stored = 's'",
        ["1", "90000", "-3"],
        &["9223372036854775807"],
    ),
    kind(
        "nap_date",
        "type = 'interval', stored = 'epoch_date'",
        ["'1970-01-02 03:04:05.000006'", "'1969-12-31 23:59:30'", "'1970-01-01 00:00:00'"],
        &["'1970-01-01'", "'00:05:00'", "5"],
    ),
    kind(
        "nap_span",
        "type = 'interval', stored = 'timespan'",
        ["'1.02:03:04.5'", "'-00:00:01'", "'00:05:00'"],
        &["'24:00:00'", "'1 day'", "5"],
    ),
    kind(
        "nap_python",
        "type = 'interval', stored = 'timedelta'",
        ["'1 day, 2:03:04.500000'", "'-1 day, 23:59:59'", "'0:05:00'"],
        &["'24:00:00'", "'1 day'", "5"],
    ),
    kind(
        "nap_iso",
        "type = 'interval', stored = 'iso_duration'",
        ["'P1Y2M3DT4H5M6.5S'", "'-PT1S'", "'P3W'"],
        &["'P1.5D'", "'1 day'", "5"],
    ),
    kind("mood", "type = 'mood'", ["'sad'", "'glad'", "'sad'"], &["'Sad'", "''", "'mad'"]),
    kind(
        "host",
        "type = 'inet'",
        ["'10.1.2.3'", "'::1'", "'172.16.0.9/12'"],
        &["'300.1.1.1'", "'10.1'", "'fe80::1%eth0'"],
    ),
    kind(
        "net",
        "type = 'cidr'",
        ["'10.0.0.0/8'", "'11.0.0.0/8'", "'::/0'"],
        &["'10.1.1.1/8'", "'x'"],
    ),
];

/// The schema directory and the SQLite file.
pub struct Zoo {
    folder: TempDir,
    pub database: server::Database,
}

impl Zoo {
    /// Three rows that fit, in the last of two tables.
    pub fn new() -> Zoo {
        let folder = tempfile::tempdir().unwrap();
        let zoo = Zoo { folder, database: super::database() };
        fs::create_dir(zoo.directory()).unwrap();
        let file = |name: &str, text: &str| fs::write(zoo.directory().join(name), text).unwrap();
        file("database.toml", "versions = ['1']\n\n[enums]\nmood = ['sad', 'glad']\n");
        file("keepers.toml", "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n");
        let mut lines = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n".to_owned();
        for Kind { name, line, .. } in kinds() {
            let line = line.replace('\'', "\"");
            lines.push_str(&format!("{name} = {{ {line}, null = true }}\n"));
        }
        lines.push_str("must = { type = 'text' }\n");
        file("zebras.toml", &lines);
        zoo.fill();
        zoo
    }

    fn fill(&self) {
        let schema = self.schema();
        let connection = Connection::open(self.file()).unwrap();
        for table in schema.versions[0].tables() {
            let columns = table.columns.iter().skip(1);
            let columns = columns.map(|c| format!(", {} {}", c.name, c.ty.declared_type(c.stored)));
            let columns: String = columns.collect();
            let create = format!("CREATE TABLE {} (id INTEGER PRIMARY KEY{columns})", table.name);
            connection.execute_batch(&create).unwrap();
        }
        connection.execute_batch("INSERT INTO keepers VALUES (1), (2)").unwrap();
        for row in 0..3 {
            let values = kinds().map(|kind| kind.good[row]).collect::<Vec<_>>().join(", ");
            let insert = format!("INSERT INTO zebras VALUES ({}, {values}, 'here')", row + 1);
            connection.execute_batch(&insert).unwrap_or_else(|error| panic!("{insert}: {error}"));
        }
    }

    pub fn directory(&self) -> PathBuf {
        self.folder.path().join("zoo")
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("zoo.db")
    }

    pub fn schema(&self) -> Schema {
        schema::read_schema_directory(&self.directory())
            .unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    /// Changes the SQLite file for as long as `during` runs.
    pub fn with<T>(&self, sql: &str, during: impl FnOnce() -> T) -> T {
        let kept = fs::read(self.file()).unwrap();
        let connection = Connection::open(self.file()).unwrap();
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        connection.close().unwrap();
        let result = during();
        fs::write(self.file(), kept).unwrap();
        result
    }

    /// `migrate copy --yes` with more words.
    pub fn copy(&self, words: &[&str]) -> Ran {
        let mut command = program();
        command.args(["copy", "--yes", "--schema"]).arg(self.directory());
        command.arg("--source").arg(self.file());
        command.args(["--target", &super::url(&self.database.name)]);
        ran(command.env("PGPASSWORD", super::PASSWORD).args(words))
    }
}

/// Each pair of the model's list has a column here. `citext` is an extension's; its codec is that
/// of `text`.
#[test]
fn every_type_and_encoding_has_a_column() {
    let zoo = Zoo::new();
    let schema = zoo.schema();
    let columns = schema.versions[0].tables().flat_map(|table| table.columns);
    let found: Vec<_> = columns.map(|column| (column.ty, column.stored)).collect();
    for (word, ty) in PLAIN_TYPES.iter().filter(|(_, ty)| *ty != Type::Citext) {
        for stored in ty.encodings() {
            let stored_word = stored.word();
            assert!(found.contains(&(*ty, *stored)), "no column of {word} as {stored_word}");
        }
    }
}
