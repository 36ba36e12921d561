//! One column of an inferred contract: what was seen, what is promised, what is only suggested.

use super::batches::{self, Across};
use super::guess::{Guess, Made, guesses};
use super::{Repeats, SeenBatch, SeenColumn, Widths, personal, yaml};
use crate::detect::{self, Detector};
use crate::diagnostic::plural;
use crate::formats::Kind;
use crate::measure::{ColumnProfile, DistinctCount};
use crate::scalar::Scalar;
use crate::types::LogicalType;
use std::fmt::Write as _;

/// Characters after which a list is broken into lines.
const LINE: usize = 90;

/// What is promised and suggested of one column.
pub(super) struct Guesses {
    dtype: Option<String>,
    never_null: bool,
    /// How many rows and batches say so.
    support: String,
    personal: Option<&'static str>,
    /// Expectations with the reason for each.
    expect: Vec<(String, String)>,
    /// Expectations written as comments.
    suggest: Vec<(String, String)>,
}

impl Guesses {
    /// What will be checked of the column itself: type, nulls, expectations.
    pub(super) fn promises(&self) -> usize {
        usize::from(self.dtype.is_some()) + usize::from(self.never_null) + self.expect.len()
    }

    pub(super) fn is_personal(&self) -> bool {
        self.personal.is_some()
    }

    /// The column's lines in the contract.
    pub(super) fn write(&self, column: &SeenColumn) -> String {
        let mut text = String::new();
        let mut line = |indent: &str, rest: &str| {
            writeln!(text, "{indent}{rest}").expect("writing to a String cannot fail");
        };
        line("  # ", &self.seen(column));
        line(
            "  - ",
            &format!("name: {}", yaml::scalar(&column.field.name)),
        );
        match &self.dtype {
            Some(dtype) => line("    ", &format!("type: {dtype}")),
            None => line(
                "    # ",
                &format!("type: {}", yaml::comment(&column.field.dtype.to_string())),
            ),
        }
        if self.never_null {
            let reason = format!("nullable: false # guess: no null was seen{}", self.support);
            line("    ", &reason);
        }
        if let Some(reason) = self.personal {
            line(
                "    ",
                &format!("pii: true # guess: {reason}; values are never shown"),
            );
        }
        match (self.expect.is_empty(), self.suggest.is_empty()) {
            (true, true) => {}
            (true, false) => line("    # ", "expect:"),
            (false, _) => line("    ", "expect:"),
        }
        for (expectation, reason) in &self.expect {
            match expectation.split_once(": {values: ") {
                Some((check, list)) if expectation.len() > LINE => {
                    line("      ", &format!("- {check}: # guess: {reason}"));
                    let list = list.trim_end_matches('}');
                    line("          ", &format!("values: {}", folded(list)));
                }
                _ => line("      ", &format!("- {expectation} # guess: {reason}")),
            }
        }
        for (expectation, reason) in &self.suggest {
            line("    # ", &format!("  - {expectation} # {reason}"));
        }
        text
    }

    /// `27004 rows, 0 nulls, 16 distinct values, min 80, max 4983`; nothing of the values where they are personal.
    fn seen(&self, column: &SeenColumn) -> String {
        let profile = &column.profile;
        let number = |name: &str| count(profile, name);
        let mut parts = vec![
            plural(number("rows"), "row"),
            plural(number("nulls"), "null"),
        ];
        for (name, noun) in [("nan", "NaN"), ("blank", "blank text")] {
            if number(name) > 0 {
                parts.push(plural(number(name), noun));
            }
        }
        if let Some(reason) = &profile.not_profiled {
            parts.push(yaml::comment(reason));
        } else if let Some(values) = profile.values_seen() {
            parts.push(plural(values.len() as u64, "distinct value"));
        } else {
            parts.push(match profile.distinct() {
                DistinctCount::Exact(count) => plural(count, "distinct value"),
                DistinctCount::About(estimate) => format!("about {estimate:.0} distinct values"),
            });
        }
        let shown = |name: &str| profile.measure(name).map(|v| yaml::comment(&v.to_string()));
        if self.personal.is_none()
            && column.field.dtype != LogicalType::String
            && let (Some(min), Some(max)) = (shown("min"), shown("max"))
        {
            parts.push(format!("min {min}, max {max}"));
        }
        if let (Some(min), Some(max)) = (shown("length_min"), shown("length_max")) {
            parts.push(if min == max {
                format!("{min} characters each")
            } else {
                format!("{min} to {max} characters")
            });
        }
        parts.join(", ")
    }
}

