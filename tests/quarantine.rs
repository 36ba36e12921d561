//! Good and bad rows as Parquet files.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::{Gate, files};
use arrow::array::{AsArray, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::path::Path;
use tollgate::record::Status;

fn rows(path: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

fn count(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

fn texts(batches: &[RecordBatch], column: &str) -> Vec<String> {
    let of = |b: &RecordBatch| -> Vec<String> {
        let array = b.column_by_name(column).unwrap().as_string::<i32>().clone();
        array
            .iter()
            .map(|t| t.unwrap_or("null").to_owned())
            .collect()
    };
    batches.iter().flat_map(of).collect()
}

fn names(path: &Path) -> Vec<String> {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let fields = reader.schema().fields().clone();
    fields.iter().map(|f| f.name().clone()).collect()
}

const CONFIG: &str = "version: 1
datasets:
  d:
    path: d.csv
    contract: c.yaml
";

fn gate(csv: &str, contract: &str) -> Gate {
    let files = [
        ("d.csv", csv.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", CONFIG.as_bytes()),
    ];
    Gate::run(&files, &["--quarantine", "q"])
}

#[test]
fn every_row_of_the_dirty_flights_is_in_one_of_the_two_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/flights");
    let folder = tempfile::tempdir().unwrap();
    let config = std::fs::read_to_string(root.join("dirty.yaml")).unwrap();
    let here = |c: &str| format!("{}/{c}", root.display());
    let config = config
        .replace("data/", &here("data/"))
        .replace("contracts/", &here("contracts/"));
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let gate = Gate::again(
        folder,
        &["--quarantine", "q", "--now", "2013-03-01T06:00:00Z"],
    );
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    let q = gate.folder.path().join("q");
    assert_eq!(
        files(&q),
        [
            "airlines/bad.parquet",
            "airlines/good.parquet",
            "flights/bad.parquet",
            "flights/good.parquet"
        ]
    );
    let (good, bad) = (
        rows(&q.join("flights/good.parquet")),
        rows(&q.join("flights/bad.parquet")),
    );
    assert_eq!(count(&good) + count(&bad), 24_991);
    let own = names(&q.join("flights/good.parquet"));
    let mut with_reasons = own.clone();
    with_reasons.push("tollgate_reasons".into());
    assert_eq!(names(&q.join("flights/bad.parquet")), with_reasons);
    let reasons = texts(&bad, "tollgate_reasons");
    for (id, failing) in [
        ("flights.foreign_key(carrier)", 25),
        ("flights.not_null(origin)", 50),
        ("flights.between(sched_dep_time)", 13),
        ("flights.in_set(month)", 9),
        ("flights.duplicate_rows", 40),
    ] {
        let named = reasons.iter().filter(|r| r.split("; ").any(|i| i == id));
        assert_eq!(named.count(), failing, "{id}");
    }
    assert!(texts(&good, "carrier").iter().all(|c| c != "ZZ"));
    let airlines = gate.record().datasets[1].rows;
    assert_eq!(
        count(&rows(&q.join("airlines/good.parquet"))) as u64,
        airlines
    );
    assert_eq!(count(&rows(&q.join("airlines/bad.parquet"))), 0);
}

#[test]
fn only_broken_promises_of_severity_error_make_a_row_bad() {
    let gate = gate(
        "id,n,mail\n1,1,a@b.org\n2,-1,c\n3,200,d\n3,3,e\n5,50,f\n",
        "version: 1
columns:
  - {name: id}
  - {name: n}
  - {name: mail, pii: true}
expect:
  - between: {column: n, min: 0, max_failing: 1}
  - between: {column: n, max: 100, severity: warn}
  - unique_key: {columns: id}
  - between: {column: n, max: 49, where: id = 5, waive: {reason: known, owner: me, until: '9999-01-01'}}
",
    );
    let q = gate.folder.path().join("q/d");
    let (good, bad) = (rows(&q.join("good.parquet")), rows(&q.join("bad.parquet")));
    assert_eq!(
        texts(&good, "mail"),
        ["a@b.org", "d", "f"],
        "personal data are written as they are"
    );
    assert_eq!(texts(&bad, "mail"), ["c", "e"]);
    assert_eq!(
        texts(&bad, "tollgate_reasons"),
        ["d.between(n)", "d.unique_key(id)"]
    );
}

#[test]
fn a_bad_row_names_every_promise_it_breaks() {
    let gate = gate(
        "n,tollgate_reasons\n-1,x\n5,y\n",
        "version: 1
expect:
  - between: {column: n, min: 0, samples: 0}
  - between: {column: n, min: 1, severity: warn, samples: 0}
",
    );
    let q = gate.folder.path().join("q/d");
    assert_eq!(
        names(&q.join("bad.parquet")),
        ["n", "tollgate_reasons", "tollgate_reasons_2"]
    );
    let bad = rows(&q.join("bad.parquet"));
    assert_eq!(texts(&bad, "tollgate_reasons"), ["x"]);
    assert_eq!(
        texts(&bad, "tollgate_reasons_2"),
        ["d.between(n); d.between(n)#2"]
    );
}

#[test]
fn no_rows_give_two_files_without_rows() {
    let gate = gate("n,t\n", "version: 1\nexpect: [not_null: {column: n}]\n");
    let q = gate.folder.path().join("q/d");
    assert_eq!(names(&q.join("good.parquet")), ["n", "t"]);
    assert_eq!(
        names(&q.join("bad.parquet")),
        ["n", "t", "tollgate_reasons"]
    );
    assert_eq!(count(&rows(&q.join("good.parquet"))), 0);
}

#[test]
fn nested_columns_are_written_as_they_are() {
    use arrow::array::{ArrayRef, Int64Array, ListArray, StructArray};
    use arrow::datatypes::{DataType, Field, Int64Type};
    use std::sync::Arc;
    let folder = tempfile::tempdir().unwrap();
    let field = Arc::new(Field::new("a", DataType::Int64, true));
    let a: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(-2), None]));
    let lists = vec![Some(vec![Some(1)]), None, Some(vec![])];
    let batch = RecordBatch::try_from_iter([
        (
            "s",
            Arc::new(StructArray::from(vec![(field, a)])) as ArrayRef,
        ),
        (
            "l",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)) as ArrayRef,
        ),
    ])
    .unwrap();
    let file = std::fs::File::create(folder.path().join("d.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let config =
        "version: 1\ndatasets: {d: {path: d.parquet, expect: [between: {column: s.a, min: 0}]}}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let gate = Gate::again(folder, &["--quarantine", "q"]);
    let q = gate.folder.path().join("q/d");
    assert_eq!(
        names(&q.join("bad.parquet")),
        ["s", "l", "tollgate_reasons"]
    );
    let (good, bad) = (rows(&q.join("good.parquet")), rows(&q.join("bad.parquet")));
    assert_eq!((count(&good), count(&bad)), (2, 1));
    let wanted = batch.column_by_name("s").unwrap();
    let found = bad[0].column_by_name("s").unwrap();
    assert_eq!(
        found.as_struct().column(0),
        wanted.slice(1, 1).as_struct().column(0)
    );
    assert_eq!(
        good[0]
            .column_by_name("l")
            .unwrap()
            .as_list::<i32>()
            .value(1)
            .len(),
        0
    );
}

/// What every run writes that knows where.
const RECORD: &[&str] = &["report/report.html", "report/report.md", "report/run.json"];

#[test]
fn a_run_that_cannot_go_on_leaves_no_half_of_its_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bytes =
        std::fs::read(root.join("examples/flights/data/flights-2013-02.parquet")).unwrap();
    bytes[4..200_000].fill(0xA5);
    let config = "version: 1
datasets:
  fine: {path: d.csv, expect: [not_null: {column: n}]}
  torn: {path: torn.parquet}
";
    let files_in = [
        ("d.csv", &b"n,t\n1,1\n2,x\n"[..]),
        ("torn.parquet", &bytes),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files_in, &["--quarantine", "q"]);
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    assert!(gate.stderr.contains("torn.parquet"), "{}", gate.stderr);
    assert_eq!(
        files(gate.folder.path()),
        [
            &["d.csv", "q/fine/bad.parquet", "q/fine/good.parquet"],
            RECORD,
            &["tollgate.yaml", "torn.parquet"]
        ]
        .concat(),
        "what could be evaluated is parted, and nothing of what could not"
    );
}

