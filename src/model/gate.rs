//! One model from its plan to outcomes and record: both sides are read, measured and judged.

use super::beside;
use super::constant;
use super::endpoint_side::{self, Answered};
use super::evaluation::Evaluation;
use super::judge::compare::Sampling;
use super::judge::found::{self, Care, Compared, Found, Slice, against_tracked};
use super::judge::{self, Everything, searched};
use super::metric::Metric;
use super::outcome::{unjudged, unreadable};
use super::own;
use super::read::{self, Read, Sources};
use super::rows::{Problem, Side};
use super::source::{Tracked, TrackedMetric, Wanted};
use crate::aside::said;
use crate::config::Config;
use crate::config::models::{ModelConfig, Origin};
use crate::config::registries::RegistryConfig;
use crate::context::Context;
use crate::engine::embedded::inputs::Inputs;
use crate::error::Result;
use crate::history::Past;
use crate::plan::models::ModelPlan;
use crate::plan::{DatasetPlan, Plan};
use crate::record::{DatasetRecord, MetricRecord, ModelRecord, Outcome, SideRecord};
use crate::statistics::intervals::Interval;
use crate::statistics::paired::Alpha;
use crate::statistics::paired::ledger::spend;

/// Threads that resampling uses; results do not depend on them.
const THREADS: usize = 2;

/// What a run says of one model.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Outcomes in configuration order.
    pub outcomes: Vec<Outcome>,
    /// The record.
    pub record: ModelRecord,
}

/// What a model is judged among.
pub struct Around<'a> {
    /// Datasets of the configuration, and the folder that paths are relative to.
    pub inputs: &'a Inputs,
    /// Datasets as they are planned, with their contracts.
    pub plans: &'a [DatasetPlan],
    /// What the run says of its datasets.
    pub datasets: &'a [DatasetRecord],
    /// Registries of the configuration, whose aliases a baseline may be.
    pub registries: &'a [RegistryConfig],
    /// Clock and seed.
    pub context: &'a Context,
    /// What is kept of the runs before: the how manieth candidate a record is about on its rows.
    pub past: &'a Past,
}

impl<'a> Around<'a> {
    /// What the models of a configuration are judged among.
    #[must_use]
    pub fn of(
        inputs: &'a Inputs,
        (plan, datasets): (&'a Plan, &'a [DatasetRecord]),
        config: &'a Config,
        context: &'a Context,
        past: &'a Past,
    ) -> Self {
        Self {
            inputs,
            plans: &plan.datasets,
            datasets,
            registries: &config.registries,
            context,
            past,
        }
    }

