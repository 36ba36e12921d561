//! The measuring scan: every expectation of a dataset and its profile, in one pass over the columns they need.

use super::super::kernel::query;
use super::super::profile::ProfileBuilder;
use super::super::relational::Predicates;
use super::super::source::Dataset;
use super::queries::Queries;
use super::test::{Conditions, Test, kept, test};
use crate::error::{Error, Result};
use crate::measure::{Profile, State, Unable};
use crate::plan::{DatasetPlan, Measured, Planned, reading};
use crate::scalar::{Integer, Scalar};
use arrow::array::{BooleanArray, RecordBatch};
use std::collections::BTreeMap;

/// The measuring scan, batch after batch.
pub(super) struct First {
    /// Columns it reads, in file order.
    pub(super) columns: Vec<String>,
    conditions: Conditions,
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
pub(super) struct Scanned {
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
        dataset: &Dataset,
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
            let made = test(planned, plan, others, &mut conditions, &mut queries);
            tests.push(made.or_else(given_up)?);
        }
        let queries = Queries::new(plan, &tests, &filters)?;
        let mut columns = reading::columns(plan, decided);
        if let Some(known) = dataset.profiled() {
            columns = left(plan, &columns, &tests, known);
        }
        let profiled = profiled(plan, dataset, &columns, &tests);
        let fields: Vec<_> = profiled
            .iter()
            .filter_map(|i| plan.columns.iter().find(|f| f.name == columns[*i]).cloned())
            .collect();
        let count = tests.len();
        Ok(Self {
            predicates: Predicates::new(&conditions.0)?,
            conditions,
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
    /// An expectation that cannot be evaluated is given up, and the others go on.
    /// Errors: `Query` when the columns of an SQL query cannot be held, `Interrupted`.
    pub(super) fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        let masks = self.masks(batch)?;
        self.rows += batch.num_rows() as u64;
        let profiled = batch.project(&self.profiled);
        self.profile
            .update(&profiled.map_err(|e| query("a batch", e))?);
        for (i, test) in self.tests.iter_mut().enumerate() {
            let filter = self.filters[i].map(|f| &masks[f]);
            self.considered[i] += filter.map_or(batch.num_rows(), BooleanArray::true_count) as u64;
            let looked = match test {
                Test::None | Test::Query(_) | Test::GivenUp(_) => Ok(()),
                Test::Mask(m) => {
                    kept(&masks[*m], filter).map(|rows| self.failing[i] += rows.true_count() as u64)
                }
                Test::Kernel(kernel) => kernel.first_pass(batch, filter),
                Test::Gauge(gauge) => gauge.first_pass(batch, filter),
                Test::Profile(measure) => measure.update(batch, filter),
            };
            if let Err(error) = looked {
                *test = given_up(error)?;
            }
        }
        self.queries.update(batch, &masks)
    }

    /// One mask per condition; the expectations of a condition that cannot be evaluated are given up.
    fn masks(&mut self, batch: &RecordBatch) -> Result<Vec<BooleanArray>> {
        loop {
            let error = match self.predicates.masks(batch) {
                Err(Error::Query { what, reason }) => (what, reason),
                other => return other,
            };
            let (what, reason) = error;
            let blamed = |sql: &String| what == format!("`{sql}`") && sql != NEVER;
            let Some(place) = self.conditions.0.iter().position(blamed) else {
                return Err(Error::Query { what, reason });
            };
            for (test, filter) in self.tests.iter_mut().zip(&self.filters) {
                if *filter == Some(place) || matches!(test, Test::Mask(m) if *m == place) {
                    *test = Test::GivenUp(format!("{what}: {reason}"));
                }
            }
            NEVER.clone_into(&mut self.conditions.0[place]);
            self.predicates = Predicates::new(&self.conditions.0)?;
        }
    }

    /// Ends the scan: one state per expectation.
    ///
    /// Errors: `Query` when a query cannot be evaluated, those of scanning another dataset.
    pub(super) fn finish(
        self,
        plan: &DatasetPlan,
        dataset: &Dataset,
        others: &BTreeMap<String, Dataset>,
    ) -> Result<Scanned> {
        let mut profile = self.profile.finish();
        if let Some(known) = dataset.profiled() {
            profile.columns.extend(known.columns.iter().cloned());
            let place = |name: &String| plan.columns.iter().position(|f| f.name == *name);
            profile.columns.sort_by_key(|c| place(&c.name));
        }
        let mut answers = self.queries.run(plan, others)?;
        let mut tests = Vec::new();
        let mut states = Vec::new();
        for (i, test) in self.tests.into_iter().enumerate() {
            let planned = &plan.expectations[i];
            let mut state = State {
                rows: self.considered[i],
                ..State::default()
            };
            if let Measured::Impossible(reason) = &planned.measure {
                state.unable = Some(Unable::Error(reason.clone()));
            }
            tests.push(match test {
                Test::Mask(m) => {
                    state.failing = Some(self.failing[i]);
                    Test::Mask(m)
                }
                Test::Query(at) => {
                    answers[at].fill(planned, &mut state);
                    Test::None
                }
                other => ended(other, &profile, &mut state),
            });
            if planned.check.counts_rows() && state.failing.is_none() {
                state.failing = counted(planned, &state);
            }
            states.push(state);
        }
        Ok(Scanned {
            states,
            profile,
            rows: self.rows,
            tests,
        })
    }
}

/// Failing rows of a check whose rows are those that the profile counts.
fn counted(planned: &Planned, state: &State) -> Option<u64> {
    let Measured::Profile { measure, .. } = &planned.measure else {
        return None;
    };
    match state.value(measure) {
        Some(Scalar::Int(count)) => u64::try_from(count.0).ok(),
        _ => None,
    }
}

/// A condition that is true of no row; it stands for one that is given up.
const NEVER: &str = "1 = 0";

/// The test of an expectation that cannot be evaluated; errors that are not about it stay errors.
fn given_up(error: Error) -> Result<Test> {
    match error {
        Error::Query { what, reason } => Ok(Test::GivenUp(format!("{what}: {reason}"))),
        other => Err(other),
    }
}

/// Writes what a test saw into the state, and keeps what finding the rows needs.
fn ended(test: Test, profile: &Profile, state: &mut State) -> Test {
    match test {
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
            state.values = vec![measure.finish(profile)];
            Test::None
        }
        Test::GivenUp(reason) => {
            state.unable = Some(Unable::Error(reason));
            Test::None
        }
        other => other,
    }
}

