//! What a hint tells to do, as a change of a scene.

use super::{RunOutput, Scene};

/// A hint that leaves the act to a person: a part of it, and what replaces what in the file.
pub const BY_HAND: &[(&str, &[(&str, &str)])] = &[
    ("write `=` and a value after the name", &[("DataDir\n", "")]),
    ("put the whole value in double quotes", &[("= a#b", "= \"a#b\""), ("= x;y", "= \"x;y\"")]),
    ("use plain double quotes", &[("'quoted'", "\"quoted\""), ("“curly”", "\"curly\"")]),
    ("write \\\" for a double quote that is part", &[("a\"b\"c", "a\\\"b\\\"c")]),
    ("remove the backslash", &[("\\\n", "")]),
    ("put the value in double quotes and write each \\ in it", &[("C:\\x", "\"C:\\\\x\"")]),
    ("write \\\\ for a backslash", &[("\"C:\\x\"", "\"C:\\\\x\"")]),
    ("close the double quotes on the line", &[("= \"open", "= \"open\"")]),
    ("save the file as UTF-8", &[]),
    ("write names with letters, digits and `-`", &[("Data?Dir = /x\n", "")]),
    ("write [Section], Name = value, or a comment", &[("= /x\n", "")]),
    ("put the line below the [Section]", &[("DataDir = /x\n", "")]),
    ("write [Section] or [Section \"name\"]", &[("[]", "[Server]"), ("[Server x]", "[Server]")]),
    ("put what follows the bracket on a line of its own", &[("] DataDir", "]\nDataDir")]),
    ("write Name = value", &[("DataDir x", "DataDir = x")]),
    ("write an absolute path", &[("= data\n", "= /data\n")]),
    ("keep one of them: Connect does not start with both", &[("EncryptionKey = x\n", "")]),
    ("give 512 bytes", &[("EncryptionKey = x\n", "")]),
    ("name a file that holds 512 bytes", &[("DIR/broken.key", "DIR/right.key")]),
    ("remove the line end from the key", &[("DIR/line.key", "DIR/right.key")]),
    ("remove one of the two", &[("u:inside@", "u@")]),
    ("remove it from the URL, and set the password", &[(":{$}@", "@")]),
    ("remove `:{$}` from the URL", &[(":{$}@", "@")]),
    ("remove the one that is out of date", &[("URL = postgres://u@new/x\n", "")]),
    ("write a / in the password as %2F", &[("a/b@", "a%2Fb@")]),
    ("write a special character of the password as %", &[("u:a/b@", "u:a%2Fb@")]),
    ("write an IPv6 address in brackets", &[("[::1/", "[::1]/")]),
    ("name the role in the URL", &[("postgres://db/", "postgres://u@db/"), ("//a/b@", "//u@")]),
    ("write yes or no", &[("=maybe", "=yes")]),
    ("write `dbname` instead", &[("database=x", "dbname=x")]),
    ("remove the value", &[("?=x", "")]),
    ("Kerberos and GSSAPI are not built in", &[("?krbsrvname=x", "")]),
    ("OAuth is not built in", &[("?oauth_issuer=x", "")]),
    ("give the password itself", &[("?scram_client_key=x", "")]),
    ("turn TLS on", &[("sslmode=require", "sslmode=disable")]),
    ("correct the URL", &[("&work_memm=1", "")]),
];

/// Hints about what stands outside of the configuration: servers, and files that other tests have.
pub const ELSEWHERE: &[&str] = &["getent hosts ", "check `SQLite.Dir` and `Server.DataDir`"];

/// The value of a setting that a hint names without one.
fn value_of(name: &str) -> &'static str {
    match name.to_ascii_lowercase().ends_with("url") {
        true => "postgres://u@db.example.com/x",
        false => "secret",
    }
}

/// Scenes in which a hint was followed, each with how.
pub fn follow(scene: &Scene, output: &RunOutput) -> Vec<(String, Scene)> {
    let mut found = Vec::new();
    let mut add = |how: &str, change: &dyn Fn(&mut Scene)| {
        let mut changed = scene.clone();
        change(&mut changed);
        found.push((how.to_owned(), changed));
    };
    follow_names(output, &mut add);
    follow_variables(&output.hint, &mut add);
    follow_parameters(output, &mut add);
    follow_files(&output.hint, &mut add);
    if let Some((_, edits)) = BY_HAND.iter().find(|(part, _)| output.hint.contains(part)) {
        add("by hand", &|scene| edit(scene, edits));
    }
    found
}

type Add<'a> = &'a mut dyn FnMut(&str, &dyn Fn(&mut Scene));

/// Names and lines that are to be written in place of others.
fn follow_names(output: &RunOutput, add: Add<'_>) {
    let hint = output.hint.as_str();
    if let Some(name) = between(hint, "did you mean ", "?") {
        add(name, &|scene| rename(scene, &output.text, name));
    }
    if let Some(line) = between(hint, "write Provider", " until") {
        let line = format!("Provider{line}");
        add(&line, &|scene| replace_line(scene, &output.text, &line));
    }
    if let Some(header) = between(hint, "write [", "]; ") {
        let header = format!("[{header}]");
        add(&header, &|scene| replace_line(scene, &output.text, &header));
    }
}

