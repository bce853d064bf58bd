//! What hints tell to do, read from what the program has printed, and followed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{hint_log, server};

/// One thing that a hint tells to do.
#[derive(Debug)]
pub enum Action {
    /// Words for the command.
    Flags(String),
    /// The same for a repair that helps with some of the rows.
    Part(String),
    /// A line for a file that `--repairs` names.
    RepairLine(String),
    /// A statement for PostgreSQL.
    Postgres(String),
    /// A statement for SQLite.
    Sqlite(String),
    /// What takes the place of `stored = "undecided"` in the schema file of the table.
    Stored(String),
    /// Lines for `database.toml`.
    Database(String),
    /// A shell's line that reads the file `COPY` and writes the file `NEW`.
    Shell(String),
}

/// An error with the hints under it.
pub struct Refusal {
    /// Its finding.
    pub id: String,
    /// `table.column`, `table`, or `-`.
    pub place: String,
    /// All hints, in one text.
    pub hint: String,
    /// Each hint with the lines under it.
    hints: Vec<(String, Vec<String>)>,
}

/// The errors that have a hint, in what a run has said; `database` is the name before each table,
/// with a dot.
pub fn refusals(printed: &str, database: &str) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = Vec::new();
    // Those that have no hint yet; errors in a row that have the same hint have it once.
    let mut errors: Vec<(String, String)> = Vec::new();
    // How many have the hints that are read, and how many the last of them.
    let (mut under_hints, mut under_last) = (0, 0);
    for line in printed.lines() {
        if let Some(rest) = line.strip_prefix("error: ") {
            let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let place = rest.split(": ").next().unwrap_or_default();
            let place = place.strip_prefix(database).unwrap_or("-");
            errors.push((id.to_owned(), place.to_owned()));
            (under_hints, under_last) = (0, 0);
        } else if let Some(hint) = line.strip_prefix("hint: ") {
            if !errors.is_empty() {
                under_hints = errors.len();
                found.extend(errors.drain(..).map(|(id, place)| {
                    let (hint, hints) = (String::new(), Vec::new());
                    Refusal { id, place, hint, hints }
                }));
            }
            // A repair is that of the last one alone.
            under_last = if hint.starts_with("repair ") { under_hints.min(1) } else { under_hints };
            let first = found.len() - under_last;
            for refusal in &mut found[first..] {
                let link = if refusal.hint.is_empty() { "" } else { "; " };
                refusal.hint += &format!("{link}{hint}");
                refusal.hints.push((hint.to_owned(), Vec::new()));
            }
        } else if let Some(line) = line.strip_prefix("  ") {
            let first = found.len() - under_last;
            for refusal in &mut found[first..] {
                let (_, lines) = refusal.hints.last_mut().unwrap();
                lines.push(line.to_owned());
            }
        } else {
            (under_hints, under_last) = (0, 0);
            errors.clear();
        }
    }
    found
}

/// What the hints tell to do.
pub fn actions(refusal: &Refusal) -> Vec<Action> {
    refusal.hints.iter().flat_map(|(text, lines)| actions_of_hint(text, lines)).collect()
}

fn actions_of_hint(text: &str, lines: &[String]) -> Vec<Action> {
    let mut found = Vec::new();
    if let Some((what, flag)) = text.split_once(" with --repair ") {
        // A word of ours for what a person says.
        let flag = flag.replace("UNIT", "s").replace(":ZONE", ":UTC").replace(":VALUE", ":0");
        let flag = flag.replace("OLD=LABEL", "Viewer=viewer,=viewer").replace("=LABEL", "=viewer");
        let flag = format!("--repair {flag}");
        found.push(match what == "repair it" {
            true => Action::Flags(flag),
            false => Action::Part(flag),
        });
    }
    for flag in ["--replace-seed", "--drop-all"] {
        if text.contains(&format!("`{flag}`")) {
            found.push(Action::Flags(flag.to_owned()));
        }
    }
    // What is done after the run is not done before it.
    if text.starts_with("restore ") {
        return found;
    }
    let postgres = |line: &&String| {
        ["ALTER ", "GRANT ", "CREATE "].iter().any(|word| line.starts_with(word))
            && !line.contains('…')
    };
    let statements: Vec<&str> = lines.iter().filter(postgres).map(String::as_str).collect();
    if !statements.is_empty() {
        found.push(Action::Postgres(statements.join(" ").trim_end_matches(';').to_owned()));
    }
    if lines.iter().any(|line| line.starts_with("[[sequence]]")) {
        found.push(Action::Database(lines.join("\n")));
    }
    found.extend(lines.iter().filter_map(|line| action_of_line(line)));
    found
}

