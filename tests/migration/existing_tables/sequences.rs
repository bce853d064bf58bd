//! Sequences, however they are tied to a column: after a committed run the next value of each lies
//! beyond the column's values, and what cannot be told is decided by a person.

use std::fs;

use super::Place;
use crate::{hint_log, server};

/// A table `name` with an id of its own kind: the type and default, what stands before the table,
/// what behind it, and the ids that SQLite has.
struct Kind {
    name: &'static str,
    id: &'static str,
    before: &'static str,
    after_load: &'static str,
    ids: &'static str,
}

const fn kind(name: &'static str, id: &'static str, before: &'static str) -> Kind {
    Kind { name, id, before, after_load: "", ids: "value" }
}

const KINDS: &[Kind] = &[
    kind("plain", "serial", ""),
    kind("identity", "int8 GENERATED ALWAYS AS IDENTITY", ""),
    kind("as_text", "int DEFAULT nextval('s_text'::text)", "CREATE SEQUENCE s_text"),
    kind("as_cast", "int8 DEFAULT nextval('s_cast'::text::regclass)", "CREATE SEQUENCE s_cast"),
    kind("mixed", "int8 DEFAULT nextval('\"S_Mixed\"'::varchar)", "CREATE SEQUENCE \"S_Mixed\""),
    kind("far", "int8 DEFAULT nextval('elsewhere.s_far')", "CREATE SEQUENCE elsewhere.s_far"),
    kind(
        "farther",
        "int8 DEFAULT nextval('elsewhere.s_farther'::text)",
        "CREATE SEQUENCE elsewhere.s_farther",
    ),
    kind(
        "owned",
        "int8 DEFAULT nextval(pg_get_serial_sequence('public.owner', 'id'))",
        "CREATE TABLE owner (id serial)",
    ),
    kind(
        "of_function",
        "int8 DEFAULT next_id()",
        "CREATE SEQUENCE s_function; CREATE FUNCTION next_id() RETURNS int8 LANGUAGE sql \
         AS $$ SELECT nextval('s_function') $$",
    ),
    kind(
        "of_parameter",
        "int8 DEFAULT public.next_of('s_parameter', 3)",
        "CREATE SEQUENCE s_parameter; CREATE FUNCTION next_of(name text, more int) RETURNS int8 \
         LANGUAGE sql AS $$ SELECT nextval($1) + more /* a */ $$",
    ),
    kind(
        "of_variable",
        "int8 DEFAULT next_variable()",
        "CREATE SEQUENCE s_variable; CREATE FUNCTION next_variable() RETURNS int8 LANGUAGE plpgsql \
         AS $$ DECLARE v bigint := nextval('s_variable'); w bigint; BEGIN w := v * 2; \
         RETURN w - 1; \
         END $$",
    ),
    kind(
        "of_functions",
        "int8 DEFAULT outer_id()",
        "CREATE SEQUENCE s_functions; CREATE FUNCTION inner_id() RETURNS int8 LANGUAGE plpgsql \
         AS $$ DECLARE v int8; BEGIN SELECT nextval('s_functions') INTO STRICT v; \
         RETURN v; END $$; \
         CREATE FUNCTION outer_id() RETURNS int8 LANGUAGE sql AS 'SELECT 10 * inner_id()'",
    ),
    kind(
        "of_domain",
        "counted",
        "CREATE SEQUENCE s_domain; CREATE DOMAIN counted AS int8 DEFAULT nextval('s_domain'::text)",
    ),
    kind("plus", "int8 DEFAULT 1 + nextval('s_plus')", "CREATE SEQUENCE s_plus"),
    kind("minus", "int8 DEFAULT nextval('s_minus') - 100", "CREATE SEQUENCE s_minus"),
    kind("tens", "int8 DEFAULT 10 * nextval('s_tens')", "CREATE SEQUENCE s_tens"),
    Kind {
        ids: "-value",
        ..kind("below", "int8 DEFAULT -nextval('s_below')::bigint", "CREATE SEQUENCE s_below")
    },
    Kind {
        ids: "-value",
        ..kind("down", "int8 DEFAULT nextval('s_down')", "CREATE SEQUENCE s_down INCREMENT -1")
    },
    kind(
        "up_again",
        "int8 DEFAULT -nextval('s_up_again')",
        "CREATE SEQUENCE s_up_again INCREMENT BY -3",
    ),
    kind("fifties", "int8 DEFAULT nextval('s_fifty')", "CREATE SEQUENCE s_fifty INCREMENT 50"),
    kind("decimals", "numeric DEFAULT nextval('s_decimal')", "CREATE SEQUENCE s_decimal"),
    kind("floating", "float8 DEFAULT nextval('s_floating')", "CREATE SEQUENCE s_floating"),
    kind("perhaps", "int8 DEFAULT coalesce(nextval('s_perhaps'), 0)", "CREATE SEQUENCE s_perhaps"),
    Kind {
        after_load: "CREATE FUNCTION give() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 NEW.id := nextval('s_given'); RETURN NEW; END $$; CREATE TRIGGER give BEFORE \
                 INSERT ON given FOR EACH ROW EXECUTE FUNCTION give()",
        ..kind("given", "int8", "CREATE SEQUENCE s_given")
    },
    Kind {
        after_load: "CREATE FUNCTION give_by_name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF NEW.id IS NULL THEN SELECT nextval(TG_TABLE_NAME || '_' || TG_ARGV[0]) \
                 INTO NEW.id; END IF; RETURN NEW; END $$; CREATE TRIGGER give BEFORE \
                 INSERT ON by_name FOR EACH ROW EXECUTE FUNCTION give_by_name('counter')",
        ..kind("by_name", "int8", "CREATE SEQUENCE by_name_counter")
    },
    Kind {
        after_load: "CREATE FUNCTION give_perhaps() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE \
                 n int8; BEGIN n = nextval('s_given_perhaps'::regclass) * 2; \
                 NEW.\"id\" = COALESCE(NEW.id, n); RETURN NEW; END $$; CREATE TRIGGER give BEFORE \
                 INSERT OR UPDATE ON given_perhaps FOR EACH ROW EXECUTE FUNCTION give_perhaps()",
        ..kind("given_perhaps", "int8", "CREATE SEQUENCE s_given_perhaps")
    },
    kind("first_of_two", "int8 DEFAULT nextval('s_two'::text)", "CREATE SEQUENCE s_two"),
    Kind { ids: "value * 9", ..kind("second_of_two", "int8 DEFAULT nextval('s_two')", "") },
];

