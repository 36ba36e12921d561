//! The files of the example's model, and files that are made by tests/artifacts for the asking.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use tollgate::model::artifact::part::Part;
use tollgate::model::artifact::pickle::{Pickle, Reader, scan};
use tollgate::model::artifact::{Allow, Artifact, Asked, Fault, Kind, MAX_UNPACKED, inspect};

fn asked() -> Asked {
    Asked {
        allow: Allow::usual_and([]).unwrap(),
        max_bytes: None,
        files: vec![glob::Pattern::new("MLmodel").unwrap()],
        max_unpacked: MAX_UNPACKED,
    }
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/flights/models/challenger")
}

/// The example's folder with its model replaced.
fn with_model(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Artifact {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(example().join("MLmodel"), folder.path().join("MLmodel")).unwrap();
    let model = std::fs::read(example().join("model.joblib")).unwrap();
    std::fs::write(folder.path().join("model.joblib"), change(model)).unwrap();
    inspect(folder.path(), &asked()).unwrap()
}

#[test]
fn the_model_of_the_example_may_be_opened() {
    let found = inspect(&example(), &asked()).unwrap();
    assert_eq!(found.findings, []);
    let files: Vec<(&str, Kind)> = found
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.kind))
        .collect();
    assert_eq!(
        files,
        [("MLmodel", Kind::Other), ("model.joblib", Kind::Packed)]
    );
    let imports = |name: &str| found.imports.iter().any(|i| i.name == name);
    assert!(imports("HistGradientBoostingClassifier") && imports("NumpyArrayWrapper"));
    assert!(found.imports.iter().all(|i| i.place == "model.joblib!zlib"));
}

#[test]
fn its_names_are_refused_where_nothing_is_allowed() {
    let nothing = Asked {
        allow: Allow::only([]).unwrap(),
        ..asked()
    };
    let found = inspect(&example(), &nothing).unwrap();
    assert_eq!(found.findings.len(), found.imports.len());
    assert!(
        found.findings[0]
            .to_string()
            .starts_with("model.joblib!zlib at byte ")
    );
}

#[test]
fn its_bytes_cut_or_changed_never_pass_for_the_model() {
    let whole = inspect(&example(), &asked()).unwrap();
    for share in 1..20 {
        let cut = with_model(|mut model| {
            model.truncate(model.len() * share / 20);
            model
        });
        assert!(!cut.findings.is_empty(), "{share} of 20");
        let changed = with_model(|mut model| {
            let at = model.len() * share / 20;
            model[at] ^= 0x10;
            model
        });
        assert!(
            changed.digest != whole.digest && !changed.findings.is_empty(),
            "{share} of 20"
        );
    }
}

/// Every evil file is refused and every honest one passes: `TOLLGATE_ARTIFACTS` names the folder that `evil.py` and
/// `honest.py` filled.
#[test]
fn evil_files_are_refused_and_honest_ones_pass() {
    let Some(root) = std::env::var_os("TOLLGATE_ARTIFACTS").map(PathBuf::from) else {
        println!("skipped: TOLLGATE_ARTIFACTS is not set");
        return;
    };
    let asked = Asked {
        files: Vec::new(),
        ..asked()
    };
    let (mut lines, mut wrong) = (String::new(), Vec::new());
    for kind in ["evil", "honest"] {
        let mut files: Vec<PathBuf> = glob::glob(&format!("{}/{kind}/*/*", root.display()))
            .unwrap()
            .flatten()
            .collect();
        files.sort();
        assert!(files.len() > 100, "{kind}");
        for file in files {
            let refused = !inspect(&file, &asked).unwrap().findings.is_empty();
            let path = file.strip_prefix(&root).unwrap().display();
            let word = if refused { "refused" } else { "passed" };
            writeln!(lines, "{word}\t{path}").unwrap();
            if refused != (kind == "evil") {
                wrong.push(path.to_string());
            }
        }
    }
    std::fs::write(root.join("tollgate.txt"), lines).unwrap();
    assert_eq!(wrong, [""; 0]);
}

/// Every name that Python's readers ask for in `random.jsonl` of `random_pickles.py` is told, or refused as unresolved; and
/// what they read to its end is read.
#[test]
fn every_name_that_python_asks_for_is_told() {
    let file =
        std::env::var_os("TOLLGATE_ARTIFACTS").map(|root| Path::new(&root).join("random.jsonl"));
    let Some(text) = file.and_then(|file| std::fs::read_to_string(file).ok()) else {
        println!("skipped: there is no random.jsonl in TOLLGATE_ARTIFACTS");
        return;
    };
    let allow = Allow::usual_and([]).unwrap();
    let mut names = 0;
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let digits = case["pickle"].as_str().unwrap();
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let bytes = (0..digits.len()).step_by(2).map(byte).collect();
        let mut found = Pickle::default();
        let done = scan(&Part::of(bytes), Reader::Any, &allow, &mut found);
        assert!(done.is_ok() || case["whole"] == false, "{digits}: {done:?}");
        let unresolved = found.faults.iter().any(|(_, f)| *f == Fault::Unresolved);
        for name in case["names"].as_array().unwrap() {
            let of = |at: usize| name[at].as_str().unwrap().to_owned();
            let told = found.globals.contains_key(&(of(0), of(1)));
            assert!(told || unresolved, "{name} in {digits}");
            names += 1;
        }
    }
    println!("{names} names");
    assert!(names > 1000);
}
