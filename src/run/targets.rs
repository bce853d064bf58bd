//! The targets of a run: connected, checked, and what stands in the way there.

use std::time::{Duration, Instant};

use postgres::Client;

use super::sources::Database;
use super::{Request, World};
use crate::connection::{self, Address, Connection};
use crate::console::Console;
use crate::error::{Error, Exit, Fault, Result};
use crate::plan::{self, Input};
use crate::report::{Report, grouped};
use crate::target;
use crate::target::facts::{self, Facts, Relationship};
use crate::target::pooling::{self, Pooling};
use crate::target::session;
use crate::target::tables::{self, Kind, Standing};

/// How long a statement waits for another session's lock. Longer than a server needs to see that
/// the client of an earlier run is gone.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection that loads one or more databases in one transaction.
pub struct Target {
    /// The session.
    pub connection: Connection,
    /// A second session, which can say what the first one waits for.
    pub watcher: Client,
    /// How it was reached, to ask again about a lost commit.
    pub address: Address,
    /// What the server says of itself.
    pub facts: Facts,
    /// The schema of each database that goes here: (place among the databases, schema).
    pub schemas: Vec<(usize, String)>,
}

/// What stands in the schemas under the names of the plan.
pub enum State {
    /// Nothing that is not going to be replaced.
    Free,
    /// Tables of the plan.
    Occupied(Vec<(usize, Standing)>),
}

/// Connects every database's target, checks it, and joins those that are one database.
pub fn connect(request: &Request, world: &mut World, report: &mut Report) -> Result<Vec<Target>> {
    let begun = Instant::now();
    let mut targets: Vec<Target> = Vec::new();
    let mut faults = Vec::new();
    let mut own = Vec::new();
    for (place, wanted) in request.databases.iter().enumerate() {
        world.console.doing(&format!("connecting for {}", wanted.name));
        let mut connection = connection::connect(&wanted.address, &world.environment)?;
        world.stop.watch(connection.cancel());
        let mut facts = facts::read(&mut connection.client)?;
        // Our own first connection is no session of the application.
        facts.sessions.retain(|session| !own.contains(&session.pid));
        own.push(facts.pid);
        let mut checked = facts::check(&facts);
        checked.warnings.splice(0..0, connection.warnings.drain(..));
        let mut second = connection::connect(&wanted.address, &world.environment)?;
        own.push(session_pid(&mut second.client)?);
        match pooling::look(&mut connection.client, &mut second.client)? {
            Pooling::Transaction => checked.faults.push(pooling::fault()),
            Pooling::NotSeen => {}
        }
        for warning in checked.warnings {
            // Core and instrumentation usually share a URL: once is enough.
            if !report.warnings.contains(&warning.text) {
                world.console.warn(&warning);
                report.warnings.push(warning.text);
            }
        }
        faults.extend(
            checked.faults.into_iter().filter(|fault| !faults.contains(fault)).collect::<Vec<_>>(),
        );
        let schema = facts.schema.clone().unwrap_or_default();
        let line = format!("{} to {}", wanted.name, facts.place());
        world.console.say(&format!("target: {line}"));
        if let Some(entry) = report.databases.get_mut(place) {
            entry.target = facts.place();
        }
        match targets.iter_mut().find(|known| one_transaction(&known.facts, &facts)) {
            Some(known) => known.schemas.push((place, schema)),
            None => targets.push(Target {
                connection,
                watcher: second.client,
                address: wanted.address.clone(),
                facts,
                schemas: vec![(place, schema)],
            }),
        }
    }
    if let [first, second, ..] = targets.as_slice() {
        let how = facts::relationship(&first.facts, &second.facts);
        world.console.say(&format!("target: the databases go {}: two transactions", how.words()));
    }
    report.step("target", begun, ());
    Error::all(Exit::Target, faults)?;
    Ok(targets)
}

fn session_pid(client: &mut Client) -> Result<i32> {
    let sql = "SELECT pg_backend_pid()";
    Ok(client.query_one(sql, &[]).map_err(|error| target::error(sql, &error))?.get(0))
}

/// Whether one transaction can serve both: the same database, seen by the same role.
fn one_transaction(a: &Facts, b: &Facts) -> bool {
    let near =
        matches!(facts::relationship(a, b), Relationship::SameDatabase | Relationship::SameSchema);
    near && a.user == b.user
}

