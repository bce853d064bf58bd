//! `case.toml` of a case's directory: its options.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads a case's options; a case without the file has none.
pub fn read<T: DeserializeOwned + Default>(directory: &Path) -> T {
    let file = directory.join("case.toml");
    let Ok(text) = fs::read_to_string(&file) else { return T::default() };
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Example {
    known: String,
}

#[test]
fn unknown_options_of_a_case_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(read::<Example>(folder.path()).known, "");
    fs::write(folder.path().join("case.toml"), "known = \"x\"\n").unwrap();
    assert_eq!(read::<Example>(folder.path()).known, "x");
    fs::write(folder.path().join("case.toml"), "knwon = \"x\"\n").unwrap();
    let refused = std::panic::catch_unwind(|| read::<Example>(folder.path()));
    assert!(refused.unwrap_err().downcast_ref::<String>().unwrap().contains("`knwon`"));
}
