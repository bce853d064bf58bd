//! What keeps rows apart (K16), as the server compares: unique indexes whose equality or whose rows
//! only it knows, and exclusion constraints.
//!
//! Mostly its GROUP BY has the index's equality. Where only an index has it, the very index is
//! built over a temporary table, and the rows are those that it does not take.

use model::{Type, sql};
use postgres::{Client, Row};

use super::catalog::{Key, ServerTable};
use super::needed::{Needed, PLACE};
use super::travel::{self, Answer, Unanswered};
use super::{Trial, is_refusing_state, open_finding};
use crate::check::columns::CheckedTable;
use crate::diagnostic::{EXAMPLES, Example, Finding, Found, Hints, Id, Result, Severity};
use crate::postgres::describe_code;
use crate::postgres::direct::DirectQueries;
use crate::stop::Stop;

/// So many rows of a group are named.
const NAMED: usize = 3;

/// The rows that one key of the table has twice: how many, and the first groups.
#[derive(Default)]
struct Repeated {
    rows: u64,
    groups: Vec<(u64, Vec<i64>)>,
}

/// Looks at everything that keeps rows apart and that the rows' own check does not decide.
///
/// # Errors
/// SQLite's, a stop, or when the connection breaks.
pub fn find_repeated_keys(
    checked: CheckedTable<'_>,
    table: &ServerTable,
    trial: Trial,
    client: &mut Client,
    stop: &Stop,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for key in table.keys.iter().filter(|key| !is_decided_by_rows(checked, key)) {
        let needed = columns_needed(checked, table, key);
        if needed.has_refused_values(table) {
            continue;
        }
        if needed.is_filled_by_triggers(checked) {
            let why = "triggers that fire may fill its columns";
            findings.push(open_key(checked, key, &needed, why));
            continue;
        }
        let asked = Asked { checked, key, needed: &needed, wanted: Wanted::Groups, trial };
        let finding = match ask_about_key(asked, client, stop)? {
            Ok(Some(Ok(rows))) => repeated_finding(checked, key, &needed, repeated_of_rows(&rows))?,
            Ok(Some(Err(why))) => Some(unanswered_finding(checked, key, &needed, why)),
            Ok(None) => {
                Some(open_key(checked, key, &needed, "--dry-run=quick creates no table for it"))
            }
            Err(why) => Some(open_key(checked, key, &needed, &why)),
        };
        findings.extend(finding);
        travel::end_transaction(client)?;
    }
    Ok(findings)
}

/// The places of rows that the server does not take beside those before them, by the first key of
/// the table that has some; those that only its defaults make equal are none.
///
/// # Errors
/// SQLite's, a stop, or when the connection breaks.
pub fn find_later_rows(
    checked: CheckedTable<'_>,
    table: &ServerTable,
    trial: Trial,
    client: &mut Client,
    stop: &Stop,
) -> Result<Vec<i64>> {
    for key in table.keys.iter().filter(|key| !is_decided_by_rows(checked, key)) {
        let needed = columns_needed(checked, table, key);
        if needed.copied.is_empty() {
            continue;
        }
        let asked = Asked { checked, key, needed: &needed, wanted: Wanted::LaterRows, trial };
        let answer = ask_about_key(asked, client, stop)?;
        travel::end_transaction(client)?;
        if let Ok(Some(Ok(rows))) = answer
            && !rows.is_empty()
        {
            return Ok(rows.iter().map(|row| row.get(0)).collect());
        }
    }
    Ok(Vec::new())
}

fn columns_needed<'t>(checked: CheckedTable<'_>, table: &'t ServerTable, key: &Key) -> Needed<'t> {
    let texts = texts_of_key(key);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Needed::find(checked, table, &texts)
}

/// Whether the check of the rows finds every repeated key, by itself.
fn is_decided_by_rows(checked: CheckedTable<'_>, key: &Key) -> bool {
    let plain: Option<Vec<&str>> = key.parts.iter().map(|part| part.column.as_deref()).collect();
    let Some(columns) = plain else { return false };
    if key.exclusion
        || key.nulls_equal
        || key.predicate.is_some()
        || !key.deterministic
        || !key.usual_equality
    {
        return false;
    }
    checked.copy.table().unique_keys().into_iter().filter_map(|known| known.columns).any(|known| {
        known.len() == columns.len()
            && known.iter().all(|c| {
                let by_server = matches!(c.ty, Type::Citext | Type::ReadByServer(_));
                columns.contains(&c.name) && !by_server
            })
    })
}

/// Every text in which a key names columns.
fn texts_of_key(key: &Key) -> Vec<String> {
    let mut texts: Vec<String> = key.parts.iter().map(|part| part.text.clone()).collect();
    texts.extend(key.predicate.clone());
    if must_be_built(key) {
        texts.push(key.definition.clone());
    }
    texts
}

