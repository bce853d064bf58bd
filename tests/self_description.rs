//! What the program says of itself: its version, manual pages, completions, and `explain`.

use std::fs;
use std::path::Path;
use std::process::Command;

use connect_migrate::cli::{self, manual};
use connect_migrate::diagnostic::{Id, RepairKind, catalog};

use crate::hint_log;
use crate::server::installation::{Ended, program};

fn run(words: &[&str]) -> Ended {
    Ended::of(&program().args(words).output().unwrap())
}

/// Runs a command that is there, and returns what it printed.
fn read(words: &[&str]) -> String {
    let ended = run(words);
    ended.expect(0, &[]);
    assert_eq!(ended.err, "", "{words:?}");
    ended.out
}

#[test]
fn version_names_what_the_program_is_built_of() {
    let version = read(&["-version"]);
    assert_eq!(version, read(&["--version"]));
    let lines: Vec<&str> = version.lines().collect();
    let release = env!("CARGO_PKG_VERSION");
    assert_eq!(lines[0], format!("migrate {release}"));
    // A test is a development build, unless a packager names the commit.
    assert_eq!(lines[1], concat!("commit ", env!("MIGRATE_COMMIT")));
    assert!(lines[1].len() > "commit ".len());
    assert!(lines[2].starts_with("target ") && lines[2].contains("-linux-"), "{version}");
    assert_eq!(lines[3], format!("SQLite {}", rusqlite::version()));
    let openssl = openssl::version::version();
    let (_, release) = lines[4].split_once("OpenSSL ").unwrap();
    assert!(openssl.starts_with(&format!("OpenSSL {release} ")), "{openssl}: {release}");
    assert!(version.contains("\nconnect/core: 2023.09"), "{version}");
}

#[test]
fn every_finding_exit_code_and_repair_is_explained() {
    let page = catalog::findings_page();
    for id in Id::ALL {
        let text = read(&["explain", id.as_str()]);
        let printed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let entry = catalog::entries().find(|entry| entry.id == *id).unwrap();
        let whole = entry.body_text();
        let expected = whole.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(printed.starts_with(&format!("{id} {expected}")), "{text}");
        assert!(page.contains(&format!("### {id}\n\n{whole}")), "{id}");
    }
    for entry in catalog::EXITS {
        let text = read(&["explain", &(entry.exit as u8).to_string()]);
        assert!(text.contains(entry.meaning.split(' ').next().unwrap()), "{text}");
        assert!(text.contains("\nState: ") && text.contains("\nWhat to do:"), "{text}");
    }
    for kind in RepairKind::ALL {
        let text = read(&["explain", kind.word()]);
        assert!(text.contains("\nwhat it does: "), "{text}");
    }
}

