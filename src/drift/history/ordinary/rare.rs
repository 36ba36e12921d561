//! What hardly any row has: its counts say more than shares on a scale for many do.

use statrs::function::beta::beta_reg;

/// Rows expected on a night from which on a share is judged on its scale alone.
const FEW: f64 = 3.0;

/// Rows that come together and count as one at least: what is rare comes in bursts.
const BURST: f64 = 2.0;

/// How surprising the counts of a night are, and of each night before by the others. Unit: logarithm of a probability.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rare {
    pub now: f64,
    pub past: Vec<f64>,
}

impl Rare {
    /// Judges hits among rows; absent where they are not rare on the nights before, or there are none of those.
    ///
    /// Source: given how many hits there are in all, those of one night are binomial by its part of all rows; as many
    /// hits count as one as they spread more than that, and [`BURST`] at least.
    pub(super) fn of(past: &[Option<(u64, u64)>], now: (u64, u64)) -> Option<Self> {
        let all = Sum::of(past.iter().flatten().copied());
        if all.rows == 0.0 || all.hits / all.rows * now.1 as f64 > FEW {
            return None;
        }
        let one = |night: &Option<(u64, u64)>| night.map_or(0.0, |own| all.without(own).tail(own));
        Some(Self {
            now: all.tail(now),
            past: past.iter().map(one).collect(),
        })
    }
}

/// Hits and rows of several nights, and the sum of squares of hits over rows.
#[derive(Clone, Copy)]
struct Sum {
    hits: f64,
    rows: f64,
    squares: f64,
    nights: f64,
}

impl Sum {
    fn of(nights: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut sum = Self {
            hits: 0.0,
            rows: 0.0,
            squares: 0.0,
            nights: 0.0,
        };
        for (hits, rows) in nights.filter(|n| n.1 > 0) {
            sum.hits += hits as f64;
            sum.rows += rows as f64;
            sum.squares += (hits as f64).powi(2) / rows as f64;
            sum.nights += 1.0;
        }
        sum
    }

    fn without(self, (hits, rows): (u64, u64)) -> Self {
        if rows == 0 {
            return self;
        }
        Self {
            hits: self.hits - hits as f64,
            rows: self.rows - rows as f64,
            squares: self.squares - (hits as f64).powi(2) / rows as f64,
            nights: self.nights - 1.0,
        }
    }

    /// How much more than by chance hits spread over nights: the chi-squared statistic by its degrees of freedom.
    fn burst(self) -> f64 {
        let even = self.hits * self.hits / self.rows;
        let spread = (self.squares - even) * self.rows / self.hits / (self.nights - 1.0);
        if spread.is_finite() {
            spread.max(BURST)
        } else {
            BURST
        }
    }

    /// The probability of that many hits, or more.
    fn tail(self, (hits, rows): (u64, u64)) -> f64 {
        if hits == 0 || rows == 0 || self.rows <= 0.0 {
            return 0.0;
        }
        let burst = self.burst();
        let part = rows as f64 / (rows as f64 + self.rows);
        let (own, others) = (hits as f64 / burst, self.hits / burst);
        let p = beta_reg(own, others + 1.0, part);
        if p > 1e-280 {
            p.min(1.0).ln()
        } else {
            own * part.ln()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rare;

    #[test]
    fn what_never_was_is_told_by_how_much_of_it_there_is() {
        let past = vec![Some((0, 100)); 9];
        let of = |hits| Rare::of(&past, (hits, 100)).map(|r| r.now);
        assert_eq!(of(0), Some(0.0));
        // One in ten by chance, of every two rows.
        assert!((of(6).unwrap() - 3.0 * 0.1f64.ln()).abs() < 1e-9);
        assert!(
            Rare::of(&past, (6, 100))
                .unwrap()
                .past
                .iter()
                .all(|p| *p == 0.0)
        );
    }

    #[test]
    fn bursts_before_make_a_burst_less_surprising() {
        let mut past = vec![Some((0, 100)); 20];
        let calm = Rare::of(&past, (8, 100)).unwrap().now;
        past[4] = Some((9, 100));
        let after = Rare::of(&past, (8, 100)).unwrap();
        assert!(after.now > calm / 3.0 && after.past[4] < after.past[3]);
        assert!(Rare::of(&[Some((9, 100)); 9], (8, 100)).is_none());
        assert!(Rare::of(&[None], (8, 100)).is_none());
    }
}
