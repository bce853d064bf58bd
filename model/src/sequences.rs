//! `[[sequence]]` of `database.toml`: sequences of PostgreSQL that a person has tied to a column or
//! to a number, because nothing in PostgreSQL's catalog does.

use crate::fault::Faults;
use crate::file::{Directory, GoesOn, SequenceLine};
use crate::read::leak;
use crate::read_table::each_table;
use crate::table::{Column, Database, Next, Sequence, Table};
use crate::types::Type;
use crate::walk::{Entries, Value, Walk};
use crate::{keys, names};

/// Reads the list, each item with its line.
pub(crate) fn read_sequences(
    walk: &mut Walk<'_>,
    value: Option<&Value<'_>>,
) -> Vec<(usize, SequenceLine)> {
    let mut found = Vec::new();
    each_table(walk, value, "[[sequence]]", keys::SEQUENCE, |walk, entries| {
        found.extend(read_sequence(walk, entries).map(|line| (entries.line, line)));
    });
    found
}

fn read_sequence(walk: &mut Walk<'_>, entries: &Entries<'_, '_>) -> Option<SequenceLine> {
    let name = walk.read_string(entries.get("name"), "name");
    let column = walk.read_string(entries.get("column"), "column");
    let next = entries.get("next").and_then(|value| read_number(walk, value));
    let goes_on = match (entries.get("column"), entries.get("next")) {
        (Some(_), None) => column.map(GoesOn::After),
        (None, Some(_)) => next.map(GoesOn::At),
        (given, _) => {
            let given = if given.is_some() { "not both" } else { "and has neither" };
            let text = format!("a sequence needs `column` or `next`, {given}");
            walk.faults.add(walk.file, entries.line, text);
            None
        }
    };
    match name {
        Some(name) if name.split('.').all(names::fits_name_length) => {
            goes_on.map(|goes_on| SequenceLine { name, goes_on })
        }
        Some(name) => {
            let text = format!("`{name}` is no name for a sequence: empty, with NUL, or too long");
            walk.faults.add(walk.file, entries.line, text);
            None
        }
        None if entries.get("name").is_none() => {
            walk.faults.add(walk.file, entries.line, "a sequence needs `name`");
            None
        }
        None => None,
    }
}

fn read_number(walk: &mut Walk<'_>, value: &Value<'_>) -> Option<i64> {
    let number = value.get_ref().as_integer();
    let number =
        number.and_then(|digits| i64::from_str_radix(digits.as_str(), digits.radix()).ok());
    if number.is_none() {
        walk.fault_at(value, "`next` must be a whole number of 64 bits");
    }
    number
}

/// The lines that hold where these tables are: those whose column is among them, and numbers.
pub(crate) fn sequences_of_tables(directory: &Directory, tables: &[Table]) -> &'static [Sequence] {
    let mut found: Vec<Sequence> = Vec::new();
    for (_, line) in &directory.sequences {
        let next = match &line.goes_on {
            GoesOn::At(value) => Some(Next::At(*value)),
            GoesOn::After(place) => find_column(tables, place).map(|(table, column)| {
                let (table, column) = (table.name, column.name);
                Next::After { table, column }
            }),
        };
        found.extend(next.map(|next| Sequence { name: leak(&line.name), next }));
    }
    found.leak()
}

/// The column of `table.column`; both names may have dots of their own.
fn find_column<'a>(tables: &'a [Table], place: &str) -> Option<(&'a Table, &'static Column)> {
    place.match_indices('.').find_map(|(at, _)| {
        let (table, column) = (place.get(..at)?, place.get(at + 1..)?);
        let table = tables.iter().find(|known| known.name == table)?;
        Some((table, table.column(column)?))
    })
}

/// Faults of lines that name no column of any version, or one that a sequence cannot go beyond,
/// and of sequences that are tied twice.
pub(crate) fn check_sequences(directory: &Directory, versions: &[Database], faults: &mut Faults) {
    let file = directory.path.join("database.toml");
    for (index, (line, sequence)) in directory.sequences.iter().enumerate() {
        let name = &sequence.name;
        let mut fault = |text: String| faults.add(&file, *line, text);
        let earlier = directory.sequences.iter().take(index).map(|(_, earlier)| earlier);
        let number = |line: &SequenceLine| matches!(line.goes_on, GoesOn::At(_));
        let mut same = earlier.filter(|earlier| earlier.name == *name);
        if same.any(|earlier| earlier == sequence || number(earlier) || number(sequence)) {
            fault(format!("sequence `{name}` is tied twice: only several columns may share one"));
        }
        let GoesOn::After(wanted) = &sequence.goes_on else { continue };
        let found = versions.iter().rev().find_map(|version| find_column(version.tables, wanted));
        match found {
            None => fault(format!(
                "sequence `{name}`: no table and column `{wanted}` in any version; write \
                 \"table.column\" with the names in PostgreSQL"
            )),
            Some((_, column)) if column.target_only || column.generated.is_some() => {
                fault(format!("sequence `{name}`: `{wanted}` is not copied: give `next`"));
            }
            Some((_, column)) if !can_hold_sequence_values(column.ty) => fault(format!(
                "sequence `{name}`: `{wanted}` is of type {} and holds no numbers: give `next`",
                column.ty
            )),
            Some(_) => {}
        }
    }
}

/// Whether a column of this type can hold what a sequence counts.
fn can_hold_sequence_values(ty: Type) -> bool {
    let floats = matches!(ty, Type::Float4 | Type::Float8);
    floats || matches!(ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Numeric(_))
}
