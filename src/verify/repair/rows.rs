//! Which rows repairs take out, or take a reference from; by canonical forms, and by the number of
//! the row in a scan of its table.

mod spellings;

use std::collections::BTreeSet;

use model::{Column, ForeignKey, Table, Type};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

pub(super) use spellings::parent_spelling;

use super::{Judge, equal};
use crate::diagnostic::{Error, Exit, Result};
use crate::keys::{Scratch, scratch_error};
use crate::repair::{Action, RowsOfServer};
use crate::verify::form::NULL;
use crate::verify::value::Reader;
use crate::verify::{STOP_EVERY, interrupted_error, quote_name};

const MEMORY: &str = "\
CREATE TABLE gone (place INTEGER, number INTEGER, PRIMARY KEY (place, number)) WITHOUT ROWID;
CREATE TABLE nulled (place INTEGER, field INTEGER, number INTEGER,
    PRIMARY KEY (place, field, number)) WITHOUT ROWID;
CREATE TABLE spelled (place INTEGER, field INTEGER, number INTEGER, form BLOB,
    PRIMARY KEY (place, field, number)) WITHOUT ROWID;
CREATE TABLE parents (loose INTEGER, form BLOB, PRIMARY KEY (loose, form)) WITHOUT ROWID;
CREATE TABLE children (form BLOB, loose BLOB, number INTEGER);
BEGIN";

/// A place on disk for what is found.
pub(super) fn make_scratch() -> Result<Scratch> {
    let scratch = Scratch::new(0)?;
    scratch.connection.execute_batch(MEMORY).map_err(|error| scratch_error(&error))?;
    Ok(scratch)
}

/// Whether a row was taken out.
pub(super) fn is_quarantined(scratch: &Scratch, index: i64, row: u64) -> Result<bool> {
    has_rows(
        scratch,
        "SELECT 1 FROM gone WHERE place = ?1 AND number = ?2",
        (index, row.cast_signed()),
    )
}

/// Whether a reference was taken from a row.
pub(super) fn is_nulled(scratch: &Scratch, index: i64, field: usize, row: u64) -> Result<bool> {
    let sql = "SELECT 1 FROM nulled WHERE place = ?1 AND field = ?2 AND number = ?3";
    has_rows(scratch, sql, (index, ordinal_number(field), row.cast_signed()))
}

fn ordinal_number(field: usize) -> u32 {
    u32::try_from(field).unwrap_or(u32::MAX)
}

fn has_rows(scratch: &Scratch, sql: &str, parameters: impl rusqlite::Params) -> Result<bool> {
    let disk = |error: rusqlite::Error| scratch_error(&error);
    let mut statement = scratch.connection.prepare_cached(sql).map_err(disk)?;
    let found = statement.query_row(parameters, |_| Ok(())).optional().map_err(disk)?;
    Ok(found.is_some())
}

/// What the looks at the tables of one database have in common.
struct JudgeContext<'a> {
    connection: &'a Connection,
    judge: &'a Judge<'a>,
    tables: &'a [&'static Table],
    scratch: &'a Scratch,
    stop: &'a dyn Fn() -> bool,
}

