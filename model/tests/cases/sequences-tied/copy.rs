/// `apps` of test/case at 1
static TEST_CASE_APPS_1: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[required("id", Type::Int8)],
        primary_key: &["id"],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_apps_1),
};
fn test_case_apps_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    Ok(())
}
/// `apps` of test/case at 2
static TEST_CASE_APPS_2: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[required("id", Type::Int8), required("number", Type::Numeric(None))],
        primary_key: &["id"],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_apps_2),
};
fn test_case_apps_2(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    row.encode_required(1, "number", codec::numeric)?;
    Ok(())
}
static TEST_CASE_1: Version = Version {
    database: "test/case",
    name: "1",
    shapes: &[&TEST_CASE_APPS_1],
    sequences: &[
        model::Sequence {
            name: "apps_id_seq",
            next: model::Next::After {
                table: "apps",
                column: "id",
            },
        },
        model::Sequence {
            name: "other.numbers",
            next: model::Next::At(-16),
        },
    ],
    ..Version::EMPTY
};
static TEST_CASE_2: Version = Version {
    database: "test/case",
    name: "2",
    shapes: &[&TEST_CASE_APPS_2],
    sequences: &[
        model::Sequence {
            name: "apps_id_seq",
            next: model::Next::After {
                table: "apps",
                column: "id",
            },
        },
        model::Sequence {
            name: "apps_id_seq",
            next: model::Next::After {
                table: "apps",
                column: "number",
            },
        },
        model::Sequence {
            name: "other.numbers",
            next: model::Next::At(-16),
        },
    ],
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
