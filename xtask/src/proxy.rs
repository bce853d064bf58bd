//! A PostgreSQL proxy that breaks what it is set to: a policy sees every message of the protocol
//! and says what becomes of it. It can also be a slow line: a delay for each message, so many bytes
//! a second. Without TLS; everything happens on this machine.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The program under test.
    Client,
    /// PostgreSQL.
    Server,
}

/// One message, as it is passed on.
pub struct Message<'a> {
    /// The connection's number, from 0.
    pub connection: usize,
    /// Who sends it.
    pub sender: Sender,
    /// Its type; 0 for a start-up packet.
    pub kind: u8,
    /// What follows its length.
    pub body: &'a [u8],
}

/// What becomes of a message.
pub enum Action {
    /// It is passed on.
    Pass,
    /// It is passed on, and then both sides of the connection are closed.
    PassAndCut,
    /// These bytes are passed on in its place.
    Replace(Vec<u8>),
    /// It is dropped, and both sides of the connection are closed.
    Cut,
    /// It is dropped, every connection is closed, and no other one is taken.
    CutAll,
    /// It is dropped; the client gets these bytes instead, and the connection is closed.
    Answer(Vec<u8>),
    /// So many of its bytes are passed on, its head among them; then the connection is closed.
    Half(usize),
    /// It is passed on after this time.
    Stall(Duration),
    /// It is passed on, and then this is done.
    PassThen(Box<dyn FnOnce() + Send>),
    /// It is dropped, and so is whatever else anybody sends; every connection stays open.
    Silence,
}

/// A line that is slower than this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line {
    /// What each message waits for, in each direction.
    pub delay: Duration,
    /// How much goes through in a second, in each direction of each connection; 0 = no limit.
    pub bytes_per_second: u64,
}

impl Line {
    /// Waits as long as a message of this size takes.
    fn carry(self, bytes: usize) {
        let mut time = self.delay;
        if let Some(nanoseconds) = (bytes as u64 * 1_000_000_000).checked_div(self.bytes_per_second)
        {
            time += Duration::from_nanos(nanoseconds);
        }
        if time > Duration::ZERO {
            thread::sleep(time);
        }
    }
}

type Policy = Arc<Mutex<dyn FnMut(&Message<'_>) -> Action + Send>>;

/// A running proxy.
pub struct Proxy {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    streams: Mutex<Vec<TcpStream>>,
    closed: Mutex<bool>,
    silent: AtomicBool,
    line: Line,
}

impl Shared {
    fn close(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        for stream in self.streams.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn is_closed(&self) -> bool {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Message<'_> {
    /// Whether this is a simple query with exactly this text.
    pub fn is_query(&self, text: &str) -> bool {
        let body = self.body.strip_suffix(&[0]).unwrap_or(self.body);
        self.sender == Sender::Client && self.kind == b'Q' && body == text.as_bytes()
    }
}

/// An `ErrorResponse` with this severity, SQLSTATE and text.
pub fn error_response(severity: &str, code: &str, text: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in [(b'S', severity), (b'V', severity), (b'C', code), (b'M', text)] {
        body.push(field);
        body.extend_from_slice(value.as_bytes());
        body.push(0);
    }
    body.push(0);
    let mut message = vec![b'E'];
    message.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    message.extend_from_slice(&body);
    message
}

/// Starts a proxy before the server on `port`.
///
/// # Errors
/// When no port can be had.
pub fn start(
    port: u16,
    policy: impl FnMut(&Message<'_>) -> Action + Send + 'static,
) -> std::io::Result<Proxy> {
    start_line(port, Line::default(), policy)
}

/// Starts a proxy that is a line of this kind.
///
/// # Errors
/// When no port can be had.
pub fn start_line(
    port: u16,
    line: Line,
    policy: impl FnMut(&Message<'_>) -> Action + Send + 'static,
) -> std::io::Result<Proxy> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let own = listener.local_addr()?.port();
    let shared = Arc::new(Shared { line, ..Shared::default() });
    let (policy, known): (Policy, _) = (Arc::new(Mutex::new(policy)), shared.clone());
    thread::spawn(move || {
        for (number, client) in listener.incoming().flatten().enumerate() {
            if known.is_closed() {
                // Closing the listener refuses whoever comes later.
                return;
            }
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            let _ = connect(number, client, server, &policy, &known);
        }
    });
    Ok(Proxy { port: own, shared })
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.close();
        // Wakes the listener, so that it sees that it is closed.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn connect(
    number: usize,
    client: TcpStream,
    server: TcpStream,
    policy: &Policy,
    shared: &Arc<Shared>,
) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    {
        let mut streams = shared.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.extend([client.try_clone()?, server.try_clone()?]);
    }
    let pipes = [
        (Sender::Client, client.try_clone()?, server.try_clone()?),
        (Sender::Server, server, client),
    ];
    for (sender, from, to) in pipes {
        let (policy, shared) = (policy.clone(), shared.clone());
        thread::spawn(move || {
            let _ = pump(number, sender, &from, &to, &policy, &shared);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

/// Passes messages on until one of the sides ends, or the policy ends the connection.
fn pump(
    connection: usize,
    sender: Sender,
    mut from: &TcpStream,
    mut to: &TcpStream,
    policy: &Policy,
    shared: &Shared,
) -> std::io::Result<()> {
    // What a client sends first has no type byte.
    let mut typed = sender == Sender::Server;
    loop {
        let mut head = vec![0; if typed { 5 } else { 4 }];
        from.read_exact(&mut head)?;
        let kind = if typed { head.first().copied().unwrap_or(0) } else { 0 };
        let length = head.iter().rev().take(4).rev().fold(0_usize, |n, b| n << 8 | usize::from(*b));
        let mut body = vec![0; length.saturating_sub(4)];
        from.read_exact(&mut body)?;
        typed = true;
        if shared.silent.load(Ordering::SeqCst) {
            continue;
        }
        shared.line.carry(head.len() + body.len());
        let message = Message { connection, sender, kind, body: &body };
        let action = (policy.lock().unwrap_or_else(PoisonError::into_inner))(&message);
        match action {
            Action::Pass | Action::PassAndCut => {
                head.extend_from_slice(&body);
                to.write_all(&head)?;
                if matches!(action, Action::PassAndCut) {
                    return Ok(());
                }
            }
            Action::Half(count) => {
                head.extend_from_slice(&body);
                let count = count.min(head.len());
                to.write_all(head.get(..count).unwrap_or_default())?;
                return Ok(());
            }
            Action::Stall(time) => {
                thread::sleep(time);
                head.extend_from_slice(&body);
                to.write_all(&head)?;
            }
            Action::PassThen(act) => {
                head.extend_from_slice(&body);
                to.write_all(&head)?;
                act();
            }
            Action::Silence => shared.silent.store(true, Ordering::SeqCst),
            Action::Replace(bytes) => to.write_all(&bytes)?,
            Action::Cut => return Ok(()),
            Action::CutAll => {
                shared.close();
                return Ok(());
            }
            Action::Answer(bytes) => {
                let mut client = if sender == Sender::Client { from } else { to };
                client.write_all(&bytes)?;
                return Ok(());
            }
        }
    }
}
