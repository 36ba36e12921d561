//! The named functions of the program that checks may measure.

/// The named functions that SQL should not do. A new one is Rust; everything else about a check is data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Names, order and number of columns, from the schema alone.
    ColumnsMatch,
    /// Columns that are there, or are not.
    ColumnExists,
    /// Number of columns.
    ColumnCount,
    /// Names of columns against a pattern.
    ColumnNamesMatch,
    /// Type of a column, from the schema alone.
    ColumnType,
    /// Whether the files say that a column may hold nulls.
    Nullability,
    /// The schema against the last accepted contract.
    SchemaStable,
    /// Age of the newest file.
    FileFresh,
    /// Number of files.
    FileCount,
    /// Size of the files.
    FileSize,
    /// Content of the files against known digests.
    FileMatches,
    /// Files of the same content.
    FileUnique,
    /// Rows of CSV files that are not well formed.
    CsvWellformed,
    /// Values of a partition that should be there.
    Partitions,
    /// Age of the newest value of a date or timestamp column.
    DataFresh,
    /// Repeated keys.
    Unique,
    /// Rows equal in every column.
    DuplicateRows,
    /// Exact number of distinct non-null values.
    DistinctCount,
    /// The set of distinct values against a given set.
    DistinctValues,
    /// Exact quantile.
    Quantile,
    /// Row order.
    Order,
    /// A named text format.
    Format,
    /// Text that reads as another type.
    ParsesAs,
    /// Text that holds personal data.
    PersonalData,
    /// Texts of other columns than some that hold personal data.
    PersonalElsewhere,
    /// Text that holds secrets.
    Secrets,
    /// Digits after the point.
    DecimalPlaces,
    /// Digits before and after the point.
    Precision,
    /// Whole multiples of a number.
    MultipleOf,
    /// JSON objects with keys.
    JsonKeys,
    /// JSON that fits a schema.
    JsonSchema,
    /// Keys that another dataset does not have.
    ForeignKey,
    /// Row counts of two datasets.
    RowCountMatch,
    /// Columns of two datasets.
    SchemaMatch,
    /// A number against those of the runs before.
    MetricStable,
    /// A day of data that was due by a time of the day.
    FreshBy,
    /// Age of the oldest value of a date or timestamp column.
    Retention,
    /// Skewness of numbers.
    Skewness,
    /// Excess kurtosis of numbers.
    Kurtosis,
    /// Coefficient of variation.
    Variation,
    /// Geometric mean.
    GeometricMean,
    /// Harmonic mean.
    HarmonicMean,
    /// Sum of absolute values.
    SumAbs,
    /// Median absolute deviation.
    Mad,
    /// Interquartile range.
    Iqr,
    /// Gini coefficient.
    Gini,
    /// Share of the values in a range.
    Histogram,
    /// First digits against Benford's law.
    Benford,
    /// Values that occur once, over rows.
    Uniqueness,
    /// Values that occur once, over distinct values.
    UniqueValueRatio,
    /// Distinct values over rows.
    Distinctness,
    /// Entropy of the shares of values.
    Entropy,
    /// Share of the most common values.
    TopRatio,
    /// Shares of the rarest and the most common value.
    ClassBalance,
    /// Most common values against a set.
    MostCommonIn,
    /// Kullback-Leibler divergence from given shares.
    Divergence,
    /// Chi-square test against given shares.
    ChiSquare,
    /// Correlation of two columns of numbers.
    Correlation,
    /// Correlations of every two columns of numbers.
    Correlations,
    /// Ratio of the sums of two columns.
    RatioOfSums,
    /// How much two columns tell of each other.
    Association,
    /// Values far from the others.
    Outliers,
    /// Numbers that change from row to row.
    Change,
    /// Number of items in lists.
    ListLength,
    /// Items of lists.
    ListItems,
    /// Periods of time without rows.
    Periods,
    /// Values that follow each other.
    Sequence,
    /// The value of one row.
    ValueAt,
    /// Columns of the same values.
    DuplicateColumns,
}

