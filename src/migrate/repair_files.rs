//! The files that repairs write: rows in quarantine, and the keys of touched rows that are too many
//! for the report.
//!
//! The quarantine file is begun before anything else, completed before anything is committed, and
//! gets its name once everything is. A run that changes nothing leaves none.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use super::request::{Request, RequestedRepairs};
use super::sources::Sources;
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::new_file::NewFile;
use crate::files::output::{self, Purpose};
use crate::files::place::Place;
use crate::ids::PerDatabase;
use crate::repair::quarantine::Writer;
use crate::verify::repair::{Tally, sum_open_quarantine_file};

/// What the list of touched rows is to the rules of outputs.
pub const KEYS: Purpose = Purpose {
    flag: "--report",
    noun: "the list of repaired rows",
    takes_streams: false,
    is_same_kind: |beginning| beginning.starts_with(b"{\"repair\":"),
};

/// The files of one run.
#[derive(Debug, Default)]
pub struct RepairFiles {
    quarantine: Quarantine,
    keys: Option<Place>,
}

/// How far the quarantine file has come.
#[derive(Debug, Default)]
enum Quarantine {
    /// There is none: not needed, or it has got its name or was removed.
    #[default]
    None,
    /// Rows are written to it.
    Begun(Writer),
    /// All rows are on the disk, in a file of this name.
    Complete { writer: Writer, part: PathBuf },
}

impl Quarantine {
    fn writer(&self) -> Option<&Writer> {
        match self {
            Quarantine::None => None,
            Quarantine::Begun(writer) | Quarantine::Complete { writer, .. } => Some(writer),
        }
    }

    /// The writer, after which there is no file of this run any more.
    fn take_writer(&mut self) -> Option<Writer> {
        match std::mem::take(self) {
            Quarantine::None => None,
            Quarantine::Begun(writer) | Quarantine::Complete { writer, .. } => Some(writer),
        }
    }
}

impl RepairFiles {
    /// Begins the quarantine file, if there can be one, and removes the list of keys of an earlier
    /// run.
    ///
    /// # Errors
    /// When a file is missing or cannot be written.
    pub fn create_quarantine(request: &Request) -> Result<RepairFiles> {
        let keys = find_keys_file(&request.repairs)?;
        let mut asked = request.repairs.asked.iter();
        let is_needed = asked.any(|asked| asked.action.quarantines_rows());
        if !request.mode.loads() || !is_needed {
            return Ok(RepairFiles { quarantine: Quarantine::None, keys });
        }
        let Some(file) = &request.repairs.quarantine else {
            return Err(Error::new(
                Exit::Usage,
                "a repair puts rows into quarantine, and there is no file for them",
                "name one with --quarantine FILE",
            ));
        };
        let quarantine = Quarantine::Begun(Writer::create(file, request.repairs.force)?);
        Ok(RepairFiles { quarantine, keys })
    }

    /// Refuses to write over a quarantine file of another run.
    ///
    /// # Errors
    /// When it is there.
    pub fn check_name_is_free(&self, repairs: &RequestedRepairs) -> Result<()> {
        let Some(file) = self.quarantine.writer().and(repairs.quarantine.as_ref()) else {
            return Ok(());
        };
        if repairs.force || !file.exists() {
            return Ok(());
        }
        let text = format!("the quarantine file {} exists already", file.display());
        Err(Error::new(
            Exit::Usage,
            text,
            "move it away, name another file with --quarantine, or add --force to replace it",
        ))
    }

    /// Whether rows that an earlier run committed without must still be written down.
    pub fn is_owed(&self, repairs: &RequestedRepairs) -> bool {
        let file = self.quarantine.writer().and(repairs.quarantine.as_ref());
        file.is_some_and(|file| !file.exists())
    }

    /// What rows in quarantine are written to, while there is a file for them.
    pub fn writer(&mut self) -> Option<&mut Writer> {
        match &mut self.quarantine {
            Quarantine::Begun(writer) => Some(writer),
            Quarantine::None | Quarantine::Complete { .. } => None,
        }
    }

