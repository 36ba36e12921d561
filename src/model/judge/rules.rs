//! From what was found to outcomes: one for each thing that is asked of a metric.

use super::found::{Compared, Found, Value};
use super::slices;
use super::words::{against, gained, loss, number, rows_text};
use crate::config::models::{Amount, Certainty, MetricConfig, ModelConfig, NoBaseline, Policy};
use crate::diagnostic::Place;
use crate::model::metric::{Direction, Metric};
use crate::record::{Measurement, Outcome, Severity, Status, Threshold};
use crate::statistics::paired::decide::{Decision, Power, Question, decide};
use crate::statistics::paired::{Alpha, NoInterval};

/// What is asked of one metric, with what it needs to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The model.
    pub model: &'a ModelConfig,
    /// The metric as written.
    pub config: &'a MetricConfig,
    /// The metric.
    pub metric: &'a Metric,
    /// One-sided error that this attempt may spend.
    pub alpha: Alpha,
}

/// Share of the distance from perfect that a candidate may lose where no margin is written.
pub const DEFAULT_MARGIN: f64 = 0.01;

impl Asked<'_> {
    /// What becomes of what the evidence does not decide.
    #[must_use]
    pub fn undecided(&self) -> Policy {
        let own = self.config.rules.on_inconclusive;
        own.unwrap_or(self.model.on_inconclusive)
    }

    /// Loss that is allowed against a baseline of that value, in the metric's unit.
    ///
    /// Where none is written: 1 % of the baseline's distance from perfect, of its size where nothing is perfect.
    #[must_use]
    pub fn margin(&self, baseline: f64) -> f64 {
        match &self.config.rules.no_worse_by {
            Some((amount, _)) => amount.of(baseline),
            None => {
                let distance = (self.metric.perfect() - baseline).abs();
                let distance = if distance.is_finite() {
                    distance
                } else {
                    baseline.abs()
                };
                DEFAULT_MARGIN * distance
            }
        }
    }

    /// Whether the loss against the baseline is limited.
    #[must_use]
    pub fn compares(&self) -> bool {
        let rules = &self.config.rules;
        rules.no_worse_by.is_some()
            || (self.model.baseline.is_some()
                && rules.better_by.is_none()
                && self.metric.direction() != Direction::Neutral)
    }

    fn severity(&self) -> Severity {
        self.config.rules.severity.unwrap_or(self.model.severity)
    }

    /// A broken promise, by severity.
    pub(super) fn broken(&self) -> Status {
        match self.severity() {
            Severity::Error => Status::Fail,
            Severity::Warn => Status::Warn,
            Severity::Info => Status::Pass,
        }
    }

    /// What an undecided question is, by policy.
    pub(super) fn unsure(&self, policy: Policy) -> Status {
        match policy {
            Policy::Hold => Status::Inconclusive,
            Policy::Pass => Status::Warn,
            Policy::Fail => self.broken(),
        }
    }

    /// An outcome without a verdict.
    pub(super) fn outcome(&self, check: &str, summary: &str, place: &Place) -> Outcome {
        Outcome {
            id: format!("{}.{check}({})", self.model.name, self.config.name),
            dataset: self.model.name.clone(),
            check: format!("model_{check}"),
            column: None,
            status: Status::Error,
            severity: self.severity(),
            message: String::new(),
            summary: summary.to_owned(),
            measured: Vec::new(),
            limits: Vec::new(),
            failing: None,
            rows: None,
            samples: Vec::new(),
            comparison: None,
            location: Some(place.location()),
            owner: self.model.owner.clone(),
            description: self.model.description.clone(),
            tags: Vec::new(),
            waiver: None,
            began: None,
        }
    }
}

/// What is asked of one metric over all rows and over slices.
#[must_use]
pub fn outcomes(asked: &Asked, whole: &Found, parts: &[&Found]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let rules = &asked.config.rules;
    for (limit, at_least) in [(&rules.at_least, true), (&rules.at_most, false)] {
        if let Some((limit, place)) = limit {
            outcomes.push(fixed(asked, whole, *limit, at_least, place));
        }
    }
    let place = &asked.config.place;
    if asked.compares() {
        let place = rules.no_worse_by.as_ref().map_or(place, |(_, place)| place);
        outcomes.push(no_worse(asked, whole, place));
        if asked.model.anchor.is_some() {
            outcomes.push(anchored(asked, whole, place));
        }
    }
    if let Some((by, place)) = &rules.better_by {
        outcomes.push(better(asked, whole, *by, place));
    }
    outcomes.extend(slices::outcomes(asked, whole, parts));
    if outcomes.is_empty() {
        outcomes.push(told(asked, whole));
    }
    outcomes
}