/// The statements of both sides.
fn statements(kinds: &[Kind]) -> (String, String) {
    let mut target = "CREATE SCHEMA elsewhere;".to_owned();
    let mut source = String::new();
    for Kind { name, id, before, after_load, ids } in kinds {
        let table = format!("CREATE TABLE {name} (id {id} PRIMARY KEY, v text)");
        for statement in [before, table.as_str(), after_load] {
            target.push_str(statement);
            target.push_str(";\n");
        }
        source.push_str(&format!(
            "CREATE TABLE {name} (id INTEGER PRIMARY KEY, v TEXT);
             WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 20)
             INSERT INTO {name} SELECT {ids}, 'x' FROM n;"
        ));
    }
    source.push_str("CREATE TABLE owner (id INTEGER PRIMARY KEY); INSERT INTO owner VALUES (3);");
    (target, source)
}

#[test]
fn sequences_continue_however_they_belong_to_a_column() {
    let (target, source) = statements(KINDS);
    let place = Place::drafted(&target, &source);
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
    // As the application does it, and one after the other.
    for Kind { name, .. } in KINDS {
        let before = place.number(&format!("SELECT count(*) FROM {name}"));
        place.sql(&format!(
            "INSERT INTO {name} (v) VALUES ('new'); INSERT INTO {name} (v) VALUES ('newer')"
        ));
        assert_eq!(place.number(&format!("SELECT count(*) FROM {name}")), before + 2);
        let beyond = format!(
            "WITH held AS (SELECT min(id), max(id) FROM {name} WHERE v = 'x'),
                  made AS (SELECT min(id), max(id) FROM {name} WHERE v <> 'x')
             SELECT (made.min > held.max OR made.max < held.min)::int::int8 FROM held, made"
        );
        assert_eq!(place.number(&beyond), 1, "{name}");
    }
    server::next_values_are_free(&place.database.url);
}

