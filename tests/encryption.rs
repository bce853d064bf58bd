//! TLS: every `sslmode` against servers whose certificate is right, or wrong in one way.
//!
//! One server serves a certificate per test; the authorities and certificates are made here.

use std::path::{Path, PathBuf};

use connect_migrate::connection::Environment;
use connect_migrate::error::{Error, Exit};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::symm::Cipher;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

use crate::server::{self, Cluster, Wanted};

/// A certificate and its key.
struct Pair {
    certificate: X509,
    key: PKey<Private>,
}

/// What a certificate is made out to.
struct Subject<'a> {
    name: &'a str,
    alternative: Option<&'a str>,
    /// Days from now.
    valid: (i64, i64),
    version: i32,
}

const DAY: i64 = 86_400;

fn subject<'a>(name: &'a str, alternative: Option<&'a str>) -> Subject<'a> {
    Subject { name, alternative, valid: (-1, 30), version: 2 }
}

/// A certificate signed by `issuer`, or by itself as an authority.
fn certify(subject: &Subject<'_>, issuer: Option<&Pair>) -> Pair {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, subject.name).unwrap();
    let name = name.build();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let day = |days: i64| Asn1Time::from_unix(now.as_secs().cast_signed() + days * DAY).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(subject.version).unwrap();
    let serial = BigNum::from_u32(rand_serial()).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&name).unwrap();
    let issuer_name = issuer.map_or(&*name, |issuer| issuer.certificate.subject_name());
    builder.set_issuer_name(issuer_name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&day(subject.valid.0)).unwrap();
    builder.set_not_after(&day(subject.valid.1)).unwrap();
    if issuer.is_none() {
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    }
    if let Some(alternative) = subject.alternative {
        let mut names = SubjectAlternativeName::new();
        match alternative.parse::<std::net::IpAddr>() {
            Ok(_) => names.ip(alternative),
            Err(_) => names.dns(alternative),
        };
        let names = names.build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(names).unwrap();
    }
    let signer = issuer.map_or(&key, |issuer| &issuer.key);
    builder.sign(signer, MessageDigest::sha256()).unwrap();
    Pair { certificate: builder.build(), key }
}

fn rand_serial() -> u32 {
    let mut bytes = [0; 4];
    openssl::rand::rand_bytes(&mut bytes).unwrap();
    u32::from_be_bytes(bytes) >> 1
}

/// An authority, a directory with its certificate, and a server with a certificate of its making.
struct Setting {
    authority: Pair,
    directory: tempfile::TempDir,
    cluster: Cluster,
}

fn setting(subject: &Subject<'_>) -> Setting {
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
    })
}

