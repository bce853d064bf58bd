//! What is compared, and how both sides come into one form.
//!
//! A schema against a schema is text against text. A SQLite file is drafted with the types of the
//! schema that it is compared with, so that only what really differs is left. A PostgreSQL server
//! is asked how it would describe our schema, and its own words are compared.

use std::path::{Path, PathBuf};

use model::file::TableFile;
use model::{Database, resolve};

use super::diff::{self, Difference};
use super::shape::{self, Item, Kind, Shape, TableShape};
use super::{server, spelling};
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::postgres::connection::{self, Address, Connection, Environment};
use crate::postgres::direct::DirectQueries;
use crate::postgres::inspection as postgres;
use crate::schema::Version;
use crate::schema_tools::draft::build::{self, Input};
use crate::schema_tools::draft::choose::Chosen;
use crate::schema_tools::draft::names::{self, Names, Taken};
use crate::schema_tools::draft::profile;
use crate::schema_tools::draft::residue::{Clause, Residue};
use crate::schema_tools::draft::{self, Draft};
use crate::sqlite;
use crate::sqlite::Source;

/// A side of a comparison.
pub enum Side {
    /// A SQLite file.
    Sqlite(Box<Source>, String),
    /// A schema of a PostgreSQL database, or several of which the first is the usual one.
    Postgres(Box<Connection>, Vec<String>, String),
    /// A schema at a version.
    Schema(&'static Version),
}

impl Side {
    /// A SQLite file; that it has lost rows goes to `warnings`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open_sqlite(file: &Path, warnings: &mut Vec<Fault>) -> Result<Side> {
        let title = format!("sqlite:{}", file.display());
        Ok(Side::Sqlite(Box::new(Source::open_to_inspect(file, warnings)?), title))
    }

    /// A schema of PostgreSQL: `postgres://…/database#schema`, or `?schema` at the end; without one
    /// those of the search path.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn connect_postgres(word: &str) -> Result<Side> {
        let (url, schema) = split_schema(word);
        let environment = Environment::from_process();
        let address = Address::parse_setting("postgres", url, None, &environment)?;
        let address = Address { password_setting: None, ..address };
        let mut connection = connection::connect(&address, &environment)?;
        let schemas = match schema {
            Some(schema) => vec![schema.to_owned()],
            None => {
                let asked = "SELECT current_schemas(false)::text[]";
                let asked = connection.client.query_one_directly(asked, &[]);
                asked.map_err(|error| target_error(&error))?.get(0)
            }
        };
        let Some(first) = schemas.first() else {
            let text =
                format!("{}: no schema of the search path is there", address.database_name());
            let hint = ["name an existing schema after the URL: `#public`", "create the schema"];
            return Err(Error::new(Exit::Target, text, hint));
        };
        let title = format!("postgres:{}#{first}", address.database_name());
        Ok(Side::Postgres(Box::new(connection), schemas, title))
    }

    /// What it is called.
    pub fn title(&self) -> String {
        match self {
            Side::Sqlite(_, title) | Side::Postgres(_, _, title) => title.clone(),
            Side::Schema(version) => format!("{}@{}", version.database, version.name),
        }
    }

    /// Whether it is a PostgreSQL server.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Side::Postgres(..))
    }

    /// Whether it is a SQLite file.
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Side::Sqlite(..))
    }
}

/// The URL and the schema of a word.
fn split_schema(word: &str) -> (&str, Option<&str>) {
    if let Some((url, schema)) = word.rsplit_once('#') {
        return (url, Some(schema).filter(|schema| !schema.is_empty()));
    }
    match word.rfind(['?', '&']) {
        Some(at) if word.get(..at).is_some_and(|url| url.contains("://")) => {
            let last = word.get(at + 1..).unwrap_or_default();
            let schema = !last.is_empty() && !last.contains('=');
            if schema { (word.get(..at).unwrap_or(word), Some(last)) } else { (word, None) }
        }
        _ => (word, None),
    }
}

pub(super) fn target_error(error: &::postgres::Error) -> Error {
    let mut error = crate::postgres::server_error("reading the catalog", error);
    error.exit = Exit::Target;
    error
}

