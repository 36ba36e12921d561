//! The level of the gate: how often an unchanged dataset would look at least this surprising, over all columns and
//! kinds.
//!
//! Rows of both sides are labelled anew at random; the smallest tail probability over all columns and kinds is ranked
//! among the same minimum under the other labellings (Westfall and Young, *Resampling-Based Multiple Testing*, 1993).
//! Columns that go together cost nothing, and the level is exact for any number of rows.

use super::codes::{Coded, Values};
use super::ends::Sides;
use super::fit::Standard;
use super::rows::{Repeated, Together};
use super::score::{Counts, Drawn, Kind, Scorer};
use crate::statistics::tails;
use std::sync::Mutex;
use std::thread::available_parallelism;

/// Labellings at least as surprising as the observed one after which no more are drawn (Besag and Clifford, 1991).
pub(in crate::drift) const ENOUGH: usize = 10;

/// Labellings that are drawn before it is looked whether they are enough; fixed, so that threads do not matter.
const BLOCK: usize = 12;

/// Codes counted per labelling below which labellings are not shared among threads.
const SMALL: usize = 1_000;

/// Numbers from a seed.
///
/// Source: the generator `SplitMix64` of Steele, Lea and Flood (2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Starts at a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to below 1, in steps of `2^-53`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `n`, by the high part of the product; the bias is below `n / 2^64`.
    #[expect(clippy::cast_possible_truncation, reason = "the high part is below n")]
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// `count` of the numbers below `n`, each as likely as any other, in random order.
    pub fn choose(&mut self, count: usize, n: usize) -> Vec<u32> {
        let mut all: Vec<u32> = (0..u32::try_from(n).unwrap_or(u32::MAX)).collect();
        for i in 0..count.min(all.len()) {
            let j = i + self.below(all.len() - i);
            all.swap(i, j);
        }
        all.truncate(count);
        all
    }
}

/// One thing that is looked at: a column and a kind, or a kind alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    /// The column's position among the scorers; absent for whole rows.
    pub column: Option<usize>,
    pub kind: Kind,
}

/// Which rows are drawn.
pub(super) struct Labels {
    /// Ascending.
    pub rows: Vec<u32>,
    pub is_drawn: Vec<bool>,
}

impl Labels {
    pub(super) fn new(rows: &[u32], total: usize) -> Self {
        let mut is_drawn = vec![false; total];
        for row in rows {
            is_drawn[*row as usize] = true;
        }
        let ascending = (0u32..).zip(&is_drawn).filter(|(_, drawn)| **drawn);
        Self {
            rows: ascending.map(|(row, _)| row).collect(),
            is_drawn,
        }
    }
}

/// Rows of both sides, coded, with what does not depend on the labels.
#[derive(Debug)]
pub(super) struct Table {
    pub drawn: Drawn,
    pub scorers: Vec<Scorer>,
    /// What the others leave of a column.
    pub left: Vec<Left>,
    /// Which columns lack a value together; absent where that says no more than each of them.
    pub pattern: Option<Scorer>,
    pub repeated: Repeated,
    pub together: Together,
    tests: Vec<Test>,
    /// For how many tests each test counts.
    counts_for: Vec<f64>,
}

/// What the others leave of a column.
#[derive(Debug)]
pub(super) struct Left {
    /// The scored column.
    pub column: usize,
    /// A value per row, NaN where there is none.
    pub values: Vec<f64>,
    scorer: Scorer,
}

