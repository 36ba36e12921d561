//! `drift:` of a dataset: how it is compared with what it is compared with.

use super::calendar::{self, SpecialDays};
use super::fields::{Fields, Problems, text};
use super::importance::{self, Importance};
use super::roles::{self, Role};
use super::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use crate::drift::gate;
use crate::record::Severity;
use std::path::Path;
use std::sync::Arc;

/// Whether the calibrated gate judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calibration {
    /// `false_alarm` is written.
    Written,
    /// It is not; the default holds where the reference has rows.
    Default,
    /// `false_alarm: off`: fixed limits alone.
    Off,
}

/// What the chance of a false alarm is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FalseAlarm {
    /// Share of runs in which an unchanged dataset may be flagged.
    PerRun(f64),
    /// Runs of a year in which an unchanged dataset may be flagged; spent over the nights by the history gate.
    PerYear {
        /// Runs of a year.
        rate: f64,
    },
}

/// Runs of a year where nobody knows better.
const NIGHTS: f64 = 365.0;

impl FalseAlarm {
    /// Share of runs, for a gate that knows nothing of other runs: of a rate per year a 365th, within
    /// [`gate::FALSE_ALARMS`].
    #[must_use]
    pub fn per_run(self) -> f64 {
        match self {
            Self::PerRun(share) => share,
            Self::PerYear { rate } => {
                (rate / NIGHTS).clamp(*gate::FALSE_ALARMS.start(), *gate::FALSE_ALARMS.end())
            }
        }
    }
}

/// What `rate` per year may be. Unit: runs of a year.
pub const RATES: std::ops::RangeInclusive<f64> = 0.01..=100.0;

/// Which comparison decides where both past runs and a reference are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// Past runs; the reference explains.
    History,
    /// The reference; what past runs say is told.
    Reference,
    /// Each by itself, and each with the whole chance of a false alarm.
    Both,
}

impl Judge {
    /// Words of `judge`.
    pub const WORDS: &[&str] = &["history", "reference", "both"];

    /// The word used in configurations.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Reference => "reference",
            Self::Both => "both",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::History, Self::Reference, Self::Both];
        all.into_iter().find(|judge| judge.word() == word)
    }
}

/// How drift is judged: the chance of a false alarm, fixed limits by name, columns left out, how much it matters.
#[derive(Debug, Clone)]
pub struct DriftConfig {
    /// Whether rows are compared.
    pub calibration: Calibration,
    /// How often an unchanged dataset may be flagged, over all columns together.
    pub false_alarm: FalseAlarm,
    /// What decides, where it is written, with its place.
    pub judge: Option<(Judge, Place)>,
    /// Floors given, by name of the floor.
    pub floors: Vec<(String, f64, Place)>,
    /// Limits given, by name of the measure.
    pub limits: Vec<(String, f64, Place)>,
    /// Columns left out.
    pub exclude: Vec<(String, Place)>,
    /// Columns whose values part the rows: each part is compared on its own.
    pub slices: Vec<(String, Place)>,
    /// Days that are not ordinary, for past runs.
    pub calendar: SpecialDays,
    /// What columns are to the model, where it is said here.
    pub roles: Vec<(String, Role, Place)>,
    /// How much of the model each feature carries.
    pub importance: Importance,
    /// Status of a drift beyond its limit.
    pub severity: Severity,
    /// Where the mapping stands.
    pub place: Option<Place>,
}

impl DriftConfig {
    /// Files that it names.
    pub fn files(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.importance.file.iter().chain(&self.calendar.file)
    }
}

