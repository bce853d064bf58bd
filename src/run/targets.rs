//! The targets of a run: connected, checked, and what stands in the way there.

use std::time::{Duration, Instant};

use model::{Column, Table, Type};
use postgres::Client;

use super::sources::Database;
use super::wrong::Wrong;
use super::{Request, World};
use crate::check::server;
use crate::diagnostic::{Error, Exit, Fault, Finding, Id, Result, Severity};
use crate::plan::{self, Input, Planned};
use crate::postgres::connection::{self, Address, Connection};
use crate::postgres::facts::{self, Checked, Facts, Relationship};
use crate::postgres::pooling::{self, Pooling};
use crate::postgres::server_error;
use crate::postgres::{existing, session};
use crate::report::Report;
use crate::schema::{Shape, Version};
use crate::sqlite::Source;

/// A connection that loads one or more databases in one transaction.
pub struct Target {
    /// The session.
    pub connection: Connection,
    /// A second session, which can say what the first one waits for.
    pub watcher: Client,
    /// Its process on the server.
    watcher_pid: i32,
    /// How it was reached, to ask again about a lost commit.
    pub address: Address,
    /// What the server says of itself.
    pub facts: Facts,
    /// The schema of each database that goes here: (place among the databases, schema).
    pub schemas: Vec<(usize, String)>,
}

/// Connects every database's target, checks it, and joins those that are one database. A target
/// that cannot be used at all is left out; the place of a database that could not be opened is
/// none.
pub fn connect(
    request: &Request,
    databases: &[Database],
    world: &mut World,
    report: &mut Report,
    wrong: &mut Wrong,
) -> Result<Vec<Target>> {
    let begun = Instant::now();
    let mut reached: Vec<Target> = Vec::new();
    for (wanted_at, wanted) in request.databases.iter().enumerate() {
        let place = databases.iter().position(|database| database.wanted == wanted_at);
        world.console.doing(&format!("connecting for {}", wanted.name));
        let own: Vec<i32> =
            reached.iter().flat_map(|known| [known.facts.pid, known.watcher_pid]).collect();
        let answer = match reach(&wanted.address, place, &own, world) {
            // Whatever the server did wrong: the rows can be looked at without it.
            Err(error) if error.exit == Exit::Load => Err(Error { exit: Exit::Target, ..error }),
            other => other,
        };
        if let Err(error) = &answer {
            tell(&error.faults, Severity::Error, &wanted.name, report);
        }
        let answer = wrong.keep(answer)?;
        world.stop.check()?;
        let Some((mut target, mut checked)) = answer else { continue };
        if let Some(database) = place.and_then(|place| databases.get(place)) {
            checked.faults.extend(too_new(&target.facts, database.version));
            if target.facts.impostor.is_none() {
                let client = &mut target.connection.client;
                let lacking = server::look(client, &target.facts, database.version)?;
                checked.faults.extend(lacking.faults);
                checked.warnings.extend(lacking.warnings);
            }
        }
        tell(&checked.faults, Severity::Error, &wanted.name, report);
        tell(&checked.warnings, Severity::Warning, &wanted.name, report);
        for warning in checked.warnings {
            // Core and instrumentation usually share a URL: once is enough.
            if !report.warnings.contains(&warning.full_text()) {
                world.console.warn(&warning);
                report.warnings.push(warning.full_text());
            }
        }
        wrong.add(Exit::Target, checked.faults);
        world.console.say(&format!("target: {} to {}", wanted.name, target.facts.place()));
        if let Some(entry) = place.and_then(|place| report.databases.get_mut(place)) {
            entry.target = target.facts.place();
        }
        if place.is_some() && target.facts.impostor.is_none() {
            reached.push(target);
        }
    }
    let size: u64 = databases.iter().map(|database| database.source.size()).sum();
    if let Some(fault) = server::room(size) {
        tell(&[fault], Severity::Note, "", report);
    }
    report.step("target", begun, ());
    say_how_they_lie(&reached, world);
    Ok(joined(reached))
}

