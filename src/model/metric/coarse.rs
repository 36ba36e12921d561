//! Orders of rows cut into bins, for many draws of groups of rows: what is read off the weights of the bins needs no look at
//! every row.

use super::Prepared;
use super::order::{Errors, Formula, Of, Order, Ranked};

/// The weight of each group of rows in each bin of an order, and what is read off the sums.
#[derive(Debug, Clone)]
pub struct Coarse {
    /// By group: the weight of each bin; of KS first that of the positive, then that of the negative rows.
    pub sums: Vec<f64>,
    of: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Ks,
    /// Sizes of errors where bins begin and end, but for the first and the last bin.
    Median(Vec<f64>),
}

/// Which group each row is in.
#[derive(Debug, Clone, Copy)]
pub struct Grouping<'a> {
    /// Group of each row.
    pub of: &'a [u32],
    /// Groups.
    pub count: usize,
}

/// Standard errors within which a draw is expected: one of 2 million is beyond.
const REACH: f64 = 5.0;

/// Bins of the first look at an order, which tells where the largest lead can be.
const FIRST: usize = 64;

impl Prepared {
    /// The bins of KS and of the median error: about so many where draws of these groups can have the largest lead or the middle,
    /// and few elsewhere. `None` of other metrics, and without a value.
    ///
    /// What the bins cost: the largest lead is looked for at the edges of bins alone, and errors within a bin count as evenly
    /// spread. The caller holds that against draws of the rows ([`crate::statistics::paired::binned`]).
    #[must_use]
    pub fn coarse(&self, groups: Grouping, bins: usize) -> Option<Coarse> {
        let Self::Ranked(Ranked { of, .. }) = self else {
            return None;
        };
        match of {
            Of::Order(order, Formula::Ks) => order.leads(groups, bins),
            Of::Median(errors) => errors.middle(groups, bins),
            _ => None,
        }
    }
}

impl Coarse {
    /// The metric of sums over groups; `None` where it has no value, or one outside the bins.
    #[must_use]
    pub fn value(&self, sums: &[f64]) -> Option<f64> {
        match &self.of {
            Kind::Ks => lead(sums),
            Kind::Median(edges) => middle(sums, edges),
        }
    }
}

fn lead(sums: &[f64]) -> Option<f64> {
    let total = |class: usize| sums.iter().skip(class).step_by(2).sum::<f64>();
    let (positives, negatives) = (total(0), total(1));
    if positives <= 0.0 || negatives <= 0.0 {
        return None;
    }
    let (mut p, mut n, mut lead) = (0.0, 0.0, 0.0_f64);
    for bin in sums.chunks_exact(2) {
        p += bin[0];
        n += bin[1];
        lead = lead.max(p / positives - n / negatives);
    }
    Some(lead.min(1.0))
}

fn middle(sums: &[f64], edges: &[f64]) -> Option<f64> {
    let (below, inner) = sums.split_first()?;
    let mut room = sums.iter().sum::<f64>() / 2.0 - below;
    if room <= 0.0 {
        return None;
    }
    for (weight, ends) in inner.iter().zip(edges.windows(2)) {
        if room <= *weight {
            return Some(ends[0] + (ends[1] - ends[0]) * (room / weight));
        }
        room -= weight;
    }
    None
}

/// The sums of groups by bin, `bin` by place.
fn summed(
    groups: Grouping,
    width: usize,
    cells: impl Iterator<Item = (u32, usize, f64)>,
) -> Vec<f64> {
    let mut sums = vec![0.0; groups.count * width];
    for (row, cell, weight) in cells {
        sums[groups.of[row as usize] as usize * width + cell] += weight;
    }
    sums
}

impl Order {
    fn leads(&self, groups: Grouping, bins: usize) -> Option<Coarse> {
        let (positives, negatives) = self.totals(None);
        if positives <= 0.0 || negatives <= 0.0 {
            return None;
        }
        let total = positives + negatives;
        let first = self.cut(|_, _| total / FIRST as f64);
        let reached = self.reached(groups, &first, (positives, negatives));
        let mut inside = 0.0;
        for (place, bin) in first.iter().enumerate() {
            if reached[*bin as usize] {
                inside += self.weight_at(place);
            }
        }
        // Where the largest lead cannot be, a bin ends where it can.
        let room = |before: usize, after: usize| {
            let [before, after] = [before, after].map(|place| reached[first[place] as usize]);
            match (before, after) {
                (true, true) => inside / bins as f64,
                (false, false) => f64::INFINITY,
                _ => 0.0,
            }
        };
        let fine = self.cut(room);
        let width = 2 * (*fine.last()? as usize + 1);
        Some(Coarse {
            sums: self.by_group(groups, &fine, width),
            of: Kind::Ks,
        })
    }

    /// The bin of each place: one ends with a tie when its weight has reached what `room` says between the places before and
    /// after.
    fn cut(&self, room: impl Fn(usize, usize) -> f64) -> Vec<u32> {
        let (mut bin, mut weight) = (0, 0.0);
        let mut bins = Vec::with_capacity(self.row.len());
        for place in 0..self.row.len() {
            bins.push(bin);
            weight += self.weight_at(place);
            let next = place + 1;
            if self.is_last(place) && next < self.row.len() && weight >= room(place, next) {
                bin += 1;
                weight = 0.0;
            }
        }
        bins
    }

