//! Schema directories: made beside their place, never through a link, never over anything.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use rusqlite::Connection;

use super::{Case, everything, names};
use crate::server::installation::{Ended, program};

fn draft(case: &Case, words: &[&str]) -> Ended {
    let mut command = program();
    command.args(["schema", "draft", "--source"]).args(words);
    Ended::of(&command.current_dir(case.folder.path()).output().unwrap())
}

#[test]
fn a_draft_goes_into_nothing_that_is_there() {
    let case = Case::new();
    fs::write(case.path("file"), "precious").unwrap();
    fs::create_dir(case.path("empty")).unwrap();
    symlink("empty", case.path("link")).unwrap();
    symlink("nothing", case.path("dangling")).unwrap();
    let all = [
        ("file", "exists already"),
        ("shop", "exists already"),
        ("shop.db", "shop.db would be the source"),
        ("shop.db-wal", "would be the -wal file of the source"),
        ("shop.db-journal/", "would be the -journal file of the source"),
        ("link", "is a symbolic link"),
        ("dangling", "is a symbolic link"),
    ];
    for (out, why) in all {
        let before = everything(case.folder.path());
        // The path is checked first: the source is another file in half of the runs, and missing.
        draft(&case, &["shop.db", "--out", out]).expect(2, &["--out: ", out, why, "hint: "]);
        assert_eq!(everything(case.folder.path()), before, "{out}");
        if !out.starts_with("shop.db") {
            draft(&case, &["missing.db", "--out", out]).expect(2, &["--out: ", out, why]);
        }
    }
    draft(&case, &["shop.db", "--out", "empty/"]).expect(0, &[]);
    draft(&case, &["shop.db", "--out", "new/way/draft"]).expect(0, &[]);
    for (path, mode) in [("empty", 0o700), ("empty/t.toml", 0o600), ("new/way/draft", 0o700)] {
        let found = fs::metadata(case.path(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(found, mode, "{path}");
    }
    assert_eq!(names(&case.path("new/way")), ["draft"]);
}

#[test]
fn files_of_a_directory_are_replaced_and_nothing_else() {
    let case = Case::new();
    draft(&case, &["shop.db", "--out", "drafted"]).expect(0, &[]);
    let connection = Connection::open(case.path("shop.db")).unwrap();
    connection.execute_batch("ALTER TABLE t ADD COLUMN n INTEGER; UPDATE t SET flag = 1").unwrap();
    drop(connection);
    let words = ["shop.db", "--into", "drafted", "--version", "2"];
    let (table, residue) = (case.path("drafted/t.toml"), case.path("drafted/RESIDUE.md"));
    // A link, a file of the same name that a person wrote.
    fs::rename(&table, case.path("elsewhere")).unwrap();
    symlink(case.path("elsewhere"), &table).unwrap();
    let before = everything(case.folder.path());
    draft(&case, &words).expect(2, &["drafted/t.toml", "it is a symbolic link", "hint: "]);
    assert_eq!(everything(case.folder.path()), before);
    fs::rename(case.path("elsewhere"), &table).unwrap();
    let drafted = fs::read(&residue).unwrap();
    fs::write(&residue, "my own notes").unwrap();
    let before = everything(case.folder.path());
    draft(&case, &words).expect(2, &["RESIDUE.md was not written by", "hint: "]);
    assert_eq!(everything(case.folder.path()), before);
    fs::write(&residue, drafted).unwrap();
    fs::set_permissions(&table, Permissions::from_mode(0o644)).unwrap();
    let before = names(&case.path("drafted"));
    draft(&case, &words).expect(0, &[]);
    assert_eq!(names(&case.path("drafted")), before);
    let text = fs::read_to_string(&table).unwrap();
    assert!(text.lines().any(|line| line.starts_with("n ")), "{text}");
    assert_eq!(fs::metadata(&table).unwrap().permissions().mode() & 0o7777, 0o644);
}
