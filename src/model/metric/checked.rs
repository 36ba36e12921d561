//! Rows as metrics need them: of equal length, finite, in range. What is wrong is said with its row.

use super::{Need, Rows, Truth, Undefined};

/// How far the sum of a row's chances may be from 1: 0.01, as three times 0.33 is, and the rounding of the sum itself.
const SUM_TOLERANCE: f64 = 0.01 + 1e-9;

/// The number of rows, when all columns have as many, there is one, and weights are usable.
pub(super) fn length(rows: &Rows<'_>) -> Result<usize, Undefined> {
    let n = rows.truth.len();
    let p = &rows.predicted;
    let numbers = [p.score, p.value, p.low, p.high, rows.weight];
    let mut lengths: Vec<usize> = numbers.into_iter().flatten().map(<[f64]>::len).collect();
    lengths.extend(
        [p.class, rows.group]
            .into_iter()
            .flatten()
            .map(<[u32]>::len),
    );
    lengths.extend(p.scores.into_iter().flatten().map(|s| s.len()));
    if lengths.iter().any(|l| *l != n) {
        return Err(Undefined::Unequal);
    }
    if n == 0 {
        return Err(Undefined::NoRows);
    }
    if n >= u32::MAX as usize {
        return Err(Undefined::TooManyRows);
    }
    if let Some(weights) = rows.weight {
        let bad = |w: &f64| !w.is_finite() || *w < 0.0;
        if let Some(row) = weights.iter().position(bad) {
            return Err(Undefined::BadWeight { row });
        }
        if weights.iter().all(|w| *w <= 0.0) {
            return Err(Undefined::NoWeight);
        }
    }
    Ok(n)
}

/// Weights to keep.
pub(super) fn weights(rows: &Rows<'_>) -> Option<Vec<f64>> {
    rows.weight.map(<[f64]>::to_vec)
}

/// The true classes, and how many there are.
pub(super) fn classes<'a>(rows: &Rows<'a>) -> Result<(&'a [u32], u32), Undefined> {
    match rows.truth {
        Truth::Classes { of, classes } => {
            in_range(of, classes)?;
            Ok((of, classes))
        }
        Truth::Values(_) => Err(Undefined::WrongTruth("numbers", "classes")),
    }
}

/// The true classes, 0 and 1, where class 1 is the positive one.
pub(super) fn binary<'a>(rows: &Rows<'a>) -> Result<&'a [u32], Undefined> {
    let (of, classes) = classes(rows)?;
    if classes > 2 {
        return Err(Undefined::NotBinary);
    }
    Ok(of)
}

/// Fails when the truth of the rows that weigh something is one class.
pub(super) fn both_classes(truth: &[u32], rows: &Rows<'_>) -> Result<(), Undefined> {
    let weighs = |row: usize| rows.weight.is_none_or(|w| w[row] > 0.0);
    let has = |class: u32| (0..truth.len()).any(|row| truth[row] == class && weighs(row));
    if has(0) && has(1) {
        Ok(())
    } else {
        Err(Undefined::OneClass)
    }
}

fn in_range(of: &[u32], classes: u32) -> Result<(), Undefined> {
    match of.iter().position(|c| *c >= classes) {
        Some(row) => Err(Undefined::ClassOutOfRange { row }),
        None => Ok(()),
    }
}

/// The predicted classes.
pub(super) fn predicted_classes<'a>(rows: &Rows<'a>, classes: u32) -> Result<&'a [u32], Undefined> {
    let class = rows
        .predicted
        .class
        .ok_or(Undefined::Missing(Need::Class))?;
    in_range(class, classes)?;
    Ok(class)
}

fn finite(values: &[f64]) -> Result<&[f64], Undefined> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(row) => Err(Undefined::NotANumber { row }),
        None => Ok(values),
    }
}

/// Finite scores, in any scale.
pub(super) fn score<'a>(rows: &Rows<'a>) -> Result<&'a [f64], Undefined> {
    let of_two = match rows.predicted.scores {
        Some([_, positive]) => Some(*positive),
        _ => None,
    };
    let score = rows.predicted.score.or(of_two);
    finite(score.ok_or(Undefined::Missing(Need::Score))?)
}

/// Scores between 0 and 1.
pub(super) fn chance<'a>(rows: &Rows<'a>) -> Result<&'a [f64], Undefined> {
    let score = score(rows)?;
    match score.iter().position(|v| !(0.0..=1.0).contains(v)) {
        Some(row) => Err(Undefined::ScoreOutOfRange { row }),
        None => Ok(score),
    }
}

/// Finite scores of every class, in any scale.
pub(super) fn scores<'a>(rows: &Rows<'a>, classes: u32) -> Result<&'a [&'a [f64]], Undefined> {
    let scores = rows
        .predicted
        .scores
        .ok_or(Undefined::Missing(Need::Scores))?;
    if scores.len() != classes as usize {
        return Err(Undefined::ScoresPerClass);
    }
    for of_class in scores {
        finite(of_class)?;
    }
    Ok(scores)
}

/// Chances of every class: between 0 and 1, with a sum near 1.
pub(super) fn chances<'a>(rows: &Rows<'a>, classes: u32) -> Result<&'a [&'a [f64]], Undefined> {
    let scores = scores(rows, classes)?;
    for row in 0..rows.truth.len() {
        let of_row = || scores.iter().map(|s| s[row]);
        if of_row().any(|v| !(0.0..=1.0).contains(&v)) {
            return Err(Undefined::ScoreOutOfRange { row });
        }
        if (of_row().sum::<f64>() - 1.0).abs() > SUM_TOLERANCE {
            return Err(Undefined::ChancesNotOne { row });
        }
    }
    Ok(scores)
}

/// Finite true numbers.
pub(super) fn truth<'a>(rows: &Rows<'a>) -> Result<&'a [f64], Undefined> {
    match rows.truth {
        Truth::Values(values) => finite(values),
        Truth::Classes { .. } => Err(Undefined::WrongTruth("classes", "numbers")),
    }
}

/// Finite true numbers and finite predicted numbers.
pub(super) fn values<'a>(rows: &Rows<'a>) -> Result<(&'a [f64], &'a [f64]), Undefined> {
    let truth = truth(rows)?;
    let value = rows
        .predicted
        .value
        .ok_or(Undefined::Missing(Need::Value))?;
    Ok((truth, finite(value)?))
}

/// Intervals that do not end below where they start; an end may be infinite.
pub(super) fn interval<'a>(rows: &Rows<'a>) -> Result<(&'a [f64], &'a [f64]), Undefined> {
    let low = rows.predicted.low.ok_or(Undefined::Missing(Need::Low))?;
    let high = rows.predicted.high.ok_or(Undefined::Missing(Need::High))?;
    for (row, (low, high)) in low.iter().zip(high).enumerate() {
        if low.is_nan() || high.is_nan() {
            return Err(Undefined::NotANumber { row });
        }
        if low > high {
            return Err(Undefined::Crossed { row });
        }
    }
    Ok((low, high))
}

/// Intervals with finite ends.
pub(super) fn finite_interval<'a>(rows: &Rows<'a>) -> Result<(&'a [f64], &'a [f64]), Undefined> {
    let (low, high) = interval(rows)?;
    Ok((finite(low)?, finite(high)?))
}
