//! Which slices carry what was told of a batch: which carrier has the delays. It explains, and decides nothing.

use super::ordinary::{FEWEST, Finding, Kind};
use super::{Gate, blank, count, number};
use crate::diagnostic::plural;
use crate::drift::gate::words::percent;
use crate::history::joint::{Joint, WIDTH};
use crate::history::sliced::{NIGHT_SLICES, Sliced};
use crate::history::{Night, NightValues, Standing};
use crate::plan::DatasetPlan;
use crate::record::{Comparison, ComparisonKind, Outcome, Severity, Status, TOLD, Threshold};
use crate::scalar::number_text;
use crate::statistics::student::student;

/// Nights before that are looked at, at most: the latest.
const LATEST: usize = 35;

/// Slices named of one change at most: those that carry most of it.
const NAMED: usize = 3;

/// Part of the change that a slice carries at least to be named.
const PART: f64 = 0.1;

/// A slice is named where its part of the change is this many times its share of the rows at least.
const MORE: f64 = 1.5;

/// A slice is named where ordinary nights would show as much of it in at most this share, over all slices.
const LEVEL: f64 = 0.01;

/// Deviations of ordinary nights from which on a class of values has changed.
const CHANGED: f64 = 2.0;

/// Class of rows without a value.
const NONE: usize = WIDTH - 1;

/// An outcome per column of `slices` where something was told; none where nothing was.
pub(super) fn outcomes(gate: &Gate, told: &[&Finding]) -> Vec<Outcome> {
    if told.is_empty() {
        return Vec::new();
    }
    let slices = gate.plan.config.drift.slices.iter();
    slices.map(|(column, _)| of(gate, column, told)).collect()
}

/// What the slices by one column carry of all that was told.
fn of(gate: &Gate, column: &str, told: &[&Finding]) -> Outcome {
    let nights: Vec<&Night> = gate.ordinary().rev().take(LATEST).collect();
    if !gate.is_open(column) {
        let why = format!("`{column}` holds personal data in this batch, which no slice may show");
        return skipped(gate.plan, column, &why);
    }
    let Some(now) = Counts::of(gate.current, column) else {
        let found = super::find(gate.current, column);
        let is_time = found.is_some_and(|c| matches!(c.values, NightValues::Times { .. }));
        let why = if is_time {
            format!("`{column}` holds dates or times, which are not counted one by one")
        } else {
            format!("the values of `{column}` are not known one by one")
        };
        return skipped(gate.plan, column, &why);
    };
    let past: Vec<Counts> = nights
        .iter()
        .filter_map(|n| Counts::of(n, column))
        .collect();
    if past.len() < FEWEST {
        let known = plural(past.len() as u64, "night");
        let why = format!(
            "what was told is looked at by `{column}` from {FEWEST} nights with such counts on, there are {known}"
        );
        return skipped(gate.plan, column, &why);
    }
    let mut carried: Vec<(&Finding, Option<Carried>)> = Vec::new();
    for finding in told {
        let found = gate.carried(finding, &now, &past, column);
        let about = |f: &Finding| (f.column, f.column.is_none().then_some(f.kind));
        let same = |(f, _): &&mut (&Finding, _)| about(f) == about(finding);
        match carried.iter_mut().find(same) {
            None => carried.push((finding, found)),
            Some(known) if known.1.is_none() => known.1 = found,
            Some(_) => {}
        }
    }
    gate.said(column, &carried)
}

fn skipped(plan: &DatasetPlan, column: &str, why: &str) -> Outcome {
    Outcome {
        status: Status::Skipped,
        message: format!("Skipped: {why}."),
        ..blank_of(plan, column)
    }
}

fn blank_of(plan: &DatasetPlan, column: &str) -> Outcome {
    Outcome {
        summary: "What was told of the batch is not of some slices above all.".to_owned(),
        severity: Severity::Info,
        tags: vec![TOLD.to_owned()],
        ..blank(plan, "history_slices", Some(column))
    }
}

/// Rows of one night by slice and by class of the other columns.
struct Counts<'a> {
    night: &'a Night,
    joint: &'a Joint,
    sliced: &'a Sliced,
}

/// How much each class of a column counts.
type Weights = [f64; WIDTH];

impl<'a> Counts<'a> {
    fn of(night: &'a Night, column: &str) -> Option<Self> {
        let joint = night.joint.as_ref().filter(|j| j.rows > 0)?;
        Some(Self {
            night,
            joint,
            sliced: joint.slices.iter().find(|s| s.column == column)?,
        })
    }

