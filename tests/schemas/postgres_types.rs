//! The types that applications have in PostgreSQL (`pg_types.json` beside their databases), as the
//! tables that a draft is joined with and that the rows then go into; every value compared
//! afterwards by code of the tests' own.

use std::path::{Path, PathBuf};

use connect_migrate::schema;
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::{Case, migrate, real_databases};
use crate::migration::compare::compare;
use crate::migration::dump_of;
use crate::server;

/// A name without case and underscores: the one thing that both files agree in.
fn letters(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}

fn texts(connection: &Connection, sql: &str, bound: &str) -> Vec<Vec<String>> {
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get::<_, String>(at)).collect();
    statement.query_map([bound], row).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The application's own tables: its names and types, SQLite's nullability and keys.
fn tables(file: &Path, types: &Map<String, Value>) -> String {
    let sqlite = Connection::open(file).unwrap();
    let own = texts(&sqlite, "SELECT name FROM sqlite_schema WHERE type = 'table' AND ?1 = ''", "");
    let own: Vec<String> = own.into_iter().flatten().collect();
    let (mut made, mut keys) = (String::new(), String::new());
    for (table, columns) in types {
        let source = own.iter().find(|own| letters(own) == letters(table));
        let source = source.map(String::as_str).unwrap_or_default();
        let info = "SELECT name, CAST(\"notnull\" OR pk AS TEXT), CAST(pk AS TEXT) \
                    FROM pragma_table_info(?1)";
        let described = texts(&sqlite, info, source);
        let here = |name: &str| -> &String {
            columns.as_object().unwrap().keys().find(|key| letters(key) == letters(name)).unwrap()
        };
        let mut lines: Vec<String> = described
            .iter()
            .map(|line| {
                let name = here(&line[0]);
                let null = if line[1] == "1" { " NOT NULL" } else { "" };
                format!("\"{name}\" {}{null}", columns[name].as_str().unwrap())
            })
            .collect();
        // An older file lacks tables and columns that the application has by now.
        for (name, ty) in columns.as_object().unwrap() {
            if !described.iter().any(|line| letters(&line[0]) == letters(name)) {
                lines.push(format!("\"{name}\" {}", ty.as_str().unwrap()));
            }
        }
        let mut key: Vec<&Vec<String>> = described.iter().filter(|line| line[2] != "0").collect();
        key.sort_by_key(|line| line[2].parse::<i64>().unwrap());
        let key: Vec<String> = key.iter().map(|line| format!("\"{}\"", here(&line[0]))).collect();
        if !key.is_empty() {
            lines.push(format!("CONSTRAINT \"pk_{table}\" PRIMARY KEY ({})", key.join(", ")));
        }
        made.push_str(&format!("CREATE TABLE \"{table}\" ({})\n", lines.join(", ")));
        let references = "SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1)";
        for line in texts(&sqlite, references, source) {
            let parent = types.keys().find(|key| letters(key) == letters(&line[1])).unwrap();
            let own = here(&line[0]);
            let text = format!("ALTER TABLE \"{table}\" ADD FOREIGN KEY (\"{own}\") ");
            keys.push_str(&format!("{text} REFERENCES \"{parent}\"\n"));
        }
    }
    made + &keys
}

/// Joined with the application's tables, copied, every value equal. How many cells there were.
fn whole_way(folder: &str, name: &str) -> Option<u64> {
    let file: PathBuf = real_databases::file(&format!("{folder}/{name}"))?;
    let types = std::fs::read_to_string(file.with_file_name("pg_types.json")).unwrap();
    let types: Value = serde_json::from_str(&types).unwrap();
    let case = Case::of(&file);
    let there = server::database(server::shared());
    server::execute(&there.url, &tables(&file, types.as_object().unwrap()));
    let (source, out) = (case.file(), case.out());
    let words = ["schema", "draft", "--source", &source, "--target", &there.url, "--out", &out];
    let drafted = migrate(&words);
    // Names that are alike but for underscores are to decide.
    assert!(matches!(drafted.code, 0 | 1), "{}{}", drafted.out, drafted.err);
    super::choose_names(Path::new(&out));
    let diff = migrate(&["schema", "diff", &out, &format!("postgres:{}", there.url)]);
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
    let schema = schema::read_schema_directory(Path::new(&out)).unwrap();
    let mut cells = 0;
    let here = server::database(server::shared());
    // Into the application's own tables, which keep their structure; and into made ones like them.
    for target in [&there, &here] {
        let has_existing = target.url == there.url;
        let before = dump_of(&target.url, &["--schema-only"]);
        let copied = case.copy(&target.url);
        assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
        let stood = copied.err.contains("in schema public, without rows");
        assert_eq!(stood, has_existing, "{}", copied.err);
        let same = dump_of(&target.url, &["--schema-only"]) == before;
        assert_eq!(same, has_existing, "{before}");
        let compared = compare(&file, &target.url, schema.versions[0]);
        assert!(compared.differing.is_empty(), "{:#?}", compared.differing);
        assert_eq!(compared.cells, compared.counted);
        cells = compared.cells;
    }
    let known = |name: &String| schema.versions[0].tables().any(|table| table.name == name);
    for (table, columns) in types.as_object().unwrap().iter().filter(|(name, _)| known(name)) {
        let mut client = server::connect(&here.url).client;
        let asked = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)
                     FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0";
        let rows = client.query(asked, &[&format!("public.\"{table}\"")]).unwrap();
        assert_eq!(rows.len(), columns.as_object().unwrap().len(), "{table}");
        for row in rows {
            let (column, ty): (String, String) = (row.get(0), row.get(1));
            assert_eq!(columns[&column].as_str(), Some(&*ty), "{table}.{column}");
        }
    }
    Some(cells)
}

#[test]
fn chinook_goes_into_the_types_that_the_application_has() {
    if let Some(cells) = whole_way("chinook", "chinook_autoincrement.sqlite") {
        assert!(cells > 60_000, "{cells}");
    }
}

#[test]
fn workbench_goes_into_the_types_that_the_application_has() {
    for (name, least) in
        [("workbench.sqlite", 5_000), ("ghost-orchid.sqlite", 0), ("prairie-trillium.sqlite", 1)]
    {
        if let Some(cells) = whole_way("workbench", name) {
            assert!(cells >= least, "{name}: {cells}");
        }
    }
}
