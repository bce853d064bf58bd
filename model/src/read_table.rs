//! From one TOML document to a table's file.

use toml::de::DeTable;

use crate::file::{
    CheckLine, ColumnLine, ForeignKeyLine, IndexLine, PartLine, Range, Ranged, TableFile,
    UniqueLine,
};
use crate::read::{Read, all};
use crate::table::{ACTIONS, Identity};
use crate::types::{Enum, STORED, parse_type};
use crate::walk::{Entries, Value, Walk};

const TABLE_KEYS: &[&str] = &[
    "name",
    "source",
    "versions",
    "primary_key",
    "columns",
    "unique",
    "index",
    "foreign_key",
    "check",
];
const COLUMN_KEYS: &[&str] = &[
    "type",
    "stored",
    "declared",
    "null",
    "default",
    "identity",
    "generated",
    "unique",
    "references",
    "on_delete",
    "on_update",
    "source",
    "versions",
];
const INDEX_KEYS: &[&str] = &["name", "columns", "unique", "where", "method", "versions"];
const FOREIGN_KEY_KEYS: &[&str] =
    &["columns", "references", "to", "name", "on_delete", "on_update", "deferred", "versions"];

/// Reads a table's file.
pub fn table(walk: &mut Walk<'_>, document: &DeTable<'_>, enums: &[Enum]) -> Read {
    let entries = walk.entries(1, document);
    walk.known(&entries, "a table's file", TABLE_KEYS);
    let stem = walk.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = walk.string(entries.get("name"), "name").or(stem)?;
    let source = walk.string(entries.get("source"), "source").unwrap_or_else(|| name.clone());
    let range = walk.range(entries.get("versions"), all(walk.versions));
    let mut table = TableFile {
        file: walk.file.to_owned(),
        name,
        source,
        range,
        columns: Vec::new(),
        primary_keys: Vec::new(),
        uniques: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
    };
    match entries.get("columns").and_then(|value| value.get_ref().as_table()) {
        Some(columns) => read_columns(walk, columns, &mut table, enums),
        None => walk.faults.add(walk.file, 1, "a table needs `[columns]`"),
    }
    read_primary_key(walk, entries.get("primary_key"), &mut table);
    each(walk, entries.get("unique"), "[[unique]]", &["name", "columns", "versions"], |w, e| {
        read_unique(w, e, &mut table);
    });
    each(walk, entries.get("index"), "[[index]]", INDEX_KEYS, |w, e| {
        read_index(w, e, &mut table);
    });
    each(walk, entries.get("foreign_key"), "[[foreign_key]]", FOREIGN_KEY_KEYS, |w, e| {
        read_foreign_key(w, e, &mut table);
    });
    each(walk, entries.get("check"), "[[check]]", &["name", "expression", "versions"], |w, e| {
        read_check(w, e, &mut table);
    });
    Some(table)
}

