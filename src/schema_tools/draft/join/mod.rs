//! A draft that joins a SQLite file with the tables that the application itself made in PostgreSQL:
//! `migrate schema draft --target`.
//!
//! Types, names, keys and indexes are the catalog's ([`catalog`]); which column is which is settled
//! by names ([`pairs`]), and how SQLite holds its values by reading them all ([`columns`],
//! [`encoding`]). What SQLite's tables keep and PostgreSQL's do not is listed
//! ([`missing_rules`]). The server itself judges whether a shorter text means the same
//! ([`simplify_expressions`]), and whether the whole draft describes its tables.

mod catalog;
mod checks;
mod column_line;
mod column_values;
mod columns;
mod encoding;
mod files;
mod foreign_keys;
mod integers;
mod kinds;
mod migration_history;
mod missing;
mod missing_foreign_keys;
mod missing_rules;
mod pairings;
mod pairs;
mod same;
mod schemas;
mod sequences;
mod server_check;
mod server_types;
mod simplify_expressions;
mod source_keys;
mod unpaired;

pub use catalog::describe_existing_tables;
pub use pairings::{ColumnPairing, Pairings};
pub use same::{SourceAndTarget, apply_same_flags, find_common_prefix};
pub use schemas::{Clash, choose_tables, find_clashes, inspect_search_path};
pub use unpaired::{Unpaired, UnpairedColumn, UnpairedTable, find_unpaired};

use std::collections::BTreeSet;

use ::postgres::Client;
use model::file::{Directory, TableFile};
use model::{Enum, Stored};

use super::build;
use super::choose::Chosen;
use super::names::{self, Names, Taken};
use super::residue::{Clause, Kind, Residue, Subject};
use super::{Draft, find_left_out_objects, rowids, virtuals};
use crate::diagnostic::Result;
use crate::postgres::inspection as postgres;
use crate::postgres::inspection::Inspection;
use crate::schema::Version;
use crate::sqlite;
use crate::sqlite::Source;
use crate::text::count_with_noun;

use columns::{Columns, Undecided};
use pairings::{pair_columns, pair_tables};
use pairs::How;

/// PostgreSQL's side.
pub struct Target<'a> {
    /// The server, which answers questions and keeps nothing.
    pub client: &'a mut Client,
    /// The first schema of the search path, in which the tables lie that state none.
    pub schema: &'a str,
    /// What it is called in comments.
    pub title: &'a str,
    /// The zone of times that say no offset, where a person has said it.
    pub naive_zone: Option<&'a str>,
    /// What a person has said of names.
    pub pairings: &'a Pairings,
    /// What is built in about the application. A line of it that is no guess proves an encoding.
    pub built_in: Option<&'static Version>,
}

/// Tables and what is said of them while they are put together.
#[derive(Default)]
struct Joined {
    files: Vec<TableFile>,
    notes: Vec<Vec<Option<String>>>,
    rows: Vec<u64>,
    /// SQLite's tables that have a place, with PostgreSQL's names, and their columns' types.
    own: Vec<sqlite::SourceTable>,
    names: Vec<Names>,
    chosen: Vec<Vec<Option<Chosen>>>,
    ignore: Vec<String>,
    target_only: Vec<String>,
    /// Tables that PostgreSQL lacks and that a run creates, by their names there.
    created: Vec<String>,
    undecided: Vec<Undecided>,
    residue: Vec<Residue>,
}

