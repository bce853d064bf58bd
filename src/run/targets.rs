//! The targets of a run: connected, checked, and what stands in the way there.

use std::time::{Duration, Instant};

use model::Type;
use postgres::Client;

use super::sources::Database;
use super::wrong::Wrong;
use super::{Request, World};
use crate::connection::{self, Address, Connection};
use crate::console::Console;
use crate::error::{Error, Exit, Fault, Result};
use crate::finding::{Finding, Severity};
use crate::plan::{self, Input};
use crate::report::{Report, grouped};
use crate::schema::Version;
use crate::target;
use crate::target::facts::{self, Checked, Facts, Relationship};
use crate::target::needs;
use crate::target::pooling::{self, Pooling};
use crate::target::session;
use crate::target::tables::{self, Kind, Standing};

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

/// What stands in the schemas under the names of the plan.
pub enum State {
    /// Nothing that is not going to be replaced.
    Free,
    /// Tables of the plan.
    Occupied(Vec<(usize, Standing)>),
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
                let lacking = needs::look(client, &target.facts, database.version)?;
                checked.faults.extend(lacking.faults);
                checked.warnings.extend(lacking.warnings);
            }
        }
        tell(&checked.faults, Severity::Error, &wanted.name, report);
        tell(&checked.warnings, Severity::Warning, &wanted.name, report);
        for warning in checked.warnings {
            // Core and instrumentation usually share a URL: once is enough.
            if !report.warnings.contains(&warning.text) {
                world.console.warn(&warning);
                report.warnings.push(warning.text);
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
    if let Some(fault) = needs::room(size) {
        tell(&[fault], Severity::Note, "", report);
    }
    report.step("target", begun, ());
    say_how_they_lie(&reached, world);
    Ok(joined(reached))
}

/// Puts what has an id into the report, each once.
pub fn tell(faults: &[Fault], severity: Severity, database: &str, report: &mut Report) {
    for fault in faults {
        let known = |finding: &Finding| finding.id == fault.id && finding.what == fault.text;
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
    world.stop.watch(connection.cancel());
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
    Ok(client.query_one(sql, &[]).map_err(|error| target::error(sql, &error))?.get(0))
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
        .map(|c| Fault::new(text(c), "load into PostgreSQL 14 or newer").with_id("P16"))
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
    targets: &[Target],
    report: &mut Report,
) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for (place, database) in databases.iter().enumerate() {
        let found = targets.iter().enumerate().find_map(|(target, known)| {
            let (_, schema) = known.schemas.iter().find(|(here, _)| *here == place)?;
            Some((target, schema.clone()))
        });
        let (target, schema) = found.unwrap_or((targets.len(), "public".to_owned()));
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
    let twice = plan::collisions(&inputs).into_iter().filter(|_| !targets.is_empty());
    let faults = twice.map(|(schema, table)| {
        Fault::new(
            format!("two of the databases have a table {table}, and both go to schema {schema}"),
            "give one of them another schema: add ?search_path=NAME to its URL",
        )
    });
    Error::all(Exit::Target, faults.collect())?;
    Ok(inputs)
}

/// How long a question waits for another session's lock before the run gives up.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens a transaction that sees one state, writes nothing, and knows no limits of time: those of
/// the role are made for the application's questions.
pub fn begin_reading(client: &mut Client) -> Result<()> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    client.batch_execute(begin).map_err(|error| target::error("BEGIN", &error))?;
    session::lift_limits(client, LOCK_TIMEOUT)
}

/// Ends it.
pub fn end_reading(client: &mut Client) -> Result<()> {
    client.batch_execute("ROLLBACK").map_err(|error| target::error("ROLLBACK", &error))
}

/// Looks at what has names of the plan. With `drop_all`, tables and types of the plan are marked
/// to be replaced, and said to be with their rows before anybody is asked; anything else in the
/// way is a fault at once.
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
                (Kind::Table, Some(table), _) if drop_all => {
                    let name = model::sql::qualified(&standing.schema, &standing.name);
                    let rows = grouped(u64::try_from(standing.rows).unwrap_or(0));
                    console.say(&format!("plan: --drop-all replaces {name} with its {rows} rows"));
                    input.drop.push(table.name);
                }
                (Kind::Enum, _, Some(known)) if drop_all => input.drop_types.push(known.name),
                (Kind::Table | Kind::Enum, ..) => occupied.push((place, standing)),
                (Kind::Other(kind), ..) => {
                    let text = format!(
                        "a {kind} {} is in the way in schema {}",
                        standing.name, input.schema
                    );
                    let hint =
                        "it is not ours to drop: rename or drop it, or use an empty database";
                    faults.push(Fault::new(text, hint).with_id("P23"));
                }
            }
        }
    }
    Error::all(Exit::Target, faults)?;
    if occupied.is_empty() { Ok(State::Free) } else { Ok(State::Occupied(occupied)) }
}

/// What has names of one database's plan. Tables that another session holds are waited for.
fn standing(target: &mut Target, input: &Input, console: &mut Console) -> Result<Vec<Standing>> {
    let client = &mut target.connection.client;
    begin_reading(client)?;
    let look = || tables::standing(client, &input.schema, input.version);
    let fail = |error: postgres::Error| target::error("looking at what is there", &error);
    let waiting = &mut |text: &str| console.say(text);
    let found = session::watched(&mut target.watcher, target.facts.pid, waiting, look, fail)?;
    end_reading(&mut target.connection.client)?;
    Ok(found)
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
    let hint = "use an empty database or schema; or, if nothing in these tables is needed, \
                --drop-all replaces exactly them";
    Error { exit: Exit::Target, faults: vec![Fault::new(text, hint).with_id("P23")] }
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
