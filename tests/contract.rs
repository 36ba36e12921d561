//! Contracts as users meet them: `tollgate init`, `tollgate diff`, `schema_stable`, `file_fresh`, and what is wrong in a contract.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Exit code, stdout and stderr of one command.
pub(crate) type Answer = (i32, String, String);

pub(crate) fn tollgate(folder: &Path, args: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (
        output.status.code().expect("not killed"),
        text(output.stdout),
        text(output.stderr),
    )
}

pub(crate) fn data(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("examples/flights/data")
        .join(name)
        .display()
        .to_string()
}

pub(crate) fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("readable")
}

pub(crate) fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    std::fs::write(path, text).expect("writable");
}

mod init {
    use super::*;

    fn flights(folder: &Path) -> Answer {
        let (january, airlines, airports) = (
            data("flights-2013-01.parquet"),
            data("airlines.csv"),
            data("airports.csv"),
        );
        tollgate(folder, &["init", &january, &airlines, &airports])
    }

    #[test]
    fn the_inferred_contracts_hold_on_their_own_data() {
        let folder = tempfile::tempdir().unwrap();
        let (code, stdout, stderr) = flights(folder.path());
        assert_eq!(code, 0, "{stderr}");
        assert!(
            stdout.ends_with("next: tollgate run tollgate.yaml\n"),
            "{stdout}"
        );
        let promised = |line: &str| -> Option<usize> {
            let (count, _) = line.split_once(": ")?.1.split_once(" promises")?;
            count.parse().ok()
        };
        let promised: usize = stdout.lines().filter_map(promised).sum();
        let (code, stdout, stderr) = tollgate(folder.path(), &["run"]);
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(stdout.ends_with("verdict: pass\n"), "{stdout}");
        let run = tollgate::report::read_run(&folder.path().join("tollgate-report/run.json"));
        assert_eq!(run.unwrap().outcomes.len(), promised);
    }

    #[test]
    fn the_inferred_contract_refuses_the_dirty_batch() {
        let folder = tempfile::tempdir().unwrap();
        flights(folder.path());
        let clean = read(folder.path(), "tollgate.yaml");
        let dirty = clean.replace("flights-2013-01.parquet", "flights-2013-02-dirty.parquet");
        assert_ne!(clean, dirty);
        write(folder.path(), "tollgate.yaml", dirty);
        let (code, stdout, stderr) = tollgate(folder.path(), &["run"]);
        assert_eq!(code, 1, "{stdout}{stderr}");
        for fault in [
            "not_null(origin)",
            "column_type(air_time)",
            "between(sched_dep_time)",
            "columns_match",
        ] {
            assert!(stdout.contains(fault), "{fault}: {stdout}");
        }
    }

    #[test]
    fn a_contract_is_written_for_a_person_to_edit() {
        let folder = tempfile::tempdir().unwrap();
        flights(folder.path());
        let contract = read(folder.path(), "contracts/flights.yaml");
        let schema = read(folder.path(), ".tollgate/contract.schema.json");
        assert!(schema.contains("\"in_set\""), "{schema}");
        assert!(
            contract.starts_with("# yaml-language-server: $schema=../"),
            "{contract}"
        );
        for line in [
            "  # 27004 rows, 0 nulls, 16 distinct values, 2 characters each\n  - name: carrier\n    type: string\n    nullable: false # guess",
            "    expect:\n      - in_set: {values: [EWR, JFK, LGA]} # guess: 3 distinct ones in 27004 values; fewer than 1 in 9001 rows would be new\n",
            "- between: {min: 0, max: 5000} # guess",
            "- length: {min: 3, max: 3} # guess: every value has 3 characters\n",
            "    #   - not_in_future # if these",
            "    #   - null_ratio: {max: 0.02} # 155 nulls of 27004 rows\n",
            "#   - row_count: {min: 10000, max: 50000} # guess: 27004 rows were seen",
            "    #   - in_set: {values: [2013]} # the same in all 27004 values",
        ] {
            assert!(contract.contains(line), "{line}\n{contract}");
        }
        let airports = read(folder.path(), "contracts/airports.yaml");
        assert!(
            airports.contains("key: [faa] # guess: the only column"),
            "{airports}"
        );
        let airlines = read(folder.path(), "contracts/airlines.yaml");
        assert!(
            airlines.contains(
                "# key: [carrier] # guess: without nulls and repeats are carrier, name\n"
            ),
            "{airlines}"
        );
    }

