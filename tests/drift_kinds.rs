//! Kinds of change end to end: each named where it is there, and not where something like it is.

use crate::harness::Gate;
use std::fmt::Write;
use tollgate::drift::sample::Random;

/// One row: an amount, what goes with it, a city, the row's own key.
#[derive(Clone)]
struct Row {
    amount: f64,
    tax: f64,
    tip: f64,
    city: String,
    key: u64,
}

/// City names with unlike shares: 40, 30, 20 and 10 %.
const CITIES: [&str; 10] = [
    "Oslo", "Oslo", "Oslo", "Oslo", "Rome", "Rome", "Rome", "Lima", "Lima", "Bern",
];

fn rows(n: usize, seed: u64) -> Vec<Row> {
    let mut random = Random::new(seed);
    let row = |_| {
        let sum: f64 = (0..6).map(|_| random.below(1_000) as f64).sum();
        let noise = random.below(1_000) as f64 / 1_000.0;
        Row {
            amount: sum / 1_000.0,
            tax: sum / 1_000.0 + noise / 2.0,
            tip: sum / 1_000.0 - noise / 3.0,
            city: CITIES[random.below(10)].to_owned(),
            key: random.bits() >> 40,
        }
    };
    (0..n).map(row).collect()
}

fn csv(rows: &[Row]) -> String {
    let mut text = "amount,tax,tip,city,key\n".to_owned();
    for r in rows {
        let number = |v: f64| {
            if v.is_nan() {
                String::new()
            } else {
                format!("{v:.3}")
            }
        };
        let (amount, tax, tip) = (number(r.amount), number(r.tax), number(r.tip));
        writeln!(text, "{amount},{tax},{tip},{},{:x}", r.city, r.key).unwrap();
    }
    text
}

const N: usize = 4_000;

/// The gate over rows that something was done to, with a contract.
fn gate_with(contract: &str, done: impl Fn(&mut Vec<Row>)) -> Gate {
    let before = rows(N, 1);
    let mut now = rows(N, 2);
    done(&mut now);
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: r.csv, contract: c.yaml}\n";
    let (now, before) = (csv(&now), csv(&before));
    Gate::run(
        &[
            ("d.csv", now.as_bytes()),
            ("r.csv", before.as_bytes()),
            ("c.yaml", contract.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    )
}

/// What is said of a change; empty where there is none of that kind.
fn said(id: &str, done: impl Fn(&mut Vec<Row>)) -> String {
    let gate = gate_with("version: 1\ncolumns: [{name: amount}]\n", done);
    let found = gate.record().outcomes.into_iter().find(|o| o.id == id);
    found.map_or_else(String::new, |o| o.message)
}

/// The same where every column is personal.
fn said_of_personal(id: &str, done: impl Fn(&mut Vec<Row>)) -> String {
    let columns =
        ["amount", "tax", "tip", "city", "key"].map(|c| format!("{{name: {c}, pii: true}}"));
    let contract = format!("version: 1\ncolumns: [{}]\n", columns.join(", "));
    gate_with(&contract, done).outcome(id).message
}

#[track_caller]
fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "not {part:?}: {message}");
    }
}

#[track_caller]
fn assert_never_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(!message.contains(part), "{part:?}: {message}");
    }
}

fn rewrite(from: &'static [(&str, &str)]) -> impl Fn(&mut Vec<Row>) {
    move |rows: &mut Vec<Row>| {
        for row in rows {
            if let Some((_, to)) = from.iter().find(|(f, _)| *f == row.city) {
                row.city = (*to).to_owned();
            }
        }
    }
}

#[test]
fn renamed_categories_are_named_in_pairs() {
    let done = rewrite(&[("Rome", "Roma"), ("Bern", "Berne")]);
    let message = said("d.drift_unseen(city)", done);
    assert_says(
        &message,
        &[
            "`city`: \"Rome\" seems to be written \"Roma\" now (1,",
            " of 4,000 rows then, ",
            "; \"Bern\" seems to be written \"Berne\" now (",
        ],
    );
    assert_never_says(&message, &["besides", "does not have"]);
}

#[test]
fn all_categories_renamed_are_told_by_their_shares() {
    let done = rewrite(&[
        ("Oslo", "N1"),
        ("Rome", "S1"),
        ("Lima", "S2"),
        ("Bern", "M1"),
    ]);
    let message = said("d.drift_unseen(city)", done);
    assert_says(
        &message,
        &[
            "\"Oslo\" seems to be written \"N1\" now",
            "\"Lima\" seems to be written \"S2\" now",
        ],
    );
}

