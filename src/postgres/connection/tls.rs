//! TLS as libpq means it, by OpenSSL: what is checked in which mode, and what was seen.
//!
//! | sslmode | certificate | host's name |
//! |---|---|---|
//! | `disable` | no TLS | |
//! | `allow`, `prefer`, `require` | only against an `sslrootcert` that exists | no |
//! | `verify-ca` | by `sslrootcert`, `~/.postgresql/root.crt`, or the system's authorities | no |
//! | `verify-full` | the same | yes |
//!
//! A certificate in `sslrootcert` is trusted as it stands, be it an intermediate one: Go's drivers
//! do so too. [`super::failure`] puts what went wrong into words.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509StoreContextRef};
use postgres_openssl::{MakeTlsConnector, set_postgresql_alpn};
use zeroize::Zeroizing;

use super::address::{Environment, Secret, SslMode, Tls};
use super::guard::Losses;
use crate::diagnostic::Fault;
use crate::files::{self, TEXT_BYTES_MOST};
use crate::text::command_on_path;

/// What the last handshake showed; shared with the connector, which fills it in.
#[derive(Clone, Debug, Default)]
pub struct HandshakeState {
    /// A server certificate was shown, so TLS was spoken.
    pub certificate: bool,
    /// OpenSSL's number and words for the first thing wrong with the certificate.
    pub failure: Option<(i32, String)>,
    /// The server's own certificate has no subject alternative name.
    pub common_name_only: bool,
}

/// A connector for one address, and what it saw.
#[derive(Clone)]
pub struct Connector {
    /// The connector itself; also needed to cancel a statement.
    pub connector: MakeTlsConnector,
    handshake: Arc<Mutex<HandshakeState>>,
    /// How many connections of the run were lost.
    pub losses: Losses,
    /// What the certificates are checked against, in words; `None` when they are not.
    pub trust: Option<String>,
}

impl Connector {
    /// What the last handshake showed.
    pub fn last_handshake(&self) -> HandshakeState {
        lock_handshake(&self.handshake).clone()
    }

    /// Forgets what was seen, before another attempt.
    pub fn forget_handshake(&self) {
        *lock_handshake(&self.handshake) = HandshakeState::default();
    }
}

fn lock_handshake(handshake: &Mutex<HandshakeState>) -> MutexGuard<'_, HandshakeState> {
    handshake.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the connector that `tls` asks for; files are read here.
///
/// # Errors
/// When a certificate or key file cannot be read or used: a fault that names it.
pub fn build_connector(
    tls: &Tls,
    environment: &Environment,
    warnings: &mut Vec<Fault>,
) -> Result<Connector, Fault> {
    let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(openssl_fault)?;
    let trust = if tls.mode == SslMode::Disable {
        None
    } else {
        set_versions(&mut builder, tls)?;
        set_postgresql_alpn(&mut builder).map_err(openssl_fault)?;
        set_client_certificate(&mut builder, tls, environment, warnings)?;
        set_trust(&mut builder, tls, environment, warnings)?
    };
    let handshake = Arc::new(Mutex::new(HandshakeState::default()));
    let (check, noted) = (trust.is_some(), Arc::clone(&handshake));
    let mode = if check { SslVerifyMode::PEER } else { SslVerifyMode::NONE };
    builder.set_verify_callback(mode, move |fine, context| {
        note_certificate_check(&mut lock_handshake(&noted), fine, context);
        fine || !check
    });
    let mut connector = MakeTlsConnector::new(builder.build());
    let (sni, names) = (tls.sni, tls.mode == SslMode::VerifyFull);
    connector.set_callback(move |ssl, _| {
        ssl.set_use_server_name_indication(sni);
        ssl.set_verify_hostname(names);
        Ok(())
    });
    let losses = environment.losses.clone();
    Ok(Connector { connector, handshake, losses, trust })
}

