//! Triggers that shall fire while rows are loaded, and statements that run after a load.

use std::fs;

use super::Place;

const TARGET: &str = "
CREATE SEQUENCE marks;
CREATE TABLE page (id serial PRIMARY KEY, title text NOT NULL, body text, tsv tsvector);
CREATE TABLE doc (id serial PRIMARY KEY, title text NOT NULL, tsv tsvector NOT NULL, mark bigint);
CREATE TABLE log (id serial PRIMARY KEY, what text);
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.tsv := to_tsvector('simple', NEW.title); RETURN NEW; END $$;
CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.mark := nextval('mar' || 'ks'); RETURN NEW; END $$;
CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO log (what) VALUES (TG_TABLE_NAME); RETURN NULL; END $$;
CREATE TRIGGER tsv BEFORE INSERT OR UPDATE ON page FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TRIGGER tsv BEFORE INSERT OR UPDATE ON doc FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TRIGGER mark BEFORE INSERT ON doc FOR EACH ROW EXECUTE FUNCTION mark();
CREATE TRIGGER log AFTER INSERT ON doc FOR EACH ROW EXECUTE FUNCTION log();
";

const SOURCE: &str = "
CREATE TABLE page (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT);
CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
INSERT INTO page VALUES (1, 'one', 'red'), (2, 'two', 'blue');
INSERT INTO doc VALUES (1, 'x'), (2, 'y');";

fn place() -> Place {
    Place::undecided(TARGET, SOURCE)
}

impl Place {
    /// Writes something at the top of a schema file.
    fn put_on_top(&self, file: &str, line: &str) {
        let path = self.schema.join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{line}\n{text}")).unwrap();
    }

    /// Writes something at the end of a schema file.
    fn put_below(&self, file: &str, lines: &str) {
        let path = self.schema.join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}\n{lines}\n")).unwrap();
    }
}

#[test]
fn a_column_that_a_trigger_fills_names_the_way() {
    let place = place();
    let hint = "if a trigger fills it, add fire_triggers = [\"NAME\"]";
    place.copy(&["--yes"]).fails(3, &["O3 table doc, column tsv", hint]);
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\"]");
    let ran = place.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let output = "only in PostgreSQL: NULL in every row, unless a trigger fills it and the table's \
                schema file has `fire_triggers = [\"tsv\"]`";
    let notes = place.report().to_string().replace("\\\"", "\"");
    assert!(notes.contains(output), "{notes}");
    assert!(notes.contains("triggers fire while rows are loaded: tsv"), "{notes}");
    assert!(notes.contains("triggers are disabled during the load: log, mark"), "{notes}");
}

#[test]
fn triggers_that_are_named_fire_and_others_rest() {
    let place = place();
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\", \"mark\"]");
    place.put_on_top("page.toml", "fire_triggers = [\"tsv\"]");
    let before = place.structure();
    for words in [&["--yes"][..], &["--yes", "--check-first", "--drop-all"]] {
        let ran = place.copy(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        for (sql, wanted) in [
            ("SELECT count(*) FROM page WHERE tsv @@ to_tsquery('simple', title)", 2),
            ("SELECT count(*) FROM doc WHERE tsv @@ to_tsquery('simple', title)", 2),
            ("SELECT count(DISTINCT mark) FROM doc", 2),
            ("SELECT count(*) FROM log", 0),
        ] {
            assert_eq!(place.number(sql), wanted, "{sql}");
        }
    }
    assert_eq!(place.number("SELECT last_value FROM marks"), 4);
    place.structure().is(&before, "changed");
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
}

#[test]
fn what_triggers_do_to_sequences_is_rolled_back_with_the_rows() {
    let place = place();
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\", \"mark\", \"log\"]");
    place.sql("SELECT nextval('marks') FROM generate_series(1, 5)");
    let before = place.dump();
    let ran = place.copy(&["--rehearse", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    place.dump().is(&before, "changed by a rehearsal");
    assert_eq!(place.number("SELECT last_value FROM marks"), 5);
    assert_eq!(place.copy(&["--yes"]).code, Some(0));
    assert_eq!(place.number("SELECT max(mark) FROM doc"), 7);
    assert_eq!(place.number("SELECT count(*) FROM log"), 2);
}

#[test]
fn triggers_that_change_what_is_copied_are_found_by_verification() {
    let place = place();
    place.sql(
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN NEW.title := upper(NEW.title); RETURN NEW; END $$;
         CREATE TRIGGER loud BEFORE INSERT ON page FOR EACH ROW EXECUTE FUNCTION loud();",
    );
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\"]");
    place.put_on_top("page.toml", "fire_triggers = [\"loud\"]");
    let before = place.dump();
    place.copy(&["--yes"]).fails(6, &["page: column title differs", "remove triggers that"]);
    place.dump().is(&before, "changed");
}

