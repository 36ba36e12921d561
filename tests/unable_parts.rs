//! Runs of which a part cannot be read: which others cannot be evaluated without it, and which are.

use crate::harness::Gate;
use std::io::Write as _;
use std::process::{Command, Stdio};
use tollgate::record::{Outcome, Status};

fn message<'a>(outcomes: &'a [Outcome], id: &str) -> &'a str {
    let ids: Vec<&String> = outcomes.iter().map(|o| &o.id).collect();
    let found = outcomes.iter().find(|o| o.id == id);
    &found.unwrap_or_else(|| panic!("{id} of {ids:?}")).message
}

/// A check whose parameter of another dataset has a name of its own, and one that names it in its query.
const APART: &str = r#"id: apart_from
summary: No id of another dataset is here.
since: "1.0"
scope: relation
params:
  column: {type: column, doc: Column here.}
  other: {type: dataset, doc: The other dataset.}
measure:
  groups: "SELECT {{ column }} FROM data WHERE {{ column }} IN (SELECT id FROM {{ other }})"
pass: failing <= max_failing
message: "{{ column }} is in {{ other }} as well."
semantics:
  {counts: Ids., of: All rows., nulls: Ignored., nan: Equals NaN., empty: Skipped.}
examples:
  - name: apart
    data: {id: [1, 2]}
    datasets: {train: {id: [3, 4]}}
    with: {column: id, other: train}
    expect: {status: pass, failing: 0}
  - name: one was seen before
    data: {id: [1, 2]}
    datasets: {train: {id: [2]}}
    with: {column: id, other: train}
    expect: {status: fail, failing: 1}
  - name: a null is none
    data: {id: [1, null]}
    datasets: {train: {id: [2]}}
    with: {column: id, other: train}
    expect: {status: pass, failing: 0}
"#;

