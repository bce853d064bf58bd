//! Which sequence makes values for which column.
//!
//! PostgreSQL's catalog links a sequence to a column by identity, `OWNED BY`, or a default that
//! names it as a constant ([`catalog`]). Applications name sequences in texts as well:
//! `nextval('s'::text)`, functions, defaults of domains, triggers. Their texts are read here
//! ([`pieces`], [`bodies`]), and the server resolves the names in them. What a sequence's value
//! becomes on its way to the column is worked out as `factor * value + offset`, by letting the
//! server compute the expression with numbers in the place of the call; an expression that is
//! anything else is kept without one.
//!
//! Nothing is judged here ([`judge`] does that) and no sequence is asked for a value.

pub mod bodies;
pub mod catalog;
pub mod judge;
mod likely;
pub mod pieces;

use std::collections::BTreeSet;

use model::expression::Kind;
use postgres::types::Oid;
use postgres::{Error, GenericClient, Row};

use bodies::Given;
pub use catalog::Sequence;
use catalog::Trigger;
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
                line = self::line(client, &texts)?;
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

/// Whether an expression's part computes with whole numbers and nothing else, so that a value which
/// comes once in it can only be multiplied and added to.
fn is_arithmetic(given: &[Piece]) -> bool {
    const WORDS: &[&str] = &[
        "bigint",
        "integer",
        "smallint",
        "int",
        "int2",
        "int4",
        "int8",
        "numeric",
        "decimal",
        "text",
        "character",
        "varying",
        "varchar",
        "coalesce",
        "cast",
        "as",
        "null",
    ];
    given.iter().all(|piece| match piece.kind {
        Kind::Symbol => ["+", "-", "*", "(", ")", ",", ":"].iter().any(|known| piece.is(known)),
        Kind::Word => WORDS.iter().any(|known| piece.is_word(known)),
        Kind::Literal => is_whole(&piece.text),
        _ => false,
    })
}

/// A whole number, also as a text constant or with zeros behind its point.
fn is_whole(text: &str) -> bool {
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let number = inner.unwrap_or(text);
    let number = number.strip_prefix('-').unwrap_or(number);
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !whole.is_empty() && digits(whole) && rest.bytes().all(|byte| byte == b'0')
}

/// The line that the server computes, where three points and one below zero lie on it.
fn line(
    client: &mut impl GenericClient,
    (before, behind): &(String, String),
) -> Result<Option<Line>, Error> {
    const POINTS: [i128; 4] = [0, 1, 1000, -7];
    let point = |value: i128| format!("({before} ({value})::bigint {behind})::numeric::text");
    let sql = format!("SELECT {}", POINTS.map(point).join(", "));
    let Some(row) = answer(client, &sql, &[])? else { return Ok(None) };
    let number = |place: usize| {
        let text = row.get::<_, Option<String>>(place)?;
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        rest.bytes().all(|byte| byte == b'0').then(|| whole.parse::<i128>().ok()).flatten()
    };
    let (Some(offset), Some(second)) = (number(0), number(1)) else { return Ok(None) };
    let line = Line { factor: second.saturating_sub(offset), offset };
    let on_it = |(place, value): (usize, &i128)| {
        number(place).is_some() && number(place) == line.at(*value)
    };
    let straight = line.factor != 0 && POINTS.iter().enumerate().all(on_it);
    Ok(straight.then_some(line))
}

impl Line {
    /// What the column gets for a value of the sequence; nothing beyond all bounds.
    pub fn at(self, value: i128) -> Option<i128> {
        self.factor.checked_mul(value)?.checked_add(self.offset)
    }
}

/// The sequence that an argument of `nextval` names: as the session's search path has it; or in the
/// schema of the tables; or the only one of that name.
fn resolve(
    client: &mut impl GenericClient,
    schema: &str,
    argument: &[Piece],
) -> Result<Option<Oid>, Error> {
    let argument = without_casts(argument);
    if argument.is_empty() || !argument.iter().all(is_name) {
        return Ok(None);
    }
    let sql = format!("{NAMED} FROM (SELECT ({})::text AS name) a", pieces::text(&argument));
    let row = answer(client, &sql, &[&schema])?;
    Ok(row.and_then(|row| row.get(0)))
}

/// `'s'` for `'s'::regclass`, which would be an error where the name is not found.
fn without_casts(given: &[Piece]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in given {
        out.push(piece.clone());
        if let [.., first, second, word] = out.as_slice()
            && first.is(":")
            && second.is(":")
            && word.is_word("regclass")
        {
            out.truncate(out.len().saturating_sub(3));
        }
    }
    out
}

/// Whether a piece can stand in an expression that says a name and does nothing else.
fn is_name(piece: &Piece) -> bool {
    const WORDS: &[&str] = &[
        "text",
        "character",
        "varying",
        "varchar",
        "name",
        "cast",
        "as",
        "pg_get_serial_sequence",
        "quote_ident",
        "format",
        "concat",
        "lower",
        "upper",
        "array",
        "pg_catalog",
        "regclass",
        "current_schema",
    ];
    match piece.kind {
        Kind::Symbol => ["(", ")", "[", "]", ":", "|", ",", "."].iter().any(|s| piece.is(s)),
        Kind::Word => WORDS.iter().any(|word| piece.is_word(word)),
        Kind::Literal => true,
        _ => false,
    }
}

/// The row of a question to which an error of the server is an answer, too.
fn answer(
    client: &mut impl GenericClient,
    sql: &str,
    values: &[&(dyn postgres::types::ToSql + Sync)],
) -> Result<Option<Row>, Error> {
    client.batch_execute("SAVEPOINT asking")?;
    match client.query_one(sql, values) {
        Ok(row) => client.batch_execute("RELEASE SAVEPOINT asking").map(|()| Some(row)),
        Err(error) if error.as_db_error().is_some() => {
            client.batch_execute("ROLLBACK TO SAVEPOINT asking").map(|()| None)
        }
        Err(error) => Err(error),
    }
}

const NAMED: &str = "\
SELECT coalesce(
    (SELECT s.oid FROM pg_catalog.pg_class s
     WHERE s.oid = pg_catalog.to_regclass(a.name)::oid AND s.relkind = 'S'),
    (SELECT s.oid FROM pg_catalog.pg_class s
     JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
     WHERE s.relkind = 'S' AND n.nspname = $1
       AND pg_catalog.parse_ident(a.name) = ARRAY[s.relname::text]),
    (SELECT min(s.oid) FROM pg_catalog.pg_class s
     WHERE s.relkind = 'S' AND pg_catalog.parse_ident(a.name) = ARRAY[s.relname::text]
     HAVING count(*) = 1))";
