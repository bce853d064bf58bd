//! Stands between the driver and whatever answers at the other end.
//!
//! The driver keeps all that a server sends, however much it is, waits for an answer for ever, and
//! sends a password to whoever asks for it. So each connection goes through a stream of ours: it
//! negotiates TLS ([`handshake`]), looks at the heads of the server's messages ([`frames`]), and
//! ends a connection that breaks a rule ([`Violation`]). Unix sockets alone go without it: the
//! driver takes no stream of ours there, and the directory's owner says whose socket it is.

mod fields;
mod frames;
mod handshake;
mod rows;
mod stream;
mod wait;

use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use handshake::{Encryption, GuardedConnector, HandshakeFailure};
pub use wait::Question;

use crate::diagnostic::Hints;

/// How a server lets a role in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Without asking.
    None,
    /// By the password as it is.
    Password,
    /// By a salted MD5 sum of the password.
    Md5,
    /// By SCRAM.
    Scram,
}

impl Method {
    /// All of them, with libpq's word for each.
    pub const WORDS: [(&str, Method); 4] = [
        ("none", Method::None),
        ("password", Method::Password),
        ("md5", Method::Md5),
        ("scram-sha-256", Method::Scram),
    ];

    /// libpq's word for it.
    fn word(self) -> &'static str {
        let known = Method::WORDS.iter().find(|(_, method)| *method == self);
        known.map_or("", |(word, _)| *word)
    }
}

/// The ways to authenticate that the URL's `require_auth` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredMethods {
    /// Those that are taken; nothing where the URL does not say.
    taken: Option<Vec<Method>>,
    /// Whether `password` stands there by name.
    names_password: bool,
}

impl RequiredMethods {
    /// Reads libpq's list: words with commas between them, all or none with a `!` before it. Words
    /// for ways that are not built in may stand there, too.
    pub fn parse(text: &str) -> Option<RequiredMethods> {
        let words: Vec<&str> = text.split(',').map(str::trim).collect();
        let negated: Vec<&str> = words.iter().filter_map(|word| word.strip_prefix('!')).collect();
        if !negated.is_empty() && negated.len() != words.len() {
            return None;
        }
        let listed = if negated.is_empty() { &words } else { &negated };
        let is_known = |word: &&str| {
            matches!(*word, "gss" | "sspi" | "oauth")
                || Method::WORDS.iter().any(|(known, _)| known == word)
        };
        if !listed.iter().all(is_known) {
            return None;
        }
        let is_taken = |word: &str| listed.contains(&word) == negated.is_empty();
        let taken = Method::WORDS.iter().filter(|(word, _)| is_taken(word));
        Some(RequiredMethods {
            taken: Some(taken.map(|(_, method)| *method).collect()),
            names_password: words.contains(&"password"),
        })
    }

    fn takes(&self, method: Method) -> bool {
        self.taken.as_ref().is_none_or(|taken| taken.contains(&method))
    }
}

/// How many connections of a run were lost. Those that are left are closed, which waits for an
/// answer where the driver has one to come; they do not wait long then.
#[derive(Clone, Debug, Default)]
pub struct Losses(Arc<AtomicUsize>);

impl Losses {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// How long an answer is waited for once another connection of the run was lost.
const PARTING: Duration = Duration::from_secs(5);

/// What a connection must keep to.
#[derive(Clone, Default)]
pub struct Rules {
    /// The ways to authenticate that are taken.
    pub methods: RequiredMethods,
    /// How long the server may say nothing while the session is set up. A session that has another
    /// one to be asked may wait as long as it wants afterwards, as long as the server answers that
    /// one: building an index says nothing either. All other sessions only ask what is answered at
    /// once, and have a limit until their end.
    pub silence: Option<Duration>,
    is_set_up: Arc<AtomicBool>,
    /// Whether it only watches another one: its questions are short, and its loss ends nothing.
    is_watcher: Arc<AtomicBool>,
    /// Whether it was ended because nothing was answered.
    was_silent: Arc<AtomicBool>,
    /// How another session of the server is asked.
    question: Arc<OnceLock<Question>>,
    losses: Losses,
    /// How many there were when this one began.
    losses_before: usize,
}

impl Rules {
    pub fn new(methods: RequiredMethods, silence: Option<Duration>, losses: Losses) -> Rules {
        let losses_before = losses.count();
        Rules { methods, silence, losses, losses_before, ..Rules::default() }
    }

    /// How long an answer is waited for now; nothing where there is no limit.
    fn limit_of_silence(&self) -> Option<Duration> {
        if self.losses.count() > self.losses_before {
            return Some(PARTING);
        }
        if self.is_watcher() {
            return Some(wait::silence_limit());
        }
        if !self.is_set_up() {
            return self.silence;
        }
        self.question.get().is_none().then(wait::silence_limit)
    }

