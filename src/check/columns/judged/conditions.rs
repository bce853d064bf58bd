//! What each row must fulfil, as the server judges it: checks of the table (K13), checks of its
//! columns' domains (K13), and values in columns that only the server has (K14).

use model::sql;
use postgres::{Client, Row};

use super::catalog::{Condition, ServerTable};
use super::needed::{Needed, PLACE};
use super::travel::{self, Answer, Unanswered};
use super::{Trial, is_refusing_state, open_finding};
use crate::check::columns::CheckedTable;
use crate::diagnostic::{EXAMPLES, Finding, Hints, Id, Result, Severity};
use crate::postgres::describe_code;
use crate::postgres::direct::DirectQueries;
use crate::stop::Stop;

/// The rows that break a condition: how many, and the first.
#[derive(Default)]
struct Broken {
    rows: u64,
    places: Vec<i64>,
}

impl Broken {
    fn add(&mut self, rows: &[Row], most: Option<usize>) {
        self.rows += rows.len() as u64;
        let room = most.map_or(rows.len(), |most| most.saturating_sub(self.places.len()));
        self.places.extend(rows.iter().take(room).map(|row| row.get::<_, i64>(0)));
    }
}

/// Looks at every condition of a table.
///
/// # Errors
/// SQLite's, a stop, or when the connection breaks.
pub fn find_broken_conditions(
    checked: CheckedTable<'_>,
    table: &ServerTable,
    trial: Trial,
    client: &mut Client,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for condition in table.conditions.iter().filter(|one| !is_of_codecs(checked, table, one)) {
        let holds = condition_sql(checked, condition);
        let needed = Needed::find(checked, table, &[&text_with_columns(condition)]);
        if needed.has_refused_values(table) {
            continue;
        }
        if needed.is_filled_by_triggers(checked) {
            let what = describe_condition(checked, condition)
                + ": triggers that fire may fill its columns";
            findings.push(open_finding(checked, id_of(condition), &columns_of(&needed), &what));
            continue;
        }
        let asked =
            Asked { checked, holds: &holds, needed: &needed, trial, places: Some(EXAMPLES) };
        let finding = match ask_about_condition(asked, client, stop)? {
            Some(Ok(broken)) => broken_finding(checked, condition, &needed, broken)?,
            Some(Err(why)) => Some(unanswered_finding(checked, condition, &needed, why)),
            None => {
                let what = describe_condition(checked, condition)
                    + ": --dry-run=quick creates no table for it";
                Some(open_finding(checked, Id::K13, &columns_of(&needed), &what))
            }
        };
        findings.extend(finding);
        travel::end_transaction(client)?;
    }
    Ok(findings)
}

/// The places of all rows that break a condition over a column, or over any, unless SQLite has no
/// say in it: then every row would be one.
///
/// # Errors
/// SQLite's, a stop, or when the connection breaks.
pub fn find_breaking_rows(
    checked: CheckedTable<'_>,
    table: &ServerTable,
    column: Option<&str>,
    trial: Trial,
    client: &mut Client,
    stop: &Stop,
) -> Result<Vec<i64>> {
    let mut places = Vec::new();
    for condition in table.conditions.iter().filter(|one| !is_of_codecs(checked, table, one)) {
        let needed = Needed::find(checked, table, &[&text_with_columns(condition)]);
        let concerns = |name: &str| needed.copied.iter().any(|(copied, _)| copied.name == name);
        let is_asked = column.map_or(!needed.copied.is_empty(), concerns);
        if !is_asked || needed.is_filled_by_triggers(checked) {
            continue;
        }
        let holds = condition_sql(checked, condition);
        let asked = Asked { checked, holds: &holds, needed: &needed, trial, places: None };
        let answer = ask_about_condition(asked, client, stop)?;
        travel::end_transaction(client)?;
        if let Some(Ok(broken)) = answer {
            places.extend(broken.places);
        }
    }
    Ok(places)
}

/// Whether the check of the values says it already, or another finding does.
fn is_of_codecs(checked: CheckedTable<'_>, table: &ServerTable, condition: &Condition) -> bool {
    let Condition::Value { column } = condition else { return false };
    // Where only a domain says NOT NULL, the description may allow it.
    if let Some(copied) = checked.copy.table().copied_columns().find(|c| c.name == *column) {
        return !copied.null;
    }
    let is_filled = |column: &super::catalog::ServerColumn| {
        !column.counted && (column.default.is_some() || column.generated.is_some())
    };
    !table.column(column).is_some_and(is_filled)
}

/// A condition over the columns of a row.
fn condition_sql(checked: CheckedTable<'_>, condition: &Condition) -> String {
    let own = sql::quote(checked.copy.table().name);
    match condition {
        Condition::Check { expression, .. } | Condition::Partition { expression } => {
            expression.clone()
        }
        // The server itself knows `VALUE` as a name of that kind.
        Condition::Domain { expression, column, .. } => format!(
            "(SELECT ({expression}\n) FROM (SELECT {own}.{} AS value) AS domain)",
            sql::quote(column)
        ),
        Condition::Value { column } => format!("{own}.{} IS NOT NULL", sql::quote(column)),
    }
}

/// A text that names the columns of a condition.
fn text_with_columns(condition: &Condition) -> String {
    match condition {
        Condition::Check { expression, .. } | Condition::Partition { expression } => {
            expression.clone()
        }
        Condition::Domain { column, .. } | Condition::Value { column } => sql::quote(column),
    }
}

/// A question about a condition.
#[derive(Clone, Copy)]
struct Asked<'a, 't> {
    checked: CheckedTable<'a>,
    holds: &'a str,
    needed: &'a Needed<'t>,
    trial: Trial,
    /// So many rows are named, or all.
    places: Option<usize>,
}

