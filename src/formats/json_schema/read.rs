//! A schema looked through before it is used: what is wrong with it, what cannot be judged, where references lead.

use super::{DEPTH, Draft, JsonSchema};
use regex::Regex;
use serde_json::Value;

impl JsonSchema {
    /// Looks through a schema for what cannot be judged.
    pub(super) fn read(&mut self, root: &Value, schema: &Value, at: &str) -> Result<(), String> {
        let keywords = match schema {
            Value::Bool(_) if self.draft > Draft::Draft4 => return Ok(()),
            Value::Object(keywords) => keywords,
            _ => return Err(format!("{at} is no schema")),
        };
        if at.matches('/').count() > DEPTH {
            return Err(format!("{at} is too deep"));
        }
        for (keyword, wanted) in keywords {
            let place = format!("{at}/{keyword}");
            self.read_keyword(root, keyword, wanted, &place)?;
        }
        Ok(())
    }

    fn read_keyword(
        &mut self,
        root: &Value,
        keyword: &str,
        wanted: &Value,
        at: &str,
    ) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{at} must be {what}"));
        match keyword {
            "$dynamicRef" | "$recursiveRef" | "unevaluatedItems" | "unevaluatedProperties" => {
                return Err(format!("{at} is not supported"));
            }
            "$ref" => match wanted.as_str() {
                Some(reference) if target(root, reference).is_some() => {}
                Some(reference) => {
                    return Err(format!(
                        "{at} refers to `{reference}`, which the schema does not hold"
                    ));
                }
                None => return wrong("text"),
            },
            "properties" | "$defs" | "definitions" | "dependentSchemas" | "patternProperties"
            | "dependencies" => return self.read_map(root, keyword, wanted, at),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" if !wanted.is_array() => {
                return wrong("a list of schemas");
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => return self.read_list(root, wanted, at),
            "items" if wanted.is_array() => return self.read_list(root, wanted, at),
            "items"
            | "additionalItems"
            | "additionalProperties"
            | "propertyNames"
            | "contains"
            | "not"
            | "if"
            | "then"
            | "else" => {
                let flag = self.draft == Draft::Draft4 && wanted.is_boolean();
                if !flag {
                    self.read(root, wanted, at)?;
                }
            }
            "pattern" => match wanted.as_str() {
                Some(pattern) => self.pattern(pattern, at)?,
                None => return wrong("text"),
            },
            "type" => return of_type(wanted, at),
            _ => return self.read_value(keyword, wanted, at),
        }
        Ok(())
    }

    /// Schemas by name; of `dependencies` only those that are no list of names.
    fn read_map(
        &mut self,
        root: &Value,
        keyword: &str,
        wanted: &Value,
        at: &str,
    ) -> Result<(), String> {
        let Some(map) = wanted.as_object() else {
            return Err(format!("{at} must be a mapping of schemas"));
        };
        for (name, schema) in map {
            if keyword == "patternProperties" {
                self.pattern(name, at)?;
            }
            if keyword != "dependencies" || !schema.is_array() {
                self.read(root, schema, &format!("{at}/{name}"))?;
            }
        }
        Ok(())
    }

    fn read_list(&mut self, root: &Value, wanted: &Value, at: &str) -> Result<(), String> {
        let items = wanted.as_array().into_iter().flatten().enumerate();
        for (i, schema) in items {
            self.read(root, schema, &format!("{at}/{i}"))?;
        }
        Ok(())
    }

    /// The keywords whose value is no schema.
    fn read_value(&self, keyword: &str, wanted: &Value, at: &str) -> Result<(), String> {
        let (fits, what) = match keyword {
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" | "minContains" | "maxContains" => {
                (size(wanted).is_some(), "a whole number, 0 or more")
            }
            "minimum" | "maximum" => (wanted.is_number(), "a number"),
            "exclusiveMinimum" | "exclusiveMaximum" if self.draft == Draft::Draft4 => {
                (wanted.is_boolean(), "true or false")
            }
            "exclusiveMinimum" | "exclusiveMaximum" => (wanted.is_number(), "a number"),
            "multipleOf" => (
                wanted.as_f64().is_some_and(|v| v > 0.0),
                "a number greater than 0",
            ),
            "enum" => (wanted.is_array(), "a list"),
            "required" => (texts(wanted), "a list of texts"),
            "uniqueItems" => (wanted.is_boolean(), "true or false"),
            "dependentRequired" => (
                wanted.as_object().is_some_and(|m| m.values().all(texts)),
                "a mapping of lists of texts",
            ),
            "format" => (wanted.is_string(), "text"),
            _ => (true, ""),
        };
        if fits {
            Ok(())
        } else {
            Err(format!("{at} must be {what}"))
        }
    }

    fn pattern(&mut self, pattern: &str, at: &str) -> Result<(), String> {
        let regex = Regex::new(pattern).map_err(|_| {
            format!("{at}: the pattern `{pattern}` does not parse; the syntax is that of the Rust regex crate")
        })?;
        self.patterns.insert(pattern.to_owned(), regex);
        Ok(())
    }
}

/// The schema within the document that a reference names: `#`, or `#` and a JSON pointer, or `#` and an anchor.
pub(super) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let fragment = reference.strip_prefix('#').or_else(|| {
        let id = root.get("$id").or_else(|| root.get("id"))?.as_str()?;
        let rest = reference.strip_prefix(id.trim_end_matches('#'))?;
        Some(rest.strip_prefix('#').unwrap_or(rest))
            .filter(|r| r.is_empty() || reference.contains('#'))
    })?;
    if fragment.is_empty() || fragment.starts_with('/') {
        return root.pointer(&unescaped(fragment)?);
    }
    anchored(root, fragment)
}

/// Percent signs of a fragment read back.
fn unescaped(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(b) = rest.next() {
        if b == b'%' {
            let hex = [rest.next()?, rest.next()?];
            let hex = std::str::from_utf8(&hex).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
        } else {
            bytes.push(b);
        }
    }
    String::from_utf8(bytes).ok()
}

fn anchored<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => {
            let is = |key: &str, text: &str| map.get(key).and_then(Value::as_str) == Some(text);
            if is("$anchor", name)
                || is("$id", &format!("#{name}"))
                || is("id", &format!("#{name}"))
            {
                return Some(value);
            }
            map.values().find_map(|v| anchored(v, name))
        }
        Value::Array(items) => items.iter().find_map(|v| anchored(v, name)),
        _ => None,
    }
}

/// A whole number, 0 or more, of any spelling.
pub(super) fn size(value: &Value) -> Option<usize> {
    let whole = value.as_f64().filter(|v| v.fract() == 0.0 && *v >= 0.0)?;
    format!("{whole:.0}").parse().ok()
}

fn texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| list.iter().all(Value::is_string))
}

const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

fn of_type(wanted: &Value, at: &str) -> Result<(), String> {
    let known = |v: &Value| v.as_str().is_some_and(|t| TYPES.contains(&t));
    let fits = match wanted {
        Value::Array(list) => list.iter().all(known),
        one => known(one),
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "{at} must be one or several of {}",
            TYPES.join(", ")
        ))
    }
}
