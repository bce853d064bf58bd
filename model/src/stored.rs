//! How SQLite holds the values of a column: the words of `stored`.

use std::fmt;

/// How SQLite holds the values of a column. Each type has a usual one, which files leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stored {
    /// 0 or 1; the words PostgreSQL reads as booleans are understood too.
    Boolean,
    /// A whole number.
    Integer,
    /// A floating point number.
    Real,
    /// A number of any storage class, taken by its shortest decimal form.
    Decimal,
    /// Text. For a `timestamptz` the text must say its offset.
    Text,
    /// Text; a time without an offset means UTC.
    TextUtc,
    /// Bytes. For a `uuid`: 16 of them, in the order of its text.
    Blob,
    /// 16 bytes of a `uuid` whose first three fields have their lowest byte first, as .NET's
    /// `Guid.ToByteArray` writes them.
    GuidLe,
    /// Whole or fractional seconds since 1970-01-01 00:00 UTC; for an `interval` just seconds.
    UnixS,
    /// Milliseconds since 1970-01-01 00:00 UTC.
    UnixMs,
    /// Microseconds since 1970-01-01 00:00 UTC.
    UnixUs,
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    UnixNs,
    /// A Julian day number, read to the millisecond as SQLite's own date functions do.
    Julian,
    /// A day number of OLE automation and of spreadsheets, 0 being 1899-12-30, read to the
    /// millisecond.
    OleDay,
    /// Whole or fractional seconds since 2001-01-01 00:00 UTC, as Apple's Cocoa counts them.
    AppleS,
    /// Nanoseconds since 2001-01-01 00:00 UTC.
    AppleNs,
    /// Microseconds since 1601-01-01 00:00 UTC, as WebKit and Chrome count them.
    WebkitUs,
    /// Tenths of a microsecond since 1601-01-01 00:00 UTC, as Windows counts them.
    Filetime,
    /// Tenths of a microsecond since 0001-01-01 00:00, as .NET counts them.
    DotnetTicks,
    /// A date as eight digits, a number or text: 20240102.
    Yyyymmdd,
    /// A date and a time of day in UTC as twelve digits, a number or text: 202401020304.
    Yyyymmddhhmm,
    /// A date and a time of day in UTC as fourteen digits, a number or text: 20240102030405.
    Yyyymmddhhmmss,
    /// A length of time in whole seconds.
    Seconds,
    /// A length of time in milliseconds.
    Milliseconds,
    /// A length of time in microseconds.
    Microseconds,
    /// A length of time in nanoseconds.
    Nanoseconds,
    /// JSON text (for an array: a JSON array of scalars).
    JsonText,
    /// Nobody has said it yet. Any type may have it, and no value of such a column is copied.
    Undecided,
}

/// The words for `stored`, as schema files spell them.
pub const STORED: &[(&str, Stored)] = &[
    ("boolean", Stored::Boolean),
    ("integer", Stored::Integer),
    ("real", Stored::Real),
    ("decimal", Stored::Decimal),
    ("text", Stored::Text),
    ("text_utc", Stored::TextUtc),
    ("blob", Stored::Blob),
    ("guid_le", Stored::GuidLe),
    ("unix_s", Stored::UnixS),
    ("unix_ms", Stored::UnixMs),
    ("unix_us", Stored::UnixUs),
    ("unix_ns", Stored::UnixNs),
    ("julian", Stored::Julian),
    ("ole_day", Stored::OleDay),
    ("apple_s", Stored::AppleS),
    ("apple_ns", Stored::AppleNs),
    ("webkit_us", Stored::WebkitUs),
    ("filetime", Stored::Filetime),
    ("dotnet_ticks", Stored::DotnetTicks),
    ("yyyymmdd", Stored::Yyyymmdd),
    ("yyyymmddhhmm", Stored::Yyyymmddhhmm),
    ("yyyymmddhhmmss", Stored::Yyyymmddhhmmss),
    ("s", Stored::Seconds),
    ("ms", Stored::Milliseconds),
    ("us", Stored::Microseconds),
    ("ns", Stored::Nanoseconds),
    ("json", Stored::JsonText),
];

/// The word of a column whose encoding nobody has said yet.
pub const UNDECIDED: &str = "undecided";

/// The encodings of a time that names no zone, and of a date.
pub(crate) const MOMENT: &[Stored] = &[
    Stored::Text,
    Stored::UnixS,
    Stored::UnixMs,
    Stored::UnixUs,
    Stored::UnixNs,
    Stored::Julian,
    Stored::OleDay,
    Stored::AppleS,
    Stored::AppleNs,
    Stored::WebkitUs,
    Stored::Filetime,
    Stored::DotnetTicks,
    Stored::Yyyymmdd,
    Stored::Yyyymmddhhmm,
    Stored::Yyyymmddhhmmss,
];

/// The encodings of a time with its zone.
pub(crate) const ZONED_MOMENT: &[Stored] = &[
    Stored::Text,
    Stored::TextUtc,
    Stored::UnixS,
    Stored::UnixMs,
    Stored::UnixUs,
    Stored::UnixNs,
    Stored::Julian,
    Stored::OleDay,
    Stored::AppleS,
    Stored::AppleNs,
    Stored::WebkitUs,
    Stored::Filetime,
    Stored::DotnetTicks,
    Stored::Yyyymmdd,
    Stored::Yyyymmddhhmm,
    Stored::Yyyymmddhhmmss,
];

impl Stored {
    /// The word that schema files use.
    pub fn word(self) -> &'static str {
        let known = STORED.iter().find(|(_, stored)| *stored == self);
        known.map_or(UNDECIDED, |(word, _)| word)
    }

    /// Whether it is a number that counts units of time, since some day or as a length.
    pub const fn counts(self) -> bool {
        self.counts_since_a_day()
            || matches!(
                self,
                Stored::Seconds | Stored::Milliseconds | Stored::Microseconds | Stored::Nanoseconds
            )
    }

    /// Whether it is a number that counts units shorter than a day since some day.
    pub const fn counts_since_a_day(self) -> bool {
        matches!(
            self,
            Stored::UnixS
                | Stored::UnixMs
                | Stored::UnixUs
                | Stored::UnixNs
                | Stored::AppleS
                | Stored::AppleNs
                | Stored::WebkitUs
                | Stored::Filetime
                | Stored::DotnetTicks
        )
    }

    /// Whether it is a date, with or without a time of day, written as digits alone.
    pub const fn is_compact(self) -> bool {
        matches!(self, Stored::Yyyymmdd | Stored::Yyyymmddhhmm | Stored::Yyyymmddhhmmss)
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
