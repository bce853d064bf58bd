//! What tables and columns a SQLite database has, by its own pragmas.
//!
//! Names are bound to table-valued pragmas, never pasted into SQL. `table_xinfo` is used because
//! `table_info` hides generated columns.

use rusqlite::Connection;

use crate::diagnostic::{Finding, Id, Severity};

/// The tables of a database, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// All of them: SQLite's own, virtual and shadow tables included.
    pub tables: Vec<SourceTable>,
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
    /// Whether it is STRICT.
    pub strict: bool,
    /// Its columns in their order.
    pub columns: Vec<SourceColumn>,
    /// Sets of columns that SQLite keeps unique, by an index over all rows or as the rowid.
    pub unique: Vec<Vec<String>>,
    /// Whether its primary key is another name of the rowid.
    pub integer_key: bool,
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

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its name.
    pub name: String,
    /// The type as the table declares it; may be empty.
    pub declared: String,
    /// Whether it is declared NOT NULL.
    pub not_null: bool,
    /// Its place in the primary key, from 1; 0 when it is not part of it.
    pub key_place: i64,
    /// Whether its value is computed.
    pub generated: bool,
}

impl Structure {
    /// The table of that name; SQLite compares names without ASCII case.
    pub fn table(&self, name: &str) -> Option<&SourceTable> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// The tables that hold data of the application.
    pub fn ordinary(&self) -> impl Iterator<Item = &SourceTable> {
        self.tables.iter().filter(|table| table.kind == TableKind::Table)
    }
}

impl SourceTable {
    /// The primary key's columns in key order.
    pub fn primary_key(&self) -> Vec<&str> {
        let mut key: Vec<_> = self.columns.iter().filter(|column| column.key_place > 0).collect();
        key.sort_by_key(|column| column.key_place);
        key.into_iter().map(|column| column.name.as_str()).collect()
    }

    /// The name by which SQL reaches the rowid, unless the table has none or columns hide it.
    pub fn rowid(&self) -> Option<&'static str> {
        ROWIDS.iter().copied().find(|name| self.is_rowid(name))
    }

    /// Whether a name is one of SQLite's for the rowid, and not a column's here.
    pub fn is_rowid(&self, name: &str) -> bool {
        let column = self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        let known = ROWIDS.iter().any(|rowid| rowid.eq_ignore_ascii_case(name));
        known && !column && !self.without_rowid
    }

    /// Whether nothing names a row but its place: columns hide the rowid under all of its names,
    /// and no primary key tells all rows apart. One that is not an INTEGER PRIMARY KEY may be NULL
    /// in a table with rowids.
    pub fn nameless(&self) -> bool {
        let key = self.primary_key();
        let sure = |name: &&str| {
            let column = self.columns.iter().find(|column| column.name == *name);
            column.is_some_and(|column| column.not_null)
        };
        let kept = !key.is_empty() && (self.integer_key || key.iter().all(sure));
        self.rowid().is_none() && !self.without_rowid && !kept
    }
}

impl SourceTable {
    /// An INTEGER PRIMARY KEY is the rowid itself and has no index; its key is unique all the
    /// same. Any other primary key has one, and is in the list already.
    fn add_rowid(&mut self) {
        let key: Vec<String> = self.primary_key().into_iter().map(str::to_owned).collect();
        let [name] = key.as_slice() else { return };
        let declared = self.columns.iter().find(|column| column.name == *name);
        let integer = declared.is_some_and(|c| c.declared.eq_ignore_ascii_case("integer"));
        if integer && !self.without_rowid && !self.unique.contains(&key) {
            self.integer_key = true;
            self.unique.push(key);
        }
    }
}

