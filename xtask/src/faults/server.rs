//! The server: sessions ended or cancelled, a crash and a restart.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::judge::{self, OUTSIDE};
use super::moment::{self, Deed, Moment};
use super::place::Place;
use super::program::send;
use super::site::{SCENARIOS, Scenario, Site};
use super::state;
use super::tally::Attempt;
use crate::cluster::Halt;
use crate::sample::random::Dice;

/// Sessions that somebody ends or cancels.
///
/// # Errors
/// When the attempt could not be made.
pub fn terminate(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose(SCENARIOS);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let moment = Moment::choose(&place, dice);
    let function = dice.choose(["pg_terminate_backend", "pg_cancel_backend"]);
    let which = dice.choose(["", "ORDER BY backend_start LIMIT 1", "ORDER BY pid DESC LIMIT 1"]);
    let mut attempt = Attempt::new(format!("{scenario:?}: {function} {which} at {moment:?}"));
    let databases = place.databases.join("', '");
    let sql = format!(
        "SELECT {function}(pid) FROM (SELECT pid FROM pg_stat_activity \
         WHERE datname IN ('{databases}') {which}) AS sessions"
    );
    let url = site.admin_url().to_owned();
    let deed: Deed = Arc::new(move |_| {
        let _ = state::connect(&url).map(|mut client| client.batch_execute(&sql));
    });
    let (ended, _) = moment::run_and_do(&place, &place.launch(), moment, &deed)?;
    judge::judge(&mut attempt, &place, &ended, OUTSIDE)?;
    attempt.outcome = format!("{function}: {}", attempt.outcome);
    Ok(attempt)
}

/// How a server goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Down {
    Halted(Halt),
    /// SIGKILL of its sessions: it restarts by itself.
    SessionKilled,
}

/// A server that crashes, and comes back at once or later.
///
/// # Errors
/// When the attempt could not be made.
pub fn crash(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let scenario = dice.choose([Scenario::Empty, Scenario::TwoTargets, Scenario::ExistingTables]);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let moment = Moment::choose(&place, dice);
    let down =
        dice.choose([Down::Halted(Halt::Immediate), Down::Halted(Halt::Fast), Down::SessionKilled]);
    let at_once = dice.one_in(2);
    let shown = if at_once { "back at once" } else { "back after the run" };
    let mut attempt = Attempt::new(format!("{scenario:?}: {down:?} at {moment:?}, {shown}"));
    let restarts: Arc<Mutex<Vec<JoinHandle<()>>>> = Arc::default();
    let (cluster, url, jobs) =
        (Arc::clone(&site.cluster), site.admin_url().to_owned(), Arc::clone(&restarts));
    let deed: Deed = Arc::new(move |_| match down {
        Down::SessionKilled => kill_sessions(&url),
        Down::Halted(how) => {
            let mut running = cluster.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = running.halt(how);
            if at_once {
                let cluster = Arc::clone(&cluster);
                let job = thread::spawn(move || {
                    let mut cluster = cluster.lock().unwrap_or_else(PoisonError::into_inner);
                    let _ = cluster.start_again();
                });
                jobs.lock().unwrap_or_else(PoisonError::into_inner).push(job);
            }
        }
    });
    let mut launch = place.launch();
    launch.before = "MIGRATE_TEST='limit commit-wait 5000'; export MIGRATE_TEST".to_owned();
    let (ended, fired) = moment::run_and_do(&place, &launch, moment, &deed)?;
    for job in restarts.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let _ = job.join();
    }
    if fired && !at_once && matches!(down, Down::Halted(_)) {
        site.cluster.lock().unwrap_or_else(PoisonError::into_inner).start_again()?;
    }
    wait_until_up(site.admin_url())?;
    judge::judge(&mut attempt, &place, &ended, OUTSIDE)?;
    attempt.outcome = format!("{down:?}, {shown}: {}", attempt.outcome);
    Ok(attempt)
}

fn kill_sessions(url: &str) {
    let question = "SELECT pid FROM pg_stat_activity WHERE application_name = 'connect-migrate'";
    let Ok(mut client) = state::connect(url) else { return };
    for row in client.query(question, &[]).unwrap_or_default() {
        send(row.get::<_, i32>(0).unsigned_abs(), Signal::KILL);
    }
}

/// Waits until the server takes sessions.
///
/// # Errors
/// When it does not within a minute.
pub fn wait_until_up(url: &str) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match state::connect(url) {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}
