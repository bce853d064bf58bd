//! Statements of a function's body: what they assign, select and return.

use std::collections::BTreeMap;

use model::expression::Kind;

use super::bodies::{Done, Expanded, Functions, replace_value_word};
use super::pieces::{self, Piece};

/// The words that begin statements which are no assignments.
const STATEMENTS: &[&str] = &[
    "if",
    "elsif",
    "elseif",
    "case",
    "when",
    "while",
    "for",
    "foreach",
    "exit",
    "continue",
    "return",
    "select",
    "insert",
    "update",
    "delete",
    "merge",
    "with",
    "perform",
    "execute",
    "raise",
    "assert",
    "get",
    "open",
    "fetch",
    "move",
    "close",
    "call",
    "end",
    "null",
    "exception",
];

/// What a variable holds.
struct Held {
    value: Vec<Piece>,
    used: bool,
}

/// What a body has done so far.
pub(super) struct Run<'a> {
    functions: &'a Functions,
    depth: usize,
    done: Done,
    held: BTreeMap<String, Held>,
}

impl<'a> Run<'a> {
    /// Nothing yet.
    pub(super) fn new(functions: &'a Functions, depth: usize) -> Run<'a> {
        Run { functions, depth, done: Done::default(), held: BTreeMap::new() }
    }

    /// All of it; what a variable holds and nobody has asked for is lost from sight.
    pub(super) fn finish(mut self) -> Done {
        for held in self.held.into_values().filter(|held| !held.used) {
            self.done.loose.extend(pieces::nextval_arguments(&held.value));
        }
        self.done
    }

    /// Follows a statement; in SQL a SELECT is what the function returns.
    pub(super) fn follow_statement(&mut self, pieces: &[Piece], plain_sql: bool) {
        let Some(first) = pieces.first() else { return };
        let word = first.text.to_lowercase();
        if word == "return" {
            let value = self.expand_value(pieces.get(1..).unwrap_or_default());
            // Behind a trigger's RETURN stands a row, which is followed by its columns.
            return self.done.returned.push(value);
        }
        if word == "select" {
            return self.follow_select(pieces, plain_sql);
        }
        let no_statement = first.kind == Kind::Quoted || !STATEMENTS.contains(&word.as_str());
        if let Some((target, value)) = split_assignment(pieces).filter(|_| no_statement) {
            let value = self.expand_value(value);
            return self.assign_target(target, value);
        }
        self.note_loose_values(pieces);
    }

    /// Whatever asks for a value here, and nobody knows what becomes of it.
    fn note_loose_values(&mut self, given: &[Piece]) {
        let Expanded { pieces, loose } = self.functions.expand_calls_at_depth(given, self.depth);
        self.done.loose.extend(pieces::nextval_arguments(&pieces));
        self.done.loose.extend(loose);
    }

    /// An expression with the variables' values in it, and calls replaced.
    fn expand_value(&mut self, given: &[Piece]) -> Vec<Piece> {
        let mut value = given.to_vec();
        for (name, held) in &mut self.held {
            let with = replace_value_word(&value, name, &held.value);
            held.used |= with != value;
            value = with;
        }
        let Expanded { pieces, loose } = self.functions.expand_calls_at_depth(&value, self.depth);
        self.done.loose.extend(loose);
        pieces
    }

    fn assign_target(&mut self, target: Target, value: Vec<Piece>) {
        match target {
            Target::Column(column) => self.done.given.push((column, value)),
            Target::Variable(name) => {
                let asks = |value: &[Piece]| !pieces::nextval_arguments(value).is_empty();
                match self.held.get(&name) {
                    // Which of both values it has is not known.
                    Some(held) if asks(&held.value) || asks(&value) => {
                        let both = [held.value.clone(), value].concat();
                        self.done.loose.extend(pieces::nextval_arguments(&both));
                        self.held.remove(&name);
                    }
                    _ => {
                        self.held.insert(name, Held { value, used: false });
                    }
                }
            }
        }
    }

    /// `SELECT value`, `SELECT value INTO target` and `SELECT INTO target value`.
    fn follow_select(&mut self, given: &[Piece], plain_sql: bool) {
        const MORE: &[&str] =
            &["from", "where", "union", "group", "order", "limit", "having", "intersect", "except"];
        let plain = pieces::pieces_outside_parentheses(given).all(|(_, piece)| {
            !piece.is_symbol(",") && !MORE.iter().any(|word| piece.is_word(word))
        });
        let inside = given.get(1..).unwrap_or_default();
        let into =
            pieces::pieces_outside_parentheses(inside).find(|(_, piece)| piece.is_word("into"));
        match (plain, into.map(|(place, _)| place)) {
            (true, None) if plain_sql => {
                let value = self.expand_value(without_alias(inside));
                self.done.returned.push(value);
            }
            (true, Some(place)) => {
                let (before, after) = inside.split_at(place);
                let after = after.get(1..).unwrap_or_default();
                let strict = after.first().is_some_and(|piece| piece.is_word("strict"));
                let after = after.get(usize::from(strict)..).unwrap_or_default();
                match split_target(after) {
                    Some((found, rest)) if before.is_empty() != rest.is_empty() => {
                        let value = if before.is_empty() { rest } else { without_alias(before) };
                        let value = self.expand_value(value);
                        self.assign_target(found, value);
                    }
                    _ => self.note_loose_values(given),
                }
            }
            _ => self.note_loose_values(given),
        }
    }
}

/// Where a value goes.
enum Target {
    /// A column of `NEW`.
    Column(String),
    /// A variable.
    Variable(String),
}

/// `NEW.column` or `variable` at the beginning, and what stands behind.
fn split_target(pieces: &[Piece]) -> Option<(Target, &[Piece])> {
    let [first, rest @ ..] = pieces else { return None };
    match (first.is_word("new"), rest) {
        (true, [dot, column, rest @ ..]) if dot.is_symbol(".") => {
            Some((Target::Column(column.folded_name()?), rest))
        }
        (false, _) => Some((Target::Variable(first.folded_name()?), rest)),
        _ => None,
    }
}

/// `target := value`, `target = value`, or a variable's declaration with a value.
fn split_assignment(given: &[Piece]) -> Option<(Target, &[Piece])> {
    let (found, rest) = split_target(given)?;
    let sign = |(place, piece): (usize, &Piece)| {
        let before = place.checked_sub(1).and_then(|at| rest.get(at));
        match piece.is_symbol("=") {
            true => {
                Some((before.map_or(place, |b| place - usize::from(b.is_symbol(":"))), place + 1))
            }
            false => piece.is_word("default").then_some((place, place + 1)),
        }
    };
    let (end, begin) = pieces::pieces_outside_parentheses(rest).find_map(sign)?;
    // Behind a column nothing stands before the sign, behind a variable perhaps its type.
    let direct = end == 0 || matches!(found, Target::Variable(_));
    direct.then(|| (found, rest.get(begin..).unwrap_or_default()))
}

/// An expression without the name that a SELECT gives it.
fn without_alias(pieces: &[Piece]) -> &[Piece] {
    match pieces {
        [value @ .., word, _] if word.is_word("as") => value,
        _ => pieces,
    }
}
