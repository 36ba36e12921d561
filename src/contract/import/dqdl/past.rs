//! Dynamic rules: `RowCount >= avg(last(10)) * 0.8` holds a number against those of the runs before.
//!
//! Source: the reference of DQDL, section on dynamic rules, from memory.

use super::super::promise::{Promise, Reading, Refused};
use super::parse::{Condition, Op, Operand, Rule};
use super::rules::{column, condition};

/// A number of past runs, moved by a factor or by a difference: `avg(last(10)) * 0.6`.
#[derive(Debug, Clone, PartialEq)]
struct Moved {
    /// What of the past runs, as `metric_stable` calls it.
    from: &'static str,
    /// How many past runs.
    runs: u32,
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Factor(f64),
    Difference(f64),
    /// So many standard deviations of the same runs.
    Deviations(f64),
}

/// Whether a condition names past runs.
pub(super) fn is_dynamic(rule: &Rule) -> bool {
    let past = |o: &Operand| matches!(o, Operand::Other(text) if text.contains("last"));
    rule.condition
        .as_ref()
        .is_some_and(|c| c.operands.iter().any(past))
}

/// The promise that a rule with such a condition makes: `metric_stable` over the history.
pub(super) fn read(rule: &Rule) -> Reading {
    let metric = match rule.name.as_str() {
        "RowCount" => "rows",
        "DistinctValuesCount" => "distinct",
        "Mean" => "mean",
        "Completeness" => "missing",
        "StandardDeviation" => "deviation",
        other => {
            return Err(Refused::Dropped(format!(
                "`metric_stable` follows no `{other}` over the runs"
            )));
        }
    };
    let condition = condition(rule)?;
    // What is there grows as what is missing shrinks.
    let (down, up) = if metric == "missing" {
        ("up", "down")
    } else {
        ("down", "up")
    };
    let sides: &[(usize, &str)] = match condition.op {
        Op::Greater | Op::GreaterEqual => &[(0, down)],
        Op::Less | Op::LessEqual => &[(0, up)],
        Op::Between => &[(0, down), (1, up)],
        _ => return Err(unread(condition)),
    };
    let mut promises = Vec::new();
    for (at, direction) in sides {
        let moved = match condition.operands.get(*at) {
            Some(Operand::Other(text)) => Moved::read(text),
            _ => None,
        };
        let moved = moved.ok_or_else(|| unread(condition))?;
        let moved = if metric == "missing" {
            moved.of_missing().ok_or_else(|| unread(condition))?
        } else {
            moved
        };
        let open = !matches!(condition.op, Op::GreaterEqual | Op::LessEqual);
        let promise = Promise::new("metric_stable", &rule.place).text("metric", metric);
        let promise = match metric {
            "rows" => promise,
            _ => promise.with("column", column(rule)?),
        };
        let promise = promise
            .text("from", moved.from)
            .text("direction", direction)
            .whole("min_runs", moved.fewest())
            .whole("window", moved.runs.into());
        promises.push(moved.limit(promise, direction, open)?);
    }
    Ok(promises)
}

fn unread(condition: &Condition) -> Refused {
    let text = condition.operands.iter().find_map(|o| match o {
        Operand::Other(text) => Some(text.as_str()),
        _ => None,
    });
    Refused::Dropped(format!(
        "`{}` is no number of past runs that `metric_stable` can be held against",
        text.unwrap_or_default()
    ))
}

impl Moved {
    /// `last()`, `avg(last(10))`, `max(last(3)) * 1.2`, `last() - 100`; `None` for anything else.
    fn read(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (from, rest) = [
            ("avg(last(", "mean"),
            ("median(last(", "median"),
            ("min(last(", "least"),
            ("max(last(", "greatest"),
            ("sum(last(", "sum"),
            ("std(last(", "deviation"),
            ("last(", "last"),
        ]
        .into_iter()
        .find_map(|(start, from)| Some((from, plain.strip_prefix(start)?)))?;
        let close = if from == "last" { ")" } else { "))" };
        let (runs, rest) = rest.split_once(close)?;
        let runs = match runs {
            "" => 1,
            digits => digits.parse().ok().filter(|n| (1..=1000).contains(n))?,
        };
        if from == "last" && runs != 1 {
            return None;
        }
        if let Some(of) = deviations(rest, runs).filter(|_| from == "mean") {
            let by = By::Deviations(of);
            return Some(Self { from, runs, by });
        }
        let mut signs = rest.chars();
        let (sign, number) = (signs.next(), signs.as_str());
        let by = match sign {
            None => By::Factor(1.0),
            Some('*') => By::Factor(number.parse().ok()?),
            Some('-') => By::Difference(-number.parse::<f64>().ok()?),
            Some('+') => By::Difference(number.parse().ok()?),
            Some(_) => return None,
        };
        let (By::Factor(v) | By::Difference(v) | By::Deviations(v)) = by;
        v.is_finite().then_some(Self { from, runs, by })
    }

