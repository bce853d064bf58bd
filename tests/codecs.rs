//! What each codec makes of a value: the bytes and the notes, or the refusal as people read it.

mod arrays;
mod bytes;
mod json;
mod lengths;
mod times;
mod words;

use connect_migrate::codec::{self, Cell, Codec, Out};
use connect_migrate::diagnostic::{Id, Note};
use model::{Enum, Stored, Type, required, types};

use rusqlite::types::ValueRef::{Blob, Integer, Real};

/// A text value.
fn text(value: &str) -> Cell<'_> {
    Cell::Text(value.as_bytes())
}

/// `hex of the field [notes]`, or `id: found …, expected …`.
fn outcome(codec: impl Codec, cell: Cell<'_>) -> String {
    let mut out = Out::default();
    match codec(&mut out, cell) {
        Ok(()) => {
            let (length, field) = out.bytes().split_at(4);
            assert_eq!(length, i32::try_from(field.len()).unwrap().to_be_bytes());
            let mut output: String = field.iter().map(|byte| format!("{byte:02x}")).collect();
            let mut notes: Vec<_> = std::iter::from_fn(|| out.take_note()).collect();
            notes.sort_unstable();
            for note in notes {
                output += &format!(" [{note}]");
            }
            output
        }
        Err(why) => {
            assert!(out.bytes().is_empty(), "a refusal leaves nothing behind");
            format!("{}: found {}, expected {}", why.id, why.found, why.expected)
        }
    }
}

