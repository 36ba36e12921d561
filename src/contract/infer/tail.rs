//! How far an end of a column may lie beyond the values that were seen.
//!
//! An end where many rows lie is a wall: at least ten rows, and one in a thousand. It stays where it is. Any other end is the
//! record so far, and is moved to where the record of [`FURTHER`] times as many rows is expected: with `q` the value that `k`
//! rows are beyond, `k` the square root of the number of rows, a record lies `s ln k` beyond `q`, so that one among
//! [`FURTHER`] times as many rows lies `s ln FURTHER` beyond the record, with `s = (record - q) / (ln k + 0.577)`. Where
//! the tail is longer than that of an exponential distribution (the way from `q` to the record is more than one and a half times
//! what the way from the median to `q` lets expect) the same is done with logarithms. No end crosses zero.
//!
//! Source: the expected maximum of `k` exponential excesses is `s (ln k + gamma)`, Gumbel 1958; logarithms make the tail of a
//! Pareto distribution exponential.

use crate::measure::ColumnProfile;

/// Rows that a widened end is made for, as many times those that were seen.
const FURTHER: f64 = 30.0;
/// Euler's constant.
const GAMMA: f64 = 0.577_215_664_901_532_9;
/// Rows at an end that make it a wall, at least.
const WALL: u64 = 10;
/// Share of rows at an end that makes it a wall, as one in so many.
const ONE_IN: u64 = 1_000;

/// Both ends of a column of numbers: where they are expected at the farthest, and which of them are walls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ends {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) walls: (bool, bool),
}

/// The ends of a column; absent without two different finite values.
pub(super) fn ends(profile: &ColumnProfile) -> Option<Ends> {
    let number = |name: &str| profile.measure(name).and_then(|v| v.number());
    let (least, greatest) = (number("min")?, number("max")?);
    if !(least.is_finite() && greatest.is_finite() && least < greatest) {
        return None;
    }
    let rows = profile.valued();
    let quantile = |q: f64| profile.quantile(q).map(crate::measure::Quantile::middle);
    #[expect(clippy::cast_precision_loss, reason = "rows stay far below 2^53")]
    let n = rows as f64;
    let k = n.sqrt().ceil().max(2.0);
    let median = quantile(0.5)?;
    let walls = walls(profile, (least, greatest), rows);
    let high = if walls.1 {
        greatest
    } else {
        beyond(greatest, quantile(1.0 - k / n)?, median, (k, n))
    };
    let low = if walls.0 {
        least
    } else {
        -beyond(-least, -quantile(k / n)?, -median, (k, n))
    };
    Some(Ends {
        low: if least >= 0.0 { low.max(0.0) } else { low },
        high: if greatest <= 0.0 { high.min(0.0) } else { high },
        walls,
    })
}

/// Whether many rows lie at the least and at the greatest value; unknown counts are few.
fn walls(profile: &ColumnProfile, (least, greatest): (f64, f64), rows: u64) -> (bool, bool) {
    let bins = profile.distribution();
    let many = |count: u64| count >= WALL && count.saturating_mul(ONE_IN) >= rows;
    let at = |value: f64| {
        let mut bins = bins.iter();
        bins.any(|b| b.low >= value && b.high <= value && many(b.count))
    };
    (at(least), at(greatest))
}

/// Where the record of [`FURTHER`] times as many rows is expected, above one so far.
fn beyond(record: f64, q: f64, median: f64, (k, n): (f64, f64)) -> f64 {
    let steps = k.ln() + GAMMA;
    let excess = (record - q).max(0.0);
    let plain = record + excess / steps * FURTHER.ln();
    let expected = steps / ((n / k).ln() - std::f64::consts::LN_2).max(0.1);
    let long = excess > 1.5 * expected * (q - median).max(0.0);
    if long && q > 0.0 {
        plain.max(record * (record / q).powf(FURTHER.ln() / steps))
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::values::Key;
    use crate::types::LogicalType;

    fn column(values: impl Iterator<Item = f64>) -> ColumnProfile {
        let mut profile = ColumnProfile::new("x", &LogicalType::Float(64));
        for value in values {
            profile.add_rows(1, 0);
            profile.values.add(&Key::Float(value), 1);
            let least = matches!(&profile.least, Some(Key::Float(v)) if *v <= value);
            let greatest = matches!(&profile.greatest, Some(Key::Float(v)) if *v >= value);
            if !least {
                profile.least = Some(Key::Float(value));
            }
            if !greatest {
                profile.greatest = Some(Key::Float(value));
            }
        }
        profile
    }

    #[test]
    fn an_end_with_many_rows_stays_and_the_others_move_outward() {
        let hours = column((0..2_400).map(|i| f64::from(i % 24)));
        let ends = ends(&hours).unwrap();
        assert_eq!((ends.low, ends.high, ends.walls), (0.0, 23.0, (true, true)));
        // Quantiles of an exponential distribution: thirty times as many rows reach about ln 30 further.
        let n = 10_000;
        let delays = column((0..n).map(|i| -(1.0 - (f64::from(i) + 0.5) / f64::from(n)).ln()));
        let ends = super::ends(&delays).unwrap();
        let moved = ends.high - (2.0 * f64::from(n)).ln();
        assert!((2.5..5.0).contains(&moved), "{moved}");
        assert!(ends.low >= 0.0, "an end crosses zero");
    }

    #[test]
    fn a_long_tail_moves_by_a_factor() {
        let n = 10_000;
        let prices = column((0..n).map(|i| (1.0 - (f64::from(i) + 0.5) / f64::from(n)).powf(-0.5)));
        let ends = ends(&prices).unwrap();
        let factor = ends.high / (2.0 * f64::from(n)).sqrt();
        assert!((3.0..15.0).contains(&factor), "{factor}");
    }
}
