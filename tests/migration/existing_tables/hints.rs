//! What the hints of refused runs into existing tables tell to do is done, and helps.

use std::fs;
use std::path::{Path, PathBuf};

use super::{PASSWORD, Place, ROOT, findings, program, ran, url};
use crate::hints::{Instead, Scene, follow_all};

use Instead::{JoinAgain, Nothing};

/// Hints without anything to paste.
const ELSEWHERE: &[(&str, Instead)] = &[
    // The schema files say something else than PostgreSQL has.
    ("O2", JoinAgain),
    ("O11", JoinAgain),
    ("S14", JoinAgain),
    // The application makes its tables, in another version or another database.
    ("O3", Nothing),
    ("O19", Nothing),
];

impl Scene for Place {
    fn run(&self, words: &[String]) -> (i32, String) {
        let words = words.iter().map(String::as_str);
        let ran = self.copy(&words.chain(["--dry-run"]).collect::<Vec<_>>());
        (ran.code.unwrap(), ran.err)
    }

    fn run_joined(&self) -> (i32, String) {
        let mut command = program();
        command.env("PGPASSWORD", PASSWORD).env("HOME", self.folder.path());
        command.args(["copy", "--dry-run", "--source"]).arg(self.file());
        command.args(["--target", &url(&self.database.name)]);
        let ran = ran(&mut command);
        // Without a schema, the database is called as its file.
        (ran.code.unwrap(), ran.err.replace(" source.", " schema."))
    }

    fn source(&self) -> PathBuf {
        self.file()
    }

    fn url(&self) -> &str {
        &self.database.url
    }

    /// All tests here share one role and its memberships; the hints of hazards follow this one.
    fn may_execute(&self, sql: &str) -> bool {
        !sql.starts_with("GRANT admin TO ")
    }
}

#[test]
fn each_hint_of_a_refusal_is_followed() {
    let mut faults = Vec::new();
    for case in fs::read_dir(Path::new(ROOT).join("findings")).unwrap() {
        let case = case.unwrap().path();
        let expected = fs::read_to_string(case.join("expected.txt")).unwrap();
        if expected.starts_with("exit 0") {
            continue;
        }
        let (_, wrong) = follow_all(|| findings::make_place(&case), "schema.", ELSEWHERE);
        faults.extend(wrong.into_iter().map(|why| format!("{}: {why}", case.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
