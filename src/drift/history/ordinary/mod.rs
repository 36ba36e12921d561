//! A batch against the ordinary spread of the batches before it.
//!
//! `cell` brings a column of all nights to one frame, `feature` makes numbers of it, `predict` says what the next
//! night will have, `level` how often ordinary nights look as unusual, `spend` divides the error over nights and
//! windows.

mod cell;
mod feature;
mod level;
mod predict;
mod ranked;
mod spend;

pub use feature::Kind;
pub use predict::{FEWEST, Like};
pub use spend::{Spending, WINDOWS};

use crate::history::{Night, Standing};
use crate::statistics::intervals::{Share, Z95};
use cell::Frame;
use chrono::{DateTime, Datelike, Utc};
use feature::{Nights, Test, Way};
use level::Level;
use predict::{Asked, Calendar, Moment, Prediction, incidents, predict};

/// Ordinary nights that are looked at, at most: the latest.
pub const MOST: usize = 90;

/// A night is evidently an incident where the logarithm of its least tail is this many times that of others.
const EVIDENT: f64 = 2.0;

/// A batch compared with those before.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Ordinary nights that it was compared with.
    pub nights: usize,
    /// Tests made, over the windows the most.
    pub tests: usize,
    /// What they are worth as independent ones.
    pub effective: f64,
    /// 1 where nights spread like normal ones, less where their tails are heavier.
    pub exponent: f64,
    /// Probability that an ordinary night looks at least this unusual.
    pub p: f64,
    /// Least tails of the nights before as logarithms, then that of the batch.
    pub least: Vec<f64>,
    /// What `p` may not fall below.
    pub level: f64,
    /// What is unusual, most surprising first; of each column and kind the most surprising.
    pub findings: Vec<Finding>,
}

/// One unusual thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Position of the column under test; absent for the dataset.
    pub column: Option<usize>,
    /// What is unusual.
    pub kind: Kind,
    /// Nights that were taken together: 1 for the one under test alone.
    pub window: usize,
    /// Probability that anything in an ordinary night surprises as much.
    pub adjusted: f64,
    /// Which nights it was compared with most.
    pub like: Like,
    /// How it is.
    pub now: f64,
    /// What was expected.
    pub expected: f64,
    /// Between which values 95 % of ordinary nights lie.
    pub ordinary: (f64, f64),
    /// Between which values nothing would be unusual at this level.
    pub bounds: (f64, f64),
    /// How far it is surely off what was expected: a share of rows; of rows a share of their number, of the age of the
    /// latest date a share of the time between runs.
    pub surely: f64,
    /// How the column looks beside the nights before.
    pub picture: Option<Picture>,
    /// What the value is of.
    pub about: About,
}

/// Shares of the nights before and of the night under test over the same ranges or texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Lower ends of ranges, or texts.
    pub labels: Labels,
    /// Shares of the nights before.
    pub before: Vec<f64>,
    /// Shares of the night under test.
    pub now: Vec<f64>,
}

/// What the parts of a picture are.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// Lower ends of ranges of numbers.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<String>),
}

/// What the value of a finding is of.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// A share of rows, or a number as it is.
    Itself,
    /// The numbers from one to another.
    Range(f64, f64),
    /// A text.
    Text(String),
    /// All texts that are not frequent.
    Rest,
}

/// Compares a batch with the ordinary ones among those before it; how many more nights are needed where there are
/// fewer than [`FEWEST`].
///
/// The order of columns and their names do not matter, nor into how many shards a night was split before it was
/// added up.
pub fn compare(past: &[Night], now: &Night, spending: Spending) -> Result<Compared, usize> {
    let ordinary: Vec<&Night> = past
        .iter()
        .filter(|n| n.standing == Standing::Ordinary)
        .collect();
    let ordinary = &ordinary[ordinary.len().saturating_sub(MOST)..];
    if ordinary.len() < FEWEST {
        return Err(FEWEST - ordinary.len());
    }
    let clock: Vec<DateTime<Utc>> = past.iter().map(|n| n.at).chain([now.at]).collect();
    let windows = spending.windows(ordinary.len());
    let level = spending.level(&clock);
    let each = level / windows.len() as f64;
    let mut compared: Option<Compared> = None;
    for window in &windows {
        let (training, others) = ordinary.split_at(ordinary.len() + 1 - window);
        let mut one = View {
            training,
            others,
            now,
        }
        .compare(each);
        one.p = (one.p * windows.len() as f64).min(1.0);
        for finding in &mut one.findings {
            finding.adjusted = (finding.adjusted * windows.len() as f64).min(1.0);
        }
        compared = Some(match compared {
            None => one,
            Some(before) => before.with(one),
        });
    }
    let mut compared = compared.ok_or(0usize)?;
    if windows.len() > 1 {
        compared.nights = ordinary.len();
    }
    compared.level = level;
    Ok(compared)
}

