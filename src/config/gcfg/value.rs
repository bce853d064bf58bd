//! Booleans and numbers as gcfg reads them, with Go's words for what is wrong.
//!
//! Go reads numbers with its scanning functions, which store what they have seen before they find
//! that more follows; a caller that goes on after an error sees that value. Hence both halves in
//! [`Scanned`].

use super::quote;

/// What a number's text gave: a value, an error, or both.
pub struct Scanned<T> {
    /// What Go has stored.
    pub value: Option<T>,
    /// What Go says of the rest.
    pub error: Option<String>,
}

/// Reads true/yes/on/1 and false/no/off/0 in any case.
///
/// # Errors
/// On any other text, with Go's words.
pub fn parse_bool(text: &str) -> Result<bool, String> {
    let lower: String = text.chars().map(lower_case).collect();
    match lower.as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(format!("failed to parse bool {}", quote::quote_back(&lower))),
    }
}

/// Go maps character by character; of all of them only İ becomes two in Rust.
fn lower_case(c: char) -> char {
    if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) }
}

/// Reads a signed integer of 64 bits: decimal, or hexadecimal after a lower-case `0x`.
#[must_use]
pub fn parse_i64(text: &str) -> Scanned<i64> {
    scan_number(text.trim(), "int", |cursor| {
        cursor.accept_one("+-");
        let digits = take_integer_token(cursor)?;
        let wide =
            parse_integer(digits).map_err(|error| error.go_error_text("ParseInt", digits))?;
        i64::try_from(wide).map_err(|_| NumberError::Range.go_error_text("ParseInt", digits))
    })
}

/// Reads an unsigned integer of 8 bits, written like [`parse_i64`] without a sign.
#[must_use]
pub fn parse_u8(text: &str) -> Scanned<u8> {
    scan_number(text.trim(), "uint8", |cursor| {
        let digits = take_integer_token(cursor)?;
        let wide =
            parse_integer(digits).map_err(|error| error.go_error_text("ParseUint", digits))?;
        let wide = u64::try_from(wide)
            .map_err(|_| NumberError::Range.go_error_text("ParseUint", digits))?;
        u8::try_from(wide).map_err(|_| format!("unsigned integer overflow on token {digits}"))
    })
}

/// Reads a floating point number in Go's forms.
#[must_use]
pub fn parse_f64(text: &str) -> Scanned<f64> {
    scan_number(text, "float64", |cursor| convert_float(take_float_token(cursor)))
}

/// One number and nothing after it: `Sscanf(text, "%v%s")`.
fn scan_number<'a, T>(
    text: &'a str,
    type_name: &str,
    number: impl FnOnce(&mut Cursor<'a>) -> Result<T, String>,
) -> Scanned<T> {
    let failed = |why: &str| {
        Some(format!("failed to parse {} as {type_name}: {why}", quote::quote_double(text)))
    };
    let mut cursor = Cursor { text, start: 0, at: 0 };
    let value = cursor.begin_token().and_then(|()| number(&mut cursor));
    let value = match value {
        Ok(value) => value,
        Err(why) => return Scanned { value: None, error: failed(&why) },
    };
    let error = match cursor.skip_space() {
        Err(why) => failed(&why),
        Ok(()) => {
            let extra = cursor.remaining().split(char::is_whitespace).next().unwrap_or_default();
            if extra.is_empty() {
                None
            } else {
                failed(&format!("extra characters {}", quote::quote_double(extra)))
            }
        }
    };
    Scanned { value: Some(value), error }
}

struct Cursor<'a> {
    text: &'a str,
    start: usize,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn begin_token(&mut self) -> Result<(), String> {
        self.skip_space()?;
        self.start = self.at;
        if self.at == self.text.len() { Err("EOF".to_owned()) } else { Ok(()) }
    }

    fn remaining(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn token(&self) -> &'a str {
        self.text.get(self.start..self.at).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.remaining().chars().next()
    }

    fn accept_one(&mut self, set: &str) -> bool {
        match self.peek() {
            Some(c) if set.contains(c) => {
                self.at += c.len_utf8();
                true
            }
            _ => false,
        }
    }

    fn accept_all(&mut self, set: &str) {
        while self.accept_one(set) {}
    }

    fn skip_space(&mut self) -> Result<(), String> {
        while let Some(c) = self.peek() {
            if c == '\n' {
                return Err("unexpected newline".to_owned());
            }
            if !c.is_whitespace() {
                break;
            }
            self.at += c.len_utf8();
        }
        Ok(())
    }
}

const DECIMAL: &str = "0123456789";
const DECIMAL_AND_LINE: &str = "0123456789_";
const HEX_AND_LINE: &str = "0123456789aAbBcCdDeEfF_";

