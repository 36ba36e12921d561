//! From what is surprising to what changed: one change per column and kind, with its size.

use super::codes::Bin;
use super::compare::{Compared, Finding, Origin};
use super::effect::{Effect, distance, z_of};
use super::facts::Facts;
use super::joint::least_fit;
use super::kinds::{Change, Drift, End, Label, Moved, Which};
use super::level::Labels;
use super::score::{Drawn, Kind};
use super::swap::{RADIUS_99, mark_swapped};
use super::unit::factor;
use crate::statistics::distances::{kolmogorov_smirnov_of, wasserstein};
use crate::statistics::intervals::{Interval, Share, Z95, kolmogorov_radius, medians};
use crate::statistics::tails::smallest_of;
use std::collections::BTreeMap;

/// Values beyond all of the other side from which that is told as such.
const EXTREME: u64 = 10;

/// Pairs of columns that are named for going together differently, at most.
const PAIRS: usize = 6;

/// Probability up to which a pair of columns counts beside the first one.
const CHANCE: f64 = 0.01;

/// Different numbers up to which a column is told by the shares of its values.
const FEW: usize = 10;

impl Compared {
    /// What changed, where an unchanged dataset would surprise as much in at most `false_alarm` of the runs.
    ///
    /// Shape: in the order of the columns, whole rows last; nothing where the dataset is not flagged.
    #[must_use]
    pub fn changes(&self, false_alarm: f64) -> Vec<Drift> {
        if self.p > false_alarm {
            return Vec::new();
        }
        let least = self.findings.iter().map(|f| f.surprise).fold(0.0, f64::min);
        // The most surprising one made the verdict, whatever the few labellings say of it alone.
        let counts = |adjusted: f64, surprise: f64| adjusted <= false_alarm || surprise <= least;
        let mut by_column: BTreeMap<Option<usize>, Found> = BTreeMap::new();
        for f in self
            .findings
            .iter()
            .filter(|f| counts(f.adjusted, f.surprise))
        {
            by_column.entry(f.column).or_default().0.push(*f);
        }
        let whole = by_column.remove(&None);
        let lacking = whole
            .as_ref()
            .and_then(|found| self.lacking(found, &by_column));
        let least_fit = least_fit(&mut by_column);
        let mut list: Vec<Drift> = by_column
            .into_iter()
            .filter_map(|(column, found)| Some(self.facts(column?).changes(&found)))
            .flatten()
            .collect();
        Self::told_once(&mut list);
        let sorted = |origin: Origin| {
            let column = self.origins.iter().position(|o| *o == origin)?;
            Some(self.sorted(column))
        };
        mark_swapped(&mut list, &sorted);
        list.extend(lacking);
        list.extend(least_fit.and_then(|found| self.fit(&found)));
        list.extend(whole.into_iter().flat_map(|found| self.of_rows(&found)));
        // Rows that differ from all of the other side repeat within their side alone, though no more often.
        let is_as_often =
            |d: &Drift| matches!(d.change, Change::Repeated(..)) && d.effect.interval.low <= 0.0;
        if list.len() > 1 {
            list.retain(|d| !is_as_often(d));
        }
        for drift in &mut list {
            drift.place = self.place(drift);
        }
        list
    }
}

