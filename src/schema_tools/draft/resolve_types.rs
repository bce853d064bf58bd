//! Types for all columns of a database: each by itself first, then what must agree.
//!
//! Times without a value follow the database's others; child and parent of a foreign key must be
//! comparable; what is part of a key must have an order.

use model::Type;
use rusqlite::Connection;

use super::candidates_of_declared_type;
use super::choose::{Chosen, Note, choose_type};
use super::foreign::find_parent;
use super::partners;
use super::profile::{self, Profile};
use super::residue::{Clause, Kind, Residue, Subject};
use super::times;
use super::write::toml_list;
use crate::schema::Version;
use crate::sqlite::{SourceColumn, SourceTable, Structure};
use crate::text::count_with_noun;

/// The types of all columns.
#[derive(Debug, Default)]
pub struct ResolvedTypes {
    /// For each ordinary table, for each column; nothing where it cannot be read.
    pub chosen: Vec<Vec<Option<Chosen>>>,
    /// The rows of each ordinary table.
    pub rows: Vec<u64>,
    /// What was found on the way.
    pub residue: Vec<Residue>,
}

impl ResolvedTypes {
    /// Answers what the values leave open by those lines of a built-in schema that are no guesses.
    pub fn answer_by_built_in(&mut self, inspection: &Structure, built_in: &Version) {
        for (table, chosen) in inspection.ordinary_tables().zip(&mut self.chosen) {
            let Some(known) = built_in.tables().find(|known| known.source == table.name) else {
                continue;
            };
            for (own, chosen) in table.columns.iter().zip(chosen) {
                let known = known.columns.iter().find(|column| column.source == own.name);
                let is_open = |chosen: &&mut Chosen| chosen.finding.is_some() || chosen.counts;
                if let (Some(known), Some(chosen)) =
                    (known.filter(|known| !known.guess), chosen.as_mut().filter(is_open))
                {
                    *chosen = Chosen::encoded(known.ty, known.stored).declared_as(&own.declared);
                }
            }
        }
    }
}

/// Reads all rows and settles all types.
///
/// # Errors
/// SQLite's.
pub fn resolve_column_types(
    connection: &Connection,
    inspection: &Structure,
) -> rusqlite::Result<ResolvedTypes> {
    let mut resolved = ResolvedTypes::default();
    let tables: Vec<&SourceTable> = inspection.ordinary_tables().collect();
    for table in &tables {
        resolve_table_types(connection, table, &mut resolved)?;
    }
    resolve_empty_times(&tables, &mut resolved);
    for (index, table) in tables.iter().enumerate() {
        make_keys_orderable(table, index, &mut resolved);
    }
    resolve_foreign_key_types(connection, &tables, &mut resolved)?;
    partners::name_partners(&tables, &mut resolved.chosen);
    Ok(resolved)
}

/// Makes the columns of all foreign keys comparable, where the values allow it.
///
/// # Errors
/// SQLite's.
pub fn resolve_foreign_key_types(
    connection: &Connection,
    tables: &[&SourceTable],
    resolved: &mut ResolvedTypes,
) -> rusqlite::Result<()> {
    // A change may meet another key: a few rounds settle chains of tables.
    for _ in 0..4 {
        if !agree_on_key_types(connection, tables, resolved)? {
            break;
        }
    }
    Ok(())
}

fn resolve_table_types(
    connection: &Connection,
    table: &SourceTable,
    resolved: &mut ResolvedTypes,
) -> rusqlite::Result<()> {
    let readable: Vec<bool> = table
        .columns
        .iter()
        .map(|column| !column.generated || profile::is_readable(connection, table, &column.name))
        .collect();
    let read = || table.columns.iter().zip(&readable).filter(|(_, read)| **read).map(|(c, _)| c);
    let names: Vec<&str> = read().map(|column| column.name.as_str()).collect();
    let tried: Vec<_> =
        read().map(|column| candidates_of_declared_type(&column.declared)).collect();
    let profiles = profile::read_table(connection, table, &names, &tried)?;
    let rows = profiles.first().map_or(0, |first| first.count_values() + first.nulls);
    let mut profiles = profiles.into_iter();
    let mut all = Vec::new();
    for (column, read) in table.columns.iter().zip(&readable) {
        let profile = if *read { profiles.next() } else { None };
        let Some(profile) = profile else {
            all.push(None);
            continue;
        };
        let mut chosen = choose_type(&column.declared, column.default.as_deref(), &profile);
        if chosen.counts {
            times::resolve_counts(connection, table, column, &mut chosen)?;
        }
        if column.key_place > 0 {
            note_key_nulls(table, &column.name, &profile, resolved);
            chosen.note = chosen.note.filter(|note| !matches!(note, Note::MaybeTruth { .. }));
        }
        if chosen.ty == Type::Bytea && profile.guids.values == profile.count_values() {
            resolved.residue.extend(note_guids(table, column, &profile));
        }
        all.push(Some(chosen));
    }
    resolved.chosen.push(all);
    resolved.rows.push(rows);
    Ok(())
}

/// What blobs that look like UUIDs could be read as.
fn note_guids(table: &SourceTable, column: &SourceColumn, profile: &Profile) -> Option<Residue> {
    let words = format!("{} {}", column.name, column.declared).to_ascii_lowercase();
    let named = words.contains("uuid") || words.contains("guid");
    let why = profile.guids.alternative_for_blobs(named)?;
    let what = Subject::Column(column.name.clone());
    let (table, sql) = (table.name.clone(), column.declared.clone().into());
    Some(Residue { table, kind: Kind::Changed, what, why, sql })
}

