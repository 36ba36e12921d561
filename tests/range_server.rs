//! A server of byte ranges that answers as a test wants, and remembers what it was asked.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tollgate::engine::embedded::source::{Dataset, SourceOptions};

/// A request as far as it matters.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) range: Option<Range<u64>>,
}

impl Request {
    fn of(head: String, length: u64) -> Self {
        let range = header(&head, "range").map(|text| {
            let (first, last) = text
                .strip_prefix("bytes=")
                .unwrap()
                .split_once('-')
                .unwrap();
            let last: u64 = last.parse().unwrap();
            match first {
                "" => length.saturating_sub(last)..length,
                first => first.parse().unwrap()..last + 1,
            }
        });
        Self { head, range }
    }
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|l| l.split_once(": "));
    lines
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v)
}

/// A server that answers each request by a function of its number and itself, and keeps what it was asked.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn new(
        length: usize,
        answer: impl Fn(usize, &Request) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (kept, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || {
                    let mut socket = socket.unwrap();
                    let request = Request::of(head(&mut socket), length as u64);
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

    /// Serves ranges of one version.
    pub(crate) fn of(file: Vec<u8>) -> Self {
        Self::new(file.len(), move |_, request| part(&file, request, "\"v1\""))
    }

    pub(crate) fn open(&self, path: &str) -> Result<Dataset, String> {
        let path = format!("{}{path}", self.address);
        Dataset::open(&path, Path::new("/"), &SourceOptions::default()).map_err(|e| e.to_string())
    }

    pub(crate) fn ranges(&self) -> Vec<Range<u64>> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|r| r.range.clone().unwrap()).collect()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.ranges().iter().map(|r| r.end - r.start).sum()
    }
}

fn head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).unwrap() > 0 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// An answer of this status and these header lines.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// What is asked of a file, or 412 when another version is asked for.
pub(crate) fn part(file: &[u8], request: &Request, etag: &str) -> Vec<u8> {
    let version = format!("ETag: {etag}\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n");
    if header(&request.head, "if-match").is_some_and(|wanted| wanted != etag) {
        return answer("412 Precondition Failed", "", b"");
    }
    let Some(range) = &request.range else {
        return answer("200 OK", &version, file);
    };
    let body = &file[range.start as usize..range.end as usize];
    let content = format!(
        "Content-Range: bytes {}-{}/{}\r\n",
        range.start,
        range.end - 1,
        file.len()
    );
    answer("206 Partial Content", &(version + &content), body)
}
