//! What a whole column holds, by the values looked at.

use super::{Detector, Kind};
use crate::contract::Privacy;
use crate::measure::values::{Form, Key};
use crate::measure::{ColumnProfile, Profile};
use crate::record::ColumnSummary;
use std::collections::BTreeMap;

/// Share of the texts of a column, from which on none of them is shown.
const OF_TEXTS: f64 = 0.1;
/// The same of whole numbers: of any sixteen digits one in ten keeps the check digit of a card.
const OF_NUMBERS: f64 = 0.5;
/// Values that must hold something for that.
const LEAST: u64 = 2;

/// Values of one column that were looked at, and those that hold personal data or a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    texts: u64,
    numbers: u64,
    found: BTreeMap<Kind, u64>,
}

impl Tally {
    /// Looks at a text that stands in `rows` rows.
    pub fn text(&mut self, text: &str, rows: u64, detector: &Detector) {
        self.texts += rows;
        if let Some(kind) = detector.find(text) {
            *self.found.entry(kind).or_default() += rows;
        }
    }

    /// Looks at a whole number that stands in `rows` rows: a card's number may be written without blanks.
    pub fn number(&mut self, number: i128, rows: u64) {
        self.numbers += rows;
        // Cards have 13 digits at least.
        if number >= 1_000_000_000_000 && super::personal::card(&number.to_string()).is_some() {
            *self.found.entry(Kind::Card).or_default() += rows;
        }
    }

    /// The kind that is found most often, where so many values hold something that no value of the column is shown.
    ///
    /// That is two values and a tenth of the texts, or half of the whole numbers. `None` without values.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
    pub fn hides(&self) -> Option<Kind> {
        let all: u64 = self.found.values().sum();
        let share = OF_TEXTS * self.texts as f64 + OF_NUMBERS * self.numbers as f64;
        let most = self
            .found
            .iter()
            .max_by_key(|(kind, n)| (**n, std::cmp::Reverse(**kind)));
        most.filter(|_| all >= LEAST && all as f64 >= share)
            .map(|(kind, _)| *kind)
    }
}

/// What a profile holds of its column: the kind for which no value of it is kept where anybody may read it; `None` where
/// values may be kept.
///
/// Texts: one of those that the profile lists, or one of its ends, holds something. Whole numbers: half of the listed
/// values, or both ends where they are too many to be listed, are numbers of cards.
#[must_use]
pub fn in_profile(column: &ColumnProfile, detector: &Detector) -> Option<Kind> {
    let ends = || column.least.iter().chain(&column.greatest);
    match column.form {
        Form::Text => {
            let listed = column.values.listed().unwrap_or_default();
            let mut texts = listed.iter().map(|(key, _)| key).chain(ends());
            texts.find_map(|key| match key {
                Key::Text(text) => detector.find(text),
                _ => None,
            })
        }
        Form::Integer => {
            let mut tally = Tally::default();
            let listed = column.values.listed();
            let listed = listed.unwrap_or_else(|| ends().map(|key| (key.clone(), 1)).collect());
            for (key, rows) in listed {
                if let Key::Int(number) = key {
                    tally.number(number, rows);
                }
            }
            tally.hides()
        }
        _ => None,
    }
}

/// The summary of a column without its values where one that would be shown holds something, or where the profile's
/// whole numbers are numbers of cards.
#[must_use]
pub fn summary(column: &ColumnProfile, detector: &Detector) -> ColumnSummary {
    let summary = column.summary(Privacy::Open);
    let ends = summary.min.iter().chain(&summary.max).map(String::as_str);
    let mut shown = ends.chain(summary.top.iter().map(|t| t.value.as_str()));
    let kind = match column.form {
        Form::Text => shown.find_map(|text| detector.find(text)),
        _ => in_profile(column, detector),
    };
    match kind {
        Some(kind) => withheld(column, kind),
        None => summary,
    }
}

/// The summary of a column without its values, which hold something of a kind.
#[must_use]
pub fn withheld(column: &ColumnProfile, kind: Kind) -> ColumnSummary {
    ColumnSummary {
        withheld: Some(why(kind)),
        ..column.summary(Privacy::Personal)
    }
}

/// The profile as it may be kept where anybody may read it: without the values of columns that hold something.
#[must_use]
pub fn without_values(mut profile: Profile, detector: &Detector) -> Profile {
    for column in &mut profile.columns {
        if let Some(kind) = in_profile(column, detector) {
            column.withhold(&why(kind));
        }
    }
    profile
}

/// Why no value is told.
fn why(kind: Kind) -> String {
    format!("personal data or secrets found in its values: {kind}")
}

#[cfg(test)]
mod tests {
    use super::{Detector, Kind, Tally};

    #[test]
    fn a_tenth_of_the_texts_and_two_at_least_hide_a_column() {
        let detector = Detector::of_reports();
        let seen = |good: u64, bad: u64| {
            let mut tally = Tally::default();
            tally.text("fine", good, &detector);
            tally.text("ann@example.org", bad, &detector);
            tally.hides()
        };
        assert_eq!(seen(0, 1), None);
        assert_eq!(seen(18, 2), Some(Kind::Email));
        assert_eq!(seen(19, 2), None);
        assert_eq!(Tally::default().hides(), None);
    }

    #[test]
    fn half_of_the_numbers_must_be_cards() {
        let seen = |good: u64, bad: u64| {
            let mut tally = Tally::default();
            tally.number(4_111_111_111_111_112, good);
            tally.number(4_111_111_111_111_111, bad);
            tally.hides()
        };
        assert_eq!(seen(2, 2), Some(Kind::Card));
        assert_eq!(seen(3, 2), None);
        assert_eq!(seen(0, 1), None);
        let mut tally = Tally::default();
        (0..1_000).for_each(|i| tally.number(4_000_000_000_000_000 + i, 1));
        assert_eq!(tally.hides(), None, "one in ten keeps the check digit");
    }
}