impl Compared {
    /// Whether the batch is unusual.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.p <= self.level
    }

    fn with(mut self, other: Self) -> Self {
        self.p = self.p.min(other.p);
        self.tests = self.tests.max(other.tests);
        for finding in other.findings {
            let same = |f: &&mut Finding| f.column == finding.column && f.kind == finding.kind;
            match self.findings.iter_mut().find(same) {
                Some(known) if known.adjusted <= finding.adjusted => {}
                Some(known) => *known = finding,
                None => self.findings.push(finding),
            }
        }
        self
    }
}

/// Nights to learn from, the nights before that are judged together with the one under test, and that one.
struct View<'a> {
    training: &'a [&'a Night],
    others: &'a [&'a Night],
    now: &'a Night,
}

/// A test with what was predicted of each of its features.
struct Judged {
    test: Test,
    predictions: Vec<Option<Prediction>>,
    /// Least tail, and the feature that has it.
    surprise: f64,
    least: usize,
}

impl View<'_> {
    /// Compares without the nights that evidently were incidents which nobody marked.
    fn compare(&self, level: f64) -> Compared {
        let first = self.first_look(incidents(self.training.len()));
        let evident = evident(&first, incidents(self.training.len()));
        if evident.is_empty() {
            return self.judged(level);
        }
        let training = (0..self.training.len()).filter(|i| !evident.contains(i));
        let training: Vec<&Night> = training.map(|i| self.training[i]).collect();
        View {
            training: &training,
            ..*self
        }
        .judged(level)
    }

    /// Least tails of the nights before, where the most extreme nights of each feature do not hide each other.
    fn first_look(&self, incidents: usize) -> Vec<f64> {
        let calendar = self.calendar();
        let mut least = vec![0.0f64; self.training.len()];
        for test in self.tests(&self.columns(), &calendar) {
            judge(test, &calendar, incidents, &mut least);
        }
        least
    }

    fn columns(&self) -> Vec<Option<Nights>> {
        (0..self.now.columns.len())
            .map(|i| self.column(i))
            .collect()
    }

    fn tests(&self, columns: &[Option<Nights>], calendar: &Calendar) -> Vec<Test> {
        let rows: Vec<u64> = self.training.iter().map(|n| n.rows).collect();
        let mut tests: Vec<Test> = feature::rows(&rows, self.now.rows, calendar.window)
            .into_iter()
            .collect();
        for (i, nights) in columns.iter().enumerate() {
            tests.extend(nights.iter().flat_map(|n| n.tests(i, calendar)));
        }
        tests
    }

    fn judged(&self, level: f64) -> Compared {
        let calendar = self.calendar();
        let columns = self.columns();
        let mut least = vec![0.0f64; self.training.len()];
        let mut judged: Vec<Judged> = Vec::new();
        for test in self.tests(&columns, &calendar) {
            judged.extend(judge(test, &calendar, 0, &mut least));
        }
        let family = Level::of(&least, judged.len());
        let smallest = judged.iter().map(|j| j.surprise).fold(0.0, f64::min);
        let critical = family.critical(level);
        let mut found: Vec<Finding> = Vec::new();
        judged.sort_by(|a, b| a.surprise.total_cmp(&b.surprise));
        for one in judged
            .iter()
            .filter(|j| family.adjusted(j.surprise) <= level)
        {
            if found
                .iter()
                .any(|f| f.column == one.test.column && f.kind == one.test.kind)
            {
                continue;
            }
            let nights = one.test.column.and_then(|c| columns[c].as_ref());
            found.extend(self.finding(one, nights, &family, critical, calendar.window));
        }
        Compared {
            nights: self.training.len(),
            tests: judged.len(),
            effective: family.number(),
            exponent: family.exponent(),
            p: family.adjusted(smallest),
            least: least.iter().copied().chain([smallest]).collect(),
            level,
            findings: found,
        }
    }

    fn calendar(&self) -> Calendar {
        let moment = |night: &Night| Moment {
            day: night.at.timestamp() as f64 / 86_400.0,
            weekday: night.at.weekday().num_days_from_monday(),
            size: (night.rows as f64 + 0.5).ln(),
        };
        Calendar {
            past: self.training.iter().map(|n| moment(n)).collect(),
            now: moment(self.now),
            window: self.others.len() + 1,
        }
    }

    /// A column of all nights; absent where its values are counted differently on the night under test and before.
    fn column(&self, position: usize) -> Option<Nights> {
        let now = &self.now.columns[position];
        let of = |night: &'_ Night| -> Option<usize> {
            let at = night.columns.iter().position(|c| c.name == now.name)?;
            (night.columns[at].dtype == now.dtype && cell::alike(&night.columns[at], now))
                .then_some(at)
        };
        let found =
            |nights: &[&'_ Night]| -> Vec<Option<usize>> { nights.iter().map(|n| of(n)).collect() };
        let (before, with) = (found(self.training), found(self.others));
        if before.iter().flatten().count() + 1 < FEWEST {
            return None;
        }
        let past_columns = self
            .training
            .iter()
            .zip(&before)
            .filter_map(|(n, at)| Some(&n.columns[(*at)?]));
        let with_columns = self
            .others
            .iter()
            .zip(&with)
            .filter_map(|(n, at)| Some(&n.columns[(*at)?]));
        let frame = Frame::of(past_columns.chain(with_columns).chain([now]))?;
        let past = self.training.iter().zip(&before).map(|(n, at)| {
            let column = &n.columns[(*at)?];
            Some(frame.cell([(column, n.rows)].into_iter()))
        });
        let past = past.collect();
        let others = self.others.iter().zip(&with);
        let others = others.filter_map(|(n, at)| Some((&n.columns[(*at)?], n.rows)));
        let cell = frame.cell([(now, self.now.rows)].into_iter().chain(others));
        Some(Nights::new(frame, past, cell))
    }

    fn finding(
        &self,
        one: &Judged,
        nights: Option<&Nights>,
        family: &Level,
        critical: f64,
        window: usize,
    ) -> Option<Finding> {
        let feature = &one.test.features[one.least];
        let prediction = one.predictions[one.least].as_ref()?;
        let reach = |ln_p: f64| {
            let t = crate::statistics::student::student_quantile(ln_p, prediction.freedom);
            (
                prediction.centre - t * prediction.deviation,
                prediction.centre + t * prediction.deviation,
            )
        };
        let rows = nights.map_or(self.now.rows, |n| match one.test.kind {
            Kind::Missing => n.now.rows,
            Kind::Repeated => n.now.rows - n.now.missing,
            _ => n.now.valued(),
        });
        let seen = |y: f64| match one.test.kind {
            Kind::Rows => y.exp() - 0.5,
            Kind::Fresh | Kind::Location | Kind::Scale => y,
            Kind::Low | Kind::High => nights.map_or(y, |n| n.end(y)),
            _ => feature::back(y, rows),
        };
        let both = |(low, high): (f64, f64)| (seen(low), seen(high));
        let (now, expected) = (feature.now.y, prediction.centre);
        Some(Finding {
            column: one.test.column,
            kind: one.test.kind,
            window,
            adjusted: family.adjusted(one.surprise),
            like: prediction.like,
            now: seen(now),
            expected: seen(expected),
            ordinary: both(reach(0.05f64.ln())),
            bounds: both(reach(critical)),
            surely: self.surely(one, nights, &seen),
            picture: nights
                .filter(|_| one.test.kind != Kind::Missing)
                .and_then(Nights::picture),
            about: about(one.test.kind, feature.part, nights),
        })
    }
}

