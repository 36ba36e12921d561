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
        other => {
            return Err(Refused::Dropped(format!(
                "`metric_stable` follows no `{other}` over the runs"
            )));
        }
    };
    let condition = condition(rule)?;
    let sides: &[(usize, &str)] = match condition.op {
        Op::Greater | Op::GreaterEqual => &[(0, "down")],
        Op::Less | Op::LessEqual => &[(0, "up")],
        Op::Between => &[(0, "down"), (1, "up")],
        _ => return Err(unread(condition)),
    };
    let mut promises = Vec::new();
    for (at, direction) in sides {
        let moved = match condition.operands.get(*at) {
            Some(Operand::Other(text)) => Moved::read(text),
            _ => None,
        };
        let moved = moved.ok_or_else(|| unread(condition))?;
        let open = !matches!(condition.op, Op::GreaterEqual | Op::LessEqual);
        let promise = Promise::new("metric_stable", &rule.place).text("metric", metric);
        let promise = match metric {
            "rows" => promise,
            _ => promise.with("column", column(rule)?),
        };
        let promise = promise
            .text("from", moved.from)
            .text("direction", direction)
            .whole("min_runs", 1)
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
        let mut signs = rest.chars();
        let (sign, number) = (signs.next(), signs.as_str());
        let by = match sign {
            None => By::Factor(1.0),
            Some('*') => By::Factor(number.parse().ok()?),
            Some('-') => By::Difference(-number.parse::<f64>().ok()?),
            Some('+') => By::Difference(number.parse().ok()?),
            Some(_) => return None,
        };
        let (By::Factor(v) | By::Difference(v)) = by;
        v.is_finite().then_some(Self { from, runs, by })
    }

    /// The limit of the change in one direction.
    ///
    /// Errors: a limit on the other side, which would ask for a change.
    fn limit(&self, promise: Promise, direction: &str, open: bool) -> Result<Promise, Refused> {
        let room = match (self.by, direction) {
            (By::Factor(v), "down") => 1.0 - v,
            (By::Factor(v), _) => v - 1.0,
            (By::Difference(v), "down") => -v,
            (By::Difference(v), _) => v,
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
        })
    }
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
            ("std(last(3))", None),
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
