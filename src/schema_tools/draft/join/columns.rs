//! A table's columns: PostgreSQL's, each with what SQLite holds of it.

use std::fmt;

use model::file::{ColumnLine, Ranged};
use model::{Enum, Identity, Stored, Type};
use rusqlite::Connection;

use super::Pairings;
use super::column_line::describe_column;
use super::column_values::{count_finer, describe_mixed_readings, proved_by_built_in};
use super::pairs::How;
use super::server_types::AskServer;
use super::{encoding, integers, server_types};
use crate::check::undecided;
use crate::diagnostic::{RepairKind, repair_setting};
use crate::postgres::inspection::{Column, Table};
use crate::postgres::type_names::model_type_of_base;
use crate::schema_tools::draft::build::since_draft_version;
use crate::schema_tools::draft::choose::Chosen;
use crate::schema_tools::draft::evidence::prove_encoding;
use crate::schema_tools::draft::profile::{self, Profile};
use crate::schema_tools::draft::residue::{Kind, Residue, Subject};
use crate::sqlite;
use crate::text::count_with_noun;

/// What became of a table's columns.
#[derive(Default)]
pub struct Columns {
    /// PostgreSQL's columns in their order.
    pub lines: Vec<Ranged<ColumnLine>>,
    /// What stands behind each.
    pub notes: Vec<Option<String>>,
    /// SQLite columns that hold nothing and have no place.
    pub ignore: Vec<String>,
    /// For each column of SQLite: what it became, if it is copied or computed there.
    pub chosen: Vec<Option<Chosen>>,
    /// What was found.
    pub residue: Vec<Residue>,
    /// PostgreSQL's columns of which somebody must say that SQLite means the same.
    pub undecided: Vec<Undecided>,
    /// The table's rows in SQLite.
    pub rows: u64,
}

/// A table of which somebody must decide something, or one of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The table's name.
    pub table: String,
    /// The column's name; none for the table.
    pub column: Option<String>,
}

/// As database.toml names it.
impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table)?;
        self.column.as_ref().map_or(Ok(()), |column| write!(f, ".{column}"))
    }
}

/// What is needed to read and match a table.
pub struct Input<'a> {
    /// The source.
    pub connection: &'a Connection,
    /// The server, which reads values of types that no codec makes.
    pub server: &'a dyn AskServer,
    /// SQLite's table.
    pub own: &'a sqlite::SourceTable,
    /// PostgreSQL's.
    pub there: &'a Table,
    /// For each column of SQLite its place in PostgreSQL.
    pub pairs: &'a [Option<(usize, How)>],
    /// PostgreSQL's enums.
    pub enums: &'a [Enum],
    /// The zone of times that say no offset, where a person has said it.
    pub naive_zone: Option<&'a str>,
    /// What a person has said of names.
    pub pairings: &'a Pairings,
    /// What is built in about the table.
    pub built_in: Option<&'static model::Table>,
}

/// Reads all rows and settles every column.
///
/// # Errors
/// SQLite's.
pub fn join_columns(input: &Input<'_>) -> rusqlite::Result<Columns> {
    let mut columns = Columns::default();
    let profiles = read_profiles(input)?;
    let counted = profiles.iter().flatten().next();
    columns.rows = counted.map_or(0, |profile| profile.count_values() + profile.nulls);
    columns.chosen = vec![None; input.own.columns.len()];
    for (index, column) in input.there.columns.iter().enumerate() {
        let own =
            input.pairs.iter().position(|pair| pair.is_some_and(|(position, _)| position == index));
        let profile = own.and_then(|own| profiles.get(own)?.as_ref());
        columns.add(input, column, own, profile)?;
    }
    for (index, own) in input.own.columns.iter().enumerate() {
        if input.pairs.get(index).is_some_and(Option::is_none) {
            columns.leave_out(input, own, profiles.get(index).and_then(Option::as_ref), None);
        }
    }
    Ok(columns)
}

