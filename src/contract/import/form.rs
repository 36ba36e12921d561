//! The forms that contracts come in, and how each is known by its content.

use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// A form that contracts come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Our own.
    Native,
    /// Open Data Contract Standard 3.
    Odcs,
    /// `schema.yml` of dbt.
    Dbt,
    /// Expectation suite of Great Expectations.
    Gx,
    /// Frictionless Table Schema.
    FrictionlessSchema,
    /// Frictionless Data Package.
    FrictionlessPackage,
    /// JSON Schema of row objects.
    JsonSchema,
    /// Schema of TensorFlow Data Validation, text proto or binary.
    Tfdv,
    /// Statistics of TensorFlow Data Validation, text proto or binary.
    TfdvStatistics,
    /// Schema of Pandera, as YAML.
    Pandera,
    /// Soda contract or `SodaCL`.
    Soda,
    /// Data Quality Definition Language.
    Dqdl,
    /// Model signature in an `MLmodel` file of `MLflow`.
    Mlmodel,
    /// `constraints.json` of `SageMaker` Model Monitor.
    SagemakerConstraints,
    /// `statistics.json` of `SageMaker` Model Monitor.
    SagemakerStatistics,
    /// Columns of a Parquet or Arrow IPC file.
    Arrow,
}

impl Form {
    /// All forms, in the order in which content is held against them.
    pub const ALL: &[Self] = &[
        Self::Odcs,
        Self::Dbt,
        Self::Gx,
        Self::Pandera,
        Self::Soda,
        Self::Mlmodel,
        Self::SagemakerConstraints,
        Self::SagemakerStatistics,
        Self::FrictionlessPackage,
        Self::JsonSchema,
        Self::FrictionlessSchema,
        Self::TfdvStatistics,
        Self::Tfdv,
        Self::Dqdl,
        Self::Arrow,
        Self::Native,
    ];

    /// The word for `--from` and `from:`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Odcs => "odcs",
            Self::Dbt => "dbt",
            Self::Gx => "gx",
            Self::FrictionlessSchema => "frictionless_schema",
            Self::FrictionlessPackage => "frictionless_package",
            Self::JsonSchema => "json_schema",
            Self::Tfdv => "tfdv",
            Self::TfdvStatistics => "tfdv_statistics",
            Self::Pandera => "pandera",
            Self::Soda => "soda",
            Self::Dqdl => "dqdl",
            Self::Mlmodel => "mlmodel",
            Self::SagemakerConstraints => "sagemaker_constraints",
            Self::SagemakerStatistics => "sagemaker_statistics",
            Self::Arrow => "arrow",
        }
    }

    /// What it is called by people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Native => "native contract",
            Self::Odcs => "Open Data Contract Standard",
            Self::Dbt => "dbt schema.yml",
            Self::Gx => "Great Expectations suite",
            Self::FrictionlessSchema => "Frictionless Table Schema",
            Self::FrictionlessPackage => "Frictionless Data Package",
            Self::JsonSchema => "JSON Schema",
            Self::Tfdv => "TFDV schema",
            Self::TfdvStatistics => "TFDV statistics",
            Self::Pandera => "Pandera schema",
            Self::Soda => "Soda contract",
            Self::Dqdl => "DQDL ruleset",
            Self::Mlmodel => "MLmodel signature",
            Self::SagemakerConstraints => "SageMaker Model Monitor constraints",
            Self::SagemakerStatistics => "SageMaker Model Monitor statistics",
            Self::Arrow => "Arrow schema",
        }
    }

    /// What its files are known by.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Native => "`version: 1` with `columns`, `key` or `expect`",
            Self::Odcs => "`kind: DataContract`, or `apiVersion: v3…` with `schema`",
            Self::Dbt => "lists `models`, `sources`, `seeds` or `snapshots`",
            Self::Gx => "a list `expectations`",
            Self::FrictionlessSchema => "a list `fields`",
            Self::FrictionlessPackage => "a list `resources`",
            Self::JsonSchema => "`$schema` of JSON Schema, or `properties`",
            Self::Tfdv => "text proto with `feature {`, or its binary form",
            Self::TfdvStatistics => "text proto with `datasets {`, or its binary form",
            Self::Pandera => "`schema_type`",
            Self::Soda => {
                "`dataset` with `columns` or `checks` and no `version: 1`, or keys `checks for …`"
            }
            Self::Dqdl => "`Rules = [`",
            Self::Mlmodel => "`signature` with `flavors`, or with `inputs`",
            Self::SagemakerConstraints => {
                "a list `features` with `completeness` or `inferred_type` and constraints"
            }
            Self::SagemakerStatistics => "a list `features` with `…_statistics`",
            Self::Arrow => "the marks of Parquet and Arrow IPC at the file's begin",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.word() == word)
    }

    /// The form of a file by what is in it; the file's name does not count.
    ///
    /// Errors: what is no YAML and no JSON, at its place; else a problem that lists what was looked for.
    pub fn detect(file: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        // What stands for a binary file has a list of fields as well.
        if Self::Arrow.shows_in(file, None) {
            return Ok(Self::Arrow);
        }
        let read = super::tree_of(file);
        let tree = read.as_ref().ok();
        let found = Self::ALL.iter().find(|f| f.shows_in(file, tree));
        found.copied().ok_or_else(|| {
            if let Err(problem) = &read {
                return problem.clone();
            }
            let signs: Vec<String> = Self::ALL
                .iter()
                .map(|f| format!("{}: {}", f.word(), f.sign()))
                .collect();
            let message = format!("{} has no form that is known", file.path);
            Diagnostic::new("unknown-form", message).help(format!(
                "looked for {}; name the form with --from or `from`",
                signs.join("; ")
            ))
        })
    }

    /// Whether the sign of the form is in the file.
    fn shows_in(self, file: &SourceFile, tree: Option<&Node>) -> bool {
        let has = |key: &str| tree.is_some_and(|t| get(t, key).is_some());
        let lists = |key: &str| is_list(tree.and_then(|t| get(t, key)));
        let feature = |wanted: &dyn Fn(&Node) -> bool| {
            let features = tree.and_then(|t| get(t, "features"));
            matches!(features.map(|f| &f.value), Some(Value::List(all)) if all.iter().any(wanted))
        };
        let ends = |node: &Node, ending: &str| match &node.value {
            Value::Map(entries) => entries.iter().any(|(k, _)| k.name.ends_with(ending)),
            _ => false,
        };
        match self {
            Self::Odcs => {
                word(tree, "kind") == Some("DataContract")
                    || word(tree, "apiVersion").is_some_and(|v| v.starts_with('v')) && has("schema")
            }
            Self::Dbt => ["models", "sources", "seeds", "snapshots"]
                .iter()
                .any(|k| lists(k)),
            Self::Gx => lists("expectations"),
            Self::Pandera => has("schema_type"),
            Self::Soda => soda(tree),
            Self::Mlmodel => has("signature") && has("flavors") || tree.is_some_and(signature),
            Self::SagemakerStatistics => feature(&|f| ends(f, "_statistics")),
            Self::SagemakerConstraints => {
                feature(&|f| get(f, "completeness").is_some() || ends(f, "_constraints"))
                    || lists("features") && has("monitoring_config")
            }
            Self::FrictionlessPackage => lists("resources"),
            Self::FrictionlessSchema => lists("fields"),
            Self::JsonSchema => {
                word(tree, "$schema").is_some_and(|s| s.contains("json-schema.org"))
                    || matches!(
                        tree.and_then(|t| get(t, "properties")).map(|n| &n.value),
                        Some(Value::Map(_))
                    )
            }
            Self::TfdvStatistics => is_text_proto(&file.text, &["datasets"]),
            Self::Tfdv => is_text_proto(&file.text, &["feature", "string_domain"]),
            Self::Dqdl => is_ruleset(&file.text),
            Self::Arrow => file.text.starts_with(super::columnar::MARK),
            Self::Native => {
                let version = tree.and_then(|t| get(t, "version")).map(|n| &n.value);
                let ours = ["columns", "expect", "key"].iter().any(|k| has(k));
                ours || (version == Some(&Value::Int(1)) && !has("datasets"))
            }
        }
    }
}

