//! What the planned tables need of a server: types of extensions (O20), the schemas that they state
//! (P3, P4), locks for every table and
//! index until the end (P14), room (P11).

use std::collections::BTreeSet;

use model::{Identity, Table, Type};
use postgres::Client;

use crate::diagnostic::{Fault, Hint, Hints, Id, Result};
use crate::event;
use crate::postgres::direct::DirectQueries;
use crate::postgres::facts::{Facts, hint_to_grant_create};
use crate::postgres::{quote_if_needed, server_error};
use crate::schema::Version;
use crate::text::group_thousands;

/// What the server lacks.
#[derive(Debug, Default)]
pub struct Lacking {
    /// What stops the run.
    pub faults: Vec<Fault>,
    /// Locks for a load; comparing takes fewer.
    pub locks: Option<Fault>,
}

/// Looks at what a version's tables need.
///
/// # Errors
/// When the server cannot be asked.
pub fn find_lacking(client: &mut Client, facts: &Facts, version: &Version) -> Result<Lacking> {
    let mut lacking = Lacking::default();
    if version.tables().any(|table| table.columns.iter().any(|column| is_citext(column.ty))) {
        lacking.faults.extend(check_extension(client, facts, "citext")?);
    }
    lacking.faults.extend(check_stated_schemas(client, facts, version)?);
    lacking.locks = check_lock_table_size(client, version)?;
    Ok(lacking)
}

/// The schemas that tables state: they must exist, and our role must be able to make tables or
/// indexes there.
fn check_stated_schemas(
    client: &mut Client,
    facts: &Facts,
    version: &Version,
) -> Result<Vec<Fault>> {
    let stated: BTreeSet<&str> = version.tables().filter_map(|table| table.schema).collect();
    if stated.is_empty() {
        return Ok(Vec::new());
    }
    let stated: Vec<&str> = stated.into_iter().collect();
    let fail = |cause: postgres::Error| server_error("reading schemas", &cause);
    let user = quote_if_needed(&facts.user);
    let fault = |row: &postgres::Row| {
        let (name, exists): (String, bool) = (row.get(0), row.get(1));
        let name = quote_if_needed(&name);
        match exists {
            false => {
                let text = format!("schema {name}, named in the schema files, does not exist");
                let create = format!("CREATE SCHEMA {name} AUTHORIZATION {user};");
                let hint = Hint::with_line("create the schema:", create);
                Fault::new(text, hint).with_id(Id::P4)
            }
            true => {
                let text =
                    format!("role {user} has no permission to create tables in schema {name}");
                Fault::new(text, hint_to_grant_create(&name, &user)).with_id(Id::P3)
            }
        }
    };
    Ok(client.query_directly(SCHEMAS, &[&stated]).map_err(fail)?.iter().map(fault).collect())
}

/// The schemas among these that do not exist, or in which our role may make nothing.
const SCHEMAS: &str = "\
SELECT s.name, n.oid IS NOT NULL
FROM unnest($1::text[]) WITH ORDINALITY AS s (name, place)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname::text = s.name
WHERE n.oid IS NULL OR NOT pg_catalog.has_schema_privilege(n.oid, 'CREATE')
ORDER BY s.place";

fn is_citext(ty: Type) -> bool {
    matches!(ty, Type::Citext | Type::Array(Type::Citext))
}

