//! PostgreSQL's names for its error codes: what an error is, in words that hold no data.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A line for each code: `23505 unique_violation`.
const TABLE: &str = include_str!("conditions.txt");

static NAMES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).collect()
});

/// The condition name of a code: `unique_violation`.
pub fn condition_name(code: &str) -> Option<&'static str> {
    NAMES.get(code).copied()
}

/// A code in words: `unique_violation (SQLSTATE 23505)`. What is no code at all is not repeated.
pub fn describe_code(code: &str) -> String {
    let sound = code.len() == 5
        && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    match condition_name(code) {
        Some(name) => format!("{name} (SQLSTATE {code})"),
        None if sound => format!("an error without a condition name (SQLSTATE {code})"),
        None => "an error without a valid SQLSTATE".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sound() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines.len(), NAMES.len());
        assert!(lines.is_sorted());
        for line in lines {
            let (code, name) = line.split_once(' ').unwrap();
            assert!(code.len() == 5 && !name.contains(' '), "{line}");
            assert_eq!(describe_code(code), format!("{name} (SQLSTATE {code})"));
        }
        for class in ["08", "22", "23", "25", "28", "40", "42", "53", "54", "55", "57", "58", "XX"]
        {
            assert!(NAMES.keys().any(|code| code.starts_with(class)), "{class}");
        }
    }

    #[test]
    fn code_is_shown_only_where_it_is_one() {
        assert_eq!(describe_code("23505"), "unique_violation (SQLSTATE 23505)");
        assert!(describe_code("AP001").ends_with("(SQLSTATE AP001)"));
        for code in ["", "2350", "secret", "sk_li", "ÄÖ1"] {
            assert_eq!(describe_code(code), "an error without a valid SQLSTATE");
        }
    }
}
