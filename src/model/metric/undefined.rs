//! Why a metric has no value.

use super::Need;

/// Why a metric has no value over the rows that it was given. Row numbers count from 0 here and from 1 in the
/// sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// There is no row.
    #[error("there is no row")]
    NoRows,
    /// More rows than a row number can hold.
    #[error("there are more than 4,294,967,294 rows")]
    TooManyRows,
    /// More classes than a confusion matrix can be kept for.
    #[error("there are more than 4,096 classes")]
    TooManyClasses,
    /// Columns, or the draws of a resampling, have different numbers of rows.
    #[error("columns have different numbers of rows")]
    Unequal,
    /// The truth is classes where numbers are needed, or the other way round.
    #[error("the truth is {0}, and this metric needs {1}")]
    WrongTruth(&'static str, &'static str),
    /// What the metric reads was not given.
    #[error("it needs `{}`, which was not given", .0.word())]
    Missing(Need),
    /// More than two classes where the metric knows a positive and a negative one.
    #[error("there are more than two classes: say `average`")]
    NotBinary,
    /// There is not one slice of chances per class.
    #[error("there is not one column of chances per class")]
    ScoresPerClass,
    /// The truth is one class in all rows, so that there is nothing to tell apart.
    #[error("the truth is the same class in every row")]
    OneClass,
    /// No row is of this class.
    #[error("no row is of class {class}")]
    ClassAbsent {
        /// The class.
        class: u32,
    },
    /// No row was predicted to be of this class, so its precision is a division by 0.
    #[error("no row was predicted to be of class {class}")]
    NeverPredicted {
        /// The class.
        class: u32,
    },
    /// A class beyond the number of classes.
    #[error("the class of row {} is not one of the classes", .row + 1)]
    ClassOutOfRange {
        /// The row.
        row: usize,
    },
    /// A needed number is NaN or infinite.
    #[error("a number of row {} is NaN or infinite", .row + 1)]
    NotANumber {
        /// The row.
        row: usize,
    },
    /// A chance below 0 or above 1.
    #[error("the score of row {} is not between 0 and 1", .row + 1)]
    ScoreOutOfRange {
        /// The row.
        row: usize,
    },
    /// The chances of the classes do not sum to 1 within 0.01.
    #[error("the chances of row {} do not sum to 1", .row + 1)]
    ChancesNotOne {
        /// The row.
        row: usize,
    },
    /// A weight that is negative, NaN or infinite.
    #[error("the weight of row {} is negative, NaN or infinite", .row + 1)]
    BadWeight {
        /// The row.
        row: usize,
    },
    /// All weights are 0.
    #[error("all weights are 0")]
    NoWeight,
    /// What the sum is divided by is 0.
    #[error("the denominator is 0: {of}")]
    ZeroDenominator {
        /// Why it is 0.
        of: &'static str,
    },
    /// A true value of 0 by which the metric divides.
    #[error("the true value of row {} is 0, by which the error is divided", .row + 1)]
    ZeroTruth {
        /// The row.
        row: usize,
    },
    /// A true value below 0.
    #[error("the true value of row {} is below 0", .row + 1)]
    NegativeTruth {
        /// The row.
        row: usize,
    },
    /// A true value that is not above 0.
    #[error("the true value of row {} is not above 0", .row + 1)]
    NotPositiveTruth {
        /// The row.
        row: usize,
    },
    /// A predicted value that is not above 0.
    #[error("the predicted value of row {} is not above 0", .row + 1)]
    NotPositivePrediction {
        /// The row.
        row: usize,
    },
    /// An interval whose lower end is above its upper end.
    #[error("the interval of row {} ends below where it starts", .row + 1)]
    Crossed {
        /// The row.
        row: usize,
    },
    /// A series with too few rows for its season.
    #[error("series {group} has no two rows that are a season apart")]
    TooShort {
        /// The series, as given.
        group: u32,
    },
    /// No query has a relevant row.
    #[error("no query has a relevant row")]
    NoRelevant,
    /// Fewer rows than the `k` that were asked for.
    #[error("there are fewer rows than `k`")]
    FewerThanK,
    /// An expression of the user's that gives no finite number.
    #[error("the expression gives null, NaN or infinity in row {}", .row + 1)]
    NoOwnValue {
        /// The row.
        row: usize,
    },
    /// What the user divides by is below 0 in a row.
    #[error("`divided_by` is below 0 in row {}", .row + 1)]
    NegativeDenominator {
        /// The row.
        row: usize,
    },
    /// The numbers are too large to be added.
    #[error("the result is beyond the range of numbers")]
    Overflow,
}