impl Facts<'_> {
    /// What changed of the column, where these kinds of change count.
    pub(in crate::drift) fn changes(&self, found: &Found) -> Vec<Drift> {
        let mut list = Vec::new();
        let mut add = |adjusted: f64, (change, effect): (Change, Effect)| {
            list.push(Drift {
                origin: Some(self.origin),
                change,
                effect,
                adjusted,
                place: None,
            });
        };
        if let Some(p) = found.any(&[Kind::Missing]) {
            let (before, now) = self.missing;
            add(
                p,
                (
                    Change::Missing(before, now),
                    Effect::of_shares(before, now, Z95),
                ),
            );
        }
        if self.scorer.coded.ordered {
            self.of_numbers(found, &mut add);
        } else {
            self.of_texts(found, &mut add);
        }
        list
    }

    fn of_numbers(&self, found: &Found, add: &mut dyn FnMut(f64, (Change, Effect))) {
        let sorted = &self.sorted;
        let (location, scale) = (found.any(&[Kind::Location]), found.any(&[Kind::Scale]));
        let shape = found.any(&[
            Kind::AndersonDarling,
            Kind::Kolmogorov,
            Kind::ChiSquared,
            Kind::Ties,
        ]);
        let (value, ends) = (found.any(&[Kind::Frequent]), found.any(&[Kind::Ends]));
        if sorted.before.is_empty() || sorted.now.is_empty() {
            return;
        }
        let mut apart = distance(sorted);
        apart.interval.high = (apart.interval.high + self.hidden).min(1.0);
        let shifted = self.shifted();
        // One value that explains at least half of the distance is what changed.
        let coded = &self.scorer.coded;
        let few = coded.bins.len() <= FEW && !coded.bins.contains(&Bin::Several);
        if shifted.is_none()
            && let Some(p) = value.or(shape).or(location.or(scale).filter(|_| few))
            && let Some((change, effect)) = self.value()
            && effect.size >= apart.size / 2.0
            && (value.is_some() || location.is_none() || few)
        {
            return add(p, (change, effect));
        }
        if shifted.is_none()
            && let Some(p) = ends
            && let Some((change, effect)) = self.range()
            && (found.is_ends(1.0) || is_part(&change) && found.is_ends(0.5))
        {
            return add(p, (change, effect));
        }
        let moved = shifted.map_or_else(|| found.moved(), |_| Moved::Location);
        let p = location.or(scale).or(shape).or(value).or(ends);
        if let Some(p) = p {
            let quartiles = [quartiles(&sorted.before), quartiles(&sorted.now)];
            let shift = medians(&sorted.before, &sorted.now, Z95);
            let factor = factor(&sorted.before, &sorted.now);
            let wasserstein = wasserstein(&sorted.before, &sorted.now);
            add(
                p,
                (
                    Change::Distribution {
                        moved,
                        quartiles,
                        shift,
                        factor,
                        shifted,
                        wasserstein,
                        swapped: None,
                    },
                    apart,
                ),
            );
        }
    }

    fn of_texts(&self, found: &Found, add: &mut dyn FnMut(f64, (Change, Effect))) {
        let mix = found.any(&[Kind::ChiSquared, Kind::Frequent, Kind::Ties]);
        let unseen = found
            .any(&[Kind::Unseen])
            .and_then(|p| Some((p, self.unseen()?)));
        let apart = self.total_variation();
        let explained = unseen.as_ref().map_or(0.0, |(_, (_, effect))| effect.size);
        if let Some((p, (change, effect))) = unseen {
            add(p, (self.recoded(change), effect));
        }
        if let Some(p) = mix
            && explained < apart / 2.0
        {
            let (label, effect) = match self.largest_category() {
                Some((code, effect)) => {
                    let (before, now) = self.shares[usize::from(code)];
                    (Some((self.labels[usize::from(code)], before, now)), effect)
                }
                None => (
                    None,
                    Effect {
                        size: apart,
                        interval: Interval {
                            low: 0.0,
                            high: 1.0,
                        },
                    },
                ),
            };
            add(p, (self.recoded(Change::Mix(label)), effect));
        }
    }
}

impl Compared {
    fn of_rows(&self, found: &Found) -> Vec<Drift> {
        let mut list = Vec::new();
        if let Some(adjusted) = found.any(&[Kind::Repeats]) {
            let (before, now) = self.repeated();
            let effect = Effect::of_shares(before, now, Z95);
            list.push(Drift {
                origin: None,
                change: Change::Repeated(before, now),
                effect,
                adjusted,
                place: None,
            });
        }
        if let Some(adjusted) = found.any(&[Kind::Correlation]) {
            let mut pairs = self
                .table
                .together
                .by_pair(&self.labels().rows, self.drawn());
            pairs.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            // The first one made the verdict; others count where they would not be there by chance either.
            let (count, mut first) = (pairs.len() as f64, true);
            pairs.retain(|(_, s)| {
                std::mem::take(&mut first) || smallest_of(*s, count) <= CHANCE.ln()
            });
            let changed: Vec<_> = pairs
                .iter()
                .take(PAIRS)
                .map(|(pair, _)| (*pair, self.correlation(*pair)))
                .collect();
            if let Some((_, (.., effect))) = changed
                .iter()
                .max_by(|a, b| a.1.2.interval.low.total_cmp(&b.1.2.interval.low))
            {
                let effect = *effect;
                let pairs = changed
                    .iter()
                    .map(|(pair, (before, now, _))| (*pair, *before, *now))
                    .collect();
                list.push(Drift {
                    origin: None,
                    change: Change::Correlation(pairs),
                    effect,
                    adjusted,
                    place: None,
                });
            }
        }
        list
    }

