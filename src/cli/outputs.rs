//! The outputs of a command: all of their paths are checked before anything is opened or written.

use std::path::{Path, PathBuf};

use super::{Db, How};
use crate::config::Config;
use crate::diagnostic::console::Console;
use crate::diagnostic::{Error, Exit, Fault, Result};
use crate::files::output::Destination;
use crate::files::place::Place;
use crate::files::{Output, Protected, directory};
use crate::migrate::{KEYS, Request};
use crate::postgres::connection::{Environment, passfile};
use crate::repair::quarantine;
use crate::report::{Format, Report, ReportFile, WrittenFile, describe_left_out};
use crate::schema_tools::draft;

/// Checks all outputs of a run, and opens those of the report. `protected` has what the command
/// itself reads.
///
/// # Errors
/// Everything that is wrong with their paths.
pub fn check_outputs(
    request: &Request,
    how: &How,
    environment: &Environment,
    mut protected: Protected,
) -> Result<Vec<ReportFile>> {
    add_inputs(&mut protected, request, how, environment);
    let mut faults = Vec::new();
    let mut keep = |error: Error| faults.extend(error.faults);
    let mut reports = Vec::new();
    let proposed = how.propose_repairs.iter().map(|path| (path, Format::Repairs));
    let asked = how.report.iter().map(|path| (path, Format::of_path(path))).chain(proposed);
    for (path, format) in asked {
        match protected.check_output(path, format.purpose(), how.force) {
            Ok(found) => reports.push((path, format, found)),
            Err(error) => keep(error),
        }
    }
    if let Some(keys) = &request.repairs.keys
        && let Err(error) = protected.check_output(keys, KEYS, how.force)
    {
        keep(error);
    }
    if let Some(path) = &request.repairs.quarantine {
        for path in [path.clone(), quarantine::part_file_path(path)] {
            if let Err(error) = protected.check_output(&path, quarantine::PURPOSE, how.force) {
                keep(error);
            }
        }
    }
    Error::from_faults(Exit::Usage, faults)?;
    let open = |(path, format, found): (&PathBuf, Format, Destination)| {
        Ok(ReportFile { path: path.clone(), format, output: Output::open(found)? })
    };
    reports.into_iter().map(open).collect()
}

/// Protects what every run reads.
fn add_inputs(protected: &mut Protected, request: &Request, how: &How, environment: &Environment) {
    for wanted in &request.databases {
        protected.add_database("the source", &wanted.source);
        let (tls, address) = (&wanted.address.tls, &wanted.address);
        if let Some(path) = passfile::password_file_path(address, environment) {
            protected.add("the password file", &path);
        }
        let key = tls.sslkey.as_ref().map(crate::postgres::connection::Secret::reveal);
        let named = [tls.sslrootcert.as_deref(), tls.sslcert.as_deref(), key];
        // With sslinline=true they hold the text itself, which is no file's name.
        for path in named.into_iter().flatten().filter(|_| !tls.inline) {
            protected.add("a certificate or key of the connection", Path::new(path));
        }
        let usual = environment.home.as_deref().map(|home| home.join(".postgresql"));
        for name in ["root.crt", "postgresql.crt", "postgresql.key"] {
            if let Some(usual) = &usual {
                protected.add("a certificate or key of the connection", &usual.join(name));
            }
        }
    }
    if let Some(repairs) = &how.repairs {
        protected.add("the file of --repairs", repairs);
    }
    protected.add_standard_streams();
}

/// What `migrate db` reads, as its configuration and its flags say.
pub fn inputs_of_db(config: &Config, db: &Db) -> Protected {
    let mut protected = Protected::default();
    protected.add("the configuration file", &config.file);
    for (what, path) in &config.beside {
        protected.add(what, path);
    }
    // Whichever of them is moved now.
    for pair in [&config.core, &config.instrumentation] {
        protected.add_database("a database of the configuration", &pair.sqlite);
    }
    if let Some(root) = &db.schema {
        for directory in [root.clone(), root.join("core"), root.join("instrumentation")] {
            protected.add_schema(&directory);
        }
    }
    protected
}

/// Writes the report of a run that has not begun, where it can be replaced at the end.
///
/// # Errors
/// When it cannot be written.
pub fn begin_report(report: &Report, files: &mut [ReportFile]) -> Result<()> {
    files.iter_mut().filter(|file| file.output.is_regular()).try_for_each(|file| file.write(report))
}

/// Writes the report of a run that has ended; how it ended is what counts.
pub fn end_report(report: &Report, files: &mut [ReportFile], console: &mut Console) {
    let errors = files.iter_mut().filter_map(|file| file.write(report).err());
    for Fault { text, .. } in errors.flat_map(|error| error.faults) {
        let hint = "use the summary above: the report is missing, or says `unfinished`";
        console.print_warning(&Fault::new(text, hint));
    }
}

/// The files that a run has written, or is about to write at its end; streams are not among them.
pub fn list_files(report: &Report, request: &Request, files: &[ReportFile]) -> Vec<WrittenFile> {
    let mut list = Vec::new();
    for file in files.iter().filter(|file| file.output.is_regular()) {
        let what = if file.format == Format::Repairs { "proposed repairs" } else { "report" };
        list.push(WrittenFile { what, path: file.path.clone() });
    }
    let keys = request.repairs.keys.iter();
    list.extend(keys.map(|path| WrittenFile { what: "keys of affected rows", path: path.clone() }));
    let has_rows = report.tables().any(|table| table.quarantined > 0);
    let is_written = has_rows && report.any_committed();
    let quarantine = request.repairs.quarantine.iter().filter(|_| is_written);
    let rows_of = |path: &PathBuf| WrittenFile { what: "rows in quarantine", path: path.clone() };
    list.extend(quarantine.map(rows_of));
    list
}

/// Warns where proposed repairs do not answer all that was found.
pub fn warn_of_missing_proposals(report: &Report, files: &[ReportFile], console: &mut Console) {
    let proposes = files.iter().any(|file| file.format == Format::Repairs);
    if proposes && report.findings_left_out > 0 {
        let hint =
            "add `--repairs` with this file to a dry run, which proposes repairs for the rest";
        let text = format!("--propose-repairs: {}", describe_left_out(report));
        console.print_warning(&Fault::new(text, hint));
    }
}

/// Checks where a draft goes.
///
/// # Errors
/// What is there already, or what it would stand in for.
pub fn check_draft(source: &Path, out: Option<&Path>, into: Option<&Path>) -> Result<()> {
    if let Some(into) = into {
        return draft::into::check_files(into);
    }
    let Some(out) = out else { return Ok(()) };
    let mut protected = Protected::default();
    protected.add_database("the source", source);
    // A parent that does not exist yet holds nothing that could be protected.
    if let Ok(place) = Place::find_directory(out)
        && let Ok(Some(what)) = protected.find_name(&place)
    {
        let text = format!("--out: {} would be {what}", out.display());
        return Err(Error::new(Exit::Usage, text, "name another directory with `--out`"));
    }
    directory::check_new_directory("--out", out)
}
