//! The plan against one reference, and what is said of columns for it: environments, roles, slices, importance.

use super::{DatasetPlan, privacy};
use crate::config::drift::FalseAlarm;
use crate::config::fields::Problems;
use crate::config::{DatasetConfig, Role};
use crate::contract::Privacy;
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::types::Field;

/// What is particular to one reference of a dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Against {
    /// What the reference is called, where there are several.
    pub name: Option<String>,
    /// Environments of the reference and of the data, where they differ.
    pub skew: Option<(String, String)>,
    /// Columns that the contract does not promise in both environments.
    pub apart: Vec<String>,
    /// Share of the false alarm that all slices have together, besides that of the rows as a whole; 0 without slices.
    pub slices_alarm: f64,
}

impl DatasetPlan {
    /// The plan against the reference at a position: that one alone, with its share of the false alarm, and without
    /// expectations.
    ///
    /// Each of `k` references has `false_alarm / k`, so that all together flag an unchanged dataset in at most
    /// `false_alarm` of the runs, whatever they have in common (Bonferroni). Where there are slices, half of that is
    /// for the rows as a whole and half for the slices.
    #[must_use]
    pub fn against(&self, position: usize) -> Self {
        let mut config = self.config.clone();
        let count = config.references.named.len();
        let share = config.drift.false_alarm.per_run() / count.max(1) as f64;
        let parts = if config.drift.slices.is_empty() {
            1.0
        } else {
            2.0
        };
        config.drift.false_alarm = FalseAlarm::PerRun(share / parts);
        let about = config.references.about.get(position).cloned();
        let named = config.references.named.get(position).cloned();
        config.references.about = about.iter().cloned().collect();
        config.references.named = named.into_iter().collect();
        config.references.history = None;
        let here = config.environment.as_ref().map(|(name, _)| name.clone());
        let there = about.as_ref().and_then(|a| a.environment.clone());
        let there = there.map(|(name, _)| name).or_else(|| here.clone());
        let mut apart = not_promised(&config, here.as_deref());
        apart.extend(not_promised(&config, there.as_deref()));
        Self {
            against: Against {
                name: about.filter(|_| count > 1).map(|a| a.name),
                skew: there.zip(here).filter(|(there, here)| there != here),
                apart,
                slices_alarm: share - share / parts,
            },
            config,
            schema: self.schema.clone(),
            columns: self.columns.clone(),
            expectations: Vec::new(),
        }
    }

    /// What a column is to the model: as `roles` says, else the contract; a feature where neither says.
    #[must_use]
    pub fn role(&self, column: &str) -> Role {
        let here = self.config.drift.roles.iter().find(|(n, ..)| n == column);
        let declared = self.config.contract.iter().flat_map(|c| &c.columns);
        here.map(|(_, role, _)| *role)
            .or_else(|| declared.filter(|d| d.name == column).find_map(|d| d.role))
            .unwrap_or(Role::Feature)
    }

    /// Whether the contract does not promise a column in both environments; what is inside such a column counts too.
    #[must_use]
    pub fn is_apart(&self, column: &str) -> bool {
        let mut apart = self.against.apart.iter();
        apart.any(|name| is_of(name, column))
    }
}

/// Whether a column is this one, or inside it.
pub(super) fn is_of(name: &str, column: &str) -> bool {
    let rest = column.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Columns of the contract that it does not promise in an environment; none without one.
#[must_use]
pub fn not_promised(config: &DatasetConfig, environment: Option<&str>) -> Vec<String> {
    let declared: Vec<_> = config.contract.iter().flat_map(|c| &c.columns).collect();
    let mut apart: Vec<String> = Vec::new();
    for column in &declared {
        let mut same = declared.iter().filter(|d| d.name == column.name);
        if !same.any(|d| d.is_in(environment)) && !apart.contains(&column.name) {
            apart.push(column.name.clone());
        }
    }
    apart
}

/// Adds a problem for every column under `drift` that there is not, or that cannot be what it is named for.
pub(super) fn columns_exist(config: &DatasetConfig, columns: &[Field], problems: &mut Problems) {
    let declared = config.contract.iter().flat_map(|c| &c.columns);
    let declared: Vec<&str> = declared.map(|d| d.name.as_str()).collect();
    let data: Vec<&str> = columns.iter().map(|f| f.name.as_str()).collect();
    let unknown = |what: &str, name: &str, place: &Place, known: &[&str]| {
        (!known.contains(&name)).then(|| {
            Diagnostic::new(
                "unknown-column",
                format!("`{what}` names no column: `{name}`"),
            )
            .at(place, "names nothing")
            .help(listing("columns", name, known.iter().copied()))
        })
    };
    let mut all = data.clone();
    all.extend(declared.iter().filter(|d| !data.contains(d)));
    let drift = &config.drift;
    let roles = drift.roles.iter();
    let roles = roles.filter_map(|(name, _, place)| unknown("roles", name, place, &all));
    let features = drift.importance.features.iter();
    let features = features.filter_map(|(name, _, place)| unknown("importance", name, place, &all));
    problems.0.extend(roles.chain(features));
    for (name, place) in &drift.slices {
        let found = unknown("slices", name, place, &data)
            .or_else(|| sliceable(config, columns, name, place));
        problems.0.extend(found);
    }
}

/// The problem of a column that rows cannot be parted by: a nested one, or one of personal data.
fn sliceable(
    config: &DatasetConfig,
    columns: &[Field],
    name: &str,
    place: &Place,
) -> Option<Diagnostic> {
    let field = columns.iter().find(|f| f.name == name)?;
    if field.dtype.is_nested() {
        let what = format!("`slices` names `{name}`, which is {}", field.dtype);
        return Some(
            Diagnostic::new("wrong-type", what)
                .at(place, "has no single values")
                .help("name a column of texts, numbers, or true and false"),
        );
    }
    let declared = config.contract.iter().flat_map(|c| &c.columns);
    let mut declared = declared.filter(|d| d.privacy == Privacy::Personal);
    let is_declared = declared.any(|d| is_of(&d.name, name));
    // What one batch turns out to hold stops nothing where past runs alone tell of slices: they leave it out.
    let refused = is_declared || !config.references.named.is_empty();
    (refused && privacy(config, name) == Privacy::Personal).then(|| {
        let what = format!("`slices` names `{name}`, which holds personal data");
        Diagnostic::new("personal-slices", what)
            .at(place, "every slice would show a value")
            .help("slice by another column, or one with coarser groups")
    })
}
