//! The differences of two shapes, and what each means for moving the left side's rows to the right.

use std::collections::BTreeSet;

use super::shape::{ColumnShape, Item, Kind, Shape, TableShape};

/// What a difference means for a migration from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Rows are refused, or may be.
    Blocks,
    /// Something that the left side holds has no place on the right.
    Loses,
    /// Rows go through unchanged.
    Harmless,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table; empty for a type of the database.
    pub table: String,
    /// What it is about: `table`, `column title`, `index x`.
    pub subject: String,
    /// The left side's; empty where it has none.
    pub left: String,
    /// The right side's; empty where it has none.
    pub right: String,
    /// Whether it is about a property of something that both sides have.
    pub property: bool,
    /// What it means.
    pub meaning: Meaning,
    /// Why.
    pub because: &'static str,
}

/// What the sides are, as far as it changes what a difference means.
#[derive(Clone, Copy, Debug, Default)]
pub struct ComparedSides {
    /// The left is a file whose rows the right describes: everything described must be there.
    pub described: bool,
    /// Whether names of keys and indexes count: SQLite does not give them to keys.
    pub named: bool,
}

/// Everything that differs: by table, the tables with the most serious difference first.
pub fn diff_shapes(left: &Shape, right: &Shape, sides: ComparedSides) -> Vec<Difference> {
    let mut all = Vec::new();
    diff_enums(left, right, &mut all);
    let find = |shape: &'_ Shape, name: &str| shape.tables.iter().position(|t| t.name == name);
    for table in &left.tables {
        match find(right, &table.name).and_then(|at| right.tables.get(at)) {
            Some(other) => diff_tables(table, other, sides, &mut all),
            None => all.push(Difference {
                table: table.name.clone(),
                subject: "table".to_owned(),
                left: column_count_text(table),
                right: String::new(),
                property: false,
                meaning: Meaning::Loses,
                because: "the right side does not have the table, so its rows are lost",
            }),
        }
    }
    for table in right.tables.iter().filter(|table| find(left, &table.name).is_none()) {
        let (meaning, because) = match sides.described {
            true => (Meaning::Blocks, "the schema expects it in the source"),
            false => (Meaning::Harmless, "it starts empty"),
        };
        let (table, right) = (table.name.clone(), column_count_text(table));
        let (subject, left) = ("table".to_owned(), String::new());
        let property = false;
        all.push(Difference { table, subject, left, right, property, meaning, because });
    }
    let worst = |table: &str| {
        let of = all.iter().filter(|difference| difference.table == table);
        of.map(|difference| difference.meaning).min()
    };
    let order: Vec<_> = all.iter().map(|difference| worst(&difference.table)).collect();
    let mut keyed: Vec<_> = order.into_iter().zip(all).collect();
    keyed.sort_by(|(a, x), (b, y)| {
        (a, &x.table, x.meaning, &x.subject).cmp(&(b, &y.table, y.meaning, &y.subject))
    });
    keyed.into_iter().map(|(_, difference)| difference).collect()
}

fn column_count_text(table: &TableShape) -> String {
    match table.columns.len() {
        1 => "1 column".to_owned(),
        count => format!("{count} columns"),
    }
}

fn diff_enums(left: &Shape, right: &Shape, differences: &mut Vec<Difference>) {
    let names: BTreeSet<&String> = left.enums.iter().chain(&right.enums).map(|(n, _)| n).collect();
    for name in names {
        let of = |shape: &Shape| shape.enums.iter().find(|(known, _)| known == name).cloned();
        let (one, other) = (of(left), of(right));
        if one == other {
            continue;
        }
        let labels = |found: Option<(_, Vec<String>)>| found.map(|(_, l)| l).unwrap_or_default();
        let (left, right) = (labels(one), labels(other));
        let kept = left.iter().all(|label| right.contains(label));
        let (meaning, because) = match kept || left.is_empty() {
            true => (Meaning::Harmless, "the right side has every label of the left side"),
            false => (Meaning::Blocks, "rows with a removed label are refused"),
        };
        let (table, subject) = (String::new(), format!("type {name}"));
        let (left, right, property) = (left.join(", "), right.join(", "), false);
        differences.push(Difference { table, subject, left, right, property, meaning, because });
    }
}

