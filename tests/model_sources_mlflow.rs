//! Runs, models, versions and aliases of a real `MLflow` server (3.17.2, from `tests/requirements-mlflow.txt`).
//!
//! `TOLLGATE_MLFLOW` names a Python that has it, as `.ci/run` does; without it the test is skipped with a line.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::model_sources::{Fake, Serving, json};
use crate::range_server::{answer, header};
use tollgate::error::Error;
use tollgate::model::source::mlflow::{Access, Ask, Logged, Pick, What, read};
use tollgate::model::source::{OriginKind, Tracked, Wanted, file, pinned};

fn none(_: &str) -> Option<String> {
    None
}

fn access(uri: &str) -> Access {
    Access::new(Some(uri), &none).unwrap()
}

fn ask(what: &str, wanted: &[&str]) -> Ask {
    Ask {
        what: What::parse(what).unwrap(),
        wanted: Wanted::these(wanted),
        pick: Pick::Last,
        dataset: None,
    }
}

fn values(tracked: &Tracked) -> Vec<(String, f64)> {
    let name = |m: &tollgate::model::source::TrackedMetric| match &m.slice {
        Some((column, value)) => format!("{}[{column}={value}]", m.name),
        None => m.name.clone(),
    };
    tracked.metrics.iter().map(|m| (name(m), m.value)).collect()
}

fn told(result: Result<Logged, Error>) -> String {
    let error = result.expect_err("refused");
    assert_eq!(error.exit_code(), 3, "{error}");
    error.to_string()
}

#[test]
fn a_real_server() {
    let Some(server) = Serving::start("TOLLGATE_MLFLOW", "mlflow_server.py") else {
        return;
    };
    let access = access(server.text("uri"));
    runs(&server, &access);
    histories(&server, &access);
    models(&server, &access);
    versions(&server, &access);
    what_is_not_there(&server, &access);
    files(&server, &access);
    crate::model_sources_endpoints::mlflow(&server);
    crate::models_sources::beside_mlflow(&server);
    crate::models_held::beside_mlflow(&server);
    crate::model_endpoints::mlflow(&server);
}

fn runs(server: &Serving, access: &Access) {
    let run = format!("runs:/{}", server.text("plain"));
    let logged = read(access, &ask(&run, &["roc_auc"])).unwrap();
    let expected = [
        ("roc_auc", 0.8),
        ("roc_auc[origin=EWR]", 0.75),
        ("roc_auc[slice=eu]", 0.7),
    ];
    let mut found = values(&logged.tracked);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected.map(|(n, v)| (n.to_owned(), v)));
    let whole = logged.tracked.metric("roc_auc", None).unwrap();
    assert_eq!((whole.standard_error, whole.rows), (Some(0.01), Some(500)));
    let slice = logged
        .tracked
        .metric("roc_auc", Some(("origin", "EWR")))
        .unwrap();
    assert_eq!((slice.standard_error, slice.rows), (None, Some(100)));
    assert_eq!(
        logged.tracked.origin.run_id.as_deref(),
        Some(server.text("plain"))
    );
    for (name, said) in [
        ("nan", "`nan` is NaN"),
        ("inf", "`inf` is infinite"),
        ("ninf", "`ninf` is infinite"),
    ] {
        let told = told(read(access, &ask(&run, &["roc_auc", name])));
        assert!(
            told.contains(said) && told.contains(server.text("uri")),
            "{told}"
        );
    }
    let mut newest = ask(&run, &["roc_auc"]);
    newest.what = What::Newest {
        experiment: "delays".to_owned(),
        filter: None,
    };
    assert_eq!(
        values(&read(access, &newest).unwrap().tracked),
        [("roc_auc".to_owned(), 0.83)]
    );
    newest.what = What::Newest {
        experiment: "delays".to_owned(),
        filter: Some("metrics.roc_auc < 0.81".to_owned()),
    };
    assert_eq!(
        read(access, &newest)
            .unwrap()
            .tracked
            .origin
            .run_id
            .as_deref(),
        Some(server.text("plain"))
    );
    let mut all = ask(&format!("runs:/{}", server.text("newest")), &[]);
    all.wanted = Wanted::all();
    assert_eq!(read(access, &all).unwrap().tracked.metrics.len(), 1);
}

