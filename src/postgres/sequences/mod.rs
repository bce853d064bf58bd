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

use super::schemas::TableSchemas;
use answers::{is_whole_number_arithmetic, resolve_sequence};
use bodies::Given;
pub use catalog::Sequence;
use catalog::Trigger;
pub use missing::sequences_named_by_defaults;
use pieces::Piece;

/// The sequences of the schemas of a database's tables, and those that its tables ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The schema of tables that state none, whose sequences are named without a schema.
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

/// Reads the schemas of a database's tables in the caller's transaction, under the session's own
/// search path, which is the one that names in texts are resolved by. `names` are further
/// sequences, as `schema.name`.
///
/// # Errors
/// The server's.
pub fn read_survey(
    client: &mut impl GenericClient,
    schemas: &TableSchemas,
    names: &[&str],
) -> Result<Survey, Error> {
    let mut survey = Survey { schema: schemas.usual.clone(), ..Survey::default() };
    let defaults = catalog::read_defaults(client, schemas)?;
    let triggers = catalog::read_triggers(client, schemas)?;
    let functions = catalog::read_functions(client, &schemas.usual)?;
    for default in defaults {
        if !default.text.contains("nextval") && !functions.may_be_called_in(&default.text) {
            continue;
        }
        let expanded = functions.expand_calls(&pieces::split_into_pieces(&default.text));
        let mut reader = Reader {
            survey: &mut survey,
            table: &default.table,
            by: "its default".to_owned(),
            acts: true,
        };
        reader.note_column_value(client, Some(&default.column), &expanded.pieces)?;
        for argument in &expanded.loose {
            reader.note_loose_call(client, Some(&default.column), argument)?;
        }
    }
    for (sequence, table, column) in catalog::read_owned_sequences(client, schemas)? {
        let of = |tie: &Tie| tie.sequence == sequence && tie.table == table;
        if !survey.ties.iter().any(|tie| of(tie) && tie.column.as_ref() == Some(&column)) {
            let (by, acts) = ("the column itself, which owns it".to_owned(), true);
            let line = Some(Line { factor: 1, offset: 0 });
            let (column, around) = (Some(column), Some(Default::default()));
            survey.ties.push(Tie { sequence, table, column, by, acts, around, line });
        }
    }
    for trigger in &triggers {
        let done = functions.run_body(&trigger.function, &given_by_trigger(trigger));
        let by = format!("trigger {}", trigger.name);
        let table = schemas.known_name(&trigger.schema, &trigger.table);
        let mut reader = Reader { survey: &mut survey, table: &table, by, acts: false };
        for (column, value) in &done.given {
            reader.note_column_value(client, Some(column), value)?;
        }
        for argument in &done.loose {
            reader.note_loose_call(client, None, argument)?;
        }
        reader.note_trigger_arguments(client, trigger)?;
    }
    let others: BTreeSet<Oid> = survey.ties.iter().map(|tie| tie.sequence).collect();
    let others: Vec<Oid> = others.into_iter().collect();
    survey.sequences = catalog::read_sequences(client, schemas, &others, names)?;
    Ok(survey)
}

/// What a trigger's function knows of it.
fn given_by_trigger(trigger: &Trigger) -> Given {
    let table = || trigger.table.clone();
    let words = vec![
        ("tg_table_name", table()),
        ("tg_relname", table()),
        ("tg_table_schema", trigger.schema.clone()),
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
    fn note_column_value(
        &mut self,
        client: &mut impl GenericClient,
        column: Option<&String>,
        value: &[Piece],
    ) -> Result<(), Error> {
        let calls = pieces::nextval_calls(value);
        for call in &calls {
            let argument = value.get(call.argument..call.last).unwrap_or_default();
            let Some(sequence) = resolve_sequence(client, &self.survey.schema, argument)? else {
                self.note_unnamed_sequence(column);
                continue;
            };
            let before = replace_row_columns_by_null(value.get(..call.first).unwrap_or_default());
            let after = replace_row_columns_by_null(value.get(call.last + 1..).unwrap_or_default());
            let (mut around, mut line) = (None, None);
            if calls.len() == 1
                && is_whole_number_arithmetic(&before)
                && is_whole_number_arithmetic(&after)
            {
                let texts = (pieces::pieces_to_text(&before), pieces::pieces_to_text(&after));
                line = answers::compute_line(client, &texts)?;
                around = Some(texts);
            }
            self.add_tie(sequence, column, around, line);
        }
        if calls.is_empty() {
            // In a text that is run as a statement.
            for argument in pieces::nextval_arguments(value) {
                self.note_loose_call(client, column, &argument)?;
            }
        }
        Ok(())
    }

    /// A call whose value goes nobody knows where.
    fn note_loose_call(
        &mut self,
        client: &mut impl GenericClient,
        column: Option<&String>,
        argument: &[Piece],
    ) -> Result<(), Error> {
        match resolve_sequence(client, &self.survey.schema, argument)? {
            Some(sequence) => self.add_tie(sequence, column, None, None),
            None => self.note_unnamed_sequence(column),
        }
        Ok(())
    }

    /// Sequences that a trigger is given by name, and whose function says nothing of them.
    fn note_trigger_arguments(
        &mut self,
        client: &mut impl GenericClient,
        trigger: &Trigger,
    ) -> Result<(), Error> {
        for argument in &trigger.arguments {
            let argument = [pieces::text_constant(argument)];
            if let Some(sequence) = resolve_sequence(client, &self.survey.schema, &argument)? {
                let known = |tie: &Tie| tie.sequence == sequence && tie.by == self.by;
                if !self.survey.ties.iter().any(known) {
                    self.add_tie(sequence, None, None, None);
                }
            }
        }
        Ok(())
    }

    fn add_tie(
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

    fn note_unnamed_sequence(&mut self, column: Option<&String>) {
        let (table, column) = (self.table.to_owned(), column.cloned());
        let unnamed = Unnamed { table, column, by: self.by.clone() };
        if !self.survey.unnamed.contains(&unnamed) {
            self.survey.unnamed.push(unnamed);
        }
    }
}

/// An expression of a trigger with NULL for the columns of the new row: `coalesce(NEW.id, …)`.
fn replace_row_columns_by_null(pieces: &[Piece]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut place = 0;
    while let Some(piece) = pieces.get(place) {
        let dot = pieces.get(place + 1).is_some_and(|next| next.is_symbol("."));
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
    pub fn value_at(self, value: i128) -> Option<i128> {
        self.factor.checked_mul(value)?.checked_add(self.offset)
    }
}
