//! How often ordinary nights look as unusual in one column and kind of change as one night does.
//!
//! Columns differ in how evenly their nights spread: a place with an event now and then, or the pressure of the air,
//! have far heavier tails than others, and what never happened says nothing of how much of it comes when it comes. So
//! each column and kind has a level of its own, and what the dataset is judged by is the least of their probabilities.

use super::Judged;
use super::feature::Kind;
use super::level::{DOUBT, EXPECTED, LEAST, WORTH};

/// Steps of the grid of exponents.
const EXPONENTS: usize = 12;

/// Steps of the grid of effective numbers.
const NUMBERS: usize = 12;

/// Least effective number: of what hardly ever happens.
const SELDOM: f64 = 1.0 / 16.0;

/// Nights with a tail above one half all say the same: that nothing was there. A test of one direction says no more.
const HALF: f64 = std::f64::consts::LN_2;

/// What ordinary nights show of one column and kind of change.
pub(super) struct Own {
    column: Option<usize>,
    kind: Kind,
    tests: usize,
    /// Least tail of each night before, and of the one under test, as logarithms.
    least: Vec<f64>,
    now: f64,
}

impl Own {
    /// One for each column and kind, in the order of the tests.
    pub(super) fn all(judged: &[Judged], nights: usize) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for one in judged {
            let at = all.iter().rposition(|own| own.is_of(one));
            let at = at.unwrap_or_else(|| {
                all.push(Self {
                    column: one.test.column,
                    kind: one.test.kind,
                    tests: 0,
                    least: vec![0.0; nights],
                    now: 0.0,
                });
                all.len() - 1
            });
            let own = &mut all[at];
            own.tests += 1;
            own.now = own.now.min(one.surprise);
            for (least, past) in own.least.iter_mut().zip(&one.past) {
                *least = least.min(*past);
            }
        }
        all
    }

    pub(super) fn is_of(&self, one: &Judged) -> bool {
        self.column == one.test.column && self.kind == one.test.kind
    }

    /// The column, the kind, and the logarithm of the least tail of the night under test.
    pub(super) fn now(&self) -> (Option<usize>, Kind, f64) {
        (self.column, self.kind, self.now)
    }

    /// Nights before.
    pub(super) fn nights(&self) -> usize {
        self.least.len()
    }

    /// The tail of this column and kind, and the logarithm of the probability of each night before by the others.
    pub(super) fn tail(&self) -> (Tail, Vec<f64>) {
        let fit = Fit::of(&self.least, self.tests);
        let mut seen = 0..;
        let night = |ln_p: &f64| {
            if -ln_p <= HALF {
                return 0.0;
            }
            seen.next()
                .map_or(0.0, |at| fit.without(at).surprise(*ln_p))
        };
        let past = self.least.iter().map(night).collect();
        (fit.all(), past)
    }
}

/// How the least tails of ordinary nights spread: below `x` with probability `1 - (1 - x^exponent)^number`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tail {
    exponent: f64,
    number: f64,
}

impl Tail {
    #[cfg(test)]
    pub(super) fn new(exponent: f64, number: f64) -> Self {
        Self { exponent, number }
    }

    /// Logarithm of the probability that an ordinary night has such a tail, of its logarithm. Edge: 0 above one half.
    pub(super) fn surprise(self, ln_p: f64) -> f64 {
        if -ln_p <= HALF {
            return 0.0;
        }
        let one = self.exponent * ln_p;
        if one < -30.0 {
            return (one + self.number.ln()).min(0.0);
        }
        (-(self.number * (-one.exp()).ln_1p()).exp_m1()).ln()
    }

    /// The logarithm of the tail that has a probability of this logarithm.
    pub(super) fn critical(self, surprise: f64) -> f64 {
        let one = if surprise < -30.0 {
            surprise - self.number.ln()
        } else {
            (-((-surprise.exp()).ln_1p() / self.number).exp_m1()).ln()
        };
        (one / self.exponent).min(-HALF)
    }
}

/// Exponents and numbers with their weights, and what each night says of them.
struct Fit {
    /// Logarithms of number and weight by exponent and number.
    grid: Vec<(f64, f64, f64)>,
    /// By night with a tail below one half, and by exponent: its density but for the number.
    seen: Vec<f64>,
}

