//! Repairs held against the databases of a run: what they name must be there, be of a type that
//! the word is for, and not contradict another.

use model::{Column, Stored, Table, Type};

use super::read::with_nearest;
use super::{Action, Asked, Charset, Path, Place, Repair, Repairs, Word};
use crate::codec::{self, Out};
use crate::diagnostic::{Error, Exit, Fault, RepairKind, Result};
use crate::ids::DatabaseId;
use crate::keys::spellings::has_spelling;
use crate::schema::{Encode, Shape, Version};

/// What is known of a place while its repair is resolved.
struct Found<'k> {
    database: &'k Known<'k>,
    table: &'static Table,
    column: Option<&'static Column>,
}

/// A database of the run, as repairs name it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// Which one.
    pub id: DatabaseId,
    /// Its name.
    pub name: &'k str,
    /// Its version.
    pub version: &'static Version,
}

/// Finds what every repair is for; `databases` are the run's.
///
/// # Errors
/// Everything that is wrong with any of them, with where it was asked for.
pub fn resolve_repairs(asked: &[Asked], databases: &[Known<'_>]) -> Result<Repairs> {
    let mut faults = Vec::new();
    let mut all: Vec<Repair> = Vec::new();
    for asked in asked {
        let made = find_column(asked, databases).and_then(|found| {
            let Found { database, table, column } = found;
            check_word_fits(&asked.action, table, column)?;
            let label = repair_as_flag(
                database.name,
                table.name,
                column.map(|column| column.name),
                &asked.action,
            );
            let origin = asked.origin.clone();
            let (database, table, action) = (database.id, table.name, asked.action.clone());
            Ok(Repair { label, origin, database, table, column, action })
        });
        match made {
            Ok(repair) => match all.iter().find(|other| are_contradictory(other, &repair)) {
                Some(other) => {
                    faults.push(repair_fault(asked, &describe_contradiction(other, &repair)))
                }
                None => all.push(repair),
            },
            Err(text) => faults.push(repair_fault(asked, &text)),
        }
    }
    Error::from_faults(Exit::Usage, faults)?;
    all.sort_by_key(|repair| repair.action.kind());
    Ok(Repairs { all })
}

fn repair_fault(asked: &Asked, text: &str) -> Fault {
    Fault::new(
        format!("{}: {text}", asked.origin),
        "read what each word is for: `migrate explain repairs`",
    )
}

/// A repair as a flag says it.
pub fn repair_as_flag(
    database: &str,
    table: &str,
    column: Option<&str>,
    action: &Action,
) -> String {
    let place: Vec<&str> = [database, table].into_iter().chain(column).collect();
    let argument = match action {
        Action::Decode(Charset::Latin1) => ":latin-1".to_owned(),
        Action::Decode(Charset::Cp1252) => ":cp1252".to_owned(),
        Action::Decode(Charset::Utf8) => ":utf-8".to_owned(),
        Action::EpochUnit(Stored::UnixS) => ":s".to_owned(),
        Action::EpochUnit(Stored::UnixMs) => ":ms".to_owned(),
        Action::EpochUnit(Stored::UnixUs) => ":us".to_owned(),
        Action::EpochUnit(_) => ":ns".to_owned(),
        Action::NaiveZone(zone) => format!(":{zone}"),
        Action::NullAs(value) => format!(":{value}"),
        _ => String::new(),
    };
    format!("{}={}{argument}", place.join("."), action.word())
}

fn find_column<'k>(asked: &Asked, databases: &'k [Known<'k>]) -> Result<Found<'k>, String> {
    let place = Word::of_kind(asked.action.kind()).place;
    let word = asked.action.word();
    let is_database = |name: &str| databases.iter().any(|known| known.name == name);
    let (database, table, column) = match &asked.path {
        Path::Named { database, table, column } => {
            (database.as_deref(), table.as_str(), column.as_deref())
        }
        Path::Parts(parts) => match (parts.as_slice(), place) {
            ([table], _) => (None, table.as_str(), None),
            ([database, table], Place::Table) => (Some(database.as_str()), table.as_str(), None),
            ([database, table], Place::Any) if is_database(database) => {
                (Some(database.as_str()), table.as_str(), None)
            }
            ([table, column], _) => (None, table.as_str(), Some(column.as_str())),
            ([database, table, column, ..], _) => {
                (Some(database.as_str()), table.as_str(), Some(column.as_str()))
            }
            ([], _) => return Err("no table or column is named".to_owned()),
        },
    };
    let database = find_database(database, databases)?;
    let version = database.version;
    let tables = version.tables().map(|table| table.name);
    let described = version.tables().find(|known| known.name == table).ok_or_else(|| {
        with_nearest(&format!("there is no table {table} in the plan"), table, tables)
    })?;
    let column = match (column, place) {
        (None, Place::Column) => return Err(format!("{word} needs a column")),
        (Some(_), Place::Table) => return Err(format!("{word} is for a table, not for a column")),
        (None, _) => None,
        (Some(name), _) => {
            let names = described.copied_columns().map(|column| column.name);
            let found = described.copied_columns().find(|column| column.name == name);
            let text = format!("there is no column {name} in table {table} to copy");
            Some(found.ok_or_else(|| with_nearest(&text, name, names))?)
        }
    };
    Ok(Found { database, table: described, column })
}

fn find_database<'k>(
    stated: Option<&str>,
    databases: &'k [Known<'k>],
) -> Result<&'k Known<'k>, String> {
    let names: Vec<&str> = databases.iter().map(|known| known.name).collect();
    let found = match (stated, databases) {
        (None, [only]) => Some(only),
        (None, _) => {
            return Err(format!("name the database: this run has {}", names.join(" and ")));
        }
        (Some(stated), _) => databases.iter().find(|known| known.name == stated),
    };
    let stated = stated.unwrap_or_default();
    let text = format!("there is no database {stated} in this run, which has {}", names.join(", "));
    found.ok_or_else(|| with_nearest(&text, stated, names.iter().copied()))
}

