//! Tasks.

mod cluster;
mod pg;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["pg"] => cluster::bin_dir().and_then(|bin| try_server(&bin)),
        ["pg", version] => {
            pg::unpack(version, Path::new("target")).and_then(|bin| try_server(&bin))
        }
        _ => Err("usage: cargo xtask pg [VERSION]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}

/// Starts a cluster of the server in `bin` once, and prints where the server is.
fn try_server(bin: &Path) -> Result<(), String> {
    let bin = std::fs::canonicalize(bin).map_err(|error| error.to_string())?;
    let cluster = cluster::start(&bin, &cluster::Wanted::default())?;
    let directory = cluster.directory.display();
    eprintln!("a throw-away cluster started in {directory}: {}", cluster.url("postgres"));
    cluster.stop();
    println!("{}", bin.display());
    Ok(())
}
