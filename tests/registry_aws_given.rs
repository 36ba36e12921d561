//! Credentials that are kept elsewhere than in variables: of a job's web identity, by moto's STS, which checks the signatures
//! that they make; of a container and of a machine, by servers of our own on loopback.

use crate::registry_aws::Servers;
use crate::registry_bench::{Bench, Told};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const DAY: &str = "2013-04-01T08:00:00Z";

fn bench(folder: &Path, servers: &Servers, prefix: &str) -> Bench {
    let registry = format!("{{kind: s3, path: s3://registry/{prefix}}}");
    let bench = Bench::new(
        folder,
        &registry,
        "{registry: production, on_unread: error}",
    );
    bench.with(&[
        ("AWS_ENDPOINT_URL_S3", &servers.endpoint),
        ("AWS_REGION", "us-east-1"),
    ])
}

#[track_caller]
fn expect(told: &Told, code: i32, words: &[&str], secrets: &[&str]) {
    assert_eq!(told.code, code, "{}", told.text);
    for word in words {
        assert!(told.text.contains(word), "no `{word}` in {}", told.text);
    }
    for secret in secrets {
        assert!(!told.text.contains(secret), "{}", told.text);
    }
}

#[test]
fn a_web_identity_is_given_for_those_of_a_role() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let [role, token] = &servers.role;
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let right = {
        bench(folder.path(), &servers, "web").with(&[
            ("AWS_ENDPOINT_URL_STS", &servers.endpoint),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap()),
            ("AWS_ROLE_ARN", role),
        ])
    };
    right.gate(DAY);
    expect(&right.promote(DAY, &[]), 0, &["promotion: moved"], &[token]);
    std::fs::write(&file, "another.token").unwrap();
    expect(
        &right.told(&["run", "tollgate.yaml", "--now", DAY]),
        2,
        &["STS refuses the web identity", "InvalidIdentityToken"],
        &["another.token", token],
    );
    std::fs::remove_file(&file).unwrap();
    expect(
        &right.told(&["run", "tollgate.yaml", "--now", DAY]),
        2,
        &["the file of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read"],
        &[],
    );
    let alone = bench(folder.path(), &servers, "web")
        .with(&[("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())]);
    expect(
        &alone.told(&["run", "tollgate.yaml", "--now", DAY]),
        2,
        &["AWS_ROLE_ARN is not; both belong together"],
        &[],
    );
}

/// A whole request, that asks for the connection to be closed.
pub(crate) fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1 << 12];
    loop {
        let read = client.read(&mut buffer).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |l| l.parse().unwrap());
        if body.len() >= length {
            let text = text.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            return Some(text.into_bytes());
        }
    }
}

/// Answers by the first line of a request and its head; keeps what it was asked.
fn serving(
    answer: fn(&str, &[String; 2]) -> (u16, String),
    keys: &[String; 2],
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let (all, keys) = (asked.clone(), keys.clone());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let Some(bytes) = request(&mut client) else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (status, body) = answer(&text, &keys);
            all.lock().unwrap().push(text);
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = client.write_all(text.as_bytes());
        }
    });
    (address, asked)
}

fn document([id, secret]: &[String; 2]) -> String {
    format!(
        "{{\"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{secret}\", \"Token\": \"\", \"Expiration\": \"2099-01-01T00:00:00Z\"}}"
    )
}

