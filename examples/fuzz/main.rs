//! `cargo xtask fuzz --seconds N [READER…]`: random input for every reader of what somebody else
//! wrote: configuration, keys, secrets, URLs, password files, SQLite's statements and files, schema
//! files, the server's messages, rows, errors and functions.
//!
//! Each reader has a thread, which changes recorded cases at random for N seconds. A panic, or an
//! input that takes a second, is printed with the input in hexadecimal and fails the run.
#![allow(clippy::indexing_slicing, reason = "places come from lengths, and a panic is a result")]

mod bytes;
mod pieces;
mod server;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, thread};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_migrate::config::gcfg::table::Table;
use connect_migrate::config::gcfg::{self, quantity, traps, value};
use connect_migrate::config::key::Key;
use connect_migrate::config::mask;
use connect_migrate::config::secret::{decrypt, may_be_encrypted};
use connect_migrate::config::settings::SECTIONS;
use connect_migrate::postgres::connection::{Address, Environment, Secret};
use connect_migrate::schema_tools::draft::expression::{self, Known, Scope};
use connect_migrate::sqlite::ddl;
use model::Type;
use serde_json::Value;

/// A reader: its name, what its seeds are in, pieces that mean something to it, and the call.
struct Reader {
    name: &'static str,
    seeds: Seeds,
    pieces: &'static [&'static str],
    read: fn(&[u8]),
}

/// Where inputs come from that are then changed.
enum Seeds {
    /// Every text of a file of recorded cases.
    Texts(&'static str),
    /// The files below a folder that end so.
    Files(&'static str, &'static str),
    /// These.
    Bytes(&'static [&'static [u8]]),
    /// What is made first.
    Generated(fn() -> Vec<Vec<u8>>),
}

const READERS: [Reader; 14] = [
    Reader {
        name: "gcfg",
        seeds: Seeds::Texts("gcfg.json"),
        pieces: pieces::GCFG,
        read: read_gcfg,
    },
    Reader {
        name: "key",
        seeds: Seeds::Texts("encrypted-values.json"),
        pieces: pieces::KEY,
        read: read_key,
    },
    Reader {
        name: "decryptor",
        seeds: Seeds::Texts("encrypted-values.json"),
        pieces: pieces::SECRET,
        read: read_secret,
    },
    Reader {
        name: "url",
        seeds: Seeds::Texts("postgres-urls.json"),
        pieces: pieces::URL,
        read: read_url,
    },
    Reader {
        name: "statement",
        seeds: Seeds::Files("tests/cases", ".sql"),
        pieces: pieces::STATEMENT,
        read: read_statement,
    },
    Reader {
        name: "schema-file",
        seeds: Seeds::Files("schema", ".toml"),
        pieces: pieces::SCHEMA,
        read: read_schema,
    },
    Reader {
        name: "password-file",
        seeds: Seeds::Bytes(bytes::PASSWORDS),
        pieces: pieces::PASSWORDS,
        read: bytes::read_passwords,
    },
    Reader {
        name: "sqlite-file",
        seeds: Seeds::Bytes(bytes::SQLITE),
        pieces: pieces::BYTES,
        read: bytes::read_sqlite,
    },
    Reader {
        name: "copy-field",
        seeds: Seeds::Bytes(bytes::FIELDS),
        pieces: pieces::BYTES,
        read: bytes::read_field,
    },
    Reader {
        name: "copy-context",
        seeds: Seeds::Bytes(bytes::CONTEXTS),
        pieces: pieces::CONTEXTS,
        read: bytes::read_context,
    },
    Reader {
        name: "wal",
        seeds: Seeds::Generated(bytes::make_wals),
        pieces: pieces::BYTES,
        read: bytes::read_wal,
    },
    Reader {
        name: "server-message",
        seeds: Seeds::Generated(server::make_messages),
        pieces: pieces::MESSAGES,
        read: server::read_messages,
    },
    Reader {
        name: "copy-rows",
        seeds: Seeds::Generated(server::make_rows),
        pieces: pieces::BYTES,
        read: server::read_rows,
    },
    Reader {
        name: "function-body",
        seeds: Seeds::Bytes(server::BODIES),
        pieces: pieces::BODIES,
        read: server::read_body,
    },
];

