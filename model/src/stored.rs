//! How SQLite holds the values of a column: the words of `stored`.

use std::fmt;

/// The encodings with the words of schema files: the enum, its words and its names in Rust are made
/// of this one list.
macro_rules! encodings {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// How SQLite holds the values of a column. Each type has a usual one, which files leave
        /// out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Stored {
            $($(#[$doc])* $name,)*
            /// Nobody has said it yet. Any type may have it, and no value of such a column is
            /// copied.
            Undecided,
        }

        /// The words for `stored`, as schema files spell them.
        pub const STORED: &[(&str, Stored)] = &[$(($word, Stored::$name)),*];

        impl Stored {
            /// The word that schema files use.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Stored::$name => $word,)*
                    Stored::Undecided => UNDECIDED,
                }
            }
        }

        #[cfg(feature = "generate")]
        impl quote::ToTokens for Stored {
            fn to_tokens(&self, out: &mut proc_macro2::TokenStream) {
                out.extend(match self {
                    $(Stored::$name => quote::quote!(Stored::$name),)*
                    Stored::Undecided => quote::quote!(Stored::Undecided),
                });
            }
        }
    };
}

encodings! {
    /// 0 or 1; the words PostgreSQL reads as booleans are understood too.
    Boolean = "boolean",
    /// A whole number.
    Integer = "integer",
    /// A floating point number.
    Real = "real",
    /// A number of any storage class, taken by its shortest decimal form.
    Decimal = "decimal",
    /// A number as usual, or text with the word `nan`, `inf` or `infinity` in any case.
    NumberOrWord = "number_or_word",
    /// Text. For a `timestamptz` the text must say its offset.
    Text = "text",
    /// Text; a time without an offset means UTC.
    TextUtc = "text_utc",
    /// Bytes. For a `uuid`: 16 of them, in the order of its text. For a `bool`: one byte 0 or 1, or
    /// the bytes of a word.
    Blob = "blob",
    /// 16 bytes of a `uuid` whose first three fields have their lowest byte first, as .NET's
    /// `Guid.ToByteArray` writes them.
    GuidLe = "guid_le",
    /// Bytes as text of hexadecimal digits, two for each.
    Hex = "hex",
    /// Bytes as base64 text.
    Base64 = "base64",
    /// Bytes that become text of hexadecimal digits in lower case.
    BlobAsHex = "blob_as_hex",
    /// Bytes that become padded base64 text.
    BlobAsBase64 = "blob_as_base64",
    /// Whole or fractional seconds since 1970-01-01 00:00 UTC; for an `interval` just seconds.
    UnixS = "unix_s",
    /// Milliseconds since 1970-01-01 00:00 UTC.
    UnixMs = "unix_ms",
    /// Microseconds since 1970-01-01 00:00 UTC.
    UnixUs = "unix_us",
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    UnixNs = "unix_ns",
    /// A Julian day number, read to the millisecond as SQLite's own date functions do.
    Julian = "julian",
    /// A day number of OLE automation and of spreadsheets, 0 being 1899-12-30, read to the
    /// millisecond.
    OleDay = "ole_day",
    /// Whole or fractional seconds since 2001-01-01 00:00 UTC, as Apple's Cocoa counts them.
    AppleS = "apple_s",
    /// Nanoseconds since 2001-01-01 00:00 UTC.
    AppleNs = "apple_ns",
    /// Microseconds since 1601-01-01 00:00 UTC, as WebKit and Chrome count them.
    WebkitUs = "webkit_us",
    /// Tenths of a microsecond since 1601-01-01 00:00 UTC, as Windows counts them.
    Filetime = "filetime",
    /// Tenths of a microsecond since 0001-01-01 00:00, as .NET counts them.
    DotnetTicks = "dotnet_ticks",
    /// A date as eight digits, a number or text: 20240102.
    Yyyymmdd = "yyyymmdd",
    /// A date and a time of day in UTC as twelve digits, a number or text: 202401020304.
    Yyyymmddhhmm = "yyyymmddhhmm",
    /// A date and a time of day in UTC as fourteen digits, a number or text: 20240102030405.
    Yyyymmddhhmmss = "yyyymmddhhmmss",
    /// A length of time in whole seconds.
    Seconds = "s",
    /// A length of time in milliseconds.
    Milliseconds = "ms",
    /// A length of time in microseconds.
    Microseconds = "us",
    /// A length of time in nanoseconds.
    Nanoseconds = "ns",
    /// A time of day as text that puts 2000-01-01 before it, as Rails writes it.
    RailsTime = "rails_time",
    /// A length of time as text of a date and a time of day: what has passed since 1970-01-01
    /// 00:00, as SQLAlchemy's `Interval` writes it.
    EpochDate = "epoch_date",
    /// A length of time as .NET's `TimeSpan` writes it: `-1.02:03:04.5`.
    Timespan = "timespan",
    /// A length of time as Python's `str(timedelta)` writes it: `-1 day, 23:59:59.500000`.
    Timedelta = "timedelta",
    /// A length of time as ISO 8601 writes it: `P1DT2H3M4.5S`.
    IsoDuration = "iso_duration",
    /// JSON text (for an array: a JSON array of scalars, or of such arrays).
    JsonText = "json",
    /// An array as PostgreSQL writes it: `{a,"b c",NULL}`.
    PgArray = "pg_array",
    /// The values of an array with commas between them, quoted as in CSV files.
    Csv = "csv",
    /// Text that PostgreSQL's own input function reads: for a type that no codec makes.
    ServerText = "server_text",
}

/// The word of a column whose encoding nobody has said yet.
pub const UNDECIDED: &str = "undecided";

impl Stored {
    /// Whether it is a number that counts units of time, since some day or as a length.
    pub const fn is_count_of_units(self) -> bool {
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
