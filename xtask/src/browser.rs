//! `cargo xtask browser`: the pages of `schema diff --format html` and of `--report FILE.html` in a
//! real browser.
//!
//! Chromium measures it at a phone's and at a desk's width and takes pictures of it; it is
//! installed from the distribution where it is missing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

use crate::demo;
use crate::golden::root;
use crate::server;

/// A phone's width and a desk's, in CSS pixels.
const WIDTHS: [u32; 2] = [360, 1280];

/// Names that would break out of a page which did not hold them back, or widen it.
const HOSTILE: &[(&str, &str)] = &[
    ("<script>parent.hacked=1</script>", "<img src=x onerror=parent.hacked=1>"),
    ("\"onmouseover=\"parent.hacked=1", "</style><svg onload=parent.hacked=1>"),
    ("a_name_without_any_place_to_break_it_because_nobody_put_a_blank", "שלום \u{202e}rtl"),
];

/// Renders pages, measures them and takes pictures of them.
///
/// # Errors
/// A page that is wider than its window, runs something, or loses a difference.
pub fn browser() -> Result<(), String> {
    let target = root().join("target");
    let browser = find()?;
    let program = demo::build(&target)?;
    let folder = target.join("browser");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let (old, new) = (folder.join("old"), folder.join("new"));
    hostile(&old, &new).map_err(|error| error.to_string())?;
    let shown = |path: &Path| path.display().to_string();
    let pages = [
        ("versions", "connect/core@2024.08".to_owned(), "connect/core@2025.04".to_owned()),
        ("hostile", shown(&old), shown(&new)),
        ("equal", shown(&old), shown(&old)),
    ];
    for (name, left, right) in pages {
        let page = diff(&program, &left, &right, "html")?;
        let json = diff(&program, &left, &right, "json")?;
        fs::write(folder.join(format!("{name}.html")), &page).map_err(|e| e.to_string())?;
        let json: Value = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        let articles = json["differences"].as_array().map_or(0, Vec::len);
        let expected = Expected { articles, has_pairs: articles > 0 };
        inspect_page(&browser, &folder, name, &page, expected)?;
    }
    let reviewed = root().join("tests/cases/report.html");
    for (name, file) in [("report", reviewed), ("refused", refused_run(&program, &folder, &old)?)] {
        let page = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let expected = Expected { articles: page.matches("<article").count(), has_pairs: false };
        inspect_page(&browser, &folder, name, &page, expected)?;
    }
    println!("pictures: {}", folder.display());
    Ok(())
}

/// What a page must hold.
#[derive(Clone, Copy)]
struct Expected {
    articles: usize,
    /// Whether articles have a left and a right side.
    has_pairs: bool,
}

/// Measures a page at each width, and takes its pictures.
fn inspect_page(
    browser: &Path,
    folder: &Path,
    name: &str,
    page: &str,
    expected: Expected,
) -> Result<(), String> {
    for width in WIDTHS {
        let height = measure(browser, folder, page, width, expected)?;
        for dark in [false, true] {
            picture(browser, folder, page, name, (width, height), dark)?;
        }
        let count = expected.articles;
        println!("{name} at {width}: {count} articles, {height} high, nothing sticks out");
    }
    Ok(())
}

/// The report of a dry run of hostile tables, for which there is no server.
fn refused_run(program: &Path, folder: &Path, schema: &Path) -> Result<PathBuf, String> {
    let (source, report) = (folder.join("hostile.db"), folder.join("refused.html"));
    let _ = fs::remove_file(&source);
    let connection = rusqlite::Connection::open(&source).map_err(|error| error.to_string())?;
    for (table, column) in HOSTILE {
        let (table, column) = (table.replace('"', "\"\""), column.replace('"', "\"\""));
        let sql = format!(
            "CREATE TABLE \"{table}\" (\"{column}\" TEXT, only TEXT, \"text column\" NUMERIC); \
             INSERT INTO \"{table}\" VALUES (x'00', NULL, 'no number');"
        );
        connection.execute_batch(&sql).map_err(|error| error.to_string())?;
    }
    let mut command = Command::new(program);
    command.args(["copy", "--dry-run", "--schema"]).arg(schema).arg("--source").arg(&source);
    command.args(["--target", "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable", "--report"]);
    let output = command.arg(&report).output().map_err(|error| error.to_string())?;
    match report.is_file() {
        true => Ok(report),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The browser's program, from `CHROMIUM`, the path, or the distribution.
fn find() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(named));
    }
    let known = || {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = env::split_paths(&path).collect();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let all = names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
        all.into_iter().find(|file| file.is_file())
    };
    if let Some(found) = known() {
        return Ok(found);
    }
    eprintln!("no Chromium is installed; installing one");
    server::install(&["chromium"])?;
    known().ok_or_else(|| "no chromium in PATH; name one in CHROMIUM".to_owned())
}

