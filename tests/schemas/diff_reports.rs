//! The differences of two versions of Connect: what the schema files say, read here by other code,
//! and the reports of it as they were reviewed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use toml::{Table, Value};

use super::migrate;
use crate::golden;

const LEFT: &str = "2024.08";
const RIGHT: &str = "2025.04";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a line's range has a version; names of versions sort as they follow each other.
fn has(line: &Table, version: &str) -> bool {
    let Some(range) = line.get("versions").and_then(Value::as_str) else { return true };
    let (from, to) = range.split_once("..").unwrap();
    from <= version && (to.is_empty() || version < to)
}

/// The line that holds at a version, without its range.
fn at(value: &Value, version: &str) -> Option<Table> {
    let one = |value: &Value| value.as_table().unwrap().clone();
    let lines: Vec<Table> = match value {
        Value::Array(lines) => lines.iter().map(one).collect(),
        line => vec![one(line)],
    };
    let mut line = lines.into_iter().find(|line| has(line, version))?;
    line.remove("versions");
    Some(line)
}

/// What the files say of two versions: table and subject of everything that differs.
fn described_differences() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root().join("schema/connect/core")).unwrap() {
        let file = entry.unwrap().path();
        let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
        if stem == "database" || file.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let table: Table = fs::read_to_string(&file).unwrap().parse().unwrap();
        let name = table.get("name").and_then(Value::as_str).unwrap_or(&stem);
        let mut add = |what: String| found.insert(format!("{name}: {what}"));
        match (has(&table, LEFT), has(&table, RIGHT)) {
            (true, true) => {}
            (false, false) => continue,
            _ => {
                add("table".to_owned());
                continue;
            }
        }
        for (column, value) in table["columns"].as_table().unwrap() {
            match (at(value, LEFT), at(value, RIGHT)) {
                (Some(one), Some(two)) => {
                    for key in one.keys().chain(two.keys()) {
                        if one.get(key) != two.get(key) {
                            add(format!("column {column}: {key}"));
                        }
                    }
                }
                (None, None) => {}
                _ => {
                    add(format!("column {column}"));
                }
            }
        }
        for (list, word) in [("index", "index"), ("check", "check"), ("foreign_key", "foreign key")]
        {
            let blocks = table.get(list).and_then(Value::as_array).into_iter().flatten();
            let names: BTreeSet<&str> =
                blocks.clone().filter_map(|block| block.get("name")?.as_str()).collect();
            for named in names {
                let own = |block: &&Value| block.get("name").and_then(Value::as_str) == Some(named);
                let lines = Value::Array(blocks.clone().filter(own).cloned().collect());
                if at(&lines, LEFT) != at(&lines, RIGHT) {
                    add(format!("{word} {named}"));
                }
            }
        }
    }
    found
}

fn report(format: &str) -> String {
    let (left, right) = (format!("connect/core@{LEFT}"), format!("connect/core@{RIGHT}"));
    let ran = migrate(&["schema", "diff", &left, &right, "--format", format]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    ran.out
}

#[test]
fn two_versions_differ_in_what_other_code_reads_in_the_files() {
    let json: Json = serde_json::from_str(&report("json")).unwrap();
    let word = |one: &Json, key: &str| one[key].as_str().unwrap().to_owned();
    let shown = |one: &Json| format!("{}: {}", word(one, "table"), word(one, "subject"));
    let found: BTreeSet<String> =
        json["differences"].as_array().unwrap().iter().map(shown).collect();
    assert_eq!(found, described_differences());
    assert!(found.len() > 10, "{found:?}");
}

fn check_report(format: &str, extension: &str) {
    let file = root().join(format!("tests/cases/diff/versions.{extension}"));
    golden::check(&file, &report(format));
}

#[test]
fn text_report_is_as_reviewed() {
    check_report("text", "txt");
}

#[test]
fn markdown_report_is_as_reviewed() {
    check_report("markdown", "md");
}

#[test]
fn json_report_is_as_reviewed() {
    check_report("json", "json");
}

#[test]
fn html_report_is_as_reviewed() {
    check_report("html", "html");
}

/// What a browser makes of it is seen by `cargo xtask browser`.
#[test]
fn names_are_no_markup_in_a_page_that_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for (side, ty) in [("old", "text"), ("new", "int8")] {
        let side = folder.path().join(side);
        fs::create_dir(&side).unwrap();
        fs::write(side.join("database.toml"), "versions = [\"<i>1\"]\n").unwrap();
        let table = format!(
            "name = \"<script>alert('&')\\u0007\\u202E</script>\"\n[columns]\n\
             '<img src=\"x\">' = {{ type = \"{ty}\" }}\n'{ty}<' = {{ type = \"text\" }}\n"
        );
        fs::write(side.join("t.toml"), table).unwrap();
    }
    let side = |name: &str| folder.path().join(name).display().to_string();
    let page = migrate(&["schema", "diff", &side("old"), &side("new"), "--format", "html"]).out;
    let name = "<bdi>&lt;script&gt;alert(&#39;&amp;&#39;)[U+0007][U+202E]&lt;/script&gt;</bdi>";
    assert!(page.contains(name), "{page}");
    assert!(page.contains("<bdi>column &lt;img src=&quot;x&quot;&gt;: type</bdi>"), "{page}");
    for foreign in ["<script", "<img", "<link", "<i>1", "http:", "https:", "url(", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let same = migrate(&["schema", "diff", &side("old"), &side("old"), "--format", "html"]);
    assert_eq!(same.code, 0);
    assert!(same.out.contains("<h1>no differences</h1>"), "{}", same.out);
}
