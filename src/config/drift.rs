//! `drift:` of a dataset: how it is compared with what it is compared with.

use super::fields::{Fields, Problems};
use super::tree::Value;
use crate::diagnostic::Place;
use crate::drift::gate;
use crate::record::Severity;

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

/// How drift is judged: the chance of a false alarm, fixed limits by name, columns left out, how much it matters.
#[derive(Debug, Clone)]
pub struct DriftConfig {
    /// Whether rows are compared.
    pub calibration: Calibration,
    /// Share of runs in which an unchanged dataset may be flagged, over all columns together.
    pub false_alarm: f64,
    /// Floors given, by name of the floor.
    pub floors: Vec<(String, f64, Place)>,
    /// Limits given, by name of the measure.
    pub limits: Vec<(String, f64, Place)>,
    /// Columns left out.
    pub exclude: Vec<(String, Place)>,
    /// Status of a drift beyond its limit.
    pub severity: Severity,
    /// Where the mapping stands.
    pub place: Option<Place>,
}

/// Reads `drift` of a dataset.
pub fn read(fields: &mut Fields, problems: &mut Problems) -> DriftConfig {
    let mut config = DriftConfig {
        calibration: Calibration::Default,
        false_alarm: gate::FALSE_ALARM,
        floors: Vec::new(),
        limits: Vec::new(),
        exclude: Vec::new(),
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
    if let Some(severity) = fields.word("severity", Severity::WORDS, Severity::parse, problems) {
        config.severity = severity;
    }
    fields.finish(problems);
    config
}

/// `false_alarm`: a share of runs, or `off`.
fn false_alarm(fields: &mut Fields, config: &mut DriftConfig, problems: &mut Problems) {
    let Some(node) = fields.get("false_alarm") else {
        return;
    };
    if node.value == Value::Text("off".to_owned()) {
        config.calibration = Calibration::Off;
        return;
    }
    let Some(share) = fields.number("false_alarm", problems) else {
        return;
    };
    if gate::FALSE_ALARMS.contains(&share) {
        config.calibration = Calibration::Written;
        config.false_alarm = share;
    } else {
        problems.wrong_type(
            node,
            "false_alarm",
            "a share of runs from 0.001 to 0.5, or `off`",
        );
    }
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
