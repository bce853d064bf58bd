//! Every key, rule and index that SQLite's own pragmas count is in PostgreSQL, as `pg_dump -s`
//! writes it, or has a line in RESIDUE.md. Nothing here is the program's own reading.

use std::path::Path;

use rusqlite::Connection;

/// A table of SQLite as its pragmas tell it.
struct Counted {
    name: String,
    sql: String,
    key: bool,
    uniques: Vec<String>,
    indexes: Vec<String>,
    /// The parents of its foreign keys.
    parents: Vec<String>,
    generated: Vec<String>,
    defaults: Vec<String>,
}

/// What is missing: in words, one line for each.
pub fn missing(file: &Path, dump: &str, residue: &str) -> Vec<String> {
    let connection = Connection::open(file).unwrap();
    let mut missing = Vec::new();
    for table in tables(&connection) {
        let section = Section { residue, table: &table.name };
        let name = section.renamed("table", &table.name);
        let of = dump_of(dump, &name);
        if !of.contains("CREATE TABLE ") {
            missing.push(format!("table {}", table.name));
            continue;
        }
        missing.extend(table_missing(&table, &of, &section));
    }
    let others = "SELECT type || ' ' || name FROM sqlite_schema WHERE type IN ('view', 'trigger')";
    for other in texts(&connection, others, "") {
        if !residue.contains(&format!("- **{}**", plain(&other))) {
            missing.push(other);
        }
    }
    let kept = "SELECT iif(type = 'virtual', 'virtual table ', 'shadow table ') || name \
                FROM pragma_table_list WHERE schema = 'main' AND type IN ('virtual', 'shadow')";
    for other in texts(&connection, kept, "") {
        if !residue.contains(&format!("- **{}**", plain(&other))) {
            missing.push(other);
        }
    }
    missing
}

fn table_missing(table: &Counted, dump: &str, section: &Section<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    let mut need = |what: &str, wanted: usize, here: usize, count_lines: usize| {
        if here + count_lines < wanted {
            let of = &table.name;
            let text =
                format!("{of}: {what}: {wanted} in SQLite, {here} there, {count_lines} said");
            missing.push(text);
        }
    };
    let here = |text: &str| dump.matches(text).count();
    need(
        "primary key",
        table.key.into(),
        here(" PRIMARY KEY ("),
        section.count_lines("primary key"),
    );
    let unique = here(" UNIQUE (") + here("CREATE UNIQUE INDEX ");
    let count_lines = section.count_lines("a unique key")
        + section.count_lines("the primary key")
        + table.indexes.len();
    need("unique keys", table.uniques.len(), unique, count_lines);
    for index in &table.indexes {
        let name = section.renamed("index", index);
        let found = here(&format!("INDEX {} ON ", quoted(&name)));
        need(&format!("index {index}"), 1, found, section.count_lines(&format!("index {index}")));
    }
    let keys = here(" FOREIGN KEY (");
    need("foreign keys", table.parents.len(), keys, section.count_lines("foreign key to "));
    let checks = count_word(&table.sql, "CHECK");
    need("checks", checks, here(" CHECK ("), section.count_lines("check "));
    for column in &table.generated {
        let count_lines = section.count_lines(&format!("column {column}"));
        need(&format!("generated {column}"), 1, here(" GENERATED ALWAYS AS ("), count_lines);
    }
    let identities = here(" AS IDENTITY");
    let count_lines: usize =
        table.defaults.iter().map(|name| section.count_lines(&format!("column {name}"))).sum();
    need("defaults", table.defaults.len(), here(" DEFAULT ") + identities, count_lines);
    missing
}

fn texts(connection: &Connection, sql: &str, bound: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let count = statement.parameter_count();
    let all = match count {
        0 => statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>(),
        _ => statement.query_map([bound], |row| row.get(0)).unwrap().collect(),
    };
    all.unwrap()
}

