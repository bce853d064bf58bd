//! Questions with numbered items and lettered answers.

use crate::diagnostic::Result;
use crate::migrate::context::Context;

/// Something of which one answer is asked.
pub struct Item {
    /// What is asked about, with what is known of it.
    pub lines: Vec<String>,
    /// The answers.
    pub options: Vec<String>,
}

/// What was answered for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The option at this place.
    Option(usize),
    /// `-`.
    Leave,
}

/// How often a line that is no answer is asked for again.
const ATTEMPTS: usize = 5;

/// Asks one question about several items: a letter for each, `-` where `leave` says what that
/// means. Nothing where nobody has answered.
///
/// # Errors
/// When a signal came.
pub fn ask_for_each(
    heading: &str,
    items: &[Item],
    leave: Option<&str>,
    context: &mut Context,
) -> Result<Option<Vec<Choice>>> {
    context.print_line("");
    context.print_line(heading);
    for (number, item) in items.iter().enumerate() {
        let mut prefix = format!("{:>3}  ", number + 1);
        for line in &item.lines {
            context.print_line(&format!("{prefix}{line}"));
            prefix = "     ".to_owned();
        }
        for (option, letter) in item.options.iter().zip('a'..='z') {
            context.print_line(&format!("       {letter}  {option}"));
        }
    }
    let several = if items.len() == 1 { "a letter" } else { "a letter for each, like `a b`" };
    let or_leave = leave.map(|leave| format!(", - {leave}")).unwrap_or_default();
    let question = format!("{several}{or_leave} (Enter: not now):");
    for _ in 0..ATTEMPTS {
        let Some(line) = context.ask_line(&question)? else { return Ok(None) };
        if line.is_empty() {
            return Ok(None);
        }
        match read_answers(&line, items, leave.is_some()) {
            Ok(answers) => return Ok(Some(answers)),
            Err(why) => context.print_line(&why),
        }
    }
    Ok(None)
}

/// The answers of a line.
fn read_answers(line: &str, items: &[Item], may_leave: bool) -> Result<Vec<Choice>, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.len() != items.len() {
        return Err(format!("{} answers are needed, one for each number", items.len()));
    }
    let answers = words.iter().zip(items).enumerate().map(|(number, (word, item))| {
        let letters = ('a'..='z').take(item.options.len());
        let found =
            letters.enumerate().find(|(_, letter)| word.eq_ignore_ascii_case(&letter.to_string()));
        match found {
            Some((place, _)) => Ok(Choice::Option(place)),
            None if may_leave && *word == "-" => Ok(Choice::Leave),
            None => Err(format!("`{word}` is no answer to {}", number + 1)),
        }
    });
    answers.collect()
}
