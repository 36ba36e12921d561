//! What is done with every batch for one expectation.

use super::super::kernel::{Gauge, Kernel};
use super::super::profile::ProfileBuilder;
use super::super::source::Dataset;
use super::super::tests_of_rows::{gauge, kernel};
use crate::error::{Error, Result};
use crate::measure::{Profile, State};
use crate::plan::{DatasetPlan, Measured, Planned, reading};
use crate::scalar::Scalar;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{and, filter_record_batch};
use std::collections::BTreeMap;

/// What is done with every batch for one expectation.
pub(super) enum Test {
    /// Nothing: schema, files or footers decide, or rows are only counted.
    None,
    /// Rows of which a condition is true are counted: its place among the [`Conditions`].
    Mask(usize),
    /// A row test in Rust.
    Kernel(Box<Kernel>),
    /// An exact number in Rust.
    Gauge(Box<Gauge>),
    /// A measure of a column's profile.
    Profile(ColumnMeasure),
    /// Nothing any more: it cannot be evaluated, for this reason.
    GivenUp(String),
    /// An SQL query over held rows: its place among the held queries.
    Query(usize),
}

impl Test {
    /// Whether rows are looked at for it, besides the profile of all rows.
    pub(super) fn looks_at_rows(&self) -> bool {
        match self {
            Self::Mask(_) | Self::Kernel(_) | Self::Gauge(_) | Self::Query(_) => true,
            Self::Profile(measure) => !measure.is_shared(),
            Self::None | Self::GivenUp(_) => false,
        }
    }
}

/// A measure of a column's profile; with a filter, of a profile of its own.
pub(super) struct ColumnMeasure {
    pub(super) column: String,
    measure: String,
    own: Option<ProfileBuilder>,
}

impl ColumnMeasure {
    pub(super) fn new(planned: &Planned, plan: &DatasetPlan, column: &str, measure: &str) -> Self {
        let field = plan.columns.iter().filter(|f| f.name == column).cloned();
        let own = planned.common.filter.as_ref();
        Self {
            column: column.to_owned(),
            measure: measure.to_owned(),
            own: own.map(|_| ProfileBuilder::new(&field.collect::<Vec<_>>())),
        }
    }

    /// Whether the profile of all rows answers it.
    pub(super) fn is_shared(&self) -> bool {
        self.own.is_none()
    }

    /// Adds the rows that the filter keeps to the profile of its own, if it has one.
    pub(super) fn update(
        &mut self,
        batch: &RecordBatch,
        filter: Option<&BooleanArray>,
    ) -> Result<()> {
        let (Some(own), Some(filter)) = (&mut self.own, filter) else {
            return Ok(());
        };
        let what = || format!("column `{}`", self.column);
        let query = |reason: &dyn std::fmt::Display| super::super::kernel::query(what(), reason);
        let index = batch.schema_ref().index_of(&self.column);
        let index = index.map_err(|e| query(&e))?;
        let one = batch.project(&[index]).map_err(|e| query(&e))?;
        own.update(&filter_record_batch(&one, filter).map_err(|e| query(&e))?);
        Ok(())
    }

    /// The value under its name, or why there is none: the profile did not look into the column's values.
    pub(super) fn finish(
        self,
        shared: &Profile,
    ) -> std::result::Result<(String, Option<Scalar>), String> {
        let own = self.own.map(ProfileBuilder::finish);
        let profile = own.as_ref().unwrap_or(shared);
        let column = profile.column(&self.column);
        let value = column.and_then(|c| c.measure(&self.measure));
        let why = column.and_then(|c| c.not_profiled.clone());
        if let (None, Some(why)) = (&value, why) {
            return Err(why);
        }
        let name = self.measure.split('/').next().unwrap_or_default();
        Ok((name.to_owned(), value))
    }
}

