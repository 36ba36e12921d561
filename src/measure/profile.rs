//! Profile of one dataset, and what can be read from the profile of a column.

use super::bins::{Bin, Bins};
use super::column::ColumnProfile;
use super::distinct::RELATIVE_ERROR;
use super::values::{Form, Key};
use super::wants::Wants;
use crate::contract::Privacy;
use crate::error::{Error, Result};
use crate::record::{ColumnSummary, Measurement, TopValue};
use crate::scalar::{Integer, Scalar, number_text};

/// Profile of one dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Rows.
    pub rows: u64,
    /// Columns in file order.
    pub columns: Vec<ColumnProfile>,
}

impl Profile {
    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The profile of all rows of several profiles, each with the name of where it came from; absent without any.
    ///
    /// Errors: those of reading one; [`Error::Data`] with its name when its columns are not those of the first.
    pub fn union(
        profiles: impl IntoIterator<Item = Result<(String, Self)>>,
    ) -> Result<Option<Self>> {
        let mut whole: Option<Self> = None;
        for profile in profiles {
            let (name, profile) = profile?;
            match &mut whole {
                None => whole = Some(profile),
                Some(before) => before
                    .merge(&profile)
                    .map_err(|reason| Error::data("merge", name, reason))?,
            }
        }
        Ok(whole)
    }

    /// Adds another profile: the result is the profile of all rows of both, columns in the order of this one.
    ///
    /// Errors: what differs, in words, when the columns are not the same.
    pub fn merge(&mut self, other: &Self) -> std::result::Result<(), String> {
        for column in &other.columns {
            if self.column(&column.name).is_none() {
                return Err(format!(
                    "column `{}` is in one and not in another",
                    column.name
                ));
            }
        }
        for column in &mut self.columns {
            let theirs = other
                .column(&column.name)
                .ok_or_else(|| format!("column `{}` is in one and not in another", column.name))?;
            column.merge(theirs)?;
        }
        self.rows += other.rows;
        Ok(())
    }
}

/// Number of distinct values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DistinctCount {
    /// Counted.
    Exact(u64),
    /// Estimated, with [`RELATIVE_ERROR`].
    About(f64),
}

/// A quantile, known to lie in a range; exact when both ends are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
}

impl Quantile {
    /// The middle of the range.
    #[must_use]
    pub fn middle(self) -> f64 {
        let middle = f64::midpoint(self.low, self.high);
        if middle.is_finite() { middle } else { self.low }
    }

    /// The number, `~` in front when it is not exact.
    #[must_use]
    pub fn text(self) -> String {
        if self.low.to_bits() == self.high.to_bits() {
            number_text(self.low)
        } else {
            format!("~{}", short(self.middle()))
        }
    }
}

/// What the name of a variance or deviation takes from the number of values: `stddev/0` nothing, `stddev` one.
fn freedom_taken(name: &str) -> u64 {
    let written = name.split_once('/').and_then(|(_, ddof)| ddof.parse().ok());
    written.unwrap_or(1)
}

impl ColumnProfile {
    /// Non-null rows.
    #[must_use]
    pub fn non_null(&self) -> u64 {
        self.counters.rows - self.counters.nulls
    }

    /// Rows with a value: neither null nor NaN.
    #[must_use]
    pub fn valued(&self) -> u64 {
        self.non_null() - self.counters.nan
    }

