//! No cell in what the program says, whoever says it: a server whose functions, domains and
//! triggers raise errors with a row's value, something that only looks like a server, a SQLite file
//! whose schema is bytes of a row. And that the server's own words are shown to who asks for them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::server::installation::{Ended, Installation, ROLE_PASSWORD, owned, program};
use crate::server::{self, Database};

/// A cell that a message could quote; in capitals so that it can be part of a SQLSTATE, too.
const SECRET: &str = "SK_LIVE_TOPSECRET";

/// Its pieces give it away as well.
const PIECES: [&str; 3] = ["TOPSECRET", "topsecret", "SK_LIVE"];

const FLAG: &str = "--show-server-messages";

/// A SQLite file with a secret, schema files of it, and a database that a plain role owns.
struct Place {
    folder: tempfile::TempDir,
    database: Database,
    url: String,
}

impl Place {
    fn new() -> Place {
        let database = server::database(server::shared());
        let (_, url) = owned(&database);
        let place = Place { folder: tempfile::tempdir().unwrap(), database, url };
        let sql = "CREATE TABLE k (id INTEGER PRIMARY KEY, token TEXT NOT NULL)";
        let connection = Connection::open(place.path("a.db")).unwrap();
        connection.execute_batch(sql).unwrap();
        connection.execute("INSERT INTO k VALUES (1, '12'), (7, ?1)", [SECRET]).unwrap();
        drop(connection);
        let (source, out) = (place.path("a.db"), place.path("schema"));
        let drafted =
            place.run(&["schema", "draft", "--source", &text(&source), "--out", &text(&out)]);
        drafted.expect(0, &[]);
        place
    }

