//! Metrics of the user's own: an expression over what is true, what the model said and other columns of a row.

use crate::harness::Gate;
use std::fmt::Write as _;
use tollgate::record::{MetricRecord, Run, Status};

/// 600 rows of a binary model; `worse` turns so many scores the wrong way. The baseline's column has another name.
fn rows(name: &str, worse: u32) -> String {
    let mut text = format!("id,late,{name},distance,carrier,note\n");
    for id in 0..600_u32 {
        let late = u32::from(id % 5 == 0);
        let wrong = id % 11 == 0 || (id * 7) % 600 < worse;
        let right = if (late == 1) == wrong { 0.2 } else { 0.8 };
        let score = right + f64::from(id % 97) / 1000.0;
        let carrier = ["AA", "UA", "US"][id as usize % 3];
        writeln!(
            text,
            "{id},{late},{score},{},{carrier},n{id}",
            100 + id % 400
        )
        .unwrap();
    }
    text
}

fn judged(metrics: &str, more: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, label: late, score: score, key: id}}\n    \
         baseline: {{predictions: b.csv, score: champion}}\n    min_rows: 50\n{more}    metrics:\n{metrics}"
    );
    Gate::run(
        &[
            ("tollgate.yaml", config.as_bytes()),
            ("c.csv", rows("score", 6).as_bytes()),
            ("b.csv", rows("champion", 0).as_bytes()),
        ],
        &[],
    )
}

fn metric<'a>(record: &'a Run, name: &str, slice: Option<&str>) -> &'a MetricRecord {
    let mut all = record.models[0].metrics.iter();
    let of = |m: &&MetricRecord| {
        m.name == name && m.slice.as_ref().and_then(|s| s.of[0].value.as_deref()) == slice
    };
    all.find(of).unwrap_or_else(|| panic!("{name}"))
}

/// The candidate's value.
fn value(metric: &MetricRecord) -> Option<f64> {
    metric.candidate.as_ref().map(|c| c.value)
}

/// Both numbers, to twelve digits.
#[track_caller]
fn same(a: Option<f64>, b: Option<f64>) {
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{a} {b}");
}

const TWINS: &str = "      brier: {no_worse_by: 0.02}
      own_brier: {expression: (score - label) * (score - label), greater_is_better: false, no_worse_by: 0.02}
      accuracy: {no_worse_by: 0.05}
      own_accuracy: {expression: label = class, greater_is_better: true, no_worse_by: 0.05}
";

#[test]
fn what_the_list_has_too_gets_the_same_numbers_and_verdicts_on_both_sides_and_in_slices() {
    for time in ["", "    slices: [carrier]\n"] {
        let gate = judged(TWINS, time);
        assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
        let record = gate.record();
        let slices: &[Option<&str>] = if time.is_empty() {
            &[None]
        } else {
            &[None, Some("AA"), Some("UA"), Some("US")]
        };
        for slice in slices {
            for (own, listed) in [("own_brier", "brier"), ("own_accuracy", "accuracy")] {
                let (own, listed) = (
                    metric(&record, own, *slice),
                    metric(&record, listed, *slice),
                );
                same(value(own), value(listed));
                same(own.baseline, listed.baseline);
                let gains = [own, listed].map(|m| m.gain.as_ref().unwrap());
                same(Some(gains[0].value), Some(gains[1].value));
            }
            // What a row can lose is known of the Brier score (2), and seen in the rows of the other one.
            let twins = [
                metric(&record, "own_brier", *slice),
                metric(&record, "brier", *slice),
            ];
            let [own, listed] = twins.map(|m| m.gain.as_ref().unwrap());
            assert!(own.low >= listed.low && own.high <= listed.high);
            assert!(own.low < Some(own.value) && own.high > Some(own.value));
        }
    }
}

