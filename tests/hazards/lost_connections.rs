//! A connection that is lost has one exit code, an id and a hint, wherever it is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use xtask::proxy::{self, Action, Message, Proxy, Sender};

use super::case::{Case, Place};
use super::run_output::Run;
use super::{create_empty_database, shared_cluster};
use crate::server::Database;
use crate::server::installation::ROLE_PASSWORD;

/// A proxy before the shared server that ends every connection at the message that `is_end` names.
fn cut_at(mut is_end: impl FnMut(&Message<'_>) -> bool + Send + 'static) -> Proxy {
    let policy = move |message: &Message<'_>| match is_end(message) {
        true => Action::CutAll,
        false => Action::Pass,
    };
    proxy::start(shared_cluster().port, policy).unwrap()
}

/// A case's source, and a target for it.
pub(super) struct Bench {
    pub(super) case: Case,
    pub(super) place: Place,
    pub(super) database: Database,
}

impl Bench {
    pub(super) fn new() -> Bench {
        let case = Case::named("P1-no-superuser");
        let place = Place::of(&[&case]);
        Bench { case, place, database: create_empty_database(shared_cluster()) }
    }

    pub(super) fn run_through(&self, port: u16, words: &[&str]) -> Run {
        let own = format!("127.0.0.1:{}", shared_cluster().port);
        let url = self.database.url.replacen("admin:Throw-away%201!", super::ROLE, 1);
        let url = url.replacen(&own, &format!("127.0.0.1:{port}"), 1);
        let url = match &self.case.options.url {
            Some(options) => format!("{url}&{options}"),
            None => url,
        };
        self.place.run_at(&url, ROLE_PASSWORD, &self.database, words, &self.case)
    }

    /// A run whose connection ends there.
    #[track_caller]
    fn is_cut(
        &self,
        words: &[&str],
        code: i32,
        is_end: impl FnMut(&Message<'_>) -> bool + Send + 'static,
    ) {
        let proxy = cut_at(is_end);
        let ran = self.run_through(proxy.port, words);
        assert_eq!(ran.code, code, "{}", ran.err);
        assert!(ran.err.contains("error: P10 "), "{}", ran.err);
        has_ids_and_hints(&ran);
    }
}

/// Each error has an id, and the last of them a hint.
#[track_caller]
pub(super) fn has_ids_and_hints(ran: &Run) {
    let errors: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(!errors.is_empty(), "{}", ran.err);
    for error in errors {
        let word = error.split(' ').nth(1).unwrap_or_default();
        let number = word.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        assert!(word != number && number.parse::<u32>().is_ok(), "no id: {error}\n{}", ran.err);
    }
    assert!(ran.err.contains("\nhint: "), "{}", ran.err);
}

pub(super) fn holds(message: &Message<'_>, text: &str) -> bool {
    message.sender == Sender::Client
        && message.body.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn lost_while_loading_or_verifying_is_exit_5() {
    let bench = Bench::new();
    bench.is_cut(&["--yes"], 5, |message| holds(message, "set_config(w.name"));
    bench.is_cut(&["--yes"], 5, |message| holds(message, "pg_try_advisory_xact_lock"));
    bench.is_cut(&["--yes"], 5, |message| message.kind == b'd');
    bench.is_cut(&["--yes"], 5, |message| holds(message, "TO STDOUT"));
    let of_server = |message: &Message<'_>| {
        message.sender == Sender::Server && matches!(message.kind, b'H' | b'd')
    };
    bench.is_cut(&["--yes"], 5, of_server);
    bench.is_cut(&["--rehearse", "--yes"], 5, of_server);
}

#[test]
fn lost_where_nothing_is_loaded_is_exit_4() {
    let bench = Bench::new();
    bench.is_cut(&["--dry-run"], 4, |message| holds(message, "pg_catalog.pg_class"));
    let ran = bench.run_through(shared_cluster().port, &["--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    bench.is_cut(&["--verify"], 4, |message| holds(message, "TO STDOUT"));
    bench.is_cut(&["--verify"], 4, |message| {
        message.sender == Sender::Server && matches!(message.kind, b'H' | b'd')
    });
    bench.is_cut(&["--verify"], 4, |message| holds(message, "set_config(w.name"));
}

/// Whichever message before COMMIT is the last one.
#[test]
fn lost_anywhere_it_is_said_with_an_id_and_a_hint() {
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, mut is_committing) = (count.clone(), false);
    let whole = cut_at(move |message| {
        is_committing |= message.is_query("COMMIT");
        counted.fetch_add(usize::from(!is_committing), Ordering::Relaxed);
        false
    });
    let ran = Bench::new().run_through(whole.port, &["--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let all = count.load(Ordering::Relaxed);
    let bench = Bench::new();
    for part in 1..25 {
        let (last, mut seen) = (all * part / 25, 0);
        let proxy = cut_at(move |_| {
            seen += 1;
            seen > last
        });
        let ran = bench.run_through(proxy.port, &["--yes"]);
        assert!(matches!(ran.code, 4 | 5), "message {last} of {all}: {} {}", ran.code, ran.err);
        has_ids_and_hints(&ran);
    }
}
