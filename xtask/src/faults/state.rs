//! All that anybody can see of a PostgreSQL database, as lines that can be compared: catalog, rows,
//! sequences. The questions are this file's own; nothing of the program is used.

use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls, SimpleQueryMessage};

/// Everything of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(Vec<String>);

/// Schemas that are the server's own.
const FOREIGN: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// Questions about the catalog; `{}` stands for the condition on schemas.
const CATALOG: [&str; 9] = [
    "SELECT 'schema', n.nspname, n.nspacl::text FROM pg_namespace n WHERE {} ORDER BY 2",
    "SELECT 'relation', n.nspname, c.relname, c.relkind, c.relpersistence, c.relacl::text, \
     c.reloptions::text, obj_description(c.oid, 'pg_class'), \
     CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {} ORDER BY 2, 3",
    "SELECT 'column', n.nspname, c.relname, a.attnum, a.attname, \
     format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, \
     a.attstattarget, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum) \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND {} ORDER BY 2, 3, 4",
    "SELECT 'constraint', n.nspname, k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), \
     k.convalidated, k.condeferred FROM pg_constraint k \
     JOIN pg_namespace n ON n.oid = k.connamespace WHERE {} ORDER BY 2, 3, 4",
    "SELECT 'index', n.nspname, c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid, \
     i.indisclustered FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {} ORDER BY 2, 3",
    "SELECT 'trigger', n.nspname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled \
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND {} \
     ORDER BY 2, 3, 4",
    "SELECT 'type', n.nspname, t.typname, t.typtype, \
     (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e \
      WHERE e.enumtypid = t.oid) \
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {} ORDER BY 2, 3",
    "SELECT 'function', n.nspname, p.proname, p.prosrc FROM pg_proc p \
     JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {} ORDER BY 2, 3",
    "SELECT 'sequence', s.schemaname, s.sequencename, s.start_value, s.increment_by, s.cycle, \
     s.data_type FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname \
     WHERE {} ORDER BY 2, 3",
];

/// Reads everything.
///
/// # Errors
/// When the server cannot be asked.
pub fn read(url: &str) -> Result<State, String> {
    let mut client = connect(url)?;
    let settings = "SET timezone = 'UTC'; SET extra_float_digits = 3; SET search_path = ''; \
                    BEGIN ISOLATION LEVEL REPEATABLE READ";
    client.batch_execute(settings).map_err(|error| format!("{error:?}"))?;
    let mut lines = Vec::new();
    for question in CATALOG {
        ask(&mut client, &question.replace("{}", FOREIGN), &mut lines)?;
    }
    let mut named = Vec::new();
    let relations = format!(
        "SELECT c.relkind, quote_ident(n.nspname) || '.' || quote_ident(c.relname) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'm', 'S') AND {FOREIGN} ORDER BY 1, 2"
    );
    ask(&mut client, &relations, &mut named)?;
    for line in named {
        let Some((kind, name)) = line.split_once(" | ") else { continue };
        let question = match kind {
            "S" => format!("SELECT 'next', '{name}', last_value, is_called FROM {name}"),
            _ => format!(
                "SELECT 'rows', '{name}', count(*), \
                 md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {name} t"
            ),
        };
        ask(&mut client, &question, &mut lines)?;
    }
    Ok(State(lines))
}

/// A session.
///
/// # Errors
/// The server's.
pub fn connect(url: &str) -> Result<Client, String> {
    Client::connect(url, NoTls).map_err(|error| format!("{error:?}"))
}

/// Adds a line for each row of the answer.
fn ask(client: &mut Client, question: &str, lines: &mut Vec<String>) -> Result<(), String> {
    let answer = client.simple_query(question).map_err(|error| format!("{question}: {error:?}"))?;
    for message in answer {
        if let SimpleQueryMessage::Row(row) = message {
            let cells = (0..row.len()).map(|at| row.get(at).unwrap_or("-").replace('\n', " "));
            lines.push(cells.collect::<Vec<_>>().join(" | "));
        }
    }
    Ok(())
}

impl State {
    /// The first lines that only one of both has, or the first place where the order differs.
    pub fn difference(&self, other: &State) -> String {
        let lacking = |of: &State, from: &State| {
            let found = of.0.iter().filter(|line| !from.0.contains(line)).take(3);
            found.map(|line| line.chars().take(160).collect()).collect::<Vec<String>>()
        };
        let (more, less) = (lacking(self, other), lacking(other, self));
        if more.is_empty() && less.is_empty() {
            let (here, there) = (self.0.len(), other.0.len());
            let at = self.0.iter().zip(&other.0).position(|(one, two)| one != two);
            let lines = at.map(|at| (self.0.get(at), other.0.get(at)));
            return format!("{here} and {there} lines, in another order from {at:?}: {lines:?}");
        }
        format!("more {more:?}, less {less:?}")
    }
}

/// Waits until nobody is connected to these databases; `false` when somebody stays.
///
/// # Errors
/// When the server cannot be asked.
pub fn wait_until_alone(admin_url: &str, databases: &[String]) -> Result<bool, String> {
    let mut client = connect(admin_url)?;
    let deadline = Instant::now() + Duration::from_secs(30);
    let question = "SELECT count(*) FROM pg_stat_activity WHERE datname::text = ANY ($1)";
    while Instant::now() < deadline {
        let row = client.query_one(question, &[&databases]).map_err(|e| format!("{e:?}"))?;
        if row.get::<_, i64>(0) == 0 {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(false)
}
