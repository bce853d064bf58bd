//! A `-wal` with a damaged place and committed rows behind it: SQLite leaves them out in silence.

#![allow(non_snake_case, reason = "ids of findings keep their capital letter")]

use std::fs;

use rusqlite::Connection;

use super::expect;
use super::files::{Place, write_at};
use crate::server::installation::{Ended, program};

/// Bytes of a frame: its head and a page.
const FRAME: u64 = 24 + 4096;

/// A file whose `-wal` holds five commits, a frame each, as a kill leaves it.
fn killed_after_five_commits() -> Place {
    let place = Place::new();
    let connection = place.make("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;");
    for id in 3..8 {
        insert(&connection, id);
    }
    place.killed(connection)
}

fn insert(connection: &Connection, id: i64) {
    connection.execute("INSERT INTO pairs VALUES (?1, 'more')", [id]).unwrap();
}

/// Changes a byte of the `-wal`.
fn damage_byte(place: &Place, at: u64) {
    let wal = place.folder.path().join("app.db-wal");
    let byte = fs::read(&wal).unwrap()[usize::try_from(at).unwrap()];
    write_at(&wal, at, &[byte ^ 0x40]);
}

/// Where a byte of a frame stands; frames count from 1.
fn in_frame(frame: u64, byte: u64) -> u64 {
    32 + (frame - 1) * FRAME + byte
}

#[test]
fn F17_damaged_wal() {
    let place = killed_after_five_commits();
    damage_byte(&place, in_frame(3, 24 + 4000));
    let printed = place.dry_run();
    printed.ended.expect(3, &["error: F17", "damaged at frame 3", "--accept-wal-loss"]);
    assert!(
        printed.ended.err.contains("3 frames of 3 committed transactions"),
        "{}",
        printed.ended.err
    );
    expect("F17-damaged-wal", &printed.text(&place.file()));
    crate::hint_log::note_followed(&printed.ended.err);
    place.run("--yes").expect(3, &["error: F17", "nothing was changed"]);
    let printed = place.run_output_with(&["--yes", "--accept-wal-loss"]);
    printed.ended.expect(0, &["warning: F17", "3 frames of 3 committed transactions"]);
    assert_eq!(place.rows(&printed, "pairs"), 5);
    place.run_output_with(&["--verify", "--accept-wal-loss"]).ended.expect(0, &["warning: F17"]);
}

/// A draft and a comparison see the rows that are left, and say so.
#[test]
fn drafts_and_differences_report_lost_rows() {
    let place = killed_after_five_commits();
    damage_byte(&place, in_frame(3, 24 + 4000));
    let file = place.file().to_str().unwrap().to_owned();
    let source = format!("sqlite:{file}");
    let warned = ["warning: F17", "3 frames of 3 committed transactions", "hint: start and stop"];
    let draft = ["schema", "draft", "--source", file.as_str(), "--out", "drafted"];
    let run = |words: &[&str]| {
        let mut command = program();
        let output = command.args(words).current_dir(place.folder.path()).output().unwrap();
        let ended = Ended::of(&output);
        assert!(!ended.err.contains("--accept-wal-loss"), "{}", ended.err);
        ended
    };
    run(&draft).expect(0, &warned);
    run(&["schema", "diff", &source, "drafted"]).expect(0, &warned);
    run(&["schema", "diff", "drafted", &source]).expect(0, &warned);
}

/// Whatever part of a frame, or of the head, is damaged.
#[test]
fn every_damage_with_commits_behind_it_is_found() {
    for (what, at, lost) in [
        ("number of the page", in_frame(2, 3), "4 frames of 4 "),
        ("pages of the file", in_frame(2, 5), "4 frames of 4 "),
        ("salt", in_frame(2, 9), "4 frames of "),
        ("checksum", in_frame(2, 18), "4 frames of "),
        ("page", in_frame(2, 24), "4 frames of 4 "),
        ("first frame", in_frame(1, 99), "5 frames of 5 "),
        ("magic", 1, "5 frames of 5 "),
        ("salt of the head", 17, "5 frames of 5 "),
        ("checksum of the head", 25, "5 frames of 5 "),
    ] {
        let place = killed_after_five_commits();
        damage_byte(&place, at);
        let printed = place.dry_run();
        printed.ended.expect(3, &["error: F17"]);
        assert!(printed.ended.err.contains(lost), "{what}: {}", printed.ended.err);
    }
}

