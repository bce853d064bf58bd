//! Decimal numbers as they are written, and as a double is written shortest.

use std::fmt::{self, Write};
use std::str::FromStr;

/// No number text is longer.
const LONGEST: usize = 1000;

/// Exponents beyond this are all the same: out of every range.
const EXPONENT_MAX: i64 = 1_000_000_000_000;

/// A number as its digits: nothing is lost, nothing is computed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'a> {
    /// Whether a minus sign was written.
    pub negative: bool,
    /// The digits before the point, at least one.
    integer: &'a [u8],
    /// The digits after the point.
    fraction: &'a [u8],
    /// The exponent, where one was written.
    exponent: Option<i64>,
}

impl<'a> Decimal<'a> {
    /// Reads number text: white space at both ends, not too long, and nothing but a number.
    pub fn from_text(bytes: &'a [u8]) -> Option<Decimal<'a>> {
        let bytes = trim_white_space(bytes);
        if bytes.len() > LONGEST { None } else { Decimal::parse(bytes) }
    }

    /// Reads `[+-]digits[.digits][e[+-]digits]`.
    pub fn parse(bytes: &'a [u8]) -> Option<Decimal<'a>> {
        let (negative, rest) = split_sign(bytes);
        let (integer, rest) = split_digits(rest)?;
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => split_digits(rest)?,
            _ => (&[][..], rest),
        };
        let (exponent, rest) = match rest {
            [b'e' | b'E', rest @ ..] => {
                let (below, rest) = split_sign(rest);
                let (written, rest) = split_digits(rest)?;
                let size = written.iter().fold(0_i64, |size, digit| {
                    (size * 10 + i64::from(digit - b'0')).min(EXPONENT_MAX)
                });
                (Some(if below { -size } else { size }), rest)
            }
            _ => (None, rest),
        };
        rest.is_empty().then_some(Decimal { negative, integer, fraction, exponent })
    }

    /// Whether it is written with digits only.
    pub fn is_plain(&self) -> bool {
        self.fraction.is_empty() && self.exponent.is_none()
    }

    /// Whether it is written with an exponent.
    pub fn has_exponent(&self) -> bool {
        self.exponent.is_some()
    }

    /// How many digits stand after the point when the exponent is written out.
    pub fn fraction_digits(&self) -> i64 {
        (digit_count(self.fraction) - self.exponent.unwrap_or(0)).max(0)
    }

    /// Which of the digits are the first and the last that are not 0; none for zero.
    pub fn significant_digits(&self) -> Option<(i64, i64)> {
        let counts = |digit: &u8| *digit != b'0';
        let (integer, fraction) = (self.integer, self.fraction);
        let first = match integer.iter().position(counts) {
            Some(first) => first,
            None => integer.len() + fraction.iter().position(counts)?,
        };
        let last = match fraction.iter().rposition(counts) {
            Some(last) => integer.len() + last,
            None => integer.iter().rposition(counts)?,
        };
        Some((i64::try_from(first).ok()?, i64::try_from(last).ok()?))
    }

    /// Before which of the digits the point stands when the exponent is written out.
    pub fn point_position(&self) -> i64 {
        digit_count(self.integer) + self.exponent.unwrap_or(0)
    }

    /// The value of a digit, 0 for those that are not written.
    pub fn digit_at(&self, index: i64) -> u8 {
        usize::try_from(index)
            .ok()
            .and_then(|index| {
                let after = index.checked_sub(self.integer.len());
                after.map_or(self.integer.get(index), |index| self.fraction.get(index))
            })
            .map_or(0, |digit| digit - b'0')
    }

    /// It without an exponent, and without zeros at the end of its fraction.
    pub fn plain_string(&self) -> String {
        let point = self.point_position();
        let (first, last) = self.significant_digits().unwrap_or((0, 0));
        let digits = |from: i64, to: i64| {
            (from..to).map(|index| char::from(b'0' + self.digit_at(index))).collect::<String>()
        };
        let sign = if self.negative { "-" } else { "" };
        let integer = if point > first { digits(first, point) } else { "0".to_owned() };
        let fraction = digits(point, last + 1);
        let dot = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{integer}{dot}{fraction}")
    }

    /// The largest whole number not above the number times ten to the power of `shift`, and
    /// whether something was cut off; none when it has more than 19 digits.
    pub fn scaled_floor(&self, shift: i64) -> Option<(i128, bool)> {
        let Some((first, last)) = self.significant_digits() else { return Some((0, false)) };
        let point = self.point_position() + shift;
        if point - first > 19 {
            return None;
        }
        let size =
            (first..point).fold(0_i128, |size, index| size * 10 + i128::from(self.digit_at(index)));
        let cut = last >= point;
        let value = if self.negative { -size - i128::from(cut) } else { size };
        Some((value, cut))
    }
}

/// A number printed without allocation; the longest is `-2.2250738585072014e-308`.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    bytes: [u8; 32],
    length: usize,
}

impl Printed {
    /// The shortest decimal form that reads back as the same number, with an exponent.
    ///
    /// Of two that are as short and as near it is the one with an even last digit, as PostgreSQL
    /// and Go write it; the standard library gives the one farther from zero.
    pub fn shortest<T: fmt::LowerExp + FromStr + PartialEq>(value: T) -> Printed {
        let short = Printed::from_arguments(format_args!("{value:e}"));
        let mantissa = short.as_bytes().split(|byte| *byte == b'e').next().unwrap_or_default();
        let digits = mantissa.iter().filter(|byte| byte.is_ascii_digit()).count();
        let places = digits.saturating_sub(1);
        let even = Printed::from_arguments(format_args!("{value:.places$e}"));
        let read = std::str::from_utf8(even.as_bytes()).ok().and_then(|text| text.parse().ok());
        if read == Some(value) { even } else { short }
    }

    /// What `format!` would make.
    pub fn from_arguments(arguments: fmt::Arguments<'_>) -> Printed {
        let mut printed = Printed::default();
        // Only too long a text could fail, and no number is.
        let _ = printed.write_fmt(arguments);
        printed
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl fmt::Write for Printed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let place = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Takes white space off both ends: ASCII's six, the vertical tab too.
#[inline]
pub(crate) fn trim_white_space(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t'..=b'\r', rest @ ..] | [rest @ .., b' ' | b'\t'..=b'\r'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Splits off an optional sign.
pub(super) fn split_sign(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    }
}

/// Splits off digits, at least one.
pub(crate) fn split_digits(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    if end == 0 { None } else { bytes.split_at_checked(end) }
}

fn digit_count(digits: &[u8]) -> i64 {
    i64::try_from(digits.len()).unwrap_or(EXPONENT_MAX)
}