/// Reads the structure of the main database.
///
/// # Errors
/// SQLite's own, for instance of a damaged schema.
pub fn read(connection: &Connection) -> rusqlite::Result<Structure> {
    let mut statement = connection.prepare(
        "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' \
         AND type <> 'view' AND name NOT IN ('sqlite_schema', 'sqlite_master') ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let kind = match row.get_ref(1)?.as_str()? {
            "virtual" => TableKind::Virtual,
            "shadow" => TableKind::Shadow,
            _ if name.starts_with("sqlite_") => TableKind::Internal,
            _ => TableKind::Table,
        };
        let (columns, unique) = match kind {
            // A virtual table's module may be missing, and then even its columns cannot be asked.
            TableKind::Virtual => (Vec::new(), Vec::new()),
            _ => (columns(connection, &name)?, unique(connection, &name)?),
        };
        let mut table = SourceTable {
            name,
            kind,
            without_rowid: row.get(2)?,
            strict: row.get(3)?,
            columns,
            unique,
            integer_key: false,
        };
        table.add_rowid();
        tables.push(table);
    }
    Ok(Structure { tables })
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<SourceColumn>> {
    let mut statement = connection.prepare(
        "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1, 'main')",
    )?;
    let columns = statement.query_map([table], |row| {
        Ok(SourceColumn {
            name: row.get(0)?,
            declared: row.get(1)?,
            not_null: row.get(2)?,
            key_place: row.get(3)?,
            generated: row.get::<_, i64>(4)? > 1,
        })
    })?;
    columns.collect()
}

/// The columns of each unique index over all rows. An order of the application's own may take two
/// texts for one or one for two, and is no promise.
fn unique(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Vec<String>>> {
    let mut statement = connection.prepare(
        "SELECT name FROM pragma_index_list(?1, 'main') WHERE \"unique\" AND NOT partial \
         ORDER BY seq",
    )?;
    let names = statement.query_map([table], |row| row.get::<_, String>(0))?;
    let mut sets = Vec::new();
    for name in names {
        let mut statement = connection.prepare(
            "SELECT iif(coll IN ('BINARY', 'NOCASE', 'RTRIM'), name, NULL) \
             FROM pragma_index_xinfo(?1, 'main') WHERE key",
        )?;
        let columns = statement.query_map([name?], |row| row.get::<_, Option<String>>(0))?;
        let columns: Vec<Option<String>> = columns.collect::<rusqlite::Result<_>>()?;
        sets.extend(columns.into_iter().collect::<Option<Vec<String>>>());
    }
    Ok(sets)
}

/// Virtual tables whose module this program does not have, with the module's name.
fn without_module(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_module_list")?;
    let known = statement.query_map([], |row| row.get::<_, String>(0))?;
    let known = known.collect::<rusqlite::Result<Vec<String>>>()?;
    let select = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND rootpage = 0 \
                  AND sql LIKE '%USING%' ORDER BY name";
    let mut statement = connection.prepare(select)?;
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let mut missing = Vec::new();
    for table in tables {
        let (name, sql) = table?;
        let mut words = sql.split_whitespace().skip_while(|w| !w.eq_ignore_ascii_case("using"));
        let module = words.nth(1).unwrap_or_default();
        let module = module.split('(').next().unwrap_or_default().trim_matches('"');
        if !module.is_empty() && !known.iter().any(|known| known.eq_ignore_ascii_case(module)) {
            missing.push((name, module.to_owned()));
        }
    }
    Ok(missing)
}

/// What is in the file and stays there, for the record.
pub fn left_behind(
    connection: &Connection,
    structure: &Structure,
    findings: &mut Vec<Finding>,
) -> rusqlite::Result<()> {
    let named = |wanted: &dyn Fn(&SourceTable) -> bool| -> Vec<&str> {
        let tables = structure.tables.iter().filter(|table| wanted(table));
        tables.map(|table| table.name.as_str()).collect()
    };
    let mut note = |id, what: String| findings.push(Finding::about(id, Severity::Note, what));
    let kept = named(&|table| table.kind == TableKind::Virtual);
    if !kept.is_empty() {
        let shadows = named(&|table| table.kind == TableKind::Shadow).len();
        let what =
            format!("virtual tables {}, with {shadows} tables of their own", kept.join(", "));
        note(Id::O8, what);
    }
    for (name, module) in without_module(connection)? {
        note(Id::O9, format!("virtual table {name} needs the module {module}, which is not here"));
    }
    let strict = named(&|table| table.strict && table.kind == TableKind::Table);
    if !strict.is_empty() {
        note(Id::S17, format!("STRICT tables {}", strict.join(", ")));
    }
    let mut statement = connection.prepare(
        "SELECT type || ' ' || name FROM sqlite_schema WHERE type IN ('view', 'trigger') \
         ORDER BY type, name",
    )?;
    let residue = statement.query_map([], |row| row.get::<_, String>(0))?;
    let residue = residue.collect::<rusqlite::Result<Vec<String>>>()?;
    if !residue.is_empty() {
        note(Id::O10, residue.join(", "));
    }
    Ok(())
}
