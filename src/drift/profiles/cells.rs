//! The counts of one column on both sides, and draws of one side from both.

use crate::drift::sample::codes::{self, Bin, Coded, MISSING};
use crate::drift::sample::effect::Sorted;
use crate::drift::sample::ends::{Runs, Sides};
use crate::drift::sample::facts::Facts;
use crate::drift::sample::groups::Groups;
use crate::drift::sample::hash::LENGTH_BITS;
use crate::drift::sample::score::{Counts, Drawn, Scorer};
use crate::drift::sample::{Label, Origin, Random, Shape};
use crate::statistics::draws::Hypergeometric;
use crate::statistics::intervals::Share;
use crate::statistics::tails;
use std::collections::BTreeMap;

/// Rows of a side that are scored at most; of more, so many are drawn at random from the counts.
pub(super) const MOST_ROWS: u64 = 1 << 30;

/// Values of a side from which the size of a change of numbers is told; of more, so many at even ranks.
///
/// Unit: values. What is known of the greatest distance of two distributions is then known to 0.4 points, as where
/// rows are compared.
const SORTED: u64 = 200_000;

/// Rows with one value, or with a value in one range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The value.
    pub label: Label,
    /// Its rows in the reference and in the current data.
    pub rows: [u64; 2],
}

/// One column of both sides as it was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The column, and whether these are its values or the lengths of its texts.
    pub origin: Origin,
    /// How it is looked at.
    pub shape: Shape,
    /// Rows without a value: null or NaN.
    pub missing: [u64; 2],
    /// The other rows: numbers ascending, texts in any order.
    pub cells: Vec<Cell>,
    /// The least and the greatest number of the reference and of the current data; NaN without one.
    pub reach: [[f64; 2]; 2],
}

impl Counted {
    /// The lengths of texts where there are more than are compared one by one.
    ///
    /// Unit: characters, 255 for longer texts. `None` for few texts, and where texts are not listed.
    #[must_use]
    pub fn lengths(&self) -> Option<Self> {
        if self.shape != Shape::Texts || self.cells.len() <= codes::TEXTS {
            return None;
        }
        let mut rows = [[0u64; 2]; 256];
        for cell in &self.cells {
            let Label::Text(code) = cell.label else {
                return None;
            };
            let length = usize::try_from(code & LENGTH_BITS).unwrap_or(255);
            rows[length][0] += cell.rows[0];
            rows[length][1] += cell.rows[1];
        }
        let lengths = rows
            .into_iter()
            .zip(0u16..)
            .filter(|(r, _)| r[0] + r[1] > 0);
        let cells: Vec<Cell> = lengths
            .map(|(rows, length)| Cell {
                label: Label::Number(f64::from(length)),
                rows,
            })
            .collect();
        let reach = [0, 1].map(|side| reach(&cells, side));
        Some(Self {
            origin: Origin::Lengths(self.origin.column()),
            shape: Shape::Numbers,
            missing: self.missing,
            cells,
            reach,
        })
    }

    /// Rows of the reference and of the current data.
    #[must_use]
    pub fn rows(&self) -> [u64; 2] {
        [0, 1].map(|side| self.missing[side] + self.valued(side))
    }

    /// Rows of a side with a value.
    #[must_use]
    pub fn valued(&self, side: usize) -> u64 {
        self.cells.iter().map(|c| c.rows[side]).sum()
    }

    /// Greatest share of the values of a side that lies in one range, where it is not known how: the most by which
    /// two distributions can be further apart than their counts show.
    #[must_use]
    pub fn hidden(&self) -> f64 {
        let wide = |c: &&Cell| matches!(c.label, Label::Between(..));
        let most = |side: usize| {
            let rows = self.cells.iter().filter(wide).map(|c| c.rows[side]);
            rows.max().unwrap_or(0) as f64 / self.valued(side).max(1) as f64
        };
        most(0).max(most(1))
    }

    /// Rows without a value, of the reference and now.
    #[must_use]
    pub fn without_value(&self) -> (Share, Share) {
        let rows = self.rows();
        let share = |side: usize| Share {
            hits: self.missing[side],
            rows: rows[side],
        };
        (share(0), share(1))
    }

