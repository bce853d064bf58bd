//! What packages hold: the program, its manual pages, completions and documentation.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PROGRAM;
use crate::golden::root;

/// Shells, and how they want the file of a program's completions to be called.
const SHELLS: &[(&str, &str)] = &[
    ("bash", "connect-migrate.bash"),
    ("zsh", "_connect-migrate"),
    ("fish", "connect-migrate.fish"),
];

/// Documents of the workspace's root.
const DOCUMENTS: &[&str] = &["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Puts everything into a new directory.
pub fn stage(program: &Path, staged: &Path) -> Result<(), String> {
    let _ = fs::remove_dir_all(staged);
    for folder in ["bin", "man", "completions", "docs", "schema"] {
        make_directory(&staged.join(folder))?;
    }
    let installed = staged.join("bin").join(PROGRAM);
    copy(program, &installed, 0o755)?;
    write_pages(&installed, &staged.join("man"))?;
    for (shell, name) in SHELLS {
        let script = print(&installed, &["completions", shell])?;
        write(&staged.join("completions").join(name), &script)?;
    }
    for name in DOCUMENTS {
        copy(&root().join(name), &staged.join(name), 0o644)?;
    }
    copy(&root().join("schema/README.md"), &staged.join("schema/README.md"), 0o644)?;
    let docs = root().join("docs");
    for file in fs::read_dir(&docs).map_err(|error| format!("{}: {error}", docs.display()))? {
        let file = file.map_err(|error| error.to_string())?.path();
        if file.is_file()
            && let Some(name) = file.file_name()
        {
            copy(&file, &staged.join("docs").join(name), 0o644)?;
        }
    }
    Ok(())
}

/// Writes the manual page of every command, packed as Debian wants it.
fn write_pages(program: &Path, folder: &Path) -> Result<(), String> {
    let first = print(program, &["man"])?;
    let first = String::from_utf8_lossy(&first).into_owned();
    let also = first.split(".SH \"SEE ALSO\"").nth(1).unwrap_or_default().replace("\\-", "-");
    let names = also.split([',', ' ', '\n']).filter_map(|word| word.strip_suffix("(1)"));
    let mut pages = vec![PROGRAM.to_owned()];
    pages.extend(names.map(str::to_owned));
    if pages.len() < 2 {
        return Err("the manual page names no other".to_owned());
    }
    for page in pages {
        let command = page.strip_prefix(PROGRAM).unwrap_or_default();
        let words = words_of_command(command);
        let words: Vec<&str> = ["man"].into_iter().chain(words).collect();
        let text = print(program, &words)?;
        let file = folder.join(format!("{page}.1"));
        write(&file, &text)?;
        let packed = Command::new("gzip").args(["-9nf"]).arg(&file).status();
        packed.map_err(|error| format!("gzip: {error}"))?;
    }
    Ok(())
}

/// The words of `-schema-draft`; some commands have a dash in their name.
fn words_of_command(name: &str) -> Vec<&str> {
    let name = name.trim_start_matches('-');
    match name.split_once('-') {
        Some(("schema", rest)) => vec!["schema", rest],
        _ if name.is_empty() => Vec::new(),
        _ => vec![name],
    }
}

fn print(program: &Path, words: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new(program).args(words).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!("{words:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn make_directory(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), String> {
    fs::copy(from, to).map_err(|error| format!("{}: {error}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).map_err(|error| error.to_string())
}

fn write(file: &Path, text: &[u8]) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut open = fs::File::create(file).map_err(fail)?;
    open.write_all(text).map_err(fail)?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).map_err(fail)
}

/// Makes a link to what is staged, under a name that `Cargo.toml` can say.
pub fn link_for_package(staged: &Path) -> Result<PathBuf, String> {
    let link = root().join("target/dist/stage/package");
    let _ = fs::remove_file(&link);
    symlink(staged, &link).map_err(|error| format!("{}: {error}", link.display()))?;
    Ok(link)
}

#[cfg(test)]
mod tests {
    use super::words_of_command;

    #[test]
    fn names_of_pages_are_commands() {
        assert_eq!(words_of_command(""), Vec::<&str>::new());
        assert_eq!(words_of_command("-db"), ["db"]);
        assert_eq!(words_of_command("-check-config"), ["check-config"]);
        assert_eq!(words_of_command("-schema-draft"), ["schema", "draft"]);
    }
}