    /// An exact measure by name; absent when the type has none, there is no value, or a part of the profile that it
    /// reads was not asked for ([`Wants::of`]).
    ///
    /// Names: `rows nulls nan infinite zeros negative empty blank true null_ratio non_null_ratio (of rows) min max sum mean
    /// stddev variance (sample, n - 1; `variance/0` of a population, and so on) length_min length_max (characters)
    /// distinct most_common_ratio (of non-null rows;
    /// these two only where values were counted one by one)`.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<Scalar> {
        // What was not looked into has no sum of 0: of its values nothing is known.
        let counted = ["rows", "nulls", "null_ratio", "non_null_ratio"].contains(&name);
        if !self.wants.cover(Wants::of(name)) || self.not_profiled.is_some() && !counted {
            return None;
        }
        let c = &self.counters;
        let count = |v: u64| Some(Scalar::Int(Integer(i128::from(v))));
        let text = matches!(self.form, Form::Text | Form::Binary);
        match name {
            "rows" => count(c.rows),
            "nulls" => count(c.nulls),
            "nan" => count(c.nan),
            "infinite" if self.form == Form::Float => count(c.infinite + c.negative_infinite),
            "zeros" if self.form.is_number() || self.form == Form::None => count(c.zeros),
            "negative" if self.form.is_number() || self.form == Form::None => count(c.negative),
            "empty" if text => count(c.empty),
            "blank" if self.form == Form::Text => count(c.blank),
            "true" if self.form == Form::Boolean => count(c.trues),
            "null_ratio" if c.rows > 0 => Some(Scalar::Float(c.nulls as f64 / c.rows as f64)),
            "non_null_ratio" if c.rows > 0 => {
                Some(Scalar::Float((c.rows - c.nulls) as f64 / c.rows as f64))
            }
            "min" => self.least.as_ref().map(|k| self.form.scalar(k)),
            "max" => self.greatest.as_ref().map(|k| self.form.scalar(k)),
            "sum" if self.form.is_number() && self.valued() > 0 => Some(self.total()),
            "mean" if self.form.is_number() => self.mean().map(Scalar::Float),
            _ if self.form.is_number() && name.starts_with("variance") => {
                self.variance_over(freedom_taken(name)).map(Scalar::Float)
            }
            _ if self.form.is_number() && name.starts_with("stddev") => {
                let variance = self.variance_over(freedom_taken(name));
                variance.map(|v| Scalar::Float(v.sqrt()))
            }
            "length_min" => self.lengths.and_then(|(least, _)| count(least)),
            "length_max" => self.lengths.and_then(|(_, most)| count(most)),
            "distinct" if self.form != Form::None => self.values.distinct().and_then(count),
            "most_common_ratio" => {
                let counts = self.values.listed()?;
                let top = counts.iter().map(|(_, count)| *count).max()?;
                Some(Scalar::Float(top as f64 / self.non_null() as f64))
            }
            _ => None,
        }
    }

    /// What infinities make of a sum; absent without any.
    fn infinity(&self) -> Option<f64> {
        match (
            self.counters.infinite > 0,
            self.counters.negative_infinite > 0,
        ) {
            (false, false) => None,
            (true, false) => Some(f64::INFINITY),
            (false, true) => Some(f64::NEG_INFINITY),
            (true, true) => Some(f64::NAN),
        }
    }

    fn total(&self) -> Scalar {
        let scale = self.form.scale();
        match (self.form, self.infinity()) {
            (_, Some(infinity)) => Scalar::Float(infinity),
            (Form::Integer, None) => self.sum.whole().map_or_else(
                || Scalar::Float(self.sum.total(0)),
                |v| Scalar::Int(Integer(v)),
            ),
            (Form::Decimal(_), None) => self.sum.whole().map_or_else(
                || Scalar::Float(self.sum.total(scale)),
                |v| Scalar::Decimal {
                    unscaled: Integer(v),
                    scale,
                },
            ),
            _ => Scalar::Float(self.sum.total(0)),
        }
    }

    fn mean(&self) -> Option<f64> {
        if self.valued() == 0 {
            return None;
        }
        self.infinity()
            .or_else(|| self.sum.mean(self.valued(), self.form.scale()))
    }

    /// The variance over the number of values less `ddof`; absent with so many values or fewer.
    fn variance_over(&self, ddof: u64) -> Option<f64> {
        let n = self.valued();
        let freedom = n.checked_sub(ddof).filter(|f| *f > 0)?;
        match self.variance() {
            Some(variance) if ddof == 1 => Some(variance),
            Some(variance) => Some(variance * (n - 1) as f64 / freedom as f64),
            // One value is where its mean is.
            None => (n == 1).then(|| {
                if self.infinity().is_some() {
                    f64::NAN
                } else {
                    0.0
                }
            }),
        }
    }

    fn variance(&self) -> Option<f64> {
        if self.infinity().is_some() {
            return (self.valued() > 1).then_some(f64::NAN);
        }
        self.sum
            .variance(&self.squares, self.valued(), self.form.scale())
    }

    /// Number of distinct non-null values, NaN left out; about NaN where the values were not asked for.
    #[must_use]
    pub fn distinct(&self) -> DistinctCount {
        match (self.values.distinct(), self.values.spilled()) {
            (Some(counted), _) => DistinctCount::Exact(counted),
            (None, Some(many)) => DistinctCount::About(many.distinct.estimate()),
            (None, None) => DistinctCount::About(f64::NAN),
        }
    }

    /// Every distinct value as text with its count, in the order of the values; absent when there are too many, or
    /// nobody asked for them.
    #[must_use]
    pub fn values_seen(&self) -> Option<Vec<(String, u64)>> {
        let listed = self.values.listed()?;
        let text = |(key, count): (Key, u64)| (self.form.scalar(&key).to_string(), count);
        Some(listed.into_iter().map(text).collect())
    }

    /// Counts over bins in ascending order: of single values where they are listed, else over ranges.
    #[must_use]
    pub fn distribution(&self) -> Vec<Bin> {
        if !self.form.is_ordered() {
            return Vec::new();
        }
        let Some(listed) = self.values.listed() else {
            return self.values.bins().sorted();
        };
        let single = |(key, count): (Key, u64)| {
            let number = self.form.number(&key);
            Bin {
                low: number,
                high: number,
                count,
            }
        };
        listed.into_iter().map(single).collect()
    }

    /// Counts over the finest bins that can be compared with another profile's.
    #[must_use]
    pub fn bins(&self) -> Bins {
        self.values.bins()
    }

    /// The least value with at least a share `q` of the values at or below it, in the unit of [`Scalar::number`]; absent
    /// without values or order. Exact where the values are listed, else within a bin.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Quantile> {
        let bins = self.distribution();
        quantile_of(&bins, q).map(|bin| {
            let bound = |k: &Option<Key>| k.as_ref().map(|k| self.form.number(k));
            let low = bound(&self.least).map_or(bin.low, |least| bin.low.max(least));
            let high = bound(&self.greatest).map_or(bin.high, |most| bin.high.min(most));
            Quantile { low, high }
        })
    }

    /// The column's line in the report; of personal columns counts only, no value, no mean, no picture.
    #[must_use]
    pub fn summary(&self, privacy: Privacy) -> ColumnSummary {
        let open = privacy == Privacy::Open && self.withheld.is_none();
        let privacy = if open { privacy } else { Privacy::Personal };
        let text = |name: &str| self.measure(name).filter(|_| open).map(|v| v.to_string());
        let quantile = |q: f64| self.quantile(q).filter(|_| open && self.form.is_number());
        let mean = self
            .measure("mean")
            .and_then(|v| v.number())
            .filter(|_| open);
        ColumnSummary {
            name: self.name.clone(),
            dtype: self.dtype.clone(),
            rows: self.counters.rows,
            nulls: self.counters.nulls,
            distinct: match self.distinct() {
                _ if self.not_profiled.is_some() => String::new(),
                DistinctCount::Exact(n) => n.to_string(),
                DistinctCount::About(n) => format!("~{}", short(n)),
            },
            min: text("min"),
            max: text("max"),
            mean: mean.map(short),
            median: quantile(0.5).map(Quantile::text),
            top: if open { self.top() } else { Vec::new() },
            histogram: if open { self.histogram() } else { Vec::new() },
            details: self.details(privacy),
            not_profiled: self.not_profiled.clone(),
            withheld: (!open).then(|| {
                let marked = || "marked as personal data".to_owned();
                self.withheld.clone().unwrap_or_else(marked)
            }),
        }
    }

    fn details(&self, privacy: Privacy) -> Vec<Measurement> {
        let open = privacy == Privacy::Open;
        let mut details = Vec::new();
        for name in [
            "nan", "infinite", "zeros", "negative", "empty", "blank", "true",
        ] {
            let value = self.measure(name).filter(|v| v.number() != Some(0.0));
            details.extend(value.map(|v| measurement(name, v.to_string(), v.number(), "rows")));
        }
        for name in ["length_min", "length_max"] {
            let value = self.measure(name).filter(|_| open);
            details
                .extend(value.map(|v| measurement(name, v.to_string(), v.number(), "characters")));
        }
        for name in ["stddev", "sum"] {
            let value = self.measure(name).and_then(|v| v.number()).filter(|_| open);
            details.extend(value.map(|v| measurement(name, short(v), Some(v), "")));
        }
        if open && self.form.is_number() {
            for (name, q) in [("p05", 0.05), ("p25", 0.25), ("p75", 0.75), ("p95", 0.95)] {
                let value = self.quantile(q);
                details.extend(value.map(|v| measurement(name, v.text(), Some(v.middle()), "")));
            }
        }
        details
    }

    fn top(&self) -> Vec<TopValue> {
        let mut listed = self.values.listed().unwrap_or_default();
        listed.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.order(&b.0)));
        let top = |(key, count): (Key, u64)| TopValue {
            value: self.form.scalar(&key).to_string(),
            count,
        };
        listed.into_iter().take(5).map(top).collect()
    }

    /// Counts over 20 equal bins from the least to the greatest value; a range counts at its middle.
    fn histogram(&self) -> Vec<u64> {
        const BINS: usize = 20;
        let bins = self.distribution();
        let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
            return Vec::new();
        };
        let width = (last.high - first.low) / BINS as f64;
        if !width.is_finite() || width <= 0.0 {
            return Vec::new();
        }
        let mut counts = vec![0; BINS];
        for bin in &bins {
            let middle = f64::midpoint(bin.low, bin.high);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the quotient is between 0 and BINS"
            )]
            let at = (((middle - first.low) / width) as usize).min(BINS - 1);
            counts[at] += bin.count;
        }
        counts
    }
}

