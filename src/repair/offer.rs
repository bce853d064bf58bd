//! Which repairs a finding can be answered with, as the flags to type.

use model::{Column, Table};

use super::resolve::fits;
use super::{Place, WORDS, read_flag};
use crate::diagnostic::{Example, Finding, Id, Severity};

/// Id, and words with their argument; whether a column can have them is looked at.
const OFFERS: &[(Id, &[&str])] = &[
    (Id::B3, &["nonzero-true", "quarantine"]),
    (Id::D3, &["quarantine"]),
    (Id::D5, &["naive-zone:ZONE", "quarantine"]),
    (Id::D6, &["epoch-unit:UNIT", "empty-as-null", "quarantine"]),
    (Id::D7, &["quarantine"]),
    (Id::D9, &["invalid-as-null", "quarantine"]),
    (Id::D10, &["invalid-as-null", "quarantine"]),
    (Id::D13, &["invalid-as-null", "quarantine"]),
    (Id::D14, &["quarantine"]),
    (Id::D15, &["quarantine"]),
    (Id::D16, &["epoch-unit:UNIT", "quarantine"]),
    (Id::D17, &["quarantine"]),
    (Id::D18, &["quarantine"]),
    (Id::D19, &["quarantine"]),
    (Id::J1, &["empty-as-null", "quarantine"]),
    (Id::J2, &["strip-nul", "replace-nul", "quarantine"]),
    (Id::J3, &["replace-invalid", "quarantine"]),
    (Id::J6, &["empty-as-null", "quarantine"]),
    (Id::J7, &["empty-as-null", "quarantine"]),
    (Id::J8, &["empty-as-null", "quarantine"]),
    (Id::J9, &["empty-as-null", "quarantine"]),
    (Id::J10, &["empty-as-null", "quarantine"]),
    (Id::K1, &["orphan-null", "orphan-quarantine", "orphan-not-valid"]),
    (Id::K1b, &["zero-as-null", "orphan-null", "orphan-quarantine", "orphan-not-valid"]),
    (Id::K5, &["orphan-null", "orphan-quarantine", "orphan-not-valid"]),
    (Id::K8, &["quarantine"]),
    (Id::K10, &["duplicate-quarantine"]),
    (Id::K11, &["duplicate-quarantine"]),
    (Id::K14, &["quarantine"]),
    (Id::S1, &["empty-as-null", "quarantine"]),
    (Id::S3, &["round", "quarantine"]),
    (Id::S6, &["round", "quarantine"]),
    (Id::S7, &["round", "quarantine"]),
    (Id::S9, &["invalid-as-null", "quarantine"]),
    (Id::S11, &["round", "quarantine"]),
    (Id::S12, &["quarantine"]),
    (Id::S13, &["quarantine"]),
    (Id::S16, &["duplicate-quarantine"]),
    (Id::T1, &["strip-nul", "replace-nul", "quarantine"]),
    (Id::T2, &["decode:latin-1", "decode:cp1252", "replace-invalid", "quarantine"]),
    (Id::T5, &["decode:utf-8", "quarantine"]),
    (Id::T7, &["truncate", "widen", "quarantine"]),
    (Id::T8, &["duplicate-quarantine"]),
    (Id::T9, &["empty-as-null", "quarantine"]),
];

/// The words that can answer a finding, without their arguments.
pub fn words(id: Id) -> impl Iterator<Item = &'static str> {
    let all = OFFERS.iter().find(|(known, _)| *known == id).map_or(&[][..], |(_, words)| words);
    all.iter().map(|word| word.split(':').next().unwrap_or(word))
}

/// The flags for a finding about a table of this description.
pub fn flags(finding: &Finding, table: &'static Table) -> Vec<String> {
    // A column with more than one unit has no value that is refused.
    if finding.severity != Severity::Error || finding.id == Id::D6 && finding.expected.is_empty() {
        return Vec::new();
    }
    let offered = OFFERS.iter().find(|(id, _)| *id == finding.id).map_or(&[][..], |(_, w)| w);
    // A key of several columns is repaired by its first that can be.
    let columns: Vec<&'static Column> =
        finding.column.split(", ").filter_map(|name| table.column(name)).collect();
    let empty = |example: &Example| {
        example.found.starts_with("empty text") || example.found.starts_with("text of 0 bytes")
    };
    let digits = |example: &Example| {
        let shape = example.found.strip_prefix("text like ");
        shape.is_some_and(|shape| shape.len() > 8 && shape.bytes().all(|byte| byte == b'9'))
    };
    let flag = |said: &&str| {
        let word = said.split(':').next().unwrap_or(said);
        if word == "empty-as-null" && !finding.examples.iter().any(empty) {
            return None;
        }
        // Where counts are described, another unit would only make other times of the numbers.
        let dated = columns.first().is_some_and(|column| column.stored.counts_since_a_day());
        let digits = finding.id == Id::D6 || finding.examples.iter().any(digits);
        if word == "epoch-unit" && (dated || !digits) {
            return None;
        }
        let known = WORDS.iter().find(|known| known.name == word)?;
        let table_place = format!("{}.{}", finding.database, table.name);
        if known.place == Place::Table {
            return Some(format!("--repair {table_place}={said}"));
        }
        // What stands for an argument is for a person to say; any will do to see whether it fits.
        let tried = said.replace("ZONE", "UTC").replace("UNIT", "s");
        let fits = |column: &&&'static Column| {
            let flag = format!("{table_place}.{}={tried}", column.name);
            read_flag(&flag).is_ok_and(|asked| fits(&asked.action, table, Some(column)).is_ok())
        };
        let column = columns.iter().find(fits)?;
        Some(format!("--repair {table_place}.{}={said}", column.name))
    };
    offered.iter().filter_map(flag).collect()
}
