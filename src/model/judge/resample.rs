//! Intervals by rows drawn anew: one draw per replicate for all metrics and all slices.
//!
//! What is a function of sums of row terms is drawn once for all rows and slices ([`over_all`]); what needs rows in an order
//! is drawn once per slice for all such metrics ([`intervals`]).

use super::compare::{LARGE, plan};
use super::found::Care;
use super::joint::Joint;
use super::terms::{Formula, Terms};
use crate::model::evaluation::Evaluation;
use crate::model::metric::{Coarse, Grouping, Prepared};
use crate::statistics::paired::NoInterval;
use crate::statistics::paired::binned::{Both, GROUPS, OfGroups, Wanted, drawn_by_group};
use crate::statistics::paired::bootstrap::{
    Bootstrapped, Drawn as Values, Kind, Plan, Statistic, Units, block_length, drawn, usable,
};
use crate::statistics::paired::cells::worst_row;
use crate::statistics::paired::shared::{OfSums, Parted, Shared, Sums, grouped, shared};

/// Candidate, baseline and anchor.
pub(super) const SIDES: usize = 3;

/// Sums of terms by part that one table holds: 2,048 groups of them are 64 MiB.
const MOST_SUMS: usize = 4_096;

/// A metric of which something has to be drawn anew.
pub(super) struct Open {
    /// Place of the metric in the configuration.
    pub(super) metric: usize,
    /// The sides that take part.
    pub(super) sides: [Option<Prepared>; SIDES],
    /// Whether the candidate's own value, and its difference to the baseline and to the anchor, are wanted.
    pub(super) wanted: [bool; SIDES],
    /// How far the numbers of a user's expression are apart over all rows of all sides.
    pub(super) span: Option<f64>,
}

impl Open {
    /// What is wanted: the side beside the candidate, the candidate itself for its own value.
    fn wanted(&self) -> impl Iterator<Item = usize> + '_ {
        (0..SIDES).filter(|side| self.wanted[*side])
    }

    /// The value on the rows themselves.
    fn value(&self, side: usize) -> Option<f64> {
        let value = |at: usize| self.sides[at].as_ref()?.value(None);
        match side {
            0 => value(0),
            other => Some(value(0)? - value(other)?),
        }
    }

    /// How much one row that was not drawn could change what is wanted; `None` where that is not known.
    fn worst(&self, side: usize, value: f64) -> Option<f64> {
        if let Some(span) = self.span {
            return self.moved(side, span);
        }
        let (now, other) = self.both(side)?;
        let joint = Joint::of(now, other)?;
        let of = |sums: &[f64]| joint.value(sums);
        Some(worst_row(&joint.sums, &of, value, joint.heaviest))
    }

    /// The candidate, and the side beside it where a difference is wanted.
    fn both(&self, side: usize) -> Option<(&Prepared, Option<&Prepared>)> {
        let other = match side {
            0 => None,
            other => Some(self.sides[other].as_ref()?),
        };
        Some((self.sides[0].as_ref()?, other))
    }

    /// How much what is wanted changes where the heaviest row of either side is that much further off.
    fn moved(&self, side: usize, by: f64) -> Option<f64> {
        let (now, other) = self.both(side)?;
        let moved = [Some(now), other].into_iter().flatten();
        moved.filter_map(|p| p.moved(by)).reduce(f64::max)
    }

    /// As [`Open::worst`] where no draw differs from the others: of errors of numbers by the largest one of either side, of
    /// what is read off an order of rows by what a row can be. `None` where nothing tells.
    pub(super) fn unseen(&self, side: usize) -> Option<f64> {
        let (now, other) = self.both(side)?;
        let worst = match now {
            Prepared::Ranked(ranked) => ranked.worst_row()?,
            _ if self.span.is_some() => return None,
            _ => {
                let sides = [Some(now), other].into_iter().flatten();
                let largest = sides.filter_map(Prepared::largest_error).reduce(f64::max)?;
                self.moved(side, largest)?
            }
        };
        Some(worst).filter(|worst| worst.is_finite() && *worst > 0.0)
    }
}

/// An interval of a metric, by place and side.
pub(super) type Drawn = ((usize, usize), Result<Bootstrapped, NoInterval>);

/// Where a slice is.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// Place of the column.
    pub(super) column: usize,
    /// Code of the slice in the column.
    pub(super) code: u32,
}

/// What is asked of sums: where the terms of a side are among all, and its formula.
struct Request {
    of: (usize, usize),
    now: (Vec<usize>, Formula),
    other: Option<(Vec<usize>, Formula)>,
}

