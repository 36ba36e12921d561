//! Rows by equal values, and numbers in order.

#![expect(
    clippy::cast_possible_truncation,
    reason = "rows are below 2^32, held where sides are read"
)]

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Rows from which numbers are sorted digit by digit.
const MANY: usize = 2_048;

/// Bits of a digit.
const DIGIT: usize = 11;

/// Rows in groups.
#[derive(Debug, Clone, Default)]
pub(in crate::drift) struct Groups {
    /// Rows, group by group.
    pub rows: Vec<u32>,
    /// Where each group ends among the rows.
    pub ends: Vec<u32>,
}

impl Groups {
    /// Adds a group.
    pub(super) fn add(&mut self, rows: impl IntoIterator<Item = u32>) {
        self.rows.extend(rows);
        self.ends.push(self.rows.len() as u32);
    }

    /// The rows of equal values that stand beside each other.
    pub(super) fn runs(values: &[u64]) -> Self {
        let mut groups = Self::default();
        let mut start = 0u32;
        for run in values.chunk_by(|a, b| a == b) {
            let end = start + run.len() as u32;
            if run.len() > 1 {
                groups.add(start..end);
            }
            start = end;
        }
        groups
    }

    /// The groups, row by row.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> + '_ {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let from = std::mem::replace(&mut start, *end);
            &self.rows[from as usize..*end as usize]
        })
    }

    /// Size of each group and how many of its rows are drawn.
    pub(super) fn drawn<'a>(
        &'a self,
        is_drawn: &'a [bool],
    ) -> impl Iterator<Item = (u32, u32)> + 'a {
        let of = |row: &u32| u32::from(is_drawn[*row as usize]);
        self.iter()
            .map(move |rows| (rows.len() as u32, rows.iter().map(of).sum()))
    }

    /// Sizes of the groups.
    pub(super) fn sizes(&self) -> impl Iterator<Item = u32> + '_ {
        self.iter().map(|rows| rows.len() as u32)
    }
}

/// Different values of a column, numbered as they come.
#[derive(Debug, Default)]
pub(super) struct Different {
    /// The number of each row's value; [`u32::MAX`] where there is none.
    pub ids: Vec<u32>,
    /// Rows per value.
    pub counts: Vec<u32>,
    /// Rows without a value.
    pub missing: u32,
    values: Vec<u64>,
}

impl Different {
    /// Of values of which 0 is none.
    pub(super) fn of(values: &[u64]) -> Self {
        let mut found = Self {
            ids: Vec::with_capacity(values.len()),
            ..Self::default()
        };
        let mut by_value: HashMap<u64, u32, FixedState> = HashMap::default();
        for value in values {
            if *value == 0 {
                found.missing += 1;
                found.ids.push(u32::MAX);
                continue;
            }
            let id = *by_value.entry(*value).or_insert_with(|| {
                found.values.push(*value);
                found.counts.push(0);
                found.counts.len() as u32 - 1
            });
            found.counts[id as usize] += 1;
            found.ids.push(id);
        }
        found
    }

    /// The place of each value by its rows, most frequent first and lesser values first where they are as frequent;
    /// `most` for all from that place on.
    pub(super) fn places(&self, most: usize) -> Vec<usize> {
        let mut order: Vec<(u32, u64, usize)> = (0..self.counts.len())
            .map(|id| (u32::MAX - self.counts[id], self.values[id], id))
            .collect();
        if order.len() > most {
            order.select_nth_unstable(most);
            order.truncate(most);
        }
        order.sort_unstable();
        let mut places = vec![most; self.counts.len()];
        for (place, (.., id)) in order.iter().enumerate() {
            places[*id] = place;
        }
        places
    }

    /// The rows of those values that are wanted and that more than one row has.
    pub(super) fn groups(&self, wanted: impl Fn(usize) -> bool) -> Groups {
        let mut groups = Groups::default();
        let mut next = vec![u32::MAX; self.counts.len()];
        let mut end = 0;
        for (id, count) in self
            .counts
            .iter()
            .enumerate()
            .filter(|(id, c)| **c > 1 && wanted(*id))
        {
            next[id] = end;
            end += count;
            groups.ends.push(end);
        }
        groups.rows = vec![0; end as usize];
        for (row, id) in (0u32..).zip(&self.ids) {
            if let Some(at) = next.get_mut(*id as usize).filter(|at| **at != u32::MAX) {
                groups.rows[*at as usize] = row;
                *at += 1;
            }
        }
        groups
    }
}

