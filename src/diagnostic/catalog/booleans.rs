//! Findings about booleans.

use super::Entry;
use super::Outcome::{Counted, Error};
use crate::diagnostic::Id;

/// In the order of their ids.
pub const ENTRIES: &[Entry] = &[
    Entry {
        id: Id::B2,
        outcomes: &[Counted],
        meaning: "a boolean is stored as a word",
        details: &[
            "These words are accepted, in upper or lower case: `t`, `true`, `y`, `yes`, `on`, `1`, \
             and `f`, `false`, `n`, `no`, `off`, `0`",
        ],
        example: "`'t'`, `'yes'`, `'off'`",
        advice: &["no action is needed"],
        hints: &[],
    },
    Entry {
        id: Id::B3,
        outcomes: &[Error, Counted],
        meaning: "a boolean is not stored as the integer 0 or 1",
        details: &[
            "The real numbers 0.0 and 1.0 are accepted and counted. Every other value is an error, \
             except the words of B2",
        ],
        example: "`2`, `''`, `'maybe'`",
        advice: &["find out what the value means in the application, and set it to 0 or 1"],
        hints: &[],
    },
];
