//! What is said about a COMMIT is true: whoever answers it, and whenever the connection ends.

use xtask::proxy::{self, Action, Message, Proxy, Sender};

use super::{Ran, Site, compare, ran};
use crate::server;

/// A proxy before the shared server that does `action` to COMMIT, or to the answer to it.
fn proxy_at_commit(sender: Sender, action: impl Fn() -> Action + Send + 'static) -> Proxy {
    let mut committing = None;
    proxy::start(server::shared().port, move |message: &Message<'_>| {
        if message.is_query("COMMIT") {
            committing = Some(message.connection);
            return if sender == Sender::Client { action() } else { Action::Pass };
        }
        let answer = message.sender == Sender::Server && committing == Some(message.connection);
        match sender == Sender::Server && answer {
            true => action(),
            false => Action::Pass,
        }
    })
    .unwrap()
}

/// Runs `migrate db` with a URL of these ports.
fn run_through(site: &Site, ports: &[u16], hooks: &str) -> Ran {
    let hosts: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let own = format!("127.0.0.1:{}", server::shared().port);
    let text = std::fs::read_to_string(site.config()).unwrap();
    super::write(&site.config(), &text.replace(&own, &hosts.join(",")));
    ran(site.command(&["--yes"]).env("MIGRATE_TEST", hooks))
}

fn holds_everything(site: &Site) {
    for (file, version) in super::end_to_end::newest() {
        let compared = compare::compare(&site.file(file), &site.database.url, version);
        assert_eq!(compared.differing, [] as [String; 0]);
        assert_eq!(compared.cells, compared.counted);
    }
}

/// A pooler that loses its server says so in the server's place, after the server has committed.
#[test]
fn an_error_that_is_not_the_servers_does_not_undo_a_commit() {
    for (code, text) in [("08P01", "server conn crashed?"), ("57P01", "terminating connection")] {
        let site = Site::new();
        let answer = proxy::error_response("FATAL", code, text);
        let proxy = proxy_at_commit(Sender::Server, move || Action::Answer(answer.clone()));
        let ran = run_through(&site, &[proxy.port], "");
        ran.fails(0, &["COMMIT was not confirmed", "the server has committed the transaction"]);
        assert!(ran.out.contains("Done: "), "{ran:?}");
        assert_eq!(site.report()["outcome"], "migrated");
        holds_everything(&site);
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for() {
    let site = Site::new();
    let proxy = proxy_at_commit(Sender::Server, || Action::Cut);
    let ran = run_through(&site, &[proxy.port], "");
    ran.fails(0, &["the server has committed the transaction"]);
    holds_everything(&site);
}

#[test]
fn a_commit_that_does_not_arrive_changes_nothing() {
    let site = Site::occupied();
    let before = site.dump();
    let proxy = proxy_at_commit(Sender::Client, || Action::Cut);
    let ran = run_through(&site, &[proxy.port], "");
    ran.fails(5, &["COMMIT", "nothing was changed"]);
    site.dump().is(&before, "changed");
    assert_eq!(site.report()["exit"], 5);
}

/// Another server of the same URL knows nothing of the transaction, whatever its number says.
#[test]
fn another_server_is_not_believed() {
    let site = Site::new();
    let other = server::start(&server::Wanted::default());
    let (name, role) = (&site.database.name, super::ROLE);
    let password = super::PASSWORD;
    server::execute(
        &other.url("postgres"),
        &format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{password}'\nCREATE DATABASE {name} OWNER {role}"
        ),
    );
    let before = site.dump();
    let proxy = proxy_at_commit(Sender::Client, || Action::CutAll);
    let ran = run_through(&site, &[proxy.port, other.port], "limit commit-wait 2000");
    ran.fails(7, &["whether it took effect is not known", "not the one", "--verify"]);
    assert!(!ran.err.contains("nothing was changed"), "{ran:?}");
    site.dump().is(&before, "changed");
    assert_eq!(site.report()["exit"], 7);
}

/// Where nobody answers any more, the outcome is called unknown; `--verify` finds it out.
#[test]
fn without_an_answer_the_outcome_is_unknown() {
    let site = Site::new();
    let proxy = proxy_at_commit(Sender::Server, || Action::CutAll);
    let direct = std::fs::read_to_string(site.config()).unwrap();
    let ran = run_through(&site, &[proxy.port], "limit commit-wait 500");
    ran.fails(7, &["whether it took effect is not known", "cannot be reached"]);
    super::write(&site.config(), &direct);
    assert_eq!(site.db(&["--verify"]).code, Some(0));
}

/// For a transaction that has failed the server answers COMMIT with success and rolls back.
#[test]
fn a_commit_that_rolled_back_is_noticed() {
    let site = Site::occupied();
    let before = site.dump();
    let rollback = b"Q\0\0\0\rROLLBACK\0".to_vec();
    let proxy = proxy_at_commit(Sender::Client, move || Action::Replace(rollback.clone()));
    let ran = run_through(&site, &[proxy.port], "");
    ran.fails(5, &["rolled the transaction back", "nothing was changed"]);
    site.dump().is(&before, "changed");
}

/// A committed run keeps the rows that it did not move, whatever was answered to COMMIT.
#[test]
fn quarantine_file_of_a_committed_run_stays() {
    let site = Site::new();
    let orphan = "PRAGMA foreign_keys = OFF; UPDATE api_keys SET user_id = 987654321 \
                  WHERE id = (SELECT max(id) FROM api_keys)";
    site.sqlite("connect.db", orphan);
    let answer = proxy::error_response("FATAL", "08P01", "server conn crashed?");
    let proxy = proxy_at_commit(Sender::Server, move || Action::Answer(answer.clone()));
    let file = site.file("kept.jsonl");
    let own = format!("127.0.0.1:{}", server::shared().port);
    let text = std::fs::read_to_string(site.config()).unwrap();
    super::write(&site.config(), &text.replace(&own, &format!("127.0.0.1:{}", proxy.port)));
    let words = ["--yes", "--repair", "core.api_keys.user_id=orphan-quarantine"];
    let ran = ran(site.command(&words).arg("--quarantine").arg(&file));
    ran.fails(0, &["the server has committed the transaction"]);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.contains("987654321"), "{kept}");
}
