//! What the documentation says must work: every command line in it parses, and everything that can
//! be said on the command line stands in it.

use std::fs;
use std::path::Path;

use clap::error::ErrorKind;
use connect_migrate::cli;

/// The user's documentation: file names and texts.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs.chain([root.join("README.md")]).filter(|path| path.exists());
    let read = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path.strip_prefix(root).unwrap().display().to_string(), text)
    };
    pages.map(read).collect()
}

/// The command lines of a page: lines of code blocks, and code within lines, which may leave out
/// what it must have.
fn commands(page: &str) -> Vec<(String, bool)> {
    let (mut found, mut in_block) = (Vec::new(), false);
    let joined = page.replace("\\\n", " ");
    for line in joined.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.push((line.trim().trim_start_matches("$ "), true));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(|code| (code, false)));
        }
    }
    let is_own_file = |(line, whole): &(&str, bool)| {
        let is_setting =
            |word: &&str| word.split_once('=').is_some_and(|(name, _)| !name.contains('-'));
        let line = line.strip_prefix("sudo ").unwrap_or(line);
        let words = line.split(' ').skip_while(is_setting).collect::<Vec<_>>().join(" ");
        let words = words.split([';', '|', '<', '>', '&', '#']).next().unwrap();
        words.starts_with("migrate ").then(|| (words.to_owned(), *whole))
    };
    found.iter().filter_map(is_own_file).collect()
}

/// Splits as a shell does; single quotes are all that the documentation uses.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (place, part) in line.split('\'').enumerate() {
        if place % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        let mut pieces = part.split(' ');
        words.last_mut().unwrap().push_str(pieces.next().unwrap());
        words.extend(pieces.map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Why a line is none of ours; `COMMAND` and `SHELL` stand for any.
fn wrong(line: &str, whole: bool) -> Option<String> {
    let line = line.replace("COMMAND", "db").replace("SHELL", "bash");
    let definition = cli::command_definition();
    let output = words(&line).into_iter().map(Into::into);
    let words = match cli::words::normalize_arguments(output, &cli::switch_names(&definition)) {
        Ok(words) => words,
        Err(fault) => return Some(fault.text),
    };
    if words.len() == 2 && words[1] == "--version" {
        return None;
    }
    match definition.try_get_matches_from(words) {
        Err(error) if error.kind() == ErrorKind::DisplayHelp => None,
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument && !whole => None,
        ended => ended.err().map(|error| error.to_string()),
    }
}

#[test]
fn every_command_line_parses() {
    let (mut count, mut faults) = (0, Vec::new());
    for (file, text) in pages() {
        for (line, whole) in commands(&text) {
            count += 1;
            faults.extend(wrong(&line, whole).map(|why| format!("{file}: {line}\n{why}")));
        }
    }
    assert!(count > 15, "only {count} command lines were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for line in ["migrate dv", "migrate db --yess", "migrate copy --schema a", "migrate db -data x"]
    {
        assert!(wrong(line, true).is_some(), "{line}");
    }
}

#[test]
fn every_command_and_flag_is_documented() {
    let text: String = pages().into_iter().map(|(_, text)| text).collect();
    let mut missing = Vec::new();
    for command in cli::command_definition().get_subcommands() {
        let name = format!("migrate {}", command.get_name());
        missing.extend(Some(name).filter(|name| !text.contains(name)));
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            let flag = format!("-{flag}");
            missing.extend(Some(flag).filter(|flag| !text.contains(flag)));
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn exit_codes_are_documented() {
    let help = cli::command_definition().render_long_help().to_string();
    let page = pages().into_iter().find(|(file, _)| file.ends_with("moving-connect.md")).unwrap().1;
    for code in 0..=8 {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {code}  "))), "{code}");
        assert!(page.lines().any(|line| line.starts_with(&format!("| {code} | "))), "{code}");
    }
    assert!(!help.contains("\n  9  "));
}
