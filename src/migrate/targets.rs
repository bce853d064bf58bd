//! The targets of a run: connected, checked, and the databases that go to each.

use std::time::{Duration, Instant};

use model::{Column, Table, Type};
use postgres::Client;

use super::context::Context;
use super::request::{Mode, Request};
use super::sources::{Database, Sources};
use crate::check::server;
use crate::diagnostic::console::Step;
use crate::diagnostic::{Error, Exit, Fault, Id, Result, Severity};
use crate::ids::{DatabaseId, PerDatabase, PerTarget, TargetId};
use crate::load::statements::WatchedSession;
use crate::plan::{self, PlannedDatabase, PlannedTable, TargetState};
use crate::postgres::connection::{self, Address, Connection};
use crate::postgres::direct::DirectQueries;
use crate::postgres::facts::{self, Checked, Facts, Relationship};
use crate::postgres::pooling::{self, Pooling};
use crate::postgres::room;
use crate::postgres::server_error;
use crate::postgres::watcher::Watcher;
use crate::postgres::{existing, session};
use crate::schema::{Shape, Version};
use crate::sqlite::Source;

/// A connection that loads one or more databases in one transaction.
pub struct Target {
    /// The session.
    pub connection: Connection,
    /// A second session, which can say what the first one waits for.
    pub watcher: Watcher,
    /// Its process on the server.
    watcher_pid: i32,
    /// How it was reached, to ask again about a lost commit.
    pub address: Address,
    /// What the server says of itself.
    pub facts: Facts,
    /// The schema of each database that goes here.
    pub schemas: PerDatabase<String>,
}

impl Target {
    /// The session with the one that watches it.
    pub fn watched_session(&mut self) -> WatchedSession<'_> {
        WatchedSession {
            client: &mut self.connection.client,
            watcher: &self.watcher,
            pid: self.facts.pid,
        }
    }
}

/// Connects every database's target and checks the server. A target that cannot be used at all is
/// left out.
///
/// # Errors
/// What keeps the rest from being checked.
pub fn connect_targets(
    request: &Request,
    files: &PerDatabase<Source>,
    context: &mut Context,
) -> Result<PerDatabase<Target>> {
    let begun = Instant::now();
    let mut reached_targets: PerDatabase<Target> = PerDatabase::default();
    let mut without_room: Vec<&Address> = Vec::new();
    for (index, (id, requested)) in request.entries().enumerate() {
        let address = &requested.address;
        if without_room.iter().any(|known| known.is_same_database(address)) {
            continue;
        }
        context.begin_step(Step::Connect, &requested.name);
        let to_come = request.entries().skip(index);
        let to_come = to_come.filter(|(_, other)| other.address.is_same_database(address)).count();
        let own: Vec<i32> =
            reached_targets.iter().flat_map(|known| [known.facts.pid, known.watcher_pid]).collect();
        let reached = match connect_and_inspect(address, request.mode, (&own, to_come), context) {
            // Whatever the server did wrong: the rows can be checked without it.
            Err(error) if error.exit == Exit::Load => Err(Error { exit: Exit::Target, ..error }),
            other => other,
        };
        if let Err(error) = &reached {
            let faults = error.faults.iter();
            if faults.clone().any(|fault| fault.id == Some(Id::P13)) {
                without_room.push(address);
            }
            faults.for_each(|fault| context.record_fault(fault, Severity::Error, &requested.name));
        }
        let reached = context.diagnostics.collect_error(reached)?;
        context.stop.fail_if_asked()?;
        let Some((target, checked)) = reached else { continue };
        emit_checked(checked, &requested.name, context);
        context.print_line(&format!(
            "target: {} to {}",
            requested.name,
            target.facts.describe_place()
        ));
        context.print_line(&format!("target: {} uses {}", requested.name, room::describe_need()));
        reached_targets.insert(id, target);
    }
    if let Some(fault) = server::disk_space_note(files.iter().map(Source::size_in_bytes).sum()) {
        context.record_fault(&fault, Severity::Note, "");
    }
    context.report.record_step("target", begun, ());
    Ok(reached_targets)
}

