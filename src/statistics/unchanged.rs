//! What a distance is on average where nothing changed: between `n` and `m` values drawn from one distribution.
//!
//! No number of rows makes a distance 0, so a limit means something only beside this. All from the normal law of
//! differences of shares, `N(0, (1 / n + 1 / m) p (1 - p))`; good from some tens of values on, and too large rather
//! than too small where values repeat a lot. Pure.

use statrs::function::erf::erf;
use statrs::function::gamma::ln_gamma;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, LN_2, SQRT_2};

/// Values of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Of the reference.
    pub reference: u64,
    /// Now.
    pub current: u64,
}

impl Sizes {
    /// `1 / n + 1 / m`: infinite without a value on one side.
    fn spread(self) -> f64 {
        1.0 / self.reference as f64 + 1.0 / self.current as f64
    }

    /// [`super::distances::psi`] over `bins` bins. Unit: nats; 0 for fewer than two bins.
    ///
    /// Source: `(1 / n + 1 / m) chi2` with `bins - 1` degrees of freedom (Yurdakul, *Statistical Properties of
    /// Population Stability Index*, 2018).
    #[must_use]
    pub fn psi(self, bins: usize) -> f64 {
        self.spread() * bins.saturating_sub(1) as f64
    }

    /// [`super::distances::kullback_leibler`] over `bins` bins. Unit: nats. Source: half of [`Self::psi`].
    #[must_use]
    pub fn kullback_leibler(self, bins: usize) -> f64 {
        self.psi(bins) / 2.0
    }

    /// [`super::distances::chi_square`] over `bins` bins. Source: `(p - q)^2 / (p + q)` for near shares, a quarter of
    /// [`Self::psi`].
    #[must_use]
    pub fn chi_square(self, bins: usize) -> f64 {
        self.psi(bins) / 4.0
    }

    /// [`super::distances::hellinger`] over `bins` bins. Source: its square is an eighth of the chi-squared law of
    /// [`Self::psi`] for near shares.
    #[must_use]
    pub fn hellinger(self, bins: usize) -> f64 {
        (self.spread() / 8.0).sqrt() * mean_chi(bins.saturating_sub(1))
    }

    /// [`super::distances::jensen_shannon`] over `bins` bins. Source: as for [`Self::hellinger`], in bits.
    #[must_use]
    pub fn jensen_shannon(self, bins: usize) -> f64 {
        self.hellinger(bins) / LN_2.sqrt()
    }

    /// A difference of one share `p` in absolute value. Source: the mean of `|N(0, v)|` is `sqrt(2 v / pi)`.
    #[must_use]
    pub fn share(self, p: f64) -> f64 {
        (FRAC_2_PI * self.spread() * p * (1.0 - p)).sqrt()
    }

    /// [`super::distances::total_variation`] over bins with these shares of both sides together.
    #[must_use]
    pub fn total_variation(self, shares: &[f64]) -> f64 {
        shares.iter().map(|p| self.share(*p)).sum::<f64>() / 2.0
    }

    /// [`super::distances::l_infinity`] over bins with these shares of both sides together, as if they were
    /// independent. Source: the integral of `1 - P(all differences are at most x)`, by the trapezoid rule.
    #[must_use]
    pub fn l_infinity(self, shares: &[f64]) -> f64 {
        let deviation = |p: &f64| (self.spread() * p * (1.0 - p)).sqrt();
        let deviations: Vec<f64> = shares.iter().map(deviation).filter(|d| *d > 0.0).collect();
        let widest = deviations.iter().copied().fold(0.0, f64::max);
        // No more than 9 deviations are seen among as many bins as fit into memory.
        let (steps, end) = (400, 9.0 * widest);
        let beyond = |step: u32| {
            let x = end * f64::from(step) / f64::from(steps);
            1.0 - deviations
                .iter()
                .map(|d| erf(x / (d * SQRT_2)))
                .product::<f64>()
        };
        let inner: f64 = (1..steps).map(beyond).sum();
        let ends = f64::midpoint(beyond(0), beyond(steps));
        if widest > 0.0 {
            (inner + ends) * end / f64::from(steps)
        } else {
            0.0
        }
    }

    /// [`super::distances::kolmogorov_smirnov`] of values that do not repeat.
    ///
    /// Source: the mean of Kolmogorov's law, `sqrt(pi / 2) ln 2`, times `sqrt(1 / n + 1 / m)`.
    #[must_use]
    pub fn kolmogorov_smirnov(self) -> f64 {
        FRAC_PI_2.sqrt() * LN_2 * self.spread().sqrt()
    }

