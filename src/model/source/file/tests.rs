use super::*;
use crate::model::source::TrackedMetric;
use proptest::prelude::*;

fn read(text: &str, form: &str, wanted: &Wanted) -> std::result::Result<Tracked, String> {
    let origin = Origin::of(OriginKind::MetricsFile, "m");
    read_bytes(text.as_bytes().to_vec(), form, origin, wanted).map_err(|e| e.to_string())
}

/// Name, slice, value, standard error and rows.
fn flat(tracked: &Tracked) -> Vec<String> {
    let one = |m: &TrackedMetric| {
        let slice = m.slice.as_ref().map(|(c, v)| format!("[{c}={v}]"));
        let error = m.standard_error.map(|e| format!(" ±{e}"));
        let rows = m.rows.map(|n| format!(" n={n}"));
        let parts = [slice, Some(format!("={}", m.value)), error, rows];
        m.name.clone() + &parts.into_iter().flatten().collect::<String>()
    };
    tracked.metrics.iter().map(one).collect()
}

#[test]
fn every_form_says_the_same() {
    let expected = ["roc_auc=0.8 ±0.01 n=500", "roc_auc[origin=EWR]=0.75 n=100"];
    for (form, text) in [
        (
            "json",
            r#"[{"name": "roc_auc", "value": 0.8, "stderr": 0.01, "n": 500},
                {"name": "roc_auc", "value": 0.75, "rows": 100, "slice": "origin=EWR"}]"#,
        ),
        (
            "json",
            r#"{"other": "x", "metrics": [
                {"metric": "roc_auc", "value": 0.8, "standard_error": 0.01, "rows": 500, "slice": null},
                {"key": "roc_auc", "value": 0.75, "count": 100, "slice": {"origin": "EWR"}}]}"#,
        ),
        (
            "json",
            r#"{"roc_auc": {"value": 0.8, "se": 0.01, "rows": 500, "slices": {"origin": {"EWR": {"value": 0.75, "rows": 100}}}}}"#,
        ),
        (
            "yaml",
            "roc_auc: {value: 0.8, standard_error: 0.01, rows: 500}\nslices:\n  origin:\n    EWR: {roc_auc: {value: 0.75, rows: 100}}\n",
        ),
        (
            "yml",
            "metrics:\n  roc_auc: {value: 0.8, standard_error: 0.01, n: 500}\n  slice/origin/EWR/roc_auc: {value: 0.75, n: 100}\n",
        ),
        (
            "csv",
            "name,value,standard_error,rows,slice\r\nroc_auc,0.8,0.01,500,\nroc_auc, 0.75,,100,origin=EWR\n",
        ),
    ] {
        let read = read(text, form, &Wanted::all());
        assert_eq!(flat(&read.expect(text)), expected, "{text}");
    }
}

#[test]
fn forms_of_other_tools() {
    let mlflow = r#"{"info": {"run_id": "r"}, "data": {"metrics": {"auc": 1, "slice/eu/auc": 0.5}, "params": {"a": "b"}}}"#;
    let read_all = |text: &str| flat(&read(text, "json", &Wanted::all()).expect(text));
    assert_eq!(read_all(mlflow), ["auc=1", "auc[slice=eu]=0.5"]);
    let dvc = r#"{"train": {"acc": 0.9}, "test": {"acc": 0.8, "loss": -1e-3}}"#;
    assert_eq!(
        read_all(dvc),
        ["train.acc=0.9", "test.acc=0.8", "test.loss=-0.001"]
    );
    let evidently = r#"{"metrics": [{"metric": "Quality", "result": {"current": {"f1": 0.4}}}, {"metric_name": "Rows()", "value": 3.0}], "tests": []}"#;
    assert_eq!(read_all(evidently), ["Quality.current.f1=0.4", "Rows()=3"]);
    let wanted = Wanted {
        names: Some(vec!["acc".to_owned()]),
        prefix: "test.".to_owned(),
    };
    let tracked = read(dvc, "json", &wanted).unwrap();
    assert_eq!(flat(&tracked), ["acc=0.8"]);
    assert_eq!(tracked.others, ["train.acc", "test.loss"]);
    assert!(tracked.listing("ac").contains("did you mean `acc`?"));
}