/// 2,300 values are three pages.
fn histories(server: &Serving, access: &Access) {
    let mut loss = ask(&format!("runs:/{}", server.text("plain")), &["loss"]);
    let value = |ask: &Ask| values(&read(access, ask).unwrap().tracked)[0].1;
    assert!((value(&loss) - 1.699).abs() < 1e-12);
    loss.pick = Pick::Best {
        lowest: vec!["loss".to_owned()],
    };
    assert!((value(&loss) - 0.1).abs() < 1e-12);
    loss.pick = Pick::Best { lowest: Vec::new() };
    assert!((value(&loss) - 1.699).abs() < 1e-12);
    loss.pick = Pick::Step(2200);
    assert!((value(&loss) - 1.6).abs() < 1e-12);
    loss.pick = Pick::Step(9000);
    let missing = told(read(access, &loss));
    assert!(missing.contains("steps are 0 to 2299"), "{missing}");
    let mut diverged = ask(&format!("runs:/{}", server.text("plain")), &["diverged"]);
    assert!((value(&diverged) - 0.4).abs() < 1e-12);
    for lowest in [vec!["diverged".to_owned()], Vec::new()] {
        diverged.pick = Pick::Best { lowest };
        let told = told(read(access, &diverged));
        assert!(told.contains("step 1: `diverged` is NaN"), "{told}");
    }
}

/// A logged NaN reads back as 0 from a model: it must not pass for a perfect loss.
fn models(server: &Serving, access: &Access) {
    let model = format!("models:/{}", server.text("model"));
    let logged = read(access, &ask(&model, &["roc_auc", "zero", "only_of_run"])).unwrap();
    let mut found = values(&logged.tracked);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [("only_of_run", 0.25), ("roc_auc", 0.82), ("zero", 0.0)];
    assert_eq!(found, expected.map(|(n, v)| (n.to_owned(), v)));
    let input = &logged.tracked.datasets[0];
    assert_eq!(
        (input.name.as_str(), input.digest.as_str()),
        ("train", server.text("train"))
    );
    assert_eq!(input.context.as_deref(), Some("training"));
    for (name, said) in [
        ("nan", "`nan` is NaN"),
        ("inf", "`inf` is infinite"),
        ("by_dataset", "several datasets"),
    ] {
        let told = told(read(access, &ask(&model, &[name])));
        assert!(told.contains(said), "{told}");
    }
    let mut by_dataset = ask(&model, &["by_dataset"]);
    for (dataset, value) in [("train", 0.6), (server.text("train"), 0.6), ("other", 0.4)] {
        by_dataset.dataset = Some(dataset.to_owned());
        let found = read(access, &by_dataset).unwrap();
        assert_eq!(
            values(&found.tracked),
            [("by_dataset".to_owned(), value)],
            "{dataset}"
        );
    }
}

