//! `migrate man`: a manual page of the program, or of one of its commands.
//!
//! The generator makes what the flags say; `texts` has the notes and examples, which the help has
//! as well, and here is what the pages have beside them.

use std::io;

use clap_mangen::Man;

use super::texts::{self, EXAMPLES_HEAD};
use crate::diagnostic::{Error, Exit, Result, catalog, console};
use crate::program_name::{program_name, with_program_name};

/// What a page has that no flag says.
pub struct Page {
    /// The command: `schema draft`; empty for the program itself.
    pub command: &'static str,
    /// The exit codes that it can end with.
    exits: &'static [Exit],
    variables: &'static [&'static [Entry]],
    files: &'static [&'static [Entry]],
}

/// A name, and what is read or written there.
type Entry = (&'static str, &'static str);

const PLAIN_EXITS: &[Exit] = &[Exit::Done, Exit::Usage];
const SCHEMA_EXITS: &[Exit] =
    &[Exit::Done, Exit::Findings, Exit::Usage, Exit::Source, Exit::Target];
const RUN_EXITS: &[Exit] = &[
    Exit::Done,
    Exit::Findings,
    Exit::Usage,
    Exit::Source,
    Exit::Target,
    Exit::Load,
    Exit::Verification,
    Exit::CommitUnknown,
    Exit::Interrupted,
];

const CONFIGURED: &[Entry] = &[(
    "CONNECT_SECTION_SETTING",
    "a setting of Connect's configuration in capitals, such as CONNECT_POSTGRES_URL; it is used \
     instead of the one in the file. sudo removes it.",
)];
const CONNECTING: &[Entry] = &[
    ("PGPASSWORD", "the password, if neither a setting nor the URL contains one"),
    ("PGPASSFILE", "the password file, instead of ~/.pgpass"),
    ("HOME", "the directory of .pgpass, .postgresql and migrate-schema"),
    ("USER, LOGNAME", "the PostgreSQL role, if the URL names none"),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "the certificate authorities that are trusted, instead of the system's",
    ),
    (
        "PGHOST, PGPORT, PGUSER, PGDATABASE, PGSSLMODE, PGOPTIONS",
        "not used; a warning names those that are set",
    ),
];
const REPORTED: &[Entry] = &[("SUDO_USER", "the user whom the report names")];
const SCRATCH: &[Entry] = &[
    (
        "TMPDIR",
        "the directory for temporary files: sorted keys, and copies of SQLite files that cannot be \
         read in their own directory",
    ),
    ("SQLITE_TMPDIR", "the directory for sorted keys, instead of TMPDIR"),
];

const CONFIGURATION: &[Entry] = &[
    ("/etc/rstudio-connect/rstudio-connect.gcfg", "Connect's configuration; only read"),
    (
        "/etc/rstudio-connect/rstudio-connect-migration.gcfg",
        "a second file of older versions, if it exists; only read",
    ),
];
const DATABASES: &[Entry] = &[(
    "/var/lib/rstudio-connect/db/",
    "connect.db, connect-instrumentation.db and secret.key, if the configuration names no other \
     directory; only read",
)];
const SAVED: &[Entry] =
    &[("~/migrate-schema/", "schemas that were joined from both sides, with your answers")];
const CREDENTIALS: &[Entry] = &[
    ("~/.pgpass", "passwords of PostgreSQL; not used if other users can read it"),
    (
        "~/.postgresql/root.crt, postgresql.crt, postgresql.key",
        "certificates and the private key of the connection",
    ),
];

/// All pages.
pub const PAGES: &[Page] = &[
    Page {
        command: "",
        exits: RUN_EXITS,
        variables: &[CONFIGURED, CONNECTING, SCRATCH, REPORTED],
        files: &[CONFIGURATION, DATABASES, SAVED, CREDENTIALS],
    },
    Page {
        command: "db",
        exits: RUN_EXITS,
        variables: &[CONFIGURED, CONNECTING, SCRATCH, REPORTED],
        files: &[CONFIGURATION, DATABASES, SAVED, CREDENTIALS],
    },
    Page {
        command: "copy",
        exits: RUN_EXITS,
        variables: &[CONNECTING, SCRATCH, REPORTED],
        files: &[SAVED, CREDENTIALS],
    },
    make_page("schema", SCHEMA_EXITS),
    make_page("schema list", PLAIN_EXITS),
    make_page("schema show", PLAIN_EXITS),
    Page {
        command: "schema draft",
        exits: SCHEMA_EXITS,
        variables: &[CONNECTING, SCRATCH],
        files: &[CREDENTIALS],
    },
    Page {
        command: "schema diff",
        exits: SCHEMA_EXITS,
        variables: &[CONNECTING, SCRATCH],
        files: &[CREDENTIALS],
    },
    Page {
        command: "check-config",
        exits: &[Exit::Done, Exit::Usage, Exit::Source, Exit::Target],
        variables: &[CONFIGURED, CONNECTING],
        files: &[CONFIGURATION, DATABASES, CREDENTIALS],
    },
    Page {
        command: "encrypt-config-value",
        exits: &[Exit::Done, Exit::Usage, Exit::Interrupted],
        variables: &[CONFIGURED],
        files: &[CONFIGURATION, DATABASES],
    },
    make_page("explain", PLAIN_EXITS),
    make_page("completions", PLAIN_EXITS),
    make_page("man", PLAIN_EXITS),
];

