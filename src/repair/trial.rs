//! Repairs are tried on the values of a finding before they are offered: one that changes none of
//! them is not offered, and one that helps with some of the rows says with how many.

use std::collections::BTreeSet;

use model::{Column, Stored};
use rusqlite::Connection;

use super::offer::example_action;
use super::{Action, RepairedValue, ValueRepair};
use crate::codec::{self, Cell, Out};
use crate::diagnostic::{Finding, Id, Offer, OfferedShare, RepairKind};

/// The units of counts since 1970.
const UNITS: [Stored; 4] = [Stored::UnixS, Stored::UnixMs, Stored::UnixUs, Stored::UnixNs];

/// So many different numbers are listed for a person to say what each stands for.
const NUMBERS_MAX: usize = 20;

/// An offer with what came of trying it.
struct Tried {
    offer: Offer,
    /// What it does to a value, with each argument that a person may name, and how many values each
    /// repairs; nothing where rows are repaired, and not values.
    value_repairs: Vec<(ValueRepair, u64)>,
}

impl Tried {
    /// How many values it repairs with the argument that suits them best.
    fn repaired(&self) -> u64 {
        self.value_repairs.iter().map(|(_, repaired)| *repaired).max().unwrap_or_default()
    }
}

/// The offers that help with a finding about the values of one column. `rows` is the table as SQL
/// of SQLite reads it.
///
/// # Errors
/// SQLite's.
pub fn keep_helpful_offers(
    connection: &Connection,
    rows: &str,
    column: &'static Column,
    finding: &Finding,
    offers: Vec<Offer>,
) -> rusqlite::Result<Vec<Offer>> {
    let mut tried: Vec<Tried> = offers.into_iter().map(|offer| trial_of(offer, column)).collect();
    let maps = tried.iter().any(|tried| tried.offer.kind == RepairKind::EnumMap);
    if !maps && tried.iter().all(|tried| tried.value_repairs.is_empty()) {
        return Ok(tried.into_iter().map(|tried| tried.offer).collect());
    }
    let name = model::sql::quote(column.source);
    let select = format!("SELECT {name} FROM {rows} WHERE {name} IS NOT NULL");
    let mut statement = connection.prepare(&select)?;
    let mut values = statement.query([])?;
    let mut out = Out::default();
    let (mut refused, mut numbers) = (0, maps.then(BTreeSet::new));
    while let Some(row) = values.next()? {
        let cell = row.get_ref(0)?;
        if is_refused(column, &mut out, cell) != Some(finding.id) {
            continue;
        }
        refused += 1;
        numbers = numbers.filter(|known| known.len() <= NUMBERS_MAX);
        match (cell, &mut numbers) {
            (Cell::Integer(value), Some(known)) => {
                known.insert(value);
            }
            _ => numbers = None,
        }
        for (value_repair, repaired) in tried.iter_mut().flat_map(|tried| &mut tried.value_repairs)
        {
            let fits = match value_repair.repair_value(cell, &mut Vec::new()) {
                None => false,
                Some(RepairedValue::Null) => column.null,
                Some(fixed) => is_refused(column, &mut out, fixed.as_cell()).is_none(),
            };
            *repaired += u64::from(fits);
        }
    }
    // Nothing is known of a finding that is not the codec's own.
    if refused == 0 {
        return Ok(tried.into_iter().map(|tried| tried.offer).collect());
    }
    let helps = |tried: &Tried| tried.value_repairs.is_empty() || tried.repaired() > 0;
    let share = |tried: Tried| {
        let repaired = tried.repaired();
        let repairs_all = tried.value_repairs.is_empty() || repaired == refused;
        let share = (!repairs_all).then_some(OfferedShare { repaired, all: refused });
        let text = match (tried.offer.kind, &numbers) {
            (RepairKind::EnumMap, Some(known)) => {
                let pairs: Vec<String> = known.iter().map(|old| format!("{old}=LABEL")).collect();
                Some(pairs.join(","))
            }
            _ => tried.offer.text,
        };
        Offer { share, text, ..tried.offer }
    };
    Ok(tried.into_iter().filter(helps).map(share).collect())
}

fn trial_of(offer: Offer, column: &'static Column) -> Tried {
    let action = example_action(offer.kind, offer.argument);
    // What makes the column another one leaves its values as they are.
    let changes = action.changes_values() && !offer.kind.changes_table();
    let actions = match action {
        _ if !changes || offer.column.is_none() => Vec::new(),
        Action::EpochUnit(_) => UNITS.map(Action::EpochUnit).to_vec(),
        // What it maps a person has to say.
        Action::EnumMap(_) => Vec::new(),
        action => vec![action],
    };
    let value_repairs =
        actions.into_iter().map(|action| (ValueRepair::of_action(column, action), 0));
    Tried { offer, value_repairs: value_repairs.collect() }
}

/// Under which id the codec refuses a value.
fn is_refused(column: &Column, out: &mut Out, cell: Cell<'_>) -> Option<Id> {
    let refused = codec::encode_value(column, out, cell).err().map(|why| why.id);
    while out.take_note().is_some() {}
    out.clear();
    refused
}
