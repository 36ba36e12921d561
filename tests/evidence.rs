//! Signing and verifying through the command line: every changed byte is refused, every subject is named, and nothing of
//! the key is ever said.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};
use tollgate::evidence::{Predicate, PrivateKey, SignedRun, Statement, dsse::Envelope};

/// A gate with a key, whose data and model files are all recorded.
pub(crate) struct Gate {
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) const CONFIG: &str = "\
version: 1
datasets:
  d: {path: data/d.csv, reference: before.csv, expect: [not_null: a, between: {column: a, min: 0, max: 9}]}
models:
  m:
    task: regression
    candidate: {predictions: new.csv, label: y, value: p}
    baseline: {predictions: old.csv, label: y, value: p}
    metrics: {mae: {at_most: 5}}
    artifact: {path: weights}
reports: {junit: out/junit.xml}
";

impl Gate {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gate = Self { folder };
        gate.write("data/d.csv", "a\n1\n2\n3\n");
        let rows = |p: &str| format!("y,p\n{}", format!("1,{p}\n2,2\n3,3\n").repeat(20));
        gate.write("new.csv", &rows("1.05"));
        gate.write("old.csv", &rows("1.1"));
        gate.write("before.csv", "a\n1\n2\n3\n");
        gate.write("weights/w.txt", "weights");
        gate.write("tollgate.yaml", CONFIG);
        gate.ok(&["key", "new", "--output", "gate.pem"]);
        gate
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The command in the gate's folder, without the caller's own keys.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.args(args).current_dir(self.folder.path());
        let ours = [
            "TOLLGATE_SIGNING_KEY",
            "TOLLGATE_PUBLIC_KEY",
            "CI_JOB_URL",
            "BUILD_URL",
            "GITHUB_RUN_ID",
        ];
        for name in ours {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn output(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        self.keeps_its_secret(&output);
        output
    }

    /// No line of the private key is in what a command said.
    pub(crate) fn keeps_its_secret(&self, output: &Output) {
        for secret in self.secrets() {
            for said in [&output.stdout, &output.stderr] {
                assert!(
                    !String::from_utf8_lossy(said).contains(&secret),
                    "the key is told"
                );
            }
        }
    }

    /// The key's base64, its seed in hexadecimal, and pieces of both.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let Ok(text) = std::fs::read_to_string(self.path("gate.pem")) else {
            return Vec::new();
        };
        let body = text.lines().nth(1).unwrap().to_owned();
        vec![body[24..44].to_owned(), body]
    }

    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert_eq!(output.status.code(), Some(0), "{args:?} {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit code, and stdout with stderr.
    pub(crate) fn said(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = self.output(args);
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    pub(crate) fn signed(&self) {
        self.ok(&[
            "run",
            "--sign",
            "--key",
            "gate.pem",
            "--now",
            "2026-11-26T00:00:00Z",
        ]);
    }

    pub(crate) fn statement(&self) -> Statement {
        let envelope = self.read("tollgate-report/run.intoto.json");
        let envelope = Envelope::parse(envelope.as_bytes()).unwrap();
        Statement::parse(&envelope.payload).unwrap()
    }
}

pub(crate) const RUN: &str = "tollgate-report/run.json";
pub(crate) const VERIFY: [&str; 4] = ["verify", RUN, "--public-key", "gate.pem.pub"];

#[test]
fn a_signed_run_binds_everything_that_it_read_and_wrote() {
    let gate = Gate::new();
    gate.signed();
    let statement = gate.statement();
    let names: Vec<&str> = statement.subjects.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "run.json",
            "report:report.html",
            "report:report.md",
            "report:out/junit.xml",
            "dataset:d:data/d.csv",
            "reference:d:before.csv",
            "candidate:m:new.csv",
            "baseline:m:old.csv",
            "model:m:weights",
        ]
    );
    let said = gate.ok(&[&VERIFY[..], &["--all"]].concat());
    let id = gate.ok(&["key", "show", "gate.pem.pub"]);
    let id = id.lines().next().unwrap();
    assert!(
        said.starts_with(&format!(
            "signed by {id} at 2026-11-26T00:00:00Z\nrun of 2026-11-26T00:00:00Z by tollgate "
        )),
        "{said}"
    );
    assert!(
        said.contains(": verdict pass, exit code 0, result PASSED\n"),
        "{said}"
    );
    for name in names {
        assert!(said.contains(&format!("ok  {name}\n")), "{name}: {said}");
    }
    assert!(said.ends_with("11 ok\n"), "{said}");
    let run = SignedRun::read(
        &gate.path(RUN),
        &gate.path("tollgate-report/run.intoto.json"),
    )
    .unwrap();
    let key = PrivateKey::from_pem(&gate.read("gate.pem")).unwrap();
    assert!(run.verify(&[key.public()]).is_ok());
    // Nothing of the key went into a file either.
    for file in glob::glob(gate.path("**/*").to_str().unwrap()).unwrap() {
        let file = file.unwrap();
        if file.is_file() && !file.ends_with("gate.pem") {
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            assert!(
                gate.secrets().iter().all(|s| !text.contains(s)),
                "{}",
                file.display()
            );
        }
    }
}

