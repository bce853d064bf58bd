static TEST_CASE_MOOD: Enum = Enum {
    name: "mood",
    labels: &["happy", "sad"],
};
/// `APP_TAGS` of test/case at 1, 2, 3
static TEST_CASE_APP_TAGS_1_: Shape = Shape {
    table: Table {
        name: "APP_TAGS",
        source: "others",
        columns: &[required("id", Type::Uuid).stored(Stored::Blob)],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_app_tags_1_),
};
fn test_case_app_tags_1_(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::uuid_blob)?;
    Ok(())
}
/// `app-tags` of test/case at 1, 2, 3
static TEST_CASE_APP_TAGS_1: Shape = Shape {
    table: Table {
        name: "app-tags",
        source: "app-tags",
        columns: &[required("app_id", Type::Int8)],
        foreign_keys: &[
            ForeignKey {
                name: "app-tags_app_id_fkey",
                columns: &["app_id"],
                table: "apps",
                to: &["id"],
                on_delete: Action::Cascade,
                ..ForeignKey::EMPTY
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_app_tags_1),
};
fn test_case_app_tags_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "app_id", codec::int8)?;
    Ok(())
}
/// `apps` of test/case at 1, 2
static TEST_CASE_APPS_1: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[
            required("id", Type::Int8).identity(Identity::ByDefault),
            nullable("mood", Type::Enum(TEST_CASE_MOOD)),
            nullable("moods", Type::Array(&Type::Enum(TEST_CASE_MOOD))),
            required("title", Type::Varchar(20)).from("name").default("'x'"),
            nullable("price", Type::Numeric(Some((8, 2)))),
            required("length", Type::Int4).generated("length(title)"),
            required("seen", Type::Timestamptz).stored(Stored::UnixS),
            nullable("took", Type::Interval),
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
                    Part {
                        text: "lower(title)",
                        expression: true,
                        descending: true,
                    },
                ],
                unique: true,
                predicate: Some("title <> ''"),
                ..Index::EMPTY
            },
        ],
        checks: &[
            Check {
                name: "apps_price",
                expression: "price >= 0",
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_apps_1),
};
fn test_case_apps_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    row.encode_nullable(1, "mood", codec::label(TEST_CASE_MOOD.labels))?;
    row.encode_nullable(2, "moods", codec::array(&Type::Enum(TEST_CASE_MOOD)))?;
    row.encode_required(3, "title", codec::varchar(20))?;
    row.encode_nullable(4, "price", codec::numeric_within(8, 2))?;
    row.encode_required(5, "seen", codec::timestamptz_unix_s)?;
    row.encode_nullable(6, "took", codec::interval_ns)?;
    Ok(())
}
/// `apps` of test/case at 3
static TEST_CASE_APPS_2: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[
            required("id", Type::Int8).identity(Identity::ByDefault),
            nullable("mood", Type::Enum(TEST_CASE_MOOD)),
            nullable("moods", Type::Array(&Type::Enum(TEST_CASE_MOOD))),
            required("title", Type::Varchar(20)).from("name").default("'x'"),
            nullable("price", Type::Numeric(Some((8, 2)))),
            required("length", Type::Int4).generated("length(title)"),
            required("seen", Type::Timestamptz).stored(Stored::UnixS),
            nullable("when", Type::Timestamptz).stored(Stored::TextUtc),
            nullable("took", Type::Interval),
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
                    Part {
                        text: "lower(title)",
                        expression: true,
                        descending: true,
                    },
                ],
                unique: true,
                predicate: Some("title <> ''"),
                ..Index::EMPTY
            },
        ],
        checks: &[
            Check {
                name: "apps_price",
                expression: "price >= 0",
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_apps_2),
};
fn test_case_apps_2(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    row.encode_nullable(1, "mood", codec::label(TEST_CASE_MOOD.labels))?;
    row.encode_nullable(2, "moods", codec::array(&Type::Enum(TEST_CASE_MOOD)))?;
    row.encode_required(3, "title", codec::varchar(20))?;
    row.encode_nullable(4, "price", codec::numeric_within(8, 2))?;
    row.encode_required(5, "seen", codec::timestamptz_unix_s)?;
    row.encode_nullable(6, "when", codec::timestamptz_utc)?;
    row.encode_nullable(7, "took", codec::interval_ns)?;
    Ok(())
}
/// `größe` of test/case at 2
static TEST_CASE_GR__E_1: Shape = Shape {
    table: Table {
        name: "größe",
        source: "größe",
        columns: &[required("id", Type::Float8)],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_gr__e_1),
};
fn test_case_gr__e_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::float8)?;
    Ok(())
}
static TEST_CASE_1: Version = Version {
    database: "test/case",
    name: "1",
    shapes: &[&TEST_CASE_APP_TAGS_1, &TEST_CASE_APP_TAGS_1_, &TEST_CASE_APPS_1],
    enums: &[TEST_CASE_MOOD],
    ignored: &["goose_*"],
    ..Version::EMPTY
};
static TEST_CASE_2: Version = Version {
    database: "test/case",
    name: "2",
    shapes: &[
        &TEST_CASE_APP_TAGS_1,
        &TEST_CASE_APP_TAGS_1_,
        &TEST_CASE_APPS_1,
        &TEST_CASE_GR__E_1,
    ],
    enums: &[TEST_CASE_MOOD],
    ignored: &["goose_*"],
    ..Version::EMPTY
};
static TEST_CASE_3: Version = Version {
    database: "test/case",
    name: "3",
    shapes: &[&TEST_CASE_APP_TAGS_1, &TEST_CASE_APP_TAGS_1_, &TEST_CASE_APPS_2],
    enums: &[TEST_CASE_MOOD],
    ignored: &["goose_*"],
    ..Version::EMPTY
};
/// The schemas that the program brings along.
pub static SCHEMAS: &[Schema] = &[
    Schema {
        name: "test/case",
        version_query: Some("SELECT \"v\" FROM meta"),
        versions: &[&TEST_CASE_1, &TEST_CASE_2, &TEST_CASE_3],
    },
];
