//! Keys of several columns in inferred contracts.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

fn init(folder: &Path, data: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("init")
        .args(data)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let contracts = folder.join("contracts");
    let made = std::fs::read_dir(contracts)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    std::fs::read_to_string(made.path()).unwrap()
}

/// A day of a month for each of `stores`: one row for each pair; `twice` repeats the last pair.
fn sales(stores: usize, days: usize, twice: bool) -> String {
    let mut text = "store,day,amount,clerk\n".to_owned();
    for day in 0..days {
        for store in 0..stores {
            writeln!(
                text,
                "s{store},2013-0{}-{:02},{},{}",
                1 + day / 28,
                1 + day % 28,
                (day * store) % 97,
                store % 7
            )
            .unwrap();
        }
    }
    if twice {
        writeln!(
            text,
            "s{},2013-0{}-{:02},1,1",
            stores - 1,
            1 + (days - 1) / 28,
            1 + (days - 1) % 28
        )
        .unwrap();
    }
    text
}

fn of(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sales.csv"), text).unwrap();
    let contract = init(folder.path(), &["sales.csv"]);
    let line = contract.lines().find(|line| line.contains("key: ["));
    line.unwrap_or_default().to_owned()
}

#[test]
fn two_columns_that_never_repeat_together_are_suggested() {
    assert_eq!(
        of(&sales(50, 56, false)),
        "# key: [store, day] # guess: together never repeat (store, day), in 2800 rows"
    );
}

#[test]
fn one_repeat_is_enough_and_a_small_table_has_no_such_key() {
    assert_eq!(of(&sales(50, 56, true)), "");
    assert_eq!(of(&sales(25, 28, false)), "", "700 rows");
}

#[test]
fn what_hardly_repeats_by_itself_is_no_evidence() {
    // 2,000 rows whose two numbers have nearly as many values: no pair repeats, and none would by chance.
    let mut text = "a,b\n".to_owned();
    for i in 0..2_000 {
        writeln!(text, "{},{}", i % 1_900, (i * 7) % 1_800).unwrap();
    }
    assert_eq!(of(&text), "");
}

#[test]
fn three_columns_where_no_two_do_and_every_batch_must_keep_it() {
    let batch = |month: usize, twice: bool| {
        let mut text = "store,day,hour,amount\n".to_owned();
        for i in 0..2_400 {
            let (store, day, hour) = (i % 10, i / 10 % 20, i / 200);
            writeln!(
                text,
                "s{store},2013-0{month}-{:02},{hour},{}",
                1 + day,
                i % 3
            )
            .unwrap();
        }
        if twice {
            writeln!(text, "s0,2013-0{month}-01,0,1").unwrap();
        }
        text
    };
    let key = |second: String| {
        let folder = tempfile::tempdir().unwrap();
        let names = ["sales-2013-01.csv", "sales-2013-02.csv"];
        std::fs::write(folder.path().join(names[0]), batch(1, false)).unwrap();
        std::fs::write(folder.path().join(names[1]), second).unwrap();
        let contract = init(folder.path(), &names);
        contract
            .lines()
            .find(|line| line.contains("key: ["))
            .unwrap_or_default()
            .to_owned()
    };
    let wanted =
        "# key: [store, day, hour] # guess: together never repeat (store, day, hour), in 4800 rows";
    assert_eq!(key(batch(2, false)), wanted);
    assert_eq!(key(batch(2, true)), "");
}
