//! Durations and sizes as Connect documents them.

/// Reads a duration into nanoseconds: a bare integer is nanoseconds already, else one or more
/// numbers each with its unit (`500ms`, `3m`, `1m15s`, `1.5h`).
///
/// # Errors
/// When the text is neither, or too large for 64 bits.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let syntax_error = || "expected a duration such as 500ms, 3m, 1m15s, or nanoseconds".to_owned();
    let text = text.trim();
    if let Ok(nanoseconds) = text.parse::<i64>() {
        return Ok(nanoseconds);
    }
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return Err(syntax_error());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (number, after) = split_at_unit(rest);
        let (unit, after) = split_at_number(after);
        let unit = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(syntax_error()),
        };
        total += multiply_decimal(number, unit).ok_or_else(syntax_error)?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| syntax_error())
}

/// Reads a size into bytes: a bare number is bytes already; `kB`, `MB`, … are powers of 1000 and
/// `KiB`, `MiB`, … powers of 1024, with or without a space before them, in any case.
///
/// # Errors
/// When the text is not of this form, or too large for 64 bits.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let syntax_error = || "expected a size such as 42, 5 MB, or 5 KiB".to_owned();
    let (number, unit) = split_at_unit(text.trim());
    let unit = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "ki" | "kib" => 1 << 10,
        "mi" | "mib" => 1 << 20,
        "gi" | "gib" => 1 << 30,
        "ti" | "tib" => 1 << 40,
        _ => return Err(syntax_error()),
    };
    let bytes = multiply_decimal(number, unit).ok_or_else(syntax_error)?;
    u64::try_from(bytes).map_err(|_| syntax_error())
}

fn split_at_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.split_at(end)
}

fn split_at_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(text.len());
    text.split_at(end)
}

/// `number` (digits, at most one point) times `unit`, cut to a whole.
fn multiply_decimal(number: &str, unit: i128) -> Option<i128> {
    let (integer, fraction) = number.split_once('.').unwrap_or((number, ""));
    if integer.is_empty() && fraction.is_empty() || fraction.contains('.') || 18 < fraction.len() {
        return None;
    }
    let read = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<u64>().ok() };
    let parts = 10i128.pow(u32::try_from(fraction.len()).ok()?);
    Some(i128::from(read(integer)?) * unit + i128::from(read(fraction)?) * unit / parts)
}

#[cfg(test)]
mod tests {
    use super::{parse_duration, parse_size};

    #[test]
    fn durations_as_documented() {
        for (text, nanoseconds) in [
            ("1000000000", 1_000_000_000),
            ("500ms", 500_000_000),
            ("3m", 180_000_000_000),
            ("1m15s", 75_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("-2us", -2_000),
            ("0", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(nanoseconds), "{text}");
        }
        for text in ["", "-", "m", "3 m", "3x", "1.2.3s", ".s", "5d", "3000000h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_as_documented() {
        for (text, bytes) in
            [("42", 42), ("5 MB", 5_000_000), ("5 KiB", 5_120), ("1.5GiB", 3 << 29), ("7b", 7)]
        {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "-1", "5 XB", "5 M B", "99999999999999999999"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
