//! Repairs within a run: held against the sources, rows judged, quarantine written and named, and
//! what verification found compared with what the copy did.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde_json::json;

use super::sources::Database;
use super::{Mode, Request, World, table_report};
use crate::diagnostic::{EXAMPLES, Error, Example, Exit, Fault, Finding, Id, Result, Severity};
use crate::files::new_file::NewFile;
use crate::files::output::{self, Purpose};
use crate::files::place::Place;
use crate::plan::{Copy, Plan};
use crate::repair::quarantine::Writer;
use crate::repair::{self, Action, Asked, Judged, Repairs};
use crate::report::{RepairReport, Report};
use crate::sqlite::Source;
use crate::text::grouped;
use crate::verify::repair::{Tally, read_open_file};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The repairs, as they were said.
    pub asked: Vec<Asked>,
    /// Where rows go that do not go over.
    pub quarantine: Option<PathBuf>,
    /// Where the names of touched rows go that are too many for the report.
    pub keys: Option<PathBuf>,
    /// Whether files of another kind than this run writes there are replaced.
    pub force: bool,
}

/// What the list of touched rows is to the rules of outputs.
pub const KEYS: Purpose = Purpose {
    flag: "--report",
    noun: "the list of repaired rows",
    takes_streams: false,
    is_same_kind: |beginning| beginning.starts_with(b"{\"repair\":"),
};

/// The repairs of a run, and how far they came.
#[derive(Debug, Default)]
pub struct Repairing {
    /// What is to be done.
    pub repairs: Repairs,
    writer: Option<Writer>,
    keys: Option<Place>,
    part: Option<PathBuf>,
    judged: Judged,
}

impl Repairing {
    /// Begins the quarantine file, if there can be one.
    ///
    /// # Errors
    /// When it is missing or cannot be written.
    pub fn begin(&mut self, request: &Request) -> Result<()> {
        let wanted = &request.repairs;
        if let Some(keys) = &wanted.keys {
            let mut place = output::find_place(keys, KEYS, wanted.force)?;
            // That of an earlier run would pass for this one's.
            place.remove().map_err(|error| KEYS.failed(keys, &error))?;
            self.keys = Some(place);
        }
        let needed = wanted.asked.iter().any(|asked| asked.action.quarantines());
        if request.mode != Mode::Migrate || !needed {
            return Ok(());
        }
        let Some(file) = &wanted.quarantine else {
            return Err(Error::new(
                Exit::Usage,
                "a repair puts rows into quarantine, and there is no file for them",
                "name one with --quarantine FILE",
            ));
        };
        self.writer = Some(Writer::create(file, wanted.force)?);
        Ok(())
    }

    /// Holds what is asked for against the sources, and gives those descriptions that it changes.
    ///
    /// # Errors
    /// Everything that does not fit.
    pub fn resolve(&mut self, request: &Request, databases: &mut [Database]) -> Result<()> {
        let known: Vec<_> =
            databases.iter().map(|database| (database.name.as_str(), database.version)).collect();
        self.repairs = repair::resolve(&request.repairs.asked, &known)?;
        for (place, database) in databases.iter_mut().enumerate() {
            database.version = repair::described(database.version, place, &self.repairs);
        }
        Ok(())
    }

    /// Judges all rows of `whole`, which has every table of the run, and takes what that changes
    /// over into `plan`.
    ///
    /// # Errors
    /// SQLite's, a full disk, a file that cannot be written, or a stop.
    pub fn judge(
        &mut self,
        databases: &[Database],
        whole: &Plan,
        world: &mut World,
        report: &mut Report,
    ) -> Result<()> {
        if self.repairs.all.is_empty() {
            return Ok(());
        }
        world.console.doing("finding the rows that repairs are for");
        let sources: Vec<&Source> = databases.iter().map(|database| &database.source).collect();
        let copies: Vec<Copy> =
            whole.targets.iter().flat_map(|target| target.copies.iter().cloned()).collect();
        let mut keys = Keys { place: self.keys.clone(), out: None };
        let list = &mut |label: &str, key: &str| keys.add(label, key);
        let (writer, stop) = (self.writer.as_mut(), world.stop.clone());
        self.judged = repair::prepare(&sources, &copies, &self.repairs, list, writer, &stop)?;
        keys.end()?;
        if let Some(writer) = &mut self.writer {
            self.part = Some(writer.complete()?);
        }
        self.tell(databases, world, report);
        for copy in &copies {
            let gone = self.judged.quarantined.get(&(copy.input, copy.table().name)).copied();
            if let Some(gone) = gone {
                table_report(report, copy).quarantined = gone;
            }
        }
        Ok(())
    }

    /// Refuses to write over a quarantine file of another run.
    ///
    /// # Errors
    /// When it is there.
    pub fn file_is_free(&self, request: &Request) -> Result<()> {
        let Some(file) = request.repairs.quarantine.as_ref().filter(|_| self.writer.is_some())
        else {
            return Ok(());
        };
        if request.repairs.force || !file.exists() {
            return Ok(());
        }
        let text = format!("the quarantine file {} exists already", file.display());
        Err(Error::new(
            Exit::Usage,
            text,
            "move it away, name another file with --quarantine, or add --force to replace it",
        ))
    }

    /// Makes a plan read its tables as repairs make them.
    ///
    /// # Errors
    /// When a foreign key that is not to be validated is not added by the plan.
    pub fn take_over(&self, plan: &mut Plan) -> Result<()> {
        plan.repair(&self.judged.repaired)
    }

