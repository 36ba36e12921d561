//! Inference over several batches: what they agree on is promised, the rest is suggested with the reason.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use crate::contract::{read, tollgate, write};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// One month of orders; every month has its own number, and amounts of the same kind.
fn month(folder: &Path, number: usize, rows: usize) {
    let mut text = "id,month,day,kind,amount,customer_id\n".to_owned();
    for i in 0..rows {
        let (id, day) = (number * 10_000 + i, i % 28 + 1);
        let kind = ["new", "old", "odd"][(i * 7 + number) % 3];
        let amount = (i * 37 % 400) as f64 / 4.0 + 1.0;
        writeln!(
            text,
            "{id},{number},2026-{number:02}-{day:02},{kind},{amount},{}",
            i % 50
        )
        .unwrap();
    }
    write(folder, &format!("orders-2026-{number:02}.csv"), text);
}

fn customers(folder: &Path, many: usize) {
    let row = |i: usize| format!("{i},Linz{}\n", i % 4);
    let rows = (0..many).map(row).collect::<Vec<_>>().concat();
    write(folder, "customers.csv", format!("id,town\n{rows}"));
}

const MONTHS: [&str; 3] = [
    "orders-2026-01.csv",
    "orders-2026-02.csv",
    "orders-2026-03.csv",
];

