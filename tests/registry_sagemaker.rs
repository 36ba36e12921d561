//! The registry in SageMaker, against moto: see `registry_aws`.

use crate::registry_aws::{DAY, Servers, breaking, expect, refused_without_right, with};
use crate::registry_aws_given::request;
use crate::registry_bench::{Bench, Told};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};

fn bench(folder: &Path, endpoint: &str, version: &str) -> Bench {
    let registry = format!("{{kind: sagemaker, region: us-east-1, endpoint: '{endpoint}'}}");
    let promote = format!("{{registry: production, version: '{version}'}}");
    Bench::new(folder, &registry, &promote)
}

fn approved(servers: &Servers) -> Vec<String> {
    serde_json::from_value(servers.asked("approved")).unwrap()
}

#[test]
fn the_newest_approved_version_is_the_champion_there_and_back() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for version in ["1", "2", "3"] {
        assert_eq!(servers.asked("create"), version);
    }
    let bench = |version: &str, now: &str| {
        let bench = with(
            bench(folder.path(), &servers.endpoint, version),
            &servers.writer,
        );
        bench.gate(now);
        bench
    };
    let first = bench("1", DAY);
    expect(
        &first.promote(DAY, &["--dry-run"]),
        0,
        "SageMaker.UpdateModelPackage",
    );
    assert!(approved(&servers).is_empty());
    expect(
        &first.promote(DAY, &["--by", "eve"]),
        0,
        "moved from none to 1",
    );
    expect(&first.promote(DAY, &[]), 0, "already");
    assert_eq!(approved(&servers), ["1"]);
    assert_eq!(servers.asked("metadata 1")["team"], "flights");
    assert_eq!(servers.asked("metadata 1")["tollgate.verdict"], "pass");

    let second = bench("3", "2013-04-02T08:00:00Z");
    expect(
        &second.promote("2013-04-02T08:00:00Z", &[]),
        0,
        "moved from 1 to 3",
    );
    assert_eq!(approved(&servers), ["3", "1"]);
    let back = second.told(&["rollback", "--now", "2013-04-03T08:00:00Z"]);
    expect(&back, 0, "moved from 3 to 1");
    assert_eq!(approved(&servers), ["1"]);
    assert_eq!(
        servers.asked("metadata 3")["team"],
        "flights",
        "its metadata stays"
    );
    // The same evidence does not bring back what was taken back; a run that was made since does, by another call.
    expect(
        &second.promote("2013-04-02T09:00:00Z", &[]),
        5,
        "rolled_back: version 3 was taken back",
    );
    let second = bench("3", "2013-04-03T09:00:00Z");
    expect(
        &second.promote("2013-04-03T09:00:00Z", &[]),
        0,
        "moved from 1 to 3",
    );
    assert_eq!(approved(&servers), ["3", "1"]);
    expect(
        &second.told(&["rollback", "--now", "2013-04-04T08:00:00Z"]),
        0,
        "to 1",
    );

    // Somebody approves by hand: the evidence is about another champion; the way back is known.
    let third = bench("3", "2013-04-05T08:00:00Z");
    servers.asked("approve 2");
    expect(
        &third.promote("2013-04-05T08:00:00Z", &[]),
        5,
        "compared with 1",
    );
    expect(&third.told(&["rollback"]), 0, "moved from 2 to 1");
    assert_eq!(approved(&servers), ["1"]);
}

#[test]
fn an_answer_that_does_not_come_is_looked_up() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    servers.asked("create");
    let chosen: fn(&str) -> bool = |r| r.contains("SageMaker.UpdateModelPackage");
    let (proxy, broken) = breaking(&servers.endpoint, chosen);
    let bench = with(bench(folder.path(), &proxy, "1"), &servers.writer);
    bench.gate(DAY);
    expect(&bench.promote(DAY, &[]), 0, "moved from none to 1");
    assert_eq!(broken.load(Ordering::SeqCst), 1, "it was sent once");
    assert_eq!(approved(&servers), ["1"]);
}

#[test]
fn who_may_not_is_refused_and_secrets_stay_secret() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    servers.asked("create");
    let bench = || {
        let registry = "{kind: sagemaker}";
        let bench = Bench::new(
            folder.path(),
            registry,
            "{registry: production, version: '1'}",
        );
        bench.with(&[("AWS_ENDPOINT_URL_SAGEMAKER", &servers.endpoint)])
    };
    refused_without_right(bench, &servers, "AccessDenied");
    assert!(approved(&servers).is_empty());
}

#[test]
fn a_version_that_is_not_there_is_refused() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    servers.asked("create");
    let bench = with(
        bench(folder.path(), &servers.endpoint, "7"),
        &servers.writer,
    );
    bench.gate(DAY);
    expect(&bench.promote(DAY, &[]), 5, "no version 7");
    let of = |group: &str| {
        let arn = format!("arn:aws:sagemaker:us-east-1:123456789012:model-package/{group}/1");
        let bench = self::bench(folder.path(), &servers.endpoint, &arn);
        let bench = with(bench, &servers.writer);
        bench.gate(DAY);
        bench.promote(DAY, &[])
    };
    expect(&of("other"), 5, "no version arn:");
    expect(&of("late"), 0, "moved from none to 1");
}

/// Passes requests on, and holds the first change of a version until it is told to go on.
fn holding(endpoint: &str) -> (String, Receiver<()>, Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let target = endpoint.strip_prefix("http://").unwrap().to_owned();
    let (reached, held) = channel();
    let (free, freed) = channel::<()>();
    std::thread::spawn(move || {
        let mut holds = true;
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let Some(request) = request(&mut client) else {
                continue;
            };
            let changes = String::from_utf8_lossy(&request).contains("UpdateModelPackage");
            if changes && std::mem::take(&mut holds) {
                let _ = reached.send(());
                let _ = freed.recv();
            }
            let mut server = TcpStream::connect(&target).unwrap();
            server.write_all(&request).unwrap();
            let mut answer = Vec::new();
            server.read_to_end(&mut answer).unwrap();
            let _ = client.write_all(&answer);
        }
    });
    (address, held, free)
}

/// A promotion of a version during which, between its last look and its change, somebody approves another one.
fn promoted_while(version: &str, other: &str) -> Option<Told> {
    let servers = Servers::serving()?;
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        servers.asked("create");
    }
    servers.asked("approve 1");
    let (proxy, held, free) = holding(&servers.endpoint);
    let bench = with(bench(folder.path(), &proxy, version), &servers.writer);
    bench.gate(DAY);
    let promoting = std::thread::spawn(move || bench.promote(DAY, &[]));
    held.recv().unwrap();
    servers.asked(&format!("approve {other}"));
    free.send(()).unwrap();
    Some(promoting.join().unwrap())
}

#[test]
fn a_second_writer_between_look_and_change_is_seen_and_told() {
    // A newer version than ours is champion now, whatever we approved.
    let Some(told) = promoted_while("2", "3") else {
        return;
    };
    expect(&told, 5, "it leads to 3 and no longer to 1");
    expect(&told, 5, "promotion: conflict");
    // An older one was champion until ours was approved: it is, and nobody compared it with that one.
    let told = promoted_while("3", "2").unwrap();
    expect(&told, 0, "moved from 1 to 3");
    expect(&told, 0, "somebody else approved 2 meanwhile");
    expect(&told, 0, "judge it again");
}
