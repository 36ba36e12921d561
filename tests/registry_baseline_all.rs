//! The champion as a baseline in the registries that are no folder: two nights each, the second against what was promoted in
//! the first. S3 and SageMaker by moto, git by git, `MLflow` by its server, described calls by a fake of our own; skipped with a line where these are not there.

use crate::mlflow_real::{Promoter, Server};
use crate::registry_aws::Servers;
use crate::registry_bench::Bench;
use crate::registry_http;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const DAY: &str = "2013-04-01T08:00:00Z";
const NEXT: &str = "2013-04-02T08:00:00Z";

/// Adds a baseline to the configuration of a bench.
fn against(folder: &Path, baseline: &str) {
    let path = folder.join("tollgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    let metrics = "metrics: {accuracy: {at_least: 0.6}}";
    assert!(config.contains(metrics), "{config}");
    let more =
        "metrics: {accuracy: {at_least: 0.6, no_worse_by: 0.1}}\n    on_no_baseline: absolute_only";
    let more = format!("{more}\n    baseline: {baseline}");
    std::fs::write(path, config.replace(metrics, &more)).unwrap();
}

fn model(folder: &Path) -> Value {
    let run = std::fs::read_to_string(folder.join("out/run.json")).unwrap();
    serde_json::from_str::<Value>(&run).unwrap()["models"][0].take()
}

/// Promotes once where nothing is champion, then judges and promotes `next` against it; the versions of both.
fn two_nights(bench: &Bench, next: impl FnOnce(&str)) {
    bench.gate(DAY);
    let first = model(&bench.folder);
    assert!(first.get("baseline").is_none(), "{first}");
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 0, "{}", told.text);
    let version = first["promote"]["version"].as_str().unwrap();
    next(version);
    bench.gate(NEXT);
    let second = model(&bench.folder);
    assert_eq!(second["baseline"]["version"], version, "{second}");
    assert_eq!(second["baseline"]["registry"], "production", "{second}");
    assert_eq!(second["promote"]["champion"], version, "{second}");
    assert!(second["metrics"][0]["baseline"].is_number(), "{second}");
    let told = bench.promote(NEXT, &[]);
    assert_eq!(told.code, 0, "{}", told.text);
}

fn another_candidate(folder: &Path) {
    let path = folder.join("c.csv");
    let rows = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, rows + "true,0.8\n").unwrap();
}

#[test]
fn objects_in_s3_keep_what_the_promoting_run_measured() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let registry = "{kind: s3, path: s3://registry/nights}";
    let bench = Bench::new(folder.path(), registry, "{registry: production}").with(&[
        ("AWS_ENDPOINT_URL_S3", &servers.endpoint),
        ("AWS_ACCESS_KEY_ID", &servers.writer[0]),
        ("AWS_SECRET_ACCESS_KEY", &servers.writer[1]),
    ]);
    against(folder.path(), "{registry: production}");
    two_nights(&bench, |_| another_candidate(folder.path()));
    assert_eq!(model(folder.path())["baseline"]["kind"], "registry");
}

#[test]
fn a_version_of_sagemaker_is_known_by_a_file_of_its_own() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let promote = "{registry: production, version: \"${VERSION}\"}";
    let bench = |version: &str| {
        let bench = Bench::new(folder.path(), "{kind: sagemaker}", promote).with(&[
            ("AWS_ENDPOINT_URL_SAGEMAKER", &servers.endpoint),
            ("AWS_ACCESS_KEY_ID", &servers.writer[0]),
            ("AWS_SECRET_ACCESS_KEY", &servers.writer[1]),
            ("VERSION", version),
        ]);
        against(
            folder.path(),
            "{registry: production, metrics: \"known/{version}.json\"}",
        );
        bench
    };
    let versions = [servers.asked("create"), servers.asked("create")];
    let [one, two] = versions.map(|v| v.as_str().unwrap().to_owned());
    let first = bench(&one);
    first.gate(DAY);
    assert_eq!(first.promote(DAY, &[]).code, 0);
    let known = folder.path().join("known");
    std::fs::create_dir(&known).unwrap();
    let metrics = "{\"accuracy\": {\"value\": 0.9, \"standard_error\": 0.01, \"rows\": 300}}";
    std::fs::write(known.join(format!("{one}.json")), metrics).unwrap();
    let second = bench(&two);
    second.gate(NEXT);
    let judged = model(folder.path());
    assert_eq!(judged["baseline"]["version"], one, "{judged}");
    assert_eq!(judged["metrics"][0]["baseline"], 0.9, "{judged}");
    assert_eq!(second.promote(NEXT, &[]).code, 0);
}

fn git(folder: &Path, words: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "init.defaultBranch=main", "-C"])
        .arg(folder)
        .args(words)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {said}");
}