/// A profile for every column that can be read, which tries all encodings of its type.
fn read_profiles(input: &Input<'_>) -> rusqlite::Result<Vec<Option<Profile>>> {
    let readable = |column: &sqlite::SourceColumn| {
        !column.generated || profile::is_readable(input.connection, input.own, &column.name)
    };
    let readable: Vec<bool> = input.own.columns.iter().map(readable).collect();
    let (mut names, mut tried) = (Vec::new(), Vec::new());
    for ((column, pair), _) in
        input.own.columns.iter().zip(input.pairs).zip(&readable).filter(|(_, read)| **read)
    {
        let there = pair.and_then(|(at, _)| input.there.columns.get(at));
        let ty = there.map(|column| server_types::type_of_column(column, input.enums));
        names.push(column.name.as_str());
        tried.push(ty.map(encoding::all_encodings).unwrap_or_default());
    }
    let mut found = profile::read_table(input.connection, input.own, &names, &tried)?.into_iter();
    Ok(readable.iter().map(|read| if *read { found.next() } else { None }).collect())
}

impl Columns {
    fn add_item(&mut self, input: &Input<'_>, kind: Kind, what: Subject, why: String, sql: &str) {
        let (table, sql) = (input.own.name.clone(), sql.into());
        self.residue.push(Residue { table, kind, what, why, sql });
    }

    fn add(
        &mut self,
        input: &Input<'_>,
        column: &Column,
        own: Option<usize>,
        profile: Option<&Profile>,
    ) -> rusqlite::Result<()> {
        let ty = model_type_of_base(&column.base, input.enums);
        let mut line = describe_column(column, input.enums);
        let source = own.and_then(|own| input.own.columns.get(own));
        let mut note = None;
        match (source, ty) {
            (Some(source), _) if line.generated.is_none() && profile.is_some() => {
                let ty = server_types::type_of_column(column, input.enums);
                server_types::set_type(&mut line, ty, column);
                let profile = profile.cloned().unwrap_or_default();
                let chosen = self.choose_encoding(input, column, source, (ty, &profile))?;
                (line.stored, line.declared) = (chosen.stored, chosen.declared.clone());
                line.source.clone_from(&source.name);
                note = crate::schema_tools::draft::column_remark(&chosen);
                if let Some(slot) = own.and_then(|own| self.chosen.get_mut(own)) {
                    *slot = Some(chosen);
                }
            }
            (None, Some(Type::Int2 | Type::Int4 | Type::Int8))
                if line.generated.is_none()
                    && input
                        .own
                        .implicit_rowid_name()
                        .is_some_and(|rowid| rowid == column.name) =>
            {
                line.source.clone_from(&column.name);
                let why = "contains SQLite's rowid of each row".to_owned();
                self.add_item(input, Kind::Changed, Subject::Column(column.name.clone()), why, "");
            }
            (source, ty) => {
                line.target_only = line.generated.is_none() || ty.is_none();
                if let Some(source) = source {
                    if let (Some(ty), Some(slot)) =
                        (ty, own.and_then(|own| self.chosen.get_mut(own)))
                    {
                        *slot = Some(Chosen::of_type(ty));
                    }
                    self.leave_out(input, source, profile, Some(column));
                }
                self.only_there(input, column, &line, source.is_some());
            }
        }
        self.lines.push(since_draft_version(line));
        self.notes.push(note);
        Ok(())
    }

