//! The file of `--keys`: the keys of the rows that findings and repairs are about, one JSON object
//! a line.

use std::io::{BufWriter, Write};

use serde_json::json;

use super::request::RequestedRepairs;
use crate::diagnostic::{Finding, Result};
use crate::files::new_file::NewFile;
use crate::files::output::{self, Purpose};
use crate::files::place::Place;

/// What the list is to the rules of outputs.
pub const KEYS: Purpose = Purpose {
    flag: "--keys",
    noun: "the list of keys",
    takes_streams: false,
    is_same_kind: |beginning| beginning.starts_with(b"{\"key\":"),
};

/// The list, where one is asked for.
#[derive(Debug, Default)]
pub struct KeyList {
    open: Option<OpenList>,
}

#[derive(Debug)]
struct OpenList {
    place: Place,
    out: BufWriter<NewFile>,
}

/// The place of a row.
#[derive(Clone, Copy, Debug)]
pub struct KeyPlace<'k> {
    /// The database's name.
    pub database: &'k str,
    /// The table's name.
    pub table: &'k str,
    /// The columns' names; empty where the row as a whole is meant.
    pub column: &'k str,
}

impl KeyList {
    /// Begins the list, if one is asked for. That of an earlier run is removed: it would pass for
    /// this one's.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(repairs: &RequestedRepairs) -> Result<KeyList> {
        let Some(path) = &repairs.keys else { return Ok(KeyList::default()) };
        let mut place = output::find_place(path, KEYS, repairs.force)?;
        let made = place.remove().and_then(|()| NewFile::create(&place));
        let out = BufWriter::new(made.map_err(|error| KEYS.system_error(path, &error))?);
        Ok(KeyList { open: Some(OpenList { place, out }) })
    }

    /// Whether one is asked for.
    pub fn is_wanted(&self) -> bool {
        self.open.is_some()
    }

    /// Adds the key of a row that a finding is about.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_finding(&mut self, finding: &Finding, key: &str) -> Result<()> {
        let column = finding.columns_text();
        let place =
            KeyPlace { database: &finding.database, table: &finding.table, column: &column };
        self.add(place, ("id", finding.id.as_str()), key)
    }

    /// Adds the rows that a finding names.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_examples(&mut self, finding: &Finding) -> Result<()> {
        let examples = finding.examples.iter();
        examples.map(|example| &example.key).try_for_each(|key| self.add_finding(finding, key))
    }

    /// Adds the key of a row that a repair touches; `label` is the repair as its flag says it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_repaired(&mut self, place: KeyPlace<'_>, label: &str, key: &str) -> Result<()> {
        self.add(place, ("repair", label), key)
    }

    fn add(&mut self, place: KeyPlace<'_>, why: (&str, &str), key: &str) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let KeyPlace { database, table, column } = place;
        let (name, value) = why;
        let line = json!({
            "key": key,
            "database": database,
            "table": table,
            "column": column,
            name: value,
        });
        let written = writeln!(open.out, "{line}");
        written.map_err(|error| KEYS.system_error(&open.place.path, &error))
    }

    /// Gives the file its name, if there is one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(&mut self) -> Result<()> {
        let Some(OpenList { mut place, mut out }) = self.open.take() else { return Ok(()) };
        let path = place.path.clone();
        let written = out.flush().and_then(|()| out.get_mut().rename_to(&mut place));
        written.map_err(|error| KEYS.system_error(&path, &error))
    }
}
