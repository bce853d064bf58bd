//! The keys of all rows that findings of a table are about, where somebody asks for them: the table
//! is read once more.

use super::{Task, duplicates, orphans};
use crate::codec::{Cell, Out};
use crate::diagnostic::{Finding, Id, Result};
use crate::rows::{self, RowLoop, find_refusals, for_each_row, refusal_finding};
use crate::stop::Stop;

/// Takes a finding and the key of one of its rows.
pub type AddKey<'k> = dyn FnMut(&Finding, &str) -> Result<()> + 'k;

/// Calls `add` with every row of the table's findings, which were made of its `rows`. Of findings
/// that only PostgreSQL can make, and of those about all rows, the examples are what is known.
///
/// # Errors
/// SQLite's, those of `add`, or a stop.
pub fn list_keys_of_findings(
    task: &Task<'_>,
    findings: &[Finding],
    rows: u64,
    stop: &Stop,
    add: &mut AddKey<'_>,
) -> Result<()> {
    let (reading, copy) = (task.source.reading(), task.copy);
    let of_rows = findings.iter().filter(|finding| !finding.examples.is_empty());
    let (complete, cut): (Vec<&Finding>, Vec<&Finding>) =
        of_rows.partition(|finding| finding.examples.len() as u64 == finding.count);
    for finding in complete {
        finding.examples.iter().try_for_each(|example| add(finding, &example.key))?;
    }
    if cut.iter().any(|finding| is_of_value(finding)) {
        list_refused_values(task, &cut, stop, add)?;
    }
    orphans::list_orphans(reading, copy, task.copies, &cut, stop, add)?;
    duplicates::list_keys_of_duplicates(reading, copy, &cut, rows, stop, add)
}

/// Whether a codec has refused a value.
fn is_of_value(finding: &Finding) -> bool {
    !finding.expected.is_empty() && !matches!(finding.id, Id::K1 | Id::K1b | Id::K5)
}

fn list_refused_values(
    task: &Task<'_>,
    findings: &[&Finding],
    stop: &Stop,
    add: &mut AddKey<'_>,
) -> Result<()> {
    let (copy, mut out) = (task.copy, Out::default());
    let control = RowLoop { stop, work: None };
    let mut ignore = |_: usize, _: Cell<'_>, _: Option<&[u8]>| {};
    for_each_row(task.source.reading(), copy, &mut out, control, None, &mut |step| {
        match step {
            rows::Step::Encoded(out) => out.clear(),
            rows::Step::Refused { row, refusal, key } => {
                for refusal in find_refusals(row, copy, refusal.column, &mut ignore) {
                    let found = refusal_finding(copy, refusal, key.clone());
                    let known = findings.iter().find(|known| known.is_same_kind(&found));
                    known.map_or(Ok(()), |known| add(known, &key))?;
                }
            }
        }
        Ok(())
    })?;
    Ok(())
}
