//! The registry in S3, and what its tests share with those of SageMaker, against moto with signature checking (from `tests/requirements.txt`).
//!
//! `TOLLGATE_PYTHON` names a Python that has it, as `.ci/run` does; without it the tests are skipped with a line.

#![expect(clippy::print_stderr, reason = "a test says what it skips")]

use crate::registry_aws_given::request;
use crate::registry_bench::{Bench, Told};
use serde_json::Value;
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const DAY: &str = "2013-04-01T08:00:00Z";

/// The servers, and what boto3 says of them.
pub(crate) struct Servers {
    process: Child,
    lines: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
    pub(crate) endpoint: String,
    pub(crate) writer: [String; 2],
    pub(crate) reader: [String; 2],
    /// A role, and the token that is given for it.
    pub(crate) role: [String; 2],
}

impl Servers {
    /// `None` without a Python that has them.
    pub(crate) fn serving() -> Option<Self> {
        let Ok(python) = std::env::var("TOLLGATE_PYTHON") else {
            assert!(
                std::env::var("CI").is_err(),
                "CI names a Python in TOLLGATE_PYTHON"
            );
            eprintln!("skipped: TOLLGATE_PYTHON names no Python with tests/requirements.txt");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/aws_server.py");
        let mut process = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = (
            process.stdin.take().unwrap(),
            BufReader::new(process.stdout.take().unwrap()),
        );
        let mut line = String::new();
        lines.1.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let pair = |key: &str| [0, 1].map(|n| said[key][n].as_str().unwrap().to_owned());
        Some(Self {
            endpoint: said["endpoint"].as_str().unwrap().to_owned(),
            writer: pair("writer"),
            reader: pair("reader"),
            role: pair("role"),
            lines: RefCell::new(lines),
            process,
        })
    }

    /// Asks boto3.
    pub(crate) fn asked(&self, line: &str) -> Value {
        let mut lines = self.lines.borrow_mut();
        writeln!(lines.0, "{line}").unwrap();
        let mut answer = String::new();
        lines.1.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{line}: {e}"))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn with(bench: Bench, [id, secret]: &[String; 2]) -> Bench {
    bench.with(&[
        ("AWS_ACCESS_KEY_ID", id),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", "us-east-1"),
    ])
}

/// Passes requests on, one for each connection, and breaks off the answer to the first one that `chosen` chooses.
pub(crate) fn breaking(endpoint: &str, chosen: fn(&str) -> bool) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let target = endpoint.strip_prefix("http://").unwrap().to_owned();
    let count = Arc::<AtomicU64>::default();
    let broken = count.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, target, broken) = (client.unwrap(), target.clone(), broken.clone());
            std::thread::spawn(move || {
                let Some(request) = request(&mut client) else {
                    return;
                };
                let mut server = TcpStream::connect(target).unwrap();
                server.write_all(&request).unwrap();
                let mut answer = Vec::new();
                server.read_to_end(&mut answer).unwrap();
                let text = String::from_utf8_lossy(&request);
                if chosen(&text) && broken.fetch_add(1, Ordering::SeqCst) == 0 {
                    return;
                }
                let _ = client.write_all(&answer);
            });
        }
    });
    (address, count)
}

pub(crate) fn expect(told: &Told, code: i32, words: &str) {
    assert_eq!(told.code, code, "{}", told.text);
    assert!(told.text.contains(words), "{}", told.text);
}

/// A promotion whose secret is wrong, or that may not write, is refused; no secret is told.
pub(crate) fn refused_without_right(bench: impl Fn() -> Bench, servers: &Servers, writes: &str) {
    let bench_of = |pair: &[String; 2]| with(bench(), pair);
    let reader = bench_of(&servers.reader);
    reader.gate(DAY);
    expect(&reader.promote(DAY, &[]), 5, writes);
    let mut wrong = servers.writer.clone();
    "wrongwrongwrong+secret/0123456789abcdefg".clone_into(&mut wrong[1]);
    let wrong = bench_of(&wrong);
    for (told, code) in [
        (wrong.promote(DAY, &[]), 5),
        (wrong.told(&["run", "tollgate.yaml", "--now", DAY]), 0),
        (wrong.told(&["rollback", "--to", "1", "--now", DAY]), 5),
    ] {
        expect(&told, code, "Signature");
        for secret in ["wrongwrongwrong", &servers.writer[1], &servers.reader[1]] {
            assert!(!told.text.contains(secret), "{}", told.text);
        }
    }
    let gone = bench_of(&servers.writer).with(&[
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_SAGEMAKER", "http://127.0.0.1:1"),
    ]);
    assert_eq!(gone.told(&["rollback", "--to", "1"]).code, 3);
}

