//! `migrate check-config`, and the flag `--config` before a command.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

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

/// What is said of the databases.
fn databases(installation: &Installation) -> String {
    let ended = installation.run(&["check-config"]);
    ended.expect(0, &[]);
    let (_, databases) = ended.out.split_once("\ncore\n").unwrap();
    let directory = installation.directory.path().display().to_string();
    databases.split("\n\n").next().unwrap().replace(&directory, "DIR")
}

#[test]
fn files_and_their_directory_are_checked() {
    let installation = Installation::new(URL);
    let db = installation.directory.path().join("db");
    let (core, usage) = (db.join("connect.db"), db.join("connect-instrumentation.db"));
    let to = "  to    postgres://connect@db.example.com/connect\n";
    let text = |core: &str, usage: &str| {
        format!(
            "  from  DIR/db/connect.db\n        {core}\n{to}instrumentation\n  \
             from  DIR/db/connect-instrumentation.db\n        {usage}\n{}",
            to.trim_end()
        )
    };
    let size = |path| fs::metadata(path).unwrap().len();
    let there = |path| {
        let bytes = connect_migrate::text::count_with_noun(size(path), "byte");
        format!("the file exists and can be read, {bytes}")
    };
    assert_eq!(databases(&installation), text(&there(&core), &there(&usage)));
    fs::remove_file(&usage).unwrap();
    let missing = "the file does not exist, but its directory does";
    assert_eq!(databases(&installation), text(&there(&core), missing));
    fs::create_dir(&usage).unwrap();
    assert_eq!(databases(&installation), text(&there(&core), "this is not a regular file"));
    fs::rename(&db, db.with_file_name("elsewhere")).unwrap();
    let gone = "the file and its directory do not exist";
    assert_eq!(databases(&installation), text(gone, gone));
}

#[test]
fn files_that_this_user_may_not_read_are_named() {
    let installation = Installation::new(URL);
    if chown(&installation.config, Some(65534), None).is_err() {
        return;
    }
    let directory = installation.directory.path();
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    let core = directory.join("db/connect.db");
    fs::set_permissions(&core, fs::Permissions::from_mode(0o600)).unwrap();
    let program = directory.join("migrate");
    // Copied by another process: one that this one forks meanwhile would keep the copy open.
    let built = env!("CARGO_BIN_EXE_migrate");
    let copied = Command::new("cp").arg(built).arg(&program).status();
    assert!(copied.unwrap().success());
    let mut command = Command::new(&program);
    command.env_clear().args(["check-config", "--config"]).arg(&installation.config);
    let ended = Ended::of(&command.uid(65534).gid(65534).output().unwrap());
    ended.expect(0, &[]);
    assert!(ended.out.contains("this user has no permission to read the file"), "{}", ended.out);
}

#[test]
fn the_settings_fit_a_narrow_terminal() {
    let installation = Installation::new(URL);
    let long = "/srv/posit/connect/databases/of/the/cluster";
    for dir in ["/data", long] {
        let mut command = installation.command(&["check-config"]);
        command.env("CONNECT_SQLITE_DIR", dir).env("CONNECT_SERVER_DATADIR", dir);
        command.env("CONNECT_POSTGRES_INSTRUMENTATIONPASSWORD", "x");
        let ended = Ended::of(&command.output().unwrap());
        ended.expect(0, &[]);
        let settings = ended.out.split("\nwarning: ").next().unwrap();
        for line in settings.lines() {
            assert!(line.chars().count() <= 80, "{line}\n{}", ended.out);
        }
    }
}

#[test]
fn the_servers_are_reached_on_request() {
    use crate::server::installation::{ROLE_PASSWORD, owned};
    let database = crate::server::database(crate::server::shared());
    let (_, url) = owned(&database);
    let password = ROLE_PASSWORD.replace('"', "\\\"");
    let installation = Installation::new(&format!("URL = \"{url}\"\nPassword = \"{password}\""));
    let ended = installation.run(&["check-config", "--connect"]);
    ended.expect(0, &["target: core to database", "schema: core uses connect/core"]);
    assert!(ended.out.contains("PostgreSQL can be reached"), "{}", ended.out);
    assert!(!ended.err.contains("integrity"), "{}", ended.err);
    // What a run would refuse is refused here.
    crate::server::execute(&database.url, "CREATE TABLE users (id int)");
    installation.run(&["check-config", "--connect"]).expect(4, &["O6 core"]);
    installation.configure(&format!("URL = \"{url}\"\nPassword = \"wrong\""));
    installation.run(&["check-config", "--connect"]).expect(4, &["P"]);
    installation.run(&["check-config"]).expect(0, &[]);
}

