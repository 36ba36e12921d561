//! Open Data Contract Standard 3.0 to 3.2: <https://bitol-io.github.io/open-data-contract-standard/>.
//!
//! One contract per schema object. Columns are called by their `physicalName` where there is one, because that is what data has.

mod library;
mod operator;
mod options;
mod property;
mod quality;
mod relationship;
mod sla;
mod sql;

use super::build::{ContractDraft, text, texts};
use super::keys::Keys;
use super::{Coverage, Draft, Form, Imported, text_of, tree_of};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// Name of the form in reasons.
const FORM: &str = "ODCS 3";

/// Keys at the top that say nothing about rows or columns.
const TOLD: &[&str] = &[
    "price",
    "support",
    "roles",
    "team",
    "tenant",
    "domain",
    "dataProduct",
    "customProperties",
    "authoritativeDefinitions",
];

/// Keys of an object or a property that say nothing about rows: they are kept in the file.
pub(super) const METADATA: &[&str] = &[
    "id",
    "physicalType",
    "businessName",
    "authoritativeDefinitions",
    "customProperties",
    "dataGranularityDescription",
    "partitioned",
    "partitionKeyPosition",
    "encryptedName",
    "transformSourceObjects",
    "transformLogic",
    "transformDescription",
    "criticalDataElement",
    "semanticType",
    "synonyms",
    "deprecated",
];

/// One schema object being read.
pub(super) struct Object<'a> {
    /// Name in the contract.
    pub(super) name: &'a str,
    /// The object.
    pub(super) node: &'a Node,
    /// What is promised of it.
    pub(super) draft: ContractDraft,
    /// What became of its rules.
    pub(super) coverage: Coverage,
}

/// Reads a contract of the standard.
///
/// Errors: what is no YAML or JSON, another `apiVersion` or `kind`, and every key of the wrong type, each with its place.
pub fn import(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let mut problems = Problems::default();
    let read = document(&tree, &mut problems);
    match read {
        Some(imported) if problems.0.is_empty() => Ok(imported),
        _ => Err(problems.0),
    }
}

fn document(tree: &Node, problems: &mut Problems) -> Option<Imported> {
    let keys = Keys::of(tree, "a data contract", problems)?;
    version(&keys, problems);
    let mut common = Coverage::default();
    let schema = keys.list("schema", problems);
    let mut objects: Vec<Object> = Vec::new();
    for node in schema {
        if let Some(object) = object(node, schema, problems) {
            objects.push(object);
        }
    }
    for object in &mut objects {
        about(&keys, object, schema.len() == 1, problems);
    }
    sla::read(&keys, &mut objects, &mut common, problems);
    for rule in keys.list("quality", problems) {
        common.dropped(
            &rule.place,
            "quality of the whole contract",
            "the standard has `quality` of an object or a property",
        );
    }
    servers(&keys, &mut common, problems);
    for key in TOLD {
        if let Some(node) = keys.get(key) {
            common.told(&node.place, *key);
        }
    }
    keys.ignore(&[
        "id",
        "name",
        "status",
        "kind",
        "apiVersion",
        "contractCreatedTs",
        "slaDefaultElement",
        "version",
        "tags",
    ]);
    if let Some(words) = keys.get("description").filter(|_| objects.len() != 1) {
        common.told(&words.place, "description");
    }
    keys.finish(FORM, &mut common);
    Some(together(objects, common))
}

/// The coverage of the file, and that of each object with what is about all of them.
fn together(objects: Vec<Object>, common: Coverage) -> Imported {
    let mut coverage = common.clone();
    let mut contracts = Vec::new();
    for object in objects {
        coverage.items.extend(object.coverage.items.clone());
        let mut own = object.coverage;
        own.items.extend(common.items.clone());
        own.told.extend(common.told.clone());
        contracts.push(Draft {
            name: Some(object.name.to_owned()),
            contract: object.draft.into_node(),
            coverage: own,
        });
    }
    Imported {
        form: Form::Odcs,
        contracts,
        coverage,
    }
}

/// `kind` and `apiVersion` say that this is a contract of a version that is read.
fn version(keys: &Keys, problems: &mut Problems) {
    if let Some((kind, place)) = keys.text("kind", problems)
        && kind != "DataContract"
    {
        let what = format!("the kind `{kind}` is no data contract");
        problems.add(Diagnostic::new("unknown-version", what).at(place, "must be DataContract"));
    }
    let Some(node) = keys.require("apiVersion", problems) else {
        return;
    };
    let version = text_of(node).unwrap_or_default();
    let minor = version
        .strip_prefix("v3.")
        .and_then(|v| v.split('.').next());
    if !matches!(minor, Some("0" | "1" | "2")) {
        let what = format!("the version `{}` of the standard is not read", node.value);
        let problem =
            Diagnostic::new("unknown-version", what).at(&node.place, "v3.0 to v3.2 are read");
        problems.add(problem.help(
            "convert the contract, or write `apiVersion: v3.2.0` where it is one of that version",
        ));
    }
}

