//! A batch against the ordinary spread of the batches before it.
//!
//! `cell` brings a column of all nights to one frame, `feature` makes numbers of it, `predict` says what the next
//! night will have, `together` which values come together in a row, `own` how often ordinary nights look as unusual in
//! one column and kind, `level` how often in any, `special` what days of a calendar may show, `spend` divides the error
//! over nights and windows.

mod cell;
mod ends;
mod feature;
mod finding;
mod level;
mod like;
mod open;
mod own;
mod picture;
mod predict;
mod ranked;
mod rare;
#[cfg(test)]
mod seldom;
mod special;
mod spend;
mod spread;
#[cfg(test)]
mod tests;
mod together;
#[cfg(test)]
mod uneven;

pub use feature::Kind;
pub use finding::{About, Finding, Labels, Picture};
pub use like::Like;
pub use open::KEPT;
pub use predict::FEWEST;
pub use special::{By, compare_by_calendar};
pub use spend::{Spending, WINDOWS};

use crate::history::{Night, NightColumn, NightValues, Standing};
use cell::Frame;
use chrono::{DateTime, Datelike, Utc};
use feature::{Nights, Test, Way};
use level::Level;
use like::Moment;
use open::Open;
use own::Own;
use predict::{Asked, Calendar, Prediction, incidents, predict};
use special::{Bar, Days};

/// Ordinary nights that are looked at, at most: the latest.
pub const MOST: usize = LATEST + 27;

/// Nights that one view learns from, at most, the latest: five weeks; older ones are of another season.
const LATEST: usize = 35;

/// A night is evidently an incident where the logarithm of its least tail is this many times that of others.
const EVIDENT: f64 = 2.0;

/// A batch compared with those before.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What it was held against.
    pub by: By,
    /// Ordinary nights that it was compared with.
    pub nights: usize,
    /// Tests made, over the windows the most.
    pub tests: usize,
    /// What the columns and kinds of change that they are of are worth as independent ones.
    pub effective: f64,
    /// 1 where the least of their probabilities spreads as it should, less where its tail is heavier.
    pub exponent: f64,
    /// Probability that an ordinary night looks at least this unusual.
    pub p: f64,
    /// What `p` may not fall below.
    pub level: f64,
    /// Logarithm of the probability of one column and kind of change from which on it is unusual.
    pub critical: f64,
    /// What is unusual, most surprising first; of each column and kind the most surprising.
    pub findings: Vec<Finding>,
}

/// Compares a batch with those before it from which it may learn; how many more nights are needed where there are
/// fewer than [`FEWEST`].
///
/// The order of columns and their names do not matter, nor into how many shards a night was split before it was
/// added up.
pub fn compare(past: &[Night], now: &Night, spending: Spending) -> Result<Compared, usize> {
    let past: Vec<&Night> = past.iter().collect();
    compared(&past, now, spending)
}

/// As [`compare`].
fn compared(past: &[&Night], now: &Night, spending: Spending) -> Result<Compared, usize> {
    let teaching = past.iter().copied().filter(|n| n.standing.teaches());
    let teaching: Vec<&Night> = teaching.collect();
    let clock: Vec<DateTime<Utc>> = past.iter().map(|n| n.at).chain([now.at]).collect();
    let level = spending.level(&clock);
    let mut compared = over_windows(&teaching, now, spending, level)?;
    let open = Open::of(past, level);
    if open.is_empty() {
        Open::count(past, &mut compared, now);
        return Ok(compared);
    }
    let without: Vec<&Night> = teaching.into_iter().filter(|n| !open.holds(n)).collect();
    let again = over_windows(&without, now, spending, level);
    let still = again.ok().and_then(|again| open.still(again, now));
    if let Some(still) = still {
        compared = compared.with(still);
    }
    Open::count(past, &mut compared, now);
    Ok(compared)
}

