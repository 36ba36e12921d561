//! A proxy between a client and a server of HTTP that drops, delays, doubles and cuts what it hands on, as a test wants.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::range_server::header;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Nothing: it is handed on, and the answer back.
    None,
    /// The connection ends before it is handed on.
    DropBefore,
    /// It is handed on, and the connection ends before the answer.
    DropAfter,
    /// Half of the answer comes back.
    Truncate,
    /// It is handed on twice; the second answer comes back.
    Twice,
    /// It is handed on twice; the first answer comes back, and the second request goes later.
    TwiceLater(Duration),
    /// It is handed on later.
    Delay(Duration),
    /// It is not handed on, and this is the answer.
    Answer(Vec<u8>),
    /// It is handed on when this says so or not at all, and no answer ever comes; the sender is told of it.
    Freeze { handed_on: bool, told: Sender<()> },
}

type Plan = dyn Fn(usize, &str) -> Fault + Send + Sync;

/// A proxy; what becomes of each request is told by its number, from 1, and its first line.
pub(crate) struct Proxy {
    pub(crate) address: String,
    plan: Arc<Mutex<Arc<Plan>>>,
    number: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// In front of `server`, as `http://127.0.0.1:5000`; it does nothing until it is planned.
    pub(crate) fn new(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = server.trim_start_matches("http://").to_owned();
        let plan: Arc<Mutex<Arc<Plan>>> = Arc::new(Mutex::new(Arc::new(|_, _: &str| Fault::None)));
        let number = Arc::new(AtomicUsize::new(0));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (plans, numbers, kept) = (plan.clone(), number.clone(), asked.clone());
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (plans, numbers, kept) = (plans.clone(), numbers.clone(), kept.clone());
                let server = server.clone();
                std::thread::spawn(move || {
                    let mut socket = socket.unwrap();
                    let Some((head, body)) = message(&mut socket) else {
                        return;
                    };
                    let number = numbers.fetch_add(1, Ordering::SeqCst) + 1;
                    let first = head.lines().next().unwrap_or_default().to_owned();
                    kept.lock().unwrap().push(first.clone());
                    let plan = plans.lock().unwrap().clone();
                    handled(&mut socket, &server, &head, &body, plan(number, &first));
                });
            }
        });
        Self {
            address,
            plan,
            number,
            asked,
        }
    }

    /// Follows a plan from now on; requests are counted from 1 again.
    pub(crate) fn plan(&self, plan: impl Fn(usize, &str) -> Fault + Send + Sync + 'static) {
        *self.plan.lock().unwrap() = Arc::new(plan);
        self.number.store(0, Ordering::SeqCst);
    }

    /// The first lines of all requests.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn handled(socket: &mut TcpStream, server: &str, head: &str, body: &[u8], fault: Fault) {
    let forward = || forwarded(server, head, body);
    let answer = match fault {
        Fault::None => forward(),
        Fault::DropBefore => return,
        Fault::DropAfter => {
            forward();
            return;
        }
        Fault::Truncate => forward().map(|mut answer| {
            answer.truncate(answer.len() / 2);
            answer
        }),
        Fault::Twice => {
            forward();
            forward()
        }
        Fault::TwiceLater(time) => {
            let answer = forward();
            let _ = socket.write_all(&answer.unwrap_or_default());
            let _ = socket.shutdown(std::net::Shutdown::Both);
            std::thread::sleep(time);
            forward();
            return;
        }
        Fault::Delay(time) => {
            std::thread::sleep(time);
            forward()
        }
        Fault::Answer(answer) => Some(answer),
        Fault::Freeze { handed_on, told } => {
            if handed_on {
                forward();
            }
            let _ = told.send(());
            // Until the client is gone.
            let _ = socket.read(&mut [0]);
            return;
        }
    };
    // A client that was stopped does not read it.
    let _ = socket.write_all(&answer.unwrap_or_default());
}

/// One request, whole; `None` where the client hangs up.
pub(crate) fn message(socket: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if socket.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let length = header(&head, "content-length").and_then(|l| l.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    socket.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The server's whole answer, of a connection of its own; `None` where there is none.
fn forwarded(server: &str, head: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut upstream = TcpStream::connect(server).ok()?;
    let head = head.trim_end().to_owned() + "\r\nConnection: close\r\n\r\n";
    upstream.write_all(head.as_bytes()).ok()?;
    upstream.write_all(body).ok()?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).ok()?;
    // The client is told as well that the connection ends.
    let text = String::from_utf8_lossy(&answer[..answer.len().min(4096)]).to_ascii_lowercase();
    if !text.contains("connection: close") {
        let line = answer.windows(2).position(|w| w == b"\r\n")?;
        answer.splice(line + 2..line + 2, *b"Connection: close\r\n");
    }
    Some(answer)
}

/// A call of a server's REST API, as a client that is not ours makes it: status and body; JSON, or the text of it.
pub(crate) fn call(server: &str, verb: &str, path: &str, body: &Value) -> (u16, Value) {
    let host = server.trim_start_matches("http://");
    let body = if verb == "GET" {
        String::new()
    } else {
        body.to_string()
    };
    let head = format!(
        "{verb} /api/2.0/mlflow/{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    let answer = forwarded(host, &head, body.as_bytes()).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let value = serde_json::from_str(body);
    (
        status,
        value.unwrap_or_else(|_| Value::String(body.to_owned())),
    )
}
