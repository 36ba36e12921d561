//! Replay: what past batches decide is what a run on their rows says; what they do not decide is named.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::contract::{tollgate, write};
use arrow::array::*;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;
use tollgate::config::Recording;
use tollgate::config::fields::Problems;
use tollgate::context::{Context, Progress};
use tollgate::contract::{Contract, Detection, Privacy, read};
use tollgate::diagnostic::SourceFile;
use tollgate::history::{Night, Standing};
use tollgate::measure::evidence::Evidence;
use tollgate::measure::{Profile, Wants, saved};
use tollgate::record::Status;
use tollgate::replay::{Batch, verdicts};

/// Columns of every kind, of few or of many values.
fn frame() -> impl Strategy<Value = RecordBatch> {
    let number = prop_oneof![
        (-5i64..5).prop_map(|v| v as f64),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-0.0),
        any::<f64>(),
    ];
    let plain = (-50i32..50).prop_map(|v| f64::from(v) / 4.0);
    let row = (
        prop::option::weighted(0.9, prop_oneof![0i64..20, any::<i64>()]),
        prop::option::weighted(0.9, number),
        prop::option::weighted(0.95, "[a-c]{0,3}|é |\\PC{49}"),
        prop::option::weighted(0.95, -400i32..20_000),
        prop::option::weighted(0.9, any::<bool>()),
        prop::option::weighted(0.97, 0i64..2_000_000_000),
        plain,
    );
    prop::collection::vec(row, 0..60).prop_map(|rows| {
        let schema = Schema::new(vec![
            Field::new("i", DataType::Int64, true),
            Field::new("f", DataType::Float64, true),
            Field::new("t", DataType::Utf8, true),
            Field::new("d", DataType::Date32, true),
            Field::new("b", DataType::Boolean, true),
            Field::new(
                "s",
                DataType::Timestamp(TimeUnit::Second, Some("UTC".into())),
                true,
            ),
            Field::new("p", DataType::Float64, true),
        ]);
        let moments: TimestampSecondArray = rows.iter().map(|r| r.5).collect();
        let texts: StringArray = rows.iter().map(|r| r.2.as_deref()).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|r| r.1).collect::<Float64Array>()),
            Arc::new(texts),
            Arc::new(rows.iter().map(|r| r.3).collect::<Date32Array>()),
            Arc::new(rows.iter().map(|r| r.4).collect::<BooleanArray>()),
            Arc::new(moments.with_timezone("UTC")),
            Arc::new(rows.iter().map(|r| Some(r.6)).collect::<Float64Array>()),
        ];
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    })
}

