//! `migrate schema`: listing, showing, drafting and comparing schemas.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use model::{Identity, sql};

use super::commands::unknown_zone_error;
use super::{Messages, into, outputs, schema_word, texts};
use crate::diagnostic::console::{self, Console, print_result};
use crate::diagnostic::{Error, Exit, Fault, Hint, Result};
use crate::schema::{self, Version};
use crate::schema_tools::compare::diff::ComparedSides;
use crate::schema_tools::compare::server;
use crate::schema_tools::compare::side::{self, Side};
use crate::schema_tools::compare::{diff as differences, html, print as show_differences};
use crate::schema_tools::draft;
use crate::schema_tools::draft::join::SourceAndTarget;
use crate::schema_tools::draft::residue::{Kind, Residue};
use crate::sqlite::{self, Source};
use crate::text::count_with_noun;
use crate::text::{self, Lines};

#[derive(Subcommand, Debug)]
pub enum Schema {
    /// List the built-in schemas and their versions
    #[command(after_help = texts::AFTER_LIST)]
    List,
    /// Print the tables of a schema at a version
    #[command(after_help = texts::AFTER_SHOW)]
    Show(Show),
    /// Write schema files from a SQLite database
    ///
    /// Reads the structure and every row, and chooses the type of each column from both. What a
    /// schema file cannot describe is listed in RESIDUE.md. With --into, a version is added to an
    /// existing schema directory: the differences from its newest version are written into its
    /// files.
    #[command(after_help = texts::AFTER_DRAFT)]
    Draft(Draft),
    /// Compare two structures and print what each difference means for a migration
    ///
    /// Each side is sqlite:FILE, postgres:URL (with #SCHEMA at the end to choose a PostgreSQL
    /// schema; otherwise the first one of its search path), a built-in schema such as
    /// connect/core@2025.04, or a schema directory (DIR or DIR@VERSION). The exit code is 0 if both
    /// are equal and 1 if they differ.
    #[command(after_help = texts::AFTER_DIFF)]
    Diff(Diff),
}

#[derive(Args, Debug)]
pub struct Diff {
    /// The side that rows come from
    left: String,
    /// The side that rows go to
    right: String,
    /// The format of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    messages: Messages,
}

/// How differences are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain text
    Text,
    /// Markdown tables
    Markdown,
    /// JSON for programs
    Json,
    /// One HTML page that needs no other file and no network
    Html,
}

#[derive(Args, Debug)]
pub struct Show {
    /// A schema, for example connect/core@2025.04 or DIR@VERSION; without a version its newest one
    #[arg(value_name = "DB[@VERSION]")]
    schema: String,
    /// Print SQL statements for PostgreSQL
    #[arg(long)]
    sql: bool,
}

#[derive(Args, Debug)]
pub struct Draft {
    /// The SQLite file; it is only read
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    /// The database in which the application has created its tables, empty or not: types, names,
    /// keys and indexes are read from them, in every schema of the search path that contains tables
    /// of these names (#SCHEMA at the end: only in that schema). The exit code is 1 if something in
    /// the source has no counterpart or no conversion
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// The time zone of times without an offset that go to a column with a time zone: UTC, or a
    /// name such as Europe/Berlin; without it, each such column must be decided by you
    #[arg(long, value_name = "ZONE", requires = "target")]
    naive_zone: Option<String>,
    /// A table or column has another name in PostgreSQL: apps=content, apps=other.apps for a table
    /// in the schema `other`, apps.created=created_time, or '*=PREFIX_*' for all tables; can be
    /// given several times
    #[arg(long, value_name = "NAME=NAME", requires = "target")]
    same: Vec<String>,
    /// Describe tables that contain rows in SQLite and do not exist in PostgreSQL, from their
    /// definitions in SQLite; a run creates them
    #[arg(long, requires = "target")]
    create_missing: bool,
    /// The name of this version of the application's tables
    #[arg(long, value_name = "V", default_value = "1")]
    version: String,
    /// The directory to write; it must be empty or not exist
    #[arg(long, value_name = "DIR", required_unless_present = "into")]
    out: Option<PathBuf>,
    /// The schema directory to which this version is added; not one that was drafted with --target
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "target"], requires = "version")]
    into: Option<PathBuf>,
    #[command(flatten)]
    messages: Messages,
}