/// A sequence that is set back behind the rows is found by verification, whatever ties it.
#[test]
fn a_sequence_that_is_set_back_fails_the_verification() {
    let (target, source) = statements(KINDS);
    let place = Place::drafted(&target, &source);
    let before = place.dump();
    for (sequence, value, column) in [
        ("plain_id_seq", 20, "plain.id"),
        ("s_text", 7, "as_text.id"),
        ("s_functions", 2, "of_functions.id"),
        ("s_minus", 120, "minus.id"),
        ("s_down", -20, "down.id"),
        ("by_name_counter", 3, "by_name.id"),
        ("s_given_perhaps", 10, "given_perhaps.id"),
        ("s_two", 180, "second_of_two.id"),
    ] {
        let hook = format!("sql Verify 1 ALTER SEQUENCE {sequence} RESTART WITH {value}");
        let ran = place.copy_hooked(&hook, &["--yes"]);
        let output = format!("draft.{column}: sequence ");
        ran.fails(6, &["Q16", &output, "nothing was changed", "hint: "]);
    }
    place.dump().is(&before, "changed");
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    place.sql("ALTER SEQUENCE s_plus RESTART WITH 19; ALTER SEQUENCE plain_id_seq RESTART WITH 2");
    let ran = place.copy(&["--verify"]);
    ran.fails(6, &["Q16", "draft.plus.id", "ALTER SEQUENCE public.plain_id_seq RESTART WITH 21;"]);
    // Nothing was taken from a sequence.
    assert_eq!(place.number("SELECT last_value FROM s_plus WHERE NOT is_called"), 19);
    hint_log::note_followed(&ran.err);
    place.sql("ALTER SEQUENCE public.plain_id_seq RESTART WITH 21");
    assert!(!place.copy(&["--verify"]).err.contains("plain.id"));
}

/// Columns that are not copied ask sequences while rows are loaded; a run that ends leaves nothing
/// of that.
#[test]
fn values_of_target_only_columns_are_given_back_to_the_sequence() {
    let place = Place::drafted(
        "CREATE SEQUENCE s_a; CREATE SEQUENCE s_b; CREATE SEQUENCE s_c;
         CREATE FUNCTION number() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
             PERFORM nextval('s_a'); RETURN 'N-' || nextval('s_a'); END $$;
         CREATE DOMAIN counted AS int8 DEFAULT nextval('s_b'::text);
         CREATE TABLE t (id int8 PRIMARY KEY, a text DEFAULT number(), b counted,
                         c text DEFAULT 'C-' || nextval('s_c'::text))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)",
    );
    let before = place.dump();
    let ran = place.copy_hooked("kill BeforeCommit 1", &["--yes"]);
    assert_eq!(ran.code, None, "{ran:?}");
    place.dump().is(&before, "changed");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT last_value FROM s_a"), 6);
    assert_eq!(place.number("SELECT last_value FROM s_b"), 3);
}

/// A place whose draft leaves something to decide.
fn undecided(target: &str, source: &str) -> (Place, super::Ran) {
    let mut place = Place::drafted("CREATE TABLE t (id int)", "CREATE TABLE t (id INTEGER)");
    place.sql(&format!("DROP TABLE t; SET ROLE {}; {target}", super::ROLE));
    fs::remove_file(place.file()).unwrap();
    place.sqlite(source);
    place.schema = place.folder.path().join("open");
    let mut command = super::program();
    command.env("PGPASSWORD", super::PASSWORD).args(["schema", "draft", "--source"]);
    command.arg(place.file()).args(["--target", &super::url(&place.database.name), "--out"]);
    let ran = super::ran(command.arg(&place.schema));
    (place, ran)
}

