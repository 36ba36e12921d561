//! The gate where a saved profile stands for the rows: what the profiles count is compared, column by column.

use super::summary::{self, Told};
use super::{Gate, Picture, kinds};
use crate::drift::fate::{Fate, Parts};
use crate::drift::judge::both;
use crate::drift::profiles::{Counted, Judged, Read, read};
use crate::drift::sample::{Origin, Shape, distance};
use crate::measure::Profile;
use crate::plan::DatasetPlan;
use crate::record::{Outcome, Status};
use std::collections::BTreeMap;

/// What is not looked at without rows.
const NOT_JUDGED: &str = " Compared by what profiles count; how columns go together and rows that repeat are not told \
                          without rows of the reference.";

/// The range that holds most of a column may hold this share of the floor.
const HIDDEN: f64 = 0.25;

/// Outcomes of two profiles with rows: one per change, then that of the dataset.
pub(super) fn judge(
    plan: &DatasetPlan,
    (before, now): (&Profile, &Profile),
    pictures: &BTreeMap<String, Picture>,
    seed: u64,
) -> Vec<Outcome> {
    let false_alarm = plan.config.drift.false_alarm.per_run();
    let (columns, counted, counting) = counted(plan, before, now);
    let said = |status, message: String| {
        vec![Outcome {
            status,
            message,
            ..summary::dataset(plan)
        }]
    };
    if columns.is_empty() {
        let message = "Skipped: there is nothing that both sides have.";
        return said(Status::Skipped, message.to_owned());
    }
    if same(before, now) {
        let rows = super::words::grouped(now.rows);
        let message =
            format!("Nothing changed: the {rows} rows have the profile of the reference.");
        return said(Status::Pass, message + NOT_JUDGED);
    }
    let rows = [before.rows, now.rows];
    let few = rows.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    if summary::ways(few[0], few[1]) * false_alarm < counted.len() as f64 {
        return vec![summary::too_few(plan, rows, false_alarm)];
    }
    let mut judged = Judged::new(counted, false_alarm, seed);
    judged.spelled = kinds::spelled(&columns, (before, now));
    let changes = judged.changes(false_alarm);
    let gate = Gate {
        plan,
        columns: &columns,
        profiles: (before, now),
        pictures,
        origins: &judged.origins,
        sampled: false,
        changed: super::changed(&changes),
    };
    let mut outcomes = gate.outcomes(&changes);
    let counting: Vec<&str> = counting.iter().map(String::as_str).collect();
    let told = told(&gate, &judged, changes.is_empty(), &counting);
    outcomes.push(summary::outcome(&gate, &told, &changes, &outcomes));
    outcomes
}

/// Whether both profiles are of the same columns and say the same of them.
fn same(before: &Profile, now: &Profile) -> bool {
    let equal = |c: &crate::measure::ColumnProfile| before.column(&c.name) == Some(c);
    before.rows == now.rows
        && before.columns.len() == now.columns.len()
        && now.columns.iter().all(equal)
}

/// Columns that can be compared, what was counted of them, and those that count rows.
fn counted(
    plan: &DatasetPlan,
    reference: &Profile,
    current: &Profile,
) -> (Vec<(String, Shape)>, Vec<Counted>, Vec<String>) {
    let (mut columns, mut list, mut counting) = (Vec::new(), Vec::new(), Vec::new());
    for (name, before, now) in both(reference, current) {
        let shape = match Fate::of(plan, name, before, now).with_profiles(before, now) {
            Fate::Judged(Parts::Numbers | Parts::Spans) => Shape::Numbers,
            Fate::Judged(Parts::Categories) => Shape::Texts,
            Fate::LeftOut(why) if why == super::super::fate::UNLISTED => Shape::Texts,
            Fate::Judged(Parts::Nulls | Parts::Moments) | Fate::LeftOut(_) | Fate::Untold(_) => {
                Shape::Presence
            }
            Fate::Gone | Fate::New | Fate::Changed(_) | Fate::Excluded | Fate::Apart | Fate::Id => {
                continue;
            }
        };
        let (Some(before), Some(now)) = (before, now) else {
            continue;
        };
        match read(columns.len(), shape, before, now) {
            Read::CountsRows => counting.push(name.to_owned()),
            Read::Counted(counted) => {
                columns.push((name.to_owned(), shape));
                list.push(counted);
            }
        }
    }
    (columns, list, counting)
}

fn told(gate: &Gate, judged: &Judged, unchanged: bool, counting: &[&str]) -> Told {
    let mut told = Told {
        p: judged.p,
        columns: judged.compared(),
        counts: vec![
            ("columns_compared", judged.compared()),
            ("tests", judged.findings.len()),
            ("draws", judged.draws),
        ],
        proofs: Vec::new(),
        coarse: Vec::new(),
        notes: summary::left_out(counting) + NOT_JUDGED,
    };
    if !unchanged {
        return told;
    }
    let floor = gate.floor_called("distribution");
    for (column, origin) in judged.origins.iter().enumerate() {
        if matches!(origin, Origin::Lengths(_)) {
            continue;
        }
        let counted = judged.counted(column);
        let hidden = counted.hidden();
        if hidden > floor * HIDDEN {
            told.coarse
                .push(format!("`{}`", gate.name(origin.column())));
        }
        let moved = match counted.shape {
            Shape::Numbers => {
                let sorted = counted.sorted();
                if sorted.before.is_empty() || sorted.now.is_empty() {
                    0.0
                } else {
                    distance(&sorted).interval.high + hidden
                }
            }
            Shape::Texts => judged.largest_category(column),
            Shape::Moments | Shape::Presence => 0.0,
        };
        told.proofs
            .push(summary::proof(gate, counted.without_value(), moved));
    }
    told
}
