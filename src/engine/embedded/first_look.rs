//! The first look at data that no contract describes yet: its profile, what its texts look like, what never repeats.

use super::kernel::{Count, Kernel, KeyNulls, Unique};
use super::profile::ProfileBuilder;
use super::source::Dataset;
use crate::contract::infer::{Repeats, SeenColumn, Texts};
use crate::error::Result;
use crate::measure::ColumnProfile;
use crate::types::LogicalType;
use arrow::array::{AsArray, RecordBatch};

/// Columns that can be tested for repeats at once; each costs memory per distinct value.
const CANDIDATES: usize = 8;

/// Looks at every row once, and a second time at columns with too many distinct values to have been counted.
///
/// Returns the number of rows and the columns in file order.
/// Errors: `Error::Data` when rows cannot be decoded, `Error::Query` for a column that cannot be hashed,
/// `Error::Interrupted`.
pub fn look(dataset: &Dataset) -> Result<(u64, Vec<SeenColumn>)> {
    let names: Vec<String> = dataset.columns().iter().map(|f| f.name.clone()).collect();
    let mut builder = ProfileBuilder::new(dataset.columns());
    let mut texts: Vec<Option<Texts>> = dataset
        .columns()
        .iter()
        .map(|f| (f.dtype == LogicalType::String).then(Texts::default))
        .collect();
    dataset.scan(&names, &mut |batch| {
        builder.update(batch);
        count_texts(batch, &mut texts);
        Ok(())
    })?;
    let profile = builder.finish();
    let unique = never_repeat(dataset, &profile.columns)?;
    let columns = dataset.columns().iter().zip(profile.columns).zip(texts);
    let seen = columns
        .map(|((field, profile), texts)| SeenColumn {
            repeats: if unique.contains(&field.name) {
                Repeats::Never
            } else {
                Repeats::Perhaps
            },
            field: field.clone(),
            profile,
            texts,
        })
        .collect();
    Ok((profile.rows, seen))
}

fn count_texts(batch: &RecordBatch, texts: &mut [Option<Texts>]) {
    for (texts, array) in texts.iter_mut().zip(batch.columns()) {
        if let (Some(texts), Some(array)) = (texts, array.as_string_opt::<i32>()) {
            array.iter().flatten().for_each(|text| texts.add(text));
        }
    }
}

/// Columns without nulls and repeats, exactly: by the counted values, or by a scan where they were too many.
fn never_repeat(dataset: &Dataset, profiles: &[ColumnProfile]) -> Result<Vec<String>> {
    let mut unique = Vec::new();
    let mut uncounted = Vec::new();
    for profile in profiles {
        let number = |name: &str| profile.measure(name).and_then(|v| v.number());
        let rows = number("rows").unwrap_or(0.0);
        if rows < 2.0 || number("nulls") != Some(0.0) || !can_identify(dataset, &profile.name) {
            continue;
        }
        match profile.values_seen() {
            Some(values) if values.len() as f64 >= rows => unique.push(profile.name.clone()),
            None if uncounted.len() < CANDIDATES => uncounted.push(profile.name.clone()),
            _ => {}
        }
    }
    if uncounted.is_empty() {
        return Ok(unique);
    }
    let test = |name: &String| Unique::new(vec![name.clone()], KeyNulls::Fail, Count::ExtraRows);
    let mut tests: Vec<Kernel> = uncounted.iter().map(|n| Kernel::Unique(test(n))).collect();
    dataset.scan(&uncounted, &mut |batch| {
        tests.iter_mut().try_for_each(|t| t.first_pass(batch, None))
    })?;
    for (name, mut test) in uncounted.into_iter().zip(tests) {
        if test.finish().failing == 0 {
            unique.push(name);
        }
    }
    Ok(unique)
}

/// Types that people identify rows by.
fn can_identify(dataset: &Dataset, name: &str) -> bool {
    use LogicalType as T;
    let field = dataset.columns().iter().find(|f| f.name == name);
    field.is_some_and(|f| {
        matches!(
            f.dtype,
            T::Int(_) | T::UInt(_) | T::Decimal(..) | T::String | T::Date | T::Timestamp { .. }
        )
    })
}
