//! The program under test as a process: with every state of its standard streams and limits of its
//! own, waited for with a time limit.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{io, thread};

use rustix::process::{Pid, Signal, kill_process};

/// How long a run may take before it counts as one that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a standard stream is connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    /// A file (nothing to read on standard input).
    #[default]
    Open,
    /// Nothing: the descriptor is closed.
    Closed,
    /// A pipe whose other end is closed.
    DeadPipe,
    /// A disk that is full.
    Full,
}

/// Every state of a stream.
pub const STREAMS: [Stream; 4] = [Stream::Open, Stream::Closed, Stream::DeadPipe, Stream::Full];

/// A run that is to be started.
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub words: Vec<OsString>,
    /// Where it is started, with `tmp` for its temporary files; `out` and `err` are made there.
    pub folder: PathBuf,
    /// Standard input, output and error.
    pub streams: [Stream; 3],
    /// Commands of the shell before it, such as `ulimit -n 20`.
    pub before: String,
}

/// A run that has been started.
pub struct Running {
    child: Child,
    folder: PathBuf,
    /// When it was started.
    pub begun: Instant,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was ended here, because it took too long.
    pub hung: bool,
    /// Standard output, where it is a file.
    pub out: String,
    /// Standard error, where it is a file.
    pub err: String,
}

impl Ended {
    /// `exit 5`, `signal 9`, `hung`.
    pub fn shown(&self) -> String {
        match (self.hung, self.code, self.signal) {
            (true, ..) => "hung".to_owned(),
            (_, Some(code), _) => format!("exit {code}"),
            (_, _, Some(signal)) => format!("ended by signal {signal}"),
            _ => "ended somehow".to_owned(),
        }
    }

    /// Both outputs.
    pub fn output(&self) -> String {
        format!("{}\n{}", self.out, self.err)
    }
}

impl Launch {
    /// Starts it. A shell sets up what [`Command`] cannot, and becomes the program.
    ///
    /// # Errors
    /// The system's.
    pub fn start(&self) -> Result<Running, String> {
        let fail = |error: io::Error| format!("{}: {error}", self.program.display());
        let mut closing = String::new();
        for (stream, text) in self.streams.iter().zip([" <&-", " >&-", " 2>&-"]) {
            if *stream == Stream::Closed {
                closing.push_str(text);
            }
        }
        let script = format!("ulimit -c 0; {}\nexec \"$0\" \"$@\"{closing}", self.before);
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).arg(&self.program).args(&self.words);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
        command.env("HOME", &self.folder).env("TMPDIR", self.folder.join("tmp"));
        command.current_dir(&self.folder);
        // What an earlier run has written says nothing about this one.
        for name in ["out", "err"] {
            let _ = fs::remove_file(self.folder.join(name));
        }
        let [input, out, err] = self.streams;
        command.stdin(open_input(input).map_err(fail)?);
        command.stdout(open_output(out, &self.folder.join("out")).map_err(fail)?);
        command.stderr(open_output(err, &self.folder.join("err")).map_err(fail)?);
        let child = command.spawn().map_err(fail)?;
        Ok(Running { child, folder: self.folder.clone(), begun: Instant::now() })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// The system's.
    pub fn run(&self) -> Result<Ended, String> {
        self.start()?.wait()
    }
}

fn open_input(stream: Stream) -> io::Result<Stdio> {
    Ok(match stream {
        Stream::Open | Stream::Closed => Stdio::null(),
        Stream::DeadPipe => io::pipe()?.0.into(),
        Stream::Full => File::options().read(true).open("/dev/full")?.into(),
    })
}

fn open_output(stream: Stream, file: &Path) -> io::Result<Stdio> {
    Ok(match stream {
        Stream::Open => File::create(file)?.into(),
        Stream::Closed => Stdio::null(),
        Stream::DeadPipe => io::pipe()?.1.into(),
        Stream::Full => File::options().write(true).open("/dev/full")?.into(),
    })
}

/// Sends a signal to a process that may be gone.
pub fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

impl Running {
    /// Its number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it ends, or this much time has passed since it was started.
    pub fn wait_since_start(&mut self, time: Duration) {
        while self.begun.elapsed() < time && !self.is_over() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for its end; a run that takes too long is ended.
    ///
    /// # Errors
    /// The system's.
    pub fn wait(self) -> Result<Ended, String> {
        self.wait_at_most(PATIENCE)
    }

    /// The same with another time limit.
    ///
    /// # Errors
    /// The system's.
    pub fn wait_at_most(mut self, limit: Duration) -> Result<Ended, String> {
        let deadline = Instant::now() + limit;
        let mut ended = Ended::default();
        while !self.is_over() {
            if Instant::now() > deadline {
                ended.hung = true;
                send(self.pid(), Signal::KILL);
                break;
            }
            thread::sleep(Duration::from_millis(3));
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        (ended.code, ended.signal) = (status.code(), status.signal());
        let read = |name: &str| {
            let bytes = fs::read(self.folder.join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        (ended.out, ended.err) = (read("out"), read("err"));
        Ok(ended)
    }
}
