//! Files that others wrote, through the importers; skipped with a line where they are not beside the checkout.

use crate::import::{read, source};
use crate::sources_conformance::{name, shared};
use tollgate::config::fields::Problems;
use tollgate::contract;
use tollgate::contract::import::{self, Form};
use tollgate::contract::written;

/// Rules of the standard's examples that no check holds: file and words of the rule. Every other one is held.
const NOT_HELD: &[(&str, &str)] = &[
    // The fields of a struct are those of its type.
    (
        "all-data-types.odcs.yaml",
        "maxProperties of customer_details",
    ),
    // Written for another engine.
    ("column-custom.odcs.yaml", "quality soda of UniqueID"),
    ("column-custom.odcs.yaml", "quality soda of UniqueID"),
    // `tab1` and `receiver_types` are not in the schema.
    (
        "database-table-sla.odcs.yaml",
        "sla latency of tab1.txn_ref_dt",
    ),
    ("full-example.odcs.yaml", "sla latency of tab1.txn_ref_dt"),
    (
        "full-example.odcs.yaml",
        "relationship of receiver_type to receiver_types.type_code",
    ),
    // Agreements about the service and its past.
    (
        "database-table-sla.odcs.yaml",
        "sla retention of tab1.txn_ref_dt",
    ),
    ("database-table-sla.odcs.yaml", "sla frequency"),
    ("database-table-sla.odcs.yaml", "sla timeOfAvailability"),
    ("database-table-sla.odcs.yaml", "sla timeOfAvailability"),
    ("full-example.odcs.yaml", "sla retention of tab1.txn_ref_dt"),
    ("full-example.odcs.yaml", "sla frequency"),
    ("full-example.odcs.yaml", "sla timeOfAvailability"),
    ("full-example.odcs.yaml", "sla timeOfAvailability"),
];

#[test]
fn every_example_of_the_open_data_contract_standard_is_accepted() {
    let Some(files) = shared("odcs/examples") else {
        return;
    };
    let mut missing: Vec<(String, String)> = Vec::new();
    let mut rules = 0;
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        let file = source(name(path), &text);
        assert_eq!(
            Form::detect(&file).unwrap(),
            Form::Odcs,
            "{}",
            path.display()
        );
        let imported = read(name(path), &text)
            .unwrap_or_else(|p| panic!("{}: {}", path.display(), p[0].render()));
        rules += imported.coverage.items.len();
        missing.extend(
            imported
                .coverage
                .missing()
                .map(|(i, _)| (name(path).to_owned(), i.what.clone())),
        );
        for draft in &imported.contracts {
            let mut problems = Problems::default();
            let direct = import::contract(&imported, draft, &file, &mut problems).unwrap();
            assert!(
                problems.0.is_empty(),
                "{}: {:?}",
                path.display(),
                problems.0
            );
            // What `tollgate import` writes is the same contract.
            let native = source("native.yaml", &written::yaml(&draft.contract));
            let again = contract::read(&native, &mut problems).unwrap();
            assert!(
                problems.0.is_empty(),
                "{}: {:?}",
                path.display(),
                problems.0
            );
            assert_eq!(direct.columns.len(), again.columns.len());
            assert_eq!(direct.key.map(|k| k.0), again.key.map(|k| k.0));
            assert_eq!(direct.expect.len(), again.expect.len());
        }
    }
    let wanted: Vec<(&str, &str)> = missing
        .iter()
        .map(|(f, w)| (f.as_str(), w.as_str()))
        .collect();
    let unlisted: Vec<_> = wanted.iter().filter(|m| !NOT_HELD.contains(m)).collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    assert_eq!(wanted.len(), NOT_HELD.len(), "{wanted:?}");
    assert!(
        files.len() >= 18 && rules > 1_000,
        "{} files, {rules} rules",
        files.len()
    );
}
