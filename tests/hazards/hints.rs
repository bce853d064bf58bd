//! What a hint tells to do is done as it is printed, and the finding that it stands under is gone.
//!
//! Of every refusal of every case: repairs and flags are added to the command as a shell reads
//! them, SQL for PostgreSQL is run there and SQL for SQLite in a copy of the file, lines for schema
//! files are written into them. A hint that only a person or an administrator can follow stands in
//! [`ELSEWHERE`].

use std::fs;

use super::case::{Case, Place};
use super::run_output::Run;
use super::{create_target, start_quiet_cluster};
use crate::hint_log;
use crate::hints::{Action, Refusal, actions, refusals, shell_words};
use crate::server::{self, Cluster, Database};

/// What the test does where a hint names something that only a person or an administrator can do.
enum Instead {
    /// The values are corrected in the application: the table is emptied.
    EmptyTable,
    /// The server, its space, its sessions or the schema files are changed by hand.
    Nothing,
}

use Instead::{EmptyTable, Nothing};

/// Hints without anything to paste.
const ELSEWHERE: &[(&str, Instead)] = &[
    ("D6", EmptyTable),
    ("J5", EmptyTable),
    ("K13", EmptyTable),
    ("O15", Nothing),
    ("Q7", EmptyTable),
    ("S21", EmptyTable),
    ("T13", EmptyTable),
    ("T14", EmptyTable),
    // A structure that no version has.
    ("DIR/app.db:", Nothing),
    ("F13", Nothing),
    ("O11", Nothing),
    ("O19", Nothing),
    ("P5", Nothing),
    ("P6", Nothing),
    ("P7", Nothing),
    ("P9", Nothing),
    ("P10", Nothing),
    ("P11", Nothing),
    ("P13", Nothing),
    ("P14", Nothing),
    ("P16", Nothing),
    ("P17", Nothing),
    ("Q15", Nothing),
];

