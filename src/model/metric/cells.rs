//! Metrics that are functions of a confusion matrix.

use super::Undefined;
use super::kind::{Agreement, Average, Kind};

/// A share of a class's rows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rate {
    Precision,
    Recall,
    Specificity,
    FalsePositive,
    F(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Of {
    Rate(Rate, Average),
    Balanced,
    Matthews,
    Kappa(Agreement),
}

/// A metric as a function of the confusion matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct CellFormula {
    of: Of,
    classes: usize,
    /// Whether a row that weighs something has the class.
    in_truth: Vec<bool>,
    /// Whether it has it or was predicted to have it.
    occurs: Vec<bool>,
}

impl CellFormula {
    /// The formula of a metric that is one; `cells` are those of all rows.
    pub(super) fn new(kind: &Kind, cells: &[f64], classes: usize) -> Option<Self> {
        let of = match *kind {
            Kind::Precision(average) => Of::Rate(Rate::Precision, average),
            Kind::Recall(average) => Of::Rate(Rate::Recall, average),
            Kind::Specificity(average) => Of::Rate(Rate::Specificity, average),
            Kind::FalsePositiveRate(average) => Of::Rate(Rate::FalsePositive, average),
            Kind::F { beta, average } => Of::Rate(Rate::F(beta), average),
            Kind::BalancedAccuracy => Of::Balanced,
            Kind::Matthews => Of::Matthews,
            Kind::Kappa(weights) => Of::Kappa(weights),
            _ => return None,
        };
        let matrix = Matrix { cells, classes };
        let in_truth: Vec<bool> = (0..classes).map(|k| matrix.truth(k) > 0.0).collect();
        let occurs = |k: usize| in_truth[k] || matrix.predicted(k) > 0.0;
        Some(Self {
            of,
            classes,
            occurs: (0..classes).map(occurs).collect(),
            in_truth,
        })
    }

    /// Number of cells: the square of the number of classes.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.classes * self.classes
    }

    /// The metric of a confusion matrix: weights of rows by `true class * classes + predicted class`.
    ///
    /// A class that has rows in the whole data and none here leaves means over classes without a value.
    ///
    /// Errors: [`Undefined::Unequal`] for another number of cells, and what a division by 0 says.
    pub fn value(&self, cells: &[f64]) -> Result<f64, Undefined> {
        if cells.len() != self.cells() {
            return Err(Undefined::Unequal);
        }
        let matrix = Matrix {
            cells,
            classes: self.classes,
        };
        if matrix.total() <= 0.0 {
            return Err(Undefined::NoRows);
        }
        match self.of {
            Of::Rate(rate, average) => self.average(&matrix, rate, average),
            Of::Balanced => self.balanced(&matrix),
            Of::Matthews => matrix.matthews(),
            Of::Kappa(weights) => matrix.kappa(weights),
        }
    }

    fn average(&self, matrix: &Matrix, rate: Rate, average: Average) -> Result<f64, Undefined> {
        let occurring = || (0..self.classes).filter(|k| self.occurs[*k]);
        match average {
            Average::Binary => matrix.rate(rate, 1),
            Average::Macro => {
                let mut sum = 0.0;
                for class in occurring() {
                    sum += matrix.rate(rate, class)?;
                }
                Ok(sum / occurring().count() as f64)
            }
            Average::Micro => {
                let (mut top, mut bottom) = (0.0, 0.0);
                for class in occurring() {
                    let (t, b) = matrix.fraction(rate, class);
                    top += t;
                    bottom += b;
                }
                if bottom > 0.0 {
                    Ok(top / bottom)
                } else {
                    Err(Undefined::OneClass)
                }
            }
            Average::Weighted => {
                let mut sum = 0.0;
                for class in (0..self.classes).filter(|k| matrix.truth(*k) > 0.0) {
                    sum += matrix.truth(class) * matrix.rate(rate, class)?;
                }
                Ok(sum / matrix.total())
            }
        }
    }

    fn balanced(&self, matrix: &Matrix) -> Result<f64, Undefined> {
        let known = || (0..self.classes).filter(|k| self.in_truth[*k]);
        if known().count() < 2 {
            return Err(Undefined::OneClass);
        }
        let mut sum = 0.0;
        for class in known() {
            sum += matrix.rate(Rate::Recall, class)?;
        }
        Ok(sum / known().count() as f64)
    }
}

/// Weights by true class (rows) and predicted class (columns).
struct Matrix<'a> {
    cells: &'a [f64],
    classes: usize,
}

