//! Any table: what is drafted reads back without a fault, and does not differ from its source.

use connect_migrate::schema;
use connect_migrate::schema_tools::compare::diff::{ComparedSides, diff_shapes};
use connect_migrate::schema_tools::compare::side::{Side, comparable_shapes};
use connect_migrate::schema_tools::draft;
use connect_migrate::sqlite::{Source, differences_from_version};
use proptest::prelude::*;
use rusqlite::Connection;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,8}",
        1 => "[A-Za-z_ .\"'/äß%-]{1,12}",
        1 => prop::sample::select(vec!["select", "user", "a.b", "database", "xmin", "ctid"])
            .prop_map(str::to_owned),
        1 => "[a-z]{60,70}",
    ]
}

fn declared() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "INTEGER",
        "INT",
        "BOOLEAN",
        "TEXT",
        "VARCHAR(5)",
        "CHAR(3)",
        "REAL",
        "NUMERIC",
        "DECIMAL(6,2)",
        "BLOB",
        "DATETIME",
        "DATE",
        "TIME",
        "JSON",
        "UUID",
        "STRING",
        "BIGINT",
        "SMALLINT",
        "POINT",
        "INET",
        "TIMESTAMP WITH TIME ZONE",
        "datetime(6)",
        "tinyint(1)",
        "smallint unsigned",
        "UNSIGNED BIG INT",
        "DOUBLE PRECISION",
        "[odd type]",
        "\"my type\"(3)",
        "VARYING CHARACTER (25)",
        "DECIMAL( 10 , 2 )",
        "NUMBER",
        "LONGVARCHAR",
        "UNIQUEIDENTIFIER",
        "JSONB",
        "CLOB",
        "dt_integer(8)",
        "odd words(1, 2, 3)",
    ])
}

fn value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "NULL",
        "0",
        "1",
        "-5",
        "70000",
        "1.5",
        "9223372036854775807",
        "'text'",
        "''",
        "x'00ff'",
        "'2024-01-01'",
        "'2024-01-01 10:00:00'",
        "'2024-01-01T10:00:00Z'",
        "'{}'",
        "1700000000",
        "'10:00'",
        "'true'",
        "'550e8400-e29b-41d4-a716-446655440000'",
        "2460311.5",
    ])
}

fn rest() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "",
        "",
        "NOT NULL",
        "UNIQUE",
        "COLLATE NOCASE",
        "DEFAULT 5",
        "DEFAULT 'x'",
        "DEFAULT CURRENT_TIMESTAMP",
        "DEFAULT (1 + 2)",
        "DEFAULT TRUE",
        "DEFAULT \"word\"",
        "UNIQUE COLLATE NOCASE",
        "REFERENCES first",
        "REFERENCES first(id) ON DELETE SET NULL",
        "CHECK (1 < 2)",
        "DEFAULT x'00'",
        "DEFAULT NULL",
        "CONSTRAINT named REFERENCES nowhere",
        "DEFAULT (datetime('now')) NOT NULL",
        "DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW'))",
        "DEFAULT (cast(strftime('%s', 'now') as int))",
        "DEFAULT (lower(hex(randomblob(16))))",
        "DEFAULT 'it''s -- no comment'",
        "DEFAULT -1.5e3",
        "DEFAULT +7",
        "DEFAULT 0xFF",
        "DEFAULT '0' NOT NULL",
        "DEFAULT '[\"200-299\"]'",
        "DEFAULT CURRENT_DATE -- a comment\n",
        "DEFAULT false /* another */",
        "default ''",
        "check (1 in ('admin', 'user')) not null default 'user'",
        "NOT NULL ON CONFLICT FAIL UNIQUE ON CONFLICT REPLACE",
        "REFERENCES [first] (`id`) ON UPDATE RESTRICT ON DELETE SET DEFAULT MATCH FULL",
        "REFERENCES first DEFERRABLE INITIALLY DEFERRED",
        "REFERENCES 'first' NOT DEFERRABLE INITIALLY IMMEDIATE",
        "GENERATED ALWAYS AS (1 + 1) STORED",
        "AS (upper('x'))",
        "COLLATE \"RTRIM\"",
        "CONSTRAINT \"odd \"\"name\"\"\" UNIQUE",
        "CONSTRAINT first_pkey CHECK ('CHECK (' <> ')')",
        "NOCASE NOT NULL",
    ])
}

#[derive(Clone, Debug)]
struct GeneratedTable {
    name: String,
    columns: Vec<(String, &'static str, &'static str)>,
    rows: Vec<Vec<&'static str>>,
    end: &'static str,
    index: &'static str,
}

