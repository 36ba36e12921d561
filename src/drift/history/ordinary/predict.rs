//! What a feature will be on the next night, and how sure that is, from the nights before.

use super::like::{Like, Moment, Weights};
use super::spread::{Spread, farthest, stretch};
use crate::statistics::student::student;

/// Fewest nights that a prediction rests on.
pub const FEWEST: usize = 8;

/// A predictor other than the plain mean has to be this much better, as a ratio of mean squared errors.
const BETTER: f64 = 0.85;

/// Nights of one incident that nobody marked: one in this many, and one at least.
const INCIDENT_EVERY: usize = 20;

/// A feature of one night on a scale where it spreads alike at any size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    /// The value.
    pub y: f64,
    /// Its variance from the number of rows alone.
    pub variance: f64,
}

/// Where nights lie in time: those before, and the one under test.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    pub past: Vec<Moment>,
    pub now: Moment,
    /// Nights that the one under test stands for.
    pub window: usize,
    /// Weights of all nights before.
    pub weights: Vec<Weights>,
    /// How far off the most extreme of them should be, see [`farthest`].
    pub farthest: [f64; 2],
}

impl Calendar {
    pub(super) fn new(past: Vec<Moment>, now: Moment, window: usize) -> Self {
        let weights = Weights::all(&past, &now);
        let count = past.len();
        let farthest = farthest(count, freedom(count, 0) - 1.0, incidents(count));
        Self {
            past,
            now,
            window,
            weights,
            farthest,
        }
    }
}

/// What is expected of a feature, and how surprising it and each night before are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Prediction {
    /// Which nights it rests on.
    pub like: Like,
    /// The value expected.
    pub centre: f64,
    /// Standard error of the value expected as such, without the spread of single nights.
    pub centre_error: f64,
    /// Standard deviation of a new night around it, greater where the feature has heavy tails.
    pub deviation: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// How many deviations the night is off.
    pub t: f64,
    /// The same of each night before, by the others; absent where it lacks the feature.
    pub past: Vec<Option<f64>>,
}

/// How a night is predicted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Whether other nights than all alike may tell more.
    pub seasons: bool,
    /// Extreme nights of each feature that count as no more extreme than the next.
    pub incidents: usize,
}

/// A feature's history, ready to predict.
struct History {
    /// Position among the nights.
    at: Vec<usize>,
    y: Vec<f64>,
    /// The values, with incidents pulled in to the rest.
    tame: Vec<f64>,
    incidents: usize,
    sampling: f64,
}

/// Predicts the night under test from the nights before, of which [`FEWEST`] have the feature but for one.
///
/// Source: mean and spread of the errors of nights predicted by others; the variance of a new night is the greater of
/// the spread between nights and what the numbers of rows alone explain, brought to the night's own number of rows.
pub(super) fn predict(
    calendar: &Calendar,
    past: &[Option<Point>],
    now: Point,
    asked: Asked,
) -> Option<Prediction> {
    let history = History::new(past, asked.incidents)?;
    let own;
    let weights = if history.at.len() == past.len() {
        &calendar.weights
    } else {
        let moments: Vec<Moment> = history.at.iter().map(|i| calendar.past[*i]).collect();
        own = Weights::all(&moments, &calendar.now);
        &own
    };
    let (weights, errors) = history.best(if asked.seasons {
        weights
    } else {
        &weights[..1]
    });
    let spread = Spread::new(&errors, history.incidents);
    let freedom = freedom(history.y.len(), history.incidents);
    let centre = weights.centre(&history.tame);
    let reach = weights.reach;
    let single = |spread: f64, variance: f64| {
        let floor = history.sampling * (1.0 + 1.0 / reach);
        (spread.max(floor) - history.sampling + variance).max(f64::MIN_POSITIVE)
    };
    let total = spread.without(None);
    let off = |i: usize| {
        let variance = past[history.at[i]].map_or(0.0, |p| p.variance);
        errors[i] / single(spread.without(Some(i)), variance).sqrt()
    };
    let off: Vec<f64> = (0..errors.len()).map(off).collect();
    let apart = incidents(off.len());
    let by = match asked.incidents {
        0 if off.len() == past.len() => calendar.farthest,
        0 => farthest(off.len(), freedom - 1.0, apart),
        // A first look for incidents takes tails as they are.
        _ => [f64::INFINITY; 2],
    };
    let (heavy, each) = stretch(&off, by, apart);
    let variance = if calendar.window == 1 {
        single(total, now.variance)
    } else {
        let lag = history.together(&errors);
        let between = (total - history.sampling).max(0.0);
        let reference = total.max(history.sampling) / reach * (1.0 + lag) / (1.0 - lag);
        between * pooled(calendar.window, lag) + reference + now.variance
    };
    let deviation = variance.sqrt() * heavy;
    let mut answers = vec![None; past.len()];
    for (i, at) in history.at.iter().enumerate() {
        answers[*at] = Some(off[i] / each[i]);
    }
    Some(Prediction {
        like: weights.like,
        centre,
        centre_error: (total.max(history.sampling) / reach).sqrt(),
        deviation,
        freedom,
        t: (now.y - centre) / deviation,
        past: answers,
    })
}

