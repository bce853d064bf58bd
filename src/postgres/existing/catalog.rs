//! What the catalog says about the planned tables: everything that a load may touch or meet.
//!
//! Nothing is judged here. Definitions are the server's own texts, with every name qualified.

use std::collections::BTreeMap;

use crate::diagnostic::Id;
use crate::postgres::direct::DirectQueries;
use model::sql::QualifiedName;
use postgres::types::Oid;
use postgres::{Error, GenericClient, Row};

/// The planned tables and what hangs on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Their schemas in which our role may not make indexes.
    pub closed_schemas: Vec<String>,
    /// The tables, in the order of their names.
    pub relations: Vec<Relation>,
    /// The foreign keys of and to them.
    pub keys: Vec<ForeignKey>,
    /// What sees the rows, or answers to the load's statements: `(id of finding, words)`.
    pub around: Vec<(Id, String)>,
}

/// A planned table as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `pg_class.relkind`.
    pub kind: String,
    /// `pg_class.relpersistence`.
    pub persistence: String,
    /// Its owner.
    pub owner: String,
    /// Whether our role has the owner's rights.
    pub owned: bool,
    /// Rights that our role lacks.
    pub lacking: Vec<String>,
    /// Whether row-level security would hide rows from our role.
    pub secured: bool,
    /// Whether it is a partition, or inherits, or is inherited from.
    pub family: bool,
    /// What keeps rows from going through a partitioned table into its partitions, in words.
    pub trouble: Option<String>,
    /// Each table that inherits from another, this one being either: as statements name them.
    pub inheritance: Vec<(String, String)>,
    /// Whether triggers that keep foreign keys are switched off.
    pub unguarded: bool,
    /// Its columns in their order.
    pub columns: Vec<Column>,
    /// Its indexes that are built after the rows.
    pub indexes: Vec<Index>,
    /// Its triggers that would act: name and `pg_trigger.tgenabled`.
    pub triggers: Vec<(String, String)>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in PostgreSQL's words.
    pub shown: String,
    /// What its type is beneath domains and arrays.
    pub ty: Actual,
    /// Whether NULL is refused, by the column or its domain.
    pub must: bool,
    /// Whether PostgreSQL computes it.
    pub generated: bool,
    /// Whether a row without a value gets one: a default or an identity.
    pub filled: bool,
}

/// A type beneath domains; of an array, its element's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actual {
    /// Its number.
    pub oid: Oid,
    /// Its name without its schema.
    pub name: String,
    /// The column's modifier, -1 for none.
    pub modifier: i32,
    /// Whether the column is an array of it.
    pub array: bool,
    /// The extension that it belongs to, or nothing.
    pub extension: String,
    /// An enum's labels.
    pub labels: Vec<String>,
}

/// An index that is taken away and built again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// `CREATE INDEX …`, complete but for the tablespace.
    pub definition: String,
    /// Its tablespace; empty for the database's.
    pub tablespace: String,
    /// For the index of a primary key or unique constraint: `DEFERRABLE …` or nothing behind it.
    pub constraint: Option<String>,
    /// Whether the constraint is the primary key.
    pub primary: bool,
    /// The comments on index and constraint.
    pub comments: [Option<String>; 2],
    /// Whether the table is clustered by it.
    pub clustered: bool,
    /// Whether it is the table's replica identity.
    pub identity: bool,
    /// Statistics targets: column's number and target.
    pub statistics: Vec<String>,
}

/// A foreign key of or to a planned table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// The referring table: schema and name.
    pub child: (String, String),
    /// The table referred to: schema and name.
    pub parent: (String, String),
    /// Its definition, but for the words that say that it is not validated.
    pub definition: String,
    /// Whether all rows are known to keep it.
    pub validated: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// The referring table's owner.
    pub owner: String,
    /// Whether our role has the owner's rights.
    pub has_owner_rights: bool,
    /// Whether our role may refer to the parent.
    pub may_refer: bool,
    /// Whether the referring table is partitioned.
    pub partitioned: bool,
}

impl Survey {
    /// The planned table of that schema and name.
    pub fn relation(&self, (schema, name): &(String, String)) -> Option<&Relation> {
        let mut relations = self.relations.iter();
        relations.find(|relation| relation.schema == *schema && relation.name == *name)
    }

    /// The schema and name of a planned table.
    pub fn place_of(&self, name: &str) -> (String, String) {
        let relation = self.relations.iter().find(|relation| relation.name == name);
        let schema = relation.map(|relation| relation.schema.clone());
        (schema.unwrap_or_default(), name.to_owned())
    }
}

impl Relation {
    /// Its name for statements.
    pub fn qualified_name(&self) -> String {
        model::sql::qualified_name(&self.schema, &self.name)
    }

    /// Whether it is a table, partitioned or not.
    pub fn is_table(&self) -> bool {
        matches!(self.kind.as_str(), "r" | "p")
    }

    /// Whether its rows can be counted.
    pub fn is_readable(&self) -> bool {
        self.is_table() && !self.lacking.iter().any(|right| right == "SELECT")
    }
}

