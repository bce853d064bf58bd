//! `migrate schema diff`: what it finds, what it says about it, how it ends.

use serde_json::Value;

use super::{Case, migrate};
use crate::server;

/// Two directories that differ in everything that can differ.
fn directories() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |side: &str, name: &str, text: &str| {
        let path = folder.path().join(side);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join(name), text).unwrap();
    };
    for side in ["old", "new"] {
        write(side, "database.toml", "versions = [\"1\"]\n");
    }
    let old = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\", identity = true }\n\
               name = { type = \"varchar(9)\", null = true }\nsize = { type = \"int4\" }\n\
               gone = { type = \"text\" }\nkind = { type = \"text\", default = \"'a'\" }\n\
               [[index]]\nname = \"t_name\"\ncolumns = [\"name\"]\n\
               [[index]]\nname = \"t_size\"\ncolumns = [\"size\"]\n";
    let new = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n\
               name = { type = \"text\" }\nsize = { type = \"int8\", references = \"u.id\" }\n\
               kind = { type = \"text\", default = \"'b'\" }\nadded = { type = \"text\" }\n\
               note = { type = \"text\", null = true }\n\
               [[index]]\nname = \"t_name\"\ncolumns = [\"name\"]\nunique = true\n\
               [[index]]\nname = \"t_bytes\"\ncolumns = [\"size\"]\n";
    write("old", "t.toml", old);
    write("new", "t.toml", new);
    let id = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n";
    let up = "up = { type = \"int8\", null = true, references = \"u.id\" }\n";
    write("old", "u.toml", &format!("{id}{up}"));
    let acts = up.replace(" }", ", on_delete = \"cascade\" }");
    write("new", "u.toml", &format!("{id}{acts}"));
    write("old", "v.toml", id);
    write("new", "w.toml", id);
    folder
}

/// Meaning, table, subject of every difference, in the order printed.
fn differences(left: &str, right: &str) -> Vec<String> {
    let ran = migrate(&["schema", "diff", left, right, "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let all = json["differences"].as_array().unwrap();
    assert_eq!(json["equal"], all.is_empty());
    assert_eq!(ran.code, i32::from(!all.is_empty()));
    let word = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let shown = |one: &Value| {
        let (table, subject) = (word(one, "table"), word(one, "subject"));
        format!("{} {}: {table}: {subject}", word(one, "meaning"), word(one, "change"))
    };
    all.iter().map(shown).collect()
}

#[test]
fn every_kind_of_difference_is_found_and_judged() {
    let folder = directories();
    let side = |name: &str| folder.path().join(name).display().to_string();
    let found = differences(&side("old"), &side("new"));
    let wanted = [
        "blocks added: t: column added",
        "blocks changed: t: column name: nullability",
        "blocks added: t: foreign key t_size_fkey",
        "blocks changed: t: index t_name",
        "loses data missing: t: column gone",
        "harmless changed: t: column id: identity",
        "harmless changed: t: column kind: default",
        "harmless changed: t: column name: type",
        "harmless added: t: column note",
        "harmless changed: t: column size: type",
        "harmless changed: t: index t_size",
        "loses data missing: v: table",
        "harmless changed: u: foreign key u_up_fkey",
        "harmless added: w: table",
    ];
    assert_eq!(found, wanted, "{found:#?}");
    assert!(differences(&side("old"), &side("old")).is_empty());
    let text = migrate(&["schema", "diff", &side("old"), &side("new")]).out;
    assert!(
        text.contains("14 differences: 4 may block a migration, 2 would lose data, 8 harmless")
    );
    let line = "  blocks      column name: nullability\n              null → not null\n\
                \x20             \
                rows with NULL there are refused\n";
    assert!(text.contains(line), "{text}");
    let markdown =
        migrate(&["schema", "diff", &side("old"), &side("new"), "--format", "markdown"]).out;
    let row = "| blocks | column name: nullability | null | not null | rows with NULL there are \
               refused |";
    assert!(markdown.contains(row), "{markdown}");
}

#[test]
fn two_versions_differ_in_exactly_what_the_files_say() {
    let found = differences("connect/core@2024.08", "connect/core@2025.04");
    // Every column and table line of the files that begins or ends between the two.
    let wanted = [
        "blocks changed: apps: index apps_principal_id_name",
        "loses data missing: apps: column environment_json",
        "blocks changed: schedule: column schedule: type",
        "loses data missing: runtime_caches: table",
        "harmless added: app_environment_variables: column updated_time",
        "harmless added: audit_log: column user_guid",
        "harmless changed: audit_log: index audit_log_action",
        "harmless added: environments: column matched_at",
        "harmless added: group_members: column added_time",
        "harmless added: oauth_integrations: column auth_type",
        "harmless added: packages: table",
    ];
    assert_eq!(found, wanted, "{found:#?}");
    for schema in connect_migrate::schema::SCHEMAS {
        for version in schema.versions {
            let word = format!("{}@{}", schema.name, version.name);
            assert!(differences(&word, &word).is_empty());
        }
    }
}

#[test]
fn a_source_is_compared_by_what_its_tables_say() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE, b INTEGER DEFAULT 5,
         CHECK (b > 0)); CREATE INDEX t_b ON t (b);",
    );
    case.draft();
    let other = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB, b INTEGER DEFAULT 6, c TEXT);
         CREATE TABLE x (id INTEGER)",
    );
    let found = differences(&format!("sqlite:{}", other.file()), &case.out());
    let wanted = [
        "blocks added: t: check",
        "blocks changed: t: column a: nullability",
        "blocks added: t: unique",
        "loses data missing: t: column c",
        "harmless changed: t: column b: default",
        "harmless added: t: index",
        "loses data missing: x: table",
    ];
    assert_eq!(found, wanted, "{found:#?}");
    let back = differences(&case.out(), &format!("sqlite:{}", other.file()));
    assert_eq!(back.len(), found.len(), "{back:#?}");
    let both = differences(&format!("sqlite:{}", case.file()), &format!("sqlite:{}", other.file()));
    assert!(both.contains(&"blocks changed: t: column a: type".to_owned()), "{both:#?}");
}