impl Setting {
    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn url(&self, host: &str, parameters: &str) -> String {
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
const WRONG_HOST: &str = "not made out to|subjectAltName";
const EXPIRED: &str = "has expired|renewed";

#[test]
fn right_certificate() {
    let setting = setting(&subject("ignored", Some("db.test")));
    check(&setting, "db.test", &[
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
    ]);
    // The host's name counts under verify-full only.
    check(&setting, "other.test", &[
        ("sslmode=require&sslrootcert=CA", "tls"),
        ("sslmode=verify-ca&sslrootcert=CA", "tls"),
        ("sslmode=verify-full&sslrootcert=CA", WRONG_HOST),
    ]);
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
    check(&setting, "db.test", &[
        ("sslmode=require", "tls"),
        ("sslmode=require&sslrootcert=CA", EXPIRED),
        ("sslmode=verify-ca&sslrootcert=CA", EXPIRED),
        ("sslmode=verify-full&sslrootcert=CA", EXPIRED),
    ]);
}

#[test]
fn certificate_with_a_common_name_only() {
    let setting = setting(&Subject { version: 0, ..subject("db.test", None) });
    check(&setting, "db.test", &[
        ("sslmode=require", "tls"),
        ("sslmode=verify-full&sslrootcert=CA", "tls"),
    ]);
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
    check(&setting, "db.test", &[
        ("sslmode=verify-full&sslrootcert=CA", "tls"),
        // The server does not send the certificate between: the chain cannot be made.
        ("sslmode=verify-full&sslrootcert=OTHER", WRONG_CA),
    ]);
}

fn certify_authority(name: &str, issuer: &Pair) -> Pair {
    let Pair { key, certificate } = certify(&subject(name, None), None);
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(certificate.serial_number()).unwrap();
    builder.set_subject_name(certificate.subject_name()).unwrap();
    builder.set_issuer_name(issuer.certificate.subject_name()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(certificate.not_before()).unwrap();
    builder.set_not_after(certificate.not_after()).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.sign(&issuer.key, MessageDigest::sha256()).unwrap();
    Pair { certificate: builder.build(), key }
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
        assert!(text.contains("add ?sslmode=disable to the URL"), "{text}");
    }
}

#[test]
fn system_store_may_be_named_by_the_environment() {
    let setting = setting(&subject("ignored", Some("db.test")));
    let store = Some(setting.directory.path().join("ca.crt"));
    let trusting = Environment { trust: (store, None), ..Environment::default() };
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

/// The error of connecting as the role that needs a client certificate.
fn by_certificate(setting: &Setting, parameters: &str) -> Result<(), Error> {
    let port = setting.cluster.port;
    let url = format!("postgres://by_certificate@127.0.0.1:{port}/postgres?{parameters}");
    server::try_connect(&url).map(drop)
}

#[test]
fn client_certificate_in_every_form() {
    let setting = setting(&subject("ignored", Some("db.test")));
    server::execute(&setting.url("127.0.0.1", ""), "CREATE ROLE by_certificate LOGIN");
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let client = certify(&subject("by_certificate", None), Some(&setting.authority));
    let rsa = certify_rsa("by_certificate", &setting.authority);
    let ec = client.key.ec_key().unwrap();
    assert_eq!(ec.group().curve_name(), group.curve_name());
    setting.write("ec.crt", &client.certificate.to_pem().unwrap());
    setting.write("rsa.crt", &rsa.certificate.to_pem().unwrap());
    setting.write("sec1.key", &ec.private_key_to_pem().unwrap());
    setting.write("pkcs8.key", &client.key.private_key_to_pem_pkcs8().unwrap());
    setting.write("pkcs1.key", &rsa.key.rsa().unwrap().private_key_to_pem().unwrap());
    setting.write("der.key", &rsa.key.private_key_to_der().unwrap());
    let cipher = Cipher::aes_256_cbc();
    let locked = client.key.private_key_to_pem_pkcs8_passphrase(cipher, b"of the key").unwrap();
    setting.write("locked.key", &locked);
    let dir = setting.directory.path().display();
    for (certificate, key) in
        [("ec", "sec1"), ("ec", "pkcs8"), ("rsa", "pkcs1"), ("rsa", "der"), ("ec", "locked")]
    {
        let files = format!("sslcert={dir}/{certificate}.crt&sslkey={dir}/{key}.key");
        let password = if key == "locked" { "&sslpassword=of%20the%20key" } else { "" };
        let outcome = by_certificate(&setting, &format!("{files}{password}"));
        assert_eq!(outcome, Ok(()), "{certificate} {key}");
    }
    for (parameters, words) in [
        ("".to_string(), "sslcert"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/pkcs1.key"), "does not belong"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/locked.key"), "sslpassword"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/locked.key&sslpassword=x"), "does not open"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/no.key"), "No such file"),
        (format!("sslcert={dir}/sec1.key&sslkey={dir}/sec1.key"), "no certificate is found"),
        (format!("sslcert={dir}/ec.crt"), "has no key"),
    ] {
        let error = by_certificate(&setting, &parameters).unwrap_err();
        assert!(error.to_string().contains(words), "{words} is not in: {error}");
    }
}

/// A client certificate with an RSA key, which is what PKCS#1 is about.
fn certify_rsa(name: &str, issuer: &Pair) -> Pair {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let model = certify(&subject(name, None), Some(issuer)).certificate;
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(model.serial_number()).unwrap();
    builder.set_subject_name(model.subject_name()).unwrap();
    builder.set_issuer_name(model.issuer_name()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(model.not_before()).unwrap();
    builder.set_not_after(model.not_after()).unwrap();
    builder.sign(&issuer.key, MessageDigest::sha256()).unwrap();
    Pair { certificate: builder.build(), key }
}

#[test]
fn client_certificate_of_the_home_directory_and_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let setting = setting(&subject("ignored", Some("db.test")));
    server::execute(&setting.url("127.0.0.1", ""), "CREATE ROLE by_certificate LOGIN");
    let client = certify(&subject("by_certificate", None), Some(&setting.authority));
    std::fs::create_dir(setting.directory.path().join(".postgresql")).unwrap();
    setting.write(".postgresql/postgresql.crt", &client.certificate.to_pem().unwrap());
    let key = client.key.private_key_to_pem_pkcs8().unwrap();
    let key = setting.write(".postgresql/postgresql.key", &key);
    let home = Some(setting.directory.path().to_path_buf());
    let environment = Environment { home, ..Environment::default() };
    let port = setting.cluster.port;
    let url = format!("postgres://by_certificate@127.0.0.1:{port}/postgres");
    assert_eq!(server::try_connect_in(&url, &environment).unwrap().warnings, []);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let connection = server::try_connect_in(&url, &environment).unwrap();
    assert!(connection.warnings[0].hint.starts_with("chmod 0600"), "{:?}", connection.warnings);
    let url = format!("{url}?sslcertmode=disable");
    assert!(server::try_connect_in(&url, &environment).is_err());
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
    assert!(error.contains("write sslmode=require"), "{error}");
}
