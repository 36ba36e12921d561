//! What ONNX files say of rows: held against onnxruntime (`tests/onnx/make_onnx.py`), and files that cannot be run.

#![cfg(feature = "onnx")]
#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::path::{Path, PathBuf};
use tollgate::model::source::onnx::{
    Inputs, Nulls, Scored, Settings, Weights, bytes, operators, operators_run, score,
};
use tollgate::model::table::{Column, Table};

const NUMBERS: [&str; 4] = ["dep_delay", "distance", "sched_dep_time", "air_time"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx")
}

/// A table of whole numbers, numbers and texts.
fn table(name: &str) -> Table {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let column = |at: usize| {
        let cells: Vec<&str> = rows.iter().map(|r| r[at]).collect();
        let all = |is: fn(&str) -> bool| cells.iter().all(|c| is(c));
        if all(|c| c.parse::<i64>().is_ok()) {
            return Column::Integers(cells.iter().map(|c| c.parse().ok()).collect());
        }
        if all(|c| c.parse::<f64>().is_ok()) {
            return Column::Numbers(cells.iter().map(|c| c.parse().ok()).collect());
        }
        texts(&cells)
    };
    let columns = names.iter().enumerate();
    Table {
        rows: rows.len(),
        columns: columns
            .map(|(at, n)| ((*n).to_owned(), column(at)))
            .collect(),
    }
}

fn texts(cells: &[&str]) -> Column {
    let mut words: Vec<String> = Vec::new();
    let mut codes = Vec::new();
    for cell in cells {
        let known = words.iter().position(|w| w == cell);
        let code = known.unwrap_or_else(|| {
            words.push((*cell).to_owned());
            words.len() - 1
        });
        codes.push(u32::try_from(code).ok());
    }
    Column::Texts { codes, words }
}

fn settings(path: PathBuf, inputs: Inputs) -> Settings {
    Settings {
        shown: path.file_name().unwrap().to_string_lossy().into_owned(),
        path,
        inputs,
        nulls: Nulls::Refuse,
    }
}

fn columns(names: &[&str]) -> Inputs {
    Inputs::Features(names.iter().map(|n| (*n).to_owned()).collect())
}

fn scored(settings: &Settings, table: &Table, wanted: &[&str]) -> Result<Scored, String> {
    let wanted: Vec<String> = wanted.iter().map(|w| (*w).to_owned()).collect();
    let bytes = bytes(settings).map_err(|e| e.to_string())?;
    score(settings, &bytes, table, &wanted).map_err(|e| e.to_string())
}

fn of(name: &str, inputs: Inputs, table: &Table, wanted: &[&str]) -> Result<Scored, String> {
    scored(&settings(folder().join(name), inputs), table, wanted)
}

/// Holds columns against those of a table whose names begin with `prefix`; the largest difference of numbers, over
/// 1 or their size.
fn differ(said: &Table, table: &Table, prefix: &str) -> f64 {
    let mut largest: f64 = 0.0;
    for (name, column) in &said.columns {
        let truth = table.column(&format!("{prefix}{name}")).unwrap();
        for row in 0..table.rows {
            match (column.number(row), truth.number(row)) {
                (Some(now), Some(then)) => {
                    let apart = (now - then).abs() / then.abs().max(1.0);
                    assert!(apart < 2e-5, "{prefix}{name}, row {row}: {now} and {then}");
                    largest = largest.max(apart);
                }
                _ => assert_eq!(
                    column.text(row),
                    truth.text(row),
                    "{prefix}{name}, row {row}"
                ),
            }
        }
    }
    largest
}

