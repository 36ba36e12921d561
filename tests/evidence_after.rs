//! A run that is signed again once its promotion was made: what is signed is what was written.

use crate::registry_bench::Bench;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

const DAY: &str = "2013-04-01T08:00:00Z";

#[test]
fn a_report_that_changes_while_the_promotion_is_told_does_not_verify() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let changed = folder.path().join("out/j.xml");
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut buffer = vec![0; 1 << 16];
            let _ = client.read(&mut buffer);
            std::fs::write(&changed, "<!-- another -->").unwrap();
            let _ = client
                .write_all(b"HTTP/1.1 200 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let bench = Bench::new(
        folder.path(),
        "{kind: directory, path: registry}",
        "{registry: production}",
    )
    .with(&[
        ("URL", &url),
        ("SECRET", "a long enough secret of the test"),
    ]);
    let config = folder.path().join("tollgate.yaml");
    let notify =
        "notify:\n  c: {kind: webhook, url_from: URL, secret_from: SECRET, on: promoted}\n";
    let text = std::fs::read_to_string(&config).unwrap() + notify;
    std::fs::write(&config, text).unwrap();
    let key = bench.told(&["key", "new", "--output", "gate.pem"]);
    assert_eq!(key.code, 0, "{}", key.text);
    let run = [
        "run",
        "--promote",
        "--sign",
        "--key",
        "gate.pem",
        "--output",
        "out",
        "--output",
        "junit=out/j.xml",
        "--now",
        DAY,
    ];
    let told = bench.told(&run);
    assert_eq!(told.code, 0, "{}", told.text);
    let now = std::fs::read_to_string(folder.path().join("out/j.xml")).unwrap();
    assert_eq!(
        now, "<!-- another -->",
        "the server was not asked in time: {}",
        told.text
    );
    let verified = bench.told(&["verify", "out/run.json", "--public-key", "gate.pem.pub"]);
    assert_ne!(verified.code, 0, "{}", verified.text);
    assert!(verified.text.contains("j.xml"), "{}", verified.text);
}
