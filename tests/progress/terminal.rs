//! A run at a terminal of its own, and the lines that are drawn there.

use std::process::Command;

/// Runs a program at a terminal of so many columns, and copies what it writes.
const TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    sys.stdout.buffer.write(more)
"#;

/// What a terminal was sent.
pub struct Screen {
    /// All of it.
    pub text: String,
}

impl Screen {
    /// Runs a command at a terminal of so many columns to its end.
    pub fn of_run(command: &Command, columns: u16) -> Screen {
        let mut python = Command::new("python3");
        python.env_clear().args(["-c", TERMINAL, &columns.to_string()]);
        for (name, value) in command.get_envs() {
            python.env(name, value.unwrap_or_default());
        }
        python.arg(command.get_program()).args(command.get_args());
        let output = python.output().unwrap();
        Screen { text: String::from_utf8(output.stdout).unwrap() }
    }

    /// The lines that were drawn one over the other, in their order.
    pub fn drawn(&self) -> Vec<&str> {
        let written = self.text.split("\r\u{1b}[K").skip(1);
        written.filter(|line| !line.is_empty() && !line.contains('\n')).collect()
    }

    /// What stands on the last line at the end.
    pub fn last(&self) -> &str {
        self.text.rsplit(['\r', '\n']).next().unwrap().trim_start_matches("\u{1b}[K")
    }
}