/// One expectation as YAML.
fn expectation() -> impl Strategy<Value = String> {
    let column = prop::sample::select(vec!["i", "f", "t", "d", "b", "s", "p"]);
    let of_numbers = prop::sample::select(vec!["i", "f", "p"]);
    let form = prop::sample::select(vec![
        "not_null: {column: C}",
        "null_ratio: {column: C, max: 0.1}",
        "between: {column: N, min: A, max: B}",
        "between: {column: N, min: A, bounds: '()', nulls: fail}",
        "between: {column: t, min: a, max: bb}",
        "between: {column: t, max: zz}",
        "date_between: {column: d, from: 1970-01-01, to: 2013-01-01}",
        "compare: {column: N, op: '<', value: B}",
        "compare: {column: N, op: '!=', value: A}",
        "compare: {column: i, op: '<', other: f}",
        "in_set: {column: i, values: [A, B, 1, 2, 3]}",
        "in_set: {column: t, values: ['', a, b, c]}",
        "not_in_set: {column: t, values: [abc]}",
        "length: {column: t, max: 3}",
        "length: {column: t, min: 1, nulls: fail}",
        "length: {column: t, max: 50, unit: bytes}",
        "matches: {column: t, pattern: '^[a-c]*$'}",
        "not_blank: {column: t}",
        "unique_key: {columns: C}",
        "unique_key: {columns: C, nulls: equal, count: groups}",
        "unique_key: {columns: C, nulls: fail, count: rows_in_groups}",
        "unique_key: {columns: [i, t]}",
        "primary_key: {columns: C}",
        "mean_between: {column: N, min: A, max: B}",
        "min_between: {column: N, min: A}",
        "max_between: {column: N, max: B}",
        "sum_between: {column: N, min: A}",
        "stddev_between: {column: N, max: B}",
        "median_between: {column: N, min: A}",
        "distinct_count: {column: C, max: 5}",
        "most_common_ratio: {column: C, max: 0.5}",
        "no_constant: {column: C}",
        "not_nan: {column: f}",
        "increasing: {column: i}",
        "data_fresh: {column: d, max_age: 36500d}",
        "expression: {sql: 'i > A'}",
        "expression: {sql: 'i > A OR f < B'}",
        "duplicate_rows",
        "row_count: {min: 5}",
        "columns_match: {columns: [i, f, t, d, b, s, p]}",
        "columns_match: {columns: [i, f], mode: subset}",
        "foreign_key: {columns: i, dataset: d, their_columns: i}",
    ]);
    let more = prop::sample::select(vec![
        "",
        "",
        "",
        ", max_failing: 2",
        ", max_failing_ratio: 0.2",
        ", where: 'i > 3'",
        ", where: \"t = 'a'\"",
        ", severity: warn",
        ", on_empty: fail",
        ", warn_at: 1",
    ]);
    (form, column, of_numbers, -6i32..3, 0i32..9, more).prop_map(|(form, c, n, a, width, more)| {
        let b = (a + width).to_string();
        let text = form.replace("column: C", &format!("column: {c}"));
        let text = text.replace("columns: C", &format!("columns: {c}"));
        let text = text.replace(": N", &format!(": {n}"));
        let text = text.replace('A', &a.to_string()).replace('B', &b);
        match text.strip_suffix('}') {
            Some(open) => format!("  - {open}{more}}}\n"),
            None => format!("  - {text}\n"),
        }
    })
}

fn parsed(text: &str) -> Contract {
    let file = Arc::new(SourceFile {
        path: "contract.yaml".to_owned(),
        text: text.to_owned(),
    });
    let mut problems = Problems::default();
    let contract = read(&file, &mut problems);
    assert!(problems.0.is_empty(), "{text}: {:?}", problems.0);
    contract.unwrap()
}

fn parquet(path: &Path, batch: &RecordBatch) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

const NOW: &str = "2026-11-26T00:00:00Z";

/// What a run says of each promise; none where the configuration is refused.
fn by_rows(folder: &Path) -> Option<Vec<(String, Status)>> {
    use tollgate::run::{Asked, run};
    let context = Context {
        now: NOW.parse().unwrap(),
        seed: 0,
        commit: None,
        progress: Progress::Hidden,
    };
    let asked = Asked {
        fail_on: tollgate::verdict::FailOn::Error,
        quarantine: None,
        store: None,
        record: Recording::Never,
    };
    let (run, _) = run(&folder.join("tollgate.yaml"), &context, &asked).ok()?;
    let outcomes = run.outcomes.into_iter();
    Some(outcomes.map(|o| (o.id, o.status)).collect())
}

fn profiled(path: &Path) -> Profile {
    use tollgate::engine::embedded::source::{Dataset, SourceOptions};
    let path = path.display().to_string();
    let dataset = Dataset::open(&path, Path::new(""), &SourceOptions::default()).unwrap();
    let wanted: Vec<_> = dataset
        .columns()
        .iter()
        .map(|f| (f.clone(), Wants::ALL))
        .collect();
    let profile = tollgate::engine::embedded::profile::profile(&dataset, &wanted, &|_| ()).unwrap();
    saved::from_json(&saved::to_json(&profile).unwrap()).unwrap()
}

/// Both kinds of a past batch of the same rows.
fn kept(profile: &Profile) -> [Batch; 2] {
    let at = NOW.parse().unwrap();
    let night = Night::of(profile, at, Standing::Ordinary, &|_| {
        (Privacy::Open, Detection::Off)
    });
    [
        Batch {
            name: "profile".to_owned(),
            at: None,
            evidence: Evidence::of(profile),
        },
        Batch {
            name: "night".to_owned(),
            at: Some(at),
            evidence: night.evidence(),
        },
    ]
}

