//! UUIDs and network addresses as text, by the libraries' own reading.

use super::Unread;
use std::net::{Ipv4Addr, Ipv6Addr};
use uuid::Uuid;

/// IPv4 and IPv6 as the first byte of an address's form.
pub(super) const V4: u8 = 4;
pub(super) const V6: u8 = 6;

/// Appends the 16 bytes of a UUID.
pub(super) fn append_uuid(text: &[u8], out: &mut Vec<u8>) -> Result<(), Unread> {
    const NOT: Unread = "not a UUID";
    let plain = text.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    if plain
        && matches!(text.len(), 32 | 36)
        && let Ok(uuid) = Uuid::try_parse_ascii(text)
    {
        out.extend_from_slice(uuid.as_bytes());
        return Ok(());
    }
    let text = match text {
        [b'{', inner @ .., b'}'] => inner,
        text => text,
    };
    // A hyphen may follow each group of four digits but the last, as PostgreSQL has it.
    let (mut digits, mut count, mut hyphen) = ([0; 32], 0, true);
    for byte in text {
        if *byte == b'-' {
            if hyphen || count % 4 != 0 || count == 32 {
                return Err(NOT);
            }
            hyphen = true;
            continue;
        }
        *digits.get_mut(count).ok_or(NOT)? = *byte;
        count += 1;
        hyphen = false;
    }
    let parsed = Uuid::try_parse_ascii(&digits).ok().filter(|_| count == 32);
    out.extend_from_slice(parsed.ok_or(NOT)?.as_bytes());
    Ok(())
}

/// Appends family, bits and address.
pub(super) fn append_address(text: &[u8], network: bool, out: &mut Vec<u8>) -> Result<(), Unread> {
    const NOT: Unread = "not a network address";
    let text = std::str::from_utf8(text).map_err(|_| NOT)?;
    let (host, bits) = match text.split_once('/') {
        Some((host, bits)) => (host, Some(bits)),
        None => (text, None),
    };
    let bits = match bits {
        Some(bits) if bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(bits.parse::<u8>().map_err(|_| NOT)?)
        }
        Some(_) => return Err(NOT),
        None => None,
    };
    let (width, value) = if let Ok(v4) = host.parse::<Ipv4Addr>() {
        (32, u128::from(v4.to_bits()))
    } else {
        (128, host.parse::<Ipv6Addr>().map_err(|_| NOT)?.to_bits())
    };
    let bits = bits.unwrap_or(width);
    let host_bits = width.checked_sub(bits).ok_or(NOT)?;
    let mask = 1u128.checked_shl(host_bits.into()).unwrap_or(0).wrapping_sub(1);
    if network && value & mask != 0 {
        return Err("bits to the right of the network's mask");
    }
    out.push(if width == 32 { V4 } else { V6 });
    out.push(bits);
    let bytes = value.to_be_bytes();
    let (_, v4) = bytes.split_at_checked(12).unwrap_or((&[], &bytes));
    out.extend_from_slice(if width == 32 { v4 } else { &bytes });
    Ok(())
}
