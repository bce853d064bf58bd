//! `migrate schema draft --into`: what changed in an application, as the difference of its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use xtask::next_version::{VERSION, advance};

use super::{Case, Ran, migrate};
use crate::migration::sample_files;
use crate::{golden, server};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Adds a version to a directory.
pub fn into(file: &str, directory: &str, version: &str) -> Ran {
    migrate(&["schema", "draft", "--source", file, "--into", directory, "--version", version])
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let file = entry.unwrap().path();
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// The difference of two directories as git shows it.
fn difference(folder: &Path) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "core.quotepath=off", "diff", "--no-index", "--no-color", "--no-ext-diff"]);
    git.args(["--unified=1", "--no-prefix", "before", "after"]).current_dir(folder);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = git.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let kept = |line: &&str| !line.starts_with("index ") && !line.starts_with("diff ");
    text.lines().filter(kept).map(|line| format!("{line}\n")).collect()
}

/// A copy of Connect's schema with the made-up next version in it, and that version's file.
fn next() -> (tempfile::TempDir, PathBuf, Ran) {
    let folder = tempfile::tempdir().unwrap();
    let core = root().join("schema/connect/core");
    copy(&core, &folder.path().join("before"));
    copy(&core, &folder.path().join("after"));
    let file = folder.path().join("connect.db");
    fs::copy(sample_files(60, None).join("connect.db"), &file).unwrap();
    advance(&file).unwrap();
    let after = folder.path().join("after").display().to_string();
    let ran = into(&file.display().to_string(), &after, VERSION);
    (folder, file, ran)
}

/// The review of a new version.
#[test]
fn the_next_connect_is_a_small_difference_of_the_files() {
    let (folder, _, ran) = next();
    assert_eq!(ran.code, 0, "{}", ran.err);
    let out = ran.out.replace(&folder.path().join("after").display().to_string(), "CORE");
    let found = format!("{out}\n{}", difference(folder.path()));
    golden::check(&root().join("tests/cases/into/next.diff"), &found);
}

/// At run time here; `cargo xtask next-version` does it with code generated from the files.
#[test]
fn the_next_connect_migrates_and_so_do_the_old_ones() {
    let (folder, file, _) = next();
    let directory = folder.path().join("after").display().to_string();
    let schema =
        connect_migrate::schema::read_schema_directory(&folder.path().join("after")).unwrap();
    for version in schema.versions {
        let file = match version.name {
            VERSION => file.clone(),
            old => sample_files(60, Some(old)).join("connect.db"),
        };
        let database = server::database(server::shared());
        let (source, url) = (file.display().to_string(), &database.url);
        let words = ["copy", "--yes", "--schema", &directory, "--source", &source, "--target", url];
        let ran = migrate(&words);
        assert_eq!(ran.code, 0, "{}: {}{}", version.name, ran.out, ran.err);
        let mut client = server::connect(&database.url).client;
        let reviews = "SELECT count(*) FROM pg_class WHERE relname = 'content_reviews'";
        let there: i64 = client.query_one(reviews, &[]).unwrap().get(0);
        assert_eq!(there, i64::from(version.name == VERSION), "{}", version.name);
    }
}

/// All files of a directory.
pub fn files(directory: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = entries.map(|file| (file.clone(), fs::read(file).unwrap())).collect();
    all.sort();
    all
}

#[test]
fn an_equal_file_adds_only_the_version_name() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INTEGER DEFAULT 5, CHECK (b > 0));
         CREATE INDEX t_b ON t (lower(a)) WHERE b > 1; INSERT INTO t VALUES (1, 'x', 2)",
    );
    case.draft();
    let before = case.read("t.toml");
    let ran = into(&case.file(), &case.out(), "2");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.ends_with("nothing differs: only the version's name is new\n"), "{}", ran.out);
    assert_eq!(case.read("t.toml"), before);
    assert!(case.read("database.toml").ends_with("versions = [\"1\", \"2\"]\n"));
    // Versions that do not differ are one set.
    let copied = migrate(&["schema", "diff", &format!("{}@1", case.out()), &case.out()]);
    assert_eq!(copied.code, 0, "{}", copied.out);
}

