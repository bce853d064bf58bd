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
    pub untold: bool,
    /// Whether it is declared to hold times, and its numbers are kept as numbers.
    pub counts: bool,
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
                write!(f, "only 0 and 1 so far; type = \"bool\"{default} if it is a truth value")
            }
            Note::Other(words) => f.write_str(words),
        }
    }
}

impl Chosen {
    /// A type in its usual encoding, and nothing to say about it.
    pub fn plain(ty: Type) -> Chosen {
        Chosen::stored(ty, ty.usual())
    }

    /// A type in an encoding.
    pub fn stored(ty: Type, stored: Stored) -> Chosen {
        let (declared, note, finding) = (None, None, None);
        let (undecided, untold, counts, naive) = (false, false, false, 0);
        Chosen { ty, stored, declared, note, finding, undecided, untold, counts, naive }
    }

    /// With the reason.
    pub fn because(mut self, note: impl Into<Note>) -> Chosen {
        self.note = Some(note.into());
        self
    }

    /// With something to look at.
    pub fn but(mut self, finding: impl Into<String>) -> Chosen {
        self.finding = Some(finding.into());
        self
    }

    /// Names the declared type where SQLite's affinity would contradict the choice.
    pub fn declared(mut self, declared: &str) -> Chosen {
        let fits = self.ty.accepts(self.stored, Affinity::of(declared));
        self.declared = (!fits).then(|| declared.to_owned());
        self
    }
}

/// Chooses for a column. `default` is its default as SQLite has it.
pub fn choose(declared: &str, default: Option<&str>, profile: &Profile) -> Chosen {
    let family = Family::of(declared);
    let chosen = match family {
        Family::Boolean => boolean(profile),
        Family::Integer(ty) => integer(ty, default, profile),
        Family::Real => real(profile),
        Family::Decimal(ty) => decimal(ty, default, profile),
        Family::Text => text(Type::Text, None, profile),
        Family::Varchar(length) => varchar(length, None, profile),
        Family::Char(length) => {
            let pads = "declared CHAR: PostgreSQL would pad char with spaces, varchar keeps texts";
            varchar(length, Some(pads), profile)
        }
        Family::Blob => blob(profile),
        Family::Timestamp => times::timestamp(profile, false),
        Family::Timestamptz => times::timestamp(profile, true),
        Family::Date => times::date(profile),
        Family::Same(ty) => same(ty, profile),
        Family::Open => by_values(profile).unwrap_or_else(|| untold(declared)),
    };
    let chosen = refusals(chosen, profile);
    if chosen.counts {
        return chosen.declared(declared);
    }
    let obvious = chosen.note.is_some() || chosen.finding.is_some();
    let named = Affinity::of(declared) == Affinity::Numeric && family == Family::Open;
    let chosen = match (named, obvious) {
        (true, false) => {
            let note = format!("declared {declared}, which is no type here: chosen by the values");
            chosen.because(note)
        }
        _ => chosen,
    };
    as_texts(chosen.declared(declared), declared, profile)
}

/// Says what a column of numbers and texts could be.
fn as_texts(chosen: Chosen, declared: &str, profile: &Profile) -> Chosen {
    let number = matches!(chosen.ty, Type::Int8 | Type::Float8 | Type::Numeric(_));
    let texts = profile.texts > profile.empties && profile.blobs == 0;
    let mixed = profile.integers + profile.reals > 0 && texts && number;
    let Some(finding) = chosen.finding.as_ref().filter(|_| mixed) else { return chosen };
    let text = Chosen::plain(Type::Text).declared(declared).declared;
    let known = text.map(|declared| format!(", declared = {declared:?}")).unwrap_or_default();
    let finding = format!("{finding}; type = \"text\"{known} takes all of them as texts");
    chosen.but(finding)
}

