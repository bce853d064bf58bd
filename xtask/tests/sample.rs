//! The sample against the schema it is made from: through SQLite alone, at every version.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use model::types::{PLAIN_TYPES, STORED};
use model::{ForeignKey, Identity, Stored, Table, Type};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use xtask::sample::{self, Options, SampleFile, Summary};

const VERSIONS: &[&str] =
    &["2023.09", "2024.08", "2024.12", "2025.04", "2025.09", "2026.03", "2026.06"];
const EMPTY: &[&str] = &["job_kill_orders", "node_drains"];

fn options(out: &Path, rows: u64, version: Option<&str>, seed: u64) -> Options {
    Options { out: out.to_owned(), rows, version: version.map(str::to_owned), seed }
}

fn open(made: &SampleFile) -> Connection {
    Connection::open_with_flags(&made.path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn name(text: &str) -> String {
    format!("\"{text}\"")
}

fn count(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{sql}: {e}"))
}

/// Runs a check on each table of each file of a sample at each version.
fn each_table(check: impl Fn(&Connection, &SampleFile, &Table)) {
    for version in VERSIONS {
        let directory = tempfile::tempdir().unwrap();
        let summary = sample::write(&options(directory.path(), 4_000, Some(version), 3)).unwrap();
        assert_eq!(summary.version, *version);
        assert_eq!(summary.files.len(), 2);
        for made in &summary.files {
            let connection = open(made);
            for table in made.database.tables {
                check(&connection, made, table);
            }
        }
    }
}

/// A hash of every cell of both files, and of the files' bytes.
fn content(summary: &Summary) -> (u64, Vec<Vec<u8>>) {
    let mut hash = DefaultHasher::new();
    for made in &summary.files {
        let connection = open(made);
        for table in made.database.tables {
            let sql = format!("SELECT * FROM {} ORDER BY rowid", name(table.source));
            let mut statement = connection.prepare(&sql).unwrap();
            let width = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for place in 0..width {
                    match row.get_ref_unwrap(place) {
                        ValueRef::Null => 0.hash(&mut hash),
                        ValueRef::Integer(number) => (1, number).hash(&mut hash),
                        ValueRef::Real(number) => (2, number.to_bits()).hash(&mut hash),
                        ValueRef::Text(text) => (3, text).hash(&mut hash),
                        ValueRef::Blob(bytes) => (4, bytes).hash(&mut hash),
                    }
                }
            }
        }
    }
    let bytes = summary.files.iter().map(|made| std::fs::read(&made.path).unwrap());
    (hash.finish(), bytes.collect())
}

#[test]
fn equal_seeds_make_equal_samples() {
    let made = |seed| {
        let directory = tempfile::tempdir().unwrap();
        content(&sample::write(&options(directory.path(), 2_000, None, seed)).unwrap())
    };
    let (first, again, other) = (made(1), made(1), made(2));
    assert_eq!(first.0, again.0);
    assert!(first.1 == again.1, "the files differ");
    assert_ne!(first.0, other.0);
}

#[test]
fn files_are_sound_and_left_as_connect_leaves_them() {
    for version in VERSIONS {
        let directory = tempfile::tempdir().unwrap();
        let summary = sample::write(&options(directory.path(), 3_000, Some(version), 1)).unwrap();
        // GIN, and a generated column.
        let not = [("2024.08", "oauth_integrations_config"), ("2024.12", "packages_search_name")];
        let not = not.iter().filter(|(since, _)| since <= version).map(|(_, name)| *name);
        let left_out: BTreeSet<&str> = summary.left_out.iter().map(String::as_str).collect();
        assert_eq!(left_out, not.collect(), "{version}");
        let left: Vec<_> = std::fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "{left:?}");
        for made in &summary.files {
            let connection = open(made);
            let text =
                |sql: &str| -> String { connection.query_row(sql, [], |r| r.get(0)).unwrap() };
            assert_eq!(text("PRAGMA integrity_check"), "ok");
            assert_eq!(text("PRAGMA journal_mode"), "wal");
            let orphans = count(&connection, "SELECT count(*) FROM pragma_foreign_key_check");
            assert_eq!(orphans, 0, "{version}");
        }
        let instrumentation: u64 = summary.files[1].rows.iter().sum();
        assert_eq!(instrumentation, 3_000);
    }
}

#[test]
fn every_column_has_values_and_every_nullable_one_nulls() {
    each_table(|connection, made, table| {
        let from = format!("FROM {}", name(table.source));
        let rows = count(connection, &format!("SELECT count(*) {from}"));
        assert_eq!(rows == 0, EMPTY.contains(&table.name), "{} has {rows} rows", table.name);
        for column in table.copied_columns().filter(|_| rows > 0) {
            let here = format!("{} {}.{}", made.database.version, table.name, column.name);
            let is = |what| format!("SELECT count(*) {from} WHERE {} {what}", name(column.source));
            assert_ne!(count(connection, &is("IS NOT NULL")), 0, "{here} is always NULL");
            let nulls = count(connection, &is("IS NULL"));
            assert_eq!(nulls != 0, column.null, "{here} has {nulls} NULLs");
        }
    });
}

