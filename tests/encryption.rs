//! TLS: every `sslmode` against servers whose certificate is right, or wrong in one way.
//!
//! One server serves a certificate per test; the authorities and certificates are made here.

use std::path::{Path, PathBuf};

use connect_migrate::diagnostic::Exit;
use connect_migrate::postgres::connection::Environment;

use crate::server::certificates::{Pair, Subject, certify, certify_authority, subject};
use crate::server::{self, Cluster, Wanted};

/// An authority, a directory with its certificate, and a server with a certificate of its making.
pub struct Setting {
    /// Who signs.
    pub authority: Pair,
    /// Where files are.
    pub directory: tempfile::TempDir,
    /// The server.
    pub cluster: Cluster,
}

/// A server with a certificate made out to `subject`.
pub fn setting(subject: &Subject<'_>) -> Setting {
    let authority = certify(&self::subject("an authority", None), None);
    let pair = certify(subject, Some(&authority));
    let cluster = serve(&pair, &authority);
    let directory = tempfile::tempdir().unwrap();
    let setting = Setting { authority, directory, cluster };
    setting.write("ca.crt", &setting.authority.certificate.to_pem().unwrap());
    let other = certify(&self::subject("another authority", None), None);
    setting.write("other.crt", &other.certificate.to_pem().unwrap());
    setting
}

fn serve(pair: &Pair, authority: &Pair) -> Cluster {
    let admission = ["local all all scram-sha-256", "host all admin 127.0.0.1/32 scram-sha-256"];
    let mut admission: Vec<String> = admission.map(String::from).into();
    admission.push("hostssl all by_certificate 127.0.0.1/32 cert".into());
    admission.push("hostssl all over_tls 127.0.0.1/32 scram-sha-256".into());
    server::start(&Wanted {
        settings: ["ssl = on", "ssl_ca_file = 'ca.crt'"].map(String::from).into(),
        admission,
        files: vec![
            ("server.crt".into(), pair.certificate.to_pem().unwrap()),
            ("server.key".into(), pair.key.private_key_to_pem_pkcs8().unwrap()),
            ("ca.crt".into(), authority.certificate.to_pem().unwrap()),
        ],
        ..Wanted::default()
    })
}

impl Setting {
    /// Writes a file that only we may read.
    pub fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// The superuser's URL, by the name `host`.
    pub fn url(&self, host: &str, parameters: &str) -> String {
        let url = self.cluster.url("postgres").replace("127.0.0.1", host);
        let url = url.replace("sslmode=disable", parameters);
        // The certificates name hosts that no DNS knows: all are this machine.
        if host == "127.0.0.1" { url } else { format!("{url}&hostaddr=127.0.0.1") }
    }

    /// `ok`, or the error, of connecting by `parameters`; files are named `CA` and `OTHER`.
    fn outcome(&self, host: &str, parameters: &str) -> Result<bool, String> {
        let parameters = parameters
            .replace("CA", &self.path("ca.crt"))
            .replace("OTHER", &self.path("other.crt"));
        match server::try_connect(&self.url(host, &parameters)) {
            Ok(connection) => Ok(connection.tls),
            Err(error) => {
                assert!(!format!("{error:?}").contains("Throw-away"), "{error}");
                Err(error.to_string())
            }
        }
    }
}

/// Checks a table of `(parameters, "tls" | "plain" | words of the error)`.
fn check(setting: &Setting, host: &str, expected: &[(&str, &str)]) {
    for (parameters, words) in expected {
        let outcome = setting.outcome(host, parameters);
        match (*words, &outcome) {
            ("tls", Ok(true)) | ("plain", Ok(false)) => {}
            (words, Err(error)) if words.split('|').all(|word| error.contains(word)) => {
                assert!(error.contains("hint: "), "{error}");
            }
            _ => panic!("{host} {parameters}: expected {words}, found {outcome:?}"),
        }
    }
}

const WRONG_CA: &str = "not signed by an authority|sslrootcert=/path/ca.crt";
const WRONG_HOST: &str = "not issued for|subjectAltName";
const EXPIRED: &str = "has expired|renewed";

#[test]
fn right_certificate() {
    let setting = setting(&subject("ignored", Some("db.test")));
    check(
        &setting,
        "db.test",
        &[
            ("sslmode=disable", "plain"),
            ("sslmode=allow", "tls"),
            ("sslmode=prefer", "tls"),
            ("sslmode=require", "tls"),
            ("", "tls"),
            ("sslmode=require&sslrootcert=CA", "tls"),
            ("sslmode=verify-ca&sslrootcert=CA", "tls"),
            ("sslmode=verify-full&sslrootcert=CA", "tls"),
            ("sslmode=verify-full&sslrootcert=CA&sslsni=0", "tls"),
            ("sslmode=verify-full&sslrootcert=CA&channel_binding=require", "tls"),
            ("sslmode=disable&channel_binding=require", "channel"),
            // Wrong authorities.
            ("sslmode=require&sslrootcert=OTHER", WRONG_CA),
            ("sslmode=verify-ca&sslrootcert=OTHER", WRONG_CA),
            ("sslmode=verify-full&sslrootcert=OTHER", WRONG_CA),
            ("sslmode=verify-ca", WRONG_CA),
            ("sslmode=verify-full", WRONG_CA),
            ("sslrootcert=system", WRONG_CA),
            // As libpq: prefer falls back to no TLS.
            ("sslmode=prefer&sslrootcert=OTHER", "plain"),
            // A file that is not there: nothing is checked under require, all is under verify-ca.
            ("sslmode=require&sslrootcert=/no/such/file", "tls"),
            ("sslmode=verify-ca&sslrootcert=/no/such/file", "/no/such/file|No such file"),
        ],
    );
    // The host's name counts under verify-full only.
    check(
        &setting,
        "other.test",
        &[
            ("sslmode=require&sslrootcert=CA", "tls"),
            ("sslmode=verify-ca&sslrootcert=CA", "tls"),
            ("sslmode=verify-full&sslrootcert=CA", WRONG_HOST),
        ],
    );
    check(&setting, "127.0.0.1", &[("sslmode=verify-full&sslrootcert=CA", WRONG_HOST)]);
}