/// Whether only an index has the equality.
fn must_be_built(key: &Key) -> bool {
    key.exclusion || !key.usual_equality
}

/// What is wanted of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The first groups of rows with the same key.
    Groups,
    /// The places of all rows but the first of each group.
    LaterRows,
}

/// A question about a key.
#[derive(Clone, Copy)]
struct Asked<'a, 't> {
    checked: CheckedTable<'a>,
    key: &'a Key,
    needed: &'a Needed<'t>,
    wanted: Wanted,
    trial: Trial,
}

/// Asks the server. The outer error says why nothing could be asked; nothing means that it would
/// need a table that nobody wants.
fn ask_about_key(
    asked: Asked<'_, '_>,
    client: &mut Client,
    stop: &Stop,
) -> Result<std::result::Result<Option<Answer<Vec<Row>>>, String>> {
    let Asked { checked, key, needed, wanted, trial } = asked;
    if !must_be_built(key)
        && let Some(arrays) = travel::collect_arrays(checked, needed, stop)?
    {
        if trial == Trial::Quick && needed.lacks_types() {
            return Ok(Ok(None));
        }
        if let Err(why) = travel::begin_question(client, needed)? {
            return Ok(Ok(Some(Err(why))));
        }
        let query = groups_query(key, &needed.rows_in_arrays_sql(), wanted);
        return Ok(Ok(Some(arrays.ask(client, &query)?)));
    }
    if trial == Trial::Quick {
        return Ok(Ok(None));
    }
    let built = if must_be_built(key) { probe_statements(key, needed) } else { Vec::new() };
    match travel::stage_rows(checked, needed, &built, client, stop)? {
        Ok(()) => {}
        Err(why) => {
            return Ok(Err(format!("cannot create a table for it: {}", describe_unanswered(&why))));
        }
    }
    let query = match built.is_empty() {
        true => groups_query(key, &needed.staged_rows_sql(), wanted),
        false => {
            let insert = format!(
                "INSERT INTO {PROBE} SELECT * FROM {} ORDER BY {PLACE} ON CONFLICT DO NOTHING",
                needed.staged_rows_sql()
            );
            if let Err(why) = travel::answer_of_result(client.batch_execute(&insert))? {
                return Ok(Ok(Some(Err(why))));
            }
            match wanted {
                Wanted::Groups => format!("SELECT count(*) OVER (), {REFUSED} LIMIT {EXAMPLES}"),
                Wanted::LaterRows => format!("SELECT {REFUSED}"),
            }
        }
    };
    Ok(Ok(Some(travel::answer_of_result(client.query_directly(&query, &[]))?)))
}

fn describe_unanswered(why: &Unanswered) -> String {
    describe_code(&why.state)
}

/// The temporary table over which an index is built.
const PROBE: &str = "pg_temp.\"migrate probe\"";

