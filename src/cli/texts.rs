//! What the help of each command says after its flags: notes and examples, which its manual page
//! has as well.

use crate::diagnostic::catalog;

/// The line before the examples of every help.
pub const EXAMPLES_HEAD: &str = "Examples:";

/// What the help of the program says at its end.
pub fn after_help() -> String {
    format!("{AFTER}\n\n{}\n\n{MORE}", exit_codes())
}

fn exit_codes() -> String {
    format!("Exit codes:\n{}", catalog::exit_lines())
}

/// The notes and the examples of a command's help, apart. Exit codes have a section of their own
/// on a manual page.
pub fn notes_and_examples(help: &str) -> (String, String) {
    let help = help.replace(&format!("{}\n\n", exit_codes()), "");
    let (notes, examples) = match help.split_once(&format!("{EXAMPLES_HEAD}\n")) {
        Some((notes, examples)) => (notes, examples),
        None => (help.as_str(), ROOT_EXAMPLES),
    };
    (notes.trim_end().to_owned(), examples.to_owned())
}

/// The examples of the program's own page: its help has the order of work in their place.
const ROOT_EXAMPLES: &str = "  sudo migrate check-config
  sudo migrate db --dry-run
  migrate explain K1";

const AFTER: &str = "\
The order of work on a Connect server:
  sudo migrate check-config           is the configuration complete, do the passwords open?
  sudo migrate db --dry-run           look at every row, leave nothing; Connect may go on running
  sudo systemctl stop rstudio-connect
  sudo migrate db                     ask once, then copy, verify and commit
  then set [Database] Provider = postgres and start Connect

Flags take one dash or two, and their value after a space or an equals sign: -data core,
--data=core, -yes, -yes=false. Short flags cannot be joined. --config FILE may stand before the
command, too: migrate --config FILE db. `migrate COMMAND --help` says more.";

const MORE: &str = "`migrate explain` says more about a finding, an exit code or a repair.";

pub const AFTER_DB: &str = "\
Connect must be stopped, but for a dry run. Its configuration says where the databases are
([SQLite] Dir) and where they go ([Postgres] URL, InstrumentationURL). Both databases are read,
every row is checked, then everything is copied into PostgreSQL in one transaction (two, if the
URLs name two databases), compared with SQLite, and committed. With --yes rows are checked while
they are copied, and whatever is wrong rolls back; --check-first checks them before. Until that
commit nothing changes in PostgreSQL, and the SQLite files are never changed: whenever it fails,
Connect can be started on SQLite as before, and the same command can be run again.

With --data, one of the two is moved; the end of the run says whether the other one is in
PostgreSQL, too. Where Connect runs on PostgreSQL already (Provider = postgres),
--data instrumentation brings usage history after, into tables without rows.

--rehearse does all of it but the commit, rolls everything back and says how long it took: that is
the downtime. Connect may run on SQLite meanwhile. Where it has made tables in PostgreSQL these are
locked until the end; it waits for sessions that use them, and gives up like the run itself.

Tables that Connect has already made in PostgreSQL are loaded as they are (docs/existing-tables.md).
A Connect whose tables differ from the built-in ones must have made them in PostgreSQL: then both
sides are joined. What nobody can know is asked at a terminal, and kept with the schema in
~/migrate-schema/connect, which a second run and --verify use. --schema names such a directory, with
core/ and instrumentation/ or one of them in it; with --data it may be that one itself.

The question before writing (also of a rehearsal) is asked at a terminal only; elsewhere --yes is
needed. SIGINT (Ctrl-C), SIGTERM and SIGHUP roll back and end with exit code 8; a second one ends
at once. Once COMMIT was sent, the run waits for its outcome.

Examples:
  sudo migrate db --dry-run
  sudo migrate db --rehearse
  sudo migrate db -yes -report /root/migration.html -report /root/migration.json
  sudo migrate db --schema /root/connect-schema --dry-run
  sudo migrate db --verify";

pub const AFTER_COPY: &str = "\
Where the application has made its tables in PostgreSQL, both sides say what is what; what they do
not say is asked at a terminal and kept in ~/migrate-schema. --schema names a directory that
describes the tables (schema/README.md), or a built-in schema like connect/core, with a version if
the file's structure is not to decide: connect/core@2025.04. The URL is read as in Connect's
configuration.

Examples:
  PGPASSWORD=... migrate copy --source shop.db \\
      --target 'postgres://shop@db.example.com/shop' --dry-run
  PGPASSWORD=... migrate copy --schema ./schema/shop --source shop.db \\
      --target 'postgres://shop@db.example.com/shop'";

pub const AFTER_CHECK: &str = "\
Secrets are masked. It is said whether the SQLite files are there and can be read. Exit code 2 if
something is wrong; then everything that is wrong is listed. With --connect the servers are reached
with the configuration's credentials, and rights, versions and existing tables are checked; without
it nothing is connected to. Nothing is written, and no row is read.

Examples:
  sudo migrate check-config
  sudo migrate check-config --connect";

pub const AFTER_ENCRYPT: &str = "\
At a terminal the value is asked for and not shown; otherwise standard input must be one line. The
encrypted value alone goes to standard output, for [Postgres] Password in the configuration. The
key is found as Connect finds it.

Examples:
  sudo migrate encrypt-config-value
  sudo migrate encrypt-config-value < password.txt";

pub const AFTER_COMPLETIONS: &str = "\
Flags are completed with one dash and with two.

Examples:
  migrate completions bash | sudo tee /usr/share/bash-completion/completions/migrate
  migrate completions zsh | sudo tee /usr/local/share/zsh/site-functions/_migrate
  migrate completions fish > ~/.config/fish/completions/migrate.fish";

pub const AFTER_EXPLAIN: &str = "\
An id stands in brackets behind a message, or before it, and in the report. Upper and lower case
are the same.

Examples:
  migrate explain
  migrate explain K1
  migrate explain 4
  migrate explain orphan-null
  migrate explain repairs | less";

pub const AFTER_MAN: &str = "\
Examples:
  migrate man | man -l -
  migrate man db | man -l -
  migrate man schema draft | sudo tee /usr/local/share/man/man1/migrate-schema-draft.1";

pub const AFTER_SCHEMA: &str = "\
Examples:
  migrate schema list
  migrate schema draft --help";

pub const AFTER_LIST: &str = "\
Examples:
  migrate schema list";

pub const AFTER_SHOW: &str = "\
Examples:
  migrate schema show connect/core
  migrate schema show connect/core@2025.04 --sql";

pub const AFTER_DRAFT: &str = "\
Examples:
  migrate schema draft --source shop.db --out shop-schema
  PGPASSWORD=... migrate schema draft --source shop.db \\
      --target 'postgres://shop@db.example.com/shop' --out shop-schema
  migrate schema draft --source shop-2.db --version 2 --into shop-schema";

pub const AFTER_DIFF: &str = "\
Examples:
  migrate schema diff connect/core@2024.08 connect/core@2025.04
  migrate schema diff sqlite:shop.db shop-schema --format html > difference.html";