/// What a line under a hint is for by itself.
fn action_of_line(line: &str) -> Option<Action> {
    if line.starts_with("repair = ") {
        return Some(Action::RepairLine(line.to_owned()));
    }
    if line.starts_with("stored = ") {
        return Some(Action::Stored(line.split("  ").next().unwrap().to_owned()));
    }
    if line.starts_with("--") {
        return Some(Action::Flags(line.to_owned()));
    }
    if line.starts_with("sqlite3 COPY ") {
        return Some(Action::Shell(line.to_owned()));
    }
    let is_whole = !line.contains('…');
    let is_of_sqlite = line.starts_with("SELECT * FROM ") || line.starts_with("UPDATE \"");
    let sql = line.trim_end_matches(';').to_owned();
    (is_whole && is_of_sqlite).then_some(Action::Sqlite(sql))
}

/// Words as a shell reads them.
pub fn shell_words(text: &str) -> Result<Vec<String>, String> {
    let print = format!("for word in {text}; do printf '%s\\n' \"$word\"; done");
    let output = Command::new("sh").args(["-c", &print]).output().unwrap();
    if !output.status.success() {
        return Err(format!("a shell does not read {text}"));
    }
    Ok(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

/// What a test does where a hint names something that only a person can do.
pub enum Instead {
    /// The schema files are not used: both sides are joined again.
    JoinAgain,
    /// The values are corrected in the application: the table is emptied.
    EmptyTable,
    /// Other sessions end.
    EndSessions,
    /// Nothing.
    Nothing,
}

/// A source and a target that can be made as often as it takes.
pub trait Scene {
    /// Runs the program with more words; the exit code and what it has said.
    fn run(&self, words: &[String]) -> (i32, String);
    /// Runs it without the schema files of the scene.
    fn run_joined(&self) -> (i32, String);
    /// The SQLite file of the database that the findings are about.
    fn source(&self) -> PathBuf;
    /// The target, as an administrator.
    fn url(&self) -> &str;
    /// Ends the sessions that others have on either side.
    fn end_sessions(&self) {}
    /// Whether a statement changes nothing that other tests see.
    fn may_execute(&self, _sql: &str) -> bool {
        true
    }
}

/// Follows every hint of a run, each on a scene of its own: what went wrong, and how many there
/// were.
pub fn follow_all<S: Scene>(
    make: impl Fn() -> S,
    database: &str,
    elsewhere: &[(&str, Instead)],
) -> (usize, Vec<String>) {
    follow(make, database, elsewhere, None)
}

/// The same, but for settings of columns that were followed before; notes those that are.
pub fn follow_new_settings<S: Scene>(
    make: impl Fn() -> S,
    database: &str,
    known: &mut BTreeSet<String>,
) -> (usize, Vec<String>) {
    follow(make, database, &[], Some(known))
}

fn follow<S: Scene>(
    make: impl Fn() -> S,
    database: &str,
    elsewhere: &[(&str, Instead)],
    mut known: Option<&mut BTreeSet<String>>,
) -> (usize, Vec<String>) {
    let (mut followed, mut faults) = (0, Vec::new());
    let (code, printed) = make().run(&[]);
    let all = refusals(&printed, database);
    hint_log::note_followed(&printed);
    if code == 0 || all.is_empty() {
        faults.push(format!("exit {code}, and nothing is refused with a hint:\n{printed}"));
    }
    for refusal in all {
        let actions = actions(&refusal);
        let listed = elsewhere.iter().find(|(id, _)| *id == refusal.id);
        match listed {
            None if actions.is_empty() => {
                faults.push(format!("{} {}: {}", refusal.id, refusal.place, refusal.hint));
            }
            Some((_, instead)) if actions.is_empty() => {
                followed += 1;
                if let Err(why) = act_instead(&make(), instead, &refusal, database) {
                    faults.push(format!("{} {}: {why}", refusal.id, refusal.place));
                }
            }
            _ => {}
        }
        for action in actions {
            if let (Some(known), Action::Stored(setting)) = (&mut known, &action)
                && !known.insert(setting.clone())
            {
                continue;
            }
            followed += 1;
            if let Err(why) = follow_action(&make(), &refusal, &action, database) {
                faults.push(format!("{} {}: {action:?}: {why}", refusal.id, refusal.place));
            }
        }
    }
    (followed, faults)
}

fn act_instead(
    scene: &impl Scene,
    instead: &Instead,
    refusal: &Refusal,
    database: &str,
) -> Result<(), String> {
    let ended = match instead {
        Instead::Nothing => return Ok(()),
        Instead::JoinAgain => scene.run_joined(),
        Instead::EmptyTable => {
            let table = refusal.place.split('.').next().unwrap();
            let file = rusqlite::Connection::open(scene.source()).unwrap();
            file.execute_batch(&format!("DELETE FROM \"{table}\"")).unwrap();
            // Only a table whose ids are not used again has a counter.
            let _ = file.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table]);
            drop(file);
            scene.run(&[])
        }
        Instead::EndSessions => {
            scene.end_sessions();
            scene.run(&[])
        }
    };
    expect_gone(ended, refusal, database)
}

