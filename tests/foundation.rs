//! The vocabulary that everything else builds on: types, scalars, diagnostics, run records.

use std::sync::Arc;
use tollgate::diagnostic::{Diagnostic, Place, SourceFile, did_you_mean, listing};
use tollgate::error::Error;
use tollgate::scalar::{Integer, Scalar, number_text};
use tollgate::types::{LogicalType, TYPE_NAMES, TypePattern};

#[test]
fn a_diagnostic_shows_place_snippet_and_way_out() {
    let text = "columns:\n  - not_null: {column: emial}\n".to_owned();
    let file = Arc::new(SourceFile {
        path: "contract.yaml".into(),
        text,
    });
    let place = Place {
        file,
        line: 2,
        column: 24,
        length: 5,
    };
    let shown = Diagnostic::new(
        "unknown-column",
        "expectation `not_null` names a column the dataset does not have",
    )
    .at(&place, "not in users.parquet")
    .help(listing("columns", "emial", ["id", "email"]))
    .render();
    assert!(
        shown.starts_with("error[unknown-column]: expectation `not_null`"),
        "{shown}"
    );
    assert!(shown.contains("contract.yaml:2:24"), "{shown}");
    assert!(shown.contains("^^^^^ not in users.parquet"), "{shown}");
    assert!(shown.contains("did you mean `email`?"), "{shown}");
}

#[test]
fn a_diagnostic_beyond_the_text_does_not_panic() {
    let file = Arc::new(SourceFile {
        path: "x".into(),
        text: "é".into(),
    });
    let place = Place {
        file,
        line: 9,
        column: 40,
        length: 3,
    };
    assert!(
        Diagnostic::new("odd", "beyond")
            .at(&place, "here")
            .render()
            .contains("beyond")
    );
}

#[test]
fn hostile_text_in_a_diagnostic_is_shown_not_run() {
    let shown = Diagnostic::new("odd", "cell \u{1b}[31m and \u{7}").render();
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{7}'),
        "{shown:?}"
    );
}

#[test]
fn suggestions_need_likeness() {
    assert_eq!(did_you_mean("orgin", ["dest", "origin"]), Some("origin"));
    assert_eq!(did_you_mean("zzz", ["dest", "origin"]), None);
}

#[test]
fn every_documented_type_name_parses() {
    for name in TYPE_NAMES {
        // What stands for a type, a number or more fields is put in.
        let name = name
            .replace("p,s", "9,2")
            .replace(", ...", "")
            .replace('T', "int64")
            .replace("K, V", "string, date");
        assert!(TypePattern::parse(&name).is_some(), "{name}");
    }
    assert_eq!(
        TypePattern::parse("decimal(10, 2)"),
        Some(TypePattern::Exact(LogicalType::Decimal(10, 2)))
    );
    assert_eq!(TypePattern::parse("text"), None);
}

#[test]
fn type_families_accept_their_members_only() {
    let number = TypePattern::parse("number").expect("known");
    assert!(number.accepts(&LogicalType::Decimal(5, 2)) && number.accepts(&LogicalType::Int(8)));
    assert!(!number.accepts(&LogicalType::String));
    assert!(
        number.accepts(&LogicalType::Null),
        "a column of nulls only keeps every promise"
    );
}

#[test]
fn scalars_read_as_people_write_them() {
    let decimal = |unscaled, scale| {
        Scalar::Decimal {
            unscaled: Integer(unscaled),
            scale,
        }
        .to_string()
    };
    assert_eq!(decimal(-1050, 2), "-10.5");
    assert_eq!(decimal(5, 3), "0.005");
    assert_eq!(decimal(7, -2), "700");
    assert_eq!(Scalar::Date(15_737).to_string(), "2013-02-01");
    assert_eq!(
        Scalar::Timestamp {
            nanos: Integer(-1),
            utc: true
        }
        .to_string(),
        "1969-12-31T23:59:59.999999999Z"
    );
    assert_eq!(
        Scalar::Date(i64::MAX).to_string(),
        format!("day {}", i64::MAX)
    );
    assert_eq!(number_text(1e300), "1e300");
}

#[test]
fn scalars_survive_json_exactly() {
    let values = [
        Scalar::Int(Integer(i128::MAX)),
        Scalar::Int(Integer(-3)),
        Scalar::Float(f64::NEG_INFINITY),
        Scalar::Float(0.1),
        Scalar::Text("::error::".into()),
    ];
    for value in values {
        let json = serde_json::to_string(&value).expect("serialises");
        assert_eq!(
            serde_json::from_str::<Scalar>(&json).expect("reads back"),
            value,
            "{json}"
        );
    }
}

#[test]
fn being_unable_to_tell_never_exits_as_pass_or_fail() {
    let errors = [
        (Error::Config(vec![]), 2),
        (Error::Usage("x".into()), 2),
        (Error::data("read", "a.parquet", "truncated"), 3),
        (Error::Interrupted, 130),
    ];
    for (error, code) in errors {
        assert_eq!(error.exit_code(), code);
    }
    assert_eq!(
        Error::data("read", "a.parquet", "truncated").to_string(),
        "cannot read a.parquet: truncated"
    );
}