    /// [`super::distances::cramer_von_mises`]. Source: `F (1 - F)` is 1/6 on average (Anderson 1962).
    #[must_use]
    pub fn cramer_von_mises(self) -> f64 {
        self.spread() / 6.0
    }

    /// [`super::distances::wasserstein_of`] at ascending `points` with these counts of both sides together. Unit: that of
    /// the points. Source: `E |F - G|` at each point as for [`Self::share`], integrated.
    #[must_use]
    pub fn wasserstein(self, points: &[f64], counts: &[u64]) -> f64 {
        integrated(points, counts, |f| self.share(f))
    }

    /// [`super::distances::energy_of`] likewise. Unit: square root of the points' unit. Source: the root of the mean of
    /// its square, which is a little more than its mean.
    #[must_use]
    pub fn energy(self, points: &[f64], counts: &[u64]) -> f64 {
        (2.0 * self.spread() * integrated(points, counts, |f| f * (1.0 - f))).sqrt()
    }

    /// A difference of means of values with this standard deviation, in absolute value. Unit: that of the deviation.
    #[must_use]
    pub fn means(self, deviation: f64) -> f64 {
        (FRAC_2_PI * self.spread()).sqrt() * deviation
    }

    /// A difference of medians where `interquartile` is the distance of the quartiles, in absolute value, as if the middle
    /// of the distribution were normal. Unit: that of the distance.
    ///
    /// Source: a median varies as `1 / (4 f^2 n)` with the density `f` at it; `1 / f` is `sqrt(2 pi)` deviations of a
    /// normal law, whose quartiles are 1.349 apart.
    #[must_use]
    pub fn medians(self, interquartile: f64) -> f64 {
        self.means(FRAC_PI_2.sqrt() * interquartile / QUARTILES)
    }

    /// Share of the rows of one side whose value the other, with `absent` rows, does not have, from the counts of both
    /// sides together. Source: a value that occurs `c` times is all on the one side in `(1 - a)^(c - 1)` of the labellings in
    /// which a given row of it is there, where the other side has the share `a` of all rows.
    #[must_use]
    pub fn one_sided(self, counts: &[u64], absent: u64) -> f64 {
        let all = (self.reference + self.current) as f64;
        let here = 1.0 - absent as f64 / all;
        let share = |c: &u64| *c as f64 / all * here.powf(*c as f64 - 1.0);
        counts.iter().filter(|c| **c > 0).map(share).sum()
    }
}

/// Deviations that the quartiles of a normal law are apart.
pub const QUARTILES: f64 = 1.348_979_500_392_163_5;

/// Mean of the square root of a chi-squared value; 0 without a degree of freedom.
fn mean_chi(freedom: usize) -> f64 {
    let d = freedom as f64;
    if freedom == 0 {
        return 0.0;
    }
    SQRT_2 * (ln_gamma(f64::midpoint(d, 1.0)) - ln_gamma(d / 2.0)).exp()
}

