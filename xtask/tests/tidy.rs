//! The house rules that a machine can hold: over all files that git knows, told all at once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use std::fs;
use std::process::Command;

use xtask::golden::root;

const LINES_MAX: usize = 400;
const COLUMNS_MAX: usize = 100;

/// Files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[];

/// What would end the process instead of telling the user.
const ENDS: &[&str] =
    &[".unwrap()", ".expect(", concat!("panic", "!"), concat!("todo", "!"), "unimplemented!"];

/// What writes to the terminal past `diagnostic::console`, which escapes foreign text and does not
/// end the process when nobody reads.
const PRINTS: &[&str] =
    &["io::stdout(", "io::stderr(", "println!", "eprintln!", "print!(", "eprint!("];

/// Texts for people, as fields and calls end. Nothing decides by them.
const TEXTS: &[&str] = &[
    ".what",
    ".why",
    ".hint",
    ".expected",
    ".found",
    ".note",
    ".details",
    ".remark",
    "fault.text",
    "warning.text",
    "message",
    "full_text()",
    "full_hint()",
];

/// What looks into a text.
const READS: &[&str] = &[
    ".starts_with(",
    ".ends_with(",
    ".contains(",
    ".strip_prefix(",
    ".strip_suffix(",
    ".split(",
    ".split_once(",
    ".rsplit(",
    ".rsplit_once(",
    ".find(",
    ".trim_start_matches(",
    ".trim_end_matches(",
    ".matches(",
];

/// What opens, makes, renames or removes a file: as root that is safe in one module only.
const FILE_CALLS: &[&str] = &[
    "File::open",
    "File::create",
    "OpenOptions",
    "fs::read(",
    "fs::read_to_string",
    "fs::write",
    "fs::rename",
    "fs::copy",
    "fs::create_dir",
    "fs::remove_",
    "fs::hard_link",
    "fs::set_permissions",
    "fs::symlink",
    "fs::open",
    "DirBuilder",
    "tempfile::",
];

/// Panics if the system refuses a thread.
const SPAWNS: &[&str] = &["thread::spawn(", "scope.spawn("];

/// Where those calls are.
const FILE_MODULES: &[&str] = &[
    "src/files/",
    "model/src/input.rs",
    // Called by build.rs; writes into OUT_DIR.
    "model/src/rust.rs",
];

/// Everything that is against the rules in a file, as `path:line: what`.
fn findings(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |line: usize, what: String| found.push(format!("{path}:{line}: {what}"));
    if path.ends_with(".md") {
        for (number, line) in numbered(text) {
            if line.ends_with([' ', '\t']) {
                add(number, "blanks at the end of the line".to_owned());
            }
        }
    }
    // The cases of tests hold what the product prints.
    if !path.ends_with(".rs") || path.contains("tests/cases/") {
        return found;
    }
    if !text.starts_with("//!") {
        add(1, "a file begins with `//!`: what it does and what it leaves to others".to_owned());
    }
    let lines = text.lines().count();
    if lines > LINES_MAX && !LONG.iter().any(|(long, _)| *long == path) {
        add(lines, format!("{lines} lines; a file has at most {LINES_MAX}, split it"));
    }
    let product = path.starts_with("src/") || path.starts_with("model/src/");
    let test_file = path.starts_with("tests/") || path.contains("/tests/");
    let mut inside = Inside::default();
    for (number, line) in numbered(text) {
        let width = line.chars().count();
        if width > COLUMNS_MAX {
            add(number, format!("{width} columns; a line has at most {COLUMNS_MAX}"));
        }
        let test = inside.test(line) || test_file;
        let code = if line.trim_start().starts_with("//") { "" } else { line };
        let code = code.split(" // ").next().unwrap_or(code);
        if code.trim_start().starts_with(concat!("#[", "ignore")) {
            add(number, "a test is never ignored; say what it lacks, or fail".to_owned());
        }
        if test && waits(code) {
            add(number, "a test waits for an event, never for time".to_owned());
        }
        let in_its_module = FILE_MODULES.iter().any(|module| path.starts_with(module));
        if product && !test && !in_its_module {
            for call in FILE_CALLS.iter().filter(|call| calls(code, call)) {
                add(number, format!("`{call}`: use `crate::files`, which is safe as root"));
            }
        }
        if product && !test && reads_prose(code) {
            add(number, "decides by a text for people; decide by a typed value".to_owned());
        }
        if product && !test {
            for call in SPAWNS.iter().filter(|call| code.contains(**call)) {
                add(number, format!("`{call}`: use `crate::threads`, which returns an error"));
            }
            for end in ENDS.iter().filter(|end| code.contains(**end)) {
                add(number, format!("`{end}` ends the process; return an error"));
            }
            if path.starts_with("src/")
                && path != "src/diagnostic/console.rs"
                // Outputs may be open descriptors.
                && !path.starts_with("src/files/")
                && let Some(print) = PRINTS.iter().find(|print| code.contains(**print))
            {
                add(
                    number,
                    format!("`{print}` prints past diagnostic::console; use its functions"),
                );
            }
        }
    }
    found
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').enumerate().map(|(place, line)| (place + 1, line))
}

