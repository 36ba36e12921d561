//! Frictionless Table Schema and Data Package, versions 1 and 2: <https://datapackage.org/standard/table-schema/>.

mod field;

use super::build::{ContractDraft, text, texts};
use super::form::get;
use super::keys::Keys;
use super::{Coverage, Draft, Form, Imported, text_of, tree_of};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile, listing};
use std::sync::Arc;

/// Name of the form in reasons.
const FORM: &str = "Frictionless";

/// Keys of a schema or a resource that are for people.
const METADATA: &[&str] = &[
    "$schema",
    "title",
    "description",
    "homepage",
    "version",
    "profile",
    "sources",
    "licenses",
    "contributors",
    "keywords",
    "image",
    "created",
    "id",
    "mediatype",
];

/// Reads a Table Schema.
///
/// Errors: what is no JSON or YAML, and every key of the wrong type, each with its place.
pub fn schema(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let mut problems = Problems::default();
    let mut coverage = Coverage::default();
    let draft = table(&tree, None, &mut coverage, &mut problems);
    match draft {
        Some(draft) if problems.0.is_empty() => Ok(Imported::one(
            Form::FrictionlessSchema,
            None,
            draft.into_node(),
            coverage,
        )),
        _ => Err(problems.0),
    }
}

/// Reads a Data Package: one contract per resource with a schema of its own.
///
/// Errors: as [`schema`].
pub fn package(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let mut problems = Problems::default();
    let read = resources(&tree, &mut problems);
    match read {
        Some(imported) if problems.0.is_empty() => Ok(imported),
        _ => Err(problems.0),
    }
}

fn resources(tree: &Node, problems: &mut Problems) -> Option<Imported> {
    let keys = Keys::of(tree, "a data package", problems)?;
    let mut common = Coverage::default();
    let mut contracts = Vec::new();
    for node in keys.list("resources", problems) {
        contracts.extend(resource(node, problems));
    }
    keys.ignore(METADATA);
    keys.ignore(&["name"]);
    for (key, node) in keys.rest() {
        common.told(&node.place, key.name.clone());
    }
    let mut coverage = common.clone();
    for draft in &contracts {
        let Draft { coverage: own, .. } = draft;
        coverage.items.extend(own.items.clone());
        coverage.told.extend(own.told.clone());
    }
    Some(Imported {
        form: Form::FrictionlessPackage,
        contracts,
        coverage,
    })
}

fn resource(node: &Node, problems: &mut Problems) -> Option<Draft> {
    let keys = Keys::of(node, "a resource", problems)?;
    keys.require("name", problems);
    let (name, place) = keys.text("name", problems)?;
    let mut coverage = Coverage::default();
    let schema = keys.get("schema");
    let mut draft = match schema.map(|s| (s, &s.value)) {
        Some((schema, Value::Text(path))) => {
            coverage.dropped(
                &schema.place,
                format!("schema of {name}"),
                format!("it is in {path}: import that file"),
            );
            ContractDraft::new(place)
        }
        Some((schema, _)) => table(schema, Some(name), &mut coverage, problems)?,
        None => ContractDraft::new(place),
    };
    draft.set("dataset", text(place, name));
    if let Some((words, place)) = keys.text("description", problems) {
        draft.set("description", text(place, words));
    }
    if let Some((bytes, place)) = keys.count("bytes", problems) {
        let size = || super::build::int(place, bytes);
        draft.expect(place, "file_size", vec![("min", size()), ("max", size())]);
        coverage.mapped(place, format!("bytes of {name}"), "file_size");
    }
    hash(&keys, name, &mut draft, &mut coverage, problems);
    for key in [
        "path",
        "data",
        "dialect",
        "encoding",
        "format",
        "type",
        "scheme",
        "compression",
    ] {
        if let Some(node) = keys.get(key) {
            coverage.told(
                &node.place,
                format!("{key} of {name}: tollgate.yaml says where and how data is read"),
            );
        }
    }
    keys.ignore(METADATA);
    keys.finish(FORM, &mut coverage);
    Some(Draft {
        name: Some(name.to_owned()),
        contract: draft.into_node(),
        coverage,
    })
}

