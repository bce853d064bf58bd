//! What a person does after success.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::config::{Config, PROVIDER_VARIABLE, Provider};
use crate::diagnostic::console::Console;
use crate::migrate::{self, Context, Presence, Request};
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
                let state = match presence(request.as_deref(), environment) {
                    Presence::Moved => {
                        let _ = write!(
                            out,
                            "\nof {name}, only the rows were counted; to compare every value, in \
                             case Connect has run since:\n\n    {}\n",
                            text::escape(comparison)
                        );
                        return out + &switch(config);
                    }
                    Presence::NotMoved => "which is not in PostgreSQL yet",
                    Presence::Unclear => "unless that is done already",
                };
                let _ = write!(
                    out,
                    "\nnext: move {name}, {state}:\n\n    {}\n\n\
                     Switch Connect to PostgreSQL only when both are there, and leave it stopped \
                     until then:\nwhat it writes to SQLite meanwhile is not in PostgreSQL.\n",
                    text::escape(command)
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
            Provider::Sqlite => out.push_str(&switch(config)),
            Provider::Postgres => {
                out.push_str("\nConnect is on PostgreSQL already: nothing is left to switch.\n");
            }
        }
        out
    }
}

/// Whether the other database is in PostgreSQL; not clear where nobody could look.
fn presence(request: Option<&Request>, environment: Environment) -> Presence {
    let Some(request) = request else { return Presence::Unclear };
    let mut context = Context::new(environment, Stop::default(), Console::silent());
    migrate::count_moved(request, &mut context).unwrap_or(Presence::Unclear)
}

/// How Connect comes to use PostgreSQL.
fn switch(config: &Config) -> String {
    let mut out = String::new();
    // Where the variable counts, another word in the file would change nothing.
    let _ = match config.provider_is_variable() {
        true => writeln!(out, "\nnext: set {PROVIDER_VARIABLE}=postgres for Connect"),
        false => write!(
            out,
            "\nnext: in {} set\n\n    [Database]\n    Provider = postgres\n\n",
            text::escape(&config.file.display().to_string())
        ),
    };
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
