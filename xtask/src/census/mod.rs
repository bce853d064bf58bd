//! `cargo xtask census`: the numbers by which the shape of the code is judged. Those that must be
//! zero make `--check` fail; the others are for comparison.

pub mod code;
pub mod functions;
pub mod imports;
pub mod literals;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use functions::Function;
use imports::Uses;

/// The most lines that a function has.
const FUNCTION_LINES: usize = 70;
/// The most lines that a file has.
const FILE_LINES: usize = 400;
/// Functions with so many parameters are counted.
const PARAMETERS: usize = 6;

/// The parts of the tree, each with its own column.
const AREAS: [&str; 6] = ["src", "model/src", "xtask/src", "tests", "model/tests", "xtask/tests"];
/// The part with the program's modules.
const PROGRAM: &str = "src";
/// What tests read; no code of ours.
const CASES: &str = "tests/cases/";

/// A source file.
struct File {
    /// Below the tree's root, such as `src/a.rs`.
    path: String,
    lines: usize,
    code: code::Code,
    functions: Vec<Function>,
}

/// A line of the table.
struct Number {
    name: &'static str,
    must_be_zero: bool,
    /// One text for each area; fewer where the number is one of the program alone.
    cells: Vec<String>,
    /// What makes a number that must be zero another: `path:line: what`.
    places: Vec<String>,
}

/// Prints the numbers of the tree below `root`; with `check`, also each place where a number that
/// must be zero is not.
///
/// # Errors
/// When a file cannot be read; with `check`, when a number is not zero that must be.
pub fn census(root: &Path, check: bool) -> Result<(), String> {
    let mut areas = Vec::new();
    for area in AREAS {
        let mut files = Vec::new();
        read_files(root, area, &mut files)?;
        areas.push(files);
    }
    let program = areas.first().map(Vec::as_slice).unwrap_or_default();
    if program.is_empty() {
        return Err(format!("{} has no {PROGRAM} with Rust files", root.display()));
    }
    let mut numbers = size_numbers(&areas);
    numbers.push(function_names(&areas));
    numbers.push(parameters(&areas));
    numbers.push(cycles(program));
    let outside = |file: &&File| !is_catalogue(root, &file.path);
    numbers.push(ids(program.iter().filter(outside)));
    numbers.push(sentinels(&areas));
    print!("{}", table(&numbers));
    let places: Vec<&str> =
        numbers.iter().flat_map(|number| &number.places).map(String::as_str).collect();
    if !check || places.is_empty() {
        return Ok(());
    }
    println!("\n{}", places.join("\n"));
    Err("numbers that must be 0 are not".to_owned())
}

