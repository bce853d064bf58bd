//! `cargo xtask faults`: a campaign of injected faults against the built program.
//!
//! An attempt is a run with one fault; what PostgreSQL and the files hold after it is judged by
//! code that shares nothing with the program (`state`, `rows`, `judge`). All choices come from the
//! seed, the kind and the number of the attempt, so `--only KIND:N` repeats it. What depends on
//! time alone, such as a kill after half of a run, comes at nearly the same place again.

mod damage;
mod disk;
mod judge;
mod limits;
mod moment;
mod outputs;
mod place;
mod program;
mod rows;
mod server;
mod signals;
mod site;
mod state;
mod tally;
mod together;
mod wire;

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::golden::root;
use crate::sample::random::{Dice, salt};
use crate::server as installed;
use site::Site;
use tally::{Attempt, Tally};

/// How many attempts are made at a time.
const WORKERS: usize = 2;

/// How a campaign is made.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How long.
    pub minutes: u64,
    /// Where all choices come from.
    pub seed: u64,
    /// A few attempts of each kind instead, always the same ones.
    pub fixed: bool,
    /// One kind, or one attempt of it: `kill`, `kill:17`.
    pub only: Option<String>,
    /// The program, if not the one of this workspace.
    pub program: Option<PathBuf>,
}

type Make = fn(&Site, &mut Dice, &str) -> Result<Attempt, String>;

/// A kind of fault.
struct Kind {
    name: &'static str,
    make: Make,
    /// How many attempts in a round of the campaign.
    weight: u64,
    /// How many in the fixed form.
    fixed: u64,
    /// Its server is stopped or filled: one attempt at a time, on a cluster of its own.
    alone: bool,
}

const fn kind(name: &'static str, make: Make, weight: u64, fixed: u64) -> Kind {
    Kind { name, make, weight, fixed, alone: false }
}

static KINDS: [Kind; 14] = [
    kind("kill", signals::kill, 6, 2),
    kind("signal", signals::signal, 6, 2),
    kind("wire", wire::wire, 6, 2),
    kind("commit", wire::commit, 4, 2),
    kind("terminate", server::terminate, 3, 1),
    kind("damage", damage::damage, 6, 3),
    kind("output", outputs::output, 6, 3),
    kind("limit", limits::limit, 4, 1),
    kind("twice", together::twice, 2, 1),
    kind("writer", together::writer, 1, 1),
    kind("silence", wire::silence, 1, 0),
    Kind { alone: true, ..kind("crash", server::crash, 2, 1) },
    Kind { alone: true, ..kind("disk", disk::disk, 1, 1) },
    kind("slow", wire::slow, 1, 0),
];

/// The names of the kinds.
pub fn kind_names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}

/// What all workers share.
struct Campaign {
    site: Site,
    /// The cluster that is stopped, made when it is needed.
    other: OnceLock<Result<Mutex<Site>, String>>,
    bin: PathBuf,
    program: PathBuf,
    seed: u64,
    next: Mutex<u64>,
    plan: Plan,
    tally: Mutex<Tally>,
}

/// Which attempts are made.
enum Plan {
    /// Until then.
    Until(Instant),
    /// These.
    List(Vec<(&'static Kind, u64)>),
}

/// Makes a campaign and prints its figures.
///
/// # Errors
/// When an attempt failed, or nothing could be tried.
pub fn faults(options: &Options) -> Result<(), String> {
    let bin = installed::bin_dir(&root().join("target"))?;
    let program = match &options.program {
        Some(program) => std::fs::canonicalize(program).map_err(|error| error.to_string())?,
        None => build()?,
    };
    let campaign = Campaign {
        site: Site::new(&bin, &program)?,
        other: OnceLock::new(),
        bin,
        program,
        seed: if options.fixed { 1 } else { options.seed },
        next: Mutex::new(0),
        plan: plan(options)?,
        tally: Mutex::default(),
    };
    let begun = Instant::now();
    let (seed, program) = (campaign.seed, campaign.program.display());
    eprintln!("seed {seed}, {}, {program}", describe(options));
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let campaign = &campaign;
            scope.spawn(move || campaign.work(worker));
        }
    });
    let Campaign { site, other, tally, .. } = campaign;
    site.stop();
    if let Some(Ok(other)) = other.into_inner() {
        other.into_inner().unwrap_or_else(PoisonError::into_inner).stop();
    }
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{}seed {seed}, {} s", tally.shown(), begun.elapsed().as_secs());
    match tally.failed() {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} attempts failed", tally.tried())),
    }
}

