//! `migrate --version`: what this program is, and what it was built of.

use crate::diagnostic::{Exit, Result, console};
use crate::report::Build;
use crate::schema;
use crate::text::Lines;

/// Prints the release, what it was built of, and the schema versions it knows.
pub fn print_version() -> Result<Exit> {
    let mut out = Lines::default();
    for (name, release) in Build::default().components() {
        out.add_line(format!("{name} {release}"));
    }
    for schema in schema::SCHEMAS {
        let versions: Vec<&str> = schema.versions.iter().map(|version| version.name).collect();
        out.add_line(format!("{}: {}", schema.name, versions.join(", ")));
    }
    console::print_result(out.into_text())
}