    /// The same with tables in PostgreSQL; a function may look for a secret in `vault`.
    fn with_statements(statements: &str) -> Place {
        let place = Place::new();
        let role = place.url.split(['/', '@']).nth(2).unwrap();
        let vault =
            format!("CREATE TABLE vault (token text); INSERT INTO vault VALUES ('{SECRET}');");
        let sql = format!("SET ROLE {role}; {vault} {statements}");
        let mut client = server::connect(&place.database.url).client;
        client.batch_execute(&sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Ended {
        let mut command = program();
        command.args(words).env("PGPASSWORD", ROLE_PASSWORD);
        Ended::of(&command.output().unwrap())
    }

    fn copy(&self, source: &Path, url: &str, words: &[&str]) -> Ended {
        let _ = std::fs::remove_file(self.path("report.json"));
        let (schema, source, report) =
            (text(&self.path("schema")), text(source), text(&self.path("report.json")));
        let all = ["copy", "--schema", &schema, "--source", &source, "--target", url];
        self.run(&[&all[..], &["--report", &report], words].concat())
    }

    /// What the report says, which may not be there.
    fn report(&self) -> String {
        std::fs::read_to_string(self.path("report.json")).unwrap_or_default()
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[track_caller]
fn silent(what: &str, printed: &str) {
    for piece in PIECES {
        assert!(!printed.contains(piece), "{what} tells {piece}:\n{printed}");
    }
}

impl Ended {
    /// Fails if a piece of the secret is anywhere in the output.
    #[track_caller]
    fn shows_nothing(&self, what: &str) {
        silent(what, &self.out);
        silent(what, &self.err);
    }
}

/// A function that raises its argument with whatever else an error can have.
fn raising(more: &str) -> String {
    format!(
        "CREATE FUNCTION f(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN \
         IF t = '12' THEN RETURN true; END IF; RAISE EXCEPTION 'bad %', t USING DETAIL = t, \
         HINT = t {more}; END $$;"
    )
}

const FIELDS: &str = ", SCHEMA = t, TABLE = t, COLUMN = t, CONSTRAINT = t, DATATYPE = t";

/// Tables on which a row fails, and what is said of it; nothing where the row may go in.
fn failing() -> [(String, &'static [&'static str]); 14] {
    let checked = "CREATE TABLE k (id bigint PRIMARY KEY, token text NOT NULL CHECK (f(token)));";
    let raised = |more: &str| format!("{} {checked}", raising(more));
    let table = "CREATE TABLE k (id bigint PRIMARY KEY, token text NOT NULL";
    let vault = "CREATE FUNCTION g() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \
                 'bad %', (SELECT token FROM vault); END $$;";
    let trigger = |when: &str| {
        format!(
            "CREATE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \
             'bad %', NEW.token; END $$; {table}); {when}"
        )
    };
    [
        (
            format!("{table}, n int GENERATED ALWAYS AS (token::int) STORED);"),
            &[
                "copying schema k: invalid_text_representation (SQLSTATE 22P02)",
                "row 2 of the rows sent",
                "the row is rowid 7",
            ][..],
        ),
        (
            format!("{table}); CREATE INDEX k_number ON k ((token::int));"),
            &["k_number", "invalid_text_representation (SQLSTATE 22P02)", FLAG],
        ),
        (format!("{table} CHECK (token::int > 0));"), &["SQLSTATE 22P02"]),
        (
            format!("CREATE DOMAIN d AS text CHECK (VALUE::int > 0); {table}::text);")
                .replace("token text NOT NULL::text", "token d NOT NULL"),
            &["SQLSTATE 22P02", "k.token: violates the constraint d_check of its domain"],
        ),
        (
            format!("CREATE DOMAIN d AS text CHECK (VALUE = '12'); {table}::text);")
                .replace("token text NOT NULL::text", "token d NOT NULL"),
            &["k.token: violates the constraint d_check of its domain: (VALUE = "],
        ),
        (raised(""), &["raise_exception (SQLSTATE P0001)"]),
        (raised(FIELDS), &["raise_exception (SQLSTATE P0001)"]),
        (
            raised(&format!("{FIELDS}, ERRCODE = 'unique_violation'")),
            &["unique_violation (SQLSTATE 23505)"],
        ),
        (raised(&format!("{FIELDS}, ERRCODE = '2BP01'")), &["SQLSTATE 2BP01"]),
        (raised(&format!("{FIELDS}, ERRCODE = '42501'")), &["SQLSTATE 42501"]),
        (raised(&format!("{FIELDS}, ERRCODE = '08006'")), &["SQLSTATE 08006"]),
        (format!("{vault} {table}, more text DEFAULT g());"), &["SQLSTATE P0001"]),
        (
            trigger(
                "CREATE TRIGGER t BEFORE INSERT ON k FOR EACH ROW EXECUTE FUNCTION h(); \
                 ALTER TABLE k ENABLE ALWAYS TRIGGER t;",
            ),
            &[],
        ),
        (
            trigger(
                "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON k DEFERRABLE INITIALLY DEFERRED FOR \
                 EACH ROW EXECUTE FUNCTION h(); ALTER TABLE k ENABLE ALWAYS TRIGGER t;",
            ),
            &[],
        ),
    ]
}

/// Whatever fails on a row in the server, the row's value is shown to nobody but who asks.
#[test]
fn no_cell_that_the_server_quotes_is_printed() {
    for (statements, words) in failing() {
        let place = Place::with_statements(&statements);
        for mode in ["--yes", "--dry-run", "--verify"] {
            let ended = place.copy(&place.path("a.db"), &place.url, &[mode]);
            ended.shows_nothing(&format!("{statements} {mode}"));
            silent(&statements, &place.report());
            assert_ne!(place.report(), "");
            if mode == "--yes" && !words.is_empty() {
                assert_ne!(ended.code, Some(0), "{statements}: {}", ended.err);
                words
                    .iter()
                    .for_each(|word| assert!(ended.err.contains(word), "{word}: {ended:?}"));
            }
        }
        let ended = place.copy(&place.path("a.db"), &place.url, &["--yes", FLAG]);
        assert_eq!(ended.err.matches("warning: messages of the server are shown").count(), 1);
        let printed = ended.err.split("server message: ").nth(1).unwrap_or_default();
        assert_eq!(printed.contains(SECRET), quotes(&ended, words), "{statements}: {ended:?}");
        silent(&statements, &ended.out);
        silent(&statements, &place.report());
        assert_ne!(place.report(), "");
    }
}

/// Whether the server's words about this are expected to hold the value.
fn quotes(ended: &Ended, words: &[&str]) -> bool {
    !words.is_empty() && !ended.err.contains("d_check of its domain: (VALUE = ")
}

/// What is quoted while source and target are compared, or structures.
#[test]
fn no_cell_that_sqlite_quotes_is_printed() {
    let place = Place::new();
    place.copy(&place.path("a.db"), &place.url, &["--yes"]).expect(0, &[]);
    let role = place.url.split(['/', '@']).nth(2).unwrap().to_owned();
    let policy = format!(
        "SET ROLE {role}; {} CREATE POLICY p ON k USING (f(token)); ALTER TABLE k ENABLE ROW LEVEL \
         SECURITY; ALTER TABLE k FORCE ROW LEVEL SECURITY",
        raising("")
    );
    let mut client = server::connect(&place.database.url).client;
    client.batch_execute(&policy).unwrap();
    let ended = place.copy(&place.path("a.db"), &place.url, &["--verify"]);
    ended.shows_nothing("--verify");
    silent("--verify", &place.report());
    ended.expect(5, &["reading existing tables: raise_exception (SQLSTATE P0001), raised by"]);
    let ended = place.copy(&place.path("a.db"), &place.url, &["--verify", FLAG]);
    ended.expect(5, &["server message: bad SK_LIVE_TOPSECRET"]);
    silent("--verify", &place.report());

    // A function that raises whenever a table is made, as `schema diff` does for a moment.
    let event = format!(
        "RESET ROLE; CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE \
         EXCEPTION 'bad {SECRET}' USING DETAIL = '{SECRET}'; END $$; CREATE EVENT TRIGGER e ON \
         ddl_command_start EXECUTE FUNCTION e()"
    );
    client.batch_execute(&event).unwrap();
    let (schema, file) = (text(&place.path("schema")), text(&place.path("a.db")));
    let (file, out) = (format!("sqlite:{file}"), text(&place.path("out")));
    for words in
        [&["schema", "diff", &schema, &place.url][..], &["schema", "diff", &file, &place.url]]
    {
        let ended = place.run(words);
        ended.shows_nothing("schema diff");
        ended.expect(4, &["reading the catalog: raise_exception (SQLSTATE P0001)"]);
        place.run(&[words, &[FLAG]].concat()).expect(4, &["server message: bad SK_LIVE_TOPSECRET"]);
    }
    let source = text(&place.path("a.db"));
    let words = ["schema", "draft", "--source", &source, "--target", &place.url, "--out", &out];
    place.run(&words).shows_nothing("schema draft");
}

/// A server's message of type `kind`.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

/// An error with the secret in every field but the SQLSTATE.
fn forged(code: &str) -> Vec<u8> {
    let mut body = format!("SFATAL\0VFATAL\0C{code}\0").into_bytes();
    for field in "MDHWsctdnqFR".chars() {
        body.extend(format!("{field}startup parameter {SECRET}\x1b[2J\nerror: {SECRET}\0").bytes());
    }
    message(b'E', &[&body[..], b"\0"].concat())
}

fn read_packet(client: &mut TcpStream, kind: bool) -> Option<Vec<u8>> {
    let mut head = vec![0; if kind { 5 } else { 4 }];
    client.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes(*head.last_chunk().unwrap());
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    client.read_exact(&mut body).ok()?;
    Some(body)
}

/// What answers each connection with `talk`, and its URL.
fn pretended(talk: impl Fn(&mut TcpStream) -> Option<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let _ = read_packet(&mut client, false).and_then(|_| talk(&mut client));
        }
    });
    format!("postgres://u@127.0.0.1:{port}/d?sslmode=disable&connect_timeout=20")
}

