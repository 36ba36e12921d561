//! What is said of metrics, and what is refused.

use super::{Average, Direction, Metric, Need, Options, Predicted, Rows, Task, Truth};

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
    assert!(
        Options::KEYS
            .into_iter()
            .all(|key| Options::doc(key).is_some())
    );
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
fn weights_near_the_ends_of_the_range_weigh_as_others_do() {
    let truth = [0, 1, 0, 1, 1, 0, 1, 0];
    let score = [0.1, 0.8, 0.3, 0.6, 0.2, 0.7, 0.9, 0.4];
    let rows = binary(&truth, &truth, &score);
    let names = ["ks", "roc_auc", "average_precision", "recall_at_k"];
    let plain = names.map(|name| metric(name).value(&rows).unwrap());
    assert!(plain.iter().all(|value| *value < 1.0), "{plain:?}");
    for weight in [1e-300, 1e-170, 1.0, 1e160, 1e300] {
        let weights = [weight; 8];
        let mut rows = binary(&truth, &truth, &score);
        rows.weight = Some(&weights);
        for (name, plain) in names.iter().zip(plain) {
            let value = metric(name).value(&rows).unwrap();
            assert!((value - plain).abs() < 1e-12, "{name} {weight}: {value}");
        }
    }
}

/// Holds that metrics have no value over rows, for a reason whose sentence has these words.
fn refused(names: &[&str], rows: Rows<'_>, words: &str) {
    for name in names {
        let said = metric(name).value(&rows).unwrap_err().to_string();
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn classes_without_a_value_say_why() {
    let ones = binary(&[1, 1], &[0, 0], &[0.1, 0.2]);
    let one = ["roc_auc", "ks", "balanced_accuracy", "matthews"];
    refused(&one, ones, "the same class in every row");
    refused(&["specificity"], ones, "the same class in every row");
    refused(
        &["precision"],
        ones,
        "no row was predicted to be of class 1",
    );
    let zeros = binary(&[0, 0], &[0, 0], &[0.1, 0.2]);
    refused(&["recall", "f1"], zeros, "no row is of class 1");
    let ranked = ["average_precision", "recall_at_k", "lift_at_k"];
    refused(&ranked, zeros, "no row is of class 1");
    refused(&["cohen_kappa"], zeros, "the denominator is 0");
    let rows = binary(&[0, 1], &[0, 1], &[0.1, f64::NAN]);
    let scored = ["roc_auc", "brier", "log_loss", "ks", "lift_at_k"];
    refused(&scored, rows, "a number of row 2 is NaN");
    let rows = binary(&[0, 1], &[0, 1], &[0.1, 1.5]);
    let chances = ["brier", "log_loss", "expected_calibration_error"];
    refused(&chances, rows, "the score of row 2 is not between");
    assert!(metric("roc_auc").value(&rows).is_ok());
    for rows in [
        binary(&[0, 2], &[0, 1], &[0.1, 0.2]),
        binary(&[0, 1], &[0, 7], &[0.1, 0.2]),
    ] {
        refused(&["accuracy", "f1", "recall"], rows, "the class of row 2");
    }
    let rows = binary(&[0, 1], &[0], &[0.1, 0.2]);
    refused(&["accuracy"], rows, "different numbers of rows");
    let rows = binary(&[], &[], &[]);
    refused(&["accuracy", "roc_auc", "f1"], rows, "there is no row");
    let rows = numbers(&[0.5], &[0.5]);
    refused(&["brier", "accuracy"], rows, "the truth is numbers");
}

#[test]
fn numbers_without_a_value_say_why() {
    let rows = numbers(&[0.1; 3], &[0.1, 0.2, 0.3]);
    refused(&["r2", "explained_variance"], rows, "the same in every row");
    refused(&["wape"], numbers(&[0.0], &[1.0]), "0 in every row");
    let rows = numbers(&[1.0, -0.0], &[1.0, 1.0]);
    refused(&["mape"], rows, "value of row 2 is 0");
    let rows = numbers(&[-1.0], &[1.0]);
    refused(&["poisson_deviance"], rows, "row 1 is below 0");
    refused(&["gamma_deviance"], rows, "true value of row 1 is not");
    let rows = numbers(&[0.0], &[0.0]);
    refused(&["poisson_deviance"], rows, "predicted value of row 1 is");
    refused(&["mse"], numbers(&[1e200], &[-1e200]), "beyond the range");
    refused(&["mae"], numbers(&[1.0], &[f64::INFINITY]), "row 1 is NaN");
    refused(&["mase"], numbers(&[1.0], &[1.0]), "series 0 has no two");
    let rows = numbers(&[1.0, 1.0], &[1.0, 2.0]);
    refused(&["mase"], rows, "does not change");
    refused(&["ndcg"], rows, "it needs `score`");
    let rows = binary(&[0], &[0], &[0.1]);
    refused(&["mae", "ndcg"], rows, "the truth is classes");
}

#[test]
fn weights_and_intervals_that_cannot_be_are_refused() {
    let mut rows = numbers(&[1.0, 2.0], &[1.0, 2.0]);
    rows.weight = Some(&[1.0, -1.0]);
    refused(&["mae", "rmse"], rows, "the weight of row 2");
    rows.weight = Some(&[0.0, 0.0]);
    refused(&["mae", "r2"], rows, "all weights are 0");
    rows.weight = None;
    refused(&["interval_width"], rows, "it needs `low`");
    rows.predicted.low = Some(&[0.0, 3.0]);
    rows.predicted.high = Some(&[1.0, 2.0]);
    let intervals = ["interval_coverage", "interval_width", "interval_score"];
    refused(&intervals, rows, "the interval of row 2 ends below where");
    rows.predicted.low = Some(&[f64::NEG_INFINITY, 2.0]);
    assert_eq!(metric("interval_coverage").value(&rows), Ok(1.0));
    refused(&["interval_width"], rows, "row 1 is NaN or infinite");
}

#[test]
fn chances_of_several_classes_must_sum_to_one() {
    let mut rows = binary(&[0, 1, 2], &[0, 1, 2], &[0.5; 3]);
    let Truth::Classes { of, .. } = rows.truth else {
        unreachable!()
    };
    rows.truth = Truth::Classes { of, classes: 3 };
    refused(&["log_loss", "brier"], rows, "it needs `scores`");
    refused(&["roc_auc", "f1", "ks"], rows, "more than two classes");
    let even: &[f64] = &[0.33; 3];
    let less: &[f64] = &[0.33, 0.33, 0.2];
    let two = [even, even];
    rows.predicted.scores = Some(&two);
    refused(&["log_loss"], rows, "one column of chances per class");
    let three = [even, even, less];
    rows.predicted.scores = Some(&three);
    refused(&["log_loss"], rows, "the chances of row 3 do not sum to 1");
    let three = [even; 3];
    rows.predicted.scores = Some(&three);
    assert!(metric("log_loss").value(&rows).is_ok());
}

#[test]
fn zero_and_minus_zero_are_one_score() {
    let mut rows = numbers(&[1.0, 0.0], &[0.0; 2]);
    rows.group = Some(&[7, 7]);
    for score in [&[0.0, -0.0], &[-0.0, 0.0]] {
        rows.predicted.score = Some(score);
        assert_eq!(metric("mrr").value(&rows), Ok(0.75));
    }
    let rows = binary(&[0, 1, 1], &[0; 3], &[-0.0, 0.0, -0.0]);
    assert_eq!(metric("roc_auc").value(&rows), Ok(0.5));
}
