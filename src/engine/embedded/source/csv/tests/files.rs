//! Declared types, several files, and broken ones: the same answer however the work is cut.

use super::super::Table;
use super::paces;
use crate::engine::embedded::profile::ProfileBuilder;
use crate::engine::embedded::schema::logical_schema;
use crate::engine::embedded::source::{DataFile, ProfileAt, SourceOptions};
use crate::measure::saved;
use crate::types::TypePattern;
use std::fmt::Write as _;
use tempfile::TempDir;

fn files(contents: &[&[u8]]) -> (Vec<DataFile>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |(i, content): (usize, &&[u8])| {
        let path = folder.path().join(format!("{i}.csv"));
        std::fs::write(&path, content).expect("a file");
        DataFile::at(path, format!("{i}.csv")).expect("a file")
    };
    (contents.iter().enumerate().map(file).collect(), folder)
}

fn options(types: &[(&str, &str)]) -> SourceOptions {
    let of = |(n, t): &(&str, &str)| ((*n).to_owned(), TypePattern::parse(t).expect("a type"));
    SourceOptions {
        types: types.iter().map(of).collect(),
        profile: ProfileAt::Open,
        ..SourceOptions::default()
    }
}

/// Types by name; every pace has them, and the profile of what it scans.
fn types(contents: &[&[u8]], declared: &[(&str, &str)]) -> Vec<String> {
    let (files, _folder) = files(contents);
    let options = options(declared);
    let mut found: Option<(Vec<String>, String)> = None;
    for pace in paces() {
        let table = Table::open_at(&files, &options, pace).expect("a table");
        let fields = logical_schema(&table.schema()).fields;
        let names: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
        let mut builder = ProfileBuilder::new(&fields);
        for (index, file) in files.iter().enumerate() {
            let each = &mut |batch: &arrow::array::RecordBatch| {
                let place = |n: &String| batch.schema().index_of(n).expect("a column");
                let order: Vec<usize> = names.iter().map(place).collect();
                builder.update(&batch.project(&order).expect("its own columns"));
                Ok(())
            };
            table
                .scan((index, file), &options, &names, each)
                .expect("batches");
        }
        let scanned = saved::to_json(&builder.finish()).expect("all parts");
        let made = table
            .profile()
            .map(|p| saved::to_json(p).expect("all parts"));
        assert_eq!(made.as_deref(), Some(scanned.as_str()), "{pace:?}");
        let types = fields.iter().map(|f| f.dtype.to_string()).collect();
        let first = found.get_or_insert((types, scanned.clone()));
        assert_eq!(first.1, scanned, "{pace:?}");
    }
    found.expect("there are paces").0
}

#[test]
fn declared_types_are_given_up_late() {
    let mut content = "a,b,c,d,e,f,g,h,i\n".to_owned();
    for i in 0..400 {
        let late = i == 390;
        writeln!(
            content,
            "{},{},{}.25,{},{},{},1{}:30:00,{}.50,{}",
            i % 100,
            if late { 300 } else { i % 100 },
            i % 9,
            if late { "18446744073709551615" } else { "7" },
            if i % 2 == 0 { "True" } else { "0" },
            i % 3,
            i % 10,
            if late { "1234567" } else { "1" },
            if late { "nothing" } else { "4" },
        )
        .expect("a String takes everything");
    }
    let declared = [
        ("a", "int8"),
        ("b", "int8"),
        ("c", "decimal(5,2)"),
        ("d", "uint64"),
        ("e", "boolean"),
        ("f", "float"),
        ("g", "time"),
        ("h", "decimal(5,2)"),
        ("i", "float32"),
    ];
    let wanted = [
        "int8",
        "int64",
        "decimal(5,2)",
        "uint64",
        "boolean",
        "float64",
        "time",
        "float64",
        "string",
    ];
    assert_eq!(types(&[content.as_bytes()], &declared), wanted);
}

#[test]
fn files_share_types_and_profiles() {
    let a = b"x,y,z\n".as_slice();
    let b = b"z;x;y\n1;2013-02-28;\n2;2013-03-01;\"a;\"\"b\"\n".as_slice();
    let c = "\u{feff}y,x,z\n,2013-02-01,3\nc,2013-02-02,0.5\n";
    let wanted = ["date", "string", "float64"];
    assert_eq!(types(&[a, b, c.as_bytes()], &[]), wanted);
    assert_eq!(types(&[a], &[]), ["null", "null", "null"]);
}

#[test]
fn the_first_fault_is_named_whatever_the_pace() {
    let good = "1,\"a\nb\"\n".repeat(60);
    for (fault, reason) in [
        (&b"1\n2\n"[..], "line 122 has 1 cells, the first row has 2"),
        (
            b"\"1,2\n1,2\n",
            "line 122 opens a quote that is never closed",
        ),
        (b"1,\xff\n1,\0\n", "line 122, byte 487 is not UTF-8"),
        (b"1,\0\n1\n", "line 122 holds a NUL character"),
        (
            b"1,2,3\n1,\"\n",
            "line 122 has 3 cells, the first row has 2",
        ),
    ] {
        let content = [b"n,t\n", good.as_bytes(), fault].concat();
        let (files, _folder) = files(&[&content]);
        for pace in paces() {
            for _ in 0..5 {
                let error = Table::open_at(&files, &options(&[]), pace).err();
                let found = error.expect("a fault").to_string();
                assert!(found.contains(reason), "{pace:?}: {found}");
            }
        }
    }
}

#[test]
fn a_scan_of_changed_cells_names_their_row() {
    let content = "n,t\n".to_owned() + &"1,x\n".repeat(100);
    let (before, _folder) = files(&[content.as_bytes()]);
    let changed = content.replacen("1,x\n1,x\n", "1,x\n\"1.5\",x\n", 1);
    let (after, _folder) = files(&[changed.as_bytes()]);
    for pace in paces() {
        let table = Table::open_at(&before, &options(&[]), pace).expect("a table");
        let scan = table.scan(
            (0, &after[0]),
            &options(&[]),
            &["n".to_owned()],
            &mut |_| Ok(()),
        );
        let reason = scan.expect_err("another type").to_string();
        assert!(
            reason.contains("line 3: a cell is not Int64 any more"),
            "{reason}"
        );
    }
}
