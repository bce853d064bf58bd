//! The whole run beside PostgreSQL's own limit.
//!
//! The limit is what the server itself needs at least, on one connection: `psql \copy` of binary
//! files that are ready made, then the same keys and indexes, then `ANALYZE`. Nothing is checked or
//! compared. Beside it stands `pg_restore` of a dump of the result, over one and two connections.
//! Tables are created in the transaction of the copy, with `FREEZE`; "existing" tables stand with
//! all keys before our run begins.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{DATABASES, Ratios, fresh, program, push, script, spread, table};
use crate::cluster::Cluster;
use crate::server;
use crate::slow_line::{self, Line};

/// What is measured with.
pub struct Tools<'a> {
    /// The program.
    pub migrate: &'a Path,
    /// The directory of the server's programs.
    pub bin: &'a Path,
    /// The server.
    pub cluster: &'a Cluster,
    /// The sample's files.
    pub data: &'a Path,
    /// Where files are made.
    pub folder: &'a Path,
}

/// A run that was measured.
#[derive(Clone, Copy, Default)]
struct Measured {
    seconds: f64,
    /// CPU of the program, and of the server, in seconds.
    client: f64,
    server: f64,
    /// The most memory that the program held, in bytes.
    memory: u64,
}

/// Whether the tables stand before the run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tables {
    Blank,
    Existing,
}

/// What one database's limit needs: statements and files.
struct Limit {
    schema: &'static str,
    source: PathBuf,
    before: String,
    after: String,
    tables: Vec<String>,
    folder: PathBuf,
}

/// Measures so many rounds, after one that is not counted, and writes tables of the ratios;
/// `restores` says whether `pg_restore` is measured, too.
///
/// # Errors
/// Whatever goes wrong, in words.
pub fn compare(
    tools: &Tools<'_>,
    rounds: usize,
    restores: bool,
    out: &mut String,
) -> Result<(), String> {
    let (mut ratios, mut cpu) = (Ratios::new(), String::new());
    let mut memory = 0;
    for (schema, file) in DATABASES {
        let ready = prepare(tools, schema, &tools.data.join(file))?;
        let mut all: [Vec<Measured>; 3] = Default::default();
        for round in 0..=rounds {
            let limit = load_ready_files(tools, &ready)?;
            let blank = run_migrate(tools, &ready, Tables::Blank)?;
            let existing = run_migrate(tools, &ready, Tables::Existing)?;
            let jobs: &[usize] = if restores { &[1, 2] } else { &[] };
            let mut restored = Vec::new();
            for jobs in jobs {
                restored.push((jobs, restore(tools, &ready, *jobs)?));
            }
            if round == 0 {
                continue;
            }
            eprintln!("{schema}: round {round} of {rounds}");
            let against = |seconds: f64| seconds / limit.seconds;
            push(&mut ratios, &format!("{schema}, blank tables"), against(blank.seconds));
            push(&mut ratios, &format!("{schema}, existing tables"), against(existing.seconds));
            for (jobs, seconds) in restored {
                push(&mut ratios, &format!("{schema}, pg_restore -j{jobs}"), against(seconds));
            }
            memory = memory.max(blank.memory).max(existing.memory);
            for (list, run) in all.iter_mut().zip([limit, blank, existing]) {
                list.push(run);
            }
        }
        for (name, runs) in ["limit", "blank tables", "existing tables"].iter().zip(&all) {
            let median =
                |of: fn(&Measured) -> f64| spread(&mut runs.iter().map(of).collect::<Vec<_>>()).0;
            let _ = writeln!(
                cpu,
                "| {schema}, {name} | {:.2} | {:.2} | {:.2} |",
                median(|run| run.seconds),
                median(|run| run.client),
                median(|run| run.server)
            );
        }
    }
    out.push_str(
        "\nThe limit: `psql \\copy` of binary files with FREEZE, the same keys and indexes, and \
         ANALYZE, in one transaction. maintenance_work_mem is 256 MB and jit is off for \
         both, and max_parallel_maintenance_workers is the server's own.\n",
    );
    table(out, "whole verified run / limit", &mut ratios);
    let _ = write!(
        out,
        "\n| median of | seconds | CPU of the client | CPU of the server |\n|---|---|---|---|\n\
         {cpu}\nPeak memory {:.0} MB.\n",
        memory as f64 / 1e6
    );
    Ok(())
}

