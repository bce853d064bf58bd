//! Which repairs a finding can be answered with.

use model::{Column, Stored, Table, Type};

use super::resolve::check_word_fits;
use super::{Action, Charset, Place, RepairKind, Word};
use crate::diagnostic::{Finding, Found, Id, Offer, OfferedArgument, Severity};

const NONE: OfferedArgument = OfferedArgument::None;

/// The repairs that can answer a finding; whether a column can have them is a question of its own.
fn repairs_answering(id: Id) -> &'static [(RepairKind, OfferedArgument)] {
    use RepairKind::*;
    match id {
        Id::B3 => &[(NonzeroTrue, NONE), (EmptyAsNull, NONE), (Quarantine, NONE)],
        Id::D3
        | Id::D7
        | Id::D14
        | Id::D15
        | Id::D17
        | Id::D18
        | Id::J11
        | Id::K8
        | Id::K13
        | Id::S12
        | Id::S13 => &[(Quarantine, NONE)],
        Id::D5 => &[(NaiveZone, OfferedArgument::Zone), (Quarantine, NONE)],
        Id::D6 => &[(EpochUnit, OfferedArgument::Unit), (EmptyAsNull, NONE), (Quarantine, NONE)],
        Id::D9 | Id::D10 | Id::D13 | Id::S9 => &[(InvalidAsNull, NONE), (Quarantine, NONE)],
        Id::D16 => &[(EpochUnit, OfferedArgument::Unit), (Quarantine, NONE)],
        Id::K14 => &[(NullAs, OfferedArgument::Value), (Quarantine, NONE)],
        Id::J8 => &[(EnumMap, OfferedArgument::Map), (EmptyAsNull, NONE), (Quarantine, NONE)],
        Id::J1 => &[(Decode, OfferedArgument::Utf8), (EmptyAsNull, NONE), (Quarantine, NONE)],
        Id::D19 | Id::J6 | Id::J7 | Id::J9 | Id::J10 | Id::S1 | Id::T9 => {
            &[(EmptyAsNull, NONE), (Quarantine, NONE)]
        }
        Id::J2 | Id::T1 => &[(StripNul, NONE), (ReplaceNul, NONE), (Quarantine, NONE)],
        Id::J3 => &[(ReplaceInvalid, NONE), (Quarantine, NONE)],
        Id::K5 => &[
            (ParentSpelling, NONE),
            (OrphanNull, NONE),
            (OrphanQuarantine, NONE),
            (OrphanNotValid, NONE),
        ],
        Id::K1 => &[(OrphanNull, NONE), (OrphanQuarantine, NONE), (OrphanNotValid, NONE)],
        Id::K1b => &[
            (ZeroAsNull, NONE),
            (OrphanNull, NONE),
            (OrphanQuarantine, NONE),
            (OrphanNotValid, NONE),
        ],
        Id::K10 | Id::K11 | Id::K16 | Id::S16 | Id::T8 => &[(DuplicateQuarantine, NONE)],
        Id::S3 | Id::S6 | Id::S7 | Id::S11 => &[(Round, NONE), (Quarantine, NONE)],
        Id::T2 => &[
            (Decode, OfferedArgument::Latin1),
            (Decode, OfferedArgument::Cp1252),
            (ReplaceInvalid, NONE),
            (Quarantine, NONE),
        ],
        Id::T5 => &[(Decode, OfferedArgument::Utf8), (Quarantine, NONE)],
        Id::T7 => &[(Truncate, NONE), (Widen, NONE), (Quarantine, NONE)],
        _ => &[],
    }
}

/// The kinds of repairs that can answer a finding.
pub fn repair_kinds_answering(id: Id) -> impl Iterator<Item = RepairKind> {
    repairs_answering(id).iter().map(|(kind, _)| *kind)
}

