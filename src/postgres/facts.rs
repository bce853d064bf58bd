//! What the server says of itself, and what of that makes it unfit.
//!
//! [`read_facts`] asks and judges nothing; [`check_facts`] judges and asks nothing. Whether a
//! pooler stands in between takes a second connection, and is checked first, as a pooler breaks
//! prepared statements: [`super::pooling`]. That second connection is closed before [`read_facts`],
//! which lists every other session of the database, ours too. The tables that are there already are
//! checked elsewhere.

mod check;

use postgres::{Client, Row};

pub use check::{
    Checked, check_facts, hint_to_grant_create, hints_to_act_as, warn_of_other_sessions,
};

use super::failure::unanswered_query_error;
use super::text_literal;
use crate::diagnostic::Result;
use crate::postgres::direct::DirectQueries;

/// The oldest and newest major versions that the tests run against.
pub const TESTED: (u32, u32) = (13, 18);

/// What a server says of itself and of what our role may do there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `version()`.
    pub version: String,
    /// `server_version_num`: 150004 is 15.4.
    pub version_num: u32,
    /// The name of a system that speaks PostgreSQL's protocol without being PostgreSQL.
    pub impostor: Option<&'static str>,
    /// The database's encoding.
    pub encoding: String,
    /// Whether this is a standby.
    pub in_recovery: bool,
    /// Whether new transactions are read-only.
    pub read_only: bool,
    /// The database's name and OID.
    pub database: (String, u32),
    /// The schema new tables go to: the first of the search path that exists.
    pub schema: Option<String>,
    /// All schemas of the search path that exist.
    pub schemas: Vec<String>,
    /// The search path as set.
    pub search_path: String,
    /// The schemas of the search path that do not exist, in its order (`"$user"` left out).
    pub missing_schemas: Vec<String>,
    /// Whether our role may create tables in `schema`.
    pub may_create: bool,
    /// Whether our role may create schemas, which loading over several connections needs.
    pub may_create_schemas: bool,
    /// The role whose rights count.
    pub user: String,
    /// Address and port as the server sees them; none over a unix socket.
    pub address: Option<(String, i32)>,
    /// The cluster's own number, where our role may read it.
    pub system: Option<i64>,
    /// When the server was started, in microseconds since 1970.
    pub started: i64,
    /// Extensions that change how tables or transactions work.
    pub extensions: Vec<String>,
    /// Our own session's process on the server.
    pub pid: i32,
    /// Other sessions in this database.
    pub sessions: Vec<Session>,
}

/// Another session of the database, as far as our role may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its process on the server.
    pub pid: i32,
    /// Its role.
    pub user: Option<String>,
    /// What it calls itself.
    pub application_name: Option<String>,
    /// Where it comes from; none over a unix socket.
    pub client_addr: Option<String>,
    /// What it is doing (`idle`, `active`, …).
    pub state: Option<String>,
}

impl std::fmt::Display for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Session { pid, .. } = self;
        let known = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let name = known(&self.application_name).unwrap_or_else(|| "unnamed".into());
        let user = known(&self.user).unwrap_or_else(|| "unknown".into());
        let from = known(&self.client_addr).unwrap_or_else(|| "a socket".into());
        let state = known(&self.state).unwrap_or_else(|| "state not shown".into());
        write!(f, "pid {pid}, {name:?}, role {user}, from {from}, {state}")
    }
}

/// Systems that answer to `version()` with a name of their own (hazard P17): a text from when the
/// server was built, the same in every language.
const IMPOSTORS: [(&str, &str); 8] = [
    ("CockroachDB", "CockroachDB"),
    ("-YB-", "YugabyteDB"),
    ("Redshift", "Amazon Redshift"),
    ("Greenplum", "Greenplum"),
    ("Materialize", "Materialize"),
    ("QuestDB", "QuestDB"),
    ("CrateDB", "CrateDB"),
    ("H2 ", "H2"),
];

/// Asks the server.
///
/// # Errors
/// With [`crate::diagnostic::Exit::Target`], when it does not answer as PostgreSQL does.
pub fn read_facts(client: &mut Client) -> Result<Facts> {
    let version: String = query_one_row(client, "SELECT version()")?.get(0);
    let impostor = IMPOSTORS.iter().find(|(mark, _)| version.contains(mark)).map(|(_, name)| *name);
    if impostor.is_some() {
        return Ok(Facts { version, impostor, ..Facts::default() });
    }
    let row = query_one_row(client, SERVER)?;
    let address = row.get::<_, Option<String>>(8).zip(row.get(9));
    let sessions = client
        .query_directly(SESSIONS, &[])
        .map_err(|error| unanswered_query_error(SESSIONS, &error))?;
    let missing = client
        .query_directly(MISSING, &[])
        .map_err(|error| unanswered_query_error(MISSING, &error))?;
    Ok(Facts {
        version,
        impostor,
        version_num: row.get::<_, i32>(0).unsigned_abs(),
        encoding: row.get(1),
        in_recovery: row.get(2),
        read_only: row.get(3),
        database: (row.get(4), row.get(5)),
        schema: row.get(6),
        search_path: row.get(7),
        missing_schemas: missing.iter().map(|row| row.get(0)).collect(),
        may_create: row.get(10),
        may_create_schemas: row.get(11),
        user: row.get(12),
        address,
        // Managed services may keep this one to themselves; then `started` must do.
        system: client
            .query_one_directly("SELECT system_identifier FROM pg_control_system()", &[])
            .ok()
            .map(|row| row.get(0)),
        started: row.get(13),
        extensions: row.get(14),
        pid: row.get(15),
        schemas: row.get(16),
        sessions: sessions.iter().map(session_of_row).collect(),
    })
}

