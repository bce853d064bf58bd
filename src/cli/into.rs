//! `migrate schema draft --into`: a new version in a schema directory that is there.

use std::path::Path;

use super::schema;
use crate::diagnostic::Result;
use crate::schema_tools::draft::into::{self, Change};
use crate::sqlite::Source;
use crate::text::Lines;

/// Writes what differs, and says it.
pub fn update_directory(source: &Source, directory: &Path, version: &str) -> Result<String> {
    let change = into::find_changes(source, directory, version)?;
    source.check_unchanged()?;
    into::write_change(&change, directory)?;
    Ok(describe_change(&change, directory, version))
}

fn describe_change(change: &Change, directory: &Path, version: &str) -> String {
    let shown = directory.display();
    let mut out = Lines::default();
    out.add_line(format!("{shown}: version {version} after {}", change.before));
    if change.tables.is_empty() {
        out.add_line("nothing differs: only the version's name is new");
    }
    for (table, lines) in &change.tables {
        out.add_blank_line();
        out.add_line(table);
        lines.iter().for_each(|line| out.add_line(format!("  {line}")));
    }
    if !change.left.is_empty() {
        out.add_blank_line();
        out.add_line("only in the schema files, and kept:");
        change.left.iter().for_each(|line| out.add_line(format!("  {line}")));
    }
    if !change.residue.is_empty() {
        out.add_blank_line();
        schema::print_residue_summary(&change.residue, directory, &mut out);
        let decide = schema::to_decide(&change.residue);
        decide.iter().for_each(|item| out.add_line(item.one_line()));
    }
    out.into_text()
}