/// The bin in which the quantile `q` lies, in its `lower` definition: the first with at least `ceil(q n)` values in it
/// and below it.
///
/// Shape: bins in ascending order; `q` from 0 (the first) to 1 (the last). Absent without values.
#[must_use]
pub fn quantile_of(bins: &[Bin], q: f64) -> Option<Bin> {
    let total = bins.iter().map(|b| b.count).sum();
    let rank = crate::statistics::rank(q, total).max(1);
    let mut below = 0;
    bins.iter()
        .find(|bin| {
            below += bin.count;
            below >= rank
        })
        .copied()
}

fn measurement(name: &str, text: String, number: Option<f64>, unit: &str) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text,
        number: number.filter(|v| v.is_finite()),
        unit: unit.to_owned(),
    }
}

/// A number rounded to six digits, for tables; never used in a verdict. NaN and infinities by name.
#[must_use]
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return number_text(value);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a decimal exponent of a float"
    )]
    let places = 5 - value.abs().log10().floor() as i32;
    if (0..=12).contains(&places) {
        let scale = 10f64.powi(places);
        number_text((value * scale).round() / scale)
    } else if places < 0 && value.abs() < 1e15 {
        number_text(value.round())
    } else {
        format!("{value:.5e}")
    }
}

/// The relative standard error of an estimated distinct count, as people read it.
#[must_use]
pub fn distinct_error() -> String {
    format!("{} %", number_text((RELATIVE_ERROR * 1e4).round() / 1e2))
}
