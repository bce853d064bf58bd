//! Defaults: constants as the column's type writes them, and the few functions that both sides
//! have. Anything else stands in RESIDUE.md.

use model::{Stored, Type, nullable, sql};
use rusqlite::types::ValueRef;

use super::choose::Chosen;
use crate::codec::{self, Out};
use crate::sqlite::tokens::{Kind, Token, tokenize, tokens_in_parentheses};
use crate::text::toml_string;

/// A default in PostgreSQL's words; `Some(None)` where it is NULL, `None` where there are no such
/// words.
pub fn translate_default(chosen: &Chosen, text: &str) -> Option<Option<String>> {
    let all = tokenize(text);
    let mut inner = &*all;
    while let Some((inside, length)) = tokens_in_parentheses(inner) {
        if length != inner.len() {
            break;
        }
        inner = inside;
    }
    if let [token] = inner
        && token.is_keyword("NULL")
    {
        return Some(None);
    }
    if let Some(moment) = translate_now(chosen, inner) {
        return Some(Some(moment));
    }
    translate_constant(chosen, inner).map(Some)
}

/// What a schema file says of a column that becomes text: `type = "text", default = "'0'"`.
pub fn describe_text_setting(declared: &str, default: Option<&str>) -> String {
    let chosen = Chosen::of_type(Type::Text).declared_as(declared);
    let declared = chosen.declared.as_ref().map(|word| format!(", declared = {word:?}"));
    let default = match default.map(|text| translate_default(&chosen, text)) {
        None | Some(Some(None)) => String::new(),
        Some(Some(Some(text))) => format!(", default = {}", toml_string(&text)),
        Some(None) => " and no default".to_owned(),
    };
    format!("type = \"text\"{}{default}", declared.unwrap_or_default())
}

fn translate_constant(chosen: &Chosen, tokens: &[Token<'_>]) -> Option<String> {
    let (sign, token) = match tokens {
        [token] => ("", token),
        [sign, token] if sign.is_mark("-") => ("-", token),
        [sign, token] if sign.is_mark("+") => ("", token),
        _ => return None,
    };
    match token.kind {
        Kind::Number => translate_number(chosen, &format!("{sign}{}", token.raw)),
        _ if !sign.is_empty() => None,
        Kind::Word if token.is_keyword("TRUE") => translate_number(chosen, "1"),
        Kind::Word if token.is_keyword("FALSE") => translate_number(chosen, "0"),
        Kind::Word if token.raw.to_ascii_uppercase().starts_with("CURRENT_") => None,
        Kind::Blob => {
            let hex = token.unquoted_content();
            (chosen.ty == Type::Bytea).then(|| format!("'\\x{hex}'::bytea"))
        }
        // A bare or doubly quoted word is a text where no column can be meant.
        Kind::Text | Kind::Doubtful | Kind::Word | Kind::Name => {
            translate_text(chosen, &token.unquoted_content())
        }
        Kind::Mark => None,
    }
}

fn codec_takes(chosen: &Chosen, cell: ValueRef<'_>) -> bool {
    let column = nullable("", chosen.ty).stored(chosen.stored);
    codec::encode_value(&column, &mut Out::default(), cell).is_ok()
}

fn translate_number(chosen: &Chosen, text: &str) -> Option<String> {
    let integer: Option<i64> = text.parse().ok();
    let real: Option<f64> = text.parse().ok();
    let cell = match (integer, real) {
        (Some(integer), _) => ValueRef::Integer(integer),
        (None, Some(real)) => ValueRef::Real(real),
        (None, None) => return None,
    };
    let taken = || codec_takes(chosen, cell);
    match chosen.ty {
        Type::Bool => taken().then(|| (real != Some(0.0)).to_string()),
        Type::Int2 | Type::Int4 | Type::Int8 => {
            // `1.0` is 1 in a column of whole numbers.
            integer.filter(|_| taken()).map(|integer| integer.to_string())
        }
        Type::Float4 | Type::Float8 | Type::Numeric(_) => taken().then(|| text.to_owned()),
        // SQLite turns a number into text as it prints it, which for fractions is its own way.
        Type::Text | Type::Varchar(_) => integer
            .map(|integer| integer.to_string())
            .and_then(|text| translate_text(chosen, &text)),
        Type::Timestamptz if chosen.stored == Stored::UnixS => {
            integer.map(|integer| format!("to_timestamp({integer})"))
        }
        Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz | Type::Interval => None,
        Type::Citext | Type::Char(_) | Type::Bytea | Type::Uuid | Type::Json => None,
        Type::Jsonb | Type::Inet | Type::Cidr | Type::Enum(_) | Type::Array(_) => None,
        Type::ReadByServer(_) => None,
    }
}

fn translate_text(chosen: &Chosen, text: &str) -> Option<String> {
    if !codec_takes(chosen, ValueRef::Text(text.as_bytes())) {
        return None;
    }
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit() || b":.-+ TZ".contains(&byte));
    match chosen.ty {
        Type::Bool => {
            let no = ["f", "false", "n", "no", "off", "0"];
            let word = text.trim().to_ascii_lowercase();
            Some((!no.contains(&&*word)).to_string())
        }
        Type::Int2 | Type::Int4 | Type::Int8 => {
            text.trim().parse::<i64>().ok().map(|integer| integer.to_string())
        }
        Type::Float4 | Type::Float8 | Type::Numeric(_) => {
            text.trim().parse::<f64>().ok().map(|_| text.trim().to_owned())
        }
        Type::Text | Type::Citext | Type::Varchar(_) => Some(sql::text_literal(text)),
        Type::Json | Type::Jsonb | Type::Uuid | Type::Inet | Type::Cidr => {
            Some(sql::text_literal(text))
        }
        Type::Bytea => {
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("'\\x{hex}'::bytea"))
        }
        Type::Timestamptz if chosen.stored == Stored::Text && canonical => {
            Some(sql::text_literal(text))
        }
        // PostgreSQL would drop an offset here without a word.
        Type::Timestamp | Type::Date | Type::Time if canonical && !has_offset(text) => {
            Some(sql::text_literal(text))
        }
        Type::Timestamptz | Type::Timestamp | Type::Date | Type::Time | Type::Interval => None,
        Type::ReadByServer(_) => None,
        Type::Enum(_) => Some(sql::text_literal(text)),
        // The server reads its own notation in a default, too.
        Type::Array(_) if chosen.stored == Stored::PgArray => Some(sql::text_literal(text)),
        // What stands in them is a document itself.
        Type::Array(Type::Json | Type::Jsonb) => None,
        Type::Array(_) => {
            let elements: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
            let elements: Option<Vec<_>> = elements.iter().map(translate_element).collect();
            Some(sql::text_literal(&format!("{{{}}}", elements?.join(","))))
        }
        Type::Char(_) => None,
    }
}

