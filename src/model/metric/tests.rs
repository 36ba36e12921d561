//! What is said of metrics, and what is refused.

use super::{Average, Direction, Metric, Need, Options, Predicted, Rows, Task, Truth, Undefined};

fn metric(name: &str) -> Metric {
    Metric::parse(name, &Options::default()).unwrap()
}

fn with(name: &str, options: &[(&str, &str)]) -> Result<Metric, String> {
    let mut read = Options::default();
    for (key, text) in options {
        read.set(key, text)?;
    }
    Metric::parse(name, &read)
}

fn binary<'a>(truth: &'a [u32], class: &'a [u32], score: &'a [f64]) -> Rows<'a> {
    Rows {
        truth: Truth::Classes {
            of: truth,
            classes: 2,
        },
        predicted: Predicted {
            class: Some(class),
            score: Some(score),
            ..Predicted::default()
        },
        weight: None,
        group: None,
    }
}

fn numbers<'a>(truth: &'a [f64], value: &'a [f64]) -> Rows<'a> {
    Rows {
        truth: Truth::Values(truth),
        predicted: Predicted {
            value: Some(value),
            ..Predicted::default()
        },
        weight: None,
        group: None,
    }
}

#[test]
fn everything_is_said_of_every_metric() {
    let all = Metric::all();
    assert_eq!(all.len(), 45);
    let mut definitions: Vec<String> = all.iter().map(Metric::definition).collect();
    definitions.sort();
    definitions.dedup();
    assert_eq!(definitions.len(), all.len());
    for metric in &all {
        let name = metric.name();
        for part in ["Is: ", "\nNulls: ", "\nTies: ", "\nEdge: ", "\nSource: "] {
            assert!(metric.doc().contains(part), "{name} lacks {part}");
        }
        assert!(Task::ALL.into_iter().any(|t| metric.suits(t)), "{name}");
        assert!(!metric.needs().is_empty() && !metric.title().is_empty());
        let (low, high) = metric.range();
        assert!(low < high, "{name}");
        let perfect = metric.perfect();
        match metric.direction() {
            Direction::HigherIsBetter => assert_eq!(perfect.to_bits(), high.to_bits(), "{name}"),
            Direction::LowerIsBetter => assert_eq!(perfect.to_bits(), low.to_bits(), "{name}"),
            Direction::Neutral => assert!(perfect.is_nan() || (low..=high).contains(&perfect)),
        }
        assert_eq!(
            Metric::parse(&name, &Options::default()).as_ref(),
            Ok(metric)
        );
        for other in metric.known_as() {
            assert_eq!(
                Metric::parse(other, &Options::default()).as_ref(),
                Ok(metric)
            );
        }
    }
}

#[test]
fn definitions_tell_metrics_apart_by_every_parameter() {
    let says = |name: &str, options: &[(&str, &str)]| with(name, options).unwrap().definition();
    assert_eq!(
        says("f_beta", &[("average", "macro")]),
        "f_beta(beta=2,average=macro)"
    );
    assert_eq!(says("f1", &[]), says("f_beta", &[("beta", "1")]));
    assert_eq!(
        says("poisson_deviance", &[]),
        says("tweedie_deviance", &[("power", "1.0")])
    );
    assert_eq!(says("auc", &[]), "roc_auc(average=binary)");
    assert_eq!(says("lift_at_k", &[]), "lift_at_k(k=0.1)");
    assert_eq!(says("recall_at_k", &[("k", "50")]), "recall_at_k(k=50)");
    assert_eq!(says("ndcg", &[]), "ndcg(k=all,gain=linear)");
    assert_eq!(says("cohen_kappa", &[]), "cohen_kappa(weights=none)");
    assert_eq!(says("mae", &[]), "mae");
    assert_eq!(with("f_beta", &[("beta", "1")]).unwrap().name(), "f1");
}

