//! Reads a baseline file, with the place of every mistake.

use super::{
    Accepted, Anchor, BASELINE_SCHEMA_VERSION, Evaluation, KIND, Pinned, PinnedMetric, order,
};
use crate::config::fields::{Fields, Problems};
use crate::config::tree::{self, Node, Value};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::model::source::{Origin, OriginKind, TrackedMetric};
use std::path::Path;

/// Reads a baseline; `None` when there is no such file.
///
/// Errors: [`Error::Io`]; [`Error::Config`] with every problem: not YAML, another kind or version, a key that is missing,
/// unknown or of another type, a number that is not finite, a metric that is there twice.
pub fn read(path: &Path) -> Result<Option<Pinned>> {
    if !path.exists() {
        return Ok(None);
    }
    let file = crate::config::source_file(path)?;
    let node = tree::parse(&file).map_err(|e| Error::Config(vec![e]))?;
    let mut problems = Problems::default();
    let pinned = baseline(&node, &mut problems);
    match pinned {
        Some(pinned) if problems.0.is_empty() => Ok(Some(pinned)),
        _ => Err(Error::Config(problems.0)),
    }
}

fn baseline(node: &Node, problems: &mut Problems) -> Option<Pinned> {
    let mut fields = Fields::of(node, "a baseline", problems)?;
    for (key, wanted) in [("kind", KIND), ("schema_version", BASELINE_SCHEMA_VERSION)] {
        let Some(node) = fields.require(key, problems) else {
            continue;
        };
        let written = node.value.to_string();
        if written != wanted {
            let message = format!("`{key}` is `{written}`; this version reads `{wanted}`");
            let way = "`tollgate baseline accept` writes the file anew";
            let problem = Diagnostic::new("wrong-baseline", message);
            problems.add(problem.at(&node.place, "not read").help(way));
            return None;
        }
    }
    let model = required(&mut fields, "model", problems);
    let accepted = fields.require("accepted", problems);
    let accepted = accepted.and_then(|n| self::accepted(n, problems));
    let origin = fields.require("origin", problems);
    let origin = origin.and_then(|n| self::origin(n, problems));
    let evaluation = fields.get("evaluation");
    let evaluation = evaluation.and_then(|n| self::evaluation(n, problems));
    let metrics = match fields.require("metrics", problems) {
        Some(node) => metrics(node, problems),
        None => Vec::new(),
    };
    fields.finish(problems);
    Some(Pinned {
        model: model?,
        accepted: accepted?,
        origin: origin?,
        evaluation,
        metrics,
    })
}

fn required(fields: &mut Fields, key: &'static str, problems: &mut Problems) -> Option<String> {
    fields.require(key, problems)?;
    fields.text(key, problems)
}

fn accepted(node: &Node, problems: &mut Problems) -> Option<Accepted> {
    let mut fields = Fields::of(node, "`accepted`", problems)?;
    let at = required(&mut fields, "at", problems);
    let by = fields.text("by", problems);
    let commit = fields.text("commit", problems);
    let reason = fields.text("reason", problems);
    fields.finish(problems);
    Some(Accepted {
        at: at?,
        by,
        commit,
        reason,
    })
}

