//! What changed since the batch before: which promises broke, which are fixed.

use super::series::PastRun;
use crate::record::{Before, Outcome, Status};
use chrono::SecondsFormat;

/// Promises named of each kind at most.
pub(super) const NAMED: usize = 200;

/// Compares the outcomes of a dataset with those of the batch before it.
///
/// Broken is what fails or could not be evaluated; kept what passes or warns; what is skipped, waived or not decided is
/// neither, and so is a promise that one of the runs does not have. Of drift an outcome is only there where something was
/// found: one that was broken and is not there is fixed, unless the data could not be evaluated.
#[must_use]
pub(super) fn changed(outcomes: &[&Outcome], before: &PastRun) -> Before {
    let then = |id: &str| before.outcomes.get(id).map(|o| o.status);
    let is_new = |o: &&&Outcome| is_broken(o.status) && !then(&o.id).is_some_and(is_broken);
    let broken = outcomes.iter().filter(is_new).map(|o| o.id.clone());
    let broken: Vec<String> = broken.collect();
    let now = |id: &str| outcomes.iter().find(|o| o.id == id).map(|o| o.status);
    let untold = outcomes.iter().any(|o| o.status == Status::Error);
    let is_fixed = |id: &str| match now(id) {
        Some(status) => matches!(status, Status::Pass | Status::Warn),
        None => is_drift(id) && !untold,
    };
    let were = before.outcomes.iter().filter(|(_, o)| is_broken(o.status));
    let fixed = were.map(|(id, _)| id).filter(|id| is_fixed(id)).cloned();
    let fixed: Vec<String> = fixed.collect();
    let more = broken.len().saturating_sub(NAMED) + fixed.len().saturating_sub(NAMED);
    Before {
        at: before.night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        status: before.status,
        broken: broken.into_iter().take(NAMED).collect(),
        fixed: fixed.into_iter().take(NAMED).collect(),
        more,
    }
}

fn is_broken(status: Status) -> bool {
    matches!(status, Status::Fail | Status::Error)
}

/// Whether an id is one of drift: `flights.drift_psi(carrier)`.
fn is_drift(id: &str) -> bool {
    let check = id.split('(').next().unwrap_or(id);
    check
        .rsplit('.')
        .next()
        .is_some_and(|c| c.starts_with("drift_"))
}

#[cfg(test)]
mod tests {
    use super::changed;
    use crate::history::line::PastOutcome;
    use crate::history::{Night, PastRun, Standing};
    use crate::record::{Outcome, Severity, Status};
    use chrono::DateTime;
    use std::collections::BTreeMap;

    fn outcome(id: &str, status: Status) -> Outcome {
        Outcome {
            id: id.to_owned(),
            dataset: "d".to_owned(),
            check: "not_null".to_owned(),
            column: None,
            status,
            severity: Severity::Error,
            message: String::new(),
            summary: String::new(),
            measured: Vec::new(),
            limits: Vec::new(),
            failing: None,
            rows: None,
            samples: Vec::new(),
            comparison: None,
            location: None,
            owner: None,
            description: None,
            tags: Vec::new(),
            waiver: None,
            began: None,
        }
    }

    fn past(all: &[(&str, Status)]) -> PastRun {
        let one = |(id, status): &(&str, Status)| {
            let numbers = BTreeMap::new();
            let status = *status;
            ((*id).to_owned(), PastOutcome { status, numbers })
        };
        PastRun {
            run: "r".to_owned(),
            earlier: Vec::new(),
            content: "c".to_owned(),
            status: Status::Fail,
            outcomes: all.iter().map(one).collect(),
            night: Night {
                at: DateTime::UNIX_EPOCH,
                rows: 1,
                standing: Standing::Ordinary,
                joint: None,
                columns: Vec::new(),
                told: Vec::new(),
            },
            mark: None,
        }
    }

    #[test]
    fn what_broke_and_what_is_fixed_is_told_and_nothing_else() {
        use Status::{Error, Fail, Pass, Skipped, Waived, Warn};
        let before = past(&[
            ("d.a", Fail),
            ("d.b", Pass),
            ("d.c", Error),
            ("d.drift_psi(x)", Fail),
            ("d.e", Fail),
            ("d.f", Fail),
            ("d.gone", Fail),
        ]);
        let now = [
            outcome("d.new", Fail),
            outcome("d.b", Fail),
            outcome("d.a", Warn),
            outcome("d.c", Pass),
            outcome("d.e", Waived),
            outcome("d.f", Fail),
            outcome("d.s", Skipped),
        ];
        let now: Vec<&Outcome> = now.iter().collect();
        let told = changed(&now, &before);
        assert_eq!(told.broken, ["d.new", "d.b"]);
        assert_eq!(told.fixed, ["d.a", "d.c", "d.drift_psi(x)"]);
        assert_eq!((told.at.as_str(), told.more), ("1970-01-01T00:00:00Z", 0));
        let error = outcome("d.b", Error);
        let untold = changed(&[&error], &before);
        assert!(untold.fixed.is_empty(), "{untold:?}");
    }
}
