//! Counts by 64-bit key: an array over the keys where they lie close together, else a hash table.

/// Keys between the least and the greatest, both included, up to which counts are kept in an array of 8 bytes each.
pub(super) const SPAN: usize = 1 << 15;

/// Keys of one block at most; what is looked at once a block costs little per value.
pub(super) const BLOCK: usize = 1 << 10;

/// How often each key was added.
///
/// Shape: an array of at most [`SPAN`] counts, or a table that grows fourfold when more than 3 of 4 slots of 16 bytes
/// are taken. Equal counts are equal, whichever of the two holds them.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    cells: Cells,
    /// Keys with a count.
    occupied: usize,
}

#[derive(Debug, Clone)]
enum Cells {
    /// Counts of the keys from `first` on.
    Window { first: u64, counts: Vec<u64> },
    /// Open addressing with linear probing; the length is a power of two, slots with count 0 are free.
    Table(Vec<(u64, u64)>),
}

/// Slots of a table at first.
const FEWEST_SLOTS: usize = 256;

impl Default for Tally {
    fn default() -> Self {
        Self {
            cells: Cells::Window {
                first: 0,
                counts: Vec::new(),
            },
            occupied: 0,
        }
    }
}

impl Tally {
    /// Number of keys with a count.
    pub(super) fn len(&self) -> usize {
        self.occupied
    }

    /// Adds `count`, at least 1, to one key.
    pub(super) fn add(&mut self, key: u64, count: u64) {
        if let Cells::Window { first, counts } = &mut self.cells
            && let Some(cell) = counts.get_mut(place(key, *first))
        {
            self.occupied += usize::from(*cell == 0);
            *cell += count;
            return;
        }
        self.make_room(key, key, 1);
        match &mut self.cells {
            Cells::Window { first, counts } => {
                counts[place(key, *first)] += count;
                self.occupied += 1;
            }
            Cells::Table(slots) => self.occupied += usize::from(bump(slots, key, count)),
        }
    }

    /// Adds 1 to each of at most [`BLOCK`] keys, all of them from `least` to `greatest`.
    pub(super) fn add_block(&mut self, keys: &[u64], least: u64, greatest: u64) {
        self.make_room(least, greatest, keys.len());
        let mut fresh = 0;
        match &mut self.cells {
            Cells::Window { first, counts } => {
                for key in keys {
                    let cell = &mut counts[place(*key, *first)];
                    fresh += usize::from(*cell == 0);
                    *cell += 1;
                }
            }
            Cells::Table(slots) => {
                for key in keys {
                    fresh += usize::from(bump(slots, *key, 1));
                }
            }
        }
        self.occupied += fresh;
    }

    /// Makes room for keys of a range, at most `more` of them new.
    fn make_room(&mut self, least: u64, greatest: u64, more: usize) {
        match &mut self.cells {
            Cells::Table(slots) => {
                if !fits(self.occupied + more, slots.len()) {
                    let old = std::mem::take(slots);
                    *slots = table(
                        self.occupied + more,
                        old.into_iter().filter(|(_, n)| *n > 0),
                    );
                }
            }
            Cells::Window { first, counts } => {
                let within = |key: u64| place(key, *first) < counts.len();
                if !(within(least) && within(greatest)) {
                    self.widen(least, greatest, more);
                }
            }
        }
    }

    /// Moves the window so that it covers a range too; where it would be too wide, a table takes its place.
    fn widen(&mut self, least: u64, greatest: u64, more: usize) {
        let (low, high) = match self.range() {
            Some((low, high)) => (low.min(least), high.max(greatest)),
            None => (least, greatest),
        };
        let entries = self.counted();
        let Some(span) = span(low, high) else {
            self.cells = Cells::Table(table(self.occupied + more, entries.into_iter()));
            return;
        };
        // Room on the side where it grew, so that growing values do not move the window at every step.
        let spare = (span / 2).min(SPAN - span) as u64;
        let first = if low == least && self.occupied > 0 {
            low.saturating_sub(spare)
        } else {
            low
        };
        let end = high.max(low.saturating_add(spare + (high - low)));
        let length = place(end.min(first.saturating_add(SPAN as u64 - 1)), first) + 1;
        let mut counts = vec![0; length];
        for (key, count) in entries {
            counts[place(key, first)] = count;
        }
        self.cells = Cells::Window { first, counts };
    }

    /// Least and greatest key with a count; absent without any.
    pub(super) fn range(&self) -> Option<(u64, u64)> {
        match &self.cells {
            Cells::Window { first, counts } => {
                let low = counts.iter().position(|n| *n > 0)?;
                let high = counts.iter().rposition(|n| *n > 0)?;
                Some((first + low as u64, first + high as u64))
            }
            Cells::Table(_) => bounds(&self.counted()),
        }
    }

    /// Keys with their counts, in no particular order.
    pub(super) fn counted(&self) -> Vec<(u64, u64)> {
        let mut entries = Vec::with_capacity(self.occupied);
        match &self.cells {
            Cells::Window { first, counts } => {
                entries.extend(keyed(*first, counts));
            }
            Cells::Table(slots) => entries.extend(slots.iter().filter(|(_, n)| *n > 0)),
        }
        entries
    }

