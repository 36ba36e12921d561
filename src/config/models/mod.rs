//! `models:` of `tollgate.yaml`: candidates, what they are compared with, and what is asked of their metrics.

mod besides;
pub mod champion;
mod endpoint;
mod onnx;
pub mod promote;
mod rules;
mod sources;

pub use besides::{FilesConfig, HeldConfig, SignatureConfig, SignatureSource, TrainingConfig};
pub use champion::ChampionConfig;
pub use endpoint::{
    BATCH, ENDPOINT_TIMEOUT, EndpointConfig, FORMS, LAYOUTS, LatencyLimit, PROTOCOLS, ParityConfig,
    QUANTILES,
};
pub use onnx::{NULLS, OnnxConfig};
pub use promote::{Champion, Git, PromoteConfig, Signature, Unread};
pub use rules::{Amount, Certainty, MetricConfig, OwnMetric, Rules, SliceRules, Spread};
pub use sources::{
    COMMAND_TIMEOUT, Columns, CommandConfig, Maker, MlflowConfig, Origin, PredictionsConfig,
};

use super::dataset;
use super::fields::{Fields, Problems, text};
use super::named;
use super::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::metric::Task;
use crate::record::Severity;

/// Chance that a candidate which is worse by the whole margin is let through, and that one which is no worse is
/// stopped, where nothing else is said. Unit: share of comparisons.
pub const ALPHA: f64 = 0.05;

/// What `alpha` may be.
pub const ALPHAS: std::ops::RangeInclusive<f64> = 0.0001..=0.25;

/// Rows of an evaluation set, below which nothing is decided, where nothing else is said.
pub const MIN_ROWS: u64 = 50;

/// Rows of a slice, below which it is listed and not judged, where nothing else is said.
pub const MIN_SLICE_ROWS: u64 = 50;

/// One model under test.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub place: Place,
    /// What it predicts, where it is written; told by the columns otherwise.
    pub task: Option<(Task, Place)>,
    /// Where the candidate's rows or metrics come from.
    pub candidate: Origin,
    /// What it is compared with.
    pub baseline: Option<Origin>,
    /// A baseline that stays where it is while the champion moves, so that small losses cannot add up.
    pub anchor: Option<Origin>,
    /// Its files.
    pub artifact: Option<FilesConfig>,
    /// What it is given.
    pub signature: Option<SignatureConfig>,
    /// Rows that it was trained on.
    pub training: Option<TrainingConfig>,
    /// Dataset of this configuration that it must have been trained on.
    pub trained_on: Option<(String, Place)>,
    /// Metrics in file order.
    pub metrics: Vec<MetricConfig>,
    /// Columns whose values part the rows.
    pub slices: Vec<(String, Place)>,
    /// Rows of a slice, below which it is listed and not judged.
    pub min_slice_rows: u64,
    /// Whether slices that nobody named are searched for.
    pub search: bool,
    /// Rows, below which nothing is decided.
    pub min_rows: u64,
    /// Chance of an error of a one-sided decision.
    pub alpha: f64,
    /// What becomes of what the evidence does not decide.
    pub on_inconclusive: Policy,
    /// What becomes of a comparison whose baseline is not there.
    pub on_no_baseline: NoBaseline,
    /// What becomes of a metric that the candidate does not have.
    pub on_missing: Policy,
    /// The alias that a run may move.
    pub promote: Option<PromoteConfig>,
    /// How much a broken promise matters.
    pub severity: Severity,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The author's own words for it.
    pub description: Option<String>,
}

/// What becomes of what the evidence does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Nothing is decided: the run exits 6.
    Hold,
    /// It warns.
    Pass,
    /// It fails.
    Fail,
}

impl Policy {
    /// Words of the policy.
    pub const WORDS: &[&str] = &["hold", "pass", "fail"];

    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "hold" => Some(Self::Hold),
            "pass" => Some(Self::Pass),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }
}

/// What becomes of a comparison whose baseline is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBaseline {
    /// It fails.
    Fail,
    /// Fixed limits alone decide, and the comparison is skipped with a warning: a first release.
    AbsoluteOnly,
}

impl NoBaseline {
    /// Words of the policy.
    pub const WORDS: &[&str] = &["fail", "absolute_only"];

    fn parse(word: &str) -> Option<Self> {
        match word {
            "fail" => Some(Self::Fail),
            "absolute_only" => Some(Self::AbsoluteOnly),
            _ => None,
        }
    }
}

/// Reads `models`; every problem is added.
pub fn read(
    fields: &mut Fields,
    datasets: &[dataset::DatasetConfig],
    problems: &mut Problems,
) -> Vec<ModelConfig> {
    let entries = fields.entries("models", problems);
    for (name, _) in entries {
        named::checked("model", name, problems);
    }
    let mut models = Vec::new();
    for (key, node) in entries {
        if let Some(twin) = datasets.iter().find(|d| d.name == key.name) {
            let what = format!("`{}` is a model and a dataset", key.name);
            problems.add(
                Diagnostic::new("duplicate-name", what)
                    .at(&key.place, "the model")
                    .help(format!(
                        "reports name both; call one of them otherwise than `{}`",
                        twin.name
                    )),
            );
        }
        models.extend(model(key, node, problems));
    }
    models
}

