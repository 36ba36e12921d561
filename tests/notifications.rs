//! Notifications, told to a server of the test's own on loopback.

use crate::registry_bench::Bench;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

const DAY: &str = "2013-04-01T08:00:00Z";

/// Takes messages, and answers with a status.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    fn answering(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/top-secret", listener.local_addr().unwrap());
        let got = Arc::<Mutex<Vec<(String, String)>>>::default();
        let all = got.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                if let Some(request) = request(&mut client) {
                    all.lock().unwrap().push(request);
                }
                let text = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: 10\r\nConnection: close\r\n\r\ntop-secret"
                );
                let _ = client.write_all(text.as_bytes());
            }
        });
        Self { url, got }
    }

    fn got(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.got.lock().unwrap())
    }
}

fn request(client: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1 << 12];
    loop {
        let read = client.read(&mut buffer).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = header(head, "content-length").map_or(0, |l| l.parse().unwrap());
        if body.len() >= length {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

fn bench(folder: &Path, receiver: &Receiver) -> Bench {
    let bench = Bench::new(
        folder,
        "{kind: directory, path: registry}",
        "{registry: production}",
    );
    let path = folder.join("tollgate.yaml");
    let notify = "notify:\n  a: {kind: slack, url_from: URL}\n  b: {kind: teams, url_from: URL, on: [failed, rolled_back]}\n  \
                  c: {kind: webhook, url_from: URL, secret_from: SECRET, on: promoted}\n";
    let text = std::fs::read_to_string(&path).unwrap() + notify;
    std::fs::write(path, text).unwrap();
    bench.with(&[
        ("URL", &receiver.url),
        ("SECRET", "hush-hush"),
        ("BUILD_URL", "https://ci.example/7"),
    ])
}

fn bodies(receiver: &Receiver) -> Vec<Value> {
    let got = receiver.got();
    got.iter()
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .collect()
}

#[test]
fn everybody_is_told_what_they_asked_for() {
    let receiver = Receiver::answering(200);
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &receiver);
    bench.gate(DAY);
    assert!(bodies(&receiver).is_empty(), "a run that passes is no news");
    assert_eq!(bench.promote(DAY, &["--dry-run"]).code, 0);
    assert!(bodies(&receiver).is_empty(), "nothing happened");
    let told = bench.promote(DAY, &["--by", "<!channel>\u{202e}"]);
    assert_eq!(told.code, 0, "{}", told.text);
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    let slack: Value = serde_json::from_str(&got[0].1).unwrap();
    assert!(
        slack["text"]
            .as_str()
            .unwrap()
            .contains("moved from none to sha256-"),
        "{slack}"
    );
    assert_eq!(slack["blocks"][1]["text"]["type"], "plain_text");
    assert!(!got[0].1.contains('\u{202e}'));
    let (head, body) = &got[1];
    let of = |name: &str| header(head, name).unwrap();
    let text = format!(
        "{}.{}.{body}",
        of("x-tollgate-id"),
        of("x-tollgate-timestamp")
    );
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"hush-hush");
    let mac = ring::hmac::sign(&key, text.as_bytes());
    let hex = tollgate::report::text::hex(mac.as_ref());
    assert_eq!(of("x-tollgate-signature"), format!("v1={hex}"));
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&sent["event"], &sent["url"]),
        (&"promoted".into(), &"https://ci.example/7".into())
    );

    // Nothing new: the alias leads there already.
    assert_eq!(bench.promote(DAY, &[]).code, 0);
    assert!(bodies(&receiver).is_empty());
    // What was moved is moved at any age; another run of that age is refused.
    assert_eq!(bench.promote("2013-05-01T08:00:00Z", &[]).code, 0);
    assert!(bodies(&receiver).is_empty());
    bench.gate("2013-04-01T09:00:00Z");
    assert_eq!(bench.promote("2013-05-01T08:00:00Z", &[]).code, 5);
    assert_eq!(
        bodies(&receiver).len(),
        1,
        "only Slack is told of what is refused"
    );
    assert_eq!(bench.told(&["rollback", "--now", DAY]).code, 5);
}

#[test]
fn a_run_that_fails_is_told_without_values() {
    let receiver = Receiver::answering(200);
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &receiver);
    let rows = "true,0.123456\n".repeat(100) + &"false,0.987654\n".repeat(200);
    std::fs::write(folder.path().join("c.csv"), format!("late,p\n{rows}")).unwrap();
    let told = bench.told(&["run", "tollgate.yaml", "--output", "out", "--now", DAY]);
    assert_eq!(told.code, 1, "{}", told.text);
    let all = bodies(&receiver);
    assert_eq!(all.len(), 2);
    let text = format!("{all:?}");
    assert!(text.contains("late.at_least(accuracy)"), "{text}");
    assert!(
        !text.contains("0.123456") && !text.contains("0.987654"),
        "{text}"
    );
    assert_eq!(all[1]["attachments"][0]["content"]["type"], "AdaptiveCard");
}

