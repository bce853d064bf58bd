//! Columns of which nobody has said yet how SQLite holds their values (`stored = "undecided"`):
//! what each encoding would make of them, and the refusal to copy them (S20).
//!
//! The draft shows what is found here, and a run that meets such a column says it again. Nothing
//! is chosen here: that numbers are likely times under an encoding proves nothing.

use jiff::Timestamp;
use model::{Affinity, Column, Stored, Table, Type, nullable, sql};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::mixed_times::{MixedReading, try_units_beside_texts};
use crate::codec::{self, Out};
use crate::diagnostic::{Finding, Hint, Hints, Id, RepairKind, Severity, repair_setting};
use crate::schema::Version;
use crate::sqlite::Structure;
use crate::text::count_with_noun;

/// From 1970-01-01 to 2000-01-01 in microseconds.
const UNIX: i64 = 10_957 * 86_400_000_000;

/// An encoding that takes every value of a column, and the first and the last time that come of
/// it: microseconds from 2000-01-01, or those of lengths; none for a type without times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The encoding.
    pub stored: Stored,
    /// The first and the last time.
    pub times: Option<(i64, i64)>,
}

/// Reads a column with every encoding of a type; those that refuse a value are left out. `table`
/// and `column` are SQLite's names.
///
/// # Errors
/// SQLite's.
pub fn try_all_encodings(
    connection: &Connection,
    table: &str,
    column: &str,
    ty: Type,
) -> rusqlite::Result<Vec<Reading>> {
    let mut all: Vec<Reading> =
        ty.encodings().iter().map(|stored| Reading { stored: *stored, times: None }).collect();
    let (name, of) = (sql::quote(column), sql::quote(table));
    let select = format!("SELECT {name} FROM {of} NOT INDEXED WHERE {name} IS NOT NULL");
    let mut statement = connection.prepare(&select)?;
    let mut rows = statement.query([])?;
    let mut out = Out::default();
    while let Some(row) = rows.next()? {
        let cell = row.get_ref(0)?;
        all.retain_mut(|reading| reading.add_value(ty, cell, &mut out));
    }
    Ok(all)
}

