//! SQLite's statements as tokens: enough to find the parts of a CREATE and to read expressions.
//!
//! The statements come from `sqlite_schema`, so SQLite has accepted them; a text that it would
//! not accept still gives some tokens, never an error.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in backticks or brackets.
    Name,
    /// Something in double quotes: a name, or where no such name exists, a text.
    Doubtful,
    /// A text in single quotes.
    Text,
    /// A blob like `x'00ff'`.
    Blob,
    /// A number.
    Number,
    /// An operator, parenthesis or comma.
    Mark,
}

/// A token and its place in the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// As it is written.
    pub raw: &'a str,
    /// Where it begins.
    pub start: usize,
}

const MARKS: &[&str] = &["->>", "||", "==", "!=", "<>", "<=", ">=", "<<", ">>", "->"];

impl<'a> Token<'a> {
    /// Whether it is this keyword.
    pub fn is_keyword(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.raw.eq_ignore_ascii_case(word)
    }

    /// Whether it is this operator, parenthesis or comma.
    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.raw == mark
    }

    /// Where it ends.
    pub fn end(&self) -> usize {
        self.start + self.raw.len()
    }

    /// What is inside its quotes, doubled ones made single; a word as it is.
    pub fn unquoted_content(&self) -> String {
        let inner = |open: usize| {
            let end = self.raw.len().saturating_sub(1);
            self.raw.get(open..end).unwrap_or_default()
        };
        match self.kind {
            Kind::Text => inner(1).replace("''", "'"),
            Kind::Doubtful => inner(1).replace("\"\"", "\""),
            Kind::Name if self.raw.starts_with('[') => inner(1).to_owned(),
            Kind::Name => inner(1).replace("``", "`"),
            Kind::Blob => inner(2).to_owned(),
            _ => self.raw.to_owned(),
        }
    }

    /// The name it may be.
    pub fn as_name(&self) -> Option<String> {
        match self.kind {
            // SQLite takes texts for names where only a name can stand.
            Kind::Word | Kind::Name | Kind::Doubtful | Kind::Text => Some(self.unquoted_content()),
            _ => None,
        }
    }
}

/// The tokens of a statement, without white space and comments.
pub fn tokenize(sql: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = sql.get(start..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = next_token(rest);
        if let (Some(kind), Some(raw)) = (kind, rest.get(..length)) {
            found.push(Token { kind, raw, start });
        }
        start += length;
    }
    found
}

/// The kind and length of what a text begins with; no kind for what is no token.
fn next_token(rest: &str) -> (Option<Kind>, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
    let while_ = |accept: &dyn Fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
    if first.is_ascii_whitespace() {
        return (None, while_(&|c| c.is_ascii_whitespace()));
    }
    if rest.starts_with("--") {
        return (None, rest.find('\n').map_or(rest.len(), |at| at + 1));
    }
    if rest.starts_with("/*") {
        return (None, rest.find("*/").map_or(rest.len(), |at| at + 2));
    }
    if rest.starts_with("x'") || rest.starts_with("X'") {
        let inner = rest.get(2..).unwrap_or_default();
        return (Some(Kind::Blob), inner.find('\'').map_or(rest.len(), |at| at + 3));
    }
    match first {
        '\'' => (Some(Kind::Text), quoted_length(rest, '\'')),
        '"' => (Some(Kind::Doubtful), quoted_length(rest, '"')),
        '`' => (Some(Kind::Name), quoted_length(rest, '`')),
        '[' => (Some(Kind::Name), rest.find(']').map_or(rest.len(), |at| at + 1)),
        _ if first.is_ascii_digit() || (first == '.' && is_digit_at(rest, 1)) => {
            (Some(Kind::Number), number_length(rest))
        }
        _ if word(first) => (Some(Kind::Word), while_(&word)),
        _ => {
            let long = MARKS.iter().find(|mark| rest.starts_with(**mark));
            (Some(Kind::Mark), long.map_or(first.len_utf8(), |mark| mark.len()))
        }
    }
}

fn is_digit_at(text: &str, index: usize) -> bool {
    text.as_bytes().get(index).is_some_and(u8::is_ascii_digit)
}

/// The length of a quoted token; a doubled quote inside does not end it.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            continue;
        }
        if chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let exponent_sign = matches!(byte, b'+' | b'-')
            && matches!(end.checked_sub(1).and_then(|before| bytes.get(before)), Some(b'e' | b'E'))
            && !rest.starts_with("0x")
            && !rest.starts_with("0X");
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || exponent_sign) {
            break;
        }
        end += 1;
    }
    end
}

/// The tokens between the parenthesis that `tokens` begins with and its partner, and how many
/// tokens that is with both.
pub fn tokens_in_parentheses<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<(&'t [Token<'a>], usize)> {
    if !tokens.first()?.is_mark("(") {
        return None;
    }
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if token.is_mark("(") {
            depth += 1;
        } else if token.is_mark(")") {
            depth -= 1;
        }
        if depth == 0 {
            return Some((tokens.get(1..index)?, index + 1));
        }
    }
    None
}

/// A list of tokens cut at its outermost commas.
pub fn split_at_commas<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0_i32;
    tokens
        .split(|token| {
            match token.raw {
                "(" if token.kind == Kind::Mark => depth += 1,
                ")" if token.kind == Kind::Mark => depth -= 1,
                _ => {}
            }
            depth == 0 && token.is_mark(",")
        })
        .collect()
}

/// The text of a statement from the first of some tokens to the last.
pub fn source_text<'a>(sql: &'a str, tokens: &[Token<'_>]) -> &'a str {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => sql.get(first.start..last.end()).unwrap_or_default(),
        _ => "",
    }
}
