//! Counts of texts and byte strings, up to the caps of [`super::values`].

use super::values::{COUNT_BYTES, COUNT_CAP};
use foldhash::fast::FixedState;
use std::hash::{BuildHasher as _, Hasher as _};

/// How often each text or byte string was added.
///
/// Shape: the bytes one after another, and a table with open addressing, at most 3 of whose 4 slots are taken; it grows
/// fourfold.
#[derive(Debug, Clone, Default)]
pub(super) struct TextTable {
    slots: Vec<Slot>,
    bytes: Vec<u8>,
    occupied: usize,
    hasher: FixedState,
}

/// One text; free with count 0.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u64,
    count: u64,
    start: u32,
    length: u32,
}

/// Slots of a table at first.
const FEWEST_SLOTS: usize = 64;
/// Bytes for values at first.
const FEWEST_BYTES: usize = 256;

/// What became of a value that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// An equal one had been added before.
    Again,
    /// It may be the first of its kind.
    Fresh,
}

impl TextTable {
    /// Number of different values.
    pub(super) fn len(&self) -> usize {
        self.occupied
    }

    /// Adds a value `count` times; `None` when it is new and there is no room.
    pub(super) fn add(&mut self, value: &[u8], count: u64) -> Option<Added> {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(value);
        self.add_hashed(value, hasher.finish(), count)
    }

    fn add_hashed(&mut self, value: &[u8], hash: u64, count: u64) -> Option<Added> {
        if (self.occupied + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let at = self.find(value, hash);
        let slot = &mut self.slots[at];
        if slot.count > 0 {
            slot.count += count;
            return Some(Added::Again);
        }
        if self.occupied >= COUNT_CAP || self.bytes.len() + value.len() > COUNT_BYTES {
            return None;
        }
        *slot = Slot {
            hash,
            count,
            start: u32::try_from(self.bytes.len()).expect("at most COUNT_BYTES"),
            length: u32::try_from(value.len()).expect("at most COUNT_BYTES"),
        };
        if self.bytes.capacity() - self.bytes.len() < value.len() {
            let more = self.bytes.len().max(value.len()).max(FEWEST_BYTES);
            let most = COUNT_BYTES - self.bytes.len();
            self.bytes.reserve_exact(more.min(most));
        }
        self.bytes.extend_from_slice(value);
        self.occupied += 1;
        Some(Added::Fresh)
    }

    /// The slot of a value, or the free one where it belongs.
    fn find(&self, value: &[u8], hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = index(hash) & mask;
        loop {
            let slot = &self.slots[at];
            if slot.count == 0 || (slot.hash == hash && same(self.value(slot), value)) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 4).max(FEWEST_SLOTS);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); length]);
        let mask = length - 1;
        for slot in old.into_iter().filter(|s| s.count > 0) {
            let mut at = index(slot.hash) & mask;
            while self.slots[at].count > 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }

    fn value(&self, slot: &Slot) -> &[u8] {
        let start = slot.start as usize;
        &self.bytes[start..start + slot.length as usize]
    }

    /// Bytes that the table takes.
    #[cfg(test)]
    pub(super) fn heap(&self) -> usize {
        self.bytes.capacity() + self.slots.capacity() * size_of::<Slot>()
    }

    /// The values with their counts, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let taken = self.slots.iter().filter(|s| s.count > 0);
        taken.map(|s| (self.value(s), s.count))
    }
}

/// Whether two values are equal; up to 16 bytes as two words, which is faster than a call.
fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        (Some(first), Some(other)) if a.len() <= 16 => {
            first == other && a.last_chunk::<8>() == b.last_chunk::<8>()
        }
        _ => a == b,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "as many bits of the hash as an index has"
)]
fn index(hash: u64) -> usize {
    hash as usize
}
