//! Histories whose data is not as simple as it should be: infinite numbers, values beyond what is profiled, large ids,
//! nested values, columns that become personal, many columns.

use crate::history::Nights;
use arrow::array::{
    ArrayRef, Decimal256Array, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
};
use arrow::datatypes::{Int32Type, i256};
use parquet::arrow::ArrowWriter;
use std::sync::Arc;
use tollgate::drift::sample::Random;
use tollgate::record::{Outcome, Status};

const CONFIG: &str = "\
version: 1
history: runs
datasets:
  d:
    path: d.parquet
    drift: {severity: error}
    expect:
      - row_count: {min: 1}
";

type Columns = Vec<(&'static str, ArrayRef)>;

fn write(nights: &Nights, name: &str, columns: Columns) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    std::fs::write(nights.path().join(name), bytes).unwrap();
}

/// Tests one batch; its exit code and outcomes.
fn run(nights: &mut Nights, day: usize, columns: Columns, args: &[&str]) -> (i32, Vec<Outcome>) {
    write(nights, "d.parquet", columns);
    let gate = nights.run(day, "", args);
    (gate.code, gate.record().outcomes)
}

fn find<'a>(outcomes: &'a [Outcome], id: &str) -> &'a Outcome {
    let ids: Vec<&str> = outcomes.iter().map(|o| o.id.as_str()).collect();
    let found = outcomes.iter().find(|o| o.id == id);
    found.unwrap_or_else(|| panic!("{id} is not among {ids:?}"))
}

fn last_night(nights: &Nights) -> serde_json::Value {
    let file = nights.file();
    let line: serde_json::Value = serde_json::from_str(file.lines().last().unwrap()).unwrap();
    line["night"].clone()
}

#[test]
fn an_infinite_number_leaves_a_history_that_can_be_read() {
    let mut nights = Nights::new(CONFIG);
    let batch = |last: f64| -> Columns {
        let x: Vec<f64> = (0..30).map(|i| [1.0, 2.0, last][i % 3]).collect();
        let y: Vec<f64> = (0..30).map(f64::from).collect();
        vec![
            ("x", Arc::new(Float64Array::from(x))),
            ("y", Arc::new(Float64Array::from(y))),
        ]
    };
    assert_eq!(run(&mut nights, 1, batch(f64::INFINITY), &[]).0, 0);
    let file = nights.file();
    assert!(
        file.contains("\"cuts\":[2.0,1.7976931348623157e+308]"),
        "{file}"
    );
    assert_eq!(nights.listed().len(), 1);
    // A line of before.
    nights.write(
        "runs/d.jsonl",
        &file.replace("1.7976931348623157e+308", "null"),
    );
    assert_eq!(nights.listed().len(), 1);
    assert_eq!(run(&mut nights, 2, batch(3.0), &[]).0, 0);
    assert_eq!(nights.listed().len(), 2);
    let columns = &last_night(&nights)["joint"]["columns"];
    assert_eq!(
        columns[0]["classes"]["cuts"][1],
        1.797_693_134_862_315_7e308
    );
    assert_eq!(columns[0]["made_of"], 30);
}

fn small(random: &mut Random, below: usize) -> i256 {
    i256::from(i64::try_from(random.below(below)).unwrap())
}

/// A column of 400 decimals and one more value.
fn decimals(day: usize, last: i256) -> Columns {
    let mut random = Random::new(day as u64);
    let mut values: Vec<Option<i256>> = (0..400).map(|_| Some(small(&mut random, 1_000))).collect();
    values.push(Some(last));
    let w = Decimal256Array::from(values);
    let w = w.with_precision_and_scale(60, 0).unwrap();
    let x = (0..401i32).map(|i| i % 10);
    vec![
        ("w", Arc::new(w)),
        ("x", Arc::new(x.collect::<Int32Array>())),
    ]
}

fn wide() -> i256 {
    i256::from_i128(10i128.pow(30)).wrapping_mul(i256::from_i128(10i128.pow(15)))
}

#[test]
fn a_number_that_was_read_in_part_is_not_followed_and_is_no_ordinary_night() {
    let config = CONFIG.to_owned()
        + "      - metric_stable: {metric: greatest, column: w, max_change: 5000, min_runs: 1}\n";
    let mut nights = Nights::new(&config);
    for day in 1..=9 {
        let (_, outcomes) = run(
            &mut nights,
            day,
            decimals(day, i256::from(4)),
            &["--fail-on", "never"],
        );
        let stable = outcomes
            .iter()
            .find(|o| o.check == "metric_stable")
            .unwrap();
        let status = [Status::Pass, Status::Skipped][usize::from(day == 1)];
        assert_eq!(stable.status, status, "{}", stable.message);
    }
    let (code, outcomes) = run(&mut nights, 10, decimals(10, wide()), &[]);
    let stable = outcomes
        .iter()
        .find(|o| o.check == "metric_stable")
        .unwrap();
    assert_eq!(stable.status, Status::Error, "{}", stable.message);
    assert!(stable.message.contains("38 digits"), "{}", stable.message);
    let columns = find(&outcomes, "d.drift_history_columns");
    assert_eq!((code, columns.status), (1, Status::Fail));
    let said = "`w` (values beyond what is profiled now)";
    assert!(columns.message.contains(said), "{}", columns.message);
}

#[test]
fn a_number_that_stays_beyond_what_is_profiled_is_told_more_than_once() {
    let mut nights = Nights::new(CONFIG);
    for day in 1..=9 {
        run(&mut nights, day, decimals(day, i256::from(4)), &[]);
    }
    for day in 10..=12 {
        let (_, outcomes) = run(&mut nights, day, decimals(day, wide()), &[]);
        let columns = find(&outcomes, "d.drift_history_columns");
        assert_eq!(columns.status, Status::Fail, "{day}: {}", columns.message);
    }
}

