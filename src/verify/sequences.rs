//! Whether the next value of every sequence lies beyond the values of the columns that it feeds.
//!
//! This is asked of the server itself: what a default makes of the sequence's next value, against
//! the column's outermost one. The next value is read from the sequence; no sequence is ever
//! called. Nothing here knows how sequences are restarted.

use std::collections::{BTreeMap, BTreeSet};

use model::{Next, Table};
use postgres::{Client, Error, Row};

use super::quote_name;
use crate::postgres::direct::DirectQueries;

/// A column and the sequence that makes values for it, where that is not said by the catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fed {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The sequence's schema and name.
    pub sequence: (String, String),
    /// What the column gets: the text before the sequence's value and the text behind it.
    pub around: (String, String),
}

/// A sequence that is at or behind a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TooLowSequence {
    /// The table; empty where only a number is missed.
    pub table: String,
    /// The column.
    pub column: String,
    /// The sequence, as it is typed in SQL.
    pub sequence: String,
    /// The value that it gives next.
    pub next: i128,
    /// What it should give at least, where that is known.
    pub wanted: Option<i128>,
}

/// A sequence's next value and its definition.
struct State {
    next: i128,
    increment: i128,
    least: i64,
    greatest: i64,
}

/// Every sequence that would give a value that is taken, among those of copied columns: by
/// identity, `OWNED BY`, a default that names it, by `fed_by_texts` and by lines of
/// `database.toml`.
///
/// # Errors
/// The server's.
pub fn find_too_low_sequences(
    client: &mut Client,
    schema: &str,
    tables: &[&'static Table],
    fed_by_texts: &[Fed],
    lines: &[model::Sequence],
) -> Result<Vec<TooLowSequence>, Error> {
    let mut fed: BTreeSet<Fed> = fed_by_texts.iter().cloned().collect();
    let mut found = BTreeSet::new();
    fed.extend(read_fed_columns(client, schema, tables)?);
    for line in lines {
        let Some(sequence) = resolve_line_name(client, schema, line.name)? else { continue };
        match line.next {
            Next::After { table, column } => {
                let (table, column) = (table.to_owned(), column.to_owned());
                fed.insert(Fed { table, column, sequence, around: Default::default() });
            }
            Next::At(least) => found.extend(check_least_value(client, &sequence, least)?),
        }
    }
    for fed in &fed {
        let table = tables.iter().find(|table| table.name == fed.table);
        let Some(table) = table else { continue };
        if table.copied_columns().any(|column| column.name == fed.column) {
            found.extend(check_fed_column(client, table.schema_or(schema), fed)?);
        }
    }
    Ok(found.into_iter().collect())
}

/// The sequences of columns of tables, as the server tells: those that columns own, and those that
/// defaults call by name.
fn read_fed_columns(
    client: &mut Client,
    schema: &str,
    tables: &[&'static Table],
) -> Result<Vec<Fed>, Error> {
    let schemas: Vec<&str> = tables.iter().map(|table| table.schema_or(schema)).collect();
    let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    let mut named = Vec::new();
    for row in client.query_directly(COLUMNS, &[&schemas, &names])? {
        let (column, default): (String, Option<String>) = (row.get(0), row.get(1));
        let (owned, table): (Option<String>, String) = (row.get(2), row.get(3));
        let call = default.as_deref().and_then(split_nextval_call);
        let (name, around) = match (call, owned) {
            (Some((before, name, after)), _) => (name, (before, after)),
            // Some other default has the value come from elsewhere.
            (None, Some(owned)) => (owned, Default::default()),
            (None, None) => continue,
        };
        named.push((name, table, column, around));
    }
    let names: Vec<&str> = named.iter().map(|(name, ..)| name.as_str()).collect();
    let sequences = resolve_names(client, &names)?;
    let found = named.into_iter().filter_map(|(name, table, column, around)| {
        let sequence = sequences.get(&name)?.clone();
        Some(Fed { table, column, sequence, around })
    });
    Ok(found.collect())
}

/// A default that calls `nextval` once, for a name in quotes, and otherwise computes: the text
/// before the call, the name, the text behind.
fn split_nextval_call(default: &str) -> Option<(String, String, String)> {
    let (before, rest) = default.split_once("nextval(")?;
    let argument = rest.trim_start_matches('(').strip_prefix('\'')?;
    let (name, rest) = split_text_constant(argument)?;
    // Casts and parentheses up to the call's own.
    let opened = default.len() - before.len() - "nextval".len() - argument.len() - 1;
    let mut left = opened;
    let end = rest.char_indices().find_map(|(at, c)| {
        left -= usize::from(c == ')');
        (left == 0).then_some(at + 1)
    })?;
    let (casts, after) = rest.split_at_checked(end)?;
    let cast = |c: char| c.is_ascii_alphabetic() || matches!(c, ':' | ')' | '_' | ' ' | '.');
    let computes = |text: &str| {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let known = ["bigint", "integer", "numeric", "smallint", "text", "COALESCE"];
        text.chars().all(|c| c.is_ascii_alphanumeric() || " ()+-*:.,'".contains(c))
            && words
                .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
                .all(|word| known.contains(&word))
    };
    let once = !after.contains("nextval");
    (casts.chars().all(cast) && once && computes(before) && computes(after))
        .then(|| (before.to_owned(), name, after.to_owned()))
}

/// A text constant up to its quote, and what stands behind it.
fn split_text_constant(text: &str) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let doubled = c == '\'' && chars.next_if(|(_, next)| *next == '\'').is_some();
        if c != '\'' || doubled {
            found.push(c);
        } else {
            return Some((found, text.get(at + 1..)?));
        }
    }
    None
}