fn read_gcfg(input: &[u8]) {
    let reading = gcfg::read_gcfg(input);
    for variable in reading.events.iter().filter_map(|event| event.variable.as_ref()) {
        let found =
            (traps::find_traps(&reading, variable), traps::swallowed_lines(&reading, variable));
        drop(found);
        let Some(text) = variable.value.as_deref() else { continue };
        let numbers = (
            value::parse_i64(text).error,
            value::parse_u8(text).error,
            value::parse_f64(text).error,
        );
        let others =
            (value::parse_bool(text), quantity::parse_duration(text), quantity::parse_size(text));
        drop((numbers, others, mask::mask_url(text)));
    }
    let filled = Table::new(SECTIONS).fill_from(&reading);
    assert!(reading.error.is_none() || filled.is_err(), "an error of the file was passed over");
}

fn read_key(input: &[u8]) {
    let (exact, lax) = (Key::parse(input), Key::parse_trimmed(input));
    assert!(exact.is_err() || matches!(lax, Ok((_, false))), "the lax reading knows better");
}

fn read_secret(input: &[u8]) {
    let key = Key::parse("5a".repeat(512).as_bytes());
    let opened = key.is_ok_and(|key| decrypt(&key, input).is_ok());
    assert!(!opened, "random bytes open with a key");
    let _ = may_be_encrypted(input);
}

fn read_url(input: &[u8]) {
    let password = Secret::new("setting");
    for password in [None, Some(&password)] {
        if let Ok(address) =
            Address::parse_setting("Postgres.URL", input, password, &Environment::default())
        {
            drop((address.startup_options(), address.database_name().to_owned()));
        }
    }
    let _ = mask::mask_url(&String::from_utf8_lossy(input));
}

fn read_statement(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let table = ddl::parse_create_table(&text);
    let known = |(column, _): &(String, String)| Known {
        source: column.clone(),
        name: column.clone(),
        ty: Type::Text,
        exact: true,
    };
    let columns: Vec<Known> = table.collations.iter().map(known).collect();
    let scope = Scope { table: "t", columns: &columns };
    for (_, check) in &table.checks {
        drop((
            expression::translate_condition(check, scope),
            expression::translate_index_part(check, scope),
        ));
    }
    for (_, value) in &table.generated {
        drop(expression::translate_value(value, scope, Type::Text));
    }
    drop((ddl::index_part_texts(&text), ddl::index_predicate(&text).map(str::len)));
}

/// Those that the files of `schema/connect` name.
const VERSIONS: &str = r#"
versions = ["2023.09", "2024.08", "2024.12", "2025.04", "2025.09", "2026.03", "2026.06"]
"#;

