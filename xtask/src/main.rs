//! Tasks.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::sample;

/// The workspace's tasks.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write SQLite databases as a Connect server might have them
    Sample {
        /// Where to: `connect.db` and `connect-instrumentation.db` are made in it
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Rows of the instrumentation database in all; the core's are in proportion
        #[arg(long, value_name = "N", default_value_t = 20_000)]
        rows: u64,
        /// The schema's version [default: the newest]
        #[arg(long)]
        version: Option<String>,
        /// Equal seeds make equal samples
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

fn main() -> ExitCode {
    let Arguments { task } = Arguments::parse();
    let done = match task {
        Task::Sample { out, rows, version, seed } => {
            sample::write(&sample::Options { out, rows, version, seed })
                .map(|made| print!("{made}"))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
