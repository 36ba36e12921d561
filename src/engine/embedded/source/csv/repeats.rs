//! Short texts that repeat, counted without being looked into.

use super::super::digits::Piece;

const SLOTS: usize = 256;

/// Counts of texts, as long as no other text takes their place.
#[derive(Default)]
pub(super) struct Repeats {
    slots: Vec<Slot>,
    /// Texts that had to be given back.
    given: usize,
}

/// A text of at most 16 bytes, and how often it came.
#[derive(Clone, Copy, Default)]
pub(super) struct Slot {
    key: u128,
    length: usize,
    pub(super) count: u64,
}

impl Slot {
    /// Calls `look` with the text.
    pub(super) fn with_text<R>(&self, look: impl FnOnce(&str) -> R) -> R {
        let bytes = self.key.to_le_bytes();
        let text = std::str::from_utf8(&bytes[..self.length]);
        look(text.expect("the bytes of a whole text"))
    }
}

impl Repeats {
    /// Counts a text; `false` when it is too long. The text whose place it takes is given back.
    #[inline]
    pub(super) fn add(&mut self, piece: Piece<'_>, give_back: impl FnOnce(&Slot)) -> bool {
        let Some((key, length)) = piece.key() else {
            return false;
        };
        let slot = &mut self.slots[place(key, length)];
        if slot.key == key && slot.length == length {
            slot.count += 1;
            return true;
        }
        if slot.count > 0 {
            self.given += 1;
            give_back(slot);
        }
        *slot = Slot {
            key,
            length,
            count: 1,
        };
        true
    }

    /// Makes ready for a column.
    pub(super) fn begin(&mut self) {
        self.slots.resize(SLOTS, Slot::default());
        self.given = 0;
    }

    /// Gives everything back; returns how many texts were given back before, which is few where texts repeat.
    pub(super) fn end(&mut self, mut give_back: impl FnMut(&Slot)) -> usize {
        for slot in &mut self.slots {
            if slot.count > 0 {
                give_back(slot);
            }
            *slot = Slot::default();
        }
        self.given
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "halves of a key, and a place below 256"
)]
#[inline]
fn place(key: u128, length: usize) -> usize {
    let halves = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
    ((halves ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}