fn made() -> impl Strategy<Value = GeneratedTable> {
    let columns = prop::collection::vec((name(), declared(), rest()), 1..5);
    let rows = prop::collection::vec(prop::collection::vec(value(), 5), 0..4);
    let end = prop::sample::select(vec![
        "",
        ", PRIMARY KEY (@)",
        ", UNIQUE (@)",
        ", CHECK (@ > 0)",
        ", CONSTRAINT \"first_pkey\" UNIQUE (@)",
        ", CHECK (@ IS NOT NULL OR @ IN ('a', 'b'))",
        ", CONSTRAINT \"the key\" PRIMARY KEY (@ DESC) ON CONFLICT IGNORE",
        ", UNIQUE (@ COLLATE NOCASE ASC) ON CONFLICT REPLACE",
        ", CONSTRAINT one UNIQUE (@) CONSTRAINT two CHECK (@ BETWEEN 1 AND 5)",
        ", UNIQUE (@), UNIQUE (@), CHECK (length(@) < 10) -- done\n",
        ", CHECK (typeof(@) = 'integer'), CHECK (@ GLOB '[a-z]*')",
        ", FOREIGN KEY (@) REFERENCES first (id) ON DELETE CASCADE",
        ", FOREIGN KEY (@) REFERENCES first, CHECK (json_valid(@) OR @ IS NULL)",
        ", PRIMARY KEY (@)) WITHOUT ROWID --",
    ]);
    let index = prop::sample::select(vec![
        "",
        "(@)",
        "(@ DESC)",
        "(lower(@))",
        "(@ COLLATE NOCASE)",
        "(@) WHERE @ IS NOT NULL",
        "(@) WHERE @ LIKE 'a'",
        "(abs(@))",
        "(@, @ DESC, lower(@))",
        "(@ COLLATE RTRIM, @ || 'x')",
        "(@) WHERE @ > 3 AND @ IS NOT NULL OR @ = 'x'",
        "(@) WHERE @ % 2 = 0",
        "(json_extract(@, '$.x'))",
        "(@) /*application='X'*/",
        "(@ COLLATE binary ASC)",
    ]);
    (name(), columns, rows, end, index).prop_map(|(name, columns, rows, end, index)| {
        GeneratedTable { name, columns, rows, end, index }
    })
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// In one of the ways that SQLite knows, by the name's length.
fn quoted(name: &str) -> String {
    match name.len() % 4 {
        0 if !name.contains(']') => format!("[{name}]"),
        1 => format!("`{}`", name.replace('`', "``")),
        2 => format!("'{}'", name.replace('\'', "''")),
        _ => quote(name),
    }
}

/// Makes the database as far as SQLite lets it; whether there is a table of it.
fn make(connection: &Connection, made: &GeneratedTable) -> bool {
    let first = "CREATE TABLE first (id INTEGER PRIMARY KEY); INSERT INTO first VALUES (1)";
    connection.execute_batch(first).unwrap();
    let columns: Vec<String> = made
        .columns
        .iter()
        .map(|(name, ty, rest)| format!("{} {ty} {rest}", quoted(name)))
        .collect();
    let key = quote(&made.columns[0].0);
    let (table, end) = (quote(&made.name), made.end.replace('@', &key));
    let create = format!("CREATE TABLE {table} ({}{end})", columns.join(", "));
    if connection.execute_batch(&create).is_err() {
        return false;
    }
    for row in &made.rows {
        let values: Vec<&str> = row.iter().take(columns.len()).copied().collect();
        // A row that breaks a rule of the table is none.
        let _ = connection
            .execute_batch(&format!("INSERT INTO {table} VALUES ({})", values.join(", ")));
    }
    if !made.index.is_empty() {
        let parts = made.index.replace('@', &key);
        let _ = connection
            .execute_batch(&format!("CREATE UNIQUE INDEX \"an index\" ON {table} {parts}"));
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_draft_reads_back_and_equals_its_source(made in made()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.db");
        let connection = Connection::open(&file).unwrap();
        prop_assume!(make(&connection, &made));
        drop(connection);
        let source = Source::open_to_inspect(&file, &mut Vec::new()).unwrap();
        let drafted = draft::draft_schema(&source, "1").unwrap();
        let out = folder.path().join("out");
        draft::write_draft(&drafted, &out).unwrap();
        let schema = schema::read_schema_directory(&out);
        let schema = schema.unwrap_or_else(|faults| panic!("{faults}\n{made:?}"));
        let version = schema.versions[0];
        let refused = differences_from_version(&source.structure, version);
        prop_assert!(refused.is_empty(), "{refused:?}");
        let mut sqlite = Side::open_sqlite(&file, &mut Vec::new()).unwrap();
        let (left, right) = comparable_shapes(&mut sqlite, &mut Side::Schema(version)).unwrap();
        let found = diff_shapes(&left, &right, ComparedSides { described: true, named: false });
        prop_assert!(found.is_empty(), "{found:#?}");
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever a table becomes: its new version takes the file, and the old one is unchanged.
    #[test]
    fn a_new_version_takes_its_file_and_leaves_the_old_one(
        (one, two, kept) in (made(), made(), 0..4_usize)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut two = GeneratedTable { name: one.name.clone(), ..two };
        let mut columns = one.columns.clone();
        columns.truncate(kept);
        let other = |name: &str| columns.iter().all(|(own, ..)| !own.eq_ignore_ascii_case(name));
        two.columns.retain(|(name, ..)| other(name));
        two.columns.splice(0..0, columns);
        two.columns.truncate(5);
        let sources = [("one.db", &one), ("two.db", &two)].map(|(name, made)| {
            let connection = Connection::open(path(name)).unwrap();
            let open = || Source::open_to_inspect(&path(name), &mut Vec::new()).unwrap();
            make(&connection, made).then(open)
        });
        let [Some(one), Some(two)] = sources else { return Err(TestCaseError::reject("no table")) };
        let out = path("out");
        draft::write_draft(&draft::draft_schema(&one, "1").unwrap(), &out).unwrap();
        let before = schema::read_schema_directory(&out).unwrap();
        let change = draft::into::find_changes(&two, &out, "2");
        let change = change.unwrap_or_else(|error| panic!("{error}"));
        draft::into::write_change(&change, &out).unwrap();
        let after = schema::read_schema_directory(&out).unwrap();
        let tables = |version: &schema::Version| version.tables().copied().collect::<Vec<_>>();
        prop_assert_eq!(tables(before.versions[0]), tables(after.versions[0]));
        let refused = differences_from_version(&two.structure, after.versions[1]);
        prop_assert!(refused.is_empty(), "{refused:?}");
        let again = draft::into::find_changes(&two, &out, "3").unwrap();
        prop_assert!(again.tables.is_empty(), "{:?}", again.tables);
    }
}
