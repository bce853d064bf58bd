//! Lengths of time and times of day that text writes: a join takes the form that all values have.

use super::Case;
use super::undecided::{copy, edit, join, target, value};

const TARGET: &str = "CREATE TABLE t (id int8 PRIMARY KEY, c interval)";

/// A file whose table `t` has a column of this declared type.
fn case(declared: &str, values: &[&str]) -> Case {
    let rows: Vec<String> =
        values.iter().enumerate().map(|(id, value)| format!("({id}, '{value}')")).collect();
    Case::new(&format!(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c {declared}); INSERT INTO t VALUES {}",
        rows.join(", ")
    ))
}

#[test]
fn the_form_of_all_texts_says_how_lengths_are_stored() {
    for (declared, values, stored, sum) in [
        (
            "DATETIME",
            &["1970-01-01 00:05:00.000000", "1970-01-03 01:00:00.000000"][..],
            "epoch_date",
            "2 days 01:05:00",
        ),
        ("DATETIME", &["1969-12-31 23:59:30.000000"], "epoch_date", "-1 days +23:59:30"),
        ("TEXT", &["00:05:00", "1.00:00:00", "-00:00:01"], "timespan", "1 day 00:04:59"),
        ("TEXT", &["1 day, 2:03:04", "-1 day, 23:59:59", "0:00:00.5"], "timedelta", "26:03:03.5"),
        ("VARCHAR(40)", &["P1DT2H3M4.5S", "P1M"], "iso_duration", "1 mon 1 day 02:03:04.5"),
    ] {
        let (case, database) = (case(declared, values), target(TARGET));
        let ran = join(&case, &database.url, &[]);
        assert_eq!(ran.code, 0, "{stored}: {}{}", ran.out, ran.err);
        let line = case.column("t", "c");
        assert!(line.contains(&format!("stored = \"{stored}\"")), "{line}");
        let copied = copy(&case, &database.url, &[]);
        assert_eq!(copied.code, 0, "{stored}: {}{}", copied.out, copied.err);
        assert_eq!(value(&database.url, "SELECT sum(c)::text FROM t"), sum);
    }
}

#[test]
fn what_no_form_shows_is_to_be_decided() {
    for (declared, values, setting, shown) in [
        // A time of day that another library dates so.
        ("time", &["2000-01-01 00:05:00"][..], "epoch_date", "reads 10,957 days 00:05:00"),
        ("TEXT", &["1970-01-01 00:05:00"], "epoch_date", "reads 00:05:00"),
    ] {
        let (case, database) = (case(declared, values), target(TARGET));
        let ran = join(&case, &database.url, &[]);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        let refused = copy(&case, &database.url, &[]);
        assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
        let setting = format!("stored = \"{setting}\"");
        for output in ["S20 ", &setting, shown] {
            assert!(refused.err.contains(output), "{output} in {}", refused.err);
        }
        edit(&case, "t.toml", "stored = \"undecided\"", &setting);
        let copied = copy(&case, &database.url, &[]);
        assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    }
    // Forms that differ, or that are none, and nothing at all.
    for values in [&["00:05:00", "P1D"][..], &["5 minutes"], &[]] {
        let rows = if values.is_empty() { vec![] } else { values.to_vec() };
        let case = match rows.is_empty() {
            true => Case::new("CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT)"),
            false => case("TEXT", &rows),
        };
        let database = target(TARGET);
        join(&case, &database.url, &[]);
        let line = case.column("t", "c");
        assert!(line.contains("stored = \"undecided\""), "{line}");
    }
}

#[test]
fn times_of_day_on_the_first_day_of_2000_are_those_of_rails() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, c time(6), d TEXT);
        INSERT INTO t VALUES (1, '2000-01-01 08:30:00', '2000-01-01 08:30:00'),
            (2, '2000-01-01 23:59:59.500000', '2000-01-02 00:00:00'), (3, NULL, NULL)";
    let case = Case::new(sql);
    let database = target("CREATE TABLE t (id int8 PRIMARY KEY, c time, d timestamp)");
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let line = case.column("t", "c");
    assert!(line.contains("type = \"time\", stored = \"rails_time\""), "{line}");
    let copied = copy(&case, &database.url, &[]);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
    assert_eq!(value(&database.url, "SELECT max(c)::text FROM t"), "23:59:59.5");
    // Without a target, too.
    std::fs::remove_dir_all(case.out()).unwrap();
    case.draft();
    let line = case.column("t", "c");
    assert!(line.contains("type = \"time\", stored = \"rails_time\""), "{line}");
    // Another date is none of Rails'.
    let other = Case::new(&sql.replace("(3, NULL", "(3, '2000-01-02 00:00:00'"));
    let ran =
        join(&other, &target("CREATE TABLE t (id int8 PRIMARY KEY, c time, d timestamp)").url, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
}
