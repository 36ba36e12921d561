//! The scan for failing rows: samples with every reason, and the parting of good rows from bad ones. At most one.

use super::super::kernel::Kernel;
use super::super::kernel::rows::{Shown, row_text};
use super::super::relational::{Predicates, predicate_columns};
use super::super::source::Dataset;
use super::quarantine::Splitter;
use super::suspects::redact;
use super::test::{Conditions, Test, kept};
use crate::catalogue::argument::Arg;
use crate::contract::Privacy;
use crate::detect::Detector;
use crate::error::{Error, Result};
use crate::measure::State;
use crate::plan::{DatasetPlan, Measured, Planned, elsewhere};
use crate::record::{FailingRow, Severity, Waiver};
use arrow::array::{BooleanArray, RecordBatch};

/// Columns of a sample at most.
const SHOWN_COLUMNS: usize = 12;

/// The scan for failing rows, batch after batch.
pub(super) struct Second<'a> {
    plan: &'a DatasetPlan,
    predicates: Predicates,
    looked: Vec<Looked>,
    splitter: Option<Splitter>,
    rows: u64,
}

/// One expectation whose failing rows are looked for.
struct Looked {
    expectation: usize,
    filter: Option<usize>,
    find: Find,
    /// Failing rows there are; absent where groups are counted.
    total: Option<u64>,
    found: u64,
    makes: Quality,
    shown: Vec<(String, Shown)>,
}

/// How its failing rows are found.
enum Find {
    Mask(usize),
    Kernel(Box<Kernel>),
}

/// What breaking an expectation makes of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quality {
    Good,
    Bad,
}

impl<'a> Second<'a> {
    /// Makes ready to look for the rows of every expectation that counted some; `tests` are those of the first scan.
    ///
    /// Errors: `Query` when a condition does not parse, which the plan rules out.
    pub(super) fn new(
        plan: &'a DatasetPlan,
        tests: Vec<Test>,
        states: &[State],
        splitter: Option<Splitter>,
    ) -> Result<Self> {
        let mut conditions = Conditions::default();
        let mut looked = Vec::new();
        for (i, test) in tests.into_iter().enumerate() {
            let planned = &plan.expectations[i];
            let failing = states[i].failing.unwrap_or(0);
            if failing == 0 {
                continue;
            }
            let find = match (test, &planned.measure) {
                (Test::Kernel(kernel), _) => Find::Kernel(kernel),
                (_, Measured::Rows(sql)) => Find::Mask(conditions.place(sql)),
                _ => continue,
            };
            let counts_groups = planned.args.get("count") == Some(&Arg::Word("groups".to_owned()));
            looked.push(Looked {
                expectation: i,
                filter: conditions.filter(planned),
                find,
                total: (!counts_groups).then_some(failing),
                found: 0,
                makes: quality(planned, failing),
                shown: shown(plan, planned),
            });
        }
        Ok(Self {
            plan,
            predicates: Predicates::new(&conditions.0)?,
            looked,
            splitter,
            rows: 0,
        })
    }

    /// Scans, fills the samples of `states`, and gives back the parted rows.
    ///
    /// Stops early when every sample is full and rows are not parted.
    /// Errors: those of the scan, of the tests, and of writing.
    pub(super) fn scan(
        mut self,
        dataset: &Dataset,
        states: &mut [State],
        each: &mut dyn FnMut(u64),
    ) -> Result<Option<Splitter>> {
        let columns = self.columns(dataset);
        let mut enough = false;
        let scanned = dataset.scan(&columns, &mut |batch| {
            self.update(batch, states)?;
            each(batch.num_rows() as u64);
            enough = self.splitter.is_none() && self.is_full(states);
            // Readers stop on an error only; this one is taken back below.
            if enough {
                Err(Error::Interrupted)
            } else {
                Ok(())
            }
        });
        match scanned {
            Err(Error::Interrupted) if enough => crate::context::check_interrupt()?,
            other => other?,
        }
        if !enough {
            self.same_rows(dataset)?;
        }
        let detector = Detector::of_reports();
        for state in states {
            redact(&mut state.samples, self.plan, &detector);
        }
        Ok(self.splitter)
    }

