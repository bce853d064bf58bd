//! Before anything is written: every row of every planned table, read by the codecs that will
//! copy it, and what PostgreSQL will check between rows: keys, references, room for new ids.
//!
//! Every row is read once. What is learned on the way (`watch`) says for most keys and references
//! that nothing can be wrong with them; only the others are checked by sorting and joining. Two
//! threads read side by side, each on a connection of its own within one snapshot.

mod duplicates;
mod form;
mod kept;
mod listed;
mod orphans;
mod pass;
mod plain;
mod profile;
mod sequences;
mod show;
mod watch;

pub use crate::keys::ids::Room;
pub use form::Form;
pub use kept::LeftOut;
pub use listed::list_keys_of_findings;
pub use profile::{Kind, Profile, has_finer_fraction, kept_fraction_digits};

use crate::codec::{Cell, Out};
use crate::diagnostic::console::{Progress, Step, Total};
use crate::diagnostic::{Finding, Notes, Result};
use crate::keys::ids;
use crate::plan::Copy;
use crate::rows::{self, RowLoop, find_refusals, for_each_row, refusal_finding};
use crate::sqlite::{Reading, SecondReading, Source};
use crate::stop::Stop;

use kept::KeptFindings;
use pass::{Job, Place};

/// What was seen in one table.
#[derive(Clone, Debug, Default)]
pub struct TableCheck {
    /// Its rows.
    pub rows: u64,
    /// What is wrong with values, one finding for each column and kind, and between rows.
    pub findings: Vec<Finding>,
    /// What else is wrong, where there is so much that nobody reads it.
    pub left_out: LeftOut,
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
    notes: Notes,
    watched: watch::WatchedTable<'a>,
}

/// What is learned of a table while its rows are copied.
#[derive(Debug)]
pub struct Watched<'a> {
    rows: u64,
    watched: watch::WatchedTable<'a>,
}

/// A table of a load whose keys and references are checked once all rows were read.
#[derive(Clone, Copy)]
pub struct Related<'a> {
    second_reading: SecondReading<'a>,
    job: Job<'a>,
}

/// Begins a step of the check.
pub type BeginStep<'b> = dyn FnMut(Step, Total) -> Progress + 'b;

