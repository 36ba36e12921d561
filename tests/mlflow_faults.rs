//! Two promoters behind proxies that drop, delay, double and cut: never two winners, never a move without evidence, never a
//! history that does not lead to the alias.
//!
//! 1,000 seeds against the registry in memory here; 100 against the real server in `registry_mlflow.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failing helper fails its test, and it is told what the seeds led to"
)]

use crate::fault_proxy::{Fault, Proxy, call};
use crate::mlflow_memory::Memory;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tollgate::config::registries::{Locking, MlflowRegistry, Pointer};
use tollgate::model::source::mlflow::Access;
use tollgate::promote::clock::System;
use tollgate::promote::drive::{Drive, Ended};
use tollgate::registry::mlflow::Mlflow;
use tollgate::registry::{Answer, Basis, Move, MoveKind, Registry, Target, Trouble};

/// How long locks count of promoters that are stopped. Unit: seconds.
pub(crate) const LEASE: i64 = 6;

/// How long those count of promoters that are not, however slow the machine is. Unit: seconds.
pub(crate) const LONG: i64 = 120;

/// How long the lock of the promotion counts that finishes what was left behind. Unit: seconds. A busy machine may need more than
/// the half of [`LONG`].
const PATIENT: i64 = 1_800;

/// A model with three versions, of which the first is champion.
pub(crate) fn prepared(server: &str, model: &str) {
    let post = |path: &str, body: &Value| {
        let (status, answer) = call(server, "POST", path, body);
        assert_eq!(status, 200, "{path}: {answer}");
    };
    post("registered-models/create", &json!({"name": model}));
    for _ in 0..3 {
        let body = json!({"name": model, "source": "s3://bucket/m"});
        post("model-versions/create", &body);
    }
    let body = json!({"name": model, "alias": "champion", "version": "1"});
    post("registered-models/alias", &body);
}

/// A move on evidence.
pub(crate) fn change(model: &str, from: &str, to: &str) -> Move {
    Move {
        id: String::new(),
        kind: MoveKind::Promotion,
        model: model.to_owned(),
        alias: "champion".to_owned(),
        from: Some(from.to_owned()),
        to: to.to_owned(),
        at: "2026-01-01T00:00:00Z".to_owned(),
        by: Some(format!("the promoter of {to}")),
        reason: None,
        basis: Some(Basis {
            run_sha256: format!("{to:0>64}"),
            verdict: "pass".to_owned(),
            now: "2026-01-01T00:00:00Z".to_owned(),
            policy_sha256: "0".repeat(64),
            commit: None,
            url: None,
            key_id: None,
        }),
    }
    .identified()
}

/// A registry as a promoter of its own sees it, without patience.
pub(crate) fn registry(server: &str, model: &str, retries: u64, lease: i64) -> Mlflow {
    let variable = |name: &str| match name {
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES" => Some(retries.to_string()),
        "MLFLOW_HTTP_REQUEST_TIMEOUT" => Some("60".to_owned()),
        _ => None,
    };
    let access = Access::new(Some(server), &variable).unwrap();
    let target = Target {
        model: model.to_owned(),
        alias: "champion".to_owned(),
    };
    let config = MlflowRegistry {
        uri: None,
        locking: Locking::Tag,
        lease: chrono::TimeDelta::seconds(lease),
        pointer: Pointer::Alias,
    };
    Mlflow::new(access, target, config, chrono::DateTime::UNIX_EPOCH)
}

/// Makes a move as `tollgate promote` does.
pub(crate) fn driven(registry: &Mlflow, change: &Move) -> Answer<Ended> {
    Drive {
        registry,
        change,
        attached: None,
        reached: &mut |_| Ok(()),
        clock: &System,
    }
    .make()
}

/// What becomes of requests, by a seed; one of `rate` meets something.
fn faults(seed: u64, rate: u64) -> impl Fn(usize, &str) -> Fault {
    move |number, _| {
        let mut drawn = seed
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(number as u64);
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        drawn ^= drawn >> 31;
        if !drawn.is_multiple_of(rate) {
            return Fault::None;
        }
        let time = Duration::from_millis(drawn / 97 % 300);
        match drawn / rate % 6 {
            0 => Fault::DropBefore,
            1 => Fault::DropAfter,
            2 => Fault::Truncate,
            3 => Fault::Twice,
            4 => Fault::TwiceLater(time),
            _ => Fault::Delay(time),
        }
    }
}

/// How the two promoters of a seed ended.
pub(crate) struct Raced {
    pub(crate) model: String,
    pub(crate) ended: [Answer<Ended>; 2],
}