#[test]
fn tables_are_as_the_schema_says() {
    each_table(|connection, _, table| {
        let sql = format!(
            "SELECT name || ' ' || type || ' ' || (\"notnull\" OR pk AND type = 'INTEGER')
             FROM pragma_table_xinfo('{}') ORDER BY cid",
            table.source
        );
        let mut statement = connection.prepare(&sql).unwrap();
        let found: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let output = |column: &'static model::Column| {
            let declared = column.ty.declared_type(column.stored);
            format!("{} {declared} {}", column.source, u8::from(!column.null))
        };
        assert_eq!(found, table.copied_columns().map(output).collect::<Vec<_>>(), "{}", table.name);
    });
}

/// Own queries: SQLite's check follows the DDL, which the sample itself wrote.
#[test]
fn every_reference_is_to_a_row() {
    each_table(|connection, made, table| {
        for key in table.foreign_keys {
            let orphans = orphans(made, table, key);
            assert_eq!(count(connection, &orphans), 0, "{} {}", made.database.version, key.name);
        }
    });
}

fn orphans(made: &SampleFile, table: &Table, key: &ForeignKey) -> String {
    let parent = made.database.tables.iter().find(|known| known.name == key.table).unwrap();
    let column = |table: &Table, column| name(table.column(column).unwrap().source);
    let (mut set, mut equal) = (Vec::new(), Vec::new());
    for (from, to) in key.columns.iter().zip(key.to) {
        set.push(format!("child.{} IS NOT NULL", column(table, from)));
        equal.push(format!("parent.{} = child.{}", column(parent, to), column(table, from)));
    }
    format!(
        "SELECT count(*) FROM {} child WHERE {} AND NOT EXISTS (SELECT 1 FROM {} parent WHERE {})",
        name(table.source),
        set.join(" AND "),
        name(parent.source),
        equal.join(" AND ")
    )
}

#[test]
fn keys_and_constraints_are_unique() {
    each_table(|connection, made, table| {
        let keys = table.uniques.iter().map(|unique| unique.columns);
        for columns in keys.chain([table.primary_key]).filter(|columns| !columns.is_empty()) {
            let named = columns.iter().map(|column| name(table.column(column).unwrap().source));
            let named = named.collect::<Vec<_>>().join(", ");
            let set = columns.iter().map(|column| name(table.column(column).unwrap().source));
            let set = set.map(|name| name + " IS NOT NULL").collect::<Vec<_>>().join(" AND ");
            let sql = format!(
                "SELECT count(*) FROM (SELECT 1 FROM {} WHERE {set} GROUP BY {named} \
                 HAVING count(*) > 1)",
                name(table.source)
            );
            assert_eq!(count(connection, &sql), 0, "{} {}", made.database.version, table.name);
        }
    });
}

#[test]
fn ids_have_gaps_and_memories() {
    for version in VERSIONS {
        let directory = tempfile::tempdir().unwrap();
        let summary = sample::write(&options(directory.path(), 3_000, Some(version), 1)).unwrap();
        let mut kinds = BTreeSet::new();
        for made in &summary.files {
            let connection = open(made);
            for table in made.database.tables {
                let Some(id) = table.columns.iter().find(|c| c.identity != Identity::No) else {
                    continue;
                };
                let (id, source) = (name(id.source), table.source);
                let from = format!("FROM {}", name(source));
                let count = |sql: &str| count(&connection, sql);
                let rows = count(&format!("SELECT count(*) {from}"));
                let span = format!("SELECT coalesce(max({id}) - min({id}) + 1, 0) {from}");
                let remembered = count(&format!(
                    "SELECT coalesce(max(seq), 0) - (SELECT coalesce(max({id}), 0) {from}) \
                     FROM sqlite_sequence WHERE name = '{source}'"
                ));
                kinds.insert((rows == 0, count(&span) > rows, remembered > 0));
            }
        }
        let filled = [(false, false, false), (false, true, false), (false, false, true)];
        let empty = [(false, true, true), (true, false, false), (true, false, true)];
        assert_eq!(kinds, filled.into_iter().chain(empty).collect(), "{version}");
    }
}

