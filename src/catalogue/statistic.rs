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
    /// Text that holds secrets.
    Secrets,
    /// Keys that another dataset does not have.
    ForeignKey,
    /// Row counts of two datasets.
    RowCountMatch,
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
        ("secrets", Self::Secrets),
        ("foreign_key", Self::ForeignKey),
        ("row_count_matches", Self::RowCountMatch),
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
                    | Self::FileFresh
                    | Self::FileCount
                    | Self::FileSize
                    | Self::FileMatches
                    | Self::FileUnique
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
                | Self::Format
                | Self::ParsesAs
                | Self::PersonalData
                | Self::Secrets
                | Self::ForeignKey
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
            | Self::FileUnique => &["differences"],
            Self::ColumnCount => &["columns"],
            Self::FileCount => &["files"],
            Self::FileSize => &["least_bytes", "most_bytes", "total_bytes"],
            Self::FileFresh | Self::DataFresh => &["age_hours"],
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
            Self::Order
            | Self::Format
            | Self::ParsesAs
            | Self::PersonalData
            | Self::Secrets
            | Self::ForeignKey => &["failing", "rows", "failing_ratio"],
            Self::RowCountMatch => &["rows", "other_rows", "ratio", "deviation"],
        }
    }
}
