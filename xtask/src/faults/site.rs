//! Where attempts are made: a cluster, and scenarios. A scenario is a command, its SQLite files,
//! and what PostgreSQL holds before and after it; it is prepared once, by a run without a fault
//! whose rows are compared with SQLite's.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tempfile::TempDir;

use super::place::Place;
use super::program::Launch;
use super::rows;
use super::state::{self, State};
use crate::cluster::{self, Cluster, Wanted};
use crate::sample;

/// The role that runs the program: it owns its databases, and has no other right.
const ROLE: &str = "faults";
/// Its password.
const PASSWORD: &str = "secret";

/// What a run is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Two SQLite files into one empty database.
    Empty,
    /// Two SQLite files into two databases: two commits.
    TwoTargets,
    /// Tables that the application has made, with a trigger, a view and seed rows to replace.
    ExistingTables,
    /// Tables of an earlier run that are dropped.
    Replaced,
    /// A row is not copied: it goes into a quarantine file.
    Quarantine,
    /// Connect's tables, by the schema that is built in.
    Connect,
}

/// All scenarios.
pub const SCENARIOS: [Scenario; 6] = [
    Scenario::Empty,
    Scenario::TwoTargets,
    Scenario::ExistingTables,
    Scenario::Replaced,
    Scenario::Quarantine,
    Scenario::Connect,
];

/// A scenario that can be attempted.
pub struct ScenarioSetup {
    /// Its SQLite files.
    pub data: PathBuf,
    /// Arguments between `db` and the outputs.
    pub words: Vec<OsString>,
    /// Templates of the databases before the run.
    pub templates: Vec<String>,
    /// What they hold before.
    pub old: Vec<State>,
    /// What they hold after.
    pub new: Vec<State>,
    /// How long a run takes, in seconds.
    pub seconds: f64,
    /// How many messages the program and the server send.
    pub messages: [u64; 2],
}

/// A cluster with scenarios.
pub struct Site {
    /// The program under test.
    pub program: PathBuf,
    /// The server.
    pub cluster: Arc<Mutex<Cluster>>,
    /// Its port.
    pub port: u16,
    admin_url: String,
    folder: TempDir,
    schema: OnceLock<Result<PathBuf, String>>,
    setup: [OnceLock<Result<ScenarioSetup, String>>; SCENARIOS.len()],
}

