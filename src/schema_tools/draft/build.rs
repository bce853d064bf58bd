//! From a structure and chosen types to schema files: columns, keys, indexes, checks.
//!
//! What cannot be said there goes into the residue, each thing with its text. The same function
//! serves comparison: there the types are those of the schema that a file is compared with.

mod keys;

use std::collections::BTreeSet;

use model::file::{ColumnLine, IndexLine, PartLine, Range, Ranged, TableFile};
use model::{Identity, Type};

use super::choose::Chosen;
use super::defaults;
use super::expression::{self, Known, Scope};
use super::foreign;
use super::names::{NAME_MAX, Names, Taken};
use super::residue::{Clause, Kind, Residue, Subject};
use crate::libraries;
use crate::postgres::quote_if_needed;
use crate::sqlite::ddl;
use crate::sqlite::{IndexOrigin, SourceColumn, SourceIndex, SourceTable, Structure};

/// Everything that a draft is made from.
pub struct Input<'a> {
    /// The source.
    pub inspection: &'a Structure,
    /// Names of its ordinary tables, in their order.
    pub names: &'a [Names],
    /// Types of their columns; nothing for one that cannot be copied.
    pub chosen: &'a [Vec<Option<Chosen>>],
}

/// PostgreSQL's limit of columns in an index.
const KEY_MAX: usize = 32;
/// The one version of a draft.
pub const ALWAYS: Range = Range { from: 0, to: 1 };

/// A table's file with nothing in it yet.
pub fn empty_table_file(name: &str, source: &str) -> TableFile {
    TableFile::new(name.to_owned(), source.to_owned(), ALWAYS)
}

/// A statement that holds in the draft's version.
pub fn since_draft_version<T>(item: T) -> Ranged<T> {
    Ranged { line: 0, range: ALWAYS, guess: false, item }
}

/// Builds the files' content.
pub fn build_files(input: &Input<'_>, taken: &mut Taken) -> (Vec<TableFile>, Vec<Residue>) {
    let mut residue = Vec::new();
    let tables: Vec<&SourceTable> = input.inspection.ordinary_tables().collect();
    // Names that the application chose come before those that are made here.
    let mut clashing = BTreeSet::new();
    for table in &tables {
        for index in table.indexes.iter().filter(|index| index.origin == IndexOrigin::Statement) {
            let fits = index.name.len() <= NAME_MAX && !index.name.is_empty();
            if !fits || !taken.take_name(&index.name) {
                clashing.insert(index.name.clone());
            }
        }
    }
    // What an interrupted migration has left has the names of the table that it was made of.
    let is_there = |name: &str| tables.iter().any(|table| table.name == name);
    let is_leftover = |table: &SourceTable| libraries::is_leftover(&table.name, is_there);
    let all = tables.iter().zip(input.names).zip(input.chosen).enumerate();
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(_, ((table, _), _))| is_leftover(table));
    let mut files = Vec::new();
    for (place, ((table, names), chosen)) in all {
        let residue = &mut residue;
        let mut builder = Builder { table, names, chosen, clashing: &clashing, residue, taken };
        files.push((place, builder.build_file()));
    }
    files.sort_by_key(|(place, _)| *place);
    let mut files: Vec<TableFile> = files.into_iter().map(|(_, file)| file).collect();
    foreign::add_foreign_keys(input, &mut files, &mut residue);
    (files, residue)
}

struct Builder<'a> {
    table: &'a SourceTable,
    names: &'a Names,
    chosen: &'a [Option<Chosen>],
    clashing: &'a BTreeSet<String>,
    residue: &'a mut Vec<Residue>,
    taken: &'a mut Taken,
}

