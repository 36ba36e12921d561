//! Binary forms of TFDV, as TensorFlow's own protocol buffers wrote them, say what their text says; a file cut anywhere is refused.

use std::path::{Path, PathBuf};
use tollgate::contract::import::{self, Form, Imported, open, tfdv};
use tollgate::contract::written;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/imports")
        .join(name)
}

fn read(name: &str) -> Imported {
    let file = open::open(&sample(name)).expect("it is opened");
    import::import(&file, None).unwrap_or_else(|p| panic!("{name}: {p:?}"))
}

/// Names and contracts of a file.
fn contracts(imported: &Imported) -> Vec<(Option<&str>, String)> {
    let all = imported.contracts.iter();
    all.map(|d| (d.name.as_deref(), written::yaml(&d.contract)))
        .collect()
}

#[test]
fn a_binary_schema_says_what_its_text_says() {
    let (text, binary) = (read("schema.pbtxt"), read("schema.pb"));
    assert_eq!(binary.form, Form::Tfdv);
    assert_eq!(contracts(&text), contracts(&binary));
    let fates = |imported: &Imported| {
        let mut all: Vec<String> = imported
            .coverage
            .items
            .iter()
            .map(|i| format!("{} {:?}", i.what, i.outcome))
            .collect();
        all.sort();
        all
    };
    assert_eq!(fates(&text), fates(&binary));
}

#[test]
fn statistics_in_all_three_wrappings_are_the_same_contracts() {
    let text = read("statistics.pbtxt");
    for name in ["statistics.pb", "statistics.tfrecord"] {
        let binary = read(name);
        assert_eq!(binary.form, Form::TfdvStatistics, "{name}");
        assert_eq!(contracts(&text), contracts(&binary), "{name}");
        assert_eq!(binary.coverage.missing().count(), 0, "{name}");
    }
}

#[test]
fn a_binary_file_that_is_cut_is_refused() {
    for name in ["schema.pb", "statistics.pb", "statistics.tfrecord"] {
        let bytes = std::fs::read(sample(name)).expect("it is there");
        for end in 0..bytes.len() {
            if let Some(text) = tfdv::from_binary(&bytes[..end]) {
                // A list of whole messages is one as well.
                assert!(
                    bytes[end..].starts_with(&bytes[..1]) || bytes[end] >= 0x0a,
                    "{name} {end}\n{text}"
                );
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("cut"), &bytes[..bytes.len() - 1])
            .expect("it is written");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .args(["import", "cut"])
            .current_dir(folder.path())
            .output()
            .expect("it runs");
        assert_eq!(
            output.status.code(),
            Some(2),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// One bit of a binary file turned: read, or refused with a place; nothing panics.
#[test]
fn turned_bits_are_read_or_refused() {
    for name in ["schema.pb", "statistics.pb"] {
        let bytes = std::fs::read(sample(name)).expect("it is there");
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Some(text) = tfdv::from_binary(&bytes) else {
                continue;
            };
            if let Err(problems) = import::import(&crate::import::source("f", &text), None) {
                assert!(
                    problems
                        .iter()
                        .all(|p| p.place.is_some() || p.help.is_some()),
                    "{name} {bit}"
                );
            }
        }
    }
}
