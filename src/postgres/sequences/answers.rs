//! What the server says of names and expressions: which sequence a text names, and what an
//! expression makes of a sequence's value. No sequence is asked for a value.

use model::expression::Kind;
use postgres::types::Oid;
use postgres::{Error, GenericClient, Row};

use super::Line;
use super::pieces::{self, Piece};
use crate::postgres::is_interruption;

/// Whether an expression's part computes with whole numbers and nothing else, so that a value which
/// comes once in it can only be multiplied and added to.
pub fn is_whole_number_arithmetic(pieces: &[Piece]) -> bool {
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
    pieces.iter().all(|piece| match piece.kind {
        Kind::Symbol => {
            ["+", "-", "*", "(", ")", ",", ":"].iter().any(|known| piece.is_symbol(known))
        }
        Kind::Word => WORDS.iter().any(|known| piece.is_word(known)),
        Kind::Literal => is_whole_number(&piece.text),
        _ => false,
    })
}

/// A whole number, also as a text constant or with zeros behind its point.
fn is_whole_number(text: &str) -> bool {
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let number = inner.unwrap_or(text);
    let number = number.strip_prefix('-').unwrap_or(number);
    let (integer, rest) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !integer.is_empty() && digits(integer) && rest.bytes().all(|byte| byte == b'0')
}

/// The line that the server computes, where three points and one below zero lie on it.
pub fn compute_line(
    client: &mut impl GenericClient,
    (before, after): &(String, String),
) -> Result<Option<Line>, Error> {
    const POINTS: [i128; 4] = [0, 1, 1000, -7];
    let point = |value: i128| format!("({before} ({value})::bigint {after})::numeric::text");
    let sql = format!("SELECT {}", POINTS.map(point).join(", "));
    let Some(row) = query_allowing_errors(client, &sql, &[])? else { return Ok(None) };
    let number = |index: usize| {
        let text = row.get::<_, Option<String>>(index)?;
        let (integer, rest) = text.split_once('.').unwrap_or((&text, ""));
        rest.bytes().all(|byte| byte == b'0').then(|| integer.parse::<i128>().ok()).flatten()
    };
    let (Some(offset), Some(second)) = (number(0), number(1)) else { return Ok(None) };
    let line = Line { factor: second.saturating_sub(offset), offset };
    let on_it = |(index, value): (usize, &i128)| {
        number(index).is_some() && number(index) == line.value_at(*value)
    };
    let straight = line.factor != 0 && POINTS.iter().enumerate().all(on_it);
    Ok(straight.then_some(line))
}

/// The sequence that an argument of `nextval` names: as the session's search path has it; or in the
/// schema of the tables; or the only one of that name.
pub fn resolve_sequence(
    client: &mut impl GenericClient,
    schema: &str,
    argument: &[Piece],
) -> Result<Option<Oid>, Error> {
    let argument = without_casts(argument);
    if argument.is_empty() || !argument.iter().all(may_stand_in_name) {
        return Ok(None);
    }
    let sql =
        format!("{NAMED} FROM (SELECT ({})::text AS name) a", pieces::pieces_to_text(&argument));
    let row = query_allowing_errors(client, &sql, &[&schema])?;
    Ok(row.and_then(|row| row.get(0)))
}

/// `'s'` for `'s'::regclass`, which would be an error where the name is not found.
fn without_casts(pieces: &[Piece]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        out.push(piece.clone());
        if let [.., first, second, word] = out.as_slice()
            && first.is_symbol(":")
            && second.is_symbol(":")
            && word.is_word("regclass")
        {
            out.truncate(out.len().saturating_sub(3));
        }
    }
    out
}

/// Whether a piece can stand in an expression that says a name and does nothing else.
fn may_stand_in_name(piece: &Piece) -> bool {
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
        Kind::Symbol => ["(", ")", "[", "]", ":", "|", ",", "."].iter().any(|s| piece.is_symbol(s)),
        Kind::Word => WORDS.iter().any(|word| piece.is_word(word)),
        Kind::Literal => true,
        _ => false,
    }
}

/// The row of a question to which an error of the server is an answer, too.
fn query_allowing_errors(
    client: &mut impl GenericClient,
    sql: &str,
    values: &[&(dyn postgres::types::ToSql + Sync)],
) -> Result<Option<Row>, Error> {
    client.batch_execute("SAVEPOINT asking")?;
    match client.query_one(sql, values) {
        Ok(row) => client.batch_execute("RELEASE SAVEPOINT asking").map(|()| Some(row)),
        Err(error) if error.as_db_error().is_some() && !is_interruption(&error) => {
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
