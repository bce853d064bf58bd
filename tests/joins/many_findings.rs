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
    ended.expect(1, &["error: 101 errors more, which are not shown", "hint: list up to"]);
    assert_eq!(ended.err.lines().filter(|line| line.starts_with("error: S1 ")).count(), 1_000);
    let text = std::fs::read_to_string(report).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), COLUMNS + 1);
    assert_eq!(report["exit"], 1);
}

/// So many tables are wrong in all their columns.
const TABLES: usize = 12;

/// The first are kept, in the order of the tables, and the rest is counted.
#[test]
fn findings_beyond_ten_thousand_are_counted() {
    let values = vec!["'x'"; COLUMNS].join(", ");
    let tables = (10..10 + TABLES).map(|table| {
        let columns = columns_of("INTEGER");
        format!(
            "CREATE TABLE t{table} (id INTEGER PRIMARY KEY, {columns});
             INSERT INTO t{table} VALUES (1, {values});"
        )
    });
    let made = (10..10 + TABLES).map(|table| {
        format!("CREATE TABLE t{table} (id bigint PRIMARY KEY, {});", columns_of("bigint"))
    });
    let files = Files::new(&tables.collect::<String>(), &made.collect::<String>());
    let report = files.source().with_file_name("report.json");
    let ended = files.run(&["--dry-run", "--report", report.to_str().unwrap()]);
    // One for each column, and one for the width of each table.
    let all = TABLES * (COLUMNS + 1);
    let error = format!("error: {},{} errors more, which are not shown", 12, 212);
    ended.expect(1, &[&error]);
    let text = std::fs::read_to_string(report).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 10_000);
    assert_eq!(report["findings_left_out"], all - 10_000);
    let of = |table: &str| findings.iter().filter(|one| one["table"] == table).count();
    assert_eq!((of("t10"), of("t18"), of("t20"), of("t21")), (COLUMNS, COLUMNS, 0, 0));
}