/// The columns that are still to be read when the profiles of some are known.
fn left(plan: &DatasetPlan, columns: &[String], tests: &[Test], known: &Profile) -> Vec<String> {
    let is_known = |name: &String| known.column(name).is_some();
    let mut read = Vec::new();
    for (planned, test) in plan.expectations.iter().zip(tests) {
        let answered = match test {
            Test::None => planned.common.filter.is_none(),
            Test::Profile(m) => m.is_shared() && is_known(&m.column),
            _ => false,
        };
        if !answered {
            read.extend(reading::columns_of(planned, plan));
        }
    }
    let wanted = |name: &&String| !is_known(name) || read.contains(name);
    columns.iter().filter(wanted).cloned().collect()
}

/// Places of the columns that are profiled: all that are not yet, or those whose profile an expectation reads.
fn profiled(
    plan: &DatasetPlan,
    dataset: &Dataset,
    columns: &[String],
    tests: &[Test],
) -> Vec<usize> {
    let is_known = |name: &String| dataset.profiled().is_some_and(|p| p.column(name).is_some());
    let asked = |name: &String| {
        tests
            .iter()
            .any(|t| matches!(t, Test::Profile(m) if m.is_shared() && m.column == *name))
    };
    let all = reading::profiles_all(plan);
    (0..columns.len())
        .filter(|i| (all || asked(&columns[*i])) && !is_known(&columns[*i]))
        .collect()
}
