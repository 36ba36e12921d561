//! Promotions in a real `MLflow` server (3.17.2, from `tests/requirements-mlflow.txt`), by the binary and by the library.
//!
//! `TOLLGATE_MLFLOW` names a Python that has it, as `.ci/run` does; without it the test is skipped with a line.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use crate::fault_proxy::{Fault, Proxy, call};
use crate::mlflow_faults::{LEASE, LONG, change, checked, driven, raced, registry};
use crate::mlflow_memory::Memory;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::Duration;
use tollgate::promote::drive::Ended;
use tollgate::registry::Registry as _;

/// Somewhat longer than a lock counts: the server's clock is read in whole seconds.
const AFTER: Duration = Duration::from_secs(LEASE.unsigned_abs() + 2);

/// The server, which can be stopped and started again.
pub(crate) struct Server {
    process: Child,
    lines: BufReader<ChildStdout>,
    pub(crate) uri: String,
    pub(crate) runs: Vec<String>,
    experiment: String,
    folder: tempfile::TempDir,
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

    fn said(&mut self) -> Value {
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
    fn restart(&mut self) {
        let input = self.process.stdin.as_mut().unwrap();
        writeln!(input, "restart").unwrap();
        self.said();
    }

    /// A registered model with a version of each run, the first of which is champion.
    fn model(&self, name: &str) {
        self.bare(name);
        let alias = json!({"name": name, "alias": "champion", "version": "1"});
        ok(&self.uri, "POST", "registered-models/alias", &alias);
    }

    /// A registered model with a version of each run, and no champion.
    fn bare(&self, name: &str) {
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

    fn get(&self, model: &str) -> Value {
        let path = format!("registered-models/get?name={model}");
        ok(&self.uri, "GET", &path, &json!({}))["registered_model"].take()
    }

    fn champion(&self, model: &str) -> String {
        let found = registry(&self.uri, model, 2, LONG);
        found.look().unwrap().version.unwrap_or_default()
    }

    /// Kind and versions of every move.
    fn past(&self, model: &str) -> Vec<String> {
        let found = registry(&self.uri, model, 2, LONG);
        let word = |m: tollgate::registry::Move| {
            let from = m.from.unwrap_or_default();
            format!("{} {from}>{}", m.kind.word(), m.to)
        };
        found.past().unwrap().into_iter().map(word).collect()
    }

    /// Names of the tags by which somebody asks for the lock.
    fn locks(&self, model: &str) -> Vec<String> {
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

fn ok(uri: &str, verb: &str, path: &str, body: &Value) -> Value {
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

/// A folder with a configuration that promotes one version.
pub(crate) struct Promoter {
    pub(crate) folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Promoter {
    /// `extra` is what else is said of the registry.
    pub(crate) fn new(uri: &str, model: &str, version: &str, extra: &str) -> Self {
        Self::leased(uri, model, version, LONG, extra)
    }

    /// With a lock that counts so many seconds.
    fn leased(uri: &str, model: &str, version: &str, lease: i64, extra: &str) -> Self {
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

    fn command(&self, args: &[&str]) -> Command {
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

    fn begin(&self) -> Child {
        let args = ["promote", "report/run.json"];
        self.command(&args).spawn().unwrap()
    }

    pub(crate) fn promote(&self) -> Told {
        told(self.begin())
    }
}

fn told(process: Child) -> Told {
    let output = process.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Told {
        code: output.status.code().unwrap_or(-1),
        text: String::from_utf8(text).unwrap(),
    }
}

/// Does something for every item, several at a time.
fn several<T: Send>(items: Vec<T>, at_once: usize, each: impl Fn(T) + Sync) {
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

#[test]
fn a_real_server() {
    let Some(mut server) = Server::start(&[]) else {
        return;
    };
    same_answers(&server);
    there_and_back(&server);
    stages(&server);
    bad_input(&server);
    binaries_race(&server);
    libraries_race(&server);
    killed_at_every_request(&server);
    seeds(&server);
    restarted(&mut server);
}

/// The server in memory, which the thousand seeds ask, answers like the real one.
fn same_answers(server: &Server) {
    let memory = Memory::new();
    let tag = |key: &str| json!({"name": "same", "key": key, "value": "v"});
    let version = |v: &str| json!({"name": "same", "version": v, "key": "k", "value": "v"});
    let alias = |name: &str, v: &str| json!({"name": name, "alias": "champion", "version": v});
    let create = json!({"name": "same", "source": "s3://bucket/m"});
    let asked = [
        ("GET", "registered-models/get?name=same", json!({})),
        ("POST", "registered-models/set-tag", tag("a")),
        ("POST", "registered-models/create", json!({"name": "same"})),
        ("POST", "registered-models/create", json!({"name": "same"})),
        ("GET", "model-versions/get?name=same&version=1", json!({})),
        ("POST", "model-versions/create", create.clone()),
        ("POST", "model-versions/create", create),
        ("GET", "model-versions/get?name=same&version=1", json!({})),
        ("POST", "registered-models/alias", alias("same", "1")),
        ("POST", "registered-models/alias", alias("same", "2")),
        ("POST", "registered-models/alias", alias("same", "9")),
        ("POST", "registered-models/alias", alias("other", "1")),
        ("POST", "registered-models/set-tag", tag("a")),
        ("POST", "registered-models/set-tag", tag("b")),
        ("POST", "registered-models/set-tag", tag("b")),
        (
            "DELETE",
            "registered-models/delete-tag",
            json!({"name": "same", "key": "a"}),
        ),
        (
            "DELETE",
            "registered-models/delete-tag",
            json!({"name": "same", "key": "a"}),
        ),
        (
            "DELETE",
            "registered-models/delete-tag",
            json!({"name": "other", "key": "a"}),
        ),
        ("POST", "model-versions/set-tag", version("2")),
        ("POST", "model-versions/set-tag", version("9")),
        ("GET", "model-versions/get?name=same&version=2", json!({})),
        ("GET", "registered-models/get?name=same", json!({})),
    ];
    for (verb, path, body) in asked {
        let real = call(&server.uri, verb, path, &body);
        let ours = call(&memory.address, verb, path, &body);
        assert_eq!(ours.0, real.0, "{path} {body}: {} {}", ours.1, real.1);
        match real.1.get("error_code") {
            Some(code) => assert_eq!(ours.1["error_code"], *code, "{path} {body}"),
            None => assert_eq!(shape(ours.1), shape(real.1), "{path} {body}"),
        }
    }
}

/// What a promotion reads of an answer.
fn shape(mut answer: Value) -> Value {
    let mut list = |pointer: &str, kept: &[&str]| {
        let Some(Value::Object(object)) = answer.pointer_mut(pointer) else {
            return;
        };
        object.retain(|key, value| {
            kept.contains(&key.as_str()) && value.as_array().is_none_or(|a| !a.is_empty())
        });
    };
    list("/registered_model", &["name", "tags", "aliases"]);
    list("/model_version", &["name", "version", "tags"]);
    answer
}

fn there_and_back(server: &Server) {
    server.bare("walk");
    let first = Promoter::new(&server.uri, "walk", "1", "").gate();
    let dry = first.tollgate(&["promote", "report/run.json", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.text);
    for words in [
        "registered-models/alias",
        "tollgate.history.champion.000001",
        "planned",
    ] {
        assert!(dry.text.contains(words), "{}", dry.text);
    }
    assert_eq!(server.champion("walk"), "");
    let one = first.promote();
    assert_eq!(
        (one.code, server.champion("walk").as_str()),
        (0, "1"),
        "{}",
        one.text
    );
    assert!(one.text.contains("promotion: moved"), "{}", one.text);
    let again = first.promote();
    assert!(again.text.contains("promotion: already"), "{}", again.text);
    // Judged when 1 was champion.
    let late = Promoter::new(&server.uri, "walk", "3", "").gate();
    let two = Promoter::new(&server.uri, "walk", "2", "").gate().promote();
    assert_eq!(two.code, 0, "{}", two.text);
    let refused = late.promote();
    assert_eq!(refused.code, 5, "{}", refused.text);
    assert!(refused.text.contains("which now is 2"), "{}", refused.text);
    let back = first.tollgate(&["rollback", "--reason", "it's late"]);
    assert_eq!(
        (back.code, server.champion("walk").as_str()),
        (0, "1"),
        "{}",
        back.text
    );
    let past = ["promotion >1", "promotion 1>2", "rollback 2>1"];
    assert_eq!(server.past("walk"), past);
    // Something else moves it, and the next way back leads to what is known.
    let alias = json!({"name": "walk", "alias": "champion", "version": "3"});
    ok(&server.uri, "POST", "registered-models/alias", &alias);
    assert_eq!(server.past("walk")[3..], ["other 1>3"]);
    let back = first.tollgate(&["rollback"]);
    assert_eq!(
        (back.code, server.champion("walk").as_str()),
        (0, "1"),
        "{}",
        back.text
    );
    assert!(server.locks("walk").is_empty());
    // Without a lock nothing asks for one.
    let free = Promoter::new(&server.uri, "walk", "3", ", lock: false").gate();
    let dry = free.tollgate(&["promote", "report/run.json", "--dry-run"]);
    assert!(!dry.text.contains("tollgate.lock"), "{}", dry.text);
    assert!(dry.text.contains("nothing but reading"), "{}", dry.text);
    let three = free.promote();
    assert_eq!(
        (three.code, server.champion("walk").as_str()),
        (0, "3"),
        "{}",
        three.text
    );
    left_in_the_server(server);
}

/// What a promotion leaves beside the alias.
fn left_in_the_server(server: &Server) {
    let path = "model-versions/get?name=walk&version=2";
    let found = ok(&server.uri, "GET", path, &json!({}));
    let tags = found["model_version"]["tags"].as_array().unwrap();
    let tags: BTreeMap<&str, &str> = tags
        .iter()
        .map(|t| (t["key"].as_str().unwrap(), t["value"].as_str().unwrap()))
        .collect();
    assert_eq!(tags["tollgate.verdict"], "pass");
    assert_eq!(tags["tollgate.prev_version"], "1");
    assert_eq!(tags["tollgate.report_sha256"].len(), 64);
    assert_eq!(
        tags["tollgate.attached"],
        "tags, run.json, report.html, report.md"
    );
    let run = &server.runs[1];
    let path = format!("runs/get?run_id={run}");
    let found = ok(&server.uri, "GET", &path, &json!({}));
    let tags = found["run"]["data"]["tags"].as_array().unwrap();
    let verdict = json!({"key": "tollgate.verdict", "value": "pass"});
    assert!(tags.contains(&verdict), "{tags:?}");
    let path = format!("artifacts/list?run_id={run}&path=tollgate");
    let files = ok(&server.uri, "GET", &path, &json!({}));
    let files = files["files"].as_array().unwrap();
    assert_eq!(files.len(), 3, "{files:?}");
}

/// Servers before 2.9 had stages.
fn stages(server: &Server) {
    server.bare("staged");
    let with = |version: &str| {
        let one = Promoter::new(&server.uri, "staged", version, ", stages: true");
        let path = one.folder.path().join("tollgate.yaml");
        let config = std::fs::read_to_string(&path).unwrap();
        let config = config.replace(
            "{registry: production}",
            "{registry: production, alias: Production}",
        );
        std::fs::write(path, config).unwrap();
        one.gate()
    };
    let stage = |version: usize| {
        let path = format!("model-versions/get?name=staged&version={version}");
        let found = ok(&server.uri, "GET", &path, &json!({}));
        found["model_version"]["current_stage"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for version in ["3", "2"] {
        let one = with(version).promote();
        assert_eq!(one.code, 0, "{}", one.text);
    }
    assert_eq!([stage(2), stage(3)], ["Production", "Archived"]);
    let back = with("2").tollgate(&["rollback"]);
    assert_eq!(back.code, 0, "{}", back.text);
    assert_eq!([stage(2), stage(3)], ["Archived", "Production"]);
}

fn bad_input(server: &Server) {
    server.model("bad");
    let judged = Promoter::new(&server.uri, "bad", "2", "").gate();
    // A model that is not registered.
    let told = Promoter::new(&server.uri, "bad", "2", "");
    let path = told.folder.path().join("tollgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, config.replace("model: bad", "model: nobody")).unwrap();
    let told = told.tollgate(&["run", "--output", "report"]);
    assert_eq!(told.code, 5, "{}", told.text);
    assert!(
        told.text.contains("no registered model `nobody`"),
        "{}",
        told.text
    );
    // A version that is deleted between.
    let body = json!({"name": "bad", "version": "2"});
    ok(&server.uri, "DELETE", "model-versions/delete", &body);
    let told = judged.promote();
    assert_eq!(told.code, 5, "{}", told.text);
    assert!(told.text.contains("has no version 2"), "{}", told.text);
    // A registry that is down, and one that answers with pages, where it answered before.
    let proxy = Proxy::new(&server.uri);
    let judged = Promoter::new(&proxy.address, "bad", "3", "").gate();
    proxy.plan(|_, _| Fault::DropBefore);
    let told = judged.promote();
    assert_eq!(told.code, 3, "{}", told.text);
    assert_eq!(server.champion("bad"), "1");
    let page = |status: &str, media: &str, body: &str| {
        crate::range_server::answer(
            status,
            &format!("Content-Type: {media}\r\n"),
            body.as_bytes(),
        )
    };
    let answers = [
        (
            page("200 OK", "text/html", "<html>log in"),
            3,
            "a page (HTML), not JSON",
        ),
        (
            page("404 Not Found", "text/html", "<h1>"),
            3,
            "is this an MLflow server?",
        ),
        (page("200 OK", "application/json", "[1"), 3, "ends early"),
        (
            page("200 OK", "application/json", "{}"),
            3,
            "no `registered_model`",
        ),
        (
            page("403 Forbidden", "text/plain", "Permission denied"),
            5,
            "Permission denied",
        ),
        (page("301 Moved Permanently", "text/html", ""), 5, "301"),
    ];
    for (answer, code, words) in answers {
        let canned = answer.clone();
        proxy.plan(move |_, _| Fault::Answer(canned.clone()));
        let told = judged.promote();
        assert_eq!(told.code, code, "{words}: {}", told.text);
        assert!(told.text.contains(words), "{words}: {}", told.text);
        assert_eq!(server.champion("bad"), "1");
    }
    // Only what changes something is refused.
    proxy.plan(move |_, line| {
        if line.starts_with("POST") {
            Fault::Answer(answers_of_users("403 Forbidden"))
        } else {
            Fault::None
        }
    });
    assert_eq!(judged.promote().code, 5);
    // Without its clock no lock can end.
    let model = r#"{"registered_model": {"aliases": [{"alias": "champion", "version": "1"}]}}"#;
    let canned = page("200 OK", "application/json", model);
    proxy.plan(move |_, line| {
        if line.contains("registered-models/get") {
            Fault::Answer(canned.clone())
        } else {
            Fault::None
        }
    });
    let told = judged.promote();
    assert_eq!(told.code, 3, "{}", told.text);
    assert!(
        told.text.contains("does not tell its clock"),
        "{}",
        told.text
    );
    // A lock of something else.
    let tag = json!({"name": "bad", "key": "tollgate.lock.champion.x", "value": "mine"});
    ok(&server.uri, "POST", "registered-models/set-tag", &tag);
    proxy.plan(|_, _| Fault::None);
    let told = judged.promote();
    assert_eq!(told.code, 3, "{}", told.text);
    assert!(
        told.text.contains("tollgate.lock.champion.x"),
        "{}",
        told.text
    );
}

fn answers_of_users(status: &str) -> Vec<u8> {
    crate::range_server::answer(status, "Content-Type: text/plain\r\n", b"Permission denied")
}

/// Ten rounds of two processes that promote different versions at once: one wins, the other exits 5.
fn binaries_race(server: &Server) {
    several((0..10).collect(), 2, |round| {
        let model = format!("binaries{round}");
        server.model(&model);
        let with = |version: &str| Promoter::new(&server.uri, &model, version, "").gate();
        let both = [with("2"), with("3")];
        let begun = both.each_ref().map(Promoter::begin);
        let ended = begun.map(told);
        let mut codes = ended.each_ref().map(|t| t.code);
        codes.sort_unstable();
        assert_eq!(codes, [0, 5], "round {round}: {ended:?}");
        let winner = if ended[0].code == 0 { "2" } else { "3" };
        assert_eq!(server.champion(&model), winner, "{ended:?}");
        let moved = format!("promotion 1>{winner}");
        assert_eq!(server.past(&model), ["other >1", &moved]);
    });
}

/// Forty rounds of two promoters in one process; a part of them of the same move.
fn libraries_race(server: &Server) {
    let busy = AtomicUsize::new(0);
    several((0..40).collect(), 4, |round| {
        let model = format!("libraries{round}");
        server.model(&model);
        let start = Arc::new(Barrier::new(2));
        let same = round % 8 == 7;
        let one = |to: &'static str| {
            let (uri, model, start) = (server.uri.clone(), model.clone(), start.clone());
            std::thread::spawn(move || {
                let registry = registry(&uri, &model, 2, LONG);
                let change = change(&model, "1", to);
                start.wait();
                driven(&registry, &change).unwrap()
            })
        };
        let both = [one("2"), one(if same { "2" } else { "3" })];
        let ended = both.map(|b| b.join().unwrap());
        let moved = ended.iter().filter(|e| **e == Ended::Moved).count();
        assert_eq!(moved, 1, "round {round}: {ended:?}");
        let other = ended.iter().find(|e| **e != Ended::Moved).unwrap();
        match other {
            Ended::Busy(..) => {
                busy.fetch_add(1, Ordering::SeqCst);
            }
            Ended::Already(_) => assert!(same),
            _ => assert!(!same, "{ended:?}"),
        }
        assert_eq!(server.past(&model).len(), 2, "round {round}");
        assert!(server.locks(&model).is_empty());
    });
    println!("of 40 losers {} met the lock", busy.into_inner());
}

/// Promotes again where the machine was too slow for a lock that counts a few seconds.
fn patient(promote: impl Fn() -> Told) -> Told {
    let mut told = promote();
    for _ in 0..5 {
        if !told.text.contains("the time of the lock is over") {
            break;
        }
        told = promote();
    }
    told
}

/// A process is killed while a request is on its way: before the server has it, and after it did what was asked. The next
/// promotion, of the same evidence or of other, finishes or undoes it.
fn killed_at_every_request(server: &Server) {
    let ended = Mutex::new(BTreeMap::new());
    let all: Vec<(usize, bool)> = (1..=40).flat_map(|n| [(n, false), (n, true)]).collect();
    several(all, 10, |(n, handed_on)| {
        let model = format!("kill{n}{handed_on}");
        server.model(&model);
        let proxy = Proxy::new(&server.uri);
        let first = Promoter::leased(&proxy.address, &model, "2", LEASE, "").gate();
        let (told_of, frozen) = mpsc::channel();
        proxy.plan(move |number, _| {
            let told = told_of.clone();
            if number == n {
                Fault::Freeze { handed_on, told }
            } else {
                Fault::None
            }
        });
        let mut process = first.begin();
        let stopped = loop {
            if frozen.recv_timeout(Duration::from_millis(50)).is_ok() {
                process.kill().unwrap();
                break true;
            }
            if process.try_wait().unwrap().is_some() {
                break false;
            }
        };
        let ended_so = told(process);
        let request = proxy.asked().last().cloned().unwrap();
        if !stopped {
            assert_eq!(ended_so.code, 0, "{}", ended_so.text);
            ended.lock().unwrap().entry(n).or_insert(None);
            return;
        }
        ended.lock().unwrap().insert(n, Some(request.clone()));
        std::thread::sleep(AFTER);
        proxy.plan(|_, _| Fault::None);
        let champion = server.champion(&model);
        let mut expected = vec!["other >1".to_owned()];
        let again = if n.is_multiple_of(2) {
            expected.push("promotion 1>2".to_owned());
            patient(|| first.promote())
        } else {
            if champion == "2" {
                expected.push("promotion 1>2".to_owned());
            }
            expected.push(format!("promotion {champion}>3"));
            let next = Promoter::new(&server.uri, &model, "3", "").gate();
            patient(|| next.promote())
        };
        let what = format!("killed at request {n} ({request}), handed on: {handed_on}");
        assert_eq!(again.code, 0, "{what}: {}", again.text);
        assert_eq!(server.past(&model), expected, "{what}: {}", again.text);
        assert_eq!(server.locks(&model), [""; 0], "{what}");
    });
    let ended = ended.into_inner().unwrap();
    let requests: Vec<&String> = ended.values().flatten().collect();
    println!("killed at {} requests: {requests:#?}", requests.len());
    assert!(requests.len() > 15 && ended.values().any(Option::is_none));
}

/// 100 seeds of faults; the rest of the thousand are against the server in memory.
fn seeds(server: &Server) {
    let all = Mutex::new(Vec::new());
    several((0..100).collect(), 6, |seed| {
        let raced = raced(&server.uri, &format!("seed{seed}"), 5_000 + seed);
        all.lock().unwrap().push((raced, seed));
    });
    std::thread::sleep(AFTER);
    let how = Mutex::new(BTreeMap::new());
    several(all.into_inner().unwrap(), 6, |(raced, seed)| {
        let told = checked(&server.uri, &raced, 5_000 + seed);
        *how.lock().unwrap().entry(told).or_insert(0) += 1;
    });
    println!("{:?}", how.into_inner().unwrap());
}

/// The server is stopped and started again while two promote.
fn restarted(server: &mut Server) {
    server.model("restarted");
    let both = ["2", "3"].map(|v| Promoter::leased(&server.uri, "restarted", v, 10, "").gate());
    let begun = both.each_ref().map(Promoter::begin);
    std::thread::sleep(Duration::from_millis(300));
    server.restart();
    let ended = begun.map(told);
    let winners = ended.iter().filter(|t| t.code == 0).count();
    assert!(winners <= 1, "{ended:?}");
    assert!(
        ended.iter().all(|t| [0, 3, 5].contains(&t.code)),
        "{ended:?}"
    );
    std::thread::sleep(Duration::from_secs(12));
    let champion = server.champion("restarted");
    let next = Promoter::new(
        &server.uri,
        "restarted",
        if champion == "3" { "2" } else { "3" },
        "",
    );
    let next = next.gate().promote();
    assert_eq!(next.code, 0, "{}", next.text);
    let past = server.past("restarted");
    assert!(
        !past[1..].iter().any(|p| p.starts_with("other")),
        "{past:?}"
    );
}
