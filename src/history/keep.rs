//! What a profile leaves to later runs.

use super::night::{NIGHT_BINS, NIGHT_TEXTS, Night, NightColumn, NightValues, Numbers, Standing};
use crate::contract::{Detection, Privacy};
use crate::detect::Detector;
use crate::drift::sample::hash::text as code;
use crate::measure::bins::Bins;
use crate::measure::values::{Form, Key};
use crate::measure::{ColumnProfile, DistinctCount, Profile};
use crate::report::text::hex;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Characters of a text that are kept; of a longer one its beginning and its hash.
const TEXT: usize = 48;

/// Hexadecimal digits of a text's hash.
const HASH: usize = 12;

/// Bits of the key below a bin of a personal column at least: bins reach from a number to one a quarter to an eighth
/// greater, so that none of them is a value.
const PERSONAL_SHIFT: u32 = 50;

/// Rows of a bin or a text of a personal column at least; fewer are counted with others.
const PERSONAL_ROWS: u64 = 10;

impl Night {
    /// What is kept of one batch.
    ///
    /// Shape: columns in the order of the profile. Of personal columns (`keeping`) texts are hashes, bins are wide and
    /// hold ten rows at least, and no single number is kept; of others, texts that look personal are hashes, unless the
    /// contract says that they may be shown.
    #[must_use]
    pub fn of(
        profile: &Profile,
        at: DateTime<Utc>,
        standing: Standing,
        keeping: &dyn Fn(&str) -> (Privacy, Detection),
    ) -> Self {
        let detector = Detector::of_reports();
        let column = |column: &ColumnProfile| {
            let (privacy, detection) = keeping(&column.name);
            kept(
                column,
                privacy,
                Some(&detector).filter(|_| detection == Detection::ByContent),
            )
        };
        Self {
            at,
            rows: profile.rows,
            standing,
            joint: None,
            told: Vec::new(),
            columns: profile.columns.iter().map(column).collect(),
        }
    }
}

fn kept(column: &ColumnProfile, privacy: Privacy, detector: Option<&Detector>) -> NightColumn {
    NightColumn {
        name: column.name.clone(),
        dtype: column.dtype.clone(),
        missing: column.counters.nulls + column.counters.nan,
        distinct: distinct(column),
        values: values(column, privacy, detector),
    }
}

fn distinct(column: &ColumnProfile) -> Option<u64> {
    match column.distinct() {
        _ if column.not_profiled.is_some() => None,
        DistinctCount::Exact(n) => Some(n),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a finite estimate of 0 or more, far below 2^53"
        )]
        DistinctCount::About(n) => n.is_finite().then(|| n.max(0.0).round() as u64),
    }
}

fn values(column: &ColumnProfile, privacy: Privacy, detector: Option<&Detector>) -> NightValues {
    match column.form {
        // Values before the first one that is not profiled are no batch.
        _ if column.not_profiled.is_some() => NightValues::Presence,
        Form::Integer | Form::Decimal(_) | Form::Float => {
            NightValues::Numbers(numbers(column, privacy))
        }
        Form::Text | Form::Binary | Form::Boolean => texts(column, privacy, detector),
        Form::Date | Form::Timestamp(_) | Form::Time | Form::Duration => {
            let open = privacy == Privacy::Open;
            let seconds = |key: &Option<Key>| seconds(column.form, key.as_ref().filter(|_| open)?);
            NightValues::Times {
                least: seconds(&column.least),
                greatest: seconds(&column.greatest),
            }
        }
        Form::None => NightValues::Presence,
    }
}

/// A date, a time of the day, a moment or a duration in seconds.
fn seconds(form: Form, key: &Key) -> Option<f64> {
    let number = form.scalar(key).number()?;
    let seconds = if form == Form::Date {
        number * 86_400.0
    } else {
        number
    };
    Some(seconds).filter(|s| s.is_finite())
}

fn numbers(column: &ColumnProfile, privacy: Privacy) -> Numbers {
    let open = privacy == Privacy::Open;
    let least = if open { 0 } else { PERSONAL_SHIFT };
    let (shift, mut bins) = few(&column.bins(), least);
    if !open {
        bins = together(&bins);
    }
    let finite = |number: Option<f64>| number.filter(|n| open && n.is_finite());
    let bound = |key: &Option<Key>| finite(key.as_ref().map(|k| column.form.number(k)));
    let measure = |name: &str| finite(column.measure(name).and_then(|v| v.number()));
    Numbers {
        shift,
        bins,
        least: bound(&column.least),
        greatest: bound(&column.greatest),
        mean: measure("mean"),
        deviation: measure("stddev"),
    }
}

/// The finest bins, of at least `least` bits, of which at most [`NIGHT_BINS`] are occupied.
fn few(bins: &Bins, least: u32) -> (u32, Vec<(u64, u64)>) {
    let (mut shift, mut entries) = (bins.shift(), bins.entries());
    while shift < 63 && (shift < least || entries.len() > NIGHT_BINS) {
        shift += 1;
        let mut wider: Vec<(u64, u64)> = Vec::with_capacity(entries.len());
        for (bin, count) in entries {
            match wider.last_mut() {
                Some((same, sum)) if *same == bin >> 1 => *sum += count,
                _ => wider.push((bin >> 1, count)),
            }
        }
        entries = wider;
    }
    (shift, entries)
}

