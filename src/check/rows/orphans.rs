//! Rows that refer to a row that does not exist.
//!
//! SQLite joins child and parent, which is fast where the parent's key is indexed, and gives the
//! rows that have none. Those are looked up again in PostgreSQL's terms, among all keys of the
//! parent read without an index ([`Relation`]): a UUID may be written in two ways, and a damaged
//! index may lose a parent. Keys have MATCH SIMPLE: a NULL in any part refers to nothing.

use model::{Column, Type, sql};
use rusqlite::types::ValueRef;

use super::listed::AddKey;
use crate::diagnostic::{EXAMPLES, Example, Finding, Hint, Id, Result, Severity, catalog};
use crate::keys::describe_value;
use crate::keys::ids::Ids;
use crate::keys::relation::{Relation, Verdict};
use crate::plan::Copy;
use crate::rows::Key;
use crate::sqlite::Reading;
use crate::stop::Stop;

/// So many rows are named one by one in a query that shows them.
const NAMED: usize = 100;

/// The ids that a table's column holds, where the row pass was asked for them.
pub type IdsOf<'a> = dyn Fn(&Copy, &str) -> Option<&'a Ids<'a>> + Sync + 'a;

/// Looks at every foreign key of a table; `copies` are the tables that come along, and `ids` says
/// what the row pass has seen of them.
///
/// # Errors
/// SQLite's, a full disk, or a stop.
pub fn find_orphans(
    reading: Reading<'_>,
    copy: &Copy,
    copies: &[Copy],
    ids: &IdsOf<'_>,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for relation in relations_of_table(copy, copies) {
        if !has_all_referenced_ids(&relation, ids) {
            find_orphans_of_relation(reading, &relation, stop, &mut findings)?;
        }
    }
    Ok(findings)
}

/// Calls `add` with every row of these findings that refers to nothing.
///
/// # Errors
/// SQLite's, a full disk, those of `add`, or a stop.
pub fn list_orphans(
    reading: Reading<'_>,
    copy: &Copy,
    copies: &[Copy],
    findings: &[&Finding],
    stop: &Stop,
    add: &mut AddKey<'_>,
) -> Result<()> {
    for relation in relations_of_table(copy, copies) {
        let expected = expected_row(&relation);
        let is_own = |finding: &&&Finding| {
            finding.columns == relation.key.columns && finding.expected == expected
        };
        let own: Vec<&Finding> = findings.iter().filter(is_own).copied().collect();
        if own.is_empty() {
            continue;
        }
        let name = Key::of_table(reading.structure, relation.child);
        let (fields, mut found) = (relation.from.len(), Found::default());
        relation.for_each_orphan(reading, &name, stop, &mut |row, verdict| {
            let (id, _) = found.judge_row(&relation, row, verdict);
            let known = own.iter().find(|finding| finding.id == id);
            known.map_or(Ok(()), |known| add(known, &name.describe_row(row, fields)))
        })?;
    }
    Ok(())
}

/// The columns of a table whose ids say whether a reference between whole numbers is complete.
pub fn id_columns_of_references(copy: &Copy, copies: &[Copy]) -> Vec<&'static str> {
    let here = |table: &Copy| table.is_same_table(copy);
    let all = copies.iter().filter(|child| child.database_id == copy.database_id);
    let simple = all.flat_map(|child| relations_of_table(child, copies)).filter_map(|relation| {
        let (from, to) = relation.integer_columns()?;
        let ends = [(relation.child, from), (relation.parent, to)];
        Some(ends.into_iter().filter(|(table, _)| here(table)).map(|(_, column)| column))
    });
    simple.flatten().collect()
}

/// Whether every id that is referred to was seen among the parent's.
fn has_all_referenced_ids(relation: &Relation<'_>, ids: &IdsOf<'_>) -> bool {
    let Some((from, to)) = relation.integer_columns() else { return false };
    match (ids(relation.child, from), ids(relation.parent, to)) {
        (Some(from), Some(to)) => from.is_subset_of(to),
        _ => false,
    }
}