/// The repairs that a finding about a table of this description offers.
pub fn offer_repairs(finding: &Finding, table: &'static Table) -> Vec<Offer> {
    // A column with more than one unit has no value that is refused.
    if finding.severity != Severity::Error || finding.id == Id::D6 && finding.expected.is_empty() {
        return Vec::new();
    }
    // A key of several columns is repaired by its first that can be.
    let columns: Vec<&'static Column> =
        finding.columns.iter().filter_map(|name| table.column(name)).collect();
    let has = |is: fn(&Found) -> bool| finding.examples.iter().any(|example| is(&example.found));
    let answers_it = |kind: RepairKind| match kind {
        RepairKind::EmptyAsNull => has(Found::is_empty_text),
        RepairKind::ParentSpelling => columns.len() == 1,
        // Whatever is typed becomes text or a number there, and no blob.
        RepairKind::NullAs => columns.first().is_some_and(|column| is_typed(column)),
        RepairKind::EnumMap => has(|found| !matches!(found, Found::Blob { .. } | Found::Real(_))),
        // Where counts are described, another unit would only make other times of the numbers.
        RepairKind::EpochUnit => {
            let counts = columns.first().is_some_and(|column| column.stored.counts_since_a_day());
            !counts && (finding.id == Id::D6 || has(Found::is_long_number))
        }
        _ => true,
    };
    let offer = |(kind, argument): &(RepairKind, OfferedArgument)| {
        let column = match Word::of_kind(*kind).place {
            Place::Table => None,
            Place::Column | Place::Any => {
                let action = example_action(*kind, *argument);
                // What a person types decides whether the column takes it.
                let can_be = |column: &&&'static Column| {
                    *kind == RepairKind::NullAs
                        || check_word_fits(&action, table, Some(column)).is_ok()
                };
                Some(columns.iter().find(can_be)?.name.to_owned())
            }
        };
        let text = match kind {
            RepairKind::NullAs => columns.first().and_then(|column| typed_default(column, table)),
            _ => None,
        };
        let (database, table) = (finding.database.clone(), table.name.to_owned());
        let (kind, argument) = (*kind, *argument);
        Some(Offer { kind, argument, text, database, table, column, share: None })
    };
    repairs_answering(finding.id)
        .iter()
        .filter(|(kind, _)| answers_it(*kind))
        .filter_map(offer)
        .collect()
}

fn is_typed(column: &Column) -> bool {
    let bytes = matches!(column.stored, Stored::BlobAsHex | Stored::BlobAsBase64);
    let id = column.ty == Type::Uuid && column.stored != Stored::Text;
    !bytes && !id
}

/// The column's default in PostgreSQL, where that is a constant which the repair can put there.
fn typed_default(column: &Column, table: &Table) -> Option<String> {
    let text = constant_of_default(column.default?)?;
    let action = Action::NullAs(text.clone());
    check_word_fits(&action, table, Some(column)).is_ok().then_some(text)
}

/// `'queued'::job_state` is `queued`; none for what the server computes.
fn constant_of_default(default: &str) -> Option<String> {
    let default = default.trim();
    let Some(quoted) = default.strip_prefix('\'') else {
        let is_number = default.parse::<f64>().is_ok_and(f64::is_finite);
        let constant = is_number || matches!(default, "true" | "false");
        return constant.then(|| default.to_owned());
    };
    let (mut text, mut rest) = (String::new(), quoted);
    loop {
        let (part, after) = rest.split_once('\'')?;
        text.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                text.push('\'');
                rest = more;
            }
            None => return (after.is_empty() || after.starts_with("::")).then_some(text),
        }
    }
}

/// A repair of the kind. What a person has to name is made up: any will do to see whether the
/// repair fits a column.
pub(super) fn example_action(kind: RepairKind, argument: OfferedArgument) -> Action {
    match kind {
        RepairKind::StripNul => Action::StripNul,
        RepairKind::ReplaceNul => Action::ReplaceNul(char::REPLACEMENT_CHARACTER),
        RepairKind::Decode => Action::Decode(match argument {
            OfferedArgument::Cp1252 => Charset::Cp1252,
            OfferedArgument::Utf8 => Charset::Utf8,
            _ => Charset::Latin1,
        }),
        RepairKind::ReplaceInvalid => Action::ReplaceInvalid,
        RepairKind::EnumMap => Action::EnumMap(std::collections::BTreeMap::new()),
        RepairKind::EmptyAsNull => Action::EmptyAsNull,
        RepairKind::ZeroAsNull => Action::ZeroAsNull,
        RepairKind::InvalidAsNull => Action::InvalidAsNull,
        RepairKind::NullAs => Action::NullAs("0".to_owned()),
        RepairKind::NonzeroTrue => Action::NonzeroTrue,
        RepairKind::Round => Action::Round,
        RepairKind::EpochUnit => Action::EpochUnit(Stored::UnixS),
        RepairKind::NaiveZone => Action::NaiveZone("UTC".to_owned()),
        RepairKind::KeepWallClock => Action::KeepWallClock,
        RepairKind::Truncate => Action::Truncate,
        RepairKind::Widen => Action::Widen,
        RepairKind::ParentSpelling => Action::ParentSpelling,
        RepairKind::OrphanNull => Action::OrphanNull,
        RepairKind::OrphanQuarantine => Action::OrphanQuarantine,
        RepairKind::OrphanNotValid => Action::OrphanNotValid,
        RepairKind::DuplicateQuarantine => Action::DuplicateQuarantine,
        RepairKind::Quarantine => Action::Quarantine,
    }
}
