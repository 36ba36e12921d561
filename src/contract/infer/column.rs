//! One column of an inferred contract: what was seen, what is promised, what is only suggested.

use super::{Repeats, SeenColumn, Widths, personal, round, yaml};
use crate::diagnostic::plural;
use crate::formats::Kind;
use crate::measure::{ColumnProfile, DistinctCount};
use crate::scalar::Scalar;
use crate::types::LogicalType;
use std::fmt::Write as _;

/// Distinct values at most for a list of allowed ones.
const SET_CAP: usize = 20;
/// A list of allowed values needs this many rows per value, or chance alone may have left some out.
const ROWS_PER_VALUE: u64 = 10;
/// Longest value that is written into a list.
const VALUE_LENGTH: usize = 60;

/// Characters after which a list is broken into lines.
const LINE: usize = 90;

/// What is promised and suggested of one column.
pub(super) struct Guesses {
    dtype: Option<String>,
    never_null: bool,
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
            line("    ", "nullable: false # guess: no null was seen");
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
pub(super) fn infer(column: &SeenColumn, rows: u64, widths: Widths) -> Guesses {
    let profile = &column.profile;
    let personal = personal(column);
    let mut guesses = Guesses {
        dtype: type_name(&column.field.dtype, widths),
        // No condition can look into a list, so that its nulls could not be tested.
        never_null: rows > 0 && count(profile, "nulls") == 0 && !column.field.dtype.is_nested(),
        personal,
        expect: Vec::new(),
        suggest: Vec::new(),
    };
    if count(profile, "rows") == count(profile, "nulls") || profile.not_profiled.is_some() {
        return guesses;
    }
    guesses.suggest.extend(null_ratio(profile));
    match &column.field.dtype {
        LogicalType::String => texts(column, &mut guesses),
        dtype if dtype.is_numeric() => numbers(column, &mut guesses),
        LogicalType::Date | LogicalType::Timestamp { .. } => guesses.suggest.push((
            "not_in_future".to_owned(),
            "if these are events that have happened".to_owned(),
        )),
        _ => {}
    }
    guesses
}

fn personal(column: &SeenColumn) -> Option<&'static str> {
    if personal::by_name(&column.field.name) {
        Some("the name looks personal")
    } else if column.texts.as_ref().is_some_and(super::Texts::is_personal) {
        Some("the values look personal")
    } else {
        None
    }
}

/// Twice the seen share of nulls, rounded up to a percent; nothing where that bounds nothing.
fn null_ratio(profile: &ColumnProfile) -> Option<(String, String)> {
    let (nulls, rows) = (count(profile, "nulls"), count(profile, "rows"));
    let percent = nulls.saturating_mul(200).div_ceil(rows.max(1));
    let reason = format!("{} of {}", plural(nulls, "null"), plural(rows, "row"));
    (nulls > 0 && percent < 100).then(|| (format!("null_ratio: {{max: 0.{percent:02}}}"), reason))
}

fn texts(column: &SeenColumn, guesses: &mut Guesses) {
    let profile = &column.profile;
    let format = column.texts.as_ref().and_then(super::Texts::format);
    let list = short_values(profile).filter(|_| guesses.personal.is_none());
    // Two or three letters are a country or a currency by chance often enough; a short list says more.
    let is_code = matches!(format, None | Some(Kind::IsoCountry | Kind::IsoCurrency));
    if let Some(list) = list.filter(|_| is_code) {
        set(&list, profile, guesses);
        guesses.suggest.extend(format.map(of_format));
    } else if let Some(kind) = format {
        guesses.expect.push(of_format(kind));
    } else if guesses.personal.is_none() {
        guesses.expect.extend(fixed_length(profile));
    }
}

/// The few values of a column as YAML, where none is too long for a list.
fn short_values(profile: &ColumnProfile) -> Option<Vec<String>> {
    let values = small_set(profile)?;
    let fits = |(value, _): &(String, u64)| value.chars().count() <= VALUE_LENGTH;
    let all = values.iter().all(fits);
    all.then(|| values.iter().map(|(v, _)| yaml::scalar(v)).collect())
}

fn of_format(kind: Kind) -> (String, String) {
    let name = kind.name().replace('_', " ");
    (
        format!("format: {{kind: {kind}}}"),
        format!("every value is a valid {name}"),
    )
}

fn fixed_length(profile: &ColumnProfile) -> Option<(String, String)> {
    let (least, greatest) = (count(profile, "length_min"), count(profile, "length_max"));
    let reason = format!("every value has {}", plural(least, "character"));
    (least == greatest && least > 0)
        .then(|| (format!("length: {{min: {least}, max: {least}}}"), reason))
}

fn numbers(column: &SeenColumn, guesses: &mut Guesses) {
    let profile = &column.profile;
    let whole = matches!(
        column.field.dtype,
        LogicalType::Int(_) | LogicalType::UInt(_)
    );
    if count(profile, "nan") > 0 || guesses.personal.is_some() {
        return;
    }
    let (min, max) = (profile.measure("min"), profile.measure("max"));
    let (Some(min), Some(max)) = (min, max) else {
        return;
    };
    if whole && let Some(list) = spread_values(profile, &min, &max) {
        set(&list, profile, guesses);
        return;
    }
    if column.repeats == Repeats::Never && whole {
        return;
    }
    let bounds = match (&min, &max) {
        (Scalar::Int(low), Scalar::Int(high)) => round::integers(low.0, high.0),
        _ => min
            .number()
            .zip(max.number())
            .and_then(|(l, h)| round::floats(l, h)),
    };
    if let Some((low, high)) = bounds {
        guesses.expect.push((
            format!("between: {{min: {low}, max: {high}}}"),
            "rounded outward from what was seen".to_owned(),
        ));
    }
}

/// Few whole numbers with gaps between them: codes. Without a gap they are a range; one alone is a constant.
fn spread_values(profile: &ColumnProfile, min: &Scalar, max: &Scalar) -> Option<Vec<String>> {
    let (Scalar::Int(low), Scalar::Int(high)) = (min, max) else {
        return None;
    };
    let values = small_set(profile)?;
    let mut numbers: Vec<i128> = values
        .iter()
        .map(|(v, _)| v.parse().ok())
        .collect::<Option<_>>()?;
    numbers.sort_unstable();
    let ends = numbers.first() == Some(&low.0) && numbers.last() == Some(&high.0);
    let gaps = high.0 - low.0 + 1 > numbers.len() as i128;
    (ends && (gaps || numbers.len() == 1))
        .then(|| numbers.iter().map(ToString::to_string).collect())
}

/// Allowed values; a single one is only suggested, as it may be this batch's own.
fn set(list: &[String], profile: &ColumnProfile, guesses: &mut Guesses) {
    let expectation = format!("in_set: {{values: [{}]}}", list.join(", "));
    let rows = plural(count(profile, "rows") - count(profile, "nulls"), "value");
    if list.len() == 1 {
        let reason = format!("the same in all {rows}; it may be this batch's own");
        guesses.suggest.push((expectation, reason));
    } else {
        let reason = format!("{} in {rows}", plural(list.len() as u64, "distinct one"));
        guesses.expect.push((expectation, reason));
    }
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

fn small_set(profile: &ColumnProfile) -> Option<Vec<(String, u64)>> {
    let values = profile.values_seen()?;
    let rows = count(profile, "rows") - count(profile, "nulls");
    let few = values.len() <= SET_CAP && rows >= ROWS_PER_VALUE * values.len() as u64;
    (few && !values.is_empty()).then_some(values)
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
