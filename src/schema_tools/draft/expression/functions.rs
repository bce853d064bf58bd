//! Functions of SQLite, and CASE, that PostgreSQL computes in the same way.

use super::{Class, Parser, Value, bring_to_one_class, condition_value, value_as_condition};
use crate::sqlite::tokens::{Token, split_at_commas, tokens_in_parentheses};

impl Parser<'_, '_> {
    pub(super) fn parse_function(&mut self, name: &str) -> Option<Value> {
        let name = name.to_ascii_lowercase();
        let (inside, length) = tokens_in_parentheses(self.rest)?;
        self.rest = self.rest.get(length..)?;
        match &*name {
            "coalesce" | "ifnull" => return self.parse_coalesce(inside),
            "iif" | "if" => return self.parse_iif(inside),
            _ => {}
        }
        let values: Option<Vec<Value>> =
            split_at_commas(inside).into_iter().map(|part| self.parse_part(part)).collect();
        translate_call(&name, &values?)
    }

    /// All of an argument.
    fn parse_part(&self, tokens: &[Token<'_>]) -> Option<Value> {
        let mut parser = Parser { rest: tokens, scope: self.scope };
        let value = parser.parse_or()?;
        parser.rest.is_empty().then_some(value)
    }

    /// The first value that is not NULL, of several of one class.
    fn parse_coalesce(&self, inside: &[Token<'_>]) -> Option<Value> {
        let mut values: Vec<Value> = Vec::new();
        for element in split_at_commas(inside) {
            let mut parser = Parser { rest: element, scope: self.scope };
            let value = parser.parse_sum().filter(|_| parser.rest.is_empty())?;
            values.push(match values.first() {
                Some(first) => {
                    let (again, value) = bring_to_one_class(first.clone(), value)?;
                    Some(value).filter(|_| again.text == first.text)?
                }
                None => value,
            });
        }
        let class = values
            .first()
            .filter(|first| !matches!(first.class, Class::Other | Class::Json))?
            .class;
        let texts: Vec<String> = values.into_iter().map(|value| value.text).collect();
        let text = format!("coalesce({})", texts.join(", "));
        Some(Value { text, class, literal: false })
    }

    fn parse_iif(&self, inside: &[Token<'_>]) -> Option<Value> {
        let parts = split_at_commas(inside);
        let [condition, then, otherwise] = parts[..] else { return None };
        let condition = value_as_condition(self.parse_part(condition)?)?;
        let arms = vec![(condition, self.parse_part(then)?)];
        case_value(arms, Some(self.parse_part(otherwise)?))
    }

    /// `CASE WHEN condition THEN value … ELSE value END`, after CASE.
    pub(super) fn parse_case(&mut self) -> Option<Value> {
        let mut arms = Vec::new();
        while self.next_is("WHEN") {
            let condition = value_as_condition(self.parse_or()?)?;
            let value = self.next_is("THEN").then(|| self.parse_or())??;
            arms.push((condition, value));
        }
        let otherwise = match self.next_is("ELSE") {
            true => Some(self.parse_or()?),
            false => None,
        };
        let is_ended = self.next_is("END");
        case_value(arms, otherwise).filter(|_| is_ended)
    }
}

/// The value of the first condition that holds, all values in one class.
fn case_value(arms: Vec<(String, Value)>, otherwise: Option<Value>) -> Option<Value> {
    let first = arms.first()?.1.clone();
    let in_its_class = |value: Value| {
        let (again, value) = bring_to_one_class(first.clone(), value)?;
        (again.text == first.text).then_some(value.text)
    };
    let mut text = "CASE".to_owned();
    for (condition, value) in arms {
        text += &format!(" WHEN {condition} THEN {}", in_its_class(value)?);
    }
    if let Some(value) = otherwise {
        text += &format!(" ELSE {}", in_its_class(value)?);
    }
    Some(Value { text: format!("{text} END"), class: first.class, literal: false })
}

fn translate_call(name: &str, values: &[Value]) -> Option<Value> {
    let all_are = |class: Class| values.iter().all(|value| value.class == class);
    let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
    let call = |name: &str, class: Class| {
        Some(Value { text: format!("{name}({})", texts.join(", ")), class, literal: false })
    };
    match (name, &texts[..]) {
        ("length", [_]) if all_are(Class::Text) => call("length", Class::Number),
        // SQLite folds ASCII alone, and so does the C collation.
        ("lower" | "upper", [text]) if all_are(Class::Text) => {
            let text = format!("{name}({text} COLLATE \"C\")");
            Some(Value { text, class: Class::Text, literal: false })
        }
        // Blanks alone, or all characters of the second text.
        ("trim", [_] | [_, _]) if all_are(Class::Text) => call("btrim", Class::Text),
        ("ltrim" | "rtrim", [_] | [_, _]) if all_are(Class::Text) => call(name, Class::Text),
        // Of an empty text SQLite makes nothing, and does not look at what would replace it.
        ("replace", [_, part, _]) if all_are(Class::Text) => {
            let is_known = values.get(1).is_some_and(|value| value.literal) && *part != "''";
            is_known.then(|| call("replace", Class::Text)).flatten()
        }
        ("instr", [_, _]) if all_are(Class::Text) => call("strpos", Class::Number),
        ("abs", [_]) if all_are(Class::Number) => call("abs", Class::Number),
        ("min" | "max", [_, _, ..]) if all_are(Class::Number) => find_extreme(name, values),
        // PostgreSQL's type holds nothing else.
        ("json_valid", [text]) if all_are(Class::Json) => {
            Some(condition_value(format!("({text} IS NOT NULL OR NULL)")))
        }
        ("nullif", _) => match values {
            [left, right] => {
                let (left, right) = bring_to_one_class(left.clone(), right.clone())?;
                let text = format!("nullif({}, {})", left.text, right.text);
                Some(Value { text, class: left.class, literal: false })
            }
            _ => None,
        },
        _ => None,
    }
}

/// The least or the greatest of several numbers; NULL where one of them is, which PostgreSQL's own
/// functions pass over.
fn find_extreme(name: &str, values: &[Value]) -> Option<Value> {
    let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
    let nulls: Vec<String> = values
        .iter()
        .filter(|value| !value.literal)
        .map(|value| format!("{} IS NULL", value.text))
        .collect();
    let found = match name {
        "min" => format!("least({})", texts.join(", ")),
        _ => format!("greatest({})", texts.join(", ")),
    };
    let text = match nulls.is_empty() {
        true => found,
        false => format!("CASE WHEN {} THEN NULL ELSE {found} END", nulls.join(" OR ")),
    };
    Some(Value { text, class: Class::Number, literal: false })
}
