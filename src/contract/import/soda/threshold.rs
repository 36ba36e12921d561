//! Thresholds of Soda: `must_be_*` keys of contracts, and what stands behind a metric in `SodaCL`.

use super::super::computed;
use super::super::form::get;
use super::super::promise::{Promise, Refused, finite, words};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::scalar::number_text;

/// The numbers that are allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    /// The least, and whether it is left out itself.
    pub(super) min: Option<(f64, Open)>,
    /// The greatest, and whether it is left out itself.
    pub(super) max: Option<(f64, Open)>,
    /// Whether the numbers between both are those that are allowed, or those that are not.
    pub(super) side: Side,
}

/// Which numbers a range allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Those in it.
    Within,
    /// Those outside of it.
    Outside,
}

/// Whether a bound belongs to the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// It does.
    Closed,
    /// It does not.
    Open,
}

/// A range, what is counted, and how much it matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    pub(super) range: Range,
    /// The range is one of percents.
    pub(super) percent: bool,
    /// It only warns.
    pub(super) warns: bool,
}

impl Range {
    /// The numbers between two bounds.
    pub(super) const fn within(min: Option<(f64, Open)>, max: Option<(f64, Open)>) -> Self {
        Self {
            min,
            max,
            side: Side::Within,
        }
    }

    /// One number alone.
    pub(super) fn exactly(v: f64) -> Self {
        Self::within(Some((v, Open::Closed)), Some((v, Open::Closed)))
    }

    /// All other numbers; `None` where there are none.
    pub(super) fn others(self) -> Option<Self> {
        let flip = |(v, open): (f64, Open)| match open {
            Open::Open => (v, Open::Closed),
            Open::Closed => (v, Open::Open),
        };
        match (self.side, self.min, self.max) {
            (Side::Within, None, None) => None,
            (Side::Within, Some(min), None) => Some(Self::within(None, Some(flip(min)))),
            (Side::Within, None, Some(max)) => Some(Self::within(Some(flip(max)), None)),
            (Side::Within, Some(_), Some(_)) => Some(Self {
                side: Side::Outside,
                ..self
            }),
            (Side::Outside, min, max) => Some(Self::within(min, max)),
        }
    }

    /// Whether no number lies between the bounds.
    fn is_reversed(self) -> bool {
        let closed = |open| matches!(open, Open::Closed);
        self.min
            .zip(self.max)
            .is_some_and(|((low, below), (high, above))| {
                low > high || (low >= high && !(closed(below) && closed(above)))
            })
    }

    /// The condition on a number as SQL: true where it is allowed.
    fn condition(self, number: &str) -> String {
        let sign = |open, with: &'static str, without: &'static str| match open {
            Open::Closed => with,
            Open::Open => without,
        };
        let low = self
            .min
            .map(|(v, open)| format!("({number}) {} {}", sign(open, ">=", ">"), number_text(v)));
        let high = self
            .max
            .map(|(v, open)| format!("({number}) {} {}", sign(open, "<=", "<"), number_text(v)));
        let inside: Vec<String> = low.into_iter().chain(high).collect();
        let inside = inside.join(" AND ");
        match self.side {
            Side::Within => inside,
            Side::Outside => format!("NOT ({inside})"),
        }
    }

    /// What a sign and a number allow; `None` for another sign.
    pub(super) fn of(sign: &str, v: f64) -> Option<Self> {
        let (mut min, mut max) = (None, None);
        match sign {
            "=" | "==" => return Some(Self::exactly(v)),
            "!=" | "<>" => return Self::exactly(v).others(),
            ">" => min = Some((v, Open::Open)),
            ">=" => min = Some((v, Open::Closed)),
            "<" => max = Some((v, Open::Open)),
            "<=" => max = Some((v, Open::Closed)),
            _ => return None,
        }
        Some(Self::within(min, max))
    }

    /// The least float that is allowed.
    pub(super) fn least(self) -> Option<f64> {
        self.min.map(|(v, open)| match open {
            Open::Closed => v,
            Open::Open => v.next_up(),
        })
    }

    /// The greatest float that is allowed.
    pub(super) fn most(self) -> Option<f64> {
        self.max.map(|(v, open)| match open {
            Open::Closed => v,
            Open::Open => v.next_down(),
        })
    }

    /// The greatest share that is allowed, of a range of percents.
    pub(super) fn share(self) -> Option<f64> {
        self.max.map(|(v, open)| match open {
            Open::Closed => v / 100.0,
            Open::Open => (v / 100.0).next_down(),
        })
    }

