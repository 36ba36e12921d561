//! Row conditions in SQL: what they mean and what they may be.

use arrow::array::*;
use std::sync::Arc;
use tollgate::engine::embedded::relational::{
    Predicate, Predicates, ROW_FUNCTIONS, check_predicate, frame, masks,
};
use tollgate::engine::embedded::schema::logical_schema;
use tollgate::types::{Field, LogicalType};

const T0: i64 = 1_357_000_000; // 2013-01-01T00:26:40

pub(crate) fn batch_of(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

/// Four rows; the second is null throughout.
pub(crate) fn batch() -> RecordBatch {
    let ns = vec![Some(T0 * 1_000_000_000 + 500), None, Some(0), Some(-1)];
    let us = vec![Some(T0 * 1_000_000), None, Some(0), Some(-1)];
    let dec = Decimal128Array::from(vec![Some(999), None, Some(-100), Some(1)]);
    batch_of(vec![
        (
            "i",
            Arc::new(Int64Array::from(vec![
                Some(1),
                None,
                Some(-5),
                Some(i64::MAX),
            ])),
        ),
        (
            "i32",
            Arc::new(Int32Array::from(vec![
                Some(1),
                None,
                Some(-5),
                Some(i32::MAX),
            ])),
        ),
        (
            "i8",
            Arc::new(Int8Array::from(vec![Some(1), None, Some(-5), Some(127)])),
        ),
        (
            "u",
            Arc::new(UInt64Array::from(vec![
                Some(1),
                None,
                Some(5),
                Some(u64::MAX),
            ])),
        ),
        (
            "u16",
            Arc::new(UInt16Array::from(vec![
                Some(1),
                None,
                Some(5),
                Some(u16::MAX),
            ])),
        ),
        (
            "f",
            Arc::new(Float64Array::from(vec![
                Some(1.5),
                None,
                Some(f64::NAN),
                Some(f64::INFINITY),
            ])),
        ),
        (
            "f32",
            Arc::new(Float32Array::from(vec![
                Some(0.1),
                None,
                Some(f32::NAN),
                Some(-0.0),
            ])),
        ),
        (
            "t",
            Arc::new(StringArray::from(vec![
                Some("abc"),
                None,
                Some("äö"),
                Some(""),
            ])),
        ),
        (
            "b",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                None,
                Some(false),
                Some(true),
            ])),
        ),
        (
            "d",
            Arc::new(Date32Array::from(vec![
                Some(15706),
                None,
                Some(-1),
                Some(20000),
            ])),
        ),
        ("ns", Arc::new(TimestampNanosecondArray::from(ns))),
        ("us", Arc::new(TimestampMicrosecondArray::from(us.clone()))),
        (
            "z",
            Arc::new(TimestampMicrosecondArray::from(us).with_timezone("America/New_York")),
        ),
        (
            "tm",
            Arc::new(Time64NanosecondArray::from(vec![
                Some(0),
                None,
                Some(1),
                Some(86_399_999_999_999),
            ])),
        ),
        (
            "dec",
            Arc::new(dec.with_precision_and_scale(10, 2).unwrap()),
        ),
        (
            "dur",
            Arc::new(DurationSecondArray::from(vec![
                Some(1),
                None,
                Some(0),
                Some(60),
            ])),
        ),
        ("n", Arc::new(NullArray::new(4))),
        (
            "bin",
            Arc::new(BinaryArray::from(vec![
                Some(&b"ab"[..]),
                None,
                Some(b""),
                Some(b"\xff"),
            ])),
        ),
    ])
}

/// The mask as text, one character per row, or the reason why there is none.
pub(crate) fn ask(batch: &RecordBatch, sql: &str) -> Result<String, String> {
    let fields = logical_schema(&batch.schema()).fields;
    let predicate = Predicate::parse(sql).map_err(|e| format!("parse: {e}"))?;
    predicate
        .check(&fields)
        .map_err(|e| format!("check: {e}"))?;
    let found = masks(&frame(batch).unwrap(), &[&predicate]).map_err(|e| format!("run: {e}"))?;
    assert_eq!((found.len(), found[0].len()), (1, batch.num_rows()));
    assert_eq!(found[0].null_count(), 0);
    let text = found[0].values().iter().map(|v| if v { 'x' } else { '.' });
    Ok(text.collect())
}

