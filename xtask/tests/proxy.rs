//! The proxy does to messages what its policy says.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use xtask::proxy::{self, Action, Message};

/// A start-up packet and a query, as a client sends them.
const START: &[u8] = b"\0\0\0\x08\0\x03\0\0";
const QUERY: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// Sends both through a proxy that does this to the query; what arrives.
fn arrives(action: impl Fn() -> Action + Send + 'static) -> Vec<u8> {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let policy = move |message: &Message<'_>| match message.is_query("COMMIT") {
        true => action(),
        false => Action::Pass,
    };
    let proxy = proxy::start(port, policy).unwrap();
    let received = thread::spawn(move || {
        let mut bytes = Vec::new();
        // A connection that is reset has ended, too.
        let _ = server.accept().unwrap().0.read_to_end(&mut bytes);
        bytes
    });
    let mut client = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
    client.write_all(&[START, QUERY].concat()).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    received.join().unwrap()
}

#[test]
fn messages_are_passed_halved_dropped() {
    assert_eq!(arrives(|| Action::Pass), [START, QUERY].concat());
    assert_eq!(arrives(|| Action::Half(3)), [START, &QUERY[..3]].concat());
    assert_eq!(arrives(|| Action::Half(99)), [START, QUERY].concat());
    assert_eq!(arrives(|| Action::Silence), START);
    assert_eq!(arrives(|| Action::Cut), START);
    assert_eq!(arrives(|| Action::PassAndCut), [START, QUERY].concat());
}

#[test]
fn what_comes_after_a_message_comes_after_it() {
    let (send, receive) = mpsc::channel();
    let passed = arrives(move || {
        let send = send.clone();
        Action::PassThen(Box::new(move || send.send("done").unwrap()))
    });
    assert_eq!(passed, [START, QUERY].concat());
    assert_eq!(receive.recv().unwrap(), "done");
}