    /// At most [`MOST_ROWS`] rows of each side: of more, a draw without replacement.
    fn thinned(&self, law: &Hypergeometric, seed: u64) -> Self {
        let mut thinned = self.clone();
        for side in [0, 1] {
            let mut left = self.rows()[side];
            if left <= MOST_ROWS {
                continue;
            }
            let mut wanted = MOST_ROWS;
            let mut random = Random::new(seed ^ (side as u64 + 1));
            let mut part = |count: &mut u64| {
                let kept = law.draw((*count, wanted, left), &mut || random.unit());
                left -= *count;
                wanted -= kept;
                *count = kept;
            };
            part(&mut thinned.missing[side]);
            for cell in &mut thinned.cells {
                part(&mut cell.rows[side]);
            }
        }
        thinned
    }

    /// Numbers of both sides, ascending; of many, [`SORTED`] at even ranks.
    #[must_use]
    pub fn sorted(&self) -> Sorted {
        if self.shape != Shape::Numbers {
            return Sorted::default();
        }
        let side = |side: usize| {
            let all = self.valued(side);
            let kept = all.min(SORTED);
            let mut values = Vec::with_capacity(usize::try_from(kept).unwrap_or(0));
            let mut below = 0u64;
            for cell in &self.cells {
                below += cell.rows[side];
                let value = cell.label.number().unwrap_or(f64::NAN);
                // So many of the ranks `(i + 1/2) all / kept` lie below.
                let twice = u128::from(below) * u128::from(kept) * 2;
                let upto = twice
                    .saturating_sub(u128::from(all))
                    .div_ceil(u128::from(all.max(1)) * 2);
                values.resize(usize::try_from(upto).unwrap_or(usize::MAX), value);
            }
            values
        };
        Sorted {
            before: side(0),
            now: side(1),
        }
    }
}

/// The least and the greatest number of a side.
pub(super) fn reach(cells: &[Cell], side: usize) -> [f64; 2] {
    let mut held = cells.iter().filter(|c| c.rows[side] > 0);
    let end = |cell: Option<&Cell>| cell.and_then(|c| c.label.number()).unwrap_or(f64::NAN);
    let first = held.next();
    [end(first), end(held.next_back().or(first))]
}

/// Rows that are drawn together: those of a code, or of one value at an end.
#[derive(Debug)]
struct Slot {
    total: u32,
    code: u8,
}

/// One column that can be scored.
#[derive(Debug)]
pub(super) struct Column {
    pub counted: Counted,
    pub scorer: Scorer,
    pub drawn: Drawn,
    /// The side that is drawn: the one with fewer rows.
    side: usize,
    /// Code of each cell.
    codes: Vec<u8>,
    slots: Vec<Slot>,
    /// Rows of the drawn side in each slot.
    observed: Vec<u32>,
    /// Slots of the greatest and of the least numbers, from the end inwards.
    ends: [Vec<usize>; 2],
}

impl Column {
    /// Codes the counts of both sides, without looking at which side a row is on.
    pub(super) fn new(counted: Counted, law: &Hypergeometric, seed: u64) -> Self {
        let thinned = counted.thinned(law, seed);
        let [before, now] = thinned.rows();
        let side = usize::from(now < before);
        let (bins, codes) = coded(&thinned);
        let drawn = Drawn {
            rows: small(thinned.rows()[side]),
            total: small(before + now),
        };
        let mut column = Self {
            scorer: Scorer::new(bins, drawn),
            counted,
            drawn,
            side,
            codes,
            slots: Vec::new(),
            observed: Vec::new(),
            ends: [Vec::new(), Vec::new()],
        };
        column.fill(&thinned);
        column
    }

