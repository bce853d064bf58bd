//! Sessions behind connection poolers that do not pass on the options of a start-up packet.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::server;

/// What a connection pooler does with options of the start-up packet.
#[derive(Clone, Copy)]
enum Options {
    /// Ends the connection, as pgbouncer does.
    Refuse,
    /// Takes them out in silence (`ignore_startup_parameters`).
    Drop,
}

/// The port of a pooler before the shared server.
fn pooler(options: Options) -> u16 {
    let (listener, server) = (TcpListener::bind("127.0.0.1:0").unwrap(), server::shared().port);
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            std::thread::spawn(move || {
                let mut length = [0; 4];
                client.read_exact(&mut length).unwrap();
                let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
                let mut packet = vec![0; length - 4];
                client.read_exact(&mut packet).unwrap();
                // The protocol's version, then names and values, each with a NUL behind it.
                let words: Vec<&[u8]> = packet[4..].split(|byte| *byte == 0).collect();
                let kept = |pair: &&[&[u8]]| !pair[0].is_empty() && pair[0] != b"options";
                let pairs = words.chunks_exact(2).filter(kept);
                let mut without = packet[..4].to_vec();
                pairs.for_each(|pair| without.extend([pair[0], b"\0", pair[1], b"\0"].concat()));
                without.push(0);
                if let (Options::Refuse, true) = (options, words.contains(&&b"options"[..])) {
                    let fields = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0";
                    let size = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
                    client.write_all(&[b"E", &size[..], fields].concat()).unwrap();
                    return;
                }
                let mut upstream = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let size = u32::try_from(without.len() + 4).unwrap().to_be_bytes();
                upstream.write_all(&[&size[..], &without].concat()).unwrap();
                let (mut from, mut to) =
                    (client.try_clone().unwrap(), upstream.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Both);
                });
                let _ = std::io::copy(&mut upstream, &mut client);
                let _ = client.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    port
}

/// Where a pooler takes no options, the settings are made by the first statements.
#[test]
fn settings_hold_behind_a_pooler() {
    let database = server::database(server::shared());
    let name = &database.name;
    for setting in ["TimeZone = 'Asia/Kolkata'", "quote_all_identifiers = on", "lock_timeout = 7"] {
        server::execute(&database.url, &format!("ALTER DATABASE {name} SET {setting}"));
    }
    let own = format!(":{}/", server::shared().port);
    for options in [Options::Refuse, Options::Drop] {
        let url = database.url.replace(&own, &format!(":{}/", pooler(options)));
        assert_ne!(url, database.url);
        let mut client = server::connect(&url).client;
        for (setting, value) in [
            ("TimeZone", "UTC"),
            ("quote_all_identifiers", "off"),
            ("lock_timeout", "30s"),
            ("statement_timeout", "0"),
        ] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).unwrap();
            assert_eq!(row.get::<_, String>(0), value, "{setting}");
        }
    }
    // What the URL itself asks for is not given up: a schema that does not count is an error.
    let url = database.url.replace(&own, &format!(":{}/", pooler(Options::Refuse)));
    let refused = server::try_connect(&format!("{url}&search_path=elsewhere"));
    let text = refused.err().unwrap().to_string();
    assert!(text.contains("SQLSTATE 08P01"), "{text}");
    assert!(text.contains("name the PostgreSQL server itself in the URL"), "{text}");
}
