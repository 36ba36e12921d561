//! Configurations and contracts that were cut, spliced and sprinkled with hostile marks: read, or refused with a place; never
//! a panic, and nothing that is left unread without a word.

use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;
use tollgate::config::fields::Problems;
use tollgate::config::tree::{Node, Value, parse};
use tollgate::contract::diff::policy;
use tollgate::diagnostic::SourceFile;

const CONTRACT: &str = include_str!("../examples/flights/contracts/flights.yaml");
const CONFIG: &str = include_str!("../examples/flights/tollgate.yaml");
const POLICY: &str = "version: 1\ndiff:\n  fail_on: any\n  severity: {type-widened: warn}\n  ignore:\n    - {rule: column-removed, column: a, reason: b, owner: c, until: 2027-01-31}\n";

/// Marks that mean something to some reader of YAML, or to nobody.
const MARKS: &[&str] = &[
    "\t",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "!x ",
    "{",
    "}",
    "[",
    "]",
    "- ",
    ": ",
    ", ",
    "'",
    "\"",
    "|\n",
    ">-\n",
    "#",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\u{0}",
    "\u{feff}",
    "\u{2028}",
    "é",
    "😀",
    "\\x",
    "1e999",
    ".nan",
    "-.inf",
    "~",
    "0x1F",
    "99999999999999999999999999999999999999999",
    "2013-02-30",
    "no",
    "null",
    "\r",
    "\r\n",
    "version: 2\n",
    "columns:\n",
    "expect: ",
    "  ",
    "\n",
];

#[derive(Debug, Clone)]
enum Change {
    Cut(usize),
    Remove(usize, usize),
    Insert(usize, &'static str),
    Repeat(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = 0usize..4_000;
    prop_oneof![
        1 => at.clone().prop_map(Change::Cut),
        2 => (at.clone(), 1usize..40).prop_map(|(a, n)| Change::Remove(a, n)),
        4 => (at.clone(), prop::sample::select(MARKS)).prop_map(|(a, m)| Change::Insert(a, m)),
        1 => (at, 1usize..200).prop_map(|(a, n)| Change::Repeat(a, n)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut text = text.to_owned();
    for change in changes {
        let at = |n: usize| text.floor_char_boundary(n % (text.len() + 1));
        match change {
            Change::Cut(n) => text.truncate(at(*n)),
            Change::Remove(n, many) => {
                let (from, to) = (
                    at(*n),
                    text.floor_char_boundary(n % (text.len() + 1) + many),
                );
                text.replace_range(from..to.max(from), "");
            }
            Change::Insert(n, mark) => {
                let place = at(*n);
                text.insert_str(place, mark);
            }
            Change::Repeat(n, many) => {
                let (from, to) = (
                    at(*n),
                    text.floor_char_boundary(n % (text.len() + 1) + many),
                );
                let part = text[from..to.max(from)].to_owned();
                text.insert_str(from, &part);
            }
        }
    }
    text
}

fn file(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile {
        path: "mutated.yaml".to_owned(),
        text: text.to_owned(),
    })
}

/// Each problem can be shown, and its place is in the text.
fn shown(problems: &Problems, text: &str) {
    let lines = text.split('\n').count();
    for problem in &problems.0 {
        assert!(problem.render().starts_with("error["));
        let place = problem.place.iter();
        for place in place.filter(|p| p.file.path == "mutated.yaml") {
            assert!(
                (1..=lines).contains(&place.line) && place.column >= 1,
                "{problem:?}"
            );
        }
    }
}

/// Expectations that are written: under `expect` of the contract and of its columns.
fn written(node: &Node) -> usize {
    let Value::Map(entries) = &node.value else {
        return 0;
    };
    let items = |node: &Node| match &node.value {
        Value::List(items) => items.clone(),
        Value::Null => Vec::new(),
        _ => vec![node.clone()],
    };
    entries
        .iter()
        .map(|(key, node)| match key.name.as_str() {
            "expect" => items(node).len(),
            "columns" => items(node).iter().map(written).sum(),
            _ => 0,
        })
        .sum()
}

proptest! {
    #[test]
    fn contracts_are_read_whole_or_refused(changes in prop::collection::vec(change(), 1..5)) {
        let text = changed(CONTRACT, &changes);
        let file = file(&text);
        let mut problems = Problems::default();
        let contract = tollgate::contract::read(&file, &mut problems);
        shown(&problems, &text);
        prop_assert!(contract.is_some() || !problems.0.is_empty());
        if let (Some(contract), true) = (contract, problems.0.is_empty()) {
            let columns = contract.columns.iter().map(|c| c.expect.len()).sum::<usize>();
            let node = parse(&file).expect("it was read");
            prop_assert_eq!(columns + contract.expect.len(), written(&node), "{}", text);
        }
    }

    #[test]
    fn configurations_are_read_or_refused(changes in prop::collection::vec(change(), 1..5)) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tollgate.yaml");
        std::fs::write(&path, changed(CONFIG, &changes)).expect("writable");
        if let Err(error) = tollgate::config::load(&path) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn policies_are_read_or_refused(changes in prop::collection::vec(change(), 1..5)) {
        let text = changed(POLICY, &changes);
        let file = file(&text);
        let mut problems = Problems::default();
        let today = chrono::NaiveDate::default();
        if let Ok(node) = parse(&file) {
            let policy = policy::of_file(&node, Path::new(""), today, &mut problems);
            shown(&problems, &text);
            let is_config = matches!(&node.value, Value::Map(m) if m.iter().any(|(k, _)| k.name == "datasets"));
            prop_assert!(policy.is_some() || is_config || !problems.0.is_empty(), "{}", text);
        }
    }
}
