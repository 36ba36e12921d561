//! A real `MLflow` server (3.17.2, from `tests/requirements-mlflow.txt`) for promotions, and the binary that promotes in it.
//!
//! `TOLLGATE_MLFLOW` names a Python that has it, as `.ci/run` does; without it a test is skipped with a line.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use crate::fault_proxy::call;
use crate::mlflow_faults::{LONG, registry};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use tollgate::registry::Registry as _;

/// The server, which can be stopped and started again.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) lines: BufReader<ChildStdout>,
    pub(crate) uri: String,
    pub(crate) runs: Vec<String>,
    pub(crate) experiment: String,
    pub(crate) folder: tempfile::TempDir,
}

impl Server {
    /// `None`, with a line, where there is no Python for it.
    pub(crate) fn start(with: &[&str]) -> Option<Self> {
        let Ok(python) = std::env::var("TOLLGATE_MLFLOW") else {
            assert!(std::env::var("CI").is_err(), "CI sets TOLLGATE_MLFLOW");
            eprintln!("skipped: TOLLGATE_MLFLOW names no Python with MLflow");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/mlflow_registry.py");
        let log = std::fs::File::create(folder.path().join("errors.log")).unwrap();
        let mut process = Command::new(python)
            .arg(script)
            .arg(folder.path())
            .args(with)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self {
            lines: BufReader::new(process.stdout.take().unwrap()),
            process,
            uri: String::new(),
            runs: Vec::new(),
            experiment: String::new(),
            folder,
        };
        let said = server.said();
        said["uri"].as_str().unwrap().clone_into(&mut server.uri);
        let experiment = said["experiment"].as_str().unwrap();
        experiment.clone_into(&mut server.experiment);
        let runs = said["runs"].as_array().unwrap();
        server.runs = runs
            .iter()
            .map(|r| r.as_str().unwrap().to_owned())
            .collect();
        Some(server)
    }

    pub(crate) fn said(&mut self) -> Value {
        let mut line = String::new();
        loop {
            line.clear();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                let log = std::fs::read_to_string(self.folder.path().join("errors.log"));
                panic!("{}", log.unwrap());
            }
            if let Some(said) = line.strip_prefix("tollgate ") {
                return serde_json::from_str(said).unwrap();
            }
        }
    }

    /// Stops it where it is, and starts it again.
    pub(crate) fn restart(&mut self) {
        let input = self.process.stdin.as_mut().unwrap();
        writeln!(input, "restart").unwrap();
        self.said();
    }

    /// A registered model with a version of each run, the first of which is champion.
    pub(crate) fn model(&self, name: &str) {
        self.bare(name);
        let alias = json!({"name": name, "alias": "champion", "version": "1"});
        ok(&self.uri, "POST", "registered-models/alias", &alias);
    }

    /// A registered model with a version of each run, and no champion.
    pub(crate) fn bare(&self, name: &str) {
        ok(
            &self.uri,
            "POST",
            "registered-models/create",
            &json!({"name": name}),
        );
        for run in &self.runs {
            let source = format!(
                "mlflow-artifacts:/{}/{run}/artifacts/model",
                self.experiment
            );
            let body = json!({"name": name, "source": source, "run_id": run});
            ok(&self.uri, "POST", "model-versions/create", &body);
        }
    }

    pub(crate) fn get(&self, model: &str) -> Value {
        let path = format!("registered-models/get?name={model}");
        ok(&self.uri, "GET", &path, &json!({}))["registered_model"].take()
    }

    pub(crate) fn champion(&self, model: &str) -> String {
        let found = registry(&self.uri, model, 2, LONG);
        found.look().unwrap().version.unwrap_or_default()
    }

    /// Kind and versions of every move.
    pub(crate) fn past(&self, model: &str) -> Vec<String> {
        let found = registry(&self.uri, model, 2, LONG);
        let word = |m: tollgate::registry::Move| {
            let from = m.from.unwrap_or_default();
            format!("{} {from}>{}", m.kind.word(), m.to)
        };
        found.past().unwrap().into_iter().map(word).collect()
    }

    /// Names of the tags by which somebody asks for the lock.
    pub(crate) fn locks(&self, model: &str) -> Vec<String> {
        let tags = self.get(model)["tags"].take();
        let keys = tags.as_array().into_iter().flatten();
        let keys = keys.map(|t| t["key"].as_str().unwrap().to_owned());
        keys.filter(|k| k.starts_with("tollgate.lock.")).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

pub(crate) fn ok(uri: &str, verb: &str, path: &str, body: &Value) -> Value {
    let (status, answer) = call(uri, verb, path, body);
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Told {
    /// Asserts that nothing of it is a secret.
    pub(crate) fn without(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.text.contains(secret), "{}", self.text);
        }
    }
}

/// Asserts that no file of a folder has a secret.
pub(crate) fn nothing_written(folder: &Path, secrets: &[&str]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            nothing_written(&path, secrets);
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for secret in secrets {
            assert!(!text.contains(secret), "{}", path.display());
        }
    }
}

/// A folder with a configuration that promotes one version.
pub(crate) struct Promoter {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Promoter {
    /// `extra` is what else is said of the registry.
    pub(crate) fn new(uri: &str, model: &str, version: &str, extra: &str) -> Self {
        Self::leased(uri, model, version, LONG, extra)
    }

    /// With a lock that counts so many seconds.
    pub(crate) fn leased(uri: &str, model: &str, version: &str, lease: i64, extra: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "version: 1\nmodels:\n  late:\n    candidate: {{mlflow: \"models:/{model}/{version}\", uri: \"{uri}\"}}\n    metrics: \
             {{roc_auc: {{at_least: 0.5}}}}\n    promote: {{registry: production}}\nregistries:\n  production: {{kind: mlflow, \
             uri: \"{uri}\", model: {model}, lease: {lease}s{extra}}}\n"
        );
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        Self {
            folder,
            variables: vec![("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2".to_owned())],
        }
    }

    pub(crate) fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .envs(self.variables.iter().map(|(n, v)| (n, v)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn tollgate(&self, args: &[&str]) -> Told {
        told(self.command(args).spawn().unwrap())
    }

    /// The run that is the evidence.
    pub(crate) fn gate(self) -> Self {
        let told = self.tollgate(&["run", "--output", "report"]);
        assert_eq!(told.code, 0, "{}", told.text);
        self
    }

    pub(crate) fn begin(&self) -> Child {
        let args = ["promote", "report/run.json"];
        self.command(&args).spawn().unwrap()
    }

    pub(crate) fn promote(&self) -> Told {
        told(self.begin())
    }
}

pub(crate) fn told(process: Child) -> Told {
    let output = process.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Told {
        code: output.status.code().unwrap_or(-1),
        text: String::from_utf8(text).unwrap(),
    }
}

/// Does something for every item, several at a time.
pub(crate) fn several<T: Send>(items: Vec<T>, at_once: usize, each: impl Fn(T) + Sync) {
    let items = Mutex::new(items.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let Some(item) = items.lock().unwrap().next() else {
                        return;
                    };
                    each(item);
                }
            });
        }
    });
}
