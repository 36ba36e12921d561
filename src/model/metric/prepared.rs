//! A metric over rows, ready to be computed for any number of draws of these rows.

use super::sums::{Draw, SumFormula};
use super::{CellFormula, Ranked, Undefined};

/// A row whose unit has no value: a row of a query without a relevant row.
pub const NO_UNIT: u32 = u32::MAX;

/// What a metric needs of its rows, in the simplest form that has its value for every resampling.
///
/// `times` counts units: rows, or queries where [`Prepared::unit_of_row`] says which row is of which.
#[derive(Debug, Clone)]
pub enum Prepared {
    /// The weighted mean of the losses of units.
    Mean {
        /// The loss of each unit; a share of hits is a loss too.
        losses: Vec<f64>,
        /// Weight of each unit.
        weights: Option<Vec<f64>>,
        /// For metrics of rankings: the query of each row as a place in `losses`, or [`NO_UNIT`]. `None` where units
        /// are rows.
        unit_of_row: Option<Vec<u32>>,
    },
    /// The share of rows that are hits, of all or `among` some; rows have no weights.
    Proportion {
        /// Whether a row is a hit; only of meaning where it is among those that count.
        hit: Vec<bool>,
        /// Which rows count; `None` is all of them.
        among: Option<Vec<bool>>,
    },
    /// A function of the confusion matrix.
    Cells {
        /// `true class * classes + predicted class` of each row.
        cell: Vec<u32>,
        /// Weight of each row.
        weights: Option<Vec<f64>>,
        /// The function.
        formula: CellFormula,
    },
    /// A function of weighted sums of row terms.
    Sums {
        /// The terms, each one number per row.
        terms: Vec<Vec<f64>>,
        /// Weight of each row.
        weights: Option<Vec<f64>>,
        /// The function.
        formula: SumFormula,
    },
    /// What needs rows in an order.
    Ranked(Ranked),
}

impl Prepared {
    /// Units that can be drawn: the length of `times`.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Mean { losses, .. } => losses.len(),
            Self::Proportion { hit, .. } => hit.len(),
            Self::Cells { cell, .. } => cell.len(),
            Self::Sums { terms, .. } => terms.first().map_or(0, Vec::len),
            Self::Ranked(ranked) => ranked.rows,
        }
    }

    /// The unit of each row, where units are not rows: the query of a ranking, or [`NO_UNIT`].
    #[must_use]
    pub fn unit_of_row(&self) -> Option<&[u32]> {
        match self {
            Self::Mean { unit_of_row, .. } => unit_of_row.as_deref(),
            _ => None,
        }
    }

    /// The metric when unit `i` is drawn `times[i]` times; `None` as `times` is each once.
    ///
    /// `None` where it has no value for that draw (a class that no drawn row has), or `times` is not one number per
    /// unit.
    /// Cost: one pass over the rows.
    #[must_use]
    pub fn value(&self, times: Option<&[u32]>) -> Option<f64> {
        self.result(times).ok()
    }

    /// As [`Prepared::value`], with the reason.
    ///
    /// Errors: [`Undefined::Unequal`] for another number of units, [`Undefined::Overflow`], and what the metric says.
    pub fn result(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        if times.is_some_and(|t| t.len() != self.rows()) {
            return Err(Undefined::Unequal);
        }
        let value = match self {
            Self::Mean {
                losses, weights, ..
            } => mean(losses, weights.as_deref(), times),
            Self::Proportion { hit, among } => proportion(hit, among.as_deref(), times),
            Self::Cells {
                cell,
                weights,
                formula,
            } => {
                let draw = Draw {
                    weights: weights.as_deref(),
                    times,
                };
                of_cells(cell, draw, formula)
            }
            Self::Sums {
                terms,
                weights,
                formula,
            } => {
                let draw = Draw {
                    weights: weights.as_deref(),
                    times,
                };
                let mut sums = [0.0; MOST_TERMS];
                for (sum, term) in sums.iter_mut().zip(terms) {
                    *sum = draw.sum(term);
                }
                formula.value(&sums[..terms.len()], draw.total(self.rows()))
            }
            Self::Ranked(ranked) => ranked.value(times),
        }?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Undefined::Overflow)
        }
    }
}

fn mean(losses: &[f64], weights: Option<&[f64]>, times: Option<&[u32]>) -> Result<f64, Undefined> {
    let draw = Draw { weights, times };
    let total = draw.total(losses.len());
    if total > 0.0 {
        Ok(draw.sum(losses) / total)
    } else {
        Err(Undefined::NoRows)
    }
}

fn proportion(
    hit: &[bool],
    among: Option<&[bool]>,
    times: Option<&[u32]>,
) -> Result<f64, Undefined> {
    let count = |row: usize| times.map_or(1, |t| u64::from(t[row]));
    let (mut hits, mut all) = (0, 0);
    for (row, hit) in hit.iter().enumerate() {
        let counts = count(row) * u64::from(among.is_none_or(|a| a[row]));
        all += counts;
        hits += counts * u64::from(*hit);
    }
    if all > 0 {
        Ok(hits as f64 / all as f64)
    } else {
        Err(Undefined::ZeroDenominator {
            of: "no row counts",
        })
    }
}

/// Terms of the formula that has the most.
const MOST_TERMS: usize = 4;

/// Cells of matrices that need no memory of their own.
const FEW: usize = 64;

fn of_cells(cell: &[u32], draw: Draw<'_>, formula: &CellFormula) -> Result<f64, Undefined> {
    let mut few = [0.0; FEW];
    let mut many = Vec::new();
    let sums = if formula.cells() <= FEW {
        &mut few[..formula.cells()]
    } else {
        many.resize(formula.cells(), 0.0);
        &mut many[..]
    };
    for (row, cell) in cell.iter().enumerate() {
        sums[*cell as usize] += draw.at(row);
    }
    formula.value(sums)
}
