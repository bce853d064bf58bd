//! The two implementations of repairs on thousands of random values: what one makes of them, the
//! other must find in PostgreSQL, and the rows that neither can repair must be the same ones.

use rusqlite::types::Value;

use super::Shop;

/// Columns with all the words that suit them.
const TABLES: &[(&str, &str, &[&str])] = &[
    ("text", "type = 'text'", &["strip-nul", "decode:latin-1"]),
    ("short", "type = 'varchar(3)'", &["replace-nul", "decode:cp1252", "truncate"]),
    ("wide", "type = 'char(2)'", &["replace-invalid", "widen"]),
    ("blob", "type = 'text'", &["decode:utf-8"]),
    ("doc", "type = 'json', null = true", &["strip-nul", "replace-invalid", "empty-as-null"]),
    ("docb", "type = 'jsonb', null = true", &["replace-nul", "replace-invalid", "empty-as-null"]),
    (
        "at",
        "type = 'timestamptz', null = true",
        &["empty-as-null", "invalid-as-null", "epoch-unit:ms", "naive-zone:Europe/Berlin"],
    ),
    ("ny", "type = 'timestamptz'", &["epoch-unit:s", "naive-zone:America/New_York"]),
    ("wall", "type = 'timestamp', null = true", &["invalid-as-null", "keep-wall-clock"]),
    (
        "utc",
        "type = 'timestamptz', stored = 'text_utc', null = true",
        &["invalid-as-null", "epoch-unit:ns"],
    ),
    ("day", "type = 'date', null = true", &["empty-as-null", "invalid-as-null"]),
    ("clock", "type = 'time', null = true", &["empty-as-null", "invalid-as-null"]),
    (
        "unix",
        "type = 'timestamp', stored = 'unix_s', null = true",
        &["zero-as-null", "invalid-as-null", "epoch-unit:us"],
    ),
    (
        "secs",
        "type = 'timestamptz', stored = 'unix_s', null = true",
        &["invalid-as-null", "epoch-unit:s"],
    ),
    ("yes", "type = 'bool', null = true", &["empty-as-null", "nonzero-true"]),
    ("whole", "type = 'int4', null = true", &["zero-as-null", "round"]),
    ("small", "type = 'float4'", &["round"]),
    ("large", "type = 'float8'", &["round"]),
    ("price", "type = 'numeric(6,2)', null = true", &["zero-as-null", "invalid-as-null", "round"]),
    ("key", "type = 'uuid', null = true", &["empty-as-null"]),
    ("mood", "type = 'mood', null = true", &["decode:latin-1", "empty-as-null"]),
    ("map", "type = 'mood', null = true", &["enum-map:0=sad,1=sad,yes=sad,-1=sad"]),
    ("words", "type = 'text'", &["enum-map:0=none,2=two words,yes=no", "null-as:it's"]),
    ("filled", "type = 'int4'", &["null-as:-7"]),
    ("both", "type = 'date', null = true", &["empty-as-null", "null-as:2000-01-01"]),
    ("since", "type = 'interval', stored = 's'", &["null-as:0"]),
    ("doubles", "type = 'float8'", &["null-as:1.5"]),
];