impl Fit {
    /// Weighs them by the least tails of nights, as logarithms, of so many tests.
    ///
    /// A tail is never taken for lighter than normal.
    /// Source: the likelihood of [`super::level::Level::of`], tails above one half censored.
    fn of(least: &[f64], tests: usize) -> Self {
        let seen: Vec<f64> = least.iter().map(|l| -l).filter(|l| *l > HALF).collect();
        let none = (least.len() - seen.len()) as f64;
        let (few, most) = (SELDOM.ln(), (tests.max(1) as f64).ln());
        let mut grid = Vec::with_capacity(EXPONENTS * NUMBERS);
        for i in 0..EXPONENTS {
            let exponent = LEAST + (1.0 - LEAST) * i as f64 / (EXPONENTS - 1) as f64;
            let before = -((exponent / EXPECTED).ln() / DOUBT).powi(2) / 2.0 - exponent.ln();
            let all: f64 = seen.iter().map(|l| ln_above(exponent, *l)).sum();
            let sum: f64 = seen.iter().sum();
            let half = ln_above(exponent, HALF);
            for j in 0..NUMBERS {
                let ln_number = few + (most - few) * j as f64 / (NUMBERS - 1) as f64;
                let number = ln_number.exp();
                let fit = seen.len() as f64 * (exponent.ln() + ln_number) - exponent * sum
                    + (number - 1.0) * all
                    + none * number * half;
                grid.push((exponent, ln_number, before + WORTH * fit));
            }
        }
        Self { grid, seen }
    }

    fn all(&self) -> Tail {
        mean(self.grid.iter().copied())
    }

    /// By all nights but one of those with a tail below one half.
    fn without(&self, night: usize) -> Tail {
        let l = self.seen[night];
        let mut last = (f64::NAN, 0.0);
        mean(self.grid.iter().map(|(exponent, ln_number, weight)| {
            if last.0.to_bits() != exponent.to_bits() {
                last = (*exponent, ln_above(*exponent, l));
            }
            let fit = exponent.ln() + ln_number - exponent * l + (ln_number.exp() - 1.0) * last.1;
            (*exponent, *ln_number, weight - WORTH * fit)
        }))
    }
}

/// Logarithm of the probability of no such tail in one test.
fn ln_above(exponent: f64, l: f64) -> f64 {
    (-(-exponent * l).exp()).ln_1p()
}

/// The average exponent and the geometric average of the numbers, of logarithms of weights.
fn mean(grid: impl Iterator<Item = (f64, f64, f64)>) -> Tail {
    let grid: Vec<(f64, f64, f64)> = grid.collect();
    let best = grid.iter().map(|g| g.2).fold(f64::NEG_INFINITY, f64::max);
    let (mut exponents, mut numbers, mut total) = (0.0, 0.0, 0.0);
    for (exponent, ln_number, weight) in grid {
        let weight = (weight - best).exp();
        exponents += weight * exponent;
        numbers += weight * ln_number;
        total += weight;
    }
    Tail {
        exponent: exponents / total,
        number: (numbers / total).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fit, Tail};

    fn own(least: &[f64], tests: usize) -> Tail {
        Fit::of(least, tests).all()
    }

    /// Logarithms of even probabilities, raised to the power.
    fn spread(exponent: f64, nights: usize) -> Vec<f64> {
        let p = |i: usize| (i as f64 + 0.5) / nights as f64;
        (0..nights).map(|i| p(i).ln() / exponent).collect()
    }

    #[test]
    fn a_heavy_tail_makes_the_same_night_less_surprising() {
        let even = own(&spread(1.0, 35), 1);
        let heavy = own(&spread(0.3, 35), 1);
        assert!(even.surprise(-12.0) < -7.0);
        assert!(heavy.surprise(-12.0) > -6.0);
    }

    #[test]
    fn nights_without_anything_say_nothing_of_how_much_comes() {
        let never = own(&[0.0; 35], 1);
        // The tail is as heavy as was expected before any night, and it is seldom.
        assert!((0.5..0.8).contains(&never.exponent), "{never:?}");
        assert!(never.number < 0.2, "{never:?}");
        assert!(own(&spread(1.0, 35), 1).exponent > never.exponent);
        assert!(never.surprise(-0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_night_is_judged_by_the_others() {
        let mut nights = spread(1.0, 35);
        nights[0] = -40.0;
        let fit = Fit::of(&nights, 4);
        let without = fit.without(0).surprise(-40.0);
        assert!(without < fit.all().surprise(-40.0));
        let calm = own(&nights[1..], 4).surprise(-40.0);
        assert!((without - calm).abs() < 1e-6);
    }

    #[test]
    fn the_critical_tail_has_the_surprise_asked_for() {
        let tail = own(&spread(0.7, 20), 9);
        for surprise in [-100.0, -31.0, -29.0, -5.0] {
            let back = tail.surprise(tail.critical(surprise));
            assert!((back - surprise).abs() < 1e-9, "{surprise}: {back}");
        }
    }
}
