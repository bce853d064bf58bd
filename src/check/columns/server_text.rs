//! Columns of types without a codec (S21): the server's own input function reads every value, in a
//! transaction that only reads, before anything is written.

use std::time::Duration;

use model::{Column, Stored, Type, sql};
use postgres::{Client, Row};
use rusqlite::types::ValueRef;

use super::CheckedTable;
use super::rules::describe_value;
use crate::codec::{self, Out};
use crate::diagnostic::server_text::ServerText;
use crate::diagnostic::{EXAMPLES, Example, Finding, Id, Result, Severity};
use crate::postgres::direct::DirectQueries;
use crate::postgres::server_types::find_base_type;
use crate::postgres::{describe_code, is_interruption, server_error, session};
use crate::stop::Stop;

/// So many values, or bytes, are asked about at once.
const ROWS: usize = 5_000;
const BYTES: usize = 4 << 20;
/// So many refused values of a column are looked for.
const REFUSED: u64 = 1_000;

/// Has the server read every value of such columns.
///
/// # Errors
/// SQLite's, the server's, or a stop; values that it refuses are no error here.
pub fn find_refused_texts(
    checked: CheckedTable<'_>,
    mut client: Option<&mut Client>,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let by_server =
        checked.copy.table().copied_columns().filter(|c| c.stored == Stored::ServerText);
    for column in by_server {
        let Some(client) = client.as_deref_mut() else {
            let what = "not decided: only the server reads its values, and there is no connection \
                        to it";
            findings.push(checked.make_finding(Id::S21, Severity::Note, &[column.name], what));
            continue;
        };
        // What a question before has left open is of no use.
        let begin = "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        client.batch_execute(begin).map_err(|error| server_error("BEGIN", &error))?;
        session::lift_limits(client, Duration::from_secs(30))?;
        findings.extend(check_column(checked, column, client, stop)?);
        client.batch_execute("ROLLBACK").map_err(|error| server_error("ROLLBACK", &error))?;
    }
    Ok(findings)
}

fn check_column(
    checked: CheckedTable<'_>,
    column: &'static Column,
    client: &mut Client,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let words = words_of_type(column);
    let reading = match Reading::of_type(client, &words)? {
        Ok(reading) => reading,
        Err(refused) => {
            let what = match refused {
                Unreadable::Missing => format!("PostgreSQL has no type `{words}`"),
                Unreadable::NoBinary => {
                    format!("`{words}` has no binary format, but rows are loaded in binary format")
                }
                Unreadable::Failed(why) => {
                    format!(
                        "PostgreSQL cannot read text as `{words}`: {}",
                        describe_code(&why.state)
                    )
                }
            };
            let mut finding = checked.make_finding(Id::S21, Severity::Error, &[column.name], what);
            finding.hints = "correct the column's type in its table's schema file".into();
            return Ok(vec![finding]);
        }
    };
    let mut judged = Judged { checked, column, words, reading, findings: Vec::new(), refused: 0 };
    judged.read_rows(client, stop)?;
    Ok(judged.findings.into_iter().map(|(_, finding)| finding).collect())
}

/// How the table in PostgreSQL names a column's type.
fn words_of_type(column: &Column) -> String {
    match (column.type_sql, column.ty) {
        (Some(type_sql), _) => type_sql.to_owned(),
        (None, Type::ReadByServer(words)) => words.to_owned(),
        (None, ty) => ty.to_string(),
    }
}

/// An error of the server about values.
pub struct Failed {
    /// The SQLSTATE.
    pub state: String,
    server_text: ServerText,
}

/// Why the server reads nothing as a type.
pub enum Unreadable {
    /// There is no such type.
    Missing,
    /// Its values cannot be loaded in binary.
    NoBinary,
    /// No text can become one.
    Failed(Failed),
}

/// Questions about a type.
pub struct Reading {
    /// The numbers of texts that the type's length would change.
    changed: String,
    /// The numbers of texts that are not printed as they were.
    respelled: String,
}

