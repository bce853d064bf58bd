//! Types without a codec: the server's own input function reads their texts.

use super::Place;

const TARGET: &str = "
CREATE DOMAIN mac AS macaddr CHECK (VALUE <> '00:00:00:00:00:00');
CREATE TABLE host (id serial PRIMARY KEY, mac macaddr, eui macaddr8 NOT NULL, up bit(3) NOT NULL,
    flags varbit(5), body xml, pos point, near int4range, own mac, macs macaddr[], path ltree,
    UNIQUE (mac));
CREATE TABLE port (mac macaddr REFERENCES host (mac), number int, PRIMARY KEY (mac, number));";

const SOURCE: &str = "
CREATE TABLE host (id INTEGER PRIMARY KEY, mac TEXT, eui TEXT NOT NULL, up TEXT NOT NULL,
    flags TEXT, body TEXT, pos TEXT, near TEXT, own TEXT, macs TEXT, path TEXT);
CREATE TABLE port (mac TEXT, number INTEGER, PRIMARY KEY (mac, number));
INSERT INTO host VALUES
    (1, '02:00:00:00:00:01', '02:00:00:00:00:00:00:01', '101', '1', '<vm><id>1</id></vm>', '(1,2)',
     '[1,5)', '02:00:00:00:00:09', '{02:00:00:00:00:07,NULL}', 'top.a1'),
    (2, '02:00:00:00:00:02', '02:00:00:00:00:00:00:02', '010', '10101', 'text', '(1.5,-2)',
     'empty', NULL, '{}', 'top'),
    (3, NULL, '02:00:00:00:00:00:00:03', '000', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO port VALUES ('02:00:00:00:00:01', 1), ('02:00:00:00:00:01', 2),
    ('02:00:00:00:00:02', 1);";

/// Whether the servers have the extension; without it the column is one of another type.
fn place(source: &str) -> Place {
    let place = Place::new();
    let has = "SELECT count(*) FROM pg_available_extensions WHERE name = 'ltree'";
    let (before, target) = match place.number(has) {
        0 => (String::new(), TARGET.replace("ltree", "tsquery").replace("'top.a1'", "'top'")),
        _ => (
            "RESET ROLE; CREATE EXTENSION ltree; SET ROLE connect_migration; ".to_owned(),
            TARGET.to_owned(),
        ),
    };
    Place::drafted(&format!("{before}{target}"), source)
}

impl Place {
    fn schema_file(&self, table: &str) -> String {
        std::fs::read_to_string(self.schema.join(format!("{table}.toml"))).unwrap()
    }
}

#[test]
fn texts_that_the_server_prints_as_they_were_are_proved_and_loaded() {
    let place = place(SOURCE);
    let host = place.schema_file("host");
    for line in [
        "mac   = { type = \"macaddr\", stored = \"server_text\", null = true, unique = true }",
        "up    = { type = \"bit(3)\", stored = \"server_text\" }",
        "own   = { type = \"macaddr\", as = \"mac\", stored = \"server_text\", null = true }",
        "macs  = { type = \"macaddr[]\", stored = \"server_text\", null = true }",
    ] {
        assert!(host.contains(line), "{line} in {host}");
    }
    let before = place.dump();
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    place.dump().is(&before, "changed by a dry run");
    for words in [&["--yes"][..], &["--yes", "--check-first", "--drop-all"]] {
        let ran = place.copy(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        for (sql, wanted) in [
            ("SELECT count(*) FROM host WHERE mac = '02:00:00:00:00:01' AND up = B'101'", 1),
            ("SELECT count(*) FROM host WHERE near = int4range(1, 5) AND pos ~= point(1, 2)", 1),
            (
                "SELECT count(*) FROM host WHERE macs[1] = '02:00:00:00:00:07' AND macs[2] IS NULL",
                1,
            ),
            ("SELECT count(*) FROM host WHERE own = '02:00:00:00:00:09' AND flags = B'1'", 1),
            ("SELECT count(*) FROM host WHERE xmlserialize(CONTENT body AS text) = 'text'", 1),
            ("SELECT count(*) FROM host WHERE num_nulls(mac, flags, body, pos, near) = 5", 1),
            ("SELECT count(*) FROM port JOIN host USING (mac)", 3),
        ] {
            assert_eq!(place.number(sql), wanted, "{sql}");
        }
    }
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
}

#[test]
fn a_changed_value_is_found_by_its_row() {
    let place = place(SOURCE);
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    place.sql("UPDATE host SET eui = '02:00:00:00:00:00:00:99' WHERE id = 2");
    place.copy(&["--verify"]).fails(6, &["draft.host: column eui differs", "id 2: other values"]);
    place.sql("UPDATE host SET eui = '02:00:00:00:00:00:00:02' WHERE id = 2");
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
    place.sql("UPDATE port SET mac = '02:00:00:00:00:02' WHERE number = 2");
    place
        .copy(&["--verify"])
        .fails(6, &["draft.port: some rows are missing, and others are duplicated"]);
}

#[test]
fn values_that_the_server_refuses_are_found_before_anything_is_written() {
    let place = place(SOURCE);
    place.sqlite(
        "INSERT INTO host SELECT id + 10, 'secret' || id, eui, '10', flags, '<a>', pos, near,
             '00:00:00:00:00:00', macs, path FROM host WHERE id < 3",
    );
    let before = place.dump();
    for words in [&["--dry-run"][..], &["--yes"], &["--yes", "--check-first"]] {
        let ran = place.copy(words);
        ran.fails(
            1,
            &[
                "S21 draft.host.mac: PostgreSQL's own input function refuses values for \
                 `macaddr`: invalid_text_representation (SQLSTATE 22P02): text of 7 bytes at \
                 rowid 11; text of 7 bytes at rowid 12 (in 2 rows)",
                "S21 draft.host.up: the length of `bit(3)` would cut or pad values: text of 2 \
                 bytes at rowid 11",
                "S21 draft.host.body: ",
                "invalid_xml_content (SQLSTATE 2200N)",
            ],
        );
        assert!(!ran.err.contains("secret") && !ran.out.contains("secret"), "{ran:?}");
        place.dump().is(&before, "changed");
    }
}

#[test]
fn what_the_server_prints_in_another_way_is_to_decide() {
    let target = "CREATE TABLE t (id int PRIMARY KEY, mac macaddr, one bit(1), empty macaddr)";
    let place = Place::undecided(
        target,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, mac TEXT, one INTEGER, empty TEXT);
         INSERT INTO t VALUES (1, '02-00-00-00-00-01', 1, NULL), (2, '02:00:00:00:00:02', 0, NULL)",
    );
    let text = place.schema_file("t");
    assert_eq!(text.matches("stored = \"undecided\"").count(), 3, "{text}");
    place
        .copy(&["--yes"])
        .fails(3, &["S20", "stored = \"server_text\"  lets PostgreSQL read them"]);
    let decided = text.replace("\"undecided\"", "\"server_text\"");
    let decided =
        decided.replace("type = \"bit(1)\",", "type = \"bit(1)\", declared = \"INTEGER\",");
    std::fs::write(place.schema.join("t.toml"), decided).unwrap();
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let sql = "SELECT count(*) FROM t WHERE mac = '02:00:00:00:00:01' AND one = B'1'";
    assert_eq!(place.number(sql), 1);
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
}

#[test]
fn batches_do_not_change_what_arrives() {
    let target = "CREATE TABLE t (id int PRIMARY KEY, mac macaddr, body xml)";
    let place = Place::drafted(
        target,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, mac TEXT, body TEXT);
         INSERT INTO t SELECT value, printf('02:00:00:00:%02x:%02x', value / 256, value % 256),
             iif(value % 3 = 0, NULL, '<n>' || value || '</n>')
         FROM (WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n
             WHERE value < 12000) SELECT value FROM n)",
    );
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let sql = "SELECT count(*) FROM t WHERE mac = ('02:00:00:00:' || lpad(to_hex(id / 256), 2, '0')
        || ':' || lpad(to_hex(id % 256), 2, '0'))::macaddr AND (body IS NULL) = (id % 3 = 0)";
    assert_eq!(place.number(sql), 12_001);
    place.sqlite("INSERT INTO t VALUES (20000, 'nothing', NULL)");
    place.copy(&["--verify"]).fails(6, &["SQLite's values as macaddr", "22P02"]);
}

#[test]
fn a_joined_copy_loads_what_is_proved_and_asks_about_the_rest() {
    let place = place(SOURCE);
    let joined = |saved: &str| {
        let mut command = super::program();
        command.env("PGPASSWORD", super::PASSWORD).args(["copy", "--save-schema"]);
        command.arg(place.folder.path().join(saved)).arg("--source").arg(place.file());
        command.args(["--target", &super::url(&place.database.name)]).arg("--yes");
        super::ran(&mut command)
    };
    place.sqlite("UPDATE host SET near = '[1,4]' WHERE id = 1");
    joined("first").fails(3, &["host.near", "stored = \"server_text\""]);
    place.sqlite("UPDATE host SET near = '[1,5)' WHERE id = 1");
    let ran = joined("second");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM host WHERE path IS NOT NULL"), 2);
}