/// Reads `drift` of a dataset.
///
/// `base` is the folder that paths are relative to.
pub fn read(fields: &mut Fields, base: &Path, problems: &mut Problems) -> DriftConfig {
    let mut config = DriftConfig {
        calibration: Calibration::Default,
        false_alarm: FalseAlarm::PerRun(gate::FALSE_ALARM),
        judge: None,
        floors: Vec::new(),
        limits: Vec::new(),
        exclude: Vec::new(),
        slices: Vec::new(),
        calendar: SpecialDays::default(),
        roles: Vec::new(),
        importance: Importance::default(),
        severity: Severity::Warn,
        place: None,
    };
    let Some(node) = fields.get("drift") else {
        return config;
    };
    let Some(mut fields) = Fields::of(node, "drift", problems) else {
        return config;
    };
    config.place = Some(node.place.clone());
    false_alarm(&mut fields, &mut config, problems);
    let place = fields.get("judge").map(|node| node.place.clone());
    let judge = fields.word("judge", Judge::WORDS, Judge::parse, problems);
    config.judge = judge.zip(place);
    config.floors = floors(&mut fields, problems);
    for name in crate::drift::KNOWN.iter().map(|known| known.name) {
        let Some(node) = fields.get(name) else {
            continue;
        };
        let place = node.place.clone();
        if let Some(limit) = fields.number(name, problems) {
            if limit < 0.0 {
                problems.wrong_type(node, name, "a limit of 0 or more");
            }
            config.limits.push((name.to_owned(), limit, place));
        }
    }
    for item in fields.list("exclude") {
        if let Value::Text(name) = &item.value {
            config.exclude.push((name.clone(), item.place.clone()));
        } else {
            problems.wrong_type(item, "exclude", "column names");
        }
    }
    config.slices = slices(&mut fields, config.calibration, problems);
    config.calendar = calendar::read(&mut fields, base, problems);
    config.roles = roles::read(&mut fields, problems);
    config.importance = importance::read(&mut fields, base, problems);
    if let Some(severity) = fields.word("severity", Severity::WORDS, Severity::parse, problems) {
        config.severity = severity;
    }
    fields.finish(problems);
    config
}

/// `false_alarm`: a share of runs, a rate per year, or `off`.
fn false_alarm(fields: &mut Fields, config: &mut DriftConfig, problems: &mut Problems) {
    let Some(node) = fields.get("false_alarm") else {
        return;
    };
    if node.value == Value::Text("off".to_owned()) {
        config.calibration = Calibration::Off;
        return;
    }
    if matches!(node.value, Value::Map(_)) {
        if let Some(rate) = per_year(node, problems) {
            config.calibration = Calibration::Written;
            config.false_alarm = FalseAlarm::PerYear { rate };
        }
        return;
    }
    let Some(share) = fields.number("false_alarm", problems) else {
        return;
    };
    if gate::FALSE_ALARMS.contains(&share) {
        config.calibration = Calibration::Written;
        config.false_alarm = FalseAlarm::PerRun(share);
    } else {
        problems.wrong_type(
            node,
            "false_alarm",
            "a share of runs from 0.001 to 0.5, `{per: year, rate: 1}`, or `off`",
        );
    }
}

/// `slices`: names of columns, each once; only the calibrated gate looks at them.
fn slices(
    fields: &mut Fields,
    calibration: Calibration,
    problems: &mut Problems,
) -> Vec<(String, Place)> {
    let mut found: Vec<(String, Place)> = Vec::new();
    for item in fields.list("slices") {
        let Some(name) = text(item, "slices", problems) else {
            continue;
        };
        if found.iter().any(|(n, _)| *n == name) {
            problems.add(
                Diagnostic::new("duplicate-column", format!("`slices` names `{name}` twice"))
                    .at(&item.place, "again here")
                    .help("name each column once"),
            );
        }
        found.push((name, item.place.clone()));
    }
    if let (Some((_, place)), Calibration::Off) = (found.first(), calibration) {
        problems.add(
            Diagnostic::new(
                "useless-slices",
                "`slices` are compared by the calibrated gate, which is off",
            )
            .at(place, "would have no effect")
            .help("give `false_alarm`, or remove `slices`"),
        );
    }
    found
}

/// `{per: year, rate: 1}`.
fn per_year(node: &Node, problems: &mut Problems) -> Option<f64> {
    let mut fields = Fields::of(node, "false_alarm", problems)?;
    fields.require("per", problems);
    fields.require("rate", problems);
    let year = |word: &str| (word == "year").then_some(());
    let per = fields.word("per", &["year"], year, problems);
    let written = fields.get("rate");
    let rate = fields.number("rate", problems);
    fields.finish(problems);
    per?;
    if !RATES.contains(&rate?) {
        let bounds = "from 0.01 to 100 runs of a year";
        problems.wrong_type(written?, "rate", bounds);
        return None;
    }
    rate
}

/// `floors`: shares by name.
fn floors(fields: &mut Fields, problems: &mut Problems) -> Vec<(String, f64, Place)> {
    let mut floors = Vec::new();
    let Some(node) = fields.get("floors") else {
        return floors;
    };
    let Some(mut fields) = Fields::of(node, "floors", problems) else {
        return floors;
    };
    for (name, ..) in gate::FLOORS {
        let Some(node) = fields.get(name) else {
            continue;
        };
        if let Some(floor) = fields.number(name, problems) {
            if !(0.0..1.0).contains(&floor) {
                problems.wrong_type(node, name, "a share of rows from 0 to below 1");
            }
            floors.push(((*name).to_owned(), floor, node.place.clone()));
        }
    }
    fields.finish(problems);
    floors
}
