//! `samples` of an expectation: how many failing rows are shown, by which columns, and whether with their values.

use crate::harness::Gate;

const DATA: &str = "id,name,x\n1,ann,\n2,bob,\n3,eve,7\n4,joe,\n";

fn run(samples: &str) -> Gate {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect:\n      - in_set: {{column: x, values: [1], nulls: fail, samples: {samples}}}\n      - returns_no_rows: {{query: \"SELECT name FROM data\", samples: {samples}}}\n"
    );
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

/// Cells of the failing rows as `row: column=value`.
fn shown(gate: &Gate, outcome: &str) -> Vec<String> {
    let cell = |c: &tollgate::record::Cell| {
        let value = c.value.as_deref().unwrap_or("null");
        format!("{}={value}", c.column)
    };
    let samples = gate.outcome(outcome).samples;
    let row = |r: &tollgate::record::FailingRow| {
        let cells: Vec<String> = r.cells.iter().map(cell).collect();
        format!("{}: {}", r.row, cells.join(" "))
    };
    samples.iter().map(row).collect()
}

#[test]
fn as_many_as_are_asked_for_by_the_columns_that_are_named() {
    let gate = run("{n: 3, keys: [name, id]}");
    assert_eq!(
        shown(&gate, "d.in_set(x)"),
        [
            "1: name=ann id=1 x=null",
            "2: name=bob id=2 x=null",
            "3: name=eve id=3 x=7"
        ]
    );
    assert_eq!(shown(&run("1"), "d.in_set(x)"), ["1: x=null"]);
    assert!(shown(&run("0"), "d.in_set(x)").is_empty());
}

#[test]
fn no_value_but_those_of_the_keys_is_shown_where_it_says_so() {
    let gate = run("{keys: id, redact: true}");
    assert_eq!(shown(&gate, "d.in_set(x)")[2], "3: id=3 x=(redacted)");
    assert_eq!(shown(&gate, "d.returns_no_rows")[0], "1: name=(redacted)");
}

#[test]
fn wrong_words_are_named_at_their_place() {
    for (samples, wanted) in [
        ("{keys: [nmae]}", "did you mean `name`?"),
        ("{most: 3}", "keys are n, keys, redact"),
        ("1001", "a whole number from 0 to 1000"),
        ("{n: -1}", "a whole number from 0 to 1000"),
        ("{redact: maybe}", "`redact`"),
    ] {
        let gate = run(samples);
        assert_eq!(gate.code, 2, "{samples}");
        assert!(gate.stderr.contains(wanted), "{samples}: {}", gate.stderr);
    }
}