/// A metric of which nothing is asked is told where it has a value, and missing where it has none.
fn told(asked: &Asked, whole: &Found) -> Outcome {
    let mut outcome = asked.outcome("told", "The metric is told.", &asked.config.place);
    match &whole.candidate {
        Ok(value) => {
            outcome.status = Status::Pass;
            outcome.message = format!("{} is {}.", name(asked), number(value.value));
            outcome.measured = vec![measurement("candidate", value.value)];
        }
        Err(problem) => missing(asked, &mut outcome, problem),
    }
    outcome
}

/// The metric's name for messages.
pub(super) fn name(asked: &Asked) -> String {
    format!("`{}`", asked.config.name)
}

/// The candidate does not have the metric.
pub(super) fn missing(asked: &Asked, outcome: &mut Outcome, problem: &str) {
    let policy = asked
        .config
        .rules
        .on_missing
        .unwrap_or(asked.model.on_missing);
    outcome.status = match policy {
        Policy::Fail => Status::Error,
        other => asked.unsure(other),
    };
    outcome.message = format!("{} has no value: {problem}.", name(asked));
}

/// `at_least` and `at_most`.
fn fixed(asked: &Asked, whole: &Found, limit: f64, at_least: bool, place: &Place) -> Outcome {
    let (check, words) = if at_least {
        ("at_least", "at least")
    } else {
        ("at_most", "at most")
    };
    let summary = format!("The metric is {words} its limit, also on other rows like these.");
    let mut outcome = asked.outcome(check, &summary, place);
    outcome.rows = whole.rows;
    let value = match &whole.candidate {
        Ok(value) => value,
        Err(problem) => {
            missing(asked, &mut outcome, problem);
            return outcome;
        }
    };
    let judged = held(asked, value, limit, at_least);
    outcome.status = judged.status;
    outcome.measured = vec![measurement("candidate", value.value)];
    if let Ok(interval) = &value.interval {
        outcome
            .measured
            .push(measurement("candidate_low", interval.low));
        outcome
            .measured
            .push(measurement("candidate_high", interval.high));
    }
    outcome.limits = vec![Threshold {
        name: "candidate".to_owned(),
        op: if at_least { ">=" } else { "<=" }.to_owned(),
        text: number(limit),
        number: Some(limit),
        held: judged.point,
    }];
    let bound = format!("{words} {}", number(limit));
    outcome.message = format!("{} is {}, {}.", name(asked), number(value.value), {
        judged.sentence(&bound, whole.rows)
    });
    outcome
}

/// How a value holds a fixed limit.
pub(super) struct Held {
    /// What follows.
    pub(super) status: Status,
    /// Whether the value itself keeps the limit.
    point: bool,
    why: Why,
}

enum Why {
    /// By the bound `low` or `high`.
    Bound(f64),
    /// By the value alone.
    Point,
    /// Between both bounds.
    Between(f64, f64),
    /// The noise is not known.
    Bare(NoInterval),
}

impl Held {
    fn sentence(&self, limit: &str, rows: Option<u64>) -> String {
        let asked = format!("and must be {limit}");
        match &self.why {
            Why::Point if self.point => format!("{limit} as asked"),
            Why::Point => asked,
            Why::Bound(bound) if self.point => {
                format!(
                    "{limit} as asked, and on other rows like these {} or better",
                    number(*bound)
                )
            }
            Why::Bound(bound) => {
                format!(
                    "{asked}; on other rows like these it is {} at best",
                    number(*bound)
                )
            }
            Why::Between(low, high) => format!(
                "{asked}; {} show it only between {} and {}",
                rows_text(rows),
                number(*low),
                number(*high)
            ),
            Why::Bare(why) => format!("{asked}; how sure that is cannot be told: {why}"),
        }
    }
}

