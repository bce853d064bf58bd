//! How SQLite holds the values of a column whose type PostgreSQL has settled: the encoding whose
//! codec takes every row, where nothing else could be meant. What the values cannot prove stays
//! undecided, and the copy refuses it.

use model::{Affinity, Enum, Stored, Type};

use crate::diagnostic::{RepairKind, repair_setting};
use crate::schema_tools::draft::choose::{Chosen, advise_on_empty_texts};
use crate::schema_tools::draft::evidence;
use crate::schema_tools::draft::family::Family;
use crate::schema_tools::draft::profile::{Candidate, Profile};
use crate::sqlite::SourceColumn;

/// Every encoding of a type, and what tells whether a text says its offset.
pub fn all_encodings(ty: Type) -> Vec<Candidate> {
    let zoned = (ty == Type::Timestamp).then_some((Type::Timestamptz, Stored::Text));
    ty.encodings().iter().map(|stored| (ty, *stored)).chain(zoned).collect()
}

/// Chooses by what the column holds.
pub fn choose_encoding(ty: Type, source: &SourceColumn, profile: &Profile) -> Chosen {
    let chosen = match ty {
        Type::Array(_) if profile.count_values() == 0 => empty_array(ty, source),
        Type::ReadByServer(_) => read_by_server(ty, profile),
        _ if profile.count_values() == 0 => encoding_without_values(ty, &source.declared),
        Type::Date | Type::Timestamp | Type::Timestamptz => {
            choose_time_encoding(ty, source, profile)
        }
        Type::Interval => choose_length_encoding(source, profile),
        Type::Array(_) => written_array(ty, profile),
        Type::Bytea if profile.texts > 0 => texts_for_bytes(source, profile),
        Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_)
            if profile.integers + profile.reals > 0 =>
        {
            undecided_encoding(ty).with_finding(format!(
                "{} in a {ty} column: it is not known whether the application stores numbers there \
                 too; stored = \"text\" copies their digits, and the repair enum-map replaces \
                 numbers by words",
                profile.describe_classes()
            ))
        }
        Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) if profile.blobs > 0 => {
            choose_blob_encoding_for_text(ty, profile)
        }
        Type::Uuid if profile.is_taken_by(ty, Stored::Blob) => profile.guids.choose_encoding(),
        _ => match ty.encodings().iter().find(|stored| profile.is_taken_by(ty, **stored)) {
            Some(stored) => Chosen::encoded(ty, *stored),
            None => encoding_with_fewest_refusals(ty, profile),
        },
    };
    chosen.declared_as(&source.declared)
}

/// A type without a codec: whether the server reads the values is asked of it.
fn read_by_server(ty: Type, profile: &Profile) -> Chosen {
    match profile.count_values() {
        0 => undecided_encoding(ty)
            .with_reason("no values yet; the copy refuses the column when it contains values"),
        _ if profile.is_taken_by(ty, Stored::ServerText) => undecided_encoding(ty),
        _ => encoding_with_fewest_refusals(ty, profile),
    }
}

/// Arrays: brackets and braces say what they are, commas alone do not.
fn written_array(ty: Type, profile: &Profile) -> Chosen {
    let written = [Stored::JsonText, Stored::PgArray];
    match written.into_iter().find(|stored| profile.is_taken_by(ty, *stored)) {
        Some(stored) => Chosen::encoded(ty, stored),
        None if profile.is_taken_by(ty, Stored::Csv) => undecided_encoding(ty).with_finding(
            "text without brackets or braces; if commas separate the elements of an array, write \
             stored = \"csv\"",
        ),
        None => encoding_with_fewest_refusals(ty, profile),
    }
}

/// Texts for bytes: their own, or what they write.
fn texts_for_bytes(source: &SourceColumn, profile: &Profile) -> Chosen {
    let written = [Stored::Hex, Stored::Base64];
    let by_default = source.default.as_deref().and_then(evidence::bytes_by_default);
    let proved = by_default.filter(|stored| profile.is_taken_by(Type::Bytea, *stored));
    if let Some(stored) = proved {
        return Chosen::encoded(Type::Bytea, stored)
            .with_reason("according to its default in SQLite");
    }
    let fitting: Vec<String> = written
        .iter()
        .filter(|stored| profile.is_taken_by(Type::Bytea, **stored))
        .map(|stored| format!("stored = \"{stored}\""))
        .collect();
    let others = match &*fitting {
        [] => "; some are neither hex nor base64".to_owned(),
        all => format!("; all of them are also valid as {}", all.join(" and ")),
    };
    undecided_encoding(Type::Bytea).with_finding(format!(
        "{} of {} values are text: it is not known whether they are hex, base64 or the bytes \
         themselves; stored = \"blob\" copies the bytes of the text{others}",
        profile.texts,
        profile.count_values()
    ))
}

