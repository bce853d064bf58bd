//! In which order 16 bytes are a UUID: that of its text, or .NET's, in which the first three fields
//! have their lowest byte first.
//!
//! RFC 9562 puts a version, from 1 to 8, and a variant, the bits 10, into every UUID. Where all
//! values of a column have both in one order and not in the other, the values decide.

use model::{Stored, Type};
use uuid::Uuid;

use super::choose::Chosen;

/// What the values of 16 bytes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guids {
    /// Values of 16 bytes.
    pub values: u64,
    /// Those of them that are another UUID in each order.
    order_dependent: u64,
    /// Those of them that have version and variant in the text's order.
    text: u64,
    /// Those of them that have both in .NET's.
    little_endian: u64,
    /// The first of them.
    first: [u8; 16],
}

/// The orders in which all values are UUIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// That of the text alone.
    Text,
    /// .NET's alone.
    LittleEndian,
    /// Either.
    Both,
    /// None.
    Neither,
    /// No value differs in the two orders.
    Same,
}

impl Guids {
    /// Sees a blob.
    pub fn observe_blob(&mut self, blob: &[u8]) {
        let Ok(bytes) = <[u8; 16]>::try_from(blob) else { return };
        self.values += 1;
        let (text, little_endian) = (Uuid::from_bytes(bytes), Uuid::from_bytes_le(bytes));
        if text == little_endian {
            return;
        }
        if self.order_dependent == 0 {
            self.first = bytes;
        }
        self.order_dependent += 1;
        self.text += u64::from(is_valid_uuid(text));
        self.little_endian += u64::from(is_valid_uuid(little_endian));
    }

    /// The order that fits all values.
    pub fn byte_order(&self) -> Order {
        match (self.text == self.order_dependent, self.little_endian == self.order_dependent) {
            _ if self.order_dependent == 0 => Order::Same,
            (true, true) => Order::Both,
            (true, false) => Order::Text,
            (false, true) => Order::LittleEndian,
            (false, false) => Order::Neither,
        }
    }

    /// The encoding of a `uuid` column all of whose values are 16 bytes; where they do not decide,
    /// something for a person to decide.
    pub fn choose_encoding(&self) -> Chosen {
        let chosen = |stored| Chosen::encoded(Type::Uuid, stored);
        match self.byte_order() {
            Order::Same => chosen(Stored::Blob),
            Order::Text => chosen(Stored::Blob),
            Order::LittleEndian => chosen(Stored::GuidLe).with_reason(format!(
                "all of {} values have the version and the variant of a UUID in .NET's byte order, \
                 and not in the usual order",
                self.order_dependent
            )),
            Order::Both | Order::Neither => chosen(Stored::Undecided).with_finding(format!(
                "the order of the 16 bytes is not known: stored = \"blob\" reads the first value \
                 as {}, stored = \"guid_le\" (.NET's Guid.ToByteArray) as {}; write the correct \
                 one in the column's line",
                Uuid::from_bytes(self.first),
                Uuid::from_bytes_le(self.first)
            )),
        }
    }

    /// What a column of blobs could be instead; `named` says that its name or its declared type
    /// calls it a UUID. None where the values do not look so.
    pub fn alternative_for_blobs(&self, named: bool) -> Option<String> {
        let line = |stored: &str, uuid: Uuid| {
            format!("type = \"uuid\", stored = \"{stored}\" reads the first value as {uuid}")
        };
        let text = line("blob", Uuid::from_bytes(self.first));
        let little_endian = line("guid_le", Uuid::from_bytes_le(self.first));
        let lines = match self.byte_order() {
            Order::Text => text,
            Order::LittleEndian => format!("{little_endian} (.NET's byte order)"),
            Order::Both => format!("{text}, {little_endian} (.NET's byte order)"),
            Order::Neither if named => format!("{text}, {little_endian} (.NET's byte order)"),
            Order::Neither | Order::Same => return None,
        };
        Some(format!("copied as bytes; all of {} values have 16 bytes: {lines}", self.values))
    }
}

/// Whether version and variant are those of RFC 9562.
fn is_valid_uuid(uuid: Uuid) -> bool {
    let bytes = uuid.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    (1..=8).contains(&(at(6) >> 4)) && at(8) >> 6 == 0b10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_byte_order(blobs: &[[u8; 16]]) -> Order {
        let mut guids = Guids::default();
        blobs.iter().for_each(|blob| guids.observe_blob(blob));
        guids.byte_order()
    }

    #[test]
    fn version_and_variant_decide_where_one_order_fits_alone() {
        let one = Uuid::parse_str("a0eebc99-9c0b-4ef8-9b6d-6bb9bd380a11").unwrap();
        let two = Uuid::parse_str("a0eebc99-9c0b-4e18-9b6d-6bb9bd380a11").unwrap();
        assert_eq!(find_byte_order(&[*one.as_bytes()]), Order::Text);
        assert_eq!(find_byte_order(&[one.to_bytes_le()]), Order::LittleEndian);
        assert_eq!(find_byte_order(&[two.to_bytes_le()]), Order::Both);
        assert_eq!(find_byte_order(&[two.to_bytes_le(), one.to_bytes_le()]), Order::LittleEndian);
        assert_eq!(find_byte_order(&[*one.as_bytes(), one.to_bytes_le()]), Order::Neither);
        assert_eq!(find_byte_order(&[[0; 16], [0xff; 16]]), Order::Same);
        assert_eq!(find_byte_order(&[]), Order::Same);
    }
}
