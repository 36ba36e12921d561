//! Models of a configuration with nothing left to resolve: metrics by name, what they need, what they are compared with.

use crate::config::Config;
use crate::config::fields::Problems;
use crate::config::models::{Columns, Maker, MetricConfig, ModelConfig, Origin};
use crate::config::tree::Node;
use crate::diagnostic::Diagnostic;
use crate::model::metric::{Direction, Metric, Need, Options, Task};
use crate::model::rows;

/// One model, ready to be measured.
#[derive(Debug, Clone)]
pub struct ModelPlan {
    /// As written.
    pub config: ModelConfig,
    /// Its metrics, in configuration order.
    pub metrics: Vec<Metric>,
    /// What it predicts; absent where only metrics are known.
    pub task: Option<Task>,
}

/// Plans every model; every problem is added.
#[must_use]
pub fn models(config: &Config, problems: &mut Problems) -> Vec<ModelPlan> {
    let datasets: Vec<&str> = config.datasets.iter().map(|d| d.name.as_str()).collect();
    let models = config.models.iter();
    models
        .map(|model| plan(model, &datasets, problems))
        .collect()
}

fn plan(model: &ModelConfig, datasets: &[&str], problems: &mut Problems) -> ModelPlan {
    let columns = model.candidate.columns();
    let told = columns.and_then(rows::task);
    let task = model.task.as_ref().map(|(task, _)| *task).or(told);
    if columns.is_some() && task.is_none() {
        let what = format!(
            "model `{}` names no column that says what it predicts",
            model.name
        );
        problems.add(
            Diagnostic::new("missing-key", what)
                .at(&model.place, "no prediction")
                .help("name `score` (two classes), `scores` or `class` with `task`, `value` (a number), or `query` (a ranking)"),
        );
    }
    let known: Vec<Option<Metric>> = model
        .metrics
        .iter()
        .map(|config| metric(config, problems))
        .collect();
    for (config, metric) in model.metrics.iter().zip(&known) {
        let Some(metric) = metric else { continue };
        if let (Some(task), Some(columns)) = (task, columns) {
            fits(config, metric, task, columns, problems);
        }
        comparable(model, config, metric, problems);
    }
    sliced(model, problems);
    let signature = model.signature.as_ref().map(|s| (&s.dataset, &s.place));
    let trained = model.trained_on.as_ref().map(|(name, place)| (name, place));
    for (name, place) in signature.into_iter().chain(trained) {
        if datasets.contains(&name.as_str()) {
            continue;
        }
        let what = format!("there is no dataset `{name}`");
        problems.add(
            Diagnostic::new("unknown-dataset", what)
                .at(place, "held against nothing")
                .help(crate::diagnostic::listing(
                    "datasets",
                    name,
                    datasets.iter().copied(),
                )),
        );
    }
    ModelPlan {
        config: model.clone(),
        metrics: known.into_iter().flatten().collect(),
        task,
    }
}

fn metric(config: &MetricConfig, problems: &mut Problems) -> Option<Metric> {
    let mut options = Options::default();
    for (key, node) in &config.options {
        if let Err(problem) = options.set(key, &written(node)) {
            problems.add(Diagnostic::new("wrong-option", problem).at(&node.place, "here"));
        }
    }
    match Metric::parse(&config.metric, &options) {
        Ok(metric) => Some(metric),
        Err(problem) => {
            problems.add(
                Diagnostic::new("unknown-metric", problem).at(&config.place, "not a metric")
                    .help("docs/metrics.md lists every metric with its options; `metric: NAME` gives a metric another name"),
            );
            None
        }
    }
}

fn written(node: &Node) -> String {
    node.value.to_string()
}