/// Guesses what one column promises.
pub(super) fn infer(
    column: &SeenColumn,
    rows: u64,
    widths: Widths,
    batches: &[SeenBatch],
) -> Guesses {
    let profile = &column.profile;
    let personal = personal(column);
    let mut found = Guesses {
        dtype: type_name(&column.field.dtype, widths),
        // No condition can look into a list, so that its nulls could not be tested.
        never_null: rows > 0 && count(profile, "nulls") == 0 && !column.field.dtype.is_nested(),
        support: batches::rows(rows, batches.len()),
        personal,
        expect: Vec::new(),
        suggest: Vec::new(),
    };
    if count(profile, "rows") == count(profile, "nulls") || profile.not_profiled.is_some() {
        return found;
    }
    let format = column
        .texts
        .as_ref()
        .and_then(|t| t.format(distinct(profile)));
    // Two or three letters are a country or a currency by chance often enough; a short list says more.
    let is_code = matches!(format, None | Some(Kind::IsoCountry | Kind::IsoCurrency));
    let identifies = column.repeats == Repeats::Never;
    let mut listed = false;
    for made in guesses(profile, &column.field.dtype, identifies) {
        let shows = matches!(
            made.guess,
            Guess::Set(..) | Guess::Between(..) | Guess::Length(_)
        );
        if shows && (personal.is_some() || !is_code) {
            continue;
        }
        if format.is_some() && matches!(made.guess, Guess::Length(_)) {
            continue;
        }
        listed |= matches!(made.guess, Guess::Set(..));
        add(made, column, batches, &mut found);
    }
    match format {
        Some(kind) if listed => found.suggest.push(of_format(kind, profile)),
        Some(kind) => found.expect.push(of_format(kind, profile)),
        None => {}
    }
    if let LogicalType::Date | LogicalType::Timestamp { .. } = &column.field.dtype {
        let reason = "if these are events that have happened".to_owned();
        found.suggest.push(("not_in_future".to_owned(), reason));
        found.suggest.extend(batches::cadence(column));
    }
    if let Some(relation) = &column.relation {
        found.expect.push(relation.expectation(&column.field.name));
    }
    found
}

/// Adds a guess: as a promise where one batch is enough or several agree, as a suggestion otherwise.
fn add(made: Made, column: &SeenColumn, batches: &[SeenBatch], into: &mut Guesses) {
    let (guess, across) = batches::across(made.guess, column, batches);
    let many = matches!(guess, Guess::Nulls(_)) && matches!(across, Across::All(n) if n >= 3);
    let line = (guess.text(), made.reason + &across.words());
    if (made.promised || many) && !matches!(across, Across::Broken(..)) {
        into.expect.push(line);
    } else {
        into.suggest.push(line);
    }
}

/// Distinct values, as many as are surely there.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate of 0 or more, far below 2^53"
)]
fn distinct(profile: &ColumnProfile) -> u64 {
    match profile.distinct() {
        DistinctCount::Exact(n) => n,
        DistinctCount::About(n) => (n.max(0.0) * 0.9) as u64,
    }
}

fn personal(column: &SeenColumn) -> Option<&'static str> {
    if personal::by_name(&column.field.name) {
        Some("the name looks personal")
    } else if column.texts.as_ref().is_some_and(super::Texts::is_personal) {
        Some("the values look personal, or like secrets")
    } else {
        let found = detect::in_profile(&column.profile, &Detector::of_reports());
        found.map(|_| "some values look personal, or like secrets")
    }
}

fn of_format(kind: Kind, profile: &ColumnProfile) -> (String, String) {
    let name = kind.name().replace('_', " ");
    let values = plural(profile.non_null(), "value");
    (
        format!("format: {{kind: {kind}}}"),
        format!("every value is a valid {name}, {values}"),
    )
}

/// A flow list on several lines, broken after commas that stand between scalars.
fn folded(list: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for item in list.split_inclusive(", ") {
        if width + item.len() > LINE && width > 0 && text.matches('"').count().is_multiple_of(2) {
            text.truncate(text.trim_end().len());
            text.push_str("\n            ");
            width = 0;
        }
        text.push_str(item);
        width += item.len();
    }
    text
}

fn count(profile: &ColumnProfile, name: &str) -> u64 {
    match profile.measure(name) {
        Some(Scalar::Int(v)) => u64::try_from(v.0).unwrap_or(0),
        _ => 0,
    }
}

/// The type as a contract writes it. Families for integers and floats: a batch from another writer may be narrower.
fn type_name(dtype: &LogicalType, widths: Widths) -> Option<String> {
    use LogicalType as T;
    Some(match dtype {
        T::Int(_) | T::UInt(_) => "integer".to_owned(),
        T::Float(_) if widths == Widths::Guessed => "number".to_owned(),
        T::Float(_) => "float".to_owned(),
        T::List(_) => "list".to_owned(),
        T::Struct(_) => "struct".to_owned(),
        T::Map(..) => "map".to_owned(),
        T::Null | T::Other(_) => return None,
        exact => exact.to_string(),
    })
}
