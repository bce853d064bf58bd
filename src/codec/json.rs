//! `json` and `jsonb`: text that is checked at least as strictly as PostgreSQL checks it.
//!
//! The one type whose text the server reads again. The check does not call itself, so that no
//! document, however deep, can exhaust the stack.

use super::decimal::{Decimal, Printed};
use super::refuse::{refuse_at_place, refuse_showing_size};
use super::scan::{Quoted, Scanner};
use super::{Cell, Out, Refused, numeric, text};
use crate::diagnostic::Id;

const EXPECTED: &str = "JSON";

/// Arrays and objects within each other; PostgreSQL's own limit depends on its stack.
const DEPTH_MAX: usize = 512;

/// The longest string that `jsonb` can hold.
const STRING_MAX: usize = 268_435_455;

/// The version that begins the binary form of `jsonb`.
const VERSION: u8 = 1;

/// `json` stored as text; it is kept as it is written.
///
/// # Errors
/// When the value is not JSON (`J1`), is SQLite's binary JSON (`J5`), holds a NUL (`T1`) or is not
/// UTF-8 (`T2`).
pub fn json(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    match cell {
        Cell::Text(bytes) => {
            text::valid_text(bytes, EXPECTED)?;
            check_document(bytes, None).map_err(|trouble| trouble.into_refusal(cell))?;
            out.write_field(bytes);
        }
        _ => {
            let printed = number_as_json(out, cell)?;
            out.write_field(printed.as_bytes());
        }
    }
    Ok(())
}

/// `jsonb` stored as text.
///
/// # Errors
/// As [`json`], and for an escaped NUL (`J2`), a lone surrogate (`J3`), and a string or a number
/// that `jsonb` does not hold (`J1`).
pub fn jsonb(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    let printed;
    let bytes = match cell {
        Cell::Text(bytes) => {
            text::valid_text(bytes, EXPECTED)?;
            let mut keys = out.take_scratch();
            let checked = check_document(bytes, Some(&mut keys));
            out.give_scratch(keys);
            if checked.map_err(|trouble| trouble.into_refusal(cell))? {
                out.add_note(Id::J4);
            }
            bytes
        }
        _ => {
            printed = number_as_json(out, cell)?;
            printed.as_bytes()
        }
    };
    out.write_field_with(|field| {
        field.push(VERSION);
        field.extend_from_slice(bytes);
    });
    Ok(())
}

/// Whether a blob is SQLite's own binary JSON: a header with the kind and the length of what
/// follows, and exactly that many bytes.
#[cold]
fn is_sqlite_jsonb(bytes: &[u8]) -> bool {
    let Some((first, rest)) = bytes.split_first() else { return false };
    let width = match first >> 4 {
        short @ 0..=11 => return first & 15 <= 12 && rest.len() == usize::from(short),
        12 => 1,
        13 => 2,
        14 => 4,
        _ => 8,
    };
    let Some((length, rest)) = rest.split_at_checked(width) else { return false };
    let length = length.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    first & 15 <= 12 && rest.len() as u64 == length
}

/// A number in a column of JSON, without an exponent and without a fraction that is zero.
fn number_as_json(out: &mut Out, cell: Cell<'_>) -> Result<String, Refused> {
    let printed = match cell {
        Cell::Integer(value) => value.to_string(),
        Cell::Real(value) if value.is_finite() => {
            let printed = Printed::shortest(value);
            Decimal::parse(printed.as_bytes())
                .map(|number| number.plain_string())
                .unwrap_or_default()
        }
        Cell::Blob(bytes) if is_sqlite_jsonb(bytes) => {
            return Err(refuse_showing_size(Id::J5, EXPECTED, cell));
        }
        _ => return Err(refuse_showing_size(Id::J1, EXPECTED, cell)),
    };
    out.add_note(Id::S5);
    Ok(printed)
}

/// What is wrong, and where.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    id: Id,
    what: &'static str,
    at: usize,
}

impl Trouble {
    fn into_refusal(self, cell: Cell<'_>) -> Refused {
        refuse_at_place(self.id, EXPECTED, cell, self.what, self.at)
    }
}

/// Checks a document; for `jsonb` (with memory for keys) says whether an object repeats a key.
fn check_document(text: &[u8], keys: Option<&mut Vec<u64>>) -> Result<bool, Trouble> {
    let mut none = Vec::new();
    let binary = keys.is_some();
    let mut check = Check {
        text,
        scanner: Scanner::starting_at(text, 0),
        depth: 0,
        objects: [0; DEPTH_MAX / 64],
        binary,
        keys: keys.unwrap_or(&mut none),
        first: 0,
        repeated: false,
    };
    while check.find_value()? {}
    Ok(check.repeated)
}

/// A document half read.
struct Check<'a, 'k> {
    text: &'a [u8],
    scanner: Scanner<'a>,
    /// How many arrays and objects are open.
    depth: usize,
    /// A bit for each of them: set for an object.
    objects: [u64; DEPTH_MAX / 64],
    /// Whether it is for `jsonb`.
    binary: bool,
    /// The keys of the open objects (hash and offset); before those of each object the place
    /// where those of the object around it begin.
    keys: &'k mut Vec<u64>,
    /// Where the keys of the innermost object begin.
    first: usize,
    repeated: bool,
}