/// Runs over a line of 20 ms and 200 Mbit/s beside the limit over the same line.
///
/// # Errors
/// Whatever goes wrong, in words.
pub fn compare_over_slow_line(
    tools: &Tools<'_>,
    rounds: usize,
    out: &mut String,
) -> Result<(), String> {
    let line = Line { delay: Duration::from_millis(10), bytes_per_second: 25_000_000 };
    let port = slow_line::start(tools.cluster.port, line).map_err(|error| error.to_string())?;
    let (mut ratios, mut medians) = (Ratios::new(), String::new());
    for (schema, file) in DATABASES {
        let mut seconds: [Vec<f64>; 3] = Default::default();
        let ready = prepare(tools, schema, &tools.data.join(file))?;
        let at =
            |url: &str| url.replace(&format!(":{}/", tools.cluster.port), &format!(":{port}/"));
        for _ in 0..rounds {
            let limit = load_ready_files_at(tools, &ready, &at)?.seconds;
            let blank =
                run_at(tools, &ready, &at(&make_tables(tools, &ready, Tables::Blank)?), &[])?
                    .seconds;
            let existing =
                run_at(tools, &ready, &at(&make_tables(tools, &ready, Tables::Existing)?), &[])?
                    .seconds;
            push(&mut ratios, &format!("{schema}, blank tables"), blank / limit);
            push(&mut ratios, &format!("{schema}, existing tables"), existing / limit);
            for (list, run) in seconds.iter_mut().zip([limit, blank, existing]) {
                list.push(run);
            }
        }
        let [limit, blank, existing] = seconds.map(|mut seconds| spread(&mut seconds).0);
        let _ = writeln!(medians, "| {schema} | {limit:.1} | {blank:.1} | {existing:.1} |");
    }
    table(out, "over 20 ms and 200 Mbit/s: whole verified run / limit", &mut ratios);
    let _ = write!(
        out,
        "\n| median in seconds | limit | blank tables | existing tables |\n|---|---|---|---|\n\
         {medians}"
    );
    Ok(())
}

/// Makes what the limit needs of one of our own runs.
fn prepare(tools: &Tools<'_>, schema: &'static str, source: &Path) -> Result<Limit, String> {
    let folder = tools.folder.join(schema.replace('/', "-"));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut ready = Limit {
        schema,
        source: source.to_owned(),
        before: String::new(),
        after: String::new(),
        tables: Vec::new(),
        folder,
    };
    run_migrate(tools, &ready, Tables::Blank)?;
    let url = tools.cluster.url("ours");
    let dump = |section: &str| {
        let mut command = Command::new(tools.bin.join("pg_dump"));
        command.args(["-O", "-x", &format!("--section={section}"), "-d", &url]);
        let output = command.output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(format!("pg_dump: {}", String::from_utf8_lossy(&output.stderr))),
        }
    };
    ready.before = dump("pre-data")?;
    ready.after = dump("post-data")?;
    let psql = program(tools.bin, "psql")?;
    let list = "\\t on\n\\a\nSELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND \
                relnamespace = 'public'::regnamespace ORDER BY relname";
    let tables = script(&psql, &url, list)?;
    ready.tables = tables.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    for (number, table) in ready.tables.iter().enumerate() {
        let file = ready.folder.join(format!("{number}.bin"));
        let copy = format!("\\copy public.{table} to '{}' (format binary)", file.display());
        script(&psql, &url, &copy)?;
    }
    let directory = ready.folder.join("dump");
    if !directory.exists() {
        let mut command = Command::new(tools.bin.join("pg_dump"));
        command.args(["-Fd", "-j2", "-f"]).arg(&directory).args(["-d", &url]);
        server::run(&mut command)?;
    }
    Ok(ready)
}

fn load_ready_files(tools: &Tools<'_>, ready: &Limit) -> Result<Measured, String> {
    load_ready_files_at(tools, ready, &|url| url.to_owned())
}

fn load_ready_files_at(
    tools: &Tools<'_>,
    ready: &Limit,
    at: &dyn Fn(&str) -> String,
) -> Result<Measured, String> {
    let url = at(&fresh(tools.cluster, "theirs")?);
    let mut text =
        format!("SET maintenance_work_mem = '256MB';\nSET jit = off;\nBEGIN;\n{}\n", ready.before);
    for (number, table) in ready.tables.iter().enumerate() {
        let file = ready.folder.join(format!("{number}.bin"));
        let _ = writeln!(
            text,
            "\\copy public.{table} from '{}' (format binary, freeze)",
            file.display()
        );
    }
    text.push_str(&ready.after);
    for table in &ready.tables {
        let _ = writeln!(text, "ANALYZE public.{table};");
    }
    text.push_str("COMMIT;\n");
    let psql = program(tools.bin, "psql")?;
    measure(tools, || script(&psql, &url, &text).map(drop))
}

/// Rehearses into empty existing tables and into blank ones, and runs each in earnest after it.
///
/// # Errors
/// Whatever goes wrong, in words.
pub fn compare_rehearsals(
    tools: &Tools<'_>,
    rounds: usize,
    out: &mut String,
) -> Result<(), String> {
    let mut ratios = Ratios::new();
    for (schema, file) in DATABASES {
        let limit = prepare(tools, schema, &tools.data.join(file))?;
        for (tables, words) in
            [(Tables::Blank, "blank tables"), (Tables::Existing, "existing tables")]
        {
            for _ in 0..rounds {
                let url = make_tables(tools, &limit, tables)?;
                let rehearsed = run_at(tools, &limit, &url, &["--rehearse"])?.seconds;
                let estimated = estimate(tools, &limit, &url)?;
                let real = run_at(tools, &limit, &url, &[])?.seconds;
                push(&mut ratios, &format!("{schema}, {words}, rehearsal"), rehearsed / real);
                push(&mut ratios, &format!("{schema}, {words}, estimate"), estimated / real);
            }
        }
    }
    table(out, "rehearsed or estimated time / time of the run that follows", &mut ratios);
    Ok(())
}

