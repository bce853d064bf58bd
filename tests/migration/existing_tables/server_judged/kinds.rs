//! The kinds of keys, rules and columns that are tried, a table each.

/// A kind: its table's name, the statements that make it (the table is `t`), rows that fit, one
/// that does not (empty where all fit), and what is said of that.
pub type Kind = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

/// A table that fits every row.
pub const TABLE: &str = "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int)";

/// What tables need that stands there before them.
pub const BEFORE: &str = "
    CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE FUNCTION first(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT left($1, 1)';
    CREATE FUNCTION nothing() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text';
    CREATE DOMAIN cents AS int CHECK (VALUE >= 0);
    CREATE DOMAIN word AS text CHECK (VALUE <> 'no');
    CREATE DOMAIN short AS word CHECK (length(VALUE) < 4);
    CREATE DOMAIN must AS text NOT NULL;
    CREATE DOMAIN stated AS text NOT NULL CHECK (VALUE <> '');
    CREATE DOMAIN debt AS int DEFAULT -1 CHECK (VALUE >= 0);";

/// Unique indexes and exclusion constraints.
pub const KEYS: &[Kind] = &[
    (
        "plain",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text UNIQUE, b int, c int)",
        "(1, 'p', 1, 0), (2, 'q', 0, 0), (3, NULL, 1, 0), (4, NULL, 1, 0)",
        "(5, 'p', 7, 0)",
        &["K11 draft.plain.a", "rowid 1 and rowid 5"],
    ),
    (
        "paired",
        "TABLE; CREATE UNIQUE INDEX x ON t (b, a)",
        "(1, 'p', 1, 0), (2, 'p', 0, 0), (3, NULL, 1, 0), (4, NULL, 1, 0)",
        "(5, 'p', 0, 0)",
        &["K11 draft.paired.b, a", "rowid 2 and rowid 5"],
    ),
    (
        "late_pair",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int, UNIQUE (a, b) DEFERRABLE)",
        "(1, 'p', 1, 0), (2, 'p', 0, 0), (3, 'p', NULL, 0), (4, 'p', NULL, 0)",
        "(5, 'p', 1, 0)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "everything",
        "TABLE; CREATE UNIQUE INDEX x ON t (lower(a) text_pattern_ops DESC, b) INCLUDE (c)
            WHERE c > 0",
        "(1, 'p', 1, 1), (2, 'p', 0, 1), (3, 'P', 1, 0), (4, NULL, 1, 1)",
        "(5, 'P', 1, 2)",
        &["K16 draft.everything.a, b, c", "rowid 1 and rowid 5"],
    ),
    (
        "apart_by_value",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            EXCLUDE USING hash (a WITH =))",
        "(1, 'p', 1, 5), (2, 'z', 2, 7), (3, NULL, 1, 1), (4, NULL, 1, 1)",
        "(5, 'p', 4, 9)",
        &["K16 draft.apart_by_value.a", "conflicts with an earlier row at rowid 5"],
    ),
    (
        "apart_later",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            EXCLUDE USING btree (lower(a) WITH =, b WITH =) INCLUDE (c) WHERE (c > 0)
            INITIALLY DEFERRED)",
        "(1, 'p', 1, 5), (2, 'P', 2, 7), (3, 'p', 1, 0)",
        "(5, 'P', 1, 9)",
        &["K16 draft.apart_later.a, b, c", "conflicts with an earlier row at rowid 5"],
    ),
    (
        "partial",
        "TABLE; CREATE UNIQUE INDEX x ON t (a) WHERE b > 0",
        "(1, 'p', 1, 0), (2, 'p', 0, 0), (3, NULL, 1, 0), (4, NULL, 1, 0)",
        "(5, 'p', 7, 0)",
        &["x must be unique: a where (b > 0): 2 rows with the same key at rowid 1 and rowid 5"],
    ),
    (
        "folded",
        "TABLE; CREATE UNIQUE INDEX x ON t (lower(a))",
        "(1, 'p', 1, 0), (2, 'q', 0, 0)",
        "(5, 'P', 7, 0)",
        &["x must be unique: lower(a): 2 rows with the same key at rowid 1 and rowid 5"],
    ),
    (
        "filled",
        "TABLE; CREATE UNIQUE INDEX x ON t (a, coalesce(b, 0))",
        "(1, 'p', 1, 0), (2, 'q', 0, 0), (3, 'p', NULL, 1)",
        "(5, 'p', 0, 0)",
        &["rowid 3 and rowid 5"],
    ),
    (
        "single",
        "TABLE; CREATE UNIQUE INDEX x ON t ((true)) WHERE c = 1",
        "(1, 'p', 1, 0), (2, 'q', 0, 1)",
        "(5, 'p', 0, 1)",
        &["rowid 2 and rowid 5"],
    ),
    (
        "classed",
        "TABLE; CREATE UNIQUE INDEX x ON t (a text_pattern_ops)",
        "(1, 'p', 1, 0), (2, 'q', 0, 0)",
        "(5, 'p', 7, 0)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "collated",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text COLLATE ci UNIQUE, b int, c int)",
        "(1, 'p', 1, 0), (2, 'q', 0, 0)",
        "(5, 'P', 7, 0)",
        &["must be unique: a: 2 rows with the same key at rowid 1 and rowid 5"],
    ),
    (
        "collated_index",
        "TABLE; CREATE UNIQUE INDEX x ON t (a COLLATE ci)",
        "(1, 'p', 1, 0), (2, 'q', 0, 0)",
        "(5, 'P', 7, 0)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "late",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text UNIQUE DEFERRABLE INITIALLY DEFERRED, b int,
            c int)",
        "(1, 'p', 1, 0), (2, 'q', 0, 0)",
        "(5, 'p', 7, 0)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "wider",
        "TABLE; CREATE UNIQUE INDEX x ON t (a) INCLUDE (b)",
        "(1, 'p', 1, 0), (2, 'q', 0, 0)",
        "(5, 'p', 7, 0)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "downwards",
        "TABLE; CREATE UNIQUE INDEX x ON t (a DESC NULLS LAST, b)",
        "(1, 'p', 1, 0), (2, 'p', 0, 0)",
        "(5, 'p', 0, 0)",
        &["rowid 2 and rowid 5"],
    ),
    (
        "called",
        "TABLE; CREATE UNIQUE INDEX x ON t (first(a))",
        "(1, 'p', 1, 0), (2, 'q', 0, 0)",
        "(5, 'pq', 7, 0)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "labelled",
        "CREATE TYPE mood AS ENUM ('lo', 'hi'); CREATE TABLE t (id bigint PRIMARY KEY, a mood,
            b int, c int); CREATE UNIQUE INDEX x ON t (a) WHERE a > 'lo'",
        "(1, 'lo', 1, 0), (2, 'lo', 0, 0), (3, 'hi', 0, 0)",
        "(5, 'hi', 7, 0)",
        &["rowid 3 and rowid 5"],
    ),
    (
        "listed",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text[], b int, c int);
            CREATE UNIQUE INDEX x ON t ((a[1]))",
        "(1, '[\"x\"]', 1, 0), (2, '[\"y\"]', 0, 0)",
        "(5, '[\"x\", \"z\"]', 0, 0)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "apart",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            EXCLUDE USING gist (int4range(b, c) WITH &&) WHERE (a <> 'z') DEFERRABLE)",
        "(1, 'p', 1, 5), (2, 'z', 2, 7)",
        "(5, 'p', 4, 9)",
        &[": EXCLUDE USING gist", "conflicts with an earlier row at rowid 5"],
    ),
];

