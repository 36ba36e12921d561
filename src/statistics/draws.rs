//! Random numbers with a distribution: how many marked rows a draw without replacement holds. Pure.

use statrs::function::gamma::ln_gamma;

/// Deviation of a count up to which its probabilities are added up from the most probable one outwards.
const NARROW: f64 = 16.0;

/// Numbers up to which logarithms of factorials are looked up.
const TABLED: usize = 1_024;

/// Draws from urns; holds what does not depend on the urn.
#[derive(Debug, Clone)]
pub struct Hypergeometric {
    factorials: Vec<f64>,
}

impl Default for Hypergeometric {
    fn default() -> Self {
        Self::new()
    }
}

impl Hypergeometric {
    /// Makes the table of factorials.
    #[must_use]
    pub fn new() -> Self {
        let mut factorials = vec![0.0; TABLED];
        for n in 1..TABLED {
            factorials[n] = factorials[n - 1] + (n as f64).ln();
        }
        Self { factorials }
    }

    /// How many of `drawn` rows are marked, drawn without replacement from `total` rows of which `marked` are.
    ///
    /// Shape: `marked` and `drawn` at most `total`. `uniform` gives numbers from 0 to below 1; how many of them are
    /// taken varies. Unit: rows. Edge: certain counts take no number.
    /// Source: the hypergeometric distribution; narrow ones by inversion, others by the ratio of uniforms with the
    /// table mountain hat of Stadlober, *The ratio of uniforms approach for generating discrete random variates*
    /// (1990), which leaves out what lies beyond 16 deviations.
    pub fn draw(
        &self,
        (marked, drawn, total): (u64, u64, u64),
        uniform: &mut impl FnMut() -> f64,
    ) -> u64 {
        // The smaller of both kinds is drawn by the smaller of both sides; the others follow.
        let (few, side) = (marked.min(total - marked), drawn.min(total - drawn));
        if few == 0 || side == 0 {
            return if marked == 0 || drawn == 0 {
                0
            } else {
                marked.min(drawn)
            };
        }
        let urn = Urn { few, side, total };
        let seen = if urn.deviation() <= NARROW {
            self.inverted(urn, uniform())
        } else {
            self.ratio(urn, uniform)
        };
        let of_marked = if few == marked { seen } else { side - seen };
        if side == drawn {
            of_marked
        } else {
            marked - of_marked
        }
    }

    /// `ln n!`.
    pub(super) fn factorial(&self, n: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number of rows; the cast saturates"
        )]
        let place = n as usize;
        if let Some(known) = self.factorials.get(place) {
            return *known;
        }
        if n < 1e6 {
            // Stirling's series; the next term is below 1e-18 here.
            let inverse = 1.0 / n;
            let series = inverse * (1.0 / 12.0 - inverse * inverse / 360.0);
            return (n + 0.5) * n.ln() - n + 0.918_938_533_204_672_7 + series;
        }
        ln_gamma(n + 1.0)
    }

    /// Logarithm of the probability of a count, but for a constant.
    fn weight(&self, k: f64, urn: Urn) -> f64 {
        let (few, side, total) = urn.numbers();
        -(self.factorial(k)
            + self.factorial(few - k)
            + self.factorial(side - k)
            + self.factorial(total - few - side + k))
    }

    fn inverted(&self, urn: Urn, uniform: f64) -> u64 {
        let (few, side, total) = urn.numbers();
        let mode = urn.mode();
        let constant = self.factorial(few)
            + self.factorial(total - few)
            + self.factorial(side)
            + self.factorial(total - side)
            - self.factorial(total);
        let at_mode = (self.weight(mode, urn) + constant).exp();
        let most = few.min(side);
        let (mut left, mut up, mut down) = (uniform - at_mode, at_mode, at_mode);
        let (mut high, mut low) = (mode, mode);
        while left >= 0.0 && (high < most || low > 0.0) {
            if high < most {
                up *= (few - high) * (side - high)
                    / ((high + 1.0) * (total - few - side + high + 1.0));
                high += 1.0;
                left -= up;
                if left < 0.0 {
                    return count(high);
                }
            }
            if low > 0.0 {
                down *= low * (total - few - side + low) / ((few - low + 1.0) * (side - low + 1.0));
                low -= 1.0;
                left -= down;
                if left < 0.0 {
                    return count(low);
                }
            }
            if up + down < 1e-18 {
                break;
            }
        }
        // What is left is lost to rounding.
        count(mode)
    }

    fn ratio(&self, urn: Urn, uniform: &mut impl FnMut() -> f64) -> u64 {
        let (few, side, total) = urn.numbers();
        let middle = few * side / total + 0.5;
        let deviation = (urn.variance() + 0.5).sqrt();
        let width = 1.715_527_769_921_413_5 * deviation + 0.898_916_162_058_898_8;
        let at_mode = self.weight(urn.mode(), urn);
        let end = (few.min(side) + 1.0).min((middle + 16.0 * deviation).floor());
        loop {
            let (x, y) = (uniform(), uniform());
            let at = middle + width * (y - 0.5) / x;
            if !(at >= 0.0 && at < end) {
                continue;
            }
            let k = at.floor();
            let t = self.weight(k, urn) - at_mode;
            if x * (4.0 - x) - 3.0 <= t || (x * (x - t) < 1.0 && 2.0 * x.ln() <= t) {
                return count(k);
            }
        }
    }
}

