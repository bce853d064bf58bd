//! Which repairs a finding can be answered with, as the flags to type.

use model::{Column, Stored, Table, Type};

use super::WORDS;
use crate::finding::{Finding, Severity};

/// Id, words with their argument, and whether the column must allow NULL for each.
const OFFERS: &[(&str, &[&str])] = &[
    ("B3", &["nonzero-true", "quarantine"]),
    ("D3", &["quarantine"]),
    ("D5", &["naive-zone:ZONE", "quarantine"]),
    ("D6", &["epoch-unit:UNIT", "quarantine"]),
    ("D7", &["quarantine"]),
    ("D9", &["invalid-as-null", "quarantine"]),
    ("D10", &["invalid-as-null", "quarantine"]),
    ("D13", &["invalid-as-null", "quarantine"]),
    ("D14", &["quarantine"]),
    ("D15", &["quarantine"]),
    ("D16", &["quarantine"]),
    ("D17", &["quarantine"]),
    ("D18", &["quarantine"]),
    ("D19", &["quarantine"]),
    ("J1", &["empty-as-null", "quarantine"]),
    ("J2", &["strip-nul", "replace-nul", "quarantine"]),
    ("J3", &["replace-invalid", "quarantine"]),
    ("J6", &["empty-as-null", "quarantine"]),
    ("J7", &["empty-as-null", "quarantine"]),
    ("J8", &["empty-as-null", "quarantine"]),
    ("J9", &["empty-as-null", "quarantine"]),
    ("J10", &["empty-as-null", "quarantine"]),
    ("K1", &["orphan-null", "orphan-quarantine", "orphan-not-valid"]),
    ("K1b", &["orphan-null", "orphan-quarantine", "orphan-not-valid"]),
    ("K5", &["orphan-null", "orphan-quarantine", "orphan-not-valid"]),
    ("K8", &["quarantine"]),
    ("K10", &["duplicate-quarantine"]),
    ("K11", &["duplicate-quarantine"]),
    ("K14", &["quarantine"]),
    ("S1", &["empty-as-null", "quarantine"]),
    ("S3", &["round", "quarantine"]),
    ("S6", &["round", "quarantine"]),
    ("S7", &["round", "quarantine"]),
    ("S9", &["invalid-as-null", "quarantine"]),
    ("S11", &["round", "quarantine"]),
    ("S12", &["quarantine"]),
    ("S13", &["quarantine"]),
    ("S16", &["duplicate-quarantine"]),
    ("T1", &["strip-nul", "replace-nul", "quarantine"]),
    ("T2", &["decode:latin-1", "decode:cp1252", "replace-invalid", "quarantine"]),
    ("T5", &["decode:utf-8", "quarantine"]),
    ("T7", &["truncate", "widen", "quarantine"]),
    ("T8", &["duplicate-quarantine"]),
    ("T9", &["empty-as-null", "quarantine"]),
];

/// The words that can answer a finding, without their arguments.
pub fn words(id: &str) -> impl Iterator<Item = &'static str> {
    let all = OFFERS.iter().find(|(known, _)| *known == id).map_or(&[][..], |(_, words)| words);
    all.iter().map(|word| word.split(':').next().unwrap_or(word))
}

/// The flags for a finding about a table of this description.
pub fn flags(finding: &Finding, table: &'static Table) -> Vec<String> {
    if finding.severity != Severity::Error {
        return Vec::new();
    }
    let offered = OFFERS.iter().find(|(id, _)| *id == finding.id).map_or(&[][..], |(_, w)| w);
    // A key of several columns is repaired by its first that can be.
    let columns: Vec<&'static Column> =
        finding.column.split(", ").filter_map(|name| table.column(name)).collect();
    let flag = |said: &&str| {
        let word = said.split(':').next().unwrap_or(said);
        let known = WORDS.iter().find(|known| known.name == word)?;
        if known.place == super::Place::Table {
            return Some(format!("--repair {}.{}={said}", finding.database, table.name));
        }
        let column = columns.iter().find(|column| can(word, column, table))?;
        let place = format!("{}.{}.{}", finding.database, table.name, column.name);
        Some(format!("--repair {place}={said}"))
    };
    offered.iter().filter_map(flag).collect()
}

/// Whether the word is for such a column, as far as its word and NULL decide.
fn can(word: &str, column: &Column, table: &Table) -> bool {
    let null = column.null && !table.primary_key.contains(&column.name);
    match word {
        "empty-as-null" => null && !matches!(column.ty, Type::Bytea),
        "invalid-as-null" | "orphan-null" => null,
        "round" => column.ty != Type::Numeric(None),
        "epoch-unit" => matches!(column.stored, Stored::Text | Stored::TextUtc),
        _ => true,
    }
}
