//! `metrics:` of a model: which metrics, and what is asked of each.

use super::Policy;
use crate::config::fields::{Fields, Problems};
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::metric::Options;
use crate::record::Severity;

/// One metric of a model with what is asked of it.
#[derive(Debug, Clone)]
pub struct MetricConfig {
    /// What it is called in reports: the key.
    pub name: String,
    /// The metric's own name: `metric`, or the key.
    pub metric: String,
    /// What the user has written, where it is no metric of the list.
    pub own: Option<OwnMetric>,
    /// Parameters of the metric as written: `k`, `beta` and the like.
    pub options: Vec<(String, Node)>,
    /// What is asked.
    pub rules: Rules,
    /// Where the key stands.
    pub place: Place,
}

/// A metric of the user's own.
#[derive(Debug, Clone)]
pub struct OwnMetric {
    /// The number of each row, in SQL, whose mean is the metric; absent where only its value is known.
    pub expression: Option<(String, Place)>,
    /// The number of each row whose sum divides that of `expression`.
    pub divided_by: Option<(String, Place)>,
    /// Which way it gets better, and where that stands; absent where it has no better side.
    pub greater_is_better: Option<(bool, Place)>,
}

/// What is asked of one metric.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The value itself must be at least this much.
    pub at_least: Option<(f64, Place)>,
    /// The value itself must be at most this much.
    pub at_most: Option<(f64, Place)>,
    /// How `at_least` and `at_most` are held.
    pub certainty: Option<Certainty>,
    /// Worse than the baseline by less than this.
    pub no_worse_by: Option<(Amount, Place)>,
    /// Better than the baseline by more than this.
    pub better_by: Option<(Amount, Place)>,
    /// What is asked in every slice.
    pub slices: Option<SliceRules>,
    /// How far slices may be apart.
    pub spread: Option<Spread>,
    /// What becomes of what the evidence does not decide.
    pub on_inconclusive: Option<Policy>,
    /// What becomes of it where the candidate does not have it.
    pub on_missing: Option<Policy>,
    /// How much it matters.
    pub severity: Option<Severity>,
}

/// How a fixed limit is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The confidence bound keeps it.
    Bound,
    /// The measured value keeps it, by luck or not.
    Point,
}

impl Certainty {
    /// Words of `limit_by`.
    pub const WORDS: &[&str] = &["bound", "point"];

    fn parse(word: &str) -> Option<Self> {
        match word {
            "bound" => Some(Self::Bound),
            "point" => Some(Self::Point),
            _ => None,
        }
    }
}

/// A distance from the baseline's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// In the metric's own unit.
    Absolute(f64),
    /// Share of the size of the baseline's value: `1%` is 0.01.
    Relative(f64),
}

impl Amount {
    /// The distance in the metric's unit, of a baseline with that value.
    #[must_use]
    pub fn of(self, baseline: f64) -> f64 {
        match self {
            Self::Absolute(v) => v,
            Self::Relative(share) => share * baseline.abs(),
        }
    }
}

/// What is asked in every slice.
#[derive(Debug, Clone, Default)]
pub struct SliceRules {
    /// The value itself must be at least this much.
    pub at_least: Option<(f64, Place)>,
    /// The value itself must be at most this much.
    pub at_most: Option<(f64, Place)>,
    /// Worse than the baseline by less than this.
    pub no_worse_by: Option<(Amount, Place)>,
    /// What becomes of slices that the evidence does not decide; they are told and nothing else where this is absent.
    pub on_inconclusive: Option<Policy>,
}

/// How far the slices of a column may be apart.
#[derive(Debug, Clone)]
pub struct Spread {
    /// Greatest less least value of the metric over the slices of one column.
    pub at_most: f64,
    /// Where it stands.
    pub place: Place,
}

/// Reads `metrics`: a mapping of names, or a list of names that ask nothing more than the default.
pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Vec<MetricConfig> {
    let Some(node) = fields.get("metrics") else {
        return Vec::new();
    };
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => entries
            .iter()
            .filter_map(|(key, node)| metric(key, node, problems))
            .collect(),
        Value::List(items) if !items.is_empty() => items
            .iter()
            .filter_map(|item| {
                let name = crate::config::fields::text(item, "metrics", problems)?;
                Some(MetricConfig {
                    metric: name.clone(),
                    name,
                    own: None,
                    options: Vec::new(),
                    rules: Rules::default(),
                    place: item.place.clone(),
                })
            })
            .collect(),
        _ => {
            problems.wrong_type(
                node,
                "metrics",
                "metric names with what is asked, such as `roc_auc: {no_worse_by: 0.01}`",
            );
            Vec::new()
        }
    }
}

