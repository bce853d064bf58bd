//! Every value of every table, compared by a path that shares nothing with the product: SQLite's
//! cells are brought to PostgreSQL's own texts by the rules of `expected`, the target's texts are
//! what the server prints.

use std::path::Path;

use connect_migrate::schema::Version;
use model::{Column, Table, Type, sql};
use postgres::{Client, SimpleQueryMessage};
use rusqlite::Connection;

use super::expected_values::Rules;
use crate::server;

/// The settings under which the server prints values.
const PRINT: &str = "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres';
    SET bytea_output = 'hex'; SET extra_float_digits = 1";

/// What a comparison came to.
#[derive(Debug, Default)]
pub struct Compared {
    /// Tables that were compared.
    pub tables: usize,
    /// Cells of the source, by its own count of rows.
    pub counted: u64,
    /// Cells that were compared.
    pub cells: u64,
    /// `table.column of row …: … and …`, for each that differs.
    pub differing: Vec<String>,
}

/// A row as texts; `None` is NULL.
type Texts = Vec<Option<String>>;

/// Compares all tables of a version with what the database at `url` holds in schema `public`.
pub fn compare(file: &Path, url: &str, version: &Version) -> Compared {
    tables(file, url, version.tables())
}

/// Compares some tables.
pub fn tables<'a>(file: &Path, url: &str, tables: impl Iterator<Item = &'a Table>) -> Compared {
    let sqlite = Connection::open(file).unwrap();
    let (mut client, mut judge) = (server::connect(url).client, server::connect(url).client);
    client.batch_execute(PRINT).unwrap();
    judge.batch_execute(PRINT).unwrap();
    let mut compared = Compared::default();
    for table in tables {
        let columns: Vec<&Column> = table.copied_columns().collect();
        let count = format!("SELECT count(*) FROM {}", sql::quote(table.source));
        let rows: i64 = sqlite.query_row(&count, [], |row| row.get(0)).unwrap();
        compared.tables += 1;
        compared.counted += rows.unsigned_abs() * columns.len() as u64;
        let source = ordered(table, source_rows(&sqlite, &mut judge, table));
        let target = ordered(table, target_rows(&mut client, table));
        if source.len() != target.len() {
            let text = format!("{}: {} and {} rows", table.name, source.len(), target.len());
            compared.differing.push(text);
        }
        for (source_cells, target_cells) in source.iter().zip(&target) {
            for ((column, source_cell), target_cell) in
                columns.iter().zip(source_cells).zip(target_cells)
            {
                compared.cells += 1;
                if source_cell != target_cell {
                    let place =
                        format!("{}.{} of row {:?}", table.name, column.name, target_cells[0]);
                    compared
                        .differing
                        .push(format!("{place}: {source_cell:?} and {target_cell:?}"));
                }
            }
        }
    }
    compared
}

/// Rows in the order of their keys, and of everything else where there are none.
fn ordered(table: &Table, mut rows: Vec<Texts>) -> Vec<Texts> {
    let columns: Vec<&Column> = table.copied_columns().collect();
    let place = |name: &&str| columns.iter().position(|column| column.name == *name).unwrap();
    let key: Vec<usize> = table.primary_key.iter().map(place).collect();
    rows.sort_by(|a, b| {
        let of = |row: &Texts| key.iter().map(|place| row[*place].clone()).collect::<Vec<_>>();
        of(a).cmp(&of(b)).then_with(|| a.cmp(b))
    });
    rows
}

fn source_rows(sqlite: &Connection, judge: &mut Client, table: &Table) -> Vec<Texts> {
    let columns: Vec<&Column> = table.copied_columns().collect();
    let names: Vec<String> = columns.iter().map(|column| sql::quote(column.source)).collect();
    let select = format!("SELECT {} FROM {}", names.join(", "), sql::quote(table.source));
    let mut statement = sqlite.prepare(&select).unwrap();
    let mut rules = Rules::new(sqlite);
    let mut found = statement.query([]).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = found.next().unwrap() {
        let cells = columns.iter().enumerate();
        rows.push(cells.map(|(at, column)| rules.text(column, row.get_ref(at).unwrap())).collect());
    }
    for (at, column) in columns.iter().enumerate() {
        if let Some(ty) = printed_by_server(column.ty) {
            print(judge, &ty, &mut rows, at);
        }
    }
    rows
}

/// Types whose texts the server itself brings to its form, by the cast that the product never
/// uses.
fn printed_by_server(ty: Type) -> Option<String> {
    let casts = [Type::Jsonb, Type::Uuid, Type::Inet, Type::Cidr, Type::Time];
    casts.contains(&ty).then(|| ty.to_string())
}

fn print(judge: &mut Client, ty: &str, rows: &mut [Texts], at: usize) {
    let texts: Vec<Option<String>> = rows.iter().map(|row| row[at].clone()).collect();
    // inet's cast to text always shows the mask, its output does not.
    let cast = format!(
        "SELECT textin({ty}_out(v::{ty})) \
         FROM unnest($1::text[]) WITH ORDINALITY AS a (v, n) ORDER BY n"
    );
    let printed = judge.query(&cast, &[&texts]).unwrap_or_else(|error| panic!("{ty}: {error:?}"));
    assert_eq!(printed.len(), rows.len());
    for (row, printed) in rows.iter_mut().zip(printed) {
        row[at] = printed.get(0);
    }
}

fn target_rows(client: &mut Client, table: &Table) -> Vec<Texts> {
    let columns: Vec<&Column> = table.copied_columns().collect();
    let names: Vec<String> = columns.iter().map(|column| shown(column)).collect();
    let select =
        format!("SELECT {} FROM {}", names.join(", "), sql::qualified_name("public", table.name));
    let messages = client.simple_query(&select).unwrap_or_else(|error| panic!("{error:?}"));
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let texts = |row: &postgres::SimpleQueryRow| {
        let cells = columns.iter().enumerate();
        cells.map(|(at, column)| row.get(at).map(|text| plain(column.ty, text))).collect()
    };
    rows.map(texts).collect()
}

/// Arrays as JSON, everything else as it is.
fn shown(column: &Column) -> String {
    match column.ty {
        Type::Array(_) => format!("array_to_json({})", sql::quote(column.name)),
        _ => sql::quote(column.name),
    }
}

/// The target's text without what says nothing: zeros behind a number, spaces behind a `char`.
fn plain(ty: Type, text: &str) -> String {
    match ty {
        Type::Numeric(_) if text.contains('.') => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Type::Float4 => format!("{:08x}", text.parse::<f32>().unwrap().to_bits()),
        Type::Float8 => format!("{:016x}", text.parse::<f64>().unwrap().to_bits()),
        Type::Char(_) => text.trim_end_matches(' ').to_owned(),
        Type::Array(_) => super::expected_values::elements(text),
        _ => text.to_owned(),
    }
}
