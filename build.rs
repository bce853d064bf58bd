//! Turns the schema files into typed copy code, in `OUT_DIR/schemas.rs`.

use std::path::{Path, PathBuf};
use std::{env, process};

use model::rust;

fn main() {
    println!("cargo::rerun-if-changed=schema");
    println!("cargo::rerun-if-changed=build.rs");
    let all = model::load_built_in(Path::new("schema")).unwrap_or_else(|faults| {
        for fault in &faults.0 {
            println!("cargo::error={fault}");
        }
        process::exit(1)
    });
    let written = rust::schemas_source(&all).map_err(|error| error.to_string()).and_then(|text| {
        let file = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("schemas.rs");
        rust::write_if_changed(&file, &text).map_err(|error| error.to_string())
    });
    if let Err(error) = written {
        println!("cargo::error=the generated code could not be written: {error}");
        process::exit(1);
    }
}
