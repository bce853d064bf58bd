//! One directory, one case, one test: `cases/NAME` holds schema files and what becomes of them,
//! which is `faults.txt`, or else `schema.sql` with every version and, where the file is there,
//! `copy.rs`.

mod cases;

use std::fs;
use std::path::Path;

use model::rust::{self, Resolved};
use model::sql;

use crate::golden;

const OUTPUTS: [&str; 3] = ["faults.txt", "schema.sql", "copy.rs"];

fn check_case(name: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let outputs = outputs(&directory);
    for name in OUTPUTS {
        let text = outputs.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
        golden::check_file(&directory.join(name), text);
    }
}

/// What the files of a case become.
fn outputs(directory: &Path) -> Vec<(&'static str, String)> {
    let (directory_read, versions) = match model::load_directory(directory, "test/case") {
        Ok(read) => read,
        Err(faults) => {
            let here = format!("{}/", directory.display());
            let text =
                format!("{faults}\n").replace(&here, "").replace(here.trim_end_matches('/'), ".");
            return vec![("faults.txt", text)];
        }
    };
    let scripts: Vec<String> = versions.iter().map(sql::database_script).collect();
    let mut outputs = vec![("schema.sql", scripts.join("\n"))];
    if directory.join("copy.rs").is_file() {
        let resolved = Resolved { directory: directory_read, versions };
        outputs.push(("copy.rs", rust::schemas_source(&[resolved]).unwrap()));
    }
    outputs
}

#[test]
fn a_version_expands_to_the_items_it_needs_and_no_more() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/shapes");
    let (directory, versions) = model::load_directory(&directory, "test/case").unwrap();
    let resolved = Resolved { directory, versions };
    let whole = rust::schemas_source(std::slice::from_ref(&resolved)).unwrap();
    let statics = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("static "));
        lines.filter(|line| line.contains(": Shape")).map(str::to_owned).collect()
    };
    let mut all = Vec::new();
    for version in ["1", "2", "3"] {
        let expanded = rust::expand_version(&resolved, version, None).unwrap();
        let of = resolved.versions.iter().find(|known| known.version == version).unwrap();
        assert_eq!(statics(&expanded).len(), of.tables.len(), "{version}");
        all.extend(statics(&expanded));
        let one = rust::expand_version(&resolved, version, Some("apps")).unwrap();
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
    let faults = model::load_built_in(made.path()).unwrap_err();
    assert!(faults.to_string().contains("no schema here"), "{faults}");
    for (database, table) in [("a", "size = 3"), ("b", "size = { type = \"big\" }")] {
        let path = made.path().join("app").join(database);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("database.toml"), "versions = [\"1\"]\n").unwrap();
        fs::write(path.join("t.toml"), format!("[columns]\n{table}\n")).unwrap();
    }
    fs::create_dir_all(made.path().join("app/c")).unwrap();
    let faults = model::load_built_in(made.path()).unwrap_err();
    let places: Vec<_> = faults
        .0
        .iter()
        .map(|fault| {
            (fault.file.strip_prefix(made.path()).unwrap().display().to_string(), fault.line)
        })
        .collect();
    let expected = [("app/a/t.toml", 2), ("app/b/t.toml", 2), ("app/c/database.toml", 0)];
    assert_eq!(places, expected.map(|(file, line)| (file.to_owned(), line)));
    assert!(model::load_built_in(&made.path().join("nowhere")).is_err());
}
