//! Hints: what a person can do about a fault, one alternative each.
//!
//! A hint is an imperative of at most 100 characters. What is to be typed or pasted and may be
//! longer, because it cannot be broken, stands below it: a command, statements, lines of a file.

use crate::text::{self, Lines};

/// One alternative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// What to do; it ends with a colon where it introduces lines.
    pub text: String,
    /// What the text introduces: a command, statements, lines of a file.
    pub lines: Vec<String>,
}

/// The alternatives for one fault; none where there is nothing to offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints(Vec<Hint>);

impl Hint {
    /// A hint without lines.
    pub fn new(text: impl Into<String>) -> Hint {
        Hint { text: text::make_message(text), lines: Vec::new() }
    }

    /// A hint that introduces one line.
    pub fn with_line(text: impl Into<String>, line: impl Into<String>) -> Hint {
        Hint { lines: vec![line.into()], ..Hint::new(text) }
    }

    /// A hint that introduces lines.
    pub fn with_lines(text: impl Into<String>, lines: Vec<String>) -> Hint {
        Hint { lines, ..Hint::new(text) }
    }

    /// The text with its lines below it, exactly; not for a terminal.
    fn full_text(&self) -> String {
        text::with_lines(&self.text, &self.lines)
    }
}

impl Hints {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an alternative behind the others.
    pub fn add(&mut self, hint: impl Into<Hint>) {
        self.0.push(hint.into());
    }

    /// The same with further alternatives behind the others.
    #[must_use]
    pub fn and(mut self, others: impl Into<Hints>) -> Hints {
        self.0.extend(others.into().0);
        self
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Hint> {
        self.0.iter()
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Hint> {
        self.0.iter_mut()
    }

    /// Each with its lines below it, exactly; not for a terminal.
    pub fn full_texts(&self) -> Vec<String> {
        self.0.iter().map(Hint::full_text).collect()
    }

    /// What a terminal shows of them.
    pub fn shown_lines(&self) -> Lines {
        let mut lines = Lines::default();
        for hint in &self.0 {
            lines.add_line(format!("hint: {}", hint.text));
            hint.lines.iter().for_each(|line| lines.add_line(format!("  {line}")));
        }
        lines
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Hint {
        Hint::new(text)
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Hint {
        Hint::new(text)
    }
}

impl From<Hint> for Hints {
    fn from(hint: Hint) -> Hints {
        Hints(vec![hint])
    }
}

/// An empty text is no hint.
impl From<&str> for Hints {
    fn from(text: &str) -> Hints {
        Hints::from(text.to_owned())
    }
}

/// An empty text is no hint.
impl From<String> for Hints {
    fn from(text: String) -> Hints {
        Hints(if text.is_empty() { Vec::new() } else { vec![Hint::new(text)] })
    }
}

impl<T: Into<Hint>> From<Vec<T>> for Hints {
    fn from(hints: Vec<T>) -> Hints {
        Hints(hints.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Hint>, const N: usize> From<[T; N]> for Hints {
    fn from(hints: [T; N]) -> Hints {
        Hints(hints.into_iter().map(Into::into).collect())
    }
}

impl From<&[&str]> for Hints {
    fn from(hints: &[&str]) -> Hints {
        Hints(hints.iter().map(|text| Hint::new(*text)).collect())
    }
}
