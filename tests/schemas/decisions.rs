//! What settles the things that a draft leaves undecided, and what a plain draft does with them.

use super::undecided::{copy, edit, join, target, value};
use super::{Case, migrate};
use crate::server;

#[test]
fn a_plain_draft_keeps_counts_as_numbers_and_shows_the_times() {
    for (declared, value, line, output) in [
        (
            "DATETIME",
            "1700000000",
            r#"{ type = "int8", null = true }"#,
            "type = \"timestamptz\", stored = \"unix_s\" reads 2023-11-14 22:13:20+00",
        ),
        (
            "TIMESTAMP",
            "'20241125040301'",
            r#"{ type = "int8", null = true }"#,
            "type = \"timestamptz\", stored = \"yyyymmddhhmmss\" reads 2024-11-25 04:03:01+00",
        ),
        (
            "timestamp",
            "700000000.5",
            r#"{ type = "numeric", null = true }"#,
            "type = \"timestamptz\", stored = \"apple_s\" reads 2023-03-08 20:26:40.5+00",
        ),
        (
            "DATE",
            "20240210",
            r#"{ type = "int8", null = true }"#,
            "type = \"date\", stored = \"yyyymmdd\" reads 2024-02-10",
        ),
        (
            "DATE",
            "2024",
            r#"{ type = "int8", null = true }"#,
            "copied as numbers; to copy them as times, write one of these: type = \"",
        ),
    ] {
        let case =
            Case::new(&format!("CREATE TABLE t (c {declared}); INSERT INTO t VALUES ({value})"));
        let ran = migrate(&["schema", "draft", "--source", &case.file(), "--out", &case.out()]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let found = case.column("t", "c");
        assert!(found.contains(line), "{line} in {found}");
        assert!(
            case.read("RESIDUE.md").contains(output),
            "{output} in {}",
            case.read("RESIDUE.md")
        );
        let database = server::database(server::shared());
        let copied = case.copy(&database.url);
        assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    }
    let proved = Case::new(
        "CREATE TABLE t (c DATETIME DEFAULT (unixepoch())); INSERT INTO t VALUES (1700000000)",
    );
    let line = proved.draft().column("t", "c");
    assert!(line.contains("type = \"timestamptz\", stored = \"unix_s\""), "{line}");
}

#[test]
fn a_plain_draft_gives_no_zone_to_times_that_say_none() {
    let naive = "('2024-01-01 10:00:00'), ('2024-01-02 10:00:00')";
    for (more, ty) in [
        ("'n/a'), ('n/b'", "timestamp"),
        ("'01/02/2024'", "timestamp"),
        ("1704164645", "timestamp"),
        ("'2024-01-02T03:04:05+02:00'", "timestamptz"),
        ("'2024-01-02T03:04:05+02:00'), ('n/a'", "timestamptz"),
    ] {
        let case = Case::new(&format!(
            "CREATE TABLE t (c DATETIME); INSERT INTO t VALUES {naive}, ({more})"
        ));
        let ran = migrate(&["schema", "draft", "--source", &case.file(), "--out", &case.out()]);
        assert_eq!(ran.code, 1, "{more}: {}{}", ran.out, ran.err);
        let line = case.column("t", "c");
        assert!(line.contains(&format!("{{ type = \"{ty}\", null = true }}")), "{more}: {line}");
        let database = server::database(server::shared());
        let refused = case.copy(&database.url);
        assert_eq!(refused.code, 1, "{more}: {}{}", refused.out, refused.err);
    }
}

#[test]
fn numbers_beside_texts_are_read_as_the_repair_says_and_not_otherwise() {
    let case = Case::new(
        "CREATE TABLE heartbeats (id INTEGER PRIMARY KEY, time INTEGER NOT NULL);
         INSERT INTO heartbeats VALUES (1, 1700000001000), (2, 1700000002000),
            (3, '2023-11-14 22:13:23.000+00:00')",
    );
    let database =
        target("CREATE TABLE heartbeats (id int8 PRIMARY KEY, time timestamptz NOT NULL)");
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("2 integers, 1 text: no encoding of timestamptz accepts both"),
        "{}",
        ran.out
    );
    let refused = copy(&case, &database.url, &[]);
    assert_eq!(refused.code, 3);
    let line = "stored = \"text\", declared = \"INTEGER\"  --repair ";
    let advice = "heartbeats.time=epoch-unit:ms  reads the numbers as 2023-11-14 22:13:21+00 to \
                  2023-11-14 22:13:22+00";
    let found = refused.err.lines().find(|output| output.contains(line) && output.contains(advice));
    assert!(found.is_some(), "{}", refused.err);
    assert!(case.read("RESIDUE.md").contains(advice), "{}", case.read("RESIDUE.md"));
    // A count would make other times of the numbers under any unit that is not theirs.
    edit(&case, "heartbeats.toml", "stored = \"undecided\"", "stored = \"unix_s\"");
    let refused = copy(&case, &database.url, &[]);
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    assert!(!refused.err.contains("=epoch-unit"), "{}", refused.err);
    edit(
        &case,
        "heartbeats.toml",
        "stored = \"unix_s\"",
        "stored = \"text\", declared = \"INTEGER\"",
    );
    let refused = copy(&case, &database.url, &[]);
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("heartbeats.time=epoch-unit:UNIT"), "{}", refused.err);
    let copied = copy(&case, &database.url, &["--repair", "heartbeats.time=epoch-unit:ms"]);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let sql = "SELECT string_agg(time::text, ' ' ORDER BY id) FROM heartbeats";
    assert_eq!(
        value(&database.url, sql),
        "2023-11-14 22:13:21+00 2023-11-14 22:13:22+00 2023-11-14 22:13:23+00"
    );
}

