//! Keys of two or three columns: which ones are worth looking for, so that what is found is no chance.

use super::SeenColumn;
use crate::measure::{ColumnProfile, DistinctCount};
use crate::types::LogicalType;

/// Rows of a batch from which on a key of several columns is looked for: fewer say nothing.
const ROWS: u64 = 1_000;

/// Columns that are combined at most, the first ones of the file.
const COLUMNS: usize = 12;

/// Repeats that chance must let expect: without one, chance alone does it less than once in a million (`exp(-14)`).
const EXPECTED: f64 = 14.0;

/// Sets of two columns, then of three, that may be keys of batches of so many rows: positions in `columns`, in their order.
///
/// A column counts that has no null and at least two values, of a type that people identify rows by. Were the columns
/// of a set independent of each other, two rows would be equal in all of them with a chance of the product of each column's own:
/// the sum of the squares of the shares of its values. A set is looked for where that lets expect 14 equal pairs of rows or more
/// in all batches together, and where it has as many different values as the greatest batch has rows. So a set whose
/// columns hardly repeat by themselves is never a key, whatever the rows say.
#[must_use]
pub fn candidates(batches: &[u64], columns: &[SeenColumn]) -> Vec<Vec<usize>> {
    let most = batches.iter().copied().max().unwrap_or(0);
    if most < ROWS {
        return Vec::new();
    }
    let may = |c: &&(usize, &SeenColumn)| may_identify(c.1);
    let able: Vec<(usize, Spread)> = columns
        .iter()
        .enumerate()
        .filter(|c| may(&c))
        .take(COLUMNS)
        .filter_map(|(at, c)| Some((at, Spread::of(&c.profile)?)))
        .collect();
    let pairs: f64 = batches
        .iter()
        .map(|n| *n as f64 * (*n as f64 - 1.0) / 2.0)
        .sum();
    let is_worth = |set: &[&(usize, Spread)]| {
        let equal: f64 = set.iter().map(|(_, s)| s.equal).product();
        let values: f64 = set.iter().map(|(_, s)| s.values).product();
        pairs * equal >= EXPECTED && values >= most as f64
    };
    let (mut two, mut three) = (Vec::new(), Vec::new());
    for (i, a) in able.iter().enumerate() {
        for (j, b) in able.iter().enumerate().skip(i + 1) {
            if is_worth(&[a, b]) {
                two.push(vec![a.0, b.0]);
            }
            for c in able.iter().skip(j + 1) {
                if is_worth(&[a, b, c]) {
                    three.push(vec![a.0, b.0, c.0]);
                }
            }
        }
    }
    two.extend(three);
    two
}

/// Whether a column parts rows that are equal in the other columns of a set: of so many pairs of them chance would leave 14
/// equal in this column too.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "a rounded number of pairs is as good"
)]
pub fn parts(column: &ColumnProfile, equal_pairs: u64) -> bool {
    let spread = Spread::of(column);
    spread.is_some_and(|s| equal_pairs as f64 * s.equal >= EXPECTED)
}

/// Found sets without those that hold a smaller one.
#[must_use]
pub fn least(found: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let holds = |set: &Vec<String>| {
        let smaller = |other: &&Vec<String>| other.len() < set.len();
        let mut others = found.iter().filter(smaller);
        others.any(|other| other.iter().all(|name| set.contains(name)))
    };
    found.iter().filter(|set| !holds(set)).cloned().collect()
}

fn may_identify(column: &SeenColumn) -> bool {
    use LogicalType as T;
    let named = matches!(
        column.field.dtype,
        T::Int(_) | T::UInt(_) | T::String | T::Date | T::Timestamp { .. }
    );
    named && column.profile.counters.nulls == 0
}

/// How the values of a column are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    /// Different values.
    values: f64,
    /// Chance that two rows have the same one, 0 to 1.
    equal: f64,
}

impl Spread {
    /// Where values are too many to be listed, each is taken to be as frequent as the others: the least chance there is.
    fn of(profile: &ColumnProfile) -> Option<Self> {
        let values = match profile.distinct() {
            DistinctCount::Exact(n) => n as f64,
            DistinctCount::About(n) => n,
        };
        if !values.is_finite() || values < 2.0 {
            return None;
        }
        let equal = match profile.values.listed() {
            Some(listed) => {
                let rows = profile.valued() as f64;
                let shares = listed.iter().map(|(_, n)| *n as f64 / rows);
                shares.map(|share| share * share).sum()
            }
            None => 1.0 / values,
        };
        Some(Self { values, equal })
    }
}

#[cfg(test)]
mod tests {
    use super::{candidates, least};
    use crate::contract::infer::{Repeats, SeenColumn};
    use crate::measure::ColumnProfile;
    use crate::types::{Field, LogicalType};

    fn column(name: &str, rows: usize, distinct: usize) -> SeenColumn {
        let mut profile = ColumnProfile::new(name, &LogicalType::String);
        for i in 0..rows {
            profile.add_text(&format!("v{}", i % distinct), 1);
        }
        profile.add_rows(rows as u64, 0);
        SeenColumn {
            field: Field {
                name: name.to_owned(),
                dtype: LogicalType::String,
                nullable: true,
            },
            profile,
            batches: Vec::new(),
            relation: None,
            texts: None,
            repeats: Repeats::Perhaps,
        }
    }

    #[test]
    fn only_sets_that_would_repeat_by_chance_are_looked_for() {
        let of = |rows: usize, distinct: &[usize]| {
            let columns: Vec<SeenColumn> = distinct.iter().map(|d| column("c", rows, *d)).collect();
            candidates(&[rows as u64], &columns)
        };
        // 40 times 50 values for 2,000 rows: about 1,000 pairs of rows would be equal.
        assert_eq!(of(2_000, &[40, 50]), [[0, 1]]);
        assert_eq!(
            of(2_000, &[40, 49]),
            Vec::<Vec<usize>>::new(),
            "too few values"
        );
        assert_eq!(
            of(2_000, &[1_900, 1_000]),
            Vec::<Vec<usize>>::new(),
            "chance does it"
        );
        assert_eq!(
            of(900, &[30, 30]),
            Vec::<Vec<usize>>::new(),
            "a small table"
        );
        assert_eq!(
            of(2_000, &[2_000, 1]),
            Vec::<Vec<usize>>::new(),
            "a constant"
        );
        assert_eq!(of(2_000, &[10, 20, 10]), [[0, 1, 2]]);
    }

    #[test]
    fn a_set_that_holds_a_key_is_none() {
        let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let found = vec![
            set(&["a", "b"]),
            set(&["a", "b", "c"]),
            set(&["b", "c", "d"]),
        ];
        assert_eq!(least(found), [set(&["a", "b"]), set(&["b", "c", "d"])]);
    }
}
