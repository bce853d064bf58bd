//! Expressions and function bodies as pieces: what stands where, and calls of `nextval`.

use model::expression::{self, Kind};

/// A token, and whether white space or a comment stood before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// How it is written.
    pub text: String,
    /// Whether it stands apart from the one before.
    pub apart: bool,
}

/// A call of `nextval` among pieces: the places of its first and last piece, and of the argument's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The first piece: the schema where there is one, the name otherwise.
    pub first: usize,
    /// The closing parenthesis.
    pub last: usize,
    /// The first piece of the argument; it ends before `last`.
    pub argument: usize,
}

impl Piece {
    /// A piece that stands apart.
    pub fn new(kind: Kind, text: impl Into<String>) -> Piece {
        Piece { kind, text: text.into(), apart: true }
    }

    /// Whether it is this symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// Whether it is this word, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// The name it is, as PostgreSQL folds it.
    pub fn folded_name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_lowercase()),
            Kind::Quoted => {
                let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
                Some(inner.replace("\"\"", "\""))
            }
            _ => None,
        }
    }
}

/// A text in pieces; white space and comments are left out.
pub fn split_into_pieces(text: &str) -> Vec<Piece> {
    let mut apart = false;
    let mut found = Vec::new();
    for token in expression::tokenize(text) {
        if matches!(token.kind, Kind::Space | Kind::Comment) {
            apart = true;
            continue;
        }
        found.push(Piece { kind: token.kind, text: token.text.to_owned(), apart });
        apart = false;
    }
    found
}

/// The text of pieces.
pub fn pieces_to_text(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        if piece.apart && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&piece.text);
    }
    out
}

/// The place of the parenthesis or bracket that closes the one at `open`.
pub fn closing_bracket(pieces: &[Piece], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, piece) in pieces.iter().enumerate().skip(open) {
        if piece.is_symbol("(") || piece.is_symbol("[") {
            depth += 1;
        } else if piece.is_symbol(")") || piece.is_symbol("]") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(index);
            }
        }
    }
    None
}

/// The pieces outside of all parentheses, with their places.
pub fn pieces_outside_parentheses(pieces: &[Piece]) -> impl Iterator<Item = (usize, &Piece)> {
    let mut depth = 0_usize;
    pieces.iter().enumerate().filter(move |(_, piece)| {
        let closes = piece.is_symbol(")") || piece.is_symbol("]");
        depth = if closes { depth.saturating_sub(1) } else { depth };
        let counts = depth == 0;
        depth += usize::from(piece.is_symbol("(") || piece.is_symbol("["));
        counts
    })
}

/// The parts between pieces outside of parentheses that `ends` says yes to.
pub fn split_outside_parentheses(pieces: &[Piece], ends: impl Fn(&Piece) -> bool) -> Vec<&[Piece]> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (place, piece) in pieces_outside_parentheses(pieces) {
        if ends(piece) {
            parts.push(pieces.get(begin..place).unwrap_or_default());
            begin = place + 1;
        }
    }
    parts.push(pieces.get(begin..).unwrap_or_default());
    parts
}

/// The first piece of the name that ends at `index`, with its schema where it has one.
pub fn name_start(pieces: &[Piece], index: usize) -> usize {
    let qualified =
        index.checked_sub(1).and_then(|at| pieces.get(at)).is_some_and(|p| p.is_symbol("."));
    if qualified { index.saturating_sub(2) } else { index }
}

/// The calls of `nextval`.
pub fn nextval_calls(pieces: &[Piece]) -> Vec<Call> {
    let mut found = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let open = pieces.get(index + 1).is_some_and(|next| next.is_symbol("("));
        if piece.folded_name().as_deref() != Some("nextval") || !open {
            continue;
        }
        if let Some(last) = closing_bracket(pieces, index + 1) {
            found.push(Call { first: name_start(pieces, index), last, argument: index + 2 });
        }
    }
    found
}

/// The arguments of all calls of `nextval`, those in texts that are run as statements among them.
pub fn nextval_arguments(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut found = Vec::new();
    collect_nextval_arguments(pieces, 0, &mut found);
    found
}

fn collect_nextval_arguments(pieces: &[Piece], depth: usize, found: &mut Vec<Vec<Piece>>) {
    const TEXTS_IN_TEXTS: usize = 4;
    for call in nextval_calls(pieces) {
        found.extend(pieces.get(call.argument..call.last).map(<[Piece]>::to_vec));
    }
    for piece in pieces.iter().filter(|_| depth < TEXTS_IN_TEXTS) {
        let quoted = matches!(piece.kind, Kind::Literal | Kind::Quoted);
        if quoted && piece.text.to_ascii_lowercase().contains("nextval") {
            collect_nextval_arguments(&split_into_pieces(&unquote(&piece.text)), depth + 1, found);
        }
    }
}

/// What a quoted text holds, as far as it is known without its escapes.
pub fn unquote(text: &str) -> String {
    let bare = text.trim_start_matches(['e', 'E']);
    for quote in ["'", "\""] {
        if let Some(inner) = bare.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.replace(&quote.repeat(2), quote);
        }
    }
    let tag = bare.strip_prefix('$').and_then(|rest| rest.find('$')).map_or(0, |at| at + 2);
    let end = bare.len().saturating_sub(tag);
    bare.get(tag..end).unwrap_or_default().to_owned()
}

/// A text constant.
pub fn text_constant(text: &str) -> Piece {
    Piece::new(Kind::Literal, model::sql::text_literal(text))
}
