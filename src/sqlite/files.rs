//! What plain calls say about a SQLite file and its siblings, before SQLite opens it.
//!
//! Nothing here may run while SQLite has the file open in this process: closing any descriptor of
//! a file drops every lock that the process holds on it.

use std::fs::{self, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::num::NonZeroU64;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::Advice;

use super::{Trouble, make_trouble};
use crate::diagnostic::{Hint, Hints, Id};
use crate::files::{kind_of, open_regular_file, read_text_file};
use crate::text::shell_word;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What a rollback journal ends with when its transaction spans several databases.
const SUPER_JOURNAL: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// What the first hundred bytes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Whether the file is in WAL mode.
    pub wal: bool,
    /// Bytes of a page.
    pub page_size: u32,
    /// Whether its text is UTF-16.
    pub utf16: bool,
    /// `PRAGMA user_version`.
    pub user_version: i32,
    /// `PRAGMA application_id`.
    pub application_id: i32,
}

/// A file and its siblings as they lie there.
#[derive(Clone, Debug)]
pub struct Files {
    /// The file itself, links resolved: SQLite names the siblings after that.
    pub path: PathBuf,
    /// What its header says.
    pub header: Header,
    /// Whether there is a `-wal` that is not empty.
    pub wal: bool,
    /// Whether there is a journal of an unfinished transaction.
    pub journal: bool,
    /// Whether that transaction spans several files.
    pub spanning: bool,
}

/// Looks at a file; `missing_file_hint` is the command that does without it, if there is one.
///
/// # Errors
/// When it is missing, unreadable, or nothing that SQLite could read.
pub fn inspect_files(path_given: &Path, missing_file_hint: &str) -> Result<Files, Trouble> {
    let path = fs::canonicalize(path_given).map_err(|error| match error.kind() {
        ErrorKind::NotFound => missing_file(path_given, missing_file_hint),
        _ => unreadable_file(path_given, &error),
    })?;
    let data = fs::metadata(&path).map_err(|error| unreadable_file(path_given, &error))?;
    if !data.is_file() {
        let kind = kind_of(data.file_type());
        let what = format!("{}: {kind}, not a regular file", path_given.display());
        return Err(make_trouble(Id::F12, what, "name the database file itself"));
    }
    check_siblings(&path)?;
    let mut bytes = Vec::new();
    let read = open_regular_file(&path).and_then(|file| file.take(100).read_to_end(&mut bytes));
    read.map_err(|error| unreadable_file(path_given, &error))?;
    let header = read_header(path_given, &bytes, &data)?;
    let wal = fs::metadata(sibling_path(&path, "-wal")).is_ok_and(|data| data.len() > 0);
    let journal = read_journal_state(&sibling_path(&path, "-journal"));
    let (journal, spanning) = journal.unwrap_or((true, false));
    Ok(Files { path, header, wal, journal, spanning })
}

/// Refuses anything beside the file under a name that SQLite opens, unless it is a regular file:
/// opening a FIFO would wait for ever.
fn check_siblings(path: &Path) -> Result<(), Trouble> {
    for suffix in ["-wal", "-shm", "-journal"] {
        let sibling = sibling_path(path, suffix);
        let Ok(data) = fs::metadata(&sibling) else { continue };
        if !data.is_file() {
            let kind = kind_of(data.file_type());
            let what = format!("{}: {kind}, not a regular file", sibling.display());
            let hint = "find out what has created it, which was not SQLite, and move it away";
            return Err(make_trouble(Id::F12, what, hint));
        }
    }
    Ok(())
}

/// So many bytes are asked for at once: Linux reads no more than a device's read-ahead each time.
const READ_AHEAD: usize = 64 << 10;

/// Has the system read the file from end to end, so that it is in the page cache when SQLite walks
/// its trees in an order of its own: from a cold disk that was seventy times as slow (94 s for
/// 770 MB). What is there already costs next to nothing. A file that would not stay there is left
/// alone. Comes before SQLite opens the file, as all plain calls on it.
pub fn warm_page_cache(path: &Path) {
    let available = read_text_file(Path::new("/proc/meminfo")).ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
    });
    let Ok(file) = open_regular_file(path) else { return };
    let size = file.metadata().map_or(0, |data| data.len());
    if available.is_none_or(|available| size > available / 2) {
        return;
    }
    // Only a hint: what cannot be read, SQLite will say.
    for place in (0..size).step_by(READ_AHEAD) {
        let piece = NonZeroU64::new(READ_AHEAD as u64);
        if rustix::fs::fadvise(&file, place, piece, Advice::WillNeed).is_err() {
            return;
        }
    }
}