    /// A column that both sides have.
    fn choose_encoding(
        &mut self,
        input: &Input<'_>,
        column: &Column,
        source: &sqlite::SourceColumn,
        (ty, profile): (Type, &Profile),
    ) -> rusqlite::Result<Chosen> {
        let mut chosen = encoding::choose_encoding(ty, source, profile);
        let name = || Subject::Column(column.name.clone());
        if chosen.stored == Stored::Undecided && profile.count_values() > 0 {
            chosen = self.decide_encoding(input, column, source, chosen)?;
        }
        if let (Type::Enum(declared), Some(_)) = (ty, &chosen.finding)
            && profile.integers > 0
        {
            let names = ["", &input.there.name, &column.name];
            chosen.finding = Some(encoding::numbers_for_labels(names, declared, profile));
        }
        let digits = column.base.fraction.filter(|_| column.base.text.contains('('));
        if let (Some(digits), None) = (digits, &chosen.finding)
            && chosen.stored != Stored::Undecided
        {
            let finer = count_finer(input, source, (ty, chosen.stored), digits)?;
            if finer > 0 {
                let values = count_with_noun(finer, "value");
                let text = format!("{values} with more digits than {} stores", column.ty);
                chosen.finding = Some(text);
            }
        }
        if let Some(finding) = &chosen.finding {
            self.add_item(input, Kind::Decide, name(), finding.clone(), "");
        }
        // SQLite gives the rowid's alias a value for every NULL.
        let alias = input.own.rowid_alias().is_some_and(|alias| alias.name == source.name);
        if profile.nulls > 0 && !column.null && !alias {
            let why = format!(
                "NULL in {}, and the column in PostgreSQL does not allow NULL",
                count_with_noun(profile.nulls, "row")
            );
            self.add_item(input, Kind::Decide, name(), why, "");
        }
        let index = input.own.columns.iter().position(|own| own.name == source.name);
        match index.and_then(|index| input.pairs.get(index).copied().flatten()) {
            Some((_, How::Given | How::Case | How::Instead)) => {
                let why = format!("its name in PostgreSQL is {}", column.name);
                self.add_item(input, Kind::Changed, Subject::Column(source.name.clone()), why, "");
            }
            Some((_, How::Alike)) => {
                let (target, same) = (&column.name, "the names have the same letters");
                let why = format!("probably it is {target}, because {same}; if so");
                self.add_undecided(input, column, &source.name, &why);
            }
            _ => {}
        }
        // What refers to a row of another table is no time.
        let refers = input
            .own
            .foreign_keys
            .iter()
            .any(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(&source.name)));
        if profile.count_values() > 0
            && !refers
            && let Some(why) = integers::doubt_about_unit(source, column, ty)
        {
            self.add_undecided(input, column, &source.name, &why);
        }
        Ok(chosen)
    }

    /// A column that is copied as soon as somebody has said that both sides mean the same.
    fn add_undecided(&mut self, input: &Input<'_>, column: &Column, source: &str, why: &str) {
        let (table, column) = (input.there.name.clone(), Some(column.name.clone()));
        let place = Undecided { table, column };
        let name = place.to_string();
        let why = format!("{why}, remove {name:?} from `undecided` in database.toml");
        self.add_item(input, Kind::Decide, Subject::Column(source.to_owned()), why, "");
        if !self.undecided.contains(&place) {
            self.undecided.push(place);
        }
    }

    /// What proves an encoding that the values leave open, or what each would make of them.
    fn decide_encoding(
        &mut self,
        input: &Input<'_>,
        column: &Column,
        source: &sqlite::SourceColumn,
        chosen: Chosen,
    ) -> rusqlite::Result<Chosen> {
        let ty = chosen.ty;
        if ty.is_read_by_server() {
            return server_types::decide_by_server(input, column, source, chosen);
        }
        if let Some(stored) = proved_by_built_in(input, source, ty)? {
            let why = "according to the built-in schema of the application";
            return Ok(Chosen::encoded(ty, stored).with_reason(why).declared_as(&source.declared));
        }
        if !matches!(ty, Type::Date | Type::Timestamp | Type::Timestamptz) {
            return Ok(chosen);
        }
        if let (Some(zone), true) = (input.naive_zone, chosen.naive > 0) {
            return Ok(self.apply_time_zone(input, (column, source), zone, &chosen));
        }
        let readings =
            undecided::try_all_encodings(input.connection, &input.own.name, &source.name, ty)?;
        if let Some((stored, why)) =
            prove_encoding(input.connection, input.own, source, ty, &readings)?
        {
            return Ok(Chosen::encoded(ty, stored).with_reason(why).declared_as(&source.declared));
        }
        let all = match readings.is_empty() {
            true => describe_mixed_readings(input, column, source, ty)?,
            false => undecided::describe_readings(&readings, ty, &source.declared, false),
        };
        let counts = !all.is_empty() && chosen.naive == 0;
        let finding =
            chosen.finding.clone().filter(|_| counts).map(|finding| {
                format!("{finding}; write the one that the application uses: {all}")
            });
        Ok(Chosen { finding: finding.or(chosen.finding.clone()), ..chosen })
    }

    /// Times without offset in the zone that a person has named.
    fn apply_time_zone(
        &mut self,
        input: &Input<'_>,
        (column, source): (&Column, &sqlite::SourceColumn),
        zone: &str,
        chosen: &Chosen,
    ) -> Chosen {
        let (ty, name) = (chosen.ty, Subject::Column(source.name.clone()));
        let stored = match (ty, zone) {
            (Type::Timestamptz, "UTC") => Stored::TextUtc,
            _ => Stored::Text,
        };
        let without = count_with_noun(chosen.naive, "value");
        let why = match (ty, zone) {
            (_, "UTC") => format!("{without} without a UTC offset: UTC (--naive-zone)"),
            (Type::Timestamptz, _) => format!(
                "{without} without a UTC offset; copy with {}",
                repair_setting(
                    ["", &input.there.name, &column.name],
                    RepairKind::NaiveZone,
                    Some(("zone", zone))
                )
            ),
            _ => return chosen.clone(),
        };
        self.add_item(input, Kind::Changed, name, why.clone(), "");
        Chosen::encoded(ty, stored).with_reason(why).declared_as(&source.declared)
    }

    /// A column of SQLite that is not copied.
    fn leave_out(
        &mut self,
        input: &Input<'_>,
        source: &sqlite::SourceColumn,
        profile: Option<&Profile>,
        there: Option<&Column>,
    ) {
        let why = match there {
            None => "PostgreSQL's table has no column for it".to_owned(),
            Some(column) if column.generated.is_some() => "PostgreSQL computes it".to_owned(),
            Some(column) => format!("there is no conversion to {}", column.ty),
        };
        let name = Subject::Column(source.name.clone());
        match profile.map_or(0, Profile::count_values) {
            _ if source.generated => self.add_item(input, Kind::Changed, name, why, ""),
            _ if there.is_none() && input.pairings.leaves_column(&input.own.name, &source.name) => {
                self.ignore.push(source.name.clone());
                let why = format!("{why}; its values are not migrated, as requested");
                self.add_item(input, Kind::Changed, name, why, "");
            }
            0 => {
                self.ignore.push(source.name.clone());
                self.add_item(input, Kind::Changed, name, format!("{why}; it has no values"), "");
            }
            values => {
                let why = format!(
                    "{why}; {} not migrated. The copy refuses the table until the list `ignore` in \
                     its file contains the column",
                    count_with_noun(values, "value")
                );
                self.add_item(input, Kind::Decide, name, why, &source.declared);
            }
        }
    }

    /// A column of PostgreSQL that gets nothing from SQLite.
    fn only_there(
        &mut self,
        input: &Input<'_>,
        column: &Column,
        line: &ColumnLine,
        has_source: bool,
    ) {
        let name = Subject::Column(column.name.clone());
        let filled = line.null || line.default.is_some() || line.identity != Identity::No;
        let (kind, why) = match (line.generated.is_some(), filled) {
            (true, _) => return,
            (_, true) if has_source => return,
            (_, true) => (Kind::Changed, "only in PostgreSQL; every row gets NULL or the default"),
            _ => {
                let why = "only in PostgreSQL, where it must have a value and has no default; if a \
                           trigger fills it, write fire_triggers = [\"NAME\"] at the top of the \
                           table's file";
                (Kind::Decide, why)
            }
        };
        self.add_item(input, kind, name, why.to_owned(), "");
    }
}