/// The sign, if any, is already taken. Only `0x` and `-0x` open a hexadecimal number, not `+0x`.
fn take_integer_token<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, String> {
    if cursor.token() != "+" && cursor.remaining().starts_with("0x") {
        cursor.at += "0x".len();
        cursor.accept_all(HEX_AND_LINE);
        return Ok(cursor.token());
    }
    if cursor.remaining().is_empty() {
        return Err("EOF".to_owned());
    }
    if !cursor.accept_one(DECIMAL) {
        return Err("expected integer".to_owned());
    }
    cursor.accept_all(DECIMAL);
    Ok(cursor.token())
}

enum NumberError {
    Syntax,
    Range,
}

impl NumberError {
    fn go_error_text(&self, function: &str, token: &str) -> String {
        let what = match self {
            NumberError::Syntax => "invalid syntax",
            NumberError::Range => "value out of range",
        };
        format!("strconv.{function}: parsing {}: {what}", quote::quote_double(token))
    }
}

fn parse_integer(token: &str) -> Result<i128, NumberError> {
    let (negative, digits) = match token.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, token.strip_prefix('+').unwrap_or(token)),
    };
    let (radix, digits) = match digits.strip_prefix("0x") {
        Some(rest) => (16, rest),
        None => (10, digits),
    };
    let mut number: i128 = 0;
    for digit in digits.chars().filter(|c| *c != '_') {
        let digit = digit.to_digit(radix).ok_or(NumberError::Syntax)?;
        number = number * i128::from(radix) + i128::from(digit);
        if number > i128::from(u64::MAX) {
            return Err(NumberError::Range);
        }
    }
    if digits.is_empty() || !lines_separate_digits(token) {
        return Err(NumberError::Syntax);
    }
    Ok(if negative { -number } else { number })
}

/// Go allows `_` only between digits, and between a base prefix and a digit.
fn lines_separate_digits(token: &str) -> bool {
    let token = token.strip_prefix(['+', '-']).unwrap_or(token);
    let hex = token.strip_prefix("0x").or_else(|| token.strip_prefix("0X"));
    let mut last = if hex.is_some() { '0' } else { '^' };
    for c in hex.unwrap_or(token).chars() {
        let kind = match c {
            '0'..='9' => '0',
            'a'..='f' | 'A'..='F' if hex.is_some() => '0',
            '_' => '_',
            _ => '!',
        };
        if kind == '_' && last != '0' || last == '_' && kind != '0' {
            return false;
        }
        last = kind;
    }
    last != '_'
}

fn take_float_token<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    if cursor.accept_one("nN") && cursor.accept_one("aA") && cursor.accept_one("nN") {
        return cursor.token();
    }
    cursor.accept_one("+-");
    if cursor.accept_one("iI") && cursor.accept_one("nN") && cursor.accept_one("fF") {
        return cursor.token();
    }
    let (digits, exponent) = if cursor.accept_one("0") && cursor.accept_one("xX") {
        (HEX_AND_LINE, "pP")
    } else {
        (DECIMAL_AND_LINE, "eEpP")
    };
    cursor.accept_all(digits);
    if cursor.accept_one(".") {
        cursor.accept_all(digits);
    }
    if cursor.accept_one(exponent) {
        cursor.accept_one("+-");
        cursor.accept_all(DECIMAL_AND_LINE);
    }
    cursor.token()
}

fn convert_float(token: &str) -> Result<f64, String> {
    let parse_error = |error: NumberError| error.go_error_text("ParseFloat", token);
    if token.contains(['x', 'X']) {
        return parse_hex_float(token).map_err(parse_error);
    }
    // Go's scanner knows one form more than its parser: a decimal mantissa with a binary exponent.
    if let Some((mantissa, exponent)) = token.split_once('p') {
        let mantissa = parse_decimal_float(mantissa).map_err(parse_error)?;
        let exponent: i32 =
            exponent.parse().map_err(|_| NumberError::Syntax.go_error_text("Atoi", token))?;
        return Ok(scale_by_power_of_two(mantissa, exponent));
    }
    parse_decimal_float(token).map_err(parse_error)
}

fn parse_decimal_float(token: &str) -> Result<f64, NumberError> {
    if token.contains('_') && !lines_separate_digits(token) {
        return Err(NumberError::Syntax);
    }
    let plain: String = token.chars().filter(|c| *c != '_').collect();
    let number: f64 = plain.parse().map_err(|_| NumberError::Syntax)?;
    let named = plain.contains(['n', 'N']);
    if number.is_infinite() && !named { Err(NumberError::Range) } else { Ok(number) }
}

