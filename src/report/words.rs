//! Phrases that every report shares: what was found, what is allowed, where it is written.

use super::text::{clip, line};
use crate::record::{DatasetRecord, Measurement, Outcome, Run, Status, Threshold};

/// How many rows a dataset has, or that it was not evaluated.
pub(super) fn rows_of(run: &Run, dataset: &DatasetRecord) -> String {
    if run.is_read(&dataset.name) {
        counted(dataset.rows, "row")
    } else {
        "not evaluated".to_owned()
    }
}

/// Digits in groups of three: `24,951`.
#[must_use]
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `24,951 rows`.
#[must_use]
pub(crate) fn counted(n: u64, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", grouped(n))
}

/// A share between 0 and 1 in per cent, never rounded to nothing or to everything: `2.3 %`, `< 0.1 %`, `> 99.9 %`.
#[must_use]
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value > 0.0 && value < 0.1 {
        "< 0.1 %".to_owned()
    } else if value > 99.9 && value < 100.0 {
        "> 99.9 %".to_owned()
    } else {
        let text = format!("{value:.1}");
        format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Share of failing rows, 0 to 1; absent where the check does not count rows or there are none.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
pub(super) fn share(outcome: &Outcome) -> Option<f64> {
    match (outcome.failing, outcome.rows) {
        (Some(failing), Some(rows)) if rows > 0 => Some(failing as f64 / rows as f64),
        _ => None,
    }
}

/// What was found: `580 of 24,951 rows (2.3 %)`, `psi 0.31`; empty when nothing was measured.
#[must_use]
pub(super) fn found(outcome: &Outcome) -> String {
    match (outcome.failing, outcome.rows) {
        (Some(failing), Some(rows)) => {
            let share = share(outcome).map_or_else(String::new, |s| format!(" ({})", percent(s)));
            return format!("{} of {}{share}", grouped(failing), counted(rows, "row"));
        }
        (Some(failing), None) => return format!("{} failing", grouped(failing)),
        _ => {}
    }
    let each = outcome.measured.iter().map(|m| match m.name.as_str() {
        "rows" => measured_text(m),
        name => format!("{} {}", label(name), measured_text(m)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// What is allowed: `none`, `at most 40 rows`, `10 to 20`; empty when there is no limit.
#[must_use]
pub(super) fn allowed(outcome: &Outcome) -> String {
    if let [low, high] = &outcome.limits[..]
        && low.name == high.name
        && low.op == ">="
        && high.op == "<="
    {
        return format!("{} to {}", bound(outcome, low), bound(outcome, high));
    }
    if let [only] = &outcome.limits[..]
        && only.name == "failing"
        && only.op == "<="
        && only.text == "0"
    {
        return "none".to_owned();
    }
    let several = outcome
        .limits
        .iter()
        .any(|l| l.name != outcome.limits[0].name);
    let each = outcome.limits.iter().map(|l| {
        let name = if several {
            format!("{} ", label(&l.name))
        } else {
            String::new()
        };
        format!("{name}{} {}", operator(&l.op), bound(outcome, l))
    });
    each.collect::<Vec<_>>().join(", ")
}

/// A measurement's value with its unit.
#[must_use]
pub(super) fn measured_text(measured: &Measurement) -> String {
    number(
        &measured.text,
        measured.number,
        unit(&measured.name, &measured.unit),
    )
}

/// The stated unit, or the one that the name says.
fn unit<'a>(name: &str, stated: &'a str) -> &'a str {
    if stated.is_empty() && name.ends_with("_ratio") {
        "ratio"
    } else {
        stated
    }
}

/// A limit's value with the unit of what it bounds.
#[must_use]
pub(super) fn bound(outcome: &Outcome, limit: &Threshold) -> String {
    let stated = measurement(outcome, limit).map_or("", |m| m.unit.as_str());
    let unit = unit(&limit.name, stated);
    number(&limit.text, limit.number, unit)
}

/// The measurement that a limit bounds.
#[must_use]
pub(super) fn measurement<'a>(outcome: &'a Outcome, limit: &Threshold) -> Option<&'a Measurement> {
    outcome.measured.iter().find(|m| m.name == limit.name)
}

/// A number for a reader: counts in groups, ratios in per cent, other units behind it.
#[must_use]
pub(super) fn number(text: &str, value: Option<f64>, unit: &str) -> String {
    match (unit, value) {
        ("ratio", Some(v)) if (0.0..=1.0).contains(&v) => percent(v),
        ("rows", _) => match text.parse() {
            Ok(n) => counted(n, "row"),
            Err(_) => format!("{} rows", clip(&line(text), 60)),
        },
        ("" | "ratio", _) => clip(&line(text), 60),
        (unit, _) => format!("{} {}", clip(&line(text), 60), line(unit)),
    }
}

/// `contracts/flights.yaml:14`.
#[must_use]
pub(super) fn place(outcome: &Outcome) -> Option<String> {
    let place = outcome.location.as_ref()?;
    Some(format!("{}:{}", line(&place.file), place.line))
}

/// The day and minute of an RFC 3339 clock: `2013-03-01 06:00 UTC`; other texts unchanged.
#[must_use]
pub(super) fn moment(clock: &str) -> String {
    match (clock.get(..10), clock.get(10..11), clock.get(11..16)) {
        (Some(day), Some("T"), Some(minute)) if clock.ends_with('Z') => {
            format!("{day} {minute} UTC")
        }
        _ => line(clock),
    }
}

/// Since when an outcome does not pass: `since 3 runs, first on 2026-11-20`, `new in this run`; absent where no run
/// came before.
#[must_use]
pub(super) fn since(outcome: &Outcome) -> Option<String> {
    let began = outcome.began.as_ref()?;
    Some(match began.runs {
        0 | 1 => "new in this run".to_owned(),
        n => {
            let day = began.at.get(..10).unwrap_or(&began.at);
            format!("since {}, first on {}", counted(n, "run"), line(day))
        }
    })
}

/// A size for people: `812 bytes`, `1.2 MB` (powers of 1000).
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "one decimal place is shown")]
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// The sign beside a status word; never shown without the word.
#[must_use]
pub(super) fn sign(status: Status) -> &'static str {
    match status {
        Status::Pass => "✓",
        Status::Warn => "!",
        Status::Waived => "~",
        Status::Skipped => "–",
        Status::Inconclusive => "?",
        Status::Fail => "✗",
        Status::Error => "⊘",
    }
}