/// Adds lines to `database.toml`.
fn add(place: &Place, lines: &str) {
    let file = place.schema.join("database.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + lines).unwrap();
}

const NOTES: &str = "CREATE TABLE note (id INTEGER PRIMARY KEY, number TEXT, total NUMERIC);
    INSERT INTO note VALUES (41, 'INV-000007', 3), (38, 'INV-000012', 5);";

#[test]
fn a_likely_sequence_is_left_to_a_person() {
    let (place, drafted) = undecided(
        "CREATE SEQUENCE note_id_seq; CREATE SEQUENCE \"NOTE_SEQ\"; CREATE SEQUENCE other_numbers;
         CREATE TABLE note (id int PRIMARY KEY, number text, total numeric)",
        NOTES,
    );
    assert_eq!(drafted.code, Some(1), "{drafted:?}");
    for output in
        ["note: column id: sequence note_id_seq may generate", "sequence NOTE_SEQ may generate"]
    {
        assert!(drafted.out.contains(output), "{drafted:?}");
    }
    let residue = fs::read_to_string(place.schema.join("RESIDUE.md")).unwrap();
    assert!(residue.contains("sequence other_numbers is not tied to any column"), "{residue}");
    for words in ["--dry-run", "--yes"] {
        let ran = place.copy(&[words]);
        ran.fails(3, &["Q13 open.note.id: sequence note_id_seq", "name = \"NOTE_SEQ\""]);
    }
    // The drafted lines, once the # is gone.
    let file = place.schema.join("database.toml");
    let text = fs::read_to_string(&file).unwrap();
    for line in ["# [[sequence]]\n", "# name = \"note_id_seq\"\n", "# column = \"note.id\"\n"] {
        assert!(text.contains(line), "{text}");
    }
    let keys = ["# [[sequence]]", "# name", "# column"];
    let text: Vec<&str> = text
        .lines()
        .map(|line| match keys.iter().any(|key| line.starts_with(key)) {
            true => &line[2..],
            false => line,
        })
        .collect();
    fs::write(&file, text.join("\n")).unwrap();
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("open: sequence other_numbers is not tied to any column"), "{ran:?}");
    let before = place.dump();
    let hook = "sql Verify 1 ALTER SEQUENCE \"NOTE_SEQ\" RESTART WITH 41";
    place
        .copy_hooked(hook, &["--yes"])
        .fails(6, &["Q16 open.note.id: sequence public.\"NOTE_SEQ\""]);
    place.dump().is(&before, "changed");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("open: sequence other_numbers is not tied to any column"), "{ran:?}");
    assert_eq!(place.number("SELECT nextval('note_id_seq')"), 42);
    assert_eq!(place.number("SELECT nextval('\"NOTE_SEQ\"')"), 42);
    assert_eq!(place.number("SELECT nextval('other_numbers')"), 1);
}

#[test]
fn a_number_decides_what_cannot_be_computed() {
    let (place, drafted) = undecided(
        "CREATE SEQUENCE invoices; CREATE SEQUENCE totals; CREATE SCHEMA far;
         CREATE SEQUENCE far.wheel INCREMENT -5 MINVALUE -1000;
         CREATE FUNCTION total() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             NEW := jsonb_populate_record(NEW, jsonb_build_object('total', nextval('totals')));
             RETURN NEW; END $$;
         CREATE TABLE note (id int PRIMARY KEY DEFAULT nextval('far.wheel'::text) % 100,
             number text DEFAULT 'INV-' || lpad(nextval('invoices')::text, 6, '0'), total numeric);
         CREATE TRIGGER total BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION total()",
        NOTES,
    );
    assert_eq!(drafted.code, Some(1), "{drafted:?}");
    let output = [
        "Q13 open.note.id: its default computes values from sequence far.wheel",
        "Q13 open.note.number: its default computes values from sequence invoices",
        "Q13 open.note: trigger total uses sequence totals, but it is not known which column",
    ];
    place.copy(&["--dry-run"]).fails(3, &output);
    add(
        &place,
        "[[sequence]]\nname = \"invoices\"\nnext = 13\n[[sequence]]\nname = \"totals\"\n\
         column = \"note.total\"\n[[sequence]]\nname = \"far.wheel\"\nnext = -7\n",
    );
    let before = place.dump();
    let hook = "sql Verify 1 ALTER SEQUENCE invoices RESTART WITH 12";
    place.copy_hooked(hook, &["--yes"]).fails(6, &["sequence public.invoices gives 12 next"]);
    place.dump().is(&before, "changed");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(place.number("SELECT nextval('invoices')"), 13);
    assert_eq!(place.number("SELECT nextval('totals')"), 6);
    assert_eq!(place.number("SELECT nextval('far.wheel')"), -7);
}

