//! How far the building of a key or an index is, as another session sees it.

use crate::postgres::direct::DirectQueries;
use postgres::Client;

/// The server's view has it since PostgreSQL 12; the numbers are those of the phase.
const QUERY: &str = "\
SELECT phase, blocks_done, blocks_total, tuples_done, tuples_total
  FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1";

/// The server's names of phases, what we call them, and what is counted there.
const PHASES: &[(&str, &str, Counted)] = &[
    ("building index: scanning table", "reading the table", Counted::Blocks),
    ("building index: sorting live tuples", "sorting", Counted::Nothing),
    ("building index: loading tuples in tree", "writing the index", Counted::Tuples),
    ("building index", "building", Counted::Blocks),
];

/// What a phase counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    Blocks,
    Tuples,
    Nothing,
}

/// What session `pid` is doing at an index: `reading the table, 62 %`; empty where it builds none.
///
/// # Errors
/// The server's, which is no reason to stop: an older one does not have the view.
pub fn describe_index_progress(watcher: &mut Client, pid: i32) -> Result<String, postgres::Error> {
    let Some(row) = watcher.query_opt_directly(QUERY, &[&pid])? else { return Ok(String::new()) };
    let phase: Option<String> = row.try_get(0)?;
    let known = PHASES.iter().find(|(name, ..)| Some(*name) == phase.as_deref());
    let Some((_, words, counted)) = known else { return Ok(String::new()) };
    let (done, total): (Option<i64>, Option<i64>) = match counted {
        Counted::Blocks => (row.try_get(1)?, row.try_get(2)?),
        Counted::Tuples => (row.try_get(3)?, row.try_get(4)?),
        Counted::Nothing => (None, None),
    };
    Ok(match (done, total) {
        (Some(done), Some(total)) if total > 0 => {
            let percent = i128::from(done.clamp(0, total)) * 100 / i128::from(total);
            format!("{words}, {percent} %")
        }
        _ => (*words).to_owned(),
    })
}
