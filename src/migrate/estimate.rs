//! How long the rest will take, reported before it begins.
//!
//! Three things are measured for it on the spot. The check of the rows has just shown how fast this
//! machine reads and converts them. Short queries show how fast the server sorts, which is what
//! building keys and indexes consists of, and how fast bytes come from it. The factors between
//! these and a whole run were measured with a million rows (`cargo xtask bench --part rehearsal`).

use std::time::Duration;

use super::context::Context;
use super::request::Mode;
use super::sources::Sources;
use super::targets::Target;
use crate::diagnostic::Result;
use crate::ids::PerTarget;
use crate::plan::{Plan, TargetPlan};
use crate::postgres::speed::{self, ServerSpeed};
use crate::text::describe_time;

/// How many times as long as the check of the rows the copy and the comparison take, with a server
/// on the same machine.
const COPY_FACTOR: f64 = 4.0;

/// How many times as long as sorting so many rows by a text the server takes to build an index of
/// them, statistics included.
const INDEX_FACTOR: f64 = 0.95;

/// Seconds that a server on the same machine takes to send a byte. They are in [`COPY_FACTOR`].
const SECONDS_PER_LOCAL_BYTE: f64 = 6e-9;

/// What is assumed of a server that could not be asked: the machine that the factors are from.
const UNKNOWN_SERVER: ServerSpeed =
    ServerSpeed { seconds_per_sorted_row: 1e-6, seconds_per_byte: SECONDS_PER_LOCAL_BYTE };

/// Says how long a real run takes, or what is left of this one, and puts it into the report.
///
/// # Errors
/// When a source is missing, which is a bug in this program.
pub fn report_estimate(
    mode: Mode,
    plan: &Plan,
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    context: &mut Context,
) -> Result<()> {
    let time_of = |name: &str| {
        let step = context.report.steps.iter().find(|(step, _)| *step == name);
        step.map_or(Duration::ZERO, |(_, time)| *time)
    };
    let (opening, preflight) = (time_of("source"), time_of("preflight"));
    // What was asked of the server, a load does once more.
    let checks = preflight.saturating_sub(context.asking);
    let mut rest = checks.as_secs_f64() * COPY_FACTOR + context.asking.as_secs_f64();
    for part in &plan.parts {
        let client = part.target.map(|id| targets.get_mut(id)).transpose()?;
        let speed =
            client.and_then(|target| speed::measure_server(&mut target.connection.client).ok());
        let speed = speed.unwrap_or(UNKNOWN_SERVER);
        let sorted = sorted_rows(part, context)?;
        // The rows go to the server, and come back to be compared.
        let bytes = 2.0 * bytes_of_sources(part, sources)?;
        rest += sorted * speed.seconds_per_sorted_row * INDEX_FACTOR;
        rest += bytes * (speed.seconds_per_byte - SECONDS_PER_LOCAL_BYTE).max(0.0);
    }
    let rest = Duration::try_from_secs_f64(rest).unwrap_or(Duration::MAX);
    context.report.estimate = Some(opening.saturating_add(preflight).saturating_add(rest));
    // The summary of a dry run says it.
    if mode.loads() {
        context.print_line(&format!(
            "estimate: the rest of this run takes about {}",
            describe_time(rest)
        ));
    }
    Ok(())
}

/// How many rows the server sorts for all keys and indexes of a target, and for its foreign keys,
/// which are joined.
fn sorted_rows(part: &TargetPlan, context: &mut Context) -> Result<f64> {
    let mut sum = 0.0;
    for copy in &part.copies {
        let table = copy.table();
        let rows = context.report.table_report(copy.database_id, table)?.rows;
        let indexes = usize::from(!table.primary_key.is_empty())
            + table.uniques.len()
            + table.indexes.len()
            + table.foreign_keys.len();
        sum += rows as f64 * indexes as f64;
    }
    Ok(sum)
}

/// The size of the files that go to a target.
fn bytes_of_sources(part: &TargetPlan, sources: &Sources) -> Result<f64> {
    let mut ids: Vec<_> = part.copies.iter().map(|copy| copy.database_id).collect();
    ids.dedup();
    let mut sum = 0.0;
    for id in ids {
        sum += sources.databases.get(id)?.source.size_in_bytes() as f64;
    }
    Ok(sum)
}
