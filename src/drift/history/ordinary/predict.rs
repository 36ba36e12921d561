//! What a feature will be on the next night, and how sure that is, from the nights before.

use crate::statistics::student::student;

/// Fewest nights that a prediction rests on.
pub const FEWEST: usize = 8;

/// A predictor other than the plain mean has to be this much better, as a ratio of mean squared errors.
const BETTER: f64 = 0.85;

/// Nights of one incident that nobody marked: one in this many, and one at least.
const INCIDENT_EVERY: usize = 20;

/// Weight of the nights that a season or a size leaves aside.
const ASIDE: f64 = 0.05;

/// Nights after which the weight of a past night is halved where recent ones predict better.
const HALF_LIFE: f64 = 7.0;

/// A feature of one night on a scale where it spreads alike at any size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    /// The value.
    pub y: f64,
    /// Its variance from the number of rows alone.
    pub variance: f64,
}

/// When a night was and how many rows it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    /// Days since 1970.
    pub day: f64,
    /// 0 is a Monday.
    pub weekday: u32,
    /// Logarithm of the rows.
    pub size: f64,
}

/// Where nights lie in time: those before, and the one under test.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    pub past: Vec<Moment>,
    pub now: Moment,
    /// Nights that the one under test stands for.
    pub window: usize,
}

/// Which past nights tell most about a night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like {
    /// All alike.
    All,
    /// Those of the same weekday.
    Weekday,
    /// Working days about working days, weekends about weekends.
    Weekend,
    /// The latest.
    Recent,
    /// Those of a similar number of rows.
    Size,
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
    /// Standard deviation of a new night around it.
    pub deviation: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// How many deviations the night is off.
    pub t: f64,
    /// The same of each night before, by the others; absent where it lacks the feature.
    pub past: Vec<Option<f64>>,
}

impl Like {
    fn weight(self, from: &Moment, to: &Moment, scale: f64) -> f64 {
        let weekend = |m: &Moment| m.weekday >= 5;
        let pick = |same: bool| if same { 1.0 } else { ASIDE };
        match self {
            Self::All => 1.0,
            Self::Weekday => pick(from.weekday == to.weekday),
            Self::Weekend => pick(weekend(from) == weekend(to)),
            Self::Recent => 0.5f64.powf((from.day - to.day).abs() / (HALF_LIFE * scale)),
            Self::Size => ASIDE + (-((from.size - to.size) / scale).powi(2) / 2.0).exp(),
        }
    }
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
    moments: Vec<Moment>,
    y: Vec<f64>,
    /// The values, with incidents pulled in to the rest.
    tame: Vec<f64>,
    incidents: usize,
    sampling: f64,
}

