//! What a server says about an error in its own words. It can quote the values of rows, so it is
//! never part of a message: it travels beside one, and only the terminal gets it, when asked.

use std::fmt;

use postgres::error::DbError;

use super::{Fault, console};
use crate::text;

/// What `--show-server-messages` says before anything else.
pub const WARNING: &str = "messages of the server are shown; they can quote values of rows";

/// What to do with such output.
pub const WARNING_HINT: &str =
    "read the output before you share it; the report does not contain these messages";

/// The server's own words about one error.
///
/// The type keeps them in: it has no `Display`, cannot be serialized, shows nothing in `Debug`, and
/// its one way out is standard error. So no message and no report can hold them.
#[derive(Clone)]
pub struct ServerText(Vec<(&'static str, String)>);

impl ServerText {
    /// The message of an error, with its detail, hint and context.
    pub fn from_error(error: &DbError) -> ServerText {
        let parts = [
            ("message", Some(error.message())),
            ("detail", error.detail()),
            ("hint", error.hint()),
            ("context", error.where_()),
        ];
        let texts = parts.into_iter().filter_map(|(word, text)| Some((word, text?.to_owned())));
        ServerText(texts.collect())
    }

    /// Writes it to standard error, a line for each part; `about` says which error it belongs to.
    fn print_to_stderr(&self, about: &str) {
        for (word, text) in &self.0 {
            console::print_error(&text::escape(&format!("server {word}{about}: {text}")));
        }
    }
}

/// Writes what servers said about these faults to standard error.
pub fn print_server_texts(faults: &[Fault]) {
    for (index, fault) in faults.iter().enumerate() {
        let about = match faults.len() {
            1 => String::new(),
            _ => format!(" for error {}", index + 1),
        };
        fault.server.iter().for_each(|text| text.print_to_stderr(&about));
    }
}

/// Two faults are one, whatever the server said about them.
impl PartialEq for ServerText {
    fn eq(&self, _: &ServerText) -> bool {
        true
    }
}

impl Eq for ServerText {}

impl fmt::Debug for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_nothing() {
        let text = ServerText(vec![("message", "secret".to_owned())]);
        assert!(!format!("{text:?}").contains("secret"));
    }
}
