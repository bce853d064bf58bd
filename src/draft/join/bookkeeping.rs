//! Tables that migration libraries keep for themselves, by the names that they always have. The
//! draft proposes them; what counts afterwards is what its `database.toml` says.

use model::file::TableFile;

use crate::inspect::postgres::Table;

/// Name, columns by which it is recognised, and those that say which migrations were done. The
/// first that fits counts.
const KNOWN: &[(&str, &[&str], &[&str])] = &[
    ("schema_migrations", &["version", "dirty"], &["version", "dirty"]),
    ("schema_migrations", &["version"], &["version"]),
    ("alembic_version", &["version_num"], &["version_num"]),
    ("_prisma_migrations", &["migration_name"], &["migration_name"]),
    ("django_migrations", &["app", "name"], &["app", "name"]),
    ("VersionInfo", &["Version"], &["Version"]),
    ("goose_db_version", &["version_id", "is_applied"], &["version_id", "is_applied"]),
    ("goose_db_version", &["version_id"], &["version_id"]),
    ("__diesel_schema_migrations", &["version"], &["version"]),
    ("migration_log", &["migration_id"], &["migration_id"]),
    ("__EFMigrationsHistory", &["MigrationId"], &["MigrationId"]),
    ("knex_migrations", &["name"], &["name"]),
    ("flyway_schema_history", &["version"], &["version"]),
    ("_sqlx_migrations", &["version", "success"], &["version", "success"]),
    ("seaql_migrations", &["version"], &["version"]),
    ("refinery_schema_history", &["version", "name"], &["version", "name"]),
    ("migrations", &["timestamp", "name"], &["timestamp", "name"]),
    ("migrations", &["migration", "batch"], &["migration"]),
    ("SequelizeMeta", &["name"], &["name"]),
    ("mikro_orm_migrations", &["name"], &["name"]),
    ("doctrine_migration_versions", &["version"], &["version"]),
    ("phinxlog", &["version"], &["version"]),
    ("databasechangelog", &["id", "author", "filename"], &["id", "author", "filename"]),
    ("_yoyo_migration", &["migration_id"], &["migration_id"]),
    ("aerich", &["app", "version"], &["app", "version"]),
];

/// Tables in which a library notes what holds for one side alone: locks, the place in which it
/// made its tables. Each side keeps its own, and nothing is compared.
const OWN: &[(&str, &[&str])] = &[
    ("ar_internal_metadata", &["key", "value"]),
    ("knex_migrations_lock", &["is_locked"]),
    ("databasechangeloglock", &["locked"]),
    ("typeorm_metadata", &["type", "value"]),
];

/// Those among a draft's tables that have these columns on both sides.
pub fn known(files: &[TableFile]) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for file in files {
        let here = |column: &&str| {
            let mut lines = file.columns.iter().map(|line| &line.item);
            lines.any(|line| line.name == *column && !line.absent)
        };
        let fits =
            |(name, has, _): &&(&str, &[&str], &[&str])| *name == file.name && has.iter().all(here);
        if let Some((name, _, counting)) = KNOWN.iter().find(fits) {
            let columns = counting.iter().map(|column| (*column).to_owned()).collect();
            found.push(((*name).to_owned(), columns));
        } else if file.name == "migrations" && file.columns.len() == 1 && here(&"id") {
            // The names of what was done, and nothing else.
            found.push((file.name.clone(), vec!["id".to_owned()]));
        }
    }
    found
}

/// Whether each side keeps its own of a table.
pub fn own(table: &Table) -> bool {
    OWN.iter().any(|(name, has)| {
        let here = |column: &&str| table.columns.iter().any(|there| there.name == *column);
        table.name == *name && has.iter().all(here)
    })
}
