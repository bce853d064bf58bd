//! `migrate schema draft --target`: a file joined with the tables that the application made.

use super::{Case, migrate};
use crate::server;

const SOURCE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, Email TEXT NOT NULL UNIQUE,
    created DATETIME, last_seen INTEGER, active INTEGER NOT NULL DEFAULT 1, prefs TEXT, mood TEXT,
    code TEXT, span INTEGER, addr TEXT, uid TEXT, tags TEXT, stamp TEXT, at TEXT, price REAL,
    bytes BLOB, tz TEXT, old TEXT, gone TEXT, CHECK (length(code) < 9),
    CHECK (active IN (0, 1)));
CREATE TABLE posts (id INTEGER PRIMARY KEY, userId INTEGER REFERENCES users (id) ON DELETE CASCADE,
    title VARCHAR(50), body TEXT, draft BOOLEAN);
CREATE INDEX posts_title ON posts (title);
CREATE INDEX posts_body ON posts (body);
CREATE TABLE only_here (a INTEGER);
INSERT INTO only_here VALUES (1);
CREATE TABLE nothing_there (a INTEGER);
INSERT INTO users VALUES (1, 'a@b', '2024-01-01 10:00:00', 1700000000, 1, '{}', 'happy', 'xy', 1500,
    '10.0.0.1', '550e8400-e29b-41d4-a716-446655440000', '[\"a\",\"b\"]', '2024-01-01 10:00:00.123',
    '10:00:00', 9.5, x'00', '10:00+01', 'old', NULL);
INSERT INTO posts VALUES (1, 1, 't', 'b', 0), (2, 1, 'u', NULL, 1);";

/// As the application would have made its tables.
const TARGET: &str = "
CREATE EXTENSION citext;
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE DOMAIN short AS varchar(5) CHECK (value <> '');
CREATE TABLE users (id bigserial CONSTRAINT pk_users PRIMARY KEY,
    email citext NOT NULL CONSTRAINT uq UNIQUE, created timestamptz, last_seen timestamptz,
    active boolean NOT NULL DEFAULT true, prefs jsonb DEFAULT '{}', mood mood DEFAULT 'happy',
    code short, span interval, addr inet, uid uuid NOT NULL, tags text[], stamp timestamp(3),
    at time, price numeric(10,2), bytes bytea, tz timetz, extra text NOT NULL DEFAULT 'x',
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple', code)) STORED,
    EXCLUDE USING btree (uid WITH =));
