//! The file of rows in quarantine: it is begun before anything else, completed before anything is
//! committed, and gets its name once everything is. A run that changes nothing leaves none.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::context::Context;
use super::request::{Request, RequestedRepairs};
use super::sources::Sources;
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::output::hints_about_existing_file;
use crate::ids::PerDatabase;
use crate::repair::quarantine::Writer;
use crate::verify::repair::{Tally, sum_open_quarantine_file};

/// The files of one run.
#[derive(Debug, Default)]
pub struct RepairFiles {
    quarantine: Quarantine,
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
    /// Begins the quarantine file, if there can be one.
    ///
    /// # Errors
    /// When a file is missing or cannot be written.
    pub fn create_quarantine(request: &Request) -> Result<RepairFiles> {
        let mut asked = request.repairs.asked.iter();
        let is_needed = asked.any(|asked| asked.action.quarantines_rows());
        if !request.mode.loads() || !is_needed {
            return Ok(RepairFiles { quarantine: Quarantine::None });
        }
        let Some(file) = &request.repairs.quarantine else {
            return Err(Error::new(
                Exit::Usage,
                "a repair puts rows into quarantine, but no quarantine file is named",
                "name one: `--quarantine FILE`",
            ));
        };
        let quarantine = Quarantine::Begun(Writer::create(file, request.repairs.force)?);
        Ok(RepairFiles { quarantine })
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
        Err(Error::new(Exit::Usage, text, hints_about_existing_file("--quarantine")))
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
                faults.push(Fault::new(text, "run the command again; nothing was committed"));
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
            format!(
                "rows in quarantine are in {}, for the part of the run that is committed",
                part.display()
            ),
            "run the command again: it migrates the rest, and renames the file",
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
