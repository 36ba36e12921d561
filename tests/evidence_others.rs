//! Evidence against programs that are not ours (securesystemslib, in-toto-attestation; `tests/requirements.txt`), both ways.
//!
//! `TOLLGATE_PYTHON` names a Python that has them, as `.ci/run` does; without it the test is skipped with a line.

#![expect(clippy::print_stderr, reason = "a test says what it skips")]

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tollgate::evidence::dsse::Envelope;
use tollgate::evidence::statement::{STATEMENT_TYPE, TEST_RESULT_TYPE, VERIFICATION_TYPE};
use tollgate::evidence::{PrivateKey, PublicKey};
use tollgate::evidence::{Promoted, Statement, promotion_statement, sign};

/// A Python that has them, where there is one.
fn python() -> Option<String> {
    let python = std::env::var("TOLLGATE_PYTHON").ok();
    if python.is_none() {
        assert!(
            std::env::var("CI").is_err(),
            "CI names a Python in TOLLGATE_PYTHON"
        );
        eprintln!("skipped: TOLLGATE_PYTHON names no Python with tests/requirements.txt");
    }
    python
}

fn script(python: &str, args: &[&str], folder: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence/others.py");
    let output = Command::new(python)
        .arg(script)
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn tollgate(args: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command
        .env_remove("TOLLGATE_SIGNING_KEY")
        .env_remove("TOLLGATE_PUBLIC_KEY");
    command.args(args).current_dir(folder).output().unwrap()
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A folder with a run that was signed by `gate.pem`.
fn signed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "a\n1\n").unwrap();
    let config = "version: 1\ndatasets: {d: {path: d.csv, expect: [not_null: a]}}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    for args in [
        &["key", "new", "--output", "gate.pem"][..],
        &["run", "--sign", "--key", "gate.pem"],
    ] {
        let output = tollgate(args, folder.path());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    folder
}

#[test]
fn it_verifies_what_tollgate_signs() {
    let Some(python) = python() else { return };
    let folder = signed();
    let key = PrivateKey::from_pem(&read(folder.path().join("gate.pem"))).unwrap();
    let promotion = promotion_statement(&Promoted {
        registry: "directory registry",
        model: "m",
        alias: "champion",
        from: Some("1"),
        to: "2",
        run_sha256: None,
        properties: &["TOLLGATE_VERDICT_PASS".to_owned()],
        policies: &[],
        at: chrono::DateTime::UNIX_EPOCH,
    });
    std::fs::write(folder.path().join("promotion.json"), sign(&promotion, &key)).unwrap();
    for (envelope, kind) in [
        ("tollgate-report/run.intoto.json", TEST_RESULT_TYPE),
        ("promotion.json", VERIFICATION_TYPE),
    ] {
        let said = script(
            &python,
            &["check", envelope, "gate.pem.pub", "gate.pem"],
            folder.path(),
        );
        assert_eq!(said["accepted"], json!([key.public().id()]));
        assert_eq!(said["statement"]["_type"], STATEMENT_TYPE);
        assert_eq!(said["statement"]["predicateType"], kind);
    }
}

#[test]
fn tollgate_verifies_what_it_signs() {
    let Some(python) = python() else { return };
    let folder = signed();
    let run = folder.path().join("tollgate-report/run.json");
    let statement = json!({
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "run.json", "digest": {"sha256": tollgate::evidence::signed::digest(&std::fs::read(&run).unwrap())}}],
        "predicateType": TEST_RESULT_TYPE,
        "predicate": {"result": "PASSED", "configuration": [], "passedTests": ["é"]},
    });
    std::fs::write(folder.path().join("statement.json"), statement.to_string()).unwrap();
    let said = script(&python, &["make", "statement.json", "."], folder.path());
    let envelope = read(folder.path().join("made.intoto.json"));
    let parsed = Envelope::parse(envelope.as_bytes()).unwrap();
    assert_eq!(parsed.signatures.len(), 2);
    assert!(Statement::parse(&parsed.payload).is_ok());
    for number in 0..2 {
        let public =
            PublicKey::from_pem(&read(folder.path().join(format!("{number}.pub")))).unwrap();
        assert_eq!(said["ids"][number], public[0].id(), "the id is theirs");
        let private =
            PrivateKey::from_pem(&read(folder.path().join(format!("{number}.pem")))).unwrap();
        assert_eq!(
            private.public(),
            public[0],
            "a private key of OpenSSL's form"
        );
        let file = format!("{number}.pub");
        let args = [
            "verify",
            "tollgate-report/run.json",
            "--envelope",
            "made.intoto.json",
            "--public-key",
        ];
        let output = tollgate(&[&args[..], &[&file]].concat(), folder.path());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let args = [
        "verify",
        "tollgate-report/run.json",
        "--envelope",
        "made.intoto.json",
        "--public-key",
        "gate.pem.pub",
    ];
    assert_eq!(
        tollgate(&args, folder.path()).status.code(),
        Some(5),
        "another key"
    );
    std::fs::write(&run, read(run.clone()) + " ").unwrap();
    let args = [
        "verify",
        "tollgate-report/run.json",
        "--envelope",
        "made.intoto.json",
        "--public-key",
        "0.pub",
    ];
    assert_eq!(
        tollgate(&args, folder.path()).status.code(),
        Some(5),
        "another run"
    );
}
