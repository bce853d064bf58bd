//! The name that the program was called by. Packages install it under another name than `migrate`,
//! and the commands that it prints must be those that can be typed.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

/// The name in the texts of this program.
pub const USUAL_NAME: &str = "migrate";

/// What follows the name in the commands that are printed; anything else after the word is prose.
const FOLLOWERS: &[&str] = &[
    "db",
    "copy",
    "schema",
    "check-config",
    "encrypt-config-value",
    "explain",
    "completions",
    "man",
    "COMMAND",
    "--config",
    "--help",
    "--version",
];

static NAME: OnceLock<String> = OnceLock::new();

/// Takes the name from the first argument of the process. A name that would have to be quoted in
/// a shell is not used.
pub fn remember_program_name(first_argument: &OsStr) {
    let name = Path::new(first_argument).file_name().and_then(OsStr::to_str).unwrap_or(USUAL_NAME);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let is_usable = name.chars().all(is_plain) && !name.starts_with(['-', '.']);
    let _ = NAME.set(if is_usable { name } else { USUAL_NAME }.to_owned());
}

/// The name that the program was called by.
pub fn program_name() -> &'static str {
    NAME.get().map_or(USUAL_NAME, String::as_str)
}

/// A text in which commands begin with the name that the program was called by.
pub fn with_program_name(text: &str) -> Cow<'_, str> {
    replace_in_commands(text, program_name())
}

fn replace_in_commands<'t>(text: &'t str, name: &str) -> Cow<'t, str> {
    if name == USUAL_NAME || !text.contains(USUAL_NAME) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(USUAL_NAME) {
        let (before, found) = rest.split_at(at);
        let after = found.get(USUAL_NAME.len()..).unwrap_or_default();
        out.push_str(before);
        let begins_word = !out.ends_with(|c: char| c.is_alphanumeric() || "-_./".contains(c));
        out.push_str(if begins_word && is_command(after) { name } else { USUAL_NAME });
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether what follows the name makes a command of it.
fn is_command(after: &str) -> bool {
    let Some(words) = after.strip_prefix(' ') else { return false };
    let ends_word =
        |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c));
    FOLLOWERS.iter().any(|word| words.strip_prefix(word).is_some_and(ends_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_begin_with_the_name_and_prose_stays() {
        for (text, expected) in [
            ("run `migrate db --yes`", "run `mover db --yes`"),
            ("sudo migrate check-config, migrate db", "sudo mover check-config, mover db"),
            ("migrate --help lists them", "mover --help lists them"),
            ("to migrate databases", "to migrate databases"),
            ("/opt/rstudio-connect/bin/migrate db", "/opt/rstudio-connect/bin/migrate db"),
            ("connect-migrate db", "connect-migrate db"),
            ("migrate", "migrate"),
        ] {
            assert_eq!(replace_in_commands(text, "mover"), expected);
        }
        assert_eq!(replace_in_commands("migrate db", USUAL_NAME), "migrate db");
    }
}