fn hostile(old: &Path, new: &Path) -> std::io::Result<()> {
    for (side, ty) in [(old, "text"), (new, "int8")] {
        let _ = fs::remove_dir_all(side);
        fs::create_dir_all(side)?;
        fs::write(side.join("database.toml"), "versions = [\"<b>1</b>\"]\n")?;
        for (index, (table, column)) in HOSTILE.iter().enumerate() {
            let text = format!(
                "name = '{table}'\n[columns]\n'{column}' = {{ type = \"{ty}\" }}\n\
                 only = {{ type = \"text\", default = '''{ty} || '{}' ''' }}\n\
                 '{ty} column' = {{ type = \"numeric\", null = true }}\n",
                "very_long_".repeat(30)
            );
            fs::write(side.join(format!("t{index}.toml")), text)?;
        }
    }
    Ok(())
}

fn diff(program: &Path, left: &str, right: &str, format: &str) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(["schema", "diff", left, right, "--format", format]);
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.code() {
        Some(0 | 1) => String::from_utf8(output.stdout).map_err(|error| error.to_string()),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// A page with the report in a frame of some size: a window cannot be as narrow as a phone.
fn framed(folder: &Path, page: &str, (width, height): (u32, u64)) -> Result<PathBuf, String> {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let text = include_str!("../templates/measure.html")
        .replace("@WIDTH@", &width.to_string())
        .replace("@HEIGHT@", &height.to_string())
        .replace("@PAGE@", &page);
    let file = folder.join("frame.html");
    fs::write(&file, text).map_err(|error| error.to_string())?;
    Ok(file)
}

fn chromium(browser: &Path, arguments: &[String], file: &Path) -> Result<String, String> {
    let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]);
    command.args(["--no-first-run", "--virtual-time-budget=5000"]).args(arguments);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    command.arg(format!("file://{}", file.display()));
    let output = command.output().map_err(|error| format!("{}: {error}", browser.display()))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Measures the page at a width and returns its height.
fn measure(
    browser: &Path,
    folder: &Path,
    page: &str,
    width: u32,
    expected: Expected,
) -> Result<u64, String> {
    let file = framed(folder, page, (width, 800))?;
    let size = format!("--window-size={},900", width.max(600));
    let dom = chromium(browser, &[size, "--dump-dom".to_owned()], &file)?;
    let found = dom.split("<pre id=\"measured\" hidden=\"\">").nth(1);
    let found = found.and_then(|rest| rest.split("</pre>").next()).unwrap_or_default();
    let found: Value = serde_json::from_str(found).map_err(|_| format!("not measured: {dom}"))?;
    let wide = width > 720;
    let right = [
        ("width", Value::from(width)),
        ("needs", Value::from(width)),
        ("wide", Value::from(0)),
        ("hacked", Value::from(false)),
        ("foreign", Value::from(0)),
        ("articles", Value::from(expected.articles)),
        ("beside", Value::from(wide || !expected.has_pairs)),
    ];
    for (key, wanted) in right {
        if found[key] != wanted {
            return Err(format!("at {width}: {key} is {}, not {wanted}: {found}", found[key]));
        }
    }
    found["height"].as_u64().ok_or_else(|| "no height".to_owned())
}

fn picture(
    browser: &Path,
    folder: &Path,
    page: &str,
    name: &str,
    (width, height): (u32, u64),
    dark: bool,
) -> Result<(), String> {
    let height = height.clamp(200, 6000);
    let file = framed(folder, page, (width, height))?;
    let word = if dark { "dark" } else { "light" };
    let picture = folder.join(format!("{name}-{width}-{word}.png"));
    let scheme = u8::from(!dark);
    let arguments = [
        format!("--window-size={},{height}", width.max(600)),
        format!("--blink-settings=preferredColorScheme={scheme}"),
        format!("--screenshot={}", picture.display()),
    ];
    chromium(browser, &arguments, &file).map(|_| ())
}