#[test]
fn rows_on_which_nothing_differs_are_no_proof_of_what_others_may_show() {
    let metrics = "      cost: {expression: CASE WHEN label = class THEN 0 ELSE 40 END, greater_is_better: false, no_worse_by: 0.02}\n";
    let config = format!(
        "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, label: late, score: score, key: id}}\n    \
         baseline: {{predictions: b.csv, score: score}}\n    metrics:\n{metrics}"
    );
    let same = rows("score", 0);
    let gate = Gate::run(
        &[
            ("tollgate.yaml", config.as_bytes()),
            ("c.csv", same.as_bytes()),
            ("b.csv", same.as_bytes()),
        ],
        &[],
    );
    let record = gate.record();
    let gain = metric(&record, "cost", None).gain.as_ref().unwrap();
    // One row in 600 that is 40 worse would be a loss of 0.07.
    assert!(gain.low.unwrap() < -0.07, "{gain:?}");
    assert_eq!(gate.code, 6, "{}{}", gate.stdout, gate.stderr);
}

#[test]
fn the_rows_keep_their_expression_when_time_puts_them_in_another_order() {
    let config = "version: 1\nmodels:\n  m:\n    candidate: {predictions: c.csv, label: y, value: said, time: at}\n    \
                  baseline: {predictions: b.csv, value: said}\n    metrics:\n      mae: {no_worse_by: 0.5}\n      \
                  own: {expression: ABS(label - value), greater_is_better: false, no_worse_by: 0.5}\n      \
                  first: {expression: CASE WHEN at < 30 THEN ABS(label - value) ELSE 0 END, greater_is_better: false, no_worse_by: 0.5}\n";
    // The first row is off by 5 on one side and by nothing on the other: what is seen is what can be, for both metrics.
    let rows = |off: f64| {
        let mut text = "y,said,at\n".to_owned();
        for row in 0..120_u32 {
            let (y, at) = (f64::from(row % 13), (row * 77) % 120);
            let more = if row == 0 { 500.0 * off } else { off };
            let error = (f64::from((row * 31) % 17) - 8.0) / 10.0 * f64::from(at % 7) + more;
            writeln!(text, "{y},{},{at}", y + error).unwrap();
        }
        text
    };
    let gate = Gate::run(
        &[
            ("tollgate.yaml", config.as_bytes()),
            ("c.csv", rows(0.01).as_bytes()),
            ("b.csv", rows(0.0).as_bytes()),
        ],
        &[],
    );
    let record = gate.record();
    let (own, listed) = (metric(&record, "own", None), metric(&record, "mae", None));
    same(value(own), value(listed));
    // The long-run variance reads the rows in their order in time.
    let [a, b] = [own, listed].map(|m| m.gain.as_ref().unwrap());
    same(a.low, b.low);
    same(a.high, b.high);
    let first: f64 = (0..120_u32)
        .filter(|row| (row * 77) % 120 < 30)
        .map(|row| {
            ((f64::from((row * 31) % 17) - 8.0) / 10.0 * f64::from((row * 77) % 120 % 7) + 0.01)
                .abs()
        })
        .sum();
    let found = value(metric(&record, "first", None)).unwrap();
    let first = first + 4.99;
    assert!((found - first / 120.0).abs() < 1e-9, "{found} {first}");
}

