//! `migrate --version`: what this program is, and what it was built of.

use crate::diagnostic::{Exit, Result, console};
use crate::schema;
use crate::text::Lines;

/// The commit that the program was built from, as `build.rs` has found it out.
const COMMIT: &str = env!("MIGRATE_COMMIT");

/// The platform that it was built for.
const TARGET: &str = env!("MIGRATE_TARGET");

/// The program and the libraries that are built in, with their releases.
pub fn components() -> [(&'static str, String); 5] {
    [
        ("migrate", env!("CARGO_PKG_VERSION").to_owned()),
        ("commit", COMMIT.to_owned()),
        ("target", TARGET.to_owned()),
        ("SQLite", rusqlite::version().to_owned()),
        ("OpenSSL", openssl_release().to_owned()),
    ]
}

/// `3.5.4` of `OpenSSL 3.5.4 30 Sep 2025`.
fn openssl_release() -> &'static str {
    openssl::version::version().split(' ').nth(1).unwrap_or("unknown")
}

/// Prints the release, what it was built of, and the schema versions it knows.
pub fn print_version() -> Result<Exit> {
    let mut out = Lines::default();
    for (name, release) in components() {
        out.add_line(format!("{name} {release}"));
    }
    for schema in schema::SCHEMAS {
        let versions: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        out.add_line(format!("{}: {}", schema.name, versions.join(", ")));
    }
    console::print_result(out.into_text())
}