impl Site {
    /// Starts a cluster.
    ///
    /// # Errors
    /// Whatever goes wrong, in words.
    pub fn new(bin: &Path, program: &Path) -> Result<Site, String> {
        let cluster = cluster::start(bin, &Wanted::default())?;
        let folder = tempfile::Builder::new().prefix("cm-faults-").tempdir();
        let folder = folder.map_err(|error| error.to_string())?;
        let site = Site {
            program: program.to_owned(),
            port: cluster.port,
            admin_url: cluster.url("postgres"),
            cluster: Arc::new(Mutex::new(cluster)),
            folder,
            schema: OnceLock::new(),
            setup: [const { OnceLock::new() }; SCENARIOS.len()],
        };
        site.execute(&format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'"))?;
        Ok(site)
    }

    /// Does something as the superuser.
    ///
    /// # Errors
    /// The server's.
    pub fn execute(&self, sql: &str) -> Result<(), String> {
        self.execute_in("postgres", sql)
    }

    /// The same in a database.
    ///
    /// # Errors
    /// The server's.
    pub fn execute_in(&self, database: &str, sql: &str) -> Result<(), String> {
        let mut client = state::connect(&self.admin_url_of(database))?;
        client.batch_execute(sql).map_err(|error| format!("{sql}: {error:?}"))
    }

    /// The superuser's URL of a database.
    pub fn admin_url_of(&self, database: &str) -> String {
        let end = "/postgres?sslmode=disable";
        let start = self.admin_url.strip_suffix(end).unwrap_or(&self.admin_url);
        format!("{start}/{database}?sslmode=disable")
    }

    /// The program's URL of a database, on this port.
    pub fn url_of(&self, database: &str, port: u16) -> String {
        format!("postgres://{ROLE}:{PASSWORD}@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// Makes a database anew.
    ///
    /// # Errors
    /// The server's.
    pub fn make_database(&self, name: &str, template: &str) -> Result<(), String> {
        self.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {ROLE}"))
    }

    /// The scenario, prepared at its first use.
    ///
    /// # Errors
    /// What went wrong when it was prepared.
    pub fn set_up_scenario(&self, scenario: Scenario) -> Result<&ScenarioSetup, String> {
        let index = SCENARIOS.iter().position(|known| *known == scenario).unwrap_or(0);
        let cell = self.setup.get(index).ok_or("no such scenario")?;
        let made = cell.get_or_init(|| self.prepare(scenario));
        made.as_ref().map_err(|error| format!("{scenario:?} cannot be prepared: {error}"))
    }

    fn prepare(&self, scenario: Scenario) -> Result<ScenarioSetup, String> {
        let folder = self.folder.path().join(format!("{scenario:?}"));
        let mut setup = self.describe(scenario, &folder)?;
        let name = format!("p_{scenario:?}").to_lowercase();
        // The first run finds cold caches.
        for _ in 0..2 {
            let place = Place::make(self, &setup, scenario, &name)?;
            let old = place.read_states()?;
            let (ended, seconds, messages) = place.run_counted()?;
            if ended.code != Some(0) {
                return Err(format!("{}: {}", ended.shown(), ended.output()));
            }
            let new = place.read_states()?;
            if scenario != Scenario::Connect {
                place.compare_rows()?;
            }
            if old.iter().zip(&new).any(|(old, new)| old == new) {
                return Err("a run changed nothing".to_owned());
            }
            drop(place);
            setup = ScenarioSetup { old, new, seconds, messages, ..setup };
        }
        Ok(setup)
    }

    /// The files, the words and the templates of a scenario.
    fn describe(&self, scenario: Scenario, folder: &Path) -> Result<ScenarioSetup, String> {
        let data = folder.join("db");
        let mut words: Vec<OsString> = Vec::new();
        if scenario == Scenario::Connect {
            let options = sample::Options { rows: 300, ..sample::Options::new(&data) };
            sample::write(&options).map_err(|error| error.to_string())?;
        } else {
            let orphans = i64::from(scenario == Scenario::Quarantine) * 3;
            rows::make_files(&data, 400, orphans)?;
            words.extend(["--schema".into(), self.schema()?.into()]);
        }
        let templates = match scenario {
            Scenario::TwoTargets => vec!["template1".to_owned(); 2],
            Scenario::ExistingTables => vec![self.make_template(scenario, SEEDED)?],
            Scenario::Replaced => vec![self.make_template(scenario, OLDER)?],
            _ => vec!["template1".to_owned()],
        };
        words.extend(match scenario {
            Scenario::ExistingTables => vec!["--replace-seed".into()],
            Scenario::Replaced => vec!["--drop-all".into()],
            Scenario::Quarantine => vec![
                "--repair".into(),
                "core.members.team=orphan-quarantine".into(),
                "--quarantine".into(),
                "q.jsonl".into(),
            ],
            _ => Vec::new(),
        });
        let (old, new) = (Vec::new(), Vec::new());
        Ok(ScenarioSetup { data, words, templates, old, new, seconds: 0.0, messages: [0; 2] })
    }

    /// The schema files of the campaign's own tables, which the program drafts.
    fn schema(&self) -> Result<PathBuf, String> {
        let made = self.schema.get_or_init(|| {
            let data = self.folder.path().join("drafted");
            rows::make_files(&data, 400, 0)?;
            let schema = self.folder.path().join("schema");
            for (file, name) in [(rows::CORE, "core"), (rows::OTHER, "instrumentation")] {
                self.draft(&data.join(file), &schema.join(name))?;
            }
            Ok(schema)
        });
        made.clone()
    }

    /// What a run into an empty database leaves, changed by this SQL.
    fn make_template(&self, scenario: Scenario, sql: &str) -> Result<String, String> {
        let empty = self.set_up_scenario(Scenario::Empty)?;
        let name = format!("t_{scenario:?}").to_lowercase();
        let place = Place::make(self, empty, Scenario::Empty, &name)?;
        let ended = place.run()?;
        if ended.code != Some(0) {
            return Err(format!("{}: {}", ended.shown(), ended.output()));
        }
        let database = place.databases.first().cloned().unwrap_or_default();
        self.execute_in(&database, sql)?;
        state::wait_until_alone(&self.admin_url, std::slice::from_ref(&database))?;
        Ok(database)
    }

    /// A schema directory that the program drafts of a file.
    ///
    /// # Errors
    /// When it does not.
    pub fn draft(&self, file: &Path, directory: &Path) -> Result<(), String> {
        let folder = tempfile::tempdir_in(self.folder.path()).map_err(|e| e.to_string())?;
        fs::create_dir(folder.path().join("tmp")).map_err(|error| error.to_string())?;
        if let Some(above) = directory.parent() {
            fs::create_dir_all(above).map_err(|error| error.to_string())?;
            fs::set_permissions(above, fs::Permissions::from_mode(0o700))
                .map_err(|error| error.to_string())?;
        }
        let words = ["schema", "draft", "--source"].map(OsString::from).into_iter();
        let words = words.chain([file.into(), "--out".into(), directory.into()]).collect();
        let launch = Launch {
            program: self.program.clone(),
            words,
            folder: folder.path().to_owned(),
            streams: Default::default(),
            before: String::new(),
        };
        let ended = launch.run()?;
        match ended.code {
            Some(0) => Ok(()),
            _ => Err(format!("schema draft: {}: {}", ended.shown(), ended.output())),
        }
    }

    /// Where places are made.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops the cluster and waits until it is gone.
    pub fn stop(self) {
        if let Some(cluster) = Arc::into_inner(self.cluster) {
            cluster.into_inner().unwrap_or_else(PoisonError::into_inner).stop();
        }
    }

    /// The superuser's URL.
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }
}

/// An application's tables with a few first rows of its own, beside things of others.
const SEEDED: &str = "
    SET session_replication_role = replica;
    DELETE FROM members; DELETE FROM teams; DELETE FROM people WHERE id > 3;
    DELETE FROM words WHERE ctid NOT IN (SELECT ctid FROM words LIMIT 2);
    DELETE FROM visits WHERE id > 2; DELETE FROM marks;
    SET session_replication_role = origin;
    ALTER SEQUENCE people_id_seq RESTART WITH 777;
    CREATE TABLE tickets (id serial PRIMARY KEY, note text);
    INSERT INTO tickets (note) SELECT 'note ' || n FROM generate_series(1, 50) n;
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER own BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE VIEW names AS SELECT id, name FROM people;
    ANALYZE";

/// The tables of an earlier run, whose rows are not those of SQLite any more.
const OLDER: &str = "
    UPDATE people SET note = 'older'; DELETE FROM visits WHERE id % 2 = 0;
    CREATE TABLE tickets (id serial PRIMARY KEY, note text);
    INSERT INTO tickets (note) SELECT 'note ' || n FROM generate_series(1, 50) n";
