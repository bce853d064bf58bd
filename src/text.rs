//! Text from outside, made safe to show: names of tables, columns, files, roles and processes,
//! server messages, contents of files.
//!
//! On a terminal a control character can move the cursor, change the title or forge a line, and a
//! formatting character can turn the text around it. Both are shown as escapes instead. Everything
//! that is printed passes through here, a line at a time; JSON keeps the exact text.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_width::UnicodeWidthStr;

/// A text for people, as every message is made: nothing decides by it. With the feature
/// `bracketed-texts` it stands in brackets, and code that reads it all the same goes wrong.
pub fn make_message(text: impl Into<String>) -> String {
    let text = text.into();
    match cfg!(feature = "bracketed-texts") && !text.is_empty() {
        true => format!("⟦{text}⟧"),
        false => text,
    }
}

/// A text with the lines that it introduces below it.
pub fn with_lines(text: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("\n  {line}")).collect();
    format!("{text}{}", lines.concat())
}

/// A run of characters without a blank is cut when it is longer than this.
const WORD_MAX: usize = 1_000;
/// So much of it is shown.
const WORD_SHOWN: usize = 200;
/// A line is cut behind so many characters.
const LINE_MAX: usize = 8_000;

/// Whether a character is invisible or changes how the text around it is shown: control
/// characters, line and paragraph separators, and formatting characters such as those for the
/// direction of text.
pub fn is_hidden(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    let ascii = c.is_ascii() && !c.is_ascii_control();
    !ascii
        && matches!(get_general_category(c), Control | Format | LineSeparator | ParagraphSeparator)
}

/// Text of a file for people, on one line: hidden characters as escapes such as `\n` and `\u{1b}`.
/// What is escaped already stays as it is.
pub fn escape_hidden(line: &str) -> Cow<'_, str> {
    if !line.chars().any(is_hidden) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    line.chars().for_each(|c| push_escaped(&mut out, c));
    Cow::Owned(out)
}

/// JSON in which hidden characters of strings stand as escapes: a terminal may show it, and for a
/// program it is the same. Line feeds stand between values only.
pub fn escape_hidden_in_json(json: &str) -> Cow<'_, str> {
    let is_shown = |c: char| c == '\n' || !is_hidden(c);
    if json.chars().all(is_shown) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_shown(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    Cow::Owned(out)
}

/// One line of text for a terminal: [`escape_hidden`], and over-long text is cut.
pub fn escape(line: &str) -> Cow<'_, str> {
    let plain = line.len() <= WORD_MAX && !line.chars().any(is_hidden);
    if plain {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for (index, word) in line.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        let length = word.chars().count();
        let shown = if length > WORD_MAX { WORD_SHOWN } else { length };
        word.chars().take(shown).for_each(|c| push_escaped(&mut out, c));
        if shown < length {
            let _ = write!(out, "…({} more characters)", length - shown);
        }
    }
    let length = out.chars().count();
    if length > LINE_MAX {
        let end = out.char_indices().nth(LINE_MAX).map_or(out.len(), |(index, _)| index);
        out.truncate(end);
        let _ = write!(out, "…({} more characters)", length - LINE_MAX);
    }
    Cow::Owned(out)
}

/// Text of several lines whose line breaks are meant: each line by itself as [`escape`] shows it.
pub fn escape_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(escape).collect();
    lines.join("\n")
}

/// A word of a command line as a POSIX shell takes it: quoted where it is not plain.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./=:@%+,".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// A command for a hint: `program`, which may hold its options, and a file's path as its last word.
/// A path that begins with a hyphen is not taken for an option.
#[must_use]
pub fn command_on_path(program: &str, path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = if path.starts_with('-') { format!("./{path}") } else { path.into_owned() };
    format!("{program} {}", shell_word(&path))
}

