//! Expressions of SQLite that mean the same in PostgreSQL: comparisons, IN, BETWEEN, null tests,
//! AND, OR, NOT, sums, and a few functions, over columns of one kind.
//!
//! Both languages agree on far less than they share in looks: LIKE folds case in SQLite, text
//! compares by collation, a number is a truth value, types mix. What is not known here to mean
//! the same is not translated, and stands in RESIDUE.md instead.

mod functions;

use model::{Type, sql};

use crate::postgres::quote_if_needed;
use crate::sqlite::tokens::{Kind, Token, split_at_commas, tokenize, tokens_in_parentheses};

/// What an expression may name.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The table in SQLite, whose name may stand before its columns.
    pub table: &'a str,
    /// The columns.
    pub columns: &'a [Known],
}

/// A column that an expression may name.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name in SQLite.
    pub source: String,
    /// Its name in PostgreSQL.
    pub name: String,
    /// Its type in PostgreSQL.
    pub ty: Type,
    /// Whether texts compare by their bytes.
    pub exact: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Truth,
    Number,
    Text,
    Json,
    Other,
}

#[derive(Clone, Debug)]
struct Value {
    text: String,
    class: Class,
    literal: bool,
}

/// A condition: a check, or the predicate of an index.
pub fn translate_condition(text: &str, scope: Scope<'_>) -> Option<String> {
    let all = tokenize(text);
    let mut parser = Parser { rest: &all, scope };
    let value = parser.parse_or()?;
    let done = parser.rest.is_empty();
    value_as_condition(value).filter(|_| done)
}

/// A value of a class that fits the type, for a generated column.
///
/// Only over columns of that same type, and of those that cannot be mixed with it: PostgreSQL would
/// round, cut or refuse where types of numbers differ, and SQLite would not.
pub fn translate_value(text: &str, scope: Scope<'_>, ty: Type) -> Option<String> {
    if !matches!(ty, Type::Int8 | Type::Float8 | Type::Text) {
        return None;
    }
    let is_usable = |known: &&Known| match known.ty {
        Type::Text => true,
        Type::Int8 => ty != Type::Float8,
        other => other == ty,
    };
    let usable: Vec<Known> = scope.columns.iter().filter(is_usable).cloned().collect();
    let found = parse_all(text, Scope { columns: &usable, ..scope })?;
    let rounds = ty == Type::Int8 && found.text.contains('.');
    (found.class == class_of_type(ty) && !rounds).then_some(found.text)
}

/// A part of an index.
pub fn translate_index_part(text: &str, scope: Scope<'_>) -> Option<String> {
    Some(parse_all(text, scope)?.text)
}

fn parse_all(text: &str, scope: Scope<'_>) -> Option<Value> {
    let all = tokenize(text);
    let mut parser = Parser { rest: &all, scope };
    let value = parser.parse_or()?;
    parser.rest.is_empty().then_some(value)
}

fn class_of_type(ty: Type) -> Class {
    match ty {
        Type::Bool => Class::Truth,
        Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Numeric(_) => {
            Class::Number
        }
        Type::Text | Type::Varchar(_) => Class::Text,
        Type::Json | Type::Jsonb => Class::Json,
        _ => Class::Other,
    }
}

/// As a condition: SQLite takes every number but 0 for true.
fn value_as_condition(value: Value) -> Option<String> {
    match value.class {
        Class::Truth => Some(value.text),
        Class::Number => Some(format!("({} <> 0)", value.text)),
        _ => None,
    }
}

fn condition_value(text: String) -> Value {
    Value { text, class: Class::Truth, literal: false }
}

struct Parser<'t, 'a> {
    rest: &'t [Token<'a>],
    scope: Scope<'t>,
}

