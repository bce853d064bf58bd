//! Everything that a SQLite file says about its tables.
//!
//! Names are bound to table-valued pragmas, never pasted into SQL. Collations and modules that
//! this program does not have do not matter: nothing is sorted and no virtual table is opened.

use rusqlite::{Connection, Row};

use super::ddl::{self, Ddl};
use crate::sqlite::{ROWIDS, TableKind};

/// A database's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Tables of every kind, in the order of their names.
    pub tables: Vec<Table>,
    /// Views and triggers.
    pub others: Vec<Object>,
    /// `PRAGMA encoding`.
    pub encoding: String,
}

/// A view or a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
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
pub struct Table {
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
    pub columns: Vec<Column>,
    /// Its indexes, those of keys among them, in the order of their making.
    pub indexes: Vec<Index>,
    /// Its foreign keys in the order of the statement.
    pub foreign_keys: Vec<ForeignKey>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
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
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it is unique.
    pub unique: bool,
    /// What made it.
    pub origin: Origin,
    /// Its statement; empty where a key made it.
    pub sql: String,
    /// Whether it has a predicate.
    pub partial: bool,
    /// What is indexed.
    pub parts: Vec<Part>,
}

/// What made an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// CREATE INDEX.
    Statement,
    /// A UNIQUE constraint.
    Unique,
    /// The primary key.
    PrimaryKey,
}

/// A part of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The column; nothing for an expression.
    pub column: Option<String>,
    /// Whether it is ordered downwards.
    pub descending: bool,
    /// Its collation: `BINARY` unless said otherwise.
    pub collation: String,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
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

impl Inspection {
    /// The tables that hold data of the application.
    pub fn ordinary(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().filter(|table| table.kind == TableKind::Table)
    }

    /// The table of that name; SQLite compares names without ASCII case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The primary key's columns in key order.
    pub fn primary_key(&self) -> Vec<&str> {
        let mut key: Vec<_> = self.columns.iter().filter(|column| column.key_place > 0).collect();
        key.sort_by_key(|column| column.key_place);
        key.into_iter().map(|column| column.name.as_str()).collect()
    }

    /// The column that is another name of the rowid: SQLite makes its values.
    pub fn rowid_alias(&self) -> Option<&Column> {
        let key = self.primary_key();
        let [only] = *key else { return None };
        let own_index = self.indexes.iter().any(|index| index.origin == Origin::PrimaryKey);
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

    /// A name for the rowid of a table in which no column is that number.
    pub fn implicit_rowid(&self) -> Option<&'static str> {
        let name = ROWIDS.iter().find(|name| self.is_rowid(name));
        name.copied().filter(|_| self.rowid_alias().is_none())
    }

    /// Makes a column of SQLite's own number of a row, where a schema has one for it; `key` says
    /// that it is the primary key there.
    pub fn declare_rowid(&mut self, place: usize, name: &str, key: bool) {
        let rowid = Column {
            name: name.to_owned(),
            declared: "INTEGER".to_owned(),
            not_null: true,
            default: None,
            key_place: i64::from(key && self.primary_key().is_empty()),
            generated: false,
        };
        self.columns.insert(place.min(self.columns.len()), rowid);
    }

    /// The collation that a column declares, unless it is the usual one.
    pub fn collation(&self, column: &str) -> Option<&str> {
        let mut all = self.ddl.collations.iter();
        let found = all.find(|(name, _)| name.eq_ignore_ascii_case(column));
        let found = found.map(|(_, collation)| collation.as_str());
        found.filter(|collation| !collation.eq_ignore_ascii_case("BINARY"))
    }
}

/// Reads everything of the main database.
///
/// # Errors
/// SQLite's own, for instance of a damaged schema.
pub fn read(connection: &Connection) -> rusqlite::Result<Inspection> {
    let mut statement = connection.prepare(
        "SELECT l.name, l.type, l.wr, l.strict, coalesce(s.sql, '') FROM pragma_table_list AS l \
         LEFT JOIN sqlite_schema AS s ON s.type = 'table' AND s.name = l.name \
         WHERE l.schema = 'main' AND l.type <> 'view' \
         AND l.name NOT IN ('sqlite_schema', 'sqlite_master') ORDER BY l.name",
    )?;
    let mut rows = statement.query([])?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        tables.push(table(connection, row)?);
    }
    let mut statement = connection.prepare(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema \
         WHERE type IN ('view', 'trigger') ORDER BY type DESC, name",
    )?;
    let object = |row: &Row<'_>| {
        let (kind, name) = (row.get(0)?, row.get(1)?);
        Ok(Object { kind, name, table: row.get(2)?, sql: row.get(3)? })
    };
    let others = statement.query_map([], object)?.collect::<rusqlite::Result<_>>()?;
    let encoding = connection.query_row("PRAGMA encoding", [], |row| row.get(0))?;
    Ok(Inspection { tables, others, encoding })
}

