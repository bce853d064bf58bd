//! Tables that the application has made in PostgreSQL itself: rows go into them, and everything
//! else stays as it is.

mod broken_constraints;
mod computed_columns;
mod findings;
mod frameworks;
mod hints;
mod migration_history;
mod partitions;
mod prefixes;
mod refusals;
mod repairs;
mod schema_diff;
mod seed_rows;
mod sequences;
mod server_judged;
mod server_types;
mod session_settings;
mod shared_tables;
mod spellings;
mod triggers;

use std::path::PathBuf;
use std::process::Command;

use super::{PASSWORD, ROLE, Ran, database, dump, program, ran, url};
use crate::server;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/existing_tables");

/// Runs a program at a terminal of its own and answers its questions; all that it says goes to
/// standard error.
const TERMINAL: &str = r#"
import os, pty, sys
answers = sys.argv[1].split()
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
said = b""
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    asked = said.count(b"[y/N] ")
    said += more
    for _ in range(said.count(b"[y/N] ") - asked):
        os.write(terminal, (answers.pop(0) if answers else "n").encode() + b"\n")
sys.stderr.write(said.decode().replace("\r\n", "\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// A source, and a target of the application, all of it owned by a plain role.
struct Place {
    folder: tempfile::TempDir,
    database: server::Database,
    /// The schema files.
    schema: PathBuf,
}

impl Place {
    fn new() -> Place {
        let (folder, schema) = (tempfile::tempdir().unwrap(), PathBuf::from(ROOT).join("schema"));
        let place = Place { folder, database: database(), schema };
        let source = std::fs::read_to_string(format!("{ROOT}/source.sql")).unwrap();
        place.sqlite(&source);
        let target = std::fs::read_to_string(format!("{ROOT}/target.sql")).unwrap();
        place.sql(&format!("SET ROLE {ROLE}; {target}"));
        place
    }

    /// Other tables on both sides, and schema files drafted from them; to decide is nothing.
    fn drafted(target: &str, source: &str) -> Place {
        let (folder, database) = (tempfile::tempdir().unwrap(), database());
        let schema = folder.path().join("draft");
        let place = Place { folder, database, schema };
        place.sqlite(source);
        place.sql(&format!("SET ROLE {ROLE}; {target}"));
        place.draft();
        place
    }

    /// Another file for the same database, with schema files drafted from both.
    fn beside(&self, source: &str) -> Place {
        let (folder, server::Database { name, url }) =
            (tempfile::tempdir().unwrap(), &self.database);
        let database = server::Database { name: name.clone(), url: url.clone() };
        let schema = folder.path().join("draft");
        let place = Place { folder, database, schema };
        place.sqlite(source);
        place.draft();
        place
    }

    /// The same where something is to decide.
    fn undecided(target: &str, source: &str) -> Place {
        let (folder, database) = (tempfile::tempdir().unwrap(), database());
        let schema = folder.path().join("draft");
        let place = Place { folder, database, schema };
        place.sqlite(source);
        place.sql(&format!("SET ROLE {ROLE}; {target}"));
        let ran = place.run_draft();
        assert_eq!(ran.code, Some(1), "{ran:?}");
        place
    }

    fn draft(&self) {
        let ran = self.run_draft();
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    fn run_draft(&self) -> Ran {
        let mut command = program();
        command.env("PGPASSWORD", PASSWORD).args(["schema", "draft", "--source"]);
        command.arg(self.file()).args(["--target", &url(&self.database.name), "--out"]);
        ran(command.arg(&self.schema))
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("source.db")
    }

    fn sqlite(&self, sql: &str) {
        let connection = rusqlite::Connection::open(self.file()).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs SQL in the target as a superuser.
    fn sql(&self, sql: &str) {
        let mut client = server::connect(&self.database.url).client;
        client.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    fn number(&self, sql: &str) -> i64 {
        server::connect(&self.database.url).client.query_one(sql, &[]).unwrap().get(0)
    }

    fn structure(&self) -> super::Dump {
        dump(&self.database.url, &["--schema-only"])
    }

    fn dump(&self) -> super::Dump {
        dump(&self.database.url, &[])
    }

    fn copy(&self, words: &[&str]) -> Ran {
        self.copy_hooked("", words)
    }

    fn copy_hooked(&self, hooks: &str, words: &[&str]) -> Ran {
        let mut command = self.command(program(), words);
        ran(command.env("MIGRATE_TEST", hooks))
    }

    /// `copy` with these words, as the last words of a command.
    fn command(&self, mut command: Command, words: &[&str]) -> Command {
        command.env("PGPASSWORD", PASSWORD);
        command.args(["copy", "--schema"]).arg(&self.schema).arg("--source");
        command.arg(self.file()).args(["--target", &url(&self.database.name), "--report"]);
        command.arg(self.report_file()).args(words);
        command
    }

    /// `copy` at a terminal, where each question gets the next of these answers.
    fn copy_at_terminal(&self, answers: &[&str], words: &[&str]) -> Ran {
        let mut python = Command::new("python3");
        python.arg("-c").arg(TERMINAL).arg(answers.join(" "));
        python.arg(program().get_program());
        ran(&mut self.command(python, words))
    }

    /// Schema files that a test may change.
    fn own_schema(&mut self) -> PathBuf {
        let own = self.folder.path().join("schema");
        std::fs::create_dir(&own).unwrap();
        for entry in std::fs::read_dir(&self.schema).unwrap().map(Result::unwrap) {
            std::fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
        }
        self.schema.clone_from(&own);
        own
    }

    fn report_file(&self) -> PathBuf {
        self.folder.path().join("report.json")
    }

    fn report(&self) -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(self.report_file()).unwrap()).unwrap()
    }

    fn holds_everything(&self) {
        for (sql, wanted) in [
            ("SELECT count(*) FROM \"Accounts\" WHERE extra = '{}' AND seen IS NULL", 3),
            ("SELECT sum(parent)::int8 FROM \"Accounts\"", 6),
            ("SELECT count(*) FROM visitors", 3),
            ("SELECT sum(total + half)::int8 FROM bookings", 1377),
            ("SELECT count(*) FROM teams t JOIN \"Accounts\" a ON a.id = t.lead", 2),
            // Nothing of the application's own has acted, and nothing else was touched.
            ("SELECT count::int8 FROM marks", 0),
            ("SELECT count(*) FROM audit", 1),
        ] {
            assert_eq!(self.number(sql), wanted, "{sql}");
        }
    }
}

#[test]
fn rehearsal_leaves_the_applications_tables_as_they_were() {
    let place = Place::new();
    let before = place.dump();
    for words in [&["--rehearse", "--yes"][..], &["--rehearse", "--yes", "--check-first"]] {
        let ran = place.copy(words);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains("everything was rolled back: nothing was changed"), "{ran:?}");
        place.dump().is(&before, "changed");
    }
    let declined = place.copy_at_terminal(&["n"], &["--rehearse"]);
    declined.fails(8, &["load everything and roll it back?", "Not confirmed"]);
    let asked = place.copy_at_terminal(&["y"], &["--rehearse"]);
    asked.fails(0, &["A migration takes about "]);
    place.dump().is(&before, "changed");
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    place.holds_everything();
}

#[test]
fn rows_go_into_existing_tables_and_nothing_else_changes() {
    let place = Place::new();
    let before = place.structure();
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("all 4 tables exist in schema public, without rows"), "{ran:?}");
    place.structure().is(&before, "the structure changed");
    place.holds_everything();
    let report = place.report();
    assert_eq!(report.pointer("/databases/0/class").unwrap(), "empty_tables");
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {} {}", finding["id"], finding["table"], finding["column"]))
        .map(|text| text.replace('"', ""))
        .collect();
    for finding in ["O3 Accounts extra", "O3 bookings during", "K17 visits ", "O10  ", "K17  "] {
        assert!(found.iter().any(|text| text == finding), "{finding}: {found:?}");
    }
    // And once more: the work of the first run is recognised, whatever else stands around it.
    let again = place.copy(&["--yes"]);
    assert!(again.out.contains("Already migrated"), "{again:?}");
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
    server::next_values_are_free(&place.database.url);
}

#[test]
fn shared_sequences_continue_after_the_ids_of_all_their_tables() {
    let place = Place::new();
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    // 31 is the highest of two tables; 50 was given away in SQLite; three rows got a ticket.
    assert_eq!(place.number("SELECT nextval('shared_ids')"), 32);
    assert_eq!(place.number("SELECT nextval('\"Accounts_id_seq\"')"), 51);
    assert_eq!(place.number("SELECT nextval('\"Accounts_ticket_seq\"')"), 4);
}

/// Wherever it ends before COMMIT, the target is unchanged byte for byte, counters included.
#[test]
fn a_run_that_ends_anywhere_changes_nothing_and_the_rerun_succeeds() {
    let place = Place::new();
    let before = place.dump();
    for hook in [
        "kill Suspend 1",
        "kill Suspend 12",
        "kill Table 2",
        "kill Copy 3",
        "kill Index 4",
        "kill ForeignKey 2",
        "kill Restore 2",
        "kill Sequence 1",
        "kill Verify 3",
        "kill BeforeCommit 1",
        "signal Index 2 TERM",
        "sql BeforeCommit 1 SELECT 1/0",
    ] {
        let ran = place.copy_hooked(hook, &["--yes"]);
        assert_ne!(ran.code, Some(0), "{hook}: {ran:?}");
        place.dump().is(&before, hook);
    }
    let ran = place.copy_hooked("kill AfterCommit 1", &["--yes"]);
    assert_eq!(ran.code, None, "{ran:?}");
    place.holds_everything();
    assert!(place.copy(&["--yes"]).out.contains("Already migrated"));
}

/// What another session does between the look and the lock is noticed.
#[test]
fn tables_that_change_before_the_lock_are_refused() {
    for change in [
        "INSERT INTO teams VALUES (7, ''q'', NULL, ''inner'')",
        "CREATE INDEX late_index ON teams (lead)",
    ] {
        let place = Place::new();
        // As another session: a statement of the transaction itself would be rolled back with it.
        place.sql("CREATE EXTENSION dblink");
        let url = &place.database.url;
        place.sql(&format!(
            "CREATE FUNCTION elsewhere() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ \
             SELECT dblink_exec('{url}', '{change}') $$"
        ));
        let ran = place.copy_hooked("sql Suspend 1 SELECT elsewhere()", &["--yes"]);
        ran.fails(4, &["were changed while this run was waiting", "nothing was changed"]);
    }
}

/// Indexes come back where they were, whatever the role's own setting is; where the role may create
/// nothing, they stay.
#[test]
fn indexes_stay_in_their_tablespaces() {
    let place = Place::new();
    if place.number("SELECT current_setting('server_version_num')::int8") < 150_000 {
        // Tablespaces without a directory of their own came with PostgreSQL 15.
        return;
    }
    let name = &place.database.name;
    let (own, other) = (format!("own_{name}"), format!("other_{name}"));
    for space in [&own, &other] {
        let mut client = server::connect(&place.database.url).client;
        client.batch_execute("SET allow_in_place_tablespaces = on").unwrap();
        client.batch_execute(&format!("CREATE TABLESPACE {space} LOCATION ''")).unwrap();
    }
    place.sql(&format!(
        "ALTER INDEX by_team SET TABLESPACE {own}; ALTER INDEX \"Email once\" SET TABLESPACE {own};
         ALTER INDEX visits_note SET TABLESPACE {other};
         GRANT CREATE ON TABLESPACE {own} TO {ROLE};
         ALTER ROLE {ROLE} IN DATABASE {name} SET default_tablespace = '{own}'"
    ));
    let before = place.structure();
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(before.contains(&format!("SET default_tablespace = {other}")));
    place.structure().is(&before, "changed");
    place.holds_everything();
}
