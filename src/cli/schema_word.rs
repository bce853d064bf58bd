//! The words by which a command names a schema: a built-in one or a directory, with or without a
//! version.

use std::path::Path;

use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::schema::{self, Schema};

/// The schema directory that a word names, where it names one.
pub fn directory_of(word: &str) -> Option<&Path> {
    let without_version = word.rsplit_once('@').map_or(word, |(name, _)| name);
    [word, without_version].into_iter().map(Path::new).find(|path| path.is_dir())
}

/// The schema of a word: built in, with an optional version, or a directory, likewise. An error
/// begins with `place`, where the word was given.
pub fn find_schema(word: &str, place: &str) -> Result<(Schema, Option<String>)> {
    if Path::new(word).is_dir() {
        return read_schema_directory(Path::new(word)).map(|schema| (schema, None));
    }
    let (name, version) = match word.rsplit_once('@') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (word, None),
    };
    let schema = match schema::built_in(name) {
        Some(schema) => *schema,
        None if Path::new(name).is_dir() => read_schema_directory(Path::new(name))?,
        None => {
            let known: Vec<&str> = schema::SCHEMAS.iter().map(|schema| schema.name).collect();
            return Err(Error::new(
                Exit::Usage,
                format!("{place}{name} is neither a built-in schema nor a directory"),
                format!("name a directory, or a built-in schema: {}", known.join(", ")),
            ));
        }
    };
    Ok((schema, version))
}

/// Reads a schema directory.
pub fn read_schema_directory(directory: &Path) -> Result<Schema> {
    schema::read_schema_directory(directory).map_err(|faults| {
        let faults = faults.0.iter().map(|fault| {
            Fault::new(
                fault.to_string(),
                "correct the schema files; `migrate explain schema-files` describes them",
            )
        });
        Error { exit: Exit::Usage, faults: faults.collect() }
    })
}
