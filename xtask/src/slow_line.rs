//! A line that is slower than this machine: everything that travels over it arrives a while later,
//! and so many bytes a second go through in each direction. What is on the way does not wait for
//! what is before it, as in a real network.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How slow a line is.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// How long a byte travels, in one direction.
    pub delay: Duration,
    /// How many go through in a second, in each direction.
    pub bytes_per_second: u64,
}

/// Starts a slow line to the server on this port of 127.0.0.1, and returns the port of its other
/// end. It lasts as long as this process.
///
/// # Errors
/// When no port can be had.
pub fn start(port: u16, line: Line) -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let own = listener.local_addr()?.port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            let _ = join(&client, &server, line);
        }
    });
    Ok(own)
}

fn join(client: &TcpStream, server: &TcpStream, line: Line) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    for (from, to) in [(client, server), (server, client)] {
        let (from, to) = (from.try_clone()?, to.try_clone()?);
        // As much as such a line holds at once, and some more.
        let (sender, receiver) = sync_channel(64);
        thread::spawn(move || deliver(&receiver, &to, line));
        thread::spawn(move || {
            let mut from = from;
            loop {
                let mut bytes = vec![0; 32 << 10];
                let read = from.read(&mut bytes).unwrap_or(0);
                bytes.truncate(read);
                if sender.send((Instant::now(), bytes)).is_err() || read == 0 {
                    return;
                }
            }
        });
    }
    Ok(())
}

fn deliver(pieces: &Receiver<(Instant, Vec<u8>)>, mut to: &TcpStream, line: Line) {
    let mut free = Instant::now();
    for (sent, bytes) in pieces {
        let nanoseconds = bytes.len() as u64 * 1_000_000_000 / line.bytes_per_second.max(1);
        free = free.max(sent) + Duration::from_nanos(nanoseconds);
        thread::sleep((free + line.delay).saturating_duration_since(Instant::now()));
        if bytes.is_empty() || to.write_all(&bytes).is_err() {
            let _ = to.shutdown(Shutdown::Write);
            return;
        }
    }
}
