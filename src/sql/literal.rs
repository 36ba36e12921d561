//! SQL text that is read back as exactly the value it was made from.

use crate::scalar::Scalar;
use crate::sql::text_literal;

/// A value as an SQL literal of its own type.
///
/// Edge: bytes that are not UTF-8, and decimals of more than 38 digits, have no literal; their text is refused when
/// it is read. A negative number starts with its sign, so a template puts a space before it.
#[must_use]
pub fn literal(value: &Scalar) -> String {
    match value {
        Scalar::Bool(true) => "TRUE".to_owned(),
        Scalar::Bool(false) => "FALSE".to_owned(),
        Scalar::Int(v) => integer(v.0),
        Scalar::Float(v) => float(*v),
        Scalar::Decimal { unscaled, scale } => decimal(unscaled.0, *scale, (*scale).max(0)),
        Scalar::Text(v) => text_literal(v),
        Scalar::Binary(v) => bytes(v),
        Scalar::Date(days) => date(*days),
        Scalar::Time(_) => format!("TIME '{value}'"),
        Scalar::Timestamp { nanos, .. } => timestamp(nanos.0, value, nanos.0 % 1000 != 0),
        Scalar::Duration(nanos) => format!("CAST({} AS INTERVAL(9))", nanos.0),
    }
}

/// Several values for `IN (..)`: their literals in order, all written as one type, which `IN` asks for.
///
/// Edge: values that no one type holds exactly are written each as its own, and refused when they are read.
#[must_use]
pub fn literals(values: &[Scalar]) -> Vec<String> {
    let by_kind = match values.first() {
        Some(Scalar::Int(_) | Scalar::Float(_) | Scalar::Decimal { .. }) => numbers(values),
        Some(Scalar::Date(_)) => dates(values),
        Some(Scalar::Timestamp { .. }) => timestamps(values),
        _ => None,
    };
    by_kind.unwrap_or_else(|| values.iter().map(literal).collect())
}

fn numbers(values: &[Scalar]) -> Option<Vec<String>> {
    if values.iter().all(|v| matches!(v, Scalar::Int(_))) {
        let far = values.iter().any(|v| literal(v).starts_with("CAST"));
        return far.then(|| {
            values
                .iter()
                .map(|v| format!("CAST('{v}' AS HUGEINT)"))
                .collect()
        });
    }
    if values.iter().any(|v| matches!(v, Scalar::Float(_))) {
        return floats(values);
    }
    let parts: Vec<(i128, i8)> = values.iter().map(decimal_parts).collect::<Option<_>>()?;
    let places = parts.iter().map(|p| p.1.max(0)).max()?;
    Some(
        parts
            .iter()
            .map(|(v, scale)| decimal(*v, *scale, places))
            .collect(),
    )
}

fn dates(values: &[Scalar]) -> Option<Vec<String>> {
    let far = values.iter().any(|v| literal(v).starts_with("CAST"));
    values
        .iter()
        .map(|v| match v {
            Scalar::Date(days) if far => Some(days_text(*days)),
            Scalar::Date(days) => Some(date(*days)),
            _ => None,
        })
        .collect()
}

fn timestamps(values: &[Scalar]) -> Option<Vec<String>> {
    let far = values.iter().any(|v| literal(v).starts_with("CAST"));
    let nanos: Vec<i128> = values
        .iter()
        .map(|v| match v {
            Scalar::Timestamp { nanos, .. } => Some(nanos.0),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let fine = nanos.iter().any(|n| n % 1000 != 0);
    Some(match (far, fine) {
        (true, true) => return None,
        (true, false) => nanos.iter().map(|n| micros_text(*n)).collect(),
        (false, _) => values
            .iter()
            .zip(nanos)
            .map(|(v, n)| timestamp(n, v, fine))
            .collect(),
    })
}

fn integer(v: i128) -> String {
    match i64::try_from(v) {
        Ok(i64::MIN) => format!("CAST('{v}' AS BIGINT)"),
        Ok(_) => v.to_string(),
        Err(_) if u64::try_from(v).is_ok() => format!("CAST('{v}' AS UBIGINT)"),
        Err(_) => format!("CAST('{v}' AS HUGEINT)"),
    }
}

fn float(v: f64) -> String {
    if !v.is_finite() {
        return format!("CAST('{v}' AS DOUBLE)");
    }
    let text = format!("{v:?}");
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

fn floats(values: &[Scalar]) -> Option<Vec<String>> {
    let numbers: Vec<f64> = values
        .iter()
        .map(|v| match v {
            Scalar::Float(f) => Some(*f),
            Scalar::Int(i) if i.0.unsigned_abs() <= 1 << 53 => v.number(),
            _ => None,
        })
        .collect::<Option<_>>()?;
    Some(if numbers.iter().all(|n| n.is_finite()) {
        numbers.into_iter().map(float).collect()
    } else {
        numbers
            .into_iter()
            .map(|n| format!("CAST('{n:?}' AS DOUBLE)"))
            .collect()
    })
}

fn decimal_parts(value: &Scalar) -> Option<(i128, i8)> {
    match value {
        Scalar::Int(v) => Some((v.0, 0)),
        Scalar::Decimal { unscaled, scale } => Some((unscaled.0, *scale)),
        _ => None,
    }
}

fn decimal(unscaled: i128, scale: i8, places: i8) -> String {
    let text = Scalar::Decimal {
        unscaled: crate::scalar::Integer(unscaled),
        scale,
    };
    format!("CAST('{text}' AS DECIMAL(38,{places}))")
}

fn bytes(v: &[u8]) -> String {
    match std::str::from_utf8(v) {
        Ok(text) => format!("CAST({} AS BYTEA)", text_literal(text)),
        Err(_) => format!("X'{}'", crate::report::text::hex(v)),
    }
}

fn date(days: i64) -> String {
    let text = Scalar::Date(days).to_string();
    if text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit()) {
        format!("DATE '{text}'")
    } else {
        days_text(days)
    }
}

fn days_text(days: i64) -> String {
    format!("CAST({days} AS DATE)")
}

fn micros_text(nanos: i128) -> String {
    format!("CAST({} AS TIMESTAMP(6))", nanos.div_euclid(1000))
}

fn timestamp(nanos: i128, value: &Scalar, fine: bool) -> String {
    let text = value.to_string().replace('T', " ");
    let text = text.trim_end_matches('Z');
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.find('-') != Some(4) {
        return micros_text(nanos);
    }
    let precision = if fine { "(9)" } else { "" };
    format!("TIMESTAMP{precision} '{text}'")
}