impl Parser<'_, '_> {
    fn next_is(&mut self, word: &str) -> bool {
        let found =
            self.rest.first().is_some_and(|token| token.is_keyword(word) || token.is_mark(word));
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    fn parse_or(&mut self) -> Option<Value> {
        self.parse_joined("OR", |parser| parser.parse_joined("AND", Parser::parse_not))
    }

    fn parse_joined(
        &mut self,
        word: &str,
        mut part: impl FnMut(&mut Self) -> Option<Value>,
    ) -> Option<Value> {
        let mut value = part(self)?;
        while self.next_is(word) {
            let right = value_as_condition(part(self)?)?;
            value = condition_value(format!("{} {word} {right}", value_as_condition(value)?));
        }
        Some(value)
    }

    fn parse_not(&mut self) -> Option<Value> {
        if self.next_is("NOT") {
            let inner = value_as_condition(self.parse_not()?)?;
            return Some(condition_value(format!("NOT {inner}")));
        }
        self.parse_comparison()
    }

    fn parse_comparison(&mut self) -> Option<Value> {
        let left = self.parse_sum()?;
        if self.next_is("ISNULL") {
            return Some(condition_value(format!("{} IS NULL", left.text)));
        }
        if self.next_is("NOTNULL") {
            return Some(condition_value(format!("{} IS NOT NULL", left.text)));
        }
        if self.next_is("IS") {
            let not = if self.next_is("NOT") { " NOT" } else { "" };
            let word = ["NULL", "TRUE", "FALSE"].into_iter().find(|word| self.next_is(word))?;
            let text = if word == "NULL" { left.text } else { value_as_condition(left)? };
            return Some(condition_value(format!("{text} IS{not} {word}")));
        }
        let not = if self.next_is("NOT") {
            if self.next_is("NULL") {
                return Some(condition_value(format!("{} IS NOT NULL", left.text)));
            }
            "NOT "
        } else {
            ""
        };
        if self.next_is("IN") {
            return self.parse_in_list(&left, not);
        }
        if self.next_is("BETWEEN") {
            let low = self.parse_sum()?;
            let high = self.next_is("AND").then(|| self.parse_sum())??;
            let numbers = [&left, &low, &high].iter().all(|value| value.class == Class::Number);
            let text = format!("{} {not}BETWEEN {} AND {}", left.text, low.text, high.text);
            return numbers.then(|| condition_value(text));
        }
        if !not.is_empty() {
            return None;
        }
        for (operator, written) in [
            ("=", "="),
            ("==", "="),
            ("<>", "<>"),
            ("!=", "<>"),
            ("<=", "<="),
            (">=", ">="),
            ("<", "<"),
            (">", ">"),
        ] {
            if self.next_is(operator) {
                let right = self.parse_sum()?;
                return comparison_value(left, written, right);
            }
        }
        Some(left)
    }

    fn parse_in_list(&mut self, left: &Value, not: &str) -> Option<Value> {
        let (inside, length) = tokens_in_parentheses(self.rest)?;
        self.rest = self.rest.get(length..)?;
        let mut values = Vec::new();
        for element in split_at_commas(inside) {
            let mut parser = Parser { rest: element, scope: self.scope };
            let value = parser.parse_sum()?;
            if !parser.rest.is_empty() {
                return None;
            }
            let (_, value) = bring_to_one_class(left.clone(), value)?;
            values.push(value.text);
        }
        let empty = values.is_empty();
        let text = format!("{} {not}IN ({})", left.text, values.join(", "));
        (!empty).then(|| condition_value(text))
    }

    fn parse_sum(&mut self) -> Option<Value> {
        self.parse_operators(&["+", "-"], Class::Number, |parser| {
            parser.parse_operators(&["*"], Class::Number, |parser| {
                parser.parse_operators(&["||"], Class::Text, Parser::parse_primary)
            })
        })
    }

    fn parse_operators(
        &mut self,
        operators: &[&str],
        class: Class,
        mut part: impl FnMut(&mut Self) -> Option<Value>,
    ) -> Option<Value> {
        let mut left = part(self)?;
        while let Some(operator) = operators.iter().find(|operator| self.next_is(operator)) {
            let right = part(self)?;
            if left.class != class || right.class != class {
                return None;
            }
            let text = format!("{} {operator} {}", left.text, right.text);
            left = Value { text, class, literal: false };
        }
        Some(left)
    }

    fn parse_primary(&mut self) -> Option<Value> {
        if let Some((inside, length)) = tokens_in_parentheses(self.rest) {
            self.rest = self.rest.get(length..)?;
            let mut parser = Parser { rest: inside, scope: self.scope };
            let value = parser.parse_or()?;
            let text = format!("({})", value.text);
            return parser.rest.is_empty().then_some(Value { text, ..value });
        }
        if self.next_is("-") {
            let value = self.parse_primary()?;
            let text = format!("-{}", value.text);
            let number = value.class == Class::Number && !value.text.starts_with('-');
            return number.then_some(Value { text, ..value });
        }
        if self.next_is("CASE") {
            return self.parse_case();
        }
        self.skip_own_table();
        let token = *self.rest.first()?;
        self.rest = self.rest.get(1..)?;
        match token.kind {
            Kind::Text => Some(Value {
                text: sql::text_literal(&token.unquoted_content()),
                class: Class::Text,
                literal: true,
            }),
            Kind::Number => number_value(token.raw),
            Kind::Word if tokens_in_parentheses(self.rest).is_some() => {
                self.parse_function(token.raw)
            }
            Kind::Word | Kind::Name | Kind::Doubtful => self.column_value(&token),
            Kind::Blob | Kind::Mark => None,
        }
    }

    /// The name of the expression's own table, which may stand before a column.
    fn skip_own_table(&mut self) {
        if let [table, dot, rest @ ..] = self.rest
            && dot.is_mark(".")
            && table.as_name().is_some_and(|name| name.eq_ignore_ascii_case(self.scope.table))
        {
            self.rest = rest;
        }
    }

    fn column_value(&self, token: &Token<'_>) -> Option<Value> {
        let name = token.as_name()?;
        let column =
            self.scope.columns.iter().find(|known| known.source.eq_ignore_ascii_case(&name));
        let Some(column) = column else {
            let truth = token.is_keyword("TRUE") || token.is_keyword("FALSE");
            let text = name.to_ascii_lowercase();
            return truth.then_some(Value { text, class: Class::Truth, literal: true });
        };
        let class = match class_of_type(column.ty) {
            Class::Text if !column.exact => Class::Other,
            class => class,
        };
        Some(Value { text: quote_if_needed(&column.name), class, literal: false })
    }
}

fn number_value(raw: &str) -> Option<Value> {
    let plain = raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| Value { text: raw.to_owned(), class: Class::Number, literal: true })
}