/// Puts what has an id into the report, each once.
pub fn tell(faults: &[Fault], severity: Severity, database: &str, report: &mut Report) {
    for fault in faults {
        let known = |finding: &Finding| {
            Some(finding.id) == fault.id
                && finding.what == fault.text
                && finding.details == fault.details
        };
        if !report.findings.iter().any(known) {
            report.findings.extend(Finding::of_fault(fault, severity, database));
        }
    }
}

/// Opens the two sessions of a target and looks at the server; `own` are sessions of ours.
fn reach(
    address: &Address,
    place: Option<usize>,
    own: &[i32],
    world: &mut World,
) -> Result<(Target, Checked)> {
    let mut connection = connection::connect(address, &world.environment)?;
    world.stop.watch(connection.cancellation());
    let mut facts = facts::read(&mut connection.client)?;
    // Connections for the database before are no sessions of the application.
    facts.sessions.retain(|session| !own.contains(&session.pid));
    let mut checked = facts::check(&facts);
    checked.warnings.splice(0..0, connection.warnings.drain(..));
    let mut watcher = connection::connect(address, &world.environment)?.client;
    let mut watcher_pid = 0;
    match pooling::look(&mut connection.client, &mut watcher)? {
        Pooling::Transaction => checked.faults.push(pooling::fault()),
        Pooling::NotSeen => watcher_pid = session_pid(&mut watcher)?,
    }
    let schema = facts.schema.clone().unwrap_or_default();
    let schemas = place.into_iter().map(|place| (place, schema.clone())).collect();
    let address = address.clone();
    Ok((Target { connection, watcher, watcher_pid, address, facts, schemas }, checked))
}

fn session_pid(client: &mut Client) -> Result<i32> {
    let sql = "SELECT pg_backend_pid()";
    Ok(client.query_one(sql, &[]).map_err(|error| server_error(sql, &error))?.get(0))
}

/// Columns that a server of this version cannot take in binary: before PostgreSQL 14 an array must
/// name its element type by a number that every database chooses anew for types of its own.
fn too_new(facts: &Facts, version: &Version) -> Vec<Fault> {
    let own = |column: &&model::Column| {
        matches!(column.ty, Type::Array(Type::Citext | Type::Enum(_))) && column.generated.is_none()
    };
    if facts.version_num >= 140_000 {
        return Vec::new();
    }
    let columns = version.tables().flat_map(|table| {
        table.columns.iter().filter(own).map(|column| format!("{}.{}", table.name, column.name))
    });
    let text = |column| format!("{column}: PostgreSQL 13 takes no array of such a type from us");
    columns
        .map(|c| Fault::new(text(c), "load into PostgreSQL 14 or newer").with_id(Id::P16))
        .collect()
}

/// Where two databases go, seen together.
fn say_how_they_lie(reached: &[Target], world: &mut World) {
    let [first, second, ..] = reached else { return };
    let how = facts::relationship(&first.facts, &second.facts).words();
    let transactions = match one_transaction(&first.facts, &second.facts) {
        true => "one transaction, all or nothing",
        false => "two transactions, committed one after the other at the end",
    };
    world.console.say(&format!("target: both go {how}: {transactions}"));
}

/// The targets that need a transaction of their own, with all databases that go there.
fn joined(reached: Vec<Target>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for target in reached {
        match targets.iter_mut().find(|known| one_transaction(&known.facts, &target.facts)) {
            Some(known) => known.schemas.extend(target.schemas),
            None => targets.push(target),
        }
    }
    targets
}

/// Whether one transaction can serve both: the same database, seen by the same role.
fn one_transaction(a: &Facts, b: &Facts) -> bool {
    let near =
        matches!(facts::relationship(a, b), Relationship::SameDatabase | Relationship::SameSchema);
    near && a.user == b.user
}