/// The test of one expectation; queries are counted in `queries`.
///
/// Errors: `Query` when arguments do not fit the data, those of scanning another dataset.
fn test(
    planned: &Planned,
    plan: &DatasetPlan,
    others: &BTreeMap<String, Dataset>,
    conditions: &mut Conditions,
    queries: &mut usize,
) -> Result<Test> {
    Ok(match &planned.measure {
        Measured::Rows(sql) => Test::Mask(conditions.place(sql)),
        Measured::Kernel => match gauge(planned, plan)? {
            Some(gauge) => Test::Gauge(Box::new(gauge)),
            None => {
                kernel(planned, plan, others)?.map_or(Test::None, |k| Test::Kernel(Box::new(k)))
            }
        },
        Measured::Profile {
            column: Some(column),
            measure,
        } => Test::Profile(ColumnMeasure::new(planned, plan, column, measure)),
        Measured::Value(_) | Measured::Groups(_) => {
            *queries += 1;
            Test::Query(*queries - 1)
        }
        Measured::Profile { column: None, .. } | Measured::Metadata | Measured::Impossible(_) => {
            Test::None
        }
    })
}

/// The tests of a dataset's expectations, in their order.
pub(super) struct Tests {
    pub(super) list: Vec<Test>,
    pub(super) conditions: Conditions,
    /// Per expectation: place of the filter's mask.
    pub(super) filters: Vec<Option<usize>>,
}

impl Tests {
    /// Makes ready; `decided` are expectations that need no rows. One that cannot be evaluated is given up.
    ///
    /// Errors: those of scanning another dataset.
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
            let made = test(planned, plan, others, &mut conditions, &mut queries);
            tests.push(made.or_else(given_up)?);
        }
        Ok(Self {
            list: tests,
            conditions,
            filters,
        })
    }

    /// What is still to be asked of rows: the conditions of expectations that nothing has decided; the others hold.
    pub(super) fn open_conditions(&self, decided: &[Option<State>]) -> Vec<String> {
        let open = |place: usize| {
            let mut all = self.list.iter().zip(&self.filters).zip(decided);
            all.any(|((test, filter), decided)| {
                let asks = *filter == Some(place) || matches!(test, Test::Mask(m) if *m == place);
                decided.is_none() && asks
            })
        };
        let conditions = self.conditions.0.iter().enumerate();
        let text = |(place, sql): (usize, &String)| {
            if open(place) {
                sql.clone()
            } else {
                NEVER.to_owned()
            }
        };
        conditions.map(text).collect()
    }
}

/// A condition that is true of no row; it stands for one that is given up or needs no rows.
pub(super) const NEVER: &str = "1 = 0";

/// The test of an expectation that cannot be evaluated; errors that are not about it stay errors.
pub(super) fn given_up(error: Error) -> Result<Test> {
    match error {
        Error::Query { what, reason } => Ok(Test::GivenUp(format!("{what}: {reason}"))),
        other => Err(other),
    }
}

/// SQL conditions, each asked once per batch.
#[derive(Default)]
pub(super) struct Conditions(pub(super) Vec<String>);

impl Conditions {
    /// The place of a condition, which is added when it is new.
    pub(super) fn place(&mut self, sql: &str) -> usize {
        self.0.iter().position(|s| s == sql).unwrap_or_else(|| {
            self.0.push(sql.to_owned());
            self.0.len() - 1
        })
    }

    /// The place of an expectation's `where`.
    pub(super) fn filter(&mut self, planned: &Planned) -> Option<usize> {
        let (sql, _) = planned.common.filter.as_ref()?;
        Some(self.place(sql))
    }
}

/// Rows of which the condition is true, among those that the filter keeps.
///
/// Errors: `Query` when the two are of different lengths.
pub(super) fn kept(mask: &BooleanArray, filter: Option<&BooleanArray>) -> Result<BooleanArray> {
    match filter {
        None => Ok(mask.clone()),
        Some(filter) => and(mask, filter).map_err(|e| super::super::kernel::query("a filter", e)),
    }
}
