//! Comparing two structures: `migrate schema diff`.
//!
//! [`side`] says what a side is and brings both into one form ([`shape`]), [`server`] where one of
//! them is a server; [`diff`] compares
//! them and says what each difference means for a migration; [`print`] and [`html`] show it.

pub mod diff;
pub mod html;
mod offline;
pub mod print;
pub mod server;
pub mod shape;
pub mod side;
mod spelling;
