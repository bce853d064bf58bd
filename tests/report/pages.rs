//! The pages of a report, in HTML and Markdown, and runs that write several files.

use std::fs;
use std::path::Path;

use connect_migrate::ids::DatabaseId;
use connect_migrate::report::{Format, Report};
use serde_json::Value;

use super::full;
use crate::golden;
use crate::server;
use crate::server::installation::{Ended, Installation, owned, program};

/// The page of a report in which nothing is empty, as it was reviewed.
#[test]
fn pages_are_as_reviewed() {
    for (format, ending) in [(Format::Html, "html"), (Format::Markdown, "md")] {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/report.{ending}"));
        golden::check(&file, &full().render(format));
    }
}

/// The profile has the least and the greatest values: no page shows it.
#[test]
fn a_page_holds_no_more_than_the_json_and_no_profile() {
    let with = full();
    let without = Report { with_profile: false, ..full() };
    assert_ne!(with.render(Format::Json), without.render(Format::Json));
    for format in [Format::Html, Format::Markdown] {
        assert_eq!(with.render(format), without.render(format));
    }
}

#[test]
fn names_are_no_markup_in_a_page() {
    let mut report = full();
    let database = report.databases.get_mut(DatabaseId::new(0)).unwrap();
    database.tables[0].name = "<script>alert(1)</script>|`x`\u{202e}".to_owned();
    report.run.command_line = "migrate --source '<img src=x>'".to_owned();
    let page = report.render(Format::Html);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;|`x`[U+202E]"), "{page}");
    for foreign in ["<script", "<img", "<link", "<svg", "http:", "https:", "url(", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let page = report.render(Format::Markdown);
    assert!(page.contains("\\<script>alert(1)\\</script>\\|\\`x\\`\\\\u{202e}"), "{page}");
}

#[test]
fn the_format_is_that_of_the_ending() {
    for (name, format) in [
        ("a.json", Format::Json),
        ("a.HTML", Format::Html),
        ("a.htm", Format::Html),
        ("a.md", Format::Markdown),
        ("-", Format::Json),
        ("html", Format::Json),
        ("/dev/fd/3", Format::Json),
    ] {
        assert_eq!(Format::of_path(Path::new(name)), format, "{name}");
    }
}

/// A run of both databases that writes three reports, and what they are.
fn run_with_reports(installation: &Installation, words: &[&str]) -> (Ended, [String; 3]) {
    let files =
        ["run.json", "run.html", "run.md"].map(|name| installation.directory.path().join(name));
    let mut all = words.to_vec();
    for file in &files {
        all.extend(["--report", file.to_str().unwrap()]);
    }
    let mut command = installation.command(&all);
    let ended = Ended::of(&command.env("SUDO_USER", "ann").output().unwrap());
    (ended, files.map(|file| fs::read_to_string(file).unwrap_or_default()))
}

#[test]
fn a_run_writes_every_report_that_is_asked_for() {
    let database = server::database(server::shared());
    let (_, url) = owned(&database);
    let password = server::installation::ROLE_PASSWORD.replace('"', "\\\"");
    let installation = Installation::new(&format!("URL = \"{url}\"\nPassword = \"{password}\""));
    let (ended, [json, html, markdown]) = run_with_reports(&installation, &["db", "-yes"]);
    ended.expect(0, &[]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sudo_user"], "ann");
    assert_ne!(json["user"], "");
    let (started, finished) = (json["started"].as_str().unwrap(), json["ended"].as_str().unwrap());
    assert!(started <= finished && started.ends_with('Z'), "{started} {finished}");
    let steps = json["steps"].as_array().unwrap().iter();
    let longest = steps.map(|step| step["seconds"].as_f64().unwrap()).fold(0.0, f64::max);
    assert!(json["seconds"].as_f64().unwrap() >= longest, "{json}");
    let typed = json["command_line"].as_str().unwrap();
    assert!(typed.contains("migrate db -yes --report ") && typed.contains("run.md"), "{typed}");
    for database in json["databases"].as_array().unwrap() {
        assert_eq!(database["schema_digest"].as_str().unwrap().len(), 64);
        assert!(database["server_version"].as_str().unwrap().contains('.'), "{database}");
        for table in database["tables"].as_array().unwrap() {
            assert_eq!(table["source_digest"], table["target_digest"]);
            assert_eq!(table["source_digest"].as_str().unwrap().len(), 32);
            let (name, digest) = (table["name"].as_str().unwrap(), &table["source_digest"]);
            for page in [&html, &markdown] {
                assert!(page.contains(digest.as_str().unwrap()), "{name}");
            }
            assert!(html.contains(&format!(">{name}<")), "{name}");
        }
    }
    for page in [&html, &markdown] {
        assert!(page.contains("are in PostgreSQL, and every value was compared."), "{page}");
        assert!(page.contains(started) && page.contains("by sudo from ann"), "{page}");
        assert!(page.contains("Time by step") && page.contains("Rows by table"), "{page}");
    }
    // The next run replaces all three; a file of somebody else it does not.
    let (again, [_, html, _]) = run_with_reports(&installation, &["db", "--verify"]);
    again.expect(0, &[]);
    assert!(
        html.contains("Verified: ") && html.contains("and every value was compared."),
        "{html}"
    );
    fs::write(installation.directory.path().join("run.html"), "<!DOCTYPE html>\n<p>mine").unwrap();
    let (refused, [_, html, _]) = run_with_reports(&installation, &["db", "--verify"]);
    refused.expect(2, &["run.html", "is not an earlier report"]);
    assert!(html.ends_with("mine"));
}

#[test]
fn a_failed_run_says_in_every_report_why_and_what_to_do() {
    let installation =
        Installation::new("URL = \"postgres://nobody@127.0.0.1:1/x?sslmode=disable\"");
    let (ended, [json, html, markdown]) = run_with_reports(&installation, &["db", "--dry-run"]);
    ended.expect(4, &[]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["outcome"], &json["exit"]), (&Value::from("failed"), &Value::from(4)));
    for page in [&html, &markdown] {
        assert!(page.contains("failed: the PostgreSQL server, database or tables"), "{page}");
        assert!(page.contains("127.0.0.1:1") && page.contains("hint: "), "{page}");
    }
}

/// A password in a URL of the command line is in no report.
#[test]
fn the_command_line_of_a_report_has_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("shop.db");
    rusqlite::Connection::open(&source).unwrap().execute_batch("CREATE TABLE t (a INT)").unwrap();
    for target in ["--target", "-target="] {
        let url = "postgres://u:topsecret@127.0.0.1:1/x?sslmode=disable&sslpassword=alsosecret";
        let mut command = program();
        command.args(["copy", "--dry-run", "--source"]).arg(&source);
        match target {
            "--target" => command.args([target, url]),
            joined => command.arg(format!("{joined}{url}")),
        };
        for name in ["r.json", "r.html", "r.md"] {
            command.arg("--report").arg(folder.path().join(name));
        }
        let ended = Ended::of(&command.output().unwrap());
        ended.expect(4, &[]);
        for name in ["r.json", "r.html", "r.md"] {
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(text.contains("127.0.0.1:1/x"), "{text}");
            assert!(!text.contains("topsecret") && !text.contains("alsosecret"), "{text}");
        }
    }
}