/// The name of a sibling.
pub fn sibling_path(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn missing_file(path: &Path, command: &str) -> Trouble {
    let hints = match command {
        "" => Hints::from([
            "check the path",
            "check `SQLite.Dir` and `Server.DataDir`, if the configuration names the file",
        ]),
        command => Hints::from("check the path: `connect.db` exists").and(Hint::with_line(
            "if this server has no usage history, migrate the other database alone:",
            command,
        )),
    };
    make_trouble(Id::F12, format!("{}: there is no such file", path.display()), hints)
}

/// A file that cannot be opened or read.
pub fn unreadable_file(path: &Path, error: &std::io::Error) -> Trouble {
    let shown = path.display();
    match error.kind() {
        ErrorKind::NotFound => missing_file(path, ""),
        ErrorKind::PermissionDenied => make_trouble(
            Id::F3,
            format!("{shown}: this user has no permission to read the file"),
            "run the command with sudo",
        ),
        _ => make_trouble(Id::F3, format!("{shown}: cannot be read: {error}"), ""),
    }
}

fn read_header(path: &Path, bytes: &[u8], data: &Metadata) -> Result<Header, Trouble> {
    let shown = path.display();
    if bytes.is_empty() {
        return Err(make_trouble(
            Id::F12,
            format!("{shown}: the file is empty (0 bytes)"),
            "check the path: this is not the application's database",
        ));
    }
    if bytes.get(..16) != Some(MAGIC) {
        return Err(describe_other_file(path, bytes, data));
    }
    let byte = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let number = |index: usize| {
        i32::from_be_bytes([byte(index), byte(index + 1), byte(index + 2), byte(index + 3)])
    };
    let (written, read) = (byte(18), byte(19));
    if read > 2 || number(44) > 4 {
        return Err(make_trouble(
            Id::F12,
            format!("{shown}: in a format newer than SQLite {} supports", rusqlite::version()),
            "install a release of this program with a newer SQLite",
        ));
    }
    if bytes.len() < 100 {
        return Err(make_trouble(Id::F10, format!("{shown}: ends within its header"), ""));
    }
    Ok(Header {
        wal: written == 2 && read == 2,
        // 1 stands for 65536.
        page_size: match u16::from_be_bytes([byte(16), byte(17)]) {
            1 => 1 << 16,
            size => size.into(),
        },
        utf16: number(56) > 1,
        user_version: number(60),
        application_id: number(68),
    })
}

/// A file that does not begin as SQLite's do: a dump, another text, an encrypted database, or
/// something else.
fn describe_other_file(path: &Path, bytes: &[u8], data: &Metadata) -> Trouble {
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let begins = |word: &str| bytes.get(..word.len()).is_some_and(|b| b == word.as_bytes());
    let shown = shell_word(&path.to_string_lossy());
    let (what, hints) = match () {
        () if bytes.iter().take(MAGIC.len()).all(is_text) => {
            match ["PRAGMA ", "BEGIN", "CREATE ", "--"].iter().any(|word| begins(word)) {
                true => (
                    "a text file, not a SQLite 3 database; it contains SQL, as a dump does",
                    Hints::from(Hint::with_line(
                        "create a database from it, and use that database:",
                        format!("sqlite3 NEW < {shown}"),
                    )),
                ),
                false => ("a text file, not a SQLite 3 database", "check the path".into()),
            }
        }
        // Pages of an encrypted database look random and fill whole pages; other files rarely do.
        () if data.len().is_multiple_of(512) => {
            ("encrypted, or not a SQLite 3 database", Hints::default())
        }
        () => ("not a SQLite 3 database", "check the path".into()),
    };
    make_trouble(Id::F12, format!("{}: {what}", path.display()), hints)
}

/// Whether a journal is to be played back, and whether it belongs to several databases. SQLite
/// ends a transaction by deleting the journal, emptying it, or zeroing its first bytes.
fn read_journal_state(path: &Path) -> std::io::Result<(bool, bool)> {
    let mut file = match open_regular_file(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((false, false)),
        Err(error) => return Err(error),
    };
    let mut first = [0];
    if file.read(&mut first)? == 0 || first == [0] {
        return Ok((false, false));
    }
    let mut last = [0; 8];
    // A journal begins with these bytes, too.
    let spanning = file.seek(SeekFrom::End(-8)).is_ok_and(|at| at > 512)
        && file.read_exact(&mut last).is_ok()
        && last == SUPER_JOURNAL;
    Ok((true, spanning))
}

/// Length and time of last change of a file and its siblings: what tells that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<Option<(u64, u64, Option<SystemTime>)>>);

/// Takes it. This asks the folder only; no descriptor of the files is opened.
pub fn take_stamp(path: &Path) -> Stamp {
    let of = |suffix: &str| {
        let data = fs::metadata(sibling_path(path, suffix)).ok()?;
        // An empty -wal appears when a reader opens the file, and says nothing.
        (data.len() > 0).then(|| (data.ino(), data.len(), data.modified().ok()))
    };
    Stamp(["", "-wal", "-journal"].map(of).to_vec())
}
