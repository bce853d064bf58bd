//! What SQLite's integrity check says, built anew from what is known.
//!
//! Its lines name tables and indexes, and in a damaged file a name can be any bytes of it. So a
//! line is shown only where its form is one of SQLite's, with its numbers and the names that the
//! database is known to have.

/// What stands before a message about pages.
const PLACES: &[&str] =
    &["Tree # page # cell #: ", "Tree # page # right child: ", "Tree # page #: ", "Freelist: ", ""];

/// Messages of SQLite 3.30 and later (`checkAppendMsg` of btree.c, `PragTyp_INTEGRITY_CHECK` of
/// pragma.c): `#` is a number, `@` a name.
const MESSAGES: &[&str] = &[
    "invalid page number #",
    "2nd reference to page #",
    "Failed to read ptrmap key=#",
    "Bad ptr map entry key=# expected=(#,#) got=(#,#)",
    "failed to get page #",
    "freelist leaf count too big on page #",
    "size is # but should be #",
    "overflow list length is # but should be #",
    "unable to get the page. error code=#",
    "btree depth exceeds #",
    "btreeInitPage() returns error code #",
    "free space corruption",
    "Offset # out of range #..#",
    "Extends off end of page",
    "Bad cell header size",
    "Rowid # out of order",
    "Child page depth differs",
    "Multiple uses for byte # of page #",
    "Fragmentation of # bytes reported as # on page #",
    "max rootpage (#) disagrees with header (#)",
    "incremental_vacuum enabled with a max rootpage of zero",
    "Page #: never used",
    "Page #: pointer map referenced",
    "Page # is never used",
    "Pointer map page # is referenced",
    "row # missing from index @",
    "row # values differ from index @",
    "rowid not at end-of-record for row # of index @",
    "row not in PRIMARY KEY order for @",
    "wrong # of entries in index @",
    "non-unique entry in index @",
    "index @ stores an imprecise floating-point value for row #",
];

/// What is shown for a name that the database is not known to have.
const UNKNOWN: &str = "(a name that is not shown)";

/// A result of the check, which can be several lines, as messages that are safe to show.
pub fn safe_messages(result: &str, known: &dyn Fn(&str) -> bool) -> Vec<String> {
    if let Some(message) = safe_message(result, known) {
        return vec![message];
    }
    let lines = result.lines().filter(|line| !line.is_empty() && !line.starts_with("*** in "));
    let other = || "a message that is not shown, as it may quote the file".to_owned();
    lines.map(|line| safe_message(line, known).unwrap_or_else(other)).collect()
}

fn safe_message(line: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut all =
        PLACES.iter().flat_map(|place| MESSAGES.iter().map(move |pattern| (place, pattern)));
    all.find_map(|(place, pattern)| match_template(&format!("{place}{pattern}"), line, known))
}

/// The text, if it has the template's form.
fn match_template(template: &str, text: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let Some(at) = template.find(['#', '@']) else {
        return (template == text).then(|| text.to_owned());
    };
    let (literal, hole) = template.split_at_checked(at)?;
    let rest = text.strip_prefix(literal)?;
    let after = hole.get(1..)?;
    if hole.starts_with('#') {
        let end = rest.find(|letter: char| letter != '-' && !letter.is_ascii_digit());
        // "wrong # of entries": SQLite's own text has the sign.
        let end = if rest.starts_with('#') { 1 } else { end.unwrap_or(rest.len()) };
        let (number, rest) = rest.split_at_checked(end).filter(|(number, _)| !number.is_empty())?;
        return Some(format!("{literal}{number}{}", match_template(after, rest, known)?));
    }
    let mut ends = (0..=rest.len()).rev();
    ends.find_map(|end| {
        let (name, rest) = rest.split_at_checked(end)?;
        let rest = match_template(after, rest, known)?;
        let name = if known(name) { name } else { UNKNOWN };
        Some(format!("{literal}{name}{rest}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe_messages_of(result: &str) -> Vec<String> {
        safe_messages(result, &|name| matches!(name, "t" | "i row 7" | "é"))
    }

    #[test]
    fn known_forms_are_kept() {
        for line in [
            "row 1 missing from index t",
            "row -1 values differ from index i row 7",
            "wrong # of entries in index é",
            "non-unique entry in index t",
            "index t stores an imprecise floating-point value for row 12",
            "Tree 3 page 4 cell 5: Rowid -17 out of order",
            "Tree 3 page 4: btreeInitPage() returns error code 11",
            "Freelist: size is 0 but should be 3",
            "Page 9: never used",
        ] {
            assert_eq!(safe_messages_of(line), [line]);
        }
        let several = "*** in database main ***\nTree 3 page 3: free space corruption\nPage 9: \
            never used";
        let lines = ["Tree 3 page 3: free space corruption", "Page 9: never used"];
        assert_eq!(safe_messages_of(several), lines);
    }

    #[test]
    fn unknown_names_and_forms_are_not_repeated() {
        assert_eq!(
            safe_messages_of("row 1 missing from index secret"),
            ["row 1 missing from index (a name that is not shown)"]
        );
        for line in [
            "secret",
            "row secret missing from index t",
            "unable to open table secret",
            "Page 9: secret",
            "Tree secret page 3: free space corruption",
            "*** in database main ***\nsecret\nPage 9: never used",
            "row 1 missing from index a\nsecret",
        ] {
            assert!(
                !safe_messages_of(line).concat().contains("secret"),
                "{line}: {:?}",
                safe_messages_of(line)
            );
        }
    }
}