fn emit_checked(checked: Checked, database: &str, context: &mut Context) {
    for fault in checked.faults {
        context.report_fault(fault, Exit::Target, database);
    }
    for warning in checked.warnings {
        context.report_warning(warning, database);
    }
}

/// Checks what each database's tables need of its server, and joins the targets that are one
/// database.
///
/// # Errors
/// The servers'.
pub fn join_and_check_needs(
    reached: PerDatabase<Target>,
    sources: &Sources,
    mode: Mode,
    context: &mut Context,
) -> Result<PerTarget<Target>> {
    let mut usable: Vec<Target> = Vec::new();
    for (id, mut target) in reached {
        let Some(database) = sources.databases.find(id) else { continue };
        let needs = check_needs(&mut target, database, mode)?;
        emit_checked(needs, &database.name, context);
        let report = context.report.databases.get_mut(id)?;
        report.target = target.facts.describe_place();
        report.server_version = describe_release(&target.facts);
        if target.facts.impostor.is_none() {
            let schema = target.facts.schema.clone().unwrap_or_default();
            target.schemas.insert(id, schema);
            usable.push(target);
        }
    }
    report_relationship(&usable, context);
    Ok(join_targets(usable))
}

/// The server's release: `16.4`; empty where it is no PostgreSQL.
fn describe_release(facts: &Facts) -> String {
    match facts.version_num {
        0 => String::new(),
        number => format!("{}.{}", number / 10_000, number % 10_000),
    }
}

/// Checks what a database's tables need of the server.
fn check_needs(target: &mut Target, database: &Database, mode: Mode) -> Result<Checked> {
    let mut checked =
        Checked { faults: too_new(&target.facts, database.version), ..Checked::default() };
    if target.facts.impostor.is_none() {
        let client = &mut target.connection.client;
        let lacking = server::find_lacking(client, &target.facts, database.version)?;
        checked.faults.extend(lacking.faults);
        match mode {
            Mode::Verify => checked.warnings.extend(lacking.locks),
            Mode::Migrate | Mode::Rehearse | Mode::DryRun => checked.faults.extend(lacking.locks),
        }
    }
    Ok(checked)
}

/// Opens the two sessions of a target and asks the server about itself; `own_pids` are sessions of
/// ours, `to_come` is the number of targets there that have none yet.
fn connect_and_inspect(
    address: &Address,
    mode: Mode,
    (own_pids, to_come): (&[i32], usize),
    context: &mut Context,
) -> Result<(Target, Checked)> {
    let mut connection = connection::connect(address, &context.environment)?;
    context.stop.add_session(connection.make_cancellation());
    let mut facts = facts::read_facts(&mut connection.client)?;
    // Connections for the database before are no sessions of the application.
    facts.sessions.retain(|session| !own_pids.contains(&session.pid));
    let mut checked = facts::check_facts(&facts);
    if facts.impostor.is_none() {
        checked.warnings.extend(facts::warn_of_other_sessions(&facts, mode == Mode::DryRun));
    }
    checked.warnings.splice(0..0, connection.warnings.drain(..));
    if facts.impostor.is_none()
        && let Some(fault) = room::read_room(&mut connection.client)?.find_fault(&facts, to_come)
    {
        return Err(Error { exit: Exit::Target, faults: vec![fault] });
    }
    let mut second = connection::connect(address, &context.environment)?;
    let mut watcher_pid = 0;
    match pooling::detect_pooling(&mut connection.client, &mut second.client)? {
        Pooling::Transaction => checked.faults.push(pooling::transaction_pooler_fault()),
        Pooling::NotDetected => watcher_pid = session_pid(&mut second.client)?,
    }
    let watcher = Watcher::new(second);
    connection.ask_when_silent(watcher.question());
    let (address, schemas) = (address.clone(), PerDatabase::default());
    let target = Target { connection, watcher, watcher_pid, address, facts, schemas };
    Ok((target, checked))
}

fn session_pid(client: &mut Client) -> Result<i32> {
    let sql = "SELECT pg_backend_pid()";
    Ok(client.query_one_directly(sql, &[]).map_err(|error| server_error(sql, &error))?.get(0))
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
    let text = |column| {
        format!("{column}: PostgreSQL 13 does not accept arrays of this type in binary format")
    };
    columns
        .map(|c| Fault::new(text(c), "load into PostgreSQL 14 or newer").with_id(Id::P16))
        .collect()
}

