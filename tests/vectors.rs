//! Recorded behaviour of the Go programs that Connect is made of, against ours.
//!
//! The files say in their `about` how they were made. They are read from the directory in the
//! environment variable `CASES` when it is set, so that cases nobody here has seen can be tried;
//! a file that is not there is then skipped, and said to be.

mod gcfg;
mod secrets;
mod urls;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A case file, or nothing when `CASES` names a directory that does not hold it.
fn case_file(name: &str) -> Option<Value> {
    let checked_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/vectors");
    let given = std::env::var_os("CASES").map(PathBuf::from);
    let path = given.clone().unwrap_or(checked_in).join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).expect("case files are JSON")),
        Err(error) if given.is_some() && error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: {} is not there", path.display());
            None
        }
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// Runs `check` on every case of a part; fails once, with every case that does not agree.
fn agree(file: &str, part: &str, check: impl Fn(&Value, &Value) -> Result<(), String>) {
    let Some(whole) = case_file(file) else { return };
    let Some(cases) = whole.get(part) else {
        println!("skipped: {file} has no part {part}");
        return;
    };
    let cases = cases.as_array().expect("a part is a list");
    let mut wrong = Vec::new();
    for case in cases {
        if let Err(why) = check(&whole, case) {
            wrong.push(format!("{}: {why}", text(case, "id")));
        }
    }
    println!("{file} {part}: {} of {} agree", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{file} {part}:\n{}", wrong.join("\n"));
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, own: T, theirs: T) -> Result<(), String> {
    if own == theirs { Ok(()) } else { Err(format!("{what}: ours {own:?}, theirs {theirs:?}")) }
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The bytes of a text member, or of its base64 twin `<key>_b64`.
fn bytes(case: &Value, key: &str) -> Vec<u8> {
    match case.get(format!("{key}_b64")) {
        Some(encoded) => STANDARD.decode(encoded.as_str().expect("text")).expect("base64"),
        None => text(case, key).as_bytes().to_vec(),
    }
}