/// A directory of one table, beside a file that names a version.
fn read_schema(input: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let written = fs::write(folder.path().join("database.toml"), VERSIONS)
        .and_then(|()| fs::write(folder.path().join("t.toml"), input));
    if written.is_ok()
        && let Err(faults) = model::load_directory(folder.path(), "t")
    {
        drop(faults.to_string());
    }
}

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    let seconds = words.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let wanted: Vec<String> = words.collect();
    let is_known = |name: &&String| READERS.iter().any(|reader| reader.name == **name);
    if let Some(unknown) = wanted.iter().find(|name| !is_known(name)) {
        let names: Vec<&str> = READERS.iter().map(|reader| reader.name).collect();
        println!("there is no reader {unknown}; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let time = Duration::from_secs(seconds);
    // A panic is reported once, by us, with its input.
    std::panic::set_hook(Box::new(|_| ()));
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |now| now.as_nanos() as u64);
    println!("seed {seed}, {seconds} s for each reader");
    let runs: Vec<_> = READERS
        .into_iter()
        .filter(|reader| wanted.is_empty() || wanted.iter().any(|name| reader.name == name))
        .map(|reader| thread::spawn(move || run(&reader, time, &mut Random(seed))))
        .collect();
    let clean = runs.into_iter().map(|run| run.join().unwrap_or(false));
    // Every reader is waited for.
    if clean.collect::<Vec<_>>().contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn run(reader: &Reader, time: Duration, random: &mut Random) -> bool {
    let seeds = match reader.seeds {
        Seeds::Texts(file) => texts(file),
        Seeds::Files(folder, end) => files(&root().join(folder), end),
        Seeds::Bytes(seeds) => seeds.iter().map(|seed| seed.to_vec()).collect(),
        Seeds::Generated(make) => make(),
    };
    if seeds.is_empty() {
        println!("{}: there are no seeds", reader.name);
        return false;
    }
    let (begun, mut count, mut faults) = (Instant::now(), 0_u64, 0_u64);
    while begun.elapsed() < time && faults < 10 {
        let input = mutant(&seeds, reader.pieces, random);
        let one = Instant::now();
        let panicked = catch_unwind(AssertUnwindSafe(|| (reader.read)(&input)));
        let slow = one.elapsed() > LONGEST && panicked.is_ok() && is_slow(reader, &input);
        if let Err(why) = &panicked {
            let text = why.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| why.downcast_ref::<String>().cloned()).unwrap_or_default();
            println!("{}: panic: {text}\n  input {}", reader.name, hex::encode(&input));
        } else if slow {
            println!("{}: {:?}\n  input {}", reader.name, one.elapsed(), hex::encode(&input));
        }
        faults += u64::from(panicked.is_err() || slow);
        count += 1;
    }
    let a_second = count as f64 / begun.elapsed().as_secs_f64().max(0.001);
    println!(
        "{}: {count} inputs ({a_second:.0} a second) from {} seeds, {faults} faults",
        reader.name,
        seeds.len()
    );
    faults == 0
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// How long a reader may work on an input.
const LONGEST: Duration = Duration::from_secs(1);

/// Whether an input that took long does so again, by what the processor worked: on a busy machine
/// time passes without this program.
fn is_slow(reader: &Reader, input: &[u8]) -> bool {
    let worked = time_on_cpu();
    (reader.read)(input);
    time_on_cpu().saturating_sub(worked) > LONGEST
}

/// How long this thread has worked.
fn time_on_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// What is in the files below a folder.
fn files(folder: &Path, end: &str) -> Vec<Vec<u8>> {
    let mut found = vec![Vec::new()];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            found.extend(fs::read(&path).ok());
        }
    }
    found
}

/// Every text of a case file, and what it is the base64 form of.
fn texts(file: &str) -> Vec<Vec<u8>> {
    let path = root().join("tests/cases/vectors").join(file);
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut found = vec![Vec::new()];
    collect(&serde_json::from_str(&text).unwrap_or(Value::Null), &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(value: &Value, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => {
            found.extend(STANDARD.decode(text).ok());
            found.push(text.clone().into_bytes());
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
        Value::Object(members) => members.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// One seed, changed a few times; at times the base64 form of what came of it.
fn mutant(seeds: &[Vec<u8>], pieces: &[&str], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..random.below(6) {
        let (from, to) = (random.below(bytes.len() + 1), random.below(bytes.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        match random.below(8) {
            0 => bytes.truncate(to),
            1 => drop(bytes.drain(from..to)),
            2 => {
                let again = bytes[from..to].to_vec();
                bytes.splice(to..to, again);
            }
            3 => bytes.insert(from, random.next() as u8),
            4 => {
                let other = &seeds[random.below(seeds.len())];
                bytes.splice(from..to, other[random.below(other.len() + 1)..].iter().copied());
            }
            5 if from < bytes.len() => bytes[from] ^= 1 << random.below(8),
            _ => {
                let piece = pieces[random.below(pieces.len())];
                bytes.splice(from..from, piece.bytes());
            }
        }
        bytes.truncate(8192);
    }
    if random.below(8) == 0 { STANDARD.encode(bytes).into_bytes() } else { bytes }
}

/// xorshift64*: enough for choosing.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}