    pub(super) fn drawn(&self) -> Drawn {
        self.table.drawn
    }

    /// The labels that were observed.
    pub(super) fn labels(&self) -> Labels {
        let count = self.labels_first.iter().filter(|f| **f).count();
        let side = count * 2 <= self.labels_first.len();
        let rows: Vec<u32> = (0u32..)
            .zip(&self.labels_first)
            .filter(|(_, f)| **f == side)
            .map(|(row, _)| row)
            .collect();
        Labels::new(&rows, self.labels_first.len())
    }
}

impl Facts<'_> {
    /// The frequent value whose share changed most.
    fn value(&self) -> Option<(Change, Effect)> {
        let (scorer, sorted) = (self.scorer, &self.sorted);
        let code = match self.origin {
            Origin::Precision(_) => self.most_grown()?,
            _ => self.most_moved?,
        };
        let (before, now) = self.shares[code];
        let label = self.labels[code];
        let value = label.number()?;
        let more = now.value() > before.value();
        let cut = match (
            sorted.before.first(),
            sorted.before.last(),
            sorted.now.first(),
            sorted.now.last(),
        ) {
            (_, Some(before), _, Some(now)) if more && *now <= value && value < *before => {
                Some(End::High)
            }
            (Some(before), _, Some(now), _) if more && *now >= value && value > *before => {
                Some(End::Low)
            }
            _ => None,
        };
        let frequent = scorer
            .coded
            .bins
            .iter()
            .filter(|b| **b == Bin::Single)
            .count();
        let effect = Effect::of_shares(before, now, z_of(frequent));
        Some((
            Change::Value {
                label,
                shares: (before, now),
                cut,
            },
            effect,
        ))
    }

    /// Numbers of one side beyond all of the other: the end where there are more.
    fn range(&self) -> Option<(Change, Effect)> {
        let [high, low] = self.runs;
        let (end, (_, first)) = if high.0 >= low.0 {
            (End::High, high)
        } else {
            (End::Low, low)
        };
        let (side, own, other) = if first {
            (Which::Before, 0, 1)
        } else {
            (Which::Now, 1, 0)
        };
        let held = |of: usize| move |(_, rows): &&(f64, [u64; 2])| rows[of] > 0;
        let bound = match end {
            End::High => self.numbers.iter().rfind(held(other))?.0,
            End::Low => self.numbers.iter().find(held(other))?.0,
        };
        let reached = |side: Which| {
            self.reach[usize::from(side == Which::Now)][usize::from(end == End::High)]
        };
        let beyond = |v: f64| {
            if end == End::High {
                v > bound
            } else {
                v < bound
            }
        };
        let outside = self.numbers.iter().filter(|(v, _)| beyond(*v));
        let share = Share {
            hits: outside.map(|(_, rows)| rows[own]).sum(),
            rows: self.numbers.iter().map(|(_, rows)| rows[own]).sum(),
        };
        // A handful of extreme values is what any batch may hold; whoever has more of them has another tail.
        if share.hits < EXTREME {
            return None;
        }
        let factor = if side == Which::Now {
            let values = self.sorted.now.iter().copied();
            let (outside, inside): (Vec<f64>, Vec<f64>) = values.partition(|v| beyond(*v));
            self.factor_of(&outside, &inside)
        } else {
            None
        };
        let effect = Effect {
            size: share.value(),
            interval: share.wilson(Z95),
        };
        Some((
            Change::Range {
                side,
                end,
                share,
                bound: reached(side.other()),
                furthest: reached(side),
                factor,
            },
            effect,
        ))
    }

    /// The number that current values beyond the reference look multiplied by, where the others stayed: else all of
    /// them moved, and what happens to be outside is no unit's doing.
    fn factor_of(&self, outside: &[f64], inside: &[f64]) -> Option<f64> {
        let before = &self.sorted.before;
        let all = (outside.len() + inside.len()) as f64;
        // Multiplied values may lie inside as well.
        let limit = kolmogorov_radius(before.len() as u64, inside.len() as u64) * RADIUS_99
            + outside.len() as f64 / all;
        factor(before, outside).filter(|_| kolmogorov_smirnov_of(before, inside) <= limit)
    }

    /// Values that one side alone has and that are too frequent for that to be chance.
    fn unseen(&self) -> Option<(Change, Effect)> {
        let counts = &self.texts;
        let rows = [0, 1].map(|side| counts.iter().map(|(_, c)| c[side]).sum::<u64>());
        let only = |side: usize| {
            let share = rows[side] as f64 / (rows[0] + rows[1]) as f64;
            // Rows from which fewer than one value in twenty would be expected on one side alone, of so many values.
            let enough = ((0.05 / counts.len().max(1) as f64).ln() / share.ln()).max(1.0);
            let mut list: Vec<(Label, u32)> = counts
                .iter()
                .filter(|(_, c)| c[1 - side] == 0 && c[side] as f64 >= enough)
                .map(|(value, c)| (*value, u32::try_from(c[side]).unwrap_or(u32::MAX)))
                .collect();
            list.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            list
        };
        let total = |list: &[(Label, u32)]| list.iter().map(|(_, n)| u64::from(*n)).sum::<u64>();
        let (gone, new) = (only(0), only(1));
        let (side, values, of) = if total(&new) >= total(&gone) {
            (Which::Now, new, 1)
        } else {
            (Which::Before, gone, 0)
        };
        let share = Share {
            hits: total(&values),
            rows: rows[of],
        };
        let effect = Effect {
            size: share.value(),
            interval: share.wilson(Z95),
        };
        (share.hits > 0).then_some((
            Change::Unseen {
                side,
                values,
                share,
            },
            effect,
        ))
    }
}