fn parse_hex_float(token: &str) -> Result<f64, NumberError> {
    if !lines_separate_digits(token) {
        return Err(NumberError::Syntax);
    }
    let plain: String = token.chars().filter(|c| *c != '_').collect::<String>().to_lowercase();
    let negative = plain.starts_with('-');
    let plain = plain.trim_start_matches(['+', '-']);
    let body = plain.strip_prefix("0x").ok_or(NumberError::Syntax)?;
    let (mantissa, exponent) = body.split_once('p').ok_or(NumberError::Syntax)?;
    let mut exponent: i32 = exponent.parse().map_err(|_| NumberError::Syntax)?;
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut bits: u128 = 0;
    let mut digits = 0usize;
    for (after_point, c) in
        integer.chars().map(|c| (false, c)).chain(fraction.chars().map(|c| (true, c)))
    {
        let digit = c.to_digit(16).ok_or(NumberError::Syntax)?;
        digits += 1;
        if bits >> 100 == 0 {
            bits = bits * 16 + u128::from(digit);
            exponent = exponent.saturating_sub(if after_point { 4 } else { 0 });
        } else {
            // Too far right to count, except for the tie of a rounding.
            bits |= u128::from(digit != 0);
            exponent = exponent.saturating_add(if after_point { 0 } else { 4 });
        }
    }
    if digits == 0 {
        return Err(NumberError::Syntax);
    }
    #[allow(clippy::cast_precision_loss, reason = "the rounding is what is wanted")]
    let number = scale_by_power_of_two(bits as f64, exponent);
    if number.is_infinite() {
        return Err(NumberError::Range);
    }
    Ok(if negative { -number } else { number })
}

/// `number` times two to the `exponent`, in steps that stay finite as long as the result does.
fn scale_by_power_of_two(mut number: f64, exponent: i32) -> f64 {
    let mut left = exponent.clamp(-5000, 5000);
    while left != 0 {
        let step = left.clamp(-500, 500);
        number *= 2f64.powi(step);
        left -= step;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::{parse_f64, parse_i64, parse_u8};

    #[track_caller]
    fn check_scanned<T: PartialEq + std::fmt::Debug>(
        scanned: super::Scanned<T>,
        value: Option<T>,
        why: &str,
    ) {
        let error = scanned.error.unwrap_or_default();
        assert_eq!((scanned.value, error.as_str()), (value, why));
    }

    /// What Go's scanner says where the recorded cases say nothing.
    #[test]
    fn numbers_as_go_scans_them() {
        check_scanned(parse_i64(""), None, "failed to parse \"\" as int: EOF");
        check_scanned(parse_i64(" -7 "), Some(-7), "");
        check_scanned(parse_i64("0x_a_0"), Some(160), "");
        let syntax = "strconv.ParseInt: parsing \"0x1__0\": invalid syntax";
        check_scanned(
            parse_i64("0x1__0"),
            None,
            &format!("failed to parse \"0x1__0\" as int: {syntax}"),
        );
        check_scanned(
            parse_i64("+0x1"),
            Some(0),
            "failed to parse \"+0x1\" as int: extra characters \"x1\"",
        );
        check_scanned(parse_i64("-"), None, "failed to parse \"-\" as int: EOF");
        check_scanned(
            parse_i64("5\n5"),
            Some(5),
            "failed to parse \"5\\n5\" as int: unexpected newline",
        );
        let syntax =
            "failed to parse \"0x\" as int: strconv.ParseInt: parsing \"0x\": invalid syntax";
        check_scanned(parse_i64("0x"), None, syntax);
        let overflow = "failed to parse \"256\" as uint8: unsigned integer overflow on token 256";
        check_scanned(parse_u8("256"), None, overflow);
        check_scanned(parse_u8("-1"), None, "failed to parse \"-1\" as uint8: expected integer");
        check_scanned(parse_f64("0x1.8p1"), Some(3.0), "");
        check_scanned(parse_f64("1.5p1"), Some(3.0), "");
        check_scanned(parse_f64("1_0.5"), Some(10.5), "");
        check_scanned(
            parse_f64("1e3x"),
            Some(1e3),
            "failed to parse \"1e3x\" as float64: extra characters \"x\"",
        );
        check_scanned(parse_f64("-inf"), Some(f64::NEG_INFINITY), "");
        let range = "strconv.ParseFloat: parsing \"1e999\": value out of range";
        check_scanned(
            parse_f64("1e999"),
            None,
            &format!("failed to parse \"1e999\" as float64: {range}"),
        );
    }
}
