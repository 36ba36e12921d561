//! Thresholds of Soda: `must_be_*` keys of contracts, and what stands behind a metric in `SodaCL`.

use super::super::form::get;
use super::super::promise::{Promise, Refused, finite, words};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};

/// The numbers that are allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    /// The least, and whether it is left out itself.
    pub(super) min: Option<(f64, Open)>,
    /// The greatest, and whether it is left out itself.
    pub(super) max: Option<(f64, Open)>,
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
    /// One number alone.
    pub(super) fn exactly(v: f64) -> Self {
        Self {
            min: Some((v, Open::Closed)),
            max: Some((v, Open::Closed)),
        }
    }

    /// What a sign and a number allow; `None` for another sign.
    pub(super) fn of(sign: &str, v: f64) -> Option<Self> {
        let (mut min, mut max) = (None, None);
        match sign {
            "=" | "==" => return Some(Self::exactly(v)),
            ">" => min = Some((v, Open::Open)),
            ">=" => min = Some((v, Open::Closed)),
            "<" => max = Some((v, Open::Open)),
            "<=" => max = Some((v, Open::Closed)),
            _ => return None,
        }
        Some(Self { min, max })
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
                found.range = Range {
                    min: a.min,
                    max: b.max,
                }
            }
            [a, b] if a.min.is_none() && b.max.is_none() => {
                found.range = Range {
                    min: b.min,
                    max: a.max,
                }
            }
            _ => {
                return Err(Refused::Dropped(
                    "a threshold of several conditions".to_owned(),
                ));
            }
        }
        Ok(found)
    }

    /// The promise with what it says of the number of failing rows.
    pub(super) fn of(self, promise: Promise) -> Result<Promise, Refused> {
        let promise = self.severe(promise);
        let least = if self.percent {
            self.range.least()
        } else {
            self.range.fewest()
        };
        if least.is_some_and(|v| v > 0.0) {
            return Err(Refused::Dropped(
                "at least so many rows that fail".to_owned(),
            ));
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

    /// The promise of one number between bounds.
    pub(super) fn between(self, promise: Promise, whole: bool) -> Result<Promise, Refused> {
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
        "must_be_between" => return between(value),
        "must_not_be" | "must_be_not_between" | "must_not_be_between" => {
            return Err(Refused::Dropped(format!(
                "`{name}` leaves a hole in the numbers"
            )));
        }
        _ => {
            let problem = Diagnostic::new("unknown-key", format!("a threshold has no `{name}`"));
            return Err(Refused::Wrong(problem.at(place, "not known")));
        }
    };
    let number = finite(value, name)?;
    Range::of(sign, number).ok_or_else(|| Refused::kind(value, name, "a number"))
}

/// `[1, 2]`, both included, or `{greater_than: 1, less_than_or_equal: 2}`.
fn between(value: &Node) -> Result<Range, Refused> {
    if let Value::List(bounds) = &value.value {
        let [a, b] = &bounds[..] else {
            return Err(Refused::kind(value, "must_be_between", "a list of two"));
        };
        let (a, b) = (finite(a, "must_be_between")?, finite(b, "must_be_between")?);
        return Ok(Range {
            min: Some((a, Open::Closed)),
            max: Some((b, Open::Closed)),
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
    let range = Range {
        min: bound("greater_than", "greater_than_or_equal")?,
        max: bound("less_than", "less_than_or_equal")?,
    };
    if range.min.is_none() || range.max.is_none() {
        return Err(Refused::kind(
            value,
            "must_be_between",
            "two bounds, such as {greater_than: 1, less_than: 9}",
        ));
    }
    Ok(range)
}
