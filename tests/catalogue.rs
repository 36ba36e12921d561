//! The catalogue as data: built-in checks, users' own ones through the same code, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::path::Path;
use std::process::Command;
use tollgate::catalogue::known_as::Said;
use tollgate::catalogue::{Catalogue, Semantics, load::load};
use tollgate::record::Status;

fn catalogue() -> Catalogue {
    load(&[]).unwrap()
}

pub(crate) fn tollgate(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn every_example_of_every_check_ends_as_it_says() {
    let (text, failed) = tollgate::selftest::test(&catalogue()).unwrap();
    assert_eq!(failed, 0, "{text}");
}

#[test]
fn the_checks_that_were_promised_are_there() {
    let catalogue = catalogue();
    let promised = "between column_type columns_match compare data_fresh date_between decreasing distinct_count \
        distinct_values duplicate_rows expression file_fresh foreign_key format in_set increasing length matches max_between \
        mean_between median_between min_between missing most_common_ratio no_constant not_blank not_in_future \
        not_in_set not_matches not_nan not_null null_ratio parses_as primary_key quantile_between returns_no_rows row_count row_count_matches schema_stable \
        stddev_between sum_between unique_key value_between";
    for id in promised.split_whitespace() {
        assert!(catalogue.check(id).is_some(), "{id}");
    }
    let kinds = tollgate::formats::KINDS.iter().map(|k| k.0.to_owned());
    let format = catalogue.check("format").unwrap();
    let tollgate::catalogue::ParamKind::Word(words) = &format.param("kind").unwrap().kind else {
        panic!("kind is an enum")
    };
    assert_eq!(*words, kinds.collect::<Vec<_>>());
}

#[test]
fn checks_are_found_by_the_names_of_other_tools() {
    let folder = tempfile::tempdir().unwrap();
    let find = |word: &str| tollgate(folder.path(), &["checks", "--find", word]);
    for (word, id, line) in [
        (
            "expect_column_values_to_be_in_set",
            "in_set",
            "    Great Expectations expect_column_values_to_be_in_set",
        ),
        ("accepted values", "in_set", "    dbt accepted_values"),
        ("isComplete", "not_null", "    Deequ isComplete"),
        (
            "col-vals-outside",
            "outside",
            "    Pointblank col_vals_outside",
        ),
        (
            "dbt_utils",
            "non_null_ratio",
            "    dbt_utils not_null_proportion",
        ),
        ("weekend", "on_days", "on_days              Every day falls"),
    ] {
        let (code, text, _) = find(word);
        assert_eq!(code, 0, "{word}");
        assert!(
            text.contains(&format!("\n{id} ")) || text.starts_with(&format!("{id} ")),
            "{text}"
        );
        assert!(text.contains(line), "{line}\n{text}");
    }
    let (_, text, _) = find("between");
    assert!(text.starts_with("between "), "the id comes first: {text}");
    let (code, _, text) = find("no such thing");
    assert_eq!(code, 2);
    assert!(text.contains("no check has `no such thing`"), "{text}");
    assert_eq!(find("_ -").0, 2, "nothing to look for finds nothing");
    let (_, text, _) = tollgate(
        folder.path(),
        &["checks", "--find", "like", "--format", "json"],
    );
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found[0]["id"], "like");
    let (_, text, _) = tollgate(folder.path(), &["explain", "like"]);
    assert!(
        text.contains("Known as\n  Great Expectations: expect_column_values_to_match_like"),
        "{text}"
    );
}

#[test]
fn names_of_other_tools_are_under_known_tools() {
    let tools: Vec<&str> = tollgate::catalogue::known_as::TOOLS
        .iter()
        .map(|t| t.0)
        .collect();
    for check in &catalogue().checks {
        assert!(
            check.known_as.said != Said::Nothing,
            "checks/{}.yaml says no name elsewhere, and not `known_as: none`",
            check.id
        );
        for (tool, names) in &check.known_as.names {
            assert!(
                tools.contains(&tool.as_str()),
                "checks/{}.yaml: {tool}",
                check.id
            );
            assert!(!names.is_empty() && names.iter().all(|n| !n.trim().is_empty()));
        }
    }
}

/// A new built-in check states all of this; without it `explain` cannot say what its numbers are.
#[test]
fn every_check_says_what_its_numbers_are() {
    for check in &catalogue().checks {
        for key in Semantics::REQUIRED {
            let said = check.semantics.get(key);
            assert!(
                said.is_some(),
                "checks/{}.yaml lacks `semantics: {key}`",
                check.id
            );
        }
        assert!(
            !check.since.is_empty(),
            "checks/{}.yaml lacks `since`",
            check.id
        );
    }
}

#[test]
fn every_format_has_a_passing_and_a_failing_example() {
    let catalogue = catalogue();
    let format = catalogue.check("format").unwrap();
    for (kind, ..) in tollgate::formats::KINDS {
        for status in [Status::Pass, Status::Fail] {
            let about = |e: &&tollgate::catalogue::Example| {
                let with = e
                    .with
                    .as_ref()
                    .map(tollgate::docs::flow)
                    .unwrap_or_default();
                e.status == status && with.ends_with(&format!("kind: {kind}}}"))
            };
            assert!(
                format.examples.iter().any(|e| about(&e)),
                "{kind} {status:?}"
            );
        }
    }
}

