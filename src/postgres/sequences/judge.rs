//! What must be decided about sequences before a load, and what should be known. Pure.

use model::{Identity, Next, Type};

use super::super::facts::hints_to_act_as;
use super::super::quote_if_needed;
use super::{Sequence, Survey, Tie, likely};
use crate::diagnostic::{Finding, Hint, Hints, Id, Severity};
use crate::text::toml_string;

/// A table that is loaded.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name in PostgreSQL.
    pub name: String,
    /// Its name in SQLite.
    pub source: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its primary key.
    pub key: Vec<String>,
}

/// A column of such a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in PostgreSQL.
    pub name: String,
    /// Whether it holds numbers.
    pub numbers: bool,
    /// Whether its values come from SQLite.
    pub copied: bool,
    /// Whether the schema files have PostgreSQL make its values.
    pub made: bool,
}

/// What is loaded and what a person has said about sequences.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The database.
    pub database: &'a str,
    /// Our role.
    pub user: &'a str,
    /// The tables that are loaded.
    pub tables: &'a [Table],
    /// The lines of `database.toml`.
    pub lines: &'a [model::Sequence],
    /// Where that file is.
    pub file: &'a str,
}

/// The ids of findings that are left to a person to decide.
pub const TO_DECIDE: &[Id] = &[Id::Q13, Id::Q15];

/// Whether a column of this type can hold what a sequence counts.
pub fn can_hold_sequence_values(ty: Type) -> bool {
    let floats = matches!(ty, Type::Float4 | Type::Float8);
    floats || matches!(ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Numeric(_))
}

/// Whether a default asks a sequence by itself.
pub fn calls_nextval(default: &str) -> bool {
    default.to_ascii_lowercase().contains("nextval")
}

impl From<&model::Table> for Table {
    fn from(table: &model::Table) -> Table {
        let column = |column: &model::Column| Column {
            name: column.name.to_owned(),
            numbers: can_hold_sequence_values(column.ty),
            copied: column.generated.is_none() && !column.target_only,
            made: column.identity != Identity::No || column.default.is_some_and(calls_nextval),
        };
        Table {
            name: table.name.to_owned(),
            source: table.source.to_owned(),
            columns: table.columns.iter().map(column).collect(),
            key: table.primary_key.iter().map(|&key| key.to_owned()).collect(),
        }
    }
}

impl Survey {
    /// Whether a line of `database.toml` means a sequence.
    pub fn line_names_sequence(&self, line: &model::Sequence, sequence: &Sequence) -> bool {
        line.name == self.written_name(sequence)
            || line.name == format!("{}.{}", sequence.schema, sequence.name)
    }

    /// A sequence's name as `database.toml` has it.
    pub fn written_name(&self, sequence: &Sequence) -> String {
        match sequence.schema == self.schema {
            true => sequence.name.clone(),
            false => format!("{}.{}", sequence.schema, sequence.name),
        }
    }
}

impl Asked<'_> {
    /// What becomes of a tie: nothing where its table is not loaded, or its column not copied.
    fn concern_of_tie(&self, table: &str, column: Option<&str>) -> Option<Concern> {
        let table = self.tables.iter().find(|known| known.name == table)?;
        let Some(column) = column else { return Some(Concern::Table) };
        let column = table.columns.iter().find(|known| known.name == column)?;
        Some(match (column.copied, column.numbers) {
            (false, _) => Concern::Filled,
            (true, numbers) => Concern::Copied { numbers },
        })
    }

    /// Whether the sequence of a column is known.
    fn has_known_sequence(&self, survey: &Survey, table: &str, column: &str) -> bool {
        let of_table = self.tables.iter().filter(|known| known.name == table);
        let mut columns = of_table.flat_map(|known| &known.columns);
        if columns.any(|known| known.name == column && known.made) {
            return true;
        }
        survey.ties.iter().any(|tie| tie.table == table && tie.column.as_deref() == Some(column))
    }
}

/// What a sequence makes values for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Concern {
    /// A loaded table, in a column that is not known.
    Table,
    /// A column that is not copied: it is filled while rows are loaded.
    Filled,
    /// A copied column.
    Copied { numbers: bool },
}

/// Whether it is settled by the tie itself.
fn is_settled_by_tie(tie: &Tie, concern: Concern) -> bool {
    match concern {
        Concern::Copied { numbers } => numbers && tie.line.is_some(),
        Concern::Filled => true,
        Concern::Table => false,
    }
}

