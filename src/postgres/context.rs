//! Which row and column of a COPY an error is about.
//!
//! The server says it only in the error's context: `COPY apps, line 17, column title`, in its own
//! language (`COPY apps, Zeile 17, Spalte title`; `appsのCOPY、行 17、列 title`). All translations of
//! PostgreSQL have the table's name, the number and the column in this order, so names that we know
//! and digits are looked for, no words. Only a number and a column of ours come out of it.

/// The row of a COPY that the server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused<'a> {
    /// Its place among the rows sent, from 1.
    pub row: u64,
    /// The column that was being read.
    pub column: Option<&'a str>,
}

/// The refused row of a COPY into `table`, which has these columns.
pub fn find_refused_row<'a>(
    error: &postgres::Error,
    table: &str,
    columns: impl Iterator<Item = &'a str>,
) -> Option<Refused<'a>> {
    parse_copy_context(error.as_db_error()?.where_()?, table, columns)
}

/// The same of the error's context.
pub fn parse_copy_context<'a>(
    context: &str,
    table: &str,
    columns: impl Iterator<Item = &'a str>,
) -> Option<Refused<'a>> {
    // What a function was doing comes before it; the outermost place is the COPY.
    let last = match table.contains('\n') {
        true => context,
        false => context.lines().next_back()?,
    };
    let after = text_after_name(last, table)?;
    let digits = after.find(|letter: char| letter.is_ascii_digit())?;
    let (between, rest) = after.split_at_checked(digits)?;
    // Only words and commas: no `(`, `.` or quote of a statement or a function's name.
    let plain = |letter: char| letter.is_alphabetic() || letter == ' ' || ",、،".contains(letter);
    if between.is_empty() || !between.chars().all(plain) {
        return None;
    }
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (number, rest) = rest.split_at_checked(end)?;
    let row = number.parse().ok().filter(|row| *row > 0)?;
    Some(Refused {
        row,
        column: columns.filter(|name| ends_with_column(rest, name)).max_by_key(|n| n.len()),
    })
}

/// What follows a name in a text, where it stands by itself and not within another name.
fn text_after_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let joins =
        |letter: Option<char>| letter.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    text.match_indices(name).find_map(|(place, _)| {
        let before = text.get(..place)?.chars().next_back();
        let after = text.get(place + name.len()..)?;
        (!joins(before) && !joins(after.chars().next())).then_some(after)
    })
}

/// Whether a column's name is the last word of what is behind the number.
fn ends_with_column(rest: &str, column: &str) -> bool {
    let before = rest.strip_suffix(column).and_then(|before| before.chars().next_back());
    before.is_some_and(|letter| !letter.is_ascii_alphanumeric() && letter != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_copy_context(context: &str, table: &str) -> Option<(u64, Option<&'static str>)> {
        let columns = ["id", "paid", "title", "column", "a b"].into_iter();
        parse_copy_context(context, table, columns).map(|refused| (refused.row, refused.column))
    }

    #[test]
    fn row_is_found_in_every_language() {
        for context in [
            "COPY k2, line 17, column title",
            "COPY k2, Zeile 17, Spalte title",
            "COPY k2, línea 17, columna title",
            "COPY k2, ligne 17, colonne title",
            "COPY k2, riga 17, colonna title",
            "k2のCOPY、行 17、列 title",
            "COPY k2, ხაზი 17, სვეტი title",
            "COPY k2, строка 17, столбец title",
            "COPY k2, rad 17, kolumn title",
            "COPY k2, рядок 17, стовпець title",
            "COPY k2, 行 17, 列 title",
        ] {
            assert_eq!(read_copy_context(context, "k2"), Some((17, Some("title"))), "{context}");
        }
        assert_eq!(read_copy_context("k2 복사, 17번째 줄, title 열", "k2"), Some((17, None)));
        assert_eq!(read_copy_context("COPY k2, Zeile 17", "k2"), Some((17, None)));
    }

    #[test]
    fn similar_names_are_distinguished() {
        assert_eq!(read_copy_context("COPY C, line 3, column paid", "C"), Some((3, Some("paid"))));
        assert_eq!(read_copy_context("COPY t 7, line 3, column id", "t 7"), Some((3, Some("id"))));
        assert_eq!(
            read_copy_context("COPY line, line 3, column column", "line"),
            Some((3, Some("column")))
        );
        assert_eq!(read_copy_context("COPY t, line 3, column a b", "t"), Some((3, Some("a b"))));
        assert_eq!(
            read_copy_context("COPY t\nu, line 3, column id", "t\nu"),
            Some((3, Some("id")))
        );
    }

    #[test]
    fn nothing_else_is_taken_for_a_row() {
        let raised = "PL/pgSQL-Funktion f(t) Zeile 1 bei RAISE\nCOPY t, Zeile 12";
        assert_eq!(read_copy_context(raised, "t"), Some((12, None)));
        for context in [
            "",
            "COPY t",
            "COPY other, line 3",
            "PL/pgSQL function t_check() line 3 at RAISE",
            "SQL statement \"SELECT 1 FROM ONLY \"public\".\"t\" x WHERE id = $1\"",
            "COPY t, line 0",
            "COPY t, line 99999999999999999999999",
        ] {
            assert_eq!(read_copy_context(context, "t"), None, "{context}");
        }
    }
}