/// Drafts the schema that joins both sides.
///
/// # Errors
/// SQLite's, and the server's.
pub fn draft_joined(
    source: &Source,
    version: &str,
    target: &mut Target<'_>,
    there: &Inspection,
) -> Result<Draft> {
    let fail = |error: rusqlite::Error| source.read_error(&error);
    let own = sqlite::read_structure(&source.reader).map_err(fail)?;
    let there = &choose_tables(there, target.pairings);
    let enums: Vec<Enum> = there.enums.iter().map(catalog::of_catalog).collect();
    let server = server_types::Server::of_target(target.client, target.schema);
    let options = JoinOptions {
        server: &server,
        enums: &enums,
        naive_zone: target.naive_zone,
        pairings: target.pairings,
        built_in: target.built_in,
        usual: target.schema,
    };
    let mut joined = join_tables(source, &own, there, options).map_err(fail)?;
    server.into_result()?;
    let there = &schemas::leave_out_strangers(there, &joined.files, target.schema);
    foreign_keys::add_foreign_keys(there, &mut joined);
    let migration_histories = migration_history::find_history_tables(&joined.files);
    joined.leave_histories_uncopied(&migration_histories);
    let inspection = sqlite::Structure {
        tables: std::mem::take(&mut joined.own),
        ..sqlite::Structure::default()
    };
    let input =
        build::Input { inspection: &inspection, names: &joined.names, chosen: &joined.chosen };
    let (plain, unexpressed) = build::build_files(&input, &mut Taken::default());
    joined.take_created_files(&plain, &unexpressed);
    let interrupted = |error| crate::postgres::server_error("checking the schema files", &error);
    simplify_expressions::simplify_expressions(target, &enums, there, &plain, &mut joined.files)
        .map_err(interrupted)?;
    let tables: Vec<_> = joined.files.iter().zip(inspection.ordinary_tables()).collect();
    let lost = missing_rules::find_missing_definitions(&tables, &plain, unexpressed, &there.tables);
    joined.residue.extend(lost);
    let described = &joined.files;
    checks::take_out_kept_checks(target, &enums, there, described, &mut joined.residue)
        .map_err(interrupted)?;
    let shown = source.path.file_name().unwrap_or(source.path.as_os_str()).to_string_lossy();
    let mut all = find_left_out_objects(&own);
    virtuals::note_rows_of_virtual_tables(&source.reader, &own, &mut all).map_err(fail)?;
    joined.add_undecided_tables(&all);
    let mut directory = joined.to_directory(&shown, version);
    (directory.migration_histories, directory.enums) = (migration_histories, enums);
    all.append(&mut joined.residue);
    all.extend(rowids::find_rowid_tables(&source.reader, &own, &joined.files).map_err(fail)?);
    all.extend(kinds::find_unfit_kinds(target, &joined.files, &joined.created)?);
    let differing = server_check::check_with_server(target, &directory, there);
    all.extend(differing.map_err(interrupted)?);
    let failed = |error| crate::postgres::server_error("reading sequences", &error);
    let sequences = sequences::find_sequences(target, &joined.files).map_err(failed)?;
    all.extend(sequences.residue);
    let title = format!("{shown} and {}", target.title);
    let mut files = files::make_files(&title, version, &directory, &joined, &all);
    if let Some((_, database)) = files.first_mut() {
        database.push_str(&sequences.lines);
    }
    Ok(Draft { files, directory, residue: all })
}

fn join_tables(
    source: &Source,
    own: &sqlite::Structure,
    there: &Inspection,
    options: JoinOptions<'_>,
) -> rusqlite::Result<Joined> {
    let mut joined = Joined::default();
    let given = names::assign_names(own, &mut Taken::default());
    let found = pair_tables(own, &given, there, options.pairings);
    let to_create = missing::tables_to_create(source, own, &found, options.pairings)?;
    let mut created = Vec::new();
    for ((table, names), pair) in own.ordinary_tables().zip(&given).zip(&found) {
        match pair.and_then(|(index, how)| Some((there.tables.get(index)?, how))) {
            Some((other, _)) if migration_history::is_specific_to_database(other) => {
                joined.leave_with_each_side(table, other)
            }
            Some((other, how)) => {
                joined.join_table(source, (table, names), (other, how), options)?;
                joined.note_schema(&table.name, other, there, options.usual);
            }
            None if options.pairings.leaves_table(&table.name) => {
                joined.ignore.push(table.name.clone());
                let why = "its rows are not migrated, as requested".to_owned();
                joined.add_item(&table.name, Kind::Changed, "the table".into(), why);
            }
            None if to_create.contains(&table.name) => created.push((table.clone(), names.clone())),
            None => joined.one_sided(source, table, there)?,
        }
    }
    joined.add_created_tables(&source.reader, created)?;
    let taken: BTreeSet<usize> = found.iter().flatten().map(|(index, _)| *index).collect();
    let alone = there.tables.iter().enumerate().filter(|(index, _)| !taken.contains(index));
    for (_, table) in alone.filter(|(_, table)| table.schema == options.usual) {
        joined.target_only.push(table.name.clone());
        let is_filled = options
            .pairings
            .filled_by_others
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&table.name));
        let why = match is_filled {
            true => "only in PostgreSQL; another SQLite file of the run has a table with this name",
            false => "only in PostgreSQL; not changed",
        };
        joined.add_item(&table.name, Kind::Changed, "the table".into(), why.to_owned());
    }
    Ok(joined)
}