/// At most half of the rows are marked, and at most half are drawn.
#[derive(Debug, Clone, Copy)]
struct Urn {
    few: u64,
    side: u64,
    total: u64,
}

impl Urn {
    fn numbers(self) -> (f64, f64, f64) {
        (self.few as f64, self.side as f64, self.total as f64)
    }

    fn variance(self) -> f64 {
        let (few, side, total) = self.numbers();
        let share = few / total;
        (total - side) / (total - 1.0).max(1.0) * side * share * (1.0 - share)
    }

    fn deviation(self) -> f64 {
        self.variance().sqrt()
    }

    fn mode(self) -> f64 {
        let (few, side, total) = self.numbers();
        ((few + 1.0) * (side + 1.0) / (total + 2.0)).floor()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of rows"
)]
fn count(v: f64) -> u64 {
    v as u64
}

#[cfg(test)]
mod tests {
    use super::Hypergeometric;
    use crate::statistics::tails;

    /// A plain generator: the multiplier of Steele and Vigna (2021) with 64 bits.
    fn uniforms(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state
                .wrapping_mul(0xd134_2543_de82_ef95)
                .wrapping_add(0x9e37_79b9);
            let z = (state ^ (state >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 29)) >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    /// Mean, variance and counts below the quartiles are those of the distribution.
    #[track_caller]
    fn hold(marked: u64, drawn: u64, total: u64) {
        const TRIES: u64 = 20_000;
        let law = Hypergeometric::new();
        let mut uniform = uniforms(marked ^ (drawn << 20));
        let list: Vec<u64> = (0..TRIES)
            .map(|_| law.draw((marked, drawn, total), &mut uniform))
            .collect();
        let (m, d, t) = (marked as f64, drawn as f64, total as f64);
        let mean = d * m / t;
        let variance = mean * (1.0 - m / t) * (t - d) / (t - 1.0);
        let seen = list.iter().sum::<u64>() as f64 / TRIES as f64;
        let error = (variance / TRIES as f64).sqrt();
        assert!((seen - mean).abs() < 4.5 * error, "{seen} against {mean}");
        let spread = list.iter().map(|k| (*k as f64 - mean).powi(2)).sum::<f64>() / TRIES as f64;
        assert!(
            (spread / variance - 1.0).abs() < 0.08,
            "{spread} against {variance}"
        );
        assert!(list.iter().all(|k| *k <= marked.min(drawn)));
        assert!(list.iter().all(|k| marked + drawn <= total + k));
        // Two-sided tails of the exact distribution: as often below each level as that says, or less.
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let (total, marked, drawn) = (small(total), small(marked), small(drawn));
        for level in [0.5f64, 0.1, 0.01] {
            let urn = tails::Urn {
                total,
                marked,
                drawn,
            };
            let rare = list
                .iter()
                .filter(|k| tails::hypergeometric(small(**k), urn) <= level.ln());
            let share = rare.count() as f64 / TRIES as f64;
            let error = (level * (1.0 - level) / TRIES as f64).sqrt();
            assert!(share < level + 4.5 * error, "{share} at {level}");
        }
    }

    #[test]
    fn narrow_urns() {
        hold(5, 5, 10);
        hold(3, 90, 100);
        hold(90, 40, 100);
        hold(40, 19_000, 20_000);
        hold(200, 10_000, 20_000);
    }

    #[test]
    fn wide_urns() {
        hold(5_000, 10_000, 20_000);
        hold(900_000, 400_000, 1_000_000);
        hold(2_000_000_000, 1_000_000_000, 4_000_000_000);
    }

    #[test]
    fn certain_counts_take_no_number() {
        let law = Hypergeometric::new();
        let mut none = || -> f64 { panic!("nothing is left to chance") };
        assert_eq!(law.draw((0, 5, 10), &mut none), 0);
        assert_eq!(law.draw((10, 5, 10), &mut none), 5);
        assert_eq!(law.draw((4, 0, 10), &mut none), 0);
        assert_eq!(law.draw((4, 10, 10), &mut none), 4);
    }
}
