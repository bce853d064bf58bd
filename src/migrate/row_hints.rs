//! What the hints of findings about rows offer: repairs that were tried, and what schema files or
//! PostgreSQL's tables could say instead.

use model::Column;

use crate::check;
use crate::diagnostic::{
    Finding, Hint, Hints, Id, Offer, OfferedShare, RepairKind, Result, Severity, catalog,
};
use crate::keys::relation::Relation;
use crate::keys::spellings;
use crate::plan::Copy;
use crate::postgres::quote_if_needed;
use crate::repair;
use crate::stop::Stop;
use crate::text::toml_string;

/// Completes the hint of a finding of the rows' own check.
///
/// # Errors
/// SQLite's, or a stop.
pub fn complete_hint(
    finding: &mut Finding,
    task: &check::rows::Task<'_>,
    stop: &Stop,
) -> Result<()> {
    finding.repairs = offered_repairs(finding, task.copy);
    name_null_constraint(finding, task.copy);
    name_source_key(finding, task);
    try_offers(finding, task, stop)?;
    name_fitting_encodings(finding, task)
}

/// Offers what can repair a finding about rows that the codecs take.
pub fn offer_repairs_of_rows(finding: &mut Finding, copy: &Copy) {
    finding.repairs = offered_repairs(finding, copy);
    let helps = repairs_of_server_help(finding, copy);
    finding.repairs.retain(|offer| helps(offer.kind));
}

/// The flags that can repair a finding. Nothing that changes the table is offered for one that the
/// application has made.
pub fn offered_repairs(finding: &Finding, copy: &Copy) -> Vec<Offer> {
    let mut offers = repair::offer::offer_repairs(finding, copy.table());
    offers.retain(|offer| !(copy.is_of_application && offer.kind.changes_table()));
    offers
}

/// Where the application has made the table, no schema file decides whether NULL is allowed.
fn name_null_constraint(finding: &mut Finding, copy: &Copy) {
    let ([column], true) = (finding.columns.as_slice(), copy.is_of_application) else { return };
    if finding.id == Id::K14 {
        // Its domain may be what refuses NULL.
        let type_sql = copy.table().column(column).and_then(|column| column.type_sql);
        let domain = type_sql.filter(|type_sql| !check::columns::is_plain_spelling(type_sql));
        let domain = domain.map(|domain| format!("ALTER DOMAIN {domain} DROP NOT NULL;"));
        let table = model::sql::qualified_name(&copy.schema, &finding.table);
        let column = quote_if_needed(column);
        let allow = format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;");
        finding.hints = Hints::from("give the row a value").and(Hint::with_lines(
            "allow NULL in PostgreSQL, if the application can handle it:",
            [allow].into_iter().chain(domain).collect(),
        ));
    }
}

/// Where a schema file makes the key that NULL breaks and nothing refers to it, PostgreSQL's table
/// can do without, as SQLite's does.
fn name_source_key(finding: &mut Finding, task: &check::rows::Task<'_>) {
    let table = task.copy.table();
    let is_referred_to = task.copies.iter().any(|copy| {
        copy.table().foreign_keys.iter().any(|key| {
            key.table == table.name && (key.to.is_empty() || key.to == table.primary_key)
        })
    });
    if finding.id != Id::K8 || task.copy.is_of_application || is_referred_to {
        return;
    }
    let mapped = |name: &&'static str| table.column(name).map_or(*name, |column| column.source);
    let own: Vec<String> = match table.source_key {
        Some(key) => key.iter().map(|name| toml_string(name)).collect(),
        None => table.primary_key.iter().map(mapped).map(toml_string).collect(),
    };
    let nullable = |name: &String| format!("{name} = {{ …, null = true }}");
    let mut lines = vec![format!("source_key = [{}]", own.join(", "))];
    lines.extend(finding.columns.iter().map(nullable));
    finding.hints = catalog::hints_of(finding.id).and(Hint::with_lines(
        "if PostgreSQL needs no primary key, replace `primary_key` in the table's schema file:",
        lines,
    ));
}