/// Reads the Rust files below `root/path`; none where there is no such directory.
fn read_files(root: &Path, path: &str, files: &mut Vec<File>) -> Result<(), String> {
    let directory = root.join(path);
    if !directory.is_dir() || format!("{path}/").starts_with(CASES) {
        return Ok(());
    }
    let fail = |error: std::io::Error| format!("{}: {error}", directory.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).map_err(fail)? {
        names.push(entry.map_err(fail)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    for name in names {
        let path = format!("{path}/{name}");
        if root.join(&path).is_dir() {
            read_files(root, &path, files)?;
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(root.join(&path));
            let text = text.map_err(|error| format!("{path}: {error}"))?;
            let code = code::strip(&text);
            let functions = functions::functions(&code.text);
            files.push(File { path, lines: text.lines().count(), code, functions });
        }
    }
    Ok(())
}

/// Whether a file is of the catalogue of findings: the list of ids, and what is in the directory
/// `catalog` beside it.
fn is_catalogue(root: &Path, path: &str) -> bool {
    let Some((directory, name)) = path.rsplit_once('/') else { return false };
    let beside_ids = |directory: &str| {
        let parent = directory.strip_suffix("/catalog");
        parent.is_some_and(|parent| {
            root.join(parent).join("id.rs").exists() || parent.ends_with("/finding")
        })
    };
    let is_list = name == "id.rs" && root.join(directory).join("catalog").is_dir();
    is_list || beside_ids(directory)
}

/// Lengths of files and functions.
fn size_numbers(areas: &[Vec<File>]) -> Vec<Number> {
    let lengths = |files: &[File]| {
        let mut lengths: Vec<usize> =
            files.iter().flat_map(|file| &file.functions).map(|function| function.lines).collect();
        lengths.sort_unstable();
        lengths
    };
    let at = |sorted: &[usize], tenths: usize| {
        let index = (sorted.len() * tenths / 10).min(sorted.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or_default()
    };
    let shown = |files: &[File]| {
        let sorted = lengths(files);
        format!("{} / {} / {}", at(&sorted, 5), at(&sorted, 9), at(&sorted, 10))
    };
    let files = areas.iter().flatten().filter(|file| file.lines > FILE_LINES);
    let long_files: Vec<String> =
        files.map(|file| format!("{}: {} lines", file.path, file.lines)).collect();
    vec![
        count("files", areas, |_| 1),
        count("lines", areas, |file| file.lines),
        Number {
            name: "files over 400 lines",
            must_be_zero: true,
            places: long_files,
            ..count("", areas, |file| usize::from(file.lines > FILE_LINES))
        },
        count("functions", areas, |file| file.functions.len()),
        Number {
            name: "function lines, median / p90 / max",
            must_be_zero: false,
            cells: areas.iter().map(|files| shown(files)).collect(),
            places: Vec::new(),
        },
        chosen("functions over 70 lines", true, areas, |function| function.lines > FUNCTION_LINES),
    ]
}

/// A number that is added up over files.
fn count(name: &'static str, areas: &[Vec<File>], of: impl Fn(&File) -> usize) -> Number {
    let sum = |files: &Vec<File>| files.iter().map(&of).sum::<usize>().to_string();
    let cells = areas.iter().map(sum).collect();
    Number { name, must_be_zero: false, cells, places: Vec::new() }
}

/// The number of functions that are so.
fn chosen(
    name: &'static str,
    must_be_zero: bool,
    areas: &[Vec<File>],
    is_so: impl Fn(&Function) -> bool,
) -> Number {
    let of = |file: &File| file.functions.iter().filter(|function| is_so(function)).count();
    let mut number = count(name, areas, of);
    number.must_be_zero = must_be_zero;
    for file in areas.iter().flatten().filter(|_| must_be_zero) {
        for Function { name, line, lines, .. } in file.functions.iter().filter(|one| is_so(one)) {
            number.places.push(format!("{}:{line}: {name} has {lines} lines", file.path));
        }
    }
    number
}

/// How many functions have a name of one word.
fn function_names(areas: &[Vec<File>]) -> Number {
    let mut number = chosen("functions with a name of one word", false, areas, |function| {
        !function.name.contains('_')
    });
    for (cell, files) in number.cells.iter_mut().zip(areas) {
        let all: usize = files.iter().map(|file| file.functions.len()).sum();
        let some = cell.parse().unwrap_or(0_usize);
        let percent = (some * 100 + all / 2).checked_div(all).unwrap_or_default();
        let _ = write!(cell, " ({percent} %)");
    }
    number
}

fn parameters(areas: &[Vec<File>]) -> Number {
    chosen("functions with 6 or more parameters", false, areas, |function| {
        function.parameters >= PARAMETERS
    })
}

/// Top-level modules of the program that use each other in a circle.
fn cycles(program: &[File]) -> Number {
    let parts: Vec<(Vec<&str>, &str)> = program
        .iter()
        .filter_map(|file| {
            let path = file.path.strip_prefix(PROGRAM)?.strip_prefix('/')?;
            Some((imports::module_path(path), file.code.text.as_str()))
        })
        .collect();
    let modules: BTreeSet<&str> =
        parts.iter().filter_map(|(path, _)| path.first().copied()).collect();
    let mut uses = Uses::new();
    for (path, code) in &parts {
        let Some(module) = path.first() else { continue };
        let used = uses.entry((*module).to_owned()).or_default();
        let names = imports::root_names(code, path.len());
        let others = names.into_iter().filter(|name| name != module && modules.contains(name));
        used.extend(others.map(str::to_owned));
    }
    let cycles = imports::cycles(&uses);
    let inside: usize = cycles.iter().map(Vec::len).sum();
    Number {
        name: "top-level modules in an import cycle",
        must_be_zero: true,
        cells: vec![format!("{inside} of {}", modules.len())],
        places: cycles.iter().map(|cycle| format!("a cycle: {}", cycle.join(" "))).collect(),
    }
}

/// Ids of findings that are written as strings.
fn ids<'a>(files: impl Iterator<Item = &'a File>) -> Number {
    let mut places = Vec::new();
    for file in files {
        let lines = literals::id_lines(&file.code);
        places.extend(lines.iter().map(|line| format!("{}:{line}: an id as a string", file.path)));
    }
    Number {
        name: "finding ids as strings outside the catalogue",
        must_be_zero: true,
        cells: vec![places.len().to_string()],
        places,
    }
}

/// Limits of integer types as marks, in what is no test.
fn sentinels(areas: &[Vec<File>]) -> Number {
    let mut number =
        count("sentinels", areas, |file| literals::sentinel_lines(&file.code.text).len());
    number.must_be_zero = true;
    for file in areas.iter().flatten() {
        let lines = literals::sentinel_lines(&file.code.text);
        number.places.extend(lines.iter().map(|line| format!("{}:{line}: a sentinel", file.path)));
    }
    number
}

/// The numbers as text, a column for each area.
fn table(numbers: &[Number]) -> String {
    let mut rows = vec![["number".to_owned(), "must be".to_owned()].to_vec()];
    if let Some(head) = rows.first_mut() {
        head.extend(AREAS.map(str::to_owned));
    }
    for number in numbers {
        let limit = if number.must_be_zero { "0" } else { "" };
        let mut row = vec![number.name.to_owned(), limit.to_owned()];
        row.extend(number.cells.iter().cloned());
        rows.push(row);
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(String::len).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..AREAS.len() + 2).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
