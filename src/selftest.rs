//! `tollgate test`: the examples of checks, run through the same plan, engine and evaluation as real data.

use crate::catalogue::{Catalogue, Check, Example, Measure, Statistic};
use crate::config::DatasetConfig;
use crate::config::dataset::PastRuns;
use crate::config::fields::Problems;
use crate::context::Progress;
use crate::contract::{Detection, Expectation, Privacy};
use crate::diagnostic::{Place, SourceFile, plural};
use crate::engine::embedded::measure::{Measurements, Surroundings, measure};
use crate::engine::embedded::{example_batch, source::Dataset};
use crate::error::Result;
use crate::evaluate::evaluate;
use crate::history::{Night, Standing, stable};
use crate::measure::State;
use crate::plan::{OtherDataset, Planned, plan_dataset};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// The clock of an example that sets none, and the time at which every example's file was changed.
const EXAMPLE_TIME: &str = "2026-01-01T00:00:00Z";

/// Runs every example; returns the text for people and how many failed.
///
/// Errors: `Error::Interrupted`.
pub fn test(catalogue: &Catalogue) -> Result<(String, usize)> {
    let (mut text, mut ran, mut failed) = (String::new(), 0, 0);
    for check in &catalogue.checks {
        for example in &check.examples {
            ran += 1;
            if let Err(reason) = one(catalogue, check, example) {
                failed += 1;
                writeln!(text, "{}: {}: {reason}", check.id, example.name)
                    .expect("writing to a String cannot fail");
            }
        }
    }
    writeln!(
        text,
        "{} of {}, {failed} failed",
        plural(ran, "example"),
        plural(catalogue.checks.len() as u64, "check")
    )
    .expect("writing to a String cannot fail");
    Ok((text, failed))
}

fn one(
    catalogue: &Catalogue,
    check: &Arc<Check>,
    example: &Example,
) -> std::result::Result<(), String> {
    let changed = EXAMPLE_TIME
        .parse()
        .map_err(|e| format!("{EXAMPLE_TIME}: {e}"))?;
    let data = dataset(&example.data, &example.types)?.changed_at(changed, &example.files);
    let mut datasets = BTreeMap::new();
    for (name, node) in &example.datasets {
        datasets.insert(name.clone(), dataset(node, &[])?);
    }
    let now = example.now.as_deref().unwrap_or(EXAMPLE_TIME);
    let now = now.parse().map_err(|e| format!("now: {e}"))?;
    let (place, _folder) = written(example)?;
    let config = configuration(check, example, &place);
    let names: Vec<OtherDataset> = datasets
        .iter()
        .map(|(name, d): (&String, &Dataset)| OtherDataset {
            name: name.clone(),
            columns: d.columns().to_vec(),
            personal: Vec::new(),
        })
        .collect();
    let mut problems = Problems::default();
    let shape = (data.schema().clone(), data.columns().to_vec());
    let plan = plan_dataset(&config, catalogue, shape, &names, now, &mut problems);
    if let Some(problem) = problems.0.first() {
        return Err(problem.render());
    }
    let around = Surroundings {
        now,
        progress: Progress::Hidden,
        quarantine: None,
        store: None,
        seed: 0,
    };
    let measured = measure(&plan, &data, &datasets, &around).map_err(|e| e.to_string())?;
    let (Some(planned), Some(state)) = (plan.expectations.first(), measured.states.first()) else {
        return Err("nothing was planned".to_owned());
    };
    let followed = followed(planned, &measured, example, now);
    let outcome = evaluate("data", planned, followed.as_ref().unwrap_or(state));
    if outcome.status != example.status {
        let (is, should) = (outcome.status.word(), example.status.word());
        return Err(format!("expected {should}, got {is}: {}", outcome.message));
    }
    if example.failing.is_some() && example.failing != outcome.failing {
        return Err(format!(
            "expected {:?} failing, got {:?}",
            example.failing, outcome.failing
        ));
    }
    match &example.message {
        Some(wanted) if !outcome.message.contains(wanted) => {
            Err(format!("message is: {}", outcome.message))
        }
        _ => Ok(()),
    }
}

/// Where an example stands: in a folder of its own with the files that its arguments name, where there are some. The folder
/// is there as long as what is returned with the place.
fn written(example: &Example) -> std::result::Result<(Place, Option<TempDir>), String> {
    let place = example.data.place.clone();
    if example.texts.is_empty() {
        return Ok((place, None));
    }
    let folder = tempfile::tempdir().map_err(|e| format!("no folder for its files: {e}"))?;
    for (name, content) in &example.texts {
        let plain = Path::new(name).components().count() == 1 && !name.starts_with('.');
        if !plain {
            return Err(format!("`{name}` is no plain name of a file"));
        }
        std::fs::write(folder.path().join(name), content).map_err(|e| format!("{name}: {e}"))?;
    }
    let file = SourceFile {
        path: folder.path().join("tollgate.yaml").display().to_string(),
        text: place.file.text.clone(),
    };
    let file = Arc::new(file);
    Ok((Place { file, ..place }, Some(folder)))
}

/// The state of an example about past runs; `None` for others.
fn followed(
    planned: &Planned,
    measured: &Measurements,
    example: &Example,
    now: DateTime<Utc>,
) -> Option<State> {
    let follows = planned.check.measure == Measure::Statistic(Statistic::MetricStable);
    follows.then(|| {
        let night = Night::of(&measured.profile, now, Standing::Ordinary, &|_| {
            (Privacy::Open, Detection::Off)
        });
        let args = &planned.args;
        stable::state(args, measured.rows, stable::of(args, &night), &example.past)
    })
}

fn dataset(
    node: &crate::config::tree::Node,
    types: &[(String, String)],
) -> std::result::Result<Dataset, String> {
    let batch = example_batch::batch(node, types)?;
    Dataset::from_batches("example", vec![batch]).map_err(|e| e.to_string())
}

fn configuration(check: &Arc<Check>, example: &Example, place: &Place) -> DatasetConfig {
    DatasetConfig {
        past: PastRuns::Kept,
        expect: vec![Expectation {
            check: check.id.clone(),
            place: place.clone(),
            args: example.with.clone(),
            column: None,
            pattern: None,
        }],
        ..DatasetConfig::bare("data", "example", place)
    }
}