#[test]
fn explanations_fit_a_terminal_and_lead_on() {
    let text = read(&["explain", "k1"]);
    assert_eq!(text, read(&["explain", "K1"]), "upper and lower case are the same");
    assert!(text.contains("Repairs: orphan-null, orphan-quarantine, orphan-not-valid."), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let repair = read(&["explain", "orphan-null"]);
    assert!(repair.contains("\nfindings: K1, K1b, K5\n"), "{repair}");
    assert!(repair.contains("`migrate explain repairs`"), "{repair}");
}

#[test]
fn the_list_has_everything_that_can_be_explained() {
    let list = read(&["explain"]);
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    for name in &names {
        read(&["explain", name]);
    }
    let count = Id::ALL.len() + catalog::EXITS.len() + RepairKind::ALL.len();
    assert!(names.len() > count, "{} of {count}:\n{list}", names.len());
}

/// A page is found by its own name, and by that of a hint that sends there.
#[test]
fn pages_that_hints_name_are_in_the_program() {
    for (name, file) in [
        ("repairs", "docs/repairs.md"),
        ("schema-files", "schema/README.md"),
        ("existing-tables", "docs/existing-tables.md"),
        ("new-version", "docs/new-version.md"),
        ("findings", "docs/findings.md"),
        ("report", "docs/report.md"),
    ] {
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        assert_eq!(read(&["explain", name]), page);
        assert_eq!(read(&["explain", file]), page);
    }
}

#[test]
fn an_unknown_topic_is_an_error_with_the_nearest() {
    for (topic, near) in [
        ("K12", Some("K1")),
        ("T99", Some("T9")),
        ("9", None),
        ("orphan-nul", Some("orphan-null")),
        ("repair", Some("repairs")),
        ("something else", None),
        ("", None),
    ] {
        let ended = run(&["explain", topic]);
        let hint = match near {
            Some(near) => format!("hint: did you mean `migrate explain {near}`?\n"),
            None => "hint: list all names: `migrate explain`\n".to_owned(),
        };
        ended.expect(2, &[&format!("unknown topic `{topic}`"), &hint]);
        assert_eq!(ended.out, "");
    }
    run(&["explain", "\u{1b}[2J"]).expect(2, &["\\u{1b}[2J"]);
}

#[test]
fn exit_codes_are_the_same_everywhere() {
    let readme = include_str!("../README.md");
    let help = read(&["--help"]);
    for entry in catalog::EXITS {
        let code = entry.exit as u8;
        assert!(help.contains(&format!("\n  {code}  {}\n", entry.meaning)), "{help}");
        let row = readme.lines().find(|line| line.starts_with(&format!("| {code} | ")));
        assert_eq!(row.unwrap().replace('`', ""), format!("| {code} | {} |", entry.meaning));
    }
    assert_eq!(catalog::EXITS.len(), 9);
}

/// The commands that have a page of their own, as a person types them.
fn commands(definition: &clap::Command, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    for command in definition.get_subcommands() {
        let name = format!("{path} {}", command.get_name());
        commands(command, name.trim_start(), found);
    }
}

#[test]
fn every_command_has_a_manual_page_with_all_sections() {
    let mut expected = Vec::new();
    commands(&cli::command_definition(), "", &mut expected);
    let mut pages: Vec<&str> = manual::PAGES.iter().map(|page| page.command).collect();
    expected.sort();
    pages.sort_unstable();
    assert_eq!(pages, expected);
    for page in manual::PAGES {
        let words: Vec<&str> = page.command.split(' ').filter(|word| !word.is_empty()).collect();
        let text = read(&[&["man"], words.as_slice()].concat());
        assert!(text.contains(&format!("{} \\- ", manual::page_name(page).replace('-', "\\-"))));
        for section in
            ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"]
        {
            let quoted = format!("\n.SH \"{section}\"\n");
            let head = text.contains(&quoted) || text.contains(&format!("\n.SH {section}\n"));
            assert!(head, "{}: no {section} in\n{text}", page.command);
        }
        let example = text.split("\n.SH \"EXAMPLES\"\n").nth(1).unwrap();
        assert!(example.contains("migrate"), "{}: {example}", page.command);
        let mut command = &cli::command_definition();
        for word in &words {
            command = command.find_subcommand(word).unwrap();
        }
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            let flag = flag.replace('-', "\\-");
            assert!(text.contains(&format!("\\-\\-{flag}")), "{}: {flag}", page.command);
        }
    }
    let unknown = run(&["man", "schema", "bd"]);
    unknown.expect(2, &["there is no command `migrate schema bd`", "migrate --help"]);
    hint_log::note_followed(&unknown.err);
    run(&["--help"]).expect(0, &[]);
}

/// The reader of manual pages finds nothing to say about them, where it is installed.
#[test]
fn manual_pages_are_right_roff() {
    for page in manual::PAGES {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), manual::render_page(page).unwrap()).unwrap();
        let mut groff = Command::new("groff");
        groff.args(["-man", "-ww", "-z", "-Tutf8"]).arg(file.path());
        let Ok(output) = groff.output() else { return };
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", page.command);
    }
}

