//! No secret in anything that the program says: every run here knows its secrets, and everything
//! that comes out is searched for them in all forms in which they could hide.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::server::installation::{Ended, Installation, private, program};
use crate::server::{self, Database};

/// Odd enough that no piece of it stands in a message by chance.
const PASSWORD: &str = "Qz7!vK#x%2 \"Wj9/pY@e;Tm&4";
const URL_PASSWORD: &str = "Hb5?uN+8=Rd/Lc3:Gk~6Fs";

/// Bytes that neighbours of this length give away.
const PIECE: usize = 7;

/// Everything secret of a test, in the forms that are searched for.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn of(texts: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        texts.iter().for_each(|text| secrets.add(text));
        secrets
    }

    fn add(&mut self, text: &str) {
        let escaped = |all: bool, upper: bool| -> String {
            let form = |byte: u8| match (all || !byte.is_ascii_alphanumeric(), upper) {
                (false, _) => char::from(byte).to_string(),
                (_, true) => format!("%{byte:02X}"),
                (_, false) => format!("%{byte:02x}"),
            };
            text.bytes().map(form).collect()
        };
        let mut forms = vec![text.to_owned(), hex::encode(text), hex::encode_upper(text)];
        forms.extend([escaped(false, true), escaped(false, false), escaped(true, true)]);
        forms.extend([format!("{text:?}"), serde_json::to_string(text).unwrap()]);
        // In base64 three things may stand before it; the digits they share are cut off.
        for before in 0..3 {
            let bytes = [&b"..."[..before], text.as_bytes()].concat();
            for encoded in [STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)] {
                forms.push(encoded[4..encoded.len() - 4].to_owned());
            }
        }
        for form in forms {
            let places: Vec<usize> = form.char_indices().map(|(at, _)| at).collect();
            // Digits alone cannot be told from the numbers and times that a report has.
            let is_shown = |piece: &&str| piece.bytes().any(|byte| !byte.is_ascii_digit());
            let pieces = places.windows(PIECE + 1).map(|piece| &form[piece[0]..piece[PIECE]]);
            self.0.extend(pieces.filter(is_shown).map(str::to_owned));
        }
    }

    fn found_in(&self, text: &str) -> Vec<&str> {
        // Looking up each piece of the text is much faster than searching for thousands of pieces.
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let ends: Vec<usize> = ends.collect();
        let there: HashSet<&str> =
            ends.windows(PIECE + 1).map(|piece| &text[piece[0]..piece[PIECE]]).collect();
        self.0.iter().map(String::as_str).filter(|piece| there.contains(piece)).collect()
    }

    fn check(&self, what: &str, text: &str) {
        let found = self.found_in(text);
        assert!(found.is_empty(), "{what} holds {found:?}:\n{text}");
    }

    /// Checks all that a run said, on standard output, standard error and in its report.
    fn check_run(&self, what: &str, ended: &Ended, report: &Path) {
        self.check(what, &ended.out);
        self.check(what, &ended.err);
        if let Ok(report) = std::fs::read_to_string(report) {
            assert!(report.contains("\"outcome\""));
            self.check(what, &report);
        }
    }
}

/// A server's files whose target is an own database of a role with [`PASSWORD`].
struct Scene {
    installation: Installation,
    url: String,
    database: Database,
    secrets: Secrets,
    encrypted: String,
}

