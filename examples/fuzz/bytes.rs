//! Readers of bytes: password files, SQLite files, what PostgreSQL sends.

use std::fs;

use connect_migrate::keys::comparison::{comparable_bytes, loosely_comparable_bytes};
use connect_migrate::postgres::connection::{Address, Environment, passfile};
use connect_migrate::postgres::context::parse_copy_context;
use connect_migrate::sqlite::files::inspect_files;
use connect_migrate::sqlite::wal::find_lost_frames;
use connect_migrate::verify::field;
use model::Type;
use model::types::PLAIN_TYPES;

/// Password files.
pub const PASSWORDS: &[&[u8]] = &[
    b"localhost:5432:connect:rstudio:secret\n",
    b"# a comment\r\n*:*:*:*:a\\:b\\\\c\r\n",
    b"[::1]:5432:*:rstudio:\xff\xfe\nhost:5432:connect:rstudio:a:b:c",
    b"::::\n\\",
];

/// SQLite files, journals and WALs.
pub const SQLITE: &[&[u8]] = &[
    b"SQLite format 3\0\x10\0\x02\x02\0@  \0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x04\
      \0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x07\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0\
      \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0.\x8c\x2d",
    b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\0\0\0\x01\x12\x34\x56\x78\0\0\0\x02\0\0\x02\0\0\0\x10\0",
    b"\x37\x7f\x06\x82\0\x2d\xe2\x18\0\0\x02\0\0\0\0\0\x11\x22\x33\x44\x55\x66\x77\x88\
      \0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\x11\x22\x33\x44\x55\x66\x77\x88\0\0\0\0\0\0\0\0",
    b"SQLite format 3\0",
];

/// Fields of binary COPY, behind a byte that chooses their types.
pub const FIELDS: &[&[u8]] = &[
    b"\0\x01",
    b"\x03\0\0\0\0\0\0\0\x07",
    b"\x06\0\x02\0\x01\0\0\0\x02\x04\xd2\x16\x2e",
    b"\x06\0\0\0\0\xc0\0\0\0",
    b"\x0c\x01{\"a\": [1, 2.50, null, \"x\"]}",
    b"\x11\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03",
    b"\x12\x02\x20\0\x04\x7f\0\0\x01",
    b"\x13\x03\x40\x01\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0",
    b"\x43\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0\x02\0\0\0\x01\0\0\0\x08\
      \0\0\0\0\0\0\0\x05\xff\xff\xff\xff",
];

/// Contexts of errors in a COPY.
pub const CONTEXTS: &[&[u8]] = &[
    b"COPY apps, line 17, column title",
    "COPY apps, Zeile 17, Spalte title: »x«".as_bytes(),
    "appsのCOPY、行 17、列 title".as_bytes(),
    b"PL/pgSQL function own() line 3 at RAISE\nCOPY apps, line 18446744073709551616",
];

/// A password file of anybody.
pub fn read_passwords(input: &[u8]) {
    let url = b"postgres://rstudio@localhost:5432,[::1]:5432/connect";
    let address = Address::parse_setting("URL", url, None, &Environment::default());
    let Ok(address) = address else { return };
    for host in &address.hosts {
        drop(passfile::find_password(input, &address, host));
    }
}

/// A file and its journal.
pub fn read_sqlite(input: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let file = folder.path().join("a.db");
    let written = fs::write(&file, input)
        .and_then(|()| fs::write(folder.path().join("a.db-journal"), input))
        .and_then(|()| fs::write(folder.path().join("a.db-wal"), input));
    if written.is_ok() {
        drop((inspect_files(&file, ""), find_lost_frames(&file, 512)));
    }
}

/// What SQLite writes: a `-wal` of pages of 512 bytes, as a kill leaves it, with a commit a row.
pub fn make_wals() -> Vec<Vec<u8>> {
    let make = |rows: u32| {
        let folder = tempfile::tempdir().ok()?;
        let file = folder.path().join("a.db");
        let connection = rusqlite::Connection::open(&file).ok()?;
        let begin = "PRAGMA page_size = 512; PRAGMA journal_mode = wal;
                     PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a INTEGER PRIMARY KEY, b)";
        connection.execute_batch(begin).ok()?;
        for row in 0..rows {
            connection.execute("INSERT INTO t VALUES (?1, 'text')", [row]).ok()?;
        }
        fs::read(folder.path().join("a.db-wal")).ok()
    };
    [0, 1, 4, 11].into_iter().filter_map(make).collect()
}

/// A `-wal` beside a file of one size of pages or another.
pub fn read_wal(input: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    if fs::write(folder.path().join("a.db-wal"), input).is_ok() {
        for page_size in [512, 4096, 0] {
            drop(find_lost_frames(&folder.path().join("a.db"), page_size));
        }
    }
}

/// A field as verification and keys read it.
pub fn read_field(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    let kinds = PLAIN_TYPES.len();
    let plain = |at: usize| PLAIN_TYPES.get(at % kinds).map_or(Type::Text, |(_, ty)| *ty);
    let ty = match usize::from(*first) {
        at if at < 64 => plain(at),
        at => Type::Array(Box::leak(Box::new(plain(at)))),
    };
    let mut out = Vec::new();
    let _ = field::Reader::default().append_field(ty, Some(bytes), &mut out);
    for key in [ty, Type::Float8, Type::Text, Type::Numeric(None), Type::Interval] {
        drop((comparable_bytes(ty, key, bytes), loosely_comparable_bytes(ty, key, bytes)));
    }
}

/// What the server says of where it was.
pub fn read_context(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for table in ["apps", "a\nb", ""] {
        let _ = parse_copy_context(&text, table, ["title", "id", ""].into_iter());
    }
}
