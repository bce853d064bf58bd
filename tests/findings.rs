//! The catalogue of findings: exactly the ids that the code has, and its page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use connect_migrate::finding::catalog;

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

/// Literals like `"T1"` and `"K1b"`, tests of the modules left out.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.split('"').filter(|word| {
        let (letter, number) = word.split_at_checked(1).unwrap_or_default();
        let number = number.strip_suffix('b').unwrap_or(number);
        matches!(letter, "B" | "D" | "F" | "J" | "K" | "O" | "P" | "Q" | "R" | "S" | "T")
            && (1..=2).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[test]
fn the_catalogue_has_exactly_the_ids_of_the_code() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let used: BTreeSet<&str> = texts.iter().flat_map(|text| ids(text)).collect();
    let known: Vec<&str> = catalog::entries().map(|entry| entry.id).collect();
    let set: BTreeSet<&str> = known.iter().copied().collect();
    assert_eq!(known.len(), set.len(), "an id comes twice");
    assert_eq!(used, set);
}

#[test]
fn the_page_is_rendered_from_the_table() {
    let file = root().join("docs/findings.md");
    golden::check(&file, &catalog::page());
}

#[test]
fn every_entry_says_what_to_do() {
    for entry in catalog::entries() {
        assert!(!entry.meaning.is_empty() && !entry.cure.is_empty(), "{entry:?}");
        assert!(!entry.cure.ends_with('.') && !entry.meaning.ends_with('.'), "{entry:?}");
    }
}
