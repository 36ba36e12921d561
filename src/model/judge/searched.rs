//! The worst of all slices of one and two columns, with a correction for having searched.

use super::Everything;
use super::asked::{Asked, measurement, name};
use super::compare::alone;
use super::found::Care;
use super::words::{number, rows_text};
use crate::config::models::ModelConfig;
use crate::model::evaluation::{Evaluation, Slicing};
use crate::model::metric::{Direction, Metric, Prepared};
use crate::model::outcome::unjudged;
use crate::record::{Outcome, Status, Threshold};
use crate::statistics::paired::NoInterval;
use crate::statistics::paired::search::{Found, Search, Searched, worst_slices};
use crate::statistics::paired::shared::Parted;

/// Random signs of all rows.
const REPLICATES: u32 = 1_000;

/// Rows of a slice that have to differ.
const LEAST_DIFFERING: u64 = 10;

/// What a search found of one metric, and the baseline's value; `None` for a metric that is no mean over rows.
pub type Result = std::result::Result<(Searched, f64), NoInterval>;

/// Searches the slices of one metric; `None` where the metric is no mean over rows, or there is no baseline.
#[must_use]
pub fn searched(metric: &Metric, rows: &Evaluation, least_rows: u64, care: Care) -> Option<Result> {
    let baseline = rows.baseline.as_ref()?;
    let now = row_losses(alone(metric, &rows.candidate, rows).ok()?)?;
    let before = alone(metric, baseline, rows).ok()?;
    let value = before.value(None)?;
    let before = row_losses(before)?;
    let sign = match metric.direction() {
        Direction::LowerIsBetter => -1.0,
        Direction::HigherIsBetter | Direction::Neutral => 1.0,
    };
    let pairs = now.iter().zip(&before);
    let differences: Vec<f64> = pairs.map(|(now, before)| sign * (now - before)).collect();
    let columns: Vec<Parted> = rows
        .slices
        .iter()
        .map(|slicing| Parted {
            of: &slicing.of,
            count: u32::try_from(slicing.names.len()).unwrap_or(u32::MAX),
        })
        .collect();
    let found = worst_slices(&Search {
        differences: &differences,
        clusters: rows.clusters.as_ref().map(|(of, _)| of.as_slice()),
        columns: &columns,
        least_rows: least_rows.max(2),
        least_differing: LEAST_DIFFERING,
        seed: care.sampling.seed,
        replicates: REPLICATES,
        threads: care.sampling.threads,
        alpha: care.alpha,
    });
    Some(found.map(|found| (found, value)))
}

/// The losses of rows without weights; `None` for every other form.
fn row_losses(prepared: Prepared) -> Option<Vec<f64>> {
    match prepared {
        Prepared::Mean {
            losses,
            weights: None,
            unit_of_row: None,
        } => Some(losses),
        Prepared::Proportion { hit, among: None } => Some(
            hit.into_iter()
                .map(|hit| f64::from(u8::from(hit)))
                .collect(),
        ),
        _ => None,
    }
}

/// A search that was asked for and of which no metric has one.
pub(super) fn nothing(model: &ModelConfig, found: &Everything) -> Outcome {
    let named = ("searched_slices", "searched_slices");
    let mut outcome = unjudged(model, named, SUMMARY, &model.place);
    outcome.status = Status::Skipped;
    let compared = found.whole.iter().any(|f| f.baseline.is_some());
    let why = if compared {
        "only metrics that are a mean over rows are searched, of a candidate and a baseline with rows, and without weights"
    } else {
        "the baseline is not there"
    };
    outcome.message = format!("No slice was searched: {why}.");
    outcome
}

const SUMMARY: &str = "No slice of one or two columns is proved worse, however many were searched.";

/// What a search says: broken where the worst slice is proved worse among all that were searched, and loses more than the
/// margin.
pub(super) fn outcome(asked: &Asked, found: &Result, slicings: &[Slicing]) -> Outcome {
    let mut outcome = asked.outcome("searched_slices", SUMMARY, &asked.config.place);
    let (found, before) = match found {
        Ok((found, before)) => (found, *before),
        Err(why) => {
            outcome.status = asked.unsure(asked.undecided());
            outcome.message = format!("{}: slices cannot be searched: {why}.", name(asked));
            return outcome;
        }
    };
    let margin = asked.margin(before);
    let Some(worst) = found.slices.first() else {
        outcome.status = Status::Skipped;
        outcome.message = format!("{}: no slice has enough rows to be searched.", name(asked));
        return outcome;
    };
    let is_worse = worst.p <= asked.alpha.value() && -worst.difference > margin;
    outcome.status = if is_worse {
        asked.broken()
    } else {
        Status::Pass
    };
    outcome.rows = Some(worst.rows);
    outcome.measured = vec![
        measurement("slices", found.slices.len() as f64),
        measurement("worst_p", worst.p),
    ];
    outcome.limits = vec![Threshold {
        name: "worst_p".to_owned(),
        op: ">".to_owned(),
        text: number(asked.alpha.value()),
        number: Some(asked.alpha.value()),
        held: !is_worse,
    }];
    let lead = if is_worse {
        format!("{} is worse where {}", name(asked), named(worst, slicings))
    } else {
        format!(
            "{}: of {} slices none is proved worse by more than {}; the worst is {}",
            name(asked),
            found.slices.len(),
            number(margin),
            named(worst, slicings)
        )
    };
    outcome.message = format!(
        "{lead}: {} {} in {}, {} after drawing it towards the others (chance of one as bad among {} searched: {}).",
        if worst.difference < 0.0 {
            "worse by"
        } else {
            "better by"
        },
        number(worst.difference.abs()),
        rows_text(Some(worst.rows)),
        number(worst.shrunken.abs()),
        found.slices.len(),
        number(worst.p)
    );
    outcome
}

fn named(found: &Found, slicings: &[Slicing]) -> String {
    let parts = found.parts.iter().filter_map(|(column, part)| {
        let slicing = slicings.get(*column)?;
        let value = slicing.names.get(*part as usize)?;
        let value = crate::report::text::short(value, 40);
        Some(format!("{} = {value}", slicing.column))
    });
    parts.collect::<Vec<_>>().join(" and ")
}
