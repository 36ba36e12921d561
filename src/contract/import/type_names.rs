//! Names of types in SQL, pandas, Polars, Spark and Python, as types here.

/// The type that a name means; `None` for one that is not known.
///
/// Length, precision and scale in parentheses are left out: a `numeric(10, 2)` may come as a decimal or as a float. Names
/// that say a width (`int64`) keep it; SQL's `INTEGER` is any whole number, its `FLOAT` any float.
pub(super) fn native(name: &str) -> Option<String> {
    let lower = name.trim().to_lowercase();
    let lower = lower.strip_suffix("type").unwrap_or(&lower).trim();
    if let Some(item) = item(lower) {
        // An item whose type is not known leaves a list of anything.
        return Some(native(item).map_or("list".to_owned(), |item| format!("list<{item}>")));
    }
    let base = match lower.find(['(', '[', '<']) {
        Some(at) if !lower.starts_with("datetime64") && !lower.starts_with("timestamp") => {
            &lower[..at]
        }
        _ => lower,
    };
    let base = base.rsplit("::").next().unwrap_or(base);
    let base = base.rsplit('.').next().unwrap_or(base).trim();
    let found = match base {
        "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64"
        | "float16" | "float32" | "float64" | "binary" | "date" | "time" | "duration"
        | "timestamp" | "struct" | "map" | "list" | "boolean" | "string" | "decimal"
        | "integer" | "number" | "float" => base,
        "int" | "bigint" | "smallint" | "tinyint" | "mediumint" | "hugeint" | "int2" | "int4"
        | "byteint" | "long" | "short" | "byte" | "serial" | "bigserial" | "int_" | "int256"
        | "uinteger" | "ubigint" | "usmallint" | "utinyint" => "integer",
        "double" | "double precision" | "double_precision" | "real" | "float4" | "float8"
        | "float_" | "binary_float" | "binary_double" => "float",
        "numeric" | "dec" | "bignumeric" | "bigdecimal" | "money" | "smallmoney" | "fixed" => {
            "number"
        }
        "str" | "text" | "varchar" | "nvarchar" | "char" | "nchar" | "character"
        | "character varying" | "bpchar" | "clob" | "nvarchar2" | "varchar2" | "longtext"
        | "mediumtext" | "tinytext" | "utf8" | "large_utf8" | "largeutf8" | "object"
        | "category" | "categorical" | "enum" | "uuid" | "unicode" | "object_" | "str_"
        | "ntext" | "json" | "jsonb" | "fixedstring" => "string",
        "bool" | "bool_" | "logical" | "bit" => "boolean",
        "bytes" | "bytea" | "varbinary" | "blob" | "large_binary" | "bytes_" => "binary",
        "timedelta" | "interval" | "timedelta64" => "duration",
        "array" | "large_list" => "list",
        "record" | "row" => "struct",
        other => return moment(other).map(str::to_owned),
    };
    Some(found.to_owned())
}

/// What the items of a list are: `integer[]` of Postgres and DuckDB, `array<int>` of Spark, `list(int64)` of Polars.
fn item(name: &str) -> Option<&str> {
    if let Some(item) = name.strip_suffix("[]").filter(|i| !i.is_empty()) {
        return Some(item);
    }
    let (outer, inner) = name.split_once(['<', '(', '['])?;
    let inner = inner.strip_suffix(['>', ')', ']'])?;
    let outer = outer.rsplit('.').next().unwrap_or(outer);
    let lists = ["array", "list", "large_list", "repeated"];
    (lists.contains(&outer.trim()) && !inner.trim().is_empty()).then(|| inner.trim())
}

