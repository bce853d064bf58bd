//! Columns of types without a codec: the server itself is asked whether it reads SQLite's texts.
//!
//! It proves an encoding where it reads every text and prints each unchanged; what it prints in
//! another way a person decides.

use std::cell::RefCell;

use model::file::ColumnLine;
use model::{Enum, Stored, Type};
use postgres::Client;
use rusqlite::types::ValueRef;

use super::columns::Input;
use crate::check::columns::server_text::{Reading, Unreadable, text_of_cell};
use crate::codec::Out;
use crate::diagnostic::{Error, Result};
use crate::postgres::inspection::{self, Column};
use crate::postgres::type_names::model_type_of_base;
use crate::postgres::{describe_code, server_error};
use crate::schema_tools::draft::choose::Chosen;
use crate::schema_tools::draft::profile;
use crate::sqlite::SourceColumn;
use crate::text::count_with_noun;

/// So many values are asked about at once.
const ROWS: usize = 5_000;

/// The server while tables are joined.
pub struct Server<'a> {
    /// A session without a transaction.
    client: RefCell<&'a mut Client>,
    /// The schema of the tables.
    schema: &'a str,
    /// Why the server could not answer.
    failure: RefCell<Option<Error>>,
}

impl<'a> Server<'a> {
    /// The server of these tables.
    pub fn of_target(client: &'a mut Client, schema: &'a str) -> Server<'a> {
        Server { client: RefCell::new(client), schema, failure: RefCell::default() }
    }
}

/// What asks the server.
pub trait AskServer {
    /// Does something with the session and the schema of the tables.
    fn with_session(&self, act: &mut dyn FnMut(&mut Client, &str));

    /// Keeps an error of the server, with which the join will end.
    fn note_failure(&self, error: Error);
}

impl Server<'_> {
    /// Ends the use of the server.
    ///
    /// # Errors
    /// The first one that was kept.
    pub fn into_result(self) -> Result<()> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }
}

impl AskServer for Server<'_> {
    fn with_session(&self, act: &mut dyn FnMut(&mut Client, &str)) {
        act(&mut self.client.borrow_mut(), self.schema);
    }

    fn note_failure(&self, error: Error) {
        self.failure.borrow_mut().get_or_insert(error);
    }
}

/// The type of a column's values; one that the server reads where no codec makes it.
pub fn type_of_column(column: &Column, enums: &[Enum]) -> Type {
    model_type_of_base(&column.base, enums)
        .unwrap_or_else(|| Type::ReadByServer(column.base.text.clone().leak()))
}

/// Writes such a type into a column's line.
pub fn set_type(line: &mut ColumnLine, ty: Type, column: &Column) {
    if ty.is_read_by_server() {
        line.type_sql = (ty.to_string() != column.ty).then(|| column.ty.clone());
        line.ty = ty;
    }
}

/// What the server says of a column's values.
enum ServerReading {
    /// So many values are read, and so many of them printed in another way.
    Read { values: u64, respelled: u64 },
    /// Some are refused, or changed by the type's length.
    Refused(String),
    /// None can be read.
    Unreadable,
}

/// Asks the server about every value.
pub fn decide_by_server(
    input: &Input<'_>,
    column: &Column,
    source: &SourceColumn,
    open: Chosen,
) -> rusqlite::Result<Chosen> {
    let (ty, shown) = (open.ty, &column.ty);
    // Why codecs do not take the values is said already.
    if open.finding.is_some() {
        return Ok(open);
    }
    let setting = "stored = \"server_text\"";
    let numbers = count_numbers(input, source)?;
    let finding = match ask_about_values(input, shown, source, ty)? {
        Ok(ServerReading::Read { respelled: 0, .. }) if numbers == 0 => {
            let why = "PostgreSQL reads every text and prints it unchanged";
            let chosen = Chosen::encoded(ty, Stored::ServerText).with_reason(why);
            return Ok(chosen.declared_as(&source.declared));
        }
        Ok(ServerReading::Read { respelled: 0, values }) => format!(
            "{numbers} of {} are numbers, and PostgreSQL can read their digits as {shown}; if this \
             is what the application means, write {setting}",
            count_with_noun(values, "value")
        ),
        Ok(ServerReading::Read { respelled, values }) => format!(
            "PostgreSQL can read {} as {shown}, and prints {respelled} of them in another form; if \
             the meaning is the same, write {setting}",
            count_with_noun(values, "value")
        ),
        Ok(ServerReading::Refused(why)) => format!(
            "PostgreSQL cannot read every value as {shown}: {why}; if you write {setting}, \
             --dry-run lists the values that PostgreSQL refuses"
        ),
        Ok(ServerReading::Unreadable) => format!(
            "there is no conversion to {shown}, and PostgreSQL cannot read text as such a value: \
             add the column to `ignore` in the table's file, and write `source = false` in its line"
        ),
        Err(error) => {
            input.server.note_failure(error);
            return Ok(open);
        }
    };
    Ok(open.with_finding(finding))
}

