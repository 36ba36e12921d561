//! `severity`, `warn_if`, `error_if` and `limit`: what dbt makes of the number of failing rows.

use super::super::promise::{Promise, Refused, whole, words};
use crate::config::tree::Node;

/// How many failing rows mean what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Threshold {
    severity: Severity,
    /// Fewest failing rows that fail (or warn, for a test of severity `warn`).
    from: i128,
    /// Fewest failing rows that warn where fewer than `from` fail.
    warn_from: Option<i128>,
    /// Failing rows are counted up to here.
    limit: Option<i128>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Severity {
    Error,
    Warn,
}

/// The fewest failing rows for which `> 10`, `>= 10` or `!= 0` is true.
///
/// Errors: other conditions; a person may write any SQL there.
fn fewest(node: &Node, name: &str) -> Result<i128, Refused> {
    let text = words(node, name)?.trim();
    let read = |sign: &str| {
        text.strip_prefix(sign)
            .and_then(|n| n.trim().parse::<i128>().ok())
    };
    let found = read(">=")
        .or_else(|| {
            read("!=")
                .or_else(|| read("<>"))
                .filter(|n| *n == 0)
                .map(|_| 1)
        })
        .or_else(|| read(">").map(|n| n.saturating_add(1)));
    match found {
        Some(n) if n >= 1 => Ok(n),
        _ => Err(Refused::Dropped(format!(
            "`{name}: \"{text}\"` is not of the form `>10`, `>=10` or `!=0`"
        ))),
    }
}

impl Threshold {
    /// What is written of a test, each by its key.
    pub(super) fn read<'a>(get: impl Fn(&str) -> Option<&'a Node>) -> Result<Self, Refused> {
        let severity = match get("severity").map(|n| words(n, "severity").map(|w| (n, w))) {
            None => Severity::Error,
            Some(Err(refused)) => return Err(refused),
            Some(Ok((_, word))) if word.eq_ignore_ascii_case("error") => Severity::Error,
            Some(Ok((_, word))) if word.eq_ignore_ascii_case("warn") => Severity::Warn,
            Some(Ok((node, _))) => return Err(Refused::value(node, "severity", "error or warn")),
        };
        let condition = |name: &str| get(name).map(|n| fewest(n, name)).transpose();
        let (warn_if, error_if) = (condition("warn_if")?, condition("error_if")?);
        let limit = get("limit").map(|n| whole(n, "limit")).transpose()?;
        let (from, warn_from) = match severity {
            Severity::Error => {
                let from = error_if.unwrap_or(1);
                (from, Some(warn_if.unwrap_or(1)).filter(|w| *w < from))
            }
            Severity::Warn => (warn_if.unwrap_or(1), None),
        };
        Ok(Self {
            severity,
            from,
            warn_from,
            limit,
        })
    }

    /// Whether it is the default: any failing row fails.
    pub(super) fn is_plain(self) -> bool {
        self.from == 1 && self.warn_from.is_none()
    }

    /// Adds what it says to a promise that counts failing rows.
    ///
    /// Errors: a limit below which no condition can hold.
    pub(super) fn of(self, promise: Promise) -> Result<Promise, Refused> {
        let mut promise = self.severe(promise);
        if self
            .limit
            .is_some_and(|l| l < self.warn_from.unwrap_or(self.from))
        {
            let why = "`limit` counts fewer failing rows than the conditions want: it cannot fail";
            return Err(Refused::Empty(why.to_owned()));
        }
        let fails = self.limit.is_none_or(|l| l >= self.from);
        if !fails {
            // Only the warning can be reached.
            promise = promise.text("severity", "warn");
        }
        let from = if fails {
            self.from
        } else {
            self.warn_from.unwrap_or(self.from)
        };
        if from > 1 {
            promise = promise.whole("max_failing", from - 1);
        }
        if let Some(warn) = self.warn_from.filter(|_| fails) {
            promise = promise.whole("warn_at", warn);
        }
        if let Some(limit) = self.limit {
            promise = promise.whole("samples", limit.clamp(0, 1000));
        }
        Ok(promise)
    }

    /// Adds the severity alone, to a promise that counts no rows.
    pub(super) fn severe(self, promise: Promise) -> Promise {
        match self.severity {
            Severity::Error => promise,
            Severity::Warn => promise.text("severity", "warn"),
        }
    }
}
