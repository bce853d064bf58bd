//! Columns that are known only at run time: the same codecs, found by a match that is made of the
//! one list of conversions.

use model::{Column, Stored, Type};

use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

/// Encodes a value of the column, as the codec that generated code would name does.
///
/// # Errors
/// As that codec.
#[inline]
pub fn encode_value(column: &Column, out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    encode_as(column.ty, column.stored, out, cell)
}

macro_rules! dispatch {
    ($(
        $ty:ident $(($inner:pat))? => [
            $($stored:ident: $codec:ident $(($($given:expr),*))?),* $(,)?
        ],
    )*) => {
        /// Encodes a value as the codec of the pair does.
        pub(super) fn encode_as(
            ty: Type,
            stored: Stored,
            out: &mut Out,
            cell: Cell<'_>,
        ) -> Result<(), Refused> {
            match ty {
                $(Type::$ty $(($inner))? => match stored {
                    $(Stored::$stored => super::$codec $(($($given),*))? (out, cell),)*
                    other => Err(unknown_encoding(ty, other)),
                },)*
            }
        }
    };
}

model::conversions!(dispatch);

/// Schema files with another pair are refused when they are read, and a run stops at a column that
/// is undecided; nothing is guessed here.
#[cold]
fn unknown_encoding(ty: Type, stored: Stored) -> Refused {
    Refused {
        id: Id::S1,
        expected: format!("an encoding of {ty}").into(),
        found: format!("a column described as stored = {stored:?}").into(),
    }
}
