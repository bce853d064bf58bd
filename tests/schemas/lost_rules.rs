//! RESIDUE.md of a draft of both sides: what SQLite's tables keep and PostgreSQL's do not, and
//! nothing that these have in another way.

use super::Case;
use super::undecided::{copy, join, target};

#[test]
fn a_key_to_a_table_that_is_gone_is_not_lost_where_postgresql_has_one_over_its_columns() {
    let case = Case::new(
        "CREATE TABLE logs (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE parts (log INTEGER NOT NULL REFERENCES rebuilt (id) ON DELETE CASCADE,
            n INTEGER);
         CREATE TABLE marks (log INTEGER NOT NULL REFERENCES \"logs old\" (id));
         CREATE TABLE notes (log INTEGER NOT NULL REFERENCES rebuilt (id) ON DELETE SET NULL);
         INSERT INTO logs VALUES (1, 'a'); INSERT INTO parts VALUES (1, 1);",
    );
    let database = target(
        "CREATE TABLE logs (id int PRIMARY KEY, name text NOT NULL);
         CREATE TABLE parts (log int NOT NULL CONSTRAINT whole REFERENCES logs ON DELETE CASCADE,
            n int);
         CREATE TABLE marks (log int NOT NULL);
         CREATE TABLE notes (log int NOT NULL REFERENCES logs)",
    );
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let residue = case.read("RESIDUE.md");
    let (lost, changed) = residue.split_once("## Different in PostgreSQL").unwrap();
    let changed = changed.split("\n## ").next().unwrap();
    let output = "- **foreign key to rebuilt**: there is no table rebuilt; the foreign key over \
                  these columns in PostgreSQL refers to logs";
    assert!(changed.contains(output), "{residue}");
    assert!(!lost.contains("### parts"), "{residue}");
    assert!(
        lost.contains("- **foreign key to logs old**: there is no table logs old\n"),
        "{residue}"
    );
    let output = "there is no table rebuilt; the foreign key over these columns in PostgreSQL has \
                  no action";
    assert!(lost.contains(output), "{residue}");
    assert_eq!(copy(&case, &database.url, &[]).code, 0);
}

#[test]
fn required_values_and_actions_of_keys_that_only_sqlite_has_are_reported() {
    let case = Case::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users (id)
                ON DELETE CASCADE, editor INTEGER REFERENCES users (id) ON DELETE SET NULL
                ON UPDATE CASCADE, reader INTEGER REFERENCES users (id) ON DELETE RESTRICT);
         INSERT INTO users VALUES (1, 'a', 'b'); INSERT INTO posts VALUES (1, 1, NULL, 1);",
    );
    let database = target(
        "CREATE TABLE users (id int PRIMARY KEY, email text, name text NOT NULL);
         CREATE TABLE posts (id int PRIMARY KEY, author int NOT NULL REFERENCES users,
                editor int REFERENCES users ON DELETE SET NULL, reader int REFERENCES users)",
    );
    let ran = join(&case, &database.url, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let residue = case.read("RESIDUE.md");
    let lost = residue.split("## Rules and indexes").nth(1).unwrap_or_default();
    let lost = lost.split("\n## ").next().unwrap();
    for output in [
        "- **column email**: NOT NULL in SQLite, and the column in PostgreSQL allows NULL",
        "- **foreign key posts_author_fkey**: the foreign key over these columns in PostgreSQL",
        "- **foreign key posts_editor_fkey**: the foreign key over these columns in PostgreSQL",
        "columns in PostgreSQL has no action\n",
        "these columns in PostgreSQL has ON DELETE SET NULL\n",
        "REFERENCES users (id) ON DELETE CASCADE",
    ] {
        assert!(lost.contains(output), "{output} in\n{residue}");
    }
    assert!(!lost.contains("column name") && !lost.contains("posts_reader"), "{residue}");
}
