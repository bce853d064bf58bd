//! Findings about dates and times.

use super::Entry;
use super::Outcome::{Counted, Error, Note, Warning};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::D3,
        outcomes: &[Error],
        meaning: "a time has a zone name and no offset",
        details: &["A zone name such as `IST` is used for different zones in different countries"],
        example: "`2024-01-02 10:00:00 IST`",
        advice: &["write the offset in place of the zone name, for example `+05:30`"],
        hints: &[],
    },
    Entry {
        id: Id::D5,
        outcomes: &[Error],
        meaning: "a time has no offset, and its column needs one",
        details: &[],
        example: "`2024-01-02 03:04:05` in a `timestamptz` column",
        advice: &[
            "if the application means UTC, write `stored = \"text_utc\"` in the schema file",
            "if the application means another time zone, use the repair `naive-zone`",
        ],
        hints: &["write `stored = \"text_utc\"` for the column if the application means UTC"],
    },
    Entry {
        id: Id::D6,
        outcomes: &[Error, Warning],
        meaning: "a time column contains other values than the schema file states",
        details: &[
            "Error: the schema file states text, and the value is a number. In a `date` column, \
             such a number is reported as D17",
            "Error: the schema file states numbers, and the value is not a number",
            "Error: the numbers of the column look like times in more than one unit",
            "Warning: the schema file states numbers in one unit, and all numbers of the column \
             look like times in another unit",
        ],
        example: "`1704164645` in a column with `stored = \"text\"`",
        advice: &[
            "if all values of the column are numbers, write their unit in the schema file: `stored \
             = \"unix_s\"`, `stored = \"unix_ms\"` and so on",
            "if the numbers have more than one unit, correct the rows, so that all have the same \
             unit",
            "if other rows of the column contain times as text, keep `stored = \"text\"` and use \
             the repair `epoch-unit`",
        ],
        hints: &[
            "if all values are numbers, write their unit for the column: `stored = \"unix_s\"`, …",
            "if SQLite declares such a column as text, write `declared = \"TEXT\"` as well",
            "if other rows contain text, write `stored = \"text\"`, and repair with `epoch-unit`",
        ],
    },
    Entry {
        id: Id::D7,
        outcomes: &[Error],
        meaning: "a value is not a day number",
        details: &[
            "The schema file states `stored = \"julian\"` or `stored = \"ole_day\"`. Both count \
             days: `julian` from noon on 24 November 4714 BC (2460311.5 is 2024-01-02), `ole_day` \
             from 1899-12-30 (45293 is 2024-01-02). With `ole_day`, a negative number must be a \
             whole number",
        ],
        example: "`'2024-01-02'` in a column with `stored = \"julian\"`",
        advice: &[
            "correct the rows",
            "if all values of the column have another form, change `stored` in the schema file",
        ],
        hints: &[],
    },
    Entry {
        id: Id::D8,
        outcomes: &[Counted],
        meaning: "a time is Go's zero time, 0001-01-01 00:00:00 UTC",
        details: &[
            "Programs that are written in Go store this time if no time is set. It is copied \
             unchanged",
        ],
        example: "`0001-01-01 00:00:00+00:00`",
        advice: &["no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::D9,
        outcomes: &[Error],
        meaning: "the year of a date is 0000 or negative",
        details: &["PostgreSQL does not accept such a year"],
        example: "`0000-00-00`",
        advice: &[
            "if the value means that no date is set, and the column allows `NULL`, run `UPDATE \
             TABLE SET COLUMN = NULL WHERE COLUMN LIKE '0000-%'`",
            "otherwise write the correct year",
        ],
        hints: &[
            "replace it by NULL in SQLite, if it means unset and the column allows NULL:",
            "  UPDATE … SET x = NULL WHERE …",
        ],
    },
    Entry {
        id: Id::D10,
        outcomes: &[Error, Counted],
        meaning: "the year of a date is after 9999",
        details: &["The date is accepted and counted if PostgreSQL can store it. A date after \
             PostgreSQL's last date is an error"],
        example: "`294277-01-01`, which is too late for a `timestamp`",
        advice: &[
            "if the date was counted, no action is needed",
            "if it is an error, correct the date in the application",
        ],
        hints: &["correct the value in the application"],
    },
    Entry {
        id: Id::D11,
        outcomes: &[Error, Note, Counted],
        meaning: "a time has more digits than its column stores",
        details: &[
            "Counted: PostgreSQL stores microseconds. Further digits are cut, so that the result \
             is never later than the time in SQLite",
            "Error: the column stores fewer digits, for example `timestamp(3)`, and PostgreSQL \
             would round the time",
            "Note: the definition of the column in PostgreSQL has fewer digits than the schema \
             file. Values with too many digits are reported as errors",
        ],
        example: "`2024-01-02 03:04:05.123456789`",
        advice: &[
            "if digits after the microsecond were cut, no action is needed",
            "if the column in PostgreSQL stores fewer digits, cut the digits in SQLite",
            "or let the owner of the table allow more digits in the column, and draft the schema \
             files again",
        ],
        hints: &[
            "no action is needed for digits after the microsecond, which PostgreSQL does not store",
            "if the column in PostgreSQL stores fewer digits, cut the digits in SQLite",
            "if the column in PostgreSQL stores fewer digits, change its type",
        ],
    },
    Entry {
        id: Id::D12,
        outcomes: &[Counted],
        meaning: "a time has the second 60 or the hour 24",
        details: &["The time is stored as the beginning of the next minute or of the next day"],
        example: "`2016-12-31 23:59:60`",
        advice: &["no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::D13,
        outcomes: &[Error],
        meaning: "a day or a time does not exist",
        details: &[],
        example: "`2024-02-30`",
        advice: &["write the day or the time that is meant"],
        hints: &[],
    },
    Entry {
        id: Id::D14,
        outcomes: &[Error],
        meaning: "a word is stored in place of a time",
        details: &["PostgreSQL would replace a word such as `now` by the time of the migration"],
        example: "`'now'`",
        advice: &[
            "write the time that is meant",
            "if no time is meant, and the column allows `NULL`, set the value to `NULL`",
        ],
        hints: &[],
    },
    Entry {
        id: Id::D15,
        outcomes: &[Error],
        meaning: "a date is written with slashes",
        details: &["It is not known which number is the month"],
        example: "`01/02/2024`",
        advice: &["write the date as `YYYY-MM-DD`"],
        hints: &[],
    },
    Entry {
        id: Id::D16,
        outcomes: &[Error],
        meaning: "text in a time column is not a complete date and time",
        details: &[
            "In a column of the type `time`, text with a date or an offset is an error too, and so \
             are numbers",
        ],
        example: "`'2024-01'`, `'10:00'`",
        advice: &[
            "write the time as `YYYY-MM-DD HH:MM:SS`; in a `timestamptz` column, with an offset; \
             in a `time` column, only `HH:MM:SS`",
            "if all values of the column are digits, write their encoding in the schema file: \
             `stored = \"unix_s\"`, `stored = \"yyyymmddhhmmss\"` and so on. If SQLite declares \
             the column as `TEXT`, also write `declared = \"TEXT\"`",
        ],
        hints: &[
            "write YYYY-MM-DD HH:MM:SS with an offset",
            "if all values are digits, write which: `stored = \"unix_s\"`, `\"yyyymmddhhmmss\"`, …",
        ],
    },
    Entry {
        id: Id::D17,
        outcomes: &[Error],
        meaning: "a `date` column contains a number, and the schema file states text",
        details: &[],
        example: "`20240102`",
        advice: &[
            "write the date as `YYYY-MM-DD`",
            "if all values of the column are numbers, write their encoding in the schema file: \
             `stored = \"yyyymmdd\"`, `stored = \"unix_s\"`, `stored = \"julian\"` and so on",
        ],
        hints: &[
            "write YYYY-MM-DD",
            "if all values are numbers, write which: `stored = \"unix_s\"`, `\"yyyymmdd\"`, …",
        ],
    },
    Entry {
        id: Id::D18,
        outcomes: &[Error, Counted],
        meaning: "a date column contains a date with a time",
        details: &["The time 00:00:00 is left out and counted. Every other time is an error"],
        example: "`2024-01-02 10:00` in a `date` column",
        advice: &[
            "if the time is needed, and the application's tables in PostgreSQL use `timestamp`, \
             write this type in the schema file",
            "otherwise remove the time from the value",
        ],
        hints: &["remove the time of day", "write `type = \"timestamp\"` for the column"],
    },
    Entry {
        id: Id::D19,
        outcomes: &[Error],
        meaning: "a value is not a duration as the schema file states it",
        details: &[
            "If `stored` is a unit (`ns`, `us`, `ms` or `s`), the value must be an integer. With \
             every other value of `stored`, such as `timespan`, it must be text in that form. A \
             value that is out of range is an error too",
        ],
        example: "`'1h30m'` in an `interval` column",
        advice: &[
            "write the duration in the form that `stored` in the schema file states",
            "if all values of the column have another form, change `stored` in the schema file: \
             `stored = \"timespan\"` (1.02:03:04.5), `stored = \"iso_duration\"` (P1DT2H3M) or \
             `stored = \"epoch_date\"` (1970-01-02 02:03:04)",
        ],
        hints: &[
            "write the duration in the form that `stored` states in the schema file",
            "if all texts are like 1.02:03:04.5, write `stored = \"timespan\"` instead",
            "if all texts are like P1DT2H3M, write `stored = \"iso_duration\"` instead",
            "if all texts are like 1970-01-02 02:03:04, write `stored = \"epoch_date\"` instead",
        ],
    },
];