/// Whether a value keeps a limit: by its bound, or as it is where `limit_by: point` says so.
pub(super) fn held(asked: &Asked, value: &Value, limit: f64, at_least: bool) -> Held {
    let keeps = |v: f64| if at_least { v >= limit } else { v <= limit };
    let point = keeps(value.value);
    let by_point = |point: bool| if point { Status::Pass } else { asked.broken() };
    let (status, why) = match (&value.interval, asked.config.rules.certainty) {
        (_, Some(Certainty::Point)) => (by_point(point), Why::Point),
        (Ok(interval), _) => {
            let (worst, best) = if at_least {
                (interval.low, interval.high)
            } else {
                (interval.high, interval.low)
            };
            if keeps(worst) {
                (Status::Pass, Why::Bound(worst))
            } else if keeps(best) {
                let why = Why::Between(interval.low, interval.high);
                (asked.unsure(asked.undecided()), why)
            } else {
                (asked.broken(), Why::Bound(best))
            }
        }
        (Err(why), _) if point => (asked.unsure(asked.undecided()), Why::Bare(*why)),
        (Err(why), _) => (asked.broken(), Why::Bare(*why)),
    };
    Held { status, point, why }
}

/// `no_worse_by` against the baseline.
fn no_worse(asked: &Asked, whole: &Found, place: &Place) -> Outcome {
    let summary = "The candidate is not worse than the baseline by the margin or more.";
    let outcome = asked.outcome("no_worse_by", summary, place);
    compared(
        asked,
        outcome,
        (whole, whole.baseline.as_ref()),
        "the baseline",
    )
}

/// `no_worse_by` against the anchor.
fn anchored(asked: &Asked, whole: &Found, place: &Place) -> Outcome {
    let summary =
        "Small losses against one baseline after the other have not added up to the margin.";
    let outcome = asked.outcome("no_worse_than_anchor", summary, place);
    compared(asked, outcome, (whole, whole.anchor.as_ref()), "the anchor")
}

fn compared(
    asked: &Asked,
    mut outcome: Outcome,
    (whole, other): (&Found, Option<&Result<Compared, String>>),
    who: &str,
) -> Outcome {
    outcome.rows = whole.rows;
    let (value, compared) = match both(asked, whole, other, who) {
        Ok(both) => both,
        Err(without) => return without.told(asked, outcome, who),
    };
    let margin = asked.margin(compared.value);
    let decision = decision(asked, compared, Question::NoWorse { margin });
    let limit = -margin;
    numbers(&mut outcome, value, compared, limit);
    let facts = against(value.value, compared.value, who);
    let allowed = loss(asked, margin);
    (outcome.status, outcome.message) = match decision {
        Decided::Promote => (
            Status::Pass,
            format!(
                "{} {}: {facts}; {}.",
                name(asked),
                gained(compared),
                allowed
            ),
        ),
        Decided::Block => (
            asked.broken(),
            format!(
                "{} is worse than {who}: {facts}; {}.",
                name(asked),
                gained(compared)
            ),
        ),
        Decided::Unsure(rows) => (
            asked.unsure(asked.undecided()),
            format!(
                "{}: {facts}; {}, which does not tell whether the loss is below {}{}.",
                name(asked),
                gained(compared),
                number(margin),
                needed(rows, whole.rows)
            ),
        ),
        Decided::Bare(why) => (
            asked.unsure(asked.undecided()),
            format!(
                "{}: {facts}; whether that is more than luck cannot be told: {why}.",
                name(asked)
            ),
        ),
        Decided::Few(least) => (
            asked.unsure(asked.undecided()),
            format!(
                "{}: {facts}; {} are too few to decide, at least {least} are asked for.",
                name(asked),
                rows_text(whole.rows)
            ),
        ),
    };
    outcome
}

/// `better_by`.
fn better(asked: &Asked, whole: &Found, by: Amount, place: &Place) -> Outcome {
    let summary = "The candidate is better than the baseline by more than was asked for.";
    let mut outcome = asked.outcome("better_by", summary, place);
    outcome.rows = whole.rows;
    let who = "the baseline";
    let (value, compared) = match both(asked, whole, whole.baseline.as_ref(), who) {
        Ok(both) => both,
        Err(without) => return without.told(asked, outcome, who),
    };
    let by = by.of(compared.value);
    numbers(&mut outcome, value, compared, by);
    let facts = against(value.value, compared.value, who);
    let wanted = format!("more than {} is asked for", number(by));
    let unsure = asked.unsure(asked.undecided());
    let gained = gained(compared);
    let (status, end) = match decision(asked, compared, Question::Better { by }) {
        Decided::Promote => (Status::Pass, wanted),
        Decided::Block => (asked.broken(), wanted),
        Decided::Unsure(rows) => (unsure, format!("{wanted}{}", needed(rows, whole.rows))),
        Decided::Bare(why) => (unsure, format!("{wanted}; luck cannot be ruled out: {why}")),
        Decided::Few(least) => (
            unsure,
            format!("{wanted}; at least {least} rows are asked for"),
        ),
    };
    outcome.status = status;
    outcome.message = format!("{}: {facts}; {gained}; {end}.", name(asked));
    outcome
}

