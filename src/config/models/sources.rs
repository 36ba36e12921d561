//! Where a candidate or a baseline comes from: each kind by its own key.

use super::champion::{self, ChampionConfig};
use super::endpoint::{self, EndpointConfig};
use super::has;
use super::onnx::{self, OnnxConfig};
use crate::config::WrittenPath;
use crate::config::dataset::written;
use crate::config::fields::{Fields, Problems, may_leave, text, variable};
use crate::config::registries::KindConfig;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::source::mlflow::What;
use crate::scalar::Scalar;

/// Where a candidate or a baseline comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Rows with label and prediction.
    Predictions(Box<PredictionsConfig>),
    /// A file of metric values.
    Metrics(WrittenPath),
    /// The baseline file of the repository.
    Pinned(WrittenPath),
    /// Metrics of a run, a logged model or a registered version.
    Mlflow(Box<MlflowConfig>),
    /// The version that an alias of a registry leads to.
    Registry(Box<ChampionConfig>),
}

/// What an `MLflow` server is asked for.
#[derive(Debug, Clone)]
pub struct MlflowConfig {
    /// `runs:/ID`, `models:/NAME@ALIAS` and the like, as written.
    pub written: String,
    /// Run, model or version.
    pub what: What,
    /// Address of the server; that of `MLFLOW_TRACKING_URI` where absent.
    pub uri: Option<String>,
    /// What the names of its metrics begin with.
    pub prefix: String,
    /// The step whose values count; the last one where absent.
    pub step: Option<i64>,
    /// Dataset whose metrics of a logged model count.
    pub dataset: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// A command that writes predictions.
#[derive(Debug, Clone)]
pub struct CommandConfig {
    /// Program and arguments.
    pub words: Vec<String>,
    /// Longest time that it may run. Unit: seconds.
    pub timeout: u64,
    /// Variables of the environment that it gets.
    pub variables: Vec<String>,
}

/// Who leaves the file of predictions.
#[derive(Debug, Clone)]
pub enum Maker {
    /// It is there.
    Nobody,
    /// A command, run in the folder of the configuration.
    Command(CommandConfig),
    /// A run of an `MLflow` server, among whose files it is.
    Mlflow(Box<MlflowConfig>),
    /// A server, which scores the rows of the file: the columns of predictions are its answer's.
    Endpoint(Box<EndpointConfig>),
    /// An ONNX file, which scores the rows of the other: the columns of predictions are its outputs.
    Onnx(Box<OnnxConfig>),
}

/// Longest time that a command may run where nothing is said. Unit: seconds.
pub const COMMAND_TIMEOUT: u64 = 600;

impl Origin {
    /// Where it is written.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Predictions(predictions) => &predictions.place,
            Self::Metrics(path) | Self::Pinned(path) => &path.place,
            Self::Mlflow(mlflow) => &mlflow.place,
            Self::Registry(champion) => &champion.place,
        }
    }

    /// Whether the version of what it names is one of the model that a registry of this kind holds.
    #[must_use]
    pub fn tells_version(&self, model: &str, kind: &KindConfig) -> bool {
        let asked = match self {
            Self::Mlflow(mlflow) => Some(mlflow),
            Self::Predictions(rows) => match &rows.made_by {
                Maker::Mlflow(mlflow) => Some(mlflow),
                Maker::Nobody | Maker::Command(_) | Maker::Endpoint(_) | Maker::Onnx(_) => None,
            },
            Self::Metrics(_) | Self::Pinned(_) | Self::Registry(_) => None,
        };
        let (Some(asked), KindConfig::Mlflow(registry)) = (asked, kind) else {
            return false;
        };
        let server = |uri: &Option<String>| {
            let uri = uri
                .clone()
                .or_else(|| std::env::var("MLFLOW_TRACKING_URI").ok());
            uri.map(|u| u.trim_end_matches('/').to_owned())
        };
        let named = match &asked.what {
            What::Version { name, .. } | What::Alias { name, .. } => name == model,
            What::Run(_) | What::Model(_) | What::Newest { .. } => false,
        };
        named && server(&asked.uri) == server(&registry.uri)
    }

    /// The columns of rows; `None` where there are only metrics.
    #[must_use]
    pub fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Predictions(predictions) => Some(&predictions.columns),
            Self::Metrics(_) | Self::Pinned(_) | Self::Mlflow(_) | Self::Registry(_) => None,
        }
    }
}

