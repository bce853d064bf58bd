//! Arrays of several dimensions, in PostgreSQL's notation, and with commas alone.

use model::Type;

use super::{Blob, Integer, check, check_ids, codec, text};

/// An array of `int4` of these dimensions.
fn field(dimensions: &[i32], elements: &[Option<i32>]) -> String {
    let nulls = elements.contains(&None);
    let head = [dimensions.len() as i32, nulls.into(), 23];
    let head = head.iter().chain(dimensions.iter().flat_map(|length| [length, &1]));
    let mut field: String = head.map(|word| format!("{word:08x}")).collect();
    for element in elements {
        field += &element.map_or("ffffffff".to_owned(), |value| format!("00000004{value:08x}"));
    }
    field
}

const EMPTY: &str = "000000000000000000000017";

#[test]
fn arrays_within_arrays_are_dimensions() {
    let four = field(&[2, 2], &[Some(1), Some(2), Some(3), None]);
    let cube = field(&[1, 1, 2], &[Some(1), Some(2)]);
    check(
        codec::array(&Type::Int4),
        &[
            (text("[[1,2],[3,null]]"), &four),
            (text(" [ [ 1 , 2 ] , [ 3 , null ] ] "), &four),
            (text("[[[1,2]]]"), &cube),
            (text("[]"), EMPTY),
            (
                text("[[1],[2,3]]"),
                "J9: found text of 11 bytes that is not an array of scalars at byte 10, expected a \
                 JSON array of scalars",
            ),
        ],
    );
    let refused = [
        "[[]]",
        "[[],[]]",
        "[[1],2]",
        "[1,[2]]",
        "[[1],[[2]]]",
        "[[1]",
        "[[1]]]",
        "[[[[[[[1]]]]]]]",
    ];
    check_ids(codec::array(&Type::Int4), &refused.map(|wrong| (text(wrong), "J9")));
    // Of a document each element is one.
    check_ids(codec::array(&Type::Jsonb), &[(text("[{]"), "J1"), (text("[{\"a\"}]"), "J1")]);
    check_ids(codec::array(&Type::Text), &[(text("[{}]"), "J9"), (text("[true]"), "J9")]);
}

#[test]
fn arrays_as_postgresql_writes_them() {
    let two = field(&[2], &[Some(80), Some(443)]);
    let four = field(&[2, 2], &[Some(1), Some(2), Some(3), None]);
    check(
        codec::array_literal(&Type::Int4),
        &[
            (text("{80,443}"), &two),
            (text(" { 80 , \"443\" }\n"), &two),
            (text("{{1,2},{3,NULL}}"), &four),
            (text("{}"), EMPTY),
            (text(" { } "), EMPTY),
            (text("{null}"), &field(&[1], &[None])),
            (
                text("{x}"),
                "S1: found text like a, expected an integer from -2147483648 to 2147483647",
            ),
            (
                text("[1]"),
                "J9: found text of 3 bytes that is not such an array at byte 0, expected an array \
                 as PostgreSQL writes it",
            ),
        ],
    );
    let refused = [
        "",
        "{",
        "}",
        "{1",
        "1",
        "{1}}",
        "{1},",
        "{,1}",
        "{1,}",
        "{{1},2}",
        "{{}}",
        "{1}x",
        "{{1},{2,3}}",
        "[0:0]={1}",
        "{\"1\"2}",
        "{1{2}}",
        "{\"1}",
        "{1\\",
    ];
    check_ids(codec::array_literal(&Type::Int4), &refused.map(|wrong| (text(wrong), "J9")));
    check_ids(codec::array_literal(&Type::Int4), &[(Integer(1), "J9"), (Blob(b"{}"), "J9")]);
    check_ids(
        codec::array_literal(&Type::Bytea),
        &[(text("{ab}"), "J9"), (text("{\"\\\\x0\"}"), "J11")],
    );
}

#[test]
fn arrays_of_values_with_commas() {
    let two = field(&[2], &[Some(80), Some(443)]);
    check(
        codec::array_csv(&Type::Int4),
        &[
            (text("80,443"), &two),
            (text("80 ,\"443\""), &two),
            (text(""), EMPTY),
            (
                text("80,"),
                "S1: found empty text, expected an integer from -2147483648 to 2147483647",
            ),
        ],
    );
    let refused = ["{1}", "[1]", "1\"2\"", "\"1\"2", "\"1", "1\n2", "1\r"];
    check_ids(codec::array_csv(&Type::Int4), &refused.map(|wrong| (text(wrong), "J9")));
}
