//! The part of JSON Schema draft 7 that our schemas use. An unknown keyword is an error: nothing is skipped silently.

use serde_json::Value;

/// Why `value` does not fit, as paths with reasons; empty when it fits.
pub(super) fn problems(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let Value::Object(keywords) = schema else {
        return match schema {
            Value::Bool(true) => Vec::new(),
            _ => vec![format!("{path}: nothing is allowed")],
        };
    };
    if let Some(reference) = keywords.get("$ref") {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        let target = root.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        return problems(root, target, value, path);
    }
    let mut found = Vec::new();
    for (keyword, wanted) in keywords {
        let fits = match keyword.as_str() {
            "properties" => {
                for (key, schema) in wanted.as_object().unwrap() {
                    if let Some(inner) = value.get(key) {
                        found.extend(problems(root, schema, inner, &format!("{path}.{key}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    if keywords
                        .get("properties")
                        .and_then(|p| p.get(key))
                        .is_none()
                    {
                        found.extend(problems(root, wanted, inner, &format!("{path}.{key}")));
                    }
                }
                true
            }
            "items" => {
                for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(problems(root, wanted, inner, &format!("{path}[{i}]")));
                }
                true
            }
            "allOf" => {
                for schema in wanted.as_array().unwrap() {
                    found.extend(problems(root, schema, value, path));
                }
                true
            }
            "anyOf" => count(root, wanted, value, path) > 0,
            "oneOf" => count(root, wanted, value, path) == 1,
            _ => simple(keyword, wanted, value),
        };
        if !fits {
            found.push(format!("{path}: {value} against {keyword} {wanted:.200}"));
        }
    }
    found
}

fn count(root: &Value, schemas: &Value, value: &Value, path: &str) -> usize {
    let fits = |s: &&Value| problems(root, s, value, path).is_empty();
    schemas.as_array().unwrap().iter().filter(fits).count()
}

fn simple(keyword: &str, wanted: &Value, value: &Value) -> bool {
    let number = || (value.as_f64(), wanted.as_f64().unwrap());
    let length = |size: Option<usize>| (size, usize::try_from(wanted.as_u64().unwrap()).unwrap());
    let letters = || length(value.as_str().map(|t| t.chars().count()));
    let keys = || length(value.as_object().map(serde_json::Map::len));
    let items = || length(value.as_array().map(Vec::len));
    let at_least = |(has, least): (Option<usize>, usize)| has.is_none_or(|n| n >= least);
    let at_most = |(has, most): (Option<usize>, usize)| has.is_none_or(|n| n <= most);
    match keyword {
        "$schema" | "title" | "description" | "default" | "examples" | "definitions" | "format" => {
            true
        }
        "type" => match wanted {
            Value::Array(types) => types.iter().any(|t| is(t.as_str().unwrap(), value)),
            one => is(one.as_str().unwrap(), value),
        },
        "enum" => wanted.as_array().unwrap().contains(value),
        "const" => wanted == value,
        "required" => {
            let there = |k: &Value| value.get(k.as_str().unwrap()).is_some();
            !value.is_object() || wanted.as_array().unwrap().iter().all(there)
        }
        "pattern" => {
            let pattern = regex::Regex::new(wanted.as_str().unwrap()).unwrap();
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "minimum" => number().0.is_none_or(|v| v >= number().1),
        "exclusiveMinimum" => number().0.is_none_or(|v| v > number().1),
        "maximum" => number().0.is_none_or(|v| v <= number().1),
        "minLength" => at_least(letters()),
        "maxLength" => at_most(letters()),
        "minProperties" => at_least(keys()),
        "maxProperties" => at_most(keys()),
        "minItems" => at_least(items()),
        "uniqueItems" => value.as_array().is_none_or(|list| {
            let first = |i: usize| !list[..i].contains(&list[i]);
            *wanted != Value::Bool(true) || (0..list.len()).all(first)
        }),
        other => panic!("keyword {other} is not known to this validator"),
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("type {other}"),
    }
}
