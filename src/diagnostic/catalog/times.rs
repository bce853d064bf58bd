//! Findings about dates and times.

use super::Outcome::*;
use crate::diagnostic::Id;

use super::{Entry, make_entry};

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    make_entry(
        Id::D3,
        Refused,
        "a time with a zone's name and no offset, which means different things in different places",
        "… 10:00:00 IST",
        "write the offset instead of the name",
    ),
    make_entry(
        Id::D5,
        Refused,
        "a time without offset for a column that needs one",
        "2024-01-02 03:04:05",
        "describe the column with stored = \"text_utc\" if the application means UTC",
    ),
    make_entry(
        Id::D6,
        RefusedOrWarned,
        "a number where a date's text is described, or no number where an epoch is, or times in \
         more than one unit; a warning when all of them look like another unit than described",
        "1704164645",
        "describe the column with stored = \"unix_s\", \"unix_ms\" … if all its values are such \
         numbers, and declared = \"TEXT\" if SQLite declares it so; where other rows have times \
         as text, with stored = \"text\" and the repair epoch-unit",
    ),
    make_entry(
        Id::D7,
        Refused,
        "no Julian day number, or one that is no midnight for a date",
        "'2024-01-02' in a julian column",
        "describe the column as what it holds, or correct the rows",
    ),
    make_entry(
        Id::D8,
        Counted,
        "Go's zero time, 0001-01-01 00:00:00 UTC",
        "0001-01-01 00:00:00+00:00",
        "nothing to do; the application takes it for unset on both sides",
    ),
    make_entry(
        Id::D9,
        Refused,
        "a year 0000 or before, which a timestamp's text cannot have",
        "0000-00-00",
        "UPDATE … SET x = NULL, if it means unset and the column allows NULL",
    ),
    make_entry(
        Id::D10,
        RefusedOrCounted,
        "a year beyond 9999 is counted, a time beyond PostgreSQL's range is refused",
        "294277-01-01",
        "correct the value: it is a mistake of whoever wrote it",
    ),
    make_entry(
        Id::D11,
        RefusedOrCounted,
        "digits below the microsecond, cut toward the past; digits that PostgreSQL's column would \
         round away, as `timestamp(3)` does, are refused",
        "….123456789",
        "nothing to do: PostgreSQL has microseconds; where a column keeps fewer digits, cut them \
         in SQLite or give the column more",
    ),
    make_entry(
        Id::D12,
        Counted,
        "second 60 or hour 24, which roll over",
        "23:59:60",
        "nothing to do",
    ),
    make_entry(
        Id::D13,
        Refused,
        "a day or time that does not exist",
        "2024-02-30",
        "write the day that was meant",
    ),
    make_entry(
        Id::D14,
        Refused,
        "a word instead of a time; PostgreSQL would evaluate it during the migration",
        "'now'",
        "write the time that was meant, or NULL",
    ),
    make_entry(
        Id::D15,
        Refused,
        "a date with slashes: which part is the month is not known",
        "01/02/2024",
        "write YYYY-MM-DD",
    ),
    make_entry(
        Id::D16,
        Refused,
        "text that is no date with a time",
        "'2024-01', '10:00'",
        "write YYYY-MM-DD HH:MM:SS with an offset; or describe the column as what it holds, with \
         stored = \"unix_s\", \"yyyymmddhhmmss\" … if all its values are digits alone",
    ),
    make_entry(
        Id::D17,
        Refused,
        "a number where a date's text is described",
        "20240102",
        "write YYYY-MM-DD, or describe the column with stored = \"unix_s\", \"julian\", \
         \"yyyymmdd\" …",
    ),
    make_entry(
        Id::D18,
        RefusedOrCounted,
        "a date with a time: midnight is counted, another time is refused",
        "2024-01-02 10:00 in a date column",
        "describe the column as timestamp, or take the time off",
    ),
    make_entry(
        Id::D19,
        Refused,
        "a length of time that is not as described: no integer in the unit, no text of its form, \
         or out of range",
        "'1h30m' in an interval column",
        "write the number of units; or describe the column as what all its texts are, with \
         stored = \"timespan\" (1.02:03:04.5), \"iso_duration\" (P1DT2H3M) or \"epoch_date\" \
         (1970-01-02 02:03:04)",
    ),
];
