//! What this program was built of.

use serde_json::{Value, json};

/// The program's release and what it was built of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The program's release.
    pub release: &'static str,
    /// The commit, as `build.rs` has found it out.
    pub commit: &'static str,
    /// The platform.
    pub target: &'static str,
    /// SQLite's release.
    pub sqlite: &'static str,
    /// OpenSSL's release.
    pub openssl: &'static str,
}

impl Default for Build {
    /// This program's own.
    fn default() -> Build {
        Build {
            release: env!("CARGO_PKG_VERSION"),
            commit: env!("MIGRATE_COMMIT"),
            target: env!("MIGRATE_TARGET"),
            sqlite: rusqlite::version(),
            openssl: openssl_release(),
        }
    }
}

impl Build {
    /// Each part with its release, as `migrate --version` has them.
    pub fn components(&self) -> [(&'static str, &'static str); 5] {
        [
            ("migrate", self.release),
            ("commit", self.commit),
            ("target", self.target),
            ("SQLite", self.sqlite),
            ("OpenSSL", self.openssl),
        ]
    }

    /// As the report in JSON has it, beside the release.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "commit": self.commit,
            "target": self.target,
            "sqlite": self.sqlite,
            "openssl": self.openssl,
        })
    }
}

/// `3.5.4` of `OpenSSL 3.5.4 30 Sep 2025`.
fn openssl_release() -> &'static str {
    openssl::version::version().split(' ').nth(1).unwrap_or("unknown")
}