/// Integral over the points of a function of the distribution function.
fn integrated(points: &[f64], counts: &[u64], of: impl Fn(f64) -> f64) -> f64 {
    let total = counts.iter().sum::<u64>() as f64;
    let (mut below, mut sum) = (0, 0.0);
    for (pair, count) in points.windows(2).zip(counts) {
        below += count;
        sum += of(below as f64 / total) * (pair[1] - pair[0]);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::Sizes;
    use crate::drift::sample::Random;
    use crate::statistics::distances as d;

    /// Counts of both sides after drawing which rows are of which, some hundred times; the mean of a distance.
    fn simulated(counts: &[u64], sizes: Sizes, distance: &dyn Fn(&[u64], &[u64]) -> f64) -> f64 {
        let rows: Vec<usize> = (0..counts.len())
            .flat_map(|i| vec![i; usize::try_from(counts[i]).unwrap()])
            .collect();
        let mut random = Random::new(7);
        let turns = 400;
        let one = |_| {
            let mut current = vec![0; counts.len()];
            let drawn = random.choose(usize::try_from(sizes.current).unwrap(), rows.len());
            for row in drawn {
                current[rows[row as usize]] += 1;
            }
            let reference: Vec<u64> = counts.iter().zip(&current).map(|(a, c)| a - c).collect();
            distance(&reference, &current)
        };
        (0..turns).map(one).sum::<f64>() / f64::from(turns)
    }

    fn shares(counts: &[u64]) -> Vec<f64> {
        let total = counts.iter().sum::<u64>() as f64;
        counts.iter().map(|c| *c as f64 / total).collect()
    }

    /// Within a tenth, of which the simulation alone takes some.
    fn near(name: &str, told: f64, simulated: f64) {
        let apart = (told / simulated - 1.0).abs();
        assert!(apart < 0.1, "{name}: {told} told, {simulated} simulated");
    }

    #[test]
    fn what_is_told_is_what_drawing_gives() {
        let counts = [90, 130, 160, 60, 210, 150, 100, 40, 30, 30];
        let sizes = Sizes {
            reference: 600,
            current: 400,
        };
        let by_shares = |of: fn(&[f64], &[f64]) -> f64| {
            simulated(&counts, sizes, &|r, c| of(&shares(r), &shares(c)))
        };
        let pooled = shares(&counts);
        near("psi", sizes.psi(10), by_shares(d::psi));
        near(
            "kl",
            sizes.kullback_leibler(10),
            by_shares(d::kullback_leibler),
        );
        near("chi_square", sizes.chi_square(10), by_shares(d::chi_square));
        near("hellinger", sizes.hellinger(10), by_shares(d::hellinger));
        near("js", sizes.jensen_shannon(10), by_shares(d::jensen_shannon));
        let variation = by_shares(d::total_variation);
        near("total_variation", sizes.total_variation(&pooled), variation);
        near(
            "l_infinity",
            sizes.l_infinity(&pooled),
            by_shares(d::l_infinity),
        );
    }

    #[test]
    fn what_is_told_of_numbers_is_what_drawing_gives() {
        let counts = vec![1; 1000];
        let points: Vec<f64> = (0..1000).map(|i| f64::from(i * i) / 1000.0).collect();
        let sizes = Sizes {
            reference: 300,
            current: 700,
        };
        let ks = simulated(&counts, sizes, &d::kolmogorov_smirnov);
        near("ks", sizes.kolmogorov_smirnov(), ks);
        let cvm = simulated(&counts, sizes, &d::cramer_von_mises);
        near("cramer_von_mises", sizes.cramer_von_mises(), cvm);
        let wasserstein = |r: &[u64], c: &[u64]| d::wasserstein_of(&points, r, c);
        let drawn = simulated(&counts, sizes, &wasserstein);
        near("wasserstein", sizes.wasserstein(&points, &counts), drawn);
        let drawn = simulated(&counts, sizes, &|r, c| d::energy_of(&points, r, c).powi(2)).sqrt();
        near("energy", sizes.energy(&points, &counts), drawn);
        let mean = |counts: &[u64]| {
            let sum: f64 = counts.iter().zip(&points).map(|(c, x)| *c as f64 * x).sum();
            sum / counts.iter().sum::<u64>() as f64
        };
        let (all, variance) = (mean(&counts), |x: &f64| (x - mean(&counts)).powi(2));
        assert!(all > 300.0);
        let deviation = (points.iter().map(variance).sum::<f64>() / 1000.0).sqrt();
        let drawn = simulated(&counts, sizes, &|r, c| (mean(r) - mean(c)).abs());
        near("means", sizes.means(deviation), drawn);
    }

    #[test]
    fn rare_values_of_one_side_are_expected() {
        let counts: Vec<u64> = (1..=20).chain([1; 30]).collect();
        let total: u64 = counts.iter().sum();
        let sizes = Sizes {
            reference: total - 100,
            current: 100,
        };
        let new = |r: &[u64], c: &[u64]| {
            let only = r.iter().zip(c).filter(|(r, _)| **r == 0).map(|(_, c)| *c);
            only.sum::<u64>() as f64 / 100.0
        };
        let drawn = simulated(&counts, sizes, &new);
        near("new", sizes.one_sided(&counts, sizes.reference), drawn);
    }

    #[test]
    fn without_a_bin_or_a_value_nothing_is_promised() {
        let none = Sizes {
            reference: 0,
            current: 5,
        };
        assert!(none.psi(10).is_infinite());
        let some = Sizes {
            reference: 5,
            current: 5,
        };
        assert!(some.psi(0).abs() < 1e-15 && some.hellinger(1).abs() < 1e-15);
        assert!(some.l_infinity(&[1.0]).abs() < 1e-15);
    }
}