#[test]
fn models_of_scikit_learn_say_what_they_say_in_onnxruntime() {
    let table = table("flights.csv");
    let probabilities = ["label", "probabilities.0", "probabilities.1"];
    let forest = [
        "output_label",
        "output_probability.early",
        "output_probability.late",
        "output_probability.on time",
    ];
    let all: [(&str, &[&str], &[&str]); 5] = [
        ("logit", &NUMBERS, &probabilities),
        ("boosted", &NUMBERS, &probabilities),
        ("forest", &NUMBERS, &forest),
        ("minutes", &NUMBERS, &["variable"]),
        (
            "mixed",
            &[
                "origin",
                "air_time",
                "carrier",
                "distance",
                "dep_delay",
                "sched_dep_time",
            ],
            &probabilities,
        ),
    ];
    for (name, given, wanted) in all {
        let said = of(&format!("{name}.onnx"), columns(given), &table, wanted).unwrap();
        assert_eq!(said.predictions.columns.len(), wanted.len());
        let largest = differ(&said.predictions, &table, &format!("{name}."));
        assert!(largest < 2e-6, "{name}: {largest}");
    }
}

#[test]
fn operators_compute_what_they_compute_in_onnxruntime() {
    let table = table("operators.csv");
    let wanted: Vec<&str> = table
        .columns
        .iter()
        .skip(4)
        .map(|(n, _)| n.as_str())
        .collect();
    assert!(wanted.len() > 200, "{}", wanted.len());
    let said = of(
        "operators.onnx",
        columns(&["a", "b", "c", "d"]),
        &table,
        &wanted,
    )
    .unwrap();
    assert_eq!(said.predictions.columns.len(), wanted.len());
    differ(&said.predictions, &table, "");
}

/// No operator is run that the tests do not hold against onnxruntime.
#[test]
fn every_operator_that_is_run_is_held_against_onnxruntime() {
    let mut held = std::collections::BTreeSet::new();
    for name in ["operators", "mixed", "logit", "forest"] {
        let bytes = std::fs::read(folder().join(format!("{name}.onnx"))).unwrap();
        held.extend(operators(&bytes).unwrap());
    }
    let run: std::collections::BTreeSet<String> = operators_run().into_iter().collect();
    let unheld: Vec<&String> = run.iter().filter(|name| !held.contains(*name)).collect();
    assert!(unheld.is_empty(), "{unheld:?}");
    assert!(run.len() > 90, "{}", run.len());
}

/// A column that adds up four columns by 1, 2, 3, 4.
fn weighed(table: &Table) -> Vec<f64> {
    let value = |name: &str, row: usize| table.column(name).unwrap().number(row).unwrap();
    let row = |row| {
        (1..)
            .zip(NUMBERS)
            .map(|(w, n)| f64::from(w) * value(n, row))
            .sum()
    };
    (0..table.rows).map(row).collect()
}

fn numbers(said: &Scored, name: &str) -> Vec<f64> {
    let column = said.predictions.column(name).unwrap();
    (0..said.predictions.rows)
        .map(|r| column.number(r).unwrap())
        .collect()
}

#[test]
fn a_fixed_number_of_rows_is_filled_up_and_weights_lie_beside_the_file() {
    let mut table = table("flights.csv");
    // 61 rows: seven times eight, and five
    for (_, column) in &mut table.columns {
        if let Column::Integers(values) = column {
            values.truncate(61);
        }
    }
    table.rows = 61;
    table.columns.retain(|(n, _)| NUMBERS.contains(&n.as_str()));
    let said = of("eight.onnx", columns(&NUMBERS), &table, &["Y"]).unwrap();
    assert_eq!(numbers(&said, "Y"), weighed(&table));
    let said = of("beside.onnx", columns(&NUMBERS), &table, &["Y"]).unwrap();
    assert_eq!(numbers(&said, "Y"), weighed(&table));
    let bytes = std::fs::read(folder().join("beside.bin")).unwrap();
    let weights = Weights {
        path: PathBuf::from("beside.bin"),
        bytes: bytes.len() as u64,
        sha256: tollgate::promote::sha256(&bytes),
    };
    assert_eq!(said.weights, [weights]);
    let outside = of("outside.onnx", columns(&NUMBERS), &table, &["Y"]).unwrap_err();
    assert!(
        outside.contains("`../flights.csv`, which is not below the folder"),
        "{outside}"
    );
}