fn metric(key: &Key, node: &Node, problems: &mut Problems) -> Option<MetricConfig> {
    let what = format!("metric `{}`", key.name);
    let (mut rules, mut options) = (Rules::default(), Vec::new());
    let mut metric = key.name.clone();
    let mut own = None;
    if node.value != Value::Null {
        let mut fields = Fields::of(node, &what, problems)?;
        own = self::own(&mut fields, problems);
        if let Some(name) = fields.text("metric", problems) {
            metric = name;
        }
        for name in Options::KEYS {
            let node = fields.get(name);
            options.extend(node.map(|n| (name.to_owned(), n.clone())));
        }
        rules = asked(&mut fields, problems);
        fields.finish(problems);
    }
    Some(MetricConfig {
        name: key.name.clone(),
        metric,
        own,
        options,
        rules,
        place: key.place.clone(),
    })
}

/// A metric that no list has; `None` where it is one of the list.
fn own(fields: &mut Fields, problems: &mut Problems) -> Option<OwnMetric> {
    let mut sql = |key: &'static str, problems: &mut Problems| {
        let place = fields.get(key)?.place.clone();
        Some((fields.text(key, problems)?, place))
    };
    let expression = sql("expression", problems);
    let divided_by = sql("divided_by", problems);
    let better = fields.get("greater_is_better").map(|n| n.place.clone());
    let greater = fields.boolean("greater_is_better", problems);
    let place = [&expression, &divided_by].into_iter().flatten().next();
    let place = place.map(|(_, place)| place.clone()).or(better.clone())?;
    if let (None, Some((_, place))) = (&expression, &divided_by) {
        let what = "`divided_by` divides the sum of an `expression`, and there is none";
        problems.add(Diagnostic::new("missing-key", what).at(place, "divides nothing"));
    }
    if let Some(node) = fields.get("metric") {
        let what = "a metric is one of the list, or one of your own";
        problems.add(
            Diagnostic::new("two-metrics", what)
                .at(&node.place, "one of the list")
                .at(&place, "one of your own")
                .help("remove one of both"),
        );
    }
    Some(OwnMetric {
        expression,
        divided_by,
        greater_is_better: greater.zip(better),
    })
}

fn asked(fields: &mut Fields, problems: &mut Problems) -> Rules {
    Rules {
        at_least: limit(fields, "at_least", problems),
        at_most: limit(fields, "at_most", problems),
        certainty: fields.word("limit_by", Certainty::WORDS, Certainty::parse, problems),
        no_worse_by: amount(fields, "no_worse_by", problems),
        better_by: amount(fields, "better_by", problems),
        slices: slices(fields, problems),
        spread: spread(fields, problems),
        on_inconclusive: fields.word("on_inconclusive", Policy::WORDS, Policy::parse, problems),
        on_missing: fields.word("on_missing", Policy::WORDS, Policy::parse, problems),
        severity: fields.word("severity", Severity::WORDS, Severity::parse, problems),
    }
}

fn limit(fields: &mut Fields, key: &'static str, problems: &mut Problems) -> Option<(f64, Place)> {
    let place = fields.get(key)?.place.clone();
    Some((fields.number(key, problems)?, place))
}

/// A distance: a number in the metric's unit, or `1%` of the baseline's value.
fn amount(
    fields: &mut Fields,
    key: &'static str,
    problems: &mut Problems,
) -> Option<(Amount, Place)> {
    let node = fields.get(key)?;
    let read = match &node.value {
        Value::Text(text) => text
            .strip_suffix('%')
            .and_then(|share| share.trim().parse().ok())
            .map(|share: f64| Amount::Relative(share / 100.0)),
        value => value
            .scalar()
            .and_then(|v| v.number())
            .map(Amount::Absolute),
    };
    let size = match read {
        Some(Amount::Absolute(v) | Amount::Relative(v)) => v,
        None => f64::NAN,
    };
    if !size.is_finite() || size < 0.0 {
        problems.wrong_type(
            node,
            key,
            "0 or more in the metric's unit, or a share such as 1%",
        );
        return None;
    }
    if size == 0.0 && key == "no_worse_by" {
        let what = "`no_worse_by: 0` blocks about half of all models that are just as good";
        problems.add(
            Diagnostic::new("no-margin", what)
                .at(&node.place, "no room for chance")
                .help("say what loss would not matter, or ask for `better_by: 0`"),
        );
        return None;
    }
    Some((read?, node.place.clone()))
}

fn slices(fields: &mut Fields, problems: &mut Problems) -> Option<SliceRules> {
    let node = fields.get("worst_slice")?;
    let mut inner = Fields::of(node, "worst_slice", problems)?;
    let rules = SliceRules {
        at_least: limit(&mut inner, "at_least", problems),
        at_most: limit(&mut inner, "at_most", problems),
        no_worse_by: amount(&mut inner, "no_worse_by", problems),
        on_inconclusive: inner.word("on_inconclusive", Policy::WORDS, Policy::parse, problems),
    };
    inner.finish(problems);
    Some(rules)
}

fn spread(fields: &mut Fields, problems: &mut Problems) -> Option<Spread> {
    let node = fields.get("spread")?;
    let mut inner = Fields::of(node, "spread", problems)?;
    inner.require("at_most", problems);
    let at_most = inner.number("at_most", problems);
    inner.finish(problems);
    Some(Spread {
        at_most: at_most?,
        place: node.place.clone(),
    })
}