impl Schema {
    /// What is asked for about messages, by a command that may connect.
    pub(super) fn messages(&self) -> Option<&Messages> {
        match self {
            Schema::Draft(draft) => Some(&draft.messages),
            Schema::Diff(diff) => Some(&diff.messages),
            Schema::List | Schema::Show(_) => None,
        }
    }
}

/// Does it.
pub fn run(schema: &Schema) -> Result<Exit> {
    match schema {
        Schema::List => list_schemas(),
        Schema::Show(show) => self::show_schema(show),
        Schema::Draft(draft) => self::draft_schema(draft),
        Schema::Diff(diff) => self::compare_schemas(diff),
    }
}

fn list_schemas() -> Result<Exit> {
    let mut out = Lines::default();
    for schema in schema::SCHEMAS {
        out.add_line(schema.name);
        for version in schema.versions {
            let tables = count_with_noun(version.shapes.len() as u64, "table");
            out.add_line(format!("  {:<12} {tables}", version.name));
        }
    }
    print_result(out.into_text())
}

/// The version that a word like `connect/core@2025.04` names; without one the newest.
pub fn find_version(word: &str) -> Result<&'static Version> {
    let (schema, wanted) = schema_word::find_schema(word, "")?;
    let known = || schema.versions.iter().map(|version| version.name).collect::<Vec<_>>();
    let found = match &wanted {
        Some(wanted) => schema.versions.iter().find(|version| version.name == wanted),
        None => schema.versions.last(),
    };
    found.copied().ok_or_else(|| {
        let wanted = wanted.unwrap_or_default();
        let hint = format!("name a known version: {}", known().join(", "));
        Error::new(Exit::Usage, format!("{} has no version {wanted}", schema.name), hint)
    })
}

fn show_schema(show: &Show) -> Result<Exit> {
    let version = find_version(&show.schema)?;
    if show.sql {
        // A script must be exact where it goes into a file or another program.
        let script = sql::database_script(&version.to_model());
        return match console::output_is_terminal() {
            true => print_result(text::escape_lines(&script)),
            false => print_result(script),
        };
    }
    let mut out = Lines::default();
    let tables = count_with_noun(version.shapes.len() as u64, "table");
    out.add_line(format!("{} {}: {tables}", version.database, version.name));
    version.tables().for_each(|table| describe_table(&mut out, table));
    print_result(out.into_text())
}

fn describe_table(out: &mut Lines, table: &model::Table) {
    out.add_blank_line();
    let schema = table.schema.map(|schema| format!("  (in schema {schema})"));
    let heading = format!("{}{}", table.name, schema.unwrap_or_default());
    out.add_line(match table.source == table.name {
        true => heading,
        false => format!("{heading}  (in SQLite: {})", table.source),
    });
    let width = |text: &dyn Fn(&model::Column) -> usize| {
        table.columns.iter().map(text).filter(|width| *width <= 32).max().unwrap_or(0)
    };
    let names = width(&|column| column.name.chars().count());
    let types = width(&|column| column.ty.to_string().chars().count());
    for column in table.columns {
        let mut words = vec![if column.null { "null" } else { "not null" }.to_owned()];
        if column.identity != Identity::No {
            words.push("identity".to_owned());
        }
        if column.ty.needs_stated_encoding(column.stored) {
            words.push(format!("stored {}", column.stored));
        }
        words.extend(column.target_only.then(|| "not in SQLite".to_owned()));
        words.extend(column.default.map(|default| format!("default {default}")));
        words.extend(column.generated.map(|generated| format!("generated {generated}")));
        if column.source != column.name && !column.target_only {
            words.push(format!("in SQLite: {}", column.source));
        }
        let (name, ty, words) = (column.name, column.ty.to_string(), words.join(", "));
        out.add_line(format!("  {name:names$}  {ty:types$}  {words}"));
    }
    for item in crate::schema_tools::compare::shape::items_of_table(table) {
        out.add_line(format!("  {} {}", item.kind.word(), item.text));
    }
}