    /// What repairs touch, on the terminal, in the report, and as notes.
    fn tell(&self, databases: &[Database], world: &mut World, report: &mut Report) {
        for (repair, touched) in self.repairs.all.iter().zip(&self.judged.touched) {
            let (id, what) = match touched.count {
                0 => (Id::R2, format!("{} touches no row", repair.label)),
                count => (Id::R1, format!("{}: {} rows", repair.label, grouped(count))),
            };
            world.console.say(&format!("repair: {what}"));
            let mut finding = Finding::about(id, Severity::Note, what);
            let database = databases.get(repair.database).map(|database| database.name.clone());
            finding.database = database.unwrap_or_default();
            repair.table.clone_into(&mut finding.table);
            finding.set_columns(repair.column.map(|column| column.name));
            finding.count = touched.count;
            let example =
                |key: &String| Example { key: key.clone(), found: "repaired".to_owned().into() };
            finding.examples = touched.keys.iter().take(EXAMPLES).map(example).collect();
            report.findings.push(finding);
            report.repairs.push(RepairReport {
                repair: repair.label.clone(),
                rows: touched.count,
                keys: touched.keys.clone(),
            });
        }
    }

    /// Compares what verification itself found with what was done; by the place of the database.
    pub fn agree(&self, tallies: &BTreeMap<usize, Tally>) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |text: String| {
            let hint = "this is a fault of this program: keep the report and tell its makers";
            faults.push(Fault::new(text, hint));
        };
        for (at, (repair, touched)) in self.repairs.all.iter().zip(&self.judged.touched).enumerate()
        {
            let Some(tally) = tallies.get(&repair.database) else { continue };
            if repair.action == Action::OrphanNotValid || repair.action.quarantines() {
                continue;
            }
            let found = tally.touched.get(&at).copied().unwrap_or(0);
            if found != touched.count {
                let (label, done) = (&repair.label, touched.count);
                fault(format!("{label}: {done} rows were repaired, verification found {found}"));
            }
        }
        for ((database, table), gone) in &self.judged.quarantined {
            let Some(tally) = tallies.get(database) else { continue };
            let found = tally.quarantined.get(table).copied().unwrap_or(0);
            if found != *gone {
                fault(format!(
                    "{table}: {gone} rows are in quarantine, verification found {found}"
                ));
            }
        }
        faults
    }

    /// Reads the quarantine file again and compares it with the rows that verification missed.
    ///
    /// # Errors
    /// When it does not hold exactly those.
    pub fn verify_file(
        &self,
        databases: &[Database],
        tallies: &BTreeMap<usize, Tally>,
    ) -> Result<()> {
        let (Some(part), Some(writer)) = (&self.part, &self.writer) else { return Ok(()) };
        let found = read_open_file(writer.read_again()?, part)?;
        let mut faults = Vec::new();
        for (place, tally) in tallies {
            let name = databases.get(*place).map_or("", |database| database.name.as_str());
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
        Error::all(Exit::Verification, faults)
    }

    /// Writes down what verification found, where nothing was copied.
    pub fn report(&self, tallies: &BTreeMap<usize, Tally>, report: &mut Report) {
        for (at, repair) in self.repairs.all.iter().enumerate() {
            let touched = tallies.get(&repair.database).and_then(|tally| tally.touched.get(&at));
            let rows = touched.copied().unwrap_or(0);
            let repair = repair.label.clone();
            if !report.repairs.iter().any(|known| known.repair == repair) {
                report.repairs.push(RepairReport { repair, rows, keys: Vec::new() });
            }
        }
    }

    /// Whether rows that an earlier run committed without must still be written down.
    pub fn owes_file(&self, request: &Request) -> bool {
        self.writer.is_some()
            && request.repairs.quarantine.as_ref().is_some_and(|file| !file.exists())
    }

    /// Gives the quarantine file its name, after COMMIT.
    pub fn publish(&mut self, world: &mut World, report: &mut Report) {
        let Some(mut writer) = self.writer.take() else { return };
        if let Err(error) = writer.publish() {
            for fault in &error.faults {
                world.console.warn(fault);
                report.warnings.push(fault.text.clone());
            }
        }
    }

    /// Says where the rows are after a run of which a part is committed, or may be.
    pub fn keep(&mut self, world: &mut World, report: &mut Report) {
        let (Some(_), Some(part)) = (self.writer.take(), &self.part) else { return };
        let fault = Fault::new(
            format!("rows in quarantine are in {}, as far as the run is committed", part.display()),
            "run the same command again: it does the rest, and gives the file its name",
        );
        world.console.warn(&fault);
        report.warnings.push(fault.text);
    }

    /// Takes the file away after a run that changed nothing.
    pub fn discard(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.discard();
        }
    }
}

/// The file of names that are too many for the report.
struct Keys {
    place: Option<Place>,
    out: Option<BufWriter<NewFile>>,
}

impl Keys {
    fn add(&mut self, label: &str, key: &str) -> Result<()> {
        let Some(place) = &self.place else { return Ok(()) };
        let failed = |error| KEYS.failed(&place.path, &error);
        let out = match &mut self.out {
            Some(out) => out,
            none => none.insert(BufWriter::new(NewFile::create(place).map_err(failed)?)),
        };
        writeln!(out, "{}", json!({"repair": label, "key": key})).map_err(failed)
    }

    fn end(self) -> Result<()> {
        let (Some(mut place), Some(mut out)) = (self.place, self.out) else { return Ok(()) };
        let path = place.path.clone();
        let written = out.flush().and_then(|()| out.get_mut().rename_to(&mut place));
        written.map_err(|error| KEYS.failed(&path, &error))
    }
}
