//! Tables that well-known libraries make for themselves, by the names and columns that they always
//! have. The draft proposes them; a run uses the list for one thing only: a migration history table
//! that the schema files do not name as one is not emptied for want of a line in them.

/// Name, columns by which it is recognised, and those that say which migrations were done. The
/// first that fits counts.
const HISTORIES: &[(&str, &[&str], &[&str])] = &[
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

/// What libraries put before the name of a table while they rebuild it. A table of such a name that
/// stands beside the other is what an interrupted migration has left.
const REBUILT: &[&str] = &["_alembic_tmp_", "new__"];

/// Whether a table is what is left of the rebuilding of another that is there.
pub fn is_leftover(table: &str, is_there: impl Fn(&str) -> bool) -> bool {
    REBUILT.iter().filter_map(|prefix| table.strip_prefix(prefix)).any(is_there)
}

/// The columns that say which migrations were done, if a table of this name with these columns is
/// the migration history table of a library.
pub fn history_columns(table: &str, has: impl Fn(&str) -> bool) -> Option<&'static [&'static str]> {
    let fits = |(name, columns, _): &&(&str, &[&str], &[&str])| {
        *name == table && columns.iter().all(|column| has(column))
    };
    HISTORIES.iter().find(fits).map(|(_, _, counting)| *counting)
}

/// Whether each side keeps its own of a table.
pub fn is_specific_to_database(table: &str, has: impl Fn(&str) -> bool) -> bool {
    OWN.iter().any(|(name, columns)| *name == table && columns.iter().all(|column| has(column)))
}