#[test]
fn certificate_for_an_address() {
    let setting = setting(&subject("ignored", Some("127.0.0.1")));
    check(&setting, "127.0.0.1", &[("sslmode=verify-full&sslrootcert=CA", "tls")]);
}

#[test]
fn expired_certificate() {
    let expired = Subject { valid: (-20, -10), ..subject("ignored", Some("db.test")) };
    let setting = setting(&expired);
    check(
        &setting,
        "db.test",
        &[
            ("sslmode=require", "tls"),
            ("sslmode=require&sslrootcert=CA", EXPIRED),
            ("sslmode=verify-ca&sslrootcert=CA", EXPIRED),
            ("sslmode=verify-full&sslrootcert=CA", EXPIRED),
        ],
    );
}

#[test]
fn certificate_with_a_common_name_only() {
    let setting = setting(&Subject { version: 0, ..subject("db.test", None) });
    check(
        &setting,
        "db.test",
        &[("sslmode=require", "tls"), ("sslmode=verify-full&sslrootcert=CA", "tls")],
    );
    let parameters = |mode: &str| format!("sslmode={mode}&sslrootcert={}", setting.path("ca.crt"));
    let warned = |mode: &str| {
        let connection = server::connect(&setting.url("db.test", &parameters(mode)));
        connection.warnings.iter().any(|warning| warning.text.contains("subject alternative name"))
    };
    assert!(warned("verify-full"));
    assert!(!warned("verify-ca"));
}

#[test]
fn intermediate_authority_as_root() {
    let root = certify(&subject("root", None), None);
    let middle = certify_authority("middle", &root);
    let leaf = certify(&subject("ignored", Some("db.test")), Some(&middle));
    let cluster = serve(&leaf, &root);
    let directory = tempfile::tempdir().unwrap();
    let setting = Setting { authority: root, directory, cluster };
    setting.write("ca.crt", &middle.certificate.to_pem().unwrap());
    setting.write("other.crt", &setting.authority.certificate.to_pem().unwrap());
    check(
        &setting,
        "db.test",
        &[
            ("sslmode=verify-full&sslrootcert=CA", "tls"),
            // The server does not send the certificate between: the chain cannot be made.
            ("sslmode=verify-full&sslrootcert=OTHER", WRONG_CA),
        ],
    );
}

#[test]
fn server_without_tls() {
    let cluster = server::shared();
    let url = |parameters: &str| cluster.url("postgres").replace("sslmode=disable", parameters);
    for parameters in ["sslmode=disable", "sslmode=allow", "sslmode=prefer"] {
        assert!(!server::connect(&url(parameters)).tls, "{parameters}");
    }
    for parameters in ["", "sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"] {
        let error = server::try_connect(&url(parameters)).err().unwrap();
        assert_eq!(error.exit, Exit::Target);
        let text = error.to_string();
        assert!(text.contains("the server does not support TLS"), "{text}");
        assert!(text.contains("add `?sslmode=disable` to the URL"), "{text}");
    }
}

#[test]
fn system_store_may_be_named_by_the_environment() {
    let setting = setting(&subject("ignored", Some("db.test")));
    let store = Some(setting.directory.path().join("ca.crt"));
    let trusting = Environment { authorities_file: store, ..Environment::default() };
    for parameters in ["sslrootcert=system", "sslmode=verify-full", "sslmode=verify-ca"] {
        let url = setting.url("db.test", parameters);
        let connection = server::try_connect_in(&url, &trusting).unwrap();
        assert!(connection.trust.unwrap().contains("system"), "{parameters}");
    }
    // Debian's own store is found, and does not know our authority.
    if Path::new("/etc/ssl/certs/ca-certificates.crt").exists() {
        check(&setting, "db.test", &[("sslrootcert=system", WRONG_CA)]);
    }
}

#[test]
fn root_certificate_of_the_home_directory() {
    let setting = setting(&subject("ignored", Some("db.test")));
    std::fs::create_dir(setting.directory.path().join(".postgresql")).unwrap();
    setting.write(".postgresql/root.crt", &setting.authority.certificate.to_pem().unwrap());
    let home = Some(setting.directory.path().to_path_buf());
    let at_home = Environment { home, ..Environment::default() };
    let url = setting.url("db.test", "sslmode=verify-full");
    let connection = server::try_connect_in(&url, &at_home).unwrap();
    assert!(connection.trust.unwrap().ends_with("root.crt"));
    let url = setting.url("db.test", "sslmode=require");
    let connection = server::try_connect_in(&url, &at_home).unwrap();
    assert_eq!(connection.trust, None);
    let unused = |text: &str| text.contains("root.crt is not used");
    assert!(connection.warnings.iter().any(|warning| unused(&warning.text)));
}

#[test]
fn role_that_is_admitted_over_tls_only() {
    let setting = setting(&subject("ignored", Some("db.test")));
    let create = "CREATE ROLE over_tls LOGIN PASSWORD 'p'";
    server::execute(&setting.url("127.0.0.1", ""), create);
    let port = setting.cluster.port;
    let url = format!("postgres://over_tls:p@127.0.0.1:{port}/postgres?sslmode=");
    assert!(server::connect(&format!("{url}require")).tls);
    let error = server::try_connect(&format!("{url}disable")).err().unwrap().to_string();
    assert!(error.contains("write `sslmode=require`"), "{error}");
}
