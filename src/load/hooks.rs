//! The hooks that tests put on the events of a run.
//!
//! `MIGRATE_TEST` (read by builds with debug assertions only) is a list separated by line feeds:
//! `kill EVENT N` ends the process by SIGKILL at the N-th event of that name, `signal EVENT N NAME`
//! sends it a signal and goes on when it has arrived, `send EVENT N NAME` does not wait for it,
//! `sql EVENT N TEXT` runs SQL in the target's transaction there. This is how the promise is tested
//! that an end at any instant leaves the old state or the new one. `advance EVENT N SECONDS` moves
//! the clock of the output, which otherwise stands still then.

use std::time::Duration;

use postgres::Client;

use crate::diagnostic::Result;
use crate::diagnostic::console::{Console, Timer};
use crate::event::Event;
use crate::stop::Stop;

/// What tests want to happen at events.
#[derive(Default)]
pub struct Hooks {
    planted: Vec<Planted>,
    stop: Stop,
    timer: Option<Timer>,
}

#[derive(Debug)]
struct Planted {
    event: String,
    left: u64,
    action: Action,
}

#[derive(Debug)]
enum Action {
    Kill,
    Signal(String),
    Send(String),
    Sql(String),
    Advance(Duration),
}

impl Hooks {
    /// The hooks of the environment; none in a release build.
    pub fn from_environment(stop: &Stop, console: &Console) -> Hooks {
        if !cfg!(debug_assertions) {
            return Hooks::default();
        }
        let hooks = Hooks::parse_hooks(&std::env::var("MIGRATE_TEST").unwrap_or_default());
        let is_advance = |planted: &Planted| matches!(planted.action, Action::Advance(_));
        let timer = hooks.planted.iter().any(is_advance).then(|| console.timer());
        timer.iter().for_each(Timer::stop);
        Hooks { stop: stop.clone(), timer, ..hooks }
    }

    /// Reads a list of hooks; lines of another form are passed over.
    pub fn parse_hooks(text: &str) -> Hooks {
        let planted = text.lines().filter_map(|line| {
            let mut words = line.splitn(4, ' ');
            let (action, event, count) = (words.next()?, words.next()?, words.next()?);
            let action = match action {
                "kill" => Action::Kill,
                "signal" => Action::Signal(words.next()?.to_owned()),
                "send" => Action::Send(words.next()?.to_owned()),
                "sql" => Action::Sql(words.next()?.to_owned()),
                "advance" => Action::Advance(Duration::from_secs(words.next()?.parse().ok()?)),
                _ => return None,
            };
            Some(Planted { event: event.to_owned(), left: count.parse().ok()?, action })
        });
        Hooks { planted: planted.collect(), ..Hooks::default() }
    }

    /// An event without a session that could run SQL.
    pub fn run_at(&mut self, event: Event) {
        let (stop, timer) = (self.stop.clone(), self.timer.clone());
        for planted in self.count_down_hooks(event) {
            match &planted.action {
                Action::Sql(_) => {}
                action => run_action(action, &stop, timer.as_ref()),
            }
        }
    }

    /// An event with the target's session.
    ///
    /// # Errors
    /// When planted SQL fails.
    pub fn run_at_with_session(&mut self, event: Event, client: &mut Client) -> Result<()> {
        let (stop, timer) = (self.stop.clone(), self.timer.clone());
        for planted in self.count_down_hooks(event) {
            match &planted.action {
                Action::Sql(sql) => client
                    .batch_execute(sql)
                    .map_err(|error| crate::postgres::server_error("planted SQL", &error))?,
                action => run_action(action, &stop, timer.as_ref()),
            }
        }
        Ok(())
    }

    fn count_down_hooks(&mut self, event: Event) -> impl Iterator<Item = &Planted> {
        let name = format!("{event:?}");
        self.planted.iter_mut().filter_map(move |planted| {
            if planted.event != name {
                return None;
            }
            planted.left = planted.left.wrapping_sub(1);
            (planted.left == 0).then_some(&*planted)
        })
    }
}

/// Does what needs no session.
fn run_action(action: &Action, stop: &Stop, timer: Option<&Timer>) {
    match action {
        Action::Kill => send_signal("KILL"),
        Action::Signal(name) => send_signal_and_wait(name, stop),
        Action::Send(name) => send_signal(name),
        Action::Sql(_) => {}
        Action::Advance(time) => timer.iter().for_each(|timer| timer.advance(*time)),
    }
}

/// Sends a signal to this process, and waits until it was heard.
fn send_signal_and_wait(name: &str, stop: &Stop) {
    send_signal(name);
    while !stop.has_signal_come() {
        std::thread::yield_now();
    }
}

fn send_signal(name: &str) {
    // The shell's own kill: no unsafe code for the sake of a test.
    let process = std::process::id().to_string();
    let _ = std::process::Command::new("kill").args(["-s", name, &process]).status();
}
