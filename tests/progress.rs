//! What a run says while it lasts: the line of a terminal, the lines of a log, lines of JSON. The
//! clock of the output is moved at events of the run, so that nothing here waits.

mod terminal;

use std::process::Command;

use connect_migrate::diagnostic::console::{KINDS, Step, VERSION};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::server::installation::{Ended, program};
use crate::server::{self, Database};
use terminal::Screen;

/// An application's file with an empty table before a large one, and a database for it.
struct Place {
    folder: tempfile::TempDir,
    database: Database,
}

/// Enough rows for a dozen buffers.
const SOURCE: &str = "
    CREATE TABLE a_empty (id INTEGER PRIMARY KEY, note TEXT);
    CREATE TABLE big (id INTEGER PRIMARY KEY, note TEXT NOT NULL);
    CREATE TABLE c_empty (id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 20000)
    INSERT INTO big SELECT id, printf('%060d', id) FROM n;
    CREATE INDEX big_note ON big (note);";

impl Place {
    fn new() -> Place {
        Place::of(SOURCE)
    }

    fn of(sql: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let source = rusqlite::Connection::open(folder.path().join("app.db")).unwrap();
        source.execute_batch(sql).unwrap();
        Place { folder, database: server::database(server::shared()) }
    }

    fn command(&self, hooks: &str, words: &[&str]) -> Command {
        let mut command = program();
        command.env("PATH", "/usr/bin:/bin").env("MIGRATE_TEST", hooks);
        command.env("HOME", self.folder.path()).args(["copy", "--draft", "--source"]);
        command.arg(self.folder.path().join("app.db"));
        // A password on the command line would be warned of.
        let url = self.database.url.replacen(":Throw-away%201!", "", 1);
        command.env("PGPASSWORD", server::PASSWORD).args(["--target", &url]);
        command.args(words);
        command
    }

    fn run(&self, hooks: &str, words: &[&str]) -> Ended {
        Ended::of(&self.command(hooks, words).output().unwrap())
    }
}

/// The rows that a line says are done: the number before ` of` or ` rows`.
fn rows_done(line: &str) -> u64 {
    let counts = line.split_once(": ").unwrap().1;
    let digits: String = counts.chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    digits.replace(',', "").parse().unwrap()
}

#[test]
fn table_in_work_and_its_growing_count_are_on_the_screen() {
    let place = Place::new();
    let hooks = "advance Copy 3 1\nadvance Copy 6 1\nadvance Copy 9 1\nkill Index 1";
    let screen = Screen::of_run(&place.command(hooks, &["--yes"]), 80);
    let drawn = screen.drawn();
    let copying: Vec<&str> =
        drawn.iter().copied().filter(|line| line.starts_with("copying ")).collect();
    let big = copying.iter().position(|line| line.starts_with("copying app.big: "));
    let big = big.unwrap_or_else(|| panic!("{copying:#?}"));
    let counts: Vec<u64> = copying[big..]
        .iter()
        .filter(|line| line.contains("app.big"))
        .map(|line| rows_done(line))
        .collect();
    assert!(counts.len() >= 3, "{copying:#?}");
    assert!(counts.windows(2).all(|pair| pair[0] < pair[1]), "{copying:#?}");
    assert!(copying[big].contains("of at most 20,000 rows"), "{copying:#?}");
    let others = copying[big..].iter().filter(|line| line.contains("a_empty"));
    assert_eq!(others.count(), 0, "{copying:#?}");
}

/// The process is killed where the step begins: what stands there then is what a person sees for as
/// long as the step takes.
#[test]
fn last_line_before_a_long_step_is_that_of_the_step() {
    for (event, wanted) in [
        ("Table 2", "copying app.big: 0 of at most 20,000 rows"),
        ("Index 1", "building keys and indexes: 1 of 4, primary key of a_empty"),
        ("Index 3", "building keys and indexes: 3 of 4, index big_note"),
        ("Verify 2", "reading back app.big: 0 of 20,000 rows, 0 %"),
    ] {
        let place = Place::new();
        let hooks = format!("advance {event} 1\nkill {event}");
        let screen = Screen::of_run(&place.command(&hooks, &["--yes"]), 100);
        assert!(screen.last().starts_with(wanted), "{event}: {:#?}", screen.drawn());
    }
}