    /// The least whole number that is allowed.
    pub(super) fn fewest(self) -> Option<f64> {
        self.min.map(|(v, open)| match open {
            Open::Closed => v.ceil(),
            Open::Open => v.floor() + 1.0,
        })
    }

    /// The greatest whole number that is allowed.
    pub(super) fn greatest(self) -> Option<f64> {
        self.max.map(|(v, open)| match open {
            Open::Closed => v.floor(),
            Open::Open => v.ceil() - 1.0,
        })
    }
}

impl Threshold {
    /// The threshold of a check of a contract; `default` where none is given.
    pub(super) fn read(check: &Node, default: Range) -> Result<Self, Refused> {
        let mut found = Self {
            range: default,
            percent: false,
            warns: false,
        };
        let Some(node) = get(check, "threshold") else {
            return Ok(found);
        };
        let Value::Map(entries) = &node.value else {
            return Err(Refused::kind(node, "threshold", "a mapping"));
        };
        let mut ranges = Vec::new();
        for (key, value) in entries {
            match key.name.as_str() {
                "metric" => {
                    found.percent = match words(value, "metric")? {
                        "count" => false,
                        "percent" => true,
                        _ => return Err(Refused::value(value, "metric", "count or percent")),
                    };
                }
                "level" => {
                    found.warns = match words(value, "level")? {
                        "fail" => false,
                        "warn" => true,
                        _ => return Err(Refused::value(value, "level", "fail or warn")),
                    };
                }
                "unit" => {}
                name if name.starts_with("must_") => ranges.push(must(name, value, &key.place)?),
                other => {
                    return Err(Refused::Dropped(format!(
                        "`{other}` of a threshold is not known here"
                    )));
                }
            }
        }
        match ranges[..] {
            [] => {}
            [one] => found.range = one,
            [a, b] if a.max.is_none() && b.min.is_none() => {
                found.range = Range::within(a.min, b.max);
            }
            [a, b] if a.min.is_none() && b.max.is_none() => {
                found.range = Range::within(b.min, a.max);
            }
            _ => {
                return Err(Refused::Dropped(
                    "a threshold of several conditions".to_owned(),
                ));
            }
        }
        Ok(found)
    }

    /// The promise with what it says of the number of failing rows; `failing` is true of one, in SQL, where that can be said.
    pub(super) fn of(self, promise: Promise, failing: Option<&str>) -> Result<Promise, Refused> {
        let promise = self.severe(promise);
        if self.range.side == Side::Outside {
            return self.counted(&promise, failing, "a number of failing rows with a hole");
        }
        let least = if self.percent {
            self.range.least()
        } else {
            self.range.fewest()
        };
        if least.is_some_and(|v| v > 0.0) {
            return self.counted(&promise, failing, "at least so many rows that fail");
        }
        let most = if self.percent {
            self.range.share()
        } else {
            self.range.greatest()
        };
        let Some(most) = most else {
            return Err(Refused::Empty(
                "any number of failing rows is allowed".to_owned(),
            ));
        };
        if most < 0.0 {
            let problem = Diagnostic::new("empty-range", "no number of rows is below 0");
            return Err(Refused::Wrong(
                problem.at(promise.place(), "no data can keep this"),
            ));
        }
        Ok(match self.percent {
            true if most >= 1.0 => {
                return Err(Refused::Empty(
                    "any share of failing rows is allowed".to_owned(),
                ));
            }
            true if most > 0.0 => promise.number("max_failing_ratio", most),
            false if most > 0.0 => promise.number("max_failing", most),
            _ => promise,
        })
    }

    /// The promise that the number of failing rows is allowed, computed in SQL.
    fn counted(
        self,
        promise: &Promise,
        failing: Option<&str>,
        what: &str,
    ) -> Result<Promise, Refused> {
        let failing = failing.ok_or_else(|| Refused::Dropped(what.to_owned()))?;
        let number = if self.percent {
            computed::percent_of(failing, "0.0")
        } else {
            computed::count_of(failing)
        };
        self.held(promise.place(), &number)
    }

    /// The promise that a number is allowed, computed in SQL.
    fn held(self, place: &Place, number: &str) -> Result<Promise, Refused> {
        if self.range.is_reversed() {
            let (what, label) = match self.range.side {
                Side::Within => (
                    "no number lies within the threshold",
                    "no data can keep this",
                ),
                Side::Outside => (
                    "no number lies within what is not allowed",
                    "every number keeps this",
                ),
            };
            let problem = Diagnostic::new("empty-range", what).help("write the lesser bound first");
            return Err(Refused::Wrong(problem.at(place, label)));
        }
        let number = computed::number(number);
        Ok(self.severe(computed::promise(place, &self.range.condition(&number))))
    }

