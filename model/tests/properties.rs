//! What holds for any schema file: it is answered, with tables or with faults, and type words can
//! be written as they are read.

use std::fs;

use model::Enum;
use model::expression;
use model::types::{PLAIN_TYPES, Type, parse_type};
use model::{rust, sql};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Pieces that are more often near to a table's file than random text.
const PIECES: &[&str] = &[
    "primary_key = [",
    "\"id\"",
    "]",
    "\n",
    "[columns]\n",
    "id = ",
    "name = ",
    "{ ",
    " }",
    ", ",
    "type = ",
    "\"int8\"",
    "\"text\"",
    "\"mood\"",
    "\"mood[]\"",
    "\"text[][]\"",
    "stored = ",
    "\"unix_s\"",
    "null = true",
    "default = ",
    "\"'x'\"",
    "generated = ",
    "\"id + 1\"",
    "references = ",
    "\"t.id\"",
    "identity = true",
    "unique = true",
    "versions = ",
    "\"..2\"",
    "\"2..\"",
    "\"9..\"",
    "[[index]]\n",
    "[[unique]]\n",
    "[[check]]\n",
    "[[foreign_key]]\n",
    "columns = ",
    "[\"id\"]",
    "[{ expression = \"lower(name)\" }]",
    "where = ",
    "\"name IS NULL\"",
    "expression = ",
    "method = ",
    "\"gin\"",
    "to = ",
    "on_delete = ",
    "\"cascade\"",
    "\"",
    "'",
    "=",
    "[",
    "\u{e4}",
    "\0",
    "é",
    "#",
    ".",
    "-1",
    "1e3",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        9 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => ".{0,6}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const EXPRESSIONS: &[&str] = &["lower(a)", "a IS NULL", "'x'", "a > (1)", "$$;$$", "E'\\''"];

/// A table's file that is TOML and often right, with lines of any content.
fn well_formed() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        20 => prop::sample::select(PLAIN_TYPES).prop_map(|(word, _)| word.to_owned()),
        5 => Just("mood[]".to_owned()),
        1 => "[a-z0-9(),\\[\\]]{0,8}",
    ];
    let value = prop_oneof![
        8 => prop::sample::select(EXPRESSIONS).prop_map(str::to_owned),
        1 => "[ -~äö]{1,12}",
    ];
    let column = ("[b-dB-Dä\" -]{1,3}", word, value.clone(), any::<bool>(), 0..4_usize);
    (prop::collection::vec(column, 0..4), value).prop_map(|(columns, predicate)| {
        let mut text = format!("{GOOD}\n");
        for (place, (name, word, value, null, range)) in columns.into_iter().enumerate() {
            let range = ["..", "..2", "2..", "2..3"][range];
            text += &format!(
                "{:?} = {{ type = {word:?}, default = {value:?}, null = {null}, \
                 versions = \"{range}\" }}\n",
                format!("{name}{place}")
            );
        }
        text + &format!(
            "[[index]]\nname = \"i\"\ncolumns = [\"a\"]\n\
                          where = {predicate:?}\n"
        )
    })
}

const GOOD: &str = "primary_key = [\"a\"]\n[columns]\na = { type = \"int8\" }";

/// Reads it as the one table of a database, and says whether it is right; what is right is
/// rendered too.
fn answered(text: &str) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let database = "versions = [\"1\", \"2\", \"3\"]\n[enums]\nmood = [\"a\"]\n";
    fs::write(directory.path().join("database.toml"), database).unwrap();
    fs::write(directory.path().join("t.toml"), text).unwrap();
    match model::load_directory(directory.path(), "9/any-name") {
        Ok((directory, versions)) => {
            for version in &versions {
                sql::database_script(version);
            }
            rust::schemas_source(&[rust::Resolved { directory, versions }]).unwrap();
            true
        }
        Err(faults) => {
            assert!(!faults.0.is_empty());
            false
        }
    }
}

fn a_type() -> impl Strategy<Value = Type> {
    let plain = prop::sample::select(PLAIN_TYPES).prop_map(|(_, ty)| ty);
    let scalar = prop_oneof![
        plain,
        (1..=10_485_760_u32).prop_map(Type::Varchar),
        (1..=10_485_760_u32).prop_map(Type::Char),
        (1..=1000_u16, 0..=1000_u16).prop_map(|(p, s)| Type::Numeric(Some((p, s.min(p))))),
        Just(Type::Enum(MOOD)),
    ];
    (scalar, any::<bool>()).prop_map(|(scalar, array)| {
        if array { Type::Array(Box::leak(Box::new(scalar))) } else { scalar }
    })
}

const MOOD: Enum = Enum { name: "mood of (the) day", labels: &["good", "bad"] };

proptest! {
    #[test]
    fn any_text_is_answered(text in text()) {
        answered(&text);
    }

    #[test]
    fn any_table_is_answered(text in well_formed()) {
        answered(&text);
    }

    #[test]
    fn a_type_is_read_as_it_is_written(ty in a_type()) {
        prop_assert_eq!(parse_type(&ty.to_string(), &[MOOD]), Some(ty));
    }

    #[test]
    fn any_type_word_is_answered_and_stays(word in "[a-z0-9(),\\[\\] +]{0,14}") {
        if let Some(ty) = parse_type(&word, &[MOOD]) {
            prop_assert_eq!(parse_type(&ty.to_string(), &[MOOD]), Some(ty));
        }
    }

    #[test]
    fn tokens_are_the_whole_text(text in "[ -~äö\n]{0,40}") {
        let all: String = expression::tokenize(&text).iter().map(|token| token.text).collect();
        prop_assert_eq!(&all, &text);
        expression::expression_fault(&text);
        expression::column_names(&text);
    }
}

#[test]
fn brackets_without_end_are_no_type() {
    assert_eq!(parse_type(&"[]".repeat(1_000_000), &[]), None);
    assert_eq!(parse_type(&format!("int4{}", "[]".repeat(1_000_000)), &[]), None);
}

#[test]
fn the_generated_tables_are_often_right() {
    assert!(answered(GOOD));
    let mut runner = TestRunner::deterministic();
    let tables = (0..100).map(|_| well_formed().new_tree(&mut runner).unwrap().current());
    let right = tables.filter(|text| answered(text)).count();
    assert!((20..100).contains(&right), "{right} of 100");
}

#[test]
fn tables_within_tables_without_end_are_a_fault() {
    assert!(!answered(&format!("[columns]\na = {}", "{ a = ".repeat(100_000))));
    assert!(!answered(&format!("[columns]\na = {}", "[".repeat(100_000))));
}
