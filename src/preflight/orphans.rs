//! Rows that refer to a row that does not exist.
//!
//! SQLite joins child and parent, which is fast where the parent's key is indexed, and gives the
//! rows that have none. Those are looked up again in PostgreSQL's terms, among all keys of the
//! parent read without an index: a UUID may be written in two ways, and a damaged index may lose
//! a parent. Keys have MATCH SIMPLE: a NULL in any part refers to nothing.

use model::{Column, ForeignKey, Type, sql};
use rusqlite::types::ValueRef;

use super::ids::Ids;
use super::keys::{Form, Reader, Scratch, described, full};
use crate::copy::Key;
use crate::error::Result;
use crate::finding::{EXAMPLES, Example, Finding, Severity, catalog};
use crate::plan::Copy;
use crate::source::Reading;
use crate::stop::Stop;

/// A foreign key between two copied tables.
struct Relation<'a> {
    child: &'a Copy,
    parent: &'a Copy,
    key: &'static ForeignKey,
    from: Vec<&'static Column>,
    to: Vec<&'static Column>,
}

/// The ids that a table's column holds, where the row pass was asked for them.
pub type IdsOf<'a> = dyn Fn(&Copy, &str) -> Option<&'a Ids<'a>> + Sync + 'a;

/// Looks at every foreign key of a table; `copies` are the tables that come along, and `ids` says
/// what the row pass has seen of them.
///
/// # Errors
/// SQLite's, a full disk, or a stop.
pub fn find(
    reading: Reading<'_>,
    copy: &Copy,
    copies: &[Copy],
    ids: &IdsOf<'_>,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for relation in relations(copy, copies) {
        if !complete(&relation, ids) {
            look(reading, &relation, stop, &mut findings)?;
        }
    }
    Ok(findings)
}

/// The columns of a table whose ids say whether a reference between whole numbers is complete.
pub fn referring(copy: &Copy, copies: &[Copy]) -> Vec<&'static str> {
    let here = |table: &Copy| table.input == copy.input && table.table().name == copy.table().name;
    let all = copies.iter().filter(|child| child.input == copy.input);
    let simple = all.flat_map(|child| relations(child, copies)).filter_map(|relation| {
        let (from, to) = relation.simple()?;
        let ends = [(relation.child, from), (relation.parent, to)];
        Some(ends.into_iter().filter(|(table, _)| here(table)).map(|(_, column)| column))
    });
    simple.flatten().collect()
}

/// Whether every id that is referred to was seen among the parent's.
fn complete(relation: &Relation<'_>, ids: &IdsOf<'_>) -> bool {
    let Some((from, to)) = relation.simple() else { return false };
    match (ids(relation.child, from), ids(relation.parent, to)) {
        (Some(from), Some(to)) => from.within(to),
        _ => false,
    }
}

impl Relation<'_> {
    /// The two columns, where they are whole numbers.
    fn simple(&self) -> Option<(&'static str, &'static str)> {
        let whole = |column: &Column| matches!(column.ty, Type::Int2 | Type::Int4 | Type::Int8);
        match (self.from.as_slice(), self.to.as_slice()) {
            ([from], [to]) if whole(from) && whole(to) => Some((from.name, to.name)),
            _ => None,
        }
    }
}

/// The foreign keys of a table whose other end comes along.
fn relations<'a>(copy: &'a Copy, copies: &'a [Copy]) -> Vec<Relation<'a>> {
    let mut relations = Vec::new();
    let validated = |key: &&model::ForeignKey| !copy.repaired.not_valid.contains(&key.name);
    for key in copy.table().foreign_keys.iter().filter(validated) {
        let parent = copies
            .iter()
            .find(|other| other.input == copy.input && other.table().name == key.table);
        let Some(parent) = parent else { continue };
        let column = |table: &Copy, name: &str| table.table().copied().find(|c| c.name == name);
        let from: Option<Vec<_>> = key.columns.iter().map(|name| column(copy, name)).collect();
        let to: Option<Vec<_>> = key.to.iter().map(|name| column(parent, name)).collect();
        // What PostgreSQL computes is not there yet.
        let (Some(from), Some(to)) = (from, to) else { continue };
        relations.push(Relation { child: copy, parent, key, from, to });
    }
    relations
}

