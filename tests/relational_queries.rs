//! Aggregate values and group queries, and literals that are read back as the value they were made from.

use crate::relational::{ask, batch, batch_of};
use arrow::array::*;
use proptest::prelude::*;
use std::sync::Arc;
use tollgate::engine::embedded::relational::{Answer, Frame, Groups, Query, frame, frame_of};
use tollgate::engine::embedded::schema::logical_schema;
use tollgate::engine::embedded::value::scalar_at;
use tollgate::scalar::{Integer, Scalar};
use tollgate::sql::{identifier, literal, literals};
use tollgate::types::Field;

fn other() -> RecordBatch {
    batch_of(vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        (
            "name",
            Arc::new(StringArray::from(vec!["one", "two", "three"])),
        ),
    ])
}

fn run(query: Result<Query, String>, rows: usize) -> Result<Answer, String> {
    let query = query?;
    let (data, other) = (batch(), other());
    let fields = |b: &RecordBatch| -> Vec<Field> { logical_schema(&b.schema()).fields };
    query.check(&[("data", &fields(&data)), ("other", &fields(&other))])?;
    let wanted = query.columns_of(&fields(&data));
    let data = frame_of(&data, &wanted).unwrap();
    let other = frame(&other).unwrap();
    query
        .run(&[("data", &data), ("other", &other)], rows)
        .map_err(|e| e.to_string())
}

fn value(sql: &str) -> Result<String, String> {
    match run(Query::parse_value(sql), 0)? {
        Answer::Value(value) => Ok(value.map_or_else(|| "null".to_owned(), |v| v.to_string())),
        Answer::Groups(_) => Err("groups".into()),
    }
}

fn groups(sql: &str, rows: usize) -> Result<Groups, String> {
    match run(Query::parse_groups(sql), rows)? {
        Answer::Groups(groups) => Ok(groups),
        Answer::Value(_) => Err("value".into()),
    }
}

/// Rows as text: `name=value` with blanks, rows with ` / `.
fn rows(sql: &str) -> String {
    let found = groups(sql, 10).unwrap_or_else(|e| panic!("{sql}: {e}"));
    assert_eq!(found.count as usize, found.rows.len(), "{sql}");
    let cell = |(name, value): &(String, Option<Scalar>)| {
        format!(
            "{name}={}",
            value.as_ref().map_or("null".into(), ToString::to_string)
        )
    };
    let row = |r: &Vec<_>| r.iter().map(cell).collect::<Vec<_>>().join(" ");
    found.rows.iter().map(row).collect::<Vec<_>>().join(" / ")
}

#[test]
fn values_are_exact_and_say_nothing_of_no_values() {
    for (sql, wanted) in [
        ("COUNT(*)", "4"),
        ("COUNT(i)", "3"),
        ("COUNT(DISTINCT t)", "3"),
        ("SUM(i) + 4", "9223372036854775807"),
        ("SUM(u)", "18446744073709551621"),
        ("SUM(i32) * 3", "6442450929"),
        ("SUM(LENGTH(t) - 5)", "-10"),
        ("SUM(i * i) > 0", "true"),
        ("MAX(EXTRACT(MONTH FROM d)) * 100", "1200"),
        ("SUM(dec)", "9"),
        ("MAX(f)", "inf"),
        ("MIN(f)", "1.5"),
        ("MEDIAN(f)", "inf"),
        ("MAX(t)", "äö"),
        ("MAX(d)", "2024-10-04"),
        ("MAX(z)", "2013-01-01T00:26:40Z"),
        ("MAX(us)", "2013-01-01T00:26:40"),
        ("MAX(ns) > TIMESTAMP '2013-01-01 00:26:40'", "true"),
        ("SUM(i) FILTER (WHERE i > 100)", "9223372036854775807"),
        ("SUM(i) FILTER (WHERE i > 100 AND i < 0)", "null"),
        ("SUM(CASE WHEN i > 0 THEN 1 ELSE 0 END)", "2"),
        ("SUM(n)", "null"),
        ("MAX(LENGTH(n))", "null"),
        ("QUANTILE_CONT(i8, 0.5)", "1"),
    ] {
        assert_eq!(value(sql).as_deref(), Ok(wanted), "{sql}");
    }
}

