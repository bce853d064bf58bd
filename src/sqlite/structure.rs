//! What a SQLite file says about its tables: everything that a run, a draft and a comparison need.
//!
//! `structure_reader` reads it.

use super::ddl::Ddl;

/// A database's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Tables of every kind, in the order of their names.
    pub tables: Vec<SourceTable>,
    /// Views and triggers.
    pub others: Vec<SourceObject>,
    /// `PRAGMA encoding`.
    pub encoding: String,
}

/// SQLite's own names for the number of a row, each unless a column has it.
pub const ROWIDS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What kind of table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// An ordinary table.
    Table,
    /// A virtual table, whose content its module makes.
    Virtual,
    /// A table that a virtual table keeps for itself.
    Shadow,
    /// One of SQLite's own (`sqlite_sequence`, `sqlite_stat1`, …).
    Internal,
}

/// The orders of text that SQLite itself has.
const KNOWN_ORDERS: [&str; 3] = ["BINARY", "NOCASE", "RTRIM"];

/// A view or a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceObject {
    /// `view` or `trigger`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The table it belongs to; a view's own name.
    pub table: String,
    /// Its statement.
    pub sql: String,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTable {
    /// Its name.
    pub name: String,
    /// What kind of table it is.
    pub kind: TableKind,
    /// Whether it has no rowid.
    pub without_rowid: bool,
    /// Whether SQLite checks types.
    pub strict: bool,
    /// Its statement.
    pub sql: String,
    /// What only the statement says.
    pub ddl: Ddl,
    /// Its columns in their order.
    pub columns: Vec<SourceColumn>,
    /// Its indexes, those of keys among them, in the order of their making.
    pub indexes: Vec<SourceIndex>,
    /// Its foreign keys in the order of the statement.
    pub foreign_keys: Vec<SourceForeignKey>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its name.
    pub name: String,
    /// Its type as declared; may be empty.
    pub declared: String,
    /// Whether it is declared NOT NULL.
    pub not_null: bool,
    /// Its default as written.
    pub default: Option<String>,
    /// Its place in the primary key, from 1; 0 when it is not part of it.
    pub key_place: i64,
    /// Whether its value is computed.
    pub generated: bool,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceIndex {
    /// Its name.
    pub name: String,
    /// Whether it is unique.
    pub unique: bool,
    /// What made it.
    pub origin: IndexOrigin,
    /// Its statement; empty where a key made it.
    pub sql: String,
    /// Whether it has a predicate.
    pub partial: bool,
    /// What is indexed.
    pub parts: Vec<IndexPart>,
}

/// What made an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexOrigin {
    /// CREATE INDEX.
    Statement,
    /// A UNIQUE constraint.
    Unique,
    /// The primary key.
    PrimaryKey,
}

/// A part of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPart {
    /// The column; nothing for an expression.
    pub column: Option<String>,
    /// Whether it is ordered downwards.
    pub descending: bool,
    /// Its collation: `BINARY` unless said otherwise.
    pub collation: String,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceForeignKey {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The table referred to.
    pub parent: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The columns referred to; empty for the parent's primary key.
    pub to: Vec<String>,
    /// As SQLite spells it: `CASCADE`.
    pub on_delete: String,
    /// As SQLite spells it.
    pub on_update: String,
    /// Whether it is checked at the end of a transaction.
    pub deferred: bool,
}

impl Structure {
    /// The tables that hold data of the application.
    pub fn ordinary_tables(&self) -> impl Iterator<Item = &SourceTable> {
        self.tables.iter().filter(|table| table.kind == TableKind::Table)
    }

    /// The table of that name; SQLite compares names without ASCII case.
    pub fn table(&self, name: &str) -> Option<&SourceTable> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

impl SourceTable {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&SourceColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The primary key's columns in key order.
    pub fn primary_key_columns(&self) -> Vec<&str> {
        let mut key: Vec<_> = self.columns.iter().filter(|column| column.key_place > 0).collect();
        key.sort_by_key(|column| column.key_place);
        key.into_iter().map(|column| column.name.as_str()).collect()
    }

