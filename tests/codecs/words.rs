//! Words for numbers that are none, and truth values that are bytes.

use super::{Blob, Integer, Real, check, check_ids, codec, text};

#[test]
fn words_for_floating_point_numbers() {
    check(
        codec::float8_or_word,
        &[
            (text("nan"), "7ff8000000000000"),
            (text(" NaN\n"), "7ff8000000000000"),
            (text("inf"), "7ff0000000000000"),
            (text("+Infinity"), "7ff0000000000000"),
            (text("-INF"), "fff0000000000000"),
            (Real(1.5), "3ff8000000000000"),
            (Integer(1), "3ff0000000000000"),
            (text("1.5"), "3ff8000000000000 [S12]"),
            (text("-nan"), "S1: found text like -aaa, expected a floating point number"),
        ],
    );
    check(
        codec::float4_or_word,
        &[
            (text("NAN"), "7fc00000"),
            (text("-infinity"), "ff800000"),
            (text("Inf"), "7f800000"),
            (Real(0.5), "3f000000"),
        ],
    );
    let refused = ["", "infinit", "in", "- inf", "--inf", "nan0", "NaN(1)", "1.#INF", "null"];
    check_ids(codec::float8_or_word, &refused.map(|wrong| (text(wrong), "S1")));
    check_ids(codec::float4_or_word, &refused.map(|wrong| (text(wrong), "S1")));
    check_ids(codec::float8_or_word, &[(Blob(b"nan"), "S1")]);
    check_ids(codec::float8, &[(text("nan"), "S1"), (text("inf"), "S1")]);
}

#[test]
fn words_for_decimal_numbers() {
    let nan = "00000000c0000000";
    check(
        codec::numeric_or_word,
        &[(text(" nan "), nan), (text("NaN"), nan), (Integer(1), "00010000000000000001")],
    );
    check(codec::numeric_within_or_word(4, 2), &[(text("nan"), nan)]);
    check_ids(codec::numeric_or_word, &[(text("inf"), "S9"), (text("-Infinity"), "S9")]);
    check_ids(codec::numeric_or_word, &[(Real(f64::INFINITY), "S9"), (text("na"), "S1")]);
    check_ids(codec::numeric_within_or_word(4, 2), &[(text("inf"), "S9"), (Integer(100), "S7")]);
}

#[test]
fn truth_values_as_bytes() {
    check(
        codec::boolean_blob,
        &[
            (Blob(b"\0"), "00"),
            (Blob(b"\x01"), "01"),
            (Blob(b"0"), "00 [B2]"),
            (Blob(b" TRUE\n"), "01 [B2]"),
            (Integer(1), "01"),
            (Real(0.0), "00 [B3]"),
            (text("off"), "00 [B2]"),
            (Blob(b"\x02"), "B3: found blob of 1 byte, expected 0 or 1"),
        ],
    );
    check_ids(codec::boolean_blob, &[(Blob(b""), "B3"), (Blob(b"\0\x01"), "B3")]);
    check_ids(codec::boolean_blob, &[(Integer(2), "B3"), (Blob(b"maybe"), "B3")]);
}
