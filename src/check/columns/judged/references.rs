//! Foreign keys over columns that only PostgreSQL has (K1): what its defaults refer to must be
//! there after the load.
//!
//! The check of the rows compares keys that SQLite has on both sides. Here the server says what
//! each row refers to, and finds it among its own rows or, where the run loads the parent, among
//! those.

use std::collections::BTreeMap;

use model::sql;
use postgres::Client;

use super::catalog::{Reference, ServerTable};
use super::needed::{Needed, PLACE};
use super::travel::{self, Answer, Unanswered};
use super::{AskedServer, Trial, open_finding, read_server_table};
use crate::check::columns::CheckedTable;
use crate::diagnostic::{Finding, Hints, Id, Result, Severity};
use crate::postgres::direct::DirectQueries;
use crate::postgres::{describe_code, quote_if_needed};
use crate::stop::Stop;

/// So many different keys are looked for; mostly there is one, the default.
const KEYS: usize = 1_000;

/// What rows refer to: the values of the key as the server writes them, with how many rows have
/// them and the first of these.
type Keys = BTreeMap<Vec<String>, (u64, i64)>;

/// Looks at every foreign key in which a column takes part that only PostgreSQL has.
///
/// # Errors
/// SQLite's, the server's, or a stop.
pub fn find_missing_parents(
    checked: CheckedTable<'_>,
    table: &ServerTable,
    trial: Trial,
    (client, server): (&mut Client, &mut AskedServer),
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for reference in &table.references {
        let text = sql::quoted_list(&column_names(&reference.columns));
        let needed = Needed::find(checked, table, &[&text]);
        let is_filled = |name: &&super::catalog::ServerColumn| name.default.is_some();
        let is_own = !needed.own.is_empty() && needed.own.iter().all(is_filled);
        if !is_own || needed.has_refused_values(table) || !needed.fits_in_arrays() {
            continue;
        }
        let open = |why: &str| {
            let what = format!("the foreign key {}: {why}", reference.name);
            open_finding(checked, Id::K1, &column_names(&reference.columns), &what)
        };
        if needed.is_filled_by_triggers(checked) {
            findings.push(open("triggers that fire may fill its columns"));
            continue;
        }
        let mut asked = Asked { checked, reference, needed: &needed, trial, keys: Keys::new() };
        let answer = asked.collect_keys(client, stop)?;
        let answer = match answer {
            Ok(true) => asked.take_known_keys(client, server, stop)?,
            Ok(false) => {
                findings.push(open("its defaults are different in every row"));
                continue;
            }
            Err(why) => Err(why),
        };
        travel::end_transaction(client)?;
        match answer {
            Ok(()) => findings.extend(asked.into_finding()?),
            Err(why) => findings.push(open(&describe_code(&why.state))),
        }
    }
    Ok(findings)
}

fn column_names(columns: &[String]) -> Vec<&str> {
    columns.iter().map(String::as_str).collect()
}

/// A question about a foreign key.
struct Asked<'a, 't> {
    checked: CheckedTable<'a>,
    reference: &'a Reference,
    needed: &'a Needed<'t>,
    trial: Trial,
    /// What no parent was found for yet.
    keys: Keys,
}

impl Asked<'_, '_> {
    /// Has the server say what the rows refer to; whether that is few enough to be looked for.
    fn collect_keys(&mut self, client: &mut Client, stop: &Stop) -> Result<Answer<bool>> {
        if let Err(why) = travel::begin_question(client, self.needed)? {
            return Ok(Err(why));
        }
        let columns: Vec<String> =
            self.reference.columns.iter().map(|column| sql::quote(column)).collect();
        let texts: Vec<String> =
            columns.iter().map(|column| format!("{column}::pg_catalog.text")).collect();
        let query = format!(
            "SELECT count(*), min({PLACE}), {} FROM {} WHERE pg_catalog.num_nulls({}) = 0 \
             GROUP BY {} LIMIT {}",
            texts.join(", "),
            self.needed.rows_in_arrays_sql(),
            columns.join(", "),
            columns.join(", "),
            KEYS + 1
        );
        let (keys, mut failed) = (&mut self.keys, None);
        travel::for_each_batch(self.checked, self.needed, stop, &mut |arrays| {
            match arrays.ask(client, &query)? {
                Ok(rows) => rows.iter().for_each(|row| add_key(keys, row)),
                Err(why) => failed = Some(why),
            }
            Ok(failed.is_none() && keys.len() <= KEYS)
        })?;
        Ok(failed.map_or(Ok(self.keys.len() <= KEYS), Err))
    }