/// Asks the server about all rows; nothing means that it would need a table that nobody wants.
fn ask_about_condition(
    asked: Asked<'_, '_>,
    client: &mut Client,
    stop: &Stop,
) -> Result<Option<Answer<Broken>>> {
    let Asked { checked, holds, needed, trial, places } = asked;
    let query = |rows: &str| format!("SELECT {PLACE} FROM {rows} WHERE NOT ({holds}\n) ORDER BY 1");
    let mut broken = Broken::default();
    if needed.fits_in_arrays() {
        if trial == Trial::Quick && needed.lacks_types() {
            return Ok(None);
        }
        if let Err(why) = travel::begin_question(client, needed)? {
            return Ok(Some(Err(why)));
        }
        let (query, mut failed) = (query(&needed.rows_in_arrays_sql()), None);
        travel::for_each_batch(checked, needed, stop, &mut |arrays| {
            match arrays.ask(client, &query)? {
                Ok(rows) => broken.add(&rows, places),
                Err(why) => failed = Some(why),
            }
            Ok(failed.is_none())
        })?;
        return Ok(Some(failed.map_or(Ok(broken), Err)));
    }
    if trial == Trial::Quick {
        return Ok(None);
    }
    if let Err(why) = travel::stage_rows(checked, needed, &[], client, stop)? {
        return Ok(Some(Err(why)));
    }
    let rows =
        travel::answer_of_result(client.query_directly(&query(&needed.staged_rows_sql()), &[]))?;
    Ok(Some(rows.map(|rows| {
        broken.add(&rows, places);
        broken
    })))
}

fn columns_of<'t>(needed: &Needed<'t>) -> Vec<&'t str> {
    let copied = needed.copied.iter().map(|(_, column)| *column);
    let all = copied.chain(needed.own.iter().copied()).chain(needed.generated.iter().copied());
    all.map(|column| column.name.as_str()).collect()
}

fn describe_condition(checked: CheckedTable<'_>, condition: &Condition) -> String {
    match condition {
        Condition::Check { name, expression } => {
            format!("violates the constraint {name}: {expression}")
        }
        Condition::Domain { name, expression, .. } => {
            format!("violates the constraint {name} of its domain: {expression}")
        }
        Condition::Partition { .. } => "no partition of the table accepts it".to_owned(),
        Condition::Value { column } => match is_copied(checked, column) {
            true => "NULL, which its domain in PostgreSQL does not allow".to_owned(),
            false => {
                "only in PostgreSQL, where every row must have a value, but gets none".to_owned()
            }
        },
    }
}

fn is_copied(checked: CheckedTable<'_>, column: &str) -> bool {
    checked.copy.table().copied_columns().any(|copied| copied.name == column)
}

fn id_of(condition: &Condition) -> Id {
    match condition {
        Condition::Value { .. } => Id::K14,
        _ => Id::K13,
    }
}

fn broken_finding(
    checked: CheckedTable<'_>,
    condition: &Condition,
    needed: &Needed<'_>,
    broken: Broken,
) -> Result<Option<Finding>> {
    if broken.rows == 0 {
        return Ok(None);
    }
    let (id, what) = (id_of(condition), describe_condition(checked, condition));
    let mut finding = checked.make_finding(id, Severity::Error, &columns_of(needed), what);
    finding.count = broken.rows;
    finding.examples = travel::show_rows(checked, needed, &broken.places)?;
    finding.hints = condition_hint(checked, condition, needed);
    Ok(Some(finding))
}

/// What to do, where PostgreSQL's own table or type has the rule; nothing where a schema file has.
fn condition_hint(checked: CheckedTable<'_>, condition: &Condition, needed: &Needed<'_>) -> Hints {
    let own: Vec<&str> =
        needed.own.iter().chain(&needed.generated).map(|column| column.name.as_str()).collect();
    match (own.is_empty(), needed.copied.is_empty()) {
        (true, _) => match condition {
            Condition::Domain { .. } => Hints::from([
                "correct the value in the application",
                "change the domain in PostgreSQL",
            ]),
            Condition::Partition { .. } => Hints::from([
                "correct the row in the application",
                "create a partition for the row in PostgreSQL",
            ]),
            Condition::Check { .. } if checked.copy.is_of_application => {
                Hints::from(["correct the row in the application", "change the rule in PostgreSQL"])
            }
            Condition::Value { .. } if checked.copy.is_of_application => {
                Hints::from(["give the row a value", "let the domain allow NULL in PostgreSQL"])
            }
            _ => Hints::default(),
        },
        (false, true) => format!(
            "change the default or the rule in PostgreSQL: SQLite does not have {}",
            own.join(", ")
        )
        .into(),
        (false, false) => Hints::from([
            "correct the row in the application".to_owned(),
            format!("change the rule, or the value that PostgreSQL gives {}", own.join(", ")),
        ]),
    }
}

fn unanswered_finding(
    checked: CheckedTable<'_>,
    condition: &Condition,
    needed: &Needed<'_>,
    why: Unanswered,
) -> Finding {
    let what = format!(
        "{}: it cannot be evaluated: {}",
        describe_condition(checked, condition),
        describe_code(&why.state)
    );
    let columns = columns_of(needed);
    if !is_refusing_state(checked, &why.state) {
        return open_finding(checked, id_of(condition), &columns, &what);
    }
    let mut finding = checked.make_finding(id_of(condition), Severity::Error, &columns, what);
    finding.server = Some(why.server_text);
    finding
}
