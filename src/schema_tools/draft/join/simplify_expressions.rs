//! The catalog's texts in a person's words: `'x'` for `'x'::text`, `a > 0` for `(a > 0)`.
//!
//! A shorter text is what the draft of the SQLite file alone would say. It is taken where the
//! server, asked how it would write it, answers with the catalog's own text.

use model::file::TableFile;
use model::{Database, Enum, resolve};

use super::Target;
use crate::postgres::inspection::{Inspection, Table, inspect_expected_tables};
use crate::postgres::is_interruption;

/// Takes the shorter texts of `plain` where they mean the same.
///
/// # Errors
/// When the server is interrupted.
pub fn simplify_expressions(
    target: &mut Target<'_>,
    enums: &[Enum],
    inspection: &Inspection,
    plain: &[TableFile],
    files: &mut [TableFile],
) -> Result<(), postgres::Error> {
    for file in files {
        let Some(short) = plain.iter().find(|short| short.name == file.name) else { continue };
        let variant = with_shorter_texts(file, short);
        let Some(existing) = inspection.tables.iter().find(|table| table.name == file.name) else {
            continue;
        };
        let Some(asked) = ask_server_for_table(target, enums, &variant)? else { continue };
        take_equal_texts(file, &variant, &asked, existing);
    }
    Ok(())
}

/// How the server would write a table; nothing where it takes it not at all.
///
/// # Errors
/// When the server is interrupted.
pub(super) fn ask_server_for_table(
    target: &mut Target<'_>,
    enums: &[Enum],
    file: &TableFile,
) -> Result<Option<Table>, postgres::Error> {
    let lone = TableFile { foreign_keys: Vec::new(), ..file.clone() };
    let tables = vec![resolve::table_at(&lone, &[&lone], 0)].leak();
    let database = Database {
        name: "",
        version: "",
        tables,
        enums: enums.to_vec().leak(),
        ignored: &[],
        target_only: &[],
        create_missing: &[],
        undecided: &[],
        migration_histories: &[],
        sequences: &[],
        after_load: &[],
    };
    match inspect_expected_tables(target.client, &database, target.schema) {
        Ok(found) => Ok(found.tables.into_iter().next()),
        Err(error) if is_interruption(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// A file with every shorter text that there is.
fn with_shorter_texts(file: &TableFile, short: &TableFile) -> TableFile {
    let mut variant = file.clone();
    for line in &mut variant.columns {
        let column = &mut line.item;
        let Some(other) = short.columns.iter().find(|other| other.item.name == column.name) else {
            continue;
        };
        for (text, other) in [
            (&mut column.default, &other.item.default),
            (&mut column.generated, &other.item.generated),
        ] {
            if let (Some(text), Some(other)) = (text, other) {
                text.clone_from(other);
            }
        }
    }
    for line in &mut variant.checks {
        let same = short.checks.iter().find(|other| other.item.name == line.item.name);
        if let Some(other) = same {
            line.item.expression.clone_from(&other.item.expression);
        }
    }
    for line in &mut variant.indexes {
        let Some(other) = short.indexes.iter().find(|other| other.item.name == line.item.name)
        else {
            continue;
        };
        if line.item.definition.is_some() || line.item.parts.len() != other.item.parts.len() {
            continue;
        }
        for (part, other) in line.item.parts.iter_mut().zip(&other.item.parts) {
            if part.expression && other.expression {
                part.text.clone_from(&other.text);
            }
        }
        if let (Some(text), Some(other)) = (&mut line.item.predicate, &other.item.predicate) {
            text.clone_from(other);
        }
    }
    variant
}

/// Takes those of the variant's texts that the server writes as its own table has them.
fn take_equal_texts(file: &mut TableFile, variant: &TableFile, asked: &Table, existing: &Table) {
    for (line, short) in file.columns.iter_mut().zip(&variant.columns) {
        let of = |table: &Table| {
            let column = table.columns.iter().find(|column| column.name == line.item.name);
            column.map(|column| (column.default.clone(), column.generated.clone()))
        };
        if of(asked) == of(existing) {
            line.item.default.clone_from(&short.item.default);
            line.item.generated.clone_from(&short.item.generated);
        }
    }
    for (line, short) in file.checks.iter_mut().zip(&variant.checks) {
        let of = |table: &Table| {
            let mut all = table.constraints.iter();
            all.find(|found| found.name == line.item.name).map(|found| found.text.clone())
        };
        if of(asked) == of(existing) {
            line.item.expression.clone_from(&short.item.expression);
        }
    }
    for (line, short) in file.indexes.iter_mut().zip(&variant.indexes) {
        let of = |table: &Table| {
            let mut all = table.indexes.iter();
            all.find(|found| found.name == line.item.name).map(|found| found.text.clone())
        };
        if of(asked) == of(existing) {
            line.item = short.item.clone();
        }
    }
}