    fn by_group(&self, groups: Grouping, bins: &[u32], width: usize) -> Vec<f64> {
        let cell = |place: usize| 2 * bins[place] as usize + usize::from(!self.is_positive(place));
        let cells = (0..self.row.len()).map(|at| (self.row[at], cell(at), self.weight_at(at)));
        summed(groups, width, cells)
    }

    /// In which bins a draw can have the largest lead: those whose lead is not below it by more than its standard errors.
    fn reached(&self, groups: Grouping, bins: &[u32], totals: (f64, f64)) -> Vec<bool> {
        let count = bins.last().map_or(0, |bin| *bin as usize + 1);
        let (mut p, mut n) = (0.0, 0.0);
        let mut leads = vec![f64::NEG_INFINITY; count];
        for (place, bin) in bins.iter().enumerate() {
            let to = if self.is_positive(place) {
                &mut p
            } else {
                &mut n
            };
            *to += self.weight_at(place);
            if self.is_last(place) {
                let lead = &mut leads[*bin as usize];
                *lead = lead.max(p / totals.0 - n / totals.1);
            }
        }
        let largest = leads.iter().copied().fold(0.0, f64::max);
        let best = leads.iter().position(|lead| *lead >= largest);
        let variances = self.variances(groups, bins, totals, best);
        let mut before = variances.first().copied().unwrap_or(0.0);
        let mut reached = Vec::with_capacity(count);
        for (at, (lead, variance)) in leads.iter().zip(&variances).enumerate() {
            let far = REACH * before.max(*variance).sqrt();
            reached.push(Some(at) == best || lead + far >= largest);
            before = *variance;
        }
        reached
    }

    /// By bin: the variance of the lead at its end less the lead at the end of the best one, or less none.
    fn variances(
        &self,
        groups: Grouping,
        bins: &[u32],
        totals: (f64, f64),
        best: Option<usize>,
    ) -> Vec<f64> {
        let count = bins.last().map_or(0, |bin| *bin as usize + 1);
        let sums = self.by_group(groups, bins, 2 * count);
        let mut shares = vec![(0.0, 0.0); count];
        for group in sums.chunks_exact(2 * count) {
            for (share, bin) in shares.iter_mut().zip(group.chunks_exact(2)) {
                *share = (share.0 + bin[0] / totals.0, share.1 + bin[1] / totals.1);
            }
        }
        let mut all = (0.0, 0.0);
        for share in &mut shares {
            all = (all.0 + share.0, all.1 + share.1);
            *share = all;
        }
        let mut variances = vec![0.0; count];
        let mut leads = vec![0.0; count];
        for group in sums.chunks_exact(2 * count) {
            let part = |class: usize| group.iter().skip(class).step_by(2).sum::<f64>();
            let own = (part(0) / totals.0, part(1) / totals.1);
            let (mut p, mut n) = (0.0, 0.0);
            for ((lead, bin), share) in leads.iter_mut().zip(group.chunks_exact(2)).zip(&shares) {
                p += bin[0] / totals.0;
                n += bin[1] / totals.1;
                *lead = (p - share.0 * own.0) - (n - share.1 * own.1);
            }
            let at_best = best.map_or(0.0, |best| leads[best]);
            for (variance, lead) in variances.iter_mut().zip(&leads) {
                *variance += (lead - at_best).powi(2);
            }
        }
        variances
    }
}

impl Errors {
    fn middle(&self, groups: Grouping, bins: usize) -> Option<Coarse> {
        let n = self.sizes.len();
        let total = super::sums::sum(n, |place| self.weight(place, None));
        if total <= 0.0 || n < 2 {
            return None;
        }
        let far = REACH * self.spread_of_half(groups, total).sqrt();
        let (from, to) = (total / 2.0 - far, total / 2.0 + far);
        let step = (to - from) / bins as f64;
        let mut edges = Vec::new();
        let (mut below, mut bin) = (0.0, 0);
        let mut places = Vec::with_capacity(n);
        for place in 0..n {
            if bin <= bins && below >= from + step * bin as f64 {
                while bin <= bins && below >= from + step * bin as f64 {
                    bin += 1;
                }
                edges.push(self.sizes[place]);
            }
            places.push(edges.len());
            below += self.weight(place, None);
        }
        let width = edges.len() + 1;
        let cells = (0..n).map(|place| (self.row[place], places[place], self.weight(place, None)));
        Some(Coarse {
            sums: summed(groups, width, cells),
            of: Kind::Median(edges),
        })
    }

    /// Variance of the weight below the median less half of all.
    fn spread_of_half(&self, groups: Grouping, total: f64) -> f64 {
        let mut below = 0.0;
        let mut off = vec![0.0; groups.count];
        for (place, row) in self.row.iter().enumerate() {
            let weight = self.weight(place, None);
            let half = if below < total / 2.0 { 0.5 } else { -0.5 };
            off[groups.of[*row as usize] as usize] += half * weight;
            below += weight;
        }
        off.iter().map(|off| off * off).sum()
    }
}