#[test]
fn a_directory_with_faults_or_that_version_is_refused_and_left_alone() {
    let case = Case::new("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    case.draft();
    let before = files(&case.out());
    let ran = into(&case.file(), &case.out(), "1");
    assert_eq!((ran.code, files(&case.out()) == before), (2, true), "{}", ran.err);
    assert!(ran.err.contains("has version 1 already"), "{}", ran.err);
    fs::write(Path::new(&case.out()).join("u.toml"), "[columns]\nx = { type = \"odd\" }\n")
        .unwrap();
    let before = files(&case.out());
    let ran = into(&case.file(), &case.out(), "2");
    assert_eq!((ran.code, files(&case.out()) == before), (2, true), "{}", ran.err);
    assert!(ran.err.contains("u.toml:2: column `x`: unknown type `odd`"), "{}", ran.err);
    for words in [&["--into", "x", "--out", "y"][..], &["--into", "x"], &[]] {
        let file = case.file();
        let all = [&["schema", "draft", "--source", file.as_str()], words].concat();
        assert_eq!(migrate(&all).code, 2, "{words:?}");
    }
    let nowhere = into(&case.file(), &case.path().join("nowhere").display().to_string(), "2");
    assert_eq!(nowhere.code, 2, "{}", nowhere.err);
}

/// Drafts `old`, lets a person edit `t.toml`, and adds `new` as version 2; returns `t.toml`.
pub fn changed(old: &str, edit: &dyn Fn(String) -> String, new: &str) -> (Case, String, Ran) {
    let case = Case::new(old);
    case.draft();
    let place = Path::new(&case.out()).join("t.toml");
    fs::write(&place, edit(case.read("t.toml"))).unwrap();
    let connection = Connection::open(case.path().join("app.db")).unwrap();
    connection.execute_batch(new).unwrap();
    drop(connection);
    let ran = into(&case.file(), &case.out(), "2");
    let text = case.read("t.toml");
    (case, text, ran)
}

/// Like [`changed`], and what came of it takes the file, and has nothing more to say of it.
pub fn settled(old: &str, edit: &dyn Fn(String) -> String, new: &str) -> String {
    let (case, text, ran) = changed(old, edit, new);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let again = into(&case.file(), &case.out(), "3");
    assert!(again.out.contains("nothing differs"), "{}\n{text}", again.out);
    let database = server::database(server::shared());
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}\n{text}", copied.out, copied.err);
    text
}

const PLAIN: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE, b INTEGER,
     c TEXT DEFAULT 'x', d INTEGER REFERENCES t); CREATE INDEX t_b ON t (b);
     INSERT INTO t VALUES (1, 'one', 1, NULL, 1), (2, 'two', 0, NULL, NULL);
     CREATE TABLE beside (x TEXT);";

#[test]
fn what_a_person_wrote_stays() {
    let edit = |text: String| {
        let text = text.replace("a  = { type = \"text\", unique", "a={type=\"text\",unique");
        let text = text.replace("b  = { type = \"int8\"", "# theirs\nb  = { type = \"bool\"");
        text.replace("[[index]]\nname = \"t_b\"", "# why\n[[index]] # there\nname = 't_b'")
            + "\n[[check]]\nname = \"own\"\nexpression = \"a <> ''\"\n# the end"
    };
    let text = settled(PLAIN, &edit, "ALTER TABLE t ADD COLUMN e BLOB");
    let before = edit(
        "# 2 rows when this was drafted\nprimary_key = [\"id\"]\n\n[columns]\n\
         id = { type = \"int8\", identity = true }\n\
         a  = { type = \"text\", unique = true }\n\
         b  = { type = \"int8\", null = true }  # contains only 0 and 1; if it is a boolean, write \
         type = \"bool\"\n\
         c  = { type = \"text\", null = true, default = \"'x'\" }\n\
         d  = { type = \"int8\", null = true, references = \"t.id\" }\n\n\
         [[index]]\nname = \"t_b\"\ncolumns = [\"b\"]\n"
            .to_owned(),
    );
    let line = "\ne  = { type = \"bytea\", null = true, versions = \"2..\" }\n";
    assert_eq!(text, before.replace("\"t.id\" }\n", &format!("\"t.id\" }}{line}")));
}

