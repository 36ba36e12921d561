//! Logical column types: what a contract declares and what a dataset's schema says.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Type of a column as a contract names it and as readers report it. Independent of the file format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogicalType {
    /// true or false.
    Boolean,
    /// Signed integer of 8, 16, 32 or 64 bits.
    Int(u8),
    /// Unsigned integer of 8, 16, 32 or 64 bits.
    UInt(u8),
    /// Floating point of 16, 32 or 64 bits.
    Float(u8),
    /// Exact decimal with precision and scale.
    Decimal(u8, i8),
    /// UTF-8 text.
    String,
    /// Bytes.
    Binary,
    /// Calendar day of the proleptic Gregorian calendar, without a zone.
    Date,
    /// Time of day, without a zone.
    Time,
    /// Date and time of any unit: an instant when `utc`, else a local time.
    Timestamp {
        /// Whether the column carries a time zone.
        utc: bool,
    },
    /// Length of time.
    Duration,
    /// List of a type.
    List(Box<LogicalType>),
    /// Named fields.
    Struct(Vec<(String, LogicalType)>),
    /// Keys and values.
    Map(Box<LogicalType>, Box<LogicalType>),
    /// A column of nulls only, whose type nothing tells.
    Null,
    /// Anything else, by the reader's name for it.
    Other(String),
}

/// A type as a contract may ask for it: one type or a family of types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypePattern {
    /// Any type.
    Any,
    /// Any integer.
    Integer,
    /// Any floating point.
    Float,
    /// Integer, floating point or decimal.
    Number,
    /// Any decimal.
    Decimal,
    /// Any timestamp, with or without zone.
    Timestamp,
    /// Date, time or timestamp.
    Temporal,
    /// Any list.
    List,
    /// Any struct.
    Struct,
    /// Any map.
    Map,
    /// List of items that keep a promise.
    ListOf(Box<Self>),
    /// Map whose keys and values keep a promise each.
    MapOf(Box<Self>, Box<Self>),
    /// Struct of exactly these fields in any order, each with its promise.
    StructOf(Vec<(String, Self)>),
    /// Exactly this type.
    Exact(LogicalType),
}

/// Names a contract may use, for messages and the JSON Schema.
pub const TYPE_NAMES: &[&str] = &[
    "any",
    "boolean",
    "integer",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "number",
    "float",
    "float16",
    "float32",
    "float64",
    "decimal",
    "decimal(p,s)",
    "string",
    "binary",
    "date",
    "time",
    "timestamp",
    "timestamp(utc)",
    "timestamp(local)",
    "temporal",
    "duration",
    "list",
    "list<T>",
    "struct",
    "struct<name: T, ...>",
    "map",
    "map<K, V>",
];

/// Deepest nesting of a type name that is read.
const DEEPEST: usize = 16;

