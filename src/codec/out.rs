//! The buffer that rows are encoded into, in PostgreSQL's binary COPY form.

use crate::diagnostic::Id;

/// Encoded rows waiting to be sent, and what was noted about the value being encoded.
#[derive(Debug, Default)]
pub struct Out {
    bytes: Vec<u8>,
    noted: Vec<Id>,
    scratch: Vec<u64>,
}

impl Out {
    /// Writes a field: its length, then its bytes.
    ///
    /// A field is at most 1 GB because SQLite's values are; the length therefore fits.
    #[inline]
    pub fn write_field(&mut self, bytes: &[u8]) {
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes a field of four bytes.
    #[inline]
    pub(super) fn write_field4(&mut self, [a, b, c, d]: [u8; 4]) {
        self.bytes.extend_from_slice(&[0, 0, 0, 4, a, b, c, d]);
    }

    /// Writes a field of eight bytes, length and all in one step.
    #[inline]
    pub(super) fn write_field8(&mut self, [a, b, c, d, e, f, g, h]: [u8; 8]) {
        self.bytes.extend_from_slice(&[0, 0, 0, 8, a, b, c, d, e, f, g, h]);
    }

    /// Writes a field that is made in place, and then its length before it.
    #[inline]
    pub fn write_field_with(&mut self, make: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        make(&mut self.bytes);
        let length = i32::try_from(self.bytes.len() - start - 4).unwrap_or(i32::MAX);
        self.patch_i32(start, length);
    }

    /// Writes NULL.
    #[inline]
    pub fn write_null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// Writes the beginning of a row of `fields` fields.
    #[inline]
    pub fn begin_row(&mut self, fields: u16) {
        self.bytes.extend_from_slice(&fields.to_be_bytes());
    }

    /// Says that the value being encoded was taken in a way that is counted: a finding id such as
    /// `D11` for digits below the microsecond. A value is counted once for each id.
    #[inline]
    pub fn add_note(&mut self, id: Id) {
        if !self.noted.contains(&id) {
            self.noted.push(id);
        }
    }

    /// One of the notes not yet taken; call it until there is none.
    #[inline]
    pub fn take_note(&mut self) -> Option<Id> {
        self.noted.pop()
    }

    /// Lends memory that codecs may use while they look at one value.
    pub(super) fn take_scratch(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.scratch)
    }

    /// Takes that memory back for the next value.
    pub(super) fn give_scratch(&mut self, mut scratch: Vec<u64>) {
        scratch.clear();
        self.scratch = scratch;
    }

    /// Writes a field of several parts that may turn out not to be one: then nothing is written.
    pub(super) fn try_field<E>(
        &mut self,
        make: impl FnOnce(&mut Out) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        let made = make(self);
        match made {
            Ok(()) => {
                let length = i32::try_from(self.bytes.len() - start - 4).unwrap_or(i32::MAX);
                self.patch_i32(start, length);
            }
            Err(_) => self.bytes.truncate(start),
        }
        made
    }

    /// Writes a number over one that was written before.
    pub(super) fn patch_i32(&mut self, start: usize, value: i32) {
        if let Some(place) = self.bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&value.to_be_bytes());
        }
    }

    /// The bytes not yet sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends bytes that are no field: the COPY header and trailer.
    pub fn append_raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Forgets everything from `length` on: a row that was refused half way.
    pub fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    /// Forgets the bytes, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}