/// Numbers for labels: which stands for which is a person's to say.
pub fn numbers_for_labels(names: [&str; 3], declared: Enum, profile: &Profile) -> String {
    let (least, most) = profile.integer_range.unwrap_or_default();
    let map = match most.checked_sub(least) {
        Some(0..20) => {
            let pairs: Vec<String> = (least..=most).map(|old| format!("{old}=LABEL")).collect();
            pairs.join(",")
        }
        _ => "OLD=LABEL".to_owned(),
    };
    format!(
        "{} in a column of the enum {}, which has the labels {}: copy with {}, and replace each \
         LABEL by the label that the number stands for",
        profile.describe_classes(),
        declared.name,
        declared.labels.join(", "),
        repair_setting(names, RepairKind::EnumMap, Some(("map", &map)))
    )
}

/// Bytes for text: nothing in them says how the application writes them there.
fn choose_blob_encoding_for_text(ty: Type, profile: &Profile) -> Chosen {
    let written = [Stored::BlobAsHex, Stored::BlobAsBase64];
    let fitting: Vec<String> = written
        .iter()
        .filter(|stored| profile.is_taken_by(ty, **stored))
        .map(|stored| format!("stored = \"{stored}\""))
        .collect();
    if fitting.is_empty() {
        return encoding_with_fewest_refusals(ty, profile);
    }
    let decoded = match profile.binaries {
        0 => {
            "; if they are text in UTF-8, write stored = \"text\" and copy with the repair \
             decode:utf-8"
        }
        _ => "",
    };
    undecided_encoding(ty).with_finding(format!(
        "{} of {} values are blobs in a {ty} column; if the application stores their bytes as text \
         in PostgreSQL, write {}{decoded}",
        profile.blobs,
        profile.count_values(),
        fitting.join(" or ")
    ))
}

/// Lengths of time: numbers never say their unit, and texts say what they are by their form.
fn choose_length_encoding(source: &SourceColumn, profile: &Profile) -> Chosen {
    let written = [Stored::Timespan, Stored::Timedelta, Stored::IsoDuration, Stored::EpochDate];
    let fitting = written.into_iter().find(|stored| profile.is_taken_by(Type::Interval, *stored));
    match fitting {
        // Nothing but the declared type says that a date is meant, and not a time of day.
        Some(Stored::EpochDate) if Family::of_declared(&source.declared) != Family::Timestamp => {
            undecided_encoding(Type::Interval).with_finding(
                "dates with a time of day; if they are durations since 1970-01-01 00:00, write \
                 stored = \"epoch_date\"",
            )
        }
        Some(Stored::EpochDate) => Chosen::encoded(Type::Interval, Stored::EpochDate)
            .with_reason("durations as the dates since 1970-01-01, as SQLAlchemy stores them"),
        Some(stored) => Chosen::encoded(Type::Interval, stored),
        None => undecided_encoding(Type::Interval).with_finding(why_unit_is_open(profile)),
    }
}

fn why_unit_is_open(profile: &Profile) -> String {
    let refused = profile.refused_by((Type::Interval, Stored::Nanoseconds)).unwrap_or(0);
    let no_counts = match refused {
        0 => String::new(),
        _ => format!(
            "{refused} of {} values ({}) are not integers, and no encoding of interval accepts all \
             values; ",
            profile.count_values(),
            profile.describe_classes()
        ),
    };
    format!(
        "{no_counts}the unit of the values is not known; write stored = \"ns\", \"us\" (as Django \
         stores them), \"ms\" or \"s\""
    )
}

fn undecided_encoding(ty: Type) -> Chosen {
    Chosen::encoded(ty, Stored::Undecided)
}

/// Without a value there is nothing to decide yet; what a later value would be read as is.
fn encoding_without_values(ty: Type, declared: &str) -> Chosen {
    let affinity = Affinity::of_declared(declared);
    let mut all = ty.encodings().iter().copied();
    let stored =
        all.find(|stored| ty.stores_undamaged(*stored, affinity)).unwrap_or(ty.usual_encoding());
    let counts = stored.is_count_of_units() || matches!(stored, Stored::Julian | Stored::OleDay);
    let text = matches!(affinity, Affinity::Text) && ty == Type::Bytea || ty == Type::Interval;
    match (counts || text) && ty != Type::Uuid {
        true => undecided_encoding(ty)
            .with_reason("no values yet; the copy refuses the column when it contains values"),
        false => Chosen::encoded(ty, stored),
    }
}

