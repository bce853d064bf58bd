//! A condition that each row should fulfil, evaluated by the server in a transaction that only
//! reads.
//!
//! The columns that it names travel as arrays, encoded by the codecs that copy them, and the
//! expression is evaluated over their elements: nothing is created for it, and nobody but
//! PostgreSQL says what an expression of PostgreSQL's means.

use std::time::Duration;

use model::{Column, Type};
use postgres::Client;
use postgres::types::{IsNull, Kind, ToSql, Type as Oid};
use rusqlite::types::ValueRef;

use super::CheckedTable;
use crate::codec::{self, Out};
use crate::diagnostic::server_text::ServerText;
use crate::diagnostic::{EXAMPLES, Example, Finding, Result};
use crate::postgres::{is_interruption, server_error, session};
use crate::rows::Key;
use crate::stop::Stop;
use crate::text;

/// So many rows, or bytes, are judged at once.
const ROWS: usize = 20_000;
const BYTES: usize = 8 << 20;

/// The columns that an expression names.
pub(super) fn columns_named_in(
    checked: CheckedTable<'_>,
    expression: &str,
) -> Vec<&'static Column> {
    let tokens = model::expression::tokenize(expression);
    let unquoted = |text: &str| text.trim_matches('"').replace("\"\"", "\"");
    let names: Vec<String> =
        tokens.iter().flat_map(|token| [unquoted(token.text), token.text.to_lowercase()]).collect();
    checked
        .copy
        .table()
        .copied_columns()
        .filter(|c| names.iter().any(|name| name == c.name))
        .collect()
}