impl Reading {
    /// The questions about a type, in a transaction that is open.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn of_type(
        client: &mut Client,
        words: &str,
    ) -> Result<std::result::Result<Reading, Unreadable>> {
        let base = match run_in_savepoint(client, |client| find_base_type(client, words))? {
            Ok(Some(base)) if base.is_binary => base,
            Ok(Some(_)) => return Ok(Err(Unreadable::NoBinary)),
            Ok(None) | Err(_) => return Ok(Err(Unreadable::Missing)),
        };
        let numbers = |condition: &str| {
            format!(
                "SELECT given.place FROM unnest($1::pg_catalog.text[]) WITH ORDINALITY AS \
                 given(text, place) WHERE {condition} ORDER BY 1"
            )
        };
        let printed = |ty: &str| format!("(given.text::{ty})::pg_catalog.text COLLATE \"C\"");
        // Whether the checks of a domain hold is a question of its own.
        let words = base.of_domain.as_deref().unwrap_or(words);
        let (unlimited, fitted) = (printed(&base.name), printed(words));
        let reading = Reading {
            changed: numbers(&format!("{unlimited} IS DISTINCT FROM {fitted}")),
            respelled: numbers(&format!("{fitted} IS DISTINCT FROM given.text COLLATE \"C\"")),
        };
        // Without a value, what fails is the type.
        Ok(match reading.find_changed(client, &[])? {
            Ok(_) => Ok(reading),
            Err(why) => Err(Unreadable::Failed(why)),
        })
    }

    /// The numbers of texts, from 1, that the type's length would change.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn find_changed(
        &self,
        client: &mut Client,
        texts: &[String],
    ) -> Result<std::result::Result<Vec<usize>, Failed>> {
        query_numbers(client, &self.changed, texts)
    }

    /// The numbers of texts, from 1, that the server prints in another way.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn find_respelled(
        &self,
        client: &mut Client,
        texts: &[String],
    ) -> Result<std::result::Result<Vec<usize>, Failed>> {
        query_numbers(client, &self.respelled, texts)
    }
}

fn query_numbers(
    client: &mut Client,
    query: &str,
    texts: &[String],
) -> Result<std::result::Result<Vec<usize>, Failed>> {
    let number = |row: &Row| usize::try_from(row.get::<_, i64>(0)).unwrap_or_default();
    let answer = run_in_savepoint(client, |client| client.query_directly(query, &[&texts]))?;
    Ok(answer.map(|rows| rows.iter().map(number).collect()))
}

/// Does something after which the transaction goes on, even where it fails.
fn run_in_savepoint<T>(
    client: &mut Client,
    act: impl FnOnce(&mut Client) -> std::result::Result<T, postgres::Error>,
) -> Result<std::result::Result<T, Failed>> {
    let fail = |error: &postgres::Error| server_error("checking values", error);
    client.batch_execute("SAVEPOINT migrate_values").map_err(|error| fail(&error))?;
    let (end, answer) = match act(client) {
        Ok(answer) => ("RELEASE SAVEPOINT migrate_values", Ok(answer)),
        Err(error) => {
            let answered = error.as_db_error().filter(|_| !is_interruption(&error));
            let server_text = answered.ok_or_else(|| fail(&error))?;
            let state = server_text.code().code().to_owned();
            let why = Failed { state, server_text: ServerText::from_error(server_text) };
            ("ROLLBACK TO SAVEPOINT migrate_values", Err(why))
        }
    };
    client.batch_execute(end).map_err(|error| fail(&error))?;
    Ok(answer)
}

/// Why a value cannot be loaded; values with the same reason are one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    /// The server refuses it, with this SQLSTATE.
    Refused(String),
    /// The type's length would cut or pad it.
    Length,
}

/// A column whose values are being read.
struct Judged<'a> {
    checked: CheckedTable<'a>,
    column: &'static Column,
    words: String,
    reading: Reading,
    findings: Vec<(Reason, Finding)>,
    refused: u64,
}

