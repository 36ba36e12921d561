//! Contracts in other tools' forms, read directly by a run and by `diff`.

use crate::harness::Gate;
use crate::import::{read, sample};
use tollgate::contract::import::Form;

const ORDERS: &str = "id,email,status,amount,placed,country\n1,a@example.org,open,10.5,2026-11-20,DE\n\
    2,b@example.org,done,20.25,2026-11-25,FR\n3,,open,3,2026-11-24,DE\n4,n/a,open,3.5,2026-11-24,\n";
const CONFIG: &str = "version: 1\ndatasets:\n  orders: {path: orders.csv, contract: odcs.yaml}\n  \
    countries: {path: countries.csv, contract: {file: odcs.yaml, dataset: countries}}\n";

fn run(config: &str, contract: &str) -> Gate {
    let files: [(&str, &[u8]); 4] = [
        ("tollgate.yaml", config.as_bytes()),
        ("odcs.yaml", contract.as_bytes()),
        ("orders.csv", ORDERS.as_bytes()),
        ("countries.csv", b"code\nDE\nFR\n"),
    ];
    Gate::run(&files, &["--now", "2026-11-26T00:00:00Z"])
}

#[test]
fn a_contract_in_another_form_is_read_directly_and_what_is_not_held_is_shown() {
    let ran = run(CONFIG, &sample("odcs.yaml"));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let told = ran.outcome("orders.contract_import");
    assert_eq!(told.status, tollgate::record::Status::Skipped);
    assert!(
        told.message.contains("mapped 32 of 37 rules; not held: "),
        "{}",
        told.message
    );
    assert!(
        told.message.contains("`requried` of a property (line 43)"),
        "{}",
        told.message
    );
    let held = ran.outcome("countries.contract_import");
    assert_eq!(held.status, tollgate::record::Status::Pass);
    let broken = ran.outcome("orders.format(email)");
    assert_eq!(
        (broken.failing, broken.location.unwrap().line),
        (Some(1), 19)
    );
    assert_eq!(ran.outcome("orders.missing(email)").failing, Some(2));
    assert_eq!(ran.outcome("orders.foreign_key(country)").failing, Some(0));
}