/// Both sides in one form.
///
/// # Errors
/// When one of them cannot be read.
pub fn comparable_shapes(left: &mut Side, right: &mut Side) -> Result<(Shape, Shape)> {
    let (left_title, right_title) = (left.title(), right.title());
    let (mut left, mut right) = match (&mut *left, &mut *right) {
        (Side::Schema(left), Side::Schema(right)) => (version_shape(left), version_shape(right)),
        (Side::Sqlite(source, _), Side::Schema(version)) => sqlite_and_version(source, version)?,
        (Side::Schema(version), Side::Sqlite(source, _)) => {
            let (of_source, of_version) = sqlite_and_version(source, version)?;
            (of_version, of_source)
        }
        (Side::Sqlite(left, _), Side::Sqlite(right, _)) => (own_shape(left)?, own_shape(right)?),
        (Side::Postgres(left, schema, _), Side::Postgres(right, other, _)) => {
            (server::existing_shape(left, schema)?, server::existing_shape(right, other)?)
        }
        (Side::Postgres(there, schema, _), other) => {
            let (expected, existing) = server::server_shapes(there, other, schema)?;
            (existing, expected)
        }
        (other, Side::Postgres(there, schema, _)) => server::server_shapes(there, other, schema)?,
    };
    (left.title, right.title) = (left_title, right_title);
    Ok((left, right))
}

pub(super) fn version_shape(version: &Version) -> Shape {
    Shape {
        tables: version.tables().map(shape::shape_of_table).collect(),
        enums: version
            .enums
            .iter()
            .map(|declared| {
                let labels = declared.labels.iter().map(|label| (*label).to_owned());
                (declared.name.to_owned(), labels.collect())
            })
            .collect(),
        ..Shape::default()
    }
}

/// A schema as far as a source is concerned: types as values travel, and no columns that only
/// PostgreSQL has.
fn copied_shape(version: &Version) -> Shape {
    let mut shape = version_shape(version);
    for (shape, table) in shape.tables.iter_mut().zip(version.tables()) {
        for (shape, column) in shape.columns.iter_mut().zip(table.columns) {
            shape.ty = column.ty.to_string();
        }
        let known = |name: &str| table.column(name).is_some_and(|column| !column.target_only);
        shape.columns.retain(|column| known(&column.name));
    }
    shape
}

/// Without the tables of a server that the other side says are not its own. One of the
/// application's own migrations counts where it is described.
pub(super) fn without_ignored(mut shape: Shape, other: &Side) -> Shape {
    if let Side::Schema(version) = other {
        let described = |name: &str| version.tables().any(|table| table.name == name);
        shape.tables.retain(|table| described(&table.name) || !version.is_target_only(&table.name));
    }
    shape
}

/// SQLite has no enums, and names that the application gave to indexes only.
fn without_names(mut shape: Shape) -> Shape {
    shape.enums.clear();
    let items = shape.tables.iter_mut().flat_map(|table| &mut table.items);
    items.for_each(|item| item.name.clear());
    shape
}

fn inspect_sqlite(source: &Source) -> Result<sqlite::Structure> {
    sqlite::read_structure(&source.reader).map_err(|error| source.read_error(&error))
}

/// A SQLite file and the schema that it is compared with, without what SQLite cannot say.
fn sqlite_and_version(source: &Source, version: &Version) -> Result<(Shape, Shape)> {
    let mut of_source = sqlite_as_version(source, version)?;
    let mut of_version = without_names(copied_shape(version));
    spelling::unify_spellings(&mut of_source, &mut of_version);
    Ok((of_source, of_version))
}

/// A SQLite file in the terms of a schema: its names, and its types where they fit.
fn sqlite_as_version(source: &Source, version: &Version) -> Result<Shape> {
    let mut inspection = inspect_sqlite(source)?;
    let known = |name: &str| version.tables().find(|table| table.source == name);
    inspection.tables.retain(|table| known(&table.name).is_some() || !version.ignores(&table.name));
    for own in &mut inspection.tables {
        let ignored = known(&own.name).map_or(&[][..], |table| table.ignored);
        own.columns.retain(|c| !ignored.iter().any(|name| c.name.eq_ignore_ascii_case(name)));
        if let Some(table) = known(&own.name) {
            let place = table.columns.iter().position(|column| own.is_rowid(column.source));
            if let Some((place, column)) =
                place.and_then(|index| Some((index, table.columns.get(index)?)))
            {
                own.declare_rowid(place, column.source, table.primary_key == [column.name]);
            }
        }
    }
    let mut all_names = Vec::new();
    let mut all_chosen = Vec::new();
    let mut misfits = Vec::new();
    for (place, own) in inspection.ordinary_tables().enumerate() {
        let table = known(&own.name);
        let name = table.map_or(&*own.name, |table| table.name).to_owned();
        let mut names = Names { table: name, ..Names::default() };
        let mut chosen = Vec::new();
        for column in &own.columns {
            let mut columns = table.into_iter().flat_map(|table| table.columns);
            let described = columns.find(|described| described.source == column.name);
            names.columns.push(described.map_or(&*column.name, |d| d.name).to_owned());
            // As the draft leaves out what only the application can compute.
            let unread = || !profile::is_readable(&source.reader, own, &column.name);
            if described.is_none() && column.generated && unread() {
                chosen.push(None);
                continue;
            }
            let own_default = column.default.as_deref();
            chosen.push(Some(match described {
                Some(known) if column.generated || known.accepts_declared(&column.declared) => {
                    Chosen::encoded(known.ty, known.stored)
                }
                _ => {
                    misfits.push((place, names.columns.len() - 1, column.declared.clone()));
                    draft::type_by_declaration(&column.declared, own_default)
                }
            }));
        }
        all_names.push(names);
        all_chosen.push(chosen);
    }
    let input = Input { inspection: &inspection, names: &all_names, chosen: &all_chosen };
    let (files, _) = build::build_files(&input, &mut Taken::default());
    let mut shape = without_names(shape_of_files(&files));
    // A column whose type does not fit shows what is declared.
    for (table, column, declared) in misfits {
        let table = shape.tables.get_mut(table);
        if let Some(column) = table.and_then(|table| table.columns.get_mut(column)) {
            column.ty =
                format!("declared {}", if declared.is_empty() { "nothing" } else { &declared });
        }
    }
    Ok(shape)
}