/// The sequences of these names as the session's search path has them.
fn resolve_names(
    client: &mut Client,
    names: &[&str],
) -> Result<BTreeMap<String, (String, String)>, Error> {
    let rows = client.query_directly(NAMED, &[&names])?;
    Ok(rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect())
}

/// The sequence that a line of `database.toml` means.
fn resolve_line_name(
    client: &mut Client,
    schema: &str,
    name: &str,
) -> Result<Option<(String, String)>, Error> {
    let row = client.query_opt_directly(OF_LINE, &[&schema, &name])?;
    Ok(row.map(|row| (row.get(0), row.get(1))))
}

fn read_state(client: &mut Client, (schema, name): &(String, String)) -> Result<State, Error> {
    let read = format!(
        "SELECT last_value, is_called, seqincrement, seqmin, seqmax \
         FROM {}.{}, pg_catalog.pg_sequence s \
         JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relname = $2",
        quote_name(schema),
        quote_name(name)
    );
    let row = client.query_one_directly(&read, &[schema, name])?;
    let (last, called, increment): (i64, bool, i64) = (row.get(0), row.get(1), row.get(2));
    let increment = i128::from(increment);
    let next = i128::from(last) + if called { increment } else { 0 };
    Ok(State { next, increment, least: row.get(3), greatest: row.get(4) })
}

impl State {
    /// Whether it gives no value at all any more, which is an error in the application and never a
    /// value that is taken.
    fn is_exhausted(&self) -> bool {
        !(i128::from(self.least)..=i128::from(self.greatest)).contains(&self.next)
    }
}

fn typed_name((schema, name): &(String, String)) -> String {
    format!("{}.{}", model::sql::quote_if_needed(schema), model::sql::quote_if_needed(name))
}

/// A sequence that gives a value before the one that a person has said.
fn check_least_value(
    client: &mut Client,
    sequence: &(String, String),
    least: i64,
) -> Result<Option<TooLowSequence>, Error> {
    let State { next, increment, .. } = read_state(client, sequence)?;
    let (table, column, wanted) = (String::new(), String::new(), i128::from(least));
    let is_before = if increment > 0 { next < wanted } else { next > wanted };
    let sequence = typed_name(sequence);
    let wanted = Some(wanted);
    Ok(is_before.then_some(TooLowSequence { table, column, sequence, next, wanted }))
}