#[track_caller]
fn all(cases: &[(&str, &str)]) {
    let batch = batch();
    for (sql, wanted) in cases {
        assert_eq!(ask(&batch, sql).as_deref(), Ok(*wanted), "{sql}");
    }
}

#[test]
fn null_is_never_true() {
    all(&[
        ("i > 0", "x..x"),
        ("NOT (i > 0)", "..x."),
        ("i <> 1", "..xx"),
        ("i = CAST(NULL AS BIGINT)", "...."),
        ("i NOT IN (1, 2)", "..xx"),
        ("i IS NULL", ".x.."),
        ("i IS DISTINCT FROM 1", ".xxx"),
        ("b OR CAST(NULL AS BOOLEAN)", "x..x"),
        ("b AND CAST(NULL AS BOOLEAN)", "...."),
        ("COALESCE(b, FALSE) = FALSE", ".xx."),
        ("CASE WHEN i > 0 THEN b END", "x..x"),
        ("STRPOS(t, 'z') = 0", "x.xx"),
        ("POSITION('z' IN t) = 0", "x.xx"),
        ("TRUE", "xxxx"),
        ("1 = 2", "...."),
    ]);
}

#[test]
fn nan_is_equal_to_itself_and_greatest() {
    all(&[
        ("f > 1.0e9", "..xx"),
        ("f = CAST('NaN' AS DOUBLE)", "..x."),
        ("f <> f", "...."),
        ("f BETWEEN 0 AND 5", "x..."),
        ("f NOT BETWEEN 0 AND 5", "..xx"),
        (
            "f IN (CAST('1.5' AS DOUBLE), CAST('NaN' AS DOUBLE))",
            "x.x.",
        ),
        ("f32 = 0.0", "...x"),
        ("f32 IN (0.0)", "...x"),
    ]);
}

#[test]
fn integers_neither_wrap_nor_lose_their_sign() {
    all(&[
        ("i + i > 0", "x..x"),
        ("i * i > 0", "x.xx"),
        ("i * i * i * i > 0", "x.xx"),
        ("i + i - i = 9223372036854775807", "...x"),
        ("-u < 0", "x.xx"),
        ("u > -1", "x.xx"),
        ("u IN (-1, 5)", "..x."),
        ("i < u", "..xx"),
        ("i8 * 100 > 200", "...x"),
        ("u16 - 2 < 0", "x..."),
        ("LENGTH(t) - 5 > 0", "...."),
        ("LENGTH(t) - 5 < 0", "x.xx"),
        ("EXTRACT(MONTH FROM d) * 100 > 150", "..xx"),
        ("POW(i32, 2) > 1000000000", "...x"),
        ("u // 2 = 9223372036854775807", "...x"),
        ("u % 10 = 5", "..xx"),
        ("i = 9007199254740993", "...."),
        ("u > CAST('18446744073709551614' AS UBIGINT)", "...x"),
    ]);
}

#[test]
fn division_is_not_the_integers_own() {
    all(&[
        ("7 / 2 = 3.5", "xxxx"),
        ("i / 0 > 5", "x..x"),
        ("i % 0 = 0", "...."),
        ("i // 0 = 0", "...."),
        ("MOD(i, -2) = -1", "x.xx"),
        ("dec = 9.99", "x..."),
        ("dec IN (9.99, 0.01)", "x..x"),
        ("dec IN (CAST('9.990' AS DECIMAL(38,3)))", "x..."),
        ("f32 = 0.1", "x..."),
        ("f32 IN (0.1)", "x..."),
    ]);
}

