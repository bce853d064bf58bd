//! Readers of what a PostgreSQL server sends: messages, rows, bodies of functions.

use std::io::BufReader;

use connect_migrate::postgres::connection::pass_messages;
use connect_migrate::postgres::describe_code;
use connect_migrate::postgres::sequences::bodies::{Function, Functions, Given};
use connect_migrate::postgres::sequences::judge::calls_nextval;
use connect_migrate::postgres::sequences::pieces;
use connect_migrate::verify::target::digest_stream;
use model::{Column, Type, nullable, required};

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend((body.len() as u32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// A message of each kind, alone and as a session has them.
pub fn make_messages() -> Vec<Vec<u8>> {
    let error = b"SERROR\0VERROR\0C22P02\0Minvalid\0Ddetail\0Rpg_strtoint32\0\0";
    let all: Vec<Vec<u8>> = [
        (b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0".as_slice()),
        (b'R', b"\0\0\0\x05salt"),
        (b'R', b"\0\0\0\x03"),
        (b'R', b"\0\0\0\0"),
        (b'S', b"server_version\x0018.1\0"),
        (b'K', b"\0\0\0\x01\0\0\0\x02"),
        (b'v', b"\0\0\0\0\0\0\0\0"),
        (b'Z', b"I"),
        (b'N', error),
        (b'A', b"\0\0\0\x01channel\0payload\0"),
        (b'1', b""),
        (b'2', b""),
        (b't', b"\0\x01\0\0\0\x17"),
        (b'T', b"\0\x01c\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"),
        (b'D', b"\0\x01\0\0\0\x017"),
        (b'H', b"\x01\0\x01\0\x01"),
        (b'G', b"\x01\0\x01\0\x01"),
        (b'd', b"PGCOPY\n\xff\r\n\0"),
        (b'c', b""),
        (b'E', error),
        (b'C', b"SELECT 1\0"),
    ]
    .into_iter()
    .map(|(kind, body)| message(kind, body))
    .collect();
    let session = all.concat();
    all.into_iter().chain([session]).collect()
}

/// Messages with rows that follow each other as one: rows that arrive together are passed on in one
/// message, and which ones do depends on how the stream is cut.
fn join_rows(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut joined: Vec<(u8, Vec<u8>)> = Vec::new();
    while let Some((&[kind, a, b, c, d], rest)) = bytes.split_first_chunk() {
        let length = u32::from_be_bytes([a, b, c, d]).saturating_sub(4) as usize;
        let (body, after) = rest.split_at(length.min(rest.len()));
        match joined.last_mut() {
            Some((b'd', rows)) if kind == b'd' => rows.extend(body),
            _ => joined.push((kind, body.to_vec())),
        }
        bytes = after;
    }
    joined.push((0, bytes.to_vec()));
    joined
}

/// Messages, however they are cut: what is passed on does not depend on it.
pub fn read_messages(input: &[u8]) {
    let whole = pass_messages(input, input.len().max(1));
    for piece in [1, 7, 4096] {
        let cut = pass_messages(input, piece);
        assert_eq!(cut.is_ok(), whole.is_ok(), "{piece}");
        if let (Ok(cut), Ok(whole)) = (cut, &whole) {
            assert_eq!(join_rows(&cut), join_rows(whole), "{piece}");
        }
    }
    let _ = describe_code(&String::from_utf8_lossy(input));
}

const COLUMNS: &[Column] = &[
    required("id", Type::Int8),
    nullable("title", Type::Text),
    nullable("at", Type::Timestamptz),
    nullable("cost", Type::Numeric(None)),
    nullable("extra", Type::Jsonb),
];

/// Streams of binary COPY with such rows.
pub fn make_rows() -> Vec<Vec<u8>> {
    let head = [b"PGCOPY\n\xff\r\n\0".as_slice(), &[0; 8]].concat();
    let row = [
        b"\0\x05\0\0\0\x08\0\0\0\0\0\0\0\x07".as_slice(),
        b"\0\0\0\x03abc\0\0\0\x08\0\0\0\0\0\0\0\x09",
        b"\0\0\0\x0c\0\x02\0\x01\0\0\0\x02\x04\xd2\x16\x2e\0\0\0\x08\x01{\"a\":1}",
    ]
    .concat();
    let empty = b"\0\x05\0\0\0\x08\0\0\0\0\0\0\0\x08\xff\xff\xff\xff\xff\xff\xff\xff\
                  \xff\xff\xff\xff\xff\xff\xff\xff"
        .to_vec();
    let end = b"\xff\xff".to_vec();
    [vec![], vec![row.clone()], vec![row, empty]]
        .into_iter()
        .map(|rows| [head.clone(), rows.concat(), end.clone()].concat())
        .collect()
}

/// A stream, however it is cut: its digest does not depend on it.
pub fn read_rows(input: &[u8]) {
    let read = |piece: usize| {
        let mut reader = BufReader::with_capacity(piece, input);
        digest_stream(&mut reader, COLUMNS)
    };
    let whole = read(input.len().max(1));
    for piece in [1, 13] {
        let cut = read(piece);
        assert_eq!(cut.is_ok(), whole.is_ok(), "{piece}");
        if let (Ok(cut), Ok(whole)) = (cut, &whole) {
            assert_eq!(&cut, whole, "{piece}");
        }
    }
}

/// Bodies of functions, and defaults.
pub const BODIES: &[&[u8]] = &[
    b"BEGIN IF NEW.id IS NULL THEN NEW.id := nextval('s'); END IF; RETURN NEW; END",
    b"DECLARE n bigint := 1; BEGIN SELECT nextval(TG_ARGV[0]) INTO NEW.id; RETURN NEW; END",
    b"SELECT own(nextval('a.b'::regclass) * 2 + 1)",
    b"BEGIN ATOMIC SELECT \"nextval\"(U&'s'); END",
    b"EXECUTE format('SELECT nextval(%L)', TG_TABLE_NAME || '_id_seq') INTO STRICT NEW.\"Id\"",
    b"$a$ text $a$ /* a /* b */ c */ -- d\n E'\\'' 1.5e3 ((((",
];

/// A body, or a default, as the search for sequences follows it; the function calls itself.
pub fn read_body(input: &[u8]) {
    let text = String::from_utf8_lossy(input).into_owned();
    let function = |language: &str| Function {
        schema: "public".to_owned(),
        name: "own".to_owned(),
        language: language.to_owned(),
        body: text.clone(),
        parameters: vec!["a".to_owned()],
    };
    let words = vec![("tg_table_name", "t".to_owned())];
    let given = Given { words, arguments: vec!["s".to_owned()] };
    for language in ["plpgsql", "sql", "c"] {
        let functions = Functions { all: vec![function(language)], schema: "public".to_owned() };
        let split = pieces::split_into_pieces(&text);
        drop((functions.expand_calls(&split), functions.may_be_called_in(&text)));
        functions.all.iter().for_each(|own| drop(functions.run_body(own, &given)));
        drop(pieces::pieces_to_text(&split));
    }
    let _ = calls_nextval(&text);
}
