//! Schema files: drafting them from databases, and saying how two schemas differ. A run that loads
//! tables uses none of it.

pub mod compare;
pub mod draft;