fn versions(server: &Serving, access: &Access) {
    for what in [
        "models:/delay@champion",
        "models:/delay/1",
        "models:/delay@Champion",
    ] {
        let logged = read(access, &ask(what, &["roc_auc"])).unwrap();
        assert_eq!(values(&logged.tracked), [("roc_auc".to_owned(), 0.82)]);
        let origin = &logged.tracked.origin;
        assert_eq!(origin.kind, OriginKind::MlflowVersion);
        assert_eq!(
            (origin.model.as_deref(), origin.version.as_deref()),
            (Some("delay"), Some("1"))
        );
        assert_eq!(origin.run_id.as_deref(), Some(server.text("run")));
        assert_eq!(origin.model_id.as_deref(), Some(server.text("model")));
        assert_eq!(origin.address, server.text("uri"));
    }
    let old = read(access, &ask("models:/old/1", &["roc_auc"])).unwrap();
    let whole = old.tracked.metric("roc_auc", None).unwrap();
    assert!((whole.value - 0.8).abs() < 1e-12);
    assert_eq!(
        old.tracked.origin.run_id.as_deref(),
        Some(server.text("plain"))
    );
    let accepted = pinned::Accepted {
        at: "2026-11-26T00:00:00Z".to_owned(),
        by: None,
        commit: None,
        reason: None,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baselines/delay.yaml");
    let baseline = pinned::Pinned::of("delay", accepted, &old.tracked);
    baseline.write(&path).unwrap();
    assert_eq!(pinned::read(&path).unwrap(), Some(baseline));
}

fn what_is_not_there(server: &Serving, access: &Access) {
    let failed = format!("runs:/{}", server.text("failed"));
    let deleted = format!("runs:/{}", server.text("deleted"));
    for (what, said) in [
        ("runs:/0123", "404 Not Found: Run with id=0123 not found"),
        (failed.as_str(), "it ended as FAILED"),
        (deleted.as_str(), "it is deleted"),
        ("models:/m-0", "Logged model with ID"),
        ("models:/nope/1", "404 Not Found"),
        ("models:/delay/99", "404 Not Found: Model Version"),
        (
            "models:/delay@champoin",
            "aliases are champion; did you mean `champion`?",
        ),
        ("models:/old@champion", "it has no alias"),
        ("models:/nope@champion", "404 Not Found"),
    ] {
        let told = told(read(access, &ask(what, &["roc_auc"])));
        assert!(told.contains(said), "{what}: {told}");
    }
    let mut newest = ask("runs:/0", &["roc_auc"]);
    for (experiment, filter, said) in [
        ("nope", None, "404 Not Found"),
        (
            "delays",
            Some("metrics.roc_auc > 5"),
            "no finished run fulfils the filter",
        ),
        ("delays", Some("metrics roc_auc"), "400 Bad Request"),
    ] {
        newest.what = What::Newest {
            experiment: experiment.to_owned(),
            filter: filter.map(str::to_owned),
        };
        let told = told(read(access, &newest));
        assert!(told.contains(said), "{told}");
    }
    let other = Access::new(Some(&format!("{}/other", server.text("uri"))), &none).unwrap();
    let told = told(read(&other, &ask("runs:/0", &["a"])));
    assert!(
        told.contains("404 Not Found") && !told.contains('<'),
        "{told}"
    );
}

fn files(server: &Serving, access: &Access) {
    let plain = read(
        access,
        &ask(&format!("runs:/{}", server.text("plain")), &["roc_auc"]),
    )
    .unwrap();
    assert_eq!(access.mlmodel(&plain.artifacts).unwrap(), None);
    let path = access
        .download(&plain.artifacts, "out/predictions.csv")
        .unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "id,score\n1,0.25\n2,0.5\n"
    );
    assert!(path.to_string_lossy().ends_with("predictions.csv"));
    for (path, said) in [
        ("out/nope.csv", "404 Not Found"),
        ("../1/out/predictions.csv", "leaves the folder"),
        ("out//predictions.csv", "has an empty part"),
        ("..\\x", "leaves the folder"),
    ] {
        let told = access
            .download(&plain.artifacts, path)
            .unwrap_err()
            .to_string();
        assert!(told.contains(said), "{path}: {told}");
    }
    for what in [
        "models:/delay@champion".to_owned(),
        format!("runs:/{}", server.text("run")),
    ] {
        let logged = read(access, &ask(&what, &["roc_auc"])).unwrap();
        let mlmodel = access.mlmodel(&logged.artifacts).unwrap().unwrap();
        assert!(
            mlmodel.contains("signature:") && mlmodel.contains("\"name\": \"a\""),
            "{mlmodel}"
        );
    }
    let old = read(access, &ask("models:/old/1", &["roc_auc"])).unwrap();
    let mlmodel = access.mlmodel(&old.artifacts).unwrap().unwrap();
    assert!(mlmodel.contains(server.text("plain")), "{mlmodel}");
}

