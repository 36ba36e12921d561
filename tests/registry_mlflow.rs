//! Promotions in a real `MLflow` server (3.17.2, from `tests/requirements-mlflow.txt`), by the binary and by the library.
//!
//! `TOLLGATE_MLFLOW` names a Python that has it, as `.ci/run` does; without it the test is skipped with a line.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use crate::fault_proxy::{Fault, Proxy};
use crate::mlflow_faults::{LEASE, LONG, change, checked, driven, raced, registry};
use crate::mlflow_memory;
use crate::mlflow_real::{Promoter, Server, Told, ok, several, told};
use crate::promotion_evidence;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::Duration;
use tollgate::promote::drive::Ended;

/// Somewhat longer than a lock counts: the server's clock is read in whole seconds.
const AFTER: Duration = Duration::from_secs(LEASE.unsigned_abs() + 2);

#[test]
fn a_real_server() {
    let Some(mut server) = Server::start(&[]) else {
        return;
    };
    mlflow_memory::same_answers(&server);
    there_and_back(&server);
    promotion_evidence::in_a_server(&server);
    stages(&server);
    bad_input(&server);
    binaries_race(&server);
    libraries_race(&server);
    killed_at_every_request(&server);
    seeds(&server, 0..100);
    restarted(&mut server);
}