#[test]
fn a_target_is_compared_in_the_servers_own_words() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(9) NOT NULL UNIQUE, b INTEGER DEFAULT 5,
         CHECK (b IN (1, 5))); CREATE INDEX t_b ON t (b) WHERE a = 'x';
         CREATE TABLE u (t INTEGER REFERENCES t ON DELETE CASCADE)",
    );
    case.draft();
    let database = server::database(server::shared());
    let url = format!("postgres:{}", database.url);
    assert_eq!(
        differences(&case.out(), &url),
        ["loses data missing: t: table", "loses data missing: u: table"]
    );
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    assert!(differences(&case.out(), &url).is_empty());
    assert!(differences(&format!("sqlite:{}", case.file()), &url).is_empty());
    assert!(differences(&url, &url).is_empty());
    server::execute(
        &database.url,
        "ALTER TABLE t ALTER a TYPE text, ALTER b SET DEFAULT 7, DROP CONSTRAINT t_check
         CREATE INDEX extra ON t (lower(a))
         DROP INDEX t_b
         CREATE SCHEMA \"Other one\"",
    );
    let wanted = [
        "harmless missing: t: check t_check",
        "harmless changed: t: column a: type",
        "harmless changed: t: column b: default",
        "harmless added: t: index extra",
        "harmless missing: t: index t_b",
    ];
    assert_eq!(differences(&case.out(), &url), wanted);
    assert_eq!(differences(&case.out(), &format!("{url}#Other one")).len(), 2);
    let missing = migrate(&["schema", "diff", &case.out(), &format!("{url}#nowhere")]);
    assert_eq!(missing.code, 4, "{}", missing.err);
    assert!(missing.err.contains("there is no schema nowhere"), "{}", missing.err);
}

/// What names a schema for a draft or a comparison does not for a copy, and is not passed over.
#[test]
fn a_schema_behind_the_target_of_a_copy_is_refused() {
    let url = "postgres://nobody@127.0.0.1:1/x#other";
    let words = ["copy", "--schema", "connect/core", "--source", "none.db", "--target", url];
    let ran = migrate(&words);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("?search_path=NAME"), "{}", ran.err);
}

#[test]
fn a_search_path_that_leads_nowhere_is_refused() {
    let database = server::database(server::shared());
    let nowhere = if database.url.contains('?') { "&" } else { "?" };
    let url = format!("postgres:{}{nowhere}search_path=nope", database.url);
    let folder = directories();
    let ran = migrate(&["schema", "diff", &folder.path().join("old").display().to_string(), &url]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("no schema of the search path is there"), "{}", ran.err);
}

/// The sample is what the built-in schema describes: nothing is left but what SQLite does not have.
#[test]
fn a_sample_differs_from_the_built_in_schema_in_nothing_that_sqlite_has() {
    let folder = tempfile::tempdir().unwrap();
    xtask::sample::write(&xtask::sample::Options::new(folder.path().to_owned())).unwrap();
    let file = format!("sqlite:{}", folder.path().join("connect.db").display());
    let found = differences("connect/core", &file);
    let computed = ["oauth_integrations: index", "packages: column search_name", "packages: index"];
    let harmless = computed.map(|what| format!("harmless missing: {what}"));
    assert_eq!(found, harmless);
    let file = format!("sqlite:{}", folder.path().join("connect-instrumentation.db").display());
    assert_eq!(differences("connect/instrumentation", &file), Vec::<String>::new());
}