fn note_certificate_check(
    handshake: &mut HandshakeState,
    fine: bool,
    context: &X509StoreContextRef,
) {
    handshake.certificate = true;
    if !fine && handshake.failure.is_none() {
        let error = context.error();
        handshake.failure = Some((error.as_raw(), error.error_string().to_string()));
    }
    if context.error_depth() == 0
        && let Some(certificate) = context.current_cert()
    {
        handshake.common_name_only = certificate.subject_alt_names().is_none();
    }
}

fn openssl_fault(error: ErrorStack) -> Fault {
    Fault::new(format!("TLS cannot be set up: {error}"), "")
}

/// TLS 1.2 or later unless the URL says otherwise, as libpq and Go have it.
fn set_versions(builder: &mut SslConnectorBuilder, tls: &Tls) -> Result<(), Fault> {
    let version = |word: &Option<String>| match word.as_deref() {
        None => Ok(None),
        Some("TLSv1") => Ok(Some(SslVersion::TLS1)),
        Some("TLSv1.1") => Ok(Some(SslVersion::TLS1_1)),
        Some("TLSv1.2") => Ok(Some(SslVersion::TLS1_2)),
        Some("TLSv1.3") => Ok(Some(SslVersion::TLS1_3)),
        Some(word) => {
            let text = format!("{word:?} is not a TLS protocol version");
            Err(Fault::new(text, "write TLSv1.2 or TLSv1.3"))
        }
    };
    let lowest = version(&tls.lowest_version)?.unwrap_or(SslVersion::TLS1_2);
    builder.set_min_proto_version(Some(lowest)).map_err(openssl_fault)?;
    builder.set_max_proto_version(version(&tls.highest_version)?).map_err(openssl_fault)
}

/// Decides what to trust, and says it in words; `None` means that nothing is checked.
fn set_trust(
    builder: &mut SslConnectorBuilder,
    tls: &Tls,
    environment: &Environment,
    warnings: &mut Vec<Fault>,
) -> Result<Option<String>, Fault> {
    let demanded = tls.mode >= SslMode::VerifyCa;
    let usual = environment.home.as_deref().map(|home| home.join(".postgresql/root.crt"));
    let usual = usual.filter(|path| path.exists());
    match tls.sslrootcert.as_deref() {
        Some("system") => trust_system(builder, environment).map(Some),
        Some(pem) if tls.inline => {
            trust_only(builder, pem.as_bytes(), "sslrootcert")?;
            Ok(Some("sslrootcert".into()))
        }
        Some(file) if demanded || Path::new(file).exists() => {
            let name = format!("sslrootcert {file}");
            trust_only(builder, &read_tls_file(Path::new(file), &name)?, &name)?;
            Ok(Some(name))
        }
        Some(file) => {
            let text = format!(
                "sslrootcert {file} does not exist: the server's certificate is not checked"
            );
            warnings.push(Fault::new(text, "write `sslmode=verify-full` to check the certificate"));
            Ok(None)
        }
        None if demanded => match usual {
            Some(path) => {
                let name = path.display().to_string();
                trust_only(builder, &read_tls_file(&path, &name)?, &name)?;
                Ok(Some(name))
            }
            None => trust_system(builder, environment).map(Some),
        },
        None => {
            if let Some(path) = usual {
                let path = path.display();
                let text = format!(
                    "{path} is not used: sslmode={} does not check the server's certificate",
                    tls.mode.url_word()
                );
                warnings
                    .push(Fault::new(text, "write sslmode=verify-full to check the certificate"));
            }
            Ok(None)
        }
    }
}

