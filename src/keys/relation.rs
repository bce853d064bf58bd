//! A foreign key between two tables that are copied, and what a row's reference comes to.
//!
//! Preflight and the repair of orphans both go by this, so that a repair touches the rows that a
//! finding names, and no other.

use model::{Affinity, Column, ForeignKey, Type, sql};
use rusqlite::types::ValueRef;

use super::{Form, Part, Read, Reader, Scratch, scratch_error};
use crate::diagnostic::Result;
use crate::plan::Copy;
use crate::rows::Key;
use crate::sqlite::Reading;
use crate::stop::Stop;

/// A foreign key between two copied tables.
pub struct Relation<'a> {
    /// The table that refers.
    pub child: &'a Copy,
    /// The table that is referred to.
    pub parent: &'a Copy,
    /// The foreign key.
    pub key: &'static ForeignKey,
    /// Its columns.
    pub from: Vec<&'static Column>,
    /// The parent's, in the same order.
    pub to: Vec<&'static Column>,
}

/// What a row's reference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is no row with such a key.
    Missing,
    /// There is one whose key differs in upper and lower case, hyphens or braces.
    Near,
    /// Only the server can say it.
    Open,
}

impl<'a> Relation<'a> {
    /// The relation of a foreign key, where the parent comes along and all columns are copied:
    /// what PostgreSQL computes is not there yet.
    pub fn of_foreign_key(
        child: &'a Copy,
        key: &'static ForeignKey,
        copies: &'a [Copy],
    ) -> Option<Relation<'a>> {
        let same = |other: &&Copy| {
            other.database_id == child.database_id && other.table().name == key.table
        };
        let parent = copies.iter().find(same)?;
        let column =
            |table: &Copy, name: &str| table.table().copied_columns().find(|c| c.name == name);
        let from = key.columns.iter().map(|name| column(child, name)).collect::<Option<_>>()?;
        let to = key.to.iter().map(|name| column(parent, name)).collect::<Option<_>>()?;
        Some(Relation { child, parent, key, from, to })
    }

    /// Calls `each` with every row that refers to nothing that is there: its columns, behind them
    /// those of its name, and what its reference comes to. Returns whether SQLite, comparing
    /// columns as they are, finds the same rows.
    ///
    /// A parent whose key is refused is taken for what it is in SQLite: what is wrong with it is a
    /// finding of its own, and its children are no orphans.
    ///
    /// # Errors
    /// SQLite's, a full disk, a stop, or those of `each`.
    pub fn for_each_orphan(
        &self,
        reading: Reading<'_>,
        name: &Key,
        stop: &Stop,
        each: &mut dyn FnMut(&rusqlite::Row<'_>, Verdict) -> Result<()>,
    ) -> Result<bool> {
        let fail = |error: rusqlite::Error| reading.read_error(&error);
        let alike = self.has_same_comparison(reading);
        let select = self.orphan_candidates_sql(name, alike);
        let mut statement = reading.connection.prepare(&select).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        let mut parents: Option<Parents> = None;
        let mut reader = Reader::default();
        let mut exact = alike;
        while let Some(row) = rows.next().map_err(fail)? {
            stop.fail_if_asked()?;
            // Mostly there is no candidate, and the parents' keys need not be read.
            let parents = match &mut parents {
                Some(parents) => parents,
                none => none.insert(Parents::read_parents(reading, self, stop)?),
            };
            match self.judge_row(parents, &mut reader, row, &fail)? {
                Some(verdict) => {
                    exact &= verdict != Verdict::Open;
                    each(row, verdict)?;
                }
                None => exact = false,
            }
        }
        Ok(exact)
    }

    fn judge_row(
        &self,
        parents: &Parents,
        reader: &mut Reader,
        row: &rusqlite::Row<'_>,
        fail: &dyn Fn(rusqlite::Error) -> crate::diagnostic::Error,
    ) -> Result<Option<Verdict>> {
        let pairs = || self.from.iter().zip(&self.to);
        let parts: Vec<Part> = pairs().map(|(own, to)| Part { column: own, key: to.ty }).collect();
        let key = match reader.read_key(&parts, row, Form::Exact).map_err(fail)? {
            Read::Null | Read::Refused => return Ok(None),
            Read::Open => return Ok(Some(Verdict::Open)),
            Read::Key(key) => key,
        };
        if parents.has_key(Kind::Exact, &key)?
            || parents.refused && parents.has_key(Kind::Refused, &raw_values(row, parts.len()))?
        {
            return Ok(None);
        }
        if pairs().any(|(own, to)| has_other_collation(own) || has_other_collation(to)) {
            return Ok(Some(Verdict::Open));
        }
        let folding = self.loose_form();
        let near = match reader.read_key(&parts, row, folding).map_err(fail)? {
            Read::Key(folded) => parents.has_key(Kind::Folded, &folded)?,
            Read::Null | Read::Refused | Read::Open => false,
        };
        Ok(Some(match (near, folding) {
            (true, Form::Locale) => Verdict::Open,
            (true, _) => Verdict::Near,
            (false, _) => Verdict::Missing,
        }))
    }

    /// How keys are written that are not equal, and may be meant so.
    fn loose_form(&self) -> Form {
        let by_locale = self.to.iter().any(|column| column.ty == Type::Citext);
        if by_locale { Form::Locale } else { Form::Folded }
    }

    /// Rows whose reference finds no equal value in the parent as SQLite compares bytes; all of
    /// them where SQLite does not compare as PostgreSQL does.
    fn orphan_candidates_sql(&self, name: &Key, alike: bool) -> String {
        let own = self.from.iter().map(|column| format!("c.{}", sql::quote(column.source)));
        let names = name.columns.iter().map(|column| format!("c.{column}"));
        let selected: Vec<String> = own.clone().chain(names).collect();
        let present: Vec<String> =
            own.clone().map(|column| format!("{column} IS NOT NULL")).collect();
        let select =
            format!("SELECT {} FROM {}", selected.join(", "), self.child.source_rows_sql_as("c"));
        if !alike {
            return format!("{select} WHERE {}", present.join(" AND "));
        }
        // Here the index is wanted: it makes the join fast.
        let parent = sql::quote(self.parent.table().source);
        let to: Vec<String> =
            self.to.iter().map(|column| format!("p.{}", sql::quote(column.source))).collect();
        let equal: Vec<String> =
            to.iter().zip(own).map(|(to, own)| format!("{to} = {own} COLLATE BINARY")).collect();
        let missing = to.first().cloned().unwrap_or_default();
        format!(
            "{select} LEFT JOIN {parent} AS p ON {} WHERE {} AND {missing} IS NULL",
            equal.join(" AND "),
            present.join(" AND ")
        )
    }

    /// Whether equal values in SQLite are equal in PostgreSQL: described alike, stored alike, and
    /// no number among texts, which has more than one text.
    fn has_same_comparison(&self, reading: Reading<'_>) -> bool {
        if self.child.repaired.rows.is_some() || self.parent.repaired.rows.is_some() {
            return false;
        }
        let affinity = |copy: &Copy, column: &Column| {
            let own = reading.structure.table(copy.table().source)?;
            let own = own.columns.iter().find(|c| c.name.eq_ignore_ascii_case(column.source))?;
            Some(Affinity::of_declared(&own.declared))
        };
        let kind = |column: &Column| match column.ty {
            Type::Int2 | Type::Int4 | Type::Int8 => (Type::Int8, column.stored),
            Type::Text | Type::Varchar(_) => (Type::Text, column.stored),
            ty => (ty, column.stored),
        };
        self.from.iter().zip(&self.to).all(|(from, to)| {
            let (own, there) = (affinity(self.child, from), affinity(self.parent, to));
            let compared = match kind(from).0 {
                Type::Text | Type::Char(_) | Type::Citext => own == Some(Affinity::Text),
                Type::Numeric(_) => false,
                _ => true,
            };
            kind(from) == kind(to) && own == there && compared
        })
    }
}

