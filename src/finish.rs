//! After the data: keys, indexes, foreign keys, sequences and statistics, all in the load's own
//! transaction.

use postgres::Client;
use postgres::types::Oid;

use model::sql;

use crate::error::{Error, Exit, Result};
use crate::event::{Event, Hooks};
use crate::plan::{Copy, Statement};
use crate::run::World;
use crate::source::Source;
use crate::target;
use crate::target::session;

/// Runs one statement of the plan.
///
/// # Errors
/// The server's.
pub fn run(client: &mut Client, statement: &Statement, hooks: &mut Hooks) -> Result<()> {
    hooks.reached_with(statement.event, client)?;
    client
        .batch_execute(&statement.sql)
        .map_err(|error| target::error(&format!("creating {}", statement.what), &error))
}

/// Runs one statement of the plan that may have to wait for other sessions' locks: those that
/// `watcher` sees holding them up are named when the wait was too long.
///
/// # Errors
/// The server's.
pub fn run_watched(
    client: &mut Client,
    watcher: &mut Client,
    pid: i32,
    statement: &Statement,
    world: &mut World,
) -> Result<()> {
    world.hooks.reached_with(statement.event, client)?;
    session::watched(
        watcher,
        pid,
        &mut |text| world.console.say(text),
        || client.batch_execute(&statement.sql),
        |error| target::error(&format!("creating {}", statement.what), &error),
    )
}

/// Restarts every sequence that makes values for a table's columns past all ids that are there or
/// were there. `ALTER SEQUENCE … RESTART` is part of the transaction, `setval` would not be.
///
/// # Errors
/// When the highest id leaves no room (`Q7`), and the server's.
pub fn sequences(
    client: &mut Client,
    source: &Source,
    copy: &Copy,
    hooks: &mut Hooks,
) -> Result<()> {
    let table = copy.table();
    let fail = |error| target::error(&format!("sequences of {}", table.name), &error);
    let remembered = source.remembered_id(table.source)?;
    for row in client.query(SEQUENCES, &[&copy.schema, &table.name]).map_err(fail)? {
        let (column, schema, name): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let (last, shared): (i64, Vec<Oid>) = (row.get(3), row.get(4));
        let highest = format!(
            "SELECT max({})::int8 FROM {}",
            sql::quote(&column),
            sql::qualified(&copy.schema, table.name)
        );
        let mut highest: Option<i64> = client.query_one(&highest, &[]).map_err(fail)?.get(0);
        if shared.len() <= 1 {
            highest = highest.max(remembered);
        }
        let Some(highest) = highest.filter(|id| *id > 0) else { continue };
        if highest >= last {
            return Err(Error::new(
                Exit::Findings,
                format!(
                    "Q7 {}.{}.{column}: the highest id is {highest}, the sequence {name} ends at \
                     {last}: no id is left for new rows",
                    copy.database, table.name
                ),
                "renumber the row with that id in the application, then run again",
            ));
        }
        hooks.reached_with(Event::Sequence, client)?;
        let restart = format!(
            "ALTER SEQUENCE {} RESTART WITH {}",
            sql::qualified(&schema, &name),
            highest + 1
        );
        client.batch_execute(&restart).map_err(fail)?;
    }
    Ok(())
}

/// Gathers the planner's statistics, so that the first hours are not slow.
///
/// # Errors
/// The server's.
pub fn analyze(client: &mut Client, copy: &Copy) -> Result<()> {
    let name = sql::qualified(&copy.schema, copy.table().name);
    client
        .batch_execute(&format!("ANALYZE {name}"))
        .map_err(|error| target::error(&format!("statistics of {}", copy.table().name), &error))
}

/// The sequences that make values for a table's columns, by identity, `OWNED BY` or a default.
const SEQUENCES: &str = "\
WITH made AS (
    SELECT d.objid AS sequence, d.refobjsubid AS attnum, d.refobjid AS relation
    FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid, a.adnum, a.adrelid
    FROM pg_catalog.pg_attrdef a
    JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
     AND d.refclassid = 'pg_catalog.pg_class'::regclass
)
SELECT a.attname::text, sn.nspname::text, s.relname::text, q.seqmax,
       (SELECT array_agg(DISTINCT o.relation) FROM made o WHERE o.sequence = s.oid)
FROM made m
JOIN pg_catalog.pg_class s ON s.oid = m.sequence AND s.relkind = 'S'
JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = m.relation
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = m.attnum
WHERE n.nspname = $1 AND t.relname = $2
ORDER BY 1, 3";
