//! Names of keys and checks that SQLite keeps apart by nothing, and PostgreSQL does.

use super::Case;

/// The line of RESIDUE.md about a thing under a table.
fn has_line(residue: &str, table: &str, line: &str) -> bool {
    residue
        .split("\n### ")
        .any(|part| part.starts_with(&format!("{table}\n")) && part.contains(line))
}

#[test]
fn names_that_postgresql_distinguishes_are_reported() {
    let case = Case::new(
        "CREATE TABLE shops (id INTEGER NOT NULL, title TEXT, CONSTRAINT pk PRIMARY KEY (id),
            CONSTRAINT once UNIQUE (title));
         CREATE TABLE stocks (id INTEGER NOT NULL, title TEXT, shop INTEGER, other INTEGER,
            CONSTRAINT pk PRIMARY KEY (id), CONSTRAINT once UNIQUE (title),
            CONSTRAINT low CHECK (shop > 0), CONSTRAINT low CHECK (other > 0),
            CONSTRAINT way FOREIGN KEY (shop) REFERENCES shops (id),
            CONSTRAINT way FOREIGN KEY (other) REFERENCES shops (id) ON DELETE CASCADE);
         INSERT INTO shops VALUES (1, 'a'); INSERT INTO stocks VALUES (1, 'a', 1, 1);",
    );
    case.draft();
    let residue = case.read("RESIDUE.md");
    for (thing, name) in [
        ("primary key pk", "pk_2"),
        ("unique key once", "once_2"),
        ("check low", "low_2"),
        ("foreign key way", "way_2"),
    ] {
        let line = format!("- **{thing}**: its name in PostgreSQL is {name}");
        assert!(has_line(&residue, "stocks", &line), "{line} in\n{residue}");
    }
    assert!(!residue.contains("### shops"), "{residue}");
}

/// A table that is being rebuilt has the names of the one that it was made of.
#[test]
fn what_an_interrupted_migration_has_left_gets_no_name_of_the_table() {
    let case = Case::new(
        "CREATE TABLE _alembic_tmp_tokens (id INTEGER NOT NULL, name TEXT, team TEXT,
            CONSTRAINT pk_tokens PRIMARY KEY (id), CONSTRAINT uq_token UNIQUE (name, team));
         CREATE TABLE new__tokens (id INTEGER NOT NULL, name TEXT,
            CONSTRAINT pk_tokens PRIMARY KEY (id), CONSTRAINT uq_token UNIQUE (name));
         CREATE TABLE tokens (id INTEGER NOT NULL, name TEXT,
            CONSTRAINT pk_tokens PRIMARY KEY (id), CONSTRAINT uq_token UNIQUE (name));
         CREATE TABLE new__start (id INTEGER CONSTRAINT pk_start PRIMARY KEY);
         CREATE TABLE starts (id INTEGER CONSTRAINT pk_start PRIMARY KEY);",
    );
    case.draft();
    let own = case.read("tokens.toml");
    assert!(own.contains("primary_key_name = \"pk_tokens\""), "{own}");
    assert!(own.contains("uq_token"), "{own}");
    assert!(!own.contains("uq_token_"), "{own}");
    let residue = case.read("RESIDUE.md");
    assert!(!residue.contains("### tokens"), "{residue}");
    let line = "- **unique key uq_token**: its name in PostgreSQL is uq_token_2";
    assert!(
        has_line(&residue, "\\_alembic_tmp_tokens", line) || residue.contains(line),
        "{residue}"
    );
    // There is no table `start` of which this one would be left.
    assert!(case.read("new__start.toml").contains("primary_key_name = \"pk_start\""));
}