    /// The list of keys, to be written.
    pub fn open_key_list(&self) -> KeyList {
        KeyList { place: self.keys.clone(), out: None }
    }

    /// Brings the quarantine file to the disk: nothing may be committed before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn complete_quarantine(&mut self) -> Result<()> {
        if let Quarantine::Begun(writer) = &mut self.quarantine {
            let part = writer.complete()?;
            if let Some(writer) = self.quarantine.take_writer() {
                self.quarantine = Quarantine::Complete { writer, part };
            }
        }
        Ok(())
    }

    /// Reads the quarantine file again and compares it with the rows that verification missed.
    ///
    /// # Errors
    /// When it does not hold exactly those.
    pub fn verify_quarantine(&self, sources: &Sources, tallies: &PerDatabase<Tally>) -> Result<()> {
        let Quarantine::Complete { writer, part } = &self.quarantine else { return Ok(()) };
        let found: BTreeMap<_, _> = sum_open_quarantine_file(writer.open_for_reading()?, part)?;
        let mut faults = Vec::new();
        for (id, tally) in tallies.entries() {
            let name = sources.databases.get(id)?.name.as_str();
            let (rows, content) = found.get(name).copied().unwrap_or_default();
            let missed: u64 = tally.quarantined.values().sum();
            if rows != missed || content != tally.content {
                let text = format!(
                    "{name}: the quarantine file does not hold exactly the {missed} rows that \
                     are not in PostgreSQL"
                );
                faults.push(Fault::new(text, "nothing was committed; run again"));
            }
        }
        Error::from_faults(Exit::Verification, faults)
    }

    /// Gives the quarantine file its name, after COMMIT.
    pub fn publish_quarantine(&mut self, context: &mut Context) {
        let Some(mut writer) = self.quarantine.take_writer() else { return };
        if let Err(error) = writer.publish() {
            for fault in error.faults {
                context.report_warning(fault, "");
            }
        }
    }

    /// Says where the rows are after a run of which a part is committed, or may be.
    pub fn keep_quarantine(&mut self, context: &mut Context) {
        let Quarantine::Complete { part, .. } = std::mem::take(&mut self.quarantine) else {
            return;
        };
        let fault = Fault::new(
            format!("rows in quarantine are in {}, as far as the run is committed", part.display()),
            "run the same command again: it does the rest, and gives the file its name",
        );
        context.report_warning(fault, "");
    }

    /// Removes the quarantine file after a run that changed nothing.
    pub fn discard_quarantine(&mut self) {
        if let Some(writer) = self.quarantine.take_writer() {
            writer.discard();
        }
    }
}

/// The place of the list of keys; that of an earlier run would pass for this one's.
fn find_keys_file(repairs: &RequestedRepairs) -> Result<Option<Place>> {
    let Some(keys) = &repairs.keys else { return Ok(None) };
    let mut place = output::find_place(keys, KEYS, repairs.force)?;
    place.remove().map_err(|error| KEYS.system_error(keys, &error))?;
    Ok(Some(place))
}

/// The file of keys that are too many for the report, made when the first one comes.
pub struct KeyList {
    place: Option<Place>,
    out: Option<BufWriter<NewFile>>,
}

impl KeyList {
    /// Adds the key of a row that a repair touched.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, label: &str, key: &str) -> Result<()> {
        let Some(place) = &self.place else { return Ok(()) };
        let failed = |error| KEYS.system_error(&place.path, &error);
        let out = match &mut self.out {
            Some(out) => out,
            none => none.insert(BufWriter::new(NewFile::create(place).map_err(failed)?)),
        };
        writeln!(out, "{}", json!({"repair": label, "key": key})).map_err(failed)
    }

    /// Gives the file its name, if there is one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self) -> Result<()> {
        let (Some(mut place), Some(mut out)) = (self.place, self.out) else { return Ok(()) };
        let path = place.path.clone();
        let written = out.flush().and_then(|()| out.get_mut().rename_to(&mut place));
        written.map_err(|error| KEYS.system_error(&path, &error))
    }
}
