//! Whether the columns of existing tables take what the schema files describe, and what changes in
//! the description when they do: a column that PostgreSQL computes is left out, one that refuses
//! NULL there is required here. Pure.

use model::types::PLAIN_TYPES;
use model::{Column, Table, Type};
use postgres::types::Type as Wire;

use crate::diagnostic::{Finding, Hint, Hints, Id, Severity};
use crate::postgres::existing::catalog::{self, Actual, Relation, Survey};
use crate::schema::{Encode, Shape, Version};

/// What came of comparing.
#[derive(Debug, Default)]
pub struct Fit {
    /// What differs: errors, and notes about what is only in the target.
    pub findings: Vec<Finding>,
    /// The tables' descriptions as they fit the target.
    pub shapes: Vec<&'static Shape>,
}

impl Fit {
    /// Whether rows can go in as far as columns say it.
    pub fn columns_fit(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

/// Compares every planned table that the survey has.
pub fn compare_with_existing_tables(database: &str, version: &Version, survey: &Survey) -> Fit {
    let mut fit = Fit::default();
    for shape in version.shapes {
        let existing = survey.relations.iter().find(|known| known.name == shape.table.name);
        let Some(relation) = existing.filter(|relation| relation.is_table()) else { continue };
        let mut comparison = Comparison { database, relation, findings: &mut fit.findings };
        let columns = comparison.fit_columns(&shape.table);
        fit.shapes.push(shape_with_columns(shape, columns));
    }
    fit
}

/// The shape with other columns. Its rows are then encoded by the loop over columns, with the same
/// codecs; an unchanged one keeps its own encoder.
fn shape_with_columns(shape: &'static Shape, columns: Vec<Column>) -> &'static Shape {
    if shape.table.columns == columns {
        return shape;
    }
    let table = Table { columns: columns.leak(), ..shape.table };
    Box::leak(Box::new(Shape { table, encode: Encode::Looped }))
}

struct Comparison<'a> {
    database: &'a str,
    relation: &'a Relation,
    findings: &'a mut Vec<Finding>,
}

impl Comparison<'_> {
    fn fit_columns(&mut self, table: &Table) -> Vec<Column> {
        for column in &self.relation.columns {
            if table.column(&column.name).is_none_or(|described| described.target_only) {
                self.note_extra_column(column, table);
            }
        }
        table.columns.iter().map(|column| self.fit_column(column)).collect()
    }

    /// A column that only the target has.
    fn note_extra_column(&mut self, column: &catalog::Column, table: &Table) {
        let shown = &column.shown;
        let triggers: Vec<String> =
            self.relation.triggers.iter().map(|(name, _)| format!("{name:?}")).collect();
        let setting = format!("fire_triggers = [{}]", triggers.join(", "));
        let way = match triggers.is_empty() {
            true => Hints::default(),
            false => Hint::with_line(
                "if a trigger fills the column, name it at the top of the table's schema file:",
                setting.as_str(),
            )
            .into(),
        };
        let fires = !table.fire_triggers.is_empty();
        if column.must && !column.filled && !column.generated && !fires {
            let what = format!(
                "only in PostgreSQL, where every row must have a value ({shown} not null, without \
                 a default)"
            );
            return self.add_finding(Id::O3, Severity::Error, &column.name, what, way);
        }
        let what = match (column.generated, column.filled) {
            (true, _) => "only in PostgreSQL, which computes it".to_owned(),
            (_, true) => "only in PostgreSQL: every row gets its default".to_owned(),
            _ if fires => {
                let fired = table.fire_triggers.join(", ");
                let without = if column.must { "a trigger must fill it" } else { "else NULL" };
                format!("only in PostgreSQL: filled by triggers that fire ({fired}), {without}")
            }
            _ if !way.is_empty() => format!(
                "only in PostgreSQL: NULL in every row, unless a trigger fills it and the table's \
                 schema file has `{setting}`"
            ),
            _ => "only in PostgreSQL: NULL in every row".to_owned(),
        };
        self.add_finding(Id::O3, Severity::Note, &column.name, what, "");
    }

    /// A described column as it fits the target's.
    fn fit_column(&mut self, column: &Column) -> Column {
        if column.target_only {
            return *column;
        }
        let of_name = |known: &&catalog::Column| known.name == column.name;
        let Some(actual) = self.relation.columns.iter().find(of_name) else {
            self.note_missing_column(column);
            return *column;
        };
        self.compare_types(column, actual);
        match (column.generated, actual.generated) {
            (Some(_), false) => {
                let what =
                    "a computed column in the schema files, an ordinary column in PostgreSQL";
                let hint = "remove `generated` from the column's line, so that its values are \
                            copied";
                self.add_finding(Id::O11, Severity::Error, column.name, what.to_owned(), hint);
                *column
            }
            // The expression is PostgreSQL's own and is not needed.
            (None, true) => {
                Column { generated: Some(""), null: column.null || !actual.must, ..*column }
            }
            _ => Column {
                // The application's own table decides whether NULL is allowed.
                null: !actual.must,
                type_sql: existing_type_sql(column, actual),
                ..*column
            },
        }
    }

    fn note_missing_column(&mut self, column: &Column) {
        let similar = |known: &&catalog::Column| known.name.eq_ignore_ascii_case(column.name);
        let what = match self.relation.columns.iter().find(similar) {
            Some(other) => {
                format!("not in PostgreSQL; a column with a similar name is {}", other.name)
            }
            None => "not in PostgreSQL".to_owned(),
        };
        self.add_finding(Id::O2, Severity::Error, column.name, what, "");
    }

    fn compare_types(&mut self, column: &Column, actual: &catalog::Column) {
        if let Type::Enum(declared) = element_type(column.ty)
            && declared.name == actual.ty.name
            && matches!(column.ty, Type::Array(_)) == actual.ty.array
        {
            let unknown: Vec<&str> = declared
                .labels
                .iter()
                .copied()
                .filter(|label| !actual.ty.labels.iter().any(|known| known == label))
                .collect();
            if !unknown.is_empty() {
                let labels = unknown.join(", ");
                let what = format!("PostgreSQL's type {} lacks labels: {labels}", declared.name);
                let hint = "compare the labels with those of the schema's database.toml";
                self.add_finding(Id::J8, Severity::Error, column.name, what, hint);
            }
        } else if !takes_binary_form(column.ty, &actual.ty) {
            let what = format!("{} in the schema files, {} in PostgreSQL", column.ty, actual.shown);
            self.add_finding(Id::S14, Severity::Error, column.name, what, "");
        } else if cuts_time_digits(column.ty, &actual.ty) {
            let what =
                format!("{} in PostgreSQL, which rounds values to that precision", actual.shown);
            let hint =
                "nothing to do: values with more digits are refused before anything is written";
            self.add_finding(Id::D11, Severity::Note, column.name, what, hint);
        }
    }

    fn add_finding(
        &mut self,
        id: Id,
        severity: Severity,
        column: &str,
        what: String,
        hints: impl Into<Hints>,
    ) {
        let mut finding = Finding::without_rows(id, severity, what);
        self.database.clone_into(&mut finding.database);
        finding.table.clone_from(&self.relation.name);
        finding.set_columns([column]);
        finding.hints = hints.into();
        self.findings.push(finding);
    }
}

/// The type of an array's elements; any other type itself.
fn element_type(ty: Type) -> Type {
    match ty {
        Type::Array(element) => *element,
        plain => plain,
    }
}

/// Whether a column of the actual type takes the binary form of the described one, and keeps every
/// value as it is.
fn takes_binary_form(described: Type, actual: &Actual) -> bool {
    if described.is_read_by_server() {
        return !has_codec(actual);
    }
    if matches!(described, Type::Array(_)) != actual.array {
        return false;
    }
    let is = |wire: &Wire| actual.oid == wire.oid();
    match element_type(described) {
        Type::Citext => actual.name == "citext" && actual.extension == "citext",
        // Text without a length is text, whatever it is called.
        Type::Text => is(&Wire::TEXT) || (is(&Wire::VARCHAR) && actual.modifier < 0),
        Type::Varchar(length) => is(&Wire::VARCHAR) && has_length(actual, length),
        Type::Char(length) => is(&Wire::BPCHAR) && has_length(actual, length),
        Type::Numeric(None) => is(&Wire::NUMERIC) && actual.modifier < 0,
        Type::Numeric(Some((precision, scale))) => {
            let modifier = ((i32::from(precision) << 16) | i32::from(scale)) + 4;
            is(&Wire::NUMERIC) && actual.modifier == modifier
        }
        Type::Enum(_) | Type::Array(_) | Type::ReadByServer(_) => false,
        plain => plain.catalog_type().is_some_and(|known| known.oid == actual.oid),
    }
}

/// Whether a type is one whose values this program makes itself.
fn has_codec(actual: &Actual) -> bool {
    let mut known = PLAIN_TYPES.iter().filter_map(|(_, ty)| ty.catalog_type());
    known.any(|known| known.oid == actual.oid)
        || [&Wire::VARCHAR, &Wire::BPCHAR].iter().any(|wire| wire.oid() == actual.oid)
        || (actual.name == "citext" && actual.extension == "citext")
        || !actual.labels.is_empty()
}

/// A length stands in the modifier with four bytes for a header.
fn has_length(actual: &Actual, length: u32) -> bool {
    i64::from(actual.modifier) == i64::from(length) + 4
}

/// How PostgreSQL names the type; what the server reads is of the very type of the column.
fn existing_type_sql(column: &Column, actual: &catalog::Column) -> Option<&'static str> {
    let shown = || &*actual.shown.clone().leak();
    match column.ty.is_read_by_server() && column.ty.to_string() != actual.shown {
        true => Some(shown()),
        false => type_with_fewer_digits(column, &actual.ty).or(column.type_sql),
    }
}

/// The type with the digits that the actual one keeps, where that is said and they are fewer.
fn type_with_fewer_digits(column: &Column, actual: &Actual) -> Option<&'static str> {
    let digits = actual.modifier & 0xffff;
    let fewer =
        cuts_time_digits(column.ty, actual) && digits < 6 && !matches!(column.ty, Type::Array(_));
    let same = |type_sql: &str| type_sql.contains(&format!("({digits})"));
    if !fewer || column.type_sql.is_some_and(same) {
        return None;
    }
    Some(format!("{}({digits})", column.ty).leak())
}

/// Whether a time's digits behind the second are fewer than the description's.
fn cuts_time_digits(described: Type, actual: &Actual) -> bool {
    let timed = matches!(
        element_type(described),
        Type::Time | Type::Timestamp | Type::Timestamptz | Type::Interval
    );
    // Six is all there is; an interval's fields stand in the upper half.
    timed && actual.modifier >= 0 && actual.modifier & 0xffff != 6
}
