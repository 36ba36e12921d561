//! `kill -9` of the program at every step that a promotion into a folder takes: strace stops it before its n-th call that makes,
//! renames, links, removes or syncs a file. Skipped with a line where there is no strace, or it may not trace.

#![expect(clippy::print_stderr, reason = "a test says what it skips")]

use crate::promotion_place::{NOW, Place, said};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Calls before which the program is stopped.
const CALLS: &str =
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,fsync,fdatasync";

/// Most calls of one promotion.
const MOST: usize = 60;

/// Whether there is a strace that may trace; it is asked for the same injection with another program.
fn traces() -> bool {
    let told = Command::new("strace")
        .args([
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "inject=mkdir:signal=KILL:when=9",
            "true",
        ])
        .output();
    let found = told.is_ok_and(|o| o.status.success());
    if !found {
        assert!(
            std::env::var("CI").is_err(),
            "CI has a strace that may trace"
        );
        eprintln!("skipped: there is no strace, or it may not trace");
    }
    found
}

/// The program, stopped before its call of that number; whether it was.
fn stopped(place: &Place, words: &[&str], call: usize) -> (bool, Output) {
    let inject = format!("inject={CALLS}:signal=KILL:when={call}");
    let output = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &inject])
        .arg(env!("CARGO_BIN_EXE_tollgate"))
        .args(words)
        .current_dir(place.path())
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap();
    (output.status.code().is_none_or(|code| code == 137), output)
}

fn json(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).ok()?;
    // A file is whole or not there.
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}: {text}", path.display())))
}

/// Where the moves say that the alias leads, and how many there are.
fn moves(place: &Place) -> (Option<String>, usize) {
    let folder = place.path().join("registry/late/aliases/champion");
    let of = |n: usize| json(&folder.join(format!("{n:06}.json")));
    let all: Vec<Value> = (1..).map_while(of).collect();
    let last = all.last().map(|m| m["to"].as_str().unwrap().to_owned());
    (last, all.len())
}

/// No champion without its evidence: its digests and metrics are there, whatever was stopped.
#[track_caller]
fn is_described(place: &Place, version: &str) {
    let path = place
        .path()
        .join(format!("registry/late/versions/{version}.json"));
    let known = json(&path).unwrap_or_else(|| panic!("nothing is known of {version}"));
    assert!(known["digests"][0].is_string(), "{known}");
    assert_eq!(known["metrics"][0]["name"], "roc_auc", "{known}");
}

#[test]
fn a_promotion_that_is_killed_at_any_step_is_finished_or_was_never_made() {
    if !traces() {
        return;
    }
    let words = ["promote", "tollgate-report/run.json", "--now", NOW];
    let (mut before, mut after) = (0, 0);
    for call in 1..=MOST {
        let place = Place::new("");
        place.gate();
        let (killed, output) = stopped(&place, &words, call);
        let (champion, made) = moves(&place);
        if let Some(champion) = &champion {
            is_described(&place, champion);
        }
        if !killed {
            let (code, text) = said(&output);
            assert!(code == 0 && call > 5, "{call}: {code} {text}");
            eprintln!("killed before {before} calls with no move, before {after} with one");
            assert!(before > 0 && after > 0);
            return;
        }
        assert!(made <= 1, "{call}");
        if made == 0 {
            before += 1;
        } else {
            after += 1;
        }
        // Even calls: the same promotion again. Odd ones: somebody else's comes next, by another candidate.
        if call % 2 == 0 {
            let (code, text) = place.promote(&[]);
            assert_eq!(code, 0, "{call}: {text}");
            assert_eq!(moves(&place).1, 1, "{call}");
        } else {
            place.configure("newer", "");
            if made == 1 {
                // It is compared with the champion that is there.
                let config = place.read("tollgate.yaml");
                place.write("tollgate.yaml", &config.replace("old.csv", "new.csv"));
            }
            place.gate();
            let (code, text) = place.promote(&[]);
            assert_eq!(code, 0, "{call}: {text}");
            assert_eq!(moves(&place).1, made + 1, "{call}");
        }
        let (champion, _) = moves(&place);
        assert_eq!(champion, place.champion(), "{call}");
        is_described(&place, &champion.unwrap());
        // What was left behind is read by nobody.
        let (code, text) = place.said(&["history", "promotions"]);
        assert_eq!(code, 0, "{call}: {text}");
    }
    panic!("a promotion makes more than {MOST} calls");
}