/// Rows with label and prediction.
#[derive(Debug, Clone)]
pub struct PredictionsConfig {
    /// File, glob, folder or address.
    pub path: WrittenPath,
    /// Format by name; told by the file where absent.
    pub format: Option<String>,
    /// Who leaves the file.
    pub made_by: Maker,
    /// What its columns are.
    pub columns: Columns,
    /// Where the mapping stands.
    pub place: Place,
}

/// What the columns of predictions are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    /// What really happened.
    pub label: Option<String>,
    /// The positive class's probability, or an order of the rows of a query.
    pub score: Option<String>,
    /// Predicted class.
    pub class: Option<String>,
    /// Probability by class.
    pub scores: Vec<(String, String)>,
    /// Predicted number.
    pub value: Option<String>,
    /// Lower end of a predicted interval.
    pub low: Option<String>,
    /// Upper end of a predicted interval.
    pub high: Option<String>,
    /// Weight of a row.
    pub weight: Option<String>,
    /// Columns that name a row on both sides.
    pub key: Vec<String>,
    /// What a row is ranked within.
    pub query: Option<String>,
    /// Rows of one cluster are not independent: a customer, a day.
    pub cluster: Option<String>,
    /// Time order of the rows, whose errors then may depend on those before.
    pub time: Option<String>,
    /// The positive class, where it is not `true` or 1.
    pub positive: Option<Scalar>,
    /// Score from which on the positive class is predicted, where no class is given. 0.5 where nothing is said.
    pub threshold: Option<f64>,
}

const KINDS: &[&str] = &[
    "predictions",
    "metrics",
    "pinned",
    "mlflow",
    "endpoint",
    "onnx",
    "registry",
];

/// Reads `candidate`, `baseline` or `anchor`; columns that it does not name are those of the candidate.
pub(super) fn read(
    node: &Node,
    what: &'static str,
    like: Option<&Columns>,
    problems: &mut Problems,
) -> Option<Origin> {
    let given: Vec<&str> = KINDS.iter().copied().filter(|k| has(node, k)).collect();
    // A run holds a file of predictions, a command writes one, an endpoint and a model score the rows of one.
    let kind = match given[..] {
        ["predictions", "mlflow" | "endpoint" | "onnx"] | ["endpoint" | "onnx"] => {
            Some("predictions")
        }
        // The version of a registry, known by a file of its own or by what the registry keeps.
        ["predictions" | "metrics", "registry"]
        | ["predictions", "endpoint" | "onnx", "registry"] => Some("registry"),
        [one] => Some(one),
        _ => None,
    };
    let Some(kind) = kind else {
        let what = match given.len() {
            0 => format!("`{what}` does not say where it comes from"),
            _ => format!("`{what}` comes from {} at once", given.join(" and ")),
        };
        problems.add(
            Diagnostic::new("unclear-source", what)
                .at(&node.place, "where from?")
                .help(format!("give one of {}", KINDS.join(", "))),
        );
        return None;
    };
    if kind == "registry" {
        return champion::read(node, what, like, problems);
    }
    let mut fields = Fields::of(node, what, problems)?;
    let origin = match kind {
        "metrics" => Some(Origin::Metrics(written(&mut fields, "metrics", problems)?)),
        "pinned" => Some(Origin::Pinned(written(&mut fields, "pinned", problems)?)),
        "mlflow" => mlflow(&mut fields, problems).map(|m| Origin::Mlflow(Box::new(m))),
        _ => predictions(&mut fields, like, what, problems),
    };
    fields.finish(problems);
    origin
}

pub(super) fn predictions(
    fields: &mut Fields,
    like: Option<&Columns>,
    what: &str,
    problems: &mut Problems,
) -> Option<Origin> {
    fields.require("predictions", problems);
    let path = written(fields, "predictions", problems);
    let format = fields.text("format", problems);
    let columns = columns(fields, like, problems);
    let made_by = maker(fields, what, problems);
    if let Maker::Endpoint(config) = &made_by {
        endpoint::gates_only_a_candidate(config, what, problems);
    }
    let place = fields.place().clone();
    Some(Origin::Predictions(Box::new(PredictionsConfig {
        path: path?,
        format,
        made_by,
        columns,
        place,
    })))
}