/// Share of the variance of one night that is left in the mean of a window of nights that go together.
fn pooled(window: usize, lag: f64) -> f64 {
    let n = window as f64;
    let together: f64 = (1..window)
        .map(|j| (1.0 - j as f64 / n) * lag.powf(j as f64))
        .sum();
    (1.0 + 2.0 * together) / n
}

/// Nights among so many that are taken for incidents which nobody marked.
pub(super) fn incidents(count: usize) -> usize {
    (count / INCIDENT_EVERY).max(1)
}

/// Degrees of freedom of the spread of `count` errors.
fn freedom(count: usize, incidents: usize) -> f64 {
    (count as f64 - 1.0 - 1.5 * incidents as f64).max(2.0)
}

impl History {
    fn new(past: &[Option<Point>], incidents: usize) -> Option<Self> {
        let at: Vec<usize> = (0..past.len()).filter(|i| past[*i].is_some()).collect();
        if at.len() + 1 < FEWEST {
            return None;
        }
        let y: Vec<f64> = past.iter().flatten().map(|p| p.y).collect();
        let mut variances: Vec<f64> = past.iter().flatten().map(|p| p.variance).collect();
        Some(Self {
            at,
            tame: tame(&y, incidents),
            y,
            incidents,
            sampling: median(&mut variances),
        })
    }

    /// The weights with the least errors, the first unless others are clearly better; and the errors.
    fn best<'a>(&self, all: &'a [Weights]) -> (&'a Weights, Vec<f64>) {
        let plain = all[0].errors(&self.y, &self.tame);
        let mean = |errors: &[f64]| Spread::new(errors, self.incidents).without(None);
        let (mut bar, mut best) = (mean(&plain) * BETTER, (&all[0], plain));
        for weights in &all[1..] {
            let errors = weights.errors(&self.y, &self.tame);
            let spread = mean(&errors);
            if spread < bar {
                (bar, best) = (spread, (weights, errors));
            }
        }
        best
    }

    /// Correlation of the errors of nights that follow each other, 0 to 0.9; a bit more than is seen, because few
    /// nights show too little of it.
    fn together(&self, errors: &[f64]) -> f64 {
        let tame = tame(errors, self.incidents);
        let squares: f64 = tame.iter().map(|e| e * e).sum();
        let products: f64 = tame.windows(2).map(|p| p[0] * p[1]).sum();
        let seen = if squares > 0.0 {
            products / squares
        } else {
            0.0
        };
        (seen + (1.0 + 3.0 * seen.max(0.0)) / tame.len() as f64).clamp(0.0, 0.9)
    }
}

/// Values with the most extreme `incidents` pulled in to where the next extreme one is.
fn tame(y: &[f64], incidents: usize) -> Vec<f64> {
    if incidents == 0 {
        return y.to_vec();
    }
    let middle = median(&mut y.to_vec());
    let mut apart: Vec<f64> = y.iter().map(|v| (v - middle).abs()).collect();
    apart.sort_by(f64::total_cmp);
    let reach = apart[apart.len() - 1 - incidents.min(apart.len() - 1)];
    y.iter()
        .map(|v| v.clamp(middle - reach, middle + reach))
        .collect()
}

/// The middle value, by sorting; 0 without one.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

impl Prediction {
    /// Logarithm of the probability that an ordinary night is as far off.
    pub(super) fn surprise(&self) -> f64 {
        student(self.t, self.freedom)
    }

    /// The same of a night before.
    pub(super) fn past_surprise(&self, night: usize) -> Option<f64> {
        self.past[night].map(|t| student(t, self.freedom - 1.0))
    }
}