fn tables(connection: &Connection) -> Vec<Counted> {
    let all = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let one = |name: String| {
        let ask = |sql: &str| texts(connection, sql, &name);
        let key = ask("SELECT name FROM pragma_table_xinfo(?1) WHERE pk > 0");
        let sql = ask("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1");
        Counted {
            key: !key.is_empty(),
            uniques: ask("SELECT name FROM pragma_index_list(?1) WHERE origin = 'u'"),
            indexes: ask("SELECT name FROM pragma_index_list(?1) WHERE origin = 'c'"),
            parents: ask("SELECT \"table\" FROM pragma_foreign_key_list(?1) WHERE seq = 0"),
            generated: ask("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden > 1"),
            defaults: ask("SELECT name FROM pragma_table_xinfo(?1) \
                           WHERE dflt_value IS NOT NULL AND upper(dflt_value) <> 'NULL'"),
            sql: sql.concat(),
            name,
        }
    };
    texts(connection, all, "").into_iter().map(one).collect()
}

/// How often a word stands in a statement outside quotes and comments.
fn count_word(sql: &str, word: &str) -> usize {
    let mut bare = String::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let close = match c {
            '\'' | '"' | '`' => Some(&rest[..1]),
            '[' => Some("]"),
            _ if rest.starts_with("--") => Some("\n"),
            _ if rest.starts_with("/*") => Some("*/"),
            _ => None,
        };
        let length = match close {
            Some(close) => {
                let from = if close == "*/" { 2 } else { 1 };
                rest[from..].find(close).map_or(rest.len(), |at| from + at + close.len())
            }
            None => {
                bare.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    let words = bare.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|found| found.eq_ignore_ascii_case(word)).count()
}

/// The part of RESIDUE.md that belongs to a table, in all its chapters.
struct Section<'a> {
    residue: &'a str,
    table: &'a str,
}

impl Section<'_> {
    fn lines(&self) -> Vec<&str> {
        let head = format!("### {}", plain(self.table));
        let mut inside = false;
        let mut found = Vec::new();
        for line in self.residue.lines() {
            if line.starts_with("##") {
                inside = line == head;
            } else if inside && line.starts_with("- **") {
                found.push(line);
            }
        }
        found
    }

    fn count_lines(&self, what: &str) -> usize {
        let start = format!("- **{}", plain(what));
        self.lines().iter().filter(|line| line.starts_with(&start)).count()
    }

    /// The name that PostgreSQL has for it.
    fn renamed(&self, word: &str, name: &str) -> String {
        let start = format!("- **{word} {}**: its name in PostgreSQL is ", plain(name));
        let lines = self.lines();
        let found = lines.iter().find_map(|line| line.strip_prefix(&start));
        found.unwrap_or(name).to_owned()
    }
}

/// As RESIDUE.md writes names.
fn plain(text: &str) -> String {
    match text {
        "" => "(no name)".to_owned(),
        text => text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect(),
    }
}

/// As `pg_dump` writes names; reserved words are in both forms.
fn quoted(name: &str) -> String {
    let mut bytes = name.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let bare = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    match begins && bytes.all(bare) {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The statements of a dump that make a table and what belongs to it.
fn dump_of(dump: &str, table: &str) -> String {
    let bare = format!("public.{}", quoted(table));
    let forced = format!("public.\"{table}\"");
    let mut found = String::new();
    for statement in dump.split(";\n") {
        let text = statement.trim_start_matches('\n');
        let text = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>();
        let text = text.join("\n");
        let text = text.trim_start();
        let mine = [&bare, &forced].into_iter().any(|name| {
            ["CREATE TABLE ", "ALTER TABLE ONLY ", "ALTER TABLE "].iter().any(|start| {
                let rest = text.strip_prefix(start).and_then(|rest| rest.strip_prefix(&**name));
                rest.is_some_and(|rest| rest.starts_with([' ', '\n']))
            }) || (text.starts_with("CREATE ") && text.contains(&format!(" ON {name} USING ")))
        });
        if mine {
            found.push_str(text);
            found.push('\n');
        }
    }
    found
}
