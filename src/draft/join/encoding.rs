//! How SQLite holds the values of a column whose type PostgreSQL has settled: the encoding whose
//! codec takes every row.

use model::{Affinity, Stored, Type};

use crate::draft::choose::Chosen;
use crate::draft::profile::{Candidate, Profile};
use crate::draft::times;

/// An encoding, and what was taken to be so where the values alone do not prove it.
pub struct Encoding {
    /// The type, the encoding, the remark.
    pub chosen: Chosen,
    /// What a person should check.
    pub assumed: Option<String>,
}

/// Every encoding of a type.
pub fn candidates(ty: Type) -> Vec<Candidate> {
    ty.encodings().iter().map(|stored| (ty, *stored)).collect()
}

/// Chooses by what the column holds; `lengths` is the unit of lengths of time, where it is known.
pub fn choose(ty: Type, declared: &str, profile: &Profile, lengths: Option<Stored>) -> Encoding {
    let fitting: Vec<Stored> =
        ty.encodings().iter().copied().filter(|stored| profile.takes(ty, *stored)).collect();
    let found = match &*fitting {
        _ if profile.values() == 0 => empty(ty, declared),
        [] => misfit(ty, profile),
        [Stored::TextUtc] => naive(ty, profile),
        [Stored::UnixS] if ty == Type::Date => days(profile),
        [one] => Encoding { chosen: Chosen::stored(ty, *one), assumed: None },
        [first, ..] => several(ty, *first, profile, lengths),
    };
    Encoding { chosen: found.chosen.declared(declared), ..found }
}

fn empty(ty: Type, declared: &str) -> Encoding {
    let affinity = Affinity::of(declared);
    let mut all = ty.encodings().iter().copied();
    let stored = all.find(|stored| ty.accepts(*stored, affinity)).unwrap_or(ty.usual());
    let chosen = Chosen::stored(ty, stored);
    let chosen = match counts(stored) && ty.encodings().len() > 1 {
        true => chosen.because("no value yet to tell the unit"),
        false => chosen,
    };
    Encoding { chosen, assumed: None }
}

/// Whether an encoding is a number that counts something.
fn counts(stored: Stored) -> bool {
    use Stored::{Microseconds, Milliseconds, Nanoseconds, Seconds};
    use Stored::{UnixMs, UnixNs, UnixS, UnixUs};
    matches!(stored, UnixS | UnixMs | UnixUs | UnixNs)
        || matches!(stored, Seconds | Milliseconds | Microseconds | Nanoseconds)
}

/// The encoding that refuses the fewest values, the usual one before others.
fn misfit(ty: Type, profile: &Profile) -> Encoding {
    let refused = |stored: Stored| profile.refused((ty, stored)).unwrap_or(u64::MAX);
    let best = ty.encodings().iter().copied().min_by_key(|stored| refused(*stored));
    let stored = best.unwrap_or(ty.usual());
    let mut finding = format!(
        "{} of {} values ({}) do not fit {ty} stored as {stored}; migrate copy --dry-run names \
         their rows",
        refused(stored),
        profile.values(),
        profile.in_words()
    );
    let naive = refused(Stored::Text).saturating_sub(refused(stored));
    if stored == Stored::TextUtc && naive > 0 {
        finding.push_str(&format!("; {naive} others say no offset: taken as UTC"));
    }
    Encoding { chosen: Chosen::stored(ty, stored).but(finding), assumed: None }
}

fn naive(ty: Type, profile: &Profile) -> Encoding {
    let without = profile.refused((ty, Stored::Text)).unwrap_or(0);
    let note = format!("{without} of {} values say no offset: taken as UTC", profile.values());
    let chosen = Chosen::stored(ty, Stored::TextUtc).because(note.clone());
    Encoding { chosen, assumed: Some(note) }
}

/// More than one encoding takes every value: numbers that count something, mostly.
fn several(ty: Type, first: Stored, profile: &Profile, lengths: Option<Stored>) -> Encoding {
    let plain = |stored| Encoding { chosen: Chosen::stored(ty, stored), assumed: None };
    match (ty, lengths) {
        (Type::Interval, Some(stored)) => {
            let note = "the values do not say their unit: taken as microseconds, as Django keeps \
                        them";
            let chosen = Chosen::stored(ty, stored).because("microseconds, as Django keeps them");
            Encoding { chosen, assumed: Some(note.to_owned()) }
        }
        (Type::Interval, None) => {
            let finding = "the values do not say their unit: nanoseconds are only a guess; say \
                           which with stored = \"ns\", \"us\", \"ms\" or \"s\"";
            Encoding { chosen: Chosen::stored(ty, first).but(finding), assumed: None }
        }
        (Type::Uuid, _) => Encoding { chosen: profile.guids.choose(), assumed: None },
        (Type::Timestamp | Type::Timestamptz, _) if first != Stored::Text => moments(ty, profile),
        _ => plain(first),
    }
}

/// Numbers in a column of days: whole days in seconds, unless they lie where milliseconds do.
fn days(profile: &Profile) -> Encoding {
    let (ty, guessed) = (Type::Date, times::numbers(profile));
    let chosen = Chosen::stored(ty, Stored::UnixS);
    match (guessed.finding, guessed.stored) {
        (None, Stored::UnixS) => {
            let assumed = guessed.note.clone();
            Encoding { chosen: Chosen { note: guessed.note, ..chosen }, assumed }
        }
        _ => {
            let finding = "numbers that may count something else than the seconds since 1970 as \
                           which they would be read: mend them in the application, or ignore the \
                           column";
            Encoding { chosen: chosen.but(finding), assumed: None }
        }
    }
}

/// Numbers in a column of times: the unit in whose range all of them lie.
fn moments(ty: Type, profile: &Profile) -> Encoding {
    let guessed = times::numbers(profile);
    match (&guessed.finding, profile.takes(ty, guessed.stored)) {
        (None, true) => {
            let chosen = Chosen { ty, ..guessed };
            let assumed = chosen.note.clone();
            Encoding { chosen, assumed }
        }
        _ => {
            let finding = "numbers that lie in no one unit's range (seconds, milliseconds, \
                           microseconds, nanoseconds since 1970, Julian days): say which with \
                           stored = \"unix_s\" and the like";
            Encoding { chosen: Chosen::plain(ty).but(finding), assumed: None }
        }
    }
}