impl Relation<'_> {
    /// The two columns, where they are whole numbers.
    fn integer_columns(&self) -> Option<(&'static str, &'static str)> {
        let is_integer =
            |column: &Column| matches!(column.ty, Type::Int2 | Type::Int4 | Type::Int8);
        match (self.from.as_slice(), self.to.as_slice()) {
            ([from], [to]) if is_integer(from) && is_integer(to) => Some((from.name, to.name)),
            _ => None,
        }
    }
}

/// The foreign keys of a table whose other end comes along.
fn relations_of_table<'a>(copy: &'a Copy, copies: &'a [Copy]) -> Vec<Relation<'a>> {
    let validated = |key: &&model::ForeignKey| !copy.repaired.not_valid.contains(&key.name);
    let keys = copy.table().foreign_keys.iter().filter(validated);
    keys.filter_map(|key| Relation::of_foreign_key(copy, key, copies)).collect()
}

/// What was found of one foreign key.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    /// The first rows that refer to nothing, by the number that names them.
    numbers: Vec<i64>,
    rows: usize,
    /// Whether there is 0, and empty text, among the references to nothing.
    zero: bool,
    empty: bool,
}

fn find_orphans_of_relation(
    reading: Reading<'_>,
    relation: &Relation<'_>,
    stop: &Stop,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let name = Key::of_table(reading.structure, relation.child);
    let mut found = Found::default();
    let exact = relation.for_each_orphan(reading, &name, stop, &mut |row, verdict| {
        found.add_orphan(relation, &name, row, verdict);
        Ok(())
    })?;
    let lookup = found.lookup_sql(relation, &name, exact);
    let several = found.findings.iter().filter(|one| one.severity == Severity::Error).count() > 1;
    for mut finding in found.findings {
        let list = |text: &str| lookup.as_ref().map(|sql| Hint::with_line(text, format!("{sql};")));
        let list_all = "list all rows that refer to nothing, in SQLite:";
        finding.hints = match (finding.severity, finding.id) {
            (Severity::Error, Id::K1b) => {
                let update = set_to_null_sql(relation, found.zero, found.empty);
                let update = Hint::with_line(
                    "set the reference to NULL in SQLite, if that is what it means:",
                    format!("{update};"),
                );
                // Repairs of orphans take the others of this key along.
                let all = list(list_all).filter(|_| several);
                [update].into_iter().chain(all).collect::<Vec<_>>().into()
            }
            (Severity::Error, id) => {
                let rows: Vec<Hint> = list("list the rows in SQLite:").into_iter().collect();
                catalog::hints_of(id).and(rows)
            }
            _ => finding.hints,
        };
        findings.push(finding);
    }
    Ok(())
}

impl Found {
    fn add_orphan(
        &mut self,
        relation: &Relation<'_>,
        name: &Key,
        row: &rusqlite::Row<'_>,
        verdict: Verdict,
    ) {
        let (id, severity) = self.judge_row(relation, row, verdict);
        let fields = relation.from.len();
        let example = Example {
            key: name.describe_row(row, fields),
            found: describe_values(row, fields).into(),
        };
        if verdict != Verdict::Open {
            self.rows += 1;
            if self.numbers.len() < NAMED {
                self.numbers.extend(name.row_number(row, fields));
            }
        }
        let same = |known: &&mut Finding| known.id == id && known.severity == severity;
        match self.findings.iter_mut().find(same) {
            Some(known) => {
                known.count += 1;
                if known.examples.len() < EXAMPLES {
                    known.examples.push(example);
                }
            }
            None => self.findings.push(orphan_finding(id, severity, relation, example)),
        }
    }

    /// The finding that a row belongs to.
    fn judge_row(
        &mut self,
        relation: &Relation<'_>,
        row: &rusqlite::Row<'_>,
        verdict: Verdict,
    ) -> (Id, Severity) {
        match verdict {
            Verdict::Open => (Id::K1, Severity::Note),
            Verdict::Near => (Id::K5, Severity::Error),
            Verdict::Missing => (self.missing_parent_finding_id(relation, row), Severity::Error),
        }
    }

