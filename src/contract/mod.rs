//! What a dataset promises: columns, types, expectations.

pub mod accepted;
mod column;
pub mod diff;
mod environments;
pub mod export;
pub mod import;
pub mod infer;
pub mod revision;
pub mod selection;

pub use column::{ColumnPattern, OnNoMatch};
pub mod written;

use crate::config::fields::{Fields, Problems, text};
use crate::config::roles::Role;
use crate::config::sets::Library;
use crate::config::tree::{self, Key, Node, Value};
use crate::config::waivers::{self, ListedWaiver};
use crate::diagnostic::{Diagnostic, Place, SourceFile, listing};
use crate::scalar::Scalar;
use crate::types::{TYPE_NAMES, TypePattern};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What one dataset promises.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The file it was read from.
    pub file: Arc<SourceFile>,
    /// The dataset's name, for people.
    pub dataset: Option<String>,
    /// What the dataset is, for people.
    pub description: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The contract's own version, as its owner counts it; not the version of the file's form.
    pub contract_version: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Names of the environments that it speaks of, such as training and serving; none where it speaks of one alone.
    pub environments: Vec<String>,
    /// Columns that together identify a row.
    pub key: Option<(Vec<String>, Place)>,
    /// Promised columns in order.
    pub columns: Vec<ContractColumn>,
    /// Entries of the same list that are about every column of a pattern, in order.
    pub patterns: Vec<ColumnPattern>,
    /// Where the list of columns stands.
    pub columns_place: Option<Place>,
    /// What a column beyond the promised ones means.
    pub extra_columns: ExtraColumns,
    /// Where that is said.
    pub extra_place: Option<Place>,
    /// Expectations in file order, those of columns not among them; those of `use` first, once it is resolved.
    pub expect: Vec<Expectation>,
    /// Failing rows that its expectations show where they say nothing of it, as written.
    pub samples: Option<Node>,
    /// Sets of expectations that it takes, as written.
    pub uses: Vec<Node>,
    /// Accepted outcomes; ids are written without the dataset.
    pub waivers: Vec<ListedWaiver>,
    /// What it was read from, where that is another tool's form.
    pub origin: Option<import::Origin>,
}

/// One promised column.
#[derive(Debug, Clone)]
pub struct ContractColumn {
    /// Name or path.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Promised type.
    pub dtype: Option<(TypePattern, Place)>,
    /// Whether it must be there.
    pub required: Presence,
    /// Where `nullable: false` stands.
    pub not_null: Option<Place>,
    /// Where `unique: true` stands.
    pub unique: Option<Place>,
    /// Environments in which it is promised; empty for all.
    pub environments: Vec<(String, Place)>,
    /// What it is to the model.
    pub role: Option<Role>,
    /// Whether values are personal and never shown.
    pub privacy: Privacy,
    /// Whether values that look personal are shown.
    pub detection: Detection,
    /// What it is, for people.
    pub description: Option<String>,
    /// Values as a reader may expect them, for people; none of personal columns.
    pub examples: Vec<Scalar>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Expectations about it; those of `use` first, once it is resolved.
    pub expect: Vec<Expectation>,
    /// Sets of expectations that it takes, as written.
    pub uses: Vec<Node>,
}

