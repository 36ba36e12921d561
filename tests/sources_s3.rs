//! `s3://` against a real server that checks signatures (moto, from `tests/requirements.txt`).
//!
//! `TOLLGATE_PYTHON` names a Python that has it, as `.ci/run` does; without it the test is skipped with a line.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use crate::range_server::{Server, answer, header};
use crate::sources_remote::file;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The server, and the key that is right.
struct Store {
    process: Child,
    endpoint: String,
    id: String,
    secret: String,
}

impl Store {
    /// Serves the files below a folder as the bucket `data`; `None` without a Python that has the server.
    fn serving(folder: &Path) -> Option<Self> {
        let Ok(python) = std::env::var("TOLLGATE_PYTHON") else {
            assert!(
                std::env::var("CI").is_err(),
                "CI names a Python in TOLLGATE_PYTHON"
            );
            eprintln!("skipped: TOLLGATE_PYTHON names no Python with tests/requirements.txt");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/s3/serve.py");
        let mut process = Command::new(python)
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| said[key].as_str().unwrap().to_owned();
        Some(Self {
            process,
            endpoint: text("endpoint"),
            id: text("id"),
            secret: text("secret"),
        })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Passes connections on to an endpoint and counts the bytes that come back.
fn counted(endpoint: &str) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (target, count) = (
        endpoint.strip_prefix("http://").unwrap().to_owned(),
        Arc::<AtomicU64>::default(),
    );
    let counter = count.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&target).unwrap());
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || pass(from, to, &AtomicU64::new(0)));
            let counter = counter.clone();
            std::thread::spawn(move || pass(server, client, &counter));
        }
    });
    (address, count)
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: &AtomicU64) {
    let mut buffer = [0; 1 << 14];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        count.fetch_add(read as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}

/// The binary in a folder, with these variables and no other that could matter.
struct Tollgate<'a> {
    folder: &'a Path,
    variables: Vec<(&'a str, &'a str)>,
}

impl Tollgate<'_> {
    fn output(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.args(args).current_dir(self.folder).env_clear();
        command
            .env("HOME", self.folder)
            .envs(self.variables.iter().copied())
            .output()
            .unwrap()
    }

    fn profile(&self, path: &str) -> Result<String, String> {
        let output = self.output(&["profile", "--format", "json", path]);
        let said = String::from_utf8(output.stderr).unwrap();
        match output.status.code() {
            Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
            Some(3) => Err(said),
            code => panic!("{code:?} {said}"),
        }
    }
}

