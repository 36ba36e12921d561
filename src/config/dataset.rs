//! One dataset of `tollgate.yaml`: where it is, how it is read, what it promises, what it is compared with.

use super::WrittenPath;
use super::drift::{self, DriftConfig};
use super::fields::{Fields, Problems};
use super::promises;
use super::references::{self, References};
use super::tree::{Key, Node};
use crate::contract::{self, Contract, Expectation};
use crate::detect::Kind;
use crate::diagnostic::{Diagnostic, Place, listing};
use std::path::{Path, PathBuf};

/// One dataset of `tollgate.yaml`.
#[derive(Debug, Clone)]
pub struct DatasetConfig {
    /// Name.
    pub name: String,
    /// Where the name stands.
    pub place: Place,
    /// File, glob, folder, address, or `-`.
    pub path: WrittenPath,
    /// What it promises.
    pub contract: Option<Contract>,
    /// Contract path as written.
    pub contract_path: Option<String>,
    /// Data that drift is measured against.
    pub references: References,
    /// What past runs are to it.
    pub past: PastRuns,
    /// The environment of the contract that it is in.
    pub environment: Option<(String, Place)>,
    /// How drift is judged.
    pub drift: DriftConfig,
    /// Format by name, where the file's name does not tell.
    pub format: Option<String>,
    /// How CSV is read.
    pub csv: CsvConfig,
    /// Which columns are profiled.
    pub profile: Profiling,
    /// Whether a dataset without rows may pass.
    pub empty: EmptyDataset,
    /// Expectations written here instead of in a contract; those of `use` first.
    pub expect: Vec<Expectation>,
    /// Failing rows that its expectations show where they say nothing of it, as written; before the contract's.
    pub samples: Option<Node>,
    /// Sets of expectations that it takes, as written.
    pub uses: Vec<Node>,
    /// Columns whose values turned out to be personal data or secrets, and of which kind; none before they were looked at.
    pub found: Vec<(String, Kind)>,
    /// Files that say what it promises, besides `tollgate.yaml`: contract, sets, calendar, importance.
    pub files: Vec<PathBuf>,
}

/// What past runs are to a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastRuns {
    /// None are kept.
    Unknown,
    /// They are kept, and drift is measured against something else alone.
    Kept,
    /// They are what drift is measured against, because nothing else is given.
    Implied,
    /// They are what drift is measured against: `history` is written here.
    Asked(Place),
}

impl PastRuns {
    /// Where `history` is written in `reference`.
    #[must_use]
    pub fn asked(&self) -> Option<&Place> {
        match self {
            Self::Asked(place) => Some(place),
            _ => None,
        }
    }

    /// Whether no runs are kept.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }

    /// Whether drift is measured against them.
    #[must_use]
    pub fn judge(&self) -> bool {
        matches!(self, Self::Implied | Self::Asked(_))
    }
}

impl DatasetConfig {
    /// Whether the report, drift or later runs want the profile of every column.
    #[must_use]
    pub fn profiles_all(&self) -> bool {
        self.profile == Profiling::All
            || !self.references.named.is_empty()
            || !self.past.is_unknown()
    }
}

impl DatasetConfig {
    /// A dataset of which only its name and promises matter: nothing is compared with it, and it may be empty.
    #[must_use]
    pub fn bare(name: &str, path: &str, place: &Place) -> Self {
        Self {
            name: name.to_owned(),
            place: place.clone(),
            path: WrittenPath {
                path: path.to_owned(),
                place: place.clone(),
            },
            contract: None,
            contract_path: None,
            references: References::default(),
            past: PastRuns::Unknown,
            environment: None,
            drift: DriftConfig {
                calibration: drift::Calibration::Off,
                false_alarm: drift::FalseAlarm::PerRun(crate::drift::gate::FALSE_ALARM),
                judge: None,
                floors: Vec::new(),
                limits: Vec::new(),
                exclude: Vec::new(),
                slices: Vec::new(),
                calendar: super::calendar::SpecialDays::default(),
                roles: Vec::new(),
                importance: super::importance::Importance::default(),
                severity: crate::record::Severity::Warn,
                place: None,
            },
            format: None,
            csv: CsvConfig::default(),
            profile: Profiling::All,
            empty: EmptyDataset::Allowed,
            expect: Vec::new(),
            samples: None,
            uses: Vec::new(),
            found: Vec::new(),
            files: Vec::new(),
        }
    }
}

/// Which columns are profiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profiling {
    /// All; the report shows them.
    All,
    /// Only those that expectations or drift need.
    Needed,
}

/// Whether a dataset without rows may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyDataset {
    /// It fails.
    Fails,
    /// It may.
    Allowed,
}

/// How CSV is read, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvConfig {
    /// One character; found by looking when absent.
    pub delimiter: Option<u8>,
    /// One character; `"` when absent.
    pub quote: Option<u8>,
    /// Encoding label as in the WHATWG standard; UTF-8 when absent.
    pub encoding: Option<String>,
    /// Texts that mean null; the empty text when absent.
    pub nulls: Option<Vec<String>>,
    /// Whether the first row holds the names.
    pub header: Option<bool>,
    /// What rows of another width are, which is not written here: `csv_wellformed` counts them.
    pub malformed: Malformed,
}

/// What rows are of which no row of the table can be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Malformed {
    /// The first one ends the reading.
    #[default]
    Refuse,
    /// They are left out, because a check counts them.
    LeaveOut,
}

/// Words of `format`, one per format that is read.
pub const FORMATS: &[&str] = &["parquet", "csv", "ndjson", "arrow"];

