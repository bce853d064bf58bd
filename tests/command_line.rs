//! The command line: Go's flags on every command, help, errors, the question, signals.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use connect_migrate::cli;

use crate::server::installation::{Ended, Installation, owned, program, tables};
use crate::server::{self, Database};

fn run(words: &[&str]) -> Ended {
    Ended::of(&program().args(words).output().unwrap())
}

/// A server's files whose target is an own database, and that database.
fn ready() -> (Installation, Database) {
    let database = server::database(server::shared());
    (Installation::new(&settings(&database)), database)
}

fn settings(database: &Database) -> String {
    let (_, url) = owned(database);
    let password = server::installation::ROLE_PASSWORD.replace('"', "\\\"");
    format!("URL = \"{url}\"\nPassword = \"{password}\"")
}

#[test]
fn every_flag_takes_one_dash_or_two() {
    let definition = cli::command_definition();
    let switches = cli::switch_names(&definition);
    for command in definition.get_subcommands() {
        for flag in command.get_arguments().filter_map(|flag| flag.get_long().map(|l| (flag, l))) {
            let (flag, long) = flag;
            let switch = switches.iter().any(|switch| switch == long);
            let forms = match (switch, flag.get_action().takes_values()) {
                (true, _) => vec![format!("-{long}"), format!("--{long}=TRUE")],
                (_, true) => vec![format!("-{long}=core"), format!("--{long}=core")],
                (_, false) => vec![format!("-{long}")],
            };
            for form in forms {
                let words = ["migrate", command.get_name(), &form].map(Into::into);
                let words = cli::words::normalize_arguments(words, &switches).unwrap();
                let matches = definition.clone().ignore_errors(true).try_get_matches_from(words);
                let Ok(matches) = matches else { continue };
                let (_, matches) = matches.subcommand().unwrap();
                let given = matches.value_source(flag.get_id().as_str());
                let by_hand = Some(clap::parser::ValueSource::CommandLine);
                assert_eq!(given, by_hand, "{} {form}", command.get_name());
            }
        }
    }
}

#[test]
fn unknown_arguments_are_named() {
    for (words, expected) in [
        (&["db", "-yess"][..], &["--yess", "--yes"][..]),
        (&["db", "-data", "code"], &["code", "core, instrumentation"]),
        (&["db", "-yes=maybe"], &["--yes=maybe", "hint: write `--yes` or `--yes=false`"]),
        (&["db", "--report"], &["--report <FILE>"]),
        (&["db", "--verify", "--dry-run"], &["cannot be used with"]),
        (&["db", "-yh"], &["--yh"]),
        (&["bd"], &["unrecognized subcommand 'bd'"]),
        (&["completions", "tcsh"], &["tcsh", "bash"]),
        (&[], &["Usage: migrate <COMMAND>", "Exit codes:"]),
    ] {
        let ended = run(words);
        ended.expect(2, expected);
        assert_eq!(ended.out, "", "{words:?}");
    }
}

#[test]
fn help_says_every_flag() {
    for command in cli::command_definition().get_subcommands() {
        let help = run(&[command.get_name(), "-h"]);
        help.expect(0, &[]);
        assert_eq!(help.out, run(&[command.get_name(), "--help"]).out);
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(help.out.contains(&format!("--{flag}")), "{flag}");
        }
        let long = help.out.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None);
    }
}

#[test]
fn nothing_depends_on_colour() {
    for variable in ["NO_COLOR", "CLICOLOR_FORCE"] {
        let output = program().env(variable, "1").args(["db", "-yess"]).output().unwrap();
        assert!(!Ended::of(&output).err.contains('\x1b'));
    }
}

#[test]
fn without_a_terminal_yes_is_needed() {
    let (installation, database) = ready();
    for words in [&["db"][..], &["db", "-yes", "-yes=false"]] {
        installation.run(words).expect(2, &["standard input is not a terminal", "--yes"]);
    }
    assert_eq!(tables(&database.url), 0);
    // Dry runs and comparisons write nothing and ask nothing.
    installation.run(&["db", "-dry-run"]).expect(0, &["preflight:"]);
    installation.run(&["db", "-verify"]).expect(4, &["does not have all tables"]);
    assert_eq!(tables(&database.url), 0);
    installation.run(&["db", "-yes"]).expect(0, &["copied:"]);
    assert_ne!(tables(&database.url), 0);
}