/// Kinds of a column that count, with their probabilities.
#[derive(Debug, Default)]
pub(in crate::drift) struct Found(pub Vec<Finding>);

impl Found {
    /// The least probability of these kinds; `None` where none of them counts.
    pub(super) fn any(&self, kinds: &[Kind]) -> Option<f64> {
        let these = self.0.iter().filter(|f| kinds.contains(&f.kind));
        these.map(|f| f.adjusted).min_by(f64::total_cmp)
    }

    /// Whether the ends are at least this part as surprising as anything else of the distribution.
    fn is_ends(&self, part: f64) -> bool {
        let least = |ends: bool| {
            let of = |f: &&Finding| (f.kind == Kind::Ends) == ends && f.kind != Kind::Missing;
            // Each by itself, whatever part of an allowance it has.
            let own = |f: &Finding| f.surprise - f.kind.counts_for(1).ln();
            let surprises = self.0.iter().filter(of).map(own);
            surprises.fold(0.0, f64::min)
        };
        least(true) <= part * least(false)
    }

    /// The more surprising one of location and scale, else the shape.
    fn moved(&self) -> Moved {
        let moving = |f: &&Finding| matches!(f.kind, Kind::Location | Kind::Scale);
        let most = self
            .0
            .iter()
            .filter(moving)
            .min_by(|a, b| a.surprise.total_cmp(&b.surprise));
        match most.map(|f| f.kind) {
            Some(Kind::Location) => Moved::Location,
            Some(_) => Moved::Scale,
            None => Moved::Shape,
        }
    }
}

/// Whether less than half of the rows look multiplied: the others moved nowhere.
fn is_part(change: &Change) -> bool {
    matches!(change, Change::Range { factor: Some(_), share, .. } if share.value() < 0.5)
}

fn quartiles(ascending: &[f64]) -> [f64; 3] {
    let n = ascending.len();
    [1, 2, 3].map(|q| ascending[(n * q / 4).min(n - 1)])
}