/// The program of this workspace, as the tests have it.
fn build() -> Result<PathBuf, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--workspace", "--lib", "--bin", "migrate"]);
    installed::run(cargo.args(["--features", "internals"]).current_dir(root()))?;
    Ok(root().join("target/debug/migrate"))
}

fn describe(options: &Options) -> String {
    match &options.only {
        Some(only) => format!("only {only}"),
        None if options.fixed => "the fixed form".to_owned(),
        None => format!("{} minutes", options.minutes),
    }
}

fn plan(options: &Options) -> Result<Plan, String> {
    if let Some(only) = &options.only
        && let Some((name, number)) = only.split_once(':')
    {
        let number = number.parse().map_err(|_| format!("{only}: KIND:NUMBER is wanted"))?;
        return Ok(Plan::List(vec![(find(name)?, number)]));
    }
    if let Some(name) = &options.only {
        let kind = find(name)?;
        return Ok(Plan::List((0..options.minutes.max(1) * 60).map(|n| (kind, n)).collect()));
    }
    if options.fixed {
        let all = KINDS.iter().flat_map(|kind| (0..kind.fixed).map(move |n| (kind, n)));
        return Ok(Plan::List(all.collect()));
    }
    Ok(Plan::Until(Instant::now() + Duration::from_secs(options.minutes * 60)))
}

fn find(name: &str) -> Result<&'static Kind, String> {
    KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let names: Vec<&str> = kind_names().collect();
        format!("there is no kind {name}; there are {}", names.join(", "))
    })
}

/// The n-th attempt of a campaign without an end: its kind, and its number in it.
fn attempt_at(number: u64) -> Option<(&'static Kind, u64)> {
    let in_round: u64 = KINDS.iter().map(|kind| kind.weight).sum();
    let (round, mut rest) = (number / in_round, number % in_round);
    for kind in &KINDS {
        if rest < kind.weight {
            return Some((kind, round * kind.weight + rest));
        }
        rest -= kind.weight;
    }
    None
}

impl Campaign {
    fn work(&self, worker: usize) {
        while let Some((kind, number)) = self.take() {
            let mut dice = Dice::new(salt(self.seed, kind.name), number);
            let name = format!("w{worker}");
            let made = match kind.alone {
                false => (kind.make)(&self.site, &mut dice, &name),
                true => self.other().and_then(|site| (kind.make)(&site, &mut dice, &name)),
            };
            let attempt = made.unwrap_or_else(|error| Attempt {
                outcome: "not judged".to_owned(),
                problems: vec![error],
                ..Attempt::new("the attempt could not be made or judged")
            });
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.add(kind.name, number, self.seed, attempt);
            if tally.tried().is_multiple_of(50) {
                eprintln!("{} tried, {} failed", tally.tried(), tally.failed());
            }
        }
    }

    fn take(&self) -> Option<(&'static Kind, u64)> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let number = *next;
        *next += 1;
        match &self.plan {
            Plan::Until(end) if Instant::now() < *end => attempt_at(number),
            Plan::Until(_) => None,
            Plan::List(list) => list.get(usize::try_from(number).ok()?).copied(),
        }
    }

    fn other(&self) -> Result<MutexGuard<'_, Site>, String> {
        let made = self.other.get_or_init(|| Site::new(&self.bin, &self.program).map(Mutex::new));
        let site = made.as_ref().map_err(Clone::clone)?;
        Ok(site.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
