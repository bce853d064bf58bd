//! Which sequence makes values for which column.
//!
//! PostgreSQL's catalog links a sequence to a column by identity, `OWNED BY`, or a default that
//! names it as a constant ([`catalog`]). Applications name sequences in texts as well:
//! `nextval('s'::text)`, functions, defaults of domains, triggers. Their texts are read here
//! ([`pieces`], [`bodies`], [`statements`]), and the server resolves the names in them. What a
//! sequence's value becomes on its way to the column is worked out as `factor * value + offset`, by
//! letting the server compute the expression with numbers in the place of the call; an expression
//! that is anything else is kept without one.
//!
//! Nothing is judged here ([`judge`] does that) and no sequence is asked for a value.

mod answers;
pub mod bodies;
pub mod catalog;
pub mod judge;
mod likely;
mod missing;
pub mod pieces;
mod statements;

use std::collections::BTreeSet;

use model::expression::Kind;
use postgres::types::Oid;
use postgres::{Error, GenericClient};

use answers::{is_arithmetic, resolve};
use bodies::Given;
pub use catalog::Sequence;
use catalog::Trigger;
pub use missing::named_by_defaults;
use pieces::Piece;

/// The sequences of a schema and those that its tables ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The schema.
    pub schema: String,
    /// The sequences.
    pub sequences: Vec<Sequence>,
    /// What they make values for.
    pub ties: Vec<Tie>,
    /// Tables that ask a sequence whose name could not be found out.
    pub unnamed: Vec<Unnamed>,
}

/// A sequence that makes values for a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The sequence.
    pub sequence: Oid,
    /// The table.
    pub table: String,
    /// The column, where it is known.
    pub column: Option<String>,
    /// What asks the sequence: `its default`, `trigger x`.
    pub by: String,
    /// Whether it also asks the sequence while rows are loaded that say nothing of the column.
    pub acts: bool,
    /// What the column gets: the text before the sequence's value and the text behind it.
    pub around: Option<(String, String)>,
    /// The same as a straight line, where it is one.
    pub line: Option<Line>,
}

/// `factor * value + offset`; the factor is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the sequence's value is multiplied by.
    pub factor: i128,
    /// What is added.
    pub offset: i128,
}

/// A table that asks a sequence whose name could not be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnamed {
    /// The table.
    pub table: String,
    /// The column, where it is known.
    pub column: Option<String>,
    /// What asks.
    pub by: String,
}

/// Reads a schema in the caller's transaction, under the session's own search path, which is the
/// one that names in texts are resolved by. `names` are further sequences, as `schema.name`.
///
/// # Errors
/// The server's.
pub fn read(
    client: &mut impl GenericClient,
    schema: &str,
    names: &[&str],
) -> Result<Survey, Error> {
    let mut survey = Survey { schema: schema.to_owned(), ..Survey::default() };
    let defaults = catalog::defaults(client, schema)?;
    let triggers = catalog::triggers(client, schema)?;
    let functions = catalog::functions(client, schema)?;
    for default in defaults {
        if !default.text.contains("nextval") && !functions.any_in(&default.text) {
            continue;
        }
        let expanded = functions.expand(&pieces::of_text(&default.text));
        let mut reader = Reader {
            survey: &mut survey,
            table: &default.table,
            by: "its default".to_owned(),
            acts: true,
        };
        reader.value(client, Some(&default.column), &expanded.pieces)?;
        for argument in &expanded.loose {
            reader.loose(client, Some(&default.column), argument)?;
        }
    }
    for (sequence, table, column) in catalog::owned(client, schema)? {
        let of = |tie: &Tie| tie.sequence == sequence && tie.table == table;
        if !survey.ties.iter().any(|tie| of(tie) && tie.column.as_ref() == Some(&column)) {
            let (by, acts) = ("the column itself, which owns it".to_owned(), true);
            let line = Some(Line { factor: 1, offset: 0 });
            let (column, around) = (Some(column), Some(Default::default()));
            survey.ties.push(Tie { sequence, table, column, by, acts, around, line });
        }
    }
    for trigger in &triggers {
        let done = functions.run(&trigger.function, &given(trigger, schema));
        let by = format!("trigger {}", trigger.name);
        let mut reader = Reader { survey: &mut survey, table: &trigger.table, by, acts: false };
        for (column, value) in &done.given {
            reader.value(client, Some(column), value)?;
        }
        for argument in &done.loose {
            reader.loose(client, None, argument)?;
        }
        reader.arguments(client, trigger)?;
    }
    let others: BTreeSet<Oid> = survey.ties.iter().map(|tie| tie.sequence).collect();
    let others: Vec<Oid> = others.into_iter().collect();
    survey.sequences = catalog::sequences(client, schema, &others, names)?;
    Ok(survey)
}