#[test]
fn what_is_wrong_with_options_is_said_with_the_way_out() {
    let refused = |name: &str, options: &[(&str, &str)]| with(name, options).unwrap_err();
    let unknown = refused("roc_auk", &[]);
    assert!(
        unknown.starts_with("no metric `roc_auk`; metrics are accuracy, "),
        "{unknown}"
    );
    assert!(unknown.ends_with("did you mean `roc_auc`?"), "{unknown}");
    assert_eq!(
        refused("mae", &[("k", "3")]),
        "`mae` takes no options, not `k`"
    );
    assert_eq!(
        refused("f_beta", &[("k", "3")]),
        "`f_beta` takes only beta, average, not `k`"
    );
    assert_eq!(
        refused("f_beta", &[("beta", "0")]),
        "`beta` is 0, and must be above 0 and at most 1000"
    );
    assert_eq!(
        refused("recall", &[("average", "mean")]),
        "`average` is `mean`, and must be one of binary, macro, micro, weighted"
    );
    assert_eq!(
        refused("lift_at_k", &[("k", "1.5")]),
        "`k` is 1.5, and must be a whole number of at least 1, or a share between 0 and 1"
    );
    assert_eq!(
        refused("ndcg", &[("k", "NaN")]),
        "`k` is `NaN`, which is not a number"
    );
    assert!(refused("tweedie_deviance", &[("power", "0.5")]).contains("between 0 and 1"));
    assert!(refused("pinball", &[("quantile", "1")]).contains("below 1"));
    assert!(refused("expected_calibration_error", &[("bins", "1")]).contains("from 2 to 1000"));
    assert!(refused("mae", &[("beat", "1")]).contains("did you mean `beta`"));
}

#[test]
fn averages_suit_tasks() {
    for average in ["macro", "micro", "weighted"] {
        assert!(
            with("f1", &[("average", average)])
                .unwrap()
                .suits(Task::Multiclass)
        );
        assert!(
            with("f1", &[("average", average)])
                .unwrap()
                .suits(Task::Binary)
        );
        assert!(
            !with("auc", &[("average", average)])
                .unwrap()
                .suits(Task::Binary)
        );
    }
    assert!(!metric("f1").suits(Task::Multiclass) && metric("log_loss").suits(Task::Multiclass));
    assert_eq!(metric("brier").needs_of(Task::Multiclass), [Need::Scores]);
    assert_eq!(metric("brier").needs(), [Need::Score]);
    assert_eq!(
        with("auc", &[("average", "macro")]).unwrap().needs(),
        [Need::Scores]
    );
    assert_eq!(Average::Weighted.to_string(), "weighted");
}

#[test]
fn constant_scores_have_the_values_that_are_documented() {
    let rows = binary(&[0, 1, 0, 0, 1], &[0, 1, 1, 0, 0], &[0.5; 5]);
    let value = |name: &str| metric(name).value(&rows).unwrap();
    for (name, expected) in [
        ("roc_auc", 0.5),
        ("average_precision", 0.4),
        ("ks", 0.0),
        ("lift_at_k", 1.0),
        ("recall_at_k", 0.1),
        ("precision_at_k", 0.4),
        ("adaptive_calibration_error", 0.1),
    ] {
        assert!((value(name) - expected).abs() < 1e-12, "{name}");
    }
}

#[test]
fn what_has_no_value_says_why() {
    let undefined = |name: &str, rows: Rows<'_>| metric(name).value(&rows).unwrap_err();
    let ones = binary(&[1, 1], &[0, 0], &[0.1, 0.2]);
    for name in [
        "roc_auc",
        "ks",
        "balanced_accuracy",
        "matthews",
        "specificity",
    ] {
        assert_eq!(undefined(name, ones), Undefined::OneClass, "{name}");
    }
    assert_eq!(
        undefined("precision", ones),
        Undefined::NeverPredicted { class: 1 }
    );
    let zeros = binary(&[0, 0], &[0, 0], &[0.1, 0.2]);
    for name in [
        "recall",
        "f1",
        "average_precision",
        "recall_at_k",
        "lift_at_k",
    ] {
        assert_eq!(
            undefined(name, zeros),
            Undefined::ClassAbsent { class: 1 },
            "{name}"
        );
    }
    assert!(matches!(
        undefined("cohen_kappa", zeros),
        Undefined::ZeroDenominator { .. }
    ));
    let rows = binary(&[0, 1], &[0, 1], &[0.1, f64::NAN]);
    for name in [
        "roc_auc",
        "brier",
        "log_loss",
        "ks",
        "lift_at_k",
        "expected_calibration_error",
    ] {
        assert_eq!(
            undefined(name, rows),
            Undefined::NotANumber { row: 1 },
            "{name}"
        );
    }
    let rows = binary(&[0, 1], &[0, 1], &[0.1, 1.5]);
    assert_eq!(
        undefined("brier", rows),
        Undefined::ScoreOutOfRange { row: 1 }
    );
    assert!(metric("roc_auc").value(&rows).is_ok());
    assert_eq!(
        undefined("accuracy", binary(&[0, 2], &[0, 1], &[0.1, 0.2])),
        Undefined::ClassOutOfRange { row: 1 }
    );
    assert_eq!(
        undefined("accuracy", binary(&[0, 1], &[0, 7], &[0.1, 0.2])),
        Undefined::ClassOutOfRange { row: 1 }
    );
    assert_eq!(
        undefined("accuracy", binary(&[0, 1], &[0], &[0.1, 0.2])),
        Undefined::Unequal
    );
    assert_eq!(
        undefined("accuracy", binary(&[], &[], &[])),
        Undefined::NoRows
    );
    assert!(matches!(
        undefined("mae", binary(&[0], &[0], &[0.1])),
        Undefined::WrongTruth(..)
    ));
    assert_eq!(
        undefined("brier", numbers(&[0.5], &[0.5])),
        Undefined::WrongTruth("numbers", "classes")
    );
}

