//! `migrate encrypt-config-value`: one value in, its encrypted form out, nothing else.
//!
//! The value comes from standard input, never from an argument, which every user of the machine
//! could see.

use std::io::{BufRead, IsTerminal as _, Read as _, Write};
use std::path::Path;
use std::sync::Arc;

use signal_hook::consts::SIGINT;
use zeroize::Zeroizing;

use super::gcfg::environment::Environment;
use super::secret::{self, Form, Secret};
use super::survey;
use crate::diagnostic::{Error, Exit, Fault, Result};

/// Encrypts one value with the server's key and writes it as one line; returns what is worth
/// telling about the configuration and the key.
///
/// # Errors
/// When there is no key that can be used, or `output` cannot be written.
pub fn encrypt_value(
    file: &Path,
    environment: &Environment,
    form: Form,
    value: &Secret,
    output: &mut dyn Write,
) -> Result<Vec<Fault>> {
    let (key, warnings) = survey::read_key(file, environment)?;
    let failed = |why: String| Error::new(Exit::Usage, format!("cannot encrypt: {why}"), "");
    let encrypted = secret::encrypt(&key, form, value).map_err(|e| failed(e.to_string()))?;
    writeln!(output, "{encrypted}").and_then(|()| output.flush()).map_err(|error| {
        Error::new(Exit::Usage, format!("cannot write the encrypted value: {error}"), "")
    })?;
    Ok(warnings)
}

/// Reads the value from a prompt without echo where standard input is a terminal, else from
/// standard input.
///
/// # Errors
/// When nothing, or more than one line, is given.
pub fn read_value() -> Result<Secret> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return read_one_line(&mut input.lock());
    }
    // The prompt takes Ctrl-C as a character and sends us the signal before it gives the terminal
    // back: a process that died of it would leave a terminal that shows nothing.
    let interrupted = Arc::default();
    let heard = signal_hook::flag::register(SIGINT, interrupted).map_err(unreadable_input)?;
    let typed =
        rpassword::prompt_password("value to encrypt (not shown): ").map_err(unreadable_input);
    signal_hook::low_level::unregister(heard);
    typed.map(Secret::new)
}

/// The longest value, in bytes: more on standard input is not one.
const VALUE_BYTES_MOST: usize = 64 << 10;

/// Reads one line; its LF or CR LF is not part of the value. An empty line is the empty value.
///
/// # Errors
/// When there is no line, a longer one than 64 KiB, or another one after it: of several, none can
/// be the one that is meant.
pub fn read_one_line(input: &mut dyn BufRead) -> Result<Secret> {
    // Large enough at once: growing would leave copies of the secret behind.
    let most = VALUE_BYTES_MOST + b"\r\n".len();
    let mut line = Zeroizing::new(Vec::with_capacity(most + 1));
    let mut bounded = input.take(most as u64 + 1);
    if bounded.read_until(b'\n', &mut line).map_err(unreadable_input)? == 0 {
        let hint = "give the value on standard input, one line";
        return Err(Error::new(Exit::Usage, "nothing on standard input", hint));
    }
    let value = line.strip_suffix(b"\n").unwrap_or(&line);
    let value = value.strip_suffix(b"\r").unwrap_or(value);
    if value.len() > VALUE_BYTES_MOST {
        let text = format!("the value on standard input is longer than {VALUE_BYTES_MOST} bytes");
        return Err(Error::new(Exit::Usage, text, "give only the value, on one line"));
    }
    let rest = input.fill_buf().map_err(unreadable_input)?;
    if !rest.is_empty() {
        let hint = "encrypt one value at a time";
        return Err(Error::new(Exit::Usage, "more than one line on standard input", hint));
    }
    Ok(Secret::new(value))
}

fn unreadable_input(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::Interrupted {
        return Error::new(Exit::Interrupted, "stopped; nothing was encrypted", "");
    }
    Error::new(Exit::Usage, format!("cannot read the value: {error}"), "")
}
