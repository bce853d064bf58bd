//! A migration compared with its source, cell by cell and object by object.

use connect_migrate::schema::{Version, built_in};
use model::{Column, Identity, Type, sql};
use rusqlite::{Connection, OptionalExtension as _};

use super::compare::{Compared, compare};
use super::{Site, dump, sample_files};
use crate::server;

/// Both databases of Connect: the file and its newest description.
pub fn newest() -> [(&'static str, &'static Version); 2] {
    let newest = |name| *built_in(name).unwrap().versions.last().unwrap();
    [
        ("connect.db", newest("connect/core")),
        ("connect-instrumentation.db", newest("connect/instrumentation")),
    ]
}

fn compare_all(site: &Site) -> Vec<Compared> {
    let compare = |(file, version)| compare(&site.file(file), &site.database.url, version);
    newest().into_iter().map(compare).collect()
}

/// `MIGRATION_ROWS` says how many rows the instrumentation has; 300000 is what a release is
/// tried with.
#[test]
fn every_value_arrives_and_a_planted_difference_is_found() {
    let rows = std::env::var("MIGRATION_ROWS").map_or(10_000, |rows| rows.parse().unwrap());
    let site = Site::with(&sample_files(rows, None));
    site.migrate();
    for (compared, (file, version)) in compare_all(&site).iter().zip(newest()) {
        let Compared { tables, counted, cells, differing } = compared;
        println!("{file}: {tables} tables, {cells} cells compared = rows × columns");
        assert_eq!(differing, &[] as &[String]);
        assert_eq!(*tables, version.shapes.len());
        assert_eq!(cells, counted);
        assert!(*cells > 1_000, "{cells}");
    }
    // One microsecond, one letter's case, one digit: each is seen where it was planted.
    server::execute(
        &site.database.url,
        "UPDATE shiny_app_usage SET started = started + interval '1 us' \
             WHERE id = (SELECT min(id) FROM shiny_app_usage)\n\
         UPDATE users SET username = initcap(username) WHERE id = (SELECT max(id) FROM users)\n\
         UPDATE jobs SET variant_id = variant_id + 1 WHERE id = (SELECT max(id) FROM jobs)",
    );
    let planted: Vec<String> = compare_all(&site).into_iter().flat_map(|c| c.differing).collect();
    let places: Vec<&str> = planted.iter().map(|text| text.split(' ').next().unwrap()).collect();
    assert_eq!(
        places,
        ["jobs.variant_id", "users.username", "shiny_app_usage.started"],
        "{planted:?}"
    );
}

/// The target's definition, as `pg_dump` writes it, is that of the checked-in `postgres.sql`
/// files, and those have every key, index and constraint of the description.
#[test]
fn every_key_index_and_constraint_exists() {
    let site = Site::new();
    site.migrate();
    let wanted = super::database();
    for script in [
        include_str!("../../schema/connect/core/postgres.sql"),
        include_str!("../../schema/connect/instrumentation/postgres.sql"),
    ] {
        server::connect(&wanted.url).client.batch_execute(script).unwrap();
    }
    let schema = |url: &str| dump(url, &["--schema-only"]);
    let (own, theirs) = (schema(&site.database.url), schema(&wanted.url));
    own.is(&theirs, "differs from the checked-in SQL");
    let tables = || newest().into_iter().flat_map(|(_, version)| version.tables());
    let kind = |sql: &str| site.number(&format!("SELECT count(*) FROM pg_constraint WHERE {sql}"));
    let own = "connamespace = 'public'::regnamespace AND contype";
    let count = |of: fn(&model::Table) -> usize| tables().map(of).sum::<usize>() as i64;
    let some = |number: i64| {
        assert!(number > 0);
        number
    };
    let keys = count(|table| usize::from(!table.primary_key.is_empty()));
    assert_eq!(kind(&format!("{own} = 'p'")), some(keys));
    let uniques = count(|table| table.uniques.len());
    assert_eq!(kind(&format!("{own} = 'u'")), some(uniques));
    assert_eq!(
        kind(&format!("{own} = 'f' AND convalidated")),
        some(count(|t| t.foreign_keys.len()))
    );
    assert_eq!(kind(&format!("{own} = 'c'")), some(count(|t| t.checks.len())));
    let indexes = count(|table| table.indexes.len());
    let index = "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
                 WHERE c.relnamespace = 'public'::regnamespace AND indisvalid";
    assert_eq!(site.number(index), some(indexes) + keys + uniques);
    let required = count(|table| table.columns.iter().filter(|column| !column.null).count());
    let not_null = "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
                    AND attnum > 0 AND attnotnull";
    assert_eq!(site.number(not_null), some(required));
}

