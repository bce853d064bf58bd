//! What a person does after success.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::config::{Config, PROVIDER_VARIABLE, Provider};
use crate::diagnostic::console::Console;
use crate::migrate::{self, Context, Difference, Presence, Request};
use crate::postgres::connection::Environment;
use crate::stop::Stop;
use crate::text;

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
    /// The lines. Looks into the other database's target where a run has moved one of them.
    pub fn text(&self, environment: Environment, console: &mut Console) -> String {
        let Last::Connect(config, left) = self else { return String::new() };
        let mut out = String::new();
        match left {
            Some(Left::Database { name, request, command, comparison })
                if config.provider == Provider::Sqlite =>
            {
                console.print_line(&format!("looking whether {name} is in PostgreSQL, too"));
                let (command, comparison) = (text::escape(command), text::escape(comparison));
                let first = match presence(request.as_deref(), environment) {
                    Presence::Moved => {
                        return format!(
                            "\nnext: compare every value of {name}, which was moved by an earlier \
                             run; this one has only counted its rows:\n\n    {comparison}\n\n\
                             Where that ends with exit code 0, go on; where values differ, SQLite \
                             was written to since: move {name} again:\n\n    {command} \
                             --drop-all\n{}",
                            switch(config, "then")
                        );
                    }
                    Presence::NotMoved => {
                        format!("move {name}, which is not in PostgreSQL yet:\n\n    {command}")
                    }
                    Presence::Unknown => {
                        format!("move {name}, unless that is done already:\n\n    {command}")
                    }
                    Presence::Differs(counts) => describe_difference(name, &counts, &command),
                };
                let _ = write!(
                    out,
                    "\nnext: {first}\n\n\
                     Switch Connect to PostgreSQL only when both are there, and leave it stopped \
                     until then:\nwhat it writes to SQLite meanwhile is not in PostgreSQL.\n",
                );
                return out;
            }
            Some(Left::NoHistory(path)) => {
                let path = path.display().to_string();
                let _ = writeln!(
                    out,
                    "\n{}: there is no such file, so there is no usage history to move",
                    text::escape(&path)
                );
            }
            _ => {}
        }
        match config.provider {
            Provider::Sqlite => out.push_str(&switch(config, "next")),
            Provider::Postgres => {
                out.push_str("\nConnect is on PostgreSQL already: nothing is left to switch.\n");
            }
        }
        out
    }
}

/// What to do where both sides have rows, but not as many.
fn describe_difference(name: &str, counts: &Difference, command: &str) -> String {
    let Difference { table, target_rows, source_rows } = counts;
    format!(
        "PostgreSQL does not have the rows of {name} as SQLite has them ({}: {} in PostgreSQL, {} \
         in SQLite).\nWhere {name} was not moved yet, move it:\n\n    {command}\n\n\
         Where it was moved and SQLite was written to since, move it again:\n\n    {command} \
         --drop-all\n\nWhere repairs of its move have left rows out, it is done.",
        text::escape(table),
        text::group_thousands(*target_rows),
        text::group_thousands(*source_rows)
    )
}

/// Whether the other database is in PostgreSQL; unknown where nobody could look.
fn presence(request: Option<&Request>, environment: Environment) -> Presence {
    let Some(request) = request else { return Presence::Unknown };
    let mut context = Context::new(environment, Stop::default(), Console::silent());
    migrate::count_moved(request, &mut context).unwrap_or(Presence::Unknown)
}

/// How Connect comes to use PostgreSQL; `word` is `next` or `then`.
fn switch(config: &Config, word: &str) -> String {
    let mut out = String::new();
    // Where the variable counts, another word in the file would change nothing.
    let _ = match config.provider_is_variable() {
        true => writeln!(out, "\n{word}: set {PROVIDER_VARIABLE}=postgres for Connect"),
        false => write!(
            out,
            "\n{word}: in {} set\n\n    [Database]\n    Provider = postgres\n\n",
            text::escape(&config.file.display().to_string())
        ),
    };
    if !config.variables.is_empty() && !config.provider_is_variable() {
        let _ = writeln!(
            out,
            "or set {PROVIDER_VARIABLE}=postgres where its settings come from the environment,"
        );
    }
    out.push_str("and start Connect: sudo systemctl start rstudio-connect\n");
    let variables: Vec<&str> = config.variables.iter().map(String::as_str).collect();
    let others: Vec<&str> =
        variables.into_iter().filter(|name| *name != PROVIDER_VARIABLE).collect();
    if !others.is_empty() {
        let _ = writeln!(
            out,
            "these settings came from environment variables, which Connect needs as well: {}",
            text::escape(&others.join(", "))
        );
    }
    out.push_str("Keep the SQLite files and their backups; from now on nothing writes to them.\n");
    out
}