/// The value of a key; null counts as absent.
#[must_use]
pub fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let found = entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v);
    found.filter(|v| v.value != Value::Null)
}

fn is_list(node: Option<&Node>) -> bool {
    matches!(node.map(|n| &n.value), Some(Value::List(_)))
}

fn word<'a>(tree: Option<&'a Node>, key: &str) -> Option<&'a str> {
    match &get(tree?, key)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// A contract of Soda 4 names a dataset and has columns or checks; `SodaCL` has keys `checks for TABLE`.
fn soda(tree: Option<&Node>) -> bool {
    let Some(Value::Map(entries)) = tree.map(|t| &t.value) else {
        return false;
    };
    let has = |key: &str| entries.iter().any(|(k, _)| k.name == key);
    let spoken = |k: &str| k.starts_with("checks for ") || k.starts_with("for each ");
    let ours = tree.and_then(|t| get(t, "version")).map(|n| &n.value) == Some(&Value::Int(1))
        || has("expect");
    entries.iter().any(|(k, _)| spoken(&k.name))
        || !ours && (has("checks") && has("dataset") || has("dataset") && columns_have_checks(tree))
}

fn columns_have_checks(tree: Option<&Node>) -> bool {
    let columns = tree.and_then(|t| get(t, "columns")).map(|n| &n.value);
    let own = |c: &Node| {
        ["checks", "data_type", "valid_values"]
            .iter()
            .any(|k| get(c, k).is_some())
    };
    matches!(columns, Some(Value::List(all)) if all.iter().any(own))
}

/// `inputs` of a signature are JSON in a text.
fn signature(tree: &Node) -> bool {
    let inputs = get(tree, "signature").and_then(|s| get(s, "inputs"));
    matches!(inputs.map(|n| &n.value), Some(Value::Text(text)) if text.trim_start().starts_with('['))
}

/// A line that opens one of these messages, outside of braces or not.
fn is_text_proto(text: &str, words: &[&str]) -> bool {
    let opens = |line: &str| {
        let line = line.trim_start();
        let rest = words.iter().find_map(|w| line.strip_prefix(w));
        rest.is_some_and(|r| {
            let r = r.trim_start();
            let r = r.strip_prefix(':').unwrap_or(r).trim_start();
            r.starts_with('{') || r.starts_with('<')
        })
    };
    !text.trim_start().starts_with(['{', '[']) && text.lines().any(opens)
}

/// `Rules = [`, with any white space and comments before it.
fn is_ruleset(text: &str) -> bool {
    let at = text.find("Rules").map(|at| &text[at + "Rules".len()..]);
    let value = at.and_then(|rest| rest.trim_start().strip_prefix('='));
    value.is_some_and(|rest| rest.trim_start().starts_with('['))
}
