//! The files of a model that an `MLflow` server holds, looked at by the binary.

use crate::harness::Gate;
use crate::model_sources::{Asked, Fake, Serving, json};
use tollgate::record::Status;

fn run(uri: &str, files: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  m:\n    candidate: {{metrics: m.json}}\n    metrics: {{roc_auc: {{at_least: 0.5, limit_by: point}}}}\n    \
         artifact: {{uri: '{uri}', {files}}}\n"
    );
    let files: [(&str, &[u8]); 2] = [
        ("tollgate.yaml", config.as_bytes()),
        ("m.json", br#"{"roc_auc": 0.8}"#),
    ];
    Gate::run(&files, &[])
}

fn told(gate: &Gate) -> String {
    format!("{}{}", gate.stdout, gate.stderr)
}

/// Called with the real server that the suite shares.
pub(crate) fn beside_mlflow(server: &Serving) {
    let uri = server.text("uri");
    let model = run(
        uri,
        "mlflow: 'models:/delay@champion', files: [MLmodel, conda.yaml]",
    );
    let artifact = model.outcome("m.artifact");
    assert!(
        artifact.message.starts_with("models:/delay@champion: "),
        "{}",
        artifact.message
    );
    let record = model
        .record()
        .models
        .remove(0)
        .artifact
        .expect("it was looked at");
    assert!(record.files > 3 && record.bytes > 500, "{record:?}");
    assert_eq!(record.path, "models:/delay@champion");
    // The same files by the model's own name, and the same digest.
    let same = run(uri, &format!("mlflow: 'models:/{}'", server.text("model")));
    let again = same
        .record()
        .models
        .remove(0)
        .artifact
        .expect("it was looked at");
    assert_eq!(again.sha256, record.sha256);
    let plain = format!("mlflow: 'runs:/{}'", server.text("plain"));
    let whole = run(uri, &plain);
    assert_eq!(whole.code, 0, "{}", told(&whole));
    assert_eq!(
        whole
            .record()
            .models
            .remove(0)
            .artifact
            .expect("looked at")
            .files,
        2
    );
    let one = run(uri, &format!("{plain}, path: out/predictions.csv"));
    assert_eq!(one.code, 0, "{}", told(&one));
    let record = one.record().models.remove(0).artifact.expect("looked at");
    assert_eq!((record.files, record.bytes), (1, 22));
    let large = run(uri, &format!("{plain}, max_bytes: 10"));
    assert_eq!(large.code, 1, "{}", told(&large));
    let lacking = run(uri, &format!("{plain}, files: [weights.bin]"));
    assert_eq!(
        lacking.outcome("m.artifact").status,
        Status::Fail,
        "{}",
        told(&lacking)
    );
    for (wrong, said) in [
        ("path: nowhere", "404"),
        ("path: ../1", "leaves the folder"),
    ] {
        let gate = run(uri, &format!("{plain}, {wrong}"));
        assert_eq!(gate.code, 3, "{}", told(&gate));
        assert!(gate.stderr.contains(said), "{wrong}: {}", gate.stderr);
    }
    let old = run(uri, "mlflow: 'models:/old/1'");
    assert_eq!(old.code, 0, "{}", told(&old));
}

/// A server of one run, whose folder holds what `listed` says.
fn fake(uri: &'static str, listed: &'static str) -> Fake {
    Fake::new(move |_, asked: &Asked| {
        if asked.head.contains("runs/get") {
            let run = format!(
                r#"{{"run": {{"info": {{"run_id": "r", "status": "FINISHED", "artifact_uri": "{uri}"}}, "data": {{}}}}}}"#
            );
            return json("200 OK", &run);
        }
        if asked.head.contains("artifacts?path=") || asked.head.contains("artifacts/list?") {
            return json("200 OK", listed);
        }
        json("200 OK", "0123456789")
    })
}

#[test]
fn hostile_lists_are_refused_and_budgets_hold_whatever_a_server_says() {
    const PROXY: &str = "mlflow-artifacts:/1/r/artifacts";
    for name in ["..", "a\\\\b", "c:", ""] {
        let listed =
            format!(r#"{{"files": [{{"path": "{name}", "is_dir": false, "file_size": 3}}]}}"#);
        let gate = run(&fake(PROXY, listed.leak()).address, "mlflow: 'runs:/r'");
        assert_eq!(gate.code, 3, "{name}: {}", told(&gate));
        assert!(
            gate.stderr.contains("is no name of a file"),
            "{}",
            gate.stderr
        );
    }
    // Ten bytes come, whatever is said.
    let listed = r#"{"files": [{"path": "w", "is_dir": false, "file_size": 3}]}"#;
    let server = fake(PROXY, listed);
    let good = run(&server.address, "mlflow: 'runs:/r', max_bytes: 10");
    assert_eq!(good.code, 0, "{}", told(&good));
    let large = run(&server.address, "mlflow: 'runs:/r', max_bytes: 9");
    assert_eq!(large.code, 1, "{}", told(&large));
    // What was not kept has no digest, and evidence is not told of one that is empty.
    assert!(large.record().models[0].artifact.is_none());
    assert!(good.record().models[0].artifact.is_some());
    // Folders without end.
    let endless = r#"{"files": [{"path": "d", "is_dir": true}]}"#;
    let gate = run(&fake(PROXY, endless).address, "mlflow: 'runs:/r'");
    assert_eq!(gate.code, 3, "{}", told(&gate));
    assert!(gate.stderr.contains("nested too deeply"), "{}", gate.stderr);
    let nowhere = run(&server.address, "path: x");
    assert_eq!(nowhere.code, 2, "{}", told(&nowhere));
    assert!(
        nowhere.stderr.contains("`mlflow` names nothing"),
        "{}",
        nowhere.stderr
    );
    // A hundred folders in each, three times: no file, and a million questions.
    let folders: Vec<String> = (0..100)
        .map(|at| format!(r#"{{"path": "d{at}", "is_dir": true}}"#))
        .collect();
    let folders: &'static str = format!(r#"{{"files": [{}]}}"#, folders.join(",")).leak();
    let wide = Fake::new(move |_, asked: &Asked| {
        let line = asked
            .head
            .lines()
            .next()
            .unwrap_or_default()
            .replace("%2F", "/");
        if asked.head.contains("runs/get") {
            let run = format!(
                r#"{{"run": {{"info": {{"run_id": "r", "status": "FINISHED", "artifact_uri": "{PROXY}"}}, "data": {{}}}}}}"#
            );
            return json("200 OK", &run);
        }
        let deep = line.matches("/d").count() > 2;
        json("200 OK", if deep { r#"{"files": []}"# } else { folders })
    });
    let gate = run(&wide.address, "mlflow: 'runs:/r'");
    assert_eq!(gate.code, 3, "{}", told(&gate));
    assert!(
        gate.stderr.contains("more than 10000 files and folders"),
        "{}",
        gate.stderr
    );
    let none = run(
        &fake(PROXY, r#"{"files": []}"#).address,
        "mlflow: 'runs:/r'",
    );
    assert_eq!(none.code, 3, "{}", told(&none));
    assert!(
        none.stderr.contains("there are no files"),
        "{}",
        none.stderr
    );
    // A store that the server does not stand before: what a run left is handed out by its id.
    let beside = run(
        &fake("file:///store/r", listed).address,
        "mlflow: 'runs:/r'",
    );
    assert_eq!(beside.code, 0, "{}", told(&beside));
}
