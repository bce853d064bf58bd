//! Whether the file is whole, by SQLite's own check of its pages and rows.
//!
//! The quick check reads every page once and does not compare indexes with their tables: tables
//! are never read through an index. The full check does that too, and takes several times as long.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use super::left_behind::note_left_behind;
use super::structure::{IndexPart, SourceIndex, SourceTable};
use super::{Structure, TableKind, Trouble, codes, damage, ddl, make_trouble, open};
use crate::diagnostic::{Finding, Id, Severity};

/// So many lines SQLite gives unless more are asked for; what is wrong with values fills some of
/// them.
const LINES: usize = 100;

/// As many lines as can be asked for.
const ALL_LINES: i32 = i32::MAX;

/// SQLite's code for what is no damage: a statement that cannot be prepared or run.
const SQLITE_ERROR: i32 = 1;

/// What the check says of values, which the codecs judge by the target's rules instead.
const VALUES: &[&str] = &["NULL value in ", "CHECK constraint failed in "];

/// How far the check goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrity {
    /// Pages and rows.
    #[default]
    Quick,
    /// Also whether every index holds what its table holds.
    Full,
}

impl Integrity {
    /// Its word: `quick` or `full`.
    pub fn word(self) -> &'static str {
        match self {
            Integrity::Quick => "quick",
            Integrity::Full => "full",
        }
    }
}

/// Steps of SQLite between two questions whether to stop.
const STEPS: i32 = 10_000;

/// A check that waits to be made by another thread.
#[derive(Debug)]
pub struct IntegrityCheck {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    pub(super) structure: Structure,
    pub(super) integrity: Integrity,
}

/// Ends a check that nobody waits for any more.
#[derive(Clone, Debug, Default)]
pub struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// Ends the check soon, with an error.
    pub fn interrupt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl IntegrityCheck {
    /// How far it goes.
    pub fn integrity(&self) -> Integrity {
        self.integrity
    }

    /// Makes the check. What deserves a word goes to `findings`.
    ///
    /// # Errors
    /// When the file is damaged, or the check was interrupted.
    pub fn run(
        self,
        interruption: Interruption,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Trouble> {
        let IntegrityCheck { path, mut connection, structure, integrity } = self;
        connection
            .progress_handler(STEPS, Some(move || interruption.0.load(Ordering::Relaxed)))
            .map_err(|error| open::explain_open_error(&path, &error))?;
        check_file(&path, &connection, &structure, integrity, findings)
    }
}

/// Checks a file, and notes what stays in it.
///
/// # Errors
/// When it is damaged.
pub fn check_file(
    path: &Path,
    connection: &Connection,
    structure: &Structure,
    integrity: Integrity,
    findings: &mut Vec<Finding>,
) -> Result<(), Trouble> {
    check_integrity(path, connection, structure, integrity, findings)?;
    note_left_behind(connection, structure, findings)
        .map_err(|error| open::explain_open_error(path, &error))
}

/// Checks a database.
///
/// # Errors
/// When it is damaged.
fn check_integrity(
    path: &Path,
    connection: &Connection,
    structure: &Structure,
    integrity: Integrity,
    findings: &mut Vec<Finding>,
) -> Result<(), Trouble> {
    let mut checker = Checker::new(connection, structure);
    let mut lines = match checker.run_quick_check() {
        Ok(lines) => lines,
        Err(error)
            if codes::is_missing_application_part(&error)
                || needs_application_module(&error, structure) =>
        {
            check_each_table(path, &mut checker, findings)?
        }
        Err(error) => return Err(open::explain_open_error(path, &error)),
    };
    if integrity == Integrity::Full && lines.is_empty() {
        lines = check_indexes(path, &mut checker, findings)?;
    }
    checker.note_what_is_no_damage(findings);
    let names = table_and_index_names(connection)
        .map_err(|error| open::explain_open_error(path, &error))?;
    let known = |name: &str| names.iter().any(|known| known == name);
    // A result may be several lines.
    let messages: Vec<String> =
        lines.iter().flat_map(|line| damage::safe_messages(line, &known)).collect();
    let Some(first) = messages.first() else { return Ok(()) };
    let more = match lines.len() {
        LINES.. => " (and more)".to_owned(),
        _ if messages.len() == 1 => String::new(),
        _ => format!(" (and {} more)", messages.len() - 1),
    };
    Err(make_trouble(Id::F10, format!("{}: damaged: {first}{more}", path.display()), ""))
}

fn is_expression(part: &IndexPart) -> bool {
    part.column.is_none()
}

/// Whether an index is over a function that is not there.
fn needs_function_of_others(
    connection: &Connection,
    table: &SourceTable,
    index: &SourceIndex,
) -> bool {
    let parts = ddl::index_part_texts(&index.sql).join(", ");
    let select = format!("SELECT {parts} FROM {}", model::sql::quote(&table.name));
    let statement = connection.prepare(&select);
    statement.is_err_and(|error| codes::is_missing_application_part(&error))
}

/// `wrong # of entries in index x`, `row 1 missing from index x`, `row 1 values differ from index
/// x`
fn is_about_entries(line: &str, index: &str) -> bool {
    let forms = ["entries in index ", "missing from index ", "values differ from index "];
    forms.iter().any(|form| line.split_once(form).is_some_and(|(_, name)| name == index))
}

/// The names of tables and indexes.
fn table_and_index_names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'index')";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