/// Everything: what is to be decided first.
pub fn find_sequence_findings(survey: &Survey, asked: Asked<'_>) -> Vec<Finding> {
    let mut judge = Judge { survey, asked, findings: Vec::new() };
    asked.lines.iter().for_each(|line| judge.check_line(line));
    survey.sequences.iter().for_each(|sequence| judge.judge_sequence(sequence));
    for unnamed in &survey.unnamed {
        let concern = asked.concern_of_tie(&unnamed.table, unnamed.column.as_deref());
        let is_for_table = |line: &model::Sequence| match line.next {
            Next::After { table, .. } => table == unnamed.table,
            Next::At(_) => true,
        };
        if matches!(concern, None | Some(Concern::Filled)) || asked.lines.iter().any(is_for_table) {
            continue;
        }
        let column = unnamed.column.as_deref();
        let what = format!("{} uses a sequence whose name is not in its text", unnamed.by);
        let hint = "add a `[[sequence]]` with its name, and `column` or `next`, to database.toml";
        judge.add_finding(Id::Q13, Severity::Error, (&unnamed.table, column), what, hint);
    }
    judge.findings
}

struct Judge<'a> {
    survey: &'a Survey,
    asked: Asked<'a>,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    fn add_finding(
        &mut self,
        id: Id,
        severity: Severity,
        (table, column): (&str, Option<&str>),
        what: String,
        hints: impl Into<Hints>,
    ) {
        let mut finding = Finding::without_rows(id, severity, what);
        self.asked.database.clone_into(&mut finding.database);
        table.clone_into(&mut finding.table);
        finding.set_columns(column);
        finding.hints = hints.into();
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// A line of `database.toml` must mean a sequence and a value that it can give.
    fn check_line(&mut self, line: &model::Sequence) {
        let mut all = self.survey.sequences.iter();
        let Some(sequence) = all.find(|known| self.survey.line_names_sequence(line, known)) else {
            let what = format!("database.toml names sequence {}, which does not exist", line.name);
            let hints = [
                "write the name of a sequence in the schema of the tables, or SCHEMA.NAME",
                "remove the lines from database.toml",
            ];
            return self.add_finding(Id::Q15, Severity::Error, ("", None), what, hints);
        };
        let (least, greatest) = (sequence.least, sequence.greatest);
        if let Next::At(next) = line.next
            && !(least..=greatest).contains(&next)
        {
            let what = format!(
                "database.toml has {next} for the next value of sequence {}, which ranges from \
                 {least} to {greatest}",
                line.name
            );
            self.add_finding(
                Id::Q15,
                Severity::Error,
                ("", None),
                what,
                "write a value in that range",
            );
        }
    }

    fn judge_sequence(&mut self, sequence: &Sequence) {
        let survey = self.survey;
        let settled =
            self.asked.lines.iter().any(|line| survey.line_names_sequence(line, sequence));
        let ties = || survey.ties.iter().filter(|tie| tie.sequence == sequence.oid);
        let mut touched = settled;
        let mut known = settled || sequence.named;
        for tie in ties() {
            let concern = self.asked.concern_of_tie(&tie.table, tie.column.as_deref());
            let Some(concern) = concern else {
                known = true;
                continue;
            };
            let elsewhere = concern == Concern::Table
                && ties().any(|other| other.column.is_some() && other.table != tie.table);
            known = true;
            touched |= !elsewhere;
            if !settled && !elsewhere && !is_settled_by_tie(tie, concern) {
                self.add_unclear_tie(sequence, tie);
            }
        }
        if !known {
            self.judge_untied_sequence(sequence);
        }
        if touched {
            self.check_rights(sequence);
        }
    }

    /// A sequence that makes values nobody can compute, or for a column nobody can tell.
    fn add_unclear_tie(&mut self, sequence: &Sequence, tie: &Tie) {
        let (name, by) = (self.survey.written_name(sequence), &tie.by);
        let what = match &tie.column {
            Some(_) => format!(
                "{by} computes values from sequence {name}, but it is not known which values \
                 are already used"
            ),
            None => {
                format!(
                    "{by} uses sequence {name}, but it is not known which column gets its value"
                )
            }
        };
        self.add_question(sequence, (&tie.table, tie.column.as_deref()), what);
    }

    /// A sequence that nothing is tied to.
    fn judge_untied_sequence(&mut self, sequence: &Sequence) {
        let name = self.survey.written_name(sequence);
        let tables = self.asked.tables;
        let likely = likely::likely_columns(&sequence.name, tables).into_iter();
        let likely = likely.filter(|(t, c)| !self.asked.has_known_sequence(self.survey, t, c));
        let likely: Vec<_> = likely.collect();
        for (table, column) in &likely {
            let what = format!(
                "sequence {name} may generate its values, judging by its name; nothing in \
                 PostgreSQL ties the sequence to a column"
            );
            self.add_question(sequence, (table, Some(column)), what);
        }
        if likely.is_empty() {
            let what = format!("sequence {name} is not tied to any column, and is not changed");
            self.add_finding(Id::Q14, Severity::Note, ("", None), what, "");
        }
    }

    /// Adds what a person must decide, with the lines for `database.toml` that decide it.
    fn add_question(&mut self, sequence: &Sequence, place: (&str, Option<&str>), what: String) {
        let (table, column) = place;
        let hint = self.hint_with_lines(sequence, table, column);
        let mut finding = Finding::without_rows(Id::Q13, Severity::Error, what);
        self.asked.database.clone_into(&mut finding.database);
        table.clone_into(&mut finding.table);
        finding.set_columns(column);
        finding.hints = hint.into();
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// What to write into `database.toml`.
    fn hint_with_lines(&self, sequence: &Sequence, table: &str, column: Option<&str>) -> Hint {
        let file = self.asked.file;
        let name = toml_string(&self.survey.written_name(sequence));
        let known = self.asked.tables.iter().find(|known| known.name == table);
        let known = known.and_then(|table| table.columns.iter().find(|c| Some(&*c.name) == column));
        let numbers = known.is_some_and(|column| column.numbers && column.copied);
        let mut lines = vec!["[[sequence]]".to_owned(), format!("name = {name}")];
        if let Some(column) = column.filter(|_| numbers) {
            lines.push(format!("column = {}", toml_string(&format!("{table}.{column}"))));
            lines.push("# or, instead of column, its next value: next = 1".into());
            return Hint::with_lines(format!("add to {file} if it does:"), lines);
        }
        lines.push("next = 1".to_owned());
        if column.is_none() {
            let column = toml_string(&format!("{table}.COLUMN"));
            lines.push(format!(
                "# or, instead of next, the column of numbers that it generates: \
                 column = {column}"
            ));
        }
        Hint::with_lines(format!("add its next value to {file}:"), lines)
    }

    /// A sequence that is restarted belongs to our role, which reads its state.
    fn check_rights(&mut self, sequence: &Sequence) {
        let typed =
            format!("{}.{}", quote_if_needed(&sequence.schema), quote_if_needed(&sequence.name));
        let user = quote_if_needed(self.asked.user);
        let owner = quote_if_needed(&sequence.owner);
        let mut ties = self.survey.ties.iter().filter(|tie| tie.sequence == sequence.oid);
        let table = ties.find(|tie| self.asked.concern_of_tie(&tie.table, None).is_some());
        let table = table.map(|tie| tie.table.clone()).unwrap_or_default();
        if !sequence.has_owner_rights {
            let what = format!("sequence {typed} belongs to {owner}, not to {user}");
            let hints = hints_to_act_as(&owner, &user);
            let alter = format!("ALTER SEQUENCE {typed} OWNER TO {user};");
            let hints = match sequence.of_column {
                true => hints,
                false => hints.and(Hint::with_line("give the sequence to the role:", alter)),
            };
            self.add_finding(Id::P2, Severity::Error, (&table, None), what, hints);
        } else if !sequence.readable {
            let what = format!("role {user} has no permission to read sequence {typed}");
            let schema = quote_if_needed(&sequence.schema);
            let grants = vec![
                format!("GRANT USAGE ON SCHEMA {schema} TO {user};"),
                format!("GRANT SELECT ON SEQUENCE {typed} TO {user};"),
            ];
            let hint = Hint::with_lines("grant the privileges, as the owner:", grants);
            self.add_finding(Id::P2, Severity::Error, (&table, None), what, hint);
        }
    }
}
