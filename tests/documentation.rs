//! The pages in docs/: their YAML is read by the program, and no key of a schema is missing.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tollgate::catalogue::load::{load, read};
use tollgate::config::{fields::Problems, tree};
use tollgate::diagnostic::SourceFile;
use tollgate::schema::{Kind, schema};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// Every YAML block with the first line's comment, if it names a file.
fn blocks(page: &str) -> Vec<(Option<String>, String)> {
    page.split("\n```yaml\n")
        .skip(1)
        .map(|rest| {
            let text = rest.split("\n```").next().unwrap().to_owned() + "\n";
            let named = text.lines().next().and_then(|l| l.strip_prefix("# "));
            (named.map(str::to_owned), text)
        })
        .collect()
}

fn source(path: &str, text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    })
}

fn accepted(name: Option<&str>, text: &str, place: &Path) {
    let mut problems = Problems::default();
    let file = source(name.unwrap_or("block.yaml"), text);
    let node = tree::parse(&file).unwrap_or_else(|e| panic!("{}: {}", place.display(), e.render()));
    let kind = match name {
        Some("tollgate.yaml") => Some(Kind::Config),
        Some(name) if name.contains("contracts/") => Some(Kind::Contract),
        Some(name) if name.contains("checks/") => Some(Kind::Check),
        _ => None,
    };
    if let Some(kind) = kind {
        let document: Value = serde_yaml::from_str(text).unwrap();
        let found = crate::schemas::problems(&schema(kind, &load(&[]).unwrap()), &document);
        assert_eq!(found, [""; 0], "{}: {text}", place.display());
    }
    match name {
        Some("tollgate.yaml") => {
            let folder = tempfile::tempdir().unwrap();
            for name in ["contracts", "my-checks"] {
                std::fs::create_dir(folder.path().join(name)).unwrap();
            }
            let contract = "version: 1\nkey: id\n";
            std::fs::write(folder.path().join("contracts/flights.yaml"), contract).unwrap();
            let foreign = root().join("tests/imports/odcs.yaml");
            std::fs::copy(foreign, folder.path().join("orders.odcs.yaml")).unwrap();
            std::fs::write(folder.path().join("tollgate.yaml"), text).unwrap();
            let loaded = tollgate::config::load(&folder.path().join("tollgate.yaml"));
            loaded.unwrap_or_else(|e| panic!("{}: {e}", place.display()));
        }
        Some(name) if name.contains("contracts/") => {
            tollgate::contract::read(&file, &mut problems);
        }
        Some(name) if name.contains("checks/") => {
            read(&file, &mut problems);
        }
        _ => {
            if let tree::Value::Map(entries) = &node.value
                && let [(key, list)] = &entries[..]
                && let tree::Value::List(items) = &list.value
                && key.name == "expect"
            {
                expectations_fit(items, text, place, &mut problems);
            }
        }
    }
    let all: Vec<String> = problems
        .0
        .iter()
        .map(tollgate::diagnostic::Diagnostic::render)
        .collect();
    assert!(all.is_empty(), "{}: {}", place.display(), all.join("\n"));
}

/// Reads the expectations and holds them against the schema, which knows every argument.
fn expectations_fit(items: &[tree::Node], text: &str, place: &Path, problems: &mut Problems) {
    let read = tollgate::contract::expectations(items, None, problems);
    assert_eq!(read.len(), items.len());
    let schema = schema(Kind::Contract, &load(&[]).unwrap());
    let mut document: Value = serde_yaml::from_str(text).unwrap();
    document["version"] = 1.into();
    let found = crate::schemas::problems(&schema, &document);
    assert_eq!(found, [""; 0], "{}: {text}", place.display());
}