/// How many values are numbers.
fn count_numbers(input: &Input<'_>, source: &SourceColumn) -> rusqlite::Result<u64> {
    let name = model::sql::quote(&source.name);
    let count = format!(
        "SELECT count(*) FROM {} NOT INDEXED WHERE typeof({name}) IN ('integer', 'real')",
        model::sql::quote(&input.own.name)
    );
    let count: i64 = input.connection.query_row(&count, [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn ask_about_values(
    input: &Input<'_>,
    shown: &str,
    source: &SourceColumn,
    ty: Type,
) -> rusqlite::Result<Result<ServerReading>> {
    let mut answer = Ok(Ok(ServerReading::Unreadable));
    input.server.with_session(&mut |client, schema| {
        answer = match inspection::begin_reading(client, schema) {
            Ok(()) => read_values(input, shown, source, ty, client),
            Err(error) => Ok(Err(server_error("reading values", &error))),
        };
        let _ = client.batch_execute("ROLLBACK");
    });
    answer
}

fn read_values(
    input: &Input<'_>,
    shown: &str,
    source: &SourceColumn,
    ty: Type,
    client: &mut Client,
) -> rusqlite::Result<Result<ServerReading>> {
    let reading = match Reading::of_type(client, shown) {
        Ok(Ok(reading)) => reading,
        Ok(Err(Unreadable::Missing | Unreadable::NoBinary | Unreadable::Failed(_))) => {
            return Ok(Ok(ServerReading::Unreadable));
        }
        Err(error) => return Ok(Err(error)),
    };
    let column = model::nullable("", ty).stored(Stored::ServerText);
    let select = profile::rows_sql(input.own, &[&source.name]);
    let mut statement = input.connection.prepare(&select)?;
    let mut rows = statement.query([])?;
    let (mut out, mut texts) = (Out::default(), Vec::new());
    let (mut values, mut respelled) = (0_u64, 0_u64);
    loop {
        let row = rows.next()?;
        if let Some(row) = row {
            let cell = row.get_ref(0)?;
            let is_value = cell != ValueRef::Null;
            texts.extend(is_value.then(|| text_of_cell(&column, cell, &mut out)).flatten());
        }
        if texts.len() >= ROWS || row.is_none() {
            match judge_texts(&reading, client, &texts) {
                Ok(Ok(others)) => respelled += others,
                Ok(Err(why)) => return Ok(Ok(ServerReading::Refused(why))),
                Err(error) => return Ok(Err(error)),
            }
            values += texts.len() as u64;
            texts.clear();
        }
        if row.is_none() {
            return Ok(Ok(ServerReading::Read { values, respelled }));
        }
    }
}

/// How many texts are printed in another way; or why one is not taken.
fn judge_texts(
    reading: &Reading,
    client: &mut Client,
    texts: &[String],
) -> Result<std::result::Result<u64, String>> {
    match reading.find_changed(client, texts)? {
        Ok(changed) if changed.is_empty() => {}
        Ok(_) => return Ok(Err("the length of the type would cut or pad some values".to_owned())),
        Err(why) => return Ok(Err(describe_code(&why.state))),
    }
    Ok(match reading.find_respelled(client, texts)? {
        Ok(others) => Ok(others.len() as u64),
        Err(why) => Err(describe_code(&why.state)),
    })
}