/// An element of a JSON array as PostgreSQL's notation of arrays has it.
fn translate_element(element: &serde_json::Value) -> Option<String> {
    match element {
        serde_json::Value::Null => Some("NULL".to_owned()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        serde_json::Value::String(text) => {
            Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
        }
        serde_json::Value::Array(elements) => {
            let elements: Option<Vec<_>> = elements.iter().map(translate_element).collect();
            Some(format!("{{{}}}", elements?.join(",")))
        }
        serde_json::Value::Object(_) => None,
    }
}

fn has_offset(text: &str) -> bool {
    let zoned = Chosen::of_type(Type::Timestamptz);
    codec_takes(&zoned, ValueRef::Text(text.as_bytes()))
}

/// The functions that say what time it is, in the form of the column.
fn translate_now(chosen: &Chosen, tokens: &[Token<'_>]) -> Option<String> {
    const UTC: &str = "now() AT TIME ZONE 'UTC'";
    let text: String = tokens.iter().map(lower_case_token).collect();
    let lower = text.to_ascii_lowercase();
    let form = match (&*lower, &*text) {
        (
            "current_timestamp" | "datetime('now')" | "datetime()" | "datetime(current_timestamp)",
            _,
        ) => "YYYY-MM-DD HH24:MI:SS",
        ("current_date" | "date('now')" | "date()" | "date(current_timestamp)", _) => "YYYY-MM-DD",
        ("current_time" | "time('now')" | "time()" | "time(current_timestamp)", _) => "HH24:MI:SS",
        ("unixepoch()" | "unixepoch('now')", _) => "s",
        ("unixepoch()*1000" | "1000*unixepoch()", _) => "s as ms",
        (_, "strftime('%s','now')") => "s",
        ("cast(strftime('%s','now')asinteger)" | "cast(strftime('%s','now')asint)", _) => "s",
        _ => match translate_strftime(&text)? {
            "%Y-%m-%d %H:%M:%S" => "YYYY-MM-DD HH24:MI:SS",
            "%Y-%m-%dT%H:%M:%SZ" => "YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"",
            "%Y-%m-%dT%H:%M:%fZ" => "YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"",
            "%Y-%m-%d %H:%M:%f" => "YYYY-MM-DD HH24:MI:SS.MS",
            _ => return None,
        },
    };
    match (chosen.ty, form) {
        // Without `floor` the cast would round up from half a second on.
        (Type::Int4 | Type::Int8, "s") => {
            Some(format!("floor(extract(epoch FROM now()))::{}", chosen.ty))
        }
        (Type::Timestamptz, "s") if chosen.stored == Stored::UnixS => Some("now()".to_owned()),
        (Type::Int8, "s as ms") => Some("floor(extract(epoch FROM now()))::int8 * 1000".to_owned()),
        (Type::Timestamptz, "s as ms") if chosen.stored == Stored::UnixMs => {
            Some("date_trunc('second', now())".to_owned())
        }
        (_, "s" | "s as ms") => None,
        (Type::Text | Type::Varchar(_), form) => Some(format!("to_char({UTC}, '{form}')")),
        (Type::Timestamp, form) if form.starts_with("YYYY-MM-DD") => {
            let cut = match form {
                "YYYY-MM-DD" => "day",
                form if form.contains("MS") => "milliseconds",
                _ => "second",
            };
            Some(format!("date_trunc('{cut}', {UTC})"))
        }
        (Type::Timestamptz, form) if form.contains("HH24") && form.contains("YYYY") => {
            Some("now()".to_owned())
        }
        (Type::Date, "YYYY-MM-DD") => Some(format!("({UTC})::date")),
        (Type::Time, "HH24:MI:SS") => Some(format!("date_trunc('second', {UTC})::time")),
        _ => None,
    }
}

/// A token with what SQLite reads without regard to case in small letters: names, and `now`. In a
/// format `%M` and `%m` differ.
fn lower_case_token(token: &Token<'_>) -> String {
    match token.kind {
        Kind::Text if !token.raw.eq_ignore_ascii_case("'now'") => token.raw.to_owned(),
        _ => token.raw.to_ascii_lowercase(),
    }
}

fn translate_strftime(text: &str) -> Option<&str> {
    text.strip_prefix("strftime('").and_then(|rest| rest.strip_suffix("','now')"))
}

#[cfg(test)]
mod tests {
    use model::Type;

    use super::{Chosen, translate_default};

    #[track_caller]
    fn check_defaults(ty: Type, texts: &[&str], wanted: Option<&str>) {
        for text in texts {
            let wanted = wanted.map(|wanted| Some(wanted.to_owned()));
            assert_eq!(translate_default(&Chosen::of_type(ty), text), wanted, "{text}");
        }
    }

    #[test]
    fn arrays_are_written_in_the_notation_of_postgresql() {
        let texts = || Type::Array(&Type::Text);
        check_defaults(texts(), &["'[]'", "('[ ]')"], Some("'{}'"));
        check_defaults(texts(), &["'[\"a\\\"b\", \"\", null]'"], Some(r#"E'{"a\\"b","",NULL}'"#));
        check_defaults(Type::Array(&Type::Int4), &["'[1,-2]'"], Some("'{1,-2}'"));
        check_defaults(texts(), &["'{}'", "'a'", "0"], None);
    }

    #[test]
    fn seconds_are_cut_and_not_rounded() {
        let texts = ["(unixepoch())", "(UNIXEPOCH())", "(strftime('%s','now'))"];
        check_defaults(Type::Int8, &texts, Some("floor(extract(epoch FROM now()))::int8"));
        let texts =
            ["(CAST(strftime('%s', 'NOW') AS INTEGER))", "(cast(STRFTIME('%s','now') as int))"];
        check_defaults(Type::Int4, &texts, Some("floor(extract(epoch FROM now()))::int4"));
        let texts = ["(unixepoch() * 1000)", "(1000*UNIXEPOCH())"];
        check_defaults(Type::Int8, &texts, Some("floor(extract(epoch FROM now()))::int8 * 1000"));
    }

    #[test]
    fn names_are_read_without_regard_to_case_and_formats_are_not() {
        let cut = |part: &str| format!("date_trunc('{part}', now() AT TIME ZONE 'UTC')");
        let texts = [
            "(STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW'))",
            "(strftime('%Y-%m-%d %H:%M:%f', 'NOW'))",
            "(Strftime( '%Y-%m-%d %H:%M:%f' , 'Now' ))",
        ];
        check_defaults(Type::Timestamp, &texts, Some(&cut("milliseconds")));
        let texts = [
            "(DATETIME('now'))",
            "(datetime('NOW'))",
            "(Datetime( 'now' ))",
            "(datetime())",
            "(DATETIME(current_timestamp))",
            "(current_timestamp)",
            "CURRENT_TIMESTAMP",
            "(STRFTIME('%Y-%m-%d %H:%M:%S','NOW'))",
        ];
        check_defaults(Type::Timestamp, &texts, Some(&cut("second")));
        check_defaults(
            Type::Date,
            &["(DATE('Now'))", "(date())"],
            Some("(now() AT TIME ZONE 'UTC')::date"),
        );
        // Another format, and the local time of whoever inserts.
        let texts = [
            "(strftime('%Y-%M-%d %H:%m:%S','now'))",
            "(strftime('%S','now'))",
            "(datetime('now','localtime'))",
            "(DATETIME('NOW', 'LOCALTIME'))",
        ];
        check_defaults(Type::Timestamp, &texts, None);
        check_defaults(Type::Int8, &["(strftime('%S','now'))"], None);
    }
}
