//! The server's key, and the secrets that it opens.

use std::path::{Path, PathBuf};

use super::{KEY_FILE, NOT_SET, Named, Resolver};
use crate::config::key::{Key, NAME_THE_KEY_FILE};
use crate::config::secret::Secret;
use crate::config::settings::Source;
use crate::config::{Databases, mask, secret};
use crate::diagnostic::{Fault, Hint, Hints};
use crate::text::shell_word;

/// The key, or why there is none, and who has asked for it.
pub(super) struct Keyring {
    pub key: std::result::Result<Key, Fault>,
    /// How messages call it.
    called: String,
    /// Whether a setting names it: then its faults are worth a warning even if nobody needs it.
    named: bool,
    /// The settings that cannot be opened without it, and the databases that need them.
    needed_by: Vec<(String, Databases)>,
    /// The file that it is read from, where no setting holds the key itself.
    pub file: PathBuf,
}

impl Resolver {
    /// Finds the key: in a setting, or in a file.
    pub(super) fn find_keyring(&mut self, database_dir: &Path) -> Keyring {
        let file = self.last_nonempty("Server", "EncryptionKeyFile");
        let text = self.last_nonempty("Server", "EncryptionKey");
        let path = file.as_ref().map(|stated| PathBuf::from(stated.text()));
        let shown = match (&path, &text) {
            (Some(path), _) => path.display().to_string(),
            (None, Some(_)) => NOT_SET.to_owned(),
            (None, None) => database_dir.join(KEY_FILE).display().to_string(),
        };
        let file_source = file.map_or(Source::Default, |stated| stated.source);
        let text_source = text.as_ref().map_or(Source::Default, |stated| stated.source.clone());
        let text_shown = if text.is_some() { mask::MASK } else { NOT_SET };
        self.add_effective("Server.EncryptionKeyFile", shown, file_source.clone());
        self.add_effective("Server.EncryptionKey", text_shown.to_owned(), text_source.clone());

        let (called, read) = match (&path, &text) {
            (Some(_), Some(_)) => {
                let both = format!(
                    "Server.EncryptionKeyFile ({file_source}) and Server.EncryptionKey \
                     ({text_source}) are both set"
                );
                let fault = Fault::new(both, "keep one of them: Connect does not start with both");
                self.faults.push(fault.clone());
                ("the key".to_owned(), Err(fault))
            }
            (None, Some(stated)) => {
                let called = format!("Server.EncryptionKey ({text_source})");
                let read = Key::parse_trimmed(stated.value.expose()).map_err(|error| {
                    let hint = "give 512 bytes as 1024 hexadecimal digits or as base64";
                    Fault::new(format!("{called} is not a valid key: {error}"), hint)
                });
                (called, read)
            }
            (path, None) => {
                let path = path.clone().unwrap_or_else(|| database_dir.join(KEY_FILE));
                (format!("the key file {}", path.display()), Key::read_file(&path))
            }
        };
        if let Ok((_, true)) = &read {
            let text = format!("{called} is a valid key only without the white space around it");
            let hint = "remove the line end from the key: Posit's own tool does not accept it";
            self.warnings.push(Fault::new(text, hint));
        }
        let key = read.map(|(key, _)| key);
        let named = path.is_some() || text.is_some();
        let file = path.unwrap_or_else(|| database_dir.join(KEY_FILE));
        Keyring { key, called, named, needed_by: Vec::new(), file }
    }

    /// Says once what is wrong with the key: a fault for those who need it, else a warning.
    pub(super) fn report_key_faults(&mut self, keyring: Keyring) {
        let fault = keyring.key.err().filter(|fault| !self.faults.contains(fault));
        let Some(fault) = fault else { return };
        let wanted = keyring.needed_by.iter().filter(|(_, of)| self.wanted.overlaps(*of));
        let wanted: Vec<&str> = wanted.map(|(name, _)| name.as_str()).collect();
        let all: Vec<&str> = keyring.needed_by.iter().map(|(name, _)| name.as_str()).collect();
        let needed = if wanted.is_empty() { &all } else { &wanted };
        let fault = match needed.is_empty() {
            true => fault,
            false => {
                let needed = needed.join(" and ");
                let text = format!("{}; it is needed to decrypt {needed}", fault.text);
                Fault::new(text, fault.hints)
            }
        };
        if !wanted.is_empty() {
            self.faults.push(fault);
        } else if keyring.named || !all.is_empty() {
            self.warnings.push(fault);
        }
    }

    /// Opens a text that may be encrypted, and says what became of it.
    pub(super) fn open_secret(
        &mut self,
        setting: &Named,
        keyring: &mut Keyring,
    ) -> (Option<Secret>, &'static str) {
        let Named { name, stated, of } = setting;
        if !secret::may_be_encrypted(stated.value.expose()) {
            self.warnings.extend(stated.traps.if_plain.clone());
            return (Some(stated.value.clone()), "plain text");
        }
        let Ok(key) = &keyring.key else {
            keyring.needed_by.push((format!("{name} ({})", stated.source), *of));
            return (None, "encrypted, no key to decrypt it");
        };
        match secret::decrypt(key, stated.value.expose()) {
            Ok(secret) => (Some(secret), "encrypted, can be decrypted"),
            Err(_) => {
                let text = format!(
                    "{name} ({}) looks encrypted, but cannot be decrypted with {}, fingerprint {}",
                    stated.source,
                    keyring.called,
                    key.fingerprint()
                );
                let file = shell_word(&self.file.to_string_lossy());
                let hints = Hints::from(NAME_THE_KEY_FILE).and(Hint::with_line(
                    "if Connect itself uses this key, encrypt the password again:",
                    format!("migrate encrypt-config-value --config {file}"),
                ));
                self.refuse_databases(*of, Fault::new(text, hints));
                (None, "encrypted, cannot be decrypted")
            }
        }
    }
}
