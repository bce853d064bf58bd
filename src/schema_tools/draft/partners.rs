//! The columns that foreign keys join to one that may become text: PostgreSQL compares them, so
//! that all of them must become text.

use std::collections::BTreeSet;

use model::Type;

use super::choose::Chosen;
use super::defaults::describe_text_setting;
use super::foreign::find_parent;
use crate::sqlite::SourceTable;

/// A column: its table's place and its own.
type Place = (usize, usize);

/// Adds the advice to make text of a column of numbers and texts, and which others must become text
/// with it.
pub fn name_partners(tables: &[&SourceTable], chosen: &mut [Vec<Option<Chosen>>]) {
    let pairs = joined_pairs(tables);
    let mut pairs_with_lines = Vec::new();
    for (index, columns) in chosen.iter().enumerate() {
        for (column, one) in columns.iter().enumerate() {
            if !one.as_ref().is_some_and(|chosen| chosen.text_helps) {
                continue;
            }
            let others = find_joined(&pairs, (index, column));
            let others = others.iter();
            let lines: Vec<String> =
                others.filter_map(|place| describe_as_text(tables, chosen, *place)).collect();
            pairs_with_lines.push(((index, column), lines));
        }
    }
    for ((index, column), lines) in pairs_with_lines {
        let own = tables.get(index).and_then(|table| table.columns.get(column));
        let Some(own) = own else { continue };
        let slot = chosen.get_mut(index).and_then(|columns| columns.get_mut(column));
        if let Some(finding) = slot.and_then(Option::as_mut).and_then(|c| c.finding.as_mut()) {
            let setting = describe_text_setting(&own.declared, own.default.as_deref());
            finding.push_str(&format!("; {setting} copies all of them as text"));
            if !lines.is_empty() {
                finding.push_str(&format!(
                    ", if the columns that foreign keys join to it become text as well: {}",
                    lines.join("; ")
                ));
            }
        }
    }
}

/// The child and the parent of each column of each foreign key.
fn joined_pairs(tables: &[&SourceTable]) -> Vec<(Place, Place)> {
    let column_of = |index: usize, name: &str| -> Option<Place> {
        let same = |column: &crate::sqlite::SourceColumn| column.name.eq_ignore_ascii_case(name);
        Some((index, tables.get(index)?.columns.iter().position(same)?))
    };
    let mut pairs = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        for key in &table.foreign_keys {
            let Some((there, to)) = find_parent(tables, key) else { continue };
            let ends = key.columns.iter().zip(&to);
            pairs.extend(
                ends.filter_map(|(own, to)| column_of(index, own).zip(column_of(there, to))),
            );
        }
    }
    pairs
}

/// All columns that are joined to one, through others too.
fn find_joined(pairs: &[(Place, Place)], from: Place) -> BTreeSet<Place> {
    let (mut known, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(place) = next.pop() {
        for (own, to) in pairs {
            let other = match place {
                place if place == *own => *to,
                place if place == *to => *own,
                _ => continue,
            };
            if known.insert(other) {
                next.push(other);
            }
        }
    }
    known.remove(&from);
    known
}

/// `areas.code with type = "text", declared = "INTEGER"`; nothing for what is text already.
fn describe_as_text(
    tables: &[&SourceTable],
    chosen: &[Vec<Option<Chosen>>],
    (at, column): Place,
) -> Option<String> {
    let known = chosen.get(at)?.get(column)?.as_ref()?;
    if matches!(known.ty, Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Citext) {
        return None;
    }
    let table = tables.get(at)?;
    let own = table.columns.get(column)?;
    let setting = describe_text_setting(&own.declared, own.default.as_deref());
    Some(format!("{}.{} with {setting}", table.name, own.name))
}