#[test]
fn every_yaml_block_is_read_by_the_program() {
    let mut seen = 0;
    let pattern = root().join("docs/*.md");
    let pages = glob::glob(pattern.to_str().unwrap()).unwrap();
    for path in pages
        .map(Result::unwrap)
        .chain([root().join("checks/README.md"), root().join("README.md")])
    {
        for (name, text) in blocks(&std::fs::read_to_string(&path).unwrap()) {
            accepted(name.as_deref(), &text, &path);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn the_check_on_the_page_passes_its_own_examples() {
    let block = blocks(&page("docs/own-checks.md")).swap_remove(0).1;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("even.yaml"), block).unwrap();
    let catalogue = load(&[folder.path().to_owned()]).unwrap();
    assert!(catalogue.check("even").is_some());
    let (text, failed) = tollgate::selftest::test(&catalogue).unwrap();
    assert_eq!(failed, 0, "{text}");
}

fn keys(schema: &Value) -> impl Iterator<Item = &String> {
    schema["properties"].as_object().unwrap().keys()
}

#[test]
fn every_key_is_on_the_page_about_configuration() {
    let page = page("docs/configuration.md");
    let catalogue = load(&[]).unwrap();
    let config = schema(Kind::Config, &catalogue);
    let contract = schema(Kind::Contract, &catalogue);
    let dataset = &config["definitions"]["dataset"];
    let parts = [
        &config,
        &contract,
        dataset,
        &config["definitions"]["model"],
        &contract["definitions"]["column"],
    ];
    let nested = ["csv", "drift"].map(|key| &dataset["properties"][key]);
    for key in parts.into_iter().chain(nested).flat_map(keys) {
        let alone = page.contains(&format!("\n| `{key}` |"));
        assert!(
            alone || page.contains(&format!("\n| `owner`, `{key}` |")),
            "{key}"
        );
    }
    for name in tollgate::plan::common::COMMON {
        assert!(page.contains(&format!("\n| `{name}` |")), "{name}");
    }
    for name in tollgate::types::TYPE_NAMES {
        let shown = page.contains(&format!("`{name}`"));
        assert!(
            shown || ["int16", "int32", "uint16", "uint32"].contains(name),
            "{name}"
        );
    }
}

#[test]
fn every_name_is_on_the_page_about_own_checks() {
    use tollgate::catalogue::{
        ColumnClass, PROFILE_MEASURES, ParamKind, Scope, Semantics, Statistic, template,
    };
    let page = page("docs/own-checks.md");
    let names = PROFILE_MEASURES
        .iter()
        .chain(ParamKind::WORDS)
        .chain(ColumnClass::WORDS)
        .chain(Scope::WORDS)
        .chain(&Semantics::KEYS)
        .chain(template::COMMON)
        .copied()
        .chain(Statistic::names());
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    for name in template::FUNCTIONS {
        assert!(page.contains(&format!("\n| `{name}(")), "{name}");
    }
    let keys_of_check = schema(Kind::Check, &load(&[]).unwrap());
    for key in keys(&keys_of_check) {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
}

#[test]
fn every_exit_code_is_on_its_page() {
    use tollgate::error as e;
    let page = page("docs/exit-codes.md");
    for code in [
        e::EXIT_PASS,
        e::EXIT_FAIL,
        e::EXIT_USAGE,
        e::EXIT_UNREADABLE,
        e::EXIT_NOTHING,
        e::EXIT_REFUSED,
        e::EXIT_INCONCLUSIVE,
        e::EXIT_INTERRUPTED,
    ] {
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
    let reports = self::page("docs/reports.md");
    for format in tollgate::report::Format::ALL {
        assert!(
            reports.contains(&format!("\n| `{}` | ", format.name())),
            "{}",
            format.name()
        );
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pattern = root().join("docs/*.md");
    let pages = glob::glob(pattern.to_str().unwrap()).unwrap();
    for path in pages
        .map(Result::unwrap)
        .chain([root().join("checks/README.md"), root().join("README.md")])
    {
        let text = std::fs::read_to_string(&path).unwrap();
        for target in text
            .split("](")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap())
        {
            let file = target.split('#').next().unwrap();
            let elsewhere = file.starts_with("https://");
            let there = elsewhere || file.is_empty() || path.parent().unwrap().join(file).exists();
            assert!(there, "{}: {target}", path.display());
        }
    }
}
