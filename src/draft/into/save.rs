//! Putting a change in its place: read again as a whole first, then all files or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::Database;

use super::Change;
use crate::error::{Error, Exit, Fault, Result};

/// Reads the directory as it would be, beside its place: it must be without faults, and say of the
/// versions that were there what it said before.
///
/// # Errors
/// Its faults.
pub fn check(before: &[Database], path: &Path, version: &str, change: &Change) -> Result<()> {
    let fail = |error: io::Error| {
        let text = format!("a temporary directory: {error}");
        Error::new(Exit::Usage, text, "set TMPDIR to a directory that can be written")
    };
    let folder = tempfile::tempdir().map_err(fail)?;
    let name = path.file_name().unwrap_or_default();
    let whole = folder.path().join(Path::new("directory").join(name));
    fs::create_dir_all(&whole).map_err(fail)?;
    for entry in fs::read_dir(path).map_err(fail)? {
        let file = entry.map_err(fail)?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read(&file).map_err(fail)?;
            fs::write(whole.join(file.file_name().unwrap_or_default()), text).map_err(fail)?;
        }
    }
    for (name, text) in &change.files {
        fs::write(whole.join(name), text).map_err(fail)?;
    }
    let (_, after) = model::load(&whole, &name.to_string_lossy()).map_err(|faults| {
        let hint = "nothing was written; mend the file so that the new version has a place in it, \
                    or draft the new version beside it with --out and take it over by hand";
        let shown = |file: &Path| path.join(file.file_name().unwrap_or_default());
        let fault = |fault: &model::Fault| {
            let file = shown(&fault.file);
            Fault::new(model::Fault { file, ..fault.clone() }.to_string(), hint)
        };
        Error { exit: Exit::Findings, faults: faults.0.iter().map(fault).collect() }
    })?;
    let kept = before.iter().zip(&after).all(|(old, new)| {
        (old.version, old.tables, old.enums, old.ignored, old.target_only)
            == (new.version, new.tables, new.enums, new.ignored, new.target_only)
    });
    let added = after.len() == before.len() + 1;
    if !kept || !added || after.last().is_none_or(|last| last.version != version) {
        let text = format!("{}: an older version would change", path.display());
        let hint = "nothing was written; this is a fault of the program, please report it";
        return Err(Error::new(Exit::Findings, text, hint));
    }
    Ok(())
}

/// Writes all files beside their places, then moves each there; the first that fails leaves the
/// directory as it was, but for those that were moved already.
pub fn write(change: &Change, path: &Path) -> Result<()> {
    let hidden = |name: &str| path.join(format!(".{name}.{}", std::process::id()));
    let moves: Vec<(PathBuf, PathBuf)> =
        change.files.iter().map(|(name, _)| (hidden(name), path.join(name))).collect();
    let written = moves
        .iter()
        .zip(&change.files)
        .try_for_each(|((beside, place), (_, text))| one(beside, place, text))
        .and_then(|()| moves.iter().try_for_each(|(beside, place)| fs::rename(beside, place)));
    written.map_err(|error| {
        for (beside, _) in &moves {
            let _ = fs::remove_file(beside);
        }
        let hint = "git shows what was written already; undo that before you try again";
        Error::new(Exit::Usage, format!("{}: {error}", path.display()), hint)
    })
}

/// A file beside its place, with the permissions of the one that it will replace.
fn one(beside: &Path, place: &Path, text: &str) -> io::Result<()> {
    fs::write(beside, text)?;
    match fs::metadata(place) {
        Ok(old) => fs::set_permissions(beside, old.permissions()),
        Err(_) => Ok(()),
    }
}