/// Numbers that look random and are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    fn value(&mut self) -> Value {
        match self.below(10) {
            9 => Value::Null,
            0 => Value::Integer(self.integer()),
            1 => Value::Real(self.real()),
            2 => Value::Blob(self.bytes()),
            3 | 4 => Value::Text(self.time()),
            5 => Value::Text(self.number()),
            6 => Value::Text(self.json()),
            _ => Value::Text(self.word()),
        }
    }

    fn integer(&mut self) -> i64 {
        let size = self.below(63);
        let value = (self.below(1 << 31) as i64 * self.below(1 << 31) as i64) >> size;
        let edges = [0, 1, -1, 2, i64::MIN, i64::MAX, (1 << 53) + 1, 1_700_000_000_123];
        if self.below(3) == 0 { self.of(&edges) } else { value * self.of(&[1, -1]) }
    }

    fn real(&mut self) -> f64 {
        let edges = [0.5, -0.5, 2.5, 1.005, -2.675, 0.0, 1.0, 1e17, 1e39, 99.995, f64::INFINITY];
        match self.below(3) {
            0 => self.of(&edges),
            1 => self.below(20_000_000) as f64 / self.of(&[1.0, 10.0, 1000.0, -100_000.0]),
            _ => f64::from_bits((self.below(1 << 31) << 33) | self.below(1 << 31)),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let some = [0, b'a', b'"', 0x80, 0x81, 0x9f, 0xc3, 0xa9, 0xe2, 0xff];
        (0..self.below(6)).map(|_| self.of(&some)).collect()
    }

    fn word(&mut self) -> String {
        let parts = ["", " ", "a", "äö", "€", "\0", "sad", "0", "yes", "2", "NaN", "{", "abc  "];
        (0..self.below(4)).map(|_| self.of(&parts)).collect()
    }

    fn number(&mut self) -> String {
        let sign = self.of(&["", "-", "+", " "]);
        let fraction = self.of(&["", ".0", ".5", ".005", ".995", ".9949999", ".", "e2", "5e-3"]);
        let places = self.below(12) as u32;
        format!("{sign}{}{fraction}", self.below(10_u64.pow(places)))
    }

    fn json(&mut self) -> String {
        let parts = [
            "[",
            "]",
            "\"",
            "\\u0000",
            "\\u0000",
            "\\\\u0000",
            "\\ud800",
            "\\udc00",
            "\\ud83d\\ude00",
            "x",
            "\\\\",
            "\\n",
            "1",
            ",",
        ];
        let inner: String = (0..self.below(5)).map(|_| self.of(&parts)).collect();
        format!("[\"{inner}\"]")
    }

    fn time(&mut self) -> String {
        let years = ["2024", "2024", "1970", "0001", "0000", "10000", "-004", "294277", "1890"];
        let (year, month) = (self.of(&years), self.of(&["01", "03", "10", "13"]));
        let date = format!("{year}-{month}-{}", self.of(&["01", "27", "29", "31", "00"]));
        let clock = self.of(&[
            "",
            " 00:00:00",
            "T02:30",
            " 02:30:00.123456789",
            " 24:00:00",
            " 25:00",
            " 23:59:60",
            " 10:61:",
            "  12:00:00.",
            " 01:00:00",
        ]);
        let offset =
            self.of(&["", "", "Z", "+02:00", " -0500 EST", " IST", "+16:00", " m=+0.5", "-00:30"]);
        match self.below(12) {
            0 => clock.trim_start_matches(['T', ' ']).to_owned(),
            1 => self.of(&["", "  ", "now", "01/02/2024", "-infinity"]).to_owned(),
            _ => format!("{date}{clock}{offset}"),
        }
    }
}

/// A table for each of [`TABLES`], all with the same values.
fn shop() -> Shop {
    let head = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n";
    let file = |(name, line, _): &(&str, &str, &[&str])| {
        (format!("t_{name}"), format!("{head}c = {{ {line} }}\n"))
    };
    let files: Vec<(String, String)> = TABLES.iter().map(file).collect();
    let tables: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let shop = Shop::new(&tables, "");
    let mut connection = rusqlite::Connection::open(shop.path("shop.db")).unwrap();
    let transaction = connection.transaction().unwrap();
    let mut random = Random(17);
    let values: Vec<(Value, Vec<u8>, bool)> =
        (0..2500).map(|_| (random.value(), random.bytes(), random.below(6) == 0)).collect();
    for (name, _) in &files {
        let create = format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY, c)");
        transaction.execute(&create, []).unwrap();
        let plain = format!("INSERT INTO {name} (c) VALUES (?1)");
        let cast = format!("INSERT INTO {name} (c) VALUES (CAST(?1 AS TEXT))");
        for (value, bytes, invalid) in &values {
            match invalid {
                true => transaction.execute(&cast, [bytes]).unwrap(),
                false => transaction.execute(&plain, [value]).unwrap(),
            };
        }
    }
    transaction.commit().unwrap();
    connection.close().unwrap();
    shop
}

#[test]
fn both_implementations_agree_on_random_values() {
    let shop = shop();
    let mut words: Vec<String> = Vec::new();
    for (name, _, own) in TABLES {
        words.extend(own.iter().map(|word| format!("--repair=t_{name}.c={word}")));
        words.push(format!("--repair=shop.t_{name}=quarantine"));
    }
    words.extend(["--quarantine".to_owned(), shop.quarantine_file()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let idle = shop.repairs().into_iter().filter(|(_, rows, _)| *rows == 0);
    let idle: Vec<String> = idle.map(|(label, ..)| label).collect();
    // Random text that this word repairs is no label for other reasons, too.
    assert_eq!(idle, ["shop.t_mood.c=decode:latin-1"]);
    let verify: Vec<&str> = [&["--verify"], words.as_slice()].concat();
    let ran = shop.copy(&verify);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(shop.quarantine().len() > 2500);
}