impl Statistic {
    const ALL: &[(&str, Self)] = &[
        ("columns_match", Self::ColumnsMatch),
        ("column_exists", Self::ColumnExists),
        ("column_count", Self::ColumnCount),
        ("column_names_match", Self::ColumnNamesMatch),
        ("column_type", Self::ColumnType),
        ("nullability", Self::Nullability),
        ("schema_stable", Self::SchemaStable),
        ("file_fresh", Self::FileFresh),
        ("file_count", Self::FileCount),
        ("file_size", Self::FileSize),
        ("file_matches", Self::FileMatches),
        ("file_unique", Self::FileUnique),
        ("csv_wellformed", Self::CsvWellformed),
        ("partitions", Self::Partitions),
        ("data_fresh", Self::DataFresh),
        ("unique", Self::Unique),
        ("duplicate_rows", Self::DuplicateRows),
        ("distinct_count", Self::DistinctCount),
        ("distinct_values", Self::DistinctValues),
        ("quantile", Self::Quantile),
        ("order", Self::Order),
        ("format", Self::Format),
        ("parses_as", Self::ParsesAs),
        ("personal_data", Self::PersonalData),
        ("personal_elsewhere", Self::PersonalElsewhere),
        ("secrets", Self::Secrets),
        ("decimal_places", Self::DecimalPlaces),
        ("precision", Self::Precision),
        ("multiple_of", Self::MultipleOf),
        ("json_keys", Self::JsonKeys),
        ("json_schema", Self::JsonSchema),
        ("foreign_key", Self::ForeignKey),
        ("row_count_matches", Self::RowCountMatch),
        ("schema_matches", Self::SchemaMatch),
        ("metric_stable", Self::MetricStable),
        ("fresh_by", Self::FreshBy),
        ("retention", Self::Retention),
        ("skewness", Self::Skewness),
        ("kurtosis", Self::Kurtosis),
        ("variation", Self::Variation),
        ("geometric_mean", Self::GeometricMean),
        ("harmonic_mean", Self::HarmonicMean),
        ("sum_abs", Self::SumAbs),
        ("mad", Self::Mad),
        ("iqr", Self::Iqr),
        ("gini", Self::Gini),
        ("histogram", Self::Histogram),
        ("benford", Self::Benford),
        ("uniqueness", Self::Uniqueness),
        ("unique_value_ratio", Self::UniqueValueRatio),
        ("distinctness", Self::Distinctness),
        ("entropy", Self::Entropy),
        ("top_ratio", Self::TopRatio),
        ("class_balance", Self::ClassBalance),
        ("most_common_in", Self::MostCommonIn),
        ("divergence", Self::Divergence),
        ("chi_square", Self::ChiSquare),
        ("correlation", Self::Correlation),
        ("correlations", Self::Correlations),
        ("ratio_of_sums", Self::RatioOfSums),
        ("association", Self::Association),
        ("outliers", Self::Outliers),
        ("change", Self::Change),
        ("list_length", Self::ListLength),
        ("list_items", Self::ListItems),
        ("periods", Self::Periods),
        ("sequence", Self::Sequence),
        ("value_at", Self::ValueAt),
        ("duplicate_columns", Self::DuplicateColumns),
    ];

    /// Names in check files.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }

