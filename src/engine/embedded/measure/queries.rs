//! SQL aggregates and group queries: the columns they read are held in memory and asked once, after the scan.

use super::super::kernel::rows::REDACTED;
use super::super::relational::{Answer, DATA, Frame, Groups, Query, frame_of};
use super::super::source::Dataset;
use super::test::Test;
use crate::contract::Privacy;
use crate::error::{Error, Result};
use crate::measure::{State, Unable};
use crate::plan::{DatasetPlan, Planned};
use crate::record::{Cell, FailingRow};
use crate::scalar::Scalar;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use std::collections::BTreeMap;

/// The queries of one dataset, and the rows that they are asked of.
#[derive(Default)]
pub(super) struct Queries {
    asked: Vec<Asked>,
    /// Per filter (none, or the place of its mask): the rows it keeps, in the columns that its queries read.
    held: Vec<Held>,
}

struct Asked {
    query: Query,
    /// Groups that are kept for showing.
    samples: usize,
    held: usize,
}

struct Held {
    filter: Option<usize>,
    columns: Vec<String>,
    frame: Option<Frame>,
}

impl Queries {
    /// The queries among the tests, in their order.
    ///
    /// Errors: `Query` when one does not parse, which the plan rules out.
    pub(super) fn new(
        plan: &DatasetPlan,
        tests: &[Test],
        filters: &[Option<usize>],
    ) -> Result<Self> {
        let mut all = Self::default();
        for (i, planned) in plan.expectations.iter().enumerate() {
            if !matches!(tests[i], Test::Query(_)) {
                continue;
            }
            let Some(query) = planned.query()? else {
                continue;
            };
            let columns = query.columns_of(&plan.columns);
            let at = all.held.iter().position(|h| h.filter == filters[i]);
            let at = at.unwrap_or_else(|| {
                all.held.push(Held {
                    filter: filters[i],
                    columns: Vec::new(),
                    frame: None,
                });
                all.held.len() - 1
            });
            add(&mut all.held[at].columns, &columns);
            all.asked.push(Asked {
                query,
                samples: planned.common.samples.most,
                held: at,
            });
        }
        Ok(all)
    }

    /// Holds the rows of one batch.
    ///
    /// Errors: `Query` when a value does not fit the type that queries read.
    pub(super) fn update(&mut self, batch: &RecordBatch, masks: &[BooleanArray]) -> Result<()> {
        for held in &mut self.held {
            let rows = match held.filter {
                None => frame_of(batch, &held.columns)?,
                Some(mask) => {
                    let part = project(batch, &held.columns)?;
                    let rows = filter_record_batch(&part, &masks[mask])
                        .map_err(|e| super::super::kernel::query("a filter", e))?;
                    frame_of(&rows, &held.columns)?
                }
            };
            match &mut held.frame {
                None => held.frame = Some(rows),
                Some(frame) => frame.append(rows)?,
            }
        }
        Ok(())
    }

    /// Asks every query.
    ///
    /// Errors: those of scanning another dataset.
    pub(super) fn run(
        self,
        plan: &DatasetPlan,
        others: &BTreeMap<String, Dataset>,
    ) -> Result<Vec<Found>> {
        let frames = self.others(others)?;
        let mut found = Vec::new();
        for asked in &self.asked {
            let held = &self.held[asked.held];
            let empty = Frame::without_rows(&plan.columns, &held.columns);
            let mut tables = vec![(DATA, held.frame.as_ref().unwrap_or(&empty))];
            tables.extend(frames.iter().map(|(name, frame)| (name.as_str(), frame)));
            found.push(match asked.query.run(&tables, asked.samples) {
                Ok(answer) => Found(Ok(answer)),
                Err(Error::Query { what, reason }) => Found(Err(format!("{what}: {reason}"))),
                Err(other) => return Err(other),
            });
        }
        Ok(found)
    }

    /// The other datasets that queries name, in the columns they read.
    fn others(&self, others: &BTreeMap<String, Dataset>) -> Result<Vec<(String, Frame)>> {
        let mut frames = Vec::new();
        for (name, dataset) in others.iter().filter(|(n, _)| *n != DATA) {
            let mut columns = Vec::new();
            let mut named = false;
            for asked in &self.asked {
                if asked.query.tables().contains(name) {
                    named = true;
                    add(&mut columns, &asked.query.columns_of(dataset.columns()));
                }
            }
            if !named {
                continue;
            }
            let mut frame: Option<Frame> = None;
            dataset.scan(&columns, &mut |batch| {
                let rows = frame_of(batch, &columns)?;
                match &mut frame {
                    None => frame = Some(rows),
                    Some(frame) => frame.append(rows)?,
                }
                Ok(())
            })?;
            let none = || Frame::without_rows(dataset.columns(), &columns);
            frames.push((name.clone(), frame.unwrap_or_else(none)));
        }
        Ok(frames)
    }
}

/// The answer to one query, or why there is none.
pub(super) struct Found(std::result::Result<Answer, String>);

impl Found {
    /// Writes it into the state of its expectation.
    pub(super) fn fill(&mut self, planned: &Planned, state: &mut State) {
        match &self.0 {
            Err(reason) => state.unable = Some(Unable::Error(reason.clone())),
            Ok(Answer::Value(value)) => {
                let number = value.as_ref().is_none_or(|v| {
                    matches!(
                        v,
                        Scalar::Int(_) | Scalar::Float(_) | Scalar::Decimal { .. }
                    )
                });
                if !number {
                    state.unable = Some(Unable::Error(
                        "the expression does not give a number".to_owned(),
                    ));
                }
                state.values = vec![("value".to_owned(), value.clone())];
            }
            Ok(Answer::Groups(groups)) => {
                state.failing = Some(groups.count);
                state.samples = samples(groups, planned);
            }
        }
    }
}

/// Groups as failing rows: numbered from 1 in the sorted answer.
fn samples(groups: &Groups, planned: &Planned) -> Vec<FailingRow> {
    let cell = |(name, value): &(String, Option<Scalar>)| Cell {
        column: name.clone(),
        value: value.as_ref().map(|v| match planned.privacy {
            Privacy::Open if !planned.common.samples.redact => v.to_string(),
            _ => REDACTED.to_owned(),
        }),
    };
    let row = |(i, group): (usize, &Vec<(String, Option<Scalar>)>)| FailingRow {
        row: i as u64 + 1,
        cells: group.iter().map(cell).collect(),
        reasons: vec![planned.id.clone()],
    };
    groups.rows.iter().enumerate().map(row).collect()
}

fn add(list: &mut Vec<String>, names: &[String]) {
    for name in names {
        if !list.contains(name) {
            list.push(name.clone());
        }
    }
}

fn project(batch: &RecordBatch, columns: &[String]) -> Result<RecordBatch> {
    let schema = batch.schema_ref();
    let places: Vec<usize> = columns
        .iter()
        .filter_map(|c| schema.index_of(c).ok())
        .collect();
    batch
        .project(&places)
        .map_err(|e| super::super::kernel::query("a batch", e))
}
