//! What `--same` says: SQLite's name of a table or column and PostgreSQL's, or a rule with `*` for
//! the names of many tables.

use std::collections::BTreeMap;

use super::{ColumnPairing, Pairings};
use crate::diagnostic::Fault;
use crate::postgres::inspection::{Inspection, Table};
use crate::sqlite::Structure;

/// A table of SQLite, or a column of one.
pub struct Place {
    /// The table.
    pub table: String,
    /// The column.
    pub column: Option<String>,
}

/// Both sides of a database, and its name, which may stand before a name.
#[derive(Clone, Copy)]
pub struct SourceAndTarget<'a> {
    /// The database's name.
    pub database: &'a str,
    /// SQLite's side.
    pub own: &'a Structure,
    /// PostgreSQL's side.
    pub there: &'a Inspection,
}

/// Puts what flags say into the pairings of each database: single names first, then rules for many.
/// Flags that say nothing are faults.
pub fn apply_same_flags(
    flags: &[String],
    databases: &mut [(SourceAndTarget<'_>, &mut Pairings)],
) -> Vec<Fault> {
    let mut unused: Vec<&String> = flags.iter().collect();
    for is_rule in [false, true] {
        unused.retain(|flag| {
            let mut is_used = false;
            for (structures, pairings) in databases.iter_mut() {
                is_used |= match is_rule {
                    false => structures.apply_names(flag, pairings),
                    true => structures.apply_rule(flag, pairings),
                };
            }
            !is_used
        });
    }
    let fault = |flag: &String| {
        let text = format!("--same {flag}: not a table or column of both sides");
        let hint = "write TABLE=TABLE, TABLE.COLUMN=COLUMN or '*=PREFIX_*', SQLite's name first";
        Fault::new(text, hint)
    };
    unused.into_iter().map(fault).collect()
}

impl<'a> SourceAndTarget<'a> {
    /// Puts what a flag says of single names into the pairings; whether it says something.
    ///
    /// Names may hold `=` themselves: every place of one is tried.
    fn apply_names(self, flag: &str, pairings: &mut Pairings) -> bool {
        for (left, right) in split_at_equals(flag) {
            let Some(place) = self.find_place(left) else { continue };
            match place.column {
                None => {
                    let Some(meant) = self.find_target(right) else { continue };
                    pairings.tables.push((place.table, meant.name.clone()));
                    if meant.name != right {
                        pairings.schemas.push((meant.name.clone(), meant.schema.clone()));
                    }
                    return true;
                }
                Some(column) if self.has_column(right) => {
                    let (table, target) = (place.table, right.to_owned());
                    pairings.columns.push(ColumnPairing { table, source: column, target });
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// Puts what a rule such as `*=app_*` says of tables into the pairings, but for tables of which
    /// something is said already; whether it says something.
    fn apply_rule(self, flag: &str, pairings: &mut Pairings) -> bool {
        split_at_equals(flag).any(|(left, right)| self.apply_rule_parts(left, right, pairings))
    }

    fn apply_rule_parts(self, left: &str, right: &str, pairings: &mut Pairings) -> bool {
        let without = left.strip_prefix(self.database).and_then(|rest| rest.strip_prefix('.'));
        let left = without.unwrap_or(left);
        let (Some((start, end)), Some((before, after))) = (split_rule(left), split_rule(right))
        else {
            return false;
        };
        let mut is_used = false;
        for table in self.own.ordinary_tables() {
            let rest = table.name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            let Some(rest) = rest else { continue };
            let Some(name) = self.find_table(&format!("{before}{rest}{after}")) else { continue };
            is_used = true;
            if !pairings.tables.iter().any(|(known, _)| *known == table.name) {
                pairings.tables.push((table.name.clone(), name.to_owned()));
            }
        }
        is_used
    }

    /// The table of PostgreSQL of that name, or of that schema and name with a dot between them.
    fn find_target(self, word: &str) -> Option<&'a Table> {
        let Inspection { tables, shadowed, .. } = self.there;
        let is_meant = |table: &&Table| {
            let name = word.strip_prefix(&table.schema).and_then(|rest| rest.strip_prefix('.'));
            name == Some(&table.name)
        };
        let named = tables.iter().find(|table| table.name == word);
        named.or_else(|| tables.iter().chain(shadowed).find(is_meant))
    }

    /// The table of PostgreSQL of that name, or the only one but for upper and lower case.
    fn find_table(&self, name: &str) -> Option<&str> {
        let names = || self.there.tables.iter().map(|table| &*table.name);
        let mut alike = names().filter(|known| known.eq_ignore_ascii_case(name));
        names()
            .find(|known| *known == name)
            .or_else(|| alike.next().filter(|_| alike.next().is_none()))
    }

    fn has_column(&self, name: &str) -> bool {
        self.there.tables.iter().any(|table| table.columns.iter().any(|c| c.name == name))
    }

    /// The table, or the column, that a word names; the database may stand before it.
    pub fn find_place(&self, word: &str) -> Option<Place> {
        let without = word.strip_prefix(self.database).and_then(|rest| rest.strip_prefix('.'));
        [Some(word), without].into_iter().flatten().find_map(|word| {
            if let Some(table) = self.own.table(word) {
                return Some(Place { table: table.name.clone(), column: None });
            }
            word.match_indices('.').find_map(|(at, _)| {
                let (table, column) = (word.get(..at)?, word.get(at + 1..)?);
                let table = self.own.table(table)?;
                let column = table.column(column)?.name.clone();
                Some(Place { table: table.name.clone(), column: Some(column) })
            })
        })
    }
}

fn split_at_equals(flag: &str) -> impl Iterator<Item = (&str, &str)> {
    flag.match_indices('=').filter_map(|(at, _)| Some((flag.get(..at)?, flag.get(at + 1..)?)))
}

/// What stands before and behind the only `*` of a rule's side.
fn split_rule(side: &str) -> Option<(&str, &str)> {
    side.split_once('*').filter(|(_, after)| !after.contains('*'))
}

/// What PostgreSQL's names of most tables have before SQLite's, where at least two tables have it,
/// or the only one.
pub fn find_common_prefix(structure: &Structure, inspection: &Inspection) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for table in structure.ordinary_tables() {
        if inspection.tables.iter().any(|known| known.name == table.name) {
            continue;
        }
        for known in &inspection.tables {
            let at = known.name.len().checked_sub(table.name.len());
            let parts = at.and_then(|at| known.name.split_at_checked(at));
            match parts {
                Some((prefix, rest)) if rest.eq_ignore_ascii_case(&table.name) => {
                    *counts.entry(prefix).or_default() += 1;
                }
                _ => {}
            }
        }
    }
    let least = structure.ordinary_tables().count().min(2);
    let most = counts.into_iter().filter(|(prefix, _)| !prefix.is_empty());
    let (prefix, count) = most.max_by_key(|(_, count)| *count)?;
    (count >= least && !prefix.contains('*')).then(|| prefix.to_owned())
}