    /// Reads the name of a check file.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, s)| *s)
    }

    /// The name in check files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, s)| *s == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether schema and files decide it, without a row.
    #[must_use]
    pub fn is_metadata(self) -> bool {
        self.is_schema()
            || matches!(
                self,
                Self::SchemaStable
                    | Self::SchemaMatch
                    | Self::MetricStable
                    | Self::FileFresh
                    | Self::FileCount
                    | Self::FileSize
                    | Self::FileMatches
                    | Self::FileUnique
                    | Self::CsvWellformed
                    | Self::Partitions
            )
    }

    /// Whether it looks at names of columns or at what the files say of one: a column that is not there is no obstacle.
    #[must_use]
    pub fn is_schema(self) -> bool {
        matches!(
            self,
            Self::ColumnsMatch
                | Self::ColumnExists
                | Self::ColumnCount
                | Self::ColumnNamesMatch
                | Self::ColumnType
                | Self::Nullability
        )
    }

    /// Whether it counts failing rows.
    #[must_use]
    pub fn counts_rows(self) -> bool {
        matches!(
            self,
            Self::Unique
                | Self::DuplicateRows
                | Self::Order
                | Self::ForeignKey
                | Self::Outliers
                | Self::Change
                | Self::ListLength
                | Self::ListItems
                | Self::PersonalElsewhere
                | Self::CsvWellformed
        ) || self.is_spelling()
    }

    /// Whether it looks at how a single value of one column is written.
    #[must_use]
    pub fn is_spelling(self) -> bool {
        matches!(
            self,
            Self::Format
                | Self::ParsesAs
                | Self::DecimalPlaces
                | Self::Precision
                | Self::MultipleOf
                | Self::JsonKeys
                | Self::JsonSchema
                | Self::PersonalData
                | Self::Secrets
        )
    }

    /// Names that `pass` and `message` may use besides the parameters.
    #[must_use]
    pub fn outputs(self) -> &'static [&'static str] {
        match self {
            Self::ColumnsMatch
            | Self::ColumnExists
            | Self::ColumnNamesMatch
            | Self::ColumnType
            | Self::Nullability
            | Self::SchemaStable
            | Self::DistinctValues
            | Self::FileMatches
            | Self::FileUnique
            | Self::Partitions => &["differences"],
            Self::ColumnCount => &["columns"],
            Self::FileCount => &["files"],
            Self::FileSize => &["least_bytes", "most_bytes", "total_bytes"],
            Self::FileFresh | Self::DataFresh | Self::Retention => &["age_hours"],
            Self::FreshBy => &["days_late"],
            Self::MetricStable => &["metric", "deviations", "change", "relative_change"],
            Self::Unique | Self::DuplicateRows => &[
                "failing",
                "rows",
                "failing_ratio",
                "groups",
                "extra_rows",
                "rows_in_groups",
            ],
            Self::DistinctCount => &["distinct"],
            Self::Quantile => &["quantile"],
            Self::RowCountMatch => &["rows", "other_rows", "ratio", "deviation"],
            Self::SchemaMatch => &["ratio", "matched", "columns"],
            _ if self.counts_rows() => &["failing", "rows", "failing_ratio"],
            _ => self.of_values(),
        }
    }

    /// Whether it holds every value of a column of numbers.
    #[must_use]
    pub fn holds_values(self) -> bool {
        matches!(
            self,
            Self::Quantile
                | Self::Skewness
                | Self::Kurtosis
                | Self::Variation
                | Self::GeometricMean
                | Self::HarmonicMean
                | Self::SumAbs
                | Self::Mad
                | Self::Iqr
                | Self::Gini
                | Self::Histogram
                | Self::Benford
                | Self::Outliers
        )
    }

    /// Whether it holds a count for every distinct value.
    #[must_use]
    pub fn holds_counts(self) -> bool {
        matches!(
            self,
            Self::Uniqueness
                | Self::UniqueValueRatio
                | Self::Distinctness
                | Self::Entropy
                | Self::TopRatio
                | Self::ClassBalance
                | Self::MostCommonIn
                | Self::Divergence
                | Self::ChiSquare
        )
    }

    /// Names that statistics over values give.
    fn of_values(self) -> &'static [&'static str] {
        match self {
            Self::Skewness => &["skewness"],
            Self::Kurtosis => &["kurtosis"],
            Self::Variation => &["variation"],
            Self::GeometricMean => &["geometric_mean"],
            Self::HarmonicMean => &["harmonic_mean"],
            Self::SumAbs => &["sum_abs"],
            Self::Mad => &["mad"],
            Self::Iqr => &["iqr"],
            Self::Gini => &["gini"],
            Self::Histogram | Self::RatioOfSums => &["ratio"],
            Self::Benford => &["deviation", "p_value", "digits"],
            Self::Uniqueness => &["uniqueness"],
            Self::UniqueValueRatio => &["unique_value_ratio"],
            Self::Distinctness => &["distinctness"],
            Self::Entropy => &["entropy"],
            Self::TopRatio => &["top_ratio"],
            Self::ClassBalance => &["least_ratio", "most_ratio", "imbalance", "distinct"],
            Self::MostCommonIn => &["others"],
            Self::Divergence => &["divergence", "unexpected"],
            Self::ChiSquare => &["p_value", "chi_square", "unexpected"],
            Self::Correlation => &["correlation"],
            Self::Correlations => &["correlation", "pairs"],
            Self::Association => &[
                "cramers_v",
                "mutual_information",
                "uncertainty",
                "conditional_entropy",
            ],
            Self::Periods => &["missing", "looked_at"],
            Self::Sequence => &["breaks"],
            Self::ValueAt | Self::DuplicateColumns => &["differences"],
            _ => &[],
        }
    }
}
