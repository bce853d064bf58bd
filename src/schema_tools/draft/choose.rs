//! A column's type, from what is declared and what is there.
//!
//! The declared type leads; the values may overrule it, and then a note says so. Nothing is made
//! of nothing: 0 and 1 alone are numbers, text that looks like a time stays text unless it was
//! declared a time, and what does not fit together is a finding for a person.

use std::fmt;

use model::{Affinity, Stored, Type};

use super::family::Family;
use super::profile::{Candidate, Profile};
use super::times;

/// What a column gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// PostgreSQL's type.
    pub ty: Type,
    /// SQLite's encoding.
    pub stored: Stored,
    /// The declared type, where its affinity does not fit the choice.
    pub declared: Option<String>,
    /// Why, where that is not obvious.
    pub note: Option<Note>,
    /// What a person must look at.
    pub finding: Option<String>,
    /// Whether it is a time without any value to tell its kind.
    pub undecided: bool,
    /// Whether neither the declared type nor a value tells what it is.
    pub unexpressed: bool,
    /// Whether it is declared to hold times, and its numbers are kept as numbers.
    pub counts: bool,
    /// Whether text takes values that the chosen type does not.
    pub text_helps: bool,
    /// How many texts say a time without its offset, where that is to decide.
    pub naive: u64,
}

/// Why a type was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The column holds nothing but 0 and 1.
    MaybeTruth {
        /// Its default as a truth value.
        default: Option<bool>,
    },
    /// Another reason, in words.
    Other(String),
}

impl From<&str> for Note {
    fn from(words: &str) -> Note {
        Note::Other(words.to_owned())
    }
}

impl From<String> for Note {
    fn from(words: String) -> Note {
        Note::Other(words)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::MaybeTruth { default } => {
                let default = default.map(|value| format!(", default = \"{value}\""));
                let default = default.unwrap_or_default();
                write!(
                    f,
                    "contains only 0 and 1; if it is a boolean, write type = \"bool\"{default}"
                )
            }
            Note::Other(words) => f.write_str(words),
        }
    }
}

impl Chosen {
    /// A type in its usual encoding, and nothing to say about it.
    pub fn of_type(ty: Type) -> Chosen {
        Chosen::encoded(ty, ty.usual_encoding())
    }

    /// A type in an encoding.
    pub fn encoded(ty: Type, stored: Stored) -> Chosen {
        let (declared, note, finding) = (None, None, None);
        let (undecided, unexpressed, counts, text_helps, naive) = (false, false, false, false, 0);
        Chosen {
            ty,
            stored,
            declared,
            note,
            finding,
            undecided,
            unexpressed,
            counts,
            text_helps,
            naive,
        }
    }

    /// With the reason.
    pub fn with_reason(mut self, note: impl Into<Note>) -> Chosen {
        self.note = Some(note.into());
        self
    }

    /// With something to look at.
    pub fn with_finding(mut self, finding: impl Into<String>) -> Chosen {
        self.finding = Some(finding.into());
        self
    }

    /// Names the declared type where SQLite's affinity would contradict the choice.
    pub fn declared_as(mut self, declared: &str) -> Chosen {
        let fits = self.ty.stores_undamaged(self.stored, Affinity::of_declared(declared));
        self.declared = (!fits).then(|| declared.to_owned());
        self
    }
}

/// Chooses for a column. `default` is its default as SQLite has it.
pub fn choose_type(declared: &str, default: Option<&str>, profile: &Profile) -> Chosen {
    let family = Family::of_declared(declared);
    let chosen = match family {
        Family::Boolean => choose_boolean(profile),
        Family::Integer(ty) => choose_integer(ty, default, profile),
        Family::Real => choose_real(profile),
        Family::Decimal(ty) => choose_decimal(ty, default, profile),
        Family::Text => choose_text(Type::Text, None, profile),
        Family::Varchar(length) => choose_varchar(length, None, profile),
        Family::Char(length) => {
            let pads = "declared CHAR: PostgreSQL would pad char values with spaces";
            choose_varchar(length, Some(pads), profile)
        }
        Family::Blob => choose_blob(profile),
        Family::Timestamp => times::choose_timestamp(profile, false),
        Family::Timestamptz => times::choose_timestamp(profile, true),
        Family::Date => times::choose_date(profile),
        // The notation of an array's default is that of its values.
        Family::Same(ty @ Type::Array(_))
            if profile.count_values() == 0 && default.is_some_and(|text| text.contains("'{")) =>
        {
            Chosen::encoded(ty, Stored::PgArray)
        }
        Family::Same(ty) => choose_same_type(ty, profile),
        Family::Open => {
            choose_by_values(profile).unwrap_or_else(|| choose_without_evidence(declared))
        }
    };
    let chosen = note_refusals(chosen, profile);
    if chosen.counts {
        return chosen.declared_as(declared);
    }
    let obvious = chosen.note.is_some() || chosen.finding.is_some();
    let named = Affinity::of_declared(declared) == Affinity::Numeric && family == Family::Open;
    let chosen = match (named, obvious) {
        (true, false) => {
            let note =
                format!("declared {declared}, which is not a known type: chosen by the values");
            chosen.with_reason(note)
        }
        _ => chosen,
    };
    note_text_alternative(chosen.declared_as(declared), profile)
}

