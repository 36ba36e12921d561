//! Hive partitions that should be there.

use crate::harness::Gate;
use tollgate::record::{Outcome, Status};

fn run(folders: &[&str], expect: &str) -> (Gate, Option<Outcome>) {
    let folder = tempfile::tempdir().unwrap();
    for name in folders {
        let path = folder.path().join("data").join(name);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("part.csv"), "x\n1\n").unwrap();
    }
    std::fs::create_dir_all(folder.path().join("data").join("day=2013-02-09")).unwrap();
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: data\n    expect:\n      - partitions_present: {expect}\n"
    );
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let gate = Gate::again(folder, &["--now", "2013-02-05T06:00:00Z"]);
    let found = (gate.code != 2).then(|| gate.record().outcomes);
    let one = found.and_then(|all| all.into_iter().find(|o| o.check == "partitions_present"));
    (gate, one)
}

const DAYS: &[&str] = &["day=2013-02-01", "day=2013-02-02", "day=2013-02-04"];

#[test]
fn every_day_up_to_yesterday_has_a_folder_with_a_file() {
    let expect = "{column: day, from: today - 4d, to: today - 1d}";
    let (_, outcome) = run(DAYS, expect);
    let outcome = outcome.unwrap();
    assert_eq!(outcome.status, Status::Fail);
    assert_eq!(
        outcome.message,
        "Partitions by `day`: missing `day=2013-02-03`."
    );
    assert_eq!(outcome.measured[0].text, "1");
    let all: Vec<&str> = DAYS.iter().copied().chain(["day=2013-02-03"]).collect();
    let (gate, outcome) = run(&all, expect);
    assert_eq!(
        outcome.unwrap().message,
        "Partitions by `day`: all 4 are there."
    );
    assert_eq!(gate.code, 0, "{}", gate.stdout);
    // A folder without a file is none.
    let (_, outcome) = run(&all, "{column: day, values: [2013-02-09]}");
    assert_eq!(outcome.unwrap().status, Status::Fail);
}

#[test]
fn many_missing_ones_are_counted() {
    let (_, outcome) = run(DAYS, "{column: day, from: 2012-01-01, to: 2013-02-04}");
    let outcome = outcome.unwrap();
    assert_eq!(outcome.measured[0].text, "398");
    assert!(
        outcome
            .message
            .ends_with("`day=2012-01-20`, 378 more of 401."),
        "{}",
        outcome.message
    );
}

#[test]
fn what_is_no_partition_cannot_be_evaluated() {
    let (gate, outcome) = run(DAYS, "{column: x, values: [1]}");
    let outcome = outcome.unwrap();
    assert_eq!(outcome.status, Status::Error);
    assert!(
        outcome.message.contains("it is no partition"),
        "{}",
        outcome.message
    );
    assert_eq!(gate.code, 3);
    let (gate, _) = run(DAYS, "{column: day, from: 2013-02-01}");
    assert_eq!(gate.code, 2, "{}", gate.stdout);
    assert!(gate.stderr.contains("`to`"), "{}", gate.stderr);
    let (gate, _) = run(DAYS, "{column: day, from: 2013-02-02, to: 2013-02-01}");
    assert_eq!(gate.code, 2, "{}", gate.stdout);
    assert!(gate.stderr.contains("is after `to`"), "{}", gate.stderr);
    // A Saturday and a Sunday.
    let (_, outcome) = run(
        DAYS,
        "{column: day, from: 2013-02-02, to: 2013-02-03, weekdays: [mon]}",
    );
    assert_eq!(outcome.unwrap().status, Status::Skipped);
    let (gate, _) = run(DAYS, "{column: day}");
    assert!(
        gate.stderr.contains("give exactly one of `values`, `from`"),
        "{}",
        gate.stderr
    );
}
