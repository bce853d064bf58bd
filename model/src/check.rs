//! Whether the parts of a table fit together, in each version and across them.

use crate::expression;
use crate::fault::Faults;
use crate::file::{IndexLine, Range, TableFile};
use crate::names::line_of;
use crate::resolve::has_columns;
use crate::table::{Column, Identity, Index, Table};
use crate::types::{Type, can_refer, is_comparable};

/// PostgreSQL's own limit.
const COLUMNS_MAX: usize = 1600;

/// Checks a table at one version; `tables` are all of that version.
pub(crate) fn check_table(
    file: &TableFile,
    table: &Table,
    version: usize,
    tables: &[Table],
    faults: &mut Faults,
) {
    if table.columns.is_empty() && !file.columns.is_empty() {
        faults.add(&file.file, 1, "a version of this table has no columns");
    }
    if table.columns.len() > COLUMNS_MAX {
        faults.add(&file.file, 1, format!("PostgreSQL allows at most {COLUMNS_MAX} columns"));
    }
    for column in table.columns {
        let line = line_of(&file.columns, version, |line| line.name == column.name);
        check_column(file, column, line, faults);
    }
    check_primary_keys(file, table, version, faults);
    check_foreign_keys(file, table, version, tables, faults);
    check_comparable(file, table, version, faults);
    check_expressions(file, table, version, faults);
}

fn check_column(file: &TableFile, column: &Column, line: usize, faults: &mut Faults) {
    let mut fault = |text: &str| {
        faults.add(&file.file, line, format!("column `{}`: {text}", column.name));
    };
    if column.identity != Identity::No {
        if column.null || column.default.is_some() || column.generated.is_some() {
            fault("an identity column has no `null`, `default` or `generated`");
        }
        if !matches!(column.ty, Type::Int2 | Type::Int4 | Type::Int8) {
            fault("an identity column is an int2, int4 or int8");
        }
    }
    if let Some(type_sql) = column.type_sql
        && (type_sql.trim().is_empty() || expression::expression_fault(type_sql).is_some())
    {
        fault("`as` is no type of PostgreSQL");
    }
    if let Type::ReadByServer(words) = column.ty
        && expression::expression_fault(words).is_some()
    {
        fault("`type` is no type of PostgreSQL");
    }
    if column.default.is_some() && column.generated.is_some() {
        fault("a generated column has no default");
    }
    if column.default.is_some_and(|text| text.trim().parse::<f64>().is_ok())
        && !column.ty.takes_number_default()
    {
        let truth = if column.ty == Type::Bool { ": write true or false" } else { "" };
        fault(&format!("a number is no default of a {}{truth}", column.ty));
    }
}

fn check_primary_keys(file: &TableFile, table: &Table, version: usize, faults: &mut Faults) {
    for key in file.primary_keys.iter().filter(|key| key.range.has_version(version)) {
        for name in &key.item {
            let text = match table.column(name) {
                None => format!("primary key: no column `{name}` in some of its versions"),
                Some(column) if column.null => {
                    format!("primary key: column `{name}` must not have `null`")
                }
                Some(_) => continue,
            };
            faults.add(&file.file, key.line, text);
        }
    }
}

fn check_foreign_keys(
    file: &TableFile,
    table: &Table,
    version: usize,
    tables: &[Table],
    faults: &mut Faults,
) {
    for key in table.foreign_keys {
        let line = line_of(&file.foreign_keys, version, |line| line.name == key.name);
        let mut fault = |text: String| {
            faults.add(&file.file, line, format!("foreign key `{}`: {text}", key.name));
        };
        let Some(parent) = tables.iter().find(|parent| parent.name == key.table) else {
            fault(format!("no table `{}` in a version where the key holds", key.table));
            continue;
        };
        let missing: Vec<_> = key.to.iter().filter(|to| parent.column(to).is_none()).collect();
        for to in &missing {
            fault(format!("`{}` has no column `{to}` in a version where it holds", key.table));
        }
        if key.to.is_empty() {
            fault(format!("`{}` has no primary key to refer to", key.table));
        } else if key.to.len() != key.columns.len() {
            let (own, to) = (key.columns.join(", "), key.to.join(", "));
            fault(format!("({own}) cannot refer to ({to})"));
        } else if missing.is_empty() && !is_key(parent, key.to) {
            let columns = key.to.join(", ");
            fault(format!("({columns}) is neither primary key nor unique in `{}`", key.table));
        }
        for (own, to) in key.columns.iter().zip(key.to) {
            if let (Some(own), Some(to)) = (table.column(own), parent.column(to))
                && !can_refer(own.ty, to.ty)
            {
                fault(format!("`{}` is {}, but `{}` is {}", own.name, own.ty, to.name, to.ty));
            }
        }
    }
}

/// Whether PostgreSQL lets a foreign key refer to these columns.
fn is_key(table: &Table, columns: &[&str]) -> bool {
    let same = |key: &[&str]| {
        key.len() == columns.len() && key.iter().all(|column| columns.contains(column))
    };
    let unique_index = |index: &Index| {
        let parts: Vec<&str> = index.parts.iter().map(|part| part.text).collect();
        let plain = index.parts.iter().all(|part| !part.expression);
        index.unique && index.predicate.is_none() && plain && same(&parts)
    };
    same(table.primary_key)
        || table.uniques.iter().any(|unique| same(unique.columns))
        || table.indexes.iter().any(unique_index)
}

