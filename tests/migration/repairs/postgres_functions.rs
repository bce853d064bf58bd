//! Repairs of values against PostgreSQL's own functions, which share nothing with ours.

use connect_migrate::ids::DatabaseId;
use connect_migrate::repair::{Action, Charset, Repair, RepairedValue, Repairs, ValueRepair};
use model::{Column, Stored, Table, Type, required};
use rusqlite::types::ValueRef;

use crate::server;

/// What a word makes of a value of such a column.
fn repaired(ty: Type, action: Action, value: ValueRef<'_>) -> Option<String> {
    let column: &'static Column = Box::leak(Box::new(required("c", ty)));
    let repair = Repair {
        label: String::new(),
        origin: String::new(),
        database: DatabaseId::new(0),
        table: "t",
        column: Some(column),
        action,
    };
    let core = connect_migrate::schema::built_in("connect/core").unwrap();
    let any = core.versions[0].tables().next().unwrap();
    let columns = std::slice::from_ref(column);
    let table = Table { name: "t", columns, ..*any };
    let value_repair = ValueRepair::value_repairs_of_table(
        &Repairs { all: vec![repair] },
        DatabaseId::new(0),
        &table,
    )
    .remove(0);
    match value_repair.repair_value(value, &mut Vec::new())? {
        RepairedValue::Text(bytes) => Some(String::from_utf8(bytes).unwrap()),
        other => panic!("{other:?}"),
    }
}

fn client() -> postgres::Client {
    let mut client = server::connect(&server::shared().url("postgres")).client;
    client.batch_execute("SET TimeZone TO UTC").unwrap();
    client
}

/// Every byte of both character sets.
#[test]
fn character_sets_are_postgresqls() {
    let mut client = client();
    for (charset, name) in [(Charset::Latin1, "LATIN1"), (Charset::Cp1252, "WIN1252")] {
        for byte in 1..=255_u8 {
            // The byte behind it makes the whole text none of UTF-8.
            let bytes = [b'<', byte, 0xff, b'>'];
            let own = repaired(Type::Text, Action::Decode(charset), ValueRef::Text(&bytes));
            let sql = "SELECT convert_from($1::bytea, $2)";
            let theirs = client.query_one(sql, &[&bytes.as_slice(), &name]);
            assert_eq!(own, theirs.ok().map(|row| row.get(0)), "{name} {byte:#x}");
        }
    }
}

#[test]
fn rounding_is_postgresqls() {
    let mut client = client();
    let numbers: Vec<String> = (0..2000_u64)
        .map(|n| {
            let digits = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (n % 50);
            let sign = if n % 3 == 0 { "-" } else { "" };
            format!("{sign}{}.{digits:06}", digits % 10_u64.pow(1 + n as u32 % 6))
        })
        .chain(["0.005", "-0.005", "9.995", "0.0049999", "1e-9", "99.995"].map(str::to_owned))
        .collect();
    let sql = "SELECT array_agg(round(n::numeric, 2)::text ORDER BY place) \
               FROM unnest($1::text[]) WITH ORDINALITY AS t (n, place)";
    let theirs: Vec<String> = client.query_one(sql, &[&numbers]).unwrap().get(0);
    let ty = Type::Numeric(Some((30, 2)));
    let repair = |n: &String| repaired(ty, Action::Round, ValueRef::Text(n.as_bytes()));
    let own: Vec<String> = numbers.iter().map(|n| repair(n).unwrap_or(n.clone())).collect();
    let places =
        |n: &String| n.split_once('.').map_or(0, |(_, places)| places.trim_end_matches('0').len());
    assert!(own.iter().all(|n| places(n) <= 2));
    let sql = sql.replace("round(n::numeric, 2)", "n::numeric(30,2)");
    let own: Vec<String> = client.query_one(&sql, &[&own]).unwrap().get(0);
    assert_eq!(own, theirs);
}

/// Every half hour of two years: which time it is, or whether there is not exactly one answer.
const LOCAL: &str = "
    WITH local AS (
        SELECT t, t AT TIME ZONE $1 AS instant
        FROM generate_series('2023-01-01'::timestamp, '2024-12-31', '30 minutes') t
    )
    SELECT to_char(t, 'YYYY-MM-DD HH24:MI:SS'), instant::text,
        instant AT TIME ZONE $1 = t AND (
            SELECT count(*) FROM generate_series(-240, 240, 30) AS step
            WHERE (instant + make_interval(mins => step)) AT TIME ZONE $1 = t
        ) = 1
    FROM local ORDER BY t";

#[test]
fn zones_are_postgresqls() {
    let mut client = client();
    // Two hours a year that come twice or never, in steps of half hours; half hours on Lord Howe.
    for (zone, expected) in [
        ("Europe/Berlin", 8),
        ("America/New_York", 8),
        ("Australia/Lord_Howe", 4),
        ("Asia/Kathmandu", 0),
    ] {
        let (mut left, mut written, mut instants) = (0, Vec::new(), Vec::new());
        for row in client.query(LOCAL, &[&zone]).unwrap() {
            let (local, instant, once): (String, String, bool) =
                (row.get(0), row.get(1), row.get(2));
            let action = Action::NaiveZone(zone.to_owned());
            let own = repaired(Type::Timestamptz, action, ValueRef::Text(local.as_bytes()));
            assert_eq!(own.is_some(), once, "{zone} {local}");
            match own {
                Some(own) => {
                    written.push(own);
                    instants.push(instant);
                }
                None => left += 1,
            }
        }
        let sql = "SELECT array_agg(t::timestamptz::text ORDER BY place) \
                   FROM unnest($1::text[]) WITH ORDINALITY AS u (t, place)";
        let own: Vec<String> = client.query_one(sql, &[&written]).unwrap().get(0);
        assert_eq!(own, instants, "{zone}");
        assert_eq!((left, instants.len() > 30_000), (expected, true), "{zone}");
    }
}

/// Counts since 1970, by PostgreSQL's own reckoning.
#[test]
fn units_are_postgresqls() {
    let mut client = client();
    let sql = "SELECT $1::text::timestamptz = 'epoch'::timestamptz \
               + ($2::text::numeric * 1000000 / $3::text::numeric)::int8 * interval '1 us'";
    for (unit, ticks) in [(Stored::UnixS, 1), (Stored::UnixMs, 1000), (Stored::UnixUs, 1_000_000)] {
        for count in [0_i64, -1, 1, 1_700_000_000_123, 86_399_999, -62_135_596_800] {
            let value = ValueRef::Integer(count);
            let Some(own) = repaired(Type::Timestamptz, Action::EpochUnit(unit), value) else {
                assert!(count / ticks > 253_402_207_200, "{unit} {count}");
                continue;
            };
            let (count, ticks) = (count.to_string(), ticks.to_string());
            let row = client.query_one(sql, &[&own, &count, &ticks]).unwrap();
            assert!(row.get::<_, bool>(0), "{unit} {count}: {own}");
        }
    }
}
