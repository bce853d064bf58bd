//! The SQLite tables that a Connect of that version would have made, from the model.

use model::{Action, Column, ForeignKey, Identity, Index, Table, Type};

/// An SQL identifier.
pub fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The copied columns of a list, by their names in SQLite.
fn columns(table: &Table, names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|text| name(source(table, text))).collect();
    quoted.join(", ")
}

fn source<'a>(table: &Table, column: &'a str) -> &'a str {
    table.copied_columns().find(|known| known.name == column).map_or(column, |known| known.source)
}

/// `CREATE TABLE`, with or without check constraints (not every one is SQLite's to understand).
pub fn create_table(table: &Table, checks: bool, tables: &[Table]) -> String {
    let identity = table.copied_columns().find(|column| column.identity != Identity::No);
    let by_itself = identity.is_some_and(|column| table.primary_key == [column.name]);
    let mut lines: Vec<String> =
        table.copied_columns().map(|column| line(column, by_itself)).collect();
    if !by_itself && !table.primary_key.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", columns(table, table.primary_key)));
    }
    for unique in table.uniques {
        lines.push(format!("UNIQUE ({})", columns(table, unique.columns)));
    }
    for key in table.foreign_keys {
        lines.push(foreign_key(table, key, tables));
    }
    for check in table.checks.iter().filter(|_| checks) {
        lines.push(format!(
            "CONSTRAINT {} CHECK ({})",
            name(check.name),
            expression(table, check.expression)
        ));
    }
    format!("CREATE TABLE {} (\n  {}\n)", name(table.source), lines.join(",\n  "))
}

fn line(column: &Column, key_by_itself: bool) -> String {
    let declared = column.declared.unwrap_or(column.ty.declared_type(column.stored));
    let rest = match (key_by_itself && column.identity != Identity::No, column.null) {
        (true, _) => " PRIMARY KEY AUTOINCREMENT",
        (false, false) => " NOT NULL",
        (false, true) => "",
    };
    let default = default(column).map(|text| format!(" DEFAULT {text}")).unwrap_or_default();
    format!("{} {declared}{rest}{default}", name(column.source))
}

/// A default as SQLite would say it; nothing where it has none such.
fn default(column: &Column) -> Option<&'static str> {
    let is_constant =
        |text: &str| text.starts_with('\'') || text.chars().all(|letter| letter.is_ascii_digit());
    match column.default? {
        "false" => Some("0"),
        "true" => Some("1"),
        "now()" => Some("CURRENT_TIMESTAMP"),
        "'{}'" if matches!(column.ty, Type::Array(_)) => Some("'[]'"),
        text if is_constant(text) => Some(text),
        _ => None,
    }
}

/// An expression with the names of SQLite.
fn expression(table: &Table, text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        let renamed = table.copied_columns().find(|column| column.name == word);
        match renamed.filter(|column| column.source != word) {
            Some(column) => out.push_str(&name(column.source)),
            None => out.push_str(&word),
        }
        word.clear();
        out.push(letter);
    }
    out.trim_end_matches('\0').to_owned()
}

fn foreign_key(table: &Table, key: &ForeignKey, tables: &[Table]) -> String {
    let parent = tables.iter().find(|table| table.name == key.table).unwrap_or(table);
    let deferred = if key.deferred { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}){}{}{deferred}",
        columns(table, key.columns),
        name(parent.source),
        columns(parent, key.to),
        action("DELETE", key.on_delete),
        action("UPDATE", key.on_update),
    )
}

fn action(event: &str, action: Action) -> String {
    let word = match action {
        Action::NoAction => return String::new(),
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    };
    format!(" ON {event} {word}")
}

/// `CREATE INDEX`; `None` for a kind of index or a column that SQLite does not have.
pub fn create_index(table: &Table, index: &Index) -> Option<String> {
    if !matches!(index.method, "btree" | "hash") {
        return None;
    }
    let part = |part: &model::Part| {
        let text = match part.expression {
            true => part.text.to_owned(),
            false => name(table.copied_columns().find(|column| column.name == part.text)?.source),
        };
        Some(if part.descending { text + " DESC" } else { text })
    };
    let parts = index.parts.iter().map(part).collect::<Option<Vec<String>>>()?;
    let unique = if index.unique { "UNIQUE " } else { "" };
    let predicate = index.predicate.map(|text| format!(" WHERE {text}")).unwrap_or_default();
    let (index, table) = (name(index.name), name(table.source));
    Some(format!("CREATE {unique}INDEX {index} ON {table} ({}){predicate}", parts.join(", ")))
}

/// `INSERT` of a whole row.
pub fn insert(table: &Table) -> String {
    let names: Vec<String> = table.copied_columns().map(|column| name(column.source)).collect();
    let marks = vec!["?"; names.len()].join(", ");
    format!("INSERT INTO {} ({}) VALUES ({marks})", name(table.source), names.join(", "))
}
