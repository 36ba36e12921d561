//! Categories that seem to be written otherwise: renamed, merged, split, or one of them called like another.
//!
//! Values are told apart by their rows alone: a value that vanished and one that appeared belong together where their
//! shares of the rows agree within what chance does, and no other value would do as well; or where they are spelled alike. Nothing here decides
//! whether something changed.

use super::compare::Origin;
use super::facts::Facts;
use super::kinds::{Change, Label};
use crate::statistics::intervals::{Share, newcombe};
use crate::statistics::tails;
use std::collections::BTreeMap;

/// Rows of a value from which it is told from others by its share.
const FEWEST: u64 = 10;

/// Quantile of the normal distribution within which two shares are taken for one: 99 %.
const Z_ALIKE: f64 = 2.576;

/// Values whose names changed although their shares do not tell which became which, at most.
const OPEN: usize = 3;

/// Values that are looked at, at most.
const VALUES: usize = 400;

/// Values that seem to be another one now.
#[derive(Debug, Clone, PartialEq)]
pub struct Renamed {
    /// What they were.
    pub from: Vec<Label>,
    /// What they seem to be now.
    pub to: Vec<Label>,
    /// Rows of the reference that had one of `from`, beyond those that still would.
    pub before: Share,
    /// Rows now that have one of `to`, beyond those that had one before.
    pub now: Share,
    /// How much of `from` it is.
    pub extent: Extent,
    /// Whether both sides have all these values.
    pub kept: bool,
}

/// How much of a value is another one now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All its rows.
    Whole,
    /// Some; the others still have it.
    Part,
}

/// One value with its rows.
#[derive(Debug, Clone, Copy)]
struct Counted {
    value: u64,
    /// The same for values that differ in spelling alone.
    spelled: u64,
    before: Share,
    now: Share,
}

impl Counted {
    fn is_lost(&self) -> bool {
        self.now.hits == 0 && self.before.hits >= FEWEST
    }

    fn is_new(&self) -> bool {
        self.before.hits == 0 && self.now.hits >= FEWEST
    }

    fn is_kept(&self) -> bool {
        self.before.hits > 0 && self.now.hits > 0
    }
}

impl Facts<'_> {
    /// Values or a mix of a column that changed, as a recoding where they look like one.
    pub(super) fn recoded(&self, change: Change) -> Change {
        let renamed = match &change {
            _ if !matches!(self.origin, Origin::Values(_)) => Vec::new(),
            Change::Unseen { .. } => renamed(&self.counted()),
            Change::Mix(Some(_)) => moved(&self.counted()).into_iter().collect(),
            _ => Vec::new(),
        };
        if renamed.is_empty() {
            return change;
        }
        let named = |label: &Label| {
            renamed
                .iter()
                .any(|r| r.from.contains(label) || r.to.contains(label))
        };
        let rest = match &change {
            Change::Unseen {
                side,
                values,
                share,
            } => {
                let values: Vec<_> = values.iter().filter(|(v, _)| !named(v)).copied().collect();
                let hits = values.iter().map(|(_, rows)| u64::from(*rows)).sum();
                let share = Share { hits, ..*share };
                (hits > 0).then_some(Change::Unseen {
                    side: *side,
                    values,
                    share,
                })
            }
            _ => None,
        };
        Change::Recoded {
            renamed,
            rest: rest.map(Box::new),
        }
    }

    /// Values of a column of texts with their rows, in the order of their codes; none where there are too many.
    fn counted(&self) -> Vec<Counted> {
        let rows = [0, 1].map(|side| self.texts.iter().map(|(_, rows)| rows[side]).sum::<u64>());
        let share = |hits: u64, side: usize| Share {
            hits,
            rows: rows[side],
        };
        let counted = |(label, [before, now]): &(Label, [u64; 2])| match label {
            Label::Text(value) => Some(Counted {
                value: *value,
                spelled: self.spelled.get(value).copied().unwrap_or(*value),
                before: share(*before, 0),
                now: share(*now, 1),
            }),
            _ => None,
        };
        let list: Vec<Counted> = self.texts.iter().filter_map(counted).collect();
        if list.len() > VALUES {
            Vec::new()
        } else {
            list
        }
    }
}

/// Whether two shares are one but for chance.
fn alike(before: Share, now: Share) -> bool {
    let interval = newcombe(before, now, Z_ALIKE);
    interval.low <= 0.0 && interval.high >= 0.0
}

fn sum(shares: impl Iterator<Item = Share>) -> Share {
    shares.fold(Share { hits: 0, rows: 0 }, |sum, s| Share {
        hits: sum.hits + s.hits,
        rows: s.rows,
    })
}

