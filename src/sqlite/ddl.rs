//! What a CREATE TABLE says that no pragma tells: checks, collations, generated columns, the names
//! of constraints, and which foreign keys are deferred.

use std::collections::BTreeSet;

use super::tokens::{Token, source_text, split_at_commas, tokenize, tokens_in_parentheses};

/// What was found in a CREATE TABLE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ddl {
    /// Collations of columns: (column, collation).
    pub collations: Vec<(String, String)>,
    /// Expressions of generated columns: (column, expression).
    pub generated: Vec<(String, String)>,
    /// Checks of columns and of the table: (name, expression).
    pub checks: Vec<(Option<String>, String)>,
    /// Foreign keys in the order of the statement.
    pub foreign_keys: Vec<ForeignKeyDdl>,
    /// Names of unique constraints and their columns.
    pub uniques: Vec<(String, Vec<String>)>,
    /// The name of the primary key.
    pub key: Option<String>,
    /// Whether ids are never used again.
    pub autoincrement: bool,
    /// The words behind ON CONFLICT, each once, in capitals.
    pub conflicts: BTreeSet<String>,
    /// The words behind MATCH in foreign keys, each once, in capitals.
    pub matches: BTreeSet<String>,
}

/// What the pragma does not say about a foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignKeyDdl {
    /// Its name.
    pub name: Option<String>,
    /// Whether it is checked at the end of a transaction.
    pub deferred: bool,
}

/// Reads a CREATE TABLE as `sqlite_schema` has it.
pub fn parse_create_table(sql: &str) -> Ddl {
    let mut ddl = Ddl::default();
    let all = tokenize(sql);
    let open = all.iter().position(|token| token.is_mark("("));
    let body = open.and_then(|open| tokens_in_parentheses(all.get(open..)?));
    for element in body.map(|(body, _)| split_at_commas(body)).unwrap_or_default() {
        read_element(sql, element, &mut ddl);
    }
    ddl
}

/// One column, or one constraint of the table; the comma between constraints may be missing.
fn read_element(sql: &str, element: &[Token<'_>], ddl: &mut Ddl) {
    let Some(first) = element.first() else { return };
    let constraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
    let column = match constraint.iter().any(|word| first.is_keyword(word)) {
        true => None,
        false => first.as_name(),
    };
    let mut place = usize::from(column.is_some());
    let mut name = None;
    while let Some(rest) = element.get(place..).filter(|rest| !rest.is_empty()) {
        place += read_clause(sql, rest, column.as_deref(), &mut name, ddl);
    }
}

/// `ON CONFLICT REPLACE` and `MATCH FULL`.
fn note_conflict_or_match_clause(
    first: &Token<'_>,
    after: &[Token<'_>],
    ddl: &mut Ddl,
) -> Option<usize> {
    let (found, at) = match after.first() {
        Some(next) if first.is_keyword("ON") && next.is_keyword("CONFLICT") => {
            (&mut ddl.conflicts, 1)
        }
        Some(_) if first.is_keyword("MATCH") => (&mut ddl.matches, 0),
        _ => return None,
    };
    found.insert(after.get(at)?.as_name()?.to_ascii_uppercase());
    Some(at + 2)
}

/// Reads what some tokens begin with; how many of them that was.
fn read_clause(
    sql: &str,
    rest: &[Token<'_>],
    column: Option<&str>,
    name: &mut Option<String>,
    ddl: &mut Ddl,
) -> usize {
    let Some(first) = rest.first() else { return 1 };
    let after = rest.get(1..).unwrap_or_default();
    let inside = tokens_in_parentheses(after);
    if first.is_keyword("CONSTRAINT") {
        *name = after.first().and_then(Token::as_name);
        return 2;
    }
    if first.is_keyword("CHECK")
        && let Some((inner, length)) = inside
    {
        ddl.checks.push((name.take(), source_text(sql, inner).to_owned()));
        return length + 1;
    }
    if first.is_keyword("AS")
        && let (Some(column), Some((inner, length))) = (column, inside)
    {
        ddl.generated.push((column.to_owned(), source_text(sql, inner).to_owned()));
        return length + 1;
    }
    if first.is_keyword("COLLATE")
        && let (Some(column), Some(collation)) = (column, after.first().and_then(Token::as_name))
    {
        ddl.collations.push((column.to_owned(), collation));
        return 2;
    }
    if let Some(length) = note_conflict_or_match_clause(first, after, ddl) {
        return length;
    }
    if first.is_keyword("UNIQUE") {
        let columns = match (column, inside) {
            (Some(column), _) => vec![column.to_owned()],
            (None, Some((inner, _))) => split_at_commas(inner)
                .iter()
                .filter_map(|part| part.first().and_then(Token::as_name))
                .collect(),
            (None, None) => Vec::new(),
        };
        ddl.uniques.extend(name.take().map(|name| (name, columns)));
    } else if first.is_keyword("REFERENCES") {
        ddl.foreign_keys.push(ForeignKeyDdl { name: name.take(), deferred: false });
        return 2;
    } else if first.is_keyword("NOT")
        && after.first().is_some_and(|next| next.is_keyword("DEFERRABLE"))
    {
        return 2;
    } else if first.is_keyword("DEFERRABLE") {
        let words: Vec<&Token<'_>> = after.iter().take(2).collect();
        if let ([initially, deferred], Some(key)) = (&*words, ddl.foreign_keys.last_mut()) {
            key.deferred = initially.is_keyword("INITIALLY") && deferred.is_keyword("DEFERRED");
        }
    } else if first.is_keyword("AUTOINCREMENT") {
        ddl.autoincrement = true;
    } else if first.is_keyword("PRIMARY") {
        ddl.key = name.take();
    }
    match tokens_in_parentheses(rest) {
        Some((_, length)) => length,
        None => 1,
    }
}

/// The predicate of a partial index, from its CREATE INDEX.
pub fn index_predicate(sql: &str) -> Option<&str> {
    let all = tokenize(sql);
    let open = all.iter().position(|token| token.is_mark("("))?;
    let (_, length) = tokens_in_parentheses(all.get(open..)?)?;
    let rest = all.get(open + length..)?;
    let after =
        rest.first().filter(|token| token.is_keyword("WHERE")).and_then(|_| rest.get(1..))?;
    Some(source_text(sql, after))
}

/// The texts of an index's parts, from its CREATE INDEX.
pub fn index_part_texts(sql: &str) -> Vec<String> {
    let all = tokenize(sql);
    let open = all.iter().position(|token| token.is_mark("("));
    let inside = open.and_then(|open| tokens_in_parentheses(all.get(open..)?));
    let parts = inside.map(|(inside, _)| split_at_commas(inside)).unwrap_or_default();
    let expression = |part: &[Token<'_>]| {
        let ordered =
            part.last().is_some_and(|last| last.is_keyword("ASC") || last.is_keyword("DESC"));
        let end = part.len() - usize::from(ordered && part.len() > 1);
        source_text(sql, part.get(..end).unwrap_or_default()).to_owned()
    };
    parts.into_iter().map(expression).collect()
}
