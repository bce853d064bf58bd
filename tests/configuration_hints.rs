//! What the hints about configuration, flags and connections tell to do is done as it is printed,
//! and the warning or error that they stand under is gone.
//!
//! Names, commands, flags, settings and statements are read from the hint. A hint that leaves the
//! act to a person stands in [`steps::BY_HAND`] with what the test does in its place.

mod commands;
mod connections;
mod files;
mod outputs;
mod steps;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::hint_log;
use crate::server::installation::{Ended, program};

/// A directory of files, variables, and the words of a command; `DIR` stands for the directory.
#[derive(Clone, Default)]
struct Scene {
    files: BTreeMap<String, (Vec<u8>, u32)>,
    variables: BTreeMap<String, Vec<u8>>,
    words: Vec<String>,
    /// What a shell runs in the directory before.
    shell: Vec<String>,
}

impl Scene {
    /// `check-config` of a file.
    fn of_file(text: &str) -> Scene {
        let words = ["check-config", "--config", "DIR/connect.gcfg"];
        Scene { words: words.map(str::to_owned).to_vec(), ..Scene::default() }
            .with_file("connect.gcfg", text)
    }

    fn with_file(mut self, name: &str, text: impl AsRef<[u8]>) -> Scene {
        self.files.insert(name.to_owned(), (text.as_ref().to_vec(), 0o600));
        self
    }

    fn with_variable(mut self, name: &str, value: impl AsRef<[u8]>) -> Scene {
        self.variables.insert(name.to_owned(), value.as_ref().to_vec());
        self
    }

    fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.as_bytes().to_vec());
    }

    fn text_of(&self, file: &str) -> String {
        String::from_utf8(self.files[file].0.clone()).unwrap()
    }

    fn set_text(&mut self, file: &str, text: &str) {
        self.files.get_mut(file).unwrap().0 = text.as_bytes().to_vec();
    }

    /// Puts a line below the header of its section, which is made where it is missing.
    fn add_line(&mut self, section: &str, line: &str) {
        let text = self.text_of("connect.gcfg");
        let header = format!("[{section}]\n");
        let text = match text.contains(&header) {
            true => text.replacen(&header, &format!("{header}{line}\n"), 1),
            false => format!("{text}\n{header}{line}\n"),
        };
        self.set_text("connect.gcfg", &text);
    }

    fn run(&self) -> (i32, String) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let own = |text: &[u8]| replace_bytes(text, b"DIR", root.as_os_str().as_encoded_bytes());
        for (name, (text, mode)) in &self.files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, own(text)).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
        }
        for line in &self.shell {
            run_shell(&String::from_utf8(own(line.as_bytes())).unwrap(), root);
        }
        let mut command = program();
        command.args(self.words.iter().map(|word| to_os(own(word.as_bytes()))));
        command.envs(self.variables.iter().map(|(name, value)| (name, to_os(own(value)))));
        let ended = Ended::of(&command.output().unwrap());
        let printed = format!("{}\n{}", ended.out, ended.err);
        (ended.code.unwrap(), printed.replace(root.to_str().unwrap(), "DIR"))
    }
}

fn to_os(bytes: Vec<u8>) -> std::ffi::OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

fn replace_bytes(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match text[at..].starts_with(from) {
            true => (out.extend_from_slice(to), at += from.len()).1,
            false => (out.push(text[at]), at += 1).1,
        }
    }
    out
}

fn run_shell(line: &str, root: &Path) {
    let status = Command::new("sh").args(["-c", line]).current_dir(root).status().unwrap();
    assert!(status.success(), "{line}");
}

/// A warning or an error, and the hints under it: all in one text, or one of them.
#[derive(Clone, Debug)]
struct RunOutput {
    text: String,
    hint: String,
}

impl RunOutput {
    /// Each of its hints by itself.
    fn alternatives(&self) -> Vec<RunOutput> {
        let hints = self.hint.split("; hint: ");
        hints.map(|hint| RunOutput { text: self.text.clone(), hint: hint.to_owned() }).collect()
    }
}

/// What a run has said that has hints, with the lines under them; lines in a row that share some
/// have them each.
fn hints(printed: &str) -> Vec<RunOutput> {
    let (mut found, mut waiting): (Vec<RunOutput>, Vec<String>) = (Vec::new(), Vec::new());
    // How many have the hint above a line.
    let mut under_hint = 0;
    for line in printed.lines() {
        let text = line.strip_prefix("error: ").or_else(|| line.strip_prefix("warning: "));
        let first = found.len() - under_hint;
        if let Some(text) = text {
            waiting.push(text.to_owned());
            under_hint = 0;
        } else if let Some(hint) = line.strip_prefix("hint: ") {
            if waiting.is_empty() {
                found[first..].iter_mut().for_each(|one| one.hint += &format!("; {line}"));
                continue;
            }
            under_hint = waiting.len();
            found.extend(waiting.drain(..).map(|text| RunOutput { text, hint: hint.to_owned() }));
        } else if !line.starts_with("  ") {
            (under_hint, waiting) = (0, Vec::new());
        } else if under_hint > 0 {
            let line = line.trim_start();
            found[first..].iter_mut().for_each(|one| one.hint += &format!(" {line}"));
        }
    }
    found
}

/// Whether a text says the same, but for where in the file it stands.
fn contains_text(printed: &str, text: &str) -> bool {
    let place = |text: &str| text.replace(|found: char| found.is_ascii_digit(), "");
    printed.lines().any(|line| line.ends_with(text) || place(line).ends_with(&place(text)))
}

/// Follows each hint of a run; `expected` is a part of what must be said.
#[track_caller]
fn check(name: &str, scene: &Scene, expected: &str) {
    let (code, printed) = scene.run();
    assert!(printed.contains(expected), "{name}: no {expected:?}, exit {code}:\n{printed}");
    let all = hints(&printed);
    hint_log::note_followed(&printed);
    assert!(!all.is_empty(), "{name}: no hint:\n{printed}");
    for one in &all {
        if steps::ELSEWHERE.iter().any(|part| one.hint.contains(part)) {
            continue;
        }
        let each = one.alternatives();
        let changed: Vec<_> = each.iter().flat_map(|one| steps::follow(scene, one)).collect();
        assert!(!changed.is_empty(), "{name}: nobody knows how to follow {one:?}");
        for (how, scene) in changed {
            let (code, printed) = scene.run();
            assert!(
                code != 101 && !contains_text(&printed, &one.text),
                "{name}: {how} does not help with {one:?}, exit {code}:\n{printed}"
            );
        }
    }
}
