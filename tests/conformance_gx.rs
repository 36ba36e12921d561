//! Great Expectations' own test definitions through the importer and the real engine.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources_conformance::shared;
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, NullArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tollgate::config::tree::{Node, Value};
use tollgate::context::{Context, Progress};
use tollgate::contract::import::{Fate, gx};
use tollgate::diagnostic::SourceFile;
use tollgate::error::Error;
use tollgate::record::{Run, Status};
use tollgate::verdict::FailOn;

/// One test of theirs: what is asked of which data, and what comes out.
struct Case {
    id: String,
    kind: String,
    tables: Vec<(String, Json, Json)>,
    given: Json,
    wanted: Json,
}

/// Expectations that raise `NotImplementedError` in Great Expectations itself.
const UNBUILT: &[&str] = &[
    "expect_column_pair_cramers_phi_value_to_be_less_than",
    "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than",
    "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than",
];

/// Expectations that their pandas engine lacks; the definitions for SQL are taken.
fn is_sql(kind: &str) -> bool {
    kind.contains("like_pattern")
        || kind == "unexpected_rows_expectation"
        || kind.ends_with("other_table")
}

fn backends(node: &Json, key: &str) -> Option<Vec<String>> {
    let names = node.get(key)?.as_array()?.iter();
    Some(names.map(|n| n.as_str().unwrap().to_owned()).collect())
}

/// Why a test cannot be run, in words that count alike ones together.
fn not_runnable(kind: &str, dataset: &Json, test: &Json, wanted: &Json) -> Option<&'static str> {
    let ours: &[&str] = if is_sql(kind) {
        &["sqlalchemy", "sqlite", "postgresql"]
    } else {
        &["pandas", "pandas_v3_api"]
    };
    if UNBUILT.contains(&kind) {
        return Some("Great Expectations itself raises NotImplementedError");
    }
    let named = |n: &String| ours.contains(&n.as_str());
    for node in [dataset, test] {
        if backends(node, "only_for").is_some_and(|names| !names.iter().any(named)) {
            return Some("for other engines only");
        }
        if backends(node, "suppress_test_for").is_some_and(|names| names.iter().any(named)) {
            return Some("suppressed for the engine");
        }
    }
    let asserted = ["success", "traceback_substring"];
    let none = asserted.iter().all(|k| wanted.get(k).is_none());
    none.then_some("no outcome is stated")
}

fn field<'a>(test: &'a Json, names: [&str; 2]) -> &'a Json {
    test.get(names[0]).or_else(|| test.get(names[1])).unwrap()
}

/// Their tests of one file, and how many cannot be run for which reason.
fn cases(path: &Path, left: &mut BTreeMap<&'static str, usize>) -> Vec<Case> {
    let file: Json =
        serde_json::from_str(&numbers(&std::fs::read_to_string(path).unwrap())).unwrap();
    let kind = file["expectation_type"].as_str().unwrap().to_owned();
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let mut found = Vec::new();
    for (d, dataset) in file["datasets"].as_array().unwrap().iter().enumerate() {
        let table = |t: &Json| {
            let name = t["dataset_name"].as_str().unwrap_or("d").to_owned();
            let types = t["schemas"]["pandas"].clone();
            (name, t["data"].clone(), types)
        };
        let tables: Vec<_> = match &dataset["data"] {
            Json::Array(several) => several.iter().map(table).collect(),
            _ => vec![table(dataset)],
        };
        for (t, test) in dataset["tests"].as_array().unwrap().iter().enumerate() {
            let wanted = field(test, ["out", "output"]);
            if let Some(reason) = not_runnable(&kind, dataset, test, wanted) {
                *left.entry(reason).or_default() += 1;
                continue;
            }
            found.push(Case {
                id: format!("{stem}[{d}][{t}] {}", test["title"].as_str().unwrap()),
                kind: kind.clone(),
                tables: tables.clone(),
                given: field(test, ["in", "input"]).clone(),
                wanted: wanted.clone(),
            });
        }
    }
    found
}

/// Python writes `Infinity`, which JSON has not.
fn numbers(text: &str) -> String {
    text.replace("-Infinity", "-1e999")
        .replace("Infinity", "1e999")
        .replace("1e999", "1e308")
}