/// Calls `read` for every table of a list of tables.
fn each(
    walk: &mut Walk<'_>,
    value: Option<&Value<'_>>,
    what: &str,
    known: &[&str],
    mut read: impl FnMut(&mut Walk<'_>, &Entries<'_, '_>),
) {
    let Some(value) = value else { return };
    let Some(list) = value.get_ref().as_array() else {
        walk.fault_at(value, format!("write {what}"));
        return;
    };
    for item in list {
        if let Some(entries) = walk.table(item, what, known) {
            read(walk, &entries);
        }
    }
}

fn read_columns(walk: &mut Walk<'_>, columns: &DeTable<'_>, table: &mut TableFile, enums: &[Enum]) {
    for (name, line, value) in walk.entries(1, columns).iter() {
        let first = table.columns.len();
        match value.get_ref().as_array() {
            Some(list) => {
                for item in list {
                    read_column(walk, name, walk.line(item.span().start), item, table, enums);
                }
            }
            None => read_column(walk, name, line, value, table, enums),
        }
        let lines = table.columns.get(first..).unwrap_or_default();
        for (index, later) in lines.iter().enumerate() {
            for earlier in lines.iter().take(index) {
                if !earlier.range.and(later.range).is_empty() {
                    let text = format!(
                        "column `{name}`: the versions of this line overlap those of line {}",
                        earlier.line
                    );
                    walk.faults.add(walk.file, later.line, text);
                }
            }
        }
    }
}

fn read_column(
    walk: &mut Walk<'_>,
    name: &str,
    line: usize,
    value: &Value<'_>,
    table: &mut TableFile,
    enums: &[Enum],
) {
    let what = format!("column `{name}`");
    let Some(entries) = walk.table(value, &what, COLUMN_KEYS) else { return };
    let range = walk.range(entries.get("versions"), table.range);
    let Some(word) = walk.string(entries.get("type"), "type") else {
        walk.faults.add(walk.file, line, format!("{what} needs a `type`"));
        return;
    };
    let Some(ty) = parse_type(&word, enums) else {
        let text = format!("{what}: unknown type `{word}`; schema/README.md lists them");
        walk.faults.add(walk.file, line, text);
        return;
    };
    let mut stored = ty.usual();
    if let Some(word) = walk.string(entries.get("stored"), "stored") {
        match STORED.iter().find(|(known, _)| *known == word) {
            Some((_, found)) if ty.encodings().contains(found) => stored = *found,
            _ => {
                let list: Vec<_> = ty.encodings().iter().map(|known| known.word()).collect();
                let list = list.join(", ");
                let text = format!("{what}: a {ty} cannot be stored as `{word}`, but as {list}");
                walk.faults.add(walk.file, line, text);
            }
        }
    }
    let item = ColumnLine {
        name: name.to_owned(),
        source: walk.string(entries.get("source"), "source").unwrap_or_else(|| name.to_owned()),
        ty,
        stored,
        declared: walk.string(entries.get("declared"), "declared"),
        null: walk.flag(entries.get("null"), "null"),
        default: walk.string(entries.get("default"), "default"),
        identity: read_identity(walk, entries.get("identity")),
        generated: walk.string(entries.get("generated"), "generated"),
    };
    table.columns.push(Ranged { line, range, item });
    read_column_constraints(walk, name, line, range, &entries, table);
}

fn read_identity(walk: &mut Walk<'_>, value: Option<&Value<'_>>) -> Identity {
    match value {
        Some(value) if value.get_ref().as_bool() == Some(true) => Identity::ByDefault,
        Some(value) if value.get_ref().as_bool() == Some(false) => Identity::No,
        value => {
            let words = &[
                ("", Identity::No),
                ("by default", Identity::ByDefault),
                ("always", Identity::Always),
            ];
            walk.word(value, "identity", words)
        }
    }
}

/// The constraints that a column's own line may state.
fn read_column_constraints(
    walk: &mut Walk<'_>,
    name: &str,
    line: usize,
    range: Range,
    entries: &Entries<'_, '_>,
    table: &mut TableFile,
) {
    let columns = vec![name.to_owned()];
    if walk.flag(entries.get("unique"), "unique") {
        let item =
            UniqueLine { name: format!("{}_{name}_key", table.name), columns: columns.clone() };
        table.uniques.push(Ranged { line, range, item });
    }
    let on_delete = walk.word(entries.get("on_delete"), "on_delete", ACTIONS);
    let on_update = walk.word(entries.get("on_update"), "on_update", ACTIONS);
    match walk.string(entries.get("references"), "references") {
        Some(target) => {
            let (parent, to) = target.rsplit_once('.').unwrap_or((&target, ""));
            let item = ForeignKeyLine {
                name: format!("{}_{name}_fkey", table.name),
                columns,
                table: parent.to_owned(),
                to: if to.is_empty() { Vec::new() } else { vec![to.to_owned()] },
                on_delete,
                on_update,
                deferred: false,
            };
            table.foreign_keys.push(Ranged { line, range, item });
        }
        None if entries.get("on_delete").is_some() || entries.get("on_update").is_some() => {
            let text = format!("column `{name}` has an action but no `references`");
            walk.faults.add(walk.file, line, text);
        }
        None => {}
    }
}

fn read_primary_key(walk: &mut Walk<'_>, value: Option<&Value<'_>>, table: &mut TableFile) {
    let Some(value) = value else { return };
    let line = walk.line(value.span().start);
    let Some(list) = value.get_ref().as_array() else {
        walk.fault_at(value, "`primary_key` must be a list of columns");
        return;
    };
    if list.iter().all(|item| item.get_ref().is_str()) {
        let item = walk.strings(Some(value), "primary_key");
        table.primary_keys.push(Ranged { line, range: table.range, item });
        return;
    }
    for item in list {
        if let Some(entries) = walk.table(item, "primary_key", &["columns", "versions"]) {
            let range = walk.range(entries.get("versions"), table.range);
            let item = walk.strings(entries.get("columns"), "columns");
            table.primary_keys.push(Ranged { line: entries.line, range, item });
        }
    }
}

fn read_unique(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.range(entries.get("versions"), table.range);
    let columns = walk.strings(entries.get("columns"), "columns");
    let name = walk
        .string(entries.get("name"), "name")
        .unwrap_or_else(|| format!("{}_{}_key", table.name, columns.join("_")));
    let item = UniqueLine { name, columns };
    table.uniques.push(Ranged { line: entries.line, range, item });
}

fn read_index(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.range(entries.get("versions"), table.range);
    let Some(name) = walk.string(entries.get("name"), "name") else {
        walk.faults.add(walk.file, entries.line, "an index needs a `name`");
        return;
    };
    let parts = match entries.get("columns").and_then(|value| value.get_ref().as_array()) {
        Some(list) => list.iter().filter_map(|item| read_part(walk, item)).collect(),
        None => Vec::new(),
    };
    if parts.is_empty() {
        let text = format!("index `{name}` needs `columns`, a list");
        walk.faults.add(walk.file, entries.line, text);
    }
    let item = IndexLine {
        name,
        parts,
        unique: walk.flag(entries.get("unique"), "unique"),
        method: walk.string(entries.get("method"), "method").unwrap_or_else(|| "btree".to_owned()),
        predicate: walk.string(entries.get("where"), "where"),
    };
    table.indexes.push(Ranged { line: entries.line, range, item });
}

fn read_part(walk: &mut Walk<'_>, value: &Value<'_>) -> Option<PartLine> {
    if let Some(column) = value.get_ref().as_str() {
        return Some(PartLine { text: column.to_owned(), expression: false, descending: false });
    }
    let entries = walk.table(value, "a part of an index", &["column", "expression", "desc"])?;
    let column = walk.string(entries.get("column"), "column");
    let expression = walk.string(entries.get("expression"), "expression");
    let descending = walk.flag(entries.get("desc"), "desc");
    match (column, expression) {
        (Some(text), None) => Some(PartLine { text, expression: false, descending }),
        (None, Some(text)) => Some(PartLine { text, expression: true, descending }),
        _ => {
            walk.fault_at(value, "a part of an index has either `column` or `expression`");
            None
        }
    }
}

fn read_foreign_key(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.range(entries.get("versions"), table.range);
    let columns = walk.strings(entries.get("columns"), "columns");
    let Some(parent) = walk.string(entries.get("references"), "references") else {
        walk.faults.add(walk.file, entries.line, "a foreign key needs `references`, a table");
        return;
    };
    let item = ForeignKeyLine {
        name: walk
            .string(entries.get("name"), "name")
            .unwrap_or_else(|| format!("{}_{}_fkey", table.name, columns.join("_"))),
        columns,
        table: parent,
        to: walk.strings(entries.get("to"), "to"),
        on_delete: walk.word(entries.get("on_delete"), "on_delete", ACTIONS),
        on_update: walk.word(entries.get("on_update"), "on_update", ACTIONS),
        deferred: walk.flag(entries.get("deferred"), "deferred"),
    };
    table.foreign_keys.push(Ranged { line: entries.line, range, item });
}

fn read_check(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.range(entries.get("versions"), table.range);
    let name = walk.string(entries.get("name"), "name");
    let expression = walk.string(entries.get("expression"), "expression");
    match (name, expression) {
        (Some(name), Some(expression)) => {
            let item = CheckLine { name, expression };
            table.checks.push(Ranged { line: entries.line, range, item });
        }
        _ => walk.faults.add(walk.file, entries.line, "a check needs `name` and `expression`"),
    }
}