pub(super) fn shape_of_files(files: &[TableFile]) -> Shape {
    let all: Vec<&TableFile> = files.iter().collect();
    let tables = files.iter().map(|file| shape::shape_of_table(&resolve::table_at(file, &all, 0)));
    Shape { tables: tables.collect(), ..Shape::default() }
}

/// A SQLite file in its own terms, for comparison with another.
fn own_shape(source: &Source) -> Result<Shape> {
    let inspection = inspect_sqlite(source)?;
    let names = names::assign_names(&inspection, &mut Taken::default());
    let chosen = |table: &sqlite::SourceTable| {
        let each = table.columns.iter();
        each.map(|c| Some(draft::type_by_declaration(&c.declared, c.default.as_deref()))).collect()
    };
    let chosen: Vec<Vec<Option<Chosen>>> = inspection.ordinary_tables().map(chosen).collect();
    let input = Input { inspection: &inspection, names: &names, chosen: &chosen };
    let (files, mut lost) = build::build_files(&input, &mut Taken::default());
    let mut shape = without_names(shape_of_files(&files));
    for (table, own) in shape.tables.iter_mut().zip(inspection.ordinary_tables()) {
        table.name.clone_from(&own.name);
        for (column, own) in table.columns.iter_mut().zip(&own.columns) {
            column.ty.clone_from(&own.declared);
            column.stored.clear();
            column.default = own.default.clone().unwrap_or_default();
        }
    }
    lost.extend(draft::find_left_out_objects(&inspection));
    lost.retain(|item| !matches!(item.sql, Clause::Default(_)));
    add_residue(&mut shape, lost);
    Ok(shape)
}

fn add_residue(shape: &mut Shape, lost: Vec<Residue>) {
    for item in lost {
        let text = format!("{}: {}", item.what, item.sql);
        let new = Item { kind: Kind::Other, name: String::new(), text };
        match shape.tables.iter_mut().find(|table| table.name == item.table) {
            Some(table) => table.items.push(new),
            None => shape.tables.push(TableShape {
                name: item.table,
                items: vec![new],
                ..TableShape::default()
            }),
        }
    }
}

/// How two readings of one server differ, apart from tables that are passed over.
pub fn diff_inspections(
    expected: &postgres::Inspection,
    existing: &postgres::Inspection,
    target_only: &[String],
) -> Vec<Difference> {
    let (left, mut right) = (inspection_shape(expected), inspection_shape(existing));
    right.tables.retain(|table| !target_only.contains(&table.name));
    diff::diff_shapes(&left, &right, diff::ComparedSides { described: false, named: true })
}

pub(super) fn inspection_shape(inspection: &postgres::Inspection) -> Shape {
    Shape {
        tables: inspection.tables.iter().map(shape::shape_of_postgres_table).collect(),
        enums: inspection.enums.clone(),
        ..Shape::default()
    }
}

/// A SQLite file with the types that a draft would give it.
pub(super) fn draft_database(source: &Source) -> Result<Database> {
    let Draft { directory, .. } = draft::draft_schema(source, "1")?;
    let databases = resolve::resolve_versions(&directory).map_err(|faults| {
        let file = source.path.display();
        Error::new(
            Exit::Source,
            format!("{file}: no schema can be drafted: {faults}"),
            "draft it with migrate schema draft, correct the files, and compare the directory",
        )
    })?;
    databases.first().copied().ok_or_else(|| {
        Error::new(
            Exit::Source,
            format!("{}: no tables", PathBuf::from(&source.path).display()),
            "",
        )
    })
}