/// Runs the program with a terminal, on which `answer` is typed.
fn at_terminal(installation: &Installation, answer: &str) -> (Option<i32>, String) {
    // `exec`: a shell that stays would be ended by Ctrl-C too, and its end reported as ours.
    let program = env!("CARGO_BIN_EXE_migrate");
    let line = format!("exec {program} db -config {}", installation.config.display());
    type_at(&line, "[y/N] ", answer)
}

/// Runs a command line with a terminal, on which `answer` is typed once it shows `question`.
pub fn type_at(line: &str, question: &str, answer: &str) -> (Option<i32>, String) {
    let mut script = Command::new("script");
    script.args(["-qec", line, "/dev/null"]).env("SHELL", "/bin/sh");
    script.env_remove("MIGRATE_TEST");
    script.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = script.spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut seen, mut byte) = (Vec::new(), [0]);
    // A signal before the question would end a program that does not listen yet.
    while !seen.ends_with(question.as_bytes()) && output.read(&mut byte).unwrap() == 1 {
        seen.push(byte[0]);
    }
    input.write_all(answer.as_bytes()).unwrap();
    output.read_to_end(&mut seen).unwrap();
    // The pipe stays open until here: the end of input would be an answer too.
    drop(input);
    (child.wait().unwrap().code(), String::from_utf8_lossy(&seen).into_owned())
}

#[test]
fn the_question_is_asked_at_a_terminal() {
    let (installation, database) = ready();
    for (answer, code) in [("n\n", 8), ("yesterday\n", 8), ("\n", 8)] {
        let (ended, seen) = at_terminal(&installation, answer);
        assert_eq!(ended, Some(code), "{seen}");
        assert!(seen.contains("continue? [y/N]"), "{seen}");
        assert!(seen.contains("in one database, in one schema: one transaction"), "{seen}");
        assert_eq!(tables(&database.url), 0);
    }
    // Ctrl-C, as the terminal itself makes it of the byte.
    let (ended, seen) = at_terminal(&installation, "\x03");
    assert_eq!(ended, Some(8), "{seen}");
    assert!(seen.contains("stopped by a signal"), "{seen}");
    let (ended, seen) = at_terminal(&installation, "Yes\n");
    assert_eq!(ended, Some(0), "{seen}");
    assert!(seen.contains("Done: "), "{seen}");
}

#[test]
fn leaving_the_hidden_prompt_gives_the_terminal_back() {
    let installation = Installation::new("URL = \"postgres://u@h/d\"");
    let program = env!("CARGO_BIN_EXE_migrate");
    // What is typed before the terminal hides it would be shown, and Ctrl-C be a plain signal.
    let line = format!(
        "(until stty -a < /dev/tty | grep -q -e -icanon; do :; done; echo hidden > /dev/tty) & \
         {program} encrypt-config-value -config {}; ended=$?; stty -a; exit $ended",
        installation.config.display()
    );
    let (ended, seen) = type_at(&line, "hidden\r\n", "typed\x03");
    assert_eq!(ended, Some(8), "{seen}");
    assert!(seen.contains("stopped; nothing was encrypted") && !seen.contains("typed"), "{seen}");
    let settings: Vec<_> = seen.split_whitespace().collect();
    for setting in ["isig", "icanon", "echo"] {
        assert!(settings.contains(&setting), "{setting}: {seen}");
    }
}