/// Encrypts a value as an administrator would.
fn encrypt(installation: &Installation, value: &str) -> String {
    let input = installation.directory.path().join("value");
    fs::write(&input, format!("{value}\n")).unwrap();
    let mut command = installation.command(&["encrypt-config-value"]);
    command.stdin(fs::File::open(&input).unwrap());
    let ended = Ended::of(&command.output().unwrap());
    ended.expect(0, &[]);
    ended.out.lines().last().unwrap().to_owned()
}

/// Puts encrypted values, as text or as bytes of text, beside a digest that only looks like one.
fn store(installation: &Installation, values: &[&str]) {
    let file = installation.directory.path().join("db/connect.db");
    let core = rusqlite::Connection::open(file).unwrap();
    core.execute_batch("DELETE FROM app_environment_variables").unwrap();
    for (place, value) in values.iter().enumerate() {
        let insert = "INSERT INTO app_environment_variables (app_id, name, value)
            SELECT min(id), 'V' || ?1, CAST(?2 AS BLOB) FROM apps";
        core.execute(insert, rusqlite::params![place as i64, value]).unwrap();
    }
}

#[test]
fn the_key_is_tried_on_encrypted_values() {
    let database = crate::server::database(crate::server::shared());
    let installation = Installation::new(&format!("URL = \"{}\"", database.url));
    let (own, second) = (encrypt(&installation, "secret"), encrypt(&installation, ""));
    store(&installation, &[&own, &second]);
    let opened = "key: core.app_environment_variables.value: the key decrypts 2 of 2 values";
    for words in [&["check-config"][..], &["check-config", "--connect"], &["db", "--dry-run"]] {
        let ended = installation.run(words);
        ended.expect(0, &[opened]);
        assert!(!ended.err.contains("F15 ") && !ended.err.contains("secret\n"), "{}", ended.err);
    }
    // A value of another server among them.
    let key = installation.directory.path().join("db/secret.key");
    let kept = fs::read(&key).unwrap();
    let other: String = (0..512_u32).map(|byte| format!("{:02x}", byte * 11 % 241)).collect();
    crate::server::installation::private(&key, other.as_bytes());
    let foreign = encrypt(&installation, "elsewhere");
    let wrong = ["warning: F15 core.app_environment_variables.value", "decrypts 0 of 2 values"];
    for words in [
        &["check-config"][..],
        &["check-config", "--connect"],
        &["db", "--dry-run"],
        &["db", "--rehearse", "--yes"],
        &["db", "--yes"],
    ] {
        installation.run(words).expect(0, &wrong);
    }
    let ended = installation.run(&["check-config"]);
    assert!(ended.out.contains("read the 1 warning above first"), "{}", ended.out);
    crate::server::installation::private(&key, &kept);
    store(&installation, &[&own, &foreign]);
    installation.run(&["check-config"]).expect(0, &["F15", "decrypts 1 of 2 values"]);
    // Text that only looks encrypted is nothing to the key.
    let digest = "cf83E1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0";
    store(&installation, &[&digest.to_ascii_lowercase(), "plain"]);
    let ended = installation.run(&["check-config"]);
    ended.expect(0, &["key: no value in SQLite looks encrypted, so nothing shows", "fingerprint"]);
    assert!(!ended.err.contains("F15 "), "{}", ended.err);
    // One beside plain ones may be anything.
    store(&installation, &[&foreign, "plain"]);
    let unsure = "key: it does not decrypt 1 value in SQLite that looks encrypted, as in core.app";
    let ended = installation.run(&["check-config"]);
    ended.expect(0, &[unsure]);
    assert!(!ended.err.contains("F15 "), "{}", ended.err);
}

#[test]
fn a_missing_file_is_said_in_the_last_words() {
    let installation = Installation::new(URL);
    fs::remove_file(installation.directory.path().join("db/connect-instrumentation.db")).unwrap();
    let ended = installation.run(&["check-config"]);
    ended.expect(0, &[]);
    let last = "\nthere is no SQLite file of instrumentation, so only core can be migrated; if \
                this server has a usage history, find that file first";
    assert!(ended.out.contains(last), "{}", ended.out);
    assert!(ended.out.contains("\nnext: migrate db --dry-run --data core"), "{}", ended.out);
    fs::remove_file(installation.directory.path().join("db/connect.db")).unwrap();
    let ended = installation.run(&["check-config"]);
    ended.expect(0, &[]);
    let last = "but the SQLite file of core and instrumentation does not exist:\ncheck SQLite.Dir";
    assert!(ended.out.contains(last) && !ended.out.contains("next: "), "{}", ended.out);
}
