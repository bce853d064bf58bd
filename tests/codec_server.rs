//! The codecs' bytes, judged by a real server: what it makes of them is what it makes of a
//! canonical text of the same value by its own casts.

mod addresses;
mod times;

use connect_migrate::codec::{self, Cell, Out};
use model::types::PLAIN_TYPES;
use model::{Column, Enum, Stored, Type, required};
use postgres::Client;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rusqlite::types::Value;
use std::io::Write;

use super::codec_properties;
use crate::server;

const MOOD: Enum = Enum { name: "mood", labels: &["sad", "ok", "très bien"] };

/// Values and the text that PostgreSQL may safely read for each.
type Cases = Vec<(Value, String)>;

#[test]
fn the_server_reads_each_value_as_intended() {
    let database = server::database(server::shared());
    let mut client = server::connect(&database.url).client;
    client.batch_execute("SET timezone = 'UTC'; SET datestyle = 'ISO'").unwrap();
    client
        .batch_execute(
            "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'ok', 'très bien')",
        )
        .unwrap();
    let version = client.query_one("SELECT current_setting('server_version_num')::int4", &[]);
    let version = version.unwrap().get(0);
    let mut judge = Judge { client: &mut client, faults: Vec::new() };
    numbers(&mut judge);
    texts(&mut judge);
    structured(&mut judge);
    addresses::judge_addresses(&mut judge);
    times::written(&mut judge);
    times::counted(&mut judge);
    times::lengths(&mut judge);
    times::written_lengths(&mut judge);
    arrays(&mut judge, version);
    let shown = judge.faults.iter().take(50).cloned().collect::<Vec<_>>();
    assert!(shown.is_empty(), "{} faults:\n{}", judge.faults.len(), shown.join("\n"));
}

#[test]
fn types_are_described_as_the_server_has_them() {
    let database = server::database(server::shared());
    let mut client = server::connect(&database.url).client;
    let sql = "SELECT format_type(oid, NULL), oid, typarray, typlen::int4,
                   CASE typalign WHEN 'c' THEN 1 WHEN 's' THEN 2 WHEN 'i' THEN 4 ELSE 8 END
               FROM pg_catalog.pg_type
               WHERE typname = $1 AND typnamespace = 'pg_catalog'::regnamespace";
    let with_length = [Type::Varchar(3), Type::Char(3), Type::Numeric(Some((4, 2)))];
    let plain = PLAIN_TYPES.iter().map(|(_, ty)| *ty);
    for ty in plain.chain(with_length) {
        let Some(known) = ty.catalog_type() else { continue };
        let row = client.query_one(sql, &[&known.name]).unwrap();
        let numbers: [u32; 2] = [row.get(1), row.get(2)];
        assert_eq!(row.get::<_, String>(0), known.format);
        assert_eq!(numbers, [known.oid, known.array_oid], "{ty}");
        let (length, align): (i32, i32) = (row.get(3), row.get(4));
        let width = usize::try_from(length).ok().zip(usize::try_from(align).ok());
        assert_eq!(width, ty.fixed_width(), "{ty}");
    }
}

struct Judge<'a> {
    client: &'a mut Client,
    faults: Vec<String>,
}

