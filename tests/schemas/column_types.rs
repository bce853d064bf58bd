//! Which type a column gets, and why.

use super::Case;

/// (declared type and what follows, values, the drafted line after the name).
const COLUMNS: &[(&str, &[&str], &str)] = &[
    ("BOOLEAN", &["0", "1"], r#"{ type = "bool", null = true }"#),
    ("BOOL NOT NULL DEFAULT 1", &["0"], r#"{ type = "bool", default = "true" }"#),
    (
        "BOOLEAN",
        &["2"],
        r#"{ type = "int8", null = true }  # declared as BOOLEAN, but contains 1 integer"#,
    ),
    (
        "INTEGER",
        &["0", "1"],
        "{ type = \"int8\", null = true }  # contains only 0 and 1; if it is a boolean, write \
         type = \"bool\"",
    ),
    ("SMALLINT", &["-32768"], r#"{ type = "int2", null = true }"#),
    (
        "SMALLINT",
        &["1", "70000"],
        r#"{ type = "int8", null = true }  # contains values from 1 to 70000"#,
    ),
    (
        "INTEGER",
        &["1", "1.5"],
        "{ type = \"float8\", null = true }  # declared as an integer, but contains 1 integer, \
         1 real",
    ),
    ("REAL", &["1.5", "9007199254740993"], r#"{ type = "float8", null = true }"#),
    ("DECIMAL(5,2)", &["1.25"], r#"{ type = "numeric(5,2)", null = true }"#),
    (
        "DECIMAL(3,2)",
        &["12.25"],
        "{ type = \"numeric\", null = true }  # some values do not fit the declared numeric(3,2)",
    ),
    ("NUMERIC", &["0", "1"], r#"{ type = "numeric", null = true }"#),
    (
        "NUMERIC DEFAULT false",
        &["0", "1"],
        "{ type = \"bool\", null = true, default = \"false\" }  # its default is true or false, \
         and all values are 0 or 1",
    ),
    ("VARCHAR(3)", &["'äöü'"], r#"{ type = "varchar(3)", null = true }"#),
    (
        "VARCHAR(3)",
        &["'abcd'"],
        r#"{ type = "text", null = true }  # declared with 3 characters, but values have up to 4"#,
    ),
    ("TEXT", &["'2024-01-01'", "'{}'"], r#"{ type = "text", null = true }"#),
    ("STRING", &["'abc'"], r#"{ type = "text", declared = "STRING", null = true }"#),
    ("BLOB", &["x'00'"], r#"{ type = "bytea", null = true }"#),
    (
        "TEXT",
        &["x'00'"],
        "{ type = \"bytea\", declared = \"TEXT\", null = true }  # declared as text, but all \
         values are blobs",
    ),
    (
        "DATETIME",
        &["'2024-01-01 00:00:00'"],
        r#"{ type = "timestamp", null = true }  # no value has a UTC offset"#,
    ),
    ("DATETIME", &["'2024-01-01T00:00:00Z'"], r#"{ type = "timestamptz", null = true }"#),
    ("DATE", &["'2024-01-01'"], r#"{ type = "date", null = true }"#),
    (
        "DATE",
        &["'2024-01-01 10:00:00'"],
        r#"{ type = "timestamp", null = true }  # declared DATE, but contains times of day"#,
    ),
    ("TIME", &["'10:00:00'"], r#"{ type = "time", null = true }"#),
    ("JSON", &["'{\"a\": 1}'"], r#"{ type = "json", null = true }"#),
    (
        "JSON",
        &["'{'"],
        "{ type = \"text\", declared = \"JSON\", null = true }  # declared as json, but contains \
         1 text",
    ),
    (
        "UUID",
        &["'550e8400-e29b-41d4-a716-446655440000'"],
        r#"{ type = "uuid", declared = "UUID", null = true }"#,
    ),
    ("INET", &["'10.0.0.1/8'"], r#"{ type = "inet", declared = "INET", null = true }"#),
    ("", &["1", "2"], r#"{ type = "int8", null = true }"#),
    ("", &[], r#"{ type = "text", null = true }  # no declared type, and no values"#),
];

#[test]
fn types_follow_declaration_and_values() {
    for (declared, values, wanted) in COLUMNS {
        let inserts: String =
            values.iter().map(|value| format!("INSERT INTO t VALUES ({value});\n")).collect();
        let case = Case::new(&format!("CREATE TABLE t (c {declared});\n{inserts}"));
        let line = case.draft().column("t", "c");
        assert_eq!(line, format!("c = {wanted}"), "{declared} {values:?}");
        let diff = case.diff();
        assert_eq!(diff.code, 0, "{declared} {values:?}\n{}", diff.out);
    }
}

#[test]
fn mixed_classes_and_times_that_disagree_are_to_be_decided() {
    for (declared, values, output) in [
        ("", ["1", "'a'"], "mixed storage classes (1 integer, 1 text)"),
        ("INTEGER", ["1", "'a'"], "mixed storage classes (1 integer, 1 text)"),
        ("BLOB", ["x'00'", "'a'"], "mixed storage classes (1 text, 1 blob)"),
        ("DATETIME", ["'2024-01-01'", "'2024-01-01T00:00:00Z'"], "1 of 2 values have no UTC"),
        ("DATETIME", ["'soon'", "'2024-01-01T00:00:00Z'"], "1 of 2 values are not times"),
        ("DATE", ["'2024-01-01'", "''"], "1 of 2 values are not dates; 1 of the texts is empty"),
        ("DATE", ["'2024-02-30'", "'2024-01-01'), ('2024-01-02'"], "1 of 3 values are not dates"),
        ("TEXT", ["'a'", "CAST(x'ff' AS TEXT)"], "1 of 2 values do not fit text"),
    ] {
        let inserts: String =
            values.iter().map(|value| format!("INSERT INTO t VALUES ({value});\n")).collect();
        let case = Case::new(&format!("CREATE TABLE t (c {declared});\n{inserts}"));
        let line = case.draft().column("t", "c");
        assert!(line.contains(&format!("TO DECIDE: {output}")), "{line}");
        let residue = case.read("RESIDUE.md");
        assert!(residue.contains("## To decide before copying"), "{residue}");
        assert!(residue.contains(&format!("- **column c**: {output}")), "{residue}");
    }
}

#[test]
fn times_without_a_value_are_as_the_others() {
    let case = Case::new(
        "CREATE TABLE a (t DATETIME); INSERT INTO a VALUES ('2024-01-01T00:00:00Z');
         CREATE TABLE b (t DATETIME)",
    );
    assert!(case.draft().column("b", "t").contains(r#"type = "timestamptz""#));
}

#[test]
fn both_columns_of_a_foreign_key_get_comparable_types() {
    let case = Case::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);
         CREATE TABLE b (a TEXT REFERENCES a); INSERT INTO b VALUES ('1');
         CREATE TABLE c (a TEXT REFERENCES a); INSERT INTO c VALUES ('x');",
    );
    let line = case.draft().column("b", "a");
    assert!(line.contains(r#"type = "int8", declared = "TEXT""#), "{line}");
    assert!(line.contains(r#"references = "a.id""#), "{line}");
    let residue = case.read("RESIDUE.md");
    assert!(residue.contains("a is text and id is int8: PostgreSQL cannot compare them"));
}