impl View<'_> {
    /// The least that the night is off what was expected, at 95 %, from the numbers of rows and the nights.
    fn surely(&self, one: &Judged, nights: Option<&Nights>, seen: &dyn Fn(f64) -> f64) -> f64 {
        let feature = &one.test.features[one.least];
        let Some(prediction) = one.predictions[one.least].as_ref() else {
            return 0.0;
        };
        let kind = one.test.kind;
        if let (Kind::Low | Kind::High, Some(nights)) = (kind, nights) {
            let (hits, rows) = nights.beyond_end(kind);
            return Share { hits, rows }.wilson(Z95).low;
        }
        let sure = Z95 * (feature.now.variance + prediction.centre_error.powi(2)).sqrt();
        let (now, expected) = (feature.now.y, prediction.centre);
        let nearest = if now > expected {
            (now - sure).max(expected)
        } else {
            (now + sure).min(expected)
        };
        let apart = (seen(nearest) - seen(expected)).abs();
        match kind {
            Kind::Rows => apart / seen(expected).max(1.0),
            // The mean of squared distances from the middle rank differs by half the greatest distance at most.
            Kind::Scale => 2.0 * apart,
            Kind::Fresh => apart / self.gap().max(f64::MIN_POSITIVE),
            _ => apart,
        }
    }

    /// Usual time between runs. Unit: days.
    fn gap(&self) -> f64 {
        let nights = self
            .training
            .iter()
            .chain(self.others)
            .copied()
            .chain([self.now]);
        let days: Vec<f64> = nights.map(|n| n.at.timestamp() as f64 / 86_400.0).collect();
        predict::median(&mut days.windows(2).map(|p| p[1] - p[0]).collect::<Vec<f64>>())
    }
}

