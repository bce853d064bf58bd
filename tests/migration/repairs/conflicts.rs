//! Repairs that are not taken.
