//! What stands in the targets under the names of the plan, and what that means for a run: nothing
//! (the tables are made), the application's own tables (they are loaded as they are), the work of
//! an earlier run, or something in the way.

use model::sql;

use super::histories::{self, Differing};
use super::listing::{announce, lacking, list, shown};
use super::sources::Database;
use super::targets::{Target, begin_reading, end_reading};
use super::{Request, World, counters};
use crate::diagnostic::{Error, Exit, Fault, Finding, Id, Result, Severity};
use crate::plan::{Input, Planned};
use crate::postgres::existing::catalog::Survey;
use crate::postgres::existing::fit::{self, Fit};
use crate::postgres::existing::{self, Prepared, obstacles, ours};
use crate::postgres::sequences::{self, judge};
use crate::postgres::server_error;
use crate::postgres::session;
use crate::postgres::tables::{self, Kind, Standing};
use crate::repair::Action;
use crate::report::Report;
use crate::text::counted;

/// Something that keeps a database of the run from being loaded: (its place, what).
pub type Blocker = (usize, Finding);

/// What was found of all databases' tables.
#[derive(Default)]
pub struct Looked {
    /// What keeps databases out.
    pub blockers: Vec<Blocker>,
    /// Migration history tables whose lists differ, which somebody may accept.
    pub differing: Vec<Differing>,
}

/// Looks at every database's tables. What is decided about them stands in the inputs afterwards, is
/// said before anybody is asked, and what keeps a database out is returned: unless all of it was
/// done before, that ends the run.
pub fn look(
    request: &Request,
    databases: &[Database],
    targets: &mut [Target],
    inputs: &mut [Input],
    world: &mut World,
    report: &mut Report,
) -> Result<Looked> {
    let mut looked = Looked::default();
    let known = known_tables(inputs);
    for (place, input) in inputs.iter_mut().enumerate() {
        let Some(target) = targets.get_mut(input.target) else { continue };
        let seen = see(target, input, &known, world)?;
        let mut found = Vec::new();
        let sequences = seen.sequences.clone();
        let mut compare = |target: &mut Target, input: &Input| match databases.get(place) {
            Some(database) => {
                histories::compare(place, &database.source, target, input, &mut looked)
            }
            None => Ok(Vec::new()),
        };
        let class = match seen {
            Seen { standing, .. } if standing.is_empty() => "blank",
            Seen { standing, survey: Some(survey), rows, others, sequences } => {
                let ours = request.drop_all && only_ours(target, input, &standing)?;
                found.extend(compare(target, input)?);
                match ours {
                    true => replaced(input, &standing, world, &mut found),
                    false => {
                        let stand = Stand { survey, rows, others, sequences };
                        whole(request, target, input, stand, &mut found)
                    }
                }
            }
            Seen { standing, .. } => {
                let class = part(request, target, input, &standing, world, &mut found)?;
                if !input.kept.is_empty() {
                    found.extend(compare(target, input)?);
                }
                class
            }
        };
        if class != "occupied" || input.prepared.is_some() {
            found.extend(counters::find(target, input, &sequences));
        }
        announce(input, class, world);
        if let Some(entry) = report.databases.get_mut(place) {
            entry.class = class;
        }
        for finding in found {
            match finding.severity {
                Severity::Error => looked.blockers.push((place, finding)),
                Severity::Warning => {
                    world.console.warn(&finding.fault());
                    report.findings.push(finding);
                }
                Severity::Note => report.findings.push(finding),
            }
        }
    }
    Ok(looked)
}

/// The tables that a database of the run knows, and the schema in which it knows them.
fn known_tables(inputs: &[Input]) -> Vec<(String, &'static str)> {
    let known = inputs.iter().flat_map(|input| {
        let kept = input.version.bookkeeping.iter().map(|kept| kept.table);
        let names = input.version.tables().map(|table| table.name).chain(kept);
        names.map(|name| (input.schema.clone(), name))
    });
    known.collect()
}

/// What one database's names meet.
struct Seen {
    standing: Vec<Standing>,
    /// The tables in full, where all of them stand.
    survey: Option<Survey>,
    rows: Vec<(String, u64)>,
    /// The schema's sequences.
    sequences: sequences::Survey,
    /// Tables of the same schema that were loaded before and that no database of the run knows.
    others: Vec<String>,
}

/// The same, where all of the tables stand.
struct Stand {
    survey: Survey,
    rows: Vec<(String, u64)>,
    others: Vec<String>,
    sequences: sequences::Survey,
}