fn written(folder: &Path) {
    let big = file(150_000);
    let small = file(60_000);
    let files: [(&str, &[u8]); 9] = [
        ("d.parquet", &big),
        ("tree/year=2024/part 1+é&.parquet", &small),
        ("tree/year=2025/b.parquet", &big),
        ("tree/_SUCCESS", b"x"),
        ("tree/_temporary/0.parquet", b"x"),
        ("x.csv", b"n,t\n1,a\n2,b\n"),
        ("y.csv", b"n,t\n3,c\n"),
        ("lake/_delta_log/0.json", b"{}"),
        ("lake/a.parquet", b"x"),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_store_is_read_as_its_files_are() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let Some(store) = Store::serving(folder.path()) else {
        return;
    };
    let (endpoint, count) = counted(&store.endpoint);
    let signed = Tollgate {
        folder: folder.path(),
        variables: vec![
            ("AWS_ACCESS_KEY_ID", &store.id),
            ("AWS_SECRET_ACCESS_KEY", &store.secret),
            ("AWS_ENDPOINT_URL_S3", &endpoint),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ],
    };
    same_as_files(&signed);
    only_what_is_needed(&signed, &count);
    let many: Value = serde_json::from_str(&signed.profile("s3://data/many").unwrap()).unwrap();
    assert_eq!(many["rows"], 1203, "two pages of keys");
    missing(&signed);
    refused(&store, &endpoint, folder.path());
}

fn same_as_files(signed: &Tollgate) {
    let paths = [
        "d.parquet",
        "tree",
        "tree/",
        "tree/y*/*.parquet",
        "tree/**/b.parquet",
        "tree/year=2024/part 1+é&.parquet",
        "?.csv",
        "x.csv",
    ];
    for path in paths {
        let local = signed.profile(path).unwrap();
        assert_eq!(
            signed.profile(&format!("s3://data/{path}")),
            Ok(local),
            "{path}"
        );
    }
}

fn only_what_is_needed(signed: &Tollgate, count: &AtomicU64) {
    let config = "version: 1\ndatasets:\n  d:\n    path: s3://data/tree\n    profile: false\n    expect:\n      - not_null: c\n";
    std::fs::write(signed.folder.join("tollgate.yaml"), config).unwrap();
    let before = count.load(Ordering::SeqCst);
    let output = signed.output(&["run", "--output", "report"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let footers = count.load(Ordering::SeqCst) - before;
    assert!(
        footers < 200_000,
        "no null is said by the footers: {footers} bytes"
    );

    std::fs::write(
        signed.folder.join("tollgate.yaml"),
        format!("{config}      - mean_between: {{column: c, min: 0, max: 2000000}}\n"),
    )
    .unwrap();
    let before = count.load(Ordering::SeqCst);
    let output = signed.output(&["run", "--output", "report"]);
    let served = count.load(Ordering::SeqCst) - before;
    let whole: u64 = (150_000 + 60_000) * 32;
    assert!(
        served > whole / 4 && served < whole / 3,
        "one of four columns: {served} of {whole}: {output:?}"
    );
    let run = tollgate::report::read_run(&signed.folder.join("report/run.json")).unwrap();
    let dataset = &run.datasets[0];
    assert_eq!(dataset.path, "s3://data/tree");
    let files: Vec<_> = dataset.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(
        files,
        [
            "s3://data/tree/year=2024/part 1+é&.parquet",
            "s3://data/tree/year=2025/b.parquet"
        ]
    );
    assert!(
        dataset
            .files
            .iter()
            .all(|f| f.sha256.is_none() && f.etag.is_some())
    );
}

fn missing(signed: &Tollgate) {
    for (path, expected) in [
        ("s3://data/none.parquet", "no file matches"),
        ("s3://data/none/*.csv", "no file matches"),
        ("s3://none/d.parquet", "NoSuchBucket"),
        ("s3://data/lake", "is a Delta table"),
        ("s3://data/../d.parquet", "no address"),
        ("s3://key:hidden@data/d.parquet", "a bucket's name"),
    ] {
        let reason = signed.profile(path).unwrap_err();
        assert!(
            reason.contains(expected) && !reason.contains("hidden"),
            "{path}: {reason}"
        );
    }
}

fn refused(store: &Store, endpoint: &str, folder: &Path) {
    let secrets = [
        store.id.as_str(),
        store.secret.as_str(),
        "wrong",
        "Signature=",
    ];
    let asked = |variables: &[(&'static str, &str)]| {
        let mut all = vec![("AWS_ENDPOINT_URL", endpoint)];
        all.extend(variables);
        let tollgate = Tollgate {
            folder,
            variables: all,
        };
        tollgate.profile("s3://data/d.parquet")
    };
    let id = ("AWS_ACCESS_KEY_ID", store.id.as_str());
    for (variables, expected) in [
        (
            vec![id, ("AWS_SECRET_ACCESS_KEY", "wrong-secret")],
            "SignatureDoesNotMatch",
        ),
        (
            vec![
                ("AWS_ACCESS_KEY_ID", "wrong-id"),
                ("AWS_SECRET_ACCESS_KEY", &store.secret),
            ],
            "InvalidAccessKeyId",
        ),
        (vec![], "there are no credentials: set AWS_ACCESS_KEY_ID"),
    ] {
        let reason = asked(&variables).unwrap_err();
        assert!(
            reason.contains(expected) && reason.contains("s3://data/d.parquet"),
            "{reason}"
        );
        assert!(secrets.iter().all(|s| !reason.contains(s)), "{reason}");
    }
    let profile = format!(
        "[gate]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        store.id, store.secret
    );
    std::fs::create_dir(folder.join(".aws")).unwrap();
    std::fs::write(folder.join(".aws/credentials"), profile).unwrap();
    assert!(asked(&[("AWS_PROFILE", "gate")]).is_ok());
    assert!(asked(&[("AWS_PROFILE", "gate"), ("AWS_REGION", "eu-west-1")]).is_ok());
}

#[test]
fn a_public_bucket_is_asked_without_a_signature() {
    let bytes = file(50_000);
    let server = Server::of(bytes.clone());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.parquet"), bytes).unwrap();
    let public = Tollgate {
        folder: folder.path(),
        variables: vec![
            ("AWS_NO_SIGN_REQUEST", "true"),
            ("AWS_ENDPOINT_URL", &server.address),
        ],
    };
    assert_eq!(
        public.profile("s3://b/p/d.parquet"),
        public.profile("d.parquet")
    );
    let asked = server.asked.lock().unwrap();
    assert!(asked.len() > 1);
    for request in asked.iter() {
        assert!(
            request.head.starts_with("GET /b/p/d.parquet HTTP"),
            "{}",
            request.head
        );
        assert_eq!(header(&request.head, "authorization"), None);
    }
}

#[test]
fn a_store_that_refuses_is_an_error_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let body = "<Error><Code>AccessDenied</Code><Message>hidden</Message></Error>";
    let (forbidden, moved) = ("403 Forbidden", "301 Moved Permanently");
    let region = "x-amz-bucket-region: eu-west-1\r\nLocation: http://127.0.0.1:1/\r\n";
    let key = [
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ("AWS_SESSION_TOKEN", "hidden"),
    ];
    for (status, headers, variables, expected) in [
        (
            forbidden,
            "",
            vec![("AWS_NO_SIGN_REQUEST", "true")],
            "(AccessDenied); it was asked without credentials",
        ),
        (
            forbidden,
            "",
            key.to_vec(),
            "403 Forbidden (AccessDenied)\n",
        ),
        (
            moved,
            region,
            key.to_vec(),
            "the bucket is in the region eu-west-1: set AWS_REGION",
        ),
    ] {
        let server = Server::new(9, move |_, _| answer(status, headers, body.as_bytes()));
        let signed = variables.len() > 1;
        let tollgate = Tollgate {
            folder: folder.path(),
            variables: [variables, vec![("AWS_ENDPOINT_URL", &server.address)]].concat(),
        };
        let reason = tollgate.profile("s3://b/d.parquet").unwrap_err();
        assert!(
            reason.contains(expected) && !reason.contains("hidden"),
            "{reason}"
        );
        let asked = server.asked.lock().unwrap();
        assert_eq!(asked.len(), 1);
        assert_eq!(
            header(&asked[0].head, "x-amz-security-token").is_some(),
            signed,
            "{}",
            asked[0].head
        );
    }
}