/// What a trigger's function knows of it.
fn given(trigger: &Trigger, schema: &str) -> Given {
    let table = || trigger.table.clone();
    let words = vec![
        ("tg_table_name", table()),
        ("tg_relname", table()),
        ("tg_table_schema", schema.to_owned()),
    ];
    Given { words, arguments: trigger.arguments.clone() }
}

struct Reader<'a> {
    survey: &'a mut Survey,
    table: &'a str,
    by: String,
    acts: bool,
}

impl Reader<'_> {
    /// What a column gets.
    fn value(
        &mut self,
        client: &mut impl GenericClient,
        column: Option<&String>,
        value: &[Piece],
    ) -> Result<(), Error> {
        let calls = pieces::calls(value);
        for call in &calls {
            let argument = value.get(call.argument..call.last).unwrap_or_default();
            let Some(sequence) = resolve(client, &self.survey.schema, argument)? else {
                self.unnamed(column);
                continue;
            };
            let before = without_row(value.get(..call.first).unwrap_or_default());
            let behind = without_row(value.get(call.last + 1..).unwrap_or_default());
            let (mut around, mut line) = (None, None);
            if calls.len() == 1 && is_arithmetic(&before) && is_arithmetic(&behind) {
                let texts = (pieces::text(&before), pieces::text(&behind));
                line = answers::line(client, &texts)?;
                around = Some(texts);
            }
            self.tie(sequence, column, around, line);
        }
        if calls.is_empty() {
            // In a text that is run as a statement.
            for argument in pieces::arguments(value) {
                self.loose(client, column, &argument)?;
            }
        }
        Ok(())
    }

    /// A call whose value goes nobody knows where.
    fn loose(
        &mut self,
        client: &mut impl GenericClient,
        column: Option<&String>,
        argument: &[Piece],
    ) -> Result<(), Error> {
        match resolve(client, &self.survey.schema, argument)? {
            Some(sequence) => self.tie(sequence, column, None, None),
            None => self.unnamed(column),
        }
        Ok(())
    }

    /// Sequences that a trigger is given by name, and whose function says nothing of them.
    fn arguments(
        &mut self,
        client: &mut impl GenericClient,
        trigger: &Trigger,
    ) -> Result<(), Error> {
        for argument in &trigger.arguments {
            let argument = [pieces::literal(argument)];
            if let Some(sequence) = resolve(client, &self.survey.schema, &argument)? {
                let known = |tie: &Tie| tie.sequence == sequence && tie.by == self.by;
                if !self.survey.ties.iter().any(known) {
                    self.tie(sequence, None, None, None);
                }
            }
        }
        Ok(())
    }

    fn tie(
        &mut self,
        sequence: Oid,
        column: Option<&String>,
        around: Option<(String, String)>,
        line: Option<Line>,
    ) {
        let (table, column) = (self.table.to_owned(), column.cloned());
        let (by, acts) = (self.by.clone(), self.acts);
        let tie = Tie { sequence, table, column, by, acts, around, line };
        if !self.survey.ties.contains(&tie) {
            self.survey.ties.push(tie);
        }
    }

    fn unnamed(&mut self, column: Option<&String>) {
        let (table, column) = (self.table.to_owned(), column.cloned());
        let unnamed = Unnamed { table, column, by: self.by.clone() };
        if !self.survey.unnamed.contains(&unnamed) {
            self.survey.unnamed.push(unnamed);
        }
    }
}

/// An expression of a trigger with NULL for the columns of the new row: `coalesce(NEW.id, …)`.
fn without_row(given: &[Piece]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut place = 0;
    while let Some(piece) = given.get(place) {
        let dot = given.get(place + 1).is_some_and(|next| next.is("."));
        if piece.is_word("new") && dot {
            out.push(Piece::new(Kind::Word, "NULL"));
            place += 3;
        } else {
            out.push(piece.clone());
            place += 1;
        }
    }
    out
}

impl Line {
    /// What the column gets for a value of the sequence; nothing beyond all bounds.
    pub fn at(self, value: i128) -> Option<i128> {
        self.factor.checked_mul(value)?.checked_add(self.offset)
    }
}
