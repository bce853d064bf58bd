//! Columns of arrays.

use super::{Kind, kind};

/// One for each way to write them.
pub const ARRAYS: &[Kind] = &[
    kind(
        "marks",
        "type = 'int4[]'",
        ["'[1, 2]'", "'[3]'", "'[null,4]'"],
        &["'[1,\"x\"]'", "'{1}'"],
    ),
    kind(
        "marks_braces",
        "type = 'int4[]', stored = 'pg_array'",
        ["'{1,2}'", "'{{1,2},{3,NULL}}'", "'{}'"],
        &["'[1]'", "'{1,x}'", "'{{1},{2,3}}'"],
    ),
    kind(
        "marks_commas",
        "type = 'int4[]', stored = 'csv'",
        ["'1,2'", "''", "'-3'"],
        &["'{1}'", "'1,,2'"],
    ),
    kind(
        "marks_square",
        "type = 'int4[]'",
        ["'[[1,2],[3,4]]'", "'[]'", "'[[[1]]]'"],
        &["'[[1],2]'", "'[[]]'"],
    ),
    kind(
        "names_braces",
        "type = 'text[]', stored = 'pg_array'",
        ["'{a,\"b c\",NULL}'", "'{}'", "'{\"quo\\\"te\", \"\"}'"],
        &["'{a'", "'{a}b'"],
    ),
    kind(
        "names",
        "type = 'text[]'",
        ["'[\"a\"]'", "'[\"b\",\"c\"]'", "'[\"d\"]'"],
        &["'[1'", "'a'"],
    ),
];
