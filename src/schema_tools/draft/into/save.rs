//! Putting a change in its place: read again as a whole first, then all files or none.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use model::Database;

use super::{Change, residue};
use crate::diagnostic::{BUG_HINT, Error, Exit, Fault, Result};
use crate::files::directory::{find_replaceable_file, replace_files};
use crate::files::place::Place;
use crate::files::scratch::{self, ScratchDirectory};
use crate::files::{TEXT_BYTES_MOST, list_directory, read_regular_file};

/// Reads the directory as it would be, beside its place: it must be without faults, and say of the
/// versions that were there what it said before.
///
/// # Errors
/// Its faults.
pub fn check_directory(
    before: &[Database],
    path: &Path,
    version: &str,
    change: &Change,
) -> Result<()> {
    let fail = |error: io::Error| {
        let text = format!("cannot use a temporary directory: {error}");
        Error::new(Exit::Usage, text, "set `TMPDIR` to a directory that can be written")
    };
    let scratch = ScratchDirectory::create().map_err(fail)?;
    let name = path.file_name().unwrap_or_default();
    let directory = scratch.create_directory(Path::new("directory")).map_err(fail)?;
    let trial_path = scratch.create_directory(&directory.join(name)).map_err(fail)?;
    let changed = |name: &OsStr| change.files.iter().any(|(changed, _)| name == changed.as_str());
    for entry in list_directory(path).map_err(fail)? {
        let file = entry.map_err(fail)?.path();
        let name = file.file_name().unwrap_or_default();
        if file.extension().is_some_and(|extension| extension == "toml") && !changed(name) {
            let text = read_regular_file(&file, TEXT_BYTES_MOST).map_err(fail)?;
            scratch::write_file(&trial_path.join(name), &text).map_err(fail)?;
        }
    }
    for (name, text) in &change.files {
        scratch::write_file(&trial_path.join(name), text.as_bytes()).map_err(fail)?;
    }
    let (_, after) =
        model::load_directory(&trial_path, &name.to_string_lossy()).map_err(|faults| {
            let hints = [
                "correct the file so that the new version can be added; nothing was written",
                "draft the new version into another directory with `--out`, and merge it by hand",
            ];
            let shown = |file: &Path| path.join(file.file_name().unwrap_or_default());
            let fault = |fault: &model::Fault| {
                let file = shown(&fault.file);
                Fault::new(model::Fault { file, ..fault.clone() }.to_string(), hints)
            };
            Error { exit: Exit::Findings, faults: faults.0.iter().map(fault).collect() }
        })?;
    let kept = before.iter().zip(&after).all(|(old, new)| old == new);
    let added = after.len() == before.len() + 1;
    if !kept || !added || after.last().is_none_or(|last| last.version != version) {
        let text = format!("{}: an older version would change", path.display());
        return Err(Error::new(Exit::Findings, text, BUG_HINT));
    }
    Ok(())
}

/// What this program writes beside the schema files; a person's file of that name is not replaced.
const RESIDUE: &str = "RESIDUE.md";

/// Checks, before anything else is done, that the files of a directory can be replaced.
///
/// # Errors
/// The files that cannot.
pub fn check_files(path: &Path) -> Result<()> {
    let mut faults = Vec::new();
    // What is wrong with the directory itself is said when it is read.
    for entry in list_directory(path).into_iter().flatten().flatten() {
        let file = entry.path();
        let residue = entry.file_name() == RESIDUE;
        if !residue && file.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let foreign = |place: Place| match residue {
            true => Ok(!place.read_beginning()?.starts_with(residue::TITLE.as_bytes())),
            false => Ok(false),
        };
        let shown = file.display();
        match find_replaceable_file(&file).and_then(foreign) {
            Ok(false) => {}
            Ok(true) => faults.push(Fault::new(
                format!("--into: {shown} was not written by `migrate schema draft`"),
                "move it away or rename it: this command writes a file of that name",
            )),
            Err(error) => faults.push(Fault::new(
                format!("--into: {shown} cannot be replaced: {error}"),
                [
                    "replace it by a regular file of this user",
                    "draft into another directory with `--out`",
                ],
            )),
        }
    }
    Error::from_faults(Exit::Usage, faults)
}

/// Writes all files beside their places, then moves each there; the first that fails leaves the
/// directory as it was, but for those that were moved already.
pub fn write_files(change: &Change, path: &Path) -> Result<()> {
    replace_files(path, &change.files).map_err(|(name, error)| {
        let hint = "before you run the command again, undo what was written (`git diff` shows it)";
        let file = path.join(name);
        Error::new(Exit::Usage, format!("{}: {error}", file.display()), hint)
    })
}