/// Whether a column is compared by a collation that may take different texts for equal.
fn has_other_collation(column: &Column) -> bool {
    const DETERMINISTIC: &[&str] =
        &["c", "posix", "default", "ucs_basic", "unicode", "pg_c_utf8", "pg_unicode_fast"];
    let Some((_, collation)) = column.type_sql.and_then(|type_sql| type_sql.split_once("COLLATE "))
    else {
        return false;
    };
    let name = collation.trim().rsplit('.').next().unwrap_or_default().trim_matches('"');
    let name = name.to_ascii_lowercase();
    !DETERMINISTIC.contains(&name.as_str()) && !name.ends_with("-x-icu")
}

/// The values of a row's first columns as texts, whatever their class.
fn raw_values(row: &rusqlite::Row<'_>, columns: usize) -> Vec<u8> {
    let mut raw = Vec::new();
    for place in 0..columns {
        let value = match row.get_ref(place) {
            Ok(ValueRef::Integer(value)) => value.to_string().into_bytes(),
            Ok(ValueRef::Real(value)) => value.to_string().into_bytes(),
            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes.to_vec(),
            Ok(ValueRef::Null) | Err(_) => Vec::new(),
        };
        raw.extend_from_slice(&value.len().to_be_bytes());
        raw.extend_from_slice(&value);
    }
    raw
}

