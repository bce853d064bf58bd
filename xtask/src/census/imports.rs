//! Which top-level modules a source file uses, and which modules so use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::code::is_name;

/// The top-level modules that each one uses.
pub type Uses = BTreeMap<String, BTreeSet<String>>;

/// The module path of a file below the crate's root (`a/b.rs` is `a::b`); none for the root itself.
pub fn module_path(file: &str) -> Vec<&str> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.last() == Some(&"mod") {
        parts.pop();
    }
    if matches!(parts.as_slice(), ["lib" | "main"]) { Vec::new() } else { parts }
}

/// The names that stripped code takes from the root of its crate: after `crate::`, or after as many
/// `super::` as the file is deep, each of a group.
pub fn root_names(code: &str, depth: usize) -> BTreeSet<&str> {
    let from_parent = "super::".repeat(depth);
    let mut names = BTreeSet::new();
    for path in ["crate::", from_parent.as_str()].iter().filter(|path| !path.is_empty()) {
        for (place, _) in code.match_indices(path) {
            let before = code.get(..place).unwrap_or_default();
            if !before.ends_with(|letter: char| is_name(letter) || letter == ':') {
                first_names(code.get(place + path.len()..).unwrap_or_default(), &mut names);
            }
        }
    }
    names
}

/// The name that a path begins with, or those of a group.
fn first_names<'a>(text: &'a str, names: &mut BTreeSet<&'a str>) {
    let Some(group) = text.strip_prefix('{') else {
        let end = text.find(|letter| !is_name(letter)).unwrap_or(text.len());
        names.extend(text.get(..end).filter(|name| !name.is_empty()));
        return;
    };
    let mut depth = 0_i32;
    let mut begins = true;
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            _ if begins && is_name(letter) => {
                first_names(group.get(place..).unwrap_or_default(), names);
                begins = false;
            }
            _ => {}
        }
    }
}

/// The groups of modules that use each other in a circle, the largest first.
pub fn cycles(uses: &Uses) -> Vec<Vec<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        uses.keys().map(|module| (module.as_str(), reachable(uses, module))).collect();
    let reaches =
        |from: &str, to: &str| reached.get(from).is_some_and(|modules| modules.contains(to));
    let mut cycles: Vec<Vec<&str>> = Vec::new();
    for module in uses.keys().map(String::as_str).filter(|module| reaches(module, module)) {
        let known = cycles.iter_mut().find(|cycle| {
            cycle.first().is_some_and(|other| reaches(module, other) && reaches(other, module))
        });
        match known {
            Some(cycle) => cycle.push(module),
            None => cycles.push(vec![module]),
        }
    }
    cycles.sort_by_key(|cycle| std::cmp::Reverse(cycle.len()));
    cycles
}

/// All modules that one uses, directly or through others; itself only in a circle.
fn reachable<'a>(uses: &'a Uses, module: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![module];
    while let Some(next) = waiting.pop() {
        for used in uses.get(next).into_iter().flatten() {
            if used != next && reached.insert(used.as_str()) {
                waiting.push(used);
            }
        }
    }
    reached
}
