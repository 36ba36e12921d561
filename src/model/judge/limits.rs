//! `at_least` and `at_most`: a fixed limit that a bound keeps, or the value itself where that is asked for.

use super::asked::{Asked, measurement, missing, name};
use super::found::{Found, Value};
use super::words::{number, rows_text};
use crate::config::models::{Certainty, Policy};
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
    let by = (limit, at_least);
    let judged = held(asked, (value, whole.rows), by, asked.undecided());
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
    /// Fewer rows than are asked for.
    Few(u64),
}

impl Held {
    /// The same of so many rows: fewer than are asked for prove nothing, and break what they break.
    fn of_rows(self, asked: &Asked, rows: Option<u64>, policy: Policy) -> Self {
        if !few(asked, rows) || !matches!(self.why, Why::Bound(_)) || !self.point {
            return self;
        }
        Self {
            status: asked.unsure(policy),
            why: Why::Few(asked.model.min_rows),
            ..self
        }
    }

    /// Whether there are fewer rows than are asked for.
    pub(super) fn is_of_few(&self) -> bool {
        matches!(self.why, Why::Few(_))
    }

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
            Why::Few(least) => format!(
                "{limit} as asked; {} are too few to decide, at least {least} are asked for",
                rows_text(rows)
            ),
            Why::Bare(why) => format!("{asked}; how sure that is cannot be told: {why}"),
        }
    }
}

/// Whether rows are known to be fewer than are asked for.
pub(super) fn few(asked: &Asked, rows: Option<u64>) -> bool {
    rows.is_some_and(|rows| rows < asked.model.min_rows)
}

/// Whether a value of so many rows keeps a limit: by its bound, or as it is where `limit_by: point` says so; `policy` says
/// what becomes of what is not decided.
pub(super) fn held(
    asked: &Asked,
    (value, rows): (&Value, Option<u64>),
    (limit, at_least): (f64, bool),
    policy: Policy,
) -> Held {
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
            match proved(point, keeps(worst), keeps(best)) {
                Some(true) => (Status::Pass, Why::Bound(worst)),
                Some(false) => (asked.broken(), Why::Bound(best)),
                None => {
                    let why = Why::Between(interval.low, interval.high);
                    (asked.unsure(policy), why)
                }
            }
        }
        (Err(why), _) if point => (asked.unsure(policy), Why::Bare(*why)),
        (Err(why), _) => (asked.broken(), Why::Bare(*why)),
    };
    Held { status, point, why }.of_rows(asked, rows, policy)
}

/// Whether a limit is proved to be kept or broken: by both the value and the bound that speaks against it.
///
/// Bounds that do not hold the value itself prove nothing: what is measured is never called the opposite of what it is.
fn proved(value: bool, worst: bool, best: bool) -> Option<bool> {
    match (value, worst, best) {
        (true, true, _) => Some(true),
        (false, _, false) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::proved;

    #[test]
    fn a_bound_never_passes_a_value_that_breaks_the_limit_nor_breaks_one_that_keeps_it() {
        assert_eq!(proved(true, true, true), Some(true));
        assert_eq!(proved(false, false, false), Some(false));
        for undecided in [
            (true, false, true),
            (false, false, true),
            // Bounds that lie beside the value.
            (false, true, true),
            (true, false, false),
        ] {
            assert_eq!(
                proved(undecided.0, undecided.1, undecided.2),
                None,
                "{undecided:?}"
            );
        }
    }
}
