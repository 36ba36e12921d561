//! From a metric and rows to the form in which it is computed.

use super::calibration::{Adaptive, Bins, Said, confidence};
use super::checked::{
    binary, both_classes, chance, chances, classes, length, predicted_classes, scores, values,
    weights,
};
use super::kind::{Average, Kind};
use super::order::{Errors, Formula, Of, Order};
use super::sums::{CONSTANT, Draw, SumFormula};
use super::{CellFormula, Need, Prepared, Ranked, Rows, Undefined, losses, own, queries};

pub(super) fn prepare(kind: &Kind, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let n = length(rows)?;
    if let Some(losses) = losses::losses(kind, rows) {
        return losses.map(|losses| mean(losses, rows));
    }
    match kind {
        Kind::Accuracy | Kind::SelectionRate => hits(kind, rows),
        Kind::Precision(Average::Binary)
        | Kind::Recall(Average::Binary)
        | Kind::Specificity(Average::Binary)
        | Kind::FalsePositiveRate(Average::Binary)
            if rows.weight.is_none() =>
        {
            proportion(kind, rows)
        }
        Kind::Own { at, ratio, .. } => own::prepare(*at as usize, *ratio, rows),
        Kind::Rmse | Kind::Wape | Kind::R2 | Kind::ExplainedVariance => sums(kind, rows),
        Kind::Ndcg { .. } | Kind::Map { .. } | Kind::Mrr { .. } | Kind::HitRate { .. } => {
            let queries = queries::per_query(kind, rows)?;
            Ok(Prepared::Mean {
                losses: queries.values,
                weights: queries.weights,
                unit_of_row: Some(queries.unit_of_row),
            })
        }
        Kind::MedianError | Kind::MaxError => errors(kind, rows),
        Kind::ExpectedCalibration { .. } | Kind::AdaptiveCalibration { .. } => {
            calibration(kind, rows)
        }
        _ => match Formula::new(kind) {
            Some(formula) => ordered(kind, formula, rows),
            None => return cells(kind, rows),
        }
        .map(|of| Prepared::Ranked(Ranked::new(of, n))),
    }
}

pub(super) fn mean(losses: Vec<f64>, rows: &Rows<'_>) -> Prepared {
    Prepared::Mean {
        losses,
        weights: weights(rows),
        unit_of_row: None,
    }
}

/// Accuracy and the selection rate: a share of all rows.
fn hits(kind: &Kind, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let (truth, count) = classes(rows)?;
    let predicted = predicted_classes(rows, count)?;
    let hit: Vec<bool> = if *kind == Kind::SelectionRate {
        binary(rows)?;
        predicted.iter().map(|p| *p == 1).collect()
    } else {
        truth.iter().zip(predicted).map(|(t, p)| t == p).collect()
    };
    Ok(match rows.weight {
        None => Prepared::Proportion { hit, among: None },
        Some(_) => mean(
            hit.into_iter().map(|h| f64::from(u8::from(h))).collect(),
            rows,
        ),
    })
}

/// Rates of two classes without weights.
fn proportion(kind: &Kind, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let truth = binary(rows)?;
    let predicted = predicted_classes(rows, 2)?;
    let all = |of: &[u32], class: u32| of.iter().map(|c| *c == class).collect::<Vec<bool>>();
    let (hit, among, none) = match kind {
        Kind::Precision(_) => (
            all(truth, 1),
            all(predicted, 1),
            Undefined::NeverPredicted { class: 1 },
        ),
        Kind::Recall(_) => (
            all(predicted, 1),
            all(truth, 1),
            Undefined::ClassAbsent { class: 1 },
        ),
        Kind::Specificity(_) => (all(predicted, 0), all(truth, 0), Undefined::OneClass),
        _ => (all(predicted, 1), all(truth, 0), Undefined::OneClass),
    };
    if !among.contains(&true) {
        return Err(none);
    }
    Ok(Prepared::Proportion {
        hit,
        among: Some(among),
    })
}

/// Metrics of a confusion matrix.
fn cells(kind: &Kind, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let (truth, count) = classes(rows)?;
    let of_two = match kind {
        Kind::Precision(a)
        | Kind::Recall(a)
        | Kind::Specificity(a)
        | Kind::FalsePositiveRate(a) => *a == Average::Binary,
        Kind::F { average, .. } => *average == Average::Binary,
        _ => false,
    };
    if of_two {
        binary(rows)?;
    }
    // One declared class is one of two of which the other has no row.
    let count = count.max(2);
    let predicted = predicted_classes(rows, count)?;
    let size = count as usize;
    if count > MOST_CLASSES {
        return Err(Undefined::TooManyClasses);
    }
    let of = |(t, p): (&u32, &u32)| t * count + p;
    let cell: Vec<u32> = truth.iter().zip(predicted).map(of).collect();
    let mut whole = vec![0.0; size * size];
    let draw = Draw {
        weights: rows.weight,
        times: None,
    };
    for (row, cell) in cell.iter().enumerate() {
        whole[*cell as usize] += draw.at(row);
    }
    let formula = CellFormula::new(kind, &whole, size).expect("every other metric is made before");
    Ok(Prepared::Cells {
        cell,
        weights: weights(rows),
        formula,
    })
}

