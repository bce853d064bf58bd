//! Hints about how files, variables and URLs are written.

use connect_migrate::config::key::Key;
use connect_migrate::config::secret::{Form, Secret, encrypt};

use super::{Scene, check};

const URL: &str = "[Postgres]\nURL = postgres://u@db.example.com/x\n";

fn key_text(step: usize) -> String {
    (0..512).map(|at| format!("{:02x}", (at * step + 3) % 256)).collect()
}

fn encrypted(step: usize) -> String {
    let key = Key::parse(key_text(step).as_bytes()).unwrap();
    encrypt(&key, Form::Secretbox, &Secret::new("s3cret")).unwrap()
}

#[test]
fn hints_about_names_are_followed() {
    let misspelt =
        "[Postgres]\nPasword = x\nURL = postgres://u@db/x\n[Databse]\nProvider = sqlite\n";
    let scene = Scene::of_file(misspelt).with_variable("CONNECT_POSTGRES_URI", "postgres://u@db/x");
    check("misspelt", &scene, "Pasword");
    check("no URL", &Scene::of_file("[Postgres]\n"), "Postgres.URL is not set");
    let below = format!("{URL}[Server \"x\"]\nDataDir = /x\n");
    check("subsection", &Scene::of_file(&below), "subsection");
    let provider = format!("{URL}[Database]\nProvider = mysql\n");
    check("provider", &Scene::of_file(&provider), "neither");
    let scene = Scene::of_file(URL).with_variable("CONNECT_DATABASE_PROVIDER", "mysql");
    check("provider's variable", &scene, "neither");
    let scene = Scene::of_file(URL).with_variable("CONNECT_POSTGRES_URL", "");
    check("empty variable", &scene, "is empty");
    let scene = Scene::of_file(URL)
        .with_file("connect-migration.gcfg", "[Postgres]\nURL = postgres://u@new/x\n");
    check("two files", &scene, "is set differently");
    let mut scene = Scene::default().with_file("other.gcfg", URL);
    scene.words = ["check-config", "--config", "DIR/connect.gcfg"].map(str::to_owned).to_vec();
    check("no file", &scene, "cannot read");
}

#[test]
fn hints_about_values_are_followed() {
    for (value, expected) in [
        ("a#b", "a comment"),
        ("x;y", "a comment"),
        ("'quoted'", "single quotes"),
        ("“curly”", "curly quotes"),
        ("a\"b\"c", "double quotes inside"),
        ("a\\\nb", "the backslash"),
    ] {
        let text = format!("{URL}Password = {value}\n");
        check(value, &Scene::of_file(&text), expected);
    }
    let relative = format!("{URL}[Server]\nDataDir = data\n");
    check("relative", &Scene::of_file(&relative), "not an absolute path");
}

#[test]
fn hints_about_syntax_are_followed() {
    for line in [
        "[Server]\nDataDir\n",
        "[Server]\nDataDir = C:\\x\n",
        "[Server]\nDataDir = \"C:\\x\"\n",
        "[Server]\nDataDir = \"open\n",
        "[Server]\nData?Dir = /x\n",
        "[Server]\n= /x\n",
        "[]\n",
        "[Server x]\n",
        "[Server] DataDir = /x\n",
        "[Server]\nDataDir x\n",
    ] {
        check(line, &Scene::of_file(&format!("{URL}{line}")), "error: ");
    }
    check("no section", &Scene::of_file(&format!("DataDir = /x\n{URL}")), "section header");
    let latin = [URL.as_bytes(), b"[Server]\nDataDir = /caf\xe9\n"].concat();
    let scene = Scene::of_file("").with_file("connect.gcfg", latin);
    check("latin", &scene, "UTF-8");
}

#[test]
fn hints_about_keys_are_followed() {
    let with_keys = |server: &str, step: usize| {
        let text = format!("{URL}Password = {}\n[Server]\n{server}\n", encrypted(step));
        Scene::of_file(&text)
            .with_file("right.key", key_text(7))
            .with_file("line.key", format!("{}\n", key_text(7)))
            .with_file("wrong.key", key_text(5))
            .with_file("broken.key", "no key")
    };
    check("wrong", &with_keys("EncryptionKeyFile = DIR/wrong.key", 7), "cannot be decrypted");
    check("missing", &with_keys("EncryptionKeyFile = DIR/missing.key", 7), "cannot read the key");
    check("broken", &with_keys("EncryptionKeyFile = DIR/broken.key", 7), "is not a valid key");
    check("line end", &with_keys("EncryptionKeyFile = DIR/line.key", 7), "white space");
    let both = "EncryptionKeyFile = DIR/right.key\nEncryptionKey = x";
    check("both", &with_keys(both, 7), "are both set");
    let mut open = with_keys("EncryptionKeyFile = DIR/right.key", 7);
    open.files.get_mut("right.key").unwrap().1 = 0o644;
    check("mode", &open, "has mode 0644");
    let text = format!("{URL}Password = {}\n[Server]\nEncryptionKey = x\n", encrypted(7));
    check("key in the file", &Scene::of_file(&text), "is not a valid key");
}

#[test]
fn hints_about_urls_are_followed() {
    let urls = [
        ("postgres://u:{$}@db/x", "{$}"),
        ("postgres://u:a/b@db/x", "invalid port"),
        ("postgres://a/b@db/x", "there is an @ after"),
        ("postgres://u@[::1/x", "missing ']'"),
        ("postgres://db/x", "no user is named"),
        ("postgres://u@db/x?binary_parameters=maybe", "unrecognized value"),
        ("postgres://u@db/x?database=x", "not known"),
        ("postgres://u@db/x?=x", "has no name"),
        ("postgres://u@db/x?sslcrl=x", "is not supported"),
        ("postgres://u@db/x?replication=x&requirepeer=y", "is not supported"),
        ("postgres://u@db/x?load_balance_hosts=x&sslcompression=1", "is not supported"),
        ("postgres://u@db/x?sslkeylogfile=x&sslcrldir=y", "is not supported"),
        ("postgres://u@db/x?krbsrvname=x", "is not supported"),
        ("postgres://u@db/x?oauth_issuer=x", "is not supported"),
        ("postgres://u@db/x?scram_client_key=x", "is not supported"),
        ("postgres://u@db/x?sslnegotiation=direct&sslmode=prefer", "weak sslmode"),
    ];
    for (url, expected) in urls {
        let mut scene = Scene::of_file(&format!("[Postgres]\nURL = {url}\n"));
        scene.words.push("--connect".to_owned());
        check(url, &scene, expected);
    }
    let text = "[Postgres]\nURL = postgres://u:inside@db/x\nPassword = outside\n";
    check("two passwords", &Scene::of_file(text), "is not used");
}
