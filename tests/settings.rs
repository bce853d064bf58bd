//! Configurations as administrators write them, and what check-config says of them.
//!
//! A case is some files and variables; `cases/settings/<name>.txt` is all that is shown then,
//! standard output first. `DIR` stands for the directory of the files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use connect_migrate::config::check::check_config;
use connect_migrate::config::encrypt::{encrypt_value, read_one_line};
use connect_migrate::config::gcfg::environment::Environment;
use connect_migrate::config::key::Key;
use connect_migrate::config::secret::{Form, Secret, decrypt, encrypt};
use connect_migrate::config::{Databases, Provider, load_config};
use tempfile::TempDir;

use crate::golden;

/// A key of 512 bytes that is only in these tests.
fn key_text() -> String {
    (0..512).map(|at| format!("{:02x}", (at * 7 + 3) % 256)).collect()
}

fn encrypted(plain: &str) -> String {
    let key = Key::parse(key_text().as_bytes()).unwrap();
    encrypt(&key, Form::Secretbox, &Secret::new(plain)).unwrap()
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    // Of a length that is the same everywhere: what fits a line is shown on one.
    let dir = TempDir::new_in("/tmp").unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("DIR", dir.path().to_str().unwrap())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    dir
}

fn environment(dir: &Path, variables: &[(&str, &str)]) -> Environment {
    let dir = dir.to_str().unwrap();
    Environment::from_pairs(variables.iter().map(|(n, v)| (*n, v.replace("DIR", dir))))
}

/// Everything `check-config` shows for `connect.gcfg` among `files`.
fn shown(files: &[(&str, &str)], variables: &[(&str, &str)]) -> String {
    let dir = directory(files);
    let environment = environment(dir.path(), variables);
    let (mut text, outcome) =
        check_config(&dir.path().join("connect.gcfg"), &environment, Databases::BOTH);
    if let Err(error) = outcome {
        text.push_str(&format!("\n{error}\n"));
    }
    text.replace(dir.path().to_str().unwrap(), "DIR")
}

#[track_caller]
fn check(files: &[(&str, &str)], variables: &[(&str, &str)], case: &str) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/settings");
    let shown = format!("{}\n", shown(files, variables).trim_end());
    golden::check(&cases.join(case).with_extension("txt"), &shown);
}

