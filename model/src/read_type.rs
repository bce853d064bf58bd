//! The type and the encoding that a column's line says.

use crate::read::leak;
use crate::types::{Enum, STORED, Stored, Type, UNDECIDED, parse_type};
use crate::walk::{Entries, Walk};

/// The type and the encoding of a column, when its type is known.
pub(crate) fn read_type(
    walk: &mut Walk<'_>,
    what: &str,
    line: usize,
    entries: &Entries<'_, '_>,
    enums: Option<&[Enum]>,
) -> Option<(Type, Stored)> {
    let Some(word) = walk.read_string(entries.get("type"), "type") else {
        if entries.get("type").is_none() {
            walk.faults.add(walk.file, line, format!("{what} needs a `type`"));
        }
        return None;
    };
    let Some(ty) = parse_type(&word, enums.unwrap_or_default()) else {
        return read_foreign_type(walk, what, line, &word, entries, enums);
    };
    let Some(word) = walk.read_string(entries.get("stored"), "stored") else {
        return Some((ty, ty.usual_encoding()));
    };
    if word == UNDECIDED {
        return Some((ty, Stored::Undecided));
    }
    match STORED.iter().find(|(known, _)| *known == word) {
        Some((_, found)) if ty.encodings().contains(found) => Some((ty, *found)),
        _ => {
            let list: Vec<_> = ty.encodings().iter().map(|known| known.word()).collect();
            let list = list.join(", ");
            let text = format!("{what}: {ty} cannot be stored as `{word}`, but as {list}");
            walk.faults.add(walk.file, line, text);
            Some((ty, ty.usual_encoding()))
        }
    }
}

/// A type that no codec makes: its line must say that the server reads it, or that this is open.
fn read_foreign_type(
    walk: &mut Walk<'_>,
    what: &str,
    line: usize,
    word: &str,
    entries: &Entries<'_, '_>,
    enums: Option<&[Enum]>,
) -> Option<(Type, Stored)> {
    let stated = entries.get("stored").and_then(|value| value.get_ref().as_str());
    // Where database.toml could not be read, any word may be an enum of it.
    enums?;
    let stored = match stated {
        Some(UNDECIDED) if !word.is_empty() => Stored::Undecided,
        Some(stated) if stated == Stored::ServerText.word() && !word.is_empty() => {
            Stored::ServerText
        }
        _ => {
            let text = format!("{what}: unknown type `{word}`; schema/README.md lists them");
            walk.faults.add(walk.file, line, text);
            return None;
        }
    };
    Some((Type::ReadByServer(leak(word)), stored))
}