/// Whether the word is for such a column.
pub(super) fn check_word_fits(
    action: &Action,
    table: &Table,
    column: Option<&Column>,
) -> Result<(), String> {
    let Some(column) = column else { return Ok(()) };
    let key = table.primary_key.contains(&column.name);
    let referring = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
    let ty = format!("{} stored as {}", column.ty, column.stored.word());
    let no = |why: &str| {
        Err(format!(
            "{} does not apply to {}.{} ({ty}): {why}",
            action.word(),
            table.name,
            column.name
        ))
    };
    let nulls = matches!(
        action,
        Action::EmptyAsNull | Action::ZeroAsNull | Action::InvalidAsNull | Action::OrphanNull
    );
    if nulls && (!column.null || key) {
        return no("the column does not allow NULL");
    }
    match why_word_does_not_fit(action, column, referring) {
        None => Ok(()),
        Some(why) => no(why),
    }
}

/// Why the word is not for such a column, if it is not.
fn why_word_does_not_fit(
    action: &Action,
    column: &Column,
    referring: bool,
) -> Option<&'static str> {
    let ty = column.ty;
    let text = matches!(ty, Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_));
    let json = matches!(ty, Type::Json | Type::Jsonb);
    let limited = matches!(ty, Type::Varchar(_) | Type::Char(_));
    let moment = matches!(ty, Type::Timestamp | Type::Timestamptz);
    let unix = is_numeric_epoch(column);
    let is_integer = matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
    let number = is_integer || matches!(ty, Type::Float4 | Type::Float8 | Type::Numeric(_));
    let (fits, why) = match action {
        Action::StripNul | Action::ReplaceNul(_) => (text || json, "it holds no text"),
        Action::Decode(_) | Action::ReplaceInvalid => {
            (text || json || matches!(ty, Type::Enum(_)), "it holds no text")
        }
        Action::EnumMap(map) => match ty {
            Type::Enum(declared) => {
                let known = map.values().all(|new| declared.labels.contains(&new.as_str()));
                (known, "map assigns text that is not a label of the type")
            }
            _ => (text, "it holds neither labels nor text"),
        },
        Action::NullAs(value) => {
            let repaired_value = super::values::value_for_null(column, value);
            let mut out = Out::default();
            let taken = codec::encode_value(column, &mut out, repaired_value.as_cell()).is_ok();
            (taken, "no such value can be stored in it")
        }
        Action::EmptyAsNull => {
            (referring || !(text || ty == Type::Bytea), "empty text is an ordinary value there")
        }
        Action::ZeroAsNull => (number || unix && moment, "it holds no numbers"),
        Action::InvalidAsNull => {
            let written = matches!(column.stored, Stored::Text | Stored::TextUtc);
            let time =
                moment && (unix || written) || matches!(ty, Type::Date | Type::Time) && written;
            (
                time || matches!(ty, Type::Numeric(_)),
                "it is for times stored as text or as counts, and for numeric",
            )
        }
        Action::NonzeroTrue => (ty == Type::Bool, "it is for booleans"),
        Action::Round => (number && ty != Type::Numeric(None), "it is for numbers with a limit"),
        Action::EpochUnit(_) => {
            let stored = unix || matches!(column.stored, Stored::Text | Stored::TextUtc);
            (moment && stored, "it is for times stored as text or as counts since 1970")
        }
        Action::NaiveZone(_) => (
            ty == Type::Timestamptz && column.stored == Stored::Text,
            "it is for timestamptz stored as text; text_utc has a zone already",
        ),
        Action::KeepWallClock => (
            ty == Type::Timestamp && column.stored == Stored::Text,
            "it is for timestamp stored as text",
        ),
        Action::Truncate | Action::Widen => (limited, "its length has no limit"),
        Action::ParentSpelling => {
            (referring && has_spelling(column), "it has no foreign key of a text type")
        }
        Action::OrphanNull | Action::OrphanQuarantine | Action::OrphanNotValid => {
            (referring, "it has no foreign key")
        }
        Action::DuplicateQuarantine | Action::Quarantine => (true, ""),
    };
    (!fits).then_some(why)
}