#[test]
fn moments_compare_to_the_nanosecond_and_without_limits() {
    all(&[
        ("ns > TIMESTAMP '2013-01-01 00:26:40'", "x..."),
        ("ns = TIMESTAMP '2013-01-01 00:26:40.0000005'", "x..."),
        ("ns IN (TIMESTAMP(9) '2013-01-01 00:26:40.0000005')", "x..."),
        (
            "ns IN (TIMESTAMP '2013-01-01 00:26:40', TIMESTAMP '1970-01-01 00:00:00')",
            "..x.",
        ),
        ("ns > us", "x..x"),
        ("ns < DATE '9999-12-31'", "x.xx"),
        ("us > d", "x.x."),
        ("us IN (DATE '1970-01-01')", "..x."),
        ("d IN (DATE '2013-01-01', DATE '1969-12-31')", "x.x."),
        ("d >= DATE('2013-01-01')", "x..x"),
        ("z = TIMESTAMP '2013-01-01 00:26:40'", "x..."),
        ("EXTRACT(HOUR FROM z) = 23", "...x"),
        ("tm = TIME '23:59:59.999999999'", "...x"),
        ("dur > INTERVAL '30 seconds'", "...x"),
        ("us - INTERVAL '1 day' < us", "x.xx"),
    ]);
}

#[test]
fn text_is_compared_by_code_point_and_measured_in_characters() {
    all(&[
        ("t > 'abb'", "x.x."),
        ("LENGTH(t) = 2", "..x."),
        ("OCTET_LENGTH(t) = 4", "..x."),
        ("t LIKE 'a_c'", "x..."),
        ("t NOT LIKE 'a%'", "..xx"),
        ("t ILIKE 'ABC'", "x..."),
        ("regexp_like(t, '^[a-c]+$')", "x..."),
        ("t IN ('', 'x')", "...x"),
        ("bin = CAST('ab' AS BYTEA)", "x..."),
    ]);
}

#[test]
fn a_column_of_nulls_fits_every_condition() {
    for sql in [
        "n > 5",
        "n = 'x'",
        "LENGTH(n) > 2",
        "n",
        "NOT n",
        "n < DATE '2013-01-01'",
        "n IN ('a')",
        "n + 1 > 2",
    ] {
        all(&[(sql, "....")]);
    }
    all(&[("n IS NULL", "xxxx")]);
}

