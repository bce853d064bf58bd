//! Repairs of rows.
