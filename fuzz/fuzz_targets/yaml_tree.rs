//! YAML: any text is a tree whose places lie in the text, or one problem with a place; reading never panics and is the same
//! twice, and a mapping read key by key reports each key that nobody asked for.
#![no_main]
#![allow(dead_code, unused_imports, reason = "the program uses more of these files")]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

#[path = "../../src/diagnostic.rs"]
mod diagnostic;
#[path = "../../src/scalar.rs"]
mod scalar;
#[path = "../../src/config/fields.rs"]
mod fields;
#[path = "../../src/report/text.rs"]
mod text;
#[path = "../../src/config/tree.rs"]
mod tree;
/// What the text module asks of the reports beside it.
mod words {
    pub fn grouped(n: u64) -> String {
        n.to_string()
    }
}
mod report {
    pub(crate) use crate::text;
}
mod config {
    pub(crate) use crate::{fields, tree};
}

use fields::{Fields, Problems};
use tree::{Node, Value, parse};
use diagnostic::SourceFile;

/// Every place lies in the text.
fn placed(node: &Node, lines: usize) {
    assert!(node.place.line >= 1 && node.place.line <= lines + 1);
    assert!(node.place.column >= 1);
    match &node.value {
        Value::List(items) => items.iter().for_each(|n| placed(n, lines)),
        Value::Map(entries) => entries.iter().for_each(|(_, n)| placed(n, lines)),
        _ => {}
    }
}

fuzz_target!(|text: &str| {
    let file = Arc::new(SourceFile {
        path: "f.yaml".to_owned(),
        text: text.to_owned(),
    });
    match parse(&file) {
        Ok(node) => {
            // A carriage return alone ends a line as well.
            placed(&node, text.matches(['\n', '\r']).count());
            assert!(parse(&file).is_ok_and(|again| again == node));
            let mut problems = Problems::default();
            let keys = match &node.value {
                // A key without a value is unknown and empty.
                Value::Map(entries) => {
                    let empty = entries.iter().filter(|(_, n)| n.value == Value::Null);
                    entries.len() + empty.count()
                }
                _ => 1,
            };
            if let Some(fields) = Fields::of(&node, "a file", &mut problems) {
                fields.finish(&mut problems);
            }
            assert_eq!(problems.0.len(), keys);
            problems.0.iter().for_each(|p| drop(p.render()));
        }
        Err(problem) => assert!(!problem.render().is_empty()),
    }
});