/// The plan's input: every database with its connection and schema.
pub fn inputs(
    databases: &[Database],
    targets: &[Target],
    report: &mut Report,
) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for (place, database) in databases.iter().enumerate() {
        let found = targets.iter().enumerate().find_map(|(target, known)| {
            let (_, schema) = known.schemas.iter().find(|(here, _)| *here == place)?;
            Some((target, schema.clone()))
        });
        let Some((target, schema)) = found else { continue };
        inputs.push(Input {
            database: database.name.clone(),
            version: database.version,
            target,
            schema,
            drop: Vec::new(),
            drop_types: Vec::new(),
        });
    }
    debug_assert_eq!(inputs.len(), report.databases.len());
    let twice = plan::collisions(&inputs);
    let faults = twice.into_iter().map(|(schema, table)| {
        Fault::new(
            format!("two of the databases have a table {table}, and both go to schema {schema}"),
            "give one of them another schema: add ?search_path=NAME to its URL",
        )
    });
    Error::all(Exit::Target, faults.collect())?;
    Ok(inputs)
}

/// Looks at what has names of the plan. With `drop_all`, tables and types of the plan are marked
/// to be replaced; anything else in the way is a fault at once.
pub fn look(
    targets: &mut [Target],
    inputs: &mut [Input],
    drop_all: bool,
    console: &mut Console,
) -> Result<State> {
    let mut faults = Vec::new();
    let mut occupied = Vec::new();
    for (place, input) in inputs.iter_mut().enumerate() {
        let Some(target) = targets.get_mut(input.target) else { continue };
        for standing in standing(target, input, console)? {
            let planned = input.version.tables().find(|table| table.name == standing.name);
            let declared = input.version.enums.iter().find(|known| known.name == standing.name);
            match (&standing.kind, planned, declared) {
                (Kind::Table, Some(table), _) if drop_all => input.drop.push(table.name),
                (Kind::Enum, _, Some(known)) if drop_all => input.drop_types.push(known.name),
                (Kind::Table | Kind::Enum, ..) => occupied.push((place, standing)),
                (Kind::Other(kind), ..) => faults.push(Fault::new(
                    format!("a {kind} {} is in the way in schema {}", standing.name, input.schema),
                    "it is not ours to drop: rename or drop it, or use an empty database",
                )),
            }
        }
    }
    Error::all(Exit::Target, faults)?;
    if occupied.is_empty() { Ok(State::Free) } else { Ok(State::Occupied(occupied)) }
}

/// What has names of one database's plan. Tables that another session holds are waited for.
fn standing(target: &mut Target, input: &Input, console: &mut Console) -> Result<Vec<Standing>> {
    let client = &mut target.connection.client;
    let fail = |error: postgres::Error| target::error("looking at what is there", &error);
    let limit = format!("SET lock_timeout = {}", LOCK_TIMEOUT.as_millis());
    client.batch_execute(&limit).map_err(fail)?;
    let look = || tables::standing(client, &input.schema, input.version);
    let waiting = &mut |text: &str| console.say(text);
    session::watched(&mut target.watcher, target.facts.pid, waiting, look, fail)
}

/// Keeps the databases that are still to be done; refuses when something stands in their way.
pub fn without_done(
    inputs: Vec<Input>,
    done: &[usize],
    standing: Vec<(usize, Standing)>,
) -> Result<Vec<Input>> {
    let blocking: Vec<_> =
        standing.into_iter().filter(|(place, _)| !done.contains(place)).collect();
    if !blocking.is_empty() {
        return Err(occupied(&inputs, &blocking));
    }
    let mut left = inputs;
    for place in done {
        // A database that is done keeps its place, for the report, and has nothing to do.
        if let Some(input) = left.get_mut(*place) {
            input.target = usize::MAX;
        }
    }
    Ok(left)
}

fn occupied(inputs: &[Input], standing: &[(usize, Standing)]) -> Error {
    let mut text = "the target already has tables that the migration would create:".to_owned();
    for (place, found) in standing {
        let database = inputs.get(*place).map_or("", |input| input.database.as_str());
        let rows = u64::try_from(found.rows).unwrap_or(0);
        let name = model::sql::qualified(&found.schema, &found.name);
        match found.kind {
            Kind::Enum => text.push_str(&format!("\n  {name} (a type, {database})")),
            _ => text.push_str(&format!("\n  {name}: {} rows ({database})", grouped(rows))),
        }
    }
    Error::new(
        Exit::Target,
        text,
        "use an empty database or schema; or, if nothing in these tables is needed, --drop-all \
         replaces exactly them",
    )
}

/// For `--verify`: everything that is to be compared must be there.
pub fn expect_tables(targets: &mut [Target], inputs: &[Input]) -> Result<()> {
    let mut faults = Vec::new();
    for input in inputs {
        let Some(target) = targets.get_mut(input.target) else { continue };
        if !tables::complete(&mut target.connection.client, input)? {
            let text = format!(
                "{}: schema {} does not hold all tables, keys and indexes of {} {}",
                input.database, input.schema, input.version.database, input.version.name
            );
            faults.push(Fault::new(text, "run the migration first, or check the URL"));
        }
    }
    Error::all(Exit::Target, faults)
}
