//! What is derived from other files is fresh, and can be shown for every version.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

#[allow(dead_code, unused_imports, unused_macros, reason = "the test crates share it")]
#[path = "../../tests/golden.rs"]
mod expected;

use std::fs;
use std::path::Path;

use expected::{DIFFERENCE_LINES_MAX, difference};
use xtask::{bless, golden};

#[test]
fn rendered_files_are_fresh() {
    let rendered = golden::rendered().unwrap();
    let sql = rendered.iter().filter(|(file, _)| file.ends_with("postgres.sql"));
    assert!(sql.count() >= 2, "core and instrumentation");
    for (file, text) in rendered {
        expected::check(&file, &text);
    }
}

/// The modules below a folder that compare with expected texts, which the shared helper does.
fn modules_with_expected_texts(folder: &Path) -> Vec<String> {
    let (mut folders, mut modules) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && fs::read_to_string(&path).unwrap().contains("golden::check")
            {
                let module = path.strip_prefix(folder).unwrap().with_extension("");
                modules.push(module.display().to_string().replace('/', "::") + "::");
            }
        }
    }
    modules
}

#[test]
fn bless_runs_every_module_with_expected_texts() {
    let packages = [("connect-migrate", "tests"), ("connect-migrate-model", "model/tests")];
    for (package, folder) in packages {
        let (_, filters) = bless::TESTS.iter().find(|(known, _)| *known == package).unwrap();
        let modules = modules_with_expected_texts(&golden::root().join(folder));
        assert!(!modules.is_empty(), "{package}");
        for module in modules {
            let run = filters.iter().any(|filter| module.contains(filter));
            assert!(run, "{module} of {package} is not in `bless::TESTS`");
        }
    }
}

#[test]
fn a_difference_shows_what_changed_and_stays_short() {
    let old = "a\nb\nc\nd\n";
    assert_eq!(difference(old, "a\nx\nc\nd\n"), "@ line 2\n-b\n+x");
    assert_eq!(difference(old, "a\nb\nb\nc\nd\n"), "@ line 3\n+b");
    assert_eq!(difference(old, ""), "@ line 1\n-a\n-b\n-c\n-d");
    assert_eq!(difference("", &"x\n".repeat(300)).lines().count(), DIFFERENCE_LINES_MAX + 1);
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
            assert_eq!(whole.matches(": Shape = ").count(), version.tables.len(), "{place}");
            for table in version.tables {
                let one = golden::expand(short, version.version, Some(table.name)).unwrap();
                // Enums stand before all tables that have them.
                let (enums, shape) = one.split_at(one.find("/// `").unwrap());
                assert!(whole.contains(shape), "{place} {}", table.name);
                let mut enums = enums.split_inclusive("};\n");
                assert!(enums.all(|one| whole.contains(one)), "{place} {}", table.name);
                let copied = table.copied_columns().count();
                let calls = one.matches("    row.").count();
                assert_eq!(calls, copied, "{place} {}", table.name);
            }
        }
    }
}

#[test]
fn what_cannot_be_expanded_says_what_can() {
    let newest = golden::schemas().unwrap().swap_remove(0).versions.pop().unwrap();
    for (database, version, table, output) in [
        ("kore", newest.version, None, "connect/core, connect/instrumentation"),
        ("core", "1066", None, newest.version),
        ("core", newest.version, Some("nothing"), "no table nothing"),
    ] {
        let error = golden::expand(database, version, table).unwrap_err();
        assert!(error.contains(output), "{error}");
    }
}