impl Matrix<'_> {
    fn at(&self, truth: usize, predicted: usize) -> f64 {
        self.cells[truth * self.classes + predicted]
    }

    fn total(&self) -> f64 {
        self.cells.iter().sum()
    }

    fn truth(&self, class: usize) -> f64 {
        (0..self.classes).map(|p| self.at(class, p)).sum()
    }

    fn predicted(&self, class: usize) -> f64 {
        (0..self.classes).map(|t| self.at(t, class)).sum()
    }

    fn others(&self, class: usize) -> impl Iterator<Item = usize> + Clone {
        (0..self.classes).filter(move |k| *k != class)
    }

    /// Numerator and denominator of a rate. Sums of cells, never differences: what is 0 is exactly 0.
    fn fraction(&self, rate: Rate, class: usize) -> (f64, f64) {
        let hit = self.at(class, class);
        match rate {
            Rate::Precision => (hit, self.predicted(class)),
            Rate::Recall => (hit, self.truth(class)),
            Rate::F(beta) => {
                let square = beta * beta;
                let bottom = self.predicted(class) + square * self.truth(class);
                ((1.0 + square) * hit, bottom)
            }
            Rate::Specificity => {
                let others = self.others(class);
                let right = others.clone().map(|t| {
                    let kept = self.others(class).map(|p| self.at(t, p));
                    kept.sum::<f64>()
                });
                (right.sum(), others.map(|t| self.truth(t)).sum())
            }
            Rate::FalsePositive => {
                let others = self.others(class);
                let wrong = others.clone().map(|t| self.at(t, class)).sum();
                (wrong, others.map(|t| self.truth(t)).sum())
            }
        }
    }

    fn rate(&self, rate: Rate, class: usize) -> Result<f64, Undefined> {
        let (top, bottom) = self.fraction(rate, class);
        if bottom > 0.0 {
            return Ok(top / bottom);
        }
        let class = u32::try_from(class).unwrap_or(u32::MAX);
        Err(match rate {
            Rate::Precision => Undefined::NeverPredicted { class },
            Rate::Recall | Rate::F(_) => Undefined::ClassAbsent { class },
            Rate::Specificity | Rate::FalsePositive => Undefined::OneClass,
        })
    }

    /// Pairs of two different classes, weighed by how often each is (`of`): 0 exactly when there is only one.
    fn unlike(&self, of: impl Fn(usize) -> f64) -> f64 {
        let mut sum = 0.0;
        for a in 0..self.classes {
            sum += of(a) * self.others(a).map(&of).sum::<f64>();
        }
        sum
    }

    /// Source: Gorodkin, *Comparing two K-category assignments by a K-category correlation coefficient* (2004), from
    /// memory; scikit-learn 1.9.1 `matthews_corrcoef`, read.
    fn matthews(&self) -> Result<f64, Undefined> {
        let of_truth = self.unlike(|k| self.truth(k));
        if of_truth <= 0.0 {
            return Err(Undefined::OneClass);
        }
        let of_predicted = self.unlike(|k| self.predicted(k));
        if of_predicted <= 0.0 {
            return Err(Undefined::ZeroDenominator {
                of: "the predicted class is the same in every row",
            });
        }
        let hits: f64 = (0..self.classes).map(|k| self.at(k, k)).sum();
        let by_chance = |k: usize| self.truth(k) * self.predicted(k);
        let expected: f64 = (0..self.classes).map(by_chance).sum();
        let covariance = if self.classes == 2 {
            2.0 * (self.at(0, 0) * self.at(1, 1) - self.at(0, 1) * self.at(1, 0))
        } else {
            hits * self.total() - expected
        };
        Ok((covariance / of_truth.sqrt() / of_predicted.sqrt()).clamp(-1.0, 1.0))
    }

    /// Source: Cohen, *Weighted kappa* (1968), from memory; scikit-learn 1.9.1 `cohen_kappa_score`, read.
    fn kappa(&self, weights: Agreement) -> Result<f64, Undefined> {
        let apart = |a: usize, b: usize| match weights {
            Agreement::Plain => f64::from(u8::from(a != b)),
            Agreement::Linear => a.abs_diff(b) as f64,
            Agreement::Quadratic => (a.abs_diff(b) as f64).powi(2),
        };
        let (mut seen, mut expected) = (0.0, 0.0);
        for truth in 0..self.classes {
            let share = self.truth(truth) / self.total();
            for predicted in 0..self.classes {
                seen += apart(truth, predicted) * self.at(truth, predicted);
                expected += apart(truth, predicted) * share * self.predicted(predicted);
            }
        }
        if expected > 0.0 {
            Ok(1.0 - seen / expected)
        } else {
            Err(Undefined::ZeroDenominator {
                of: "truth and prediction are one class, the same in every row",
            })
        }
    }
}
