//! How surprising one labelling of the rows is, column by column and kind by kind.
//!
//! Every kind gives the logarithm of a tail probability from the counts of one side, so that kinds and columns can be
//! ranked against each other; the level comes from ranking the smallest of them, see [`super::level`].

use super::codes::{Bin, Coded, MISSING};
use super::ends::{Runs, Sides};
use super::ties::expected;
use crate::statistics::tails::{self, Urn};

/// What can have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Share of rows without a value.
    Missing,
    /// Where the numbers lie: Wilcoxon's rank sum.
    Location,
    /// How far they spread: Mood's sum of squared centred ranks.
    Scale,
    /// Their distribution: Anderson-Darling.
    AndersonDarling,
    /// Their distribution: Kolmogorov-Smirnov.
    Kolmogorov,
    /// Their counts over bins, or the mix of categories: chi-squared.
    ChiSquared,
    /// One frequent value.
    Frequent,
    /// Values that only one side has.
    Unseen,
    /// The least or greatest numbers all come from one side.
    Ends,
    /// Values that recur within the sides and not across them.
    Ties,
    /// What the other columns leave of it: where it lies, how far it spreads, its ends.
    Fit,
    /// Which columns lack a value together.
    Pattern,
    /// Rows that occur more than once on a side.
    Repeats,
    /// How two columns go together.
    Correlation,
}

impl Kind {
    /// For how many tests of one question a test counts, of a dataset with so many scored columns.
    ///
    /// Three tests ask for the shape of a column, and two of those ask for its location or its scale as well: each has
    /// a part of the question's allowance. What is asked once of a dataset has the allowance of a third of its columns,
    /// whatever their number.
    pub(in crate::drift) fn counts_for(self, columns: usize) -> f64 {
        match self {
            Self::AndersonDarling | Self::Kolmogorov | Self::ChiSquared => 3.0,
            Self::Location | Self::Scale => 2.0,
            Self::Repeats | Self::Correlation | Self::Pattern => 3.0 / (columns as f64).max(3.0),
            Self::Missing | Self::Frequent | Self::Unseen | Self::Ends | Self::Ties | Self::Fit => {
                1.0
            }
        }
    }
}

/// Counts of one side by code.
pub(in crate::drift) type Counts = [u32; 256];

/// The side that is drawn.
#[derive(Debug, Clone, Copy)]
pub(in crate::drift) struct Drawn {
    /// Rows of it.
    pub rows: u32,
    /// Rows of both sides.
    pub total: u32,
}

impl Drawn {
    pub(in crate::drift) fn share(self) -> f64 {
        f64::from(self.rows) / f64::from(self.total)
    }
}

/// One column with what does not depend on the labels.
#[derive(Debug)]
pub(in crate::drift) struct Scorer {
    pub coded: Coded,
    /// Centred mid-ranks by code, as a share of the values, -0.5 to 0.5.
    pub ranks: Vec<f64>,
    location: Scores,
    scale: Scores,
    /// Codes of single values that are frequent enough to be looked at alone.
    frequent: Vec<usize>,
    /// Expected excess of values that keep to one side, and its deviation; absent where too few values recur.
    pub(super) ties: Option<(f64, f64)>,
}

/// Scores by code with their mean and sum of squares over the values of both sides.
#[derive(Debug)]
struct Scores {
    by_code: Vec<f64>,
    mean: f64,
    squares: f64,
}

impl Scores {
    fn new(by_code: Vec<f64>, totals: &[u32]) -> Self {
        let valued: f64 = totals.iter().map(|t| f64::from(*t)).sum();
        let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
            by_code
                .iter()
                .zip(totals)
                .map(|(s, t)| f(*s) * f64::from(*t))
                .sum()
        };
        let mean = sum(&|s| s) / valued.max(1.0);
        let squares = sum(&|s| (s - mean) * (s - mean));
        Self {
            by_code,
            mean,
            squares,
        }
    }

    /// Surprise of the sum of the scores over `first` of `valued` values, drawn without replacement.
    fn surprise(&self, seen: &Counts, first: f64, valued: f64) -> f64 {
        let sum: f64 = self
            .by_code
            .iter()
            .zip(seen)
            .map(|(s, n)| s * f64::from(*n))
            .sum();
        let variance = first * (valued - first) / (valued * (valued - 1.0)) * self.squares;
        if variance > 0.0 {
            tails::normal((sum - first * self.mean) / variance.sqrt())
        } else {
            0.0
        }
    }
}

