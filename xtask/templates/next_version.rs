//! What `cargo xtask next-version` builds: the code generated from a directory that `draft --into`
//! has written, and the product's own run around it.

use std::path::PathBuf;
use std::process::ExitCode;

use connect_migrate::codec;
use connect_migrate::codec::{Refusal, Row};
use connect_migrate::diagnostic::console::Console;
use connect_migrate::diagnostic::{Error, Exit};
use connect_migrate::migrate::{
    ChosenSchema, Context, Mode, Request, RequestedDatabase, RequestedSchema, run,
};
use connect_migrate::postgres::connection::{Address, Environment};
use connect_migrate::schema::{Encode, Schema, Shape, Version};
use connect_migrate::stop::Stop;
use model::*;

include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// SCHEMA SQLITE-FILE URL: migrates, and prints the versions that the file has.
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match migrate(&arguments) {
        Ok(versions) => {
            println!("{versions}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn migrate(arguments: &[String]) -> Result<String, Error> {
    let usage = |text: &str| Error::new(Exit::Usage, text, "");
    let [name, source, url] = arguments else { return Err(usage("three arguments")) };
    let schema = SCHEMAS.iter().find(|schema| schema.name == name);
    let schema = *schema.ok_or_else(|| usage("no such schema"))?;
    let looped = |shape: &&&Shape| !matches!(shape.encode, Encode::Typed(_));
    if schema.versions.iter().flat_map(|version| version.shapes).find(looped).is_some() {
        return Err(usage("a table without generated code"));
    }
    let environment = Environment::default();
    let address = Address::parse_setting("target", url, None, &environment)?;
    let wanted = RequestedDatabase {
        name: "core".to_owned(),
        schema: RequestedSchema::Given(ChosenSchema { schema, version: None }),
        source: PathBuf::from(source),
        missing_file_hint: String::new(),
        load_hint: connect_migrate::diagnostic::Hints::default(),
        configured: false,
        application: &[],
        address,
    };
    let request = Request::new(vec![wanted], Mode::Migrate);
    let stop = Stop::listen_for_signals().map_err(|error| usage(&error.to_string()))?;
    let mut context = Context::new(environment, stop, Console::silent());
    run(&request, &mut context)?;
    let mut databases = context.report.databases.iter();
    let database = databases.next().ok_or_else(|| usage("nothing was migrated"))?;
    if !database.committed || database.tables.iter().any(|table| table.verified != Some(true)) {
        return Err(usage("not everything was verified"));
    }
    Ok(database.versions.join(" "))
}
