//! `migrate completions`: the scripts that clap makes, with every flag also in Go's way of writing
//! it, with one dash.

use clap_complete::Shell;

use crate::program_name::{USUAL_NAME, program_name};

/// The script for a shell.
pub fn completion_script(shell: Shell, definition: clap::Command) -> String {
    let mut script = Vec::new();
    // The generator's script for bash does not work where the name has a dash: this one is made
    // with the usual name, and then called by the other.
    let name = if shell == Shell::Bash { USUAL_NAME } else { program_name() };
    clap_complete::generate(shell, &mut definition.name(name), name, &mut script);
    let script = String::from_utf8_lossy(&script);
    match shell {
        Shell::Bash => {
            let lines = script.lines().map(|line| name_bash_line(line, program_name()));
            lines.map(|line| add_to_bash_line(&line)).collect()
        }
        Shell::Fish => script.lines().map(add_to_fish_line).collect(),
        _ => script.lines().map(add_line_of_one_dash).collect(),
    }
}

/// The lines that name the script's function and the program, with another name.
fn name_bash_line(line: &str, name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let function: String = name.chars().map(letter).collect();
    if line == format!("_{USUAL_NAME}() {{") {
        return format!("_{function}() {{");
    }
    let begin = format!("complete -F _{USUAL_NAME} ");
    let complete = line.trim_start().strip_prefix(&begin);
    match complete.and_then(|rest| rest.strip_suffix(USUAL_NAME)) {
        Some(options) => format!("complete -F _{function} {options}{name}"),
        None => line.to_owned(),
    }
}

/// The flags of a command are one list there, and what follows a flag is a case of its name.
fn add_to_bash_line(line: &str) -> String {
    let trimmed = line.trim_start();
    if let Some(words) = trimmed.strip_prefix("opts=\"") {
        let words = words.strip_suffix('"').unwrap_or(words);
        let flags = words.split(' ');
        let flags: Vec<&str> = flags.filter_map(|word| word.strip_prefix('-')).collect();
        let short: Vec<&str> = flags.into_iter().filter(|flag| flag.starts_with('-')).collect();
        let blanks = line.len() - trimmed.len();
        return format!("{}opts=\"{words} {}\"\n", " ".repeat(blanks), short.join(" "));
    }
    match trimmed.strip_prefix("--").and_then(|rest| rest.strip_suffix(')')) {
        Some(flag) => {
            let blanks = line.len() - trimmed.len();
            format!("{}--{flag}|-{flag})\n", " ".repeat(blanks))
        }
        None => format!("{line}\n"),
    }
}

/// Fish calls a long flag with one dash an old option.
fn add_to_fish_line(line: &str) -> String {
    let mut words = line.split(' ').skip_while(|word| *word != "-l");
    match words.nth(1).filter(|_| line.starts_with("complete ")) {
        Some(flag) => {
            let long = format!(" -l {flag}");
            format!("{}\n", line.replacen(&long, &format!("{long} -o {flag}"), 1))
        }
        None => format!("{line}\n"),
    }
}

/// The other shells have a line for each flag: the same line follows with one dash.
fn add_line_of_one_dash(line: &str) -> String {
    match one_dash_line(line) {
        Some(other) => format!("{line}\n{other}\n"),
        None => format!("{line}\n"),
    }
}

/// The line of a flag with one dash in the place of two.
fn one_dash_line(line: &str) -> Option<String> {
    let trimmed = line.trim_start();
    if trimmed.starts_with("cand --") {
        return Some(line.replacen("--", "-", 1));
    }
    // The text that is put in, and the text that is shown.
    if trimmed.starts_with("[CompletionResult]::new('--") {
        return Some(line.replacen("'--", "'-", 2));
    }
    // In zsh flags that exclude this one stand before it, and a star where it may come again.
    let quoted = trimmed.strip_prefix('\'')?;
    let (excluded, rest) = match quoted.strip_prefix('(') {
        Some(inside) => inside.split_once(')').map(|(list, rest)| (format!("({list})"), rest))?,
        None => (String::new(), quoted),
    };
    let (star, rest) = match rest.strip_prefix('*') {
        Some(rest) => ("*", rest),
        None => ("", rest),
    };
    let flag = rest.strip_prefix("--")?;
    Some(format!("'{excluded}{star}-{flag}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_named_by_a_name_with_a_dash() {
        for (line, expected) in [
            ("_migrate() {", "_connect_migrate() {"),
            (
                "    complete -F _migrate -o nosort migrate",
                "complete -F _connect_migrate -o nosort connect-migrate",
            ),
            ("            migrate,db)", "            migrate,db)"),
        ] {
            assert_eq!(name_bash_line(line, "connect-migrate"), expected);
        }
    }

    #[test]
    fn a_flag_is_completed_with_one_dash_too() {
        for (line, expected) in [
            ("    opts=\"-h --yes --help db\"", "    opts=\"-h --yes --help db -yes -help\"\n"),
            ("    opts=\"\"", "    opts=\" \"\n"),
            ("    --data)", "    --data|-data)\n"),
            ("    *)", "    *)\n"),
        ] {
            assert_eq!(add_to_bash_line(line), expected);
        }
        let fish = "complete -c migrate -n \"x\" -s h -l help -d 'Print -l'";
        let both = "complete -c migrate -n \"x\" -s h -l help -o help -d 'Print -l'\n";
        assert_eq!(add_to_fish_line(fish), both);
        assert_eq!(add_to_fish_line("    set -l cmd x"), "    set -l cmd x\n");
        for (line, other) in [
            ("'--yes[Do not ask]' \\", Some("'-yes[Do not ask]' \\")),
            (
                "'(--verify)*--same=[It]:N:_default' \\",
                Some("'(--verify)*-same=[It]:N:_default' \\"),
            ),
            ("'-h[Print help]' \\", None),
            ("    cand --yes 'Do not ask'", Some("    cand -yes 'Do not ask'")),
            (
                "[CompletionResult]::new('--a', '--a', b)",
                Some("[CompletionResult]::new('-a', '-a', b)"),
            ),
        ] {
            assert_eq!(one_dash_line(line).as_deref(), other);
        }
    }
}
