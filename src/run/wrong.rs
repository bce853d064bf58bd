//! Everything that is wrong with either end or with rows, collected until nothing is left to be
//! looked at: a run that stops tells all of it at once.

use crate::diagnostic::{Error, Exit, Fault, Result};

/// What was found so far.
#[derive(Debug, Default)]
pub struct Wrong {
    found: Vec<(Exit, Fault)>,
}

/// Which exit code wins when several ends are at fault: the first of these.
const ORDER: &[Exit] = &[Exit::Usage, Exit::Source, Exit::Target, Exit::Findings];

impl Wrong {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds faults; each is told once.
    pub fn add(&mut self, exit: Exit, faults: Vec<Fault>) {
        for fault in faults {
            if !self.found.iter().any(|(_, known)| *known == fault) {
                self.found.push((exit, fault));
            }
        }
    }

    /// The result, or nothing, if its error is one that lets the rest be looked at.
    ///
    /// # Errors
    /// Any other error: a stop, or a connection that broke.
    pub fn keep<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if ORDER.contains(&error.exit) => {
                self.add(error.exit, error.faults);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the run, if anything is wrong.
    ///
    /// # Errors
    /// Everything that was added.
    pub fn end(self) -> Result<()> {
        let exits: Vec<Exit> = self.found.iter().map(|(exit, _)| *exit).collect();
        let first = ORDER.iter().copied().find(|exit| exits.contains(exit));
        let faults = self.found.into_iter().map(|(_, fault)| fault).collect();
        Error::all(first.or(exits.first().copied()).unwrap_or(Exit::Findings), faults)
    }
}
