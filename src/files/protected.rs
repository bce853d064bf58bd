//! The files that a run reads, none of which it may write over.
//!
//! They are known by device and inode, so that a hard link is the file itself, and by directory and
//! name, so that a file is not made where one of them would be looked for.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use super::FileId;
use super::output::{Destination, Kind, Purpose};
use super::place::{Place, parent_of};
use super::with_suffix;
use crate::diagnostic::{Error, Result};

/// What stands beside a SQLite file under its name.
const SIBLINGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Files that are not to be written, and outputs that were checked already.
#[derive(Debug, Default)]
pub struct Protected {
    files: Vec<File>,
    /// Directories in which every `.toml` file is read.
    schemas: Vec<FileId>,
}

#[derive(Debug)]
struct File {
    what: String,
    id: Option<FileId>,
    /// The directory, and the name in it.
    name: Option<(FileId, OsString)>,
    /// Whether this process writes there itself, so that only replacing the file would lose it.
    standard_stream: bool,
}

impl Protected {
    /// Protects a file, whether or not it exists.
    pub fn add(&mut self, what: &str, path: &Path) {
        let id = fs::metadata(path).ok().map(|data| FileId::from(&data));
        let name = path.file_name().map(OsString::from);
        let parent = fs::metadata(parent_of(path)).ok().map(|data| FileId::from(&data));
        let (what, name) = (what.to_owned(), parent.zip(name));
        self.files.push(File { what, id, name, standard_stream: false });
    }

    /// Protects a SQLite file with what stands beside it. SQLite follows a link to the file and
    /// names what stands beside it after that.
    pub fn add_database(&mut self, what: &str, path: &Path) {
        let real = fs::canonicalize(path).ok().filter(|real| real != path);
        for path in [Some(path.to_owned()), real].into_iter().flatten() {
            self.add(what, &path);
            for suffix in SIBLINGS {
                self.add(&format!("the {suffix} file of {what}"), &with_suffix(&path, suffix));
            }
        }
    }

    /// Protects the files of a schema directory, and their names.
    pub fn add_schema(&mut self, path: &Path) {
        self.schemas.extend(fs::metadata(path).ok().map(|data| FileId::from(&data)));
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            self.add("a file of the schema directory", &entry.path());
        }
    }

    /// Protects the files that standard output and standard error go to.
    pub fn add_standard_streams(&mut self) {
        let out = rustix::fs::fstat(io::stdout()).map(|stat| FileId::from(&stat));
        let error = rustix::fs::fstat(io::stderr()).map(|stat| FileId::from(&stat));
        for (what, id) in [("standard output", out), ("standard error", error)] {
            let what = format!("the file that {what} goes to");
            self.files.push(File { what, id: id.ok(), name: None, standard_stream: true });
        }
    }

    /// Checks an output completely, and protects it from those that are checked after it.
    ///
    /// # Errors
    /// What [`Destination::find_destination`] and [`Destination::check_existing`] refuse, and a
    /// file that is protected.
    pub fn check_output(
        &mut self,
        path: &Path,
        purpose: Purpose,
        force: bool,
    ) -> Result<Destination> {
        let mut destination = Destination::find_destination(path, purpose)?;
        // Comes before the file is opened: closing a descriptor of a SQLite file drops its locks.
        if let Some(what) = self.find_overwritten(&destination)? {
            return Err(refusal_error(purpose, path, &what));
        }
        destination.check_existing(force)?;
        let id = destination.existing_file_id();
        let name = match &destination.kind {
            Kind::Regular(place, _) => Some((directory_id(place, purpose)?, place.name.clone())),
            _ => None,
        };
        let what = format!("what this run writes as {}", purpose.noun);
        self.files.push(File { what, id, name, standard_stream: false });
        Ok(destination)
    }

    /// The protected file that a new directory, or a file in it, would take the name of.
    pub fn find_name(&self, place: &Place) -> io::Result<Option<&str>> {
        let name = Some((place.directory_id()?, place.name.clone()));
        let id = place.stat_file()?.map(|stat| FileId::from(&stat));
        let same = |file: &&File| file.name == name || (id.is_some() && file.id == id);
        Ok(self.files.iter().find(same).map(|file| file.what.as_str()))
    }

    /// The protected file that an output would write over.
    fn find_overwritten(&self, destination: &Destination) -> Result<Option<String>> {
        let id = destination.existing_file_id();
        let replaced = destination.is_regular();
        let same_id =
            |file: &&File| id.is_some() && file.id == id && (replaced || !file.standard_stream);
        if let Some(file) = self.files.iter().find(same_id) {
            return Ok(Some(file.what.clone()));
        }
        let Kind::Regular(place, _) = &destination.kind else { return Ok(None) };
        let directory = directory_id(place, destination.purpose)?;
        let name = (directory, place.name.clone());
        if let Some(file) = self.files.iter().find(|file| file.name.as_ref() == Some(&name)) {
            return Ok(Some(file.what.clone()));
        }
        let schema = Path::new(&place.name).extension().is_some_and(|end| end == "toml");
        let schema = schema && self.schemas.contains(&directory);
        Ok(schema.then(|| "a file of the schema directory".to_owned()))
    }
}

fn directory_id(place: &Place, purpose: Purpose) -> Result<FileId> {
    place.directory_id().map_err(|error| purpose.system_error(&place.path, &error))
}

fn refusal_error(purpose: Purpose, path: &Path, what: &str) -> Error {
    let hint = format!("name another file with `{}`", purpose.flag);
    purpose.refusal_error(path, &format!("it is {what}"), hint)
}