#[test]
fn a_dataset_that_is_there_for_another_one_alone_takes_that_one_with_it() {
    let config = "version: 1\ndatasets:\n  \
                  a: {path: a.csv, expect: [{foreign_key: {columns: [o], dataset: b, their_columns: [id]}}]}\n  \
                  b: {path: none.csv, expect: [{not_null: id}]}\n";
    let files = [
        ("a.csv", &b"o\n1\n"[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &["--dataset", "a"]);
    assert_eq!(gate.code, 3, "{}", gate.stderr);
    let outcomes = gate.record().outcomes;
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    let said = message(&outcomes, "a.readable");
    assert!(said.contains("`a` is held against `b`"), "{said}");
    // Nothing else says why.
    assert!(said.contains("none.csv"), "{said}");
}

#[test]
fn a_dataset_is_named_by_any_parameter_that_is_one_and_by_queries() {
    for expectation in [
        "apart_from: {column: o, other: b}",
        "returns_no_rows: {query: \"SELECT o FROM data WHERE o NOT IN (SELECT id FROM b)\"}",
    ] {
        let config = format!(
            "version: 1\nchecks: [apart_from.yaml]\ndatasets:\n  \
             a: {{path: a.csv, expect: [{expectation}]}}\n  \
             b: {{path: none.csv, expect: [{{not_null: id}}]}}\n"
        );
        let files = [
            ("a.csv", &b"o\n1\n"[..]),
            ("apart_from.yaml", APART.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ];
        let gate = Gate::run(&files, &[]);
        assert_eq!(gate.code, 3, "{expectation}: {}", gate.stderr);
        let outcomes = gate.record().outcomes;
        let said = message(&outcomes, "a.readable");
        assert!(said.contains("`a` is held against `b`"), "{said}");
    }
}

/// A check of one's own names it in its query, behind a comma, or as what a parameter is where nothing is said.
#[test]
fn a_dataset_is_named_by_the_query_and_by_the_defaults_of_a_check() {
    let fallen = APART
        .replace("type: dataset, doc", "type: dataset, default: b, doc")
        .replace(", other: train}", "}")
        .replace("train", "b");
    let inside = "FROM data WHERE {{ column }} IN (SELECT id FROM {{ other }})";
    let behind = APART
        .replace("  other: {type: dataset, doc: The other dataset.}\n", "")
        .replace(", other: train}", "}")
        .replace("train", "b")
        .replace("SELECT {{ column }}", "SELECT data.{{ column }}")
        .replace(inside, "FROM data, b WHERE data.{{ column }} = b.id")
        .replace("{{ other }}", "b");
    for check in [behind, fallen] {
        assert_ne!(check, APART);
        let config = "version: 1\nchecks: [apart_from.yaml]\ndatasets:\n  \
             a: {path: a.csv, expect: [{apart_from: {column: o}}]}\n  \
             b: {path: none.csv, expect: [{not_null: id}]}\n  \
             c: {path: a.csv, expect: [{between: {column: o, max: 0}}]}\n";
        let files = [
            ("a.csv", &b"o\n1\n"[..]),
            ("apart_from.yaml", check.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ];
        let gate = Gate::run(&files, &[]);
        assert_eq!(gate.code, 1, "{}", gate.stderr);
        let outcomes = gate.record().outcomes;
        let said = message(&outcomes, "a.readable");
        assert!(said.contains("`a` is held against `b`"), "{said}");
    }
}

#[test]
fn a_column_that_is_called_as_a_dataset_names_none() {
    let config = "version: 1\ndatasets:\n  \
                  a: {path: a.csv, expect: [{expression: {expr: b > 1}}, {value_between: {expr: MAX(b), min: 0}}]}\n  \
                  b: {path: none.csv, expect: [{not_null: id}]}\n";
    let files = [
        ("a.csv", &b"b\n1\n"[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    let ids: Vec<String> = gate.record().outcomes.into_iter().map(|o| o.id).collect();
    assert_eq!(
        ids,
        [
            "a.row_count",
            "a.expression",
            "a.value_between",
            "b.readable"
        ],
        "{}",
        gate.stderr
    );
    assert_eq!(gate.code, 1);
}

#[test]
fn standard_input_is_evaluated_beside_what_cannot_be_read() {
    let config = "version: 1\ndatasets:\n  \
                  a: {path: \"-\", format: csv, expect: [{not_null: o}]}\n  \
                  b: {path: none.csv, expect: [{not_null: id}]}\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["run", "--output", "report", "--ci", "none"])
        .current_dir(folder.path())
        .env("TMPDIR", &temporary)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"id,o\n1,1\n2,\n").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    // A broken promise comes before what nobody can tell.
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let run = tollgate::report::read_run(&folder.path().join("report/run.json")).unwrap();
    let broken = run.outcomes.iter().find(|o| o.id == "a.not_null(o)");
    assert_eq!(broken.map(|o| o.status), Some(Status::Fail), "{stderr}");
    let left = std::fs::read_dir(&temporary).unwrap().count();
    assert_eq!(left, 0, "its copy is removed");
}

#[test]
fn two_datasets_of_standard_input_stay_a_mistake() {
    let config = "version: 1\ndatasets:\n  \
                  a: {path: \"-\", format: csv, expect: [{not_null: o}]}\n  \
                  b: {path: \"-\", format: csv, expect: [{not_null: o}]}\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    std::fs::write(folder.path().join("d.csv"), "o\n1\n").unwrap();
    let input = std::fs::File::open(folder.path().join("d.csv")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["run", "--output", "report", "--ci", "none"])
        .current_dir(folder.path())
        .stdin(input)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    let run = tollgate::report::read_run(&folder.path().join("report/run.json")).unwrap();
    let said = message(&run.outcomes, "b.readable");
    assert!(said.contains("another dataset's already"), "{said}");
    assert_eq!(run.outcomes[0].status, Status::Pass, "{stderr}");
}

#[test]
fn a_history_of_a_model_that_cannot_be_read_is_of_that_model_alone() {
    let config = "version: 1\nhistory: past\ndatasets:\n  \
                  a: {path: a.csv, expect: [{not_null: o}]}\n\
                  models:\n  m:\n    min_rows: 1\n    candidate: {predictions: p.csv, label: y, score: p}\n    \
                  metrics: {accuracy: {at_least: 0.1, limit_by: point}}\n  \
                  n:\n    min_rows: 1\n    candidate: {predictions: p.csv, label: y, score: p}\n    \
                  metrics: {accuracy: {at_least: 0.1, limit_by: point}}\n";
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("past/models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::write(models.join("m.jsonl"), "{\"broken\": 1}\n").unwrap();
    for (name, text) in [
        ("a.csv", "o\n1\n"),
        ("p.csv", "y,p\n1,0.9\n0,0.1\n"),
        ("tollgate.yaml", config),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let gate = Gate::again(folder, &[]);
    assert_eq!(gate.code, 3, "{}", gate.stderr);
    let run = gate.record();
    let ended: Vec<(&str, Status)> = run
        .outcomes
        .iter()
        .map(|o| (o.id.as_str(), o.status))
        .collect();
    assert!(
        ended.contains(&("a.not_null(o)", Status::Pass)),
        "{ended:?}"
    );
    assert!(
        ended.contains(&("n.at_least(accuracy)", Status::Pass)),
        "{ended:?}"
    );
    assert!(ended.contains(&("m.readable", Status::Error)), "{ended:?}");
    let said = message(&run.outcomes, "m.readable");
    assert!(
        said.contains("m.jsonl") && said.contains("line 1"),
        "{said}"
    );
}

#[test]
fn a_report_of_a_run_that_skipped_everything_does_not_stand_for_the_next() {
    let config = "version: 1\ndatasets: {d: {path: d.csv, expect: [{not_null: {column: id, where: id > 5}}]}}\n";
    let files = [
        ("d.csv", &b"id\n1\n"[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let before = Gate::run(&files, &[]);
    assert_eq!(before.code, 4, "{}", before.stderr);
    let folder = before.folder.path();
    std::fs::write(
        folder.join("tollgate.yaml"),
        config.replace("not_null", "not_nul"),
    )
    .unwrap();
    let now = Gate::again(before.folder, &[]);
    assert_eq!(now.code, 2, "{}", now.stderr);
    let left = crate::harness::files(&now.folder.path().join("report"));
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_configuration_sends_no_report_to_standard_output() {
    let config = "version: 1\nreports: {junit: \"-\"}\ndatasets: {d: {path: d.csv, expect: [{not_null: id}]}}\n";
    let files = [
        ("d.csv", &b"id\n1\n"[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 2, "{}{}", gate.stdout, gate.stderr);
    assert!(gate.stderr.contains("--output junit=-"), "{}", gate.stderr);
    assert_eq!(gate.stdout, "verdict: error\n");
}