    /// Puts every cell into a slot.
    fn fill(&mut self, counted: &Counted) {
        let alone = if self.scorer.coded.ordered {
            ends(&counted.cells)
        } else {
            [Vec::new(), Vec::new()]
        };
        let mut by_code = vec![usize::MAX; 256];
        let mut places = vec![usize::MAX; counted.cells.len()];
        let missing = (MISSING, counted.missing, None);
        let cells = self.codes.iter().zip(&counted.cells).enumerate();
        let cells = cells.map(|(i, (code, cell))| (*code, cell.rows, Some(i)));
        let all: Vec<_> = std::iter::once(missing).chain(cells).collect();
        for (code, rows, cell) in all {
            let lonely = cell.is_some_and(|i| alone.iter().any(|end| end.contains(&i)));
            let mut place = by_code[usize::from(code)];
            if lonely || place == usize::MAX {
                place = self.slots.len();
                self.slots.push(Slot { total: 0, code });
                self.observed.push(0);
                if !lonely {
                    by_code[usize::from(code)] = place;
                }
            }
            self.slots[place].total += small(rows[0] + rows[1]);
            self.observed[place] += small(rows[self.side]);
            if let Some(i) = cell {
                places[i] = place;
            }
        }
        self.ends = alone.map(|end| end.iter().map(|i| places[*i]).collect());
    }

    /// Surprises of the counts that there are, in the order of [`Scorer::kinds`].
    pub(super) fn surprises(&self) -> Vec<f64> {
        let mut list = Vec::new();
        self.score(&self.observed, &mut list);
        list
    }

    /// Draws the rows of one side from those of both, as where nothing changed.
    pub(super) fn draw(&self, law: &Hypergeometric, random: &mut Random, into: &mut Vec<u32>) {
        into.clear();
        let (mut wanted, mut left) = (u64::from(self.drawn.rows), u64::from(self.drawn.total));
        for slot in &self.slots {
            let total = u64::from(slot.total);
            let seen = law.draw((total, wanted, left), &mut || random.unit());
            into.push(small(seen));
            (wanted, left) = (wanted - seen, left - total);
        }
    }

    /// Surprises of rows of the drawn side by slot.
    pub(super) fn score(&self, rows: &[u32], out: &mut Vec<f64>) {
        out.clear();
        let seen = self.seen(rows);
        let sides = Sides::Counted(self.runs(rows));
        self.scorer.score(&seen, self.drawn, sides, out);
        for (surprise, kind) in out.iter_mut().zip(self.scorer.kinds()) {
            *surprise = tails::smallest_of(*surprise, kind.counts_for(1));
        }
    }

    fn seen(&self, rows: &[u32]) -> Counts {
        let mut seen = [0; 256];
        for (slot, n) in self.slots.iter().zip(rows) {
            seen[usize::from(slot.code)] += n;
        }
        seen
    }

    fn runs(&self, rows: &[u32]) -> Runs {
        self.ends.each_ref().map(|end| {
            let part = |slot: &usize| (rows[*slot], self.slots[*slot].total);
            let Some((first, total)) = end.first().map(part) else {
                return (0, true);
            };
            let drawn = first == total;
            let wanted = |(n, total): &(u32, u32)| *n == if drawn { *total } else { 0 };
            let pure = end.iter().map(part).take_while(wanted);
            (pure.map(|(_, total)| total).sum(), drawn)
        })
    }