    /// Whether the row says "nothing" in another way than by NULL, where NULL is allowed. Not in a
    /// key of several columns: there, other rows may have the same 0 for good.
    fn missing_parent_finding_id(
        &mut self,
        relation: &Relation<'_>,
        row: &rusqlite::Row<'_>,
    ) -> Id {
        let nullable = matches!(relation.from.as_slice(), [column] if column.null);
        let (zero, empty) = match row.get_ref(0) {
            Ok(ValueRef::Integer(0)) => (nullable, false),
            Ok(ValueRef::Text([])) => (false, nullable),
            _ => (false, false),
        };
        self.zero |= zero;
        self.empty |= empty;
        if zero || empty { Id::K1b } else { Id::K1 }
    }

    /// SQL that shows the rows: a join where SQLite finds the same rows by it, otherwise by their
    /// numbers.
    fn lookup_sql(&self, relation: &Relation<'_>, name: &Key, exact: bool) -> Option<String> {
        if exact {
            return Some(orphan_join_sql(relation));
        }
        let (true, false, [column]) =
            (self.rows == self.numbers.len(), self.numbers.is_empty(), name.columns.as_slice())
        else {
            return None;
        };
        let numbers: Vec<String> = self.numbers.iter().map(i64::to_string).collect();
        let table = sql::quote(relation.child.table().source);
        Some(format!("SELECT * FROM {table} WHERE {column} IN ({})", numbers.join(", ")))
    }
}

fn describe_values(row: &rusqlite::Row<'_>, columns: usize) -> String {
    let value = |place| describe_value(row.get_ref(place).unwrap_or(ValueRef::Null));
    let values: Vec<String> = (0..columns).map(value).collect();
    match values.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

fn orphan_finding(
    id: Id,
    severity: Severity,
    relation: &Relation<'_>,
    example: Example,
) -> Finding {
    let mut finding = Finding::without_rows(id, severity, "");
    if severity == Severity::Note {
        finding.what = format!(
            "not decided: whether there is such a row of {}; PostgreSQL checks it when the foreign \
             key is added, before anything is committed",
            relation.key.table
        );
    } else {
        finding.expected = expected_row(relation);
    }
    finding.database.clone_from(&relation.child.database);
    relation.child.table().name.clone_into(&mut finding.table);
    finding.set_columns(relation.key.columns.iter().copied());
    finding.examples.push(example);
    finding
}

/// What a reference should name.
fn expected_row(relation: &Relation<'_>) -> String {
    format!("{} of a row of {}", relation.key.to.join(", "), relation.key.table)
}

/// SQL that makes NULL of what says nothing.
fn set_to_null_sql(relation: &Relation<'_>, zero: bool, empty: bool) -> String {
    let table = sql::quote(relation.child.table().source);
    let column = relation.from.first().map(|column| sql::quote(column.source)).unwrap_or_default();
    let nothing: Vec<&str> = [(zero, "0"), (empty, "''")]
        .into_iter()
        .filter_map(|(found, value)| found.then_some(value))
        .collect();
    format!("UPDATE {table} SET {column} = NULL WHERE {column} IN ({})", nothing.join(", "))
}

/// SQL that shows the rows by what SQLite finds in the parent.
fn orphan_join_sql(relation: &Relation<'_>) -> String {
    let quoted = |column: &&'static Column| sql::quote(column.source);
    let mut conditions: Vec<String> =
        relation.from.iter().map(|column| format!("c.{} IS NOT NULL", quoted(column))).collect();
    let pairs = relation.from.iter().zip(&relation.to);
    let equal = |(from, to): (&&'static Column, &&'static Column)| {
        // The column's own order may take case for nothing; PostgreSQL does not.
        let is_integer = matches!(from.ty, Type::Int2 | Type::Int4 | Type::Int8);
        let order = if is_integer { "" } else { " COLLATE BINARY" };
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