    /// Rows of the batch, of which all or many were looked at.
    fn rows(&self) -> f64 {
        self.night.rows as f64
    }

    /// Position of a column that has the classes that it has on another night.
    fn place(&self, name: &str, like: &Joint) -> Option<usize> {
        let there = like.columns.iter().find(|c| c.name == name)?;
        self.joint.columns.iter().position(|c| c == there)
    }

    /// Shares of all rows by class of a column.
    fn classes(&self, at: usize) -> Weights {
        let mut shares = [0.0; WIDTH];
        for (cell, rows) in &self.sliced.tables[at].0 {
            shares[cell % WIDTH] += f64::from(*rows) / self.joint.rows as f64;
        }
        shares
    }

    /// Rows of a slice that are in some classes of a column, and all of its rows, as shares of all rows.
    fn shares(&self, slice: &str, at: usize, weights: &Weights) -> Option<(f64, f64)> {
        let class = self.sliced.class(slice)?;
        let (mut some, mut all) = (0.0, 0.0);
        for (cell, rows) in &self.sliced.tables[at].0 {
            if cell / WIDTH == class {
                let rows = f64::from(*rows) / self.joint.rows as f64;
                some += weights[cell % WIDTH] * rows;
                all += rows;
            }
        }
        Some((some, all))
    }
}

/// What the slices carry of one change.
struct Carried {
    /// Most of it first; only those that ordinary nights do not explain.
    named: Vec<Slice>,
    /// All slices, most rows first.
    all: Vec<Slice>,
}

/// What one slice carries.
#[derive(Clone)]
struct Slice {
    name: String,
    /// Its part of the whole change; all slices have 1 together.
    part: f64,
    /// Its share of all rows: now, or usually where the number of rows is what was told.
    rows: f64,
    /// Share of all rows that are its and of classes with more rows than usual (with fewer, where none has more): usually,
    /// and now. Of the number of rows, its rows as a share of what is usual.
    usual: f64,
    now: f64,
    /// Probability that an ordinary night shows as much.
    p: f64,
}

impl Gate<'_> {
    /// What the slices carry of one finding; `None` where the counts do not tell.
    ///
    /// Shape: the change is that of the classes of the column which are off by two deviations of ordinary nights at
    /// least: those that grew count as they are, those that shrank against. It is the sum of what the slices show of it,
    /// so that their parts add up to 1. Of the number of rows it is the rows themselves.
    fn carried(
        &self,
        finding: &Finding,
        now: &Counts,
        past: &[Counts],
        by: &str,
    ) -> Option<Carried> {
        let name = finding
            .column
            .map(|at| self.current.columns[at].name.as_str());
        let told = match finding.kind {
            Kind::Together | Kind::Repeated | Kind::Fresh => return None,
            Kind::Rows => Told::Rows,
            _ if name == Some(by) => return None,
            _ => Told::Classes,
        };
        let place = |c: &Counts| match name {
            None => Some(0),
            Some(name) => c.place(name, now.joint),
        };
        let here = place(now).filter(|at| *at < now.sliced.tables.len())?;
        let calm = past.iter().filter(|c| !is_told(c.night, name));
        let before = calm.filter_map(|c| Some((c, place(c)?)));
        let before: Vec<(&Counts, usize)> = before.collect();
        if before.len() < FEWEST {
            return None;
        }
        let weights = match finding.kind {
            Kind::Rows => [1.0; WIDTH],
            Kind::Missing => std::array::from_fn(|k| f64::from(u8::from(k == NONE))),
            _ => changed(&now.classes(here), &before),
        };
        let view = View {
            now: (now, here),
            usual_rows: mean(before.iter().map(|(c, _)| c.rows())),
            before,
            weights,
            told,
        };
        let whole = view.whole();
        if whole == 0.0 {
            return None;
        }
        let slices = slices(now, past);
        let all: Vec<Slice> = slices.iter().filter_map(|s| view.slice(s, whole)).collect();
        let level = LEVEL / all.len().max(1) as f64;
        let mut first = all.clone();
        first.retain(|s| s.part >= PART.max(enough(s.rows)) && s.p <= level);
        first.sort_by(|a, b| b.part.total_cmp(&a.part));
        first.truncate(NAMED);
        if all.is_empty() || first.is_empty() && !view.is_shown(finding.kind) {
            return None;
        }
        Some(Carried { named: first, all })
    }

    /// The outcome of all slices by one column.
    fn said(&self, column: &str, carried: &[(&Finding, Option<Carried>)]) -> Outcome {
        let (mut named, mut alike, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for (finding, carried) in carried {
            let of = match finding.column {
                Some(at) => format!("`{}`", self.current.columns[at].name),
                None if finding.kind == Kind::Rows => "the number of rows".to_owned(),
                None => "repeated rows".to_owned(),
            };
            match carried {
                None => unknown.push(of),
                Some(carried) if carried.named.is_empty() => alike.push(of),
                Some(carried) => named.push(format!("{of}: {}", carried.shown())),
            }
        }
        let mut parts = Vec::new();
        if !named.is_empty() {
            parts.push(format!("By `{column}`, {}.", named.join("; ")));
        }
        if !alike.is_empty() {
            let listed = super::words::listed(&alike);
            parts.push(format!(
                "No value of `{column}` carries much more of the change than its rows explain: {listed}."
            ));
        }
        if !unknown.is_empty() {
            let listed = super::words::listed(&unknown);
            parts.push(format!(
                "The counts by `{column}` do not show it: {listed}."
            ));
        }
        let message = parts.join(" ");
        let carried = carried.iter().filter_map(|(_, c)| c.as_ref());
        let first = carried.into_iter().find(|c| !c.named.is_empty());
        let (mut measured, mut limits) = (Vec::new(), Vec::new());
        if let Some(carried) = first {
            let slice = &carried.named[0];
            let level = LEVEL / carried.all.len().max(1) as f64;
            measured.push(number("p", slice.p));
            measured.push(number("part_ratio", slice.part));
            measured.push(number("rows_ratio", slice.rows));
            measured.push(count("slices", carried.all.len()));
            limits.push(Threshold {
                name: "p".to_owned(),
                op: ">".to_owned(),
                text: number_text(super::words::rounded(level)),
                number: Some(level),
                held: false,
            });
        }
        Outcome {
            status: Status::Pass,
            message,
            measured,
            limits,
            comparison: first.map(picture),
            ..blank_of(self.plan, column)
        }
    }
}