#[test]
fn every_row_function_does_what_its_name_says() {
    let batch = batch_of(vec![
        ("i", Arc::new(Int64Array::from(vec![-7]))),
        ("f", Arc::new(Float64Array::from(vec![0.5]))),
        ("t", Arc::new(StringArray::from(vec![" Straße "]))),
        ("b", Arc::new(BooleanArray::from(vec![true]))),
        ("d", Arc::new(Date32Array::from(vec![15764]))), // 2013-02-28
        (
            "us",
            Arc::new(TimestampMicrosecondArray::from(vec![1_362_059_130_250_000])),
        ), // 13:45:30.25
    ]);
    let cases = "abs(i) = 7; acos(f) < 1.05; acosd(f) < 60.01; asin(f) < 0.53; asind(f) < 30.01; atan(f) < 0.47;
        atan2(f, f) < 0.79; atan2d(f, f) < 45.01; atand(f) < 26.6; bit_and(i, 1) = 1; bitand(i, 1) = 1;
        bit_or(i, 7) = -1; bitor(i, 7) = -1; bit_xor(i, i) = 0; bitxor(i, i) = 0; xor(i, i) = 0; bit_not(i) = 6;
        bitnot(i) = 6; bit_length('ß') = 16; cast(i AS DOUBLE) = -7.0; try_cast('x' AS BIGINT) IS NULL; cbrt(8.0) = 2.0;
        ceil(f) = 1.0; ceiling(f) = 1.0; floor(f) = 0.0; char_length('ß') = 1; character_length('ß') = 1; length('ß') = 1;
        octet_length('ß') = 2; coalesce(NULL, i) = -7; ifnull(NULL, i) = -7; nullif(i, -7) IS NULL; if(b, 1, 2) = 1;
        greatest(i, 3) = 3; least(i, 3) = -7; concat(i, '|', b) = '-7|true'; concat_ws('-', 'a', NULL, 'b') = 'a-b';
        cos(f) > 0.87; cosd(60.0) < 0.51; cot(f) > 1.83; cotd(45.0) < 1.01; sin(f) > 0.47; sind(30.0) < 0.51;
        tan(f) > 0.54; tand(45.0) < 1.01; degrees(f) > 28.6; radians(180.0) > 3.14; pi() > 3.14; exp(f) > 1.64;
        ln(f) < -0.69; log(8.0, 2) > 2.99; log10(100.0) = 2.0; log1p(f) > 0.40; log2(8.0) = 3.0; pow(i, 2) = 49.0;
        power(i, 2) = 49.0; sqrt(49.0) = 7.0; sign(i) = -1; round(2.567, 2) = 2.57; trunc(2.567, 2) = 2.56;
        truncate(2.567, 2) = 2.56; mod(i, 4) = 1; div(i, 2) = -4; date('2013-02-28') = d; time('13:45:00') > TIME '13:44:59';
        timestamp('2013-02-28 13:45:30.25') = us; datetime('2013-02-28 13:45:30.25') = us;
        strptime('28.02.2013', '%d.%m.%Y') = d; strftime(d, '%d.%m.%Y') = '28.02.2013'; date_part('doy', d) = 59;
        extract(YEAR FROM d) = 2013; extract(ISODOW FROM d) = 4; extract(SECOND FROM us) = 30; left('abc', 2) = 'ab';
        right('abc', 2) = 'bc'; lower('ÄB') = 'äb'; upper('äb') = 'ÄB'; lpad('7', 3, '0') = '007'; rpad('7', 3, '0') = '700';
        ltrim(t) = 'Straße '; rtrim(t) = ' Straße'; trim(t) = 'Straße'; trim(TRAILING 'e' FROM 'abe') = 'ab';
        normalize('é', NFD) <> 'é'; regexp_like(t, 'STRA', 'i'); replace('aXbX', 'X', '-') = 'a-b-'; reverse('abc') = 'cba';
        split_part('a,b,c', ',', 2) = 'b'; starts_with(t, ' S'); ends_with(t, 'e '); strpos('abc', 'c') = 3;
        position('c' IN 'abc') = 3; substr('abcd', 2, 2) = 'bc'; substring('abcd' FROM 2 FOR 2) = 'bc'";
    let mut tried = Vec::new();
    for sql in cases.split(';').map(str::trim) {
        assert_eq!(ask(&batch, sql).as_deref(), Ok("x"), "{sql}");
        let name: String = sql.chars().take_while(|c| *c != '(').collect();
        tried.push(name);
    }
    for name in ROW_FUNCTIONS {
        assert!(tried.iter().any(|t| t == name), "{name} has no case");
    }
}