/// The same where PostgreSQL 15 is needed.
pub const KEYS_OF_15: &[Kind] = &[
    (
        "nulls",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            UNIQUE NULLS NOT DISTINCT (b, c))",
        "(1, 'p', 1, NULL), (2, 'q', NULL, NULL)",
        "(5, 'p', 1, NULL)",
        &["rowid 1 and rowid 5"],
    ),
    (
        "nulls_index",
        "TABLE; CREATE UNIQUE INDEX x ON t (b) NULLS NOT DISTINCT",
        "(1, 'p', 1, 0), (2, 'q', NULL, 0)",
        "(5, 'p', NULL, 0)",
        &["rowid 2 and rowid 5"],
    ),
    (
        "nulls_partial",
        "TABLE; CREATE UNIQUE INDEX x ON t (lower(a), b) INCLUDE (c) NULLS NOT DISTINCT
            WHERE c > 0",
        "(1, 'p', NULL, 1), (2, NULL, NULL, 1), (3, 'P', NULL, 0)",
        "(5, 'P', NULL, 2)",
        &["K16 draft.nulls_partial.a, b, c", "rowid 1 and rowid 5"],
    ),
];

/// Checks and domains.
pub const RULES: &[Kind] = &[
    (
        "checked",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int, CHECK (b < c) NO INHERIT)",
        "(1, 'p', 1, 5)",
        "(5, 'p', 10, 9)",
        &["K13 draft.checked.b, c: violates the constraint", "integer 10, integer 9 at rowid 5"],
    ),
    (
        "whole",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int, CHECK (t IS NOT NULL))",
        "(1, 'p', 1, 5)",
        "(5, NULL, 10, 9)",
        &["K13 draft.whole", "at rowid 5"],
    ),
    (
        "listed_check",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text[], b int, c int,
            CHECK (cardinality(a) > 0))",
        "(1, '[\"x\"]', 1, 0)",
        "(5, '[]', 1, 0)",
        &["K13 draft.listed_check.a", "at rowid 5"],
    ),
    (
        "priced",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b cents, c int)",
        "(1, 'p', 1, 5), (2, 'p', NULL, 5)",
        "(5, 'p', -4, 9)",
        &[
            "K13 draft.priced.b: violates the constraint cents_check of its domain",
            "integer -4 at rowid 5",
        ],
    ),
    (
        "nested",
        "CREATE TABLE t (id bigint PRIMARY KEY, a short, b int, c int)",
        "(1, 'p', 1, 5)",
        "(5, 'no', 4, 9)",
        &["K13 draft.nested.a: violates the constraint word_check of its domain", "at rowid 5"],
    ),
    (
        "required",
        "CREATE TABLE t (id bigint PRIMARY KEY, a must, b int, c int)",
        "(1, 'p', 1, 5)",
        "(5, NULL, 4, 9)",
        &["K14 draft.required.a", "at rowid 5"],
    ),
    (
        "required_twice",
        "CREATE TABLE t (id bigint PRIMARY KEY, a stated, b int, c int)",
        "(1, 'p', 1, 5)",
        "(5, NULL, 4, 9), (6, '', 4, 9)",
        &["K14 draft.required_twice.a", "at rowid 5", "K13 draft.required_twice.a", "at rowid 6"],
    ),
];