/// What is kept of the parents' keys.
#[derive(Clone, Copy)]
enum Kind {
    Exact,
    Folded,
    Refused,
}

/// The parent's keys, read without an index: a damaged one may lose a parent.
struct Parents {
    scratch: Scratch,
    /// Whether a key among them is refused.
    refused: bool,
}

const TABLES: &str = "\
CREATE TABLE keys (kind INTEGER, form BLOB, PRIMARY KEY (kind, form)) WITHOUT ROWID;
BEGIN";

impl Parents {
    fn read_parents(reading: Reading<'_>, relation: &Relation<'_>, stop: &Stop) -> Result<Parents> {
        let fail = |error: rusqlite::Error| reading.read_error(&error);
        let disk = |error: rusqlite::Error| scratch_error(&error);
        let parent = relation.parent.source_rows_sql();
        let count = format!("SELECT count(*) FROM {parent}");
        let rows: i64 = reading.connection.query_row(&count, [], |row| row.get(0)).map_err(fail)?;
        let scratch = Scratch::new(rows.unsigned_abs())?;
        scratch.connection.execute_batch(TABLES).map_err(disk)?;
        let columns: Vec<String> =
            relation.to.iter().map(|column| sql::quote(column.source)).collect();
        let parts: Vec<Part> = relation.to.iter().map(|column| Part::of_column(column)).collect();
        let select = format!("SELECT {} FROM {parent}", columns.join(", "));
        let mut statement = reading.connection.prepare(&select).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        let mut reader = Reader::default();
        let insert = "INSERT OR IGNORE INTO keys VALUES (?1, ?2)";
        let mut insert = scratch.connection.prepare(insert).map_err(disk)?;
        let mut refused = false;
        while let Some(row) = rows.next().map_err(fail)? {
            stop.fail_if_asked()?;
            let exact = reader.read_key(&parts, row, Form::Exact).map_err(fail)?;
            if exact == Read::Refused {
                refused = true;
                insert
                    .execute((Kind::Refused as i64, raw_values(row, parts.len())))
                    .map_err(disk)?;
            }
            let Some(exact) = exact.into_key() else { continue };
            insert.execute((Kind::Exact as i64, exact)).map_err(disk)?;
            if let Some(folded) =
                reader.read_key(&parts, row, relation.loose_form()).map_err(fail)?.into_key()
            {
                insert.execute((Kind::Folded as i64, folded)).map_err(disk)?;
            }
        }
        drop(insert);
        Ok(Parents { scratch, refused })
    }

    fn has_key(&self, kind: Kind, key: &[u8]) -> Result<bool> {
        let disk = |error: rusqlite::Error| scratch_error(&error);
        let select = "SELECT 1 FROM keys WHERE kind = ?1 AND form = ?2";
        let mut select = self.scratch.connection.prepare_cached(select).map_err(disk)?;
        select.exists((kind as i64, key)).map_err(disk)
    }
}