#[test]
fn batches_of_one_dataset_are_brought_together() {
    let folder = tempfile::tempdir().unwrap();
    for (number, rows) in [(1, 400), (2, 360), (3, 420), (4, 380)] {
        month(folder.path(), number, rows);
    }
    customers(folder.path(), 60);
    let args = [&["init", "customers.csv"], &MONTHS[..]].concat();
    let (code, stdout, stderr) = tollgate(folder.path(), &args);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("contracts/orders.yaml: ")
            && stdout.contains("from 1180 rows of 3 batches"),
        "{stdout}"
    );
    let config = read(folder.path(), "tollgate.yaml");
    assert!(config.contains("path: orders-2026-03.csv"), "{config}");
    let contract = read(folder.path(), "contracts/orders.yaml");
    for line in [
        "nullable: false # guess: no null was seen in 1180 rows of 3 batches\n",
        "      - in_set: {values: [new, odd, old]} # guess: 3 distinct ones in 1180 values; fewer than 1 in 393 rows would be new; 3 of 3 batches keep what the others say\n",
        "    #   - between: {min: 1, max: 3} # seen 1 to 3, many rows at both ends; not promised: orders-2026-01.csv breaks what the other 2 say\n",
        "      - foreign_key: {columns: customer_id, dataset: customers, their_columns: id} # guess: all of 1180 values are among the keys of the other dataset\n",
        "  - row_count: {min: 100, max: 700} # guess: 3 batches had 360 to 420 rows\n",
        "    #   - data_fresh: {max_age: 62d} # 3 batches ended 28 d to 31 d apart\n",
        "key: [id] # guess",
    ] {
        assert!(contract.contains(line), "{line}{contract}");
    }
    let next = config.replace("orders-2026-03", "orders-2026-04");
    write(folder.path(), "tollgate.yaml", next);
    let (code, stdout, stderr) = tollgate(folder.path(), &["run"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn saved_profiles_are_batches_without_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    for number in [1, 2, 3] {
        month(folder.path(), number, 400);
    }
    for number in [1, 2] {
        let (data, saved) = (
            format!("orders-2026-{number:02}.csv"),
            format!("orders-{number:02}.profile"),
        );
        let (code, _, stderr) = tollgate(folder.path(), &["profile", &data, "--output", &saved]);
        assert_eq!(code, 0, "{stderr}");
    }
    let args = [
        "init",
        "orders-01.profile",
        "orders-02.profile",
        "orders-2026-03.csv",
    ];
    let (code, stdout, stderr) = tollgate(folder.path(), &args);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("from 1200 rows of 3 batches"), "{stdout}");
    assert_eq!(tollgate(folder.path(), &["run"]).0, 0);
    let (code, _, stderr) = tollgate(folder.path(), &["init", "orders-01.profile", "--force"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("name the data that the contract is for too"),
        "{stderr}"
    );
}

#[test]
fn a_list_with_rare_values_is_only_suggested() {
    let folder = tempfile::tempdir().unwrap();
    let kind = |i: usize| if i == 77 { "rare" } else { ["a", "b"][i % 2] };
    let row = |i: usize| kind(i).to_owned() + "\n";
    let rows = (0..300).map(row).collect::<Vec<_>>().concat();
    write(folder.path(), "d.csv", format!("k\n{rows}"));
    assert_eq!(tollgate(folder.path(), &["init", "d.csv"]).0, 0);
    let contract = read(folder.path(), "contracts/d.yaml");
    let line = "    #   - in_set: {values: [a, b, rare]} # 3 distinct ones in 300 values; about 1 in 300 rows would be new\n";
    assert!(contract.contains(line), "{contract}");
}

#[test]
fn keys_of_other_datasets_are_found_by_rows_where_they_are_too_many_to_list() {
    let folder = tempfile::tempdir().unwrap();
    let orders = |beyond: usize| -> String {
        let row = |i: usize| format!("{i},{}\n", i + beyond);
        let rows = (0..11_000).map(row).collect::<Vec<_>>().concat();
        format!("n,customer_id\n{rows}")
    };
    customers(folder.path(), 11_000);
    for (beyond, found) in [(0, true), (1, false)] {
        write(folder.path(), "orders.csv", orders(beyond));
        let args = ["init", "orders.csv", "customers.csv", "--force"];
        assert_eq!(tollgate(folder.path(), &args).0, 0);
        let contract = read(folder.path(), "contracts/orders.yaml");
        assert_eq!(contract.contains("foreign_key:"), found, "{contract}");
    }
    assert_eq!(tollgate(folder.path(), &["run"]).0, 0);
}

/// What months 4 to 12 break of the contract of months 1 to 3, each with the reason why it is a change of the data.
const REAL: &[(&str, &str)] = &[
    (
        "flights.between(hour)",
        "July 27: one flight of US Airways is scheduled at 01:06, from Newark to LaGuardia, 17 miles; no other of the year \
         is before 05:00",
    ),
    ("flights.between(sched_dep_time)", "the same flight"),
];

/// The year of flights, from a package that `tests/requirements.txt` names; absent where no Python has it.
fn year(folder: &Path) -> bool {
    let Ok(python) = std::env::var("TOLLGATE_PYTHON") else {
        assert!(
            std::env::var("CI").is_err(),
            "CI names a Python in TOLLGATE_PYTHON"
        );
        eprintln!("skipped: TOLLGATE_PYTHON names no Python with tests/requirements.txt");
        return false;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/months.py");
    let status = Command::new(python)
        .arg(script)
        .arg(folder)
        .status()
        .unwrap();
    assert!(status.success());
    true
}

#[test]
fn the_contract_of_a_quarter_holds_for_the_rest_of_the_year() {
    let folder = tempfile::tempdir().unwrap();
    if !year(folder.path()) {
        return;
    }
    let names: Vec<String> = (1..=12)
        .map(|m| format!("flights-2013-{m:02}.csv"))
        .collect();
    let quarter = names[..3].iter().map(String::as_str);
    let args: Vec<&str> = ["init", "airlines.csv", "airports.csv"]
        .into_iter()
        .chain(quarter)
        .collect();
    let (code, _, stderr) = tollgate(folder.path(), &args);
    assert_eq!(code, 0, "{stderr}");
    let config = read(folder.path(), "tollgate.yaml");
    let mut broken = Vec::new();
    for name in &names[3..] {
        write(
            folder.path(),
            "tollgate.yaml",
            config.replace(&names[2], name),
        );
        let (code, _, stderr) = tollgate(folder.path(), &["run"]);
        assert!(code < 2, "{name}: {stderr}");
        let run = folder.path().join("tollgate-report/run.json");
        let run = tollgate::report::read_run(&run).unwrap();
        let fails = run
            .outcomes
            .iter()
            .filter(|o| o.status == tollgate::record::Status::Fail);
        broken.extend(fails.map(|o| o.id.clone()));
    }
    broken.sort();
    broken.dedup();
    let real: Vec<&str> = REAL.iter().map(|(id, _)| *id).collect();
    assert_eq!(broken, real);
}

#[test]
fn a_column_without_a_name_is_left_out_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..40).map(|i| format!("{{\"\": {i}, \"id\": {}}}\n", i % 7));
    write(folder.path(), "d.ndjson", rows.collect::<String>());
    let (code, stdout, stderr) = tollgate(folder.path(), &["init", "d.ndjson"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let contract = read(folder.path(), "contracts/d.yaml");
    assert!(contract.contains("has no name"), "{contract}");
    let (code, stdout, stderr) = tollgate(folder.path(), &["run"]);
    assert_eq!(code, 0, "{stdout}{stderr}\n{contract}");
}
