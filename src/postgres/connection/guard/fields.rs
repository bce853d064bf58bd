//! Shortens an error of the server while it is read: a text of 200 MB would be kept otherwise.

/// Bytes that are kept of one field.
const FIELD_MOST: usize = 16 << 10;

/// Bytes that are kept of all fields.
const ALL_MOST: usize = 128 << 10;

/// The fields of an error, each a code and a text that ends with a zero byte.
#[derive(Debug, Default)]
pub(super) struct Fields {
    kept: Vec<u8>,
    /// Where the text of the field begins; none before a code.
    text: Option<usize>,
    /// Whether a byte of the text was dropped.
    is_cut: bool,
    /// Whether the code that ends the list was read.
    is_ended: bool,
}

impl Fields {
    /// Takes the next bytes of the body.
    pub(super) fn append(&mut self, mut bytes: &[u8]) {
        while let Some((&first, rest)) = bytes.split_first() {
            if self.is_ended {
                return;
            }
            let Some(text) = self.text else {
                self.begin_field(first);
                bytes = rest;
                continue;
            };
            let end = bytes.iter().position(|byte| *byte == 0);
            let (piece, after) = bytes.split_at(end.unwrap_or(bytes.len()));
            let used = self.kept.len() - text;
            let room =
                FIELD_MOST.saturating_sub(used).min(ALL_MOST.saturating_sub(self.kept.len()));
            self.is_cut |= piece.len() > room;
            self.kept.extend(piece.iter().take(room));
            if end.is_some() {
                self.end_field(text);
            }
            bytes = after.get(usize::from(end.is_some())..).unwrap_or_default();
        }
    }

    fn begin_field(&mut self, code: u8) {
        self.is_ended = code == 0;
        if !self.is_ended {
            self.kept.push(code);
            self.text = Some(self.kept.len());
            self.is_cut = false;
        }
    }

    fn end_field(&mut self, text: usize) {
        if self.is_cut
            && let Some(Err(error)) = self.kept.get(text..).map(std::str::from_utf8)
            && error.error_len().is_none()
        {
            // The cut went through a character, which would be no text for the driver.
            self.kept.truncate(text + error.valid_up_to());
        }
        if self.kept.len() >= ALL_MOST {
            // What many fields were, nobody needs to know.
            self.kept.truncate(text.saturating_sub(1));
        } else {
            self.kept.push(0);
        }
        self.text = None;
    }

    /// The whole message, kept short.
    pub(super) fn into_message(mut self, kind: u8) -> Vec<u8> {
        if !self.is_ended && self.text.is_some() {
            self.kept.push(0);
        }
        self.kept.push(0);
        let mut message = vec![kind];
        let length = u32::try_from(self.kept.len() + 4).unwrap_or(u32::MAX);
        message.extend_from_slice(&length.to_be_bytes());
        message.append(&mut self.kept);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorten_body(body: &[u8], piece: usize) -> Vec<u8> {
        let mut fields = Fields::default();
        body.chunks(piece).for_each(|piece| fields.append(piece));
        fields.into_message(b'E').split_off(5)
    }

    #[test]
    fn short_errors_stay_as_they_are() {
        let body = b"SERROR\0VERROR\0C22P02\0Minvalid\0Rpg_strtoint32\0\0";
        for piece in 1..=body.len() {
            assert_eq!(shorten_body(body, piece), body);
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_character_and_what_follows_is_kept() {
        for letter in ["x", "é", "€"] {
            let long = letter.repeat(100_000);
            let body = format!("C22P02\0M{long}\0Rroutine\0\0");
            let short = shorten_body(body.as_bytes(), 1000);
            let short = String::from_utf8(short).unwrap();
            assert!(short.len() < FIELD_MOST + 100, "{}", short.len());
            assert!(short.starts_with("C22P02\0M") && short.ends_with("\0Rroutine\0\0"));
        }
    }

    #[test]
    fn many_fields_are_bounded() {
        let body = format!("C22P02\0{}\0", format!("M{}\0", "x".repeat(20_000)).repeat(1000));
        let short = shorten_body(body.as_bytes(), 4096);
        assert!(short.len() <= ALL_MOST + 2, "{}", short.len());
        assert!(short.starts_with(b"C22P02\0") && short.ends_with(b"\0\0"));
    }
}