impl Contract {
    /// Whether there is nothing that data could break.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
            && self.patterns.is_empty()
            && self.key.is_none()
            && self.expect.is_empty()
            && self.uses.is_empty()
    }

    /// Puts the expectations of the sets that `use` takes, here and in columns, before those that are written; every
    /// problem is added. Must be called once before expectations are looked at.
    pub fn resolve(&mut self, library: &mut Library, problems: &mut Problems) {
        let folder = Path::new(&self.file.path).parent();
        let folder = folder.map_or_else(PathBuf::new, Path::to_path_buf);
        let mut taken = |uses: &mut Vec<Node>, column: Option<&str>, own: &mut Vec<Expectation>| {
            let nodes = library.expectations(uses, &folder, problems);
            let mut found = expectations(&nodes, column, problems);
            found.append(own);
            *own = found;
            uses.clear();
        };
        taken(&mut self.uses, None, &mut self.expect);
        let patterns = self.patterns.iter_mut().map(|p| &mut p.column);
        for column in self.columns.iter_mut().chain(patterns) {
            taken(&mut column.uses, Some(&column.name), &mut column.expect);
        }
    }

    /// Promised types by name, and by pattern where a pattern of names alone says which columns have them.
    #[must_use]
    pub fn types(&self) -> Vec<(String, TypePattern)> {
        let typed = |names: Vec<String>, column: &ContractColumn| {
            let dtype = column.dtype.clone().map(|(dtype, _)| dtype);
            let each = names.into_iter();
            dtype.map(|d| each.map(move |n| (n, d.clone())))
        };
        let named = self.columns.iter();
        let named = named.filter_map(|c| typed(vec![c.name.clone()], c));
        let patterns = self.patterns.iter();
        let patterns = patterns.filter_map(|p| typed(p.selection.by_name_alone(), &p.column));
        let named: Vec<_> = named.flatten().collect();
        named.into_iter().chain(patterns.flatten()).collect()
    }

    /// Promised columns, then what is promised of patterns; the name of the latter is the pattern.
    pub fn entries(&self) -> impl Iterator<Item = &ContractColumn> {
        self.columns
            .iter()
            .chain(self.patterns.iter().map(|p| &p.column))
    }
}

impl ContractColumn {
    /// Whether the column is promised in an environment; without one, every column is.
    #[must_use]
    pub fn is_in(&self, environment: Option<&str>) -> bool {
        let named = |e: &str| self.environments.iter().any(|(name, _)| name == e);
        self.environments.is_empty() || environment.is_none_or(named)
    }
}

/// Whether a column must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// Whether a column's values may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Values may appear in reports.
    Open,
    /// Personal data: counts only.
    Personal,
}

/// Whether values that look like personal data or secrets are kept out of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detection {
    /// They are, whatever the contract says of the column.
    ByContent,
    /// `pii: false` is written: they are shown as all others.
    Off,
}

/// What a column beyond the promised ones means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraColumns {
    /// Nothing.
    Allow,
    /// A warning.
    Warn,
    /// The promise is broken.
    Fail,
}

impl ExtraColumns {
    /// Words in contracts.
    pub const WORDS: &[&str] = &["allow", "warn", "fail"];

    /// The word in contracts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    /// Reads the word of a contract.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "allow" => Some(Self::Allow),
            "warn" => Some(Self::Warn),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }
}

/// A check applied with arguments, as written.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Id of the check.
    pub check: String,
    /// Where the id stands.
    pub place: Place,
    /// Arguments as written.
    pub args: Option<Node>,
    /// The column it is listed under.
    pub column: Option<String>,
    /// The pattern of columns that it was written for, of which it is about one.
    pub pattern: Option<String>,
}

