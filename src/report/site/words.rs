//! Sentences of the site.

use super::super::text::{clip, line};
use super::super::words::{counted, percent};
use super::subject::Subject;
use super::track::{Repairs, Since, Stand};
use crate::record::Status;
use chrono::{DateTime, TimeDelta, Utc};

/// A span of time for people: `35 minutes`, `6 hours`, `2.5 days`.
pub(super) fn span(seconds: i64) -> String {
    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    let whole = |n: i64, noun: &str| counted(u64::try_from(n).unwrap_or(0), noun);
    match seconds {
        ..5_400 => whole((seconds + 30) / 60, "minute"),
        5_400..172_800 => whole((seconds + HOUR / 2) / HOUR, "hour"),
        _ => {
            let tenths = (seconds + DAY / 20) / (DAY / 10);
            match tenths % 10 {
                0 => whole(tenths / 10, "day"),
                part => format!("{}.{part} days", tenths / 10),
            }
        }
    }
}

/// `since 2026-11-03, 12 runs`, `new in the last run`.
pub(super) fn since(since: Since) -> String {
    match since.runs {
        0 | 1 => "new in the last run".to_owned(),
        n => format!(
            "since {}, {}",
            since.at.date_naive(),
            counted(n as u64, "run")
        ),
    }
}

/// `2.5 days on average over 4 repairs`; what is not known is said.
pub(super) fn fixed(repairs: &Repairs) -> String {
    match (repairs.mean(), repairs.took.len()) {
        (Some(mean), 1) => format!("{}, the one repair", span(mean)),
        (Some(mean), n) => format!("{} on average over {n} repairs", span(mean)),
        (None, _) if repairs.open.is_some() => "not repaired so far".to_owned(),
        (None, _) => "nothing was broken".to_owned(),
    }
}

/// A name as it is shown.
pub(super) fn named(name: &str) -> String {
    clip(&line(name), 80)
}

/// How many promises of the last run are what, by their statuses.
pub(super) fn counts(subject: &Subject) -> Vec<(Status, usize)> {
    use Status::{Error, Fail, Inconclusive, Pass, Skipped, Waived, Warn};
    let last = subject.promises.values();
    let last: Vec<Status> = last
        .filter_map(|t| t.last(&subject.nights))
        .map(|p| p.status)
        .collect();
    let all = [Fail, Error, Inconclusive, Warn, Waived, Skipped, Pass];
    let count = |status| (status, last.iter().filter(|s| **s == status).count());
    all.into_iter().map(count).collect()
}

/// What a dataset or model is like after its last run, in one sentence.
pub(super) fn state(subject: &Subject) -> String {
    let counts = counts(subject);
    let of = |status: Status| counts.iter().find(|c| c.0 == status).map_or(0, |c| c.1);
    let all: usize = counts.iter().map(|c| c.1).sum();
    let promises = counted(all as u64, "promise");
    let are = |n: usize| if n == 1 { "is" } else { "are" };
    match subject.last().map(|n| n.status) {
        None => "No run is known.".to_owned(),
        Some(_) if all == 0 => "The last run is known by its verdict only.".to_owned(),
        Some(Status::Fail) => {
            let n = of(Status::Fail);
            let oldest = subject.broken().first().map(|b| b.2);
            let oldest = oldest.filter(|s| s.runs > 1);
            let oldest = oldest.map_or_else(String::new, |s| {
                format!(", the longest since {}", s.at.date_naive())
            });
            format!("{n} of {promises} {} broken{oldest}.", are(n))
        }
        Some(Status::Error) => {
            let n = of(Status::Error);
            format!("{n} of {promises} could not be evaluated: nobody knows whether they hold.")
        }
        Some(Status::Inconclusive) => {
            let n = of(Status::Inconclusive);
            format!("The evidence is not enough to decide {n} of {promises}.")
        }
        Some(Status::Skipped) => "Nothing was evaluated.".to_owned(),
        Some(Status::Warn | Status::Waived) => {
            let warned = of(Status::Warn);
            let parts = [
                (warned, if warned == 1 { "warns" } else { "warn" }),
                (of(Status::Waived), "waived"),
                (of(Status::Skipped), "skipped"),
            ];
            let parts = parts.into_iter().filter(|(n, _)| *n > 0);
            let parts: Vec<String> = parts.map(|(n, word)| format!("{n} {word}")).collect();
            format!("Nothing is broken; of {promises} {}.", parts.join(", "))
        }
        Some(Status::Pass) if all == 1 => "Its one promise is kept.".to_owned(),
        Some(Status::Pass) => format!("All {promises} are kept."),
    }
}

/// `The last run is 5 days old.`, where that is unusual.
pub(super) fn overdue(age: TimeDelta) -> String {
    let age = span(age.num_seconds());
    format!("The last run is {age} old, longer than usual: nobody knows how it is now.")
}

/// How often the verdict was good: `92 % of 180 runs passed or warned`.
pub(super) fn kept(subject: &Subject) -> String {
    let runs = subject.nights.len();
    let good = subject
        .nights
        .iter()
        .filter(|n| Stand::of(n.status) == Stand::Kept);
    #[expect(clippy::cast_precision_loss, reason = "counts of runs")]
    let share = good.count() as f64 / runs.max(1) as f64;
    format!("{} of {}", percent(share), counted(runs as u64, "run"))
}

/// A clock in days and minutes.
pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// The verdict of everything: the worst one, and what is overdue.
pub(super) fn worst<'a>(subjects: impl Iterator<Item = &'a Subject>) -> Status {
    let all = subjects.filter_map(|s| s.last()).map(|n| n.status);
    all.max_by_key(|s| rank(*s)).unwrap_or(Status::Skipped)
}

/// Worse is more: an error is told after a failure, because a failure is known to be one.
pub(super) fn rank(status: Status) -> u8 {
    match status {
        Status::Pass => 0,
        Status::Waived | Status::Warn => 1,
        Status::Skipped => 2,
        Status::Inconclusive => 3,
        Status::Error => 4,
        Status::Fail => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_told_as_people_do() {
        for (seconds, text) in [
            (0, "0 minutes"),
            (60, "1 minute"),
            (5_399, "90 minutes"),
            (5_400, "2 hours"),
            (86_400, "24 hours"),
            (172_800, "2 days"),
            (216_000, "2.5 days"),
            (864_000, "10 days"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
