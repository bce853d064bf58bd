//! Schemas that were found are saved, with what a person has answered, and used again as long as
//! both sides have the structure that they had.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diagnostic::{Error, Exit, Fault, Hint, Result};
use crate::files::directory::{is_private_directory, move_directory_away, write_new_directory};
use crate::files::{TEXT_BYTES_MOST, read_regular_file};
use crate::migrate::context::Context;
use crate::migrate::request::SchemaSearch;
use crate::postgres::connection::Environment;
use crate::postgres::inspection::Inspection;
use crate::schema::{self, Schema};
use crate::schema_tools::draft::Draft;
use crate::schema_tools::draft::join::Pairings;
use crate::sqlite::Source;
use crate::text::shell_word;

/// The file of a saved directory that says which structures it was made for.
pub const STRUCTURE_FILE: &str = "structure.sha256";

/// The line of a schema that no target has told anything.
const DRAFTED: &str = "target none";

/// What the line of tables begins with that a run creates beside the application's.
const CREATED: &str = "created ";

/// Below the home directory, where nothing else is said.
const USUAL_PLACE: &str = "migrate-schema";

/// How many directories of one name are tried.
const DIRECTORIES_MOST: usize = 100;

/// What a saved directory was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// That of the source.
    source: String,
    /// The structure of the target; none where no target has told anything.
    target: Option<Inspection>,
    /// What flags said of names and times; none where there were no such flags.
    flags: Option<String>,
}

impl Fingerprint {
    /// That of both sides and of what flags say about them.
    ///
    /// # Errors
    /// SQLite's.
    pub fn take(
        source: &Source,
        inspection: &Inspection,
        pairings: &Pairings,
        naive_zone: Option<&str>,
    ) -> Result<Fingerprint> {
        let fail = |error: rusqlite::Error| source.read_error(&error);
        let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema \
                   WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name";
        let mut statement = source.reader.prepare(sql).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        let mut of_source = Sha256::new();
        while let Some(row) = rows.next().map_err(fail)? {
            for place in 0..4 {
                let text: Option<String> = row.get(place).map_err(fail)?;
                of_source.update(text.unwrap_or_default().as_bytes());
                of_source.update([0]);
            }
        }
        let source = hexadecimal(of_source.finalize().as_slice());
        let any_flags = *pairings != Pairings::default() || naive_zone.is_some();
        let flags = any_flags.then(|| hash_text(&format!("{pairings:?} {naive_zone:?}")));
        // Views are no part of what rows go into.
        let target = Inspection { others: Vec::new(), ..inspection.clone() };
        Ok(Fingerprint { source, target: Some(target), flags })
    }

    /// The same for a schema that is drafted from the source alone: its tables are made in the
    /// target by the run.
    #[must_use]
    pub fn of_draft(self) -> Fingerprint {
        Fingerprint { target: None, ..self }
    }

    /// The text of [`STRUCTURE_FILE`]. Tables that a run creates beside the application's belong
    /// to no structure: they are there after the run, and not before.
    fn text(&self, created: &[String]) -> String {
        let flags = self.flags.as_ref().map(|flags| format!("flags {flags}\n"));
        format!("{}{}", self.structures(created), flags.unwrap_or_default())
    }

    fn structures(&self, created: &[String]) -> String {
        let Fingerprint { source, target, .. } = self;
        let of_target = match target {
            Some(there) => {
                let mut there = there.clone();
                there.tables.retain(|table| !created.contains(&table.name));
                format!("target {}", hash_text(&format!("{there:?}")))
            }
            None => DRAFTED.to_owned(),
        };
        let created = match created {
            [] => String::new(),
            names => format!("{CREATED}{names:?}\n"),
        };
        format!("source {source}\n{of_target}\n{created}")
    }

    /// Whether the structures of a saved directory are these; nothing where it is no such
    /// directory, or others can write to it.
    fn read_same(&self, directory: &Path) -> Option<String> {
        let file = directory.join(STRUCTURE_FILE);
        let text = match is_private_directory(directory) {
            true => read_regular_file(&file, TEXT_BYTES_MOST).ok()?,
            false => return None,
        };
        let text = String::from_utf8(text).ok()?;
        let created = created_tables_of(directory, &text);
        text.starts_with(&self.structures(&created)).then_some(text)
    }

    /// Whether a saved directory was made for these structures.
    fn has_structures_of(&self, directory: &Path) -> bool {
        self.read_same(directory).is_some()
    }

    /// What a saved directory says that was made for these structures, perhaps by other flags.
    pub fn load_earlier(&self, directory: &Path) -> Option<model::file::Directory> {
        self.has_structures_of(directory)
            .then(|| model::load_directory(directory, "").ok())
            .flatten()
            .map(|(files, _)| files)
    }

    /// Whether a saved directory can be used: made for these structures, and by these flags where
    /// there are any.
    pub fn is_saved_in(&self, directory: &Path) -> bool {
        let same = self.read_same(directory);
        same.is_some_and(|text| {
            self.flags.is_none() || text == self.text(&created_tables_of(directory, &text))
        })
    }
}

/// The tables that a run with a saved schema creates beside the application's.
fn created_tables_of(directory: &Path, text: &str) -> Vec<String> {
    if !text.lines().any(|line| line.starts_with(CREATED)) {
        return Vec::new();
    }
    let known = model::load_directory(directory, "");
    known.map(|(files, _)| files.create_missing).unwrap_or_default()
}

