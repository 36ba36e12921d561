//! Users of a real `MLflow` server with its basic-auth app: who may read only, who may move the alias, and who is nobody.

use crate::mlflow_real::{Promoter, Server, Told, nothing_written};

const SECRETS: [&str; 4] = [
    "reader-password-1",
    "writer-password-1",
    "wrong-password-1",
    "token-of-nobody",
];

fn silent(told: &Told) {
    told.without(&SECRETS);
}

#[test]
fn users_of_a_real_server() {
    let Some(server) = Server::start(&["auth"]) else {
        return;
    };
    let of = |name: &str, password: &str, version: &str| {
        Promoter::new(&server.uri, "secured", version, "")
            .variable("MLFLOW_TRACKING_USERNAME", name)
            .variable("MLFLOW_TRACKING_PASSWORD", password)
    };
    // Reading is allowed, moving is not.
    let reader = of("reader", "reader-password-1", "2").gate();
    let told = reader.promote();
    silent(&told);
    assert_eq!(told.code, 5, "{}", told.text);
    assert!(told.text.contains("may not do this"), "{}", told.text);
    let dry = reader.tollgate(&["promote", "report/run.json", "--dry-run"]);
    silent(&dry);
    assert_eq!(dry.code, 0, "{}", dry.text);
    // The same evidence, by who may.
    let reader = reader.variable("MLFLOW_TRACKING_PASSWORD", "wrong-password-1");
    let told = reader.promote();
    silent(&told);
    assert_eq!(told.code, 5, "{}", told.text);
    assert!(told.text.contains("401"), "{}", told.text);
    let nobody = reader
        .variable("MLFLOW_TRACKING_USERNAME", "")
        .variable("MLFLOW_TRACKING_TOKEN", "token-of-nobody");
    let told = nobody.promote();
    silent(&told);
    assert_eq!(told.code, 5, "{}", told.text);
    let writer = nobody
        .variable("MLFLOW_TRACKING_USERNAME", "writer")
        .variable("MLFLOW_TRACKING_PASSWORD", "writer-password-1");
    let told = writer.promote();
    silent(&told);
    assert_eq!(told.code, 0, "{}", told.text);
    let next = of("writer", "writer-password-1", "3").gate();
    let told = next.tollgate(&["run", "--output", "report", "--promote"]);
    silent(&told);
    assert_eq!(told.code, 0, "{}", told.text);
    let past = next.tollgate(&["history", "promotions"]);
    silent(&past);
    let told: Vec<&str> = past.text.lines().skip(1).collect();
    assert!(
        told.len() == 2 && told[1].contains("promotion"),
        "{}",
        past.text
    );
    // User and password in the address.
    let uri = server
        .uri
        .replace("http://", "http://writer:writer-password-1@");
    let inline = Promoter::new(&uri, "secured", "2", "").gate();
    let told = inline.promote();
    silent(&told);
    assert_eq!(told.code, 0, "{}", told.text);
    std::fs::remove_file(inline.folder.path().join("tollgate.yaml")).unwrap();
    for one in [&writer, &next, &inline] {
        nothing_written(one.folder.path(), &SECRETS);
    }
}
