//! What a dependency may be, by `deny.toml`: its licence, its name, where it comes from.
//!
//! cargo-deny knows more of these rules, and is run where it is installed; where it is not, the
//! rules that `deny.toml` has are held here.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::golden::root;
use crate::server;

/// Holds the rules.
///
/// # Errors
/// What is against them.
pub fn check_dependencies() -> Result<(), String> {
    let mut deny = Command::new(env!("CARGO"));
    deny.args(["deny", "check", "licenses", "bans", "sources"]).current_dir(root());
    let known = Command::new(env!("CARGO")).args(["deny", "--version"]).output();
    if known.is_ok_and(|known| known.status.success()) {
        return server::run(&mut deny);
    }
    let found = find_violations(&read_rules()?, &read_metadata()?);
    match found.is_empty() {
        true => Ok(()),
        false => Err(found.join("\n")),
    }
}

/// What `deny.toml` says.
///
/// # Errors
/// When it cannot be read.
pub fn read_rules() -> Result<Value, String> {
    let file = root().join("deny.toml");
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// What Cargo says of all packages of `Cargo.lock`.
///
/// # Errors
/// Cargo's.
pub fn read_metadata() -> Result<Value, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--all-features", "--locked"]);
    let output = cargo.current_dir(root()).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// Everything that is against the rules, in order.
pub fn find_violations(rules: &Value, metadata: &Value) -> Vec<String> {
    let allowed = texts(&rules["licenses"]["allow"]);
    // One registry, whichever cargo takes without being told of another.
    let mut registry: Option<&str> = None;
    let banned: BTreeSet<&str> =
        list(&rules["bans"]["deny"]).iter().filter_map(|ban| ban["crate"].as_str()).collect();
    let mut found = Vec::new();
    for package in list(&metadata["packages"]) {
        let text = |key: &str| package[key].as_str();
        let name = format!("{} {}", text("name").unwrap_or("?"), text("version").unwrap_or("?"));
        match text("license") {
            None => found.push(format!("{name}: it names no licence")),
            Some(licence) if !is_allowed(licence, &allowed) => {
                found.push(format!("{name}: the licence {licence} is not allowed"));
            }
            Some(_) => {}
        }
        if text("name").is_some_and(|name| banned.contains(name)) {
            found.push(format!("{name}: it is banned"));
        }
        if let Some(source) = text("source") {
            let known = *registry.get_or_insert(source);
            if !source.starts_with("registry+") || source != known {
                found.push(format!("{name}: the source {source} is not allowed"));
            }
            continue;
        }
        for dependency in list(&package["dependencies"]) {
            let wildcard = dependency["req"] == "*" && dependency["path"].is_null();
            if wildcard {
                let wanted = dependency["name"].as_str().unwrap_or("?");
                found.push(format!("{name}: any version of {wanted} is taken"));
            }
        }
    }
    found.sort();
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

/// Whether a licence expression of SPDX can be met by allowed licences: `OR` binds less than `AND`;
/// older packages write `/` for `OR`.
pub fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    meets(&words, allowed)
}

fn meets(words: &[&str], allowed: &BTreeSet<&str>) -> bool {
    for (operator, any) in [("OR", true), ("AND", false)] {
        let parts = split_outside(words, operator);
        if parts.len() > 1 {
            let mut met = parts.into_iter().map(|part| meets(part, allowed));
            return if any { met.any(|met| met) } else { met.all(|met| met) };
        }
    }
    match words {
        ["(", inner @ .., ")"] => meets(inner, allowed),
        plain => allowed.contains(plain.join(" ").as_str()),
    }
}

/// The parts between an operator, where it stands outside of parentheses.
fn split_outside<'a, 'b>(words: &'a [&'b str], operator: &str) -> Vec<&'a [&'b str]> {
    let mut depth = 0_usize;
    words
        .split(|word| {
            match *word {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && *word == operator
        })
        .collect()
}
