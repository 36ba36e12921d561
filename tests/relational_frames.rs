//! How batches reach row conditions: shared, sliced, widened, left out; and texts that nobody meant as SQL.

use crate::relational::{ask, batch, batch_of};
use arrow::array::*;
use arrow::datatypes::{DataType, Int32Type, i256};
use proptest::prelude::*;
use std::sync::Arc;
use tollgate::engine::embedded::relational::{
    Predicate, Predicates, check_predicate, counts, frame, frame_of, masks,
};
use tollgate::engine::embedded::schema::logical_schema;
use tollgate::scalar::Scalar;
use tollgate::sql::literal;

const T0: i64 = 1_357_000_000; // 2013-01-01T00:26:40

#[test]
fn frames_outlive_their_batch_and_keep_slices() {
    let whole = batch();
    let slice = whole.slice(2, 2);
    let slice = frame(&slice).unwrap();
    drop(whole);
    let predicates = [
        "t = 'äö'",
        "i < 0",
        "NOT b",
        "dec < 0",
        "d < DATE '1970-01-01'",
        "f > 9.0",
    ];
    let parsed: Vec<Predicate> = predicates
        .iter()
        .map(|p| Predicate::parse(p).unwrap())
        .collect();
    let all: Vec<&Predicate> = parsed.iter().collect();
    assert_eq!(counts(&slice, &all).unwrap(), [1, 1, 1, 1, 1, 2]);
    assert_eq!(
        masks(&slice, &all).unwrap()[0],
        BooleanArray::from(vec![true, false])
    );
}

#[test]
fn no_rows_and_no_columns_are_frames_too() {
    let empty = batch().slice(0, 0);
    for sql in ["i > 0", "TRUE", "t IN ('a') OR TRUE", "n IS NULL"] {
        assert_eq!(ask(&empty, sql).as_deref(), Ok(""), "{sql}");
    }
    let nothing = frame_of::<&str>(&batch(), &[]).unwrap();
    let always = Predicate::parse("TRUE").unwrap();
    assert_eq!(counts(&nothing, &[&always]).unwrap(), [4]);
    assert!(masks(&nothing, &[]).unwrap().is_empty());
    assert!(Predicates::none().masks(&empty).unwrap().is_empty());
}

#[test]
fn types_that_queries_lack_are_widened_or_left_out() {
    let keys: DictionaryArray<Int32Type> = vec![Some("a"), None].into_iter().collect();
    let wide = Decimal256Array::from(vec![Some(i256::from_i128(125)), None]);
    let nested = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None]);
    let batch = batch_of(vec![
        ("k", Arc::new(keys)),
        ("w", Arc::new(wide.with_precision_and_scale(76, 2).unwrap())),
        (
            "neg",
            Arc::new(
                Decimal128Array::from(vec![12, 0])
                    .with_precision_and_scale(10, -2)
                    .unwrap(),
            ),
        ),
        ("s", Arc::new(TimestampSecondArray::from(vec![T0, 0]))),
        ("l", Arc::new(nested)),
    ]);
    let fields = logical_schema(&batch.schema()).fields;
    for (sql, wanted) in [
        ("k = 'a'", 1),
        ("w = CAST('1.25' AS DECIMAL(38,2))", 1),
        ("neg = 1200", 1),
        ("s = TIMESTAMP '2013-01-01 00:26:40'", 1),
    ] {
        check_predicate(sql, &fields).unwrap();
        let found = counts(&frame(&batch).unwrap(), &[&Predicate::parse(sql).unwrap()]).unwrap();
        assert_eq!(found, [wanted], "{sql}");
    }
    let too_wide = Decimal256Array::from(vec![i256::MAX]);
    let batch = batch_of(vec![(
        "w",
        Arc::new(too_wide.with_precision_and_scale(76, 2).unwrap()),
    )]);
    // What an error says is shown everywhere, and holds no value.
    let said = frame(&batch).map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("does not fit in Decimal128(38, 2)"), "{said}");
    let seconds = TimestampSecondArray::from(vec![i64::MAX]);
    assert!(frame(&batch_of(vec![("s", Arc::new(seconds))])).is_err());
}

#[test]
fn only_the_wanted_of_ten_thousand_columns_are_handed_over() {
    let column: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3]));
    let names: Vec<String> = (0..10_000).map(|i| format!("c{i}")).collect();
    let batch = RecordBatch::try_from_iter(names.iter().map(|n| (n, column.clone()))).unwrap();
    let predicates = Predicates::new(&["c9999 > 1".into(), "c0 + c1 = 6".into()]).unwrap();
    let found = predicates.masks(&batch).unwrap();
    assert_eq!(
        found
            .iter()
            .map(BooleanArray::true_count)
            .collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!(batch.column(0).data_type(), &DataType::Int32);
}

#[test]
fn batches_of_another_schema_are_fitted_anew() {
    let predicates = Predicates::new(&["x > TIMESTAMP '1970-01-01 00:00:01'".into()]).unwrap();
    let nanos: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![2_000_000]));
    let millis: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![2_000_000]));
    for (column, wanted) in [(nanos.clone(), false), (millis, true), (nanos, false)] {
        let found = predicates.masks(&batch_of(vec![("x", column)])).unwrap();
        assert_eq!(found[0].value(0), wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_it_panic_or_answer_for_other_rows(
        parts in prop::collection::vec(prop::sample::select(vec![
            "i", "t", "\"d\"", "'x'", "1", "1.5", "(", ")", ",", "=", "<", "+", "-", "*", "/", "%", "::", "AND", "OR", "NOT",
            "IN", "IS", "NULL", "TRUE", "BETWEEN", "LIKE", "CASE", "WHEN", "THEN", "ELSE", "END", "DATE", "CAST", "AS",
            "BIGINT", "DECIMAL", "RIGHT", "LEFT", "LENGTH", "ABS", "SUBSTR", "ROUND", "STRPTIME", "INTERVAL", "~", "||", "^@",
            "SUM", "COUNT", "OVER", "SELECT", "FROM", ";", "--", "'", "`", "->", ".", "[", "b", "f", "REGEXP_LIKE", "LPAD",
        ]), 0..14),
        any in ".*",
    ) {
        let _ = ask(&batch(), &parts.join(" "));
        let _ = ask(&batch(), &any);
    }

    #[test]
    fn a_quoted_text_stays_a_text(text in ".*") {
        let batch = batch_of(vec![("c", Arc::new(StringArray::from(vec![Some(text.as_str()), Some("other"), None])))]);
        let sql = format!("c = {}", literal(&Scalar::Text(text.clone())));
        let wanted = if text == "other" { "xx." } else { "x.." };
        prop_assert_eq!(ask(&batch, &sql), Ok(wanted.to_owned()));
    }
}
