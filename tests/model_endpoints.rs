//! Endpoints as candidates by the binary: real servers, and a fake for failures.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::Gate;
use crate::model_sources::{Asked, Fake, Serving, json};
use std::fmt::Write;
use std::process::Command;
use tollgate::record::Status;

/// Rows of the fake.
const ROWS: usize = 60;

/// The score that the fake gives a row.
fn score_of(row: usize) -> f64 {
    (row as f64 * 0.37) % 1.0
}

fn late(row: usize) -> bool {
    score_of(row) + 0.3 * ((row as f64 * 0.59) % 1.0) > 0.65
}

/// Rows that are sent; with `scored`, those that a model scored offline too.
fn holdout(scored: bool, shift: f64) -> String {
    let mut out = String::from("id,late,a,b");
    out += if scored { ",prediction\n" } else { "\n" };
    for row in 0..ROWS {
        write!(out, "k{row},{},{},{}", late(row), score_of(row), row * 7).unwrap();
        let own = if row == 7 { shift } else { 0.0 };
        if scored {
            writeln!(out, ",{}", score_of(row) + own).unwrap();
        } else {
            out.push('\n');
        }
    }
    out
}

/// Scores a row by its first feature; the request of the number `bad` is refused.
fn fake(bad: usize) -> Fake {
    Fake::new(move |number, asked: &Asked| {
        if number == bad {
            return json("400 Bad Request", r#"{"error": "the row 0.37 is bad"}"#);
        }
        let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        let sent = &body["dataframe_split"];
        assert_eq!(sent["columns"], serde_json::json!(["a", "b"]));
        let rows = sent["data"].as_array().unwrap();
        let scores: Vec<&serde_json::Value> = rows.iter().map(|r| &r[0]).collect();
        json(
            "200 OK",
            &serde_json::json!({"predictions": scores}).to_string(),
        )
    })
}

fn config(url: &str, besides: &str, baseline: &str) -> String {
    let asked = match baseline {
        "" => "{at_least: 0.5}",
        _ => "{no_worse_by: 0.4}",
    };
    format!(
        "version: 1\nmodels:\n  late:\n    candidate:\n      endpoint: '{url}'\n      predictions: holdout.csv\n      \
         features: [a, b]\n      protocol: mlflow\n      batch: 10\n      label: late\n      key: id\n      \
         score: prediction\n{besides}{baseline}    metrics: {{roc_auc: {asked}}}\n"
    )
}

const CHAMPION: &str = "    baseline: {predictions: offline.csv}\n";

fn run(fake: &Fake, besides: &str, baseline: &str, shift: f64) -> Gate {
    let (rows, offline) = (holdout(false, 0.0), holdout(true, shift));
    let config = config(&fake.address, besides, baseline);
    let files = [
        ("holdout.csv", rows.as_bytes()),
        ("offline.csv", offline.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

fn told(gate: &Gate) -> String {
    format!("{}{}", gate.stdout, gate.stderr)
}

#[test]
fn an_endpoint_is_judged_timed_and_held_against_offline_predictions() {
    let fake = fake(0);
    let besides = "      latency: {p50_ms: 60000, p95_ms: 60000}\n      parity: {with: offline.csv, tolerance: 0}\n";
    let gate = run(&fake, besides, CHAMPION, 0.0);
    assert_eq!(gate.code, 0, "{}", told(&gate));
    assert_eq!(fake.requests(), 6);
    let run = gate.record();
    let ids: Vec<&str> = run.outcomes.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(
        ids[..3],
        ["late.latency(p50)", "late.latency(p95)", "late.parity"]
    );
    let model = &run.models[0];
    assert_eq!((model.rows, model.paired), (Some(60), true));
    assert_eq!(model.candidate.kind, "endpoint");
    assert_eq!(model.candidate.from, fake.address);
    // the file of the rows, and what was said of them
    assert_eq!(model.candidate.files.len(), 2);
    let times = model.latency.as_ref().unwrap();
    assert_eq!((times.requests, times.failed), (6, 0));
    assert!(times.p50_ms.unwrap() > 0.0 && times.p50_ms <= times.p99_ms);
    // On the page the times stand beside their limits, of which there are two.
    let html = page(&gate);
    assert!(html.contains("Times of requests to the endpoint"));
    assert!(html.contains("0 of 6 requests failed; p50 "));
    assert_eq!(html.matches("at most 60000 ms allowed").count(), 2);
}

/// The page of a run.
fn page(gate: &Gate) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["report", "report/run.json", "--format", "html"])
        .current_dir(gate.folder.path())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn slow_answers_and_other_predictions_fail() {
    let besides =
        "      latency: {p99_ms: 0.000001}\n      parity: {with: offline.csv, tolerance: 0.001}\n";
    let gate = run(&fake(0), besides, "", 0.25);
    assert_eq!(gate.code, 1, "{}", told(&gate));
    let slow = gate.outcome("late.latency(p99)");
    assert_eq!(
        (slow.status, slow.check.as_str()),
        (Status::Fail, "model_latency")
    );
    assert!(!slow.limits[0].held, "{slow:?}");
    let parity = gate.outcome("late.parity");
    assert_eq!((parity.status, parity.failing), (Status::Fail, Some(1)));
    assert!(
        parity
            .message
            .contains("1 of 60 rows, the first is row 8, the largest difference is 0.25"),
        "{}",
        parity.message
    );
}

#[test]
fn failures_beyond_the_budget_are_an_error_and_within_it_their_rows_are_left_out() {
    let gate = run(&fake(3), "", "", 0.0);
    assert_eq!(gate.code, 3, "{}", told(&gate));
    assert!(
        gate.stderr
            .contains("1 of 6 requests failed; the first, from row 21 on"),
        "{}",
        gate.stderr
    );
    assert!(!told(&gate).contains("0.37"), "{}", told(&gate));
    let besides = "      error_budget: 0.2\n      parity: {with: offline.csv, tolerance: 0}\n      latency: {p50_ms: 60000, p95_ms: 60000}\n";
    let gate = run(&fake(3), besides, CHAMPION, 0.0);
    // more than 5 % were not answered at all
    assert_eq!(gate.code, 1, "{}", told(&gate));
    let model = gate.record().models.remove(0);
    assert_eq!((model.rows, model.paired), (Some(50), true));
    let times = model.latency.unwrap();
    assert_eq!((times.failed, times.p95_ms), (1, None));
    let status = |id: &str| gate.outcome(id).status;
    assert_eq!(status("late.latency(p50)"), Status::Pass);
    assert_eq!(status("late.latency(p95)"), Status::Fail);
    let parity = gate.outcome("late.parity");
    assert_eq!((parity.status, parity.rows), (Status::Pass, Some(50)));
    assert_eq!(status("late.no_worse_by(roc_auc)"), Status::Pass);
}

#[test]
fn predictions_that_are_not_there_are_an_error() {
    let fake = Fake::new(|_, _| {
        let ten = vec![serde_json::json!({"x": 0.5, "y": 1}); 10];
        json(
            "200 OK",
            &serde_json::json!({"predictions": ten}).to_string(),
        )
    });
    let gate = run(&fake, "", "", 0.0);
    assert_eq!(gate.code, 3);
    let reason = "its predictions have no column `prediction`; columns are x, y";
    assert!(gate.stderr.contains(reason), "{}", gate.stderr);
}

#[test]
fn offline_predictions_of_other_rows_are_not_compared() {
    let (rows, config) = (
        holdout(false, 0.0),
        "      parity: {with: other.csv, tolerance: 0}\n",
    );
    let fake = fake(0);
    let config = self::config(&fake.address, config, "");
    let files = [
        ("holdout.csv", rows.as_bytes()),
        ("other.csv", b"id,prediction\nk0,0\nk1,0.37\nx,0\n"),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 3, "{}", told(&gate));
    let parity = gate.outcome("late.parity");
    assert_eq!(parity.status, Status::Error);
    let reason = "58 of 60 rows that were scored are not in it, and 1 of its rows were not scored";
    assert!(parity.message.contains(reason), "{}", parity.message);
}

#[test]
fn headers_come_from_the_environment_and_are_never_shown() {
    let fake = fake(0);
    let besides = "      headers_from: {Authorization: TOLLGATE_TEST_SECRET}\n";
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("holdout.csv"), holdout(false, 0.0)).unwrap();
    std::fs::write(at("tollgate.yaml"), config(&fake.address, besides, "")).unwrap();
    let run = |secret: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command
            .args(["run", "--output", "report"])
            .current_dir(folder.path());
        command.envs(secret.map(|s| ("TOLLGATE_TEST_SECRET", s)));
        command.output().unwrap()
    };
    let without = run(None);
    let reason = "the variable `TOLLGATE_TEST_SECRET` of the environment, which holds the header `Authorization`, is not set";
    let stderr = String::from_utf8(without.stderr).unwrap();
    assert_eq!(without.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains(reason), "{stderr}");
    assert_eq!(fake.requests(), 0);
    let with = run(Some("Bearer s3cret"));
    assert_eq!(with.status.code(), Some(0));
    let asked = fake.asked.lock().unwrap();
    let header = crate::range_server::header(&asked[0].head, "authorization");
    assert_eq!(header, Some("Bearer s3cret"));
    let mut shown = with.stdout;
    shown.extend(with.stderr);
    for file in crate::harness::files(&at("report")) {
        shown.extend(std::fs::read(at("report").join(file)).unwrap());
    }
    assert!(!String::from_utf8_lossy(&shown).contains("s3cret"));
}

/// Runs over the rows of a real server; `late` is the label of each.
fn served(server: &Serving, side: &str, offline: &str, metrics: &str) -> Gate {
    let (a, b, said) = (
        server.numbers("a"),
        server.numbers("b"),
        server.numbers(offline),
    );
    let mut rows = String::from("late,a,b\n");
    let mut there = String::from("prediction,predict_proba.1\n");
    for ((a, b), said) in a.iter().zip(&b).zip(&said) {
        writeln!(rows, "{},{a},{b}", 3.0 * a - b).unwrap();
        writeln!(there, "{said},{said}").unwrap();
    }
    let config = format!(
        "version: 1\nmodels:\n  late:\n    min_rows: 10\n    candidate:\n      predictions: rows.csv\n      label: late\n      \
         features: [a, b]\n      batch: 15\n      latency: {{p99_ms: 60000}}\n      parity: {{with: there.csv, tolerance: 0.000000001}}\n\
         {side}    metrics: {metrics}\n"
    );
    let files = [
        ("rows.csv", rows.as_bytes()),
        ("there.csv", there.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 0, "{}", told(&gate));
    assert_eq!(gate.outcome("late.parity").status, Status::Pass);
    assert_eq!(gate.outcome("late.latency(p99)").status, Status::Pass);
    gate
}

/// The same server as the baseline of a file with its own predictions: no difference, on every row, which 40 rows prove of a
/// loss of 0.05 and not of a much smaller one.
fn beaten_by_none(server: &Serving, side: &str, offline: &str) {
    let (a, b, said) = (
        server.numbers("a"),
        server.numbers("b"),
        server.numbers(offline),
    );
    let mut rows = String::from("late,a,b,said\n");
    for ((a, b), said) in a.iter().zip(&b).zip(&said) {
        writeln!(rows, "{},{a},{b},{said}", 3.0 * a - b).unwrap();
    }
    let config = format!(
        "version: 1\nmodels:\n  late:\n    min_rows: 10\n    candidate: {{predictions: rows.csv, label: late, value: said}}\n    \
         baseline:\n      predictions: rows.csv\n      label: late\n      features: [a, b]\n      batch: 15\n{side}    \
         metrics: {{mae: {{no_worse_by: 0.001, limit_by: point}}}}\n"
    );
    let files = [
        ("rows.csv", rows.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 0, "{}", told(&gate));
    let model = gate.record().models.remove(0);
    let (now, gain) = (&model.metrics[0].candidate, &model.metrics[0].gain);
    let (now, gain) = (now.as_ref().unwrap().value, gain.as_ref().unwrap().value);
    assert!((model.metrics[0].baseline.unwrap() - now).abs() < 1e-9);
    assert!(gain.abs() < 1e-9 && model.paired);
}

/// `mlflow models serve` as a candidate.
pub(crate) fn mlflow(server: &Serving) {
    let url = server.text("scoring");
    for form in ["split", "records", "csv"] {
        let side = format!(
            "      endpoint: '{url}'\n      protocol: mlflow\n      form: {form}\n      value: prediction\n"
        );
        let gate = served(
            server,
            &side,
            "offline",
            "{mae: {at_most: 1, limit_by: point}}",
        );
        let times = gate.record().models.remove(0).latency.unwrap();
        assert_eq!((times.requests, times.failed), (3, 0), "{form}");
        beaten_by_none(server, &side, "offline");
    }
}

#[test]
fn a_real_server_of_open_inference_is_a_candidate() {
    let Some(server) = Serving::start("TOLLGATE_MLSERVER", "mlserver_server.py") else {
        return;
    };
    let url = server.text("url");
    let side = format!(
        "      endpoint: '{url}'\n      protocol: open_inference\n      model: delay\n      output: predict_proba\n      \
         idempotent: true\n      warm_up: 1\n      value: predict_proba.1\n"
    );
    served(
        &server,
        &side,
        "late",
        "{mae: {at_most: 5, limit_by: point}}",
    );
    beaten_by_none(&server, &side, "late");
}