/// Whether a line has a call by this path: `File::open`, and not `MyFile::open`.
fn calls(code: &str, path: &str) -> bool {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(path).any(|(at, _)| !code[..at].ends_with(part_of_a_name))
}

/// Whether a line looks into a text that the program made for people.
fn reads_prose(code: &str) -> bool {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    let is_text = |before: &str| {
        TEXTS.iter().any(|text| {
            let rest = before.strip_suffix(text);
            rest.is_some_and(|rest| text.starts_with('.') || !rest.ends_with(part_of_a_name))
        })
    };
    READS.iter().any(|read| code.match_indices(read).any(|(at, _)| is_text(&code[..at])))
}

/// Whether a line sleeps; a statement that keeps the server busy does not.
fn waits(code: &str) -> bool {
    code.replace("pg_sleep(", "").contains(concat!("sleep", "("))
}

/// Follows the items under `#[cfg(test)]`, by the indentation that rustfmt gives them.
#[derive(Default)]
struct Inside {
    end: Option<String>,
}

impl Inside {
    /// Whether this line belongs to such an item.
    fn test(&mut self, line: &str) -> bool {
        let indent = line.len() - line.trim_start().len();
        match &self.end {
            None if line.trim() == "#[cfg(test)]" => {
                self.end = Some(format!("{}}}", &line[..indent]));
                true
            }
            None => false,
            Some(end) => {
                let one_line = end.len() == indent + 1 && line.ends_with(';');
                if one_line || line == end {
                    self.end = None;
                }
                true
            }
        }
    }
}

