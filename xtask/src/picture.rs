//! `cargo xtask picture`: a picture of a real run at a terminal, as an SVG, from the bytes that the
//! terminal was sent.
//!
//! Frames of three moments (rows are copied, indexes are built, the end) stand below each other, so
//! that the picture needs no animation to say what a run shows.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cluster::{self, Wanted};
use crate::golden::root;
use crate::sample::{self, Options};
use crate::{demo, server};

/// Runs a program at a terminal of so many columns, and copies what it writes, a line of
/// hexadecimal digits for each piece.
const TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    print(more.hex())
"#;

/// A moment of the run: what its last line begins with, and what is said of it. Of several lines
/// the one in the middle is taken.
const MOMENTS: &[(&str, &str)] = &[
    ("copying ", "while rows are copied"),
    ("building keys and indexes", "while keys and indexes are built"),
];

/// The width of a column and the height of a line, in pixels.
const COLUMN: f64 = 7.83;
const LINE: usize = 17;

/// Runs a migration of a sample at a terminal, and writes the picture.
///
/// # Errors
/// What failed.
pub fn picture(
    rows: u64,
    columns: usize,
    out: &Path,
    program: Option<&Path>,
) -> Result<(), String> {
    let target = root().join("target");
    let bin = server::bin_dir(&target)?;
    let program = program.map_or_else(|| demo::build(&target), |given| Ok(given.to_owned()))?;
    let folder = tempfile::Builder::new().prefix("connect-").rand_bytes(2).tempdir();
    let folder = folder.map_err(|error| error.to_string())?;
    let data = folder.path().join("db");
    sample::write(&Options { rows, ..Options::new(&data) }).map_err(|error| error.to_string())?;
    let cluster = cluster::start(&bin, &Wanted { is_on_disk: true, ..Wanted::default() })?;
    let config = folder.path().join("connect.gcfg");
    let text = format!(
        "[Server]\nDataDir = {}\n\n[Postgres]\nURL = \"postgres://{}@127.0.0.1:{}/postgres\
         ?sslmode=disable\"\nPassword = \"{}\"\n",
        folder.path().display(),
        cluster::SUPERUSER,
        cluster.port,
        cluster::PASSWORD
    );
    demo::write_private(&config, &text)?;
    let words = ["db", "-yes", "--config"];
    let mut python = Command::new("python3");
    python.args(["-c", TERMINAL, &columns.to_string()]).arg(&program).args(words).arg(&config);
    let output = python.output().map_err(|error| format!("python3: {error}"))?;
    let screens = replay(&String::from_utf8_lossy(&output.stdout))?;
    let svg = draw(&frames(&screens)?, columns);
    fs::write(out, svg).map_err(|error| format!("{}: {error}", out.display()))?;
    println!("{}", out.display());
    Ok(())
}

/// What stood on the terminal after each piece.
fn replay(pieces: &str) -> Result<Vec<Vec<String>>, String> {
    let mut lines = vec![String::new()];
    let mut screens = Vec::new();
    for piece in pieces.lines() {
        let bytes = decode(piece).ok_or("python3 printed no hexadecimal digits")?;
        write(&String::from_utf8_lossy(&bytes), &mut lines);
        screens.push(lines.clone());
    }
    Ok(screens)
}

fn decode(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Writes text onto lines as a terminal would; colours are left out.
fn write(text: &str, lines: &mut Vec<String>) {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => {}
            '\n' => lines.push(String::new()),
            '\u{1b}' => {
                let end = letters.by_ref().find(char::is_ascii_alphabetic);
                if end == Some('K')
                    && let Some(last) = lines.last_mut()
                {
                    last.clear();
                }
            }
            other => {
                if let Some(last) = lines.last_mut() {
                    last.push(other);
                }
            }
        }
    }
}

/// A part of a terminal, with what is said of it.
struct Frame {
    caption: &'static str,
    lines: Vec<String>,
}

fn frames(screens: &[Vec<String>]) -> Result<Vec<Frame>, String> {
    let mut frames = Vec::new();
    for (begin, caption) in MOMENTS {
        let shown =
            screens.iter().filter(|lines| lines.last().is_some_and(|l| l.starts_with(begin)));
        let shown: Vec<&Vec<String>> = shown.collect();
        let middle = shown.get(shown.len() / 2);
        let lines = middle.ok_or_else(|| format!("`{begin}` was never on the terminal"))?;
        frames.push(Frame { caption, lines: last_lines(lines, 6) });
    }
    let end = screens.last().ok_or("nothing was on the terminal")?;
    let from = end.iter().rposition(|line| line.trim_start().starts_with("table "));
    let end = end.get(from.unwrap_or_default().saturating_sub(3)..).unwrap_or_default();
    frames.push(Frame { caption: "at the end", lines: last_lines(end, 30) });
    Ok(frames)
}

fn last_lines(lines: &[String], most: usize) -> Vec<String> {
    let lines: Vec<String> = lines.iter().map(|line| line.trim_end().to_owned()).collect();
    let used = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let skipped = used.saturating_sub(most);
    lines.into_iter().take(used).skip(skipped).skip_while(String::is_empty).collect()
}

/// The frames below each other, in colours that suit a light page and a dark one.
fn draw(frames: &[Frame], columns: usize) -> String {
    let width = (columns as f64 * COLUMN) as usize + 32;
    let mut body = String::new();
    let mut top = 0;
    for Frame { caption, lines } in frames {
        let lines: Vec<String> = lines.iter().flat_map(|line| wrap(line, columns)).collect();
        let height = lines.len() * LINE + 20;
        let _ = writeln!(body, "<text class=\"c\" x=\"0\" y=\"{}\">{caption}</text>", top + 14);
        let _ = writeln!(
            body,
            "<rect class=\"t\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>",
            top + 22
        );
        for (number, line) in lines.iter().enumerate() {
            let y = top + 22 + 10 + (number + 1) * LINE - 4;
            let text = escape(line);
            let _ = writeln!(body, "<text class=\"l\" x=\"16\" y=\"{y}\">{text}</text>");
        }
        top += 22 + height + 18;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{top}\" \
         viewBox=\"0 0 {width} {top}\" xml:space=\"preserve\" role=\"img\" \
         aria-label=\"a run of migrate db\">\n<style>\n\
         text {{ font: 13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; \
         white-space: pre }}\n\
         .t {{ fill: #1d2430 }}\n.l {{ fill: #e6e9ef }}\n.c {{ fill: #6b7280 }}\n\
         </style>\n{body}</svg>\n"
    )
}

/// A line as a terminal of so many columns shows it.
fn wrap(line: &str, columns: usize) -> Vec<String> {
    let letters: Vec<char> = line.chars().collect();
    let mut lines: Vec<String> =
        letters.chunks(columns.max(1)).map(|piece| piece.iter().collect()).collect();
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// Text for the picture; blanks that viewers would join are made of those that they keep.
fn escape(text: &str) -> String {
    text.replace(' ', "\u{a0}").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_over_and_lines_stay() {
        let mut lines = vec![String::new()];
        write("plan: 3 tables\r\ncopying a: 1 row", &mut lines);
        write("\r\u{1b}[Kcopying b: 2 rows", &mut lines);
        assert_eq!(lines, ["plan: 3 tables", "copying b: 2 rows"]);
        write("\r\u{1b}[K\u{1b}[1;31merror:\u{1b}[0m no\r\n", &mut lines);
        assert_eq!(lines, ["plan: 3 tables", "error: no", ""]);
    }
}
