//! Which whole numbers a column holds, to see that none refers to nothing: a bit for each, exact.
//!
//! Only for ids as databases give them out, from 0 to some hundred millions and lying close
//! together. A set that would need more memory than it may is given up, and the reference looked
//! at by SQLite's join instead.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Memory in all: so many pieces of 8 KiB, 16 MiB.
const PIECES: usize = 2048;

/// Words of a piece: 65,536 numbers.
const WORDS: usize = 1024;

/// The last piece that a set may have; larger numbers are no ids of this kind.
const LAST: usize = 4095;

/// What all sets of a run may still take.
#[derive(Debug)]
pub struct Room(AtomicUsize);

impl Room {
    /// All of it.
    pub fn unused() -> Room {
        Room(AtomicUsize::new(PIECES))
    }

    fn take_piece(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

/// A set of ids.
#[derive(Debug)]
pub struct Ids<'a> {
    room: &'a Room,
    pieces: Vec<Option<Box<[u64; WORDS]>>>,
    taken: usize,
    given_up: bool,
}

impl<'a> Ids<'a> {
    /// An empty set.
    pub fn new(room: &'a Room) -> Ids<'a> {
        Ids { room, pieces: Vec::new(), taken: 0, given_up: false }
    }

    /// Adds an id.
    #[inline]
    pub fn add(&mut self, id: i64) {
        let place = usize::try_from(id >> 16).unwrap_or(usize::MAX);
        let Some(Some(piece)) = self.pieces.get_mut(place) else {
            return self.add_to_new_piece(place, id);
        };
        if let Some(word) = piece.get_mut((id >> 6) as usize % WORDS) {
            *word |= 1 << (id & 63);
        }
    }

    #[cold]
    fn add_to_new_piece(&mut self, index: usize, id: i64) {
        if self.given_up {
            return;
        }
        if index > LAST || !self.room.take_piece() {
            return self.give_up();
        }
        self.taken += 1;
        if index >= self.pieces.len() {
            self.pieces.resize_with(index + 1, || None);
        }
        if let Some(piece) = self.pieces.get_mut(index) {
            *piece = Some(Box::new([0; WORDS]));
        }
        self.add(id);
    }

    /// Says that the column holds what no such set can.
    pub fn give_up(&mut self) {
        self.given_up = true;
        self.pieces = Vec::new();
        self.room.0.fetch_add(std::mem::take(&mut self.taken), Ordering::Relaxed);
    }

    /// Whether every id of this set is surely in the other, too.
    pub fn is_subset_of(&self, other: &Ids<'_>) -> bool {
        // Of a set that was given up nothing is known; what the other lost is only not in it.
        !self.given_up
            && self.pieces.iter().enumerate().all(|(index, piece)| match piece {
                None => true,
                Some(own) => other.pieces.get(index).and_then(Option::as_ref).is_some_and(|all| {
                    own.iter().zip(all.iter()).all(|(own, all)| own & !all == 0)
                }),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids_of_list<'a>(room: &'a Room, ids: &[i64]) -> Ids<'a> {
        let mut set = Ids::new(room);
        ids.iter().for_each(|id| set.add(*id));
        set
    }

    #[test]
    fn what_is_within_is_said_and_what_is_not_known_is_not() {
        let room = Room::unused();
        let parents = ids_of_list(&room, &[0, 1, 63, 64, 65_535, 65_536, 1 << 20]);
        assert!(ids_of_list(&room, &[]).is_subset_of(&parents));
        assert!(ids_of_list(&room, &[0, 64, 65_536, 1 << 20, 0]).is_subset_of(&parents));
        for missing in [2, 62, 65_537, 1 << 21, 1 << 17] {
            assert!(!ids_of_list(&room, &[0, missing]).is_subset_of(&parents), "{missing}");
        }
        // Beyond what a set holds: nothing is known.
        assert!(!ids_of_list(&room, &[-1]).is_subset_of(&parents));
        assert!(!ids_of_list(&room, &[1 << 40]).is_subset_of(&ids_of_list(&room, &[1 << 40])));
        assert!(!ids_of_list(&room, &[i64::MIN]).is_subset_of(&parents));
    }

    #[test]
    fn memory_has_an_end_and_is_given_back() {
        let room = Room::unused();
        let all: Vec<i64> = (0..2048).map(|piece| piece << 16).collect();
        let mut first = ids_of_list(&room, &all);
        assert!(first.is_subset_of(&first));
        let second = ids_of_list(&room, &[5]);
        assert!(second.given_up && !second.is_subset_of(&first));
        first.give_up();
        assert!(!ids_of_list(&room, &[5]).given_up);
    }
}