/// Compares what the column would get with what it holds.
fn check_fed_column(
    client: &mut Client,
    schema: &str,
    fed: &Fed,
) -> Result<Option<TooLowSequence>, Error> {
    let state = read_state(client, &fed.sequence)?;
    if state.is_exhausted() {
        return Ok(None);
    }
    let (before, after) = &fed.around;
    let made = |value: i128| format!("({before} ({value})::bigint {after})");
    let column = quote_name(&fed.column);
    let table = format!("{}.{}", quote_name(schema), quote_name(&fed.table));
    let kind = client.query_one_directly(KIND, &[&schema, &fed.table, &fed.column])?;
    let (next, earlier) = (made(state.next), made(state.next - state.increment));
    if !kind.get::<_, bool>(1) {
        let same =
            format!("SELECT EXISTS (SELECT FROM {table} WHERE {column}::text = {next}::text)");
        let taken = client.query_one_directly(&same, &[])?.get(0);
        return Ok(fed.compare_next_value(taken, &state, None));
    }
    let number = match kind.get::<_, &str>(0) {
        "real" | "double precision" => "float8",
        _ => "numeric",
    };
    let outermost = |aggregate: &str| {
        let rows = match kind.get::<_, &str>(0) {
            "bigint" | "integer" | "smallint" => String::new(),
            _ => format!(" WHERE {column} <> 'NaN'"),
        };
        format!("(SELECT {aggregate}({column}) FROM {table}{rows})::{number}")
    };
    let compared = format!(
        "SELECT CASE WHEN {next} > {earlier} THEN {next}::{number} <= {} \
         ELSE {next}::{number} >= {} END, (CASE WHEN {next} > {earlier} THEN {} ELSE {} END)::text",
        outermost("max"),
        outermost("min"),
        outermost("max"),
        outermost("min")
    );
    let row: Row = client.query_one_directly(&compared, &[])?;
    let taken: Option<bool> = row.get(0);
    let held: Option<String> = row.get(1);
    let held = held.and_then(|text| text.parse::<i128>().ok());
    Ok(fed.compare_next_value(taken.unwrap_or(false), &state, held))
}

impl Fed {
    fn compare_next_value(
        &self,
        taken: bool,
        state: &State,
        held: Option<i128>,
    ) -> Option<TooLowSequence> {
        let plain = self.around == <(String, String)>::default();
        taken.then(|| TooLowSequence {
            table: self.table.clone(),
            column: self.column.clone(),
            sequence: typed_name(&self.sequence),
            next: state.next,
            wanted: held.filter(|_| plain).map(|held| held + state.increment),
        })
    }
}

/// The columns of tables with their defaults, their own or their domains', and the sequences that
/// they own.
const COLUMNS: &str = "\
SELECT a.attname::text,
       coalesce((SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                 FROM pg_catalog.pg_attrdef d
                 WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
                (SELECT t.typdefault FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid)),
       pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', n.nspname, c.relname),
                                         a.attname),
       c.relname::text
FROM unnest($1, $2) AS s (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname::text = s.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname::text = s.name
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped";

/// A column's type beneath domains, and whether it is one of numbers.
const KIND: &str = "\
WITH RECURSIVE beneath AS (
    SELECT a.atttypid AS type
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3
    UNION ALL
    SELECT t.typbasetype FROM beneath JOIN pg_catalog.pg_type t ON t.oid = beneath.type
    WHERE t.typtype = 'd')
SELECT pg_catalog.format_type(t.oid, NULL), t.typcategory = 'N'
FROM beneath JOIN pg_catalog.pg_type t ON t.oid = beneath.type
WHERE t.typtype <> 'd'";

const NAMED: &str = "\
SELECT u.name, n.nspname::text, s.relname::text
FROM (SELECT DISTINCT unnest($1) AS name) AS u
JOIN pg_catalog.pg_class s ON s.oid = pg_catalog.to_regclass(u.name) AND s.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace";

const OF_LINE: &str = "\
SELECT n.nspname::text, s.relname::text
FROM pg_catalog.pg_class s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE s.relkind = 'S' AND ((n.nspname = $1 AND s.relname = $2)
                           OR n.nspname || '.' || s.relname = $2)
ORDER BY n.nspname <> $1 LIMIT 1";