/// What a person has said, and the enums of PostgreSQL.
#[derive(Clone, Copy)]
struct JoinOptions<'a> {
    server: &'a dyn server_types::AskServer,
    enums: &'a [Enum],
    naive_zone: Option<&'a str>,
    pairings: &'a Pairings,
    built_in: Option<&'static Version>,
    /// The schema of tables that state none.
    usual: &'a str,
}

impl Joined {
    fn to_directory(&self, name: &str, version: &str) -> Directory {
        Directory {
            name: name.to_owned(),
            versions: vec![version.to_owned()],
            ignore: self.ignore.clone(),
            target_only: self.target_only.clone(),
            create_missing: self.created.clone(),
            undecided: self.undecided.iter().map(Undecided::to_string).collect(),
            joined: true,
            tables: self.files.clone(),
            ..Directory::default()
        }
    }

    fn add_item(&mut self, table: &str, kind: Kind, what: Subject, why: String) {
        let (table, sql) = (table.to_owned(), Clause::None);
        self.residue.push(Residue { table, kind, what, why, sql });
    }

    /// Rows that no ordinary table has: nobody has said that they may be left behind.
    fn add_undecided_tables(&mut self, all: &[Residue]) {
        let rows = all.iter().filter(|item| item.kind == Kind::Decide);
        let tables = rows.map(|item| Undecided { table: item.table.clone(), column: None });
        self.undecided.extend(tables);
    }

    /// A table of which each side keeps its own.
    fn leave_with_each_side(&mut self, own: &sqlite::SourceTable, there: &postgres::Table) {
        self.ignore.push(own.name.clone());
        self.target_only.push(there.name.clone());
        let why = "a library stores information about this database in it; the rows in PostgreSQL \
                   are not changed";
        self.add_item(&own.name, Kind::Changed, "the table".into(), why.to_owned());
    }

    /// The application's own migrations are compared and mostly not copied: nothing about them is
    /// to be decided, and what only SQLite notes of them stays there.
    fn leave_histories_uncopied(&mut self, kept: &[(String, Vec<String>)]) {
        let files = self.files.iter_mut().zip(&mut self.notes);
        for ((file, notes), own) in files.zip(&self.own) {
            if kept.iter().all(|(name, _)| *name != file.name) {
                continue;
            }
            for column in own.columns.iter().filter(|column| !column.generated) {
                let mut lines = file.columns.iter().map(|line| &line.item);
                let copied = lines.any(|line| line.source == column.name && !line.target_only);
                if !copied && !file.ignore.contains(&column.name) {
                    file.ignore.push(column.name.clone());
                }
            }
            let lines = file.columns.iter_mut().map(|line| &mut line.item);
            for (line, note) in lines.zip(notes) {
                let source = own.columns.iter().find(|column| column.name == line.source);
                if let (Stored::Undecided, Some(source)) = (line.stored, source) {
                    let usual = Chosen::of_type(line.ty).declared_as(&source.declared);
                    (line.stored, line.declared, *note) = (usual.stored, usual.declared, None);
                }
            }
            let open = |item: &Residue| item.kind == Kind::Decide;
            self.residue.retain(|item| item.table != own.name || !open(item));
            self.undecided.retain(|place| place.table != file.name);
        }
    }

