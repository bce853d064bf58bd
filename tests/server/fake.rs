//! Servers that are none: they speak as much of PostgreSQL's protocol as a test needs.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

/// A message of the server.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend((body.len() as u32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// The request to authenticate in the way of this code; 0 lets the client in.
pub fn authentication(code: u32) -> Vec<u8> {
    message(b'R', &code.to_be_bytes())
}

/// What a server says when it lets a client in.
pub fn welcome() -> Vec<u8> {
    let mut bytes = authentication(0);
    bytes.extend(message(b'S', b"server_version\x0018.0\0"));
    bytes.extend(message(b'S', b"client_encoding\0UTF8\0"));
    bytes.extend(message(b'K', &[0, 0, 0, 1, 0, 0, 0, 2]));
    bytes.extend(message(b'Z', b"I"));
    bytes
}

/// Sends `bytes` again and again, until the client hangs up.
pub fn send_for_ever(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let many = bytes.repeat(20);
    loop {
        stream.write_all(&many)?;
    }
}

/// Waits until the client hangs up; what it has sent.
pub fn read_to_end(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Starts a server without TLS that does this with each client, once its start-up packet is read;
/// its port.
pub fn start(serve: impl Fn(&mut TcpStream) -> io::Result<()> + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let serve = serve.clone();
            std::thread::spawn(move || {
                read_start_up(&mut stream).and_then(|()| serve(&mut stream))
            });
        }
    });
    port
}

/// Reads the start-up packet, and refuses TLS where it is asked for before.
fn read_start_up(stream: &mut TcpStream) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
        stream.read_exact(&mut body)?;
        if body != [4, 210, 22, 47] {
            return Ok(());
        }
        stream.write_all(b"N")?;
    }
}