const RUN: &str = r#"{"run": {"info": {"run_id": "r", "status": "FINISHED"}, "data": {"metrics": [{"key": "auc", "value": 0.5, "timestamp": 1, "step": 0}]}}}"#;

#[test]
fn credentials_are_sent_and_never_shown() {
    let fake = Fake::new(|_, asked| match header(&asked.head, "authorization") {
        Some("Basic YWRhOmh1c2g=" | "Bearer hush") => json("200 OK", RUN),
        Some(_) => answer("401 Unauthorized", "Content-Type: text/html\r\n", b"<p>"),
        None => answer("401 Unauthorized", "Content-Type: text/html\r\n", b"<p>"),
    });
    let with = |uri: &str, variables: &'static [(&str, &str)]| {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        let access = Access::new(Some(uri), &variable).unwrap();
        assert!(!format!("{access:?}").contains("hush"));
        read(&access, &ask("runs:/r", &["auc"])).map(|l| l.tracked)
    };
    let plain = fake.address.as_str();
    let inside = plain.replace("http://", "http://ada:hush@");
    let basic: &[(&str, &str)] = &[
        ("MLFLOW_TRACKING_USERNAME", "ada"),
        ("MLFLOW_TRACKING_PASSWORD", "hush"),
    ];
    let token: &[(&str, &str)] = &[("MLFLOW_TRACKING_TOKEN", "hush")];
    for (uri, variables) in [(plain, basic), (plain, token), (inside.as_str(), &[])] {
        let tracked = with(uri, variables).unwrap();
        assert!(!format!("{tracked:?}").contains("hush"), "{tracked:?}");
    }
    let refused = with(plain, &[]).unwrap_err().to_string();
    assert!(
        refused.contains("401 Unauthorized; set MLFLOW_TRACKING_USERNAME"),
        "{refused}"
    );
    let wrong = with(plain, &[("MLFLOW_TRACKING_TOKEN", "hush-hush")])
        .unwrap_err()
        .to_string();
    assert!(
        wrong.contains("does not take") && !wrong.contains("hush"),
        "{wrong}"
    );
}

#[test]
fn a_busy_server_is_asked_again_and_no_answer_is_taken_for_another() {
    let busy = |_: &str| answer("429 Too Many Requests", "Retry-After: 0\r\n", b"");
    let fake = Fake::new(move |number, _| {
        if number < 4 {
            busy("")
        } else {
            json("200 OK", RUN)
        }
    });
    assert!(read(&access(&fake.address), &ask("runs:/r", &["auc"])).is_ok());
    assert_eq!(fake.requests(), 4);
    let page: fn() -> Vec<u8> = || {
        answer(
            "200 OK",
            "Content-Type: text/html\r\n",
            b"<!doctype html><p>Log in",
        )
    };
    let host: fn() -> Vec<u8> = || {
        answer(
            "403 Forbidden",
            "Content-Type: text/plain\r\n",
            b"Invalid Host header",
        )
    };
    let half: fn() -> Vec<u8> = || json("200 OK", &RUN[..40]);
    let cut: fn() -> Vec<u8> =
        || b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nConnection: close\r\n\r\n{".to_vec();
    let empty: fn() -> Vec<u8> = || json("200 OK", "{}");
    let odd: fn() -> Vec<u8> = || json("200 OK", &RUN.replace("0.5", "\"high\""));
    let keyless: fn() -> Vec<u8> = || json("200 OK", &RUN.replace("\"value\"", "\"valeu\""));
    let gone: fn() -> Vec<u8> = || answer("503 Service Unavailable", "Retry-After: 0\r\n", b"");
    for (manner, said) in [
        (page, "a page (HTML), not JSON"),
        (host, "403 Forbidden: Invalid Host header"),
        (half, "JSON ends early"),
        (cut, "the answer breaks off"),
        (empty, "does not hold it"),
        (odd, "`auc` is text"),
        (keyless, "no key or no value"),
        (gone, "503 Service Unavailable"),
    ] {
        let fake = Fake::new(move |_, _| manner());
        let variable =
            |name: &str| (name == "MLFLOW_HTTP_REQUEST_MAX_RETRIES").then(|| "1".to_owned());
        let access = Access::new(Some(&fake.address), &variable).unwrap();
        let told = told(read(&access, &ask("runs:/r", &["auc"])));
        assert!(told.contains(said) && told.contains("127.0.0.1"), "{told}");
    }
}

#[test]
fn a_zero_that_may_be_nan_is_an_error() {
    let model = r#"{"model": {"info": {"model_id": "m-1", "status": "LOGGED_MODEL_READY"}, "data": {"metrics": [
        {"key": "loss", "value": 0.0, "timestamp": 1, "step": 0, "run_id": "r"}]}}}"#;
    let fake = Fake::new(move |_, asked| {
        if asked.head.contains("get-history") {
            json("200 OK", r#"{"metrics": []}"#)
        } else {
            json("200 OK", model)
        }
    });
    let told = told(read(&access(&fake.address), &ask("models:/m-1", &["loss"])));
    assert!(told.contains("`loss` is 0, as a logged NaN is"), "{told}");
}

