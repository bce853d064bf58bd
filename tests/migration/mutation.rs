//! Verification finds what copying got wrong: codecs are broken here on purpose, and rows are
//! changed in the target during a run. Every case ends with exit 6 and a rollback.

use std::sync::{Mutex, PoisonError, RwLock};

use connect_migrate::codec::{self, Cell, Out, Refusal, Row};
use connect_migrate::diagnostic::Exit;
use connect_migrate::diagnostic::console::Console;
use connect_migrate::migrate::{
    self, ChosenSchema, Context, Mode, Request, RequestedDatabase, RequestedSchema,
};
use connect_migrate::postgres::connection::{Address, Environment};
use connect_migrate::schema::{Encode, Schema, Shape, Version};
use connect_migrate::stop::Stop;
use model::{Table, Type};

use super::all_types::Zoo;
use super::{Site, dump};

/// The table whose encoder is broken, and the places of two columns: equal ones mean that the
/// column's bytes are damaged, different ones that the columns are swapped. Several threads read.
static BROKEN: RwLock<Option<(&'static Table, usize, usize)>> = RwLock::new(None);

/// Held by the test that has broken an encoder.
static TURN: Mutex<()> = Mutex::new(());

/// A schema in which one table is encoded by [`encode`]; only its newest version.
fn broken(schema: &Schema, name: &str, one: &str, other: &str) -> Schema {
    let version = *schema.versions.last().unwrap();
    let shapes: Vec<&'static Shape> = version
        .shapes
        .iter()
        .map(|shape| {
            if shape.table.name != name {
                return *shape;
            }
            let place = |name| shape.table.copied_columns().position(|c| c.name == name).unwrap();
            *BROKEN.write().unwrap() = Some((&shape.table, place(one), place(other)));
            &*Box::leak(Box::new(Shape { encode: Encode::Typed(encode), ..**shape }))
        })
        .collect();
    let version: &'static Version =
        Box::leak(Box::new(Version { shapes: shapes.leak(), ..*version }));
    Schema { versions: vec![version].leak(), ..*schema }
}

/// What a generated function does, with one fault in it.
fn encode(row: &mut Row<'_>) -> Result<(), Refusal> {
    let (table, one, other) = BROKEN.read().unwrap().unwrap();
    for (place, column) in table.copied_columns().enumerate() {
        let codec = |out: &mut Out, cell: Cell<'_>| {
            let start = out.bytes().len();
            codec::encode_value(column, out, cell)?;
            if (place, place) == (one, other) {
                let mut field = out.bytes()[start + 4..].to_vec();
                damage(column.ty, &mut field);
                out.truncate(start);
                out.write_field(&field);
            }
            Ok(())
        };
        let from = match place {
            place if place == one => other,
            place if place == other => one,
            place => place,
        };
        match column.null {
            true => row.encode_nullable(from, column.name, codec)?,
            false => row.encode_required(from, column.name, codec)?,
        }
    }
    Ok(())
}

/// Makes another value of the same type of it, as near as can be.
fn damage(ty: Type, field: &mut Vec<u8>) {
    let last = field.len() - 1;
    match ty {
        Type::Json => *field = b"0".to_vec(),
        Type::Jsonb => *field = b"\x010".to_vec(),
        // Another sign, and 0 in the place of NaN.
        Type::Numeric(_) => field[4] = if field[4] == 0xc0 { 0 } else { field[4] ^ 0x40 },
        Type::Interval => field[7] ^= 1,
        Type::Cidr => {
            // The network of this length beside it, or the one bit that ::/0 has for its address.
            if field[1] == 0 { field[1] = 1 } else { field[4] ^= 1 }
        }
        Type::Enum(declared) => {
            let other = declared.labels.iter().find(|label| label.as_bytes() != field.as_slice());
            *field = other.unwrap().as_bytes().to_vec();
        }
        // An empty array becomes one with a NULL, and one that ends with NULL or with an empty text
        // an empty one.
        Type::Array(_) if field[3] == 0 => {
            (field[3], field[7]) = (1, 1);
            field.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
        }
        Type::Array(_) if field.ends_with(&[0xff; 4]) || field.ends_with(&[0; 4]) => {
            (field[3], field[7]) = (0, 0);
            field.truncate(12);
        }
        _ => field[last] ^= 1,
    }
}

/// Runs a migration in this process and returns why it failed.
fn failure(name: &str, schema: Schema, source: std::path::PathBuf, url: &str) -> (Exit, String) {
    let environment = Environment::default();
    let address = Address::parse_setting("the test", url, None, &environment).unwrap();
    let name = name.to_owned();
    let wanted = RequestedDatabase {
        name,
        schema: RequestedSchema::Given(ChosenSchema { schema, version: None }),
        source,
        missing_file_hint: String::new(),
        load_hint: connect_migrate::diagnostic::Hints::default(),
        configured: true,
        application: &[],
        address,
    };
    let request = Request::new(vec![wanted], Mode::Migrate);
    let mut context = Context::new(environment, Stop::default(), Console::silent());
    let error = migrate::run(&request, &mut context).unwrap_err();
    (error.exit, error.to_string())
}

