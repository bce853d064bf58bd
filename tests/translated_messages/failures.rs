//! Failures that a server reports: how each is brought about, and what is known of it.

use postgres::Client;

use crate::server;

/// A failure of the server.
pub struct Failure {
    pub name: &'static str,
    /// Where it happens.
    pub place: Place,
    /// Its SQLSTATE.
    pub sqlstate: &'static str,
    /// What the name of its routine begins with, where something is decided by it; else empty.
    pub routine: &'static str,
    /// The finding that it is; none where only the SQLSTATE is reported.
    pub id: Option<&'static str>,
    /// How the program ends.
    pub exit: i32,
}

/// Where a failure happens.
pub enum Place {
    /// In the transaction of the load, by this SQL.
    Load(&'static str),
    /// Connecting as this role.
    Role(&'static str),
    /// Connecting with a wrong password.
    Password,
    /// Connecting to a database that does not exist.
    Database,
    /// Connecting by the socket, for which `pg_hba.conf` has no line.
    Socket,
    /// Connecting without the right to.
    NoRight,
}

/// The table that a load makes and fills, where the statements run without the program.
pub const TABLE: &str =
    "CREATE TABLE k (id bigint PRIMARY KEY, token text NOT NULL); INSERT INTO k VALUES (1, 'a')";

/// Long text that does not compress: so many times 32 characters.
macro_rules! noise {
    ($count:literal) => {
        concat!("(SELECT string_agg(md5(i::text), '') FROM generate_series(1, ", $count, ") i)")
    };
}

/// Many columns of a type.
macro_rules! columns {
    ($count:literal, $kind:literal) => {
        concat!(
            "DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE wide (' || string_agg('c' || i || ' ",
            $kind,
            "', ',') || ')' FROM generate_series(1, ",
            $count,
            ") i); INSERT INTO wide DEFAULT VALUES; END $$"
        )
    };
}

/// Every failure.
pub fn all() -> Vec<Failure> {
    let mut failures = rows();
    failures.extend(too_large());
    failures.extend(statements());
    failures.extend(connections());
    failures
}

fn rows() -> Vec<Failure> {
    let row = |name, sql, sqlstate, id| Failure {
        name,
        place: Place::Load(sql),
        sqlstate,
        routine: "",
        id,
        exit: 1,
    };
    vec![
        row("unique", "INSERT INTO k SELECT * FROM k", "23505", Some("K16")),
        row(
            "foreign key",
            "CREATE TABLE child (k bigint REFERENCES k); INSERT INTO child VALUES (-1)",
            "23503",
            Some("K1"),
        ),
        row(
            "check",
            "ALTER TABLE k ADD CHECK (token <> 'c'); INSERT INTO k VALUES (-1, 'c')",
            "23514",
            Some("K13"),
        ),
        row("not null", "INSERT INTO k VALUES (-1, NULL)", "23502", Some("K14")),
        row(
            "exclusion",
            "CREATE TABLE e (r int4range, EXCLUDE USING gist (r WITH &&)); \
             INSERT INTO e VALUES ('[1,3]'), ('[2,4]')",
            "23P01",
            Some("K16"),
        ),
    ]
}

/// Limits that are distinguished by the routine alone.
fn too_large() -> Vec<Failure> {
    let limit = |name, sql, routine, id| Failure {
        name,
        place: Place::Load(sql),
        sqlstate: "54000",
        routine,
        id: Some(id),
        exit: 1,
    };
    vec![
        limit(
            "B-tree entry",
            concat!("CREATE INDEX ON k (token); INSERT INTO k VALUES (-1, ", noise!(150), ")"),
            "_bt_",
            "T14",
        ),
        limit(
            "entry of any index",
            concat!("CREATE INDEX ON k (token); INSERT INTO k VALUES (-1, ", noise!(2000), ")"),
            "index_form_tuple",
            "T14",
        ),
        limit(
            "GIN entry",
            concat!(
                "CREATE INDEX ON k USING gin (string_to_array(token, ' ')); \
                 INSERT INTO k VALUES (-1, ",
                noise!(150),
                ")"
            ),
            "Gin",
            "T14",
        ),
        limit(
            "BRIN entry",
            concat!(
                "INSERT INTO k VALUES (-1, ",
                noise!(400),
                "); CREATE INDEX ON k USING brin (token)"
            ),
            "brin_",
            "T14",
        ),
        limit(
            "search document",
            concat!(
                "SELECT to_tsvector('simple', (SELECT string_agg(md5(i::text), ' ') ",
                "FROM generate_series(1, 40000) i))"
            ),
            "make_tsvector",
            "T15",
        ),
        limit("row", columns!(200, "name DEFAULT current_user"), "", "O15"),
        Failure { sqlstate: "54011", ..limit("columns", columns!(1700, "int"), "", "O15") },
    ]
}

fn statements() -> Vec<Failure> {
    let statement = |name, sql, sqlstate, id, exit| Failure {
        name,
        place: Place::Load(sql),
        sqlstate,
        routine: "",
        id,
        exit,
    };
    let raised = "DO $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = 'unique_violation'; END $$";
    vec![
        statement(
            "lock timeout",
            "SET LOCAL lock_timeout = '10ms'; LOCK TABLE locked",
            "55P03",
            Some("P15"),
            4,
        ),
        statement(
            "cancelled",
            "SELECT pg_cancel_backend(pg_backend_pid())",
            "57014",
            Some("P9"),
            5,
        ),
        statement(
            "statement timeout",
            "SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(60)",
            "57014",
            Some("P9"),
            5,
        ),
        statement("permission denied", "SELECT * FROM pg_authid", "42501", Some("P2"), 4),
        statement(
            "read only",
            "SET TRANSACTION READ ONLY; INSERT INTO k VALUES (-1, 'c')",
            "25006",
            Some("P12"),
            5,
        ),
        statement(
            "depended on",
            "CREATE VIEW v AS SELECT * FROM k; DROP TABLE k",
            "2BP01",
            None,
            4,
        ),
        statement("not a number", "SELECT 'x'::int", "22P02", None, 5),
        Failure {
            routine: "exec_stmt_raise",
            ..statement("raised", raised, "23505", Some("K16"), 1)
        },
    ]
}

fn connections() -> Vec<Failure> {
    let connection = |name, place, sqlstate, routine, id| Failure {
        name,
        place,
        sqlstate,
        routine,
        id: Some(id),
        exit: 4,
    };
    let role = "InitializeSessionUserId";
    let admission = "ClientAuthentication";
    vec![
        connection("wrong password", Place::Password, "28P01", "auth_failed", "P7"),
        connection("may not log in", Place::Role("unable"), "28000", role, "P7"),
        connection("rejected", Place::Role("rejected"), "28000", admission, "P7"),
        connection("no line of pg_hba.conf", Place::Socket, "28000", admission, "P7"),
        connection("no such database", Place::Database, "3D000", "", "P23"),
        connection("no right to connect", Place::NoRight, "42501", "", "P3"),
        connection("too many connections", Place::Role("full"), "53300", "", "P13"),
    ]
}

impl Failure {
    /// Whether its words are those of a function, which no server translates.
    pub fn is_raised(&self) -> bool {
        self.routine == "exec_stmt_raise"
    }
}

/// A session that holds the table `locked`, where a failure wants one.
pub fn lock(failure: &Failure, url: &str) -> Option<Client> {
    if failure.sqlstate != "55P03" {
        return None;
    }
    let mut client = server::connect(url).client;
    let create = "CREATE TABLE locked (id int); GRANT ALL ON locked TO PUBLIC";
    client.batch_execute(create).unwrap();
    client.batch_execute("BEGIN; LOCK TABLE locked").unwrap();
    Some(client)
}