/// `hash` is MD5 unless it names another: only SHA-256 is held.
fn hash(
    keys: &Keys,
    name: &str,
    draft: &mut ContractDraft,
    coverage: &mut Coverage,
    problems: &mut Problems,
) {
    let Some((hash, place)) = keys.text("hash", problems) else {
        return;
    };
    let what = format!("hash of {name}");
    let digest = hash.strip_prefix("sha256:");
    match digest.filter(|d| d.len() == 64 && d.bytes().all(|b| b.is_ascii_hexdigit())) {
        Some(digest) => {
            draft.expect(
                place,
                "file_matches",
                vec![("sha256", texts(place, [digest.to_lowercase()]))],
            );
            coverage.mapped(place, what, "file_matches");
        }
        None => coverage.dropped(
            place,
            what,
            "only `sha256:` with 64 hexadecimal digits is held",
        ),
    }
}

/// What the list of fields says about the columns of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Exact,
    Equal,
    Subset,
    Superset,
    Partial,
}

fn table(
    node: &Node,
    name: Option<&str>,
    coverage: &mut Coverage,
    problems: &mut Problems,
) -> Option<ContractDraft> {
    let keys = Keys::of(node, "a table schema", problems)?;
    keys.require("fields", problems);
    let mut draft = ContractDraft::new(keys.place);
    let fit = fit(&keys, coverage, problems);
    let fields = keys.list("fields", problems);
    for node in fields {
        if let Some(column) =
            field::read(node, matches!(fit, Fit::Superset | Fit::Partial), problems)
        {
            column.put(&mut draft, coverage);
        }
    }
    columns(&keys, fit, fields, &mut draft, coverage);
    missing(&keys, coverage, problems);
    if let Some(key) = keys.get("primaryKey") {
        let names: Vec<&str> = keys
            .one_or_more("primaryKey")
            .iter()
            .filter_map(text_of)
            .collect();
        if names.is_empty() {
            problems.wrong_type(key, "primaryKey", "a name, or a list of names");
        } else {
            draft.set("key", texts(&key.place, names));
            coverage.mapped(&key.place, "primaryKey", "key");
        }
    }
    for key in keys.list("uniqueKeys", problems) {
        let names = match &key.value {
            Value::List(items) => items.iter().filter_map(text_of).collect(),
            Value::Text(name) => vec![name.as_str()],
            _ => Vec::new(),
        };
        if names.is_empty() {
            problems.wrong_type(key, "uniqueKeys", "a list of lists of names");
            continue;
        }
        draft.expect(
            &key.place,
            "unique_key",
            vec![("columns", texts(&key.place, names))],
        );
        coverage.mapped(&key.place, "uniqueKeys", "unique_key");
    }
    for key in keys.list("foreignKeys", problems) {
        foreign(key, name, &mut draft, coverage, problems);
    }
    keys.ignore(METADATA);
    keys.ignore(&["name"]);
    keys.finish(FORM, coverage);
    Some(draft)
}

fn fit(keys: &Keys, coverage: &mut Coverage, problems: &mut Problems) -> Fit {
    let words = ["exact", "equal", "subset", "superset", "partial"];
    // The first writing of version 2 made a list of one of it.
    let word = keys.one_or_more("fieldsMatch").first();
    let Some(node) = word else {
        return Fit::Exact;
    };
    let fit = match text_of(node).unwrap_or_default() {
        "exact" => Fit::Exact,
        "equal" => Fit::Equal,
        "subset" => Fit::Subset,
        "superset" => Fit::Superset,
        "partial" => Fit::Partial,
        other => {
            let problem = Diagnostic::new(
                "unknown-value",
                format!("`fieldsMatch` cannot be `{other}`"),
            );
            problems.add(
                problem
                    .at(&node.place, "not known")
                    .help(listing("values", other, words)),
            );
            return Fit::Exact;
        }
    };
    if fit == Fit::Partial {
        let why = "columns may be missing and others may be there; that one is there at least is not held";
        coverage.note(&node.place, "fieldsMatch partial", why);
    } else {
        coverage.mapped(&node.place, "fieldsMatch", "extra_columns, required");
    }
    fit
}

