//! Losses of single rows, whose weighted mean is the metric.

use super::checked::{chance, chances, classes, finite_interval, interval, scores, values};
use super::kind::Kind;
use super::{Rows, Truth, Undefined};
use std::collections::BTreeMap;

/// Chances are held this far from 0 and 1 in logarithms: the distance of 1 from the next number, as scikit-learn has
/// it.
const EPSILON: f64 = f64::EPSILON;

/// The loss of each row, for the metrics that are a mean over rows; `None` for others.
pub(super) fn losses(kind: &Kind, rows: &Rows<'_>) -> Option<Result<Vec<f64>, Undefined>> {
    Some(match *kind {
        Kind::LogLoss => log_loss(rows),
        Kind::Brier => brier(rows),
        Kind::CalibrationGap => calibration_gap(rows),
        Kind::TopK { k } => top_k(rows, k),
        Kind::Mae => of_values(rows, |y, f| (y - f).abs()),
        Kind::Mse => of_values(rows, |y, f| (y - f) * (y - f)),
        Kind::Mape => mape(rows),
        Kind::Smape => of_values(rows, smape),
        Kind::Mase { season } => mase(rows, season as usize),
        Kind::Pinball { quantile } => of_values(rows, |y, f| {
            ((y - f) * quantile).max((f - y) * (1.0 - quantile))
        }),
        Kind::Coverage => coverage(rows),
        Kind::Width => finite_interval(rows)
            .map(|(low, high)| low.iter().zip(high).map(|(l, h)| h - l).collect()),
        Kind::IntervalScore { level } => interval_score(rows, level),
        Kind::Poisson => deviance(rows, 1.0),
        Kind::Gamma => deviance(rows, 2.0),
        Kind::Tweedie { power } => deviance(rows, power),
        _ => return None,
    })
}

fn of_values(rows: &Rows<'_>, loss: impl Fn(f64, f64) -> f64) -> Result<Vec<f64>, Undefined> {
    let (truth, value) = values(rows)?;
    Ok(truth.iter().zip(value).map(|(y, f)| loss(*y, *f)).collect())
}

fn is_multiclass(rows: &Rows<'_>) -> bool {
    matches!(rows.truth, Truth::Classes { classes, .. } if classes > 2)
}

/// The true classes of two with scores between 0 and 1.
fn binary_chances<'a>(rows: &Rows<'a>) -> Result<(&'a [u32], &'a [f64]), Undefined> {
    let truth = super::checked::binary(rows)?;
    Ok((truth, chance(rows)?))
}

fn log_loss(rows: &Rows<'_>) -> Result<Vec<f64>, Undefined> {
    let held = |chance: f64| chance.clamp(EPSILON, 1.0 - EPSILON);
    if is_multiclass(rows) {
        let (truth, count) = classes(rows)?;
        let chances = chances(rows, count)?;
        let loss = |(row, class): (usize, &u32)| -held(chances[*class as usize][row]).ln();
        return Ok(truth.iter().enumerate().map(loss).collect());
    }
    let (truth, chance) = binary_chances(rows)?;
    let loss = |(class, p): (&u32, &f64)| -held(if *class == 1 { *p } else { 1.0 - *p }).ln();
    Ok(truth.iter().zip(chance).map(loss).collect())
}

fn brier(rows: &Rows<'_>) -> Result<Vec<f64>, Undefined> {
    if is_multiclass(rows) {
        let (truth, count) = classes(rows)?;
        let chances = chances(rows, count)?;
        let loss = |(row, class): (usize, &u32)| {
            let parts = (0..).zip(chances).map(|(k, of): (u32, &&[f64])| {
                let happened = f64::from(u8::from(k == *class));
                (of[row] - happened).powi(2)
            });
            parts.sum()
        };
        return Ok(truth.iter().enumerate().map(loss).collect());
    }
    let (truth, chance) = binary_chances(rows)?;
    let loss = |(class, p): (&u32, &f64)| (p - f64::from(*class)).powi(2);
    Ok(truth.iter().zip(chance).map(loss).collect())
}

fn calibration_gap(rows: &Rows<'_>) -> Result<Vec<f64>, Undefined> {
    let (truth, chance) = binary_chances(rows)?;
    let gap = |(class, p): (&u32, &f64)| p - f64::from(*class);
    Ok(truth.iter().zip(chance).map(gap).collect())
}

