//! What the gate of models proves where rows have weights, follow each other in time, or are told by slice.

use crate::harness::Gate;
use std::fmt::Write as _;
use tollgate::record::Status;

fn judged(columns: &str, more: &str, metrics: &str, sides: [&str; 2]) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, {columns}}}\n    \
         baseline: {{predictions: b.csv}}\n{more}    metrics:\n{metrics}"
    );
    Gate::run(
        &[
            ("tollgate.yaml", config.as_bytes()),
            ("c.csv", sides[0].as_bytes()),
            ("b.csv", sides[1].as_bytes()),
        ],
        &[],
    )
}

#[test]
fn a_worse_model_is_not_promoted_because_its_rows_have_a_time() {
    // One row of twenty weighs a hundred times as much, and is where the candidate is worse.
    let rows = |heavy: f64, light: f64| {
        let mut text = "id,t,y,v,w\n".to_owned();
        for id in 0..400_u32 {
            let (off, weight) = if id % 20 == 0 {
                (heavy, 100)
            } else {
                (light, 1)
            };
            let y = f64::from(id % 13);
            writeln!(text, "{id},{id},{y},{},{weight}", y + off).unwrap();
        }
        text
    };
    let sides = [rows(2.0, 0.1), rows(0.5, 0.5)];
    let metrics = "      mae: {no_worse_by: 0.05, at_most: 0.5}\n      \
                   cost: {expression: ABS(value - label), greater_is_better: false, no_worse_by: 0.05}\n";
    for time in ["", ", time: t"] {
        let columns = format!("label: y, value: v, key: id, weight: w{time}");
        let gate = judged(&columns, "", metrics, [&sides[0], &sides[1]]);
        assert_eq!(gate.code, 1, "{time}: {}{}", gate.stdout, gate.stderr);
        for id in [
            "m.at_most(mae)",
            "m.no_worse_by(mae)",
            "m.no_worse_by(cost)",
        ] {
            let outcome = gate.outcome(id);
            assert_eq!(outcome.status, Status::Fail, "{id}: {}", outcome.message);
        }
    }
}

#[test]
fn stores_that_are_off_every_day_are_not_forgotten_by_the_time_of_the_rows() {
    let off = |store: u32| f64::from((store * 7) % 20) / 10.0 - 0.95;
    let rows = |candidate: bool| {
        let mut text = "id,t,s,y,v\n".to_owned();
        for id in 0..1_000_u32 {
            let (day, store) = (id / 20, id % 20);
            let own = 9.9 + off(store) + f64::from((id * 31) % 17) / 1_000.0;
            let value = if candidate { own } else { 10.0 };
            writeln!(text, "{id},{day},{store},0,{value}").unwrap();
        }
        text
    };
    let sides = [rows(true), rows(false)];
    for time in ["", ", time: t"] {
        let columns = format!("label: y, value: v, key: id, cluster: s{time}");
        let metrics = "      mae: {no_worse_by: 0.05}\n";
        let gate = judged(&columns, "", metrics, [&sides[0], &sides[1]]);
        let outcome = gate.outcome("m.no_worse_by(mae)");
        assert_eq!(outcome.status, Status::Inconclusive, "{}", outcome.message);
    }
}

#[test]
fn a_slice_is_recorded_with_the_margin_that_it_is_judged_by() {
    let rows = |worse: u32| {
        let mut text = "id,y,p,part\n".to_owned();
        for id in 0..400_u32 {
            let y = u32::from(id % 3 == 0);
            let wrong = id % 11 == 0 || (id * 7) % 400 < worse;
            let score = if (y == 1) == wrong { 0.3 } else { 0.7 };
            writeln!(text, "{id},{y},{score},{}", ["a", "b"][id as usize % 2]).unwrap();
        }
        text
    };
    let sides = [rows(8), rows(0)];
    let columns = "label: y, score: p, key: id";
    let metrics = "      brier: {no_worse_by: 0.0001, worst_slice: {no_worse_by: 0.002}}\n      \
                   accuracy: {no_worse_by: 0.02}\n";
    let gate = judged(
        columns,
        "    slices: [part]\n",
        metrics,
        [&sides[0], &sides[1]],
    );
    let record = gate.record();
    let margins = |name: &str, slices: bool| -> Vec<Option<f64>> {
        let all = record.models[0].metrics.iter();
        let own = all.filter(|m| m.name == name && m.slice.is_some() == slices);
        own.map(|m| m.margin).collect()
    };
    assert_eq!(margins("brier", false), [Some(0.0001)]);
    assert_eq!(margins("brier", true), [Some(0.002); 2]);
    assert_eq!(margins("accuracy", true), [Some(0.02); 2]);
}