/// One line of text in a Markdown file: what would be markup there is shown as it is.
pub fn escape_markdown(line: &str) -> String {
    let line = escape_hidden(line);
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if matches!(c, '|' | '*' | '_' | '`' | '<' | '\\' | '[' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A line for people in lines of at most `width` characters, broken at blanks; all but the first
/// begin with `indent` blanks, which count. A word that is longer has a line of its own.
#[must_use]
pub fn wrap_line(line: &str, width: usize, indent: usize) -> String {
    wrap_words(line.split(' '), width, indent)
}

/// The same for a message: what stands in backticks is not broken, so that it can be pasted.
#[must_use]
pub fn wrap_message(line: &str, width: usize, indent: usize) -> String {
    let is_paired = line.matches('`').count().is_multiple_of(2);
    let mut is_code = false;
    let words = line.split(|c: char| {
        is_code ^= c == '`' && is_paired;
        c == ' ' && !is_code
    });
    wrap_words(words, width, indent)
}

fn wrap_words<'w>(words: impl Iterator<Item = &'w str>, width: usize, indent: usize) -> String {
    let (mut out, mut length, mut begun) = (String::new(), 0, false);
    for word in words {
        let wide = word.width();
        if begun && length + 1 + wide > width {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            length = indent;
        } else if begun {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += wide;
        begun = true;
    }
    out
}

/// A TOML string.
pub fn toml_string(content: &str) -> String {
    let mut out = String::with_capacity(content.len() + 2);
    out.push('"');
    for c in content.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_hidden(c) => {
                let _ = match u32::from(c) {
                    code @ ..=0xFFFF => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\n' | '\r' | '\t' => out.extend(c.escape_default()),
        c if is_hidden(c) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        c => out.push(c),
    }
}

/// Lines for a terminal. Each is given by itself and escaped, so that no name within it can begin
/// another one.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
}

impl Lines {
    /// Adds a line.
    pub fn add_line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(&escape(line.as_ref()));
        self.text.push('\n');
    }

    /// Adds an empty line.
    pub fn add_blank_line(&mut self) {
        self.text.push('\n');
    }

    /// Adds lines that were made in the same way.
    pub fn append_lines(&mut self, lines: Lines) {
        self.text.push_str(&lines.text);
    }

    /// Whether there is no line yet.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// All of it.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// `2023.09–2024.12`, or one version's name.
pub fn version_range(versions: &[String]) -> String {
    match versions {
        [] => String::new(),
        [one] => one.clone(),
        [first, .., last] => format!("{first}–{last}"),
    }
}

/// `1 table`, `40 tables`.
pub fn count_with_noun(count: u64, what: &str) -> String {
    format!("{} {what}{}", group_thousands(count), if count == 1 { "" } else { "s" })
}

/// `1 byte`, `12 bytes`
pub fn count_bytes(bytes: &[u8]) -> String {
    count_with_noun(bytes.len() as u64, "byte")
}

/// A number with its thousands apart.
pub fn group_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time as precise as it can be known beforehand.
pub fn describe_time(time: Duration) -> String {
    match time.as_secs() {
        0 => "a second".to_owned(),
        seconds @ ..100 => format!("{} s", seconds + 1),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// A time that was measured: `0.42 s`, `58.1 s`, `2 min 58 s`, `3 h 05 min`.
pub fn describe_duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.2} s", time.as_secs_f64()),
        10..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A size in powers of 1000: `1 byte`, `70 bytes`, `1.2 kB`, `9.6 GB`.
pub fn describe_bytes(bytes: u64) -> String {
    if bytes < 1000 {
        return count_with_noun(bytes, "byte");
    }
    let (mut size, mut unit) = (bytes as f64 / 1000.0, "kB");
    for next in ["MB", "GB", "TB"] {
        if size >= 999.5 {
            (size, unit) = (size / 1000.0, next);
        }
    }
    match size < 9.95 {
        true => format!("{size:.1} {unit}"),
        false => format!("{size:.0} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown_as_escapes() {
        let name = "a\u{1b}[2J\nerror: b\r\t\u{202e}c\u{200b}\u{7f}\u{9b}\u{feff}\u{2028}";
        let shown = escape(name);
        assert_eq!(
            shown,
            "a\\u{1b}[2J\\nerror: b\\r\\t\\u{202e}c\\u{200b}\\u{7f}\\u{9b}\\u{feff}\\u{2028}"
        );
        assert_eq!(escape(&shown), shown);
        assert_eq!(escape("größe „Straße“ 表 → \\n"), "größe „Straße“ 表 → \\n");
    }

    #[test]
    fn long_text_is_cut() {
        let long = format!("table {} is damaged", "x".repeat(100_000));
        let shown = escape(&long);
        assert!(shown.ends_with("x…(99800 more characters) is damaged"), "{shown}");
        assert!(escape(&"y ".repeat(100_000)).chars().count() < LINE_MAX + 40);
    }

    #[test]
    fn a_name_cannot_begin_a_line() {
        let mut lines = Lines::default();
        lines.add_line("table a\ndone: b");
        assert_eq!(lines.into_text(), "table a\\ndone: b\n");
    }

    #[test]
    fn lines_are_wrapped_at_blanks() {
        let line = "  K1  a reference to a row that is not there";
        assert_eq!(
            wrap_line(line, 24, 6),
            "  K1  a reference to a\n      row that is not\n      there"
        );
        assert_eq!(wrap_line(line, 80, 6), line);
        assert_eq!(wrap_line("a toolongword b", 6, 2), "a\n  toolongword\n  b");
        assert_eq!(wrap_line("", 6, 2), "");
        assert_eq!(wrap_message("run `a b c` or `d", 6, 2), "run `a\n  b c`\n  or\n  `d");
        assert_eq!(wrap_message("run `a b c` or d", 6, 2), "run\n  `a b c`\n  or d");
    }

    #[test]
    fn measures_have_their_units() {
        let times = [0, 420, 9_999, 58_100, 60_000, 178_000, 11_100_000];
        let described = times.map(|ms| describe_duration(Duration::from_millis(ms)));
        let expected =
            ["0.00 s", "0.42 s", "10.00 s", "58.1 s", "1 min 00 s", "2 min 58 s", "3 h 05 min"];
        assert_eq!(described, expected);
        let sizes = [0, 1, 999, 1_200, 999_499, 999_500, 9_600_000_000, 12_000_000_000_000];
        let expected =
            ["0 bytes", "1 byte", "999 bytes", "1.2 kB", "999 kB", "1.0 MB", "9.6 GB", "12 TB"];
        assert_eq!(sizes.map(describe_bytes), expected);
    }

    #[test]
    fn times_are_described_in_round_numbers() {
        let times = [300, 4_200, 99_999, 100_000, 7_200_000];
        let described = times.map(|ms| describe_time(Duration::from_millis(ms)));
        assert_eq!(described, ["a second", "5 s", "100 s", "2 min", "120 min"]);
    }
}