mod s3 {
    use super::*;
    use crate::registry_bench::one_winner_each;
    use tollgate::registry::s3::{Objects, Store};
    use tollgate::registry::{Registry, Target};

    fn bench(folder: &Path, servers: &Servers, endpoint: &str, prefix: &str) -> Bench {
        let registry = format!("{{kind: s3, path: s3://registry/{prefix}}}");
        let bench = Bench::new(folder, &registry, "{registry: production}");
        let bench = bench.with(&[("AWS_ENDPOINT_URL_S3", endpoint)]);
        with(bench, &servers.writer)
    }

    #[test]
    fn a_promotion_moves_the_pointer_and_is_undone() {
        let Some(servers) = Servers::serving() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path(), &servers, &servers.endpoint, "a b/c");
        bench.gate(DAY);
        expect(&bench.promote(DAY, &["--dry-run"]), 0, "If-None-Match: *");
        assert_eq!(servers.asked("keys"), serde_json::json!([]));
        expect(
            &bench.promote(DAY, &["--by", "eve"]),
            0,
            "moved from none to sha256-",
        );
        expect(&bench.promote(DAY, &[]), 0, "already");

        let mut rows = std::fs::read_to_string(folder.path().join("c.csv")).unwrap();
        rows.push_str("true,0.8\n");
        std::fs::write(folder.path().join("c.csv"), rows).unwrap();
        let later = "2013-04-02T08:00:00Z";
        bench.gate(later);
        expect(&bench.promote(later, &["--dry-run"]), 0, "If-Match: \"");
        expect(&bench.promote(later, &[]), 0, "moved from sha256-");
        expect(
            &bench.told(&["rollback", "--now", later]),
            0,
            "promotion: moved",
        );
        let keys = servers.asked("keys");
        let keys: Vec<&str> = keys
            .as_array()
            .unwrap()
            .iter()
            .map(|k| k.as_str().unwrap())
            .collect();
        assert_eq!(
            keys.iter()
                .filter(|k| k.contains("/history/champion/"))
                .count(),
            3,
            "{keys:?}"
        );
        assert_eq!(
            keys.iter().filter(|k| k.contains("/versions/")).count(),
            2,
            "{keys:?}"
        );