    /// Keys with their counts in ascending order.
    pub(super) fn entries(&self) -> Vec<(u64, u64)> {
        let mut entries = self.counted();
        if matches!(self.cells, Cells::Table(_)) {
            entries.sort_unstable_by_key(|(key, _)| *key);
        }
        entries
    }

    /// Counts of keys, shifted right by `shift` bits.
    pub(super) fn of(entries: &[(u64, u64)], shift: u32) -> Self {
        let mut tally = Self::default();
        if let Some((least, greatest)) = bounds(entries) {
            tally.make_room(least >> shift, greatest >> shift, 1);
        }
        for (key, count) in entries {
            tally.add(key >> shift, *count);
        }
        tally
    }

    /// Adds another's counts, its keys shifted right by `shift` bits.
    pub(super) fn merge(&mut self, other: &Self, shift: u32) {
        let Some((low, high)) = other.range() else {
            return;
        };
        self.make_room(
            low >> shift,
            high >> shift,
            other.occupied.saturating_sub(self.occupied),
        );
        match (&mut self.cells, &other.cells) {
            (
                Cells::Window { first, counts },
                Cells::Window {
                    first: theirs,
                    counts: more,
                },
            ) if shift == 0 => {
                let more = &more[place(low, *theirs)..=place(high, *theirs)];
                let mine = &mut counts[place(low, *first)..=place(high, *first)];
                for (cell, count) in mine.iter_mut().zip(more) {
                    *cell += count;
                }
                self.occupied = counts.iter().filter(|n| **n > 0).count();
            }
            (_, Cells::Window { first, counts }) => {
                let counted = keyed(*first, counts);
                counted.for_each(|(key, n)| self.add(key >> shift, n));
            }
            (_, Cells::Table(slots)) => {
                let counted = slots.iter().filter(|(_, n)| *n > 0);
                counted.for_each(|(key, n)| self.add(key >> shift, *n));
            }
        }
    }
}

#[cfg(test)]
impl Tally {
    /// Bytes that the counts take.
    pub(super) fn heap(&self) -> usize {
        match &self.cells {
            Cells::Window { counts, .. } => 8 * counts.capacity(),
            Cells::Table(slots) => 16 * slots.capacity(),
        }
    }
}

/// Keys of a window that were counted; it may end at the last key that there is, which a range from its start would leave.
fn keyed(first: u64, counts: &[u64]) -> impl Iterator<Item = (u64, u64)> {
    let key = move |(place, count): (usize, &u64)| (first.wrapping_add(place as u64), *count);
    counts.iter().enumerate().map(key).filter(|(_, n)| *n > 0)
}

/// Least and greatest key; absent without any.
pub(super) fn bounds(entries: &[(u64, u64)]) -> Option<(u64, u64)> {
    let first = entries.first()?.0;
    let wider = |(low, high): (u64, u64), (key, _): &(u64, u64)| (low.min(*key), high.max(*key));
    Some(entries.iter().fold((first, first), wider))
}

/// Equal keys with equal counts.
impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        self.occupied == other.occupied && self.entries() == other.entries()
    }
}

/// Index of a key in a window.
fn place(key: u64, first: u64) -> usize {
    // A key below the first one wraps to an index beyond the window, which ends at or before the last key.
    usize::try_from(key.wrapping_sub(first)).unwrap_or(usize::MAX)
}

/// Number of keys of a range, where a window may be that wide.
fn span(low: u64, high: u64) -> Option<usize> {
    usize::try_from(high - low)
        .ok()
        .filter(|last| *last < SPAN)
        .map(|last| last + 1)
}

/// Whether a table of so many slots has room for so many keys.
fn fits(keys: usize, slots: usize) -> bool {
    keys * 4 <= slots * 3
}

/// A table with room for some keys, and these counts in it.
fn table(keys: usize, entries: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
    let mut length = FEWEST_SLOTS;
    while !fits(keys, length) {
        length *= 4;
    }
    let mut slots = vec![(0, 0); length];
    for (key, count) in entries {
        bump(&mut slots, key, count);
    }
    slots
}

/// Adds to the count of a key in a table with room; whether the key is new.
fn bump(slots: &mut [(u64, u64)], key: u64, count: u64) -> bool {
    let mask = slots.len() - 1;
    let mut at = scatter(key) & mask;
    loop {
        let slot = &mut slots[at & mask];
        if slot.1 == 0 {
            *slot = (key, count);
            return true;
        }
        if slot.0 == key {
            slot.1 += count;
            return false;
        }
        at += 1;
    }
}

/// Both halves of a product, so that every bit of the key reaches the lowest ones.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the lower half of the product, and as many bits of it as an index has"
)]
fn scatter(key: u64) -> usize {
    let product = u128::from(key ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
    ((product >> 64) as u64 ^ product as u64) as usize
}
