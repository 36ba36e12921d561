//! Check files read and refused where they do not hold together.

use super::known_as::KnownAs;
use super::parameter::Presence;
use super::semantics::{Choice, Semantics};
use super::{
    Bound, Catalogue, Check, Clause, ColumnClass, Example, Measure, Op, Param, ParamKind, Scope,
    Statistic, consistency,
};
use crate::config::fields::{Fields, Problems, text};
use crate::config::tree::{self, Key, Node};
use crate::diagnostic::{Diagnostic, SourceFile, listing};
use crate::error::{Error, Result};
use crate::record::Status;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// Reads the built-in checks and the users' own files and folders.
///
/// Errors: [`Error::Config`] with every problem of every file; [`Error::Io`] when a file cannot be read.
pub fn load(own: &[PathBuf]) -> Result<Catalogue> {
    let mut files: Vec<SourceFile> = BUILT_IN
        .iter()
        .map(|(name, text)| SourceFile {
            path: format!("checks/{name}"),
            text: (*text).to_owned(),
        })
        .collect();
    for path in own {
        for path in yaml_files(path)? {
            let text = std::fs::read_to_string(&path).map_err(|e| Error::io("read", &path, e))?;
            files.push(SourceFile {
                path: path.display().to_string(),
                text,
            });
        }
    }
    let mut problems = Problems::default();
    let mut digest = Sha256::new();
    let mut checks: Vec<Arc<Check>> = Vec::new();
    for file in files {
        digest.update(file.text.as_bytes());
        if let Some(check) = read(&Arc::new(file), &mut problems) {
            if let Some(other) = checks.iter().find(|c| c.id == check.id) {
                problems.add(
                    Diagnostic::new(
                        "duplicate-check",
                        format!("check `{}` exists already", check.id),
                    )
                    .at(&check.place, "again here")
                    .help(format!(
                        "it is in {} and {}; rename one",
                        other.file.path, check.file.path
                    )),
                );
            } else {
                checks.push(Arc::new(check));
            }
        }
    }
    if !problems.0.is_empty() {
        return Err(Error::Config(problems.0));
    }
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Catalogue {
        checks,
        sha256: crate::report::text::hex(&digest.finalize()),
    })
}

