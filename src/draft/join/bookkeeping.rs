//! Tables that migration libraries keep for themselves, by the names that they always have. The
//! draft proposes them; what counts afterwards is what its `database.toml` says.

use model::file::TableFile;

/// Name and the columns that say which migrations were done.
const KNOWN: &[(&str, &[&str])] = &[
    ("schema_migrations", &["version"]),
    ("alembic_version", &["version_num"]),
    ("_prisma_migrations", &["migration_name"]),
    ("django_migrations", &["app", "name"]),
    ("VersionInfo", &["Version"]),
    ("goose_db_version", &["version_id"]),
    ("__diesel_schema_migrations", &["version"]),
    ("migration_log", &["migration_id"]),
    ("__EFMigrationsHistory", &["MigrationId"]),
    ("knex_migrations", &["name"]),
    ("flyway_schema_history", &["version"]),
];

/// Those among a draft's tables that have these columns on both sides.
pub fn known(files: &[TableFile]) -> Vec<(String, Vec<String>)> {
    let has = |name: &str, columns: &[&str]| {
        let file = files.iter().find(|file| file.name == name);
        file.is_some_and(|file| {
            let copied = |column: &&str| {
                file.columns.iter().any(|line| line.item.name == *column && !line.item.absent)
            };
            columns.iter().all(copied)
        })
    };
    let found = KNOWN.iter().filter(|(name, columns)| has(name, columns));
    let owned = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
    found.map(|(name, columns)| ((*name).to_owned(), owned(columns))).collect()
}