/// Reads everything, unless one of the tables is missing. The search path must be empty.
///
/// # Errors
/// The server's.
pub fn read_survey(
    client: &mut impl GenericClient,
    planned: &[QualifiedName<'_>],
) -> Result<Option<Survey>, Error> {
    let schemas: Vec<&str> = planned.iter().map(|table| table.schema).collect();
    let names: Vec<&str> = planned.iter().map(|table| table.name).collect();
    let mut relations: Vec<Relation> = client
        .query_directly(RELATIONS, &[&schemas, &names])?
        .iter()
        .map(relation_of_row)
        .collect();
    let all: Vec<Oid> = relations.iter().map(|relation| relation.oid).collect();
    let mut columns = read_by_table(client, COLUMNS, &all, column_of_row)?;
    let mut indexes = read_by_table(client, INDEXES, &all, index_of_row)?;
    let mut triggers =
        read_by_table(client, TRIGGERS, &all, |row| (row.get("name"), row.get("enabled")))?;
    for relation in &mut relations {
        relation.columns = columns.remove(&relation.oid).unwrap_or_default();
        relation.indexes = indexes.remove(&relation.oid).unwrap_or_default();
        relation.triggers = triggers.remove(&relation.oid).unwrap_or_default();
    }
    if relations.len() < planned.len() {
        return Ok(None);
    }
    let keys = client.query_directly(KEYS, &[&all])?.iter().map(foreign_key_of_row).collect();
    let around = client.query_directly(AROUND, &[&all])?;
    let around = around.iter().map(|row| (finding_id_of_kind(row), row.get(1))).collect();
    let closed = client.query_directly(CLOSED, &[&schemas])?;
    let closed_schemas = closed.iter().map(|row| row.get(0)).collect();
    Ok(Some(Survey { closed_schemas, relations, keys, around }))
}

/// What a query says of all these tables, by table; its last column is the table's number.
fn read_by_table<T>(
    client: &mut impl GenericClient,
    query: &str,
    tables: &[Oid],
    item_of_row: impl Fn(&Row) -> T,
) -> Result<BTreeMap<Oid, Vec<T>>, Error> {
    let mut found: BTreeMap<Oid, Vec<T>> = BTreeMap::new();
    for row in client.query_directly(query, &[&tables.to_vec()])? {
        found.entry(row.get("relation")).or_default().push(item_of_row(&row));
    }
    Ok(found)
}

fn finding_id_of_kind(row: &Row) -> Id {
    match row.get::<_, &str>(0) {
        "rule" => Id::K17,
        "view" => Id::O10,
        _ => Id::P19,
    }
}

fn relation_of_row(row: &Row) -> Relation {
    Relation {
        oid: row.get(0),
        name: row.get(1),
        kind: row.get(2),
        persistence: row.get(3),
        owner: row.get(4),
        owned: row.get(5),
        lacking: row.get(6),
        secured: row.get(7),
        family: row.get(8),
        trouble: row.get(12),
        inheritance: {
            let (children, parents): (Vec<String>, Vec<String>) = (row.get(10), row.get(11));
            children.into_iter().zip(parents).collect()
        },
        unguarded: row.get(9),
        schema: row.get(13),
        columns: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
    }
}

fn column_of_row(row: &Row) -> Column {
    let ty = Actual {
        oid: row.get(5),
        name: row.get(6),
        modifier: row.get(7),
        array: row.get(8),
        extension: row.get(9),
        labels: row.get(10),
    };
    Column {
        name: row.get(0),
        shown: row.get(1),
        ty,
        must: row.get(2),
        generated: row.get(3),
        filled: row.get(4),
    }
}

fn index_of_row(row: &Row) -> Index {
    Index {
        name: row.get(0),
        definition: row.get(1),
        tablespace: row.get(2),
        constraint: row.get(3),
        comments: [row.get(4), row.get(5)],
        clustered: row.get(6),
        identity: row.get(7),
        statistics: row.get(8),
        primary: row.get(9),
    }
}

fn foreign_key_of_row(row: &Row) -> ForeignKey {
    let (definition, validated): (String, bool) = (row.get(5), row.get(11));
    ForeignKey {
        name: row.get(0),
        child: (row.get(1), row.get(2)),
        parent: (row.get(3), row.get(4)),
        definition: match validated {
            true => definition,
            false => definition.trim_end_matches(" NOT VALID").to_owned(),
        },
        validated,
        comment: row.get(6),
        owner: row.get(7),
        has_owner_rights: row.get(8),
        may_refer: row.get(9),
        partitioned: row.get(10),
    }
}

const CLOSED: &str = "\
SELECT s FROM (SELECT DISTINCT s FROM unnest($1::text[]) AS s) AS schemas
WHERE NOT pg_catalog.has_schema_privilege(s, 'CREATE') ORDER BY s COLLATE \"C\"";
const RELATIONS: &str = include_str!("sql/relations.sql");
const COLUMNS: &str = include_str!("sql/columns.sql");
const INDEXES: &str = include_str!("sql/indexes.sql");
const TRIGGERS: &str = include_str!("sql/triggers.sql");
const KEYS: &str = include_str!("sql/keys.sql");
const AROUND: &str = include_str!("sql/around.sql");
