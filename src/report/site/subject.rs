//! What the runs of one dataset or model say, gathered run by run: only what the pages need is kept of each.

use super::super::words::{allowed, found, place};
use super::track::{Latest, Night, Point, Repairs, Since, Stand, Track};
use crate::history::line::{RunLine, UnableLine};
use crate::history::models::ModelLine;
use crate::record::{ModelRecord, Outcome, Run, Status};
use crate::verdict::{FailOn, decide};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Datasets come before models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A dataset.
    Dataset,
    /// A model.
    Model,
}

impl Kind {
    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Model => "model",
        }
    }
}

/// Everything that is known of a dataset or model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Subject {
    /// Its runs, ascending after [`Subject::sort`].
    pub(super) nights: Vec<Night>,
    /// Promises by id.
    pub(super) promises: BTreeMap<String, Track>,
    /// Metrics over all rows by name.
    pub(super) metrics: BTreeMap<String, Track>,
    /// Seconds in which a record of a run is there already.
    seconds: BTreeSet<i64>,
}

impl Subject {
    /// Adds what a run says of it; `file` is the place of the record among the files that were read.
    pub(super) fn add(&mut self, run: &Run, of: (Kind, &str), at: DateTime<Utc>, file: usize) {
        let (kind, name) = of;
        let mine = run.outcomes.iter().filter(|o| is_of(o, of));
        let mine: Vec<Outcome> = mine.cloned().collect();
        let model = run.models.iter().find(|m| m.name == name);
        let rows = match kind {
            Kind::Dataset => {
                let mut all = run.datasets.iter();
                let read = all.find(|d| d.name == name && run.is_read(&d.name));
                read.map(|d| d.rows)
            }
            Kind::Model => model.and_then(|m| m.rows),
        };
        let night = self.nights.len();
        self.seconds.insert(at.timestamp());
        self.nights.push(Night {
            at,
            status: decide(&mine, FailOn::Error).status,
            rows,
            commit: run.provenance.commit.clone(),
            file: Some(file),
        });
        for outcome in &mine {
            let track = self.promises.entry(outcome.id.clone()).or_default();
            add_outcome(track, outcome, night, at);
        }
        if let (Kind::Model, Some(model)) = (kind, model) {
            self.add_metrics(model, night);
        }
    }

    fn add_metrics(&mut self, model: &ModelRecord, night: usize) {
        for metric in model.metrics.iter().filter(|m| m.slice.is_none()) {
            let track = self.metrics.entry(metric.name.clone()).or_default();
            track.unit.clone_from(&metric.unit);
            track.points.push(Point {
                night,
                status: Status::Pass,
                value: metric.candidate.map(|c| c.value).filter(|v| v.is_finite()),
                most: None,
                least: None,
                other: metric.baseline.filter(|v| v.is_finite()),
            });
        }
    }

    /// Adds a line of the history of a dataset, unless a record of that second was added before.
    pub(super) fn add_line(&mut self, line: &RunLine) {
        if self.seconds.contains(&line.night.at.timestamp()) {
            return;
        }
        let night = self.told(line.night.at, line.status, Some(line.night.rows));
        for (id, outcome) in &line.outcomes {
            let track = self.promises.entry(id.clone()).or_default();
            track.found_only |= is_found_only(id);
            let named = track.measure.as_ref().and_then(|m| outcome.numbers.get(m));
            let usual = || outcome.numbers.get("failing");
            let value = named
                .or_else(usual)
                .or_else(|| outcome.numbers.values().next());
            let limits = track.points.first().map(|p| (p.least, p.most));
            let (least, most) = limits.unwrap_or_default();
            track.points.push(Point {
                night,
                status: outcome.status,
                value: value.copied().filter(|v| v.is_finite()),
                // A history keeps no limits: those of the first record that has some are drawn.
                most,
                least,
                other: None,
            });
        }
    }

    /// As [`Subject::add_line`], of a night that could not be evaluated.
    pub(super) fn add_unable(&mut self, line: &UnableLine) {
        if !self.seconds.contains(&line.at.timestamp()) {
            self.told(line.at, Status::Error, None);
        }
    }

    /// As [`Subject::add_line`], of a model.
    ///
    /// Errors: what is wrong with its clock.
    pub(super) fn add_model_line(&mut self, line: &ModelLine) -> Result<(), String> {
        let at = clock(&line.at)?;
        if self.seconds.contains(&at.timestamp()) {
            return Ok(());
        }
        let night = self.told(at, line.status, None);
        for (name, value) in &line.metrics {
            let track = self.metrics.entry(name.clone()).or_default();
            track.points.push(Point {
                night,
                status: Status::Pass,
                value: Some(*value).filter(|v| v.is_finite()),
                most: None,
                least: None,
                other: None,
            });
        }
        Ok(())
    }

    fn told(&mut self, at: DateTime<Utc>, status: Status, rows: Option<u64>) -> usize {
        self.nights.push(Night {
            at,
            status,
            rows,
            commit: None,
            file: None,
        });
        self.nights.len() - 1
    }

