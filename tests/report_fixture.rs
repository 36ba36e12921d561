//! One rich run for every report: each status and severity, waivers, drift, samples, hostile names and values.

use tollgate::diagnostic::Location;
use tollgate::record::{
    Before, Cell, ColumnSummary, Comparison, ComparisonKind, DatasetRecord, FailingRow, FileDigest,
    Measurement, Outcome, Provenance, RUN_SCHEMA_VERSION, Run, Severity, Status, Threshold,
    TopValue, Waiver, WaiverKind,
};
use tollgate::types::ColumnType;
use tollgate::verdict::{FailOn, decide};

/// Texts that are harmless in no output unless it neutralises them.
pub(crate) const HOSTILE: &[&str] = &[
    "::error::x",
    "##vso[task.complete result=Succeeded;]done",
    "##[error]x",
    "\u{1b}[31mred\u{9b}2J",
    "<script>alert(1)</script>",
    "\" onload='x' <img src=x>",
    "a|b\\|c",
    "@team #12 www.example.org http://example.org $x$",
    "=cmd()",
    "nul\0and\r\n::warning::line",
    "\u{202e}gpj.exe\u{fdd0}\u{ffff}",
    "]]>",
    "``` `code` ```",
    "[a](javascript:x) ![b](y) *c* _d_ ~e~",
];

/// The run of every snapshot. Clock and digests are fixed.
pub(crate) fn rich() -> Run {
    let mut outcomes = broken();
    outcomes.extend(unable());
    outcomes.extend(warned());
    outcomes.extend(kept());
    run(outcomes, vec![orders(), hostile_dataset()])
}

/// A run around outcomes and datasets.
pub(crate) fn run(outcomes: Vec<Outcome>, datasets: Vec<DatasetRecord>) -> Run {
    Run {
        schema_version: RUN_SCHEMA_VERSION.to_owned(),
        verdict: decide(&outcomes, FailOn::Error),
        left_out: None,
        provenance: Provenance {
            tollgate: "0.1.0".to_owned(),
            catalogue_sha256: "aa".repeat(32),
            config: "tollgate.yaml".to_owned(),
            config_sha256: "bb".repeat(32),
            values_files: Vec::new(),
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            seed: 7,
            now: "2026-11-25T08:30:00Z".to_owned(),
        },
        models: Vec::new(),
        datasets,
        outcomes,
        checks: Vec::new(),
    }
}

/// An outcome with nothing but what every outcome has.
pub(crate) fn outcome(id: &str, check: &str, status: Status, message: &str) -> Outcome {
    Outcome {
        id: id.to_owned(),
        dataset: "orders".to_owned(),
        check: check.to_owned(),
        column: None,
        status,
        severity: Severity::Error,
        message: message.to_owned(),
        summary: "Every value is present.".to_owned(),
        measured: Vec::new(),
        limits: Vec::new(),
        failing: None,
        rows: None,
        samples: Vec::new(),
        comparison: None,
        location: Some(Location {
            file: "contracts/orders.yaml".to_owned(),
            line: 14,
            column: 9,
            end_column: Some(17),
        }),
        owner: Some("orders@example.org".to_owned()),
        description: None,
        tags: Vec::new(),
        waiver: None,
        began: None,
    }
}

/// An outcome that counts failing rows against a limit of none.
pub(crate) fn counting(id: &str, check: &str, status: Status, failing: u64, rows: u64) -> Outcome {
    let message = format!("`email` is null in {failing} of {rows} rows.");
    Outcome {
        measured: vec![number("failing", &failing.to_string(), "rows")],
        limits: vec![limit("failing", "<=", "0", failing == 0)],
        failing: Some(failing),
        rows: Some(rows),
        column: Some("email".to_owned()),
        ..outcome(id, check, status, &message)
    }
}

fn number(name: &str, text: &str, unit: &str) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: text.to_owned(),
        number: text.parse().ok(),
        unit: unit.to_owned(),
    }
}

fn limit(name: &str, op: &str, text: &str, held: bool) -> Threshold {
    Threshold {
        name: name.to_owned(),
        op: op.to_owned(),
        text: text.to_owned(),
        number: text.parse().ok(),
        held,
    }
}

fn sample(row: u64, cells: &[(&str, Option<&str>)], reasons: &[&str]) -> FailingRow {
    FailingRow {
        row,
        cells: cells
            .iter()
            .map(|(column, value)| Cell {
                column: (*column).to_owned(),
                value: value.map(str::to_owned),
            })
            .collect(),
        reasons: reasons.iter().map(|r| (*r).to_owned()).collect(),
    }
}

