//! What each column of each table gets, decided once: which rows refer to which, what must be
//! unique, how many rows there are. Filling is then a plain loop.
//!
//! A cell is a function of the seed, its table, column and row. So a row that refers to another
//! one simply asks for the other's cell, and nothing made is ever kept or read back.

use std::collections::BTreeMap;

use model::{Column, Database, ForeignKey, Identity, Table, Type};

use super::Error;
use super::hints::{self, Hint, Rows};
use super::random::salt;
use super::time::Span;

/// Fewer would leave a column without NULL, or without anything else.
const FEWEST: u64 = 16;
/// Days that a date in a key may have.
const DAYS: u64 = 3_650;

/// Everything the sample holds, before a row of it is made.
#[derive(Debug)]
pub struct SampleContext {
    /// What everything random comes from.
    pub seed: u64,
    /// When it happens.
    pub span: Span,
    /// The tables of all databases.
    pub tables: Vec<Plan>,
}

/// A table's plan.
#[derive(Debug)]
pub struct Plan {
    /// The database's place in the list given.
    pub database: usize,
    /// The table.
    pub table: Table,
    /// How many rows.
    pub rows: u64,
    /// How many there were before some were deleted; those had the highest ids.
    pub deleted: u64,
    /// The first id.
    pub first_id: i64,
    /// Whether ids are left out here and there.
    pub gaps: bool,
    /// What its randomness comes from.
    pub salt: u64,
    /// One for each column of the table.
    pub columns: Vec<ColumnPlan>,
    /// The rows it refers to.
    pub groups: Vec<Group>,
}

/// A column's plan.
#[derive(Clone, Debug)]
pub struct ColumnPlan {
    /// The column.
    pub column: Column,
    /// What its randomness comes from.
    pub salt: u64,
    /// Where its values come from.
    pub origin: Origin,
    /// How they look.
    pub hint: Hint,
    /// Its place among the table's times.
    pub time: u32,
}

/// Where a column's values come from.
#[derive(Clone, Copy, Debug)]
pub enum Origin {
    /// Ids.
    Id,
    /// A column of the row that a group refers to.
    Parent {
        /// The group.
        group: usize,
        /// The parent's column.
        column: usize,
    },
    /// Made here; any value may come twice.
    Free,
    /// Made here, each value once.
    Unique,
    /// One of a few, each combination once.
    Digit(Digit),
}

/// A foreign key: the columns that refer to one row.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The table referred to, in the list of plans.
    pub parent: usize,
    /// What its randomness comes from.
    pub salt: u64,
    /// Whether it is the same table.
    pub itself: bool,
    /// Set when each combination may come only once.
    pub digit: Option<Digit>,
}

/// A place of a row's number, written in several bases at once: rows differ in some place.
#[derive(Clone, Copy, Debug)]
pub struct Digit {
    before: u64,
    offset: u64,
    count: u64,
}

impl Digit {
    /// Which of the `count` a row has. With the lower places the row's own is found again.
    pub const fn of(self, row: u64) -> u64 {
        let Digit { before, offset, count } = self;
        if count == 0 || before == 0 { 0 } else { (row / before + row % before + offset) % count }
    }
}

/// A unique set that no single column makes unique.
struct Radix {
    plan: usize,
    places: Vec<Place>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Group(usize),
    Column(usize, u64),
}

impl SampleContext {
    /// Plans all tables of some databases, for so many rows.
    ///
    /// # Errors
    /// A unique set that cannot be kept.
    pub fn new(
        seed: u64,
        rows: u64,
        databases: &[(Database, bool)],
    ) -> Result<SampleContext, Error> {
        let version = databases.first().map_or("", |(database, _)| database.version);
        let mut tables = Vec::new();
        for (index, (database, in_all)) in databases.iter().enumerate() {
            let counts = counts(database, rows, *in_all);
            for (table, rows) in database.tables.iter().zip(counts) {
                tables.push(plan(index, *table, rows, salt(seed, database.name)));
            }
        }
        vary_ids(&mut tables);
        group(&mut tables);
        let mut radices = Vec::new();
        for plan in 0..tables.len() {
            radices.extend(make_unique(&mut tables, plan)?);
        }
        cap(&mut tables, &radices);
        spread(&mut tables, &radices);
        Ok(SampleContext { seed, span: Span::before(version), tables })
    }

    /// The plan of a table by its name, in whichever database.
    pub fn named(&self, name: &str) -> Option<(usize, &Plan)> {
        self.tables.iter().enumerate().find(|(_, plan)| plan.table.name == name)
    }
}

fn rows_of(table: &str) -> Rows {
    let hint = hints::TABLES.iter().find(|(name, _)| *name == table);
    hint.map_or(hints::OTHER_TABLES, |(_, rows)| *rows)
}

