//! The buffer that rows are encoded into, in PostgreSQL's binary COPY form.

/// Encoded rows waiting to be sent, and what was noted about the value being encoded.
#[derive(Debug, Default)]
pub struct Out {
    bytes: Vec<u8>,
    noted: Option<&'static str>,
}

impl Out {
    /// Writes a field: its length, then its bytes.
    ///
    /// A field is at most 1 GB because SQLite's values are; the length therefore fits.
    #[inline]
    pub fn field(&mut self, bytes: &[u8]) {
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes a field that is made in place, and then its length before it.
    #[inline]
    pub fn field_with(&mut self, make: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        make(&mut self.bytes);
        let length = i32::try_from(self.bytes.len() - start - 4).unwrap_or(i32::MAX);
        if let Some(place) = self.bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    /// Writes NULL.
    #[inline]
    pub fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// Writes the beginning of a row of `fields` fields.
    #[inline]
    pub fn begin(&mut self, fields: u16) {
        self.bytes.extend_from_slice(&fields.to_be_bytes());
    }

    /// Says that the value being encoded was taken in a way that is counted: a finding id such as
    /// `D11` for digits below the microsecond.
    #[inline]
    pub fn note(&mut self, id: &'static str) {
        self.noted = Some(id);
    }

    /// What was noted since the last call.
    #[inline]
    pub fn take_note(&mut self) -> Option<&'static str> {
        self.noted.take()
    }

    /// The bytes not yet sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends bytes that are no field: the COPY header and trailer.
    pub fn raw(&mut self, bytes: &[u8]) {
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
