/// `APP_TAGS` of test/case at 1, 2, 3
static TEST_CASE_APP_TAGS_1_: Shape = Shape {
    table: Table {
        name: "APP_TAGS",
        source: "others",
        columns: &[required("id", Type::Uuid).stored(Stored::Blob)],
        primary_key: &[],
        key_name: None,
        ignored: &[],
        source_key: None,
        uniques: &[],
        indexes: &[],
        foreign_keys: &[],
        checks: &[],
        rules: &[],
    },
    encode: Encode::Typed(test_case_app_tags_1_),
};
fn test_case_app_tags_1_(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.required(0usize, codec::uuid_blob)?;
    Ok(())
}
/// `app-tags` of test/case at 1, 2, 3
static TEST_CASE_APP_TAGS_1: Shape = Shape {
    table: Table {
        name: "app-tags",
        source: "app-tags",
        columns: &[required("app_id", Type::Int8)],
        primary_key: &[],
        key_name: None,
        ignored: &[],
        source_key: None,
        uniques: &[],
        indexes: &[],
        foreign_keys: &[
            ForeignKey {
                name: "app-tags_app_id_fkey",
                columns: &["app_id"],
                table: "apps",
                to: &["id"],
                on_delete: Action::Cascade,
                on_update: Action::NoAction,
                deferred: false,
                deferrable: false,
            },
        ],
        checks: &[],
        rules: &[],
    },
    encode: Encode::Typed(test_case_app_tags_1),
};
fn test_case_app_tags_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.required(0usize, codec::int8)?;
    Ok(())
}
/// `apps` of test/case at 1, 2
static TEST_CASE_APPS_1: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[
            required("id", Type::Int8).identity(Identity::ByDefault),
            nullable(
                "mood",
                Type::Enum(Enum {
                    name: "mood",
                    labels: &["happy", "sad"],
                }),
            ),
            nullable(
                "moods",
                Type::Array(
                    &Type::Enum(Enum {
                        name: "mood",
                        labels: &["happy", "sad"],
                    }),
                ),
            ),
            required("title", Type::Varchar(20u32)).from("name").default("'x'"),
            nullable("price", Type::Numeric(Some((8u16, 2u16)))),
            required("length", Type::Int4).generated("length(title)"),
            required("seen", Type::Timestamptz).stored(Stored::UnixS),
            nullable("took", Type::Interval),
        ],
        primary_key: &["id"],
        key_name: None,
        ignored: &[],
        source_key: None,
        uniques: &[],
        indexes: &[
            Index {
                name: "apps_title",
                parts: &[
                    Part {
                        text: "title",
                        expression: false,
                        descending: false,
                    },
                    Part {
                        text: "lower(title)",
                        expression: true,
                        descending: true,
                    },
                ],
                unique: true,
                method: "btree",
                predicate: Some("title <> ''"),
                definition: None,
            },
        ],
        foreign_keys: &[],
        checks: &[
            Check {
                name: "apps_price",
                expression: "price >= 0",
            },
        ],
        rules: &[],
    },
    encode: Encode::Typed(test_case_apps_1),
};
fn test_case_apps_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.required(0usize, codec::int8)?;
    row.nullable(1usize, codec::label(&["happy", "sad"]))?;
    row.nullable(
        2usize,
        codec::array(
            &Type::Enum(Enum {
                name: "mood",
                labels: &["happy", "sad"],
            }),
        ),
    )?;
    row.required(3usize, codec::varchar(20u32))?;
    row.nullable(4usize, codec::numeric_within(8u16, 2u16))?;
    row.required(5usize, codec::timestamptz_unix_s)?;
    row.nullable(6usize, codec::interval_ns)?;
    Ok(())
}
/// `apps` of test/case at 3
static TEST_CASE_APPS_2: Shape = Shape {
    table: Table {
        name: "apps",
        source: "apps",
        columns: &[
            required("id", Type::Int8).identity(Identity::ByDefault),
            nullable(
                "mood",
                Type::Enum(Enum {
                    name: "mood",
                    labels: &["happy", "sad"],
                }),
            ),
            nullable(
                "moods",
                Type::Array(
                    &Type::Enum(Enum {
                        name: "mood",
                        labels: &["happy", "sad"],
                    }),
                ),
            ),
            required("title", Type::Varchar(20u32)).from("name").default("'x'"),
            nullable("price", Type::Numeric(Some((8u16, 2u16)))),
            required("length", Type::Int4).generated("length(title)"),
            required("seen", Type::Timestamptz).stored(Stored::UnixS),
            nullable("when", Type::Timestamptz).stored(Stored::TextUtc),
            nullable("took", Type::Interval),
        ],
        primary_key: &["id"],
        key_name: None,
        ignored: &[],
        source_key: None,
        uniques: &[],
        indexes: &[
            Index {
                name: "apps_title",
                parts: &[
                    Part {
                        text: "title",
                        expression: false,
                        descending: false,
                    },
                    Part {
                        text: "lower(title)",
                        expression: true,
                        descending: true,
                    },
                ],
                unique: true,
                method: "btree",
                predicate: Some("title <> ''"),
                definition: None,
            },
        ],
        foreign_keys: &[],
        checks: &[
            Check {
                name: "apps_price",
                expression: "price >= 0",
            },
        ],
        rules: &[],
    },
    encode: Encode::Typed(test_case_apps_2),
};
fn test_case_apps_2(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.required(0usize, codec::int8)?;
    row.nullable(1usize, codec::label(&["happy", "sad"]))?;
    row.nullable(
        2usize,
        codec::array(
            &Type::Enum(Enum {
                name: "mood",
                labels: &["happy", "sad"],
            }),
        ),
    )?;
    row.required(3usize, codec::varchar(20u32))?;
    row.nullable(4usize, codec::numeric_within(8u16, 2u16))?;
    row.required(5usize, codec::timestamptz_unix_s)?;
    row.nullable(6usize, codec::timestamptz_utc)?;
    row.nullable(7usize, codec::interval_ns)?;
    Ok(())
}
/// `größe` of test/case at 2
static TEST_CASE_GR__E_1: Shape = Shape {
    table: Table {
        name: "größe",
        source: "größe",
        columns: &[required("id", Type::Float8)],
        primary_key: &[],
        key_name: None,
        ignored: &[],
        source_key: None,
        uniques: &[],
        indexes: &[],
        foreign_keys: &[],
        checks: &[],
        rules: &[],
    },
    encode: Encode::Typed(test_case_gr__e_1),
};
fn test_case_gr__e_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.required(0usize, codec::float8)?;
    Ok(())
}
static TEST_CASE_1: Version = Version {
    database: "test/case",
    name: "1",
    shapes: &[&TEST_CASE_APP_TAGS_1, &TEST_CASE_APP_TAGS_1_, &TEST_CASE_APPS_1],
    enums: &[
        Enum {
            name: "mood",
            labels: &["happy", "sad"],
        },
    ],
    ignored: &["goose_*"],
    target_only: &[],
    undecided: &[],
    bookkeeping: &[],
    sequences: &[],
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
    enums: &[
        Enum {
            name: "mood",
            labels: &["happy", "sad"],
        },
    ],
    ignored: &["goose_*"],
    target_only: &[],
    undecided: &[],
    bookkeeping: &[],
    sequences: &[],
};
static TEST_CASE_3: Version = Version {
    database: "test/case",
    name: "3",
    shapes: &[&TEST_CASE_APP_TAGS_1, &TEST_CASE_APP_TAGS_1_, &TEST_CASE_APPS_2],
    enums: &[
        Enum {
            name: "mood",
            labels: &["happy", "sad"],
        },
    ],
    ignored: &["goose_*"],
    target_only: &[],
    undecided: &[],
    bookkeeping: &[],
    sequences: &[],
};
/// The schemas that the program brings along.
pub static SCHEMAS: &[Schema] = &[
    Schema {
        name: "test/case",
        version_query: Some("SELECT \"v\" FROM meta"),
        versions: &[&TEST_CASE_1, &TEST_CASE_2, &TEST_CASE_3],
    },
];
