//! The type of a column that is declared to hold times.
//!
//! Texts are judged by the codecs. Numbers stay numbers, whatever their range, unless something
//! else proves what they count; the note shows the times that each encoding would make of them.

use model::{Stored, Type};
use rusqlite::Connection;

use super::choose::{
    Chosen, advise_on_empty_texts, choose_by_single_class, choose_by_values, note_mixed_classes,
};
use super::evidence::prove_encoding;
use super::family::Family;
use super::profile::Profile;
use crate::check::undecided;
use crate::sqlite::{SourceColumn, SourceTable};

const TZ: (Type, Stored) = (Type::Timestamptz, Stored::Text);
const NAIVE: (Type, Stored) = (Type::Timestamp, Stored::Text);

/// A column declared DATETIME or the like; `zoned` where the declared type has a time zone.
pub fn choose_timestamp(profile: &Profile, zoned: bool) -> Chosen {
    let usual = if zoned { Type::Timestamptz } else { Type::Timestamp };
    if profile.count_values() == 0 {
        let undecided = !zoned;
        return Chosen { undecided, ..Chosen::of_type(usual) };
    }
    if profile.texts == 0 && profile.blobs == 0 {
        return choose_numbers(profile);
    }
    if profile.texts < profile.count_values() {
        let texts = profile.texts - profile.empties;
        return match profile.integers + profile.reals > texts {
            true if profile.reals > 0 => note_mixed_classes(Chosen::of_type(Type::Float8), profile),
            true => note_mixed_classes(Chosen::of_type(Type::Int8), profile),
            false => note_mixed_classes(Chosen::of_type(time_type_of_texts(profile)), profile),
        };
    }
    choose_text_times(profile, zoned)
}

/// The kind of time that most texts are.
fn time_type_of_texts(profile: &Profile) -> Type {
    // Times of which some say an offset are instants; what the others mean is to be decided.
    let with_offset = profile.count_values() - profile.refused_by(TZ).unwrap_or(0);
    if with_offset > 0 { Type::Timestamptz } else { Type::Timestamp }
}

fn choose_text_times(profile: &Profile, zoned: bool) -> Chosen {
    let refused = |candidate| profile.refused_by(candidate).unwrap_or(0);
    let (no_offset, no_time) = (refused(TZ), refused(NAIVE));
    if no_offset == 0 {
        return Chosen::of_type(Type::Timestamptz);
    }
    let (texts, none) = (profile.texts - profile.empties, no_time - profile.empties.min(no_time));
    if none * 2 > texts || texts == 0 {
        return Chosen::of_type(Type::Text).with_reason(format!(
            "declared as a time, but {no_time} of {} values are not times",
            profile.texts
        ));
    }
    let naive = no_offset.saturating_sub(no_time);
    if no_time > 0 {
        let empties = advise_on_empty_texts(profile);
        let mut text = format!("{no_time} of {} values are not times{empties}", profile.texts);
        if time_type_of_texts(profile) == Type::Timestamptz && naive > 0 {
            text.push_str(&format!("; {naive} others have no UTC offset"));
        }
        return Chosen::of_type(time_type_of_texts(profile)).with_finding(text);
    }
    if naive == profile.texts && !zoned {
        return Chosen::of_type(Type::Timestamp).with_reason("no value has a UTC offset");
    }
    Chosen::of_type(Type::Timestamptz).with_finding(format!(
        "{naive} of {} values have no UTC offset; if they are in UTC, write stored = \"text_utc\"",
        profile.texts
    ))
}

/// A column declared DATE.
pub fn choose_date(profile: &Profile) -> Chosen {
    if profile.count_values() == 0 || profile.is_taken_by(Type::Date, Stored::Text) {
        return Chosen::of_type(Type::Date);
    }
    let chosen = choose_timestamp(profile, false);
    let no_dates = profile.refused_by((Type::Date, Stored::Text)).unwrap_or(0);
    let (dates, texts) =
        (profile.count_values() - no_dates, profile.count_values() - profile.empties);
    if chosen.finding.is_some() && dates * 2 > texts {
        let (values, empties) = (profile.count_values(), advise_on_empty_texts(profile));
        let text = format!("{no_dates} of {values} values are not dates{empties}");
        return Chosen::of_type(Type::Date).with_finding(text);
    }
    match chosen.note {
        Some(_) if chosen.ty != Type::Timestamp => chosen,
        _ if chosen.finding.is_some() => chosen,
        _ => chosen.with_reason("declared DATE, but contains times of day"),
    }
}

/// Numbers in a column of times: what they count is not known, so that they stay numbers.
fn choose_numbers(profile: &Profile) -> Chosen {
    let chosen = choose_by_single_class(profile, "a time").or_else(|| choose_by_values(profile));
    Chosen { counts: true, ..chosen.unwrap_or(Chosen::of_type(Type::Int8)) }
}

/// A column of numbers that is declared to hold times: the type and the encoding that something
/// else than their range proves, or numbers, with what each encoding would make of them.
///
/// # Errors
/// SQLite's.
pub fn resolve_counts(
    connection: &Connection,
    table: &SourceTable,
    column: &SourceColumn,
    chosen: &mut Chosen,
) -> rusqlite::Result<()> {
    let mut types = vec![Type::Timestamptz];
    if Family::of_declared(&column.declared) == Family::Date {
        types.insert(0, Type::Date);
    }
    let mut shown = Vec::new();
    for ty in types {
        let readings = undecided::try_all_encodings(connection, &table.name, &column.name, ty)?;
        if let Some((stored, why)) = prove_encoding(connection, table, column, ty, &readings)? {
            *chosen = Chosen::encoded(ty, stored).with_reason(why).declared_as(&column.declared);
            return Ok(());
        }
        if !readings.is_empty() && shown.is_empty() {
            shown.push(undecided::describe_readings(&readings, ty, &column.declared, true));
        }
    }
    let declared = &column.declared;
    let kept = format!("declared {declared}, but contains numbers, which are copied as numbers");
    let note = match shown.first() {
        None => kept,
        Some(shown) => format!("{kept}; to copy them as times, write one of these: {shown}"),
    };
    *chosen = Chosen { note: Some(note.into()), ..chosen.clone() };
    Ok(())
}
