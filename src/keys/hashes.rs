//! Which of many hashes come more than once: sorted in little memory and the rest on disk.
//!
//! Equal keys have equal hashes; unequal keys seldom have. What is said here to be there once is
//! there once, and the caller checks again what is reported more than once.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use crate::files::scratch::create_unnamed_file;

/// Hashes that are sorted in memory: 4 MiB of them.
const RUN: usize = 512 * 1024;

/// Hashes of a run that are read at once when runs are merged.
const BLOCK: usize = 1024;

/// So many that come more than once are kept; with more of them every key is suspicious.
const SUSPECTS: usize = 64 * 1024;

/// Hashes on their way to be sorted.
#[derive(Debug, Default)]
pub struct Hashes {
    run: Vec<u64>,
    file: Option<File>,
    /// How many hashes each run in the file has.
    runs: Vec<u64>,
}

/// The hashes that came more than once.
#[derive(Debug, PartialEq, Eq)]
pub struct Repeated {
    /// How many keys have them.
    pub keys: u64,
    /// The hashes, unless they are too many.
    some: Option<BTreeSet<u64>>,
}

impl Repeated {
    /// Whether a key with this hash may be there twice.
    pub fn may_repeat(&self, hash: u64) -> bool {
        self.some.as_ref().is_none_or(|some| some.contains(&hash))
    }
}

/// Where sorting has its files: what SQLite does, too.
pub fn sorting_folder() -> PathBuf {
    let folder = std::env::var_os("SQLITE_TMPDIR").map(PathBuf::from);
    folder.unwrap_or_else(std::env::temp_dir)
}

/// The bytes on disk that so many hashes need.
pub fn bytes_for_hashes(count: u64) -> u64 {
    if count > RUN as u64 { count.saturating_mul(8) } else { 0 }
}

impl Hashes {
    /// Adds one.
    ///
    /// # Errors
    /// A full disk.
    pub fn add(&mut self, hash: u64) -> io::Result<()> {
        self.run.push(hash);
        if self.run.len() >= RUN { self.write_sorted_run() } else { Ok(()) }
    }

    fn write_sorted_run(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create_unnamed_file(&sorting_folder())?),
        };
        self.run.sort_unstable();
        let start = self.runs.iter().sum::<u64>() * 8;
        let bytes: Vec<u8> = self.run.iter().flat_map(|hash| hash.to_ne_bytes()).collect();
        file.write_all_at(&bytes, start)?;
        self.runs.push(self.run.len() as u64);
        self.run.clear();
        Ok(())
    }

    /// Those that came more than once.
    ///
    /// # Errors
    /// A full disk.
    pub fn find_repeated(mut self) -> io::Result<Repeated> {
        let mut found = Repeated { keys: 0, some: Some(BTreeSet::new()) };
        let Some(file) = self.file.take() else {
            self.run.sort_unstable();
            self.run
                .chunk_by(|a, b| a == b)
                .for_each(|equal| found.count_hash(equal[..].first(), equal.len()));
            return Ok(found);
        };
        self.file = Some(file);
        self.write_sorted_run()?;
        let Some(file) = self.file else { return Ok(found) };
        merge_runs(&file, &self.runs, &mut found)?;
        Ok(found)
    }
}

impl Repeated {
    fn count_hash(&mut self, hash: Option<&u64>, times: usize) {
        let Some(hash) = hash.filter(|_| times > 1) else { return };
        self.keys += times as u64;
        if let Some(some) = &mut self.some {
            some.insert(*hash);
            if some.len() > SUSPECTS {
                self.some = None;
            }
        }
    }
}

/// A sorted run in the file, read block by block.
struct Run<'a> {
    file: &'a File,
    at: u64,
    left: u64,
    block: Vec<u64>,
}

impl Run<'_> {
    /// The next hash.
    fn next_hash(&mut self) -> io::Result<Option<u64>> {
        if self.block.is_empty() && self.left > 0 {
            let count = self.left.min(BLOCK as u64);
            let mut bytes = vec![0; count as usize * 8];
            self.file.read_exact_at(&mut bytes, self.at)?;
            self.block = bytes.as_chunks().0.iter().rev().map(|b| u64::from_ne_bytes(*b)).collect();
            self.at += count * 8;
            self.left -= count;
        }
        Ok(self.block.pop())
    }
}

fn merge_runs(file: &File, runs: &[u64], repeated: &mut Repeated) -> io::Result<()> {
    let mut heads = std::collections::BinaryHeap::new();
    let mut at = 0;
    for left in runs {
        let mut run = Run { file, at, left: *left, block: Vec::new() };
        at += left * 8;
        if let Some(first) = run.next_hash()? {
            heads.push(Head { hash: first, run });
        }
    }
    let (mut last, mut times) = (None, 0);
    while let Some(mut head) = heads.peek_mut() {
        let hash = head.hash;
        if last == Some(hash) {
            times += 1;
        } else {
            repeated.count_hash(last.as_ref(), times);
            (last, times) = (Some(hash), 1);
        }
        match head.run.next_hash()? {
            Some(next) => head.hash = next,
            None => drop(std::collections::binary_heap::PeekMut::pop(head)),
        }
    }
    repeated.count_hash(last.as_ref(), times);
    Ok(())
}

/// A run by its next hash, the smallest first.
struct Head<'a> {
    hash: u64,
    run: Run<'a>,
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.hash.cmp(&self.hash)
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Head<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted_hashes(hashes: impl Iterator<Item = u64>) -> Repeated {
        let mut all = Hashes::default();
        hashes.for_each(|hash| all.add(hash).unwrap());
        all.find_repeated().unwrap()
    }

    /// Numbers in no order, each once.
    fn scattered_numbers(count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    #[test]
    fn those_that_come_again_are_found_in_memory_and_on_disk() {
        for count in [10, 3 * RUN as u64 + 5] {
            assert_eq!(sorted_hashes(scattered_numbers(count)).keys, 0, "{count}");
            let again =
                scattered_numbers(count).chain(scattered_numbers(3)).chain(scattered_numbers(1));
            let found = sorted_hashes(again);
            assert_eq!(found.keys, 3 + 2 + 2, "{count}");
            assert!(scattered_numbers(3).all(|hash| found.may_repeat(hash)));
            assert!(!scattered_numbers(10).skip(3).any(|hash| found.may_repeat(hash)));
        }
        // Runs that end exactly with the last hash.
        assert_eq!(sorted_hashes(scattered_numbers(RUN as u64).chain([0])).keys, 2);
    }

    #[test]
    fn too_many_to_be_kept_are_all_suspected() {
        let count = SUSPECTS as u64 + 1;
        let found = sorted_hashes(scattered_numbers(count).chain(scattered_numbers(count)));
        assert_eq!(found.keys, 2 * count);
        assert!(found.may_repeat(17));
    }
}