impl TypePattern {
    /// Reads a contract's type name; `None` when it is not one of [`TYPE_NAMES`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::parse_within(name, DEEPEST)
    }

    fn parse_within(name: &str, deep: usize) -> Option<Self> {
        Self::parse_plain(name).or_else(|| Self::parse_nested(name, deep.checked_sub(1)?))
    }

    /// `list<T>`, `map<K, V>` and `struct<name: T, ...>`, as a profile writes them.
    fn parse_nested(name: &str, deep: usize) -> Option<Self> {
        let (outer, inner) = name.strip_suffix('>')?.split_once('<')?;
        let parts = split(inner);
        let read = |part: &str| Self::parse_within(part.trim(), deep);
        match (outer, &parts[..]) {
            ("list", [item]) => Some(Self::ListOf(Box::new(read(item)?))),
            ("map", [key, value]) => {
                Some(Self::MapOf(Box::new(read(key)?), Box::new(read(value)?)))
            }
            ("struct", fields) => {
                let field = |part: &&str| {
                    let (name, dtype) = part.split_once(':')?;
                    Some((name.trim().to_owned(), read(dtype)?))
                };
                let fields: Vec<(String, Self)> =
                    fields.iter().map(field).collect::<Option<_>>()?;
                // A field that is promised twice would stand for another one.
                let names: BTreeSet<&String> = fields.iter().map(|(name, _)| name).collect();
                (names.len() == fields.len()).then_some(Self::StructOf(fields))
            }
            _ => None,
        }
    }

    fn parse_plain(name: &str) -> Option<Self> {
        use LogicalType as T;
        let exact = |t| Some(Self::Exact(t));
        match name {
            "any" => Some(Self::Any),
            "integer" => Some(Self::Integer),
            "float" => Some(Self::Float),
            "number" => Some(Self::Number),
            "decimal" => Some(Self::Decimal),
            "timestamp" => Some(Self::Timestamp),
            "temporal" => Some(Self::Temporal),
            "list" => Some(Self::List),
            "struct" => Some(Self::Struct),
            "map" => Some(Self::Map),
            "boolean" => exact(T::Boolean),
            "int8" => exact(T::Int(8)),
            "int16" => exact(T::Int(16)),
            "int32" => exact(T::Int(32)),
            "int64" => exact(T::Int(64)),
            "uint8" => exact(T::UInt(8)),
            "uint16" => exact(T::UInt(16)),
            "uint32" => exact(T::UInt(32)),
            "uint64" => exact(T::UInt(64)),
            "float16" => exact(T::Float(16)),
            "float32" => exact(T::Float(32)),
            "float64" => exact(T::Float(64)),
            "string" => exact(T::String),
            "binary" => exact(T::Binary),
            "date" => exact(T::Date),
            "time" => exact(T::Time),
            "timestamp(utc)" => exact(T::Timestamp { utc: true }),
            "timestamp(local)" => exact(T::Timestamp { utc: false }),
            "duration" => exact(T::Duration),
            _ => {
                let (precision, scale) = name
                    .strip_prefix("decimal(")?
                    .strip_suffix(')')?
                    .split_once(',')?;
                exact(T::Decimal(
                    precision.trim().parse().ok()?,
                    scale.trim().parse().ok()?,
                ))
            }
        }
    }

    /// Whether a column of type `actual` keeps this promise. A column of nulls only keeps every promise.
    #[must_use]
    pub fn accepts(&self, actual: &LogicalType) -> bool {
        use LogicalType as T;
        if *actual == T::Null {
            return true;
        }
        match self {
            Self::Any => true,
            Self::Integer => matches!(actual, T::Int(_) | T::UInt(_)),
            Self::Float => matches!(actual, T::Float(_)),
            Self::Number => actual.is_numeric(),
            Self::Decimal => matches!(actual, T::Decimal(..)),
            Self::Timestamp => matches!(actual, T::Timestamp { .. }),
            Self::Temporal => matches!(actual, T::Date | T::Time | T::Timestamp { .. }),
            Self::List => matches!(actual, T::List(_)),
            Self::Struct => matches!(actual, T::Struct(_)),
            Self::Map => matches!(actual, T::Map(..)),
            Self::ListOf(item) => matches!(actual, T::List(t) if item.accepts(t)),
            Self::MapOf(key, value) => {
                matches!(actual, T::Map(k, v) if key.accepts(k) && value.accepts(v))
            }
            Self::StructOf(fields) => {
                matches!(actual, T::Struct(there) if fields_fit(fields, there))
            }
            Self::Exact(t) => t == actual,
        }
    }
}

/// Whether a struct has exactly the promised fields.
fn fields_fit(promised: &[(String, TypePattern)], there: &[(String, LogicalType)]) -> bool {
    let fits = |(name, pattern): &(String, TypePattern)| {
        there.iter().any(|(n, t)| n == name && pattern.accepts(t))
    };
    promised.len() == there.len() && promised.iter().all(fits)
}

/// The parts between the commas that are not inside brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0_usize, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

impl LogicalType {
    /// Whether it is integer, floating point or decimal.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        matches!(
            self,
            Self::Int(_) | Self::UInt(_) | Self::Float(_) | Self::Decimal(..)
        )
    }

    /// Whether it is date, time, timestamp or duration.
    #[must_use]
    pub fn is_temporal(&self) -> bool {
        matches!(
            self,
            Self::Date | Self::Time | Self::Timestamp { .. } | Self::Duration
        )
    }

    /// Whether it is list, struct or map.
    #[must_use]
    pub fn is_nested(&self) -> bool {
        matches!(self, Self::List(_) | Self::Struct(_) | Self::Map(..))
    }
}