/// Reads a contract; every problem is added, and the readable rest is returned. `None` where nothing can be read.
pub fn read(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Contract> {
    let node = match tree::parse(file) {
        Ok(node) => node,
        Err(problem) => {
            problems.add(problem);
            return None;
        }
    };
    read_node(&node, file, problems)
}

/// Reads a contract that is a tree already; `file` is where its places point. As [`read`].
pub fn read_node(node: &Node, file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Contract> {
    let mut fields = Fields::of(node, "a contract", problems)?;
    version(&mut fields, problems);
    let dataset = fields.text("dataset", problems);
    let description = fields.text("description", problems);
    let owner = fields.text("owner", problems);
    let contract_version = fields.text("contract_version", problems);
    let tags = fields.texts("tags", problems);
    let environments = environments::declared(&mut fields, problems);
    let key = key(&mut fields, problems);
    let columns_place = fields.get("columns").map(|n| n.place.clone());
    let (columns, patterns) = column::all(fields.list("columns"), problems);
    let entries = columns.iter().chain(patterns.iter().map(|p| &p.column));
    environments::known(&environments, entries, problems);
    let extra_place = fields.get("extra_columns").map(|n| n.place.clone());
    let extra = fields.word(
        "extra_columns",
        ExtraColumns::WORDS,
        ExtraColumns::parse,
        problems,
    );
    let expect = expectations(fields.list("expect"), None, problems);
    let samples = fields.get("samples").cloned();
    let uses = fields.list("use").to_vec();
    let waivers = waivers::read(&mut fields, problems);
    fields.finish(problems);
    Some(Contract {
        file: Arc::clone(file),
        dataset,
        description,
        owner,
        contract_version,
        tags,
        environments,
        key,
        columns,
        patterns,
        columns_place,
        extra_columns: extra.unwrap_or(ExtraColumns::Allow),
        extra_place,
        expect,
        samples,
        uses,
        waivers,
        origin: None,
    })
}

/// Reads `version: 1`, which every file of ours starts with.
pub fn version(fields: &mut Fields, problems: &mut Problems) {
    if let Some(node) = fields.require("version", problems)
        && node.value != Value::Int(1)
    {
        problems.add(
            Diagnostic::new(
                "unknown-version",
                match node.value {
                    Value::Int(version) => format!("version {version} is not known"),
                    _ => format!(
                        "the version must be a whole number, not {}",
                        node.value.kind()
                    ),
                },
            )
            .at(&node.place, "this program reads version 1")
            .help("write `version: 1`"),
        );
    }
}

/// The columns that identify a row: at least one, none twice.
fn key(fields: &mut Fields, problems: &mut Problems) -> Option<(Vec<String>, Place)> {
    let place = fields.get("key")?.place.clone();
    let mut names: Vec<String> = Vec::new();
    for node in fields.list("key") {
        let Some(name) = text(node, "key", problems) else {
            continue;
        };
        if names.contains(&name) {
            problems.add(
                Diagnostic::new("duplicate-column", format!("`key` names `{name}` twice"))
                    .at(&node.place, "again here")
                    .help("name every column of the key once"),
            );
        }
        names.push(name);
    }
    if names.is_empty() {
        problems.add(
            Diagnostic::new("missing-column", "`key` names no column")
                .at(&place, "nothing here")
                .help("name the columns that together identify a row, or leave `key` out"),
        );
    }
    Some((names, place))
}

/// Reads a type name; a problem with the list of names when it is none.
pub fn type_pattern(written: &str, node: &Node, problems: &mut Problems) -> Option<TypePattern> {
    let parsed = TypePattern::parse(written);
    if parsed.is_none() {
        problems.add(
            Diagnostic::new("unknown-type", format!("`{written}` is not a type"))
                .at(&node.place, "not known")
                .help(type_listing(written)),
        );
    }
    parsed
}

fn type_listing(written: &str) -> String {
    let alias = match written {
        "int" | "bigint" | "long" => Some("integer"),
        "str" | "text" | "varchar" => Some("string"),
        "double" => Some("float64"),
        "bool" => Some("boolean"),
        "datetime" => Some("timestamp"),
        "bytes" => Some("binary"),
        _ => None,
    };
    alias.map_or_else(
        || listing("types", written, TYPE_NAMES.iter().copied()),
        |name| {
            format!(
                "the name here is `{name}`; types are {}",
                TYPE_NAMES.join(", ")
            )
        },
    )
}

/// Reads a list of expectations: `- check: {arguments}` or just `- check`.
pub fn expectations(
    items: &[Node],
    column: Option<&str>,
    problems: &mut Problems,
) -> Vec<Expectation> {
    items
        .iter()
        .filter_map(|item| expectation(item, column, problems))
        .collect()
}

fn expectation(item: &Node, column: Option<&str>, problems: &mut Problems) -> Option<Expectation> {
    let of = |key: &str, place: &Place, args: Option<Node>| Expectation {
        check: key.to_owned(),
        place: place.clone(),
        args,
        column: column.map(str::to_owned),
        pattern: None,
    };
    match &item.value {
        Value::Text(id) => Some(of(id, &item.place, None)),
        Value::Map(entries) => {
            if let [(Key { name, place }, args)] = &entries[..] {
                let args = Some(args.clone()).filter(|a| a.value != Value::Null);
                return Some(of(name, place, args));
            }
            problems.add(
                Diagnostic::new("wrong-expectation", "an expectation is one check with its arguments")
                    .at(&item.place, format!("{} keys here", entries.len()))
                    .help("write `- not_null: {column: id}`; arguments go inside the braces, or indented deeper than the check"),
            );
            None
        }
        _ => {
            problems.wrong_type(
                item,
                "expect",
                "a list of checks, each `- check: {arguments}`",
            );
            None
        }
    }
}
