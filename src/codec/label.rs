//! Enum labels.

use super::refuse::refuse_showing_shape;
use super::{Cell, Codec, Out, Refused};
use crate::diagnostic::Id;

/// So much of a list of labels is read.
const SHOWN_MAX: usize = 200;

/// An enum stored as text.
///
/// The returned codec refuses everything but the labels (`J8`).
#[inline]
pub fn label(labels: &'static [&'static str]) -> impl Codec + Copy {
    move |out: &mut Out, cell: Cell<'_>| put_label(out, cell, labels)
}

#[inline]
pub(super) fn put_label(out: &mut Out, cell: Cell<'_>, labels: &[&str]) -> Result<(), Refused> {
    match cell {
        Cell::Text(bytes) if labels.iter().any(|label| label.as_bytes() == bytes) => {
            out.write_field(bytes);
            Ok(())
        }
        _ => Err(refuse_showing_shape(Id::J8, list_labels(labels), cell)),
    }
}

#[cold]
fn list_labels(labels: &[&str]) -> String {
    let mut expected = format!("one of {}", labels.join(", "));
    if let Some((end, _)) = expected.char_indices().nth(SHOWN_MAX) {
        expected.truncate(end);
        expected.push('…');
    }
    expected
}