/// Promises that were decided; panics where one is decided otherwise than by the rows.
fn compared(contract: &str, batch: &RecordBatch) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d.parquet");
    parquet(&data, batch);
    write(folder.path(), "contract.yaml", contract);
    let config = "version: 1\ndatasets:\n  d: {path: d.parquet, contract: contract.yaml}\n";
    write(folder.path(), "tollgate.yaml", config);
    let Some(truth) = by_rows(folder.path()) else {
        return 0;
    };
    let catalogue = tollgate::catalogue::load::load(&[]).unwrap();
    let contract = parsed(contract);
    let mut decided = 0;
    for past in kept(&profiled(&data)) {
        let said = verdicts(&contract, &catalogue, &past, NOW.parse().unwrap()).unwrap();
        assert_eq!(said.len(), truth.len());
        for (id, verdict) in said {
            let Ok(verdict) = verdict else { continue };
            let (_, is) = truth.iter().find(|(i, _)| *i == id).unwrap();
            assert_eq!(verdict, *is, "{id} by the {} of {batch:?}", past.name);
            decided += 1;
        }
    }
    decided
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, ..ProptestConfig::default() })]
    #[test]
    fn what_is_decided_is_what_the_rows_say(
        batch in frame(),
        list in prop::collection::vec(expectation(), 1..8),
        types in any::<bool>(),
    ) {
        let columns = if types {
            "columns:\n  - {name: i, type: integer, nullable: false, unique: true}\n  - {name: f, type: number}\n  - {name: t, type: string}\n  - {name: gone}\nextra_columns: fail\n"
        } else {
            ""
        };
        let contract = format!("version: 1\ndataset: d\n{columns}expect:\n{}", list.concat());
        compared(&contract, &batch);
    }
}

/// Every kind of decision is made at least once, so that the property is about something.
#[test]
fn most_promises_about_single_columns_are_decided() {
    let schema = Schema::new(vec![
        Field::new("i", DataType::Int64, true),
        Field::new("t", DataType::Utf8, true),
        Field::new("f", DataType::Float64, true),
    ]);
    let rows = 0..30_000i64;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.clone().map(Some).collect::<Int64Array>()),
        Arc::new(
            rows.clone()
                .map(|v| Some(["a", "b", "c"][(v % 3) as usize]))
                .collect::<StringArray>(),
        ),
        Arc::new(
            rows.map(|v| Some(v as f64 / 7.0 + 1.0))
                .collect::<Float64Array>(),
        ),
    ];
    let batch = RecordBatch::try_new(Arc::new(schema), columns).unwrap();
    let expect = "  - in_set: {column: t, values: [a, b]}\n  - unique_key: {columns: t}\n  - between: {column: i, min: 0, max: 29999}\n  - between: {column: f, min: 2}\n  - not_null: {column: f}\n  - mean_between: {column: f, min: 0, max: 5000}\n  - length: {column: t, max: 1}\n  - row_count: {min: 30000}\n  - unique_key: {columns: i}\n  - median_between: {column: f, min: 0}\n";
    let contract =
        format!("version: 1\ndataset: d\ncolumns: [{{name: i, type: integer}}]\nexpect:\n{expect}");
    // All but the last two, and what is implied: rows, columns, type. Twice, by profile and by night.
    assert_eq!(compared(&contract, &batch), 2 * (8 + 3));
}

const OLD: &str = "version: 1\ndataset: d\ncolumns:\n  - {name: i, type: integer, expect: [between: {min: 0, max: 10}]}\n  - {name: t, expect: [in_set: {values: [a]}]}\n";
const NEW: &str = "version: 1\ndataset: d\ncolumns:\n  - {name: i, type: integer, nullable: false, expect: [between: {min: 0, max: 5}]}\n  - {name: t, expect: [in_set: {values: [a, b]}, increasing]}\n";

