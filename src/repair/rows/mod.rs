//! Repairs of rows: which go into quarantine, which lose a reference, and what is read in the
//! place of a table that has repairs.
//!
//! A table with repairs is read through a subquery that stands wherever its name stood: functions
//! of ours correct its values and leave out its rows. So preflight, the copy and their codecs see a
//! table that is as repairs make it, and tables without repairs are read as ever. Which rows are
//! concerned is found before, round by round, until nothing changes: a row in quarantine makes
//! orphans of its children. It is kept on disk.

mod find;
mod memory;
mod through;

use std::collections::{BTreeMap, BTreeSet};

use model::{Column, ForeignKey, Table, sql};

use super::quarantine::Writer;
use super::{Repair, Repairs, ValueRepair};
use crate::diagnostic::{Error, Result};
use crate::ids::{DatabaseId, PerDatabase};
use crate::keys::scratch_error;
use crate::plan::{Copy, Repaired};
use crate::rows::Key;
use crate::sqlite::Source;
use crate::stop::Stop;

use find::{find_concerned_rows, for_each_orphan, keys_not_to_validate};
use memory::{Memory, changed_reference, key_of_row, quarantine_repair, refused_as_broken};
use through::repaired_subquery;

/// So many keys of each repair are kept for the report; `--keys FILE` lists all.
pub const LISTED: usize = 1000;

/// What one repair touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// So many rows.
    pub count: u64,
    /// The first of them.
    pub keys: Vec<String>,
}

/// Rows that only the server can name, by database and table.
pub type RefusedRows = BTreeMap<(DatabaseId, &'static str), RowsOfServer>;

/// Rows of a table that only the server can name, each by its number in a scan of the table as
/// SQLite has it, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsOfServer {
    /// Those that break a rule.
    pub broken: BTreeSet<u64>,
    /// Those that it does not take beside others.
    pub repeated: BTreeSet<u64>,
}

/// What the server is asked about the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerQuestion {
    /// Which break a rule over this column, or over any.
    Broken(Option<&'static str>),
    /// Which it does not take beside those before them.
    Repeated,
}

/// Answers with the places of rows in the order of reading.
pub type AskServer<'a> = dyn FnMut(&Source, &Copy, ServerQuestion) -> Result<Vec<i64>> + 'a;