fn diff_tables(
    left: &TableShape,
    right: &TableShape,
    sides: ComparedSides,
    differences: &mut Vec<Difference>,
) {
    let first = differences.len();
    for column in &left.columns {
        if let Some(other) = right.columns.iter().find(|other| other.name == column.name) {
            diff_columns(column, other, differences);
        }
    }
    let mut add = |subject: String, left: String, right: String, judged: Judged| {
        let (meaning, because) = judged;
        let (table, property) = (String::new(), false);
        differences.push(Difference { table, subject, left, right, property, meaning, because });
    };
    for column in &left.columns {
        if right.columns.iter().all(|other| other.name != column.name) {
            let subject = format!("column {}", column.name);
            let judged = match column.generated.is_empty() {
                true => (
                    Meaning::Loses,
                    "the right side does not have the column, so its values are lost",
                ),
                false => (Meaning::Harmless, "its values are computed from the other columns"),
            };
            add(subject, describe_column(column), String::new(), judged);
        }
    }
    for column in &right.columns {
        if left.columns.iter().any(|other| other.name == column.name) {
            continue;
        }
        let filled = column.null
            || [&column.default, &column.identity, &column.generated].iter().any(|t| !t.is_empty());
        let judged = match (sides.described && column.generated.is_empty(), filled) {
            (true, _) => (Meaning::Blocks, "the schema expects it in the source"),
            (false, true) => (Meaning::Harmless, "it is NULL or its default for every row"),
            (false, false) => (Meaning::Blocks, "it must have a value, and there is none"),
        };
        add(format!("column {}", column.name), String::new(), describe_column(column), judged);
    }
    diff_items(&left.items, &right.items, sides, &mut add);
    for difference in differences.iter_mut().skip(first) {
        difference.table.clone_from(&left.name);
    }
}