#[test]
fn triggers_that_are_not_there_are_refused() {
    let place = place();
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\", \"tvs\"]");
    place.copy(&["--yes"]).fails(4, &["K17 draft.doc: `fire_triggers` names tvs"]);
    let empty = Place::new();
    let url = super::url(&empty.database.name);
    empty.sql(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; ALTER SCHEMA public OWNER TO \
         connect_migration",
    );
    let mut command = super::program();
    command.env("PGPASSWORD", super::PASSWORD).args(["copy", "--yes", "--schema"]);
    command.arg(&place.schema).arg("--source").arg(place.file()).args(["--target", &url]);
    super::ran(&mut command).fails(4, &["this run creates the table without triggers"]);
}

#[test]
fn statements_after_a_load_run_in_its_transaction_and_are_verified() {
    let place = place();
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\"]");
    place.put_below(
        "database.toml",
        "[[after_load]]\nsql = \"UPDATE page SET tsv = to_tsvector('simple', body)\"\n\n\
         [[after_load]]\nsql = \"INSERT INTO log (what) SELECT title FROM page\"",
    );
    let before = place.dump();
    let ran = place.copy(&["--rehearse", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    place.dump().is(&before, "changed by a rehearsal");
    assert_eq!(place.number("SELECT (NOT is_called)::int::int8 FROM log_id_seq"), 1);
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("after_load: 2 statements run"), "{ran:?}");
    assert_eq!(ran.err.matches("source and target are equal").count(), 2, "{ran:?}");
    // The trigger has fired for the UPDATE, which is over the title.
    let sql = "SELECT count(*) FROM page WHERE tsv @@ to_tsquery('simple', title)";
    assert_eq!(place.number(sql), 2);
    assert_eq!(place.number("SELECT max(id)::int8 FROM log"), 2);
    assert_eq!(place.copy(&["--verify"]).code, Some(0));
}

#[test]
fn statements_that_change_copied_values_say_so() {
    let place = place();
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\"]");
    let line = "[[after_load]]\nsql = \"UPDATE page SET body = upper(body)\"";
    place.put_below("database.toml", line);
    let before = place.dump();
    let texts = ["page: column body differs", "correct the statement of `after_load`"];
    place.copy(&["--yes"]).fails(6, &texts);
    place.dump().is(&before, "changed");
    place.put_below("database.toml", "changes = [\"page\"]");
    let ran = place.copy(&["--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("not compared: draft.page"), "{ran:?}");
    assert_eq!(place.number("SELECT count(*) FROM page WHERE body IN ('RED', 'BLUE')"), 2);
    let ran = place.copy(&["--verify"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("every value was compared except those of draft.page"), "{ran:?}");
}

#[test]
fn statements_that_fail_or_end_the_transaction_leave_nothing() {
    let place = place();
    place.put_on_top("doc.toml", "fire_triggers = [\"tsv\"]");
    let database = fs::read_to_string(place.schema.join("database.toml")).unwrap();
    let before = place.dump();
    for (sql, code, text) in [
        ("UPDATE page SET title = 1 / 0", 5, "draft: statement 1 of `after_load`"),
        ("UPDATE page SET body = ''; COMMIT", 5, "draft: statement 1 of `after_load`"),
        ("DO 'BEGIN COMMIT; END'", 5, "draft: statement 1 of `after_load`"),
        ("COMMIT", 2, "a statement after the load begins with one of UPDATE"),
    ] {
        let more = format!("{database}\n[[after_load]]\nsql = \"{sql}\"\n");
        fs::write(place.schema.join("database.toml"), more).unwrap();
        place.copy(&["--yes"]).fails(code, &[text]);
        place.dump().is(&before, "changed");
    }
}