/// Whether a metric can be computed for the task, from the columns that are named.
fn fits(
    config: &MetricConfig,
    metric: &Metric,
    task: Task,
    columns: &Columns,
    problems: &mut Problems,
) {
    if !metric.suits(task) {
        let what = format!(
            "`{}` is no metric of a {} model",
            config.metric,
            task.word()
        );
        problems.add(
            Diagnostic::new("wrong-metric", what)
                .at(&config.place, format!("the model is {}", task.word()))
                .help("`task` says what a model predicts, where its columns do not"),
        );
        return;
    }
    let given = |need: Need| match need {
        Need::Class => {
            columns.class.is_some() || columns.score.is_some() || !columns.scores.is_empty()
        }
        Need::Score => columns.score.is_some() || columns.scores.len() == 2,
        Need::Scores => !columns.scores.is_empty(),
        Need::Value => columns.value.is_some(),
        Need::Low => columns.low.is_some(),
        Need::High => columns.high.is_some(),
        Need::Group => columns.query.is_some(),
    };
    for need in metric.needs_of(task) {
        if !given(*need) {
            let word = match need {
                Need::Group => "query",
                other => other.word(),
            };
            let what = format!("`{}` needs the column `{word}`", config.metric);
            problems.add(
                Diagnostic::new("missing-key", what)
                    .at(&config.place, "not named under `candidate`"),
            );
        }
    }
}

/// Whether what is compared has something to be compared with, and a better side.
fn comparable(
    model: &ModelConfig,
    config: &MetricConfig,
    metric: &Metric,
    problems: &mut Problems,
) {
    let rules = &config.rules;
    let slices = rules.slices.as_ref().and_then(|s| s.no_worse_by.as_ref());
    let compared = [
        ("no_worse_by", rules.no_worse_by.as_ref()),
        ("better_by", rules.better_by.as_ref()),
        ("worst_slice", slices),
    ];
    for (key, rule) in compared {
        let Some((_, place)) = rule else { continue };
        if model.baseline.is_none() {
            let what = format!(
                "`{key}` of `{}` has nothing to be compared with",
                config.name
            );
            problems.add(
                Diagnostic::new("missing-key", what)
                    .at(place, "no `baseline`")
                    .help(format!("give model `{}` a `baseline`", model.name)),
            );
        }
        if metric.direction() == Direction::Neutral {
            let what = format!("`{}` has no better side", config.name);
            problems.add(
                Diagnostic::new("wrong-metric", what)
                    .at(place, "cannot be worse")
                    .help("use at_least, at_most or spread"),
            );
        }
    }
}

/// Whether what is asked of slices has slices.
fn sliced(model: &ModelConfig, problems: &mut Problems) {
    if !model.slices.is_empty() {
        return;
    }
    if model.search {
        let what = format!(
            "model `{}` searches slices, and no column is named",
            model.name
        );
        problems.add(
            Diagnostic::new("missing-key", what)
                .at(&model.place, "of which?")
                .help("give it `slices: [COLUMN, ...]`: they are searched alone and two by two"),
        );
    }
    for config in &model.metrics {
        let place = match (&config.rules.slices, &config.rules.spread) {
            (_, Some(spread)) => &spread.place,
            (Some(_), None) => &config.place,
            (None, None) => continue,
        };
        let what = format!(
            "`{}` asks something of slices, and there are none",
            config.name
        );
        problems.add(
            Diagnostic::new("missing-key", what)
                .at(place, "of which?")
                .help(format!(
                    "give model `{}` `slices: [COLUMN, ...]`",
                    model.name
                )),
        );
    }
}

/// What a side is, in one word for records.
#[must_use]
pub fn kind(origin: &Origin) -> &'static str {
    match origin {
        Origin::Predictions(rows) if matches!(rows.made_by, Maker::Endpoint(_)) => "endpoint",
        Origin::Predictions(_) => "predictions",
        Origin::Metrics(_) => "metrics",
        Origin::Pinned(_) => "pinned",
        Origin::Mlflow(_) => "mlflow",
        Origin::Registry(_) => "registry",
    }
}