#[test]
fn a_run_that_could_not_be_evaluated_is_told_without_the_reason() {
    let receiver = Receiver::answering(200);
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &receiver);
    std::fs::remove_file(folder.path().join("c.csv")).unwrap();
    let run = ["run", "tollgate.yaml", "--output", "out", "--now", DAY];
    let told = bench.told(&run);
    assert_eq!(told.code, 3, "{}", told.text);
    let all = bodies(&receiver);
    assert_eq!(all.len(), 2);
    let text = format!("{all:?}");
    assert!(
        text.contains("could not be evaluated") && text.contains("error late.readable"),
        "{text}"
    );
    assert!(!text.contains("c.csv"), "{text}");
    let wrong = bench.told(&[&run[..], &["--dataset", "nothing"]].concat());
    assert_eq!(wrong.code, 2, "{}", wrong.text);
    assert!(
        bodies(&receiver).is_empty(),
        "a mistake on the command line is told to nobody else"
    );
}

#[test]
fn what_cannot_be_told_is_a_warning_and_changes_nothing() {
    let receiver = Receiver::answering(404);
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &receiver);
    bench.gate(DAY);
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 0, "{}", told.text);
    assert!(
        told.text
            .contains("`a` was not sent: the server answers 404"),
        "{}",
        told.text
    );
    assert!(
        !told.text.contains("top-secret") && !told.text.contains("hush"),
        "{}",
        told.text
    );
    let bench = bench.with(&[("URL", "http://127.0.0.1:1/top-secret"), ("SECRET", "")]);
    std::fs::remove_dir_all(folder.path().join("registry")).unwrap();
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 0, "{}", told.text);
    assert!(
        told.text
            .contains("`c` was not sent: the variable `SECRET`"),
        "{}",
        told.text
    );
    assert!(!told.text.contains("top-secret"), "{}", told.text);
}

#[test]
fn mistakes_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let config = "version: 1\ndatasets: {d: {path: d.csv}}\nnotify:\n  a: {kind: slack, url_from: 'https://hooks.example/secret', on: [failde]}\n  \
                  b: {kind: webhook, url_from: URL}\n  c: {kind: mail, url_from: URL}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let bench = Bench {
        folder: folder.path().to_owned(),
        variables: Vec::new(),
    };
    let told = bench.told(&["run", "tollgate.yaml"]);
    assert_eq!(told.code, 2, "{}", told.text);
    for words in [
        "the name of a variable",
        "did you mean `failed`",
        "needs `secret_from`",
        "cannot be `mail`",
    ] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
}

#[test]
fn a_promotion_and_a_way_back_that_end_in_an_error_are_told() {
    let receiver = Receiver::answering(200);
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &receiver);
    bench.gate(DAY);
    let moves = folder.path().join("registry/late/aliases");
    std::fs::create_dir_all(&moves).unwrap();
    std::fs::write(moves.join("champion"), "").unwrap();
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 3, "{}", told.text);
    let got = bodies(&receiver);
    assert_eq!(
        got.len(),
        2,
        "Slack and Teams are told of what failed: {got:?}"
    );
    let title = got[0]["text"].as_str().unwrap();
    assert!(
        title.contains("the promotion of late ended in an error: cannot read folder registry"),
        "{title}"
    );
    let record = folder.path().join("out/promotion.json");
    let record: Value = serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap();
    assert_eq!(record["promotions"][0]["ended"], "error", "{record}");
    let told = bench.told(&["rollback", "--now", DAY]);
    assert_eq!(told.code, 3, "{}", told.text);
    let got = bodies(&receiver);
    assert_eq!(got.len(), 2, "{got:?}");
    assert!(
        got[0]["text"]
            .as_str()
            .unwrap()
            .contains("the way back of late")
    );
}

