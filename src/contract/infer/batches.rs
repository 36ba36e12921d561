//! Several batches of one dataset: what each of them says of what the others let expect.

use super::guess::{Guess, guesses};
pub(super) use super::support::Across;
use super::{Repeats, SeenBatch, SeenColumn};
use crate::measure::ColumnProfile;
use crate::scalar::Scalar;

/// The columns of several batches as those of one dataset, in the order of the first.
///
/// Errors: what differs, in words, when the columns are not the same.
pub fn together(batches: Vec<Vec<SeenColumn>>) -> Result<Vec<SeenColumn>, String> {
    let mut all = batches.into_iter();
    let mut whole = all.next().unwrap_or_default();
    for batch in all {
        for column in &mut whole {
            let name = &column.field.name;
            let theirs = batch.iter().find(|c| c.field.name == *name);
            let theirs = theirs.ok_or_else(|| format!("column `{name}` is not in all batches"))?;
            if column.batches.is_empty() {
                column.batches.push(column.profile.clone());
            }
            column.profile.merge(&theirs.profile)?;
            column.batches.push(theirs.profile.clone());
            if let (Some(mine), Some(other)) = (&mut column.texts, &theirs.texts) {
                mine.merge(other);
            }
            if theirs.repeats == Repeats::Perhaps {
                column.repeats = Repeats::Perhaps;
            }
        }
    }
    Ok(whole)
}

/// `, 84789 rows of 3 batches`; of one batch nothing, its rows stand above.
pub(super) fn rows(rows: u64, batches: usize) -> String {
    match batches {
        0 | 1 => String::new(),
        n => format!(" in {rows} rows of {n} batches"),
    }
}

/// Whether each batch keeps what the others let expect; bounds of nulls are those of the worst batch.
pub(super) fn across(guess: Guess, column: &SeenColumn, names: &[SeenBatch]) -> (Guess, Across) {
    let parts = &column.batches;
    if parts.len() < 2 {
        return (guess, Across::One);
    }
    let guess = match guess {
        Guess::Nulls(_) => Guess::Nulls(worst(parts)),
        other => other,
    };
    let identifies = column.repeats == Repeats::Never;
    for (i, others) in all_but_one(parts).into_iter().enumerate() {
        let Some(others) = others else { continue };
        let mut made = guesses(&others, &column.field.dtype, identifies).into_iter();
        let expected = match &guess {
            Guess::Nulls(_) => {
                let rest = parts.iter().enumerate().filter(|(j, _)| *j != i);
                let rest: Vec<ColumnProfile> = rest.map(|(_, p)| p.clone()).collect();
                Some(Guess::Nulls(worst(&rest)))
            }
            other => made.find(|m| m.guess.is_like(other)).map(|m| m.guess),
        };
        if expected.is_some_and(|e| !e.is_kept(&parts[i])) {
            let name = names
                .get(i)
                .map_or_else(String::new, |b| super::yaml::comment(&b.name));
            return (guess, Across::Broken(name, parts.len()));
        }
    }
    (guess, Across::All(parts.len()))
}

/// Twice the greatest share of nulls of a batch, rounded up to a percent, 99 at most.
fn worst(parts: &[ColumnProfile]) -> u64 {
    let percent = |p: &ColumnProfile| {
        let rows = p.counters.rows.max(1);
        p.counters.nulls.saturating_mul(200).div_ceil(rows)
    };
    parts.iter().map(percent).max().unwrap_or(0).clamp(1, 99)
}

/// Per batch the profile of all others; absent where they do not merge.
fn all_but_one(parts: &[ColumnProfile]) -> Vec<Option<ColumnProfile>> {
    let mut after: Vec<Option<ColumnProfile>> = vec![None];
    for part in parts.iter().skip(1).rev() {
        let next = joined(after.last().and_then(Option::as_ref), part);
        after.push(Some(next));
    }
    after.reverse();
    let mut before: Option<ColumnProfile> = None;
    let mut found = Vec::new();
    for (part, after) in parts.iter().zip(after) {
        found.push(match (&before, after) {
            (Some(before), Some(after)) => Some(joined(Some(before), &after)),
            (before, after) => before.clone().or(after),
        });
        before = Some(joined(before.as_ref(), part));
    }
    found
}

fn joined(before: Option<&ColumnProfile>, part: &ColumnProfile) -> ColumnProfile {
    let mut whole = before.unwrap_or(part).clone();
    if before.is_some() {
        // The batches were merged before, so that they are of one type.
        drop(whole.merge(part));
    }
    whole
}

/// How old data may be: twice the longest time between the last moments of two batches. Of three batches or more.
pub(super) fn cadence(column: &SeenColumn) -> Option<(String, String)> {
    let seconds = |p: &ColumnProfile| match p.measure("max")? {
        Scalar::Date(days) => days.checked_mul(86_400),
        Scalar::Timestamp { nanos, .. } => i64::try_from(nanos.0.div_euclid(1_000_000_000)).ok(),
        _ => None,
    };
    let mut ends: Vec<i64> = column.batches.iter().map(seconds).collect::<Option<_>>()?;
    ends.sort_unstable();
    let gaps: Vec<i64> = ends
        .windows(2)
        .map(|w| w[1] - w[0])
        .filter(|g| *g > 0)
        .collect();
    if gaps.len() < 2 {
        return None;
    }
    let (least, most) = (gaps.iter().min()?, gaps.iter().max()?);
    let words = |s: i64| match s {
        0..172_800 => format!("{} h", s.div_euclid(3_600).max(1)),
        _ => format!("{} d", s.div_euclid(86_400)),
    };
    let age = most.checked_mul(2)?;
    let age = match age {
        0..172_800 => format!("{}h", (age + 3_599).div_euclid(3_600).max(1)),
        _ => format!("{}d", (age + 86_399).div_euclid(86_400)),
    };
    let batches = column.batches.len();
    Some((
        format!("data_fresh: {{max_age: {age}}}"),
        format!(
            "{batches} batches ended {} to {} apart",
            words(*least),
            words(*most)
        ),
    ))
}