/// Refuses the proof of the password with an error of its own.
fn scram(client: &mut TcpStream) -> Option<()> {
    let ask = [&10_u32.to_be_bytes()[..], b"SCRAM-SHA-256\0\0"].concat();
    client.write_all(&message(b'R', &ask)).ok()?;
    let first = String::from_utf8(read_packet(client, true)?).ok()?;
    let nonce = first.split("r=").nth(1)?;
    let go_on = format!("r={nonce}abc,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096");
    let go_on = [&11_u32.to_be_bytes()[..], go_on.as_bytes()].concat();
    client.write_all(&message(b'R', &go_on)).ok()?;
    read_packet(client, true)?;
    let end = [&12_u32.to_be_bytes()[..], format!("e={SECRET}").as_bytes()].concat();
    client.write_all(&message(b'R', &end)).ok()
}

/// A pooler, or whatever answers instead of the server, may say anything.
#[test]
fn no_message_of_a_pooler_at_connection_time_is_printed() {
    let place = Place::new();
    let source = place.path("a.db");
    let plain = text(&source);
    let installation = Installation::new("");
    let out = text(&place.path("out"));
    let codes =
        ["08P01", "57P01", "57P03", "28000", "28P01", "3D000", "42501", "53300", "XX000", SECRET];
    let mut urls: Vec<String> = codes
        .iter()
        .map(|code| {
            let error = forged(code);
            pretended(move |client| client.write_all(&error).ok())
        })
        .collect();
    urls.push(pretended(scram));
    for (at, url) in urls.iter().enumerate() {
        let code = codes.get(at).copied().unwrap_or("scram");
        let diff = ["schema", "diff", &format!("sqlite:{plain}"), url].map(str::to_owned);
        let draft = ["schema", "draft", "--source", &plain, "--target", url, "--out", &out];
        let diff: Vec<&str> = diff.iter().map(String::as_str).collect();
        for words in [&diff[..], &draft] {
            let ended = place.run(words);
            ended.shows_nothing(code);
            ended.expect(4, &["cannot connect to database d"]);
        }
        for mode in ["--yes", "--dry-run", "--verify"] {
            let ended = place.copy(&source, url, &[mode]);
            ended.shows_nothing(code);
            silent(code, &place.report());
            ended.expect(4, &["cannot connect to database d"]);
        }
        installation.configure(&format!("URL = {url}\nPassword = \"x\""));
        let report = installation.directory.path().join("report.json");
        let ended = installation.run(&["db", "--yes", "--report", report.to_str().unwrap()]);
        ended.shows_nothing(code);
        silent(code, &std::fs::read_to_string(&report).unwrap());
        ended.expect(4, &["cannot connect to database d"]);
        if code == "scram" {
            continue;
        }
        let ended = place.copy(&source, url, &["--yes", FLAG]);
        let printed = format!("server message: startup parameter {SECRET}\\u{{1b}}[2J\\nerror: ");
        ended.expect(4, &[&printed, "server detail: ", "server hint: ", "server context: "]);
        assert!(!ended.err.contains('\x1b'), "{}", ended.err);
        silent(code, &place.report());
        place.run(&[&draft[..], &[FLAG]].concat()).expect(4, &[&printed]);
    }
}