fn draft_schema(asked: &Draft) -> Result<Exit> {
    let version = asked.version.as_str();
    if version.is_empty() || version.contains("..") || version.contains('@') {
        return Err(Error::new(
            Exit::Usage,
            format!("--version: `{version}` cannot be a version's name"),
            "name it without `..` and `@`",
        ));
    }
    outputs::check_draft(&asked.source, asked.out.as_deref(), asked.into.as_deref())?;
    let mut warnings = Vec::new();
    let source = Source::open_to_inspect(&asked.source, &mut warnings)?;
    print_warnings(&warnings);
    let out = match (&asked.into, &asked.out) {
        (Some(path), _) => return print_result(into::update_directory(&source, path, version)?),
        (None, Some(out)) => out.as_path(),
        // The command line has one of the two.
        (None, None) => return Ok(Exit::Usage),
    };
    let draft = match &asked.target {
        None => draft::draft_with_built_in(&source, version, built_in_version(&source))?,
        Some(target) => draft_join(&source, version, target, asked)?,
    };
    if draft.directory.tables.is_empty() && asked.target.is_none() {
        return Err(draft::no_tables_error(&source));
    }
    source.check_unchanged()?;
    draft::write_draft(&draft, out)?;
    let shown = out.display();
    let tables = count_with_noun(draft.directory.tables.len() as u64, "table");
    let mut text = Lines::default();
    text.add_line(format!("drafted {tables} into {shown}"));
    let decide = to_decide(&draft.residue);
    print_residue_summary(&draft.residue, out, &mut text);
    if let Some(zone) = &asked.naive_zone {
        text.add_line(format!("times without a UTC offset are in the zone {zone} (--naive-zone)"));
    }
    if asked.target.is_some() {
        decide.iter().for_each(|item| text.add_line(item.one_line()));
    }
    print_result(text.into_text())?;
    let done = reads_back(out)?;
    let open = !decide.is_empty();
    Ok(if open { Exit::Findings } else { done })
}

/// The zone of times that say no offset, if it is one.
fn naive_zone(asked: &Draft) -> Result<Option<&str>> {
    let zone = asked.naive_zone.as_deref();
    match zone.map(|zone| (zone, jiff::tz::TimeZone::get(zone))) {
        Some((zone, Err(_))) => Err(unknown_zone_error(zone)),
        _ => Ok(zone),
    }
}

/// What a person must decide.
pub fn to_decide(all: &[Residue]) -> Vec<&Residue> {
    all.iter().filter(|item| item.kind == Kind::Decide).collect()
}

/// Says how much of a database is in RESIDUE.md.
pub fn print_residue_summary(all: &[Residue], out: &Path, lines: &mut Lines) {
    let (decide, count, shown) = (to_decide(all).len(), all.len(), out.display());
    if count == 0 {
        return;
    }
    let items = count_with_noun(count as u64, "item");
    lines.add_line(format!(
        "not in the schema files: {items}, {decide} of them to decide; see {shown}/RESIDUE.md"
    ));
}

/// The newest built-in version that has exactly the structure of a file.
fn built_in_version(source: &Source) -> Option<&'static Version> {
    let fitting = schema::SCHEMAS.iter().filter_map(|known| {
        sqlite::detect_versions(&source.structure, known).ok()?.last().copied()
    });
    fitting.last()
}

