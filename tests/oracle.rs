//! Random values against an oracle: what a codec accepts the server must accept, and what the
//! server then prints must be what a program says that was written from `docs/conversions.md`
//! alone, in another language (`tests/oracle/*.py`).
//!
//! The values are the same in every run. `ORACLE_VALUES` makes more of them for each type and
//! encoding, `ORACLE_SEED` others.

mod values;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use connect_migrate::codec::{self, Cell, Out};
use model::{Column, Enum, Stored, Type, required, types};
use postgres::Client;
use serde_json::{Value, json};

use crate::server;
use values::Held;

const MOOD: Enum = Enum { name: "mood", labels: &["sad", "ok", "très bien"] };

/// Faults that are shown.
const SHOWN: usize = 60;

/// Every (type, stored) pair there is, and arrays of every type.
fn pairs() -> Vec<(Type, Stored)> {
    let more = [Type::Numeric(Some((6, 2))), Type::Varchar(5), Type::Char(5), Type::Enum(MOOD)];
    let single: Vec<Type> = types::PLAIN_TYPES.iter().map(|(_, ty)| *ty).chain(more).collect();
    let arrays = single.iter().map(|ty| Type::Array(Box::leak(Box::new(*ty))));
    let all = single.iter().copied().chain(arrays);
    all.flat_map(|ty| ty.encodings().iter().map(move |stored| (ty, *stored))).collect()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// How SQLite prints a double, which the page leaves to it.
fn printed(value: f64) -> String {
    thread_local! {
        static SQLITE: rusqlite::Connection = rusqlite::Connection::open_in_memory().unwrap();
    }
    SQLITE.with(|sqlite| {
        let mut cast = sqlite.prepare("SELECT CAST(?1 AS TEXT)").unwrap();
        cast.query_row([value], |row| row.get(0)).unwrap()
    })
}

/// A case as the oracle reads it.
fn case(ty: Type, stored: Stored, value: &Held) -> Value {
    let (class, text) = match value {
        Held::Integer(value) => ("integer", value.to_string()),
        Held::Real(value) => ("real", hex(&value.to_be_bytes())),
        Held::Text(bytes) => ("text", hex(bytes)),
        Held::Blob(bytes) => ("blob", hex(bytes)),
    };
    let mut case = json!({
        "type": ty.to_string(), "stored": stored.to_string(), "class": class, "value": text,
    });
    if let Held::Real(value) = value {
        case["printed"] = printed(*value).into();
    }
    if let (
        Type::Array(Type::Text | Type::Citext | Type::Varchar(_) | Type::Char(_)),
        Held::Text(text),
    ) = (ty, value)
    {
        let text = String::from_utf8_lossy(text);
        let other = |c: char| !c.is_ascii_digit() && !"+-.eE".contains(c);
        let numbers = text.split(other).filter_map(|digits| {
            let real = digits.parse().ok().filter(|real: &f64| real.is_finite())?;
            Some((digits.to_owned(), Value::from(printed(real))))
        });
        case["printed"] = Value::Object(numbers.collect());
    }
    case
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the oracle says of the cases, one answer each.
fn ask(cases: &Path) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/oracle.py");
    let mut command = Command::new("python3");
    command.arg("-B").arg(script).stdin(File::open(cases).unwrap()).stderr(Stdio::inherit());
    let output = command.output().unwrap_or_else(|error| {
        panic!("python3: {error}\nhint: the oracle needs Python 3; `cargo xtask check` installs it")
    });
    assert!(output.status.success(), "the oracle failed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What became of a value: refused, or the text that the server prints.
#[derive(Clone, Debug, PartialEq)]
enum Became {
    RefusedByCodec,
    RefusedByServer,
    Text(String),
}

/// A table of one pair on the server.
struct Table<'a> {
    client: &'a mut Client,
    fields: Vec<(usize, Vec<u8>)>,
    refused: Vec<usize>,
}

impl Table<'_> {
    /// Copies rows; those that the server refuses are found by halves.
    fn copy(&mut self, from: usize, to: usize) {
        let mut out = Out::default();
        out.append_raw(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        for (key, field) in &self.fields[from..to] {
            out.begin_row(2);
            out.write_field(&i32::try_from(*key).unwrap().to_be_bytes());
            out.append_raw(field);
        }
        out.append_raw(&[0xff, 0xff]);
        let mut copy = self.client.copy_in("COPY t FROM STDIN (FORMAT binary)").unwrap();
        // An error may come while rows are still sent, or at the end.
        let written = copy.write_all(out.bytes()).is_ok();
        if copy.finish().is_ok() && written {
            return;
        }
        if to - from == 1 {
            self.refused.push(self.fields[from].0);
            return;
        }
        let middle = usize::midpoint(from, to);
        self.copy(from, middle);
        self.copy(middle, to);
    }
}

/// Encodes, copies and reads back.
fn became(client: &mut Client, ty: Type, stored: Stored, values: &[Held]) -> Vec<Became> {
    let column = Column { stored, ..required("v", ty) };
    let mut all = vec![Became::RefusedByCodec; values.len()];
    let mut fields = Vec::new();
    for (key, value) in values.iter().enumerate() {
        let mut out = Out::default();
        if codec::encode_value(&column, &mut out, value.cell()).is_ok() {
            fields.push((key, out.bytes().to_vec()));
        }
    }
    client.batch_execute(&format!("CREATE TEMP TABLE t (k int4, v {ty})")).unwrap();
    let mut table = Table { client, fields, refused: Vec::new() };
    let count = table.fields.len();
    if count > 0 {
        table.copy(0, count);
    }
    for key in table.refused {
        all[key] = Became::RefusedByServer;
    }
    // Every type's own output function.
    for row in client.query("SELECT k, format('%s', v) FROM t", &[]).unwrap() {
        let key: i32 = row.get(0);
        all[usize::try_from(key).unwrap()] = Became::Text(row.get(1));
    }
    client.batch_execute("DROP TABLE t").unwrap();
    all
}

/// Whether servers before 15 can print it: they keep longer intervals and count hours in 32 bits.
fn printable(ty: Type, stored: Stored, value: &Held) -> bool {
    let per_hour = match stored {
        Stored::Nanoseconds => 3_600_000_000_000,
        Stored::Microseconds => 3_600_000_000,
        Stored::Milliseconds => 3_600_000,
        _ => 3_600,
    };
    match value {
        Held::Integer(value) if ty == Type::Interval => i32::try_from(value / per_hour).is_ok(),
        _ => true,
    }
}

#[test]
fn the_server_holds_what_an_oracle_says() {
    let (count, seed) = (number("ORACLE_VALUES", 300), number("ORACLE_SEED", 1));
    let database = server::database(server::shared());
    let mut client = server::connect(&database.url).client;
    let version = client.query_one("SELECT current_setting('server_version_num')::int4", &[]);
    let version: i32 = version.unwrap().get(0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases");
    let mut cases = BufWriter::new(File::create(&file).unwrap());
    let mut all = Vec::new();
    for (place, (ty, stored)) in pairs().into_iter().enumerate() {
        let mut values = values::of(ty, stored, count, seed * 1000 + place as u64);
        values.retain(|value| version >= 150_000 || printable(ty, stored, value));
        for value in &values {
            writeln!(cases, "{}", case(ty, stored, value)).unwrap();
        }
        all.push((ty, stored, values));
    }
    drop(cases);
    let answers = std::thread::spawn(move || ask(&file));
    client
        .batch_execute(
            "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'ok', 'très bien'); \
             SET datestyle = 'ISO'; SET timezone = 'UTC'; SET intervalstyle = 'postgres'; \
             SET extra_float_digits = 1; SET bytea_output = 'hex'; SET client_min_messages = error",
        )
        .unwrap();
    // There a run with such arrays is refused before it begins.
    let known = |ty: &Type| match ty {
        Type::Array(Type::Citext | Type::Enum(_)) => version >= 140_000,
        _ => true,
    };
    let got: Vec<Option<Vec<Became>>> = all
        .iter()
        .map(|(ty, stored, values)| known(ty).then(|| became(&mut client, *ty, *stored, values)))
        .collect();
    let answers = answers.join().unwrap();
    compare(&all, &got, &answers);
}

fn compare(all: &[(Type, Stored, Vec<Held>)], got: &[Option<Vec<Became>>], answers: &[Value]) {
    let mut answers = answers.iter();
    let (mut faults, mut taken, mut refused) = (Vec::new(), 0, 0);
    for ((ty, stored, values), got) in all.iter().zip(got) {
        let (mut here, mut wrong) = (0, 0);
        for (place, value) in values.iter().enumerate() {
            let meant = answers.next().expect("an answer for every case");
            let Some(got) = got.as_ref().map(|got| &got[place]) else { continue };
            let same = match (meant, got) {
                (Value::Null, Became::RefusedByCodec) => true,
                (Value::String(meant), Became::Text(got)) => meant == got,
                _ => false,
            };
            here += u64::from(matches!(got, Became::Text(_)));
            refused += u64::from(*got == Became::RefusedByCodec);
            if !same {
                wrong += 1;
                // Some of each pair.
                if wrong <= 5 {
                    faults.push(format!("{ty} {stored} {value:?}: {got:?}, not {meant}"));
                }
            }
        }
        taken += here;
        if got.is_some() && here == 0 {
            faults.push(format!("{ty} {stored}: of {} values none is taken", values.len()));
        }
    }
    assert!(answers.next().is_none(), "an answer without a case");
    println!("{} pairs, {taken} values taken, {refused} refused", all.len());
    let shown: Vec<_> = faults.iter().take(SHOWN).cloned().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), shown.join("\n"));
}

impl Held {
    fn cell(&self) -> Cell<'_> {
        match self {
            Held::Integer(value) => Cell::Integer(*value),
            Held::Real(value) => Cell::Real(*value),
            Held::Text(bytes) => Cell::Text(bytes),
            Held::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}