/// Runs a case after following one hint; `before` are the rows of its finding.
fn follow(
    cluster: &Cluster,
    case: &Case,
    refusal: &Refusal,
    action: &Action,
    before: u64,
) -> Result<(), String> {
    let place = Place::of(&[case]);
    let database = create_target(cluster, case);
    let folder = place.folder();
    let mut words = vec!["--dry-run".to_owned()];
    match action {
        Action::Flags(flags) | Action::Part(flags) => {
            words.extend(shell_words(flags)?);
            if flags.contains("quarantine") {
                let file = folder.join("quarantine.jsonl").display().to_string();
                words.extend(["--quarantine".to_owned(), file]);
            }
        }
        Action::RepairLine(line) => {
            let file = folder.join("repairs.toml");
            fs::write(&file, line).unwrap();
            words.extend(["--repairs".to_owned(), file.display().to_string()]);
        }
        Action::Postgres(sql) => return follow_sql(case, &place, &database, refusal, sql),
        Action::Sqlite(sql) => {
            let file = rusqlite::Connection::open(folder.join("app.db")).unwrap();
            if sql.starts_with("SELECT") {
                let mut select = file.prepare(sql).map_err(|error| error.to_string())?;
                let any = select.exists([]).map_err(|error| error.to_string())?;
                return any.then_some(()).ok_or("the statement shows no row".to_owned());
            }
            file.execute_batch(sql).map_err(|error| error.to_string())?;
        }
        Action::Shell(line) => return Err(format!("no case has this: {line}")),
        Action::Stored(setting) => {
            let table = refusal.place.split('.').next().unwrap();
            let file = folder.join("app").join(format!("{table}.toml"));
            let text = fs::read_to_string(&file).unwrap();
            fs::write(&file, text.replace("stored = \"undecided\"", setting)).unwrap();
        }
        Action::Database(lines) => {
            let file = folder.join("app/database.toml");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(&file, format!("{text}\n{lines}\n")).unwrap();
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let run = place.run(&database, &words, case);
    match action {
        Action::Part(_) if count(&run, refusal) < before => Ok(()),
        Action::Part(_) => Err(run.text()),
        _ => expect_gone(&run, refusal),
    }
}

/// Runs a statement as an administrator, then the case, and takes rights away again that hold for
/// the whole server.
fn follow_sql(
    case: &Case,
    place: &Place,
    database: &Database,
    refusal: &Refusal,
    sql: &str,
) -> Result<(), String> {
    let sql = sql.replace("DATABASE DATABASE", &format!("DATABASE {}", database.name));
    let mut client = server::connect(&database.url).client;
    client.batch_execute("SET default_transaction_read_only = off").unwrap();
    client.batch_execute(&sql).map_err(|error| format!("{error:?}"))?;
    let made = sql.strip_prefix("CREATE DATABASE ").and_then(|rest| rest.split(' ').next());
    let other = made.filter(|name| *name == "new_name").map(|name| Database {
        url: database.url.replace(&database.name, name),
        name: name.to_owned(),
    });
    let database = other.as_ref().unwrap_or(database);
    let ended = expect_gone(&place.run(database, &["--dry-run"], case), refusal);
    if let Some(name) = made {
        client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
    if let Some(role) = sql.strip_prefix("GRANT admin TO ") {
        client.batch_execute(&format!("REVOKE admin FROM {role}")).unwrap();
    }
    ended
}

/// The rows of the finding.
fn count(run: &Run, refusal: &Refusal) -> u64 {
    let start = format!("{} error {} ", refusal.id, refusal.place);
    let lines = run.report.findings.iter().filter_map(|line| line.strip_prefix(&start));
    lines.filter_map(|rest| rest.split(' ').next().unwrap().parse::<u64>().ok()).sum()
}

/// The finding is no error any more, and the run has not failed at once.
fn expect_gone(run: &Run, refusal: &Refusal) -> Result<(), String> {
    let start = format!("{} error {} ", refusal.id, refusal.place);
    let remains = run.report.findings.iter().any(|line| line.starts_with(&start));
    match remains || run.code == 2 {
        true => Err(run.text()),
        false => Ok(()),
    }
}

/// Uses the file of `--propose-repairs` as it is: what it answers is gone, and the rest is said.
fn use_proposed_repairs(
    cluster: &Cluster,
    case: &Case,
    place: &Place,
    file: &str,
) -> Result<(), String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    if !text.contains("[[repair]]") {
        return Ok(());
    }
    let rows = place.folder().join("proposed.jsonl").display().to_string();
    let words = ["--dry-run", "--repairs", file, "--quarantine", &rows];
    let run = place.run(&create_target(cluster, case), &words, case);
    if run.code == 2 {
        return Err(format!("{text}\n{}", run.text()));
    }
    let answered = |line: &String| {
        let words: Vec<&str> = line.split(' ').collect();
        let [id, "error", place, ..] = words[..] else { return false };
        let head = format!("# {id} app.{place}:");
        let blocks = text.split("\n\n").filter(|block| block.starts_with(&head));
        let mut whole = blocks.filter(|block| !block.contains("\n# It repairs "));
        whole.any(|block| block.contains("[[repair]]"))
    };
    match run.report.findings.iter().find(|line| answered(line)) {
        Some(line) => Err(format!("{line} remains with\n{text}")),
        None => Ok(()),
    }
}

/// Follows every hint of the cases whose names begin with a letter.
fn follow_hints(letter: char) {
    let cluster = start_quiet_cluster();
    let (mut followed, mut faults) = (0, Vec::new());
    for case in Case::all().into_iter().filter(|case| case.name.starts_with(letter)) {
        let expected = case.expected();
        if expected.starts_with("exit 0") || expected.starts_with("exit 2") {
            continue;
        }
        let place = Place::of(&[&case]);
        let proposed = place.folder().join("proposed.toml").display().to_string();
        let words = ["--dry-run", "--propose-repairs", &proposed];
        let run = place.run(&create_target(&cluster, &case), &words, &case);
        hint_log::note_followed(&run.err);
        if let Err(why) = use_proposed_repairs(&cluster, &case, &place, &proposed) {
            faults.push(format!("{}: proposed repairs: {why}", case.name));
        }
        for refusal in refusals(&run.err, "app.") {
            let before = count(&run, &refusal);
            let mut all = actions(&refusal);
            if all.is_empty() {
                match ELSEWHERE.iter().find(|(id, _)| *id == refusal.id) {
                    Some((_, EmptyTable)) => {
                        let table = refusal.place.split('.').next().unwrap();
                        all.push(Action::Sqlite(format!("DELETE FROM {table}")));
                    }
                    Some((_, Nothing)) => {}
                    None => {
                        faults.push(format!("{}: {}: {}", case.name, refusal.id, refusal.hint));
                    }
                }
            }
            for action in all {
                followed += 1;
                if let Err(why) = follow(&cluster, &case, &refusal, &action, before) {
                    faults.push(format!("{}: {}: {action:?}: {why}", case.name, refusal.id));
                }
            }
        }
    }
    assert!(faults.is_empty(), "of {followed} hints\n{}", faults.join("\n"));
}

macro_rules! letters {
    ($($name:ident $letter:literal)*) => {
        $(
            #[test]
            fn $name() {
                follow_hints($letter);
            }
        )*
    };
}

letters! {
    hints_of_b 'B'
    hints_of_d 'D'
    hints_of_f 'F'
    hints_of_j 'J'
    hints_of_k 'K'
    hints_of_o 'O'
    hints_of_p 'P'
    hints_of_q 'Q'
    hints_of_s 'S'
    hints_of_t 'T'
}
