//! Values of JSON by themselves: their type, equality, numbers against limits.

use super::super::Plain;
use super::Draft;
use serde_json::{Map, Number, Value};

/// `type`, `enum` and `const`, which look at values of every type.
pub(super) fn plain(keywords: &Map<String, Value>, value: &Value, draft: Draft) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.as_number().is_some_and(|n| whole(n, draft)),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    };
    let of_type = |wanted: &Value| match wanted {
        Value::Array(list) => list.iter().any(is),
        one => is(one),
    };
    keywords.get("type").is_none_or(of_type)
        && keywords
            .get("enum")
            .and_then(Value::as_array)
            .is_none_or(|l| l.iter().any(|v| equal(v, value)))
        && keywords
            .get("const")
            .filter(|_| draft > Draft::Draft4)
            .is_none_or(|v| equal(v, value))
}

/// Whether a number is an integer: since draft 6 also 1.0, in draft 4 only what is written without a point.
fn whole(number: &Number, draft: Draft) -> bool {
    let float = || number.as_f64().is_some_and(|v| v.fract() == 0.0);
    number.is_i64() || number.is_u64() || (draft > Draft::Draft4 && float())
}

/// A number exactly; floats by their shortest decimal.
fn exact(number: &Number) -> Option<Plain> {
    match (number.as_i64(), number.as_u64()) {
        (Some(v), _) => Some(Plain::new(v.into(), 0)),
        (_, Some(v)) => Some(Plain::new(v.into(), 0)),
        _ => Plain::of_f64(number.as_f64()?),
    }
}

/// Equal as JSON Schema has it: numbers by value, objects whatever the order of their keys.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order(a, b).is_some_and(std::cmp::Ordering::is_eq),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same =
                |(key, value): (&String, &Value)| b.get(key).is_some_and(|v| equal(value, v));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => a == b,
    }
}

fn order(a: &Number, b: &Number) -> Option<std::cmp::Ordering> {
    match (exact(a), exact(b)) {
        (Some(a), Some(b)) => Some(a.compare(&b)),
        _ => None,
    }
}

/// Numbers against their limits and multiples, exactly.
pub(super) fn numeric(keywords: &Map<String, Value>, number: &Number) -> bool {
    let bound = |name: &str| keywords.get(name).and_then(Value::as_number);
    let flag = |name: &str| keywords.get(name) == Some(&Value::Bool(true));
    let holds = |name: &str, kept: &dyn Fn(std::cmp::Ordering) -> bool| {
        bound(name).is_none_or(|b| order(number, b).is_some_and(kept))
    };
    let (open_below, open_above) = (flag("exclusiveMinimum"), flag("exclusiveMaximum"));
    let multiple = bound("multipleOf").is_none_or(
        |of| matches!((exact(number), exact(of)), (Some(v), Some(of)) if v.is_multiple_of(&of)),
    );
    multiple
        && holds("minimum", &|o| {
            if open_below { o.is_gt() } else { o.is_ge() }
        })
        && holds("maximum", &|o| {
            if open_above { o.is_lt() } else { o.is_le() }
        })
        && holds("exclusiveMinimum", &std::cmp::Ordering::is_gt)
        && holds("exclusiveMaximum", &std::cmp::Ordering::is_lt)
}
