//! Functions: their names, lengths and parameters. The code is formatted by rustfmt: a function
//! ends at the brace in the column of its first line.

use super::code::is_name;

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace.
    pub lines: usize,
    /// Its parameters, `self` included.
    pub parameters: usize,
}

/// All functions of a stripped source file that have a body.
pub fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut start = 0;
    for (index, line) in code.split('\n').enumerate() {
        let column = line.match_indices("fn ").map(|(column, _)| column);
        let mut column = column.filter(|column| is_function(line, *column));
        if let Some(column) = column.next()
            && let Some(text) = code.get(start + column..)
            && let Some(end) = end_line(code.get(start..).unwrap_or_default())
        {
            let text = text.get(3..).unwrap_or_default();
            let name: String = text.chars().take_while(|letter| is_name(*letter)).collect();
            let parameters = parameters(text);
            found.push(Function { name, line: index + 1, lines: end, parameters });
        }
        start += line.len() + 1;
    }
    found
}

/// Whether the `fn` in this column begins a function; that of a type is followed by a bracket.
fn is_function(line: &str, column: usize) -> bool {
    let before = line.get(..column).unwrap_or_default();
    let name = line.get(column + 3..).unwrap_or_default();
    let starts = name.chars().next().is_some_and(is_name);
    starts && !before.ends_with(|letter: char| is_name(letter) || letter == '$')
}

/// The number of lines of the function that begins in the first line of a text; none without body.
fn end_line(text: &str) -> Option<usize> {
    let first = text.split('\n').next()?;
    let indent = first.len() - first.trim_start().len();
    for (index, line) in text.split('\n').enumerate() {
        let at_indent = line.len() - line.trim_start().len() == indent;
        let line = line.trim();
        if line.is_empty() || !(index == 0 || at_indent) {
            continue;
        }
        if line.ends_with(';') {
            return None;
        }
        // `) -> T {` ends the signature, not the body.
        if line.ends_with('}') && (index > 0 && line.starts_with('}') || line.contains('{')) {
            return Some(index + 1);
        }
    }
    None
}

/// The number of parameters of a function, from the text that follows `fn `.
fn parameters(text: &str) -> usize {
    let Some(list) = parameter_list(text) else { return 0 };
    let mut depth = 0_i32;
    let mut count = 0;
    let mut filled = false;
    let mut previous = ' ';
    for letter in list.chars() {
        match letter {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if previous == '-' => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            ',' if depth == 0 => {
                count += 1;
                filled = false;
                previous = letter;
                continue;
            }
            _ => {}
        }
        filled |= !letter.is_whitespace();
        previous = letter;
    }
    count + usize::from(filled)
}

/// What stands between the brackets of the parameters; generics come before them.
fn parameter_list(text: &str) -> Option<&str> {
    let mut angles = 0_i32;
    let mut previous = ' ';
    for (place, letter) in text.char_indices() {
        match letter {
            '<' => angles += 1,
            '>' if previous != '-' => angles -= 1,
            '(' if angles == 0 => {
                let rest = text.get(place + 1..)?;
                return rest.get(..closing(rest)?);
            }
            _ => {}
        }
        previous = letter;
    }
    None
}

/// Where the bracket closes that was opened before a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(place),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}