fn object<'a>(node: &'a Node, schema: &'a [Node], problems: &mut Problems) -> Option<Object<'a>> {
    let keys = Keys::of(node, "an object of `schema`", problems)?;
    let name_node = keys.require("name", problems)?;
    let (name, place) = keys.text("name", problems)?;
    let mut draft = ContractDraft::new(place);
    draft.set("dataset", name_node.clone());
    let mut object = Object {
        name,
        node,
        draft,
        coverage: Coverage::default(),
    };
    if let Some((words, place)) = keys.text("description", problems) {
        object.draft.set("description", text(place, words));
    }
    if let Some(tags) = words(&keys, "tags", problems) {
        object.draft.set("tags", tags);
    }
    if let Some((kind, place)) = keys.text("logicalType", problems)
        && kind != "object"
    {
        object.coverage.dropped(
            place,
            format!("logicalType {kind} of {name}"),
            "a table is an object",
        );
    }
    keys.ignore(&["physicalName"]);
    keys.ignore(METADATA);
    let properties = keys.list("properties", problems);
    for node in properties {
        property::read(node, "", &mut object, problems);
    }
    property::key(properties, &mut object);
    for rule in keys.list("quality", problems) {
        quality::read(rule, None, &mut object, problems);
    }
    for node in properties {
        relationship::of_property(node, schema, &mut object, problems);
    }
    for node in keys.list("relationships", problems) {
        relationship::of_object(node, schema, &mut object, problems);
    }
    keys.finish(FORM, &mut object.coverage);
    Some(object)
}

/// What the whole contract says of each object: version, owner, and a description where the object has none.
fn about(keys: &Keys, object: &mut Object, alone: bool, problems: &mut Problems) {
    if let Some(version) = keys.get("version") {
        let written = text(&version.place, version.value.to_string());
        object.draft.set("contract_version", written);
    }
    if let Some(owner) = keys.get("team").and_then(owner) {
        object.draft.set("owner", owner);
    }
    let described = super::form::get(object.node, "description").is_some();
    let Some(description) = keys.get("description") else {
        return;
    };
    let purpose = match &description.value {
        Value::Text(_) => Some(description),
        Value::Map(_) => super::form::get(description, "purpose"),
        _ => {
            problems.wrong_type(
                description,
                "description",
                "text, or a mapping with `purpose`",
            );
            None
        }
    };
    if let Some(purpose) = purpose.filter(|p| !described && alone && text_of(p).is_some()) {
        object.draft.set("description", purpose.clone());
    }
}

/// Who answers for the contract: the member whose role is owner, else the team.
fn owner(team: &Node) -> Option<Node> {
    let members = match &team.value {
        Value::List(members) => members.as_slice(),
        _ => match super::form::get(team, "members").map(|m| &m.value) {
            Some(Value::List(members)) => members.as_slice(),
            _ => &[],
        },
    };
    let is_owner = |m: &&Node| {
        let role = super::form::get(m, "role").and_then(text_of);
        role.is_some_and(|r| r.to_lowercase().contains("owner"))
    };
    let named = members
        .iter()
        .find(is_owner)
        .and_then(|m| super::form::get(m, "username"));
    let named = named.or_else(|| super::form::get(team, "name"))?;
    text_of(named).map(|name| text(&named.place, name))
}

/// A list of texts as it is; none where it is empty.
pub(super) fn words(keys: &Keys, key: &'static str, problems: &mut Problems) -> Option<Node> {
    let items = keys.list(key, problems);
    let place = &items.first()?.place;
    let mut all: Vec<&str> = Vec::new();
    for item in items {
        match text_of(item) {
            Some(word) => all.push(word),
            None => problems.wrong_type(item, key, "a list of texts"),
        }
    }
    Some(texts(place, all))
}

/// Where the data is, as a hint: `tollgate.yaml` says where it is read from.
fn servers(keys: &Keys, common: &mut Coverage, problems: &mut Problems) {
    for node in keys.list("servers", problems) {
        let get = |key| super::form::get(node, key).and_then(text_of);
        let name = get("server").unwrap_or_default();
        let path = get("path").or_else(|| get("location"));
        let told = match path {
            Some(path) => format!("data of server `{name}`: {path}"),
            None => format!("server `{name}`"),
        };
        common.told(&node.place, told);
    }
}
