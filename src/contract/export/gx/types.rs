//! Types as the names that pandas and databases have for them, which a list of types takes together.

use super::super::kinds::Kind;
use crate::types::{LogicalType, TypePattern};

const INTEGERS: &[&str] = &[
    "INTEGER", "BIGINT", "SMALLINT", "int8", "int16", "int32", "int64", "uint8", "uint16",
    "uint32", "uint64",
];
const FLOATS: &[&str] = &["FLOAT", "DOUBLE", "REAL", "float16", "float32", "float64"];
const NUMBERS: &[&str] = &[
    "NUMERIC", "DECIMAL", "INTEGER", "BIGINT", "SMALLINT", "int8", "int16", "int32", "int64",
    "uint8", "uint16", "uint32", "uint64", "FLOAT", "DOUBLE", "REAL", "float16", "float32",
    "float64",
];

/// The names of a promised type; `None` where every type is allowed.
///
/// Errors: why a list of types does not say it.
pub(super) fn names(dtype: &TypePattern) -> Result<Option<Vec<&'static str>>, String> {
    let list = |names: &[&'static str]| Ok(Some(names.to_vec()));
    let written = dtype.to_string();
    match dtype {
        TypePattern::Integer => return list(INTEGERS),
        TypePattern::Float => return list(FLOATS),
        TypePattern::Number => return list(NUMBERS),
        TypePattern::Decimal => return list(&["DECIMAL"]),
        TypePattern::Exact(LogicalType::Int(_) | LogicalType::UInt(_) | LogicalType::Float(_)) => {
            if let Some(name) = NUMBERS.iter().find(|n| **n == written) {
                return list(&[*name]);
            }
        }
        TypePattern::Exact(LogicalType::Decimal(..)) => {
            return Err("a list of types has no precision and scale".to_owned());
        }
        _ => {}
    }
    match Kind::of(dtype) {
        Some(Kind::Any) => Ok(None),
        Some(Kind::String) => list(&[
            "str",
            "object",
            "string",
            "StringDtype",
            "VARCHAR",
            "TEXT",
            "CHAR",
        ]),
        Some(Kind::Binary) => list(&["bytes", "BINARY", "VARBINARY", "BLOB"]),
        Some(Kind::Boolean) => list(&["bool", "BOOLEAN"]),
        Some(Kind::Date) => list(&["date", "DATE"]),
        Some(Kind::Time) => list(&["time", "TIME"]),
        Some(Kind::Timestamp) => list(&[
            "TIMESTAMP",
            "DATETIME",
            "datetime64[ns]",
            "datetime64[us]",
            "datetime64[ns, UTC]",
        ]),
        Some(Kind::Instant) => list(&["datetime64[ns, UTC]", "TIMESTAMP WITH TIME ZONE"]),
        Some(Kind::Local) => list(&["TIMESTAMP WITHOUT TIME ZONE", "timestamp_ntz"]),
        _ => Err(format!("no name of a type there stands for `{written}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::names;
    use crate::contract::import::{Form, import};
    use crate::diagnostic::SourceFile;
    use crate::types::{TYPE_NAMES, TypePattern};
    use std::sync::Arc;

    #[test]
    fn every_list_of_names_is_read_back_as_the_type() {
        for word in TYPE_NAMES.iter().filter(|w| !w.contains('<')) {
            let word = if *word == "decimal(p,s)" {
                "decimal(9,2)"
            } else {
                word
            };
            let Ok(Some(names)) = names(&TypePattern::parse(word).unwrap()) else {
                continue;
            };
            let list = format!("{names:?}");
            let text = format!(
                "{{\"name\": \"s\", \"expectations\": [{{\"type\": \"expect_column_values_to_be_in_type_list\", \
                 \"kwargs\": {{\"column\": \"c\", \"type_list\": {list}}}}}]}}"
            );
            let file = SourceFile {
                path: "s".into(),
                text,
            };
            let read = import(&Arc::new(file), Some(Form::Gx)).unwrap();
            assert_eq!(read.coverage.missing().count(), 0, "{word}: {list}");
            let yaml = crate::contract::written::yaml(&read.contracts[0].contract);
            let bare = yaml.replace('"', "");
            assert!(bare.contains(&format!("type: {word}}}")), "{word}: {yaml}");
        }
    }
}