/// Rows of each table: a share of `rows` each, or `rows` shared out.
fn counts(database: &Database, rows: u64, in_all: bool) -> Vec<u64> {
    let shares = database.tables.iter().map(|table| match rows_of(table.name) {
        Rows::None(_) => (0, 0),
        Rows::Fixed(fixed) => (fixed, 0),
        Rows::Share(share) => (0, share),
    });
    let shares: Vec<_> = shares.collect();
    let total_share = if in_all { shares.iter().map(|(_, share)| share).sum() } else { 1_000 };
    let of = |share: u64| {
        if share == 0 { 0 } else { (rows.saturating_mul(share) / total_share).max(FEWEST) }
    };
    let mut counts: Vec<u64> = shares.iter().map(|(fixed, share)| fixed + of(*share)).collect();
    if in_all {
        let sum: u64 = counts.iter().sum();
        if let Some(last) = counts.last_mut() {
            *last = (*last + rows.saturating_sub(sum)).max(FEWEST);
        }
    }
    counts
}

fn plan(database: usize, table: Table, rows: u64, above: u64) -> Plan {
    let salted = salt(above, table.name);
    let mut times = 0;
    let columns = table.columns.iter().map(|column| {
        let time = times;
        times += u32::from(matches!(column.ty, Type::Timestamp | Type::Timestamptz));
        let id = column.identity != Identity::No;
        let origin = if id { Origin::Id } else { Origin::Free };
        let hint = hint(table.name, column.name);
        ColumnPlan { column: *column, salt: salt(salted, column.name), origin, hint, time }
    });
    let columns = columns.collect();
    let first_id = hints::FIRST_IDS.iter().find(|(name, _)| *name == table.name);
    let first_id = first_id.map_or(1, |(_, id)| *id);
    let deleted = if let Rows::None(gone) = rows_of(table.name) { gone } else { 0 };
    let groups = Vec::new();
    Plan { database, table, rows, deleted, first_id, gaps: false, salt: salted, columns, groups }
}

fn hint(table: &str, column: &str) -> Hint {
    let full = format!("{table}.{column}");
    let found = hints::COLUMNS.iter().find(|(name, _)| *name == full || *name == column);
    found.map_or(Hint::Any, |(_, hint)| *hint)
}

/// Ids in one piece, with gaps, with the last ones deleted, with both: each in turn.
fn vary_ids(tables: &mut [Plan]) {
    let has_ids = |plan: &&mut Plan| plan.table.columns.iter().any(|c| c.identity != Identity::No);
    for (index, plan) in tables.iter_mut().filter(has_ids).enumerate() {
        plan.gaps = index % 2 == 1;
        if index % 4 >= 2 && plan.rows > 0 {
            plan.deleted = 1 + plan.rows / 10;
        }
    }
}

/// Finds the foreign keys, the widest first: a narrower one over the same columns follows from it.
fn group(tables: &mut [Plan]) {
    for child in 0..tables.len() {
        let Some(Plan { table, database, .. }) = tables.get(child) else { continue };
        let (table, database) = (*table, *database);
        let mut keys: Vec<&ForeignKey> = table.foreign_keys.iter().collect();
        keys.sort_by_key(|key| usize::MAX - key.columns.len());
        for key in keys {
            let parent = tables
                .iter()
                .position(|plan| plan.database == database && plan.table.name == key.table);
            let Some(parent) = parent else { continue };
            let places = |table: &Table, names: &[&str]| -> Vec<usize> {
                let place = |name: &&str| table.columns.iter().position(|c| c.name == *name);
                names.iter().filter_map(place).collect()
            };
            let to = tables.get(parent).map(|plan| places(&plan.table, key.to)).unwrap_or_default();
            let Some(plan) = tables.get_mut(child) else { continue };
            let (from, group) = (places(&table, key.columns), plan.groups.len());
            let free = |place: &usize| {
                plan.columns.get(*place).is_some_and(|c| matches!(c.origin, Origin::Free))
            };
            if !from.iter().all(free) {
                continue;
            }
            for (from, column) in from.into_iter().zip(to) {
                if let Some(column_plan) = plan.columns.get_mut(from) {
                    column_plan.origin = Origin::Parent { group, column };
                }
            }
            let salt = salt(plan.salt, key.name);
            plan.groups.push(Group { parent, salt, itself: parent == child, digit: None });
        }
    }
}

/// The sets of columns that must be unique, the smallest first.
fn unique_sets(table: &Table) -> Vec<Vec<usize>> {
    let place = |name: &str| table.columns.iter().position(|column| column.name == name);
    let places = |names: &[&str]| names.iter().filter_map(|name| place(name)).collect::<Vec<_>>();
    let mut sets = vec![places(table.primary_key)];
    sets.extend(table.uniques.iter().map(|unique| places(unique.columns)));
    for index in table.indexes.iter().filter(|index| index.unique) {
        let words = index.parts.iter().flat_map(|part| {
            part.text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        });
        let mut set: Vec<usize> = words.filter_map(place).collect();
        set.dedup();
        sets.push(set);
    }
    sets.retain(|set| !set.is_empty());
    sets.sort_by_key(Vec::len);
    sets
}

