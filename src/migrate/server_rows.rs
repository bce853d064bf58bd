//! The rows that only PostgreSQL finds to be there twice or to break a rule, asked for where
//! repairs take them out.

use std::collections::BTreeMap;

use super::context::Context;
use super::sources::Sources;
use super::targets::Target;
use crate::check::columns::{self, CheckedTable, Trial};
use crate::diagnostic::{Notes, Result};
use crate::ids::{DatabaseId, PerTarget, TargetId};
use crate::plan::{Copy, Plan};
use crate::repair::{self, Action, RefusedRows, ServerQuestion};
use crate::sqlite::Source;
use crate::stop::Stop;

/// Asks the server to which a table goes.
pub struct ServerJudge<'t> {
    targets: &'t mut PerTarget<Target>,
    places: BTreeMap<DatabaseId, TargetId>,
    trial: Trial,
    stop: Stop,
}

impl<'t> ServerJudge<'t> {
    /// Of the tables of a plan.
    pub fn new(targets: &'t mut PerTarget<Target>, plan: &Plan, context: &Context) -> Self {
        let of_part = |part: &crate::plan::TargetPlan| {
            let target = part.target;
            let databases: Vec<DatabaseId> =
                part.copies.iter().map(|copy| copy.database_id).collect();
            databases.into_iter().filter_map(move |database| Some((database, target?)))
        };
        let places = plan.parts.iter().flat_map(of_part).collect();
        ServerJudge { targets, places, trial: context.trial, stop: context.stop.clone() }
    }

    /// The places, in the order of reading, of rows that the server does not take.
    ///
    /// # Errors
    /// SQLite's, the server's, or a stop.
    pub fn find_rows(
        &mut self,
        source: &Source,
        copy: &Copy,
        question: ServerQuestion,
    ) -> Result<Vec<i64>> {
        let Some(target) = self.places.get(&copy.database_id) else { return Ok(Vec::new()) };
        let client = &mut self.targets.get_mut(*target)?.connection.client;
        let notes = Notes::new();
        let checked = CheckedTable { source, copy, notes: &notes, profiles: &[], others: &[] };
        columns::find_rows_to_take_out(checked, question, client, self.trial, &self.stop)
    }
}

/// The rows that repairs take out because the server says so, for a comparison without a load.
///
/// # Errors
/// SQLite's, the server's, a full disk, or a stop.
pub fn find_refused_rows(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    context: &mut Context,
) -> Result<RefusedRows> {
    let repairs = &sources.repairs;
    let asks = |action: &Action| matches!(action, Action::DuplicateQuarantine | Action::Quarantine);
    if !repairs.all.iter().any(|repair| asks(&repair.action)) {
        return Ok(RefusedRows::new());
    }
    let copies: Vec<Copy> = plan.parts.iter().flat_map(|part| &part.copies).cloned().collect();
    let mut judge = ServerJudge::new(targets, plan, context);
    let judged = repair::prepare_repaired_tables(
        &sources.source_files(),
        &copies,
        repairs,
        &mut |_, _| Ok(()),
        None,
        &mut |source, copy, question| judge.find_rows(source, copy, question),
        &context.stop,
    )?;
    Ok(judged.refused_by_server)
}
