//! Values that the rules take, by what they come to, and values that they do not.

use super::{MOOD, stored};
use connect_migrate::verify::show;
use model::{Stored, Type, types::parse_type};
use rusqlite::types::ValueRef;

/// A value in a line of a table: `i 1`, `r 1.5`, `t text`, `b hex`.
fn value(word: &str) -> rusqlite::types::Value {
    let (class, rest) = word.split_at(2);
    match class {
        "i " => rusqlite::types::Value::Integer(rest.parse().unwrap()),
        "r " => rusqlite::types::Value::Real(rest.parse().unwrap()),
        "t " => rusqlite::types::Value::Text(rest.to_owned()),
        "b " => rusqlite::types::Value::Blob(hex(rest)),
        _ => panic!("{word}"),
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn ty(word: &str) -> Type {
    if word == "mood" { MOOD } else { parse_type(word, &[]).unwrap() }
}

fn encoding(word: &str) -> Stored {
    model::types::STORED.iter().find(|(known, _)| *known == word).unwrap().1
}

pub fn form(of: &str, word: &str) -> Result<Vec<u8>, &'static str> {
    let (name, stored_as) = of.split_once(' ').map_or((of, None), |(ty, word)| (ty, Some(word)));
    let ty = ty(name);
    stored(ty, stored_as.map_or(ty.usual_encoding(), encoding), ValueRef::from(&value(word)))
}

/// Each value is shown as expected.
pub fn check(of: &str, cases: &[(&str, &str)]) {
    for (word, expected) in cases {
        let form = form(of, word).unwrap_or_else(|why| panic!("{of} {word}: {why}"));
        let name = of.split_once(' ').map_or(of, |(name, _)| name);
        assert_eq!(show::show_value(ty(name), &form), *expected, "{of} {word}");
    }
}

/// All these values are the same.
pub fn same(of: &str, words: &[&str]) {
    for pair in words.windows(2) {
        assert_eq!(form(of, pair[0]).unwrap(), form(of, pair[1]).unwrap(), "{of}: {pair:?}");
    }
}

/// No two of these values are the same.
pub fn differ(of: &str, words: &[&str]) {
    for (at, one) in words.iter().enumerate() {
        for other in &words[at + 1..] {
            assert_ne!(form(of, one).unwrap(), form(of, other).unwrap(), "{of}: {one}, {other}");
        }
    }
}

/// None of these values can be read.
pub fn refused(of: &str, words: &[&str]) {
    for word in words {
        assert!(form(of, word).is_err(), "{of} {word} was read");
    }
}

#[test]
fn booleans() {
    same("bool", &["i 1", "r 1.0", "t TRUE", "t t", "t  Yes\n", "t on", "t y", "t 1", "t \t1\x0b"]);
    same("bool", &["i 0", "r 0.0", "r -0.0", "t False", "t f", "t no", "t OFF", "t n", "t 0"]);
    differ("bool", &["i 0", "i 1"]);
    same("bool blob", &["b 01", "b 31", "b 74727565", "i 1", "t on"]);
    same("bool blob", &["b 00", "b 30", "b 4e4f", "i 0", "t off"]);
    refused("bool blob", &["b 02", "b ", "b 0001", "i 2"]);
    same("float8 number_or_word", &["t nan", "t NaN ", "t NAN"]);
    same("float8 number_or_word", &["t inf", "t +Infinity"]);
    differ("float8 number_or_word", &["t nan", "t inf", "t -inf", "i 0"]);
    refused("float8 number_or_word", &["t infinit", "t -nan", "t - inf", "b 6e616e"]);
    refused("float8", &["t nan", "t inf"]);
    refused("numeric number_or_word", &["t inf", "t -infinity", "t na"]);
    refused("bool", &["i 2", "i -1", "r 0.5", "t ", "t 2", "t 1.0", "t tru", "b 01"]);
}

#[test]
fn whole_numbers() {
    check("int2", &[("i -32768", "-32768"), ("r 7.0", "7"), ("t  +007 ", "7"), ("t -0", "0")]);
    check("int8", &[("i -9223372036854775808", "-9223372036854775808")]);
    check("int8", &[("r 9007199254740992.0", "9007199254740992")]);
    refused("int2", &["i 32768", "t 32768", "t 1.0", "t 1e3", "t ", "t 0x10", "t 1_000", "b 31"]);
    refused("int4", &["i 2147483648", "r 0.5", "r inf", "t 1,000", "t - 1", "t +-1"]);
    refused("int8", &["r 9007199254740994.0", "t 9223372036854775808", "t toto"]);
}

#[test]
fn doubles() {
    same("float8", &["r 0.1", "t 0.1", "t  1e-1 ", "t 1.00E-1", "t 0.1000000000000000055"]);
    same("float8", &["r 9007199254740992", "i 9007199254740992"]);
    same("float8", &["r 0.0", "i 0", "t 0", "t 0e999999999999999999999"]);
    differ("float8", &["r 0.0", "r -0.0", "r inf", "r -inf", "r 5e-324", "r 1.0"]);
    refused(
        "float8",
        &["i 9007199254740993", "t 1e-400", "t 1e400", "t inf", "t nan", "t ", "b 00"],
    );
    refused("float8", &["t 0x1p3", "t 1e", "t .", "t 1e+", "t infinity"]);
}

#[test]
fn singles() {
    same("float4", &["r 0.1", "t 0.1", "r 0.10000000149011612"]);
    differ("float4", &["r 0.0", "r -0.0", "r inf", "r 3.4e38", "r 16777216.0", "i 16777218"]);
    refused(
        "float4",
        &[
            "r 0.10000000149",
            "r 0.10000000149011613",
            "r 16777217.0",
            "r 1e39",
            "r 1e-50",
            "r 0.1234567891",
        ],
    );
}

#[test]
fn decimals() {
    check("numeric", &[("t 0012.3400", "1234e-2"), ("i -500", "-5e2"), ("r 0.1", "1e-1")]);
    check("numeric", &[("t -0.00", "0"), ("t 1E3", "1e3"), ("r 5.0", "5"), ("r 1e300", "1e300")]);
    same("numeric(5,2)", &["t 1.50", "r 1.5", "t 1.5000", "t 15e-1", "t +1.5", "t 0.15e1"]);
    differ("numeric", &["t 1.5", "t -1.5", "t 15", "t 0.15", "t 1.50000000000000000000001", "i 0"]);
    refused("numeric", &["r inf", "t 1e131072", "t 1e-16384", "t NaN", "t 1.2.3", "t ", "b 31"]);
    refused("numeric(5,2)", &["r 1.005", "i 1000", "t 1e3", "t 999.991"]);
    let long = format!("t {}", "1".repeat(1001));
    refused("numeric", &[&long]);
}

#[test]
fn texts() {
    same("text", &["i 12", "t 12"]);
    same("text", &["r 1.0", "t 1.0"]);
    same("text", &["r inf", "t Inf"]);
    differ("text", &["t ", "t  ", "t a", "t A", "t a ", "t \u{e4}", "t a\u{308}"]);
    refused("text", &["t a\0b", "t \0", "b 61"]);
    assert!(stored(Type::Text, Stored::Text, ValueRef::Text(b"\xff")).is_err());
    differ("varchar(3)", &["t abc", "t ab ", "t ab", "t \u{e4}\u{f6}\u{fc}"]);
    refused("varchar(3)", &["t abcd", "t abc ", "i 1000"]);
    same("char(3)", &["t a", "t a ", "t a  "]);
    same("char(3)", &["t ", "t  ", "t    "]);
    differ("char(3)", &["t a", "t  a", "t A", "t a\t"]);
    refused("char(3)", &["t abcd", "t abc "]);
    differ("bytea", &["b ", "b 00", "b 0000", "b 61", "t A", "t a\0"]);
    same("bytea", &["b 6100", "t a\0"]);
    refused("bytea", &["i 1", "r 1.0"]);
    same("bytea hex", &["t 00fe", "t 00FE", "t \\x00Fe", "t 0x00fe", "t 0X00fe", "t \\X00fe"]);
    assert_eq!(form("bytea hex", "t 00fe"), form("bytea", "b 00fe"));
    refused(
        "bytea hex",
        &["t 0", "t 0x0", "t \\x\\x00", "t 00 ", "t 0g", "t x00", "b 3030", "i 10"],
    );
    same("bytea base64", &["t QQ==", "t QQ", "t Q\nQ=\r\n="]);
    same("bytea base64", &["t +/+/", "t -_-_"]);
    assert_eq!(form("bytea base64", "t QUI="), form("bytea", "b 4142"));
    refused("bytea base64", &["t Q", "t QQ=", "t QR==", "t QUJD=", "t ====", "t +_+_", "t QQ =="]);
    refused("bytea base64", &["t QQ==QQ==", "t QUJ", "b 5151", "i 1000"]);
    differ("mood", &["t sad", "t so so", "t happy"]);
    refused("mood", &["t Sad", "t sad ", "t ", "i 1", "b 736164"]);
}

#[test]
fn uuids_and_addresses() {
    let plain = "00112233-4455-6677-8899-aabbccddeeff";
    let upper = format!("t {}", plain.to_uppercase());
    check("uuid", &[(&upper, plain), ("t {00112233-44556677-8899AABB-CCDDEEFF}", plain)]);
    check("uuid", &[("t 00112233445566778899aabbccddeeff", plain)]);
    check("uuid", &[("t 0011-2233-4455-6677-8899-aabb-ccdd-eeff", plain)]);
    check("uuid blob", &[("b 00112233445566778899aabbccddeeff", plain)]);
    refused("uuid", &["b 00112233445566778899aabbccddeeff", "t ", "t 0011", "i 1"]);
    refused("uuid", &["t 001-12233445566778899aabbccddeeff", "t 00112233445566778899aabbccddeefg"]);
    refused(
        "uuid",
        &["t 00112233445566778899aabbccddeeff-", "t {00112233445566778899aabbccddeeff"],
    );
    refused("uuid", &[&format!("t urn:uuid:{plain}"), "t 0011--2233445566778899aabbccddeeff"]);
    check("uuid guid_le", &[("b 33221100554477668899aabbccddeeff", plain)]);
    refused("uuid guid_le", &["b 0011", "t 00112233445566778899aabbccddeeff"]);
    refused("uuid blob", &["b 0011", "t 00112233445566778899aabbccddeeff"]);
    same("inet", &["t 10.0.0.1", "t 10.0.0.1/32"]);
    same("inet", &["t ::1", "t 0:0::1/128"]);
    differ(
        "inet",
        &["t 10.0.0.1", "t 10.0.0.1/24", "t 10.0.0.2", "t ::a00:1", "t ::ffff:10.0.0.1"],
    );
    refused(
        "inet",
        &["t 10.0.0", "t 10.0.0.1/33", "t ::1/129", "t 10.0.0.1/", "t ", "t 10.0.0.1/+8"],
    );
    same("cidr", &["t 10.0.0.0/8", "t 10.0.0.0/8"]);
    differ("cidr", &["t 0.0.0.0/0", "t ::/0", "t 10.0.0.1", "t 10.0.0.0/31"]);
    refused("cidr", &["t 10.0.0.1/8", "t fe80::1/64"]);
}

#[test]
fn json() {
    differ("json", &[r#"t {"a":1,"b":2}"#, r#"t {"b":2,"a":1}"#, r#"t {"a":1, "b":2}"#]);
    differ("json", &["t 1", "t \"1\"", "t [1]", "t 2", "t null", "i -1"]);
    same("json", &["i 15", "t 15", "r 15.0", "t 1.5e1"]);
    refused("json", &["b 31", "r inf", "t \0"]);
    let ordered = r#"t {"a": 1.50, "b": ["x", {}], "c": "\u00e4\n"}"#;
    let other = "t\t{\"c\":\"\u{e4}\\u000a\",\"b\":[\"x\",{ }],\"a\":7,\"a\":15e-1}";
    same("jsonb", &[ordered, &other.replacen('\t', " ", 1)]);
    same("jsonb", &["t 1.0", "i 1", "r 1.0", "t 10e-1"]);
    same("jsonb", &[r#"t "\ud83d\ude00""#, "t \"\u{1f600}\""]);
    differ("jsonb", &["t {}", "t []", "t [[]]", "t [{}]", "t null", "t false", "t true", "t \"\""]);
    differ("jsonb", &[r#"t ["a","b"]"#, r#"t ["b","a"]"#, r#"t ["ab"]"#, r#"t {"a":"b"}"#]);
    differ("jsonb", &["t 9007199254740992", "t 9007199254740993", "t 1e400", "t -1", "t 0.1"]);
    differ("jsonb", &[r#"t {"a":{"b":1}}"#, r#"t {"a":{"b":2}}"#, r#"t {"a":{},"b":1}"#]);
    refused(
        "jsonb",
        &["t ", "t {", "t [1,]", "t [,1]", "t {\"a\"}", "t {a:1}", "t 'a'", "t NaN", "t 01"],
    );
    refused("jsonb", &["t 1.", "t +1", "t .5", "t 1 2", "t nul", "t \"\t\"", "t \"\\x\"", "b 31"]);
    refused("jsonb", &[r#"t "\u0000""#, r#"t "\ud800""#, r#"t "\ud800\u0041""#, r#"t "\udc00""#]);
    refused("jsonb", &["t 1e200000", "t 1e-20000", "r inf", "t [1", "t \"a", "t {\"a\":1,}"]);
    let deep = |levels: usize| format!("t {}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(form("jsonb", &deep(512)).is_ok());
    refused("jsonb", &[&deep(513)]);
}

#[test]
fn arrays() {
    same("int4[]", &["t [1, null,2]", "t [1.0,null,2e0]", "t [\"1\",null,\" 2 \"]"]);
    differ("int4[]", &["t []", "t [null]", "t [1,2]", "t [12]", "t [2,1]", "t [1,null,2]"]);
    differ(
        "text[]",
        &["t [\"\"]", "t [null]", "t [\"null\"]", "t [\"a\",\"b\"]", "t [\"ab\",\"\"]"],
    );
    differ("text[]", &[r#"t ["a","b\u0001c"]"#, r#"t ["a\u0001b","c"]"#]);
    same("text[]", &["t [1,1.5]", "t [\"1\",\"1.5\"]"]);
    refused("text[]", &["t [true]", "t [false]"]);
    same("bool[]", &["t [true,false]", "t [1,0]", "t [\"yes\",\"no\"]"]);
    same("numeric[]", &["t [1.10]", "t [\"1.1\"]"]);
    differ("numeric[]", &["t [0.1]", "t [0.1000000000000000055]"]);
    differ("int8[]", &["t [9007199254740993]", "t [9007199254740992]"]);
    refused("int4[]", &["t {1,2}", "t 1", "t ", "t [1", "t [{}]", "t [1.5]", "i 1", "t {}"]);
    differ("int4[]", &["t [[1,2]]", "t [1,2]", "t [[1],[2]]", "t [[[1,2]]]", "t []"]);
    refused("int4[]", &["t [[1],2]", "t [[1],[2,3]]", "t [[]]", "t [1,[2]]", "t [[[[[[[1]]]]]]]"]);
    same("jsonb[]", &["t [{\"a\":1}]", "t [\"{\\\"a\\\": 1}\"]"]);
    same("int4[] pg_array", &["t {1,NULL}", "t { \"1\" , null}", "t {+1,NULL }", "t {1.0,NULL}"]);
    differ("int4[] pg_array", &["t {1,2}", "t {{1,2}}", "t {{1},{2}}", "t {}", "t {NULL}"]);
    refused("int4[] pg_array", &["t {1", "t {1}}", "t {1,}", "t {{1},2}", "t [1]", "t {x}", "t "]);
    refused("int4[] pg_array", &["t [0:1]={1,2}", "t {1 2}", "t {{}}", "t {\"NULL\"}", "i 1"]);
    differ("text[] pg_array", &["t {NULL}", "t {\"NULL\"}", "t {\"\"}", "t {a}", "t {\"a \"}"]);
    same("text[] pg_array", &["t {a b}", "t {\"a b\"}", "t { a\\ b }"]);
    refused(
        "text[] pg_array",
        &["t {a\"b}", "t {\"a\"b}", "t {a{b}", "t {a\\", "t {,a}", "t {\"a}"],
    );
    same("text[] csv", &["t a,b", "t \"a\",b", "t a,\"b\""]);
    differ("text[] csv", &["t ", "t ,", "t a", "t a,", "t  a", "t \"a,\""]);
    refused("text[] csv", &["t a\"b", "t \"a\"b", "t \"a", "t a\nb", "t {a}", "t [1]"]);
    same("bytea[] pg_array", &["t {\"\\\\x00ff\"}", "t {\\\\x00FF}"]);
    refused("bytea[] pg_array", &["t {00ff}", "t {\\x0}"]);
    refused("int4[]", &["t [2147483648]", "t [1] 2", "t [1,]"]);
    refused("text[]", &[r#"t ["\u0000"]"#]);
}
