//! Models of a configuration with nothing left to resolve: metrics by name, what they need, what they are compared with.

use crate::config::Config;
use crate::config::fields::Problems;
use crate::config::models::{Columns, Maker, MetricConfig, ModelConfig, Origin, OwnMetric};
use crate::config::tree::Node;
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::embedded::table;
use crate::model::metric::{Direction, Metric, Need, Options, Task, Terms};
use crate::model::own::{self, OwnTerm};
use crate::model::rows;
use crate::model::source::onnx::{BUILT, MISSING};

/// One model, ready to be measured.
#[derive(Debug, Clone)]
pub struct ModelPlan {
    /// As written.
    pub config: ModelConfig,
    /// Its metrics, in configuration order.
    pub metrics: Vec<Metric>,
    /// Expressions of the user's own metrics, where they stand among the terms of each side.
    pub own: Vec<OwnTerm>,
    /// What it predicts; absent where only metrics are known.
    pub task: Option<Task>,
}

impl ModelPlan {
    /// Columns of the candidate's rows that expressions read, beside what is true and what the model said.
    #[must_use]
    pub fn own_columns(&self) -> Vec<String> {
        let names = self.own.iter().flat_map(|term| &term.names);
        let columns = self.config.candidate.columns();
        let plain =
            |name: &&String| columns.is_some_and(|columns| !own::is_role(name, columns, self.task));
        names.filter(plain).cloned().collect()
    }
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
    let mut terms = Vec::new();
    let mut known: Vec<Option<Metric>> = Vec::new();
    for config in &model.metrics {
        known.push(match &config.own {
            None => metric(config, problems),
            Some(own) => own_metric(config, own, (columns, task), &mut terms, problems),
        });
    }
    for (config, metric) in model.metrics.iter().zip(&known) {
        let Some(metric) = metric else { continue };
        if let (Some(task), Some(columns)) = (task, columns) {
            fits(config, metric, task, columns, problems);
        }
        comparable(model, config, metric, problems);
    }
    sliced(model, problems);
    runs_files(model, problems);
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
        own: terms,
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
                    .help("docs/metrics.md lists every metric with its options; `metric: NAME` gives one another name, `expression: SQL` makes one of your own"),
            );
            None
        }
    }
}

/// The problem of rows without an expression over them.
fn without_expression(config: &MetricConfig) -> Diagnostic {
    let what = format!("nothing says how `{}` is made of rows", config.name);
    Diagnostic::new("missing-key", what)
        .at(&config.place, "no `expression`")
        .help("write `expression: SQL`, a number of each row, or take a candidate that has metrics")
}

/// A metric of the user's own; its expressions are added to `terms`.
fn own_metric(
    config: &MetricConfig,
    own: &OwnMetric,
    (columns, task): (Option<&Columns>, Option<Task>),
    terms: &mut Vec<OwnTerm>,
    problems: &mut Problems,
) -> Option<Metric> {
    if let Ok(known) = Metric::parse(&config.name, &Options::default()) {
        let what = format!("`{}` is a metric of the list", config.name);
        let help = format!(
            "docs/metrics.md says what it is ({}); give yours another name",
            known.direction().words()
        );
        let found = Diagnostic::new("known-metric", what).at(&config.place, "one of your own");
        problems.add(found.help(help));
        return None;
    }
    for (key, node) in &config.options {
        let what = format!("`{key}` is an option of metrics of the list, not of your own");
        problems.add(Diagnostic::new("wrong-option", what).at(&node.place, "here"));
    }
    let direction = match own.greater_is_better {
        None => Direction::Neutral,
        Some((true, _)) => Direction::HigherIsBetter,
        Some((false, _)) => Direction::LowerIsBetter,
    };
    let at = u32::try_from(terms.len()).unwrap_or(u32::MAX);
    let written = [&own.expression, &own.divided_by];
    if columns.is_some() && own.expression.is_none() {
        problems.add(without_expression(config));
        return None;
    }
    let mut definition = "as it is tracked".to_owned();
    for (place, (sql, at)) in written.into_iter().flatten().enumerate() {
        definition = if place == 0 {
            format!("mean of {sql}")
        } else {
            format!("{} / sum of {sql}", definition.replacen("mean", "sum", 1))
        };
        match table::columns_of(sql) {
            Ok(names) => {
                if let Some(columns) = columns {
                    said_by_candidate(&names, columns, task, at, problems);
                }
                terms.push(OwnTerm {
                    metric: config.name.clone(),
                    sql: sql.clone(),
                    names,
                });
            }
            Err(reason) => {
                let what = format!("`{}` is no number of a row: {reason}", config.name);
                let found = Diagnostic::new("wrong-expression", what).at(at, "here");
                problems.add(found.help("such as `CASE WHEN label = 1 AND class = 0 THEN 40 ELSE 0 END`; docs/models.md says what it may name"));
                return None;
            }
        }
    }
    let terms = match own.divided_by {
        None => Terms::Mean(at),
        Some(_) => Terms::Ratio(at),
    };
    Some(Metric::own(terms, direction, definition))
}

/// Whether an expression names what the candidate said by its column, which the other side does not have.
fn said_by_candidate(
    names: &[String],
    columns: &Columns,
    task: Option<Task>,
    at: &Place,
    problems: &mut Problems,
) {
    for name in names {
        let Some(role) = own::role_of_said(name, columns, task) else {
            continue;
        };
        let what = format!("`{name}` is what the candidate said; write `{role}`");
        let of_class = columns.scores.iter().any(|(_, column)| column == name);
        let help = if of_class {
            "only the candidate has this column, so both sides would be judged by it; of models with `scores` an expression may name `class`".to_owned()
        } else {
            format!(
                "only the candidate has this column, so both sides would be judged by it; `{role}` is what each side said"
            )
        };
        let found = Diagnostic::new("wrong-expression", what).at(at, "the candidate's column");
        problems.add(found.help(help));
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
                    .help(if metric.is_own() {
                        "say which way it gets better: `greater_is_better: true` or `false`"
                    } else {
                        "use at_least, at_most or spread"
                    }),
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

/// Whether this program runs the ONNX files that are named.
fn runs_files(model: &ModelConfig, problems: &mut Problems) {
    let sides = [
        Some(&model.candidate),
        model.baseline.as_ref(),
        model.anchor.as_ref(),
    ];
    for origin in sides.into_iter().flatten() {
        let rows = match origin {
            Origin::Registry(champion) => champion.by.as_ref(),
            other => Some(other),
        };
        let Some(Origin::Predictions(rows)) = rows else {
            continue;
        };
        if let (Maker::Onnx(onnx), false) = (&rows.made_by, BUILT) {
            problems.add(
                Diagnostic::new("missing-feature", MISSING)
                    .at(&onnx.path.place, "cannot be run by this program"),
            );
        }
    }
}

/// What a side is, in one word for records.
#[must_use]
pub fn kind(origin: &Origin) -> &'static str {
    match origin {
        Origin::Predictions(rows) if matches!(rows.made_by, Maker::Endpoint(_)) => "endpoint",
        Origin::Predictions(rows) if matches!(rows.made_by, Maker::Onnx(_)) => "onnx",
        Origin::Predictions(_) => "predictions",
        Origin::Metrics(_) => "metrics",
        Origin::Pinned(_) => "pinned",
        Origin::Mlflow(_) => "mlflow",
        Origin::Registry(_) => "registry",
    }
}