fn origin(node: &Node, problems: &mut Problems) -> Option<Origin> {
    let mut fields = Fields::of(node, "`origin`", problems)?;
    let words: Vec<String> = KINDS.iter().map(|k| word(*k)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let parse = |written: &str| KINDS.into_iter().find(|k| word(*k) == written);
    fields.require("kind", problems);
    let kind = fields.word("kind", &words, parse, problems);
    let address = required(&mut fields, "address", problems);
    let mut text = |key| fields.text(key, problems);
    let (model, version, alias) = (text("model"), text("version"), text("alias"));
    let (run_id, model_id, digest) = (text("run_id"), text("model_id"), text("digest"));
    fields.finish(problems);
    Some(Origin {
        kind: kind?,
        address: address?,
        model,
        version,
        alias,
        run_id,
        model_id,
        digest,
    })
}

const KINDS: [OriginKind; 10] = [
    OriginKind::Predictions,
    OriginKind::MetricsFile,
    OriginKind::Pinned,
    OriginKind::MlflowRun,
    OriginKind::MlflowModel,
    OriginKind::MlflowVersion,
    OriginKind::Command,
    OriginKind::Endpoint,
    OriginKind::Onnx,
    OriginKind::Registry,
];

/// The kind as files write it.
fn word(kind: OriginKind) -> String {
    let written = serde_json::to_value(kind).ok();
    let text = written.and_then(|w| w.as_str().map(str::to_owned));
    text.expect("a kind is written as a text")
}

fn evaluation(node: &Node, problems: &mut Problems) -> Option<Evaluation> {
    let mut fields = Fields::of(node, "`evaluation`", problems)?;
    fields.require("rows", problems);
    let rows = fields.count("rows", problems);
    let digest = required(&mut fields, "digest", problems);
    fields.finish(problems);
    Some(Evaluation {
        rows: rows?,
        digest: digest?,
    })
}

fn metrics(node: &Node, problems: &mut Problems) -> Vec<PinnedMetric> {
    let Value::List(items) = &node.value else {
        problems.wrong_type(node, "metrics", "a list");
        return Vec::new();
    };
    let mut read: Vec<PinnedMetric> = Vec::new();
    for item in items {
        let Some(pinned) = metric(item, problems) else {
            continue;
        };
        if read
            .iter()
            .any(|p| order(&p.metric) == order(&pinned.metric))
        {
            let message = format!("the metric `{}` is there twice", pinned.metric.name);
            let problem = Diagnostic::new("duplicate-metric", message);
            problems.add(problem.at(&item.place, "again").help("remove one of them"));
        }
        read.push(pinned);
    }
    if items.is_empty() {
        let problem = Diagnostic::new("empty-baseline", "the baseline holds no metric");
        let way = "`tollgate baseline accept` writes the file anew";
        problems.add(problem.at(&node.place, "nothing").help(way));
    }
    read.sort_by(|a, b| order(&a.metric).cmp(&order(&b.metric)));
    read
}

fn metric(node: &Node, problems: &mut Problems) -> Option<PinnedMetric> {
    let mut fields = Fields::of(node, "a metric", problems)?;
    let name = required(&mut fields, "name", problems);
    let definition = required(&mut fields, "definition", problems);
    fields.require("value", problems);
    let value = fields.number("value", problems);
    let standard_error = self::standard_error(&mut fields, problems);
    let rows = fields.count("rows", problems);
    let slice = fields.get("slice").and_then(|n| slice(n, problems));
    let anchor = fields.get("anchor").and_then(|n| anchor(n, problems));
    fields.finish(problems);
    let metric = TrackedMetric {
        name: name?,
        value: value?,
        standard_error,
        rows,
        slice,
        definition: Some(definition?),
    };
    Some(PinnedMetric { metric, anchor })
}

fn standard_error(fields: &mut Fields, problems: &mut Problems) -> Option<f64> {
    let standard_error = fields.number("standard_error", problems);
    if let Some(negative) = standard_error.filter(|e| *e < 0.0)
        && let Some(node) = fields.get("standard_error")
    {
        let message = format!("`standard_error` is {negative}; it is 0 or more");
        problems.add(Diagnostic::new("wrong-value", message).at(&node.place, "negative"));
    }
    standard_error
}

fn slice(node: &Node, problems: &mut Problems) -> Option<(String, String)> {
    let mut fields = Fields::of(node, "`slice`", problems)?;
    let column = required(&mut fields, "column", problems);
    let value = required(&mut fields, "value", problems);
    fields.finish(problems);
    Some((column?, value?))
}

fn anchor(node: &Node, problems: &mut Problems) -> Option<Anchor> {
    let mut fields = Fields::of(node, "`anchor`", problems)?;
    fields.require("value", problems);
    let value = fields.number("value", problems);
    let standard_error = self::standard_error(&mut fields, problems);
    let rows = fields.count("rows", problems);
    let at = required(&mut fields, "at", problems);
    let digest = fields.text("digest", problems);
    fields.finish(problems);
    Some(Anchor {
        value: value?,
        standard_error,
        rows,
        at: at?,
        digest,
    })
}
