//! Randomness that depends on nothing but the seed and the place of a cell, so that any cell can
//! be made at any time, in any order, and always comes out the same.

/// The finaliser of splitmix64: every input bit reaches every output bit.
pub const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A new salt for something named below something salted.
pub fn salt(above: u64, name: &str) -> u64 {
    name.bytes().fold(mix(above), |sum, byte| mix(sum ^ u64::from(byte)))
}

/// A stream of numbers for one cell.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a row below a salt.
    pub const fn new(salt: u64, row: u64) -> Dice {
        Dice(mix(salt ^ mix(row)))
    }

    /// The next 64 bits.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 to below `limit`; 0 when there is none.
    pub const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.roll() % limit }
    }

    /// A place in something of this length; 0 in something empty.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// A number from 0 to below 1.
    pub const fn fraction(&mut self) -> f64 {
        self.below(1 << 30) as f64 / (1_u64 << 30) as f64
    }

    /// One of several values.
    pub fn choose<T: Copy, const N: usize>(&mut self, from: [T; N]) -> T {
        from[self.place(N)]
    }

    /// Whether one of `chances` comes up.
    pub const fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    /// A number from `low` to `high`, both included.
    pub const fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.wrapping_sub(low).cast_unsigned();
        low.wrapping_add(self.below(width.saturating_add(1)).cast_signed())
    }

    /// One of several; the empty text of none.
    pub fn pick(&mut self, texts: &[&'static str]) -> &'static str {
        let place = self.below(texts.len() as u64);
        usize::try_from(place).ok().and_then(|place| texts.get(place)).copied().unwrap_or_default()
    }

    /// So many letters and digits out of an alphabet.
    pub fn letters(&mut self, count: usize, alphabet: &[u8]) -> String {
        let limit = alphabet.len() as u64;
        let letter = |index: u64| usize::try_from(index).ok().and_then(|at| alphabet.get(at));
        (0..count).filter_map(|_| letter(self.below(limit))).map(|byte| char::from(*byte)).collect()
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.roll().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}