#[test]
fn signals_roll_back() {
    let (installation, database) = ready();
    for event in ["Create 3", "Table 2", "Copy 1", "Index 1", "Sequence 1", "Verify 5"] {
        for name in ["INT", "TERM"] {
            let ended = installation.run_with(&format!("signal {event} {name}"), &["db", "-yes"]);
            ended.expect(8, &["stopped by a signal", "nothing was changed"]);
            assert_eq!(tables(&database.url), 0, "{event} {name}");
        }
    }
    // The signal is heard before the statement begins, so that cancelling once would miss it.
    let between = "signal Verify 1 INT\nsql Verify 1 SELECT pg_sleep(3600)";
    installation.run_with(between, &["db", "-yes"]).expect(8, &["stopped by a signal"]);
    // A person who closes the terminal stops the run as well.
    installation.run_with("signal Copy 1 HUP", &["db", "-yes"]).expect(8, &["stopped by a signal"]);
    let last = installation.run_with("signal BeforeCommit 1 INT", &["db", "-yes"]);
    last.expect(8, &["nothing was changed"]);
    assert_eq!(tables(&database.url), 0);
    let late = installation.run_with("signal CommitSent 1 TERM", &["db", "-yes"]);
    late.expect(0, &["the signal came after COMMIT had been sent: everything is committed"]);
    assert!(!late.err.contains("rolling back") && late.out.contains("Done:"), "{late:?}");
}

/// A signal that the program was started to ignore stays ignored, as under `nohup`.
#[test]
fn an_ignored_signal_stays_ignored() {
    let (installation, _) = ready();
    let program = env!("CARGO_BIN_EXE_migrate");
    let mut shell = Command::new("sh");
    shell.env_clear().env("PATH", "/usr/bin:/bin").args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    shell.arg(program).args(["db", "-yes", "--config"]).arg(&installation.config);
    shell.env("MIGRATE_TEST", "send Copy 1 HUP").stdin(Stdio::null());
    Ended::of(&shell.output().unwrap()).expect(0, &[]);
}

/// Where nobody reads what is printed (`… 2>&1 | tee log`, and Ctrl-C ends `tee` too), or a disk is
/// full, a signal still rolls back, and the exit code is the documented one.
#[test]
fn a_signal_counts_when_nothing_can_be_printed() {
    let (installation, database) = ready();
    for event in ["Create 3", "Copy 1", "Index 1", "Verify 5", "BeforeCommit 1"] {
        for unread in [gone, full] {
            let mut command = installation.command(&["db", "-yes"]);
            command.env("MIGRATE_TEST", format!("signal {event} INT"));
            let ended = command.stdout(unread()).stderr(unread()).status().unwrap();
            assert_eq!(ended.code(), Some(8), "{event}");
            assert_eq!(tables(&database.url), 0, "{event}");
        }
    }
    let mut command = installation.command(&["db", "-yes"]);
    let ended = command.stdout(gone()).stderr(gone()).status().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_ne!(tables(&database.url), 0);
}