/// A frame that never reached the disk, as after a loss of power: also the one before the last, to
/// which no other frame can be compared.
#[test]
fn a_hole_is_found() {
    for (frame, lost) in
        [(2, "4 frames of 3 committed transactions"), (4, "2 frames of 1 committed transaction")]
    {
        let place = killed_after_five_commits();
        let zeros = [0; FRAME as usize];
        write_at(&place.folder.path().join("app.db-wal"), in_frame(frame, 0), &zeros);
        let printed = place.dry_run();
        let damaged = format!("damaged at frame {frame}");
        printed.ended.expect(3, &["error: F17", &damaged, lost]);
    }
}

/// Zeros over the head and the first frames.
#[test]
fn a_hole_at_the_beginning_is_found() {
    for (bytes, lost) in [
        (32, "5 frames of 5 committed transactions"),
        (4096, "5 frames of 4 committed transactions"),
        (in_frame(4, 0), "5 frames of 2 committed transactions"),
        (in_frame(5, 0), "5 frames of 1 committed transaction"),
    ] {
        let place = killed_after_five_commits();
        let zeros = vec![0; usize::try_from(bytes).unwrap()];
        write_at(&place.folder.path().join("app.db-wal"), 0, &zeros);
        let printed = place.dry_run();
        printed.ended.expect(3, &["error: F17", "damaged in its header", lost]);
    }
}

/// A transaction that was being committed when the power went was never answered.
#[test]
fn a_torn_end_is_no_loss() {
    let place = killed_after_five_commits();
    damage_byte(&place, in_frame(5, 24 + 4000));
    let printed = place.dry_run();
    assert!(!printed.ended.err.contains("F17"), "{}", printed.ended.err);
    assert_eq!(place.rows(&printed, "pairs"), 7);
}

/// What a rollback, or an earlier use of the file, has left behind the last commit.
#[test]
fn what_ordinary_use_leaves_is_no_loss() {
    let place = Place::new();
    let connection = place.make("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;");
    let spilled = "PRAGMA cache_size = 1; BEGIN;
         WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO groups SELECT i, printf('%200d', i) FROM n;";
    connection.execute_batch(spilled).unwrap();
    connection.execute_batch("ROLLBACK").unwrap();
    insert(&connection, 3);
    let length =
        |place: &Place| fs::metadata(place.folder.path().join("app.db-wal")).unwrap().len();
    assert!(length(&place) > 20 * FRAME);
    let killed = place.killed(connection);
    let printed = killed.dry_run();
    assert!(!printed.ended.err.contains("F17"), "{}", printed.ended.err);
    assert_eq!(killed.rows(&printed, "pairs"), 4);

    let place = Place::new();
    let connection = place.make("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;");
    (3..20).for_each(|id| insert(&connection, id));
    connection.execute_batch("PRAGMA wal_checkpoint").unwrap();
    insert(&connection, 20);
    assert!(length(&place) > 10 * FRAME);
    let killed = place.killed(connection);
    let printed = killed.dry_run();
    assert!(!printed.ended.err.contains("F17"), "{}", printed.ended.err);
    assert_eq!(killed.rows(&printed, "pairs"), 21);
}

/// While an application has the file open, only its own index says what counts.
#[test]
fn a_wal_in_use_is_not_judged() {
    let place = Place::new();
    let connection = place.make("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;");
    (3..8).for_each(|id| insert(&connection, id));
    damage_byte(&place, in_frame(5, 9));
    let printed = place.run_output_of("--dry-run");
    assert!(!printed.ended.err.contains("F17"), "{}", printed.ended.err);
    drop(connection);
}