#[test]
fn what_is_not_one_value_is_refused() {
    for (sql, reason) in [
        ("i", "one value per row"),
        ("MAX(i) + u", "one value per row"),
        ("MAX(i) AS m", "must not be given a name"),
        ("MAX(i), MIN(i)", "unexpected token"),
        ("MAX(i) OVER (PARTITION BY t)", "window functions"),
        ("(SELECT MAX(i) FROM data)", "query inside"),
        ("MAX(nosuch)", "no column `nosuch`"),
        ("SUM(t)", "`t` is string"),
        ("ARRAY_AGG(i)", "no function"),
        ("", "is empty"),
        ("MAX(z - us)", "timestamp(local)"),
    ] {
        let found = value(sql).unwrap_err();
        assert!(found.contains(reason), "{sql}: {found}");
    }
    assert!(value("SUM(CAST(t AS INTEGER))").is_err_and(|e| e.contains("cannot evaluate")));
}

#[test]
fn groups_are_counted_sorted_and_bounded() {
    assert_eq!(
        rows("SELECT b, COUNT(*) AS n FROM data GROUP BY b"),
        "b=false n=1 / b=true n=2 / b=null n=1"
    );
    assert_eq!(
        rows("SELECT t FROM data GROUP BY t HAVING SUM(i) > 0"),
        "t= / t=abc"
    );
    assert_eq!(rows("SELECT SUM(LENGTH(t) - 5) AS s FROM data"), "s=-10");
    assert_eq!(
        rows("SELECT b, SUM(i) AS s FROM data WHERE b GROUP BY b"),
        "b=true s=9223372036854775808"
    );
    assert_eq!(
        rows("SELECT d FROM data WHERE EXTRACT(MONTH FROM d) * 100 > 150"),
        "d=1969-12-31 / d=2024-10-04"
    );
    assert_eq!(
        rows("SELECT i8 FROM data WHERE ns > TIMESTAMP '2013-01-01 00:26:40'"),
        "i8=1"
    );
    assert_eq!(
        rows("SELECT z FROM data WHERE z >= '2013-01-01'"),
        "z=2013-01-01T00:26:40Z"
    );
    assert_eq!(
        rows("SELECT i AS \"a b\", 'x' AS \"c.d\" FROM data WHERE i = 1"),
        "a b=1 c.d=x"
    );
    assert_eq!(
        rows("SELECT i8, LAG(i8) OVER (ORDER BY i8) AS p FROM data WHERE i8 > 0"),
        "i8=1 p=null / i8=127 p=1"
    );
    assert_eq!(
        rows("WITH x AS (SELECT i8 FROM data) SELECT i8 FROM x WHERE i8 > 5"),
        "i8=127"
    );
    assert_eq!(
        rows("SELECT t FROM data WHERE u > -1 AND STRPOS(t, 'z') = 0"),
        "t= / t=abc / t=äö"
    );
    let bounded = groups("SELECT * FROM data", 2).unwrap();
    assert_eq!((bounded.count, bounded.rows.len()), (4, 2));
    assert_eq!(
        groups("SELECT i FROM data WHERE FALSE", 2).unwrap().count,
        0
    );
    assert_eq!(rows("SELECT COUNT(*) AS n FROM data"), "n=4");
}