fn broken() -> Vec<Outcome> {
    let nulls = "orders.not_null(email)";
    let mut email = counting(nulls, "not_null", Status::Fail, 580, 24_951);
    email.samples = vec![
        sample(76, &[("id", Some("A-1")), ("email", None)], &[nulls]),
        sample(
            912,
            &[("id", Some("A-2")), ("email", None)],
            &[nulls, "orders.unique_key(id)"],
        ),
    ];
    email.description = Some("Marketing cannot reach buyers without it.".to_owned());
    email.tags = vec!["marketing".to_owned()];
    let mut mean = outcome(
        "orders.mean_between(price)",
        "mean_between",
        Status::Fail,
        "The mean of `price` is 31.5, allowed is 10 to 20.",
    );
    mean.measured = vec![number("mean", "31.5", "")];
    mean.limits = vec![
        limit("mean", ">=", "10", true),
        limit("mean", "<=", "20", false),
    ];
    let mut ratio = outcome(
        "orders.null_ratio(city)",
        "null_ratio",
        Status::Fail,
        "The share of nulls in `city` is 0.25, allowed is 0.1.",
    );
    ratio.measured = vec![number("null_ratio", "0.25", "ratio")];
    ratio.limits = vec![limit("null_ratio", "<=", "0.1", false)];
    ratio.waiver = Some(Waiver {
        reason: "supplier changes its form".to_owned(),
        owner: "lee@example.org".to_owned(),
        until: "2026-10-01".to_owned(),
        expired: true,
        max_failing: None,
        kind: WaiverKind::InSource,
    });
    let columns = outcome(
        "orders.columns_match",
        "columns_match",
        Status::Fail,
        "Columns of `orders`: `phone` is missing.",
    );
    vec![email, mean, hostile_outcome(), ratio, columns]
}

fn hostile_outcome() -> Outcome {
    let id = "<b>d</b>.in_set(::error::x)";
    let all = HOSTILE.join(" ");
    let rows = HOSTILE.iter().zip(1..);
    Outcome {
        dataset: HOSTILE[0].to_owned(),
        column: Some(HOSTILE[4].to_owned()),
        summary: HOSTILE[6].to_owned(),
        measured: vec![number("failing", "14", "rows")],
        limits: vec![limit("failing", "<=", "0", false)],
        failing: Some(14),
        rows: Some(14),
        samples: rows
            .map(|(value, row)| sample(row, &[(HOSTILE[4], Some(value)), ("a|b", None)], &[id]))
            .collect(),
        location: Some(Location {
            file: "##vso[x]/a:b,c %<i>.yaml".to_owned(),
            line: 3,
            column: 1,
            end_column: None,
        }),
        owner: Some("@team".to_owned()),
        description: Some(all.clone()),
        tags: vec![HOSTILE[1].to_owned()],
        ..outcome(id, "in_set", Status::Fail, &all)
    }
}

fn unable() -> Vec<Outcome> {
    let cause = "Not evaluated: column `phone` is missing from the dataset.";
    vec![
        outcome("orders.format(phone)", "format", Status::Error, cause),
        outcome("orders.length(phone)", "length", Status::Error, cause),
        outcome(
            "orders.drift_ks(price)",
            "drift_ks",
            Status::Inconclusive,
            "12 rows are too few to tell whether `price` moved.",
        ),
        outcome(
            "orders.in_set(state)",
            "in_set",
            Status::Skipped,
            "Skipped: no row is left by `where: a > 5`.",
        ),
    ]
}

fn warned() -> Vec<Outcome> {
    let mut waived = counting(
        "orders.not_blank(name)",
        "not_blank",
        Status::Waived,
        3,
        24_951,
    );
    waived.waiver = Some(Waiver {
        reason: "old accounts have none".to_owned(),
        owner: "lee@example.org".to_owned(),
        until: "2027-01-31".to_owned(),
        expired: false,
        max_failing: Some(5),
        kind: WaiverKind::External,
    });
    vec![
        waived,
        drift(
            "psi",
            "price",
            "0.31",
            Comparison {
                kind: ComparisonKind::Histogram,
                labels: ["lowest", "> 5", "> 10", "> 20"]
                    .map(str::to_owned)
                    .to_vec(),
                reference: vec![0.25, 0.25, 0.25, 0.25],
                current: vec![0.1, 0.2, 0.3, 0.4],
            },
        ),
        drift(
            "js",
            "carrier",
            "0.4",
            Comparison {
                kind: ComparisonKind::Categories,
                labels: ["UA", "::error::x", "<script>alert(1)</script>"]
                    .map(str::to_owned)
                    .to_vec(),
                reference: vec![0.6, 0.4, 0.0],
                current: vec![0.5, 0.3, 0.2],
            },
        ),
    ]
}

