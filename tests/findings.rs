//! The catalogue of findings: exactly the ids that the code has, and its page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use connect_migrate::diagnostic::{Id, catalog};

use crate::golden;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("catalog") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Ids that code names, as in `Id::K1b`; tests of the modules left out.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.split("Id::").skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
        rest.get(..end)
    })
}

#[test]
fn the_catalogue_has_every_id_once() {
    let mut known: Vec<Id> = catalog::entries().map(|entry| entry.id).collect();
    known.sort_unstable();
    assert_eq!(known, Id::ALL);
}

#[test]
fn the_code_reports_every_id() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let used: BTreeSet<&str> = texts.iter().flat_map(|text| ids(text)).collect();
    let unused: Vec<&Id> = Id::ALL.iter().filter(|id| !used.contains(id.as_str())).collect();
    assert!(unused.is_empty(), "in the catalogue only: {unused:?}");
}

#[test]
fn the_page_is_rendered_from_the_table() {
    let file = root().join("docs/findings.md");
    golden::check(&file, &catalog::findings_page());
}

/// A hint is a line of at most 100 characters; commands below it may be longer.
#[test]
fn every_hint_of_the_table_fits_a_line() {
    for entry in catalog::entries() {
        let hints = catalog::hints_of(entry.id);
        assert!(!hints.is_empty(), "{}", entry.id);
        for hint in hints.iter() {
            let length = hint.text.chars().count();
            assert!(length <= 100, "{}: {length} characters, give it hints: {hint:?}", entry.id);
            assert_eq!(hint.text.ends_with(':'), !hint.lines.is_empty(), "{}: {hint:?}", entry.id);
        }
    }
}

#[test]
fn every_entry_says_what_to_do() {
    for entry in catalog::entries() {
        assert!(!entry.outcomes.is_empty() && !entry.advice.is_empty(), "{entry:?}");
        let texts = [entry.meaning, entry.example].into_iter();
        for text in texts.chain(entry.details.iter().chain(entry.advice).copied()) {
            assert!(!text.is_empty() && !text.ends_with('.'), "{text:?} of {entry:?}");
        }
    }
}
