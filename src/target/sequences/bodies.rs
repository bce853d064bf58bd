//! What functions do with sequences, as far as their bodies tell: values returned, and values given
//! to columns of `NEW`.
//!
//! PostgreSQL's catalog knows nothing of a body that is a text. Statements are told apart and
//! assignments followed; whatever is not plain is kept as a loose call, from which nobody can say
//! what it feeds.

use std::collections::{BTreeMap, BTreeSet};

use model::expression::Kind;

use super::pieces::{self, Piece};

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

impl Functions {
    /// Whether a text may call one of them.
    pub fn any_in(&self, text: &str) -> bool {
        let pieces = pieces::of_text(text);
        let names: BTreeSet<String> = pieces.iter().filter_map(Piece::name).collect();
        self.all.iter().any(|function| names.contains(&function.name))
    }

    /// Replaces calls by what the functions return.
    pub fn expand(&self, given: &[Piece]) -> Expanded {
        self.expand_at(given, 0)
    }

    fn expand_at(&self, given: &[Piece], depth: usize) -> Expanded {
        let mut out = Expanded::default();
        let mut place = 0;
        while let Some(piece) = given.get(place) {
            let open = given.get(place + 1).is_some_and(|next| next.is("("));
            let known = piece.name().filter(|_| open).filter(|name| self.has(name));
            let (Some(name), Some(last)) = (known, pieces::closing(given, place + 1)) else {
                out.pieces.push(piece.clone());
                place += 1;
                continue;
            };
            let inner = given.get(place + 2..last).unwrap_or_default();
            let arguments: Vec<&[Piece]> = match inner.is_empty() {
                true => Vec::new(),
                false => pieces::split(inner, |piece| piece.is(",")),
            };
            let schema = pieces::name_begins(given, place);
            let schema = given.get(schema).filter(|_| schema < place).and_then(Piece::name);
            match self.returned(schema.as_deref(), &name, &arguments, depth) {
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
                    out.loose.extend(self.reached(schema.as_deref(), &name, &mut BTreeSet::new()));
                    out.loose.extend(pieces::arguments(inner));
                    out.pieces.extend(given.get(place..=last).unwrap_or_default().iter().cloned());
                }
            }
            place = last + 1;
        }
        out
    }

    fn has(&self, name: &str) -> bool {
        self.all.iter().any(|function| function.name == name)
    }

    /// The functions that a name may mean.
    fn meant(&self, schema: Option<&str>, name: &str) -> Vec<&Function> {
        let of_name = self.all.iter().filter(|function| function.name == name);
        let wanted = schema.unwrap_or(&self.schema);
        let (here, elsewhere): (Vec<&Function>, Vec<&Function>) =
            of_name.partition(|function| function.schema == wanted);
        if here.is_empty() { elsewhere } else { here }
    }

    /// What a call returns, where one function of that name does nothing but return it.
    fn returned(
        &self,
        schema: Option<&str>,
        name: &str,
        arguments: &[&[Piece]],
        depth: usize,
    ) -> Option<Vec<Piece>> {
        let meant = self.meant(schema, name).into_iter();
        let mut all = meant.filter(|function| function.parameters.len() == arguments.len());
        let (Some(function), None, true) = (all.next(), all.next(), depth < DEEP) else {
            return None;
        };
        let done = self.run_at(function, &Given::default(), depth + 1);
        match (done.returned.as_slice(), done.given.is_empty() && done.loose.is_empty()) {
            ([one], true) => Some(filled(one, &function.parameters, arguments)),
            _ => None,
        }
    }

    /// Every argument of `nextval` in a function and those that it calls.
    fn reached(
        &self,
        schema: Option<&str>,
        name: &str,
        seen: &mut BTreeSet<String>,
    ) -> Vec<Vec<Piece>> {
        let mut found = Vec::new();
        if !seen.insert(name.to_owned()) {
            return found;
        }
        for function in self.meant(schema, name) {
            let body = pieces::of_text(&function.body);
            found.extend(pieces::arguments(&body));
            for (place, piece) in body.iter().enumerate() {
                let open = body.get(place + 1).is_some_and(|next| next.is("("));
                let called = piece.name().filter(|name| open && self.has(name));
                found.extend(called.into_iter().flat_map(|name| self.reached(None, &name, seen)));
            }
        }
        found
    }

    /// What a function's body does.
    pub fn run(&self, function: &Function, given: &Given) -> Done {
        self.run_at(function, given, 0)
    }

    fn run_at(&self, function: &Function, given: &Given, depth: usize) -> Done {
        let mut body = with_arguments(&pieces::of_text(&function.body), &given.arguments);
        for (word, text) in &given.words {
            body = replaced(&body, word, &[pieces::literal(text)]);
        }
        if !matches!(function.language.as_str(), "sql" | "plpgsql") {
            return Done { loose: pieces::arguments(&body), ..Done::default() };
        }
        let mut run = Run { functions: self, depth, done: Done::default(), held: BTreeMap::new() };
        let ends = |piece: &Piece| piece.is(";") || BLOCKS.iter().any(|word| piece.is_word(word));
        let parts = pieces::split(&body, ends);
        for statement in parts.iter().filter(|part| !part.is_empty()) {
            run.statement(statement, function.language == "sql");
        }
        let unused = run.held.into_values().filter(|held| !held.used);
        for held in unused {
            run.done.loose.extend(pieces::arguments(&held.value));
        }
        run.done
    }
}

