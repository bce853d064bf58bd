//! Keys that PostgreSQL will find twice: where SQLite does not keep them unique itself, or where
//! different values become one by conversion.
//!
//! Hashes of all keys are sorted first; mostly no two are equal, and then no two keys are. Keys
//! whose hash comes again are compared themselves, in a temporary database on disk.

use model::{Column, Table, Type, sql};
use rusqlite::types::ValueRef;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::listed::AddKey;
use super::watch::WatchedTable;
use crate::diagnostic::{EXAMPLES, Example, Finding, Found, Hint, Id, Result, Severity, catalog};
use crate::keys::hashes::{self, Hashes, Repeated};
use crate::keys::{Form, Part, Reader, Scratch, check_free_space, hash_file_error, scratch_error};
use crate::plan::Copy;
use crate::rows::Key;
use crate::sqlite::{Reading, Structure};
use crate::stop::Stop;

/// So many rows of a group are named.
const NAMED: usize = 3;

/// Columns of a table that must be unique together.
struct Unique {
    name: &'static str,
    columns: Vec<&'static Column>,
}

/// Looks for them in a table of `rows` rows, some of whose values the row pass has `watched`.
///
/// # Errors
/// SQLite's, a full disk, or a stop.
pub fn find_duplicates(
    reading: Reading<'_>,
    copy: &Copy,
    watched: &WatchedTable<'_>,
    rows: u64,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for key in copy.table().unique_keys() {
        // What PostgreSQL alone can judge is asked of it.
        let Some(columns) = key.columns else { continue };
        let unique = Unique { name: key.name, columns };
        if !is_kept_unique_by_sqlite(reading.structure, copy, &unique, watched) {
            let keys = Keys { reading, copy, columns: &unique.columns, stop };
            search_duplicates(&keys, &unique, rows, &mut findings)?;
        }
    }
    for finding in &mut findings {
        finding.database.clone_from(&copy.database);
        copy.table().name.clone_into(&mut finding.table);
    }
    Ok(findings)
}

/// Calls `add` with every row of these findings that shares its key with another one.
///
/// # Errors
/// SQLite's, a full disk, those of `add`, or a stop.
pub fn list_keys_of_duplicates(
    reading: Reading<'_>,
    copy: &Copy,
    findings: &[&Finding],
    rows: u64,
    stop: &Stop,
    add: &mut AddKey<'_>,
) -> Result<()> {
    for key in copy.table().unique_keys() {
        let Some(columns) = key.columns else { continue };
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let is_own = |finding: &&&Finding| {
            matches!(finding.id, Id::K10 | Id::K11 | Id::S16 | Id::T8) && finding.columns == names
        };
        let own: Vec<&Finding> = findings.iter().filter(is_own).copied().collect();
        if own.is_empty() {
            continue;
        }
        let keys = Keys { reading, copy, columns: &columns, stop };
        let suspects = keys.repeated_hashes(rows)?;
        let scratch = Scratch::new(suspects.keys)?;
        keys.collect_suspects(&scratch, &suspects)?;
        let disk = |error: rusqlite::Error| scratch_error(&error);
        let mut names = scratch.connection.prepare(ALL_NAMES).map_err(disk)?;
        let mut found = names.query([]).map_err(disk)?;
        while let Some(row) = found.next().map_err(disk)? {
            let id = duplicate_finding_id(&columns, row.get(1).map_err(disk)?);
            let name: String = row.get(0).map_err(disk)?;
            let known = own.iter().find(|finding| finding.id == id);
            known.map_or(Ok(()), |known| add(known, &name))?;
        }
    }
    Ok(())
}