/// An id of a deleted row is not given again, an empty table begins at 1, and no insert meets an
/// id that is there.
#[test]
fn next_insert_without_an_id_works_in_every_table() {
    let site = Site::new();
    // The sample has no table that was never used and can have ids.
    site.sqlite(
        "connect.db",
        "DELETE FROM variant_subscribers; DELETE FROM schedule; DELETE FROM oauth_sessions;
         DELETE FROM sqlite_sequence WHERE name = 'schedule'",
    );
    site.migrate();
    let mut client = server::connect(&site.database.url).client;
    // Only ids are of interest here: rows are made up, and their parents with them.
    client.batch_execute("SET session_replication_role = replica").unwrap();
    let (mut never_used, mut emptied, mut beyond) = (0, 0, 0);
    for (file, version) in newest() {
        let sqlite = Connection::open(site.file(file)).unwrap();
        for table in version.tables() {
            let Some(id) = table.columns.iter().find(|c| c.identity != Identity::No) else {
                continue;
            };
            let remembered = "SELECT seq FROM sqlite_sequence WHERE name = ?";
            let remembered: Option<i64> =
                sqlite.query_row(remembered, [table.source], |row| row.get(0)).optional().unwrap();
            let highest = format!("SELECT max({}) FROM {}", sql::quote(id.source), table.source);
            let highest: Option<i64> = sqlite.query_row(&highest, [], |row| row.get(0)).unwrap();
            never_used += i32::from(highest.is_none() && remembered.is_none());
            emptied += i32::from(highest.is_none() && remembered.is_some());
            beyond += i32::from(highest.is_some() && remembered > highest);
            let wanted = highest.max(remembered).unwrap_or(0) + 1;
            let (names, values): (Vec<_>, Vec<_>) = table
                .copied_columns()
                .filter(|column| column.identity == Identity::No && column.default.is_none())
                .filter(|column| !column.null)
                .map(|column| (column.name, made_up(column)))
                .unzip();
            let insert = format!(
                "INSERT INTO {} ({}) VALUES ({}) RETURNING {}::int8",
                sql::quote(table.name),
                sql::quoted_list(&names),
                values.join(", "),
                sql::quote(id.name)
            );
            let got: i64 = client
                .query_one(&insert, &[])
                .unwrap_or_else(|error| panic!("{insert}: {error:?}"))
                .get(0);
            assert_eq!(got, wanted, "{}", table.name);
        }
    }
    assert!(never_used > 0 && emptied > 0 && beyond > 0, "{never_used} {emptied} {beyond}");
}

/// Some value that no row of the sample has.
fn made_up(column: &Column) -> String {
    match column.ty {
        Type::Bool => "false".into(),
        Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 => "31234".into(),
        Type::Numeric(_) => "1".into(),
        Type::Varchar(_) | Type::Char(_) => "'made up'".into(),
        Type::Text | Type::Citext if column.name == "app_role" => "'viewer'".into(),
        Type::Text | Type::Citext => "'made up for this test'".into(),
        Type::Bytea => "'\\x00'".into(),
        Type::Uuid => "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'".into(),
        Type::Json | Type::Jsonb => "'{}'".into(),
        Type::Date | Type::Timestamp | Type::Timestamptz => "'2001-02-03'".into(),
        Type::Time | Type::Interval => "'01:02:03'".into(),
        Type::Inet | Type::Cidr => "'10.0.0.1'".into(),
        Type::Enum(declared) => sql::text_literal(declared.labels[0]),
        Type::Array(_) => "'{}'".into(),
        Type::ReadByServer(_) => "NULL".into(),
    }
}
