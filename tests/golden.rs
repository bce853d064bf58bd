//! Expected texts ("goldens"): compared, or rewritten by `cargo xtask bless`. The test crates of
//! the workspace share this file.

use std::path::Path;
use std::{env, fs};

/// The lines of a difference that are shown.
pub const DIFFERENCE_LINES_MAX: usize = 100;

/// Whether expected texts are rewritten: `cargo xtask bless` sets the variable.
pub fn is_blessing() -> bool {
    env::var_os("BLESS").is_some()
}

/// Compares a text with the expected one in a file, or rewrites the file.
#[track_caller]
pub fn check(file: &Path, text: &str) {
    check_file(file, Some(text));
}

/// The same where no text means that there is no such file.
#[track_caller]
pub fn check_file(file: &Path, text: Option<&str>) {
    let expected = fs::read_to_string(file).ok();
    if expected.as_deref() == text {
        return;
    }
    if is_blessing() {
        match text {
            Some(text) => {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            None => fs::remove_file(file).unwrap(),
        }
        return;
    }
    let difference = difference(&expected.unwrap_or_default(), text.unwrap_or_default());
    panic!(
        "{} differs:\n{difference}\nif the new text is right, rewrite the file: cargo xtask bless",
        file.display()
    );
}

/// The lines from the first that differs to the last, cut.
pub fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let start = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let rest = (expected.len() - start).min(found.len() - start);
    let backwards = expected.iter().rev().zip(found.iter().rev()).take(rest);
    let end = backwards.take_while(|(a, b)| a == b).count();
    let marked = |mark: char, lines: &[&str]| -> Vec<String> {
        let lines = lines.iter().take(lines.len() - end).skip(start);
        lines.map(|line| format!("{mark}{line}")).collect()
    };
    let mut lines = vec![format!("@ line {}", start + 1)];
    lines.extend(marked('-', &expected));
    lines.extend(marked('+', &found));
    if lines.len() > DIFFERENCE_LINES_MAX {
        lines.truncate(DIFFERENCE_LINES_MAX);
        lines.push("…".to_owned());
    }
    lines.join("\n")
}

/// A test for every directory of cases, called as the directory: it gives `check_case` of the
/// module its name. `cargo xtask bless` writes the lists.
macro_rules! case_tests {
    ($($test:ident = $directory:literal,)+) => {
        $(
            #[test]
            #[allow(non_snake_case, reason = "ids of findings keep their capital letter")]
            fn $test() {
                check_case($directory);
            }
        )+
    };
}
pub(crate) use case_tests;