#[test]
fn explain_prints_everything_a_check_states() {
    for check in &catalogue().checks {
        let text = tollgate::docs::explain_text(check);
        for (title, sentence) in check.semantics.said() {
            assert!(
                text.contains(title) && text.contains(sentence),
                "{title}\n{text}"
            );
        }
        for param in &check.params {
            assert!(text.contains(&param.doc), "{}\n{text}", param.name);
        }
        for example in &check.examples {
            assert!(text.contains(&example.name), "{}\n{text}", example.name);
        }
        assert!(
            text.contains("expect:") && text.contains("since 0.1.0"),
            "{text}"
        );
    }
}

#[test]
fn explain_lists_and_suggests() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, _) = tollgate(folder.path(), &["explain"]);
    assert_eq!(code, 0);
    assert!(
        text.contains("One column\n") && text.contains("  not_null "),
        "{text}"
    );
    let (code, _, text) = tollgate(folder.path(), &["explain", "not_nul"]);
    assert_eq!(code, 2);
    assert!(text.contains("did you mean `not_null`?"), "{text}");
    let (_, text, _) = tollgate(folder.path(), &["explain", "between", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["id"], "between");
    assert_eq!(value["parameters"][3]["default"], "[]");
    let (_, text, _) = tollgate(
        folder.path(),
        &["explain", "between", "--format", "markdown"],
    );
    assert!(text.starts_with("# `between`\n"), "{text}");
    let (_, text, _) = tollgate(folder.path(), &["checks", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value.as_array().unwrap().len(), catalogue().checks.len());
}

const OWN: &str = r#"id: even
summary: Every number is even.
since: "1"
scope: column
params:
  column: {type: column, dtype: number, doc: Column looked at.}
measure:
  rows: "{{ column }} % 2 <> 0"
pass: failing <= max_failing
message: "`{{ column }}` is odd in {{ failing }} of {{ rows }} rows."
examples:
  - name: even
    data: {x: [2, 4]}
    with: {column: x}
    expect: {status: pass}
  - name: one odd, null ignored
    data: {x: [2, 3, null]}
    with: {column: x}
    expect: {status: fail, failing: 1}
"#;

/// A folder with `own/even.yaml`, data and a configuration that uses it.
fn with_own_check(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("own")).unwrap();
    std::fs::write(folder.path().join("own/even.yaml"), text).unwrap();
    std::fs::write(folder.path().join("d.csv"), "x\n2\n3\n5\n").unwrap();
    let config = "version: 1\nchecks: [own]\ndatasets:\n  d: {path: d.csv, expect: [{even: x}]}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    folder
}

