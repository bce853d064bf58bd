//! `cargo xtask bench`: our copy beside `psql \copy` of the same bytes, in alternation.
//!
//! Both load into tables that were created in the same transaction, without keys and indexes, with
//! FREEZE, on one throw-away server. Seconds of a busy machine mean little; the ratio of two runs
//! side by side means more, and its median over several rounds is what is quoted. So is the ratio
//! of preflight to copying within each of our runs: looking must cost less than copying. And so is
//! that of copying with a schema directory to copying with the same schema built in. Whole runs
//! stand beside PostgreSQL's own limit ([`limit`]), on this machine and over a slow line.

mod limit;

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use model::sql;
use postgres::{Client, NoTls};
use serde_json::Value;

use crate::cluster::{self, Cluster, Wanted};
use crate::golden::{root, schemas};
use crate::sample::{self, Options};
use crate::server;

/// What is compared, and its ratio in each round.
type Ratios = Vec<(String, Vec<f64>)>;

/// The schemas and files of the sample.
const DATABASES: [(&str, &str); 2] =
    [("connect/core", "connect.db"), ("connect/instrumentation", "connect-instrumentation.db")];

/// What runs of the program came to, from their reports.
#[derive(Default)]
struct Measures {
    /// Seconds of copying and rows, by table.
    tables: Vec<(String, f64, u64)>,
    /// Seconds of the whole processes.
    total: f64,
    /// The most memory that one of them held, in bytes.
    memory: u64,
    /// The steps of the last.
    steps: String,
    /// Seconds of preflight and of copying, by database.
    preflights: Vec<(&'static str, f64, f64)>,
}

impl Measures {
    fn add(&mut self, other: Measures) {
        self.tables.extend(other.tables);
        self.total += other.total;
        self.memory = self.memory.max(other.memory);
        self.steps = other.steps;
        self.preflights.extend(other.preflights);
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Everything.
    All,
    /// Whole runs and `pg_restore` beside PostgreSQL's own limit.
    Limit,
    /// The same without `pg_restore`, for many rows.
    Growth,
    /// The same over a line of 20 ms and 200 Mbit/s.
    SlowLine,
    /// A rehearsal beside the run that follows it.
    Rehearsal,
    /// Copying alone.
    Copy,
}

/// Measures, prints, and appends what was printed to `bench/RUNS.md`.
///
/// # Errors
/// Whatever goes wrong, in words.
pub fn bench(rows: u64, rounds: usize, note: &str, part: Part) -> Result<(), String> {
    let bin = server::bin_dir(&root().join("target"))?;
    let psql = program(&bin, "psql")?;
    let mut build = Command::new(env!("CARGO"));
    server::run(
        build.args(["build", "--release", "--quiet", "--bin", "migrate"]).current_dir(root()),
    )?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let migrate = target.join("release/migrate");
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let data = folder.path().join("db");
    let options = Options { rows, ..Options::new(&data) };
    sample::write(&options).map_err(|error| error.to_string())?;
    let settings = vec!["max_wal_size = '4GB'".into()];
    let wanted = Wanted { settings, is_on_disk: true, ..Wanted::default() };
    let cluster = cluster::start(&bin, &wanted)?;
    let plural = if rounds == 1 { "" } else { "s" };
    let mut out = format!(
        "\n## {note}\n\n{rows} instrumentation rows, {}; {rounds} round{plural}.\n",
        machine()
    );
    let (migrate, folder) = (migrate.as_path(), folder.path());
    let tools = limit::Tools { migrate, bin: &bin, cluster: &cluster, data: &data, folder };
    if matches!(part, Part::All | Part::Limit | Part::Growth) {
        limit::compare(&tools, rounds, part != Part::Growth, &mut out)?;
    }
    if matches!(part, Part::All | Part::SlowLine) {
        limit::compare_over_slow_line(&tools, rounds.min(3), &mut out)?;
    }
    if matches!(part, Part::All | Part::Rehearsal) {
        limit::compare_rehearsals(&tools, rounds, &mut out)?;
    }
    if matches!(part, Part::All | Part::Copy) {
        compare_copies(&tools, &psql, rounds, &mut out)?;
    }
    print!("{out}");
    append(&out)
}

/// Copying alone, beside `psql` and with schema files.
fn compare_copies(
    tools: &limit::Tools<'_>,
    psql: &Path,
    rounds: usize,
    out: &mut String,
) -> Result<(), String> {
    let limit::Tools { migrate, cluster, data, folder, .. } = *tools;
    let mut ratios: Ratios = Vec::new();
    let mut preflights: Ratios = Vec::new();
    let mut files: Ratios = Vec::new();
    let mut total = Vec::new();
    let (mut memory, mut steps) = (0, String::new());
    for round in 0..=rounds {
        let mut own_run = Measures::default();
        let (mut read, mut first, mut theirs) =
            (Measures::default(), Measures::default(), Vec::new());
        for (schema, file) in DATABASES {
            let source = data.join(file);
            let both = (source.as_path(), folder);
            let built_in = (schema, Path::new(schema));
            own_run.add(run_migrate(migrate, cluster, built_in, both, &[])?);
            first.add(run_migrate(migrate, cluster, built_in, both, &["--check-first"])?);
            theirs.extend(run_theirs(psql, cluster, schema, folder, round == 0)?);
            let directory = root().join("schema").join(schema);
            read.add(run_migrate(migrate, cluster, (schema, &directory), both, &[])?);
        }
        // The first round warms the caches and makes the files for psql.
        if round == 0 {
            continue;
        }
        eprintln!("round {round} of {rounds}");
        for (name, time) in &theirs {
            let own = own_run.tables.iter().find(|(table, ..)| table == name);
            // The times of small tables are mostly round trips.
            if let Some((_, own, _)) = own.filter(|(.., rows)| *rows >= 100_000) {
                push(&mut ratios, name, time / own);
            }
        }
        let own: f64 = own_run.tables.iter().map(|(_, time, _)| time).sum();
        let their: f64 = theirs.iter().map(|(_, time)| time).sum();
        push(&mut ratios, "the whole sample", their / own);
        compare_preflight(&first, &mut preflights);
        compare_schema_files(&own_run, &read, &mut files);
        let rows: u64 = own_run.tables.iter().map(|(.., rows)| rows).sum();
        total.push(rows as f64 / own_run.total);
        memory = memory.max(own_run.memory);
        steps = own_run.steps;
    }
    table(out, "table | psql time / our time", &mut ratios);
    table(out, "database | preflight time / copy time", &mut preflights);
    table(out, "database | copy time with schema files / built in", &mut files);
    let (median, low, high) = spread(&mut total);
    let _ = writeln!(
        out,
        "\nWhole run (copy with checks, keys and indexes, verification, commit): {median:.0} \
         rows/s ({low:.0}–{high:.0}); peak memory {:.0} MB. Steps of the last: {steps}.",
        memory as f64 / 1e6
    );
    Ok(())
}

/// Puts a run behind the earlier ones.
fn append(run: &str) -> Result<(), String> {
    let file = root().join("bench/RUNS.md");
    fs::create_dir_all(root().join("bench")).map_err(|error| error.to_string())?;
    let mut open =
        OpenOptions::new().append(true).create(true).open(&file).map_err(|e| e.to_string())?;
    open.write_all(run.as_bytes()).map_err(|error| error.to_string())
}

/// The ratios of preflight to copying in a run that checks first.
fn compare_preflight(first: &Measures, ratios: &mut Ratios) {
    let (mut looking, mut copying) = (0.0, 0.0);
    for (schema, preflight, copy) in &first.preflights {
        push(ratios, schema, preflight / copy);
        looking += preflight;
        copying += copy;
    }
    push(ratios, "both", looking / copying);
}

/// The ratios of copying with schema files to copying with the schema built in.
fn compare_schema_files(own_run: &Measures, read: &Measures, ratios: &mut Ratios) {
    let (mut copying, mut other) = (0.0, 0.0);
    for ((schema, _, copy), (.., with_files)) in own_run.preflights.iter().zip(&read.preflights) {
        push(ratios, schema, with_files / copy);
        copying += copy;
        other += with_files;
    }
    push(ratios, "both", other / copying);
}

/// A table of medians with their least and greatest.
fn table(out: &mut String, heading: &str, ratios: &mut Ratios) {
    let _ = writeln!(out, "\n| {heading}: median (min–max) |\n|---|---|");
    for (name, values) in ratios {
        let (median, low, high) = spread(values);
        let _ = writeln!(out, "| {name} | {median:.2} ({low:.2}–{high:.2}) |");
    }
}

fn push(ratios: &mut Ratios, name: &str, value: f64) {
    match ratios.iter_mut().find(|(known, _)| known == name) {
        Some((_, values)) => values.push(value),
        None => ratios.push((name.to_owned(), vec![value])),
    }
}

/// Median, least and greatest.
fn spread(values: &mut [f64]) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    (at(values.len() / 2), at(0), at(values.len().saturating_sub(1)))
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("{cores} cores of {}, load {load} at the start", model.trim_matches([' ', '\t', ':']))
}

fn program(bin: &Path, name: &str) -> Result<PathBuf, String> {
    let own = bin.join(name);
    if own.exists() {
        return Ok(own);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found =
        std::env::split_paths(&path).map(|dir| dir.join(name)).filter(|file| file.exists());
    found.next().ok_or_else(|| format!("{name} is needed: sudo apt-get install postgresql-client"))
}

/// A fresh, empty database of that name.
fn fresh(cluster: &Cluster, name: &str) -> Result<String, String> {
    let mut admin =
        Client::connect(&cluster.url("postgres"), NoTls).map_err(|error| error.to_string())?;
    for sql in [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
        "CHECKPOINT".to_owned(),
    ] {
        admin.batch_execute(&sql).map_err(|error| format!("{sql}: {error}"))?;
    }
    Ok(cluster.url(name))
}

fn run_migrate(
    migrate: &Path,
    cluster: &Cluster,
    (schema, word): (&'static str, &Path),
    (source, folder): (&Path, &Path),
    words: &[&str],
) -> Result<Measures, String> {
    let url = fresh(cluster, "ours")?;
    let report = folder.join("report.json");
    let mut command = Command::new(migrate);
    command.args(["copy", "--yes", "--target", &url]).args(words).arg("--schema").arg(word);
    command.arg("--source").arg(source).arg("--report").arg(&report);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let begun = std::time::Instant::now();
    server::run(&mut command)?;
    let total = begun.elapsed().as_secs_f64();
    let text = fs::read_to_string(&report).map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let tables = list(&report["databases"][0]["tables"]);
    let named = |table: &Value| {
        let (name, time) = (table["name"].as_str()?, table["seconds"].as_f64()?);
        Some((name.to_owned(), time, table["rows"].as_u64()?))
    };
    let seconds = |name: &str| {
        let step = list(&report["steps"]).into_iter().find(|step| step["step"] == name);
        step.and_then(|step| step["seconds"].as_f64()).unwrap_or(f64::NAN)
    };
    let preflights = vec![(schema, seconds("preflight"), seconds("copy"))];
    let steps = list(&report["steps"])
        .iter()
        .map(|step| {
            format!(
                "{} {:.2} s",
                step["step"].as_str().unwrap_or(""),
                step["seconds"].as_f64().unwrap_or(0.0)
            )
        })
        .collect::<Vec<_>>()
        .join(", ");
    Ok(Measures {
        tables: tables.iter().filter_map(named).collect(),
        total,
        memory: report["memory_peak"].as_u64().unwrap_or(0),
        steps,
        preflights,
    })
}

/// `psql \copy` of every table from files, in one transaction; with `make`, the files are first
/// written from what our run left.
fn run_theirs(
    psql: &Path,
    cluster: &Cluster,
    schema: &str,
    folder: &Path,
    make: bool,
) -> Result<Vec<(String, f64)>, String> {
    let all = schemas()?;
    let newest = all
        .iter()
        .find(|known| known.directory.name == schema)
        .and_then(|known| known.versions.last())
        .ok_or_else(|| format!("no schema {schema}"))?;
    let file = |name: &str| folder.join(format!("{name}.bin"));
    if make {
        for table in newest.tables {
            let copy = format!(
                "\\copy {} ({}) to '{}' (format binary)",
                table.name,
                columns(table),
                file(table.name).display()
            );
            script(psql, &cluster.url("ours"), &copy)?;
        }
    }
    let url = fresh(cluster, "theirs")?;
    let mut text = String::from("begin;\n");
    for declared in newest.enums {
        let _ = writeln!(text, "{};", sql::create_enum("public", declared));
    }
    for table in newest.tables {
        let _ = writeln!(text, "{};", sql::create_table("public", table));
    }
    for table in newest.tables {
        let _ = writeln!(
            text,
            "\\echo table {0}\n\\timing on\n\
             \\copy {0} ({1}) from '{2}' (format binary, freeze)\n\\timing off",
            table.name,
            columns(table),
            file(table.name).display()
        );
    }
    text.push_str("commit;\n");
    let printed = script(psql, &url, &text)?;
    let mut times = Vec::new();
    let mut name = "";
    for line in printed.lines() {
        if let Some(table) = line.strip_prefix("table ") {
            name = table;
        }
        let time = line.strip_prefix("Time: ").and_then(|rest| rest.split(' ').next());
        if let Some(time) = time.and_then(|time| time.parse::<f64>().ok()) {
            times.push((name.to_owned(), time / 1000.0));
        }
    }
    Ok(times)
}

fn columns(table: &model::Table) -> String {
    sql::quoted_list(&table.copied_columns().map(|column| column.name).collect::<Vec<_>>())
}

fn script(psql: &Path, url: &str, text: &str) -> Result<String, String> {
    let mut child = Command::new(psql)
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("psql: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
