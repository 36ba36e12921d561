//! Promises of a native contract as other forms see them: one check about one column or the dataset, with its arguments by name.

use crate::config::tree::{Node, Value};
use crate::contract::import::Coverage;
use crate::contract::import::form::get;
use crate::contract::import::text_of;
use crate::contract::{Contract, ContractColumn, Expectation, Privacy};
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

    /// The same of the arguments of its check alone; those of every expectation may be there.
    pub(super) fn own_only(&self, names: &[&str]) -> bool {
        let Some(Value::Map(entries)) = self.written.args.as_ref().map(|a| &a.value) else {
            return self.has_only(names);
        };
        let known =
            |name: &str| name == "column" || names.contains(&name) || COMMON.contains(&name);
        entries.iter().all(|(k, _)| known(&k.name))
    }

    /// The check with its column, in words.
    pub(super) fn what(&self) -> String {
        match self.column {
            Some(column) => format!("{} of {column}", self.written.check),
            None => self.written.check.clone(),
        }
    }

    /// `min` and `max` under other names; `None` where neither is given.
    pub(super) fn ends(
        &self,
        [least, most]: [&'static str; 2],
    ) -> Option<Vec<(&'static str, Node)>> {
        let both = [("min", least), ("max", most)];
        let given = both
            .iter()
            .filter_map(|(arg, key)| Some((*key, self.arg(arg)?.clone())));
        let given: Vec<_> = given.collect();
        (!given.is_empty()).then_some(given)
    }

    /// The same as `minimum` and `maximum`, or what leaves them out where `bounds` does.
    pub(super) fn range(&self) -> Option<Vec<(&'static str, Node)>> {
        let bounds = self.arg("bounds").and_then(text_of).unwrap_or("[]");
        let (low, high) = (bounds.starts_with('('), bounds.ends_with(')'));
        self.ends([
            if low { "exclusiveMinimum" } else { "minimum" },
            if high { "exclusiveMaximum" } else { "maximum" },
        ])
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

/// What a column is to people and models, of which JSON Schema and Table Schema know nothing: named, never left out in silence.
pub(super) fn beside(column: &ContractColumn, coverage: &mut Coverage) {
    let place = &column.place;
    let name = &column.name;
    if column.privacy == Privacy::Personal {
        coverage.dropped(place, format!("pii of {name}"), "the form does not say it");
    }
    if let Some((_, at)) = column.environments.first() {
        coverage.dropped(
            at,
            format!("environments of {name}"),
            "the form does not say it",
        );
    }
}

/// What stands in a contract beside columns and expectations, and in no other form: named, never left out in silence.
pub(super) fn others(contract: &Contract, coverage: &mut Coverage) {
    for pattern in &contract.patterns {
        let column = &pattern.column;
        let what = format!("columns {}", column.name);
        coverage.dropped(&column.place, what, "the form names each column");
        for expectation in &column.expect {
            let what = format!("{} of {}", expectation.check, column.name);
            coverage.dropped(&expectation.place, what, "the form names each column");
        }
    }
    for waiver in &contract.waivers {
        let reason = "what is accepted for a time is said in tollgate.yaml";
        coverage.dropped(&waiver.place, "a waiver", reason);
    }
}

/// Every expectation of a contract: those of its columns, then those of the dataset.
pub(super) fn all(contract: &Contract) -> impl Iterator<Item = Promise<'_>> {
    let of_columns = contract.columns.iter().flat_map(|c| &c.expect);
    of_columns.chain(&contract.expect).map(Promise::of)
}
