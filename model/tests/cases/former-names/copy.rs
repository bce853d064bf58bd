/// `schema_migrations` of test/case at 1
static TEST_CASE_SCHEMA_MIGRATIONS_1: Shape = Shape {
    table: Table {
        name: "schema_migrations",
        source: "schema_migrations",
        columns: &[required("version", Type::Int8)],
        primary_key: &["version"],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_schema_migrations_1),
};
fn test_case_schema_migrations_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "version", codec::int8)?;
    Ok(())
}
static TEST_CASE_1: Version = Version {
    database: "test/case",
    name: "1",
    shapes: &[&TEST_CASE_SCHEMA_MIGRATIONS_1],
    migration_histories: &[
        MigrationHistory {
            table: "schema_migrations",
            columns: &["version"],
        },
    ],
    ..Version::EMPTY
};
/// The schemas that the program brings along.
pub static SCHEMAS: &[Schema] = &[
    Schema {
        name: "test/case",
        version_query: None,
        versions: &[&TEST_CASE_1],
    },
];