fn array(values: &[Json], dtype: Option<&str>) -> ArrayRef {
    let some: Vec<&Json> = values.iter().filter(|v| !v.is_null()).collect();
    if some.is_empty() {
        return Arc::new(NullArray::new(values.len()));
    }
    if dtype == Some("datetime64") {
        let micros = |v: &Json| {
            let text = v.as_str()?.replace('T', " ");
            let long = if text.len() == 10 {
                format!("{text} 00:00:00")
            } else {
                text
            };
            let at = chrono::NaiveDateTime::parse_from_str(&long, "%Y-%m-%d %H:%M:%S").unwrap();
            Some(at.and_utc().timestamp_micros())
        };
        return Arc::new(
            values
                .iter()
                .map(micros)
                .collect::<TimestampMicrosecondArray>(),
        );
    }
    let all = |is: fn(&Json) -> bool| some.iter().all(|v| is(v));
    if all(Json::is_i64) && dtype != Some("float") {
        Arc::new(values.iter().map(Json::as_i64).collect::<Int64Array>())
    } else if all(Json::is_number) {
        Arc::new(values.iter().map(Json::as_f64).collect::<Float64Array>())
    } else if all(Json::is_boolean) {
        Arc::new(values.iter().map(Json::as_bool).collect::<BooleanArray>())
    } else {
        // Columns of several kinds are in no test; as text they can stand in the same table.
        let text = |v: &Json| match v {
            Json::Null => None,
            Json::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Arc::new(values.iter().map(text).collect::<StringArray>())
    }
}

fn write(path: &Path, data: &Json, types: &Json) {
    let columns = data.as_object().unwrap().iter().map(|(name, values)| {
        let values = values.as_array().unwrap();
        (name, array(values, types[name].as_str()), true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A contract as JSON, which is YAML.
fn native(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(v) => json!(v),
        Value::Int(v) => json!(i64::try_from(*v).unwrap()),
        Value::Float(v) => json!(v),
        Value::Text(v) => json!(v),
        Value::List(items) => items.iter().map(native).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|(k, v)| (k.name.clone(), native(v)))
            .collect(),
    }
}

/// What came out of one test.
#[derive(Debug)]
enum Ended {
    /// The promise was judged.
    Judged(Box<Run>),
    /// There is nothing that data could break.
    Empty,
    /// Refused by the importer, by the plan, or as an error of the run: the reason.
    Refused(String),
    /// Nothing here holds it: the reason.
    Dropped(String),
}

fn run(case: &Case) -> Ended {
    let suite = json!({"name": "s", "expectations": [{"type": case.kind, "kwargs": case.given}]});
    let file = Arc::new(SourceFile {
        path: "suite.json".to_owned(),
        text: serde_json::to_string_pretty(&suite).unwrap(),
    });
    let imported = match gx::read(&file) {
        Ok(imported) => imported,
        Err(problems) => return Ended::Refused(Error::Config(problems).to_string()),
    };
    assert_eq!(
        imported.coverage.items.len(),
        1,
        "every rule is exactly one item"
    );
    let mut contract = native(&imported.contracts[0].contract);
    let expect = contract["expect"].as_array_mut();
    match (&imported.coverage.items[0].outcome, expect) {
        (Fate::Dropped { reason }, _) => return Ended::Dropped(reason.clone()),
        (_, None) => return Ended::Empty,
        (_, Some(list)) => list.iter_mut().for_each(|e| {
            let (_, args) = e.as_object_mut().unwrap().iter_mut().next().unwrap();
            args["samples"] = json!(1000);
        }),
    }
    let folder = tempfile::tempdir().unwrap();
    let mut datasets = serde_json::Map::new();
    for (at, (name, data, types)) in case.tables.iter().enumerate() {
        let path = format!("{name}.parquet");
        write(&folder.path().join(&path), data, types);
        let mut dataset = json!({"path": path, "allow_empty": true, "profile": false});
        if at == 0 {
            dataset["contract"] = json!("contract.yaml");
        }
        datasets.insert(name.clone(), dataset);
    }
    let config = json!({"version": 1, "datasets": datasets}).to_string();
    let path = folder.path().join("tollgate.yaml");
    std::fs::write(&path, config).unwrap();
    std::fs::write(folder.path().join("contract.yaml"), contract.to_string()).unwrap();
    let context = Context {
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
        seed: 0,
        commit: None,
        progress: Progress::Hidden,
    };
    let asked = tollgate::run::Asked {
        fail_on: FailOn::Error,
        quarantine: None,
        store: None,
        record: tollgate::config::Recording::Never,
    };
    match tollgate::run::run(&path, &context, &asked) {
        Ok((run, _)) => match run.outcomes.iter().find(|o| o.status == Status::Error) {
            Some(error) => Ended::Refused(error.message.clone()),
            None => Ended::Judged(Box::new(run)),
        },
        Err(error) => Ended::Refused(error.to_string()),
    }
}

fn number(value: &Json) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Equal as values: 1 and 1.0 are one, and so is a number that stands as text.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            _ => a == b,
        },
    }
}

/// The rows that failed, by number from 0, with the values of the columns that are looked at.
fn failing(run: &Run, case: &Case) -> Vec<(u64, Json)> {
    let data = &case.tables[0].1;
    let mut rows: BTreeSet<u64> = BTreeSet::new();
    for outcome in &run.outcomes {
        rows.extend(outcome.samples.iter().map(|s| s.row - 1));
    }
    let value = |row: u64| {
        let of = |c: &Json| data[c.as_str().unwrap()][usize::try_from(row).unwrap()].clone();
        if let Some(column) = case.given.get("column") {
            return of(column);
        }
        let names = case.given["column_list"].as_array().unwrap().iter();
        names
            .map(|n| (n.as_str().unwrap().to_owned(), of(n)))
            .collect()
    };
    rows.into_iter().map(|r| (r, value(r))).collect()
}