#[test]
fn completions_know_one_dash_and_two() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = read(&["completions", shell]);
        assert!(script.contains("encrypt-config-value"), "{shell}");
        assert!(script.contains("explain"), "{shell}");
    }
    let complete = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let (last, before) = (words.len() - 1, words[words.len() - 2]);
        let script = format!(
            "source /dev/stdin; COMP_WORDS=({line}); COMP_CWORD={last}; \
             _migrate migrate '{}' '{before}'; echo \"${{COMPREPLY[*]}}\"",
            words[last]
        );
        let script_of_shell = read(&["completions", "bash"]);
        let mut shell = Command::new("bash");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), script_of_shell).unwrap();
        shell.args(["-c", &script]).stdin(fs::File::open(file.path()).unwrap());
        String::from_utf8_lossy(&shell.output().unwrap().stdout).trim().to_owned()
    };
    assert_eq!(complete("migrate db --da"), "--data");
    assert_eq!(complete("migrate db -da"), "-data");
    assert_eq!(complete("migrate db -data c"), "core");
    assert_eq!(complete("migrate db --data c"), "core");
    assert_eq!(complete("migrate expl"), "explain");
}

/// A package installs the program under another name: what is printed can be typed all the same.
#[test]
fn commands_begin_with_the_name_that_the_program_was_called_by() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("connect-migrate");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_migrate"), &program).unwrap();
    let run = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.env_clear().env("PATH", "/usr/bin:/bin").args(words);
        Ended::of(&command.output().unwrap())
    };
    let has_usual_name = |text: &str| {
        let all = text.match_indices("migrate");
        let all = all.filter(|(at, _)| !text[..*at].replace('\\', "").ends_with("connect-"));
        let mut rest = all.map(|(at, word)| &text[at + word.len()..]);
        rest.any(|rest: &str| {
            [" db", " copy", " schema", " check-config", " explain", " man", " completions", " --"]
                .iter()
                .any(|command| rest.starts_with(command))
        })
    };
    let config = folder.path().join("none.gcfg").display().to_string();
    for (words, code, expected) in [
        (&["--help"][..], 0, "Usage: connect-migrate"),
        (&["db", "--help"], 0, "sudo connect-migrate db --dry-run"),
        (&["man", "db"], 0, "connect\\-migrate db"),
        (&["man", "schema", "draft"], 0, "connect\\-migrate\\-schema\\-draft"),
        (&["completions", "bash"], 0, "complete -F _connect_migrate"),
        (&["explain"], 0, "`connect-migrate explain NAME`"),
        (&["explain", "K1"], 0, "`connect-migrate"),
        (&["explain", "nothing"], 2, "connect-migrate explain"),
        (&["db", "--config", &config], 2, ""),
        (&["db", "--nonsense"], 2, "connect-migrate db"),
    ] {
        let ended = run(words);
        let printed = format!("{}{}", ended.out, ended.err);
        assert_eq!(ended.code, Some(code), "{words:?}: {printed}");
        assert!(printed.contains(expected), "{words:?}: no {expected:?} in\n{printed}");
        assert!(!has_usual_name(&printed), "{words:?}:\n{printed}");
    }
    let script = tempfile::NamedTempFile::new().unwrap();
    fs::write(script.path(), run(&["completions", "bash"]).out).unwrap();
    let complete = format!(
        "source {}; COMP_WORDS=(connect-migrate db --da); COMP_CWORD=2; \
         _connect_migrate connect-migrate --da db; echo \"${{COMPREPLY[*]}}\"",
        script.path().display()
    );
    let output = Command::new("bash").args(["-c", &complete]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "--data", "{output:?}");
    let installation = crate::server::installation::Installation::new("");
    let config = installation.config.display().to_string();
    let printed = run(&["check-config", "--config", &config]);
    assert!(!has_usual_name(&printed.out) && !has_usual_name(&printed.err), "{printed:?}");
    let printed = run(&["db", "--config", &config]);
    assert!(!has_usual_name(&printed.err), "{printed:?}");
}