impl Judge<'_> {
    /// Copies the values into a table beside their texts and lets the server compare.
    fn hear(&mut self, ty: Type, stored: Stored, cases: &Cases) {
        assert!(!cases.is_empty());
        let column = Column { stored, ..required("v", ty) };
        let mut out = Out::default();
        out.append_raw(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        for (index, (value, text)) in cases.iter().enumerate() {
            out.begin_row(3);
            out.write_field(&i32::try_from(index).unwrap().to_be_bytes());
            out.write_field(text.as_bytes());
            if let Err(why) = codec::encode_value(&column, &mut out, Cell::from(value)) {
                self.faults.push(format!("{ty} {stored} {value:?}: {why:?}"));
                out.write_null();
            }
        }
        out.append_raw(&[0xff, 0xff]);
        self.client
            .batch_execute(&format!("CREATE TEMP TABLE t (id int4, e text, v {ty})"))
            .unwrap();
        let mut copy = self.client.copy_in("COPY t FROM STDIN (FORMAT binary)").unwrap();
        copy.write_all(out.bytes()).unwrap();
        copy.finish().unwrap_or_else(|why| panic!("{ty} {stored}: {why:?}"));
        let rows = self
            .client
            .query(&format!("SELECT id, v::text, e::{ty}::text FROM t ORDER BY id"), &[])
            .unwrap_or_else(|why| panic!("{ty} {stored}: {why:?}"));
        assert_eq!(rows.len(), cases.len());
        for row in rows {
            let (index, got, meant): (i32, Option<String>, String) =
                (row.get(0), row.get(1), row.get(2));
            let Some(got) = got else { continue };
            if got != meant {
                let (value, _) = &cases[usize::try_from(index).unwrap()];
                self.faults.push(format!("{ty} {stored} {value:?}: {got}, not {meant}"));
            }
        }
        self.client.batch_execute("DROP TABLE t").unwrap();
    }

    fn hear_usual(&mut self, ty: Type, cases: &Cases) {
        self.hear(ty, ty.usual_encoding(), cases);
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

/// Texts that mean themselves.
fn themselves(texts: &[&str]) -> Cases {
    texts.iter().map(|value| (text(value), (*value).to_owned())).collect()
}

/// So many values of a strategy, the same ones in every run.
fn some<S: Strategy>(count: usize, strategy: S) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn integer(value: i64) -> (Value, String) {
    (Value::Integer(value), value.to_string())
}

/// A double and how it is written shortest, as PostgreSQL writes and reads it, too.
fn real(value: f64) -> (Value, String) {
    (Value::Real(value), format!("{value:e}").replace("inf", "infinity"))
}

fn numbers(judge: &mut Judge<'_>) {
    let booleans = [(0, "f"), (1, "t")].map(|(value, e)| (Value::Integer(value), e.to_owned()));
    judge.hear_usual(Type::Bool, &booleans.to_vec());
    judge.hear_usual(Type::Bool, &themselves(&["TRUE", " on ", "y", "f", "No", "0"]));

    let small = some(500, any::<i16>()).into_iter().chain([i16::MIN, i16::MAX]);
    judge.hear_usual(Type::Int2, &small.map(|v| integer(v.into())).collect());
    let middle = some(500, any::<i32>()).into_iter().chain([i32::MIN, i32::MAX]);
    judge.hear_usual(Type::Int4, &middle.map(|v| integer(v.into())).collect());
    let large: Cases =
        some(500, any::<i64>()).into_iter().chain([i64::MIN, i64::MAX]).map(integer).collect();
    judge.hear_usual(Type::Int8, &large);
    judge.hear_usual(Type::Int8, &themselves(&["-9223372036854775808", " +7\t", "007"]));
    judge.hear_usual(Type::Numeric(None), &large);

    let special = [0.0, -0.0, 1e300, 5e-324, f64::MAX, f64::MIN_POSITIVE, 0.1, 1e22, 1e23];
    let doubles: Vec<f64> = some(2000, any::<f64>())
        .into_iter()
        .chain(some(1000, -1e6..1e6))
        .filter(|value| !value.is_nan() && value.is_finite())
        .chain(special)
        .collect();
    judge.hear_usual(Type::Float8, &doubles.iter().copied().map(real).collect());
    let endless = [f64::INFINITY, f64::NEG_INFINITY].map(real);
    judge.hear_usual(Type::Float8, &endless.to_vec());
    let words = [("nan", "NaN"), (" NAN ", "NaN"), ("inf", "Infinity"), ("-Infinity", "-Infinity")];
    let words: Cases = words.map(|(word, meant)| (text(word), meant.to_owned())).to_vec();
    judge.hear(Type::Float8, Stored::NumberOrWord, &words);
    judge.hear(Type::Float4, Stored::NumberOrWord, &words);
    let not_infinite: Cases = words[..2].to_vec();
    judge.hear(Type::Numeric(None), Stored::NumberOrWord, &not_infinite);
    judge.hear(Type::Numeric(Some((6, 2))), Stored::NumberOrWord, &not_infinite);
    let bytes = [(&b"\x01"[..], "t"), (b"\x00", "f"), (b"0", "f"), (b"true", "t")];
    let bytes = bytes.map(|(bytes, meant)| (Value::Blob(bytes.to_vec()), meant.to_owned()));
    judge.hear(Type::Bool, Stored::Blob, &bytes.to_vec());
    judge.hear_usual(Type::Numeric(None), &doubles.iter().copied().map(real).collect());
    let floats = some(1000, any::<f32>()).into_iter().filter(|v| v.is_finite());
    // A double written as the float is: what an application means by such a column.
    let floats = floats.map(|v| real(codec_properties::printed(v).parse().unwrap())).collect();
    judge.hear_usual(Type::Float4, &floats);
    // Between two decimal forms that are as short and as near.
    judge.hear_usual(Type::Float4, &vec![(Value::Real(496_526.12), "496526.12".to_owned())]);
    let middle = vec![(Value::Real(930.577_453_613_281_2), "930.5774536132812".to_owned())];
    for ty in [Type::Numeric(None), Type::Json, Type::Jsonb] {
        judge.hear_usual(ty, &middle);
    }

    let digits = some(2000, "[+-]?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?");
    let digits: Vec<&str> = digits.iter().map(String::as_str).collect();
    judge.hear_usual(Type::Numeric(None), &themselves(&digits));
    let edges = ["1e131071", "-1e-16383", "0.00", "-0", "0e5", "1.50e1", "10000", "0.0001"];
    judge.hear_usual(Type::Numeric(None), &themselves(&edges));
    let money = some(1000, "-?[0-9]{1,8}(\\.[0-9]{1,2}0{0,4})?");
    let money: Vec<&str> = money.iter().map(String::as_str).collect();
    judge.hear_usual(Type::Numeric(Some((10, 2))), &themselves(&money));
    let fractions = ["0", "0.5", "-0.99", "0.000"];
    judge.hear_usual(Type::Numeric(Some((2, 2))), &themselves(&fractions));
}

fn texts(judge: &mut Judge<'_>) {
    let any_text = some(500, "[^\\x00]{0,40}");
    let any_text: Vec<&str> = any_text.iter().map(String::as_str).collect();
    judge.hear_usual(Type::Text, &themselves(&any_text));
    judge.hear_usual(Type::Citext, &themselves(&any_text));
    judge.hear_usual(Type::Varchar(40), &themselves(&any_text));
    judge.hear_usual(Type::Char(40), &themselves(&any_text));
    let blobs = some(200, prop::collection::vec(any::<u8>(), 0..40));
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let blobs: Cases = blobs
        .into_iter()
        .map(|blob| (Value::Blob(blob.clone()), format!("\\x{}", hex(&blob))))
        .chain([(text("\\xdead"), "\\x5c7864656164".to_owned())])
        .collect();
    judge.hear_usual(Type::Bytea, &blobs);
    let written = blobs.iter().filter(|(value, _)| matches!(value, Value::Blob(_)));
    let written: Vec<&String> = written.map(|(_, shown)| shown).collect();
    let as_hex = written.iter().map(|shown| (text(shown), (*shown).clone())).collect();
    judge.hear(Type::Bytea, Stored::Hex, &as_hex);
    let digits = |shown: &&String| {
        let sql = "SELECT encode($1::text::bytea, 'hex'), \
            translate(encode($1::text::bytea, 'base64'), E'\\n', '')";
        let row = judge.client.query_one(sql, &[shown]).unwrap();
        let blob = hex::decode(shown.trim_start_matches("\\x")).unwrap();
        (Value::Blob(blob), row.get::<_, String>(0), row.get::<_, String>(1))
    };
    let digits: Vec<_> = written.iter().map(digits).collect();
    let as_text = digits.iter().map(|(blob, hex, _)| (blob.clone(), hex.clone())).collect();
    judge.hear(Type::Text, Stored::BlobAsHex, &as_text);
    let as_text = digits.iter().map(|(blob, _, base64)| (blob.clone(), base64.clone())).collect();
    judge.hear(Type::Varchar(100), Stored::BlobAsBase64, &as_text);
    // The server's own words, with a line end after 76 characters.
    let encode = |shown: &&String| {
        let sql = "SELECT encode(decode(repeat($1, 9), 'hex'), 'base64'), repeat($1, 9)";
        let digits = shown.trim_start_matches("\\x");
        let row = judge.client.query_one(sql, &[&digits]).unwrap();
        (Value::Text(row.get(0)), format!("\\x{}", row.get::<_, String>(1)))
    };
    let as_base64 = written.iter().map(encode).collect();
    judge.hear(Type::Bytea, Stored::Base64, &as_base64);
    judge.hear_usual(Type::Enum(MOOD), &themselves(MOOD.labels));

    let ids = some(300, any::<[u8; 16]>());
    judge.hear(
        Type::Uuid,
        Stored::Blob,
        &ids.iter().map(|id| (Value::Blob(id.to_vec()), hex(id))).collect(),
    );
    let guid = |id: &[u8; 16]| uuid::Uuid::from_bytes_le(*id).to_string();
    judge.hear(
        Type::Uuid,
        Stored::GuidLe,
        &ids.iter().map(|id| (Value::Blob(id.to_vec()), guid(id))).collect(),
    );
    let ids: Vec<String> = ids.iter().map(|id| uuid::Uuid::from_bytes(*id).to_string()).collect();
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.extend(["{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11"]);
    ids.push("a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11");
    judge.hear_usual(Type::Uuid, &themselves(&ids));
}

fn structured(judge: &mut Judge<'_>) {
    let documents = [
        "null",
        " true ",
        "-0",
        "1.10e-3",
        "\"\\u00e4\\ud83d\\ude00\"",
        "[]",
        "[ 1 , [] , {} ]",
        "{\"b\":1,\"a\":{\"c\":[1,2,{\"d\":null}]},\"b\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "1e300",
        "{\"\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
        "\"é\u{10ffff}\"",
    ];
    let deep = "[".repeat(512) + &"]".repeat(512);
    let documents: Vec<&str> = documents.into_iter().chain([deep.as_str()]).collect();
    judge.hear_usual(Type::Json, &themselves(&documents));
    judge.hear_usual(Type::Jsonb, &themselves(&documents));
    judge.hear_usual(Type::Json, &themselves(&["\"\\u0000\"", "\"\\ud800\"", "1e999999"]));
    let edges = ["1e131071", "-1e-16383", "0e99999999", "[0e-16383, 0.0e5]"];
    judge.hear_usual(Type::Jsonb, &themselves(&edges));
    // Whatever is taken here, the server must take.
    let documents = some(2000, codec_properties::document());
    for (ty, codec) in [
        (Type::Json, codec::json as fn(&mut Out, Cell<'_>) -> Result<(), codec::Refused>),
        (Type::Jsonb, codec::jsonb),
    ] {
        let taken = |text: &&str| codec(&mut Out::default(), Cell::Text(text.as_bytes())).is_ok();
        let taken: Vec<&str> = documents.iter().map(String::as_str).filter(taken).collect();
        judge.hear_usual(ty, &themselves(&taken));
    }
    let numbers = [(7, "7"), (-1, "-1")].map(|(v, e)| (Value::Integer(v), e.to_owned())).to_vec();
    judge.hear_usual(Type::Json, &numbers);
    let reals = [(0.1, "0.1"), (5.0, "5"), (1e20, "100000000000000000000")];
    let reals = reals.map(|(v, e)| (Value::Real(v), e.to_owned())).to_vec();
    judge.hear_usual(Type::Json, &reals);
    judge.hear_usual(Type::Jsonb, &reals);
}

fn arrays(judge: &mut Judge<'_>, version: i32) {
    let cases: &[(Type, &str, &str)] = &[
        (Type::Array(&Type::Int4), "[]", "{}"),
        (Type::Array(&Type::Int4), " [ 1 , null, -3,1.0, 2e2,\"7\"] ", "{1,NULL,-3,1,200,7}"),
        (Type::Array(&Type::Int2), "[32767]", "{32767}"),
        (Type::Array(&Type::Int8), "[9223372036854775807]", "{9223372036854775807}"),
        (Type::Array(&Type::Text), "[\"a\\n\\\"\\u00e4\",null,\"\"]", "{\"a\n\\\"ä\",NULL,\"\"}"),
        (Type::Array(&Type::Text), "[1,0.5,\"true\"]", "{1,0.5,true}"),
        (Type::Array(&Type::Varchar(3)), "[\"abc\"]", "{abc}"),
        (Type::Array(&Type::Char(3)), "[\"ab\"]", "{\"ab \"}"),
        (Type::Array(&Type::Bool), "[true,false,1,\"off\"]", "{t,f,t,f}"),
        (Type::Array(&Type::Float8), "[1,0.1,1e300]", "{1,0.1,1e300}"),
        (Type::Array(&Type::Float4), "[1,0.1]", "{1,0.1}"),
        (
            Type::Array(&Type::Numeric(None)),
            "[1.10,12345678901234567890.5]",
            "{1.10,12345678901234567890.5}",
        ),
        (Type::Array(&Type::Numeric(Some((5, 2)))), "[1.1,2]", "{1.10,2.00}"),
        (Type::Array(&Type::Bytea), "[\"ab\"]", "{\"\\\\x6162\"}"),
        (
            Type::Array(&Type::Uuid),
            "[\"a0eebc999c0b4ef8bb6d6bb9bd380a11\"]",
            "{a0eebc999c0b4ef8bb6d6bb9bd380a11}",
        ),
        (Type::Array(&Type::Date), "[\"2024-01-02\"]", "{2024-01-02}"),
        (Type::Array(&Type::Time), "[\"01:02:03\"]", "{01:02:03}"),
        (Type::Array(&Type::Timestamp), "[\"2024-01-02 03:04:05\"]", "{2024-01-02 03:04:05}"),
        (Type::Array(&Type::Timestamptz), "[\"2024-01-02T03:04:05Z\"]", "{2024-01-02 03:04:05+0}"),
        (Type::Array(&Type::Interval), "[1500000000]", "{00:00:01.5}"),
        (Type::Array(&Type::Inet), "[\"1.2.3.4/8\"]", "{1.2.3.4/8}"),
        (Type::Array(&Type::Cidr), "[\"10.0.0.0/8\"]", "{10.0.0.0/8}"),
        (Type::Array(&Type::Json), "[\"{}\"]", "{\"{}\"}"),
        (Type::Array(&Type::Jsonb), "[\"[1]\"]", "{\"[1]\"}"),
        (Type::Array(&Type::Citext), "[\"Ab\"]", "{Ab}"),
        (Type::Array(&Type::Enum(MOOD)), "[\"sad\",null]", "{sad,NULL}"),
    ];
    for (ty, value, meant) in cases {
        // There a run is refused before it begins.
        if version < 140_000 && matches!(ty, Type::Array(Type::Citext | Type::Enum(_))) {
            continue;
        }
        judge.hear_usual(*ty, &vec![(text(value), (*meant).to_owned())]);
    }
    written_arrays(judge);
}

/// The server's own notation, read by itself as well, and values with commas between them.
fn written_arrays(judge: &mut Judge<'_>) {
    let squares = vec![(text("[[1,2],[3,null]]"), "{{1,2},{3,NULL}}".to_owned())];
    judge.hear_usual(Type::Array(&Type::Int4), &squares);
    let documents = vec![(text("[{\"a\":[1]},true]"), "{\"{\\\"a\\\": [1]}\",true}".to_owned())];
    judge.hear_usual(Type::Array(&Type::Jsonb), &documents);
    let own: &[(Type, &[&str])] = &[
        (Type::Array(&Type::Int4), &["{}", "{1,NULL,-3}", " { 1 , \"2\" } ", "{{1},{2}}", "{+7}"]),
        (
            Type::Array(&Type::Text),
            &["{a,\"b c\",NULL,\"NULL\",\"\"}", "{ a\\ b , \\\"}", "{{{é}}}"],
        ),
        (Type::Array(&Type::Bool), &["{t,f,true,OFF}"]),
        (Type::Array(&Type::Float8), &["{1.5,NaN,-Infinity,1e300}"]),
        (Type::Array(&Type::Numeric(None)), &["{1.50,NaN,-0.1}"]),
        (Type::Array(&Type::Bytea), &["{\"\\\\x00ff\",\\\\x01}"]),
        (Type::Array(&Type::Date), &["{2024-01-02,NULL}"]),
        (Type::Array(&Type::Timestamptz), &["{\"2024-01-02 03:04:05+00\"}"]),
        (Type::Array(&Type::Jsonb), &["{\"{\\\"a\\\": 1}\",1}"]),
        (Type::Array(&Type::Varchar(3)), &["{abc}"]),
    ];
    for (ty, values) in own {
        judge.hear(*ty, Stored::PgArray, &themselves(values));
    }
    let commas = [("a,b", "{a,b}"), ("", "{}"), ("\"a,\"\"\",", "{\"a,\\\"\",\"\"}")];
    let commas = commas.map(|(value, meant)| (text(value), meant.to_owned()));
    judge.hear(Type::Array(&Type::Text), Stored::Csv, &commas.to_vec());
}
