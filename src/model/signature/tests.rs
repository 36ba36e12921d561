use super::compare::{Mismatch, Offered, OfferedType, compare};
use super::leakage::{keys, rows, shared};
use super::trained::{Trained, trained_on};
use super::{Field, Wants, from_mlmodel};
use crate::diagnostic::SourceFile;
use crate::model::source::DatasetInput;
use crate::model::table::{Column, Table};
use crate::record::FileDigest;
use crate::types::{LogicalType as T, TypePattern};
use std::sync::Arc;

fn file(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile {
        path: "MLmodel".to_owned(),
        text: text.to_owned(),
    })
}

fn field(name: &str, wants: T) -> Field {
    Field {
        name: Some(name.to_owned()),
        wants: Wants::Plain(wants),
        required: true,
    }
}

fn column(name: &str, kind: T) -> Offered {
    Offered {
        name: name.to_owned(),
        kind: OfferedType::Exact(kind),
        nullable: false,
        may_lack: false,
    }
}

fn said(fields: &[Field], columns: &[Offered]) -> Vec<String> {
    compare(fields, columns, None)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_signature_of_the_example_is_read() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/flights/models/challenger/MLmodel"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let signature = from_mlmodel(&file(&text)).unwrap();
    assert_eq!(signature.inputs.len(), 9);
    assert_eq!(signature.inputs[0], field("carrier", T::String));
    assert_eq!(signature.inputs[4], field("dep_delay", T::Int(64)));
    assert!(!signature.inputs[8].required);
    assert_eq!(signature.outputs, [field("p_late", T::Float(64))]);
}

#[test]
fn forms_of_signatures() {
    let tensor = r#"signature: {inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}]'}"#;
    let signature = from_mlmodel(&file(tensor)).unwrap();
    let shape = vec![-1, 3];
    let element = T::Float(32);
    assert_eq!(signature.inputs[0].wants, Wants::Tensor { element, shape });
    let declared = "signature: {inputs: [{name: a, type: int32, required: false}, {name: b, type: array, items: {type: long}}]}";
    let signature = from_mlmodel(&file(declared)).unwrap();
    assert_eq!(signature.inputs[0].wants, Wants::Plain(T::Int(32)));
    assert_eq!(signature.inputs[1].wants, Wants::Nested("list"));
    for (bad, why) in [
        ("flavors: {}", "no-signature"),
        ("signature: {inputs: '[{'}", "invalid-json"),
        ("signature: {inputs: '[]'}", "invalid-signature"),
        ("signature: {inputs: [{name: a}]}", "invalid-signature"),
        ("signature: {inputs: 3}", "wrong-type"),
        ("signature: {inputs: [3]}", "wrong-type"),
        ("signature: {inputs: [{type: tensor}]}", "invalid-signature"),
        ("signature: [", "invalid-yaml"),
    ] {
        let problems = from_mlmodel(&file(bad)).unwrap_err();
        assert_eq!(problems[0].code, why, "{bad}");
    }
}

#[test]
fn types_widen_and_never_narrow() {
    let cases = [
        (T::Float(64), T::Int(32), true),
        (T::Float(64), T::Int(64), false),
        (T::Float(64), T::Float(32), true),
        (T::Float(32), T::Float(64), false),
        (T::Float(32), T::Int(8), false),
        (T::Int(64), T::Int(32), true),
        (T::Int(32), T::Int(64), false),
        (T::Int(64), T::UInt(32), true),
        (T::Int(64), T::UInt(64), false),
        (T::Int(64), T::Float(64), false),
        (T::Timestamp { utc: false }, T::Date, true),
        (T::String, T::Int(64), false),
        (T::Boolean, T::Int(8), false),
        (T::Float(64), T::Null, true),
    ];
    for (wanted, offered, fits) in cases {
        let found = said(
            &[field("a", wanted.clone())],
            &[column("a", offered.clone())],
        );
        assert_eq!(found.is_empty(), fits, "{wanted} from {offered}: {found:?}");
    }
}

#[test]
fn each_mismatch_says_what_and_where() {
    let mut maybe = column("c", T::Int(32));
    maybe.nullable = true;
    maybe.may_lack = true;
    let mut untold = column("d", T::Null);
    untold.kind = OfferedType::Promised(Some(TypePattern::Number));
    let fields = [
        field("a", T::Float(64)),
        field("b", T::Int(64)),
        field("c", T::Int(64)),
        field("d", T::Float(64)),
    ];
    let columns = [
        column("b", T::Float(64)),
        maybe,
        untold,
        column("e", T::String),
    ];
    assert_eq!(
        said(&fields, &columns),
        [
            "the model must be given `a`, and there is no such column",
            "`b` is int64 in the signature and float64 in the data: not every value fits",
            "the model must be given `c`, and its column may be absent",
            "`c` is int64 in the signature, which has no null, and the column may hold nulls",
            "`d` is not compared: the contract does not say its type",
            "column `e` is not in the signature: the model does not see it",
        ]
    );
    let breaks: Vec<bool> = compare(&fields, &columns, None)
        .iter()
        .map(Mismatch::breaks)
        .collect();
    assert_eq!(breaks, [true, true, true, true, false, false]);
}

