//! Columns of numbers that go together so closely that one of them tells little more.

use super::Considered;
use super::numbers::numbers;
use super::pairs::{Correlation, NumberPairs, OfNumbers};
use crate::error::Result;
use arrow::array::RecordBatch;

/// The correlations of every two columns of numbers.
///
/// Nulls and NaN in either column leave the row out for these two. Memory: 16 bytes per value. Row order changes no digit.
#[derive(Debug)]
pub struct RelatedColumns {
    /// Columns that were asked for; none means every column of numbers.
    named: Vec<String>,
    asked: OfNumbers,
    /// A pair further from 0 than this is told.
    limit: f64,
    columns: Vec<(String, Vec<Option<f64>>)>,
    begun: bool,
}

/// What was found among the pairs.
#[derive(Debug, Default, PartialEq)]
pub struct Related {
    /// The correlation that is furthest from 0, without its sign; absent where no pair has one.
    pub strongest: Option<f64>,
    /// The pairs beyond the limit with their correlation, the closest first, then in the order of the columns.
    pub beyond: Vec<([String; 2], f64)>,
    /// The pairs of which one column holds an infinite number, so that nothing is known.
    pub unknown: Vec<[String; 2]>,
}

impl RelatedColumns {
    /// Pairs of the named columns, or of all columns of numbers where none is named.
    #[must_use]
    pub fn new(named: Vec<String>, asked: OfNumbers, limit: f64) -> Self {
        Self {
            named,
            asked,
            limit,
            columns: Vec::new(),
            begun: false,
        }
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.named
    }

    /// Collects one batch.
    ///
    /// Errors: `Query` for a missing column, or a named one whose values are no numbers.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            let schema = batch.schema();
            let all = schema.fields().iter();
            let of_numbers = all.filter(|f| f.data_type().is_numeric());
            let names: Vec<String> = if self.named.is_empty() {
                of_numbers.map(|f| f.name().clone()).collect()
            } else {
                self.named.clone()
            };
            self.columns = names.into_iter().map(|name| (name, Vec::new())).collect();
        }
        for (name, values) in &mut self.columns {
            values.extend(numbers(batch, name, kept)?);
        }
        Ok(())
    }

    /// The pairs over all batches. Edge: a column that does not vary has no correlation.
    #[must_use]
    pub fn finish(&self) -> Related {
        let mut found = Related::default();
        for (i, (one, a)) in self.columns.iter().enumerate() {
            for (other, b) in &self.columns[i + 1..] {
                let value = match NumberPairs::correlation(a, b, self.asked) {
                    Correlation::Of(value) => value,
                    Correlation::Constant => continue,
                    Correlation::Unknown => {
                        found.unknown.push([one.clone(), other.clone()]);
                        continue;
                    }
                };
                let strongest = found.strongest.unwrap_or(0.0);
                found.strongest = Some(strongest.max(value.abs()));
                if value.abs() > self.limit {
                    found.beyond.push(([one.clone(), other.clone()], value));
                }
            }
        }
        found.beyond.sort_by(|x, y| y.1.abs().total_cmp(&x.1.abs()));
        found
    }
}