#[test]
fn strict_refuses_what_is_not_held_at_its_place() {
    let config = CONFIG.replace(
        "contract: odcs.yaml}",
        "contract: {file: odcs.yaml, strict: true}}",
    );
    let ran = run(&config, &sample("odcs.yaml"));
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("odcs.yaml:43:") && ran.stderr.contains("not-mapped"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_dataset_that_the_file_does_not_have_is_named_with_those_it_has() {
    let config = CONFIG.replace("dataset: countries}", "dataset: countrys}");
    let ran = run(&config, &sample("odcs.yaml"));
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("did you mean `countries`?"),
        "{}",
        ran.stderr
    );
}

/// The flights of January as Parquet.
fn january() -> Vec<u8> {
    let path = "examples/flights/data/flights-2013-01.parquet";
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_columns_of_a_parquet_file_are_a_contract() {
    let january = january();
    let config = "version: 1\ndatasets:\n  f: {path: data.parquet, contract: {file: january.parquet, strict: true}}\n";
    let files: [(&str, &[u8]); 3] = [
        ("tollgate.yaml", config.as_bytes()),
        ("january.parquet", &january),
        ("data.parquet", &january),
    ];
    let ran = Gate::run(&files, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let told = ran.outcome("f.contract_import");
    assert!(told.message.contains("Arrow schema"), "{}", told.message);
    let types = ran.record().outcomes;
    let types = types.iter().filter(|o| o.check == "column_type").count();
    assert_eq!(types, 19);

    let other: &[u8] = b"year,month\nx,1\n";
    let config = config.replace("data.parquet", "data.csv");
    let files: [(&str, &[u8]); 3] = [
        ("tollgate.yaml", config.as_bytes()),
        ("january.parquet", &january),
        ("data.csv", other),
    ];
    assert_eq!(Gate::run(&files, &[]).code, 1, "a text is no year");
}

#[test]
fn less_than_a_percentage_of_nulls_is_more_than_the_rest_with_a_value() {
    let contract = "apiVersion: v3.1.0\nkind: DataContract\nid: d\nversion: 1.0.0\nstatus: active\nschema:\n  - name: d\n    properties:\n      - name: x\n        quality: [{metric: nullValues, mustBeLessThan: 25, unit: percent}]\n";
    assert_eq!(read("d.yaml", contract).unwrap().form, Form::Odcs);
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, contract: d.yaml}\n";
    for (data, code) in [
        ("x,y\n1,1\n2,1\n3,1\n,1\n", 1),
        ("x,y\n1,1\n2,1\n3,1\n4,1\n,1\n", 0),
    ] {
        let files: [(&str, &[u8]); 3] = [
            ("tollgate.yaml", config.as_bytes()),
            ("d.yaml", contract.as_bytes()),
            ("d.csv", data.as_bytes()),
        ];
        let ran = Gate::run(&files, &[]);
        assert_eq!(ran.code, code, "{}", ran.stdout);
        assert_eq!(
            ran.outcome("d.non_null_ratio(x)").location.unwrap().line,
            10
        );
    }
}

#[test]
fn two_contracts_in_another_form_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let old = sample("odcs.yaml");
    let new = old.replacen("required: true", "required: false", 1);
    assert_ne!(old, new);
    std::fs::write(folder.path().join("old.odcs.yaml"), old).unwrap();
    std::fs::write(folder.path().join("new.odcs.yaml"), new).unwrap();
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args([
            "diff",
            "old.odcs.yaml",
            "new.odcs.yaml",
            "--dataset",
            "orders",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert_eq!(
        said.status.code(),
        Some(1),
        "{text}{}",
        String::from_utf8_lossy(&said.stderr)
    );
    assert!(text.contains("breaks consumers"), "{text}");
}

/// Runs a contract in another form over one file; strictly, so that nothing is left out.
fn strictly(name: &str, contract: &str, data: &str) -> Gate {
    let config = format!(
        "version: 1\ndatasets:\n  d: {{path: d.csv, contract: {{file: {name}, strict: true}}}}\n"
    );
    let files: [(&str, &[u8]); 3] = [
        ("tollgate.yaml", config.as_bytes()),
        (name, contract.as_bytes()),
        ("d.csv", data.as_bytes()),
    ];
    Gate::run(&files, &[])
}

#[test]
fn checks_that_pandera_writes_beside_the_type_are_held() {
    let schema = |checks: &str| {
        format!(
            "schema_type: dataframe\napi: pandas\nversion: 0.35.0\ncolumns:\n  x: {{dtype: int64, nullable: true, {checks}}}\n"
        )
    };
    let data = "x,y\n1,1\n7,1\n,1\n";
    let above = strictly("s.yaml", &schema("greater_than: 5"), data);
    assert_eq!(above.outcome("d.compare(x)").failing, Some(1));
    let nulls = "greater_than: {min_value: 5, ignore_na: false, raise_warning: true}";
    let warned = strictly("s.yaml", &schema(nulls), data);
    assert_eq!(warned.outcome("d.compare(x)").failing, Some(2));
    assert_eq!(warned.code, 0, "{}", warned.stdout);
    let own = strictly("s.yaml", &schema("my_check: 5"), data);
    assert_eq!(own.code, 2, "{}", own.stdout);
    assert!(own.stderr.contains("my_check"), "{}", own.stderr);
}

#[test]
fn medians_quantiles_and_line_ends_are_those_of_great_expectations() {
    let suite = |kind: &str, more: &str| {
        format!(
            "{{\"expectations\": [{{\"type\": \"{kind}\", \"kwargs\": {{\"column\": \"x\", {more}}}}}]}}"
        )
    };
    let four = "x,y\n1,1\n2,1\n4,1\n9,1\n";
    let median = suite(
        "expect_column_median_to_be_between",
        "\"min_value\": 3, \"max_value\": 3",
    );
    assert_eq!(strictly("s.json", &median, four).code, 0);
    let quantile = suite(
        "expect_column_quantile_values_to_be_between",
        "\"quantile_ranges\": {\"quantiles\": [0.6], \"value_ranges\": [[4, 4]]}",
    );
    assert_eq!(strictly("s.json", &quantile, four).code, 0);
    let ended = suite(
        "expect_column_values_to_not_match_regex",
        "\"regex\": \"b$\"",
    );
    let texts = "x,y\n\"ab\n\",1\n\"ab\nc\",1\n";
    let ran = strictly("s.json", &ended, texts);
    assert_eq!(ran.outcome("d.not_matches(x)").failing, Some(1));
}

#[test]
fn a_list_of_values_without_null_allows_none_whatever_the_type_says() {
    let schema = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {
        "a": {"type": "string", "enum": ["x", null]}, "b": {"type": ["string", "null"], "enum": ["x"]},
        "c": {"type": ["string", "null"], "enum": ["x", null]}, "d": {"const": "x"}, "e": {"enum": ["x", null]}
      }, "required": ["a", "b", "c", "d", "e"]}"#;
    let config =
        "version: 1\ndatasets:\n  d: {path: d.csv, contract: {file: s.json, strict: true}}\n";
    let files = [
        ("tollgate.yaml", config.as_bytes()),
        ("s.json", schema.as_bytes()),
        ("d.csv", &b"a,b,c,d,e\nx,x,x,x,x\n,,,,\n"[..]),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    let outcomes = gate.record().outcomes;
    let broken = outcomes.iter().filter(|o| o.failing == Some(1));
    let broken: Vec<&str> = broken.map(|o| o.id.as_str()).collect();
    assert_eq!(broken, ["d.not_null(a)", "d.not_null(b)", "d.not_null(d)"]);
}