/// Values that vanished or appeared, each as what it seems to have become.
fn renamed(values: &[Counted]) -> Vec<Renamed> {
    // A value that all rows have says by its share nothing of who it is.
    let told: Vec<&Counted> = values
        .iter()
        .filter(|c| c.before.hits < c.before.rows && c.now.hits < c.now.rows)
        .collect();
    let mut lost: Vec<&Counted> = told.iter().copied().filter(|c| c.is_lost()).collect();
    let mut new: Vec<&Counted> = told.iter().copied().filter(|c| c.is_new()).collect();
    let mut named = spelled(&told, &mut lost, &mut new);
    named.extend(pairs(&mut lost, &mut new));
    named.extend(open(&mut lost, &mut new));
    named.extend(joined(&mut lost, &mut new));
    // What is explained explains no other value.
    let is_named = |c: &Counted| {
        let label = Label::Text(c.value);
        let mut all = named.iter().flat_map(|r| r.from.iter().chain(&r.to));
        all.any(|l| *l == label)
    };
    let kept = told.iter().copied().filter(|c| c.is_kept() && !is_named(c));
    let kept: Vec<&Counted> = kept.collect();
    named.extend(merged(&lost, &kept, values));
    named.extend(split(&new, &kept, values));
    named.sort_by_key(|r| std::cmp::Reverse(r.before.hits.max(r.now.hits)));
    named
}

/// Values that are spelled alike, of which some vanished or appeared while they kept their share together.
fn spelled(told: &[&Counted], lost: &mut Vec<&Counted>, new: &mut Vec<&Counted>) -> Vec<Renamed> {
    let mut groups: BTreeMap<u64, Vec<&Counted>> = BTreeMap::new();
    for c in told {
        groups.entry(c.spelled).or_default().push(c);
    }
    let mut named = Vec::new();
    for group in groups.values().filter(|g| g.len() > 1) {
        let together = |side: &dyn Fn(&Counted) -> Share| sum(group.iter().map(|c| side(c)));
        let (before, now) = (together(&|c| c.before), together(&|c| c.now));
        let shrank = |c: &&&Counted| !alike(c.before, c.now) && c.now.value() < c.before.value();
        let grew = |c: &&&Counted| !alike(c.before, c.now) && c.now.value() > c.before.value();
        let from: Vec<&Counted> = group.iter().filter(shrank).copied().collect();
        let to: Vec<&Counted> = group.iter().filter(grew).copied().collect();
        if from.is_empty() || to.is_empty() || !alike(before, now) {
            continue;
        }
        let part = from.iter().any(|c| !c.is_lost());
        named.push(Renamed {
            before: sum(from.iter().map(|c| loss(c))),
            now: sum(to.iter().map(|c| gain(c))),
            extent: if part { Extent::Part } else { Extent::Whole },
            ..whole(&from, &to)
        });
        let is_named = |c: &&Counted| from.iter().chain(&to).any(|f| f.value == c.value);
        lost.retain(|c| !is_named(c));
        new.retain(|c| !is_named(c));
    }
    named
}

/// One value for one: the only two whose shares agree.
fn pairs(lost: &mut Vec<&Counted>, new: &mut Vec<&Counted>) -> Vec<Renamed> {
    let only = |among: &[&Counted], fits: &dyn Fn(&Counted) -> bool| {
        let mut fitting = among.iter().copied().filter(|c| fits(c));
        fitting.next().filter(|_| fitting.next().is_none()).copied()
    };
    let mut named = Vec::new();
    for l in lost.clone() {
        let Some(n) = only(new, &|n| alike(l.before, n.now)) else {
            continue;
        };
        if only(lost, &|other| alike(other.before, n.now)).is_some() {
            named.push((*l, n));
        }
    }
    let is_paired = |value: u64| {
        named
            .iter()
            .any(|(l, n)| l.value == value || n.value == value)
    };
    lost.retain(|l| !is_paired(l.value));
    new.retain(|n| !is_paired(n.value));
    let one = |(l, n): &(Counted, Counted)| whole(&[l], &[n]);
    named.iter().map(one).collect()
}

fn whole(from: &[&Counted], to: &[&Counted]) -> Renamed {
    let labels = |list: &[&Counted]| list.iter().map(|c| Label::Text(c.value)).collect();
    Renamed {
        from: labels(from),
        to: labels(to),
        before: sum(from.iter().map(|c| c.before)),
        now: sum(to.iter().map(|c| c.now)),
        extent: Extent::Whole,
        kept: from.iter().chain(to).all(|c| c.is_kept()),
    }
}

/// As many values for as many, together with the same share, and each could be one of the others.
fn open(lost: &mut Vec<&Counted>, new: &mut Vec<&Counted>) -> Option<Renamed> {
    let (before, now) = (
        sum(lost.iter().map(|c| c.before)),
        sum(new.iter().map(|c| c.now)),
    );
    let fits = (2..=OPEN).contains(&lost.len()) && lost.len() == new.len() && alike(before, now);
    let by_size = |mut shares: Vec<Share>| {
        shares.sort_by_key(|s| std::cmp::Reverse(s.hits));
        shares
    };
    let then = by_size(lost.iter().map(|c| c.before).collect());
    let is = by_size(new.iter().map(|c| c.now).collect());
    let each = then.iter().zip(&is).all(|(b, n)| alike(*b, *n));
    (fits && each).then(|| {
        let renamed = whole(lost, new);
        lost.clear();
        new.clear();
        renamed
    })
}