#[test]
fn a_changed_byte_of_any_file_is_refused_and_the_file_is_named() {
    let gate = Gate::new();
    gate.signed();
    for (file, name) in [
        (RUN, "run.json"),
        ("tollgate-report/report.html", "report:report.html"),
        ("tollgate-report/report.md", "report:report.md"),
        ("out/junit.xml", "report:out/junit.xml"),
        ("data/d.csv", "dataset:d:data/d.csv"),
        ("before.csv", "reference:d:before.csv"),
        ("new.csv", "candidate:m:new.csv"),
        ("old.csv", "baseline:m:old.csv"),
        ("weights/w.txt", "model:m:weights"),
        ("tollgate.yaml", "tollgate.yaml and the files it names"),
    ] {
        let bytes = std::fs::read(gate.path(file)).unwrap();
        let last = (file == RUN).then_some(bytes.len() - 1);
        for at in [bytes.len() / 2].into_iter().chain(last) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(gate.path(file), &changed).unwrap();
            let (code, said) = gate.said(&VERIFY);
            assert_eq!(code, Some(5), "{file}: {said}");
            let changed = said
                .lines()
                .filter(|l| l.starts_with("changed"))
                .collect::<Vec<_>>();
            assert!(changed[0].contains(name), "{file}: {said}");
            assert!(
                said.contains(&format!(
                    "refused: changed since the statement was made: {name}"
                )),
                "{file}: {said}"
            );
        }
        std::fs::remove_file(gate.path(file)).unwrap();
        if file != RUN && file != "weights/w.txt" {
            let (code, said) = gate.said(&VERIFY);
            assert!(
                said.contains("not here") && code == Some(0),
                "{file}: {code:?} {said}"
            );
            let (code, said) = gate.said(&[&VERIFY[..], &["--all"]].concat());
            assert!(
                said.contains("refused: ") && code == Some(5),
                "{file}: {said}"
            );
        }
        std::fs::write(gate.path(file), bytes).unwrap();
    }
    assert_eq!(gate.said(&VERIFY).0, Some(0));
}

#[test]
fn envelopes_that_were_changed_or_are_of_another_key_are_refused() {
    let gate = Gate::new();
    gate.signed();
    gate.ok(&["key", "new", "--output", "other.pem"]);
    let envelope = "tollgate-report/run.intoto.json";
    let good = gate.read(envelope);
    let (code, said) = gate.said(&["verify", RUN, "--public-key", "other.pem.pub"]);
    assert!(
        code == Some(5) && said.contains("refused: it is signed by key "),
        "{said}"
    );
    // Both keys are trusted while the key is changed.
    gate.ok(&[&VERIFY[..], &["--public-key", "other.pem.pub"]].concat());
    let document: Value = serde_json::from_str(&good).unwrap();
    let mut payload = document["payload"].as_str().unwrap().to_owned();
    payload.replace_range(40..41, if &payload[40..41] == "A" { "B" } else { "A" });
    let mut changed = document.clone();
    changed["payload"] = payload.into();
    gate.write(envelope, &changed.to_string());
    let (code, said) = gate.said(&VERIFY);
    assert!(code == Some(5) && said.contains("does not fit"), "{said}");
    for (text, code) in [
        ("", 3),
        ("{}", 3),
        ("not json", 3),
        (
            "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[]}",
            5,
        ),
    ] {
        gate.write(envelope, text);
        let (found, said) = gate.said(&VERIFY);
        assert_eq!(found, Some(code), "{text}: {said}");
        assert!(
            said.starts_with("refused: ") && said.lines().count() == 1,
            "{said}"
        );
    }
    std::fs::remove_file(gate.path(envelope)).unwrap();
    let (code, said) = gate.said(&VERIFY);
    assert!(
        code == Some(5) && said.contains("run.json is not signed"),
        "{said}"
    );
    assert_eq!(
        gate.said(&[
            "verify",
            RUN,
            "--public-key",
            "gate.pem.pub",
            "--envelope",
            envelope
        ])
        .0,
        Some(3)
    );
    // A run that nobody signed is looked at only where that is asked for.
    assert_eq!(gate.said(&["verify", RUN]).0, Some(5));
    let said = gate.ok(&["verify", RUN, "--unsigned"]);
    assert!(
        said.starts_with("not signed\n") && said.contains("ok  dataset:d:data/d.csv\n"),
        "{said}"
    );
    gate.write("data/d.csv", "a\n1\n2\n4\n");
    assert_eq!(gate.said(&["verify", RUN, "--unsigned"]).0, Some(5));
}

#[test]
fn a_record_is_signed_later_and_only_with_its_own_reports() {
    let gate = Gate::new();
    gate.ok(&["run", "--now", "2026-11-26T00:00:00Z"]);
    let sign = [
        "sign",
        RUN,
        "--key",
        "gate.pem",
        "--now",
        "2026-11-26T01:00:00Z",
        "--url",
        "https://ci.example/7",
    ];
    let said = gate.ok(&sign);
    assert!(
        said.starts_with("signed: tollgate-report/run.intoto.json by key "),
        "{said}"
    );
    let first = gate.read("tollgate-report/run.intoto.json");
    gate.ok(&sign);
    assert_eq!(
        gate.read("tollgate-report/run.intoto.json"),
        first,
        "the same bytes"
    );
    let Predicate::TestResult(said) = gate.statement().predicate else {
        panic!("a run is a test result");
    };
    assert_eq!(said.url.as_deref(), Some("https://ci.example/7"));
    assert!(said.passed_tests.contains(&"d.not_null(a)".to_owned()));
    gate.ok(&[&VERIFY[..], &["--all"]].concat());
    gate.write("tollgate-report/report.md", "edited");
    let (code, said) = gate.said(&sign);
    assert!(
        code == Some(5) && said.contains("is not the report of this run"),
        "{said}"
    );
    // An edited record is none.
    let edited = gate
        .read(RUN)
        .replace("\"status\": \"pass\"", "\"status\": \"warn\"");
    gate.write(RUN, &edited);
    let (code, said) = gate.said(&sign);
    assert!(
        code == Some(3) && said.contains("the file was edited"),
        "{said}"
    );
}
