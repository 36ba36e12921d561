//! Metrics as functions of sums of row terms, which is all that a shared draw needs of them.

use crate::model::metric::{CellFormula, Prepared, Ranked, SumFormula};

/// Cells of a confusion matrix up to which each is a term.
const MOST_CELLS: usize = 64;

/// Row terms of one side of a metric, and the metric as a function of their sums.
pub(super) struct Terms {
    /// One number per row for each term.
    pub(super) rows: Vec<Vec<f64>>,
    of: Of,
}

enum Of {
    /// The first sum over the second.
    Share,
    Cells(CellFormula),
    /// All sums but the last, which is the weight.
    Sums(SumFormula),
    /// Gaps of bins, and the weight.
    Gaps,
}

/// Bins of a calibration error up to which each is a term.
const MOST_BINS: u32 = 20;

impl Terms {
    /// The terms of a metric; `None` of one that needs rows in an order, has units other than rows, or has too many cells.
    pub(super) fn of(prepared: &Prepared) -> Option<Self> {
        let number = |is: bool| f64::from(u8::from(is));
        Some(match prepared {
            Prepared::Proportion { hit, among } => {
                let counts = |row: usize| among.as_ref().is_none_or(|among| among[row]);
                let rows = 0..hit.len();
                Self {
                    rows: vec![
                        rows.clone()
                            .map(|row| number(counts(row) && hit[row]))
                            .collect(),
                        rows.map(|row| number(counts(row))).collect(),
                    ],
                    of: Of::Share,
                }
            }
            Prepared::Cells {
                cell,
                weights,
                formula,
            } if formula.cells() <= MOST_CELLS => {
                let mut rows = vec![vec![0.0; cell.len()]; formula.cells()];
                for (row, cell) in cell.iter().enumerate() {
                    rows[*cell as usize][row] = weights.as_ref().map_or(1.0, |w| w[row]);
                }
                Self {
                    rows,
                    of: Of::Cells(formula.clone()),
                }
            }
            Prepared::Sums {
                terms,
                weights,
                formula,
            } => {
                let weight = |row: usize| weights.as_ref().map_or(1.0, |w| w[row]);
                let weighted = |term: &Vec<f64>| -> Vec<f64> {
                    let values = term.iter().enumerate();
                    values.map(|(row, value)| value * weight(row)).collect()
                };
                let count = terms.first().map_or(0, Vec::len);
                let mut rows: Vec<Vec<f64>> = terms.iter().map(weighted).collect();
                rows.push((0..count).map(weight).collect());
                Self {
                    rows,
                    of: Of::Sums(*formula),
                }
            }
            Prepared::Ranked(ranked) => Self {
                rows: ranked.terms(MOST_BINS)?,
                of: Of::Gaps,
            },
            _ => return None,
        })
    }

    /// The metric's formula without its terms.
    pub(super) fn formula(&self) -> Formula {
        Formula(match &self.of {
            Of::Share => Of::Share,
            Of::Cells(formula) => Of::Cells(formula.clone()),
            Of::Sums(formula) => Of::Sums(*formula),
            Of::Gaps => Of::Gaps,
        })
    }
}

/// A metric as a function of sums.
pub(super) struct Formula(Of);

impl Formula {
    /// The metric; `None` where it has no value.
    pub(super) fn value(&self, sums: &[f64]) -> Option<f64> {
        let value = match &self.0 {
            Of::Share => match sums {
                [hits, all] if *all > 0.0 => hits / all,
                _ => return None,
            },
            Of::Cells(formula) => formula.value(sums).ok()?,
            Of::Sums(formula) => {
                let (weight, terms) = sums.split_last()?;
                formula.value(terms, *weight).ok()?
            }
            Of::Gaps => Ranked::of_terms(sums)?,
        };
        value.is_finite().then_some(value)
    }
}
