//! Any cell of the sample, as SQLite is to hold it.

use model::{Stored, Type};
use rusqlite::types::Value;

use super::hints::Hint;
use super::plan::{ColumnPlan, Group, Origin, Plan, SampleContext};
use super::random::{Dice, mix, salt};
use super::text::{Wanted, json, text};
use super::time;

/// JSON where no hint says which.
const JSON: &[&str] = &[r#"{"n":%n,"t":%t}"#, "[%n, %n]", "null", "%t"];
const NANOSECOND: i64 = 1;
const MICROSECOND: i64 = 1_000;
const MILLISECOND: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;

impl SampleContext {
    /// A cell, by the places of its table and column, and its row's number.
    pub fn cell(&self, table: usize, column: usize, row: u64) -> Value {
        let at = self.tables.get(table);
        let Some((plan, at)) = at.and_then(|plan| Some((plan, plan.columns.get(column)?))) else {
            return Value::Null;
        };
        let mut dice = Dice::new(at.salt, row);
        let null = at.column.null && is_null(plan, at, column as u64, row, &mut dice);
        match at.origin {
            Origin::Id => Value::Integer(id(plan, row)),
            _ if null => Value::Null,
            Origin::Parent { group, column } => match plan.groups.get(group) {
                Some(group) => self.cell(group.parent, column, self.parent(group, row)),
                None => Value::Null,
            },
            Origin::Digit(digit) => few(at.column.ty, at.hint, digit.of(row)),
            Origin::Free => self.made(plan, at, row, None, &mut dice),
            Origin::Unique => self.made(plan, at, row, Some(row), &mut dice),
        }
    }

    /// The row of the parent that a row refers to. Early rows are referred to more often, and a
    /// table that refers to itself refers to rows that came before.
    fn parent(&self, group: &Group, row: u64) -> u64 {
        let rows = self.tables.get(group.parent).map_or(0, |plan| plan.rows);
        let mut dice = Dice::new(group.salt, row);
        match group.digit {
            Some(digit) => digit.of(row),
            None if group.itself => dice.below(row),
            None => dice.below(rows).min(dice.below(rows)),
        }
    }

    /// A value that is not a reference, or one that no foreign key holds.
    fn made(
        &self,
        plan: &Plan,
        at: &ColumnPlan,
        row: u64,
        unique: Option<u64>,
        dice: &mut Dice,
    ) -> Value {
        let wanted = |hint| {
            let limit = match at.column.ty {
                Type::Varchar(limit) | Type::Char(limit) => usize::try_from(limit).ok(),
                _ => None,
            };
            Wanted { hint, limit, unique, row, paired: mix(plan.salt ^ mix(row)) % 997 }
        };
        match (at.column.ty, at.hint) {
            (Type::Uuid, _) => uuid(at.column.stored, guid(self.seed, plan, row), dice),
            (Type::Text, Hint::Guid) => {
                Value::Text(hyphened(&guid(self.seed, plan, row), "0123456789abcdef"))
            }
            (_, Hint::Cell(table, column)) => self.borrowed(table, column, dice),
            (_, Hint::ZeroOr(table, column)) => match dice.one_in(3) {
                true => Value::Integer(0),
                false => self.borrowed(table, column, dice),
            },
            (Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Citext, hint) => {
                Value::Text(text(wanted(hint), dice))
            }
            (Type::Json | Type::Jsonb, Hint::Any) => Value::Text(json(JSON, dice)),
            (Type::Json | Type::Jsonb, hint) => Value::Text(text(wanted(hint), dice)),
            (Type::Timestamp | Type::Timestamptz | Type::Date, _) => {
                self.moment(plan, at, row, dice)
            }
            (ty, hint) => match unique {
                Some(row) => Value::Integer(row.cast_signed()),
                None => plain(ty, at.column.stored, hint, row, dice),
            },
        }
    }

    /// What some row of another table has, also of the other database; 0 where there is none.
    fn borrowed(&self, table: &str, column: &str, dice: &mut Dice) -> Value {
        let found = self.named(table).filter(|(_, plan)| plan.rows > 0).and_then(|(at, plan)| {
            let column = plan.table.columns.iter().position(|known| known.name == column)?;
            Some(self.cell(at, column, dice.below(plan.rows).min(dice.below(plan.rows))))
        });
        found.unwrap_or(Value::Integer(0))
    }

    fn moment(&self, plan: &Plan, at: &ColumnPlan, row: u64, dice: &mut Dice) -> Value {
        let mut row_dice = Dice::new(plan.salt, row);
        let when = self.span.at(row, plan.rows, at.time, &mut row_dice, dice);
        let day = time::day_of(when);
        match (at.column.ty, at.column.stored) {
            (Type::Date, Stored::UnixS) => Value::Integer(day * 86_400),
            (Type::Date, Stored::Julian) => time::julian_day(day),
            (Type::Date, _) => Value::Text(time::day_text(day)),
            (_, Stored::UnixS) => time::unix(when, SECOND),
            (_, Stored::UnixMs) => time::unix(when, MILLISECOND),
            (_, Stored::UnixUs) => time::unix(when, MICROSECOND),
            (_, Stored::UnixNs) => time::unix(when, NANOSECOND),
            (_, Stored::Julian) => time::julian(when),
            (_, Stored::TextUtc) => time::utc(when, dice),
            (Type::Timestamp, _) => time::without_zone(when, dice),
            _ => time::with_offset(when, dice),
        }
    }
}

/// One row in eight is NULL for sure, one is not, the rest is chance.
fn is_null(plan: &Plan, at: &ColumnPlan, index: u64, row: u64, dice: &mut Dice) -> bool {
    if let Origin::Parent { group, .. } = at.origin
        && plan.groups.get(group).is_some_and(|group| group.itself)
        && row == 0
    {
        return true;
    }
    match (row + index) % 8 {
        0 => true,
        3 => false,
        _ => dice.one_in(7),
    }
}

fn id(plan: &Plan, row: u64) -> i64 {
    let gaps = if plan.gaps { row / 7 + row / 50 * 13 } else { 0 };
    plan.first_id.saturating_add((row + gaps).cast_signed())
}

/// The value of a column that has few, by its place among them.
fn few(ty: Type, hint: Hint, place: u64) -> Value {
    let at = usize::try_from(place).unwrap_or_default();
    let text = |texts: &[&str]| Value::Text(texts.get(at).copied().unwrap_or_default().to_owned());
    match (ty, hint) {
        (Type::Enum(declared), _) => text(declared.labels),
        (Type::Date, _) => Value::Text(time::day_text(17_000 + place.cast_signed())),
        (_, Hint::OneOf(texts)) => text(texts),
        _ => Value::Integer(place.cast_signed()),
    }
}

fn plain(ty: Type, stored: Stored, hint: Hint, row: u64, dice: &mut Dice) -> Value {
    let integer = |dice: &mut Dice, low: i64, high: i64| match hint {
        Hint::Range(low, high) => dice.between(low, high),
        _ => match dice.below(16) {
            0 => 0,
            1 => low,
            2 => high,
            3 => -1,
            _ => dice.between(0, 100),
        },
    };
    match ty {
        Type::Bool => Value::Integer(dice.between(0, 1)),
        Type::Int2 => Value::Integer(integer(dice, i64::from(i16::MIN), i64::from(i16::MAX))),
        Type::Int4 => Value::Integer(integer(dice, i64::from(i32::MIN), i64::from(i32::MAX))),
        Type::Int8 => Value::Integer(integer(dice, i64::MIN, i64::MAX)),
        Type::Float4 | Type::Float8 => Value::Real(float(ty, hint, dice)),
        Type::Numeric(parts) => numeric(parts, hint, dice),
        Type::Bytea => Value::Blob(bytes(row, dice)),
        Type::Interval => Value::Integer(length(stored, dice)),
        Type::Time => time::of_day(dice),
        Type::Inet => Value::Text(dice.pick(ADDRESSES).to_owned()),
        Type::Cidr => Value::Text(dice.pick(NETWORKS).to_owned()),
        Type::Enum(declared) => Value::Text(dice.pick(declared.labels).to_owned()),
        Type::Array(Type::Text) => Value::Text(json(TEXT_ARRAYS, dice)),
        Type::Array(_) => Value::Text(json(NUMBER_ARRAYS, dice)),
        // The others have been dealt with before they come here, or no table of Connect has them; a
        // test lists those.
        _ => Value::Null,
    }
}

/// Exactly as many digits as a float4 keeps, or anything a double can be.
fn float(ty: Type, hint: Hint, dice: &mut Dice) -> f64 {
    const EXTREMES: &[f64] =
        &[0.0, -0.0, 0.1, 1e-300, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, -1.0 / 3.0];
    let exact = |number: i64| f64::from(i32::try_from(number).unwrap_or(i32::MAX));
    if let Hint::Range(low, high) = hint {
        return exact(dice.between(low * 100, high * 100)) / 100.0;
    }
    let place = usize::try_from(dice.below(12)).unwrap_or_default();
    match EXTREMES.get(place) {
        Some(extreme) if matches!(ty, Type::Float8) => *extreme,
        _ => exact(dice.between(-4_000, 4_000)) / 8.0,
    }
}

/// A number with at most the digits that the column has.
fn numeric(parts: Option<(u16, u16)>, hint: Hint, dice: &mut Dice) -> Value {
    let ten = |power: u16| 10_i32.pow(u32::from(power.min(8)));
    let Some((precision, scale)) = parts else {
        return match dice.below(6) {
            0 => Value::Integer(i64::MIN),
            1 => Value::Real(1e-7),
            2 => Value::Real(-123_456.789),
            3 => Value::Real(1e20),
            _ => Value::Integer(dice.between(-1_000, 1_000)),
        };
    };
    let below = f64::from(ten(scale));
    let most = i64::from(ten(precision)) - 1;
    let (low, high) = match hint {
        Hint::Range(low, high) => (low * i64::from(ten(scale)), high * i64::from(ten(scale))),
        _ => (-most, most),
    };
    let digits = dice.between(low, high).clamp(-most, most);
    match dice.one_in(4) {
        true => Value::Integer(digits / i64::from(ten(scale))),
        false => Value::Real(f64::from(i32::try_from(digits).unwrap_or_default()) / below),
    }
}

/// Encrypted values, mostly; every byte there is, none at all, and 100 kB of them.
fn bytes(row: u64, dice: &mut Dice) -> Vec<u8> {
    match row % 1_024 {
        5 => dice.bytes(100_000),
        place if place % 16 == 1 => (0..=255).collect(),
        place if place % 16 == 2 => Vec::new(),
        _ => {
            let length = 24 + dice.below(72);
            dice.bytes(usize::try_from(length).unwrap_or_default())
        }
    }
}

/// A length of time of up to a day, in the unit of the encoding, rarely backwards.
fn length(stored: Stored, dice: &mut Dice) -> i64 {
    let unit = match stored {
        Stored::Seconds => SECOND,
        Stored::Milliseconds => MILLISECOND,
        Stored::Microseconds => MICROSECOND,
        _ => NANOSECOND,
    };
    let length = dice.between(0, 86_400 * SECOND) / unit;
    match dice.below(16) {
        0 => 0,
        1 => -length,
        _ => length,
    }
}

/// The id of a row by RFC 4122, version 4.
fn guid(seed: u64, plan: &Plan, row: u64) -> [u8; 16] {
    let mut dice = Dice::new(salt(seed, plan.table.name), row);
    let high = dice.roll() & !0xF000 | 0x4000;
    let low = dice.roll() & !(0b11 << 62) | 0b10 << 62;
    ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
}

/// 32 digits of an alphabet, with hyphens.
fn hyphened(bytes: &[u8; 16], alphabet: &str) -> String {
    let digits = alphabet.as_bytes();
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.extend(digits.get(usize::from(digit)).map(|digit| char::from(*digit)));
        }
    }
    text
}