/// Why two values cannot be compared.
enum Without<'a> {
    Candidate(&'a str),
    Other(&'a str),
    Nobody,
}

impl Without<'_> {
    fn told(&self, asked: &Asked, mut outcome: Outcome, who: &str) -> Outcome {
        match self {
            Self::Candidate(problem) => missing(asked, &mut outcome, problem),
            Self::Other(problem) => {
                outcome.status = Status::Error;
                outcome.message = format!("{} cannot be compared: {problem}.", name(asked));
            }
            Self::Nobody => {
                outcome.status = match asked.model.on_no_baseline {
                    NoBaseline::Fail => Status::Error,
                    NoBaseline::AbsoluteOnly => Status::Skipped,
                };
                outcome.message =
                    format!("{} cannot be compared: {who} is not there.", name(asked));
            }
        }
        outcome
    }
}

fn both<'a>(
    _asked: &Asked,
    whole: &'a Found,
    other: Option<&'a Result<Compared, String>>,
    _who: &str,
) -> Result<(&'a Value, &'a Compared), Without<'a>> {
    let value = whole
        .candidate
        .as_ref()
        .map_err(|p| Without::Candidate(p))?;
    match other {
        None => Err(Without::Nobody),
        Some(Err(problem)) => Err(Without::Other(problem)),
        Some(Ok(compared)) => Ok((value, compared)),
    }
}

/// What a comparison shows.
pub(super) enum Decided {
    /// What was asked for.
    Promote,
    /// The opposite.
    Block,
    /// Neither; rows that would be needed.
    Unsure(Option<u64>),
    /// The noise is not known.
    Bare(NoInterval),
    /// Fewer rows than are asked for.
    Few(u64),
}

pub(super) fn decision(asked: &Asked, compared: &Compared, question: Question) -> Decided {
    let point = asked.config.rules.certainty == Some(Certainty::Point);
    let paired = match &compared.paired {
        Ok(paired) if !point => paired,
        Err(why) if !point => return Decided::Bare(*why),
        _ => {
            let enough = match question {
                Question::NoWorse { margin } => compared.gain > -margin,
                Question::Better { by } => compared.gain > by,
                Question::Alike { margin } => compared.gain.abs() < margin,
            };
            return if enough {
                Decided::Promote
            } else {
                Decided::Block
            };
        }
    };
    // Of unpaired summaries the rows need not be known.
    if paired.rows > 0 && paired.rows < asked.model.min_rows {
        return Decided::Few(asked.model.min_rows);
    }
    match decide(paired, question, asked.alpha, Power::NINETY_PERCENT) {
        Decision::Promote => Decided::Promote,
        Decision::Block => Decided::Block,
        Decision::Inconclusive { rows } => Decided::Unsure(rows),
    }
}

fn needed(needed: Option<u64>, rows: Option<u64>) -> String {
    match (needed, rows) {
        (Some(needed), Some(rows)) if needed > rows => format!(
            "; about {} rows would, {}",
            crate::report::words::grouped(needed),
            match rows {
                1 => "there is 1".to_owned(),
                n => format!("there are {}", crate::report::words::grouped(n)),
            }
        ),
        _ => String::new(),
    }
}

fn numbers(outcome: &mut Outcome, value: &Value, compared: &Compared, limit: f64) {
    outcome.measured = vec![
        measurement("candidate", value.value),
        measurement("baseline", compared.value),
        measurement("gain", compared.gain),
    ];
    let mut name = "gain";
    let mut held = compared.gain > limit;
    if let Ok(paired) = &compared.paired {
        outcome
            .measured
            .push(measurement("gain_low", paired.interval.low));
        outcome
            .measured
            .push(measurement("gain_high", paired.interval.high));
        (name, held) = ("gain_low", paired.interval.low > limit);
    }
    outcome.limits = vec![Threshold {
        name: name.to_owned(),
        op: ">".to_owned(),
        text: number(limit),
        number: Some(limit),
        held,
    }];
}

/// A number obtained.
pub(super) fn measurement(name: &str, value: f64) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: crate::scalar::number_text(value),
        number: Some(value).filter(|v| v.is_finite()),
        unit: String::new(),
    }
}