/// Tables that another session holds are waited for.
fn see(
    target: &mut Target,
    input: &Input,
    known: &[(String, &str)],
    world: &mut World,
) -> Result<Seen> {
    let client = &mut target.connection.client;
    begin_reading(client)?;
    let planned: Vec<&str> = input.version.loaded().map(|table| table.name).collect();
    let look = || {
        let standing = tables::standing(client, &input.schema, input.version)?;
        let survey = existing::survey(client, &input.schema, &planned)?;
        let rows = survey.as_ref().map(|survey| existing::rows(client, survey)).transpose()?;
        let own = known.iter().filter(|(schema, _)| *schema == input.schema);
        let own: Vec<&str> = own.map(|(_, name)| *name).collect();
        let others = existing::other_loads(client, &input.schema, &own)?;
        let sequences = sequences::read(client, &input.schema, &counters::named(input))?;
        Ok(Seen { standing, survey, rows: rows.unwrap_or_default(), others, sequences })
    };
    let fail = |error: postgres::Error| server_error("looking at what is there", &error);
    let waiting = &mut |text: &str| world.console.say(text);
    let seen = session::watched(&mut target.watcher, target.facts.pid, waiting, look, fail)?;
    end_reading(&mut target.connection.client)?;
    Ok(seen)
}

/// All tables stand: they are loaded as they are, if nothing speaks against it.
fn whole(
    request: &Request,
    target: &Target,
    input: &mut Input,
    stand: Stand,
    found: &mut Vec<Finding>,
) -> &'static str {
    let Stand { survey, rows, others, sequences } = stand;
    let mut fit = fit::fit(&input.database, input.version, &survey);
    let fits = fit.fits();
    fit.findings.iter_mut().for_each(|finding| widened(request, finding));
    adapt(input, &fit);
    found.extend(fit.findings);
    found.extend(obstacles::find(&input.database, &survey, &target.facts.user));
    input.filled = fits && !rows.is_empty();
    let replace = request.replace_seed || request.drop_all;
    let unnamed =
        histories::unnamed(input, rows.iter().map(|(name, count)| (&**name, Some(*count))));
    // Rows for which another finding has the hint are not offered to be replaced.
    let is_unnamed = |name: &String| unnamed.iter().any(|finding| finding.table == *name);
    let offered: Vec<(String, u64)> =
        rows.iter().filter(|(name, _)| !is_unnamed(name)).cloned().collect();
    if fits && !offered.is_empty() && !replace {
        found.push(obstacles::rows(&input.database, &survey, &offered, &others));
    }
    found.extend(unnamed);
    let class = if rows.is_empty() { "prepared" } else { "occupied" };
    let copied = input.tables.iter().map(|planned| &planned.shape.table).flat_map(|table| {
        table.copied().map(|column| (table.name.to_owned(), column.name.to_owned()))
    });
    let (database, copied) = (input.database.clone(), copied.collect());
    let named = counters::named(input);
    input.prepared = Some(Prepared { database, survey, rows, copied, sequences, named });
    class
}

/// A type that differs only because a repair was to make it wider.
fn widened(request: &Request, finding: &mut Finding) {
    let mut asked = request.repairs.asked.iter();
    let wider = match finding.columns.as_slice() {
        [column] => {
            asked.any(|asked| asked.action == Action::Widen && asked.is_for(&finding.table, column))
        }
        _ => false,
    };
    if finding.id == Id::S14 && wider {
        finding.what.push_str(": widen is for tables that this program makes, and this one stays");
        "use truncate or quarantine; or let its owner widen the column in PostgreSQL, and draft \
         the schema files again"
            .clone_into(&mut finding.cure);
    }
}

/// The tables' descriptions as they fit the target; what is compared keeps its computed columns.
fn adapt(input: &mut Input, fit: &Fit) {
    let version = input.version;
    input.tables.retain(|planned| !version.keeps(planned.shape.table.name));
    for shape in &fit.shapes {
        let of_name = |planned: &&mut Planned| planned.shape.table.name == shape.table.name;
        if let Some(planned) = input.tables.iter_mut().find(of_name) {
            planned.shape = shape;
        }
    }
}

/// Not all tables stand, or only types: nothing of that is ever loaded into.
fn part(
    request: &Request,
    target: &mut Target,
    input: &mut Input,
    standing: &[Standing],
    world: &mut World,
    found: &mut Vec<Finding>,
) -> Result<&'static str> {
    let about = |what: String, cure: &str| {
        let mut finding = Finding::about(Id::O6, Severity::Error, what);
        finding.database.clone_from(&input.database);
        cure.clone_into(&mut finding.cure);
        finding
    };
    for other in standing {
        if let Kind::Other(kind) = &other.kind {
            let what = format!("a {kind} {} is in the way in schema {}", other.name, input.schema);
            let mut finding =
                about(what, "it is not ours to drop: rename or drop it, or use an empty database");
            finding.id = Id::O19;
            found.push(finding);
        }
    }
    let ours: Vec<Standing> = standing.iter().filter(|s| !is_other(s)).cloned().collect();
    if ours.is_empty() {
        return Ok("occupied");
    }
    if !request.drop_all {
        let mut details = list(&ours);
        details.extend(lacking(input, &ours));
        // A load makes all tables or none: where some are, their rows are not of this file.
        let cure = match ours.iter().all(|standing| matches!(standing.rows, None | Some(0))) {
            true => {
                "use an empty database or schema; or let the application make all of its tables; \
                 --drop-all replaces those that this program has made"
            }
            false => {
                "use an empty database, or a schema of its own for this file: add \
                 ?search_path=NAME to the URL; or let the application make all of its tables. The \
                 rows may be those of another SQLite file, which would be lost"
            }
        };
        let what = "the target already has tables that the migration would create:".to_owned();
        let mut finding = about(what, cure);
        finding.details = details;
        found.push(finding);
        return Ok("occupied");
    }
    let names: Vec<String> = ours.iter().map(|standing| standing.name.clone()).collect();
    let others = others(target, input, &names)?;
    if others.is_empty() {
        return Ok(replaced(input, &ours, world, found));
    }
    let others: Vec<Standing> =
        ours.into_iter().filter(|standing| others.contains(&standing.name)).collect();
    let mut finding = about(
        "not exactly what this program would make, so not dropped:".to_owned(),
        "if nothing in them is needed, drop them by hand; or let the application make all of its \
         tables, which are then emptied and loaded as they are",
    );
    finding.details = list(&others);
    found.push(finding);
    Ok("occupied")
}

