//! Endpoints scored on a table: real servers, and a fake for what these do not do.
//!
//! `TOLLGATE_MLSERVER` names a Python with `tests/requirements-mlserver.txt`; the scoring server of `MLflow` is started with
//! its tracking server by `model_sources_mlflow.rs`.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::model_sources::{Fake, Serving, json};
use crate::range_server::{answer, header};
use std::time::Duration;
use tollgate::http::Tls;
use tollgate::model::source::endpoint::{
    Endpoint, FailedKind, Layout, MlflowForm, Protocol, Repeatable, Scored, Settings, parity, score,
};
use tollgate::model::table::{Column, Table};

fn settings(url: &str, protocol: Protocol) -> Settings {
    Settings {
        url: url.to_owned(),
        protocol,
        model: Some("delay".to_owned()),
        version: None,
        layout: Layout::Matrix,
        output: None,
        repeatable: Repeatable::Yes,
        timeout: Duration::from_mins(1),
        warm_up: 0,
        headers: Vec::new(),
        tls: Tls::default(),
    }
}

fn numbers(values: &[f64]) -> Column {
    Column::Numbers(values.iter().map(|v| Some(*v)).collect())
}

fn table(server: &Serving) -> Table {
    Table {
        rows: server.numbers("a").len(),
        columns: ["a", "b"]
            .map(|n| (n.to_owned(), numbers(&server.numbers(n))))
            .to_vec(),
    }
}

fn differing(scored: &Scored, column: &str, offline: &[f64]) -> usize {
    assert!(scored.failed.is_empty(), "{:?}", scored.failed);
    let found = scored.predictions.column(column);
    let found = found.unwrap_or_else(|| panic!("{:?}", scored.predictions));
    parity(found, &numbers(offline), 1e-12).unwrap().differing
}

/// `mlflow models serve` in every form that it takes.
pub(crate) fn mlflow(server: &Serving) {
    let (table, offline) = (table(server), server.numbers("offline"));
    for (form, layout) in [
        (MlflowForm::Split, Layout::Columns),
        (MlflowForm::Records, Layout::Columns),
        (MlflowForm::Inputs, Layout::Columns),
        (MlflowForm::Instances, Layout::Columns),
        (MlflowForm::Csv, Layout::Columns),
    ] {
        let mut settings = settings(server.text("scoring"), Protocol::Mlflow(form));
        settings.layout = layout;
        settings.warm_up = 1;
        let scored = score(&Endpoint::new(settings).unwrap(), &table, 16).unwrap();
        assert_eq!(differing(&scored, "prediction", &offline), 0, "{form:?}");
        assert_eq!(scored.requests(), 3);
        assert!(scored.latencies.quantile(0.5) <= scored.latencies.quantile(0.99));
        assert!(scored.latencies.quantile(0.99).is_some());
    }
    let mut wrong = offline.clone();
    wrong[7] += 1e-6;
    let settings = settings(server.text("scoring"), Protocol::Mlflow(MlflowForm::Split));
    let endpoint = Endpoint::new(settings).unwrap();
    let scored = score(&endpoint, &table, 40).unwrap();
    let found = parity(
        scored.predictions.column("prediction").unwrap(),
        &numbers(&wrong),
        1e-9,
    )
    .unwrap();
    assert_eq!((found.differing, found.first), (1, Some(7)));
    let narrow = Table {
        rows: 2,
        columns: vec![("a".to_owned(), numbers(&[0.5, 0.25]))],
    };
    let told = score(&endpoint, &narrow, 2).unwrap_err().to_string();
    assert!(
        told.contains("400 Bad Request") && !told.contains("0.25"),
        "{told}"
    );
}

#[test]
fn a_real_server_of_open_inference() {
    let Some(server) = Serving::start("TOLLGATE_MLSERVER", "mlserver_server.py") else {
        return;
    };
    let (table, late) = (table(&server), server.numbers("late"));
    let mut with = settings(server.text("url"), Protocol::OpenInference);
    let classes = score(&Endpoint::new(with.clone()).unwrap(), &table, 15).unwrap();
    assert_eq!(
        differing(&classes, "prediction", &server.numbers("class")),
        0
    );
    with.layout = Layout::Columns;
    let named = score(&Endpoint::new(with.clone()).unwrap(), &table, 40).unwrap();
    assert_eq!(named.predictions, classes.predictions);
    with.layout = Layout::Matrix;
    with.output = Some("predict_proba".to_owned());
    let scored = score(&Endpoint::new(with.clone()).unwrap(), &table, 15).unwrap();
    assert_eq!(differing(&scored, "predict_proba.1", &late), 0);
    with.version = Some("v1".to_owned());
    let again = score(&Endpoint::new(with.clone()).unwrap(), &table, 40).unwrap();
    assert_eq!(again.predictions, scored.predictions);
    with.model = Some("nope".to_owned());
    let told = score(&Endpoint::new(with).unwrap(), &table, 40)
        .unwrap_err()
        .to_string();
    assert!(told.contains("404 Not Found"), "{told}");
    let narrow = Table {
        rows: 1,
        columns: vec![("a".to_owned(), numbers(&[0.5]))],
    };
    let endpoint = Endpoint::new(settings(server.text("url"), Protocol::OpenInference)).unwrap();
    let told = score(&endpoint, &narrow, 1).unwrap_err().to_string();
    assert!(told.contains("the server answers 500"), "{told}");
}