    /// Columns to read: what the tests and samples need, and every top-level column when rows are parted.
    fn columns(&self, dataset: &Dataset) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        for looked in &self.looked {
            let planned = &self.plan.expectations[looked.expectation];
            wanted.extend(looked.shown.iter().map(|(n, _)| n.clone()));
            if let Find::Kernel(kernel) = &looked.find {
                wanted.extend(kernel.columns());
            }
            if let Measured::Rows(sql) = &planned.measure {
                wanted.extend(predicate_columns(sql));
            }
            if let Some((sql, _)) = &planned.common.filter {
                wanted.extend(predicate_columns(sql));
            }
        }
        let mut columns: Vec<String> = if self.splitter.is_some() {
            dataset.schema().names().map(str::to_owned).collect()
        } else {
            Vec::new()
        };
        for field in &self.plan.columns {
            if wanted.contains(&field.name) && !columns.contains(&field.name) {
                columns.push(field.name.clone());
            }
        }
        columns
    }

    fn update(&mut self, batch: &RecordBatch, states: &mut [State]) -> Result<()> {
        let masks = self.predicates.masks(batch)?;
        let mut failing: Vec<BooleanArray> = Vec::new();
        for looked in &mut self.looked {
            let filter = looked.filter.map(|f| &masks[f]);
            let rows = match &mut looked.find {
                Find::Mask(m) => kept(&masks[*m], filter)?,
                Find::Kernel(kernel) => kernel.second_pass(batch, filter)?,
            };
            looked.found += rows.true_count() as u64;
            failing.push(rows);
        }
        for (looked, rows) in self.looked.iter().zip(&failing) {
            let samples = &mut states[looked.expectation].samples;
            let wanted = self.plan.expectations[looked.expectation]
                .common
                .samples
                .most;
            for (row, _) in rows.iter().enumerate().filter(|(_, f)| *f == Some(true)) {
                if samples.len() >= wanted {
                    break;
                }
                samples.push(FailingRow {
                    row: self.rows + row as u64 + 1,
                    cells: row_text(batch, row, &looked.shown)?,
                    reasons: self.reasons(&failing, row),
                });
            }
        }
        if let Some(mut splitter) = self.splitter.take() {
            splitter.write(batch, &self.verdicts(batch.num_rows(), &failing))?;
            self.splitter = Some(splitter);
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Ids of every expectation that a row breaks, in contract order.
    fn reasons(&self, failing: &[BooleanArray], row: usize) -> Vec<String> {
        let broken = self.looked.iter().zip(failing);
        broken
            .filter(|(_, rows)| rows.value(row))
            .map(|(l, _)| self.plan.expectations[l.expectation].id.clone())
            .collect()
    }

    /// Per row: why it is bad; `None` for good rows.
    fn verdicts(&self, rows: usize, failing: &[BooleanArray]) -> Vec<Option<String>> {
        let bad = |row: usize| {
            let mut broken = self.looked.iter().zip(failing);
            broken.any(|(l, rows)| l.makes == Quality::Bad && rows.value(row))
        };
        (0..rows)
            .map(|row| bad(row).then(|| self.reasons(failing, row).join("; ")))
            .collect()
    }

    /// Whether no further row would be shown.
    fn is_full(&self, states: &[State]) -> bool {
        self.looked.iter().all(|l| {
            let wanted = self.plan.expectations[l.expectation].common.samples.most;
            states[l.expectation].samples.len() >= wanted || l.total == Some(l.found)
        })
    }

    /// Both scans saw the same rows.
    fn same_rows(&self, dataset: &Dataset) -> Result<()> {
        let changed = |l: &&Looked| l.total.is_some_and(|t| t != l.found);
        match self.looked.iter().find(changed) {
            None => Ok(()),
            Some(l) => {
                let path = dataset.files().first().map_or("the data", |f| &f.path);
                let id = &self.plan.expectations[l.expectation].id;
                let (first, second) = (l.total.unwrap_or(0), l.found);
                Err(Error::data(
                    "read",
                    path,
                    format!(
                        "it changed during the run: {first} rows broke {id} when measured, {second} when collected"
                    ),
                ))
            }
        }
    }
}

/// A row is bad when it breaks a promise of severity `error` that nobody has waived.
fn quality(planned: &Planned, failing: u64) -> Quality {
    let counts = |w: &Waiver| !w.expired && w.max_failing.is_none_or(|most| failing <= most);
    let waived = planned.common.waiver.as_ref().is_some_and(counts);
    if planned.common.severity == Severity::Error && !waived {
        Quality::Bad
    } else {
        Quality::Good
    }
}

/// Key columns, then those the expectation looks at; the values of these are left out where it says so.
fn shown(plan: &DatasetPlan, planned: &Planned) -> Vec<(String, Shown)> {
    let samples = &planned.common.samples;
    let keys = samples.keys.clone().unwrap_or_else(|| plan.key());
    let mut names = keys.clone();
    names.extend(planned.args.all_columns().into_iter().map(str::to_owned));
    if let Measured::Rows(sql) = &planned.measure {
        names.extend(predicate_columns(sql));
    }
    if elsewhere::is_meant(&planned.check) {
        names.extend(elsewhere::columns(planned, plan));
    }
    if let Some((sql, _)) = &planned.common.filter {
        names.extend(predicate_columns(sql));
    }
    // A column that the contract declares need not be there.
    names.retain(|n| plan.columns.iter().any(|f| f.name == *n));
    if names.is_empty() {
        names.extend(plan.columns.iter().map(|f| f.name.clone()));
    }
    let mut seen: Vec<(String, Shown)> = Vec::new();
    for name in names {
        if seen.len() < SHOWN_COLUMNS && !seen.iter().any(|(n, _)| *n == name) {
            let shown = match plan.privacy(&name) {
                Privacy::Personal => Shown::Redacted,
                Privacy::Open if samples.redact && !keys.contains(&name) => Shown::Redacted,
                Privacy::Open => Shown::Value,
            };
            seen.push((name, shown));
        }
    }
    seen
}