/// Whether an extension's type of the same name can be used.
fn check_extension(client: &mut Client, facts: &Facts, name: &str) -> Result<Option<Fault>> {
    let fail = |cause: postgres::Error| server_error("reading extensions", &cause);
    let row = client.query_one_directly(EXTENSION, &[&name]).map_err(fail)?;
    let (usable, lies_in): (bool, Option<String>) = (row.get(0), row.get(1));
    let (available, own): (bool, bool) = (row.get(2), row.get(3));
    if usable {
        return Ok(None);
    }
    let (database, user) = (quote_if_needed(&facts.database.0), quote_if_needed(&facts.user));
    let create =
        |text: String| Hints::from(Hint::with_line(text, format!("CREATE EXTENSION {name};")));
    let (text, hints) = match lies_in {
        Some(schema) => (
            format!("the type {name} is in schema {schema}, which is not in the search path"),
            Hints::from(Hint::with_line(
                "move the extension, as its owner:",
                format!("ALTER EXTENSION {name} SET SCHEMA public;"),
            )),
        ),
        None if available => (
            format!(
                "the tables need the extension {name}, which is not installed in database \
                 {database}"
            ),
            match own {
                true => create(format!("create it as {user}, in database {database}:")),
                false => create(format!(
                    "create it as a superuser or the database's owner, in database {database}:"
                )),
            },
        ),
        None => (
            format!("the tables need the extension {name}, which is not available on this server"),
            create(format!(
                "install `postgresql-contrib` on the server, then create it in database {database}:"
            )),
        ),
    };
    Ok(Some(Fault::new(text, hints).with_id(Id::O20)))
}

const EXTENSION: &str = "\
SELECT to_regtype($1) IS NOT NULL,
       (SELECT n.nspname::text FROM pg_catalog.pg_extension e
          JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname::text = $1),
       EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name::text = $1),
       EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions
               WHERE name::text = $1 AND trusted)
         AND has_database_privilege(current_database(), 'CREATE')";

/// Whether the server has a lock for everything that is created in one transaction.
fn check_lock_table_size(client: &mut Client, version: &Version) -> Result<Option<Fault>> {
    let fail = |cause: postgres::Error| server_error("reading the number of locks", &cause);
    let room: i64 = client.query_one_directly(LOCKS, &[]).map_err(fail)?.get(0);
    let room = event::test_limit("locks").unwrap_or(room.unsigned_abs());
    let wanted: u64 = version.tables().map(count_relations).sum();
    if wanted <= room {
        return Ok(None);
    }
    let text = format!(
        "the load locks up to {} tables, indexes and sequences at once, and the server has \
         room for {} locks",
        group_thousands(wanted),
        group_thousands(room)
    );
    let hint = "raise `max_locks_per_transaction` in postgresql.conf and restart the server";
    Ok(Some(Fault::new(text, hint).with_id(Id::P14)))
}

/// The server has room for the locks of all processes that it may have (`InitLocks`).
const LOCKS: &str = "\
SELECT current_setting('max_locks_per_transaction')::int8
     * (current_setting('max_connections')::int8
        + current_setting('max_prepared_transactions')::int8
        + coalesce(current_setting('autovacuum_worker_slots', true),
                   current_setting('autovacuum_max_workers'))::int8 + 1
        + current_setting('max_worker_processes')::int8
        + current_setting('max_wal_senders')::int8)";

/// A table with what belongs to it, the table and index of its long values included.
fn count_relations(table: &Table) -> u64 {
    let keys = usize::from(!table.primary_key.is_empty()) + table.uniques.len();
    let made = table.columns.iter().filter(|column| column.identity != Identity::No).count();
    let long = if has_long_values(table) { 2 } else { 0 };
    (1 + long + keys + table.indexes.len() + made) as u64
}

/// Whether rows may become so long that values are moved out, which needs a table beside it.
fn has_long_values(table: &Table) -> bool {
    table.columns.iter().any(|column| match column.ty {
        Type::Enum(_) => false,
        ty => ty.catalog_type().is_none_or(|known| known.width.is_none()),
    })
}

/// Files of so many bytes deserve a word about the server's disk.
const LARGE: u64 = 1 << 30;

/// What cannot be known about the server's disk.
pub fn disk_space_note(bytes: u64) -> Option<Fault> {
    if bytes < event::test_limit("room").unwrap_or(LARGE) {
        return None;
    }
    let text = format!(
        "not decided: whether the server's disk has enough space; SQLite holds {} bytes, \
         PostgreSQL needs about as many for tables, half of that for indexes, and the sum again \
         for its write-ahead log",
        group_thousands(bytes)
    );
    let hint = "check the free space of the server's data directory; the load is rolled back if \
                it is full";
    Some(Fault::new(text, hint).with_id(Id::P11))
}
