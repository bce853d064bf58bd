//! A column that both sides compute, each in its own way: found before anything is loaded.

use super::Place;

const SOURCE: &str = "
    CREATE TABLE pref (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER,
        low TEXT GENERATED ALWAYS AS (lower(name)) STORED,
        twice INTEGER GENERATED ALWAYS AS (size * 2) STORED);
    INSERT INTO pref (id, name, size) VALUES (1, 'Ann', 1), (2, 'BOB', NULL), (3, 'cid', 3)";

const TARGET: &str = "
    CREATE TABLE pref (id serial PRIMARY KEY, name text NOT NULL, size integer,
        low text GENERATED ALWAYS AS (replace(lower(name), 'b', '*')) STORED,
        twice integer GENERATED ALWAYS AS (size * 2) STORED)";

#[test]
fn columns_that_are_computed_differently_are_found_before_the_load() {
    let place = Place::drafted(TARGET, SOURCE);
    let before = place.dump();
    for words in [&["--dry-run"][..], &["--yes"]] {
        let ran = place.copy(words);
        let output =
            "O11 draft.pref.low: PostgreSQL computes a value that differs from SQLite's: replace";
        ran.fails(1, &[output, "text of 3 bytes", "rowid 2", "hint: if PostgreSQL's value is"]);
        assert!(!ran.err.contains("twice"), "{ran:?}");
        assert!(!ran.err.contains("bug in migrate"), "{ran:?}");
    }
    place.dump().is(&before, "changed");
    // The way out that the hint names.
    let file = place.schema.join("pref.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().map(|line| match line.starts_with("low ") {
        true => line.replace("generated =", "source = false, generated ="),
        false => line.to_owned(),
    });
    let lines: Vec<String> = lines.collect();
    let text = format!("ignore = [\"low\"]\n{}\n", lines.join("\n"));
    std::fs::write(&file, text).unwrap();
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM pref WHERE low = '*o*'"), 1);
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
}