/// Three rows of each type of input.
fn typed(column: (&str, Column)) -> Table {
    let mut columns = vec![
        (
            "whole".to_owned(),
            Column::Numbers(vec![Some(3.0), Some(-4.0), Some(5.0)]),
        ),
        (
            "truth".to_owned(),
            Column::Booleans(vec![Some(true), Some(false), Some(true)]),
        ),
        (
            "double".to_owned(),
            Column::Numbers(vec![Some(0.125), Some(0.1), Some(1e300)]),
        ),
        ("text".to_owned(), texts(&["AA", "nobody", "B6"])),
    ];
    if let Some(place) = columns.iter().position(|(n, _)| n == column.0) {
        columns[place].1 = column.1;
    }
    Table { rows: 3, columns }
}

#[test]
fn inputs_have_types_and_values_that_fit_none_are_named() {
    let names = ["whole", "truth", "double", "text"];
    let good = typed(("none", Column::Booleans(Vec::new())));
    let said = of("typed.onnx", columns(&names), &good, &["Y"]).unwrap();
    assert_eq!(numbers(&said, "Y"), [104.125, 3.1, 1e300]);
    let pair = |name: &str, column: &str| (name.to_owned(), vec![column.to_owned()]);
    let other = Inputs::Named(vec![
        pair("truth", "truth"),
        pair("whole", "whole"),
        pair("text", "text"),
        pair("double", "whole"),
    ]);
    assert_eq!(
        numbers(&of("typed.onnx", other, &good, &["Y"]).unwrap(), "Y"),
        [107.0, -1.0, 211.0]
    );
    let bad = [
        (
            "whole",
            Column::Numbers(vec![Some(1.0), Some(1.5), None]),
            "row 2, column `whole`: 1.5 is no whole number",
        ),
        (
            "whole",
            Column::Integers(vec![Some(1), None, None]),
            "row 2, column `whole`: null",
        ),
        (
            "whole",
            texts(&["1", "2", "3"]),
            "a text, and the input takes whole numbers",
        ),
        (
            "truth",
            Column::Integers(vec![Some(1); 3]),
            "the input takes true and false",
        ),
        (
            "double",
            texts(&["1", "2", "3"]),
            "a text, and the input takes numbers",
        ),
        (
            "double",
            Column::Numbers(vec![Some(1.0), Some(2.0), Some(f64::NAN)]),
            "row 3, column `double`: null or NaN",
        ),
        (
            "text",
            Column::Integers(vec![Some(1); 3]),
            "no text, and the input takes texts",
        ),
    ];
    for (name, column, told) in bad {
        let error = of(
            "typed.onnx",
            columns(&names),
            &typed((name, column)),
            &["Y"],
        )
        .unwrap_err();
        assert!(error.contains(told), "{error}");
    }
    let too_large = Column::Numbers(vec![Some(1e39); 120]);
    let mut table = table("flights.csv");
    let at = table
        .columns
        .iter()
        .position(|(n, _)| n == "distance")
        .unwrap();
    table.columns[at].1 = too_large;
    let error = of("logit.onnx", columns(&NUMBERS), &table, &["label"]).unwrap_err();
    assert!(
        error.contains(
            "column `distance`: 1000000000000000000000000000000000000000 is beyond float32"
        ),
        "{error}"
    );
}

#[test]
fn nulls_are_refused_or_given_as_nan_to_what_knows_them() {
    let mut table = table("flights.csv");
    let at = table
        .columns
        .iter()
        .position(|(n, _)| n == "distance")
        .unwrap();
    let before = of(
        "boosted.onnx",
        columns(&NUMBERS),
        &table,
        &["probabilities.1"],
    )
    .unwrap();
    if let Column::Integers(values) = &mut table.columns[at].1 {
        values[7] = None;
    }
    let error = of(
        "boosted.onnx",
        columns(&NUMBERS),
        &table,
        &["probabilities.1"],
    )
    .unwrap_err();
    assert!(
        error.contains("row 8, column `distance`: null or NaN; `nulls: nan`"),
        "{error}"
    );
    let with = |name: &str| {
        let mut settings = settings(folder().join(name), columns(&NUMBERS));
        settings.nulls = Nulls::Nan;
        scored(&settings, &table, &["probabilities.1"])
    };
    let after = with("boosted.onnx").unwrap();
    let (before, after) = (
        numbers(&before, "probabilities.1"),
        numbers(&after, "probabilities.1"),
    );
    assert_eq!(before[..7], after[..7]);
    let error = with("logit.onnx").unwrap_err();
    assert!(error.contains("NaN comes to `LinearClassifier`"), "{error}");
}

