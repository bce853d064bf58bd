//! The four parts of gcfg.json, and gcfg's own suite where `CASES` has it.

use connect_migrate::config::gcfg::environment::Environment;
use connect_migrate::config::gcfg::table::{Field, Kind, Section, Table, Value as Setting};
use connect_migrate::config::gcfg::{self, Event};
use serde_json::{Map, Value, json};

use super::{agree, bytes, case_file, same, text};

#[test]
fn vectors_gcfg_raw() {
    agree("gcfg.json", "raw", |_, case| raw(case));
}

#[test]
fn vectors_gcfg_files() {
    agree("gcfg.json", "files", |_, case| raw(case));
}

#[test]
fn vectors_gcfg_suite() {
    // Not ours to copy, so it is only read from where it lies.
    if std::env::var_os("CASES").is_none() {
        println!("skipped: gcfg-suite.json is read only from CASES");
        return;
    }
    agree("gcfg-suite.json", "raw", |_, case| raw(case));
}

#[test]
fn vectors_gcfg_typed() {
    agree("gcfg.json", "typed", |_, case| typed(case));
}

#[test]
fn vectors_gcfg_env() {
    agree("gcfg.json", "env", |_, case| typed(case));
}

#[test]
fn vectors_gcfg_schema_is_the_one_tested() {
    let Some(whole) = case_file("gcfg.json") else { return };
    let theirs: Vec<&String> = whole["typed_schema"].as_object().unwrap().keys().collect();
    assert_eq!(theirs, ["T", "Sub", "Default_Sub", "Other"]);
}

fn raw(case: &Value) -> Result<(), String> {
    let input = bytes(case, "input");
    let reading = gcfg::read_gcfg(&input);
    let events: Vec<Value> = reading.events.iter().map(event).collect();
    same("events", &Value::from(events), &case["events"])?;
    let error = reading.error.as_ref();
    same(
        "error",
        error.map(ToString::to_string).unwrap_or_default().as_str(),
        text(case, "error"),
    )?;
    if let Some(line) = case.get("line") {
        let place = error.map(|error| (error.place.line as u64, error.place.column as u64));
        same("place", place, line.as_u64().zip(case["column"].as_u64()))?;
    }
    same("ok", error.is_none(), case["ok"].as_bool().unwrap())
}

fn event(event: &Event) -> Value {
    let mut shown = Map::new();
    shown.insert("section".to_owned(), json!(event.section));
    if !event.subsection.is_empty() {
        shown.insert("subsection".to_owned(), json!(event.subsection));
    }
    if let Some(variable) = &event.variable {
        shown.insert("name".to_owned(), json!(variable.name));
        match &variable.value {
            Some(value) => shown.insert("value".to_owned(), json!(value.as_str())),
            None => shown.insert("blank".to_owned(), json!(true)),
        };
    }
    Value::Object(shown)
}

const FIELDS: &[Field] = &[
    Field { name: "S", kind: Kind::Text },
    Field { name: "B", kind: Kind::Bool },
    Field { name: "I", kind: Kind::Int },
    Field { name: "U8", kind: Kind::Byte },
    Field { name: "F", kind: Kind::Float },
    Field { name: "M", kind: Kind::List(&Kind::Text) },
    Field { name: "MB", kind: Kind::List(&Kind::Bool) },
    Field { name: "MI", kind: Kind::List(&Kind::Int) },
    Field { name: "P", kind: Kind::OptionalText },
    Field { name: "Hy_Ph", kind: Kind::Text },
    Field { name: "tag_name", kind: Kind::Text },
];

/// `typed_schema` of the file; its `hidden` cannot be set, so it is not there.
static SECTIONS: &[Section] = &[
    Section { name: "T", keyed: false, fields: FIELDS },
    Section { name: "Sub", keyed: true, fields: FIELDS },
    Section { name: "Default_Sub", keyed: false, fields: FIELDS },
    Section {
        name: "Other",
        keyed: false,
        fields: &[Field { name: "Name", kind: Kind::Text }, Field { name: "K", kind: Kind::Text }],
    },
];

fn typed(case: &Value) -> Result<(), String> {
    let input = bytes(case, "input");
    let mut table = Table::new(SECTIONS);
    let mut outcome = table.fill_from(&gcfg::read_gcfg(&input));
    if let (Ok(_), Some(variables)) = (&outcome, case.get("env")) {
        let pairs = variables.as_object().unwrap().iter();
        let pairs = pairs.map(|(name, value)| (name, value.as_str().unwrap()));
        if let Err(error) = table.override_from("CONNECT", &Environment::from_pairs(pairs)) {
            outcome = Err(error);
        }
    }
    same("result", &result(&table), &case["result"])?;
    same("ok", outcome.is_ok(), case["ok"].as_bool().unwrap())?;
    let (warnings, error) = match outcome {
        Ok(warnings) => (warnings, String::new()),
        Err(error) => (Vec::new(), error),
    };
    same("error", error.as_str(), text(case, "error"))?;
    let theirs = case.get("warnings").cloned().unwrap_or_else(|| json!([]));
    same("warnings", json!(warnings), theirs)
}

fn result(table: &Table) -> Value {
    let mut shown = Map::new();
    for (index, subsection, row) in table.rows() {
        let section = &SECTIONS[index];
        let mut fields = Map::new();
        for (number, entry) in row {
            let name = match section.fields[*number].name {
                "tag_name" => "Tagged",
                name => name,
            };
            let optional = matches!(section.fields[*number].kind, Kind::OptionalText);
            if optional || !is_zero(&entry.value) {
                fields.insert(name.to_owned(), setting(&entry.value));
            }
        }
        if section.keyed {
            let all = shown.entry(section.name).or_insert_with(|| json!({}));
            all[subsection] = Value::Object(fields);
        } else if !fields.is_empty() {
            shown.insert(section.name.to_owned(), Value::Object(fields));
        }
    }
    Value::Object(shown)
}

fn is_zero(value: &Setting) -> bool {
    match value {
        Setting::Text(text) => text.is_empty(),
        Setting::Bool(it) => !it,
        Setting::Int(it) | Setting::Duration(it) => *it == 0,
        Setting::Byte(it) => *it == 0,
        Setting::Float(it) => it.to_bits() == 0,
        Setting::Size(it) => *it == 0,
        Setting::List(_) => false,
    }
}

fn setting(value: &Setting) -> Value {
    match value {
        Setting::Text(text) => json!(text.as_str()),
        Setting::Bool(it) => json!(it),
        Setting::Int(it) | Setting::Duration(it) => json!(it),
        Setting::Byte(it) => json!(it),
        Setting::Size(it) => json!(it),
        Setting::Float(it) => json!(go_float(*it)),
        Setting::List(values) => values.iter().map(setting).collect(),
    }
}

/// A number as Go prints it: shortest form, an exponent below 1e-04 and from 1e+06.
fn go_float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number < 0.0 { "-Inf" } else { "+Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    if number == 0.0 || (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// Where a section has no subsections, what is below one has no place in the section.
#[test]
fn a_subsection_that_cannot_be_is_not_named() {
    let text = b"[T \"x\"]\nS = a\n[Sub \"x\"]\nnone = a\n[T]\nS = b\n";
    let warnings = Table::new(SECTIONS).fill_from(&gcfg::read_gcfg(text)).unwrap();
    let no_place = "can't store data at section \"T\"";
    let no_name = "can't store data at section \"Sub\", subsection \"x\", variable \"none\"";
    assert_eq!(warnings, [no_place, no_place, no_name]);
}