/// Names of moments, which may say that they have a zone.
fn moment(name: &str) -> Option<&'static str> {
    let zoned = ["tz", "with time zone", ", utc]", "zone=utc"];
    let without = ["ntz", "without time zone"];
    let known = ["datetime", "timestamp", "date_time", "smalldatetime"];
    if name == "timestamp_ltz" {
        return Some("timestamp(utc)");
    }
    if !known.iter().any(|k| name.starts_with(k)) {
        return name.starts_with("timedelta64").then_some("duration");
    }
    if without.iter().any(|w| name.contains(w)) {
        return Some("timestamp(local)");
    }
    if zoned.iter().any(|z| name.contains(z)) {
        return Some("timestamp(utc)");
    }
    Some("timestamp")
}

/// The one type or family that stands for exactly these types together.
pub(super) fn one_for(types: &[String]) -> Option<String> {
    if let [only] = types {
        return Some(only.clone());
    }
    let within = |family: &[&str]| types.iter().all(|t| family.contains(&t.as_str()));
    let families: [(&str, &[&str]); 4] = [
        ("integer", INTEGERS),
        ("float", FLOATS),
        (
            "timestamp",
            &["timestamp", "timestamp(utc)", "timestamp(local)"],
        ),
        (
            "temporal",
            &[
                "date",
                "time",
                "timestamp",
                "timestamp(utc)",
                "timestamp(local)",
            ],
        ),
    ];
    if types.is_empty() {
        return None;
    }
    let found = families.iter().find(|(family, all)| {
        // A list of some widths alone is narrower than its family.
        within(all) && (types.iter().any(|t| t == family))
    });
    found.map(|(family, _)| (*family).to_owned()).or_else(|| {
        let numbers: Vec<&str> = [INTEGERS, FLOATS, &["number", "decimal"]].concat();
        let all = types.iter().all(|t| numbers.contains(&t.as_str()));
        let some = |t: &str| types.iter().any(|x| x == t);
        (all && (some("number") || (some("integer") && some("float")))).then(|| "number".to_owned())
    })
}

const INTEGERS: &[&str] = &[
    "integer", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
];
const FLOATS: &[&str] = &["float", "float16", "float32", "float64"];

#[cfg(test)]
mod tests {
    use super::{native, one_for};
    use crate::types::TypePattern;

    #[test]
    fn names_of_many_tools() {
        let cases = [
            ("INTEGER", "integer"),
            ("IntegerType", "integer"),
            ("int64", "int64"),
            ("Int64", "int64"),
            ("VARCHAR(20)", "string"),
            ("StringType", "string"),
            ("numeric(10, 2)", "number"),
            ("DOUBLE PRECISION", "float"),
            ("datetime64[ns]", "timestamp"),
            ("datetime64[ns, UTC]", "timestamp(utc)"),
            ("TIMESTAMP WITH TIME ZONE", "timestamp(utc)"),
            ("timestamp_ntz", "timestamp(local)"),
            ("TimestampType", "timestamp"),
            ("bool", "boolean"),
            ("object", "string"),
            ("timedelta64[ns]", "duration"),
            ("INTEGER[]", "list<integer>"),
            ("double precision[]", "list<float>"),
            ("array<string>", "list<string>"),
            ("ARRAY<ARRAY<bigint>>", "list<list<integer>>"),
            ("List(Int64)", "list<int64>"),
            ("list[float64]", "list<float64>"),
            ("array<geography>", "list"),
            ("array", "list"),
        ];
        for (name, wanted) in cases {
            assert_eq!(native(name).as_deref(), Some(wanted), "{name}");
            assert!(TypePattern::parse(wanted).is_some(), "{wanted}");
        }
        assert_eq!(native("geography"), None);
        assert_eq!(native(""), None);
    }

    #[test]
    fn one_type_for_many() {
        let of =
            |names: &[&str]| one_for(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["integer", "int64"]).as_deref(), Some("integer"));
        assert_eq!(of(&["int32", "int64"]), None);
        assert_eq!(
            of(&["integer", "float", "float64"]).as_deref(),
            Some("number")
        );
        assert_eq!(of(&["string", "integer"]), None);
        assert_eq!(of(&[]), None);
    }
}
