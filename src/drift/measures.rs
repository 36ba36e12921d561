//! Distances that people know, of one column: for fixed limits and for reading, each beside what it is where nothing changed.

use super::aligned::Aligned;
use crate::measure::{ColumnProfile, Quantile};
use crate::statistics::distances as d;
use crate::statistics::unchanged::{QUARTILES, Sizes};

/// One distance by its name in `drift:`.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Name of the limit and of the measure.
    pub name: &'static str,
    /// What it is, with its unit.
    pub doc: &'static str,
    /// Limit where none is written; absent where it is only held where it is written.
    pub limit: Option<f64>,
    /// When it is held for numbers.
    pub numbers: Held,
    /// When it is held for texts and truth values with few values.
    pub texts: Held,
}

/// When a distance is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Also where no limit is written.
    ByDefault,
    /// Where a limit is written.
    Written,
    /// Never: it is not defined.
    Never,
}

use Held::{ByDefault, Never, Written};

/// Every distance, in the order of the documentation.
///
/// Of shares: of numbers, those between the deciles of the reference; of texts, those of their values.
#[rustfmt::skip]
pub const KNOWN: &[Known] = &[
    known("psi", Some(0.2), (ByDefault, Written), "Population stability index of shares, nats."),
    known("ks", Some(0.1), (ByDefault, Never), "Kolmogorov-Smirnov: greatest difference of the distribution functions, 0 to 1."),
    known("js", Some(0.1), (Written, ByDefault), "Jensen-Shannon distance of shares, 0 to 1."),
    known("kl", None, (Written, Written), "Kullback-Leibler divergence of shares from those of the reference, nats."),
    known("hellinger", None, (Written, Written), "Hellinger distance of shares, 0 to 1."),
    known("total_variation", None, (Written, Written), "Half the sum of absolute differences of shares, 0 to 1."),
    known("l_infinity", None, (Written, Written), "Greatest difference of one share, 0 to 1."),
    known("chi_square", None, (Written, Written), "Half the sum of `(p - q)^2 / (p + q)` over shares, 0 to 1."),
    known("cramer_von_mises", None, (Written, Never), "Mean square difference of the distribution functions, 0 to 1/3."),
    known("wasserstein", None, (Written, Never), "How far the average value moved, in the column's unit."),
    known("wasserstein_normalised", None, (Written, Never), "The same in standard deviations of the reference."),
    known("energy", None, (Written, Never), "Energy distance, in the square root of the column's unit."),
    known("mean_shift", None, (Written, Never), "Change of the mean in robust standard deviations of the reference (interquartile range / 1.349)."),
    known("median_shift", None, (Written, Never), "Change of the median in robust standard deviations of the reference."),
    known("null_ratio_change", Some(0.05), (ByDefault, ByDefault), "Absolute change of the share of nulls and NaN."),
    known("new_category_ratio", Some(0.0), (Never, ByDefault), "Share of rows with values that the reference lacks."),
    known("lost_category_ratio", Some(0.01), (Never, ByDefault), "Share of the reference's rows with values that are gone."),
];

const fn known(
    name: &'static str,
    limit: Option<f64>,
    (numbers, texts): (Held, Held),
    doc: &'static str,
) -> Known {
    Known {
        name,
        doc,
        limit,
        numbers,
        texts,
    }
}

/// A distance, and what it is on average where nothing changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distance {
    pub value: f64,
    pub unchanged: f64,
}

/// A column of numbers on both sides.
pub(super) struct Numbers<'a> {
    before: &'a ColumnProfile,
    now: &'a ColumnProfile,
    aligned: &'a Aligned,
    shares: (&'a [f64], &'a [f64]),
    sizes: Sizes,
}

impl<'a> Numbers<'a> {
    /// Of two profiles, with the shares between the deciles of the reference.
    pub(super) fn new(
        (before, now): (&'a ColumnProfile, &'a ColumnProfile),
        aligned: &'a Aligned,
        shares: (&'a [f64], &'a [f64]),
    ) -> Self {
        let sizes = sizes(before, now);
        Self {
            before,
            now,
            aligned,
            shares,
            sizes,
        }
    }

