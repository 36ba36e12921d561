//! How often an ordinary night looks as unusual as one night does, over all columns and kinds of change together.
//!
//! Each night before is judged by the others; the smallest of what `own` says of each is what ordinary nights show.
//! Were they independent and the tails exact, the smallest of `M` would be below `x` with probability
//! `1 - (1 - x)^M`. They go together, which makes `M` smaller than their number, and nights may have heavier tails than
//! was allowed for, so a tail counts as `x^a` with `a` mostly below 1, or as heavier than any power: as Pareto's law of
//! the logarithm, `(1 - k a ln x)^(-1/k)`, which is `x^a` at `k = 0`. All three are weighed by how well they explain
//! the nights before, and the probability is the average over them: few nights leave much open and give heavy tails.

/// Steps of the grid of exponents.
const EXPONENTS: usize = 24;

/// Steps of the grid of effective numbers.
const NUMBERS: usize = 32;

/// Least exponent looked at.
pub(super) const LEAST: f64 = 0.15;

/// Greatest exponent looked at.
const GREATEST: f64 = 1.3;

/// Shapes looked at: 0 is a power; Pareto's index is one by the shape.
const SHAPES: [f64; 4] = [0.0, 0.1, 0.3, 0.7];

/// Shape from which on the weight before any night is seen falls by a factor of e.
const SHAPELY: f64 = 0.25;

/// Exponent that is expected before any night is seen: nights have heavier tails than normal ones.
pub(super) const EXPECTED: f64 = 0.6;

/// Standard deviation of the logarithm of the exponent before any night is seen.
pub(super) const DOUBT: f64 = 0.6;

/// What the nights before count as, each beside an independent one: all are judged by nearly the same others.
pub(super) const WORTH: f64 = 0.5;

/// What the nights before say about the level.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Level {
    grid: Vec<(Law, f64)>,
}

/// How one night's least tail spreads.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Law {
    exponent: f64,
    shape: f64,
    /// Effective number of independent tests.
    number: f64,
}

impl Level {
    /// Weighs exponents and numbers by the least tails of the nights before, as logarithms; `tests` at most.
    /// Source: the likelihood of a Gumbel distribution.
    pub(super) fn of(least: &[f64], tests: usize) -> Self {
        let seen: Vec<f64> = least.iter().map(|l| -l).collect();
        let most = (tests.max(2) as f64).ln();
        let mut grid = Vec::with_capacity(EXPONENTS * SHAPES.len() * NUMBERS);
        for i in 0..EXPONENTS {
            let exponent = LEAST + (GREATEST - LEAST) * i as f64 / (EXPONENTS - 1) as f64;
            let before = -((exponent / EXPECTED).ln() / DOUBT).powi(2) / 2.0 - exponent.ln();
            for shape in SHAPES {
                let one = Law {
                    exponent,
                    shape,
                    number: 1.0,
                };
                let (alone, beside) = one.likelihood(&seen);
                for j in 0..NUMBERS {
                    let number = (most * j as f64 / (NUMBERS - 1) as f64).exp();
                    let fit = alone + seen.len() as f64 * number.ln() + (number - 1.0) * beside;
                    let weight = before - shape / SHAPELY + WORTH * fit;
                    grid.push((Law { number, ..one }, weight));
                }
            }
        }
        let best = grid.iter().map(|g| g.1).fold(f64::NEG_INFINITY, f64::max);
        let mut total = 0.0;
        for (_, weight) in &mut grid {
            *weight = (*weight - best).exp();
            total += *weight;
        }
        for (_, weight) in &mut grid {
            *weight /= total;
        }
        grid.retain(|(_, weight)| *weight > 1e-7);
        Self { grid }
    }

    /// Probability that an ordinary night has a least tail as small as this.
    pub(super) fn adjusted(&self, ln_p: f64) -> f64 {
        let one = |(law, weight): &(Law, f64)| weight * smallest(law.tail(-ln_p), law.number);
        self.grid.iter().map(one).sum::<f64>().clamp(0.0, 1.0)
    }

    /// The logarithm of the tail at which [`Self::adjusted`] is `p`.
    pub(super) fn critical(&self, p: f64) -> f64 {
        let (mut low, mut high) = (-700.0 / LEAST, 0.0);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if self.adjusted(middle) > p {
                high = middle;
            } else {
                low = middle;
            }
        }
        low
    }

    /// Average exponent: 1 where nights spread like normal ones, less where their tails are heavier.
    pub(super) fn exponent(&self) -> f64 {
        self.grid
            .iter()
            .map(|(law, weight)| law.exponent * weight)
            .sum()
    }

    /// Effective number of tests, a geometric average.
    pub(super) fn number(&self) -> f64 {
        let mean: f64 = self
            .grid
            .iter()
            .map(|(law, weight)| law.number.ln() * weight)
            .sum();
        mean.exp()
    }
}

/// Probability that the least of `number` independent tails is below the one with this logarithm.
fn smallest(ln_p: f64, number: f64) -> f64 {
    let p = ln_p.exp().min(1.0 - 1e-15);
    -(number * (-p).ln_1p()).exp_m1()
}

impl Law {
    /// Logarithm of what a tail with this logarithm, but for the sign, counts as.
    fn tail(self, l: f64) -> f64 {
        let l = l.max(0.0);
        if self.shape > 0.0 {
            -(self.shape * self.exponent * l).ln_1p() / self.shape
        } else {
            -self.exponent * l
        }
    }

    /// Logarithm of how likely the least tails are as those of one test, and of how likely another has none as small.
    fn likelihood(self, seen: &[f64]) -> (f64, f64) {
        let (mut alone, mut beside) = (0.0, 0.0);
        for l in seen {
            let tail = self.tail(*l);
            alone += self.exponent.ln() + tail * (1.0 + self.shape);
            beside += (-tail.exp().min(1.0 - 1e-12)).ln_1p();
        }
        (alone, beside)
    }
}