#[test]
fn another_spelling_is_told_by_the_letters_where_shares_are_alike() {
    // Thirty values of like shares.
    let thirty = |rows: &mut Vec<Row>, spell: &dyn Fn(usize) -> String| {
        let mut random = Random::new(6);
        rows.iter_mut()
            .for_each(|r| r.city = spell(random.below(30)));
    };
    let before = {
        let mut list = rows(N, 1);
        thirty(&mut list, &|i| format!("City {i}"));
        list
    };
    let now = {
        let mut list = rows(N, 2);
        thirty(&mut list, &|i| format!("CITY_{i} "));
        list
    };
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: r.csv}\n";
    let (now, before) = (csv(&now), csv(&before));
    let files = [
        ("d.csv", now.as_bytes()),
        ("r.csv", before.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let message = Gate::run(&files, &[])
        .outcome("d.drift_unseen(city)")
        .message;
    assert_says(&message, &["seems to be written \"CITY_", "; and 25 more"]);
    assert_never_says(&message, &["does not have"]);
    let message = said("d.drift_unseen(city)", |rows| {
        let romans = rows.iter_mut().filter(|r| r.city == "Rome");
        romans.step_by(3).for_each(|r| r.city = "ROME".to_owned());
        rows.iter_mut()
            .step_by(9)
            .for_each(|r| r.city = "Kyiv".to_owned());
    });
    assert_says(
        &message,
        &[
            "`city`: a part of \"Rome\" seems to be written \"ROME\" now (",
            "; besides, `city` has values that the reference does not have: \"Kyiv\", in ",
        ],
    );
    assert_never_says(&message, &["written \"Kyiv\""]);
}

#[test]
fn a_new_category_beside_one_that_left_is_no_renaming() {
    let done = |rows: &mut Vec<Row>| {
        rows.retain(|r| r.city != "Bern");
        rows.iter_mut()
            .step_by(4)
            .for_each(|r| r.city = "Kyiv".to_owned());
    };
    let message = said("d.drift_unseen(city)", done);
    assert_says(&message, &["\"Kyiv\""]);
    assert_never_says(&message, &["seem"]);
}

#[test]
fn merged_categories_are_named() {
    let message = said("d.drift_unseen(city)", rewrite(&[("Bern", "Lima")]));
    assert_says(
        &message,
        &[
            "`city`: \"Bern\" seems to be written \"Lima\" now (",
            "then",
        ],
    );
    let message = said(
        "d.drift_unseen(city)",
        rewrite(&[("Bern", "South"), ("Lima", "South")]),
    );
    assert_says(
        &message,
        &["`city`: \"Bern\" and \"Lima\" seem to be one value now, \"South\""],
    );
}

#[test]
fn a_category_that_left_with_its_rows_is_not_merged() {
    let message = said("d.drift_unseen(city)", |rows| {
        rows.retain(|r| r.city != "Lima");
    });
    assert_says(&message, &["no longer has \"Lima\""]);
    assert_never_says(&message, &["seem"]);
}

#[test]
fn a_part_of_a_category_called_like_another_is_named() {
    let done = |rows: &mut Vec<Row>| {
        let romans = rows.iter_mut().filter(|r| r.city == "Rome");
        romans.step_by(2).for_each(|r| r.city = "Lima".to_owned());
    };
    let message = said("d.drift_mix(city)", done);
    assert_says(
        &message,
        &["`city`: a part of \"Rome\" seems to be written \"Lima\" now (1"],
    );
    let done = |rows: &mut Vec<Row>| {
        let romans = rows.iter_mut().filter(|r| r.city == "Rome");
        romans.step_by(2).for_each(|r| r.city = "rome".to_owned());
    };
    let message = said("d.drift_unseen(city)", done);
    assert_says(
        &message,
        &["a part of \"Rome\" seems to be written \"rome\" now"],
    );
}

#[test]
fn fewer_rows_of_a_category_are_no_relabelling() {
    let done = |rows: &mut Vec<Row>| {
        let mut seen = 0;
        rows.retain(|r| {
            seen += usize::from(r.city == "Rome");
            r.city != "Rome" || seen.is_multiple_of(2)
        });
    };
    let message = said("d.drift_mix(city)", done);
    assert_says(&message, &["`city` has another mix of values"]);
    assert_never_says(&message, &["seems"]);
}

#[test]
fn recoded_personal_values_are_not_shown() {
    let message = said_of_personal("d.drift_unseen(city)", rewrite(&[("Rome", "Roma")]));
    assert_says(
        &message,
        &["`city`: 1 value seems to be written otherwise now"],
    );
    assert_never_says(&message, &["Rom"]);
}

#[test]
fn a_burst_of_missing_values_is_named_by_its_rows() {
    let done = |rows: &mut Vec<Row>| rows[1_000..1_400].iter_mut().for_each(|r| r.tax = f64::NAN);
    let message = said("d.drift_missing(tax)", done);
    assert_says(&message, &["; all 400 lie in rows 1,001 to 1,400. "]);
    let done = |rows: &mut Vec<Row>| {
        rows[1_000..1_400].iter_mut().for_each(|r| r.amount = 3.25);
    };
    let message = said("d.drift_value(amount)", done);
    assert_says(
        &message,
        &["`amount` is 3.25 in", "lie in rows 1,001 to 1,400. "],
    );
}

#[test]
fn missing_values_all_over_are_no_burst_and_their_order_changes_no_more_than_that() {
    let all_over = |rows: &mut Vec<Row>| rows.iter_mut().step_by(10).for_each(|r| r.tax = f64::NAN);
    let message = said("d.drift_missing(tax)", all_over);
    assert_says(&message, &["; spread over the whole file. "]);
    let together = |rows: &mut Vec<Row>| {
        all_over(rows);
        rows.sort_by_key(|r| !r.tax.is_nan());
    };
    let sorted = said("d.drift_missing(tax)", together);
    assert_says(&sorted, &["; all 400 lie in rows 1 to 400. "]);
    assert_eq!(
        message.replace("; spread over the whole file", ""),
        sorted.replace("; all 400 lie in rows 1 to 400", "")
    );
}

#[test]
fn a_block_that_is_there_twice_is_named_by_its_rows() {
    let copied = |rows: &mut Vec<Row>| {
        let block = rows[200..500].to_vec();
        rows.splice(3_000..3_000, block);
    };
    let message = said("d.drift_repeated", copied);
    assert_says(
        &message,
        &["; rows 3,001 to 3,300 hold rows 201 to 500 again, in the same order. "],
    );
    let personal = said_of_personal("d.drift_repeated", copied);
    assert_says(
        &personal,
        &["rows 3,001 to 3,300 hold rows 201 to 500 again"],
    );
}

#[test]
fn repeated_rows_here_and_there_are_no_block() {
    let done = |rows: &mut Vec<Row>| {
        let mut random = Random::new(9);
        for _ in 0..300 {
            let row = rows[random.below(N)].clone();
            let place = random.below(N);
            rows.insert(place, row);
        }
    };
    let message = said("d.drift_repeated", done);
    assert_says(&message, &["Rows occur more than once"]);
    assert_never_says(&message, &["again"]);
}

#[test]
fn a_column_that_left_its_rows_is_named_and_on_how_many() {
    let shuffled = |share: usize| {
        move |rows: &mut Vec<Row>| {
            let at: Vec<usize> = (0..N).filter(|i| i % 100 < share).collect();
            let taxes: Vec<f64> = at.iter().map(|i| rows[*i].tax).collect();
            let mut order: Vec<usize> = (0..at.len()).collect();
            order.rotate_left(at.len() / 3);
            for (i, j) in at.iter().zip(order) {
                rows[*i].tax = taxes[j];
            }
        }
    };
    let message = said("d.drift_correlation", shuffled(100));
    assert_says(
        &message,
        &["`tax` no longer belongs to its rows, as if it had been joined to the wrong ones. "],
    );
    let message = said("d.drift_correlation", shuffled(40));
    assert_says(
        &message,
        &["`tax` no longer belongs to its rows, in about 40 % of them, as if"],
    );
}

#[test]
fn columns_that_go_together_more_are_not_called_misjoined() {
    let done = |rows: &mut Vec<Row>| rows.iter_mut().for_each(|r| r.tax = r.amount);
    let message = said("d.drift_correlation", done);
    assert_never_says(&message, &["belong"]);
}

#[test]
fn a_stuck_column_still_belongs_to_its_rows() {
    let done = |rows: &mut Vec<Row>| rows.iter_mut().step_by(4).for_each(|r| r.tax = 3.1);
    assert_says(
        &said("d.drift_value(tax)", done),
        &["filled in or got stuck"],
    );
    assert_never_says(&said("d.drift_correlation", done), &["belong"]);
}
