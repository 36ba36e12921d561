//! Environments, roles and importances: what a column is to the model, and what its drift means there.

use crate::drift_sides::{MADE, Made, NEXT, gate, ids, refused, table};
use tollgate::record::Status;

pub(crate) const ENVIRONMENTS: &str = "version: 1
environments: [training, serving]
extra_columns: fail
columns:
  - {name: x, type: float}
  - {name: y}
  - {name: city}
  - {name: p, environments: [serving]}
  - name: late
    type: boolean
    nullable: false
    environments: [training]
    expect: [in_set: [true, false]]
expect:
  - not_null: late
";

/// A table without one of its columns.
pub(crate) fn without(text: &str, column: &str) -> String {
    let at = text
        .lines()
        .next()
        .unwrap()
        .split(',')
        .position(|c| c == column);
    let line = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells.remove(at.unwrap());
        cells.join(",") + "\n"
    };
    text.lines().map(line).collect::<String>()
}

#[test]
fn a_column_of_one_environment_is_neither_missing_nor_extra() {
    let serving = without(&table(MADE), "late");
    let training = without(&table(NEXT), "p");
    let files = [
        ("d.csv", &*serving),
        ("r.csv", &training),
        ("c.yaml", ENVIRONMENTS),
    ];
    let dataset = "    contract: c.yaml\n    environment: serving\n    reference: {path: r.csv, environment: training}\n    drift: {severity: error}\n";
    let gate_ = gate(&files, dataset);
    assert_eq!(gate_.code, 0, "{}{}", gate_.stdout, gate_.stderr);
    let ids = ids(&gate_);
    assert!(!ids.iter().any(|id| id.contains("(late)")), "{ids:?}");
    assert_eq!(gate_.outcome("d.drift_columns").status, Status::Pass);
    let coverage = gate_.outcome("d.drift_coverage");
    assert!(
        coverage
            .message
            .contains("left out for columns of one environment: `p`, `late`"),
        "{}",
        coverage.message
    );
    assert_eq!(
        gate_.record().datasets[0].environment.as_deref(),
        Some("serving")
    );
    // Where nothing is said of the environment, every column is promised.
    let strict = gate(&files, "    contract: c.yaml\n");
    assert_eq!(strict.code, 1, "{}", strict.stdout);
    // The other way round the label has to be there.
    let other = gate(&files, "    contract: c.yaml\n    environment: training\n");
    assert_eq!(other.outcome("d.columns_match").status, Status::Fail);
}

#[test]
fn drift_between_environments_is_called_skew() {
    let moved = Made {
        everywhere: 1.0,
        ..MADE
    };
    let files = [
        ("d.csv", &*without(&table(moved), "late")),
        ("r.csv", &table(NEXT)),
        ("c.yaml", ENVIRONMENTS),
    ];
    let dataset = "    contract: c.yaml\n    environment: serving\n    reference: {path: r.csv, environment: training}\n";
    let gate = gate(&files, dataset);
    let found = gate.outcome("d.drift_location(x)");
    assert!(
        found
            .message
            .starts_with("Skew between training and serving: `x` moved: median"),
        "{}",
        found.message
    );
    let whole = gate.outcome("d.drift_dataset");
    assert!(
        whole
            .message
            .starts_with("Skew between training and serving: Changed by more"),
        "{}",
        whole.message
    );
}

#[test]
fn wrong_environments_are_refused() {
    let contract = "version: 1\nenvironments: [training, serving, serving]\nkey: [late]\ncolumns:\n  - {name: late, environments: [trainin]}\n  - {name: x, environments: []}\n";
    let files = [
        ("d.csv", &*table(MADE)),
        ("r.csv", &table(NEXT)),
        ("c.yaml", contract),
        ("plain.yaml", "version: 1\ncolumns:\n  - {name: x}\n"),
        (
            "key.yaml",
            "version: 1\nenvironments: [a, b]\nkey: [late]\ncolumns:\n  - {name: late, environments: [a]}\n",
        ),
    ];
    refused(
        &gate(
            &files,
            "    contract: c.yaml\n    environment: serve\n    reference: {path: r.csv, environment: train}\n",
        ),
        &[
            "`environments` names `serving` twice",
            "there is no environment `trainin`",
            "did you mean `training`?",
            "a list of at least one name",
            "there is no environment `serve`",
            "there is no environment `train`",
        ],
    );
    refused(
        &gate(
            &files,
            "    environment: serving\n    expect: [not_null: x]\n",
        ),
        &["no contract says what it means"],
    );
    refused(
        &gate(
            &files,
            "    contract: plain.yaml\n    environment: serving\n",
        ),
        &["plain.yaml has no `environments`"],
    );
    refused(
        &gate(&files, "    contract: key.yaml\n    environment: b\n"),
        &["`key` names `late`, which is not promised in b"],
    );
}

#[test]
fn scores_and_labels_are_said_in_their_words_and_come_first() {
    let moved = Made {
        everywhere: 1.0,
        late: 40,
        ..MADE
    };
    let shifted: String = table(moved)
        .lines()
        .map(|l| match l.rsplit_once(',') {
            Some((rest, p)) if p != "p" => {
                format!("{rest},{:.3}\n", p.parse::<f64>().unwrap() + 0.2)
            }
            _ => format!("{l}\n"),
        })
        .collect();
    let files = [("d.csv", &*shifted), ("r.csv", &table(NEXT))];
    let dataset = "    reference: r.csv\n    drift: {roles: {label: late, score: p, id: y}}\n";
    let gate = gate(&files, dataset);
    let score = gate.outcome("d.drift_location(p)");
    assert!(
        score
            .message
            .starts_with("The model's own score `p` moved: median"),
        "{}",
        score.message
    );
    let label = gate.outcome("d.drift_mix(late)");
    assert!(
        label
            .message
            .starts_with("The share of the label `late` = ")
            && label.message.contains(" went from "),
        "{}",
        label.message
    );
    let drifted: Vec<String> = ids(&gate)
        .into_iter()
        .filter(|id| id.contains("drift_"))
        .collect();
    assert_eq!(
        drifted[..3],
        [
            "d.drift_location(p)",
            "d.drift_mix(late)",
            "d.drift_location(x)"
        ]
    );
    assert!(
        gate.outcome("d.drift_coverage")
            .message
            .contains("by `role: id`: `y`"),
        "{drifted:?}"
    );
}