/// Whether SQLite keeps some of the columns unique and conversion makes none of them equal.
fn is_kept_unique_by_sqlite(
    structure: &Structure,
    copy: &Copy,
    unique: &Unique,
    watched: &WatchedTable<'_>,
) -> bool {
    let Some(own) = structure.table(copy.table().source) else { return false };
    if copy.repaired.rows.is_some() {
        return false;
    }
    let plain = |name: &&str| {
        let described = unique.columns.iter().find(|column| column.source == *name);
        described.is_some_and(|column| watched.is_plain_column(column.name))
    };
    // SQLite's own number of a row is another for each.
    let rowid =
        |column: &&Column| own.is_rowid(column.source) && watched.is_plain_column(column.name);
    if matches!(unique.columns.as_slice(), [column] if rowid(column)) {
        return true;
    }
    own.unique_keys().iter().any(|set| !set.is_empty() && set.iter().all(plain))
}

fn search_duplicates(
    keys: &Keys<'_>,
    unique: &Unique,
    rows: u64,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let suspects = keys.repeated_hashes(rows)?;
    if suspects.keys == 0 {
        return Ok(());
    }
    let scratch = Scratch::new(suspects.keys)?;
    let disk = |error: rusqlite::Error| scratch_error(&error);
    keys.collect_suspects(&scratch, &suspects)?;
    let mut groups = scratch.connection.prepare(GROUPS).map_err(disk)?;
    let mut names = scratch.connection.prepare(NAMES).map_err(disk)?;
    let mut found = groups.query([]).map_err(disk)?;
    let mut own: Vec<Finding> = Vec::new();
    while let Some(group) = found.next().map_err(disk)? {
        let count: u32 = group.get(1).map_err(disk)?;
        let id = duplicate_finding_id(&unique.columns, group.get(2).map_err(disk)?);
        let index = own.iter().position(|known| known.id == id).unwrap_or_else(|| {
            own.push(duplicate_finding(id, keys.copy.table(), unique));
            own.len() - 1
        });
        let Some(entry) = own.get_mut(index) else { continue };
        entry.count += u64::from(count);
        if entry.examples.len() < EXAMPLES {
            let key: Vec<u8> = group.get(0).map_err(disk)?;
            let shown = names.query_map([key], |row| row.get::<_, String>(0)).map_err(disk)?;
            let mut shown = shown.collect::<rusqlite::Result<Vec<String>>>().map_err(disk)?;
            if u32::try_from(NAMED).is_ok_and(|named| count > named) {
                shown.push("others".to_owned());
            }
            let found = Found::Described(format!("{count} rows with the same key"));
            entry.examples.push(Example { key: shown.join(" and "), found });
        }
    }
    findings.append(&mut own);
    Ok(())
}

const TABLE: &str = "CREATE TABLE keys (form BLOB, raw INTEGER, name TEXT); BEGIN";

const GROUPS: &str = "\
SELECT form, count(*), min(raw) = max(raw) FROM keys
GROUP BY form HAVING count(*) > 1 ORDER BY min(rowid)";

const NAMES: &str = "SELECT name FROM keys WHERE form = ?1 ORDER BY rowid LIMIT 3";

const ALL_NAMES: &str = "\
SELECT name, same FROM keys JOIN (
    SELECT form AS repeated, min(raw) = max(raw) AS same FROM keys
    GROUP BY form HAVING count(*) > 1
) ON form = repeated ORDER BY keys.rowid";

/// The keys of a table that must be unique.
struct Keys<'a> {
    reading: Reading<'a>,
    copy: &'a Copy,
    columns: &'a [&'static Column],
    stop: &'a Stop,
}