/// Looks at tables; what was seen is in their order.
///
/// # Errors
/// SQLite's, a full disk, or a stop; what is wrong with rows is no error here.
pub fn read_tables(
    tasks: &[Task<'_>],
    stop: &Stop,
    begin: &mut BeginStep<'_>,
) -> Result<Vec<TableCheck>> {
    let (room, kept) = (ids::Room::unused(), KeptFindings::default());
    let read = |reading: Reading<'_>, at: Place<'_>| {
        let (table, findings) = read_table(reading, at, stop, &room)?;
        kept.add(at.index, findings);
        Ok(table)
    };
    let total = |task: &Task<'_>| task.source.reading().estimate_rows(task.copy.table().source);
    let progress = begin(Step::CheckRows, Total::of_all(tasks.iter().map(total)));
    let tables = pass::run_on_two_threads(tasks, &progress, &read)?;
    let all_watched: Vec<(u64, &watch::WatchedTable<'_>)> =
        tables.iter().map(|table| (table.rows, &table.watched)).collect();
    let jobs: Vec<Job<'_>> = tasks.iter().map(Job::from_task).collect();
    let relate = |reading: Reading<'_>, at: Place<'_>| {
        kept.add(at.index, find_broken_relations(reading, at.index, &jobs, &all_watched, stop)?);
        Ok(())
    };
    let progress = begin(Step::CheckKeys, Total::Unknown);
    pass::run_on_two_threads(tasks, &progress, &relate)?;
    let mut kept = kept.into_tables();
    let all = tables.into_iter().enumerate().map(|(index, table)| {
        let of_table = kept.remove(&index).unwrap_or_default();
        let (findings, left_out) = (of_table.findings, of_table.left_out);
        let Table { rows, notes, watched } = table;
        TableCheck { rows, findings, left_out, notes, profiles: watched.into_profiles() }
    });
    Ok(all.collect())
}

/// What is wrong between the rows of the table at a place, by what was seen of all tables.
fn find_broken_relations(
    reading: Reading<'_>,
    index: usize,
    jobs: &[Job<'_>],
    all_watched: &[(u64, &watch::WatchedTable<'_>)],
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let (Some(job), Some((rows, watched))) = (jobs.get(index), all_watched.get(index)) else {
        return Ok(Vec::new());
    };
    let ids = |copy: &Copy, column: &str| {
        let same = |job: &Job<'_>| job.copy.is_same_table(copy);
        all_watched.get(jobs.iter().position(same)?)?.1.ids_in_column(column)
    };
    let mut findings = duplicates::find_duplicates(reading, job.copy, watched, *rows, stop)?;
    findings.extend(orphans::find_orphans(reading, job.copy, job.copies, &ids, stop)?);
    findings.extend(sequences::find_exhausted_sequences(reading, job.copy)?);
    Ok(findings)
}

impl<'a> Watched<'a> {
    /// Begins to watch a table of `copies`.
    pub fn start_watching(
        copy: &Copy,
        copies: &[Copy],
        reading: Reading<'_>,
        room: &'a ids::Room,
    ) -> Watched<'a> {
        let referring = orphans::id_columns_of_references(copy, copies);
        let watched = watch::WatchedTable::start_watching(copy, reading.utf16, &referring, room);
        Watched { rows: 0, watched }
    }

    /// Sees a value as it is encoded; `field` as [`codec::Watch`](crate::codec::Watch) says.
    #[inline]
    pub fn observe_value(&mut self, index: usize, cell: Cell<'_>, field: Option<&[u8]>) {
        self.watched.observe_value(index, cell, field);
    }

    /// Notes how many rows there were.
    pub fn set_row_count(&mut self, rows: u64) {
        self.rows = rows;
    }

    /// What the columns hold.
    pub fn profiles(&self) -> Vec<Profile> {
        self.watched.profiles()
    }
}

impl<'a> Related<'a> {
    /// A table that is read on the second connection of its file.
    pub fn from_task(task: &Task<'a>) -> Related<'a> {
        Related { second_reading: task.source.second_reading(), job: Job::from_task(task) }
    }
}

/// Checks keys and references between rows that were watched; the findings are in the order of the
/// tables. Runs on the second connections, so that it can go to another thread.
///
/// # Errors
/// SQLite's, a full disk, or a stop; what is wrong with rows is no error here.
pub fn check_relations(
    related: &[Related<'_>],
    watched: &[Watched<'_>],
    stop: &Stop,
    progress: &Progress,
) -> Result<Vec<Vec<Finding>>> {
    let jobs: Vec<Job<'_>> = related.iter().map(|table| table.job).collect();
    let all_watched: Vec<(u64, &watch::WatchedTable<'_>)> =
        watched.iter().map(|table| (table.rows, &table.watched)).collect();
    let check = |(index, table): (usize, &Related<'_>)| {
        let work = progress.begin_work(table.job.copy.place_name());
        work.set_detail("keys and references".to_owned());
        table
            .second_reading
            .read_with(|reading| find_broken_relations(reading, index, &jobs, &all_watched, stop))
    };
    related.iter().enumerate().map(check).collect()
}

/// Reads a table and collects everything that its codecs refuse.
fn read_table<'a>(
    reading: Reading<'_>,
    at: Place<'_>,
    stop: &Stop,
    room: &'a ids::Room,
) -> Result<(Table<'a>, Vec<Finding>)> {
    let (copy, job) = (at.job.copy, at.job);
    let control = RowLoop { stop, work: Some(at.work) };
    let mut findings: Vec<Finding> = Vec::new();
    let mut out = Out::default();
    let referring = orphans::id_columns_of_references(copy, job.copies);
    let watched = watch::WatchedTable::start_watching(copy, reading.utf16, &referring, room);
    // Rows are watched as they are encoded, and what is left of a refused one behind its refusal.
    let watched = std::cell::RefCell::new(watched);
    let mut watch = |index: usize, cell: Cell<'_>, field: Option<&[u8]>| {
        watched.borrow_mut().observe_value(index, cell, field);
    };
    let mut rest = watch;
    let (rows, notes) =
        for_each_row(reading, copy, &mut out, control, Some(&mut watch), &mut |step| {
            match step {
                rows::Step::Encoded(out) => out.clear(),
                rows::Step::Refused { row, refusal, key } => {
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
    Ok((Table { rows, notes, watched: watched.into_inner() }, findings))
}