fn columns(fields: &mut Fields, like: Option<&Columns>, problems: &mut Problems) -> Columns {
    let base = like.cloned().unwrap_or_default();
    let mut name =
        |key: &'static str, otherwise: Option<String>| fields.text(key, problems).or(otherwise);
    let label = name("label", base.label);
    let score = name("score", base.score);
    let class = name("class", base.class);
    let value = name("value", base.value);
    let (low, high) = (name("low", base.low), name("high", base.high));
    let weight = name("weight", base.weight);
    let (query, cluster) = (name("query", base.query), name("cluster", base.cluster));
    let time = name("time", base.time);
    let key = fields.texts("key", problems);
    let scores = scores(fields, problems);
    let positive = fields.get("positive").and_then(|node| {
        let value = node.value.scalar();
        if value.is_none() {
            problems.wrong_type(node, "positive", "one value of the label");
        }
        value
    });
    let threshold = fields.number("threshold", problems);
    Columns {
        label,
        score,
        class,
        scores: if scores.is_empty() {
            base.scores
        } else {
            scores
        },
        value,
        low,
        high,
        weight,
        key: if key.is_empty() { base.key } else { key },
        query,
        cluster,
        time,
        positive: positive.or(base.positive),
        threshold: threshold.or(base.threshold),
    }
}

/// `command`, `mlflow`, `endpoint` or `onnx` beside `predictions`.
fn maker(fields: &mut Fields, what: &str, problems: &mut Problems) -> Maker {
    if fields.get("onnx").is_some() {
        let config = onnx::onnx(fields, what, problems);
        return config.map_or(Maker::Nobody, |c| Maker::Onnx(Box::new(c)));
    }
    if fields.get("endpoint").is_some() {
        let config = endpoint::endpoint(fields, problems);
        return config.map_or(Maker::Nobody, |c| Maker::Endpoint(Box::new(c)));
    }
    if fields.get("mlflow").is_some() {
        return mlflow(fields, problems).map_or(Maker::Nobody, |m| Maker::Mlflow(Box::new(m)));
    }
    let timeout = fields.count("timeout", problems);
    let variables = fields.list("environment").iter();
    let variables = variables.filter_map(|node| variable(node, "environment", problems));
    let variables = variables.collect();
    let Some(node) = fields.get("command") else {
        return Maker::Nobody;
    };
    let words = fields.texts("command", problems);
    if words.is_empty() {
        problems.wrong_type(node, "command", "a program with its arguments, as a list");
    }
    Maker::Command(CommandConfig {
        words,
        timeout: timeout.unwrap_or(COMMAND_TIMEOUT),
        variables,
    })
}

fn mlflow(fields: &mut Fields, problems: &mut Problems) -> Option<MlflowConfig> {
    let node = fields.get("mlflow")?;
    let uri = fields.text("uri", problems);
    let prefix = fields.text("prefix", problems);
    let dataset = fields.text("dataset", problems);
    let step = fields.count("step", problems);
    let written = expanded(&text(node, "mlflow", problems)?, node, problems)?;
    match What::parse(&written) {
        Ok(what) => Some(MlflowConfig {
            written,
            what,
            uri,
            prefix: prefix.unwrap_or_default(),
            step: step.and_then(|s| i64::try_from(s).ok()),
            dataset,
            place: node.place.clone(),
        }),
        Err(problem) => {
            problems.add(Diagnostic::new("unclear-source", problem).at(&node.place, "what is it?"));
            None
        }
    }
}

/// `${NAME}` becomes the variable of the environment, as a pipeline hands a run's id over.
pub(super) fn expanded(text: &str, node: &Node, problems: &mut Problems) -> Option<String> {
    let (Some(begin), Some(end)) = (text.find("${"), text.find('}')) else {
        return Some(text.to_owned());
    };
    let name = text.get(begin + 2..end).unwrap_or_default();
    if !may_leave(name, &node.place, problems) {
        return None;
    }
    if let Ok(value) = std::env::var(name) {
        return Some(format!("{}{value}{}", &text[..begin], &text[end + 1..]));
    }
    let what = format!("the variable `{name}` of the environment is not set");
    problems.add(
        Diagnostic::new("missing-variable", what)
            .at(&node.place, "named here")
            .help("set it for the run, or write the id itself"),
    );
    None
}

/// `scores: {CLASS: COLUMN}`.
fn scores(fields: &mut Fields, problems: &mut Problems) -> Vec<(String, String)> {
    let Some(node) = fields.get("scores") else {
        return Vec::new();
    };
    let Value::Map(entries) = &node.value else {
        problems.wrong_type(node, "scores", "a mapping of classes to columns");
        return Vec::new();
    };
    entries
        .iter()
        .filter_map(|(key, node)| Some((key.name.clone(), text(node, "scores", problems)?)))
        .collect()
}
