use super::super::bootstrap::{Kind, Plan, Units, bootstrap};
use super::super::decide::{Decision, Power, Question, decide, detectable};
use super::super::ledger::{anchored, margin_left, spend, spend_declared};
use super::super::many::holm;
use super::super::proportions::{Pairs, tango};
use super::super::{Alpha, Paired};
use super::{near, normals, paired};

const FIVE: Alpha = Alpha::FIVE_PERCENT;
const NINETY: Power = Power::NINETY_PERCENT;

fn asked(paired: &Paired, question: Question) -> Decision {
    decide(paired, question, FIVE, NINETY)
}

#[test]
fn no_worse() {
    let question = Question::NoWorse { margin: 0.01 };
    assert_eq!(
        asked(&paired(0.0, -0.009, 0.009), question),
        Decision::Promote
    );
    assert_eq!(
        asked(&paired(-0.005, -0.009, -0.001), question),
        Decision::Promote
    );
    assert_eq!(
        asked(&paired(-0.02, -0.03, -0.001), question),
        Decision::Block
    );
    // The rows of the fact sheet: 3.2 % disagree, one point of margin, 90 % power.
    let unsure = Paired {
        variance_of_difference: 0.0317,
        ..paired(0.0, -0.02, 0.02)
    };
    assert_eq!(
        asked(&unsure, question),
        Decision::Inconclusive { rows: Some(2_715) }
    );
    // The bound itself proves nothing, and at the margin no number of rows would.
    assert_eq!(
        asked(&paired(-0.01, -0.02, 0.0), question),
        Decision::Inconclusive { rows: None }
    );
    let exactly = asked(&paired(0.0, -0.01, 0.01), question);
    assert!(matches!(exactly, Decision::Inconclusive { rows: Some(_) }));
    let unknown = Paired {
        rows: 0,
        ..paired(0.0, -0.02, 0.02)
    };
    assert_eq!(
        asked(&unknown, question),
        Decision::Inconclusive { rows: None }
    );
}

#[test]
fn numbers_that_are_none_prove_nothing() {
    let nan = f64::NAN;
    let sure = paired(0.0, -0.001, 0.001);
    for question in [
        Question::NoWorse { margin: nan },
        Question::NoWorse { margin: -0.1 },
        Question::Better { by: nan },
        Question::Alike { margin: nan },
    ] {
        assert!(
            matches!(asked(&sure, question), Decision::Inconclusive { .. }),
            "{question:?}"
        );
    }
    for question in [
        Question::NoWorse { margin: 1.0 },
        Question::Better { by: 0.0 },
        Question::Alike { margin: 1.0 },
    ] {
        let found = asked(&paired(nan, nan, nan), question);
        assert_eq!(found, Decision::Inconclusive { rows: None });
    }
}

#[test]
fn better_and_alike() {
    let by = Question::Better { by: 0.02 };
    assert_eq!(asked(&paired(0.05, 0.021, 0.08), by), Decision::Promote);
    assert_eq!(asked(&paired(0.0, -0.01, 0.019), by), Decision::Block);
    assert!(matches!(
        asked(&paired(0.03, 0.01, 0.05), by),
        Decision::Inconclusive { rows: Some(_) }
    ));
    let alike = Question::Alike { margin: 0.02 };
    assert_eq!(
        asked(&paired(0.005, -0.01, 0.015), alike),
        Decision::Promote
    );
    assert_eq!(asked(&paired(0.05, 0.03, 0.08), alike), Decision::Block);
    assert_eq!(asked(&paired(-0.05, -0.08, -0.03), alike), Decision::Block);
    assert_eq!(
        asked(&paired(0.03, 0.01, 0.05), alike),
        Decision::Inconclusive { rows: None }
    );
    assert!(matches!(
        asked(&paired(0.0, -0.05, 0.05), alike),
        Decision::Inconclusive { rows: Some(_) }
    ));
}

