//! What a person does after success.

use std::path::PathBuf;

use crate::config::{Config, PROVIDER_VARIABLE, Provider, mask};
use crate::diagnostic::console::Console;
use crate::migrate::{self, Context, Difference, Presence, Request};
use crate::postgres::connection::Environment;
use crate::report::NextSteps;
use crate::stop::Stop;
use crate::text::group_thousands;

/// The last step, which is not ours; shown as the end of a run's output.
pub enum Last<'a> {
    /// Nothing that we know of.
    Nothing,
    /// The switch in this configuration, and the start of Connect, once nothing is left.
    Connect(&'a Config, Option<Left>),
}

/// What the configuration names beside the database of the run.
pub enum Left {
    /// The other database.
    Database {
        /// Its name.
        name: &'static str,
        /// A comparison of it, where its target is known.
        request: Option<Box<Request>>,
        /// The command that moves it.
        command: String,
        /// The command that compares every value of both.
        comparison: String,
    },
    /// No file of usage history at this place.
    NoHistory(PathBuf),
}

impl Last<'_> {
    /// What a person does after a run that has moved something, or has found it moved. Looks into
    /// the other database's target where a run has moved one of them.
    pub fn steps_after_success(
        &self,
        environment: Environment,
        console: &mut Console,
    ) -> NextSteps {
        let mut next = NextSteps::default();
        let Last::Connect(config, left) = self else { return next };
        match left {
            Some(Left::Database { name, request, command, comparison })
                if config.provider == Provider::Sqlite =>
            {
                console.print_line(&format!("checking whether {name} is in PostgreSQL too"));
                let presence = find_other_database(request.as_deref(), environment);
                add_steps_for_other(&mut next, name, &presence, command, comparison);
                if !matches!(presence, Presence::Moved) {
                    next.add_remark(
                        "Switch Connect to PostgreSQL only when both are there. Do not start \
                         Connect before: what it writes to SQLite would not be in PostgreSQL.",
                    );
                    return next;
                }
            }
            Some(Left::NoHistory(path)) => next.add_remark(format!(
                "{}: there is no such file, so there is no usage history to move.",
                path.display()
            )),
            _ => {}
        }
        match config.provider {
            Provider::Sqlite => add_switch(&mut next, config),
            Provider::Postgres => {
                next.add_remark(
                    "Connect already runs on PostgreSQL: no setting has to be changed.",
                );
            }
        }
        next
    }

    /// The command as it was typed, where it can be pasted; otherwise empty.
    pub fn command_to_paste(&self, typed: &str) -> String {
        match self {
            Last::Connect(..) if !typed.contains(mask::MASK) => format!("sudo {typed}"),
            _ => String::new(),
        }
    }

    /// What a person does after a dry run that found nothing wrong; `flags` are those that the real
    /// run needs as well, `typed` is the command of the dry run.
    pub fn steps_after_dry_run(&self, flags: &[&str], typed: &str) -> NextSteps {
        let mut next = NextSteps::default();
        let Last::Connect(config, _) = self else {
            next.add_step("Stop the application.", &[]);
            next.add_step(describe_real_run(flags), &[]);
            return next;
        };
        if config.provider == Provider::Sqlite {
            next.add_step("Stop Connect:", &[STOP]);
        }
        match real_command(typed, flags) {
            Some(command) => {
                let text = match flags.contains(&QUARANTINE) {
                    true => "Migrate; name a file for the rows in quarantine:",
                    false => "Migrate:",
                };
                next.add_step(text, &[&command]);
            }
            None => next.add_step(describe_real_run(flags), &[]),
        }
        next
    }
}

/// The flag of a run that needs a file for rows in quarantine.
pub const QUARANTINE: &str = "--quarantine FILE";

/// How Connect is stopped.
const STOP: &str = "sudo systemctl stop rstudio-connect";

