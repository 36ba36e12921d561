//! What a replay says, in sentences.

use super::{Replay, Replayed};

/// Names in a sentence at most.
const NAMES: usize = 8;

impl Replayed {
    /// `would have failed 3 of 30 runs (2026-11-03, …)`; says what is not decided, and why.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if !self.newly_failing.is_empty() {
            parts.push(format!(
                "would have failed {} of {} ({})",
                self.newly_failing.len(),
                runs(self.decided),
                names(&self.newly_failing)
            ));
        }
        if !self.newly_passing.is_empty() {
            parts.push(format!(
                "would have let through {} of the {} that failed ({})",
                self.newly_passing.len(),
                self.failed,
                names(&self.newly_passing)
            ));
        }
        if parts.is_empty() && self.decided > 0 {
            parts.push(format!("the same verdict in {}", runs(self.decided)));
        }
        for (reason, count) in &self.undecided {
            parts.push(format!("not decided in {}: {reason}", runs(*count)));
        }
        parts.join("; ")
    }
}

impl Replay {
    /// The whole in one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        let undecided = self.promises.iter().filter(|p| !p.undecided.is_empty());
        let undecided = match undecided.count() {
            0 => String::new(),
            n => format!(
                "; {} not decided in some",
                crate::diagnostic::plural(n as u64, "promise")
            ),
        };
        if self.promises.is_empty() {
            return format!(
                "replayed over {}: no promise differs",
                runs(self.runs.len())
            );
        }
        format!(
            "replayed over {}: {} would newly fail, {} newly pass{undecided}",
            runs(self.runs.len()),
            self.newly_failing.len(),
            self.newly_passing.len(),
        )
    }
}

fn runs(n: usize) -> String {
    crate::diagnostic::plural(n as u64, "run")
}

/// Names of batches; of moments the day, where the whole moment tells no more.
fn names(all: &[String]) -> String {
    let day = |name: &String| match name.split_once('T') {
        Some((day, "00:00:00Z")) => day.to_owned(),
        _ => name.clone(),
    };
    let shown: Vec<String> = all.iter().take(NAMES).map(day).collect();
    match all.len().checked_sub(NAMES) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
