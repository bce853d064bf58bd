//! Whether a `-wal` has committed rows behind a damaged place.
//!
//! SQLite reads such a file up to the first frame whose checksum fails, and takes what follows for
//! what a crash has left. Each checksum goes on from the one before, so that frames behind the
//! damaged one still fit each other. By that, or by the end of a commit, and by their salts, they
//! are distinguished from what an earlier use of the file or a rollback has left. If the head of
//! the file is damaged, SQLite reads nothing of it, so every frame that ends a commit is lost.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::files::sibling_path;
use crate::files::open_regular_file;
use crate::text::count_with_noun;

/// Bytes before the first frame.
const HEAD: usize = 32;

/// Bytes before the page of a frame.
const FRAME_HEAD: usize = 24;

/// What SQLite does not read of a `-wal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostFrames {
    /// The damaged frame, from 1; 0 where it is the head of the file.
    pub damaged: u64,
    /// The frames that are lost, from the last transaction that is whole.
    pub frames: u64,
    /// The transactions that were committed by them.
    pub commits: u64,
}

impl fmt::Display for LostFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.damaged {
            0 => f.write_str("damaged in its header")?,
            frame => write!(f, "damaged at frame {frame}")?,
        }
        let frames = count_with_noun(self.frames, "frame");
        let commits = count_with_noun(self.commits, "committed transaction");
        write!(f, "; SQLite ignores the rest: {frames} of {commits}")
    }
}

/// A running checksum, and one that is stored.
type Sum = [u32; 2];

/// The head of the file, or what can be known without it.
struct Head {
    is_complete: bool,
    is_big_endian: bool,
    page_size: usize,
    salts: [u8; 8],
    sum: Sum,
}

/// What the head of a frame says.
struct Frame {
    is_commit: bool,
    salts: [u8; 8],
    stored: Sum,
    /// Whether its checksum goes on from the stored one of the frame before.
    is_linked: bool,
}

/// Looks for committed frames behind a damaged one; `page_size` is that of the database file.
///
/// # Errors
/// When the file cannot be read.
pub fn find_lost_frames(path: &Path, page_size: usize) -> io::Result<Option<LostFrames>> {
    let file = open_regular_file(&sibling_path(path, "-wal"))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut first = [0; HEAD];
    if !fill_buffer(&mut reader, &mut first)? {
        return Ok(None);
    }
    let head = read_head(&first, page_size);
    let mut scan = Scan::new(&head);
    let mut bytes = vec![0; FRAME_HEAD + head.page_size];
    let mut before = head.sum;
    while fill_buffer(&mut reader, &mut bytes)? {
        let frame = read_frame(&bytes, before, head.is_big_endian);
        before = frame.stored;
        scan.add_frame(&frame);
    }
    Ok(scan.finish())
}

