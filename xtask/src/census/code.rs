//! Rust source as text: comments and literals blanked, items for tests cut off. A stripped text
//! has the lines of the original, so that a place in one is a place in the other.

/// A string literal of a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StringLiteral {
    /// The line that it begins in, from 1.
    pub line: usize,
    /// Its content as written, escapes included.
    pub text: String,
}

/// A source file without what is no code.
#[derive(Debug, Default)]
pub struct Code {
    /// The text; comments, and the content of strings and characters, are blanks.
    pub text: String,
    /// The string literals, in order.
    pub strings: Vec<StringLiteral>,
}

/// Reads a source file: comments, literals and items for tests are taken out of the text.
pub fn strip(source: &str) -> Code {
    let mut scanner = Scanner { rest: source, line: 1, code: Code::default() };
    while scanner.step() {}
    let Code { text, strings } = scanner.code;
    let tests = test_lines(&text);
    let is_test = |line: usize| tests.get(line.wrapping_sub(1)).copied().unwrap_or_default();
    let lines = text.split('\n').zip(&tests);
    let text: Vec<&str> = lines.map(|(line, test)| if *test { "" } else { line }).collect();
    let strings = strings.into_iter().filter(|literal| !is_test(literal.line)).collect();
    Code { text: text.join("\n"), strings }
}

/// For each line, whether it belongs to an item under `#[cfg(test)]`. Items end where rustfmt
/// puts their closing brace or semicolon: at the column of the attribute.
fn test_lines(text: &str) -> Vec<bool> {
    let mut end: Option<usize> = None;
    let mut tests = Vec::new();
    for line in text.split('\n') {
        let indent = line.len() - line.trim_start().len();
        let starts = end.is_none() && line.trim() == "#[cfg(test)]";
        tests.push(starts || end.is_some());
        if starts {
            end = Some(indent);
        } else if end == Some(indent) && !line.trim_start().starts_with('#') {
            let closed = line.trim_end().ends_with(';') || line.trim_start().starts_with('}');
            let one_line = line.trim_end().ends_with('}');
            if closed || one_line {
                end = None;
            }
        }
    }
    tests
}

/// Goes through a source file, from token to token.
struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    code: Code,
}

impl Scanner<'_> {
    /// Moves one character, comment or literal on; false at the end.
    fn step(&mut self) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.skip_blanked(end);
        } else if self.rest.starts_with("/*") {
            let end = block_comment(self.rest);
            self.skip_blanked(end);
        } else if let Some(hashes) = self.raw_string() {
            let quote = self.rest.find('"').unwrap_or_default();
            self.copy(quote);
            let end = format!("\"{}", "#".repeat(hashes));
            let after = self.rest.get(1..).unwrap_or_default();
            self.string(after.find(&end).unwrap_or(after.len()));
        } else if self.rest.starts_with('"') {
            self.string(string_end(self.rest.get(1..).unwrap_or_default()));
        } else if let Some(length) = character(self.rest) {
            self.copy(1);
            self.skip_blanked(length);
            self.copy(1);
        } else {
            self.copy(self.rest.chars().next().map_or(1, char::len_utf8));
        }
        true
    }

    /// Moves over a string whose content has this many bytes, from its opening quote.
    fn string(&mut self, length: usize) {
        let line = self.line;
        self.copy(1);
        let text = self.rest.get(..length).unwrap_or(self.rest).to_owned();
        self.skip_blanked(text.len());
        self.copy(1);
        self.code.strings.push(StringLiteral { line, text });
    }

    fn copy(&mut self, length: usize) {
        let (copied, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.line += copied.matches('\n').count();
        self.code.text.push_str(copied);
        self.rest = rest;
    }

    fn skip_blanked(&mut self, length: usize) {
        let (skipped, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.line += skipped.matches('\n').count();
        let blank = |letter: char| if letter == '\n' { '\n' } else { ' ' };
        self.code.text.extend(skipped.chars().map(blank));
        self.rest = rest;
    }

    /// The number of `#` where a raw string begins here.
    fn raw_string(&self) -> Option<usize> {
        if self.code.text.ends_with(is_name) {
            return None;
        }
        let rest = self.rest.strip_prefix("br").or_else(|| self.rest.strip_prefix('r'))?;
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        rest.get(hashes..)?.starts_with('"').then_some(hashes)
    }
}

/// Whether a character can be part of a name.
pub fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut place = 0;
    while let Some(rest) = text.get(place..).filter(|rest| !rest.is_empty()) {
        let length = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        place += length;
        if depth == 0 {
            break;
        }
    }
    place
}

/// The bytes before the closing quote of a string with escapes.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (place, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return place,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The bytes between the quotes where a character literal, and no lifetime, begins.
fn character(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('\'')?;
    if let Some(escape) = rest.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return Some(1 + first + escape.get(first..)?.find('\'')?);
    }
    let length = rest.chars().next()?.len_utf8();
    rest.get(length..)?.starts_with('\'').then_some(length)
}