#[test]
fn one_flag_states_the_zone_of_all_times_without_offset() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATETIME, b TEXT);
               INSERT INTO t VALUES (1, '2024-07-02 03:04:05', '2024-07-02 03:04:06')";
    let tables = "CREATE TABLE t (id int8 PRIMARY KEY, a timestamptz, b timestamptz)";
    let (case, database) = (Case::new(sql), target(tables));
    let ran = join(&case, &database.url, &["--naive-zone", "UTC"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let summary = "times without a UTC offset are in the zone UTC (--naive-zone)";
    assert!(ran.out.contains(summary), "{}", ran.out);
    let residue = case.read("RESIDUE.md");
    for column in ["a", "b"] {
        assert!(case.column("t", column).contains("stored = \"text_utc\""));
        let output = "1 value without a UTC offset: UTC (--naive-zone)";
        assert!(residue.contains(&format!("- **column {column}**: {output}")), "{residue}");
    }
    assert_eq!(copy(&case, &database.url, &[]).code, 0);

    let (case, database) = (Case::new(sql), target(tables));
    let ran = join(&case, &database.url, &["--naive-zone", "Europe/Berlin"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let repair = |column: &str| format!("t.{column}=naive-zone:Europe/Berlin");
    let residue = case.read("RESIDUE.md");
    assert!(residue.contains(&format!("copy with --repair {}", repair("a"))), "{residue}");
    assert_eq!(copy(&case, &database.url, &[]).code, 1);
    let (a, b) = (repair("a"), repair("b"));
    let copied = copy(&case, &database.url, &["--repair", &a, "--repair", &b]);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let found = value(&database.url, "SELECT a::text FROM t");
    assert_eq!(found, "2024-07-02 01:04:05+00");

    let case = Case::new(sql);
    let ran = join(&case, &database.url, &["--naive-zone", "Mars/Phobos"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("--naive-zone: `Mars/Phobos` is not a time zone"), "{}", ran.err);
}

#[test]
fn names_and_integers_that_may_mean_something_else_are_to_be_confirmed() {
    let case = Case::new(
        "CREATE TABLE userRoles (id INTEGER PRIMARY KEY, userId INTEGER, created_at INTEGER);
         INSERT INTO userRoles VALUES (1, 7, 1700000000)",
    );
    let database =
        target("CREATE TABLE user_roles (id int8 PRIMARY KEY, user_id int8, created_at int8)");
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let listed = "undecided = [\"user_roles.user_id\", \"user_roles.created_at\", \"user_roles\"]";
    let toml = case.read("database.toml");
    assert!(toml.contains(listed), "{toml}");
    let refused = copy(&case, &database.url, &["--dry-run"]);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    for name in ["user_roles: it is", "user_roles.user_id: it is", "user_roles.created_at: it is"] {
        assert!(refused.err.contains(name), "{}", refused.err);
    }
    crate::hint_log::note_followed(&refused.err);
    edit(&case, "database.toml", listed, "");
    let copied = copy(&case, &database.url, &[]);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    // Defaults of one unit on both sides say enough.
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, created_at INTEGER DEFAULT (unixepoch()));
         INSERT INTO t (id) VALUES (1)",
    );
    for (factor, code) in [("", 0), (" * 1000", 1)] {
        let database = target(&format!(
            "CREATE TABLE t (id int8 PRIMARY KEY,
                created_at int8 DEFAULT (extract(epoch FROM now()){factor})::int8)"
        ));
        let ran = join(&case, &database.url, &[]);
        assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
        std::fs::remove_dir_all(case.out()).unwrap();
    }
}

#[test]
fn an_undecided_empty_column_is_refused_once_it_has_a_value() {
    let case = Case::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER); INSERT INTO t VALUES (1, NULL)",
    );
    let database = target("CREATE TABLE t (id int8 PRIMARY KEY, c timestamptz)");
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(case.column("t", "c").contains("stored = \"undecided\""));
    assert_eq!(copy(&case, &database.url, &["--dry-run"]).code, 0);
    let source = rusqlite::Connection::open(case.file()).unwrap();
    source.execute_batch("INSERT INTO t VALUES (2, 1700000000000)").unwrap();
    drop(source);
    let refused = copy(&case, &database.url, &[]);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("S20 "), "{}", refused.err);
}