#[test]
fn a_number_that_was_read_in_part_could_not_be_judged_against_a_reference() {
    let config = CONFIG.replace("history: runs\n", "").replace(
        "    drift: {severity: error}\n",
        "    reference: r.parquet\n",
    );
    let mut nights = Nights::new(&config);
    write(&nights, "r.parquet", decimals(1, i256::from(4)));
    let (_, outcomes) = run(&mut nights, 2, decimals(2, i256::from(4)), &[]);
    assert_eq!(find(&outcomes, "d.drift_coverage").status, Status::Pass);
    let (_, outcomes) = run(&mut nights, 2, decimals(2, wide()), &[]);
    let coverage = find(&outcomes, "d.drift_coverage");
    assert_eq!(coverage.status, Status::Skipped);
    let said = "could not be judged with values beyond what is profiled: `w`";
    assert!(coverage.message.contains(said), "{}", coverage.message);
    let gate = nights.run(2, "", &[]);
    assert_eq!(gate.record().verdict.status, Status::Warn);
}

#[test]
fn large_ids_and_different_lists_do_not_repeat() {
    let ids: Int64Array = (0..2_000)
        .map(|i| Some(1_700_000_000_000_000_000 + i))
        .collect();
    let lists = (0..2_000).map(|i| Some(vec![Some(i % 50), Some(i / 50)]));
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(lists);
    let columns: [ArrayRef; 2] = [Arc::new(ids), Arc::new(lists)];
    let mut nights = Nights::new(CONFIG);
    for (day, column) in (1..).zip(columns) {
        let half = column.slice(0, 1_000);
        let twice = arrow::compute::concat(&[&half, &half]).unwrap();
        for (hour, batch, repeated) in [(day, column, 0), (day + 2, twice, 1_000)] {
            run(&mut nights, hour, vec![("c", batch)], &[]);
            let joint = &last_night(&nights)["joint"];
            assert_eq!(
                (&joint["rows"], &joint["repeated"]),
                (&2_000.into(), &repeated.into())
            );
            assert_eq!(joint["counted"], "by_content");
        }
    }
}

#[test]
fn of_many_rows_those_that_repeat_are_told_by_their_true_share() {
    let mut nights = Nights::new(CONFIG);
    // One row in twenty is a copy of another, of more rows than are looked at.
    for (day, rows) in [(1, 60_000), (2, 300_000)] {
        let batch: Int64Array = (0..rows).map(|i| Some(i % (rows - rows / 20))).collect();
        run(&mut nights, day, vec![("c", Arc::new(batch))], &[]);
        let joint = &last_night(&nights)["joint"];
        let count = |name: &str| joint[name].as_f64().unwrap();
        let share = count("repeated") / count("rows");
        assert!((19_000.0..21_000.0).contains(&count("rows")), "{joint}");
        assert!((share - 0.05).abs() < 0.002, "{rows}: {share}");
    }
}

#[test]
fn what_runs_before_measured_of_a_column_that_is_personal_now_is_not_shown() {
    let mut nights = Nights::new(&CONFIG.replace(
        "    drift: {severity: error}\n    expect:\n      - row_count: {min: 1}\n",
        "    contract: c.yaml\n",
    ));
    let contract = |pii: bool| {
        format!(
            "version: 1\ncolumns:\n  - {{name: salary, type: float64, pii: {pii}}}\nexpect:\n  - min_between: {{column: salary, min: 40000}}\n"
        )
    };
    let batch = |day: usize| -> Columns {
        let values: Vec<f64> = (0..50).map(|i| 31_337.0 + (day * 100 + i) as f64).collect();
        vec![("salary", Arc::new(Float64Array::from(values)))]
    };
    nights.write("c.yaml", &contract(false));
    for day in 1..=2 {
        run(&mut nights, day, batch(day), &[]);
    }
    let (_, outcomes) = run(&mut nights, 3, batch(3), &[]);
    let began = find(&outcomes, "d.min_between(salary)")
        .began
        .clone()
        .unwrap();
    assert_eq!((began.runs, began.past), (3, vec![31_437.0, 31_537.0]));
    nights.write("c.yaml", &contract(true));
    let (code, outcomes) = run(&mut nights, 4, batch(4), &[]);
    let outcome = find(&outcomes, "d.min_between(salary)");
    let began = outcome.began.clone().unwrap();
    assert_eq!((code, began.runs, began.past), (1, 4, Vec::new()));
    assert_eq!(outcome.measured[0].text, "(redacted)");
}

#[test]
fn batches_of_many_columns_have_fewer_rows() {
    use tollgate::engine::embedded::source::{BATCH_ROWS, Dataset, SourceOptions};
    let nights = Nights::new(CONFIG);
    let column: ArrayRef = Arc::new((0..25_000i32).collect::<Int32Array>());
    let names: Vec<String> = (0..200).map(|i| format!("c{i}")).collect();
    let columns = names.iter().map(|n| (n.clone(), column.clone()));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(nights.path().join("w.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let dataset = Dataset::open("w.parquet", nights.path(), &SourceOptions::default()).unwrap();
    let most = |names: &[String]| {
        let (mut most, mut rows) = (0, 0);
        let each = &mut |batch: &RecordBatch| {
            most = most.max(batch.num_rows());
            rows += batch.num_rows();
            Ok(())
        };
        dataset.scan(names, each).unwrap();
        assert_eq!(rows, 25_000);
        most
    };
    assert_eq!(most(&names), (1 << 22) / 200);
    assert_eq!(most(&names[..2]), 25_000.min(BATCH_ROWS));
}