/// Several values that became one new one: all that are left, for the only new one that is left.
fn joined(lost: &mut Vec<&Counted>, new: &mut Vec<&Counted>) -> Option<Renamed> {
    let before = sum(lost.iter().map(|c| c.before));
    let fits =
        lost.len() > 1 && new.len() == 1 && before.hits < before.rows && alike(before, new[0].now);
    fits.then(|| {
        let renamed = whole(lost, new);
        lost.clear();
        new.clear();
        renamed
    })
}

/// Whether the values that are not named kept their shares of each other, and there are enough of them to tell.
fn others_stay(values: &[Counted], named: &[u64]) -> bool {
    let others: Vec<&Counted> = values
        .iter()
        .filter(|c| c.is_kept() && !named.contains(&c.value))
        .collect();
    let (before, now) = (
        sum(others.iter().map(|c| c.before)),
        sum(others.iter().map(|c| c.now)),
    );
    if before.hits < FEWEST || now.hits < FEWEST {
        return false;
    }
    let share = now.hits as f64 / (before.hits + now.hits) as f64;
    let mut freedom = -1.0;
    let mut squares = 0.0;
    for c in &others {
        let all = (c.before.hits + c.now.hits) as f64;
        if all * share.min(1.0 - share) >= 5.0 {
            freedom += 1.0;
            squares += (c.now.hits as f64 - all * share).powi(2) / (all * share * (1.0 - share));
        }
    }
    freedom < 1.0 || tails::chi_squared(squares, freedom) > 0.01f64.ln()
}

/// Values that vanished, as the only one of the others that grew by their share.
fn merged(lost: &[&Counted], kept: &[&Counted], values: &[Counted]) -> Option<Renamed> {
    let gone = sum(lost.iter().map(|c| c.before));
    if lost.is_empty() {
        return None;
    }
    let fits = |k: &&&Counted| {
        let together = Share {
            hits: k.before.hits + gone.hits,
            ..k.before
        };
        !alike(k.before, k.now) && k.now.value() > k.before.value() && alike(together, k.now)
    };
    let mut found = kept.iter().filter(fits);
    let to = found.next().filter(|_| found.next().is_none())?;
    let named: Vec<u64> = lost.iter().map(|c| c.value).chain([to.value]).collect();
    others_stay(values, &named).then(|| Renamed {
        now: gain(to),
        ..whole(lost, &[to])
    })
}

/// Rows now beyond those that the value would have as before.
fn gain(c: &Counted) -> Share {
    Share {
        hits: c.now.hits.saturating_sub(expected(c)),
        ..c.now
    }
}

/// Rows of the reference beyond those that the value still has.
fn loss(c: &Counted) -> Share {
    let still = scaled(c.now, c.before.rows);
    Share {
        hits: c.before.hits.saturating_sub(still),
        ..c.before
    }
}

fn expected(c: &Counted) -> u64 {
    scaled(c.before, c.now.rows)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the rows"
)]
fn scaled(share: Share, rows: u64) -> u64 {
    (share.value() * rows as f64).round() as u64
}

/// A new value that some rows of the only other one that shrank seem to have now.
fn split(new: &[&Counted], kept: &[&Counted], values: &[Counted]) -> Option<Renamed> {
    let came = sum(new.iter().map(|c| c.now));
    if new.is_empty() {
        return None;
    }
    let fits = |k: &&&Counted| {
        let together = Share {
            hits: k.now.hits + came.hits,
            ..k.now
        };
        !alike(k.before, k.now) && k.now.value() < k.before.value() && alike(k.before, together)
    };
    let mut found = kept.iter().filter(fits);
    let from = found.next().filter(|_| found.next().is_none())?;
    let named: Vec<u64> = new.iter().map(|c| c.value).chain([from.value]).collect();
    others_stay(values, &named).then(|| Renamed {
        before: loss(from),
        extent: Extent::Part,
        ..whole(&[from], new)
    })
}

/// Rows of one value that seem to have another one now: the only two whose shares changed, one by what the other did.
fn moved(values: &[Counted]) -> Option<Renamed> {
    let changed: Vec<&Counted> = values.iter().filter(|c| !alike(c.before, c.now)).collect();
    let (grew, shrank): (Vec<&Counted>, Vec<&Counted>) = changed
        .into_iter()
        .partition(|c| c.now.value() > c.before.value());
    let (&[from], &[to]) = (shrank.as_slice(), grew.as_slice()) else {
        return None;
    };
    let together = (
        Share {
            hits: from.before.hits + to.before.hits,
            ..from.before
        },
        Share {
            hits: from.now.hits + to.now.hits,
            ..from.now
        },
    );
    (alike(together.0, together.1) && others_stay(values, &[from.value, to.value])).then(|| {
        Renamed {
            before: loss(from),
            now: gain(to),
            extent: Extent::Part,
            ..whole(&[from], &[to])
        }
    })
}
