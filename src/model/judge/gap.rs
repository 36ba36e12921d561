//! How far the slices of a column are apart: over all pairs of them.

use crate::statistics::intervals::Interval;

/// A slice's value with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounded {
    pub(super) value: f64,
    pub(super) interval: Interval,
}

/// What is proved of the greatest gap between two slices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Gap {
    /// These two, by place, are further apart than the limit: by so much at least.
    Above { least: usize, most: usize, gap: f64 },
    /// No two are.
    Within,
    /// Neither.
    Open,
}

/// Whether any two of these slices are further apart than a limit; `slices` are in the order of their values.
///
/// Slices share no row, so the errors of two add up by squares. It is above where one pair is proved to be, each end `wider`
/// times as far off, as one of so many pairs is; it is within where every pair is, each by its own ends: by chance that is as
/// rare as for the one pair that is furthest apart in truth, and nothing is divided. The two slices with the least and the
/// greatest value alone prove neither: one between them may be anywhere, where it has few rows.
/// Edge: one slice is within. Time: the square of the slices at worst; pairs whose answer is plain are not looked at.
/// Source: the ends of a difference as Zou and Donner, *Construction of confidence limits about effect measures* (2008); all pairs
/// within as the intersection-union test of Berger, *Multiparameter hypothesis testing and acceptance sampling* (1982); both
/// from memory.
pub(super) fn gap(slices: &[Bounded], at_most: f64, wider: f64) -> Gap {
    if let Some((least, most, gap)) = above(slices, at_most, wider) {
        return Gap::Above { least, most, gap };
    }
    if may_be_above(slices, at_most) {
        Gap::Open
    } else {
        Gap::Within
    }
}

/// The first pair that is proved to be above, from the furthest values on.
fn above(slices: &[Bounded], at_most: f64, wider: f64) -> Option<(usize, usize, f64)> {
    for (most, high) in slices.iter().enumerate().rev() {
        let down = high.value - high.interval.low;
        let mut looked_at = 0;
        for (least, low) in slices.iter().enumerate() {
            if high.value - low.value <= at_most {
                break;
            }
            let up = low.interval.high - low.value;
            let gap = high.value - low.value - wider * down.hypot(up);
            if gap > at_most {
                return Some((least, most, gap));
            }
            looked_at += 1;
        }
        // Those below are nearer to the least one still.
        if looked_at == 0 {
            break;
        }
    }
    None
}

impl Bounded {
    /// How far the ends are off, below and above: never less than 0, so that bounds that lie beside the value make it no surer.
    fn ends(&self) -> (f64, f64) {
        let down = (self.value - self.interval.low).abs();
        (down, (self.interval.high - self.value).abs())
    }

    fn bottom(&self) -> f64 {
        self.value - self.ends().0
    }

    fn top(&self) -> f64 {
        self.value + self.ends().1
    }
}

/// Whether some pair may be above; the measured gaps are among what may be.
fn may_be_above(slices: &[Bounded], at_most: f64) -> bool {
    let mut tops: Vec<(usize, &Bounded)> = slices.iter().enumerate().collect();
    let mut bottoms = tops.clone();
    tops.sort_by(|a, b| b.1.top().total_cmp(&a.1.top()));
    bottoms.sort_by(|a, b| a.1.bottom().total_cmp(&b.1.bottom()));
    tops.iter().any(|(most, high)| {
        let (_, up) = high.ends();
        // The root of two squares is no more than their sum.
        let near = bottoms
            .iter()
            .take_while(|(_, low)| high.top() - low.bottom() > at_most);
        let mut others = near.filter(|(least, _)| least != most);
        others.any(|(_, low)| {
            let (down, _) = low.ends();
            high.value - low.value + up.hypot(down) > at_most
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(value: f64, half: f64) -> Bounded {
        let interval = Interval {
            low: value - half,
            high: value + half,
        };
        Bounded { value, interval }
    }

    #[test]
    fn a_slice_of_few_rows_between_two_large_ones_may_be_anywhere() {
        let (large, small) = (0.009, 0.09);
        let apart = [slice(0.80, large), slice(0.81, small), slice(0.82, large)];
        assert_eq!(gap(&apart, 0.06, 1.5), Gap::Open);
        let sure = [slice(0.80, large), slice(0.81, large), slice(0.82, large)];
        assert_eq!(gap(&sure, 0.06, 1.5), Gap::Within);
        assert_eq!(gap(&sure[..1], 0.06, 1.5), Gap::Within);
        // One slice is not apart from itself.
        assert_eq!(gap(&apart[1..2], 0.06, 1.5), Gap::Within);
    }

    #[test]
    fn two_large_slices_are_apart_whatever_small_ones_lie_outside() {
        let slices = [
            slice(0.66, 0.11),
            slice(0.70, 0.005),
            slice(0.80, 0.005),
            slice(0.84, 0.11),
        ];
        let Gap::Above { least, most, gap } = gap(&slices, 0.06, 1.6) else {
            panic!("not proved");
        };
        assert_eq!((least, most), (1, 2));
        assert!((gap - (0.1 - 1.6 * 0.005_f64.hypot(0.005))).abs() < 1e-12);
    }

    /// Bounds of a drawn median can lie beside it.
    #[test]
    fn what_is_measured_to_be_above_is_never_within() {
        let beside = |value: f64, low: f64, high: f64| Bounded {
            value,
            interval: Interval { low, high },
        };
        let slices = [beside(4.90, 4.90, 4.90), beside(5.01, 4.91, 4.93)];
        assert_eq!(gap(&slices, 0.06, 1.5), Gap::Open);
        let slices = [beside(4.90, 4.98, 5.00), beside(5.01, 5.01, 5.01)];
        assert_eq!(gap(&slices, 0.06, 1.5), Gap::Open);
    }

    #[test]
    fn all_pairs_say_what_a_plain_loop_says() {
        let noise = |at: usize| ((at * 7_919 + 13) % 1_000) as f64 / 1_000.0;
        for round in 0..300 {
            let mut slices: Vec<Bounded> = (0..2 + round % 7)
                .map(|at| {
                    let mut one = slice(
                        0.7 + 0.1 * noise(round * 31 + at),
                        0.06 * noise(round * 17 + at + 5),
                    );
                    // In half of the rounds the bounds lie to one side, also beside the value.
                    let aside = 0.08 * (noise(round * 11 + at + 9) - 0.5);
                    one.interval.low += aside * (round % 2) as f64;
                    one.interval.high += aside * (round % 2) as f64;
                    one
                })
                .collect();
            slices.sort_by(|a, b| a.value.total_cmp(&b.value));
            let limit = 0.08;
            let count = slices.len();
            let pairs: Vec<(usize, usize)> = (0..count * count)
                .map(|at| (at / count, at % count))
                .filter(|(a, b)| a != b)
                .collect();
            let ends = |(a, b): (usize, usize), wider: f64| {
                let (low, high) = (slices[a], slices[b]);
                let far = high.value - low.value;
                let down = (high.value - high.interval.low).hypot(low.interval.high - low.value);
                let up = (high.interval.high - high.value).hypot(low.value - low.interval.low);
                (far - wider * down, far + up)
            };
            let above = pairs.iter().any(|pair| ends(*pair, 1.3).0 > limit);
            let within = pairs.iter().all(|pair| ends(*pair, 1.3).1 <= limit);
            match gap(&slices, limit, 1.3) {
                Gap::Above { .. } => assert!(above, "{slices:?}"),
                Gap::Within => assert!(within && !above, "{slices:?}"),
                Gap::Open => assert!(!within && !above, "{slices:?}"),
            }
        }
    }
}
