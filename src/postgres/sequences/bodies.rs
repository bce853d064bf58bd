//! What functions do with sequences, as far as their bodies tell: values returned, and values given
//! to columns of `NEW`.
//!
//! PostgreSQL's catalog knows nothing of a body that is a text. Statements are distinguished and
//! assignments followed; whatever is not plain is kept as a loose call, from which nobody can say
//! what it feeds.

use std::collections::BTreeSet;

use model::expression::Kind;

use super::pieces::{self, Piece};
use super::statements::Run;

/// A function of the application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its body, in the language's words or in the server's.
    pub body: String,
    /// The names of its parameters, empty where they have none.
    pub parameters: Vec<String>,
}

/// The application's functions.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    /// All of them, in any schema.
    pub all: Vec<Function>,
    /// The schema whose functions are meant where a name stands alone and several have it.
    pub schema: String,
}

/// An expression in which calls of functions are replaced by what they return.
#[derive(Clone, Debug, Default)]
pub struct Expanded {
    /// The expression.
    pub pieces: Vec<Piece>,
    /// Arguments of `nextval` in functions that could not be replaced.
    pub loose: Vec<Vec<Piece>>,
}

/// What stands in a body for texts that its trigger gives it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Words and their texts: `tg_table_name`.
    pub words: Vec<(&'static str, String)>,
    /// `TG_ARGV`.
    pub arguments: Vec<String>,
}

/// What a body does.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// What it returns.
    pub returned: Vec<Vec<Piece>>,
    /// What it gives to columns of `NEW`.
    pub given: Vec<(String, Vec<Piece>)>,
    /// Arguments of `nextval` whose value goes nobody knows where.
    pub loose: Vec<Vec<Piece>>,
}

/// So deep are calls followed.
const DEEP: usize = 8;

/// The words that begin statements or blocks, behind which another statement begins.
const BLOCKS: &[&str] = &["begin", "then", "else", "loop", "declare", "atomic"];

impl Functions {
    /// Whether a text may call one of them.
    pub fn may_be_called_in(&self, text: &str) -> bool {
        let pieces = pieces::split_into_pieces(text);
        let names: BTreeSet<String> = pieces.iter().filter_map(Piece::folded_name).collect();
        self.all.iter().any(|function| names.contains(&function.name))
    }

    /// Replaces calls by what the functions return.
    pub fn expand_calls(&self, pieces: &[Piece]) -> Expanded {
        self.expand_calls_at_depth(pieces, 0)
    }

    pub(super) fn expand_calls_at_depth(&self, given: &[Piece], depth: usize) -> Expanded {
        let mut out = Expanded::default();
        let mut place = 0;
        while let Some(piece) = given.get(place) {
            let open = given.get(place + 1).is_some_and(|next| next.is_symbol("("));
            let known = piece.folded_name().filter(|_| open).filter(|name| self.has_function(name));
            let (Some(name), Some(last)) = (known, pieces::closing_bracket(given, place + 1))
            else {
                out.pieces.push(piece.clone());
                place += 1;
                continue;
            };
            let inner = given.get(place + 2..last).unwrap_or_default();
            let arguments: Vec<&[Piece]> = match inner.is_empty() {
                true => Vec::new(),
                false => pieces::split_outside_parentheses(inner, |piece| piece.is_symbol(",")),
            };
            let schema = pieces::name_start(given, place);
            let schema = given.get(schema).filter(|_| schema < place).and_then(Piece::folded_name);
            match self.returned_value(schema.as_deref(), &name, &arguments, depth) {
                Some(found) => {
                    if schema.is_some() {
                        // The schema and its dot.
                        out.pieces.truncate(out.pieces.len().saturating_sub(2));
                    }
                    out.pieces.push(Piece::new(Kind::Symbol, "("));
                    out.pieces.extend(found);
                    out.pieces.push(Piece::new(Kind::Symbol, ")"));
                }
                None => {
                    out.loose.extend(self.reachable_arguments(
                        schema.as_deref(),
                        &name,
                        &mut BTreeSet::new(),
                    ));
                    out.loose.extend(pieces::nextval_arguments(inner));
                    out.pieces.extend(given.get(place..=last).unwrap_or_default().iter().cloned());
                }
            }
            place = last + 1;
        }
        out
    }

    fn has_function(&self, name: &str) -> bool {
        self.all.iter().any(|function| function.name == name)
    }

    /// The functions that a name may mean.
    fn functions_named(&self, schema: Option<&str>, name: &str) -> Vec<&Function> {
        let of_name = self.all.iter().filter(|function| function.name == name);
        let wanted = schema.unwrap_or(&self.schema);
        let (here, elsewhere): (Vec<&Function>, Vec<&Function>) =
            of_name.partition(|function| function.schema == wanted);
        if here.is_empty() { elsewhere } else { here }
    }

    /// What a call returns, where one function of that name does nothing but return it.
    fn returned_value(
        &self,
        schema: Option<&str>,
        name: &str,
        arguments: &[&[Piece]],
        depth: usize,
    ) -> Option<Vec<Piece>> {
        let meant = self.functions_named(schema, name).into_iter();
        let mut all = meant.filter(|function| function.parameters.len() == arguments.len());
        let (Some(function), None, true) = (all.next(), all.next(), depth < DEEP) else {
            return None;
        };
        if self.may_call_itself(function) {
            return None;
        }
        let done = self.run_body_at_depth(function, &Given::default(), depth + 1);
        match (done.returned.as_slice(), done.given.is_empty() && done.loose.is_empty()) {
            ([one], true) => Some(replace_parameters(one, &function.parameters, arguments)),
            _ => None,
        }
    }

