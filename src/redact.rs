//! The last look at what a run says, before anything of it is shown: personal data and secrets in its sentences.
//!
//! Values of personal columns never come this far. What is taken out here are single values of other columns that a
//! sentence, a category or a failing row names. Pure: the same outcomes and plan give the same outcomes.

use crate::contract::Detection;
use crate::detect::{Detector, HIDDEN};
use crate::plan::{DatasetPlan, Plan, Planned, reading};
use crate::record::{ModelRecord, Outcome};
use std::collections::BTreeMap;

/// Everything that a run says: [`outcomes`] and [`models`].
pub fn everything(found: &mut [Outcome], judged: &mut [ModelRecord], plan: &Plan) {
    outcomes(found, plan);
    models(judged);
}

/// Takes what looks like personal data or a secret out of messages, measured texts, categories and failing rows; what
/// the contract's author wrote beside (owner, description, waiver) stays. Columns with `pii: false` are left alone.
pub fn outcomes(found: &mut [Outcome], plan: &Plan) {
    let detector = Detector::of_reports();
    let parts: BTreeMap<&str, &DatasetPlan> = plan
        .datasets
        .iter()
        .map(|part| (part.config.name.as_str(), part))
        .collect();
    let planned: BTreeMap<&str, &Planned> = plan
        .datasets
        .iter()
        .flat_map(|part| &part.expectations)
        .map(|planned| (planned.id.as_str(), planned))
        .collect();
    for outcome in found {
        let part = parts.get(outcome.dataset.as_str()).copied();
        let planned = planned.get(outcome.id.as_str()).copied();
        one(outcome, part, planned, &detector);
    }
}

/// Takes values of slices, and of sentences about them, that look like personal data or a secret out of the records of
/// models. The slices of one model
/// are numbered instead, so that they stay apart: the same value has the same number in all of its metrics.
pub fn models(found: &mut [ModelRecord]) {
    let detector = Detector::of_reports();
    for model in found {
        let problems = model.metrics.iter_mut().filter_map(|m| m.problem.as_mut());
        problems.for_each(|problem| hide(problem, &detector));
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let of_metrics = model.metrics.iter_mut().filter_map(|m| m.slice.as_mut());
        let slices = of_metrics.chain(&mut model.small_slices);
        for cell in slices.flat_map(|slice| &mut slice.of) {
            let Some(value) = &mut cell.value else {
                continue;
            };
            if detector.find(value).is_some() {
                let next = known.len() + 1;
                let number = *known.entry(value.clone()).or_insert(next);
                *value = format!("{HIDDEN} {number}");
            }
        }
    }
}

fn one(
    outcome: &mut Outcome,
    part: Option<&DatasetPlan>,
    planned: Option<&Planned>,
    detector: &Detector,
) {
    let is_shown = |column: &str| part.is_some_and(|p| p.detection(column) == Detection::Off);
    for cell in outcome.samples.iter_mut().flat_map(|row| &mut row.cells) {
        if let Some(value) = &mut cell.value
            && !is_shown(&cell.column)
            && detector.find(value).is_some()
        {
            HIDDEN.clone_into(value);
        }
    }
    let looked_at = match (part, planned) {
        (Some(part), Some(planned)) => reading::columns_of(planned, part),
        _ => outcome.column.iter().cloned().collect(),
    };
    if !looked_at.is_empty() && looked_at.iter().all(|column| is_shown(column)) {
        return;
    }
    hide(&mut outcome.message, detector);
    for measured in outcome.measured.iter_mut().filter(|m| m.number.is_none()) {
        hide(&mut measured.text, detector);
    }
    for limit in outcome.limits.iter_mut().filter(|l| l.number.is_none()) {
        hide(&mut limit.text, detector);
    }
    let labels = outcome.comparison.iter_mut().flat_map(|c| &mut c.labels);
    labels.for_each(|label| hide(label, detector));
}

fn hide(text: &mut String, detector: &Detector) {
    if let std::borrow::Cow::Owned(shown) = detector.hide(text) {
        *text = shown;
    }
}