    /// Takes out the keys that the parent has.
    fn take_known_keys(
        &mut self,
        client: &mut Client,
        server: &mut AskedServer,
        stop: &Stop,
    ) -> Result<Answer<()>> {
        if self.keys.is_empty() {
            return Ok(Ok(()));
        }
        let Reference { schema, table, to, .. } = self.reference;
        let loaded = self
            .checked
            .others
            .iter()
            .find(|(_, copy)| copy.schema == *schema && copy.table().name == *table);
        let Some((source, copy)) = loaded else {
            let parent = format!("{} AS p", sql::qualified_name(schema, table));
            let query = self.known_keys_query(&parent, "p");
            let found = travel::answer_of_result(client.query_directly(&query, &[]))?;
            return Ok(found.map(|rows| self.take_keys(&rows)));
        };
        let checked = CheckedTable { source, copy, ..self.checked };
        let Ok(there) = read_server_table(checked, client, self.trial, server)? else {
            self.keys.clear();
            return Ok(Ok(()));
        };
        let needed = Needed::find(checked, &there, &[&sql::quoted_list(&column_names(to))]);
        if !needed.fits_in_arrays() {
            self.keys.clear();
            return Ok(Ok(()));
        }
        if let Err(why) = travel::begin_question(client, &needed)? {
            return Ok(Err(why));
        }
        let parent = sql::quote(copy.table().name);
        let query = self.known_keys_query(&needed.rows_in_arrays_sql(), &parent);
        let mut failed: Option<Unanswered> = None;
        travel::for_each_batch(checked, &needed, stop, &mut |arrays| {
            match arrays.ask(client, &query)? {
                Ok(rows) => self.take_keys(&rows),
                Err(why) => failed = Some(why),
            }
            Ok(failed.is_none())
        })?;
        Ok(failed.map_or(Ok(()), Err))
    }

    /// The keys that some rows of the parent have, as they were written.
    fn known_keys_query(&self, parent: &str, name: &str) -> String {
        let count = self.reference.columns.len();
        let row = |key: &Vec<String>| {
            let values: Vec<String> = key.iter().map(|text| sql::text_literal(text)).collect();
            format!("({})", values.join(", "))
        };
        let rows: Vec<String> = self.keys.keys().map(row).collect();
        let columns: Vec<String> = (0..count).map(|number| format!("k{number}")).collect();
        let equal = |(number, (own, to)): (usize, (&String, &String))| {
            let ty = self.type_of(own);
            format!("{name}.{} = w.k{number}::{ty}", sql::quote(to))
        };
        let pairs = self.reference.columns.iter().zip(&self.reference.to);
        let equal: Vec<String> = pairs.enumerate().map(equal).collect();
        format!(
            "SELECT {} FROM (VALUES {}) AS w ({}) WHERE EXISTS (SELECT FROM {parent} WHERE {})",
            columns.iter().map(|one| format!("w.{one}")).collect::<Vec<_>>().join(", "),
            rows.join(", "),
            columns.join(", "),
            equal.join(" AND ")
        )
    }

    fn type_of(&self, column: &str) -> String {
        let copied = self.needed.copied.iter().find(|(own, _)| own.name == column);
        if let Some((own, known)) = copied {
            return self.needed.type_of_copied(own, known);
        }
        let own = self.needed.own.iter().chain(&self.needed.generated);
        let found = own.copied().find(|known| known.name == column);
        found.map_or_else(|| "pg_catalog.text".to_owned(), |known| known.ty.clone())
    }

    fn take_keys(&mut self, rows: &[postgres::Row]) {
        for row in rows {
            let key: Vec<String> = (0..row.len()).map(|place| row.get(place)).collect();
            self.keys.remove(&key);
        }
    }

    fn into_finding(self) -> Result<Option<Finding>> {
        let Asked { checked, reference, needed, keys, .. } = self;
        if keys.is_empty() {
            return Ok(None);
        }
        let own: Vec<&str> = needed.own.iter().map(|column| column.name.as_str()).collect();
        let (own, parent) = (
            own.join(", "),
            format!("{}.{}", quote_if_needed(&reference.schema), quote_if_needed(&reference.table)),
        );
        let what = format!(
            "{} refers to rows of {parent} that will not exist: {own} gets its value from \
             PostgreSQL",
            reference.name
        );
        let mut finding =
            checked.make_finding(Id::K1, Severity::Error, &column_names(&reference.columns), what);
        finding.count = keys.values().map(|(count, _)| count).sum();
        let places: Vec<i64> =
            keys.values().map(|(_, place)| *place).take(crate::diagnostic::EXAMPLES).collect();
        finding.examples = travel::show_rows(checked, needed, &places)?;
        finding.hints = Hints::from([
            format!("add the row to {parent} to which the default of {own} refers"),
            format!("change the default of {own}, or the foreign key, in PostgreSQL"),
        ]);
        Ok(Some(finding))
    }
}

fn add_key(keys: &mut Keys, row: &postgres::Row) {
    let (count, place): (i64, i64) = (row.get(0), row.get(1));
    let key: Vec<String> = (2..row.len()).map(|number| row.get(number)).collect();
    let known = keys.entry(key).or_insert((0, place));
    known.0 += count.unsigned_abs();
}
