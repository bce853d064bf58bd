//! Tables that are of a kind into which nothing is loaded, and the statements that change that.
//!
//! A logged table cannot refer to an unlogged one: so parents become logged first, and keys that
//! lead in a circle are taken away meanwhile.

use crate::diagnostic::{Finding, Hint, Hints, Id, Severity};
use crate::postgres::existing::catalog::{ForeignKey, Relation, Survey};
use crate::postgres::quote_if_needed;
use crate::text::count_with_noun;

/// What each planned table is that keeps a load out of it; the findings are of no database yet.
pub fn find_unfit_tables(survey: &Survey) -> Vec<Finding> {
    let mut findings: Vec<Finding> = unlogged_finding(survey).into_iter().collect();
    findings.extend(survey.relations.iter().filter_map(kind_finding));
    findings
}

fn table_finding(table: &str, what: &str) -> Finding {
    let mut finding = Finding::without_rows(Id::O19, Severity::Error, what);
    table.clone_into(&mut finding.table);
    finding
}

fn kind_finding(relation: &Relation) -> Option<Finding> {
    let what = match relation.kind.as_str() {
        "r" if relation.family && relation.inheritance.is_empty() => {
            "it is a partition of another table"
        }
        "r" if relation.family => {
            "it inherits from another table, or another table inherits from it"
        }
        "r" if relation.persistence == "t" => "it is a temporary table",
        "r" => return None,
        "p" => relation.trouble.as_deref()?,
        "v" => "it is a view",
        "m" => "it is a materialized view",
        _ => "it is a foreign table",
    };
    let mut finding = table_finding(&relation.name, what);
    if !relation.inheritance.is_empty() {
        let statements = |word: &str| {
            let line = |(child, parent): &(String, String)| {
                format!("ALTER TABLE {child} {word} {parent};")
            };
            relation.inheritance.iter().map(line).collect()
        };
        finding.hints = Hints::from([
            Hint::with_lines("end the inheritance before the run:", statements("NO INHERIT")),
            Hint::with_lines("restore the inheritance after the run:", statements("INHERIT")),
        ]);
    }
    Some(finding)
}

fn unlogged_finding(survey: &Survey) -> Option<Finding> {
    let names: Vec<&str> =
        find_unlogged_tables(survey).iter().map(|relation| relation.name.as_str()).collect();
    let statements = logging_statements(survey);
    match *names {
        [] => None,
        [name] => {
            let what = "the table is unlogged: it is empty after a crash of the server";
            let mut finding = table_finding(name, what);
            finding.hints = Hint::with_lines("make the table logged:", statements).into();
            Some(finding)
        }
        _ => {
            let tables = count_with_noun(names.len() as u64, "table");
            let what = format!("{tables} are unlogged, and empty after a crash of the server:");
            let mut finding = table_finding("", &what);
            finding.details = names.iter().map(|name| typed_name(survey, name)).collect();
            let hint = Hint::with_lines("make them logged, in this order:", statements);
            finding.hints = hint.into();
            Some(finding)
        }
    }
}

fn typed_name(survey: &Survey, name: &str) -> String {
    let (schema, name) = survey.place_of(name);
    format!("{}.{}", quote_if_needed(&schema), quote_if_needed(&name))
}

/// The planned tables that are unlogged and could be loaded otherwise.
fn find_unlogged_tables(survey: &Survey) -> Vec<&Relation> {
    let is_unlogged = |relation: &&Relation| {
        relation.kind == "r" && relation.persistence == "u" && !relation.family
    };
    survey.relations.iter().filter(is_unlogged).collect()
}

/// The statements for all of them.
fn logging_statements(survey: &Survey) -> Vec<String> {
    let mut left: Vec<&str> =
        find_unlogged_tables(survey).iter().map(|relation| relation.name.as_str()).collect();
    let typed = |name: &str| typed_name(survey, name);
    let mut keys: Vec<&ForeignKey> =
        survey.keys.iter().filter(|key| is_between(survey, key)).collect();
    let (mut statements, mut again) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let waits = |name: &str| {
            keys.iter().any(|key| key.child.1 == name && left.contains(&key.parent.1.as_str()))
        };
        let ready = left.iter().position(|name| !waits(name));
        // Where all wait for one another, the first does without its keys.
        let Some(name) = left.get(ready.unwrap_or(0)).copied() else { break };
        let is_in_the_way =
            |key: &&ForeignKey| key.child.1 == name && left.contains(&key.parent.1.as_str());
        for key in keys.iter().copied().filter(is_in_the_way) {
            let constraint = quote_if_needed(&key.name);
            statements.push(format!("ALTER TABLE {} DROP CONSTRAINT {constraint};", typed(name)));
            let valid = if key.validated { "" } else { " NOT VALID" };
            again.push(format!(
                "ALTER TABLE {} ADD CONSTRAINT {constraint} {}{valid};",
                typed(name),
                key.definition
            ));
        }
        statements.push(format!("ALTER TABLE {} SET LOGGED;", typed(name)));
        keys.retain(|key| key.child.1 != name);
        left.retain(|other| *other != name);
    }
    statements.append(&mut again);
    statements
}

/// Whether a key leads from one planned table to another.
fn is_between(survey: &Survey, key: &ForeignKey) -> bool {
    let is_own = |place| survey.relation(place).is_some();
    is_own(&key.child) && is_own(&key.parent) && key.child != key.parent
}