/// Why an expression cannot be evaluated here.
pub(super) fn why_not_evaluable(
    checked: CheckedTable<'_>,
    expression: &str,
    columns: &[&'static Column],
) -> Option<String> {
    let words = model::expression::column_names(expression);
    let computed =
        checked.copy.table().columns.iter().find(|column| {
            column.generated.is_some() && words.iter().any(|word| word == column.name)
        });
    if let Some(column) = computed {
        return Some(format!("{} is computed by PostgreSQL", column.name));
    }
    if columns.is_empty() {
        return Some("it names no column".to_owned());
    }
    let order = expression.contains(['<', '>']);
    let odd = columns.iter().find(|column| match column.ty {
        Type::Array(_) | Type::Citext => true,
        // Labels travel as text, which has another order.
        Type::Enum(_) => order,
        _ => false,
    });
    odd.map(|column| format!("the type of {} does not exist yet", column.name))
}

/// A type's array on the server, and how an element of it becomes the column's own type.
pub(super) fn array_type(ty: Type) -> Option<(Oid, &'static str)> {
    // Labels travel as text, and so do types of extensions and what the server reads.
    let is_text = matches!(ty, Type::Enum(_) | Type::Citext | Type::ReadByServer(_));
    let element = if is_text { Type::Text } else { ty };
    let known = element.catalog_type()?;
    Some((Oid::from_oid(known.array_oid)?, known.name))
}

/// A parameter that is encoded already: an array of one dimension.
#[derive(Debug)]
pub(super) struct Elements {
    bytes: Vec<u8>,
    count: i32,
    element: u32,
}

impl Elements {
    pub(super) fn new(array: &Oid) -> Elements {
        let element = match array.kind() {
            Kind::Array(element) => element.oid(),
            _ => array.oid(),
        };
        Elements { bytes: Vec::new(), count: 0, element }
    }

    /// Adds an element, as a codec has encoded it.
    pub(super) fn push(&mut self, field: &[u8]) {
        self.bytes.extend_from_slice(field);
        self.count += 1;
    }

    /// How many bytes they take.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }
}

impl ToSql for Elements {
    fn to_sql(
        &self,
        _: &Oid,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        // Dimensions, that there may be NULLs, the elements' type, how many, and from which number.
        for word in [1, 1, self.element.cast_signed(), self.count, 1] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        out.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Oid) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// Rows on their way to the server.
struct Batch {
    columns: Vec<Elements>,
    rows: Vec<Example>,
}

/// What is asked about every row.
pub(super) struct Question {
    /// A condition in PostgreSQL's SQL that each row should fulfil.
    pub holds: String,
    /// The columns that travel: those that the condition names.
    pub columns: Vec<&'static Column>,
    /// What is said of rows that do not, with no row counted yet.
    pub finding: Finding,
}

/// The server's answer.
pub(super) enum Verdict {
    /// Every row fulfils the condition.
    Holds,
    /// Some do not.
    Broken(Box<Finding>),
    /// The condition cannot be evaluated for some row: the SQLSTATE.
    Unanswered(String),
}

/// Asks the server about every row, in a transaction that only reads.
pub(super) fn ask_in_read_only_transaction(
    checked: CheckedTable<'_>,
    question: Question,
    client: &mut Client,
    stop: &Stop,
) -> Result<Verdict> {
    // What a question before has left open is of no use.
    let begin = "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    client.batch_execute(begin).map_err(|error| server_error("BEGIN", &error))?;
    session::lift_limits(client, Duration::from_secs(30))?;
    let verdict = collect_breaking_rows(checked, question, client, stop)?;
    client.batch_execute("ROLLBACK").map_err(|error| server_error("ROLLBACK", &error))?;
    Ok(verdict)
}

/// Sends the rows and collects those that do not fulfil the condition.
fn collect_breaking_rows(
    checked: CheckedTable<'_>,
    question: Question,
    client: &mut Client,
    stop: &Stop,
) -> Result<Verdict> {
    let Question { holds, columns, mut finding } = question;
    let fail = |error: rusqlite::Error| checked.source.read_error(&error);
    let key = checked.row_key();
    let read = columns.iter().map(|column| model::sql::quote(column.source));
    let read: Vec<String> = read.chain(key.columns.iter().cloned()).collect();
    let select = format!("SELECT {} FROM {}", read.join(", "), checked.rows_sql());
    let mut statement = checked.source.reader.prepare(&select).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let query = breaking_rows_query(checked, &holds, &columns);
    let arrays = columns.iter().filter_map(|column| array_type(column.ty));
    let mut batch =
        Batch { columns: arrays.map(|(oid, _)| Elements::new(&oid)).collect(), rows: Vec::new() };
    let mut out = Out::default();
    loop {
        let row = rows.next().map_err(fail)?;
        if let Some(row) = row {
            add_row_to_batch(row, &columns, &key, &mut out, &mut batch).map_err(fail)?;
        }
        let size: usize = batch.columns.iter().map(|elements| elements.bytes.len()).sum();
        if batch.rows.len() >= ROWS || size >= BYTES || row.is_none() {
            stop.fail_if_asked()?;
            if let Err(state) = judge_batch(&query, &mut batch, client, &mut finding)? {
                return Ok(Verdict::Unanswered(state));
            }
        }
        if row.is_none() {
            break;
        }
    }
    Ok(if finding.count > 0 { Verdict::Broken(Box::new(finding)) } else { Verdict::Holds })
}

/// The numbers of the rows that do not fulfil a condition.
fn breaking_rows_query(
    checked: CheckedTable<'_>,
    holds: &str,
    columns: &[&'static Column],
) -> String {
    let mut arrays = Vec::new();
    let mut selected = Vec::new();
    let mut elements = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let number = index + 1;
        let (_, word) = array_type(column.ty).unwrap_or((Oid::TEXT_ARRAY, "text"));
        arrays.push(format!("${number}::{word}[]"));
        elements.push(format!("c{number}"));
        let own = match column.ty {
            Type::Enum(_) => "text".to_owned(),
            ty => ty.to_string(),
        };
        selected.push(format!("u.c{number}::{own} AS {}", model::sql::quote(column.name)));
    }
    format!(
        "SELECT place FROM (SELECT u.place, {} FROM unnest({}) WITH ORDINALITY AS u({}, place)) \
         AS {} WHERE NOT ({}\n) ORDER BY 1",
        selected.join(", "),
        arrays.join(", "),
        elements.join(", "),
        model::sql::quote(checked.copy.table().name),
        holds
    )
}

/// Adds a row, unless a codec refuses a value of it: that is a finding of its own.
fn add_row_to_batch(
    row: &rusqlite::Row<'_>,
    columns: &[&'static Column],
    key: &Key,
    out: &mut Out,
    batch: &mut Batch,
) -> rusqlite::Result<()> {
    let before: Vec<usize> = batch.columns.iter().map(|elements| elements.bytes.len()).collect();
    let mut taken = true;
    for (index, (column, elements)) in columns.iter().zip(&mut batch.columns).enumerate() {
        out.clear();
        match row.get_ref(index)? {
            ValueRef::Null => out.write_null(),
            cell => taken &= codec::encode_value(column, out, cell).is_ok(),
        }
        while out.take_note().is_some() {}
        elements.bytes.extend_from_slice(out.bytes());
    }
    for (elements, before) in batch.columns.iter_mut().zip(before) {
        if taken {
            elements.count += 1;
        } else {
            elements.bytes.truncate(before);
        }
    }
    if taken {
        let values: Vec<String> =
            (0..columns.len()).map(|index| describe_value(row.get_ref(index))).collect();
        batch.rows.push(Example {
            key: key.describe_row(row, columns.len()),
            found: values.join(", ").into(),
        });
    }
    Ok(())
}

/// A value in words that do not show text.
pub(super) fn describe_value(value: rusqlite::Result<ValueRef<'_>>) -> String {
    match value {
        Ok(ValueRef::Integer(value)) => format!("integer {value}"),
        Ok(ValueRef::Real(value)) => format!("real {value:?}"),
        Ok(ValueRef::Text(bytes)) => format!("text of {}", text::count_bytes(bytes)),
        Ok(ValueRef::Blob(bytes)) => format!("blob of {}", text::count_bytes(bytes)),
        Ok(ValueRef::Null) | Err(_) => "NULL".to_owned(),
    }
}

/// Has the rows judged; the SQLSTATE when the condition itself cannot be evaluated.
fn judge_batch(
    query: &str,
    batch: &mut Batch,
    client: &mut Client,
    finding: &mut Finding,
) -> Result<std::result::Result<(), String>> {
    if batch.rows.is_empty() {
        return Ok(Ok(()));
    }
    let parameters: Vec<&(dyn ToSql + Sync)> =
        batch.columns.iter().map(|elements| elements as &(dyn ToSql + Sync)).collect();
    let broken = match client.query(query, &parameters) {
        Ok(rows) => rows,
        Err(error) => {
            // What the server says may quote a value.
            let answered = error.as_db_error().filter(|_| !is_interruption(&error));
            let Some(server_text) = answered else {
                return Err(server_error(&finding.what, &error));
            };
            finding.server = Some(ServerText::from_error(server_text));
            return Ok(Err(server_text.code().code().to_owned()));
        }
    };
    finding.count += broken.len() as u64;
    for row in broken {
        let place = usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or_default();
        if finding.examples.len() < EXAMPLES {
            finding.examples.extend(batch.rows.get(place).cloned());
        }
    }
    batch.columns.iter_mut().for_each(Elements::clear);
    batch.rows.clear();
    Ok(Ok(()))
}
