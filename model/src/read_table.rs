//! From one TOML document to a table's file.

use toml::de::DeTable;

use crate::file::{
    CheckLine, ColumnLine, ForeignKeyLine, IndexLine, PartLine, Range, Ranged, RuleLine, TableFile,
    UniqueLine,
};
use crate::keys;
use crate::read::{Read, all_versions};
use crate::read_type::read_type;
use crate::table::{ACTIONS, Identity};
use crate::types::{Enum, Stored, Type, parse_type};
use crate::walk::{Entries, Value, Walk};

/// Reads a table's file.
///
/// `enums` is nothing when `database.toml` could not be read, so that any type may be one.
pub fn read_table(walk: &mut Walk<'_>, document: &DeTable<'_>, enums: Option<&[Enum]>) -> Read {
    let entries = walk.entries(1, document);
    walk.refuse_unknown_keys(&entries, "a table's file", keys::TABLE);
    let stem = walk.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = walk.read_string(entries.get("name"), "name").or(stem)?;
    let source = walk.read_string(entries.get("source"), "source").unwrap_or_else(|| name.clone());
    let range = walk.read_range(entries.get("versions"), all_versions(walk.versions));
    let mut table = TableFile {
        file: walk.file.to_owned(),
        guess: walk.read_flag(entries.get("guess"), "guess"),
        schema: walk.read_string(entries.get("schema"), "schema"),
        key_name: walk.read_string(entries.get("primary_key_name"), "primary_key_name"),
        ignore: walk.read_strings(entries.get("ignore"), "ignore"),
        fire_triggers: walk.read_strings(entries.get("fire_triggers"), "fire_triggers"),
        source_key: entries
            .get("source_key")
            .map(|value| walk.read_strings(Some(value), "source_key")),
        ..TableFile::new(name, source, range)
    };
    match entries.get("columns").and_then(|value| value.get_ref().as_table()) {
        Some(columns) if columns.is_empty() => {
            walk.faults.add(walk.file, 1, "`[columns]` has no column");
        }
        Some(columns) => read_columns(walk, columns, &mut table, enums),
        None => walk.faults.add(walk.file, 1, "a table needs `[columns]`"),
    }
    read_primary_key(walk, entries.get("primary_key"), &mut table);
    each_table(walk, entries.get("unique"), "[[unique]]", keys::UNIQUE, |w, e| {
        read_unique(w, e, &mut table);
    });
    each_table(walk, entries.get("index"), "[[index]]", keys::INDEX, |w, e| {
        read_index(w, e, &mut table);
    });
    each_table(walk, entries.get("foreign_key"), "[[foreign_key]]", keys::FOREIGN_KEY, |w, e| {
        read_foreign_key(w, e, &mut table);
    });
    each_table(walk, entries.get("check"), "[[check]]", keys::CHECK, |w, e| {
        read_check(w, e, &mut table);
    });
    each_table(walk, entries.get("constraint"), "[[constraint]]", keys::CONSTRAINT, |w, e| {
        read_rule(w, e, &mut table);
    });
    Some(table)
}

/// Calls `read` for every table of a list of tables.
pub(crate) fn each_table(
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
        if let Some(entries) = walk.require_table(item, what, known) {
            read(walk, &entries);
        }
    }
}

