//! The promises of a contract, judged by what is known of one batch.

use super::Batch;
use crate::catalogue::Catalogue;
use crate::config::DatasetConfig;
use crate::config::dataset::EmptyDataset;
use crate::config::fields::Problems;
use crate::contract::{Contract, Expectation};
use crate::diagnostic::Place;
use crate::engine::embedded::measure::{Answer, answers};
use crate::error::Result;
use crate::evaluate::evaluate;
use crate::plan::{DatasetPlan, OtherDataset, Planned, plan_dataset};
use crate::record::Status;
use crate::types::{Field, Schema};
use chrono::{DateTime, Utc};

/// One promise of a contract and what a batch makes of it.
pub(super) struct Promise {
    /// Id of its outcome.
    pub(super) id: String,
    pub(super) check: String,
    pub(super) columns: Vec<String>,
    /// Everything that decides its verdict, as text.
    pub(super) what: String,
    pub(super) judged: Judged,
}

/// What a batch makes of a promise.
pub(super) enum Judged {
    Known(Status),
    Unknown(String),
}

/// What a plan is made with.
struct Maker<'a> {
    name: &'a str,
    catalogue: &'a Catalogue,
    batch: &'a Batch,
    now: DateTime<Utc>,
}

/// The promises of both contracts over one batch.
pub(super) fn promises(
    (old, new): (&Contract, &Contract),
    name: &str,
    catalogue: &Catalogue,
    batch: &Batch,
    now: DateTime<Utc>,
) -> Result<(Vec<Promise>, Vec<Promise>)> {
    let maker = Maker {
        name,
        catalogue,
        batch,
        now: batch.at.unwrap_or(now),
    };
    let whole = (maker.plan(old), maker.plan(new));
    if let (Ok(old), Ok(new)) = whole {
        return Ok((maker.judged(&old, &[])?, maker.judged(&new, &[])?));
    }
    // What cannot be planned over this batch stands in nobody's way; both sides are taken apart, so that ids agree.
    Ok((maker.one_by_one(old)?, maker.one_by_one(new)?))
}

impl Maker<'_> {
    /// The plan of a contract over the columns of the batch, or the first problem.
    fn plan(&self, contract: &Contract) -> std::result::Result<DatasetPlan, String> {
        let place = Place {
            file: contract.file.clone(),
            line: 1,
            column: 1,
            length: 1,
        };
        let config = DatasetConfig {
            contract: Some(contract.clone()),
            empty: EmptyDataset::Fails,
            ..DatasetConfig::bare(self.name, "batch", &place)
        };
        let field = |c: &crate::measure::evidence::Known| Field {
            name: c.name.clone(),
            dtype: c.dtype.clone(),
            nullable: true,
        };
        let columns: Vec<Field> = self.batch.evidence.columns.iter().map(field).collect();
        let shape = (
            Schema {
                fields: columns.clone(),
            },
            columns,
        );
        let others = [OtherDataset::of(&config, &shape.1)];
        let mut problems = Problems::default();
        let plan = plan_dataset(
            &config,
            self.catalogue,
            shape,
            &others,
            self.now,
            &mut problems,
        );
        match problems.0.into_iter().next() {
            None => Ok(plan),
            Some(problem) => Err(problem.message),
        }
    }

    /// The promises of a plan, those at the given places only, or all.
    fn judged(&self, plan: &DatasetPlan, at: &[&Place]) -> Result<Vec<Promise>> {
        let answers = answers(plan, &self.batch.evidence, self.batch.at)?;
        let here =
            |p: &Planned| at.is_empty() || at.iter().any(|place| place.location() == p.location);
        let both = plan.expectations.iter().zip(answers);
        let both = both.filter(|(p, _)| here(p));
        Ok(both.map(|(p, a)| self.promise(p, a)).collect())
    }

    fn promise(&self, planned: &Planned, answer: Answer) -> Promise {
        let columns = planned.args.all_columns().into_iter();
        Promise {
            id: planned.id.clone(),
            check: planned.check.id.clone(),
            columns: columns.map(str::to_owned).collect(),
            what: what(planned),
            judged: match answer {
                Answer::Exact(state) => Judged::Known(evaluate(self.name, planned, &state).status),
                Answer::AtLeast(state) => {
                    let outcome = evaluate(self.name, planned, &state);
                    if outcome.limits.iter().any(|l| !l.held) {
                        Judged::Known(outcome.status)
                    } else {
                        Judged::Unknown("how many rows fail is not kept".to_owned())
                    }
                }
                Answer::Unknown(reason) => Judged::Unknown(reason),
            },
        }
    }

    /// What is said of columns, then each expectation by itself.
    fn one_by_one(&self, contract: &Contract) -> Result<Vec<Promise>> {
        let mut bare = contract.clone();
        bare.expect.clear();
        bare.columns.iter_mut().for_each(|c| c.expect.clear());
        let mut found = match self.plan(&bare) {
            Ok(plan) => self.judged(&plan, &[])?,
            Err(problem) => vec![self.unplanned("columns", &[], &problem)],
        };
        let of_columns = contract.columns.iter().flat_map(|c| &c.expect);
        for expectation in of_columns.chain(&contract.expect) {
            let mut one = bare.clone();
            let mut columns = one.columns.iter_mut();
            match columns.find(|c| Some(&c.name) == expectation.column.as_ref()) {
                Some(column) => column.expect.push(expectation.clone()),
                None => one.expect.push(expectation.clone()),
            }
            match self.plan(&one) {
                Ok(plan) => found.extend(self.judged(&plan, &[&expectation.place])?),
                Err(problem) => found.push(self.unfit(expectation, &problem)),
            }
        }
        number(&mut found);
        Ok(found)
    }

    fn unfit(&self, expectation: &Expectation, problem: &str) -> Promise {
        let columns: Vec<String> = expectation.column.iter().cloned().collect();
        let mut promise = self.unplanned(&expectation.check, &columns, problem);
        let args = expectation.args.as_ref().map(|a| format!("{:?}", a.value));
        promise.what = args.unwrap_or_default();
        promise
    }

    /// A promise that cannot be planned over the batch.
    fn unplanned(&self, check: &str, columns: &[String], problem: &str) -> Promise {
        let about = match columns {
            [] => String::new(),
            some => format!("({})", some.join(", ")),
        };
        Promise {
            id: format!("{}.{check}{about}", self.name),
            check: check.to_owned(),
            columns: columns.to_vec(),
            what: problem.to_owned(),
            judged: Judged::Unknown(format!("it does not fit the batch: {problem}")),
        }
    }
}

/// Promises of one id get numbers, as in a plan.
fn number(promises: &mut [Promise]) {
    for i in 0..promises.len() {
        let base = |id: &str| id.split('#').next().unwrap_or_default().to_owned();
        let id = base(&promises[i].id);
        let before = promises[..i].iter().filter(|p| base(&p.id) == id).count();
        promises[i].id = match before {
            0 => id,
            n => format!("{id}#{}", n + 1),
        };
    }
}

/// Everything that decides the verdict: check, arguments, filter, tolerances, severity, waiver.
fn what(planned: &Planned) -> String {
    let args = planned.args.0.iter();
    let args: Vec<String> = args
        .map(|(name, arg, _)| format!("{name}: {arg:?}"))
        .collect();
    let common = &planned.common;
    format!(
        "{} {} {:?} {:?} {:?} {:?} {:?} {:?}",
        planned.check.id,
        args.join(", "),
        common.severity,
        common.filter.as_ref().map(|(sql, _)| sql),
        common.on_empty,
        common.max_failing,
        common.max_failing_ratio,
        common.waiver,
    )
}
