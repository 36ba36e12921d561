//! Slices: one expectation becomes one per named part of the rows, each judged on its own.

use super::common::Common;
use crate::catalogue::Check;
use crate::config::fields::{Problems, text};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::engine::embedded::relational::check_predicate;
use crate::types::Field;

/// One named part of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Name, as in the expectation's id: `flights.not_null(origin)[jetblue]`.
    pub name: String,
    /// Boolean SQL that is true for its rows.
    pub condition: String,
    /// Where the condition stands.
    pub place: Place,
}

/// Reads the mapping of names to conditions; every problem is added.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Vec<Slice> {
    let Value::Map(entries) = &node.value else {
        problems.wrong_type(node, "slices", "a mapping of names to boolean SQL");
        return Vec::new();
    };
    if entries.is_empty() {
        problems.wrong_type(node, "slices", "at least one name with its boolean SQL");
    }
    entries
        .iter()
        .filter_map(|(key, node)| {
            Some(Slice {
                name: key.name.clone(),
                condition: text(node, &key.name, problems)?,
                place: node.place.clone(),
            })
        })
        .collect()
}

/// The common arguments once per slice, or once when there is none; every problem is added.
///
/// `where` and the slice's condition are parsed and type-checked each alone, so that neither can close the other's
/// brackets, and only then joined with AND.
pub(super) fn expand(
    check: &Check,
    common: Common,
    columns: &[Field],
    problems: &mut Problems,
) -> Vec<Common> {
    if let (Some(first), true) = (common.slices.first(), !check.looks_at_rows()) {
        problems.add(
            Diagnostic::new(
                "useless-slices",
                format!("`{}` looks at no rows, so it has no slices", check.id),
            )
            .at(&first.place, "no row is looked at")
            .help("remove `slices`"),
        );
        return vec![common];
    }
    if common.slices.is_empty() {
        return vec![common];
    }
    let mut holds = |what: &str, sql: &str, place: &Place| match check_predicate(sql, columns) {
        Ok(()) => true,
        Err(reason) => {
            problems
                .add(Diagnostic::new("invalid-sql", format!("{what}: {reason}")).at(place, "here"));
            false
        }
    };
    let sound = common
        .filter
        .as_ref()
        .is_none_or(|(sql, place)| holds("`where`", sql, place));
    let mut all = Vec::new();
    for slice in &common.slices {
        if !holds(
            &format!("slice `{}`", slice.name),
            &slice.condition,
            &slice.place,
        ) || !sound
        {
            continue;
        }
        let filter = match &common.filter {
            None => (slice.condition.clone(), slice.place.clone()),
            Some((sql, place)) => (format!("({sql}) AND ({})", slice.condition), place.clone()),
        };
        all.push(Common {
            filter: Some(filter),
            slice: Some(slice.name.clone()),
            slices: Vec::new(),
            ..common.clone()
        });
    }
    all
}
