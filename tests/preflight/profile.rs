//! What a column holds, as the report tells it.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::shortcuts::{run_preflight, schema};

const ROWS: &str = "\
CREATE TABLE t (id INTEGER PRIMARY KEY, made, done, size, name, data, day, at);
INSERT INTO t VALUES
    (1, '2024-01-02T03:04:05Z', 1, 7, 'secret', x'0001', '2024-02-29', 1700000000),
    (2, '2024-01-02 03:04:05.5+01:00', 'TRUE', 2.5, 'Ö', NULL, '0001-01-01', -1),
    (3, '2023-12-31 23:59:59.123456789 +0100 CET', 'f', '1e3', NULL, 'ab', NULL, NULL),
    (4, '2024-01-02T03:04:06Z', 'true', NULL, 5, NULL, NULL, NULL),
    (5, 'no hope', 'perhaps', 'no number', 'x', NULL, 'today', 'soon');";

const TABLE: &str = "\
primary_key = [\"id\"]
[columns]
id = { type = \"int8\" }
made = { type = \"timestamptz\" }
done = { type = \"bool\" }
size = { type = \"numeric\", null = true }
name = { type = \"text\", null = true }
data = { type = \"bytea\", null = true }
day = { type = \"date\", null = true }
at = { type = \"timestamp\", stored = \"unix_s\", null = true }
";

/// A column as the report has it: classes, least and greatest, longest text and blob, forms.
fn column(
    name: &str,
    classes: [u64; 5],
    [low, high]: [Value; 2],
    longest: [u64; 2],
    forms: &[(&str, u64)],
) -> Value {
    let forms = forms.iter().map(|(form, count)| json!({"form": form, "count": count}));
    json!({
        "column": name,
        "null": classes[0],
        "integer": classes[1],
        "real": classes[2],
        "text": classes[3],
        "blob": classes[4],
        "min": low,
        "max": high,
        "longest_text": longest[0],
        "longest_blob": longest[1],
        "forms": forms.collect::<Vec<_>>(),
    })
}

#[test]
fn profile_has_classes_ranges_and_formats_and_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let schema = schema(folder.path(), &[("t".to_owned(), TABLE.to_owned())]);
    let file = folder.path().join("app.db");
    Connection::open(&file).unwrap().execute_batch(ROWS).unwrap();
    let (report, ended) = run_preflight(folder.path(), &schema, &file, &["--profile"]);
    ended.expect(1, &["D16", "B3", "S1"]);
    let times = [
        ("YYYY-MM-DDTHH:MM:SSZ", 2),
        ("YYYY-MM-DD HH:MM:SS.fff+HH:MM", 1),
        ("YYYY-MM-DD HH:MM:SS.fffffffff +HHMM ZONE", 1),
        ("other", 1),
    ];
    let none = || [Value::Null, Value::Null];
    let between = |low: &str, high: &str| [json!(low), json!(high)];
    let expected = json!([
        column("id", [0, 5, 0, 0, 0], [json!(1), json!(5)], [0, 0], &[]),
        column(
            "made",
            [0, 0, 0, 5, 0],
            between("2023-12-31T22:59:59.123456Z", "2024-01-02T03:04:06Z"),
            [39, 0],
            &times
        ),
        column(
            "done",
            [0, 1, 0, 4, 0],
            none(),
            [7, 0],
            &[("true/false", 2), ("t/f", 1), ("other", 1)]
        ),
        column("size", [1, 1, 1, 2, 0], [json!(2.5), json!(7)], [9, 0], &[]),
        column("name", [1, 1, 0, 3, 0], none(), [6, 0], &[]),
        column("data", [3, 0, 0, 1, 1], none(), [2, 2], &[]),
        column(
            "day",
            [2, 0, 0, 3, 0],
            between("0001-01-01", "2024-02-29"),
            [10, 0],
            &[("YYYY-MM-DD", 2), ("other", 1)]
        ),
        column(
            "at",
            [2, 2, 0, 1, 0],
            between("1969-12-31T23:59:59", "2023-11-14T22:13:20"),
            [4, 0],
            &[("other", 1)]
        ),
    ]);
    assert_eq!(report["databases"][0]["tables"][0]["profile"], expected);
    let (report, _) = run_preflight(folder.path(), &schema, &file, &[]);
    assert_eq!(report["databases"][0]["tables"][0]["profile"], json!([]), "it is asked for");
    let printed = report.to_string();
    for text in ["secret", "perhaps", "no hope", "soon", "today"] {
        assert!(!printed.contains(text), "{text} is shown");
    }
}
