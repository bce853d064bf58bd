//! Keys, indexes and checks of a table: which of those that the file states are still there.
//!
//! A rule that is written in other words for PostgreSQL is still the same rule: what a person
//! wrote is kept as long as the source has something of that name and shape.

use model::expression::{self, Kind as Token};
use model::file::{Range, Ranged, TableFile};
use model::{Index, Part, Table};

use crate::schema_tools::compare::shape::{self, Item, Kind};

/// A list of tables in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `[[unique]]`
    Unique,
    /// `[[index]]`
    Index,
    /// `[[foreign_key]]`
    ForeignKey,
    /// `[[check]]`
    Check,
}

impl List {
    /// Its key in the file.
    pub fn key(self) -> &'static str {
        match self {
            List::Unique => "unique",
            List::Index => "index",
            List::ForeignKey => "foreign_key",
            List::Check => "check",
        }
    }
}

/// A key, an index or a check at a version.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The list it belongs to.
    pub list: List,
    /// Its name.
    pub name: String,
    /// What it says.
    pub item: Item,
    /// The columns that it needs, those in expressions left out.
    pub columns: Vec<String>,
    /// The table that it refers to.
    pub parent: Option<&'static str>,
    index: Option<Index>,
}

/// The rules of a table.
pub fn rules_of_table(table: &Table) -> Vec<Rule> {
    let own = |item: &Item| !matches!(item.kind, Kind::PrimaryKey | Kind::Other);
    let items = shape::items_of_table(table).into_iter().filter(own);
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let plain = |index: &Index| {
        let parts = index.parts.iter().filter(|part| !part.expression);
        parts.map(|part| part.text.to_owned()).collect()
    };
    let uniques = table.uniques.iter().map(|key| (List::Unique, key.name, all(key.columns)));
    let keys = table.foreign_keys.iter().map(|key| (List::ForeignKey, key.name, all(key.columns)));
    let checks = table.checks.iter().map(|check| (List::Check, check.name, Vec::new()));
    let indexes = table.indexes.iter().map(|index| (List::Index, index.name, plain(index)));
    let named = uniques.chain(keys).chain(checks).chain(indexes);
    let rule = |(item, (list, name, columns)): (Item, (List, &'static str, Vec<String>))| Rule {
        list,
        name: name.to_owned(),
        item,
        columns,
        parent: table.foreign_keys.iter().find(|key| key.name == name).map(|key| key.table),
        index: table.indexes.iter().find(|index| index.name == name).copied(),
    };
    items.zip(named).map(rule).collect()
}

impl Rule {
    /// Whether it is an index of a kind that SQLite does not have.
    pub fn is_foreign(&self) -> bool {
        self.index.is_some_and(|index| index.method != "btree" || index.definition.is_some())
    }

    /// Whether it is an index with so many parts, unique and partial or not.
    pub fn is_like(&self, unique: bool, parts: usize, partial: bool) -> bool {
        self.index.is_some_and(|index| {
            let own = (index.unique, index.parts.len(), index.predicate.is_some());
            own == (unique, parts, partial)
        })
    }

    /// Whether its expressions name a column.
    pub fn names(&self, column: &str) -> bool {
        match self.list {
            List::Check | List::Index => {
                expression::column_names(&self.item.text).iter().any(|name| name == column)
            }
            _ => self.columns.iter().any(|name| name == column),
        }
    }

    /// What it says, and whether it is a unique index.
    pub fn text(&self) -> String {
        let unique = self.list == List::Index && self.item.kind == Kind::Unique;
        format!("{}{}", if unique { "unique " } else { "" }, self.item.text)
    }

    /// For people.
    pub fn shown(&self) -> String {
        let word = match self.list {
            List::Unique => "unique",
            List::Index => "index",
            List::ForeignKey => "foreign key",
            List::Check => "check",
        };
        format!("{word} {}", self.name)
    }
}

/// Whether an old rule and a new one are the same.
type Fits<'a> = dyn Fn(&Rule, &Rule) -> bool + 'a;

/// The places of the old rules that the new ones do not have, and of the new ones that are new.
pub fn find_unmatched(old: &[Rule], new: &[Rule]) -> (Vec<usize>, Vec<usize>) {
    let mut gone: Vec<usize> = (0..old.len()).collect();
    let mut added: Vec<usize> = (0..new.len()).collect();
    let same = |one: &Rule, two: &Rule| one.item.kind == two.item.kind && one.item == two.item;
    let text =
        |one: &Rule, two: &Rule| one.item.kind == two.item.kind && one.item.text == two.item.text;
    // Where another rule has taken the name, only that one can be meant by it.
    let free = |one: &Rule| !new.iter().any(|rule| rule.name == one.name);
    let fit_rules: [&Fits<'_>; 4] = [
        &same,
        &|one, two| is_reworded(one, two, true),
        &|one, two| text(one, two) && (one.name == two.name || free(one)),
        &|one, two| is_reworded(one, two, false) && free(one),
    ];
    for fits in fit_rules {
        gone.retain(|one| {
            let Some(rule) = old.get(*one) else { return true };
            let pair = |two: &usize| new.get(*two).is_some_and(|two| fits(rule, two));
            match added.iter().position(pair) {
                Some(at) => {
                    added.remove(at);
                    false
                }
                None => true,
            }
        });
    }
    (gone, added)
}

/// Whether two rules differ in words only, as those do that a person wrote for PostgreSQL.
fn is_reworded(first: &Rule, second: &Rule, named: bool) -> bool {
    if (named && first.name != second.name) || first.list != second.list {
        return false;
    }
    match (first.index, second.index) {
        (Some(first), Some(second)) => {
            let parts = first.parts.len() == second.parts.len()
                && first
                    .parts
                    .iter()
                    .zip(second.parts)
                    .all(|(first, second)| is_same_part(first, second));
            let predicate = |index: &Index| index.predicate.map(expression_words);
            first.unique == second.unique && parts && predicate(&first) == predicate(&second)
        }
        _ => {
            first.list == List::Check
                && expression_words(&first.item.text) == expression_words(&second.item.text)
        }
    }
}

fn is_same_part(first: &Part, second: &Part) -> bool {
    first.descending == second.descending
        && match (first.expression, second.expression) {
            (false, false) => first.text == second.text,
            (true, true) => expression_words(first.text) == expression_words(second.text),
            _ => false,
        }
}

/// An expression without parentheses, blanks, capitals and the collation that a draft writes.
fn expression_words(text: &str) -> Vec<String> {
    let text = text.replace(" COLLATE \"C\"", "");
    let mut found = Vec::new();
    for token in expression::tokenize(&text) {
        match token.kind {
            Token::Space | Token::Comment => {}
            Token::Word => found.push(token.text.to_ascii_lowercase()),
            Token::Symbol if matches!(token.text, "(" | ")") => {}
            _ => found.push(token.text.to_owned()),
        }
    }
    found
}

/// Where a rule stands in its file: the column whose line states it, or its place in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a column's line.
    Column(String),
    /// In the list.
    Block(usize),
}