/// A column of type `uuid` takes all the ways to write one.
fn uuid(stored: Stored, bytes: [u8; 16], dice: &mut Dice) -> Value {
    if stored == Stored::Blob {
        return Value::Blob(bytes.to_vec());
    }
    let usual = || hyphened(&bytes, "0123456789abcdef");
    Value::Text(match dice.below(12) {
        0 => hyphened(&bytes, "0123456789ABCDEF"),
        1 => usual().replace('-', ""),
        2 => format!("{{{}}}", usual()),
        _ => usual(),
    })
}

const ADDRESSES: &[&str] = &[
    "10.1.2.3",
    "192.168.100.77",
    "172.16.0.9/12",
    "0.0.0.0",
    "255.255.255.255",
    "::1",
    "::",
    "2001:db8::8a2e:370:7334",
    "2001:db8:1::ab9:c0a8:102/64",
    "::ffff:192.0.2.128",
    "fe80::1/10",
];
const NETWORKS: &[&str] = &[
    "10.0.0.0/8",
    "192.168.7.0/24",
    "192.0.2.1",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::1/128",
    "::/0",
    "203.0.113.128/25",
];
const TEXT_ARRAYS: &[&str] = &[
    "[]",
    r#"["one"]"#,
    r#"[%t, "b,c", "{d}", "q\"uote", "back\\slash", "NULL", "", null]"#,
    r#"[ %t , %p ]"#,
    r#"[null]"#,
    r#"["\u00fc\n"]"#,
];
const NUMBER_ARRAYS: &[&str] = &["[]", "[0]", "[%n, -%n, null]", "[ %n,%n , 2147483647 ]", "[-1]"];
