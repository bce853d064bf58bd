//! How long the rest will take, reported before it begins.
//!
//! Checking the rows has just shown how fast this machine reads and converts them. Copying,
//! keys and verification go over the same rows and take a multiple of that time.

use std::time::Duration;

use super::context::Context;
use super::request::Mode;
use crate::text::describe_time;

/// How many times as long as the check of the rows all that follows takes, by `cargo xtask bench`.
pub const FACTOR: u32 = 6;

/// Says how long a real run takes, or what is left of this one, and puts it into the report.
pub fn report_estimate(mode: Mode, context: &mut Context) {
    let of = |name: &str| {
        let step = context.report.steps.iter().find(|(step, _)| *step == name);
        step.map_or(Duration::ZERO, |(_, time)| *time)
    };
    let preflight = of("preflight");
    // What was asked of the server, a load does once more.
    let checks = preflight.saturating_sub(context.asking);
    let rest = checks * FACTOR + context.asking;
    let total = of("source") + preflight + rest;
    context.report.estimate = Some(total);
    // The summary of a dry run says it.
    if mode.loads() {
        context.print_line(&format!(
            "estimate: what follows takes about {}, with PostgreSQL as fast as this machine",
            describe_time(rest)
        ));
    }
}