fn is_other(standing: &Standing) -> bool {
    matches!(standing.kind, Kind::Other(_))
}

/// Whether everything that stands is exactly what this program makes.
fn only_ours(target: &mut Target, input: &Input, standing: &[Standing]) -> Result<bool> {
    let names: Vec<String> = standing.iter().map(|standing| standing.name.clone()).collect();
    Ok(!standing.iter().any(is_other) && others(target, input, &names)?.is_empty())
}

fn others(target: &mut Target, input: &Input, names: &[String]) -> Result<Vec<String>> {
    let client = &mut target.connection.client;
    ours::others(client, &input.schema, input.version, names)
        .map_err(|error| server_error("looking at what is there", &error))
}

/// Marks tables and types to be dropped and made again.
fn replaced(
    input: &mut Input,
    standing: &[Standing],
    world: &mut World,
    found: &mut Vec<Finding>,
) -> &'static str {
    let rows = standing.iter().filter(|standing| standing.kind == Kind::Table);
    let rows = rows.map(|table| (&*table.name, table.rows.map(i64::unsigned_abs)));
    found.extend(histories::unnamed(input, rows));
    histories::keep(input, standing, world);
    let kept = input.kept.clone();
    for standing in standing.iter().filter(|standing| !kept.contains(&&*standing.name)) {
        let table = input.version.tables().find(|table| table.name == standing.name);
        let declared = input.version.enums.iter().find(|known| known.name == standing.name);
        if let (Kind::Table, Some(table)) = (&standing.kind, table) {
            let name = sql::qualified(&standing.schema, &standing.name);
            let rows = shown(standing.rows);
            world.console.say(&format!("plan: --drop-all replaces {name} with its {rows}"));
            input.drop.push(table.name);
        } else if let Some(known) = declared {
            input.drop_types.push(known.name);
        }
    }
    "replaced"
}

/// Keeps the databases that are still to be done, and says which rows will be replaced; refuses
/// when something stands in their way.
pub fn without_done(
    mut inputs: Vec<Input>,
    done: &[usize],
    blockers: Vec<Blocker>,
    world: &mut World,
    report: &mut Report,
) -> Result<Vec<Input>> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut exit = Exit::Target;
    for (_, finding) in blockers.into_iter().filter(|(place, _)| !done.contains(place)) {
        if judge::TO_DECIDE.contains(&finding.id) {
            exit = Exit::Source;
        }
        faults.push(finding.fault());
        report.findings.push(finding);
    }
    Error::all(exit, faults)?;
    for (place, input) in inputs.iter_mut().enumerate() {
        if done.contains(&place) {
            // A database that is done keeps its place, for the report, and has nothing to do.
            input.target = usize::MAX;
        } else if let Some(prepared) = &input.prepared {
            for (name, rows) in &prepared.rows {
                let table = sql::qualified(&input.schema, name);
                let rows = counted(*rows, "row");
                world.console.say(&format!("plan: {table} is emptied of its {rows}"));
            }
            if let Some(entry) = report.databases.get_mut(place) {
                entry.replaced.clone_from(&prepared.rows);
            }
        }
    }
    Ok(inputs)
}

/// For `--verify`: everything that is to be compared must be there.
pub fn expect_tables(
    targets: &mut [Target],
    inputs: &mut [Input],
    world: &mut World,
) -> Result<()> {
    let mut faults = Vec::new();
    for input in inputs {
        let Some(target) = targets.get_mut(input.target) else { continue };
        let (schema, version) = (&input.schema, input.version);
        match see(target, input, &[], world)?.survey {
            Some(survey) => {
                let fit = fit::fit(&input.database, version, &survey);
                // What else differs shows in the values, if it matters for what is compared.
                let missing = fit.findings.iter().filter(|found| found.id == Id::O2);
                faults.extend(missing.map(Finding::fault));
                adapt(input, &fit);
            }
            None => faults.push(Fault::new(
                format!(
                    "{}: schema {schema} does not hold all tables of {} {}",
                    input.database, version.database, version.name
                ),
                "run the migration first, or check the URL",
            )),
        }
    }
    Error::all(Exit::Target, faults)
}
