//! What holds of every file that an importer is given: it is read, or refused with a reason; its places lie in the file; the contract
//! reads back from its own text, and is written in every other form.

use std::sync::Arc;
use tollgate::config::fields::Problems;
use tollgate::config::tree::{Node, Value, parse};
use tollgate::contract::export::{FORMS, export};
use tollgate::contract::import::{self, Form, Imported, tfdv};
use tollgate::contract::{Contract, written};
use tollgate::diagnostic::{Place, SourceFile};

/// Reads bytes as a contract would be: as text, or as what stands for a binary file.
pub fn bytes(bytes: &[u8], form: Option<Form>) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match tfdv::from_binary(bytes) {
            Some(text) => text,
            None => return,
        },
    };
    text_of(&text, form);
}

/// Reads a text in a form, or in the one that it shows.
pub fn text_of(text: &str, form: Option<Form>) {
    let file = Arc::new(SourceFile {
        path: "f".to_owned(),
        text: text.to_owned(),
    });
    // YAML counts a carriage return alone as the end of a line.
    let lines = text.matches(['\n', '\r']).count() + 1;
    match import::import(&file, form) {
        Ok(imported) => {
            let again = import::import(&file, form).expect("it was read before");
            assert_eq!(again.coverage, imported.coverage);
            imported.coverage.items.iter().for_each(|i| lies(&i.place, lines));
            drop(imported.coverage.line());
            whole(&imported, &file, lines);
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                problem.place.iter().for_each(|p| lies(p, lines));
                assert!(!problem.render().is_empty());
            }
        }
    }
}

fn lies(place: &Place, lines: usize) {
    assert!((1..=lines).contains(&place.line), "line {} of {lines}", place.line);
    assert!(place.column >= 1);
}

fn placed(node: &Node, lines: usize) {
    lies(&node.place, lines);
    match &node.value {
        Value::List(items) => items.iter().for_each(|n| placed(n, lines)),
        Value::Map(entries) => entries.iter().for_each(|(_, n)| placed(n, lines)),
        _ => {}
    }
}

/// Every contract of the file: read by the native reader, written as text that reads back, and in every other form.
fn whole(imported: &Imported, file: &Arc<SourceFile>, lines: usize) {
    for draft in &imported.contracts {
        placed(&draft.contract, lines);
        let yaml = written::yaml(&draft.contract);
        let own = Arc::new(SourceFile {
            path: "own.yaml".to_owned(),
            text: yaml,
        });
        let mut problems = Problems::default();
        let contract = import::contract(imported, draft, file, &mut problems);
        if !problems.0.is_empty() {
            problems.0.iter().for_each(|p| drop(p.render()));
            continue;
        }
        if imported.form != Form::Native {
            assert!(parse(&own).is_ok(), "what is written is no YAML:\n{}", own.text);
        }
        if let Some(contract) = contract {
            everywhere(&contract);
        }
    }
}

/// What is written in a form is known by its content, and read in that form.
fn everywhere(contract: &Contract) {
    let mut contract = contract.clone();
    contract.origin = None;
    for form in FORMS {
        let Some(exported) = export(&contract, *form) else {
            continue;
        };
        drop(exported.coverage.line());
        let file = Arc::new(SourceFile {
            path: "theirs".to_owned(),
            text: exported.text,
        });
        if let Err(problems) = import::import(&file, Some(*form)) {
            problems.iter().for_each(|p| drop(p.render()));
        }
    }
}