/// Judges all rows: values first, then references as often as it takes, then keys, from the
/// beginning as long as something changes.
pub(super) fn judge_all_rows(
    connection: &Connection,
    judge: &Judge<'_>,
    tables: &[&'static Table],
    stop: &dyn Fn() -> bool,
) -> Result<()> {
    let Some(scratch) = &judge.scratch else { return Ok(()) };
    let context = JudgeContext { connection, judge, tables, scratch, stop };
    for table in tables {
        context.quarantine_bad_values(table)?;
        context.quarantine_rows_of_server(table, |rows| &rows.broken)?;
    }
    loop {
        let before = context.count_found()?;
        loop {
            let before = context.count_found()?;
            for table in tables {
                context.judge_references(table)?;
            }
            if context.count_found()? == before {
                break;
            }
        }
        for table in tables {
            context.quarantine_repeated_keys(table)?;
            context.quarantine_rows_of_server(table, |rows| &rows.repeated)?;
        }
        if context.count_found()? == before {
            return Ok(());
        }
    }
}

impl JudgeContext<'_> {
    /// How much was found so far.
    fn count_found(&self) -> Result<i64> {
        let sql = "SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM nulled) \
             + (SELECT count(*) FROM spelled)";
        self.scratch.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| scratch_error(&e))
    }

    fn execute(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<()> {
        let disk = |error: rusqlite::Error| scratch_error(&error);
        let mut statement = self.scratch.connection.prepare_cached(sql).map_err(disk)?;
        statement.execute(parameters).map_err(disk).map(|_| ())
    }

    /// Takes out the rows that only the server could name.
    fn quarantine_rows_of_server(
        &self,
        table: &'static Table,
        numbers: fn(&RowsOfServer) -> &BTreeSet<u64>,
    ) -> Result<()> {
        let named = self.judge.refused.get(&(self.judge.database, table.name)).map(numbers);
        for number in named.into_iter().flatten() {
            let sql = "INSERT OR IGNORE INTO gone VALUES (?1, ?2)";
            self.execute(sql, (self.table_place(table), number.cast_signed()))?;
        }
        Ok(())
    }

    fn table_place(&self, table: &Table) -> i64 {
        let place = self.tables.iter().position(|known| known.name == table.name);
        place.and_then(|place| i64::try_from(place).ok()).unwrap_or(i64::MAX)
    }

    /// Takes out rows with a value that has no canonical form, where that is asked for.
    fn quarantine_bad_values(&self, table: &'static Table) -> Result<()> {
        let own = self.judge.repairs.repairs_of_table(self.judge.database, table.name);
        let fields: Vec<Option<usize>> = own
            .filter(|(_, repair)| repair.action == Action::Quarantine)
            .map(|(_, repair)| repair.column.and_then(|named| field_of_column(table, named)))
            .collect();
        let Some(judge) = self.judge.judge_of_table(table, self.tables) else { return Ok(()) };
        if fields.is_empty() {
            return Ok(());
        }
        let place = self.table_place(table);
        let columns: Vec<&'static Column> = table.copied_columns().collect();
        self.scan_rows(table, &columns, &mut |reader, number, row| {
            let (mut form, mut touched) = (Vec::new(), Vec::new());
            for (field, column) in columns.iter().enumerate() {
                if !fields.contains(&None) && !fields.contains(&Some(field)) {
                    continue;
                }
                form.clear();
                let value = row.get_ref(field).unwrap_or(ValueRef::Null);
                let read =
                    judge.append_repaired(reader, field, column, value, &mut touched, &mut form);
                let missing = !column.null && form.as_slice() == [NULL];
                if read.is_err() || missing {
                    return self.execute("INSERT INTO gone VALUES (?1, ?2)", (place, number));
                }
            }
            Ok(())
        })
    }

    /// Judges what refers to nothing.
    fn judge_references(&self, table: &'static Table) -> Result<()> {
        for (_, repair) in self.judge.repairs.repairs_of_table(self.judge.database, table.name) {
            let Some(column) = repair.column else { continue };
            let Some(field) = field_of_column(table, column) else { continue };
            if repair.action == Action::ParentSpelling {
                for key in table.foreign_keys.iter().filter(|key| key.columns == [column.name]) {
                    self.find_spellings(table, key, field)?;
                }
            }
            let null = match repair.action {
                Action::OrphanNull => true,
                Action::OrphanQuarantine => false,
                _ => continue,
            };
            for key in table.foreign_keys.iter().filter(|key| key.columns.contains(&column.name)) {
                self.collect_orphans(table, key)?;
                let place = self.table_place(table);
                if null {
                    let sql = "INSERT OR IGNORE INTO nulled SELECT ?1, ?2, number FROM children";
                    self.execute(sql, (place, ordinal_number(field)))?;
                } else {
                    let sql = "INSERT OR IGNORE INTO gone SELECT ?1, number FROM children";
                    self.execute(sql, [place])?;
                }
            }
        }
        Ok(())
    }

    /// Leaves in `children` the rows of a table that refer to nothing.
    fn collect_orphans(&self, table: &'static Table, key: &ForeignKey) -> Result<()> {
        self.execute("DELETE FROM parents", [])?;
        self.execute("DELETE FROM children", [])?;
        let Some(parent) = self.tables.iter().find(|parent| parent.name == key.table) else {
            return Ok(());
        };
        let columns = |table: &'static Table, names: &[&str]| -> Vec<&'static Column> {
            names
                .iter()
                .filter_map(|name| table.copied_columns().find(|c| c.name == *name))
                .collect()
        };
        let (own, to) = (columns(table, key.columns), columns(parent, key.to));
        // What the server alone can say is left to it.
        if own.iter().chain(&to).any(|column| equal::is_compared_by_collation(column)) {
            return Ok(());
        }
        let types: Vec<Type> = to.iter().map(|column| column.ty).collect();
        self.for_each_key_form(
            (parent, key.to),
            &types,
            equal::comparable_form,
            &mut |form, _| {
                self.execute("INSERT OR IGNORE INTO parents VALUES (0, ?1)", [&form.exact])?;
                let Some(loose) = &form.loose else { return Ok(()) };
                self.execute("INSERT OR IGNORE INTO parents VALUES (1, ?1)", [loose])
            },
        )?;
        self.for_each_key_form(
            (table, key.columns),
            &types,
            equal::comparable_form,
            &mut |form, number| {
                let values = (&form.exact, &form.loose, number);
                self.execute("INSERT INTO children VALUES (?1, ?2, ?3)", values)
            },
        )?;
        let there = "DELETE FROM children WHERE (0, form) IN (SELECT loose, form FROM parents) \
                     OR (1, loose) IN (SELECT loose, form FROM parents)";
        self.execute(there, [])
    }

    /// Takes out every row whose key an earlier one has.
    fn quarantine_repeated_keys(&self, table: &'static Table) -> Result<()> {
        let mut own = self.judge.repairs.repairs_of_table(self.judge.database, table.name);
        if !own.any(|(_, repair)| repair.action == Action::DuplicateQuarantine) {
            return Ok(());
        }
        let unique = table.uniques.iter().map(|unique| unique.columns.to_vec());
        let covers_all_rows = |index: &&model::Index| index.unique && index.predicate.is_none();
        let indexes = table.indexes.iter().filter(covers_all_rows).filter_map(|index| {
            let part = |part: &model::Part| (!part.expression).then_some(part.text);
            index.parts.iter().map(part).collect::<Option<Vec<_>>>()
        });
        let keys = std::iter::once(table.primary_key.to_vec()).chain(unique).chain(indexes);
        for names in keys.filter(|names| !names.is_empty()) {
            self.execute("DELETE FROM children", [])?;
            let own =
                names.iter().filter_map(|name| table.copied_columns().find(|c| c.name == *name));
            let types: Vec<Type> = own.map(|column| column.ty).collect();
            self.for_each_key_form(
                (table, &names),
                &types,
                equal::unique_form,
                &mut |form, number| {
                    self.execute(
                        "INSERT INTO children VALUES (?1, NULL, ?2)",
                        (&form.exact, number),
                    )
                },
            )?;
            let sql = "\
                INSERT OR IGNORE INTO gone SELECT ?1, number FROM (SELECT number, \
                row_number() OVER (PARTITION BY form ORDER BY number) AS nth FROM children) \
                WHERE nth > 1";
            self.execute(sql, [self.table_place(table)])?;
        }
        Ok(())
    }

    /// Gives the form of the key in these columns, as it is compared with keys of the types `to`,
    /// for every row that is still there; not where a part of it is NULL, has no canonical form, or
    /// cannot be compared.
    fn for_each_key_form(
        &self,
        (table, names): (&'static Table, &[&str]),
        to: &[Type],
        compared: Compared,
        each: &mut dyn FnMut(&KeyForm, i64) -> Result<()>,
    ) -> Result<()> {
        let found: Option<Vec<(usize, &'static Column)>> = names
            .iter()
            .map(|name| table.copied_columns().enumerate().find(|(_, column)| column.name == *name))
            .collect();
        let Some(found) = found else { return Ok(()) };
        let columns: Vec<&'static Column> = found.iter().map(|(_, column)| *column).collect();
        let judge = self.judge.judge_of_table(table, self.tables);
        let mut touched = Vec::new();
        self.scan_rows(table, &columns, &mut |reader, number, row| {
            let count = number.cast_unsigned();
            if let Some(judge) = &judge
                && judge.is_quarantined(count)?
            {
                return Ok(());
            }
            let mut key = KeyForm::default();
            let loose = to.contains(&Type::Citext);
            for (index, ((field, column), to)) in found.iter().zip(to).enumerate() {
                let value = row.get_ref(index).unwrap_or(ValueRef::Null);
                let mut form = Vec::new();
                let read = match &judge {
                    Some(judge) => {
                        let place = (count, *field);
                        judge.append_column(reader, place, column, value, &mut touched, &mut form)
                    }
                    None => reader.append_value(column.ty, column.stored, value, &mut form),
                };
                touched.clear();
                if read.is_err() || form.as_slice() == [NULL] {
                    return Ok(());
                }
                let Some(part) = compared(column.ty, *to, &form) else { return Ok(()) };
                if loose {
                    let part = equal::loose_form(*to, &form).unwrap_or_else(|| part.clone());
                    append_with_length(key.loose.get_or_insert_default(), &part);
                }
                append_with_length(&mut key.exact, &part);
            }
            each(&key, number)
        })
    }

    /// Reads columns of every row, with the row's number from 1.
    fn scan_rows(
        &self,
        table: &Table,
        columns: &[&'static Column],
        each: &mut dyn FnMut(&mut Reader<'_>, i64, &rusqlite::Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let failed = |error: rusqlite::Error| {
            let words = crate::sqlite::describe_error(&error);
            let text = format!("reading table {} of SQLite: {words}", table.source);
            Error::new(Exit::Source, text, "")
        };
        let names: Vec<String> = columns.iter().map(|column| quote_name(column.source)).collect();
        let from = quote_name(table.source);
        let select = format!("SELECT {} FROM {from} NOT INDEXED", names.join(", "));
        let mut statement = self.connection.prepare(&select).map_err(failed)?;
        let mut rows = statement.raw_query();
        let (mut reader, mut number) = (Reader::new(self.connection), 0_i64);
        while let Some(row) = rows.next().map_err(failed)? {
            number += 1;
            if number.cast_unsigned().is_multiple_of(STOP_EVERY) && (self.stop)() {
                return Err(interrupted_error());
            }
            each(&mut reader, number, row)?;
        }
        Ok(())
    }
}

/// The place of a column among those that are copied.
fn field_of_column(table: &Table, named: &Column) -> Option<usize> {
    table.copied_columns().position(|column| column.name == named.name)
}

/// Makes equal bytes of equal values.
type Compared = fn(Type, Type, &[u8]) -> Option<Vec<u8>>;

/// A key as it is compared.
#[derive(Default)]
struct KeyForm {
    exact: Vec<u8>,
    /// Where the server's locale may take more for equal: all that it could.
    loose: Option<Vec<u8>>,
}

/// Appends a part of a key with its length in front.
fn append_with_length(key: &mut Vec<u8>, part: &[u8]) {
    key.extend_from_slice(&(part.len() as u64).to_le_bytes());
    key.extend_from_slice(part);
}
