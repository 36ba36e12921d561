//! Which slice changed: the rows of each value of a column on both sides, compared on their own.

use super::summary::{count, listed};
use super::words::{grouped, runs};
use super::{Gate, Rows, Slicing, blank, broken, number};
use crate::diagnostic::plural;
use crate::drift::sample::{Compared, Side, Sliced};
use crate::plan::DatasetPlan;
use crate::record::{Outcome, Status, Threshold};
use crate::scalar::number_text;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that a slice has on each side, at least. Unit: rows that are compared.
pub const SLICE_ROWS: usize = 50;

/// Slices of one column, at most: the values with the most rows.
pub const SLICES: usize = 50;

/// Characters of a value in an outcome's id, at most.
const ID_LENGTH: usize = 60;

/// Slices that are compared, and values that are not, by reason.
#[derive(Default)]
struct Selected {
    names: Vec<String>,
    sides: Vec<(Side, Side)>,
    /// Values with too few rows on a side, and their rows on both.
    small: (usize, usize),
    /// Values that one side alone has.
    one_sided: usize,
    /// Values with enough rows beyond the first [`SLICES`].
    beyond: usize,
    /// Rows without a value, on both sides.
    without: usize,
}

/// An outcome per change of a slice, then one per column of `slices`.
///
/// `columns` are those that the rows as a whole were compared in, `flagged` whether they changed: their part of the
/// false alarm is then the slices' too (Bretz, Maurer, Brannath and Posch, *A graphical approach to sequentially
/// rejective multiple test procedures*, 2009). Columns of `slices` have equal parts.
pub(super) fn judge(
    gate: &Gate,
    rows: &Rows,
    columns: &[usize],
    (flagged, seed): (bool, u64),
) -> Vec<Outcome> {
    let plan = gate.plan;
    let whole = if flagged {
        plan.config.drift.false_alarm.per_run()
    } else {
        0.0
    };
    let written = &plan.config.drift.slices;
    let alarm = (plan.against.slices_alarm + whole) / written.len().max(1) as f64;
    let of = |(at, (column, _)): (u64, &(String, _))| {
        let Some(slicing) = rows.slicings.iter().find(|s| s.column == *column) else {
            let message = format!("Skipped: the reference has no column `{column}`.");
            return vec![Outcome {
                status: Status::Skipped,
                message,
                ..family(plan, column)
            }];
        };
        // The column itself is the same in all rows of a slice.
        let others = columns.iter().filter(|c| gate.name(**c) != column);
        let others: Vec<usize> = others.copied().collect();
        by(
            gate,
            (rows, slicing),
            &others,
            (alarm, seed.wrapping_add(at + 1)),
        )
    };
    (0u64..).zip(written).flat_map(of).collect()
}

/// What is said of slices where rows as a whole were not compared, and why.
pub(super) fn without_comparison(plan: &DatasetPlan, whole: &Outcome) -> Vec<Outcome> {
    let of = |(column, _): &(String, _)| Outcome {
        status: whole.status,
        message: whole.message.clone(),
        ..family(plan, column)
    };
    plan.config.drift.slices.iter().map(of).collect()
}

fn family(plan: &DatasetPlan, column: &str) -> Outcome {
    Outcome {
        summary: "Rows with each value look as they did in the reference.".to_owned(),
        ..blank(plan, "slices", Some(column))
    }
}

fn by(
    gate: &Gate,
    (rows, slicing): (&Rows, &Slicing),
    columns: &[usize],
    (alarm, seed): (f64, u64),
) -> Vec<Outcome> {
    let selected = select(rows, slicing);
    if selected.sides.is_empty() || columns.is_empty() {
        let message = format!(
            "Skipped: no value of `{}` has {SLICE_ROWS} rows on both sides{}.",
            slicing.column,
            left_out(&selected)
        );
        return vec![Outcome {
            status: Status::Skipped,
            message,
            ..family(gate.plan, &slicing.column)
        }];
    }
    let sliced = Sliced::new(&selected.sides, columns, alarm, seed);
    let mut outcomes = Vec::new();
    let mut changed = Vec::new();
    let ids = ids(&selected.names);
    for ((name, id), compared) in selected.names.iter().zip(&ids).zip(&sliced.slices) {
        let found = changes(gate, compared, (&slicing.column, name, id), alarm);
        if !found.is_empty() {
            changed.push(name.clone());
        }
        outcomes.extend(found);
    }
    let last = whole(
        gate,
        slicing,
        (&selected, &sliced),
        (&changed, &outcomes),
        alarm,
    );
    outcomes.push(last);
    outcomes
}

