//! Parameters of checks: their types, defaults and documentation.

use crate::config::tree::Node;
use crate::types::LogicalType;

/// One parameter of a check.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name in expectations.
    pub name: String,
    /// What may be given.
    pub kind: ParamKind,
    /// Value when it is not given.
    pub default: Option<Node>,
    /// Whether it may be left out without a default.
    pub presence: Presence,
    /// Fewest items, where it is a list.
    pub least: usize,
    /// One sentence.
    pub doc: String,
}

/// Whether a parameter may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Must be given, or has a default.
    Required,
    /// May be absent; clauses of `pass` that name it are then dropped.
    Optional,
}

/// What may be given for a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamKind {
    /// A column whose type is of the class.
    Column(ColumnClass),
    /// A list of columns.
    Columns,
    /// Text.
    Text,
    /// A list of texts.
    Texts,
    /// A regular expression in the syntax of the Rust `regex` crate.
    Regex,
    /// A list of regular expressions.
    Regexes,
    /// A finite number.
    Number,
    /// A list of finite numbers.
    Numbers,
    /// A whole number, 0 or more.
    Count,
    /// A number from 0 to 1.
    Ratio,
    /// true or false.
    Boolean,
    /// A number, text, date or boolean of the type of parameter `column`.
    Value,
    /// A list of such values.
    Values,
    /// A list of records: each a list of values, nulls allowed, one for each of parameter `columns`.
    Records,
    /// One of the words.
    Word(Vec<String>),
    /// A list of the words.
    Words(Vec<String>),
    /// A type name as contracts write it.
    Type,
    /// A type name, or a list of them.
    TypeList,
    /// A mapping of column names to type names.
    Types,
    /// The path of a contract, or a mapping of column names to types.
    Contract,
    /// A JSON Schema: a mapping, or the path of a JSON file.
    JsonSchema,
    /// The path of a file of values of the type of parameter `column`: one on each line, or a column of CSV.
    ValuesFile,
    /// A boolean SQL expression over the columns.
    Expression,
    /// A list of boolean SQL expressions over the columns.
    Expressions,
    /// Another dataset of `tollgate.yaml`.
    Dataset,
    /// A length of time: `90m`, `36h`, `7d`, `2w`.
    Duration,
    /// A day: `2013-02-01`, `today`, or so many days from it: `today - 30d`.
    Day,
}

impl ParamKind {
    /// Whether a list is given, of which there must be as many items as [`Param::least`] says.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(
            self,
            Self::Columns
                | Self::Texts
                | Self::Regexes
                | Self::Values
                | Self::Records
                | Self::Expressions
                | Self::Words(_)
        )
    }

    /// Words of check files.
    pub const WORDS: &[&str] = &[
        "column",
        "columns",
        "text",
        "texts",
        "regex",
        "regexes",
        "number",
        "numbers",
        "count",
        "ratio",
        "boolean",
        "value",
        "values",
        "records",
        "enum",
        "enums",
        "type",
        "type_list",
        "types",
        "contract",
        "json_schema",
        "values_file",
        "expression",
        "expressions",
        "dataset",
        "duration",
        "day",
    ];

    /// Reads the word of a check file; `class` is for columns, `of` for the words of an enum.
    #[must_use]
    pub fn parse(word: &str, class: Option<ColumnClass>, of: Vec<String>) -> Option<Self> {
        Some(match word {
            "column" => Self::Column(class.unwrap_or(ColumnClass::Any)),
            "columns" => Self::Columns,
            "text" => Self::Text,
            "texts" => Self::Texts,
            "regex" => Self::Regex,
            "regexes" => Self::Regexes,
            "number" => Self::Number,
            "numbers" => Self::Numbers,
            "count" => Self::Count,
            "ratio" => Self::Ratio,
            "boolean" => Self::Boolean,
            "value" => Self::Value,
            "values" => Self::Values,
            "records" => Self::Records,
            "enum" => Self::Word(of),
            "enums" => Self::Words(of),
            "type" => Self::Type,
            "type_list" => Self::TypeList,
            "types" => Self::Types,
            "contract" => Self::Contract,
            "json_schema" => Self::JsonSchema,
            "values_file" => Self::ValuesFile,
            "expression" => Self::Expression,
            "expressions" => Self::Expressions,
            "dataset" => Self::Dataset,
            "duration" => Self::Duration,
            "day" => Self::Day,
            _ => return None,
        })
    }

    /// The word in check files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Column(_) => "column",
            Self::Columns => "columns",
            Self::Text => "text",
            Self::Texts => "texts",
            Self::Regex => "regex",
            Self::Regexes => "regexes",
            Self::Number => "number",
            Self::Numbers => "numbers",
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::Boolean => "boolean",
            Self::Value => "value",
            Self::Values => "values",
            Self::Records => "records",
            Self::Word(_) => "enum",
            Self::Words(_) => "enums",
            Self::Type => "type",
            Self::TypeList => "type_list",
            Self::Types => "types",
            Self::Contract => "contract",
            Self::JsonSchema => "json_schema",
            Self::ValuesFile => "values_file",
            Self::Expression => "expression",
            Self::Expressions => "expressions",
            Self::Dataset => "dataset",
            Self::Duration => "duration",
            Self::Day => "day",
        }
    }
}

/// Class of column types that a check can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnClass {
    /// Any type.
    Any,
    /// Text.
    String,
    /// Integer, floating point, decimal.
    Number,
    /// Floating point.
    Float,
    /// Date, time, timestamp, duration.
    Temporal,
    /// Date or timestamp.
    Day,
    /// Everything with an order: numbers, text, temporal, boolean.
    Ordered,
    /// List or map.
    List,
}

impl ColumnClass {
    /// Words of check files.
    pub const WORDS: &[&str] = &[
        "any", "string", "number", "float", "temporal", "day", "ordered", "list",
    ];

    /// Reads the word of a check file.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Any,
            Self::String,
            Self::Number,
            Self::Float,
            Self::Temporal,
            Self::Day,
            Self::Ordered,
            Self::List,
        ]
        .into_iter()
        .find(|c| c.word() == word)
    }

    /// The word in check files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::String => "string",
            Self::Number => "number",
            Self::Float => "float",
            Self::Temporal => "temporal",
            Self::Day => "day",
            Self::Ordered => "ordered",
            Self::List => "list",
        }
    }

    /// What a message says the check needs.
    #[must_use]
    pub fn wanted(self) -> &'static str {
        match self {
            Self::Any => "a column",
            Self::String => "text",
            Self::Number => "a number",
            Self::Float => "a floating-point number",
            Self::Temporal => "a date, time, timestamp or duration",
            Self::Day => "a date or timestamp",
            Self::Ordered => "a type with an order",
            Self::List => "a list or map",
        }
    }

    /// Whether a column of this type can be looked at. A column of nulls only always can.
    #[must_use]
    pub fn accepts(self, dtype: &LogicalType) -> bool {
        use LogicalType as T;
        if *dtype == T::Null {
            return true;
        }
        match self {
            Self::Any => true,
            Self::List => matches!(dtype, T::List(_) | T::Map(..)),
            Self::String => *dtype == T::String,
            Self::Number => dtype.is_numeric(),
            Self::Float => matches!(dtype, T::Float(_)),
            Self::Temporal => dtype.is_temporal(),
            Self::Day => matches!(dtype, T::Date | T::Timestamp { .. }),
            Self::Ordered => {
                dtype.is_numeric() || dtype.is_temporal() || matches!(dtype, T::String | T::Boolean)
            }
        }
    }
}
