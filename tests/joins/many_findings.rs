//! A source that is wrong in more places than a person reads.

use super::copies::Files;

/// So many columns are wrong; PostgreSQL allows 1,600.
const COLUMNS: usize = 1_100;

fn columns_of(ty: &str) -> String {
    let columns: Vec<String> = (0..COLUMNS).map(|at| format!("c{at} {ty}")).collect();
    columns.join(", ")
}

#[test]
fn errors_beyond_a_thousand_are_counted() {
    let values = vec!["'x'"; COLUMNS].join(", ");
    let source = format!(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, {});
         INSERT INTO t VALUES (1, {values})",
        columns_of("INTEGER")
    );
    let target = format!("CREATE TABLE t (id bigint PRIMARY KEY, {})", columns_of("bigint"));
    let files = Files::new(&source, &target);
    let report = files.source().with_file_name("report.json");
    let ended = files.run(&["--dry-run", "--report", report.to_str().unwrap()]);
    // One for each column, and one for the width of the table.
    ended.expect(1, &["error: 101 errors more, which are not shown", "hint: --report FILE lists"]);
    assert_eq!(ended.err.lines().filter(|line| line.starts_with("error: S1 ")).count(), 1_000);
    let text = std::fs::read_to_string(report).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), COLUMNS + 1);
    assert_eq!(report["exit"], 1);
}
