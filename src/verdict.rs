//! Outcomes become one verdict and one exit code. Pure.

use crate::error::{EXIT_FAIL, EXIT_INCONCLUSIVE, EXIT_NOTHING, EXIT_PASS, EXIT_UNREADABLE};
use crate::record::{Counts, Outcome, Status, Verdict};

/// Which status lets the gate fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Broken promises of severity `error`.
    Error,
    /// Warnings too.
    Warn,
    /// Nothing; what could not be evaluated still exits 3 or 4.
    Never,
}

/// Decides the run.
///
/// Order: a broken promise fails; else what could not be evaluated is an error; else inconclusive; a run that
/// evaluated nothing is `skipped` and exits 4; skipped expectations beside others make the run warn.
#[must_use]
pub fn decide(outcomes: &[Outcome], fail_on: FailOn) -> Verdict {
    let mut counts = Counts::default();
    for outcome in outcomes {
        *match outcome.status {
            Status::Pass => &mut counts.pass,
            Status::Warn => &mut counts.warn,
            Status::Fail => &mut counts.fail,
            Status::Skipped => &mut counts.skipped,
            Status::Inconclusive => &mut counts.inconclusive,
            Status::Error => &mut counts.error,
        } += 1;
    }
    let (status, exit_code) = if counts.fail > 0 {
        let code = match fail_on {
            FailOn::Error | FailOn::Warn => EXIT_FAIL,
            // The line between 0 and 1 moves, but what could not be told stays untold.
            FailOn::Never if counts.error > 0 => EXIT_UNREADABLE,
            FailOn::Never if counts.inconclusive > 0 => EXIT_INCONCLUSIVE,
            FailOn::Never => EXIT_PASS,
        };
        (Status::Fail, code)
    } else if counts.error > 0 {
        (Status::Error, EXIT_UNREADABLE)
    } else if counts.inconclusive > 0 {
        (Status::Inconclusive, EXIT_INCONCLUSIVE)
    } else if counts.pass + counts.warn == 0 {
        (Status::Skipped, EXIT_NOTHING)
    } else if counts.warn > 0 || counts.skipped > 0 {
        (
            Status::Warn,
            if fail_on == FailOn::Warn {
                EXIT_FAIL
            } else {
                EXIT_PASS
            },
        )
    } else {
        (Status::Pass, EXIT_PASS)
    };
    Verdict {
        status,
        exit_code,
        sentence: sentence(status, &counts),
        counts,
    }
}

fn sentence(status: Status, counts: &Counts) -> String {
    let total = counts.total();
    let of = |n: usize| format!("{n} of {}", plural(total, "promise"));
    let rest = [
        (counts.warn, "warns", "warn"),
        (counts.skipped, "was skipped", "were skipped"),
        (
            counts.error,
            "could not be evaluated",
            "could not be evaluated",
        ),
    ]
    .iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many }))
    .collect::<Vec<_>>()
    .join(", ");
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!("; {rest}")
    };
    match status {
        Status::Fail => format!("Do not use this data: {} broken{rest}.", of(counts.fail)),
        Status::Error => format!(
            "The gate cannot tell: {} could not be evaluated.",
            of(counts.error)
        ),
        Status::Inconclusive => format!(
            "The evidence is not enough for {}.",
            of(counts.inconclusive)
        ),
        Status::Skipped => "Nothing was evaluated, so nothing can have passed.".to_owned(),
        Status::Warn => format!(
            "The data may be used: no promise is broken, {} kept{rest}.",
            of(counts.pass)
        ),
        Status::Pass => format!(
            "The data may be used: all {} kept.",
            plural(total, "promise")
        ),
    }
}

/// `1 promise`, `2 promises`.
#[must_use]
pub fn plural(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}
