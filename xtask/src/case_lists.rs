//! The lists of tests that have a directory each: `cargo xtask bless` writes them, so that a new
//! directory is a test with a name of its own.

use std::fs;
use std::path::{Path, PathBuf};

/// A directory of cases, and the file with their tests.
struct List {
    directory: &'static str,
    file: &'static str,
    /// What a directory must hold to be a case of the list; others have tests written by hand.
    input: &'static str,
}

const LISTS: &[List] = &[
    List { directory: "tests/cases/hazards", file: "tests/hazards/cases.rs", input: "source.sql" },
    List {
        directory: "tests/cases/preflight",
        file: "tests/preflight/cases.rs",
        input: "source.sql",
    },
    List {
        directory: "tests/cases/existing_tables/findings",
        file: "tests/migration/existing_tables/findings/cases.rs",
        input: "target.sql",
    },
    List {
        directory: "tests/cases/frameworks",
        file: "tests/migration/existing_tables/frameworks/cases.rs",
        input: "source.sql",
    },
    List { directory: "model/tests/cases", file: "model/tests/schema_files/cases.rs", input: "" },
];

/// Every list, and what it should hold.
///
/// # Errors
/// A directory that cannot be read.
pub fn render_case_lists(root: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    LISTS.iter().map(|list| Ok((root.join(list.file), render(root, list)?))).collect()
}

fn render(root: &Path, list: &List) -> Result<String, String> {
    let mut names = Vec::new();
    let directory = root.join(list.directory);
    let failed = |error: std::io::Error| format!("{}: {error}", directory.display());
    for entry in fs::read_dir(&directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_dir() && entry.path().join(list.input).exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut text = format!(
        "//! A test for each case in `{}`: written by `cargo xtask bless`.\n\n\
         use super::check_case;\nuse crate::golden::case_tests;\n\ncase_tests! {{\n",
        list.directory
    );
    for name in names {
        text += &format!("    {} = \"{name}\",\n", name.replace('-', "_"));
    }
    Ok(text + "}\n")
}
