//! `schema/README.md` and the code say the same words: types, encodings, actions, keys.

use std::collections::BTreeSet;

use model::keys;
use model::table::ACTIONS;
use model::types::{Enum, PLAIN_TYPES, STORED, Type, parse_type};

const PAGE: &str = include_str!("../../schema/README.md");
const MOOD: Enum = Enum { name: "an enum", labels: &["a"] };

/// The rows of the table whose head begins so, cell by cell.
fn rows(page: &str, head: &str) -> Vec<Vec<String>> {
    let lines = page.lines().skip_while(|line| !line.starts_with(head));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let inner = line.trim_matches('|');
        inner.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    rows.map(cells).collect()
}

/// The words between backquotes.
fn words(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The type that a word of the page stands for.
fn shown(word: &str) -> Option<Type> {
    const INT: &Type = &Type::Int4;
    match word {
        "numeric(p,s)" => Some(Type::Numeric(Some((4, 2)))),
        "varchar(n)" => Some(Type::Varchar(3)),
        "char(n)" => Some(Type::Char(3)),
        "TYPE[]" => Some(Type::Array(INT)),
        "an enum" => Some(Type::Enum(MOOD)),
        "any other type" => Some(Type::ReadByServer("macaddr")),
        plain => parse_type(plain, &[]),
    }
}

/// Every difference between what a page says of types and what the code does.
fn type_differences(page: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut types = BTreeSet::new();
    let mut encodings = BTreeSet::new();
    for row in rows(page, "| `type` | `stored`") {
        let [names, stored] = row.as_slice() else {
            wrong.push(format!("no two cells: {row:?}"));
            continue;
        };
        let names = names.replace("an enum", "`an enum`");
        let names = names.replace("any other type", "`any other type`");
        for name in words(&names) {
            if !types.insert(name.to_owned()) {
                wrong.push(format!("{name} is shown twice"));
            }
            let expected: Option<Vec<&str>> =
                shown(name).map(|ty| ty.encodings().iter().map(|stored| stored.word()).collect());
            if expected.as_ref() != Some(&words(stored)) {
                wrong.push(format!("{name}: the page says {stored}, the code {expected:?}"));
            }
        }
        encodings.extend(words(stored).into_iter().map(str::to_owned));
    }
    let plain = PLAIN_TYPES.iter().map(|(word, _)| *word);
    let more = ["numeric(p,s)", "varchar(n)", "char(n)", "TYPE[]", "an enum", "any other type"];
    let all = plain.chain(more);
    wrong.extend(compared("types", types, all));
    wrong.extend(compared("encodings", encodings, STORED.iter().map(|(word, _)| *word)));
    wrong
}

fn compared<'a>(
    what: &str,
    page: impl IntoIterator<Item = impl Into<String>>,
    code: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let page: BTreeSet<String> = page.into_iter().map(Into::into).collect();
    let code: BTreeSet<String> = code.into_iter().map(str::to_owned).collect();
    let missing = code.difference(&page).map(|word| format!("{what}: the page lacks {word}"));
    let unknown = page.difference(&code).map(|word| format!("{what}: the code lacks {word}"));
    missing.chain(unknown).collect()
}