/// Which columns may be missing or extra, and their order.
fn columns(
    keys: &Keys,
    fit: Fit,
    fields: &[Node],
    draft: &mut ContractDraft,
    coverage: &mut Coverage,
) {
    let place = keys.get("fieldsMatch").map_or(keys.place, |n| &n.place);
    if matches!(fit, Fit::Exact | Fit::Equal | Fit::Superset) {
        draft.set("extra_columns", text(place, "fail"));
    }
    let names: Vec<&str> = fields
        .iter()
        .filter_map(|f| get(f, "name").and_then(text_of))
        .collect();
    if fit != Fit::Exact || names.is_empty() {
        return;
    }
    draft.expect(
        place,
        "columns_match",
        vec![
            ("columns", texts(place, names)),
            ("order", text(place, "strict")),
        ],
    );
    if keys.get("fieldsMatch").is_none() {
        coverage.note(
            place,
            "fields",
            "without `fieldsMatch` the columns are these in this order, as in version 2",
        );
    }
}

/// How a file is read is said in `tollgate.yaml`; only the default is the same here.
fn missing(keys: &Keys, coverage: &mut Coverage, problems: &mut Problems) {
    let items = keys.list("missingValues", problems);
    let Some(node) = keys.get("missingValues") else {
        return;
    };
    let value = |n: &Node| {
        get(n, "value")
            .and_then(text_of)
            .or_else(|| text_of(n))
            .map(str::to_owned)
    };
    let words: Vec<String> = items.iter().filter_map(value).collect();
    if words.len() == 1 && words[0].is_empty() {
        coverage.mapped(&node.place, "missingValues", "the empty text is null");
        return;
    }
    let list: Vec<String> = words
        .iter()
        .map(|w| crate::contract::infer::yaml::scalar(w))
        .collect();
    let reason = format!(
        "how a file is read is said in tollgate.yaml: `csv: {{nulls: [{}]}}`",
        list.join(", ")
    );
    coverage.dropped(&node.place, "missingValues", reason);
}

fn foreign(
    node: &Node,
    name: Option<&str>,
    draft: &mut ContractDraft,
    coverage: &mut Coverage,
    problems: &mut Problems,
) {
    let Some(keys) = Keys::of(node, "a foreign key", problems) else {
        return;
    };
    let names = |keys: &Keys| -> Vec<String> {
        keys.one_or_more("fields")
            .iter()
            .filter_map(text_of)
            .map(str::to_owned)
            .collect()
    };
    let own = names(&keys);
    let reference = keys.require("reference", problems);
    let Some(reference) =
        reference.and_then(|r| Keys::of(r, "the reference of a foreign key", problems))
    else {
        return;
    };
    let theirs = names(&reference);
    let resource = reference.text("resource", problems).map_or("", |(r, _)| r);
    let what = format!("foreign key of {}", own.join(", "));
    if own.is_empty() || own.len() != theirs.len() {
        let problem = Diagnostic::new(
            "invalid-schema",
            "a foreign key names as many fields on both sides",
        );
        problems.add(problem.at(
            &node.place,
            format!("{} here, {} there", own.len(), theirs.len()),
        ));
        return;
    }
    let dataset = Some(resource).filter(|r| !r.is_empty()).or(name);
    match dataset {
        None => coverage.dropped(
            &node.place,
            what,
            "it leads to its own table, which has no name here",
        ),
        Some(dataset) => {
            let place = &node.place;
            let mut args = vec![
                ("columns", texts(place, own.clone())),
                ("dataset", text(place, dataset)),
            ];
            if own != theirs {
                args.push(("their_columns", texts(place, theirs)));
            }
            draft.expect(place, "foreign_key", args);
            coverage.mapped(place, what, "foreign_key");
        }
    }
    keys.finish(FORM, coverage);
    reference.finish(FORM, coverage);
}