/// Tries the repairs of values, and keeps those that help.
fn try_offers(finding: &mut Finding, task: &check::rows::Task<'_>, stop: &Stop) -> Result<()> {
    let [name] = finding.columns.as_slice() else { return Ok(()) };
    let Some(column) = task.copy.table().column(name) else { return Ok(()) };
    let (offers, rows) = (std::mem::take(&mut finding.repairs), task.copy.source_rows_sql());
    let reader = &task.source.reader;
    let helpful = repair::keep_helpful_offers(reader, &rows, column, finding, offers);
    finding.repairs = helpful.map_err(|error| task.source.read_error(&error))?;
    if let Some(at) = finding.repairs.iter().position(|o| o.kind == RepairKind::ParentSpelling) {
        let mut offer = finding.repairs.remove(at);
        let (repaired, all) = count_spellings(column, task, stop)?;
        offer.share = (repaired < all).then_some(OfferedShare { repaired, all });
        if repaired > 0 {
            finding.repairs.insert(at, offer);
        }
    }
    Ok(())
}

/// How many references in a column one parent has in other letters, of those that any has.
fn count_spellings(
    column: &Column,
    task: &check::rows::Task<'_>,
    stop: &Stop,
) -> Result<(u64, u64)> {
    let keys = task.copy.table().foreign_keys.iter();
    let (mut repaired, mut all) = (0, 0);
    for key in keys.filter(|key| key.columns == [column.name]) {
        let relation = Relation::of_foreign_key(task.copy, key, task.copies);
        if let Some(relation) = relation {
            let found = spellings::count_spellings(&relation, task.source.reading(), stop)?;
            (repaired, all) = (repaired + found.0, all + found.1);
        }
    }
    Ok((repaired, all))
}

/// Says which other encodings take all values of a column that has a value which is refused.
fn name_fitting_encodings(finding: &mut Finding, task: &check::rows::Task<'_>) -> Result<()> {
    let [name] = finding.columns.as_slice() else { return Ok(()) };
    let table = task.copy.table();
    let Some(column) = table.column(name) else { return Ok(()) };
    let is_of_codec = finding.severity == Severity::Error && !finding.expected.is_empty();
    if !is_of_codec || column.ty.encodings().len() < 2 || !finding.hints.is_empty() {
        return Ok(());
    }
    let own = task.source.structure.table(table.source);
    let there = own.and_then(|own| own.columns.iter().find(|there| there.name == column.source));
    let declared = there.map(|there| there.declared.as_str()).unwrap_or_default();
    let (reader, rows) = (&task.source.reader, task.copy.source_rows_sql());
    let settings = check::encodings::list_fitting_settings(reader, &rows, column, declared)
        .map_err(|error| task.source.read_error(&error))?;
    if !settings.is_empty() {
        let line = |setting: String| format!("{name} = {{ …, {setting} }}");
        let lines: Vec<String> = settings.into_iter().map(line).collect();
        finding.hints = catalog::hints_of(finding.id).and(Hint::with_lines(
            "change the column's line in the schema file, so that it accepts all values:",
            lines,
        ));
    }
    Ok(())
}

/// Whether SQLite has a say in what is found: where it has none, every row would go.
fn names_copied_column(finding: &Finding, copy: &Copy) -> bool {
    let is_copied = |name: &String| copy.table().copied_columns().any(|c| c.name == *name);
    !finding.examples.is_empty() && finding.columns.iter().any(is_copied)
}

/// Which kinds of repairs help with a finding about rows that the codecs take.
fn repairs_of_server_help(finding: &Finding, copy: &Copy) -> impl Fn(RepairKind) -> bool + use<> {
    let names_copied = names_copied_column(finding, copy);
    let (id, is_single) = (finding.id, finding.columns.len() == 1);
    move |kind| match (id, kind) {
        // The server says which rows break its rule.
        (Id::K13 | Id::K14, RepairKind::Quarantine) => names_copied,
        (Id::K14, _) => names_copied && is_single,
        (Id::K16, _) => names_copied,
        // PostgreSQL's own defaults are at fault.
        (Id::K1, _) => false,
        (_, kind) => kind != RepairKind::Quarantine,
    }
}