impl<'a> Check<'a, '_> {
    /// Reads up to the next place where a value must come; false when the document has ended.
    fn find_value(&mut self) -> Result<bool, Trouble> {
        self.scanner.skip_space();
        match self.scanner.peek() {
            Some(b'{') => {
                self.open_container(true)?;
                if !self.scanner.eat_byte(b'}') {
                    self.read_key()?;
                    return Ok(true);
                }
                self.close_container();
            }
            Some(b'[') => {
                self.open_container(false)?;
                if !self.scanner.eat_byte(b']') {
                    return Ok(true);
                }
                self.close_container();
            }
            Some(b'"') => {
                self.read_string()?;
            }
            Some(b'-' | b'0'..=b'9') => self.read_number()?,
            _ => {
                let words: [&[u8]; 3] = [b"true", b"false", b"null"];
                if !words.iter().any(|word| self.scanner.eat_word(word)) {
                    return Err(self.not_json_here());
                }
            }
        }
        self.finish_value()
    }

    /// Closes what ends after a value, and moves over the comma.
    fn finish_value(&mut self) -> Result<bool, Trouble> {
        loop {
            self.scanner.skip_space();
            let next = self.scanner.peek();
            if self.depth == 0 {
                return if next.is_none() { Ok(false) } else { Err(self.not_json_here()) };
            }
            match (next, self.is_in_object()) {
                (Some(b','), object) => {
                    self.scanner.skip_byte();
                    if object {
                        self.scanner.skip_space();
                        self.read_key()?;
                    }
                    return Ok(true);
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    self.scanner.skip_byte();
                    self.close_container();
                }
                _ => return Err(self.not_json_here()),
            }
        }
    }

    /// Moves into an array or an object.
    fn open_container(&mut self, object: bool) -> Result<(), Trouble> {
        let bit = 1 << (self.depth % 64);
        let Some(word) = self.objects.get_mut(self.depth / 64) else {
            return Err(Trouble { what: "nested too deeply", ..self.not_json_here() });
        };
        *word = if object { *word | bit } else { *word & !bit };
        self.depth += 1;
        self.scanner.skip_byte();
        self.scanner.skip_space();
        if object && self.binary {
            self.keys.push(self.first as u64);
            self.first = self.keys.len();
        }
        Ok(())
    }

    /// Moves out of the innermost array or object.
    fn close_container(&mut self) {
        if self.is_in_object() && self.binary {
            self.repeated |=
                has_repeated_key(self.keys.get_mut(self.first..).unwrap_or_default(), self.text);
            self.keys.truncate(self.first);
            self.first = self.keys.pop().map_or(0, |first| first as usize);
        }
        self.depth -= 1;
    }

    fn is_in_object(&self) -> bool {
        let innermost = self.depth.wrapping_sub(1);
        self.objects.get(innermost / 64).is_some_and(|word| word >> (innermost % 64) & 1 == 1)
    }

    /// Reads a key and its colon.
    fn read_key(&mut self) -> Result<(), Trouble> {
        let start = self.scanner.offset();
        let key = self.read_string()?;
        if self.binary {
            // SQLite's text is shorter than 2^32 bytes.
            self.keys.push(hash_key(&key) << 32 | start as u64 & 0xffff_ffff);
        }
        self.scanner.skip_space();
        if self.scanner.eat_byte(b':') { Ok(()) } else { Err(self.not_json_here()) }
    }

    fn read_string(&mut self) -> Result<Quoted<'a>, Trouble> {
        let at = self.scanner.offset();
        let string = self.scanner.read_string().ok_or_else(|| self.not_json_here())?;
        if self.binary && string.escaped {
            let mut nul = false;
            let read = string.for_each_piece(|piece| nul |= piece == [0]);
            if read.is_none() {
                return Err(Trouble { id: Id::J3, what: "with a lone surrogate", at });
            }
            if nul {
                return Err(Trouble { id: Id::J2, what: "with an escaped NUL", at });
            }
        }
        if self.binary && string.raw.len() > STRING_MAX {
            return Err(Trouble { id: Id::J1, what: "with a string too long for jsonb", at });
        }
        Ok(string)
    }

    fn read_number(&mut self) -> Result<(), Trouble> {
        let at = self.scanner.offset();
        let digits = self.scanner.read_number().ok_or_else(|| self.not_json_here())?;
        if self.binary
            && !Decimal::parse(digits).is_some_and(|number| numeric::fits_numeric(&number))
        {
            return Err(Trouble { id: Id::J1, what: "with a number out of range for numeric", at });
        }
        Ok(())
    }

    #[cold]
    fn not_json_here(&self) -> Trouble {
        Trouble { id: Id::J1, what: "that is not JSON", at: self.scanner.offset() }
    }
}

/// Whether two of the keys are equal. A like hash is a hint; the keys themselves decide.
fn has_repeated_key(keys: &mut [u64], text: &[u8]) -> bool {
    keys.sort_unstable();
    let alike = |pair: &[u64]| matches!(pair, [a, b] if a >> 32 == b >> 32);
    if !keys.windows(2).any(alike) {
        return false;
    }
    let meant = |key: &u64| {
        let start = (key & 0xffff_ffff) as usize;
        let mut meant = Vec::new();
        let string = Scanner::starting_at(text, start).read_string();
        string.and_then(|string| string.for_each_piece(|piece| meant.extend_from_slice(piece)));
        meant
    };
    let mut meant: Vec<Vec<u8>> = keys.iter().map(meant).collect();
    meant.sort_unstable();
    meant.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// 32 bits of FNV-1a over the text that is meant, so that `a` and `\u0061` are alike.
fn hash_key(key: &Quoted<'_>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    key.for_each_piece(|piece| {
        for byte in piece {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    });
    (hash ^ hash >> 32) & 0xffff_ffff
}