fn scene() -> Scene {
    let database = server::database(server::shared());
    let role = server::role("discreet");
    server::execute(&database.url, &format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"));
    server::execute(&database.url, &format!("ALTER DATABASE {} OWNER TO {role}", database.name));
    let url = database.url.replacen("admin:Throw-away%201!", &role, 1);
    let installation = Installation::new("");
    let key = std::fs::read_to_string(key_file(&installation)).unwrap();
    let bytes = hex::decode(&key).unwrap();
    let mut secrets = Secrets::of(&[PASSWORD, URL_PASSWORD, &key, &STANDARD.encode(bytes)]);
    let ended = encrypt(&installation, PASSWORD);
    secrets.check("what encrypts", &ended.out);
    let encrypted = ended.out.trim_end().to_owned();
    secrets.add(&encrypted);
    secrets.check("what encrypts", &ended.err);
    Scene { installation, url, database, secrets, encrypted }
}

fn key_file(installation: &Installation) -> std::path::PathBuf {
    installation.directory.path().join("db/secret.key")
}

fn encrypt(installation: &Installation, value: &str) -> Ended {
    let file = installation.directory.path().join("value");
    private(&file, value.as_bytes());
    let mut command = installation.command(&["encrypt-config-value"]);
    let ended = command.stdin(std::fs::File::open(&file).unwrap()).output().unwrap();
    let ended = Ended::of(&ended);
    ended.expect(0, &[]);
    ended
}

impl Scene {
    /// Runs both commands that read the configuration; their exit codes are given.
    fn both(&self, what: &str, postgres: &str, codes: [i32; 2]) {
        self.both_with(what, postgres, &[], codes);
    }

    /// The same with these environment variables.
    fn both_with(
        &self,
        what: &str,
        postgres: &str,
        variables: &[(&str, &OsStr)],
        codes: [i32; 2],
    ) -> [Ended; 2] {
        self.installation.configure(postgres);
        let report = self.installation.directory.path().join("report.json");
        let _ = std::fs::remove_file(&report);
        let run = |words: &[&str]| {
            let mut command = self.installation.command(words);
            Ended::of(&command.envs(variables.iter().copied()).output().unwrap())
        };
        let checked = run(&["check-config"]);
        let ended = run(&["db", "-yes", "-report", report.to_str().unwrap()]);
        for (ended, code) in [(&checked, codes[0]), (&ended, codes[1])] {
            self.secrets.check_run(what, ended, &report);
            assert_eq!(ended.code, Some(code), "{what}: {}", ended.err);
        }
        [checked, ended]
    }
}

#[test]
fn a_planted_leak_is_found() {
    let Scene { installation, url, secrets, encrypted, .. } = scene();
    installation.configure(&format!("URL = {url}\nPassword = {encrypted}"));
    let report = installation.directory.path().join("report.json");
    let words = ["db", "-yes", "-report", report.to_str().unwrap()];
    let url_encoded: String = PASSWORD.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let base64 = STANDARD.encode(format!("user:{PASSWORD}"));
    for leak in [PASSWORD, URL_PASSWORD, &url_encoded, &base64, &encrypted, &PASSWORD[3..12]] {
        // The error names the constraint, so that what is in its name is shown.
        let name = leak.replace('"', "\"\"");
        let planted = format!(
            "sql Table 1 CREATE TEMP TABLE leak (n int CONSTRAINT \"{name}\" CHECK (n > 0)); \
             INSERT INTO leak VALUES (0)"
        );
        let ended = installation.run_with(&planted, &words);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert_ne!(secrets.found_in(&ended.err), [""; 0], "{leak}");
        let report = std::fs::read_to_string(&report).unwrap();
        assert_ne!(secrets.found_in(&report), [""; 0], "{leak}");
    }
}

#[test]
fn no_run_prints_a_secret() {
    let scene = scene();
    let Scene { url, encrypted, .. } = &scene;
    let quoted = PASSWORD.replace('"', "\\\"");
    let in_url = |password: &str| url.replacen('@', &format!(":{password}@"), 1);
    let percent: String = URL_PASSWORD.bytes().map(|byte| format!("%{byte:02x}")).collect();
    // Another letter than the one that stands there, whichever that is.
    let letter = if &encrypted[9..10] == "A" { "B" } else { "A" };
    let mistyped = format!("{}{letter}{}", &encrypted[..9], &encrypted[10..]);
    let no_tls = url.replace("sslmode=disable", "");
    for (what, postgres, codes) in [
        ("success", format!("URL = {url}\nPassword = {encrypted}"), [0, 0]),
        ("success again", format!("URL = {url}\nPassword = \"{quoted}\""), [0, 0]),
        ("wrong password", format!("URL = {url}\nPassword = {URL_PASSWORD}"), [0, 4]),
        ("wrong password in the URL", format!("URL = {}", in_url(&percent)), [0, 4]),
        ("a ciphertext that does not open", format!("URL = {url}\nPassword = {mistyped}"), [2, 2]),
        ("a cut password", format!("URL = {url}\nPassword = {PASSWORD}"), [0, 4]),
        ("half a quote", format!("URL = {url}\nPassword = \"{URL_PASSWORD}"), [2, 2]),
        ("a backslash", format!("URL = {url}\nPassword = {URL_PASSWORD}\\x"), [2, 2]),
        ("a bare slash", format!("URL = \"{}\"", in_url(URL_PASSWORD)), [2, 2]),
        ("a bad escape", format!("URL = \"{}\"", in_url("Hb5uN8Rd%zzLc3Gk6Fs")), [2, 2]),
        ("a password without =", format!("URL = {url}\nPassword {URL_PASSWORD}"), [2, 2]),
        ("a misspelt setting", format!("URL = {url}\nPasword = {URL_PASSWORD}"), [0, 4]),
        ("no TLS there", format!("URL = {no_tls}\nPassword = {encrypted}"), [0, 4]),
        ("an unknown name", format!("URL = {url}&pasword={URL_PASSWORD}"), [0, 4]),
    ] {
        scene.both(what, &postgres, codes);
    }
}

#[test]
fn no_variable_is_printed() {
    let scene = scene();
    let Scene { url, encrypted, .. } = &scene;
    let in_url = |password: &str| url.replacen('@', &format!(":{password}@"), 1);
    let percent: String = URL_PASSWORD.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let letter = if &encrypted[9..10] == "A" { "B" } else { "A" };
    let mistyped = format!("{}{letter}{}", &encrypted[..9], &encrypted[10..]);
    let quoted = format!("\"{PASSWORD}\"");
    let line = format!("{PASSWORD}\n");
    let (url_name, name) = ("CONNECT_POSTGRES_URL", "CONNECT_POSTGRES_PASSWORD");
    let no_utf_8 = [PASSWORD.as_bytes(), b"\xff"].concat();
    let no_utf_8 = OsStr::from_bytes(&no_utf_8);
    let (unknown, slash) = (format!("{url}&pasword={URL_PASSWORD}"), in_url(URL_PASSWORD));
    let (right, escape) = (in_url(&percent), in_url("Hb5uN8Rd%zzLc3Gk6Fs"));
    for (what, url, name, value, codes) in [
        ("success", &**url, name, OsStr::new(&**encrypted), [0, 0]),
        ("success again", url, name, OsStr::new(PASSWORD), [0, 0]),
        ("wrong password", url, name, OsStr::new(URL_PASSWORD), [0, 4]),
        ("quotes", url, name, OsStr::new(&quoted), [0, 4]),
        ("a line end", url, name, OsStr::new(&line), [0, 4]),
        ("not UTF-8", url, name, no_utf_8, [2, 2]),
        ("a ciphertext that does not open", url, name, OsStr::new(&mistyped), [2, 2]),
        ("a misspelt name", url, "CONNECT_POSTGRES_PASWORD", OsStr::new(PASSWORD), [0, 4]),
        ("small letters", url, "connect_postgres_password", OsStr::new(PASSWORD), [0, 4]),
        ("in the URL", &right, "CONNECT_POSTGRES_PASSWRD", OsStr::new(PASSWORD), [0, 4]),
        ("beside the URL's", &right, name, OsStr::new(PASSWORD), [0, 0]),
        ("a bare slash", &slash, "OTHER", OsStr::new(""), [2, 2]),
        ("a bad escape", &escape, "OTHER", OsStr::new(""), [2, 2]),
        ("an unknown name", &unknown, "OTHER", OsStr::new(""), [0, 4]),
    ] {
        let variables = [(url_name, OsStr::new(url)), (name, value)];
        // What the file says does not count, and is a secret all the same.
        let file = format!("URL = postgres://u:{percent}@127.0.0.1:1/x");
        let [checked, _] = scene.both_with(what, &file, &variables, codes);
        assert!(checked.out.contains("[environment variable CONNECT_POSTGRES_URL]"), "{what}");
    }
}

#[test]
fn no_key_is_printed() {
    let scene = scene();
    let file = key_file(&scene.installation);
    let postgres = format!("URL = {}\nPassword = {}", scene.url, scene.encrypted);
    let key = std::fs::read_to_string(&file).unwrap();
    let wrong = format!("{}g{}", &key[..100], &key[101..]);
    let other = "17".repeat(512);
    for text in [&key[..1000], &wrong, &other, &format!("{key}zz")] {
        private(&file, text.as_bytes());
        scene.both("a wrong key file", &postgres, [2, 2]);
        let variable = [("CONNECT_SERVER_ENCRYPTIONKEY", OsStr::new(text))];
        let ended = scene.both_with("a wrong key variable", &postgres, &variable, [2, 2]);
        assert!(ended[1].err.contains("CONNECT_SERVER_ENCRYPTIONKEY"), "{}", ended[1].err);
    }
}

#[test]
fn no_argument_is_repeated_with_its_password() {
    let scene = scene();
    let url = scene.url.replacen('@', &format!(":{}@", URL_PASSWORD.replace(['?', '/'], "_")), 1);
    let source = scene.installation.directory.path().join("db/connect.db");
    let source = source.to_str().unwrap();
    let secrets = Secrets::of(&[&URL_PASSWORD.replace(['?', '/'], "_")]);
    for words in [
        &["copy", &url][..],
        &["db", &format!("--url={url}")],
        &["db", "-data", &url],
        &["copy", "-schema", "connect/core", "-source", source, "-target", &url, "-yes"],
        &["copy", "-schema", "connect/core", "-source", source, "-target", &format!("{url}&x%")],
    ] {
        let ended = Ended::of(&program().args(words).output().unwrap());
        assert!(matches!(ended.code, Some(2 | 4)), "{words:?}: {}", ended.err);
        secrets.check_run("arguments", &ended, Path::new(""));
    }
}

#[test]
fn no_process_shows_a_secret() {
    let scene = scene();
    let postgres = format!("URL = {}\nPassword = {}", scene.url, scene.encrypted);
    scene.installation.configure(&postgres);
    let mut child = scene.installation.start("sql Verify 1 SELECT pg_sleep(3600)", &["db", "-yes"]);
    let mut client = server::connect(&scene.database.url).client;
    let running = "SELECT pg_sleep(0.02), string_agg(query, ';'), count(*) FILTER (WHERE query \
                   LIKE 'SELECT pg_sleep(3600)%') FROM pg_stat_activity \
                   WHERE datname = current_database()";
    let queries = loop {
        let row = client.query_one(running, &[]).unwrap();
        if row.get::<_, i64>(2) > 0 {
            break row.get::<_, String>(1);
        }
    };
    scene.secrets.check("pg_stat_activity", &queries);
    for file in ["cmdline", "comm", "environ", "status"] {
        let shown = std::fs::read(format!("/proc/{}/{file}", child.id())).unwrap();
        scene.secrets.check(file, &String::from_utf8_lossy(&shown));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
