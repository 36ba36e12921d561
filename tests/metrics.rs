//! Metrics of models beside scikit-learn and loops in Python, to 1e-9: `tests/independent/metrics.py` writes the tables.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tollgate::model::metric::{Metric, Options, Predicted, Rows, Truth};

/// The cases as Python writes them; absent where no Python has scikit-learn.
fn cases() -> Option<Vec<Value>> {
    let Ok(python) = std::env::var("TOLLGATE_PYTHON") else {
        assert!(
            std::env::var("CI").is_err(),
            "CI names a Python in TOLLGATE_PYTHON"
        );
        eprintln!("skipped: TOLLGATE_PYTHON names no Python with tests/requirements.txt");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/metrics.py");
    let status = Command::new(python).arg(script).arg(&file).status();
    assert!(status.unwrap().success());
    let read: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    Some(read["cases"].as_array().unwrap().clone())
}

/// Columns of a case.
struct Columns(Value);

impl Columns {
    fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let column = self.0.get(name)?.as_array().unwrap();
        Some(column.iter().map(|v| v.as_f64().unwrap()).collect())
    }

    fn whole(&self, name: &str) -> Option<Vec<u32>> {
        let numbers = self.numbers(name)?;
        Some(numbers.iter().map(|v| *v as u32).collect())
    }
}

/// One table, as owned columns.
struct Table {
    classes: Option<u32>,
    truth: Vec<f64>,
    of: Vec<u32>,
    class: Option<Vec<u32>>,
    score: Option<Vec<f64>>,
    scores: Option<Vec<Vec<f64>>>,
    value: Option<Vec<f64>>,
    low: Option<Vec<f64>>,
    high: Option<Vec<f64>>,
    weight: Option<Vec<f64>>,
    group: Option<Vec<u32>>,
}

impl Table {
    fn read(columns: &Value) -> Self {
        let classes = columns.get("classes").map(|v| v.as_u64().unwrap() as u32);
        let columns = Columns(columns.clone());
        let scores = columns.0.get("scores").map(|scores| {
            let each = |of: &Value| {
                let numbers = of.as_array().unwrap().iter();
                numbers.map(|v| v.as_f64().unwrap()).collect()
            };
            scores.as_array().unwrap().iter().map(each).collect()
        });
        Self {
            classes,
            truth: columns.numbers("truth").unwrap(),
            of: columns.whole("truth").unwrap(),
            class: columns.whole("class"),
            score: columns.numbers("score"),
            scores,
            value: columns.numbers("value"),
            low: columns.numbers("low"),
            high: columns.numbers("high"),
            weight: columns.numbers("weight"),
            group: columns.whole("group"),
        }
    }

    fn with_rows<T>(&self, then: impl FnOnce(&Rows<'_>) -> T) -> T {
        let scores: Option<Vec<&[f64]>> = self
            .scores
            .as_ref()
            .map(|s| s.iter().map(Vec::as_slice).collect());
        then(&Rows {
            truth: match self.classes {
                Some(classes) => Truth::Classes {
                    of: &self.of,
                    classes,
                },
                None => Truth::Values(&self.truth),
            },
            predicted: Predicted {
                class: self.class.as_deref(),
                score: self.score.as_deref(),
                scores: scores.as_deref(),
                value: self.value.as_deref(),
                low: self.low.as_deref(),
                high: self.high.as_deref(),
                own: &[],
            },
            weight: self.weight.as_deref(),
            group: self.group.as_deref(),
        })
    }
}

fn read(expected: &Value) -> Metric {
    let mut options = Options::default();
    for (key, text) in expected["options"].as_object().unwrap() {
        options.set(key, text.as_str().unwrap()).unwrap();
    }
    Metric::parse(expected["metric"].as_str().unwrap(), &options).unwrap()
}

#[test]
fn every_metric_is_what_scikit_learn_says() {
    let Some(cases) = cases() else { return };
    let (mut wrong, mut compared) = (Vec::new(), 0);
    let mut seen = std::collections::BTreeMap::<String, (usize, usize)>::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let table = Table::read(&case["columns"]);
        for expected in case["expected"].as_array().unwrap() {
            let metric = read(expected);
            let value = table.with_rows(|rows| metric.value(rows));
            let counts = seen.entry(metric.name()).or_default();
            compared += 1;
            let right = match (expected["value"].as_f64(), value) {
                (Some(e), Ok(v)) => {
                    counts.0 += 1;
                    (e - v).abs() <= 1e-9 * e.abs().max(1.0)
                }
                (None, Err(_)) => {
                    counts.1 += 1;
                    true
                }
                _ => false,
            };
            if !right {
                let said = &expected["value"];
                wrong.push(format!(
                    "{name}: {} is {value:?}, Python says {said}",
                    metric.definition()
                ));
            }
        }
    }
    assert_eq!(wrong, [""; 0], "{} of {compared}", wrong.len());
    for metric in Metric::all() {
        let (values, _) = seen.get(&metric.name()).copied().unwrap_or_default();
        assert!(
            values >= 20,
            "{} was compared {values} times",
            metric.name()
        );
    }
    assert!(compared > 10_000, "{compared}");
}
