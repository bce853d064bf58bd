//! Whether a load can go into the tables that an application has made in the target: [`fit`]
//! compares their columns with the schema files, [`obstacles`] says what else keeps a load out.

pub mod fit;
mod kinds;
pub mod obstacles;

pub use kinds::find_unfit_tables;
