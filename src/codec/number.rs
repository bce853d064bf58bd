//! Numbers.

use super::{Cell, Out, Refused};

/// `int8` stored as an integer.
///
/// # Errors
/// When the value is not a whole number of 64 bits.
#[inline]
pub fn int8(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Integer(value) => {
            out.field(&value.to_be_bytes());
            Ok(())
        }
        _ => Err(Refused {
            id: "S1",
            expected: "an integer of 64 bits".into(),
            found: "something else".into(),
        }),
    }
}