fn hash_text(text: &str) -> String {
    hexadecimal(Sha256::digest(text.as_bytes()).as_slice())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A database whose schema has to be found.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Its name.
    pub name: &'a str,
    /// What identifies both sides.
    pub fingerprint: &'a Fingerprint,
}

/// The directory of one database below the one that is chosen for all.
pub fn directory_of(search: &SchemaSearch, root: &Path, database: &str) -> PathBuf {
    if search.has_directory_each { root.join(database) } else { root.to_owned() }
}

/// Why a saved directory is not used.
const OTHERS_WRITE: &str = "it belongs to another user, or others can write to it, so the answers \
                            in it are not used";

/// How it can be used.
fn hint_to_own(directory: &Path) -> Hint {
    let word = shell_word(&directory.to_string_lossy());
    Hint::with_line(
        "check its files, and then let only this user write to it:",
        format!("chown \"$(id -u)\" {word} && chmod go-w {word}"),
    )
}

/// A directory that would be used, but that others can change: it belongs to another user, or
/// others can write to it.
fn find_unsafe_directory(
    search: &SchemaSearch,
    environment: &Environment,
    wanted: &[Wanted<'_>],
) -> Option<PathBuf> {
    let usual = || Some(environment.home.as_ref()?.join(USUAL_PLACE).join(&search.name));
    let root = search.directory.clone().or_else(usual)?;
    let directories = wanted.iter().map(|database| directory_of(search, &root, database.name));
    let is_unsafe = |directory: &PathBuf| {
        directory.join(STRUCTURE_FILE).exists() && !is_private_directory(directory)
    };
    directories.into_iter().find(is_unsafe)
}

/// Says why a directory that was saved in the usual place is not used.
pub fn warn_of_unsafe_directory(
    search: &SchemaSearch,
    wanted: &[Wanted<'_>],
    context: &mut Context,
) {
    let found = find_unsafe_directory(search, &context.environment, wanted);
    if let Some(directory) = found.filter(|_| search.directory.is_none()) {
        let text = format!("schema: {}: {OTHERS_WRITE}", directory.display());
        context.console.print_warning(&Fault::new(text, hint_to_own(&directory)));
    }
}

/// The directory in which all that is wanted is saved already, or can be saved.
///
/// # Errors
/// When the one that is named holds something else, or the usual place is not known.
pub fn choose_root(
    search: &SchemaSearch,
    environment: &Environment,
    wanted: &[Wanted<'_>],
) -> Result<PathBuf> {
    let is_usable = |root: &Path| {
        wanted.iter().all(|database| {
            let directory = directory_of(search, root, database.name);
            let is_free = !directory.exists() || is_empty_directory(&directory);
            is_free || database.fingerprint.has_structures_of(&directory)
        })
    };
    if let Some(root) = &search.directory {
        if is_usable(root) {
            return Ok(root.clone());
        }
        if let Some(directory) = find_unsafe_directory(search, environment, wanted) {
            let text = format!("--save-schema: {}: {OTHERS_WRITE}", directory.display());
            return Err(Error::new(Exit::Usage, text, hint_to_own(&directory)));
        }
        return Err(Error::new(
            Exit::Usage,
            format!(
                "--save-schema: {} does not contain a schema for the current structure of this \
                 source and target",
                root.display()
            ),
            ["name another directory", "use this directory unchanged: `--schema`"],
        ));
    }
    let Some(home) = &environment.home else {
        return Err(Error::new(
            Exit::Usage,
            "the schema of this run has to be saved, but HOME is not set",
            "name a directory with `--save-schema`",
        ));
    };
    let usual = |number: usize| {
        let name = match number {
            1 => search.name.clone(),
            _ => format!("{}-{number}", search.name),
        };
        home.join(USUAL_PLACE).join(name)
    };
    let found = (1..=DIRECTORIES_MOST).map(usual).find(|root| is_usable(root));
    found.ok_or_else(|| {
        let text = format!("{}: contains too many schemas", home.join(USUAL_PLACE).display());
        let hints = ["remove those that are not needed", "name a directory with `--save-schema`"];
        Error::new(Exit::Usage, text, hints)
    })
}

fn is_empty_directory(directory: &Path) -> bool {
    let entries = crate::files::list_directory(directory);
    entries.is_ok_and(|mut entries| entries.next().is_none())
}

/// Writes a schema with what it was made for; a directory that was saved before is kept under
/// another name, which is returned.
///
/// # Errors
/// When it cannot be written.
pub fn save_schema(
    directory: &Path,
    draft: &Draft,
    fingerprint: &Fingerprint,
) -> Result<Option<PathBuf>> {
    let old = match fingerprint.has_structures_of(directory) {
        true => Some(move_directory_away(directory)?),
        false => None,
    };
    let mut files = draft.files.clone();
    files.push((STRUCTURE_FILE.to_owned(), fingerprint.text(&draft.directory.create_missing)));
    write_new_directory("--save-schema", directory, &files)?;
    Ok(old)
}

/// Reads a schema that was saved.
pub fn read_schema(directory: &Path) -> Result<Schema> {
    schema::read_schema_directory(directory).map_err(|faults| {
        let hints = ["correct the file", "remove the directory, and answer all questions again"];
        let faults = faults.0.iter().map(|fault| Fault::new(fault.to_string(), hints));
        Error { exit: Exit::Usage, faults: faults.collect() }
    })
}
