//! How many more sessions the server takes of our role.

use postgres::Client;

use super::facts::Facts;
use super::failure::unanswered_query_error;
use super::quote_if_needed;
use crate::diagnostic::{Fault, Hint, Hints, Id, Result};
use crate::postgres::direct::DirectQueries;
use crate::text::count_with_noun;

/// The sessions that a target needs: one that loads, and one that says what it waits for.
const SESSIONS_NEEDED: i64 = 2;

/// What a limit is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Server,
    Role,
    Database,
}

/// A limit of sessions, and how many of them are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    owner: Owner,
    most: i64,
    used: i64,
}

/// The sessions that are left to our role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    limits: Vec<Limit>,
}

/// The limits and what is used of them: of the server without what it keeps for others, of the
/// role, of the database. None of the last two binds a superuser.
const LIMITS: &str = "
SELECT current_setting('max_connections')::int8
       - CASE WHEN r.rolsuper THEN 0
              ELSE current_setting('superuser_reserved_connections')::int8
                   + CASE WHEN k.may_use THEN 0 ELSE k.kept END END,
       (SELECT count(*) FROM sessions),
       CASE WHEN r.rolsuper THEN -1 ELSE r.rolconnlimit END::int8,
       (SELECT count(*) FROM sessions WHERE usesysid = r.oid),
       CASE WHEN r.rolsuper THEN -1 ELSE d.datconnlimit END::int8,
       (SELECT count(*) FROM sessions WHERE datid = d.oid)
  FROM pg_catalog.pg_roles r, pg_catalog.pg_database d,
       (SELECT coalesce(current_setting('reserved_connections', true), '0')::int8 AS kept,
               coalesce((SELECT pg_has_role(session_user, oid, 'USAGE') FROM pg_catalog.pg_roles
                          WHERE rolname = 'pg_use_reserved_connections'), false) AS may_use) k
 WHERE r.rolname = session_user AND d.datname = current_database()";

/// Sessions of clients, also where our role may not see what kind they are.
const SESSIONS: &str = "
WITH sessions AS (
    SELECT usesysid, datid FROM pg_catalog.pg_stat_activity
     WHERE backend_type = 'client backend' OR backend_type IS NULL AND usesysid IS NOT NULL)";

/// Asks for the limits; our own session is among what is used.
///
/// # Errors
/// The server's.
pub fn read_room(client: &mut Client) -> Result<Room> {
    let query = format!("{SESSIONS}{LIMITS}");
    let row = client.query_one_directly(&query, &[]);
    let row = row.map_err(|error| unanswered_query_error(LIMITS, &error))?;
    let limits = [Owner::Server, Owner::Role, Owner::Database].into_iter().enumerate();
    let limits = limits.map(|(index, owner)| {
        let (most, used) = (row.get(2 * index), row.get(2 * index + 1));
        Limit { owner, most, used }
    });
    Ok(Room { limits: limits.filter(|limit| limit.most >= 0).collect() })
}

impl Room {
    /// What keeps the other sessions of so many targets in this database from being opened.
    pub fn find_fault(&self, facts: &Facts, targets: usize) -> Option<Fault> {
        let needed = SESSIONS_NEEDED * i64::try_from(targets).unwrap_or(1);
        let more = needed - 1;
        let limit = self.limits.iter().find(|limit| limit.most - limit.used < more)?;
        let (user, database) = (quote_if_needed(&facts.user), quote_if_needed(&facts.database.0));
        let enough = limit.used + more;
        let (whose, hints) = match limit.owner {
            Owner::Server => (
                "the server has for this role".to_owned(),
                Hints::from([
                    "end sessions that are not needed",
                    "raise `max_connections` in postgresql.conf and restart the server",
                ]),
            ),
            Owner::Role => (
                format!("CONNECTION LIMIT of role {user} allows"),
                Hint::with_line(
                    "raise the limit, as a superuser:",
                    format!("ALTER ROLE {user} CONNECTION LIMIT {enough};"),
                )
                .into(),
            ),
            Owner::Database => (
                format!("CONNECTION LIMIT of database {database} allows"),
                Hint::with_line(
                    "raise the limit, as the database's owner:",
                    format!("ALTER DATABASE {database} CONNECTION LIMIT {enough};"),
                )
                .into(),
            ),
        };
        let text = format!(
            "{needed} connections to database {database} are needed; {whose} {}, and {} \
             in use, including those of this program",
            limit.most,
            match limit.used {
                1 => "1 is".to_owned(),
                used => format!("{used} are"),
            },
        );
        Some(Fault::new(text, hints).with_id(Id::P13))
    }
}

/// What a target uses, in words.
pub fn describe_need() -> String {
    count_with_noun(SESSIONS_NEEDED.unsigned_abs(), "connection")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make_limit(owner: Owner, most: i64, used: i64) -> Limit {
        Limit { owner, most, used }
    }

    #[test]
    fn the_tightest_limit_counts() {
        let server = make_limit(Owner::Server, 97, 10);
        let facts =
            Facts { user: "u".to_owned(), database: ("d".to_owned(), 1), ..Facts::default() };
        let free = Room { limits: vec![server, make_limit(Owner::Role, 5, 4)] };
        assert_eq!(free.find_fault(&facts, 1), None);
        let full = Room { limits: vec![server, make_limit(Owner::Database, 3, 3)] };
        let fault = full.find_fault(&facts, 1).unwrap();
        let hint = fault.full_hint();
        assert!(hint.ends_with("ALTER DATABASE d CONNECTION LIMIT 4;"), "{hint}");
        let fault = free.find_fault(&facts, 2).unwrap();
        let hint = fault.full_hint();
        assert!(hint.ends_with("ALTER ROLE u CONNECTION LIMIT 7;"), "{hint}");
    }
}
