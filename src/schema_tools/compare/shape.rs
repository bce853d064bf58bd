//! The form in which structures are compared: tables, columns and rules as texts.

use model::{Action, Identity, Index, Table};

use crate::postgres::inspection as postgres;
use crate::postgres::quote_if_needed;

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// What it is, as it was named.
    pub title: String,
    /// What is said of how it was read.
    pub remark: Option<&'static str>,
    /// Its tables.
    pub tables: Vec<TableShape>,
    /// Enum types, each with its labels.
    pub enums: Vec<(String, Vec<String>)>,
}

impl Shape {
    /// The title, and what is said of how it was read.
    pub fn heading(&self) -> String {
        format!("{}{}", self.title, self.remark.unwrap_or_default())
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableShape {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<ColumnShape>,
    /// Keys, indexes, checks.
    pub items: Vec<Item>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// How SQLite holds it, where both sides say that.
    pub stored: String,
    /// Whether NULL is allowed.
    pub null: bool,
    /// Its default.
    pub default: String,
    /// `by default`, `always`, `serial` or nothing.
    pub identity: String,
    /// The expression of a generated column.
    pub generated: String,
}

/// A key, an index, a check, or something else of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Its name; empty where names do not count.
    pub name: String,
    /// Its definition.
    pub text: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The primary key.
    PrimaryKey,
    /// A unique key, or a unique index where the two are one.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// A check.
    Check,
    /// An index.
    Index,
    /// What only SQLite has, or an exclusion of PostgreSQL.
    Other,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::PrimaryKey => "primary key",
            Kind::Unique => "unique",
            Kind::ForeignKey => "foreign key",
            Kind::Check => "check",
            Kind::Index => "index",
            Kind::Other => "other",
        }
    }
}

fn quoted_list(names: &[&str]) -> String {
    format!("({})", names.iter().map(|name| quote_if_needed(name)).collect::<Vec<_>>().join(", "))
}

/// A table of a schema.
pub fn shape_of_table(table: &Table) -> TableShape {
    let columns = table.columns.iter().map(|column| ColumnShape {
        name: column.name.to_owned(),
        ty: column.type_sql.map_or_else(|| column.ty.to_string(), str::to_owned),
        stored: column.stored.to_string(),
        null: column.null,
        default: column.default.unwrap_or_default().to_owned(),
        identity: match column.identity {
            Identity::No => String::new(),
            Identity::ByDefault => "by default".to_owned(),
            Identity::Always => "always".to_owned(),
            Identity::Serial => "serial".to_owned(),
        },
        generated: column.generated.unwrap_or_default().to_owned(),
    });
    TableShape {
        name: table.name.to_owned(),
        columns: columns.collect(),
        items: items_of_table(table),
    }
}

/// A table's keys, indexes and checks.
pub fn items_of_table(table: &Table) -> Vec<Item> {
    let mut all = Vec::new();
    let mut add = |kind, name: &str, text| {
        all.push(Item { kind, name: name.to_owned(), text });
    };
    if !table.primary_key.is_empty() {
        let name = model::resolve::primary_key_name(table);
        add(Kind::PrimaryKey, &name, quoted_list(table.primary_key));
    }
    for unique in table.uniques {
        add(Kind::Unique, unique.name, quoted_list(unique.columns));
    }
    for key in table.foreign_keys {
        let mut text = format!(
            "{} references {} {}",
            quoted_list(key.columns),
            quote_if_needed(key.table),
            quoted_list(key.to)
        );
        for (word, action) in [("delete", key.on_delete), ("update", key.on_update)] {
            let found = model::table::ACTIONS.iter().find(|(_, known)| *known == action);
            if let Some((action, _)) = found.filter(|(_, known)| *known != Action::NoAction) {
                text.push_str(&format!(" on {word} {action}"));
            }
        }
        if key.deferred {
            text.push_str(" deferred");
        } else if key.deferrable {
            text.push_str(" deferrable");
        }
        add(Kind::ForeignKey, key.name, text);
    }
    for check in table.checks {
        add(Kind::Check, check.name, check.expression.to_owned());
    }
    for index in table.indexes {
        let kind = if index.unique { Kind::Unique } else { Kind::Index };
        add(kind, index.name, index_text(index));
    }
    for rule in table.rules {
        add(Kind::Other, rule.name, rule.definition.to_owned());
    }
    all
}

fn index_text(index: &Index) -> String {
    if let Some(definition) = index.definition {
        return definition.to_owned();
    }
    let parts = index.parts.iter().map(|part| {
        let text = if part.expression { part.text.to_owned() } else { quote_if_needed(part.text) };
        format!("{text}{}", if part.descending { " desc" } else { "" })
    });
    let mut text = format!("({})", parts.collect::<Vec<_>>().join(", "));
    if index.method != "btree" {
        text.push_str(&format!(" using {}", index.method));
    }
    if let Some(predicate) = index.predicate {
        text.push_str(&format!(" where {predicate}"));
    }
    text
}

/// A table of PostgreSQL.
pub fn shape_of_postgres_table(table: &postgres::Table) -> TableShape {
    let columns = table.columns.iter().map(|column| ColumnShape {
        name: column.name.clone(),
        ty: column.ty.clone(),
        stored: String::new(),
        null: column.null,
        default: column.default.clone().unwrap_or_default(),
        identity: column.identity.to_owned(),
        generated: column.generated.clone().unwrap_or_default(),
    });
    let constraints = table.constraints.iter().map(|constraint| {
        let (kind, start) = match constraint.kind {
            'p' => (Kind::PrimaryKey, "PRIMARY KEY "),
            'u' => (Kind::Unique, "UNIQUE "),
            'f' => (Kind::ForeignKey, "FOREIGN KEY "),
            'c' => (Kind::Check, "CHECK "),
            _ => (Kind::Other, ""),
        };
        let text = constraint.text.strip_prefix(start).unwrap_or(&constraint.text).to_owned();
        Item { kind, name: constraint.name.clone(), text }
    });
    let indexes = table.indexes.iter().map(|index| Item {
        kind: if index.unique { Kind::Unique } else { Kind::Index },
        name: index.name.clone(),
        text: index.text.clone(),
    });
    let items = constraints.chain(indexes).collect();
    TableShape { name: table.name.clone(), columns: columns.collect(), items }
}