const SERVER: &str = "
SELECT current_setting('server_version_num')::int4,
       pg_encoding_to_char(d.encoding)::text,
       pg_is_in_recovery(),
       current_setting('transaction_read_only') = 'on',
       d.datname::text,
       d.oid,
       current_schema()::text,
       current_setting('search_path'),
       host(inet_server_addr()),
       inet_server_port(),
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
       has_database_privilege(d.oid, 'CREATE'),
       current_user::text,
       (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8,
       ARRAY(SELECT extname::text FROM pg_catalog.pg_extension
             WHERE extname IN ('citus', 'timescaledb', 'pgaudit') ORDER BY 1),
       pg_backend_pid(),
       current_schemas(false)::text[]
  FROM pg_catalog.pg_database d
 WHERE d.datname = current_database()";

/// Other sessions. A role sees less of other roles' sessions, not what kind they are either; their
/// pid and role it does see. The server's own workers, such as autovacuum's, have no role.
pub(super) const SESSIONS: &str = "
SELECT pid, usename::text, application_name, host(client_addr), state
  FROM pg_catalog.pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND (backend_type = 'client backend' OR backend_type IS NULL AND usesysid IS NOT NULL)
 ORDER BY pid";

/// `parse_ident` undoes the quotes of one name; the path is cut at commas outside of quotes.
const MISSING: &str = r#"
SELECT name
  FROM (SELECT ordinality,
               CASE WHEN part LIKE '"%' THEN replace(substr(part, 2, length(part) - 2), '""', '"')
                    ELSE lower(part) END AS name
          FROM (SELECT ordinality, match[1] AS part
                  FROM regexp_matches(current_setting('search_path'),
                         '("(?:[^"]|"")*"|[^,"\s][^,"]*?)\s*(?:,|$)', 'g')
                       WITH ORDINALITY AS m (match, ordinality)) AS parts) AS names
 WHERE name NOT IN ('$user', 'pg_catalog', 'pg_temp')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = name)
 ORDER BY ordinality"#;

pub(super) fn session_of_row(row: &Row) -> Session {
    Session {
        pid: row.get(0),
        user: row.get(1),
        application_name: row.get(2),
        client_addr: row.get(3),
        state: row.get(4),
    }
}

fn query_one_row(client: &mut Client, query: &str) -> Result<Row> {
    client.query_one_directly(query, &[]).map_err(|error| unanswered_query_error(query, &error))
}

/// How two targets lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relationship {
    /// Two servers.
    Apart,
    /// One server, two databases.
    SameServer,
    /// One database, two schemas.
    SameDatabase,
    /// One schema.
    SameSchema,
}

/// How the targets of core and instrumentation lie to each other.
///
/// The server's start time tells servers apart, together with the cluster's number where it can be
/// read: a copied cluster has the same number, and two servers do not start in one microsecond.
pub fn relate_targets(a: &Facts, b: &Facts) -> Relationship {
    let systems = a.system.zip(b.system).is_none_or(|(a, b)| a == b);
    if a.started != b.started || !systems {
        Relationship::Apart
    } else if a.database != b.database {
        Relationship::SameServer
    } else if a.schema != b.schema {
        Relationship::SameDatabase
    } else {
        Relationship::SameSchema
    }
}

impl Relationship {
    /// The relationship in words, for the question before the run.
    pub fn describe(self) -> &'static str {
        match self {
            Relationship::Apart => "on two servers",
            Relationship::SameServer => "on one server, in two databases",
            Relationship::SameDatabase => "in one database, in two schemas",
            Relationship::SameSchema => "in one database, in one schema",
        }
    }
}

impl Facts {
    /// Where the tables go, in words: server, database, schema, role.
    pub fn describe_place(&self) -> String {
        let server = match &self.address {
            Some((address, port)) if address.contains(':') => format!("[{address}]:{port}"),
            Some((address, port)) => format!("{address}:{port}"),
            None => "a unix socket".to_string(),
        };
        let number: Vec<_> = self.version.split_whitespace().take(2).collect();
        let schema = match (&self.schema, self.missing_schemas.first()) {
            (Some(schema), _) => format!("schema {}", text_literal(schema)),
            (None, Some(missing)) => format!("schema {} (missing)", text_literal(missing)),
            (None, None) => "no schema".to_owned(),
        };
        format!(
            "database {}, {schema}, on {server} ({}) as {}",
            text_literal(&self.database.0),
            number.join(" "),
            text_literal(&self.user)
        )
    }
}