/// The outcomes of one slice.
fn changes(
    gate: &Gate,
    compared: &Compared,
    (column, name, id): (&str, &str, &str),
    alarm: f64,
) -> Vec<Outcome> {
    let none = BTreeMap::new();
    let changes = compared.changes(alarm);
    let here = Gate {
        plan: gate.plan,
        columns: gate.columns,
        profiles: gate.profiles,
        pictures: &none,
        origins: &compared.origins,
        sampled: gate.sampled,
        changed: super::changed(&changes),
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    for drift in changes {
        let mut outcome = here.outcome(&drift);
        outcome.id = format!("{}[{column} = {id}]", outcome.id);
        outcome.message = format!("For `{column}` = {name}: {}", outcome.message);
        "Rows of this slice look as they did in the reference.".clone_into(&mut outcome.summary);
        outcome.tags.push("slice".to_owned());
        if outcomes.iter().all(|o| o.id != outcome.id) {
            outcomes.push(outcome);
        }
    }
    outcomes
}

/// The outcome of all slices by one column.
fn whole(
    gate: &Gate,
    slicing: &Slicing,
    (selected, sliced): (&Selected, &Sliced),
    (changed, outcomes): (&[String], &[Outcome]),
    alarm: f64,
) -> Outcome {
    let column = &slicing.column;
    let flagged = sliced.p <= alarm;
    let total = plural(selected.sides.len() as u64, "slice");
    let rare = runs(sliced.p);
    let mut message = if flagged {
        format!(
            "Changed in {} of {total} by `{column}`: {}. Unchanged data would look this different in at most {rare}.",
            changed.len(),
            listed(changed)
        )
    } else {
        format!(
            "No change found in {total} by `{column}`: unchanged data look at least this different in {rare}."
        )
    };
    let left = left_out(selected);
    if !left.is_empty() {
        message.push_str(" Not compared");
        message.push_str(&left);
        message.push('.');
    }
    let news = if broken(gate.plan) == Status::Pass {
        Status::Pass
    } else {
        Status::Warn
    };
    let status = outcomes.iter().map(|o| o.status).fold(news, Status::max);
    Outcome {
        status: if flagged { status } else { Status::Pass },
        message,
        measured: vec![
            number("p", sliced.p),
            count("slices_compared", selected.sides.len()),
            count("slices_changed", changed.len()),
            count("slices_too_small", selected.small.0),
            count("labellings", sliced.labellings),
        ],
        limits: vec![Threshold {
            name: "p".to_owned(),
            op: ">".to_owned(),
            text: number_text(alarm),
            number: Some(alarm),
            held: !flagged,
        }],
        ..family(gate.plan, column)
    }
}

/// The rows of each value: those with the most rows on both sides, of equally many in the order of their names.
fn select(table: &Rows, slicing: &Slicing) -> Selected {
    let mut by_code: BTreeMap<u64, [Vec<u32>; 2]> = BTreeMap::new();
    for (side, codes) in [&slicing.reference, &slicing.current].iter().enumerate() {
        for (code, row) in codes.iter().zip(0u32..) {
            by_code.entry(*code).or_default()[side].push(row);
        }
    }
    let without = by_code
        .remove(&0)
        .map_or(0, |rows| rows[0].len() + rows[1].len());
    let name = |code: &u64| slicing.names.get(code).cloned().unwrap_or_default();
    let mut all: Vec<(String, [Vec<u32>; 2])> = by_code
        .iter_mut()
        .map(|(code, rows)| (name(code), std::mem::take(rows)))
        .collect();
    let rows = |(_, [a, b]): &(String, [Vec<u32>; 2])| a.len() + b.len();
    all.sort_by(|a, b| rows(b).cmp(&rows(a)).then(a.0.cmp(&b.0)));
    let mut selected = Selected {
        without,
        ..Selected::default()
    };
    for (name, [before, now]) in all {
        match before.len().min(now.len()) {
            0 => selected.one_sided += 1,
            few if few < SLICE_ROWS => {
                selected.small.0 += 1;
                selected.small.1 += before.len() + now.len();
            }
            _ if selected.sides.len() == SLICES => selected.beyond += 1,
            _ => {
                let sides = (
                    table.reference.of_rows(&before),
                    table.current.of_rows(&now),
                );
                selected.names.push(name);
                selected.sides.push(sides);
            }
        }
    }
    selected
}

/// `: 3 values with fewer than 50 rows on a side (112 rows), 1 value that one side alone has`, or nothing.
fn left_out(selected: &Selected) -> String {
    let values = |n: usize| plural(n as u64, "value");
    let (small, rows) = selected.small;
    let mut parts = Vec::new();
    if small > 0 {
        parts.push(format!(
            "{} with fewer than {SLICE_ROWS} rows on a side ({} rows)",
            values(small),
            grouped(rows as u64)
        ));
    }
    if selected.one_sided > 0 {
        parts.push(format!(
            "{} that one side alone has",
            values(selected.one_sided)
        ));
    }
    if selected.beyond > 0 {
        parts.push(format!(
            "{} beyond the {SLICES} most frequent",
            values(selected.beyond)
        ));
    }
    if selected.without > 0 {
        parts.push(format!(
            "{} rows without a value",
            grouped(selected.without as u64)
        ));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!(": {}", parts.join(", "))
    }
}

/// Values as they stand in ids: clipped, and numbered where that makes two the same.
fn ids(names: &[String]) -> Vec<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let id = |name: &String| {
        let clipped: String = name.chars().take(ID_LENGTH).collect();
        let mut id = clipped.clone();
        let mut number = 2;
        while !seen.insert(id.clone()) {
            id = format!("{clipped}#{number}");
            number += 1;
        }
        id
    };
    names.iter().map(id).collect()
}
