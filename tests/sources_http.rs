//! Files behind an address, served by a socket of our own.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources::{int, rows};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use tollgate::engine::embedded::source::{Dataset, SourceOptions};

/// Serves answers one after the other and gives the address that they are served at.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && socket.read(&mut byte).unwrap() > 0 {
                request.push(byte[0]);
            }
            socket.write_all(&answer).unwrap();
        }
    });
    format!("http://{address}")
}

fn answer(status: &str, body: &[u8], length: usize) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn fetch(path: &str) -> Result<Dataset, String> {
    Dataset::open(path, Path::new("/"), &SourceOptions::default()).map_err(|e| e.to_string())
}

#[test]
fn an_address_is_fetched_and_read_again_and_again() {
    let body = b"n\n1\n2\n";
    for path in ["/d.csv?signature=secret", "/export"] {
        let server = serve(vec![answer("200 OK", body, body.len())]);
        let dataset = fetch(&(server.clone() + path)).unwrap();
        for _ in 0..2 {
            assert_eq!(rows(&dataset), [[int(1)], [int(2)]]);
        }
        assert_eq!(
            dataset.files()[0].path,
            server + path.split('?').next().unwrap()
        );
        assert_eq!(dataset.digests().unwrap()[0].bytes, 6);
    }
}

#[test]
fn what_is_not_there_or_breaks_off_is_an_error_without_secrets() {
    for (sent, part) in [
        (
            answer("404 Not Found", b"n\n1\n", 4),
            "the server answers 404 Not Found",
        ),
        (
            answer("200 OK", b"n\n1\n", 400),
            "cannot read http://127.0.0.1",
        ),
        (answer("200 OK", b"", 0), "the file is empty"),
    ] {
        let reason = fetch(&(serve(vec![sent]) + "/d.csv?signature=secret"))
            .err()
            .unwrap();
        assert!(
            reason.contains(part) && reason.contains("/d.csv"),
            "{reason}"
        );
        assert!(!reason.contains("secret"), "{reason}");
    }
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let reason = fetch(&format!("http://{closed}/d.csv")).err().unwrap();
    assert!(
        reason.contains("cannot fetch") && reason.contains("refused"),
        "{reason}"
    );
}

#[test]
fn a_busy_server_is_asked_again() {
    let busy = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let answers = vec![busy.to_vec(), busy.to_vec(), answer("200 OK", b"n\n1\n", 4)];
    assert_eq!(
        rows(&fetch(&(serve(answers) + "/d.csv")).unwrap()),
        [[int(1)]]
    );
    let reason = fetch(&(serve(vec![busy.to_vec(); 3]) + "/d.csv"))
        .err()
        .unwrap();
    assert!(reason.contains("the server answers 503"), "{reason}");
}
