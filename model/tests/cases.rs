//! One directory, one case: `cases/NAME` holds schema files and what becomes of them, which is
//! `faults.txt`, or else `schema.sql` with every version and, where the file is there, `copy.rs`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use model::rust::{self, Resolved};
use model::sql;

/// Set to rewrite what is expected.
const BLESS: &str = "BLESS";
const OUTPUTS: [&str; 3] = ["faults.txt", "schema.sql", "copy.rs"];

/// The cases that there must be, so that a directory moved away is noticed.
const CASES: &[&str] = &[
    "enums",
    "everything",
    "expressions",
    "history",
    "keys",
    "names",
    "no-database",
    "no-tables",
    "no-versions",
    "ranges",
    "references",
    "sequences",
    "sequences-tied",
    "shapes",
    "syntax",
    "unknown-words",
];

#[test]
fn every_case_gives_what_is_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut directories: Vec<PathBuf> =
        fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    directories.sort();
    let names: Vec<_> = directories.iter().map(|path| path.file_name().unwrap()).collect();
    assert_eq!(names, CASES);
    let bless = std::env::var_os(BLESS).is_some();
    let wrong: Vec<String> =
        directories.iter().flat_map(|directory| check(directory, bless)).collect();
    assert!(
        wrong.is_empty(),
        "{}\nif this is as it should be: {BLESS}=1 cargo test -p connect-migrate-model",
        wrong.join("\n")
    );
}

/// What differs in a case, after blessing nothing.
fn check(directory: &Path, bless: bool) -> Vec<String> {
    let given = outputs(directory);
    let mut wrong = Vec::new();
    for name in OUTPUTS {
        let file = directory.join(name);
        let expected = fs::read_to_string(&file).ok();
        let found = given.iter().find(|(known, _)| *known == name).map(|(_, text)| text);
        match (found, expected) {
            (found, expected) if found == expected.as_ref() => {}
            (None, None) => {}
            (Some(found), _) if bless => fs::write(&file, found).unwrap(),
            (None, Some(_)) if bless => fs::remove_file(&file).unwrap(),
            (found, expected) => {
                let difference = difference(&expected.unwrap_or_default(), found);
                wrong.push(format!("{}:\n{difference}", file.display()));
            }
        }
    }
    wrong
}

/// What the files of a case become.
fn outputs(directory: &Path) -> Vec<(&'static str, String)> {
    let (directory_read, versions) = match model::load(directory, "test/case") {
        Ok(read) => read,
        Err(faults) => {
            let here = format!("{}/", directory.display());
            let text =
                format!("{faults}\n").replace(&here, "").replace(here.trim_end_matches('/'), ".");
            return vec![("faults.txt", text)];
        }
    };
    let scripts: Vec<String> = versions.iter().map(sql::script).collect();
    let mut outputs = vec![("schema.sql", scripts.join("\n"))];
    if directory.join("copy.rs").is_file() {
        let resolved = Resolved { directory: directory_read, versions };
        outputs.push(("copy.rs", rust::schemas(&[resolved]).unwrap()));
    }
    outputs
}

/// The lines that differ, from the first to the last of them.
fn difference(expected: &str, found: Option<&String>) -> String {
    let (old, new): (Vec<_>, Vec<_>) =
        (expected.lines().collect(), found.map_or("", String::as_str).lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = (old.len() - same).min(new.len() - same);
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut out = format!("@ line {}\n", same + 1);
    for (mark, lines) in [('-', &old), ('+', &new)] {
        for line in lines.iter().take(lines.len() - end).skip(same).take(100) {
            writeln!(out, "{mark}{line}").unwrap();
        }
    }
    out
}

#[test]
fn a_version_expands_to_the_items_it_needs_and_no_more() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/shapes");
    let (directory, versions) = model::load(&directory, "test/case").unwrap();
    let resolved = Resolved { directory, versions };
    let whole = rust::schemas(std::slice::from_ref(&resolved)).unwrap();
    let statics = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("static "));
        lines.filter(|line| line.contains(": Shape")).map(str::to_owned).collect()
    };
    let mut all = Vec::new();
    for version in ["1", "2", "3"] {
        let expanded = rust::expand(&resolved, version, None).unwrap();
        let of = resolved.versions.iter().find(|known| known.version == version).unwrap();
        assert_eq!(statics(&expanded).len(), of.tables.len(), "{version}");
        all.extend(statics(&expanded));
        let one = rust::expand(&resolved, version, Some("apps")).unwrap();
        assert_eq!(statics(&one).len(), 1, "{version}");
        assert!(expanded.contains(one.lines().next().unwrap()), "{version}");
    }
    // 3 + 4 + 3 tables, of which those that are equal share an item.
    assert_eq!(all.len(), 10);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 5);
    let mut written = statics(&whole);
    written.sort();
    assert_eq!(written, all);
}

#[test]
fn the_faults_of_all_databases_come_together_and_none_at_all_is_one() {
    let made = tempfile::tempdir().unwrap();
    let faults = model::built_in(made.path()).unwrap_err();
    assert!(faults.to_string().contains("no schema here"), "{faults}");
    for (database, table) in [("a", "size = 3"), ("b", "size = { type = \"big\" }")] {
        let path = made.path().join("app").join(database);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("database.toml"), "versions = [\"1\"]\n").unwrap();
        fs::write(path.join("t.toml"), format!("[columns]\n{table}\n")).unwrap();
    }
    fs::create_dir_all(made.path().join("app/c")).unwrap();
    let faults = model::built_in(made.path()).unwrap_err();
    let places: Vec<_> = faults
        .0
        .iter()
        .map(|fault| {
            (fault.file.strip_prefix(made.path()).unwrap().display().to_string(), fault.line)
        })
        .collect();
    let expected = [("app/a/t.toml", 2), ("app/b/t.toml", 2), ("app/c/database.toml", 0)];
    assert_eq!(places, expected.map(|(file, line)| (file.to_owned(), line)));
    assert!(model::built_in(&made.path().join("nowhere")).is_err());
}