#[test]
fn a_tensor_takes_all_columns_in_the_order_of_the_training() {
    let tensor = |width| Field {
        name: None,
        wants: Wants::Tensor {
            element: T::Float(64),
            shape: vec![-1, width],
        },
        required: true,
    };
    let columns = [column("b", T::Float(64)), column("a", T::Float(64))];
    let order = ["a".to_owned(), "b".to_owned()];
    assert!(compare(&[tensor(2)], &columns, None).is_empty());
    let found = compare(&[tensor(2)], &columns, Some(&order));
    let expected = "value 1 of a row is `b`, and the model was trained with `a` there";
    assert_eq!(found[0].to_string(), expected);
    let found = compare(&[tensor(3)], &columns, None);
    assert_eq!(
        found,
        [Mismatch::Count {
            wanted: 3,
            offered: 2
        }]
    );
    let narrow = [column("a", T::Float(32)), column("b", T::Float(64))];
    assert!(matches!(
        compare(&[tensor(2)], &narrow, None)[..],
        [Mismatch::Type { .. }]
    ));
}

fn table(ids: &[Option<i64>], names: &[&str]) -> Table {
    let words: Vec<String> = names.iter().map(ToString::to_string).collect();
    let codes = (0..names.len()).map(|n| u32::try_from(n).ok()).collect();
    Table {
        rows: ids.len(),
        columns: vec![
            ("id".to_owned(), Column::Integers(ids.to_vec())),
            ("name".to_owned(), Column::Texts { codes, words }),
        ],
    }
}

#[test]
fn rows_of_the_training_are_found_in_the_evaluation() {
    let both = ["id".to_owned(), "name".to_owned()];
    let training = table(&[Some(1), Some(2), None, Some(2)], &["a", "b", "c", "b"]);
    let evaluation = table(&[Some(2), None, Some(3), Some(1)], &["b", "c", "a", "x"]);
    let found = shared(
        &rows(&training, &both).unwrap(),
        &rows(&evaluation, &both).unwrap(),
    );
    assert_eq!((found.shared, found.share), (2, Some(0.5)));
    assert_eq!(found.examples, [(0, 1), (1, 2)]);
    let id = ["id".to_owned()];
    let found = shared(
        &keys(&training, &id).unwrap(),
        &keys(&evaluation, &id).unwrap(),
    );
    assert_eq!(
        (found.shared, found.evaluation, found.without_key),
        (2, 3, 2)
    );
    assert_eq!(rows(&training, &["nothing".to_owned()]), None);
    assert_eq!(rows(&training, &[]), None);
    assert_eq!(shared(&[], &[Some(1)]).share, None);
}

#[test]
fn kinds_are_part_of_a_row_and_widths_are_not() {
    let of = |column: Column| {
        let table = Table {
            rows: 1,
            columns: vec![("a".to_owned(), column)],
        };
        rows(&table, &["a".to_owned()]).unwrap()[0].unwrap()
    };
    let text = |word: &str| {
        let words = vec![word.to_owned()];
        of(Column::Texts {
            codes: vec![Some(0)],
            words,
        })
    };
    assert_eq!(
        of(Column::Integers(vec![Some(1)])),
        of(Column::Numbers(vec![Some(1.0)]))
    );
    assert_eq!(
        of(Column::Numbers(vec![Some(-0.0)])),
        of(Column::Numbers(vec![Some(0.0)]))
    );
    let all = [
        of(Column::Integers(vec![Some(1)])),
        of(Column::Integers(vec![None])),
        of(Column::Numbers(vec![Some(1.5)])),
        of(Column::Numbers(vec![Some(f64::NAN)])),
        of(Column::Booleans(vec![Some(true)])),
        text("1"),
        text(""),
    ];
    let distinct: std::collections::BTreeSet<u128> = all.into_iter().collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn a_logged_digest_is_held_against_the_files() {
    let whole = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let files = [FileDigest {
        path: "data/a.parquet".to_owned(),
        bytes: 1,
        sha256: Some(whole.to_owned()),
        footer_sha256: None,
        etag: None,
        last_modified: None,
        given: false,
    }];
    let input = |digest: &str, context: Option<&str>| DatasetInput {
        name: "flights".to_owned(),
        digest: digest.to_owned(),
        context: context.map(str::to_owned),
    };
    let same = |t: Trained| matches!(t, Trained::Same { .. });
    for digest in [
        whole,
        &whole[..32],
        &format!("sha256:{}", whole.to_uppercase()),
    ] {
        assert!(
            same(trained_on(&[input(digest, Some("training"))], &files)),
            "{digest}"
        );
    }
    assert!(!same(trained_on(&[input(&whole[..8], None)], &files)));
    let other = whole.replace('0', "1");
    assert!(matches!(
        trained_on(&[input(&other, None)], &files),
        Trained::Other { .. }
    ));
    assert!(matches!(
        trained_on(&[input(&other[..32], None)], &files),
        Trained::NotComparable { .. }
    ));
    assert!(matches!(
        trained_on(&[input("2a4b6c8d", None)], &files),
        Trained::NotComparable { .. }
    ));
    assert_eq!(
        trained_on(&[input(whole, Some("eval"))], &files),
        Trained::NotLogged
    );
    assert_eq!(trained_on(&[input(whole, None)], &[]), Trained::NotRead);
}
