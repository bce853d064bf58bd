//! Random values, most of them nearly what a type takes.

mod arrays;
mod lengths;

use std::fmt;

use model::{Stored, Type};
use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::codec_properties;

/// A value as SQLite may hold it; text need not be UTF-8.
#[derive(Clone, PartialEq)]
pub enum Held {
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Held::Integer(value) => write!(f, "integer {value}"),
            Held::Real(value) => write!(f, "real {value:?}"),
            Held::Text(bytes) => write!(f, "text {:?}", String::from_utf8_lossy(bytes)),
            Held::Blob(bytes) => write!(f, "blob {bytes:02x?}"),
        }
    }
}

/// So many values for a pair, the same for the same seed.
pub fn of(ty: Type, stored: Stored, count: u64, seed: u64) -> Vec<Held> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let strategy = prop_oneof![
        3 => integer().prop_map(Held::Integer),
        3 => real().prop_map(Held::Real),
        12 => written(ty, stored).prop_map(|text| Held::Text(text.into_bytes())),
        3 => changed(written(ty, stored)).prop_map(|text| Held::Text(text.into_bytes())),
        1 => any::<String>().prop_map(|text| Held::Text(text.into_bytes())),
        1 => broken(written(ty, stored)).prop_map(Held::Text),
        1 => blob().prop_map(Held::Blob),
    ];
    let numbers = match stored {
        Stored::Blob if ty == Type::Bool => prop_oneof![
            (0..3_u8).prop_map(|byte| Held::Blob(vec![byte])),
            "[01]|t|TRUE|off| yes |maybe|".prop_map(|word| Held::Blob(word.into_bytes())),
        ]
        .boxed(),
        Stored::BlobAsHex | Stored::BlobAsBase64 => {
            prop::collection::vec(any::<u8>(), 0..9).prop_map(Held::Blob).boxed()
        }
        Stored::Blob | Stored::GuidLe => blob().prop_map(Held::Blob).boxed(),
        Stored::Julian => julian().prop_map(Held::Real).boxed(),
        Stored::OleDay => prop_oneof![
            julian().prop_map(|day| Held::Real(day - 2_415_018.5)),
            (-700_000..3_000_000_i64).prop_map(Held::Integer),
            (0..3_000_000_i32, 0..86_400_000_i32).prop_map(|(day, millis)| {
                Held::Real(f64::from(day) + f64::from(millis) / 86_400_000.0)
            }),
        ]
        .boxed(),
        digits if digits.is_compact() => prop_oneof![
            compact().prop_map(|digits| Held::Integer(digits.parse().unwrap())),
            compact().prop_map(|digits| Held::Real(digits.parse().unwrap())),
            compact().prop_map(|digits| Held::Text(digits.into_bytes())),
        ]
        .boxed(),
        Stored::NumberOrWord => " ?[-+]?(nan|NaN|inf|INF|Infinity|infinit)\n?"
            .prop_map(|word| Held::Text(word.into_bytes()))
            .boxed(),
        Stored::Integer | Stored::Boolean | Stored::Decimal | Stored::Real => prop_oneof![
            integer().prop_map(Held::Integer),
            real().prop_map(Held::Real),
            (-2..3_i64).prop_map(Held::Integer),
            Just(Held::Real(1.0)),
        ]
        .boxed(),
        Stored::Text
        | Stored::TextUtc
        | Stored::JsonText
        | Stored::PgArray
        | Stored::Csv
        | Stored::Hex
        | Stored::Base64
        | Stored::EpochDate
        | Stored::Timespan
        | Stored::Timedelta
        | Stored::IsoDuration
        | Stored::RailsTime => strategy.clone().boxed(),
        _ => {
            prop_oneof![epoch(stored).prop_map(Held::Integer), real().prop_map(Held::Real)].boxed()
        }
    };
    let strategy = prop_oneof![2 => strategy, 1 => numbers];
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Whole numbers, many of them beside a limit.
fn integer() -> impl Strategy<Value = i64> + Clone {
    let edge = |power: u32, beside: i64| (1_i64.wrapping_shl(power)).wrapping_add(beside);
    prop_oneof![
        any::<i64>(),
        -100_000..100_000_i64,
        (0..64_u32, -2..3_i64).prop_map(move |(power, beside)| edge(power, beside)),
        (0..64_u32, -2..3_i64).prop_map(move |(p, beside)| edge(p, beside).wrapping_neg()),
        (-200_000..3_000_000_i64).prop_map(|days| days * 86_400),
    ]
}

