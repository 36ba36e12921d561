//! `--state DIR`: what is kept gives the bytes of a full run, an unchanged file is not read, a changed one is.

use crate::harness::Gate;
use arrow::array::{Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::reader::FileReader;
use sha2::{Digest, Sha256};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

fn parquet(path: &Path, from: i64) {
    let rows = from..from + 2_000;
    let words = ["a", "b", "c", ""];
    let texts = rows.clone().map(|i| words[usize::try_from(i % 4).unwrap()]);
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(rows.clone().collect::<Int64Array>()) as _),
        (
            "f",
            Arc::new(
                rows.map(|i| (i % 7 > 0).then_some(i as f64 / 3.0))
                    .collect::<Float64Array>(),
            ) as _,
        ),
        ("t", Arc::new(texts.map(Some).collect::<StringArray>()) as _),
    ])
    .unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Overwrites every data page, so that reading one fails.
fn destroy(path: &Path) {
    let reader = parquet::file::serialized_reader::SerializedFileReader::new(
        std::fs::File::open(path).unwrap(),
    )
    .unwrap();
    let pages: i64 = reader
        .metadata()
        .row_group(0)
        .columns()
        .iter()
        .map(|c| c.byte_range().1.cast_signed())
        .sum();
    let mut bytes = std::fs::read(path).unwrap();
    bytes[4..4 + usize::try_from(pages).unwrap()].fill(0xff);
    std::fs::write(path, bytes).unwrap();
}

fn entries(state: &Path, kind: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(state).unwrap().map(|e| e.unwrap().path());
    let is = |p: &PathBuf| p.file_name().unwrap().to_string_lossy().starts_with(kind);
    all.filter(is).collect()
}

/// Makes the store believe that the file at `path` is the one that it hashed.
fn forge(state: &Path, path: &Path, inode: u64) {
    let now = std::fs::metadata(path).unwrap();
    for entry in entries(state, "file-") {
        let text = std::fs::read_to_string(&entry).unwrap();
        let (_, body) = text.split_once('\n').unwrap();
        let mut value: serde_json::Value = serde_json::from_str(body).unwrap();
        if value["seen"]["inode"] != inode {
            continue;
        }
        value["seen"]["inode"] = now.ino().into();
        let nanos = |seconds: i64, nanos: i64| serde_json::json!(seconds * 1_000_000_000 + nanos);
        value["seen"]["modified"] = nanos(now.mtime(), now.mtime_nsec());
        value["seen"]["changed"] = nanos(now.ctime(), now.ctime_nsec());
        value["hashed"] = nanos(now.ctime() + 10, 0);
        let body = value.to_string();
        let digest = tollgate::report::text::hex(&Sha256::digest(&body));
        std::fs::write(&entry, format!("tollgate-state 1 {digest}\n{body}")).unwrap();
        return;
    }
    panic!("no entry for {}", path.display());
}

fn profile(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["profile", "--format", "json"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn only_new_files_are_profiled_and_the_bytes_are_those_of_a_full_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    parquet(&at("a.parquet"), 0);
    parquet(&at("b.parquet"), 2_000);
    let first = profile(folder.path(), &["*.parquet"]);
    assert_eq!(
        profile(folder.path(), &["*.parquet", "--state", "state"]),
        first
    );
    assert_eq!(
        profile(folder.path(), &["*.parquet", "--state", "state"]),
        first
    );
    parquet(&at("c.parquet"), 9_000);
    let all = profile(folder.path(), &["*.parquet"]);
    for name in ["a.parquet", "b.parquet"] {
        let inode = std::fs::metadata(at(name)).unwrap().ino();
        destroy(&at(name));
        forge(&at("state"), &at(name), inode);
    }
    assert_eq!(
        profile(folder.path(), &["*.parquet", "--state", "state"]),
        all
    );
    // An entry that is not what was written is not believed: the file is read, and cannot be.
    for entry in entries(&at("state"), "profile-") {
        let text = std::fs::read_to_string(&entry).unwrap();
        std::fs::write(&entry, text.replace("\"rows\": 2000", "\"rows\": 2001")).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["profile", "*.parquet", "--state", "state"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a.parquet"));
}

#[test]
fn a_file_changed_behind_its_size_and_time_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.csv");
    std::fs::write(&path, "n\n1\n2\n").unwrap();
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::thread::sleep(Duration::from_millis(2_100));
    let args = ["d.csv", "--state", "state"];
    let first = profile(folder.path(), &args);
    assert_eq!(profile(folder.path(), &args), first);
    std::fs::write(&path, "n\n1\n7\n").unwrap();
    std::fs::File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    let second = profile(folder.path(), &args);
    assert_ne!(second, first);
    assert_eq!(second, profile(folder.path(), &["d.csv"]));
}

const CONFIG: &str = "version: 1
datasets:
  d:
    path: d.parquet
    reference: r.parquet
    expect:
      - between: {column: id, min: 5, max: 1900}
      - in_set: {column: t, values: [a, b, c]}
      - unique_key: {columns: [id, t]}
      - not_null: {column: f, where: \"t = 'a'\"}
      - file_fresh: {max_age: 100000d}
      - value_between: {expr: SUM(f) / COUNT(f), max: 1}
";

#[test]
fn a_run_over_unchanged_files_reads_no_page_and_writes_the_same_record() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    parquet(&at("d.parquet"), 0);
    parquet(&at("r.parquet"), 500);
    std::fs::write(at("tollgate.yaml"), CONFIG).unwrap();
    let now = ["--now", "2013-03-01T00:00:00Z"];
    let record =
        |gate: &Gate| std::fs::read_to_string(gate.folder.path().join("report/run.json")).unwrap();
    let gate = Gate::again(folder, &now);
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    let full = record(&gate);
    let with_state = [&now[..], &["--state", "state"]].concat();
    let gate = Gate::again(gate.folder, &with_state);
    assert_eq!(record(&gate), full);
    let at = |name: &str| gate.folder.path().join(name);
    for name in ["d.parquet", "r.parquet"] {
        let (inode, modified) = {
            let m = std::fs::metadata(at(name)).unwrap();
            (m.ino(), m.modified().unwrap())
        };
        destroy(&at(name));
        std::fs::File::options()
            .append(true)
            .open(at(name))
            .unwrap()
            .set_modified(modified)
            .unwrap();
        forge(&at("state"), &at(name), inode);
    }
    let gate = Gate::again(gate.folder, &with_state);
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    assert_eq!(record(&gate), full);
    // Another promise is another question: the rows are needed, and cannot be read.
    let path = gate.folder.path().join("tollgate.yaml");
    std::fs::write(&path, CONFIG.replace("max: 1900", "max: 1901")).unwrap();
    let gate = Gate::again(gate.folder, &with_state);
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    assert!(gate.stderr.contains("d.parquet"), "{}", gate.stderr);
}

#[test]
fn a_file_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "n\n1\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["profile", "d.csv", "--state", "d.csv"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--state d.csv is no folder"), "{said}");
}

