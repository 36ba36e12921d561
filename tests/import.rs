//! Contracts in other tools' forms: each sample of `tests/imports` is known by its content, reads as the native contract beside it,
//! and breaks with a place, never with a panic and never in silence.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tollgate::config::fields::Problems;
use tollgate::config::tree::{Node, Value};
use tollgate::contract::import::{self, Coverage, Fate, Form, Imported};
use tollgate::contract::written;
use tollgate::diagnostic::{Diagnostic, SourceFile};

/// File name and form of every sample.
const SAMPLES: &[(&str, Form)] = &[
    ("odcs.yaml", Form::Odcs),
    ("table_schema.json", Form::FrictionlessSchema),
    ("datapackage.json", Form::FrictionlessPackage),
    ("json_schema.json", Form::JsonSchema),
    ("MLmodel", Form::Mlmodel),
    ("constraints.json", Form::SagemakerConstraints),
    ("statistics.json", Form::SagemakerStatistics),
    ("schema.pbtxt", Form::Tfdv),
    ("statistics.pbtxt", Form::TfdvStatistics),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/imports")
}

pub(crate) fn sample(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

pub(crate) fn source(name: &str, text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile {
        path: name.to_owned(),
        text: text.to_owned(),
    })
}

pub(crate) fn read(name: &str, text: &str) -> Result<Imported, Vec<Diagnostic>> {
    import::import(&source(name, text), None)
}

/// What became of the rules, one line each: what the snapshot beside a sample holds.
fn fates(coverage: &Coverage) -> String {
    let line = |item: &import::Item| {
        let (word, text) = match &item.outcome {
            Fate::Mapped(to) => ("mapped", to),
            Fate::Note(note) => ("note", note),
            Fate::Dropped { reason } => ("dropped", reason),
        };
        format!("{}: {}: {word}: {text}\n", item.place.line, item.what)
    };
    let told = |(place, what): &(tollgate::diagnostic::Place, String)| {
        format!("{}: no rule: {what}\n", place.line)
    };
    coverage
        .items
        .iter()
        .map(line)
        .chain(coverage.told.iter().map(told))
        .collect()
}

#[test]
fn every_sample_is_known_and_read_as_written_beside_it() {
    for (name, form) in SAMPLES {
        let file = source(name, &sample(name));
        assert_eq!(Form::detect(&file).unwrap(), *form, "{name}");
        let imported = import::import(&file, None).unwrap();
        let mut text = String::new();
        for draft in &imported.contracts {
            let mut problems = Problems::default();
            import::contract(&imported, draft, &file, &mut problems);
            assert!(problems.0.is_empty(), "{name}: {:?}", problems.0);
            text += &["--- ", draft.name.as_deref().unwrap_or("unnamed"), "\n"].concat();
            text += &written::yaml(&draft.contract);
        }
        insta::assert_snapshot!(
            format!("import_{form:?}"),
            text + "=== rules\n" + &fates(&imported.coverage)
        );
    }
}

/// Every place of an import lies within the file, on a line that it has.
#[test]
fn places_point_into_the_foreign_file() {
    fn walk(node: &Node, lines: usize) {
        assert!(
            node.place.line >= 1 && node.place.line <= lines,
            "{:?}",
            node.place.line
        );
        match &node.value {
            Value::List(items) => items.iter().for_each(|i| walk(i, lines)),
            Value::Map(entries) => entries.iter().for_each(|(_, v)| walk(v, lines)),
            _ => {}
        }
    }
    for (name, _) in SAMPLES {
        let text = sample(name);
        let imported = read(name, &text).unwrap();
        let lines = text.lines().count();
        for draft in &imported.contracts {
            walk(&draft.contract, lines);
        }
        for item in &imported.coverage.items {
            assert!(
                item.place.line >= 1 && item.place.line <= lines,
                "{name}: {item:?}"
            );
        }
    }
}

/// A file that ends anywhere is read, or refused with a reason; nothing panics.
#[test]
fn truncated_files_are_refused_or_read() {
    for (name, form) in SAMPLES {
        let text = sample(name);
        for (at, _) in text.char_indices().step_by(3) {
            let file = source(name, &text[..at]);
            if let Err(problems) = import::import(&file, Some(*form)) {
                assert!(!problems.is_empty(), "{name} cut at {at}");
                problems.iter().for_each(|p| drop(p.render()));
            }
            drop(Form::detect(&file));
        }
    }
}

/// What stands for a value in a file whose author slipped.
const SLIPS: &[&str] = &[
    "null",
    "true",
    "-7",
    "1e400",
    "\"zz\"",
    "[]",
    "{}",
    "[[[]]]",
    "{\"zz\": {\"zz\": [1]}}",
];