#[test]
fn what_is_not_one_condition_is_refused() {
    for (sql, reason) in [
        ("", "is empty"),
        ("1) OR (1=1", "closes nothing"),
        ("i > 0)) OR ((TRUE", "closes nothing"),
        ("(i > 0", "never closed"),
        ("t = 'abc", "never closed"),
        ("\"i > 0", "never closed"),
        ("i > 0; DROP TABLE data", "`;`"),
        ("i > 0 -- AND b", "`--`"),
        ("i > 0 /* AND b", "`/*`"),
        ("i > 0, b", "unexpected token"),
        ("i > 0 b", "must not be given a name"),
        ("i > 0 AS b", "must not be given a name"),
        ("i > 0 WHERE b", "WHERE"),
        ("i > (SELECT 1)", "query inside"),
        ("EXISTS (SELECT 1)", "query inside"),
        ("COUNT(*) > 1", "aggregate"),
        ("i > Max(i)", "aggregate"),
        ("i > ANY (i)", "not supported"),
        ("LAG(i) > 1", "window function"),
        ("SUM(i) OVER () > 1", "aggregate"),
        ("\"sum\"(i) > 1", "cannot be called"),
        ("x.sum(i) > 1", "cannot be called"),
        ("read_csv('/etc/passwd') = 1", "no function `read_csv`"),
        ("lenght(t) = 1", "did you mean `length`?"),
        ("UNNEST(i) = 1", "no function"),
        ("COLUMNS('i') > 1", "no function"),
        ("\"*\" > 1", "cannot be used"),
        ("\"^.*$\" > 1", "cannot be used"),
        ("data.i > 1", "one quoted name"),
        ("E'\\'' = t", "directly before a quote"),
        ("U&'a' = t", "directly before a quote"),
        ("X'00' = bin", "directly before a quote"),
        ("$$a$$ = t", "`$`"),
        ("i > ?", "`?`"),
        ("i > :x", "`:`"),
        ("b IS NOT TRUE", "COALESCE"),
        ("d = DATE '2013-02-30'", "not a moment"),
        ("z = TIMESTAMP '2013-02-28T00:00:00Z'", "without a zone"),
        (
            "ns IN (TIMESTAMP '2013-01-01 00:00:00.000000001')",
            "TIMESTAMP(9)",
        ),
        ("f > 1e3", "with a point"),
        ("i > 99999999999999999999", "beyond 64 bits"),
        ("f IN (1.5, 2)", "several types"),
    ] {
        let found = Predicate::parse(sql).map(|_| ()).unwrap_err();
        assert!(found.contains(reason), "{sql}: {found}");
        assert_eq!(found.lines().count(), 1, "{sql}: {found}");
    }
    let long = vec!["i > 0"; 5000].join(" OR ");
    assert!(Predicate::parse(&long).is_err_and(|e| e.contains("operators")));
    assert!(Predicate::parse(&"(".repeat(100_000)).is_err_and(|e| e.contains("parentheses")));
}

#[test]
fn what_does_not_fit_the_columns_is_known_before_a_row_is_read() {
    let mut fields = logical_schema(&batch().schema()).fields;
    fields.push(Field {
        name: "l".into(),
        dtype: LogicalType::List(Box::new(LogicalType::Int(32))),
        nullable: true,
    });
    for (sql, reason) in [
        ("I > 0", "no column `I`"),
        ("t = \"abc\"", "single quotes"),
        ("l = 1", "is list<int32>"),
        ("i", "the answer is int64"),
        ("NULL", "the answer is null"),
        ("t > 5", "`t` is string"),
        ("d > '2013-01-01'", "write DATE"),
        ("z = us", "is timestamp(local)"),
        ("z - us > INTERVAL '1 day'", "is timestamp(local)"),
        (
            "regexp_like(t, '(')",
            "pattern does not parse: unclosed group",
        ),
        ("t ~ '[a'", "pattern does not parse"),
        ("CAST('abc' AS INTEGER) > 3", "failed"),
        ("regexp_like(i, '1')", "`i` is int64"),
    ] {
        let found = check_predicate(sql, &fields).unwrap_err();
        assert!(found.contains(reason), "{sql}: {found}");
        assert_eq!(found.lines().count(), 1, "{sql}: {found}");
    }
}

#[test]
fn a_value_that_cannot_be_evaluated_is_an_error_without_the_value() {
    let found = ask(&batch(), "CAST(t AS INTEGER) > 3").unwrap_err();
    assert!(
        found.starts_with("run: ") && !found.contains("abc"),
        "{found}"
    );
    let several = Predicates::new(&["i > 0".into(), "CAST(t AS INTEGER) > 3".into()]).unwrap();
    let found = several.masks(&batch()).unwrap_err().to_string();
    assert!(
        found.contains("evaluate `CAST(t AS INTEGER) > 3`"),
        "{found}"
    );
    let dec = "CAST(i AS DECIMAL(38,0))";
    assert!(
        ask(&batch(), &format!("{dec} * {dec} * {dec} > 0")).is_err_and(|e| e.contains("overflow"))
    );
}

#[test]
fn columns_come_in_order_of_first_use() {
    let columns = |sql: &str| Predicate::parse(sql).unwrap().columns().join(" ");
    assert_eq!(columns("b > a AND a < \"c d\" OR b = 1"), "b a c d");
    assert_eq!(columns("CASE WHEN z THEN y ELSE x END"), "z y x");
    assert_eq!(columns("'a' = \"A\" AND TRUE"), "A");
}
