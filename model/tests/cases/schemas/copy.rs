static TEST_CASE_MOOD: Enum = Enum {
    name: "mood",
    labels: &["happy", "sad"],
};
/// `channels` of test/case at 1
static TEST_CASE_CHANNELS_1: Shape = Shape {
    table: Table {
        name: "channels",
        source: "channels",
        columns: &[required("id", Type::Int8).identity(Identity::Serial)],
        primary_key: &["id"],
        indexes: &[
            Index {
                name: "same",
                parts: &[Part { text: "id", ..Part::EMPTY }],
                ..Index::EMPTY
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_channels_1),
};
fn test_case_channels_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    Ok(())
}
/// `last` of test/case at 1
static TEST_CASE_LAST_1: Shape = Shape {
    table: Table {
        name: "last",
        source: "last",
        columns: &[required("sent", Type::Int8)],
        foreign_keys: &[
            ForeignKey {
                name: "last_sent_fkey",
                columns: &["sent"],
                table: "sent",
                schema: Some("pay\"ments"),
                to: &["id"],
                ..ForeignKey::EMPTY
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_last_1),
};
fn test_case_last_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "sent", codec::int8)?;
    Ok(())
}
/// `sent` of test/case at 1
static TEST_CASE_SENT_1: Shape = Shape {
    table: Table {
        name: "sent",
        schema: Some("pay\"ments"),
        source: "sent",
        columns: &[
            required("id", Type::Int8).identity(Identity::ByDefault),
            required("channel", Type::Int8),
            required("mood", Type::Enum(TEST_CASE_MOOD)),
            nullable("reply", Type::Int8),
        ],
        primary_key: &["id"],
        uniques: &[
            Unique {
                name: "sent_mood_key",
                columns: &["mood"],
            },
        ],
        indexes: &[
            Index {
                name: "same",
                parts: &[
                    Part {
                        text: "channel",
                        ..Part::EMPTY
                    },
                ],
                ..Index::EMPTY
            },
            Index {
                name: "words",
                definition: Some("USING hash (reply)"),
                ..Index::EMPTY
            },
        ],
        foreign_keys: &[
            ForeignKey {
                name: "sent_channel_fkey",
                columns: &["channel"],
                table: "channels",
                to: &["id"],
                ..ForeignKey::EMPTY
            },
            ForeignKey {
                name: "sent_reply_fkey",
                columns: &["reply"],
                table: "sent",
                schema: Some("pay\"ments"),
                to: &["id"],
                ..ForeignKey::EMPTY
            },
        ],
        rules: &[
            model::Rule {
                name: "apart",
                definition: "EXCLUDE USING btree (channel WITH =)",
            },
        ],
        ..Table::EMPTY
    },
    encode: Encode::Typed(test_case_sent_1),
};
fn test_case_sent_1(row: &mut Row<'_>) -> Result<(), Refusal> {
    row.encode_required(0, "id", codec::int8)?;
    row.encode_required(1, "channel", codec::int8)?;
    row.encode_required(2, "mood", codec::label(TEST_CASE_MOOD.labels))?;
    row.encode_nullable(3, "reply", codec::int8)?;
    Ok(())
}
static TEST_CASE_1: Version = Version {
    database: "test/case",
    name: "1",
    shapes: &[&TEST_CASE_CHANNELS_1, &TEST_CASE_LAST_1, &TEST_CASE_SENT_1],
    enums: &[TEST_CASE_MOOD],
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
