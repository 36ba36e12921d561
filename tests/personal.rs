//! Personal data and secrets: found by checks, and shown by no report.

use crate::harness::Gate;
use tollgate::record::Status;

fn texts(gate: &Gate) -> String {
    let read =
        |name: &str| std::fs::read_to_string(gate.folder.path().join("report").join(name)).unwrap();
    let files = ["run.json", "report.html", "report.md"].map(read);
    files.concat() + &gate.stdout + &gate.stderr
}

#[test]
fn what_is_found_is_counted_and_never_shown() {
    let data = "id,note,token\n1,write to ann@example.org,\n2,fine,postgres://a:s3cret@db/x\n3,fine,none\n";
    let gate = Gate::csv(
        data,
        "    expect:\n      - no_personal_data: note\n      - no_secrets: token\n      - in_set: {column: note, values: [fine]}\n",
    );
    assert_eq!(gate.outcome("d.no_personal_data(note)").failing, Some(1));
    assert_eq!(gate.outcome("d.no_secrets(token)").failing, Some(1));
    let sample = &gate.outcome("d.in_set(note)").samples[0];
    assert_eq!(sample.cells[0].value.as_deref(), Some("(redacted)"));
    assert_eq!(
        sample.reasons,
        ["d.no_personal_data(note)", "d.in_set(note)"]
    );
    let shown = texts(&gate);
    assert!(
        !shown.contains("ann@example") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[test]
fn a_column_of_addresses_is_redacted_as_a_whole() {
    let mut data = "mail,x\n".to_owned();
    for i in 0..40 {
        data.extend(["p", &i.to_string(), "@example.org,", &i.to_string(), "\n"]);
    }
    data += "half-an-address,40\nplain,41\n";
    let gate = Gate::csv(
        &data,
        "    expect:\n      - format: {column: mail, kind: email}\n      - between: {column: x, max: 39}\n",
    );
    let outcome = gate.outcome("d.format(mail)");
    assert_eq!((outcome.status, outcome.failing), (Status::Fail, Some(2)));
    let cells = outcome.samples.iter().flat_map(|s| &s.cells);
    assert!(
        cells.clone().count() == 2
            && cells
                .clone()
                .all(|c| c.value.as_deref() == Some("(redacted)"))
    );
    assert!(!texts(&gate).contains("half-an-address"));
    // Numbers are no texts.
    assert_eq!(
        gate.outcome("d.between(x)").samples[0].cells[0]
            .value
            .as_deref(),
        Some("40")
    );
}

#[test]
fn other_columns_are_shown_as_before() {
    let gate = Gate::csv(
        "x,y\na1,2\nb,3\n",
        "    expect:\n      - matches: {column: x, pattern: '^a'}\n",
    );
    let sample = &gate.outcome("d.matches(x)").samples[0];
    assert_eq!(sample.cells[0].value.as_deref(), Some("b"));
}

#[test]
fn decimals_with_many_digits_are_no_numbers_of_cards() {
    let rows = |value: &str| {
        let lines = (0..20).map(|i| format!("{i},a score of {value}"));
        format!("id,note\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    };
    let asked = "    expect:\n      - no_personal_data: note\n";
    let decimals = Gate::csv(&rows("0.4111111111111111"), asked);
    let outcome = decimals.outcome("d.no_personal_data(note)");
    assert_eq!((outcome.status, outcome.failing), (Status::Pass, Some(0)));
    assert!(texts(&decimals).contains("a score of 0.4111111111111111"));
    let cards = Gate::csv(&rows("4111111111111111"), asked);
    let outcome = cards.outcome("d.no_personal_data(note)");
    assert_eq!((outcome.status, outcome.failing), (Status::Fail, Some(20)));
    assert!(!texts(&cards).contains("4111111111111111"));
}