    /// The column that is another name of the rowid: SQLite makes its values.
    pub fn rowid_alias(&self) -> Option<&SourceColumn> {
        let key = self.primary_key_columns();
        let [only] = *key else { return None };
        let own_index = self.indexes.iter().any(|index| index.origin == IndexOrigin::PrimaryKey);
        // `INTEGER PRIMARY KEY DESC` is no alias, and has an index.
        let column = self.column(only)?;
        let integer = column.declared.eq_ignore_ascii_case("INTEGER");
        Some(column).filter(|_| integer && !own_index && !self.without_rowid)
    }

    /// Whether a name is one of SQLite's for the rowid, and not a column's here.
    pub fn is_rowid(&self, name: &str) -> bool {
        let known = ROWIDS.iter().any(|rowid| rowid.eq_ignore_ascii_case(name));
        known && !self.without_rowid && self.column(name).is_none()
    }

    /// The name by which SQL reaches the rowid, unless the table has none or columns hide it.
    pub fn rowid_name(&self) -> Option<&'static str> {
        ROWIDS.iter().copied().find(|name| self.is_rowid(name))
    }

    /// Whether nothing names a row but its place: columns hide the rowid under all of its names,
    /// and no primary key tells all rows apart. One that is not an INTEGER PRIMARY KEY may be NULL
    /// in a table with rowids.
    pub fn has_no_row_key(&self) -> bool {
        let key = self.primary_key_columns();
        let sure = |name: &&str| {
            let column = self.columns.iter().find(|column| column.name == *name);
            column.is_some_and(|column| column.not_null)
        };
        let kept = !key.is_empty() && (self.rowid_alias().is_some() || key.iter().all(sure));
        self.rowid_name().is_none() && !self.without_rowid && !kept
    }

    /// Sets of columns that SQLite keeps unique, by an index over all rows or as the rowid. An
    /// order of the application's own may take two texts for one or one for two, and is no promise.
    pub fn unique_keys(&self) -> Vec<Vec<&str>> {
        let own_order = |part: &IndexPart| !KNOWN_ORDERS.contains(&part.collation.as_str());
        let indexes = self.indexes.iter().filter(|index| index.unique && !index.partial);
        let kept = indexes.filter(|index| !index.parts.iter().any(own_order));
        // An expression is no column.
        let columns = kept.map(|index| index.parts.iter().map(|part| part.column.as_deref()));
        let mut keys: Vec<Vec<&str>> = columns.filter_map(Iterator::collect).collect();
        keys.extend(self.rowid_alias().map(|column| vec![column.name.as_str()]));
        keys
    }

    /// A name for the rowid of a table in which no column is that number.
    pub fn implicit_rowid_name(&self) -> Option<&'static str> {
        let name = ROWIDS.iter().find(|name| self.is_rowid(name));
        name.copied().filter(|_| self.rowid_alias().is_none())
    }

    /// Makes a column of SQLite's own number of a row, where a schema has one for it; `key` says
    /// that it is the primary key there.
    pub fn declare_rowid(&mut self, index: usize, name: &str, key: bool) {
        let rowid = SourceColumn {
            name: name.to_owned(),
            declared: "INTEGER".to_owned(),
            not_null: true,
            default: None,
            key_place: i64::from(key && self.primary_key_columns().is_empty()),
            generated: false,
        };
        self.columns.insert(index.min(self.columns.len()), rowid);
    }

    /// The collation that a column declares, unless it is the usual one.
    pub fn collation(&self, column: &str) -> Option<&str> {
        let mut all = self.ddl.collations.iter();
        let found = all.find(|(name, _)| name.eq_ignore_ascii_case(column));
        let found = found.map(|(_, collation)| collation.as_str());
        found.filter(|collation| !collation.eq_ignore_ascii_case("BINARY"))
    }
}
