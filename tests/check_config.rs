//! `migrate check-config`, and the flag `--config` before a command.

use std::fs;

use crate::server::installation::{Ended, Installation, program};

const URL: &str = "URL = postgres://connect@db.example.com/connect";

#[test]
fn the_file_may_be_named_before_the_command() {
    let installation = Installation::new(URL);
    let config = installation.config.display().to_string();
    let run = |words: &[&str]| Ended::of(&program().args(words).output().unwrap());
    let shown = format!("configuration: {config}\n");
    let joined = format!("-config={config}");
    for words in [
        &["--config", &config, "check-config"][..],
        &["-config", &config, "check-config"],
        &[&joined, "check-config"],
        // The later one counts, as it does behind the command.
        &["--config", "/nonexistent", "check-config", "--config", &config],
    ] {
        let ended = run(words);
        ended.expect(0, &[]);
        assert!(ended.out.starts_with(&shown), "{words:?}: {}", ended.out);
    }
    for command in ["db", "check-config"] {
        run(&["--config", "/nonexistent", command]).expect(2, &["cannot read /nonexistent"]);
    }
    let mut encrypt = program();
    encrypt.args([&joined, "encrypt-config-value"]);
    encrypt.stdin(fs::File::open(&installation.config).unwrap());
    Ended::of(&encrypt.output().unwrap()).expect(2, &["one line"]);
    // Commands that read no configuration say so.
    run(&["--config", &config, "man"]).expect(2, &["unexpected argument '--config'"]);
    run(&["--config"]).expect(2, &["--config"]);
    run(&["--config", &config]).expect(2, &["Usage: migrate"]);
    assert!(run(&["--help"]).out.contains("migrate --config FILE"));
}
