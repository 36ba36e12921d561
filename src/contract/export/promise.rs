//! Promises of a native contract as other forms see them: one check about one column or the dataset, with its arguments by name.

use crate::config::tree::{Node, Value};
use crate::contract::import::form::get;
use crate::contract::import::text_of;
use crate::contract::{Contract, Expectation};
use crate::plan::common::COMMON;

/// One expectation with its arguments by name.
pub(super) struct Promise<'a> {
    pub(super) written: &'a Expectation,
    /// The column that it is about, under which it stands or that it names.
    pub(super) column: Option<&'a str>,
}

/// The argument that a value alone is, after the column.
fn first(check: &str) -> &'static str {
    match check {
        "in_set" | "not_in_set" | "distinct_values" => "values",
        "matches" | "not_matches" => "pattern",
        "format" => "kind",
        "null_ratio" => "max",
        "row_count" | "length" | "between" => "min",
        "foreign_key" => "dataset",
        "multiple_of" => "of",
        _ => "",
    }
}

impl<'a> Promise<'a> {
    fn of(written: &'a Expectation) -> Self {
        let named = written
            .args
            .as_ref()
            .and_then(|a| get(a, "column"))
            .and_then(text_of);
        Self {
            written,
            column: written.column.as_deref().or(named),
        }
    }

    /// The argument of a name.
    pub(super) fn arg(&self, name: &str) -> Option<&'a Node> {
        let args = self.written.args.as_ref()?;
        match &args.value {
            Value::Map(_) => get(args, name),
            _ if self.written.column.is_some() && first(&self.written.check) == name => Some(args),
            _ => None,
        }
    }

    /// Whether it has no arguments but these, `column` and what people read: nothing would be lost in another form.
    pub(super) fn has_only(&self, names: &[&str]) -> bool {
        let Some(Value::Map(entries)) = self.written.args.as_ref().map(|a| &a.value) else {
            let alone = first(&self.written.check);
            return self.written.args.is_none()
                || self.written.column.is_some() && names.contains(&alone);
        };
        let told = ["column", "description", "owner", "tags", "samples"];
        entries
            .iter()
            .all(|(k, _)| names.contains(&k.name.as_str()) || told.contains(&k.name.as_str()))
    }

    /// Whether it has arguments of every expectation that change what is held.
    pub(super) fn common(&self) -> bool {
        self.common_but_severity() || self.arg("severity").is_some()
    }

    /// The same, the severity not among them.
    pub(super) fn common_but_severity(&self) -> bool {
        let free = ["description", "owner", "tags", "samples", "severity"];
        COMMON
            .iter()
            .any(|name| !free.contains(name) && self.arg(name).is_some())
    }
}

/// Every expectation of a contract: those of its columns, then those of the dataset.
pub(super) fn all(contract: &Contract) -> impl Iterator<Item = Promise<'_>> {
    let of_columns = contract.columns.iter().flat_map(|c| &c.expect);
    of_columns.chain(&contract.expect).map(Promise::of)
}