fn read_tls_file(path: &Path, name: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let fault = |error: std::io::Error| {
        let hint = "name a PEM file that this user can read; run with sudo if root owns it";
        Fault::new(format!("{name}: {error}"), hint)
    };
    let mut bytes = Zeroizing::new(Vec::new());
    let file = files::open_regular_file(path).map_err(fault)?;
    files::read_open_file(&file, TEXT_BYTES_MOST, &mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// Trusts the certificates of `pem` and no others.
fn trust_only(builder: &mut SslConnectorBuilder, pem: &[u8], name: &str) -> Result<(), Fault> {
    let unusable = || {
        let text = format!("{name}: couldn't parse pem in sslrootcert");
        Fault::new(text, "name a file with -----BEGIN CERTIFICATE----- blocks")
    };
    let certificates = X509::stack_from_pem(pem).map_err(|_| unusable())?;
    if certificates.is_empty() {
        return Err(unusable());
    }
    let mut store = X509StoreBuilder::new().map_err(openssl_fault)?;
    for certificate in certificates {
        store.add_cert(certificate).map_err(openssl_fault)?;
    }
    store.set_flags(X509VerifyFlags::PARTIAL_CHAIN).map_err(openssl_fault)?;
    builder.set_cert_store(store.build());
    Ok(())
}

/// Where distributions keep their trusted authorities, for an OpenSSL that was built elsewhere.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL and its kin
    "/etc/pki/tls/certs/ca-bundle.crt",   // older RHEL
    "/etc/ssl/ca-bundle.pem",             // SUSE
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem", // Alpine
];
const DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// Trusts the system's authorities: `SSL_CERT_FILE`, `SSL_CERT_DIR`, else the usual places.
fn trust_system(
    builder: &mut SslConnectorBuilder,
    environment: &Environment,
) -> Result<String, Fault> {
    let file = environment.authorities_file.clone();
    let directory = environment.authorities_directory.clone();
    let named = file.is_some() || directory.is_some();
    let first =
        |paths: &[&str]| paths.iter().map(PathBuf::from).find(|path| !named && path.exists());
    let file = file.or_else(|| first(&BUNDLES));
    let directory = directory.or_else(|| first(&DIRECTORIES).filter(|_| file.is_none()));
    if file.is_none() && directory.is_none() {
        return Err(Fault::new(
            "no system store of trusted certificates was found",
            ["install the package `ca-certificates`", "name the authority's file in `sslrootcert`"],
        ));
    }
    let fault = |error: ErrorStack| {
        let places: Vec<_> = [&file, &directory]
            .into_iter()
            .flatten()
            .map(|path| path.display().to_string())
            .collect();
        let text = format!("the system's trusted certificates {}: {error}", places.join(", "));
        Fault::new(text, "name the authority's file in `sslrootcert`")
    };
    let mut store = X509StoreBuilder::new().map_err(openssl_fault)?;
    if let Some(file) = &file {
        let pem = read_tls_file(file, &file.display().to_string())?;
        for certificate in X509::stack_from_pem(&pem).map_err(fault)? {
            store.add_cert(certificate).map_err(fault)?;
        }
    }
    builder.set_cert_store(store.build());
    if let Some(directory) = &directory {
        builder.load_verify_locations(None, Some(directory)).map_err(fault)?;
    }
    Ok("the system's trusted certificates".into())
}

/// Loads the client certificate and its key, where there are any.
fn set_client_certificate(
    builder: &mut SslConnectorBuilder,
    tls: &Tls,
    environment: &Environment,
    warnings: &mut Vec<Fault>,
) -> Result<(), Fault> {
    if !tls.client_certificate {
        return Ok(());
    }
    let key = tls.sslkey.as_ref().map(Secret::reveal);
    if tls.inline {
        let pem = tls.sslcert.as_deref().unwrap_or_default().as_bytes();
        let none = X509::stack_from_pem(pem).map_or(true, |found| found.is_empty());
        let part = if none { "certificate" } else { "key" };
        return use_certificate_and_key(builder, pem, key.unwrap_or_default().as_bytes(), tls)
            .map_err(|_| {
                let text = format!("tls: failed to find any PEM data in {part} input");
                Fault::new(text, "write PEM text in `sslcert` and `sslkey` with `sslinline=true`")
            });
    }
    let usual =
        |name: &str| environment.home.as_deref().map(|home| home.join(".postgresql").join(name));
    let certificate = tls.sslcert.as_ref().map(PathBuf::from).or_else(|| usual("postgresql.crt"));
    if key.is_some_and(|key| key.contains("-----BEGIN")) {
        let text = "sslkey holds the key itself, not the name of its file";
        return Err(Fault::new(text, ["name the file of the key", "add `sslinline=true`"]));
    }
    let Some(certificate) = certificate else { return Ok(()) };
    if !certificate.exists() {
        if tls.sslcert.is_some() {
            let text = format!(
                "sslcert {} does not exist: no client certificate is sent",
                certificate.display()
            );
            warnings.push(Fault::new(text, "name the client certificate's file in `sslcert`"));
        }
        return Ok(());
    }
    let key = key.map(PathBuf::from).or_else(|| usual("postgresql.key"));
    let Some(key) = key else {
        let text = format!("the client certificate {} has no key", certificate.display());
        return Err(Fault::new(text, "name the key's file in `sslkey`"));
    };
    let certificate_pem =
        read_tls_file(&certificate, &format!("sslcert {}", certificate.display()))?;
    let key_pem = read_tls_file(&key, &format!("sslkey {}", key.display()))?;
    check_key_permissions(&key, warnings);
    use_certificate_and_key(builder, &certificate_pem, &key_pem, tls).map_err(|why| {
        let text = format!("sslcert {}, sslkey {}: {why}", certificate.display(), key.display());
        Fault::new(text, "name PEM files of a certificate and of its private key")
    })
}

fn use_certificate_and_key(
    builder: &mut SslConnectorBuilder,
    certificate: &[u8],
    key: &[u8],
    tls: &Tls,
) -> Result<(), String> {
    let mut chain = X509::stack_from_pem(certificate).unwrap_or_default().into_iter();
    let leaf = chain.next().ok_or("no certificate is found in sslcert")?;
    let to_text = |error: ErrorStack| error.to_string();
    builder.set_certificate(&leaf).map_err(to_text)?;
    for more in chain {
        builder.add_extra_chain_cert(more).map_err(to_text)?;
    }
    let key = parse_private_key(key, tls.sslpassword.as_ref())?;
    builder.set_private_key(&key).map_err(|_| "the key does not match the certificate")?;
    builder.check_private_key().map_err(|_| "the key does not match the certificate".into())
}

/// A key as PKCS#1, PKCS#8 or SEC1, PEM or DER. Without a password OpenSSL would ask the terminal.
fn parse_private_key(key: &[u8], password: Option<&Secret>) -> Result<PKey<Private>, String> {
    let mut asked = false;
    let pem = PKey::private_key_from_pem_callback(key, |buffer| {
        asked = true;
        let password = password.map(Secret::reveal).unwrap_or_default().as_bytes();
        let Some(start) = buffer.get_mut(..password.len()) else { return Ok(0) };
        start.copy_from_slice(password);
        Ok(password.len())
    });
    let key = pem.or_else(|_| PKey::private_key_from_der(key));
    key.map_err(|_| match (asked, password) {
        (true, None) => "the key is encrypted; name its password in sslpassword".to_string(),
        (true, Some(_)) => "sslpassword does not decrypt the key".to_string(),
        _ => "no private key is found in sslkey".to_string(),
    })
}

/// The driver of Connect refuses a key that others may read (0640 is fine when root owns it).
fn check_key_permissions(key: &Path, warnings: &mut Vec<Fault>) {
    let Ok(metadata) = fs::metadata(key) else { return };
    let mode = metadata.permissions().mode() & 0o777;
    let allowed = if metadata.uid() == 0 { 0o640 } else { 0o600 };
    if mode & !allowed != 0 {
        let shown = key.display();
        let text = format!("sslkey {shown} has mode {mode:04o}: Connect itself will refuse it");
        warnings.push(Fault::new(text, command_on_path("chmod 0600", key)));
    }
}
