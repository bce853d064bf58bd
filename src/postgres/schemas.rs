//! In which schemas of PostgreSQL the tables of a database lie.

use crate::postgres::direct::DirectQueries;
use model::Table;
use model::sql::{QualifiedName, quote_if_needed};
use postgres::{Client, Error};

/// The schemas of a database's tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSchemas {
    /// The schema of tables that state none.
    pub usual: String,
    /// Tables that state one, and the schema.
    stated: Vec<(String, String)>,
    /// Every schema in which a table lies, each once.
    all: Vec<String>,
}

impl TableSchemas {
    /// One schema for all tables.
    #[cfg(feature = "internals")]
    pub fn of_one(schema: &str) -> TableSchemas {
        let (usual, all) = (schema.to_owned(), vec![schema.to_owned()]);
        TableSchemas { usual, stated: Vec::new(), all }
    }

    /// Those of described tables: their names, and the schemas that they state.
    pub fn of_names<'t>(
        usual: &str,
        tables: impl IntoIterator<Item = (&'t str, Option<&'t str>)>,
    ) -> TableSchemas {
        let mut schemas = TableSchemas { usual: usual.to_owned(), ..TableSchemas::default() };
        for (table, stated) in tables {
            let schema = stated.unwrap_or(usual);
            if !schemas.all.iter().any(|known| known == schema) {
                schemas.all.push(schema.to_owned());
            }
            if schema != usual {
                schemas.stated.push((table.to_owned(), schema.to_owned()));
            }
        }
        if schemas.all.is_empty() {
            schemas.all.push(usual.to_owned());
        }
        schemas
    }

    /// Those of described tables.
    pub fn of_tables<'t>(usual: &str, tables: impl Iterator<Item = &'t Table>) -> TableSchemas {
        TableSchemas::of_names(usual, tables.map(|table| (table.name, table.schema)))
    }

    /// The schema of a table; the usual one where nothing is said of the table.
    pub fn schema_of(&self, table: &str) -> &str {
        let stated = self.stated.iter().find(|(known, _)| known == table);
        stated.map_or(&self.usual, |(_, schema)| schema)
    }

    /// A table's name with its schema.
    pub fn qualified_name<'a>(&'a self, table: &'a str) -> QualifiedName<'a> {
        QualifiedName { schema: self.schema_of(table), name: table }
    }

    /// Every schema in which a table lies.
    pub fn all(&self) -> &[String] {
        &self.all
    }

    /// What a table of one of these schemas is called: its name, or schema and name where a table
    /// of that name in another schema is the one that is described.
    pub fn known_name(&self, schema: &str, table: &str) -> String {
        match self.schema_of(table) == schema {
            true => table.to_owned(),
            false => format!("{schema}.{table}"),
        }
    }
}

/// Tables of a schema beyond the search path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// The schema.
    pub schema: String,
    /// The tables.
    pub tables: Vec<String>,
}

/// Tables of these names in schemas that are not in the search path, those with most of them first.
///
/// # Errors
/// The server's.
pub fn find_tables_beyond(
    client: &mut Client,
    path: &[String],
    names: &[&str],
) -> Result<Vec<Beyond>, Error> {
    let rows = client.query_directly(BEYOND, &[&path, &names])?;
    Ok(rows.iter().map(|row| Beyond { schema: row.get(0), tables: row.get(1) }).collect())
}

/// `search_path=local,payments`, as a parameter of a URL.
pub fn search_path_parameter(schemas: &[&str]) -> String {
    let names: Vec<String> = schemas.iter().map(|name| quote_if_needed(name)).collect();
    let mut text = "search_path=".to_owned();
    for byte in names.join(",").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b',' | b'.' | b'-' => {
                text.push(char::from(byte))
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// What belongs to an extension is nobody's table.
const BEYOND: &str = "\
SELECT n.nspname::text, array_agg(c.relname::text ORDER BY c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname::text = ANY ($2) AND c.relkind IN ('r', 'p') AND n.nspname::text <> ALL ($1)
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
GROUP BY 1 ORDER BY count(*) DESC, 1";
