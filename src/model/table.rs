//! Rows of predictions or features as plain columns, read by the engine and judged or sent elsewhere.

/// Columns of equal length, in the order they were asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Rows of every column.
    pub rows: usize,
    /// Column names with their values.
    pub columns: Vec<(String, Column)>,
}

/// The values of one column; `None` is null. NaN and infinities are kept as they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// True or false.
    Booleans(Vec<Option<bool>>),
    /// Whole numbers of at most 64 bits.
    Integers(Vec<Option<i64>>),
    /// Floating point numbers, and whatever else is a number.
    Numbers(Vec<Option<f64>>),
    /// Everything else as text: a code into `words` per row.
    Texts {
        /// Per row the place of its text in `words`.
        codes: Vec<Option<u32>>,
        /// Distinct texts in the order in which they first occur.
        words: Vec<String>,
    },
}

impl Table {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, column)| column)
    }
}

impl Column {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Booleans(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Texts { codes, .. } => codes.len(),
        }
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a row: true is 1, false 0; `None` for null and text. Whole numbers beyond 2^53 are rounded.
    #[must_use]
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Self::Booleans(values) => values[row].map(|v| f64::from(u8::from(v))),
            Self::Integers(values) => values[row].map(|v| v as f64),
            Self::Numbers(values) => values[row],
            Self::Texts { .. } => None,
        }
    }

    /// The value of a row as text, as reports write it; `None` for null.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<String> {
        match self {
            Self::Booleans(values) => values[row].map(|v| v.to_string()),
            Self::Integers(values) => values[row].map(|v| v.to_string()),
            Self::Numbers(values) => values[row].map(|v| v.to_string()),
            Self::Texts { codes, words } => codes[row].map(|c| words[c as usize].clone()),
        }
    }
}
