//! A real `MLflow` server behind TLS: who shows a bearer token, or a certificate, moves the alias, and nobody else.

use crate::mlflow_real::{Promoter, Server, Told, nothing_written};
use crate::model_sources::Serving;

/// The token that the front asks for, and one that it does not.
const SECRETS: [&str; 2] = ["bearer-of-the-night-1", "bearer-of-nobody-1"];

fn expect(told: &Told, code: i32, words: &str) {
    told.without(&SECRETS);
    assert_eq!(told.code, code, "{}", told.text);
    assert!(told.text.contains(words), "no `{words}` in {}", told.text);
}

/// A server of `MLflow` with a model `guarded`, and what stands before it.
fn guarded() -> Option<(Server, Serving)> {
    let server = Server::start(&[])?;
    server.bare("guarded");
    let front = Serving::with(
        "TOLLGATE_MLFLOW",
        "tls_front.py",
        &[&server.uri, SECRETS[0]],
    )?;
    Some((server, front))
}

#[test]
fn a_token_and_a_certificate_open_what_is_behind_them() {
    let Some((server, front)) = guarded() else {
        return;
    };
    by_token(&server, &front);
    by_certificate(&server, &front);
}

fn by_token(server: &Server, front: &Serving) {
    let trusting = |version: &str| {
        Promoter::new(front.text("token"), "guarded", version, "")
            .variable("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
            .variable("MLFLOW_TRACKING_SERVER_CERT_PATH", front.text("ca"))
    };
    let right = trusting("1")
        .variable("MLFLOW_TRACKING_TOKEN", SECRETS[0])
        .gate();
    // The same evidence, by who shows another token, none, or trusts another authority.
    let wrong = right.variable("MLFLOW_TRACKING_TOKEN", SECRETS[1]);
    expect(&wrong.promote(), 5, "401");
    expect(&wrong.tollgate(&["rollback"]), 5, "401");
    expect(&wrong.tollgate(&["run", "--output", "other"]), 3, "401");
    let none = wrong.variable("MLFLOW_TRACKING_TOKEN", "");
    expect(&none.promote(), 5, "401");
    let other = none
        .variable("MLFLOW_TRACKING_TOKEN", SECRETS[0])
        .variable("MLFLOW_TRACKING_SERVER_CERT_PATH", front.text("other"));
    expect(&other.promote(), 3, "certificate");
    assert_eq!(server.champion("guarded"), "");
    let right = other.variable("MLFLOW_TRACKING_SERVER_CERT_PATH", front.text("ca"));
    expect(&right.promote(), 0, "promotion: moved");
    assert_eq!(server.champion("guarded"), "1");
    expect(&right.tollgate(&["history", "promotions"]), 0, "promotion");
    nothing_written(right.folder.path(), &SECRETS);
}

fn by_certificate(server: &Server, front: &Serving) {
    let shown = "MLFLOW_TRACKING_CLIENT_CERT_PATH";
    let right = Promoter::new(front.text("asking"), "guarded", "2", "")
        .variable("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        .variable("MLFLOW_TRACKING_SERVER_CERT_PATH", front.text("ca"))
        .variable(shown, front.text("client"))
        .gate();
    let stranger = right.variable(shown, front.text("stranger"));
    expect(&stranger.promote(), 3, "UnknownCA");
    expect(
        &stranger.tollgate(&["run", "--output", "other"]),
        3,
        "cannot",
    );
    let none = stranger.variable(shown, "");
    expect(&none.promote(), 3, "CertificateRequired");
    let gone = none.variable(shown, "/gone.pem");
    expect(&gone.promote(), 3, "/gone.pem");
    assert_eq!(server.champion("guarded"), "1");
    let right = gone.variable(shown, front.text("client"));
    expect(&right.promote(), 0, "moved from 1 to 2");
    assert_eq!(server.champion("guarded"), "2");
    expect(&right.tollgate(&["rollback"]), 0, "moved from 2 to 1");
    assert_eq!(server.past("guarded").len(), 3);
}