/// The lines about warnings and errors only.
fn complaints(file: &str) -> String {
    let shown = shown(&[("connect.gcfg", file)], &[]);
    let lines = shown.lines().filter(|line| {
        ["warning: ", "error: ", "hint: "].iter().any(|start| line.starts_with(start))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn settings_the_least_there_can_be() {
    check(
        &[("connect.gcfg", "[Postgres]\nURL = postgres://u:p@h/db\n")],
        &[],
        "the-least-there-can-be",
    );
}

#[test]
fn settings_every_layer_and_every_secret() {
    let password = encrypted("s3cret");
    let main = format!(
        "\u{feff}; managed by hand\n[Server]\nDataDir = DIR/data\n\
         [DATABASE]\nprovider = \"Postgres\"\n\
         [Postgres]\nURL = \"postgres://connect@db/connect?sslmode=disable\"\n\
         Password = {password}\n\
         [HTTP]\nListen = :3939\n"
    );
    check(
        &[
            ("connect.gcfg", &main),
            ("connect-migration.gcfg", "[SQLite]\nDir = DIR/sqlite\n[Server]\nDataDir = DIR/old\n"),
            ("data/db/secret.key", &key_text()),
        ],
        &[
            ("CONNECT_POSTGRES_INSTRUMENTATIONURL", "postgres://i@db/usage"),
            ("CONNECT_POSTGRES_INSTRUMENTATIONPASSWORD", "plain # text"),
        ],
        "every-layer-and-every-secret",
    );
}

#[test]
fn settings_all_faults_at_once() {
    let password = encrypted("s3cret");
    let main = format!(
        "[Database]\nProvider = mysql\n[Server]\nDataDir\n[Postgres]\nPassword = {password}\n\
         InstrumentationPassword = {password}\nInstrumentationURL = postgres://i@db/usage\n"
    );
    check(
        &[("connect.gcfg", &main), ("elsewhere.key", "not a key\n")],
        &[("CONNECT_SERVER_ENCRYPTIONKEYFILE", "DIR/elsewhere.key"), ("CONNECT_POSTGRES_URI", "x")],
        "all-faults-at-once",
    );
}

#[test]
fn settings_files_that_cannot_be_read() {
    check(&[], &[], "files-that-cannot-be-read");
}

#[test]
fn settings_lines_that_cannot_be_read() {
    check(
        &[
            ("connect.gcfg", "[LDAP \"x\"]\nBindDN = EXAMPLE\\svc\n"),
            ("connect-migration.gcfg", "Address = x\n"),
        ],
        &[],
        "lines-that-cannot-be-read",
    );
}

#[test]
fn settings_traps_are_named() {
    let printed = complaints(
        "[Postgres]\nURL = postgres://u:p#w@h/db\nPassword = pa ; ss\n\
         InstrumentationURL = “postgres://h/x”\n\
         InstrumentationPassword = 'single'\n[SQLite]\nDir = /a\"b\"c\\\n/d\n\
         [Server]\nDataDir = x#y\nDataDir = /data\nAddress = https://x\\\nEncryptionKeyFile = /k\n\
         Datadri = /typo\n[Postgress]\n[Database \"x\"]\nProvider = postgres\n",
    );
    assert_eq!(
        printed.replace("DIR/connect.gcfg:", "@"),
        "\
warning: @12:20: Server.Address: the backslash makes the next line part of the value
hint: remove the backslash
hint: remove the line break after it
warning: @14:1: Server.Datadri is not a known setting
hint: did you mean DataDir?
warning: @15:1: the section Postgress is not a known section
hint: did you mean [Postgres]?
warning: @16:1: the section Database has a subsection here
hint: write [Database]; settings below this line are ignored
warning: @7:9: SQLite.Dir: double quotes inside a value are dropped
hint: write \\\" for a double quote that is part of the value
warning: @7:13: SQLite.Dir: the backslash makes the next line part of the value
hint: remove the backslash
hint: remove the line break after it
warning: @2:21: Postgres.URL: the value ends before this `#`; all that follows is a comment
hint: put the whole value in double quotes if the sign is part of it
warning: @3:15: Postgres.Password: the value ends before this `;`; all that follows is a comment
hint: put the whole value in double quotes if the sign is part of it
warning: @4:22: Postgres.InstrumentationURL: curly quotes are read as part of the value
hint: use plain double quotes (\") around the value
warning: @5:27: Postgres.InstrumentationPassword: single quotes are read as part of the value
hint: use plain double quotes (\") around the value"
    );
}

/// Letters that changed places are one slip, also in short names; the nearest name is meant.
#[test]
fn settings_that_are_misspelt_are_named() {
    for (section, written, meant) in [
        ("Postgres", "ULR", "URL"),
        ("Postgres", "Pasword", "Password"),
        ("postgres", "paswrod", "Password"),
        ("Postgres", "InstrumentationULR", "InstrumentationURL"),
        ("Postgres", "Instrumentation-Pasword", "InstrumentationPassword"),
        ("SQLite", "Dri", "Dir"),
        ("Database", "Provdier", "Provider"),
        ("Server", "EncryptionKeyFiel", "EncryptionKeyFile"),
        ("Server", "EncrpytionKye", "EncryptionKey"),
    ] {
        let file = format!("[Postgres]\nURL = postgres://u@h/db\n[{section}]\n{written} = x\n");
        let printed = complaints(&file);
        let found = format!("{written} is not a known setting\nhint: did you mean {meant}?");
        assert!(printed.contains(&found), "{written}: {printed}");
    }
    // Other settings of Connect are not ours.
    for line in
        ["[Server]\nAddress = x", "[Postgres]\nMaxOpenConnections = 5", "[HTTP]\nListen = x"]
    {
        assert_eq!(complaints(&format!("[Postgres]\nURL = postgres://u@h/db\n{line}\n")), "");
    }
}

#[test]
fn settings_traps_of_the_environment_are_named() {
    let key = format!("{}\n", key_text());
    let secret = format!("{}\n", encrypted("s3cret"));
    let shown = shown(
        &[("connect.gcfg", "[Postgres]\nURL = a\"b\"#c\n")],
        &[
            ("CONNECT_SERVER_ENCRYPTIONKEY", &key),
            ("CONNECT_POSTGRES_URL", "\"postgres://u@h/db\""),
            ("CONNECT_POSTGRES_PASSWORD", "plain\n"),
            // Opens as it is, so nothing is said; nor of the URL in the file, which does not count.
            ("CONNECT_POSTGRES_INSTRUMENTATIONPASSWORD", &secret),
        ],
    );
    let warnings: Vec<&str> = shown.lines().filter(|l| l.starts_with("warning: ")).collect();
    assert_eq!(
        warnings,
        [
            "warning: Server.EncryptionKey (environment variable CONNECT_SERVER_ENCRYPTIONKEY) is \
             a valid key only without the white space around it",
            "warning: the environment variable CONNECT_POSTGRES_URL: quotes are read as part of \
             the value",
            "warning: the environment variable CONNECT_POSTGRES_PASSWORD: white space around a \
             value is read as part of it",
        ]
    );
}

#[test]
fn settings_no_part_of_a_cut_url_is_shown() {
    let shown = shown(&[("connect.gcfg", "[Postgres]\nURL = postgres://u:12/34#56@h/db\n")], &[]);
    assert!(shown.contains("Postgres.URL                      ********  ["), "{shown}");
}

#[test]
fn settings_placeholder_and_two_passwords() {
    let dir = directory(&[(
        "connect.gcfg",
        "[Postgres]\nURL = postgres://u:{$}@h/db\nPassword = x\n\
         InstrumentationURL = postgres://u:own@h/usage\n",
    )]);
    let config =
        load_config(&dir.path().join("connect.gcfg"), &Environment::default(), Databases::BOTH)
            .unwrap();
    assert_eq!(config.core.url.expose(), b"postgres://u@h/db");
    assert_eq!(config.core.password.unwrap().expose(), b"x");
    assert_eq!(config.instrumentation.url.expose(), b"postgres://u:own@h/usage");
    assert_eq!(config.instrumentation.password.unwrap().expose(), b"x");
    assert_eq!(config.provider, Provider::Sqlite);
    let printed =
        complaints("[Postgres]\nURL = postgres://u:{$}@h/db\nInstrumentationPassword = x\n");
    assert_eq!(
        printed,
        "\
warning: Postgres.URL (DIR/connect.gcfg:2) holds {$}, which Connect 1.8.2 and later refuse
hint: remove `:{$}` from the URL; the password setting is used without it
error: Postgres.URL (DIR/connect.gcfg:2) holds {$}, but no password is set
hint: add below [Postgres] in the configuration file:
hint: set the environment variable `CONNECT_POSTGRES_PASSWORD`"
    );
}

#[test]
fn settings_keys_that_cannot_be_used() {
    let other: String = "ab".repeat(512);
    let files = |key: &str| {
        let main = format!(
            "[Server]\nEncryptionKeyFile = DIR/a.key\n[Postgres]\n\
             URL = postgres://u@h/db\nPassword = {}\n",
            encrypted("s3cret")
        );
        directory(&[("connect.gcfg", &main), ("a.key", key)])
    };
    let outcome = |dir: &TempDir, variables: &[(&str, &str)]| {
        let environment = environment(dir.path(), variables);
        let loaded = load_config(&dir.path().join("connect.gcfg"), &environment, Databases::BOTH);
        let text = match loaded {
            Ok(config) => config.warnings.iter().map(|w| w.text.clone()).collect(),
            Err(error) => error.to_string(),
        };
        text.replace(dir.path().to_str().unwrap(), "DIR")
    };
    let dir = files(&other);
    assert_eq!(
        outcome(&dir, &[]),
        format!(
            "error: Postgres.Password (DIR/connect.gcfg:5) looks encrypted, but cannot be \
             decrypted with the key file DIR/a.key, fingerprint {}\n\
             hint: name the key file of this server in [Server] EncryptionKeyFile\n\
             hint: if Connect itself uses this key, encrypt the password again:\n  \
             migrate encrypt-config-value --config DIR/connect.gcfg",
            Key::parse(other.as_bytes()).unwrap().fingerprint()
        )
    );
    assert_eq!(
        outcome(&dir, &[("CONNECT_SERVER_ENCRYPTIONKEY", &key_text())]),
        "error: Server.EncryptionKeyFile (DIR/connect.gcfg:2) and Server.EncryptionKey \
         (environment variable CONNECT_SERVER_ENCRYPTIONKEY) are both set\n\
         hint: keep one of them: Connect does not start with both"
    );
    let dir = files(&format!("{}\n", key_text()));
    assert_eq!(
        outcome(&dir, &[]),
        "the key file DIR/a.key is a valid key only without the white space around it"
    );
    fs::set_permissions(dir.path().join("a.key"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(
        outcome(&dir, &[]),
        "error: the key file DIR/a.key has mode 0640, but only its owner may have access: \
         0600 or 0400; it is needed to decrypt Postgres.Password (DIR/connect.gcfg:5)\n\
         hint: chmod 0600 DIR/a.key"
    );
    // Nobody needs it: only a warning.
    assert_eq!(
        outcome(&dir, &[("CONNECT_POSTGRES_PASSWORD", "plain")]),
        "the key file DIR/a.key has mode 0640, but only its owner may have access: 0600 or 0400"
    );
}

#[test]
fn settings_encrypt_a_value() {
    // No URL is set, and that does not matter here.
    let dir =
        directory(&[("connect.gcfg", "[Server]\nDataDir = DIR\n"), ("db/secret.key", &key_text())]);
    let key = Key::parse(key_text().as_bytes()).unwrap();
    for form in [Form::Secretbox, Form::Fips] {
        let value = read_one_line(&mut "pass word \r\n".as_bytes()).unwrap();
        let mut output = Vec::new();
        let file = dir.path().join("connect.gcfg");
        encrypt_value(&file, &Environment::default(), form, &value, &mut output).unwrap();
        let line = output.strip_suffix(b"\n").unwrap();
        assert!(line.iter().all(u8::is_ascii_graphic));
        assert_eq!(decrypt(&key, line).unwrap().expose(), b"pass word ");
    }
    assert_eq!(read_one_line(&mut "\n".as_bytes()).unwrap().expose(), b"");
    assert!(read_one_line(&mut "".as_bytes()).is_err());
    assert!(read_one_line(&mut "a\nb\n".as_bytes()).is_err());
}

#[test]
fn settings_secrets_never_show_themselves() {
    let password = encrypted("hunter2");
    let main = format!(
        "[Server]\nEncryptionKey = {}\n[Postgres]\nURL = postgres://u:inurl@h/db?password=inquery\n\
         Password = {password}\nInstrumentationPassword = hunter3\n",
        key_text()
    );
    let shown_text = shown(&[("connect.gcfg", &main)], &[]);
    let dir = directory(&[("connect.gcfg", &main)]);
    let config =
        load_config(&dir.path().join("connect.gcfg"), &Environment::default(), Databases::BOTH)
            .unwrap();
    let all = format!("{shown_text}{config:?}{}", config.core.password.as_ref().unwrap());
    for secret in ["hunter2", "hunter3", "inurl", "inquery", &password, &key_text()[..64]] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}