fn there_and_back(server: &Server) {
    server.bare("walk");
    let first = Promoter::new(&server.uri, "walk", "1", "").gate();
    let dry = first.tollgate(&["promote", "report/run.json", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.text);
    for words in [
        "registered-models/alias",
        "tollgate.history.champion.000001",
        "planned",
    ] {
        assert!(dry.text.contains(words), "{}", dry.text);
    }
    assert_eq!(server.champion("walk"), "");
    let one = first.promote();
    assert_eq!(
        (one.code, server.champion("walk").as_str()),
        (0, "1"),
        "{}",
        one.text
    );
    assert!(one.text.contains("promotion: moved"), "{}", one.text);
    let again = first.promote();
    assert!(again.text.contains("promotion: already"), "{}", again.text);
    // Judged when 1 was champion.
    let late = Promoter::new(&server.uri, "walk", "3", "").gate();
    let two = Promoter::new(&server.uri, "walk", "2", "").gate().promote();
    assert_eq!(two.code, 0, "{}", two.text);
    let refused = late.promote();
    assert_eq!(refused.code, 5, "{}", refused.text);
    assert!(refused.text.contains("which now is 2"), "{}", refused.text);
    let back = first.tollgate(&["rollback", "--reason", "it's late"]);
    assert_eq!(
        (back.code, server.champion("walk").as_str()),
        (0, "1"),
        "{}",
        back.text
    );
    let past = ["promotion >1", "promotion 1>2", "rollback 2>1"];
    assert_eq!(server.past("walk"), past);
    // Something else moves it, and the next way back leads to what is known.
    let alias = json!({"name": "walk", "alias": "champion", "version": "3"});
    ok(&server.uri, "POST", "registered-models/alias", &alias);
    assert_eq!(server.past("walk")[3..], ["other 1>3"]);
    let back = first.tollgate(&["rollback"]);
    assert_eq!(
        (back.code, server.champion("walk").as_str()),
        (0, "1"),
        "{}",
        back.text
    );
    assert!(server.locks("walk").is_empty());
    // Without a lock nothing asks for one.
    let free = Promoter::new(&server.uri, "walk", "3", ", lock: false").gate();
    let dry = free.tollgate(&["promote", "report/run.json", "--dry-run"]);
    assert!(!dry.text.contains("tollgate.lock"), "{}", dry.text);
    assert!(dry.text.contains("nothing but reading"), "{}", dry.text);
    let three = free.promote();
    assert_eq!(
        (three.code, server.champion("walk").as_str()),
        (0, "3"),
        "{}",
        three.text
    );
    left_in_the_server(server);
}

/// What a promotion leaves beside the alias.
fn left_in_the_server(server: &Server) {
    let path = "model-versions/get?name=walk&version=2";
    let found = ok(&server.uri, "GET", path, &json!({}));
    let tags = found["model_version"]["tags"].as_array().unwrap();
    let tags: BTreeMap<&str, &str> = tags
        .iter()
        .map(|t| (t["key"].as_str().unwrap(), t["value"].as_str().unwrap()))
        .collect();
    assert_eq!(tags["tollgate.verdict"], "pass");
    assert_eq!(tags["tollgate.prev_version"], "1");
    assert_eq!(tags["tollgate.report_sha256"].len(), 64);
    assert_eq!(
        tags["tollgate.attached"],
        "tags, run.json, report.html, report.md"
    );
    let run = &server.runs[1];
    let path = format!("runs/get?run_id={run}");
    let found = ok(&server.uri, "GET", &path, &json!({}));
    let tags = found["run"]["data"]["tags"].as_array().unwrap();
    let verdict = json!({"key": "tollgate.verdict", "value": "pass"});
    assert!(tags.contains(&verdict), "{tags:?}");
    let path = format!("artifacts/list?run_id={run}&path=tollgate");
    let files = ok(&server.uri, "GET", &path, &json!({}));
    let files = files["files"].as_array().unwrap();
    assert_eq!(files.len(), 3, "{files:?}");
}

/// Servers before 2.9 had stages.
fn stages(server: &Server) {
    server.bare("staged");
    let with = |version: &str| {
        let one = Promoter::new(&server.uri, "staged", version, ", stages: true");
        let path = one.folder.path().join("tollgate.yaml");
        let config = std::fs::read_to_string(&path).unwrap();
        let config = config.replace(
            "{registry: production}",
            "{registry: production, alias: Production}",
        );
        std::fs::write(path, config).unwrap();
        one.gate()
    };
    let stage = |version: usize| {
        let path = format!("model-versions/get?name=staged&version={version}");
        let found = ok(&server.uri, "GET", &path, &json!({}));
        found["model_version"]["current_stage"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for version in ["3", "2"] {
        let one = with(version).promote();
        assert_eq!(one.code, 0, "{}", one.text);
    }
    assert_eq!([stage(2), stage(3)], ["Production", "Archived"]);
    let back = with("2").tollgate(&["rollback"]);
    assert_eq!(back.code, 0, "{}", back.text);
    assert_eq!([stage(2), stage(3)], ["Archived", "Production"]);
}

fn bad_input(server: &Server) {
    server.model("bad");
    let judged = Promoter::new(&server.uri, "bad", "2", "").gate();
    // A model that is not registered.
    let told = Promoter::new(&server.uri, "bad", "2", "");
    let path = told.folder.path().join("tollgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, config.replace("model: bad", "model: nobody")).unwrap();
    let told = told.tollgate(&["run", "--output", "report", "--promote"]);
    assert_eq!(told.code, 3, "{}", told.text);
    assert!(
        told.text.contains("no registered model `nobody`"),
        "{}",
        told.text
    );
    // A version that is deleted between.
    let body = json!({"name": "bad", "version": "2"});
    ok(&server.uri, "DELETE", "model-versions/delete", &body);
    let told = judged.promote();
    assert_eq!(told.code, 5, "{}", told.text);
    assert!(told.text.contains("has no version 2"), "{}", told.text);
    // A registry that is down, and one that answers with pages, where it answered before.
    let proxy = Proxy::new(&server.uri);
    let judged = Promoter::new(&proxy.address, "bad", "3", "").gate();
    proxy.plan(|_, _| Fault::DropBefore);
    let told = judged.promote();
    assert_eq!(told.code, 3, "{}", told.text);
    assert_eq!(server.champion("bad"), "1");
    let page = |status: &str, media: &str, body: &str| {
        crate::range_server::answer(
            status,
            &format!("Content-Type: {media}\r\n"),
            body.as_bytes(),
        )
    };
    let answers = [
        (
            page("200 OK", "text/html", "<html>log in"),
            3,
            "a page (HTML), not JSON",
        ),
        (
            page("404 Not Found", "text/html", "<h1>"),
            3,
            "is this an MLflow server?",
        ),
        (page("200 OK", "application/json", "[1"), 3, "ends early"),
        (
            page("200 OK", "application/json", "{}"),
            3,
            "no `registered_model`",
        ),
        (
            page("403 Forbidden", "text/plain", "Permission denied"),
            5,
            "Permission denied",
        ),
        (page("301 Moved Permanently", "text/html", ""), 5, "301"),
    ];
    for (answer, code, words) in answers {
        let canned = answer.clone();
        proxy.plan(move |_, _| Fault::Answer(canned.clone()));
        let told = judged.promote();
        assert_eq!(told.code, code, "{words}: {}", told.text);
        assert!(told.text.contains(words), "{words}: {}", told.text);
        assert_eq!(server.champion("bad"), "1");
    }
    // Only what changes something is refused.
    proxy.plan(move |_, line| {
        if line.starts_with("POST") {
            Fault::Answer(answers_of_users("403 Forbidden"))
        } else {
            Fault::None
        }
    });
    assert_eq!(judged.promote().code, 5);
    // Without its clock no lock can end.
    let model = r#"{"registered_model": {"aliases": [{"alias": "champion", "version": "1"}]}}"#;
    let canned = page("200 OK", "application/json", model);
    proxy.plan(move |_, line| {
        if line.contains("registered-models/get") {
            Fault::Answer(canned.clone())
        } else {
            Fault::None
        }
    });
    let told = judged.promote();
    assert_eq!(told.code, 3, "{}", told.text);
    assert!(
        told.text.contains("does not tell its clock"),
        "{}",
        told.text
    );
    // A lock of something else.
    let tag = json!({"name": "bad", "key": "tollgate.lock.champion.x", "value": "mine"});
    ok(&server.uri, "POST", "registered-models/set-tag", &tag);
    proxy.plan(|_, _| Fault::None);
    let told = judged.promote();
    assert_eq!(told.code, 3, "{}", told.text);
    assert!(
        told.text.contains("tollgate.lock.champion.x"),
        "{}",
        told.text
    );
}

fn answers_of_users(status: &str) -> Vec<u8> {
    crate::range_server::answer(status, "Content-Type: text/plain\r\n", b"Permission denied")
}

/// Ten rounds of two processes that promote different versions at once: one wins, the other exits 5.
fn binaries_race(server: &Server) {
    several((0..10).collect(), 2, |round| {
        let model = format!("binaries{round}");
        server.model(&model);
        let with = |version: &str| Promoter::new(&server.uri, &model, version, "").gate();
        let both = [with("2"), with("3")];
        let begun = both.each_ref().map(Promoter::begin);
        let ended = begun.map(told);
        let mut codes = ended.each_ref().map(|t| t.code);
        codes.sort_unstable();
        assert_eq!(codes, [0, 5], "round {round}: {ended:?}");
        let winner = if ended[0].code == 0 { "2" } else { "3" };
        assert_eq!(server.champion(&model), winner, "{ended:?}");
        let moved = format!("promotion 1>{winner}");
        assert_eq!(server.past(&model), ["other >1", &moved]);
    });
}

/// Forty rounds of two promoters in one process; a part of them of the same move.
fn libraries_race(server: &Server) {
    let busy = AtomicUsize::new(0);
    several((0..40).collect(), 4, |round| {
        let model = format!("libraries{round}");
        server.model(&model);
        let start = Arc::new(Barrier::new(2));
        let same = round % 8 == 7;
        let one = |to: &'static str| {
            let (uri, model, start) = (server.uri.clone(), model.clone(), start.clone());
            std::thread::spawn(move || {
                let registry = registry(&uri, &model, 2, LONG);
                let change = change(&model, "1", to);
                start.wait();
                driven(&registry, &change).unwrap()
            })
        };
        let both = [one("2"), one(if same { "2" } else { "3" })];
        let ended = both.map(|b| b.join().unwrap());
        let moved = ended.iter().filter(|e| **e == Ended::Moved).count();
        assert_eq!(moved, 1, "round {round}: {ended:?}");
        let other = ended.iter().find(|e| **e != Ended::Moved).unwrap();
        match other {
            Ended::Busy(..) => {
                busy.fetch_add(1, Ordering::SeqCst);
            }
            Ended::Already(_) => assert!(same),
            _ => assert!(!same, "{ended:?}"),
        }
        assert_eq!(server.past(&model).len(), 2, "round {round}");
        assert!(server.locks(&model).is_empty());
    });
    println!("of 40 losers {} met the lock", busy.into_inner());
}

/// Promotes again where the machine was too slow for a lock that counts a few seconds.
fn patient(promote: impl Fn() -> Told) -> Told {
    let mut told = promote();
    for _ in 0..5 {
        if !told.text.contains("the time of the lock ") {
            break;
        }
        told = promote();
    }
    told
}

/// A process is killed while a request is on its way: before the server has it, and after it did what was asked. The next
/// promotion, of the same evidence or of other, finishes or undoes it.
fn killed_at_every_request(server: &Server) {
    let ended = Mutex::new(BTreeMap::new());
    let all: Vec<(usize, bool)> = (1..=40).flat_map(|n| [(n, false), (n, true)]).collect();
    several(all, 10, |(n, handed_on)| {
        let model = format!("kill{n}{handed_on}");
        server.model(&model);
        let proxy = Proxy::new(&server.uri);
        let first = Promoter::leased(&proxy.address, &model, "2", LEASE, "").gate();
        let (told_of, frozen) = mpsc::channel();
        proxy.plan(move |number, _| {
            let told = told_of.clone();
            if number == n {
                Fault::Freeze { handed_on, told }
            } else {
                Fault::None
            }
        });
        let mut process = first.begin();
        let stopped = loop {
            if frozen.recv_timeout(Duration::from_millis(50)).is_ok() {
                process.kill().unwrap();
                break true;
            }
            if process.try_wait().unwrap().is_some() {
                break false;
            }
        };
        let ended_so = told(process);
        let request = proxy.asked().last().cloned().unwrap();
        if !stopped {
            assert_eq!(ended_so.code, 0, "{}", ended_so.text);
            ended.lock().unwrap().entry(n).or_insert(None);
            return;
        }
        ended.lock().unwrap().insert(n, Some(request.clone()));
        std::thread::sleep(AFTER);
        proxy.plan(|_, _| Fault::None);
        let champion = server.champion(&model);
        let mut expected = vec!["other >1".to_owned()];
        let again = if n.is_multiple_of(2) {
            expected.push("promotion 1>2".to_owned());
            patient(|| first.promote())
        } else {
            if champion == "2" {
                expected.push("promotion 1>2".to_owned());
            }
            expected.push(format!("promotion {champion}>3"));
            let next = Promoter::new(&server.uri, &model, "3", "").gate();
            patient(|| next.promote())
        };
        let what = format!("killed at request {n} ({request}), handed on: {handed_on}");
        assert_eq!(again.code, 0, "{what}: {}", again.text);
        assert_eq!(server.past(&model), expected, "{what}: {}", again.text);
        assert_eq!(server.locks(&model), [""; 0], "{what}");
    });
    let ended = ended.into_inner().unwrap();
    let requests: Vec<&String> = ended.values().flatten().collect();
    println!("killed at {} requests: {requests:#?}", requests.len());
    assert!(requests.len() > 15 && ended.values().any(Option::is_none));
}

/// As many seeds as `TOLLGATE_MLFLOW_SEEDS` says, for who has the time: `.ci/run` has that of a hundred.
#[test]
fn more_seeds_against_a_real_server() {
    let Ok(count) = std::env::var("TOLLGATE_MLFLOW_SEEDS") else {
        println!("skipped: TOLLGATE_MLFLOW_SEEDS does not say how many");
        return;
    };
    let Some(server) = Server::start(&[]) else {
        return;
    };
    seeds(&server, 0..count.parse().unwrap());
}

/// Seeds of faults; a thousand are against the server in memory.
fn seeds(server: &Server, range: std::ops::Range<u64>) {
    let all = Mutex::new(Vec::new());
    several(range.collect(), 6, |seed| {
        let raced = raced(&server.uri, &format!("seed{seed}"), 5_000 + seed);
        all.lock().unwrap().push((raced, seed));
    });
    std::thread::sleep(AFTER);
    let how = Mutex::new(BTreeMap::new());
    several(all.into_inner().unwrap(), 6, |(raced, seed)| {
        let told = checked(&server.uri, &raced, 5_000 + seed);
        *how.lock().unwrap().entry(told).or_insert(0) += 1;
    });
    println!("{:?}", how.into_inner().unwrap());
}

/// The server is stopped and started again while two promote.
fn restarted(server: &mut Server) {
    server.model("restarted");
    let both = ["2", "3"].map(|v| Promoter::leased(&server.uri, "restarted", v, 10, "").gate());
    let begun = both.each_ref().map(Promoter::begin);
    std::thread::sleep(Duration::from_millis(300));
    server.restart();
    let ended = begun.map(told);
    let winners = ended.iter().filter(|t| t.code == 0).count();
    assert!(winners <= 1, "{ended:?}");
    assert!(
        ended.iter().all(|t| [0, 3, 5].contains(&t.code)),
        "{ended:?}"
    );
    std::thread::sleep(Duration::from_secs(12));
    let champion = server.champion("restarted");
    let next = Promoter::new(
        &server.uri,
        "restarted",
        if champion == "3" { "2" } else { "3" },
        "",
    );
    let next = next.gate().promote();
    assert_eq!(next.code, 0, "{}", next.text);
    let past = server.past("restarted");
    assert!(
        !past[1..].iter().any(|p| p.starts_with("other")),
        "{past:?}"
    );
}