#[test]
fn a_version_of_git_is_known_by_the_rows_that_are_kept_for_it() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--bare", "remote"]);
    git(folder.path(), &["clone", "--quiet", "remote", "one"]);
    let checkout = folder.path().join("one");
    for (key, value) in [("user.name", "Ann"), ("user.email", "ann@example.com")] {
        git(&checkout, &["config", key, value]);
    }
    std::fs::write(checkout.join(".gitignore"), "out\nkept\n").unwrap();
    let commit = |version: &str| {
        let promote = format!("{{registry: production, version: {version}}}");
        let bench = Bench::new(&checkout, "{kind: git}", &promote);
        against(
            &checkout,
            "{registry: production, predictions: \"kept/{version}.csv\"}",
        );
        git(&checkout, &["add", "--all"]);
        git(&checkout, &["commit", "--quiet", "--message", version]);
        git(&checkout, &["push", "--quiet", "origin", "HEAD:main"]);
        bench
    };
    let first = commit("v1.0.0");
    first.gate(DAY);
    assert_eq!(first.promote(DAY, &[]).code, 0);
    std::fs::create_dir(checkout.join("kept")).unwrap();
    std::fs::copy(checkout.join("c.csv"), checkout.join("kept/v1.0.0.csv")).unwrap();
    let second = commit("v1.1.0");
    second.gate(NEXT);
    let judged = model(&checkout);
    assert_eq!(judged["baseline"]["version"], "v1.0.0", "{judged}");
    assert_eq!(judged["paired"], true, "{judged}");
    let told = second.promote(NEXT, &[]);
    assert_eq!(told.code, 0, "{}", told.text);
}

#[test]
fn a_version_behind_described_calls_is_known_by_a_file_of_its_own() {
    let fake = registry_http::Fake::serving();
    let folder = tempfile::tempdir().unwrap();
    let bench = |version: &str| {
        let bench = registry_http::bench(folder.path(), &fake.address, version, "");
        against(
            folder.path(),
            "{registry: production, metrics: \"known/{version}.json\"}",
        );
        bench
    };
    let first = bench("1");
    first.gate(DAY);
    let before = model(folder.path());
    assert!(before.get("baseline").is_none(), "{before}");
    assert_eq!(first.promote(DAY, &[]).code, 0);
    let known = folder.path().join("known");
    std::fs::create_dir(&known).unwrap();
    let metrics = |value: f64| {
        format!("{{\"accuracy\": {{\"value\": {value}, \"standard_error\": 0.01, \"rows\": 300}}}}")
    };
    std::fs::write(known.join("1.json"), metrics(0.9)).unwrap();
    let second = bench("2");
    second.gate(NEXT);
    let judged = model(folder.path());
    assert_eq!(judged["baseline"]["version"], "1", "{judged}");
    assert_eq!(judged["baseline"]["registry"], "production", "{judged}");
    assert_eq!(judged["metrics"][0]["baseline"], 0.9, "{judged}");
    assert_eq!(judged["promote"]["champion"], "1", "{judged}");
    let told = second.promote(NEXT, &[]);
    assert_eq!(told.code, 0, "{}", told.text);
    // Now the second is what the third is compared with; nothing is kept of it, and that is no pass.
    let third = bench("3");
    let told = third.told(&["run", "tollgate.yaml", "--output", "out", "--now", NEXT]);
    assert_eq!(told.code, 3, "{}", told.text);
    assert!(told.text.contains("known/2.json"), "{}", told.text);
    // Without the alias the verdict itself is not to be had.
    let silent = third.with(&[("TOKEN", "another")]);
    let told = silent.told(&["run", "tollgate.yaml", "--output", "out", "--now", NEXT]);
    assert_eq!(told.code, 3, "{}", told.text);
}

#[test]
fn a_version_of_mlflow_is_known_by_the_metrics_of_its_run() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    server.bare("nights");
    let of = |version: &str| {
        let promoter = Promoter::new(&server.uri, "nights", version, "");
        let path = promoter.folder.path().join("tollgate.yaml");
        let config = std::fs::read_to_string(&path).unwrap();
        let rule = "{roc_auc: {at_least: 0.5}}";
        let more = "{roc_auc: {at_least: 0.5, no_worse_by: 0.4, limit_by: point}}\n    on_no_baseline: absolute_only\n    \
                    on_inconclusive: pass\n    baseline: {registry: production}";
        std::fs::write(path, config.replace(rule, more)).unwrap();
        promoter.gate()
    };
    let first = of("1");
    assert_eq!(first.promote().code, 0);
    let second = of("2");
    let run = std::fs::read_to_string(second.folder.path().join("report/run.json")).unwrap();
    let judged = serde_json::from_str::<Value>(&run).unwrap()["models"][0].take();
    assert_eq!(judged["baseline"]["version"], "1", "{judged}");
    assert_eq!(judged["baseline"]["registry"], "production", "{judged}");
    assert_eq!(judged["promote"]["champion"], "1", "{judged}");
    assert!(judged["metrics"][0]["baseline"].is_number(), "{judged}");
    let told = second.promote();
    assert_eq!(told.code, 0, "{}", told.text);
    assert_eq!(server.champion("nights"), "2");
}
