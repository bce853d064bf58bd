//! `migrate schema draft --into`: a new version in a schema directory that is there.

use std::path::Path;

use crate::draft::into::{self, Change};
use crate::draft::residue::Kind;
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
    let (left, all) = (change.left.len(), change.residue.len());
    if left > 0 {
        out.push_str("\nonly the files say this, and it stays:\n");
        change.left.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    if all > 0 {
        let decide = change.residue.iter().filter(|item| item.kind == Kind::Decide).count();
        let things = if all == 1 { "thing is" } else { "things are" };
        out.push_str(&format!(
            "\n{all} {things} not in the schema files, {decide} of them to decide: \
             {shown}/RESIDUE.md\n"
        ));
    }
    out
}