#[test]
fn own_checks_run_explain_and_test_like_built_in_ones() {
    let folder = with_own_check(OWN);
    let (code, text, _) = tollgate(folder.path(), &["run"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("`x` is odd in 2 of 3 rows."), "{text}");
    let (code, text, _) = tollgate(folder.path(), &["explain", "even", "--checks", "own"]);
    assert_eq!(code, 0);
    assert!(text.contains("even: Every number is even."), "{text}");
    let (code, text, _) = tollgate(folder.path(), &["test", "own"]);
    assert_eq!(code, 0, "{text}");
    let wrong = OWN.replace("failing: 1", "failing: 2");
    let folder = with_own_check(&wrong);
    let (code, text, _) = tollgate(folder.path(), &["test", "own"]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("even: one odd, null ignored: expected"),
        "{text}"
    );
}

/// A template may ask for the type of a column that no argument names.
#[test]
fn nan_is_seen_in_a_column_that_the_template_names_itself() {
    let check = r#"id: even
summary: No price is below zero.
scope: dataset
params:
  what: {type: text, default: x, doc: A column by its name.}
measure:
  rows: 'x < 0 OR {{ is_nan("x") }} OR {{ is_nan(name(what)) }}'
pass: failing <= max_failing
message: "{{ failing }} of {{ rows }} rows."
semantics: {counts: a, of: a, nulls: a, nan: a, empty: a, bounds: a}
examples:
  - name: nan
    data: {x: [1.0, .nan]}
    types: {x: float64}
    expect: {status: fail, failing: 1}
  - name: okay
    data: {x: [1.0, 2.0]}
    types: {x: float64}
    expect: {status: pass}
  - name: a null
    data: {x: [1.0, null]}
    types: {x: float64}
    expect: {status: pass}
"#;
    let folder = with_own_check(check);
    let (code, text, err) = tollgate(folder.path(), &["test", "own"]);
    assert_eq!(code, 0, "{text}{err}");
}

/// What is wrong, the place of the value, and a part of the message.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    (
        "% 2 <> 0",
        "% {{ divisor }} <> 0",
        "even.yaml:8:",
        "uses `divisor`, which nothing gives",
    ),
    (
        "% 2 <> 0",
        "% {{ 2 <> 0",
        "even.yaml:8:",
        "`rows` of check `even` does not parse",
    ),
    (
        "is odd in {{ failing }}",
        "is odd in {{ failed }}",
        "even.yaml:10:",
        "uses `failed`, which nothing gives",
    ),
    (
        "status: pass",
        "status: fail",
        "even.yaml:12:",
        "lacks a passing example",
    ),
    (
        "status: fail, failing: 1",
        "status: pass",
        "even.yaml:12:",
        "lacks a failing example",
    ),
    (
        "[2, 3, null]",
        "[2, 3, 4]",
        "even.yaml:12:",
        "lacks a null-or-empty example",
    ),
    (
        "rows: \"{{ column }} % 2 <> 0\"",
        "statistic: oddness",
        "even.yaml:8:",
        "`statistic` cannot be `oddness`",
    ),
    (
        "rows: \"{{ column }} % 2 <> 0\"",
        "profile: oddness",
        "even.yaml:8:",
        "the profile has no measure `oddness`",
    ),
    (
        "<= max_failing",
        "<= nan",
        "even.yaml:9:",
        "`failing <= nan` is not a condition",
    ),
    (
        "<= max_failing",
        "<= .inf",
        "even.yaml:9:",
        "names `.inf`, which is not a parameter",
    ),
    (
        "<= max_failing",
        "=< max_failing",
        "even.yaml:9:",
        "is not a condition",
    ),
    (
        "failing <= max_failing",
        "oddness <= 1",
        "even.yaml:9:",
        "`oddness`, which is not measured",
    ),
    (
        "failing <= max_failing",
        "failing >= 0",
        "even.yaml:9:",
        "`pass` wants failing rows: failing >=",
    ),
    (
        "id: even",
        "id: odd",
        "even.yaml:1:",
        "must be in a file called odd.yaml",
    ),
    (
        "dtype: number",
        "dtype: numeric",
        "even.yaml:6:",
        "`dtype` cannot be `numeric`",
    ),
    (
        "type: column,",
        "type: colum,",
        "even.yaml:6:",
        "has no type `colum`",
    ),
    (
        "doc: Column looked at.",
        "help: x",
        "even.yaml:6:",
        "needs `doc`",
    ),
    (
        "scope: column",
        "scope: cell",
        "even.yaml:4:",
        "`scope` cannot be `cell`",
    ),
    (
        "scope: column",
        "scope: column\nat_least_one: [min]",
        "even.yaml:5:",
        "names `min`, which is not a parameter",
    ),
    (
        "scope: column",
        "scope: column\nseverity: warn",
        "even.yaml:5:",
        "has no key `severity`",
    ),
    (
        "since: \"1\"",
        "since: \"1\"\nknown_as: {dbt: 1}",
        "even.yaml:4:",
        "`known_as` must be text",
    ),
    (
        "since: \"1\"",
        "since: \"1\"\nknown_as: dbt",
        "even.yaml:4:",
        "`known_as` must be a mapping",
    ),
    (
        "doc: Column looked at.",
        "least: -1, doc: x",
        "even.yaml:6:",
        "`least` must be",
    ),
    (
        "since: \"1\"",
        "since: \"1\"\nsemantics: {count: x}",
        "even.yaml:4:",
        "has no key `count`",
    ),
];

#[test]
fn wrong_check_files_are_refused_with_their_place() {
    for (from, to, place, message) in REFUSED {
        assert!(OWN.contains(from), "{from}");
        let folder = with_own_check(&OWN.replace(from, to));
        let (code, _, text) = tollgate(folder.path(), &["run"]);
        assert_eq!(code, 2, "{to}\n{text}");
        assert!(text.contains(place), "{to}: {place}\n{text}");
        assert!(text.contains(message), "{to}\n{text}");
    }
}

#[test]
fn a_check_cannot_take_the_name_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let text = OWN.replace("id: even", "id: not_null");
    std::fs::write(folder.path().join("not_null.yaml"), text).unwrap();
    let (code, _, text) = tollgate(folder.path(), &["test", "not_null.yaml"]);
    assert_eq!(code, 2);
    assert!(text.contains("check `not_null` exists already"), "{text}");
    assert!(text.contains("not_null.yaml:1:5"), "{text}");
}

#[test]
fn an_expectation_that_promises_nothing_is_refused() {
    let folder = with_own_check(OWN);
    let expect = |text: &str| {
        let config = format!("version: 1\ndatasets:\n  d: {{path: d.csv, expect: [{text}]}}\n");
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        tollgate(folder.path(), &["plan"])
    };
    let (code, _, text) = expect("{between: {column: x}}");
    assert_eq!(code, 2);
    assert!(text.contains("`between` is given 0 of min, max"), "{text}");
    assert!(text.contains("tollgate.yaml:3:"), "{text}");
    assert!(text.contains("give at least one of `min`, `max`"), "{text}");
    let (code, _, text) = expect("{compare: {column: x, op: '<', value: 1, other: x}}");
    assert_eq!(code, 2);
    assert!(
        text.contains("`compare` is given 2 of value, other"),
        "{text}"
    );
}