/// Words of which a column can have one only.
const EITHER: &[&[RepairKind]] = &[
    &[RepairKind::StripNul, RepairKind::ReplaceNul],
    &[RepairKind::Decode, RepairKind::ReplaceInvalid],
    &[RepairKind::Truncate, RepairKind::Widen],
    &[RepairKind::OrphanNull, RepairKind::OrphanQuarantine, RepairKind::OrphanNotValid],
];

fn are_contradictory(first: &Repair, other: &Repair) -> bool {
    let name = |repair: &Repair| repair.column.map(|column| column.name);
    let same = (first.database, first.table) == (other.database, other.table);
    let (a, b) = (first.action.kind(), other.action.kind());
    let group = EITHER.iter().any(|group| group.contains(&a) && group.contains(&b));
    same && name(first) == name(other) && (a == b || group)
}

fn describe_contradiction(other: &Repair, repair: &Repair) -> String {
    if other.action == repair.action {
        return format!("{} was already requested at {}", repair.label, other.origin);
    }
    format!("{} contradicts {} at {}", repair.label, other.label, other.origin)
}

/// A version with the columns that repairs make other ones: wider, or counted in another unit.
pub fn version_with_repairs(
    version: &'static Version,
    database: DatabaseId,
    repairs: &Repairs,
) -> &'static Version {
    let changes = |repair: &&Repair| {
        repair.database == database
            && match (&repair.action, repair.column) {
                (Action::Widen, _) => true,
                (Action::EpochUnit(_), Some(column)) => is_numeric_epoch(column),
                _ => false,
            }
    };
    let changes: Vec<&Repair> = repairs.all.iter().filter(changes).collect();
    if changes.is_empty() {
        return version;
    }
    let shape = |shape: &&'static Shape| -> &'static Shape {
        let own: Vec<_> = changes.iter().filter(|r| r.table == shape.table.name).collect();
        if own.is_empty() {
            return shape;
        }
        let mut columns = shape.table.columns.to_vec();
        for column in &mut columns {
            let named =
                |repair: &&&&Repair| repair.column.is_some_and(|named| named.name == column.name);
            for repair in own.iter().filter(named) {
                match repair.action {
                    Action::EpochUnit(unit) => column.stored = unit,
                    _ => column.ty = Type::Text,
                }
            }
        }
        let table = Table { columns: columns.leak(), ..shape.table };
        Box::leak(Box::new(Shape { table, encode: Encode::Looped }))
    };
    let shapes: Vec<&'static Shape> = version.shapes.iter().map(shape).collect();
    Box::leak(Box::new(Version { shapes: shapes.leak(), ..*version }))
}

/// Whether the column is described as a count since 1970 anyhow.
pub fn is_numeric_epoch(column: &Column) -> bool {
    matches!(column.stored, Stored::UnixS | Stored::UnixMs | Stored::UnixUs | Stored::UnixNs)
}
