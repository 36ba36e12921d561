//! Two sides' counts against each other: what is surprising, and how surprising it is for the dataset as a whole.

use super::cells::{Column, Counted};
use super::level::{Level, holm};
use crate::drift::sample::change::Found;
use crate::drift::sample::facts::Facts;
use crate::drift::sample::level::{in_parallel, least};
use crate::drift::sample::swap::mark_swapped;
use crate::drift::sample::{Drift, Finding, Kind, Origin};
use crate::statistics::draws::Hypergeometric;
use std::collections::BTreeMap;

/// Least probability that is told: tails further out are known by approximations only.
const TOLD: f64 = 1e-4;

/// Two sides compared by what was counted of them.
#[derive(Debug)]
pub struct Judged {
    columns: Vec<Column>,
    /// Where the scored columns are from.
    pub origins: Vec<Origin>,
    /// Probability that an unchanged dataset looks at least this surprising.
    pub p: f64,
    /// Draws that were made of one column, at most.
    pub draws: usize,
    /// Everything that was looked at.
    pub findings: Vec<Finding>,
    /// Codes of texts that are spelled alike, but for case and signs, by code; to be set before changes are told.
    pub spelled: BTreeMap<u64, u64>,
    /// Adjusted probability of each scored column.
    adjusted: Vec<f64>,
}

impl Judged {
    /// Compares the columns of both sides; of texts with many values their lengths too.
    ///
    /// The same counts give the same answer, in whatever order and by however many threads.
    #[must_use]
    pub fn new(counted: Vec<Counted>, false_alarm: f64, seed: u64) -> Self {
        let law = Hypergeometric::new();
        let with_lengths = |c: Counted| {
            let lengths = c.lengths();
            std::iter::once(c).chain(lengths)
        };
        let counted: Vec<Counted> = counted.into_iter().flat_map(with_lengths).collect();
        let wanted = (false_alarm / counted.len().max(1) as f64, counted.len());
        let scored = in_parallel(&counted, &|c: &Counted| {
            let column = Column::new(c.clone(), &law, seed);
            let surprises = column.surprises();
            let level = Level::of(&column, least(&surprises), wanted, &law, seed);
            (column, surprises, level)
        });
        Self::ranked(scored)
    }

    fn ranked(scored: Vec<(Column, Vec<f64>, Level)>) -> Self {
        let own: Vec<f64> = scored.iter().map(|(.., level)| level.p).collect();
        let adjusted = holm(&own);
        let mut findings = Vec::new();
        for (i, ((column, surprises, level), (all, factor))) in
            scored.iter().zip(adjusted.iter().copied()).enumerate()
        {
            // Whether values recur within a side is not told without rows.
            let told = column.scorer.kinds().iter().zip(surprises);
            for (kind, surprise) in told.filter(|(kind, _)| **kind != Kind::Ties) {
                findings.push(Finding {
                    column: Some(i),
                    kind: *kind,
                    surprise: *surprise,
                    adjusted: (level.of_kind(*surprise) * factor)
                        .max(all)
                        .clamp(TOLD, 1.0),
                });
            }
        }
        let adjusted: Vec<f64> = adjusted.iter().map(|(p, _)| p.max(TOLD)).collect();
        Self {
            origins: scored.iter().map(|(c, ..)| c.counted.origin).collect(),
            p: adjusted.iter().copied().fold(1.0, f64::min),
            draws: scored.iter().map(|(.., l)| l.draws()).max().unwrap_or(0),
            findings,
            spelled: BTreeMap::new(),
            adjusted,
            columns: scored.into_iter().map(|(column, ..)| column).collect(),
        }
    }

    /// Columns of the data that are compared.
    #[must_use]
    pub fn compared(&self) -> usize {
        let own = |o: &&Origin| matches!(o, Origin::Values(_));
        self.origins.iter().filter(own).count()
    }

    /// The counts of a scored column.
    #[must_use]
    pub fn counted(&self, column: usize) -> &Counted {
        &self.columns[column].counted
    }

    /// The upper end of how much the share of one text of a scored column can have changed; 0 without one.
    #[must_use]
    pub fn largest_category(&self, column: usize) -> f64 {
        let largest = self.facts(column).largest_category();
        largest.map_or(0.0, |(_, effect)| effect.interval.high)
    }

    /// What is known of a scored column.
    pub(in crate::drift) fn facts(&self, column: usize) -> Facts<'_> {
        self.columns[column].facts(&self.spelled)
    }

    /// What changed, where an unchanged dataset would surprise as much in at most `false_alarm` of the runs.
    ///
    /// Shape: in the order of the columns; nothing where the dataset is not flagged.
    #[must_use]
    pub fn changes(&self, false_alarm: f64) -> Vec<Drift> {
        let mut list = Vec::new();
        for (i, adjusted) in self.adjusted.iter().enumerate() {
            if *adjusted > false_alarm {
                continue;
            }
            let own = |f: &&Finding| f.column == Some(i);
            let surprises = self.findings.iter().filter(own).map(|f| f.surprise);
            let most = surprises.fold(0.0, f64::min);
            let found = self.findings.iter().filter(own).copied();
            let found = found
                .filter(|f| f.adjusted <= false_alarm || f.surprise <= most)
                .map(|f| Finding {
                    adjusted: if f.surprise <= most {
                        *adjusted
                    } else {
                        f.adjusted
                    },
                    ..f
                });
            list.extend(self.facts(i).changes(&Found(found.collect())));
        }
        let sorted = |origin: Origin| {
            let column = self.origins.iter().position(|o| *o == origin)?;
            Some(self.counted(column).sorted())
        };
        mark_swapped(&mut list, &sorted);
        list
    }
}
