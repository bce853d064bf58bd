//! Bytes that text writes.

use super::{Blob, Integer, Real, check, check_ids, codec, text};

#[test]
fn hexadecimal_digits() {
    check(
        codec::bytea_hex,
        &[
            (text(""), ""),
            (text("00fF"), "00ff"),
            (text("\\x00Ff"), "00ff"),
            (text("0xDEADbeef"), "deadbeef"),
            (text("0X00"), "00"),
            (text("\\X"), ""),
            (
                text("abc"),
                "J11: found text of 3 bytes, expected an even number of hexadecimal digits",
            ),
            (Integer(12), "J11: found integer 12, expected an even number of hexadecimal digits"),
        ],
    );
    let refused =
        ["0", "0x0", "0xx0", "\\x\\x00", "00 ", " 00", "0 0", "0g", "x00", "00\n", "\\00"];
    check_ids(codec::bytea_hex, &refused.map(|wrong| (text(wrong), "J11")));
    check_ids(codec::bytea_hex, &[(Blob(b"00"), "J11"), (Real(0.5), "J11")]);
}

#[test]
fn base64_of_both_alphabets() {
    check(
        codec::bytea_base64,
        &[
            (text(""), ""),
            (text("QQ=="), "41"),
            (text("QQ"), "41"),
            (text("QUI="), "4142"),
            (text("QUI"), "4142"),
            (text("QUJD"), "414243"),
            (text("+/+/"), "fbffbf"),
            (text("-_-_"), "fbffbf"),
            (text("QUJD\r\nQQ=\n=\n"), "41424341"),
            (text("QR=="), "J11: found text of 4 bytes, expected base64 text"),
            (Blob(b"QQ=="), "J11: found blob of 4 bytes, expected base64 text"),
        ],
    );
    let refused = [
        "Q", "QUJDQ", "A", "QQ=", "QQ===", "QUI==", "QUJD=", "=", "====", "QQ==QQ==", "Q=Q=",
        "QUJ", "+_+_", "QQ ==", " QQ==", "QQ\t", "Q!==", "Qé",
    ];
    check_ids(codec::bytea_base64, &refused.map(|wrong| (text(wrong), "J11")));
    check_ids(codec::bytea_base64, &[(Integer(1), "J11"), (Real(0.5), "J11")]);
}

#[test]
fn digits_of_blobs() {
    check(
        codec::hex_of_blob,
        &[
            (Blob(b""), ""),
            (Blob(&[0, 0xfa]), "30306661"),
            (text("00"), "J11: found text of 2 bytes, expected a blob"),
        ],
    );
    check(
        codec::base64_of_blob,
        &[
            (Blob(b""), ""),
            (Blob(b"A"), "51513d3d"),
            (Blob(b"AB"), "5155493d"),
            (Blob(b"ABC"), "51554a44"),
            (Blob(&[0xfb, 0xff, 0xbf, 0]), "2b2f2b2f41413d3d"),
        ],
    );
    check(
        codec::hex_of_blob_within(4),
        &[
            (Blob(b"AB"), "34313432"),
            (Blob(b"ABC"), "T7: found text of 6 characters, expected text of at most 4 characters"),
        ],
    );
    check_ids(codec::base64_of_blob_within(4), &[(Blob(b"ABCD"), "T7"), (text("QQ=="), "J11")]);
    check_ids(codec::hex_of_blob, &[(Integer(1), "J11"), (Real(0.5), "J11")]);
}
