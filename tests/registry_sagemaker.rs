//! The registry in SageMaker, against moto: see `registry_aws`.

use crate::registry_aws::{DAY, Servers, breaking, expect, refused_without_right, with};
use crate::registry_bench::Bench;
use std::path::Path;
use std::sync::atomic::Ordering;

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
    // The same evidence once more: another call for SageMaker, though the move is the same.
    expect(
        &second.promote("2013-04-02T09:00:00Z", &[]),
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