#[test]
fn a_promotion_without_credentials_is_told_as_any_that_fails() {
    let receiver = Receiver::answering(200);
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &receiver);
    let path = folder.path().join("tollgate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let directory = "{kind: directory, path: registry}";
    let s3 = "{kind: s3, path: s3://models/a, endpoint: \"http://127.0.0.1:1\"}";
    std::fs::write(&path, text.replace(directory, s3)).unwrap();
    bench.gate(DAY);
    assert!(bodies(&receiver).is_empty(), "the gate warns and passes");
    std::fs::write(&path, &text).unwrap();
    bench.gate(DAY);
    // The evidence is good, and the job that promotes has no credentials for where it promotes to.
    let http = "{kind: http, environment: [TOKEN], look: {url: 'http://127.0.0.1:1/x', version: /v}, \
                move: {url: 'http://127.0.0.1:1/x', headers: {Authorization: '{{ env.TOKEN }}'}}}";
    std::fs::write(&path, text.replace(directory, http)).unwrap();
    for args in [
        &["promote", "out/run.json", "--now", DAY][..],
        &["rollback", "--to", "1", "--now", DAY][..],
    ] {
        let told = bench.told(args);
        assert_eq!(told.code, 2, "{}", told.text);
        assert!(told.text.contains("`TOKEN`"), "{}", told.text);
        let got = bodies(&receiver);
        assert_eq!(got.len(), 2, "{got:?}");
        let title = got[0]["text"].as_str().unwrap();
        assert!(title.contains("ended in an error"), "{title}");
        assert!(title.contains("TOKEN"), "{title}");
    }
    let record = std::fs::read_to_string(folder.path().join("out/promotion.json")).unwrap();
    assert!(record.contains("\"ended\": \"error\""), "{record}");
    // A dry run, and a model that nobody knows, are nobody's business.
    assert_eq!(bench.promote(DAY, &["--dry-run"]).code, 2);
    assert_eq!(bench.promote(DAY, &["--model", "nobody"]).code, 2);
    assert_eq!(bench.told(&["rollback", "nobody", "--to", "1"]).code, 2);
    assert!(bodies(&receiver).is_empty());
}

/// The gate warned of a registry that it could not read; whoever asked for a promotion is told that there was none.
#[test]
fn a_promotion_whose_registry_was_down_is_told() {
    let receiver = Receiver::answering(200);
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &receiver);
    let aliases = folder.path().join("registry/late/aliases");
    std::fs::create_dir_all(&aliases).unwrap();
    std::fs::write(aliases.join("champion"), "").unwrap();
    bench.gate(DAY);
    assert!(bodies(&receiver).is_empty(), "the verdict stands");
    let args = [
        "run",
        "tollgate.yaml",
        "--output",
        "out",
        "--now",
        DAY,
        "--promote",
    ];
    let told = bench.told(&args);
    assert_eq!(told.code, 3, "{}", told.text);
    let sent = bodies(&receiver);
    assert_eq!(sent.len(), 2, "{sent:?}");
    let text = sent[0].to_string();
    assert!(
        text.contains("the promotion of late ended in an error: "),
        "{text}"
    );
    let record = std::fs::read_to_string(folder.path().join("out/promotion.json")).unwrap();
    assert!(record.contains("\"ended\": \"error\""), "{record}");
    let report = std::fs::read_to_string(folder.path().join("out/report.md")).unwrap();
    assert!(report.contains("Not promoted: "), "{report}");
}

/// While the promotion is told, the folder of a report becomes a file: its report cannot be written again.
#[test]
fn a_report_that_cannot_be_written_again_hides_no_promotion() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let more = folder.path().join("more");
    let gone = more.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            request(&mut client).unwrap();
            let _ = std::fs::remove_dir_all(&gone);
            let _ = std::fs::write(&gone, "");
            let text = "HTTP/1.1 200 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = client.write_all(text.as_bytes());
        }
    });
    let receiver = Receiver {
        url,
        got: Arc::default(),
    };
    let output = folder.path().join("output");
    let bench = bench(folder.path(), &receiver).with(&[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_OUTPUT", output.to_str().unwrap()),
    ]);
    let args = [
        "run",
        "tollgate.yaml",
        "--output",
        "out",
        "--output",
        "markdown=more/r.md",
    ];
    let told = bench.told(&[&args[..], &["--now", DAY, "--promote"]].concat());
    assert!(more.is_file(), "{}", told.text);
    assert_eq!(told.code, 0, "{}", told.text);
    for word in [
        "promotion: moved",
        "verdict: pass",
        "note: not every report says what became of the promotion",
        "more/r.md",
    ] {
        assert!(told.text.contains(word), "no `{word}` in {}", told.text);
    }
    let output = std::fs::read_to_string(output).unwrap();
    assert!(
        output.contains("promoted=true") || output.contains("promoted<<"),
        "{output}"
    );
}