#[test]
fn what_cannot_be_run_is_named_and_no_number_is_made_up() {
    let table = table("flights.csv");
    let cases = [
        (
            "svc.onnx",
            "label",
            "the operator `SVMClassifier` of the domain `ai.onnx.ml` (node `",
        ),
        (
            "domain.onnx",
            "Y",
            "the operator `Add` of the domain `com.example` (node `adds`) cannot be run here",
        ),
        (
            "chance.onnx",
            "Y",
            "the operator `RandomNormalLike` of the domain `ai.onnx` (node `draws`) draws by chance",
        ),
        ("nan.onnx", "Y", "its prediction `Y` of row "),
        (
            "hidden.onnx",
            "Y",
            "NaN comes to `Relu` (`limits`), which cannot give it on",
        ),
        (
            "one.onnx",
            "Y",
            "its output `Y` has the shape [1, 1] for 120 rows",
        ),
        ("unmade.onnx", "Y", "it reads `Z`, which nothing makes"),
        ("cube.onnx", "Y", "the input `X` has 3 dimensions"),
        ("loop.onnx", "Y", "not every node is reached from one root"),
        (
            "logit.onnx",
            "scores",
            "no output holds `scores`; outputs are label, probabilities",
        ),
        (
            "logit.onnx",
            "probabilities.2",
            "its output `probabilities` has no column `probabilities.2`; columns are probabilities.0, probabilities.1",
        ),
        ("none.onnx", "Y", "cannot read none.onnx: No such file"),
        ("flights.csv", "Y", "it is no ONNX model"),
    ];
    for (name, wanted, told) in cases {
        let error = of(name, columns(&NUMBERS), &table, &[wanted]).unwrap_err();
        assert!(error.contains(told), "{name}: {error}");
    }
    let fewer = of("logit.onnx", columns(&NUMBERS[..3]), &table, &["label"]).unwrap_err();
    assert!(
        fewer.contains("the input `X` takes 4 values a row, and 3 columns are named"),
        "{fewer}"
    );
    let lacking = of("mixed.onnx", columns(&NUMBERS), &table, &["label"]).unwrap_err();
    assert!(
        lacking.contains("no column is named for its input `carrier`"),
        "{lacking}"
    );
    let stray = Inputs::Named(vec![("Y".to_owned(), vec!["distance".to_owned()])]);
    let stray = of("logit.onnx", stray, &table, &["label"]).unwrap_err();
    assert!(
        stray.contains("it has no input `Y`; inputs are X"),
        "{stray}"
    );
}

#[test]
fn a_broken_file_is_an_error_and_never_a_panic() {
    let table = table("flights.csv");
    for name in ["forest.onnx", "logit.onnx", "eight.onnx"] {
        let whole = std::fs::read(folder().join(name)).unwrap();
        let settings = settings(folder().join(name), columns(&NUMBERS));
        let wanted = [if name == "eight.onnx" {
            "Y"
        } else {
            "output_label"
        }
        .to_owned()];
        let step = (whole.len() / 60).max(1);
        for cut in (0..whole.len()).step_by(step) {
            // What is cut off is missing, or was not needed.
            let _ = score(&settings, &whole[..cut], &table, &wanted);
            let mut other = whole.clone();
            other[cut] ^= 0x5a;
            let _ = score(&settings, &other, &table, &wanted);
        }
        assert!(score(&settings, &whole[..whole.len() / 2], &table, &wanted).is_err());
    }
}
