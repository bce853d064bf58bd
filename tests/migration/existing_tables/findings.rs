//! All that a dry run says of existing tables that do not fit, as a person reads it: a case
//! directory each, with what is changed on either side before, and a test of its name.

mod cases;

use std::fs;
use std::path::Path;

use super::{Place, ROOT};
use crate::migration::ROLE;
use crate::{golden, server};

/// Both sides as a case has them.
pub fn make_place(case: &Path) -> Place {
    let mut place = Place::new();
    let read = |name: &str| fs::read_to_string(case.join(name)).ok();
    let names = |text: &str| {
        text.replace("ROLE_", ROLE)
            .replace("SUPER_", server::SUPERUSER)
            .replace("DATABASE_", &place.database.name)
    };
    if let Some(sql) = read("target.sql") {
        place.sql(&names(&sql));
    }
    if let Some(sql) = read("source.sql") {
        place.sqlite(&sql);
    }
    if let Some(more) = read("schema/database.toml") {
        let file = place.own_schema().join("database.toml");
        let text = fs::read_to_string(&file).unwrap() + "\n" + &more;
        fs::write(file, text).unwrap();
    }
    place
}

/// What a dry run over a case says.
fn dry_run_output(case: &Path) -> String {
    let place = make_place(case);
    let before = place.dump();
    let ran = place.copy(&["--dry-run"]);
    place.dump().is(&before, &case.display().to_string());
    let port = place.database.url.rsplit(':').next().unwrap().split('/').next().unwrap();
    let folder = place.folder.path().display().to_string();
    let is_shown = |line: &&str| !line.starts_with("estimate:") && !server::is_log_line(line);
    let err: String = ran.err.lines().filter(is_shown).map(|line| format!("{line}\n")).collect();
    let err = err.replace(&folder, "DIR").replace(port, "PORT");
    let version = server::connect(&place.database.url).client.query_one("SHOW server_version", &[]);
    let version: String = version.unwrap().get(0);
    let version = format!("(PostgreSQL {})", version.split(' ').next().unwrap());
    let err = err.replace(&place.database.name, "DATABASE").replace(&version, "(PostgreSQL)");
    let mut text = format!("exit {}\n\n{err}\nreport:\n", ran.code.unwrap());
    for finding in place.report()["findings"].as_array().unwrap() {
        let word = |key: &str| finding[key].as_str().unwrap_or_default();
        text += &format!("{} {} {}", word("id"), word("severity"), word("table"));
        text += &format!(" {}\n", word("column"));
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn check_case(name: &str) {
    let case = Path::new(ROOT).join("findings").join(name);
    let text = dry_run_output(&case);
    let id = name.split('-').next().unwrap();
    assert!(text.contains(&format!("\n{id} ")), "{name}: {text}");
    golden::check(&case.join("expected.txt"), &text);
}
