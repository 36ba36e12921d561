//! What drift was not judged for: columns of one side only or of another kind, and those left out.

use super::fate::Fate;
use super::judge::{blank, broken};
use crate::plan::DatasetPlan;
use crate::record::{Measurement, Outcome, Status, Threshold};

/// Names shown per reason; the others are counted.
const SHOWN: usize = 10;

/// Every column with what became of it, in the order of the data.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    fates: Vec<(String, Fate)>,
}

impl Coverage {
    pub(super) fn add(&mut self, column: &str, fate: Fate) {
        self.fates.push((column.to_owned(), fate));
    }

    /// Whether both sides have the same columns.
    ///
    /// Excluded columns do not count. Beyond the limit of 0 it is what the severity of the drift says.
    pub(super) fn columns(&self, plan: &DatasetPlan) -> Outcome {
        let mut reasons = Reasons::default();
        for (name, fate) in &self.fates {
            match fate {
                Fate::Gone => reasons.add("only in the reference", format!("`{name}`")),
                Fate::New => reasons.add("only in the current data", format!("`{name}`")),
                Fate::Changed(how) => reasons.add("of another kind", format!("`{name}` ({how})")),
                _ => {}
            }
        }
        let differing = reasons.count();
        let held = differing == 0;
        Outcome {
            status: if held { Status::Pass } else { broken(plan) },
            message: if held {
                "Columns are those of the reference.".to_owned()
            } else {
                format!("Columns {}.", reasons.text())
            },
            summary: "The columns are those of the reference.".to_owned(),
            measured: vec![count("columns_changed", differing)],
            limits: vec![Threshold {
                name: "columns_changed".to_owned(),
                op: "<=".to_owned(),
                text: "0".to_owned(),
                number: Some(0.0),
                held,
            }],
            ..blank(plan, "columns", None)
        }
    }

    /// Columns that one side alone has, or that are of another kind.
    pub(super) fn differing(&self) -> Vec<&str> {
        let differs = |f: &Fate| matches!(f, Fate::Gone | Fate::New | Fate::Changed(_));
        let all = self.fates.iter().filter(|(_, f)| differs(f));
        all.map(|(name, _)| name.as_str()).collect()
    }

    /// For how many columns drift was judged, and why not for the others.
    ///
    /// `pass` when all others were left out by choice or by design; `skipped` when one could not be judged, and when
    /// there are no current rows; `error` when none was judged.
    pub(super) fn outcome(&self, plan: &DatasetPlan, reference: u64, current: u64) -> Outcome {
        let (left, untold) = (self.left_out(), self.untold(plan));
        let compared = self.fates.iter().any(|(_, f)| f.judged().is_some());
        let (status, message) = match (reference, current) {
            (0, _) => {
                let path = plan.config.references.shown().join(", ");
                let why = format!("the reference {path} has no rows to compare with");
                (Status::Error, format!("Drift was not judged: {why}."))
            }
            (_, 0) => {
                let why = "drift was not judged, the dataset has no rows";
                (Status::Skipped, format!("Skipped: {why}."))
            }
            _ if !compared => (Status::Error, self.sentence(&left, &untold)),
            _ if untold.count() > 0 => (Status::Skipped, self.sentence(&left, &untold)),
            _ => (Status::Pass, self.sentence(&left, &untold)),
        };
        Outcome {
            status,
            message,
            summary: "Drift is judged for every column that is not left out.".to_owned(),
            measured: vec![count("columns_judged", self.judged())],
            ..blank(plan, "coverage", None)
        }
    }

    fn judged(&self) -> usize {
        let judged = |f: &Fate| matches!(f, Fate::Judged(_));
        self.fates.iter().filter(|(_, f)| judged(f)).count()
    }

    fn sentence(&self, left: &Reasons, untold: &Reasons) -> String {
        let (judged, total) = (self.judged(), self.fates.len());
        let mut parts = vec![format!("Drift was judged for {judged} of {total} columns")];
        if left.count() > 0 {
            parts.push(format!("left out {}", left.text()));
        }
        if untold.count() > 0 {
            parts.push(format!("could not be judged {}", untold.text()));
        }
        format!("{}.", parts.join("; "))
    }

    fn left_out(&self) -> Reasons {
        let mut reasons = Reasons::default();
        for (name, fate) in &self.fates {
            match fate {
                Fate::Excluded => reasons.add("by `exclude`", format!("`{name}`")),
                Fate::Apart => {
                    reasons.add("for columns of one environment", format!("`{name}`"));
                }
                Fate::Id => reasons.add("by `role: id`", format!("`{name}`")),
                Fate::LeftOut(why) => reasons.add(why, format!("`{name}`")),
                Fate::Gone | Fate::New | Fate::Changed(_) => {
                    reasons.add("for differing columns", format!("`{name}`"));
                }
                Fate::Judged(_) | Fate::Untold(_) => {}
            }
        }
        reasons
    }

    fn untold(&self, plan: &DatasetPlan) -> Reasons {
        let mut reasons = Reasons::default();
        for (name, fate) in &self.fates {
            if let Fate::Untold(why) = fate {
                reasons.add(why, format!("`{name}`"));
            }
        }
        // A name that nothing has: a slip of the pen would otherwise leave the column meant in, or the wrong one out.
        let known = |name: &str| self.fates.iter().any(|(n, _)| n == name);
        for (name, _) in &plan.config.drift.exclude {
            if !known(name) {
                let why = "for a name in `exclude` that neither side has";
                reasons.add(why, format!("`{name}`"));
            }
        }
        reasons
    }
}

/// Column names by reason, both in the order of the data.
#[derive(Debug, Default)]
struct Reasons(Vec<(&'static str, Vec<String>)>);

impl Reasons {
    fn add(&mut self, reason: &'static str, column: String) {
        match self.0.iter_mut().find(|(r, _)| *r == reason) {
            Some((_, columns)) => columns.push(column),
            None => self.0.push((reason, vec![column])),
        }
    }

    fn count(&self) -> usize {
        self.0.iter().map(|(_, columns)| columns.len()).sum()
    }

    /// `by choice: a, b; dates and times: c and 3 more`.
    fn text(&self) -> String {
        let parts = self.0.iter().map(|(reason, columns)| {
            let shown = columns[..columns.len().min(SHOWN)].join(", ");
            match columns.len().saturating_sub(SHOWN) {
                0 => format!("{reason}: {shown}"),
                more => format!("{reason}: {shown} and {more} more"),
            }
        });
        parts.collect::<Vec<_>>().join("; ")
    }
}

fn count(name: &str, n: usize) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: n.to_string(),
        number: u32::try_from(n).ok().map(f64::from),
        unit: "columns".to_owned(),
    }
}
