//! Failures of the server are judged by what no translation changes: SQLSTATE, the routine, and
//! the names in the protocol's fields. A server whose messages are German gives the same ids, exit
//! codes and hints as one whose messages are English.

mod failures;
mod german;

use postgres::NoTls;
use rusqlite::Connection;

use crate::server::installation::{Ended, ROLE_PASSWORD, owned, program};
use crate::server::{self, Cluster, Database, Wanted};
use failures::{Failure, Place};

/// A SQLite file, and schema files of it.
struct Source {
    folder: tempfile::TempDir,
}

impl Source {
    fn new() -> Source {
        let source = Source { folder: tempfile::tempdir().unwrap() };
        let connection = Connection::open(source.path("a.db")).unwrap();
        let sql = "CREATE TABLE k (id INTEGER PRIMARY KEY, token TEXT NOT NULL); \
                   INSERT INTO k VALUES (1, 'a'), (2, 'b')";
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let (file, out) = (source.path("a.db"), source.path("schema"));
        let draft = ["schema", "draft", "--source", &file, "--out", &out];
        Ended::of(&program().args(draft).output().unwrap()).expect(0, &[]);
        source
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Copies to `url`, `planted` SQL run before the commit. Server messages are shown.
    fn copy(&self, url: &str, planted: Option<&str>) -> Ended {
        let (schema, file) = (self.path("schema"), self.path("a.db"));
        let words = ["copy", "--yes", "--schema", &schema, "--source", &file, "--target", url];
        let mut command = program();
        command.args(words).arg("--show-server-messages").env("PGPASSWORD", ROLE_PASSWORD);
        if let Some(sql) = planted {
            command.env("MIGRATE_TEST", format!("sql BeforeCommit 1 {sql}"));
        }
        Ended::of(&command.output().unwrap())
    }
}

/// How a run on one server failed.
struct Failed {
    code: Option<i32>,
    /// What the program said about the failure, the names of this database and server replaced.
    own: Vec<String>,
    /// What the server said.
    server: Vec<String>,
}

impl Failed {
    fn of(ended: &Ended, cluster: &Cluster, database: &Database, role: &str) -> Failed {
        let text = ended
            .err
            .replace(&database.name, "DATABASE")
            .replace(role, "ROLE")
            .replace(cluster.directory.to_str().unwrap(), "DIRECTORY")
            .replace(&cluster.port.to_string(), "PORT");
        let lines = text.lines().skip_while(|line| !line.starts_with("error: "));
        let lines = lines.map(str::to_owned);
        let (server, own) = lines.partition(|line| line.starts_with("server "));
        Failed { code: ended.code, own, server }
    }
}

/// A server that admits only what the failures of connecting ask for.
fn start(environment: Vec<(String, String)>) -> Cluster {
    let admission = ["host all rejected 127.0.0.1/32 reject", "host all all 127.0.0.1/32 md5"];
    let admission = admission.map(str::to_owned).to_vec();
    let cluster = server::start(&Wanted { admission, environment, ..Wanted::default() });
    let password = ROLE_PASSWORD.replace('\'', "''");
    for role in ["rejected LOGIN", "unable NOLOGIN", "full LOGIN CONNECTION LIMIT 0"] {
        let create = format!("CREATE ROLE {role} PASSWORD '{password}'");
        server::execute(&cluster.url("postgres"), &create);
    }
    cluster
}

/// The URL by which a failure is met on a cluster.
fn url(failure: &Failure, cluster: &Cluster, database: &Database, role: &str) -> String {
    let owner = database.url.replacen("admin:Throw-away%201!", role, 1);
    match failure.place {
        Place::Load(_) => owner,
        Place::Role(other) => owner.replacen(role, other, 1),
        Place::Password => owner.replacen(role, &format!("{role}:wrong"), 1),
        Place::Database => owner.replacen(&database.name, "no_such_database", 1),
        Place::Socket => {
            let directory = cluster.directory.display().to_string();
            format!("host={directory} port={} user={role} dbname={}", cluster.port, database.name)
        }
        Place::NoRight => {
            let revoke =
                format!("REVOKE CONNECT ON DATABASE {0} FROM PUBLIC, {role}", database.name);
            let give_away = format!("ALTER DATABASE {} OWNER TO admin", database.name);
            server::execute(&database.url, &format!("{give_away}\n{revoke}"));
            owner
        }
    }
}

/// Lets a failure happen on a cluster.
fn fail(source: &Source, failure: &Failure, cluster: &Cluster) -> Failed {
    let database = server::database(cluster);
    let (role, _) = owned(&database);
    let url = url(failure, cluster, &database, &role);
    let lock = failures::lock(failure, &database.url);
    let ended = match failure.place {
        Place::Load(sql) => source.copy(&url, Some(sql)),
        _ => source.copy(&url, None),
    };
    drop(lock);
    Failed::of(&ended, cluster, &database, &role)
}

#[test]
fn failures_are_judged_alike_in_german() {
    let Some(german) = german::start() else { return };
    let english = start(Vec::new());
    let source = Source::new();
    for failure in failures::all() {
        let name = failure.name;
        let own = fail(&source, &failure, &english);
        let translated = fail(&source, &failure, &german.cluster);
        let shown = own.own.join("\n");
        assert_eq!(own.code, Some(failure.exit), "{name}: {shown}");
        let id = |id: &str| shown.contains(&format!("error: {id} "));
        assert!(failure.id.is_none_or(id), "{name}: no {:?} in\n{shown}", failure.id);
        assert_eq!(translated.code, own.code, "{name}");
        assert_eq!(translated.own, own.own, "{name}");
        assert_eq!(translated.server.len(), own.server.len(), "{name}");
        // A function raises its own words.
        if !failure.is_raised() {
            assert!(!own.server.is_empty(), "{name}: {shown}");
            assert_ne!(translated.server.first(), own.server.first(), "{name}: not translated");
        }
    }
}

#[test]
fn the_server_names_the_codes_and_routines_that_are_judged_by() {
    let cluster = start(Vec::new());
    for failure in failures::all() {
        let name = failure.name;
        let database = server::database(&cluster);
        let (role, _) = owned(&database);
        let url = url(&failure, &cluster, &database, &role);
        let mut config: postgres::Config = url.parse().unwrap();
        if config.get_password().is_none() {
            config.password(ROLE_PASSWORD);
        }
        let lock = failures::lock(&failure, &database.url);
        let error = match (config.connect(NoTls), &failure.place) {
            (Ok(mut client), Place::Load(sql)) => {
                client.batch_execute(failures::TABLE).unwrap();
                client.batch_execute(&format!("BEGIN; {sql}; COMMIT")).expect_err(name)
            }
            (connected, _) => connected.err().expect(name),
        };
        drop(lock);
        let db = error.as_db_error().unwrap_or_else(|| panic!("{name}: {error:?}"));
        assert_eq!(db.code().code(), failure.sqlstate, "{name}: {db:?}");
        let routine = db.routine().unwrap_or_else(|| panic!("{name} has no routine: {db:?}"));
        assert!(routine.starts_with(failure.routine), "{name}: {routine}");
    }
}
