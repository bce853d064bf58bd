//! The order of the modules: `src/lib.rs` lists them so that imports point only to modules listed
//! earlier, and verification imports nothing of what it verifies.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::path::Path;

use xtask::census::code::strip;
use xtask::census::imports::{module_path, root_names};
use xtask::golden::root;

/// Modules that another must not import, although they are listed earlier: a fault of the copy
/// would agree with itself.
const FORBIDDEN: &[(&str, &[&str])] = &[("verify", &["codec", "check"])];

/// The modules that the root declares, in their order.
fn modules(root_code: &str) -> Vec<&str> {
    let declared = root_code.lines().map(str::trim).filter_map(|line| {
        let rest = line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub ")).unwrap_or(line);
        rest.strip_prefix("mod ")?.strip_suffix(';')
    });
    declared.collect()
}

/// The imports of a file that are against the order, as `path: what`.
fn findings(order: &[&str], path: &str, text: &str) -> Vec<String> {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let module = module_path(below);
    let Some(own) = module.first() else { return Vec::new() };
    let place = |name: &str| order.iter().position(|module| *module == name);
    let Some(own_place) = place(own) else {
        return vec![format!("{path}: src/lib.rs does not declare `{own}`")];
    };
    let forbidden = FORBIDDEN.iter().find(|(name, _)| name == own).map_or(&[][..], |(_, all)| all);
    let code = strip(text).text;
    let names = root_names(&code, module.len());
    let against = names.into_iter().filter_map(|name| match place(name) {
        Some(there) if there > own_place => {
            Some(format!("{path}: `{own}` imports `{name}`, which src/lib.rs lists later"))
        }
        Some(_) if forbidden.contains(&name) => {
            Some(format!("{path}: `{own}` must share nothing with `{name}`"))
        }
        _ => None,
    });
    against.collect()
}

fn rust_files(directory: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn imports_point_to_modules_listed_earlier() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let lib = strip(&read("src/lib.rs")).text;
    let order = modules(&lib);
    assert!(order.len() > 10, "{order:?}");
    // The program's own `main` uses the crate by its name.
    let mut found: Vec<String> = Vec::new();
    for path in files.iter().filter(|path| *path != "src/main.rs") {
        found.extend(findings(&order, path, &read(path)));
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_planted_import_is_found() {
    let order = ["text", "codec", "check", "verify", "cli"];
    let check = |path: &str, text: &str, count: usize| {
        let found = findings(&order, path, text);
        assert_eq!(found.len(), count, "{path}: {found:?} of\n{text}");
    };
    check("src/codec/a.rs", "use crate::text::a;\n", 0);
    check("src/codec/a.rs", "use crate::check::a;\n", 1);
    check("src/codec/a.rs", "use crate::{text, verify::{self, a}};\n", 1);
    check("src/codec/a.rs", "fn a() { crate::cli::b() }\n", 1);
    check("src/codec/a.rs", "use super::super::cli;\n", 1);
    check("src/codec/a.rs", "use super::cli;\n", 0);
    check("src/codec.rs", "use super::cli;\n", 1);
    check("src/codec/a.rs", "// crate::cli\nconst A: &str = \"crate::cli\";\n", 0);
    check("src/codec/a.rs", "#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n", 0);
    check("src/verify/a.rs", "use crate::text;\n", 0);
    check("src/verify/a.rs", "use crate::codec::int8;\n", 1);
    check("src/verify/a.rs", "use crate::{check, text};\n", 1);
    check("src/cli/a.rs", "use crate::{check, codec};\n", 0);
    check("src/unknown.rs", "use crate::text;\n", 1);
}