/// Times by their unit, within PostgreSQL's range, at its ends, and beyond.
fn epoch(stored: Stored) -> impl Strategy<Value = i64> + Clone {
    let first = match stored {
        Stored::AppleS | Stored::AppleNs => 978_307_200,
        Stored::WebkitUs | Stored::Filetime => -11_644_473_600,
        Stored::DotnetTicks => -62_135_596_800,
        _ => 0,
    };
    let (unit, below) = match stored {
        Stored::AppleNs => (1_000_000_000, 1),
        Stored::WebkitUs => (1_000_000, 1),
        Stored::Filetime | Stored::DotnetTicks => (10_000_000, 1),
        Stored::UnixMs | Stored::Milliseconds => (1000, 1),
        Stored::UnixUs | Stored::Microseconds => (1_000_000, 1),
        Stored::UnixNs | Stored::Nanoseconds => (1_000_000_000, 1),
        _ => (1, 0),
    };
    let seconds = prop_oneof![
        -100_000..4_000_000_000_i64,
        -211_000_000_000..9_224_000_000_000_i64,
        // The first second that PostgreSQL has, and the first beyond its last.
        (-3..3_i64).prop_map(|beside| beside - 210_866_803_200),
        (-3..3_i64).prop_map(|beside| beside + 9_224_318_016_000),
        (-150_000..3_000_000_i64).prop_map(|days| days * 86_400),
        // Days of which 64 bits hold the nanoseconds.
        (-60_000..80_000_i64).prop_map(|days| days * 86_400),
        // Go's zero time.
        Just(-62_135_596_800),
    ];
    (seconds, prop_oneof![Just(0), -2000..2000_i64]).prop_map(move |(seconds, more)| {
        (seconds - first).wrapping_mul(unit).wrapping_add(more * below)
    })
}

/// Digits that write a time, or nearly.
fn compact() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|30)(|([01][0-9]|2[0-3])[0-5][0-9]\
         (|[0-5][0-9]))",
        "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])(0000|000000)",
        "[0-9]{4}(0[0-9]|1[0-3])([0-2][0-9]|3[0-2])(|[0-2][0-9][0-6][0-9](|[0-6][0-9]))",
        "[1-9][0-9]{5,16}",
    ]
}

fn real() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        any::<f64>(),
        any::<f32>().prop_map(f64::from),
        any::<f32>().prop_map(|value| value.to_string().parse().unwrap()),
        any::<i32>().prop_map(f64::from),
        any::<i64>().prop_map(|value| value as f64),
        (-100_000..100_000_i64, 0..6).prop_map(|(value, p)| value as f64 / 10_f64.powi(p)),
        (0..10_000_000_000_i64).prop_map(|value| value as f64 / 1e3),
        prop::sample::select(vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, 5e-324, 1e23]),
    ]
    .prop_map(|value| if value.is_nan() { 0.1 } else { value })
}

fn julian() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        0.0..5_400_000.0,
        (0..5_373_490_i32).prop_map(|day| f64::from(day) + 0.5),
        (0..5_373_490_i32, 0..86_400_000_i32)
            .prop_map(|(day, millis)| f64::from(day) + f64::from(millis) / 86_400_000.0),
        -2.0..2.0,
    ]
}

fn blob() -> impl Strategy<Value = Vec<u8>> + Clone {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(any::<u8>(), 16),
        any::<String>().prop_map(String::into_bytes),
    ]
}

/// Text with one place changed.
fn changed(text: BoxedStrategy<String>) -> impl Strategy<Value = String> + Clone {
    let patch = "[-+ :.,0-9a-fTZ{}\"\\[\\]\\\\\t\u{b}é]{0,2}";
    (text, any::<prop::sample::Index>(), patch).prop_map(|(text, place, patch)| {
        let mut characters: Vec<char> = text.chars().collect();
        let place = place.index(characters.len() + 1);
        let end = (place + 1).min(characters.len());
        characters.splice(place..end, patch.chars());
        characters.into_iter().collect()
    })
}