    /// What is there as what is missing: the same way of looking at the share that is left of 1.
    ///
    /// `None` where the two are not told from each other: factors, sums.
    fn of_missing(&self) -> Option<Self> {
        let from = match self.from {
            "least" => "greatest",
            "greatest" => "least",
            "sum" | "deviation" => return None,
            same => same,
        };
        let by = match self.by {
            By::Factor(v) if (v - 1.0).abs() < f64::EPSILON => By::Difference(0.0),
            By::Factor(_) => return None,
            By::Difference(v) => By::Difference(-v),
            By::Deviations(v) => By::Deviations(-v),
        };
        Some(Self { from, by, ..*self })
    }

    /// Fewest runs that have such a number.
    fn fewest(&self) -> i128 {
        match (self.from, self.by) {
            ("deviation", _) | (_, By::Deviations(_)) => 2,
            _ => 1,
        }
    }

    /// The limit of the change in one direction.
    ///
    /// Errors: a limit on the other side, which would ask for a change.
    fn limit(&self, promise: Promise, direction: &str, open: bool) -> Result<Promise, Refused> {
        let room = match (self.by, direction) {
            (By::Factor(v), "down") => 1.0 - v,
            (By::Factor(v), _) => v - 1.0,
            (By::Difference(v) | By::Deviations(v), "down") => -v,
            (By::Difference(v) | By::Deviations(v), _) => v,
        };
        // Twelve digits after the point, as `1 - 0.8` is 0.2.
        let room = (room * 1e12).round() / 1e12;
        if room < 0.0 || open && room <= 0.0 {
            return Err(Refused::Dropped(
                "it asks that the number changes from run to run".to_owned(),
            ));
        }
        let room = if open { room.next_down() } else { room };
        Ok(match self.by {
            By::Factor(_) => promise.number("max_relative_change", room),
            By::Difference(_) => promise.number("max_change", room),
            By::Deviations(_) => promise
                .text("method", "normal")
                .number("max_deviations", room),
        })
    }
}

/// `-2*std(last(10))` or `+std(last(10))*2` behind the mean of as many runs: so many standard deviations.
fn deviations(rest: &str, runs: u32) -> Option<f64> {
    let std = format!("std(last({runs}))");
    let (sign, rest) = match rest.split_at_checked(1)? {
        ("+", rest) => (1.0, rest),
        ("-", rest) => (-1.0, rest),
        _ => return None,
    };
    let factor = match rest.split_once(&std)? {
        ("", "") => 1.0,
        (before, "") => before.strip_suffix('*')?.parse().ok()?,
        ("", after) => after.strip_prefix('*')?.parse().ok()?,
        _ => return None,
    };
    Some(sign * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_past_runs() {
        let moved = |from, runs, by| Some(Moved { from, runs, by });
        let cases = [
            ("last()", moved("last", 1, By::Factor(1.0))),
            ("last(1) - 100", moved("last", 1, By::Difference(-100.0))),
            ("avg(last(10)) * 0.6", moved("mean", 10, By::Factor(0.6))),
            (
                "max ( last (3) ) + 5",
                moved("greatest", 3, By::Difference(5.0)),
            ),
            ("last(3)", None),
            ("std(last(3))", moved("deviation", 3, By::Factor(1.0))),
            ("sum(last(3)) * 0.3", moved("sum", 3, By::Factor(0.3))),
            (
                "avg(last(10)) - 2 * std(last(10))",
                moved("mean", 10, By::Deviations(-2.0)),
            ),
            (
                "avg(last(10)) + std(last(10)) * 1.5",
                moved("mean", 10, By::Deviations(1.5)),
            ),
            ("avg(last(10)) - std(last(5))", None),
            ("min(last(10)) - std(last(10))", None),
            ("avg(last(3)) - é * std(last(3))", None),
            ("index(last(3), 1)", None),
            ("avg(last(0))", None),
            ("avg(last(3)) * x", None),
            ("avg(last(3)", None),
            ("last() * é", None),
            ("last()é", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(Moved::read(text), wanted, "{text}");
        }
    }
}
