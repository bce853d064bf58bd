//! How many rows there are to be copied and compared, and how many are done.

use std::cell::Cell;

use super::context::Context;
use super::sources::Sources;
use crate::diagnostic::Result;
use crate::diagnostic::console::{Total, WorkItem};
use crate::plan::{Copy, TargetPlan};
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
