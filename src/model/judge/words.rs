//! Sentences about metrics.

use super::asked::Asked;
use super::found::Compared;
use crate::model::metric::Unit;
use crate::report::words::grouped;
pub(super) use crate::report::words::metric_value as number;

/// `0.74 against 0.73 of the baseline`.
pub(super) fn against(candidate: f64, other: f64, who: &str) -> String {
    format!("{} against {} of {who}", number(candidate), number(other))
}

/// `better by 0.01 (between 0.002 worse and 0.02 better)`.
pub(super) fn gained(compared: &Compared) -> String {
    let seen = match compared.gain {
        0.0 => "as good as it".to_owned(),
        gain if gain > 0.0 => format!("better by {}", number(gain)),
        gain => format!("worse by {}", number(-gain)),
    };
    match &compared.paired {
        Ok(paired) => format!(
            "{seen} (between {} and {})",
            end(paired.interval.low),
            end(paired.interval.high)
        ),
        Err(_) => seen,
    }
}

fn end(gain: f64) -> String {
    match gain {
        0.0 => "no difference".to_owned(),
        gain if gain > 0.0 => format!("{} better", number(gain)),
        gain => format!("{} worse", number(-gain)),
    }
}

/// `a loss below 0.005 is allowed`.
pub(super) fn loss(asked: &Asked, margin: f64) -> String {
    let written = asked.config.rules.no_worse_by.is_some();
    let by = if written {
        ""
    } else {
        " (1 % of what is missing from perfect)"
    };
    format!("a loss below {}{by} is allowed", number(margin))
}

/// `2,000 rows`, or `these rows` where their number is not known.
pub(super) fn rows_text(rows: Option<u64>) -> String {
    match rows {
        None => "these rows".to_owned(),
        Some(1) => "1 row".to_owned(),
        Some(rows) => format!("{} rows", grouped(rows)),
    }
}

/// The unit as records name it.
pub(super) fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Ratio => "ratio",
        Unit::Nats => "nats",
        Unit::Label | Unit::LabelSquared | Unit::None => "",
    }
}