    /// Brings everything into the order of time; runs of one moment stay in the order in which they were added.
    pub(super) fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.nights.len()).collect();
        order.sort_by_key(|i| self.nights[*i].at);
        let mut place = vec![0; order.len()];
        for (to, from) in order.iter().enumerate() {
            place[*from] = to;
        }
        self.nights.sort_by_key(|n| n.at);
        let tracks = self.promises.values_mut().chain(self.metrics.values_mut());
        tracks.for_each(|t| t.sort(&place));
    }

    /// Its last run.
    pub(super) fn last(&self) -> Option<&Night> {
        self.nights.last()
    }

    /// How its verdict was broken and repaired.
    pub(super) fn repairs(&self) -> Repairs {
        Repairs::of(self.nights.iter().map(|n| (n.at, Stand::of(n.status))))
    }

    /// Promises of the last run that are broken or could not be evaluated, longest broken first.
    pub(super) fn broken<'a>(&'a self) -> Vec<(&'a str, &'a Track, Since)> {
        let now = |(id, track): (&'a String, &'a Track)| {
            let status = track.last(&self.nights)?.status;
            let since = track.repairs(&self.nights).open?;
            (Stand::of(status) == Stand::Broken).then_some((id.as_str(), track, since))
        };
        let mut all: Vec<_> = self.promises.iter().filter_map(now).collect();
        // What is known to be broken comes before what nobody knows.
        let untold = |track: &Track| {
            let last = track.points.last();
            last.is_some_and(|p| p.status == Status::Error)
        };
        all.sort_by_key(|(id, track, since)| (since.at, untold(track), *id));
        all
    }

    /// Whether it has not run for more than twice its usual time between runs, and at least two days: how long.
    pub(super) fn overdue(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let last = self.last()?.at;
        let recent = self.nights.iter().rev().take(91).map(|n| n.at);
        let recent: Vec<DateTime<Utc>> = recent.collect();
        let mut gaps: Vec<TimeDelta> = recent.windows(2).map(|w| w[0] - w[1]).collect();
        gaps.sort();
        let usual = gaps.get(gaps.len() / 2).copied();
        let usual = usual.unwrap_or(TimeDelta::days(1)).max(TimeDelta::days(1));
        let age = now - last;
        (age > usual + usual).then_some(age)
    }
}

/// Whether an outcome speaks of a dataset or model.
pub(super) fn is_of(outcome: &Outcome, (kind, name): (Kind, &str)) -> bool {
    outcome.dataset == name && outcome.is_of_model() == (kind == Kind::Model)
}

/// Reads the clock of a run.
///
/// Errors: what is wrong with it.
pub(super) fn clock(text: &str) -> Result<DateTime<Utc>, String> {
    let at = DateTime::parse_from_rfc3339(text);
    at.map(|at| at.to_utc())
        .map_err(|e| format!("its clock `{text}` is no time of RFC 3339: {e}"))
}

/// Whether the id of a promise is one of drift: `flights.drift_psi(carrier)`.
fn is_found_only(id: &str) -> bool {
    let check = id.split('(').next().unwrap_or(id);
    check
        .rsplit('.')
        .next()
        .is_some_and(|c| c.starts_with("drift_"))
}

fn add_outcome(track: &mut Track, outcome: &Outcome, night: usize, at: DateTime<Utc>) {
    let bounded = outcome.limits.iter().find(|l| {
        let measured = outcome.measured.iter().find(|m| m.name == l.name);
        l.number.is_some() && measured.is_some_and(|m| m.number.is_some())
    });
    let named = |name: &str| outcome.measured.iter().find(|m| m.name == name);
    let measured = match bounded {
        Some(limit) => named(&limit.name),
        None => outcome.measured.iter().find(|m| m.number.is_some()),
    };
    let limits = outcome
        .limits
        .iter()
        .filter(|l| bounded.is_some_and(|b| b.name == l.name));
    let (mut least, mut most) = (None, None);
    for limit in limits {
        match limit.op.as_str() {
            ">" | ">=" => least = limit.number,
            "<" | "<=" => most = limit.number,
            "==" => (least, most) = (limit.number, limit.number),
            _ => {}
        }
    }
    if let Some(measured) = measured {
        track.measure = Some(measured.name.clone());
        track.unit.clone_from(&measured.unit);
        if track.unit.is_empty() && measured.name.ends_with("_ratio") {
            "ratio".clone_into(&mut track.unit);
        }
    }
    track.found_only = outcome.is_drift();
    track.points.push(Point {
        night,
        status: outcome.status,
        value: measured.and_then(|m| m.number).filter(|v| v.is_finite()),
        most: most.filter(|v| v.is_finite()),
        least: least.filter(|v| v.is_finite()),
        other: None,
    });
    if track.latest.as_ref().is_none_or(|l| l.at <= at) {
        track.latest = Some(latest(outcome, at));
    }
}

fn latest(outcome: &Outcome, at: DateTime<Utc>) -> Latest {
    let began = outcome.began.as_ref().and_then(|b| clock(&b.at).ok());
    Latest {
        at,
        message: outcome.message.clone(),
        summary: outcome.summary.clone(),
        owner: outcome.owner.clone(),
        place: place(outcome),
        numbers: (found(outcome), allowed(outcome)),
        began,
    }
}
