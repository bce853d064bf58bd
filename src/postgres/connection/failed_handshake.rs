//! Puts a failed TLS handshake into words, with its hints.

use std::error::Error as _;

use super::address::{Host, SslMode};
use super::broken::DriverFailure;
use super::tls::Connector;
use crate::diagnostic::{Hint, Hints};
use crate::text::shell_word;

/// OpenSSL's numbers for what is wrong with a certificate (`x509_vfy.h`).
mod x509 {
    pub const NOT_YET_VALID: i32 = 9;
    pub const EXPIRED: i32 = 10;
    pub const HOSTNAME: i32 = 62;
    pub const IP_ADDRESS: i32 = 64;
}

/// Why a handshake failed and what to do about it.
pub(super) fn describe_failed_handshake(
    error: &postgres::Error,
    failure: DriverFailure,
    (host, mode): (&Host, SslMode),
    connector: &Connector,
) -> (String, Hints) {
    if failure == DriverFailure::NoTls {
        let hints = Hints::from([
            "turn TLS on: `ssl = on` in postgresql.conf of the server",
            "add `?sslmode=disable` to the URL, if the connection may be unencrypted",
        ]);
        return ("the server does not support TLS".into(), hints);
    }
    let trust = connector.trust.as_deref().unwrap_or("nothing");
    let Some((code, words)) =
        connector.last_handshake().failure.filter(|_| connector.trust.is_some())
    else {
        let hints = Hints::from([
            "read the server's log, which says why",
            "name a client certificate in `sslcert` and `sslkey`, if the server asks for one",
        ]);
        let inner = error.source().map(ToString::to_string).unwrap_or_default();
        return (format!("the TLS handshake failed: {inner}"), hints);
    };
    let mode = mode.url_word();
    match code {
        x509::EXPIRED => (
            "the certificate of the server or of its certificate authority has expired".into(),
            Hints::from([
                "have the certificate renewed",
                "until then, connect without checking it: `sslmode=require` without `sslrootcert`",
            ]),
        ),
        x509::NOT_YET_VALID => (
            "the server's certificate is not valid yet".into(),
            "check this machine's clock".into(),
        ),
        x509::HOSTNAME | x509::IP_ADDRESS => (
            format!("the server's certificate is not issued for {}", host.name),
            hints_about_host_name(host),
        ),
        _ => (
            format!(
                "the server's certificate is not signed by an authority that sslmode={mode} \
                 trusts here ({trust}): {words}"
            ),
            Hints::from([
                "name the file of the authority that signed it: `sslrootcert=/path/ca.crt`",
                "download the authority's certificate, if the server is a managed service",
            ]),
        ),
    }
}

/// What to do where a certificate is for another host. `sslmode=verify-ca` is no way out:
/// Connect's driver may verify the host under it, too.
fn hints_about_host_name(host: &Host) -> Hints {
    let place = shell_word(&format!("{}:{}", host.name, host.port));
    Hints::from(Hint::with_line(
        "name a host in the URL that the certificate contains:",
        format!(
            "openssl s_client -starttls postgres -connect {place} </dev/null | openssl x509 \
             -noout -ext subjectAltName"
        ),
    ))
    .and("have a certificate issued for the host in the URL")
}