/// Text with bytes in it that belong to no text.
fn broken(text: BoxedStrategy<String>) -> impl Strategy<Value = Vec<u8>> + Clone {
    let bad = prop::sample::select(vec![
        &b"\0"[..],
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\xaf",
    ]);
    (text, any::<prop::sample::Index>(), bad).prop_map(|(text, place, bad)| {
        let mut bytes = text.into_bytes();
        let place = place.index(bytes.len() + 1);
        bytes.splice(place..place, bad.iter().copied());
        bytes
    })
}

/// Text as a type wants it, or nearly.
fn written(ty: Type, stored: Stored) -> BoxedStrategy<String> {
    match (ty, stored) {
        (Type::Array(element), Stored::JsonText) => arrays::array(*element),
        (Type::Array(element), stored) => arrays::written_array(*element, stored),
        (Type::Bool, _) => "[ \t]{0,2}([tTfFyYnN10]|TRUE|false|Yes|no|ON|off|of|tr)[ \r]?".boxed(),
        (Type::Json | Type::Jsonb, _) => prop_oneof![
            codec_properties::document(),
            "-?(0|[1-9][0-9]{0,9})(\\.[0-9]{1,9})?([eE][-+]?[0-9]{1,3})?",
            "[1-9]e(13107[0-3]|999999999|-16383|-16384|-20000)",
            "0e(1000000000|999999998|-16383|-16384)",
            "\"(\\\\u[0-9a-f]{4}|\\\\ud83d\\\\ude00|\\\\u0000|[a-z\u{7f}/])*\"",
            "\\{\"[ab]{1,2}\":1,\"[ab]{1,2}\":2,\"[ab]\":\\[\\]\\}",
            "NaN|Infinity|-Infinity|nul|'a'|\\[1,\\]|",
        ]
        .boxed(),
        (Type::Uuid, _) => prop_oneof![
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "\\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\\}?",
            "([0-9a-f]{4}-?){8}",
            "([0-9a-f]{4}-?){7}[0-9a-f]{4}",
        ]
        .boxed(),
        (Type::Inet | Type::Cidr, _) => prop_oneof![
            "[0-9]{1,3}\\.[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,3}(/[0-9]{1,2})?",
            "(10|192)\\.(0|168)\\.0\\.0/(8|16|24|32|33|0|08)",
            "([0-9a-f]{1,4}:){7}[0-9a-fA-F]{1,4}(/[0-9]{1,3})?",
            "([0-9a-f]{1,4}:|0:){0,6}:(:?[0-9a-f]{1,4}|:0){0,5}(/[0-9]{1,3})?",
            "::(ffff:)?[0-9]{1,3}\\.[0-9]{1,2}\\.1\\.1",
            "(0:){5}(0|ffff):[0-9a-f]{1,4}:[0-9a-f]{1,4}",
            "([0-9a-f]{1,4}:){6}1\\.2\\.3\\.4",
            "[0-9a-f]{1,4}::/(0|16|32|64|128|129)",
        ]
        .boxed(),
        (Type::Enum(_), _) => "sad|ok|très bien|SAD|ok |so so|".boxed(),
        (Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_), _) => {
            prop_oneof!["[a-zA-Zé😀 ]{0,7}", "\\PC{0,8}", any::<String>()].boxed()
        }
        (Type::Bytea, Stored::Hex | Stored::Base64) => bytes(stored),
        (Type::Bytea, _) => "\\\\x[0-9a-f]{0,4}|[a-zé]{0,5}".boxed(),
        (Type::Time, Stored::RailsTime) => prop_oneof![
            3 => ("2000-01-01[ T]", clock()).prop_map(|(day, clock)| day + &clock),
            1 => "2000-01-0[12] [0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{6})?[Z ]?",
            1 => time(Type::Timestamp),
        ]
        .boxed(),
        (
            Type::Interval,
            Stored::EpochDate | Stored::Timespan | Stored::Timedelta | Stored::IsoDuration,
        ) => lengths::written_length(stored),
        (Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz, Stored::Text)
        | (_, Stored::TextUtc) => time(ty).boxed(),
        _ => numeral().boxed(),
    }
}

