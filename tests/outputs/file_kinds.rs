//! What may be at the path of an output: regular files of the same kind, descriptors, FIFOs,
//! character devices.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Case, REPAIR, make_device, make_fifo, names};
use crate::server::installation::Ended;

#[test]
fn other_kinds_of_files_are_refused() {
    let case = Case::new();
    fs::write(case.path("victim"), "precious").unwrap();
    symlink("victim", case.path("link")).unwrap();
    symlink("nothing", case.path("dangling")).unwrap();
    fs::create_dir(case.path("directory")).unwrap();
    let _listener = UnixListener::bind(case.path("socket")).unwrap();
    make_fifo(&case.path("fifo"));
    let mut all = vec![
        ("link", "it is a symbolic link"),
        ("dangling", "it is a symbolic link"),
        ("directory", "it is a directory"),
        ("socket", "it is a socket"),
        ("new/", "the path does not name a file"),
        ("missing/report", "No such file or directory"),
        ("..", "the path "),
        ("/dev/fd/77", "descriptor 77 is not open"),
        ("/dev/fd/0", "descriptor 0 is not open for writing"),
    ];
    let made = Command::new("mknod").arg(case.path("block")).args(["b", "7", "250"]).output();
    if made.is_ok_and(|made| made.status.success()) {
        all.push(("block", "it is a block device"));
    }
    for (path, why) in &all {
        case.refuses(&["--force", "--report", path], &["the report ", path, why]);
        let why = if path.starts_with("/dev/fd") { "it is an open descriptor" } else { why };
        case.refuses(&["--force", "--quarantine", path], &["the quarantine file ", why]);
    }
    case.refuses(&["--force", "--quarantine=fifo"], &["fifo", "it is a FIFO"]);
    case.refuses(&["--force", "--keys=fifo"], &["the list of keys fifo", "it is a FIFO"]);
    if make_device(&case.path("null"), "3") {
        case.refuses(&["--force", "--quarantine=null"], &["null", "it is a character device"]);
    }
    // What stands beside the quarantine file under its name is not followed either.
    for beside in ["q.part", "k"] {
        symlink("victim", case.path(beside)).unwrap();
        let words = [REPAIR, "--quarantine=q", "--report=r", "--keys=k"];
        case.refuses(&words, &[beside, "it is a symbolic link"]);
        fs::remove_file(case.path(beside)).unwrap();
    }
}

#[test]
fn only_files_of_the_same_kind_are_replaced_without_force() {
    let case = Case::with_target();
    let words = ["--yes", REPAIR, "--report=r", "--keys=k", "--quarantine=q"];
    for path in ["r", "k", "q", "q.part"] {
        for content in ["precious", "{\"format\": \"another/1\"}\n", "{\"database\": 1}\n"] {
            fs::write(case.path(path), content).unwrap();
            let why = "it exists already and is not an earlier ";
            case.refuses(&words[1..], &[path, why, "--force"]);
        }
        fs::remove_file(case.path(path)).unwrap();
    }
    // An empty file holds nothing, and an earlier report of a failed run is one.
    fs::write(case.path("r"), "").unwrap();
    case.copy(&["--yes", "--report=r"]).expect(1, &["shop.t.flag"]);
    assert_eq!(case.report("r")["outcome"], "failed");
    case.copy(&words).expect(0, &[]);
    assert_eq!(case.report("r")["outcome"], "migrated");
    let mode = |path: &str| fs::metadata(case.path(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("r"), mode("q"), mode("k")), (0o600, 0o600, 0o600));
    assert_eq!(names(case.folder.path()).join(" "), "k q r shop shop.db");
    // Migrated before: the quarantine file is not written, and is as good as new.
    case.copy(&words).expect(0, &[]);
    // Another run would write it.
    let again = [&words[..], &["--drop-all"]].concat();
    case.copy(&again).expect(2, &["the quarantine file q exists already", "--force"]);
    fs::write(case.path("r"), "precious").unwrap();
    fs::write(case.path("q"), "precious").unwrap();
    case.copy(&[&again[..], &["--force"]].concat()).expect(0, &[]);
    assert_eq!(case.report("r")["outcome"], "migrated");
    assert_eq!(fs::read_to_string(case.path("q")).unwrap().lines().count(), 2);
    assert_eq!(names(case.folder.path()).join(" "), "k q r shop shop.db");
}

/// A report keeps so many findings; what is beyond them has no repair proposed.
#[test]
fn proposed_repairs_say_what_they_leave_out() {
    let case = Case::with_target();
    let mut command = case.command(&["--dry-run", "--propose-repairs=p.toml"]);
    command.env("MIGRATE_TEST", "limit findings 0");
    let printed = "no repair is proposed for 1 more finding: at most 10,000 findings are kept";
    let ended = Ended::of(&command.output().unwrap());
    ended.expect(1, &[&format!("warning: --propose-repairs: {printed}"), "hint: "]);
    let text = fs::read_to_string(case.path("p.toml")).unwrap();
    assert!(text.contains(&format!("\n# {printed}\n")), "{text}");
}

#[test]
fn descriptors_are_written_through() {
    let case = Case::with_target();
    let clean = |text: &str| {
        let report: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(report["outcome"], "clean");
    };
    let words = ["--dry-run", "--repair=shop.t=quarantine", "--report"];
    // In this order: a program that took them for files would replace the last.
    for path in ["-", "/dev/fd/1", "/dev/stdout"] {
        let ended = case.copy(&[&words[..], &[path]].concat());
        ended.expect(0, &["Nothing was written"]);
        clean(&ended.out);
    }
    let ended = case.copy(&[&words[..], &["/dev/stderr"]].concat());
    ended.expect(0, &[]);
    assert!(ended.out.contains("Nothing was written"), "{}", ended.out);
    clean(&ended.err[ended.err.find("{\n  \"format\"").unwrap()..]);
    // The shell's descriptor keeps its position: what is written to it comes between.
    let run = case.command(&[&words[..], &["/dev/fd/7"]].concat());
    let script = "exec 7>out; echo before >&7; \"$0\" \"$@\" || exit; echo after >&7";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(run.get_program()).args(run.get_args());
    command.current_dir(case.folder.path()).stdin(Stdio::null());
    Ended::of(&command.output().unwrap()).expect(0, &[]);
    let text = fs::read_to_string(case.path("out")).unwrap();
    clean(text.strip_prefix("before\n").unwrap().strip_suffix("after\n").unwrap());
}

#[test]
fn fifos_and_devices_are_written_through() {
    let case = Case::with_target();
    make_fifo(&case.path("fifo"));
    let mut reader = Command::new("cat");
    let reader = reader.arg(case.path("fifo")).stdout(Stdio::piped()).spawn().unwrap();
    case.copy(&["--dry-run", REPAIR, "--report=fifo"]).expect(0, &[]);
    let text = reader.wait_with_output().unwrap().stdout;
    let report: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(report["outcome"], "clean");
    assert!(fs::symlink_metadata(case.path("fifo")).unwrap().file_type().is_fifo());

    if !make_device(&case.path("null"), "3") || !make_device(&case.path("full"), "7") {
        return;
    }
    case.copy(&["--dry-run", REPAIR, "--report=null"]).expect(0, &[]);
    assert!(fs::symlink_metadata(case.path("null")).unwrap().file_type().is_char_device());
    // How the run ended is what counts.
    let ended = case.copy(&["--dry-run", REPAIR, "--report=full"]);
    ended.expect(0, &["warning: the report full cannot be written: No space left"]);
    assert_eq!(names(case.folder.path()).join(" "), "fifo full null shop shop.db");
}