#[test]
fn numbers_without_a_value_say_why() {
    let undefined = |name: &str, rows: Rows<'_>| metric(name).value(&rows).unwrap_err();
    for name in ["r2", "explained_variance"] {
        let rows = numbers(&[0.1; 3], &[0.1, 0.2, 0.3]);
        assert!(
            matches!(undefined(name, rows), Undefined::ZeroDenominator { .. }),
            "{name}"
        );
    }
    assert!(matches!(
        undefined("wape", numbers(&[0.0], &[1.0])),
        Undefined::ZeroDenominator { .. }
    ));
    assert_eq!(
        undefined("mape", numbers(&[1.0, -0.0], &[1.0, 1.0])),
        Undefined::ZeroTruth { row: 1 }
    );
    assert_eq!(
        undefined("poisson_deviance", numbers(&[-1.0], &[1.0])),
        Undefined::NegativeTruth { row: 0 }
    );
    assert_eq!(
        undefined("gamma_deviance", numbers(&[0.0], &[1.0])),
        Undefined::NotPositiveTruth { row: 0 }
    );
    assert_eq!(
        undefined("poisson_deviance", numbers(&[0.0], &[0.0])),
        Undefined::NotPositivePrediction { row: 0 }
    );
    assert_eq!(
        undefined("mse", numbers(&[1e200], &[-1e200])),
        Undefined::Overflow
    );
    assert_eq!(
        undefined("mae", numbers(&[1.0], &[f64::INFINITY])),
        Undefined::NotANumber { row: 0 }
    );
    assert_eq!(
        undefined("mase", numbers(&[1.0], &[1.0])),
        Undefined::TooShort { group: 0 }
    );
    assert!(matches!(
        undefined("mase", numbers(&[1.0, 1.0], &[1.0, 2.0])),
        Undefined::ZeroDenominator { .. }
    ));
    assert_eq!(
        undefined("ndcg", numbers(&[1.0], &[1.0])),
        Undefined::Missing(Need::Score)
    );
    assert!(matches!(
        undefined("accuracy", numbers(&[1.0], &[1.0])),
        Undefined::WrongTruth(..)
    ));
    let mut rows = numbers(&[1.0, 2.0], &[1.0, 2.0]);
    rows.weight = Some(&[1.0, -1.0]);
    assert_eq!(undefined("mae", rows), Undefined::BadWeight { row: 1 });
    rows.weight = Some(&[0.0, 0.0]);
    assert_eq!(undefined("mae", rows), Undefined::NoWeight);
    rows.weight = None;
    rows.predicted.low = Some(&[0.0, 3.0]);
    rows.predicted.high = Some(&[1.0, 2.0]);
    assert_eq!(
        undefined("interval_coverage", rows),
        Undefined::Crossed { row: 1 }
    );
    let said = Undefined::Crossed { row: 1 }.to_string();
    assert_eq!(said, "the interval of row 2 ends below where it starts");
}