#[test]
fn money_is_a_metric_with_other_columns_of_the_row_and_a_ratio_of_sums() {
    let metrics = "      cost: {expression: CASE WHEN label = 1 AND class = 0 THEN 40 WHEN label = 0 AND class = 1 THEN 5 ELSE 0 END, greater_is_better: false, no_worse_by: 1.5}
      cost_per_mile:
        expression: CASE WHEN label = 1 AND class = 0 THEN 40 WHEN label = 0 AND class = 1 THEN 5 ELSE 0 END
        divided_by: distance
        greater_is_better: false
        at_most: 0.02
        no_worse_by: 0.01
      selected_of_ua: {expression: class = 1 AND carrier = 'UA', at_most: 0.3}
";
    let gate = judged(metrics, "");
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    let record = gate.record();
    let lines = rows("score", 6);
    let (mut cost, mut miles) = (0.0, 0.0);
    for line in lines.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let said = cells[2].parse::<f64>().unwrap() >= 0.5;
        cost += match (cells[1] == "1", said) {
            (true, false) => 40.0,
            (false, true) => 5.0,
            _ => 0.0,
        };
        miles += cells[3].parse::<f64>().unwrap();
    }
    same(value(metric(&record, "cost", None)), Some(cost / 600.0));
    same(
        value(metric(&record, "cost_per_mile", None)),
        Some(cost / miles),
    );
    let gain = metric(&record, "cost_per_mile", None)
        .gain
        .as_ref()
        .unwrap();
    assert!(gain.low.unwrap() < gain.value && gain.value < gain.high.unwrap());
    // The definition tells two expressions apart wherever values are kept.
    assert!(
        record.models[0]
            .metrics
            .iter()
            .any(|m| m.definition.starts_with("sum of CASE")
                && m.definition.ends_with("/ sum of distance")),
        "{:?}",
        record.models[0]
            .metrics
            .iter()
            .map(|m| &m.definition)
            .collect::<Vec<_>>()
    );
    let worse = judged(&metrics.replace("1.5}", "0.01}"), "");
    assert_ne!(worse.code, 0);
    assert_ne!(worse.outcome("m.no_worse_by(cost)").status, Status::Pass);
}

#[test]
fn what_has_no_number_is_named_with_its_row_and_never_passes() {
    for (expression, wanted) in [
        (
            "CASE WHEN distance = 104 THEN NULL ELSE 1 END",
            "null, NaN or infinity in row 5",
        ),
        ("1 / (distance - 100)", "null, NaN or infinity in row 1"),
    ] {
        let metrics = format!(
            "      own: {{expression: {expression}, greater_is_better: true, at_least: 0}}\n"
        );
        let gate = judged(&metrics, "");
        assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
        let told = gate.outcome("m.at_least(own)");
        assert!(told.message.contains(wanted), "{}", told.message);
    }
    let below = "      own: {expression: score, divided_by: distance - 200, greater_is_better: true, at_least: 0}\n";
    let gate = judged(below, "");
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    let told = gate.outcome("m.at_least(own)");
    assert!(
        told.message.contains("`divided_by` is below 0 in row 1"),
        "{}",
        told.message
    );
    let text = "      own: {expression: note, greater_is_better: true, at_least: 0}\n";
    let gate = judged(text, "");
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    assert!(
        gate.stdout
            .contains("the expression of `own` (candidate): the answer is string, not a number"),
        "{}",
        gate.stdout
    );
}

#[test]
fn a_row_is_named_as_it_is_in_the_file_whatever_the_order_in_time() {
    for (own, wanted) in [
        (
            "expression: 'CASE WHEN id IN (4, 300) THEN NULL ELSE 1 END'",
            "null, NaN or infinity in row 5",
        ),
        (
            "expression: score, divided_by: 4 - id",
            "`divided_by` is below 0 in row 6",
        ),
    ] {
        let config = format!(
            "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, label: late, score: score, time: distance}}\n    \
             slices: [carrier]\n    metrics:\n      own: {{{own}, greater_is_better: true, at_least: 0, worst_slice: {{at_least: 0}}}}\n"
        );
        let gate = Gate::run(
            &[
                ("tollgate.yaml", config.as_bytes()),
                ("c.csv", rows("score", 6).as_bytes()),
            ],
            &[],
        );
        assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
        let told = gate.outcome("m.at_least(own)");
        assert!(told.message.contains(wanted), "{}", told.message);
    }
}