/// Classes of a confusion matrix that fits in memory.
const MOST_CLASSES: u32 = 4096;

fn sums(kind: &Kind, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let (truth, value) = values(rows)?;
    let of = |term: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        truth.iter().zip(value).map(|(y, f)| term(*y, *f)).collect()
    };
    let squares = || of(&|y, f| (y - f) * (y - f));
    // Deviations from the mean, and their squares: the sums of what is far from 0 would lose digits.
    let centred = |values: &[f64]| -> [Vec<f64>; 2] {
        let draw = Draw {
            weights: rows.weight,
            times: None,
        };
        let centre = draw.sum(values) / draw.total(values.len());
        let deviations: Vec<f64> = values.iter().map(|v| v - centre).collect();
        let squares = deviations.iter().map(|d| d * d).collect();
        [deviations, squares]
    };
    let (terms, formula) = match kind {
        Kind::Rmse => (vec![squares()], SumFormula::RootOfMean),
        Kind::Wape => (
            vec![of(&|y, f| (y - f).abs()), of(&|y, _| y.abs())],
            SumFormula::Ratio,
        ),
        _ => {
            if constant(truth, rows) {
                return Err(CONSTANT);
            }
            let of_truth = centred(truth);
            if *kind == Kind::R2 {
                let terms = [squares()].into_iter().chain(of_truth).collect();
                (terms, SumFormula::Determination)
            } else {
                let errors = centred(&of(&|y, f| y - f));
                let terms = errors.into_iter().chain(of_truth).collect();
                (terms, SumFormula::Explained)
            }
        }
    };
    Ok(Prepared::Sums {
        terms,
        weights: weights(rows),
        formula,
    })
}

/// Whether rows that weigh something have one value.
fn constant(values: &[f64], rows: &Rows<'_>) -> bool {
    let weighs = |row: &usize| rows.weight.is_none_or(|w| w[*row] > 0.0);
    let mut weighing = (0..values.len()).filter(weighs).map(|row| values[row]);
    let first = weighing.next();
    weighing.all(|v| first.is_some_and(|f| super::kind::is(f, v)))
}

fn errors(kind: &Kind, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let (truth, value) = values(rows)?;
    let errors: Vec<f64> = truth
        .iter()
        .zip(value)
        .map(|(y, f)| (y - f).abs())
        .collect();
    if let Some(row) = errors.iter().position(|e| !e.is_finite()) {
        return Err(Undefined::NotANumber { row });
    }
    let count = errors.len();
    let sorted = Errors::sorted(&errors, rows.weight);
    let of = if *kind == Kind::MaxError {
        Of::Max(sorted)
    } else {
        Of::Median(sorted)
    };
    Ok(Prepared::Ranked(Ranked::new(of, count)))
}

fn calibration(kind: &Kind, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
    let (truth, count) = classes(rows)?;
    let said: Vec<Said> = if count > 2 {
        let chances = chances(rows, count)?;
        let of = |(row, class): (usize, &u32)| confidence(chances, *class, row);
        truth.iter().enumerate().map(of).collect()
    } else {
        let of = |(class, score): (&u32, &f64)| Said {
            score: *score,
            happened: f64::from(*class),
        };
        truth.iter().zip(chance(rows)?).map(of).collect()
    };
    let of = match *kind {
        Kind::AdaptiveCalibration { bins } => Of::Adaptive(Adaptive::new(&said, bins, rows.weight)),
        Kind::ExpectedCalibration { bins } => {
            Of::Bins(Bins::new(said.iter().copied(), bins, weights(rows)))
        }
        _ => return Err(Undefined::Missing(Need::Score)),
    };
    Ok(Prepared::Ranked(Ranked::new(of, truth.len())))
}

/// Metrics that are read off an order of the rows.
fn ordered(kind: &Kind, formula: Formula, rows: &Rows<'_>) -> Result<Of, Undefined> {
    let average = match kind {
        Kind::RocAuc(average) | Kind::AveragePrecision(average) => *average,
        _ => Average::Binary,
    };
    if average == Average::Binary {
        let truth = binary(rows)?;
        let score = super::checked::score(rows)?;
        if matches!(formula, Formula::RocAuc | Formula::Ks) {
            both_classes(truth, rows)?;
        }
        let order = Order::new(score, |row| truth[row] == 1, rows.weight);
        return Ok(Of::Order(order, formula));
    }
    let (truth, count) = classes(rows)?;
    let scores = scores(rows, count)?;
    if average == Average::Micro {
        let n = truth.len();
        let all = scores.concat();
        if all.len() >= u32::MAX as usize {
            return Err(Undefined::TooManyRows);
        }
        let weights = rows.weight.map(|w| w.repeat(scores.len()));
        let positive = |place: usize| truth[place % n] as usize == place / n;
        let order = Order::new(&all, positive, weights.as_deref()).folded(n);
        return Ok(Of::Order(order, formula));
    }
    let order =
        |(class, score): (u32, &&[f64])| Order::new(score, |row| truth[row] == class, rows.weight);
    let orders: Vec<Order> = (0..).zip(scores).map(order).collect();
    Ok(Of::Classes(orders, formula, average))
}
