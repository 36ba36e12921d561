//! The model gate over rankings: NDCG, MAP, MRR and the hit rate, over all queries and in slices of them.

use crate::harness::Gate;
use std::fmt::Write;
use tollgate::record::Status;

const QUERIES: usize = 240;
const DOCUMENTS: usize = 5;

/// Markets of the queries: a third in `us`.
fn market(query: usize) -> &'static str {
    if query.is_multiple_of(3) { "us" } else { "eu" }
}

/// The place of the one relevant document: second by the baseline, first or fourth by the candidate, but for each tenth
/// query.
fn place(query: usize, candidate: bool) -> usize {
    match (candidate && query % 10 != 9, market(query)) {
        (false, _) => 2,
        (true, "us") => 4,
        (true, _) => 1,
    }
}

/// Rows in an order that the scores do not have.
fn rows(candidate: bool) -> String {
    let mut text = String::from("id,query,market,relevance,score\n");
    for at in 0..QUERIES * DOCUMENTS {
        let (query, document) = (at % QUERIES, at / QUERIES);
        let relevant = query % DOCUMENTS;
        let first = place(query, candidate);
        // Places from 1 on: the relevant document at its own, the others in their order at the rest.
        let own = if document == relevant {
            first
        } else {
            let others = (document + DOCUMENTS - relevant - 1) % DOCUMENTS + 1;
            others + usize::from(others >= first)
        };
        let relevance = u8::from(document == relevant);
        let score = 1.0 - own as f64 / 10.0;
        writeln!(text, "{at},q{query},{},{relevance},{score}", market(query)).unwrap();
    }
    text
}

fn run(candidate: &str, baseline: &str, rest: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  search:\n    task: ranking\n    candidate: {{predictions: c.csv, label: relevance, score: score, \
         query: query, key: id}}\n    baseline: {{predictions: b.csv}}\n    slices: [market]\n    min_slice_rows: 50\n    metrics:\n      \
         ndcg: {{no_worse_by: 0.05}}\n      map: {{no_worse_by: 0.05}}\n      mrr: {{no_worse_by: 0.05}}\n      \
         hit_rate: {{k: 1, no_worse_by: 0.05}}\n{rest}"
    );
    let files = [
        ("c.csv", candidate.as_bytes()),
        ("b.csv", baseline.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

/// A metric of a query by the place of its one relevant document.
type OfPlace = fn(f64) -> f64;

/// The mean over the queries of a market, or of all, of a function of the relevant document's place.
fn mean(of: Option<&str>, candidate: bool, value: OfPlace) -> f64 {
    let queries: Vec<usize> = (0..QUERIES)
        .filter(|q| of.is_none_or(|of| market(*q) == of))
        .collect();
    let sum: f64 = queries
        .iter()
        .map(|q| value(place(*q, candidate) as f64))
        .sum();
    sum / queries.len() as f64
}

#[test]
fn harm_of_a_ranking_in_one_market_is_found_there() {
    let gate = run(&rows(true), &rows(false), "");
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    let of: [(&str, OfPlace); 4] = [
        ("ndcg", |place| 1.0 / (place + 1.0).log2()),
        ("map", |place| 1.0 / place),
        ("mrr", |place| 1.0 / place),
        ("hit_rate", |place| f64::from(u8::from(place < 1.5))),
    ];
    let record = gate.record();
    for (name, value) in of {
        let whole = gate.outcome(&format!("search.no_worse_by({name})"));
        assert_eq!(whole.status, Status::Pass, "{}", whole.message);
        for market in [None, Some("eu"), Some("us")] {
            let found = record.models[0].metrics.iter().find(|m| {
                let slice = m.slice.as_ref().map(|s| s.of[0].value.as_deref());
                m.name == name && slice.flatten() == market
            });
            let found = found.unwrap_or_else(|| panic!("{name} {market:?}"));
            let near =
                |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{name} {market:?}: {a} {b}");
            near(found.candidate.unwrap().value, mean(market, true, value));
            near(found.baseline.unwrap(), mean(market, false, value));
            let gain = found.gain.unwrap();
            assert!(gain.low.unwrap() < gain.value && gain.value < gain.high.unwrap());
        }
        let slices = gate.outcome(&format!("search.worst_slice({name})"));
        // Neither has a hit at the first place in `us`, but for the tenth of the queries in which they are alike.
        let expected = if name == "hit_rate" {
            Status::Pass
        } else {
            Status::Fail
        };
        assert_eq!(slices.status, expected, "{}", slices.message);
        if name != "hit_rate" {
            assert!(slices.message.contains("market = us"), "{}", slices.message);
        }
    }
}

#[test]
fn a_ranking_against_itself_is_no_worse_and_queries_without_anything_relevant_are_an_error() {
    let same = run(&rows(true), &rows(true), "");
    assert_eq!(same.code, 0, "{}{}", same.stdout, same.stderr);
    let none = |text: String| text.replace(",1,", ",0,");
    let none = run(&none(rows(true)), &none(rows(false)), "");
    assert_eq!(none.code, 3, "{}{}", none.stdout, none.stderr);
}