/// A column that nothing tells about.
fn untold(declared: &str) -> Chosen {
    let note = match declared {
        "" => "no declared type and no value to tell one".to_owned(),
        _ => format!("declared {declared}, which is no type here, and no value to tell one"),
    };
    Chosen { untold: true, ..Chosen::plain(Type::Text).because(note) }
}

/// A choice that refuses some of the values is a finding, if it is none yet.
fn refusals(chosen: Chosen, profile: &Profile) -> Chosen {
    let refused = profile.refused((chosen.ty, chosen.stored)).unwrap_or(0);
    if refused == 0 || chosen.finding.is_some() {
        return chosen;
    }
    let text = format!(
        "{refused} of {} values do not fit {}; migrate copy --dry-run names their rows",
        profile.values(),
        chosen.ty
    );
    chosen.but(text)
}

/// What mixed storage classes mean.
pub fn mixed(chosen: Chosen, profile: &Profile) -> Chosen {
    let text = format!(
        "mixed storage classes ({}): decide what the column is; what does not fit {} is refused \
         by the copy, or counted where it is taken as such{}",
        profile.in_words(),
        chosen.ty,
        if holds_text(chosen.ty) { String::new() } else { empties(profile) }
    );
    chosen.but(text)
}

/// What can be done about texts that are empty, where they are all that does not fit.
pub fn empties(profile: &Profile) -> String {
    let are = match profile.empties {
        0 => return String::new(),
        1 => "1 of the texts is empty".to_owned(),
        count => format!("{count} of the texts are empty"),
    };
    format!("; {are}, and the repair empty-as-null makes NULL of that where NULL is allowed")
}

/// Whether an empty text is a value like any other.
fn holds_text(ty: Type) -> bool {
    matches!(ty, Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_) | Type::Bytea)
}

fn boolean(profile: &Profile) -> Chosen {
    if profile.takes(Type::Bool, Stored::Boolean) {
        return Chosen::plain(Type::Bool);
    }
    let chosen = otherwise(profile, "BOOLEAN").unwrap_or(Chosen::plain(Type::Bool));
    match chosen.ty {
        Type::Text => mixed(Chosen::plain(Type::Bool), profile),
        _ => chosen,
    }
}

fn integer(ty: Type, default: Option<&str>, profile: &Profile) -> Chosen {
    let (least, most) = profile.whole.unwrap_or((0, 0));
    if profile.values() > profile.integers {
        return otherwise(profile, "a whole number")
            .unwrap_or_else(|| mixed(Chosen::plain(Type::Int8), profile));
    }
    let fits = match ty {
        Type::Int2 => i16::try_from(least).is_ok() && i16::try_from(most).is_ok(),
        Type::Int4 => i32::try_from(least).is_ok() && i32::try_from(most).is_ok(),
        _ => true,
    };
    if !fits {
        return Chosen::plain(Type::Int8).because(format!("holds {least} to {most}"));
    }
    match (least, most) {
        (0, 1) if profile.integers > 0 => {
            let default = match default.map(str::trim) {
                Some("0") => Some(false),
                Some("1") => Some(true),
                _ => None,
            };
            Chosen::plain(ty).because(Note::MaybeTruth { default })
        }
        _ => Chosen::plain(ty),
    }
}

fn real(profile: &Profile) -> Chosen {
    if profile.texts + profile.blobs == 0 {
        return numbers(profile);
    }
    otherwise(profile, "a number").unwrap_or_else(|| mixed(Chosen::plain(Type::Float8), profile))
}

/// Numbers with fractions: `float8`, unless that would round one of them.
fn numbers(profile: &Profile) -> Chosen {
    if profile.takes(Type::Float8, Stored::Real) {
        return Chosen::plain(Type::Float8);
    }
    let whole = profile.whole.map(|(least, most)| format!("{least} to {most}"));
    Chosen::plain(Type::Numeric(None))
        .because(format!("whole numbers ({}) that a float8 would round", whole.unwrap_or_default()))
}