/// A stated type and a stated declaration stay only where the new declaration and keys allow them.
#[test]
fn what_was_stated_gives_way_where_it_cannot_be_any_more() {
    let old = "CREATE TABLE t (id INTEGER PRIMARY KEY, a JSON, b JSON);
         INSERT INTO t VALUES (1, '{}', NULL)";
    let new = "ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b \"my type\"(3);
         ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a ANY; CREATE INDEX t_a ON t (a)";
    let stated = "type = \"text\", declared = \"JSON\"";
    let text = settled(old, &|text| text.replace("type = \"json\"", stated), new);
    let line =
        "\n  { type = \"text\", declared = \"my type\", null = true, versions = \"2..\" },\n";
    assert!(text.contains(line), "{text}");
    let computed = "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a JSON,
         b AS ('x' || id)); INSERT INTO t VALUES (1, '{}')";
    let old_b = old.replace("b JSON", "b INT").replace("NULL", "'x'");
    let text = settled(&old_b, &|text| text, computed);
    let line = "\n  { type = \"text\", null = true, versions = \"2..\" },\n";
    assert!(text.contains(line), "{text}");
    let json = settled(old, &|text| text, new);
    let line = "\n  { type = \"text\", declared = \"ANY\", null = true, versions = \"2..\" },\n";
    assert!(json.contains(line), "{json}");
}

/// What was an identity is none where SQLite computes the column, or where it has no value.
#[test]
fn an_identity_ends_where_it_cannot_count() {
    let old = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'one')";
    let other = |column: &str, key: &str, values: &str| {
        format!("DROP TABLE t; CREATE TABLE t ({column}, a TEXT {key}); INSERT INTO t ({values})")
    };
    let computed = other("id INTEGER AS (1 + 1) STORED", "PRIMARY KEY", "a) VALUES ('one'");
    let text = settled(old, &|text| text, &computed);
    assert!(text.contains("identity = true, versions = \"..2\" },\n"), "{text}");
    assert!(text.contains("generated = \"1 + 1\""), "{text}");
    let empty = other("id INTEGER", "PRIMARY KEY", "id, a) VALUES (NULL, 'one'");
    let text = settled(old, &|text| text, &empty);
    assert!(text.contains("{ type = \"int8\", null = true, versions = \"2..\" }"), "{text}");
}

#[test]
fn lines_end_as_they_did() {
    let windows = |text: String| text.replace('\n', "\r\n");
    let text = settled(PLAIN, &windows, "DROP INDEX t_b");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.ends_with("columns = [\"b\"]\r\nversions = \"..2\"\r\n"), "{text}");
    let (_, mixed, ran) = changed(PLAIN, &|text| text.replacen('\n', "\r\n", 1), "DROP INDEX t_b");
    assert_eq!(ran.code, 2, "{mixed}");
    assert!(ran.err.contains("t.toml: cannot be edited by this program"), "{}", ran.err);
}

