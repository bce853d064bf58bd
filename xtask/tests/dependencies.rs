//! Dependencies have licences that are allowed, come from where they may, and are none that is
//! banned.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::BTreeSet;

use serde_json::json;
use xtask::dependencies::{find_violations, is_allowed, read_metadata, read_rules};

#[test]
fn dependencies_keep_the_rules() {
    let found = find_violations(&read_rules().unwrap(), &read_metadata().unwrap());
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn what_is_against_the_rules_is_found() {
    let rules = json!({
        "licenses": { "allow": ["MIT", "ISC"] },
        "bans": { "deny": [{ "crate": "bad" }] },
    });
    let registry = "registry+https://good";
    let package = |name: &str, licence: Option<&str>, source: Option<&str>, req: &str| {
        json!({
            "name": name, "version": "1.0.0", "license": licence, "source": source,
            "dependencies": [{ "name": "d", "req": req }, { "name": "e", "req": "*", "path": "e" }],
        })
    };
    let packages = [
        package("a-good", Some("MIT OR GPL-3.0"), Some(registry), "*"),
        package("bad", Some("ISC"), Some(registry), "^1"),
        package("closed", None, Some(registry), "^1"),
        package("from-git", Some("MIT"), Some("git+https://good"), "^1"),
        package("gpl", Some("GPL-3.0 AND MIT"), Some(registry), "^1"),
        package("ours", Some("MIT"), None, "*"),
    ];
    let found = find_violations(&rules, &json!({ "packages": packages }));
    assert_eq!(
        found,
        [
            "bad 1.0.0: it is banned",
            "closed 1.0.0: it names no licence",
            "from-git 1.0.0: the source git+https://good is not allowed",
            "gpl 1.0.0: the licence GPL-3.0 AND MIT is not allowed",
            "ours 1.0.0: any version of d is taken",
        ]
    );
}

#[test]
fn licence_expressions_are_read() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0 WITH LLVM-exception", "ISC"]);
    for (expression, good) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(GPL-3.0 OR MIT) AND GPL-2.0", false),
        ("MIT AND (ISC OR (GPL-3.0))", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("Apache-2.0", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), good, "{expression}");
    }
}