fn look(
    reading: Reading<'_>,
    relation: &Relation<'_>,
    stop: &Stop,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let fail = |error: rusqlite::Error| reading.error(&error);
    let name = Key::of(reading.structure, relation.child);
    let mut statement = reading.connection.prepare(&candidates(relation, &name)).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let mut parents: Option<Parents> = None;
    let mut reader = Reader::default();
    let mut own: Vec<Finding> = Vec::new();
    while let Some(row) = rows.next().map_err(fail)? {
        stop.check()?;
        let Some(key) = reader.read(&relation.from, row, Form::Exact).map_err(fail)? else {
            continue;
        };
        // Mostly there is no candidate, and the parents' keys need not be read.
        let parents = match &mut parents {
            Some(parents) => parents,
            none => none.insert(Parents::read(reading, relation, stop)?),
        };
        if parents.has(Form::Exact, &key)? {
            continue;
        }
        let folded = reader.read(&relation.from, row, Form::Folded).map_err(fail)?;
        let near = match folded {
            Some(folded) => parents.has(Form::Folded, &folded)?,
            None => false,
        };
        let id = if near { "K5" } else { without_parent(relation, row) };
        let example = Example {
            key: name.name(row, relation.from.len()),
            found: values(row, relation.from.len()),
        };
        match own.iter_mut().find(|known| known.id == id) {
            Some(known) => {
                known.count += 1;
                if known.examples.len() < EXAMPLES {
                    known.examples.push(example);
                }
            }
            None => own.push(finding(id, relation, example)),
        }
    }
    findings.append(&mut own);
    Ok(())
}

/// Rows whose reference finds no equal value in the parent as SQLite compares bytes; all of them
/// where the two sides are described differently, for equal values may then become different.
fn candidates(relation: &Relation<'_>, name: &Key) -> String {
    let quoted = |column: &&'static Column| sql::quote(column.source);
    let own = relation.from.iter().map(|column| format!("c.{}", quoted(column)));
    let names = name.columns.iter().map(|column| format!("c.{column}"));
    let selected: Vec<String> = own.clone().chain(names).collect();
    let present: Vec<String> = own.clone().map(|column| format!("{column} IS NOT NULL")).collect();
    let parent = match &relation.parent.repaired.rows {
        Some(rows) => format!("({rows})"),
        // Here the index is wanted: it makes the join fast.
        None => sql::quote(relation.parent.table().source),
    };
    let select = format!("SELECT {} FROM {}", selected.join(", "), relation.child.rows_as("c"));
    if !alike(relation) {
        return format!("{select} WHERE {}", present.join(" AND "));
    }
    let to: Vec<String> =
        relation.to.iter().map(|column| format!("p.{}", quoted(column))).collect();
    let equal: Vec<String> =
        to.iter().zip(own).map(|(to, own)| format!("{to} = {own} COLLATE BINARY")).collect();
    let missing = to.first().cloned().unwrap_or_default();
    format!(
        "{select} LEFT JOIN {parent} AS p ON {} WHERE {} AND {missing} IS NULL",
        equal.join(" AND "),
        present.join(" AND ")
    )
}

/// Whether equal values in SQLite are equal in PostgreSQL.
fn alike(relation: &Relation<'_>) -> bool {
    let kind = |column: &Column| match column.ty {
        Type::Int2 | Type::Int4 | Type::Int8 => (Type::Int8, column.stored),
        Type::Text | Type::Varchar(_) => (Type::Text, column.stored),
        ty => (ty, column.stored),
    };
    relation.from.iter().zip(&relation.to).all(|(from, to)| kind(from) == kind(to))
}

/// Whether the row says "nothing" in another way than by NULL, where NULL is allowed.
fn without_parent(relation: &Relation<'_>, row: &rusqlite::Row<'_>) -> &'static str {
    let nothing = |(place, column): (usize, &&'static Column)| {
        let empty = matches!(row.get_ref(place), Ok(ValueRef::Integer(0) | ValueRef::Text([])));
        column.null && empty
    };
    if relation.from.iter().enumerate().any(nothing) { "K1b" } else { "K1" }
}

