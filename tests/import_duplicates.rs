//! What repeats, and what is counted of no rows: read from another tool's contract as that tool counts it.

use crate::harness::Gate;
use tollgate::record::Status;

const CONFIG: &str = "version: 1\ndatasets:\n  orders: {path: orders.csv, contract: theirs.yaml, allow_empty: true}\n";

fn judged(contract: &str, data: &str) -> Gate {
    Gate::run(
        &[
            ("tollgate.yaml", CONFIG.as_bytes()),
            ("theirs.yaml", contract.as_bytes()),
            ("orders.csv", data.as_bytes()),
        ],
        &[],
    )
}

/// Status and failing rows of the only check of a key.
fn keys(contract: &str, data: &str) -> (Status, Option<u64>) {
    let run = judged(contract, data).record();
    let mut all = run.outcomes.iter().filter(|o| o.check == "unique_key");
    let found = all.next().unwrap();
    assert!(all.next().is_none(), "one key");
    (found.status, found.failing)
}

/// a, a, a, b, b and two nulls: two values are repeated, three rows repeat one.
const REPEATED: &str = "v,w\na,1\na,2\na,3\nb,4\nb,5\n,6\n,7\n";

#[test]
fn sodacl_counts_values_that_are_repeated() {
    let of = |check: &str| {
        let contract = format!("checks for orders:\n  - {check}\n");
        keys(&contract, REPEATED)
    };
    assert_eq!(of("duplicate_count(v) = 0"), (Status::Fail, Some(2)));
    assert_eq!(of("duplicate_count(v) < 3"), (Status::Pass, Some(2)));
    // 2 of 7 rows are 28.6 %; of the five rows with a value they would be 40 %.
    assert_eq!(of("duplicate_percent(v) < 29"), (Status::Pass, Some(2)));
    assert_eq!(of("duplicate_percent(v) < 28"), (Status::Fail, Some(2)));
    assert_eq!(of("duplicate_count(v, w) = 0"), (Status::Pass, Some(0)));
    let several = "v,w\na,1\na,1\na,1\n,1\n,1\n";
    let of = |check: &str| keys(&format!("checks for orders:\n  - {check}\n"), several);
    assert_eq!(of("duplicate_count(v, w) = 0"), (Status::Fail, Some(1)));
    assert_eq!(of("duplicate_percent(v, w) <= 20"), (Status::Pass, Some(1)));
    assert_eq!(of("duplicate_percent(v, w) < 20"), (Status::Fail, Some(1)));
}

#[test]
fn soda_4_takes_a_null_for_one_more_value_of_a_key() {
    let of = |columns: &str, threshold: &str, data: &str| {
        let contract = format!(
            "dataset: shop/main/orders\nchecks:\n  - duplicate: {{columns: {columns}{threshold}}}\n"
        );
        keys(&contract, data)
    };
    let data = "v,w\n1,\n1,\n2,3\n";
    assert_eq!(of("[v, w]", "", data), (Status::Fail, Some(1)));
    assert_eq!(of("[w]", "", data), (Status::Fail, Some(1)));
    let percent =
        |most: u32| format!(", threshold: {{metric: percent, must_be_less_than: {most}}}");
    assert_eq!(of("[v, w]", &percent(34), data), (Status::Pass, Some(1)));
    assert_eq!(of("[v, w]", &percent(33), data), (Status::Fail, Some(1)));
}

#[test]
fn soda_4_leaves_missing_values_of_a_column_out() {
    let of = |missing: &str, threshold: &str| {
        let contract = format!(
            "dataset: shop/main/orders\ncolumns:\n  - name: v\n{missing}    checks:\n      - duplicate: {threshold}\n"
        );
        keys(&contract, REPEATED)
    };
    let tokens = "    missing_values: [b]\n";
    let percent =
        |most: u32| format!("{{threshold: {{metric: percent, must_be_less_than: {most}}}}}");
    assert_eq!(of("", ""), (Status::Fail, Some(3)));
    assert_eq!(of(tokens, ""), (Status::Fail, Some(2)));
    // Three of five rows with a value; without `b` two of three.
    assert_eq!(of("", &percent(61)), (Status::Pass, Some(3)));
    assert_eq!(of("", &percent(60)), (Status::Fail, Some(3)));
    assert_eq!(of(tokens, &percent(67)), (Status::Pass, Some(2)));
    assert_eq!(of(tokens, &percent(66)), (Status::Fail, Some(2)));
}

#[test]
fn a_count_of_failing_rows_among_none_is_0() {
    let of = |rule: &str, data: &str| {
        let contract = format!(
            "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\nschema:\n  \
             - name: orders\n    properties:\n      - name: v\n        logicalType: string\n        \
             quality:\n          - {rule}\n"
        );
        let run = judged(&contract, data).record();
        let mut all = run.outcomes.iter();
        let found = all.find(|o| o.check == "value_between").unwrap();
        (found.status, found.message.clone())
    };
    let (none, some) = ("v,w\n", "v,w\na,1\n,1\n,1\n,1\n");
    for (rule, of_none, of_some) in [
        ("{metric: nullValues, mustNotBe: 3}", true, false),
        ("{metric: nullValues, mustBeGreaterThan: 2}", false, true),
        (
            "{metric: nullValues, unit: percent, mustNotBe: 75}",
            true,
            false,
        ),
        (
            "{metric: nullValues, unit: percent, mustBeGreaterThan: 74}",
            false,
            true,
        ),
        (
            "{metric: missingValues, mustNotBe: 4, arguments: {missingValues: [null, a]}}",
            true,
            false,
        ),
        (
            "{type: sql, query: \"SELECT COUNT(*) FROM {object} WHERE v = 'a'\", mustNotBe: 1}",
            true,
            false,
        ),
    ] {
        for (data, kept) in [(none, of_none), (some, of_some)] {
            let (status, message) = of(rule, data);
            let wanted = if kept { Status::Pass } else { Status::Fail };
            assert_eq!(status, wanted, "{rule} of {data:?}: {message}");
        }
    }
}
