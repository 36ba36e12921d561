//! Which parts of a column's profile are asked for; what nobody asks for is not computed.

/// Parts of a [`super::ColumnProfile`]. Rows, nulls and NaN are always counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a set of five parts")]
pub struct Wants {
    /// Infinite, zero, negative, empty, blank and true values.
    pub counters: bool,
    /// Least and greatest value.
    pub extremes: bool,
    /// Shortest and longest text.
    pub lengths: bool,
    /// Sum and sum of squares, and the infinities that they leave out.
    pub sums: bool,
    /// Value counts, bins and distinct values.
    pub values: bool,
}

impl Wants {
    /// Everything: what reports and drift read, and what is saved.
    pub const ALL: Self = Self {
        counters: true,
        extremes: true,
        lengths: true,
        sums: true,
        values: true,
    };

    /// Rows, nulls and NaN only.
    pub const COUNTS: Self = Self {
        counters: false,
        extremes: false,
        lengths: false,
        sums: false,
        values: false,
    };

    /// What a measure of [`super::ColumnProfile::measure`] reads.
    #[must_use]
    pub fn of(measure: &str) -> Self {
        let none = Self::COUNTS;
        match measure.split('/').next().unwrap_or_default() {
            "rows" | "nulls" | "nan" | "null_ratio" | "non_null_ratio" => none,
            "infinite" | "zeros" | "negative" | "empty" | "blank" | "true" => Self {
                counters: true,
                ..none
            },
            "min" | "max" => Self {
                extremes: true,
                ..none
            },
            "length_min" | "length_max" => Self {
                lengths: true,
                ..none
            },
            "sum" | "mean" | "stddev" | "variance" => Self {
                sums: true,
                counters: true,
                ..none
            },
            "distinct" | "most_common_ratio" => Self {
                values: true,
                ..none
            },
            _ => Self::ALL,
        }
    }

    /// Whether everything that another asks for is asked for here.
    #[must_use]
    pub fn cover(self, other: Self) -> bool {
        self.and(other) == self
    }

    /// What either asks for.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            counters: self.counters || other.counters,
            extremes: self.extremes || other.extremes,
            lengths: self.lengths || other.lengths,
            sums: self.sums || other.sums,
            values: self.values || other.values,
        }
    }
}
