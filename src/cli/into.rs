//! `migrate schema draft --into`: a new version in a schema directory that is there.

use std::path::Path;

use super::schema;
use crate::draft::into::{self, Change};
use crate::error::Result;
use crate::source::Source;

/// Writes what differs, and says it.
pub fn run(source: &Source, directory: &Path, version: &str) -> Result<String> {
    let change = into::into(source, directory, version)?;
    source.unchanged()?;
    into::put(&change, directory)?;
    Ok(told(&change, directory, version))
}

fn told(change: &Change, directory: &Path, version: &str) -> String {
    let shown = directory.display();
    let mut out = format!("{shown}: version {version} after {}\n", change.before);
    if change.tables.is_empty() {
        out.push_str("nothing differs: only the version's name is new\n");
    }
    for (table, said) in &change.tables {
        out.push_str(&format!("\n{table}\n"));
        said.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    if !change.left.is_empty() {
        out.push_str("\nonly the files say this, and it stays:\n");
        change.left.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    if !change.residue.is_empty() {
        out.push_str(&format!("\n{}", schema::residue(&change.residue, directory)));
        let decide = schema::to_decide(&change.residue);
        decide.iter().for_each(|item| out.push_str(&format!("{}\n", item.line())));
    }
    out
}