/// Notes that a column of numbers and texts could be text; what to write then is said beside the
/// columns that must become text with it.
fn note_text_alternative(chosen: Chosen, profile: &Profile) -> Chosen {
    let number = matches!(chosen.ty, Type::Int8 | Type::Float8 | Type::Numeric(_));
    let texts = profile.texts > profile.empties && profile.blobs == 0;
    let mixed = profile.integers + profile.reals > 0 && texts && number;
    Chosen { text_helps: mixed && chosen.finding.is_some(), ..chosen }
}

/// A column that nothing tells about.
fn choose_without_evidence(declared: &str) -> Chosen {
    let note = match declared {
        "" => "no declared type, and no values".to_owned(),
        _ => format!("declared {declared}, which is not a known type, and no values"),
    };
    Chosen { unexpressed: true, ..Chosen::of_type(Type::Text).with_reason(note) }
}

/// A choice that refuses some of the values is a finding, if it is none yet.
fn note_refusals(chosen: Chosen, profile: &Profile) -> Chosen {
    let refused = profile.refused_by((chosen.ty, chosen.stored)).unwrap_or(0);
    if refused == 0 || chosen.finding.is_some() {
        return chosen;
    }
    let text = format!(
        "{refused} of {} values do not fit {}; migrate copy --dry-run lists their rows",
        profile.count_values(),
        chosen.ty
    );
    chosen.with_finding(text)
}

/// What mixed storage classes mean.
pub fn note_mixed_classes(chosen: Chosen, profile: &Profile) -> Chosen {
    let text = format!(
        "mixed storage classes ({}): decide which type the column has; the copy refuses values \
         that do not fit {}, and counts those that it converts{}",
        profile.describe_classes(),
        chosen.ty,
        if holds_text(chosen.ty) { String::new() } else { advise_on_empty_texts(profile) }
    );
    chosen.with_finding(text)
}

/// What can be done about texts that are empty, where they are all that does not fit.
pub fn advise_on_empty_texts(profile: &Profile) -> String {
    let are = match profile.empties {
        0 => return String::new(),
        1 => "1 of the texts is empty".to_owned(),
        count => format!("{count} of the texts are empty"),
    };
    format!(
        "; {are}; if the column allows NULL, the repair empty-as-null replaces empty text by NULL"
    )
}

/// Whether an empty text is a value like any other.
fn holds_text(ty: Type) -> bool {
    matches!(ty, Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) | Type::Bytea)
}

fn choose_boolean(profile: &Profile) -> Chosen {
    if profile.is_taken_by(Type::Bool, Stored::Boolean) {
        return Chosen::of_type(Type::Bool);
    }
    if profile.is_taken_by(Type::Bool, Stored::Blob) {
        return Chosen::encoded(Type::Bool, Stored::Blob);
    }
    let chosen = choose_by_single_class(profile, "BOOLEAN").unwrap_or(Chosen::of_type(Type::Bool));
    match chosen.ty {
        Type::Text => note_mixed_classes(Chosen::of_type(Type::Bool), profile),
        _ => chosen,
    }
}

fn choose_integer(ty: Type, default: Option<&str>, profile: &Profile) -> Chosen {
    let (least, most) = profile.integer_range.unwrap_or((0, 0));
    if profile.count_values() > profile.integers {
        return choose_by_single_class(profile, "an integer")
            .unwrap_or_else(|| note_mixed_classes(Chosen::of_type(Type::Int8), profile));
    }
    let fits = match ty {
        Type::Int2 => i16::try_from(least).is_ok() && i16::try_from(most).is_ok(),
        Type::Int4 => i32::try_from(least).is_ok() && i32::try_from(most).is_ok(),
        _ => true,
    };
    if !fits {
        return Chosen::of_type(Type::Int8)
            .with_reason(format!("contains values from {least} to {most}"));
    }
    match (least, most) {
        (0, 1) if profile.integers > 0 => {
            let default = match default.map(str::trim) {
                Some("0") => Some(false),
                Some("1") => Some(true),
                _ => None,
            };
            Chosen::of_type(ty).with_reason(Note::MaybeTruth { default })
        }
        _ => Chosen::of_type(ty),
    }
}

fn choose_real(profile: &Profile) -> Chosen {
    if profile.texts + profile.blobs == 0 {
        return choose_fractional(profile);
    }
    if profile.is_taken_by(Type::Float8, Stored::NumberOrWord) {
        return Chosen::encoded(Type::Float8, Stored::NumberOrWord);
    }
    choose_by_single_class(profile, "a number")
        .unwrap_or_else(|| note_mixed_classes(Chosen::of_type(Type::Float8), profile))
}

