//! From a file to a draft, to PostgreSQL, and back to a draft that joins both: nothing differs,
//! and nothing that SQLite counts is lost without a word.

use std::path::{Path, PathBuf};

use super::{Case, all_features, completeness, migrate};
use crate::server::{self, Database};

/// Further databases to try: every file in this directory.
const MORE: &str = "MIGRATE_DATABASES";

/// Drafts, makes the tables, and drafts again with them as the target.
fn round_trip(case: &Case) -> Result<(), String> {
    let here = |ran: super::Ran, what: &str| match ran.code {
        0 => Ok(ran.out),
        code => Err(format!("{what} ended with {code}\n{}{}", ran.out, ran.err)),
    };
    let (file, out) = (case.file(), case.out());
    let ran = migrate(&["schema", "draft", "--source", &file, "--out", &out]);
    // Something to decide is no fault here: no row is copied.
    if ran.code > 1 {
        here(ran, "draft")?;
    }
    here(migrate(&["schema", "diff", &format!("sqlite:{file}"), &out]), "diff with the source")?;
    let script = here(migrate(&["schema", "show", &out, "--sql"]), "show")?;
    let database = server::database(server::shared());
    let mut client = server::connect(&database.url).client;
    client.batch_execute(&script).map_err(|error| format!("{error:?}\n{script}"))?;
    let url = format!("postgres:{}", database.url);
    here(migrate(&["schema", "diff", &out, &url]), "diff with the tables")?;
    let dump = dump(&database);
    let missing = completeness::missing(Path::new(&file), &dump, &case.read("RESIDUE.md"));
    if !missing.is_empty() {
        return Err(format!("{missing:#?}\n{dump}\n{}", case.read("RESIDUE.md")));
    }
    let joined = case.path().join("joined").display().to_string();
    let target = database.url.as_str();
    let ran =
        migrate(&["schema", "draft", "--source", &file, "--target", target, "--out", &joined]);
    // What must be decided in the first draft must be decided in the second.
    if ran.code > 1 {
        here(ran, "draft with the target")?;
    }
    here(migrate(&["schema", "diff", &out, &joined]), "diff of both drafts")?;
    here(migrate(&["schema", "diff", &joined, &url]), "diff of the second with the tables")?;
    Ok(())
}

fn dump(database: &Database) -> String {
    crate::migration::dump_of(&database.url, &["--schema-only"])
}

#[test]
fn everything_goes_there_and_back() {
    let case = all_features::everything();
    round_trip(&case).unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// Every file of a directory and of those in it.
fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect();
    found.sort();
    found
}

#[test]
fn databases_of_applications_go_there_and_back() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let more = std::env::var_os(MORE).map(PathBuf::from);
    let all: Vec<PathBuf> =
        [Some(data), more].iter().flatten().flat_map(|all| files(all)).collect();
    let named = |path: &PathBuf| path.extension().is_some_and(|end| end == "sqlite" || end == "db");
    let mut wrong = Vec::new();
    for file in all.iter().filter(|path| named(path)) {
        if let Err(text) = round_trip(&Case::of(file)) {
            wrong.push(format!("=== {}\n{text}", file.display()));
        }
    }
    if all.is_empty() {
        eprintln!("SKIPPED: there is no folder with databases of applications");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
