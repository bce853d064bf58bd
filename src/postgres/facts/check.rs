//! Judges whether a server is fit for a migration, by the facts that were read of it.

use super::{Facts, Session, TESTED};
use crate::diagnostic::{Fault, Hint, Hints, Id};
use crate::postgres::quote_if_needed;

/// What [`check_facts`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What makes the server unfit.
    pub faults: Vec<Fault>,
    /// What deserves a word.
    pub warnings: Vec<Fault>,
}

/// Judges what was read.
pub fn check_facts(facts: &Facts) -> Checked {
    let mut checked = Checked::default();
    if let Some(name) = facts.impostor {
        checked.faults.push(
            Fault::new(
                format!("the server is {name}, not PostgreSQL: {}", facts.version),
                "load into PostgreSQL: transactions and COPY of other servers differ",
            )
            .with_id(Id::P17),
        );
        return checked;
    }
    check_server_version(facts, &mut checked);
    check_server_state(facts, &mut checked.faults);
    check_schema(facts, &mut checked);
    for name in facts.extensions.iter().filter(|name| *name != "pgaudit") {
        let text = format!("the extension {name} is installed, whose tables are not plain tables");
        checked.warnings.push(Fault::new(text, "load into a database without it").with_id(Id::P17));
    }
    checked
}

/// Warns of other sessions, which may stay while nothing is written.
pub fn warn_of_other_sessions(facts: &Facts, is_rehearsal: bool) -> Option<Fault> {
    let text = format!("other sessions use database {}:", facts.database.0);
    let hints = match is_rehearsal {
        true => Hints::from("end them before the real run; a dry run does not need that"),
        false => Hints::from("stop the application first").and(Hint::with_line(
            "end a session that remains:",
            "SELECT pg_terminate_backend(PID);",
        )),
    };
    let sessions: Vec<String> = facts.sessions.iter().map(Session::to_string).collect();
    let warning = Fault::new(text, hints).with_id(Id::P15).with_details(sessions);
    (!facts.sessions.is_empty()).then_some(warning)
}

fn check_server_version(facts: &Facts, checked: &mut Checked) {
    let major = facts.version_num / 10000;
    let (oldest, newest) = TESTED;
    if major < oldest {
        let text = format!("PostgreSQL {major} is older than {oldest}: {}", facts.version);
        let hint = format!("load into PostgreSQL {oldest} to {newest}");
        checked.faults.push(Fault::new(text, hint).with_id(Id::P16));
    } else if major > newest {
        let text =
            format!("PostgreSQL {major} is newer than the versions this program was tested with");
        let hint = format!(
            "rehearse the migration first; tested versions: PostgreSQL {oldest} to {newest}"
        );
        checked.warnings.push(Fault::new(text, hint).with_id(Id::P16));
    }
}

fn check_server_state(facts: &Facts, faults: &mut Vec<Fault>) {
    let (database, user) = (quote_if_needed(&facts.database.0), quote_if_needed(&facts.user));
    if facts.encoding != "UTF8" {
        // Without an encoding any bytes are taken; with another one some characters have no place.
        let id = if facts.encoding == "SQL_ASCII" { Id::T10 } else { Id::T11 };
        faults.push(
            Fault::new(
                format!("database {database} has encoding {}, not UTF8", facts.encoding),
                Hint::with_line(
                    "create another database, as a superuser, and name it in the URL:",
                    format!(
                        "CREATE DATABASE new_name OWNER {user} ENCODING 'UTF8' TEMPLATE template0;"
                    ),
                ),
            )
            .with_id(id),
        );
    }
    if facts.in_recovery {
        let text = "the server is a standby, which accepts no writes";
        faults.push(Fault::new(text, "name the primary server in the URL").with_id(Id::P12));
    } else if facts.read_only {
        faults.push(
            Fault::new(
                format!("transactions are read-only for {user} in database {database}"),
                Hints::from(Hint::with_lines(
                    "reset it where it is set:",
                    vec![
                        format!("ALTER ROLE {user} RESET default_transaction_read_only;"),
                        format!("ALTER DATABASE {database} RESET default_transaction_read_only;"),
                    ],
                ))
                .and("remove `default_transaction_read_only` from the URL or postgresql.conf"),
            )
            .with_id(Id::P12),
        );
    }
}

fn check_schema(facts: &Facts, checked: &mut Checked) {
    let user = quote_if_needed(&facts.user);
    let first = facts.missing_schemas.first().map(|name| quote_if_needed(name));
    let create = |name: &str| format!("CREATE SCHEMA {name} AUTHORIZATION {user};");
    match (&facts.schema, first) {
        (None, Some(name)) => {
            let all: Vec<_> =
                facts.missing_schemas.iter().map(|name| quote_if_needed(name)).collect();
            let text = match all.as_slice() {
                [name] => format!("schema {name} does not exist"),
                all => format!("no schema of search_path exists: {}", all.join(", ")),
            };
            let hints = Hints::from(Hint::with_line("create the schema:", create(&name)))
                .and("correct `search_path` in the URL or of the role");
            checked.faults.push(Fault::new(text, hints).with_id(Id::P4));
        }
        (None, None) => {
            let text = format!("search_path names no schema: {:?}", facts.search_path);
            let hint = "name the schema in the URL: `?search_path=NAME`";
            checked.faults.push(Fault::new(text, hint).with_id(Id::P4));
        }
        (Some(schema), missing) => {
            if let Some(name) = missing {
                let schema = quote_if_needed(schema);
                let text = format!(
                    "schema {name} of search_path {:?} does not exist: the tables go to {schema}",
                    facts.search_path
                );
                let hint =
                    Hint::with_line("create the schema if they belong there:", create(&name));
                checked.warnings.push(Fault::new(text, hint).with_id(Id::P4));
            }
            if !facts.may_create && !facts.in_recovery {
                let schema = quote_if_needed(schema);
                let text =
                    format!("role {user} has no permission to create tables in schema {schema}");
                let hint = hint_to_grant_create(&schema, &user);
                checked.faults.push(Fault::new(text, hint).with_id(Id::P3));
            }
        }
    }
}

/// How to let a role create what is in a schema; both names as a person would type them.
pub fn hint_to_grant_create(schema: &str, user: &str) -> Hint {
    let grant = format!("GRANT USAGE, CREATE ON SCHEMA {schema} TO {user};");
    Hint::with_line("grant the privileges, as the schema's owner:", grant)
}

/// How to do what only the owner of an object may do; both names as a person would type them.
pub fn hints_to_act_as(owner: &str, user: &str) -> Hints {
    Hints::from(format!("run as {owner}")).and(Hint::with_line(
        format!("make the role a member of {owner}, as its administrator:"),
        format!("GRANT {owner} TO {user};"),
    ))
}
