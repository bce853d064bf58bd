//! How a connection begins: with TLS or without it.
//!
//! The driver is set to start with TLS at once, so that it hands over the bare socket; whether
//! the server is asked for TLS first, or there is none, is decided here.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::{fmt, io};

use postgres::Socket;
use postgres::tls::{MakeTlsConnect, TlsConnect};
use postgres_openssl::{MakeTlsConnector, TlsConnector};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::stream::{GuardedStream, Inner};
use super::{Question, Rules};

/// The request for TLS: its length and its code.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It is not.
    Off,
    /// Where the server has TLS.
    Preferred,
    /// It is, or there is none.
    Required,
    /// It is from the first byte on, without asking the server.
    Direct,
}

/// Why no connection began.
#[derive(Debug)]
pub enum HandshakeFailure {
    /// The server does not speak TLS.
    NoTls,
    /// The network failed before.
    Network(io::Error),
    /// The TLS handshake failed.
    Tls(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for HandshakeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandshakeFailure::NoTls => f.write_str("server does not support TLS"),
            HandshakeFailure::Network(error) => error.fmt(f),
            HandshakeFailure::Tls(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HandshakeFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            HandshakeFailure::NoTls => None,
            HandshakeFailure::Network(error) => Some(error),
            HandshakeFailure::Tls(error) => Some(error.as_ref()),
        }
    }
}

/// Makes guarded connections of one kind.
#[derive(Clone)]
pub struct GuardedConnector {
    tls: MakeTlsConnector,
    encryption: Encryption,
    rules: Rules,
}

impl GuardedConnector {
    pub fn new(tls: MakeTlsConnector, encryption: Encryption, rules: Rules) -> GuardedConnector {
        GuardedConnector { tls, encryption, rules }
    }

    /// The session is set up: its statements may take as long as they want.
    pub fn end_set_up(&self) {
        self.rules.end_set_up();
    }

    /// The session only watches another one.
    pub fn mark_as_watcher(&self) {
        self.rules.is_watcher.store(true, Ordering::Relaxed);
    }

    /// Whether it was ended because nothing was answered.
    pub fn was_silent(&self) -> bool {
        self.rules.was_silent.load(Ordering::Relaxed)
    }

    /// What is asked when the session waits long for an answer.
    pub fn set_question(&self, question: Question) {
        let _ = self.rules.question.set(question);
    }
}

impl MakeTlsConnect<Socket> for GuardedConnector {
    type Stream = GuardedStream;
    type TlsConnect = GuardedConnect;
    type Error = HandshakeFailure;

    fn make_tls_connect(&mut self, domain: &str) -> Result<GuardedConnect, HandshakeFailure> {
        let made =
            <MakeTlsConnector as MakeTlsConnect<Socket>>::make_tls_connect(&mut self.tls, domain);
        let tls = made.map_err(|error| HandshakeFailure::Tls(error.into()))?;
        Ok(GuardedConnect { tls, encryption: self.encryption, rules: self.rules.clone() })
    }
}

/// Begins one connection.
pub struct GuardedConnect {
    tls: TlsConnector,
    encryption: Encryption,
    rules: Rules,
}

impl TlsConnect<Socket> for GuardedConnect {
    type Stream = GuardedStream;
    type Error = HandshakeFailure;
    type Future = Pin<Box<dyn Future<Output = Result<GuardedStream, HandshakeFailure>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let GuardedConnect { tls, encryption, rules } = self;
            let inner = encrypt_socket(socket, tls, encryption).await?;
            Ok(GuardedStream::new(inner, rules))
        })
    }
}

async fn encrypt_socket(
    mut socket: Socket,
    tls: TlsConnector,
    encryption: Encryption,
) -> Result<Inner, HandshakeFailure> {
    if encryption == Encryption::Off {
        return Ok(Inner::Plain(socket));
    }
    if encryption != Encryption::Direct {
        socket.write_all(&SSL_REQUEST).await.map_err(HandshakeFailure::Network)?;
        let answer = socket.read_u8().await.map_err(HandshakeFailure::Network)?;
        match encryption {
            _ if answer == b'S' => {}
            Encryption::Preferred => return Ok(Inner::Plain(socket)),
            _ => return Err(HandshakeFailure::NoTls),
        }
    }
    let stream = tls.connect(socket).await.map_err(HandshakeFailure::Tls)?;
    Ok(Inner::Encrypted(stream))
}
