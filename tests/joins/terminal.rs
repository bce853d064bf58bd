//! A run at a terminal of its own, whose questions are answered by rules, or else by what is
//! suggested.

use std::path::Path;
use std::process::Command;

/// Reads what is asked and answers it: `[y/N]` by `y` unless a rule says otherwise, lettered
/// questions item by item, with the option that holds the rule's text.
const ROBOT: &str = r#"
import os, pty, re, sys
split = sys.argv.index("--")
rules = [rule.split("=>", 1) for rule in sys.argv[1:split]]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[split + 1], sys.argv[split + 1:])
def pick(title, options):
    for text, wanted in rules:
        if text in title:
            found = [letter for letter, option in options if wanted in option]
            return found[0] if found and wanted not in "-+" else wanted
    for usual in ["suggested by", "UTC", "mean the same"]:
        found = [letter for letter, option in options if usual in option]
        if found:
            return found[0]
    return "?"
def answer(block):
    question = block.rstrip("\n").split("\n")[-1]
    if "[y/N]" in question:
        found = [wanted for text, wanted in rules if text in block]
        return found[0] if found and found[0] in "yn" else "y"
    items = re.split(r"\n {1,2}\d+  ", block)[1:]
    titles = [(item.split("\n")[0], re.findall(r"\n {7}([a-z])  ([^\n]*)", item)) for item in items]
    return " ".join(pick(title, options) for title, options in titles)
said, begin, asked = "", 0, 0
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    said += more.decode().replace("\r", "")
    block = said[begin:]
    if re.search(r"(\[y/N\]|decide later\):) $", block):
        line = answer(block)
        asked += 1
        begin = len(said)
        os.write(terminal, line.encode() + b"\n" if "?" not in line else b"\n")
sys.stdout.write(str(asked))
sys.stderr.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// How a run at a terminal ended.
#[derive(Debug)]
pub struct Answered {
    /// The exit code.
    pub code: Option<i32>,
    /// How many questions were asked.
    pub questions: usize,
    /// Everything on the terminal.
    pub text: String,
}

impl Answered {
    /// Checks the exit code and that the terminal showed all these words.
    pub fn expect(&self, code: i32, words: &[&str]) -> &Answered {
        assert_eq!(self.code, Some(code), "{}", self.text);
        for word in words {
            assert!(self.text.contains(word), "no {word:?} in:\n{}", self.text);
        }
        self
    }
}

/// Runs a command of the program at a terminal; each rule is `text => answer`.
pub fn answer_questions(command: &Command, home: &Path, rules: &[(&str, &str)]) -> Answered {
    let mut python = Command::new("python3");
    python.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    python.env("HOME", home).args(["-c", ROBOT]);
    for (name, value) in command.get_envs() {
        python.env(name, value.unwrap_or_default());
    }
    python.args(rules.iter().map(|(text, answer)| format!("{text}=>{answer}"))).arg("--");
    python.arg(command.get_program()).args(command.get_args());
    let output = python.output().unwrap();
    Answered {
        code: output.status.code(),
        questions: String::from_utf8_lossy(&output.stdout).parse().unwrap_or(0),
        text: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
