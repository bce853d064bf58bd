//! Everything that is wrong with sources, targets or rows, collected until nothing is left to be
//! checked: a run that stops reports all of it at once.

use crate::diagnostic::{Error, Exit, FINDINGS_MOST, Fault, Result};
use crate::text::{Lines, count_with_noun, group_thousands};

/// So many errors, and as many warnings, are kept and printed; the rest is counted. A person reads
/// no more, and a source can be wrong in each of its columns.
pub const SHOWN_MOST: usize = 1_000;

/// What was found so far.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// How many errors were not kept.
    left_out: u64,
    /// The exit codes of those that were not kept.
    exits_left_out: Vec<Exit>,
    /// How many of these were printed already.
    reported: usize,
    /// How many warnings about sources and rows there were.
    warnings: usize,
    /// Warnings about servers that were printed.
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
    pub fn count(&self) -> u64 {
        self.found.len() as u64 + self.left_out
    }

    /// Whether no more errors are kept.
    pub fn is_full(&self) -> bool {
        self.found.len() >= SHOWN_MOST
    }

    /// The number of a new warning about the source or rows, from 1.
    pub fn number_warning(&mut self) -> usize {
        self.warnings += 1;
        self.warnings
    }

    /// Whether a warning is new; the next time it is not.
    pub fn is_first_warning(&mut self, warning: &Fault) -> bool {
        add_new(&mut self.warned, warning)
    }

    /// Whether a fault is not recorded yet; the next time it is.
    pub fn is_first_record(&mut self, fault: &Fault) -> bool {
        // Whether it was printed meanwhile makes no other fault of it.
        add_new(&mut self.recorded, &Fault { is_reported: false, ..fault.clone() })
    }

    /// Adds faults, each once.
    pub fn add(&mut self, exit: Exit, faults: Vec<Fault>) {
        for fault in faults {
            if self.found.iter().any(|known| known.fault == fault) {
                continue;
            }
            if self.is_full() {
                self.count_left_out(exit, 1);
                continue;
            }
            self.found.push(Diagnostic { exit, fault });
        }
    }

    /// Counts errors that are not kept.
    pub fn count_left_out(&mut self, exit: Exit, errors: u64) {
        self.left_out += errors;
        if errors > 0 && !self.exits_left_out.contains(&exit) {
            self.exits_left_out.push(exit);
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
        let new = self.found.get(self.reported..).unwrap_or_default().iter();
        let shown = new.map(|known| {
            let mut lines = known.fault.terminal_lines("error");
            lines.append_lines(known.fault.shown_hints());
            lines
        });
        let shown = shown.collect();
        self.reported = self.found.len();
        shown
    }

    /// Forgets what was found: it does not count any more.
    pub fn forget(&mut self) {
        self.reported = 0;
        self.found.clear();
        self.left_out = 0;
        self.exits_left_out.clear();
    }

    /// Ends the run, if anything is wrong. Afterwards nothing is collected.
    ///
    /// # Errors
    /// Everything that was added.
    pub fn fail_if_any(&mut self) -> Result<()> {
        let reported = std::mem::take(&mut self.reported);
        let mut found = std::mem::take(&mut self.found);
        found.iter_mut().take(reported).for_each(|known| known.fault.is_reported = true);
        let exits_left_out = std::mem::take(&mut self.exits_left_out);
        let is_found = |exit: &&Exit| {
            exits_left_out.contains(exit) || found.iter().any(|known| known.exit == **exit)
        };
        let exit = RECOVERABLE.iter().find(is_found).copied();
        let exit = exit.or(found.first().map(|known| known.exit)).unwrap_or(Exit::Findings);
        let mut faults: Vec<Fault> = found.into_iter().map(|known| known.fault).collect();
        match std::mem::take(&mut self.left_out) {
            0 => {}
            count => faults.push(left_out_fault(count)),
        }
        Error::from_faults(exit, faults)
    }
}

/// The warning in the place of all that follow.
pub fn warnings_left_out() -> Fault {
    Fault::new("more warnings of this kind are not shown", hint_of_report())
}

fn hint_of_report() -> String {
    format!("list up to {} findings: `--report FILE`", group_thousands(FINDINGS_MOST as u64))
}

fn left_out_fault(count: u64) -> Fault {
    let text = format!("{} more, which are not shown", count_with_noun(count, "error"));
    let problems = u32::try_from(count).unwrap_or(u32::MAX);
    Fault { problems, ..Fault::new(text, hint_of_report()) }
}

/// Adds a fault that is not there yet, and says whether it did.
fn add_new(known: &mut Vec<Fault>, fault: &Fault) -> bool {
    let is_new = known.len() < FINDINGS_MOST && !known.contains(fault);
    if is_new {
        known.push(fault.clone());
    }
    is_new
}