impl Carried {
    /// The slices that are named, in words.
    fn shown(&self) -> String {
        let one = |s: &Slice| {
            let part = percent(s.part.min(1.0));
            format!(
                "{} carries {part} of the change with {} of the rows",
                s.name,
                percent(s.rows)
            )
        };
        let slices: Vec<String> = self.named.iter().map(one).collect();
        slices.join(", ")
    }
}

/// The part of a change that a slice with such a share of the rows carries at least to be named: one and a half times as
/// much, and of large ones half of what others would carry as well.
fn enough(rows: f64) -> f64 {
    (MORE * rows).min(f64::midpoint(1.0, rows))
}

/// Whether something of a column, or of the rows as such, was told of a night, which then is no measure of what is told again.
fn is_told(night: &Night, column: Option<&str>) -> bool {
    let unusual = night.standing == Standing::Unusual;
    unusual && night.told.iter().any(|t| t.column.as_deref() == column)
}

/// Shares of all rows by slice, where the change is.
fn picture(carried: &Carried) -> Comparison {
    let of = |value: fn(&Slice) -> f64| carried.all.iter().map(value).collect();
    Comparison {
        kind: ComparisonKind::Categories,
        labels: carried.all.iter().map(|s| s.name.clone()).collect(),
        reference: of(|s| s.usual),
        current: of(|s| s.now),
    }
}

/// What a finding is about.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    /// The number of rows.
    Rows,
    /// How the rows are spread over the classes of a column.
    Classes,
}

/// One finding as the counts of slices show it.
struct View<'a> {
    told: Told,
    now: (&'a Counts<'a>, usize),
    before: Vec<(&'a Counts<'a>, usize)>,
    /// Rows of a night before, on average.
    usual_rows: f64,
    weights: Weights,
}