fn four() -> Table {
    Table {
        rows: 4,
        columns: vec![
            ("n".to_owned(), numbers(&[0.5, f64::NAN, 2.0, 3.0])),
            (
                "i".to_owned(),
                Column::Integers(vec![Some(1), None, Some(3), Some(4)]),
            ),
        ],
    }
}

/// What a fake that always answers so is told to have done wrong, of four rows in two requests.
fn refused(protocol: Protocol, body: &'static str) -> String {
    let fake = Fake::new(move |_, _| json("200 OK", body));
    let endpoint = Endpoint::new(settings(&fake.address, protocol)).unwrap();
    score(&endpoint, &four(), 2).unwrap_err().to_string()
}

#[test]
fn an_answer_that_is_none_is_an_error_of_its_own() {
    let mlflow = Protocol::Mlflow(MlflowForm::Split);
    for (protocol, body, said) in [
        (
            mlflow,
            r#"{"predictions": [1]}"#,
            "predictions for 1 rows where 2 were asked",
        ),
        (
            mlflow,
            r#"{"predictions": [1, 2, 3]}"#,
            "predictions for 3 rows",
        ),
        (
            mlflow,
            r#"{"predictions": [1, NaN]}"#,
            "`prediction` of row 2 of the answer is nothing or NaN",
        ),
        (
            mlflow,
            r#"{"predictions": [1, Infinity]}"#,
            "is nothing or NaN",
        ),
        (mlflow, r#"{"predictions": [1, null]}"#, "is nothing or NaN"),
        (
            mlflow,
            r#"{"predictions": ["NaN", 1]}"#,
            "is NaN or infinite",
        ),
        (
            mlflow,
            r#"{"predictions": [1, "late"]}"#,
            "texts and numbers in one output",
        ),
        (
            mlflow,
            r#"{"predictions": [[1, 2], [3]]}"#,
            "row 2 of the answer has other values",
        ),
        (
            mlflow,
            r#"{"predictions": [[[1]], [[2]]]}"#,
            "no single value",
        ),
        (mlflow, r#"{"predictions": [[], []]}"#, "other values"),
        (mlflow, r#"{"predictions": 3}"#, "are no list"),
        (mlflow, r#"{"predictions": {}}"#, "no output"),
        (mlflow, "{}", "no `predictions`"),
        (mlflow, r#"{"predictions": [1, "#, "JSON ends early"),
        (mlflow, "<!DOCTYPE html><p>", "a page (HTML)"),
        (mlflow, "", "answers with nothing"),
        (Protocol::Predict, r#"{"error": "no"}"#, "no `predictions`"),
        (
            Protocol::OpenInference,
            r#"{"outputs": [{"name": "y", "shape": [3], "data": [1, 2]}]}"#,
            "says shape [3] and has 2 values",
        ),
        (
            Protocol::OpenInference,
            r#"{"outputs": [{"name": "y", "shape": [1, 2], "data": [1, 2]}]}"#,
            "for 1 rows where 2",
        ),
        (
            Protocol::OpenInference,
            r#"{"outputs": [{"name": "y", "data": [1, 2]}]}"#,
            "no shape",
        ),
        (
            Protocol::OpenInference,
            r#"{"outputs": [{"name": "y", "shape": [18446744073709551615, 2], "data": [1]}]}"#,
            "says shape",
        ),
        (Protocol::OpenInference, r#"{"outputs": []}"#, "no output"),
        (
            Protocol::Seldon,
            r#"{"data": {"tensor": {"shape": [2, 2], "values": [1, 2, 3]}}}"#,
            "does not fit",
        ),
        (
            Protocol::Seldon,
            r#"{"data": {}}"#,
            "neither `ndarray` nor `tensor`",
        ),
        (
            Protocol::Seldon,
            r#"{"status": {"status": "FAILURE", "info": "row 0.5"}}"#,
            "FAILURE; what it says of the rows",
        ),
    ] {
        let told = refused(protocol, body);
        assert!(
            told.contains(said) && told.contains("cannot score rows at http://127"),
            "{body}: {told}"
        );
    }
}

#[test]
fn every_protocol_is_asked_in_its_form() {
    let open = r#"{"outputs": [{"name": "y", "shape": [4, 1], "datatype": "FP64", "data": [[1], [2], [3], [4.5]]}]}"#;
    let lists = r#"{"predictions": [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]]}"#;
    let shaped = r#"{"data": {"names": ["p0", "p1"], "tensor": {"shape": [4, 2], "values": [1, 2, 3, 4, 5, 6, 7, 8]}}}"#;
    let mapped = r#"{"predictions": [{"p": true, "c": "a"}, {"p": false, "c": "b"}, {"p": true, "c": "a"}, {"p": true, "c": "a"}]}"#;
    for (protocol, layout, reply, path, asked, columns) in [
        (
            Protocol::OpenInference,
            Layout::Matrix,
            open,
            "/v2/models/delay/infer",
            r#"{"inputs":[{"data":[0.5,1.0,null,null,2.0,3.0,3.0,4.0],"datatype":"FP64","name":"input-0","shape":[4,2]}]}"#,
            "prediction",
        ),
        (
            Protocol::OpenInference,
            Layout::Columns,
            open,
            "/v2/models/delay/infer",
            r#"{"inputs":[{"data":[0.5,null,2.0,3.0],"datatype":"FP64","name":"n","shape":[4,1]},{"data":[1,null,3,4],"datatype":"INT64","name":"i","shape":[4,1]}],"parameters":{"content_type":"pd"}}"#,
            "prediction",
        ),
        (
            Protocol::Predict,
            Layout::Matrix,
            lists,
            "/v1/models/delay:predict",
            r#"{"instances":[[0.5,1],[null,null],[2.0,3],[3.0,4]]}"#,
            "prediction.0 prediction.1",
        ),
        (
            Protocol::Predict,
            Layout::Columns,
            mapped,
            "/v1/models/delay:predict",
            r#"{"instances":[{"i":1,"n":0.5},{"i":null,"n":null},{"i":3,"n":2.0},{"i":4,"n":3.0}]}"#,
            "c p",
        ),
        (
            Protocol::Seldon,
            Layout::Matrix,
            shaped,
            "/api/v1.0/predictions",
            r#"{"data":{"names":["n","i"],"ndarray":[[0.5,1],[null,null],[2.0,3],[3.0,4]]}}"#,
            "p0 p1",
        ),
        (
            Protocol::Mlflow(MlflowForm::Inputs),
            Layout::Matrix,
            lists,
            "/invocations",
            r#"{"inputs":[[0.5,1],[null,null],[2.0,3],[3.0,4]]}"#,
            "prediction.0 prediction.1",
        ),
        (
            Protocol::Mlflow(MlflowForm::Csv),
            Layout::Columns,
            lists,
            "/invocations",
            "n,i\n0.5,1\n,\n2.0,3\n3.0,4\n",
            "prediction.0 prediction.1",
        ),
    ] {
        let fake = Fake::new(move |_, _| json("200 OK", reply));
        let mut with = settings(&format!("{}/at?secret=1", fake.address), protocol);
        with.layout = layout;
        with.headers = vec![("Authorization".to_owned(), "Bearer hush".to_owned())];
        let endpoint = Endpoint::new(with).unwrap();
        let scored = score(&endpoint, &four(), 100).unwrap();
        let names: Vec<&str> = scored
            .predictions
            .columns
            .iter()
            .map(|(n, _)| n.as_str())
            .collect();
        assert_eq!(names.join(" "), columns);
        let request = fake.asked.lock().unwrap()[0].clone();
        assert!(
            request
                .head
                .starts_with(&format!("POST /at{path}?secret=1 ")),
            "{}",
            request.head
        );
        assert_eq!(request.body, asked);
        assert_eq!(header(&request.head, "authorization"), Some("Bearer hush"));
        assert!(header(&request.head, "content-type").is_some());
        assert!(!format!("{endpoint:?}").contains("hush") && !endpoint.shown().contains("secret"));
    }
}

/// What is said of a server that answers the second of four requests in this manner.
fn second(manner: fn() -> Vec<u8>, repeatable: Repeatable) -> (Scored, usize, Endpoint) {
    let fake = Fake::new(move |number, _| match number {
        2 => manner(),
        _ => json("200 OK", r#"{"predictions": [0.25]}"#),
    });
    let mut with = settings(&fake.address, Protocol::Mlflow(MlflowForm::Split));
    with.repeatable = repeatable;
    with.timeout = Duration::from_millis(700);
    let endpoint = Endpoint::new(with).unwrap();
    let scored = score(&endpoint, &four(), 1).unwrap();
    (scored, fake.requests(), endpoint)
}

#[test]
fn a_request_is_repeated_only_where_that_is_safe() {
    let busy: fn() -> Vec<u8> = || answer("503 Service Unavailable", "Retry-After: 0\r\n", b"");
    let cut: fn() -> Vec<u8> =
        || b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nConnection: close\r\n\r\n{".to_vec();
    let slow: fn() -> Vec<u8> = || {
        std::thread::sleep(Duration::from_secs(3));
        Vec::new()
    };
    let leads: fn() -> Vec<u8> = || {
        answer(
            "307 Temporary Redirect",
            "Location: http://127.0.0.1:1/\r\n",
            b"",
        )
    };
    for (manner, kind) in [
        (busy, FailedKind::Refused),
        (cut, FailedKind::Broken),
        (slow, FailedKind::Slow),
    ] {
        let (scored, requests, _) = second(manner, Repeatable::Yes);
        assert_eq!((scored.failed.len(), requests), (0, 5), "{kind:?}");
        let (scored, requests, endpoint) = second(manner, Repeatable::No);
        assert_eq!((scored.failed.len(), requests), (1, 4), "{kind:?}");
        assert_eq!((scored.failed[0].kind, scored.failed[0].row), (kind, 1));
        assert_eq!(scored.predictions.columns[0].1.number(1), None);
        assert_eq!(scored.predictions.columns[0].1.number(2), Some(0.25));
        assert!(scored.latencies.quantile(0.75).is_some());
        assert_eq!(
            scored.latencies.quantile(0.76),
            None,
            "what failed is slower than all"
        );
        let told = scored.within(0.0, &endpoint).unwrap_err().to_string();
        assert!(
            told.contains("1 of 4 requests failed; the first, from row 2 on"),
            "{told}"
        );
        assert!(scored.within(0.25, &endpoint).is_ok());
        assert!(scored.within(f64::NAN, &endpoint).is_err());
    }
    let (scored, _, _) = second(leads, Repeatable::Yes);
    assert!(
        scored.failed[0]
            .reason
            .contains("307 Temporary Redirect; redirections"),
        "{scored:?}"
    );
}

#[test]
fn a_server_that_is_down_or_always_fails_is_not_asked_to_the_end() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = Endpoint::new(settings(&format!("http://{closed}"), Protocol::Seldon)).unwrap();
    let told = score(&endpoint, &four(), 1).unwrap_err().to_string();
    assert!(
        told.contains("the server is not reached") && told.contains("refused"),
        "{told}"
    );
    let fake = Fake::new(|_, _| json("400 Bad Request", r#"{"message": "no"}"#));
    let endpoint = Endpoint::new(settings(&fake.address, Protocol::Seldon)).unwrap();
    let many = Table {
        rows: 50,
        columns: vec![("n".to_owned(), numbers(&[1.0; 50]))],
    };
    let told = score(&endpoint, &many, 1).unwrap_err().to_string();
    assert!(
        told.contains("5 requests in a row failed") && fake.requests() == 5,
        "{told}"
    );
}

#[test]
fn settings_that_cannot_be_used_are_told() {
    let open = settings("http://h/v2/models/x/infer", Protocol::OpenInference);
    assert!(Endpoint::new(open.clone()).is_ok());
    for (change, said) in [
        (
            Settings {
                url: "ftp://h".to_owned(),
                ..open.clone()
            },
            "begins with http",
        ),
        (
            Settings {
                url: "http://u:hush@h/".to_owned(),
                model: None,
                ..open.clone()
            },
            "give `model`",
        ),
        (
            Settings {
                headers: vec![("a b".to_owned(), "hush".to_owned())],
                ..open.clone()
            },
            "has a name",
        ),
        (
            Settings {
                headers: vec![("a".to_owned(), "hush\n".to_owned())],
                ..open
            },
            "has a value",
        ),
    ] {
        let told = Endpoint::new(change).expect_err(said).to_string();
        assert!(told.contains(said) && !told.contains("hush"), "{told}");
    }
    let texts = Table {
        rows: 1,
        columns: vec![(
            "t".to_owned(),
            Column::Texts {
                codes: vec![Some(0)],
                words: vec!["x".to_owned()],
            },
        )],
    };
    let endpoint = Endpoint::new(settings("http://127.0.0.1:1", Protocol::Predict)).unwrap();
    let told = score(&endpoint, &texts, 1).unwrap_err().to_string();
    assert!(told.contains("`t` holds texts"), "{told}");
    assert!(score(&endpoint, &Table::default(), 1).is_err());
}
