//! Profiles from Arrow batches.

use super::value::scalar_at;
use crate::measure::{COUNT_CAP, ColumnProfile, Profile};
use crate::scalar::{Scalar, number_text};
use crate::types::Field;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use std::collections::{BTreeMap, HashMap};

/// Takes batches whose columns are the given fields, in order.
pub struct ProfileBuilder {
    rows: u64,
    columns: Vec<ColumnBuilder>,
}

struct ColumnBuilder {
    profile: ColumnProfile,
    texts: Option<HashMap<String, u64>>,
    numbers: Vec<f64>,
}

impl ProfileBuilder {
    /// Starts with no rows.
    #[must_use]
    pub fn new(fields: &[Field]) -> Self {
        let columns = fields
            .iter()
            .map(|field| ColumnBuilder {
                profile: ColumnProfile {
                    name: field.name.clone(),
                    dtype: field.dtype.to_string(),
                    not_profiled: field
                        .dtype
                        .is_nested()
                        .then(|| format!("values of a {} are not looked into", field.dtype)),
                    ..ColumnProfile::default()
                },
                texts: Some(HashMap::new()),
                numbers: Vec::new(),
            })
            .collect();
        Self { rows: 0, columns }
    }

    /// Adds a batch.
    pub fn update(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        for (column, array) in self.columns.iter_mut().zip(batch.columns()) {
            column.update(array.as_ref());
        }
    }

    /// The profile of all batches.
    #[must_use]
    pub fn finish(self) -> Profile {
        Profile {
            rows: self.rows,
            columns: self
                .columns
                .into_iter()
                .map(ColumnBuilder::finish)
                .collect(),
        }
    }
}

impl ColumnBuilder {
    fn update(&mut self, array: &dyn Array) {
        self.profile.rows += array.len() as u64;
        self.profile.nulls += array.logical_null_count() as u64;
        if self.profile.not_profiled.is_some() {
            return;
        }
        if let DataType::Utf8 = array.data_type() {
            array
                .as_string::<i32>()
                .iter()
                .flatten()
                .for_each(|text| self.text(text));
            return;
        }
        for row in 0..array.len() {
            if let Some(value) = scalar_at(array, row) {
                self.value(&value);
            }
        }
    }

    fn text(&mut self, text: &str) {
        let p = &mut self.profile;
        p.empty += u64::from(text.is_empty());
        p.blank += u64::from(text.trim().is_empty());
        let length = text.chars().count() as u64;
        p.length_min = Some(p.length_min.map_or(length, |l| l.min(length)));
        p.length_max = Some(p.length_max.map_or(length, |l| l.max(length)));
        let is = |bound: &Option<Scalar>, less: bool| match bound {
            Some(Scalar::Text(b)) => (text < b.as_str()) == less && text != b,
            _ => true,
        };
        if is(&p.min, true) {
            p.min = Some(Scalar::Text(text.to_owned()));
        }
        if is(&p.max, false) {
            p.max = Some(Scalar::Text(text.to_owned()));
        }
        self.count(text);
    }

    fn value(&mut self, value: &Scalar) {
        if matches!(value, Scalar::Float(v) if v.is_nan()) {
            self.profile.nan += 1;
            return;
        }
        let p = &mut self.profile;
        if p.min.as_ref().is_none_or(|m| value.order(m).is_lt()) {
            p.min = Some(value.clone());
        }
        if p.max.as_ref().is_none_or(|m| value.order(m).is_gt()) {
            p.max = Some(value.clone());
        }
        if let Some(number) = value.number() {
            self.numbers.push(number);
        } else {
            self.count(&value.to_string());
        }
    }

    fn count(&mut self, text: &str) {
        let Some(texts) = &mut self.texts else { return };
        if let Some(count) = texts.get_mut(text) {
            *count += 1;
        } else if texts.len() < COUNT_CAP {
            texts.insert(text.to_owned(), 1);
        } else {
            self.texts = None;
        }
    }

    fn finish(mut self) -> ColumnProfile {
        self.numbers.sort_by(f64::total_cmp);
        let numeric = !self.numbers.is_empty();
        self.profile.counts = if numeric {
            runs(&self.numbers)
        } else {
            self.texts.map(|t| t.into_iter().collect())
        };
        self.profile.sorted = self.numbers;
        self.profile
    }
}

/// Counts of equal neighbours; dates and times are counted but keep their number as name.
fn runs(sorted: &[f64]) -> Option<BTreeMap<String, u64>> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut start = 0;
    while start < sorted.len() {
        let end = start + sorted[start..].partition_point(|v| *v <= sorted[start]);
        counts.insert(number_text(sorted[start]), (end - start) as u64);
        if counts.len() > COUNT_CAP {
            return None;
        }
        start = end.max(start + 1);
    }
    Some(counts)
}
