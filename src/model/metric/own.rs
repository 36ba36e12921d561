//! The user's own metric: a mean of a number of each row, or a ratio of two sums of such numbers.

use super::checked::weights;
use super::facts::Facts;
use super::kind::Kind;
use super::prepare::mean;
use super::sums::{Draw, SumFormula};
use super::{Direction, Metric, Prepared, Rows, Task, Undefined, Unit};

/// What such a metric is called where names of metrics are listed.
pub(super) const NAME: &str = "own";

/// Where the numbers of a user's own metric stand among [`super::Predicted::own`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// The weighted mean of the numbers at this place.
    Mean(u32),
    /// The weighted sum at this place over that at the next one.
    Ratio(u32),
}

/// The numbers that an expression of the user's gives of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnNumbers {
    /// One per row; NaN where it has none.
    pub of: Vec<f64>,
    /// Greatest less least number over all rows of all models, of which these rows may be a part.
    pub span: f64,
    /// First row without a finite number, from 0 as the candidate's rows were read, of which these rows may be a part in
    /// another order.
    pub missing: Option<usize>,
    /// First row with a number below 0, counted in the same way.
    pub below: Option<usize>,
}

impl OwnNumbers {
    /// Numbers in the order in which rows were read; the span is that of these alone.
    #[must_use]
    pub fn new(of: Vec<f64>) -> Self {
        let least = of.iter().copied().fold(f64::INFINITY, f64::min);
        let most = of.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self {
            span: most - least,
            missing: of.iter().position(|number| !number.is_finite()),
            below: of.iter().position(|number| *number < 0.0),
            of,
        }
    }

    /// Those of these rows, in that order; the span and the rows that are told stay those of all rows.
    #[must_use]
    pub fn gather(&self, rows: &[u32]) -> Self {
        Self {
            of: rows.iter().map(|row| self.of[*row as usize]).collect(),
            span: self.span,
            missing: self.missing,
            below: self.below,
        }
    }
}

impl Metric {
    /// The largest difference that a row can make, as far as all rows show; `None` of metrics of the list.
    #[must_use]
    pub fn own_span(&self, own: &[OwnNumbers]) -> Option<f64> {
        let Kind::Own { at, .. } = self.kind else {
            return None;
        };
        own.get(at as usize).map(|numbers| numbers.span)
    }

    /// A metric that the user has written, which `definition` tells apart from others.
    ///
    /// Range: any number. Nulls: a row without a finite number, and a divisor below 0, are refused with their row.
    #[must_use]
    pub fn own(terms: Terms, direction: Direction, definition: String) -> Self {
        let (at, ratio) = match terms {
            Terms::Mean(at) => (at, false),
            Terms::Ratio(at) => (at, true),
        };
        let kind = Kind::Own {
            at,
            ratio,
            direction,
        };
        Self {
            kind,
            own: Some(definition),
        }
    }

    /// Whether the user has written it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }
}

/// Facts of such a metric by its direction.
pub(super) fn facts(direction: Direction) -> &'static Facts {
    match direction {
        Direction::HigherIsBetter => &HIGHER,
        Direction::LowerIsBetter => &LOWER,
        Direction::Neutral => &NEUTRAL,
    }
}

const NEUTRAL: Facts = Facts {
    name: NAME,
    title: "own metric",
    known_as: &[],
    tasks: &Task::ALL,
    needs: &[],
    options: &[],
    direction: Direction::Neutral,
    range: (f64::NEG_INFINITY, f64::INFINITY),
    perfect: f64::NAN,
    unit: Unit::None,
    doc: "Is: what the user has written.",
};

static HIGHER: Facts = Facts {
    direction: Direction::HigherIsBetter,
    perfect: f64::INFINITY,
    ..NEUTRAL
};

static LOWER: Facts = Facts {
    direction: Direction::LowerIsBetter,
    perfect: f64::NEG_INFINITY,
    ..NEUTRAL
};

/// The numbers of a place.
fn term<'a>(rows: &Rows<'a>, at: usize) -> Result<&'a [f64], Undefined> {
    let numbers = rows.predicted.own.get(at).ok_or(Undefined::NoRows)?;
    let values = &numbers.of;
    if values.len() != rows.truth.len() {
        return Err(Undefined::Unequal);
    }
    match values.iter().position(|v| !v.is_finite()) {
        // Rows may be in another order by now: the reader knows them as they are in the file.
        Some(row) => Err(Undefined::NoOwnValue {
            row: numbers.missing.unwrap_or(row),
        }),
        None => Ok(values),
    }
}

pub(super) fn prepare(at: usize, ratio: bool, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let top = term(rows, at)?;
    if !ratio {
        return Ok(mean(top.to_vec(), rows));
    }
    let bottom = term(rows, at + 1)?;
    if let Some(row) = bottom.iter().position(|v| *v < 0.0) {
        let first = rows.predicted.own.get(at + 1).and_then(|own| own.below);
        return Err(Undefined::NegativeDenominator {
            row: first.unwrap_or(row),
        });
    }
    let draw = Draw {
        weights: rows.weight,
        times: None,
    };
    if draw.sum(bottom) <= 0.0 {
        return Err(Undefined::ZeroDenominator {
            of: "`divided_by` is 0 in every row",
        });
    }
    Ok(Prepared::Sums {
        terms: vec![top.to_vec(), bottom.to_vec()],
        weights: weights(rows),
        formula: SumFormula::Ratio,
    })
}
