//! Weighted sums of row terms, and the metrics that are functions of them.

use super::Undefined;

/// How much each row counts: its weight, times how often it is drawn.
#[derive(Clone, Copy)]
pub(super) struct Draw<'a> {
    pub(super) weights: Option<&'a [f64]>,
    pub(super) times: Option<&'a [u32]>,
}

impl Draw<'_> {
    #[inline]
    pub(super) fn at(&self, row: usize) -> f64 {
        let weight = self.weights.map_or(1.0, |w| w[row]);
        self.times.map_or(weight, |t| weight * f64::from(t[row]))
    }

    /// The sum of what all rows count.
    pub(super) fn total(&self, rows: usize) -> f64 {
        match (self.weights, self.times) {
            (None, None) => rows as f64,
            (None, Some(times)) => times.iter().map(|t| u64::from(*t)).sum::<u64>() as f64,
            _ => sum(rows, |row| self.at(row)),
        }
    }

    /// The weighted sum of a term.
    pub(super) fn sum(&self, term: &[f64]) -> f64 {
        match (self.weights, self.times) {
            (None, None) => sum(term.len(), |row| term[row]),
            (None, Some(t)) => sum(term.len(), |row| term[row] * f64::from(t[row])),
            (Some(w), None) => sum(term.len(), |row| term[row] * w[row]),
            (Some(w), Some(t)) => sum(term.len(), |row| term[row] * w[row] * f64::from(t[row])),
        }
    }
}

/// Rows of a block: long enough to cost nothing, short enough that its rounding does not add up.
const BLOCK: usize = 256;

/// The sum of `term` over rows, in blocks of four lanes whose sums are added with compensation.
///
/// Source: Neumaier, *Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen* (1974), from memory.
#[inline]
pub(super) fn sum(rows: usize, term: impl Fn(usize) -> f64) -> f64 {
    let (mut whole, mut lost) = (0.0_f64, 0.0_f64);
    let mut start = 0;
    while start < rows {
        let end = rows.min(start + BLOCK);
        let mut lanes = [0.0_f64; 4];
        let mut row = start;
        while row + 4 <= end {
            lanes[0] += term(row);
            lanes[1] += term(row + 1);
            lanes[2] += term(row + 2);
            lanes[3] += term(row + 3);
            row += 4;
        }
        while row < end {
            lanes[0] += term(row);
            row += 1;
        }
        let block = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
        let next = whole + block;
        lost += if whole.abs() >= block.abs() {
            (whole - next) + block
        } else {
            (block - next) + whole
        };
        whole = next;
        start = end;
    }
    // Beyond the range of numbers the compensation is NaN, and hides which way it went.
    if whole.is_finite() {
        whole + lost
    } else {
        whole
    }
}

/// A metric as a function of weighted sums of row terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumFormula {
    /// Square root of the mean of the first term.
    RootOfMean,
    /// The first sum over the second.
    Ratio,
    /// 1 less the first sum over the spread that the second (deviations of the truth) and the third (their squares)
    /// tell.
    Determination,
    /// 1 less the spread of the first two terms (errors and their squares) over that of the last two (truth).
    Explained,
}

impl SumFormula {
    /// The term that grows with a row's error.
    pub(super) fn error(self) -> usize {
        match self {
            Self::RootOfMean | Self::Ratio | Self::Determination => 0,
            Self::Explained => 1,
        }
    }

    /// The metric of the sums of its terms and the sum of the weights.
    ///
    /// Errors: [`Undefined::NoRows`] without weight, [`Undefined::ZeroDenominator`].
    pub fn value(self, sums: &[f64], total: f64) -> Result<f64, Undefined> {
        if total <= 0.0 {
            return Err(Undefined::NoRows);
        }
        match (self, sums) {
            (Self::RootOfMean, [squares]) => Ok((squares / total).sqrt()),
            (Self::Ratio, [top, bottom]) if *bottom > 0.0 => Ok(top / bottom),
            (Self::Ratio, _) => Err(Undefined::ZeroDenominator {
                of: "the truth is 0 in every row",
            }),
            (Self::Determination, [squares, truth, of_truth]) => {
                Ok(1.0 - squares / spread(*truth, *of_truth, total).ok_or(CONSTANT)?)
            }
            (Self::Explained, [error, of_error, truth, of_truth]) => {
                let whole = spread(*truth, *of_truth, total).ok_or(CONSTANT)?;
                Ok(1.0 - spread(*error, *of_error, total).unwrap_or(0.0) / whole)
            }
            _ => Err(Undefined::Unequal),
        }
    }
}

/// Why there is no spread to explain.
pub(super) const CONSTANT: Undefined = Undefined::ZeroDenominator {
    of: "the truth is the same in every row",
};

/// The sum of squared deviations from the mean; `None` where it is 0 but for rounding.
fn spread(sum: f64, squares: f64, total: f64) -> Option<f64> {
    let spread = squares - sum * (sum / total);
    (spread > squares * 1e-13).then_some(spread)
}
