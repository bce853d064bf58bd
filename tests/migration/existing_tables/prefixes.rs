//! Tables whose names in PostgreSQL have a prefix that SQLite's lack.

use super::Place;

const TARGET: &str = "
CREATE TABLE app_alice_category (id serial PRIMARY KEY, name text UNIQUE NOT NULL);
CREATE TABLE app_alice_feed (id serial PRIMARY KEY, url text NOT NULL,
    category int REFERENCES app_alice_category (id));
CREATE TABLE app_bob_category (id serial PRIMARY KEY, name text UNIQUE NOT NULL);
CREATE TABLE other (id serial PRIMARY KEY, v text);
CREATE TABLE elsewhere (id serial PRIMARY KEY, v text);";

const SOURCE: &str = "
CREATE TABLE category (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE Feed (id INTEGER PRIMARY KEY, url TEXT NOT NULL,
    category INTEGER REFERENCES category (id));
CREATE TABLE other (id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO category VALUES (1, 'a'), (2, 'b');
INSERT INTO Feed VALUES (1, 'x', 1), (2, 'y', 2);
INSERT INTO other VALUES (1, 'z');";

const RULE: &str = "*=app_alice_*";

fn joined(place: &Place, words: &[&str]) -> super::Ran {
    let mut command = super::program();
    command.env("PGPASSWORD", super::PASSWORD).args(["copy", "--save-schema"]);
    command.arg(place.folder.path().join("saved")).arg("--source").arg(place.file());
    command.args(["--target", &super::url(&place.database.name)]).args(words);
    super::ran(&mut command)
}

fn place() -> Place {
    Place::undecided(TARGET, SOURCE)
}

#[test]
fn a_draft_takes_a_rule_for_names() {
    let place = place();
    let draft = |words: &[&str]| {
        let mut command = super::program();
        command.env("PGPASSWORD", super::PASSWORD).args(["schema", "draft", "--source"]);
        command.arg(place.file()).args(["--target", &super::url(&place.database.name), "--out"]);
        super::ran(command.arg(place.folder.path().join("ruled")).args(words))
    };
    draft(&["--same", "*=nothing_*"]).fails(2, &["--same *=nothing_*: not a table or column"]);
    let ran = draft(&["--same", RULE]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("drafted 3 tables"), "{ran:?}");
}

#[test]
fn a_draft_that_finds_no_table_names_the_rule() {
    let target = TARGET.replace("TABLE other", "TABLE app_alice_other");
    let place = Place::drafted("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE t (id INT)");
    place.sql(&format!("DROP TABLE t; SET ROLE connect_migration; {target}"));
    place.sqlite(&format!("DROP TABLE t; {SOURCE}"));
    std::fs::remove_dir_all(&place.schema).unwrap();
    place.run_draft().fails(4, &["--same '*=app_alice_*'"]);
    let refused = joined(&place, &["--yes"]);
    refused.fails(4, &["--same '*=app_alice_*'"]);
    crate::hint_log::note_followed(&refused.err);
    let followed = joined(&place, &["--yes", "--same", RULE]);
    assert_eq!(followed.code, Some(0), "{followed:?}");
}

#[test]
fn a_joined_copy_takes_a_rule_and_a_name_goes_before_it() {
    let place = place();
    let refused = joined(&place, &["--yes"]);
    refused.fails(3, &["--same 'source.*=app_alice_*'"]);
    let ran = joined(&place, &["--yes", "--same", RULE, "--same", "other=elsewhere"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (sql, wanted) in [
        ("SELECT count(*) FROM app_alice_category", 2),
        ("SELECT count(*) FROM app_alice_feed", 2),
        ("SELECT count(*) FROM app_bob_category", 0),
        ("SELECT count(*) FROM other", 0),
        ("SELECT count(*) FROM elsewhere", 1),
    ] {
        assert_eq!(place.number(sql), wanted, "{sql}");
    }
}