impl Table {
    pub(super) fn new(columns: &[Values], hashes: &[u64], drawn: Drawn) -> Self {
        let scorers: Vec<Scorer> = in_parallel(columns, &|v| Scorer::new(Coded::of(v), drawn));
        let standard = Standard::new(&scorers, hashes.len());
        let left = in_parallel(&standard.explained(), &|fit| {
            let values = standard.left(fit, &scorers);
            Left {
                column: standard.columns[fit.column],
                scorer: Scorer::new(Coded::of(&Values::Numbers(values.clone())), drawn),
                values,
            }
        });
        let mut table = Self {
            drawn,
            left,
            pattern: Coded::patterns(&scorers).map(|coded| Scorer::new(coded, drawn)),
            repeated: Repeated::new(hashes, drawn),
            together: Together::new(&scorers, hashes.len()),
            scorers,
            tests: Vec::new(),
            counts_for: Vec::new(),
        };
        table.tests = table.listed();
        let columns = table.scorers.len();
        let counts_for = |test: &Test| test.kind.counts_for(columns);
        table.counts_for = table.tests.iter().map(counts_for).collect();
        table
    }

    /// What is looked at, in the order of [`Self::surprises`].
    pub(super) fn tests(&self) -> &[Test] {
        &self.tests
    }

    fn listed(&self) -> Vec<Test> {
        let columns = self.scorers.iter().enumerate();
        let own = columns.flat_map(|(i, s)| s.kinds().iter().map(move |kind| (Some(i), *kind)));
        let left = self.left.iter().map(|l| (Some(l.column), Kind::Fit));
        let pattern = self.pattern.iter().map(|_| (None, Kind::Pattern));
        let whole = [Kind::Repeats, Kind::Correlation].map(|kind| (None, kind));
        own.chain(left)
            .chain(pattern)
            .chain(whole)
            .map(|(column, kind)| Test { column, kind })
            .collect()
    }

    /// Surprise of each test for a labelling, by the allowance that it has.
    pub(super) fn surprises(&self, labels: &Labels) -> Vec<f64> {
        let mut list = Vec::with_capacity(self.tests.len());
        let seen = |scorer: &Scorer| counts(&scorer.coded.codes, &labels.rows);
        for scorer in &self.scorers {
            let sides = Sides::Rows(&labels.is_drawn);
            scorer.score(&seen(scorer), self.drawn, sides, &mut list);
        }
        for Left { scorer, .. } in &self.left {
            list.push(scorer.score_left(&seen(scorer), self.drawn, &labels.is_drawn));
        }
        list.extend(
            self.pattern
                .iter()
                .map(|s| s.score_pattern(&seen(s), self.drawn)),
        );
        list.push(self.repeated.surprise(&labels.is_drawn));
        list.push(self.together.surprise(&labels.rows, self.drawn));
        for (surprise, count) in list.iter_mut().zip(&self.counts_for) {
            *surprise = tails::smallest_of(*surprise, *count);
        }
        list
    }

    /// Whether a few labellings are done sooner than a thread is started.
    fn is_small(&self) -> bool {
        self.drawn.rows as usize * (self.scorers.len() + self.left.len()) < SMALL
    }

    /// The smallest surprise of one random labelling.
    fn minimum(&self, seed: u64, labelling: usize) -> f64 {
        let mut random =
            Random::new(seed ^ (labelling as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95));
        let total = self.drawn.total as usize;
        let rows = random.choose(self.drawn.rows as usize, total);
        least(&self.surprises(&Labels::new(&rows, total)))
    }
}

pub(in crate::drift) fn least(surprises: &[f64]) -> f64 {
    surprises.iter().copied().fold(0.0, f64::min)
}

/// Rows of each code among those named.
pub(super) fn counts(codes: &[u8], rows: &[u32]) -> Counts {
    let mut parts = [[0u32; 256]; 4];
    let mut chunks = rows.chunks_exact(4);
    for chunk in &mut chunks {
        for (part, row) in parts.iter_mut().zip(chunk) {
            part[usize::from(codes[*row as usize])] += 1;
        }
    }
    for row in chunks.remainder() {
        parts[0][usize::from(codes[*row as usize])] += 1;
    }
    let [mut all, rest @ ..] = parts;
    for part in &rest {
        for (sum, count) in all.iter_mut().zip(part) {
            *sum += count;
        }
    }
    all
}