/// Numbers with fractions: `float8`, unless that would round one of them.
fn choose_fractional(profile: &Profile) -> Chosen {
    if profile.is_taken_by(Type::Float8, Stored::Real) {
        return Chosen::of_type(Type::Float8);
    }
    let range = profile.integer_range.map(|(least, most)| format!("{least} to {most}"));
    Chosen::of_type(Type::Numeric(None)).with_reason(format!(
        "contains integers ({}) that float8 would round",
        range.unwrap_or_default()
    ))
}

fn choose_decimal(ty: Type, default: Option<&str>, profile: &Profile) -> Chosen {
    let truth = default.is_some_and(|default| {
        default.eq_ignore_ascii_case("true") || default.eq_ignore_ascii_case("false")
    });
    if truth && profile.is_taken_by(Type::Bool, Stored::Boolean) && profile.texts == 0 {
        return Chosen::of_type(Type::Bool)
            .with_reason("its default is true or false, and all values are 0 or 1");
    }
    if profile.is_taken_by(ty, Stored::Decimal) && profile.texts == 0 {
        return Chosen::of_type(ty);
    }
    if profile.texts + profile.blobs == 0 {
        return Chosen::of_type(Type::Numeric(None))
            .with_reason(format!("some values do not fit the declared {ty}"));
    }
    if profile.is_taken_by(ty, Stored::NumberOrWord) {
        return Chosen::encoded(ty, Stored::NumberOrWord);
    }
    choose_by_single_class(profile, "a number")
        .unwrap_or_else(|| note_mixed_classes(Chosen::of_type(ty), profile))
}

fn choose_text(ty: Type, note: Option<&str>, profile: &Profile) -> Chosen {
    let chosen = match note {
        Some(note) => Chosen::of_type(ty).with_reason(note),
        None => Chosen::of_type(ty),
    };
    match (profile.texts, profile.blobs, profile.count_values()) {
        (0, blobs, values) if blobs > 0 && blobs == values => {
            Chosen::of_type(Type::Bytea).with_reason("declared as text, but all values are blobs")
        }
        (texts, _, values) if texts < values => note_mixed_classes(chosen, profile),
        _ => chosen,
    }
}

fn choose_varchar(length: u32, note: Option<&str>, profile: &Profile) -> Chosen {
    if u32::try_from(profile.longest).is_ok_and(|longest| longest <= length) {
        return choose_text(Type::Varchar(length), note, profile);
    }
    let note =
        format!("declared with {length} characters, but values have up to {}", profile.longest);
    choose_text(Type::Text, Some(&note), profile)
}

fn choose_blob(profile: &Profile) -> Chosen {
    let bytes = Chosen::of_type(Type::Bytea);
    match (profile.texts, profile.blobs, profile.count_values()) {
        (texts, 0, values) if texts > 0 && texts == values => {
            bytes.with_reason("all values are text; their bytes are copied, as declared")
        }
        (_, blobs, values) if blobs == values => bytes,
        (0, 0, _) => choose_by_single_class(profile, "a blob").unwrap_or(bytes),
        _ => note_mixed_classes(bytes, profile),
    }
}

fn choose_same_type(ty: Type, profile: &Profile) -> Chosen {
    let of = |(tried, _): &Candidate| *tried == ty;
    let fitting =
        profile.refused.iter().find(|(candidate, refused)| of(candidate) && *refused == 0);
    if let Some(((Type::Uuid, Stored::Blob), _)) = fitting {
        return profile.guids.choose_encoding();
    }
    if let Some(((ty, stored), _)) = fitting {
        return Chosen::encoded(*ty, *stored);
    }
    let word = ty.to_string();
    choose_by_single_class(profile, &word)
        .unwrap_or_else(|| note_mixed_classes(Chosen::of_type(Type::Text), profile))
}

/// The type of values of one class, where the declared one does not hold.
pub fn choose_by_single_class(profile: &Profile, meant: &str) -> Option<Chosen> {
    let chosen = choose_by_values(profile)?;
    if chosen.finding.is_some() {
        return None;
    }
    let words = profile.describe_classes();
    Some(chosen.with_reason(format!("declared as {meant}, but contains {words}")))
}

/// The type that the values alone suggest; nothing where there is no value.
pub fn choose_by_values(profile: &Profile) -> Option<Chosen> {
    if profile.count_values() == 0 {
        return None;
    }
    let has_no_reals = profile.reals == 0;
    let largest = profile.texts.max(profile.blobs).max(profile.integers + profile.reals);
    let chosen = if largest == profile.texts {
        Chosen::of_type(Type::Text)
    } else if largest == profile.blobs {
        Chosen::of_type(Type::Bytea)
    } else if has_no_reals {
        Chosen::of_type(Type::Int8)
    } else if profile.count_classes() > 1 {
        Chosen::of_type(Type::Float8)
    } else {
        choose_fractional(profile)
    };
    Some(if profile.count_classes() > 1 { note_mixed_classes(chosen, profile) } else { chosen })
}
