//! The numbers of `cargo xtask census` are right on small texts, and zero in the tree where they
//! must be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use xtask::census::census;
use xtask::census::code::strip;
use xtask::census::functions::functions;
use xtask::census::imports::{Uses, cycles, module_path, root_names};
use xtask::census::literals::{id_lines, sentinel_lines};
use xtask::golden::root;

#[test]
fn comments_and_literals_are_no_code() {
    let source =
        "let a = \"b // c\"; // d\nlet e = 'f'; /* g\n/* h */ */ let i: &'a str = '\\'';\n";
    let code = strip(source);
    let expected =
        "let a = \"      \";     \nlet e = ' ';     \n           let i: &'a str = '  ';\n";
    assert_eq!(code.text, expected);
    assert_eq!(code.strings.len(), 1);
    let raw = strip("x(\n    r#\"a \"b\" c\"#,\n    br\"d\", \"e\\\"f\",\n)");
    let strings: Vec<_> = raw.strings.iter().map(|one| (one.line, one.text.as_str())).collect();
    assert_eq!(strings, [(2, "a \"b\" c"), (3, "d"), (3, "e\\\"f")]);
}

#[test]
fn items_for_tests_are_cut_off() {
    let tests = "#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
    let source = format!("fn a() {{}}\n{tests}fn c() {{}}\n#[cfg(test)]\nuse d;\nfn e() {{}}\n");
    let found = functions(&strip(&source).text);
    let names: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.line)).collect();
    assert_eq!(names, [("a", 1), ("c", 6), ("e", 9)]);
    assert!(strip("#[cfg(test)]\nconst A: &str = \"T1\";\n").strings.is_empty());
}

#[test]
fn functions_have_lines_and_parameters() {
    let source = "
impl A {
    pub fn one(&self) {}
    fn many<F: Fn(u8, u8) -> u8>(
        &self,
        a: (u8, u8),
        b: Vec<(u8, F)>,
    ) -> BTreeMap<u8, u8>
    where
        F: Copy,
    {
        let f: fn(u8) -> u8 = id;
        if a {
        }
    }
}
trait B {
    fn without(a: u8, b: u8);
    fn with(a: u8, b: [u8; 3]) {
    }
}
";
    let found = functions(&strip(source).text);
    let found: Vec<_> =
        found.iter().map(|one| (one.name.as_str(), one.lines, one.parameters)).collect();
    assert_eq!(found, [("one", 1, 1), ("many", 12, 3), ("with", 2, 2)]);
}

#[test]
fn imports_are_found_in_groups_and_paths() {
    let code = "use crate::{a::{b, c}, d, e as f};\nlet g = crate::h::i();\npub(crate) fn j() {}\n";
    assert_eq!(root_names(code, 1).into_iter().collect::<Vec<_>>(), ["a", "d", "e", "h"]);
    let code = "use super::super::k::l;\nuse super::m;\n";
    assert_eq!(root_names(code, 2).into_iter().collect::<Vec<_>>(), ["k"]);
    assert_eq!(root_names(code, 1).into_iter().collect::<Vec<_>>(), ["m", "super"]);
    assert_eq!(module_path("a/b.rs"), ["a", "b"]);
    assert_eq!(module_path("a/mod.rs"), ["a"]);
    assert!(module_path("lib.rs").is_empty());
}

#[test]
fn a_cycle_has_all_its_modules_and_no_other() {
    let mut uses = Uses::new();
    for (from, to) in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("c", "e"), ("f", "g")] {
        uses.entry(from.to_owned()).or_default().insert(to.to_owned());
    }
    for module in ["e", "g"] {
        uses.entry(module.to_owned()).or_default();
    }
    assert_eq!(cycles(&uses), [["a", "b", "c"]]);
    uses.entry("g".to_owned()).or_default().insert("f".to_owned());
    assert_eq!(cycles(&uses), [vec!["a", "b", "c"], vec!["f", "g"]]);
}

#[test]
fn ids_are_found_where_they_are_strings() {
    let code =
        strip("a(\"T1\", \"K1b\");\n// \"T2\"\nb(\"T\", \"T123\", \"T1 \", \"H2\", Id::T3);\n");
    assert_eq!(id_lines(&code), [1, 1]);
}

#[test]
fn a_limit_is_a_mark_where_it_is_stored_or_compared() {
    for mark in [
        "input.target = usize::MAX;",
        "let x = u64::MAX;",
        "if a == usize::MAX {",
        "if u32::MAX != a {",
        "A { target: usize::MAX, b }",
        "usize::MAX => b(),",
        "a.b = if c { a.b } else { usize::MAX };",
    ] {
        assert_eq!(sentinel_lines(mark), [1], "{mark}");
    }
    for bound in [
        "u32::try_from(a).unwrap_or(u32::MAX)",
        "if a > u64::MAX {",
        "if a <= usize::MAX {",
        "_ => usize::MAX,",
        "write(out, usize::MAX)",
        "u32::MAX.to_le_bytes()",
        "let limit = if long { 10 } else { usize::MAX };",
    ] {
        assert!(sentinel_lines(bound).is_empty(), "{bound}");
    }
}

#[test]
fn what_must_be_zero_in_the_tree_is_zero() {
    census(&root(), true).unwrap();
}