    fn is_watcher(&self) -> bool {
        self.is_watcher.load(Ordering::Relaxed)
    }

    /// Notes that the connection is gone, for the others of the run.
    fn note_loss(&self) {
        if !self.is_watcher() {
            self.losses.add();
        }
    }

    fn end_set_up(&self) {
        self.is_set_up.store(true, Ordering::Relaxed);
    }

    fn is_set_up(&self) -> bool {
        self.is_set_up.load(Ordering::Relaxed)
    }
}

/// A rule that the other end broke; the connection ends by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A message of a kind that is short is too long, or shorter than its own head.
    MessageLength,
    /// Notices, notifications or settings that nobody asked for, without an end.
    Unrequested,
    /// An answer that has no end.
    Answer,
    /// Nothing was heard for so long while the session was set up.
    Silence(Duration),
    /// Nothing was heard for so long, and another session was not answered either.
    Unanswered(Duration),
    /// The password is asked for as it is, and the connection is not encrypted.
    PlainPassword,
    /// Another way to authenticate than the URL's `require_auth` takes.
    Method(Method),
}

impl Violation {
    /// The violation that the driver reports as an error of the network.
    pub fn find_in(error: &postgres::Error) -> Option<Violation> {
        let mut source = error.source();
        while let Some(inner) = source {
            if let Some(error) = inner.downcast_ref::<io::Error>() {
                return error.get_ref()?.downcast_ref::<Violation>().copied();
            }
            source = inner.source();
        }
        None
    }

    fn into_io_error(self) -> io::Error {
        io::Error::other(self)
    }

    /// What to do about it.
    pub fn hints(self) -> Hints {
        match self {
            Violation::MessageLength | Violation::Unrequested | Violation::Answer => {
                "name the host and the port of a PostgreSQL server in the URL".into()
            }
            Violation::Silence(_) => Hints::from([
                "check that the server is not overloaded or stopped",
                "wait longer: `connect_timeout=SECONDS` in the URL",
            ]),
            Violation::Unanswered(_) => {
                "check the server and its disk, and run the command again when it answers".into()
            }
            Violation::PlainPassword => Hints::from([
                "write `sslmode=require` to encrypt the connection",
                "let the server ask for scram-sha-256 in its pg_hba.conf",
                "add `require_auth=password` to the URL, if the password may be sent unencrypted",
            ]),
            Violation::Method(method) => format!(
                "add it to `require_auth` in the URL if it is acceptable: `{}`",
                method.word()
            )
            .into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::MessageLength => f.write_str("a message has an invalid length"),
            Violation::Unrequested => f.write_str("it sends messages without end"),
            Violation::Answer => f.write_str("its answer does not end"),
            Violation::Silence(limit) => write!(f, "no answer within {} s", limit.as_secs()),
            Violation::Unanswered(time) => write!(
                f,
                "no answer within {} s, and another session is not answered either",
                time.as_secs()
            ),
            Violation::PlainPassword => f.write_str(
                "the server asks for the password in plain text over an unencrypted connection; it \
                 was not sent",
            ),
            Violation::Method(method) => write!(
                f,
                "the server authenticates by `{}`, which `require_auth` in the URL does not allow",
                method.word()
            ),
        }
    }
}

impl std::error::Error for Violation {}

/// What the driver gets of a server's messages that arrive in pieces of this size.
///
/// # Errors
/// The rule that they break.
#[cfg(feature = "internals")]
pub fn pass_messages(input: &[u8], piece: usize) -> Result<Vec<u8>, Violation> {
    let (mut frames, rules) = (frames::Frames::new(false), Rules::default());
    let (mut passed, mut room) = (Vec::new(), [0; 4096]);
    for mut piece in input.chunks(piece) {
        loop {
            let mut out = tokio::io::ReadBuf::new(&mut room);
            let taken = frames.pass_on(piece, &mut out, &rules)?;
            piece = piece.get(taken..).unwrap_or_default();
            passed.extend_from_slice(out.filled());
            if out.filled().is_empty() {
                break;
            }
        }
    }
    Ok(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_methods_are_read_as_libpq_reads_them() {
        let read = |text: &str| RequiredMethods::parse(text);
        let taken = |text: &str| read(text).unwrap().taken.unwrap();
        assert_eq!(taken("scram-sha-256, md5"), [Method::Md5, Method::Scram]);
        assert_eq!(taken("!password,!md5"), [Method::None, Method::Scram]);
        assert_eq!(taken("gss"), []);
        for invalid in ["", "scram", "md5,!password", "password,,md5"] {
            assert_eq!(read(invalid), None, "{invalid}");
        }
        assert!(read("password").unwrap().names_password);
        assert!(!read("!password").unwrap().names_password);
        assert!(!read("!md5").unwrap().names_password);
        assert!(RequiredMethods::default().takes(Method::Password));
    }
}
