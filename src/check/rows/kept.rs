//! The findings of all tables together: the first of them are kept, the rest is counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::diagnostic::{FINDINGS_MOST, Finding, Severity};

/// Findings that were not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// Notes.
    pub notes: u64,
}

impl LeftOut {
    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => self.notes += 1,
        }
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.errors + self.warnings + self.notes
    }
}

/// The findings of a table.
#[derive(Debug, Default)]
pub struct OfTable {
    pub findings: Vec<Finding>,
    pub left_out: LeftOut,
}

/// Findings by the place of their table. Those of the last tables give way to those of the first,
/// so that the same ones are kept whichever table is read first.
#[derive(Debug, Default)]
pub struct KeptFindings {
    all: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    count: usize,
    tables: BTreeMap<usize, OfTable>,
}

impl KeptFindings {
    /// Adds what was found in the table at an index, after what is known of it.
    pub fn add(&self, index: usize, findings: Vec<Finding>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.count += findings.len();
        all.tables.entry(index).or_default().findings.extend(findings);
        all.drop_last_findings();
    }

    /// What is kept of each table.
    pub fn into_tables(self) -> BTreeMap<usize, OfTable> {
        self.all.into_inner().unwrap_or_else(PoisonError::into_inner).tables
    }
}

impl Kept {
    fn drop_last_findings(&mut self) {
        for table in self.tables.values_mut().rev() {
            while self.count > FINDINGS_MOST {
                let Some(finding) = table.findings.pop() else { break };
                table.left_out.count(finding.severity);
                self.count -= 1;
            }
            if self.count <= FINDINGS_MOST {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Id;

    fn make_findings(count: usize) -> Vec<Finding> {
        vec![Finding::without_rows(Id::K1, Severity::Error, "wrong"); count]
    }

    #[test]
    fn the_first_tables_keep_theirs_whichever_comes_first() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let kept = KeptFindings::default();
            order.iter().for_each(|place| kept.add(*place, make_findings(6_000)));
            kept.add(0, make_findings(1_000));
            let tables = kept.into_tables();
            let counts: Vec<_> =
                tables.values().map(|of| (of.findings.len(), of.left_out.errors)).collect();
            assert_eq!(counts, [(7_000, 0), (3_000, 3_000), (0, 6_000)], "{order:?}");
        }
    }
}