#[test]
fn rows_of_virtual_tables_are_left_behind_only_by_name() {
    let case = Case::new(
        "CREATE TABLE doc (id INTEGER PRIMARY KEY); INSERT INTO doc VALUES (1);
         CREATE VIRTUAL TABLE note USING fts5(body); INSERT INTO note VALUES ('a'), ('b')",
    );
    let database = target("CREATE TABLE doc (id int8 PRIMARY KEY)");
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let refused = copy(&case, &database.url, &["--dry-run"]);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("S20 draft.note: it is not decided yet"), "{}", refused.err);
    edit(&case, "database.toml", "undecided = [\"note\"]\n", "");
    assert_eq!(copy(&case, &database.url, &[]).code, 0);
}

/// The first line that the refusal of a column with numbers beside texts has is followed as it is
/// printed, setting and repair.
#[test]
fn the_line_for_numbers_beside_texts_leads_to_a_verified_load() {
    let case = Case::new(
        "CREATE TABLE beats (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, made timestamp);
         INSERT INTO beats VALUES (1, 1700000001000, '2023-11-14 23:13:21+01:00'),
            (2, '2023-11-14 22:13:22Z', 1700000002000), (3, 1700000003000, NULL)",
    );
    let database = target(
        "CREATE TABLE beats (id int8 PRIMARY KEY, at timestamptz NOT NULL, made timestamptz)",
    );
    assert_eq!(join(&case, &database.url, &[]).code, 1);
    let refused = copy(&case, &database.url, &[]);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    let path = std::path::Path::new(&case.out()).join("beats.toml");
    let mut words = Vec::new();
    for column in ["at", "made"] {
        let lines = refused.err.lines().map(str::trim);
        let is_of_column = |line: &&str| line.contains(&format!("beats.{column}=epoch-unit:ms"));
        let line = lines.filter(|line| line.starts_with("stored = ")).find(is_of_column).unwrap();
        let (setting, repair) = line.split_once("  ").unwrap();
        let repair = repair.split("  ").next().unwrap();
        words.extend(repair.split(' ').map(str::to_owned));
        let text = std::fs::read_to_string(&path).unwrap();
        let edit = |line: &str| match line.split(" = {").next().unwrap().trim_end() == column {
            true => line.replace("stored = \"undecided\"", setting),
            false => line.to_owned(),
        };
        let text: Vec<String> = text.lines().map(edit).collect();
        std::fs::write(&path, text.join("\n") + "\n").unwrap();
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let copied = copy(&case, &database.url, &words);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let sql =
        "SELECT string_agg(at::text || coalesce(' ' || made, ''), ', ' ORDER BY id) FROM beats";
    assert_eq!(
        value(&database.url, sql),
        "2023-11-14 22:13:21+00 2023-11-14 22:13:21+00, 2023-11-14 22:13:22+00 2023-11-14 \
         22:13:22+00, 2023-11-14 22:13:23+00"
    );
}

/// Making text of a column of numbers and texts, as its line advises, needs its partners by foreign
/// keys too; they are named, and following all of it leads to a load.
#[test]
fn advice_to_make_text_of_a_column_names_those_that_keys_join_to_it() {
    let case = Case::new(
        "CREATE TABLE areas (code INTEGER_OR_TEXT NOT NULL PRIMARY KEY, name TEXT);
         CREATE TABLE uses (id INTEGER PRIMARY KEY, area INTEGER_OR_TEXT DEFAULT 0
             REFERENCES areas (code));
         CREATE TABLE rest (id INTEGER PRIMARY KEY, area INTEGER DEFAULT -1
             REFERENCES areas (code));
         INSERT INTO areas VALUES (1, 'a'), (2, 'b'), (3, 'd'), ('x', 'c');
         INSERT INTO uses VALUES (1, 1), (2, 2); INSERT INTO rest VALUES (1, 2)",
    );
    case.draft();
    let residue = case.read("RESIDUE.md");
    let found = residue.lines().find(|line| line.starts_with("- **column code**"));
    let line = found.unwrap_or_else(|| panic!("{residue}"));
    let partners = "type = \"text\", declared = \"INTEGER_OR_TEXT\" copies all of them as text, if \
                    the columns that foreign keys join to it become text as well: ";
    let (_, partners) = line.split_once(partners).unwrap_or_else(|| panic!("{line}"));
    let mut lines = vec![("areas", "code", "type = \"text\", declared = \"INTEGER_OR_TEXT\"")];
    for partner in partners.split("; ") {
        let (place, setting) = partner.split_once(" with ").unwrap();
        let (table, column) = place.split_once('.').unwrap();
        lines.push((table, column, setting));
    }
    for (table, column, setting) in lines {
        let own = case.column(table, column);
        let (_, rest) = own.split_once("type = \"int8\"").unwrap_or_else(|| panic!("{own}"));
        let rest = rest.split(", declared").next().unwrap();
        // A number in quotes takes the place of the number.
        let rest = rest.replace(", default = \"0\"", "").replace(", default = \"-1\"", "");
        let end = if rest.contains('}') { "" } else { " }" };
        let new = format!("{column} = {{ {setting}{rest}{end}");
        edit(&case, &format!("{table}.toml"), &own, &new);
    }
    let database = target("SELECT");
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    let sql = "SELECT string_agg(code, ' ' ORDER BY code) FROM areas JOIN uses ON code = area";
    assert_eq!(value(&database.url, sql), "1 2");
    let sql = "SELECT string_agg(column_default, ' ' ORDER BY table_name) \
               FROM information_schema.columns WHERE column_name = 'area'";
    assert_eq!(value(&database.url, sql), "'-1'::text '0'::text");
}

/// NULL in a primary key of SQLite's: the way through that both the draft and the refusal name.
#[test]
fn a_table_whose_key_has_null_goes_without_a_key_where_its_file_says_so() {
    let case = Case::new(
        "CREATE TABLE words (word TEXT PRIMARY KEY, n INTEGER);
         INSERT INTO words VALUES ('a', 1), (NULL, 2), (NULL, 3)",
    );
    case.draft();
    let advice = "source_key = [\"word\"]";
    assert!(case.read("RESIDUE.md").contains(advice), "{}", case.read("RESIDUE.md"));
    let database = target("SELECT");
    let refused = case.copy(&database.url);
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("K8 ") && refused.err.contains(advice), "{}", refused.err);
    let own = case.column("words", "word");
    edit(&case, "words.toml", &own, "word = { type = \"text\", null = true }");
    edit(&case, "words.toml", "primary_key = [\"word\"]\n", "");
    let refused = case.copy(&database.url);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains(advice), "{}", refused.err);
    let path = std::path::Path::new(&case.out()).join("words.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{advice}\n{text}")).unwrap();
    let copied = case.copy(&database.url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    assert_eq!(value(&database.url, "SELECT count(*)::text FROM words WHERE word IS NULL"), "2");
}
