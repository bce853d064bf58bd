//! Keys, rules and indexes of SQLite's tables that PostgreSQL's own tables do not have. The
//! application made both; where it keeps less in PostgreSQL, that is said.

use model::file::{IndexLine, TableFile};

use super::missing_foreign_keys::{compare_by_columns, find_missing_foreign_keys};
use crate::postgres::inspection::Table;
use crate::schema_tools::draft::residue::{Clause, Kind, Residue, Subject};
use crate::sqlite::{SourceColumn, SourceTable};

/// Everything that SQLite's tables keep and PostgreSQL's, which are `target_tables`, do not.
/// `tables` are the joined files with SQLite's tables, `plain` the draft of these alone, and
/// `unexpressed` is what that one cannot say.
pub fn find_missing_definitions(
    tables: &[(&TableFile, &SourceTable)],
    plain: &[TableFile],
    unexpressed: Vec<Residue>,
    target_tables: &[Table],
) -> Vec<Residue> {
    let mut found = Vec::new();
    for ((file, own), plain) in tables.iter().zip(plain) {
        let existing = target_tables.iter().find(|table| table.name == file.name);
        found.extend(find_missing_rules(own, plain, file));
        found.extend(find_missing_foreign_keys(own, existing, plain, file));
        found.extend(find_missing_requirements(own, file));
    }
    let concerns = |item: &Residue| concerns_postgres(item, tables);
    let unexpressed = unexpressed.into_iter().filter(concerns);
    found.extend(unexpressed.map(|item| compare_by_columns(item, tables, target_tables)));
    found
}

/// What the draft of the SQLite file alone has and the joined one has not.
fn find_missing_rules(
    source_table: &SourceTable,
    plain: &TableFile,
    file: &TableFile,
) -> Vec<Residue> {
    let mut found = Vec::new();
    let mut lost = |what: Subject, sql: Clause| {
        let (table, kind) = (source_table.name.clone(), Kind::Lost);
        let why = "the table in PostgreSQL does not have it".to_owned();
        found.push(Residue { table, kind, what, why, sql });
    };
    for key in &plain.primary_keys {
        if !has_unique_key(file, &key.item) {
            lost("primary key".into(), format!("({})", key.item.join(", ")).into());
        }
    }
    for line in &plain.uniques {
        if !has_unique_key(file, &line.item.columns) {
            lost(
                Subject::UniqueKey(line.item.name.clone()),
                format!("({})", line.item.columns.join(", ")).into(),
            );
        }
    }
    for line in &plain.indexes {
        if !has_index(file, &line.item) {
            let known = source_table.indexes.iter().find(|index| index.name == line.item.name);
            let sql = known.map(|index| index.sql.clone()).unwrap_or_default();
            lost(Subject::Index(line.item.name.clone()), sql.into());
        }
    }
    for line in &plain.checks {
        let (name, expression) = (&line.item.name, &line.item.expression);
        let same =
            |other: &model::file::CheckLine| other.name == *name || other.expression == *expression;
        if !file.checks.iter().any(|other| same(&other.item)) {
            lost(Subject::Check(name.clone()), Clause::Check(expression.clone()));
        }
    }
    found
}

/// Whether some key of PostgreSQL holds over just these columns.
fn has_unique_key(file: &TableFile, columns: &[String]) -> bool {
    let same = |key: &[String]| {
        key.len() == columns.len() && key.iter().all(|column| columns.contains(column))
    };
    let ruled = ["PRIMARY KEY", "UNIQUE", "UNIQUE NULLS NOT DISTINCT"]
        .iter()
        .any(|word| has_rule(file, &format!("{word} ({})", columns.join(", "))));
    ruled
        || file.primary_keys.iter().any(|key| same(&key.item))
        || file.uniques.iter().any(|key| same(&key.item.columns))
        || file.indexes.iter().any(|index| {
            index.item.unique && index.item.predicate.is_none() && same(&plain_columns(&index.item))
        })
}

/// Whether a constraint in PostgreSQL's own words begins like this, but for quotes.
fn has_rule(file: &TableFile, form: &str) -> bool {
    let bare = |text: &str| text.replace('"', "");
    file.rules.iter().any(|rule| bare(&rule.item.definition).starts_with(&bare(form)))
}

fn plain_columns(index: &IndexLine) -> Vec<String> {
    match index.parts.iter().any(|part| part.expression) {
        true => Vec::new(),
        false => index.parts.iter().map(|part| part.text.clone()).collect(),
    }
}

/// Whether PostgreSQL finds rows as fast: by the same index, or by one that begins alike.
fn has_index(file: &TableFile, wanted: &IndexLine) -> bool {
    let columns = plain_columns(wanted);
    if wanted.unique && wanted.predicate.is_none() && !columns.is_empty() {
        return has_unique_key(file, &columns);
    }
    let named = |index: &IndexLine| index.name == wanted.name;
    let begins = |key: &[String]| !columns.is_empty() && key.starts_with(&columns);
    let usable = !wanted.unique && wanted.predicate.is_none();
    file.indexes.iter().any(|index| {
        let covers_all_rows = index.item.predicate.is_none();
        named(&index.item) || (usable && covers_all_rows && begins(&plain_columns(&index.item)))
    }) || (usable
        && (file.primary_keys.iter().any(|key| begins(&key.item))
            || file.uniques.iter().any(|key| begins(&key.item.columns))))
}

/// Columns that must have a value in SQLite alone.
fn find_missing_requirements(source_table: &SourceTable, file: &TableFile) -> Vec<Residue> {
    let allows_null = |name: &str| {
        let mut lines = file.columns.iter().map(|line| &line.item);
        lines.any(|line| line.source == name && line.null && !line.target_only)
    };
    let lost = source_table
        .columns
        .iter()
        .filter(|source_table| source_table.not_null && allows_null(&source_table.name));
    let residue_of_column = |column: &SourceColumn| Residue {
        table: source_table.name.clone(),
        kind: Kind::Lost,
        what: Subject::Column(column.name.clone()),
        why: "NOT NULL in SQLite, and the column in PostgreSQL allows NULL".to_owned(),
        sql: Clause::from("NOT NULL"),
    };
    lost.map(residue_of_column).collect()
}

/// Whether PostgreSQL lacks what SQLite alone can say: it has nothing under the same name.
fn concerns_postgres(item: &Residue, tables: &[(&TableFile, &SourceTable)]) -> bool {
    if item.kind != Kind::Lost {
        return false;
    }
    // Columns, their defaults and types are PostgreSQL's own.
    let file = tables.iter().find(|(file, _)| file.source == item.table).map(|(file, _)| file);
    match &item.what {
        Subject::Column(_) => matches!(item.sql, Clause::Collation(_)),
        Subject::Index(name) => {
            file.is_none_or(|file| !file.indexes.iter().any(|line| line.item.name == *name))
        }
        Subject::Check(name) => {
            file.is_none_or(|file| !file.checks.iter().any(|line| line.item.name == *name))
        }
        _ => true,
    }
}