impl Reading {
    /// Adds a value; `false` where the encoding refuses it.
    pub(super) fn add_value(&mut self, ty: Type, cell: ValueRef<'_>, out: &mut Out) -> bool {
        let taken = decode_time(ty, self.stored, cell, out);
        if let Some(Some(time)) = taken {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
        taken.is_some()
    }

    /// What a schema file says for it.
    pub fn setting_text(&self, ty: Type, declared: &str) -> String {
        let fits = ty.stores_undamaged(self.stored, Affinity::of_declared(declared));
        let more = if fits { String::new() } else { format!(", declared = {declared:?}") };
        format!("stored = \"{}\"{more}", self.stored)
    }

    /// `2023-11-14 22:13:20 to 2024-01-01 00:00:00`
    pub fn describe_range(&self, ty: Type) -> String {
        match self.times {
            Some((first, last)) if first == last => format_time(ty, first),
            Some((first, last)) => {
                format!("{} to {}", format_time(ty, first), format_time(ty, last))
            }
            None => String::new(),
        }
    }

    /// `2001-01-01`, the day of the first time; a length as it is.
    pub fn describe_first(&self, ty: Type) -> String {
        let Some((first, _)) = self.times else { return String::new() };
        let text = format_time(ty, first);
        match ty {
            Type::Interval => text,
            _ => text
                .split_once(' ')
                .filter(|(day, _)| day.contains('-'))
                .map_or_else(|| text.clone(), |(day, _)| day.to_owned()),
        }
    }

    /// The first and the last time as texts without a zone.
    pub fn describe_naive_range(&self) -> String {
        self.describe_range(Type::Timestamp)
    }

    /// Whether the times are such as applications of today hold: up to 2050, and not all of them
    /// before 1980. This only orders what is shown, and decides nothing.
    pub fn is_likely(&self, ty: Type) -> bool {
        let Some((first, last)) = self.times else { return true };
        let years = |count: i64| count * 8766 * 3_600_000_000;
        ty == Type::Interval || first >= years(-100) && (years(-20)..=years(50)).contains(&last)
    }

    /// How far the times lie from today's, to list what is likelier first.
    pub fn distance_from_today(&self, ty: Type) -> u64 {
        // Lengths of time have no today.
        if ty == Type::Interval {
            return 0;
        }
        let far = |time: i64| time.saturating_sub(24 * 365 * 86_400_000_000).unsigned_abs();
        self.times.map_or(u64::MAX, |(first, last)| far(first).max(far(last)))
    }
}

/// The microseconds from 2000-01-01 of a value, if it is a time, or those of a length of time;
/// `None` where it is refused.
pub fn decode_time(
    ty: Type,
    stored: Stored,
    cell: ValueRef<'_>,
    out: &mut Out,
) -> Option<Option<i64>> {
    let taken = codec::encode_value(&nullable("", ty).stored(stored), out, cell).is_ok();
    let bytes = out.bytes();
    let found = match ty {
        Type::Date => bytes
            .get(4..8)
            .and_then(|four| four.try_into().ok())
            .map(|four| i64::from(i32::from_be_bytes(four)).saturating_mul(86_400_000_000)),
        Type::Timestamp | Type::Timestamptz => {
            bytes.get(4..12).and_then(|eight| eight.try_into().ok()).map(i64::from_be_bytes)
        }
        Type::Interval => length_in_micros(bytes.get(4..).unwrap_or_default()),
        _ => None,
    };
    while out.take_note().is_some() {}
    out.clear();
    taken.then_some(found)
}

/// The microseconds of an interval's field: a day for 24 hours, a month for 30 days.
fn length_in_micros(field: &[u8]) -> Option<i64> {
    let (micros, rest) = field.split_first_chunk()?;
    let (days, months) = rest.split_first_chunk()?;
    let days = i64::from(i32::from_be_bytes(*days));
    let months = i64::from(i32::from_be_bytes(*months.first_chunk()?));
    let days_in_micros = (months * 30 + days).saturating_mul(86_400_000_000);
    Some(i64::from_be_bytes(*micros).saturating_add(days_in_micros))
}

/// `1 day 02:00:00`, `-00:00:00.5`
fn format_length(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let total = micros.unsigned_abs();
    let (seconds, fraction) = (total / 1_000_000, total % 1_000_000);
    let days = match seconds / 86_400 {
        0 => String::new(),
        days => format!("{} ", count_with_noun(days, "day")),
    };
    let fraction = match fraction {
        0 => String::new(),
        fraction => format!(".{}", format!("{fraction:06}").trim_end_matches('0')),
    };
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{sign}{days}{hours:02}:{minutes:02}:{:02}{fraction}", seconds % 60)
}

fn format_time(ty: Type, micros: i64) -> String {
    if ty == Type::Interval {
        return format_length(micros);
    }
    let time = micros.checked_add(UNIX).and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let Some(time) = time else {
        return if micros < 0 { "before year -9999" } else { "after year 9999" }.to_owned();
    };
    let form = match ty {
        Type::Date => "%Y-%m-%d",
        _ => "%Y-%m-%d %H:%M:%S%.f",
    };
    let zone = if ty == Type::Timestamptz { "+00" } else { "" };
    format!("{}{zone}", time.strftime(form))
}

/// Each setting with what it makes of the values, the likelier ones first: `stored = "unix_s"
/// reads 2023-11-14 22:13:20+00`. `typed` puts the type before each, where that is open too.
pub fn describe_readings(readings: &[Reading], ty: Type, declared: &str, typed: bool) -> String {
    let mut readings = readings.to_vec();
    readings.sort_by_key(|reading| reading.distance_from_today(ty));
    let one = |reading: &Reading| {
        let ty_setting = if typed { format!("type = \"{ty}\", ") } else { String::new() };
        format!(
            "{ty_setting}{} {}",
            reading.setting_text(ty, declared),
            describe_reading(reading, ty)
        )
    };
    readings.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The columns of a version that are undecided and hold a value, each as a finding. `database` is
/// its name in repairs. What a built-in description of the application guesses is shown.
///
/// # Errors
/// SQLite's.
pub fn find_undecided_columns(
    database: &str,
    connection: &Connection,
    structure: &Structure,
    version: &Version,
    built_in: Option<&Version>,
) -> rusqlite::Result<Vec<Finding>> {
    let mut found: Vec<Finding> =
        version.undecided.iter().map(|name| undecided_name_finding(name, version)).collect();
    for table in version.tables() {
        for column in table.copied_columns().filter(|column| column.stored == Stored::Undecided) {
            let Some(own) = structure.ordinary_tables().find(|own| own.name == table.source) else {
                continue;
            };
            let declared = own.columns.iter().find(|there| there.name == column.source);
            let declared = declared.map(|there| there.declared.as_str()).unwrap_or_default();
            let place = (table, column);
            let names = [database, table.name, column.name];
            let mut found_here =
                undecided_column_finding(connection, place, declared, (version, names))?;
            let guess = built_in.and_then(|known| guessed_encoding(known, table.source, column));
            if let (Some(finding), Some(stored)) = (&mut found_here, guess) {
                mark_suggested(finding, stored);
            }
            found.extend(found_here);
        }
    }
    Ok(found)
}

/// The encoding of a column that a description guesses, which proves nothing.
pub fn guessed_encoding(known: &Version, table: &str, column: &Column) -> Option<Stored> {
    let described = known.tables().find(|described| described.source == table)?;
    let guess = described.columns.iter().find(|described| described.source == column.source)?;
    (guess.guess && guess.ty == column.ty).then_some(guess.stored)
}

/// Says of the line of an encoding that a description of the application suggests it.
fn mark_suggested(finding: &mut Finding, stored: Stored) {
    let setting = format!("stored = \"{stored}\"");
    for line in finding.hints.iter_mut().flat_map(|hint| &mut hint.lines) {
        if line.strip_prefix(&setting).is_some_and(|rest| rest.starts_with([' ', ','])) {
            line.push_str("  (suggested by public descriptions of the application)");
        }
    }
}

/// What `undecided` in database.toml names.
fn undecided_name_finding(name: &str, version: &Version) -> Finding {
    let (table, column) = match name.split_once('.') {
        Some((table, column)) => (table, Some(column)),
        None => (name, None),
    };
    let what = "it is not decided yet; see RESIDUE.md beside the schema files";
    let mut finding = Finding::without_rows(Id::S20, Severity::Error, what);
    table.clone_into(&mut finding.table);
    finding.set_columns(column);
    finding.hints = format!(
        "when you have decided it, remove {name:?} from `undecided` in {}",
        schema_file(version, "database")
    )
    .into();
    finding
}

fn undecided_column_finding(
    connection: &Connection,
    (table, column): (&Table, &Column),
    declared: &str,
    (version, names): (&Version, [&str; 3]),
) -> rusqlite::Result<Option<Finding>> {
    let name = sql::quote(column.source);
    let count = format!("SELECT count({name}) FROM {} NOT INDEXED", sql::quote(table.source));
    let values = connection.query_row(&count, [], |row| row.get::<_, i64>(0))?.unsigned_abs();
    if values == 0 {
        return Ok(None);
    }
    let all = try_all_encodings(connection, table.source, column.source, column.ty)?;
    let mixed = match all.is_empty() {
        true => try_units_beside_texts(connection, table.source, column.source, column.ty)?,
        false => Vec::new(),
    };
    let none = match all.is_empty() {
        true => format!(": no encoding of {} accepts all of them", column.ty),
        false => String::new(),
    };
    let what = format!(
        "not decided how to convert {} of SQLite to {}{none}",
        count_with_noun(values, "value"),
        column.ty
    );
    let mut finding = Finding::without_rows(Id::S20, Severity::Error, what);
    table.name.clone_into(&mut finding.table);
    finding.set_columns([column.name]);
    let file = schema_file(version, table.name);
    let write = format!("in {file}, replace `stored = \"undecided\"` of `{}`", column.name);
    let is_unread = all.is_empty();
    let mut lines = list_readings(all, column.ty, declared);
    lines.extend(mixed.iter().map(|mixed| {
        let (setting, reads) = describe_mixed_reading(mixed, column.ty, declared, names);
        format!("{setting}  {reads}")
    }));
    finding.hints = match (is_unread, mixed.is_empty()) {
        (true, true) => Hints::from([
            "correct the values".to_owned(),
            format!("correct the column's type in {file}"),
        ]),
        (true, false) => {
            Hint::with_lines(format!("{write}, and use the repair beside it:"), lines).into()
        }
        (false, _) => Hint::with_lines(format!("{write} by one of these:"), lines).into(),
    };
    Ok(Some(finding))
}

/// The setting for the texts of a column, and the repair for its numbers with what it makes of
/// them.
pub fn describe_mixed_reading(
    mixed: &MixedReading,
    ty: Type,
    declared: &str,
    names: [&str; 3],
) -> (String, String) {
    let unit = Some(("unit", mixed.unit_word()));
    let repair = repair_setting(names, RepairKind::EpochUnit, unit);
    let range = mixed.reading.describe_range(ty);
    (mixed.reading.setting_text(ty, declared), format!("{repair}  reads the numbers as {range}"))
}

/// Where something stands in the schema files: the file of that name where it is known, else words.
pub fn schema_file(version: &Version, name: &str) -> String {
    let file = format!("{name}.toml");
    match version.directory.map(|directory| directory.join(&file)) {
        Some(path) if path.is_file() => path.display().to_string(),
        Some(_) => format!("{name}'s schema file"),
        None => file,
    }
}

/// A line for each setting with what it makes of the values, the likelier ones first.
fn list_readings(mut readings: Vec<Reading>, ty: Type, declared: &str) -> Vec<String> {
    readings.sort_by_key(|reading| reading.distance_from_today(ty));
    let lines: Vec<(String, String)> = readings
        .iter()
        .map(|reading| (reading.setting_text(ty, declared), describe_reading(reading, ty)))
        .collect();
    let width = lines.iter().map(|(setting, _)| setting.len()).max().unwrap_or_default();
    lines
        .iter()
        .map(|(setting, reads)| format!("{setting:width$}  {reads}").trim_end().to_owned())
        .collect()
}

/// `reads 2023-11-14 22:13:20+00`; nothing where a type shows nothing.
fn describe_reading(reading: &Reading, ty: Type) -> String {
    match reading.stored {
        Stored::Text
        | Stored::RailsTime
        | Stored::Timespan
        | Stored::Timedelta
        | Stored::IsoDuration => "reads them as they are written".to_owned(),
        Stored::JsonText | Stored::PgArray => "reads them as they are written".to_owned(),
        Stored::Csv => "reads values with commas between them".to_owned(),
        Stored::ServerText => "lets PostgreSQL read them".to_owned(),
        Stored::BlobAsHex => "writes the bytes as hexadecimal digits".to_owned(),
        Stored::BlobAsBase64 => "writes the bytes as base64".to_owned(),
        Stored::TextUtc => "reads times without an offset as UTC".to_owned(),
        _ if reading.times.is_none() => String::new(),
        _ => format!("reads {}", reading.describe_range(ty)),
    }
}
