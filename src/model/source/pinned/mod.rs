//! The pinned baseline: accepted metrics as a file of the repository, so that a pull request shows what changes.

mod read;
mod record;
#[cfg(test)]
mod tests;

pub use read::read;
pub use record::{measured, of_run};

use super::{Origin, OriginKind, Tracked, TrackedMetric};
use crate::error::{Error, Result};
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// The word that tells a baseline from other YAML.
pub const KIND: &str = "tollgate-baseline";

/// Version of the file's form; readers refuse others.
pub const BASELINE_SCHEMA_VERSION: &str = "1.0";

/// First line of the file.
const HEADER: &str =
    "# Accepted metrics, written by `tollgate baseline accept`. Changes are reviewed like code.";

/// Accepted metrics of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Pinned {
    /// Name of the model in the configuration.
    pub model: String,
    /// Who accepted them, and when.
    pub accepted: Accepted,
    /// Where they were measured.
    pub origin: Origin,
    /// Rows that they were measured on; absent when unknown.
    pub evaluation: Option<Evaluation>,
    /// By name, then slice; all rows before slices.
    pub metrics: Vec<PinnedMetric>,
}

/// Who accepted a baseline, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Time in RFC 3339, UTC, whole seconds.
    pub at: String,
    /// Person or account; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Commit under test; absent outside a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Why, in words; absent when nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The rows that metrics were measured on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    /// How many.
    pub rows: u64,
    /// Digest of their keys and labels, with the name of its algorithm before a colon.
    pub digest: String,
}

/// One accepted metric.
#[derive(Debug, Clone, PartialEq)]
pub struct PinnedMetric {
    /// The metric; its definition is always there.
    pub metric: TrackedMetric,
    /// What it was when the baseline was last anchored; absent when this is that baseline.
    pub anchor: Option<Anchor>,
}

/// An earlier value that margins are held against as well, so that many small losses do not add up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Anchor {
    /// Finite, in the metric's unit.
    pub value: f64,
    /// Its standard error; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Rows that it was measured on; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// When that baseline was accepted.
    pub at: String,
    /// Digest of the rows that it was measured on; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What becomes of the anchor when another baseline is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchoring {
    /// The values at the last anchoring stay; those of the first baseline when there was none since.
    Keep,
    /// The new values are the anchor.
    Move,
}

/// A metric in two baselines.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Column and value of its slice; absent for all rows.
    pub slice: Option<(String, String)>,
    /// Value in the old one; absent when it has none.
    pub old: Option<f64>,
    /// Value in the new one; absent when it has none.
    pub new: Option<f64>,
    /// Whether both numbers mean the same.
    pub comparable: Comparable,
}

/// Whether two numbers may be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparable {
    /// The definitions are equal, or there is only one.
    Yes,
    /// The definitions differ.
    No,
}

#[derive(Serialize)]
struct File<'a> {
    kind: &'static str,
    schema_version: &'static str,
    model: &'a str,
    accepted: &'a Accepted,
    origin: &'a Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation: Option<&'a Evaluation>,
    metrics: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    slice: Option<Slice<'a>>,
    definition: &'a str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<&'a Anchor>,
}

#[derive(Serialize)]
struct Slice<'a> {
    column: &'a str,
    value: &'a str,
}

/// What orders metrics: name, then slice; none comes first.
fn order(metric: &TrackedMetric) -> (&str, Option<(&str, &str)>) {
    let slice = metric.slice.as_ref();
    (&metric.name, slice.map(|(c, v)| (c.as_str(), v.as_str())))
}

impl Pinned {
    /// A baseline of what a run measured. A metric without a definition is defined by its name.
    #[must_use]
    pub fn of(model: &str, accepted: Accepted, tracked: &Tracked) -> Self {
        let mut metrics: Vec<PinnedMetric> = tracked
            .metrics
            .iter()
            .map(|metric| {
                let mut metric = metric.clone();
                metric.definition.get_or_insert_with(|| metric.name.clone());
                PinnedMetric {
                    metric,
                    anchor: None,
                }
            })
            .collect();
        metrics.sort_by(|a, b| order(&a.metric).cmp(&order(&b.metric)));
        Self {
            model: model.to_owned(),
            accepted,
            origin: tracked.origin.clone(),
            evaluation: None,
            metrics,
        }
    }

    /// The baseline that follows `previous`: what the anchor keeps is taken over from it, for metrics of equal name,
    /// slice and definition.
    #[must_use]
    pub fn after(mut self, previous: &Self, anchoring: Anchoring) -> Self {
        if anchoring == Anchoring::Move {
            return self;
        }
        for pinned in &mut self.metrics {
            let same = |p: &&PinnedMetric| {
                order(&p.metric) == order(&pinned.metric)
                    && p.metric.definition == pinned.metric.definition
            };
            let before = previous.metrics.iter().find(same);
            pinned.anchor = before.map(|p| {
                p.anchor.clone().unwrap_or_else(|| Anchor {
                    value: p.metric.value,
                    standard_error: p.metric.standard_error,
                    rows: p.metric.rows,
                    at: previous.accepted.at.clone(),
                    digest: previous.evaluation.as_ref().map(|e| e.digest.clone()),
                })
            });
        }
        self
    }