/// Says where two databases go, seen together.
fn report_relationship(targets: &[Target], context: &mut Context) {
    let [first, second, ..] = targets else { return };
    let how = facts::relate_targets(&first.facts, &second.facts).describe();
    let transactions = match share_transaction(&first.facts, &second.facts) {
        true => "one transaction, all or nothing",
        false => "two transactions, committed one after the other at the end",
    };
    context.print_line(&format!("target: the targets are {how}: {transactions}"));
}

/// The targets that need a transaction of their own, with all databases that go there.
fn join_targets(usable: Vec<Target>) -> PerTarget<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for target in usable {
        match targets.iter_mut().find(|known| share_transaction(&known.facts, &target.facts)) {
            Some(known) => {
                for (id, schema) in target.schemas.entries() {
                    known.schemas.insert(id, schema.clone());
                }
            }
            None => targets.push(target),
        }
    }
    let all = targets.into_iter().enumerate();
    all.map(|(position, target)| (TargetId::new(position), target)).collect()
}

/// Whether one transaction can serve both: the same database, seen by the same role.
fn share_transaction(a: &Facts, b: &Facts) -> bool {
    let near = matches!(
        facts::relate_targets(a, b),
        Relationship::SameDatabase | Relationship::SameSchema
    );
    near && a.user == b.user
}

/// Every database with its connection and schema, as the plan takes it; what its tables meet there
/// is not known yet.
///
/// # Errors
/// When several databases would create the same table, and the server's.
pub fn plan_databases(
    sources: &Sources,
    targets: &mut PerTarget<Target>,
) -> Result<PerDatabase<PlannedDatabase>> {
    let mut databases = PerDatabase::default();
    for (id, database) in sources.databases.entries() {
        let planned = |shape: &&'static Shape| PlannedTable {
            shape,
            compared: compared_table(&database.source, &shape.table),
            numbered: is_nameless(&database.source, &shape.table),
        };
        let place = place_of(id, database.version, targets)?;
        let (target, schema) = match place {
            Some(place) => (Some(place.target), place.schema),
            None => (None, "public".to_owned()),
        };
        let planned = PlannedDatabase {
            id,
            name: database.name.clone(),
            version: database.version,
            target,
            schema,
            tables: database.version.shapes.iter().map(planned).collect(),
            state: TargetState::NotInspected,
        };
        databases.insert(id, planned);
    }
    let faults = plan::find_collisions(databases.iter()).into_iter().map(|collision| {
        let (table, schema) = (collision.table, collision.schema);
        Fault::new(
            format!("two of the databases have a table {table}, and both go to schema {schema}"),
            "give one of them another schema: add ?search_path=NAME to its URL",
        )
    });
    Error::from_faults(Exit::Target, faults.collect())?;
    Ok(databases)
}

/// Where a database goes.
struct Place {
    target: TargetId,
    schema: String,
}

/// Finds where a database goes: its target, and the schema that has its tables or will get them.
fn place_of(
    id: DatabaseId,
    version: &Version,
    targets: &mut PerTarget<Target>,
) -> Result<Option<Place>> {
    for (target, known) in targets.entries_mut() {
        if let Some(schema) = known.schemas.find_mut(id) {
            *schema = existing::choose_schema(&mut known.connection.client, version, schema)?;
            return Ok(Some(Place { target, schema: schema.clone() }));
        }
    }
    Ok(None)
}

/// Whether nothing names a table's rows in SQLite but their place.
fn is_nameless(source: &Source, table: &Table) -> bool {
    source.structure.table(table.source).is_some_and(|own| own.has_no_row_key())
}

/// What a table is compared by: with those of its computed columns that SQLite has, too, and can
/// read. They are not copied, so that they say whether PostgreSQL computes the same.
fn compared_table(source: &Source, table: &'static Table) -> &'static Table {
    let Some(own) = source.structure.table(table.source) else { return table };
    let readable = |column: &Column| {
        let name = model::sql::quote(column.source);
        let select = format!("SELECT {name} FROM {} NOT INDEXED", model::sql::quote(table.source));
        // One that the schema files call absent in SQLite is not compared.
        !column.target_only
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
