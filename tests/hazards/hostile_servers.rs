//! Servers that send without an end, say nothing, or ask for a password that all may read.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use super::case::{Case, Place};
use super::run_output::Run;
use crate::server::Database;
use crate::server::fake;

const SECRET: &str = "TopSecretPw123";

/// What a run says of a fake server; `more` stands at the end of its URL. The program has memory
/// for 800 MB of addresses: one that keeps what it is sent does not come to its end.
fn run_at(port: u16, more: &str) -> Run {
    let case = Case::named("P1-no-superuser");
    let url = format!("postgres://u@127.0.0.1:{port}/d?{more}");
    let database =
        Database { name: "nowhere".into(), url: "postgres://127.0.0.1:1/nowhere".into() };
    let place = Place::of(&[&case]).with_address_space(800_000);
    place.run_at(&url, SECRET, &database, &["--yes"], &case)
}

#[track_caller]
fn is_refused(ran: &Run, texts: &[&str]) {
    assert_eq!(ran.code, 4, "{}", ran.err);
    for text in texts {
        assert!(ran.err.contains(text), "no {text} in {}", ran.err);
    }
    assert!(ran.err.contains("\nhint: "), "{}", ran.err);
    assert!(!ran.err.contains(SECRET), "{}", ran.err);
}

/// A server that sends these bytes for ever, once it has said the others.
fn flood(first: Vec<u8>, bytes: Vec<u8>) -> u16 {
    fake::start(move |stream| {
        stream.write_all(&first)?;
        fake::send_for_ever(stream, &bytes)
    })
}

#[test]
fn floods_end() {
    let notice = fake::message(b'N', &[b"SNOTICE\0C00000\0M", &[b'n'; 8000][..], b"\0\0"].concat());
    let setting = fake::message(b'S', &[b"name\0", &[b'v'; 8000][..], b"\0"].concat());
    let notification = [b"\0\0\0\x01channel\0", &[b'v'; 8000][..], b"\0"].concat();
    let notification = fake::message(b'A', &notification);
    let columns = [b"\0\x01c\0".as_slice(), &[0; 18]].concat();
    let row = [b"\0\x01\0\0\x1f\x40".as_slice(), &[b'x'; 8000]].concat();
    let rows = [fake::message(b'T', &columns), fake::message(b'D', &row).repeat(50)].concat();
    for (first, bytes, text) in [
        (Vec::new(), notice.clone(), "it sends messages without end"),
        (fake::authentication(0), setting.clone(), "it sends messages without end"),
        (fake::welcome(), notice, "it sends messages without end"),
        (fake::welcome(), setting, "it sends messages without end"),
        (fake::welcome(), notification, "it sends messages without end"),
    ] {
        is_refused(&run_at(flood(first, bytes), "sslmode=disable"), &["error: P17 ", text]);
    }
    // Rows are an answer once something was asked.
    let port = fake::start(move |stream| {
        stream.write_all(&fake::welcome())?;
        stream.read_exact(&mut [0])?;
        fake::send_for_ever(stream, &rows)
    });
    let texts = ["error: P17 ", "its answer does not end"];
    is_refused(&run_at(port, "sslmode=disable"), &texts);
}

#[test]
fn a_message_of_two_gigabytes_is_not_waited_for() {
    let port = flood(b"R\x7f\xff\xff\xff".to_vec(), vec![0; 1 << 16]);
    let text = "a message has an invalid length";
    is_refused(&run_at(port, "sslmode=disable"), &["error: P17 ", text]);
}

/// The code at its beginning counts, as it does in a short one.
#[test]
fn an_error_of_400_megabytes_is_cut_while_it_is_read() {
    let port = fake::start(|stream| {
        let head = b"SFATAL\0VFATAL\0C57P03\0M";
        let letters = vec![b'A'; 1 << 20];
        let length = u32::try_from(head.len() + 400 * letters.len() + 2 + 4).unwrap();
        stream.write_all(&[b"E", &length.to_be_bytes()[..], head].concat())?;
        (0..400).try_for_each(|_| stream.write_all(&letters))?;
        stream.write_all(b"\0\0")
    });
    is_refused(&run_at(port, "sslmode=disable"), &["error: P10 ", "57P03", "wait until"]);
}

#[test]
fn silence_after_the_welcome_ends() {
    let port = fake::start(|stream| {
        stream.write_all(&fake::welcome())?;
        fake::read_to_end(stream).map(drop)
    });
    let ran = run_at(port, "sslmode=disable&connect_timeout=1");
    is_refused(&ran, &["error: P10 ", "no answer within 1 s", "connect_timeout=SECONDS"]);
}

/// A server that asks for a password in this way, and what clients have answered.
fn asking(code: u32) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let known = heard.clone();
    let port = fake::start(move |stream: &mut TcpStream| {
        stream.write_all(&match code {
            5 => fake::message(b'R', b"\0\0\0\x05salt"),
            _ => fake::authentication(code),
        })?;
        let answer = read_message(stream)?;
        known.lock().unwrap().extend(answer);
        stream.write_all(&fake::message(b'E', b"SFATAL\0VFATAL\0C28P01\0Mno\0Rauth_failed\0\0"))
    });
    (port, heard)
}

fn read_message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize - 4;
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

#[test]
fn a_password_is_not_sent_in_the_clear() {
    let says = |heard: &Mutex<Vec<u8>>| {
        let heard = heard.lock().unwrap();
        heard.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    };
    for mode in ["disable", "allow", "prefer"] {
        let (port, heard) = asking(3);
        let ran = run_at(port, &format!("sslmode={mode}"));
        is_refused(&ran, &["error: P7 ", "unencrypted", "require_auth=password"]);
        crate::hint_log::note_followed(&ran.err);
        assert!(!says(&heard), "{mode}");
    }
    // Whoever says so, by libpq's word, may.
    let (port, heard) = asking(3);
    let ran = run_at(port, "sslmode=disable&require_auth=password");
    is_refused(&ran, &["error: P7 ", "the password is not accepted"]);
    assert!(says(&heard));
    // What else require_auth names is held to.
    for (code, method) in [(3, "password"), (5, "md5"), (0, "none")] {
        let (port, heard) = asking(code);
        let ran = run_at(port, "sslmode=disable&require_auth=scram-sha-256");
        is_refused(&ran, &["error: P7 ", &format!("by `{method}`"), "require_auth"]);
        assert!(heard.lock().unwrap().is_empty());
    }
}