#[test]
fn a_name_that_leads_out_of_the_folder_is_refused() {
    for name in ["../d", "a/b", ".hidden"] {
        let config = format!("version: 1\ndatasets: {{\"{name}\": {{path: d.csv}}}}\n");
        let files = [
            ("d.csv", &b"n\n1\n"[..]),
            ("tollgate.yaml", config.as_bytes()),
        ];
        let gate = Gate::run(&files, &["--quarantine", "q"]);
        assert_eq!(gate.code, 2, "{name}: {}", gate.stderr);
        assert!(gate.stderr.contains(name), "{}", gate.stderr);
        assert!(!gate.folder.path().join("q").exists());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named_and_nothing_is_left() {
    let config = "version: 1\ndatasets: {d: {path: d.csv}}\n";
    let files = [
        ("d.csv", &b"n\n1\n"[..]),
        ("file", b"x"),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &["--quarantine", "file/q"]);
    assert_eq!(gate.code, 3, "{}", gate.stderr);
    assert!(gate.stderr.contains("file/q"), "{}", gate.stderr);
    assert_eq!(gate.outcome("d.readable").status, Status::Error);
    assert_eq!(
        crate::harness::files(gate.folder.path()),
        [&["d.csv", "file"], RECORD, &["tollgate.yaml"]].concat()
    );
}

#[test]
fn rows_are_not_parted_into_the_data_themselves() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/a.csv"), "n\n1\n").unwrap();
    let config = "version: 1\ndatasets: {d: {path: data}}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let gate = Gate::again(folder, &["--quarantine", "data/q"]);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    assert!(
        gate.stderr.contains("is inside the data of `d`"),
        "{}",
        gate.stderr
    );
    assert!(!gate.folder.path().join("data/q").exists());
}
