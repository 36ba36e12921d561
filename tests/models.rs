//! The model gate by the binary: predictions of the example, and slices that nobody named.

use crate::harness::Gate;
use tollgate::record::{MetricRecord, Status};

pub(crate) const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/flights/models");

/// Runs `candidate` of the example against `baseline`.
fn flights(candidate: &str, baseline: &str, metrics: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  late:\n    candidate: {{predictions: '{MODELS}/{candidate}.parquet', label: late, score: p_late, key: id}}\n    \
         baseline: {{predictions: '{MODELS}/{baseline}.parquet'}}\n    metrics: {metrics}\n    slices: [carrier, origin]\n"
    );
    Gate::run(&[("tollgate.yaml", config.as_bytes())], &[])
}

const FEW: &str =
    "{roc_auc: {no_worse_by: 0.005}, brier: {no_worse_by: 0.002}, accuracy: {no_worse_by: 0.005}}";

#[test]
fn the_better_model_passes_and_the_seed_fools_nobody() {
    for candidate in ["challenger", "retrain", "champion"] {
        let gate = flights(candidate, "champion", FEW);
        assert_eq!(gate.code, 0, "{candidate}: {}{}", gate.stdout, gate.stderr);
        assert!(
            gate.stdout.contains("The model may be promoted"),
            "{}",
            gate.stdout
        );
    }
}

#[test]
fn a_slice_that_is_surely_worse_by_less_than_the_margin_stops_nobody() {
    let gate = flights(
        "retrain",
        "champion",
        "{average_precision: {no_worse_by: 0.01}, recall: {no_worse_by: 0.03}}",
    );
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    // At one origin recall of the retrain is worse by 0.001 to 0.007, which is no chance and does not matter.
    let record = gate.record();
    let metrics = record.models[0].metrics.iter();
    let surely = |m: &&MetricRecord| {
        m.slice.is_some()
            && m.gain
                .and_then(|gain| gain.high)
                .is_some_and(|high| high < 0.0)
    };
    assert!(metrics.filter(surely).count() > 0);
}

#[test]
fn harm_that_hides_in_a_slice_is_found_there() {
    let gate = flights("regressed", "champion", FEW);
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    // Over all rows it is no worse by any of the three.
    for metric in ["roc_auc", "brier", "accuracy"] {
        let whole = gate.outcome(&format!("late.no_worse_by({metric})"));
        assert_eq!(whole.status, Status::Pass, "{}", whole.message);
        let slices = gate.outcome(&format!("late.worst_slice({metric})"));
        assert_eq!(slices.status, Status::Fail, "{}", slices.message);
        assert!(
            slices.message.contains("carrier = US"),
            "{}",
            slices.message
        );
    }
    let record = gate.record();
    let worst: &MetricRecord = record.models[0]
        .metrics
        .iter()
        .find(|m| m.slice.is_some())
        .unwrap();
    assert_eq!(
        worst.slice.as_ref().unwrap().of[0].value.as_deref(),
        Some("US")
    );
}

#[test]
fn values_are_those_that_scikit_learn_measured() {
    let gate = flights("challenger", "champion", FEW);
    let record = gate.record();
    let metric = |name: &str| {
        let all = &record.models[0].metrics;
        all.iter()
            .find(|m| m.name == name && m.slice.is_none())
            .unwrap()
            .clone()
    };
    // examples/flights/models/README.md
    let expected = [
        ("roc_auc", 0.9314, 0.9159),
        ("brier", 0.0647, 0.0705),
        ("accuracy", 0.9177, 0.9120),
    ];
    for (name, now, before) in expected {
        let found = metric(name);
        assert!(
            (found.candidate.unwrap().value - now).abs() < 5e-5,
            "{name}"
        );
        assert!((found.baseline.unwrap() - before).abs() < 5e-5, "{name}");
        let gain = found.gain.unwrap();
        assert!(gain.low.unwrap() < gain.value && gain.value < gain.high.unwrap());
        assert!(
            gain.low.unwrap() > 0.0,
            "{name} is better on every likely set of rows"
        );
    }
    assert_eq!(record.models[0].rows, Some(27_902));
    assert!(record.models[0].paired);
    let small: Vec<_> = record.models[0]
        .small_slices
        .iter()
        .map(|s| s.of[0].value.clone())
        .collect();
    assert_eq!(small, [Some("HA".to_owned()), Some("YV".to_owned())]);
}

#[test]
fn a_slice_of_two_columns_that_nobody_named_is_found_by_the_search_and_chance_is_not() {
    let run = |candidate: &str| {
        let config = format!(
            "version: 1\nmodels:\n  late:\n    candidate: {{predictions: '{MODELS}/{candidate}.parquet', label: late, score: p_late, key: id}}\n    \
             baseline: {{predictions: '{MODELS}/champion.parquet'}}\n    metrics: {{brier: {{no_worse_by: 0.01}}, roc_auc: {{no_worse_by: 0.01}}}}\n    \
             slices: [carrier, origin, day]\n    search_slices: true\n"
        );
        Gate::run(&[("tollgate.yaml", config.as_bytes())], &[])
    };
    let bad = run("regressed");
    let outcome = bad.outcome("late.searched_slices(brier)");
    assert_eq!(outcome.status, Status::Fail, "{}", outcome.message);
    assert!(
        outcome.message.contains("carrier = US"),
        "{}",
        outcome.message
    );
    let fine = run("retrain");
    let outcome = fine.outcome("late.searched_slices(brier)");
    assert_eq!(outcome.status, Status::Pass, "{}", outcome.message);
    // No mean over rows: nothing to search.
    assert!(
        fine.record()
            .outcomes
            .iter()
            .all(|o| o.id != "late.searched_slices(roc_auc)")
    );
}

#[test]
fn slices_by_people_are_numbered_and_no_report_names_them() {
    let people = ["ann@example.org", "bob@example.org", "zed@example.org"];
    let mut rows = "who,late,p\n".to_owned();
    for (person, many) in people.iter().zip([120, 100, 5]) {
        for i in 0..many {
            let (late, p) = (i % 2, 10 + i % 80);
            rows.extend([person, ",", &late.to_string(), ",0.", &p.to_string(), "\n"]);
        }
    }
    let config = "version: 1\nmodels:\n  late:\n    candidate: {predictions: p.csv, label: late, score: p}\n    \
        baseline: {predictions: p.csv}\n    metrics: {accuracy: {at_least: 0.1}}\n    slices: [who]\n";
    let files = [
        ("tollgate.yaml", config.as_bytes()),
        ("p.csv", rows.as_bytes()),
    ];
    let gate = Gate::run(&files, &["--output", "jsonl=report/lines.jsonl"]);
    let record = gate.record();
    let model = &record.models[0];
    let judged = model.metrics.iter().filter_map(|m| m.slice.as_ref());
    let of = |slice: &tollgate::record::SliceRecord| slice.of[0].value.clone().unwrap();
    let names: Vec<String> = judged.chain(&model.small_slices).map(of).collect();
    assert_eq!(names, ["(redacted) 1", "(redacted) 2", "(redacted) 3"]);
    let report = gate.folder.path().join("report");
    for file in crate::harness::files(&report) {
        let text = std::fs::read_to_string(report.join(&file)).unwrap();
        for person in people {
            let name = person.split('@').next().unwrap();
            assert!(!text.contains(&format!("{name}@")), "{file} names {person}");
        }
    }
    assert!(!gate.stdout.contains("@example"), "{}", gate.stdout);
}