impl Request {
    fn value(&self, sums: &[f64]) -> Option<f64> {
        let value = |(places, formula): &(Vec<usize>, Formula)| {
            let own: Vec<f64> = places.iter().map(|place| sums[*place]).collect();
            formula.value(&own)
        };
        let now = value(&self.now)?;
        match &self.other {
            None => Some(now),
            Some(other) => Some(now - value(other)?),
        }
    }
}

/// Intervals of what are functions of sums, over all rows and over every part: in their order.
pub(super) fn over_all(
    open: &[Open],
    rows: &Evaluation,
    parts: &[Part],
    care: Care,
) -> (Vec<Drawn>, Vec<Vec<Drawn>>) {
    let (requests, terms) = requests(open);
    if requests.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let columns = columns(rows, parts, (MOST_SUMS / terms.len()).max(1));
    let parted: Vec<Parted> = columns
        .iter()
        .map(|(of, count)| Parted { of, count: *count })
        .collect();
    let terms: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
    let sums = Sums {
        units: units(rows),
        terms: &terms,
        slices: &parted,
    };
    let closures: Vec<_> = requests
        .iter()
        .map(|request| move |sums: &[f64]| request.value(sums))
        .collect();
    let statistics: Vec<OfSums> = closures.iter().map(|of| of as OfSums).collect();
    let plan = Plan {
        kind: Kind::Bca,
        ..plan(rows.candidate.rows(), care)
    };
    let found = shared(&sums, &statistics, &plan).unwrap_or_else(|why| Shared {
        whole: vec![Err(why); requests.len()],
        parts: vec![vec![vec![Err(why); requests.len()]; parts.len()]],
        drawn: 0,
    });
    let named = |results: Vec<Result<Bootstrapped, NoInterval>>| -> Vec<Drawn> {
        let of = requests.iter().map(|request| request.of);
        of.zip(results).collect()
    };
    let whole = named(found.whole);
    (
        whole,
        found.parts.into_iter().flatten().map(named).collect(),
    )
}

/// What is wanted of sums, and all terms, equal ones once.
fn requests(open: &[Open]) -> (Vec<Request>, Vec<Vec<f64>>) {
    let (mut requests, mut all) = (Vec::new(), Vec::<Vec<f64>>::new());
    for open in open {
        let mut sides: Vec<Option<(Vec<usize>, Terms)>> = Vec::new();
        for prepared in &open.sides {
            sides.push(prepared.as_ref().and_then(Terms::of).map(|mut terms| {
                let places = std::mem::take(&mut terms.rows).into_iter().map(|term| {
                    all.iter().position(|t| *t == term).unwrap_or_else(|| {
                        all.push(term);
                        all.len() - 1
                    })
                });
                (places.collect(), terms)
            }));
        }
        let side = |at: usize| {
            let (places, terms) = sides[at].as_ref()?;
            Some((places.clone(), terms.formula()))
        };
        for wanted in open.wanted() {
            let Some(now) = side(0) else { continue };
            let other = match wanted {
                0 => None,
                other => match side(other) {
                    None => continue,
                    some => some,
                },
            };
            requests.push(Request {
                of: (open.metric, wanted),
                now,
                other,
            });
        }
    }
    (requests, all)
}

/// Codes of the parts, at most so many in one column.
fn columns(rows: &Evaluation, parts: &[Part], most: usize) -> Vec<(Vec<u32>, u32)> {
    let mut columns = Vec::new();
    for of_column in parts.chunk_by(|a, b| a.column == b.column) {
        let slicing = &rows.slices[of_column[0].column];
        for some in of_column.chunks(most) {
            let mut places = vec![u32::MAX; slicing.names.len() + 1];
            for (place, part) in (0..).zip(some) {
                places[part.code as usize] = place;
            }
            let of = slicing.of.iter().map(|code| places[*code as usize]);
            let count = u32::try_from(some.len()).unwrap_or(u32::MAX);
            columns.push((of.collect(), count));
        }
    }
    columns
}

/// Every interval that is wanted on these rows: as drawn with all others where that is the value here, else by drawing
/// these rows.
pub(super) fn intervals(
    open: &[Open],
    rows: &Evaluation,
    drawn_with_all: &[Drawn],
    care: Care,
) -> Vec<Drawn> {
    let (mut found, mut rest) = (Vec::new(), Vec::new());
    for open in open {
        for side in open.wanted() {
            let of = (open.metric, side);
            let drawn = drawn_with_all.iter().find(|(at, _)| *at == of);
            let usable = drawn.and_then(|(_, result)| kept(open, side, *result, care));
            match usable {
                Some(result) => found.push((of, result)),
                None => rest.push((open, side)),
            }
        }
    }
    found.extend(by_rows(&rest, rows, care));
    found
}

