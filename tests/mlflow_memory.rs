//! A registry of models in memory that answers as `MLflow` 3.17.2 does, as far as promotions ask; its clock is the test's.
//!
//! `registry_mlflow.rs` asks it and the real server the same questions and compares the answers.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::fault_proxy::{call, message};
use crate::mlflow_real::Server;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Model {
    tags: BTreeMap<String, String>,
    aliases: BTreeMap<String, String>,
    versions: BTreeMap<u64, BTreeMap<String, String>>,
}

/// The server.
pub(crate) struct Memory {
    pub(crate) address: String,
    /// Seconds that its clock is ahead of the machine's.
    pub(crate) ahead: Arc<AtomicI64>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let ahead = Arc::new(AtomicI64::new(0));
        let models: Arc<Mutex<BTreeMap<String, Model>>> = Arc::default();
        let clock = ahead.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (models, clock) = (models.clone(), clock.clone());
                std::thread::spawn(move || served(socket.unwrap(), &models, &clock));
            }
        });
        Self { address, ahead }
    }
}

type Answer = Result<Value, (u16, &'static str, String)>;

fn served(mut socket: TcpStream, models: &Mutex<BTreeMap<String, Model>>, ahead: &AtomicI64) {
    let Some((head, body)) = message(&mut socket) else {
        return;
    };
    let mut words = head.split(' ');
    let verb = words.next().unwrap().to_owned();
    let url = reqwest::Url::parse("http://x").unwrap();
    let url = url.join(words.next().unwrap()).unwrap();
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| json!(query));
    let path = url.path().trim_start_matches("/api/2.0/mlflow/").to_owned();
    let answer = answered(&mut models.lock().unwrap(), &verb, &path, &body);
    let (status, text) = match answer {
        Ok(value) => (200, value.to_string()),
        Err((status, code, message)) => {
            let value = json!({"error_code": code, "message": message});
            (status, value.to_string())
        }
    };
    let seconds = chrono::TimeDelta::seconds(ahead.load(Ordering::SeqCst));
    let date = (chrono::Utc::now() + seconds).format("%a, %d %b %Y %H:%M:%S GMT");
    let answer = format!(
        "HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: \
         close\r\n\r\n{text}",
        text.len()
    );
    let _ = socket.write_all(answer.as_bytes());
}

fn answered(models: &mut BTreeMap<String, Model>, verb: &str, path: &str, body: &Value) -> Answer {
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let name = text("name");
    let missing = |what: String| (404, "RESOURCE_DOES_NOT_EXIST", what);
    if (verb, path) == ("POST", "registered-models/create") {
        if models.contains_key(&name) {
            let what = format!("Registered Model (name={name}) already exists.");
            return Err((400, "RESOURCE_ALREADY_EXISTS", what));
        }
        models.insert(name.clone(), Model::default());
        return Ok(json!({"registered_model": {"name": name}}));
    }
    let version = text("version");
    let no_model = format!("Registered Model with name={name} not found");
    let no_version = format!("Model Version (name={name}, version={version}) not found");
    let of_version = verb == "GET" && path == "model-versions/get"
        || path == "registered-models/alias"
        || path == "model-versions/set-tag";
    let Some(model) = models.get_mut(&name) else {
        return Err(missing(if of_version { no_version } else { no_model }));
    };
    let number: u64 = version.parse().unwrap_or(0);
    if of_version && !model.versions.contains_key(&number) {
        return Err(missing(no_version));
    }
    match (verb, path) {
        ("GET", "registered-models/get") => Ok(json!({"registered_model": {
            "name": name, "tags": tags(&model.tags),
            "aliases": model.aliases.iter().map(|(a, v)| json!({"alias": a, "version": v})).collect::<Vec<_>>(),
        }})),
        ("POST", "registered-models/set-tag") => {
            model.tags.insert(text("key"), text("value"));
            Ok(json!({}))
        }
        ("DELETE", "registered-models/delete-tag") => {
            model.tags.remove(&text("key"));
            Ok(json!({}))
        }
        ("POST", "registered-models/alias") => {
            model.aliases.insert(text("alias"), version);
            Ok(json!({}))
        }
        ("POST", "model-versions/create") => {
            let next = model.versions.len() as u64 + 1;
            model.versions.insert(next, BTreeMap::new());
            Ok(json!({"model_version": {"name": name, "version": next.to_string()}}))
        }
        ("GET", "model-versions/get") => Ok(json!({"model_version": {
            "name": name, "version": version, "status": "READY", "tags": tags(&model.versions[&number]),
        }})),
        ("POST", "model-versions/set-tag") => {
            let of = model.versions.get_mut(&number).unwrap();
            of.insert(text("key"), text("value"));
            Ok(json!({}))
        }
        _ => panic!("{verb} {path} is not part of it"),
    }
}

fn tags(all: &BTreeMap<String, String>) -> Vec<Value> {
    all.iter()
        .map(|(k, v)| json!({"key": k, "value": v}))
        .collect()
}

/// The server in memory, which the thousand seeds ask, answers like the real one.
pub(crate) fn same_answers(server: &Server) {
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
