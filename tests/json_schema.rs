//! JSON Schema: what is refused when it is read, and the official test suite where it is at hand.

use serde_json::{Value, json};
use tollgate::formats::{Draft, Formats, JsonSchema};

fn schema(value: &Value, draft: Draft) -> Result<JsonSchema, String> {
    JsonSchema::new(&value.to_string(), draft, Formats::Told)
}

#[test]
fn what_cannot_be_judged_is_refused_with_its_place() {
    for (wrong, said) in [
        (
            json!({"$ref": "https://example.org/other.json"}),
            "#/$ref refers to",
        ),
        (
            json!({"$ref": "#/$defs/none"}),
            "which the schema does not hold",
        ),
        (
            json!({"properties": {"a": {"unevaluatedItems": false}}}),
            "#/properties/a/unevaluatedItems is not supported",
        ),
        (
            json!({"$dynamicRef": "#x"}),
            "#/$dynamicRef is not supported",
        ),
        (json!({"pattern": "(?=a)"}), "does not parse"),
        (json!({"patternProperties": {"(": {}}}), "does not parse"),
        (json!({"type": "text"}), "#/type must be one or several of"),
        (json!({"required": "a"}), "must be a list of texts"),
        (json!({"minLength": -1}), "must be a whole number"),
        (json!({"multipleOf": 0}), "greater than 0"),
        (json!({"allOf": {}}), "must be a list of schemas"),
        (json!({"items": 1}), "is no schema"),
        (json!(7), "# is no schema"),
    ] {
        let reason = schema(&wrong, Draft::Draft2020).map(drop).unwrap_err();
        assert!(reason.contains(said), "{wrong}: {reason}");
    }
    let reason = JsonSchema::new("{", Draft::Draft7, Formats::Told)
        .map(drop)
        .unwrap_err();
    assert!(reason.contains("it is not JSON"), "{reason}");
    let mut deep = json!({});
    for _ in 0..200 {
        deep = json!({"not": deep});
    }
    assert!(schema(&deep, Draft::Draft7).is_err());
}

#[test]
fn a_reference_that_leads_back_to_itself_ends() {
    let endless = schema(&json!({"$ref": "#"}), Draft::Draft7).expect("it is whole");
    assert!(!endless.accepts(&json!(1)));
    let tree = json!({"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": false});
    let tree = schema(&tree, Draft::Draft7).expect("it is whole");
    assert!(tree.accepts(&json!({"next": {"next": {}}})));
    assert!(!tree.accepts(&json!({"next": {"last": {}}})));
}

#[test]
fn numbers_are_compared_exactly() {
    let fits = |s: Value, v: &str| schema(&s, Draft::Draft2020).expect("whole").accepts_text(v);
    assert!(fits(json!({"multipleOf": 0.01}), "19.99"));
    assert!(!fits(json!({"multipleOf": 0.01}), "19.999"));
    assert!(fits(json!({"const": 1}), "1.0"));
    assert!(fits(
        json!({"maximum": 9_007_199_254_740_993_i64}),
        "9007199254740993"
    ));
    assert!(!fits(
        json!({"maximum": 9_007_199_254_740_992_i64}),
        "9007199254740993"
    ));
    assert!(!fits(json!({"uniqueItems": true}), "[1, 1.0]"));
}

/// What the suite has and this program refuses to judge: references to other documents and what needs their like.
fn refused(file: &str) -> bool {
    let without = [
        "refRemote",
        "dynamicRef",
        "recursiveRef",
        "unevaluatedItems",
        "unevaluatedProperties",
        "vocabulary",
        "anchor",
        "id",
    ];
    without.iter().any(|w| file == format!("{w}.json"))
}

#[test]
fn the_official_suite_agrees() {
    let Some(folder) = std::env::var_os("TOLLGATE_JSON_SCHEMA_SUITE") else {
        eprintln!("JSON Schema suite: TOLLGATE_JSON_SCHEMA_SUITE names no folder, skipped");
        return;
    };
    let drafts = [
        ("draft4", Draft::Draft4),
        ("draft6", Draft::Draft6),
        ("draft7", Draft::Draft7),
        ("draft2019-09", Draft::Draft2019),
        ("draft2020-12", Draft::Draft2020),
    ];
    let (mut equal, mut not_read, mut wrong) = (0, 0, Vec::new());
    for (name, draft) in drafts {
        let pattern = std::path::Path::new(&folder).join(name).join("*.json");
        for path in glob::glob(pattern.to_str().expect("a path"))
            .expect("a pattern")
            .flatten()
        {
            let file = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if refused(&file) {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("it is there");
            let cases: Vec<Value> = serde_json::from_str(&text).expect("it is JSON");
            for case in cases {
                let Ok(schema) = schema(&case["schema"], draft) else {
                    not_read += 1;
                    continue;
                };
                for test in case["tests"].as_array().expect("a list") {
                    if schema.accepts(&test["data"]) == (test["valid"] == Value::Bool(true)) {
                        equal += 1;
                    } else {
                        wrong.push(format!(
                            "{name} {file}: {} / {}",
                            case["description"], test["description"]
                        ));
                    }
                }
            }
        }
    }
    eprintln!(
        "JSON Schema suite: {equal} equal, {not_read} schemas refused, {} wrong",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}