    #[test]
    fn personal_values_are_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let row = |i: usize| {
            let (two, three) = (i % 2, i % 3);
            format!("{i},zoe{two}@example.org,Zoe,+43 660 123456{three},17{two}\n")
        };
        let rows = (0..40).map(row).collect::<Vec<_>>().concat();
        write(
            folder.path(),
            "people.csv",
            format!("id,contact,first_name,line,shoe\n{rows}"),
        );
        let (code, stdout, stderr) = tollgate(folder.path(), &["init", "people.csv"]);
        assert_eq!(code, 0, "{stderr}");
        assert!(
            stdout.contains("never shown: contact, first_name, line\n"),
            "{stdout}"
        );
        let contract = read(folder.path(), "contracts/people.yaml");
        for secret in ["zoe", "Zoe", "+43", "123456"] {
            assert!(!contract.contains(secret), "{contract}");
        }
        assert_eq!(contract.matches("pii: true").count(), 3, "{contract}");
        assert!(contract.contains("format: {kind: email}"), "{contract}");
        assert!(contract.contains("key: [id]"), "{contract}");
        assert_eq!(tollgate(folder.path(), &["run"]).0, 0);
    }

    #[test]
    fn columns_of_many_values_are_looked_at_in_full() {
        let folder = tempfile::tempdir().unwrap();
        let row = |i: usize| format!("{i},user{i}@example.org,{},{}\n", i % 11_000, i + 1);
        let rows = (0..12_000).map(row).collect::<Vec<_>>().concat();
        write(
            folder.path(),
            "many.csv",
            format!("id,contact,twice,up\n{rows}"),
        );
        assert_eq!(tollgate(folder.path(), &["init", "many.csv"]).0, 0);
        let contract = read(folder.path(), "contracts/many.yaml");
        let repeated = "without nulls and repeats are id, contact, up\n";
        assert!(contract.contains(repeated), "{contract}");
        assert!(
            contract.contains("format: {kind: email}") && !contract.contains("user1"),
            "{contract}"
        );
        assert!(
            contract.contains("  # 12000 rows, 0 nulls, about 1"),
            "{contract}"
        );
        assert_eq!(tollgate(folder.path(), &["run"]).0, 0);
    }

    #[test]
    fn a_short_list_says_more_than_a_format() {
        let folder = tempfile::tempdir().unwrap();
        let row = |i: usize| {
            format!(
                "{},2013-02-{:02},{}\n",
                ["EUR", "USD", "GBP", "CHF"][i % 4],
                i % 2 + 1,
                ["x", ""][i % 2]
            )
        };
        let uuid = |i: usize| {
            let day = "2013-02-01T00:00:00Z";
            format!(
                "{{\"day\": \"{day}\", \"ref\": \"1f0c4d2e-6b1a-4d6e-9d2a-0242ac1200{i:02}\"}}\n"
            )
        };
        let rows = (0..40).map(row).collect::<Vec<_>>().concat();
        write(
            folder.path(),
            "pay.csv",
            format!("currency,day,note\n{rows}"),
        );
        write(
            folder.path(),
            "pay.ndjson",
            (0..20).map(uuid).collect::<String>(),
        );
        assert_eq!(
            tollgate(folder.path(), &["init", "pay.csv", "pay.ndjson"]).0,
            0
        );
        let contract = read(folder.path(), "contracts/pay.yaml");
        for line in [
            "- in_set: {values: [CHF, EUR, GBP, USD]} # guess: 4 distinct ones in 40 values; fewer than 1 in 13 rows would be new\n",
            "    #   - format: {kind: iso_currency} # every value is a valid iso currency, 40 values\n",
            "    type: date\n",
        ] {
            assert!(contract.contains(line), "{line}{contract}");
        }
        assert!(!contract.contains("null_ratio"), "{contract}");
        let other = read(folder.path(), "contracts/pay_2.yaml");
        assert!(
            other.contains("- format: {kind: uuid} # guess: every value is a valid uuid"),
            "{other}"
        );
        assert_eq!(tollgate(folder.path(), &["run"]).0, 0);
    }

    #[test]
    fn hostile_names_and_values_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let header = "\"a: b\",\"# c\",\"::error::x\",\"e\nf\",\"- g\",no\n";
        let row = "\"[x]\",\"y: z\",\"a\n# b\",\"\u{1b}[31m\",\"*w\",yes\n";
        let other = "\"{x}\",\"y\",\"c\",\"d\",\"&w\",no\n";
        write(
            folder.path(),
            "odd.csv",
            format!("{header}{}", format!("{row}{other}").repeat(30)),
        );
        let (code, stdout, stderr) = tollgate(folder.path(), &["init", "odd.csv"]);
        assert_eq!(code, 0, "{stdout}{stderr}");
        let contract = read(folder.path(), "contracts/odd.yaml");
        assert!(!contract.contains('\u{1b}'), "{contract}");
        assert_eq!(contract.matches("- in_set:").count(), 6, "{contract}");
        let (code, stdout, stderr) = tollgate(folder.path(), &["run"]);
        assert_eq!(code, 0, "{contract}{stdout}{stderr}");
    }

    #[test]
    fn nothing_is_replaced_without_force() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.csv", "x\n1\n2\n");
        write(folder.path(), "contracts/a.yaml", "mine");
        let (code, _, stderr) = tollgate(folder.path(), &["init", "a.csv"]);
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("contracts/a.yaml exists already") && stderr.contains("--force"),
            "{stderr}"
        );
        assert_eq!(read(folder.path(), "contracts/a.yaml"), "mine");
        assert!(!folder.path().join("tollgate.yaml").exists());
        let (code, _, stderr) = tollgate(folder.path(), &["init", "a.csv", "--force"]);
        assert_eq!(code, 0, "{stderr}");
        assert!(read(folder.path(), "contracts/a.yaml").contains("version: 1"));
    }

    #[test]
    fn another_folder_and_a_reference_are_seen_from_there() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "d/new.csv", "x\n1\n2\n");
        write(folder.path(), "d/old.csv", "x\n1\n3\n");
        write(folder.path(), "d/none.csv", "y\n1\n");
        let (code, _, stderr) = tollgate(
            folder.path(),
            &[
                "init",
                "d/new.csv",
                "--output",
                "gate",
                "--reference",
                "d/old.csv",
            ],
        );
        assert_eq!(code, 0, "{stderr}");
        let config = read(folder.path(), "gate/tollgate.yaml");
        assert!(
            config.contains("path: ../d/new.csv\n") && config.contains("reference: ../d/old.csv"),
            "{config}"
        );
        assert_eq!(tollgate(folder.path(), &["run", "gate/tollgate.yaml"]).0, 0);
        let (code, _, stderr) = tollgate(
            folder.path(),
            &["init", "d/new.csv", "--force", "--reference", "d/none.csv"],
        );
        assert_eq!(code, 2);
        assert!(
            stderr.contains("d/none.csv has the columns of no dataset given (y)"),
            "{stderr}"
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (code, _, stderr) = tollgate(folder.path(), &["init", "none.csv"]);
        assert_eq!(code, 3);
        assert!(stderr.contains("none.csv"), "{stderr}");
        let (code, _, stderr) = tollgate(folder.path(), &["init", "-"]);
        assert_eq!(code, 2);
        assert!(stderr.contains("stdin"), "{stderr}");
        assert!(!folder.path().join("tollgate.yaml").exists());
    }

    #[test]
    fn data_without_rows_promises_columns_only() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "empty.csv", "a,b\n");
        let (code, stdout, _) = tollgate(folder.path(), &["init", "empty.csv"]);
        assert_eq!(code, 0);
        assert!(
            stdout.contains("no rows: nothing could be inferred"),
            "{stdout}"
        );
        let contract = read(folder.path(), "contracts/empty.yaml");
        assert!(
            !contract.contains("nullable: false") && contract.contains("name: b"),
            "{contract}"
        );
    }
}
