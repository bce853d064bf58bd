//! The table `outcomes.txt`: what becomes of each hazard, and the case that shows it.
//!
//! A line is an id, its outcome, and a case: `T1 refuse T1-nul`. The outcomes are `convert` (the
//! value arrives), `note` (it arrives and the report says so), `warn`, `refuse` (the run stops
//! before it writes), `late` (only PostgreSQL can tell, and nothing is left of the load), `usage`
//! (refused with the schema files), and `rule` (the server or the run's order sees to it). A case
//! is a directory of `tests/cases/hazards` or `tests/cases/preflight`, or a test: `test NAME`.
//! Where the program finds a hazard under other ids, they follow: `as S1 J6`. A `#` begins a
//! remark.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use connect_migrate::diagnostic::{Id, catalog};

use super::case::{Case, root};

/// The ids that must have an outcome, by letter and numbers.
const LISTED: &[(&str, &[(u32, u32)])] = &[
    ("T", &[(1, 9), (13, 15)]),
    ("S", &[(1, 13), (15, 16)]),
    ("B", &[(1, 5)]),
    ("D", &[(1, 20)]),
    ("J", &[(1, 11)]),
    ("K", &[(1, 5), (8, 17)]),
    ("Q", &[(1, 8), (13, 16)]),
    ("O", &[(1, 3), (8, 15), (20, 20)]),
    ("F", &[(1, 18)]),
    ("P", &[(1, 16), (21, 23)]),
];

/// A line of the table.
struct Line {
    id: String,
    outcome: String,
    case: String,
    test: bool,
    found_as: Vec<String>,
}

fn lines() -> Vec<Line> {
    let text = fs::read_to_string(root().join("outcomes.txt")).unwrap();
    let lines = text.lines().map(|line| line.split('#').next().unwrap());
    let mut found = Vec::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut next = || words.next().unwrap_or_else(|| panic!("too short: {line}"));
        let (id, outcome, first) = (next(), next(), next());
        let test = first == "test";
        let case = if test { next() } else { first };
        let mut rest = words.skip_while(|word| word == "as").collect::<Vec<_>>();
        if rest.is_empty() {
            rest.push(id.clone());
        }
        found.push(Line { id, outcome, case, test, found_as: rest });
    }
    found
}

fn manifest() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn directory(case: &str) -> Option<PathBuf> {
    let preflight = manifest().join("tests/cases/preflight");
    [root(), preflight].into_iter().map(|root| root.join(case)).find(|path| path.is_dir())
}

#[test]
fn every_listed_hazard_has_a_case_and_every_case_a_line() {
    let lines = lines();
    let has = |id: &str| lines.iter().any(|line| line.id == id);
    let listed = LISTED.iter().flat_map(|(letter, ranges)| {
        let numbers = ranges.iter().flat_map(|(first, last)| *first..=*last);
        numbers.map(move |number| format!("{letter}{number}"))
    });
    let missing: Vec<String> = listed.chain(["K1b".to_owned()]).filter(|id| !has(id)).collect();
    assert_eq!(missing, Vec::<String>::new(), "have no line");
    let cases: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let named: BTreeSet<String> = lines.into_iter().map(|line| line.case).collect();
    let unnamed: Vec<&String> = cases.difference(&named).collect();
    assert!(unnamed.is_empty(), "have no line: {unnamed:?}");
}

