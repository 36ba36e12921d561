//! What becomes of one column: which parts of it are compared, or why none is.

use super::CATEGORY_CAP;
use crate::config::Role;
use crate::measure::ColumnProfile;
use crate::measure::values::Form;
use crate::plan::DatasetPlan;

/// Why texts are left out where only profiles are compared.
const MANY_VALUES: &str = "as text with more than 200 values on both sides";

/// Why texts are left out that a profile does not list.
pub(super) const UNLISTED: &str =
    "for more texts than a profile lists, but for the share of empty ones";

/// Why dates and timestamps are left out where only profiles are compared.
const MOMENTS: &str = "as dates and times";

/// The same of times of day and durations.
const SPANS: &str = "as times of day and durations";

/// What a change from few values to many begins with.
const VALUES: &str = "values: ";

/// What is compared beside the share of nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// Nothing: the values cannot be compared.
    Nulls,
    /// The distribution of numbers.
    Numbers,
    /// The mix of values.
    Categories,
    /// What should stay of dates and timestamps.
    Moments,
    /// Times of day and durations as numbers of seconds.
    Spans,
}

/// What becomes of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Everything is compared.
    Judged(Parts),
    /// Only the reference has it.
    Gone,
    /// Only the current data has it.
    New,
    /// It is another kind of column now; holds what it was and is.
    Changed(String),
    /// Excluded by the user.
    Excluded,
    /// Not promised in the environments of both sides.
    Apart,
    /// It tells rows apart, and a new batch always has others.
    Id,
    /// Left out by design, with the reason; the share of nulls is compared all the same.
    LeftOut(&'static str),
    /// Its values could not be compared, with the reason; the share of nulls is.
    Untold(&'static str),
}

impl Fate {
    /// Decides from both profiles of the column; one of them at least is there.
    pub(super) fn of(
        plan: &DatasetPlan,
        name: &str,
        before: Option<&ColumnProfile>,
        now: Option<&ColumnProfile>,
    ) -> Self {
        let excluded = &plan.config.drift.exclude;
        match (before, now) {
            _ if excluded.iter().any(|(n, _)| n == name) => Self::Excluded,
            _ if plan.is_apart(name) => Self::Apart,
            _ if plan.role(name) == Role::Id => Self::Id,
            (Some(before), Some(now)) => Self::compared(before, now),
            (Some(_), None) => Self::Gone,
            (None, _) => Self::New,
        }
    }

    fn compared(before: &ColumnProfile, now: &ColumnProfile) -> Self {
        // Integers that became floats still are numbers; a column of nulls only has every type.
        let numbers = before.form.is_number() && now.form.is_number();
        let untyped = [before, now].iter().any(|c| c.dtype == "null");
        if before.dtype != now.dtype && !numbers && !untyped {
            return Self::Changed(format!("{} then, {} now", before.dtype, now.dtype));
        }
        let both = [before, now];
        let unknown = both.iter().filter(|c| c.not_profiled.is_some());
        if unknown.clone().any(|c| c.form != Form::None) {
            // What was read before the first such value is no column to compare.
            return Self::Untold("with values beyond what is profiled");
        }
        if unknown.count() == both.len() {
            return Self::LeftOut("as nested values");
        }
        let is = |kinds: &[&str]| {
            let of = |c: &&ColumnProfile| kinds.iter().any(|k| c.dtype.starts_with(k));
            [before, now].iter().any(of)
        };
        match (is(&["date", "timestamp"]), is(&["time", "duration"])) {
            (true, _) => return Self::LeftOut(MOMENTS),
            (false, true) => return Self::LeftOut(SPANS),
            (false, false) => {}
        }
        match (before.valued(), now.valued()) {
            (0, 0) => Self::Untold("without a value on either side"),
            (0, _) => Self::Untold("without a value in the reference"),
            (_, 0) => Self::Untold("without a value now"),
            _ if numbers => Self::Judged(Parts::Numbers),
            _ => Self::categories(before, now),
        }
    }

    fn categories(before: &ColumnProfile, now: &ColumnProfile) -> Self {
        let seen = |c: &ColumnProfile| c.values_seen().map(|v| v.len());
        let few = |n: Option<usize>| n.is_some_and(|n| n <= CATEGORY_CAP);
        match (seen(before), seen(now)) {
            (then, is) if !few(then) && !few(is) => Self::LeftOut(MANY_VALUES),
            (Some(_), Some(_)) => Self::Judged(Parts::Categories),
            (then, is) => {
                let count = |n: Option<usize>| {
                    n.map_or_else(|| "too many to list".to_owned(), |n| n.to_string())
                };
                Self::Changed(format!("{VALUES}{} then, {} now", count(then), count(is)))
            }
        }
    }

    /// What becomes of the column where rows are compared: texts with many values are too, and dates and times.
    pub(super) fn with_rows(self) -> Self {
        match self {
            Self::LeftOut(MOMENTS) => Self::Judged(Parts::Moments),
            Self::LeftOut(SPANS) => Self::Judged(Parts::Spans),
            Self::LeftOut(MANY_VALUES) => Self::Judged(Parts::Categories),
            Self::Changed(how) if how.starts_with(VALUES) => Self::Judged(Parts::Categories),
            other => other,
        }
    }

    /// What becomes of the column where profiles are compared: texts with many values are too, as far as they are
    /// listed, and times of day and durations.
    pub(super) fn with_profiles(
        self,
        before: Option<&ColumnProfile>,
        now: Option<&ColumnProfile>,
    ) -> Self {
        let listed = |c: Option<&ColumnProfile>| c.is_some_and(|c| c.values.distinct().is_some());
        let many = match &self {
            Self::LeftOut(why) => *why == MANY_VALUES,
            Self::Changed(how) => how.starts_with(VALUES),
            _ => false,
        };
        if self == Self::LeftOut(SPANS)
            && before.is_some_and(|b| now.is_some_and(|n| b.valued().min(n.valued()) > 0))
        {
            return Self::Judged(Parts::Spans);
        }
        match (many, listed(before) && listed(now)) {
            (true, true) => Self::Judged(Parts::Categories),
            (true, false) if matches!(self, Self::LeftOut(_)) => Self::LeftOut(UNLISTED),
            _ => self,
        }
    }

    /// What is compared; `None` when nothing is.
    pub(super) fn judged(&self) -> Option<Parts> {
        match self {
            Self::Judged(parts) => Some(*parts),
            Self::LeftOut(_) | Self::Untold(_) => Some(Parts::Nulls),
            Self::Gone | Self::New | Self::Changed(_) | Self::Excluded | Self::Apart | Self::Id => {
                None
            }
        }
    }
}
