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
The steps on a Connect server:
  sudo migrate check-config           check the configuration and the passwords
  sudo migrate db --dry-run           check every row and load nothing; Connect may run meanwhile
  sudo systemctl stop rstudio-connect
  sudo migrate db                     ask for confirmation, then copy, verify and commit
  then set Provider = postgres in the section [Database] and start Connect

An option can be written with one dash or two, and its value after a space or an equals sign:
-data core and --data=core are the same, and so are -yes and -yes=true. Single letters cannot be
combined. --config FILE can also be written before the command: migrate --config FILE db.
`migrate COMMAND --help` describes the options of a command.";

const MORE: &str = "`migrate explain NAME` explains a finding, an exit code or a repair.";

pub const AFTER_DB: &str = "\
Stop Connect before a migration. For a dry run and a rehearsal it may run on SQLite.

Connect's configuration names the SQLite files ([SQLite] Dir) and the PostgreSQL databases
([Postgres] URL and InstrumentationURL). Every row is checked, copied, and compared with SQLite, in
one transaction (two if the URLs name different databases), which is committed at the end. Before
that COMMIT nothing changes in PostgreSQL. The contents of the SQLite files are never changed. If
the run fails, start Connect on SQLite as before, and run the same command again later.

With --yes, rows are checked while they are copied; an error rolls everything back. With
--check-first they are checked before.

With --data, only one of the databases is moved. The end of the run says whether the other one is
in PostgreSQL. If Connect already runs on PostgreSQL (Provider = postgres), --data instrumentation
can still load the usage history, into tables without rows.

--rehearse does everything except the COMMIT, rolls back, and prints how long it took. This is the
downtime of the migration. Existing tables are locked until the end of the rehearsal.

Tables that Connect has already created in PostgreSQL are loaded as they are
(migrate explain existing-tables). If Connect's tables differ from the built-in schemas, Connect
must have created them in PostgreSQL; the schema is then joined from both sides. What neither side
states is asked at a terminal. The schema and the answers are saved in ~/migrate-schema/connect,
which later runs and --verify use. --schema names such a directory: it contains core/,
instrumentation/ or both. With --data, it can also be that subdirectory itself.

A migration and a rehearsal ask for confirmation at a terminal; without a terminal, add --yes.
SIGINT (Ctrl-C), SIGTERM and SIGHUP roll back and end the run with exit code 8; a second signal
ends it immediately. After COMMIT has been sent, the run waits for its result.

Examples:
  sudo migrate db --dry-run
  sudo migrate db --rehearse
  sudo migrate db -yes -report /root/migration.html -report /root/migration.json
  sudo migrate db --schema /root/connect-schema --dry-run
  sudo migrate db --verify";

pub const AFTER_COPY: &str = "\
If the application has created its tables in PostgreSQL, the schema is joined from both sides. What
neither side states is asked at a terminal. The schema and the answers are saved in
~/migrate-schema. --schema names a schema directory (migrate explain schema-files) or a built-in
schema such as connect/core. Its version is found from the structure of the SQLite file; you can
also name it: connect/core@2025.04. The URL has the same form as in Connect's configuration.

Examples:
  PGPASSWORD=... migrate copy --source shop.db \\
      --target 'postgres://shop@db.example.com/shop' --dry-run
  PGPASSWORD=... migrate copy --schema ./schema/shop --source shop.db \\
      --target 'postgres://shop@db.example.com/shop'";

pub const AFTER_CHECK: &str = "\
Passwords are masked. The output also says whether the SQLite files exist and can be read. If the
configuration cannot be used, all errors are listed and the exit code is 2. With --connect, the
program connects to PostgreSQL as the configuration says and checks privileges, versions and
existing tables; without it, it does not connect. It writes nothing and reads no row.

Examples:
  sudo migrate check-config
  sudo migrate check-config --connect";

pub const AFTER_ENCRYPT: &str = "\
At a terminal, the command asks for the value and does not show it; otherwise it reads one line from
standard input. It prints only the encrypted value, for [Postgres] Password in the configuration.
It uses the key that Connect uses.

Examples:
  sudo migrate encrypt-config-value
  sudo migrate encrypt-config-value < password.txt";

pub const AFTER_COMPLETIONS: &str = "\
Options are completed with one dash and with two.

Examples:
  migrate completions bash | sudo tee /usr/share/bash-completion/completions/migrate
  migrate completions zsh | sudo tee /usr/local/share/zsh/site-functions/_migrate
  migrate completions fish > ~/.config/fish/completions/migrate.fish";

pub const AFTER_EXPLAIN: &str = "\
Messages and reports contain the id of a finding in brackets, for example [K1]. Upper and lower case
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
