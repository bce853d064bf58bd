//! A test for each case in `model/tests/cases`: written by `cargo xtask bless`.

use super::check_case;
use crate::golden::case_tests;

case_tests! {
    enums = "enums",
    everything = "everything",
    expressions = "expressions",
    former_names = "former-names",
    former_names_twice = "former-names-twice",
    guesses = "guesses",
    history = "history",
    keys = "keys",
    names = "names",
    no_database = "no-database",
    no_tables = "no-tables",
    no_versions = "no-versions",
    ranges = "ranges",
    references = "references",
    schemas = "schemas",
    schemas_of_one_name = "schemas-of-one-name",
    sequences = "sequences",
    sequences_tied = "sequences-tied",
    shapes = "shapes",
    syntax = "syntax",
    unknown_words = "unknown-words",
}
