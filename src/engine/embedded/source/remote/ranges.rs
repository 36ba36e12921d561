//! Ranges of bytes: which are there, and in which pieces the missing ones are fetched.

use std::ops::Range;

/// Bytes between two wanted ranges that are fetched along with them rather than asked for apart.
const GAP: u64 = 256 << 10;

/// Bytes of one piece at most.
const PIECE: u64 = 8 << 20;

/// Bytes of a file that are there: ranges that neither overlap nor touch, in order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// Adds a range; what overlaps or touches it is joined with it. An empty range adds nothing.
    pub(super) fn add(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let from = self.0.partition_point(|r| r.end < range.start);
        let to = self.0.partition_point(|r| r.start <= range.end);
        let touched = &self.0[from..to];
        let start = touched
            .first()
            .map_or(range.start, |r| r.start.min(range.start));
        let end = touched.last().map_or(range.end, |r| r.end.max(range.end));
        self.0.splice(from..to, std::iter::once(start..end));
    }

    /// Bytes in all.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|r| r.end - r.start).sum()
    }

    /// The parts of `range` that are not there, in order.
    fn without(&self, range: &Range<u64>) -> Vec<Range<u64>> {
        let mut missing = Vec::new();
        let mut start = range.start;
        let from = self.0.partition_point(|r| r.end <= range.start);
        for there in self.0[from..].iter().take_while(|r| r.start < range.end) {
            if start < there.start {
                missing.push(start..there.start);
            }
            start = there.end;
        }
        if start < range.end {
            missing.push(start..range.end);
        }
        missing
    }

    /// The pieces to fetch so that all of `wanted` is there: no byte that is there already, small gaps along with their
    /// neighbours, large pieces cut. In order, without overlap.
    pub(super) fn missing(&self, wanted: &[Range<u64>]) -> Vec<Range<u64>> {
        let mut all = Self::default();
        for range in wanted {
            for part in self.without(range) {
                all.add(part);
            }
        }
        let mut joined: Vec<Range<u64>> = Vec::new();
        for next in all.0 {
            match joined.last_mut() {
                Some(last)
                    if next.start - last.end < GAP && self.lacks(&(last.end..next.start)) =>
                {
                    last.end = next.end;
                }
                _ => joined.push(next),
            }
        }
        let cut = |r: Range<u64>| {
            let starts = (r.start..r.end).step_by(usize::try_from(PIECE).expect("8 MiB"));
            starts.map(move |start| start..r.end.min(start + PIECE))
        };
        joined.into_iter().flat_map(cut).collect()
    }

    /// Whether no byte of `range` is there.
    fn lacks(&self, range: &Range<u64>) -> bool {
        self.without(range) == [range.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranges() -> impl Strategy<Value = Vec<Range<u64>>> {
        let range =
            (0_u64..40, 0_u64..8).prop_map(|(s, n)| s * (GAP / 3)..s * (GAP / 3) + n * (GAP / 2));
        proptest::collection::vec(range, 0..8)
    }

    proptest! {
        #[test]
        fn pieces_hold_what_is_wanted_and_nothing_that_is_there(there in ranges(), wanted in ranges()) {
            let mut known = Ranges::default();
            for range in &there {
                known.add(range.clone());
            }
            let pieces = known.missing(&wanted);
            prop_assert!(pieces.windows(2).all(|w| w[0].end <= w[1].start), "{pieces:?}");
            prop_assert!(pieces.iter().all(|p| !p.is_empty() && p.end - p.start <= PIECE && known.lacks(p)));
            let before = known.bytes();
            for piece in &pieces {
                known.add(piece.clone());
            }
            let fetched: u64 = pieces.iter().map(|p| p.end - p.start).sum();
            prop_assert_eq!(known.bytes(), before + fetched);
            prop_assert!(known.missing(&wanted).is_empty());
            prop_assert!(known.0.windows(2).all(|w| w[0].end < w[1].start), "{known:?}");
        }
    }

    #[test]
    fn gaps_are_joined_only_when_small_and_pieces_are_cut() {
        let mut there = Ranges::default();
        let joined = there.missing(&[0..10, 10 + GAP - 1..GAP + 20]);
        assert_eq!((joined.len(), joined[0].clone()), (1, 0..GAP + 20));
        assert_eq!(
            there.missing(&[0..10, 10 + GAP..GAP + 20]),
            [0..10, 10 + GAP..GAP + 20]
        );
        assert_eq!(
            there.missing(&[5..PIECE + 6, 7..8]),
            [5..PIECE + 5, PIECE + 5..PIECE + 6]
        );
        there.add(12..14);
        assert_eq!(there.missing(&[0..10, 20..30]), [0..10, 20..30]);
        assert_eq!(there.missing(&[13..13, 12..14]), []);
    }
}