impl View<'_> {
    /// Rows of a night as shares of what is usual; 1 where their number is not what was told.
    fn scale(&self, counts: &Counts) -> f64 {
        match self.told {
            Told::Rows => counts.rows() / self.usual_rows.max(1.0),
            Told::Classes => 1.0,
        }
    }

    /// The whole change: all slices together.
    fn whole(&self) -> f64 {
        self.total(self.now) - mean(self.before.iter().map(|before| self.total(*before)))
    }

    /// What all slices of one night have together.
    fn total(&self, (counts, at): (&Counts, usize)) -> f64 {
        let classes = counts.classes(at);
        let weighed = classes.iter().zip(&self.weights).map(|(s, w)| s * w);
        self.scale(counts) * weighed.sum::<f64>()
    }

    /// Whether the classes show a change of the kind: always of missing values and rows, never of a few rows that lie outside,
    /// and else where all slices together are off as ordinary nights hardly are.
    fn is_shown(&self, kind: Kind) -> bool {
        match kind {
            Kind::Rows | Kind::Missing => true,
            Kind::Low | Kind::High | Kind::Unseen => false,
            _ => {
                let usual: Vec<f64> = self
                    .before
                    .iter()
                    .map(|before| self.total(*before))
                    .collect();
                let p = far(self.total(self.now), &usual, self.now.0.joint.rows as f64);
                p <= LEVEL / WIDTH as f64
            }
        }
    }

    /// What one slice shows of it; `None` where too few nights counted it by itself.
    fn slice(&self, name: &str, whole: f64) -> Option<Slice> {
        let of = |(counts, at): (&Counts, usize)| {
            let (some, all) = counts.shares(name, at, &self.weights)?;
            Some((self.scale(counts) * some, all))
        };
        let (now, rows) = of(self.now)?;
        let before: Vec<(f64, f64)> = self.before.iter().filter_map(|b| of(*b)).collect();
        if before.len() < FEWEST {
            return None;
        }
        let usual: Vec<f64> = before.iter().map(|(share, _)| *share).collect();
        let middle = mean(usual.iter().copied());
        let shown = |(counts, at): (&Counts, usize)| {
            let shares = counts.shares(name, at, &shown(&self.weights));
            shares.map(|(some, _)| self.scale(counts) * some)
        };
        let shown_before = self.before.iter().filter_map(|b| shown(*b));
        let shown_before: Vec<f64> = shown_before.collect();
        Some(Slice {
            name: name.to_owned(),
            part: (now - middle) / whole,
            rows: match self.told {
                Told::Rows => middle,
                Told::Classes => rows,
            },
            usual: mean(shown_before.into_iter()),
            now: shown(self.now).unwrap_or(0.0),
            p: far(now, &usual, self.now.0.joint.rows as f64),
        })
    }
}

/// Slices of the night under test, and those that nights before had instead.
fn slices(now: &Counts, past: &[Counts]) -> Vec<String> {
    let mut names = now.sliced.values.clone();
    for counts in past {
        for value in &counts.sliced.values {
            if names.len() < 2 * NIGHT_SLICES && !names.contains(value) {
                names.push(value.clone());
            }
        }
    }
    names
}

/// The classes that changed: 1 where more rows are, -1 where fewer are, halved so that what moved counts once.
fn changed(now: &Weights, before: &[(&Counts, usize)]) -> Weights {
    let past: Vec<Weights> = before.iter().map(|(c, at)| c.classes(*at)).collect();
    let rows = before.iter().map(|(c, _)| c.joint.rows as f64);
    let rows = mean(rows);
    std::array::from_fn(|k| {
        let usual: Vec<f64> = past.iter().map(|c| c[k]).collect();
        let middle = mean(usual.iter().copied());
        let off = (now[k] - middle) / spread(&usual, middle, rows);
        if off.abs() > CHANGED {
            off.signum() / 2.0
        } else {
            0.0
        }
    })
}

/// The classes with more rows than usual; those with fewer where none has more.
fn shown(weights: &Weights) -> Weights {
    let sign = if weights.iter().any(|w| *w > 0.0) {
        1.0
    } else {
        -1.0
    };
    weights.map(|w| f64::from(u8::from(w * sign > 0.0)))
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count().max(1);
    values.sum::<f64>() / n as f64
}

/// Standard deviation of nights, never less than so many rows alone explain.
fn spread(usual: &[f64], middle: f64, rows: f64) -> f64 {
    let squares = usual.iter().map(|v| (v - middle).powi(2)).sum::<f64>();
    let between = squares / (usual.len() as f64 - 1.0).max(1.0);
    let by_rows = middle.abs().max(1.0 / rows) / rows;
    between.max(by_rows).sqrt()
}

/// Probability that an ordinary night is as far off, with that of the nights' own mean.
fn far(now: f64, usual: &[f64], rows: f64) -> f64 {
    let n = usual.len() as f64;
    let middle = mean(usual.iter().copied());
    let t = (now - middle) / (spread(usual, middle, rows) * (1.0 + 1.0 / n).sqrt());
    student(t, (n - 1.0).max(1.0)).exp()
}
