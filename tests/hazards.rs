//! One case for every known hazard, by the built program: a directory of `tests/cases/hazards`.
//!
//! A case has the schema files of its tables (`*.toml`), the script that makes its SQLite database
//! (`source.sql`) and what is expected of it (`expected.txt`). It may have:
//!
//! - `database.toml`: more lines for the schema directory's `database.toml`;
//! - `alone.txt`: why it cannot share a database with the others;
//! - `target.sql`: what stands in the target before, a statement a line, run by the superuser;
//! - `create.txt`: options of the target's CREATE DATABASE;
//! - `url.txt`: parameters added to the target's URL; `words.txt`: words of the command;
//! - `repair.toml` with `repaired.txt`: repairs, and what is expected of the run with them.
//!
//! The first line of `expected.txt` is the exit code. What follows are the words for a person, the
//! findings and counts of the report, and, where the rows fit, what PostgreSQL holds afterwards.
//! `outcomes.txt` says which case shows which hazard. `BLESS=1` rewrites the expected texts.

mod case;
mod ends;
mod outcomes;
mod said;

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};
use std::{env, fs};

use case::{Case, Place};
use said::{Ran, Said};

use crate::server::installation::ROLE_PASSWORD;
use crate::server::{self, Cluster, Database, Wanted};

/// The role that runs everything: no superuser, it owns the databases.
const ROLE: &str = "mover";

/// A server where nothing happens but what is tested.
fn quiet() -> Cluster {
    let settings = ["autovacuum = off", "fsync = off"].map(str::to_owned).to_vec();
    let cluster = server::start(&Wanted { settings, ..Wanted::default() });
    let password = ROLE_PASSWORD.replace('\'', "''");
    let create = format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'");
    server::execute(&cluster.url("postgres"), &create);
    cluster
}

/// A server for tests that write, each in a database of its own.
fn busy() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(quiet)
}

/// A database of the role's.
fn blank(cluster: &Cluster) -> Database {
    let database = server::database(cluster);
    server::execute(&database.url, &format!("ALTER DATABASE {} OWNER TO {ROLE}", database.name));
    database
}

/// A target as a case wants it.
fn target(cluster: &Cluster, case: &Case) -> Database {
    let database = match case.file("create.txt") {
        Some(options) => {
            let name = server::role("special");
            let create = format!("CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0");
            server::execute(&cluster.url("postgres"), &format!("{create} {}", options.trim()));
            Database { url: cluster.url(&name), name }
        }
        None => blank(cluster),
    };
    let before = case.file("target.sql").unwrap_or_default();
    let before = before.replace("{database}", &database.name).replace("{role}", ROLE);
    server::execute(&database.url, &before);
    database
}

/// The number of the next transaction that writes anything, in any database of the server; one
/// that is rolled back counts as well, one that only reads does not.
fn next_write(cluster: &Cluster) -> String {
    let mut client = server::connect(&cluster.url("postgres")).client;
    let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
    client.query_one(next, &[]).unwrap().get(0)
}

/// Everything that is wrong with any case.
#[derive(Default)]
struct Wrong(Mutex<Vec<String>>);

impl Wrong {
    fn add(&self, case: &str, what: &str) {
        self.0.lock().unwrap().push(format!("{case}: {what}"));
    }

    fn end(self) {
        let mut wrong = self.0.into_inner().unwrap();
        wrong.sort();
        assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n\n"));
    }
}

/// Calls `each` with every item, on a few threads.
fn for_each<T: Sync>(items: &[T], each: impl Fn(&T) + Sync) {
    let next = Mutex::new(items.iter());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let item = next.lock().unwrap().next();
                    let Some(item) = item else { break };
                    each(item);
                }
            });
        }
    });
}

/// What a dry run says is expected, it says the same again, and writes nothing; where something is
/// wrong the real run says the same and stops, and writes nothing either.
#[test]
fn every_case_is_found_and_nothing_is_written() {
    let wrong = Wrong::default();
    let (cases, cluster) = (Case::all(), quiet());
    let blank = blank(&cluster);
    let (plain, own): (Vec<_>, Vec<_>) = cases.iter().partition(|case| !case.has_target());
    let targets: Vec<_> = own.iter().map(|case| (*case, Some(target(&cluster, case)))).collect();
    let shared = plain.into_iter().map(|case| (case, None));
    let all: Vec<(&Case, Option<Database>)> = shared.chain(targets).collect();
    let next = next_write(&cluster);
    let dumps = |all: &[(&Case, Option<Database>)]| -> Vec<String> {
        let own = all.iter().filter_map(|(_, own)| own.as_ref()).chain([&blank]);
        own.map(said::dump).collect()
    };
    let before = dumps(&all);
    for_each(&all, |(case, own)| {
        let place = Place::of(&[case]);
        let database = own.as_ref().unwrap_or(&blank);
        let ran = place.run(database, &["--dry-run"], case);
        let again = place.run(database, &["--dry-run"], case);
        if ran.text() != again.text() {
            wrong.add(&case.name, &format!("once\n{}\nand then\n{}", ran.text(), again.text()));
        }
        if ran.code != 0 {
            refused(case, &place, database, &ran, &wrong);
            case.expect("expected.txt", &ran.text(), &wrong);
        }
        if place.changed() {
            wrong.add(&case.name, "the source changed");
        }
    });
    assert_eq!(next_write(&cluster), next, "a transaction wrote something");
    assert!(dumps(&all) == before, "a target changed");
    wrong.end();
}

