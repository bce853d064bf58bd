//! The place of one attempt: copies of the SQLite files, a configuration, databases made anew; and
//! what all of these hold after it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::program::{Ended, Launch, Stream};
use super::rows;
use super::site::{Scenario, ScenarioSetup, Site};
use super::state::{self, State};
use crate::proxy::{self, Action, Message, Sender};

/// Names in the folder of an attempt that are no leftovers.
const EXPECTED: [&str; 7] = ["db", "tmp", "c.gcfg", "out", "err", "r.json", "q.jsonl"];

/// A quarantine file without a commit.
const PART: &str = "q.jsonl.part";

/// What a database holds after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Exactly what it held before.
    Old,
    /// Exactly what a run without a fault leaves.
    New,
    /// Something else, and how it differs from the new state.
    Other(String),
}

/// The place of an attempt.
pub struct Place<'a> {
    site: &'a Site,
    /// The scenario as it was set up.
    pub setup: &'a ScenarioSetup,
    /// Which one it is.
    pub scenario: Scenario,
    folder: TempDir,
    /// Its databases.
    pub databases: Vec<String>,
    sources: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Place<'a> {
    /// Makes everything anew, with databases of this name.
    ///
    /// # Errors
    /// Whatever goes wrong, in words.
    pub fn make(
        site: &'a Site,
        setup: &'a ScenarioSetup,
        scenario: Scenario,
        name: &str,
    ) -> Result<Place<'a>, String> {
        let fail = |error: std::io::Error| error.to_string();
        let folder = tempfile::tempdir_in(site.folder()).map_err(fail)?;
        for directory in ["db", "tmp"] {
            fs::create_dir(folder.path().join(directory)).map_err(fail)?;
        }
        for entry in fs::read_dir(&setup.data).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let copy = folder.path().join("db").join(entry.file_name());
            fs::copy(entry.path(), copy).map_err(fail)?;
        }
        let databases = (0..setup.templates.len()).map(|at| format!("{name}_{at}")).collect();
        let sources = read_sources(&folder.path().join("db"))?;
        let place = Place { site, setup, scenario, folder, databases, sources };
        for (database, template) in place.databases.iter().zip(&setup.templates) {
            site.make_database(database, template)?;
        }
        place.configure(site.port)?;
        Ok(place)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Something in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The name of the folder.
    pub fn path_name(&self) -> String {
        self.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The site that it belongs to.
    pub fn site(&self) -> &'a Site {
        self.site
    }

    /// Writes the configuration: the servers are on this port.
    ///
    /// # Errors
    /// The system's.
    pub fn configure(&self, port: u16) -> Result<(), String> {
        let mut text = format!("[SQLite]\nDir = \"{}\"\n\n[Postgres]\n", self.file("db").display());
        for (key, database) in ["URL", "InstrumentationURL"].iter().zip(&self.databases) {
            text += &format!("{key} = \"{}\"\n", self.site.url_of(database, port));
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(self.file("c.gcfg"));
        written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| e.to_string())
    }

    /// The run of the scenario, with its report.
    pub fn launch(&self) -> Launch {
        self.launch_with(&["--yes", "--report", "r.json"])
    }

    /// The run with these last words.
    pub fn launch_with(&self, last: &[&str]) -> Launch {
        let mut words: Vec<OsString> = ["db", "--config", "c.gcfg"].map(OsString::from).into();
        words.extend(self.setup.words.iter().cloned());
        words.extend(last.iter().map(OsString::from));
        Launch {
            program: self.site.program.clone(),
            words,
            folder: self.path().to_owned(),
            streams: [Stream::Open; 3],
            before: String::new(),
        }
    }

    /// Runs it without a fault.
    ///
    /// # Errors
    /// The system's.
    pub fn run(&self) -> Result<Ended, String> {
        self.launch().run()
    }

    /// Runs it without a fault through a proxy: its end, the seconds of a run without the proxy's
    /// delay, and how many messages the program and the server sent.
    ///
    /// # Errors
    /// The system's.
    pub fn run_counted(&self) -> Result<(Ended, f64, [u64; 2]), String> {
        let counts = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
        let seen = Arc::clone(&counts);
        let proxy = proxy::start(self.site.port, move |message: &Message<'_>| {
            let [client, server] = &*seen;
            let count = if message.sender == Sender::Client { client } else { server };
            count.fetch_add(1, Ordering::SeqCst);
            Action::Pass
        });
        let proxy = proxy.map_err(|error| error.to_string())?;
        self.configure(proxy.port)?;
        let running = self.launch().start()?;
        let begun = running.begun;
        let ended = running.wait()?;
        let seconds = begun.elapsed().as_secs_f64();
        drop(proxy);
        self.configure(self.site.port)?;
        Ok((ended, seconds, [0, 1].map(|at| counts[at].load(Ordering::SeqCst))))
    }

    /// Waits until every session of the databases has ended; `false` when one stays.
    ///
    /// # Errors
    /// The server's.
    pub fn wait_until_alone(&self) -> Result<bool, String> {
        state::wait_until_alone(self.site.admin_url(), &self.databases)
    }

    /// What the databases hold.
    ///
    /// # Errors
    /// The server's.
    pub fn read_states(&self) -> Result<Vec<State>, String> {
        let urls = self.databases.iter().map(|database| self.site.admin_url_of(database));
        urls.map(|url| state::read(&url)).collect()
    }

    /// The same in words.
    ///
    /// # Errors
    /// The server's.
    pub fn holds(&self) -> Result<Vec<Holds>, String> {
        let states = self.read_states()?;
        let known = self.setup.old.iter().zip(&self.setup.new);
        let judged = states.iter().zip(known).map(|(state, (old, new))| match state {
            state if state == old => Holds::Old,
            state if state == new => Holds::New,
            state => Holds::Other(state.difference(new)),
        });
        Ok(judged.collect())
    }

    /// Compares the rows of all tables of the files with those of PostgreSQL.
    ///
    /// # Errors
    /// How they differ.
    pub fn compare_rows(&self) -> Result<(), String> {
        let files = [rows::CORE, rows::OTHER];
        for (index, file) in files.into_iter().enumerate() {
            let mut here = rows::read_sqlite(&self.setup.data.join(file))?;
            if self.scenario == Scenario::Quarantine
                && let Some(members) = here.get_mut("members")
            {
                members.retain(|row| row.get(1).is_none_or(|team| !team.starts_with("i9000")));
            }
            let database = self.databases.get(index).or(self.databases.first());
            let url = self.site.admin_url_of(database.map_or("", String::as_str));
            let there = rows::read_postgres(&mut state::connect(&url)?, &here)?;
            if let Some(text) = rows::difference(&here, &there) {
                return Err(format!("{file} and PostgreSQL differ: {text}"));
            }
        }
        Ok(())
    }

    /// What has become of the SQLite files; `None` when they are as they were.
    pub fn find_source_change(&self) -> Option<String> {
        let now = match read_sources(&self.file("db")) {
            Ok(now) => now,
            Err(error) => return Some(error),
        };
        let names = |all: &BTreeMap<PathBuf, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
        match now == self.sources {
            true => None,
            false => Some(format!("files {:?} became {:?}", names(&self.sources), names(&now))),
        }
    }

    /// Files that should not be there. A killed run may leave temporary files, and one that is not
    /// done the beginning of its quarantine file.
    pub fn leftovers(&self, killed: bool, done: bool) -> Vec<String> {
        let mut found = Vec::new();
        for name in names_in(self.path()) {
            let temporary = name.starts_with(".migrate-") && name.ends_with(".new");
            let allowed = killed && temporary || !done && name == PART;
            if !EXPECTED.contains(&name.as_str()) && !allowed {
                found.push(name);
            }
        }
        for name in names_in(&self.file("tmp")) {
            if !(killed && name.starts_with("connect-migrate-")) {
                found.push(format!("tmp/{name}"));
            }
        }
        found
    }
}

/// The names in a directory.
pub fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Every file of a directory with its bytes. SQLite itself may make a `-shm` and an empty `-wal`.
pub fn read_sources(directory: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let mut all = BTreeMap::new();
    for name in names_in(directory) {
        let path = directory.join(&name);
        let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty()) {
            all.insert(path, bytes);
        }
    }
    Ok(all)
}