/// The chance that the true class is among the first `k`, where classes of equal score come in any order.
fn top_k(rows: &Rows<'_>, k: u32) -> Result<Vec<f64>, Undefined> {
    let (truth, count) = classes(rows)?;
    let scores = scores(rows, count)?;
    let hit = |(row, class): (usize, &u32)| {
        let own = scores[*class as usize][row];
        let above = scores.iter().filter(|s| s[row] > own).count() as f64;
        let tied = scores.iter().filter(|s| s[row] >= own).count() as f64 - above;
        ((f64::from(k) - above) / tied).clamp(0.0, 1.0)
    };
    Ok(truth.iter().enumerate().map(hit).collect())
}

fn mape(rows: &Rows<'_>) -> Result<Vec<f64>, Undefined> {
    let (truth, _) = values(rows)?;
    if let Some(row) = truth.iter().position(|y| y.abs() <= 0.0) {
        return Err(Undefined::ZeroTruth { row });
    }
    of_values(rows, |y, f| (y - f).abs() / y.abs())
}

fn smape(truth: f64, value: f64) -> f64 {
    let size = truth.abs() + value.abs();
    if size > 0.0 {
        2.0 * (truth - value).abs() / size
    } else {
        0.0
    }
}

/// Absolute errors over the mean step of the truth from the row a season before, series by series.
fn mase(rows: &Rows<'_>, season: usize) -> Result<Vec<f64>, Undefined> {
    let (truth, value) = values(rows)?;
    let mut series: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for row in 0..truth.len() {
        let group = rows.group.map_or(0, |g| g[row]);
        series.entry(group).or_default().push(row);
    }
    let mut losses = vec![0.0; truth.len()];
    for (group, members) in series {
        if members.len() <= season {
            return Err(Undefined::TooShort { group });
        }
        let steps = members.iter().zip(&members[season..]);
        let total: f64 = steps.map(|(a, b)| (truth[*b] - truth[*a]).abs()).sum();
        let scale = total / (members.len() - season) as f64;
        if scale <= 0.0 {
            return Err(Undefined::ZeroDenominator {
                of: "the truth of a series does not change from season to season",
            });
        }
        for row in members {
            losses[row] = (truth[row] - value[row]).abs() / scale;
        }
    }
    Ok(losses)
}

fn coverage(rows: &Rows<'_>) -> Result<Vec<f64>, Undefined> {
    let truth = super::checked::truth(rows)?;
    let (low, high) = interval(rows)?;
    let inside = |row: usize| low[row] <= truth[row] && truth[row] <= high[row];
    Ok((0..truth.len())
        .map(|row| f64::from(u8::from(inside(row))))
        .collect())
}

fn interval_score(rows: &Rows<'_>, level: f64) -> Result<Vec<f64>, Undefined> {
    let truth = super::checked::truth(rows)?;
    let (low, high) = finite_interval(rows)?;
    let penalty = 2.0 / (1.0 - level);
    let score = |row: usize| {
        let outside = (low[row] - truth[row]).max(truth[row] - high[row]).max(0.0);
        high[row] - low[row] + penalty * outside
    };
    Ok((0..truth.len()).map(score).collect())
}

/// Twice the loss in log-likelihood against a model that predicts the truth.
fn deviance(rows: &Rows<'_>, power: f64) -> Result<Vec<f64>, Undefined> {
    let (truth, value) = values(rows)?;
    let zero = power.abs() <= 0.0;
    for row in 0..truth.len() {
        if power >= 2.0 && truth[row] <= 0.0 {
            return Err(Undefined::NotPositiveTruth { row });
        }
        if power >= 1.0 && truth[row] < 0.0 {
            return Err(Undefined::NegativeTruth { row });
        }
        if !zero && value[row] <= 0.0 {
            return Err(Undefined::NotPositivePrediction { row });
        }
    }
    of_values(rows, |y, f| unit_deviance(y, f, power))
}

fn unit_deviance(y: f64, f: f64, power: f64) -> f64 {
    let is = |p: f64| super::kind::is(power, p);
    if is(0.0) {
        return (y - f) * (y - f);
    }
    if is(1.0) {
        let logarithm = if y > 0.0 { y * (y / f).ln() } else { 0.0 };
        return 2.0 * (logarithm - y + f);
    }
    if is(2.0) {
        return 2.0 * ((f / y).ln() + y / f - 1.0);
    }
    let (one, two) = (1.0 - power, 2.0 - power);
    let of_truth = y.max(0.0).powf(two) / (one * two);
    2.0 * (of_truth - y * f.powf(one) / one + f.powf(two) / two)
}
