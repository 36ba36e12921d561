//! The measuring scan: every expectation of a dataset and its profile, in one pass over the columns they need.

use super::super::kernel::query;
use super::super::profile::ProfileBuilder;
use super::super::profile::Wanted;
use super::super::relational::Predicates;
use super::super::source::Dataset;
use super::queries::Queries;
use super::test::{NEVER, Test, Tests, given_up, kept};
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
    /// Whether any row has to be looked at.
    pub(super) needed: bool,
    conditions: Vec<String>,
    predicates: Predicates,
    /// Per expectation: place of the filter's mask.
    filters: Vec<Option<usize>>,
    tests: Vec<Test>,
    /// Per expectation: its state, where no row is needed for it.
    decided: Vec<Option<State>>,
    failing: Vec<u64>,
    considered: Vec<u64>,
    /// Places in `columns` of those that are profiled on the way.
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
    /// Makes ready; `decided` are expectations that need no rows, `wanted` what is profiled on the way.
    ///
    /// Errors: `Query` when a condition or query does not parse, which the plan rules out.
    pub(super) fn new(
        plan: &DatasetPlan,
        tests: Tests,
        decided: Vec<Option<State>>,
        wanted: &[Wanted],
    ) -> Result<Self> {
        let queries = Queries::new(plan, &tests.list, &tests.filters)?;
        let conditions = tests.open_conditions(&decided);
        let asked = reading::row_columns(plan, &decided);
        let profiled = |name: &String| wanted.iter().any(|(f, _)| f.name == *name);
        let names = plan.columns.iter().map(|f| f.name.clone());
        let columns: Vec<String> = names.filter(|n| asked.contains(n) || profiled(n)).collect();
        // A filter alone asks for rows too: how many it keeps.
        let open = |i: usize| {
            let asks = tests.list[i].looks_at_rows() || tests.filters[i].is_some();
            decided[i].is_none() && asks
        };
        let needed = !wanted.is_empty() || (0..tests.list.len()).any(open);
        let count = tests.list.len();
        Ok(Self {
            needed,
            profiled: (0..columns.len())
                .filter(|i| profiled(&columns[*i]))
                .collect(),
            columns,
            predicates: Predicates::new(&conditions)?,
            conditions,
            filters: tests.filters,
            tests: tests.list,
            decided,
            failing: vec![0; count],
            considered: vec![0; count],
            profile: ProfileBuilder::wanting(wanted),
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
            if self.decided[i].is_some() {
                continue;
            }
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
            let Some(place) = self.conditions.iter().position(blamed) else {
                return Err(Error::Query { what, reason });
            };
            for (test, filter) in self.tests.iter_mut().zip(&self.filters) {
                if *filter == Some(place) || matches!(test, Test::Mask(m) if *m == place) {
                    *test = Test::GivenUp(format!("{what}: {reason}"));
                }
            }
            NEVER.clone_into(&mut self.conditions[place]);
            self.predicates = Predicates::new(&self.conditions)?;
        }
    }

    /// Ends the scan: one state per expectation; `known` is the profile that was made before it.
    ///
    /// Errors: `Query` when a query cannot be evaluated, those of scanning another dataset.
    pub(super) fn finish(
        self,
        plan: &DatasetPlan,
        others: &BTreeMap<String, Dataset>,
        known: Option<Profile>,
    ) -> Result<Scanned> {
        let on_the_way = self.profile.finish();
        let rows = known.as_ref().map_or(self.rows, |p| p.rows);
        let profile = known.unwrap_or(on_the_way);
        let mut answers = self.queries.run(plan, others)?;
        let mut tests = Vec::new();
        let mut states = Vec::new();
        for (i, (test, decided)) in self.tests.into_iter().zip(self.decided).enumerate() {
            let planned = &plan.expectations[i];
            if let Some(state) = decided {
                tests.push(test);
                states.push(state);
                continue;
            }
            let mut state = State {
                rows: if self.filters[i].is_none() {
                    rows
                } else {
                    self.considered[i]
                },
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
            rows,
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

/// Writes what a test saw into the state, and keeps what finding the rows needs.
fn ended(test: Test, profile: &Profile, state: &mut State) -> Test {
    match test {
        Test::Kernel(mut kernel) => {
            let counts = kernel.finish();
            state.failing = Some(counts.failing);
            state.detail = counts.detail;
            let number = |v: u64| Some(Scalar::Int(Integer(i128::from(v))));
            let extra = counts.extra.iter();
            state.values = extra.map(|(n, v)| ((*n).to_owned(), number(*v))).collect();
            Test::Kernel(kernel)
        }
        Test::Gauge(mut gauge) => {
            let found = gauge.finish();
            let more = found.more.into_iter().map(|(n, v)| (n.to_owned(), v));
            state.values = vec![(found.name.to_owned(), found.value)];
            state.values.extend(more);
            state.detail = found.detail;
            Test::None
        }
        Test::Profile(measure) => {
            match measure.finish(profile) {
                Ok(value) => state.values = vec![value],
                Err(why) => state.unable = Some(Unable::Error(why)),
            }
            Test::None
        }
        Test::GivenUp(reason) => {
            state.unable = Some(Unable::Error(reason));
            Test::None
        }
        other => other,
    }
}