/// What is wrong with a file, said without any text of it.
#[test]
fn no_cell_of_a_damaged_schema_is_printed() {
    let rows = "SELECT 'table', 'SK_LIVE_TOPSECRET' || id, 'x', 5, 'create nonsense TOPSECRET' \
                FROM k";
    for (damage, codes) in [
        (format!("INSERT INTO sqlite_schema {rows};"), [3, 3]),
        (
            format!("INSERT INTO sqlite_schema {};", rows.replace("nonsense", "table \"a\" (")),
            [3, 3],
        ),
        (
            format!("UPDATE sqlite_schema SET sql = 'CREATE TABLE k (id, {SECRET} ((' || token")
                + " FROM k WHERE name = 'k';",
            [3, 3],
        ),
        (format!("UPDATE sqlite_schema SET name = '{SECRET}', sql = NULL;"), [3, 3]),
        (format!("UPDATE sqlite_schema SET rootpage = 999, tbl_name = '{SECRET}';"), [3, 3]),
    ] {
        let place = Place::new();
        let file = place.path("a.db");
        let connection = Connection::open(&file).unwrap();
        let all = format!("PRAGMA writable_schema = ON; {damage}");
        connection.execute_batch(&all).unwrap_or_else(|error| panic!("{damage}: {error}"));
        drop(connection);
        for mode in ["--yes", "--dry-run", "--verify"] {
            let ended = place.copy(&file, &place.url, &[mode]);
            ended.shows_nothing(&format!("{damage} {mode}"));
            silent(&damage, &place.report());
            ended.expect(codes[0], &["SQLITE_"]);
        }
        let (plain, out) = (text(&file), text(&place.path("out")));
        let side = format!("sqlite:{plain}");
        for words in [
            &["schema", "draft", "--source", &plain, "--out", &out][..],
            &["schema", "diff", &side, &text(&place.path("schema"))],
            &["schema", "diff", &side, &place.url, FLAG],
        ] {
            let ended = place.run(words);
            ended.shows_nothing(&format!("{damage} {words:?}"));
            ended.expect(codes[1], &["SQLITE_"]);
        }
    }
}