/// What a dry run estimates, in seconds.
fn estimate(tools: &Tools<'_>, limit: &Limit, url: &str) -> Result<f64, String> {
    run_at(tools, limit, url, &["--dry-run"])?;
    let text = fs::read_to_string(tools.folder.join("limit.json")).map_err(|e| e.to_string())?;
    let report: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    report["estimate"].as_f64().ok_or_else(|| "the dry run made no estimate".to_owned())
}

fn run_migrate(tools: &Tools<'_>, ready: &Limit, tables: Tables) -> Result<Measured, String> {
    let url = make_tables(tools, ready, tables)?;
    run_at(tools, ready, &url, &[])
}

/// The URL of an empty database, with or without the tables.
fn make_tables(tools: &Tools<'_>, ready: &Limit, tables: Tables) -> Result<String, String> {
    let url = fresh(tools.cluster, "ours")?;
    if tables == Tables::Existing {
        let psql = program(tools.bin, "psql")?;
        script(&psql, &url, &format!("{}\n{}", ready.before, ready.after))?;
    }
    Ok(url)
}

/// Runs the program against that URL.
fn run_at(tools: &Tools<'_>, ready: &Limit, url: &str, words: &[&str]) -> Result<Measured, String> {
    let report = tools.folder.join("limit.json");
    let mut command = Command::new(tools.migrate);
    command.args(["copy", "--force", "--schema", ready.schema, "--target", url]).args(words);
    if words != ["--dry-run"] {
        command.arg("--yes");
    }
    command.arg("--source").arg(&ready.source);
    command.arg("--report").arg(&report).stdout(Stdio::null()).stderr(Stdio::null());
    let measured = measure(tools, || server::run(&mut command))?;
    let text = fs::read_to_string(&report).map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(Measured { memory: report["memory_peak"].as_u64().unwrap_or(0), ..measured })
}

fn restore(tools: &Tools<'_>, ready: &Limit, jobs: usize) -> Result<f64, String> {
    let url = fresh(tools.cluster, "restored")?;
    let mut command = Command::new(tools.bin.join("pg_restore"));
    command.arg(format!("-j{jobs}")).args(["-d", &url]).arg(ready.folder.join("dump"));
    measure(tools, || server::run(&mut command)).map(|measured| measured.seconds)
}

fn measure(
    tools: &Tools<'_>,
    run: impl FnOnce() -> Result<(), String>,
) -> Result<Measured, String> {
    let postmaster = postmaster(tools.cluster)?;
    let (client, server) = (cpu_of_children("self")?, cpu_of_server(&postmaster)?);
    let begun = Instant::now();
    run()?;
    let seconds = begun.elapsed().as_secs_f64();
    let client = cpu_of_children("self")? - client;
    // What the session's processes took counts when they have ended.
    std::thread::sleep(Duration::from_millis(300));
    let server = cpu_of_server(&postmaster)? - server;
    Ok(Measured { seconds, client, server, memory: 0 })
}

/// The number of the server's first process.
fn postmaster(cluster: &Cluster) -> Result<String, String> {
    let file = cluster.directory.join("data/postmaster.pid");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    text.lines().next().map(str::to_owned).ok_or_else(|| "postmaster.pid is empty".to_owned())
}

/// The fields of `/proc/PID/stat` from the third on.
fn fields_of_process(pid: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn ticks(fields: &[String], places: std::ops::RangeInclusive<usize>) -> f64 {
    let ticks = fields.get(places).unwrap_or_default().iter();
    ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Seconds of CPU of the children of a process that have ended.
fn cpu_of_children(pid: &str) -> Result<f64, String> {
    let fields = fields_of_process(pid).ok_or("/proc is needed for CPU times")?;
    Ok(ticks(&fields, 13..=14))
}

/// Seconds of CPU of all processes of a server, those that have ended among them.
fn cpu_of_server(postmaster: &str) -> Result<f64, String> {
    let own = fields_of_process(postmaster).ok_or("/proc is needed for CPU times")?;
    let mut sum = ticks(&own, 11..=14);
    for entry in fs::read_dir("/proc").map_err(|error| error.to_string())?.flatten() {
        let name = entry.file_name();
        let Some(fields) = name.to_str().and_then(fields_of_process) else { continue };
        if fields.get(1).is_some_and(|parent| parent == postmaster) {
            sum += ticks(&fields, 11..=12);
        }
    }
    Ok(sum)
}
