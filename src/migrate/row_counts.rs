//! How many rows there are to be copied and compared, and how many are done.

use std::cell::Cell;

use super::context::Context;
use super::sources::Sources;
use crate::diagnostic::Result;
use crate::diagnostic::console::{Amount, Total, WorkItem};
use crate::plan::{Copy, Plan, TargetPlan};
use crate::stop::Stop;
use crate::verify;

/// How many rows the sources of a target have at most.
///
/// # Errors
/// When a source is missing, which is a bug in this program.
pub fn estimate_rows(sources: &Sources, part: &TargetPlan) -> Result<Total> {
    let rows = |copy: &Copy| {
        let reading = sources.databases.get(copy.database_id)?.source.reading();
        Ok(reading.estimate_rows(copy.table().source))
    };
    Ok(Total::of_all(part.copies.iter().map(rows).collect::<Result<Vec<_>>>()?))
}

/// How many rows of a target's tables were read before.
///
/// # Errors
/// When a database is not in the report, which is a bug in this program.
pub fn known_rows(part: &TargetPlan, context: &mut Context) -> Result<Total> {
    let mut total = 0;
    for copy in &part.copies {
        total += context.report.table_report(copy.database_id, copy.table())?.rows;
    }
    Ok(Total::Known(total))
}

/// The rows of the targets before and behind one of them, with which a step counts.
#[derive(Clone, Copy, Debug)]
pub struct OtherRows {
    /// Rows of the targets before it, which were read.
    pub before: u64,
    /// Rows of the targets that follow.
    pub after: Total,
}

impl OtherRows {
    /// Those beside the part of a plan at a place; whether rows `are_known` of targets that follow,
    /// because they were read before, or are estimated.
    ///
    /// # Errors
    /// As [`known_rows`] and [`estimate_rows`].
    pub fn beside_part(
        plan: &Plan,
        index: usize,
        sources: &Sources,
        are_known: bool,
        context: &mut Context,
    ) -> Result<OtherRows> {
        let (mut before, mut after) = (Total::Known(0), Total::Known(0));
        for (other, part) in plan.parts.iter().enumerate() {
            if other < index {
                before = before.plus(known_rows(part, context)?);
            } else if other > index {
                after = after.plus(match are_known {
                    true => known_rows(part, context)?,
                    false => estimate_rows(sources, part)?,
                });
            }
        }
        let before = match before {
            Total::Known(rows) => rows,
            Total::AtMost(_) | Total::Unknown => 0,
        };
        Ok(OtherRows { before, after })
    }

    /// How much a step has to do in all targets, with `own` rows in the one.
    pub fn amount_with(self, own: Total) -> Amount {
        let total = Total::Known(self.before).plus(own).plus(self.after);
        Amount { total, done: self.before }
    }
}

/// Whether to stop, as verification asks every so many rows; they are counted by that.
pub fn count_rows_until<'s>(stop: &'s Stop, work: &'s WorkItem) -> impl Fn() -> bool + 's {
    let has_begun = Cell::new(false);
    move || {
        // It is first asked before the first row.
        if has_begun.replace(true) {
            work.add(verify::STOP_EVERY);
        }
        stop.is_asked()
    }
}
