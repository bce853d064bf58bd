//! Before anything is written: every row of every planned table, read by the codecs that will
//! copy it, and what PostgreSQL will check between rows: keys, references, room for new ids.

mod duplicates;
pub(crate) mod keys;
mod orphans;
mod sequences;

use crate::codec::{self, Cell, Out, Refusal, Row};
use crate::copy::{self, Step};
use crate::error::Result;
use crate::finding::{Finding, Notes};
use crate::plan::Copy;
use crate::source::Source;
use crate::stop::Stop;

/// What was seen in one table.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Its rows.
    pub rows: u64,
    /// What is wrong with values, one finding for each column and kind.
    pub findings: Vec<Finding>,
    /// What will be taken in a way that is counted.
    pub notes: Notes,
}

/// Reads a table and collects everything that its codecs refuse.
///
/// # Errors
/// SQLite's, or a stop; what is wrong with values is no error here.
pub fn table(source: &Source, copy: &Copy, stop: &Stop) -> Result<Seen> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut out = Out::default();
    let (rows, notes) = copy::each_row(source, copy, &mut out, stop, &mut |step| {
        match step {
            Step::Encoded(out) => out.clear(),
            Step::Refused { row, key, .. } => {
                for refusal in refusals(row, copy) {
                    let found = copy::finding(copy, refusal, key.clone());
                    if !findings.iter_mut().any(|known| known.absorb(&found)) {
                        findings.push(found);
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(Seen { rows, findings, notes })
}

/// Looks at what holds between rows of a table of `rows` rows and of those that come along.
///
/// # Errors
/// SQLite's, a full disk, or a stop; what is wrong with rows is no error here.
pub fn relations(
    source: &Source,
    copy: &Copy,
    copies: &[Copy],
    rows: u64,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = duplicates::find(source, copy, rows, stop)?;
    findings.extend(orphans::find(source, copy, copies, stop)?);
    findings.extend(sequences::find(source, copy)?);
    Ok(findings)
}

/// Everything that is refused in one row, not only the first: each column by itself.
pub(crate) fn refusals(row: &rusqlite::Row<'_>, copy: &Copy) -> Vec<Refusal> {
    let mut out = Out::default();
    let mut notes = Notes::new();
    let mut found = Vec::new();
    for (place, column) in copy.table().copied().enumerate() {
        let mut cells = Row::begin(row, 0, &mut out, &mut notes);
        let codec = |out: &mut Out, cell: Cell<'_>| codec::encode(column, out, cell);
        let encoded =
            if column.null { cells.nullable(place, codec) } else { cells.required(place, codec) };
        found.extend(encoded.err());
        out.clear();
    }
    found
}