    /// A table of SQLite that PostgreSQL does not have.
    fn one_sided(
        &mut self,
        source: &Source,
        table: &sqlite::SourceTable,
        there: &Inspection,
    ) -> rusqlite::Result<()> {
        let count = format!("SELECT count(*) FROM {} NOT INDEXED", model::sql::quote(&table.name));
        let rows: i64 = source.reader.query_row(&count, [], |row| row.get(0))?;
        if rows == 0 {
            self.ignore.push(table.name.clone());
            let why = "only in SQLite, and empty; not migrated".to_owned();
            self.add_item(&table.name, Kind::Changed, "the table".into(), why);
            return Ok(());
        }
        let rows = count_with_noun(rows.unsigned_abs(), "row");
        let why = match there.others.iter().find(|other| other.name == table.name) {
            Some(other) => format!(
                "its name in PostgreSQL is that of {}; {rows} not migrated. The copy refuses the \
                 database until the list `ignore` in database.toml contains the table, or --same \
                 names its counterpart in PostgreSQL",
                other.kind
            ),
            None => format!(
                "PostgreSQL has no such table; {rows} not migrated. The copy refuses the database \
                 until the list `ignore` in database.toml contains the table. To let the copy \
                 create the table, draft again with --create-missing"
            ),
        };
        self.add_item(&table.name, Kind::Decide, "the table".into(), why);
        Ok(())
    }

    fn join_table(
        &mut self,
        source: &Source,
        (own, names): (&sqlite::SourceTable, &Names),
        (there, how): (&postgres::Table, How),
        options: JoinOptions<'_>,
    ) -> rusqlite::Result<()> {
        let right: Vec<&str> = there.columns.iter().map(|column| &*column.name).collect();
        let pairs = pair_columns(own, names, there, options.pairings);
        let connection = &source.reader;
        let JoinOptions { server, enums, naive_zone, pairings, built_in, .. } = options;
        let built_in =
            built_in.and_then(|version| version.tables().find(|table| table.source == own.name));
        let input = columns::Input {
            connection,
            server,
            own,
            there,
            pairs: &pairs,
            enums,
            naive_zone,
            pairings,
            built_in,
        };
        let columns = columns::join_columns(&input)?;
        let Columns { lines, notes, ignore, chosen, residue, rows, undecided } = columns;
        self.residue.extend(residue);
        self.undecided.extend(undecided);
        match how {
            How::Exact => {}
            How::Alike => {
                let name = &there.name;
                let why = format!(
                    "probably it is {name}, because the names have the same letters; if so, remove \
                     {name:?} from `undecided` in database.toml"
                );
                self.add_item(&own.name, Kind::Decide, Subject::Table(own.name.clone()), why);
                self.undecided.push(Undecided { table: name.clone(), column: None });
            }
            How::Given if own.name == there.name => {}
            How::Given | How::Instead | How::Case => {
                let why = format!("its name in PostgreSQL is {}", there.name);
                self.add_item(&own.name, Kind::Changed, Subject::Table(own.name.clone()), why);
            }
        }
        let mut file = build::empty_table_file(&there.name, &own.name);
        (file.columns, file.ignore) = (lines, ignore);
        catalog::add_rules(there, &mut file);
        self.set_source_key(own, &mut file);
        let name = |(index, column): (usize, &sqlite::SourceColumn)| {
            let there = pairs.get(index).copied().flatten();
            let found = there.and_then(|(position, _)| there_column(&right, position));
            found.unwrap_or(&column.name).to_owned()
        };
        let columns = own.columns.iter().enumerate().map(name).collect();
        self.names.push(Names { table: there.name.clone(), columns, key: None });
        self.own.push(own.clone());
        self.chosen.push(chosen);
        self.files.push(file);
        self.notes.push(notes);
        self.rows.push(rows);
        Ok(())
    }
}

fn there_column<'a>(right: &[&'a str], index: usize) -> Option<&'a str> {
    right.get(index).copied()
}