/// Predicts the night under test from the nights before, of which `FEWEST` have the feature at least.
///
/// Source: mean and spread of winsorised leave-one-out errors; the variance of a new night is the greater of the
/// spread between nights and what the numbers of rows alone explain, brought to the night's own number of rows.
pub(super) fn predict(
    calendar: &Calendar,
    past: &[Option<Point>],
    now: Point,
    asked: Asked,
) -> Option<Prediction> {
    let history = History::new(calendar, past, asked.incidents)?;
    let candidates: &[Like] = if asked.seasons {
        &[
            Like::All,
            Like::Weekday,
            Like::Weekend,
            Like::Recent,
            Like::Size,
        ]
    } else {
        &[Like::All]
    };
    let (like, errors, scale) = history.best(candidates);
    let spread = Spread::new(&errors, history.incidents);
    let count = history.y.len();
    let freedom = freedom(count, history.incidents);
    let (centre, reach) = history.centre(like, &calendar.now, scale, 0..count);
    let own = |spread: f64, variance: f64| {
        let floor = history.sampling * (1.0 + 1.0 / reach);
        (spread.max(floor) - history.sampling + variance).max(f64::MIN_POSITIVE)
    };
    let total = spread.without(None);
    let lag = history.together(&errors, like);
    let variance = if calendar.window == 1 {
        own(total, now.variance)
    } else {
        let between = (total - history.sampling).max(0.0);
        let reference = total.max(history.sampling) / reach * (1.0 + lag) / (1.0 - lag);
        between * pooled(calendar.window, lag) + reference + now.variance
    };
    let deviation = variance.sqrt();
    let mut answers = vec![None; past.len()];
    for (i, at) in history.at.iter().enumerate() {
        let variance = past[*at].map_or(0.0, |p| p.variance);
        answers[*at] = Some(errors[i] / own(spread.without(Some(i)), variance).sqrt());
    }
    Some(Prediction {
        like,
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

/// Degrees of freedom of the winsorised spread of `count` errors.
pub(super) fn freedom(count: usize, incidents: usize) -> f64 {
    (count as f64 - 1.0 - 1.5 * incidents as f64).max(2.0)
}

impl History {
    fn new(calendar: &Calendar, past: &[Option<Point>], incidents: usize) -> Option<Self> {
        let at: Vec<usize> = (0..past.len()).filter(|i| past[*i].is_some()).collect();
        if at.len() + 1 < FEWEST {
            return None;
        }
        let points: Vec<Point> = past.iter().flatten().copied().collect();
        let y: Vec<f64> = points.iter().map(|p| p.y).collect();
        let mut variances: Vec<f64> = points.iter().map(|p| p.variance).collect();
        Some(Self {
            moments: at.iter().map(|i| calendar.past[*i]).collect(),
            at,
            tame: tame(&y, incidents),
            y,
            incidents,
            sampling: median(&mut variances),
        })
    }

    /// What some nights expect of a night, and how many equal ones they are worth.
    fn centre(
        &self,
        like: Like,
        of: &Moment,
        scale: f64,
        nights: std::ops::Range<usize>,
    ) -> (f64, f64) {
        let (mut sum, mut weights, mut squares) = (0.0, 0.0, 0.0);
        for i in nights {
            let weight = like.weight(&self.moments[i], of, scale);
            sum += weight * self.tame[i];
            weights += weight;
            squares += weight * weight;
        }
        (sum / weights, weights * weights / squares)
    }

    /// Errors of each night predicted by those on its longer side in time, brought to what all nights would give.
    ///
    /// The night under test lies beyond all others: a night in the middle of a slow change says too little of that.
    fn errors(&self, like: Like, scale: f64) -> Vec<f64> {
        let count = self.y.len();
        let one = |i: usize| {
            let side = if i * 2 >= count { 0..i } else { i + 1..count };
            let (centre, reach) = self.centre(like, &self.moments[i], scale, side);
            let (_, all) = self.centre(like, &self.moments[i], scale, 0..count);
            (self.y[i] - centre) * ((1.0 + 1.0 / all) / (1.0 + 1.0 / reach)).sqrt()
        };
        (0..count).map(one).collect()
    }

    /// The candidate with the least errors, the plain mean unless another is clearly better.
    fn best(&self, candidates: &[Like]) -> (Like, Vec<f64>, f64) {
        let plain = self.errors(Like::All, 1.0);
        let bar = Spread::new(&plain, self.incidents).without(None);
        let mut best = (Like::All, plain, 1.0, bar * BETTER);
        for like in candidates.iter().filter(|l| **l != Like::All) {
            let Some(scale) = self.scale(*like) else {
                continue;
            };
            let errors = self.errors(*like, scale);
            let spread = Spread::new(&errors, self.incidents).without(None);
            if spread < best.3 {
                best = (*like, errors, scale, spread);
            }
        }
        (best.0, best.1, best.2)
    }

    /// The unit in which nights are near to each other; absent where there are too few nights for a candidate.
    fn scale(&self, like: Like) -> Option<f64> {
        let count = self.moments.len();
        let of = |pick: &dyn Fn(&Moment) -> bool| self.moments.iter().filter(|m| pick(m)).count();
        match like {
            Like::All => Some(1.0),
            Like::Weekday => (0..7).all(|d| of(&|m| m.weekday == d) >= 2).then_some(1.0),
            Like::Weekend => {
                let weekend = of(&|m| m.weekday >= 5);
                (weekend >= 2 && count - weekend >= 2).then_some(1.0)
            }
            Like::Recent => {
                let mut gaps: Vec<f64> = self
                    .moments
                    .windows(2)
                    .map(|p| p[1].day - p[0].day)
                    .collect();
                let gap = median(&mut gaps);
                (count >= 14 && gap > 0.0).then_some(gap)
            }
            Like::Size => {
                let mut sizes: Vec<f64> = self.moments.iter().map(|m| m.size).collect();
                let middle = median(&mut sizes);
                let mut apart: Vec<f64> = sizes.iter().map(|s| (s - middle).abs()).collect();
                let scale = 0.74 * median(&mut apart);
                (count >= 14 && scale > 1e-6).then_some(scale)
            }
        }
    }

    /// Correlation of the errors of nights that follow each other, 0 to 0.9; a bit more than is seen, because few
    /// nights show too little of it.
    fn together(&self, errors: &[f64], _like: Like) -> f64 {
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
    let middle = median(&mut y.to_vec());
    let mut apart: Vec<f64> = y.iter().map(|v| (v - middle).abs()).collect();
    apart.sort_by(f64::total_cmp);
    let reach = apart[apart.len() - 1 - incidents.min(apart.len() - 1)];
    y.iter()
        .map(|v| v.clamp(middle - reach, middle + reach))
        .collect()
}

/// Winsorised mean of squared errors, of all or without one.
struct Spread {
    /// Squares in ascending order, and their sums from the first on.
    squares: Vec<f64>,
    sums: Vec<f64>,
    /// Rank of each error.
    ranks: Vec<usize>,
    incidents: usize,
    /// What is given back with all errors, and with all but one.
    lost: [f64; 2],
}

impl Spread {
    fn new(errors: &[f64], incidents: usize) -> Self {
        let mut order: Vec<usize> = (0..errors.len()).collect();
        order.sort_by(|a, b| errors[*a].abs().total_cmp(&errors[*b].abs()));
        let mut ranks = vec![0; errors.len()];
        for (rank, i) in order.iter().enumerate() {
            ranks[*i] = rank;
        }
        let squares: Vec<f64> = order.iter().map(|i| errors[*i] * errors[*i]).collect();
        let mut sums = vec![0.0];
        for square in &squares {
            sums.push(sums[sums.len() - 1] + square);
        }
        let lost = [
            lost(errors.len(), incidents),
            lost(errors.len() - 1, incidents),
        ];
        Self {
            squares,
            sums,
            ranks,
            incidents,
            lost,
        }
    }

    /// The variance that the errors show, without one of them: the greatest count as the greatest of the rest, and
    /// what normal errors lose by that is given back.
    fn without(&self, but: Option<usize>) -> f64 {
        let rank = but.map_or(usize::MAX, |i| self.ranks[i]);
        let count = self.squares.len() - usize::from(but.is_some());
        let kept = count - self.incidents;
        let skips = rank < kept;
        let end = kept + usize::from(skips);
        let sum = self.sums[end] - if skips { self.squares[rank] } else { 0.0 };
        let cap = self.squares[if rank == end - 1 {
            end.saturating_sub(2)
        } else {
            end - 1
        }];
        (sum + self.incidents as f64 * cap) / count as f64 * self.lost[usize::from(but.is_some())]
    }
}

/// What the variance of `count` normal errors is divided by when the greatest `incidents` count as the next.
///
/// Source: expected order statistics after Blom, *Statistical Estimates and Transformed Beta-Variables* (1958).
fn lost(count: usize, incidents: usize) -> f64 {
    let n = count as f64;
    let square = |rank: usize| {
        let share = (rank as f64 + 0.625) / (n + 0.25);
        let z = std::f64::consts::SQRT_2 * statrs::function::erf::erf_inv(share);
        z * z
    };
    let all: f64 = (0..count).map(square).sum();
    let kept = count - incidents;
    let part: f64 = (0..kept).map(square).sum::<f64>() + incidents as f64 * square(kept - 1);
    all / part
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
