//! `[[after_load]]` of `database.toml`: SQL statements that run in the transaction of a load, after
//! its rows were verified.

use crate::expression::{self, Kind};
use crate::fault::Faults;
use crate::file::{AfterLoadLine, Directory};
use crate::keys;
use crate::read::{leak, leak_all};
use crate::read_table::each_table;
use crate::table::{AfterLoad, Database};
use crate::walk::{Entries, Value, Walk};

/// The words that a statement may begin with: none of them ends the transaction.
const FIRST_WORDS: &[&str] =
    &["update", "insert", "delete", "merge", "select", "with", "refresh", "call", "do"];

/// Reads the list, each item with its line.
pub(crate) fn read_statements(
    walk: &mut Walk<'_>,
    value: Option<&Value<'_>>,
) -> Vec<(usize, AfterLoadLine)> {
    let mut found = Vec::new();
    each_table(walk, value, "[[after_load]]", keys::AFTER_LOAD, |walk, entries| {
        found.extend(read_statement(walk, entries).map(|line| (entries.line, line)));
    });
    found
}

fn read_statement(walk: &mut Walk<'_>, entries: &Entries<'_, '_>) -> Option<AfterLoadLine> {
    let changes = walk.read_strings(entries.get("changes"), "changes");
    let Some(sql) = walk.read_string(entries.get("sql"), "sql") else {
        if entries.get("sql").is_none() {
            walk.faults.add(walk.file, entries.line, "a statement after the load needs `sql`");
        }
        return None;
    };
    let tokens = expression::tokenize(&sql);
    let first = tokens.iter().find(|token| token.kind == Kind::Word);
    let is_known = |word: &str| FIRST_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    if !first.is_some_and(|token| is_known(token.text)) {
        let words: Vec<String> = FIRST_WORDS.iter().map(|word| word.to_uppercase()).collect();
        let text = format!("a statement after the load begins with one of {}", words.join(", "));
        walk.faults.add(walk.file, entries.line, text);
        return None;
    }
    Some(AfterLoadLine { sql, changes })
}

/// The statements of a directory.
pub(crate) fn statements_of_directory(directory: &Directory) -> &'static [AfterLoad] {
    let statements = directory.after_load.iter();
    let statements = statements
        .map(|(_, line)| AfterLoad { sql: leak(&line.sql), changes: leak_all(&line.changes) });
    statements.collect::<Vec<_>>().leak()
}

/// Faults of lines that name a table of no version.
pub(crate) fn check_statements(directory: &Directory, versions: &[Database], faults: &mut Faults) {
    let file = directory.path.join("database.toml");
    for (line, statement) in &directory.after_load {
        let is_known = |name: &String| {
            versions.iter().any(|version| version.tables.iter().any(|table| table.name == *name))
        };
        for name in statement.changes.iter().filter(|name| !is_known(name)) {
            let text = format!("`changes` names `{name}`, which is no table of any version");
            faults.add(&file, *line, text);
        }
    }
}