/// What a variable holds.
struct Held {
    value: Vec<Piece>,
    used: bool,
}

struct Run<'a> {
    functions: &'a Functions,
    depth: usize,
    done: Done,
    held: BTreeMap<String, Held>,
}

impl Run<'_> {
    fn statement(&mut self, given: &[Piece], plain_sql: bool) {
        let Some(first) = given.first() else { return };
        let word = first.text.to_lowercase();
        if word == "return" {
            let value = self.value(given.get(1..).unwrap_or_default());
            // Behind a trigger's RETURN stands a row, which is followed by its columns.
            return self.done.returned.push(value);
        }
        if word == "select" {
            return self.select(given, plain_sql);
        }
        let no_statement = first.kind == Kind::Quoted || !STATEMENTS.contains(&word.as_str());
        if let Some((target, value)) = assignment(given).filter(|_| no_statement) {
            let value = self.value(value);
            return self.assign(target, value);
        }
        self.loose(given);
    }

    /// Whatever asks for a value here, and nobody knows what becomes of it.
    fn loose(&mut self, given: &[Piece]) {
        let Expanded { pieces, loose } = self.functions.expand_at(given, self.depth);
        self.done.loose.extend(pieces::arguments(&pieces));
        self.done.loose.extend(loose);
    }

    /// An expression with the variables' values in it, and calls replaced.
    fn value(&mut self, given: &[Piece]) -> Vec<Piece> {
        let mut value = given.to_vec();
        for (name, held) in &mut self.held {
            let with = replaced(&value, name, &held.value);
            held.used |= with != value;
            value = with;
        }
        let Expanded { pieces, loose } = self.functions.expand_at(&value, self.depth);
        self.done.loose.extend(loose);
        pieces
    }

    fn assign(&mut self, target: Target, value: Vec<Piece>) {
        match target {
            Target::Column(column) => self.done.given.push((column, value)),
            Target::Variable(name) => {
                let asks = |value: &[Piece]| !pieces::arguments(value).is_empty();
                match self.held.get(&name) {
                    // Which of both values it has cannot be told.
                    Some(held) if asks(&held.value) || asks(&value) => {
                        let both = [held.value.clone(), value].concat();
                        self.done.loose.extend(pieces::arguments(&both));
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
    fn select(&mut self, given: &[Piece], plain_sql: bool) {
        const MORE: &[&str] =
            &["from", "where", "union", "group", "order", "limit", "having", "intersect", "except"];
        let plain = pieces::outside(given)
            .all(|(_, piece)| !piece.is(",") && !MORE.iter().any(|word| piece.is_word(word)));
        let inside = given.get(1..).unwrap_or_default();
        let into = pieces::outside(inside).find(|(_, piece)| piece.is_word("into"));
        match (plain, into.map(|(place, _)| place)) {
            (true, None) if plain_sql => {
                let value = self.value(unnamed(inside));
                self.done.returned.push(value);
            }
            (true, Some(place)) => {
                let (before, behind) = inside.split_at(place);
                let behind = behind.get(1..).unwrap_or_default();
                let strict = behind.first().is_some_and(|piece| piece.is_word("strict"));
                let behind = behind.get(usize::from(strict)..).unwrap_or_default();
                match target(behind) {
                    Some((found, rest)) if before.is_empty() != rest.is_empty() => {
                        let value = if before.is_empty() { rest } else { unnamed(before) };
                        let value = self.value(value);
                        self.assign(found, value);
                    }
                    _ => self.loose(given),
                }
            }
            _ => self.loose(given),
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
fn target(given: &[Piece]) -> Option<(Target, &[Piece])> {
    let [first, rest @ ..] = given else { return None };
    match (first.is_word("new"), rest) {
        (true, [dot, column, rest @ ..]) if dot.is(".") => {
            Some((Target::Column(column.name()?), rest))
        }
        (false, _) => Some((Target::Variable(first.name()?), rest)),
        _ => None,
    }
}

/// `target := value`, `target = value`, or a variable's declaration with a value.
fn assignment(given: &[Piece]) -> Option<(Target, &[Piece])> {
    let (found, rest) = target(given)?;
    let sign = |(place, piece): (usize, &Piece)| {
        let before = place.checked_sub(1).and_then(|at| rest.get(at));
        match piece.is("=") {
            true => Some((before.map_or(place, |b| place - usize::from(b.is(":"))), place + 1)),
            false => piece.is_word("default").then_some((place, place + 1)),
        }
    };
    let (end, begin) = pieces::outside(rest).find_map(sign)?;
    // Behind a column nothing stands before the sign, behind a variable perhaps its type.
    let direct = end == 0 || matches!(found, Target::Variable(_));
    direct.then(|| (found, rest.get(begin..).unwrap_or_default()))
}

/// An expression without the name that a SELECT gives it.
fn unnamed(given: &[Piece]) -> &[Piece] {
    match given {
        [value @ .., word, _] if word.is_word("as") => value,
        _ => given,
    }
}

/// Pieces with a word replaced where it stands for a value: not as a part of another name.
fn replaced(given: &[Piece], name: &str, instead: &[Piece]) -> Vec<Piece> {
    let mut out = Vec::new();
    for (place, piece) in given.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|at| given.get(at));
        let behind = given.get(place + 1);
        let part = before.is_some_and(|piece| piece.is("."))
            || behind.is_some_and(|piece| piece.is(".") || piece.is("("));
        if piece.name().as_deref() != Some(name) || part {
            out.push(piece.clone());
            continue;
        }
        out.push(Piece::new(Kind::Symbol, "("));
        out.extend(instead.iter().cloned());
        out.push(Piece::new(Kind::Symbol, ")"));
    }
    out
}

/// Pieces with the texts of `TG_ARGV[0]` and its like; NULL behind the last.
fn with_arguments(given: &[Piece], arguments: &[String]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut place = 0;
    while let Some(piece) = given.get(place) {
        let rest = given.get(place + 1..place + 4).unwrap_or_default();
        let number = match rest {
            [open, number, close] if open.is("[") && close.is("]") => number.text.parse().ok(),
            _ => None::<usize>,
        };
        match number.filter(|_| piece.is_word("tg_argv")) {
            Some(number) => {
                let null = Piece::new(Kind::Word, "NULL");
                out.push(arguments.get(number).map_or(null, |text| pieces::literal(text)));
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
fn filled(value: &[Piece], parameters: &[String], arguments: &[&[Piece]]) -> Vec<Piece> {
    let mut value = value.to_vec();
    for (name, argument) in parameters.iter().zip(arguments) {
        if !name.is_empty() {
            value = replaced(&value, name, argument);
        }
    }
    let mut out = Vec::new();
    let mut place = 0;
    while let Some(piece) = value.get(place) {
        let number = value.get(place + 1).filter(|next| piece.is("$") && !next.apart);
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
