//! Patterns of other standards mean here what they mean there.

use crate::harness::Gate;
use tollgate::record::Status;

/// The second row has an Arabic-Indic digit, the third a letter that is not of ASCII.
const ROWS: &str = "k,code,word,no\na,7,word,x\nb,\u{667},word,x\nc,8,w\u{f6}rd,x\n";

const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
  "properties": {
    "code": {"type": "string", "pattern": "^\\d$"},
    "word": {"type": "string", "pattern": "^[\\w]+$"},
    "no": {"type": "string", "not": {"pattern": "\\d"}}
  },
  "if": {"properties": {"k": {"enum": ["b", "c"]}}},
  "then": {"properties": {"code": {"pattern": "^\\d$"}}}
}"#;

const ODCS: &str = r"apiVersion: v3.0.2
kind: DataContract
id: x
version: 1.0.0
status: active
schema:
  - name: d
    properties:
      - {name: code, logicalType: string, logicalTypeOptions: {pattern: '^\d$'}}
      - {name: word, logicalType: string, logicalTypeOptions: {pattern: '^[\w]+$'}}
";

/// Checks of patterns and conditions with the number of rows that fail.
fn failing(name: &str, contract: &str) -> Vec<(String, Status, Option<u64>)> {
    let config = format!("version: 1\ndatasets:\n  d:\n    path: d.csv\n    contract: {name}\n");
    let files = [
        ("tollgate.yaml", config.as_bytes()),
        ("d.csv", ROWS.as_bytes()),
        (name, contract.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    let outcomes = gate.record().outcomes.into_iter();
    outcomes
        .filter(|o| ["matches", "not_matches", "expression"].contains(&o.check.as_str()))
        .map(|o| (o.check.clone(), o.status, o.failing))
        .collect()
}

#[test]
fn digits_and_words_of_json_schema_and_odcs_are_those_of_ascii() {
    let one = |check: &str, fails: u64| {
        let status = if fails == 0 {
            Status::Pass
        } else {
            Status::Fail
        };
        (check.to_owned(), status, Some(fails))
    };
    let mut found = failing("s.json", SCHEMA);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [
        one("expression", 1),
        one("matches", 1),
        one("matches", 1),
        one("not_matches", 0),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        failing("odcs.yaml", ODCS),
        [one("matches", 1), one("matches", 1)]
    );
}
