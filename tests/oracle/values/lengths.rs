//! Lengths of time as text, or nearly.

use model::{Stored, Type};
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::{clock, date, time};

/// A length of time in one of the forms of text.
pub fn written_length(stored: Stored) -> BoxedStrategy<String> {
    match stored {
        Stored::EpochDate => prop_oneof![
            3 => (date(), "[ T]", clock()).prop_map(|(d, t, c)| format!("{d}{t}{c}")),
            3 => "19(69-12-31|70-01-0[1-3]) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{6})?",
            1 => time(Type::Interval),
        ]
        .boxed(),
        Stored::Timespan => (
            "-?",
            "([0-9]{1,8}\\.)?",
            prop_oneof![
                3 => "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,8})?".boxed(),
                1 => clock().boxed(),
            ],
            "[ \n]?",
        )
            .prop_map(|(sign, days, clock, end)| format!("{sign}{days}{clock}{end}"))
            .boxed(),
        Stored::Timedelta => (
            "(-?[0-9]{1,3} days?, |-?1 day, |-?0?1 days, |[0-9]{9,10} days, |- ?2 days,|)",
            prop_oneof![
                3 => "(1?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?".boxed(),
                1 => clock().boxed(),
            ],
            "[ \n]?",
        )
            .prop_map(|(days, clock, end)| format!("{days}{clock}{end}"))
            .boxed(),
        _ => duration(),
    }
}

/// Durations of ISO 8601. The hours that servers before 15 keep and cannot print are left out.
fn duration() -> BoxedStrategy<String> {
    let part = |unit: &str| format!("([-+]?([0-9]{{1,3}}|[0-9]{{8,9}}){unit})?");
    let date: String = ["Y", "M", "W", "D"].map(part).concat();
    let time: String = ["H", "M", "S"].map(part).concat();
    let string = |pattern: &str| prop::string::string_regex(pattern).unwrap().boxed();
    prop_oneof![
        3 => string(&format!("[-+]?P{date}(T{time})?")),
        3 => string("-?P([0-9]{1,3}D)?T([0-9]{1,2}H)?[-+]?[0-9]{1,2}(\\.[0-9]{1,9})?S"),
        1 => string("P(178956970Y[78]M|214748364[6-9]D|2147483648M|30678337[89]W)(T[0-9]S)?"),
        1 => string("-P(178956970Y[89]M|214748364[789]D|-?2147483648M)"),
        1 => string("[ \t]?[-+]?[Pp][0-9]{1,18}[YMWDHS.T]?(T?[0-9]{1,2}[YMWDHS])?\n?"),
    ]
    .boxed()
}