impl Scorer {
    pub(in crate::drift) fn new(coded: Coded, drawn: Drawn) -> Self {
        let valued = f64::from(coded.valued());
        let mut below = 0.0;
        let rank = |total: &u32| {
            let rank = (below + f64::from(*total) / 2.0) / valued - 0.5;
            below += f64::from(*total);
            rank
        };
        let ranks: Vec<f64> = coded.totals.iter().map(rank).collect();
        let squares = ranks.iter().map(|r| r * r).collect();
        let enough = (valued / 400.0).max(5.0);
        let is_frequent =
            |k: &usize| coded.bins[*k] == Bin::Single && f64::from(coded.totals[*k]) >= enough;
        Self {
            ties: expected(&coded, drawn),
            location: Scores::new(ranks.clone(), &coded.totals),
            scale: Scores::new(squares, &coded.totals),
            frequent: (0..coded.bins.len()).filter(is_frequent).collect(),
            ranks,
            coded,
        }
    }

    /// Kinds that this column is judged by, in the order in which [`Self::score`] gives them.
    pub(in crate::drift) fn kinds(&self) -> &'static [Kind] {
        use Kind::{
            AndersonDarling, ChiSquared, Ends, Frequent, Kolmogorov, Location, Missing, Scale,
            Ties, Unseen,
        };
        match (self.coded.bins.len(), self.coded.ordered) {
            (0 | 1, _) => &[Missing],
            (2, true) => &[Missing, Location],
            (_, true) => &[
                Missing,
                Location,
                Scale,
                AndersonDarling,
                Kolmogorov,
                ChiSquared,
                Frequent,
                Ends,
                Ties,
            ],
            (_, false) => &[Missing, ChiSquared, Frequent, Unseen, Ties],
        }
    }

    /// Surprise of what the other columns leave of this one.
    pub(super) fn score_left(&self, seen: &Counts, drawn: Drawn, is_drawn: &[bool]) -> f64 {
        let valued = self.valued(seen, drawn);
        if valued.is_too_few() {
            return 0.0;
        }
        let (first, all) = valued.numbers();
        let location = self.location.surprise(seen, first, all);
        let scale = self.scale.surprise(seen, first, all);
        let runs = Sides::Rows(is_drawn).runs(&self.coded);
        let ends = self.ends(seen, valued, runs);
        tails::smallest_of(location.min(scale).min(ends), 3.0)
    }

    /// Surprise of which columns lack a value together: one pattern, or patterns that one side alone has.
    pub(super) fn score_pattern(&self, seen: &Counts, drawn: Drawn) -> f64 {
        let valued = self.valued(seen, drawn);
        let (first, all) = valued.numbers();
        let least = self
            .frequent(seen, valued)
            .min(self.unseen(seen, first / all));
        tails::smallest_of(least, 2.0)
    }

    fn valued(&self, seen: &Counts, drawn: Drawn) -> Valued {
        Valued {
            first: drawn.rows - seen[usize::from(MISSING)],
            all: drawn.total - self.coded.missing,
        }
    }

    /// Surprises of a labelling: the rows drawn by code, and what is known of each row's side.
    pub(in crate::drift) fn score(
        &self,
        seen: &Counts,
        drawn: Drawn,
        sides: Sides,
        out: &mut Vec<f64>,
    ) {
        let kinds = self.kinds();
        let lacking = seen[usize::from(MISSING)];
        let urn = Urn {
            total: drawn.total,
            marked: self.coded.missing,
            drawn: drawn.rows,
        };
        out.push(if self.coded.derived {
            0.0
        } else {
            tails::hypergeometric(lacking, urn)
        });
        if kinds.len() == 1 {
            return;
        }
        let valued = self.valued(seen, drawn);
        if valued.is_too_few() {
            out.resize(out.len() + kinds.len() - 1, 0.0);
            return;
        }
        let (first, all) = valued.numbers();
        if self.coded.ordered {
            out.push(self.location.surprise(seen, first, all));
            if kinds.len() == 2 {
                return;
            }
            out.push(self.scale.surprise(seen, first, all));
            let (anderson_darling, kolmogorov) = self.distributions(seen, first, all);
            out.extend([anderson_darling, kolmogorov]);
        }
        out.push(self.chi_squared(seen, first, all));
        out.push(self.frequent(seen, valued));
        out.push(if self.coded.ordered {
            self.ends(seen, valued, sides.runs(&self.coded))
        } else {
            self.unseen(seen, first / all)
        });
        out.push(match sides {
            Sides::Rows(is_drawn) => self.ties(drawn, is_drawn),
            Sides::Counted(_) => 0.0,
        });
    }

    /// Anderson-Darling and Kolmogorov-Smirnov over the bins.
    ///
    /// With `F` of both sides and `G` of the drawn one, `G - F` is the difference of the two sides' functions times
    /// the other side's share of the values.
    fn distributions(&self, seen: &Counts, first: f64, all: f64) -> (f64, f64) {
        let (mut drawn, mut both, mut squared, mut greatest) = (0.0, 0.0, 0.0, 0.0f64);
        for (n, t) in seen.iter().zip(&self.coded.totals) {
            drawn += f64::from(*n) / first;
            both += f64::from(*t) / all;
            let difference = drawn - both;
            greatest = greatest.max(difference.abs());
            if both < 1.0 - 0.5 / all {
                squared += difference * difference / (both * (1.0 - both)) * f64::from(*t) / all;
            }
        }
        let scale = first * all / (all - first);
        (
            tails::anderson_darling(squared * scale),
            tails::kolmogorov(greatest * scale.sqrt()),
        )
    }

    /// Chi-squared over the bins; those with fewer than five expected values on a side are joined with their
    /// neighbours.
    fn chi_squared(&self, seen: &Counts, first: f64, all: f64) -> f64 {
        let share = first / all;
        let few = 5.0 / share.min(1.0 - share);
        let (mut sum, mut freedom, mut pool) = (0.0, -1.0, (0.0, 0.0));
        let mut add = |seen: f64, total: f64| {
            let off = seen - total * share;
            sum += off * off / (total * share * (1.0 - share));
            freedom += 1.0;
        };
        for (n, t) in seen.iter().zip(&self.coded.totals) {
            let (n, t) = (f64::from(*n), f64::from(*t));
            if t >= few {
                add(n, t);
                continue;
            }
            pool = (pool.0 + n, pool.1 + t);
            if pool.1 >= few {
                add(pool.0, pool.1);
                pool = (0.0, 0.0);
            }
        }
        if pool.1 >= few / 2.0 {
            add(pool.0, pool.1);
        }
        tails::chi_squared(sum * (all - 1.0) / all, freedom)
    }

    /// The frequent value whose count is furthest off, its tail taken as the smallest of all frequent values.
    fn frequent(&self, seen: &Counts, valued: Valued) -> f64 {
        let counts = self
            .frequent
            .iter()
            .map(|k| (seen[*k], self.coded.totals[*k]));
        tails::smallest_of(valued.furthest(counts), self.frequent.len() as f64)
    }

    /// The code of the frequent value whose count is furthest off.
    pub(in crate::drift) fn most_moved(&self, seen: &Counts, drawn: Drawn) -> Option<usize> {
        let valued = self.valued(seen, drawn);
        let off = |k: &usize| valued.off(seen[*k], self.coded.totals[*k]);
        self.frequent
            .iter()
            .copied()
            .max_by(|a, b| off(a).total_cmp(&off(b)))
    }

    /// Runs of one side at either end, and counts of one side among the outermost values.
    fn ends(&self, seen: &Counts, valued: Valued, runs: Runs) -> f64 {
        let share = f64::from(valued.first) / f64::from(valued.all);
        let mut least = 0.0f64;
        for (run, drawn) in runs {
            least = least.min(f64::from(run) * if drawn { share } else { 1.0 - share }.ln());
        }
        // The single longest run of two ends and two sides, then the outer tails of two ends.
        let runs = tails::smallest_of(least, 2.0);
        let codes = 0..self.coded.totals.len();
        let cuts = valued
            .furthest_tail(codes.clone().map(|k| (seen[k], self.coded.totals[k])))
            .min(valued.furthest_tail(codes.rev().map(|k| (seen[k], self.coded.totals[k]))));
        tails::smallest_of(runs.min(tails::smallest_of(cuts, 6.0)), 2.0)
    }

    /// Values that one side alone has: the most frequent such value, and the number of such values.
    fn unseen(&self, seen: &Counts, share: f64) -> f64 {
        let mut least = 0.0f64;
        let singles = || (0..self.coded.bins.len()).filter(|k| self.coded.bins[*k] == Bin::Single);
        for (share, drawn_only) in [(share, true), (1.0 - share, false)] {
            let (mut values, mut expected, mut largest) = (0.0, 0.0, 0);
            for k in singles() {
                let total = self.coded.totals[k];
                expected += share.powf(f64::from(total));
                if seen[k] == if drawn_only { total } else { 0 } {
                    values += 1.0;
                    largest = largest.max(total);
                }
            }
            if largest > 0 {
                let as_large = singles()
                    .map(|k| self.coded.totals[k])
                    .filter(|t| *t >= largest);
                let expected_as_large = as_large.map(|t| share.powf(f64::from(t))).sum();
                least = least
                    .min(tails::poisson(1.0, expected_as_large))
                    .min(tails::poisson(values, expected));
            }
        }
        tails::smallest_of(least, 4.0)
    }
}

