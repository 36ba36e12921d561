//! One scan measures everything of a dataset; a second one, only when rows failed, collects them.

use super::kernel::{Kernel, rows::Shown, rows::row_text};
use super::profile::ProfileBuilder;
use super::relational::{Predicates, predicate_columns};
use super::source::Dataset;
use super::tests_of_rows::kernel;
use crate::config::dataset::Profiling;
use crate::contract::Privacy;
use crate::error::Result;
use crate::measure::{Profile, State, Unable};
use crate::plan::{DatasetPlan, Measured};
use crate::record::FailingRow;
use crate::scalar::{Integer, Scalar};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{and, filter_record_batch};
use std::collections::BTreeMap;

/// States in the order of the plan's expectations, and the profile.
pub struct Measurements {
    /// One per expectation.
    pub states: Vec<State>,
    /// Profile of the scanned columns.
    pub profile: Profile,
}

/// Measures one dataset.
///
/// Errors: `Error::Data` when rows cannot be decoded, `Error::Query` when a test cannot be evaluated,
/// `Error::Interrupted`.
pub fn measure(
    plan: &DatasetPlan,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Measurements> {
    let mut scan = Scan::new(plan, others)?;
    let columns = scan.columns.clone();
    dataset.scan(&columns, &mut |batch| scan.update(batch))?;
    let (mut states, profile) = scan.finish(plan, dataset, others, now);
    let wants_rows = |(i, s): (usize, &State)| {
        s.failing.unwrap_or(0) > 0 && plan.expectations[i].common.samples > 0
    };
    if states.iter().enumerate().any(wants_rows) {
        let mut again = Scan::again(plan, &mut scan_tests(plan, others, dataset, &columns)?);
        dataset.scan(&columns, &mut |batch| {
            again.collect(plan, batch, &mut states)
        })?;
    }
    Ok(Measurements { states, profile })
}

enum Test {
    None,
    Mask(usize),
    Kernel(Box<Kernel>),
    Filtered(ProfileBuilder, String),
}

struct Scan {
    columns: Vec<String>,
    predicates: Predicates,
    /// Per expectation: index of the filter's mask.
    filters: Vec<Option<usize>>,
    tests: Vec<Test>,
    failing: Vec<u64>,
    considered: Vec<u64>,
    profile: ProfileBuilder,
    offset: u64,
}

impl Scan {
    fn new(plan: &DatasetPlan, others: &BTreeMap<String, Dataset>) -> Result<Self> {
        let mut sql: Vec<String> = Vec::new();
        let mut index_of = |text: &str| {
            sql.iter().position(|s| s == text).unwrap_or_else(|| {
                sql.push(text.to_owned());
                sql.len() - 1
            })
        };
        let mut filters = Vec::new();
        let mut tests = Vec::new();
        for planned in &plan.expectations {
            filters.push(
                planned
                    .common
                    .filter
                    .as_ref()
                    .map(|(text, _)| index_of(text)),
            );
            tests.push(match &planned.measure {
                Measured::Rows(text) => Test::Mask(index_of(text)),
                Measured::Kernel => {
                    kernel(planned, plan, others)?.map_or(Test::None, |k| Test::Kernel(Box::new(k)))
                }
                Measured::Profile {
                    column: Some(column),
                    ..
                } => {
                    let fields: Vec<_> = plan
                        .columns
                        .iter()
                        .filter(|f| f.name == *column)
                        .cloned()
                        .collect();
                    Test::Filtered(ProfileBuilder::new(&fields), column.clone())
                }
                _ => Test::None,
            });
        }
        let columns = columns(plan, &sql, &tests);
        let fields: Vec<_> = columns
            .iter()
            .filter_map(|c| plan.columns.iter().find(|f| f.name == *c).cloned())
            .collect();
        let count = tests.len();
        Ok(Self {
            predicates: Predicates::new(&sql)?,
            columns,
            filters,
            tests,
            failing: vec![0; count],
            considered: vec![0; count],
            profile: ProfileBuilder::new(&fields),
            offset: 0,
        })
    }

    /// The same tests for the second scan, without what the first one counted.
    fn again(plan: &DatasetPlan, first: &mut Self) -> Self {
        let count = plan.expectations.len();
        Self {
            columns: first.columns.clone(),
            predicates: std::mem::replace(&mut first.predicates, Predicates::none()),
            filters: first.filters.clone(),
            tests: std::mem::take(&mut first.tests),
            failing: vec![0; count],
            considered: vec![0; count],
            profile: ProfileBuilder::new(&[]),
            offset: 0,
        }
    }

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        let masks = self.predicates.masks(batch)?;
        self.profile.update(batch);
        for (i, test) in self.tests.iter_mut().enumerate() {
            let filter = self.filters[i].map(|f| &masks[f]);
            self.considered[i] += filter.map_or(batch.num_rows(), BooleanArray::true_count) as u64;
            match test {
                Test::None => {}
                Test::Mask(m) => self.failing[i] += kept(&masks[*m], filter).true_count() as u64,
                Test::Kernel(kernel) => kernel.first_pass(batch, filter)?,
                Test::Filtered(builder, column) => {
                    let index = self.columns.iter().position(|c| c == column);
                    let Some(index) = index else { continue };
                    if let (Ok(one), Some(filter)) = (batch.project(&[index]), filter)
                        && let Ok(rows) = filter_record_batch(&one, filter)
                    {
                        builder.update(&rows);
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(
        self,
        plan: &DatasetPlan,
        dataset: &Dataset,
        others: &BTreeMap<String, Dataset>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> (Vec<State>, Profile) {
        let profile = self.profile.finish();
        let mut states = Vec::new();
        for (i, test) in self.tests.into_iter().enumerate() {
            let planned = &plan.expectations[i];
            let mut state = State {
                rows: self.considered[i],
                ..State::default()
            };
            match (&planned.measure, test) {
                (Measured::Impossible(reason), _) => {
                    state.unable = Some(Unable::Error(reason.clone()))
                }
                (_, Test::Mask(_)) => state.failing = Some(self.failing[i]),
                (_, Test::Kernel(mut kernel)) => {
                    let counts = kernel.finish();
                    state.failing = Some(counts.failing);
                    state.values = counts
                        .extra
                        .iter()
                        .map(|(name, v)| {
                            (
                                (*name).to_owned(),
                                Some(Scalar::Int(Integer(i128::from(*v)))),
                            )
                        })
                        .collect();
                }
                (Measured::Profile { measure, .. }, Test::Filtered(builder, column)) => {
                    let own = builder.finish();
                    let source = if self.filters[i].is_some() {
                        &own
                    } else {
                        &profile
                    };
                    let value = source.column(&column).and_then(|c| c.measure(measure));
                    state.values = vec![(measure.clone(), value)];
                }
                (Measured::Profile { column: None, .. }, _) => {}
                _ => super::tests_of_rows::other(
                    planned, plan, dataset, others, &profile, now, &mut state,
                ),
            }
            states.push(state);
        }
        (states, profile)
    }

    /// Second scan: failing rows with every reason.
    fn collect(
        &mut self,
        plan: &DatasetPlan,
        batch: &RecordBatch,
        states: &mut [State],
    ) -> Result<()> {
        let masks = self.predicates.masks(batch)?;
        let mut failing: Vec<Option<BooleanArray>> = Vec::new();
        for (i, test) in self.tests.iter_mut().enumerate() {
            let filter = self.filters[i].map(|f| &masks[f]);
            failing.push(match test {
                Test::Mask(m) => Some(kept(&masks[*m], filter)),
                Test::Kernel(kernel) => Some(kernel.second_pass(batch, filter)?),
                _ => None,
            });
        }
        for (i, mask) in failing.iter().enumerate() {
            let Some(mask) = mask else { continue };
            let wanted = plan.expectations[i].common.samples;
            for row in (0..mask.len()).filter(|r| mask.value(*r)) {
                if states[i].samples.len() >= wanted {
                    break;
                }
                let reasons = failing
                    .iter()
                    .enumerate()
                    .filter(|(_, m)| m.as_ref().is_some_and(|m| m.value(row)))
                    .map(|(j, _)| plan.expectations[j].id.clone())
                    .collect();
                states[i].samples.push(FailingRow {
                    row: self.offset + row as u64 + 1,
                    cells: row_text(batch, row, &shown(plan, i))?,
                    reasons,
                });
            }
        }
        self.offset += batch.num_rows() as u64;
        Ok(())
    }
}

/// Kernels that need what the first scan saw are told it again.
fn scan_tests(
    plan: &DatasetPlan,
    others: &BTreeMap<String, Dataset>,
    dataset: &Dataset,
    columns: &[String],
) -> Result<Scan> {
    let mut scan = Scan::new(plan, others)?;
    let has_unique = scan
        .tests
        .iter()
        .any(|t| matches!(t, Test::Kernel(k) if matches!(**k, Kernel::Unique(_))));
    if has_unique {
        dataset.scan(columns, &mut |batch| {
            let masks = scan.predicates.masks(batch)?;
            for (i, test) in scan.tests.iter_mut().enumerate() {
                if let Test::Kernel(kernel) = test {
                    kernel.first_pass(batch, scan.filters[i].map(|f| &masks[f]))?;
                }
            }
            Ok(())
        })?;
        for test in &mut scan.tests {
            if let Test::Kernel(kernel) = test {
                kernel.finish();
            }
        }
    }
    Ok(scan)
}

fn kept(mask: &BooleanArray, filter: Option<&BooleanArray>) -> BooleanArray {
    filter.map_or_else(
        || mask.clone(),
        |f| and(mask, f).unwrap_or_else(|_| mask.clone()),
    )
}

/// Key columns, then those the expectation looks at.
fn shown(plan: &DatasetPlan, expectation: usize) -> Vec<(String, Shown)> {
    let planned = &plan.expectations[expectation];
    let mut names = plan.key();
    names.extend(planned.args.all_columns().into_iter().map(str::to_owned));
    if let Measured::Rows(sql) = &planned.measure {
        names.extend(predicate_columns(sql));
    }
    let mut seen: Vec<(String, Shown)> = Vec::new();
    for name in names {
        if seen.len() < 12 && !seen.iter().any(|(n, _)| *n == name) {
            let shown = match plan.privacy(&name) {
                Privacy::Personal => Shown::Redacted,
                Privacy::Open => Shown::Value,
            };
            seen.push((name, shown));
        }
    }
    seen
}

/// Columns to scan, in file order.
fn columns(plan: &DatasetPlan, sql: &[String], tests: &[Test]) -> Vec<String> {
    let all = plan.config.profile == Profiling::All
        || plan.config.reference.is_some()
        || tests
            .iter()
            .any(|t| matches!(t, Test::Kernel(k) if k.columns().is_empty()));
    let mut wanted: Vec<String> = sql.iter().flat_map(|s| predicate_columns(s)).collect();
    wanted.extend(plan.key());
    for (planned, test) in plan.expectations.iter().zip(tests) {
        wanted.extend(planned.args.all_columns().into_iter().map(str::to_owned));
        if let Test::Kernel(kernel) = test {
            wanted.extend(kernel.columns());
        }
    }
    plan.columns
        .iter()
        .map(|f| f.name.clone())
        .filter(|name| all || wanted.contains(name))
        .collect()
}