impl Judged<'_> {
    fn read_rows(&mut self, client: &mut Client, stop: &Stop) -> Result<()> {
        let checked = self.checked;
        let fail = |error: rusqlite::Error| checked.source.read_error(&error);
        let (key, name) = (checked.row_key(), sql::quote(self.column.source));
        let columns: Vec<String> =
            [name.clone()].into_iter().chain(key.columns.iter().cloned()).collect();
        let select = format!(
            "SELECT {} FROM {} WHERE {name} IS NOT NULL",
            columns.join(", "),
            checked.rows_sql()
        );
        let mut statement = checked.source.reader.prepare(&select).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        let (mut out, mut texts, mut examples, mut bytes) =
            (Out::default(), Vec::new(), Vec::new(), 0);
        while let Some(row) = rows.next().map_err(fail)? {
            let cell = row.get_ref(0).map_err(fail)?;
            let Some(text) = text_of_cell(self.column, cell, &mut out) else { continue };
            bytes += text.len();
            texts.push(text);
            let found = describe_value(row.get_ref(0)).into();
            examples.push(Example { key: key.describe_row(row, 1), found });
            if texts.len() >= ROWS || bytes >= BYTES {
                stop.fail_if_asked()?;
                self.judge(client, &texts, &examples)?;
                (texts, examples, bytes) = (Vec::new(), Vec::new(), 0);
                if self.refused >= REFUSED {
                    return Ok(());
                }
            }
        }
        self.judge(client, &texts, &examples)
    }

    /// Asks about values; where one is refused, about each half of them.
    fn judge(&mut self, client: &mut Client, texts: &[String], examples: &[Example]) -> Result<()> {
        if texts.is_empty() || self.refused >= REFUSED {
            return Ok(());
        }
        match (self.reading.find_changed(client, texts)?, texts) {
            (Ok(changed), _) => {
                for number in changed {
                    self.add_changed(examples.get(number.saturating_sub(1)));
                }
            }
            (Err(why), [_]) => self.add_refused(why, examples.first()),
            (Err(_), _) => {
                let half = texts.len() / 2;
                let (texts, examples) = (texts.split_at(half), examples.split_at(half));
                self.judge(client, texts.0, examples.0)?;
                self.judge(client, texts.1, examples.1)?;
            }
        }
        Ok(())
    }

    fn add_refused(&mut self, why: Failed, example: Option<&Example>) {
        let what = format!(
            "PostgreSQL's own input function refuses values for `{}`: {}",
            self.words,
            describe_code(&why.state)
        );
        self.add(Reason::Refused(why.state), what, example, Some(why.server_text));
    }

    fn add_changed(&mut self, example: Option<&Example>) {
        let what = format!("the length of `{}` would cut or pad values", self.words);
        self.add(Reason::Length, what, example, None);
    }

    fn add(
        &mut self,
        reason: Reason,
        what: String,
        example: Option<&Example>,
        server_text: Option<ServerText>,
    ) {
        self.refused += 1;
        let place = self.findings.iter().position(|(known, _)| *known == reason);
        let place = place.unwrap_or_else(|| {
            let names = [self.column.name];
            let mut finding = self.checked.make_finding(Id::S21, Severity::Error, &names, what);
            (finding.count, finding.server) = (0, server_text);
            self.findings.push((reason, finding));
            self.findings.len() - 1
        });
        let Some((_, finding)) = self.findings.get_mut(place) else { return };
        finding.count += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.extend(example.cloned());
        }
    }
}

/// The text that the server would get; none where the codec refuses the value.
pub fn text_of_cell(column: &Column, cell: ValueRef<'_>, out: &mut Out) -> Option<String> {
    let taken = codec::encode_value(column, out, cell).is_ok();
    while out.take_note().is_some() {}
    // Behind the field's length.
    let text = out.bytes().get(4..).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let text = text.filter(|_| taken).map(str::to_owned);
    out.clear();
    text
}
