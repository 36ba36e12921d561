//! Tolerances, `where` and `slices` on every check of the catalogue: whatever counts rows takes the first, whatever looks
//! at rows the others, and they mean the same everywhere.

use std::sync::Arc;
use tollgate::catalogue::{Catalogue, Example, load::load};
use tollgate::config::tree::{Key, Node, Value};
use tollgate::record::Status;
use tollgate::selftest;

fn with(example: &Example, arguments: &[(&str, Value)]) -> Option<Example> {
    let place = example.data.place.clone();
    let mut entries = match example.with.as_ref().map(|n| &n.value) {
        Some(Value::Map(entries)) => entries.clone(),
        None => Vec::new(),
        Some(_) => return None,
    };
    for (name, value) in arguments {
        if entries.iter().any(|(k, _)| k.name == *name) {
            return None;
        }
        let key = Key {
            name: (*name).to_owned(),
            place: place.clone(),
        };
        let node = Node {
            value: value.clone(),
            place: place.clone(),
        };
        entries.push((key, node));
    }
    Some(Example {
        with: Some(Node {
            value: Value::Map(entries),
            place,
        }),
        ..example.clone()
    })
}

/// The catalogue with other examples; how many there are.
fn changed(
    of: impl Fn(&tollgate::catalogue::Check, &Example) -> Option<Example>,
) -> (Catalogue, usize) {
    let mut catalogue = load(&[]).unwrap();
    let mut count = 0;
    for check in &mut catalogue.checks {
        let examples: Vec<_> = check.examples.iter().filter_map(|e| of(check, e)).collect();
        count += examples.len();
        Arc::make_mut(check).examples = examples;
    }
    (catalogue, count)
}

fn all_hold((catalogue, count): (Catalogue, usize), least: usize) {
    assert!(count >= least, "only {count} examples");
    let (text, failed) = selftest::test(&catalogue).unwrap();
    assert_eq!(failed, 0, "{text}");
}

#[test]
fn a_filter_that_keeps_every_row_changes_nothing() {
    let every = Value::Text("1 = 1".to_owned());
    all_hold(
        changed(|check, example| {
            let rows = check.takes("where") && example.message.is_none();
            with(example, &[("where", every.clone())]).filter(|_| rows)
        }),
        60,
    );
}

/// An example with failing rows, with these arguments and that status; `None` for others, and where it has tolerances.
fn tolerated(example: &Example, status: Status, arguments: &[(&str, Value)]) -> Option<Example> {
    let own = [
        "max_failing",
        "max_failing_ratio",
        "warn_at",
        "warn_at_ratio",
        "severity",
    ];
    let absent = own.map(|name| (name, Value::Null));
    with(example, &absent)?;
    example.failing.filter(|n| *n > 0)?;
    let changed = with(example, arguments).filter(|_| example.status == Status::Fail);
    changed.map(|e| Example {
        status,
        message: None,
        ..e
    })
}

#[test]
fn failing_rows_that_are_allowed_are_kept_and_may_warn() {
    let most = |e: &Example| Value::Int(i128::from(e.failing.unwrap_or(0)));
    let by_count = |e: &Example| tolerated(e, Status::Pass, &[("max_failing", most(e))]);
    let by_share =
        |e: &Example| tolerated(e, Status::Pass, &[("max_failing_ratio", Value::Int(1))]);
    let warned = |e: &Example| {
        tolerated(
            e,
            Status::Warn,
            &[("max_failing", most(e)), ("warn_at", Value::Int(1))],
        )
    };
    all_hold(changed(|c, e| by_count(e).filter(|_| c.counts_rows())), 30);
    all_hold(changed(|c, e| by_share(e).filter(|_| c.counts_rows())), 30);
    all_hold(changed(|c, e| warned(e).filter(|_| c.counts_rows())), 30);
    let by_ratio = |e: &Example| {
        let arguments = [
            ("max_failing", most(e)),
            ("warn_at_ratio", Value::Float(1e-9)),
        ];
        tolerated(e, Status::Warn, &arguments)
    };
    all_hold(changed(|c, e| by_ratio(e).filter(|_| c.counts_rows())), 30);
}

#[test]
fn what_counts_rows_takes_tolerances_and_what_looks_at_rows_takes_filters() {
    for check in &load(&[]).unwrap().checks {
        let id = &check.id;
        for name in [
            "max_failing",
            "max_failing_ratio",
            "warn_at",
            "warn_at_ratio",
        ] {
            assert_eq!(check.takes(name), check.counts_rows(), "{id} and {name}");
        }
        for name in ["where", "slices"] {
            assert_eq!(check.takes(name), check.looks_at_rows(), "{id} and {name}");
        }
    }
}
