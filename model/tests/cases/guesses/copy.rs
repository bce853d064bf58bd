/// `apps` of test/case at 1
static TEST_CASE_APPS_1: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[
            required("id", Type::Int8),
            nullable("title", Type::Text).guess(),
            required("seen", Type::Timestamptz).stored(Stored::UnixS).guess(),
        ],
        primary_key: &["id"],
        indexes: &[
            Index {
                name: "apps_title",
                parts: &[
                    Part {
                        text: "title",
                        ..Part::EMPTY
                    },
                ],
                ..Index::EMPTY
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_apps_1),
};
fn test_case_apps_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    row.encode_nullable(1, "title", codec::text)?;
    row.encode_required(2, "seen", codec::timestamptz_unix_s)?;
    Ok(())
}
/// `apps` of test/case at 2
static TEST_CASE_APPS_2: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[
            required("id", Type::Int8),
            nullable("title", Type::Text).guess(),
            required("seen", Type::Timestamptz).stored(Stored::UnixS),
        ],
        primary_key: &["id"],
        indexes: &[
            Index {
                name: "apps_title",
                parts: &[
                    Part {
                        text: "title",
                        ..Part::EMPTY
                    },
                ],
                ..Index::EMPTY
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_apps_2),
};
fn test_case_apps_2(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    row.encode_nullable(1, "title", codec::text)?;
    row.encode_required(2, "seen", codec::timestamptz_unix_s)?;
    Ok(())
}
/// `owners` of test/case at 1, 2
static TEST_CASE_OWNERS_1: Shape = Shape {
    table: Table {
        name: "owners",
        source: "owners",
        columns: &[
            required("id", Type::Int8).guess(),
            required("name", Type::Text),
            required("took", Type::Interval).stored(Stored::Milliseconds).guess(),
        ],
        primary_key: &["id"],
        uniques: &[
            Unique {
                name: "owners_name_key",
                columns: &["name"],
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_owners_1),
};
fn test_case_owners_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    row.encode_required(1, "name", codec::text)?;
    row.encode_required(2, "took", codec::interval_ms)?;
    Ok(())
}
static TEST_CASE_1: Version = Version {
    database: "test/case",
    name: "1",
    shapes: &[&TEST_CASE_APPS_1, &TEST_CASE_OWNERS_1],
    ..Version::EMPTY
};
static TEST_CASE_2: Version = Version {
    database: "test/case",
    name: "2",
    shapes: &[&TEST_CASE_APPS_2, &TEST_CASE_OWNERS_1],
    ..Version::EMPTY
};
/// The schemas that the program brings along.
pub static SCHEMAS: &[Schema] = &[
    Schema {
        name: "test/case",
        version_query: None,
        versions: &[&TEST_CASE_1, &TEST_CASE_2],
    },
];