/// Keys and ordered indexes need types that PostgreSQL can compare.
fn check_comparable(file: &TableFile, table: &Table, version: usize, faults: &mut Faults) {
    let mut check = |line: usize, what: &str, name: &str| {
        if let Some(column) = table.column(name)
            && !is_comparable(column.ty)
        {
            let text = format!("{what}: PostgreSQL cannot compare `{name}`, a {}", column.ty);
            faults.add(&file.file, line, text);
        }
    };
    for name in table.primary_key {
        check(line_of(&file.primary_keys, version, |_| true), "primary key", name);
    }
    for unique in table.uniques {
        let line = line_of(&file.uniques, version, |line| line.name == unique.name);
        unique.columns.iter().for_each(|name| check(line, "unique key", name));
    }
    for index in table.indexes.iter().filter(|index| index.method == "btree") {
        let line = line_of(&file.indexes, version, |line| line.name == index.name);
        let columns = index.parts.iter().filter(|part| !part.expression);
        columns.for_each(|part| check(line, "index", part.text));
    }
}

/// Expressions that name a column of this table which another version has and this one lacks.
fn check_expressions(file: &TableFile, table: &Table, version: usize, faults: &mut Faults) {
    let mut check = |line: usize, what: String, text: &str| {
        for name in expression::column_names(text) {
            let elsewhere = file.columns.iter().any(|column| column.item.name == name);
            if elsewhere && table.column(&name).is_none() {
                let text =
                    format!("{what} names `{name}`, which is missing in some of its versions");
                faults.add(&file.file, line, text);
            }
        }
    };
    for column in table.columns {
        let line = line_of(&file.columns, version, |line| line.name == column.name);
        let generated = column.generated.into_iter();
        generated.for_each(|text| check(line, format!("column `{}`", column.name), text));
    }
    for index in table.indexes {
        let line = line_of(&file.indexes, version, |line| line.name == index.name);
        let parts = index.parts.iter().filter(|part| part.expression).map(|part| part.text);
        for text in parts.chain(index.predicate) {
            check(line, format!("index `{}`", index.name), text);
        }
    }
    for held in table.checks {
        let line = line_of(&file.checks, version, |line| line.name == held.name);
        check(line, format!("check `{}`", held.name), held.expression);
    }
}

/// Checks the lines of a file by themselves: each holds in some version and is well formed.
pub(crate) fn check_lines(file: &TableFile, versions: usize, faults: &mut Faults) {
    let mut check = |line: usize, what: &str, range: Range, columns: &[String]| {
        for (index, column) in columns.iter().enumerate() {
            if columns.iter().take(index).any(|earlier| earlier == column) {
                faults.add(&file.file, line, format!("{what} has `{column}` twice"));
            }
        }
        if columns.is_empty() {
            faults.add(&file.file, line, format!("{what} needs `columns`, a list"));
        } else if !(0..versions).any(|v| range.has_version(v) && has_columns(file, v, columns)) {
            let list = columns.join(", ");
            let text = format!("{what} holds in no version: no columns ({list}) there");
            faults.add(&file.file, line, text);
        }
    };
    for line in &file.uniques {
        check(line.line, "the unique key", line.range, &line.item.columns);
    }
    for line in &file.foreign_keys {
        check(line.line, "the foreign key", line.range, &line.item.columns);
    }
    for line in &file.indexes {
        let parts = line.item.parts.iter().filter(|part| !part.expression);
        let mut columns: Vec<String> = parts.map(|part| part.text.clone()).collect();
        columns.sort();
        columns.dedup(); // an index may have a column twice
        if !columns.is_empty() {
            check(line.line, "the index", line.range, &columns);
        }
    }
    for (index, later) in file.primary_keys.iter().enumerate() {
        if file.primary_keys.iter().take(index).any(|k| !k.range.intersect(later.range).is_empty())
        {
            faults.add(&file.file, later.line, "two primary keys hold in one version");
        }
        for (index, column) in later.item.iter().enumerate() {
            if later.item.iter().take(index).any(|earlier| earlier == column) {
                faults.add(&file.file, later.line, format!("the primary key has `{column}` twice"));
            }
        }
    }
    for line in &file.indexes {
        check_method(file, line.line, &line.item, faults);
    }
    check_well_formed(file, faults);
}

fn check_method(file: &TableFile, line: usize, index: &IndexLine, faults: &mut Faults) {
    let IndexLine { name, method, .. } = index;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if method.is_empty() || !method.chars().all(plain) {
        let text = format!("index `{name}`: `{method}` is no access method, like btree or gin");
        faults.add(&file.file, line, text);
    } else if method != "btree" {
        if index.unique {
            let text = format!("index `{name}`: only a btree can be unique");
            faults.add(&file.file, line, text);
        }
        if index.parts.iter().any(|part| part.descending) {
            let text = format!("index `{name}`: only a btree has an order");
            faults.add(&file.file, line, text);
        }
    }
}

/// Expressions that would break out of their statement.
fn check_well_formed(file: &TableFile, faults: &mut Faults) {
    let mut check = |line: usize, what: String, text: &str| {
        if let Some(why) = expression::expression_fault(text) {
            faults.add(&file.file, line, format!("{what}: the expression {why}"));
        }
    };
    for line in &file.columns {
        let column = &line.item;
        for text in column.default.iter().chain(&column.generated) {
            check(line.line, format!("column `{}`", column.name), text);
        }
    }
    for line in &file.indexes {
        let index = &line.item;
        let parts = index.parts.iter().filter(|part| part.expression).map(|part| &part.text);
        for text in parts.chain(&index.predicate).chain(&index.definition) {
            check(line.line, format!("index `{}`", index.name), text);
        }
    }
    for line in &file.checks {
        check(line.line, format!("check `{}`", line.item.name), &line.item.expression);
    }
    for line in &file.rules {
        check(line.line, format!("constraint `{}`", line.item.name), &line.item.definition);
    }
}