/// Form, text, what is said of it.
const NO_NUMBERS: &[(&str, &str, &str)] = &[
    (
        "json",
        "{\"a\": 1,\n \"b\": NaN}",
        "line 2, column 7: `b` is NaN",
    ),
    ("json", "{\"a\": -Infinity}", "`a` is infinite"),
    ("json", "{\"a\": 1.7976931348623157e308}", "`a` is infinite"),
    ("json", "{\"a\": 1e999}", "line 1, column 7"),
    ("json", "{\"a\": \"0.5\"}", "`a` is text"),
    ("json", "{\"a\": null}", "`a` is nothing"),
    ("json", "{\"a\": true}", "`a` is a boolean"),
    ("json", "{\"a\": [1, 2]}", "`a` is a list"),
    ("json", "{\"a\": {\"value\": \"NaN\"}}", "`a` is text"),
    ("json", "{\"a\": {\"value\": 1, \"se\": -1}}", "0 or more"),
    (
        "json",
        "{\"a\": {\"value\": 1, \"n\": 1.5}}",
        "whole number",
    ),
    ("json", "{\"a\": {}}", "`a` is empty"),
    ("json", "{\"a\": 1, \"a\": 2}", "given twice"),
    (
        "json",
        "[{\"name\": \"a\", \"value\": 1}, {\"name\": \"a\", \"value\": 1}]",
        "`a` is given twice",
    ),
    ("json", "[{\"value\": 1}]", "no `name`"),
    ("json", "[{\"name\": \"a\"}]", "no `value`"),
    (
        "json",
        "[{\"name\": \"a\", \"value\": 1}, 3]",
        "a number stands among metrics",
    ),
    (
        "json",
        "[{\"name\": \"a\", \"value\": 1, \"slice\": [1]}]",
        "its slice is not",
    ),
    (
        "json",
        "{\"slices\": {\"o\": 3}}",
        "slices of `o` are no mapping",
    ),
    ("json", "3", "a number is no metric"),
    ("json", "{}", "it holds no metric"),
    ("json", "[]", "a list is no metric"),
    ("json", "<html>", "line 1, column 1"),
    ("yaml", "a: .nan\n", "`a` is NaN"),
    ("yaml", "a: 1\na: 2\n", "`a` is given twice"),
    ("yaml", "  \n", "it is empty"),
    ("csv", "name,value\na,\n", "line 2: `a` is empty"),
    ("csv", "name,value\na,nan\n", "line 2: `a` is NaN"),
    ("csv", "name,value\na,1e999\n", "line 2: `a` is infinite"),
    ("csv", "name,value\na,high\n", "line 2: `a` is text"),
    (
        "csv",
        "name,value\na,1\na,1\n",
        "line 3: `a` is given twice",
    ),
    ("csv", "name,value\n,1\n", "no name"),
    ("csv", "name,value,valeu\na,1,2\n", "did you mean `value`?"),
    ("csv", "name,value,name\na,1,a\n", "there twice"),
    ("csv", "name\na\n", "`name` and `value` are needed"),
    ("csv", "name,value\na,1,2\n", "found record with 3 fields"),
    ("csv", "name,value\n", "it holds no metric"),
];

#[test]
fn what_is_no_number_is_an_error_with_its_place() {
    for (form, text, said) in NO_NUMBERS {
        let said_instead = read(text, form, &Wanted::all()).expect_err(text);
        assert!(said_instead.contains(said), "{text}: {said_instead}");
    }
}

#[test]
fn problems_are_told_together_and_without_control_characters() {
    let text = "name,value\na,x\nb,y\nc,z\nd,x\ne,x\nf\u{1b}[31m,x\ng,x\n";
    let said = read(text, "csv", &Wanted::all()).unwrap_err();
    assert!(
        said.contains("`a` is text") && said.contains("`e` is text"),
        "{said}"
    );
    assert!(said.contains("and 2 more"), "{said}");
    let said = read("name,value\nf\u{1b}[31m,x\n", "csv", &Wanted::all()).unwrap_err();
    assert!(!said.contains('\u{1b}'), "{said}");
}

#[test]
fn only_what_is_asked_for_must_be_a_number() {
    let text = r#"{"run": "x", "auc": 0.5, "loss": NaN}"#;
    assert_eq!(
        flat(&read(text, "json", &Wanted::these(&["auc"])).unwrap()),
        ["auc=0.5"]
    );
    assert!(read(text, "json", &Wanted::these(&["auc", "loss"])).is_err());
    let none = read(text, "json", &Wanted::these(&["f1"])).unwrap();
    assert_eq!(none.metric("f1", None), None);
}

proptest! {
    #[test]
    fn never_a_panic(text in "[\\[\\]{}\",:\\\\0-9a-zäE. \n-]{0,60}", form in 0_usize..3) {
        let _ = read(&text, ["json", "yaml", "csv"][form], &Wanted::all());
    }
}