fn table(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Table> {
    let (name, sql): (String, String) = (row.get(0)?, row.get(4)?);
    let kind = match row.get_ref(1)?.as_str()? {
        "virtual" => TableKind::Virtual,
        "shadow" => TableKind::Shadow,
        _ if name.starts_with("sqlite_") => TableKind::Internal,
        _ => TableKind::Table,
    };
    let mut table = Table {
        kind,
        without_rowid: row.get(2)?,
        strict: row.get(3)?,
        ddl: Ddl::default(),
        columns: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        name,
        sql,
    };
    // A virtual table's module may be missing, and then even its columns cannot be asked.
    if kind == TableKind::Table {
        table.ddl = ddl::read(&table.sql);
        table.columns = columns(connection, &table.name)?;
        table.indexes = indexes(connection, &table.name)?;
        table.foreign_keys = foreign_keys(connection, &table)?;
    }
    Ok(table)
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let mut statement = connection.prepare(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden \
         FROM pragma_table_xinfo(?1, 'main')",
    )?;
    let columns = statement.query_map([table], |row| {
        Ok(Column {
            name: row.get(0)?,
            declared: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            key_place: row.get(4)?,
            generated: row.get::<_, i64>(5)? > 1,
        })
    })?;
    columns.collect()
}

fn indexes(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Index>> {
    let mut statement = connection.prepare(
        "SELECT l.name, l.\"unique\", l.origin, l.partial, coalesce(s.sql, '') \
         FROM pragma_index_list(?1, 'main') AS l \
         LEFT JOIN sqlite_schema AS s ON s.type = 'index' AND s.name = l.name \
         ORDER BY l.seq DESC",
    )?;
    let mut rows = statement.query([table])?;
    let mut indexes = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let origin = match row.get_ref(2)?.as_str()? {
            "u" => Origin::Unique,
            "pk" => Origin::PrimaryKey,
            _ => Origin::Statement,
        };
        let parts = parts(connection, &name)?;
        let (unique, partial, sql) = (row.get(1)?, row.get(3)?, row.get(4)?);
        indexes.push(Index { name, unique, origin, sql, partial, parts });
    }
    Ok(indexes)
}

fn parts(connection: &Connection, index: &str) -> rusqlite::Result<Vec<Part>> {
    let mut statement = connection.prepare(
        "SELECT name, \"desc\", coalesce(coll, 'BINARY') FROM pragma_index_xinfo(?1, 'main') \
         WHERE key = 1 ORDER BY seqno",
    )?;
    let part = |row: &Row<'_>| {
        Ok(Part { column: row.get(0)?, descending: row.get(1)?, collation: row.get(2)? })
    };
    statement.query_map([index], part)?.collect()
}

fn foreign_keys(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<ForeignKey>> {
    let mut statement = connection.prepare(
        "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update \
         FROM pragma_foreign_key_list(?1, 'main') ORDER BY id DESC, seq",
    )?;
    let mut rows = statement.query([&table.name])?;
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if keys.last().is_none_or(|(last, _)| *last != id) {
            let (parent, on_delete, on_update) = (row.get(1)?, row.get(4)?, row.get(5)?);
            let (columns, to) = (Vec::new(), Vec::new());
            let (name, deferred) = (None, false);
            let key = ForeignKey { name, parent, columns, to, on_delete, on_update, deferred };
            keys.push((id, key));
        }
        if let Some((_, key)) = keys.last_mut() {
            key.columns.push(row.get(2)?);
            key.to.extend(row.get::<_, Option<String>>(3)?);
        }
    }
    // The pragma counts from the last of the statement.
    let mut keys: Vec<ForeignKey> = keys.into_iter().map(|(_, key)| key).collect();
    if keys.len() == table.ddl.foreign_keys.len() {
        for (key, said) in keys.iter_mut().zip(&table.ddl.foreign_keys) {
            key.name.clone_from(&said.name);
            key.deferred = said.deferred;
        }
    }
    Ok(keys)
}