/// Table by table, so that one that only the application can check does not hide the others.
fn check_each_table(
    path: &Path,
    checker: &mut Checker<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<String>, Trouble> {
    let mut lines = Vec::new();
    let checked = |kind| matches!(kind, TableKind::Table | TableKind::Virtual);
    for table in checker.structure.tables.iter().filter(|table| checked(table.kind)) {
        let sql = format!("PRAGMA quick_check({})", model::sql::quote(&table.name));
        match checker.run_check(&sql) {
            Ok(result) => {
                if result.is_cut {
                    findings.push(note_cut_check(table, "the table was not checked completely"));
                }
                lines.extend(result.lines);
            }
            // What a virtual table is made of is not copied.
            Err(error)
                if codes::is_missing_application_part(&error)
                    || table.kind == TableKind::Virtual =>
            {
                let why = codes::describe_error(&error);
                let what = format!("not decided: could not be checked for damage: {why}");
                let mut finding = Finding::without_rows(Id::F14, Severity::Note, what);
                table.name.clone_into(&mut finding.table);
                findings.push(finding);
            }
            Err(error) => return Err(open::explain_open_error(path, &error)),
        }
    }
    Ok(lines)
}

/// Whether the indexes hold what their tables hold, but for those in an order that only the
/// application knows.
fn check_indexes(
    path: &Path,
    checker: &mut Checker<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<String>, Trouble> {
    let fail = |error: rusqlite::Error| open::explain_open_error(path, &error);
    let Checker { connection, structure, .. } = *checker;
    let (mut lines, mut cut) = (Vec::new(), Vec::new());
    let before = findings.len();
    for table in structure.ordinary_tables() {
        if connection.query_row(OWN_ORDER, [&table.name], |row| row.get(0)).map_err(fail)? {
            let what = "has an index with a collation that only the application defines; its \
                        indexes were not checked";
            let mut finding = Finding::without_rows(Id::F14, Severity::Note, what);
            table.name.clone_into(&mut finding.table);
            findings.push(finding);
            continue;
        }
        let sql = format!("PRAGMA integrity_check({})", model::sql::quote(&table.name));
        match checker.run_check(&sql) {
            Ok(result) => {
                cut.extend(result.is_cut.then_some(table));
                lines.extend(result.lines);
            }
            Err(error) if codes::is_missing_application_part(&error) => {
                let what = "has an index with a function that only the application \
                            defines; its indexes were not checked";
                let mut finding = Finding::without_rows(Id::F14, Severity::Note, what);
                table.name.clone_into(&mut finding.table);
                findings.push(finding);
            }
            Err(error) => return Err(fail(error)),
        }
    }
    // A table cannot be checked by itself with more lines, but all of them can.
    if !cut.is_empty() && findings.len() == before {
        match checker.run_check(&format!("PRAGMA integrity_check({ALL_LINES})")) {
            Ok(result) => {
                lines.extend(result.lines);
                cut.clear();
            }
            Err(error)
                if codes::is_missing_application_part(&error)
                    || needs_application_module(&error, structure) => {}
            Err(error) => return Err(fail(error)),
        }
    }
    let what = "its indexes were not checked completely";
    findings.extend(cut.iter().map(|table| note_cut_check(table, what)));
    Ok(lines)
}

/// That a check ended early, because SQLite gives only so many lines for one table.
fn note_cut_check(table: &SourceTable, what: &str) -> Finding {
    let what = format!(
        "{what}: SQLite reports at most {LINES} problems of a table, and none of those is damage"
    );
    let mut finding = Finding::without_rows(Id::F14, Severity::Note, what);
    table.name.clone_into(&mut finding.table);
    finding
}

/// Whether a table has an index in an order of which there is only a stand-in here.
const OWN_ORDER: &str = "SELECT EXISTS (SELECT 1 FROM pragma_index_list(?1, 'main') AS l \
    JOIN pragma_index_xinfo(l.name, 'main') AS x WHERE x.coll IS NOT NULL \
    AND upper(x.coll) NOT IN ('BINARY', 'NOCASE', 'RTRIM'))";

/// What a check reports of damage.
struct CheckResult {
    lines: Vec<String>,
    /// Whether nothing is damage and all lines are used up, so that damage may be behind the last.
    is_cut: bool,
}

/// Runs checks, and knows which of their lines are about no damage.
struct Checker<'a> {
    connection: &'a Connection,
    structure: &'a Structure,
    /// Indexes over functions that only the application has: it alone fills them, and SQLite here
    /// cannot say what should be in them; and whether a check has reported them.
    indexes_of_others: Vec<(&'a SourceTable, &'a SourceIndex, bool)>,
    /// Whether a check has reported an index for searching words.
    has_stale_search_index: bool,
}

impl<'a> Checker<'a> {
    fn new(connection: &'a Connection, structure: &'a Structure) -> Checker<'a> {
        let mut indexes_of_others = Vec::new();
        for table in structure.ordinary_tables() {
            let indexes = table.indexes.iter().filter(|own| own.parts.iter().any(is_expression));
            let indexes = indexes.filter(|own| needs_function_of_others(connection, table, own));
            indexes_of_others.extend(indexes.map(|index| (table, index, false)));
        }
        Checker { connection, structure, indexes_of_others, has_stale_search_index: false }
    }

    fn run_quick_check(&mut self) -> rusqlite::Result<Vec<String>> {
        let mut result = self.run_check(&format!("PRAGMA quick_check({LINES})"))?;
        if result.is_cut {
            result = self.run_check(&format!("PRAGMA quick_check({ALL_LINES})"))?;
        }
        Ok(result.lines)
    }

    /// Runs a check, and keeps at most [`LINES`] lines.
    fn run_check(&mut self, sql: &str) -> rusqlite::Result<CheckResult> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let (mut lines, mut others) = (Vec::new(), 0);
        while let Some(row) = rows.next()?
            && lines.len() < LINES
        {
            let line: String = row.get(0)?;
            match line == "ok" || self.is_no_damage(&line) {
                true => others += 1,
                false => lines.push(line),
            }
        }
        let is_cut = lines.is_empty() && others >= LINES;
        Ok(CheckResult { lines, is_cut })
    }

    fn is_no_damage(&mut self, line: &str) -> bool {
        if is_about_search_index(line) {
            self.has_stale_search_index = true;
            return true;
        }
        let mut indexes = self.indexes_of_others.iter_mut();
        if let Some((_, _, reported)) = indexes.find(|own| is_about_entries(line, &own.1.name)) {
            *reported = true;
            return true;
        }
        is_about_values(line)
    }

    fn note_what_is_no_damage(&self, findings: &mut Vec<Finding>) {
        if self.has_stale_search_index {
            let what = "a full-text index does not match its table";
            findings.push(Finding::without_rows(Id::F14, Severity::Note, what));
        }
        for (table, index, _) in self.indexes_of_others.iter().filter(|own| own.2) {
            let what = format!(
                "index {} uses a function that only the application defines; it was not checked \
                 and is not copied",
                index.name
            );
            let mut finding = Finding::without_rows(Id::F14, Severity::Note, what);
            table.name.clone_into(&mut finding.table);
            findings.push(finding);
        }
    }
}

/// Whether the check may have failed to begin because a virtual table needs more of the application
/// than its module, as a search index does that splits texts in a way of its own.
fn needs_application_module(error: &rusqlite::Error, structure: &Structure) -> bool {
    let kept = structure.tables.iter().any(|table| table.kind == TableKind::Virtual);
    kept && error.sqlite_error().is_some_and(|error| error.extended_code == SQLITE_ERROR)
}

/// Whether it is about an index for searching words, which is made of other tables' rows and is
/// not copied: one that lags behind them is no damage.
fn is_about_search_index(line: &str) -> bool {
    line.contains("inverted index for FTS")
}

/// `NULL value in t.c`, `TEXT value in t.c`, `non-INT value in t.c`, `CHECK constraint failed in t`
fn is_about_values(line: &str) -> bool {
    VALUES.iter().any(|start| line.starts_with(start))
        || line.split_once(" value in ").is_some_and(|(class, _)| !class.contains(' '))
}