fn yaml_files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|e| Error::io("read", path, e))? {
        let entry = entry.map_err(|e| Error::io("read", path, e))?.path();
        if entry.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

/// Reads one check file; every problem is added, and `None` when there was one.
pub fn read(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Check> {
    let before = problems.0.len();
    let node = match tree::parse(file) {
        Ok(node) => node,
        Err(problem) => {
            problems.add(problem);
            return None;
        }
    };
    let mut fields = Fields::of(&node, "a check file", problems)?;
    let id_node = fields.require("id", problems);
    let id = id_node.and_then(|n| text(n, "id", problems));
    let summary = fields
        .require("summary", problems)
        .and_then(|n| text(n, "summary", problems));
    let since = fields.text("since", problems).unwrap_or_default();
    let scope = fields.word("scope", Scope::WORDS, Scope::parse, problems);
    let params: Vec<Param> = fields
        .entries("params", problems)
        .iter()
        .filter_map(|(key, node)| param(key, node, problems))
        .collect();
    let measure_node = fields.require("measure", problems);
    let measure = measure_node.and_then(|n| measure(n, problems));
    let pass: Vec<Clause> = fields
        .list("pass")
        .iter()
        .filter_map(|n| clause(n, problems))
        .collect();
    let message = fields
        .require("message", problems)
        .and_then(|n| text(n, "message", problems));
    let doc = fields.text("doc", problems).unwrap_or_default();
    let semantics = Semantics::read(&mut fields, problems);
    let choice = Choice::read(&mut fields, problems);
    let known_as = KnownAs::read(&mut fields, problems);
    let examples: Vec<Example> = fields
        .list("examples")
        .iter()
        .filter_map(|n| example(n, problems))
        .collect();
    fields.finish(problems);
    let check = Check {
        place: id_node?.place.clone(),
        id: id?,
        summary: summary?,
        since,
        scope: scope.unwrap_or(Scope::Column),
        params,
        measure: measure?,
        pass,
        message: message?,
        doc,
        semantics,
        choice,
        known_as,
        examples,
        file: Arc::clone(file),
    };
    problems.0.extend(consistency::problems(&check, &node));
    (problems.0.len() == before).then_some(check)
}

fn param(key: &Key, node: &Node, problems: &mut Problems) -> Option<Param> {
    let what = format!("parameter `{}`", key.name);
    let mut fields = Fields::of(node, &what, problems)?;
    let word = fields
        .require("type", problems)
        .and_then(|n| text(n, "type", problems))?;
    let class = fields.word("dtype", ColumnClass::WORDS, ColumnClass::parse, problems);
    let of = fields.texts("of", problems);
    let Some(kind) = ParamKind::parse(&word, class, of) else {
        problems.add(
            Diagnostic::new("unknown-value", format!("{what} has no type `{word}`"))
                .at(&node.place, "")
                .help(listing("types", &word, ParamKind::WORDS.iter().copied())),
        );
        return None;
    };
    let default = fields.get("default").cloned();
    let presence = if fields.boolean("optional", problems) == Some(true) {
        Presence::Optional
    } else {
        Presence::Required
    };
    let least = fields.count("least", problems).unwrap_or(1);
    let doc = fields
        .require("doc", problems)
        .and_then(|n| text(n, "doc", problems));
    fields.finish(problems);
    Some(Param {
        least: usize::try_from(least).unwrap_or(1),
        name: key.name.clone(),
        kind,
        default,
        presence,
        doc: doc?,
    })
}

fn measure(node: &Node, problems: &mut Problems) -> Option<Measure> {
    let mut fields = Fields::of(node, "measure", problems)?;
    let profile = fields.text("profile", problems);
    let rows = fields.text("rows", problems);
    let groups = fields.text("groups", problems);
    let value = fields.text("value", problems);
    let statistic = fields.word(
        "statistic",
        &Statistic::names().collect::<Vec<_>>(),
        Statistic::parse,
        problems,
    );
    fields.finish(problems);
    match (profile, rows, groups, value, statistic) {
        (Some(measure), rows, None, None, None) => Some(Measure::Profile { measure, rows }),
        (None, Some(rows), None, None, None) => Some(Measure::Rows(rows)),
        (None, None, Some(sql), None, None) => Some(Measure::Groups(sql)),
        (None, None, None, Some(sql), None) => Some(Measure::Value(sql)),
        (None, None, None, None, Some(statistic)) => Some(Measure::Statistic(statistic)),
        _ => {
            problems.add(
                Diagnostic::new("wrong-measure", "a check measures exactly one thing")
                    .at(&node.place, "")
                    .help(
                        "give one of profile (alone or with rows), rows, groups, value, statistic",
                    ),
            );
            None
        }
    }
}

fn clause(node: &Node, problems: &mut Problems) -> Option<Clause> {
    let written = text(node, "pass", problems)?;
    let words: Vec<&str> = written.split_whitespace().collect();
    let parsed = match words[..] {
        [name, op, bound] => Op::parse(op).and_then(|op| {
            Some(Clause {
                name: name.to_owned(),
                op,
                bound: match bound.parse::<f64>() {
                    Ok(v) if v.is_finite() => Bound::Number(v),
                    Ok(_) => return None,
                    Err(_) => Bound::Param(bound.to_owned()),
                },
            })
        }),
        _ => None,
    };
    if parsed.is_none() {
        problems.add(
            Diagnostic::new("wrong-pass", format!("`{written}` is not a condition"))
                .at(&node.place, "")
                .help("write `name op bound`, op one of <= < >= > == !=, bound a parameter or a finite number"),
        );
    }
    parsed
}

fn example(node: &Node, problems: &mut Problems) -> Option<Example> {
    let mut fields = Fields::of(node, "an example", problems)?;
    let name = fields
        .require("name", problems)
        .and_then(|n| text(n, "name", problems));
    let data = fields.require("data", problems).cloned();
    let types = fields
        .entries("types", problems)
        .iter()
        .filter_map(|(k, v)| Some((k.name.clone(), text(v, "types", problems)?)))
        .collect();
    let with = fields.get("with").cloned();
    let datasets = fields
        .entries("datasets", problems)
        .iter()
        .map(|(k, v)| (k.name.clone(), v.clone()))
        .collect();
    let past = fields
        .list("past")
        .iter()
        .filter_map(|n| n.value.scalar()?.number());
    let past = past.collect();
    let files = fields.texts("files", problems);
    let texts = fields
        .entries("texts", problems)
        .iter()
        .filter_map(|(k, v)| Some((k.name.clone(), text(v, "texts", problems)?)))
        .collect();
    let now = fields.text("now", problems);
    let mut expected = Fields::of(fields.require("expect", problems)?, "expect", problems)?;
    let words = ["pass", "warn", "fail", "skipped", "error"];
    expected.require("status", problems);
    let status = expected.word("status", &words, status, problems);
    let failing = expected.count("failing", problems);
    let message = expected.text("message", problems);
    expected.finish(problems);
    fields.finish(problems);
    Some(Example {
        name: name?,
        data: data?,
        types,
        with,
        datasets,
        files,
        texts,
        past,
        now,
        status: status?,
        failing,
        message,
    })
}

fn status(word: &str) -> Option<Status> {
    let mut all = Example::STATUSES.into_iter();
    all.find(|s| s.word() == word)
}
