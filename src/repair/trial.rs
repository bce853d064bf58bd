//! Repairs are tried on the values of a finding before they are offered: one that changes none of
//! them is not offered, and one that helps with some of the rows says with how many.

use model::Column;
use rusqlite::Connection;

use super::offer::example_action;
use super::{Fixed, Mending};
use crate::codec::{self, Cell, Out};
use crate::diagnostic::{Finding, Id, Offer, OfferedShare};

/// On so many refused values repairs are tried.
const VALUES_MOST: u64 = 10_000;

/// An offer with what came of trying it.
struct Tried {
    offer: Offer,
    /// None where rows are repaired, and not values.
    mending: Option<Mending>,
    repaired: u64,
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
    if tried.iter().all(|tried| tried.mending.is_none()) {
        return Ok(tried.into_iter().map(|tried| tried.offer).collect());
    }
    let name = model::sql::quote(column.source);
    let select = format!("SELECT {name} FROM {rows} WHERE {name} IS NOT NULL");
    let mut statement = connection.prepare(&select)?;
    let mut values = statement.query([])?;
    let mut out = Out::default();
    let mut refused = 0;
    while let (Some(row), true) = (values.next()?, refused < VALUES_MOST) {
        let cell = row.get_ref(0)?;
        if is_refused(column, &mut out, cell) != Some(finding.id) {
            continue;
        }
        refused += 1;
        for tried in &mut tried {
            let fixed = tried.mending.as_ref().map(|m| m.mend_value(cell, &mut Vec::new()));
            let fits = match fixed.flatten() {
                None => false,
                Some(Fixed::Null) => column.null,
                Some(fixed) => is_refused(column, &mut out, fixed.as_cell()).is_none(),
            };
            tried.repaired += u64::from(fits);
        }
    }
    // Nothing is known of a finding that is not the codec's own.
    if refused == 0 {
        return Ok(tried.into_iter().map(|tried| tried.offer).collect());
    }
    let helps = |tried: &Tried| tried.mending.is_none() || tried.repaired > 0;
    let share = |tried: Tried| {
        let is_whole = tried.mending.is_none() || tried.repaired == refused;
        let share = (!is_whole && refused < VALUES_MOST)
            .then_some(OfferedShare { repaired: tried.repaired, all: refused });
        Offer { share, ..tried.offer }
    };
    Ok(tried.into_iter().filter(helps).map(share).collect())
}

fn trial_of(offer: Offer, column: &'static Column) -> Tried {
    let action = example_action(offer.kind, offer.argument);
    // What makes the column another one leaves its values as they are.
    let changes = action.changes_values() && !offer.kind.changes_table();
    let mending = (changes && offer.column.is_some()).then(|| Mending::of_action(column, action));
    Tried { offer, mending, repaired: 0 }
}

/// Under which id the codec refuses a value.
fn is_refused(column: &Column, out: &mut Out, cell: Cell<'_>) -> Option<Id> {
    let refused = codec::encode_value(column, out, cell).err().map(|why| why.id);
    while out.take_note().is_some() {}
    out.clear();
    refused
}
