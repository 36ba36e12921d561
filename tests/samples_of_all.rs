//! `samples` of a contract and of a dataset: what expectations show that say nothing of it.

use crate::harness::Gate;

const DATA: &str = "id,name,x\n1,ann,\n2,bob,\n3,eve,7\n4,joe,\n";

fn run(contract: &str, dataset: &str, expectation: &str) -> Gate {
    let config =
        format!("version: 1\ndatasets:\n  d:\n    path: d.csv\n    contract: c.yaml\n{dataset}");
    let contract = format!(
        "version: 1\ncolumns:\n  - name: gone\n    required: false\n{contract}expect:\n  - in_set: {{column: x, values: [1], nulls: fail{expectation}}}\n"
    );
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

/// Failing rows as `row: column=value`.
fn shown(gate: &Gate) -> Vec<String> {
    let cell = |c: &tollgate::record::Cell| {
        let value = c.value.as_deref().unwrap_or("null");
        format!("{}={value}", c.column)
    };
    let samples = gate.outcome("d.in_set(x)").samples;
    let row = |r: &tollgate::record::FailingRow| {
        let cells: Vec<String> = r.cells.iter().map(cell).collect();
        format!("{}: {}", r.row, cells.join(" "))
    };
    samples.iter().map(row).collect()
}

#[test]
fn the_contract_then_the_dataset_then_the_expectation() {
    let contract = "samples: {n: 3, keys: id, redact: true}\n";
    let all = ["1: id=1 x=null", "2: id=2 x=null", "3: id=3 x=(redacted)"];
    assert_eq!(shown(&run(contract, "", "")), all);
    assert_eq!(shown(&run(contract, "    samples: 1\n", "")), all[..1]);
    let dataset = "    samples: {keys: name}\n";
    assert_eq!(
        shown(&run(contract, dataset, ""))[2],
        "3: name=eve x=(redacted)"
    );
    let own = ", samples: {redact: false, n: 4}";
    assert_eq!(shown(&run(contract, dataset, own))[2], "3: name=eve x=7");
    assert_eq!(shown(&run(contract, dataset, own)).len(), 4);
    assert!(shown(&run("samples: 0\n", "", "")).is_empty());
}

#[test]
fn a_key_that_is_not_there_is_left_out_when_declared_and_refused_otherwise() {
    let declared = run("samples: {keys: [gone, id]}\n", "", "");
    assert_eq!(shown(&declared)[0], "1: id=1 x=null", "{}", declared.stderr);
    for (contract, dataset, place) in [
        ("samples: {keys: [nmae]}\n", "", "c.yaml:5:"),
        ("", "    samples: {keys: nmae}\n", "tollgate.yaml:6:"),
        ("", "    samples: {most: 3}\n", "keys are n, keys, redact"),
        ("samples: -1\n", "", "a whole number from 0 to 1000"),
    ] {
        let gate = run(contract, dataset, "");
        assert_eq!(gate.code, 2, "{contract}{dataset}");
        assert!(gate.stderr.contains(place), "{}", gate.stderr);
    }
}
