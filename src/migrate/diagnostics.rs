//! Everything that is wrong with sources, targets or rows, collected until nothing is left to be
//! checked: a run that stops reports all of it at once.

use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::text::Lines;

/// What was found so far.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// How many of these were printed already.
    told: usize,
    /// Warnings that were printed.
    warned: Vec<Fault>,
    /// Faults that the report has as findings.
    recorded: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug)]
struct Diagnostic {
    exit: Exit,
    fault: Fault,
}

/// The exit codes after which the rest is still checked. Where several were collected, the first of
/// these wins.
const RECOVERABLE: &[Exit] = &[Exit::Usage, Exit::Source, Exit::Target, Exit::Findings];

impl Diagnostics {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many things are wrong.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Whether a warning is new; the next time it is not.
    pub fn is_first_warning(&mut self, warning: &Fault) -> bool {
        add_new(&mut self.warned, warning)
    }

    /// Whether a fault is not recorded yet; the next time it is.
    pub fn is_first_record(&mut self, fault: &Fault) -> bool {
        // Whether it was printed meanwhile makes no other fault of it.
        add_new(&mut self.recorded, &Fault { is_told: false, ..fault.clone() })
    }

    /// Adds faults, each once.
    pub fn add(&mut self, exit: Exit, faults: Vec<Fault>) {
        for fault in faults {
            if !self.found.iter().any(|known| known.fault == fault) {
                self.found.push(Diagnostic { exit, fault });
            }
        }
    }

    /// The result, or nothing, if its error is one after which the rest can be checked; that error
    /// is collected.
    ///
    /// # Errors
    /// Any other error: a stop, or a connection that broke.
    pub fn collect_error<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if RECOVERABLE.contains(&error.exit) => {
                self.add(error.exit, error.faults);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What was found and not printed yet, as a terminal shows it.
    pub fn take_unprinted_lines(&mut self) -> Vec<Lines> {
        let new = self.found.get(self.told..).unwrap_or_default().iter();
        let shown = new.map(|known| {
            let mut lines = known.fault.terminal_lines("error");
            lines.append_lines(known.fault.shown_hint());
            lines
        });
        let shown = shown.collect();
        self.told = self.found.len();
        shown
    }

    /// Forgets what was found: it does not count any more.
    pub fn forget(&mut self) {
        self.told = 0;
        self.found.clear();
    }

    /// Ends the run, if anything is wrong. Afterwards nothing is collected.
    ///
    /// # Errors
    /// Everything that was added.
    pub fn fail_if_any(&mut self) -> Result<()> {
        let told = std::mem::take(&mut self.told);
        let mut found = std::mem::take(&mut self.found);
        found.iter_mut().take(told).for_each(|known| known.fault.is_told = true);
        let is_found = |exit: &&Exit| found.iter().any(|known| known.exit == **exit);
        let exit = RECOVERABLE.iter().find(is_found).copied();
        let exit = exit.or(found.first().map(|known| known.exit)).unwrap_or(Exit::Findings);
        Error::from_faults(exit, found.into_iter().map(|known| known.fault).collect())
    }
}

/// Adds a fault that is not there yet, and says whether it did.
fn add_new(known: &mut Vec<Fault>, fault: &Fault) -> bool {
    let is_new = !known.contains(fault);
    if is_new {
        known.push(fault.clone());
    }
    is_new
}