/// Both sides of a comparison in one class: a literal follows the column it is compared with.
fn bring_to_one_class(left: Value, right: Value) -> Option<(Value, Value)> {
    let turned = |value: &Value, class: Class| -> Option<Value> {
        let text = match (&*value.text, class) {
            ("0", Class::Truth) => "false",
            ("1", Class::Truth) => "true",
            ("false", Class::Number) => "0",
            ("true", Class::Number) => "1",
            _ => return None,
        };
        Some(Value { text: text.to_owned(), class, literal: true })
    };
    let is_plain = |class| !matches!(class, Class::Other | Class::Json);
    if !is_plain(left.class) || !is_plain(right.class) {
        return None;
    }
    if left.class == right.class {
        return Some((left, right));
    }
    if right.literal {
        let right = turned(&right, left.class)?;
        return Some((left, right));
    }
    if left.literal {
        let left = turned(&left, right.class)?;
        return Some((left, right));
    }
    None
}

fn comparison_value(left: Value, operator: &str, right: Value) -> Option<Value> {
    let (left, right) = bring_to_one_class(left, right)?;
    // The order of texts is the collation's, which differs.
    let ordered = !matches!(operator, "=" | "<>");
    if ordered && left.class != Class::Number {
        return None;
    }
    Some(condition_value(format!("{} {operator} {}", left.text, right.text)))
}
