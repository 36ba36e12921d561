//! The comment on a pull request: written once, changed afterwards, never a stranger's, and no reason to fail.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use crate::ci::hostile;
use crate::ci_runner::github;
use crate::harness::Gate;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request: method and path, all its header lines, its body.
#[derive(Debug, Clone)]
struct Request {
    line: String,
    head: String,
    body: String,
}

/// A service with the comments of one pull request.
struct Service {
    address: String,
    asked: Arc<Mutex<Vec<Request>>>,
    comments: Arc<Mutex<Vec<Value>>>,
}

impl Service {
    /// Starts with these comments; every request is answered with `status` where it is not 0.
    fn new(comments: Vec<Value>, status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            comments: Arc::new(Mutex::new(comments)),
        };
        let (asked, comments) = (service.asked.clone(), service.comments.clone());
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.unwrap();
                while let Some(request) = read(&mut socket) {
                    let (status, body) = match status {
                        0 => answer(&request, &mut comments.lock().unwrap()),
                        status => (status, json!({"message": "Resource not accessible"})),
                    };
                    asked.lock().unwrap().push(request);
                    let body = body.to_string();
                    let head = format!(
                        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    socket.write_all((head + &body).as_bytes()).unwrap();
                }
            }
        });
        service
    }

    fn lines(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|r| r.line.clone()).collect()
    }

    fn bodies(&self) -> Vec<String> {
        let comments = self.comments.lock().unwrap();
        let text = |c: &Value| c["body"].as_str().unwrap().to_owned();
        comments.iter().map(text).collect()
    }

    /// A run within a pull request; `more` comes over what is set.
    fn run(&self, event: &Value, more: &[(&str, &str)]) -> Gate {
        let folder = tempfile::tempdir().unwrap();
        hostile(folder.path());
        std::fs::write(folder.path().join("event.json"), event.to_string()).unwrap();
        let variables = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_TOKEN", "ghs_secret"),
            ("GITHUB_REPOSITORY", "owner/data.sets"),
            ("GITHUB_API_URL", &self.address),
            ("GITHUB_EVENT_PATH", "event.json"),
        ];
        let gate = Gate::within(
            folder,
            &["--comment", "sticky"],
            &[&variables, more].concat(),
        );
        assert_eq!(gate.code, 1, "{}", gate.stderr);
        assert!(!format!("{}{}", gate.stdout, gate.stderr).contains("ghs_secret"));
        gate
    }
}

fn read(socket: &mut TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(socket);
    let (mut line, mut head) = (String::new(), String::new());
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    loop {
        let mut next = String::new();
        reader.read_line(&mut next).ok()?;
        if next.trim().is_empty() {
            break;
        }
        head += &next;
    }
    let length = head.lines().find_map(|l| {
        let (name, value) = l.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        line: line.trim_end_matches(" HTTP/1.1\r\n").to_owned(),
        head: head.to_ascii_lowercase(),
        body: String::from_utf8(body).unwrap(),
    })
}

fn answer(request: &Request, comments: &mut Vec<Value>) -> (u16, Value) {
    let (method, path) = request.line.split_once(' ').unwrap();
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    match method {
        "GET" => {
            let page = path
                .rsplit_once("page=")
                .unwrap()
                .1
                .parse::<usize>()
                .unwrap();
            let shown = comments.iter().skip((page - 1) * 100).take(100).cloned();
            (200, Value::Array(shown.collect()))
        }
        "POST" => {
            let id = comments.len() + 1;
            comments.push(comment(id, body["body"].as_str().unwrap(), "Bot", "NONE"));
            (201, comments[id - 1].clone())
        }
        _ => {
            let id: u64 = path.rsplit_once('/').unwrap().1.parse().unwrap();
            let ours = comments.iter_mut().find(|c| c["id"] == id).unwrap();
            ours["body"] = body["body"].clone();
            (200, ours.clone())
        }
    }
}

fn comment(id: usize, body: &str, kind: &str, association: &str) -> Value {
    json!({"id": id, "body": body, "user": {"type": kind}, "author_association": association})
}

fn pull_request() -> Value {
    json!({"pull_request": {"number": 7}})
}