/// A result of the draw of all rows that is one of these rows too, with room for harm that was not drawn.
///
/// A class that no row of a slice has leaves a mean over classes another formula there.
fn kept(
    open: &Open,
    side: usize,
    result: Result<Bootstrapped, NoInterval>,
    care: Care,
) -> Option<Result<Bootstrapped, NoInterval>> {
    let bootstrapped = match result {
        Ok(bootstrapped) => bootstrapped,
        Err(NoInterval::Undefined | NoInterval::Replicates { .. }) => return None,
        Err(why) => return Some(Err(why)),
    };
    let value = open.value(side)?;
    if (bootstrapped.value - value).abs() > 1e-9 * value.abs().max(1.0) {
        return None;
    }
    Some(Ok(allowing(open, side, bootstrapped, care)))
}

fn allowing(open: &Open, side: usize, found: Bootstrapped, care: Care) -> Bootstrapped {
    match open.worst(side, found.value) {
        Some(worst) => found.allowing(worst, care.alpha),
        None => found,
    }
}

/// Intervals by drawing the rows themselves, once for all metrics.
fn by_rows(wanted: &[(&Open, usize)], rows: &Evaluation, care: Care) -> Vec<Drawn> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let count = rows.candidate.rows();
    let mut sides: Vec<(usize, usize, &Prepared)> = Vec::new();
    for (open, side) in wanted {
        for at in [0, *side] {
            let known = sides.iter().any(|(m, s, _)| (*m, *s) == (open.metric, at));
            if let Some(prepared) = open.sides[at].as_ref().filter(|_| !known) {
                sides.push((open.metric, at, prepared));
            }
        }
    }
    let closures: Vec<_> = sides
        .iter()
        .map(|(_, _, prepared)| move |times: &[u32]| prepared.value(Some(times)))
        .collect();
    let statistics: Vec<Statistic> = closures.iter().map(|of| of as Statistic).collect();
    let place = |metric: usize, side: usize| {
        let mut all = sides.iter();
        all.position(|(m, s, _)| (*m, *s) == (metric, side))
    };
    let (units, plan) = (units(rows), plan(count, care));
    let drawn = if count > LARGE {
        let asked = wanted.iter().filter_map(|(open, side)| {
            let other = (*side > 0).then(|| place(open.metric, *side));
            Some((place(open.metric, 0)?, other.flatten()))
        });
        let asked: Vec<Wanted> = asked.collect();
        let prepared: Vec<&Prepared> = sides.iter().map(|(.., prepared)| *prepared).collect();
        by_groups(&prepared, &statistics, &asked, (&units, &plan))
    } else {
        drawn(&units, &statistics, &plan)
    };
    let one = |(open, side): &(&Open, usize)| {
        let drawn = drawn.as_ref().map_err(|why| *why)?;
        let now = place(open.metric, 0).ok_or(NoInterval::Undefined)?;
        let other = match *side {
            0 => None,
            side => Some(place(open.metric, side).ok_or(NoInterval::Undefined)?),
        };
        let found = drawn.interval(&|values| match other {
            None => values[now],
            Some(other) => Some(values[now]? - values[other]?),
        })?;
        Ok(allowing(open, *side, found, care))
    };
    let of = |wanted: &(&Open, usize)| (wanted.0.metric, wanted.1);
    wanted
        .iter()
        .map(|wanted| (of(wanted), one(wanted)))
        .collect()
}

impl From<Coarse> for OfGroups {
    fn from(mut coarse: Coarse) -> Self {
        Self {
            sums: std::mem::take(&mut coarse.sums),
            value: Box::new(move |sums| coarse.value(sums)),
        }
    }
}

/// Many rows drawn in groups: what is read off bins of an order, from these.
fn by_groups(
    sides: &[&Prepared],
    statistics: &[Statistic],
    asked: &[Wanted],
    (units, plan): (&Units, &Plan),
) -> Result<Values, NoInterval> {
    usable(units)?;
    let (of, count) = grouped(units, GROUPS);
    let groups = Grouping {
        of: &of,
        count: count as usize,
    };
    let coarsely: Vec<_> = sides
        .iter()
        .map(|prepared| move |bins: usize| prepared.coarse(groups, bins).map(OfGroups::from))
        .collect();
    let both: Vec<Both> = statistics
        .iter()
        .zip(&coarsely)
        .map(|(rows, groups)| Both {
            rows: *rows,
            groups,
        })
        .collect();
    drawn_by_group((&of, count), &both, asked, plan)
}

/// What is drawn as one.
fn units(rows: &Evaluation) -> Units<'_> {
    let count = rows.candidate.rows();
    match &rows.clusters {
        Some((of, count)) => Units::Clusters { of, count: *count },
        None if rows.timed => Units::Blocks {
            rows: count,
            length: block_length(count),
        },
        None => Units::Rows(count),
    }
}
