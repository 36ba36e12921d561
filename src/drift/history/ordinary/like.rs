//! Which past nights tell most about a night: all alike, the same weekday, the latest, those of the same size.

use super::predict::median;

/// Weight of the nights that a season or a size leaves aside.
const ASIDE: f64 = 0.05;

/// Nights after which the weight of a past night is halved where recent ones predict better.
const HALF_LIFE: f64 = 7.0;

/// Nights from which on the latest, or those of a size, are told apart.
const SEVERAL: usize = 14;

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

/// How much each past night counts for each other one and for the one under test.
///
/// Each past night is predicted by those on its longer side in time: the night under test lies beyond all others, and
/// a night in the middle of a slow change says too little of that.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    pub like: Like,
    /// By night: the first of the nights that predict it, their weights, and what brings its error to that of a
    /// prediction by all nights.
    pub past: Vec<(usize, Vec<f64>, f64)>,
    /// Weights for the night under test; they sum to 1, like those of each night before.
    pub now: Vec<f64>,
    /// Equal nights that those are worth.
    pub reach: f64,
}

impl Weights {
    /// All weights that there are enough nights for; the first counts all nights alike.
    pub(super) fn all(past: &[Moment], now: &Moment) -> Vec<Self> {
        let candidates = [
            Like::All,
            Like::Weekday,
            Like::Weekend,
            Like::Recent,
            Like::Size,
        ];
        candidates
            .into_iter()
            .filter_map(|like| Self::new(like, past, now))
            .collect()
    }

    fn new(like: Like, past: &[Moment], now: &Moment) -> Option<Self> {
        let scale = like.scale(past)?;
        let to = |of: &Moment, nights: &[Moment]| {
            let mut weights: Vec<f64> = nights.iter().map(|m| like.weight(m, of, scale)).collect();
            let total: f64 = weights.iter().sum();
            for weight in &mut weights {
                *weight /= total;
            }
            let reach = 1.0 / weights.iter().map(|w| w * w).sum::<f64>();
            (weights, reach)
        };
        let count = past.len();
        let one = |i: usize| {
            let side = if i * 2 >= count { 0..i } else { i + 1..count };
            let from = side.start;
            let (weights, reach) = to(&past[i], &past[side]);
            let (_, all) = to(&past[i], past);
            (
                from,
                weights,
                ((1.0 + 1.0 / all) / (1.0 + 1.0 / reach)).sqrt(),
            )
        };
        let (weights, reach) = to(now, past);
        Some(Self {
            like,
            past: (0..count).map(one).collect(),
            now: weights,
            reach,
        })
    }

    /// What the nights expect of the one under test.
    pub(super) fn centre(&self, y: &[f64]) -> f64 {
        self.now.iter().zip(y).map(|(w, y)| w * y).sum()
    }

    /// Errors of each night; `tame` predicts, `y` is what there was.
    pub(super) fn errors(&self, y: &[f64], tame: &[f64]) -> Vec<f64> {
        let one = |(y, (from, weights, factor)): (&f64, &(usize, Vec<f64>, f64))| {
            let centre: f64 = weights.iter().zip(&tame[*from..]).map(|(w, y)| w * y).sum();
            (y - centre) * factor
        };
        y.iter().zip(&self.past).map(one).collect()
    }
}

impl Like {
    fn weight(self, from: &Moment, to: &Moment, scale: f64) -> f64 {
        let weekend = |m: &Moment| m.weekday >= 5;
        let pick = |same: bool| if same { 1.0 } else { ASIDE };
        match self {
            Self::All => 1.0,
            Self::Weekday => pick(from.weekday == to.weekday),
            Self::Weekend => pick(weekend(from) == weekend(to)),
            Self::Recent => {
                0.5f64.powf(((from.day - to.day).abs() / (HALF_LIFE * scale)).min(60.0))
            }
            Self::Size => ASIDE + (-((from.size - to.size) / scale).powi(2) / 2.0).exp(),
        }
    }

    /// The unit in which nights are near to each other; absent where there are too few nights.
    fn scale(self, nights: &[Moment]) -> Option<f64> {
        let of = |pick: &dyn Fn(&Moment) -> bool| nights.iter().filter(|m| pick(m)).count();
        match self {
            Self::All => Some(1.0),
            Self::Weekday => (0..7).all(|d| of(&|m| m.weekday == d) >= 2).then_some(1.0),
            Self::Weekend => {
                let weekend = of(&|m| m.weekday >= 5);
                (weekend >= 2 && nights.len() - weekend >= 2).then_some(1.0)
            }
            Self::Recent => {
                let mut gaps: Vec<f64> = nights.windows(2).map(|p| p[1].day - p[0].day).collect();
                let gap = median(&mut gaps);
                (nights.len() >= SEVERAL && gap > 0.0).then_some(gap)
            }
            Self::Size => {
                let mut sizes: Vec<f64> = nights.iter().map(|m| m.size).collect();
                let middle = median(&mut sizes);
                let mut apart: Vec<f64> = sizes.iter().map(|s| (s - middle).abs()).collect();
                let scale = 0.74 * median(&mut apart);
                (nights.len() >= SEVERAL && scale > 1e-6).then_some(scale)
            }
        }
    }
}