/// The real run ends as the dry run did, with the same findings.
fn refused(case: &Case, place: &Place, database: &Database, dry: &Ran, wrong: &Wrong) {
    let real = place.run(database, &["--yes"], case);
    if real.code != dry.code || real.said.findings != dry.said.findings {
        wrong.add(&case.name, &format!("dry\n{}\nand really\n{}", dry.text(), real.text()));
    }
    if real.code != 2 && !real.err.contains("nothing was changed") {
        wrong.add(&case.name, &format!("does not say that nothing was changed: {}", real.err));
    }
}

/// What fits arrives: read from PostgreSQL by SQL, as text. Where only PostgreSQL could decide, and
/// decided against it, nothing is left of the load.
#[test]
fn rows_that_fit_arrive() {
    let wrong = Wrong::default();
    let cases = Case::all();
    let fits = |case: &&Case| case.blessing() || case.expected().starts_with("exit 0\n");
    let fitting: Vec<_> = cases.iter().filter(fits).collect();
    assert!(fitting.len() > 50, "{} cases", fitting.len());
    for_each(&fitting, |case| {
        let (place, database) = (Place::of(&[case]), target(busy(), case));
        let dry = place.run(&database, &["--dry-run"], case);
        if dry.code == 0 {
            let before = said::dump(&database);
            let real = place.run(&database, &["--yes"], case);
            let ended = match real.code {
                0 => format!("migrated:\n{}", said::held(&database, &case.url_schema())),
                _ => format!("run:\n{}", real.text()),
            };
            if real.code == 0 && real.said.findings != dry.said.findings {
                wrong.add(&case.name, &format!("really\n{}", real.text()));
            }
            if real.code != 0 && said::dump(&database) != before {
                wrong.add(&case.name, "the run failed and the target changed");
            }
            case.expect("expected.txt", &format!("{}\n{ended}", dry.text()), &wrong);
            if real.code == 0 {
                server::next_values_are_free(&database.url);
            }
        } else if !case.blessing() {
            wrong.add(&case.name, &format!("refused\n{}", dry.text()));
        }
    });
    wrong.end();
}

/// Cases with repairs: with them the run goes through, and what they did is told.
#[test]
fn repaired_rows_arrive() {
    let wrong = Wrong::default();
    let cases: Vec<_> =
        Case::all().into_iter().filter(|case| case.file("repair.toml").is_some()).collect();
    for_each(&cases, |case| {
        let (place, database) = (Place::of(&[case]), target(busy(), case));
        let repairs = case.directory.join("repair.toml");
        let gone = tempfile::tempdir().unwrap();
        let gone = gone.path().join("gone.jsonl");
        let mut words = vec!["--repairs", repairs.to_str().unwrap()];
        fs::create_dir_all(gone.parent().unwrap()).unwrap();
        words.extend(["--quarantine", gone.to_str().unwrap()]);
        let real = place.run(&database, &[&["--yes"], words.as_slice()].concat(), case);
        let held = said::held(&database, &case.url_schema());
        let gone = read(&gone).map(|rows| said::without_brackets(&rows));
        let gone = gone.map_or(String::new(), |rows| format!("\nquarantine:\n{rows}"));
        let text = format!("{}\nmigrated:\n{held}{gone}", real.text());
        case.expect("repaired.txt", &text, &wrong);
        let verified = place.run(&database, &[&["--verify"], words.as_slice()].concat(), case);
        if (real.code, verified.code) != (0, 0) {
            wrong.add(&case.name, &format!("{}\n{}", real.err, verified.err));
        }
    });
    wrong.end();
}

/// All cases in one database are found as each is alone.
#[test]
fn together_the_same_is_found() {
    let cases: Vec<Case> = Case::all().into_iter().filter(|case| !case.alone()).collect();
    let all: Vec<&Case> = cases.iter().collect();
    let database = blank(busy());
    let ran = Place::of(&all).run(&database, &["--dry-run"], all[0]);
    let mut expected = BTreeSet::new();
    for case in &all {
        expected.extend(Said::of_text(&case.expected()).at_places());
    }
    assert!(all.len() > 90 && expected.len() > 90, "{} cases", all.len());
    let found: BTreeSet<String> = ran.said.at_places().into_iter().collect();
    assert_eq!(ran.code, 1, "{}", ran.err);
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
        a.difference(b).cloned().collect()
    };
    let (missing, more) = (only(&expected, &found), only(&found, &expected));
    assert_eq!((missing, more), (vec![], vec![]));
}

/// All cases that fit go over in one run.
#[test]
fn together_what_fits_arrives() {
    let cases: Vec<Case> = Case::all().into_iter().filter(|case| !case.alone()).collect();
    let fitting: Vec<&Case> =
        cases.iter().filter(|case| case.expected().contains("\nmigrated:\n")).collect();
    let database = blank(busy());
    let ran = Place::of(&fitting).run(&database, &["--yes"], fitting[0]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let held = said::held(&database, "public");
    for case in fitting {
        let expected = case.expected();
        let (_, rows) = expected.split_once("\nmigrated:\n").unwrap();
        for part in rows.split("\n\n") {
            assert!(held.contains(part.trim_end()), "{}: no {part} in {held}", case.name);
        }
    }
}

/// With the feature `bracketed-texts` all cases run with messages in brackets, and nothing else may
/// change: the program does not read what it wrote.
#[test]
fn messages_stand_in_brackets_where_that_is_asked_for() {
    let cases = Case::all();
    let case = cases.iter().find(|case| case.name == "T7-too-long").unwrap();
    let ran = Place::of(&[case]).run(&blank(busy()), &["--dry-run"], case);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.bracketed, cfg!(feature = "bracketed-texts"));
}

/// A blessing run writes what it finds.
fn blessing() -> bool {
    env::var_os("BLESS").is_some()
}

fn read(path: &std::path::Path) -> Option<String> {
    fs::read_to_string(path).ok()
}
