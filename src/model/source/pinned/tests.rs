use super::*;
use proptest::prelude::*;

fn accepted(day: u32) -> Accepted {
    Accepted {
        at: format!("2026-11-{day:02}T00:00:00Z"),
        by: Some("Ada: \"A\"".to_owned()),
        commit: Some("0123456789".to_owned()),
        reason: None,
    }
}

fn metric(name: &str, value: f64, slice: Option<(&str, &str)>) -> TrackedMetric {
    TrackedMetric {
        name: name.to_owned(),
        value,
        standard_error: Some(value.abs() / 100.0),
        rows: Some(500),
        slice: slice.map(|(c, v)| (c.to_owned(), v.to_owned())),
        definition: None,
    }
}

fn pinned(day: u32, metrics: Vec<TrackedMetric>) -> Pinned {
    let mut origin = Origin::of(OriginKind::MlflowVersion, "http://u:p@host/?q=1");
    origin.version = Some("7".to_owned());
    let tracked = Tracked {
        metrics,
        origin,
        datasets: Vec::new(),
        others: Vec::new(),
    };
    let mut pinned = Pinned::of("delay", accepted(day), &tracked);
    pinned.evaluation = Some(Evaluation {
        rows: 500,
        digest: format!("sha256:{day}"),
    });
    pinned
}

fn reread(pinned: &Pinned) -> Pinned {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baselines/delay.yaml");
    pinned.write(&path).unwrap();
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, pinned.text());
    assert_eq!(
        std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
        1
    );
    read(&path)
        .unwrap_or_else(|e| panic!("{e}\n{written}"))
        .unwrap()
}

#[test]
fn a_baseline_reads_back_and_its_text_is_for_reviewers() {
    let metrics = vec![
        metric("roc_auc", 0.731_234_567_890_123_4, Some(("origin", "EWR"))),
        metric("roc_auc", 1e-17, None),
        metric("brier", 1e300, Some(("carrier", "no"))),
    ];
    let pinned = pinned(1, metrics);
    assert_eq!(reread(&pinned), pinned);
    let text = pinned.text();
    assert!(!text.contains("u:p") && !text.contains("q=1"), "{text}");
    let expected = "\
- name: roc_auc
  slice:
    column: origin
    value: EWR
  definition: roc_auc
  value: 0.7312345678901234
  standard_error: 0.007312345678901234
  rows: 500
";
    assert!(text.contains(expected), "{text}");
    let order: Vec<&str> = pinned
        .metrics
        .iter()
        .map(|m| m.metric.name.as_str())
        .collect();
    assert_eq!(order, ["brier", "roc_auc", "roc_auc"]);
}

#[test]
fn every_kind_of_origin_that_is_written_is_read() {
    let schema = serde_json::to_value(schemars::schema_for!(OriginKind)).unwrap();
    let kinds = schema["oneOf"].as_array().expect("a choice of words");
    let words = kinds.iter().map(|kind| kind["const"].clone());
    let words: Vec<serde_json::Value> = words.collect();
    assert!(words.iter().any(|word| word == "onnx"), "{words:?}");
    for word in words {
        let mut pinned = pinned(1, vec![metric("auc", 0.8, None)]);
        pinned.origin.kind = serde_json::from_value(word.clone()).expect("a kind");
        assert_eq!(reread(&pinned), pinned, "{word}");
    }
}

