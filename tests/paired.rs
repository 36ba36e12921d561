//! Statistics of paired differences against scipy, statsmodels and plain definitions: `tests/independent/paired.py`.

use serde_json::Value;
use tollgate::statistics::intervals::Share;
use tollgate::statistics::paired::auc::{Scores, Weights, delong};
use tollgate::statistics::paired::bootstrap::{Kind, Plan, Units, bootstrap};
use tollgate::statistics::paired::many::holm;
use tollgate::statistics::paired::mean::{Losses, skew_t};
use tollgate::statistics::paired::proportions::{Pairs, mcnemar_exact, tango};
use tollgate::statistics::paired::series::{LongRun, hac};
use tollgate::statistics::paired::shrink::{Estimate, shrink};
use tollgate::statistics::paired::unpaired::{Side, unpaired};
use tollgate::statistics::paired::{Alpha, Method};

fn cases(of: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/independent/paired.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all[of].as_array().unwrap().clone()
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

fn numbers(case: &Value, key: &str) -> Vec<f64> {
    let list = case[key].as_array().unwrap();
    list.iter().map(|v| v.as_f64().unwrap()).collect()
}

fn alpha(case: &Value) -> Alpha {
    Alpha::new(number(case, "alpha")).unwrap()
}

#[track_caller]
fn close(found: f64, wanted: f64, within: f64, case: &str) {
    let off = (found - wanted).abs();
    assert!(
        off <= within * wanted.abs().max(1.0),
        "{found} instead of {wanted}: {case}"
    );
}

#[test]
fn tango_is_the_root_of_a_likelihood_that_is_searched() {
    for case in cases("tango") {
        let count = |key| case[key].as_u64().unwrap();
        let pairs = Pairs {
            rows: count("n"),
            gained: count("b"),
            lost: count("c"),
        };
        let found = tango(pairs, alpha(&case)).unwrap();
        close(
            found.interval.low,
            number(&case, "low"),
            1e-9,
            &case.to_string(),
        );
        close(
            found.interval.high,
            number(&case, "high"),
            1e-9,
            &case.to_string(),
        );
    }
}

#[test]
fn mcnemar_is_the_binomial_test() {
    for case in cases("mcnemar") {
        let found = mcnemar_exact(Pairs {
            rows: 10_000,
            gained: case["b"].as_u64().unwrap(),
            lost: case["c"].as_u64().unwrap(),
        });
        close(
            found.worse,
            number(&case, "worse"),
            1e-10,
            &case.to_string(),
        );
        close(
            found.better,
            number(&case, "better"),
            1e-10,
            &case.to_string(),
        );
        close(
            found.two_sided,
            number(&case, "two_sided"),
            1e-10,
            &case.to_string(),
        );
    }
}

#[test]
fn means_with_weights_and_clusters() {
    let all = cases("mean");
    assert!(all.len() > 30);
    for case in all {
        let differences = numbers(&case, "x");
        let weights = (!case["weights"].is_null()).then(|| numbers(&case, "weights"));
        let clusters = (!case["clusters"].is_null()).then(|| {
            let codes = numbers(&case, "clusters");
            codes.iter().map(|c| *c as u32).collect::<Vec<u32>>()
        });
        let losses = Losses {
            differences: &differences,
            weights: weights.as_deref(),
            clusters: clusters.as_deref(),
            largest: None,
        };
        let found = skew_t(&losses, alpha(&case)).unwrap();
        let error = (found.variance_of_difference / differences.len() as f64).sqrt();
        let said = case.to_string();
        close(found.difference, number(&case, "mean"), 1e-12, &said);
        close(error, number(&case, "error"), 1e-12, &said);
        close(found.interval.low, number(&case, "low"), 1e-8, &said);
        close(found.interval.high, number(&case, "high"), 1e-8, &said);
    }
}

#[test]
fn long_run_variances() {
    for case in cases("series") {
        let x = numbers(&case, "x");
        let horizon = case["horizon"].as_u64().unwrap() as u32;
        let found = hac(&x, horizon, LongRun::NeweyWest, Alpha::FIVE_PERCENT).unwrap();
        let lags = case["lags"].as_u64().unwrap() as u32;
        assert_eq!(found.method, Method::NeweyWest { lags });
        close(
            found.variance_of_difference,
            number(&case, "variance"),
            1e-10,
            "variance",
        );
        close(found.interval.low, number(&case, "low"), 1e-9, "low");
        close(found.interval.high, number(&case, "high"), 1e-9, "high");
        let found = hac(&x, horizon, LongRun::Cosines, Alpha::FIVE_PERCENT).unwrap();
        let terms = case["terms"].as_u64().unwrap() as u32;
        assert_eq!(found.method, Method::Cosines { terms });
        close(
            found.interval.low,
            number(&case, "cosine_low"),
            1e-9,
            "cosines",
        );
    }
}

#[test]
fn areas_over_all_pairs() {
    for case in cases("delong") {
        let flags = case["positive"].as_array().unwrap();
        let positive: Vec<bool> = flags.iter().map(|v| v.as_bool().unwrap()).collect();
        let (candidate, baseline) = (numbers(&case, "candidate"), numbers(&case, "baseline"));
        let times = (!case["times"].is_null()).then(|| numbers(&case, "times"));
        let scores = Scores {
            positive: &positive,
            candidate: &candidate,
            baseline: &baseline,
            weights: times.as_deref().map_or(Weights::Equal, Weights::Times),
            clusters: None,
        };
        let found = delong(&scores, Alpha::FIVE_PERCENT).unwrap();
        close(found.candidate, number(&case, "area"), 1e-12, "area");
        close(found.baseline, number(&case, "other"), 1e-12, "other");
        close(
            found.candidate_variance,
            number(&case, "area_variance"),
            1e-12,
            "area's variance",
        );
        close(
            found.baseline_variance,
            number(&case, "other_variance"),
            1e-12,
            "other's",
        );
        close(found.variance, number(&case, "variance"), 1e-12, "variance");
        let half = Alpha::FIVE_PERCENT.z() * number(&case, "variance").sqrt();
        let low = number(&case, "area") - number(&case, "other") - half;
        close(found.plain.low, low, 1e-12, "plain");
        assert!(found.paired.interval.low < found.plain.low);
    }
}

#[test]
fn summaries_without_rows() {
    for case in cases("unpaired") {
        let side = |key| {
            let list = numbers(&case, key);
            Side::Estimate {
                value: list[0],
                standard_error: list[1],
                rows: Some(list[2] as u64),
            }
        };
        let found = unpaired(side("candidate"), side("baseline"), Alpha::FIVE_PERCENT).unwrap();
        close(found.interval.low, number(&case, "low"), 1e-9, "low");
        close(found.interval.high, number(&case, "high"), 1e-9, "high");
    }
    // The counts of the test of Newcombe's interval, turned round.
    let (now, before) = (Share { hits: 30, rows: 60 }, Share { hits: 15, rows: 50 });
    let alpha = Alpha::new(0.025).unwrap();
    let found = unpaired(Side::Counts(now), Side::Counts(before), alpha).unwrap();
    close(
        found.interval.low,
        0.015_744_262_436_547_557,
        1e-9,
        "Newcombe",
    );
    close(
        found.interval.high,
        0.364_061_627_647_475_4,
        1e-9,
        "Newcombe",
    );
    assert_eq!(found.method, Method::Newcombe);
}

#[test]
fn corrections_for_many_tests() {
    for case in cases("many") {
        let p = numbers(&case, "p");
        for (found, wanted) in holm(&p).iter().zip(numbers(&case, "holm")) {
            close(*found, wanted, 1e-12, "Holm");
        }
    }
}

#[test]
fn variance_between_slices() {
    for case in cases("shrink") {
        let pairs = numbers(&case, "value")
            .into_iter()
            .zip(numbers(&case, "error"));
        let estimates: Vec<Estimate> = pairs
            .map(|(value, error)| Estimate { value, error })
            .collect();
        // The library stops at 1e-5 of its own iteration.
        close(
            shrink(&estimates).between,
            number(&case, "between"),
            1e-4,
            "between",
        );
    }
}

#[test]
fn bootstrap_intervals_of_a_deviation() {
    for case in cases("bca") {
        let x = numbers(&case, "x");
        let deviation = |times: &[u32]| {
            let rows = || x.iter().zip(times).map(|(x, t)| (x, f64::from(*t)));
            let count: f64 = rows().map(|(_, t)| t).sum();
            let mean = rows().map(|(x, t)| x * t).sum::<f64>() / count;
            Some((rows().map(|(x, t)| (x - mean).powi(2) * t).sum::<f64>() / count).sqrt())
        };
        let plan = |kind| Plan {
            seed: 7,
            replicates: 40_000,
            threads: 2,
            alpha: Alpha::FIVE_PERCENT,
            kind,
        };
        let units = Units::Rows(x.len());
        let error = number(&case, "error");
        // Four standard errors of a quantile of 40,000 replicates are 0.03 of a deviation.
        let near = |found: f64, key: &str| {
            let off = (found - number(&case, key)).abs() / error;
            assert!(off < 0.04, "{key}: {off} standard errors off");
        };
        let found = bootstrap(&units, &deviation, &plan(Kind::Percentile)).unwrap();
        near(found.interval.low, "plain_low");
        near(found.interval.high, "plain_high");
        close(found.variance.sqrt() / error, 1.0, 0.02, "standard error");
        let found = bootstrap(&units, &deviation, &plan(Kind::Bca)).unwrap();
        // An end is never nearer than the percentile's.
        let further = |a: &str, b: &str, lower: bool| {
            if (number(&case, a) < number(&case, b)) == lower {
                a.to_owned()
            } else {
                b.to_owned()
            }
        };
        near(found.interval.low, &further("low", "plain_low", true));
        near(found.interval.high, &further("high", "plain_high", false));
    }
}
