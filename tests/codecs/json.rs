//! Documents, and arrays made from them.

use super::{check, check_ids, text};
use connect_migrate::codec::{self, Cell};
use model::Type;
use rusqlite::types::ValueRef::{Blob, Integer, Real};

#[test]
fn json() {
    let wrong =
        |at| format!("J1: found text of 7 bytes that is not JSON at byte {at}, expected JSON");
    check(
        codec::json,
        &[
            (text(" {} "), "207b7d20"),
            (text("\"\\u0000\""), "225c753030303022"),
            (Integer(1), "31 [S5]"),
            (Real(1e20), "313030303030303030303030303030303030303030 [S5]"),
            (text("[1,2,]]"), &wrong(5)),
            (text("{'a':1}"), &wrong(1)),
            (text("[01, 2]"), &wrong(2)),
            (text("[1] [2]"), &wrong(4)),
            (text("[1, NaN"), &wrong(4)),
        ],
    );
    check_ids(
        codec::json,
        &[
            (text(""), "J1"),
            (text("\"\t\""), "J1"),
            (text("\"\\x\""), "J1"),
            (text("\"\\u12\""), "J1"),
            (text("tru"), "J1"),
            (text("truee"), "J1"),
            (text("\u{feff}1"), "J1"),
            (text("-"), "J1"),
            (text("1."), "J1"),
            (text("{\"a\"}"), "J1"),
            (text("[}"), "J1"),
            (text("]"), "J1"),
            (text(&("[".repeat(513) + &"]".repeat(513))), "J1"),
            (text("\"\0\""), "T1"),
            (Cell::Text(b"\"\xff\""), "T2"),
            (Real(f64::INFINITY), "J1"),
            (Blob(b"{}"), "J1"),
        ],
    );
    check(
        codec::jsonb,
        &[
            (text("{}"), "017b7d"),
            (text("{\"a\":1,\"\\u0061\":2}"), "017b2261223a312c225c7530303631223a327d [J4]"),
            (text("[{\"a\":{\"a\":1}}]"), "015b7b2261223a7b2261223a317d7d5d"),
            (
                text("[\"\\u0000\"]"),
                "J2: found text of 10 bytes with an escaped NUL at byte 1, expected JSON",
            ),
            (
                text("\"\\ud800\""),
                "J3: found text of 8 bytes with a lone surrogate at byte 0, expected JSON",
            ),
        ],
    );
    check_ids(
        codec::jsonb,
        &[
            (text("\"\\udc00\\ud800\""), "J3"),
            (text("\"\\ud83dx\""), "J3"),
            (text("1e131072"), "J1"),
            (text("1e-16384"), "J1"),
            (text("0e1073741824"), "J1"),
        ],
    );
}

#[test]
fn arrays() {
    check(
        codec::array(&Type::Int2),
        &[
            (text(" [] "), "000000000000000000000015"),
            (text("[1,null]"), "0000000100000001000000150000000200000001000000020001ffffffff"),
            (
                text("[1,[2]]"),
                "J9: found text of 7 bytes that is not an array of scalars at byte 3, \
                 expected a JSON array of scalars",
            ),
            (
                text("[1,40000]"),
                "S13: found integer 40000, expected an integer from -32768 to 32767",
            ),
        ],
    );
    check_ids(
        codec::array(&Type::Int8),
        &[
            (text("[1.5]"), "S3"),
            (text("[1e30]"), "S13"),
            (text("[\"x\"]"), "S1"),
            (text("1"), "J9"),
            (text("[1"), "J9"),
            (text("[1,]"), "J9"),
            (text("[1]1"), "J9"),
            (text("[1 2]"), "J9"),
            (text("{}"), "J9"),
            (text("[{}]"), "J9"),
            (text(""), "J9"),
            (Cell::Text(b"[\"\xff\"]"), "J9"),
            (Integer(1), "J9"),
        ],
    );
    check_ids(
        codec::array(&Type::Text),
        &[(text("[\"\\u0000\"]"), "T1"), (text("[\"\\ud800\"]"), "J9"), (text("[1e400]"), "J9")],
    );
    check_ids(codec::array(&Type::Float8), &[(text("[1e400]"), "S12")]);
    check_ids(codec::array(&Type::Date), &[(text("[1]"), "D17")]);
}