#[test]
fn the_folder_is_kept_apart_from_the_data() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/d.csv"), "n\n1\n").unwrap();
    std::fs::write(
        folder.path().join("tollgate.yaml"),
        "version: 1\ndatasets:\n  d:\n    path: data\n",
    )
    .unwrap();
    let gate = Gate::again(folder, &["--state", "data/state"]);
    assert_eq!(gate.code, 2);
    assert!(
        gate.stderr
            .contains("--state data/state is inside the data of `d`"),
        "{}",
        gate.stderr
    );
}

/// Overwrites a text file with as many other bytes, and makes the store believe that it is unchanged.
fn garble(folder: &Path, name: &str) {
    let path = folder.join(name);
    let inode = std::fs::metadata(&path).unwrap().ino();
    let length = std::fs::read(&path).unwrap().len();
    std::fs::write(&path, vec![0u8; length]).unwrap();
    forge(&folder.join("state"), &path, inode);
}

#[test]
fn text_files_that_were_opened_before_are_not_read_for_their_types() {
    let csv = |from: i64| {
        let rows = (from..from + 50).map(|i| format!("{i},{},x{}\n", i * 2, i % 3));
        format!("a,b,t\n{}", rows.collect::<String>())
    };
    let ndjson = |from: i64| {
        let rows =
            (from..from + 50).map(|i| format!("{{\"a\": {i}, \"s\": {{\"t\": \"x{i}\"}}}}\n"));
        rows.collect::<String>()
    };
    for (end, text) in [("csv", &csv as &dyn Fn(i64) -> String), ("ndjson", &ndjson)] {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, from| {
            std::fs::write(folder.path().join(format!("{name}.{end}")), text(from)).unwrap();
        };
        write("a", 0);
        write("b", 1000);
        let glob = format!("*.{end}");
        let plain = profile(folder.path(), &[&glob]);
        assert_eq!(
            profile(folder.path(), &[&glob, "--state", "state"]),
            plain,
            "{end}"
        );
        write("c", 500);
        let all = profile(folder.path(), &[&glob]);
        for name in ["a", "b"] {
            garble(folder.path(), &format!("{name}.{end}"));
        }
        assert_eq!(
            profile(folder.path(), &[&glob, "--state", "state"]),
            all,
            "{end}"
        );
        // The new file is read: broken, it is refused.
        std::fs::write(folder.path().join(format!("d.{end}")), "{\"a\"").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .args(["profile", &glob, "--state", "state"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{end}");
    }
}

#[test]
fn files_of_other_types_are_read_together() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "n,e\n1,\n2,\n").unwrap();
    std::fs::write(folder.path().join("b.csv"), "e,n\n5,1.5\n,7\n").unwrap();
    std::fs::write(folder.path().join("c.csv"), "n,e\n1,8\n2,\n").unwrap();
    for files in [&["[ab].csv"][..], &["[ac].csv"], &["*.csv"]] {
        let plain = profile(folder.path(), files);
        let kept = [files, &["--state", "state"]].concat();
        assert_eq!(profile(folder.path(), &kept), plain, "{files:?}");
        assert_eq!(profile(folder.path(), &kept), plain, "{files:?}");
    }
}