/// Settings that are missing, below a section or as a variable.
fn follow_variables(hint: &str, add: Add<'_>) {
    if let Some(rest) = hint.strip_prefix("add below [")
        && let Some((section, rest)) = rest.split_once(']')
        && let Some((_, line)) = rest.split_once(": ")
    {
        let name = line.split(" = ").next().unwrap();
        let line = format!("{name} = {}", value_of(name));
        add(&line, &|scene| scene.add_line(section, &line));
    }
    if let Some(variable) = between(hint, "set the environment variable `", "`") {
        add(variable, &|scene| scene.set_variable(variable, value_of(variable)));
    }
    if let Some(name) = between(hint, "unset ", " to use") {
        add("unset", &|scene| {
            scene.variables.remove(name).unwrap();
        });
    }
    let set = between(hint, "set ", " until").and_then(|set| set.split_once(" to "));
    if let Some((variable, value)) = set {
        add(variable, &|scene| scene.set_variable(variable, value));
    }
}

/// Parameters of the URL.
fn follow_parameters(output: &RunOutput, add: Add<'_>) {
    let hint = output.hint.as_str();
    if hint.starts_with("remove it;") {
        let key = output.text.split(": ").nth(1).unwrap().split(' ').next().unwrap();
        add("removed", &|scene| take_out(scene, key));
    }
    let first = hint.strip_prefix("write ").map(|rest| rest.trim_start_matches('`'));
    let first = first.and_then(|rest| rest.split([' ', ';', '`']).next());
    let parameter = first.and_then(|word| word.split_once('='));
    if let Some((key, value)) = parameter.filter(|(key, _)| key.starts_with("ssl")) {
        add(key, &|scene| {
            take_out(scene, key);
            let text = scene.text_of("connect.gcfg");
            let url = text.lines().find(|line| line.starts_with("URL = ")).unwrap();
            let sign = if url.contains('?') { '&' } else { '?' };
            let new = format!("{url}{sign}{key}={value}");
            scene.set_text("connect.gcfg", &text.replace(url, &new));
        });
    }
}

/// Files that are to be named, or given other rights.
fn follow_files(hint: &str, add: Add<'_>) {
    if hint.starts_with("chmod ") {
        add(hint, &|scene| scene.shell.push(hint.to_owned()));
    }
    if hint.contains("`--config FILE`") {
        add("--config", &|scene| {
            let named = scene.words.iter_mut().find(|word| word.ends_with(".gcfg")).unwrap();
            "DIR/other.gcfg".clone_into(named);
        });
    }
    if hint.contains("in [Server] EncryptionKeyFile") {
        add("EncryptionKeyFile", &|scene| {
            let text = scene.text_of("connect.gcfg");
            let lines = text.lines().filter(|line| !line.starts_with("EncryptionKeyFile"));
            let text: String = lines.map(|line| format!("{line}\n")).collect();
            scene.set_text("connect.gcfg", &text);
            scene.add_line("Server", "EncryptionKeyFile = DIR/right.key");
        });
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before).filter(|(start, _)| start.is_empty())?;
    Some(rest.split_once(after)?.0)
}

/// Gives a variable, a section or a setting the name that was meant.
fn rename(scene: &mut Scene, text: &str, name: &str) {
    if let Some(variable) = between(text, "the environment variable ", " is not") {
        let value = scene.variables.remove(variable).unwrap();
        scene.variables.insert(name.to_owned(), value);
        return;
    }
    match name.starts_with('[') {
        true => replace_line(scene, text, name),
        false => {
            let (file, line) = place(text);
            let old = scene.text_of(&file).lines().nth(line - 1).unwrap().to_owned();
            let (_, value) = old.split_once('=').unwrap();
            replace_line(scene, text, &format!("{name} ={value}"));
        }
    }
}

/// The file and the line that a text names.
fn place(text: &str) -> (String, usize) {
    let (_, rest) = text.split_once("DIR/").unwrap();
    let mut parts = rest.split([':', ')']);
    (parts.next().unwrap().to_owned(), parts.next().unwrap().parse().unwrap())
}

fn replace_line(scene: &mut Scene, text: &str, new: &str) {
    let (file, number) = place(text);
    let lines = scene.text_of(&file);
    let lines = lines.lines().enumerate().map(|(at, line)| match at + 1 == number {
        true => format!("{new}\n"),
        false => format!("{line}\n"),
    });
    let lines: String = lines.collect();
    scene.set_text(&file, &lines);
}

/// Takes a parameter out of the URL.
fn take_out(scene: &mut Scene, key: &str) {
    let text = scene.text_of("connect.gcfg");
    let lines = text.lines().map(|line| match line.split_once('?') {
        Some((url, parameters)) => {
            let own = format!("{key}=");
            let kept: Vec<&str> =
                parameters.split('&').filter(|one| !one.starts_with(&own)).collect();
            let sign = if kept.is_empty() { "" } else { "?" };
            format!("{url}{sign}{}\n", kept.join("&"))
        }
        None => format!("{line}\n"),
    });
    let text: String = lines.collect();
    scene.set_text("connect.gcfg", &text);
}

/// Replaces in the file and in the variables; without replacements the file becomes UTF-8.
fn edit(scene: &mut Scene, edits: &[(&str, &str)]) {
    for (_, (bytes, _)) in scene.files.iter_mut().filter(|(name, _)| name.ends_with(".gcfg")) {
        let mut text = String::from_utf8_lossy(bytes).replace('\u{fffd}', "é");
        for (from, to) in edits {
            text = text.replace(from, to);
        }
        *bytes = text.into_bytes();
    }
}