impl fmt::Display for LogicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::Int(bits) => write!(f, "int{bits}"),
            Self::UInt(bits) => write!(f, "uint{bits}"),
            Self::Float(bits) => write!(f, "float{bits}"),
            Self::Decimal(p, s) => write!(f, "decimal({p},{s})"),
            Self::String => f.write_str("string"),
            Self::Binary => f.write_str("binary"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::Timestamp { utc: true } => f.write_str("timestamp(utc)"),
            Self::Timestamp { utc: false } => f.write_str("timestamp(local)"),
            Self::Duration => f.write_str("duration"),
            Self::List(t) => write!(f, "list<{t}>"),
            Self::Struct(fields) => named(f, fields),
            Self::Map(k, v) => write!(f, "map<{k}, {v}>"),
            Self::Null => f.write_str("null"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// `struct<name: T, ...>`.
fn named<T: fmt::Display>(f: &mut fmt::Formatter<'_>, fields: &[(String, T)]) -> fmt::Result {
    f.write_str("struct<")?;
    for (i, (name, t)) in fields.iter().enumerate() {
        write!(f, "{}{name}: {t}", if i == 0 { "" } else { ", " })?;
    }
    f.write_str(">")
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Number => "number",
            Self::Decimal => "decimal",
            Self::Timestamp => "timestamp",
            Self::Temporal => "temporal",
            Self::List => "list",
            Self::Struct => "struct",
            Self::Map => "map",
            Self::ListOf(item) => return write!(f, "list<{item}>"),
            Self::MapOf(key, value) => return write!(f, "map<{key}, {value}>"),
            Self::StructOf(fields) => return named(f, fields),
            Self::Exact(t) => return write!(f, "{t}"),
        })
    }
}

/// One column of a dataset's schema, before any row is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Column name.
    pub name: String,
    /// Logical type.
    pub dtype: LogicalType,
    /// Whether the format says that nulls may occur.
    pub nullable: bool,
}

/// The columns of a dataset in file order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// Columns in file order.
    pub fields: Vec<Field>,
}

impl Schema {
    /// The top-level column called `name`: the first with exactly these bytes.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Column names in file order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|f| f.name.as_str())
    }
}

/// One column in a run record: name and type as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ColumnType {
    /// Column name.
    pub name: String,
    /// Logical type as a contract would write it.
    #[serde(rename = "type")]
    pub dtype: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_read_and_held() {
        let sku = ("sku".to_owned(), LogicalType::String);
        let price = ("price".to_owned(), LogicalType::Decimal(10, 2));
        let items = |fields: &[&(String, LogicalType)]| {
            let fields = fields.iter().map(|f| (*f).clone()).collect();
            LogicalType::List(Box::new(LogicalType::Struct(fields)))
        };
        let there = items(&[&sku, &price]);
        for (promise, kept) in [
            ("list", true),
            ("list<any>", true),
            ("list<struct>", true),
            ("list<string>", false),
            ("list<struct<sku: string, price: decimal(10,2)>>", true),
            ("list<struct<price:number,sku:string>>", true),
            ("list<struct<sku: string>>", false),
            ("list<struct<sku: string, price: integer>>", false),
            (
                "list<struct<sku: string, price: number, vat: number>>",
                false,
            ),
            ("map<string, any>", false),
        ] {
            let pattern = TypePattern::parse(promise).unwrap();
            assert_eq!(pattern.accepts(&there), kept, "{promise}");
            assert_eq!(TypePattern::parse(&pattern.to_string()), Some(pattern));
        }
        let map = LogicalType::Map(
            Box::new(LogicalType::String),
            Box::new(LogicalType::Int(64)),
        );
        let pattern = |name: &str| TypePattern::parse(name).unwrap();
        assert!(pattern("map<string, integer>").accepts(&map));
        assert!(!pattern("map<string, float>").accepts(&map));
        // Every type but those of no values is read back from its own name.
        for dtype in [&there, &map] {
            assert!(pattern(&dtype.to_string()).accepts(dtype), "{dtype}");
        }
    }

    #[test]
    fn broken_names_of_nested_types_are_none() {
        let deep = format!("{}int64{}", "list<".repeat(40), ">".repeat(40));
        for name in [
            "list<",
            "list<>",
            "list<int64",
            "list<int64>>",
            "list<int>",
            "map<string>",
            "map<,>",
            "struct<a>",
            "struct<a: >",
            "struct<a: int64, a: int64>",
            "struct<>",
            "int64<int64>",
            "<int64>",
            &deep,
        ] {
            assert_eq!(TypePattern::parse(name), None, "{name}");
        }
    }
}
