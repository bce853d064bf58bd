//! A server whose messages are German.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::{self, Cluster, cluster};

/// The locale that is made.
const LOCALE: &str = "de_DE.UTF-8";
/// One that every machine has; messages are in the language of the variable `LANGUAGE`.
const PLAIN_LOCALE: &str = "C.UTF-8";

/// A server with German messages, and the directory with its locale.
pub struct German {
    pub cluster: Cluster,
    _locales: tempfile::TempDir,
}

/// Starts it; none where the server at hand has no German messages, which is said.
pub fn start() -> Option<German> {
    let bin = cluster::bin_dir().unwrap_or_else(|text| panic!("{text}"));
    if !has_german_messages(&bin) {
        eprintln!("not possible here: {} has no German messages", bin.display());
        return None;
    }
    let locales = tempfile::tempdir().unwrap();
    // The server may run as another account.
    fs::set_permissions(locales.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let locale = if make_locale(locales.path()) { LOCALE } else { PLAIN_LOCALE };
    let path = locales.path().to_str().unwrap().to_owned();
    let mut environment = vec![("LANGUAGE".to_owned(), "de".to_owned())];
    if locale == LOCALE {
        environment.push(("LOCPATH".to_owned(), path));
    }
    let cluster = super::start(environment);
    let admin = cluster.url("postgres");
    server::execute(&admin, &format!("ALTER SYSTEM SET lc_messages = '{locale}'"));
    server::execute(&admin, "SELECT pg_reload_conf()");
    // The server reads its settings when it gets to it.
    let printed =
        (0..1000).map(|_| message(&admin)).find(|printed| !printed.starts_with("division"));
    assert_eq!(printed.as_deref(), Some("Division durch Null"), "messages in {locale}");
    Some(German { cluster, _locales: locales })
}

/// What the server says in a new session about a division by zero.
fn message(url: &str) -> String {
    let error = server::connect(url).client.batch_execute("SELECT 1/0").unwrap_err();
    error.as_db_error().unwrap().message().to_owned()
}

/// Compiles the locale into a directory of its own.
fn make_locale(directory: &Path) -> bool {
    let mut command = Command::new("localedef");
    command.args(["-i", "de_DE", "-f", "UTF-8"]).arg(directory.join(LOCALE));
    command.output().is_ok_and(|output| output.status.success())
}

/// Whether the server's translations hold German.
fn has_german_messages(bin: &Path) -> bool {
    let first_line = |program: &str, argument: &str| {
        let output = Command::new(bin.join(program)).arg(argument).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let version = first_line("postgres", "--version").unwrap_or_default();
    let number = version.split(' ').nth(2).unwrap_or_default();
    let major = number.split('.').next().unwrap_or_default();
    let file = format!("de/LC_MESSAGES/postgres-{major}.mo");
    let configured = first_line("pg_config", "--localedir").map(PathBuf::from);
    let share = ["../share/locale", "../share/postgresql/locale"].map(|path| bin.join(path));
    configured.into_iter().chain(share).any(|directory| directory.join(&file).exists())
}
