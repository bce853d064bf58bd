//! `cargo xtask`: everything that a developer runs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{
    bench, bless, browser, census, check, cluster, demo, dist, faults, fuzz, golden, next_version,
    pg, picture, release, sample,
};

/// The workspace's tasks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Show the main job on real input: a sample is migrated into a throw-away PostgreSQL
    Demo {
        /// Rows of the instrumentation database
        #[arg(long, value_name = "N", default_value_t = 20_000)]
        rows: u64,
        /// Put the SQLite files, the configuration and the report there [default: target/demo]
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
        /// Install a PostgreSQL server without asking where none can be unpacked below target/
        #[arg(long)]
        yes: bool,
    },
    /// Formatting, lints and tests: what every change must pass
    Check {
        /// Before a release: the minimum Rust, all versions of PostgreSQL, release build, fuzzing
        #[arg(long)]
        all: bool,
    },
    /// Say which hints the tests of the last check have printed and none has followed
    Hints,
    /// Measure the shape of the code: sizes, names, import cycles, sentinels
    Census {
        /// Fail where a number is not zero that must be
        #[arg(long)]
        check: bool,
        /// The root of the tree to measure [default: this workspace]
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
    },
    /// Measure runs beside PostgreSQL's own limit, and copying beside `psql \copy`; appends to
    /// bench/RUNS.md
    Bench {
        /// Rows of the instrumentation database
        #[arg(long, value_name = "N", default_value_t = 1_000_000)]
        rows: u64,
        /// Counted rounds, after one that is not
        #[arg(long, value_name = "N", default_value_t = 5)]
        rounds: usize,
        /// The heading of the entry in bench/RUNS.md
        #[arg(long, default_value = "A run")]
        note: String,
        /// What is measured
        #[arg(long, value_enum, default_value_t = bench::Part::All)]
        part: bench::Part,
    },
    /// Give random input to every reader of what somebody else wrote
    Fuzz {
        /// How long, for each reader; they run side by side
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u64,
        /// The readers [default: all of them]; a name that there is not lists those that there are
        #[arg(value_name = "READER")]
        readers: Vec<String>,
    },
    /// Break runs on purpose: kills, signals, a cut line, a crashed server, a damaged source
    ///
    /// After each fault PostgreSQL holds the old rows or the new ones, the exit code agrees with
    /// it, and the same command succeeds. It prints how often what came of each kind of fault, and
    /// a command that repeats each failure.
    Faults {
        /// How long
        #[arg(long, value_name = "N", default_value_t = 10)]
        minutes: u64,
        /// Equal seeds choose equal faults
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        /// A few faults of each kind, always the same ones: a step of `check`
        #[arg(long)]
        fixed: bool,
        /// One kind, or one attempt of it: `kill`, `kill:17`
        #[arg(long, value_name = "KIND[:N]")]
        only: Option<String>,
        /// The program, if not the debug build of this workspace
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
    /// Rewrite everything derived: SQL of the schema files, lists of tests, expected texts
    ///
    /// Files that are rendered without a server come first. Then the tests that compare with
    /// expected texts run with `BLESS=1` set, so that they write what they find; this needs a
    /// PostgreSQL server and takes some minutes. Read `git diff` afterwards.
    Bless {
        /// Run only tests whose names contain this, for instance `T7_`
        filter: Option<String>,
    },
    /// Look at the HTML page of `schema diff` in Chromium: measured and photographed
    Browser,
    /// Take a made-up next Connect from its file to a migrated PostgreSQL, old versions with it
    NextVersion,
    /// Print the generated code of a schema version, or of one of its tables
    Expand {
        /// `core` or `instrumentation`
        database: String,
        /// For instance 2025.04
        version: String,
        /// A table's name
        table: Option<String>,
    },
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
    /// Draw a real run at a terminal, for the README
    Picture {
        /// Rows of the instrumentation database
        #[arg(long, value_name = "N", default_value_t = 2_000_000)]
        rows: u64,
        /// Columns of the terminal
        #[arg(long, value_name = "N", default_value_t = 120)]
        columns: usize,
        /// Where to
        #[arg(long, value_name = "FILE", default_value = "docs/run.svg")]
        out: PathBuf,
        /// The program, if not the debug build of this workspace
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
    /// Pack the program: an archive, a Debian package and checksums in `target/dist`
    ///
    /// The program is built for glibc 2.28 and newer. What that takes (cargo-zigbuild, zig,
    /// cargo-deb) is put below `target/dist` where it is not installed.
    Dist {
        /// Then install and run both in a minimal Debian of their own; this takes root
        #[arg(long = "try")]
        is_tried: bool,
    },
    /// Make a release: run all checks, set the version, and make the packages
    ///
    /// Nothing is committed: the last lines say what to type.
    Release {
        /// The new version: 1.2.3
        version: String,
    },
    /// Find a PostgreSQL server, or unpack one of a major version under `target/pg`
    Pg {
        /// 13 to 18
        version: Option<String>,
    },
}

fn main() -> ExitCode {
    let Arguments { task } = Arguments::parse();
    let done = match task {
        Task::Demo { rows, keep, yes } => demo::demo(rows, keep.as_deref(), yes),
        Task::Check { all } => match check::check(all) {
            Ok(results) if results.is_passed => Ok(()),
            Ok(_) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        Task::Hints => check::check_hints(),
        Task::Census { check, root } => census::census(&root.unwrap_or_else(golden::root), check),
        Task::Bench { rows, rounds, note, part } => bench::bench(rows, rounds, &note, part),
        Task::Fuzz { seconds, readers } => fuzz::fuzz(seconds, &readers),
        Task::Faults { minutes, seed, fixed, only, program } => {
            faults::faults(&faults::Options { minutes, seed, fixed, only, program })
        }
        Task::Browser => browser::browser(),
        Task::NextVersion => next_version::next_version(),
        Task::Bless { filter } => bless::bless(filter.as_deref()),
        Task::Expand { database, version, table } => {
            golden::expand(&database, &version, table.as_deref()).map(|text| print!("{text}"))
        }
        Task::Sample { out, rows, version, seed } => {
            let made = sample::write(&sample::Options { out, rows, version, seed });
            made.map(|made| print!("{made}")).map_err(|error| error.to_string())
        }
        Task::Picture { rows, columns, out, program } => {
            picture::picture(rows, columns, &out, program.as_deref())
        }
        Task::Dist { is_tried } => dist::dist().and_then(|packages| match is_tried {
            true => dist::try_packages(&packages),
            false => Ok(()),
        }),
        Task::Release { version } => release::release(&version),
        Task::Pg { version: None } => cluster::bin_dir().and_then(|bin| try_server(&bin)),
        Task::Pg { version: Some(version) } => {
            pg::unpack(&version, &golden::root().join("target")).and_then(|bin| try_server(&bin))
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

/// Starts a cluster of the server in `bin` once, and prints where the server is.
fn try_server(bin: &Path) -> Result<(), String> {
    let bin = std::fs::canonicalize(bin).map_err(|error| error.to_string())?;
    let cluster = cluster::start(&bin, &cluster::Wanted::default())?;
    eprintln!("a throw-away cluster started: {}", cluster.url("postgres"));
    cluster.stop();
    println!("{}", bin.display());
    Ok(())
}