/// The places of the rows that the index did not take.
const REFUSED: &str = "\
u.\"migrate place\"
FROM pg_temp.\"migrate rows\" AS u
WHERE NOT EXISTS (SELECT FROM pg_temp.\"migrate probe\" p
                  WHERE p.\"migrate place\" = u.\"migrate place\")
ORDER BY u.\"migrate place\"";

/// The statements that make it, with the index.
fn probe_statements(key: &Key, needed: &Needed<'_>) -> Vec<String> {
    let columns = needed.declared_columns();
    let create = format!("CREATE TEMPORARY TABLE \"migrate probe\" ({columns}) ON COMMIT DROP");
    let index = match key.exclusion {
        true => {
            let definition = key.definition.trim_end_matches(" INITIALLY DEFERRED");
            let definition = definition.trim_end_matches(" DEFERRABLE");
            format!("ALTER TABLE {PROBE} ADD {definition}")
        }
        false => format!("CREATE UNIQUE INDEX ON {PROBE} {}", key.definition),
    };
    vec![create, index]
}

/// The groups of rows with one key: all their rows, those of each, and its first places; or all
/// places but the first of each.
fn groups_query(key: &Key, rows: &str, wanted: Wanted) -> String {
    let mut selected = vec![PLACE.to_owned()];
    let mut names = Vec::new();
    for (number, part) in key.parts.iter().enumerate() {
        let collation = part.collation.as_ref().map(|name| format!(" COLLATE {name}"));
        let text = match &part.column {
            Some(column) => sql::quote(column),
            None => part.text.clone(),
        };
        selected.push(format!("({text}\n){} AS k{number}", collation.unwrap_or_default()));
        names.push(format!("k{number}"));
    }
    let predicate = key.predicate.as_ref().map(|text| format!(" WHERE ({text}\n)"));
    let keys = names.join(", ");
    let nulls = match key.nulls_equal {
        true => String::new(),
        false => format!(" WHERE pg_catalog.num_nulls({keys}) = 0"),
    };
    let (selected, predicate) = (selected.join(", "), predicate.unwrap_or_default());
    let kept = format!("(SELECT {selected} FROM {rows}{predicate}) AS k{nulls}");
    match wanted {
        Wanted::Groups => format!(
            "SELECT (sum(n) OVER ())::pg_catalog.int8, places, n FROM (SELECT count(*) AS n, \
             (array_agg({PLACE} ORDER BY {PLACE}))[1:{NAMED}] AS places FROM {kept} \
             GROUP BY {keys} HAVING count(*) > 1) AS g ORDER BY places[1] LIMIT {EXAMPLES}"
        ),
        Wanted::LaterRows => format!(
            "SELECT {PLACE} FROM (SELECT {PLACE}, row_number() OVER (PARTITION BY {keys} \
             ORDER BY {PLACE}) AS nth FROM {kept}) AS n WHERE nth > 1 ORDER BY 1"
        ),
    }
}

fn repeated_of_rows(rows: &[Row]) -> Repeated {
    let count = |row: &Row, index: usize| row.get::<_, i64>(index).unsigned_abs();
    // A row that an index did not take stands alone.
    let group = |row: &Row| match row.len() {
        2 => (1, vec![row.get(1)]),
        _ => (count(row, 2), row.get(1)),
    };
    Repeated {
        rows: rows.first().map_or(0, |row| count(row, 0)),
        groups: rows.iter().map(group).collect(),
    }
}

fn columns_of_key<'t>(key: &Key, needed: &Needed<'t>) -> Vec<&'t str> {
    let copied = needed.copied.iter().map(|(_, column)| *column);
    let all = copied.chain(needed.own.iter().copied()).chain(needed.generated.iter().copied());
    let is_of_key = |name: &str| key.parts.iter().any(|part| part.column.as_deref() == Some(name));
    let plain = key.parts.iter().all(|part| part.column.is_some());
    all.map(|column| column.name.as_str()).filter(|name| !plain || is_of_key(name)).collect()
}

/// What the key is, in words.
fn describe_key(key: &Key) -> String {
    if key.exclusion {
        return format!("exclusion constraint {}: {}", key.name, key.definition);
    }
    let parts: Vec<&str> = key.parts.iter().map(|part| part.text.as_str()).collect();
    let condition = key.predicate.as_ref().map(|text| format!(" where {text}"));
    format!("{} must be unique: {}{}", key.name, parts.join(", "), condition.unwrap_or_default())
}

fn repeated_finding(
    checked: CheckedTable<'_>,
    key: &Key,
    needed: &Needed<'_>,
    repeated: Repeated,
) -> Result<Option<Finding>> {
    if repeated.rows == 0 {
        return Ok(None);
    }
    let columns = columns_of_key(key, needed);
    let mut finding = checked.make_finding(Id::K16, Severity::Error, &columns, describe_key(key));
    finding.count = repeated.rows;
    for (count, places) in &repeated.groups {
        let rows = travel::show_rows(checked, needed, places)?;
        let mut names: Vec<String> = rows.into_iter().map(|row| row.key).collect();
        if usize::try_from(*count).is_ok_and(|count| count > names.len()) {
            names.push("others".to_owned());
        }
        let found = match *count {
            1 => "conflicts with an earlier row".to_owned(),
            count => format!("{count} rows with the same key"),
        };
        finding.examples.push(Example { key: names.join(" and "), found: Found::Described(found) });
    }
    if needed.copied.is_empty() {
        finding.hints = Hints::from([
            "give the column another default in PostgreSQL: all rows get the same value",
            "drop the index in PostgreSQL",
        ]);
    }
    Ok(Some(finding))
}

/// A key that the server cannot compute for one of the rows, or at all.
fn unanswered_finding(
    checked: CheckedTable<'_>,
    key: &Key,
    needed: &Needed<'_>,
    why: Unanswered,
) -> Finding {
    if !is_refusing_state(checked, &why.state) {
        return open_key(checked, key, needed, &describe_unanswered(&why));
    }
    let what =
        format!("{}: it cannot be computed: {}", describe_key(key), describe_unanswered(&why));
    let columns = columns_of_key(key, needed);
    let mut finding = checked.make_finding(Id::K16, Severity::Error, &columns, what);
    finding.server = Some(why.server_text);
    finding
}

fn open_key(checked: CheckedTable<'_>, key: &Key, needed: &Needed<'_>, why: &str) -> Finding {
    let what = format!("{}: {why}", describe_key(key));
    open_finding(checked, Id::K16, &columns_of_key(key, needed), &what)
}
