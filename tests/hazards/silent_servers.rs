//! A server that says nothing: as long as it answers another session it is waited for, however long
//! a statement takes; where it answers none, the run ends by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use xtask::proxy::{self, Action, Message, Proxy};

use super::lost_connections::{Bench, has_ids_and_hints, holds};
use super::shared_cluster;
use crate::server;

/// A second in the place of five minutes.
const LIMIT: &str = "limit silence 1000\nlimit commit-wait 500";

/// A proxy before the shared server, over which nobody says anything any more from the message on
/// that `is_last` names.
fn silent_from(mut is_last: impl FnMut(&Message<'_>) -> bool + Send + 'static) -> Proxy {
    let policy = move |message: &Message<'_>| match is_last(message) {
        true => Action::Silence,
        false => Action::Pass,
    };
    proxy::start(shared_cluster().port, policy).unwrap()
}

/// A run that ends by itself.
#[track_caller]
fn is_given_up(
    bench: &Bench,
    words: &[&str],
    code: i32,
    is_last: impl FnMut(&Message<'_>) -> bool + Send + 'static,
) {
    let proxy = silent_from(is_last);
    let ran = bench.run_through(proxy.port, words);
    assert_eq!(ran.code, code, "{}", ran.err);
    // Of an unknown outcome no finding says more than the code.
    if code != 7 {
        has_ids_and_hints(&ran);
        let text = "and another session is not answered either";
        assert!(ran.err.contains(text), "{}", ran.err);
    }
}

fn bench_with(hooks: &str) -> Bench {
    let mut bench = Bench::new();
    bench.case.options.hooks = Some(format!("{LIMIT}{hooks}"));
    bench
}

#[test]
fn a_server_that_answers_no_session_is_given_up() {
    let bench = bench_with("");
    is_given_up(&bench, &["--dry-run"], 4, |message| holds(message, "pg_catalog.pg_class"));
    is_given_up(&bench, &["--yes"], 5, |message| holds(message, "CREATE TABLE"));
    is_given_up(&bench, &["--yes"], 5, |message| message.kind == b'd');
    is_given_up(&bench, &["--yes"], 5, |message| holds(message, "PRIMARY KEY"));
    is_given_up(&bench, &["--yes"], 5, |message| holds(message, "TO STDOUT"));
}

/// The first questions are asked before there is another session that could be asked instead.
#[test]
fn a_server_that_stops_answering_before_the_second_session_is_given_up() {
    let mut bench = bench_with("");
    // The limit while the session is set up.
    bench.case.options.url = Some("connect_timeout=1".to_owned());
    for text in ["server_version_num')::int4", "SELECT version()", "max_connections"] {
        let proxy = silent_from(move |message| holds(message, text));
        let ran = bench.run_through(proxy.port, &["--dry-run"]);
        assert_eq!(ran.code, 4, "{text}: {}", ran.err);
        has_ids_and_hints(&ran);
        assert!(ran.err.contains("no answer within 1 s"), "{text}: {}", ran.err);
    }
}

#[test]
fn a_server_that_answers_nobody_at_commit_leaves_the_outcome_unknown() {
    let bench = bench_with("");
    is_given_up(&bench, &["--yes"], 7, |message| message.is_query("COMMIT"));
}

/// The limit of silence is one of the session's beginning alone, as long as the server answers.
#[test]
fn a_long_statement_is_waited_for() {
    let mut bench = bench_with("\nsql Index 1 SELECT pg_sleep(4)");
    bench.case.options.url = Some("connect_timeout=1".to_owned());
    let ran = bench.place.run(&bench.database, &["--yes"], &bench.case);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// The second session shows how far an index is; without it the run goes on.
#[test]
fn the_loss_of_the_second_session_ends_nothing() {
    let mut bench = Bench::new();
    let ran = bench.place.run(&bench.database, &["--yes"], &bench.case);
    assert_eq!(ran.code, 0, "{}", ran.err);
    server::execute(
        &bench.database.url,
        "CREATE FUNCTION slow(bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE \
         AS 'BEGIN PERFORM pg_sleep(1); RETURN $1; END'\n\
         CREATE INDEX slow ON p1_rows (slow(id))",
    );
    // Longer than anything is waited for once a session of the run was lost.
    bench.case.options.hooks = Some("sql Verify 1 SELECT pg_sleep(8)".to_owned());
    let is_asked = Arc::new(AtomicBool::new(false));
    let seen = is_asked.clone();
    let policy = move |message: &Message<'_>| match holds(message, "pg_stat_progress_create_index")
    {
        true => {
            seen.store(true, Ordering::Relaxed);
            Action::Cut
        }
        false => Action::Pass,
    };
    let proxy = proxy::start(shared_cluster().port, policy).unwrap();
    let ran = bench.run_through(proxy.port, &["--yes", "--drop-all"]);
    assert!(is_asked.load(Ordering::Relaxed), "{}", ran.err);
    assert_eq!(ran.code, 0, "{}", ran.err);
}