/// (what is done to the file, what `t.toml` has afterwards).
const CHANGES: &[(&str, &[&str])] = &[
    (
        "ALTER TABLE t RENAME COLUMN c TO k",
        &[
            "\nc  = { type = \"text\", null = true, default = \"'x'\", versions = \"..2\" }\n\
             # probably `c` with a new name",
            "\n# c = [{ …, versions = \"..2\" }, { …, source = \"k\", versions = \"2..\" }]\n\
             k  = { type = \"text\", null = true, default = \"'x'\", versions = \"2..\" }\n",
        ],
    ),
    (
        "ALTER TABLE t DROP COLUMN c; ALTER TABLE t ADD COLUMN c REAL NOT NULL DEFAULT 1.5",
        &["\n# 2: declared REAL now\nc  = [\n  { type = \"text\", null = true, default = \
             \"'x'\", versions = \"..2\" },\n  { type = \"float8\", default = \"1.5\", versions = \
             \"2..\" },\n]\n"],
    ),
    (
        "DROP INDEX t_b; CREATE UNIQUE INDEX t_b ON t (b DESC) WHERE b > 7",
        &[
            "\nname = \"t_b\"\ncolumns = [\"b\"]\nversions = \"..2\"\n",
            "\nname = \"t_b\"\ncolumns = [{ column = \"b\", desc = true }]\nunique = true\n\
             where = \"b > 7\"\nversions = \"2..\"\n",
        ],
    ),
    // The same index under another name keeps the name that the files have, unless it is taken.
    ("DROP INDEX t_b; CREATE INDEX other ON t (b)", &["\nname = \"t_b\"\ncolumns = [\"b\"]\n"]),
    (
        "DROP INDEX t_b; CREATE INDEX t_b ON t (c); CREATE INDEX other ON t (b)",
        &[
            "\nname = \"t_b\"\ncolumns = [\"b\"]\nversions = \"..2\"\n",
            "\nname = \"other\"\ncolumns = [\"b\"]\nversions = \"2..\"\n",
        ],
    ),
    // What no draft can translate ends, and is in RESIDUE.md; it is not what the file states.
    (
        "DROP INDEX t_b; CREATE INDEX t_b ON t (b) WHERE a LIKE 'x%'",
        &["\nname = \"t_b\"\ncolumns = [\"b\"]\nversions = \"..2\"\n"],
    ),
    (
        "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INTEGER, c TEXT DEFAULT 'x',
             d INTEGER, UNIQUE (a, b), FOREIGN KEY (d) REFERENCES n ON DELETE CASCADE);
         INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;
         CREATE INDEX t_b ON t (b)",
        &[
            "\na  = [{ type = \"text\", unique = true, versions = \"..2\" }, { type = \"text\", \
             versions = \"2..\" }]\n",
            "\n[[unique]]\ncolumns = [\"a\", \"b\"]\nversions = \"2..\"\n",
            "\nd  = [\n  { type = \"int8\", null = true, references = \"t.id\", versions = \
             \"..2\" },\n  { type = \"int8\", null = true, references = \"t.id\", on_delete = \
             \"cascade\", versions = \"2..\" },\n]\n",
        ],
    ),
    (
        "CREATE TABLE n (a TEXT NOT NULL, id INTEGER NOT NULL, b INTEGER NOT NULL, c TEXT
             DEFAULT 'y', d INTEGER, PRIMARY KEY (id, a)); DROP INDEX t_b;
         INSERT INTO n (id, a, b, c, d) SELECT id, a, b, c, d FROM t; DROP TABLE t;
         ALTER TABLE n RENAME TO t",
        &[
            "\nprimary_key = [{ columns = [\"id\"], versions = \"..2\" }, { columns = [\"id\", \
             \"a\"], versions = \"2..\" }]\n",
            "\n  { type = \"int8\", null = true, versions = \"..2\" },\n  { type = \"int8\", \
             versions = \"2..\" },\n]  # contains only 0 and 1",
            "default = \"'y'\", versions = \"2..\" }",
        ],
    ),
    (
        "ALTER TABLE t RENAME TO u; CREATE TABLE t2 (t INTEGER REFERENCES u)",
        &["\nversions = \"..2\"\n\n[columns]\n"],
    ),
];

#[test]
fn every_kind_of_change_gets_its_range() {
    for (sql, wanted) in CHANGES {
        let text = settled(PLAIN, &|text| text, sql);
        for wanted in *wanted {
            assert!(text.contains(wanted), "{sql}\n--- wanted\n{wanted}\n--- found\n{text}");
        }
    }
}