/// A draft with the types and names of the tables that stand in PostgreSQL.
fn draft_join(source: &Source, version: &str, target: &str, asked: &Draft) -> Result<draft::Draft> {
    let mut pairings = draft::join::Pairings {
        create_missing: asked.create_missing,
        ..draft::join::Pairings::default()
    };
    let word = target.strip_prefix("postgres:").filter(|rest| rest.starts_with("postgres"));
    let mut side = Side::connect_postgres(word.unwrap_or(target))?;
    let title = side.title();
    let Side::Postgres(connection, schemas, _) = &mut side else {
        return Err(Error::new(Exit::Usage, "--target: no PostgreSQL URL", ""));
    };
    let there = server::inspect_search_path(connection, schemas, &source.structure)?;
    let schema = schemas.first().map_or("", String::as_str);
    if there.tables.is_empty() {
        let text = format!("{title} has no tables");
        let hints = [
            "start the application on it once, so that it creates its tables",
            "name another schema after the URL: `#SCHEMA`",
        ];
        return Err(Error::new(Exit::Target, text, hints));
    }
    let both = SourceAndTarget { database: "", own: &source.structure, there: &there };
    let faults = draft::join::apply_same_flags(&asked.same, &mut [(both, &mut pairings)]);
    Error::from_faults(Exit::Usage, faults)?;
    let client = &mut connection.client;
    let mut target = draft::join::Target {
        client,
        schema,
        title: &title,
        naive_zone: naive_zone(asked)?,
        pairings: &pairings,
        built_in: built_in_version(source),
    };
    let drafted = draft::join::draft_joined(source, version, &mut target, &there)?;
    match draft::join::find_common_prefix(&source.structure, &there) {
        Some(prefix) if drafted.directory.tables.is_empty() => {
            let shown = source.path.display();
            let text = format!("{title} has no table with the name of a table in {shown}");
            let rule = text::shell_word(&format!("*={prefix}*"));
            let when = format!("if its tables have the prefix {prefix} there, add:");
            let hint = Hint::with_line(when, format!("--same {rule}"));
            Err(Error::new(Exit::Target, text, hint))
        }
        _ => Ok(drafted),
    }
}

/// A draft that does not read back is our fault, and must not be left unsaid.
fn reads_back(out: &Path) -> Result<Exit> {
    let Err(faults) = schema::read_schema_directory(out) else { return Ok(Exit::Done) };
    let mut all: Vec<Fault> =
        faults.0.iter().map(|fault| Fault::new(fault.to_string(), "")).collect();
    if let Some(last) = all.last_mut() {
        last.hints = "correct the written files by hand".into();
    }
    Err(Error { exit: Exit::Findings, faults: all })
}

fn print_warnings(warnings: &[Fault]) {
    let mut console = Console::new();
    warnings.iter().for_each(|warning| console.print_warning(warning));
}

fn parse_side(word: &str) -> Result<Side> {
    if let Some(file) = word.strip_prefix("sqlite:") {
        let mut warnings = Vec::new();
        let side = Side::open_sqlite(Path::new(file), &mut warnings);
        print_warnings(&warnings);
        return side;
    }
    if word.starts_with("postgres://") || word.starts_with("postgresql://") {
        return Side::connect_postgres(word);
    }
    if let Some(url) = word.strip_prefix("postgres:") {
        return Side::connect_postgres(url);
    }
    find_version(word).map(Side::Schema)
}

fn compare_schemas(asked: &Diff) -> Result<Exit> {
    let (mut left, mut right) = (parse_side(&asked.left)?, parse_side(&asked.right)?);
    let sqlite = left.is_sqlite() || right.is_sqlite();
    let sides = ComparedSides {
        described: left.is_sqlite() && !right.is_postgres() && !right.is_sqlite(),
        named: !sqlite,
    };
    let (left, right) = side::comparable_shapes(&mut left, &mut right)?;
    let all = differences::diff_shapes(&left, &right, sides);
    let text = match asked.format {
        Format::Text => show_differences::to_plain_text(&left, &right, &all),
        Format::Markdown => show_differences::to_markdown(&left, &right, &all),
        Format::Json => show_differences::to_json(&left, &right, &all),
        Format::Html => html::html_page(&left, &right, &all),
    };
    print_result(text)?;
    Ok(if all.is_empty() { Exit::Done } else { Exit::Findings })
}
