//! What the documentation promises names the tests that hold it, and these exist.
//!
//! A promise has a comment behind it: `<!-- held by: module::test, faults KIND -->`. The first is a
//! test of `tests/`, the second a kind of injected fault.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use std::fs;

use xtask::faults;
use xtask::golden::root;

/// Pages, and their sections of which each item of a list is a promise.
const SECTIONS: &[(&str, &str)] =
    &[("README.md", "## What it promises"), ("docs/faults.md", "## What is promised")];

/// Paragraphs in bold below which items are no promises.
const NO_PROMISES: &str = "**What is not promised**";

const BEGIN: &str = "<!-- held by: ";

/// The names in a comment behind a promise.
fn names(comment: &str) -> Vec<&str> {
    let inner = comment.strip_prefix(BEGIN).and_then(|rest| rest.split_once("-->")).unwrap().0;
    inner.split(',').map(str::trim).collect()
}

/// All names that a page gives.
fn all_names(page: &str) -> Vec<&str> {
    page.match_indices(BEGIN).flat_map(|(at, _)| names(&page[at..])).collect()
}

/// Why there is no such test.
fn find_fault(name: &str) -> Option<String> {
    if let Some(kind) = name.strip_prefix("faults ") {
        let is_known = faults::kind_names().any(|known| known == kind);
        return (!is_known).then(|| format!("there is no kind of fault `{kind}`"));
    }
    let Some((module, test)) = name.rsplit_once("::") else {
        return Some(format!("`{name}` is no test of a module"));
    };
    let file = root().join("tests").join(module.replace("::", "/")).with_extension("rs");
    let Ok(text) = fs::read_to_string(&file) else {
        return Some(format!("`{name}`: there is no {}", file.display()));
    };
    // A function, or a line of a list of cases.
    let is_there = text.contains(&format!("fn {test}(")) || text.contains(&format!("    {test} ="));
    (!is_there).then(|| format!("`{name}`: {} has no such test", file.display()))
}

/// The items of a section's lists, each with what belongs to it.
fn promises<'t>(page: &'t str, heading: &str) -> Vec<&'t str> {
    let (_, behind) = page.split_once(heading).unwrap_or_else(|| panic!("no {heading}"));
    let section = behind.split("\n## ").next().unwrap();
    let section = section.split(NO_PROMISES).next().unwrap();
    section.split("\n- ").skip(1).collect()
}

#[test]
fn every_promise_names_tests_that_exist() {
    let mut faults = Vec::new();
    for (file, heading) in SECTIONS {
        let page = fs::read_to_string(root().join(file)).unwrap();
        let promises = promises(&page, heading);
        assert!(promises.len() > 5, "{file} has {} promises", promises.len());
        for promise in promises.iter().filter(|promise| !promise.contains(BEGIN)) {
            let first = promise.lines().next().unwrap();
            faults.push(format!("{file}: no test is named behind: {first}"));
        }
    }
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for path in docs.chain([root().join("README.md")]).filter(|path| path.extension().is_some()) {
        let page = fs::read_to_string(&path).unwrap_or_default();
        let found = all_names(&page).into_iter().filter_map(find_fault);
        faults.extend(found.map(|fault| format!("{}: {fault}", path.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_name_that_is_none_is_found() {
    assert_eq!(find_fault("faults kill"), None);
    assert_eq!(find_fault("command_line::signals_roll_back"), None);
    assert_eq!(find_fault("hazards::cases::P1_no_superuser"), None);
    for name in ["faults luck", "command_line::signals_roll", "no_module::a_test", "P1"] {
        assert!(find_fault(name).is_some(), "{name}");
    }
    let page = "## What\n\n- One.\n  <!-- held by: a::b, faults c -->\n- Two.\n\n## More\n- 3.\n";
    assert_eq!(promises(page, "## What").len(), 2);
    assert_eq!(all_names(page), ["a::b", "faults c"]);
}