impl Keys<'_> {
    /// The hashes that more than one of `rows` keys have.
    fn repeated_hashes(&self, rows: u64) -> Result<Repeated> {
        check_free_space(hashes::bytes_for_hashes(rows))?;
        let mut hashes = Hashes::default();
        self.for_each_key(&[], &mut |key, _| {
            hashes.add(xxh3_64(&key)).map_err(|error| hash_file_error(&error))
        })?;
        hashes.find_repeated().map_err(|error| hash_file_error(&error))
    }

    /// Brings those keys to the scratch database, with a digest of the values as SQLite has them.
    fn collect_suspects(&self, scratch: &Scratch, suspects: &Repeated) -> Result<()> {
        let fail = |error: rusqlite::Error| self.reading.read_error(&error);
        let disk = |error: rusqlite::Error| scratch_error(&error);
        scratch.connection.execute_batch(TABLE).map_err(disk)?;
        let insert = "INSERT INTO keys VALUES (?1, ?2, ?3)";
        let mut insert = scratch.connection.prepare(insert).map_err(disk)?;
        let name = Key::of_table(self.reading.structure, self.copy);
        let columns = self.columns.len();
        self.for_each_key(&name.columns, &mut |key, row| {
            if suspects.may_repeat(xxh3_64(&key)) {
                let raw = hash_raw_values(row, columns).map_err(fail)?;
                insert
                    .execute((key, raw.cast_signed(), name.describe_row(row, columns)))
                    .map_err(disk)?;
            }
            Ok(())
        })
    }

    /// Calls `each` with every key and its row, in which `extra_columns` stands behind the key's
    /// columns.
    fn for_each_key(
        &self,
        extra_columns: &[String],
        each: &mut dyn FnMut(Vec<u8>, &rusqlite::Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let fail = |error: rusqlite::Error| self.reading.read_error(&error);
        let columns = self.columns.iter().map(|column| sql::quote(column.source));
        let columns: Vec<String> = columns.chain(extra_columns.iter().cloned()).collect();
        let select = format!("SELECT {} FROM {}", columns.join(", "), self.copy.source_rows_sql());
        let mut statement = self.reading.connection.prepare(&select).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        let parts: Vec<Part> = self.columns.iter().map(|column| Part::of_column(column)).collect();
        let mut reader = Reader::default();
        let mut count = 0_u64;
        while let Some(row) = rows.next().map_err(fail)? {
            count += 1;
            if count.is_multiple_of(4096) {
                self.stop.fail_if_asked()?;
            }
            if let Some(key) = reader.read_key(&parts, row, Form::Unique).map_err(fail)?.into_key()
            {
                each(key, row)?;
            }
        }
        Ok(())
    }
}

/// A digest of a row's first values, storage class and all.
fn hash_raw_values(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<u64> {
    let mut hash = Xxh3::new();
    for place in 0..columns {
        match row.get_ref(place)? {
            ValueRef::Null => hash.update(b"n"),
            ValueRef::Integer(value) => {
                hash.update(&[b"i", value.to_be_bytes().as_slice()].concat())
            }
            ValueRef::Real(value) => hash.update(&[b"r", value.to_be_bytes().as_slice()].concat()),
            ValueRef::Text(bytes) => hash.update(&[b"t", bytes].concat()),
            ValueRef::Blob(bytes) => hash.update(&[b"b", bytes].concat()),
        }
        hash.update(b"|");
    }
    Ok(hash.digest())
}

/// Equal in SQLite already, or made equal by the column's type.
fn duplicate_finding_id(columns: &[&'static Column], same: bool) -> Id {
    let has = |wanted: fn(Type) -> bool| columns.iter().any(|column| wanted(column.ty));
    if same {
        Id::K11
    } else if has(|ty| matches!(ty, Type::Char(_))) {
        Id::T8
    } else if has(|ty| ty == Type::Citext) {
        Id::K10
    } else {
        Id::S16
    }
}

fn duplicate_finding(id: Id, table: &Table, unique: &Unique) -> Finding {
    let what = format!("{} must be unique", unique.name);
    let mut finding = Finding::without_rows(id, Severity::Error, what);
    finding.count = 0;
    finding.set_columns(unique.columns.iter().map(|column| column.name));
    if id == Id::K11 {
        let columns: Vec<String> = unique.columns.iter().map(|c| sql::quote(c.source)).collect();
        let (columns, table) = (columns.join(", "), sql::quote(table.source));
        let list = format!(
            "SELECT * FROM {table} NOT INDEXED WHERE ({columns}) IN (SELECT {columns} FROM {table} \
             NOT INDEXED GROUP BY {columns} HAVING count(*) > 1);"
        );
        finding.hints =
            catalog::hints_of(id).and(Hint::with_line("list the rows in SQLite:", list));
    }
    finding
}
