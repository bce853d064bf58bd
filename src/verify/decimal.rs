//! Exact decimal numbers, brought to the one form in which equal numbers are equal bytes.
//!
//! What numbers a column may hold is left to the readers of values.

use std::fmt::LowerExp;
use std::io::Write;
use std::str::FromStr;

/// A decimal number: `digits` times ten to the power of `exponent`.
///
/// Digits are ASCII, without zeros at either end; zero has none, no sign, and exponent 0. So the
/// scale with which a number was written is gone.
#[derive(Debug, Default)]
pub struct Decimal {
    negative: bool,
    exponent: i64,
    digits: Vec<u8>,
}

/// What number text may have besides a sign and digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// A fraction.
    Fraction,
    /// A fraction and an exponent.
    Exponent,
}

/// A number with as few digits as read back as the same number, an exponent behind them. Where two
/// such texts are equally near, the last digit is even.
pub fn shortest_text<T: LowerExp + FromStr + PartialEq>(value: T) -> String {
    let few = format!("{value:e}");
    let after_first = few.bytes().take_while(|byte| *byte != b'e');
    let count = after_first.filter(u8::is_ascii_digit).count().max(1) - 1;
    let rounded = format!("{value:.count$e}");
    match rounded.parse::<T>() {
        Ok(read) if read == value => rounded,
        _ => few,
    }
}

/// PostgreSQL's `numeric` goes no further than this before the point.
const INTEGER_DIGITS_MAX: i64 = 131_072;
/// Nor further than this after it.
const FRACTION_MAX: i64 = 16_383;

impl Decimal {
    /// Reads number text; false, with nothing to be relied on, when it is none.
    pub fn read_text(&mut self, text: &[u8], notation: Notation) -> bool {
        self.clear();
        let (negative, rest) = split_sign(text);
        let rest = self.take_digits(rest);
        if self.digits.is_empty() {
            return false;
        }
        let rest = match rest.split_first() {
            Some((b'.', fraction)) => {
                let tail = self.take_digits(fraction);
                self.exponent = -((fraction.len() - tail.len()) as i64);
                if self.exponent == 0 {
                    return false;
                }
                tail
            }
            _ => rest,
        };
        match rest.split_first() {
            None => {}
            Some((b'e' | b'E', power)) if notation == Notation::Exponent => {
                let Some(power) = parse_exponent(power) else { return false };
                self.exponent += power;
            }
            Some(_) => return false,
        }
        self.normalise(negative);
        true
    }

    /// Takes an integer.
    pub fn set_integer(&mut self, value: i64) {
        self.clear();
        // Writing to a vector does not fail.
        let _ = write!(self.digits, "{}", value.unsigned_abs());
        self.normalise(value < 0);
    }

    /// Takes the shortest decimal form of a double; false for infinities and NaN.
    pub fn set_real(&mut self, value: f64) -> bool {
        value.is_finite() && self.read_text(shortest_text(value).as_bytes(), Notation::Exponent)
    }

    /// Takes groups of four digits, the first of them counting 10000 to the power of `weight`.
    pub fn set_groups(&mut self, negative: bool, weight: i16, groups: &[u8]) -> bool {
        self.clear();
        let mut count = 0;
        for pair in groups.chunks_exact(2) {
            let group = u16::from_be_bytes([byte_at(pair, 0), byte_at(pair, 1)]);
            if group > 9999 {
                return false;
            }
            for place in [1000, 100, 10, 1] {
                self.digits.push(b'0' + (group / place % 10) as u8);
            }
            count += 1;
        }
        self.exponent = (i64::from(weight) + 1 - count) * 4;
        self.normalise(negative);
        true
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether `numeric`, or `numeric(precision,scale)`, can hold it as it is.
    pub fn fits_limits(&self, limits: Option<(u16, u16)>) -> bool {
        let (integer_digits, fraction) = match limits {
            Some((precision, scale)) => (i64::from(precision - scale.min(precision)), scale.into()),
            None => (INTEGER_DIGITS_MAX, FRACTION_MAX),
        };
        self.is_zero()
            || (self.exponent >= -fraction
                && self.digits.len() as i64 + self.exponent <= integer_digits)
    }

    /// The number times ten to the power of `places`, cut toward minus infinity.
    pub fn scaled_floor(&self, places: i64) -> Option<i128> {
        let integer_digits = self.digits.len() as i64 + self.exponent + places;
        if integer_digits > 38 {
            return None;
        }
        let mut value: i128 = 0;
        for place in 0..integer_digits.max(0) as usize {
            let digit = self.digits.get(place).map_or(0, |digit| i128::from(digit - b'0'));
            value = value.checked_mul(10)?.checked_add(digit)?;
        }
        // The last digit is never a zero, so whatever is cut off was something.
        let cut = (self.digits.len() as i64) > integer_digits.max(0);
        Some(if self.negative { -value - i128::from(cut) } else { value })
    }

    /// Rounds to so many digits after the point, halves away from zero; whether anything was cut.
    pub fn round_to_scale(&mut self, scale: i64) -> bool {
        let Ok(cut) = usize::try_from(-scale - self.exponent) else { return false };
        if cut == 0 || self.is_zero() {
            return false;
        }
        let kept = self.digits.len().saturating_sub(cut);
        // With more places cut than there are digits the first of them is a zero.
        let up = self.digits.len() >= cut && self.digits.get(kept).is_some_and(|d| *d >= b'5');
        self.digits.truncate(kept);
        self.exponent = -scale;
        if up {
            let nines = self.digits.iter().rev().take_while(|digit| **digit == b'9').count();
            self.digits.truncate(kept - nines);
            self.exponent += nines as i64;
            match self.digits.last_mut() {
                Some(last) => *last += 1,
                None => self.digits.push(b'1'),
            }
        }
        self.normalise(self.negative);
        true
    }

    /// The number as text, with an exponent.
    pub fn to_text(&self) -> Vec<u8> {
        let mut text = if self.negative { vec![b'-'] } else { Vec::new() };
        if self.is_zero() {
            text.push(b'0');
        }
        text.extend_from_slice(&self.digits);
        // Writing to a vector does not fail.
        let _ = write!(text, "e{}", self.exponent);
        text
    }

    /// The number, when it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        if self.exponent < 0 {
            return None;
        }
        i64::try_from(self.scaled_floor(0)?).ok()
    }

    /// Appends the canonical form: sign, exponent, digits.
    pub fn append_canonical(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.negative));
        out.extend_from_slice(&self.exponent.to_le_bytes());
        out.extend_from_slice(&self.digits);
    }

    fn clear(&mut self) {
        self.exponent = 0;
        self.digits.clear();
    }

    fn take_digits<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = text.split_at_checked(count).unwrap_or((text, &[]));
        self.digits.extend_from_slice(digits);
        rest
    }

    fn normalise(&mut self, negative: bool) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
            self.exponent += 1;
        }
        let zeros = self.digits.iter().take_while(|digit| **digit == b'0').count();
        if zeros > 0 {
            self.digits.drain(..zeros);
        }
        self.negative = negative && !self.is_zero();
        if self.is_zero() {
            self.exponent = 0;
        }
    }
}

/// Whether a sign stands in front, and what follows it.
fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    }
}

/// The number after `e`; far beyond any limit it is just far.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(digit - b'0')).min(1_000_000_000_000);
    }
    Some(if negative { -value } else { value })
}

fn byte_at(bytes: &[u8], index: usize) -> u8 {
    bytes.get(index).copied().unwrap_or(0)
}
