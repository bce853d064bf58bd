//! The programs that make packages. Where they are missing they are put below `target/dist/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::server;

/// Builds for an older glibc than this machine's, and makes Debian packages.
const CRATES: &[(&str, &str)] = &[("cargo-zigbuild", "0.24.1"), ("cargo-deb", "3.8.0")];

/// The linker, from the Python registry.
const ZIG: &str = "ziglang==0.17.1";

/// Where the programs are.
pub struct Tools {
    zigbuild: PathBuf,
    deb: PathBuf,
    zig: PathBuf,
}

impl Tools {
    /// Finds the programs, or fetches them.
    ///
    /// # Errors
    /// When one cannot be had; the text says what to type.
    pub fn find(folder: &Path) -> Result<Tools, String> {
        let place = folder.join("tools");
        let mut found = Vec::new();
        for (name, version) in CRATES {
            found.push(find_crate(&place, name, version)?);
        }
        let zig = find_zig(&place)?;
        match found.as_slice() {
            [zigbuild, deb] => Ok(Tools { zigbuild: zigbuild.clone(), deb: deb.clone(), zig }),
            _ => Err("two programs are expected".to_owned()),
        }
    }

    /// Cargo's command `zigbuild`.
    pub fn zigbuild(&self) -> Command {
        let mut command = Command::new(&self.zigbuild);
        command.env("CARGO_ZIGBUILD_ZIG_PATH", &self.zig);
        command
    }

    /// Cargo's command `deb`.
    pub fn deb(&self) -> Command {
        Command::new(&self.deb)
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn find_crate(place: &Path, name: &str, version: &str) -> Result<PathBuf, String> {
    let installed = place.join("bin").join(name);
    if installed.exists() {
        return Ok(installed);
    }
    if let Some(found) = on_path(name) {
        return Ok(found);
    }
    eprintln!("{name} is not installed; installing it into {}", place.display());
    let mut command = Command::new(env!("CARGO"));
    command.args(["install", "--locked", "--quiet", "--version", version, name, "--root"]);
    server::run(command.arg(place).arg("--target-dir").arg(place.join("build")))?;
    let _ = fs::remove_dir_all(place.join("build"));
    Ok(installed)
}

fn find_zig(place: &Path) -> Result<PathBuf, String> {
    let unpacked = place.join("zig/ziglang/zig");
    if unpacked.exists() {
        return Ok(unpacked);
    }
    if let Some(found) = on_path("zig") {
        return Ok(found);
    }
    eprintln!("zig is not installed; unpacking it into {}", place.display());
    let wheel = place.join("wheel");
    fs::create_dir_all(&wheel).map_err(|error| format!("{}: {error}", wheel.display()))?;
    let pip =
        ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", ZIG, "-d"];
    server::run(Command::new("python3").args(pip).arg(&wheel))?;
    let file = fs::read_dir(&wheel).map_err(|error| error.to_string())?.flatten().next();
    let file = file.ok_or_else(|| format!("pip left no file of {ZIG}"))?.path();
    let unzip = ["-m", "zipfile", "-e"];
    server::run(Command::new("python3").args(unzip).arg(&file).arg(place.join("zig")))?;
    let _ = fs::remove_dir_all(&wheel);
    server::run(Command::new("chmod").arg("+x").arg(&unpacked))?;
    Ok(unpacked)
}
