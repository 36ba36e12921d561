//! Servers of candidates and baselines: real ones that `.ci/run` installs, and a fake for what real ones do not do.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A server in another language, and what it says of itself.
pub(crate) struct Serving {
    process: Child,
    pub(crate) said: Value,
    _folder: tempfile::TempDir,
}

impl Serving {
    /// Starts `tests/servers/SCRIPT` with the Python that a variable names; `None`, with a line, when it names none.
    pub(crate) fn start(variable: &str, script: &str) -> Option<Self> {
        Self::with(variable, script, &[])
    }

    /// As [`Serving::start`], with arguments after the folder.
    pub(crate) fn with(variable: &str, script: &str, args: &[&str]) -> Option<Self> {
        let Ok(python) = std::env::var(variable) else {
            assert!(std::env::var("CI").is_err(), "CI sets {variable}");
            eprintln!("skipped: {variable} names no Python for tests/servers/{script}");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(folder.path().join("errors.log")).unwrap();
        let mut process = Command::new(python)
            .arg(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("tests/servers")
                    .join(script),
            )
            .arg(folder.path())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let said = lines
            .map_while(Result::ok)
            .find_map(|l| l.strip_prefix("tollgate ").map(str::to_owned));
        let said = said.unwrap_or_else(|| {
            panic!(
                "{}",
                std::fs::read_to_string(folder.path().join("errors.log")).unwrap()
            )
        });
        Some(Self {
            process,
            said: serde_json::from_str(&said).unwrap(),
            _folder: folder,
        })
    }

    pub(crate) fn text(&self, key: &str) -> &str {
        self.said[key].as_str().unwrap()
    }

    pub(crate) fn numbers(&self, key: &str) -> Vec<f64> {
        self.said[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // it stops what it started when its input ends
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A request that the fake was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A fake server: it answers each request by a function of its number (from 1) and itself.
pub(crate) struct Fake {
    pub(crate) address: String,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    pub(crate) fn new(answer: impl Fn(usize, &Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (kept, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || {
                    let mut socket = socket.unwrap();
                    let Some(request) = read(&mut socket) else {
                        return;
                    };
                    let number = {
                        let mut kept = kept.lock().unwrap();
                        kept.push(request.clone());
                        kept.len()
                    };
                    // the client hangs up when it has seen enough
                    let _ = socket.write_all(&answer(number, &request));
                });
            }
        });
        Self { address, asked }
    }

    pub(crate) fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn read(socket: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if socket.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = crate::range_server::header(&head, "content-length");
    let mut body = vec![0; length.map_or(0, |l| l.parse().unwrap())];
    socket.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    Some(Asked { head, body })
}

/// A whole answer with JSON.
pub(crate) fn json(status: &str, body: &str) -> Vec<u8> {
    crate::range_server::answer(
        status,
        "Content-Type: application/json\r\n",
        body.as_bytes(),
    )
}

#[test]
fn the_fake_speaks_http_to_a_client_that_is_not_ours() {
    let Ok(python) = std::env::var("TOLLGATE_PYTHON") else {
        eprintln!("skipped: TOLLGATE_PYTHON names no Python");
        return;
    };
    let fake = Fake::new(|number, asked| {
        json(
            "503 Service Unavailable",
            &format!("[{number}, {}]", asked.body),
        )
    });
    let script = "
import json, sys, urllib.request, urllib.error
for i in (1, 2):
    request = urllib.request.Request(sys.argv[1] + '/x', json.dumps({'i': i}).encode(), {'X-A': 'b'})
    try:
        urllib.request.urlopen(request)
        raise SystemExit('no error')
    except urllib.error.HTTPError as e:
        assert e.code == 503 and json.loads(e.read()) == [i, {'i': i}], i
";
    let status = Command::new(python)
        .args(["-c", script, &fake.address])
        .status()
        .unwrap();
    assert!(status.success());
    let asked = fake.asked.lock().unwrap();
    assert_eq!(
        crate::range_server::header(&asked[1].head, "x-a"),
        Some("b")
    );
}
