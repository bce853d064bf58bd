//! Before anything is written: every row of every planned table, read by the codecs that will
//! copy it, and what PostgreSQL will check between rows: keys, references, room for new ids.
//!
//! Every row is read once. What is learned on the way (`watch`) says for most keys and references
//! that nothing can be wrong with them; only the others are looked at by sorting and joining. Two
//! threads read side by side, each on a connection of its own within one snapshot.

mod duplicates;
mod form;
mod orphans;
mod pass;
mod plain;
mod profile;
mod sequences;
mod show;
mod watch;

pub use form::Form;
pub use profile::{Kind, Profile, has_finer_fraction, kept_fraction_digits};

use crate::codec::{Cell, Out};
use crate::diagnostic::{Finding, Notes, Result};
use crate::keys::ids;
use crate::plan::Copy;
use crate::rows::{Step, find_refusals, for_each_row, refusal_finding};
use crate::sqlite::{Reading, Source};
use crate::stop::Stop;

use pass::Job;

/// What was seen in one table.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Its rows.
    pub rows: u64,
    /// What is wrong with values, one finding for each column and kind, and between rows.
    pub findings: Vec<Finding>,
    /// What will be taken in a way that is counted.
    pub notes: Notes,
    /// What its columns hold.
    pub profiles: Vec<Profile>,
}

/// A table with its file, and the tables that come along.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The file.
    pub source: &'a Source,
    /// The table.
    pub copy: &'a Copy,
    /// The tables that come along.
    pub copies: &'a [Copy],
}

/// A table whose rows were read.
struct Table<'a> {
    rows: u64,
    findings: Vec<Finding>,
    notes: Notes,
    seen: watch::Seen<'a>,
}

/// Looks at tables; what was seen is in their order. `doing` is told which table is read.
///
/// # Errors
/// SQLite's, a full disk, or a stop; what is wrong with rows is no error here.
pub fn read_tables(
    tasks: &[Task<'_>],
    stop: &Stop,
    doing: &mut dyn FnMut(&Copy),
) -> Result<Vec<Seen>> {
    let room = ids::Room::unused();
    let read = |reading: Reading<'_>, _, job: Job<'_>| read_table(reading, job, stop, &room);
    let tables = pass::run_on_two_threads(tasks, doing, &read)?;
    let jobs: Vec<Job<'_>> = tasks.iter().map(Job::from_task).collect();
    let ids = |copy: &Copy, column: &str| {
        let same = |job: &Job<'_>| job.copy.is_same_table(copy);
        tables.get(jobs.iter().position(same)?)?.seen.ids_in_column(column)
    };
    let relate = |reading: Reading<'_>, place: usize, job: Job<'_>| {
        let Some(table) = tables.get(place) else { return Ok(Vec::new()) };
        let mut findings =
            duplicates::find_duplicates(reading, job.copy, &table.seen, table.rows, stop)?;
        findings.extend(orphans::find_orphans(reading, job.copy, job.copies, &ids, stop)?);
        findings.extend(sequences::find_exhausted_sequences(reading, job.copy)?);
        Ok(findings)
    };
    let relations = pass::run_on_two_threads(tasks, &mut |_| {}, &relate)?;
    let all = tables.into_iter().zip(relations).map(|(mut table, relations)| {
        table.findings.extend(relations);
        let profiles = table.seen.into_profiles();
        Seen { rows: table.rows, findings: table.findings, notes: table.notes, profiles }
    });
    Ok(all.collect())
}

/// Reads a table and collects everything that its codecs refuse.
fn read_table<'a>(
    reading: Reading<'_>,
    job: Job<'_>,
    stop: &Stop,
    room: &'a ids::Room,
) -> Result<Table<'a>> {
    let copy = job.copy;
    let mut findings: Vec<Finding> = Vec::new();
    let mut out = Out::default();
    let referring = orphans::id_columns_of_references(copy, job.copies);
    let seen = watch::Seen::start_watching(copy, reading.utf16, &referring, room);
    // Rows are watched as they are encoded, and what is left of a refused one behind its refusal.
    let seen = std::cell::RefCell::new(seen);
    let mut watch = |place: usize, cell: Cell<'_>, field: Option<&[u8]>| {
        seen.borrow_mut().observe_value(place, cell, field);
    };
    let mut rest = watch;
    let (rows, notes) =
        for_each_row(reading, copy, &mut out, stop, Some(&mut watch), &mut |step| {
            match step {
                Step::Encoded(out) => out.clear(),
                Step::Refused { row, refusal, key } => {
                    for refusal in find_refusals(row, copy, refusal.column, &mut rest) {
                        let found = refusal_finding(copy, refusal, key.clone());
                        if !findings.iter_mut().any(|known| known.merge(&found)) {
                            findings.push(found);
                        }
                    }
                }
            }
            Ok(())
        })?;
    Ok(Table { rows, findings, notes, seen: seen.into_inner() })
}