#[test]
fn other_datasets_are_joined_by_name() {
    let orphans =
        "SELECT data.i8 FROM data LEFT JOIN other ON data.i = other.id WHERE other.id IS NULL";
    assert_eq!(rows(orphans), "i8=-5 / i8=127 / i8=null");
    assert_eq!(
        rows("SELECT i8 FROM data WHERE i NOT IN (SELECT id FROM other)"),
        "i8=-5 / i8=127"
    );
    let far =
        "SELECT i8 FROM data WHERE i IN (SELECT id FROM other WHERE id + 9223372036854775807 > 0)";
    assert_eq!(rows(far), "i8=1");
    let query = Query::parse_groups(orphans).unwrap();
    assert_eq!(query.tables(), ["data", "other"]);
}

#[test]
fn queries_name_the_columns_they_may_read() {
    let fields = logical_schema(&batch().schema()).fields;
    let columns = |q: Result<Query, String>| q.unwrap().columns_of(&fields).join(" ");
    assert_eq!(columns(Query::parse_value("SUM(u) / COUNT(\"t\")")), "u t");
    assert_eq!(columns(Query::parse_value("COUNT(*)")), "");
    assert_eq!(
        columns(Query::parse_groups(
            "SELECT t, COUNT(*) FROM data WHERE b GROUP BY t"
        )),
        "t b"
    );
    for all in [
        "SELECT * FROM data",
        "SELECT x.* FROM data AS x",
        "SELECT COUNT(*) FROM data NATURAL JOIN other",
    ] {
        assert_eq!(
            columns(Query::parse_groups(all)).split(' ').count(),
            fields.len(),
            "{all}"
        );
    }
}

#[test]
fn only_one_select_over_known_datasets_is_run() {
    for (sql, reason) in [
        ("DROP TABLE data", "only reads"),
        ("DELETE FROM data", "only reads"),
        ("CREATE TABLE x AS SELECT * FROM data", "only reads"),
        ("EXPLAIN SELECT 1", "only reads"),
        ("WITH x AS (DELETE FROM data) SELECT 1", "only reads"),
        ("SELECT * INTO x FROM data", "only reads"),
        ("SELECT 1; DROP TABLE data", "`;`"),
        ("SELECT 1 -- x", "`--`"),
        ("VALUES (1)", "one SELECT"),
        ("data", "one SELECT"),
        (
            "SELECT * FROM read_parquet('x')",
            "no function `read_parquet`",
        ),
        ("SELECT * FROM \"read_csv\"('x')", "cannot be called"),
        ("SELECT * FROM '/etc/passwd'", "no dataset"),
        ("SELECT * FROM \"/etc/passwd\"", "no dataset"),
        ("SELECT * FROM nosuch", "no dataset `nosuch`"),
        ("SELECT nosuch FROM data", "no column \"nosuch\""),
        ("SELECT t FROM data LIMIT 1", "is not allowed"),
        ("SELECT t FROM data ORDER BY t", "not needed"),
        ("SELECT t FROM data WHERE b IS NOT TRUE", "COALESCE"),
        (
            "SELECT t FROM data WHERE d = DATE '2013-02-30'",
            "not a moment",
        ),
        (
            "SELECT t FROM data WHERE regexp_like(t, '(')",
            "pattern does not parse",
        ),
        ("SELECT t, i FROM data GROUP BY t", "GROUP BY"),
        ("SELECT STRING_AGG(t, ',') FROM data", "no function"),
        ("SELECT", "parser error"),
    ] {
        let found = groups(sql, 1).unwrap_err();
        assert!(found.contains(reason), "{sql}: {found}");
        assert_eq!(found.lines().count(), 1, "{sql}: {found}");
    }
}

#[test]
fn the_rows_of_several_batches_are_one_dataset() {
    let mut whole: Frame = frame(&batch()).unwrap();
    whole.append(frame(&batch().slice(0, 2)).unwrap()).unwrap();
    assert_eq!(whole.rows(), 6);
    let query = Query::parse_value("SUM(i8)").unwrap();
    let answer = query.run(&[("data", &whole)], 0).unwrap();
    assert_eq!(answer, Answer::Value(Some(Scalar::Int(Integer(124)))));
    assert!(whole.append(frame(&other()).unwrap()).is_err());
}