/// A meaning and its reason.
type Judged = (Meaning, &'static str);

fn describe_column(column: &ColumnShape) -> String {
    let null = if column.null { "" } else { " not null" };
    let ty = if column.ty.is_empty() { "without a type" } else { &column.ty };
    format!("{ty}{null}")
}

/// The properties of a column in which both sides differ.
fn diff_columns(left: &ColumnShape, right: &ColumnShape, differences: &mut Vec<Difference>) {
    let mut add = |what: &str, one: &str, two: &str, (meaning, because): Judged| {
        if one != two {
            differences.push(Difference {
                table: String::new(),
                subject: format!("column {}: {what}", left.name),
                left: one.to_owned(),
                right: two.to_owned(),
                property: true,
                meaning,
                because,
            });
        }
    };
    add("type", &left.ty, &right.ty, judge_type_change(&left.ty, &right.ty));
    if !left.stored.is_empty() && !right.stored.is_empty() && left.ty == right.ty {
        let judged = (Meaning::Blocks, "SQLite stores its values in another encoding");
        add("stored", &left.stored, &right.stored, judged);
    }
    let null = |column: &ColumnShape| if column.null { "null" } else { "not null" };
    let judged = match right.null {
        true => (Meaning::Harmless, "NULL is allowed now"),
        false => (Meaning::Blocks, "rows with NULL there are refused"),
    };
    add("nullability", null(left), null(right), judged);
    let judged = (Meaning::Harmless, "rows keep their values; new rows get another default");
    add("default", &left.default, &right.default, judged);
    let judged = match right.identity.is_empty() {
        true => (Meaning::Harmless, "rows keep their ids; new rows get none by themselves"),
        false => (Meaning::Harmless, "ids are made in another way"),
    };
    add("identity", &left.identity, &right.identity, judged);
    let judged = match (left.generated.is_empty(), right.generated.is_empty()) {
        (true, _) => (Meaning::Loses, "values are computed instead of stored"),
        (_, true) => (Meaning::Harmless, "values are stored, and no longer computed"),
        _ => (Meaning::Blocks, "values may be computed in another way"),
    };
    add("generated", &left.generated, &right.generated, judged);
}

/// Whether every value of a type has a place in another.
fn judge_type_change(left: &str, right: &str) -> Judged {
    const INTEGER_TYPES: [&[&str]; 3] =
        [&["int2", "smallint"], &["int4", "integer"], &["int8", "bigint"]];
    let rank = |ty: &str| INTEGER_TYPES.iter().position(|names| names.contains(&ty));
    let wider = matches!((rank(left), rank(right)), (Some(one), Some(two)) if one < two);
    let varying = left.starts_with("varchar(") || left.starts_with("character varying(");
    if wider || (varying && right == "text") {
        return (Meaning::Harmless, "every value fits the wider type");
    }
    (Meaning::Blocks, "values of one type may not be valid in the other")
}

fn diff_items(
    left: &[Item],
    right: &[Item],
    sides: ComparedSides,
    add: &mut impl FnMut(String, String, String, Judged),
) {
    let mut rest: Vec<&Item> = right.iter().collect();
    let mut only_left: Vec<&Item> = Vec::new();
    for item in left {
        let same = |other: &&Item| {
            other.kind == item.kind
                && other.text == item.text
                && (!sides.named || other.name == item.name)
        };
        match rest.iter().position(same) {
            Some(at) => {
                rest.remove(at);
            }
            None => only_left.push(item),
        }
    }
    for item in only_left {
        let similar = |other: &&Item| {
            let index = |kind| matches!(kind, Kind::Index | Kind::Unique);
            // An index that became unique is still the same index.
            let kind = other.kind == item.kind || (index(other.kind) && index(item.kind));
            let named = sides.named && !item.name.is_empty();
            let same =
                other.name == item.name || (other.kind == item.kind && other.text == item.text);
            let key = item.kind == Kind::PrimaryKey || joins_alike(item, other);
            kind && (key || (named && same))
        };
        match rest.iter().position(similar) {
            Some(at) => {
                let other = rest.remove(at);
                let renamed = other.text == item.text && other.kind == item.kind;
                let judged = match (renamed, joins_alike(item, other)) {
                    (true, _) => (Meaning::Harmless, "only its name differs"),
                    (_, true) => (Meaning::Harmless, "rows are the same; it acts in another way"),
                    _ => judge_rule(other.kind),
                };
                match renamed {
                    true => {
                        add(describe_subject(item), item.name.clone(), other.name.clone(), judged)
                    }
                    false => add(
                        describe_subject(item),
                        full_definition(item),
                        full_definition(other),
                        judged,
                    ),
                }
            }
            None => {
                let judged = match item.kind {
                    Kind::Index => (Meaning::Harmless, "rows are the same; reading is slower"),
                    Kind::PrimaryKey => {
                        (Meaning::Harmless, "rows are the same; nothing names them any more")
                    }
                    _ => (Meaning::Harmless, "rows are the same; the rule is no longer enforced"),
                };
                add(describe_subject(item), full_definition(item), String::new(), judged);
            }
        }
    }
    for item in rest {
        add(describe_subject(item), String::new(), full_definition(item), judge_rule(item.kind));
    }
}

/// Whether both are foreign keys that ask the same of rows, whatever they do and when.
fn joins_alike(first: &Item, other: &Item) -> bool {
    const ACTS: [&str; 6] =
        [" on update ", " on delete ", " deferr", " ON UPDATE ", " ON DELETE ", " DEFERRABLE"];
    let asks = |item: &Item| {
        let end = ACTS.into_iter().filter_map(|word| item.text.find(word)).min();
        let text = end.and_then(|end| item.text.get(..end)).unwrap_or(&item.text);
        (item.kind, text.to_owned(), item.text.ends_with(" NOT VALID"))
    };
    first.kind == Kind::ForeignKey && asks(first) == asks(other)
}

/// What a new or another rule means.
fn judge_rule(kind: Kind) -> Judged {
    match kind {
        Kind::Index | Kind::Other => (Meaning::Harmless, "rows are the same"),
        _ => (Meaning::Blocks, "rows that break the rule are refused"),
    }
}

fn describe_subject(item: &Item) -> String {
    match item.name.is_empty() || item.kind == Kind::PrimaryKey {
        true => item.kind.word().to_owned(),
        false => format!("{} {}", item.kind.word(), item.name),
    }
}

/// The definition, with the word that makes an index unique.
fn full_definition(item: &Item) -> String {
    match item.kind {
        Kind::Unique => format!("unique {}", item.text),
        _ => item.text.clone(),
    }
}