fn model(key: &Key, node: &Node, problems: &mut Problems) -> Option<ModelConfig> {
    let what = format!("model `{}`", key.name);
    let mut fields = Fields::of(node, &what, problems)?;
    let task_place = fields.get("task").map(|n| n.place.clone());
    let task = fields.word("task", &Task::ALL.map(Task::word), parse_task, problems);
    let (candidate, baseline, anchor) = sides(&mut fields, problems);
    fields.require("metrics", problems);
    let metrics = rules::read(&mut fields, problems);
    let artifact = besides::artifact(&mut fields, problems);
    let signature = besides::signature(&mut fields, problems);
    let training = besides::training(&mut fields, problems);
    let trained_on = fields
        .get("trained_on")
        .and_then(|node| Some((text(node, "trained_on", problems)?, node.place.clone())));
    let slices = slices(&mut fields, problems);
    let alpha = alpha(&mut fields, problems).unwrap_or(ALPHA);
    let policy = |key, fields: &mut Fields, problems: &mut Problems| {
        fields.word(key, Policy::WORDS, Policy::parse, problems)
    };
    let on_inconclusive = policy("on_inconclusive", &mut fields, problems);
    let on_missing = policy("on_missing", &mut fields, problems);
    let on_no_baseline = fields.word(
        "on_no_baseline",
        NoBaseline::WORDS,
        NoBaseline::parse,
        problems,
    );
    let promote = promote::read(&mut fields, problems);
    let severity = fields.word("severity", Severity::WORDS, Severity::parse, problems);
    let min_rows = fields.count("min_rows", problems);
    let min_slice_rows = fields.count("min_slice_rows", problems);
    let search = fields.boolean("search_slices", problems);
    let owner = fields.text("owner", problems);
    let description = fields.text("description", problems);
    fields.finish(problems);
    Some(ModelConfig {
        name: key.name.clone(),
        place: key.place.clone(),
        task: task.zip(task_place),
        candidate: candidate?,
        baseline,
        anchor,
        artifact,
        signature,
        training,
        trained_on,
        metrics,
        slices,
        min_slice_rows: min_slice_rows.unwrap_or(MIN_SLICE_ROWS),
        search: search.unwrap_or(false),
        min_rows: min_rows.unwrap_or(MIN_ROWS),
        alpha,
        on_inconclusive: on_inconclusive.unwrap_or(Policy::Hold),
        on_no_baseline: on_no_baseline.unwrap_or(NoBaseline::Fail),
        on_missing: on_missing.unwrap_or(Policy::Fail),
        promote,
        severity: severity.unwrap_or(Severity::Error),
        owner,
        description,
    })
}

/// Candidate, baseline and anchor.
fn sides(
    fields: &mut Fields,
    problems: &mut Problems,
) -> (Option<Origin>, Option<Origin>, Option<Origin>) {
    let candidate = fields
        .require("candidate", problems)
        .and_then(|node| sources::read(node, "candidate", None, problems));
    let columns = candidate.as_ref().and_then(Origin::columns).cloned();
    let other = |key: &'static str, fields: &mut Fields, problems: &mut Problems| {
        let node = fields.get(key)?;
        sources::read(node, key, columns.as_ref(), problems)
    };
    let baseline = other("baseline", fields, problems);
    let anchor = other("anchor", fields, problems);
    (candidate, baseline, anchor)
}

fn parse_task(word: &str) -> Option<Task> {
    Task::ALL.into_iter().find(|task| task.word() == word)
}

fn alpha(fields: &mut Fields, problems: &mut Problems) -> Option<f64> {
    let node = fields.get("alpha")?;
    let alpha = fields.number("alpha", problems)?;
    if ALPHAS.contains(&alpha) {
        return Some(alpha);
    }
    let wanted = format!("a share from {} to {}", ALPHAS.start(), ALPHAS.end());
    problems.wrong_type(node, "alpha", &wanted);
    None
}

fn slices(fields: &mut Fields, problems: &mut Problems) -> Vec<(String, Place)> {
    let mut found: Vec<(String, Place)> = Vec::new();
    for item in fields.list("slices") {
        let Some(name) = text(item, "slices", problems) else {
            continue;
        };
        if found.iter().any(|(n, _)| *n == name) {
            problems.add(
                Diagnostic::new("duplicate-column", format!("`slices` names `{name}` twice"))
                    .at(&item.place, "again here")
                    .help("name each column once"),
            );
            continue;
        }
        found.push((name, item.place.clone()));
    }
    found
}

/// Whether a node is a mapping that has `key`.
fn has(node: &Node, key: &str) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.iter().any(|(k, _)| k.name == key))
}