fn tracked() -> Vec<String> {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    assert!(git.status.success(), "git ls-files: {}", String::from_utf8_lossy(&git.stderr));
    let names = String::from_utf8(git.stdout).unwrap();
    names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[test]
fn the_tree_is_tidy() {
    let files = tracked();
    assert!(files.iter().any(|file| file == "xtask/tests/tidy.rs"), "git knows this file");
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.ends_with(".rs") || file.ends_with(".md")) {
        // A file that is deleted and not yet committed is no finding.
        if let Ok(bytes) = fs::read(root().join(file)) {
            match String::from_utf8(bytes) {
                Ok(text) => found.extend(findings(file, &text)),
                Err(_) => found.push(format!("{file}:1: not UTF-8")),
            }
        }
    }
    for (long, reason) in LONG {
        let lines = fs::read_to_string(root().join(long)).unwrap_or_default().lines().count();
        if lines <= LINES_MAX || reason.is_empty() {
            found.push(format!("{long}:1: needs no exemption, or gives no reason"));
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// `text` in a file of that path has these findings, each at its line.
fn check(path: &str, text: &str, lines: &[usize]) {
    let found = findings(path, text);
    let expected: Vec<String> = lines.iter().map(|line| format!("{path}:{line}: ")).collect();
    let fits = found.len() == expected.len()
        && found.iter().zip(&expected).all(|(found, start)| found.starts_with(start));
    assert!(fits, "{path}: {found:?}, expected lines {lines:?} of\n{text}");
}

#[test]
fn a_planted_fault_is_found() {
    check("src/a.rs", "//! Tidy.\nfn a() {}\n", &[]);
    check("src/a.rs", "fn a() {}\n", &[1]);
    check("src/a.rs", &format!("//! Long.\n{}", "\n".repeat(LINES_MAX)), &[LINES_MAX + 1]);
    check("src/a.rs", &format!("//! Long enough.\n{}", "\n".repeat(LINES_MAX - 1)), &[]);
    check("src/a.rs", &format!("//! Wide.\n// {}\n", "ä".repeat(COLUMNS_MAX - 2)), &[2]);
    check("src/a.rs", &format!("//! Fits.\n// {}\n", "ä".repeat(COLUMNS_MAX - 3)), &[]);
    check("a.md", "# Page\n\nText \nmore\t\n", &[3, 4]);
    check("tests/cases/a/copy.rs", &"static A: B = C;\n".repeat(500), &[]);
}

#[test]
fn what_ends_the_process_is_found_in_the_product_only() {
    for end in ENDS {
        let line = format!("    x{end});\n");
        let text = format!("//! Ends.\nfn a() {{\n{line}}}\n");
        check("src/a.rs", &text, &[3]);
        check("model/src/a.rs", &text, &[3]);
        check("xtask/src/a.rs", &text, &[]);
        check("tests/a.rs", &text, &[]);
        check("src/a.rs", &format!("//! Says it.\n// never{end}\n"), &[]);
        check("src/a.rs", &format!("//! Late.\nopen(\"a://b\"){end}; // yes\n"), &[2]);
        let tests = format!("#[cfg(test)]\nmod tests {{\n    fn a() {{\n    {line}    }}\n}}\n");
        check("src/a.rs", &format!("//! Tested.\n{tests}"), &[]);
        check("src/a.rs", &format!("//! Below.\n{tests}fn b() {{\n{line}}}\n"), &[9]);
        check("src/a.rs", &format!("//! Use.\n#[cfg(test)]\nuse a;\n{line}"), &[4]);
    }
}

#[test]
fn what_prints_past_the_console_is_found() {
    for print in PRINTS {
        let text = format!("//! Prints.\nfn a() {{\n    {print}\n}}\n");
        check("src/a.rs", &text, &[3]);
        check("src/diagnostic/console.rs", &text, &[]);
        check("src/files/a.rs", &text, &[]);
        check("xtask/src/a.rs", &text, &[]);
    }
}

#[test]
fn files_are_opened_and_written_in_one_module_only() {
    for call in FILE_CALLS {
        let text = format!("//! Files.\nfn a() {{\n    std::{call}x;\n}}\n");
        check("src/migrate/a.rs", &text, &[3]);
        check("model/src/a.rs", &text, &[3]);
        check("src/files/a.rs", &text, &[]);
        check("xtask/src/a.rs", &text, &[]);
        check("tests/a.rs", &text, &[]);
        let tests = format!("//! Tested.\n#[cfg(test)]\nmod tests {{\n    std::{call}x;\n}}\n");
        check("src/a.rs", &tests, &[]);
    }
    check("src/a.rs", "//! Own.\nNewFile::create(a);\n", &[]);
    check("src/a.rs", "//! Asks.\nfs::metadata(a);\nfs::read_dir(a);\nfs::read_link(a);\n", &[]);
}

#[test]
fn threads_are_started_in_one_module_only() {
    for call in SPAWNS {
        let text = format!("//! Starts.\nfn a() {{\n    {call}x);\n}}\n");
        check("src/migrate/a.rs", &text, &[3]);
        check("xtask/src/a.rs", &text, &[]);
        check("tests/a.rs", &text, &[]);
    }
}

#[test]
fn what_decides_by_a_text_for_people_is_found() {
    for (text, read) in TEXTS.iter().flat_map(|text| READS.iter().map(move |read| (text, read))) {
        let owner = if text.starts_with('.') { "finding" } else { "" };
        let line = format!("    if {owner}{text}{read}\"words\") {{}}\n");
        let file = format!("//! Reads.\nfn a() {{\n{line}}}\n");
        check("src/a.rs", &file, &[3]);
        check("tests/a.rs", &file, &[]);
    }
    check("src/a.rs", "//! SQL.\ndefault.text.contains(a);\nitem.text.ends_with(b);\n", &[]);
    check("src/a.rs", "//! Types.\nmatches!(finding.id, Id::T1);\n", &[]);
}

#[test]
fn a_test_that_waits_or_is_skipped_is_found() {
    let wait = concat!("thread::sleep", "(second);");
    check("tests/a.rs", &format!("//! Waits.\nfn a() {{\n    {wait}\n}}\n"), &[3]);
    check("model/tests/a.rs", &format!("//! Waits.\n{wait}\n"), &[2]);
    check("src/a.rs", &format!("//! Backs off.\n{wait}\n"), &[]);
    check("src/a.rs", &format!("//! Waits.\n#[cfg(test)]\nmod a {{\n    {wait}\n}}\n"), &[4]);
    check("tests/a.rs", concat!("//! Busy.\nrun(\"SELECT pg_", "sleep", "(60)\");\n"), &[]);
    check("tests/a.rs", concat!("//! Skips.\n#[", "ignore]\nfn a() {}\n"), &[2]);
    check("src/a.rs", concat!("//! Skips.\n    #[", "ignore = \"slow\"]\n"), &[2]);
}