/// What the application's own file tells is no guess; what stays as it was still is one.
#[test]
fn lines_of_the_own_file_are_no_guesses() {
    let new = "DROP INDEX t_b; CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INTEGER,
             c REAL, d INTEGER, e BLOB, UNIQUE (a, b), FOREIGN KEY (d) REFERENCES n);
         INSERT INTO n SELECT id, a, b, NULL, d, NULL FROM t; DROP TABLE t;
         ALTER TABLE n RENAME TO t; CREATE INDEX t_e ON t (e)";
    let key = "primary_key = [\"id\"]\n";
    let whole = settled(PLAIN, &|text| text.replace(key, &format!("{key}guess = true\n")), new);
    for wanted in [
        "\na  = [{ type = \"text\", unique = true, versions = \"..2\" }, { type = \"text\", \
         versions = \"2..\" }]\n",
        "  { type = \"float8\", null = true, guess = false, versions = \"2..\" },\n",
        "\ne  = { type = \"bytea\", null = true, guess = false, versions = \"2..\" }\n",
        "\n[[unique]]\ncolumns = [\"a\", \"b\"]\nguess = false\nversions = \"2..\"\n",
        "\nname = \"t_e\"\ncolumns = [\"e\"]\nguess = false\nversions = \"2..\"\n",
    ] {
        assert!(whole.contains(wanted), "--- wanted\n{wanted}\n--- found\n{whole}");
    }
    let line = |text: String| {
        let text = text.replace("unique = true }", "unique = true, guess = true }");
        text.replace("default = \"'x'\" }", "default = \"'x'\", guess = true }")
    };
    let lines = settled(PLAIN, &line, new);
    for wanted in [
        "{ type = \"text\", unique = true, guess = true, versions = \"..2\" }",
        "{ type = \"text\", guess = true, versions = \"2..\" }",
        "default = \"'x'\", guess = true, versions = \"..2\" }",
        "  { type = \"float8\", null = true, versions = \"2..\" },\n",
        "\ne  = { type = \"bytea\", null = true, versions = \"2..\" }\n",
    ] {
        assert!(lines.contains(wanted), "--- wanted\n{wanted}\n--- found\n{lines}");
    }
}

#[test]
fn a_column_or_table_that_comes_back_gets_a_second_range() {
    let case = Case::new(PLAIN);
    case.draft();
    let step = |sql: &str, version: &str| {
        let connection = Connection::open(case.path().join("app.db")).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let ran = into(&case.file(), &case.out(), version);
        assert_eq!(ran.code, 0, "{}", ran.err);
    };
    step("ALTER TABLE t DROP COLUMN c; CREATE TABLE v (x TEXT)", "2");
    step("ALTER TABLE t ADD COLUMN c TEXT; DROP TABLE v", "3");
    step("CREATE TABLE v (x TEXT, y TEXT)", "4");
    let line = "versions = \"..2\" },\n  { type = \"text\", null = true, versions = \"3..\" },\n]";
    assert!(case.read("t.toml").contains(line), "{}", case.read("t.toml"));
    assert!(case.read("v.toml").contains("versions = \"2..3\"\n"));
    assert!(case.read("v_.toml").contains("name = \"v\"\n"));
    let ran =
        migrate(&["schema", "diff", &format!("{}@2", case.out()), &format!("{}@4", case.out())]);
    assert!(ran.out.contains("2 differences"), "{}", ran.out);
}

#[test]
fn rows_that_no_longer_fit_a_stated_type_are_reported() {
    let edit = |text: String| text.replace("b  = { type = \"int8\"", "b  = { type = \"bool\"");
    let (case, text, ran) = changed(PLAIN, &edit, "INSERT INTO t (a, b) VALUES ('three', 70)");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let note = "\n# 2: TO DECIDE: 1 of 3 values do not fit bool; by its values it would be type = \
                \"int8\"\nb  = { type = \"bool\", null = true }";
    assert!(text.contains(note), "{text}");
    assert!(
        ran.out.contains("not in the schema files: 1 item, 1 of them to decide"),
        "{}",
        ran.out
    );
    assert!(case.read("RESIDUE.md").contains("- **column b**: 1 of 3 values do not fit bool"));
}
