//! What a person does after success.

use std::fmt;

use crate::config::{Config, PROVIDER_VARIABLE};
use crate::text;

/// The last step, which is not ours; shown as the end of a run's output.
pub enum Last<'a> {
    /// Nothing that we know of.
    Nothing,
    /// The switch in this configuration, and the start of Connect.
    Connect(&'a Config),
}

impl fmt::Display for Last<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Last::Connect(config) = self else { return Ok(()) };
        // Where the variable counts, another word in the file would change nothing.
        match config.provider_is_variable() {
            true => writeln!(f, "\nnext: set {PROVIDER_VARIABLE}=postgres for Connect")?,
            false => write!(
                f,
                "\nnext: in {} set\n\n    [Database]\n    Provider = postgres\n\n",
                text::escape(&config.file.display().to_string())
            )?,
        }
        writeln!(f, "and start Connect: sudo systemctl start rstudio-connect")?;
        let variables: Vec<&str> = config.variables.iter().map(String::as_str).collect();
        let others: Vec<&str> =
            variables.into_iter().filter(|name| *name != PROVIDER_VARIABLE).collect();
        if !others.is_empty() {
            writeln!(
                f,
                "these settings came from environment variables, which Connect needs as well: {}",
                text::escape(&others.join(", "))
            )?;
        }
        writeln!(f, "Keep the SQLite files and their backups; from now on nothing writes to them.")
    }
}