    /// The distance of this name; `None` where numbers have none, or one side has no finite value for it.
    ///
    /// Where bins hold several values, those of values count each as the middle of its bin: less than a bin's width off.
    pub(super) fn distance(&self, name: &str) -> Option<Distance> {
        let (before, now) = (&self.aligned.reference[..], &self.aligned.current[..]);
        let (value, unchanged) = match name {
            "ks" => (
                d::kolmogorov_smirnov(before, now),
                self.sizes.kolmogorov_smirnov(),
            ),
            "cramer_von_mises" => (
                d::cramer_von_mises(before, now),
                self.sizes.cramer_von_mises(),
            ),
            "wasserstein" => self.wasserstein(),
            "wasserstein_normalised" => {
                let deviation = moment(self.before, "stddev")?;
                let (value, unchanged) = self.wasserstein();
                (over(value, deviation), over(unchanged, deviation))
            }
            "energy" => {
                let (points, before, now, both) = self.aligned.finite();
                (
                    d::energy_of(&points, &before, &now),
                    self.sizes.energy(&points, &both),
                )
            }
            "mean_shift" => {
                let apart = (moment(self.now, "mean")? - moment(self.before, "mean")?).abs();
                let unchanged = self.sizes.means(moment(self.before, "stddev")?);
                let unit = self.robust()?;
                (over(apart, unit), over(unchanged, unit))
            }
            "median_shift" => {
                let median = |p: &ColumnProfile| p.quantile(0.5).map(Quantile::middle);
                let apart = (median(self.now)? - median(self.before)?).abs();
                let unit = self.robust()?;
                let unchanged = self.sizes.medians(unit * QUARTILES);
                (over(apart, unit), over(unchanged, unit))
            }
            _ => return of_shares(name, self.shares, self.sizes),
        };
        Some(Distance { value, unchanged })
    }

    fn wasserstein(&self) -> (f64, f64) {
        let (points, before, now, both) = self.aligned.finite();
        (
            d::wasserstein_of(&points, &before, &now),
            self.sizes.wasserstein(&points, &both),
        )
    }

    /// Robust standard deviation of the reference: interquartile range over 1.349, the same as a normal law's.
    fn robust(&self) -> Option<f64> {
        let quartile = |q: f64| self.before.quantile(q).map(Quantile::middle);
        Some((quartile(0.75)? - quartile(0.25)?) / QUARTILES)
    }
}

/// The distance of texts with these shares of their values; `None` where texts have none of this name.
pub(super) fn of_texts(
    name: &str,
    shares: (&[f64], &[f64]),
    (before, now): (&ColumnProfile, &ColumnProfile),
) -> Option<Distance> {
    of_shares(name, shares, sizes(before, now))
}

/// Share of rows of the side that has `here` rows of each value, whose value the other side lacks on average where nothing
/// changed.
pub(super) fn one_sided_unchanged(counts: &[u64], here: u64, there: u64) -> f64 {
    let sizes = Sizes {
        reference: there,
        current: here,
    };
    sizes.one_sided(counts, there)
}

/// What the change of a share is on average where nothing changed.
pub(super) fn share_unchanged(reference: (u64, u64), current: (u64, u64)) -> f64 {
    let sizes = Sizes {
        reference: reference.1,
        current: current.1,
    };
    let rows = (reference.1 + current.1).max(1);
    sizes.share((reference.0 + current.0) as f64 / rows as f64)
}

fn sizes(before: &ColumnProfile, now: &ColumnProfile) -> Sizes {
    Sizes {
        reference: before.valued(),
        current: now.valued(),
    }
}

fn of_shares(name: &str, (before, now): (&[f64], &[f64]), sizes: Sizes) -> Option<Distance> {
    let bins = before.len();
    let pooled = || -> Vec<f64> {
        let (n, m) = (sizes.reference as f64, sizes.current as f64);
        let pairs = before.iter().zip(now);
        pairs.map(|(q, p)| (q * n + p * m) / (n + m)).collect()
    };
    let (value, unchanged) = match name {
        "psi" => (d::psi(before, now), sizes.psi(bins)),
        "js" => (d::jensen_shannon(before, now), sizes.jensen_shannon(bins)),
        "kl" => (
            d::kullback_leibler(before, now),
            sizes.kullback_leibler(bins),
        ),
        "hellinger" => (d::hellinger(before, now), sizes.hellinger(bins)),
        "chi_square" => (d::chi_square(before, now), sizes.chi_square(bins)),
        "total_variation" => (
            d::total_variation(before, now),
            sizes.total_variation(&pooled()),
        ),
        "l_infinity" => (d::l_infinity(before, now), sizes.l_infinity(&pooled())),
        _ => return None,
    };
    Some(Distance { value, unchanged })
}

/// A measure of a profile as a number.
fn moment(profile: &ColumnProfile, name: &str) -> Option<f64> {
    profile.measure(name)?.number()
}

/// A change in units of a spread: 0 where nothing changed, infinite where the spread is 0 and something did.
fn over(value: f64, unit: f64) -> f64 {
    if value == 0.0 {
        0.0
    } else if unit > 0.0 {
        value / unit
    } else {
        f64::INFINITY
    }
}
