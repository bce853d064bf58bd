//! A disk of the server that is full: that of the tables, or that of the log (WAL), which takes the
//! whole server down.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::PoisonError;

use super::judge::{self, OUTSIDE};
use super::place::{Place, names_in};
use super::program::Ended;
use super::site::{Scenario, Site};
use super::state;
use super::tally::Attempt;
use crate::cluster::Halt;
use crate::sample::random::Dice;
use crate::small_disk::SmallDisk;

/// What the disk holds.
const MEBIBYTES: u64 = 160;

/// A full disk, of tables or of the log.
///
/// # Errors
/// When the attempt could not be made.
pub fn disk(site: &Site, dice: &mut Dice, name: &str) -> Result<Attempt, String> {
    let directory = {
        let cluster = site.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        cluster.directory.clone()
    };
    let Some(small) = SmallDisk::mount(&directory, MEBIBYTES)? else {
        return Ok(Attempt::skipped("no file system can be mounted here (that takes root)"));
    };
    let scenario = dice.choose([Scenario::Empty, Scenario::TwoTargets, Scenario::ExistingTables]);
    let place = Place::make(site, site.set_up_scenario(scenario)?, scenario, name)?;
    let of_log = dice.one_in(2);
    let room = dice.below(if of_log { 256 << 10 } else { 768 << 10 });
    let what = if of_log { "log" } else { "tables" };
    let mut attempt = Attempt::new(format!("{scenario:?}: {room} bytes of room for the {what}"));
    let ended = match of_log {
        true => run_without_log(&place, &small, &directory.join("data"), room),
        false => run_without_tablespace(&place, &small, room),
    };
    let judged = ended.and_then(|ended| judge::judge(&mut attempt, &place, &ended, OUTSIDE));
    // The server is needed again, whatever became of the attempt.
    small.make_room();
    attempt.outcome = format!("{what}: {}", attempt.outcome);
    match of_log {
        true => move_log(site, &small.path().join("log"), &directory.join("data/pg_wal"))?,
        false => {
            for database in &place.databases {
                site.execute(&format!("DROP DATABASE {database} WITH (FORCE)"))?;
            }
            site.execute("DROP TABLESPACE small")?;
        }
    }
    judged.map(|()| attempt)
}

/// The run with its databases on the small disk.
fn run_without_tablespace(
    place: &Place<'_>,
    small: &SmallDisk,
    room: u64,
) -> Result<Ended, String> {
    let site = place.site();
    let location = small.make_directory("space")?;
    site.execute(&format!("CREATE TABLESPACE small LOCATION '{}'", location.display()))?;
    for database in &place.databases {
        site.execute(&format!("ALTER DATABASE {database} SET TABLESPACE small"))?;
    }
    site.execute("CHECKPOINT")?;
    small.fill(room)?;
    let ended = place.run()?;
    place.wait_until_alone()?;
    small.make_room();
    Ok(ended)
}

/// The run with the server's log on the small disk, where no other segment has room and this one
/// has so much.
fn run_without_log(
    place: &Place<'_>,
    small: &SmallDisk,
    data: &Path,
    room: u64,
) -> Result<Ended, String> {
    let site = place.site();
    let log = small.make_directory("log")?;
    move_log(site, &data.join("pg_wal"), &log)?;
    let mut client = state::connect(site.admin_url())?;
    let fill = format!(
        "SELECT pg_logical_emit_message(false, '', repeat('x', greatest(0, 16777216 - {room} \
         - (pg_walfile_name_offset(pg_current_wal_lsn())).file_offset)::int4))"
    );
    client.batch_execute(&fill).map_err(|error| format!("{error:?}"))?;
    drop(client);
    small.fill(0)?;
    let mut launch = place.launch();
    launch.before = "MIGRATE_TEST='limit commit-wait 3000'; export MIGRATE_TEST".to_owned();
    let ended = launch.run()?;
    small.make_room();
    restart(site)?;
    Ok(ended)
}

/// Moves the log's directory; a link stays behind.
fn move_log(site: &Site, from: &Path, to: &Path) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", from.display());
    let mut cluster = site.cluster.lock().unwrap_or_else(PoisonError::into_inner);
    cluster.halt_and_wait(Halt::Fast)?;
    let owner = fs::metadata(from).map_err(fail)?;
    if fs::symlink_metadata(to).is_ok_and(|data| data.is_symlink()) {
        fs::remove_file(to).map_err(fail)?;
    }
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status();
    if !copied.map_err(fail)?.success() {
        return Err(format!("cp -a {} failed", from.display()));
    }
    chown(to, Some(owner.uid()), Some(owner.gid())).map_err(fail)?;
    if !names_in(from).is_empty() && from.ends_with("pg_wal") {
        fs::remove_dir_all(from).map_err(fail)?;
        symlink(to, from).map_err(fail)?;
        remove_later_segments(to).map_err(fail)?;
    }
    cluster.start_again()
}

/// Removes segments that wait for their use: those behind the one that was written last.
fn remove_later_segments(log: &Path) -> std::io::Result<()> {
    let mut segments = Vec::new();
    for name in names_in(log).into_iter().filter(|name| name.len() == 24) {
        segments.push((fs::metadata(log.join(&name))?.modified()?, name));
    }
    let current = segments.iter().max().map(|(_, name)| name.clone()).unwrap_or_default();
    let mut later = segments.iter().filter(|(_, name)| *name > current);
    later.try_for_each(|(_, name)| fs::remove_file(log.join(name)))
}

/// The server may have gone down by itself.
fn restart(site: &Site) -> Result<(), String> {
    let mut cluster = site.cluster.lock().unwrap_or_else(PoisonError::into_inner);
    cluster.halt_and_wait(Halt::Fast)?;
    cluster.start_again()
}