/// Compares a batch, and those that are judged together with it, with all that came before them.
fn over_windows(
    past: &[&Night],
    now: &Night,
    spending: Spending,
    level: f64,
) -> Result<Compared, usize> {
    let past = &past[past.len().saturating_sub(MOST)..];
    if past.len() < FEWEST {
        return Err(FEWEST - past.len());
    }
    let windows = spending.windows(past.len());
    let each = level / windows.len() as f64;
    let mut compared: Option<Compared> = None;
    for window in &windows {
        let (training, others) = past.split_at(past.len() + 1 - window);
        let training = &training[training.len().saturating_sub(LATEST)..];
        let mut one = View {
            training,
            others,
            now,
        }
        .compare(each, None);
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
        compared.nights = past.len();
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

/// Whether something of a column was told on one of these nights.
fn is_told(nights: &[&Night], column: &str) -> bool {
    let told = |night: &&Night| {
        let of = |t: &crate::history::Told| t.column.as_deref() == Some(column);
        night.standing == Standing::Unusual && night.told.iter().any(of)
    };
    nights.iter().any(told)
}

/// A test with what was predicted of each of its features.
struct Judged {
    test: Test,
    predictions: Vec<Option<Prediction>>,
    /// Least tail, and the feature that has it.
    surprise: f64,
    least: usize,
    /// Least tail of each night before.
    past: Vec<f64>,
}

impl View<'_> {
    /// Compares without the nights that evidently were incidents which nobody marked; on a special day allowing for
    /// what those before it were.
    ///
    /// One incident is forgiven: it says nothing of how unusual ordinary nights look. Where more nights were told than
    /// the level allows, and nobody marked them, nights like those are ordinary here, and count when that is asked.
    fn compare(&self, level: f64, days: Option<&Days>) -> Compared {
        let (training, incidents) = self.apart();
        let view = View {
            training: &training,
            ..*self
        };
        let forgiven = (level * self.training.len() as f64).max(1.0);
        let like_them = if self.events(&incidents) as f64 > forgiven {
            incidents.iter().map(|now| view.least_of(now)).collect()
        } else {
            Vec::new()
        };
        view.judged(level, days, like_them)
    }

    /// Times that nights among those learned from were told or evidently are incidents; some in a row count once.
    fn events(&self, incidents: &[&Night]) -> usize {
        let is_one = |night: &&Night| {
            let evident = incidents.iter().any(|i| std::ptr::eq(*i, *night));
            evident || night.standing == Standing::Unusual
        };
        let events: Vec<bool> = self.training.iter().map(is_one).collect();
        let starts = events.windows(2).filter(|two| !two[0] && two[1]);
        starts.count() + usize::from(events.first() == Some(&true))
    }

    /// The least probability of a night by these nights, over columns and kinds of change, as a logarithm.
    fn least_of(&self, now: &Night) -> f64 {
        let view = View {
            now,
            others: &[],
            ..*self
        };
        let owns = Own::all(&view.tests_judged(&view.columns()), self.training.len());
        let surprises = owns.iter().map(|own| own.tail().0.surprise(own.now().2));
        surprises.fold(0.0, f64::min)
    }

    /// How unusual the night is in each column and kind of change, without the nights that evidently were incidents.
    fn owns(&self) -> Vec<Own> {
        let (training, _) = self.apart();
        let view = View {
            training: &training,
            ..*self
        };
        Own::all(&view.tests_judged(&view.columns()), training.len())
    }

    /// The nights before, and those of them that evidently were incidents.
    fn apart(&self) -> (Vec<&Night>, Vec<&Night>) {
        let most = incidents(self.training.len());
        let evident = evident(&self.first_look(most), most);
        let of = |is_one: bool| {
            let nights = (0..self.training.len()).filter(|i| evident.contains(i) == is_one);
            nights.map(|i| self.training[i]).collect()
        };
        (of(false), of(true))
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
        if calendar.window == 1 {
            tests.extend(together::tests(self.training, self.now));
        }
        tests
    }

    fn tests_judged(&self, columns: &[Option<Nights>]) -> Vec<Judged> {
        let calendar = self.calendar();
        let mut least = vec![0.0f64; self.training.len()];
        let tests = self.tests(columns, &calendar).into_iter();
        tests
            .filter_map(|test| judge(test, &calendar, 0, &mut least))
            .collect()
    }

    fn judged(&self, level: f64, days: Option<&Days>, like_them: Vec<f64>) -> Compared {
        let columns = self.columns();
        let judged = self.tests_judged(&columns);
        let owns = Own::all(&judged, self.training.len());
        let mut least = vec![0.0f64; self.training.len()];
        let mut bars = Vec::with_capacity(owns.len());
        let mut smallest = 0.0f64;
        for own in &owns {
            let (tail, past) = own.tail();
            for (least, past) in least.iter_mut().zip(past) {
                *least = least.min(past);
            }
            let allowed = days.map(|days| days.allowed(own, self.now));
            let bar = Bar { tail, allowed };
            smallest = smallest.min(bar.surprise(own.now().2));
            bars.push(bar);
        }
        least.extend(like_them);
        let family = Level::of(&least, owns.len());
        let critical = family.critical(level);
        let mut told: Vec<(f64, &Judged, &Bar)> = Vec::new();
        for one in &judged {
            let own = owns.iter().position(|own| own.is_of(one));
            let own = own.map(|at| (bars[at].surprise(one.surprise), one, &bars[at]));
            told.extend(own.filter(|(ln_p, ..)| *ln_p <= critical));
        }
        told.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut found: Vec<Finding> = Vec::new();
        for (ln_p, one, bar) in told {
            if found
                .iter()
                .any(|f| f.column == one.test.column && f.kind == one.test.kind)
            {
                continue;
            }
            let nights = one.test.column.and_then(|c| columns[c].as_ref());
            let bounds = bar.critical(critical);
            let adjusted = family.adjusted(ln_p);
            let window = self.others.len() + 1;
            found.extend(self.finding(one, nights, adjusted, bounds, window));
        }
        Compared {
            by: By::Ordinary,
            nights: self.training.len(),
            tests: judged.len(),
            effective: family.number(),
            exponent: family.exponent(),
            p: family.adjusted(smallest),
            level,
            critical,
            findings: found,
        }
    }

    fn calendar(&self) -> Calendar {
        let moment = |night: &Night| Moment {
            day: night.at.timestamp() as f64 / 86_400.0,
            weekday: night.at.weekday().num_days_from_monday(),
            size: (night.rows as f64 + 0.5).ln(),
        };
        let past: Vec<Moment> = self.training.iter().map(|n| moment(n)).collect();
        Calendar::new(past, moment(self.now), self.others.len() + 1)
    }

    /// A column of all nights; absent where its values are counted differently on the night under test and before.
    /// Of a night without any value, which may have lost the type as well, its missing values count. Nights that are
    /// judged together do not tell again what was told of a column on one of them.
    fn column(&self, position: usize) -> Option<Nights> {
        let now = &self.now.columns[position];
        if is_told(self.others, &now.name) {
            return None;
        }
        let of = |night: &'_ Night| -> Option<usize> {
            let at = night.columns.iter().position(|c| c.name == now.name)?;
            night.columns[at].is_like(now).then_some(at)
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
        let columns = past_columns.chain(with_columns).chain([now]);
        // A night whose values are not known does not hide those of all others.
        let known = |c: &&NightColumn| c.values != NightValues::Presence;
        let frame = Frame::of(columns.filter(known)).unwrap_or(Frame::Presence);
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
        Way::Down if t < 0.0 => ln_p - std::f64::consts::LN_2,
        Way::Up | Way::Down => 0.0,
    };
    let mut before = vec![0.0f64; least.len()];
    for (night, least) in least.iter_mut().enumerate() {
        // Of many features the one that is farthest off has the least tail, or nearly so.
        let far = |p: &&Prediction| p.past[night].map(|t| test.way.far(t));
        let all = predictions.iter().flatten().filter(|p| far(p).is_some());
        let most = all.max_by(|a, b| far(a).unwrap_or(0.0).total_cmp(&far(b).unwrap_or(0.0)));
        let tails = most.and_then(|p| Some(tail(p.past[night]?, p.past_surprise(night)?)));
        before[night] = test.limited(together(tails.unwrap_or(0.0), count), |r| r.past[night]);
        *least = least.min(before[night]);
    }
    let of = |p: &Option<Prediction>| p.as_ref().map_or(0.0, |p| tail(p.t, p.surprise()));
    let all: Vec<f64> = predictions.iter().map(of).collect();
    let smallest = (0..all.len()).min_by(|a, b| all[*a].total_cmp(&all[*b]))?;
    let surprise = test.limited(together(all[smallest], count), |r| r.now);
    Some(Judged {
        test,
        predictions,
        surprise,
        least: smallest,
        past: before,
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
