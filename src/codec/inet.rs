//! `inet` and `cidr`: addresses and networks.

use super::refuse::refuse_showing_shape;
use super::{Cell, Out, Refused};
use crate::diagnostic::Id;

/// How PostgreSQL's binary form names the families.
const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// `inet` stored as text: `a.b.c.d` or IPv6, with an optional `/bits`.
///
/// # Errors
/// When the value is anything else (`J10`).
pub fn inet(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_address(out, cell, false)
        .ok_or_else(|| refuse_showing_shape(Id::J10, "an IP address, optionally with /bits", cell))
}

/// `cidr` stored as text: a network, no bit set to the right of its mask.
///
/// # Errors
/// When the value is anything else (`J10`).
pub fn cidr(out: &mut Out, cell: Cell<'_>) -> Result<(), Refused> {
    put_address(out, cell, true)
        .ok_or_else(|| refuse_showing_shape(Id::J10, "an IP network without host bits", cell))
}

/// Writes the field: family, bits of the mask, whether a `cidr`, count of bytes, the bytes.
fn put_address(out: &mut Out, cell: Cell<'_>, network: bool) -> Option<()> {
    let Cell::Text(bytes) = cell else { return None };
    let slash = bytes.iter().position(|byte| *byte == b'/').unwrap_or(bytes.len());
    let (address, mask) = bytes.split_at_checked(slash)?;
    let (family, value, width) = match parse_v4(address) {
        Some(v4) => (IPV4, u128::from(v4) << 96, 32),
        None => (IPV6, parse_v6(address)?, 128),
    };
    let bits = match mask {
        [] => width,
        [b'/', digits @ ..] => parse_small_number(digits, 3).filter(|bits| *bits <= width)?,
        _ => return None,
    };
    let host = value.checked_shl(bits).unwrap_or(0);
    if network && host != 0 {
        return None;
    }
    let value = value.to_be_bytes();
    let kept = if family == IPV4 { value.get(..4)? } else { &value };
    let length = if family == IPV4 { 4 } else { 16 };
    let header = [family, u8::try_from(bits).ok()?, u8::from(network), length];
    out.write_field_with(|bytes| {
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(kept);
    });
    Some(())
}

/// Four numbers up to 255. Zeros in front are refused: some read them as octal.
fn parse_v4(text: &[u8]) -> Option<u32> {
    let mut parts = text.split(|byte| *byte == b'.');
    let mut value = 0;
    for _ in 0..4 {
        let part = parse_small_number(parts.next()?, 3).filter(|part| *part <= 255)?;
        value = value << 8 | part;
    }
    parts.next().is_none().then_some(value)
}

/// Eight groups of up to four hexadecimal digits; one `::` stands for the groups that are left
/// out, an IPv4 address for the last two.
fn parse_v6(text: &[u8]) -> Option<u128> {
    let gap = text.windows(2).position(|pair| pair == b"::");
    let Some(gap) = gap else {
        let (value, groups) = parse_v6_groups(text)?;
        return (groups == 8).then_some(value);
    };
    let (head, tail) = (text.get(..gap)?, text.get(gap + 2..)?);
    let (high, before) = if head.is_empty() { (0, 0) } else { parse_v6_groups(head)? };
    let (low, after) = if tail.is_empty() { (0, 0) } else { parse_v6_groups(tail)? };
    // An IPv4 address can only be the end of the whole.
    if before + after > 7 || head.contains(&b'.') {
        return None;
    }
    Some(high.checked_shl(16 * (8 - before)).unwrap_or(0) | low)
}

/// Groups without a gap, and how many.
fn parse_v6_groups(text: &[u8]) -> Option<(u128, u32)> {
    let (mut value, mut count) = (0_u128, 0);
    let mut groups = text.split(|byte| *byte == b':').peekable();
    while let Some(group) = groups.next() {
        let (part, width) = match groups.peek() {
            None if group.contains(&b'.') => (parse_v4(group)?, 2),
            _ => (parse_hex_group(group)?, 1),
        };
        value = value << (16 * width) | u128::from(part);
        count += width;
        if count > 8 {
            return None;
        }
    }
    Some((value, count))
}

fn parse_hex_group(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    text.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// A number of so many digits at most, without zeros in front.
fn parse_small_number(text: &[u8], max_digits: usize) -> Option<u32> {
    if text.is_empty() || text.len() > max_digits || (text.len() > 1 && text.starts_with(b"0")) {
        return None;
    }
    text.iter().try_fold(0, |value, digit| Some(value * 10 + char::from(*digit).to_digit(10)?))
}
