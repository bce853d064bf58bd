//! The forms in which times and booleans are written, by name and never by content.

/// The form of a text. Few bits, so that it costs next to nothing to see each of a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A word for a boolean, by its place among [`WORDS`].
    Word(usize),
    /// A date, a time, or both.
    Time {
        /// Whether there is a date.
        date: bool,
        /// What stands between date and time; 0 when there is no time.
        between: u8,
        /// Digits of the time: none, `HH:MM`, `HH:MM:SS`.
        clock: u8,
        /// Digits of the fraction: none, up to 3, 6, or more.
        fraction: u8,
        /// How the offset is written, by its place among [`OFFSETS`].
        offset: usize,
    },
    /// Nothing of that kind.
    Other,
}

/// Words for booleans, each with its opposite.
const WORDS: [&str; 6] = ["t/f", "true/false", "y/n", "yes/no", "on/off", "1/0"];

/// Ways to write an offset.
const OFFSETS: [&str; 6] = ["", "Z", "UTC", "+HH:MM", "+HHMM", " +HHMM ZONE"];

impl Form {
    /// Its name, for people.
    pub fn name(self) -> String {
        let (date, between, clock, fraction, offset) = match self {
            Form::Other => return "other".to_owned(),
            Form::Word(place) => return WORDS.get(place).copied().unwrap_or_default().to_owned(),
            Form::Time { date, between, clock, fraction, offset } => {
                (date, between, clock, fraction, offset)
            }
        };
        let mut name = if date { "YYYY-MM-DD" } else { "" }.to_owned();
        if between != 0 {
            name.push(char::from(between));
        }
        name.push_str(["", "HH:MM", "HH:MM:SS"].get(usize::from(clock)).unwrap_or(&""));
        name.push_str(
            ["", ".fff", ".ffffff", ".fffffffff"].get(usize::from(fraction)).unwrap_or(&""),
        );
        name.push_str(OFFSETS.get(offset).unwrap_or(&""));
        name
    }
}

/// The form of a boolean's word.
pub fn form_of_boolean_word(text: &[u8]) -> Form {
    let is = |pair: &&str| pair.split('/').any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    WORDS.iter().position(is).map_or(Form::Other, Form::Word)
}

/// The form of a date, a time, or both.
#[inline]
pub fn form_of_time(text: &[u8]) -> Form {
    let (date, between, rest) = match text {
        [_, _, _, _, b'-', _, _, b'-', _, _, rest @ ..] => match rest {
            [] => (true, 0, rest),
            [between @ (b'T' | b't' | b' '), rest @ ..] => (true, *between, rest),
            _ => return Form::Other,
        },
        _ => (false, 0, text),
    };
    let (clock, rest) = match rest {
        [_, _, b':', _, _, b':', _, _, rest @ ..] => (2, rest),
        [_, _, b':', _, _, rest @ ..] => (1, rest),
        [] if date => (0, rest),
        _ => return Form::Other,
    };
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let fraction = match digits {
                0 => return Form::Other,
                1..=3 => 1,
                4..=6 => 2,
                _ => 3,
            };
            (fraction, rest.get(digits..).unwrap_or_default())
        }
        _ => (0, rest),
    };
    let offset = match rest {
        [] => 0,
        b"Z" | b"z" => 1,
        b"UTC" | b" UTC" | b"GMT" | b" GMT" | b" Z" => 2,
        [b'+' | b'-', _, _, b':', _, _] | [b' ', b'+' | b'-', _, _, b':', _, _] => 3,
        [b'+' | b'-', _, _, _, _] | [b'+' | b'-', _, _] => 4,
        [b' ', b'+' | b'-', _, _, _, _, b' ', ..] => 5,
        _ => return Form::Other,
    };
    Form::Time { date, between, clock, fraction, offset }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_have_names_that_show_no_digit() {
        let named = |text: &str| form_of_time(text.as_bytes()).name();
        assert_eq!(named("2024-01-02"), "YYYY-MM-DD");
        assert_eq!(named("2024-01-02T03:04:05Z"), "YYYY-MM-DDTHH:MM:SSZ");
        assert_eq!(named("2024-01-02 03:04:05.5+01:00"), "YYYY-MM-DD HH:MM:SS.fff+HH:MM");
        assert_eq!(
            named("2024-01-02 03:04:05.123456789 +0100 CET m=+0.1"),
            "YYYY-MM-DD HH:MM:SS.fffffffff +HHMM ZONE"
        );
        assert_eq!(named("03:04"), "HH:MM");
        for other in ["", "now", "secret", "2024-01-02x", "12024-01-02", "03:04:05."] {
            assert_eq!(named(other), "other", "{other}");
        }
        assert_eq!(form_of_boolean_word(b"FALSE").name(), "true/false");
        assert_eq!(form_of_boolean_word(b"secret").name(), "other");
    }
}