#[test]
fn a_container_has_credentials_for_who_shows_its_token() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let answer: fn(&str, &[String; 2]) -> (u16, String) = |asked, keys| {
        let shown = asked.to_lowercase().contains("authorization: pod-token");
        if shown && asked.starts_with("GET /v1/credentials ") {
            (200, document(keys))
        } else {
            (403, "pod-token".to_owned())
        }
    };
    let (address, _) = serving(answer, &servers.writer);
    let file = folder.path().join("token");
    std::fs::write(&file, "pod-token\n").unwrap();
    let url = format!("{address}/v1/credentials");
    let with = |more: &[(&str, &str)]| {
        bench(folder.path(), &servers, "container")
            .with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str())])
            .with(more)
    };
    let path = file.to_str().unwrap();
    let right = with(&[("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path)]);
    right.gate(DAY);
    let secret = servers.writer[1].as_str();
    expect(
        &right.promote(DAY, &[]),
        0,
        &["promotion: moved"],
        &[secret],
    );
    let wrong = with(&[("AWS_CONTAINER_AUTHORIZATION_TOKEN", "other-token")]);
    expect(
        &wrong.told(&["run", "tollgate.yaml", "--now", DAY]),
        2,
        &["the server of the container's credentials answers 403"],
        &["other-token", "pod-token", secret],
    );
    let far = with(&[(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://192.0.2.1/v1/credentials",
    )]);
    expect(
        &far.told(&["run", "tollgate.yaml", "--now", DAY]),
        2,
        &["must be https, or http of loopback"],
        &[],
    );
}

#[test]
fn a_machine_is_asked_by_a_token_and_only_when_somebody_asks_for_it() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let answer: fn(&str, &[String; 2]) -> (u16, String) = |asked, keys| {
        let line = asked.lines().next().unwrap_or_default();
        let shown = asked
            .to_lowercase()
            .contains("x-aws-ec2-metadata-token: metadata-token");
        let path = line.split(' ').nth(1).unwrap_or_default();
        match path {
            "/latest/api/token" if line.starts_with("PUT ") => (200, "metadata-token".to_owned()),
            "/latest/meta-data/iam/security-credentials/" if shown => (200, "a-role\n".to_owned()),
            "/latest/meta-data/iam/security-credentials/a-role" if shown => (200, document(keys)),
            _ => (401, String::new()),
        }
    };
    let (address, asked) = serving(answer, &servers.writer);
    let quiet = bench(folder.path(), &servers, "machine")
        .with(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &address)]);
    expect(
        &quiet.told(&["run", "tollgate.yaml", "--now", DAY]),
        2,
        &["there are no credentials", "AWS_EC2_METADATA_DISABLED"],
        &[],
    );
    assert!(asked.lock().unwrap().is_empty());
    let right = quiet.with(&[("AWS_EC2_METADATA_DISABLED", "false")]);
    right.gate(DAY);
    let secret = servers.writer[1].as_str();
    expect(
        &right.promote(DAY, &[]),
        0,
        &["promotion: moved"],
        &[secret],
    );
    // Nobody is there: an error within seconds.
    let gone = right.with(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")]);
    expect(
        &gone.told(&["run", "tollgate.yaml", "--now", DAY]),
        2,
        &["the metadata of the machine does not answer"],
        &[],
    );
}

/// Times that credentials were asked for.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// The first credentials are nobody's, those from the second time on are the writer's; the time of all is over.
#[test]
fn credentials_whose_time_is_over_are_renewed_within_a_run() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let answer: fn(&str, &[String; 2]) -> (u16, String) = |_, keys| {
        let over = |[id, secret]: &[String; 2]| {
            let text = document(&[id.clone(), secret.clone()]);
            text.replace("2099", "2001")
        };
        if ASKED.fetch_add(1, Ordering::SeqCst) == 0 {
            let nobody = ["AKIAOFNOBODY", "secret-of-nobody"];
            (200, over(&nobody.map(str::to_owned)))
        } else {
            (200, over(keys))
        }
    };
    let (address, asked) = serving(answer, &servers.writer);
    let url = format!("{address}/v1/credentials");
    let written = bench(folder.path(), &servers, "renewed").with(&[
        ("AWS_ACCESS_KEY_ID", &servers.writer[0]),
        ("AWS_SECRET_ACCESS_KEY", &servers.writer[1]),
    ]);
    written.gate(DAY);
    let given = bench(folder.path(), &servers, "renewed")
        .with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str())]);
    // The first ones are nobody's: only with others, that are asked for while the promotion goes on, can it end well.
    expect(
        &given.promote(DAY, &[]),
        0,
        &["promotion: moved"],
        &["secret-of-nobody", &servers.writer[1]],
    );
    let asked = asked.lock().unwrap().len();
    assert!(asked > 2, "asked {asked} times");
}