/// Labellings of several tables that are drawn at most; where that is too few for a probability, the smallest tenth
/// of their minima says how the others fall off.
const MOST_OF_ALL: usize = 399;

/// Labellings of several tables that are drawn where the observed one is surprising beyond doubt.
const FEW_OF_ALL: usize = 199;

/// How often other labellings are at least as surprising.
#[derive(Debug, Clone)]
pub(super) struct Level {
    /// Minima of the labellings drawn.
    minima: Vec<f64>,
    /// What is beyond them, where they are too few.
    tail: Option<Tail>,
    /// Probability of a dataset at least this surprising where nothing changed.
    pub p: f64,
}

impl Level {
    /// Draws labellings until it is clear on which side of `false_alarm` the probability is.
    ///
    /// `p` is `h / l` when the `h`-th labelling as surprising was the `l`-th, else one more than the number of such
    /// over one more than the labellings: both never say less than the truth (Besag and Clifford 1991; Phipson and
    /// Smyth 2010).
    pub(super) fn of(table: &Table, observed: f64, false_alarm: f64, seed: u64) -> Self {
        let most = whole(ENOUGH as f64 / false_alarm) - 1;
        let few = (whole(2.0 / false_alarm) - 1).max(99).min(most);
        let clear = is_clear(table.tests().len(), observed, false_alarm);
        let stop = if clear { few } else { most };
        let minimum = |l: &usize| table.minimum(seed, *l);
        let minima = |labellings: &[usize]| {
            if table.is_small() {
                labellings.iter().map(minimum).collect()
            } else {
                in_parallel(labellings, &minimum)
            }
        };
        let (minima, as_small) = draw(&minima, observed, (stop, most));
        Self {
            p: ranked(&minima, as_small),
            minima,
            tail: None,
        }
    }

    /// The level of several tables together, of rows that are each in one of them: every labelling labels the rows of
    /// each table anew, and its minimum is that over all tables.
    ///
    /// At most 399 labellings are drawn, 199 where the observed one is surprising beyond doubt. What they are too few
    /// for is taken from how their smallest tenth falls off: probabilities below one tenth are then no ranks, but
    /// those of an exponential tail.
    pub(super) fn of_all(tables: &[&Table], observed: f64, false_alarm: f64, seed: u64) -> Self {
        let minimum = |labelling: &usize| {
            let each = tables.iter().zip(0u64..).map(|(table, i)| {
                table.minimum(seed ^ i.wrapping_mul(0x9e6c_63d0_876a_3f6b), *labelling)
            });
            each.fold(0.0, f64::min)
        };
        let wanted = whole(ENOUGH as f64 / false_alarm) - 1;
        let most = wanted.min(MOST_OF_ALL);
        let tests = tables.iter().map(|t| t.tests().len()).sum();
        let clear = is_clear(tests, observed, false_alarm);
        let stop = if clear { most.min(FEW_OF_ALL) } else { most };
        let minima = |labellings: &[usize]| in_parallel(labellings, &minimum);
        let (minima, as_small) = draw(&minima, observed, (stop, most));
        let tail = (as_small < ENOUGH && minima.len() < wanted).then(|| Tail::of(&minima));
        let beyond = tail.as_ref().and_then(|t| t.at(observed));
        Self {
            p: beyond.unwrap_or_else(|| ranked(&minima, as_small)),
            minima,
            tail,
        }
    }

    /// Labellings drawn.
    pub(super) fn labellings(&self) -> usize {
        self.minima.len()
    }

    /// Probability that the smallest of all surprises is at most this one where nothing changed.
    pub(super) fn adjusted(&self, surprise: f64) -> f64 {
        let as_small = self.minima.iter().filter(|m| **m <= surprise).count();
        let beyond = self.tail.as_ref().and_then(|t| t.at(surprise));
        beyond.unwrap_or_else(|| (as_small + 1) as f64 / (self.minima.len() + 1) as f64)
    }
}

