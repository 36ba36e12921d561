//! Personal data and secrets in every role that a column can have: no report, history or saved profile shows one of them.

use crate::harness::{Gate, files};
use std::fmt::Write as _;
use std::process::Command;
use tollgate::record::Status;

const COLUMNS: &str = "mail,kind,card,card_text,token,iban,note,born,seg,x";

const IBANS: [&str; 4] = [
    "GB82WEST12345698765432",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
];

/// Sixteen digits that begin like a card's, with the check digit.
fn card(number: usize) -> String {
    let body = format!("4{:014}", number + 12_345_678_912);
    let doubled = |(place, digit): (usize, u32)| match (place % 2, digit * 2) {
        (0, twice) => twice / 10 + twice % 10,
        _ => digit,
    };
    let digits = body.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.enumerate().map(doubled).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn token(number: usize) -> String {
    format!("{}{}{number:034}", "ghp_", "aB")
}

/// One batch; the second one has other values in every column.
fn batch(second: bool) -> String {
    let mut text = format!("{COLUMNS}\n");
    let shift = if second { 1_000 } else { 0 };
    for i in 0..600 {
        let n = i + shift;
        let kind = match i % 40 {
            0 if second => "kate@example.org".to_owned(),
            0 => "john@example.org".to_owned(),
            rest if second && rest < 20 => "c".to_owned(),
            rest => ["a", "b"][rest % 2].to_owned(),
        };
        let digits = card(n % 7);
        let parted = format!(
            "{} {} {} {}",
            &digits[..4],
            &digits[4..8],
            &digits[8..12],
            &digits[12..]
        );
        let iban = IBANS[(i % 3) + usize::from(second)];
        writeln!(
            text,
            "p{n}@example.org,{kind},{},{parted},{},{iban},write to q{n}@example.org,{}-0{}-11,s{},{}",
            card(n),
            token(n % 5),
            1_931 + i % 60,
            1 + i % 9,
            i % 4,
            i % 50,
        )
        .unwrap();
    }
    text
}

const CONTRACT: &str = "\
version: 1
key: [mail]
columns:
  - {name: born, type: date, pii: true}
expect:
  - in_set: {column: kind, values: [a, john@example.org]}
  - in_set: {column: iban, values: [a]}
  - in_set: {column: born, values: [2001-01-01]}
  - not_in_set: {column: kind, values: [b, kate@example.org]}
  - distinct_values: {column: kind, values: [a], mode: equal}
  - distinct_values: {column: iban, values: [GB82WEST12345698765432, z], mode: equal}
  - distinct_values: {column: born, values: [2001-01-01], mode: equal}
  - distinct_values: {column: card, values: [1]}
  - value_at_index: {column: mail, index: 0, value: a}
  - value_at_index: {column: kind, index: 0, value: a}
  - value_at_index: {column: token, index: -1, value: a}
  - value_at_index: {column: card, index: 3, value: 1}
  - most_common_in_set: {column: iban, values: [a]}
  - record_in_set: {columns: [kind, iban], values: [[a, b]]}
  - unique_key: [token]
  - unique_key: [kind, seg]
  - matches: {column: note, pattern: '^a$'}
  - matches: {column: card_text, pattern: '^a$'}
  - length: {column: mail, max: 3}
  - no_personal_data: note
  - no_secrets: token
  - returns_no_rows: {query: 'SELECT kind, iban, token FROM data WHERE x = 0'}
  - returns_no_rows: {query: \"SELECT kind AS y, 'to ' || mail AS z FROM data WHERE x = 0\"}
  - functional_dependency: {columns: [seg], dependent: kind}
  - between: {column: x, max: 3, samples: {keys: [mail, kind, card]}}
  - between: {column: card, max: 3}
  - max_between: {column: card, max: 3}
  - between: {column: born, min: 2000-01-01}
  - data_fresh: {column: born, max_age: 1d}
  - fresh_by: {column: born, time: '06:00'}
  - retention: {column: born, max_age: 1d}
  - sequential_values: {column: card}
  - expression: {expr: \"kind <> 'john@example.org' AND mail = 'a'\"}
";

/// What must stand nowhere.
fn needles() -> Vec<String> {
    let cards = (0..1_600).map(card);
    let parted = (0..12).map(|n| {
        let digits = card(n);
        format!("{} {}", &digits[4..8], &digits[8..12])
    });
    let fixed = ["@example", "aB000000"].iter().chain(&IBANS);
    let all = cards.chain(parted);
    all.chain(fixed.map(|s| (*s).to_owned())).collect()
}

/// The same with the days of birth, which only the contract tells to be personal.
fn of_a_run() -> Vec<String> {
    let years = (1_931..1_991).map(|year| format!("{year}-0"));
    needles().into_iter().chain(years).collect()
}

fn assert_clean(what: &str, text: &str, needles: &[String]) {
    for needle in needles {
        if let Some(at) = text.find(needle) {
            let from = text[..at].char_indices().rev().nth(200);
            let to = text[at..].char_indices().nth(80);
            let from = from.map_or(0, |(i, _)| i);
            let to = to.map_or(text.len(), |(i, _)| at + i);
            panic!("{what} shows {needle}: {}", &text[from..to]);
        }
    }
}

fn tollgate(folder: &std::path::Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|t| String::from_utf8(t).unwrap());
    text.concat()
}

#[test]
fn no_value_is_shown_whatever_the_role_of_its_column() {
    let config = "version: 1\nhistory: runs\ndatasets:\n  d:\n    path: d.csv\n    contract: c.yaml\n    reference: [before.csv, history]\n";
    let (before, now) = (batch(false), batch(true));
    let written = [
        ("before.csv", before.as_bytes()),
        ("d.csv", before.as_bytes()),
        ("c.yaml", CONTRACT.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let first = Gate::run(&written, &["--now", "2026-11-01T02:00:00Z"]);
    assert_eq!(first.code, 1, "{}{}", first.stdout, first.stderr);
    let folder = first.folder;
    std::fs::write(folder.path().join("d.csv"), &now).unwrap();
    let gate = Gate::again(folder, &["--now", "2026-11-02T02:00:00Z"]);
    let of_a_run = of_a_run();
    assert_clean(
        "the terminal",
        &(gate.stdout.clone() + &gate.stderr),
        &of_a_run,
    );
    let path = gate.folder.path();
    for format in [
        "terminal", "json", "markdown", "html", "junit", "sarif", "github",
    ] {
        let shown = tollgate(path, &["report", "report/run.json", "--format", format]);
        assert!(
            shown.contains("d.in_set(iban)") && shown.len() > 1_000,
            "{shown}"
        );
        assert_clean(format, &shown, &of_a_run);
    }
    let kept: Vec<String> = files(&path.join("runs"));
    assert!(!kept.is_empty());
    for name in kept {
        let text = std::fs::read_to_string(path.join("runs").join(&name)).unwrap();
        assert_clean(&name, &text, &of_a_run);
    }
    for args in [
        &["history", "list"][..],
        &["profile", "d.csv"],
        &["profile", "d.csv", "--output", "p.json"],
        &["profile", "before.csv", "--output", "q.json"],
        &["merge", "p.json", "q.json", "--output", "all.json"],
        &["init", "d.csv", "--output", "made"],
    ] {
        assert_clean(&args.join(" "), &tollgate(path, args), &needles());
    }
    for name in ["p.json", "q.json", "all.json", "made/contracts/d.yaml"] {
        let text = std::fs::read_to_string(path.join(name)).unwrap();
        assert_clean(name, &text, &needles());
    }
    let run = gate.record();
    assert!(
        run.outcomes.iter().all(|o| o.status != Status::Error),
        "{:#?}",
        run.outcomes
    );
    assert!(
        run.outcomes
            .iter()
            .any(|o| o.is_drift() && o.status == Status::Warn)
    );
}