#[test]
fn what_the_candidate_said_is_not_named_by_its_column() {
    let columns = "label: y, key: id, value: v, low: l, high: value";
    for (expression, name, role) in [
        ("ABS(v - y)", "v", "value"),
        ("ABS(\"v\" - label)", "v", "value"),
        ("CASE WHEN y < l THEN 1 ELSE 0 END", "l", "low"),
    ] {
        let config = format!(
            "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, {columns}}}\n    baseline: {{predictions: b.csv}}\n    \
             metrics:\n      own: {{expression: '{expression}', greater_is_better: false, no_worse_by: 1}}\n      \
             ratio: {{expression: '1', divided_by: '{expression}', greater_is_better: false, no_worse_by: 1}}\n"
        );
        let gate = Gate::run(&[("tollgate.yaml", config.as_bytes())], &[]);
        assert_eq!(gate.code, 2, "{}{}", gate.stdout, gate.stderr);
        let told = format!("`{name}` is what the candidate said; write `{role}`");
        assert_eq!(
            gate.stderr.matches(&told).count(),
            2,
            "both expressions: {}",
            gate.stderr
        );
    }
    // A role stands for what it says, whatever columns are called; and a column that nobody said is one of the row.
    let config = "version: 1\nmodels:\n  m:\n    candidate: {predictions: c.csv, label: y, value: said, high: value}\n    \
                  baseline: {predictions: b.csv}\n    min_rows: 2\n    metrics:\n      \
                  own: {expression: ABS(value - label) + more, greater_is_better: false, at_most: 9}\n";
    let rows = |off: u32| {
        let mut text = "y,said,value,more\n".to_owned();
        for row in 0..60_u32 {
            writeln!(text, "{row},{},{},{}", row + off, row + 90, row % 3).unwrap();
        }
        text
    };
    let gate = Gate::run(
        &[
            ("tollgate.yaml", config.as_bytes()),
            ("c.csv", rows(1).as_bytes()),
            ("b.csv", rows(2).as_bytes()),
        ],
        &[],
    );
    let record = gate.record();
    let own = metric(&record, "own", None);
    same(value(own), Some(2.0));
    same(own.baseline, Some(3.0));
}

#[test]
fn a_metric_that_only_a_tracker_knows_needs_no_expression() {
    let config = "version: 1\nmodels:\n  m:\n    candidate: {metrics: c.json}\n    baseline: {metrics: b.json}\n    metrics:\n      \
                  profit: {greater_is_better: true, no_worse_by: 1%}\n";
    let file = |value: f64| {
        format!(
            "{{\"metrics\": [{{\"name\": \"profit\", \"value\": {value}, \"standard_error\": 0.1}}]}}"
        )
    };
    let run = |candidate: f64| {
        Gate::run(
            &[
                ("tollgate.yaml", config.as_bytes()),
                ("c.json", file(candidate).as_bytes()),
                ("b.json", file(100.0).as_bytes()),
            ],
            &[],
        )
    };
    let better = run(101.0);
    assert_eq!(better.code, 0, "{}{}", better.stdout, better.stderr);
    let worse = run(90.0);
    assert_eq!(worse.code, 1, "{}{}", worse.stdout, worse.stderr);
}

#[test]
fn mistakes_are_told_at_their_place() {
    for (metrics, wanted) in [
        (
            "      own: {expression: SUM(score), greater_is_better: true, at_least: 0}\n",
            "is no number of a row",
        ),
        (
            "      own: {expression: 'score +', greater_is_better: true, at_least: 0}\n",
            "is no number of a row",
        ),
        (
            "      own: {greater_is_better: true, at_least: 0}\n",
            "nothing says how `own` is made of rows",
        ),
        (
            "      own: {expression: score, no_worse_by: 1}\n",
            "greater_is_better: true",
        ),
        (
            "      own: {divided_by: score, greater_is_better: true}\n",
            "there is none",
        ),
        (
            "      roc_auc: {expression: score, greater_is_better: true}\n",
            "is a metric of the list",
        ),
        (
            "      own: {expression: score, metric: roc_auc}\n",
            "one of your own",
        ),
        (
            "      own: {expression: score, k: 3}\n",
            "is an option of metrics of the list",
        ),
    ] {
        let gate = judged(metrics, "");
        assert_eq!(gate.code, 2, "{metrics}: {}{}", gate.stdout, gate.stderr);
        assert!(gate.stderr.contains(wanted), "{metrics}: {}", gate.stderr);
    }
    let gate = judged(
        "      own: {expression: scor * 2, greater_is_better: true, at_least: 0}\n",
        "",
    );
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    assert!(
        gate.stderr.contains("there is no column `scor`"),
        "{}",
        gate.stderr
    );
}