/// Numbers in ascending order, each as a whole number of the same order, with its row; equal ones by row.
///
/// NaN is left out; both zeros are one number.
pub(super) fn ascending(values: &[f64]) -> Vec<(u64, u32)> {
    let key = |v: f64| {
        let bits = (v + 0.0).to_bits();
        bits ^ if bits >> 63 == 1 { u64::MAX } else { 1 << 63 }
    };
    let known = values.iter().zip(0u32..).filter(|(v, _)| !v.is_nan());
    let mut order: Vec<(u64, u32)> = known.map(|(v, row)| (key(*v), row)).collect();
    if order.len() < MANY {
        order.sort_unstable();
    } else {
        by_digits(&mut order);
    }
    order
}

/// Sorts by the keys, from the last digit to the first; a digit that all share is left out.
fn by_digits(order: &mut Vec<(u64, u32)>) {
    let digit = |key: u64, d: usize| (key >> (d * DIGIT)) as usize & ((1 << DIGIT) - 1);
    let digits = 64usize.div_ceil(DIGIT);
    let mut counts = vec![[0u32; 1 << DIGIT]; digits];
    for (key, _) in order.iter() {
        for (d, counts) in counts.iter_mut().enumerate() {
            counts[digit(*key, d)] += 1;
        }
    }
    let mut other = vec![(0u64, 0u32); order.len()];
    for (d, counts) in counts.iter_mut().enumerate() {
        if counts.iter().any(|n| *n as usize == order.len()) {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        for item in order.iter() {
            let at = &mut counts[digit(item.0, d)];
            other[*at as usize] = *item;
            *at += 1;
        }
        std::mem::swap(order, &mut other);
    }
}

#[cfg(test)]
mod tests {
    use super::{Different, Groups, ascending};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn digits_sort_like_comparisons(
            values in proptest::collection::vec(
                prop_oneof![any::<f64>(), (-50i32..50).prop_map(f64::from), Just(-0.0), Just(f64::NAN)],
                0..5_000,
            ),
        ) {
            let mut expected: Vec<(f64, u32)> =
                values.iter().map(|v| *v + 0.0).zip(0..).filter(|(v, _)| !v.is_nan()).collect();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let found = ascending(&values);
            let rows: Vec<u32> = found.iter().map(|(_, row)| *row).collect();
            let expected_rows: Vec<u32> = expected.iter().map(|(_, row)| *row).collect();
            prop_assert_eq!(rows, expected_rows);
            for (a, b) in found.windows(2).zip(expected.windows(2)) {
                prop_assert_eq!(a[0].0 == a[1].0, b[0].0.to_bits() == b[1].0.to_bits());
            }
        }
    }

    #[test]
    fn values_are_numbered_counted_and_grouped() {
        let different = Different::of(&[7, 0, 5, 7, 9, 5, 7, 0, 8]);
        assert_eq!(different.missing, 2);
        assert_eq!(different.counts, [3, 2, 1, 1]);
        // 7, 5, then 8 before 9; from the third place on all are one.
        assert_eq!(different.places(2), [0, 1, 2, 2]);
        assert_eq!(different.places(4), [0, 1, 3, 2]);
        let groups = different.groups(|id| id != 0);
        assert_eq!(groups.iter().collect::<Vec<_>>(), [&[2, 5][..]]);
        let both = different.groups(|_| true);
        assert_eq!(both.iter().collect::<Vec<_>>(), [&[0, 3, 6][..], &[2, 5]]);
        let drawn = [true, false, false, true, false, true, false, false, false];
        assert_eq!(both.drawn(&drawn).collect::<Vec<_>>(), [(3, 2), (2, 1)]);
    }

    #[test]
    fn equal_neighbours_are_runs() {
        let groups = Groups::runs(&[1, 2, 2, 3, 3, 3, 4]);
        assert_eq!(groups.iter().collect::<Vec<_>>(), [&[1, 2][..], &[3, 4, 5]]);
        assert_eq!(groups.sizes().collect::<Vec<_>>(), [2, 3]);
    }
}