/// Values of the drawn side and of both.
#[derive(Clone, Copy)]
struct Valued {
    first: u32,
    all: u32,
}

impl Valued {
    fn is_too_few(self) -> bool {
        self.first < 2 || self.all - self.first < 2
    }

    fn numbers(self) -> (f64, f64) {
        (f64::from(self.first), f64::from(self.all))
    }

    /// How many deviations a count is from its expectation.
    fn off(self, seen: u32, total: u32) -> f64 {
        let (first, all) = self.numbers();
        let t = f64::from(total);
        let expected = t * first / all;
        let variance = expected * (all - first) / all * (all - t) / (all - 1.0);
        if variance > 0.0 {
            (f64::from(seen) - expected).abs() / variance.sqrt()
        } else {
            0.0
        }
    }

    /// The tail of the count that is most deviations off; 0 without a count.
    fn furthest(self, counts: impl Iterator<Item = (u32, u32)>) -> f64 {
        let (mut most, mut found) = (0.0, None);
        for (seen, total) in counts {
            let off = self.off(seen, total);
            if off > most {
                (most, found) = (off, Some((seen, total)));
            }
        }
        found.map_or(0.0, |(seen, total)| {
            tails::hypergeometric(
                seen,
                Urn {
                    total: self.all,
                    marked: total,
                    drawn: self.first,
                },
            )
        })
    }

    /// [`Self::furthest`] of counts added up from an end inwards, over the outermost tenth of the values.
    fn furthest_tail(self, counts: impl Iterator<Item = (u32, u32)>) -> f64 {
        let mut sums = (0, 0);
        let added = counts.map(|(seen, total)| {
            sums = (sums.0 + seen, sums.1 + total);
            sums
        });
        self.furthest(added.take_while(|(_, total)| *total <= self.all / 10))
    }
}