/// Every value replaced by one of another type: read, or refused at a place; nothing panics.
#[test]
fn mistyped_values_are_refused_at_their_place_or_dropped() {
    for (name, form) in SAMPLES {
        let text = sample(name);
        let file = source(name, &text);
        let Ok(tree) = import::tree_of(&file) else {
            continue;
        };
        let mut paths = Vec::new();
        collect(&tree, &mut Vec::new(), &mut paths);
        for path in &paths {
            for slip in SLIPS {
                let changed = json(&tree, path, slip);
                let file = source(name, &changed);
                if let Err(problems) = import::import(&file, Some(*form)) {
                    let placed = problems.iter().all(|p| p.place.is_some());
                    assert!(placed, "{name}: {path:?} is {slip}: {problems:?}");
                    problems.iter().for_each(|p| drop(p.render()));
                }
            }
        }
    }
}

/// A key that nobody knows is named: as a problem, a rule that is not held, or a key that holds no rule.
#[test]
fn unknown_keys_are_never_dropped_in_silence() {
    let mut silent: Vec<String> = Vec::new();
    for (name, form) in SAMPLES {
        let text = sample(name);
        let Ok(tree) = import::tree_of(&source(name, &text)) else {
            continue;
        };
        let before = read(name, &text).unwrap().coverage.missing().count();
        let mut paths = Vec::new();
        collect(&tree, &mut Vec::new(), &mut paths);
        for path in paths
            .iter()
            .filter(|p| matches!(p.last(), Some(Step::Key(_))))
        {
            let changed = renamed(&tree, path);
            let Ok(imported) = import::import(&source(name, &changed), Some(*form)) else {
                continue;
            };
            let coverage = &imported.coverage;
            let said = coverage
                .items
                .iter()
                .any(|i| i.what.contains("zz") || fate_says(i, "zz"))
                || coverage.told.iter().any(|(_, what)| what.contains("zz"));
            // Names are data: a property called otherwise is another property.
            let drafted = imported
                .contracts
                .iter()
                .any(|d| written::yaml(&d.contract).contains("zz"));
            let named = coverage.missing().count() > before;
            let free = FREE.iter().any(|f| path_text(path).contains(f));
            if !(said || drafted || named || free) {
                silent.push(format!("{name}: {}", path_text(path)));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

fn fate_says(item: &import::Item, word: &str) -> bool {
    match &item.outcome {
        Fate::Mapped(text) | Fate::Note(text) | Fate::Dropped { reason: text } => {
            text.contains(word)
        }
    }
}

/// Parts of files that hold what anybody may write.
const FREE: &[&str] = &[
    "team.",
    "enum.",
    "servers.",
    "customProperties",
    // For people, or of another part of the file.
    "$schema",
    "title",
    "description",
    "label",
    "licenses",
    "contains.",
    "not.type",
    "flavors",
    "mlflow_version",
    "model_uuid",
    "artifact_path",
    "utc_time_created",
    "version",
    "_statistics.",
    "dataset.",
    "distribution_constraints.",
    "overrides.",
    "jsonSchema.",
    "$defs",
    ".items.",
    ".anyOf.",
    // Null there: absent.
    "signature.params",
];

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Item(usize),
}

fn path_text(path: &[Step]) -> String {
    let step = |s: &Step| match s {
        Step::Key(k) => k.clone(),
        Step::Item(i) => i.to_string(),
    };
    path.iter().map(step).collect::<Vec<_>>().join(".")
}

fn collect(node: &Node, at: &mut Vec<Step>, paths: &mut Vec<Vec<Step>>) {
    let mut step = |step: Step, inner: &Node| {
        at.push(step);
        paths.push(at.clone());
        collect(inner, at, paths);
        at.pop();
    };
    match &node.value {
        Value::List(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, n)| step(Step::Item(i), n)),
        Value::Map(entries) => entries
            .iter()
            .for_each(|(k, n)| step(Step::Key(k.name.clone()), n)),
        _ => {}
    }
}

/// The tree as JSON, with what stands at a path replaced; every file of a sample is YAML or JSON, and JSON is both.
fn json(node: &Node, path: &[Step], slip: &str) -> String {
    let at = |step: &Step| path.first() == Some(step);
    match &node.value {
        _ if path.is_empty() && !slip.is_empty() => slip.to_owned(),
        Value::Null => "null".to_owned(),
        Value::Text(text) => serde_json::to_string(text).unwrap(),
        Value::List(items) => {
            let item = |(i, n)| {
                if at(&Step::Item(i)) {
                    json(n, &path[1..], slip)
                } else {
                    json(n, &[Step::Item(usize::MAX)], slip)
                }
            };
            let items: Vec<String> = items.iter().enumerate().map(item).collect();
            format!("[{}]", items.join(","))
        }
        Value::Map(entries) => {
            let entry = |(k, n): &(tollgate::config::tree::Key, Node)| {
                let inner = if at(&Step::Key(k.name.clone())) {
                    json(n, &path[1..], slip)
                } else {
                    json(n, &[Step::Item(usize::MAX)], slip)
                };
                format!("{}:{inner}", serde_json::to_string(&k.name).unwrap())
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(","))
        }
        other => other.to_string(),
    }
}

fn renamed(node: &Node, path: &[Step]) -> String {
    let mut node = node.clone();
    let mut at = &mut node;
    for (depth, step) in path.iter().enumerate() {
        let last = depth + 1 == path.len();
        at = match (&mut at.value, step) {
            (Value::List(items), Step::Item(i)) => &mut items[*i],
            (Value::Map(entries), Step::Key(k)) => {
                let entry = entries.iter_mut().find(|(key, _)| key.name == *k).unwrap();
                if last {
                    "zz".clone_into(&mut entry.0.name);
                }
                &mut entry.1
            }
            _ => unreachable!(),
        };
    }
    json(&node, &[Step::Item(usize::MAX)], "")
}

#[test]
fn deep_and_wide_files_are_read_or_refused() {
    for form in Form::ALL {
        for text in [
            "[".repeat(50_000),
            "{\"a\":".repeat(50_000),
            "a: ".repeat(5_000),
            "feature { ".repeat(50_000),
            "Rules = [ ".repeat(10_000),
            String::new(),
            "\u{0}\u{1}\u{feff}".to_owned(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            "7".to_owned(),
        ] {
            if let Err(problems) = import::import(&source("x", &text), Some(*form)) {
                problems.iter().for_each(|p| drop(p.render()));
            }
        }
    }
}

#[test]
fn an_unknown_form_says_what_was_looked_for() {
    let problem = read("x.yaml", "a: 1\n").unwrap_err().remove(0);
    assert_eq!(problem.code, "unknown-form");
    let help = problem.help.unwrap();
    for form in Form::ALL {
        assert!(help.contains(form.word()), "{}: {help}", form.word());
    }
}

#[test]
fn multiples_are_held() {
    for (name, text) in [
        (
            "a.json",
            r#"{"properties": {"x": {"type": "number", "multipleOf": 0.5}}}"#,
        ),
        (
            "a.yaml",
            "apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - name: a\n    properties:\n      - name: x\n        logicalTypeOptions: {multipleOf: 0.5}\n",
        ),
    ] {
        let imported = read(name, text).unwrap();
        let item = imported
            .coverage
            .items
            .iter()
            .find(|i| i.what == "multipleOf of x")
            .unwrap();
        assert!(matches!(item.outcome, Fate::Mapped(_)), "{name}");
        let written = written::yaml(&imported.contracts[0].contract);
        assert!(written.contains("multiple_of: {of: 0.5}"), "{name}");
    }
}

/// A small generator: the same sequence everywhere.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as usize
}

/// Bytes removed, doubled, swapped for others and spliced with words that mean something: read, or refused; nothing panics.
#[test]
fn mutated_files_are_refused_or_read() {
    const WORDS: &[&str] = &[
        "null",
        "[",
        "]",
        "{",
        "}",
        "\"",
        ":",
        ",",
        "- ",
        "\n",
        "-1",
        "1e999",
        "true",
        "\u{0}",
        "é",
        "$ref",
        "mustBe",
        "&a ",
        "*a",
        "\\",
        "#",
        "<",
        ">",
        "999999999999999999999999999999999999999999",
        "2020-13-45",
        "..",
        "'",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for (name, form) in SAMPLES {
        let text = sample(name);
        for _ in 0..150 {
            let mut chars: Vec<char> = text.chars().collect();
            for _ in 0..=next(&mut state) % 3 {
                let at = next(&mut state) % chars.len();
                let to = (at + next(&mut state) % 40).min(chars.len());
                match next(&mut state) % 4 {
                    0 => drop(chars.drain(at..to)),
                    1 => {
                        let twice: Vec<char> = chars[at..to].to_vec();
                        chars.splice(at..at, twice);
                    }
                    2 => drop(chars.splice(at..to, WORDS[next(&mut state) % WORDS.len()].chars())),
                    _ => drop(chars.splice(at..at, WORDS[next(&mut state) % WORDS.len()].chars())),
                }
                if chars.is_empty() {
                    chars.push(' ');
                }
            }
            let file = source(name, &chars.iter().collect::<String>());
            drop(Form::detect(&file));
            match import::import(&file, Some(*form)) {
                Err(problems) => problems.iter().for_each(|p| drop(p.render())),
                Ok(imported) => {
                    for draft in &imported.contracts {
                        let mut problems = Problems::default();
                        import::contract(&imported, draft, &file, &mut problems);
                        problems.0.iter().for_each(|p| drop(p.render()));
                    }
                }
            }
        }
    }
}
