//! Client certificates: every form of key, where they are looked for, and what is said of bad ones.

use connect_migrate::diagnostic::Error;
use connect_migrate::postgres::connection::Environment;
use openssl::symm::Cipher;

use crate::encryption::{Setting, setting};
use crate::server;
use crate::server::certificates::{certify, certify_rsa, subject};

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
    let client = certify(&subject("by_certificate", None), Some(&setting.authority));
    let rsa = certify_rsa("by_certificate", &setting.authority);
    let ec = client.key.ec_key().unwrap();
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
    let inline = |name: &str| {
        let text = std::fs::read_to_string(setting.directory.path().join(name)).unwrap();
        text.replace('+', "%2B").replace('\n', "%0A")
    };
    let pair = format!("sslcert={}&sslkey={}", inline("ec.crt"), inline("pkcs8.key"));
    assert_eq!(by_certificate(&setting, &format!("{pair}&sslinline=true")), Ok(()));
    let error = by_certificate(&setting, &pair).unwrap_err().to_string();
    assert!(error.contains("sslkey holds the key itself") && !error.contains("BEGIN"), "{error}");
    for (parameters, words) in [
        ("".to_string(), "sslcert"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/pkcs1.key"), "does not match"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/locked.key"), "sslpassword"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/locked.key&sslpassword=x"), "does not decrypt"),
        (format!("sslcert={dir}/ec.crt&sslkey={dir}/no.key"), "No such file"),
        (format!("sslcert={dir}/sec1.key&sslkey={dir}/sec1.key"), "no certificate is found"),
        (format!("sslcert={dir}/ec.crt"), "has no key"),
    ] {
        let error = by_certificate(&setting, &parameters).unwrap_err();
        assert!(error.to_string().contains(words), "{words} is not in: {error}");
    }
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
    assert!(
        connection.warnings[0].full_hint().starts_with("chmod 0600"),
        "{:?}",
        connection.warnings
    );
    let url = format!("{url}?sslcertmode=disable");
    assert!(server::try_connect_in(&url, &environment).is_err());
}