fn about(kind: Kind, part: usize, nights: Option<&Nights>) -> About {
    let Some(nights) = nights else {
        return About::Itself;
    };
    match (kind, &nights.frame) {
        (Kind::Shape, frame) => {
            let (from, to) = nights.range(part);
            match (frame.bounds(from), frame.bounds(to - 1)) {
                (Some((low, _)), Some((_, high))) => About::Range(low, high),
                _ => About::Itself,
            }
        }
        (Kind::Value, frame) => frame
            .bounds(part)
            .map_or(About::Itself, |(low, high)| About::Range(low, high)),
        (Kind::Mix, Frame::Texts(names)) => names
            .get(part)
            .map_or(About::Rest, |n| About::Text(n.clone())),
        _ => About::Itself,
    }
}

/// Predicts each feature of a test, and lowers the least tails of the nights before.
fn judge(test: Test, calendar: &Calendar, incidents: usize, least: &mut [f64]) -> Option<Judged> {
    let asked = Asked {
        seasons: test.features.len() == 1,
        incidents,
    };
    let predictions: Vec<Option<Prediction>> = test
        .features
        .iter()
        .map(|f| predict(calendar, &f.past, f.now, asked))
        .collect();
    let count = predictions.iter().flatten().count() as f64;
    if count == 0.0 {
        return None;
    }
    let tail = |t: f64, ln_p: f64| match test.way {
        Way::Both => ln_p,
        Way::Up if t > 0.0 => ln_p - std::f64::consts::LN_2,
        Way::Up => 0.0,
    };
    for (night, least) in least.iter_mut().enumerate() {
        let tails = predictions
            .iter()
            .flatten()
            .filter_map(|p| Some(tail(p.past[night]?, p.past_surprise(night)?)));
        *least = least.min(together(tails.fold(0.0, f64::min), count));
    }
    let of = |p: &Option<Prediction>| p.as_ref().map_or(0.0, |p| tail(p.t, p.surprise()));
    let all: Vec<f64> = predictions.iter().map(of).collect();
    let smallest = (0..all.len()).min_by(|a, b| all[*a].total_cmp(&all[*b]))?;
    let surprise = together(all[smallest], count);
    Some(Judged {
        test,
        predictions,
        surprise,
        least: smallest,
    })
}

/// Nights that evidently were incidents, at most so many: far more unusual than any other.
fn evident(least: &[f64], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..least.len()).collect();
    order.sort_by(|a, b| least[*a].total_cmp(&least[*b]));
    let bar = EVIDENT * least[order[most.min(order.len() - 1)]];
    order
        .into_iter()
        .take(most)
        .filter(|i| least[*i] < bar)
        .collect()
}

/// The smallest of `count` independent tails as one.
fn together(ln_p: f64, count: f64) -> f64 {
    if count <= 1.0 {
        ln_p
    } else {
        crate::statistics::tails::smallest_of(ln_p, count)
    }
}
