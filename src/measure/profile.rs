//! Profile of one dataset: exact counters, moments, order statistics and value counts per column.

use crate::record::{ColumnSummary, TopValue};
use crate::scalar::{Integer, Scalar, number_text};
use std::collections::BTreeMap;

/// Distinct values counted exactly at most; beyond, value counts are dropped.
pub const COUNT_CAP: usize = 10_000;

/// Profile of one dataset.
#[derive(Debug, Clone, Default)]
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
}

/// Profile of one column. NaN is counted and enters nothing else; infinities enter everything.
#[derive(Debug, Clone, Default)]
pub struct ColumnProfile {
    /// Name or path.
    pub name: String,
    /// Logical type as text.
    pub dtype: String,
    /// Rows.
    pub rows: u64,
    /// Nulls.
    pub nulls: u64,
    /// NaN values.
    pub nan: u64,
    /// Empty texts.
    pub empty: u64,
    /// Texts of white space only, the empty ones among them.
    pub blank: u64,
    /// Least value.
    pub min: Option<Scalar>,
    /// Greatest value.
    pub max: Option<Scalar>,
    /// Shortest text in characters.
    pub length_min: Option<u64>,
    /// Longest text in characters.
    pub length_max: Option<u64>,
    /// Numbers and moments in ascending order (see [`Scalar::number`] for the unit); empty for text.
    pub sorted: Vec<f64>,
    /// Rows by value as text; absent beyond [`COUNT_CAP`] distinct values.
    pub counts: Option<BTreeMap<String, u64>>,
    /// Why the column was not profiled; absent when it was.
    pub not_profiled: Option<String>,
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
impl ColumnProfile {
    /// Non-null rows.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.rows - self.nulls
    }

    /// A measure by name; absent when the type has none or there is no value.
    ///
    /// Names: `rows nulls nan empty blank null_ratio min max sum mean stddev (sample, n - 1) length_min length_max
    /// distinct most_common_ratio (share of non-null rows)`.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<Scalar> {
        let count = |v: u64| Some(Scalar::Int(Integer(i128::from(v))));
        let float = |v: f64| Some(Scalar::Float(v));
        match name {
            "rows" => count(self.rows),
            "nulls" => count(self.nulls),
            "nan" => count(self.nan),
            "empty" => count(self.empty),
            "blank" => count(self.blank),
            "null_ratio" if self.rows > 0 => float(self.nulls as f64 / self.rows as f64),
            "min" => self.min.clone(),
            "max" => self.max.clone(),
            "sum" if self.is_number() => float(self.sorted.iter().sum()),
            "mean" if self.is_number() => self.mean().and_then(float),
            "stddev" if self.is_number() => self.stddev().and_then(float),
            "length_min" => self.length_min.and_then(count),
            "length_max" => self.length_max.and_then(count),
            "distinct" => self.counts.as_ref().and_then(|c| count(c.len() as u64)),
            "most_common_ratio" => {
                let top = self.counts.as_ref()?.values().max()?;
                float(*top as f64 / self.values() as f64)
            }
            _ => None,
        }
    }

    /// Every distinct value as text with its rows, ordered by value; absent when there were too many to count.
    ///
    /// Nulls and NaN: not among them.
    #[must_use]
    pub fn values_seen(&self) -> Option<Vec<(String, u64)>> {
        let counts = self.counts.as_ref()?;
        Some(counts.iter().map(|(v, n)| (v.clone(), *n)).collect())
    }

    fn is_number(&self) -> bool {
        !self.sorted.is_empty()
            && ["int", "uint", "float", "decimal"]
                .iter()
                .any(|t| self.dtype.starts_with(t))
    }

    fn mean(&self) -> Option<f64> {
        (!self.sorted.is_empty())
            .then(|| self.sorted.iter().sum::<f64>() / self.sorted.len() as f64)
    }

    fn stddev(&self) -> Option<f64> {
        let mean = self.mean()?;
        let n = self.sorted.len();
        (n > 1).then(|| {
            let squares: f64 = self.sorted.iter().map(|v| (v - mean) * (v - mean)).sum();
            (squares / (n - 1) as f64).sqrt()
        })
    }

    /// The least value with at least a share `q` of the values at or below it.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let rank = crate::statistics::rank(q, self.sorted.len() as u64);
        usize::try_from(rank.saturating_sub(1))
            .ok()
            .and_then(|i| self.sorted.get(i))
            .copied()
    }

    /// The column's line in the report; personal data show counts only.
    #[must_use]
    pub fn summary(&self, privacy: crate::contract::Privacy) -> ColumnSummary {
        let open = privacy == crate::contract::Privacy::Open;
        let text = |v: Option<Scalar>| v.filter(|_| open).map(|v| v.to_string());
        ColumnSummary {
            name: self.name.clone(),
            dtype: self.dtype.clone(),
            rows: self.rows,
            nulls: self.nulls,
            distinct: match &self.counts {
                Some(counts) => counts.len().to_string(),
                None => format!("more than {COUNT_CAP}"),
            },
            min: text(self.min.clone()),
            max: text(self.max.clone()),
            mean: self
                .measure("mean")
                .and_then(|v| v.number())
                .filter(|_| open)
                .map(|v| number_text((v * 1e4).round() / 1e4)),
            median: self
                .quantile(0.5)
                .filter(|_| open && self.is_number())
                .map(number_text),
            top: if open { self.top() } else { Vec::new() },
            histogram: if open { self.histogram() } else { Vec::new() },
            details: Vec::new(),
            not_profiled: self.not_profiled.clone(),
        }
    }

    fn top(&self) -> Vec<TopValue> {
        let mut values: Vec<(&String, &u64)> = self.counts.iter().flatten().collect();
        values.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        values
            .into_iter()
            .take(5)
            .map(|(value, count)| TopValue {
                value: value.clone(),
                count: *count,
            })
            .collect()
    }

    fn histogram(&self) -> Vec<u64> {
        const BINS: usize = 20;
        let (Some(first), Some(last)) = (self.sorted.first(), self.sorted.last()) else {
            return Vec::new();
        };
        let width = (last - first) / BINS as f64;
        if !width.is_finite() || width <= 0.0 {
            return Vec::new();
        }
        let mut bins = vec![0; BINS];
        for value in &self.sorted {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the quotient is between 0 and BINS"
            )]
            let bin = (((value - first) / width) as usize).min(BINS - 1);
            bins[bin] += 1;
        }
        bins
    }
}
