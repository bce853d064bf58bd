//! What is derived from the schema files is fresh, and can be shown for every version.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use std::fs;

use xtask::golden;

const DIFF_LINES: usize = 100;

/// The lines from the first that differs to the last, cut.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = (old.len() - same).min(new.len() - same);
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let marked = |mark: char, lines: &[&str]| -> Vec<String> {
        let lines = lines.iter().take(lines.len() - end).skip(same);
        lines.map(|line| format!("{mark}{line}")).collect()
    };
    let mut lines = vec![format!("@ line {}", same + 1)];
    lines.extend(marked('-', &old));
    lines.extend(marked('+', &new));
    if lines.len() > DIFF_LINES {
        lines.truncate(DIFF_LINES);
        lines.push("…".to_owned());
    }
    lines.join("\n")
}

#[test]
fn the_rendered_sql_is_fresh() {
    let rendered = golden::rendered().unwrap();
    assert!(rendered.len() >= 2, "core and instrumentation");
    let mut stale = Vec::new();
    for (file, text) in rendered {
        let old = fs::read_to_string(&file).unwrap_or_default();
        if old != text {
            stale.push(format!("{}\n{}", file.display(), difference(&old, &text)));
        }
    }
    assert!(stale.is_empty(), "{}\nto rewrite: cargo xtask bless", stale.join("\n"));
}

#[test]
fn a_difference_shows_what_changed_and_stays_short() {
    let old = "a\nb\nc\nd\n";
    assert_eq!(difference(old, "a\nx\nc\nd\n"), "@ line 2\n-b\n+x");
    assert_eq!(difference(old, "a\nb\nb\nc\nd\n"), "@ line 3\n+b");
    assert_eq!(difference(old, ""), "@ line 1\n-a\n-b\n-c\n-d");
    assert_eq!(difference("", &"x\n".repeat(300)).lines().count(), DIFF_LINES + 1);
}

#[test]
fn every_version_and_table_expands() {
    for resolved in golden::schemas().unwrap() {
        let name = &resolved.directory.name;
        let short = name.rsplit('/').next().unwrap();
        for version in &resolved.versions {
            let whole = golden::expand(short, version.version, None).unwrap();
            assert_eq!(golden::expand(name, version.version, None).unwrap(), whole);
            let place = format!("{name} {}", version.version);
            assert_eq!(whole.matches("\nstatic ").count(), version.tables.len(), "{place}");
            for table in version.tables {
                let one = golden::expand(short, version.version, Some(table.name)).unwrap();
                assert!(whole.contains(&one), "{place} {}", table.name);
                let copied = table.copied().count();
                let calls = one.matches("    row.").count();
                assert_eq!(calls, copied, "{place} {}", table.name);
            }
        }
    }
}

#[test]
fn what_cannot_be_expanded_says_what_can() {
    let newest = golden::schemas().unwrap().swap_remove(0).versions.pop().unwrap();
    for (database, version, table, said) in [
        ("kore", newest.version, None, "connect/core, connect/instrumentation"),
        ("core", "1066", None, newest.version),
        ("core", newest.version, Some("nothing"), "no table nothing"),
    ] {
        let error = golden::expand(database, version, table).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