/// Columns that only PostgreSQL has. Schema files make no such columns.
pub const OWN: &[Kind] = &[
    (
        "defaulted",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int, kind text DEFAULT 'x',
            CHECK (b > 0 OR kind = 'y'))",
        "(1, 'p', 1, 5)",
        "(5, 'p', -1, 9)",
        &["K13 draft.defaulted.b, kind", "or the value that PostgreSQL gives kind"],
    ),
    (
        "at_odds",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int, kind text DEFAULT 'x'
            CHECK (kind = 'y'))",
        "",
        "(5, 'p', 1, 9)",
        &["K13 draft.at_odds.kind", "the rule in PostgreSQL: SQLite does not have kind"],
    ),
    (
        "emptied",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            kind text NOT NULL DEFAULT nothing())",
        "",
        "(5, 'p', 1, 9)",
        &["K14 draft.emptied.kind", "every row must have a value, but gets none"],
    ),
    (
        "computed",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            n int NOT NULL GENERATED ALWAYS AS (b + c) STORED CHECK (n < 20))",
        "(1, 'p', 1, 5)",
        "(5, 'p', NULL, 9), (6, 'p', 11, 9)",
        &["K14 draft.computed.b, c, n", "at rowid 5", "K13 draft.computed.b, c, n", "at rowid 6"],
    ),
    (
        "computed_once",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            n int UNIQUE GENERATED ALWAYS AS (b + c) STORED)",
        "(1, 'p', 1, 5)",
        "(5, 'p', 2, 4)",
        &["K16 draft.computed_once.n", "rowid 1 and rowid 5"],
    ),
    (
        "slugged",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            slug text NOT NULL DEFAULT '' UNIQUE)",
        "(1, 'p', 1, 5)",
        "(5, 'p', 1, 9)",
        &["K16 draft.slugged.slug", "give the column another default"],
    ),
    (
        "tenanted",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            tenant int NOT NULL DEFAULT 1, UNIQUE (tenant, b))",
        "(1, 'p', 1, 5)",
        "(5, 'p', 1, 9)",
        &["K16 draft.tenanted.b, tenant", "rowid 1 and rowid 5"],
    ),
    (
        "indebted",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int, n debt)",
        "",
        "(5, 'p', 1, 9)",
        &["K13 draft.indebted.n: violates the constraint debt_check of its domain"],
    ),
    (
        "led",
        "CREATE TABLE leads (id bigint PRIMARY KEY); CREATE TABLE t (id bigint PRIMARY KEY, a text,
            b int, c int, lead bigint NOT NULL DEFAULT 1 REFERENCES leads)",
        "",
        "(5, 'p', 1, 9)",
        &["K1 draft.led.lead", "lead gets its value from PostgreSQL", "at rowid 5"],
    ),
    (
        "led_well",
        "CREATE TABLE chiefs (id bigint PRIMARY KEY); INSERT INTO chiefs VALUES (1);
            CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int,
            chief bigint NOT NULL DEFAULT 1 REFERENCES chiefs, none bigint REFERENCES chiefs)",
        "(1, 'p', 1, 9)",
        "",
        &[],
    ),
    (
        "led_by_two",
        "CREATE TABLE desks (floor int, seat int, PRIMARY KEY (floor, seat));
            INSERT INTO desks VALUES (3, 1), (4, 2); CREATE TABLE t (id bigint PRIMARY KEY, a text,
            b int, c int, floor int DEFAULT 3, FOREIGN KEY (floor, b) REFERENCES desks)",
        "(1, 'p', 1, 9), (2, 'p', NULL, 9)",
        "(5, 'p', 2, 9)",
        &["K1 draft.led_by_two.floor, b", "integer 2 at rowid 5"],
    ),
    (
        "counted",
        "CREATE TABLE t (id bigint PRIMARY KEY, a text, b int, c int, n serial UNIQUE CHECK (n > 0),
            u uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE)",
        "(1, 'p', 1, 5), (2, 'p', 2, 5)",
        "",
        &[],
    ),
];