    /// The promise of one number between bounds, or outside of them where it is an aggregate in SQL as well.
    pub(super) fn between(
        self,
        promise: Promise,
        whole: bool,
        number: Option<&str>,
    ) -> Result<Promise, Refused> {
        if self.range.side == Side::Outside {
            let hole = "a threshold with a hole, on a number that SQL does not compute here";
            let number = number.ok_or_else(|| Refused::Dropped(hole.to_owned()))?;
            return self.held(promise.place(), number);
        }
        let (min, max) = if whole {
            (
                self.range.fewest().filter(|v| *v > 0.0),
                self.range.greatest(),
            )
        } else {
            (self.range.least(), self.range.most())
        };
        if let Some(least) = min.or(whole.then_some(0.0))
            && max.is_some_and(|m| m < least)
        {
            let problem = Diagnostic::new("empty-range", "nothing lies within the threshold");
            return Err(Refused::Wrong(
                problem.at(promise.place(), "no data can keep this"),
            ));
        }
        let mut promise = self.severe(promise);
        if let Some(min) = min {
            promise = promise.number("min", min);
        }
        if let Some(max) = max {
            promise = promise.number("max", max);
        }
        if min.is_none() && max.is_none() {
            return Err(Refused::Empty("every number is allowed".to_owned()));
        }
        Ok(promise)
    }

    /// The promise with how much it matters.
    pub(super) fn severe(self, promise: Promise) -> Promise {
        if self.warns {
            promise.text("severity", "warn")
        } else {
            promise
        }
    }
}

fn must(name: &str, value: &Node, place: &Place) -> Result<Range, Refused> {
    let sign = match name {
        "must_be" => "=",
        "must_be_greater_than" => ">",
        "must_be_greater_than_or_equal" => ">=",
        "must_be_less_than" => "<",
        "must_be_less_than_or_equal" => "<=",
        "must_not_be" => "!=",
        "must_be_between" => return between(value, Side::Within),
        "must_be_not_between" | "must_not_be_between" => return between(value, Side::Outside),
        _ => {
            let problem = Diagnostic::new("unknown-key", format!("a threshold has no `{name}`"));
            return Err(Refused::Wrong(problem.at(place, "not known")));
        }
    };
    let number = finite(value, name)?;
    Range::of(sign, number).ok_or_else(|| Refused::kind(value, name, "a number"))
}

/// `[1, 2]`, both included, or `{greater_than: 1, less_than_or_equal: 2}`: both bounds belong to what is allowed.
///
/// Of numbers outside, `less_than` is where those below end and `greater_than` where those above begin.
fn between(value: &Node, side: Side) -> Result<Range, Refused> {
    const NAME: &str = "must_be_between";
    if let Value::List(bounds) = &value.value {
        let [a, b] = &bounds[..] else {
            return Err(Refused::kind(value, NAME, "a list of two"));
        };
        let ends = [
            (finite(a, NAME)?, Open::Closed),
            (finite(b, NAME)?, Open::Closed),
        ];
        return Ok(Range {
            side,
            ..Range::within(Some(ends[0]), Some(ends[1]))
        });
    }
    let bound = |open: &str, closed: &str| -> Result<Option<(f64, Open)>, Refused> {
        match (get(value, open), get(value, closed)) {
            (Some(n), None) => Ok(Some((finite(n, open)?, Open::Open))),
            (None, Some(n)) => Ok(Some((finite(n, closed)?, Open::Closed))),
            (None, None) => Ok(None),
            (Some(n), Some(_)) => Err(Refused::value(
                n,
                open,
                "given without the one that includes it",
            )),
        }
    };
    let (above, below) = (
        bound("greater_than", "greater_than_or_equal")?,
        bound("less_than", "less_than_or_equal")?,
    );
    let (Some(above), Some(below)) = (above, below) else {
        return Err(Refused::kind(
            value,
            NAME,
            "two bounds, such as {greater_than: 1, less_than: 9}",
        ));
    };
    if side == Side::Within {
        return Ok(Range::within(Some(above), Some(below)));
    }
    if above.0 <= below.0 {
        return Err(Refused::kind(
            value,
            "must_be_not_between",
            "a `less_than` below its `greater_than`: else every number is allowed",
        ));
    }
    // What is not allowed begins where the numbers below end.
    let hole = Range::within(
        Range::within(None, Some(below))
            .others()
            .and_then(|r| r.min),
        Range::within(Some(above), None)
            .others()
            .and_then(|r| r.max),
    );
    Ok(Range {
        side: Side::Outside,
        ..hole
    })
}