/// Every difference in keys and actions.
fn key_differences(page: &str) -> Vec<String> {
    let section = |title: &str| {
        let (_, rest) = page.split_once(title).unwrap_or_else(|| panic!("no {title}"));
        rest.split("\n## ").next().unwrap_or(rest).to_owned()
    };
    let first_cells = |text: &str| -> Vec<String> {
        let cells: Vec<String> =
            rows(text, "| key |").into_iter().map(|row| row[0].clone()).collect();
        let all = cells.iter().flat_map(|cell| words(cell));
        all.map(|word| word.trim_matches(['[', ']']).to_owned()).collect()
    };
    let table = section("## A table's file");
    let (column, database) = (section("### A column"), section("## `database.toml`"));
    let mut wrong = compared("database.toml", first_cells(&database), keys::DATABASE.to_vec());
    wrong.extend(compared("a table", first_cells(&table), keys::TABLE.to_vec()));
    wrong.extend(compared("a column", first_cells(&column), keys::COLUMN.to_vec()));
    for (list, known) in [
        ("`[[unique]]`", keys::UNIQUE),
        ("`[[index]]`", keys::INDEX),
        ("`[[foreign_key]]`", keys::FOREIGN_KEY),
        ("`[[check]]`", keys::CHECK),
        ("`[[constraint]]`", keys::CONSTRAINT),
    ] {
        let row = rows(&table, "| key |").into_iter().find(|row| row[0] == list);
        let cell = row.unwrap_or_else(|| panic!("no row {list}")).swap_remove(1);
        wrong.extend(compared(list, words(&cell), known.to_vec()));
    }
    let row = rows(&database, "| key |").into_iter().find(|row| row[0] == "`[[sequence]]`");
    let cell = row.unwrap_or_else(|| panic!("no row of sequences")).swap_remove(1);
    let named = cell.split(':').next().unwrap_or_default();
    wrong.extend(compared("[[sequence]]", words(named), keys::SEQUENCE.to_vec()));
    let braces = |text: &str| -> Vec<String> {
        let inner = text.split('{').skip(1).filter_map(|part| part.split('}').next());
        let items = inner.flat_map(|inner| inner.split(", "));
        items.map(|item| item.split('=').next().unwrap().trim().to_owned()).collect()
    };
    let primary = rows(&table, "| key |").into_iter().find(|row| row[0] == "`primary_key`");
    wrong.extend(compared("primary_key", braces(&primary.unwrap()[1]), keys::PRIMARY_KEY.to_vec()));
    let part = table.split("A part of an index is").nth(1).unwrap().split("\n\n").next().unwrap();
    wrong.extend(compared("a part of an index", braces(part), keys::PART.to_vec()));
    let actions = rows(&column, "| key |").into_iter().find(|row| row[0].contains("`on_delete`"));
    let actions = actions.unwrap();
    let known = ACTIONS.iter().map(|(word, _)| *word);
    wrong.extend(compared("actions", words(&actions[1]), known));
    if words(&actions[2]) != [ACTIONS[0].0] {
        wrong.push(format!("actions: the usual one is {}", ACTIONS[0].0));
    }
    wrong
}

#[test]
fn the_page_and_the_code_know_the_same_words() {
    let mut wrong = type_differences(PAGE);
    wrong.extend(key_differences(PAGE));
    assert_eq!(wrong, Vec::<String>::new(), "schema/README.md and model/src");
}

#[test]
fn a_page_that_says_something_else_is_noticed() {
    for (right, wrong, output) in [
        ("| `uuid` | `text`, `blob`,", "| `uuid` | `blob`, `text`,", "uuid: the page says"),
        ("`text_utc`, ", "", "encodings: the page lacks text_utc"),
        ("| `bytea` | `blob`, `hex`, `base64` |\n", "", "types: the page lacks bytea"),
        ("`float4`, ", "`float4`, `float16`, ", "types: the code lacks float16"),
        ("`set null`, ", "", "actions: the page lacks set null"),
        ("`deferred`, ", "", "the page lacks deferred"),
        ("| `ignore` |", "| `ignored` |", "database.toml: the code lacks ignored"),
        ("| `generated` |", "| `computed` |", "a column: the page lacks generated"),
        ("expression = \"lower(name)\"", "text = \"lower(name)\"", "lacks expression"),
        ("`{ columns = […], versions = \"…\" }`", "`{ columns = […] }`", "primary_key"),
    ] {
        let page = PAGE.replace(right, wrong);
        let mut found = type_differences(&page);
        found.extend(key_differences(&page));
        let noticed = found.iter().any(|line| line.contains(output));
        assert!(noticed, "{right}: {found:?}");
    }
}

#[test]
fn every_encoding_of_a_type_has_a_word_of_its_own() {
    for (word, ty) in PLAIN_TYPES {
        assert_eq!(parse_type(word, &[]), Some(*ty));
        assert!(ty.encodings().iter().all(|stored| !stored.word().is_empty()), "{word}");
    }
    for (place, (word, stored)) in STORED.iter().enumerate() {
        assert_eq!(stored.word(), *word);
        assert!(STORED[..place].iter().all(|(other, _)| other != word));
    }
}
