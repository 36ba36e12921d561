//! Metrics of rankings: one number per query, by the order of its rows' scores.
//!
//! Where scores are tied, each is the mean over all orders of the tied rows, in closed form.
//! Source: Frank `McSherry` and Marc Najork, *Computing Information Retrieval Performance Measures Efficiently in the
//! Presence of Tied Scores* (2008), from memory; the test in Python goes through all orders.

use super::kind::{Gain, Kind};
use super::order::key;
use super::prepared::NO_UNIT;
use super::{Need, Rows, Undefined, checked};

/// Values of the queries that have a relevant row.
pub(super) struct PerQuery {
    pub(super) values: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
    /// The place of each row's query in `values`, or [`NO_UNIT`].
    pub(super) unit_of_row: Vec<u32>,
}

/// Rows of equal score within a query.
#[derive(Debug, Clone, Copy)]
struct Tie {
    /// Rows with a higher score.
    before: usize,
    rows: usize,
    relevant: usize,
    /// Sum of gains.
    gain: f64,
}

pub(super) fn per_query(kind: &Kind, rows: &Rows<'_>) -> Result<PerQuery, Undefined> {
    let relevance = checked::truth(rows)?;
    let score = checked::score(rows)?;
    let group = rows.group.ok_or(Undefined::Missing(Need::Group))?;
    if let Some(row) = relevance.iter().position(|r| *r < 0.0) {
        return Err(Undefined::NegativeTruth { row });
    }
    let count = u32::try_from(group.len()).expect("checked before");
    let mut order: Vec<u32> = (0..count).collect();
    let place = |row: &u32| (group[*row as usize], !key(score[*row as usize]), *row);
    order.sort_unstable_by_key(place);
    let mut queries = PerQuery {
        values: Vec::new(),
        weights: rows.weight.map(|_| Vec::new()),
        unit_of_row: vec![NO_UNIT; group.len()],
    };
    for members in order.chunk_by(|a, b| group[*a as usize] == group[*b as usize]) {
        let relevances: Vec<f64> = members.iter().map(|r| relevance[*r as usize]).collect();
        if relevances.iter().all(|r| *r <= 0.0) {
            continue;
        }
        let ends = |a: u32, b: u32| key(score[a as usize]) != key(score[b as usize]);
        let value = query(
            kind,
            &relevances,
            &ties(kind, &relevances, |i| ends(members[i], members[i + 1])),
        );
        let unit = u32::try_from(queries.values.len()).expect("at most one per row");
        for row in members {
            queries.unit_of_row[*row as usize] = unit;
        }
        queries.values.push(value);
        if let (Some(weights), Some(of_row)) = (&mut queries.weights, rows.weight) {
            let sum: f64 = members.iter().map(|r| of_row[*r as usize]).sum();
            weights.push(sum / members.len() as f64);
        }
    }
    if queries.values.is_empty() {
        return Err(Undefined::NoRelevant);
    }
    if queries.weights.iter().any(|w| w.iter().all(|w| *w <= 0.0)) {
        return Err(Undefined::NoWeight);
    }
    Ok(queries)
}

fn gain_of(kind: &Kind, relevance: f64) -> f64 {
    match kind {
        Kind::Ndcg {
            gain: Gain::Exponential,
            ..
        } => relevance.exp2() - 1.0,
        _ => relevance,
    }
}

/// Ties of a query; `ends(i)` says whether one ends between place `i` and the next.
fn ties(kind: &Kind, relevances: &[f64], ends: impl Fn(usize) -> bool) -> Vec<Tie> {
    let mut ties = Vec::new();
    let mut start = 0;
    for place in 0..relevances.len() {
        if place + 1 < relevances.len() && !ends(place) {
            continue;
        }
        let of = &relevances[start..=place];
        ties.push(Tie {
            before: start,
            rows: of.len(),
            relevant: of.iter().filter(|r| **r > 0.0).count(),
            gain: of.iter().map(|r| gain_of(kind, *r)).sum(),
        });
        start = place + 1;
    }
    ties
}

fn query(kind: &Kind, relevances: &[f64], ties: &[Tie]) -> f64 {
    let limit = |k: Option<u32>| k.map_or(relevances.len(), |k| relevances.len().min(k as usize));
    match *kind {
        Kind::Ndcg { k, .. } => ndcg(kind, relevances, ties, limit(k)),
        Kind::Map { k } => average_precision(ties, limit(k)),
        Kind::Mrr { k } => reciprocal_rank(ties, limit(k)),
        Kind::HitRate { k } => hit(ties, limit(Some(k))),
        _ => f64::NAN,
    }
}

fn discount(place: usize) -> f64 {
    1.0 / (place as f64 + 2.0).log2()
}

fn ndcg(kind: &Kind, relevances: &[f64], ties: &[Tie], k: usize) -> f64 {
    let mut best: Vec<f64> = relevances.iter().map(|r| gain_of(kind, *r)).collect();
    best.sort_unstable_by(|a, b| b.total_cmp(a));
    let ideal: f64 = best[..k]
        .iter()
        .enumerate()
        .map(|(i, g)| g * discount(i))
        .sum();
    let of_tie = |tie: &Tie| {
        let inside = tie.before..k.min(tie.before + tie.rows);
        tie.gain / tie.rows as f64 * inside.map(discount).sum::<f64>()
    };
    (ties.iter().map(of_tie).sum::<f64>() / ideal).min(1.0)
}

/// Precision at each relevant row among the first `k`, over the relevant rows that fit there.
fn average_precision(ties: &[Tie], k: usize) -> f64 {
    let (mut relevant, mut sum) = (0.0, 0.0);
    for tie in ties {
        let (rows, own) = (tie.rows as f64, tie.relevant as f64);
        // Relevant rows among the others of the tie, per row.
        let share = if tie.rows > 1 {
            (own - 1.0) / (rows - 1.0)
        } else {
            0.0
        };
        if tie.relevant > 0 {
            for place in tie.before..k.min(tie.before + tie.rows) {
                let inside = (place - tie.before) as f64;
                let seen = relevant + 1.0 + inside * share;
                sum += own / rows * seen / (place as f64 + 1.0);
            }
        }
        relevant += own;
    }
    (sum / relevant.min(k as f64)).min(1.0)
}

/// One over the place of the first relevant row, 0 when it is beyond `k`.
fn reciprocal_rank(ties: &[Tie], k: usize) -> f64 {
    let Some(tie) = ties.iter().find(|t| t.relevant > 0) else {
        return 0.0;
    };
    // The chance that no relevant row has come yet.
    let (mut none, mut mean) = (1.0, 0.0);
    for inside in 0..=(tie.rows - tie.relevant) {
        let place = tie.before + inside;
        if place >= k {
            break;
        }
        let next = tie.relevant as f64 / (tie.rows - inside) as f64;
        mean += none * next / (place as f64 + 1.0);
        none *= 1.0 - next;
    }
    mean
}

/// The chance that a relevant row is among the first `k`.
fn hit(ties: &[Tie], k: usize) -> f64 {
    let Some(tie) = ties.iter().find(|t| t.relevant > 0) else {
        return 0.0;
    };
    let inside = k.saturating_sub(tie.before).min(tie.rows);
    let mut none = 1.0;
    for drawn in 0..inside {
        let others = (tie.rows - tie.relevant) as f64 - drawn as f64;
        none *= others.max(0.0) / (tie.rows - drawn) as f64;
    }
    1.0 - none
}
