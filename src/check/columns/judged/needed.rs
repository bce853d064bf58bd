//! The columns that some expressions need, and the rows with them as SQL: those that travel, and
//! those that only the server has. A query sees them under the table's own name.

use std::collections::BTreeSet;

use model::{Column, Enum, Type, sql};

use super::catalog::{ServerColumn, ServerTable};
use crate::check::columns::CheckedTable;
use crate::check::columns::rules::array_type;

/// The column with a row's place in the order of reading, from 1.
pub const PLACE: &str = "\"migrate place\"";
/// The temporary table with the rows.
pub const STAGED: &str = "pg_temp.\"migrate rows\"";

/// The columns that some expressions need.
pub struct Needed<'t> {
    table: &'t str,
    /// Those that travel.
    pub copied: Vec<(&'static Column, &'t ServerColumn)>,
    /// Those that only the server has: their defaults.
    pub own: Vec<&'t ServerColumn>,
    /// Those that the server computes.
    pub generated: Vec<&'t ServerColumn>,
    /// Whether types of labels are not there yet.
    lacks_enums: bool,
    /// Those that must be made.
    pub enums: Vec<Enum>,
}

impl<'t> Needed<'t> {
    /// The columns of a table that these texts name.
    pub fn find(checked: CheckedTable<'_>, table: &'t ServerTable, texts: &[&str]) -> Needed<'t> {
        let mut names: BTreeSet<String> = texts.iter().flat_map(|text| names_in(text)).collect();
        // The table's name stands for a whole row.
        if names.contains(checked.copy.table().name) {
            names.extend(table.columns.iter().map(|column| column.name.clone()));
        }
        for column in &table.columns {
            if let (Some(generated), true) = (&column.generated, names.contains(&column.name)) {
                names.extend(names_in(generated));
            }
        }
        let mut needed = Needed {
            table: checked.copy.table().name,
            copied: Vec::new(),
            own: Vec::new(),
            generated: Vec::new(),
            lacks_enums: table.lacks_enums,
            enums: Vec::new(),
        };
        for column in table.columns.iter().filter(|column| names.contains(&column.name)) {
            let copied = checked.copy.table().copied_columns().find(|c| c.name == column.name);
            match (copied, &column.generated) {
                (_, Some(_)) => needed.generated.push(column),
                (Some(copied), None) => {
                    needed.copied.push((copied, column));
                    needed.add_enum(copied.ty, table, texts);
                }
                (None, None) => needed.own.push(column),
            }
        }
        needed
    }

    /// Adds a type that is not there yet, unless its labels can be taken for text.
    fn add_enum(&mut self, ty: Type, table: &ServerTable, texts: &[&str]) {
        let Some(own) = enum_of_type(ty).filter(|_| table.lacks_enums) else { return };
        let is_text = |text: &&str| {
            // Labels have an order of their own.
            let is_operator = text.contains(['<', '>']) || text.contains("::");
            !is_operator && !names_in(text).iter().any(|name| name == own.name)
        };
        let is_known = self.enums.iter().any(|known| known.name == own.name);
        if !is_known && !texts.iter().all(is_text) {
            self.enums.push(own);
        }
    }

    /// The type in which a copied column is seen.
    pub fn type_of_copied(&self, column: &Column, known: &ServerColumn) -> String {
        let own = enum_of_type(column.ty).filter(|_| self.lacks_enums);
        match (own, column.ty) {
            (Some(own), ty) if !self.enums.iter().any(|made| made.name == own.name) => {
                if matches!(ty, Type::Array(_)) { "text[]" } else { "text" }.to_owned()
            }
            _ => known.ty.clone(),
        }
    }

    /// The type in which a copied column stands in the temporary table.
    pub fn type_of_staged_column(&self, column: &Column, known: &ServerColumn) -> String {
        match column.ty {
            Type::ReadByServer(_) => "pg_catalog.text".to_owned(),
            _ => self.type_of_copied(column, known),
        }
    }

    /// Whether the server does not read every value of one of them.
    pub fn has_refused_values(&self, table: &ServerTable) -> bool {
        self.copied.iter().any(|(column, _)| table.refused.iter().any(|name| name == column.name))
    }

    /// Whether what only the server has of them may come from triggers that fire.
    pub fn is_filled_by_triggers(&self, checked: CheckedTable<'_>) -> bool {
        !checked.copy.table().fire_triggers.is_empty() && !self.own.is_empty()
    }

    /// Whether types must be made for them.
    pub fn lacks_types(&self) -> bool {
        !self.enums.is_empty()
    }

    /// Whether all of them can travel as arrays.
    pub fn fits_in_arrays(&self) -> bool {
        self.copied.iter().all(|(column, _)| array_type(column.ty).is_some())
    }

    /// The rows with the needed columns, as SQL over what `from` has.
    fn rows_sql(&self, from: &str) -> String {
        let mut columns = vec![format!("u.{PLACE}")];
        for (number, (copied, column)) in self.copied.iter().enumerate() {
            let ty = self.type_of_copied(copied, column);
            columns.push(column_sql(column, &ty, &format!("u.c{number}")));
        }
        for column in &self.own {
            let value = match &column.default {
                _ if column.counted && is_counted_type(&column.ty) => format!("u.{PLACE}"),
                Some(default) => format!("({default}\n)"),
                None => "NULL".to_owned(),
            };
            columns.push(column_sql(column, &column.ty, &value));
        }
        let table = sql::quote(self.table);
        let rows = format!("(SELECT {} FROM {from}) AS {table}", columns.join(", "));
        if self.generated.is_empty() {
            return rows;
        }
        let computed = self.generated.iter().map(|column| {
            let expression = column.generated.as_deref().unwrap_or_default();
            column_sql(column, &column.ty, &format!("({expression}\n)"))
        });
        let computed: Vec<String> = computed.collect();
        format!("(SELECT {table}.*, {} FROM {rows}) AS {table}", computed.join(", "))
    }

    /// The rows as they come by arrays.
    pub fn rows_in_arrays_sql(&self) -> String {
        let mut arrays = vec!["$1::pg_catalog.int8[]".to_owned()];
        let mut names = vec![PLACE.to_owned()];
        for (number, (column, _)) in self.copied.iter().enumerate() {
            let word = array_type(column.ty).map_or("text", |(_, word)| word);
            arrays.push(format!("${}::{word}[]", number + 2));
            names.push(format!("c{number}"));
        }
        let (arrays, names) = (arrays.join(", "), names.join(", "));
        self.rows_sql(&format!("unnest({arrays}) AS u({names})"))
    }

    /// The rows as they stand in the temporary table.
    pub fn staged_rows_sql(&self) -> String {
        self.rows_sql(&format!("{STAGED} AS u"))
    }

    /// All needed columns, as they are declared for a table of their own.
    pub fn declared_columns(&self) -> String {
        let copied = self.copied.iter();
        let copied = copied.map(|(own, column)| (*column, self.type_of_copied(own, column)));
        let others = self.own.iter().chain(&self.generated);
        let all = copied.chain(others.map(|column| (*column, column.ty.clone())));
        let mut columns = vec![format!("{PLACE} pg_catalog.int8")];
        columns.extend(all.map(|(column, ty)| {
            let collation = column.collation.as_ref().map(|name| format!(" COLLATE {name}"));
            format!("{} {ty}{}", sql::quote(&column.name), collation.unwrap_or_default())
        }));
        columns.join(", ")
    }
}

/// The type of labels that a column's type is or has.
pub fn enum_of_type(ty: Type) -> Option<Enum> {
    match ty {
        Type::Enum(own) | Type::Array(&Type::Enum(own)) => Some(own),
        _ => None,
    }
}

/// A value under a column's name, of a type and the column's collation.
fn column_sql(column: &ServerColumn, ty: &str, value: &str) -> String {
    let collation = column.collation.as_ref().map(|name| format!(" COLLATE {name}"));
    let name = sql::quote(&column.name);
    format!("({value})::{ty}{} AS {name}", collation.unwrap_or_default())
}

/// Every name that a text could mean.
fn names_in(text: &str) -> Vec<String> {
    let tokens = model::expression::tokenize(text);
    let unquoted = |text: &str| text.trim_matches('"').replace("\"\"", "\"");
    tokens.iter().flat_map(|token| [unquoted(token.text), token.text.to_lowercase()]).collect()
}

/// Types whose values a sequence counts.
fn is_counted_type(ty: &str) -> bool {
    matches!(ty, "smallint" | "integer" | "bigint" | "numeric")
}