/// Bytes as text, or nearly.
fn bytes(stored: Stored) -> BoxedStrategy<String> {
    match stored {
        Stored::Hex => {
            prop_oneof!["(\\\\x|0x|0X|\\\\X)?([0-9a-fA-F]{2}){0,9}", "[0-9a-fA-FxX]{0,9}"].boxed()
        }
        _ => prop_oneof![
            "([A-Za-z0-9+/]{4}\n?){0,4}([A-Za-z0-9+/]{2}[AQgw=]=|[A-Z]{2}[AEIMQUYc048]=)?\r?\n?",
            "([A-Za-z0-9_-]{4}){0,3}([A-Z][AQgw]|[a-z]{2}[AEIMQUYc048])?={0,3}",
            "[A-Za-z0-9+/_=-]{0,9}",
        ]
        .boxed(),
    }
}

/// Numbers as text.
fn numeral() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        "[ \t]?[-+]?[0-9]{1,22}[\n\u{b}]?",
        "[-+]?[0-9]{1,18}\\.[0-9]{1,12}",
        "[-+]?[0-9]{1,5}(\\.[0-9]{1,5})?[eE][-+]?[0-9]{1,3}",
        "[-+]?[0-9](\\.[0-9]{1,3})?e[-+]?(3[0-9]{2}|4[0-9]|1638[0-9]|13107[0-9])",
        "-?0{1,9}(\\.0{0,9})?(e-?[0-9]{1,5})?",
        "[1-9][0-9]{0,3}\\.[0-9]{2}0{0,4}",
        "[0-9]{990,1003}",
        "|-|\\.5|5\\.|1_000|1,5|0x10|inf|NaN|1e|e5|\\+ 1",
        (any::<i64>()).prop_map(|value| value.to_string()),
        (any::<f64>()).prop_map(|value| format!("{value:e}")),
    ]
}

fn date() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        4 => "(19[0-9]{2}|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
        2 => {
            "(19[0-9]{2}|20[0-9]{2}|000[01]|1600|1900|2000|9999)-(0[0-9]|1[0-3])-\
             ([0-2][0-9]|3[0-2])"
        },
        1 => "(000[01]|[0-9]{4}|[0-9]{5}|0[0-9]{5}|29427[5-7])-(01|12|02)-(01|31|29)",
        1 => "-?[0-9]{3,7}-[0-9]{1,2}-[0-9]{1,2}",
    ]
}

fn clock() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        3 => "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,10})?)?",
        1 => "(00|24|23):(00|59|60)(:(00|59|60|61)(\\.(0{1,9}|9{1,19}|0{6,8}1))?)?",
        1 => "[0-9]{1,2}:[0-9]{1,2}:?[0-9]{0,2}[.,]?[0-9]{0,3}",
    ]
}

fn time(ty: Type) -> impl Strategy<Value = String> + Clone {
    let offset = "( {0,2}(Z|z|UTC|GMT|CET|Europe/Berlin|\
        [+-](0[0-9]|1[0-6])(:?[0-5][0-9](:?[0-6][0-9])?)?\
        ( (UTC|CET|A|ABCDEFG|[+-]0[0-9]00|[+-]99))?))?( m=[+-][0-9]{1,2}(\\.[0-9]{1,9})?)?";
    let usual = "(Z|\\+00:00| \\+0000 UTC|[+-]0[0-9]:30)";
    let whole = (date(), "T|t| |  |", clock(), prop_oneof![2 => usual, 1 => offset], "[ \n]?")
        .prop_map(|(date, between, clock, offset, end)| {
            format!("{date}{between}{clock}{offset}{end}")
        });
    let midnight = (date(), prop_oneof![offset, Just(String::new())])
        .prop_map(|(date, offset)| format!("{date} 00:00:00{offset}"));
    let words = "now|today|infinity|-infinity|epoch|01/02/2024|2024|2024-01|20240102||  ";
    let short = matches!(ty, Type::Time);
    prop_oneof![
        6 => if short { clock().boxed() } else { whole.boxed() },
        2 => midnight,
        2 => date(),
        1 => clock(),
        1 => words,
    ]
}