        // A promoter that was stopped after the pointer was written: the next one finishes what is missing.
        let last = keys
            .iter()
            .find(|k| k.ends_with("champion/000003.json"))
            .unwrap();
        // Blanks part the words of the helper's line.
        assert!(last.contains("a b/c/late/"), "{last}");
    }

    /// The object with which the store is tried is no alias's.
    #[test]
    fn an_alias_may_have_any_name() {
        let Some(servers) = Servers::serving() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let registry = format!(
            "{{kind: s3, path: s3://registry/named, endpoint: \"{}\"}}",
            servers.endpoint
        );
        let promote = "{registry: production, alias: conditional}";
        let bench = Bench::new(folder.path(), &registry, promote);
        let bench = with(bench, &servers.writer);
        bench.gate(DAY);
        expect(&bench.promote(DAY, &[]), 0, "promotion: moved");
        expect(&bench.promote(DAY, &[]), 0, "promotion: already");
    }

    #[test]
    fn what_a_stopped_promoter_left_out_is_made_up_for() {
        let Some(servers) = Servers::serving() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path(), &servers, &servers.endpoint, "p");
        bench.gate(DAY);
        expect(&bench.promote(DAY, &[]), 0, "moved");
        servers.asked("remove p/late/history/champion/000001.json");
        expect(&bench.promote(DAY, &[]), 0, "already");
        let kept = servers.asked("get p/late/history/champion/000001.json");
        assert!(
            kept.as_str().unwrap().contains("\"to\":\"sha256-"),
            "{kept}"
        );
        // The next move writes the last one into the history before it takes its place.
        servers.asked("remove p/late/history/champion/000001.json");
        let mut rows = std::fs::read_to_string(folder.path().join("c.csv")).unwrap();
        rows.push_str("true,0.8\n");
        std::fs::write(folder.path().join("c.csv"), rows).unwrap();
        bench.gate(DAY);
        expect(&bench.promote(DAY, &[]), 0, "moved");
        assert_eq!(
            servers.asked("get p/late/history/champion/000001.json"),
            kept
        );
        servers.asked("remove p/late/history/champion/000001.json");
        expect(
            &bench.told(&["rollback", "--now", DAY]),
            3,
            "the move was removed",
        );
    }

    #[test]
    fn an_answer_that_does_not_come_is_looked_up() {
        let Some(servers) = Servers::serving() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let chosen: fn(&str) -> bool =
            |r| r.starts_with("PUT ") && r.contains("/late/champion.json");
        let (proxy, broken) = breaking(&servers.endpoint, chosen);
        let bench = bench(folder.path(), &servers, &proxy, "p");
        bench.gate(DAY);
        expect(&bench.promote(DAY, &[]), 0, "moved from none to sha256-");
        assert_eq!(broken.load(Ordering::SeqCst), 1, "it was sent once");
    }

    #[test]
    fn who_may_not_is_refused_and_secrets_stay_secret() {
        let Some(servers) = Servers::serving() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let registry = "{kind: s3, path: s3://registry/p}";
        let bench = || {
            let bench = Bench::new(folder.path(), registry, "{registry: production}");
            bench.with(&[("AWS_ENDPOINT_URL_S3", &servers.endpoint)])
        };
        refused_without_right(bench, &servers, "(AccessDenied)");
    }

    /// What S3 says of an object that is not there.
    const NO_KEY: (&str, &str) = (
        "404 Not Found",
        "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
    );

    /// A fake of ours, that answers every reading so, and takes every write, whatever the condition.
    fn answering(reading: (&'static str, &'static str)) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let put = request(&mut client).is_some_and(|r| r.starts_with(b"PUT"));
                let (status, body) = if put { ("200 OK", "") } else { reading };
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                client.write_all(text.as_bytes()).unwrap();
            }
        });
        address
    }

    /// Only the store's own word says that there is no champion: with any other 404 a model would pass beside none.
    #[test]
    fn a_proxy_without_its_store_is_no_store_without_a_champion() {
        let folder = tempfile::tempdir().unwrap();
        let registry = "{kind: s3, path: s3://registry/p}";
        let told = |endpoint: &str| {
            let bench = Bench::new(folder.path(), registry, "{registry: production}");
            let path = folder.path().join("tollgate.yaml");
            let text = std::fs::read_to_string(&path).unwrap();
            let with =
                "baseline: {registry: production}\n    on_no_baseline: absolute_only\n    metrics:";
            std::fs::write(&path, text.replace("metrics:", with)).unwrap();
            let bench = bench.with(&[
                ("AWS_ENDPOINT_URL_S3", endpoint),
                ("AWS_NO_SIGN_REQUEST", "true"),
            ]);
            bench.told(&["run", "tollgate.yaml", "--output", "out", "--now", DAY])
        };
        expect(&told(&answering(NO_KEY)), 0, "the baseline is not there");
        for page in ["", "default backend - 404", "<html><h1>404</h1></html>"] {
            let reading = ("404 Not Found", page);
            expect(&told(&answering(reading)), 3, "is it up?");
        }
        let bucket = ("404 Not Found", "<Error><Code>NoSuchBucket</Code></Error>");
        expect(&told(&answering(bucket)), 3, "there is no bucket registry");
    }

    #[test]
    fn a_store_that_pays_no_heed_to_conditions_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let registry = "{kind: s3, path: s3://registry/p}";
        let bench = Bench::new(folder.path(), registry, "{registry: production}");
        let endpoint = answering(NO_KEY);
        let bench = bench.with(&[
            ("AWS_ENDPOINT_URL_S3", &endpoint),
            ("AWS_NO_SIGN_REQUEST", "true"),
        ]);
        bench.gate(DAY);
        expect(&bench.promote(DAY, &[]), 5, "pays no heed to If-None-Match");
    }

    #[test]
    fn two_promoters_race_and_one_wins_each_round() {
        let Some(servers) = Servers::serving() else {
            return;
        };
        let target = Target {
            model: "late".to_owned(),
            alias: "champion".to_owned(),
        };
        let [id, secret] = &servers.writer;
        let open = || {
            let keys = (id.as_str(), secret.as_str());
            let store = Store::with_keys("registry", "race", &servers.endpoint, keys).unwrap();
            Objects::new(store, target.clone())
        };
        let (one, two) = (open(), open());
        one_winner_each([&one, &two], 50, |round| {
            [format!("a{round}"), format!("b{round}")].map(|v| (v, None))
        });
        assert_eq!(two.past().unwrap().len(), 50);
    }
}