fn follow_action(
    scene: &impl Scene,
    refusal: &Refusal,
    action: &Action,
    database: &str,
) -> Result<(), String> {
    let mut words = Vec::new();
    match action {
        Action::Flags(flags) | Action::Part(flags) => words = shell_words(flags)?,
        Action::RepairLine(line) => {
            let file = scene.source().with_file_name("repairs.toml");
            fs::write(&file, line).unwrap();
            words.extend(["--repairs".to_owned(), file.display().to_string()]);
        }
        Action::Postgres(sql) if !scene.may_execute(sql) => return Ok(()),
        Action::Postgres(sql) => {
            let mut client = server::connect(scene.url()).client;
            client.batch_execute(sql).map_err(|error| format!("{error:?}"))?;
        }
        Action::Sqlite(sql) => {
            let file = rusqlite::Connection::open(scene.source()).unwrap();
            if sql.starts_with("SELECT") {
                let any = file.prepare(sql).and_then(|mut select| select.exists([]));
                let any = any.map_err(|error| error.to_string())?;
                return any.then_some(()).ok_or("the statement shows no row".to_owned());
            }
            file.execute_batch(sql).map_err(|error| error.to_string())?;
        }
        Action::Shell(line) => save_rows(line, &scene.source())?,
        Action::Stored(setting) => {
            // The file is where the first run has written it.
            scene.run(&[]);
            let file = named_file(&refusal.hint, scene)?;
            let column = refusal.place.rsplit('.').next().unwrap();
            rewrite(&file, column, setting)?;
        }
        Action::Database(lines) => {
            scene.run(&[]);
            let file = named_file(&refusal.hint, scene)?;
            let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
            fs::write(&file, format!("{text}\n{lines}\n")).unwrap();
        }
    }
    if words.iter().any(|word| word.ends_with("=quarantine")) {
        let file = scene.source().with_file_name("quarantine.jsonl");
        words.extend(["--quarantine".to_owned(), file.display().to_string()]);
    }
    expect_gone(scene.run(&words), refusal, database)
}

/// Runs a line that saves what a copy of a file holds, and puts what it has written in its place.
fn save_rows(line: &str, source: &Path) -> Result<(), String> {
    let (copy, new) = (source.with_extension("copy"), source.with_extension("new"));
    fs::copy(source, &copy).map_err(|error| error.to_string())?;
    let line = line.replace("COPY", &copy.display().to_string());
    let line = line.replace("NEW", &new.display().to_string());
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("{line}: {printed}"));
    }
    fs::rename(&new, source).map_err(|error| format!("{line}: {error}: {printed}"))
}

/// The file that a hint names; the scene's own folder takes the place of another one's.
fn named_file(hint: &str, scene: &impl Scene) -> Result<PathBuf, String> {
    let named = hint.split([' ', ',', ':']).find(|word| word.ends_with(".toml"));
    let named = named.ok_or("no file is named")?;
    let (_, below) = named.split_once("/migrate-schema/").ok_or(named)?;
    let folder = scene.source().parent().unwrap().to_owned();
    Ok(folder.join("migrate-schema").join(below))
}

/// Replaces what is undecided in the line of a column.
fn rewrite(file: &Path, column: &str, setting: &str) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = text.lines().map(|line| match line.split([' ', '=']).next() == Some(column) {
        true => line.replace("stored = \"undecided\"", setting) + "\n",
        false => format!("{line}\n"),
    });
    fs::write(file, lines.collect::<String>()).map_err(|error| error.to_string())
}

/// The finding is no error any more, and the command was understood.
fn expect_gone(
    (code, printed): (i32, String),
    refusal: &Refusal,
    database: &str,
) -> Result<(), String> {
    let is_same = |other: &Refusal| other.id == refusal.id && other.place == refusal.place;
    match code == 2 || refusals(&printed, database).iter().any(is_same) {
        true => Err(format!("exit {code}\n{printed}")),
        false => Ok(()),
    }
}
