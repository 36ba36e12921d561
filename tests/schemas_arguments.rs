//! Arguments of checks: what the schemas refuse, and what only the reader can.

use crate::schemas::{catalogue, plan, problems, yaml};
use serde_json::{Value, json};
use tollgate::schema::{Kind, schema};

/// Every example's arguments with one thing made wrong; none of it is a form that the schema may let pass.
#[test]
fn mutated_arguments_of_every_check_are_refused_by_the_schema() {
    let catalogue = catalogue();
    let schema = schema(Kind::Config, &catalogue);
    let refused = |expectation: Value, what: &str| {
        let document =
            json!({"version": 1, "datasets": {"d": {"path": "x", "expect": [expectation]}}});
        assert_ne!(problems(&schema, &document), [""; 0], "{what}");
    };
    for check in &catalogue.checks {
        let id = check.id.as_str();
        for example in &check.examples {
            let Some(with) = example.with.as_ref().map(tollgate::docs::flow) else {
                continue;
            };
            let Value::Object(with) = yaml(&with) else {
                continue;
            };
            let what = format!("{id}: {}", example.name);
            let mut more = with.clone();
            more.insert("no_such_argument".to_owned(), json!(1));
            refused(json!({ id: more }), &what);
            let mut other = with.clone();
            other.insert("severity".to_owned(), json!("fatal"));
            refused(json!({ id: other }), &what);
            refused(json!({ format!("{id}_"): with }), &what);
            for param in check.params.iter().filter(|p| with.contains_key(&p.name)) {
                let mut mutated = with.clone();
                let no_form = match param.kind {
                    tollgate::catalogue::ParamKind::JsonSchema => json!(7),
                    _ => json!({"no": {"such": ["form"]}}),
                };
                mutated.insert(param.name.clone(), no_form);
                refused(json!({ id: mutated }), &format!("{what}: {}", param.name));
                if let tollgate::catalogue::ParamKind::Word(_) = param.kind {
                    mutated.insert(param.name.clone(), json!("no such word"));
                    refused(json!({ id: mutated }), &format!("{what}: {}", param.name));
                }
            }
        }
    }
}

/// Forms that the schema accepts and the reader refuses: what does not fit together.
#[test]
fn arguments_that_do_not_fit_together_are_refused_before_a_row_is_read() {
    for (dataset, said) in [
        (
            "expect: [{format: {column: s, kind: postal_code}}]",
            "give `country`",
        ),
        (
            "expect: [{format: {column: s, kind: email, country: DE}}]",
            "`country` has no meaning for email",
        ),
        (
            "expect: [{format: {column: s, kind: ip, network: 10.0.0.0}}]",
            "is no network",
        ),
        (
            "expect: [{format: {column: s, kind: uuid, version: 12}}]",
            "has no version 12",
        ),
        (
            "expect: [{parses_as: {column: s, kind: pattern}}]",
            "needs `pattern`",
        ),
        (
            "expect: [{parses_as: {column: s, kind: date, pattern: '%d'}}]",
            "`pattern` has no meaning",
        ),
        (
            "expect: [{parses_as: {column: s, kind: pattern, pattern: '%Q'}}]",
            "not a strptime pattern",
        ),
        (
            "expect: [{multiple_of: {column: a, of: 0}}]",
            "greater than zero",
        ),
        (
            "expect: [{json_schema: {column: s, schema: {type: text}}}]",
            "#/type must be one or several of",
        ),
        (
            "expect: [{json_schema: {column: s, schema: {$ref: other.json}}}]",
            "refers to `other.json`",
        ),
        (
            "expect: [{json_schema: {column: s, schema: none.json}}]",
            "cannot read",
        ),
        (
            "expect: [{record_in_set: {columns: [a, s], values: [[1]]}}]",
            "a record of 1 value for 2 columns",
        ),
        (
            "expect: [{record_in_set: {columns: [a, s], values: [[x, x]]}}]",
            "must be int64",
        ),
        (
            "expect: [{like: {column: s, pattern: 'a|', escape: '|'}}]",
            "ends with its escape character",
        ),
        (
            "expect: [{like: {column: s, pattern: a, escape: '||'}}]",
            "`escape` is one character",
        ),
        (
            "expect: [{conditions: {any_of: [a > 1, nope = 2]}}]",
            "no column `nope`",
        ),
    ] {
        let (code, text) = plan(dataset);
        assert_eq!(code, 2, "{dataset}\n{text}");
        assert!(text.contains(said), "{dataset}\n{text}");
        assert!(text.contains("tollgate.yaml:3:"), "{dataset}\n{text}");
    }
}