    /// What the sides of a model may be read from.
    fn sources(&self, model: &'a str) -> Sources<'a> {
        Sources {
            model,
            registries: self.registries,
            base: &self.inputs.base,
            context: self.context,
        }
    }
}

/// Reads, measures and judges every model: all outcomes, and the records in configuration order.
///
/// A model of which something cannot be read has one outcome that says so.
/// Errors: as for [`fn@judge`], but those of data.
pub fn judge_all(
    models: &[ModelPlan],
    around: &Around,
) -> Result<(Vec<Outcome>, Vec<ModelRecord>)> {
    let (mut outcomes, mut records) = (Vec::new(), Vec::new());
    for plan in models {
        let judged = match judge(plan, around) {
            // What cannot be read of one model says nothing of another.
            Err(error) if error.is_of_data() => Judged {
                outcomes: vec![unreadable(&plan.config, &said(&error))],
                record: unread(&plan.config),
            },
            judged => judged?,
        };
        outcomes.extend(judged.outcomes);
        records.push(judged.record);
    }
    Ok((outcomes, records))
}

/// Reads, measures and judges one model.
///
/// Errors: [`crate::error::Error::Data`] when the candidate, or a baseline that is there, or what is asked besides metrics
/// cannot be read.
pub fn judge(plan: &ModelPlan, around: &Around) -> Result<Judged> {
    let config = &plan.config;
    let sources = around.sources(&config.name);
    let mut besides: Vec<String> = config.slices.iter().map(|(name, _)| name.clone()).collect();
    besides.extend(config.training.iter().flat_map(|t| t.key.iter().cloned()));
    besides.extend(plan.own_columns());
    let names: Vec<&str> = config.metrics.iter().map(|m| m.name.as_str()).collect();
    let wanted = Wanted::these(&names);
    let mut candidate = read::candidate(&config.candidate, &besides, &wanted, &sources)
        .map_err(|error| read::named(error, &config.name, &config.candidate))?;
    let other = |origin: &Option<Origin>| {
        let Some(origin) = origin else {
            return Ok(None);
        };
        read::other(Some(origin), &wanted, &sources)
            .map_err(|error| read::named(error, &config.name, origin))
    };
    let (mut baseline, mut anchor) = (other(&config.baseline)?, other(&config.anchor)?);
    anchor = anchor.or(read::anchored(config, &sources)?);
    endpoint_side::leave_out([Some(&mut candidate), baseline.as_mut(), anchor.as_mut()]);
    let mut record = record(plan, [Some(&candidate), baseline.as_ref(), anchor.as_ref()]);
    let (mut outcomes, artifact) = beside::beside(
        config,
        (candidate.table(), &candidate.record().datasets),
        around,
    )?;
    record.artifact = artifact;
    outcomes.extend(candidate.answered().iter().flat_map(|a| a.outcomes(config)));
    let prepared = prepare(plan, candidate, baseline, anchor);
    let sides = match prepared {
        Ok(sides) => sides,
        Err(problem) => {
            outcomes.push(unable(plan, &problem));
            return Ok(Judged { outcomes, record });
        }
    };
    if let Candidate::Rows(rows) = &sides.candidate {
        record.rows = Some(rows.candidate.rows() as u64);
        record.paired = rows.baseline.is_some();
        record.rows_sha256 = Some(rows.candidate.digest());
        record.curves = judge::pictures::curves(rows);
        outcomes.extend(constant::outcomes(config, rows));
    }
    let alpha = Alpha::new(config.alpha).unwrap_or(Alpha::FIVE_PERCENT);
    let attempt = around.past.attempt(&record);
    record.attempt = u64::from(attempt.unwrap_or(1));
    let alpha = attempt.map_or(alpha, |attempt| spend(alpha, attempt));
    record.spent = alpha.value();
    let care = Care {
        alpha,
        sampling: Sampling {
            seed: around.context.seed,
            threads: THREADS,
        },
    };
    let found = measure(plan, &sides, care);
    record.metrics = judge::table(config, &plan.metrics, &found, alpha);
    sides.candidate.state_rows(&mut record.metrics);
    (record.small_slices, record.more_small_slices) = judge::small(&found);
    outcomes.extend(judge::outcomes(config, &plan.metrics, &found, alpha));
    Ok(Judged { outcomes, record })
}

/// The record before anything is measured, of candidate, baseline and anchor.
fn record(plan: &ModelPlan, sides: [Option<&Read>; 3]) -> ModelRecord {
    let config = &plan.config;
    let side = |place: usize| sides[place].map(|side| side.record().clone());
    ModelRecord {
        task: plan.task.map(|task| task.word().to_owned()),
        candidate: side(0).unwrap_or_default(),
        baseline: side(1),
        anchor: side(2),
        latency: sides[0].and_then(Read::answered).and_then(Answered::record),
        ..unread(config)
    }
}

/// The record of a model of which nothing could be read.
#[must_use]
pub fn unread(config: &ModelConfig) -> ModelRecord {
    ModelRecord {
        name: config.name.clone(),
        task: config.task.as_ref().map(|(task, _)| task.word().to_owned()),
        candidate: SideRecord {
            from: "not evaluated".to_owned(),
            ..SideRecord::default()
        },
        baseline: None,
        anchor: None,
        artifact: None,
        rows: None,
        paired: false,
        rows_sha256: None,
        attempt: 1,
        alpha: config.alpha,
        spent: config.alpha,
        promote: None,
        metrics: Vec::new(),
        curves: Vec::new(),
        small_slices: Vec::new(),
        more_small_slices: 0,
        latency: None,
    }
}

enum Candidate {
    Rows(Box<Evaluation>),
    Tracked(Box<Tracked>),
}

impl Candidate {
    /// Writes how many rows the values over all rows are of, where somebody else measured them.
    fn state_rows(&self, metrics: &mut [MetricRecord]) {
        let Self::Tracked(tracked) = self else { return };
        for metric in metrics.iter_mut().filter(|m| m.slice.is_none()) {
            let known = tracked.metric(&metric.name, None);
            metric.rows = known.and_then(|known| known.rows);
        }
    }
}

/// Both sides, ready to be measured.
struct Sides {
    candidate: Candidate,
    /// Where the baseline is not rows beside the candidate's.
    baseline: Option<Tracked>,
    anchor: Option<Tracked>,
}

fn prepare(
    plan: &ModelPlan,
    candidate: Read,
    baseline: Option<Read>,
    anchor: Option<Read>,
) -> std::result::Result<Sides, Problem> {
    let apart = |side: Option<Read>, who: &str| match side {
        None => Ok((None, None)),
        Some(Read::Tracked(tracked, _)) => Ok((None, Some(*tracked))),
        Some(Read::Rows(read, _)) => {
            let (table, config, _) = *read;
            let task = plan
                .task
                .ok_or("the candidate has metrics only, and rows to be compared with")?;
            let side = Side::read(&table, &config.columns, task)
                .map_err(|problem| format!("{who}: {problem}"))?;
            Ok::<_, Problem>((Some(side), None))
        }
    };
    let (baseline_rows, baseline) = apart(baseline, "the baseline")?;
    let (anchor_rows, anchor) = apart(anchor, "the anchor")?;
    let candidate = match candidate {
        Read::Tracked(tracked, _) => Candidate::Tracked(tracked),
        Read::Rows(read, _) => {
            let (table, config, _) = *read;
            let task = plan.task.ok_or("what the model predicts is not known")?;
            let side = Side::read(&table, &config.columns, task)
                .map_err(|problem| format!("the candidate: {problem}"))?;
            let slices: Vec<String> = plan
                .config
                .slices
                .iter()
                .map(|(name, _)| name.clone())
                .collect();
            let sides = (side, baseline_rows, anchor_rows);
            let mut rows = Evaluation::paired(&table, &config.columns, &slices, sides)?;
            own::fill(&mut rows, &table, &plan.own)?;
            Candidate::Rows(Box::new(rows.in_time(&table, &config.columns)?))
        }
    };
    Ok(Sides {
        candidate,
        baseline,
        anchor,
    })
}

/// The outcome of a model of which nothing can be told.
fn unable(plan: &ModelPlan, problem: &str) -> Outcome {
    let summary = "Candidate and baseline can be judged on the same rows.";
    let mut outcome = unjudged(&plan.config, ("rows", "rows"), summary, &plan.config.place);
    outcome.message = format!("Not evaluated: {problem}.");
    outcome
}

fn measure(plan: &ModelPlan, sides: &Sides, care: Care) -> Everything {
    let metrics = &plan.metrics;
    let mut found = match &sides.candidate {
        Candidate::Rows(rows) => {
            let all = found::all(metrics, rows, plan.config.min_slice_rows, care);
            let mut searched = Vec::new();
            for (place, metric) in metrics.iter().enumerate().filter(|_| plan.config.search) {
                let found = searched::searched(metric, rows, plan.config.min_slice_rows, care);
                searched.extend(found.map(|found| (place, found)));
            }
            Everything {
                whole: all.whole,
                slices: all.slices,
                small: all.small,
                searched,
                slicings: rows.slices.clone(),
            }
        }
        Candidate::Tracked(tracked) => of_tracked(plan, tracked, care),
    };
    for (other, is_anchor) in [(&sides.baseline, false), (&sides.anchor, true)] {
        let Some(other) = other else { continue };
        for found in found.whole.iter_mut().chain(&mut found.slices) {
            let name = &plan.config.metrics[found.metric].name;
            let of = found.slice.as_ref();
            let of = of.map(|s| (s.column.as_str(), s.value.as_str()));
            // What was pinned for the first time, or anchored anew, has no anchor yet.
            if is_anchor && plan.config.anchor.is_none() && other.metric(name, of).is_none() {
                continue;
            }
            let compared = beside(&metrics[found.metric], name, found, other, care);
            if is_anchor {
                found.anchor = Some(compared);
            } else {
                found.baseline = Some(compared);
            }
        }
    }
    found
}

/// The comparison of what was found with a tracked value.
fn beside(
    metric: &Metric,
    name: &str,
    found: &Found,
    other: &Tracked,
    care: Care,
) -> std::result::Result<Compared, Problem> {
    let value = found.candidate.as_ref().map_err(Clone::clone)?;
    let z = care.alpha.z();
    let error = |interval: &Interval| interval.standard_error(value.value, z);
    let now = TrackedMetric {
        name: name.to_owned(),
        value: value.value,
        standard_error: value.interval.as_ref().ok().map(error),
        rows: found.rows,
        slice: None,
        definition: None,
    };
    let slice = found.slice.as_ref();
    let compared = against_tracked(metric, name, &now, other, slice, care.alpha)?;
    Ok(match value.interval {
        Ok(_) => compared,
        // Rows that do not tell how sure the value is are no counts of rows either: they may all be of one cluster.
        Err(why) => Compared {
            paired: Err(why),
            ..compared
        },
    })
}

/// What a source of metrics holds of each metric, over all rows and over every slice of a named column.
fn of_tracked(plan: &ModelPlan, tracked: &Tracked, care: Care) -> Everything {
    let mut everything = Everything::default();
    for (place, (config, metric)) in plan.config.metrics.iter().zip(&plan.metrics).enumerate() {
        let one = |slice: Option<Slice>| {
            let of = slice
                .as_ref()
                .map(|s| (s.column.as_str(), s.value.as_str()));
            let value = found::tracked(metric, &config.name, tracked, of);
            Found {
                metric: place,
                rows: value.as_ref().ok().and_then(|v| v.rows),
                candidate: value.map(|v| found::value_of(metric, v, care.alpha)),
                slice,
                baseline: None,
                anchor: None,
            }
        };
        everything.whole.push(one(None));
        for (column, _) in &plan.config.slices {
            let of = tracked.metrics.iter().filter(|m| m.name == config.name);
            let values = of
                .filter_map(|m| m.slice.as_ref())
                .filter(|(c, _)| c == column);
            let slices = values.map(|(column, value)| Slice {
                column: column.clone(),
                value: value.clone(),
            });
            everything
                .slices
                .extend(slices.map(|slice| one(Some(slice))));
        }
    }
    everything
}
