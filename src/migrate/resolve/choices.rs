//! Questions with numbered items and lettered answers.

use crate::diagnostic::Result;
use crate::migrate::context::Context;

/// Something of which one answer is asked.
pub struct Item {
    /// What is asked about, with what is known of it.
    pub lines: Vec<String>,
    /// The answers that have a letter.
    pub options: Vec<String>,
    /// Further answers, which are given by their name, and what each comes to.
    pub named: Vec<(String, String)>,
}

/// What was answered for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The option at this place; those with a name follow those with a letter.
    Option(usize),
    /// One of the [`Marks`].
    Mark(char),
}

/// Answers that every item has: the sign to type, and what it does.
pub type Marks<'a> = &'a [(char, &'a str)];

/// How often a line that is no answer is asked for again.
const ATTEMPTS: usize = 5;

/// How many answers that are given by name stand on a line.
const NAMED_PER_LINE: usize = 4;

/// Asks one question about several items: a letter, a name or a mark for each. Nothing where
/// nobody has answered.
///
/// # Errors
/// When a signal came.
pub fn ask_for_each(
    heading: &str,
    items: &[Item],
    marks: Marks<'_>,
    context: &mut Context,
) -> Result<Option<Vec<Choice>>> {
    context.print_line("");
    context.print_line(heading);
    for (number, item) in items.iter().enumerate() {
        print_item(number + 1, item, context);
    }
    let several = describe_answers(items);
    let marks_text: String =
        marks.iter().map(|(mark, does)| format!(", {mark} to {does}")).collect();
    let question = format!("{several}{marks_text} (press Enter to decide later):");
    for _ in 0..ATTEMPTS {
        let Some(line) = context.ask_line(&question)? else { return Ok(None) };
        if line.is_empty() {
            return Ok(None);
        }
        match read_answers(&line, items, marks) {
            Ok(answers) => return Ok(Some(answers)),
            Err(why) => context.print_line(&why),
        }
    }
    context.print_line(&format!("no valid answer in {ATTEMPTS} attempts: the question stays open"));
    Ok(None)
}

/// What is to be typed, with an example.
fn describe_answers(items: &[Item]) -> String {
    let named = items.iter().find_map(|item| item.named.first());
    match (items.len(), named) {
        (1, None) => "a letter".to_owned(),
        (1, Some(_)) => "a letter or a name".to_owned(),
        (2, None) => "a letter for each, like `a b`".to_owned(),
        (count, None) => format!("{count} letters, one for each number, like `a b a …`"),
        (count, Some((name, _))) => {
            let more = if count == 2 { "" } else { " b" };
            format!("{count} answers, a letter or a name for each number, like `a {name}{more}`")
        }
    }
}

fn print_item(number: usize, item: &Item, context: &mut Context) {
    let mut prefix = format!("{number:>3}  ");
    for line in &item.lines {
        context.print_line(&format!("{prefix}{line}"));
        prefix = "     ".to_owned();
    }
    for (option, letter) in item.options.iter().zip('a'..='z') {
        context.print_line(&format!("       {letter}  {option}"));
    }
    let named: Vec<String> =
        item.named.iter().map(|(name, what)| format!("{name} ({what})")).collect();
    let mut prefix = "       or by name: ";
    for names in named.chunks(NAMED_PER_LINE) {
        context.print_line(&format!("{prefix}{}", names.join(", ")));
        prefix = "                   ";
    }
}

/// The answers of a line: words with blanks or commas between them, or letters and marks alone,
/// written together; a mark alone is the answer to all.
fn read_answers(line: &str, items: &[Item], marks: Marks<'_>) -> Result<Vec<Choice>, String> {
    let mut words: Vec<String> = line
        .split([' ', '\t', ','])
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if let ([word], true) = (&*words, items.len() > 1) {
        let is_mark = marks.iter().any(|(mark, _)| word.chars().eq([*mark]));
        words = match is_mark {
            true => vec![word.clone(); items.len()],
            false => word.chars().map(String::from).collect(),
        };
    }
    // Letters and marks may stand in groups.
    let letters: Vec<String> = words.concat().chars().map(String::from).collect();
    if words.len() != items.len() && letters.len() == items.len() {
        words = letters;
    }
    if words.len() != items.len() {
        return Err(format!(
            "{} answers are needed, one for each number, but there are {}",
            items.len(),
            words.len()
        ));
    }
    let answers = words.iter().zip(items).enumerate().map(|(number, (word, item))| {
        find_choice(word, item, marks)
            .ok_or_else(|| format!("`{word}` is not an answer to {}", number + 1))
    });
    answers.collect()
}

fn find_choice(word: &str, item: &Item, marks: Marks<'_>) -> Option<Choice> {
    let mut letters = ('a'..='z').take(item.options.len());
    if let Some(place) = letters.position(|letter| word.chars().eq([letter])) {
        return Some(Choice::Option(place));
    }
    let is_named = |option: &String| {
        option.split(' ').next().is_some_and(|name| name.eq_ignore_ascii_case(word))
    };
    if let Some(place) = item.options.iter().position(is_named) {
        return Some(Choice::Option(place));
    }
    if let Some(place) = item.named.iter().position(|(name, _)| name == word) {
        return Some(Choice::Option(item.options.len() + place));
    }
    let mark = marks.iter().find(|(mark, _)| word.chars().eq([*mark]));
    mark.map(|(mark, _)| Choice::Mark(*mark))
}

#[cfg(test)]
mod tests {
    use super::{Choice, Item, read_answers};

    #[test]
    fn answers_are_letters_names_and_marks() {
        let item = |options: &[&str], named: &[&str]| Item {
            lines: Vec::new(),
            options: options.iter().map(|text| (*text).to_owned()).collect(),
            named: named.iter().map(|name| ((*name).to_owned(), String::new())).collect(),
        };
        let items = [item(&["one", "two  of it"], &["unix_ms"]), item(&["three"], &[])];
        let read = |line: &str| read_answers(line, &items, &[('-', "leave it")]);
        let of = |index: usize| Choice::Option(index);
        for line in ["b a", "B, a", "ba", " b,a "] {
            assert_eq!(read(line), Ok(vec![of(1), of(0)]), "{line}");
        }
        assert_eq!(read("unix_ms -"), Ok(vec![of(2), Choice::Mark('-')]));
        // What stands beside a letter is a name, too.
        assert_eq!(read("two three"), Ok(vec![of(1), of(0)]));
        let three = [item(&["x", "y"], &[]), item(&["x", "y"], &[]), item(&["x", "y"], &[])];
        assert_eq!(read_answers("ab a", &three, &[]), Ok(vec![of(0), of(1), of(0)]));
        assert_eq!(read("-"), Ok(vec![Choice::Mark('-'); 2]));
        for (line, why) in [
            ("a", "2 answers are needed, one for each number, but there are 1"),
            ("a b a", "2 answers are needed, one for each number, but there are 3"),
            ("a b", "`b` is not an answer to 2"),
            ("c a", "`c` is not an answer to 1"),
        ] {
            assert_eq!(read(line), Err(why.to_owned()), "{line}");
        }
    }
}