/// The page of a command that reads no file and no variable.
const fn make_page(command: &'static str, exits: &'static [Exit]) -> Page {
    Page { command, exits, variables: &[], files: &[] }
}

/// `migrate man`
pub fn print_page(words: &[String]) -> Result<Exit> {
    let command = words.join(" ");
    let Some(page) = PAGES.iter().find(|page| page.command == command) else {
        let text = format!("there is no command `migrate {command}`");
        return Err(Error::new(Exit::Usage, text, "list the commands: `migrate --help`"));
    };
    let unwritable = |error| Error::new(Exit::Usage, format!("the manual page: {error}"), "");
    console::print_result(render_page(page).map_err(unwritable)?)
}

/// The page as its reader takes it.
///
/// # Errors
/// The generator's.
pub fn render_page(page: &Page) -> io::Result<Vec<u8>> {
    let mut definition = super::command_definition();
    definition.build();
    let mut command = &definition;
    for word in page.command.split(' ').filter(|word| !word.is_empty()) {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    let release = format!("{} {}", program_name(), env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(release).manual("Moving SQLite into PostgreSQL");
    // A page has no date, so that it is the same each time; an empty one would be left out.
    let man = man.date(" ");
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (notes, examples) = texts::notes_and_examples(&help);
    push_text(&mut out, &notes);
    man.render_options_section(&mut out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out)?;
    }
    push_section(&mut out, "EXIT STATUS");
    let exits = catalog::EXITS.iter().filter(|entry| page.exits.contains(&entry.exit));
    exits.for_each(|entry| push_entry(&mut out, &(entry.exit as u8).to_string(), entry.meaning));
    push_section(&mut out, "ENVIRONMENT");
    push_entries(&mut out, page.variables, "None.");
    push_section(&mut out, "FILES");
    push_entries(&mut out, page.files, "Only those that the command line names.");
    push_section(&mut out, EXAMPLES_HEAD.trim_end_matches(':').to_uppercase().as_str());
    push_text(&mut out, &examples);
    push_section(&mut out, "SEE ALSO");
    let others = PAGES.iter().filter(|other| other.command != page.command);
    let others: Vec<String> = others.map(|other| format!("{}(1)", page_name(other))).collect();
    push_text(&mut out, &others.join(", "));
    Ok(out)
}

/// `migrate-schema-draft`, as `man` finds it.
pub fn page_name(page: &Page) -> String {
    match page.command {
        "" => program_name().to_owned(),
        command => format!("{}-{}", program_name(), command.replace(' ', "-")),
    }
}

fn push_line(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(line.as_bytes());
    out.push(b'\n');
}

fn push_section(out: &mut Vec<u8>, title: &str) {
    push_line(out, &format!(".SH \"{title}\""));
}

fn push_entries(out: &mut Vec<u8>, groups: &[&[Entry]], none: &str) {
    if groups.is_empty() {
        push_line(out, &escape_roff(none));
    }
    groups.iter().flat_map(|group| *group).for_each(|(name, what)| push_entry(out, name, what));
}

/// A name, and what it stands for below it.
fn push_entry(out: &mut Vec<u8>, name: &str, what: &str) {
    push_line(out, ".TP");
    push_line(out, &format!("\\fB{}\\fR", escape_roff(name)));
    push_line(out, &escape_roff(what));
}

/// Paragraphs; lines that begin with blanks stay as they are.
fn push_text(out: &mut Vec<u8>, text: &str) {
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        push_line(out, ".PP");
        let mut is_fixed = false;
        for line in paragraph.lines() {
            let wants_fixed = line.starts_with("  ");
            if wants_fixed != is_fixed {
                push_line(out, if wants_fixed { ".nf" } else { ".fi" });
            }
            is_fixed = wants_fixed;
            push_line(out, &escape_roff(line));
        }
        if is_fixed {
            push_line(out, ".fi");
        }
    }
}

/// A line of text in which nothing is a request.
fn escape_roff(line: &str) -> String {
    let line = with_program_name(line);
    let escaped = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    let escaped = escaped.replace('~', "\\(ti").replace('`', "\\(ga");
    if escaped.starts_with('.') { format!("\\&{escaped}") } else { escaped }
}