    /// Whether a function may come to call itself: what it returns has no end then.
    fn may_call_itself(&self, function: &Function) -> bool {
        let (mut to_visit, mut seen) = (self.called_names(function), BTreeSet::new());
        while let Some(name) = to_visit.pop() {
            if name == function.name {
                return true;
            }
            for called in self.functions_named(None, &name) {
                if seen.insert((called.schema.clone(), name.clone())) {
                    to_visit.extend(self.called_names(called));
                }
            }
        }
        false
    }

    /// The names of the functions that a body calls.
    fn called_names(&self, function: &Function) -> Vec<String> {
        let body = pieces::split_into_pieces(&function.body);
        let calls = body.iter().zip(body.iter().skip(1)).filter(|(_, next)| next.is_symbol("("));
        let names = calls.filter_map(|(piece, _)| piece.folded_name());
        names.filter(|name| self.has_function(name)).collect()
    }

    /// Every argument of `nextval` in a function and those that it calls.
    fn reachable_arguments(
        &self,
        schema: Option<&str>,
        name: &str,
        seen: &mut BTreeSet<String>,
    ) -> Vec<Vec<Piece>> {
        let mut found = Vec::new();
        if !seen.insert(name.to_owned()) {
            return found;
        }
        for function in self.functions_named(schema, name) {
            let body = pieces::split_into_pieces(&function.body);
            found.extend(pieces::nextval_arguments(&body));
            for (index, piece) in body.iter().enumerate() {
                let open = body.get(index + 1).is_some_and(|next| next.is_symbol("("));
                let called = piece.folded_name().filter(|name| open && self.has_function(name));
                found.extend(
                    called.into_iter().flat_map(|name| self.reachable_arguments(None, &name, seen)),
                );
            }
        }
        found
    }

    /// What a function's body does.
    pub fn run_body(&self, function: &Function, given: &Given) -> Done {
        self.run_body_at_depth(function, given, 0)
    }

    fn run_body_at_depth(&self, function: &Function, given: &Given, depth: usize) -> Done {
        let mut body =
            replace_trigger_arguments(&pieces::split_into_pieces(&function.body), &given.arguments);
        for (word, text) in &given.words {
            body = replace_value_word(&body, word, &[pieces::text_constant(text)]);
        }
        if !matches!(function.language.as_str(), "sql" | "plpgsql") {
            return Done { loose: pieces::nextval_arguments(&body), ..Done::default() };
        }
        let mut run = Run::new(self, depth);
        let ends =
            |piece: &Piece| piece.is_symbol(";") || BLOCKS.iter().any(|word| piece.is_word(word));
        let parts = pieces::split_outside_parentheses(&body, ends);
        for statement in parts.iter().filter(|part| !part.is_empty()) {
            run.follow_statement(statement, function.language == "sql");
        }
        run.finish()
    }
}

/// Pieces with a word replaced where it stands for a value: not as a part of another name.
pub(super) fn replace_value_word(
    pieces: &[Piece],
    name: &str,
    replacement: &[Piece],
) -> Vec<Piece> {
    let mut out = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| pieces.get(at));
        let after = pieces.get(index + 1);
        let part = before.is_some_and(|piece| piece.is_symbol("."))
            || after.is_some_and(|piece| piece.is_symbol(".") || piece.is_symbol("("));
        if piece.folded_name().as_deref() != Some(name) || part {
            out.push(piece.clone());
            continue;
        }
        out.push(Piece::new(Kind::Symbol, "("));
        out.extend(replacement.iter().cloned());
        out.push(Piece::new(Kind::Symbol, ")"));
    }
    out
}

/// Pieces with the texts of `TG_ARGV[0]` and its like; NULL behind the last.
fn replace_trigger_arguments(given: &[Piece], arguments: &[String]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut place = 0;
    while let Some(piece) = given.get(place) {
        let rest = given.get(place + 1..place + 4).unwrap_or_default();
        let number = match rest {
            [open, number, close] if open.is_symbol("[") && close.is_symbol("]") => {
                number.text.parse().ok()
            }
            _ => None::<usize>,
        };
        match number.filter(|_| piece.is_word("tg_argv")) {
            Some(number) => {
                let null = Piece::new(Kind::Word, "NULL");
                out.push(arguments.get(number).map_or(null, |text| pieces::text_constant(text)));
                place += 4;
            }
            None => {
                out.push(piece.clone());
                place += 1;
            }
        }
    }
    out
}

/// A body's value with a call's arguments in the places of parameters.
fn replace_parameters(
    value: &[Piece],
    parameters: &[String],
    arguments: &[&[Piece]],
) -> Vec<Piece> {
    let mut value = value.to_vec();
    for (name, argument) in parameters.iter().zip(arguments) {
        if !name.is_empty() {
            value = replace_value_word(&value, name, argument);
        }
    }
    let mut out = Vec::new();
    let mut place = 0;
    while let Some(piece) = value.get(place) {
        let number = value.get(place + 1).filter(|next| piece.is_symbol("$") && !next.apart);
        let number = number.and_then(|next| next.text.parse::<usize>().ok());
        match number.and_then(|number| arguments.get(number.checked_sub(1)?)) {
            Some(argument) => {
                out.push(Piece::new(Kind::Symbol, "("));
                out.extend(argument.iter().cloned());
                out.push(Piece::new(Kind::Symbol, ")"));
                place += 2;
            }
            None => {
                out.push(piece.clone());
                place += 1;
            }
        }
    }
    out
}