#[test]
fn every_case_has_the_outcome_of_its_line() {
    let tests = tests();
    let mut wrong = Vec::new();
    for line in lines() {
        let what = format!("{} {} {}", line.id, line.outcome, line.case);
        if line.test {
            if !tests.contains(&line.case) {
                wrong.push(format!("{what}: there is no such test"));
            }
            continue;
        }
        let expected = directory(&line.case)
            .and_then(|path| fs::read_to_string(path.join("expected.txt")).ok());
        let Some(expected) = expected else {
            wrong.push(format!("{what}: there is no such case"));
            continue;
        };
        if !shows(&line, &expected) {
            wrong.push(format!("{what}: but it is\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether an expected text is of the line's outcome.
fn shows(line: &Line, expected: &str) -> bool {
    let found = |words: &[&str]| {
        line.found_as.iter().all(|id| {
            words.iter().any(|word| {
                let start = format!("{id} {word} ");
                expected.lines().any(|line| line.starts_with(&start))
            })
        })
    };
    let arrives = expected.starts_with("exit 0\n");
    match line.outcome.as_str() {
        "convert" | "rule" => arrives,
        "usage" => expected.starts_with("exit 2\n"),
        "late" => expected.contains("\nrun:\nexit ") && found(&["error"]),
        "note" => arrives && found(&["note", "counted"]),
        "warn" => arrives && found(&["warning"]),
        "refuse" => !arrives && found(&["error"]),
        other => panic!("no outcome: {other}"),
    }
}

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let mut folders = ["tests", "src"].map(|name| manifest().join(name)).to_vec();
    let mut names = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let tests = text.split("#[test]").skip(1);
                let named = tests.filter_map(|text| text.trim_start().strip_prefix("fn "));
                names.extend(named.filter_map(|text| Some(text.split_once('(')?.0.to_owned())));
                names.extend(case_tests(&text));
            }
        }
    }
    names
}

/// The tests of a list of cases, from its lines like `T1_nul = "T1-nul",`.
fn case_tests(text: &str) -> impl Iterator<Item = String> {
    let list = text.split_once("\ncase_tests! {\n").map_or("", |(_, list)| list);
    list.lines().filter_map(|line| Some(line.trim().split_once(" = ")?.0.to_owned()))
}

/// Also of the directories whose tests are written by hand.
#[test]
fn every_case_directory_has_a_test_of_its_name() {
    let tests = tests();
    let mut missing = Vec::new();
    for group in ["hazards", "preflight", "existing_tables/findings", "frameworks"] {
        for entry in fs::read_dir(manifest().join("tests/cases").join(group)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().replace('-', "_");
            if path.join("expected.txt").is_file() && !tests.contains(&name) {
                missing.push(path);
            }
        }
    }
    assert!(missing.is_empty(), "have no test: {missing:?}");
}

/// A file of another name would be read by nobody.
#[test]
fn every_file_of_a_case_is_one_that_is_read() {
    const FILES: &[&str] = &[
        "case.toml",
        "expected.txt",
        "repair.toml",
        "repaired.txt",
        "schema",
        "source.sql",
        "target.sql",
    ];
    for case in Case::all() {
        for entry in fs::read_dir(&case.directory).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(FILES.contains(&name.as_str()), "{}: {name}", case.name);
        }
    }
}

#[test]
fn every_finding_has_a_case_directory() {
    let mut ids: BTreeSet<String> = BTreeSet::new();
    let cases = manifest().join("tests/cases");
    for root in [root(), cases.join("preflight"), cases.join("existing_tables/findings")] {
        for entry in fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            for name in ["expected.txt", "repaired.txt"] {
                let expected = fs::read_to_string(path.join(name)).unwrap_or_default();
                let (_, report) = expected.split_once("report:\n").unwrap_or_default();
                let words = report.lines().filter_map(|line| line.split_once(' '));
                ids.extend(words.map(|(id, _)| id.to_owned()));
            }
        }
    }
    // The key of a configuration, which no case has: tests/check_config.rs.
    ids.insert(Id::F15.as_str().to_owned());
    // A limit of the process, before there is a report: tests/hazards/middle_of_a_run.rs.
    ids.insert(Id::F18.as_str().to_owned());
    let missing: Vec<Id> =
        catalog::entries().map(|entry| entry.id).filter(|id| !ids.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "no case expects {missing:?}");
    assert!(Case::all().len() > 100);
}
