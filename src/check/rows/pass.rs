//! A pass over all tables by two threads, each on a connection of its own; what comes out is in
//! the order of the tables, whichever thread was faster.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use model::sql;

use super::Task;
use crate::diagnostic::console::{Progress, WorkItem};
use crate::diagnostic::{Error, Exit, Result};
use crate::plan::Copy;
use crate::sqlite::{Reading, SecondReading};
use crate::threads::spawn_in_scope;

/// A table to be checked, as both threads know it.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The table.
    pub copy: &'a Copy,
    /// The tables that come along.
    pub copies: &'a [Copy],
}

impl<'a> Job<'a> {
    /// That of a task.
    pub fn from_task(task: &Task<'a>) -> Job<'a> {
        Job { copy: task.copy, copies: task.copies }
    }
}

/// A table in work.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Its place in the list of tables.
    pub index: usize,
    /// The table.
    pub job: Job<'a>,
    /// Where its rows are counted.
    pub work: &'a WorkItem,
}

/// What is done for the table at a place.
pub type Work<'w, T> = dyn Fn(Reading<'_>, Place<'_>) -> Result<T> + Sync + 'w;

/// Does the work for every table.
///
/// # Errors
/// That of the first table, in their order, for which it fails.
pub fn run_on_two_threads<T: Send>(
    tasks: &[Task<'_>],
    progress: &Progress,
    work: &Work<'_, T>,
) -> Result<Vec<T>> {
    let order = largest_first(tasks);
    let next = AtomicUsize::new(0);
    let take = || order.get(next.fetch_add(1, Ordering::Relaxed)).copied();
    let (order_of, take) = (order.len(), &take);
    let other: Vec<(SecondReading<'_>, Job<'_>)> =
        tasks.iter().map(|task| (task.source.second_reading(), Job::from_task(task))).collect();
    let mut done = thread::scope(|scope| {
        // Without a second thread, this one reads all tables.
        let beside = spawn_in_scope(scope, move || {
            let mut done = Vec::new();
            while let Some(place) = take() {
                let Some((second_reading, job)) = other.get(place) else { continue };
                let item = progress.begin_work(job.copy.place_name());
                let at = Place { index: place, job: *job, work: &item };
                done.push((place, second_reading.read_with(|reading| work(reading, at))));
            }
            done
        });
        let mut done = Vec::new();
        while let Some(place) = take() {
            let Some(task) = tasks.get(place) else { continue };
            let item = progress.begin_work(task.copy.place_name());
            let at = Place { index: place, job: Job::from_task(task), work: &item };
            done.push((place, work(task.source.reading(), at)));
        }
        let broken = || Error::new(Exit::Source, "reading the source broke off", "");
        if let Ok(beside) = beside {
            done.extend(beside.join().map_err(|_| broken())?);
        }
        Ok::<_, Error>(done)
    })?;
    debug_assert_eq!(done.len(), order_of);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The tables' places, the largest first as far as that is known at once, so that no large one
/// is left for the end when one thread has nothing else to do.
fn largest_first(tasks: &[Task<'_>]) -> Vec<usize> {
    let size = |task: &Task<'_>| {
        let reading = task.source.reading();
        let source = task.copy.table().source;
        let rowid = reading.structure.table(source).and_then(|own| own.rowid_name())?;
        let last = format!("SELECT max({rowid}) FROM {} NOT INDEXED", sql::quote(source));
        reading.connection.query_row(&last, [], |row| row.get::<_, Option<i64>>(0)).ok()?
    };
    let mut order: Vec<(usize, i64)> =
        tasks.iter().map(|task| size(task).unwrap_or_default()).enumerate().collect();
    order.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    order.into_iter().map(|(index, _)| index).collect()
}