    /// What its changes are told from.
    pub(super) fn facts<'a>(&'a self, spelled: &'a BTreeMap<u64, u64>) -> Facts<'a> {
        let counted = &self.counted;
        let mut hits = vec![[0u64; 2]; self.scorer.coded.bins.len()];
        let mut labels = vec![Label::Unlisted; hits.len()];
        let mut most = vec![0; hits.len()];
        for (code, cell) in self.codes.iter().zip(&counted.cells) {
            let code = usize::from(*code);
            let total = cell.rows[0] + cell.rows[1];
            hits[code][0] += cell.rows[0];
            hits[code][1] += cell.rows[1];
            if total > most[code] {
                (most[code], labels[code]) = (total, cell.label);
            }
        }
        let rows = [counted.valued(0), counted.valued(1)];
        let share = |h: &[u64; 2], side: usize| Share {
            hits: h[side],
            rows: rows[side],
        };
        let is_drawn_first = self.side == 0;
        let listed = |c: &&Cell| matches!(c.label, Label::Text(_));
        Facts {
            origin: counted.origin,
            scorer: &self.scorer,
            missing: counted.without_value(),
            shares: hits.iter().map(|h| (share(h, 0), share(h, 1))).collect(),
            labels,
            most_moved: self
                .scorer
                .most_moved(&self.seen(&self.observed), self.drawn),
            runs: self
                .runs(&self.observed)
                .map(|(rows, drawn)| (rows, drawn == is_drawn_first)),
            sorted: counted.sorted(),
            numbers: counted
                .cells
                .iter()
                .filter_map(|c| Some((c.label.number()?, c.rows)))
                .collect(),
            hidden: counted.hidden(),
            spelled,
            reach: counted.reach,
            texts: counted
                .cells
                .iter()
                .filter(listed)
                .map(|c| (c.label, c.rows))
                .collect(),
        }
    }
}

/// Cells of the greatest and of the least numbers from the ends inwards, as many as have few enough rows together.
fn ends(cells: &[Cell]) -> [Vec<usize>; 2] {
    let take = |order: &mut dyn Iterator<Item = usize>| {
        let (mut kept, mut list) = (0, Vec::new());
        for i in order {
            kept += cells[i].rows[0] + cells[i].rows[1];
            if kept > codes::END as u64 {
                break;
            }
            list.push(i);
        }
        list
    };
    [
        take(&mut (0..cells.len()).rev()),
        take(&mut (0..cells.len())),
    ]
}

/// The codes of both sides' counts, and the code of each cell.
fn coded(counted: &Counted) -> (Coded, Vec<u8>) {
    let cells = &counted.cells;
    let total = |c: &Cell| c.rows[0] + c.rows[1];
    let missing = small(counted.missing[0] + counted.missing[1]);
    let mut by_cell = vec![0; cells.len()];
    let coded = |ordered, bins: Vec<Bin>, totals| Coded {
        ordered,
        codes: Vec::new(),
        bins,
        totals,
        missing,
        ends: [Vec::new(), Vec::new()],
        tied: Groups::default(),
        derived: false,
    };
    if counted.shape == Shape::Numbers {
        let mut below = 0;
        let group = |c: &Cell| {
            let from = below;
            below += usize::try_from(total(c)).unwrap_or(usize::MAX);
            (from, below)
        };
        let groups: Vec<(usize, usize)> = cells.iter().map(group).collect();
        let bins = codes::bins(&groups, below);
        let mut cell = 0;
        for ((_, to, _), code) in bins.iter().zip(0u8..) {
            while cell < groups.len() && groups[cell].1 <= *to {
                by_cell[cell] = code;
                cell += 1;
            }
        }
        let totals = bins.iter().map(|(from, to, _)| small((to - from) as u64));
        let totals = totals.collect();
        return (
            coded(true, bins.iter().map(|(.., bin)| *bin).collect(), totals),
            by_cell,
        );
    }
    let mut order: Vec<usize> = (0..cells.len()).collect();
    let key = |i: &usize| match cells[*i].label {
        Label::Text(code) => code,
        _ => u64::MAX,
    };
    order.sort_by(|a, b| {
        total(&cells[*b])
            .cmp(&total(&cells[*a]))
            .then(key(a).cmp(&key(b)))
    });
    let kinds = order.len().min(codes::TEXTS + 1);
    let (mut totals, mut bins) = (vec![0; kinds], vec![Bin::Single; kinds]);
    for (place, i) in order.iter().enumerate() {
        let code = place.min(codes::TEXTS);
        totals[code] += small(total(&cells[*i]));
        if code == codes::TEXTS || cells[*i].label == Label::Unlisted {
            bins[code] = Bin::Several;
        }
        by_cell[*i] = u8::try_from(code).unwrap_or(MISSING);
    }
    (coded(false, bins, totals), by_cell)
}

/// A number of rows of both sides that is below 2^32, as [`MOST_ROWS`] makes sure.
fn small(rows: u64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
