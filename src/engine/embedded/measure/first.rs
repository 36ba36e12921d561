//! The measuring scan: every expectation of a dataset and its profile, in one pass over the columns they need.

use super::super::profile::ProfileBuilder;
use super::super::relational::Predicates;
use super::super::source::Dataset;
use super::queries::Queries;
use super::test::{Conditions, Test, kept, test};
use crate::error::Result;
use crate::measure::{Profile, State, Unable};
use crate::plan::{DatasetPlan, Measured, reading};
use crate::scalar::{Integer, Scalar};
use arrow::array::{BooleanArray, RecordBatch};
use std::collections::BTreeMap;

/// The measuring scan, batch after batch.
pub(super) struct First {
    /// Columns it reads, in file order.
    pub(super) columns: Vec<String>,
    predicates: Predicates,
    /// Per expectation: place of the filter's mask.
    filters: Vec<Option<usize>>,
    tests: Vec<Test>,
    failing: Vec<u64>,
    considered: Vec<u64>,
    /// Places in `columns` of those that are profiled.
    profiled: Vec<usize>,
    profile: ProfileBuilder,
    queries: Queries,
    rows: u64,
}

/// What the measuring scan obtained.
pub(super) struct Measured1 {
    pub(super) states: Vec<State>,
    pub(super) profile: Profile,
    pub(super) rows: u64,
    /// The tests with what they saw, for finding the failing rows.
    pub(super) tests: Vec<Test>,
}

impl First {
    /// Makes ready; `decided` are expectations that need no rows.
    ///
    /// Errors: as for [`test`].
    pub(super) fn new(
        plan: &DatasetPlan,
        others: &BTreeMap<String, Dataset>,
        decided: &[Option<State>],
    ) -> Result<Self> {
        let mut conditions = Conditions::default();
        let (mut filters, mut tests, mut queries) = (Vec::new(), Vec::new(), 0);
        for (planned, decided) in plan.expectations.iter().zip(decided) {
            if decided.is_some() || !reading::needs_rows(planned) {
                filters.push(None);
                tests.push(Test::None);
                continue;
            }
            filters.push(conditions.filter(planned));
            tests.push(test(planned, plan, others, &mut conditions, &mut queries)?);
        }
        let queries = Queries::new(plan, &tests, &filters)?;
        let columns = reading::columns(plan, decided);
        let profiled = profiled(plan, &columns, &tests);
        let fields: Vec<_> = profiled
            .iter()
            .filter_map(|i| plan.columns.iter().find(|f| f.name == columns[*i]).cloned())
            .collect();
        let count = tests.len();
        Ok(Self {
            predicates: Predicates::new(&conditions.0)?,
            columns,
            filters,
            tests,
            failing: vec![0; count],
            considered: vec![0; count],
            profiled,
            profile: ProfileBuilder::new(&fields),
            queries,
            rows: 0,
        })
    }

    /// Looks at one batch.
    ///
    /// Errors: `Query` when a test cannot be evaluated, `Interrupted`.
    pub(super) fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        let masks = self.predicates.masks(batch)?;
        self.rows += batch.num_rows() as u64;
        let profiled = batch
            .project(&self.profiled)
            .map_err(|e| super::super::kernel::query("a batch", e))?;
        self.profile.update(&profiled);
        for (i, test) in self.tests.iter_mut().enumerate() {
            let filter = self.filters[i].map(|f| &masks[f]);
            self.considered[i] += filter.map_or(batch.num_rows(), BooleanArray::true_count) as u64;
            match test {
                Test::None | Test::Query(_) => {}
                Test::Mask(m) => self.failing[i] += kept(&masks[*m], filter)?.true_count() as u64,
                Test::Kernel(kernel) => kernel.first_pass(batch, filter)?,
                Test::Gauge(gauge) => gauge.first_pass(batch, filter)?,
                Test::Profile(measure) => measure.update(batch, filter)?,
            }
        }
        self.queries.update(batch, &masks)
    }

    /// Ends the scan: one state per expectation.
    ///
    /// Errors: `Query` when a query cannot be evaluated, those of scanning another dataset.
    pub(super) fn finish(
        self,
        plan: &DatasetPlan,
        others: &BTreeMap<String, Dataset>,
    ) -> Result<Measured1> {
        let profile = self.profile.finish();
        let mut answers = self.queries.run(plan, others)?;
        let mut tests = Vec::new();
        let mut states = Vec::new();
        for (i, test) in self.tests.into_iter().enumerate() {
            let planned = &plan.expectations[i];
            let mut state = State {
                rows: self.considered[i],
                ..State::default()
            };
            tests.push(match test {
                Test::Mask(m) => {
                    state.failing = Some(self.failing[i]);
                    Test::Mask(m)
                }
                Test::Kernel(mut kernel) => {
                    let counts = kernel.finish();
                    state.failing = Some(counts.failing);
                    let number = |v: u64| Some(Scalar::Int(Integer(i128::from(v))));
                    let extra = counts.extra.iter();
                    state.values = extra.map(|(n, v)| ((*n).to_owned(), number(*v))).collect();
                    Test::Kernel(kernel)
                }
                Test::Gauge(mut gauge) => {
                    let found = gauge.finish();
                    state.values = vec![(found.name.to_owned(), found.value)];
                    state.detail = found.detail;
                    Test::None
                }
                Test::Profile(measure) => {
                    state.values = vec![measure.finish(&profile)];
                    Test::None
                }
                Test::Query(at) => {
                    answers[at].fill(planned, &mut state);
                    Test::None
                }
                Test::None => Test::None,
            });
            if let Measured::Impossible(reason) = &planned.measure {
                state.unable = Some(Unable::Error(reason.clone()));
            }
            states.push(state);
        }
        Ok(Measured1 {
            states,
            profile,
            rows: self.rows,
            tests,
        })
    }
}

/// Places of the columns that are profiled: all, or those whose profile an expectation reads.
fn profiled(plan: &DatasetPlan, columns: &[String], tests: &[Test]) -> Vec<usize> {
    let asked = |name: &String| {
        tests
            .iter()
            .any(|t| matches!(t, Test::Profile(m) if m.is_shared() && m.column == *name))
    };
    let all = reading::profiles_all(plan);
    (0..columns.len())
        .filter(|i| all || asked(&columns[*i]))
        .collect()
}
