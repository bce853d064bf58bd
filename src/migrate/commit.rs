//! The end of a load: the commits of a run, one after the other; or a rollback of everything.

use std::time::Instant;

use super::context::Context;
use super::targets::Target;
use crate::diagnostic::console::Step;
use crate::diagnostic::{Fault, Result};
use crate::event::Event;
use crate::ids::PerTarget;
use crate::load::publish::{self, Pending};
use crate::plan::{Copy, Plan};
use crate::postgres::server_error;

/// Commits every target that was loaded.
///
/// # Errors
/// When a commit failed, or its outcome is unknown. Those before it stay.
pub fn commit_targets(
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    context: &mut Context,
) -> Result<()> {
    context.stop.fail_if_asked()?;
    let begun = Instant::now();
    context.begin_step(Step::Commit, "");
    let mut any_committed = false;
    for part in plan.parts.iter().filter(|part| !part.copies.is_empty()) {
        let target = targets.get_mut(part.target_id()?)?;
        let connection = &mut target.connection;
        let client = &mut connection.client;
        context.hooks.run_at_with_session(Event::BeforeCommit, client)?;
        let table = |copy: &Copy| (copy.schema.clone(), copy.table().name.to_owned());
        let pending = Pending {
            host: &connection.host,
            address: &target.address,
            environment: &context.environment,
            tables: part.copies.iter().map(table).collect(),
        };
        let inform = &mut |line: &str| context.console.print_line(line);
        let committed =
            publish::commit_load(client, &pending, &context.stop, &mut context.hooks, inform);
        if let Err(mut error) = committed {
            if any_committed {
                error.faults.push(Fault::new(
                    "the other database is already committed",
                    "run the command again: it verifies what is committed and migrates the rest",
                ));
            }
            return Err(error);
        }
        any_committed = true;
        for (id, _) in target.schemas.entries() {
            let is_loaded = part.copies_of(id).next().is_some();
            context.report.databases.get_mut(id)?.committed = is_loaded;
        }
        context.hooks.run_at_with_session(Event::AfterCommit, client)?;
    }
    context.stop.end_commit();
    context.report.record_step("publish", begun, ());
    Ok(())
}

/// Takes back what was loaded into every target.
///
/// # Errors
/// The servers': the transaction is gone then, too. Or a stop, which leaves that to the server.
pub fn roll_back_targets(
    targets: &mut PerTarget<Target>,
    plan: &Plan,
    context: &mut Context,
) -> Result<()> {
    context.stop.fail_if_asked()?;
    context.begin_step(Step::RollBack, "");
    for part in plan.parts.iter().filter(|part| !part.copies.is_empty()) {
        let client = &mut targets.get_mut(part.target_id()?)?.connection.client;
        client.batch_execute("ROLLBACK").map_err(|error| server_error("ROLLBACK", &error))?;
    }
    Ok(())
}