fn read_columns(
    walk: &mut Walk<'_>,
    columns: &DeTable<'_>,
    table: &mut TableFile,
    enums: Option<&[Enum]>,
) {
    for (name, line, value) in walk.entries(1, columns).iter() {
        let first = table.columns.len();
        let faults = walk.faults.0.len();
        match value.get_ref().as_array() {
            Some(list) => {
                if list.is_empty() {
                    walk.faults.add(walk.file, line, format!("column `{name}` has no lines"));
                }
                for item in list {
                    read_column(walk, name, walk.line_at(item.span().start), item, table, enums);
                }
            }
            None => read_column(walk, name, line, value, table, enums),
        }
        if walk.faults.0.len() > faults {
            continue; // a range that is wrong overlaps everything
        }
        let lines = table.columns.get(first..).unwrap_or_default();
        for (index, later) in lines.iter().enumerate() {
            for earlier in lines.iter().take(index) {
                if !earlier.range.intersect(later.range).is_empty() {
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
    enums: Option<&[Enum]>,
) {
    let what = format!("column `{name}`");
    let Some(entries) = walk.require_table(value, &what, keys::COLUMN) else { return };
    let range = walk.read_range(entries.get("versions"), table.range);
    let guess = walk.read_flag_or(entries.get("guess"), "guess", table.guess);
    // `false` says that SQLite has no such column.
    let stated = entries.get("source").and_then(|value| value.get_ref().as_bool());
    let target_only = stated == Some(false);
    let named = entries.get("source").filter(|_| !target_only);
    let word = entries.get("type").and_then(|value| value.get_ref().as_str());
    let foreign =
        word.filter(|word| target_only && parse_type(word, enums.unwrap_or_default()).is_none());
    // A column that is not copied needs no codec, so that any type of PostgreSQL will do.
    let typed = match foreign {
        Some(_) => Some((Type::Text, Stored::Text)),
        None => read_type(walk, &what, line, &entries, enums),
    };
    // Without its type the column still stands, so that what refers to it is judged.
    let (ty, stored) = typed.unwrap_or((Type::Text, Stored::Text));
    let identity = read_identity(walk, entries.get("identity"));
    let type_sql = walk.read_string(entries.get("as"), "as");
    let item = ColumnLine {
        name: name.to_owned(),
        source: walk.read_string(named, "source").unwrap_or_else(|| name.to_owned()),
        ty,
        stored,
        type_sql: type_sql.or(foreign.map(str::to_owned)),
        target_only,
        declared: walk.read_string(entries.get("declared"), "declared"),
        null: walk.read_flag(entries.get("null"), "null"),
        default: walk.read_string(entries.get("default"), "default"),
        identity: if typed.is_some() { identity } else { Identity::No },
        generated: walk.read_string(entries.get("generated"), "generated"),
    };
    table.columns.push(Ranged { line, range, guess, item });
    read_column_constraints(walk, name, line, (range, guess), &entries, table);
}

fn read_identity(walk: &mut Walk<'_>, value: Option<&Value<'_>>) -> Identity {
    let Some(value) = value else { return Identity::No };
    match (value.get_ref().as_bool(), value.get_ref().as_str()) {
        (Some(false), _) => Identity::No,
        (Some(true), _) | (_, Some("by default")) => Identity::ByDefault,
        (_, Some("always")) => Identity::Always,
        (_, Some("serial")) => Identity::Serial,
        _ => {
            let words = "true, false, \"by default\", \"always\" or \"serial\"";
            walk.fault_at(value, format!("`identity` must be {words}"));
            Identity::No
        }
    }
}

/// The constraints that a column's own line may state.
fn read_column_constraints(
    walk: &mut Walk<'_>,
    name: &str,
    line: usize,
    (range, guess): (Range, bool),
    entries: &Entries<'_, '_>,
    table: &mut TableFile,
) {
    let columns = vec![name.to_owned()];
    if walk.read_flag(entries.get("unique"), "unique") {
        let item =
            UniqueLine { name: format!("{}_{name}_key", table.name), columns: columns.clone() };
        table.uniques.push(Ranged { line, range, guess, item });
    }
    let on_delete = walk.read_word(entries.get("on_delete"), "on_delete", ACTIONS);
    let on_update = walk.read_word(entries.get("on_update"), "on_update", ACTIONS);
    match walk.read_string(entries.get("references"), "references") {
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
                deferrable: false,
            };
            table.foreign_keys.push(Ranged { line, range, guess, item });
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
    let (line, guess) = (walk.line_at(value.span().start), table.guess);
    let Some(list) = value.get_ref().as_array() else {
        walk.fault_at(value, "`primary_key` must be a list of columns");
        return;
    };
    if list.is_empty() {
        walk.fault_at(value, "`primary_key` names no column; leave it out when there is none");
    } else if list.iter().all(|item| item.get_ref().is_str()) {
        let item = walk.read_strings(Some(value), "primary_key");
        table.primary_keys.push(Ranged { line, range: table.range, guess, item });
        return;
    }
    for item in list {
        if let Some(entries) = walk.require_table(item, "primary_key", keys::PRIMARY_KEY) {
            let range = walk.read_range(entries.get("versions"), table.range);
            let item = walk.read_strings(entries.get("columns"), "columns");
            if item.is_empty() {
                walk.faults.add(walk.file, entries.line, "a primary key needs `columns`, a list");
            }
            table.primary_keys.push(Ranged { line: entries.line, range, guess, item });
        }
    }
}

fn read_unique(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.read_range(entries.get("versions"), table.range);
    let guess = walk.read_flag_or(entries.get("guess"), "guess", table.guess);
    let columns = walk.read_strings(entries.get("columns"), "columns");
    let name = walk
        .read_string(entries.get("name"), "name")
        .unwrap_or_else(|| format!("{}_{}_key", table.name, columns.join("_")));
    let item = UniqueLine { name, columns };
    table.uniques.push(Ranged { line: entries.line, range, guess, item });
}

fn read_index(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.read_range(entries.get("versions"), table.range);
    let guess = walk.read_flag_or(entries.get("guess"), "guess", table.guess);
    let Some(name) = walk.read_string(entries.get("name"), "name") else {
        walk.faults.add(walk.file, entries.line, "an index needs a `name`");
        return;
    };
    let parts: Vec<PartLine> =
        match entries.get("columns").and_then(|value| value.get_ref().as_array()) {
            Some(list) => list.iter().filter_map(|item| read_part(walk, item)).collect(),
            None => Vec::new(),
        };
    let definition = walk.read_string(entries.get("definition"), "definition");
    let method = walk.read_string(entries.get("method"), "method");
    let others = ["columns", "where", "method"].iter().any(|key| entries.get(key).is_some());
    match &definition {
        Some(_) if others => {
            let text = format!("index `{name}` has a `definition`, which says all but `unique`");
            walk.faults.add(walk.file, entries.line, text);
        }
        None if parts.is_empty() => {
            let text = format!("index `{name}` needs `columns`, a list");
            walk.faults.add(walk.file, entries.line, text);
        }
        _ => {}
    }
    let item = IndexLine {
        name,
        parts,
        unique: walk.read_flag(entries.get("unique"), "unique"),
        method: method.unwrap_or_else(|| "btree".to_owned()),
        predicate: walk.read_string(entries.get("where"), "where"),
        definition,
    };
    table.indexes.push(Ranged { line: entries.line, range, guess, item });
}

fn read_part(walk: &mut Walk<'_>, value: &Value<'_>) -> Option<PartLine> {
    if let Some(column) = value.get_ref().as_str() {
        return Some(PartLine { text: column.to_owned(), expression: false, descending: false });
    }
    let entries = walk.require_table(value, "a part of an index", keys::PART)?;
    let column = walk.read_string(entries.get("column"), "column");
    let expression = walk.read_string(entries.get("expression"), "expression");
    let descending = walk.read_flag(entries.get("desc"), "desc");
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
    let range = walk.read_range(entries.get("versions"), table.range);
    let guess = walk.read_flag_or(entries.get("guess"), "guess", table.guess);
    let columns = walk.read_strings(entries.get("columns"), "columns");
    let Some(parent) = walk.read_string(entries.get("references"), "references") else {
        walk.faults.add(walk.file, entries.line, "a foreign key needs `references`, a table");
        return;
    };
    let item = ForeignKeyLine {
        name: walk
            .read_string(entries.get("name"), "name")
            .unwrap_or_else(|| format!("{}_{}_fkey", table.name, columns.join("_"))),
        columns,
        table: parent,
        to: walk.read_strings(entries.get("to"), "to"),
        on_delete: walk.read_word(entries.get("on_delete"), "on_delete", ACTIONS),
        on_update: walk.read_word(entries.get("on_update"), "on_update", ACTIONS),
        deferred: walk.read_flag(entries.get("deferred"), "deferred"),
        deferrable: walk.read_flag(entries.get("deferrable"), "deferrable"),
    };
    table.foreign_keys.push(Ranged { line: entries.line, range, guess, item });
}

fn read_check(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.read_range(entries.get("versions"), table.range);
    let guess = walk.read_flag_or(entries.get("guess"), "guess", table.guess);
    let name = walk.read_string(entries.get("name"), "name");
    let expression = walk.read_string(entries.get("expression"), "expression");
    match (name, expression) {
        (Some(name), Some(expression)) => {
            let item = CheckLine { name, expression };
            table.checks.push(Ranged { line: entries.line, range, guess, item });
        }
        _ => walk.faults.add(walk.file, entries.line, "a check needs `name` and `expression`"),
    }
}

fn read_rule(walk: &mut Walk<'_>, entries: &Entries<'_, '_>, table: &mut TableFile) {
    let range = walk.read_range(entries.get("versions"), table.range);
    let guess = walk.read_flag_or(entries.get("guess"), "guess", table.guess);
    let name = walk.read_string(entries.get("name"), "name");
    match (name, walk.read_string(entries.get("definition"), "definition")) {
        (Some(name), Some(definition)) => {
            let item = RuleLine { name, definition };
            table.rules.push(Ranged { line: entries.line, range, guess, item });
        }
        _ => walk.faults.add(walk.file, entries.line, "a constraint needs `name` and `definition`"),
    }
}