CREATE TABLE posts (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint REFERENCES users ON DELETE CASCADE DEFERRABLE,
    title varchar(50) COLLATE \"C\" DEFAULT 'none', body text, draft boolean, CHECK (id > 0));
CREATE INDEX posts_title ON posts (title varchar_pattern_ops DESC NULLS LAST) WHERE draft;
CREATE INDEX posts_lower ON posts (lower(title), id DESC);
CREATE UNIQUE INDEX posts_u ON posts (id) INCLUDE (title);
CREATE TABLE only_there (x int);
";

/// Runs statements.
fn prepare(url: &str, sql: &str) {
    let done = server::connect(url).client.batch_execute(sql);
    done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// Drafts with a database as the target.
fn join(case: &Case, url: &str) -> super::Ran {
    let (file, out) = (case.file(), case.out());
    migrate(&["schema", "draft", "--source", &file, "--target", url, "--out", &out])
}

#[test]
fn types_names_and_rules_come_from_the_catalog() {
    let case = Case::new(SOURCE);
    let database = server::database(server::shared());
    prepare(&database.url, TARGET);
    let ran = join(&case, &database.url);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for (table, column, output) in [
        ("users", "id", "type = \"int8\", identity = \"serial\" }"),
        ("users", "email", "type = \"citext\", source = \"Email\" }"),
        ("users", "created", "type = \"timestamptz\", stored = \"undecided\", null = true }"),
        ("users", "last_seen", "type = \"timestamptz\", stored = \"undecided\", null = true }"),
        ("users", "active", "type = \"bool\", default = \"true\" }"),
        ("users", "mood", "type = \"mood\", null = true, default = \"'happy'::mood\" }"),
        ("users", "code", "type = \"varchar(5)\", as = \"short\", null = true }"),
        ("users", "tags", "type = \"text[]\", null = true }"),
        ("users", "stamp", "as = \"timestamp(3) without time zone\""),
        ("users", "price", "type = \"numeric(10,2)\", null = true }"),
        ("users", "tz", "type = \"time with time zone\", stored = \"undecided\", null = true }"),
        ("users", "extra", "default = \"'x'::text\", source = false }"),
        ("users", "search", "type = \"tsvector\", null = true, generated = "),
        ("posts", "id", "type = \"int4\", identity = \"always\" }"),
        ("posts", "user_id", "source = \"userId\" }"),
        ("posts", "title", "as = \"character varying(50) COLLATE \\\"C\\\"\""),
    ] {
        let line = case.column(table, column);
        assert!(line.contains(output), "{output} in {line}");
    }
    let posts = case.read("posts.toml");
    for output in [
        "definition = \"USING btree (title varchar_pattern_ops DESC NULLS LAST) WHERE draft\"",
        "columns = [{ expression = \"lower((title)::text)\" }, { column = \"id\", desc = true }]",
        "definition = \"USING btree (id) INCLUDE (title)\"\nunique = true",
        "on_delete = \"cascade\"\ndeferrable = true",
    ] {
        assert!(posts.contains(output), "{output} in\n{posts}");
    }
    let users = case.read("users.toml");
    assert!(users.contains("primary_key_name = \"pk_users\"\nignore = [\"gone\"]"), "{users}");
    assert!(users.contains("definition = \"EXCLUDE USING btree (uid WITH =)\""), "{users}");
    let database_toml = case.read("database.toml");
    assert!(database_toml.contains("ignore = [\"nothing_there\"]\ntarget_only = [\"only_there\"]"));
    let diff = migrate(&["schema", "diff", &case.out(), &format!("postgres:{}", database.url)]);
    assert_eq!(diff.code, 0, "{}{}", diff.out, diff.err);
}

#[test]
fn tables_and_columns_of_one_side_are_refused_until_a_file_names_them() {
    let case = Case::new(SOURCE);
    let database = server::database(server::shared());
    prepare(&database.url, TARGET);
    let ran = join(&case, &database.url);
    let residue = case.read("RESIDUE.md");
    for line in [
        "only_here: the table: PostgreSQL has no such table; 1 row not migrated",
        "users: column tz: PostgreSQL can read 1 value as time with time zone, and prints 1 of \
         them in another form; if the meaning is the same, write stored = \"server_text\"",
        "users: column old: PostgreSQL's table has no column for it; 1 value not migrated",
    ] {
        assert!(ran.out.contains(line), "{line} in {}", ran.out);
        let (table, rest) = line.split_once(": ").unwrap();
        let (what, why) = rest.split_once(": ").unwrap();
        assert!(residue.contains(&format!("### {table}\n")), "{residue}");
        assert!(residue.contains(&format!("- **{what}**: {why}")), "{line} in {residue}");
    }
    for line in [
        "- **column userId**: probably it is user_id, because the names have the same letters",
        "- **column created**: 1 of 1 values have no UTC offset; if they are in UTC",
        "- **column span**: the unit of the values is not known",
        "- **check users_check**: the table in PostgreSQL does not have it",
        "- **index posts_body**: the table in PostgreSQL does not have it",
        "- **column extra**: only in PostgreSQL; every row gets NULL or the default",
    ] {
        assert!(residue.contains(line), "{line} in {residue}");
    }
    // A boolean has no other values.
    assert!(!residue.contains("active IN"), "{residue}");
    let empty = server::database(server::shared());
    let needed = |text: &&str| text.contains("EXTENSION") || text.contains("DOMAIN");
    let types: Vec<&str> = TARGET.split_inclusive(";\n").filter(needed).collect();
    prepare(&empty.url, &types.concat());
    let refused = case.copy(&empty.url);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    for output in
        ["table only_here: not in the schema", "table users, column old: not in the schema"]
    {
        assert!(refused.err.contains(output), "{}", refused.err);
    }
    let edit = |name: &str, from: &str, to: &str| {
        let path = std::path::Path::new(&case.out()).join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    };
    edit("database.toml", "[\"nothing_there\"]", "[\"nothing_there\", \"only_here\"]");
    edit("users.toml", "[\"gone\"]", "[\"gone\", \"old\"]");
    let ty = "type = \"time with time zone\", stored = ";
    edit("users.toml", &format!("{ty}\"undecided\""), &format!("{ty}\"server_text\""));
    settle(&case, &empty.url, &edit);
    let copied = case.copy(&empty.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let mut client = server::connect(&empty.url).client;
    let row =
        "SELECT concat_ws('|', created AT TIME ZONE 'UTC', last_seen AT TIME ZONE 'UTC', span,
               stamp, code, tags, extra, tz, mood) FROM users";
    let found: String = client.query_one(row, &[]).unwrap().get(0);
    assert_eq!(
        found,
        "2024-01-01 10:00:00|2023-11-14 22:13:20|00:00:00.000001|2024-01-01 10:00:00.123|xy|{a,b}|\
         x|10:00:00+01|happy"
    );
}

/// Refused as long as something is undecided; says what it is.
fn settle(case: &Case, url: &str, edit: &dyn Fn(&str, &str, &str)) {
    let refused = case.copy(url);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    for output in ["S20 draft.users.created", "S20 draft.users.span", "S20 draft.posts.user_id"] {
        assert!(refused.err.contains(output), "{output} in {}", refused.err);
    }
    let ty = "type = \"timestamptz\", stored = ";
    let users = case.read("users.toml");
    let column = |name: &str| users.lines().find(|line| line.starts_with(name)).unwrap();
    let decided = |name: &str, word: &str| {
        let line = column(name);
        (line.to_owned(), line.replace("undecided", word))
    };
    for (name, word) in [("created ", "text_utc"), ("last_seen ", "unix_s"), ("span ", "ns")] {
        let (from, to) = decided(name, word);
        assert!(name == "span " || from.contains(ty), "{from}");
        edit("users.toml", &from, &to);
    }
    edit("database.toml", "undecided = [\"posts.user_id\"]\n", "");
}

#[test]
fn values_that_fit_no_encoding_are_counted() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, at INTEGER, fine TEXT, must TEXT);
         INSERT INTO t VALUES (1, 5, 0, '2024-01-01 10:00:00.123456', NULL),
         (2, 70000, 1700000000, '2024-01-01 10:00:00.5', 'x');",
    );
    let database = server::database(server::shared());
    prepare(
        &database.url,
        "CREATE TABLE t (id int PRIMARY KEY, n smallint, at timestamptz, fine timestamp(3),
         must text NOT NULL, there text NOT NULL)",
    );
    let ran = join(&case, &database.url);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for line in [
        "t: column n: 1 of 2 values (2 integers) do not fit int2 stored as integer",
        "t: column at: numbers whose unit is not known",
        "t: column fine: 1 value with more digits than timestamp(3) without time zone stores",
        "t: column must: NULL in 1 row, and the column in PostgreSQL does not allow NULL",
        "t: column there: only in PostgreSQL, where it must have a value and has no default",
    ] {
        assert!(ran.out.contains(line), "{line} in {}", ran.out);
    }
}

#[test]
fn a_target_without_tables_is_refused() {
    let case = Case::new(SOURCE);
    let database = server::database(server::shared());
    let ran = join(&case, &database.url);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("has no tables"), "{}", ran.err);
}

#[test]
fn a_new_version_is_drafted_of_the_file_alone() {
    let case = Case::new(SOURCE);
    let drafted = migrate(&["schema", "draft", "--source", &case.file(), "--out", &case.out()]);
    assert!(matches!(drafted.code, 0 | 1), "{}", drafted.err);
    let words = ["schema", "draft", "--source", &case.file(), "--into", &case.out()];
    let more = ["--version", "2", "--target", "postgres://nobody@nowhere/nothing"];
    let ran = migrate(&[&words[..], &more[..]].concat());
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
    assert_eq!(case.read("database.toml").matches("versions = [\"1\"]").count(), 1);
}