/// Bins of too few rows count with the next one; the last of them with the one before.
fn together(bins: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut found: Vec<(u64, u64)> = Vec::new();
    let mut waiting = 0;
    for (bin, count) in bins {
        waiting += count;
        if waiting >= PERSONAL_ROWS {
            found.push((*bin, waiting));
            waiting = 0;
        }
    }
    if let Some((_, last)) = found.last_mut() {
        *last += waiting;
    }
    found
}

/// The most frequent texts: most frequent first, those that are as frequent in their own order.
fn texts(column: &ColumnProfile, privacy: Privacy, detector: Option<&Detector>) -> NightValues {
    let tells = |text: &str| detector.is_some_and(|d| d.find(text).is_some());
    let mut counts = column.values_seen().unwrap_or_default();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if privacy == Privacy::Personal {
        counts.retain(|(_, count)| *count >= PERSONAL_ROWS);
    }
    counts.truncate(NIGHT_TEXTS);
    let shown = counts.iter().map(|(_, count)| *count).sum::<u64>();
    let named = |(text, count): (String, u64)| match privacy {
        Privacy::Open if !tells(&text) => (short(&text), count),
        _ => (hash(&column.name, &text), count),
    };
    NightValues::Texts {
        others: column.non_null() - shown,
        counts: counts.into_iter().map(named).collect(),
    }
}

/// A text as it is kept: the same texts are kept the same, different ones differently.
fn short(text: &str) -> String {
    if text.chars().count() <= TEXT {
        return text.to_owned();
    }
    let begin: String = text.chars().take(TEXT).collect();
    format!("{begin}…{}", hash("", text))
}

/// Codes of the texts of a column that are not kept whole, by what is kept of them.
pub(super) fn long(profile: &Profile, column: &str) -> HashMap<String, u64> {
    let column = profile.columns.iter().find(|c| c.name == column);
    let seen = column.and_then(ColumnProfile::values_seen);
    let texts = seen.into_iter().flatten().map(|(text, _)| text);
    let long = texts.filter(|text| text.chars().nth(TEXT).is_some());
    long.map(|text| (short(&text), code(&text))).collect()
}

fn hash(column: &str, text: &str) -> String {
    let digest = Sha256::digest(format!("{}:{column}{text}", column.len()));
    format!("#{}", &hex(&digest)[..HASH])
}

impl NightColumn {
    /// Whether its texts are kept as hashes, each of them.
    pub(super) fn is_hashed(&self) -> bool {
        match &self.values {
            NightValues::Texts { counts, .. } => {
                !counts.is_empty() && counts.iter().all(|(text, _)| is_hash(text))
            }
            _ => false,
        }
    }

    /// Keeps its texts as hashes from now on, so that later nights, which keep them so, are alike.
    pub(super) fn hash(&mut self) {
        if let NightValues::Texts { counts, .. } = &mut self.values {
            for (text, _) in counts.iter_mut().filter(|(text, _)| !is_hash(text)) {
                *text = hash(&self.name, text);
            }
        }
    }
}

/// Whether a text is kept as [`hash`] writes one.
pub(super) fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == HASH && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::{few, kept, together};
    use crate::contract::Privacy;
    use crate::history::night::{NIGHT_BINS, NightValues};
    use crate::measure::ColumnProfile;
    use crate::measure::bins::Bins;
    use crate::types::LogicalType;

    #[test]
    fn a_column_that_was_read_in_part_is_known_by_being_there_alone() {
        let mut column = ColumnProfile::new("w", &LogicalType::Float(64));
        column.add_rows(3, 1);
        column.add_float(2.0, 1);
        let whole = kept(&column, Privacy::Open, None);
        assert!(matches!(whole.values, NightValues::Numbers(_)));
        column.not_profiled = Some("beyond 38 digits".to_owned());
        let part = kept(&column, Privacy::Open, None);
        assert_eq!((part.values, part.distinct), (NightValues::Presence, None));
        assert_eq!(part.missing, 1);
    }

    #[test]
    fn bins_are_as_fine_as_the_number_allows_and_keep_every_row() {
        let mut bins = Bins::default();
        for i in 0..NIGHT_BINS {
            bins.add(i as f64, 2);
        }
        let (shift, entries) = few(&bins, 0);
        assert_eq!((shift, entries.len()), (0, NIGHT_BINS));
        bins.add(1e9, 1);
        let (shift, entries) = few(&bins, 0);
        assert!(shift > 0 && entries.len() <= NIGHT_BINS);
        assert_eq!(
            entries.iter().map(|(_, n)| n).sum::<u64>(),
            2 * NIGHT_BINS as u64 + 1
        );
        assert_eq!(entries, bins.at_shift(shift).entries());
    }

    #[test]
    fn bins_of_few_rows_count_with_their_neighbours() {
        let bins = [(1, 3), (2, 8), (5, 10), (9, 4)];
        assert_eq!(together(&bins), [(2, 11), (5, 14)]);
        assert!(together(&[(1, 9)]).is_empty());
    }
}