#[test]
fn every_cell_comes_back_as_it_went_in() {
    let batch = batch();
    let found = match run(
        Query::parse_groups("SELECT * FROM data WHERE i = -5 OR i > 1"),
        9,
    )
    .unwrap()
    {
        Answer::Groups(groups) => groups,
        Answer::Value(v) => panic!("{v:?}"),
    };
    for (answer, row) in [(0, 2), (1, 3)] {
        for (column, (name, value)) in found.rows[answer].iter().enumerate() {
            let wanted = scalar_at(batch.column(column).as_ref(), row);
            assert_eq!(format!("{value:?}"), format!("{wanted:?}"), "{name}");
        }
    }
}

/// A column of the value and another one, and what `= literal` and `IN (literals)` say of them.
fn reads_back(column: ArrayRef, first: &Scalar, second: &Scalar) {
    let batch = batch_of(vec![("c", column)]);
    assert_eq!(
        ask(&batch, &format!("c = {}", literal(first))).map(|m| m[..1].to_owned()),
        Ok("x".into()),
        "{first:?}"
    );
    let list = literals(&[first.clone(), second.clone()]).join(", ");
    assert_eq!(
        ask(&batch, &format!("c IN ({list})")).as_deref(),
        Ok("xx"),
        "{list}"
    );
}

fn column_of(a: &Scalar, b: &Scalar) -> ArrayRef {
    match (a, b) {
        (Scalar::Int(a), Scalar::Int(b)) => match (i64::try_from(a.0), i64::try_from(b.0)) {
            (Ok(a), Ok(b)) => Arc::new(Int64Array::from(vec![a, b])),
            _ => Arc::new(UInt64Array::from(vec![a.0 as u64, b.0 as u64])),
        },
        (Scalar::Float(a), Scalar::Float(b)) => Arc::new(Float64Array::from(vec![*a, *b])),
        (Scalar::Decimal { unscaled: a, scale }, Scalar::Decimal { unscaled: b, .. }) => {
            let column = Decimal128Array::from(vec![a.0, b.0]);
            Arc::new(column.with_precision_and_scale(38, *scale).unwrap())
        }
        (Scalar::Date(a), Scalar::Date(b)) => {
            Arc::new(Date32Array::from(vec![*a as i32, *b as i32]))
        }
        (Scalar::Time(a), Scalar::Time(b)) => Arc::new(Time64NanosecondArray::from(vec![*a, *b])),
        (Scalar::Timestamp { nanos: a, .. }, Scalar::Timestamp { nanos: b, .. }) => {
            match (i64::try_from(a.0), i64::try_from(b.0)) {
                (Ok(a), Ok(b)) => Arc::new(TimestampNanosecondArray::from(vec![a, b])),
                _ => Arc::new(TimestampMicrosecondArray::from(vec![
                    (a.0 / 1000) as i64,
                    (b.0 / 1000) as i64,
                ])),
            }
        }
        (Scalar::Duration(a), Scalar::Duration(b)) => {
            Arc::new(DurationNanosecondArray::from(vec![a.0 as i64, b.0 as i64]))
        }
        (Scalar::Bool(a), Scalar::Bool(b)) => Arc::new(BooleanArray::from(vec![*a, *b])),
        (Scalar::Text(a), Scalar::Text(b)) => {
            Arc::new(StringArray::from(vec![a.as_str(), b.as_str()]))
        }
        (Scalar::Binary(a), Scalar::Binary(b)) => Arc::new(BinaryArray::from(vec![&a[..], &b[..]])),
        other => panic!("{other:?}"),
    }
}

fn pair(f: impl Strategy<Value = Scalar> + Clone) -> impl Strategy<Value = (Scalar, Scalar)> {
    (f.clone(), f)
}