/// Fills the whole buffer, or says that there is not enough.
fn fill_buffer(reader: &mut BufReader<File>, bytes: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn word_at(bytes: &[u8], index: usize) -> u32 {
    let word = bytes.get(index..).and_then(|rest| rest.first_chunk().copied());
    word.map_or(0, u32::from_be_bytes)
}

fn salts_at(bytes: &[u8], index: usize) -> [u8; 8] {
    bytes.get(index..).and_then(|rest| rest.first_chunk().copied()).unwrap_or_default()
}

fn read_head(bytes: &[u8; HEAD], page_size: usize) -> Head {
    let magic = word_at(bytes, 0);
    let is_big_endian = magic & 1 == 1;
    let own = usize::try_from(word_at(bytes, 8)).unwrap_or_default();
    let sum = add_up([0, 0], bytes.get(..24).unwrap_or_default(), is_big_endian);
    let is_complete = magic & !1 == 0x377f_0682
        && own == page_size
        && sum == [word_at(bytes, 24), word_at(bytes, 28)];
    Head {
        is_complete,
        // A head that is lost says nothing; SQLite writes it in the order of the machine.
        is_big_endian: if is_complete { is_big_endian } else { cfg!(target_endian = "big") },
        page_size,
        salts: salts_at(bytes, 16),
        sum,
    }
}

fn read_frame(bytes: &[u8], before: Sum, is_big_endian: bool) -> Frame {
    let sum = add_up(before, bytes.get(..8).unwrap_or_default(), is_big_endian);
    let sum = add_up(sum, bytes.get(FRAME_HEAD..).unwrap_or_default(), is_big_endian);
    let stored = [word_at(bytes, 16), word_at(bytes, 20)];
    Frame {
        is_commit: word_at(bytes, 4) != 0,
        salts: salts_at(bytes, 8),
        stored,
        is_linked: sum == stored,
    }
}

/// SQLite's checksum over whole pairs of words, which goes on from `sum`.
fn add_up(sum: Sum, bytes: &[u8], is_big_endian: bool) -> Sum {
    let [mut one, mut two] = sum;
    let read = |word: [u8; 4]| match is_big_endian {
        true => u32::from_be_bytes(word),
        false => u32::from_le_bytes(word),
    };
    for pair in bytes.as_chunks::<8>().0 {
        let [a, b, c, d, e, f, g, h] = *pair;
        one = one.wrapping_add(read([a, b, c, d])).wrapping_add(two);
        two = two.wrapping_add(read([e, f, g, h])).wrapping_add(one);
    }
    [one, two]
}

/// What was seen up to a frame.
struct Scan {
    /// Whether the head of the file, which states the salts, is intact.
    has_head: bool,
    salts: [u8; 8],
    /// Whether all frames up to here are read by SQLite.
    is_complete: bool,
    damaged: u64,
    /// The number of the last frame.
    number: u64,
    last_complete_commit: u64,
    /// Commits behind the damaged place, and the last frame of those that belong to the same use of
    /// the file.
    commits: u64,
    last_lost: u64,
    /// Whether there is such a frame; where the head is lost, one that ends a commit.
    has_lost: bool,
    /// Where the head is lost: whether a frame with these salts goes on from the one before.
    has_linked_salts: bool,
}

impl Scan {
    fn new(head: &Head) -> Scan {
        Scan {
            has_head: head.is_complete,
            salts: if head.is_complete { head.salts } else { [0; 8] },
            is_complete: head.is_complete,
            damaged: 0,
            number: 0,
            last_complete_commit: 0,
            commits: 0,
            last_lost: 0,
            has_lost: false,
            has_linked_salts: false,
        }
    }

    fn add_frame(&mut self, frame: &Frame) {
        self.number += 1;
        if !self.has_head {
            self.add_frame_without_head(frame);
            return;
        }
        let is_own = frame.salts == self.salts;
        if self.is_complete && is_own && frame.is_linked {
            if frame.is_commit {
                self.last_complete_commit = self.number;
            }
            return;
        }
        if self.is_complete {
            self.damaged = self.number;
            self.is_complete = false;
            self.commits += u64::from(is_own && frame.is_commit);
            return;
        }
        // The first frame behind a frame that was destroyed goes on from nothing that is known. A
        // rollback leaves no frame that ends a commit.
        if is_own && (frame.is_linked || frame.is_commit) {
            self.has_lost = true;
            self.last_lost = self.number;
            self.commits += u64::from(frame.is_commit);
        }
    }

    /// The salts are those of the first frame that has some; what destroyed the head may have
    /// destroyed frames, too. A frame that goes on from the one before knows them better.
    fn add_frame_without_head(&mut self, frame: &Frame) {
        let has_salts = frame.salts != [0; 8];
        let is_first = self.salts == [0; 8] || (frame.is_linked && !self.has_linked_salts);
        if has_salts && is_first && frame.salts != self.salts {
            (self.salts, self.commits) = (frame.salts, 0);
            self.has_lost = false;
        }
        if has_salts && frame.salts == self.salts {
            self.has_linked_salts |= frame.is_linked;
            self.has_lost |= frame.is_commit;
            self.last_lost = self.number;
            self.commits += u64::from(frame.is_commit);
        }
    }

    fn finish(self) -> Option<LostFrames> {
        let Scan { damaged, commits, last_lost, last_complete_commit, .. } = self;
        (self.has_lost && commits > 0).then(|| LostFrames {
            damaged,
            frames: last_lost - last_complete_commit,
            commits,
        })
    }
}