#[test]
fn rows_that_were_counted_have_a_percentage() {
    let place = Place::new();
    let hooks = "advance Copy 6 1\nkill Copy 6";
    let screen = Screen::of_run(&place.command(hooks, &["--yes", "--check-first"]), 120);
    let last = screen.last();
    assert!(last.contains("copying app.big: ") && last.contains(" of 20,000 rows, "), "{last}");
    let rest = [" %, ", " rows/s, 0:01 elapsed, about 0:0", " left", "░"];
    assert!(rest.iter().all(|part| last.contains(part)), "{last}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let name = "表の名前_".repeat(4);
    let sql = SOURCE.replace("big", &name);
    let place = Place::of(&sql);
    for columns in [40, 60] {
        // Killed before it ends: the database stays as it is.
        let hooks = "advance Copy 3 1\nadvance Copy 6 1\nadvance Index 3 1\nkill Verify 2";
        let screen = Screen::of_run(&place.command(hooks, &["--yes"]), columns);
        let drawn = screen.drawn();
        let shown = |line: &&&str| line.starts_with("copying app.表の名");
        assert!(drawn.iter().filter(shown).count() >= 2, "{drawn:#?}");
        let wide = drawn.iter().filter(|line| line.width() >= usize::from(columns));
        assert_eq!(wide.count(), 0, "{drawn:#?}");
    }
}

/// A terminal would break them within words.
#[test]
fn lines_that_stay_are_broken_at_blanks() {
    let place = Place::new();
    let screen = Screen::of_run(&place.command("kill Copy 3", &["--yes"]), 50);
    let shown = |line: &str| line.rsplit("\u{1b}[K").next().unwrap().trim_end().to_owned();
    let lines: Vec<String> = screen.text.split('\n').map(shown).collect();
    // A command is indented and stays as it is, to be pasted.
    let wide = lines.iter().filter(|line| line.width() > 50 && !line.starts_with("  "));
    assert_eq!(wide.count(), 0, "{lines:#?}");
    let begun = lines.iter().position(|line| line.starts_with("target: app: schema public has no"));
    let begun = begun.unwrap_or_else(|| panic!("{lines:#?}"));
    assert!(lines[begun + 1].starts_with("  "), "{lines:#?}");
}

/// The table of the summary is aligned by columns of the terminal, not by letters.
#[test]
fn wide_names_are_aligned_in_the_summary() {
    let place = Place::new();
    let named = place.folder.path().join("表の名前.db");
    std::fs::rename(place.folder.path().join("app.db"), &named).unwrap();
    let mut command = program();
    command.env("PATH", "/usr/bin:/bin").env("HOME", place.folder.path());
    command.args(["copy", "--draft", "--yes", "--target", &place.database.url, "--source"]);
    let ended = Ended::of(&command.arg(&named).output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let lines = ended.out.lines().filter(|line| line.contains("  tables  ") || line.contains("表"));
    let widths: Vec<usize> = lines.map(UnicodeWidthStr::width).collect();
    assert!(widths.len() == 2 && widths[0] == widths[1] && widths[0] <= 60, "{}", ended.out);
}

#[test]
fn log_has_a_line_for_each_step_and_a_heartbeat() {
    let place = Place::new();
    let hooks = "advance Copy 3 31\nadvance Copy 5 10\nadvance Copy 7 21\nadvance Verify 2 30";
    let ended = place.run(hooks, &["--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let lines: Vec<&str> = ended.err.lines().filter(|line| server::is_log_line(line)).collect();
    let parts = lines.iter().map(|line| line.split_once(' ').unwrap());
    let (times, texts): (Vec<&str>, Vec<&str>) = parts.unzip();
    let times: Vec<jiff::Timestamp> = times.iter().map(|time| time.parse().unwrap()).collect();
    assert!(times.is_sorted(), "{lines:#?}");
    let of = |start: &str| -> Vec<&str> {
        texts.iter().copied().filter(|text| text.starts_with(start)).collect()
    };
    let copying = of("copying");
    assert_eq!(copying.len(), 3, "{lines:#?}");
    assert_eq!(copying[0], "copying: at most 20000 rows");
    let beats: Vec<u64> = copying[1..].iter().map(|line| rows_done(line)).collect();
    assert!(beats[0] > 0 && beats[0] < beats[1], "{lines:#?}");
    for (beat, elapsed) in copying[1..].iter().zip(["0:31", "1:02"]) {
        assert!(beat.starts_with("copying app.big: ") && beat.contains(" rows/s, "), "{beat}");
        assert!(beat.contains(&format!("{elapsed} elapsed")), "{beat}");
    }
    let reading = of("reading back");
    assert_eq!(reading.len(), 2, "{lines:#?}");
    assert!(reading[1].starts_with("reading back app.big: 0 of 20000 rows, 0 %"), "{lines:#?}");
    for step in ["opening ", "connecting for app", "creating tables", "building keys", "committing"]
    {
        assert_eq!(of(step).len(), 1, "{step}: {lines:#?}");
    }
    assert!(!ended.err.contains('\r') && !ended.err.contains('\u{1b}'), "{}", ended.err);
}

#[test]
fn dumb_terminal_gets_a_log() {
    let place = Place::new();
    let mut command = place.command("advance Copy 3 31", &["--yes"]);
    command.env("TERM", "dumb");
    let screen = Screen::of_run(&command, 80);
    assert!(!screen.text.contains('\u{1b}'), "{}", screen.text);
    assert!(!screen.text.replace("\r\n", "").contains('\r'), "{}", screen.text);
    let beats = screen.text.lines().filter(|line| line.contains("Z copying app.big: "));
    assert_eq!(beats.count(), 1, "{}", screen.text);
}

#[test]
fn colours_are_for_terminals_or_as_asked_for() {
    let place = Place::new();
    let colour =
        |command: &Command| Screen::of_run(command, 80).text.contains("\u{1b}[1;31merror:");
    let refused = ["--naive-zone", "nowhere", "--yes"];
    assert!(colour(&place.command("", &refused)));
    assert!(!colour(&place.command("", &[&refused[..], &["--color", "never"]].concat())));
    let mut plain = place.command("", &refused);
    plain.env("NO_COLOR", "1");
    assert!(!colour(&plain));
    plain.args(["--color", "always"]);
    assert!(colour(&plain));
    let ended = place.run("", &[&refused[..], &["--color", "always"]].concat());
    assert!(ended.err.contains("\u{1b}[1;31merror:\u{1b}[0m "), "{}", ended.err);
    assert!(!place.run("", &refused).err.contains('\u{1b}'));
}

#[test]
fn quiet_runs_say_errors_warnings_and_results() {
    let place = Place::new();
    let ended = place.run("", &["--quiet", "--yes"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{}", ended.out);
    assert!(ended.out.contains("Done: "), "{}", ended.out);
    let screen = Screen::of_run(&place.command("", &["--quiet", "--verify"]), 80);
    assert!(screen.drawn().is_empty() && !screen.text.contains("source: "), "{}", screen.text);
    let again = place.run("sql BeforeCommit 1 SELECT 1/0", &["--quiet", "--yes", "--drop-all"]);
    assert_eq!(again.code, Some(5), "{}", again.err);
    assert!(again.err.starts_with("error: "), "{}", again.err);
}

/// Reads lines of JSON, each of the version and of a known kind.
fn json_lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_eq!(value["version"], VERSION, "{line}");
        assert!(value["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{line}");
        assert!(KINDS.contains(&value["kind"].as_str().unwrap()), "{line}");
        value
    });
    lines.collect()
}

#[test]
fn lines_of_json_have_steps_progress_and_the_result() {
    let place = Place::new();
    let hooks = "advance Copy 3 1\nadvance Copy 6 1";
    let ended = place.run(hooks, &["--yes", "--log-format", "json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let lines = json_lines(&ended.err);
    let of = |kind: &str, step: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["kind"] == kind && line["step"] == step).collect()
    };
    for step in ["open-source", "connect", "copy", "build-keys", "read-target", "commit"] {
        assert_eq!(of("step-started", step).len(), 1, "{step}: {}", ended.err);
        assert_eq!(of("step-finished", step).len(), 1, "{step}: {}", ended.err);
    }
    assert_eq!(of("step-finished", "copy")[0]["done"], 20_000);
    assert_eq!(of("step-finished", "read-target")[0]["done"], 20_000);
    let progress = of("progress", "copy");
    assert_eq!(progress.len(), 2, "{}", ended.err);
    assert!(progress.iter().all(|line| line["object"] == "app.big"), "{}", ended.err);
    assert!(progress[0]["done"].as_u64() < progress[1]["done"].as_u64(), "{}", ended.err);
    let last = lines.last().unwrap();
    assert_eq!((&last["kind"], &last["outcome"]), (&"result".into(), &"migrated".into()));
    assert_eq!((&last["exit"], &last["rows"]), (&0.into(), &20_000.into()));
    let text = "Done: 20,000 rows in 3 tables are in PostgreSQL, and every value was compared.";
    assert_eq!((&last["text"], &last["tables"]), (&text.into(), &3.into()));
    assert!(last["bytes"].as_u64() > Some(0), "{last}");
    let page = include_str!("../docs/progress.md");
    for key in last.as_object().unwrap().keys() {
        assert!(page.contains(&format!("`{key}`")), "{key} is not explained");
    }
    assert!(ended.out.contains("Done: ") && !ended.out.contains("\"kind\""), "{}", ended.out);
}

#[test]
fn lines_of_json_have_findings_and_errors() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT);
               INSERT INTO t VALUES (1, 'a'), (2, 'b' || char(0) || 'c');";
    let place = Place::of(sql);
    let ended = place.run("", &["--yes", "--dry-run", "--log-format", "json"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let lines = json_lines(&ended.err);
    let finding = lines.iter().find(|line| line["kind"] == "finding");
    let finding = finding.unwrap_or_else(|| panic!("{}", ended.err));
    assert_eq!((&finding["id"], &finding["table"]), (&"T1".into(), &"t".into()), "{finding}");
    assert_eq!((&finding["column"], &finding["count"]), (&"note".into(), &1.into()), "{finding}");
    let errors: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "error").collect();
    let [error] = errors[..] else { panic!("{}", ended.err) };
    assert_eq!(error["id"], "T1", "{error}");
    assert!(error["text"].as_str().unwrap().starts_with("app.t.note: expected "), "{error}");
    let hints: Vec<&str> =
        error["hints"].as_array().unwrap().iter().map(|hint| hint.as_str().unwrap()).collect();
    assert_eq!(hints.len(), 4, "{error}");
    assert_eq!(hints[1], "repair it with --repair app.t.note=strip-nul", "{error}");
    let last = lines.last().unwrap();
    assert_eq!((&last["kind"], &last["exit"]), (&"result".into(), &1.into()), "{last}");
}

/// Findings at a terminal are broken at blanks, with what continues a line indented; elsewhere a
/// line is a line.
#[test]
fn findings_fit_the_terminal() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT);
               INSERT INTO t VALUES (1, 'a'), (2, 'b' || char(0) || 'c'), (3, char(0));";
    let place = Place::of(sql);
    let words = ["--dry-run"];
    let plain = place.run("", &words);
    assert_eq!(plain.code, Some(1), "{}", plain.err);
    let start = "1 problem in 1 table: nothing was written.\n\nerror: T1 app.t.note: ";
    assert!(plain.err.contains(start), "{}", plain.err);
    let (_, error) = plain.err.split_once("nothing was written.\n\n").unwrap();
    assert!(error.lines().all(|line| line.starts_with("error: ") || line.starts_with("hint: ")));
    let screen = Screen::of_run(&place.command("", &words), 60);
    let text = screen.text.replace("\r\n", "\n").replace("\u{1b}[1;31m", "");
    let text = text.replace("\u{1b}[36m", "").replace("\u{1b}[0m", "");
    let (_, shown) = text.split_once("nothing was written.\n\n").unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines.iter().all(|line| line.width() <= 60), "{shown}");
    assert!(lines.len() > error.lines().count(), "{shown}");
    let joined = shown.replace("\n  ", " ");
    assert_eq!(joined.trim_end(), error.trim_end());
}

#[test]
fn every_kind_and_step_is_documented() {
    let page = include_str!("../docs/progress.md");
    let steps = Step::ALL.iter().map(|step| step.word());
    for word in KINDS.iter().copied().chain(steps) {
        assert!(page.contains(&format!("| `{word}` |")), "{word}");
    }
}