/// What differs from what they state; nothing where all is equal.
fn difference(case: &Case, ended: &Ended) -> Option<String> {
    let wanted = &case.wanted;
    if wanted.get("traceback_substring").is_some() {
        return match ended {
            Ended::Refused(_) => None,
            other => Some(format!("should be refused: {other:?}")),
        };
    }
    let success = wanted["success"].as_bool().unwrap();
    let run = match ended {
        Ended::Judged(run) => run,
        Ended::Empty if success => return None,
        Ended::Empty => return Some("promises nothing".to_owned()),
        Ended::Refused(reason) => return Some(format!("refused: {reason}")),
        Ended::Dropped(reason) => return Some(format!("dropped: {reason}")),
    };
    let of = |s: Status| run.outcomes.iter().filter(|o| o.status == s).count();
    let said = match (of(Status::Pass), of(Status::Fail), run.outcomes.len()) {
        (pass, 0, all) if pass == all && all > 0 => true,
        (_, fail, _) if fail > 0 => false,
        _ => return Some(format!("neither passed nor failed: {:?}", run.outcomes)),
    };
    if said != success {
        let messages: Vec<_> = run.outcomes.iter().map(|o| &o.message).collect();
        return Some(format!("success is {said}: {messages:?}"));
    }
    rows_differ(case, run).or_else(|| counts_differ(case, run))
}

fn stated<'a>(wanted: &'a Json, name: &str) -> Option<&'a Json> {
    wanted.get(name).or_else(|| wanted["result"].get(name))
}

fn rows_differ(case: &Case, run: &Run) -> Option<String> {
    let rows = || failing(run, case);
    if let Some(list) = stated(&case.wanted, "unexpected_index_list") {
        let wanted = list.as_array().unwrap().iter();
        let wanted: Vec<u64> = wanted.map(|w| w["pk_index"].as_u64().unwrap()).collect();
        let found: Vec<u64> = rows().iter().map(|(r, _)| *r).collect();
        if wanted != found {
            return Some(format!("rows {found:?}, stated are {wanted:?}"));
        }
    }
    let list = stated(&case.wanted, "unexpected_list")?.as_array().unwrap();
    let found: Vec<Json> = rows().into_iter().map(|(_, v)| v).collect();
    let equal = found.len() == list.len() && found.iter().zip(list).all(|(a, b)| same(a, b));
    (!equal).then(|| format!("values {found:?}, stated are {list:?}"))
}

/// Numbers of failing rows, and the one number that an aggregate gives.
fn counts_differ(case: &Case, run: &Run) -> Option<String> {
    let [outcome] = &run.outcomes[..] else {
        return None;
    };
    if let Some(count) = stated(&case.wanted, "unexpected_count").and_then(Json::as_u64)
        && outcome.failing != Some(count)
    {
        return Some(format!("{:?} failing, stated are {count}", outcome.failing));
    }
    let stated = stated(&case.wanted, "observed_value").and_then(Json::as_f64)?;
    let [measured] = &outcome.measured[..] else {
        return None;
    };
    let found = measured.number?;
    let tolerance = 1e-5 * stated.abs().max(1.0);
    let counted = ["failing", "failing_ratio", "value"].contains(&measured.name.as_str());
    (!counted && (found - stated).abs() > tolerance)
        .then(|| format!("{} is {found}, stated is {stated}", measured.name))
}

/// Tests that are known to differ, with the reason.
fn exceptions() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance_gx_exceptions.yaml");
    let file = Arc::new(SourceFile {
        path: path.display().to_string(),
        text: std::fs::read_to_string(&path).unwrap(),
    });
    let Value::Map(entries) = tollgate::config::tree::parse(&file).unwrap().value else {
        panic!("a mapping of tests to reasons");
    };
    let text = |node: Node| match node.value {
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    entries
        .into_iter()
        .map(|(k, v)| (k.name, text(v)))
        .collect()
}

#[test]
fn their_own_tests_end_as_they_say() {
    let Some(folders) = shared("great-expectations") else {
        return;
    };
    let listed = exceptions();
    let mut left = BTreeMap::new();
    let (mut ran, mut equal, mut surprises) = (0, 0, Vec::new());
    let mut seen = BTreeSet::new();
    for folder in folders {
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        files.sort();
        for case in files.iter().flat_map(|f| cases(f, &mut left)) {
            ran += 1;
            seen.insert(case.id.clone());
            match (difference(&case, &run(&case)), listed.get(&case.id)) {
                (None, None) => equal += 1,
                (Some(_), Some(_)) => {}
                (None, Some(_)) => {
                    surprises.push(format!("{} is equal now: take it off the list", case.id));
                }
                (Some(found), None) => surprises.push(format!("{}: {found}", case.id)),
            }
        }
    }
    let none: usize = left.values().sum();
    eprintln!(
        "great-expectations: {ran} run, {equal} equal, {} listed; {none} not runnable: {left:?}",
        listed.len()
    );
    surprises.extend(
        listed
            .keys()
            .filter(|k| !seen.contains(*k))
            .map(|k| format!("{k} is no test")),
    );
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    assert!(ran >= 150 && equal * 100 >= ran * 98, "{equal} of {ran}");
}
