//! What is read is a regular file within its limit; nothing is waited for.

use std::fs::{self, File};
use std::process::Stdio;

use super::{Case, bounded, make_fifo};
use crate::server::installation::{Ended, Installation, private, program};

const NOT_REGULAR: &str = "a FIFO, not a regular file";

#[test]
fn fifos_are_refused_at_once_wherever_copy_reads() {
    for (name, code) in [
        ("shop.db", 3),
        ("shop.db-journal", 3),
        ("shop.db-wal", 3),
        ("shop.db-shm", 3),
        ("shop/t.toml", 2),
        ("shop/database.toml", 2),
        ("repairs.toml", 2),
    ] {
        let case = Case::new();
        fs::write(case.path("repairs.toml"), "").unwrap();
        let _ = fs::remove_file(case.path(name));
        make_fifo(&case.path(name));
        let run = case.command(&["--dry-run", "--repairs=repairs.toml"]);
        Ended::of(&bounded(&run).output().unwrap()).expect(code, &[name, NOT_REGULAR]);
        if code == 3 {
            let words = ["schema", "draft", "--source", "shop.db", "--out", "draft"];
            let mut draft = program();
            draft.args(words).current_dir(case.folder.path());
            let ended = Ended::of(&bounded(&draft).output().unwrap());
            ended.expect(3, &[name, NOT_REGULAR]);
        }
    }
    let case = Case::new();
    let run = case.command(&["--dry-run", "--repairs=/dev/zero"]);
    let ended = Ended::of(&bounded(&run).output().unwrap());
    ended.expect(2, &["/dev/zero", "it is a character device, not a regular file"]);
}

#[test]
fn fifos_of_the_connection_are_refused_at_once() {
    let case = Case::with_target();
    make_fifo(&case.path("fifo"));
    let url = &case.database.as_ref().unwrap().url;
    let fifo = case.path("fifo").display().to_string();
    let mut run = case.command(&["--dry-run", "--repair=shop.t=quarantine"]);
    run.env("PGPASSFILE", &fifo);
    let without = url.replacen(":Throw-away%201!", "", 1);
    assert_ne!(&without, url);
    run.args(["--target", &without]);
    let ended = Ended::of(&bounded(&run).output().unwrap());
    ended.expect(4, &["the server asks for a password, but none is given"]);
    for name in ["sslrootcert", "sslcert"] {
        let files = format!("sslmode=require&{name}={fifo}&sslkey={fifo}");
        let url = url.replace("sslmode=disable", &files);
        let run = case.command(&["--dry-run", "--target", &url]);
        let ended = Ended::of(&bounded(&run).output().unwrap());
        assert!(matches!(ended.code, Some(2 | 4)), "{ended:?}");
        ended.expect(ended.code.unwrap(), &[name, NOT_REGULAR]);
    }
}

#[test]
fn fifos_and_large_files_of_the_configuration_are_refused() {
    let url = "URL = \"postgres://nobody@127.0.0.1:1/nothing\"\nPassword = \"x\"";
    let names = ["rstudio-connect.gcfg", "rstudio-connect-migration.gcfg", "db/secret.key"];
    for name in names {
        let installation = Installation::new(url);
        let path = installation.directory.path().join(name);
        let _ = fs::remove_file(&path);
        make_fifo(&path);
        for words in [&["check-config"][..], &["db", "--dry-run"], &["encrypt-config-value"]] {
            let run = installation.command(words);
            let ended = Ended::of(&bounded(&run).output().unwrap());
            let unused = name == "db/secret.key" && words[0] != "encrypt-config-value";
            let without_input = words[0] == "encrypt-config-value";
            if unused {
                assert!(matches!(ended.code, Some(0 | 4)), "{ended:?}");
            } else if without_input {
                ended.expect(2, &["nothing on standard input"]);
            } else {
                ended.expect(2, &[name, NOT_REGULAR]);
            }
        }
        fs::remove_file(&path).unwrap();
        // Everything that counts is at the beginning: cut, the file would be another one.
        let size = if name.ends_with("key") { 1 << 20 } else { 16 << 20 };
        let mut text = format!("[Postgres]\n{url}\n").into_bytes();
        text.resize(size + 1, b'\n');
        private(&path, &text);
        if !name.ends_with("key") {
            let ended = installation.run(&["check-config"]);
            let limit = format!("it is larger than {size} bytes");
            ended.expect(2, &[name, &limit]);
        }
    }
}

#[test]
fn key_files_over_the_limit_are_refused() {
    let installation = Installation::new("");
    let key = installation.directory.path().join("db/secret.key");
    for (kind, why) in [(false, "it is larger than 1048576 bytes"), (true, NOT_REGULAR)] {
        let mut text = fs::read(&key).unwrap();
        text.resize((1 << 20) + 1, b'\n');
        private(&key, &text);
        if kind {
            fs::remove_file(&key).unwrap();
            make_fifo(&key);
        }
        let value = installation.directory.path().join("value");
        fs::write(&value, "secret\n").unwrap();
        let run = installation.command(&["encrypt-config-value"]);
        let ended = bounded(&run).stdin(File::open(&value).unwrap()).output().unwrap();
        Ended::of(&ended).expect(2, &["secret.key", why, "hint: "]);
    }
}

#[test]
fn standard_input_is_bounded() {
    let installation = Installation::new("");
    let run = installation.command(&["encrypt-config-value"]);
    let endless = bounded(&run).stdin(File::open("/dev/zero").unwrap()).output().unwrap();
    let text = "the value on standard input is longer than 65536 bytes";
    Ended::of(&endless).expect(2, &[text, "hint: "]);
    let value = installation.directory.path().join("value");
    for (length, end, code) in [(65536, "\n", 0), (65536, "\r\n", 0), (65537, "\n", 2)] {
        fs::write(&value, "x".repeat(length) + end).unwrap();
        let mut run = installation.command(&["encrypt-config-value"]);
        run.stdin(Stdio::from(File::open(&value).unwrap()));
        let ended = Ended::of(&run.output().unwrap());
        assert_eq!(ended.code, Some(code), "{length} {end:?}: {}", ended.err);
    }
}