#[test]
fn addresses_and_variables_that_cannot_be_used_are_told() {
    for (uri, variables, said) in [
        (None, vec![], "no MLflow server is named"),
        (Some("./mlruns"), vec![], "`./mlruns` is no address"),
        (Some("sqlite:///x.db"), vec![], "is no address"),
        (
            Some("databricks"),
            vec![],
            "profile of the Databricks client",
        ),
        (
            Some("http://h"),
            vec![("MLFLOW_HTTP_REQUEST_TIMEOUT", "soon")],
            "whole number",
        ),
        (
            Some("http://h"),
            vec![("MLFLOW_TRACKING_SERVER_CERT_PATH", "/no/such")],
            "cannot read /no/such",
        ),
        (
            Some("http://h"),
            vec![("MLFLOW_TRACKING_SERVER_CERT_PATH", file!())],
            "no certificate",
        ),
        (
            Some("http://h"),
            vec![
                ("MLFLOW_TRACKING_INSECURE_TLS", "true"),
                ("MLFLOW_TRACKING_SERVER_CERT_PATH", file!()),
            ],
            "are both set",
        ),
    ] {
        let variable = |name: &str| {
            let found = variables.iter().find(|(n, _)| *n == name)?;
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(found.1);
            Some(if found.1 == file!() {
                path.display().to_string()
            } else {
                found.1.to_owned()
            })
        };
        let told = Access::new(uri, &variable).expect_err(said).to_string();
        assert!(told.contains(said), "{told}");
    }
    for (text, said) in [
        ("models:/delay/champion", "models:/delay@champion"),
        ("runs:/", "forms are"),
        ("runs:/../x", "forms are"),
        ("delay", "forms are"),
        ("models:/@x", "forms are"),
        ("models:/m-/../x", "no version number"),
    ] {
        assert!(What::parse(text).unwrap_err().contains(said), "{text}");
    }
}

#[test]
fn a_metrics_file_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.JSON");
    std::fs::write(&path, "\u{feff}{\"roc_auc\": 0.8}\r\n").unwrap();
    let tracked = file::read(&path, &Wanted::all()).unwrap();
    assert_eq!(values(&tracked), [("roc_auc".to_owned(), 0.8)]);
    assert_eq!(
        tracked.origin.digest.as_ref().map(String::len),
        Some(7 + 64)
    );
    for (bytes, said) in [(&b"\xff"[..], "not UTF-8"), (b"", "it is empty")] {
        std::fs::write(&path, bytes).unwrap();
        let error = file::read(&path, &Wanted::all()).unwrap_err();
        assert!(
            error.to_string().contains(said) && error.exit_code() == 3,
            "{error}"
        );
    }
    assert!(file::read(&folder.path().join("none.csv"), &Wanted::all()).is_err());
}