fn values(row: &rusqlite::Row<'_>, columns: usize) -> String {
    let value = |place| described(row.get_ref(place).unwrap_or(ValueRef::Null));
    let values: Vec<String> = (0..columns).map(value).collect();
    match values.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

fn finding(id: &'static str, relation: &Relation<'_>, example: Example) -> Finding {
    let mut finding = Finding::about(id, Severity::Error, "");
    finding.database.clone_from(&relation.child.database);
    relation.child.table().name.clone_into(&mut finding.table);
    finding.column = relation.key.columns.join(", ");
    finding.expected = format!("{} of a row of {}", relation.key.to.join(", "), relation.key.table);
    let cure = catalog::cure(id);
    finding.cure = match id {
        "K1b" => {
            let sets: Vec<String> = relation
                .from
                .iter()
                .filter(|column| column.null)
                .map(|column| {
                    let column = sql::quote(column.source);
                    format!("{column} = NULL WHERE {column} IN (0, '')")
                })
                .collect();
            let table = sql::quote(relation.child.table().source);
            format!("{cure}: UPDATE {table} SET {}", sets.join(", or "))
        }
        _ => format!("{cure}; to see them: {}", lookup(relation)),
    };
    finding.examples.push(example);
    finding
}

/// SQL that shows the rows.
fn lookup(relation: &Relation<'_>) -> String {
    let quoted = |column: &&'static Column| sql::quote(column.source);
    let mut conditions: Vec<String> =
        relation.from.iter().map(|column| format!("c.{} IS NOT NULL", quoted(column))).collect();
    let pairs = relation.from.iter().zip(&relation.to);
    let equal = |(from, to): (&&'static Column, &&'static Column)| {
        // The column's own order may take case for nothing; PostgreSQL does not.
        let text = matches!(from.ty, Type::Text | Type::Varchar(_));
        let order = if text { " COLLATE BINARY" } else { "" };
        format!("p.{} = c.{}{order}", quoted(to), quoted(from))
    };
    let equal: Vec<String> = pairs.map(equal).collect();
    conditions.push(format!(
        "NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})",
        sql::quote(relation.parent.table().source),
        equal.join(" AND ")
    ));
    let child = sql::quote(relation.child.table().source);
    format!("SELECT * FROM {child} AS c WHERE {}", conditions.join(" AND "))
}

/// The parent's keys.
struct Parents {
    scratch: Scratch,
}

impl Parents {
    fn read(reading: Reading<'_>, relation: &Relation<'_>, stop: &Stop) -> Result<Parents> {
        let fail = |error: rusqlite::Error| reading.error(&error);
        let disk = |error: rusqlite::Error| full(&error);
        let parent = relation.parent.rows();
        let count = format!("SELECT count(*) FROM {parent}");
        let rows: i64 = reading.connection.query_row(&count, [], |row| row.get(0)).map_err(fail)?;
        let scratch = Scratch::new(rows.unsigned_abs())?;
        scratch.connection.execute_batch(TABLES).map_err(disk)?;
        let columns: Vec<String> =
            relation.to.iter().map(|column| sql::quote(column.source)).collect();
        let select = format!("SELECT {} FROM {parent}", columns.join(", "));
        let mut statement = reading.connection.prepare(&select).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        let mut reader = Reader::default();
        let insert = "INSERT OR IGNORE INTO keys VALUES (?1, ?2)";
        let mut insert = scratch.connection.prepare(insert).map_err(disk)?;
        while let Some(row) = rows.next().map_err(fail)? {
            stop.check()?;
            for form in [Form::Exact, Form::Folded] {
                if let Some(key) = reader.read(&relation.to, row, form).map_err(fail)? {
                    insert.execute((form == Form::Folded, key)).map_err(disk)?;
                }
            }
        }
        drop(insert);
        Ok(Parents { scratch })
    }

    fn has(&self, form: Form, key: &[u8]) -> Result<bool> {
        let disk = |error: rusqlite::Error| full(&error);
        let select = "SELECT 1 FROM keys WHERE folded = ?1 AND form = ?2";
        let mut select = self.scratch.connection.prepare(select).map_err(disk)?;
        select.exists((form == Form::Folded, key)).map_err(disk)
    }
}

const TABLES: &str = "\
CREATE TABLE keys (folded INTEGER, form BLOB, PRIMARY KEY (folded, form)) WITHOUT ROWID;
BEGIN";