fn pairs() -> impl Strategy<Value = (Scalar, Scalar)> {
    let days = -719_162i64..2_932_896; // 0001-01-01 to 9999-12-30
    prop_oneof![
        pair(any::<i64>().prop_map(|v| Scalar::Int(Integer(v.into())))),
        pair(any::<u64>().prop_map(|v| Scalar::Int(Integer(v.into())))),
        pair(any::<f64>().prop_map(Scalar::Float)),
        pair(any::<f32>().prop_map(|v| Scalar::Float(v.into()))),
        (0i8..20).prop_flat_map(
            |scale| pair(any::<i64>().prop_map(move |v| Scalar::Decimal {
                unscaled: Integer(i128::from(v) * 1_000_000_007),
                scale,
            }))
        ),
        pair(days.clone().prop_map(Scalar::Date)),
        pair(any::<i32>().prop_map(|v| Scalar::Date(v.into()))),
        pair((0..86_400_000_000_000i64).prop_map(Scalar::Time)),
        pair(any::<i64>().prop_map(|v| Scalar::Timestamp {
            nanos: Integer(v.into()),
            utc: false
        })),
        pair(
            (days, 0..86_400_000_000i128).prop_map(|(d, us)| Scalar::Timestamp {
                nanos: Integer(i128::from(d) * 86_400_000_000_000 + us * 1000),
                utc: true,
            })
        ),
        pair(any::<i64>().prop_map(|v| Scalar::Duration(Integer(v.into())))),
        pair(any::<bool>().prop_map(Scalar::Bool)),
        pair(".*".prop_map(Scalar::Text)),
        pair(".*".prop_map(|t| Scalar::Binary(t.into_bytes()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn literals_are_read_back_as_their_values((a, b) in pairs()) {
        reads_back(column_of(&a, &b), &a, &b);
    }

    #[test]
    fn a_quoted_name_is_exact(name in ".*") {
        prop_assume!(name != "*" && !(name.starts_with('^') && name.ends_with('$')));
        let batch = batch_of(vec![(name.as_str(), Arc::new(Int64Array::from(vec![1, 2])))]);
        let sql = format!("{} > 1", identifier(&name));
        prop_assert_eq!(ask(&batch, &sql), Ok(".x".to_owned()));
    }
}

#[test]
fn lists_of_several_kinds_are_written_as_one() {
    let int = |v| Scalar::Int(Integer(v));
    let dec = |v, scale| Scalar::Decimal {
        unscaled: Integer(v),
        scale,
    };
    for (values, wanted) in [
        (vec![int(1), Scalar::Float(1.5)], "1.0, 1.5"),
        (
            vec![int(1), Scalar::Float(f64::NAN)],
            "CAST('1.0' AS DOUBLE), CAST('NaN' AS DOUBLE)",
        ),
        (
            vec![int(1), int(i128::from(u64::MAX))],
            "CAST('1' AS HUGEINT), CAST('18446744073709551615' AS HUGEINT)",
        ),
        (
            vec![int(2), dec(125, 2)],
            "CAST('2' AS DECIMAL(38,2)), CAST('1.25' AS DECIMAL(38,2))",
        ),
        (
            vec![Scalar::Float(1e16), Scalar::Float(1e-7)],
            "1.0e16, 1.0e-7",
        ),
    ] {
        assert_eq!(literals(&values).join(", "), wanted);
    }
    for special in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        f64::MIN_POSITIVE,
        f64::MAX,
        5e-324,
        1e16,
        1e-7,
    ] {
        let value = Scalar::Float(special);
        reads_back(column_of(&value, &value), &value, &value);
    }
    let least = int(i64::MIN.into());
    reads_back(column_of(&least, &least), &least, &least);
    let bytes = Scalar::Binary(vec![0xff]);
    assert!(ask(&batch(), &format!("bin = {}", literal(&bytes))).is_err());
}