#[test]
fn values_are_of_all_kinds() {
    let directory = tempfile::tempdir().unwrap();
    let made = sample::write(&Options::new(directory.path())).unwrap();
    let core = open(&made.files[0]);
    let some = |sql: &str| {
        let found = core.query_row(sql, [], |row| row.get::<_, bool>(0));
        assert!(found.unwrap(), "nothing is found by {sql}");
    };
    for form in [
        "????-??-?? ??:??:??.?????????+00:00",
        "????-??-?? ??:??:??+00:00",
        "*T*Z",
        "*-05:00",
        "* +0000 UTC",
        "* +0330 +0330",
        "* -0500 EST",
        "* UTC m=+*",
        "0001-01-01*",
        "196*",
    ] {
        some(&format!("SELECT count(*) > 0 FROM audit_log WHERE time GLOB '{form}'"));
    }
    let every_byte: String = (0..=255).map(|byte| format!("{byte:02X}")).collect();
    for what in [
        format!("value = x'{every_byte}'"),
        "value = x''".to_owned(),
        "length(value) = 100000".to_owned(),
    ] {
        some(&format!("SELECT count(*) > 0 FROM app_environment_variables WHERE {what}"));
    }
    some("SELECT max(length(CAST(output AS BLOB))) >= 100000 FROM job_errors");
    some("SELECT count(*) > 0 FROM audit_log WHERE event_description = ''");
    some("SELECT count(*) > 0 FROM jobs WHERE variant_id = 0");
    some("SELECT min(balance) = -9223372036854775808 AND max(balance) > 1e18 FROM nodes");
    some("SELECT count(*) > 0 FROM apps WHERE title GLOB '*' || char(10) || '*'");
    some("SELECT count(*) > 0 FROM apps WHERE title GLOB '*\\*' OR title GLOB '*\"*'");
    some("SELECT count(DISTINCT locked) = 2 AND count(DISTINCT has_parameters) = 2 FROM apps");
    some("SELECT count(*) > 0 FROM tags WHERE parent_id IS NOT NULL");
}

#[test]
fn the_schema_uses_every_type_and_encoding() {
    let all = model::load_built_in(&sample::schema_root()).unwrap();
    let (mut types, mut encodings) = (BTreeSet::new(), BTreeSet::new());
    for column in all
        .iter()
        .flat_map(|resolved| &resolved.versions)
        .flat_map(|database| database.tables)
        .flat_map(|table| table.columns)
    {
        let word = column.ty.to_string();
        types.insert(word.split('(').next().unwrap().to_owned());
        types.extend(matches!(column.ty, Type::Enum(_)).then(|| "an enum".to_owned()));
        types.extend(matches!(column.ty, Type::Array(_)).then(|| "an array".to_owned()));
        types
            .extend(matches!(column.ty, Type::Numeric(Some(_))).then(|| "numeric(p,s)".to_owned()));
        encodings.insert(column.stored.word());
    }
    let words = PLAIN_TYPES.iter().map(|(word, _)| *word);
    for word in words.chain(["varchar", "char", "numeric(p,s)", "an enum", "an array"]) {
        // Nobody may have to install an extension for Connect.
        let wanted = word != "citext";
        assert_eq!(types.contains(word), wanted, "{word}: in Connect's tables, or left out here?");
    }
    // Connect is not known to keep times, UUIDs or bytes as these do.
    let elsewhere = |stored: &Stored| {
        use model::Stored::{AppleNs, AppleS, DotnetTicks, Filetime, GuidLe, OleDay, WebkitUs};
        use model::Stored::{Base64, EpochDate, Hex, IsoDuration, RailsTime, Timedelta, Timespan};
        use model::Stored::{BlobAsBase64, BlobAsHex, Csv, NumberOrWord, PgArray, ServerText};
        matches!(stored, AppleNs | AppleS | DotnetTicks | Filetime | GuidLe | OleDay | WebkitUs)
            || matches!(stored, Base64 | EpochDate | Hex | IsoDuration | RailsTime | Timespan)
            || matches!(stored, BlobAsBase64 | BlobAsHex | Csv | NumberOrWord | PgArray | Timedelta)
            || matches!(stored, ServerText)
            || stored.is_compact()
    };
    for (word, stored) in STORED {
        let wanted = !elsewhere(stored);
        assert_eq!(
            encodings.contains(word),
            wanted,
            "{word}: in Connect's tables, or left out here?"
        );
    }
}

#[test]
fn neighbouring_versions_differ_as_they_should() {
    let all = model::load_built_in(&sample::schema_root()).unwrap();
    for resolved in &all {
        let names: Vec<&str> = resolved.versions.iter().map(|known| known.version).collect();
        assert_eq!(names, VERSIONS);
        let differ = resolved.versions.windows(2).map(|pair| pair[0].tables != pair[1].tables);
        let expected = match resolved.directory.name.as_str() {
            "connect/core" => [true, true, true, true, true, true],
            _ => [false, false, true, false, false, false],
        };
        assert_eq!(differ.collect::<Vec<_>>(), expected, "{}", resolved.directory.name);
    }
    let newest = |name| {
        let resolved = all.iter().find(|resolved| resolved.directory.name == name);
        resolved.unwrap().versions.last().unwrap()
    };
    assert!(newest("connect/core").tables.len() >= 30);
}

#[test]
fn nothing_is_overwritten_and_no_version_invented() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("connect-instrumentation.db");
    std::fs::write(&path, "not a sample").unwrap();
    let refused = sample::write(&Options::new(directory.path())).unwrap_err();
    assert!(matches!(refused, sample::Error::Exists(ref there) if *there == path), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a sample");
    assert!(!directory.path().join("connect.db").exists());
    let unknown = sample::write(&options(directory.path(), 100, Some("1999.01"), 1)).unwrap_err();
    let all = VERSIONS.join(", ");
    assert_eq!(unknown.to_string(), format!("there is no version 1999.01; there are {all}"));
}