/// The plan's input: every database with its connection and schema. One without a connection has
/// a place behind all of them: its rows can be looked at all the same.
pub fn inputs(
    databases: &[Database],
    targets: &mut [Target],
    report: &mut Report,
) -> Result<Vec<Input>> {
    let (mut inputs, count) = (Vec::new(), targets.len());
    for (place, database) in databases.iter().enumerate() {
        let found = targets.iter_mut().enumerate().find_map(|(target, known)| {
            let client = &mut known.connection.client;
            let (_, schema) = known.schemas.iter_mut().find(|(here, _)| *here == place)?;
            Some((target, client, schema))
        });
        let planned = |shape: &&'static Shape| Planned {
            shape,
            compared: compared(&database.source, &shape.table),
            numbered: nameless(&database.source, &shape.table),
        };
        let (target, schema) = match found {
            Some((target, client, schema)) => {
                *schema = existing::schema(client, database.version, schema)?;
                (target, schema.clone())
            }
            None => (count, "public".to_owned()),
        };
        inputs.push(Input {
            database: database.name.clone(),
            version: database.version,
            target,
            schema: schema.clone(),
            tables: database.version.shapes.iter().map(planned).collect(),
            filled: false,
            prepared: None,
            drop: Vec::new(),
            kept: Vec::new(),
            drop_types: Vec::new(),
        });
    }
    debug_assert_eq!(inputs.len(), report.databases.len());
    let twice = plan::collisions(&inputs).into_iter().filter(|_| count > 0);
    let faults = twice.map(|(schema, table)| {
        Fault::new(
            format!("two of the databases have a table {table}, and both go to schema {schema}"),
            "give one of them another schema: add ?search_path=NAME to its URL",
        )
    });
    Error::all(Exit::Target, faults.collect())?;
    Ok(inputs)
}

/// Whether nothing names a table's rows in SQLite but their place.
fn nameless(source: &Source, table: &Table) -> bool {
    source.structure.table(table.source).is_some_and(|own| own.nameless())
}

/// What a table is compared by: with those of its computed columns that SQLite has, too, and can
/// read. They are not copied, so that they say whether PostgreSQL computes the same.
fn compared(source: &Source, table: &'static Table) -> &'static Table {
    let Some(own) = source.structure.table(table.source) else { return table };
    let readable = |column: &Column| {
        let name = model::sql::quote(column.source);
        let select = format!("SELECT {name} FROM {} NOT INDEXED", model::sql::quote(table.source));
        // One that the schema files call absent in SQLite is not compared.
        !column.absent
            && own.columns.iter().any(|known| known.name.eq_ignore_ascii_case(column.source))
            && source.reader.prepare(&select).is_ok()
    };
    if table.columns.iter().all(|column| column.generated.is_none()) {
        return table;
    }
    // Behind the others, whose places repairs go by.
    let (copied, computed): (Vec<&Column>, Vec<&Column>) =
        table.columns.iter().partition(|column| column.generated.is_none());
    let computed = computed.into_iter().map(|column| match readable(column) {
        true => Column { generated: None, ..*column },
        false => *column,
    });
    let columns: Vec<Column> = copied.into_iter().copied().chain(computed).collect();
    Box::leak(Box::new(Table { columns: columns.leak(), ..*table }))
}

/// How long a question waits for another session's lock before the run gives up.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens a transaction that sees one state, writes nothing, and knows no limits of time: those of
/// the role are made for the application's questions.
pub fn begin_reading(client: &mut Client) -> Result<()> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    client.batch_execute(begin).map_err(|error| server_error("BEGIN", &error))?;
    session::lift_limits(client, LOCK_TIMEOUT)
}

/// Ends it.
pub fn end_reading(client: &mut Client) -> Result<()> {
    client.batch_execute("ROLLBACK").map_err(|error| server_error("ROLLBACK", &error))
}
