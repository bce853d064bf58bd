//! A property: of random columns of numbers, a draft never states a unit that nothing proves.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::{Case, migrate};
use crate::server;

/// The encodings by their words: units in a second, and seconds from their first day to 1970.
const UNITS: &[(&str, f64, i64)] = &[
    ("unix_s", 1.0, 0),
    ("unix_ms", 1e3, 0),
    ("unix_us", 1e6, 0),
    ("unix_ns", 1e9, 0),
    ("apple_s", 1.0, -978_307_200),
    ("apple_ns", 1e9, -978_307_200),
    ("webkit_us", 1e6, 11_644_473_600),
    ("filetime", 1e7, 11_644_473_600),
    ("dotnet_ticks", 1e7, 62_135_596_800),
];

/// Defaults that prove a unit, by its word.
const DEFAULTS: &[(&str, &str)] = &[
    ("unix_s", "(unixepoch())"),
    ("unix_s", "(strftime('%s', 'now'))"),
    ("unix_ms", "(CAST(strftime('%s', 'now') AS INTEGER) * 1000)"),
];

/// How a column's unit is proved.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Proof {
    None,
    Default,
    Neighbour,
    /// A text of times that are others.
    Contradicted,
}

#[derive(Clone, Debug)]
struct Column {
    unit: usize,
    declared: &'static str,
    ty: &'static str,
    /// Seconds from 1970.
    times: Vec<i64>,
    proof: Proof,
}

fn columns() -> impl Strategy<Value = Column> {
    let proof = prop_oneof![
        4 => Just(Proof::None),
        1 => Just(Proof::Default),
        1 => Just(Proof::Neighbour),
        1 => Just(Proof::Contradicted),
    ];
    // Far from 1970, so that no time is the same under two units.
    let time = prop_oneof![200_000_000..4_000_000_000_i64, 1_600_000_000..1_800_000_000_i64];
    (
        0..UNITS.len(),
        prop::sample::select(vec!["INTEGER", "BIGINT", "DATETIME", "TIMESTAMP", ""]),
        prop::sample::select(vec!["timestamptz", "timestamp"]),
        prop::collection::vec(time, 1..5),
        proof,
    )
        .prop_map(|(unit, declared, ty, times, proof)| {
            let known = DEFAULTS.iter().any(|(word, _)| *word == UNITS[unit].0);
            let proof = if proof == Proof::Default && !known { Proof::None } else { proof };
            Column { unit, declared, ty, times, proof }
        })
}

impl Column {
    fn word(&self) -> &'static str {
        UNITS[self.unit].0
    }

    fn proved(&self) -> bool {
        matches!(self.proof, Proof::Default | Proof::Neighbour)
    }

    /// The statements for SQLite.
    fn source(&self, name: &str) -> String {
        let (_, factor, before) = UNITS[self.unit];
        let default = DEFAULTS.iter().find(|(word, _)| *word == self.word());
        let default = default.filter(|_| self.proof == Proof::Default);
        let default = default.map_or(String::new(), |(_, text)| format!("DEFAULT {text}"));
        let mut sql = format!("CREATE TABLE {name} (c {} {default}, said TEXT);\n", self.declared);
        for time in &self.times {
            let count = i128::from(time + before) * (factor as i128);
            let shift = if self.proof == Proof::Contradicted { 3601 } else { 0 };
            let output = match self.proof {
                Proof::None | Proof::Default => "NULL".to_owned(),
                _ => {
                    let output = jiff::Timestamp::from_second(time + shift).unwrap();
                    format!("'{}'", output.strftime("%Y-%m-%d %H:%M:%S"))
                }
            };
            sql += &format!("INSERT INTO {name} VALUES ({count}, {output});\n");
        }
        sql
    }
}

#[test]
fn a_draft_states_no_unit_that_nothing_proves() {
    let mut runner = TestRunner::deterministic();
    let all = prop::collection::vec(columns(), 60).new_tree(&mut runner).unwrap().current();
    let named = || all.iter().enumerate().map(|(at, column)| (format!("t{at}"), column));
    let case = Case::new(&named().map(|(name, column)| column.source(&name)).collect::<String>());
    let database = server::database(server::shared());
    let tables: String = named()
        .map(|(name, column)| format!("CREATE TABLE {name} (c {}, said text);\n", column.ty))
        .collect();
    server::connect(&database.url).client.batch_execute(&tables).unwrap();
    let (file, out) = (case.file(), case.out());
    let words = ["schema", "draft", "--source", &file, "--target", &database.url, "--out", &out];
    let ran = migrate(&words);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for (name, column) in named() {
        let line = case.column(&name, "c");
        let wanted = if column.proved() { column.word() } else { "undecided" };
        let output = format!("stored = \"{wanted}\"");
        assert!(line.contains(&output), "{output} in {line}\n{column:?}");
    }
    std::fs::remove_dir_all(case.out()).unwrap();
    case.draft();
    for (name, column) in named() {
        let line = case.column(&name, "c");
        // A column that is not declared as a time is none.
        let time = matches!(column.declared, "DATETIME" | "TIMESTAMP");
        let wanted = match time && column.proved() {
            true => format!("type = \"timestamptz\", stored = \"{}\"", column.word()),
            false => "type = \"int8\", null = true".to_owned(),
        };
        let drafted = line.split("  #").next().unwrap();
        let plain = drafted.split(", default").next().unwrap();
        assert!(plain.contains(wanted.split(", null").next().unwrap()), "{line}\n{column:?}");
        assert_eq!(drafted.contains("stored"), time && column.proved(), "{line}\n{column:?}");
    }
    let copied = case.copy(&server::database(server::shared()).url);
    assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
}