/// Owners named by the outcomes, in their order, each once.
#[must_use]
pub(super) fn owners<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for owner in outcomes.into_iter().filter_map(|o| o.owner.as_deref()) {
        if !found.contains(&owner) {
            found.push(owner);
        }
    }
    found
}

/// A measure's name in words: `null_ratio` is `null ratio`, `js` is `Jensen-Shannon distance`.
fn label(name: &str) -> String {
    if let Some(of) = name.strip_suffix("_unchanged") {
        return format!("{} where nothing changed", label(of));
    }
    match name {
        "psi" => "PSI".to_owned(),
        "ks" => "Kolmogorov-Smirnov distance".to_owned(),
        "js" => "Jensen-Shannon distance".to_owned(),
        "kl" => "Kullback-Leibler divergence".to_owned(),
        "hellinger" => "Hellinger distance".to_owned(),
        "l_infinity" => "L-infinity distance".to_owned(),
        "chi_square" => "chi-squared distance".to_owned(),
        "cramer_von_mises" => "Cramér-von Mises distance".to_owned(),
        "wasserstein" => "Wasserstein distance".to_owned(),
        "energy" => "energy distance".to_owned(),
        _ => line(name).replace('_', " "),
    }
}

/// An operator in words.
#[must_use]
pub(super) fn operator(op: &str) -> &'static str {
    match op {
        "<=" => "at most",
        ">=" => "at least",
        "<" => "below",
        ">" => "above",
        "==" => "exactly",
        _ => "not",
    }
}

/// A metric's value with at most four significant digits; whole parts are never rounded away.
pub(crate) fn metric_value(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return crate::scalar::number_text(value);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a decimal exponent of a float"
    )]
    let places = (3 - value.abs().log10().floor() as i32).clamp(0, 12);
    let scale = 10f64.powi(places);
    crate::scalar::number_text((value * scale).round() / scale)
}

#[cfg(test)]
mod tests {
    use super::{grouped, moment, percent};

    #[test]
    fn numbers_are_never_rounded_to_a_lie() {
        for (share, text) in [
            (0.0, "0 %"),
            (1e-9, "< 0.1 %"),
            (0.0232, "2.3 %"),
            (0.1, "10 %"),
            (0.999_999, "> 99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), text);
        }
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(n), text);
        }
        assert_eq!(moment("2013-03-01T06:00:00Z"), "2013-03-01 06:00 UTC");
        assert_eq!(moment("soon"), "soon");
    }
}
