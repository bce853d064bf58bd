//! Keys, rules and indexes of SQLite's tables that PostgreSQL's own tables do not have. The
//! application made both; where it keeps less in PostgreSQL, that is said.

use model::file::{IndexLine, TableFile};

use crate::schema_tools::draft::residue::{Clause, Kind, Residue, Subject};
use crate::sqlite::inspection::Table;

/// What the draft of the SQLite file alone has and the joined one has not.
pub fn of(own: &Table, plain: &TableFile, file: &TableFile) -> Vec<Residue> {
    let mut found = Vec::new();
    let mut lost = |what: Subject, sql: Clause| {
        let (table, kind) = (own.name.clone(), Kind::Lost);
        let why = "PostgreSQL's own table has none such".to_owned();
        found.push(Residue { table, kind, what, why, sql });
    };
    for key in &plain.primary_keys {
        if !keeps_unique(file, &key.item) {
            lost("primary key".into(), format!("({})", key.item.join(", ")).into());
        }
    }
    for line in &plain.uniques {
        if !keeps_unique(file, &line.item.columns) {
            lost(
                Subject::UniqueKey(line.item.name.clone()),
                format!("({})", line.item.columns.join(", ")).into(),
            );
        }
    }
    for line in &plain.indexes {
        if !has_index(file, &line.item) {
            let known = own.indexes.iter().find(|index| index.name == line.item.name);
            let sql = known.map(|index| index.sql.clone()).unwrap_or_default();
            lost(Subject::Index(line.item.name.clone()), sql.into());
        }
    }
    for line in &plain.foreign_keys {
        let key = &line.item;
        let same = file.foreign_keys.iter().map(|other| &other.item).any(|other| {
            (&other.columns, &other.table, &other.to) == (&key.columns, &key.table, &key.to)
        });
        let form = format!(
            "FOREIGN KEY ({}) REFERENCES {}({})",
            key.columns.join(", "),
            key.table,
            key.to.join(", ")
        );
        if !same && !ruled(file, &form) {
            let columns = (key.columns.join(", "), key.to.join(", "));
            let sql =
                format!("FOREIGN KEY ({}) REFERENCES {} ({})", columns.0, key.table, columns.1);
            lost(Subject::ForeignKey(key.name.clone()), sql.into());
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
fn keeps_unique(file: &TableFile, columns: &[String]) -> bool {
    let same = |key: &[String]| {
        key.len() == columns.len() && key.iter().all(|column| columns.contains(column))
    };
    let ruled = ["PRIMARY KEY", "UNIQUE", "UNIQUE NULLS NOT DISTINCT"]
        .iter()
        .any(|word| ruled(file, &format!("{word} ({})", columns.join(", "))));
    ruled
        || file.primary_keys.iter().any(|key| same(&key.item))
        || file.uniques.iter().any(|key| same(&key.item.columns))
        || file.indexes.iter().any(|index| {
            index.item.unique && index.item.predicate.is_none() && same(&plain(&index.item))
        })
}

/// Whether a constraint in PostgreSQL's own words begins like this, but for quotes.
fn ruled(file: &TableFile, form: &str) -> bool {
    let bare = |text: &str| text.replace('"', "");
    file.rules.iter().any(|rule| bare(&rule.item.definition).starts_with(&bare(form)))
}

fn plain(index: &IndexLine) -> Vec<String> {
    match index.parts.iter().any(|part| part.expression) {
        true => Vec::new(),
        false => index.parts.iter().map(|part| part.text.clone()).collect(),
    }
}

/// Whether PostgreSQL finds rows as fast: by the same index, or by one that begins alike.
fn has_index(file: &TableFile, wanted: &IndexLine) -> bool {
    let columns = plain(wanted);
    if wanted.unique && wanted.predicate.is_none() && !columns.is_empty() {
        return keeps_unique(file, &columns);
    }
    let named = |index: &IndexLine| index.name == wanted.name;
    let begins = |key: &[String]| !columns.is_empty() && key.starts_with(&columns);
    let usable = !wanted.unique && wanted.predicate.is_none();
    file.indexes.iter().any(|index| {
        let whole = index.item.predicate.is_none();
        named(&index.item) || (usable && whole && begins(&plain(&index.item)))
    }) || (usable
        && (file.primary_keys.iter().any(|key| begins(&key.item))
            || file.uniques.iter().any(|key| begins(&key.item.columns))))
}

/// What SQLite alone can say, unless PostgreSQL has it under the same name.
pub fn untold(all: Vec<Residue>, files: &[TableFile]) -> Vec<Residue> {
    let concerns = |item: &Residue| {
        if item.kind != Kind::Lost {
            return false;
        }
        // Columns, their defaults and types are PostgreSQL's own.
        let file = files.iter().find(|file| file.source == item.table);
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
    };
    all.into_iter().filter(|item| concerns(item)).collect()
}
