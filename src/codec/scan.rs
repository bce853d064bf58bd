//! Tokens of JSON text by RFC 8259, for the validator and the reader of arrays.

/// A place in JSON text. What reads a token moves behind it, or stays before what is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

/// A string as it is written between its quotes.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a> {
    /// The bytes between the quotes.
    pub raw: &'a [u8],
    /// Whether there is a backslash among them.
    pub escaped: bool,
}

impl<'a> Scanner<'a> {
    /// Begins at the offset.
    pub fn starting_at(text: &'a [u8], index: usize) -> Scanner<'a> {
        Scanner { text, at: index }
    }

    /// The offset that was come to.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next byte.
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Moves over the next byte.
    #[inline]
    pub fn skip_byte(&mut self) {
        self.at += 1;
    }

    /// Moves over the byte when it is the next.
    #[inline]
    pub fn eat_byte(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Moves over white space.
    #[inline]
    pub fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Moves over the word when it comes next; the caller checks what follows a word.
    pub fn eat_word(&mut self, word: &[u8]) -> bool {
        let found = self.remaining().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Reads a string from its quote to its quote.
    pub fn read_string(&mut self) -> Option<Quoted<'a>> {
        if !self.eat_byte(b'"') {
            return None;
        }
        let start = self.at;
        let mut escaped = false;
        loop {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=31);
            self.at += self.remaining().iter().position(special)?;
            match self.remaining() {
                [b'"', ..] => break,
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
                [b'\\', b'u', a, b, c, d, ..]
                    if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
                {
                    self.at += 6;
                }
                _ => return None,
            }
            escaped = true;
        }
        let raw = self.text.get(start..self.at)?;
        self.at += 1;
        Some(Quoted { raw, escaped })
    }

    /// Reads an array or an object from its bracket to its bracket; what is within is not looked
    /// at.
    pub fn read_nested(&mut self) -> Option<&'a [u8]> {
        let (start, mut depth) = (self.at, 0_usize);
        loop {
            match self.peek()? {
                b'"' => {
                    self.read_string()?;
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return self.text.get(start..self.at);
            }
        }
    }

    /// Reads a number.
    pub fn read_number(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        self.eat_byte(b'-');
        if !self.eat_byte(b'0') {
            self.skip_digits()?;
        }
        if self.eat_byte(b'.') {
            self.skip_digits()?;
        }
        if self.eat_byte(b'e') || self.eat_byte(b'E') {
            let _ = self.eat_byte(b'+') || self.eat_byte(b'-');
            self.skip_digits()?;
        }
        self.text.get(start..self.at)
    }

    /// Moves over digits, at least one.
    fn skip_digits(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn remaining(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }
}

impl<'a> Quoted<'a> {
    /// Hands over the text that is meant, piece by piece; none when a surrogate stands alone.
    pub fn for_each_piece(&self, mut take: impl FnMut(&[u8])) -> Option<()> {
        let mut rest = self.raw;
        if !self.escaped {
            take(rest);
            return Some(());
        }
        while let Some(start) = rest.iter().position(|byte| *byte == b'\\') {
            let (plain, escape) = rest.split_at_checked(start)?;
            take(plain);
            let [_, kind, after @ ..] = escape else { return None };
            rest = after;
            let simple = match kind {
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'u' => {
                    let character;
                    (character, rest) = read_code_point(after)?;
                    take(character.encode_utf8(&mut [0; 4]).as_bytes());
                    continue;
                }
                itself => *itself,
            };
            take(&[simple]);
        }
        take(rest);
        Some(())
    }
}

/// Reads what follows `\u`: four digits, and the other half of a pair of surrogates.
fn read_code_point(text: &[u8]) -> Option<(char, &[u8])> {
    let (unit, rest) = read_utf16_unit(text)?;
    match unit {
        0xd800..=0xdbff => {
            let (low, rest) = self::read_utf16_unit(rest.strip_prefix(b"\\u")?)?;
            let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            Some((char::from_u32(0x10000 + ((unit - 0xd800) << 10) + low)?, rest))
        }
        // `from_u32` refuses a low half without the high one.
        _ => Some((char::from_u32(unit)?, rest)),
    }
}

fn read_utf16_unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<4>()?;
    let value = digits
        .iter()
        .try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))?;
    Some((value, rest))
}