impl Builder<'_> {
    fn add_residue(&mut self, kind: Kind, what: Subject, why: &str, sql: Clause) {
        let (table, why) = (self.table.name.clone(), why.to_owned());
        self.residue.push(Residue { table, kind, what, why, sql });
    }

    fn named_columns(&self) -> impl Iterator<Item = (&SourceColumn, &str, Option<&Chosen>)> {
        let names = self.names.columns.iter().map(String::as_str);
        let chosen = self.chosen.iter().map(Option::as_ref);
        self.table.columns.iter().zip(names).zip(chosen).map(|((a, b), c)| (a, b, c))
    }

    /// The column's name in PostgreSQL and its type.
    fn target_of(&self, source: &str) -> Option<(String, Type)> {
        let same = |column: &SourceColumn| column.name.eq_ignore_ascii_case(source);
        let mut columns = self.named_columns();
        let (_, name, chosen) = columns.find(|(column, ..)| same(column))?;
        Some((name.to_owned(), chosen?.ty))
    }

    fn known_columns(&self, generated: bool) -> Vec<Known> {
        let usable = self.named_columns().filter(|(column, ..)| generated || !column.generated);
        let known = usable.filter_map(|(column, name, chosen)| {
            Some(Known {
                source: column.name.clone(),
                name: name.to_owned(),
                ty: chosen?.ty,
                exact: self.table.collation(&column.name).is_none(),
            })
        });
        known.collect()
    }

    fn build_file(&mut self) -> TableFile {
        let mut file = empty_table_file(&self.names.table, &self.table.name);
        if file.name != file.source {
            let what = Subject::Table(self.table.name.clone());
            let why = format!("its name in PostgreSQL is {}", file.name);
            self.add_residue(Kind::Changed, what, &why, Clause::None);
        }
        self.add_columns(&mut file);
        self.add_primary_key(&mut file);
        let indexes: Vec<&SourceIndex> = self.table.indexes.iter().collect();
        for index in indexes {
            self.add_index(index, &mut file);
        }
        self.add_checks(&mut file);
        file
    }

    fn add_columns(&mut self, file: &mut TableFile) {
        let plain = self.known_columns(false);
        let alias = self.table.rowid_alias().map(|column| column.name.clone());
        let all: Vec<(SourceColumn, String, Option<Chosen>)> = self
            .named_columns()
            .map(|(column, name, chosen)| (column.clone(), name.to_owned(), chosen.cloned()))
            .collect();
        for (column, name, chosen) in all {
            let what = Subject::Column(column.name.clone());
            let expression = self.sqlite_generated_expression(&column);
            let Some(chosen) = chosen else {
                let why = "this program cannot compute it, so it is not copied";
                self.add_residue(Kind::Lost, what, why, expression.into());
                continue;
            };
            if name != column.name {
                let why = format!("its name in PostgreSQL is {name}");
                self.add_residue(Kind::Changed, what.clone(), &why, Clause::None);
            }
            let generated = match column.generated {
                true => expression::translate_value(&expression, self.scope(&plain), chosen.ty),
                false => None,
            };
            if column.generated && generated.is_none() {
                let why = "a generated column; its values are copied, and PostgreSQL does not \
                           compute new ones";
                self.add_residue(Kind::Lost, what.clone(), why, Clause::Generated(expression));
            }
            self.note_collation(&column, chosen.ty);
            let is_alias = alias.as_deref() == Some(&*column.name);
            let is_integer = matches!(chosen.ty, Type::Int2 | Type::Int4 | Type::Int8);
            let default = match is_alias {
                true => None,
                false => self.default_or_note(&column, &chosen, &what),
            };
            file.columns.push(since_draft_version(ColumnLine {
                null: !column.not_null && column.key_place == 0,
                identity: if is_alias && is_integer { Identity::ByDefault } else { Identity::No },
                source: column.name,
                name,
                ty: chosen.ty,
                stored: chosen.stored,
                declared: chosen.declared,
                default,
                generated,
                type_sql: None,
                target_only: false,
            }));
        }
    }

    fn sqlite_generated_expression(&self, column: &SourceColumn) -> String {
        let same = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(&column.name);
        let found = self.table.ddl.generated.iter().find(same);
        found.map(|(_, expression)| expression.clone()).unwrap_or_default()
    }

    fn note_collation(&mut self, column: &SourceColumn, ty: Type) {
        let Some(collation) = self.table.collation(&column.name).map(str::to_owned) else { return };
        if matches!(ty, Type::Text | Type::Varchar(_)) {
            let what = Subject::Column(column.name.clone());
            let why = format!(
                "SQLite compares and sorts it by {collation}, and PostgreSQL by the collation of \
                 the database"
            );
            self.add_residue(Kind::Lost, what, &why, Clause::Collation(collation));
        }
    }

    fn default_or_note(
        &mut self,
        column: &SourceColumn,
        chosen: &Chosen,
        what: &Subject,
    ) -> Option<String> {
        let text = column.default.as_deref()?;
        let translated = defaults::translate_default(chosen, text);
        if translated.is_none() {
            let why = format!("its default cannot be written for the type {}", chosen.ty);
            self.add_residue(Kind::Lost, what.clone(), &why, Clause::Default(text.to_owned()));
        }
        translated.flatten()
    }

    fn add_index(&mut self, index: &SourceIndex, file: &mut TableFile) {
        let usual = |part: &crate::sqlite::IndexPart| {
            part.column.is_some() && self.is_usual_order(part.column.as_deref(), &part.collation)
        };
        let plain = index.parts.iter().all(usual);
        match index.origin {
            IndexOrigin::PrimaryKey if plain => return,
            IndexOrigin::Unique if plain && index.parts.len() <= KEY_MAX => {
                self.add_unique(index, file);
                return;
            }
            _ => {}
        }
        let what = match index.origin {
            IndexOrigin::Statement => Subject::Index(index.name.clone()),
            IndexOrigin::Unique => "a unique key".into(),
            IndexOrigin::PrimaryKey => "the primary key".into(),
        };
        let columns = index.parts.iter().map(|part| part.column.as_deref().unwrap_or("?"));
        let text = match index.sql.is_empty() {
            true => format!("({})", columns.collect::<Vec<_>>().join(", ")),
            false => index.sql.clone(),
        };
        match self.index_line(index) {
            Ok(line) => {
                let line = IndexLine { name: self.index_name(index), ..line };
                if index.origin == IndexOrigin::Statement {
                    self.note_renamed(what, &index.name, &line.name);
                }
                file.indexes.push(since_draft_version(line));
            }
            Err(why) => self.add_residue(Kind::Lost, what, &why, text.into()),
        }
    }

    fn index_name(&mut self, index: &SourceIndex) -> String {
        if index.origin != IndexOrigin::Statement {
            let columns = index.parts.iter().filter_map(|part| part.column.as_deref());
            let columns = columns.collect::<Vec<_>>().join("_");
            return self.taken.free_name(&format!("{}_{columns}_key", self.names.table));
        }
        match self.clashing.contains(&index.name) {
            true => self.taken.free_name(&index.name),
            false => index.name.clone(),
        }
    }

    /// Whether a collation changes nothing for a column of its type.
    fn is_usual_order(&self, column: Option<&str>, collation: &str) -> bool {
        let text = column.and_then(|column| self.target_of(column)).is_some_and(|(_, ty)| {
            matches!(ty, Type::Text | Type::Varchar(_) | Type::Citext | Type::Char(_))
        });
        !text || collation.eq_ignore_ascii_case("BINARY")
    }

    fn index_line(&self, index: &SourceIndex) -> Result<IndexLine, String> {
        if index.parts.len() > KEY_MAX {
            return Err("an index in PostgreSQL has at most 32 columns".to_owned());
        }
        let known = self.known_columns(true);
        let texts = ddl::index_part_texts(&index.sql);
        let mut parts = Vec::new();
        for (place, part) in index.parts.iter().enumerate() {
            let (text, expression) = match &part.column {
                Some(column) => {
                    let (name, _) =
                        self.target_of(column).ok_or("one of its columns is not copied")?;
                    match self.is_usual_order(Some(column), &part.collation) {
                        true => (name, false),
                        false => (with_collation(&name, &part.collation)?, true),
                    }
                }
                None => {
                    let text = texts.get(place).map(String::as_str).unwrap_or_default();
                    let part = expression::translate_index_part(text, self.scope(&known))
                        .ok_or("an expression that PostgreSQL may compute in another way")?;
                    (part, true)
                }
            };
            parts.push(PartLine { text, expression, descending: part.descending });
        }
        let predicate = match index.partial {
            true => Some(
                ddl::index_predicate(&index.sql)
                    .and_then(|text| expression::translate_condition(text, self.scope(&known)))
                    .ok_or("its WHERE may have another meaning in PostgreSQL")?,
            ),
            false => None,
        };
        let (name, unique, method) = (String::new(), index.unique, "btree".to_owned());
        Ok(IndexLine { name, parts, unique, method, predicate, definition: None })
    }

    /// What expressions of the table may name.
    fn scope<'k>(&'k self, columns: &'k [Known]) -> Scope<'k> {
        Scope { table: &self.table.name, columns }
    }
}

/// An expression that compares texts as one of SQLite's own collations does.
fn with_collation(name: &str, collation: &str) -> Result<String, String> {
    match &*collation.to_ascii_uppercase() {
        // NOCASE folds ASCII alone, and so does the C collation.
        "NOCASE" => Ok(format!("lower({} COLLATE \"C\")", quote_if_needed(name))),
        "RTRIM" => Ok(format!("rtrim({}, ' ')", quote_if_needed(name))),
        _ => Err(format!("PostgreSQL does not have the application's collation {collation}")),
    }
}