#[test]
fn roles_stand_in_contracts_too() {
    let contract = "version: 1\ncolumns:\n  - {name: p, role: score}\n  - {name: y, role: id}\n  - {name: late, role: label}\n";
    let moved: String = table(MADE).replace(",0.4", ",0.9");
    let files = [
        ("d.csv", &*moved),
        ("r.csv", &table(NEXT)),
        ("c.yaml", contract),
    ];
    let gate_ = gate(&files, "    contract: c.yaml\n    reference: r.csv\n");
    let ids = ids(&gate_);
    let score = ids
        .iter()
        .find(|id| id.ends_with("(p)") && id.contains("drift_"));
    let score = gate_.outcome(score.unwrap_or_else(|| panic!("{ids:?}")));
    assert!(
        score.message.starts_with("The model's own score `p` "),
        "{}",
        score.message
    );
    refused(
        &gate(
            &files,
            "    reference: r.csv\n    drift: {roles: {label: [late, p], score: [p, q], id: 3, target: x}}\n",
        ),
        &[
            "`p` has two roles: label and score",
            "roles has no key `target`",
            "`id` must be text",
        ],
    );
    refused(
        &gate(
            &files,
            "    reference: r.csv\n    drift: {roles: {score: [pp]}}\n",
        ),
        &["`roles` names no column: `pp`"],
    );
}

#[test]
fn the_importance_of_what_changed_is_said() {
    let moved = Made {
        everywhere: 1.0,
        ..MADE
    };
    let files = [
        ("d.csv", &*table(moved)),
        ("r.csv", &table(NEXT)),
        ("i.csv", "feature,importance,std\nx,3,0.1\n\"y\",1,0.1\n"),
        ("two.csv", ",0\nx,3\ny,1\n"),
        ("i.json", "{\"x\": 0.75, \"y\": 0.25}"),
        (
            "rows.json",
            "[\n  {\"feature\": \"x\", \"importance\": 3},\n  {\"feature\": \"y\", \"importance\": 1}\n]\n",
        ),
        (
            "lists.json",
            "{\"name\": [\"x\", \"y\"], \"value\": [3, 1]}",
        ),
    ];
    for importance in [
        "{x: 3, y: 1}",
        "i.csv",
        "two.csv",
        "i.json",
        "rows.json",
        "lists.json",
    ] {
        let dataset = format!("    reference: r.csv\n    drift: {{importance: {importance}}}\n");
        let gate = gate(&files, &dataset);
        let found = gate.outcome("d.drift_location(x)");
        assert!(
            found
                .message
                .ends_with(" `x` carries 75 % of the model's importance."),
            "{importance}: {}",
            found.message
        );
        let whole = gate.outcome("d.drift_dataset");
        assert!(
            whole
                .message
                .ends_with(" Columns that changed carry 75 % of the model's importance."),
            "{importance}: {}",
            whole.message
        );
    }
}

#[test]
fn a_lost_column_takes_its_importance_along() {
    let files = [
        ("d.csv", &*without(&table(MADE), "y")),
        ("r.csv", &table(NEXT)),
        (
            "c.yaml",
            "version: 1\ncolumns:\n  - {name: y, required: false}\n",
        ),
    ];
    let dataset =
        "    contract: c.yaml\n    reference: r.csv\n    drift: {importance: {x: 1, y: 3}}\n";
    let whole = gate(&files, dataset).outcome("d.drift_dataset");
    assert!(
        whole
            .message
            .ends_with("carry 75 % of the model's importance."),
        "{}",
        whole.message
    );
}

#[test]
fn wrong_importances_are_refused() {
    let files = [
        ("d.csv", &*table(MADE)),
        ("r.csv", &table(NEXT)),
        ("minus.csv", "feature,importance\nx,-1\ny,nan\n"),
        ("three.csv", "a,b,c\nx,1,2\n"),
        ("hole.csv", "feature,importance\nx\ny,1\n"),
        ("wrong.json", "[1, 2]"),
    ];
    for (importance, said) in [
        ("{xx: 1}", "`importance` names no column: `xx`"),
        ("{x: -0.5}", "the importance of `x` is -0.5"),
        ("{x: .nan}", "the importance of `x` is NaN"),
        ("{x: much}", "`x` must be a finite number"),
        ("{x: 0, y: 0}", "no feature has an importance above 0"),
        ("[x, y]", "a mapping of features to numbers, or a file"),
        ("none.csv", "none.csv"),
        ("minus.csv", "the importance of `y` is NaN"),
        ("minus.csv", "minus.csv:2:1"),
        ("three.csv", "does not say which column is which"),
        ("hole.csv", "a line without a feature and a number"),
        ("wrong.json", "a list of mappings with `feature`"),
    ] {
        let dataset = format!("    reference: r.csv\n    drift: {{importance: {importance}}}\n");
        refused(&gate(&files, &dataset), &[said]);
    }
}