fn decimal(ty: Type, default: Option<&str>, profile: &Profile) -> Chosen {
    let truth = default.is_some_and(|default| {
        default.eq_ignore_ascii_case("true") || default.eq_ignore_ascii_case("false")
    });
    if truth && profile.takes(Type::Bool, Stored::Boolean) && profile.texts == 0 {
        return Chosen::plain(Type::Bool)
            .because("its default is true or false, and it holds nothing else");
    }
    if profile.takes(ty, Stored::Decimal) && profile.texts == 0 {
        return Chosen::plain(ty);
    }
    if profile.texts + profile.blobs == 0 {
        return Chosen::plain(Type::Numeric(None))
            .because(format!("some values do not fit the declared {ty}"));
    }
    otherwise(profile, "a number").unwrap_or_else(|| mixed(Chosen::plain(ty), profile))
}

fn text(ty: Type, note: Option<&str>, profile: &Profile) -> Chosen {
    let chosen = match note {
        Some(note) => Chosen::plain(ty).because(note),
        None => Chosen::plain(ty),
    };
    match (profile.texts, profile.blobs, profile.values()) {
        (0, blobs, values) if blobs > 0 && blobs == values => {
            Chosen::plain(Type::Bytea).because("declared as text, but all values are blobs")
        }
        (texts, _, values) if texts < values => mixed(chosen, profile),
        _ => chosen,
    }
}

fn varchar(length: u32, note: Option<&str>, profile: &Profile) -> Chosen {
    if u32::try_from(profile.longest).is_ok_and(|longest| longest <= length) {
        return text(Type::Varchar(length), note, profile);
    }
    let note = format!("declared for {length} characters, but holds up to {}", profile.longest);
    text(Type::Text, Some(&note), profile)
}

fn blob(profile: &Profile) -> Chosen {
    let bytes = Chosen::plain(Type::Bytea);
    match (profile.texts, profile.blobs, profile.values()) {
        (texts, 0, values) if texts > 0 && texts == values => {
            bytes.because("all values are text; kept as its bytes, as declared")
        }
        (_, blobs, values) if blobs == values => bytes,
        (0, 0, _) => otherwise(profile, "a blob").unwrap_or(bytes),
        _ => mixed(bytes, profile),
    }
}

fn same(ty: Type, profile: &Profile) -> Chosen {
    let of = |(tried, _): &Candidate| *tried == ty;
    let fitting =
        profile.refused.iter().find(|(candidate, refused)| of(candidate) && *refused == 0);
    if let Some(((Type::Uuid, Stored::Blob), _)) = fitting {
        return profile.guids.choose();
    }
    if let Some(((ty, stored), _)) = fitting {
        return Chosen::stored(*ty, *stored);
    }
    let word = ty.to_string();
    otherwise(profile, &word).unwrap_or_else(|| mixed(Chosen::plain(Type::Text), profile))
}

/// The type of values of one class, where the declared one does not hold.
pub fn otherwise(profile: &Profile, meant: &str) -> Option<Chosen> {
    let chosen = by_values(profile)?;
    if chosen.finding.is_some() {
        return None;
    }
    let words = profile.in_words();
    Some(chosen.because(format!("declared as {meant}, but holds {words}")))
}

/// The type that the values alone suggest; nothing where there is no value.
pub fn by_values(profile: &Profile) -> Option<Chosen> {
    if profile.values() == 0 {
        return None;
    }
    let whole = profile.reals == 0;
    let largest = profile.texts.max(profile.blobs).max(profile.integers + profile.reals);
    let chosen = if largest == profile.texts {
        Chosen::plain(Type::Text)
    } else if largest == profile.blobs {
        Chosen::plain(Type::Bytea)
    } else if whole {
        Chosen::plain(Type::Int8)
    } else if profile.classes() > 1 {
        Chosen::plain(Type::Float8)
    } else {
        numbers(profile)
    };
    Some(if profile.classes() > 1 { mixed(chosen, profile) } else { chosen })
}