#[test]
fn the_anchor_stays_until_it_is_moved() {
    let of = |day, value| {
        pinned(
            day,
            vec![metric("auc", value, None), metric("f1", 0.5, None)],
        )
    };
    let first = of(1, 0.80);
    let second = of(2, 0.79).after(&first, Anchoring::Keep);
    let third = of(3, 0.78).after(&reread(&second), Anchoring::Keep);
    let anchor = third.metrics[0].anchor.clone().unwrap();
    assert_eq!(
        (anchor.value, anchor.at.as_str()),
        (0.80, "2026-11-01T00:00:00Z")
    );
    assert_eq!(anchor.digest.as_deref(), Some("sha256:1"));
    assert_eq!(
        (anchor.standard_error, anchor.rows),
        (Some(0.008), Some(500))
    );
    let path = Path::new("b.yaml");
    assert_eq!(first.anchors(path), None);
    let anchors = reread(&third).anchors(path).expect("anchors");
    let auc = anchors.metric("auc", None).expect("the anchor of auc");
    assert_eq!((auc.value, auc.standard_error), (0.80, Some(0.008)));
    // Files that were written before have no noise of the anchor: it is as sure as the metric itself.
    let mut bare = third.clone();
    let anchor = bare.metrics[0].anchor.as_mut().expect("an anchor");
    (anchor.standard_error, anchor.rows) = (None, None);
    let anchors = reread(&bare).anchors(path).expect("anchors");
    let auc = anchors.metric("auc", None).expect("the anchor of auc");
    let own = bare.metrics[0].metric.standard_error;
    assert_eq!((auc.value, auc.standard_error), (0.80, own));
    let moved = of(4, 0.78).after(&third, Anchoring::Move);
    assert_eq!(moved.metrics[0].anchor, None);
    let mut other = of(5, 0.78);
    other.metrics[0].metric.definition = Some("auc(macro)".to_owned());
    let other = other.after(&third, Anchoring::Keep);
    assert_eq!(other.metrics[0].anchor, None);
    assert!(other.metrics[1].anchor.is_some());
    let changes = third.changes(&other);
    assert_eq!(changes[0].comparable, Comparable::No);
    assert_eq!((changes[1].old, changes[1].new), (Some(0.5), Some(0.5)));
}

#[test]
fn a_difference_shows_what_changed() {
    let (old, new) = (
        pinned(1, vec![metric("auc", 0.8, None)]),
        pinned(2, vec![metric("auc", 0.9, None)]),
    );
    let shown = difference(("a.yaml", &old.text()), ("b.yaml", &new.text()));
    assert!(shown.starts_with("--- a.yaml\n+++ b.yaml\n"), "{shown}");
    assert!(
        shown.contains("-  value: 0.8\n") && shown.contains("+  value: 0.9\n"),
        "{shown}"
    );
    assert_eq!(difference(("a", &old.text()), ("b", &old.text())), "");
}

#[test]
fn mistakes_have_their_place() {
    let good = pinned(1, vec![metric("auc", 0.8, None)]).text();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.yaml");
    assert_eq!(read(&path).unwrap(), None);
    for (from, to, said) in [
        (
            "kind: tollgate-baseline",
            "kind: other",
            "`kind` is `other`",
        ),
        ("'1.0'", "'2.0'", "`schema_version` is `2.0`"),
        (
            "value: 0.8",
            "value: .nan",
            "`value` must be a finite number",
        ),
        (
            "value: 0.8",
            "value: high",
            "`value` must be a finite number",
        ),
        ("value: 0.8", "valeu: 0.8", "no key `valeu`"),
        ("standard_error: 0.008", "standard_error: -1", "0 or more"),
        (
            "rows: 500\n  digest",
            "rows: -1\n  digest",
            "a whole number",
        ),
        ("definition: auc", "unit: auc", "needs `definition`"),
        (
            "kind: mlflow_version",
            "kind: mlflow_versoin",
            "did you mean `mlflow_version`?",
        ),
        ("metrics:\n", "metrics: []\nx:\n", "holds no metric"),
        (
            "metrics:\n",
            "metrics:\n- {name: auc, definition: auc, value: 1}\n",
            "there twice",
        ),
        ("at: 2026-11-01T00:00:00Z", "at: 3", "must be text"),
    ] {
        assert!(good.contains(from), "{from} is not in\n{good}");
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let Err(Error::Config(problems)) = read(&path) else {
            panic!("{to} is read");
        };
        let told: Vec<String> = problems
            .iter()
            .map(crate::diagnostic::Diagnostic::render)
            .collect();
        let told = told.join("\n");
        assert!(
            told.contains(said) && told.contains("b.yaml:"),
            "{to}: {told}"
        );
    }
}

proptest! {
    #[test]
    fn any_texts_and_numbers_read_back(
        name in "[ -~ä\\n]{1,12}",
        value in -1e200_f64..1e200,
        slice in proptest::option::of(("[ -~]{1,6}", "[ -~]{0,6}")),
    ) {
        let mut one = metric(&name, value, None);
        one.slice = slice;
        let pinned = pinned(1, vec![one]);
        prop_assert_eq!(reread(&pinned), pinned);
    }
}