#[test]
fn broken_codec_of_each_kind_is_found() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let zoo = Zoo::new();
    let schema = zoo.schema();
    let zebras = schema.versions[0].tables().find(|table| table.name == "zebras").unwrap();
    let before = dump(&zoo.database.url, &[]);
    for column in zebras.copied_columns() {
        let schema = broken(&schema, "zebras", column.name, column.name);
        let (exit, text) = failure("zoo", schema, zoo.file(), &zoo.database.url);
        assert_eq!(exit, Exit::Verification, "{}: {text}", column.name);
        let output = match column.name {
            "id" => "some rows are missing, and others are duplicated or added".to_owned(),
            name => format!("column {name} differs"),
        };
        assert!(text.contains("zoo.zebras: ") && text.contains(&output), "{}: {text}", column.name);
    }
    dump(&zoo.database.url, &[]).is(&before, "changed");
}

#[test]
fn encoder_with_two_columns_swapped_is_found() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let site = Site::new();
    let before = site.dump();
    for (name, file, table, one, other) in [
        ("core", "connect.db", "users", "first_name", "last_name"),
        ("core", "connect.db", "jobs", "start_time", "last_heartbeat_time"),
        (
            "instrumentation",
            "connect-instrumentation.db",
            "rmd_and_static_hits",
            "path",
            "user_agent",
        ),
    ] {
        let schema = connect_migrate::schema::built_in(&format!("connect/{name}")).unwrap();
        if table == "jobs" {
            site.sqlite(file, "UPDATE jobs SET last_heartbeat_time = start_time + id % 7");
        }
        let schema = broken(schema, table, one, other);
        let (exit, text) = failure(name, schema, site.file(file), &site.database.url);
        assert_eq!(exit, Exit::Verification, "{text}");
        for column in [one, other] {
            assert!(text.contains(&format!("column {column} differs")), "{text}");
        }
        assert!(text.contains(&format!("{name}.{table}: ")), "{text}");
    }
    site.dump().is(&before, "changed");
}

/// What happens to the target's rows between copying and verifying.
#[test]
fn moved_lost_and_doubled_rows_are_found() {
    let site = Site::occupied();
    let (before, files) = (site.dump(), site.hashes());
    let two = "(SELECT min(id) FROM audit_log), (SELECT max(id) FROM audit_log)";
    for (what, sql, output) in [
        (
            "one value moved between two rows",
            format!(
                "UPDATE audit_log a SET time = b.time FROM audit_log b \
                 WHERE a.id IN ({two}) AND b.id IN ({two}) AND a.id <> b.id"
            ),
            "core.audit_log: column time differs",
        ),
        (
            "one row lost",
            "DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)".to_owned(),
            "core.audit_log: SQLite has 90 rows, PostgreSQL has 89",
        ),
        (
            "one row doubled",
            "INSERT INTO audit_log SELECT (jsonb_populate_record(a, '{\"id\": 987654321}')).* \
             FROM audit_log a WHERE id = (SELECT max(id) FROM audit_log)"
                .to_owned(),
            "core.audit_log: SQLite has 90 rows, PostgreSQL has 91",
        ),
        (
            "one row lost and another doubled",
            "UPDATE content_hits SET id = 1 + (SELECT max(id) FROM content_hits) \
             WHERE id = (SELECT min(id) FROM content_hits)"
                .to_owned(),
            "instrumentation.content_hits: some rows are missing, and others are duplicated",
        ),
        (
            "a value made NULL",
            "UPDATE shiny_app_usage SET user_guid = NULL WHERE id = (SELECT min(id) \
             FROM shiny_app_usage WHERE user_guid IS NOT NULL)"
                .to_owned(),
            "instrumentation.shiny_app_usage: column user_guid differs",
        ),
    ] {
        let ran = site.db_hooked(&format!("sql Verify 1 {sql}"), &["--yes"]);
        assert_eq!(ran.code, Some(6), "{what}: {ran:?}");
        ran.fails(6, &[output, "nothing was changed", "hint: "]);
        site.dump().is(&before, what);
    }
    assert_eq!(site.hashes(), files);
}

/// Rows without a primary key: one lost and another doubled leaves their number as it was.
#[test]
fn doubled_row_without_a_key_is_found() {
    let site = Site::new();
    let keyless = connect_migrate::schema::built_in("connect/core").unwrap();
    let keyless = keyless.versions.last().unwrap().tables().find(|t| t.primary_key.is_empty());
    let Some(table) = keyless else { panic!("the schema has no table without a key") };
    let (name, all) = (table.name, table.columns.iter().map(|c| c.name).collect::<Vec<_>>());
    let sql = format!(
        "DELETE FROM {name} WHERE ctid = (SELECT max(ctid) FROM {name}); \
         INSERT INTO {name} ({0}) SELECT {0} FROM {name} \
         WHERE ctid = (SELECT min(ctid) FROM {name})",
        all.join(", ")
    );
    let ran = site.db_hooked(&format!("sql Verify 1 {sql}"), &["--yes"]);
    ran.fails(6, &[&format!("core.{name}: ")]);
}
