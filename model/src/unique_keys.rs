//! What PostgreSQL keeps unique in a table: its primary key, unique constraints and unique indexes.

use crate::table::{Column, Index, Table};

/// Something that PostgreSQL keeps unique.
#[derive(Debug)]
pub struct UniqueKey {
    /// What messages call it: `the primary key`, or the name of the constraint or index.
    pub name: &'static str,
    /// The copied columns whose values it keeps unique over all rows, in its order; `None` where
    /// it does not compare plain columns of all rows as their types do.
    pub columns: Option<Vec<&'static Column>>,
}

impl Table {
    /// What PostgreSQL keeps unique here: the primary key, then constraints, then indexes.
    pub fn unique_keys(&self) -> Vec<UniqueKey> {
        let copied = |names: &[&str]| {
            let column = |name: &&str| self.copied_columns().find(|column| column.name == *name);
            names.iter().map(column).collect::<Option<Vec<_>>>()
        };
        let mut keys = Vec::new();
        if !self.primary_key.is_empty() {
            keys.push(UniqueKey { name: "the primary key", columns: copied(self.primary_key) });
        }
        for unique in self.uniques {
            keys.push(UniqueKey { name: unique.name, columns: copied(unique.columns) });
        }
        for index in self.indexes.iter().filter(|index| index.unique) {
            let parts: Vec<&str> = index.parts.iter().map(|part| part.text).collect();
            let columns = index.compares_columns_of_all_rows().then(|| copied(&parts)).flatten();
            keys.push(UniqueKey { name: index.name, columns });
        }
        keys
    }
}

impl Index {
    /// Whether it holds the values of columns, of all rows, in the order of their types. One with a
    /// definition of its own may have another operator class or collation.
    fn compares_columns_of_all_rows(&self) -> bool {
        self.predicate.is_none()
            && self.definition.is_none()
            && self.parts.iter().all(|part| !part.expression)
    }
}
