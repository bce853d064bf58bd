//! The examples of docs/schemas.md, as they stand there.

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use crate::server;

/// The guide's code blocks in their order: (language, text).
fn blocks() -> Vec<(String, String)> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas.md");
    let text = std::fs::read_to_string(guide).unwrap();
    let mut blocks = Vec::new();
    for part in text.split("\n```").skip(1).step_by(2) {
        let (language, text) = part.split_once('\n').unwrap();
        blocks.push((language.to_owned(), text.to_owned()));
    }
    blocks
}

/// Runs a block's command in a folder and returns what it said.
fn run(folder: &Path, block: &str, url: &str) -> (String, String, i32) {
    let (command, said) = block.split_once('\n').unwrap_or((block, ""));
    let command = command.strip_prefix("$ migrate ").unwrap();
    let command = command.replace("postgres://USER@HOST/DATABASE", url);
    let mut words: Vec<&str> = command.split(' ').collect();
    if words[0] == "copy" {
        words.push("--yes");
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_migrate"));
    let output = program.args(words).current_dir(folder).output().unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let wanted = if said.is_empty() { String::new() } else { format!("{said}\n") };
    (found + &error, wanted, output.status.code().unwrap())
}

#[test]
fn the_guide_says_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let database = server::database(server::shared());
    let mut seen = Vec::new();
    for (language, text) in blocks() {
        match &*language {
            "sql" => {
                let connection = Connection::open(folder.path().join("app.db")).unwrap();
                connection.execute_batch(&text).unwrap();
            }
            "toml" => {
                let drafted = folder.path().join("library/book.toml");
                assert_eq!(std::fs::read_to_string(drafted).unwrap().trim_end(), text);
            }
            "console" => {
                let (found, wanted, code) = run(folder.path(), &text, &database.url);
                assert!(wanted.is_empty() || found == wanted, "{text}\n---\n{found}");
                seen.push(code);
            }
            other => panic!("a block in {other}"),
        }
    }
    assert_eq!(seen, [0, 0, 0, 1, 0]);
}
