//! Directories that others can write to: what they have put there is neither followed nor replaced.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use super::{Case, REPAIR, names};

/// Another user; nobody, on most systems.
const OTHER: u32 = 65534;

/// A directory like /tmp.
fn make_shared(path: &Path, mode: u32) {
    fs::create_dir(path).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Gives a file to another user; `false` where only root could.
fn give_away(path: &Path) -> bool {
    let given = chown(path, Some(OTHER), Some(OTHER)).is_ok();
    if !given {
        eprintln!("not root: files of another user are not tried");
    }
    given
}

#[test]
fn files_of_others_are_not_replaced() {
    let case = Case::new();
    for mode in [0o1777, 0o777, 0o770] {
        let shared = case.path("shared");
        make_shared(&shared, mode);
        for name in ["r", "k", "q", "q.part"] {
            let file = shared.join(name);
            // An empty file, and one that passes for an earlier report.
            for content in ["", "{\"format\": \"connect-migrate-report/1\"}"] {
                fs::write(&file, content).unwrap();
                fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
                if !give_away(&file) {
                    return;
                }
                let words = [
                    "--report=shared/r",
                    "--keys=shared/k",
                    "--quarantine=shared/q",
                    "--force",
                    REPAIR,
                ];
                case.refuses(&words, &[name, "it belongs to another user (uid 65534)"]);
            }
            fs::remove_file(&file).unwrap();
        }
        fs::remove_dir(&shared).unwrap();
    }
    // Nobody else can have put it into a directory of one's own.
    fs::write(case.path("r"), "").unwrap();
    give_away(&case.path("r"));
    case.copy(&["--dry-run", "--report=r"]).expect(4, &[]);
    assert_ne!(fs::metadata(case.path("r")).unwrap().uid(), OTHER);
}

#[test]
fn links_planted_under_names_of_this_program_are_not_followed() {
    let case = Case::with_target();
    fs::write(case.path("victim"), "precious").unwrap();
    make_shared(&case.path("shared"), 0o1777);
    let planted = ["r.new", "q.part.new", "q.new", ".q.new", "k.new", "q.tmp"];
    for name in planted {
        symlink(case.path("victim"), case.path("shared").join(name)).unwrap();
    }
    let words = ["--yes", REPAIR, "--report=shared/r", "--keys=shared/k", "--quarantine=shared/q"];
    case.copy(&words).expect(0, &[]);
    assert_eq!(fs::read_to_string(case.path("victim")).unwrap(), "precious");
    assert_eq!(names(&case.path("shared")).len(), planted.len() + 3);
    let q = fs::symlink_metadata(case.path("shared/q")).unwrap();
    assert!(q.is_file() && q.mode() & 0o7777 == 0o600, "{q:?}");
}

/// Somebody replaces the report while the run is on its way: nothing is followed, nothing left, and
/// the run ends as it does.
#[test]
fn report_that_cannot_be_written_at_the_end_changes_no_exit_code() {
    let case = Case::with_target();
    fs::set_permissions(case.folder.path(), Permissions::from_mode(0o755)).unwrap();
    make_shared(&case.path("shared"), 0o777);
    fs::write(case.path("victim"), "precious").unwrap();
    let (victim, report) = (case.path("victim"), case.path("shared/r"));
    let link = format!("cat > /dev/null; ln -sf {} {}", victim.display(), report.display());
    let hook = format!("sql BeforeCommit 1 COPY (SELECT 1) TO PROGRAM '{link}'");
    let words = ["--yes", "--repair=shop.t.flag=nonzero-true", "--report=shared/r"];
    let ended = case.command(&words).env("MIGRATE_TEST", hook).output().unwrap();
    let ended = crate::server::installation::Ended::of(&ended);
    let why =
        "warning: the report shared/r cannot be written: another process has put a file there";
    ended.expect(0, &[why, "hint: use the summary above"]);
    assert!(ended.out.contains("Done: "), "{}", ended.out);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    assert!(fs::symlink_metadata(&report).unwrap().is_symlink());
    assert_eq!(names(&case.path("shared")), ["r"]);
}

/// A run that is killed leaves a report that says so, and no exit code that it did not have.
#[test]
fn report_says_unfinished_from_the_start() {
    let case = Case::with_target();
    let words = ["--yes", REPAIR, "--report=r", "--quarantine=q"];
    let mut killed = case.command(&words);
    let killed = killed.env("MIGRATE_TEST", "kill Create 1").output().unwrap();
    assert_eq!(killed.status.code(), None);
    let report = case.report("r");
    assert_eq!((&report["outcome"], report["exit"].is_null()), (&"unfinished".into(), true));
    assert_eq!(names(case.folder.path()).join(" "), "q.part r shop shop.db");
    // Its own leftovers are in nobody's way.
    case.copy(&words).expect(0, &[]);
    assert_eq!(names(case.folder.path()).join(" "), "q r shop shop.db");
}