/// A pipe whose reader has gone away.
fn gone() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A device that has no room.
fn full() -> Stdio {
    std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// Every command ends with its documented exit code, whether or not anybody reads its output.
#[test]
fn exit_codes_do_not_depend_on_the_reader() {
    let missing = |words: &[&str]| (words.iter().map(|word| (*word).to_owned()).collect(), 2, 2);
    let cases: Vec<(Vec<String>, i32, i32)> = vec![
        missing(&["db", "--config", "/nonexistent"]),
        missing(&["db", "--no-such-flag"]),
        missing(&["check-config", "--config", "/nonexistent"]),
        missing(&[
            "copy",
            "--schema",
            "/nonexistent",
            "--source",
            "/x",
            "--target",
            "postgres://x",
        ]),
        (vec!["schema".into(), "show".into(), "connect/core".into()], 0, 2),
        (vec!["man".into()], 0, 2),
        (vec!["completions".into(), "bash".into()], 0, 2),
        (vec!["--version".into()], 0, 2),
        (vec!["--help".into()], 0, 2),
        (
            vec![
                "schema".into(),
                "draft".into(),
                "--source".into(),
                "/nonexistent".into(),
                "--out".into(),
                "/nonexistent/out".into(),
            ],
            3,
            3,
        ),
    ];
    for (words, code, on_a_full_disk) in cases {
        let run = |out: Stdio, error: Stdio| {
            let mut command = server::installation::program();
            command.args(&words).stdout(out).stderr(error).status().unwrap().code()
        };
        assert_eq!(run(Stdio::null(), Stdio::null()), Some(code), "{words:?}");
        assert_eq!(run(gone(), gone()), Some(code), "{words:?} without a reader");
        assert_eq!(run(full(), full()), Some(on_a_full_disk), "{words:?} on a full disk");
    }
}

#[test]
fn a_signal_cancels_the_running_statement() {
    let (installation, database) = ready();
    let child = installation.start("sql Verify 1 SELECT pg_sleep(3600)", &["db", "-yes"]);
    let running = "SELECT pg_sleep(0.02), count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(3600)%'";
    let mut client = server::connect(&database.url).client;
    while client.query_one(running, &[]).unwrap().get::<_, i64>(1) == 0 {}
    let killed = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    Ended::of(&child.wait_with_output().unwrap()).expect(8, &["stopped by a signal"]);
    assert_eq!(tables(&database.url), 0);
}

/// Where the server does not answer, a second signal does not wait for it.
#[test]
fn a_second_signal_ends_at_once() {
    let (installation, database) = ready();
    let mut child = installation.start("sql Verify 1 SELECT pg_sleep(3600)", &["db", "-yes"]);
    let running = "SELECT pg_sleep(0.02), (SELECT pid FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(3600)%')";
    let mut client = server::connect(&database.url).client;
    let backend = loop {
        if let Some(pid) = client.query_one(running, &[]).unwrap().get::<_, Option<i32>>(1) {
            break pid.to_string();
        }
    };
    let signal = |name: &str, pid: &str| {
        assert!(Command::new("kill").args(["-s", name, pid]).status().unwrap().success());
    };
    let program = child.id().to_string();
    signal("STOP", &backend);
    signal("INT", &program);
    let mut output = child.stderr.take().unwrap();
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !seen.ends_with(b"a second signal exits immediately")
        && output.read(&mut byte).unwrap() == 1
    {
        seen.push(byte[0]);
    }
    signal("INT", &program);
    let ended = child.wait().unwrap();
    signal("CONT", &backend);
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(2), "{ended}");
    assert_eq!(tables(&database.url), 0);
}

#[test]
fn root_is_needed_only_for_files_of_root() {
    let (installation, _) = ready();
    let uid =
        |path: &std::path::Path| std::os::unix::fs::MetadataExt::uid(&path.metadata().unwrap());
    if uid(installation.directory.path()) != 0 {
        // Nobody's files but our own can be made here.
        return;
    }
    // The build directory may be closed to others; the program is not.
    let program = installation.directory.path().join("migrate");
    // Copied by another process: one that this one forks meanwhile would keep the copy open for
    // writing, and such a file cannot be run.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_migrate")).arg(&program).status();
    assert!(copied.unwrap().success());
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(installation.directory.path(), 0o755);
    let somebody = || {
        let mut command = Command::new(&program);
        command.env_clear().args(["db", "-dry-run", "--config"]).arg(&installation.config);
        Ended::of(&command.uid(65534).gid(65534).output().unwrap())
    };
    let closed = somebody();
    closed.expect(2, &["rstudio-connect.gcfg", "sudo"]);
    crate::hint_log::note_followed(&closed.err);
    open(&installation.config, 0o644);
    let core = installation.directory.path().join("db/connect.db");
    open(&core, 0o600);
    let closed = somebody();
    closed.expect(3, &["connect.db: this user has no permission", "run the command with sudo"]);
    crate::hint_log::note_followed(&closed.err);
    open(&core, 0o644);
    // The folder stays closed to writing: what is there is read from a private copy.
    somebody().expect(0, &[]);
    open(core.parent().unwrap(), 0o777);
    somebody().expect(0, &[]);
    // As the hint says: this test is root.
    installation.run(&["db", "-dry-run"]).expect(0, &[]);
    // What SQLite has made for root beside the file is not for others.
    open(core.parent().unwrap(), 0o755);
    let wal = installation.directory.path().join("db/connect.db-wal");
    std::fs::write(&wal, []).unwrap();
    open(&wal, 0o600);
    somebody().expect(3, &["connect.db-wal: this user has no permission", "with sudo"]);
}