fn note_key_nulls(
    table: &SourceTable,
    column: &str,
    profile: &Profile,
    resolved: &mut ResolvedTypes,
) {
    // SQLite gives the rowid's alias a value for every NULL.
    let alias = table.rowid_alias().is_some();
    if profile.nulls > 0 && !alias {
        let key: Vec<String> = table.primary_key_columns().into_iter().map(str::to_owned).collect();
        let key = toml_list(&key);
        resolved.residue.push(Residue {
            table: table.name.clone(),
            kind: Kind::Decide,
            what: format!("primary key column {column}").into(),
            why: format!(
                "NULL in {}, and PostgreSQL does not allow NULL in a primary key. Give these rows \
                 a key in the application; or, if the table in PostgreSQL does not need a primary \
                 key, write source_key = {key} instead of primary_key, and null = true for the \
                 column",
                count_with_noun(profile.nulls, "row")
            ),
            sql: Clause::None,
        });
    }
}

/// Times without any value are as the database's other times.
fn resolve_empty_times(tables: &[&SourceTable], resolved: &mut ResolvedTypes) {
    let all = || tables.iter().zip(&resolved.chosen).flat_map(|(t, c)| t.columns.iter().zip(c));
    let count = |ty: Type| {
        let usual = model::Stored::Text;
        let has = |chosen: &Chosen| chosen.ty == ty && chosen.stored == usual && !chosen.undecided;
        all().filter(|(_, chosen)| chosen.as_ref().is_some_and(has)).count()
    };
    let with_offset = count(Type::Timestamptz) > 0 && count(Type::Timestamp) == 0;
    for chosen in resolved.chosen.iter_mut().flatten().flatten().filter(|c| c.undecided) {
        if with_offset {
            chosen.ty = Type::Timestamptz;
            chosen.note =
                Some("no values yet; the other times in the database have an offset".into());
        } else {
            chosen.note =
                Some("no values yet, so it is not known whether they will have an offset".into());
        }
    }
}

/// Whether a type cannot be a column's, because the column is part of a key or an index and `json`
/// has no equality.
pub fn is_unordered_key_type(table: &SourceTable, column: &SourceColumn, ty: Type) -> bool {
    let mut parts = table.indexes.iter().flat_map(|index| &index.parts);
    let mut indexed = || parts.any(|part| part.column.as_deref() == Some(&column.name));
    ty == Type::Json && (column.key_place > 0 || indexed())
}

/// Makes text of what could not be part of its key or its index.
fn make_keys_orderable(table: &SourceTable, index: usize, resolved: &mut ResolvedTypes) {
    let Some(columns) = resolved.chosen.get_mut(index) else { return };
    for (column, chosen) in table.columns.iter().zip(columns) {
        if let Some(chosen) = chosen
            && is_unordered_key_type(table, column, chosen.ty)
        {
            let finding = chosen.finding.take();
            *chosen = Chosen::of_type(Type::Text)
                .with_reason("part of a key or an index, and json cannot be part of one")
                .declared_as(&column.declared);
            chosen.finding = finding;
        }
    }
}

/// Makes child and parent columns of foreign keys comparable where the values allow it; whether
/// any changed.
fn agree_on_key_types(
    connection: &Connection,
    tables: &[&SourceTable],
    resolved: &mut ResolvedTypes,
) -> rusqlite::Result<bool> {
    let mut changed = false;
    for (index, table) in tables.iter().enumerate() {
        for key in &table.foreign_keys {
            let Some((there, to)) = find_parent(tables, key) else { continue };
            let Some(parent) = tables.get(there) else { continue };
            for (own, to) in key.columns.iter().zip(&to) {
                let own = (index, *table, own.as_str());
                changed |= agree_on_pair(connection, own, (there, parent, to), resolved)?;
            }
        }
    }
    Ok(changed)
}

/// A column: its table's place, its table, its name.
type Place<'a> = (usize, &'a SourceTable, &'a str);

fn agree_on_pair(
    connection: &Connection,
    own: Place<'_>,
    to: Place<'_>,
    resolved: &mut ResolvedTypes,
) -> rusqlite::Result<bool> {
    let (Some(child), Some(parent)) = (chosen_type(own, resolved), chosen_type(to, resolved))
    else {
        return Ok(false);
    };
    if model::can_refer(child.ty, parent.ty) {
        return Ok(false);
    }
    // The side that is referred to decides: others may refer to it, too.
    let (at, table, column) = own;
    if !profile::all_values_fit(connection, table, column, (parent.ty, parent.stored))? {
        return Ok(false);
    }
    let Some(place) = table.columns.iter().position(|c| c.name.eq_ignore_ascii_case(column)) else {
        return Ok(false);
    };
    let declared = table.columns.get(place).map(|c| c.declared.as_str()).unwrap_or_default();
    if let Some(slot) = resolved.chosen.get_mut(at).and_then(|columns| columns.get_mut(place)) {
        let chosen = Chosen::encoded(parent.ty, parent.stored);
        let why = "same type as the other column of the foreign key";
        *slot = Some(chosen.with_reason(why).declared_as(declared));
    }
    Ok(true)
}

fn chosen_type(place: Place<'_>, resolved: &ResolvedTypes) -> Option<Chosen> {
    let (at, table, column) = place;
    let column = table.columns.iter().position(|c| c.name.eq_ignore_ascii_case(column))?;
    resolved.chosen.get(at)?.get(column)?.clone()
}

/// The bytes that a value of fixed width takes in a row; what can be stored apart needs 18.
pub fn row_width(ty: Type) -> usize {
    match ty {
        Type::Enum(_) => 0,
        _ => ty.fixed_width().map_or(0, |(width, _)| width),
    }
}