#[test]
fn a_comment_is_written_once_and_then_changed() {
    let others = (1..=150).map(|id| comment(id, "hello", "User", "NONE"));
    let service = Service::new(others.collect(), 0);
    service.run(&pull_request(), &[]);
    service.run(&pull_request(), &[]);
    let list = "/repos/owner/data.sets/issues/7/comments";
    let page = |n: usize| format!("GET {list}?per_page=100&page={n}");
    let expected = [
        page(1),
        page(2),
        format!("POST {list}"),
        page(1),
        page(2),
        "PATCH /repos/owner/data.sets/issues/comments/151".to_owned(),
    ];
    assert_eq!(service.lines(), expected);
    for request in service.asked.lock().unwrap().iter() {
        assert!(
            request.head.contains("authorization: bearer ghs_secret"),
            "{}",
            request.head
        );
    }
    let bodies = service.bodies();
    assert_eq!(bodies.len(), 151);
    assert!(bodies[150].starts_with("<!-- tollgate:"), "{}", bodies[150]);
    assert!(bodies[150].contains(" -->\n## ❌ tollgate: fail\n"));
    assert!(bodies[150].chars().count() < 65_536);
}

#[test]
fn a_strangers_comment_with_the_mark_is_left_alone() {
    let service = Service::new(Vec::new(), 0);
    service.run(&pull_request(), &[]);
    let ours = service.bodies().remove(0);
    for (kind, association, taken) in [
        ("User", "NONE", false),
        ("User", "CONTRIBUTOR", false),
        ("User", "MEMBER", true),
        ("Bot", "NONE", true),
    ] {
        let forged = format!("{}\nforged", ours.lines().next().unwrap());
        let service = Service::new(vec![comment(1, &forged, kind, association)], 0);
        service.run(&pull_request(), &[]);
        let bodies = service.bodies();
        assert_eq!(
            bodies.len(),
            if taken { 1 } else { 2 },
            "{kind} {association}"
        );
        assert_eq!(bodies[0].ends_with("forged"), !taken);
    }
}

#[test]
fn what_does_not_work_is_one_notice_and_the_verdict_stays() {
    let nothing = json!({"push": 1});
    let cases: &[(u16, Value, (&str, &str), &str)] = &[
        (403, pull_request(), ("X", ""), "from a fork"),
        (404, pull_request(), ("X", ""), "from a fork"),
        (401, pull_request(), ("X", ""), "not accepted (401)"),
        (422, pull_request(), ("X", ""), "422"),
        (0, nothing, ("X", ""), "not of a pull request"),
        (
            0,
            pull_request(),
            ("GITHUB_TOKEN", ""),
            "GITHUB_TOKEN is not set",
        ),
        (
            0,
            pull_request(),
            ("GITHUB_EVENT_PATH", "none.json"),
            "cannot be read",
        ),
        (
            0,
            pull_request(),
            ("GITHUB_REPOSITORY", "a/b/../c"),
            "not OWNER/NAME",
        ),
        (
            0,
            pull_request(),
            ("GITHUB_API_URL", "http://example.org"),
            "not sent openly",
        ),
    ];
    for (status, event, variable, said) in cases {
        let service = Service::new(Vec::new(), *status);
        let gate = service.run(event, &[*variable]);
        let notices: Vec<_> = github(&gate.stdout)
            .into_iter()
            .filter(|c| c.name == "notice")
            .collect();
        assert_eq!(notices.len(), 1, "{said}: {notices:?}");
        assert!(notices[0].data.contains(said), "{said}: {notices:?}");
        assert!(gate.stdout.ends_with("\nverdict: fail\n"));
        assert_eq!(service.bodies(), [""; 0]);
    }
}

#[test]
fn a_run_that_cannot_be_evaluated_replaces_what_was_said() {
    let service = Service::new(Vec::new(), 0);
    let gate = service.run(&pull_request(), &[]);
    std::fs::remove_file(gate.folder.path().join("d.ndjson")).unwrap();
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_TOKEN", "ghs_secret"),
        ("GITHUB_REPOSITORY", "owner/data.sets"),
        ("GITHUB_API_URL", &*service.address),
        ("GITHUB_EVENT_PATH", "event.json"),
    ];
    let again = Gate::within(gate.folder, &["--comment", "sticky"], &variables);
    assert_eq!(again.code, 3);
    let bodies = service.bodies();
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains("tollgate: error"), "{}", bodies[0]);
}

#[test]
fn other_systems_have_no_comment_and_say_so() {
    for (variable, said) in [("GITLAB_CI", "gitlab has none"), ("X", "no GitHub Actions")] {
        let folder = tempfile::tempdir().unwrap();
        hostile(folder.path());
        let gate = Gate::within(folder, &["--comment", "sticky"], &[(variable, "1")]);
        assert_eq!(gate.code, 1);
        assert!(gate.stderr.contains(said), "{}", gate.stderr);
    }
}
