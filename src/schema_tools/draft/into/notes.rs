//! Comments above a column's line, each said once.

use toml_edit::{Item, RawString, Table};

/// Writes comments above a column's line.
pub fn add_notes(columns: &mut Table, name: &str, notes: &[String], width: usize) {
    let Some(mut key) = columns.key_mut(name) else { return };
    let decor = key.leaf_decor_mut();
    let mut text = decor.prefix().and_then(RawString::as_str).unwrap_or_default().to_owned();
    for note in notes {
        for line in wrap_text(note, width) {
            text.push_str(&format!("# {line}\n"));
        }
    }
    decor.set_prefix(text);
}

/// Whether a comment of a column says something already, above its line or behind it; with other
/// counts it is the same.
pub fn has_note(columns: &Table, name: &str, note: &str) -> bool {
    let above = columns.key(name).and_then(|key| key.leaf_decor().prefix()?.as_str());
    let value = columns.get(name).and_then(Item::as_value);
    let after = value.and_then(|value| value.decor().suffix()?.as_str());
    let note = comment_words(note);
    [above, after].into_iter().flatten().any(|text| comment_words(text).contains(&note))
}

/// The words of comments without numbers and the ends that go with them: `(1 text)`, `(2 texts)`.
fn comment_words(text: &str) -> String {
    let word = |word: &str| word.trim_matches(['(', ')', ',', ':', ';', '#']).to_owned();
    let all = text.split_whitespace().map(word);
    let all = all.filter(|word| !word.chars().all(|c| c.is_ascii_digit()));
    let mut found = String::from(" ");
    for word in all {
        found.push_str(word.trim_end_matches('s'));
        found.push(' ');
    }
    found
}

/// A text in lines of some width, broken at blanks.
fn wrap_text(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let clean = crate::text::escape_hidden(text);
    for word in clean.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width {
            let blank = if line.is_empty() { "" } else { " " };
            line.push_str(&format!("{blank}{word}"));
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