    /// As one JSON document with the keys of the file.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(&self.file()).expect("texts and finite numbers")
    }

    /// The file's text: the same baseline gives the same bytes; numbers read back to the same bits.
    #[must_use]
    pub fn text(&self) -> String {
        let body = serde_yaml::to_string(&self.file()).expect("texts and finite numbers");
        format!("{HEADER}\n{body}")
    }

    fn file(&self) -> File<'_> {
        let rows = self.metrics.iter().map(|pinned| {
            let metric = &pinned.metric;
            let slice = metric.slice.as_ref();
            Row {
                name: &metric.name,
                slice: slice.map(|(column, value)| Slice { column, value }),
                definition: metric.definition.as_deref().unwrap_or(&metric.name),
                value: metric.value,
                standard_error: metric.standard_error,
                rows: metric.rows,
                anchor: pinned.anchor.as_ref(),
            }
        });
        File {
            kind: KIND,
            schema_version: BASELINE_SCHEMA_VERSION,
            model: &self.model,
            accepted: &self.accepted,
            origin: &self.origin,
            evaluation: self.evaluation.as_ref(),
            metrics: rows.collect(),
        }
    }

    /// Writes the file under a temporary name and renames it; folders that are missing are made.
    ///
    /// Errors: [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let fail = |e| Error::io("write", path, e);
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        file.write_all(self.text().as_bytes()).map_err(fail)?;
        readable(&file).map_err(fail)?;
        file.persist(path).map_err(|e| fail(e.error))?;
        Ok(())
    }

    /// The metrics as those of any other source; `path` is the file.
    #[must_use]
    pub fn tracked(&self, path: &Path) -> Tracked {
        self.source(path, self.metrics.iter().map(|m| m.metric.clone()))
    }

    /// What metrics were when they were last anchored, as those of any other source; `None` where none has an anchor.
    ///
    /// Where nothing is known of the noise of an anchor it is that of the metric itself.
    #[must_use]
    pub fn anchors(&self, path: &Path) -> Option<Tracked> {
        let anchored = self.metrics.iter().filter_map(|pinned| {
            let anchor = pinned.anchor.as_ref()?;
            Some(TrackedMetric {
                value: anchor.value,
                standard_error: anchor.standard_error.or(pinned.metric.standard_error),
                rows: anchor.rows.or(pinned.metric.rows),
                ..pinned.metric.clone()
            })
        });
        Some(self.source(path, anchored)).filter(|source| !source.metrics.is_empty())
    }

    fn source(&self, path: &Path, metrics: impl Iterator<Item = TrackedMetric>) -> Tracked {
        let mut origin = self.origin.clone();
        origin.kind = OriginKind::Pinned;
        origin.address = path.display().to_string();
        origin.digest = Some(super::digest(self.text().as_bytes()));
        Tracked {
            metrics: metrics.collect(),
            origin,
            datasets: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Every metric of either baseline, in order, with both values.
    #[must_use]
    pub fn changes(&self, new: &Self) -> Vec<Change> {
        let mut keys: Vec<_> = self.metrics.iter().chain(&new.metrics).collect();
        keys.sort_by(|a, b| order(&a.metric).cmp(&order(&b.metric)));
        keys.dedup_by(|a, b| order(&a.metric) == order(&b.metric));
        let of = |side: &'_ Self, key: &PinnedMetric| {
            let mut all = side.metrics.iter();
            all.find(|m| order(&m.metric) == order(&key.metric))
                .map(|m| (m.metric.value, m.metric.definition.clone()))
        };
        keys.into_iter()
            .map(|key| {
                let (old, new) = (of(self, key), of(new, key));
                let differ = matches!((&old, &new), (Some(a), Some(b)) if a.1 != b.1);
                Change {
                    name: key.metric.name.clone(),
                    slice: key.metric.slice.clone(),
                    old: old.map(|o| o.0),
                    new: new.map(|n| n.0),
                    comparable: if differ {
                        Comparable::No
                    } else {
                        Comparable::Yes
                    },
                }
            })
            .collect()
    }
}

/// A temporary file is for its owner only; a file of the repository is for everybody who may read the folder.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(0o644);
    file.as_file().set_permissions(permissions)
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// Two baselines as a unified text diff with three lines around each change; empty when they are equal.
#[must_use]
pub fn difference(old: (&str, &str), new: (&str, &str)) -> String {
    let diff = similar::TextDiff::from_lines(old.1, new.1);
    let mut unified = diff.unified_diff();
    let shown = unified.context_radius(3).header(old.0, new.0).to_string();
    crate::report::text::safe_block(&shown)
}
