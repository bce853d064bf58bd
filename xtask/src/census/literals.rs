//! Literals that stand for something else: ids of findings as strings, and limits of integer types
//! as marks.

use super::code::{Code, is_name};

/// The lines of string literals that are an id of a finding, such as `T1` or `K1b`.
pub fn id_lines(code: &Code) -> Vec<usize> {
    let ids = code.strings.iter().filter(|literal| is_id(&literal.text));
    ids.map(|literal| literal.line).collect()
}

/// A capital letter of those that findings have, one or two digits, sometimes a `b`.
fn is_id(text: &str) -> bool {
    let text = text.strip_suffix('b').unwrap_or(text);
    let Some(digits) = text.strip_prefix(|letter: char| "BDFJKOPQRST".contains(letter)) else {
        return false;
    };
    matches!(digits.len(), 1 | 2) && digits.chars().all(|digit| digit.is_ascii_digit())
}

/// The lines in which the largest value of an unsigned type is a mark for "none": where it is
/// stored (`x = usize::MAX`, `field: usize::MAX`), also by a branch, compared with for equality,
/// or a pattern. As a bound (an argument, `unwrap_or` after a conversion, `<`) it is none.
pub fn sentinel_lines(code: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for limit in ["usize::MAX", "u64::MAX", "u32::MAX", "u16::MAX", "u8::MAX"] {
        for (place, _) in code.match_indices(limit) {
            let before = code.get(..place).unwrap_or_default();
            let after = code.get(place + limit.len()..).unwrap_or_default();
            if !before.ends_with(is_name) && is_mark(before.trim_end(), after.trim_start()) {
                lines.push(before.matches('\n').count() + 1);
            }
        }
    }
    lines.sort_unstable();
    lines
}

/// Whether a limit between these texts is a mark.
fn is_mark(before: &str, after: &str) -> bool {
    let compared = |text: &str| ["==", "!="].iter().any(|operator| text.starts_with(operator));
    let pattern = after.starts_with("=>") || after.starts_with('|') && !after.starts_with("||");
    if compared(after) || before.ends_with("==") || before.ends_with("!=") || pattern {
        return true;
    }
    let is_all = after.starts_with([';', ',', '}']);
    let compares = ["<=", ">=", "=>"].iter().any(|operator| before.ends_with(operator));
    let assigned = before.ends_with('=') && !compares;
    let field = before.ends_with(':') && !before.ends_with("::");
    // A branch of what is assigned to a place that exists: `x.y = if … { a } else { usize::MAX };`
    let branch = before.ends_with('{') && after.starts_with('}') && is_assigned_branch(before);
    is_all && (assigned || field || branch)
}

/// Whether the statement that a text ends in assigns to a place.
fn is_assigned_branch(before: &str) -> bool {
    let statement = before.rsplit([';', '\n']).next().unwrap_or_default().trim_start();
    let place = statement.split(" = ").next().unwrap_or_default();
    place.len() < statement.len() && place.chars().all(|letter| is_name(letter) || letter == '.')
}
