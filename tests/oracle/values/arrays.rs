//! Arrays as text, or nearly.

use model::{Stored, Type};
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::{epoch, integer, written};
use crate::codec_properties;

/// JSON arrays of what an element may be.
pub fn array(element: Type) -> BoxedStrategy<String> {
    let text = written(element, element.usual_encoding())
        .prop_map(|text| serde_json::Value::String(text).to_string());
    let number = match element {
        Type::Interval => epoch(Stored::Nanoseconds).prop_map(|value| value.to_string()).boxed(),
        _ => prop_oneof![
            integer().prop_map(|value| value.to_string()),
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][-+]?[0-9]{1,2})?",
            "-?[1-9][0-9]{0,25}(\\.[0-9]{1,25})?(e[-+]?[0-9]{1,3})?",
            (0..3_i64).prop_map(|value| value.to_string()),
        ]
        .boxed(),
    };
    let other = "null|true|false|\\[\\]|\\{\\}|nul";
    let item = prop_oneof![8 => text, 4 => number, 1 => other].boxed();
    let one = item.clone().prop_map(|item| format!("[{item}]"));
    let space = "[ \t\n]?";
    let some = (prop::collection::vec(item, 0..4), space, space)
        .prop_map(|(items, a, b)| format!("{b}[{a}{}{b}]{a}", items.join(&format!("{a},"))));
    let two =
        prop::collection::vec(some.clone(), 1..3).prop_map(|all| format!("[{}]", all.join(",")));
    prop_oneof![3 => one, 1 => some, 1 => two, 1 => codec_properties::document()].boxed()
}

/// Arrays in PostgreSQL's notation, or with commas alone.
pub fn written_array(element: Type, stored: Stored) -> BoxedStrategy<String> {
    let item = match element {
        Type::Bytea => "\\\\x([0-9a-fA-F]{2}){0,3}|[a-z]{2}".boxed(),
        Type::Interval => "[0-9]{1,9}".boxed(),
        _ => written(element, element.usual_encoding()),
    };
    let number = "[-+]?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][-+]?[0-9]{1,2})?|NaN|-inf|Infinity";
    let item = prop_oneof![8 => item, 2 => number];
    if stored == Stored::Csv {
        let field = prop_oneof![
            3 => item.clone(),
            3 => item.prop_map(|text| format!("\"{}\"", text.replace('"', "\"\""))),
            1 => "[a-z\"\n ]{0,3}",
        ];
        let some = prop::collection::vec(field.clone(), 0..3).prop_map(|all| all.join(","));
        return prop_oneof![2 => field, 2 => some, 1 => "[\\[{]?[a-z,\"]{0,5}"].boxed();
    }
    let quote = |text: String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let element = prop_oneof![
        5 => item.clone().prop_map(quote),
        3 => item,
        1 => " ?(NULL|null|Null|\\\\NULL|\"NULL\"|a\\\\ |\\\\\\{| a b |) ?",
    ];
    let one = element.clone().prop_map(|item| format!("{{{item}}}"));
    let some =
        prop::collection::vec(element, 0..3).prop_map(|all| format!("{{ {}}}", all.join(",")));
    let two =
        prop::collection::vec(some.clone(), 1..3).prop_map(|all| format!("{{{}}}", all.join(",")));
    let other = "\\{?[a-z\"{},\\\\ ]{0,8}\\}?|\\[0:0\\]=\\{a\\}| \\{\\} |\\{\\{\\}\\}";
    prop_oneof![4 => one, 2 => some, 1 => two, 1 => other].boxed()
}
