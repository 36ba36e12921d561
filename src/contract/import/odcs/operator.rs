//! The operators of a quality rule: what the number obtained is held against.

use super::super::build::{int, number};
use super::super::keys::Keys;
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};

/// All of them; a rule has exactly one.
const KEYS: [&str; 8] = [
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
];

/// Other spellings in use: version 3.0 wrote `…ThanOrEqualTo` in places.
const ALIASES: [(&str, &str); 2] = [
    ("mustBeGreaterThanOrEqualTo", "mustBeGreaterOrEqualTo"),
    ("mustBeLessThanOrEqualTo", "mustBeLessOrEqualTo"),
];

/// An end of the allowed range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// No limit on this side.
    Open,
    /// The number itself is allowed.
    With(f64),
    /// The number itself is not allowed.
    Without(f64),
}

/// What a number must be: within a range, or outside it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// Where the operator stands.
    pub(super) place: Place,
    /// The operator.
    pub(super) key: &'static str,
    /// Lower end.
    pub(super) low: End,
    /// Upper end.
    pub(super) high: End,
    /// Whether the number must lie outside of the range.
    pub(super) outside: bool,
}

/// What was found where an operator is wanted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// Exactly one, about numbers.
    One(Wanted),
    /// None.
    Absent,
    /// Something that no check here compares, and why.
    Other(&'static str),
}

/// Reads the operator of a rule; a problem where there are two, or one of the wrong type.
///
/// `mustBeBetween` leaves both numbers out: the standard says that it is the same as `mustBeGreaterThan` with `mustBeLessThan`.
pub(super) fn read(keys: &Keys, problems: &mut Problems) -> Found {
    let mut found: Vec<(&'static str, &Node)> = Vec::new();
    found.extend(KEYS.iter().filter_map(|k| Some((*k, keys.get(k)?))));
    found.extend(
        ALIASES
            .iter()
            .filter_map(|(k, same)| Some((*same, keys.get(k)?))),
    );
    if let [_, (second, node), ..] = found[..] {
        let what = format!("a rule has one operator, and `{second}` is another");
        problems.add(
            Diagnostic::new("invalid-quality", what)
                .at(&node.place, "the second one")
                .help("write two rules"),
        );
        return Found::Absent;
    }
    let Some((key, node)) = found.pop() else {
        return Found::Absent;
    };
    if key.ends_with("Between") {
        return between(key, node, problems);
    }
    let Some(value) = finite(node) else {
        if matches!(key, "mustBe" | "mustNotBe") && node.value.scalar().is_some() {
            return Found::Other("the operator compares with something that is no number");
        }
        problems.wrong_type(node, key, "a finite number");
        return Found::Absent;
    };
    let (low, high, outside) = match key {
        "mustBe" => (End::With(value), End::With(value), false),
        "mustNotBe" => (End::With(value), End::With(value), true),
        "mustBeGreaterThan" => (End::Without(value), End::Open, false),
        "mustBeGreaterOrEqualTo" => (End::With(value), End::Open, false),
        "mustBeLessThan" => (End::Open, End::Without(value), false),
        _ => (End::Open, End::With(value), false),
    };
    Found::One(Wanted {
        place: node.place.clone(),
        key,
        low,
        high,
        outside,
    })
}

fn finite(node: &Node) -> Option<f64> {
    let is_number = matches!(node.value, Value::Int(_) | Value::Float(_));
    node.value
        .scalar()
        .filter(|_| is_number)?
        .number()
        .filter(|v| v.is_finite())
}

fn between(key: &'static str, node: &Node, problems: &mut Problems) -> Found {
    let ends = match &node.value {
        Value::List(items) => items.iter().map(finite).collect::<Option<Vec<f64>>>(),
        _ => None,
    };
    let Some([low, high]) = ends.as_deref() else {
        problems.wrong_type(node, key, "a list of two finite numbers");
        return Found::Absent;
    };
    if low > high {
        let what = format!("`{key}` has the greater number first: {low}, {high}");
        problems
            .add(Diagnostic::new("invalid-quality", what).at(&node.place, "smallest number first"));
        return Found::Absent;
    }
    let outside = key.starts_with("mustNot");
    // What must not be between both numbers may be each of them.
    Found::One(Wanted {
        place: node.place.clone(),
        key,
        low: End::Without(*low),
        high: End::Without(*high),
        outside,
    })
}

impl Wanted {
    /// What must be said about the reading of the operator.
    pub(super) fn choice(&self) -> Option<&'static str> {
        match self.key {
            "mustBeBetween" => {
                Some("mustBeBetween leaves both numbers out, as the prose of the standard says")
            }
            "mustNotBeBetween" => Some(
                "mustNotBeBetween allows both numbers themselves, as the opposite of mustBeBetween",
            ),
            _ => None,
        }
    }

    /// The greatest whole number of failing rows allowed, where more than none must not fail and few may.
    ///
    /// None where a least number is asked for, or the number must lie outside.
    pub(super) fn most(&self) -> Option<i128> {
        let floor_is_zero = match self.low {
            End::Open => true,
            End::With(v) => v <= 0.0,
            End::Without(v) => v < 0.0,
        };
        if self.outside || !floor_is_zero {
            return None;
        }
        self.whole().1.filter(|v| *v >= 0)
    }

    /// Both ends as the least and greatest whole number allowed.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a limit beyond 2^127 is clamped, and no count comes near"
    )]
    pub(super) fn whole(&self) -> (Option<i128>, Option<i128>) {
        let low = match self.low {
            End::Open => None,
            End::With(v) => Some(v.ceil() as i128),
            End::Without(v) => Some((v.floor() as i128).saturating_add(1)),
        };
        let high = match self.high {
            End::Open => None,
            End::With(v) => Some(v.floor() as i128),
            End::Without(v) => Some((v.ceil() as i128).saturating_sub(1)),
        };
        (low, high)
    }

    /// `min` and `max` for a count; none where the number must lie outside.
    pub(super) fn counts(&self) -> Option<Vec<(&'static str, Node)>> {
        let (low, high) = self.whole();
        let low = low.filter(|v| *v > 0);
        let of = |name, v: Option<i128>| v.map(|v| (name, int(&self.place, v)));
        let ends: Vec<_> = of("min", low).into_iter().chain(of("max", high)).collect();
        (!self.outside && high.is_none_or(|h| h >= 0)).then_some(ends)
    }

    /// `min` and `max` for a number, and `None` where an end itself is not allowed or the number must lie outside.
    pub(super) fn numbers(&self) -> Option<Vec<(&'static str, Node)>> {
        let mut ends = Vec::new();
        for (name, end) in [("min", self.low), ("max", self.high)] {
            match end {
                End::Open => {}
                End::With(v) => ends.push((name, number(&self.place, v))),
                End::Without(_) => return None,
            }
        }
        (!self.outside).then_some(ends)
    }

    /// The condition on a number as SQL: true where the number is as wanted.
    pub(super) fn condition(&self, expr: &str) -> String {
        let mut parts = Vec::new();
        match self.low {
            End::Open => {}
            End::With(v) => parts.push(format!("({expr}) >= {v}")),
            End::Without(v) => parts.push(format!("({expr}) > {v}")),
        }
        match self.high {
            End::Open => {}
            End::With(v) => parts.push(format!("({expr}) <= {v}")),
            End::Without(v) => parts.push(format!("({expr}) < {v}")),
        }
        let inside = parts.join(" AND ");
        if self.outside {
            format!("NOT ({inside})")
        } else {
            inside
        }
    }
}