/// Where a rule of a version stands.
pub fn find_place_of_rule(rule: &Rule, file: &TableFile, version: usize) -> Option<Place> {
    let found = rule_lines_by_list(file).into_iter().flatten().find(|line| {
        let holds = line.columns.iter().all(|name| has_column(file, version, name));
        let same = line.list == rule.list && line.name == rule.name;
        same && line.range.has_version(version) && holds
    });
    found.map(|line| line.place)
}

/// Whether a version has a column.
pub fn has_column(file: &TableFile, version: usize, name: &str) -> bool {
    file.columns.iter().any(|line| line.range.has_version(version) && line.item.name == name)
}

/// The rules of lists that hold in a version but for columns that it lacks, and whose columns will
/// all be `there`.
pub fn find_inactive_rules(
    file: &TableFile,
    version: usize,
    there: impl Fn(&str) -> bool,
) -> Vec<(List, usize)> {
    let all = rule_lines_by_list(file).into_iter().flatten().filter(|line| {
        let lacks = line.columns.iter().any(|name| !has_column(file, version, name));
        line.range.has_version(version) && lacks && line.columns.iter().all(|name| there(name))
    });
    let block = |line: Line<'_>| match line.place {
        Place::Block(place) => Some((line.list, place)),
        Place::Column(_) => None,
    };
    all.filter_map(block).collect()
}

/// A rule as its file has it.
struct Line<'a> {
    list: List,
    name: &'a str,
    columns: Vec<&'a str>,
    range: Range,
    place: Place,
}

/// All rules of a file, list by list.
fn rule_lines_by_list(file: &TableFile) -> [Vec<Line<'_>>; 4] {
    [
        rule_lines(file, List::Unique, &file.uniques, |item| {
            (&item.name, names_as_str(&item.columns))
        }),
        rule_lines(file, List::ForeignKey, &file.foreign_keys, |item| {
            (&item.name, names_as_str(&item.columns))
        }),
        rule_lines(file, List::Index, &file.indexes, |item| {
            let plain = item.parts.iter().filter(|part| !part.expression);
            (&item.name, plain.map(|part| part.text.as_str()).collect())
        }),
        rule_lines(file, List::Check, &file.checks, |item| (&item.name, Vec::new())),
    ]
}

fn names_as_str(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

fn rule_lines<'a, T>(
    file: &'a TableFile,
    list: List,
    all: &'a [Ranged<T>],
    parts_of_item: impl Fn(&'a T) -> (&'a str, Vec<&'a str>),
) -> Vec<Line<'a>> {
    let mut blocks = 0;
    let mut found = Vec::new();
    for line in all {
        let (name, columns) = parts_of_item(&line.item);
        let column = file.columns.iter().find(|column| column.line == line.line);
        let place = match column {
            Some(column) => Place::Column(column.item.name.clone()),
            None => Place::Block(blocks),
        };
        blocks += usize::from(column.is_none());
        found.push(Line { list, name, columns, range: line.range, place });
    }
    found
}