/// What became of the rows of a run.
#[derive(Debug, Default)]
pub struct Judged {
    /// One for each repair.
    pub touched: Vec<Touched>,
    /// Rows in quarantine, by database and table.
    pub quarantined: BTreeMap<(DatabaseId, &'static str), u64>,
    /// Those of them that only the server could name.
    pub refused_by_server: RefusedRows,
    /// What stands in a table's place, by database and table.
    pub repaired: BTreeMap<(DatabaseId, &'static str), Repaired>,
}

/// A table with repairs.
struct Work<'a> {
    source: &'a Source,
    copy: Copy,
    repairs: Vec<(usize, &'a Repair)>,
    value_repairs: Vec<ValueRepair>,
    key: Key,
    /// Its number in the memory.
    place: i64,
}

/// Judges every row of every table with repairs. `copies` are all tables of the run, `keys` takes
/// the rows' names, `writer` the rows that go into quarantine; `ask` is the server.
///
/// # Errors
/// SQLite's, a full disk, or a stop.
pub fn prepare_repaired_tables(
    sources: &PerDatabase<&Source>,
    copies: &[Copy],
    repairs: &Repairs,
    keys: &mut dyn FnMut(&Repair, &str) -> Result<()>,
    mut writer: Option<&mut Writer>,
    ask: &mut AskServer<'_>,
    stop: &Stop,
) -> Result<Judged> {
    let mut judged =
        Judged { touched: vec![Touched::default(); repairs.all.len()], ..Judged::default() };
    if repairs.all.is_empty() {
        return Ok(judged);
    }
    let memory = memory::new()?;
    let mut copies = copies.to_vec();
    let mut works = Vec::new();
    for (place, copy) in (0_i64..).zip(&mut copies) {
        let own: Vec<_> = repairs.repairs_of_table(copy.database_id, copy.table().name).collect();
        if own.is_empty() {
            continue;
        }
        let source = *sources.get(copy.database_id)?;
        let value_repairs =
            ValueRepair::value_repairs_of_table(repairs, copy.database_id, copy.table());
        let key = Key::of_table(&source.structure, copy);
        copy.repaired =
            repaired_subquery(source, copy, &own, &value_repairs, &key, place, &memory)?;
        works.push(Work { source, copy: copy.clone(), repairs: own, value_repairs, key, place });
    }
    find_concerned_rows(&works, &copies, &memory, ask, stop)?;
    for work in &works {
        let mut list = |index: usize, name: String| -> Result<()> {
            let (Some(touched), Some(repair)) =
                (judged.touched.get_mut(index), repairs.all.get(index))
            else {
                return Err(Error::internal("rows that an unknown repair touches"));
            };
            touched.count += 1;
            keys(repair, &name)?;
            if touched.keys.len() < LISTED {
                touched.keys.push(name);
            }
            Ok(())
        };
        let mut refused = RowsOfServer::default();
        let mut report_keys = |index: usize, name: String, number: u64, by_server: Option<bool>| {
            match by_server {
                Some(true) => refused.broken.insert(number),
                Some(false) => refused.repeated.insert(number),
                None => false,
            };
            list(index, name)
        };
        let gone =
            tally_touched_rows(work, &memory, &mut report_keys, writer.as_deref_mut(), stop)?;
        for (index, key) in keys_not_to_validate(work) {
            for_each_orphan(work, key, &copies, stop, &mut |row, fields| {
                list(index, work.key.describe_row(row, fields))
            })?;
        }
        let table = (work.copy.database_id, work.copy.table().name);
        judged.quarantined.insert(table, gone);
        if refused != RowsOfServer::default() {
            judged.refused_by_server.insert(table, refused);
        }
        judged.repaired.insert(table, work.copy.repaired.clone());
    }
    Ok(judged)
}

/// The foreign keys that a column is part of.
fn foreign_keys_with_column(table: &'static Table, column: &Column) -> Vec<&'static ForeignKey> {
    table.foreign_keys.iter().filter(|key| key.columns.contains(&column.name)).collect()
}

/// Goes through a table as it is: lists what is touched, writes what goes into quarantine, and
/// returns the number of those rows.
fn tally_touched_rows(
    work: &Work<'_>,
    memory: &Memory,
    list: &mut dyn FnMut(usize, String, u64, Option<bool>) -> Result<()>,
    mut writer: Option<&mut Writer>,
    stop: &Stop,
) -> Result<u64> {
    let source = work.source;
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let disk = |error: rusqlite::Error| scratch_error(&error);
    let table = work.copy.table();
    let all_columns: Vec<&str> = match source.structure.table(table.source) {
        Some(own) => own.columns.iter().map(|column| column.name.as_str()).collect(),
        None => Vec::new(),
    };
    let fields = table.copied_columns().count();
    let columns = table.copied_columns().map(|column| sql::quote(column.source));
    let columns = columns.chain(work.key.columns.iter().cloned());
    let columns: Vec<_> = columns.chain(all_columns.iter().map(|name| sql::quote(name))).collect();
    let from = work.copy.unrepaired_rows_sql("");
    let select = format!("SELECT {} FROM {from}", columns.join(", "));
    let references: BTreeSet<usize> = work
        .repairs
        .iter()
        .filter(|(_, repair)| repair.action.changes_references())
        .filter_map(|(_, repair)| repair.column_index(table))
        .collect();
    let (mut count, mut gone, mut touched) = (0_u64, 0, Vec::new());
    let mut statement = source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    while let Some(row) = rows.next().map_err(fail)? {
        count += 1;
        if count.is_multiple_of(4096) {
            stop.fail_if_asked()?;
        }
        let key = key_of_row(work, row, fields);
        if let Some(at) = quarantine_repair(memory, work.place, &key).map_err(disk)? {
            gone += 1;
            let name = work.key.describe_row(row, fields);
            if let (Some(writer), Some((_, repair))) =
                (writer.as_deref_mut(), work.repairs.iter().find(|(known, _)| *known == at))
            {
                let first = fields + work.key.columns.len();
                writer.write_row(&work.copy.database, repair, &name, &all_columns, row, first)?;
            }
            let by_server = refused_as_broken(memory, work.place, &key).map_err(disk)?;
            list(at, name, count, by_server)?;
            continue;
        }
        touched.clear();
        let mut changed = Vec::new();
        for field in &references {
            let found = changed_reference(memory, work.place, *field, &key).map_err(disk)?;
            changed.extend(found.map(|(at, _)| (*field, at)));
        }
        touched.extend(changed.iter().map(|(_, at)| *at));
        for value_repair in &work.value_repairs {
            if !changed.iter().any(|(field, _)| *field == value_repair.column_index) {
                value_repair.repair_value(
                    row.get_ref(value_repair.column_index).map_err(fail)?,
                    &mut touched,
                );
            }
        }
        for at in touched.drain(..) {
            list(at, work.key.describe_row(row, fields), count, None)?;
        }
    }
    Ok(gone)
}