fn drift(measure: &str, column: &str, value: &str, comparison: Comparison) -> Outcome {
    let message = format!("`{column}` is distributed differently from the reference.");
    Outcome {
        column: Some(column.to_owned()),
        severity: Severity::Warn,
        measured: vec![number(measure, value, "")],
        limits: vec![limit(measure, "<=", "0.2", false)],
        comparison: Some(comparison),
        location: None,
        tags: vec!["drift".to_owned()],
        ..outcome(
            &format!("orders.drift_{measure}({column})"),
            &format!("drift_{measure}"),
            Status::Warn,
            &message,
        )
    }
}

fn kept() -> Vec<Outcome> {
    let mut info = counting("orders.format(email)", "format", Status::Pass, 4, 24_951);
    info.severity = Severity::Info;
    vec![
        counting("orders.not_null(id)", "not_null", Status::Pass, 0, 24_951),
        info,
    ]
}

fn orders() -> DatasetRecord {
    let price = ColumnSummary {
        min: Some("0.5".to_owned()),
        max: Some("99".to_owned()),
        mean: Some("31.5".to_owned()),
        median: Some("~20".to_owned()),
        histogram: vec![5, 9, 4, 2, 0, 1],
        details: vec![number("zeros", "3", "rows"), number("stddev", "8.25", "")],
        ..column("price", "float64")
    };
    let carrier = ColumnSummary {
        nulls: 580,
        top: vec![TopValue {
            value: "UA".to_owned(),
            count: 12_000,
        }],
        ..column("carrier", "string")
    };
    let nested = ColumnSummary {
        not_profiled: Some("a list of lists".to_owned()),
        ..column("path", "list<list<int64>>")
    };
    DatasetRecord {
        reference: Some("data/orders-2026-10.parquet".to_owned()),
        references: Vec::new(),
        reference_files: Vec::new(),
        environment: None,
        contract: Some("contracts/orders.yaml".to_owned()),
        before: Some(Before {
            at: "2026-11-24T08:30:00Z".to_owned(),
            status: Status::Fail,
            broken: vec!["orders.not_null(customer)".to_owned()],
            fixed: HOSTILE
                .iter()
                .take(3)
                .map(|t| format!("orders.{t}"))
                .collect(),
            more: 0,
        }),
        ..dataset("orders", 24_951, vec![price, carrier, nested])
    }
}

fn hostile_dataset() -> DatasetRecord {
    let columns = HOSTILE.iter().map(|text| ColumnSummary {
        min: Some((*text).to_owned()),
        max: Some("x".repeat(5_000)),
        top: vec![TopValue {
            value: (*text).to_owned(),
            count: 1,
        }],
        ..column(text, "string")
    });
    dataset(HOSTILE[0], 14, columns.collect())
}

/// A dataset with the given profile.
pub(crate) fn dataset(name: &str, rows: u64, profile: Vec<ColumnSummary>) -> DatasetRecord {
    let schema = profile.iter().map(|c| ColumnType {
        name: c.name.clone(),
        dtype: c.dtype.clone(),
    });
    DatasetRecord {
        name: name.to_owned(),
        path: format!("data/{name}.parquet"),
        files: vec![FileDigest {
            path: format!("data/{name}.parquet"),
            bytes: 1_234_567,
            sha256: Some("cc".repeat(32)),
            etag: None,
            footer_sha256: None,
            last_modified: None,
            given: false,
        }],
        rows,
        schema: schema.collect(),
        contract: None,
        reference: None,
        references: Vec::new(),
        reference_files: Vec::new(),
        environment: None,
        before: None,
        profile,
    }
}

/// A column without values.
pub(crate) fn column(name: &str, dtype: &str) -> ColumnSummary {
    ColumnSummary {
        name: name.to_owned(),
        dtype: dtype.to_owned(),
        rows: 24_951,
        nulls: 0,
        distinct: "120".to_owned(),
        min: None,
        max: None,
        mean: None,
        median: None,
        top: Vec::new(),
        histogram: Vec::new(),
        details: Vec::new(),
        not_profiled: None,
        withheld: None,
    }
}