/// Two promoters of different versions at once, each behind a proxy of its own.
pub(crate) fn raced(server: &str, model: &str, seed: u64) -> Raced {
    prepared(server, model);
    let rate = 2 + seed % 9;
    let retries = seed / 3 % 2;
    let one = |to: &'static str, offset: u64| {
        let (server, model) = (server.to_owned(), model.to_owned());
        std::thread::spawn(move || {
            let proxy = Proxy::new(&server);
            proxy.plan(faults(seed * 2 + offset, rate));
            let registry = registry(&proxy.address, &model, retries, LEASE);
            driven(&registry, &change(&model, "1", to))
        })
    };
    let (first, second) = (one("2", 0), one("3", 1));
    Raced {
        model: model.to_owned(),
        ended: [first.join().unwrap(), second.join().unwrap()],
    }
}

/// What must hold after both ended, and after the next promotion: the locks' time is over then.
pub(crate) fn checked(server: &str, raced: &Raced, seed: u64) -> String {
    let moved = |e: &&Answer<Ended>| matches!(e, Ok(Ended::Moved));
    let winners = raced.ended.iter().filter(moved).count();
    assert!(winners <= 1, "seed {seed}: two winners");
    let registry = registry(server, &raced.model, 2, PATIENT);
    let champion = registry.look().unwrap().version.unwrap();
    for (ended, to) in raced.ended.iter().zip(["2", "3"]) {
        if matches!(ended, Ok(Ended::Moved)) {
            assert_eq!(champion, to, "seed {seed}: who won is not champion");
        }
    }
    // The next promotion finishes what was left behind.
    let next = if champion == "1" { "2" } else { "1" };
    let ended = driven(&registry, &change(&raced.model, &champion, next));
    assert_eq!(ended, Ok(Ended::Moved), "seed {seed}");
    let past = registry.past().unwrap();
    let told: Vec<String> = past
        .iter()
        .map(|m| {
            let from = m.from.clone().unwrap_or_default();
            format!("{} {from}>{}", m.kind.word(), m.to)
        })
        .collect();
    let mut expected = vec!["other >1".to_owned()];
    if champion != "1" {
        expected.push(format!("promotion 1>{champion}"));
    }
    expected.push(format!("promotion {champion}>{next}"));
    assert_eq!(told, expected, "seed {seed}: {:?}", raced.ended);
    for change in past.iter().skip(1) {
        let basis = change.basis.as_ref();
        assert_eq!(basis.unwrap().verdict, "pass", "seed {seed}");
    }
    let words = |e: &Answer<Ended>| match e {
        Ok(Ended::Moved) => "moved",
        Ok(Ended::Already(_)) => "already",
        Ok(Ended::Lost(_)) => "lost",
        Ok(Ended::Busy(..)) => "busy",
        Err(Trouble::Unknown(_)) => "unknown",
        Err(Trouble::Refused(_)) => "refused",
        Err(Trouble::Unreached(_)) => "unreached",
        Err(Trouble::Broken(_)) => "broken",
        Err(Trouble::Interrupted) => "interrupted",
    };
    raced.ended.each_ref().map(words).join("+")
}

/// Seeds of a range, eight at a time, each with a server in memory.
fn seeds(range: std::ops::Range<u64>) {
    let next = AtomicU64::new(range.start);
    let told: Mutex<std::collections::BTreeMap<String, u64>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= range.end {
                        return;
                    }
                    let memory = Memory::new();
                    let raced = raced(&memory.address, "late", seed);
                    // What was sent twice has arrived by then.
                    std::thread::sleep(Duration::from_millis(320));
                    memory.ahead.store(3_600, Ordering::SeqCst);
                    let how = checked(&memory.address, &raced, seed);
                    *told.lock().unwrap().entry(how).or_default() += 1;
                }
            });
        }
    });
    let told = told.into_inner().unwrap();
    println!("{told:?}");
    // Faults that never hurt would show nothing.
    let count = |word: &str| -> u64 {
        let all = told.iter().filter(|(how, _)| how.contains(word));
        all.map(|(_, n)| n).sum()
    };
    assert!(
        count("moved") > 0 && count("unknown") + count("broken") > 0,
        "{told:?}"
    );
}

#[test]
fn a_thousand_seeds_first_quarter() {
    seeds(0..250);
}

#[test]
fn a_thousand_seeds_second_quarter() {
    seeds(250..500);
}

#[test]
fn a_thousand_seeds_third_quarter() {
    seeds(500..750);
}

#[test]
fn a_thousand_seeds_fourth_quarter() {
    seeds(750..1_000);
}
