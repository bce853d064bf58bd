//! The password file: `PGPASSFILE`, or `~/.pgpass`.
//!
//! One line a server, `host:port:database:user:password`; `*` stands for anything, `\:` and `\\`
//! for themselves; the first line that fits counts. A file that others may read is not used, as
//! with every PostgreSQL client.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::address::{Address, Environment, Host, Secret};
use crate::diagnostic::Fault;
use crate::files;
use crate::text::command_on_path;

/// The password for `host` that the password file holds, if it does.
///
/// Warnings say why a file that is there was not used.
pub fn read_password(
    address: &Address,
    host: &Host,
    environment: &Environment,
    warnings: &mut Vec<Fault>,
) -> Option<Secret> {
    let path = password_file_path(address, environment)?;
    let kind = path.metadata().ok()?.file_type();
    let shown = path.display();
    let mut unused = |why: String, hint: String| {
        let fault = Fault::new(format!("the password file {shown} is not used: {why}"), hint);
        if !warnings.contains(&fault) {
            warnings.push(fault);
        }
        None
    };
    if !kind.is_file() {
        return unused("it is not a plain file".into(), String::new());
    }
    let opened = files::open_regular_file(&path);
    let (file, metadata) = match opened.and_then(|file| Ok((file.metadata()?, file))) {
        Ok((metadata, file)) => (file, metadata),
        Err(error) => return unused(error.to_string(), String::new()),
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        let why = "it has group or world access".to_string();
        return unused(why, command_on_path("chmod 0600", &path));
    }
    let mut content = Zeroizing::new(Vec::new());
    match files::read_open_file(&file, files::TEXT_BYTES_MOST, &mut content) {
        Ok(()) => find_password(&content, address, host),
        Err(error) => unused(error.to_string(), String::new()),
    }
}

/// The password file that is read, whether or not it exists.
pub fn password_file_path(address: &Address, environment: &Environment) -> Option<PathBuf> {
    let named = address.passfile.as_deref().or(environment.passfile.as_deref());
    let usual = || environment.home.as_deref().map(|home| home.join(".pgpass"));
    named.map(Path::to_path_buf).or_else(usual)
}

/// The password of the first line that fits.
pub fn find_password(content: &[u8], address: &Address, host: &Host) -> Option<Secret> {
    let port = host.port.to_string();
    let wanted =
        [host.name.as_str(), port.as_str(), address.database_name(), address.user.as_str()];
    for line in content.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"#") {
            continue;
        }
        let fields = split_fields(line);
        let Some((password, rest)) = fields.split_last() else { continue };
        let fits = |(index, (field, wanted)): (usize, (&Zeroizing<Vec<u8>>, &&str))| {
            let socket = index == 0 && host.is_socket() && field.as_slice() == b"localhost";
            field.as_slice() == b"*" || field.as_slice() == wanted.as_bytes() || socket
        };
        if rest.len() == wanted.len() && rest.iter().zip(&wanted).enumerate().all(fits) {
            return Some(Secret::new(String::from_utf8_lossy(password).into_owned()));
        }
    }
    None
}

/// Up to five fields, escapes undone; a colon in the fifth belongs to the password.
fn split_fields(line: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut fields = Vec::with_capacity(5);
    let mut field = Zeroizing::new(Vec::with_capacity(line.len()));
    let mut bytes = line.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => field.extend(bytes.next()),
            b':' if fields.len() < 4 => {
                fields.push(std::mem::replace(&mut field, Zeroizing::new(Vec::new())));
            }
            _ => field.push(byte),
        }
    }
    fields.push(field);
    fields
}
