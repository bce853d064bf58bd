//! PostgreSQL's expressions as far as they can be read without PostgreSQL: their tokens.
//!
//! Schema files hold expressions as text (defaults, checks, predicates). Here is judged whether
//! such a text stays inside the statement it is put into, and which columns it may name. Whether
//! it means anything is the server's to say.

/// A piece of an expression; all pieces together are the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// How it is written.
    pub text: &'a str,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// White space.
    Space,
    /// A name without quotes, or a keyword.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A text constant in any of its forms, or a number.
    Literal,
    /// `--` or `/* */`.
    Comment,
    /// One character that is none of these.
    Symbol,
    /// A quote or comment that does not close.
    Unclosed,
}

/// The words that cannot name a table or column unless they are quoted.
pub(crate) const RESERVED: [&str; 101] = [
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// The tokens of a text.
pub fn tokenize(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (kind, length) = first_token(rest);
        let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        found.push(Token { kind, text });
        rest = after;
    }
    found
}

/// The kind and the length of the first token of a text that is not empty.
fn first_token(text: &str) -> (Kind, usize) {
    let start = text.chars().next().unwrap_or_default();
    let run = |inside: &dyn Fn(char) -> bool| text.find(|c: char| !inside(c)).unwrap_or(text.len());
    let closed = |kind: Kind, end: Option<usize>| match end {
        Some(end) => (kind, end),
        None => (Kind::Unclosed, text.len()),
    };
    if start.is_whitespace() {
        (Kind::Space, run(&char::is_whitespace))
    } else if text.starts_with("--") {
        (Kind::Comment, text.find('\n').unwrap_or(text.len()))
    } else if text.starts_with("/*") {
        closed(Kind::Comment, text.find("*/").map(|at| at + 2))
    } else if text.starts_with("E'") || text.starts_with("e'") {
        closed(Kind::Literal, quoted_end(text, 1, '\'', true))
    } else if start == '\'' {
        closed(Kind::Literal, quoted_end(text, 0, '\'', false))
    } else if start == '"' {
        closed(Kind::Quoted, quoted_end(text, 0, '"', false))
    } else if let Some(tag) = dollar_tag(text) {
        let body = text.get(tag.len()..).unwrap_or_default();
        closed(Kind::Literal, body.find(tag).map(|at| at + 2 * tag.len()))
    } else if is_name_start(start) {
        (Kind::Word, run(&|c| is_name_start(c) || c.is_ascii_digit() || c == '$'))
    } else if start.is_ascii_digit() {
        (Kind::Literal, run(&|c| c.is_ascii_alphanumeric() || c == '.' || c == '_'))
    } else {
        (Kind::Symbol, start.len_utf8())
    }
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && !c.is_whitespace())
}

/// The end of a quoted text whose quote stands at `open`; a doubled quote does not end it.
fn quoted_end(text: &str, open: usize, quote: char, escapes: bool) -> Option<usize> {
    let mut chars = text.char_indices().skip(open + 1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + quote.len_utf8());
        }
    }
    None
}

/// The tag of a dollar-quoted text: `$$` or `$name$`.
fn dollar_tag(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let end = name.find('$')?;
    let tag = name.get(..end)?;
    let starts_well = tag.chars().next().is_none_or(is_name_start);
    let plain = tag.chars().all(|c| is_name_start(c) || c.is_ascii_digit());
    (starts_well && plain).then(|| text.get(..end + 2)).flatten()
}

/// Why a text cannot be put into a statement as an expression, if it cannot.
pub fn expression_fault(text: &str) -> Option<&'static str> {
    let mut open = Vec::new();
    let mut any = false;
    for token in tokenize(text) {
        any |= token.kind != Kind::Space;
        match (token.kind, token.text) {
            (Kind::Unclosed, _) => return Some("has a quote or a comment that does not close"),
            (Kind::Comment, _) => return Some("has a comment"),
            (Kind::Symbol, ";") => return Some("has a semicolon"),
            (Kind::Symbol, "(") => open.push(")"),
            (Kind::Symbol, "[") => open.push("]"),
            (Kind::Symbol, close @ (")" | "]")) if open.pop() != Some(close) => {
                return Some("closes a parenthesis that is not open");
            }
            _ if token.text.contains('\0') => return Some("has a NUL character"),
            _ => {}
        }
    }
    match (any, open.is_empty()) {
        (false, _) => Some("is empty"),
        (true, false) => Some("has a parenthesis that does not close"),
        (true, true) => None,
    }
}

/// The names that may be columns: words and quoted names that are no keyword, function, type,
/// qualifier or collation where they stand.
pub fn column_names(text: &str) -> Vec<String> {
    let all: Vec<Token<'_>> =
        tokenize(text).into_iter().filter(|t| t.kind != Kind::Space).collect();
    let mut found = Vec::new();
    for (index, token) in all.iter().enumerate() {
        let name = match token.kind {
            Kind::Word => token.text.to_lowercase(),
            Kind::Quoted => unquote(token.text),
            _ => continue,
        };
        if token.kind == Kind::Word && RESERVED.contains(&name.as_str()) {
            continue;
        }
        let near = |at: Option<usize>| {
            let token = at.and_then(|at| all.get(at));
            token.map_or((Kind::Space, String::new()), |t| (t.kind, t.text.to_lowercase()))
        };
        let (_, before) = near(index.checked_sub(1));
        let (kind_after, after) = near(Some(index + 1));
        let no_column = matches!(before.as_str(), ":" | "as" | "collate" | "at")
            || matches!(after.as_str(), "(" | "." | "from")
            || kind_after == Kind::Literal;
        if !no_column {
            found.push(name);
        }
    }
    found
}

fn unquote(name: &str) -> String {
    let inner = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    inner.unwrap_or(name).replace("\"\"", "\"")
}