#[test]
fn rows_needed_are_enough() {
    // As many rows as were called for, with the same shares, and a margin for luck of the power: promoted.
    for (gained, lost) in [(0, 0), (2, 3), (30, 32)] {
        let few = tango(
            Pairs {
                rows: 200,
                gained,
                lost,
            },
            FIVE,
        )
        .unwrap();
        let question = Question::NoWorse { margin: 0.02 };
        let Decision::Inconclusive { rows: Some(rows) } = asked(&few, question) else {
            assert_eq!((gained, lost), (0, 0));
            continue;
        };
        let more = |count: u64| count * rows / 200;
        let pairs = Pairs {
            rows,
            gained: more(gained),
            lost: more(lost),
        };
        assert_eq!(
            asked(&tango(pairs, FIVE).unwrap(), question),
            Decision::Promote
        );
        let seen = detectable(rows, &few, FIVE, NINETY);
        near(seen, 0.02 + few.difference, 0.004);
    }
    let none = tango(
        Pairs {
            rows: 200,
            gained: 0,
            lost: 0,
        },
        FIVE,
    )
    .unwrap();
    near(
        detectable(200, &none, FIVE, NINETY),
        FIVE.z().powi(2) / 200.0,
        1e-12,
    );
    assert!(detectable(0, &none, FIVE, NINETY).is_infinite());
    near(NINETY.z(), 1.281_551_565_544_600_4, 1e-12);
    assert_eq!(Power::new(1.0), None);
    assert_eq!(Power::new(0.4), None);
}

#[test]
fn attempts_share_one_error() {
    let spent: f64 = (1..=100_000).map(|k| spend(FIVE, k).value()).sum();
    assert!(spent < 0.05 && spent > 0.049_99, "{spent}");
    assert_eq!(spend(FIVE, 0), spend(FIVE, 1));
    assert!(spend(FIVE, 2) < spend(FIVE, 1));
    near(spend_declared(FIVE, 10).value(), 0.005, 1e-15);
    assert_eq!(spend_declared(FIVE, 0), FIVE);
}

#[test]
fn small_losses_are_held_against_the_anchor() {
    let alpha = |a: &Paired, b: &Paired| anchored(a, b, 0.01, FIVE, NINETY);
    let good = paired(0.0, -0.009, 0.01);
    let bad = paired(-0.05, -0.06, -0.04);
    let unsure = paired(0.0, -0.02, 0.02);
    assert_eq!(alpha(&good, &good), Decision::Promote);
    assert_eq!(alpha(&good, &bad), Decision::Block);
    assert_eq!(alpha(&bad, &good), Decision::Block);
    assert_eq!(alpha(&unsure, &bad), Decision::Block);
    let both = asked(&unsure, Question::NoWorse { margin: 0.01 });
    assert_eq!(alpha(&good, &unsure), both);
    assert_eq!(alpha(&unsure, &good), both);
    assert_eq!(alpha(&unsure, &unsure), both);
    let never = paired(-0.02, -0.04, 0.01);
    assert_eq!(
        alpha(&unsure, &never),
        Decision::Inconclusive { rows: None }
    );
    near(margin_left(0.01, 0.004), 0.006, 1e-15);
    near(margin_left(0.01, -0.5), 0.01, 0.0);
    near(margin_left(0.01, 0.5), 0.0, 0.0);
    near(margin_left(0.01, f64::NAN), 0.01, 0.0);
}

#[test]
fn many_tests_at_their_edges() {
    assert!(holm(&[]).is_empty());
    assert_eq!(holm(&[f64::NAN, 0.01]), [1.0, 0.02]);
    assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
}

#[test]
fn a_bootstrapped_mean_is_a_paired_difference() {
    let x: Vec<f64> = normals(4, 300).iter().map(|v| v - 0.12).collect();
    let mean = |times: &[u32]| {
        let sum: f64 = x.iter().zip(times).map(|(x, t)| x * f64::from(*t)).sum();
        Some(sum / 300.0)
    };
    let plan = Plan {
        seed: 1,
        replicates: 1_000,
        threads: 1,
        alpha: FIVE,
        kind: Kind::Percentile,
    };
    let found = bootstrap(&Units::Rows(300), &mean, &plan).unwrap();
    assert!(found.interval.high < 0.05);
    assert_eq!(found.paired(300, 300).rows, 300);
}
