//! Outcomes become one verdict and one exit code. Pure.

use crate::diagnostic::plural;
use crate::error::{EXIT_FAIL, EXIT_INCONCLUSIVE, EXIT_NOTHING, EXIT_PASS, EXIT_UNREADABLE};
use crate::record::{Counts, IMPLIED, LeftOut, Outcome, Status, Verdict};

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
/// evaluated nothing that somebody wrote beside what it skipped, or had nothing to evaluate, is `skipped` and exits 4; skipped expectations beside others make the
/// run warn.
#[must_use]
pub fn decide(outcomes: &[Outcome], fail_on: FailOn) -> Verdict {
    let mut counts = Counts::default();
    for outcome in outcomes {
        *match outcome.status {
            Status::Pass => &mut counts.pass,
            Status::Waived => &mut counts.waived,
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
    } else if counts.pass + counts.waived + counts.warn == 0
        || (counts.skipped > 0 && !was_asked(outcomes))
    {
        (Status::Skipped, EXIT_NOTHING)
    } else if counts.warn > 0 || counts.skipped > 0 || counts.waived > 0 {
        let warned = counts.warn > 0 || counts.skipped > 0;
        (
            Status::Warn,
            if fail_on == FailOn::Warn && warned {
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
        sentence: sentence(status, exit_code, &counts, Subject::of(outcomes)),
        counts,
    }
}

/// Whether a promise that somebody wrote was kept or warns.
fn was_asked(outcomes: &[Outcome]) -> bool {
    let told = |o: &&Outcome| matches!(o.status, Status::Pass | Status::Warn | Status::Waived);
    let mut told = outcomes.iter().filter(told);
    told.any(|o| !o.tags.iter().any(|t| t == IMPLIED))
}

/// What a run was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Data,
    Model,
    Both,
}

impl Subject {
    fn of(outcomes: &[Outcome]) -> Self {
        let models = outcomes.iter().filter(|o| o.is_of_model()).count();
        match models {
            0 => Self::Data,
            n if n == outcomes.len() => Self::Model,
            _ => Self::Both,
        }
    }

    /// What not to do.
    fn stop(self) -> &'static str {
        match self {
            Self::Data => "Do not use this data",
            Self::Model => "Do not promote this model",
            Self::Both => "Do not use this data and do not promote this model",
        }
    }

    /// What may be done.
    fn go(self) -> &'static str {
        match self {
            Self::Data => "The data may be used",
            Self::Model => "The model may be promoted",
            Self::Both => "The data may be used and the model promoted",
        }
    }
}

/// What a product owner does next, first; then the counts that made it so.
fn sentence(status: Status, exit_code: u8, counts: &Counts, subject: Subject) -> String {
    let (stop, go) = (subject.stop(), subject.go());
    let of = |n: usize, one: &str, many: &str| {
        let verb = if n == 1 { one } else { many };
        format!("{n} of {} {verb}", plural(counts.total() as u64, "promise"))
    };
    let unable = "could not be evaluated";
    match status {
        Status::Fail => {
            let others = rest(&[
                (counts.error, unable, unable),
                (counts.inconclusive, "is undecided", "are undecided"),
                (counts.waived, "is waived", "are waived"),
                (counts.warn, "warns", "warn"),
                (counts.skipped, "was skipped", "were skipped"),
            ]);
            let broken = of(counts.fail, "is broken", "are broken");
            format!("{stop}: {broken}{others}.")
        }
        Status::Error if counts.error == counts.total() => match counts.error {
            1 => format!("{stop} yet: its one promise {unable}."),
            n => format!("{stop} yet: none of {n} promises could be evaluated."),
        },
        Status::Error => format!(
            "{stop} yet: {}, none of the others is broken.",
            of(counts.error, unable, unable)
        ),
        Status::Inconclusive => format!(
            "{stop} yet: {} for want of evidence, none is broken.",
            of(counts.inconclusive, "is undecided", "are undecided")
        ),
        Status::Skipped => {
            format!("{stop} yet: nothing was evaluated, so nothing can have passed.")
        }
        Status::Warn | Status::Waived => {
            let others = rest(&[
                (counts.waived, "is waived", "are waived"),
                (counts.warn, "warns", "warn"),
                (counts.skipped, "was skipped", "were skipped"),
            ]);
            let lead = if exit_code == EXIT_FAIL {
                format!("{stop}, a warning is enough to stop it here")
            } else {
                go.to_owned()
            };
            let kept = of(counts.pass, "is kept", "are kept");
            let broken = if counts.waived > 0 {
                "no promise is broken that nobody accepted"
            } else {
                "no promise is broken"
            };
            format!("{lead}: {broken}, {kept}{others}.")
        }
        Status::Pass => match counts.total() {
            1 => format!("{go}: its one promise is kept."),
            n => format!("{go}: all {n} promises are kept."),
        },
    }
}

/// `; 3 could not be evaluated, 1 warns`: the counts that are not 0, each with its verb for one and for many.
fn rest(counts: &[(usize, &str, &str)]) -> String {
    let shown = counts.iter().filter(|(n, ..)| *n > 0);
    let shown: Vec<String> = shown
        .map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many }))
        .collect();
    if shown.is_empty() {
        String::new()
    } else {
        format!("; {}", shown.join(", "))
    }
}

/// The verdict; of a part of a run, its sentence says first what was left out.
#[must_use]
pub fn decide_part(outcomes: &[Outcome], fail_on: FailOn, left_out: Option<&LeftOut>) -> Verdict {
    let mut verdict = decide(outcomes, fail_on);
    if let Some(left_out) = left_out {
        verdict.sentence = format!("{} {}", left_out.sentence(), verdict.sentence);
    }
    verdict
}