/// A folder with both contracts, and runs of four nights in a history.
fn nights() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "old.yaml", OLD);
    write(folder.path(), "new.yaml", NEW);
    write(
        folder.path(),
        "tollgate.yaml",
        "version: 1\nhistory: runs\ndatasets:\n  d: {path: d.csv, contract: old.yaml}\n",
    );
    for (day, rows) in [
        (1, "1,a\n2,a\n"),
        (2, "7,a\n"),
        (3, "3,b\n,a\n"),
        (4, "5,a\n1,a\n"),
    ] {
        write(folder.path(), "d.csv", format!("i,t\n{rows}"));
        let now = format!("2026-11-{day:02}T00:00:00Z");
        let (code, _, stderr) = tollgate(folder.path(), &["run", "--now", &now]);
        assert_eq!(code, i32::from(day == 3), "{stderr}");
    }
    folder
}

#[test]
fn a_change_says_which_nights_it_would_have_failed_and_let_through() {
    let folder = nights();
    let args = ["diff", "old.yaml", "new.yaml", "--replay", "runs"];
    let (code, stdout, stderr) = tollgate(folder.path(), &args);
    assert_eq!(code, 1, "{stderr}");
    for part in [
        "replay: d.between(i): would have failed 1 of 4 runs (2026-11-02)\n",
        "replay: d.in_set(t): would have let through 1 of the 1 that failed (2026-11-03)\n",
        "replay: d.not_null(i): would have failed 1 of 4 runs (2026-11-03)\n",
        "replay: d.increasing(t): not decided in 4 runs: the order and the surroundings of rows are not kept\n",
        "replayed over 4 runs: 2 would newly fail, 1 newly pass; 1 promise not decided in some\n",
    ] {
        assert!(stdout.contains(part), "{part}\n{stdout}");
    }
    let (_, stdout, _) = tollgate(folder.path(), &[&args[..], &["--last", "1"]].concat());
    assert!(
        stdout.contains("replayed over 1 run: 0 would newly fail"),
        "{stdout}"
    );
    let (_, stdout, _) = tollgate(
        folder.path(),
        &[&args[..], &["--format", "github"]].concat(),
    );
    let said = "Replayed: would have failed 1 of 4 runs (2026-11-02).";
    assert!(stdout.contains(said), "{stdout}");
    let (_, stdout, _) = tollgate(folder.path(), &[&args[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["replay"]["newly_failing"].as_array().unwrap().len(), 2);
}

#[test]
fn saved_profiles_and_states_are_batches_too() {
    let folder = nights();
    let (code, _, stderr) = tollgate(
        folder.path(),
        &["profile", "d.csv", "--output", "p/4.profile"],
    );
    assert_eq!(code, 0, "{stderr}");
    let diff = |path: &str| {
        tollgate(
            folder.path(),
            &["diff", "old.yaml", "new.yaml", "--replay", path],
        )
    };
    for path in ["p", "p/4.profile"] {
        let (_, stdout, stderr) = diff(path);
        assert!(
            stdout.contains("replay: d.between(i): the same verdict in 1 run\n"),
            "{stdout}{stderr}"
        );
    }
    let (code, _, stderr) = tollgate(folder.path(), &["run", "--state", "state", "--no-record"]);
    assert_eq!(code, 0, "{stderr}");
    let (_, stdout, stderr) = diff("state");
    assert!(stdout.contains("replayed over 1 run"), "{stdout}{stderr}");
    for (path, code) in [("old.yaml", 3), ("none", 3)] {
        let (is, _, stderr) = diff(path);
        assert_eq!(is, code, "{path}: {stderr}");
        assert!(stderr.contains(path), "{stderr}");
    }
    let (code, _, stderr) = tollgate(
        folder.path(),
        &["diff", "old.yaml", "d.csv", "--replay", "runs"],
    );
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn of_several_datasets_one_is_named() {
    let folder = nights();
    let runs = folder.path().join("runs");
    std::fs::copy(runs.join("d.jsonl"), runs.join("e.jsonl")).unwrap();
    let args = ["diff", "old.yaml", "new.yaml", "--replay", "runs"];
    assert!(
        tollgate(folder.path(), &args)
            .1
            .contains("replayed over 4 runs")
    );
    let (code, _, stderr) = tollgate(folder.path(), &[&args[..], &["--dataset", "f"]].concat());
    assert_eq!(code, 2);
    assert!(
        stderr.contains("runs holds the runs of d, e; none is called `f`"),
        "{stderr}"
    );
}
