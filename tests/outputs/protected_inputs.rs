//! What a run reads is never written: by name, by hard link, by a name that SQLite would look for.

use std::fs;
use std::os::unix::fs::symlink;

use super::{Case, REPAIR, everything};
use crate::server::installation::{Installation, private};

#[test]
fn outputs_never_take_the_place_of_what_copy_reads() {
    let case = Case::new();
    fs::write(case.path("repairs.toml"), "").unwrap();
    fs::hard_link(case.path("shop.db"), case.path("linked.db")).unwrap();
    fs::hard_link(case.path("shop/t.toml"), case.path("linked.toml")).unwrap();
    symlink(case.path("shop"), case.path("way")).unwrap();
    let all = [
        ("shop.db", "it is the source"),
        ("./shop/../shop.db", "it is the source"),
        ("linked.db", "it is the source"),
        ("shop.db-wal", "it is the -wal file of the source"),
        ("shop.db-shm", "it is the -shm file of the source"),
        ("shop.db-journal", "it is the -journal file of the source"),
        ("shop/t.toml", "it is a file of the schema directory"),
        ("linked.toml", "it is a file of the schema directory"),
        ("shop/new.toml", "it is a file of the schema directory"),
        ("way/new.toml", "it is a file of the schema directory"),
        ("repairs.toml", "it is the file of --repairs"),
    ];
    for (path, why) in all {
        for flag in ["--report", "--quarantine", "--keys"] {
            let words = ["--repairs", "repairs.toml", "--force", flag, path];
            case.refuses(&words, &[path, why, flag]);
        }
    }
    // SQLite names the siblings after the file that a link leads to.
    symlink("shop.db", case.path("link.db")).unwrap();
    for path in ["shop.db", "shop.db-journal", "link.db-wal"] {
        case.refuses(&["--source=link.db", "--report", path], &[path, "the source"]);
    }
}

#[test]
fn outputs_never_take_the_place_of_each_other() {
    let case = Case::new();
    let pairs = [("out", "out"), ("out", "./out"), ("out.part", "out")];
    for (report, quarantine) in pairs {
        let words = [REPAIR, "--force", "--report", report, "--quarantine", quarantine];
        case.refuses(&words, &["it is what this run writes as "]);
    }
    for (flag, keys) in [("--report", "out"), ("--quarantine", "shop/../out.part")] {
        let words = [REPAIR, "--force", flag, "out", "--keys", keys];
        case.refuses(&words, &["it is what this run writes as "]);
    }
    // A descriptor is the file behind it.
    let script = "exec \"$0\" \"$@\" 3>>shop.db";
    let mut command = std::process::Command::new("sh");
    let run = case.command(&["--dry-run", "--report", "/dev/fd/3"]);
    command.args(["-c", script]).arg(run.get_program()).args(run.get_args());
    let before = everything(case.folder.path());
    let ended = command.current_dir(case.folder.path()).output().unwrap();
    let ended = crate::server::installation::Ended::of(&ended);
    ended.expect(2, &["/dev/fd/3", "it is the source"]);
    assert_eq!(everything(case.folder.path()), before);
}

#[test]
fn report_never_takes_the_place_of_what_db_reads() {
    let url = "URL = \"postgres://nobody@127.0.0.1:1/nothing\"";
    let installation = Installation::new(url);
    let folder = installation.directory.path();
    private(&folder.join("pass"), b"");
    let config = installation.config.display().to_string();
    let at = |name: &str| folder.join(name).display().to_string();
    let all = [
        (config.clone(), "the configuration file"),
        (at("rstudio-connect-migration.gcfg"), "the old configuration file"),
        (at("db/secret.key"), "the encryption key"),
        (at("db/connect.db"), "a database of the configuration"),
        (at("db/connect-instrumentation.db-wal"), "the -wal file of "),
        (at("pass"), "the password file"),
    ];
    for (path, why) in &all {
        for mode in ["--yes", "--dry-run", "--verify"] {
            let before = everything(folder);
            let words = ["db", "--data=core", mode, "--force", "--report", path];
            let mut command = installation.command(&words);
            command.env("PGPASSFILE", folder.join("pass"));
            let ended = crate::server::installation::Ended::of(&command.output().unwrap());
            ended.expect(2, &[path, why, "hint: name another file with `--report`"]);
            assert_eq!(everything(folder), before, "{path}");
        }
    }
}

#[test]
fn paths_are_checked_before_the_source_is_opened() {
    let case = Case::new();
    fs::write(case.path("precious"), "text").unwrap();
    let words = ["--source=missing.db", "--report=precious", "--quarantine=shop"];
    // All of them at once, and not the source that is missing.
    case.refuses(&words, &["the report precious", "the quarantine file shop", "it is a directory"]);
    let ended = case.copy(&["--dry-run", "--source=missing.db", "--report=free"]);
    ended.expect(3, &["missing.db"]);
    assert_eq!(case.report("free")["outcome"], "failed");
}