/// So small that a thousand times all tests could not make it likely: few labellings are needed to know the level.
fn is_clear(tests: usize, observed: f64, false_alarm: f64) -> bool {
    observed + (1_000.0 * tests as f64).ln() < false_alarm.ln()
}

/// Minima of labellings, drawn until [`ENOUGH`] are as small as the observed one, and how many are. It ends at the
/// first number where none is as small until then, at the second one in any case.
fn draw(
    minima_of: &dyn Fn(&[usize]) -> Vec<f64>,
    observed: f64,
    (stop, most): (usize, usize),
) -> (Vec<f64>, usize) {
    let mut minima: Vec<f64> = Vec::new();
    let mut as_small = 0;
    while minima.len() < most {
        let labellings: Vec<usize> = (minima.len()..most.min(minima.len() + BLOCK)).collect();
        for minimum in minima_of(&labellings) {
            as_small += usize::from(minimum <= observed);
            minima.push(minimum);
            let nothing_near = as_small == 0 && minima.len() == stop;
            if as_small >= ENOUGH || nothing_near {
                return (minima, as_small);
            }
        }
    }
    (minima, as_small)
}

fn ranked(minima: &[f64], as_small: usize) -> f64 {
    if as_small >= ENOUGH {
        as_small as f64 / minima.len() as f64
    } else {
        (as_small + 1) as f64 / (minima.len() + 1) as f64
    }
}

/// How the smallest tenth of minima falls off.
///
/// Minima are logarithms of probabilities: where the single tails mean what they say, what is beyond a bound falls off
/// exponentially with rate 1, as a small probability does with the number of tests.
#[derive(Debug, Clone)]
struct Tail {
    /// The bound.
    from: f64,
    /// Probability beyond it.
    share: f64,
    /// Minima beyond it.
    count: f64,
    /// How far they are beyond it, on average.
    excess: f64,
}

impl Tail {
    fn of(minima: &[f64]) -> Self {
        let mut ascending = minima.to_vec();
        ascending.sort_unstable_by(f64::total_cmp);
        let count = (ascending.len() / 10).max(1).min(ascending.len() - 1);
        let from = ascending[count];
        let excess = ascending[..count].iter().map(|m| from - m).sum::<f64>() / count as f64;
        Self {
            from,
            share: (count + 1) as f64 / (ascending.len() + 1) as f64,
            count: count as f64,
            excess,
        }
    }

    /// Probability of a minimum at most this small; `None` where it is not beyond the bound.
    ///
    /// The next one of exponential numbers divided by the mean of `k` others is F-distributed with 2 and `2 k` degrees
    /// of freedom; never less than with rate 1.
    /// Source: Johnson, Kotz and Balakrishnan, *Continuous Univariate Distributions* 1 (1994), chapter 19.
    fn at(&self, surprise: f64) -> Option<f64> {
        let beyond = self.from - surprise;
        let next = (1.0 + beyond / (self.count * self.excess.max(1e-9))).powf(-self.count);
        (beyond > 0.0).then(|| self.share * next.max((-beyond).exp()))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of false alarms are between 0.001 and 0.5"
)]
pub(in crate::drift) fn whole(v: f64) -> usize {
    (v - 1e-9).ceil() as usize
}

/// Answers for each item in order, worked out by all cores; what comes out does not depend on their number.
pub(in crate::drift) fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    answer: &(dyn Fn(&T) -> R + Sync),
) -> Vec<R> {
    let threads = available_parallelism()
        .map_or(1, usize::from)
        .min(items.len());
    if threads < 2 {
        return items.iter().map(answer).collect();
    }
    let queue = Mutex::new(items.iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        let next = || queue.lock().ok()?.next();
        while let Some((i, item)) = next() {
            done.push((i, answer(item)));
        }
        done
    };
    let mut answers: Vec<(usize, R)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    answers.sort_by_key(|(i, _)| *i);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
