//! How well a guess is supported: by counts of rare values, by rows, by batches.

use crate::measure::ColumnProfile;

/// Values that were seen once, twice, and rows with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rare {
    pub(super) once: u64,
    pub(super) twice: u64,
    pub(super) rows: u64,
}

impl Rare {
    /// Those of a column whose values are listed.
    pub(super) fn of(profile: &ColumnProfile) -> Option<Self> {
        let listed = profile.values.listed()?;
        let seen = |n: u64| listed.iter().filter(|(_, count)| *count == n).count() as u64;
        Some(Self {
            once: seen(1),
            twice: seen(2),
            rows: profile.valued(),
        })
    }

    /// Whether a list of the values is complete as far as can be told: none of them was seen fewer than three times.
    pub(super) fn is_closed(self) -> bool {
        self.once == 0 && self.twice == 0
    }

    /// How often a row is expected to have a value that was not seen.
    ///
    /// Source: Good 1953: the chance that the next row has a new value is the share of values seen once. Without any, at most
    /// three in the number of rows with a confidence of 95 % (the rule of three).
    pub(super) fn words(self) -> String {
        match self.once {
            0 => match self.rows / 3 {
                0 | 1 => "too few rows to say how often another one comes".to_owned(),
                n => format!("fewer than 1 in {n} rows would be new"),
            },
            once => format!("about 1 in {} rows would be new", (self.rows / once).max(1)),
        }
    }
}

/// What the other batches say of each: how many were asked, and the first that breaks what the others let expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Across {
    /// There is one batch only.
    One,
    /// Every batch kept what the others let expect.
    All(usize),
    /// One did not: its name, and how many there are.
    Broken(String, usize),
}

impl Across {
    /// `held in 3 of 3 batches by what the others say`; empty for one batch.
    pub(super) fn words(&self) -> String {
        match self {
            Self::One => String::new(),
            Self::All(n) => format!("; {n} of {n} batches keep what the others say"),
            Self::Broken(name, n) => {
                format!("; not promised: {name} breaks what the other {} say", n - 1)
            }
        }
    }
}