/// Reads one entry of `datasets`.
pub fn read(key: &Key, node: &Node, base: &Path, problems: &mut Problems) -> Option<DatasetConfig> {
    let what = format!("dataset `{}`", key.name);
    let mut fields = Fields::of(node, &what, problems)?;
    fields.require("path", problems);
    let path = written(&mut fields, "path", problems);
    let contract_at = promises::at(&mut fields, problems);
    let contract = contract_at
        .as_ref()
        .and_then(|at| promises::read(at, &key.name, base, problems));
    let references = references::read(&mut fields, problems);
    let drift = drift::read(&mut fields, base, problems);
    let environment = environment(&mut fields, problems);
    let environments = environment.iter().chain(references.environments());
    environments.for_each(|(name, place)| known(name, place, contract.as_ref(), problems));
    is_apart(&what, path.as_ref(), &references, problems);
    let named = |word: &str| FORMATS.contains(&word).then(|| word.to_owned());
    let format = fields.word("format", FORMATS, named, problems);
    let csv = csv(&mut fields, problems);
    let profile = match fields.boolean("profile", problems) {
        Some(false) => Profiling::Needed,
        _ => Profiling::All,
    };
    let empty = match fields.boolean("allow_empty", problems) {
        Some(true) => EmptyDataset::Allowed,
        _ => EmptyDataset::Fails,
    };
    let expect = contract::expectations(fields.list("expect"), None, problems);
    let samples = fields.get("samples").cloned();
    let uses = fields.list("use").to_vec();
    fields.finish(problems);
    Some(DatasetConfig {
        name: key.name.clone(),
        place: key.place.clone(),
        path: path?,
        contract,
        contract_path: contract_at.map(|c| c.file.path),
        past: references
            .history
            .clone()
            .map_or(PastRuns::Unknown, PastRuns::Asked),
        references,
        environment,
        drift,
        format,
        csv,
        profile,
        empty,
        expect,
        samples,
        uses,
        found: Vec::new(),
        files: Vec::new(),
    })
}

/// A path of `key`; a problem when it is empty.
pub(super) fn written(
    fields: &mut Fields,
    key: &'static str,
    problems: &mut Problems,
) -> Option<WrittenPath> {
    let place = fields.get(key)?.place.clone();
    let path = fields.text(key, problems)?;
    nonempty(key, path, place, problems)
}

pub(super) fn nonempty(
    key: &str,
    path: String,
    place: Place,
    problems: &mut Problems,
) -> Option<WrittenPath> {
    if path.is_empty() {
        problems.add(
            Diagnostic::new("empty-path", format!("`{key}` is empty"))
                .at(&place, "names nothing")
                .help("give a path, or remove the key where it is not required"),
        );
        return None;
    }
    Some(WrittenPath { path, place })
}

/// `environment`: a name that the contract knows.
fn environment(fields: &mut Fields, problems: &mut Problems) -> Option<(String, Place)> {
    let node = fields.get("environment")?;
    Some((fields.text("environment", problems)?, node.place.clone()))
}

/// Adds a problem where the contract has no such environment.
fn known(name: &str, place: &Place, contract: Option<&Contract>, problems: &mut Problems) {
    let declared: Vec<&str> = contract
        .iter()
        .flat_map(|c| c.environments.iter().map(String::as_str))
        .collect();
    if declared.contains(&name) {
        return;
    }
    let what = Diagnostic::new(
        "unknown-environment",
        format!("there is no environment `{name}`"),
    );
    problems.add(match contract {
        None => what
            .at(place, "no contract says what it means")
            .help("give the dataset a `contract` with `environments`"),
        Some(contract) if declared.is_empty() => what
            .at(
                place,
                format!("{} has no `environments`", contract.file.path),
            )
            .help("list them in the contract, such as `environments: [training, serving]`"),
        Some(_) => {
            what.at(place, "not in the contract")
                .help(listing("environments", name, declared))
        }
    });
}

/// Adds a problem where drift would be judged against the dataset itself.
fn is_apart(
    what: &str,
    path: Option<&WrittenPath>,
    references: &References,
    problems: &mut Problems,
) {
    let same = |reference: &&WrittenPath| path.is_some_and(|p| p.path == reference.path);
    for reference in references.named.iter().filter(same) {
        problems.add(
            Diagnostic::new(
                "promises-nothing",
                format!("{what} is its own reference, so nothing can have drifted"),
            )
            .at(&reference.place, "the dataset itself")
            .help("name an earlier batch, or a saved profile of one"),
        );
    }
}

fn csv(fields: &mut Fields, problems: &mut Problems) -> CsvConfig {
    let Some(node) = fields.get("csv") else {
        return CsvConfig::default();
    };
    let Some(mut fields) = Fields::of(node, "csv", problems) else {
        return CsvConfig::default();
    };
    let delimiter = byte(&mut fields, "delimiter", problems);
    let quote = byte(&mut fields, "quote", problems);
    let encoding = fields.text("encoding", problems);
    let nulls = fields
        .get("nulls")
        .map(|_| ())
        .map(|()| fields.texts("nulls", problems));
    let header = fields.boolean("header", problems);
    fields.finish(problems);
    CsvConfig {
        delimiter,
        quote,
        encoding,
        nulls,
        header,
        malformed: Malformed::Refuse,
    }
}

fn byte(fields: &mut Fields, key: &'static str, problems: &mut Problems) -> Option<u8> {
    let node = fields.get(key)?;
    if let [one] = fields.text(key, problems)?.as_bytes() {
        Some(*one)
    } else {
        problems.wrong_type(node, key, "one ASCII character");
        None
    }
}