/// Makes one column of each set unique, or leaves the set to be spread over its places.
fn make_unique(tables: &mut [Plan], plan: usize) -> Result<Vec<Radix>, Error> {
    let mut radices: Vec<Radix> = Vec::new();
    let Some(at) = tables.get_mut(plan) else { return Ok(radices) };
    for set in unique_sets(&at.table) {
        let origins = set.iter().filter_map(|column| at.columns.get(*column));
        let kept = origins.clone().any(|c| matches!(c.origin, Origin::Id | Origin::Unique));
        let places: Vec<Place> = set.iter().filter_map(|column| place_of(at, *column)).collect();
        let spread = |radix: &Radix| radix.places.iter().all(|place| places.contains(place));
        if kept || radices.iter().any(spread) {
            continue;
        }
        let last_free = set.iter().rev().find(|column| place_of(at, **column).is_none());
        if let Some(column) = last_free.and_then(|column| at.columns.get_mut(*column)) {
            column.origin = Origin::Unique;
            continue;
        }
        let mut places = places;
        places.dedup();
        if radices.iter().any(|radix| radix.places.iter().any(|place| places.contains(place))) {
            return Err(Error::Unique { table: at.table.name });
        }
        radices.push(Radix { plan, places });
    }
    Ok(radices)
}

/// A column's place in a number, when it has few values; `None` when it can be unique by itself.
fn place_of(plan: &Plan, column: usize) -> Option<Place> {
    let at = plan.columns.get(column)?;
    match (at.origin, at.column.ty, at.hint) {
        (Origin::Parent { group, .. }, ..) => Some(Place::Group(group)),
        (_, Type::Bool, _) => Some(Place::Column(column, 2)),
        (_, Type::Date, _) => Some(Place::Column(column, DAYS)),
        (_, Type::Enum(declared), _) => Some(Place::Column(column, declared.labels.len() as u64)),
        (_, _, Hint::OneOf(words)) => Some(Place::Column(column, words.len() as u64)),
        _ => None,
    }
}

fn size(tables: &[Plan], plan: usize, place: Place) -> u64 {
    match place {
        Place::Column(_, count) => count,
        Place::Group(group) => {
            let parent = tables.get(plan).and_then(|plan| plan.groups.get(group));
            parent.and_then(|group| tables.get(group.parent)).map_or(0, |parent| parent.rows)
        }
    }
}

/// No more rows than there are combinations, and none that refer to an empty table.
fn cap(tables: &mut [Plan], radices: &[Radix]) {
    loop {
        let mut most: Vec<u64> = tables.iter().map(|plan| plan.rows).collect();
        for radix in radices {
            let sizes = radix.places.iter().map(|place| size(tables, radix.plan, *place));
            let all = sizes.fold(1, u64::saturating_mul);
            if let Some(most) = most.get_mut(radix.plan) {
                *most = all.min(*most);
            }
        }
        for (plan, most) in tables.iter().zip(&mut most) {
            let empty = |group: &Group| tables.get(group.parent).is_some_and(|p| p.rows == 0);
            if plan.groups.iter().any(empty) {
                *most = 0;
            }
        }
        if tables.iter().zip(&most).all(|(plan, most)| plan.rows == *most) {
            return;
        }
        for (plan, most) in tables.iter_mut().zip(most) {
            plan.rows = most;
        }
    }
}

/// Gives every place of the radices its base. Tables that each refer once to a row of the same
/// parent get different rows as long as there are enough: users and groups are not one principal.
fn spread(tables: &mut [Plan], radices: &[Radix]) {
    let mut taken: BTreeMap<usize, u64> = BTreeMap::new();
    for radix in radices {
        let mut before = 1;
        for place in &radix.places {
            let count = size(tables, radix.plan, *place);
            let mut digit = Digit { before, offset: 0, count };
            before = before.saturating_mul(count.max(1));
            let Some(plan) = tables.get_mut(radix.plan) else { continue };
            match *place {
                Place::Column(column, _) => {
                    if let Some(column) = plan.columns.get_mut(column) {
                        column.origin = Origin::Digit(digit);
                    }
                }
                Place::Group(group) => {
                    let Some(group) = plan.groups.get_mut(group) else { continue };
                    if radix.places.len() == 1 {
                        let offset = taken.entry(group.parent).or_default();
                        digit.offset = *offset;
                        *offset += plan.rows;
                    }
                    group.digit = Some(digit);
                }
            }
        }
    }
}