fn describe_real_run(flags: &[&str]) -> String {
    let with: Vec<String> = flags.iter().map(|flag| format!(" and with {flag}")).collect();
    format!("Run the same command without --dry-run{}.", with.concat())
}

/// The command of the real run, by that of the dry run; nothing where a part of that is hidden.
fn real_command(typed: &str, flags: &[&str]) -> Option<String> {
    if typed.contains(mask::MASK) || typed.contains('\'') {
        return None;
    }
    let is_dry_run = |word: &&str| {
        let word = word.trim_start_matches('-');
        word == "dry-run" || word.starts_with("dry-run=")
    };
    let words = typed.split(' ').filter(|word| !is_dry_run(word));
    let words: Vec<&str> = words.chain(flags.iter().copied()).collect();
    Some(format!("sudo {}", words.join(" ")))
}

/// What to do about the other database.
fn add_steps_for_other(
    next: &mut NextSteps,
    name: &str,
    presence: &Presence,
    command: &str,
    comparison: &str,
) {
    let again = format!("{command} --drop-all");
    match presence {
        Presence::Moved => {
            next.add_step(
                format!(
                    "Compare every value of {name}, which an earlier run has migrated; this run \
                     has only counted its rows:"
                ),
                &[comparison],
            );
            next.add_step(
                format!(
                    "Continue if the exit code is 0. If values differ, SQLite was changed since \
                     then: migrate {name} again:"
                ),
                &[&again],
            );
        }
        Presence::NotMoved => {
            let text = format!("Migrate {name}, which is not in PostgreSQL yet:");
            next.add_step(text, &[command]);
        }
        Presence::Unknown => {
            next.add_step(format!("Migrate {name}, if this was not done before:"), &[command]);
        }
        Presence::Differs(Difference { table, target_rows, source_rows }) => {
            let (target, source) = (group_thousands(*target_rows), group_thousands(*source_rows));
            next.add_step(
                format!(
                    "The rows of {name} in PostgreSQL are not those in SQLite ({table}: {target} \
                     in PostgreSQL, {source} in SQLite). If {name} was not migrated yet, migrate \
                     it:"
                ),
                &[command],
            );
            next.add_step(
                "If it was migrated, and SQLite was changed since then, migrate it again:",
                &[&again],
            );
            next.add_remark(
                "If its migration has left out rows because of repairs, no action is needed.",
            );
        }
    }
}

/// Whether the other database is in PostgreSQL; unknown where nobody could look.
fn find_other_database(request: Option<&Request>, environment: Environment) -> Presence {
    let Some(request) = request else { return Presence::Unknown };
    let mut context = Context::new(environment, Stop::default(), Console::silent());
    migrate::count_moved(request, &mut context).unwrap_or(Presence::Unknown)
}

/// How Connect comes to use PostgreSQL.
fn add_switch(next: &mut NextSteps, config: &Config) {
    let is_variable = config.provider_is_variable();
    // Where the variable counts, another word in the file would change nothing.
    if is_variable {
        next.add_step(format!("Set {PROVIDER_VARIABLE}=postgres for Connect."), &[]);
    } else {
        let or = match config.variables.is_empty() {
            true => String::new(),
            false => format!(
                ", or {PROVIDER_VARIABLE}=postgres where its settings come from the environment"
            ),
        };
        next.add_step(
            format!("In {} set{or}:", config.file.display()),
            &["[Database]", "Provider = postgres"],
        );
    }
    next.add_step("Start Connect:", &["sudo systemctl start rstudio-connect"]);
    let others = config.variables.iter().filter(|name| *name != PROVIDER_VARIABLE);
    let others: Vec<&str> = others.map(String::as_str).collect();
    if !others.is_empty() {
        next.add_remark(format!(
            "These settings came from environment variables, which Connect needs as well: {}.",
            others.join(", ")
        ));
    }
    next.add_remark(
        "Keep the SQLite files and their backups: after the first start on PostgreSQL nothing \
         writes to them.",
    );
}
