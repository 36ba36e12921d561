//! `at_least` and `at_most`: a fixed limit that a bound keeps, or the value itself where that is asked for.

use super::asked::{Asked, measurement, missing, name};
use super::found::{Found, Value};
use super::words::{number, rows_text};
use crate::config::models::Certainty;
use crate::diagnostic::Place;
use crate::record::{Outcome, Status, Threshold};
use crate::statistics::paired::NoInterval;

/// `at_least` and `at_most`.
pub(super) fn fixed(
    asked: &Asked,
    whole: &Found,
    limit: f64,
    at_least: bool,
    place: &Place,
) -> Outcome {
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