/// The notation of an array's default is that of its values.
fn empty_array(ty: Type, source: &SourceColumn) -> Chosen {
    let default = source.default.as_deref().map(|text| text.trim_matches(['(', ')', ' ']));
    match default {
        Some(default) if default.starts_with("'{") => {
            Chosen::encoded(ty, Stored::PgArray).with_reason("according to its default in SQLite")
        }
        _ => encoding_without_values(ty, &source.declared),
    }
}

/// The encoding that refuses the fewest values, the usual one before others.
fn encoding_with_fewest_refusals(ty: Type, profile: &Profile) -> Chosen {
    let refused = |stored: Stored| profile.refused_by((ty, stored)).unwrap_or(u64::MAX);
    let best = ty.encodings().iter().copied().min_by_key(|stored| refused(*stored));
    let stored = best.unwrap_or(ty.usual_encoding());
    Chosen::encoded(ty, stored).with_finding(format!(
        "{} of {} values ({}) do not fit {ty} stored as {stored}; migrate copy --dry-run lists \
         their rows",
        refused(stored),
        profile.count_values(),
        profile.describe_classes()
    ))
}

/// A date or a time.
fn choose_time_encoding(ty: Type, source: &SourceColumn, profile: &Profile) -> Chosen {
    let (texts, values) = (profile.texts, profile.count_values());
    let refused = |stored: Stored| profile.refused_by((ty, stored)).unwrap_or(values);
    if texts < values {
        return choose_number_encoding(ty, profile);
    }
    let counts = ty.encodings().iter().filter(|stored| !is_written(**stored));
    let digits = counts.map(|stored| values - refused(*stored)).max().unwrap_or(0);
    let written = values - refused(Stored::Text).min(refused(Stored::TextUtc));
    if digits > written {
        return undecided_encoding(ty).with_finding(format!(
            "{texts} values are text that consists of digits, whose meaning is not known{}",
            advise_on_empty_texts(profile)
        ));
    }
    let by_default = source.default.as_deref().and_then(evidence::encoding_by_default);
    let without = match ty {
        Type::Timestamptz => refused(Stored::Text).saturating_sub(refused(Stored::TextUtc)),
        // One zone is in the column where no text says another.
        Type::Timestamp => match profile.refused_by((Type::Timestamptz, Stored::Text)).unwrap_or(0)
        {
            without if without < values => without.saturating_sub(refused(Stored::Text)),
            _ => 0,
        },
        _ => 0,
    };
    let utc = if ty == Type::Timestamptz { Stored::TextUtc } else { Stored::Text };
    let chosen = match (without, by_default) {
        (0, _) => Chosen::encoded(ty, Stored::Text),
        (_, Some(Stored::TextUtc)) => Chosen::encoded(ty, utc)
            .with_reason("values without an offset are in UTC, as is its default in SQLite"),
        _ => Chosen { naive: without, ..undecided_encoding(ty) }.with_finding(format!(
            "{without} of {values} values have no UTC offset; if they are in UTC, write stored = \
             \"{utc}\""
        )),
    };
    let refused = refused(utc).min(refused(Stored::Text));
    match (refused, &chosen.finding) {
        (0, _) => chosen,
        (_, Some(finding)) => {
            let more = format!(
                "{finding}; {refused} others are not times{}",
                advise_on_empty_texts(profile)
            );
            chosen.with_finding(more)
        }
        (_, None) => encoding_with_fewest_refusals(ty, profile),
    }
}

fn is_written(stored: Stored) -> bool {
    matches!(stored, Stored::Text | Stored::TextUtc)
}

/// Numbers in a column of times, alone or beside texts.
fn choose_number_encoding(ty: Type, profile: &Profile) -> Chosen {
    let values = profile.count_values();
    let least = ty.encodings().iter().filter_map(|stored| profile.refused_by((ty, *stored))).min();
    match (profile.count_classes(), least.unwrap_or(0)) {
        (1, 0) => undecided_encoding(ty).with_finding("numbers whose unit is not known"),
        (1, refused) => undecided_encoding(ty).with_finding(format!(
            "numbers whose unit is not known; every encoding refuses at least {refused} of \
             {values} values"
        )),
        _ => undecided_encoding(ty).with_finding(format!(
            "{}: no encoding of {ty} accepts both{}",
            profile.describe_classes(),
            advise_on_empty_texts(profile)
        )),
    }
}