/// Compares all cases and says all that differ.
fn check(codec: impl Codec + Copy, cases: &[(Cell<'_>, &str)]) {
    let differ: Vec<String> = cases
        .iter()
        .map(|(cell, meant)| (cell, meant, outcome(codec, *cell)))
        .filter(|(_, meant, got)| got != **meant)
        .map(|(cell, meant, got)| format!("{cell:?}\n  meant {meant}\n  got   {got}"))
        .collect();
    assert!(differ.is_empty(), "\n{}", differ.join("\n"));
}

/// Compares the ids of refusals.
fn check_ids(codec: impl Codec + Copy, cases: &[(Cell<'_>, &str)]) {
    let differ: Vec<String> = cases
        .iter()
        .map(|(cell, meant)| (cell, meant, outcome(codec, *cell)))
        .filter(|(_, meant, got)| !got.starts_with(&format!("{meant}: found")))
        .map(|(cell, meant, got)| format!("{cell:?}: meant {meant}, got {got}"))
        .collect();
    assert!(differ.is_empty(), "\n{}", differ.join("\n"));
}

#[test]
fn booleans() {
    check(
        codec::boolean,
        &[
            (Integer(0), "00"),
            (Integer(1), "01"),
            (Real(-0.0), "00 [B3]"),
            (Real(1.0), "01 [B3]"),
            (text(" TRUE\n"), "01 [B2]"),
            (text("off"), "00 [B2]"),
            (Integer(2), "B3: found integer 2, expected 0 or 1"),
            (Real(0.5), "B3: found real 0.5, expected 0 or 1"),
            (text("1.0"), "B3: found text like 9.9, expected 0 or 1"),
            (text(""), "B3: found empty text, expected 0 or 1"),
            (Blob(b"1"), "B3: found blob of 1 byte, expected 0 or 1"),
            (Cell::Null, "K14: found NULL, expected a value"),
        ],
    );
}

#[test]
fn whole_numbers() {
    let range = "an integer from -32768 to 32767";
    check(
        codec::int2,
        &[
            (Integer(-2), "fffe"),
            (Real(12.0), "000c [S3]"),
            (text("\t+7 "), "0007 [S2]"),
            (Integer(32768), &format!("S13: found integer 32768, expected {range}")),
            (text("40000"), &format!("S13: found text like 99999, expected {range}")),
            (Real(1e6), &format!("S13: found real 1000000.0, expected {range}")),
            (Real(12.5), &format!("S3: found real 12.5, expected {range}")),
            (text("Ab-3é"), &format!("S1: found text like Aa-9a, expected {range}")),
        ],
    );
    check(codec::int4, &[(Integer(1), "00000001"), (Real(-3.0), "fffffffd [S3]")]);
    check(codec::int8, &[(Integer(i64::MIN), "8000000000000000")]);
    check_ids(codec::int4, &[(Integer(1 << 31), "S13"), (text("2147483648"), "S13")]);
    check_ids(
        codec::int8,
        &[
            (Real(9_007_199_254_740_994.0), "S3"),
            (Real(f64::INFINITY), "S3"),
            (text("9223372036854775808"), "S13"),
            (text("1.0"), "S1"),
            (text("1e3"), "S1"),
            (text("0x10"), "S1"),
            (text("1_000"), "S1"),
            (text(""), "S1"),
            (text(&"0".repeat(1001)), "S1"),
            (Blob(b"1"), "S1"),
        ],
    );
    check(codec::int8, &[(text(&"0".repeat(1000)), "0000000000000000 [S2]")]);
}

#[test]
fn floating_point() {
    check(
        codec::float8,
        &[
            (Real(-0.0), "8000000000000000"),
            (Real(f64::INFINITY), "7ff0000000000000"),
            (Integer(1), "3ff0000000000000"),
            (Integer(i64::MIN), "c3e0000000000000"),
            (text(" 1.5e0 "), "3ff8000000000000 [S12]"),
            (text("0e-400"), "0000000000000000 [S12]"),
        ],
    );
    check_ids(
        codec::float8,
        &[
            (Integer((1 << 53) + 1), "S6"),
            (Integer(i64::MAX), "S6"),
            (text("1e400"), "S12"),
            (text("1e-400"), "S12"),
            (text("NaN"), "S1"),
            (text("inf"), "S1"),
            (text(".5"), "S1"),
            (text("5."), "S1"),
            (Real(f64::NAN), "S1"),
            (Blob(b""), "S1"),
        ],
    );
    check(codec::float4, &[(Real(0.1), "3dcccccd"), (Integer(16_777_216), "4b800000")]);
    check_ids(
        codec::float4,
        &[
            (Real(16_777_217.0), "S11"),
            (Integer(16_777_217), "S11"),
            (Real(1e300), "S11"),
            (Real(1e-60), "S11"),
            // The float nearest to it is printed 496526.12.
            (Real(496_526.13), "S11"),
            (text("0.123456789"), "S11"),
        ],
    );
}

#[test]
fn decimals() {
    check(
        codec::numeric,
        &[
            (Integer(0), "0000000000000000"),
            (Integer(-10_001), "000200014000000000010001"),
            (Real(0.1), "0001ffff0000000103e8"),
            (Real(5.0), "00010000000000000005"),
            (Real(-0.0), "0000000000000000"),
            (text("1.10"), "0002000000000002000103e8 [S2]"),
            (text("1.50e1"), "0001000000000001000f [S2]"),
        ],
    );
    check_ids(
        codec::numeric,
        &[
            (Real(f64::INFINITY), "S9"),
            (text("1e131072"), "S7"),
            (text("1e-16384"), "S7"),
            (text("0e-99999999999999999999"), "S7"),
            (text("1e99999999999999999999"), "S7"),
            (text("1,5"), "S1"),
            (Blob(b"1"), "S1"),
        ],
    );
    let money = codec::numeric_within(4, 2);
    check(money, &[(text("12.300"), "0002000000000002000c0bb8 [S2]")]);
    check(
        money,
        &[(
            Real(1.005),
            "S7: found real 1.005, expected a decimal number of at most 2 digits before the point \
             and 2 after it",
        )],
    );
    check_ids(money, &[(Integer(100), "S7"), (text("0.001"), "S7"), (text("x"), "S1")]);
}

#[test]
fn texts() {
    check(
        codec::text,
        &[
            (text("é"), "c3a9"),
            (text(""), ""),
            (Integer(-5), "2d35 [S4]"),
            (Real(1.0), "312e30 [S4]"),
            (Real(1e20), "312e30652b3230 [S4]"),
            (text("secret\0"), "T1: found text of 7 bytes with a NUL at byte 6, expected text"),
            (
                Cell::Text(b"ab\xed\xa0\x80"),
                "T2: found text of 5 bytes that is not UTF-8 at byte 2, expected text",
            ),
            (Blob(b"abc"), "T5: found blob of 3 bytes, expected text"),
        ],
    );
    check(
        codec::varchar(2),
        &[
            (text("éé"), "c3a9c3a9"),
            (text("a  "), "T7: found text of 3 characters, expected text of at most 2 characters"),
            (Integer(123), "T7: found text of 3 characters, expected text of at most 2 characters"),
        ],
    );
    check(codec::character(2), &[(text("a"), "61")]);
    check(
        codec::bytea,
        &[
            (Blob(b"\0\xff"), "00ff"),
            (text("\\x00"), "5c783030 [T6]"),
            (Integer(1), "S1: found integer 1, expected a blob"),
        ],
    );
    check(
        codec::label(&["on", "off"]),
        &[
            (text("off"), "6f6666"),
            (text("Off"), "J8: found text like Aaa, expected one of on, off"),
            (Integer(1), "J8: found integer 1, expected one of on, off"),
        ],
    );
}

#[test]
fn identifiers() {
    let bytes = "a0eebc999c0b4ef8bb6d6bb9bd380a11";
    check(
        codec::uuid,
        &[
            (text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), bytes),
            (text("{A0EEBC999C0B4EF8BB6D6BB9BD380A11}"), bytes),
            (text("a0ee-bc999c0b-4ef8bb6d6bb9-bd380a11"), bytes),
            (
                text("urn:uuid:A0"),
                "J6: found text like aaa:aaaa:A9, expected a UUID of 32 hexadecimal digits",
            ),
        ],
    );
    check_ids(
        codec::uuid,
        &[
            (text(""), "J6"),
            (text("{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), "J6"),
            (text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g"), "J6"),
            (text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-"), "J6"),
            (text("a0eebc9-99c0b-4ef8-bb6d-6bb9bd380a11"), "J6"),
            (Blob(&[7; 16]), "J7"),
            (Blob(&[7; 15]), "J6"),
            (Integer(1), "J6"),
        ],
    );
    check(codec::uuid_blob, &[(Blob(&[7; 16]), &"07".repeat(16))]);
    let guid = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    check(codec::uuid_guid_le, &[(Blob(&guid), "000102030405060708090a0b0c0d0e0f")]);
    check_ids(codec::uuid_guid_le, &[(Blob(&guid[1..]), "J7"), (text(bytes), "J7")]);
    check_ids(codec::uuid_blob, &[(Blob(&[7; 15]), "J7"), (text(bytes), "J7")]);
    check(
        codec::inet,
        &[
            (text("1.2.3.4"), "0220000401020304"),
            (text("1.2.3.4/8"), "0208000401020304"),
            (text("::1/0"), "0300001000000000000000000000000000000001"),
        ],
    );
    let no_inet = ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/"];
    for wrong in no_inet {
        check_ids(codec::inet, &[(text(wrong), "J10")]);
    }
    let no_inet =
        [":", ":::", "1:2:3:4:5:6:7", "1::2::3", "1:2:3:4:5:6:7:8:9", "::12345", "::/129"];
    for wrong in no_inet {
        check_ids(codec::inet, &[(text(wrong), "J10")]);
    }
    let no_inet = [
        "1:2:3:4::5:6:7:8",
        "fe80::1%eth0",
        " ::1",
        "1.2.3.4::",
        "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4",
        "g::",
    ];
    for wrong in no_inet {
        check_ids(codec::inet, &[(text(wrong), "J10")]);
    }
    check(codec::cidr, &[(text("10.0.0.0/8"), "020801040a000000")]);
    check_ids(codec::cidr, &[(text("10.0.0.1/8"), "J10"), (text("::1/0"), "J10")]);
}

#[test]
fn every_pair_has_a_codec() {
    const MOOD: Enum = Enum { name: "mood", labels: &["sad"] };
    let more = [
        Type::Numeric(Some((4, 2))),
        Type::Varchar(9),
        Type::Char(9),
        Type::Enum(MOOD),
        Type::Array(&Type::Bool),
        Type::ReadByServer("macaddr"),
    ];
    let types = types::PLAIN_TYPES.iter().map(|(_, ty)| *ty).chain(more);
    for ty in types {
        for (word, stored) in types::STORED {
            let column = model::Column { stored: *stored, ..required("c", ty) };
            let refused = codec::encode_value(&column, &mut Out::default(), Blob(b""));
            let known = !refused.is_err_and(|why| why.expected.starts_with("an encoding of"));
            assert_eq!(known, ty.encodings().contains(stored), "{ty} {word}");
        }
    }
    assert_eq!(Type::Bytea.usual_encoding(), Stored::Blob);
}

#[test]
fn shapes_are_short() {
    let long = "x".repeat(5000);
    let why = codec::date(&mut Out::default(), text(&long)).unwrap_err();
    assert_eq!(why.found.to_string(), format!("text like {}…", "a".repeat(39)));
    let why = codec::date(&mut Out::default(), text("Ä7\u{202e}\n 3")).unwrap_err();
    assert_eq!(why.found.to_string(), "text like A9?? 9");
}

#[test]
fn rows_count_notes_and_forget_those_of_refusals() {
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    let mut select = sqlite.prepare("SELECT 1.0, NULL, '[1.0, 2.5]', NULL").unwrap();
    let mut rows = select.query([]).unwrap();
    let row = rows.next().unwrap().unwrap();
    let (mut out, mut notes) = (Out::default(), Vec::new());
    for _ in 0..2 {
        let mut row = codec::Row::begin_row(row, 4, &mut out, &mut notes);
        row.encode_required(0, "a", codec::int8).unwrap();
        row.encode_nullable(1, "b", codec::varchar(9)).unwrap();
        let refusal = row.encode_required(2, "c", codec::array(&Type::Int4)).unwrap_err();
        assert_eq!((refusal.column, refusal.why.id), (2, Id::S3));
        assert_eq!(row.encode_required(3, "d", codec::text).unwrap_err().why.id, Id::K14);
    }
    assert_eq!(notes, [Note { column: 0, id: Id::S3, count: 2 }]);
    let row = [&[0, 4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0xff; 4]].concat();
    assert_eq!(out.bytes(), row.repeat(2));
}