#[test]
fn wrong_sequence_lines_are_refused_by_name() {
    let target = "CREATE TABLE note (id serial PRIMARY KEY, number text, total numeric)";
    for (lines, code, output) in [
        ("name = \"gone\"\nnext = 1", 3, "Q15 open: database.toml names sequence gone"),
        ("name = \"note_id_seq\"\nnext = 0", 3, "ranges from 1 to 2147483647"),
        ("name = \"note_id_seq\"\nnext = 41", 3, "ids up to its value 41 are already used"),
        ("name = \"note_id_seq\"\ncolumn = \"note.nothing\"", 2, "no table and column"),
    ] {
        let (place, drafted) = undecided(target, NOTES);
        assert_eq!(drafted.code, Some(0), "{drafted:?}");
        let before = place.dump();
        add(&place, &format!("[[sequence]]\n{lines}\n"));
        place.copy(&["--yes"]).fails(code, &[output]);
        place.dump().is(&before, lines);
    }
}

/// A dry run says who owns a sequence that a run would have to alter.
#[test]
fn a_sequence_of_another_role_is_reported_before_the_load() {
    let place = Place::drafted(
        "CREATE SEQUENCE numbers; CREATE TABLE t (id int8 PRIMARY KEY DEFAULT \
         nextval('numbers'::text), x text)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES (5, 'x')",
    );
    place.sql("ALTER SEQUENCE numbers OWNER TO CURRENT_USER");
    place
        .copy(&["--dry-run"])
        .fails(4, &["P2 draft.t: sequence public.numbers belongs to", "OWNER TO"]);
}

/// SQLite counts on from whatever an application has written into its own table.
#[test]
fn ids_in_sqlite_sequence_count_in_every_form() {
    let table = |name: &str| format!("CREATE TABLE {name} (id serial PRIMARY KEY, x text);");
    let names = ["real", "word", "whole", "none", "lower"];
    let source: String = names
        .iter()
        .map(|name| {
            format!(
                "CREATE TABLE {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);
                 INSERT INTO {name} VALUES (40, 'x');"
            )
        })
        .collect();
    let place = Place::drafted(
        &names.map(table).concat(),
        &format!(
            "{source} UPDATE sqlite_sequence SET seq = 55.0 WHERE name = 'real';
             UPDATE sqlite_sequence SET seq = '70' WHERE name = 'word';
             UPDATE sqlite_sequence SET seq = 90 WHERE name = 'whole';
             UPDATE sqlite_sequence SET seq = NULL WHERE name = 'none';
             UPDATE sqlite_sequence SET seq = 3.0 WHERE name = 'lower';"
        ),
    );
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (name, next) in names.iter().zip([56, 71, 91, 41, 41]) {
        assert_eq!(place.number(&format!("SELECT nextval('{name}_id_seq')")), next, "{name}");
        // And SQLite would have given the same.
        place.sqlite(&format!("INSERT INTO {name} (x) VALUES ('y')"));
        let connection = rusqlite::Connection::open(place.file()).unwrap();
        let sql = format!("SELECT max(id) FROM {name}");
        let id: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(id, next, "{name}");
    }
}
